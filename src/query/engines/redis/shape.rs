//! Replies as rows. What a command is known to answer gets its columns; any other reply becomes rows by
//! its own shape, nested parts as JSON.

use super::resp::Reply;
use crate::model::{Column, Failure, SafeText, Tag};
use crate::query::engines::hex;
use crate::query::engines::intake::Intake;
use serde_json::Value as Json;
use std::borrow::Cow;

/// Columns of a reply that is a list of equal lists, at most.
const MOST_COLUMNS: usize = 32;

/// Takes the reply of the command `args`; gives notes about it.
///
/// # Errors
/// The rows cannot be kept.
pub fn take(args: &[Vec<u8>], reply: Reply, intake: &mut Intake<'_>) -> Result<Vec<SafeText>, Failure> {
    let word =
        |at: usize| args.get(at).map(|a| String::from_utf8_lossy(a).to_uppercase()).unwrap_or_default();
    let (name, sub) = (word(0), word(1));
    let mut notes = Vec::new();
    match (name.as_str(), sub.as_str(), reply) {
        ("SCAN" | "SSCAN" | "HSCAN" | "ZSCAN", _, Reply::List(parts)) if parts.len() == 2 => {
            let mut parts = parts.into_iter();
            let cursor = parts.next().map(|c| plain(&c)).unwrap_or_default();
            let items = parts.next().unwrap_or(Reply::Nil);
            let none = args.iter().any(|a| a.eq_ignore_ascii_case(b"NOVALUES"));
            match name.as_str() {
                "HSCAN" if !none => pairs(&["field", "value"], &into_pairs(items), intake)?,
                "ZSCAN" => pairs(&["member", "score"], &into_pairs(items), intake)?,
                "SCAN" => rows_of_values("key", items, intake)?,
                "HSCAN" => rows_of_values("field", items, intake)?,
                _ => rows_of_values("member", items, intake)?,
            }
            notes.push(match cursor.as_str() {
                "0" => "the walk is over".into(),
                cursor => SafeText::new(format!("the walk goes on at cursor {cursor}")),
            });
        }
        ("INFO", _, Reply::Text(text)) => info(&String::from_utf8_lossy(&text), intake)?,
        ("CLUSTER", "INFO", Reply::Text(text)) => facts(&String::from_utf8_lossy(&text), intake)?,
        ("CLUSTER", "NODES", Reply::Text(text)) => cluster_nodes(&String::from_utf8_lossy(&text), intake)?,
        ("CLIENT", "LIST" | "INFO", Reply::Text(text)) => clients(&String::from_utf8_lossy(&text), intake)?,
        ("HGETALL", _, reply) => pairs(&["field", "value"], &into_pairs(reply), intake)?,
        ("CONFIG", "GET", reply) => settings(into_pairs(reply), intake)?,
        ("SLOWLOG" | "COMMANDLOG", "GET", reply) => {
            table(&["id", "at", "micros", "command", "client", "name"], reply, intake)?;
        }
        ("XRANGE" | "XREVRANGE", _, Reply::List(entries)) => stream(None, entries, intake)?,
        ("XREAD", _, reply) => streams(reply, intake)?,
        ("MGET", _, Reply::List(values)) => {
            beside(&["key", "value"], args.get(1..).unwrap_or_default(), values, intake)?;
        }
        ("HMGET", _, Reply::List(values)) => {
            beside(&["field", "value"], args.get(2..).unwrap_or_default(), values, intake)?;
        }
        ("CLUSTER", "SLOTS", reply) => table(&["from", "to", "primary"], reply, intake)?,
        ("LATENCY", "LATEST", reply) => table(&["event", "at", "last_ms", "most_ms"], reply, intake)?,
        (name, _, reply) if name.starts_with('Z') && asks_scores(args) => {
            pairs(&["member", "score"], &into_pairs(reply), intake)?;
        }
        (_, _, reply) => anything(reply, intake)?,
    }
    Ok(notes)
}

fn asks_scores(args: &[Vec<u8>]) -> bool {
    args.iter().any(|a| a.eq_ignore_ascii_case(b"WITHSCORES"))
}

