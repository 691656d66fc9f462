//! The guard on PostgreSQL statements: a corpus in both polarities, mutated. Nothing that
//! writes may pass; reads may not be refused.
#![allow(clippy::unwrap_used)]

use dbdeck::model::DialectId;
use dbdeck::query::dialect::{Class, Verdict, dialect};

struct Case {
    statement: String,
    writes: bool,
    why: String,
}

fn corpus() -> Vec<Case> {
    include_str!("corpus/postgres.jsonl")
        .lines()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            Case {
                statement: value["statement"].as_str().unwrap().to_owned(),
                writes: value["writes"].as_bool().unwrap(),
                why: value["why"].as_str().unwrap().to_owned(),
            }
        })
        .collect()
}

fn judge(statement: &str) -> Verdict {
    dialect(DialectId::Postgres).classify(statement)
}

fn reads(statement: &str) -> bool {
    judge(statement).class == Class::Read
}

/// Deterministic pseudo-random numbers: xorshift, 64 bits.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (sides.max(1) as u64)).unwrap()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

/// Which bytes of a statement are code rather than string, quoted name or comment. Written
/// apart from the guard's lexer on purpose.
fn code(statement: &str) -> Vec<bool> {
    let bytes = statement.as_bytes();
    let mut out = vec![true; bytes.len()];
    let mut at = 0;
    while at < bytes.len() {
        let rest = &statement.as_bytes()[at..];
        let length = if rest.starts_with(b"--") {
            rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len())
        } else if rest.starts_with(b"/*") {
            let (mut depth, mut end) = (0, 0);
            while end < rest.len() {
                match &rest[end..] {
                    [b'/', b'*', ..] => (depth, end) = (depth + 1, end + 2),
                    [b'*', b'/', ..] => (depth, end) = (depth - 1, end + 2),
                    _ => end += 1,
                }
                if depth == 0 {
                    break;
                }
            }
            end
        } else if matches!(rest[0], b'\'' | b'"') {
            let escapes = at > 0 && matches!(bytes[at - 1], b'e' | b'E') && rest[0] == b'\'';
            let mut end = 1;
            while end < rest.len() && rest[end] != rest[0] {
                end += if escapes && rest[end] == b'\\' { 2 } else { 1 };
            }
            end + 1
        } else if rest[0] == b'$' && !rest.get(1).is_some_and(u8::is_ascii_digit) {
            let tag = rest[1..].iter().position(|&byte| byte == b'$').map_or(1, |end| end + 2);
            let close = rest[tag..].windows(tag).position(|window| window == &rest[..tag]);
            close.map_or(rest.len(), |close| tag + close + tag)
        } else {
            at += 1;
            continue;
        };
        let end = (at + length).min(bytes.len());
        out[at..end].fill(false);
        at = end;
    }
    out
}

const BLANKS: &[&str] =
    &[" ", "\n", "\t", "/**/", "/* a */", "/* /* b */ ; drop */", "-- c\n", "-- d\r", " \u{c} "];

fn flip_case(statement: &str, dice: &mut Dice) -> String {
    let code = code(statement);
    let flip = |(at, letter): (usize, char)| {
        if code[at] && letter.is_ascii_alphabetic() && dice.roll(2) == 0 {
            if letter.is_ascii_lowercase() {
                letter.to_ascii_uppercase()
            } else {
                letter.to_ascii_lowercase()
            }
        } else {
            letter
        }
    };
    statement.char_indices().map(flip).collect()
}

fn fill_gaps(statement: &str, dice: &mut Dice) -> String {
    let code = code(statement);
    let mut out = String::new();
    for (at, letter) in statement.char_indices() {
        let gap = code[at] && matches!(letter, ' ' | '(' | ')' | ',');
        if gap && letter != '(' && dice.roll(3) == 0 {
            out.push_str(dice.pick(BLANKS));
        }
        out.push(letter);
        if gap && dice.roll(3) == 0 {
            out.push_str(dice.pick(BLANKS));
        }
    }
    out
}

