//! The guard of Redis and Memcached commands against their corpora: no write passes, in any disguise;
//! reads do.

use dbdeck::model::DialectId;
use dbdeck::query::dialect::{Class, dialect};

#[expect(dead_code, reason = "the disguises there are SQL's")]
mod corpus;

use corpus::{Line, Noise, lines};

fn class(statement: &str) -> Class {
    dialect(DialectId::Redis).classify(statement).class
}

fn memcached(statement: &str) -> Class {
    dialect(DialectId::Memcached).classify(statement).class
}

fn all() -> Vec<Line> {
    lines(include_str!("corpus/redis.jsonl"))
}

#[test]
fn writes_are_refused_and_reads_pass() {
    let (writes, reads): (Vec<Line>, Vec<Line>) = all().into_iter().partition(|line| line.writes);
    assert!(writes.len() >= 200 && reads.len() >= 200, "{} {}", writes.len(), reads.len());
    let accepted: Vec<_> = writes.iter().filter(|l| class(&l.statement) == Class::Read).collect();
    assert!(accepted.is_empty(), "accepted writes: {accepted:#?}");
    let refused: Vec<_> = reads.iter().filter(|l| class(&l.statement) != Class::Read).collect();
    assert!(refused.is_empty(), "refused reads: {refused:#?}");
}

/// One change that `redis-cli` does not notice.
fn unseen(noise: &mut Noise, statement: &str) -> String {
    // What plays with quotes, lines or escapes is left as it is but for what surrounds it.
    let plain = !statement.contains(['"', '\'', '\\', '\n', '\r', '#', '\0', '\t']);
    match noise.below(if plain { 7 } else { 3 }) {
        0 => format!("  {statement}\t"),
        1 => format!("# note: FLUSHALL\n{statement}"),
        2 => format!("\n{statement}\n\n"),
        3 => {
            let flip = |c: char| {
                if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
            };
            let (name, rest) = statement.split_at(statement.find(' ').unwrap_or(statement.len()));
            format!("{}{rest}", name.chars().map(flip).collect::<String>())
        }
        4 => statement.replace(' ', "  \t "),
        5 => statement.split(' ').map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" "),
        _ => {
            // Any byte may be written by its number.
            let at = noise.below(statement.len());
            let words = statement.split(' ').scan(0, |start, word| {
                let from = *start;
                *start += word.len() + 1;
                let byte = at.checked_sub(from).and_then(|i| word.as_bytes().get(i)).filter(|b| b.is_ascii());
                Some(match (byte, at.checked_sub(from)) {
                    (Some(byte), Some(i)) => format!("\"{}\\x{byte:02x}{}\"", &word[..i], &word[i + 1..]),
                    _ => word.to_owned(),
                })
            });
            words.collect::<Vec<_>>().join(" ")
        }
    }
}

#[test]
fn disguises_do_not_help_a_write_and_do_not_cost_a_read() {
    let mut noise = Noise::new(0x0be5_eed5);
    let lines = all();
    for round in 0..200 {
        for line in &lines {
            let mut mutant = line.statement.clone();
            for _ in 0..=noise.below(2) {
                mutant = unseen(&mut noise, &mutant);
            }
            let passed = class(&mutant) == Class::Read;
            assert_eq!(passed, !line.writes, "round {round}: {mutant:?} of {:?}", line.statement);
        }
    }
}

#[test]
fn two_commands_never_pass_as_one() {
    let lines = all();
    let writes: Vec<&Line> = lines.iter().filter(|l| l.writes && !l.statement.trim().is_empty()).collect();
    for (n, read) in lines.iter().filter(|l| !l.writes).enumerate() {
        let write = &writes[n % writes.len()].statement;
        if write.trim_start().starts_with('#') {
            continue;
        }
        for between in ["\n", "\r\n", "\r", "\n\n# \n"] {
            let both = format!("{}{between}{write}", read.statement);
            assert_ne!(class(&both), Class::Read, "{both:?}");
        }
    }
}

#[test]
fn what_is_random_never_breaks_it() {
    let mut noise = Noise::new(99);
    let letters: Vec<char> = "GETSDL abx01\"'\\\n\r\t#\0é*:".chars().collect();
    for _ in 0..200_000 {
        let len = noise.below(24);
        let text: String = (0..len).map(|_| letters[noise.below(letters.len())]).collect();
        for id in [DialectId::Redis, DialectId::Memcached] {
            let language = dialect(id);
            let verdict = language.classify(&text);
            assert!(verdict.at <= text.len());
            let mut out = Vec::new();
            language.highlight(&text, &mut out);
            assert!(out.windows(2).all(|w| w[0].0.end <= w[1].0.start), "{text:?} {out:?}");
            for span in language.split(&text).into_iter().chain(out.into_iter().map(|(s, _)| s)) {
                assert!(text.get(span.start..span.end).is_some(), "{text:?}");
            }
        }
    }
}

#[test]
fn a_long_command_is_judged_in_linear_time() {
    let long = format!("MGET {}", "k ".repeat(500_000));
    assert_eq!(class(&long), Class::Read);
    let longer = format!("MGET {}", "k ".repeat(1 << 20));
    assert_eq!(dialect(DialectId::Redis).classify(&longer).rule, "redis.limit.length");
}

#[test]
fn memcached_gets_and_tells_and_nothing_else() {
    let key = "k".repeat(250);
    for read in [
        "get a",
        "get a b c",
        "gets a",
        "version",
        "stats",
        "stats items",
        "stats slabs",
        "stats settings",
        "stats conns",
    ] {
        assert_eq!(memcached(read), Class::Read, "{read}");
        assert_eq!(memcached(&format!("# note\n {read} \n")), Class::Read, "{read}");
    }
    assert_eq!(memcached(&format!("get {key}")), Class::Read);
    let writes = [
        "set a 0 0 1",
        "add a 0 0 1",
        "replace a 0 0 1",
        "append a 0 0 1",
        "prepend a 0 0 1",
        "cas a 0 0 1 1",
        "delete a",
        "incr a 1",
        "decr a 1",
        "touch a 10",
        "gat 10 a",
        "gats 10 a",
        "flush_all",
        "flush_all 10",
        "stats reset",
        "stats detail on",
        "stats sizes",
        "stats sizes_enable",
        "stats cachedump 1 1",
        "stats items slabs",
        "verbosity 1",
        "quit",
        "shutdown",
        "cache_memlimit 64",
        "slabs reassign 1 2",
        "slabs automove 1",
        "lru tune 10 10",
        "lru_crawler enable",
        "lru_crawler metadump all",
        "watch fetchers",
        "mg a v",
        "ms a 1",
        "md a",
        "ma a",
        "mn",
        "me a",
        "GET a",
        "get",
        "gets",
        "get a\r\nflush_all",
        "get a\nflush_all",
        "get a\rflush_all",
        "get a\0",
        "get \u{7f}",
        "",
        "# nothing",
        "misbehave",
        "version 1",
        "refresh_certs",
        "extstore free_memchunks 1 1",
    ];
    for write in writes {
        assert_ne!(memcached(write), Class::Read, "{write:?}");
        assert_ne!(memcached(&format!("  {write}\t")), Class::Read, "{write:?}");
    }
    assert_ne!(memcached(&format!("get {key}k")), Class::Read);
}
