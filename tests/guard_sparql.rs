//! SPARQL's guard against its corpus: no update and no federation passes, in any disguise; queries do.

use dbdeck::model::DialectId;
use dbdeck::query::dialect::{Class, Verdict, dialect};
use std::time::Instant;

#[expect(dead_code, reason = "the disguises there are SQL's")]
mod corpus;
#[path = "corpus/graphs.rs"]
mod graphs;

use corpus::{Line, lines};
use graphs::Noise;

fn verdict(statement: &str) -> Verdict {
    dialect(DialectId::Sparql).classify(statement)
}

fn class(statement: &str) -> Class {
    verdict(statement).class
}

fn all() -> Vec<Line> {
    lines(include_str!("corpus/sparql.jsonl"))
}

fn noise(seed: u64) -> Noise {
    Noise::new(seed, "#", None)
}

#[test]
fn updates_are_refused_and_queries_pass() {
    let (writes, reads): (Vec<Line>, Vec<Line>) = all().into_iter().partition(|line| line.writes);
    assert!(writes.len() >= 80 && reads.len() >= 150, "{} {}", writes.len(), reads.len());
    let accepted: Vec<_> = writes.iter().filter(|l| class(&l.statement) == Class::Read).collect();
    assert!(accepted.is_empty(), "accepted updates: {accepted:#?}");
    let refused: Vec<_> = reads
        .iter()
        .map(|l| (&l.statement, verdict(&l.statement)))
        .filter(|(_, v)| v.class != Class::Read)
        .map(|(s, v)| format!("{s}   {} at {}: {} {}", v.rule, v.at, v.construct, v.why))
        .collect();
    assert!(refused.len() * 100 <= reads.len(), "refused queries: {refused:#?}");
}

#[test]
fn disguises_do_not_help_an_update() {
    let mut noise = noise(0x5eed);
    let writes: Vec<Line> = all().into_iter().filter(|line| line.writes).collect();
    let mut mutants = 0;
    while mutants < 51_000 {
        for line in &writes {
            let mutant = noise.disguise(&line.statement);
            assert_ne!(class(&mutant), Class::Read, "{mutant}");
            mutants += 1;
        }
    }
}

#[test]
fn an_update_is_refused_wherever_it_is_put_into_a_query() {
    let reads: Vec<Line> = all().into_iter().filter(|line| !line.writes).collect();
    let writes = [
        "SERVICE <http://x> { ?a ?b ?c }",
        "; DROP ALL",
        "INSERT DATA { <a:b> <c:d> 1 }",
        "DELETE WHERE { ?s ?p ?o }",
    ];
    let mut seen = 0;
    for line in reads.iter().filter(|line| !line.statement.contains(['\'', '"', '#', '\\'])) {
        for (at, _) in line.statement.match_indices(' ') {
            let write = writes[seen % writes.len()];
            let mutant = format!("{} {write} {}", &line.statement[..at], &line.statement[at..]);
            assert_ne!(class(&mutant), Class::Read, "{mutant}");
            seen += 1;
        }
    }
    assert!(seen > 500, "{seen}");
}

#[test]
fn harmless_changes_do_not_cost_a_query() {
    let mut noise = noise(7);
    let (mut all_of_them, mut refused) = (0_usize, Vec::new());
    for line in all().iter().filter(|line| !line.writes) {
        for _ in 0..10 {
            let mutant = noise.harmless(&line.statement);
            all_of_them += 1;
            if class(&mutant) != Class::Read {
                refused.push(mutant);
            }
        }
    }
    assert!(refused.len() * 50 <= all_of_them, "{} of {all_of_them}: {refused:#?}", refused.len());
}

