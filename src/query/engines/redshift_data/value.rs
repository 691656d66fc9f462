//! Columns and values of a result as the Data API types them.

use crate::model::{Column, Tag};
use crate::query::engines::hex;
use aws_sdk_redshiftdata::types::{ColumnMetadata, Field};
use std::borrow::Cow;

/// A column as described.
pub fn column(facts: &ColumnMetadata) -> Column {
    let type_name = facts.type_name().unwrap_or_default();
    let lower = type_name.to_ascii_lowercase();
    let tag = match lower.as_str() {
        "super" | "json" | "jsonb" => Tag::Json,
        "varbyte" | "varbinary" | "binary varying" | "bytea" => Tag::Bytes,
        "bool" | "boolean" => Tag::Bool,
        t if t.starts_with("timestamp")
            || t.starts_with("date")
            || t.starts_with("time")
            || t.starts_with("interval") =>
        {
            Tag::Time
        }
        t if ["int", "serial", "float", "double", "decimal", "numeric", "real", "oid"]
            .iter()
            .any(|n| t.starts_with(n) || (t.ends_with(n) && t != "point")) =>
        {
            Tag::Number
        }
        _ => Tag::Text,
    };
    let name = facts.label().or(facts.name()).unwrap_or_default();
    Column { name: name.into(), type_name: type_name.into(), tag }
}

/// A value in text; `column` is what the column holds.
pub fn value(field: &Field, column: Tag) -> (Tag, Cow<'_, str>) {
    match field {
        Field::BooleanValue(v) => (Tag::Bool, if *v { "true" } else { "false" }.into()),
        Field::LongValue(v) => (Tag::Number, v.to_string().into()),
        Field::DoubleValue(v) => (Tag::Number, v.to_string().into()),
        Field::BlobValue(v) => (Tag::Bytes, hex(v.as_ref()).into()),
        Field::StringValue(v) => text(v, column),
        // `IsNull`, and what AWS may add.
        _ => (Tag::Null, "".into()),
    }
}

/// Digits of a numeric, the form of a time, SUPER and VARBYTE all come as text.
fn text(text: &str, column: Tag) -> (Tag, Cow<'_, str>) {
    let is_hex = || text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit());
    match column {
        Tag::Bytes if is_hex() => (Tag::Bytes, text.to_ascii_lowercase().into()),
        Tag::Bytes => (Tag::Text, text.into()),
        Tag::Bool if matches!(text, "t" | "true") => (Tag::Bool, "true".into()),
        Tag::Bool if matches!(text, "f" | "false") => (Tag::Bool, "false".into()),
        Tag::Bool => (Tag::Text, text.into()),
        tag => (tag, text.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(type_name: &str) -> Tag {
        column(&ColumnMetadata::builder().name("c").type_name(type_name).build()).tag
    }

    #[test]
    fn types_are_what_redshift_calls_them() {
        for number in ["int2", "int4", "int8", "float4", "float8", "numeric", "bigint", "smallint", "oid"] {
            assert_eq!(tag(number), Tag::Number, "{number}");
        }
        for time in ["date", "timestamp", "timestamptz", "time", "timetz", "intervald2s"] {
            assert_eq!(tag(time), Tag::Time, "{time}");
        }
        for text in ["varchar", "bpchar", "text", "point", "geometry", "name", ""] {
            assert_eq!(tag(text), Tag::Text, "{text}");
        }
        assert_eq!([tag("super"), tag("varbyte"), tag("bool")], [Tag::Json, Tag::Bytes, Tag::Bool]);
    }

    #[test]
    fn values_keep_the_servers_digits() {
        let numeric = Field::StringValue("12345678901234567890.1230".into());
        assert_eq!(value(&numeric, Tag::Number), (Tag::Number, "12345678901234567890.1230".into()));
        assert_eq!(value(&Field::IsNull(true), Tag::Number), (Tag::Null, "".into()));
        assert_eq!(value(&Field::BooleanValue(true), Tag::Bool), (Tag::Bool, "true".into()));
        assert_eq!(value(&Field::StringValue("0aFF".into()), Tag::Bytes), (Tag::Bytes, "0aff".into()));
        assert_eq!(value(&Field::StringValue("no hex".into()), Tag::Bytes), (Tag::Text, "no hex".into()));
        let json = Field::StringValue(r#"{"a":[1,null]}"#.into());
        assert_eq!(value(&json, Tag::Json), (Tag::Json, r#"{"a":[1,null]}"#.into()));
    }
}
