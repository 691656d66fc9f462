//! Types of CQL and their values in words: numbers in all their digits, times as Cassandra writes
//! them, collections, tuples and user types as JSON.

use super::super::hex;
use super::frame::Reader;
use crate::model::Tag;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Deepest nesting of types.
pub const MOST_NESTED: usize = 32;

/// The longest whole number whose digits are worked out, in bytes; a longer one shows its bytes.
const LONGEST_NUMBER: usize = 1_024;

/// A type.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// One of the simple types, by the protocol's number.
    Native(u16),
    /// `vector<float, n>`.
    Vector(usize),
    /// A type of somebody's own class: its name.
    Custom(String),
    /// `list<…>`.
    List(Box<Self>),
    /// `set<…>`.
    Set(Box<Self>),
    /// `map<…, …>`.
    Map(Box<Self>, Box<Self>),
    /// `tuple<…>`.
    Tuple(Vec<Self>),
    /// A user type: its name and fields.
    User(String, Vec<(String, Self)>),
}

/// Simple types by the protocol's numbers.
const NATIVE: &[(u16, &str, Tag)] = &[
    (0x01, "ascii", Tag::Text),
    (0x02, "bigint", Tag::Number),
    (0x03, "blob", Tag::Bytes),
    (0x04, "boolean", Tag::Bool),
    (0x05, "counter", Tag::Number),
    (0x06, "decimal", Tag::Number),
    (0x07, "double", Tag::Number),
    (0x08, "float", Tag::Number),
    (0x09, "int", Tag::Number),
    (0x0b, "timestamp", Tag::Time),
    (0x0c, "uuid", Tag::Text),
    (0x0d, "text", Tag::Text),
    (0x0e, "varint", Tag::Number),
    (0x0f, "timeuuid", Tag::Text),
    (0x10, "inet", Tag::Text),
    (0x11, "date", Tag::Time),
    (0x12, "time", Tag::Time),
    (0x13, "smallint", Tag::Number),
    (0x14, "tinyint", Tag::Number),
    (0x15, "duration", Tag::Text),
];

impl Kind {
    /// The type of this number.
    pub const fn native(id: u16) -> Self {
        Self::Native(id)
    }

    /// The type of this Java class.
    pub fn custom(class: &str) -> Self {
        // Version 4 has no number for it.
        if class.ends_with(".DurationType") {
            return Self::Native(0x15);
        }
        let inner = class.split_once("VectorType(").and_then(|(_, rest)| rest.strip_suffix(')'));
        let vector = inner.and_then(|parts| {
            let (element, length) = parts.rsplit_once(',')?;
            element.trim().ends_with("FloatType").then_some(())?;
            length.trim().parse().ok()
        });
        vector.map_or_else(|| Self::Custom(class.to_owned()), Self::Vector)
    }

    /// Its name in CQL.
    pub fn name(&self) -> String {
        match self {
            Self::Native(id) => NATIVE
                .iter()
                .find(|(known, ..)| known == id)
                .map_or_else(|| format!("type {id:#x}"), |(_, name, _)| (*name).to_owned()),
            Self::Vector(length) => format!("vector<float, {length}>"),
            Self::Custom(class) => format!("'{class}'"),
            Self::List(of) => format!("list<{}>", of.name()),
            Self::Set(of) => format!("set<{}>", of.name()),
            Self::Map(key, value) => format!("map<{}, {}>", key.name(), value.name()),
            Self::Tuple(parts) => {
                format!("tuple<{}>", parts.iter().map(Self::name).collect::<Vec<_>>().join(", "))
            }
            Self::User(name, _) => name.clone(),
        }
    }

    /// How its values are shown.
    pub fn tag(&self) -> Tag {
        match self {
            Self::Native(id) => {
                NATIVE.iter().find(|(known, ..)| known == id).map_or(Tag::Bytes, |(.., tag)| *tag)
            }
            Self::Custom(_) => Tag::Bytes,
            _ => Tag::Json,
        }
    }

