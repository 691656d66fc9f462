//! CQL's guard against its corpus: no write passes, in any disguise; reads do.

use dbdeck::model::DialectId;
use dbdeck::query::dialect::{Class, dialect};

mod corpus;

use corpus::{Line, Noise, lines};

fn class(statement: &str) -> Class {
    dialect(DialectId::Cql).classify(statement).class
}

fn all() -> Vec<Line> {
    lines(include_str!("corpus/cql.jsonl"))
}

#[test]
fn writes_are_refused_and_reads_pass() {
    let (writes, reads): (Vec<Line>, Vec<Line>) = all().into_iter().partition(|line| line.writes);
    assert!(writes.len() >= 200 && reads.len() >= 200);
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
        (long.as_str(), "cql.limit.length"),
        (brackets(201).as_str(), "cql.limit.nesting"),
        (brackets(100_000).as_str(), "cql.limit.nesting"),
        ("", "cql.empty"),
        (";", "cql.empty"),
        ("FROBNICATE", "cql.statement.unknown"),
        ("INSERT INTO t (a) VALUES (1)", "cql.insert"),
        ("USE shop", "cql.use"),
        ("BEGIN BATCH DELETE FROM t WHERE k = 1; APPLY BATCH", "cql.batch"),
        ("COPY t TO 'file'", "cql.cqlsh"),
        ("SELECT f(a) FROM t", "cql.function.unknown"),
        ("SELECT * FROM t; SELECT * FROM t", "cql.multiple-statements"),
        ("SELECT * FROM t WHERE a = 'b", "cql.unterminated"),
        ("SELECT * FROM t -- a\rb", "cql.ambiguous"),
        ("SELECT * FROM t\0", "cql.character"),
    ] {
        let verdict = dialect(DialectId::Cql).classify(statement);
        assert_ne!(verdict.class, Class::Read);
        assert_eq!(verdict.rule, rule);
    }
    assert_eq!(class(&brackets(200)), Class::Read);
}

#[test]
fn a_batch_is_one_statement_and_so_is_what_quotes_hold() {
    let split = |text: &'static str| -> Vec<&str> {
        dialect(DialectId::Cql).split(text).into_iter().map(|s| &text[s.start..s.end]).collect()
    };
    let batch = "BEGIN BATCH INSERT INTO t (a) VALUES (1); APPLY BATCH";
    assert_eq!(split("BEGIN BATCH INSERT INTO t (a) VALUES (1); APPLY BATCH; SELECT 1"), [batch, "SELECT 1"]);
    assert_eq!(split("SELECT 'a;b' FROM t; ; -- c\n"), ["SELECT 'a;b' FROM t"]);
    assert_eq!(split("SELECT $$;$$ FROM t // ;\n;b"), ["SELECT $$;$$ FROM t // ;", "b"]);
}
