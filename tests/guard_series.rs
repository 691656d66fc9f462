//! The guard of the time series languages against their corpora: no write passes, in any
//! disguise; reads do.

use dbdeck::model::DialectId;
use dbdeck::query::dialect::{Class, dialect};

mod corpus;

use corpus::{Line, Noise, lines};

/// A language, its corpus, and what quotes its names.
const LANGUAGES: &[(DialectId, &str, char)] = &[
    (DialectId::Timestream, include_str!("corpus/timestream.jsonl"), '"'),
    (DialectId::InfluxQl, include_str!("corpus/influxql.jsonl"), '"'),
    (DialectId::InfluxSql, include_str!("corpus/influx_sql.jsonl"), '"'),
    (DialectId::Flux, include_str!("corpus/flux.jsonl"), '"'),
];

fn class(language: DialectId, statement: &str) -> Class {
    dialect(language).classify(statement).class
}

fn halves(text: &str) -> (Vec<Line>, Vec<Line>) {
    lines(text).into_iter().partition(|line| line.writes)
}

#[test]
fn writes_are_refused_and_reads_pass() {
    for (language, text, _) in LANGUAGES {
        let (writes, reads) = halves(text);
        assert!(writes.len() >= 150 && reads.len() >= 150, "{language:?}");
        let accepted: Vec<_> =
            writes.iter().filter(|l| class(*language, &l.statement) == Class::Read).collect();
        assert!(accepted.is_empty(), "{language:?}: accepted writes: {accepted:#?}");
        let refused: Vec<_> = reads
            .iter()
            .map(|l| (&l.statement, dialect(*language).classify(&l.statement)))
            .filter(|(_, verdict)| verdict.class != Class::Read)
            .collect();
        assert!(refused.is_empty(), "{language:?}: {} refused reads: {refused:#?}", refused.len());
    }
}

/// A change that leaves a Flux script what it is, or makes it none at all.
fn flux_disguise(noise: &mut Noise, text: &str) -> String {
    match noise.below(8) {
        0 => format!("\u{feff}{text}"),
        1 => format!(" \t\r\n{text}\n"),
        2 => format!("// c\n{text}"),
        3 => format!("{text}\n// c"),
        4 => text.replace("|> ", "\n  |>\t"),
        5 => text.replace("(", " ( "),
        6 => format!("zz = 1\n{text}"),
        _ => format!("{text}\0"),
    }
}

#[test]
fn disguises_do_not_help_a_write() {
    let mut noise = Noise::new(0x5eed);
    for (language, text, quote) in LANGUAGES {
        let (mut writes, _) = halves(text);
        // Nothing becomes a read with one in front of it.
        writes.retain(|l| !dialect(*language).classify(&l.statement).rule.ends_with(".empty"));
        // The second half of a pipeline is no write: behind a value it is whole.
        writes.retain(|l| !l.statement.starts_with("|>"));
        let mut mutants = 0;
        while mutants < 20_000 {
            for line in &writes {
                let flux = *language == DialectId::Flux;
                // Flux is particular about case: a name in the right case is another statement.
                let mutant = if flux {
                    flux_disguise(&mut noise, &line.statement)
                } else {
                    noise.disguise(&line.statement, *quote)
                };
                assert_ne!(class(*language, &mutant), Class::Read, "{language:?}: {mutant}");
                mutants += 1;
            }
        }
    }
}

#[test]
fn harmless_changes_do_not_cost_a_read() {
    let mut noise = Noise::new(7);
    for (language, text, _) in LANGUAGES.iter().filter(|(language, ..)| *language != DialectId::Flux) {
        let (_, reads) = halves(text);
        let (mut all_of_them, mut refused) = (0_usize, Vec::new());
        for line in &reads {
            for _ in 0..20 {
                let mutant = noise.harmless(&line.statement);
                all_of_them += 1;
                if class(*language, &mutant) != Class::Read {
                    refused.push(mutant);
                }
            }
        }
        assert!(
            refused.len() * 50 <= all_of_them,
            "{language:?}: {} of {all_of_them}: {refused:#?}",
            refused.len()
        );
    }
}

#[test]
fn refusals_say_what_they_are_about() {
    for (language, statement, class, rule) in [
        (DialectId::Timestream, "UNLOAD (SELECT 1) TO 's3://b'", Class::Write, "timestream.unload"),
        (DialectId::Timestream, "SELECT evil(1)", Class::Unsure, "timestream.function.unknown"),
        (DialectId::Timestream, "SELECT 1; SELECT 2", Class::Unsure, "timestream.several"),
        (DialectId::InfluxQl, "SELECT * INTO x FROM y", Class::Write, "influxql.into"),
        (DialectId::InfluxQl, "DROP DATABASE d", Class::Write, "influxql.drop"),
        (DialectId::Flux, "from(bucket: \"b\") |> to(bucket: \"c\")", Class::Write, "flux.write"),
        (DialectId::Flux, "import \"http\"", Class::Unsure, "flux.package.unknown"),
        (DialectId::Flux, "option task = {name: \"x\"}", Class::Unsure, "flux.option"),
        (DialectId::InfluxSql, "COPY t TO 'x'", Class::Write, "influx-sql.write"),
    ] {
        let verdict = dialect(language).classify(statement);
        assert_eq!((verdict.class, verdict.rule), (class, rule), "{statement}");
    }
    for language in LANGUAGES.iter().map(|(language, ..)| *language) {
        let deep = format!("SELECT {}1{}", "(".repeat(100_000), ")".repeat(100_000));
        assert_ne!(class(language, &deep), Class::Read);
        let long = format!("SELECT '{}'", "x".repeat(1 << 20));
        assert!(dialect(language).classify(&long).rule.ends_with(".limit.length"));
        assert!(dialect(language).classify("").rule.ends_with(".empty"));
    }
}

#[test]
fn statements_are_split_where_they_end() {
    let spans = |language, text: &str| {
        let spans = dialect(language).split(text);
        spans.iter().map(|s| text[s.start..s.end].to_owned()).collect::<Vec<_>>()
    };
    let two = "SELECT ';' ; SHOW DATABASES;";
    assert_eq!(spans(DialectId::Timestream, two), ["SELECT ';'", "SHOW DATABASES"]);
    assert_eq!(spans(DialectId::InfluxQl, two), ["SELECT ';'", "SHOW DATABASES"]);
    let script = "a = 1\nfrom(bucket: \"b\") |> range(start: -1h)";
    assert_eq!(spans(DialectId::Flux, script), [script]);
}
