//! InfluxDB's answers: the JSON of InfluxQL, Flux's annotated CSV, SQL's JSON lines.

use crate::model::{Failure, FailureKind, SafeText, Tag};
use crate::query::graph::json::{Json, Reader, push_list, push_number, push_object, push_text};
use crate::query::graph::{Cell, Shape, Take};
use serde::Deserialize;
use std::borrow::Cow;

const DOING: &str = "run the statement";

fn garbled(why: &str) -> Failure {
    Failure::new(FailureKind::Garbled, "read the answer", why)
}

/// An answer that is an error: InfluxDB's JSON, or another server's words.
pub fn rejected(doing: &str, status: u16, body: &[u8]) -> Failure {
    #[derive(Deserialize)]
    struct Said {
        error: Option<String>,
        message: Option<String>,
    }
    let kind = match status {
        401 | 403 => FailureKind::Denied,
        429 => FailureKind::Throttled,
        500.. => FailureKind::Unreachable,
        _ => FailureKind::Rejected,
    };
    let said = serde_json::from_slice::<Said>(body).ok().and_then(|said| said.error.or(said.message));
    let because = said.unwrap_or_else(|| format!("HTTP {status}: {}", String::from_utf8_lossy(body)));
    let because: String = because.chars().take(600).collect();
    let failure = Failure::new(kind, doing, because);
    match status {
        401 => failure.hint("give a token that may read: --password-fd N, --secret ARN, or when asked"),
        _ => failure,
    }
}

/// The names of the organisations in an answer.
pub fn organisations(body: &[u8]) -> Vec<String> {
    #[derive(Deserialize)]
    struct All {
        #[serde(default)]
        orgs: Vec<One>,
    }
    #[derive(Deserialize)]
    struct One {
        name: String,
    }
    let all = serde_json::from_slice::<All>(body).map(|all| all.orgs).unwrap_or_default();
    all.into_iter().map(|one| one.name).collect()
}

/// A value as a cell; `time` says that a text is a point in time.
fn cell(value: Json<'_>, time: bool) -> Cell<'_> {
    match value {
        Json::Null => (Tag::Null, Cow::Borrowed("")),
        Json::Bool(yes) => (Tag::Bool, Cow::Borrowed(if yes { "true" } else { "false" })),
        Json::Number(digits) => (Tag::Number, Cow::Borrowed(digits)),
        Json::Text(text) => (if time { Tag::Time } else { Tag::Text }, text),
        nested => {
            let mut out = String::new();
            push(&mut out, &nested);
            (Tag::Json, Cow::Owned(out))
        }
    }
}

fn push(out: &mut String, value: &Json<'_>) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
        Json::Number(digits) => push_number(out, digits),
        Json::Text(text) => push_text(out, text),
        Json::List(items) => push_list(out, items, push),
        Json::Object(fields) => push_object(out, fields.iter().map(|(k, v)| (k.as_ref(), v)), push),
    }
}

/// Hands the rows of an InfluxQL answer to `take`: the measurement, its tags, then its columns.
///
/// # Errors
/// What the server says, or an answer of another form.
pub fn influxql(body: &str, take: &mut dyn Take, notes: &mut Vec<SafeText>) -> Result<(), Failure> {
    let mut shape = Shape::default();
    // Chunks of one answer stand behind each other.
    let mut reader = Reader::new(body);
    while reader.peek().is_some() {
        let answer = reader.value()?;
        said(&answer)?;
        for result in list(answer.get("results")) {
            said(result)?;
            for message in list(result.get("messages")) {
                notes.extend(message.get("text").and_then(Json::text).map(SafeText::new));
            }
            for series in list(result.get("series")) {
                if !series_rows(series, &mut shape, take)? {
                    return Ok(());
                }
            }
            if result.get("partial") == Some(&Json::Bool(true)) {
                notes.push("the server cut the result (max-row-limit): ask for less".into());
            }
        }
    }
    Ok(())
}

fn said(answer: &Json<'_>) -> Result<(), Failure> {
    match answer.get("error").and_then(Json::text) {
        Some(error) => Err(Failure::new(FailureKind::Rejected, DOING, error)),
        None => Ok(()),
    }
}

fn list<'j, 'a>(value: Option<&'j Json<'a>>) -> &'j [Json<'a>] {
    match value {
        Some(Json::List(items)) => items,
        _ => &[],
    }
}