/// The kind of a value and its text.
pub fn value_of(reply: &Reply) -> (Tag, Cow<'_, [u8]>) {
    match reply {
        Reply::Nil => (Tag::Null, Cow::Borrowed(b"")),
        Reply::Text(bytes) if std::str::from_utf8(bytes).is_ok() => (Tag::Text, Cow::Borrowed(bytes)),
        Reply::Text(bytes) => (Tag::Bytes, Cow::Owned(hex(bytes).into_bytes())),
        Reply::Error(error) => (Tag::Text, Cow::Borrowed(error.as_bytes())),
        Reply::Int(n) => (Tag::Number, Cow::Owned(n.to_string().into_bytes())),
        Reply::Number(digits) if is_digits(digits) => (Tag::Number, Cow::Borrowed(digits.as_bytes())),
        Reply::Number(word) => (Tag::Text, Cow::Borrowed(word.as_bytes())),
        Reply::Bool(yes) => (Tag::Bool, Cow::Borrowed(if *yes { b"true" } else { b"false" })),
        Reply::List(_) | Reply::Map(_) => (Tag::Json, Cow::Owned(json(reply).to_string().into_bytes())),
    }
}

/// Whether JSON would take it for a number: `inf` and `nan` it would not.
fn is_digits(text: &str) -> bool {
    serde_json::from_str::<serde_json::Number>(text).is_ok()
}

fn json(reply: &Reply) -> Json {
    match reply {
        Reply::Nil => Json::Null,
        Reply::Text(bytes) => {
            Json::from(std::str::from_utf8(bytes).map_or_else(|_| hex(bytes), str::to_owned))
        }
        Reply::Error(error) => Json::from(error.as_str()),
        Reply::Int(n) => Json::from(*n),
        Reply::Number(digits) => serde_json::from_str(digits).unwrap_or_else(|_| Json::from(digits.as_str())),
        Reply::Bool(yes) => Json::from(*yes),
        Reply::List(all) => all.iter().map(json).collect(),
        Reply::Map(pairs) => pairs.iter().map(|(k, v)| (plain(k), json(v))).collect(),
    }
}

/// A value as words.
fn plain(reply: &Reply) -> String {
    let (_, raw) = value_of(reply);
    String::from_utf8_lossy(&raw).into_owned()
}

fn column(name: &str, tag: Tag) -> Column {
    Column { name: SafeText::new(name), type_name: "".into(), tag }
}

fn put(reply: &Reply, intake: &mut Intake<'_>) {
    let (tag, raw) = value_of(reply);
    intake.value(tag, &raw);
}

/// A row of these values; false when no more are to be taken.
fn row<'a>(values: impl Iterator<Item = &'a Reply>, intake: &mut Intake<'_>) -> Result<bool, Failure> {
    if !intake.admit(0) {
        return Ok(false);
    }
    values.for_each(|v| put(v, intake));
    intake.end_row()?;
    intake.publish_many();
    Ok(true)
}

/// Pairs of a map, of a list of pairs, or of a flat list as RESP 2 has it.
fn into_pairs(reply: Reply) -> Vec<(Reply, Reply)> {
    match reply {
        Reply::Map(pairs) => pairs,
        Reply::List(all) if !all.is_empty() && all.iter().all(|p| p.list().len() == 2) => all
            .into_iter()
            .filter_map(|p| {
                let Reply::List(pair) = p else { return None };
                let mut pair = pair.into_iter();
                Some((pair.next()?, pair.next()?))
            })
            .collect(),
        Reply::List(flat) => {
            let (mut flat, mut pairs) = (flat.into_iter(), Vec::new());
            while let (Some(key), Some(value)) = (flat.next(), flat.next()) {
                pairs.push((key, value));
            }
            pairs
        }
        _ => Vec::new(),
    }
}

fn pairs(names: &[&str; 2], all: &[(Reply, Reply)], intake: &mut Intake<'_>) -> Result<(), Failure> {
    let second = if names[1] == "score" { Tag::Number } else { Tag::Text };
    intake.columns(vec![column(names[0], Tag::Text), column(names[1], second)]);
    for (key, value) in all {
        // RESP 2 gives scores as strings.
        let score = match value {
            Reply::Text(bytes) if second == Tag::Number => {
                Some(Reply::Number(String::from_utf8_lossy(bytes).into_owned()))
            }
            _ => None,
        };
        let value = score.as_ref().unwrap_or(value);
        if !row([key, value].into_iter(), intake)? {
            break;
        }
    }
    Ok(())
}

