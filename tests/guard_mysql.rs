//! The MySQL family's guard against its corpora: no write passes, in any disguise; reads do.

use dbdeck::model::DialectId;
use dbdeck::query::dialect::{Class, dialect};

mod corpus;

use corpus::{Line, Noise, lines};

fn class(statement: &str) -> Class {
    dialect(DialectId::MySql).classify(statement).class
}

fn both() -> Vec<Line> {
    let mut all = lines(include_str!("corpus/mysql.jsonl"));
    all.extend(lines(include_str!("corpus/mariadb.jsonl")));
    all
}

#[test]
fn writes_are_refused_and_reads_pass() {
    let (writes, reads): (Vec<Line>, Vec<Line>) = both().into_iter().partition(|line| line.writes);
    assert!(writes.len() >= 450 && reads.len() >= 400);
    let accepted: Vec<_> = writes.iter().filter(|l| class(&l.statement) == Class::Read).collect();
    assert!(accepted.is_empty(), "accepted writes: {accepted:#?}");
    let refused: Vec<_> = reads.iter().filter(|l| class(&l.statement) != Class::Read).collect();
    assert!(refused.len() * 100 <= reads.len(), "refused reads: {refused:#?}");
}

#[test]
fn the_three_servers_share_one_judgement() {
    for line in both() {
        for id in [DialectId::AuroraMySql, DialectId::MariaDb] {
            assert_eq!(dialect(id).classify(&line.statement).class, class(&line.statement));
        }
    }
}

#[test]
fn disguises_do_not_help_a_write() {
    let mut noise = Noise::new(0x5eed);
    let writes: Vec<Line> = both().into_iter().filter(|line| line.writes).collect();
    let mut mutants = 0;
    while mutants < 51_000 {
        for line in &writes {
            let mutant = noise.disguise(&line.statement, '`');
            assert_ne!(class(&mutant), Class::Read, "{mutant}");
            mutants += 1;
        }
    }
}

#[test]
fn harmless_changes_do_not_cost_a_read() {
    let mut noise = Noise::new(7);
    let reads: Vec<Line> = both().into_iter().filter(|line| !line.writes).collect();
    let (mut all, mut refused) = (0_usize, Vec::new());
    for _ in 0..10 {
        for line in &reads {
            let mutant = noise.harmless(&line.statement);
            all += 1;
            if class(&mutant) != Class::Read {
                refused.push(mutant);
            }
        }
    }
    assert!(refused.len() * 50 <= all, "{} of {all}: {refused:#?}", refused.len());
}

#[test]
fn what_cannot_be_judged_is_refused() {
    let long = format!("SELECT '{}'", "x".repeat(1 << 20));
    let brackets = |n: usize| format!("SELECT {}1{}", "(".repeat(n), ")".repeat(n));
    let cases = |n: usize| format!("SELECT {}1{}", "CASE WHEN 1 THEN ".repeat(n), " END".repeat(n));
    for (statement, rule) in [
        (long.as_str(), "mysql.limit.length"),
        (brackets(201).as_str(), "mysql.limit.nesting"),
        (cases(201).as_str(), "mysql.limit.nesting"),
        (brackets(100_000).as_str(), "mysql.limit.nesting"),
        ("", "mysql.empty"),
        (" \n", "mysql.empty"),
        (";;", "mysql.empty"),
        ("FROBNICATE t", "mysql.statement.unknown"),
        ("SELECT frobnicate(1)", "mysql.function.unknown"),
        ("SELECT 1\0", "mysql.nul"),
        ("SELECT '\0'", "mysql.nul"),
        ("SELECT 'a", "mysql.unterminated"),
        ("SELECT 1 INTO @x", "mysql.into"),
        ("SELECT 1 FOR UPDATE", "mysql.locking"),
        ("SELECT 1; DELETE FROM t", "mysql.multiple-statements"),
        ("SELECT 1 /*!1 */", "mysql.executable-comment"),
        ("SELECT NEXT VALUE FOR s", "mysql.sequence"),
    ] {
        let verdict = dialect(DialectId::MySql).classify(statement);
        assert_ne!(verdict.class, Class::Read);
        assert_eq!(verdict.rule, rule);
        assert!(verdict.at <= statement.len() && !verdict.why.is_empty());
    }
    let deepest = format!("SELECT {}1{}", "(SELECT ".repeat(200), ")".repeat(200));
    assert_eq!(class(&brackets(200)), Class::Read);
    assert_eq!(class(&cases(200)), Class::Read);
    assert_eq!(class(&deepest), Class::Read);
}

#[test]
fn a_refusal_names_the_construct_and_its_place() {
    let verdict = dialect(DialectId::MySql).classify("SELECT a FROM t FOR UPDATE");
    assert_eq!((verdict.at, verdict.construct.as_str()), (16, "FOR UPDATE"));
    assert!(verdict.instead.is_some());
}

#[test]
fn texts_split_at_statements() {
    let text = "SELECT 'a;b'; -- c;\nSELECT `d;` /* ; */ ;; # e\n";
    let parts: Vec<_> =
        dialect(DialectId::MySql).split(text).into_iter().map(|s| &text[s.start..s.end]).collect();
    assert_eq!(parts, ["SELECT 'a;b'", "-- c;\nSELECT `d;` /* ; */"]);
}

#[test]
fn colours_are_in_order_and_inside() {
    for line in both() {
        let mut out = Vec::new();
        dialect(DialectId::MySql).highlight(&line.statement, &mut out);
        assert!(out.windows(2).all(|pair| pair[0].0.end <= pair[1].0.start), "{}", line.statement);
        assert!(out.iter().all(|(span, _)| line.statement.get(span.start..span.end).is_some()));
    }
}
