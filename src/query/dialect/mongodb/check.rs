//! The judgement: a command is a read when it is one of these commands, each of its fields is one
//! that the command is known to take, and every operator in it, at any depth, is one that only
//! reads. Everything else is refused.

use super::calls::named;
use super::pipeline;
use super::tree::{Command, Document, Entry, Value};
use super::words::{
    CODE, EXPRESSIONS, GEO, OPERATION, PREDICATES, REFERENCE, SECTIONS, SHAPES, TEXT_SEARCH, WRITES,
};
use super::{Refusal, unsure};
use crate::query::dialect::{Class, Span};

/// What a field of a command holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    /// The name of a collection.
    Name,
    /// The name of a collection, or a number for none.
    NameOrOne,
    /// A number or a truth that only marks the command.
    One,
    /// A query.
    Query,
    /// A projection.
    Projection,
    /// An order: fields with 1 or -1.
    Order,
    /// Stages.
    Pipeline,
    /// Variables: names with expressions.
    Variables,
    /// Data without operators.
    Plain,
    /// A number that is not negative.
    Count,
    /// True or false.
    Flag,
    /// A command that reads.
    Command,
    /// A verbosity of explain.
    Verbosity,
}

use Holds::{
    Count, Flag, Name, NameOrOne, One, Order, Pipeline, Plain, Projection, Query, Variables, Verbosity,
};

/// Commands that read, with the fields that each takes; the first is the command itself.
const READS: &[&[(&str, Holds)]] = &[
    &[
        ("find", Name),
        ("filter", Query),
        ("sort", Order),
        ("projection", Projection),
        ("hint", Order),
        ("skip", Count),
        ("limit", Count),
        ("batchSize", Count),
        ("singleBatch", Flag),
        ("comment", Plain),
        ("maxTimeMS", Count),
        ("readConcern", Plain),
        ("max", Plain),
        ("min", Plain),
        ("returnKey", Flag),
        ("showRecordId", Flag),
        ("allowDiskUse", Flag),
        ("allowPartialResults", Flag),
        ("collation", Plain),
        ("let", Variables),
    ],
    &[
        ("aggregate", NameOrOne),
        ("pipeline", Pipeline),
        ("explain", Flag),
        ("allowDiskUse", Flag),
        ("cursor", Plain),
        ("maxTimeMS", Count),
        ("readConcern", Plain),
        ("collation", Plain),
        ("hint", Order),
        ("comment", Plain),
        ("let", Variables),
    ],
    &[
        ("count", Name),
        ("query", Query),
        ("limit", Count),
        ("skip", Count),
        ("hint", Order),
        ("maxTimeMS", Count),
        ("readConcern", Plain),
        ("collation", Plain),
        ("comment", Plain),
    ],
    &[
        ("distinct", Name),
        ("key", Plain),
        ("query", Query),
        ("maxTimeMS", Count),
        ("readConcern", Plain),
        ("collation", Plain),
        ("comment", Plain),
        ("hint", Order),
    ],
    &[
        ("listCollections", One),
        ("filter", Query),
        ("nameOnly", Flag),
        ("authorizedCollections", Flag),
        ("cursor", Plain),
        ("maxTimeMS", Count),
        ("comment", Plain),
    ],
    &[("listIndexes", Name), ("cursor", Plain), ("maxTimeMS", Count), ("comment", Plain)],
    &[
        ("listDatabases", One),
        ("filter", Query),
        ("nameOnly", Flag),
        ("authorizedDatabases", Flag),
        ("maxTimeMS", Count),
        ("comment", Plain),
    ],
    &[("collStats", Name), ("scale", Count), ("maxTimeMS", Count)],
    &[("dbStats", One), ("scale", Count), ("freeStorage", Count), ("maxTimeMS", Count)],
    &[("serverStatus", One), ("maxTimeMS", Count)],
    &[("currentOp", One), ("$ownOps", Flag), ("$all", Flag), ("maxTimeMS", Count)],
    &[("hello", One)],
    &[("isMaster", One)],
    &[("ismaster", One)],
    &[("ping", One)],
    &[("buildInfo", One)],
    &[("buildinfo", One)],
    &[("hostInfo", One)],
    &[("connectionStatus", One), ("showPrivileges", Flag)],
    &[("listCommands", One)],
    &[("replSetGetStatus", One)],
    &[("replSetGetConfig", One), ("commitmentStatus", Flag), ("comment", Plain)],
    &[("top", One)],
    // Not showCredentials: what it shows is as good as a password.
    &[
        ("usersInfo", Plain),
        ("showCustomData", Flag),
        ("showPrivileges", Flag),
        ("showAuthenticationRestrictions", Flag),
        ("filter", Query),
        ("comment", Plain),
    ],
    &[
        ("rolesInfo", Plain),
        ("showAuthenticationRestrictions", Flag),
        ("showBuiltinRoles", Flag),
        ("showPrivileges", Flag),
        ("comment", Plain),
    ],
    &[
        ("dataSize", Name),
        ("keyPattern", Plain),
        ("min", Plain),
        ("max", Plain),
        ("estimate", Flag),
        ("maxTimeMS", Count),
        ("comment", Plain),
    ],
    &[("explain", Holds::Command), ("verbosity", Verbosity), ("maxTimeMS", Count), ("comment", Plain)],
];