#[test]
fn what_cannot_be_judged_is_refused() {
    let long = format!("SELECT * {{ ?s ?p '{}' }}", "x".repeat(1 << 20));
    let groups = |n: usize| format!("SELECT * {}{}", "{".repeat(n), "}".repeat(n));
    let brackets = |n: usize| format!("SELECT * {{ FILTER({}1{}) }}", "(".repeat(n), ")".repeat(n));
    let sums = |n: usize| format!("SELECT ({}1 AS ?x) {{}}", "1+".repeat(n));
    let optionals = |n: usize| format!("SELECT * {{ {} }}", "OPTIONAL{?s ?p ?o} ".repeat(n));
    for (statement, rule) in [
        (long.as_str(), "sparql.limit.length"),
        (groups(51).as_str(), "sparql.limit.nesting"),
        (groups(200_000).as_str(), "sparql.limit.nesting"),
        (brackets(100_000).as_str(), "sparql.limit.nesting"),
        (sums(100_000).as_str(), "sparql.limit.size"),
        (optionals(30_000).as_str(), "sparql.limit.size"),
        ("", "sparql.empty"),
        ("# c", "sparql.empty"),
        ("FROBNICATE", "sparql.word.unknown"),
        ("SELECT * { ?s ?p", "sparql.syntax"),
        ("DROP ALL", "sparql.update"),
        ("SELECT * { SERVICE <http://x> {} }", "sparql.service"),
        ("SELECT (<http://x/f>(1) AS ?x) {}", "sparql.function.unknown"),
        ("SELECT * { ?s ?p ?o }\0", "sparql.character"),
        ("SELECT * { ?s ?p 'a", "sparql.unterminated"),
        ("\\u0044ROP ALL", "sparql.ambiguous"),
    ] {
        let verdict = verdict(statement);
        assert_ne!(verdict.class, Class::Read);
        assert_eq!(verdict.rule, rule, "{}", statement.chars().take(60).collect::<String>());
        assert!(verdict.at <= statement.len() && !verdict.why.is_empty());
    }
    for n in [10, 40] {
        assert_eq!(class(&groups(n)), Class::Read);
        assert_eq!(class(&brackets(n)), Class::Read);
    }
    assert_eq!(class(&sums(1_900)), Class::Read);
    assert_eq!(class(&optionals(900)), Class::Read);
}

#[test]
fn judging_takes_time_in_proportion() {
    let triples = |n: usize| format!("SELECT * {{ {} }}", "?s ?p ?o . ".repeat(n));
    let time = |statement: String| {
        let started = Instant::now();
        assert_eq!(class(&statement), Class::Read);
        started.elapsed().as_secs_f64()
    };
    time(triples(1_000));
    let (one, ten) = (time(triples(2_000)), time(triples(20_000)));
    assert!(ten < one * 40.0, "{one} {ten}");
    let nested = |n: usize| format!("SELECT * {{ FILTER({}1{}) }}", "(".repeat(n), ")".repeat(n));
    assert!(time(nested(45)) < 2.0, "brackets cost as they nest");
}

#[test]
fn a_refusal_names_the_construct_and_its_place() {
    let verdict = verdict("SELECT * { ?s ?p ?o SERVICE <http://x> {} }");
    assert_eq!((verdict.at, verdict.construct.as_str()), (20, "SERVICE"));
    assert_eq!(verdict.class, Class::Write);
}

#[test]
fn texts_split_at_statements() {
    let of = |text: &'static str| -> Vec<&str> {
        dialect(DialectId::Sparql).split(text).into_iter().map(|s| &text[s.start..s.end]).collect()
    };
    assert_eq!(
        of("SELECT * { ?s a ?c ; ?p ';' } ;\n# c;\nASK {} ;;"),
        ["SELECT * { ?s a ?c ; ?p ';' }", "# c;\nASK {}"]
    );
    assert_eq!(of("INSERT DATA {} ; DROP ALL"), ["INSERT DATA {} ; DROP ALL"]);
}

#[test]
fn colours_are_in_order_and_inside() {
    for line in all() {
        let mut out = Vec::new();
        dialect(DialectId::Sparql).highlight(&line.statement, &mut out);
        assert!(out.windows(2).all(|pair| pair[0].0.end <= pair[1].0.start), "{}", line.statement);
        assert!(out.iter().all(|(span, _)| line.statement.get(span.start..span.end).is_some()));
    }
}
