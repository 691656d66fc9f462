//! DynamoDB's PartiQL: `ExecuteStatement`, page by page, with what it consumed.
//!
//! Items differ in shape, so the columns grow as attributes appear. Numbers keep DynamoDB's
//! own digits; maps, lists and sets become plain JSON.

use super::cancel::lost;
use super::intake::Intake;
use crate::aws::{Reach, failure::failure};
use crate::clock;
use crate::guard::{Cleared, LiveAccess};
use crate::model::{
    Column, EngineId, Failure, FailureKind, Limits, SafeText, Statement, Summary, Tag, Target, Task,
};
use crate::query::dialect::partiql;
use crate::query::engine::{Canceller, Engine, Login, Progress, Session, Sink};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ConsumedCapacity, ReturnConsumedCapacity};
use serde_json::Value as Json;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Notify;

/// Most columns: an item has at most some thousand attributes; more is a table used as a map.
const MOST_COLUMNS: usize = 2_000;

/// Opens DynamoDB sessions.
pub struct DynamoDb {
    reach: Arc<Reach>,
}

impl DynamoDb {
    /// Over `reach`.
    pub const fn new(reach: Arc<Reach>) -> Self {
        Self { reach }
    }
}

impl Engine for DynamoDb {
    fn id(&self) -> EngineId {
        EngineId::DynamoDb
    }

    fn open<'a>(
        &'a self,
        target: &'a Target,
        _: &'a Login,
        changes: bool,
        tell: &'a (dyn Fn(Progress) + Send + Sync),
    ) -> Task<'a, Box<dyn Session>> {
        Box::pin(async move {
            tell(Progress::Connecting("DynamoDB".into()));
            Ok(Box::new(PartiQlSession {
                client: self.reach.dynamodb(),
                access: self.reach.access().clone(),
                changes,
                doing: format!("query {}", target.resource.name),
                table: target.resource.name.clone(),
                keys: target.backend.keys.clone(),
                stop: Arc::default(),
            }) as Box<dyn Session>)
        })
    }
}

struct PartiQlSession {
    client: Client,
    access: LiveAccess,
    changes: bool,
    doing: String,
    /// The table that the session was opened on, and its key attributes.
    table: Arc<str>,
    keys: Vec<Arc<str>>,
    stop: Arc<Stop>,
}

impl PartiQlSession {
    async fn run_cleared(
        &mut self,
        statement: &Cleared<Statement>,
        limits: Limits,
        sink: &mut Sink,
    ) -> Result<Summary, Failure> {
        let changes = statement.changes();
        if changes && !self.changes || !statement.holds(&self.access.read(), clock::now()) {
            let why = "this session was opened read-only, or the access changed since this was allowed";
            return Err(Failure::new(FailureKind::Refused, self.doing.as_str(), why));
        }
        let started = Instant::now();
        let mut intake = Intake::new(sink, limits);
        intake.running();
        let mut consumed = Consumed::default();
        let pages = self.pages(&statement.get().text, changes, &mut intake, &mut consumed);
        let ended = tokio::select! {
            ended = pages => ended,
            () = self.stop.0.notified() => Err(self.given_up(changes)),
        };
        intake.publish();
        ended.map_err(|failure| lost(failure, changes))?;
        Ok(Summary {
            rows: intake.rows,
            changed: written(&statement.get().text).filter(|_| changes),
            truncated: intake.full,
            took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            notes: consumed.notes(changes),
        })
    }

    /// DynamoDB has no way to stop a statement.
    fn given_up(&self, changes: bool) -> Failure {
        let (kind, why) = if changes {
            (FailureKind::Unreachable, "nobody waits any more, but DynamoDB cannot stop a statement")
        } else {
            (FailureKind::Cancelled, "cancelled: no further page was asked for")
        };
        Failure::new(kind, self.doing.as_str(), why)
    }

    async fn pages(
        &self,
        text: &str,
        changes: bool,
        intake: &mut Intake<'_>,
        consumed: &mut Consumed,
    ) -> Result<(), Failure> {
        // Another table's items have other keys: nothing is known about theirs.
        let own = partiql::table_of(text).is_some_and(|(table, _)| *table == *self.table);
        let mut shape = Shape::led_by(if own { &self.keys } else { &[] });
        let (mut token, mut seen) = (None, HashSet::new());
        loop {
            // `Limit` counts items looked at, not found: enough for one page to stop early.
            let limit =
                i32::try_from(intake.left().saturating_add(1)).ok().filter(|n| *n <= 1_000 && !changes);
            let call = self
                .client
                .execute_statement()
                .statement(text)
                .set_limit(limit)
                .set_next_token(token.take())
                .return_consumed_capacity(ReturnConsumedCapacity::Indexes);
            let page = call.send().await.map_err(|e| failure(&self.doing, &e))?;
            consumed.add(page.consumed_capacity());
            for item in page.items() {
                if !intake.admit(0) {
                    return Ok(());
                }
                shape.take(item, intake)?;
            }
            intake.publish();
            let Some(next) = page.next_token.filter(|t| !t.is_empty()) else { return Ok(()) };
            if !seen.insert(next.clone()) {
                return Err(Failure::new(
                    FailureKind::Garbled,
                    self.doing.as_str(),
                    "the same page was offered twice",
                )
                .hint("the rows so far are kept; the endpoint does not page as DynamoDB does"));
            }
            token = Some(next);
        }
    }
}

