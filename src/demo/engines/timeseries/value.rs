//! Values and relations of the telemetry's evaluator.

use std::cmp::Ordering;
use std::sync::Arc;

/// What a column holds, by Timestream's name for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `varchar`.
    Varchar,
    /// `double`.
    Double,
    /// `bigint`.
    Bigint,
    /// `boolean`.
    Boolean,
    /// `timestamp`.
    Timestamp,
    /// `interval day to second`.
    Interval,
}

/// A value. Times and lengths of time are in ms.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// NULL.
    Null,
    /// A text.
    Text(Arc<str>),
    /// A number with a fraction.
    Double(f64),
    /// A whole number.
    Bigint(i64),
    /// Yes or no.
    Boolean(bool),
    /// A point in time since the Unix epoch.
    Time(i64),
    /// A length of time.
    Interval(i64),
}

impl Value {
    /// What it is; NULL is a text to its column.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Null | Self::Text(_) => Kind::Varchar,
            Self::Double(_) => Kind::Double,
            Self::Bigint(_) => Kind::Bigint,
            Self::Boolean(_) => Kind::Boolean,
            Self::Time(_) => Kind::Timestamp,
            Self::Interval(_) => Kind::Interval,
        }
    }

    /// As a number; `None` for what is none.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Double(n) => Some(*n),
            // Counts here are far below 2^53.
            Self::Bigint(n) => Some(*n as f64),
            _ => None,
        }
    }

    /// Whether a condition that came to this holds.
    pub const fn holds(&self) -> bool {
        matches!(self, Self::Boolean(true))
    }

    /// Compares two values; `None` when one is NULL or they are of different kinds.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Boolean(a), Self::Boolean(b)) => Some(a.cmp(b)),
            (Self::Time(a), Self::Time(b)) | (Self::Interval(a), Self::Interval(b)) => Some(a.cmp(b)),
            (Self::Bigint(a), Self::Bigint(b)) => Some(a.cmp(b)),
            _ => self.number()?.partial_cmp(&other.number()?),
        }
    }

    /// For sorting: NULL comes last, as in Timestream.
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Null, _) => Ordering::Greater,
            (_, Self::Null) => Ordering::Less,
            (a, b) => a.compare(b).unwrap_or(Ordering::Equal),
        }
    }

    /// As a scalar of an answer; `None` for NULL.
    pub fn scalar(&self) -> Option<String> {
        Some(match self {
            Self::Null => return None,
            Self::Text(text) => text.to_string(),
            Self::Double(n) => format!("{n:?}"),
            Self::Bigint(n) => n.to_string(),
            Self::Boolean(yes) => yes.to_string(),
            Self::Time(ms) => jiff::Timestamp::from_millisecond(*ms)
                .map(|t| t.strftime("%Y-%m-%d %H:%M:%S.%9f").to_string())
                .unwrap_or_default(),
            Self::Interval(ms) => {
                let (days, rest) = (ms / 86_400_000, (ms % 86_400_000).abs());
                let (h, m, s) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60);
                format!("{days} {h:02}:{m:02}:{s:02}.{:09}", rest % 1_000 * 1_000_000)
            }
        })
    }

    /// A key under which equal values fall together.
    pub fn key(&self) -> String {
        format!("{:?}/{}", self.kind(), self.scalar().unwrap_or_else(|| "\u{0}".to_owned()))
    }
}

/// Columns and rows.
#[derive(Clone, Debug, Default)]
pub struct Relation {
    /// Names and kinds.
    pub columns: Vec<(String, Kind)>,
    /// Values, as many a row as there are columns.
    pub rows: Vec<Vec<Value>>,
}

impl Relation {
    /// A relation of texts.
    pub fn of_texts(columns: &[&str], rows: &[&[&str]]) -> Self {
        let row = |row: &&[&str]| row.iter().map(|text| Value::Text(Arc::from(*text))).collect();
        Self {
            columns: columns.iter().map(|name| ((*name).to_owned(), Kind::Varchar)).collect(),
            rows: rows.iter().map(row).collect(),
        }
    }
}