/// Settings; those that are secrets are not shown.
fn settings(all: Vec<(Reply, Reply)>, intake: &mut Intake<'_>) -> Result<(), Failure> {
    let hidden = all.into_iter().map(|(key, value)| {
        let name = plain(&key);
        let secret =
            matches!(name.as_str(), "requirepass" | "masterauth" | "primaryauth") || name.ends_with("-pass");
        let set = matches!(&value, Reply::Text(text) if !text.is_empty());
        let value = if secret && set { Reply::Text(b"***".to_vec()) } else { value };
        (key, value)
    });
    pairs(&["name", "value"], &hidden.collect::<Vec<_>>(), intake)
}

fn rows_of_values(name: &str, reply: Reply, intake: &mut Intake<'_>) -> Result<(), Failure> {
    let all = match reply {
        Reply::List(all) => all,
        other => vec![other],
    };
    let tag = all.first().map_or(Tag::Text, |v| value_of(v).0);
    intake.columns(vec![column(name, tag)]);
    for value in &all {
        if !row(std::iter::once(value), intake)? {
            break;
        }
    }
    Ok(())
}

/// Values of the names that were asked for.
fn beside(
    names: &[&str; 2],
    asked: &[Vec<u8>],
    values: Vec<Reply>,
    intake: &mut Intake<'_>,
) -> Result<(), Failure> {
    let asked = asked.iter().map(|a| Reply::Text(a.clone()));
    pairs(names, &asked.zip(values).collect::<Vec<_>>(), intake)
}

/// Rows of lists, with these names for their first values.
fn table(names: &[&str], reply: Reply, intake: &mut Intake<'_>) -> Result<(), Failure> {
    let Reply::List(all) = reply else { return anything(reply, intake) };
    let width = all.iter().map(|r| r.list().len()).max().unwrap_or(names.len()).clamp(1, MOST_COLUMNS);
    let columns = (0..width).map(|n| {
        let name = names.get(n).map_or_else(|| format!("c{}", n + 1), |n| (*n).to_owned());
        let first = all.iter().find_map(|r| r.list().get(n));
        column(&name, first.map_or(Tag::Text, |v| value_of(v).0))
    });
    intake.columns(columns.collect());
    for line in &all {
        if !row(line.list().iter().take(width), intake)? {
            break;
        }
    }
    Ok(())
}

/// Entries of a stream: id and fields.
fn stream(of: Option<&Reply>, entries: Vec<Reply>, intake: &mut Intake<'_>) -> Result<(), Failure> {
    let mut columns = vec![column("id", Tag::Text), column("fields", Tag::Json)];
    if of.is_some() {
        columns.insert(0, column("stream", Tag::Text));
    }
    intake.columns(columns);
    for entry in entries {
        let [id, fields] = entry.list() else { continue };
        let fields = match fields {
            Reply::Nil => Reply::Nil,
            fields => Reply::Map(into_pairs(fields.clone())),
        };
        if !row(of.into_iter().chain([id, &fields]), intake)? {
            break;
        }
    }
    Ok(())
}

fn streams(reply: Reply, intake: &mut Intake<'_>) -> Result<(), Failure> {
    let all = into_pairs(reply);
    if all.is_empty() {
        return stream(Some(&Reply::Nil), Vec::new(), intake);
    }
    for (name, entries) in all {
        stream(Some(&name), entries.list().to_vec(), intake)?;
    }
    Ok(())
}

/// `INFO`: lines of `name:value` under `# Section`.
fn info(text: &str, intake: &mut Intake<'_>) -> Result<(), Failure> {
    intake.columns(vec![column("section", Tag::Text), column("name", Tag::Text), column("value", Tag::Text)]);
    let mut section = "";
    for line in text.lines() {
        if let Some(title) = line.strip_prefix('#') {
            section = title.trim();
        } else if let Some((name, value)) = line.split_once(':') {
            let values = [section, name].map(|t| Reply::Text(t.as_bytes().to_vec()));
            if !row(values.iter().chain([&typed(value)]), intake)? {
                break;
            }
        }
    }
    Ok(())
}

