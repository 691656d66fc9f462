//! Values of the demo's tables: how literals become them, how they compare, how they are shown.

use crate::model::Tag;
use crate::query::dialect::cql::tree::Expr;
use serde_json::{Value as Json, json};
use std::cmp::Ordering;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// None.
    Null,
    /// `text`.
    Text(String),
    /// `int`, `bigint`.
    Int(i64),
    /// `double`.
    Double(f64),
    /// `timestamp`: milliseconds since the Unix epoch.
    Time(i64),
    /// `date`: days since the Unix epoch.
    Date(i64),
    /// `map<text, text>`.
    Map(Vec<(String, String)>),
}

impl Value {
    /// What `literal` is as a value of the type `kind`; the server's words when it is none.
    pub fn of(literal: &Expr, kind: &str, column: &str) -> Result<Self, String> {
        let unfit = |what: &str, shown: &str| {
            Err(format!("Invalid {what} constant ({shown}) for \"{column}\" of type {kind}"))
        };
        match literal {
            Expr::Tuple(parts) if parts.len() == 1 => {
                parts.first().map_or(Ok(Self::Null), |part| Self::of(part, kind, column))
            }
            Expr::Text(text) => match kind {
                "text" => Ok(Self::Text(text.clone())),
                "timestamp" => moment(text)
                    .map(Self::Time)
                    .ok_or_else(|| format!("Unable to parse a date/time from '{text}'")),
                "date" => day(text)
                    .map(Self::Date)
                    .ok_or_else(|| format!("Unable to coerce '{text}' to a formatted date (long)")),
                _ => unfit("STRING", &format!("'{text}'")),
            },
            Expr::Number(digits) => {
                Self::number(digits, false, kind).map_or_else(|| unfit("INTEGER", digits), Ok)
            }
            Expr::Negative(inner) => match &**inner {
                Expr::Number(digits) => Self::number(digits, true, kind)
                    .map_or_else(|| unfit("INTEGER", &format!("-{digits}")), Ok),
                _ => Err(super::unknown("this value")),
            },
            Expr::Null => Err(format!("Invalid null value for column {column}")),
            Expr::Marker => Err("it has parameters (? or :name), which have no values here".to_owned()),
            _ => Err(super::unknown("this value")),
        }
    }

    fn number(digits: &str, negative: bool, kind: &str) -> Option<Self> {
        let sign = if negative { -1 } else { 1 };
        match kind {
            "int" => digits.parse::<i32>().ok().map(|n| Self::Int(i64::from(n) * sign)),
            "timestamp" => digits.parse::<i64>().ok().map(|n| Self::Time(n * sign)),
            "double" => digits.parse::<f64>().ok().map(|n| Self::Double(n * sign as f64)),
            _ => None,
        }
    }

    /// The order of two values of one type; nulls are in no order.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Int(a), Self::Int(b))
            | (Self::Time(a), Self::Time(b))
            | (Self::Date(a), Self::Date(b)) => Some(a.cmp(b)),
            (Self::Double(a), Self::Double(b)) => a.partial_cmp(b),
            _ => None,
        }
    }

    /// The number that an aggregate works with.
    pub const fn as_number(&self) -> Option<f64> {
        match self {
            Self::Int(n) => Some(*n as f64),
            Self::Double(n) => Some(*n),
            _ => None,
        }
    }

    /// As `SELECT JSON` writes it.
    pub fn json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Int(n) => json!(n),
            Self::Double(n) => json!(n),
            Self::Map(all) => Json::Object(all.iter().map(|(k, v)| (k.clone(), json!(v))).collect()),
            Self::Text(_) | Self::Time(_) | Self::Date(_) => json!(self.words()),
        }
    }

    /// As the grid shows it.
    pub fn words(&self) -> String {
        let stamp = |ms: i64, form: &str| {
            jiff::Timestamp::from_millisecond(ms)
                .map_or_else(|_| ms.to_string(), |at| at.strftime(form).to_string())
        };
        match self {
            Self::Null => String::new(),
            Self::Text(text) => text.clone(),
            Self::Int(n) => n.to_string(),
            Self::Double(n) => format!("{n:?}"),
            Self::Time(ms) => stamp(*ms, "%Y-%m-%d %H:%M:%S.%3fZ"),
            Self::Date(days) => stamp(days.saturating_mul(86_400_000), "%Y-%m-%d"),
            Self::Map(_) => self.json().to_string(),
        }
    }
}

/// How values of a type are shown.
pub fn tag(kind: &str) -> Tag {
    match kind {
        "int" | "bigint" | "double" => Tag::Number,
        "timestamp" | "date" => Tag::Time,
        kind if kind.starts_with("map") => Tag::Json,
        _ => Tag::Text,
    }
}

/// A moment as CQL writes it: a date, with a time and a zone or without.
fn moment(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Some(days) = day(text) {
        return days.checked_mul(86_400_000);
    }
    let spaced = text.replacen(' ', "T", 1);
    let zoned = spaced.trim_end_matches("+0000").trim_end_matches('Z');
    let padded = if zoned.matches(':').count() == 1 { format!("{zoned}:00Z") } else { format!("{zoned}Z") };
    padded.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

/// A day in days since the Unix epoch.
fn day(text: &str) -> Option<i64> {
    (text.len() == 10).then_some(())?;
    let midnight: jiff::Timestamp = format!("{text}T00:00:00Z").parse().ok()?;
    Some(midnight.as_second() / 86_400)
}