fn surround(statement: &str, dice: &mut Dice) -> String {
    let before =
        dice.pick(&["", " ", "\n\n", "\u{feff}", "/* x */", "-- y\n", "-- z\r\n", "\t/* /* n */ ; */ "]);
    let after = dice.pick(&["", ";", ";;", " ; ; ", "\n", " -- end", "/* end */", ";-- end\n", " ;/**/;"]);
    format!("{before}{statement}{after}")
}

/// Writes a function's name in quotes or with Unicode escapes.
fn disguise(statement: &str, dice: &mut Dice) -> String {
    let code = code(statement);
    let bytes = statement.as_bytes();
    let mut words = Vec::new();
    let mut from = None;
    for (at, &byte) in bytes.iter().enumerate() {
        let in_word = code[at]
            && (byte.is_ascii_lowercase() || byte == b'_' || (from.is_some() && byte.is_ascii_digit()));
        match (in_word, from) {
            (true, None) => from = Some(at),
            (false, Some(start)) => {
                if byte == b'(' {
                    words.push((start, at));
                }
                from = None;
            }
            _ => {}
        }
    }
    if words.is_empty() {
        return statement.to_owned();
    }
    let (start, end) = words[dice.roll(words.len())];
    let word = &statement[start..end];
    let name = match dice.roll(3) {
        0 => format!("\"{word}\""),
        1 => format!("U&\"{}\"", word.bytes().map(|byte| format!("\\{byte:04x}")).collect::<String>()),
        _ => format!("u&\"\\+{:06x}{}\"", word.as_bytes()[0], &word[1..]),
    };
    format!("{}{name}{}", &statement[..start], &statement[end..])
}

fn with_nul(statement: &str, dice: &mut Dice) -> String {
    let at =
        (0..=dice.roll(statement.len() + 1)).rev().find(|&at| statement.is_char_boundary(at)).unwrap_or(0);
    format!("{}\0{}", &statement[..at], &statement[at..])
}

#[test]
fn the_corpus_is_large_enough() {
    let corpus = corpus();
    assert!(corpus.iter().filter(|case| case.writes).count() >= 400);
    assert!(corpus.iter().filter(|case| !case.writes).count() >= 290);
}

#[test]
fn no_write_passes_and_every_refusal_explains_itself() {
    for case in corpus().iter().filter(|case| case.writes) {
        for id in [DialectId::Postgres, DialectId::AuroraPostgres] {
            let verdict = dialect(id).classify(&case.statement);
            assert_ne!(verdict.class, Class::Read, "{}: {}", case.why, case.statement);
            assert!(verdict.rule.starts_with("pg.") && !verdict.why.is_empty(), "{verdict:?}");
            assert!(verdict.at <= case.statement.len(), "{verdict:?}");
        }
    }
}

#[test]
fn reads_pass() {
    let corpus = corpus();
    let all: Vec<_> = corpus.iter().filter(|case| !case.writes).collect();
    let refused: Vec<_> = all.iter().filter(|case| !reads(&case.statement)).collect();
    for case in &refused {
        println!("{}: {:?}\n  {}", case.why, judge(&case.statement), case.statement);
    }
    assert!(refused.len() * 100 <= all.len(), "{} of {} refused", refused.len(), all.len());
}

#[test]
fn no_mutant_of_a_write_passes() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let corpus = corpus();
    let writes: Vec<_> = corpus.iter().filter(|case| case.writes).collect();
    let rounds = 51_000 / writes.len() + 1;
    let mut tried = 0;
    for case in &writes {
        for round in 0..rounds {
            let mut mutant = case.statement.clone();
            if round % 2 == 0 {
                mutant = disguise(&mutant, &mut dice);
            }
            if round % 3 != 0 {
                mutant = fill_gaps(&mutant, &mut dice);
            }
            if round % 5 != 0 {
                mutant = flip_case(&mutant, &mut dice);
            }
            mutant = surround(&mutant, &mut dice);
            if round % 23 == 0 {
                mutant = with_nul(&mutant, &mut dice);
            }
            assert!(!reads(&mutant), "{mutant:?} from {}", case.statement);
            tried += 1;
        }
        let long = format!("/*{}*/{}", "x".repeat(64 << 10), case.statement);
        assert!(!reads(&long), "long comment before {}", case.statement);
    }
    assert!(tried >= 50_000, "{tried}");
}