    /// A value in words; `None` when its bytes do not fit the type.
    pub fn words(&self, raw: &[u8]) -> Option<String> {
        match self {
            Self::Native(id) => native(*id, raw),
            Self::Custom(_) => Some(hex(raw)),
            _ => {
                let mut out = String::new();
                self.json(raw, 0, &mut out)?;
                Some(out)
            }
        }
    }

    /// A value within another one, as Cassandra's own `toJson` writes it. Written by hand: digits
    /// make no detour through a float.
    fn json(&self, raw: &[u8], depth: usize, out: &mut String) -> Option<()> {
        if depth > MOST_NESTED {
            return None;
        }
        let mut reader = Reader(raw);
        match self {
            Self::Native(_) | Self::Custom(_) => {
                let words = self.words(raw)?;
                match self.tag() {
                    Tag::Number
                        if words.ends_with(|c: char| c.is_ascii_digit()) && !words.starts_with("0x") =>
                    {
                        out.push_str(&words);
                    }
                    Tag::Bool => out.push_str(&words),
                    Tag::Bytes => quote(&format!("0x{words}"), out),
                    _ => quote(&words, out),
                }
            }
            Self::Vector(length) => {
                for nth in 0..*length {
                    out.push(if nth == 0 { '[' } else { ',' });
                    out.push_str(&float(f32::from_be_bytes(reader.array()?).into(), true));
                }
                out.push_str(if *length == 0 { "[]" } else { "]" });
            }
            Self::List(of) | Self::Set(of) => {
                out.push('[');
                for nth in 0..reader.int()? {
                    out.push_str(if nth == 0 { "" } else { "," });
                    of.inner(reader.value()?, depth, out)?;
                }
                out.push(']');
            }
            Self::Map(key, value) => {
                out.push('{');
                for nth in 0..reader.int()? {
                    let mut name = String::new();
                    key.inner(reader.value()?, depth, &mut name)?;
                    out.push_str(if nth == 0 { "" } else { "," });
                    // A key that is no text is the text of its JSON.
                    if name.starts_with('"') {
                        out.push_str(&name);
                    } else {
                        quote(&name, out);
                    }
                    out.push(':');
                    value.inner(reader.value()?, depth, out)?;
                }
                out.push('}');
            }
            Self::Tuple(parts) => {
                out.push('[');
                for (nth, kind) in parts.iter().enumerate() {
                    out.push_str(if nth == 0 { "" } else { "," });
                    let value = if reader.0.is_empty() { None } else { reader.value()? };
                    kind.inner(value, depth, out)?;
                }
                out.push(']');
            }
            Self::User(_, fields) => {
                out.push('{');
                for (nth, (name, kind)) in fields.iter().enumerate() {
                    out.push_str(if nth == 0 { "" } else { "," });
                    quote(name, out);
                    out.push(':');
                    // Fields that were added to the type later are not there.
                    let value = if reader.0.is_empty() { None } else { reader.value()? };
                    kind.inner(value, depth, out)?;
                }
                out.push('}');
            }
        }
        Some(())
    }

    fn inner(&self, value: Option<&[u8]>, depth: usize, out: &mut String) -> Option<()> {
        match value {
            Some(raw) => self.json(raw, depth + 1, out),
            None => {
                out.push_str("null");
                Some(())
            }
        }
    }
}

