//! Columns and values of a result as Timestream types them: scalars, arrays, rows, time series.

use crate::model::{Column, SafeText, Tag};
use aws_sdk_timestreamquery::types::{ColumnInfo, Datum, ScalarType, Type};
use serde_json::Value as Json;
use std::borrow::Cow;

/// How deep types and values are followed: a server must not be able to exhaust the stack.
const DEEPEST: usize = 32;

/// A column, or what an array or row holds.
pub struct Shape {
    name: String,
    kind: Kind,
}

enum Kind {
    Scalar(ScalarType),
    List(Box<Shape>),
    Series(Box<Shape>),
    Row(Vec<Shape>),
    Unknown,
}

impl Shape {
    /// The shape that AWS describes.
    pub fn of(info: &ColumnInfo) -> Self {
        Self::at(info, 0)
    }

    fn at(info: &ColumnInfo, depth: usize) -> Self {
        let kind = match info.r#type() {
            Some(kind) if depth < DEEPEST => Kind::of(kind, depth + 1),
            _ => Kind::Unknown,
        };
        Self { name: info.name().unwrap_or_default().to_owned(), kind }
    }

    /// The column.
    pub fn column(&self) -> Column {
        let type_name = SafeText::new(self.kind.name());
        Column { name: SafeText::new(&self.name), type_name, tag: self.kind.tag() }
    }

    /// A value in text.
    pub fn value<'d>(&self, datum: &'d Datum) -> (Tag, Cow<'d, str>) {
        if datum.null_value() == Some(true) {
            return (Tag::Null, "".into());
        }
        match datum.scalar_value() {
            Some(text) => (self.kind.tag_of(text), text.into()),
            None => {
                let mut out = String::new();
                self.push(&mut out, datum, 0);
                (Tag::Json, out.into())
            }
        }
    }

    /// Appends a value as JSON. Numbers keep their digits.
    fn push(&self, out: &mut String, datum: &Datum, depth: usize) {
        if depth >= DEEPEST || datum.null_value() == Some(true) {
            return out.push_str("null");
        }
        if let Some(text) = datum.scalar_value() {
            return match self.kind.tag_of(text) {
                Tag::Number | Tag::Bool => out.push_str(text),
                _ => push_text(out, text),
            };
        }
        match &self.kind {
            Kind::List(inner) => {
                push_all(out, datum.array_value(), |out, item| inner.push(out, item, depth + 1));
            }
            Kind::Series(inner) => push_all(out, datum.time_series_value(), |out, point| {
                out.push_str("{\"time\":");
                push_text(out, point.time());
                out.push_str(",\"value\":");
                match point.value() {
                    Some(value) => inner.push(out, value, depth + 1),
                    None => out.push_str("null"),
                }
                out.push('}');
            }),
            Kind::Row(fields) => {
                let values =
                    datum.row_value().map(aws_sdk_timestreamquery::types::Row::data).unwrap_or_default();
                out.push('{');
                for (at, (field, value)) in fields.iter().zip(values).enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    // A row's fields may have no names.
                    let own = format!("field{at}");
                    push_text(out, if field.name.is_empty() { &own } else { &field.name });
                    out.push(':');
                    field.push(out, value, depth + 1);
                }
                out.push('}');
            }
            Kind::Scalar(_) | Kind::Unknown => out.push_str("null"),
        }
    }
}

fn push_text(out: &mut String, text: &str) {
    out.push_str(&Json::from(text).to_string());
}

fn push_all<T>(out: &mut String, all: &[T], mut push: impl FnMut(&mut String, &T)) {
    out.push('[');
    for (at, item) in all.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        push(out, item);
    }
    out.push(']');
}

impl Kind {
    fn of(kind: &Type, depth: usize) -> Self {
        if let Some(scalar) = kind.scalar_type() {
            return Self::Scalar(scalar.clone());
        }
        if let Some(inner) = kind.array_column_info() {
            return Self::List(Box::new(Shape::at(inner, depth)));
        }
        if let Some(inner) = kind.time_series_measure_value_column_info() {
            return Self::Series(Box::new(Shape::at(inner, depth)));
        }
        let fields = kind.row_column_info();
        if fields.is_empty() {
            Self::Unknown
        } else {
            Self::Row(fields.iter().map(|field| Shape::at(field, depth)).collect())
        }
    }

    /// The type in Timestream's words.
    fn name(&self) -> String {
        match self {
            Self::Scalar(scalar) => scalar.as_str().to_ascii_lowercase(),
            Self::List(inner) => format!("array({})", inner.kind.name()),
            Self::Series(inner) => format!("timeseries({})", inner.kind.name()),
            Self::Row(fields) => {
                let all: Vec<_> = fields.iter().map(|f| f.kind.name()).collect();
                format!("row({})", all.join(", "))
            }
            Self::Unknown => String::new(),
        }
    }

    fn tag(&self) -> Tag {
        match self {
            Self::Scalar(ScalarType::Bigint | ScalarType::Integer | ScalarType::Double) => Tag::Number,
            Self::Scalar(ScalarType::Boolean) => Tag::Bool,
            Self::Scalar(ScalarType::Timestamp | ScalarType::Date | ScalarType::Time) => Tag::Time,
            Self::Scalar(_) | Self::Unknown => Tag::Text,
            Self::List(_) | Self::Series(_) | Self::Row(_) => Tag::Json,
        }
    }

    /// What a scalar's text is. `NaN` and the infinities are no numbers of JSON.
    fn tag_of(&self, text: &str) -> Tag {
        let plain = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
        match self.tag() {
            Tag::Number if text.is_empty() || !text.chars().all(plain) => Tag::Text,
            Tag::Bool if !matches!(text, "true" | "false") => Tag::Text,
            Tag::Json => Tag::Text,
            tag => tag,
        }
    }
}