/// Verbosities of explain. All but the first run the query, which only reads.
const VERBOSITIES: &[&str] = &["queryPlanner", "executionStats", "allPlansExecution"];

/// Commands that may be explained.
const EXPLAINED: &[&str] = &["aggregate", "count", "distinct", "find"];

/// Judges a command.
pub fn command(command: &Command) -> Result<(), Refusal> {
    document(&command.body)
}

fn document(body: &Document) -> Result<(), Refusal> {
    let Some(first) = body.0.first() else {
        return Err(unsure("mongodb.empty", Span { start: 0, end: 0 }, "An empty document is no command."));
    };
    let name = first.key.as_str();
    let fields = READS.iter().find(|fields| fields.first().is_some_and(|(known, _)| *known == name));
    let Some(fields) = fields else { return Err(no_read(first)) };
    for entry in &body.0 {
        match fields.iter().find(|(key, _)| *key == entry.key) {
            Some((_, holds)) => field(entry, *holds)?,
            None => open_field(entry, name)?,
        }
    }
    Ok(())
}

/// A field of a command that takes many: parts of the status, fields of operations.
fn open_field(entry: &Entry, command: &str) -> Result<(), Refusal> {
    let key = entry.key.as_str();
    let first = key.split('.').next().unwrap_or_default();
    match command {
        "serverStatus" if SECTIONS.contains(&key) => field(entry, Flag),
        "currentOp" if OPERATION.contains(&first) => predicate(&entry.value),
        "currentOp" if matches!(key, "$and" | "$or" | "$nor") => {
            query(&Value::Document(Document(vec![entry.clone()])), entry.at)
        }
        _ => Err(no_field(entry, command)),
    }
}

fn no_read(first: &Entry) -> Refusal {
    if WRITES.contains(&first.key.as_str()) {
        let why = "The command changes something, or reaches beyond reading.";
        return Refusal { class: Class::Write, ..unsure("mongodb.command.write", first.at, why) };
    }
    let why = "No such command is known to only read.";
    let instead = match first.key.as_str() {
        "getMore" => Some("Further rows are fetched by themselves."),
        _ => None,
    };
    Refusal { instead, ..unsure("mongodb.command.unknown", first.at, why) }
}

fn no_field(entry: &Entry, command: &str) -> Refusal {
    if matches!(entry.key.as_str(), "writeConcern" | "bypassDocumentValidation") {
        let why = "The field belongs to commands that write.";
        return Refusal { class: Class::Write, ..unsure("mongodb.field.write", entry.at, why) };
    }
    let why = format!("{command} is not known to take this field.");
    unsure("mongodb.field.unknown", entry.at, &why)
}

