//! Commands of Redis and Valkey. The rule it keeps: a command is a read when its name, its subcommand
//! and its options are all on a list of reads; the rest is refused.

mod arguments;
pub mod inline;
mod reads;
mod refused;

pub use arguments::browse_parts;

use crate::query::dialect::{Class, Dialect, Refusal, Span, TokenKind, Verdict};
use inline::{Arg, Fault};
use reads::{Allowed, READS};

/// Longest command that is judged, in bytes.
const LONGEST: usize = 1 << 20;

/// Redis and Valkey.
pub static REDIS: Redis = Redis;

/// The dialect.
#[derive(Debug)]
pub struct Redis;

/// Commands that the server marks as writing although their form reads: the rules over their arguments
/// decide, not the mark.
pub fn reads_by_argument(name: &str) -> bool {
    let marked = ["BITFIELD", "GEORADIUS", "GEORADIUSBYMEMBER", "SORT"];
    marked.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Words offered while typing; sorted.
const WORDS: &[&str] = &[
    "BITCOUNT",
    "BROWSE",
    "CLIENT LIST",
    "CLUSTER INFO",
    "CLUSTER NODES",
    "CLUSTER SHARDS",
    "CLUSTER SLOTS",
    "COMMAND",
    "CONFIG GET",
    "COUNT",
    "DBSIZE",
    "DEL",
    "EXISTS",
    "EXPIRE",
    "GEOSEARCH",
    "GET",
    "GETRANGE",
    "HEXISTS",
    "HGET",
    "HGETALL",
    "HKEYS",
    "HLEN",
    "HMGET",
    "HSCAN",
    "HSET",
    "HVALS",
    "INCR",
    "INFO",
    "LATENCY LATEST",
    "LINDEX",
    "LLEN",
    "LPUSH",
    "LRANGE",
    "MATCH",
    "MEMORY STATS",
    "MEMORY USAGE",
    "MGET",
    "OBJECT ENCODING",
    "OBJECT IDLETIME",
    "PFCOUNT",
    "PING",
    "PTTL",
    "PUBSUB CHANNELS",
    "RANDOMKEY",
    "ROLE",
    "RPUSH",
    "SADD",
    "SCAN",
    "SCARD",
    "SET",
    "SINTER",
    "SISMEMBER",
    "SLOWLOG GET",
    "SLOWLOG LEN",
    "SMEMBERS",
    "SORT_RO",
    "SSCAN",
    "STREAMS",
    "STRLEN",
    "SUNION",
    "TIME",
    "TTL",
    "TYPE",
    "UNLINK",
    "WITHSCORES",
    "XADD",
    "XINFO GROUPS",
    "XINFO STREAM",
    "XLEN",
    "XPENDING",
    "XRANGE",
    "XREAD",
    "XREVRANGE",
    "ZADD",
    "ZCARD",
    "ZCOUNT",
    "ZRANGE",
    "ZRANGEBYSCORE",
    "ZRANK",
    "ZREVRANGE",
    "ZSCAN",
    "ZSCORE",
];

impl Dialect for Redis {
    fn split(&self, text: &str) -> Vec<Span> {
        inline::lines(text).collect()
    }

    fn classify(&self, statement: &str) -> Verdict {
        judge(statement).map_or_else(|refusal| refusal.verdict(statement), |_| Verdict::read("redis.read"))
    }

    fn highlight(&self, text: &str, out: &mut Vec<(Span, TokenKind)>) {
        let mut start = 0;
        for line in text.split('\n') {
            let lead = line.len() - line.trim_start().len();
            let span = Span { start: start + lead, end: start + lead + line.trim().len() };
            start += line.len() + 1;
            if of(text, span).starts_with('#') {
                out.push((span, TokenKind::Comment));
            } else {
                colour(text, span, out);
            }
        }
    }

    fn words(&self) -> &'static [&'static str] {
        WORDS
    }
}

/// Colours a line: the command, its subcommand, strings and numbers.
fn colour(text: &str, line: Span, out: &mut Vec<(Span, TokenKind)>) {
    let args = match inline::arguments(text, line) {
        Ok(args) => args,
        // The part that cannot be read is an open quote: it is coloured as the text it will be.
        Err((_, from)) => {
            let before = Span { start: line.start, end: from.start.max(line.start) };
            if before.end < line.end && before.start < before.end {
                colour(text, before, out);
            }
            out.push((Span { start: before.end, end: line.end }, TokenKind::Text));
            return;
        }
    };
    let container = args.first().is_some_and(is_container);
    for (at, arg) in args.iter().enumerate() {
        let number =
            !arg.bytes.is_empty() && arg.bytes.iter().all(|b| b.is_ascii_digit() || b"-+.".contains(b));
        let kind = match at {
            0 => TokenKind::Keyword,
            1 if container => TokenKind::Keyword,
            _ if arg.quoted => TokenKind::Text,
            _ if number => TokenKind::Number,
            _ => continue,
        };
        out.push((arg.span, kind));
    }
}

