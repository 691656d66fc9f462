//! Commands that read or write by what their arguments say. Each rule reads the arguments as the
//! server does: an option's value is never taken for an option.

use super::Refusal;
use super::inline::Arg;
use crate::query::dialect::Class;

/// A rule over the arguments behind the command's name.
pub type Rule = fn(&Arg, &[Arg]) -> Result<(), Refusal>;

/// An option of a command: its word and how many values follow.
type Options = &'static [(&'static str, usize)];

/// Walks over options; `store` are those that write.
fn options(
    name: &Arg,
    args: &[Arg],
    known: Options,
    store: &[&str],
    instead: &'static str,
) -> Result<(), Refusal> {
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        if store.iter().any(|word| arg.is(word)) {
            let why = format!("{} with {} writes its result.", name.text(), arg.text().to_uppercase());
            return Err(Refusal::new(Class::Write, "redis.store", arg.span, why).instead(instead));
        }
        let Some((_, values)) = known.iter().find(|(word, _)| arg.is(word)) else {
            return Err(unknown(name, arg));
        };
        at += 1 + values;
    }
    Ok(())
}

/// Refuses fewer arguments than `least`, at the command, and more than `most`, at the first too many.
pub fn count(name: &Arg, args: &[Arg], least: usize, most: usize) -> Result<(), Refusal> {
    let span = match args.get(most) {
        Some(extra) => extra.span,
        None if args.len() < least => name.span,
        None => return Ok(()),
    };
    let takes = match (least, most) {
        (1, usize::MAX) => "one argument or more".to_owned(),
        (least, usize::MAX) => format!("{least} arguments or more"),
        (0, 0) => "no arguments".to_owned(),
        (1, 1) => "one argument".to_owned(),
        (least, most) if least == most => format!("{least} arguments"),
        (least, most) => format!("{least} to {most} arguments"),
    };
    let why = format!("{} takes {takes}.", name.text().to_uppercase());
    Err(Refusal::new(Class::Unsure, "redis.arguments", span, why))
}

/// Whether the argument at `at` is one that JSON.GET lays its text out with: these hold line breaks,
/// and no zero byte.
pub fn is_layout(args: &[Arg], at: usize) -> bool {
    let of = |at: Option<usize>| at.and_then(|at| args.get(at));
    let words = ["INDENT", "NEWLINE", "SPACE"];
    at >= 3
        && of(Some(0)).is_some_and(|name| name.is("JSON.GET"))
        && of(at.checked_sub(1)).is_some_and(|word| words.iter().any(|known| word.is(known)))
        && of(Some(at)).is_some_and(|arg| !arg.bytes.contains(&0))
}

fn unknown(name: &Arg, arg: &Arg) -> Refusal {
    let why = format!("{} is not known to take this option.", name.text().to_uppercase());
    Refusal::new(Class::Unsure, "redis.option.unknown", arg.span, why)
}

/// `SORT key … [STORE destination]`.
pub fn sort(name: &Arg, args: &[Arg]) -> Result<(), Refusal> {
    const KNOWN: Options = &[("BY", 1), ("LIMIT", 2), ("GET", 1), ("ASC", 0), ("DESC", 0), ("ALPHA", 0)];
    count(name, args, 1, usize::MAX)?;
    options(
        name,
        args.get(1..).unwrap_or_default(),
        KNOWN,
        &["STORE"],
        "SORT_RO gives the same without STORE",
    )
}

const NEAR: Options =
    &[("WITHCOORD", 0), ("WITHDIST", 0), ("WITHHASH", 0), ("COUNT", 1), ("ANY", 0), ("ASC", 0), ("DESC", 0)];

/// `GEOSEARCH key FROM… BY… …`, which knows no STORE.
pub fn geosearch(name: &Arg, args: &[Arg]) -> Result<(), Refusal> {
    const KNOWN: Options = &[
        ("FROMMEMBER", 1),
        ("FROMLONLAT", 2),
        ("BYRADIUS", 2),
        ("BYBOX", 3),
        ("WITHCOORD", 0),
        ("WITHDIST", 0),
        ("WITHHASH", 0),
        ("COUNT", 1),
        ("ANY", 0),
        ("ASC", 0),
        ("DESC", 0),
    ];
    count(name, args, 6, usize::MAX)?;
    let rest = args.get(1..).unwrap_or_default();
    options(name, rest, KNOWN, &["STORE", "STOREDIST"], "GEOSEARCH without STORE only reads")
}

/// `GEORADIUS key longitude latitude radius unit … [STORE key] [STOREDIST key]`.
pub fn georadius(name: &Arg, args: &[Arg]) -> Result<(), Refusal> {
    count(name, args, 5, usize::MAX)?;
    options(name, args.get(5..).unwrap_or_default(), NEAR, &["STORE", "STOREDIST"], "GEOSEARCH only reads")
}

/// `GEORADIUSBYMEMBER key member radius unit … [STORE key] [STOREDIST key]`.
pub fn georadius_by_member(name: &Arg, args: &[Arg]) -> Result<(), Refusal> {
    count(name, args, 4, usize::MAX)?;
    options(name, args.get(4..).unwrap_or_default(), NEAR, &["STORE", "STOREDIST"], "GEOSEARCH only reads")
}

