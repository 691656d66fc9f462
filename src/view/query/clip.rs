//! Text cut to a width in cells. What comes from a row is cut by bytes first, so that a value
//! of a hundred megabytes costs no more than what is seen of it.

use crate::app::query::entity::{HEAD, holds_entity, short};
use crate::config::Role;
use crate::model::{SafeText, Tag, Value};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Bytes read of a value for each cell of width: a character takes at most four, and one that
/// is shown by its number takes more cells than bytes.
const BYTES_PER_CELL: usize = 4;

/// The sign for text that was cut.
pub const fn cut_sign(ascii: bool) -> &'static str {
    if ascii { "~" } else { "…" }
}

/// `text`, at most `width` cells wide; the cut is shown.
pub fn clip(text: &str, width: usize, ascii: bool) -> String {
    if text.len() <= width || text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let w = grapheme.width();
        if used + w + 1 > width {
            break;
        }
        out.push_str(grapheme);
        used += w;
    }
    if width > 0 {
        out.push_str(cut_sign(ascii));
    }
    out
}

/// `text` with the sign for a cut in ASCII, where that is wanted.
pub fn signs(text: String, ascii: bool) -> String {
    if ascii && text.contains('…') { text.replace('…', cut_sign(true)) } else { text }
}

/// A value as one line of at most `width` cells, and the role it is drawn in. NULL, absent and
/// empty differ from each other and from text.
pub fn value(value: Value<'_>, width: usize, ascii: bool) -> (String, Role) {
    let role = match value.tag {
        Tag::Null => return (clip("NULL", width, ascii), Role::Null),
        Tag::Absent => return ((if ascii { "." } else { "·" }).into(), Role::Null),
        _ if value.raw.is_empty() => return (clip("''", width, ascii), Role::Null),
        Tag::Number => Role::Number,
        _ => Role::Text,
    };
    if value.tag == Tag::Json {
        let head = value.raw.get(..HEAD).unwrap_or(value.raw);
        let head = String::from_utf8_lossy(head);
        if holds_entity(&head) {
            return (signs(clip(&short(&head), width, ascii), ascii), role);
        }
    }
    let limit = (width + 1) * BYTES_PER_CELL;
    let Some(head) = value.raw.get(..limit) else {
        return (clip(&safe(value.raw, false), width, ascii), role);
    };
    let text = safe(head, true);
    if text.width() > width {
        return (clip(&text, width, ascii), role);
    }
    // Marks and wide bytes made it shorter than it is: still show that there is more.
    let mut text = clip(&text, width.saturating_sub(1), ascii);
    if !text.ends_with(cut_sign(ascii)) {
        text.push_str(cut_sign(ascii));
    }
    (text, role)
}

fn safe(raw: &[u8], cut: bool) -> String {
    let whole = match std::str::from_utf8(raw) {
        Ok(text) => return SafeText::new(text).to_string(),
        // The cut may go through a character: its half is not the server's mistake.
        Err(e) if cut && e.error_len().is_none() => raw.get(..e.valid_up_to()).unwrap_or_default(),
        Err(_) => raw,
    };
    SafeText::from_bytes(whole).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_by_cells() {
        assert_eq!(clip("abcdef", 4, false), "abc…");
        assert_eq!(clip("数据库", 4, false), "数…");
        assert_eq!(clip("abc", 3, true), "abc");
        assert_eq!(clip("abc", 0, true), "");
    }

    #[test]
    fn null_absent_and_empty_differ() {
        let v = |tag, raw: &'static [u8]| value(Value { tag, raw }, 10, false).0;
        assert_eq!(
            [v(Tag::Null, b""), v(Tag::Absent, b""), v(Tag::Text, b""), v(Tag::Text, b"NULL")],
            ["NULL", "·", "''", "NULL"]
        );
        assert_ne!(
            value(Value { tag: Tag::Null, raw: b"" }, 9, false).1,
            value(Value { tag: Tag::Text, raw: b"NULL" }, 9, false).1
        );
    }

    #[test]
    fn hostile_values_stay_small_and_safe() {
        let huge = "\u{202e}\u{1b}[2J数".repeat(1 << 20);
        let (text, _) = value(Value { tag: Tag::Text, raw: huge.as_bytes() }, 20, false);
        assert!(text.width() <= 20 && !text.contains(['\u{1b}', '\u{202e}']), "{text}");
        let marks = format!("e{}x", "\u{301}".repeat(10_000));
        let (text, _) = value(Value { tag: Tag::Text, raw: marks.as_bytes() }, 20, false);
        assert!(text.ends_with('…') && text.width() <= 20);
        assert_eq!(value(Value { tag: Tag::Text, raw: b"\xff\x00" }, 20, false).0, "\u{fffd}␀");
    }
}
