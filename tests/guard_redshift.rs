//! Redshift's guard against its corpus: no write passes, in any disguise; reads do.

use dbdeck::model::DialectId;
use dbdeck::query::dialect::{Class, Verdict, dialect};

mod corpus;

use corpus::{Line, Noise, lines};

fn judge(statement: &str) -> Verdict {
    dialect(DialectId::Redshift).classify(statement)
}

fn all() -> Vec<Line> {
    lines(include_str!("corpus/redshift.jsonl"))
}

#[test]
fn writes_are_refused_and_reads_pass() {
    let (writes, reads): (Vec<Line>, Vec<Line>) = all().into_iter().partition(|line| line.writes);
    assert!(writes.len() >= 240 && reads.len() >= 250, "{} and {}", writes.len(), reads.len());
    let accepted: Vec<_> = writes.iter().filter(|l| judge(&l.statement).class == Class::Read).collect();
    assert!(accepted.is_empty(), "accepted writes: {accepted:#?}");
    let refused: Vec<_> = reads
        .iter()
        .map(|l| (&l.statement, judge(&l.statement)))
        .filter(|(_, verdict)| verdict.class != Class::Read)
        .map(|(statement, verdict)| format!("{statement}\n    {}: {}", verdict.rule, verdict.why))
        .collect();
    assert!(refused.len() * 100 <= reads.len(), "refused reads:\n{}", refused.join("\n"));
}

#[test]
fn every_refusal_explains_itself() {
    for line in all().iter().filter(|line| line.writes) {
        let verdict = judge(&line.statement);
        let named = verdict.rule.starts_with("redshift.") || verdict.rule.starts_with("pg.");
        assert!(named && !verdict.why.is_empty(), "{verdict:?}");
        assert!(verdict.at <= line.statement.len(), "{verdict:?}");
    }
}

#[test]
fn disguises_do_not_help_a_write() {
    let mut noise = Noise::new(0x5eed);
    let writes: Vec<Line> = all().into_iter().filter(|line| line.writes).collect();
    let mut mutants = 0;
    while mutants < 51_000 {
        for line in &writes {
            let mutant = noise.disguise(&line.statement, '"');
            assert_ne!(judge(&mutant).class, Class::Read, "{mutant}");
            mutants += 1;
        }
    }
}

#[test]
fn harmless_changes_do_not_cost_a_read() {
    let mut noise = Noise::new(7);
    let reads: Vec<Line> = all().into_iter().filter(|line| !line.writes).collect();
    let (mut tried, mut refused) = (0_usize, Vec::new());
    for _ in 0..10 {
        for line in &reads {
            let mutant = noise.harmless(&line.statement);
            tried += 1;
            if judge(&mutant).class != Class::Read {
                refused.push(mutant);
            }
        }
    }
    assert!(refused.len() * 50 <= tried, "{} of {tried}: {refused:#?}", refused.len());
}

#[test]
fn what_only_postgres_has_may_be_somebodys_own_function() {
    for statement in
        ["select jsonb_agg(a) from t", "select gen_random_uuid()", "select string_agg(a, ',') from t"]
    {
        assert_eq!(dialect(DialectId::Postgres).classify(statement).class, Class::Read, "{statement}");
        assert_eq!(judge(statement).class, Class::Unsure, "{statement}");
    }
    // And what only Redshift has is not let through on PostgreSQL.
    for statement in ["select listagg(a) from t", "select (t.a[0]).drop_all from t"] {
        assert_ne!(dialect(DialectId::Postgres).classify(statement).class, Class::Read, "{statement}");
    }
}

#[test]
fn what_cannot_be_judged_is_refused() {
    let long = format!("select '{}'", "x".repeat(1 << 20));
    let deep = format!("select {}1{}", "(".repeat(250), ")".repeat(250));
    let pivots = format!("select * from t {}", "pivot (".repeat(100_000));
    for (statement, rule) in [
        (long.as_str(), "pg.size"),
        (deep.as_str(), "pg.depth"),
        ("select 1\0", "pg.nul"),
        ("", "redshift.empty"),
        ("frobnicate t", "redshift.statement"),
        ("select 'a\\''; drop table t; --'", "redshift.backslash"),
        ("select /* /* */ 1 /* */ */", "redshift.comment"),
        ("unload ('select 1') to 's3://x'", "redshift.unload"),
        ("copy t from 's3://x'", "redshift.copy"),
        ("cancel 5", "redshift.cancel"),
        ("show tables from schema a.b; drop table t", "redshift.multiple"),
        ("select f_lambda(1)", "pg.function.unknown"),
        ("select pg_terminate_backend(1)", "pg.function.signal"),
    ] {
        let verdict = judge(statement);
        assert_ne!(verdict.class, Class::Read, "{statement:.60}");
        assert_eq!(verdict.rule, rule, "{statement:.60}");
    }
    assert_ne!(judge(&pivots).class, Class::Read);
}

#[test]
fn a_refusal_names_the_construct_where_it_stands() {
    let verdict = judge("select top 5 a, nextval('s') from t");
    assert_eq!((verdict.at, verdict.construct.as_str()), (16, "nextval"));
    let verdict = judge("select a from t qualify f_own(a) = 1");
    assert_eq!((verdict.at, verdict.construct.as_str()), (24, "f_own"));
}

#[test]
fn texts_split_at_statements_and_colours_are_inside() {
    let text = "select ';'; -- a;\nshow databases;;";
    let parts: Vec<_> =
        dialect(DialectId::Redshift).split(text).into_iter().map(|s| &text[s.start..s.end]).collect();
    assert_eq!(parts, ["select ';'", "-- a;\nshow databases"]);
    for line in all() {
        let mut out = Vec::new();
        dialect(DialectId::Redshift).highlight(&line.statement, &mut out);
        assert!(out.windows(2).all(|pair| pair[0].0.end <= pair[1].0.start), "{}", line.statement);
        assert!(out.iter().all(|(span, _)| line.statement.get(span.start..span.end).is_some()));
    }
}