#[test]
fn mutants_of_reads_pass() {
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let corpus = corpus();
    let (mut tried, mut refused) = (0, Vec::new());
    for case in corpus.iter().filter(|case| !case.writes) {
        for _ in 0..12 {
            let mutant = fill_gaps(&case.statement, &mut dice);
            let mutant = flip_case(&mutant, &mut dice);
            let mutant = surround(&mutant, &mut dice);
            tried += 1;
            if !reads(&mutant) {
                refused.push(format!("{} <- {mutant:?}", judge(&mutant).rule));
            }
        }
    }
    assert!(
        refused.len() * 50 <= tried,
        "{} of {tried}: {:#?}",
        refused.len(),
        &refused[..refused.len().min(9)]
    );
}

#[test]
fn what_is_not_understood_is_refused() {
    let long = format!("select '{}'", "x".repeat(1 << 20));
    let deep = format!("select {}1{}", "(".repeat(250), ")".repeat(250));
    let deeper = format!("select {}1{}", "(".repeat(400_000), ")".repeat(400_000));
    let chain = format!("select 1{}", "+1".repeat(300_000));
    let nots = format!("select {} true", "not ".repeat(100_000));
    let words = format!("select a from t join b {}", "cross ".repeat(60_000));
    let cases = [
        ("", "pg.empty"),
        (" \n-- only a comment", "pg.empty"),
        ("/* x */;", "pg.empty"),
        (&long, "pg.size"),
        (&deep, "pg.depth"),
        (&deeper, "pg.depth"),
        (&chain, "pg.depth"),
        (&nots, "pg.depth"),
        (&words, "pg.depth"),
        ("select 1\0", "pg.nul"),
        ("frobnicate t", "pg.statement"),
        ("select frobnicate(t)", "pg.function.unknown"),
        ("select my.lower('x')", "pg.function.schema"),
        ("select * from t where", "pg.syntax"),
        ("select 1; select 2", "pg.multiple"),
        ("select 'open", "pg.unclosed"),
        ("select 1 \u{1} 2", "pg.token"),
        ("select a ### b", "pg.operator.unknown"),
        ("select a operator(my.+) b", "pg.operator.schema"),
        ("select id::my_type from t", "pg.cast.type"),
        ("select (id).my_field from t", "pg.attribute"),
        ("explain (frobnicate) select 1", "pg.explain.option"),
    ];
    for (statement, rule) in cases {
        let verdict = judge(statement);
        assert_ne!(verdict.class, Class::Read, "{rule}");
        assert_eq!(verdict.rule, rule, "{verdict:?}");
    }
}

#[test]
fn long_lists_are_judged_like_short_ones() {
    let list = |item: &str, count: usize| vec![item; count].join(",\n/* c */");
    let long = list("12345, 'text', $1", 40_000);
    assert!(long.len() < 1 << 20);
    assert!(reads(&format!("select * from t where a in ({long})")));
    assert!(reads(&format!("select * from t where a in ({long}, 'a'\n'b', 1 + 2)")));
    for bad in ["nextval('s')", "(select 1 from t for update)", "my_function()", "'x'::regclass.nextval()"] {
        assert!(
            !reads(&format!("select * from t where a in ({long}, {bad}, {long})").replace("12345", "1")),
            "{bad}"
        );
        assert!(!reads(&format!("select * from t where a in ({long}, {bad})")), "{bad}");
    }
    assert!(!reads(&format!("select * from t where a in ({long}); drop table t")));
    assert!(!reads(&format!("select ts_rewrite('a', {long}, 'b') from t for update")));
    assert_eq!(judge(&format!("select {}", list("a", 90_000))).rule, "pg.size");
}

