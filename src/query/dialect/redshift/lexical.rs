//! Where Redshift's lexer, which grew from PostgreSQL 8.0's, may cut a text elsewhere than a
//! newer PostgreSQL's. The rule it keeps: a text passes only when both readings agree.

use crate::query::dialect::postgres::classify::refuse;
use crate::query::dialect::postgres::lex::{Lexeme, Token};
use crate::query::dialect::{Class, Verdict};

/// Refuses what the two readings cut differently.
///
/// # Errors
/// The refusal, with the token.
pub fn agreed(text: &str, tokens: &[Token]) -> Result<(), Verdict> {
    for token in tokens {
        let source = token.of(text);
        let objection = match token.lexeme {
            Lexeme::Comment => {
                nested(source).then_some(("redshift.comment", "a comment inside a comment may end early"))
            }
            Lexeme::UnicodeQuoted => Some(("redshift.unicode", "names with Unicode escapes are not read")),
            Lexeme::Text => string(source),
            Lexeme::Number => {
                (!plain(source)).then_some(("redshift.number", "this form of a number is not read"))
            }
            _ => None,
        };
        if let Some((rule, why)) = objection {
            return Err(refuse(Class::Unsure, rule, source, token.start, why));
        }
    }
    Ok(())
}

/// Whether a block comment holds another opening mark.
fn nested(source: &str) -> bool {
    source.strip_prefix("/*").is_some_and(|inner| inner.contains("/*"))
}

/// Digits, a point, an exponent: nothing newer.
fn plain(source: &str) -> bool {
    source.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'))
}

/// What objects to a string: Unicode escapes, or a quote that a backslash may hide.
fn string(source: &str) -> Option<(&'static str, &'static str)> {
    if source.starts_with('$') {
        return None;
    }
    if source.starts_with(['u', 'U']) {
        return Some(("redshift.unicode", "strings with Unicode escapes are not read"));
    }
    let open = source.find('\'')?;
    let body = source.get(open + 1..).unwrap_or_default().as_bytes();
    let ends = |escapes: bool| {
        let mut at = 0;
        while let Some(&byte) = body.get(at) {
            match byte {
                b'\\' if escapes => at += 2,
                b'\'' if body.get(at + 1) == Some(&b'\'') => at += 2,
                b'\'' => return Some(at + 1),
                _ => at += 1,
            }
        }
        None
    };
    let whole = Some(body.len());
    (ends(true) != whole || ends(false) != whole).then_some((
        "redshift.backslash",
        "a backslash before a quote may hide it or not: double the quote instead",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::dialect::postgres::lex::tokens;

    fn agrees(text: &str) -> bool {
        agreed(text, &tokens(text)).is_ok()
    }

    #[test]
    fn only_texts_that_both_readings_cut_alike_pass() {
        for fine in ["'it''s'", "'a\\\\_b'", "E'a\\n'", "/* a */ 1.5e+3", "'\\\\'", "$x$ ' $x$"] {
            assert!(agrees(fine), "{fine}");
        }
        for odd in ["'a\\'", "E'a\\'b'", "/* /* */ */ 1", "U&'x'", "u&\"x\"", "0x1F", "1_000", "'\\''' '"] {
            assert!(!agrees(odd), "{odd}");
        }
    }
}