/// Lines of `name:value`.
fn facts(text: &str, intake: &mut Intake<'_>) -> Result<(), Failure> {
    intake.columns(vec![column("name", Tag::Text), column("value", Tag::Text)]);
    for (name, value) in text.lines().filter_map(|l| l.split_once(':')) {
        if !row([&Reply::Text(name.as_bytes().to_vec()), &typed(value)].into_iter(), intake)? {
            break;
        }
    }
    Ok(())
}

/// A text of the server as a number where it is one.
fn typed(value: &str) -> Reply {
    let value = value.trim_end();
    match value.parse::<i64>() {
        Ok(n) if n.to_string() == value => Reply::Int(n),
        _ => Reply::Text(value.as_bytes().to_vec()),
    }
}

/// `CLIENT LIST`: a line for each client, `name=value` between blanks. Columns grow with what is met.
fn clients(text: &str, intake: &mut Intake<'_>) -> Result<(), Failure> {
    let mut names: Vec<String> = Vec::new();
    for line in text.lines().filter(|l| !l.is_empty()) {
        let pairs: Vec<(&str, &str)> = line.split(' ').filter_map(|w| w.split_once('=')).collect();
        let fresh: Vec<&str> =
            pairs.iter().map(|(n, _)| *n).filter(|n| !names.iter().any(|k| k == n)).collect();
        if !fresh.is_empty() && names.len() + fresh.len() <= 200 {
            names.extend(fresh.into_iter().map(str::to_owned));
            intake.columns(names.iter().map(|n| column(n, Tag::Text)).collect());
        }
        let values: Vec<Reply> = names
            .iter()
            .map(|name| pairs.iter().find(|(n, _)| n == name).map_or(Reply::Nil, |(_, v)| typed(v)))
            .collect();
        if !row(values.iter(), intake)? {
            break;
        }
    }
    Ok(())
}

/// `CLUSTER NODES`: a line for each node.
fn cluster_nodes(text: &str, intake: &mut Intake<'_>) -> Result<(), Failure> {
    let names = ["id", "address", "flags", "primary", "ping_sent", "pong_received", "epoch", "link", "slots"];
    intake.columns(names.iter().map(|n| column(n, Tag::Text)).collect());
    for line in text.lines().filter(|l| !l.is_empty()) {
        let values: Vec<Reply> = line.splitn(names.len(), ' ').map(typed).collect();
        if !row(values.iter(), intake)? {
            break;
        }
    }
    Ok(())
}

/// A reply that nothing is known about.
fn anything(reply: Reply, intake: &mut Intake<'_>) -> Result<(), Failure> {
    match reply {
        Reply::Map(all) => pairs(&["key", "value"], &all, intake),
        Reply::List(all) if !all.is_empty() && all.iter().all(|r| matches!(r, Reply::Map(_))) => {
            maps(&all, intake)
        }
        Reply::List(all) => {
            let width = all.first().map_or(0, |r| r.list().len());
            let square = (1..=MOST_COLUMNS).contains(&width) && all.iter().all(|r| r.list().len() == width);
            if square {
                table(&[], Reply::List(all), intake)
            } else {
                rows_of_values("value", Reply::List(all), intake)
            }
        }
        plain => rows_of_values("value", plain, intake),
    }
}

/// Rows of maps: every key met is a column.
fn maps(all: &[Reply], intake: &mut Intake<'_>) -> Result<(), Failure> {
    let mut names: Vec<String> = Vec::new();
    for reply in all {
        let Reply::Map(pairs) = reply else { continue };
        for (key, _) in pairs {
            let key = plain(key);
            if !names.contains(&key) && names.len() < 200 {
                names.push(key);
            }
        }
    }
    intake.columns(names.iter().map(|n| column(n, Tag::Text)).collect());
    for reply in all {
        if !row(names.iter().map(|n| reply.get(n).unwrap_or(&Reply::Nil)), intake)? {
            break;
        }
    }
    Ok(())
}
