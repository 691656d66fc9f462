//! The shell's calls that ask what the server knows of itself: users, roles, operations, sizes.

use super::calls::{arguments, command_of, no_arguments, take};
use super::shell::{Call, entry};
use super::tree::{Command, Document, Entry, Scope, Shape, Value};
use super::{Refusal, unsure};

/// Names of these calls, for completion.
pub const CALLS: &[&str] = &[
    "currentOp",
    "dataSize",
    "getFullName",
    "getName",
    "getRole",
    "getRoles",
    "getUser",
    "getUsers",
    "hostInfo",
    "isCapped",
    "latencyStats",
    "serverStatus",
    "stats",
    "storageSize",
    "totalIndexSize",
    "totalSize",
];

fn one() -> Value {
    Value::Int32(1)
}

/// The command of a call on the database; `None` when it is none of these.
pub fn on_database(scope: &Scope, call: &Call<'_>) -> Option<Result<Command, Refusal>> {
    let admin = Scope::Named("admin".to_owned());
    let made = |scope: &Scope, body: Vec<Entry>, shape| command_of(scope, body, call.at, shape);
    Some(match call.name {
        "stats" => scaled(vec![entry("dbStats", call.at, one())], call, &["scale", "freeStorage"])
            .and_then(|body| made(scope, body, None)),
        "serverStatus" => {
            all_of(vec![entry("serverStatus", call.at, one())], call).and_then(|body| made(scope, body, None))
        }
        "currentOp" => operations(call).and_then(|body| made(&admin, body, Some(Shape::Documents("inprog")))),
        "hostInfo" => {
            no_arguments(call).and_then(|()| made(&admin, vec![entry("hostInfo", call.at, one())], None))
        }
        // The database says its own name with its sizes.
        "getName" => no_arguments(call)
            .and_then(|()| made(scope, vec![entry("dbStats", call.at, one())], Some(Shape::Field("db")))),
        "getUsers" | "getRoles" => {
            let key = if call.name == "getUsers" { "usersInfo" } else { "rolesInfo" };
            all_of(vec![entry(key, call.at, one())], call).and_then(|body| made(scope, body, None))
        }
        "getUser" | "getRole" => {
            let key = if call.name == "getUser" { "usersInfo" } else { "rolesInfo" };
            of_name(key, call).and_then(|body| made(scope, body, None))
        }
        _ => return None,
    })
}

/// The command of a call on `collection`; `None` when it is none of these.
pub fn on_collection(scope: &Scope, collection: &str, call: &Call<'_>) -> Option<Result<Command, Refusal>> {
    let statistics = || vec![entry("collStats", call.at, Value::Text(collection.to_owned()))];
    let shape = match call.name {
        "stats" => {
            let body = scaled(statistics(), call, &["scale"]);
            return Some(body.and_then(|body| command_of(scope, body, call.at, None)));
        }
        "latencyStats" => return Some(latencies(scope, collection, call)),
        "dataSize" => Shape::Field("size"),
        "storageSize" => Shape::Field("storageSize"),
        "totalIndexSize" => Shape::Field("totalIndexSize"),
        "totalSize" => Shape::Sum("totalSize", &["storageSize", "totalIndexSize"]),
        "isCapped" => Shape::Field("capped"),
        "getFullName" => Shape::Field("ns"),
        _ => return None,
    };
    Some(no_arguments(call).and_then(|()| command_of(scope, statistics(), call.at, Some(shape))))
}

/// `body` with a scale, as a number or among options.
fn scaled(mut body: Vec<Entry>, call: &Call<'_>, known: &[&str]) -> Result<Vec<Entry>, Refusal> {
    match call.arguments.as_slice() {
        [] => {}
        [Value::Document(options)] => take(&mut body, options, known)?,
        [scale @ (Value::Int32(_) | Value::Int64(_))] => body.push(entry("scale", call.at, scale.clone())),
        _ => return Err(arguments(call, "takes a scale.")),
    }
    Ok(body)
}

/// `body` with all fields of the one document that may follow: the judgement knows which there are.
fn all_of(mut body: Vec<Entry>, call: &Call<'_>) -> Result<Vec<Entry>, Refusal> {
    match call.arguments.as_slice() {
        [] => {}
        [Value::Document(options)] => add(&mut body, options)?,
        _ => return Err(arguments(call, "takes options, as a document.")),
    }
    Ok(body)
}

/// Adds the fields of a document, none of which may be there already.
fn add(body: &mut Vec<Entry>, fields: &Document) -> Result<(), Refusal> {
    for field in &fields.0 {
        if body.iter().any(|e| e.key == field.key) {
            let why = "The key stands twice in the command that this becomes.";
            return Err(unsure("mongodb.duplicate", field.at, why));
        }
        body.push(field.clone());
    }
    Ok(())
}

/// `currentOp()`, with true for all that is connected, or with what the operations must be.
fn operations(call: &Call<'_>) -> Result<Vec<Entry>, Refusal> {
    let mut body = vec![entry("currentOp", call.at, one())];
    match call.arguments.as_slice() {
        [] | [Value::Bool(false)] => {}
        [Value::Bool(true)] => body.push(entry("$all", call.at, Value::Bool(true))),
        [Value::Document(filter)] => add(&mut body, filter)?,
        _ => return Err(arguments(call, "takes true or a filter document.")),
    }
    Ok(body)
}

/// A name and options: `getUser("x", {showPrivileges: true})`.
fn of_name(key: &str, call: &Call<'_>) -> Result<Vec<Entry>, Refusal> {
    let Some((name @ Value::Text(_), rest)) = call.arguments.split_first() else {
        return Err(arguments(call, "takes a name first."));
    };
    let mut body = vec![entry(key, call.at, name.clone())];
    match rest {
        [] => {}
        [Value::Document(options)] => add(&mut body, options)?,
        _ => return Err(arguments(call, "takes a name and options.")),
    }
    Ok(body)
}

/// How long reads and writes took, as the shell asks for it.
fn latencies(scope: &Scope, collection: &str, call: &Call<'_>) -> Result<Command, Refusal> {
    let options = match call.arguments.as_slice() {
        [] => Document::default(),
        [Value::Document(options)] => options.clone(),
        _ => return Err(arguments(call, "takes options, as a document.")),
    };
    let within = |key: &str, value: Document| Document(vec![entry(key, call.at, Value::Document(value))]);
    let stage = within("$collStats", within("latencyStats", options));
    let body = vec![
        entry("aggregate", call.at, Value::Text(collection.to_owned())),
        entry("pipeline", call.at, Value::Array(vec![Value::Document(stage)])),
        entry("cursor", call.at, Value::Document(Document::default())),
    ];
    command_of(scope, body, call.at, None)
}
