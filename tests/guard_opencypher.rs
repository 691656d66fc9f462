//! openCypher's guard against its corpus: no write passes, in any disguise; reads do.

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
    dialect(DialectId::OpenCypher).classify(statement)
}

fn class(statement: &str) -> Class {
    verdict(statement).class
}

fn all() -> Vec<Line> {
    lines(include_str!("corpus/opencypher.jsonl"))
}

fn noise(seed: u64) -> Noise {
    Noise::new(seed, "//", Some("/* ; */"))
}

#[test]
fn writes_are_refused_and_reads_pass() {
    let (writes, reads): (Vec<Line>, Vec<Line>) = all().into_iter().partition(|line| line.writes);
    assert!(writes.len() >= 150 && reads.len() >= 300, "{} {}", writes.len(), reads.len());
    let accepted: Vec<_> = writes.iter().filter(|l| class(&l.statement) == Class::Read).collect();
    assert!(accepted.is_empty(), "accepted writes: {accepted:#?}");
    let refused: Vec<_> = reads
        .iter()
        .map(|l| (&l.statement, verdict(&l.statement)))
        .filter(|(_, v)| v.class != Class::Read)
        .map(|(s, v)| format!("{s}   {} at {}: {}", v.rule, v.at, v.construct))
        .collect();
    assert!(refused.len() * 100 <= reads.len(), "refused reads: {refused:#?}");
}

#[test]
fn disguises_do_not_help_a_write() {
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
fn a_write_is_refused_wherever_it_is_put_into_a_read() {
    let reads: Vec<Line> = all().into_iter().filter(|line| !line.writes).collect();
    let writes = ["DELETE n", "SET n.x = 1", "CREATE (q)", "MERGE (q)", "REMOVE n.x", "DETACH DELETE n"];
    let mut seen = 0;
    for line in reads.iter().filter(|line| !line.statement.contains(['\'', '"', '`', '/', '\\'])) {
        for (at, _) in line.statement.match_indices(' ') {
            let write = writes[seen % writes.len()];
            let mutant = format!("{} {write} {}", &line.statement[..at], &line.statement[at..]);
            assert_ne!(class(&mutant), Class::Read, "{mutant}");
            seen += 1;
        }
    }
    assert!(seen > 1_000, "{seen}");
}

#[test]
fn harmless_changes_do_not_cost_a_read() {
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
    let long = format!("RETURN '{}'", "x".repeat(1 << 20));
    let brackets = |n: usize| format!("RETURN {}1{}", "(".repeat(n), ")".repeat(n));
    let cases = |n: usize| format!("RETURN {}1{}", "CASE WHEN true THEN ".repeat(n), " END".repeat(n));
    let lists = |n: usize| format!("RETURN {}1{}", "[n.end, ".repeat(n), "]".repeat(n));
    for (statement, rule) in [
        (long.as_str(), "opencypher.limit.length"),
        (brackets(201).as_str(), "opencypher.limit.nesting"),
        (brackets(100_000).as_str(), "opencypher.limit.nesting"),
        (lists(100_000).as_str(), "opencypher.limit.nesting"),
        (cases(30_000).as_str(), "opencypher.limit.nesting"),
        ("", "opencypher.empty"),
        (" // c", "opencypher.empty"),
        ("FROBNICATE", "opencypher.syntax"),
        ("MATCH (n) SET n.x = 1", "opencypher.clause.write"),
        ("LOAD CSV FROM 'x' AS r RETURN r", "opencypher.clause.load"),
        ("RETURN frobnicate(1)", "opencypher.function.unknown"),
        ("CALL neptune.algo.degree.mutate({})", "opencypher.procedure.write"),
        ("CALL neptune.load({})", "opencypher.procedure.load"),
        ("CALL neptune.read({})", "opencypher.procedure.outside"),
        ("CALL db.labels()", "opencypher.procedure.unknown"),
        ("RETURN 1; RETURN 2", "opencypher.multiple-statements"),
        ("RETURN 1\0", "opencypher.character"),
        ("RETURN 'a", "opencypher.unterminated"),
        ("RETURN '\\u0027'", "opencypher.ambiguous"),
        ("EXPLAIN RETURN 1", "opencypher.explain"),
    ] {
        let verdict = verdict(statement);
        assert_ne!(verdict.class, Class::Read);
        assert_eq!(verdict.rule, rule, "{}", statement.chars().take(60).collect::<String>());
        assert!(verdict.at <= statement.len() && !verdict.why.is_empty());
    }
    assert_eq!(class(&brackets(200)), Class::Read);
    assert_eq!(class(&cases(100)), Class::Read);
}

#[test]
fn judging_takes_time_in_proportion() {
    let statement =
        |n: usize| format!("MATCH (n) RETURN {}", vec!["[x IN n.list WHERE (n)-->() | x.y]"; n].join(", "));
    let time = |n: usize| {
        let statement = statement(n);
        let started = Instant::now();
        assert_eq!(class(&statement), Class::Read);
        started.elapsed().as_secs_f64()
    };
    time(1_000);
    let (one, ten) = (time(2_000), time(20_000));
    assert!(ten < one * 40.0, "{one} {ten}");
}

#[test]
fn a_refusal_names_the_construct_and_its_place() {
    let verdict = verdict("MATCH (n) RETURN n DELETE n");
    assert_eq!((verdict.at, verdict.construct.as_str()), (19, "DELETE"));
}

#[test]
fn texts_split_at_statements() {
    let text = "MATCH (n) RETURN 'a;b'; // c;\nRETURN `d;` /* ; */ ;; // e\n";
    let parts: Vec<_> =
        dialect(DialectId::OpenCypher).split(text).into_iter().map(|s| &text[s.start..s.end]).collect();
    assert_eq!(parts, ["MATCH (n) RETURN 'a;b'", "// c;\nRETURN `d;` /* ; */"]);
}

#[test]
fn colours_are_in_order_and_inside() {
    for line in all() {
        let mut out = Vec::new();
        dialect(DialectId::OpenCypher).highlight(&line.statement, &mut out);
        assert!(out.windows(2).all(|pair| pair[0].0.end <= pair[1].0.start), "{}", line.statement);
        assert!(out.iter().all(|(span, _)| line.statement.get(span.start..span.end).is_some()));
    }
}
