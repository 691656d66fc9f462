//! Names as PostgreSQL understands them: folded to lower case unless quoted, doubled
//! quotes undone, `U&"..."` escapes decoded. The rule it keeps: a name that cannot be
//! decoded with certainty is no name.

/// A name, and whether it was written in quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// Folded or decoded.
    pub(super) text: String,
    /// True if the source quoted it, so that it cannot be a keyword.
    pub(super) quoted: bool,
    /// Byte offset of its first character.
    pub(super) at: usize,
}

/// The name that the token `source` at `at` spells; none if its escapes are not valid.
pub(super) fn name(source: &str, at: usize) -> Option<Name> {
    if let Some(inner) = source.strip_prefix('"') {
        let text = inner.strip_suffix('"')?.replace("\"\"", "\"");
        return Some(Name { text, quoted: true, at });
    }
    let unicode = source.strip_prefix("U&\"").or_else(|| source.strip_prefix("u&\""));
    if let Some(inner) = unicode {
        let text = decode(&inner.strip_suffix('"')?.replace("\"\"", "\""))?;
        return Some(Name { text, quoted: true, at });
    }
    Some(Name { text: source.to_ascii_lowercase(), quoted: false, at })
}

/// Undoes `\XXXX`, `\+XXXXXX` and `\\`. Surrogate pairs are not decoded: no known name
/// needs them.
fn decode(source: &str) -> Option<String> {
    let mut out = String::with_capacity(source.len());
    let mut rest = source.chars();
    while let Some(next) = rest.next() {
        if next != '\\' {
            out.push(next);
            continue;
        }
        let digits = match rest.clone().next()? {
            '\\' => {
                rest.next();
                out.push('\\');
                continue;
            }
            '+' => {
                rest.next();
                6
            }
            _ => 4,
        };
        let hex: String = rest.by_ref().take(digits).collect();
        if hex.len() != digits || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        out.push(char::from_u32(u32::from_str_radix(&hex, 16).ok()?)?);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fold_and_decode() {
        let text = |source| name(source, 0).map(|name| name.text);
        assert_eq!(text("NextVal").as_deref(), Some("nextval"));
        assert_eq!(text("\"Next\"\"Val\"").as_deref(), Some("Next\"Val"));
        assert_eq!(text("U&\"n\\0065xtv\\+000061l\"").as_deref(), Some("nextval"));
        assert_eq!(text("u&\"\\00\"").as_deref(), None);
        assert_eq!(text("\"open").as_deref(), None);
    }
}