#[test]
fn a_refusal_points_at_its_construct() {
    let cases = [
        ("select id, nextval('s') from t", "pg.function.sequence", "nextval", 11),
        ("select * from t for update", "pg.locking", "for update", 16),
        ("with d as (delete from t returning 1) select 1", "pg.dml", "delete from t returning 1", 11),
        ("/* c */ drop table t", "pg.ddl", "drop", 8),
        ("\u{feff}drop table t", "pg.ddl", "drop", 3),
        ("select x.lo_unlink from unnest(a) x", "pg.function.large_object", "lo_unlink", 9),
        ("explain analyze delete from t", "pg.explain.analyze", "delete from t", 16),
    ];
    for (statement, rule, construct, at) in cases {
        let verdict = judge(statement);
        assert_eq!((verdict.rule, verdict.construct.as_str(), verdict.at), (rule, construct, at));
    }
    assert_eq!(judge("select * from t for update").instead, Some("leave the locking clause out"));
}

#[test]
fn long_conditions_are_read() {
    let or = "a.id = 1 or ".repeat(800);
    assert!(reads(&format!("select * from a where {or} true")));
    let unions = "select a.x, b.y + 1 from a join b on a.id = b.id union all ".repeat(300);
    assert!(reads(&format!("{unions} select 1, 2")));
    let concat = "a || ',' || ".repeat(90);
    assert!(reads(&format!("select {concat} b from t")));
}

#[test]
fn explain_runs_nothing_but_reads() {
    for inner in [
        "create table x as select 1",
        "select 1 into x",
        "create materialized view m as select 1",
        "execute p",
    ] {
        for explain in [
            "explain analyze",
            "explain (analyze)",
            "explain (buffers, analyze true)",
            "EXPLAIN ANALYSE VERBOSE",
        ] {
            assert!(!reads(&format!("{explain} {inner}")), "{explain} {inner}");
        }
    }
    assert!(reads("explain analyze select * from t"));
    assert!(reads("explain delete from t"));
    assert!(!reads("explain analyze delete from t"));
}

#[test]
fn functions_are_judged_wherever_they_stand() {
    let places = [
        "select {}",
        "select * from {} as x",
        "select * from t order by {}",
        "select * from t limit {}",
        "select count(*) filter (where {} > 0) from t",
        "select * from t, lateral {} l",
        "select case when {} > 0 then 1 end",
        "select * from rows from ({}, now()) as x",
        "select ({})::text",
        "select 1 + {}",
        "select t.* from t join u on {} = 1",
        "select array[{}]",
        "values ({})",
        "select lower({}::text)",
        "select * from t where a in (select {})",
        "select a[{}] from t",
        "select sum(a) over (order by {}) from t",
        "select distinct on ({}) a from t",
        "select {} is null",
        "select not {} = 1",
        "select f.a from t f group by {}",
        "with x as (select {}) select 1 from x",
        "select xmlforest({} as a)",
        "select json_array({})",
        "select * from t offset {}",
    ];
    let calls = [
        "nextval('s')",
        "setval('s', 1)",
        "pg_terminate_backend(1)",
        "my_function()",
        "public.now()",
        "pg_temp.lower('x')",
        "\"now \"()",
        "\"LOWER\"('x')",
        "lo_unlink(1)",
        "set_config('a', 'b', false)",
        "my.\"lower\"('x')",
        "U&\"\\006eextval\"('s')",
        "dblink_exec('x')",
        "pg_catalog.lo_unlink(1)",
    ];
    for place in places {
        let control = place.replace("{}", "now()");
        assert!(reads(&control) || !place.contains("{}"), "control {control}: {:?}", judge(&control));
        for call in calls {
            let statement = place.replace("{}", call);
            assert!(!reads(&statement), "{statement}");
        }
    }
}

#[test]
fn aurora_knows_its_own_functions() {
    let statement = "select * from aurora_replica_status()";
    assert_eq!(dialect(DialectId::AuroraPostgres).classify(statement).class, Class::Read);
    assert_ne!(judge(statement).class, Class::Read);
}
