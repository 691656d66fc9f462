//! One typed value of a fleet row. Sorting and colouring work on these, never on text.

use super::{Health, SafeText};
use std::cmp::Ordering;

/// A typed cell. `Absent` means that AWS did not say; it is not zero and not an empty text.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Words.
    Text(SafeText),
    /// A whole number of things.
    Count(u64),
    /// A measured number with no unit of its own.
    Number(f64),
    /// A size in bytes.
    Bytes(u64),
    /// A share in percent, 0 to 100.
    Percent(f64),
    /// A length of time in milliseconds.
    Duration(u64),
    /// A point in time: milliseconds since the Unix epoch.
    Time(i64),
    /// Yes or no.
    Flag(bool),
    /// A status.
    Health(Health),
    /// Not said.
    #[default]
    Absent,
}

/// A time in milliseconds since the Unix epoch as RFC 3339; out of range stays a number.
pub fn rfc3339(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |t| t.to_string())
}

impl Cell {
    /// A text cell; `Absent` for `None`.
    pub fn text<T: AsRef<str>>(text: Option<T>) -> Self {
        text.map_or(Self::Absent, |t| Self::Text(SafeText::new(t)))
    }

    /// A count; `Absent` for `None` and for negative numbers, which no AWS count is.
    pub fn count(n: Option<i64>) -> Self {
        n.and_then(|n| u64::try_from(n).ok()).map_or(Self::Absent, Self::Count)
    }

    /// A flag; `Absent` for `None`.
    pub fn flag(flag: Option<bool>) -> Self {
        flag.map_or(Self::Absent, Self::Flag)
    }

    /// Orders cells of one column; `Absent` comes last.
    pub fn compare(&self, other: &Self) -> Ordering {
        use Cell::{Absent, Bytes, Count, Duration, Flag, Number, Percent, Text, Time};
        match (self, other) {
            (Absent, Absent) => Ordering::Equal,
            (Absent, _) => Ordering::Greater,
            (_, Absent) => Ordering::Less,
            (Text(a), Text(b)) => a.cmp(b),
            (Count(a), Count(b)) | (Bytes(a), Bytes(b)) | (Duration(a), Duration(b)) => a.cmp(b),
            (Number(a), Number(b)) | (Percent(a), Percent(b)) => a.total_cmp(b),
            (Time(a), Time(b)) => a.cmp(b),
            (Flag(a), Flag(b)) => a.cmp(b),
            (Cell::Health(a), Cell::Health(b)) => a.cmp(b),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Health(_) => 0,
            Self::Text(_) => 1,
            Self::Count(_) => 2,
            Self::Number(_) => 3,
            Self::Bytes(_) => 4,
            Self::Percent(_) => 5,
            Self::Duration(_) => 6,
            Self::Time(_) => 7,
            Self::Flag(_) => 8,
            Self::Absent => 9,
        }
    }
}
