//! Statements into commands: `show`, `use`, JSON commands, and the shell's calls on `db`. A call
//! is only another way to write a command; what it may do is judged on the command alone.

use super::calls;
use super::lex::Kind;
use super::literal::Reader;
use super::tree::{Command, Document, Entry, Said, Scope, Shape, Value};
use super::{Refusal, unsure};
use crate::query::dialect::{Class, Span};

/// A call: its name, where it stands, what it was given.
pub struct Call<'a> {
    /// The method's name.
    pub name: &'a str,
    /// Where the name stands.
    pub at: Span,
    /// What it was given, in order.
    pub arguments: Vec<Value>,
}

/// What a chain of calls stands on.
pub struct Subject {
    /// The database.
    pub scope: Scope,
    /// The collection, when one was named.
    pub collection: Option<String>,
}

/// Reads one statement.
pub fn statement(mut reader: Reader<'_>) -> Result<Said, Refusal> {
    let said = match (reader.kind(), reader.peek()) {
        (Some(Kind::Word), "show") => Said::Run(show(&mut reader)?),
        (Some(Kind::Word), "use") => return use_database(&mut reader),
        (Some(Kind::Word), "db") => {
            reader.step();
            Said::Run(database(&mut reader)?)
        }
        (Some(Kind::Word), "rs") => Said::Run(replica_set(&mut reader)?),
        (Some(Kind::Mark), "{") => {
            let body = reader.document()?;
            Said::Run(command(Scope::Own, body, reader.span())?)
        }
        _ => {
            let why = "A statement begins with db, show, use, or the brace of a JSON command.";
            return Err(unsure("mongodb.statement", reader.span(), why));
        }
    };
    while reader.eat(";") {}
    if reader.kind().is_some() {
        let why = "Something follows where the statement should end.";
        return Err(Refusal {
            instead: Some("Run one statement at a time; a semicolon divides them."),
            ..unsure("mongodb.many", reader.span(), why)
        });
    }
    Ok(said)
}

/// A document as the command that it is.
pub fn command(scope: Scope, body: Document, end: Span) -> Result<Command, Refusal> {
    let Some(first) = body.0.first() else {
        return Err(unsure("mongodb.empty", end, "An empty document is no command."));
    };
    let shape = match first.key.as_str() {
        "find" | "aggregate" | "listCollections" | "listIndexes" => Shape::Cursor,
        "distinct" => Shape::Values("values"),
        "count" => Shape::Field("n"),
        "listDatabases" => Shape::Documents("databases"),
        "usersInfo" => Shape::Documents("users"),
        "rolesInfo" => Shape::Documents("roles"),
        _ => Shape::Reply,
    };
    // An aggregation that is to be explained answers with no cursor.
    let explained = first.key == "aggregate" && body.get("explain") == Some(&Value::Bool(true));
    let shape = if explained { Shape::Reply } else { shape };
    // These are answered by the server as a whole, on its own database.
    let scope = match first.key.as_str() {
        "listDatabases" | "currentOp" | "replSetGetStatus" | "replSetGetConfig" | "top" => {
            Scope::Named("admin".to_owned())
        }
        _ => scope,
    };
    Ok(Command { scope, body, shape })
}

/// An entry that the statement's call at `at` stands for.
pub fn entry(key: &str, at: Span, value: Value) -> Entry {
    Entry { key: key.to_owned(), at, value }
}

fn show(reader: &mut Reader<'_>) -> Result<Command, Refusal> {
    reader.step();
    let at = reader.span();
    let (word, _) = reader.word().unwrap_or(("", at));
    let body = match word {
        "dbs" | "databases" => vec![entry("listDatabases", at, Value::Int32(1))],
        "collections" | "tables" => vec![entry("listCollections", at, Value::Int32(1))],
        "users" => vec![entry("usersInfo", at, Value::Int32(1))],
        "roles" => {
            vec![entry("rolesInfo", at, Value::Int32(1)), entry("showBuiltinRoles", at, Value::Bool(true))]
        }
        "profile" => slowest(at),
        _ => {
            let why = "Of show, only dbs, collections, users, roles and profile are known.";
            return Err(unsure("mongodb.show", at, why));
        }
    };
    command(Scope::Own, Document(body), at)
}

/// The latest operations that the profiler wrote down, as the shell asks for them.
fn slowest(at: Span) -> Vec<Entry> {
    let document = |key: &str, value: Value| Value::Document(Document(vec![entry(key, at, value)]));
    vec![
        entry("find", at, Value::Text("system.profile".to_owned())),
        entry("filter", at, document("millis", document("$gt", Value::Int32(0)))),
        entry("sort", at, document("ts", Value::Int32(-1))),
        entry("limit", at, Value::Int32(5)),
    ]
}

/// `use NAME`: the rest of the line is the name.
fn use_database(reader: &mut Reader<'_>) -> Result<Said, Refusal> {
    let from = reader.span().end;
    reader.step();
    let at = reader.span();
    let rest = reader.text.get(from..).unwrap_or_default();
    let name = rest.trim().trim_end_matches(';').trim();
    let name = name.trim_matches(['"', '\'']);
    database_name(name, at).map(Said::Use)
}