/// Whether a subcommand follows this name.
fn is_container(name: &Arg) -> bool {
    READS.iter().any(|(n, allowed)| name.is(n) && matches!(allowed, Allowed::Subs(..)))
}

fn of(text: &str, span: Span) -> &str {
    text.get(span.start..span.end).unwrap_or_default()
}

fn judge(statement: &str) -> Result<(), Refusal> {
    if statement.len() > LONGEST {
        let why = "The command is longer than 1 MiB, the most that is judged.".to_owned();
        return Err(Refusal::new(Class::Unsure, "redis.limit.length", Span { start: 0, end: 0 }, why));
    }
    let args = inline::command(statement).map_err(|(fault, span)| unread(fault, span))?;
    let Some((name, rest)) = args.split_first() else {
        return Err(unread(Fault::Empty, Span { start: 0, end: 0 }));
    };
    // Arguments travel with their length, so a line break in one is data; a proxy may see it otherwise.
    let breaks = |a: &Arg| a.bytes.iter().any(|b| matches!(b, b'\r' | b'\n' | 0));
    let broken = args.iter().enumerate().find(|&(at, a)| breaks(a) && !arguments::is_layout(&args, at));
    if let Some((_, arg)) = broken {
        let why = "An argument holds a line break or a zero byte.".to_owned();
        return Err(Refusal::new(Class::Unsure, "redis.argument.break", arg.span, why));
    }
    if let Some(arg) = args.iter().find(|a| !a.quoted && a.bytes.contains(&b';')) {
        let why = "A semicolon does not end a command here: it would be part of the argument.".to_owned();
        let refusal = Refusal::new(Class::Unsure, "redis.semicolon", arg.span, why);
        return Err(refusal.instead("one command on each line; quotes around what holds a semicolon"));
    }
    let found = READS.iter().find(|(n, _)| name.is(n)).map(|(_, allowed)| *allowed);
    match found {
        Some(Allowed::Args(least, most)) => arguments::count(name, rest, least, most),
        Some(Allowed::By(rule)) => rule(name, rest),
        Some(Allowed::Subs(subs, alone)) => subcommand(name, rest, subs, alone),
        None => Err(refused_by_name(name)),
    }
}

fn subcommand(
    name: &Arg,
    rest: &[Arg],
    subs: &[(&str, Option<arguments::Rule>)],
    alone: bool,
) -> Result<(), Refusal> {
    let Some((sub, args)) = rest.split_first() else {
        let why = format!("{} needs a subcommand.", name.text().to_uppercase());
        let missing = Refusal::new(Class::Unsure, "redis.subcommand.missing", name.span, why);
        return if alone { Ok(()) } else { Err(missing) };
    };
    match subs.iter().find(|(word, _)| sub.is(word)) {
        Some((_, None)) => Ok(()),
        Some((_, Some(rule))) => rule(sub, args),
        None => {
            let known = refused::SUBCOMMANDS.iter().filter(|(n, _)| name.is(n));
            let changes = known.flat_map(|(_, subs)| subs.iter()).any(|word| sub.is(word));
            let both = format!("{} {}", name.text().to_uppercase(), sub.text().to_uppercase());
            Err(if changes {
                let why = format!("{both} changes the server or its clients.");
                Refusal::new(Class::Write, "redis.subcommand", sub.span, why)
            } else {
                let why = format!("{both} is not known to be a read.");
                Refusal::new(Class::Unsure, "redis.subcommand.unknown", sub.span, why)
            })
        }
    }
}

fn refused_by_name(name: &Arg) -> Refusal {
    let reason = refused::REASONS.iter().find(|r| r.commands.iter().any(|c| name.is(c)));
    match reason {
        Some(r) => {
            Refusal { instead: r.instead, ..Refusal::new(r.class, r.rule, name.span, r.why.to_owned()) }
        }
        None if name.bytes.iter().all(u8::is_ascii_digit) => {
            let why = "A number in front repeats the command in redis-cli; dbdeck runs each once.".to_owned();
            Refusal::new(Class::Unsure, "redis.repeat", name.span, why)
        }
        None => {
            let why = "This command is not known to be a read.".to_owned();
            Refusal::new(Class::Unsure, "redis.command.unknown", name.span, why)
        }
    }
}

