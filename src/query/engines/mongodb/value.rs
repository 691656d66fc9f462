//! Values of BSON into cells and into JSON, and values of a statement into BSON.
//!
//! Cells have the digits that the server sent. Lists and documents become extended JSON, version
//! 2, in its relaxed form, keys in their order: what JSON has no word for keeps its type.

use crate::model::{Failure, FailureKind, Tag};
use crate::query::dialect::mongodb::tree::{self, Value, base64, double, hex};
use ::mongodb::bson::raw::CString;
use ::mongodb::bson::spec::BinarySubtype;
use ::mongodb::bson::{Binary, Bson, DateTime, Document, Regex, Timestamp, oid::ObjectId};
use std::borrow::Cow;
use std::fmt::Write;

/// The last moment of the year 9999 in ms, after which the relaxed form has no date.
const LAST_DATE: i64 = 253_402_300_799_999;

/// The first moment of the year 0 in ms, before which ISO 8601 needs a sign.
const FIRST_DATE: i64 = -62_167_219_200_000;

/// A value as a cell: the server's word for its type, what it is, its text.
pub fn cell(value: &Bson) -> (&'static str, Tag, Cow<'_, str>) {
    let owned = |kind, tag, text: String| (kind, tag, Cow::Owned(text));
    match value {
        Bson::Null => ("null", Tag::Null, Cow::Borrowed("")),
        Bson::Undefined => ("undefined", Tag::Null, Cow::Borrowed("")),
        Bson::String(text) => ("string", Tag::Text, Cow::Borrowed(text)),
        Bson::Boolean(b) => ("bool", Tag::Bool, Cow::Borrowed(if *b { "true" } else { "false" })),
        Bson::Int32(n) => owned("int", Tag::Number, n.to_string()),
        Bson::Int64(n) => owned("long", Tag::Number, n.to_string()),
        Bson::Double(n) => owned("double", Tag::Number, double(*n)),
        Bson::Decimal128(n) => owned("decimal", Tag::Number, n.to_string()),
        Bson::ObjectId(id) => owned("objectId", Tag::Text, id.to_hex()),
        Bson::DateTime(at) => owned("date", Tag::Time, date(*at)),
        Bson::Binary(Binary { subtype: BinarySubtype::Uuid, bytes }) if bytes.len() == 16 => {
            owned("uuid", Tag::Text, uuid(bytes))
        }
        Bson::Binary(of) => owned("binData", Tag::Bytes, hex(&of.bytes)),
        Bson::Array(_) => owned("array", Tag::Json, json(value)),
        Bson::Document(_) => owned("object", Tag::Json, json(value)),
        Bson::RegularExpression(_) => owned("regex", Tag::Json, json(value)),
        Bson::Timestamp(_) => owned("timestamp", Tag::Json, json(value)),
        Bson::MinKey => owned("minKey", Tag::Json, json(value)),
        Bson::MaxKey => owned("maxKey", Tag::Json, json(value)),
        Bson::Symbol(text) => ("symbol", Tag::Text, Cow::Borrowed(text)),
        Bson::JavaScriptCode(text) => ("javascript", Tag::Text, Cow::Borrowed(text)),
        Bson::JavaScriptCodeWithScope(_) | Bson::DbPointer(_) => owned("other", Tag::Json, json(value)),
    }
}

/// A date in ISO 8601; one that no calendar reaches, in milliseconds.
fn date(at: DateTime) -> String {
    let ms = at.timestamp_millis();
    // Outside these years the driver writes the nearest date that it has.
    let written = (FIRST_DATE..=LAST_DATE).contains(&ms).then(|| at.try_to_rfc3339_string().ok());
    written.flatten().unwrap_or_else(|| ms.to_string())
}