fn field(entry: &Entry, holds: Holds) -> Result<(), Refusal> {
    let wrong = |what: &str| {
        let why = format!("Here stands {what}.");
        Err(unsure("mongodb.field.value", entry.at, &why))
    };
    let value = &entry.value;
    match holds {
        Name => named(value, entry.at),
        NameOrOne if is_number(value) => Ok(()),
        NameOrOne => named(value, entry.at),
        One if is_number(value) || matches!(value, Value::Bool(_)) => Ok(()),
        One => wrong("the number 1"),
        Query => query(value, entry.at),
        Projection => match value {
            Value::Document(of) => of.0.iter().try_for_each(projected),
            _ => wrong("a projection document"),
        },
        Order => match value {
            Value::Document(of) => of.0.iter().try_for_each(ordered),
            // A hint may be the name of an index.
            Value::Text(_) if entry.key == "hint" => Ok(()),
            _ => wrong("a document of fields and directions"),
        },
        Pipeline => pipeline::stages(value, entry.at),
        Variables => match value {
            Value::Document(_) => expression(value),
            _ => wrong("a document of variables"),
        },
        Plain => plain(value),
        Count if is_count(value) => Ok(()),
        Count => wrong("a number that is not negative"),
        Flag if matches!(value, Value::Bool(_)) || is_number(value) => Ok(()),
        Flag => wrong("true or false"),
        Holds::Command => match value {
            Value::Document(of) if of.0.first().is_some_and(|f| EXPLAINED.contains(&f.key.as_str())) => {
                document(of)
            }
            Value::Document(of) => Err(of.0.first().map_or_else(
                || unsure("mongodb.empty", entry.at, "There is no command to explain."),
                no_read,
            )),
            _ => wrong("the command to explain"),
        },
        Verbosity => match value {
            Value::Text(word) if VERBOSITIES.contains(&word.as_str()) => Ok(()),
            _ => wrong("queryPlanner, executionStats or allPlansExecution"),
        },
    }
}

const fn is_number(value: &Value) -> bool {
    matches!(value, Value::Int32(_) | Value::Int64(_) | Value::Double(_))
}

fn is_count(value: &Value) -> bool {
    match value {
        Value::Int32(n) => *n >= 0,
        Value::Int64(n) => *n >= 0,
        Value::Double(n) => *n >= 0.0 && n.fract() == 0.0,
        _ => false,
    }
}

/// The refusal of an operator that no list has.
pub fn operator(key: &str, at: Span, what: &str) -> Refusal {
    if CODE.contains(&key) {
        let why = "The operator runs JavaScript on the server.";
        return Refusal { class: Class::Write, ..unsure("mongodb.javascript", at, why) };
    }
    if matches!(key, "$out" | "$merge") {
        let why = "The stage writes its rows into a collection.";
        let instead = Some("Without it the pipeline shows the rows.");
        return Refusal { class: Class::Write, instead, ..unsure("mongodb.stage.write", at, why) };
    }
    unsure("mongodb.operator.unknown", at, &format!("No such {what} is known to only read."))
}

/// A query: fields with what they must be, and the operators over several.
pub fn query(value: &Value, at: Span) -> Result<(), Refusal> {
    let Value::Document(of) = value else {
        return Err(unsure("mongodb.field.value", at, "Here stands a query document."));
    };
    for entry in &of.0 {
        match entry.key.as_str() {
            "$and" | "$or" | "$nor" => match &entry.value {
                Value::Array(all) => all.iter().try_for_each(|one| query(one, entry.at))?,
                _ => return Err(unsure("mongodb.field.value", entry.at, "Here stands a list of queries.")),
            },
            "$expr" => expression(&entry.value)?,
            "$comment" | "$jsonSchema" | "$sampleRate" => plain(&entry.value)?,
            "$text" => within(&entry.value, TEXT_SEARCH)?,
            key if key.starts_with('$') && !REFERENCE.contains(&key) => {
                return Err(operator(key, entry.at, "operator of queries"));
            }
            _ => predicate(&entry.value)?,
        }
    }
    Ok(())
}