/// `BITFIELD key [GET type offset …]`: any other operation writes.
pub fn bitfield(name: &Arg, args: &[Arg]) -> Result<(), Refusal> {
    count(name, args, 1, usize::MAX)?;
    let writes = ["SET", "INCRBY", "OVERFLOW"];
    options(name, args.get(1..).unwrap_or_default(), &[("GET", 2)], &writes, "BITFIELD_RO only reads")
}

/// `XREAD [COUNT n] STREAMS …`: with BLOCK it waits.
pub fn xread(name: &Arg, args: &[Arg]) -> Result<(), Refusal> {
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        if arg.is("STREAMS") {
            return Ok(());
        }
        if arg.is("BLOCK") {
            let why = "XREAD with BLOCK waits and holds the connection.".to_owned();
            return Err(Refusal::new(Class::Unsure, "redis.blocking", arg.span, why)
                .instead("XREAD without BLOCK answers at once"));
        }
        if !arg.is("COUNT") {
            return Err(unknown(name, arg));
        }
        at += 2;
    }
    Ok(())
}

/// `ACL LOG [count]`, `SLOWLOG GET [count]`: a word in place of the number may be `RESET`.
pub fn count_only(name: &Arg, args: &[Arg]) -> Result<(), Refusal> {
    match args {
        [] => Ok(()),
        [n] if !n.bytes.is_empty() && n.bytes.iter().all(u8::is_ascii_digit) => Ok(()),
        [n, ..] if n.is("RESET") => {
            let why = format!("{} RESET forgets what was recorded.", name.text().to_uppercase());
            Err(Refusal::new(Class::Write, "redis.reset", n.span, why))
        }
        [n, ..] => Err(unknown(name, n)),
    }
}

/// `FT.AGGREGATE …`: with a cursor, the server keeps the rest.
pub fn aggregate(_: &Arg, args: &[Arg]) -> Result<(), Refusal> {
    match args.iter().find(|a| a.is("WITHCURSOR")) {
        None => Ok(()),
        Some(cursor) => {
            let why = "A cursor keeps a result on the server.".to_owned();
            Err(Refusal::new(Class::Unsure, "redis.cursor", cursor.span, why))
        }
    }
}

/// Our own `BROWSE [pattern] [COUNT n]`.
pub fn browse(name: &Arg, args: &[Arg]) -> Result<(), Refusal> {
    match (browse_parts(args), args.last()) {
        (Some(_), _) | (None, None) => Ok(()),
        (None, Some(last)) => Err(unknown(name, last)),
    }
}

/// The pattern and the number of keys of a `BROWSE`; `None` when its arguments are others.
pub fn browse_parts(args: &[Arg]) -> Option<(Option<&Arg>, Option<u64>)> {
    let count = |word: &Arg, n: &Arg| word.is("COUNT").then(|| n.text().parse::<u64>().ok()).flatten();
    match args {
        [] => Some((None, None)),
        [pattern] => Some((Some(pattern), None)),
        [word, n] => count(word, n).map(|n| (None, Some(n))),
        [pattern, word, n] => count(word, n).map(|n| (Some(pattern), Some(n))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Redis, inline};
    use crate::query::dialect::{Class, Dialect};

    fn class(text: &str) -> Class {
        assert!(inline::command(text).is_ok());
        Redis.classify(text).class
    }

    #[test]
    fn a_value_is_no_option() {
        for read in [
            "SORT k BY store LIMIT 0 10 GET store ASC",
            "GEORADIUS store 15 37 200 km COUNT 3 ANY",
            "GEORADIUSBYMEMBER g STORE 200 km WITHDIST",
            "BITFIELD set GET u8 0 GET u8 8",
            "XREAD COUNT 2 STREAMS block 0",
            "SORT_RO k BY store ALPHA",
            "BITFIELD_RO set GET u8 0",
            "GEOSEARCH store FROMMEMBER STORE BYRADIUS 5 km ASC COUNT 3 ANY",
            "GEORADIUS_RO store 15 37 200 km",
            "ACL LOG 10",
            "BROWSE count COUNT 5",
            "BROWSE",
            "BROWSE COUNT 5",
        ] {
            assert_eq!(class(read), Class::Read, "{read}");
        }
        for write in [
            "SORT k BY x STORE d",
            "SORT k store d",
            "GEORADIUS g 15 37 200 km STORE d",
            "GEORADIUSBYMEMBER g m 200 km STOREDIST d",
            "BITFIELD k GET u8 0 SET u8 0 1",
            "BITFIELD k OVERFLOW WRAP GET u8 0",
            "GETEX k",
            "GETEX k PERSIST",
            "SORT",
            "SORT_RO k STORE d",
            "BITFIELD_RO k SET u8 0 1",
            "GEOSEARCH g FROMMEMBER m BYRADIUS 1 km STORE d",
            "GEORADIUS_RO g 15 37 200 km STORE d",
            "GEORADIUSBYMEMBER_RO g m 200 km STOREDIST d",
            "XREAD COUNT 2 BLOCK 0 STREAMS s $",
            "ACL LOG RESET",
            "ACL LOG 1 RESET",
            "BROWSE a b",
            "BROWSE a COUNT x",
        ] {
            assert_ne!(class(write), Class::Read, "{write}");
        }
    }
}
