//! Rows into files: CSV that no spreadsheet takes for formulas, TSV, JSON, JSON lines,
//! Markdown, SQL and plain tables. Rows stream through; only one is held at a time.

use super::store::RowReader;
use crate::model::safe::is_hidden;
use crate::model::{DialectId, SafeText, Tag, Value};
use serde::de::IgnoredAny;
use std::io::{self, Write};
use std::ops::Range;
use unicode_width::UnicodeWidthStr;

/// Rows that decide how wide the columns of a plain table are.
const MEASURED: u64 = 1_000;
/// Past this width a column of a plain table is not padded, so that one long value does not
/// move all others off the screen.
const WIDEST: usize = 60;

/// Every row there is now.
pub fn all(reader: &RowReader) -> Range<u64> {
    0..reader.rows()
}

/// Writes rows with a head line, separated by `separator` (`,` or tab), quoted as RFC 4180
/// has it. A value that a spreadsheet would run as a formula gets a `'` in front, unless `raw`.
/// NULL and absent values are empty.
///
/// # Errors
/// When `out` cannot take it.
pub fn write_csv(
    reader: &RowReader,
    rows: impl IntoIterator<Item = u64>,
    separator: u8,
    raw: bool,
    out: impl Write,
) -> io::Result<()> {
    let columns = reader.columns();
    let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(out);
    let mut record = csv::ByteRecord::new();
    for column in columns.iter() {
        push_field(&mut record, Tag::Text, column.name.as_bytes(), raw);
    }
    writer.write_byte_record(&record).map_err(plain)?;
    for row in rows {
        record.clear();
        reader.row(row, |_, value| push_field(&mut record, value.tag, value.raw, raw));
        while record.len() < columns.len() {
            record.push_field(b"");
        }
        writer.write_byte_record(&record).map_err(plain)?;
    }
    writer.flush()
}