/// A name that a database can have. Source: MongoDB's "Naming restrictions".
pub fn database_name(name: &str, at: Span) -> Result<String, Refusal> {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"/\\.\"$*<>:|?'(){}[],;`".contains(c);
    if (1..=63).contains(&name.len()) && name.chars().all(plain) {
        return Ok(name.to_owned());
    }
    Err(unsure("mongodb.name", at, "No database can have this name."))
}

/// A name that a collection can have. One with a dollar is the server's own way in.
pub fn collection_name(name: &str, at: Span) -> Result<String, Refusal> {
    if (1..=255).contains(&name.len()) && !name.contains(['$', '\0']) && !name.starts_with('.') {
        return Ok(name.to_owned());
    }
    Err(unsure("mongodb.name", at, "No collection can have this name, or it is the server's own."))
}

/// Calls on the replica set that change it.
const REPLICA_WRITES: &[&str] = &[
    "add",
    "addArb",
    "freeze",
    "initiate",
    "reconfig",
    "reconfigForPSASet",
    "remove",
    "secondaryOk",
    "slaveOk",
    "stepDown",
    "syncFrom",
];

/// `rs.status()` and what else the set tells of itself.
fn replica_set(reader: &mut Reader<'_>) -> Result<Command, Refusal> {
    reader.step();
    reader.expect(".")?;
    let at = reader.span();
    let (name, _) = reader.word().unwrap_or(("", at));
    let asked = match name {
        "status" => "replSetGetStatus",
        "conf" | "config" => "replSetGetConfig",
        "hello" => "hello",
        "isMaster" => "isMaster",
        _ if REPLICA_WRITES.contains(&name) => {
            let why = "The call changes the replica set.";
            return Err(Refusal { class: Class::Write, ..unsure("mongodb.method.write", at, why) });
        }
        _ => {
            let why = "Of the replica set, only rs.status(), rs.conf() and rs.hello() are asked for here.";
            return Err(unsure("mongodb.method.unknown", at, why));
        }
    };
    if !reader.arguments()?.is_empty() {
        return Err(unsure("mongodb.arguments", at, &format!("{name} takes nothing here.")));
    }
    command(Scope::Own, Document(vec![entry(asked, at, Value::Int32(1))]), at)
}

/// What follows `db`: names, then a call, then calls on its cursor.
fn database(reader: &mut Reader<'_>) -> Result<Command, Refusal> {
    let mut subject = Subject { scope: Scope::Own, collection: None };
    loop {
        let at = reader.span();
        if reader.eat("[") {
            let name = reader.string().ok_or_else(|| {
                unsure("mongodb.name", reader.span(), "A collection's name in brackets is a string.")
            })?;
            reader.expect("]")?;
            extend(&mut subject, &name, at)?;
            continue;
        }
        if !reader.eat(".") {
            let why = "A call is missing: db alone, or a collection alone, is no command.";
            return Err(Refusal {
                instead: Some("db.COLLECTION.find() shows its documents."),
                ..unsure("mongodb.incomplete", at, why)
            });
        }
        let at = reader.span();
        let Some((name, _)) = reader.word() else { return Err(reader.surprise("a name")) };
        if reader.peek() != "(" {
            extend(&mut subject, name, at)?;
            continue;
        }
        let arguments: Vec<Value> = reader.arguments()?.into_iter().map(|(value, _)| value).collect();
        match (name, arguments.as_slice(), &subject.collection) {
            ("getSiblingDB" | "getSisterDB", [Value::Text(other)], None) => {
                subject.scope = Scope::Named(database_name(other, at)?);
            }
            ("getCollection", [Value::Text(other)], _) => extend(&mut subject, other, at)?,
            _ => {
                let rest = cursor_calls(reader)?;
                return calls::command(&subject, &Call { name, at, arguments }, &rest);
            }
        }
    }
}

/// Adds a part to the collection's name.
fn extend(subject: &mut Subject, part: &str, at: Span) -> Result<(), Refusal> {
    let name = match &subject.collection {
        Some(before) => format!("{before}.{part}"),
        None => part.to_owned(),
    };
    subject.collection = Some(collection_name(&name, at)?);
    Ok(())
}

/// The calls that follow the first one.
fn cursor_calls<'a>(reader: &mut Reader<'a>) -> Result<Vec<Call<'a>>, Refusal> {
    let mut all = Vec::new();
    while reader.eat(".") {
        let at = reader.span();
        let Some((name, _)) = reader.word() else { return Err(reader.surprise("a name")) };
        if reader.peek() != "(" {
            return Err(unsure("mongodb.property", at, "A result has no properties here, only calls."));
        }
        let arguments = reader.arguments()?.into_iter().map(|(value, _)| value).collect();
        all.push(Call { name, at, arguments });
    }
    Ok(all)
}