/// The rows of one series. False when no more are wanted.
fn series_rows(series: &Json<'_>, shape: &mut Shape, take: &mut dyn Take) -> Result<bool, Failure> {
    let columns: Vec<&str> = list(series.get("columns")).iter().filter_map(Json::text).collect();
    let name = series.get("name").and_then(Json::text).filter(|name| !name.is_empty());
    let tags = match series.get("tags") {
        Some(Json::Object(tags)) => tags.as_slice(),
        _ => &[],
    };
    for row in list(series.get("values")) {
        let values = list(Some(row));
        if values.len() != columns.len() {
            return Err(garbled("a row that does not fit its columns"));
        }
        // A column of SHOW may be called `name` as well: it is another one.
        let own = if columns.contains(&"name") { "measurement" } else { "name" };
        let measurement = name.map(|n| (Cow::Borrowed(own), (Tag::Text, Cow::Borrowed(n))));
        let tags = tags.iter().map(|(key, value)| (Cow::Borrowed(key.as_ref()), cell(value.clone(), false)));
        let values = columns
            .iter()
            .zip(values)
            .map(|(column, value)| (Cow::Borrowed(*column), cell(value.clone(), *column == "time")));
        if !shape.row(take, measurement.into_iter().chain(tags).chain(values))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Hands the objects of JSON lines to `take`.
///
/// # Errors
/// An answer of another form.
pub fn lines(body: &str, take: &mut dyn Take) -> Result<(), Failure> {
    let mut shape = Shape::default();
    for line in body.lines().filter(|line| !line.trim().is_empty()) {
        let Json::Object(fields) = Reader::new(line).value()? else {
            return Err(garbled("a row that is no object"));
        };
        let cells = fields.into_iter().map(|(name, value)| {
            let time = name == "time" || name.ends_with("_time");
            (name, cell(value, time))
        });
        if !shape.row(take, cells)? {
            return Ok(());
        }
    }
    Ok(())
}

/// What annotations say of the columns of a table.
#[derive(Default)]
struct Table {
    types: Vec<String>,
    defaults: Vec<String>,
    names: Option<Vec<String>>,
}

/// Hands the rows of annotated CSV to `take`. Tables of one answer may differ in shape.
///
/// # Errors
/// What the server says in an error table, or an answer of another form.
pub fn flux(body: &str, take: &mut dyn Take) -> Result<(), Failure> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(body.as_bytes());
    let (mut shape, mut table) = (Shape::default(), Table::default());
    let mut annotated = false;
    for record in reader.records() {
        let record = record.map_err(|e| garbled(&e.to_string()))?;
        let first = record.get(0).unwrap_or_default();
        if first.starts_with('#') {
            // Annotations begin a new table.
            if !annotated {
                table = Table::default();
            }
            annotated = true;
            let rest = record.iter().skip(1).map(str::to_owned).collect();
            match first {
                "#datatype" => table.types = rest,
                "#default" => table.defaults = rest,
                _ => {}
            }
            continue;
        }
        annotated = false;
        let Some(names) = &table.names else {
            table.names = Some(record.iter().skip(1).map(str::to_owned).collect());
            continue;
        };
        if names.first().is_some_and(|n| n == "error") {
            let why = record.get(1).unwrap_or("it failed, and the server does not say why");
            return Err(Failure::new(FailureKind::Rejected, DOING, why));
        }
        let cells = names.iter().enumerate().map(|(at, name)| {
            let default = table.defaults.get(at).map_or("", String::as_str);
            let given = record.get(at + 1).filter(|v| !v.is_empty()).unwrap_or(default);
            let kind = table.types.get(at).map_or("", String::as_str);
            (Cow::Borrowed(name.as_str()), (tag(kind, given), Cow::Borrowed(given)))
        });
        if !shape.row(take, cells.collect::<Vec<_>>())? {
            return Ok(());
        }
    }
    Ok(())
}

/// What a value of a type is. Only a string can be empty.
fn tag(kind: &str, value: &str) -> Tag {
    match kind {
        "string" | "" => Tag::Text,
        _ if value.is_empty() => Tag::Null,
        "long" | "unsignedLong" | "double" => Tag::Number,
        "boolean" => Tag::Bool,
        kind if kind.starts_with("dateTime") => Tag::Time,
        _ => Tag::Text,
    }
}