/// The columns so far.
#[derive(Default)]
struct Shape<'a> {
    /// Attributes that come first among those that appear together.
    keys: &'a [Arc<str>],
    columns: Vec<Column>,
    known: HashMap<String, usize>,
}

impl<'a> Shape<'a> {
    /// No columns yet; `keys` will lead, the partition key first.
    fn led_by(keys: &'a [Arc<str>]) -> Self {
        Self { keys, ..Self::default() }
    }

    /// Takes one item; attributes not met before become columns behind those that are there,
    /// the table's keys first, then in the order of their names.
    fn take(
        &mut self,
        item: &HashMap<String, AttributeValue>,
        intake: &mut Intake<'_>,
    ) -> Result<(), Failure> {
        let mut fresh: Vec<&String> = item.keys().filter(|k| !self.known.contains_key(*k)).collect();
        let rank = |name: &str| self.keys.iter().position(|k| **k == *name).unwrap_or(usize::MAX);
        fresh.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.cmp(b)));
        let grew = !fresh.is_empty();
        for name in fresh {
            if self.columns.len() >= MOST_COLUMNS {
                return Err(Failure::new(
                    FailureKind::Usage,
                    "show the items",
                    "more than 2,000 different attributes",
                )
                .hint("name the attributes you want after SELECT"));
            }
            let (type_name, tag) = item.get(name).map_or(("", Tag::Text), kind);
            self.known.insert(name.clone(), self.columns.len());
            self.columns.push(Column { name: SafeText::new(name), type_name: type_name.into(), tag });
        }
        if grew {
            intake.columns(self.columns.clone());
        }
        let mut row: Vec<Option<&AttributeValue>> = vec![None; self.columns.len()];
        for (name, value) in item {
            if let Some(cell) = self.known.get(name).and_then(|i| row.get_mut(*i)) {
                *cell = Some(value);
            }
        }
        for cell in row {
            match cell {
                None => intake.value(Tag::Absent, b""),
                Some(AttributeValue::S(text) | AttributeValue::N(text)) => {
                    intake.value(kind_tag(cell), text.as_bytes());
                }
                Some(value) => intake.value(kind_tag(cell), plain(value).as_bytes()),
            }
        }
        intake.end_row()
    }
}

fn kind_tag(value: Option<&AttributeValue>) -> Tag {
    value.map_or(Tag::Absent, |v| kind(v).1)
}

/// DynamoDB's word for the type of a value, and what it is.
const fn kind(value: &AttributeValue) -> (&'static str, Tag) {
    match value {
        AttributeValue::S(_) => ("S", Tag::Text),
        AttributeValue::N(_) => ("N", Tag::Number),
        AttributeValue::Bool(_) => ("BOOL", Tag::Bool),
        AttributeValue::Null(_) => ("NULL", Tag::Null),
        AttributeValue::B(_) => ("B", Tag::Bytes),
        AttributeValue::M(_) => ("M", Tag::Json),
        AttributeValue::L(_) => ("L", Tag::Json),
        AttributeValue::Ss(_) => ("SS", Tag::Json),
        AttributeValue::Ns(_) => ("NS", Tag::Json),
        AttributeValue::Bs(_) => ("BS", Tag::Json),
        _ => ("", Tag::Text),
    }
}

/// A value as the text of a cell.
fn plain(value: &AttributeValue) -> String {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.clone(),
        AttributeValue::Bool(v) => v.to_string(),
        AttributeValue::Null(_) => String::new(),
        AttributeValue::B(bytes) => super::hex(bytes.as_ref()),
        value => {
            let mut out = String::new();
            push_json(&mut out, value);
            out
        }
    }
}

/// Appends a value as JSON. Numbers keep their 38 digits, which a float would lose.
fn push_json(out: &mut String, value: &AttributeValue) {
    let text = |out: &mut String, text: &str| out.push_str(&Json::from(text).to_string());
    match value {
        AttributeValue::S(v) => text(out, v),
        AttributeValue::N(v) => out.push_str(v),
        AttributeValue::Bool(v) => out.push_str(if *v { "true" } else { "false" }),
        AttributeValue::B(v) => text(out, &super::hex(v.as_ref())),
        AttributeValue::Ss(all) => push_list(out, all, |out, v| text(out, v)),
        AttributeValue::Ns(all) => push_list(out, all, |out, v| out.push_str(v)),
        AttributeValue::Bs(all) => push_list(out, all, |out, v| text(out, &super::hex(v.as_ref()))),
        AttributeValue::L(all) => push_list(out, all, push_json),
        AttributeValue::M(map) => {
            let mut names: Vec<_> = map.iter().collect();
            names.sort_by_key(|(name, _)| *name);
            out.push('{');
            for (i, (name, value)) in names.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                text(out, name);
                out.push(':');
                push_json(out, value);
            }
            out.push('}');
        }
        _ => out.push_str("null"),
    }
}