/// The error of the output itself: who reads it may have gone, which is no mistake.
fn plain(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn push_field(record: &mut csv::ByteRecord, tag: Tag, value: &[u8], raw: bool) {
    match tag {
        Tag::Null | Tag::Absent => record.push_field(b""),
        _ if !raw && is_formula(tag, value) => {
            let mut guarded = Vec::with_capacity(value.len() + 1);
            guarded.push(b'\'');
            guarded.extend_from_slice(value);
            record.push_field(&guarded);
        }
        _ => record.push_field(value),
    }
}

/// Whether a spreadsheet may run the value. Numbers stay numbers, the negative ones too.
fn is_formula(tag: Tag, value: &[u8]) -> bool {
    let number = tag == Tag::Number
        || (value.len() < 400
            && std::str::from_utf8(value).is_ok_and(|t| t.parse::<f64>().is_ok_and(f64::is_finite)));
    let starts = |prefix: &str| value.starts_with(prefix.as_bytes());
    !number && ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"].into_iter().any(starts)
}

/// Writes one JSON array of objects.
///
/// # Errors
/// When `out` cannot take it.
pub fn write_json(
    reader: &RowReader,
    rows: impl IntoIterator<Item = u64>,
    mut out: impl Write,
) -> io::Result<()> {
    let names = keys(reader);
    out.write_all(b"[")?;
    let mut first = true;
    for row in rows {
        out.write_all(if first { b"\n  " } else { b",\n  " })?;
        first = false;
        write_object(reader, row, &names, &mut out)?;
    }
    out.write_all(if first { b"]\n" } else { b"\n]\n" })
}

/// Writes one JSON object a line.
///
/// # Errors
/// When `out` cannot take it.
pub fn write_jsonl(reader: &RowReader, rows: Range<u64>, mut out: impl Write) -> io::Result<()> {
    let names = keys(reader);
    for row in rows {
        write_object(reader, row, &names, &mut out)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Column names as JSON keys: encoded, and unique, since a second `id` would hide the first.
fn keys(reader: &RowReader) -> Vec<String> {
    let mut seen = std::collections::HashMap::<String, usize>::new();
    // Names are sanitised: nothing in them needs hiding.
    let encode = |name: &str| serde_json::to_string(name).unwrap_or_else(|_| "\"?\"".into());
    reader
        .columns()
        .iter()
        .map(|column| {
            let n = seen.entry(column.name.to_string()).or_insert(0);
            *n += 1;
            if *n == 1 { encode(&column.name) } else { encode(&format!("{}_{n}", column.name)) }
        })
        .collect()
}

/// One row as an object; attributes that the row does not have are left out.
fn write_object(reader: &RowReader, row: u64, names: &[String], out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"{")?;
    let (mut first, mut result) = (true, Ok(()));
    reader.row(row, |column, value| {
        if result.is_ok()
            && value.tag != Tag::Absent
            && let Some(name) = names.get(column)
        {
            let comma = if std::mem::take(&mut first) { "" } else { "," };
            result = write!(out, "{comma}{name}:").and_then(|()| write_value(value, out));
        }
    });
    result?;
    out.write_all(b"}")
}

fn write_value(value: Value<'_>, out: &mut impl Write) -> io::Result<()> {
    let is_json = || serde_json::from_slice::<IgnoredAny>(value.raw).is_ok();
    match value.tag {
        Tag::Null | Tag::Absent => out.write_all(b"null"),
        // NaN, Infinity and numbers in a server's own notation are not JSON numbers.
        Tag::Number | Tag::Bool | Tag::Json if is_json() => {
            write_visible(&String::from_utf8_lossy(value.raw), out)
        }
        _ => write_visible(&serde_json::to_string(&String::from_utf8_lossy(value.raw))?, out),
    }
}

/// Writes JSON text with what a terminal would act on, or not show, in its escaped form: the
/// same JSON, harmless to look at.
fn write_visible(json: &str, out: &mut impl Write) -> io::Result<()> {
    if json.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return out.write_all(json.as_bytes());
    }
    for c in json.chars() {
        match c {
            // Bare controls stand only between the tokens of valid JSON: they are blanks.
            '\0'..='\u{1f}' => out.write_all(b" ")?,
            c if c == '\u{7f}' || is_hidden(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            }
            c => write!(out, "{c}")?,
        }
    }
    Ok(())
}

/// Writes a Markdown table. Values are one line each.
///
/// # Errors
/// When `out` cannot take it.
pub fn write_markdown(
    reader: &RowReader,
    rows: impl IntoIterator<Item = u64>,
    mut out: impl Write,
) -> io::Result<()> {
    let columns = reader.columns();
    let mut line = String::from("|");
    let mut rule = String::from("|");
    for column in columns.iter() {
        line.push_str(&format!(" {} |", markdown(column.name.as_bytes())));
        rule.push_str(if column.tag == Tag::Number { " ---: |" } else { " --- |" });
    }
    writeln!(out, "{line}\n{rule}")?;
    for row in rows {
        line.clear();
        line.push('|');
        let mut n = 0;
        reader.row(row, |_, value| {
            n += 1;
            let text = match value.tag {
                Tag::Null => "NULL".to_owned(),
                Tag::Absent => String::new(),
                _ => markdown(value.raw),
            };
            line.push_str(&format!(" {text} |"));
        });
        (n..columns.len()).for_each(|_| line.push_str("  |"));
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn markdown(raw: &[u8]) -> String {
    String::from_utf8_lossy(raw)
        .replace('\\', "\\\\")
        .replace('|', "\\|")
        .replace("\r\n", "<br>")
        .replace(['\n', '\r'], "<br>")
        .replace('<', "&lt;")
        .replace("&lt;br>", "<br>")
}

/// Writes one `INSERT` a row into `table`, in the words of `dialect`.
///
/// # Errors
/// When `out` cannot take it.
pub fn write_insert(
    reader: &RowReader,
    rows: Range<u64>,
    table: &str,
    dialect: DialectId,
    mut out: impl Write,
) -> io::Result<()> {
    if dialect == DialectId::PartiQl {
        return write_partiql(reader, rows, table, out);
    }
    let mysql = matches!(dialect, DialectId::MySql | DialectId::AuroraMySql | DialectId::MariaDb);
    let quote = |name: &str| {
        let q = if mysql { "`" } else { "\"" };
        format!("{q}{}{q}", name.replace(q, &q.repeat(2)))
    };
    let columns = reader.columns();
    for row in rows {
        let (mut names, mut values) = (Vec::new(), Vec::new());
        reader.row(row, |i, value| {
            if value.tag != Tag::Absent
                && let Some(column) = columns.get(i)
            {
                names.push(quote(&column.name));
                values.push(literal(value, mysql));
            }
        });
        writeln!(out, "INSERT INTO {} ({}) VALUES ({});", quote(table), names.join(", "), values.join(", "))?;
    }
    Ok(())
}

/// Writes one PartiQL `INSERT` a row: DynamoDB takes one item at a time, as a tuple. Binary
/// values have no literal there; a comment says which were left out.
fn write_partiql(reader: &RowReader, rows: Range<u64>, table: &str, mut out: impl Write) -> io::Result<()> {
    let columns = reader.columns();
    for row in rows {
        let (mut pairs, mut left_out) = (Vec::new(), Vec::new());
        reader.row(row, |i, value| {
            let Some(column) = columns.get(i) else { return };
            let name = partiql_text(&column.name);
            let text = || partiql_text(&String::from_utf8_lossy(value.raw));
            match value.tag {
                Tag::Absent => {}
                Tag::Bytes => left_out.push(column.name.to_string()),
                Tag::Json => {
                    let set = matches!(column.type_name.as_str(), "SS" | "NS");
                    let json = partiql_json(value.raw, set).unwrap_or_else(text);
                    pairs.push(format!("{name}: {json}"));
                }
                _ => pairs.push(format!("{name}: {}", literal(value, false))),
            }
        });
        if !left_out.is_empty() {
            writeln!(out, "-- without the binary values of {}", left_out.join(", "))?;
        }
        writeln!(out, "INSERT INTO \"{}\" VALUE {{{}}};", table.replace('"', "\"\""), pairs.join(", "))?;
    }
    Ok(())
}

fn partiql_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// JSON as a PartiQL literal: strings in single quotes, every other token as it is, so that
/// numbers keep their digits. A set is a list in other brackets. `None` when it is no JSON.
fn partiql_json(json: &[u8], set: bool) -> Option<String> {
    serde_json::from_slice::<IgnoredAny>(json).ok()?;
    let json = std::str::from_utf8(json).ok()?.trim();
    let mut rest = match json.strip_prefix('[').and_then(|j| j.strip_suffix(']')) {
        Some(inner) if set => inner,
        _ => json,
    };
    let is_set = rest.len() < json.len();
    let mut out = String::from(if is_set { "<<" } else { "" });
    while let Some(at) = rest.find('"') {
        let (before, from) = rest.split_at_checked(at)?;
        out.push_str(before);
        // The first string of the rest, however it is escaped.
        let mut strings = serde_json::Deserializer::from_str(from).into_iter::<String>();
        out.push_str(&partiql_text(&strings.next()?.ok()?));
        rest = from.get(strings.byte_offset()..)?;
    }
    out.push_str(rest);
    out.push_str(if is_set { ">>" } else { "" });
    Some(out)
}

/// A value as an SQL literal. Whatever is not surely a number, a boolean or NULL is a string.
fn literal(value: Value<'_>, mysql: bool) -> String {
    let text = String::from_utf8_lossy(value.raw);
    let plain = || text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'));
    match value.tag {
        Tag::Null | Tag::Absent => "NULL".into(),
        Tag::Number if !text.is_empty() && plain() => text.into_owned(),
        Tag::Bool if matches!(text.as_ref(), "true" | "false") => text.to_uppercase(),
        Tag::Bytes if mysql => format!("X'{}'", text.replace('\'', "")),
        Tag::Bytes => format!("'\\x{}'", text.replace('\'', "")),
        _ if mysql => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''")),
        _ => format!("'{}'", text.replace('\'', "''")),
    }
}

/// Writes a plain table for a terminal or a pipe: sanitised, whole values, numbers right.
///
/// # Errors
/// When `out` cannot take it.
pub fn write_table(reader: &RowReader, rows: Range<u64>, mut out: impl Write) -> io::Result<()> {
    let columns = reader.columns();
    let mut widths: Vec<usize> = columns.iter().map(|c| c.name.width().min(WIDEST)).collect();
    for row in rows.clone().take(usize::try_from(MEASURED).unwrap_or(usize::MAX)) {
        reader.row(row, |i, value| {
            if let Some(width) = widths.get_mut(i) {
                *width = (*width).max(printed(value).width()).min(WIDEST);
            }
        });
    }
    let heads: Vec<_> = columns.iter().map(|c| (c.name.to_string(), c.tag == Tag::Number)).collect();
    writeln!(out, "{}", line(&heads, &widths))?;
    let rule: Vec<_> = widths.iter().map(|w| "-".repeat(*w)).collect();
    writeln!(out, "{}", rule.join("  "))?;
    for row in rows {
        let mut cells = Vec::with_capacity(columns.len());
        reader.row(row, |_, value| cells.push((printed(value), value.tag == Tag::Number)));
        writeln!(out, "{}", line(&cells, &widths))?;
    }
    Ok(())
}

/// One line of a plain table: the last cell is not padded.
fn line(cells: &[(String, bool)], widths: &[usize]) -> String {
    let mut out = String::new();
    for (i, ((text, right), width)) in cells.iter().zip(widths).enumerate() {
        let pad = width.saturating_sub(text.width());
        if i > 0 {
            out.push_str("  ");
        }
        if *right {
            out.extend(std::iter::repeat_n(' ', pad));
        }
        out.push_str(text);
        if !right && i + 1 < cells.len() {
            out.extend(std::iter::repeat_n(' ', pad));
        }
    }
    out
}

fn printed(value: Value<'_>) -> String {
    match value.tag {
        Tag::Null => "NULL".into(),
        Tag::Absent => String::new(),
        _ => SafeText::from_bytes(value.raw).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Column;
    use crate::query::store::store;

    #[test]
    fn items_become_partiql_with_every_digit_and_the_right_brackets() {
        assert_eq!(
            partiql_json(br#"{"a":[1.10,"it's \"x\"",null],"b":true}"#, false).as_deref(),
            Some(r#"{'a':[1.10,'it''s "x"',null],'b':true}"#)
        );
        assert_eq!(partiql_json(br#"["x","]"]"#, true).as_deref(), Some("<<'x',']'>>"));
        assert_eq!(partiql_json(b"not json", false), None);
        let all = reader(
            &[
                ("id", Tag::Text),
                ("n", Tag::Number),
                ("raw", Tag::Bytes),
                ("gone", Tag::Text),
                ("none", Tag::Null),
            ],
            &[&[
                (Tag::Text, b"a'b"),
                (Tag::Number, b"1.50"),
                (Tag::Bytes, b"ff"),
                (Tag::Absent, b""),
                (Tag::Null, b""),
            ]],
        );
        let mut out = Vec::new();
        write_insert(&all, 0..1, "my \"t\"", DialectId::PartiQl, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "-- without the binary values of raw\nINSERT INTO \"my \"\"t\"\"\" VALUE {'id': 'a''b', 'n': 1.50, 'none': NULL};\n"
        );
    }

    fn reader(columns: &[(&str, Tag)], rows: &[&[(Tag, &[u8])]]) -> RowReader {
        let (mut writer, reader) = store(1 << 20);
        let columns: Vec<Column> = columns
            .iter()
            .map(|(name, tag)| Column { name: (*name).into(), type_name: "".into(), tag: *tag })
            .collect();
        writer.set_columns(&columns);
        for row in rows {
            for (tag, raw) in *row {
                writer.value(*tag, raw);
            }
            writer.end_row().unwrap();
        }
        writer.publish();
        reader
    }

    fn text(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_spreadsheet_runs_nothing() {
        let rows: &[&[(Tag, &[u8])]] = &[
            &[(Tag::Text, b"=1+1"), (Tag::Number, b"-5")],
            &[(Tag::Text, b"@x"), (Tag::Text, b"-7.5")],
            &[(Tag::Text, "\u{ff1d}x".as_bytes()), (Tag::Null, b"")],
            &[(Tag::Text, b"\tx"), (Tag::Text, b"-cmd")],
            &[(Tag::Text, b"a,\"b\"\nc")],
        ];
        let reader = reader(&[("a", Tag::Text), ("=b", Tag::Number)], rows);
        let csv = text(|out| write_csv(&reader, all(&reader), b',', false, out));
        assert_eq!(csv, "a,'=b\n'=1+1,-5\n'@x,-7.5\n'＝x,\n'\tx,'-cmd\n\"a,\"\"b\"\"\nc\",\n");
    }

    #[test]
    fn raw_csv_comes_back_exactly() {
        let values: Vec<&[u8]> = vec![b"=1", b"", b"\xff\xfe", b"a\0b", b"\"", b"x\r\ny", b" z "];
        let row: Vec<_> = values.iter().map(|v| (Tag::Text, *v)).collect();
        let names: Vec<_> = (0..values.len()).map(|_| ("c", Tag::Text)).collect();
        let reader = reader(&names, &[&row]);
        let mut out = Vec::new();
        write_csv(&reader, all(&reader), b',', true, &mut out).unwrap();
        let mut back = csv::Reader::from_reader(out.as_slice());
        let record = back.byte_records().next().unwrap().unwrap();
        assert_eq!(record.iter().collect::<Vec<_>>(), values);
    }

    #[test]
    fn json_keeps_digits_and_tells_null_from_absent() {
        let rows: &[&[(Tag, &[u8])]] = &[
            &[(Tag::Number, b"12345678901234567890.10"), (Tag::Null, b""), (Tag::Json, b"{\"a\":[1]}")],
            &[(Tag::Number, b"NaN"), (Tag::Absent, b""), (Tag::Json, b"{broken")],
        ];
        let reader = reader(&[("n", Tag::Number), ("x", Tag::Text), ("x", Tag::Json)], rows);
        let json = text(|out| write_jsonl(&reader, all(&reader), out));
        assert_eq!(
            json,
            "{\"n\":12345678901234567890.10,\"x\":null,\"x_2\":{\"a\":[1]}}\n{\"n\":\"NaN\",\"x_2\":\"{broken\"}\n"
        );
        let array = text(|out| write_json(&reader, all(&reader), out));
        let parsed: serde_json::Value = serde_json::from_str(&array).unwrap();
        assert_eq!(parsed.as_array().map(Vec::len), Some(2));
        assert_eq!(text(|out| write_json(&reader, 0..0, out)), "[]\n");
    }

    #[test]
    fn insert_quotes_for_its_dialect() {
        let rows: &[&[(Tag, &[u8])]] =
            &[&[(Tag::Text, b"it's \\"), (Tag::Number, b"1e5"), (Tag::Bytes, b"00ff"), (Tag::Absent, b"")]];
        let columns = [("a\"b", Tag::Text), ("n", Tag::Number), ("x", Tag::Bytes), ("z", Tag::Text)];
        let reader = reader(&columns, rows);
        let write = |d| text(|out| write_insert(&reader, 0..1, "t", d, out));
        assert_eq!(
            write(DialectId::Postgres),
            "INSERT INTO \"t\" (\"a\"\"b\", \"n\", \"x\") VALUES ('it''s \\', 1e5, '\\x00ff');\n"
        );
        assert_eq!(
            write(DialectId::MySql),
            "INSERT INTO `t` (`a\"b`, `n`, `x`) VALUES ('it''s \\\\', 1e5, X'00ff');\n"
        );
    }

    #[test]
    fn a_table_is_aligned_and_safe() {
        let rows: &[&[(Tag, &[u8])]] =
            &[&[(Tag::Text, b"a\x1b[2J"), (Tag::Number, b"7")], &[(Tag::Null, b""), (Tag::Number, b"1234")]];
        let reader = reader(&[("name", Tag::Text), ("n", Tag::Number)], rows);
        let table = text(|out| write_table(&reader, all(&reader), out));
        assert_eq!(table, "name      n\n-----  ----\na␛[2J     7\nNULL   1234\n");
        let md = text(|out| write_markdown(&reader, 1..2, out));
        assert_eq!(md, "| name | n |\n| --- | ---: |\n| NULL | 1234 |\n");
    }
}
