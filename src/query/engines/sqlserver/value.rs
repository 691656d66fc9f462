//! Values of SQL Server as texts: every type in the form that the server itself would print, with all
//! its digits.

use crate::model::Tag;
use crate::query::engines::hex;
use crate::query::engines::intake::Intake;
use jiff::Span;
use jiff::civil::Date;
use tiberius::numeric::Numeric;
use tiberius::time::{DateTime2, Time};
use tiberius::{ColumnData, ColumnType};

/// The server's name for a type, and what its values are.
pub const fn described(kind: ColumnType) -> (&'static str, Tag) {
    match kind {
        ColumnType::Null => ("", Tag::Text),
        ColumnType::Bit | ColumnType::Bitn => ("bit", Tag::Bool),
        ColumnType::Int1 => ("tinyint", Tag::Number),
        ColumnType::Int2 => ("smallint", Tag::Number),
        ColumnType::Int4 | ColumnType::Intn => ("int", Tag::Number),
        ColumnType::Int8 => ("bigint", Tag::Number),
        ColumnType::Float4 => ("real", Tag::Number),
        ColumnType::Float8 | ColumnType::Floatn => ("float", Tag::Number),
        ColumnType::Money => ("money", Tag::Number),
        ColumnType::Money4 => ("smallmoney", Tag::Number),
        ColumnType::Decimaln => ("decimal", Tag::Number),
        ColumnType::Numericn => ("numeric", Tag::Number),
        ColumnType::Datetime4 => ("smalldatetime", Tag::Time),
        ColumnType::Datetime | ColumnType::Datetimen => ("datetime", Tag::Time),
        ColumnType::Daten => ("date", Tag::Time),
        ColumnType::Timen => ("time", Tag::Time),
        ColumnType::Datetime2 => ("datetime2", Tag::Time),
        ColumnType::DatetimeOffsetn => ("datetimeoffset", Tag::Time),
        ColumnType::Guid => ("uniqueidentifier", Tag::Text),
        ColumnType::BigVarBin => ("varbinary", Tag::Bytes),
        ColumnType::BigBinary => ("binary", Tag::Bytes),
        ColumnType::Image => ("image", Tag::Bytes),
        ColumnType::Udt => ("udt", Tag::Bytes),
        ColumnType::BigVarChar => ("varchar", Tag::Text),
        ColumnType::BigChar => ("char", Tag::Text),
        ColumnType::NVarchar => ("nvarchar", Tag::Text),
        ColumnType::NChar => ("nchar", Tag::Text),
        ColumnType::Xml => ("xml", Tag::Text),
        ColumnType::Text => ("text", Tag::Text),
        ColumnType::NText => ("ntext", Tag::Text),
        ColumnType::SSVariant => ("sql_variant", Tag::Text),
    }
}

/// About how many bytes a value takes.
pub fn weight(data: &ColumnData<'_>) -> usize {
    match data {
        ColumnData::String(Some(text)) => text.len(),
        ColumnData::Binary(Some(bytes)) => 2 * bytes.len(),
        ColumnData::Xml(Some(xml)) => AsRef::<str>::as_ref(&**xml).len(),
        _ => 16,
    }
}

/// Gives `data`, of a column of `kind`, to the row.
pub fn take(data: &ColumnData<'_>, kind: ColumnType, intake: &mut Intake<'_>) {
    match text(data, kind) {
        Some((tag, text)) => intake.value(tag, text.as_bytes()),
        None => intake.value(Tag::Null, b""),
    }
}

/// The value as a text; `None` for NULL.
pub fn text(data: &ColumnData<'_>, kind: ColumnType) -> Option<(Tag, String)> {
    let number = |text: String| Some((Tag::Number, text));
    let time = |text: String| Some((Tag::Time, text));
    match data {
        ColumnData::U8(v) => number((*v)?.to_string()),
        ColumnData::I16(v) => number((*v)?.to_string()),
        ColumnData::I32(v) => number((*v)?.to_string()),
        ColumnData::I64(v) => number((*v)?.to_string()),
        ColumnData::F32(v) => number(float((*v)?.into(), format!("{}", (*v)?))),
        ColumnData::F64(v) if matches!(kind, ColumnType::Money | ColumnType::Money4) => {
            number(format!("{:.4}", (*v)?))
        }
        ColumnData::F64(v) => number(float((*v)?, format!("{}", (*v)?))),
        ColumnData::Bit(v) => Some((Tag::Bool, (*v)?.to_string())),
        ColumnData::String(v) => Some((Tag::Text, v.as_deref()?.to_owned())),
        ColumnData::Guid(v) => Some((Tag::Text, (*v)?.to_string().to_uppercase())),
        ColumnData::Binary(v) => Some((Tag::Bytes, hex(v.as_deref()?))),
        ColumnData::Numeric(v) => number(decimal((*v)?)),
        ColumnData::Xml(v) => Some((Tag::Text, AsRef::<str>::as_ref(&**v.as_ref()?).to_owned())),
        ColumnData::DateTime(v) => {
            let v = (*v)?;
            // 300ths of a second, shown in milliseconds as the server rounds them.
            let ms = (u64::from(v.seconds_fragments()) * 10 + 1) / 3;
            time(format!("{} {}", day(1900, v.days().into()), clock(ms, 3)))
        }
        ColumnData::SmallDateTime(v) => {
            let v = (*v)?;
            let seconds = u64::from(v.seconds_fragments()) * 60;
            time(format!("{} {}", day(1900, v.days().into()), clock(seconds, 0)))
        }
        ColumnData::Time(v) => time(of_time((*v)?)),
        ColumnData::Date(v) => time(day(1, (*v)?.days().into())),
        ColumnData::DateTime2(v) => time(moment((*v)?, 0)),
        ColumnData::DateTimeOffset(v) => {
            let v = (*v)?;
            let (sign, away) = (if v.offset() < 0 { '-' } else { '+' }, v.offset().unsigned_abs());
            let local = moment(v.datetime2(), v.offset().into());
            time(format!("{local} {sign}{:02}:{:02}", away / 60, away % 60))
        }
    }
}

