//! The statement that asks for a node's neighbours. The id comes from a server and goes back into
//! a statement, so it is written as a literal that nothing can leave, or not at all.

use crate::app::query::entity::Id;
use crate::model::DialectId;
use crate::model::safe::is_hidden;
use std::fmt::Write as _;

/// The most edges asked for.
pub const NEIGHBOURS: usize = 50;
/// The longest id written into a statement, in bytes.
const LONGEST: usize = 2_048;

/// The statement that reads the edges and neighbours of the node `id`.
///
/// # Errors
/// Why there is none, for the person.
pub fn statement(dialect: DialectId, id: &Id) -> Result<String, &'static str> {
    if id.text.is_empty() || id.text.len() > LONGEST {
        return Err("its id is too long to ask for");
    }
    match dialect {
        DialectId::OpenCypher => {
            let id = literal(id)?;
            Ok(format!("MATCH (n)-[r]-(m) WHERE id(n) = {id} RETURN n, r, m LIMIT {NEIGHBOURS}"))
        }
        DialectId::Gremlin => {
            let id = literal(id)?;
            Ok(format!("g.V({id}).bothE().limit({NEIGHBOURS}).otherV().path()"))
        }
        DialectId::Sparql => {
            let iri = iri(&id.text)?;
            Ok(format!(
                "SELECT ?s ?p ?o WHERE {{ {{ {iri} ?p ?o . BIND({iri} AS ?s) }} UNION \
                 {{ ?s ?p {iri} . BIND({iri} AS ?o) }} }} LIMIT {NEIGHBOURS}"
            ))
        }
        _ => Err("this language asks for no neighbours"),
    }
}

/// An id as a literal: digits where it is a whole number, else a string.
fn literal(id: &Id) -> Result<String, &'static str> {
    let digits = id.text.strip_prefix('-').unwrap_or(&id.text);
    let whole = (1..=18).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    match id.number {
        true if whole => Ok(id.text.clone()),
        true => Err("its id is a number that is not whole"),
        false => string(&id.text),
    }
}