fn uuid(bytes: &[u8]) -> String {
    let hex = hex(bytes);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

/// A value in relaxed extended JSON.
pub fn json(value: &Bson) -> String {
    let mut out = String::new();
    push(&mut out, value);
    out
}

fn push_text(out: &mut String, text: &str) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

fn push_document(out: &mut String, document: &Document) {
    out.push('{');
    for (n, (key, value)) in document.iter().enumerate() {
        out.push_str(if n > 0 { "," } else { "" });
        push_text(out, key);
        out.push(':');
        push(out, value);
    }
    out.push('}');
}

fn push(out: &mut String, value: &Bson) {
    let wrapped = |out: &mut String, key: &str, text: &str| {
        let _ = write!(out, "{{\"{key}\":");
        push_text(out, text);
        out.push('}');
    };
    match value {
        Bson::Null => out.push_str("null"),
        Bson::Boolean(b) => out.push_str(if *b { "true" } else { "false" }),
        Bson::Int32(n) => {
            let _ = write!(out, "{n}");
        }
        Bson::Int64(n) => {
            let _ = write!(out, "{n}");
        }
        Bson::Double(n) if n.is_finite() => out.push_str(&double(*n)),
        Bson::Double(n) => wrapped(out, "$numberDouble", &double(*n)),
        Bson::Decimal128(n) => wrapped(out, "$numberDecimal", &n.to_string()),
        Bson::String(text) => push_text(out, text),
        Bson::Array(all) => {
            out.push('[');
            for (n, value) in all.iter().enumerate() {
                out.push_str(if n > 0 { "," } else { "" });
                push(out, value);
            }
            out.push(']');
        }
        Bson::Document(document) => push_document(out, document),
        Bson::ObjectId(id) => wrapped(out, "$oid", &id.to_hex()),
        Bson::DateTime(at) if (0..=LAST_DATE).contains(&at.timestamp_millis()) => {
            wrapped(out, "$date", &date(*at));
        }
        Bson::DateTime(at) => {
            let _ = write!(out, "{{\"$date\":{{\"$numberLong\":\"{}\"}}}}", at.timestamp_millis());
        }
        Bson::Binary(of) => {
            let (data, subtype) = (base64(&of.bytes), u8::from(of.subtype));
            let _ = write!(out, "{{\"$binary\":{{\"base64\":\"{data}\",\"subType\":\"{subtype:02x}\"}}}}");
        }
        Bson::RegularExpression(of) => {
            out.push_str("{\"$regularExpression\":{\"pattern\":");
            push_text(out, of.pattern.as_str());
            out.push_str(",\"options\":");
            push_text(out, of.options.as_str());
            out.push_str("}}");
        }
        Bson::Timestamp(at) => {
            let _ = write!(out, "{{\"$timestamp\":{{\"t\":{},\"i\":{}}}}}", at.time, at.increment);
        }
        Bson::MinKey => out.push_str("{\"$minKey\":1}"),
        Bson::MaxKey => out.push_str("{\"$maxKey\":1}"),
        Bson::Undefined => out.push_str("{\"$undefined\":true}"),
        Bson::Symbol(text) => wrapped(out, "$symbol", text),
        Bson::JavaScriptCode(text) => wrapped(out, "$code", text),
        Bson::JavaScriptCodeWithScope(of) => {
            out.push_str("{\"$code\":");
            push_text(out, &of.code);
            out.push_str(",\"$scope\":");
            push_document(out, &of.scope);
            out.push('}');
        }
        // Deprecated for longer than DocumentDB exists.
        Bson::DbPointer(_) => out.push_str("{\"$dbPointer\":{}}"),
    }
}

/// A document of a statement as it will be sent.
///
/// # Errors
/// A decimal number that has more digits than its type.
pub fn document(of: &tree::Document) -> Result<Document, Failure> {
    let mut out = Document::new();
    for entry in &of.0 {
        out.insert(entry.key.clone(), bson(&entry.value)?);
    }
    Ok(out)
}

fn bson(value: &Value) -> Result<Bson, Failure> {
    let unfit =
        |what: &str| Failure::new(FailureKind::Usage, "write the command", format!("{what} does not fit"));
    let text = |text: &str| CString::try_from(text).map_err(|_| unfit("a regular expression"));
    Ok(match value {
        Value::Null => Bson::Null,
        Value::Bool(b) => Bson::Boolean(*b),
        Value::Int32(n) => Bson::Int32(*n),
        Value::Int64(n) => Bson::Int64(*n),
        Value::Double(n) => Bson::Double(*n),
        Value::Decimal(digits) => Bson::Decimal128(digits.parse().map_err(|_| unfit("a decimal number"))?),
        Value::Text(text) => Bson::String(text.clone()),
        Value::Id(bytes) => Bson::ObjectId(ObjectId::from_bytes(*bytes)),
        Value::Date(ms) => Bson::DateTime(DateTime::from_millis(*ms)),
        Value::Present(ms) => {
            Bson::DateTime(DateTime::from_millis(DateTime::now().timestamp_millis().saturating_add(*ms)))
        }
        Value::Binary(subtype, bytes) => {
            Bson::Binary(Binary { subtype: BinarySubtype::from(*subtype), bytes: bytes.clone() })
        }
        Value::Regex(pattern, options) => {
            Bson::RegularExpression(Regex { pattern: text(pattern)?, options: text(options)? })
        }
        Value::Timestamp(time, increment) => {
            Bson::Timestamp(Timestamp { time: *time, increment: *increment })
        }
        Value::MinKey => Bson::MinKey,
        Value::MaxKey => Bson::MaxKey,
        Value::Array(all) => Bson::Array(all.iter().map(bson).collect::<Result<_, _>>()?),
        Value::Document(of) => Bson::Document(document(of)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::dialect::mongodb::{parse, tree::Said};

    fn read(literal: &str) -> Bson {
        let Ok(Said::Run(command)) = parse(&format!("{{ping: {literal}}}")) else { panic!("{literal}") };
        document(&command.body).unwrap().get("ping").unwrap().clone()
    }

    #[test]
    fn cells_are_typed_and_exact() {
        for (literal, kind, tag, text) in [
            ("'a\\tb'", "string", Tag::Text, "a\tb"),
            ("NumberLong('9007199254740993')", "long", Tag::Number, "9007199254740993"),
            ("1", "int", Tag::Number, "1"),
            ("1.0", "double", Tag::Number, "1.0"),
            ("NaN", "double", Tag::Number, "NaN"),
            ("NumberDecimal('1.10')", "decimal", Tag::Number, "1.10"),
            ("ISODate('2024-02-29T01:02:03.004Z')", "date", Tag::Time, "2024-02-29T01:02:03.004Z"),
            ("ISODate('1969-12-31')", "date", Tag::Time, "1969-12-31T00:00:00Z"),
            ("new Date(9223372036854775807)", "date", Tag::Time, "9223372036854775807"),
            ("ObjectId('507f1f77bcf86cd799439011')", "objectId", Tag::Text, "507f1f77bcf86cd799439011"),
            (
                "UUID('123e4567-e89b-12d3-a456-426614174000')",
                "uuid",
                Tag::Text,
                "123e4567-e89b-12d3-a456-426614174000",
            ),
            ("BinData(0, 'AQL/')", "binData", Tag::Bytes, "0102ff"),
            ("null", "null", Tag::Null, ""),
            (
                "{b: 1, a: [1.5, NumberLong(2), null, ObjectId('507f1f77bcf86cd799439011')]}",
                "object",
                Tag::Json,
                r#"{"b":1,"a":[1.5,2,null,{"$oid":"507f1f77bcf86cd799439011"}]}"#,
            ),
            ("/a\"b/i", "regex", Tag::Json, r#"{"$regularExpression":{"pattern":"a\"b","options":"i"}}"#),
            (
                "[ISODate('2024-02-29'), ISODate('1969-12-31'), NumberDecimal('2'), Infinity]",
                "array",
                Tag::Json,
                r#"[{"$date":"2024-02-29T00:00:00Z"},{"$date":{"$numberLong":"-86400000"}},{"$numberDecimal":"2"},{"$numberDouble":"Infinity"}]"#,
            ),
        ] {
            let value = read(literal);
            assert_eq!(cell(&value), (kind, tag, Cow::Borrowed(text)), "{literal}");
        }
    }

    #[test]
    fn what_json_says_is_read_back_as_it_was() {
        for literal in ["{a: 1, b: [2.5, 'x', {c: /y/m}]}", "[UUID('123e4567-e89b-12d3-a456-426614174000')]"]
        {
            let value = read(literal);
            assert_eq!(read(&json(&value)), value, "{literal}");
        }
    }
}