fn unread(fault: Fault, span: Span) -> Refusal {
    let (rule, why) = match fault {
        Fault::Unterminated => ("redis.unterminated", "A quote is not closed on its line."),
        Fault::AfterQuote => ("redis.quote", "A blank must follow a closing quote."),
        Fault::Control => ("redis.character", "This control character has no meaning outside quotes."),
        Fault::Second => ("redis.several", "One command at a time: this is a second one."),
        Fault::Empty => ("redis.empty", "There is no command here."),
    };
    Refusal::new(Class::Unsure, rule, span, why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_apart_and_do_not_contradict_each_other() {
        assert!(READS.windows(2).all(|w| w[0].0 < w[1].0), "sorted, each once");
        assert!(WORDS.windows(2).all(|w| w[0] < w[1]));
        for reason in refused::REASONS {
            for command in reason.commands {
                assert!(READS.iter().all(|(n, _)| n != command), "{command} is in both tables");
            }
        }
        for (name, subs) in refused::SUBCOMMANDS {
            let allowed = READS.iter().find(|(n, _)| n == name).map(|(_, a)| *a);
            let Some(Allowed::Subs(reads, _)) = allowed else { panic!("{name} is no container") };
            assert!(subs.iter().all(|s| reads.iter().all(|(r, _)| r != s)), "{name}");
        }
    }

    #[test]
    fn one_command_is_one_line() {
        let text = "# keys\nGET a\n\n  HGETALL b  \r\nGET \"c";
        let spans: Vec<&str> = REDIS.split(text).into_iter().map(|s| of(text, s)).collect();
        assert_eq!(spans, ["GET a", "HGETALL b", "GET \"c"]);
    }

    #[test]
    fn colours_cover_no_byte_twice() {
        for text in ["# c\nCLIENT LIST\nGET \"a b\" 12 'x", "", "\"", "SET größe 'é' 1.5", "GET \"a\"b c"]
        {
            let mut out = Vec::new();
            REDIS.highlight(text, &mut out);
            assert!(out.windows(2).all(|w| w[0].0.end <= w[1].0.start), "{text}: {out:?}");
            assert!(out.iter().all(|(s, _)| text.get(s.start..s.end).is_some()), "{text}: {out:?}");
        }
    }

    #[test]
    fn refusals_name_the_construct_and_a_way() {
        let verdict = REDIS.classify("KEYS user:*");
        assert_eq!((verdict.rule, verdict.construct.as_str(), verdict.at), ("redis.keys", "KEYS", 0));
        assert!(verdict.instead.is_some_and(|i| i.contains("SCAN")));
        let verdict = REDIS.classify("client kill ID 3");
        assert_eq!((verdict.rule, verdict.class, verdict.at), ("redis.subcommand", Class::Write, 7));
        assert_eq!(REDIS.classify("5 INCR x").rule, "redis.repeat");
        assert_eq!(REDIS.classify("GETEX a").rule, "redis.read-and-change");
        assert_eq!(REDIS.classify("FT.CONFIG SET a b").rule, "redis.subcommand");
        for (statement, at) in [("GET a;FLUSHALL", 4), ("MGET a; FLUSHALL", 5), ("GET a;", 4), ("PING;", 0)] {
            let verdict = REDIS.classify(statement);
            assert_eq!((verdict.rule, verdict.at), ("redis.semicolon", at), "{statement}");
        }
        assert_eq!(REDIS.classify("GET \"a;b\"").class, Class::Read);
        for (statement, at) in [("GET \"a\" b", 8), ("GET", 0), ("DBSIZE x", 7), ("LRANGE l 0", 0)] {
            let verdict = REDIS.classify(statement);
            assert_eq!((verdict.rule, verdict.at), ("redis.arguments", at), "{statement}");
        }
        for (statement, rule) in [
            (r#"JSON.GET k NEWLINE "\n" INDENT "\t" SPACE "\r\n" $"#, "redis.read"),
            (r#"JSON.GET k NEWLINE "\x00""#, "redis.argument.break"),
            (r#"JSON.GET "\n""#, "redis.argument.break"),
            (r#"JSON.GET NEWLINE "\n""#, "redis.argument.break"),
            (r#"GET "a\n""#, "redis.argument.break"),
        ] {
            assert_eq!(REDIS.classify(statement).rule, rule, "{statement}");
        }
        assert!(reads_by_argument("sort") && !reads_by_argument("GET") && !reads_by_argument("xread"));
        assert!(!reads_by_argument("GETEX") && !reads_by_argument("FT.AGGREGATE"));
    }
}
