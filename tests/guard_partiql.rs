//! PartiQL's guard against its corpus: no write passes, in any disguise; reads do.

use dbdeck::model::DialectId;
use dbdeck::query::dialect::{Class, dialect};

mod corpus;

use corpus::{Line, Noise, lines};

fn class(statement: &str) -> Class {
    dialect(DialectId::PartiQl).classify(statement).class
}

fn all() -> Vec<Line> {
    lines(include_str!("corpus/partiql.jsonl"))
}

#[test]
fn writes_are_refused_and_reads_pass() {
    let (writes, reads): (Vec<Line>, Vec<Line>) = all().into_iter().partition(|line| line.writes);
    assert!(writes.len() >= 120 && reads.len() >= 120);
    let accepted: Vec<_> = writes.iter().filter(|l| class(&l.statement) == Class::Read).collect();
    assert!(accepted.is_empty(), "accepted writes: {accepted:#?}");
    let refused: Vec<_> = reads.iter().filter(|l| class(&l.statement) != Class::Read).collect();
    assert!(refused.len() * 100 <= reads.len(), "refused reads: {refused:#?}");
}

#[test]
fn disguises_do_not_help_a_write() {
    let mut noise = Noise::new(0x5eed);
    let writes: Vec<Line> = all().into_iter().filter(|line| line.writes).collect();
    let mut mutants = 0;
    while mutants < 51_000 {
        for line in &writes {
            let mutant = noise.disguise(&line.statement, '"');
            assert_ne!(class(&mutant), Class::Read, "{mutant}");
            mutants += 1;
        }
    }
}

#[test]
fn harmless_changes_do_not_cost_a_read() {
    let mut noise = Noise::new(7);
    let (mut all_of_them, mut refused) = (0_usize, Vec::new());
    for line in all().iter().filter(|line| !line.writes) {
        for _ in 0..20 {
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
    let long = format!("SELECT * FROM t WHERE a = '{}'", "x".repeat(1 << 20));
    let brackets = |n: usize| format!("SELECT * FROM t WHERE {}a = 1{}", "(".repeat(n), ")".repeat(n));
    for (statement, rule) in [
        (long.as_str(), "partiql.limit.length"),
        (brackets(201).as_str(), "partiql.limit.nesting"),
        (brackets(100_000).as_str(), "partiql.limit.nesting"),
        ("", "partiql.empty"),
        (";", "partiql.empty"),
        ("FROBNICATE", "partiql.statement.unknown"),
        ("INSERT INTO t VALUE {'a': 1}", "partiql.insert"),
        ("EXISTS(SELECT * FROM t)", "partiql.exists"),
        ("SELECT * FROM t\0", "partiql.character"),
    ] {
        let verdict = dialect(DialectId::PartiQl).classify(statement);
        assert_ne!(verdict.class, Class::Read);
        assert_eq!(verdict.rule, rule);
    }
    assert_eq!(class(&brackets(200)), Class::Read);
}
