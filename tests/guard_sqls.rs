//! The guards of SQL Server, Oracle, Db2 and DSQL against their corpora: no write passes, in any disguise;
//! reads do.

use dbdeck::model::DialectId;
use dbdeck::query::dialect::{Class, dialect};

mod corpus;

use corpus::{Line, Noise, lines};

const CORPORA: &[(DialectId, &str)] = &[
    (DialectId::SqlServer, include_str!("corpus/sqlserver.jsonl")),
    (DialectId::Oracle, include_str!("corpus/oracle.jsonl")),
    (DialectId::Db2, include_str!("corpus/db2.jsonl")),
];

fn class(id: DialectId, statement: &str) -> Class {
    dialect(id).classify(statement).class
}

fn parted(text: &str) -> (Vec<Line>, Vec<Line>) {
    lines(text).into_iter().partition(|line| line.writes)
}

#[test]
fn writes_are_refused_and_reads_pass() {
    for (id, text) in CORPORA {
        let (writes, reads) = parted(text);
        assert!(writes.len() >= 150 && reads.len() >= 200, "{id:?}: {} {}", writes.len(), reads.len());
        let accepted: Vec<_> = writes.iter().filter(|l| class(*id, &l.statement) == Class::Read).collect();
        assert!(accepted.is_empty(), "{id:?} accepted writes: {accepted:#?}");
        let refused: Vec<_> = reads.iter().filter(|l| class(*id, &l.statement) != Class::Read).collect();
        let whys: Vec<_> = refused.iter().map(|l| dialect(*id).classify(&l.statement)).collect();
        assert!(refused.len() * 100 <= reads.len(), "{id:?} refused reads: {refused:#?} {whys:#?}");
    }
}

#[test]
fn disguises_do_not_help_a_write() {
    for (id, text) in CORPORA {
        let mut noise = Noise::new(0x5eed);
        let (writes, _) = parted(text);
        let mut mutants = 0;
        while mutants < 20_000 {
            for line in &writes {
                let mutant = noise.disguise(&line.statement, '"');
                assert_ne!(class(*id, &mutant), Class::Read, "{id:?}: {mutant}");
                mutants += 1;
            }
        }
    }
}

/// A write behind a read is refused, whatever stands between them; so is each read with its end cut off
/// by a write.
#[test]
fn no_write_hides_behind_a_read() {
    let behind = [
        "DELETE FROM t",
        "UPDATE t SET a = 1",
        "INSERT INTO t VALUES (1)",
        "DROP TABLE t",
        "EXEC p",
        "GRANT SELECT ON t TO x",
        "TRUNCATE TABLE t",
    ];
    for (id, text) in CORPORA {
        let (_, reads) = parted(text);
        for line in &reads {
            // A comment that runs to the end of the text hides what is on its line.
            for between in ["\n", "\n;", "\n/* c */ ", "\n;;\n-- c\n"] {
                for write in behind {
                    let both = format!("{}{between}{write}", line.statement);
                    assert_ne!(class(*id, &both), Class::Read, "{id:?}: {both}");
                }
            }
        }
    }
}

#[test]
fn harmless_changes_do_not_cost_a_read() {
    for (id, text) in CORPORA {
        let mut noise = Noise::new(7);
        let (_, reads) = parted(text);
        let (mut all, mut refused) = (0_usize, Vec::new());
        for _ in 0..10 {
            for line in &reads {
                let mutant = noise.harmless(&line.statement);
                all += 1;
                if class(*id, &mutant) != Class::Read {
                    refused.push(mutant);
                }
            }
        }
        assert!(refused.len() * 50 <= all, "{id:?}: {} of {all}: {refused:#?}", refused.len());
    }
}