fn push_list<T>(out: &mut String, all: &[T], push: impl Fn(&mut String, &T)) {
    out.push('[');
    for (i, value) in all.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        push(out, value);
    }
    out.push(']');
}

/// How many items a change that went well has written, as far as its form tells: DynamoDB does not. One that
/// puts or updates writes one item; one that deletes may have found none.
fn written(statement: &str) -> Option<u64> {
    let verb = statement.split_whitespace().next()?;
    ["insert", "update"].iter().any(|v| verb.eq_ignore_ascii_case(v)).then_some(1)
}

/// What all pages consumed.
#[derive(Default)]
struct Consumed {
    units: f64,
    pages: u64,
    indexes: Vec<String>,
}

impl Consumed {
    fn add(&mut self, page: Option<&ConsumedCapacity>) {
        self.pages += 1;
        let Some(page) = page else { return };
        self.units += page.capacity_units().unwrap_or_default();
        let local = page.local_secondary_indexes().into_iter().flatten();
        for (index, _) in page.global_secondary_indexes().into_iter().flatten().chain(local) {
            if !self.indexes.contains(index) {
                self.indexes.push(index.clone());
            }
        }
    }

    fn notes(&self, changes: bool) -> Vec<SafeText> {
        let pages = if self.pages == 1 { "1 page".to_owned() } else { format!("{} pages", self.pages) };
        let mut notes = vec![SafeText::new(format!("consumed {} capacity units in {pages}", self.units))];
        let did = if changes { "wrote" } else { "read" };
        notes.extend(self.indexes.iter().map(|i| SafeText::new(format!("{did} index {i}"))));
        notes
    }
}

/// Ends the asking for pages.
#[derive(Default)]
struct Stop(Notify);

impl Canceller for Stop {
    fn cancel(&self) -> Task<'_, ()> {
        self.0.notify_waiters();
        Box::pin(async { Ok(()) })
    }
}

impl Session for PartiQlSession {
    fn run<'a>(
        &'a mut self,
        statement: &'a Cleared<Statement>,
        limits: Limits,
        sink: &'a mut Sink,
    ) -> Task<'a, Summary> {
        Box::pin(self.run_cleared(statement, limits, sink))
    }

    fn canceller(&self) -> Arc<dyn Canceller> {
        self.stop.clone()
    }

    fn locks(&self) -> Vec<SafeText> {
        vec!["no session lock: the guard and the IAM policy hold".into()]
    }

    fn is_alive(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::store::{BUDGET, store};

    fn item(pairs: &[(&str, AttributeValue)]) -> HashMap<String, AttributeValue> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect()
    }

    #[test]
    fn columns_grow_with_the_items_and_missing_attributes_are_absent() {
        let (writer, reader) = store(BUDGET);
        let mut sink = Sink::new(writer, |_| {});
        let mut intake = Intake::new(&mut sink, Limits::default());
        let mut shape = Shape::default();
        let n = |n: &str| AttributeValue::N(n.into());
        shape
            .take(&item(&[("id", n("1")), ("a", n("12345678901234567890123456789012345678"))]), &mut intake)
            .expect("taken");
        shape.take(&item(&[("id", n("2")), ("z", AttributeValue::Bool(true))]), &mut intake).expect("taken");
        intake.publish();
        let names: Vec<String> = reader.columns().iter().map(|c| c.name.to_string()).collect();
        assert_eq!(names, ["a", "id", "z"]);
        let mut tags = Vec::new();
        assert!(reader.row(1, |_, v| tags.push(v.tag)));
        assert_eq!(tags, [Tag::Absent, Tag::Number, Tag::Bool]);
    }

    #[test]
    fn keys_lead_the_columns_and_published_columns_stay_where_they_are() {
        let keys: [Arc<str>; 2] = ["user".into(), "at".into()];
        let text = |t: &str| AttributeValue::S(t.into());
        let names = |items: &[&[&str]]| {
            let (writer, reader) = store(BUDGET);
            let mut sink = Sink::new(writer, |_| {});
            let mut intake = Intake::new(&mut sink, Limits::default());
            let mut shape = Shape::led_by(&keys);
            for attributes in items {
                let pairs: Vec<_> = attributes.iter().map(|a| (*a, text(a))).collect();
                shape.take(&item(&pairs), &mut intake).expect("taken");
            }
            intake.publish();
            reader.columns().iter().map(|c| c.name.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(names(&[&["a", "at", "user", "z"], &["at", "b", "user"]]), ["user", "at", "a", "z", "b"]);
        assert_eq!(names(&[&["b"], &["a", "at", "b", "user"]]), ["b", "user", "at", "a"]);
    }

    #[test]
    fn nested_values_are_plain_json_with_all_digits() {
        let map = AttributeValue::M(item(&[
            ("b", AttributeValue::L(vec![AttributeValue::N("0.10".into()), AttributeValue::Null(true)])),
            ("a", AttributeValue::Ss(vec!["x\"y".into()])),
        ]));
        assert_eq!(plain(&map), r#"{"a":["x\"y"],"b":[0.10,null]}"#);
    }
}