/// `text` as a JSON string.
fn quote(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

/// A simple value in words.
fn native(id: u16, raw: &[u8]) -> Option<String> {
    let mut reader = Reader(raw);
    // The old protocol let values of any type be empty.
    if raw.is_empty() && !matches!(id, 0x01 | 0x03 | 0x0d) {
        return Some(String::new());
    }
    let text = match id {
        0x01 | 0x0d => return Some(String::from_utf8_lossy(raw).into_owned()),
        0x02 | 0x05 => i64::from_be_bytes(reader.array()?).to_string(),
        0x04 => (reader.array::<1>()? != [0]).to_string(),
        0x06 => {
            let scale = reader.int()?;
            return Some(decimal(reader.0, scale));
        }
        0x07 => float(f64::from_be_bytes(reader.array()?), false),
        0x08 => float(f32::from_be_bytes(reader.array()?).into(), true),
        0x09 => reader.int()?.to_string(),
        0x0b => moment(i64::from_be_bytes(reader.array()?)),
        0x0c | 0x0f => uuid(reader.array()?),
        0x0e => return Some(integer(raw)),
        0x10 => {
            return match raw.len() {
                4 => Some(IpAddr::V4(Ipv4Addr::from(reader.array::<4>()?)).to_string()),
                16 => Some(IpAddr::V6(Ipv6Addr::from(reader.array::<16>()?)).to_string()),
                _ => None,
            };
        }
        0x11 => date(u32::from_be_bytes(reader.array()?)),
        0x12 => time(i64::from_be_bytes(reader.array()?)),
        0x13 => i16::from_be_bytes(reader.array()?).to_string(),
        0x14 => i8::from_be_bytes(reader.array()?).to_string(),
        0x15 => duration(vint(&mut reader)?, vint(&mut reader)?, vint(&mut reader)?),
        _ => return Some(hex(raw)),
    };
    reader.0.is_empty().then_some(text)
}

/// A floating number in the fewest digits that give it back; `single` ones have fewer.
fn float(n: f64, single: bool) -> String {
    if n.is_nan() {
        return "NaN".to_owned();
    }
    if n.is_infinite() {
        return if n > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() };
    }
    if single {
        #[expect(clippy::cast_possible_truncation, reason = "it came from a single")]
        let n = n as f32;
        return format!("{n:?}");
    }
    format!("{n:?}")
}

/// The digits of a whole number in two's complement, highest byte first.
fn integer(raw: &[u8]) -> String {
    if raw.len() > LONGEST_NUMBER {
        return format!("0x{}", hex(raw));
    }
    let negative = raw.first().is_some_and(|b| b & 0x80 != 0);
    let mut bytes = raw.to_vec();
    if negative {
        let mut carry = true;
        for byte in bytes.iter_mut().rev() {
            (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
        }
    }
    // Nine digits at a time, by long division.
    let mut parts: Vec<u32> = Vec::new();
    loop {
        let mut rest: u64 = 0;
        for byte in &mut bytes {
            let n = rest << 8 | u64::from(*byte);
            *byte = u8::try_from(n / 1_000_000_000).unwrap_or(u8::MAX);
            rest = n % 1_000_000_000;
        }
        parts.push(u32::try_from(rest).unwrap_or_default());
        if bytes.iter().all(|b| *b == 0) {
            break;
        }
    }
    let mut out = String::from(if negative { "-" } else { "" });
    for (nth, part) in parts.iter().rev().enumerate() {
        // Writing to a String cannot fail.
        let _ = if nth == 0 { write!(out, "{part}") } else { write!(out, "{part:09}") };
    }
    out
}

/// A decimal as Java's `BigDecimal` writes it.
fn decimal(unscaled: &[u8], scale: i32) -> String {
    let whole = integer(unscaled);
    if whole.starts_with("0x") {
        return whole;
    }
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole.as_str()), |rest| ("-", rest));
    let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    let exponent = length - 1 - i64::from(scale);
    if scale == 0 {
        return whole;
    }
    if scale > 0 && exponent >= -6 {
        let scale = usize::try_from(scale).unwrap_or(0);
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (before, after) = padded.split_at(padded.len() - scale);
        return format!("{sign}{before}.{after}");
    }
    let (first, rest) = digits.split_at(1.min(digits.len()));
    let point = if rest.is_empty() { String::new() } else { format!(".{rest}") };
    format!("{sign}{first}{point}E{exponent:+}")
}