/// `id` between single quotes, as openCypher and TinkerPop's grammar write strings: both know
/// `\'`, `\\` and `\uXXXX`. What could not be seen is written by its number, so that the
/// statement shown is the one sent.
fn string(id: &str) -> Result<String, &'static str> {
    let mut out = String::with_capacity(id.len() + 2);
    out.push('\'');
    for c in id.chars() {
        match c {
            '\'' | '\\' => out.extend(['\\', c]),
            c if c.is_control() || is_hidden(c) || c.is_whitespace() && c != ' ' => {
                if u32::from(c) > 0xffff {
                    return Err("its id holds characters that cannot be seen");
                }
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('\'');
    Ok(out)
}

/// `id` between angle brackets. SPARQL has no way to write in an IRI what may not stand in one,
/// so an IRI that holds such a character is refused.
fn iri(id: &str) -> Result<String, &'static str> {
    if id.starts_with("_:") {
        return Err("a blank node has no name to ask for");
    }
    let banned = |c: char| {
        c <= ' '
            || matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '^' | '`' | '\\')
            || c.is_control()
            || c.is_whitespace()
            || is_hidden(c)
    };
    let scheme = id.split_once(':').map_or("", |(scheme, _)| scheme);
    let named = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    if !named || id.contains(banned) {
        return Err("its IRI holds what may not stand in one");
    }
    Ok(format!("<{id}>"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::dialect::{Class, dialect};
    use proptest::prelude::*;

    /// Reads a single-quoted literal as the two grammars do; gives back its text and what
    /// follows it.
    fn read(text: &str) -> Option<(String, &str)> {
        let mut rest = text.strip_prefix('\'')?;
        let mut out = String::new();
        loop {
            let c = rest.chars().next()?;
            rest = &rest[c.len_utf8()..];
            match c {
                '\'' => return Some((out, rest)),
                '\n' | '\r' => return None,
                '\\' => {
                    let c = rest.chars().next()?;
                    rest = &rest[c.len_utf8()..];
                    if c == 'u' {
                        let code = u32::from_str_radix(rest.get(..4)?, 16).ok()?;
                        out.push(char::from_u32(code)?);
                        rest = &rest[4..];
                    } else if matches!(c, '\'' | '\\') {
                        out.push(c);
                    } else {
                        return None;
                    }
                }
                c => out.push(c),
            }
        }
    }

    fn id() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "['\"\\\\nu0-9a-f) ]{0,12}",
            Just("x' OR true RETURN n //".to_owned()),
            Just("\\' DETACH DELETE n".to_owned()),
            Just("'); g.V().drop(); g.V('".to_owned()),
            Just("\\u0027\\".to_owned()),
            "http://e/[a-z<>{}\"\\\\ \u{202e}]{0,9}",
        ]
    }

    proptest! {
        #[test]
        fn an_id_stays_inside_its_literal(id in id()) {
            for (dialect, before, after) in [
                (DialectId::OpenCypher, "MATCH (n)-[r]-(m) WHERE id(n) = ", " RETURN n, r, m LIMIT 50"),
                (DialectId::Gremlin, "g.V(", ").bothE().limit(50).otherV().path()"),
            ] {
                let Ok(statement) = statement(dialect, &Id::text(&id)) else { continue };
                let rest = statement.strip_prefix(before).expect("the frame");
                prop_assert_eq!(read(rest), Some((id.clone(), after)));
                prop_assert!(!statement.chars().any(|c| c.is_control() || is_hidden(c)));
            }
        }

        #[test]
        fn an_iri_stays_inside_its_brackets(id in id()) {
            let Ok(statement) = statement(DialectId::Sparql, &Id::text(&id)) else { return Ok(()) };
            let place = format!("<{id}>");
            prop_assert_eq!(statement.matches(&place).count(), 4);
            prop_assert_eq!(
                statement.replace(&place, "@"),
                "SELECT ?s ?p ?o WHERE { { @ ?p ?o . BIND(@ AS ?s) } UNION { ?s ?p @ . BIND(@ AS ?o) } } LIMIT 50"
            );
            let banned = ['<', '>', '"', '{', '}', '|', '^', '`', '\\', ' '];
            prop_assert!(!id.contains(banned));
            prop_assert!(!id.chars().any(|c| c.is_control() || is_hidden(c)));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn the_grammars_find_a_read_and_nothing_else(id in id()) {
            for language in [DialectId::OpenCypher, DialectId::Gremlin, DialectId::Sparql] {
                let Ok(statement) = statement(language, &Id::text(&id)) else { continue };
                let verdict = dialect(language).classify(&statement);
                prop_assert!(verdict.class != Class::Write, "{statement}: {}", verdict.why);
                prop_assert_eq!(dialect(language).split(&statement).len(), 1);
            }
        }
    }

    #[test]
    fn the_guard_knows_every_walk() {
        for id in ["m-1", "o'neil", "a\\b", "größe", "https://kg.example/o#Model", "a b; c"] {
            for language in [DialectId::OpenCypher, DialectId::Gremlin, DialectId::Sparql] {
                let Ok(statement) = statement(language, &Id::text(id)) else { continue };
                let verdict = dialect(language).classify(&statement);
                assert_eq!(verdict.class, Class::Read, "{statement}: {}", verdict.why);
            }
        }
    }

    #[test]
    fn plain_ids_are_asked_for_and_odd_ones_refused() {
        let asked = |dialect, id: &str| statement(dialect, &Id::text(id));
        assert_eq!(
            asked(DialectId::Gremlin, "o'neil").as_deref(),
            Ok("g.V('o\\'neil').bothE().limit(50).otherV().path()")
        );
        assert!(asked(DialectId::Sparql, "https://kg.example/m/1").is_ok());
        for bad in ["_:b0", "plain", "http://a>b", "http://a b", ":x", ""] {
            assert!(asked(DialectId::Sparql, bad).is_err(), "{bad}");
        }
        assert!(asked(DialectId::OpenCypher, &"x".repeat(3_000)).is_err());
        assert!(asked(DialectId::OpenCypher, "a\u{e0041}").is_err());
        assert!(asked(DialectId::Postgres, "a").is_err());
        assert!(asked(DialectId::Gremlin, "7").is_ok_and(|s| s.starts_with("g.V('7')")));
    }

    #[test]
    fn numbers_stay_numbers() {
        let number = |text: &str| Id { text: text.to_owned(), number: true };
        let asked = |text: &str| statement(DialectId::Gremlin, &number(text));
        assert!(asked("-7").is_ok_and(|s| s.starts_with("g.V(-7)")));
        for bad in ["1.5", "1e3", "7).drop(", "-", "9999999999999999999999"] {
            assert!(asked(bad).is_err(), "{bad}");
        }
    }
}
