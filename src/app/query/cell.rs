//! One whole value: JSON is laid out, everything else is shown as it came.

use crate::model::{SafeText, Tag, Value};
use std::cell::Cell;

/// The most bytes of a value shown; more is said and can be exported.
pub const SHOWN: usize = 256 << 10;

/// How deep JSON is indented; deeper levels stay on one line.
const DEEPEST: usize = 64;

/// The viewer of one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellView {
    /// Column and kind.
    pub title: SafeText,
    /// Its lines, sanitised.
    pub lines: Vec<SafeText>,
    /// Bytes of the whole value.
    pub bytes: usize,
    /// First line shown; lines on the screen are counted, so that one long line scrolls too.
    pub top: usize,
    /// Characters scrolled to the right when lines are not wrapped.
    pub left: usize,
    /// Whether long lines are wrapped.
    pub wrap: bool,
    /// What the last drawing knew: lines on the screen in all, and how many fit.
    pub seen: Cell<(usize, usize)>,
}

impl CellView {
    /// Shows `value` of the column `name`.
    pub fn of(name: &str, value: Value<'_>) -> Self {
        let shown = value.raw.get(..SHOWN).unwrap_or(value.raw);
        let text = String::from_utf8_lossy(shown);
        let json =
            value.tag == Tag::Json || (value.tag == Tag::Text && text.trim_start().starts_with(['{', '[']));
        let laid = if json { lay_out(&text) } else { text.into_owned() };
        let kind = match value.tag {
            Tag::Null => "NULL",
            Tag::Absent => "absent: this row has no such attribute",
            Tag::Text => "text",
            Tag::Number => "number",
            Tag::Bool => "boolean",
            Tag::Json => "JSON",
            Tag::Bytes => "binary, as hex",
            Tag::Time => "time",
        };
        Self {
            title: SafeText::new(format!("{name}, {kind}, {} bytes", value.raw.len())),
            lines: laid.split('\n').map(|l| SafeText::new(l.strip_suffix('\r').unwrap_or(l))).collect(),
            bytes: value.raw.len(),
            top: 0,
            left: 0,
            wrap: true,
            seen: Cell::default(),
        }
    }

    /// Takes a moving command. False when it is none.
    pub fn command(&mut self, name: &str) -> bool {
        let (all, page) = self.seen.get();
        let last = all.max(self.lines.len()).saturating_sub(page.max(1));
        let page = page.max(2) - 1;
        match name {
            "row.next" => self.top += 1,
            "row.previous" => self.top = self.top.saturating_sub(1),
            "row.first" => self.top = 0,
            "row.last" => self.top = last,
            "page.down" => self.top += page,
            "page.up" => self.top = self.top.saturating_sub(page),
            "page.half-down" => self.top += page / 2,
            "page.half-up" => self.top = self.top.saturating_sub(page / 2),
            _ => return false,
        }
        self.top = self.top.min(last);
        true
    }

    /// Wraps long lines or cuts them.
    pub fn turn(&mut self) {
        self.wrap = !self.wrap;
        self.top = 0;
        self.seen.take();
    }
}

/// Lays JSON out over lines without touching a token: numbers keep their digits, keys their
/// order. Text that is not JSON comes out readable all the same.
pub fn lay_out(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut inside, mut escaped) = (0_usize, false, false);
    let mut chars = json.chars().peekable();
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth.min(DEEPEST)));
    };
    while let Some(c) = chars.next() {
        if inside {
            out.push(c);
            inside = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '"' => {
                inside = true;
                out.push(c);
            }
            '{' | '[' => {
                while chars.next_if(|c| c.is_whitespace()).is_some() {}
                out.push(c);
                if let Some(close) = chars.next_if(|c| matches!(c, '}' | ']')) {
                    out.push(close);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_every_digit() {
        let laid =
            lay_out(r#"{"b":123456789012345678901234567890.10,"a":[],"s":"x,\"{y}","n":[1,{"z":null}]}"#);
        assert_eq!(
            laid,
            "{\n  \"b\": 123456789012345678901234567890.10,\n  \"a\": [],\n  \"s\": \"x,\\\"{y}\",\n  \"n\": [\n    1,\n    {\n      \"z\": null\n    }\n  ]\n}"
        );
    }

    #[test]
    fn hostile_and_huge_values_are_shown_safely() {
        let raw = b"a\x1b[31m\nb\xff".to_vec();
        let view = CellView::of("c", Value { tag: Tag::Text, raw: &raw });
        assert_eq!(view.lines.iter().map(SafeText::as_str).collect::<Vec<_>>(), ["a␛[31m", "b\u{fffd}"]);
        let deep = "[".repeat(100_000);
        let view = CellView::of("c", Value { tag: Tag::Json, raw: deep.as_bytes() });
        assert_eq!(view.bytes, 100_000);
        let huge = vec![b'x'; 8 << 20];
        let view = CellView::of("c", Value { tag: Tag::Text, raw: &huge });
        assert_eq!((view.bytes, view.lines.first().map(|l| l.len())), (8 << 20, Some(SHOWN)));
    }
}