/// Huge and tiny numbers with an exponent: their digits would fill a line.
fn float(value: f64, plain: String) -> String {
    let size = value.abs();
    if size >= 1e17 || (size < 1e-5 && size > 0.0) { format!("{value:e}") } else { plain }
}

fn decimal(n: Numeric) -> String {
    let scale = usize::from(n.scale());
    let digits = format!("{:0>width$}", n.value().unsigned_abs(), width = scale + 1);
    let (whole, part) = digits.split_at(digits.len() - scale);
    let sign = if n.value() < 0 { "-" } else { "" };
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

/// The day `days` after the first of January of `year`.
fn day(year: i16, days: i64) -> String {
    let first = Date::new(year, 1, 1);
    let span = Span::new().try_days(days);
    match (first, span) {
        (Ok(first), Ok(span)) => first.checked_add(span).map_or_else(|_| "?".to_owned(), |d| d.to_string()),
        _ => "?".to_owned(),
    }
}

/// `HH:MM:SS.fff` of a number of parts of a second, `scale` digits of them.
fn clock(parts: u64, scale: u8) -> String {
    let unit = 10_u64.pow(scale.min(9).into());
    let (seconds, rest) = (parts / unit, parts % unit);
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if scale == 0 {
        return format!("{h:02}:{m:02}:{s:02}");
    }
    format!("{h:02}:{m:02}:{s:02}.{rest:0width$}", width = usize::from(scale))
}

fn of_time(time: Time) -> String {
    clock(time.increments(), time.scale())
}

/// A moment, `minutes` later than it says.
fn moment(at: DateTime2, minutes: i64) -> String {
    let scale = at.time().scale().min(9);
    let unit = 10_i64.pow(scale.into());
    let per_day = 24 * 60 * 60 * unit;
    let parts = i64::try_from(at.time().increments()).unwrap_or(0) + minutes * 60 * unit;
    let days = i64::from(at.date().days()) + parts.div_euclid(per_day);
    let left = u64::try_from(parts.rem_euclid(per_day)).unwrap_or(0);
    format!("{} {}", day(1, days), clock(left, scale))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiberius::time::{DateTime, DateTimeOffset, SmallDateTime};

    #[expect(clippy::needless_pass_by_value, reason = "values made on the spot")]
    fn shown(data: ColumnData<'static>, kind: ColumnType) -> String {
        text(&data, kind).map_or_else(|| "NULL".to_owned(), |(_, text)| text)
    }

    #[test]
    fn values_keep_all_their_digits() {
        let decimal = |value, scale| ColumnData::Numeric(Some(Numeric::new_with_scale(value, scale)));
        assert_eq!(shown(decimal(-5, 3), ColumnType::Numericn), "-0.005");
        assert_eq!(shown(decimal(12_345, 2), ColumnType::Decimaln), "123.45");
        assert_eq!(shown(decimal(7, 0), ColumnType::Decimaln), "7");
        assert_eq!(shown(ColumnData::F64(Some(12.5)), ColumnType::Money), "12.5000");
        assert_eq!(shown(ColumnData::F64(Some(1e300)), ColumnType::Float8), "1e300");
        assert_eq!(shown(ColumnData::F32(Some(0.1)), ColumnType::Float4), "0.1");
        assert_eq!(shown(ColumnData::Bit(Some(true)), ColumnType::Bit), "true");
        assert_eq!(shown(ColumnData::I32(None), ColumnType::Intn), "NULL");
        assert_eq!(shown(ColumnData::Binary(Some(vec![0, 255].into())), ColumnType::BigVarBin), "00ff");
    }

    #[test]
    fn times_are_the_servers_own() {
        // 2024-02-29 12:34:56.789 as datetime: 45 349 days, 300ths of a second rounded to .790.
        let fragments = (12 * 3600 + 34 * 60 + 56) * 300 + 237;
        let at = ColumnData::DateTime(Some(DateTime::new(45_349, fragments)));
        assert_eq!(shown(at, ColumnType::Datetimen), "2024-02-29 12:34:56.790");
        let at = ColumnData::SmallDateTime(Some(SmallDateTime::new(0, 61)));
        assert_eq!(shown(at, ColumnType::Datetime4), "1900-01-01 01:01:00");
        let date = tiberius::time::Date::new(738_944);
        assert_eq!(shown(ColumnData::Date(Some(date)), ColumnType::Daten), "2024-02-29");
        let moment = DateTime2::new(date, Time::new(23 * 36_000_000_000 + 1, 7));
        let text = shown(ColumnData::DateTime2(Some(moment)), ColumnType::Datetime2);
        assert_eq!(text, "2024-02-29 23:00:00.0000001");
        let local = DateTimeOffset::new(moment, 120);
        let text = shown(ColumnData::DateTimeOffset(Some(local)), ColumnType::DatetimeOffsetn);
        assert_eq!(text, "2024-03-01 01:00:00.0000001 +02:00");
    }
}