fn is_operator(entry: &Entry) -> bool {
    entry.key.starts_with('$') && !REFERENCE.contains(&entry.key.as_str())
}

/// What a field must be: a value, or operators on it.
fn predicate(value: &Value) -> Result<(), Refusal> {
    let Value::Document(of) = value else { return plain(value) };
    if !of.0.iter().any(is_operator) {
        return plain(value);
    }
    for entry in &of.0 {
        match entry.key.as_str() {
            "$not" => predicate(&entry.value)?,
            "$elemMatch" => element(&entry.value, entry.at)?,
            "$all" => match &entry.value {
                Value::Array(all) => all.iter().try_for_each(predicate)?,
                other => plain(other)?,
            },
            key if GEO.contains(&key) => within(&entry.value, SHAPES)?,
            key if PREDICATES.contains(&key) => plain(&entry.value)?,
            key if is_operator(entry) => return Err(operator(key, entry.at, "operator of queries")),
            _ => plain(&entry.value)?,
        }
    }
    Ok(())
}

/// What `$elemMatch` holds: a query of the element's fields, or operators on the element.
fn element(value: &Value, at: Span) -> Result<(), Refusal> {
    let Value::Document(of) = value else {
        return Err(unsure("mongodb.field.value", at, "Here stands a query document."));
    };
    let over_fields = |e: &Entry| {
        !e.key.starts_with('$') || matches!(e.key.as_str(), "$and" | "$or" | "$nor" | "$expr" | "$comment")
    };
    if of.0.iter().all(over_fields) { query(value, at) } else { predicate(value) }
}

/// Data in which only these operators may stand, at any depth.
pub fn within(value: &Value, known: &[&str]) -> Result<(), Refusal> {
    match value {
        Value::Document(of) => of.0.iter().try_for_each(|entry| {
            let key = entry.key.as_str();
            if key.starts_with('$') && !known.contains(&key) {
                return Err(operator(key, entry.at, "word"));
            }
            within(&entry.value, known)
        }),
        Value::Array(all) => all.iter().try_for_each(|one| within(one, known)),
        _ => Ok(()),
    }
}

/// Data: no operator at any depth.
pub fn plain(value: &Value) -> Result<(), Refusal> {
    within(value, REFERENCE)
}

/// An expression: every operator in it is known.
pub fn expression(value: &Value) -> Result<(), Refusal> {
    match value {
        Value::Document(of) => of.0.iter().try_for_each(|entry| {
            let key = entry.key.as_str();
            if key == "$literal" {
                return plain(&entry.value);
            }
            if key.starts_with('$') && !EXPRESSIONS.contains(&key) {
                return Err(operator(key, entry.at, "operator of expressions"));
            }
            expression(&entry.value)
        }),
        Value::Array(all) => all.iter().try_for_each(expression),
        _ => Ok(()),
    }
}

/// A field of a projection.
fn projected(entry: &Entry) -> Result<(), Refusal> {
    if entry.key.starts_with('$') {
        return Err(operator(&entry.key, entry.at, "field"));
    }
    match &entry.value {
        Value::Document(of) => match of.0.as_slice() {
            [one] if one.key == "$elemMatch" => element(&one.value, one.at),
            _ => expression(&entry.value),
        },
        other => expression(other),
    }
}

/// A field of an order.
fn ordered(entry: &Entry) -> Result<(), Refusal> {
    if entry.key.starts_with('$') && entry.key != "$natural" {
        return Err(operator(&entry.key, entry.at, "field"));
    }
    within(&entry.value, &["$meta"])
}
