//! JSON read where it lies: one container's members at a time, nothing below them, nothing kept.
//! Text that ends early or is no JSON is read as far as it goes, so that the first kilobytes of
//! a huge value are worth as much as they hold.

use std::borrow::Cow;

/// What a JSON value is, by its first character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An object.
    Map,
    /// A list.
    List,
    /// A string.
    Text,
    /// A number.
    Number,
    /// `true`, `false`, `null`, or no JSON at all.
    Word,
}

/// The kind of `value`.
pub fn kind(value: &str) -> Kind {
    match value.trim_start().bytes().next() {
        Some(b'{') => Kind::Map,
        Some(b'[') => Kind::List,
        Some(b'"') => Kind::Text,
        Some(b'-' | b'0'..=b'9') => Kind::Number,
        _ => Kind::Word,
    }
}

/// One member of a map or one item of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The key with its quotes, in a map.
    pub key: Option<&'a str>,
    /// The value's text.
    pub value: &'a str,
    /// Where the value begins in the container's text, in bytes.
    pub at: usize,
    /// Whether the value ends where it should: the text may have been cut.
    pub whole: bool,
}

/// The members of a map or the items of a list; nothing for anything else.
pub fn entries(container: &str) -> Entries<'_> {
    let start = container.len() - container.trim_start().len();
    let kind = kind(container);
    let at = if matches!(kind, Kind::Map | Kind::List) { start + 1 } else { container.len() };
    Entries { text: container, at, map: kind == Kind::Map }
}

/// Steps over a container.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    text: &'a str,
    at: usize,
    map: bool,
}

impl<'a> Entries<'a> {
    fn blank(&mut self, also: &[u8]) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest.iter().take_while(|b| b.is_ascii_whitespace() || also.contains(b)).count();
    }

    /// The value that begins here, and whether it is whole.
    fn value(&mut self) -> Option<(usize, &'a str, bool)> {
        let from = self.at;
        let rest = self.text.get(from..)?;
        let (len, whole) = length(rest.as_bytes());
        let value = rest.get(..len)?;
        self.at = from + len;
        (len > 0).then_some((from, value, whole))
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        self.blank(b",");
        let mut key = None;
        if self.map {
            if self.text.as_bytes().get(self.at) != Some(&b'"') {
                return None;
            }
            key = Some(self.value()?.1);
            self.blank(b":");
        }
        let (at, value, whole) = self.value()?;
        Some(Entry { key, value, at, whole })
    }
}

/// How many bytes the value takes that `text` begins with, and whether it ends there by itself.
/// 0 when none begins here.
fn length(text: &[u8]) -> (usize, bool) {
    match text.first() {
        None | Some(b']' | b'}' | b',' | b':') => (0, false),
        Some(b'"') => quoted(text),
        Some(b'{' | b'[') => nested(text),
        Some(_) => {
            let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b',' | b']' | b'}' | b':');
            text.iter().position(ends).map_or((text.len(), false), |end| (end, true))
        }
    }
}

fn quoted(text: &[u8]) -> (usize, bool) {
    let mut escaped = false;
    for (i, b) in text.iter().enumerate().skip(1) {
        match b {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return (i + 1, true),
            _ => {}
        }
    }
    (text.len(), false)
}

/// Counts brackets without a stack: a value as deep as it is long costs one pass.
fn nested(text: &[u8]) -> (usize, bool) {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(b) = text.get(at) {
        match b {
            b'"' => {
                let (len, whole) = quoted(text.get(at..).unwrap_or_default());
                at += len;
                if !whole {
                    break;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return (at, true);
        }
    }
    (text.len(), false)
}

/// The text that a JSON string stands for; anything else as it is written. Raw: sanitise to show.
pub fn text(token: &str) -> Cow<'_, str> {
    let token = token.trim();
    let Some(inner) = token.strip_prefix('"') else { return Cow::Borrowed(token) };
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((head, tail)) = rest.split_once('\\') {
        out.push_str(head);
        let mut chars = tail.chars();
        match chars.next() {
            Some('u') => rest = unicode(chars.as_str(), &mut out),
            Some(c) => {
                out.push(match c {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    c => c,
                });
                rest = chars.as_str();
            }
            None => rest = "",
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Four hex digits, or twice four for what lies past the first plane.
fn unicode<'a>(text: &'a str, out: &mut String) -> &'a str {
    let unit = |t: &str| t.get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    let Some(first) = unit(text) else { return text };
    let rest = text.get(4..).unwrap_or_default();
    let second = rest.strip_prefix("\\u").and_then(unit);
    if let (0xd800..0xdc00, Some(low @ 0xdc00..0xe000)) = (first, second) {
        let code = 0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00);
        out.push(char::from_u32(code).unwrap_or('\u{fffd}'));
        return rest.get(6..).unwrap_or_default();
    }
    out.push(char::from_u32(first).unwrap_or('\u{fffd}'));
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(json: &str) -> Vec<(Option<String>, &str)> {
        entries(json).map(|e| (e.key.map(|k| text(k).into_owned()), e.value)).collect()
    }

    #[test]
    fn one_level_is_read_and_no_more() {
        let json = r#" { "a" : [1, {"b": "]}"}], "c\"d":"x", "e": -1.50 , "f":null} "#;
        let expected = [
            (Some("a".to_owned()), r#"[1, {"b": "]}"}]"#),
            (Some("c\"d".to_owned()), "\"x\""),
            (Some("e".to_owned()), "-1.50"),
            (Some("f".to_owned()), "null"),
        ];
        assert_eq!(read(json), expected);
        assert_eq!(read("[[],{} ,true]"), [(None, "[]"), (None, "{}"), (None, "true")]);
        assert_eq!(read("7"), []);
        for entry in entries(json) {
            assert_eq!(json.get(entry.at..entry.at + entry.value.len()), Some(entry.value));
        }
    }

    #[test]
    fn what_was_cut_is_read_as_far_as_it_goes() {
        let cut = r#"{"~id":"m-1","~labels":["model","da"#;
        let found: Vec<_> = entries(cut).map(|e| (e.value, e.whole)).collect();
        assert_eq!(found, [("\"m-1\"", true), ("[\"model\",\"da", false)]);
        assert_eq!(entries(&"[".repeat(1 << 20)).count(), 1);
    }

    #[test]
    fn strings_are_unescaped() {
        assert_eq!(text(r#""a\"\\\n\u00e9\ud83d\ude00\/""#), "a\"\\\né😀/");
        assert_eq!(text(r#""\ud83d \u12"#), "\u{fffd} 12");
        assert_eq!(text("1.0"), "1.0");
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(json in "[\\[\\]{}\",:\\\\u0-9a-f é]{0,60}") {
            for entry in entries(&json).take(100) {
                prop_assert!(!entry.value.is_empty());
                let _ = (text(entry.value), kind(entry.value), entries(entry.value).count());
            }
        }
    }
}
