//! MongoDB's guard against its corpus: no write and no code passes, in any disguise; reads do.

use dbdeck::model::DialectId;
use dbdeck::query::dialect::mongodb::tree::Said;
use dbdeck::query::dialect::{Class, dialect, mongodb};

mod corpus;

use corpus::{Line, Noise, lines};

fn class(statement: &str) -> Class {
    dialect(DialectId::MongoDb).classify(statement).class
}

fn all() -> Vec<Line> {
    lines(include_str!("corpus/mongodb.jsonl"))
}

/// One change that does not make a read anything else, in the ways of this language.
fn harmless(noise: &mut Noise, statement: &str) -> String {
    match noise.below(7) {
        0 => format!("\u{feff}{statement}"),
        1 => format!(" \t\r\n{statement}\n"),
        2 => format!("/* c */{statement}"),
        3 => format!("// c\n{statement}"),
        4 => format!("{statement}\n;;"),
        5 => escaped(noise, statement),
        _ => spaced(noise, statement),
    }
}

/// Escapes a letter within quotes.
fn escaped(noise: &mut Noise, text: &str) -> String {
    if text.contains(['\\', '/']) {
        return text.to_owned();
    }
    let mut open = None;
    let inside: Vec<usize> = text
        .char_indices()
        .filter(|(_, c)| {
            match open {
                Some(quote) if *c == quote => open = None,
                None if matches!(c, '\'' | '"') => open = Some(*c),
                _ => return open.is_some() && c.is_ascii_graphic(),
            }
            false
        })
        .map(|(at, _)| at)
        .collect();
    if inside.is_empty() {
        return text.to_owned();
    }
    let at = inside[noise.below(inside.len())];
    let code = u32::from(text.as_bytes()[at]);
    let escape = match noise.below(3) {
        0 => format!("\\u{code:04x}"),
        1 => format!("\\x{code:02X}"),
        _ => format!("\\u{{{code:x}}}"),
    };
    format!("{}{escape}{}", &text[..at], &text[at + 1..])
}

/// Puts a comment or a line's end where a bracket opens or a comma stands, outside quotes.
fn spaced(noise: &mut Noise, text: &str) -> String {
    if text.contains(['\\', '/', '\'', '"']) || text.starts_with("use") {
        return text.to_owned();
    }
    let gaps: Vec<usize> =
        text.match_indices(['(', '{', '[', ',', ':']).map(|(at, mark)| at + mark.len()).collect();
    if gaps.is_empty() {
        return text.to_owned();
    }
    let at = gaps[noise.below(gaps.len())];
    let gap = ["/**/", " /* ; */ ", " // c\n", "\t\u{a0}\n"][noise.below(4)];
    format!("{}{gap}{}", &text[..at], &text[at..])
}

#[test]
fn writes_are_refused_and_reads_pass() {
    let (writes, reads): (Vec<Line>, Vec<Line>) = all().into_iter().partition(|line| line.writes);
    assert!(writes.len() >= 400 && reads.len() >= 200, "{} and {}", writes.len(), reads.len());
    let accepted: Vec<_> = writes.iter().filter(|l| class(&l.statement) == Class::Read).collect();
    assert!(accepted.is_empty(), "accepted writes: {accepted:#?}");
    let refused: Vec<_> = reads.iter().filter(|l| class(&l.statement) != Class::Read).collect();
    assert!(refused.is_empty(), "refused reads: {refused:#?}");
}

#[test]
fn disguises_do_not_help_a_write() {
    let mut noise = Noise::new(0x5eed);
    let writes: Vec<Line> = all().into_iter().filter(|line| line.writes).collect();
    let mut mutants = 0;
    while mutants < 50_000 {
        for line in &writes {
            let mut mutant = line.statement.clone();
            for _ in 0..=noise.below(3) {
                mutant = match noise.below(6) {
                    0 => noise.disguise(&mutant, '"'),
                    _ => harmless(&mut noise, &mutant),
                };
            }
            // What is behind a comment that was put before it, or what a comment swallowed, is no
            // longer the same statement.
            if class(&mutant) == Class::Read {
                let sent = mongodb::parse(&mutant);
                panic!("{mutant:?}\nfrom {:?}\nis sent as {sent:?}", line.statement);
            }
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
            let mutant = harmless(&mut noise, &line.statement);
            all_of_them += 1;
            if class(&mutant) != Class::Read {
                refused.push(mutant);
            }
        }
    }
    assert!(refused.len() * 100 <= all_of_them, "{} of {all_of_them}: {refused:#?}", refused.len());
}

#[test]
fn what_is_sent_is_judged_as_what_was_typed() {
    for line in all() {
        let Ok(Said::Run(command)) = mongodb::parse(&line.statement) else { continue };
        let sent = mongodb::canonical(&command.body);
        match mongodb::parse(&sent) {
            Ok(Said::Run(again)) => assert_eq!(mongodb::canonical(&again.body), sent),
            other => panic!("{sent}: {other:?}"),
        }
        assert_eq!(class(&sent) != Class::Read, line.writes, "{sent}");
    }
}

#[test]
fn what_cannot_be_judged_is_refused() {
    let long = format!("db.a.find({{a: '{}'}})", "x".repeat(1 << 20));
    let brackets = |n: usize| format!("db.a.find({{a: {}1{}}})", "[".repeat(n), "]".repeat(n));
    for (statement, rule) in [
        (long.as_str(), "mongodb.limit.length"),
        (brackets(199).as_str(), "mongodb.limit.nesting"),
        (brackets(100_000).as_str(), "mongodb.limit.nesting"),
        ("db.a.find()\0", "mongodb.character"),
        ("FROBNICATE", "mongodb.statement"),
        // Case matters.
        ("{FIND: 'a'}", "mongodb.command.unknown"),
        ("db.a.FIND()", "mongodb.method.unknown"),
    ] {
        let verdict = dialect(DialectId::MongoDb).classify(statement);
        assert_ne!(verdict.class, Class::Read);
        assert_eq!(verdict.rule, rule);
    }
    assert_eq!(class(&brackets(190)), Class::Read);
}