#[test]
fn what_cannot_be_judged_is_refused() {
    for (id, _) in CORPORA {
        let name = id.name();
        let dual = if *id == DialectId::Oracle { " FROM dual" } else { "" };
        let long = format!("SELECT '{}'{dual}", "x".repeat(1 << 20));
        let brackets = |n: usize| format!("SELECT {}1{}{dual}", "(".repeat(n), ")".repeat(n));
        let cases =
            |n: usize| format!("SELECT {}1{}{dual}", "CASE WHEN 1 = 1 THEN ".repeat(n), " END".repeat(n));
        for (statement, rule) in [
            (long, "limit.length"),
            (brackets(201), "limit.nesting"),
            (cases(201), "limit.nesting"),
            (brackets(100_000), "limit.nesting"),
            (String::new(), "empty"),
            (" \n;;".to_owned(), "empty"),
            ("FROBNICATE t".to_owned(), "statement.unknown"),
            (format!("SELECT frobnicate(1){dual}"), "function.unknown"),
            (format!("SELECT 1{dual}\0"), "nul"),
            ("SELECT 'a".to_owned(), "unterminated"),
            ("SELECT a FROM t FOR UPDATE".to_owned(), "locking"),
            (format!("SELECT 1{dual}; DELETE FROM t"), "multiple-statements"),
            ("SELECT a INTO b FROM t".to_owned(), "into"),
        ] {
            let verdict = dialect(*id).classify(&statement);
            assert_ne!(verdict.class, Class::Read, "{name}: {rule}");
            assert_eq!(verdict.rule, format!("{name}.{rule}"), "{:.60}", statement);
            assert!(verdict.at <= statement.len() && !verdict.why.is_empty());
        }
        assert_eq!(class(*id, &brackets(200)), Class::Read, "{name}");
        assert_eq!(class(*id, &cases(200)), Class::Read, "{name}");
    }
}

#[test]
fn texts_split_at_statements() {
    let parts = |id: DialectId, text: &str| -> Vec<String> {
        dialect(id).split(text).into_iter().map(|s| text[s.start..s.end].to_owned()).collect()
    };
    let tsql = "SELECT ';' AS a; SELECT [;]\nGO 5\nSELECT 1\nSELECT 2\nUNION\nSELECT 3\nWITH c AS (SELECT 1 AS x)\nSELECT x FROM c\nUPDATE t SET a = 1";
    assert_eq!(
        parts(DialectId::SqlServer, tsql),
        [
            "SELECT ';' AS a",
            "SELECT [;]",
            "SELECT 1",
            "SELECT 2\nUNION\nSELECT 3",
            "WITH c AS (SELECT 1 AS x)\nSELECT x FROM c",
            "UPDATE t SET a = 1"
        ]
    );
    assert_eq!(
        parts(DialectId::Oracle, "SELECT q'[;]' FROM dual;\nBEGIN a; b; END;\n/\nSELECT 1/2 FROM dual"),
        ["SELECT q'[;]' FROM dual", "BEGIN a; b; END;", "SELECT 1/2 FROM dual"]
    );
    assert_eq!(
        parts(DialectId::Db2, "VALUES 1; -- x;\nSELECT a FROM t;"),
        ["VALUES 1", "-- x;\nSELECT a FROM t"]
    );
}

#[test]
fn colours_are_in_order_and_inside() {
    for (id, text) in CORPORA {
        for line in lines(text) {
            let mut out = Vec::new();
            dialect(*id).highlight(&line.statement, &mut out);
            assert!(out.windows(2).all(|pair| pair[0].0.end <= pair[1].0.start), "{}", line.statement);
            assert!(out.iter().all(|(span, _)| line.statement.get(span.start..span.end).is_some()));
        }
    }
}

/// DSQL has PostgreSQL's grammar and no extensions: what PostgreSQL's guard refuses is refused, and so
/// are functions that only an extension has.
#[test]
fn dsql_is_postgres_with_less() {
    let all = lines(include_str!("corpus/postgres.jsonl"));
    let mut reads = (0, 0);
    for line in &all {
        let (postgres, dsql) =
            (class(DialectId::Postgres, &line.statement), class(DialectId::Dsql, &line.statement));
        assert!(dsql != Class::Read || postgres == Class::Read, "{}", line.statement);
        if !line.writes {
            reads.0 += usize::from(dsql == Class::Read);
            reads.1 += 1;
        }
    }
    assert!(reads.0 * 100 >= reads.1 * 90, "{reads:?}");
    for (statement, expected) in [
        ("SELECT * FROM orders WHERE id = 'a' ORDER BY placed DESC LIMIT 5", true),
        ("EXPLAIN ANALYZE VERBOSE SELECT count(*) FROM orders", true),
        ("SELECT * FROM sys.jobs", true),
        ("SELECT gen_random_uuid()", true),
        ("SELECT similarity('a', 'b')", false),
        ("SELECT st_area(g) FROM t", false),
        ("SELECT aurora_version()", false),
        ("CREATE INDEX ASYNC ON t (a)", false),
        ("AWS IAM GRANT admin TO 'arn:aws:iam::1:role/x'", false),
        ("SELECT * FROM t FOR UPDATE", false),
        ("DELETE FROM t", false),
    ] {
        assert_eq!(class(DialectId::Dsql, statement) == Class::Read, expected, "{statement}");
    }
}