/// Milliseconds since the Unix epoch, in UTC.
fn moment(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map_or_else(|_| ms.to_string(), |at| at.strftime("%Y-%m-%d %H:%M:%S.%3fZ").to_string())
}

/// Days since the Unix epoch, which is 2^31.
fn date(days: u32) -> String {
    let days = i64::from(days) - (1 << 31);
    jiff::Timestamp::from_second(days.saturating_mul(86_400))
        .map_or_else(|_| days.to_string(), |at| at.strftime("%Y-%m-%d").to_string())
}

/// Nanoseconds since midnight.
fn time(nanos: i64) -> String {
    let (seconds, nanos) = (nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000));
    format!("{:02}:{:02}:{:02}.{nanos:09}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

fn uuid(raw: [u8; 16]) -> String {
    let all = hex(&raw);
    let part = |from: usize, to: usize| all.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

/// A signed number of one to nine bytes: leading ones of the first byte count the rest, and the
/// sign is in the lowest bit.
fn vint(reader: &mut Reader<'_>) -> Option<i64> {
    let [first] = reader.array::<1>()?;
    let more = first.leading_ones();
    let mut n = if more >= 8 { 0 } else { u64::from(first) & (0xff >> more) };
    for byte in reader.bytes(more as usize)? {
        n = n << 8 | u64::from(*byte);
    }
    Some((n >> 1).cast_signed() ^ -(n & 1).cast_signed())
}

/// Months, days and nanoseconds as CQL writes a duration.
fn duration(months: i64, days: i64, nanos: i64) -> String {
    let mut out = String::from(if months < 0 || days < 0 || nanos < 0 { "-" } else { "" });
    let mut put = |n: u64, unit: &str| {
        if n > 0 {
            // Writing to a String cannot fail.
            let _ = write!(out, "{n}{unit}");
        }
    };
    let (months, nanos) = (months.unsigned_abs(), nanos.unsigned_abs());
    put(months / 12, "y");
    put(months % 12, "mo");
    put(days.unsigned_abs(), "d");
    put(nanos / 3_600_000_000_000, "h");
    put(nanos / 60_000_000_000 % 60, "m");
    put(nanos / 1_000_000_000 % 60, "s");
    put(nanos / 1_000_000 % 1_000, "ms");
    put(nanos / 1_000 % 1_000, "us");
    put(nanos % 1_000, "ns");
    if out.is_empty() { "0s".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(id: u16, raw: &[u8]) -> Option<String> {
        Kind::Native(id).words(raw)
    }

    #[test]
    fn whole_numbers_keep_all_their_digits() {
        assert_eq!(words(0x0e, &[0]).as_deref(), Some("0"));
        assert_eq!(words(0x0e, &[0xff]).as_deref(), Some("-1"));
        assert_eq!(words(0x0e, &[0x80]).as_deref(), Some("-128"));
        let big = [0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(words(0x0e, &big).as_deref(), Some("604462909807314587353087"));
        let low = [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(words(0x0e, &low).as_deref(), Some("-604462909807314587353088"));
        assert!(words(0x0e, &vec![1; 5_000]).is_some_and(|w| w.starts_with("0x")));
    }

    #[test]
    fn decimals_are_written_as_java_writes_them() {
        let of = |scale: i32, unscaled: &[u8]| words(0x06, &[&scale.to_be_bytes()[..], unscaled].concat());
        for (scale, unscaled, expected) in [
            (0, &[7][..], "7"),
            (2, &[0x01, 0x00], "2.56"),
            (3, &[0xfb], "-0.005"),
            (10, &[1], "1E-10"),
            (-3, &[12], "1.2E+4"),
        ] {
            assert_eq!(of(scale, unscaled).as_deref(), Some(expected));
        }
        assert_eq!(of(i32::MIN, &[1]).as_deref(), Some("1E+2147483648"));
        assert_eq!(of(i32::MAX, &[1]).as_deref(), Some("1E-2147483647"));
    }

    #[test]
    fn times_and_durations_are_in_words_whatever_they_hold() {
        assert_eq!(
            words(0x0b, &1_767_225_600_123_i64.to_be_bytes()).as_deref(),
            Some("2026-01-01 00:00:00.123Z")
        );
        assert_eq!(words(0x0b, &i64::MAX.to_be_bytes()).as_deref(), Some("9223372036854775807"));
        assert_eq!(words(0x11, &(0x8000_0000_u32 + 1).to_be_bytes()).as_deref(), Some("1970-01-02"));
        assert_eq!(words(0x11, &0_u32.to_be_bytes()).as_deref(), Some("-2147483648"));
        assert_eq!(words(0x12, &3_723_000_000_004_i64.to_be_bytes()).as_deref(), Some("01:02:03.000000004"));
        assert!(words(0x12, &i64::MIN.to_be_bytes()).is_some());
        // 14 months, 3 days, 1 h 30 min: zigzag, then a nine-byte-at-most form.
        let nanos = 5_400_000_000_000_u64 << 1;
        let raw = [&[28, 6][..], &[0xfe - 0x02], &nanos.to_be_bytes()[2..]].concat();
        assert_eq!(words(0x15, &raw).as_deref(), Some("1y2mo3d1h30m"));
        assert_eq!(words(0x15, &[0, 0, 0]).as_deref(), Some("0s"));
    }

    #[test]
    fn collections_become_json_with_their_digits() {
        let int = |n: i32| [&4_i32.to_be_bytes()[..], &n.to_be_bytes()].concat();
        let text = |t: &str| [&i32::try_from(t.len()).unwrap().to_be_bytes()[..], t.as_bytes()].concat();
        let list = [&2_i32.to_be_bytes()[..], &int(1), &(-1_i32).to_be_bytes()].concat();
        let of = Kind::List(Box::new(Kind::Native(0x09)));
        assert_eq!(of.words(&list).as_deref(), Some("[1,null]"));
        let map = [&1_i32.to_be_bytes()[..], &int(5), &text("a\"b")].concat();
        let of = Kind::Map(Box::new(Kind::Native(0x09)), Box::new(Kind::Native(0x0d)));
        assert_eq!(of.words(&map).as_deref(), Some(r#"{"5":"a\"b"}"#));
        let user =
            Kind::User("t".into(), vec![("x".into(), Kind::Native(0x09)), ("y".into(), Kind::Native(0x09))]);
        assert_eq!(user.words(&int(3)).as_deref(), Some(r#"{"x":3,"y":null}"#));
        let vector = Kind::custom(
            "org.apache.cassandra.db.marshal.VectorType(org.apache.cassandra.db.marshal.FloatType , 2)",
        );
        let raw = [1.5_f32.to_be_bytes(), (-2.0_f32).to_be_bytes()].concat();
        assert_eq!(vector.words(&raw).as_deref(), Some("[1.5,-2.0]"));
    }

    #[test]
    fn bytes_that_do_not_fit_are_nothing_and_never_a_panic() {
        let kinds: Vec<Kind> = NATIVE.iter().map(|(id, ..)| Kind::Native(*id)).collect();
        let nested = [
            Kind::List(Box::new(Kind::Native(0x09))),
            Kind::Map(Box::new(Kind::Native(0x0d)), Box::new(Kind::Native(0x02))),
            Kind::Tuple(vec![Kind::Native(0x09)]),
            Kind::Vector(3),
        ];
        for kind in kinds.iter().chain(&nested) {
            for length in 0..20 {
                for fill in [0x00, 0x01, 0x7f, 0x80, 0xff] {
                    let _ = kind.words(&vec![fill; length]);
                }
            }
        }
        assert_eq!(Kind::List(Box::new(Kind::Native(0x09))).words(&i32::MAX.to_be_bytes()), None);
    }
}
