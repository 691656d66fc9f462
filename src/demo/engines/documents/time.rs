//! Parts of dates and dates as text, in UTC.

use super::Fault;
use ::mongodb::bson::{Bson, DateTime, Document};
use jiff::Timestamp;
use jiff::civil::DateTime as Civil;
use jiff::tz::TimeZone;

fn civil(value: &Bson) -> Option<Civil> {
    let Bson::DateTime(at) = value else { return None };
    let at = Timestamp::from_millisecond(at.timestamp_millis()).ok()?;
    Some(at.to_zoned(TimeZone::UTC).datetime())
}

/// `$year` and its like; `None` for an operator that is none of them.
pub fn part(key: &str, of: &Bson) -> Option<Bson> {
    const KNOWN: &[&str] =
        &["$year", "$month", "$dayOfMonth", "$dayOfWeek", "$dayOfYear", "$hour", "$minute", "$second"];
    if !KNOWN.contains(&key) {
        return None;
    }
    let Some(at) = civil(of) else { return Some(Bson::Null) };
    Some(Bson::Int32(match key {
        "$year" => i32::from(at.year()),
        "$month" => i32::from(at.month()),
        "$dayOfMonth" => i32::from(at.day()),
        // From 1, a Sunday.
        "$dayOfWeek" => i32::from(at.weekday().to_sunday_one_offset()),
        "$dayOfYear" => i32::from(at.day_of_year()),
        "$hour" => i32::from(at.hour()),
        "$minute" => i32::from(at.minute()),
        _ => i32::from(at.second()),
    }))
}

/// `$dateToString` and `$dateTrunc`.
pub fn written(key: &str, given: &Document) -> Result<Bson, Fault> {
    let date = given.get("date").unwrap_or(&Bson::Null);
    if given.contains_key("timezone") {
        return Err(Fault::unknown("timezone"));
    }
    let Some(at) = civil(date) else { return Ok(Bson::Null) };
    if key == "$dateToString" {
        let format = given.get_str("format").unwrap_or("%Y-%m-%dT%H:%M:%S.%LZ");
        return text(&at, format).map(Bson::String);
    }
    let unit = given.get_str("unit").unwrap_or_default();
    let day = at.date();
    let start = match unit {
        "year" => day.first_of_year().at(0, 0, 0, 0),
        "month" => day.first_of_month().at(0, 0, 0, 0),
        "day" => day.at(0, 0, 0, 0),
        "hour" => day.at(at.hour(), 0, 0, 0),
        "minute" => day.at(at.hour(), at.minute(), 0, 0),
        other => return Err(Fault::unknown(&format!("$dateTrunc by {other}"))),
    };
    let start = start.to_zoned(TimeZone::UTC).map_err(|e| Fault::bad(&e.to_string()))?;
    Ok(Bson::DateTime(DateTime::from_millis(start.timestamp().as_millisecond())))
}

fn text(at: &Civil, format: &str) -> Result<String, Fault> {
    let mut out = String::new();
    let mut rest = format.chars();
    while let Some(c) = rest.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let part = match rest.next() {
            Some('Y') => format!("{:04}", at.year()),
            Some('m') => format!("{:02}", at.month()),
            Some('d') => format!("{:02}", at.day()),
            Some('H') => format!("{:02}", at.hour()),
            Some('M') => format!("{:02}", at.minute()),
            Some('S') => format!("{:02}", at.second()),
            Some('L') => format!("{:03}", at.millisecond()),
            Some('j') => format!("{:03}", at.day_of_year()),
            Some('%') => "%".to_owned(),
            other => return Err(Fault::unknown(&format!("%{}", other.unwrap_or(' ')))),
        };
        out.push_str(&part);
    }
    Ok(out)
}
