//! Commands of Memcached's text protocol. The rule it keeps: `get`, `gets`, `version` and the `stats`
//! that only tell are reads; everything else is refused. Names are in lower case, as the server wants.

use crate::query::dialect::redis::inline::lines;
use crate::query::dialect::{Class, Dialect, Span, TokenKind, Verdict};

/// Memcached.
pub static MEMCACHED: Memcached = Memcached;

/// The dialect.
#[derive(Debug)]
pub struct Memcached;

/// Longest key that the server takes, in bytes.
pub const LONGEST_KEY: usize = 250;
/// Keys of one command that are judged.
const MOST_KEYS: usize = 1_000;

/// What `stats` may be asked for. `sizes` and `cachedump` hold locks, `detail` switches something on.
const STATS: &[&str] = &["conns", "items", "settings", "slabs"];

/// Commands that are known to write.
const WRITES: &[&str] = &[
    "add",
    "append",
    "cas",
    "decr",
    "delete",
    "flush_all",
    "gat",
    "gats",
    "incr",
    "ma",
    "md",
    "ms",
    "prepend",
    "replace",
    "set",
    "touch",
];

const WORDS: &[&str] = &[
    "delete",
    "get",
    "gets",
    "incr",
    "stats",
    "stats conns",
    "stats items",
    "stats settings",
    "stats slabs",
    "version",
];

impl Dialect for Memcached {
    fn split(&self, text: &str) -> Vec<Span> {
        lines(text).collect()
    }

    fn classify(&self, statement: &str) -> Verdict {
        let verdict = |class, rule, construct: &str, at, why: &str, instead| Verdict {
            class,
            rule,
            construct: construct.chars().take(80).collect(),
            at,
            why: why.to_owned(),
            instead,
        };
        match judge(statement) {
            Ok(()) => verdict(Class::Read, "memcached.read", "", 0, "It only reads.", None),
            Err((class, rule, span, why)) => {
                let construct = statement.get(span.start..span.end).unwrap_or_default();
                let instead =
                    (rule == "memcached.touch").then_some("get gives the value and touches nothing");
                verdict(class, rule, construct, span.start, why, instead)
            }
        }
    }

    fn highlight(&self, text: &str, out: &mut Vec<(Span, TokenKind)>) {
        for line in lines(text) {
            let body = text.get(line.start..line.end).unwrap_or_default();
            let len = body.find([' ', '\t']).unwrap_or(body.len());
            out.push((Span { start: line.start, end: line.start + len }, TokenKind::Keyword));
        }
    }

    fn words(&self) -> &'static [&'static str] {
        WORDS
    }
}

type Refused = (Class, &'static str, Span, &'static str);

/// The words of the one command, with their places.
///
/// # Errors
/// No command, or more than one, or a character that the protocol cannot carry.
pub fn words(statement: &str) -> Result<Vec<(&str, usize)>, Refused> {
    let whole = Span { start: 0, end: statement.len() };
    let mut all = lines(statement);
    let Some(line) = all.next() else {
        return Err((Class::Unsure, "memcached.empty", whole, "There is no command here."));
    };
    if let Some(second) = all.next() {
        return Err((
            Class::Unsure,
            "memcached.several",
            second,
            "One command at a time: this is a second one.",
        ));
    }
    let body = statement.get(line.start..line.end).unwrap_or_default();
    if let Some((at, c)) = body.char_indices().find(|(_, c)| c.is_control() && *c != '\t') {
        let span = Span { start: line.start + at, end: line.start + at + c.len_utf8() };
        return Err((
            Class::Unsure,
            "memcached.character",
            span,
            "The protocol cannot carry this character.",
        ));
    }
    let mut out = Vec::new();
    let mut at = line.start;
    for word in body.split([' ', '\t']) {
        if !word.is_empty() {
            out.push((word, at));
        }
        at += word.len() + 1;
    }
    Ok(out)
}

fn judge(statement: &str) -> Result<(), Refused> {
    if statement.len() > 1 << 20 {
        let start = Span { start: 0, end: 0 };
        return Err((Class::Unsure, "memcached.limit.length", start, "The command is longer than 1 MiB."));
    }
    let all = words(statement)?;
    let span = |(word, at): (&str, usize)| Span { start: at, end: at + word.len() };
    let Some((name, rest)) = all.split_first() else {
        let start = Span { start: 0, end: 0 };
        return Err((Class::Unsure, "memcached.empty", start, "There is no command here."));
    };
    match (name.0, rest) {
        ("get" | "gets", []) => Err((Class::Unsure, "memcached.key", span(*name), "A key is needed.")),
        ("get" | "gets", keys) => {
            let bad =
                keys.iter().enumerate().find(|(n, (key, _))| key.len() > LONGEST_KEY || *n >= MOST_KEYS);
            bad.map_or(Ok(()), |(_, key)| {
                Err((Class::Unsure, "memcached.key", span(*key), "At most 1,000 keys of at most 250 bytes."))
            })
        }
        ("version" | "stats", []) => Ok(()),
        ("stats", [what]) if STATS.contains(&what.0) => Ok(()),
        ("stats", [what, ..]) if what.0 == "reset" => {
            Err((Class::Write, "memcached.reset", span(*what), "It forgets what was counted."))
        }
        ("stats", [what, ..]) => Err((
            Class::Unsure,
            "memcached.stats",
            span(*what),
            "These statistics are not known to be harmless.",
        )),
        ("gat" | "gats" | "touch", _) => {
            Err((Class::Write, "memcached.touch", span(*name), "It changes how long the item lives."))
        }
        (word, _) if WRITES.contains(&word) => {
            Err((Class::Write, "memcached.write", span(*name), "It changes what is stored."))
        }
        _ => Err((
            Class::Unsure,
            "memcached.command.unknown",
            span(*name),
            "This command is not known to be a read.",
        )),
    }
}
