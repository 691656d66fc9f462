//! The shell's calls that change something, as commands. They are read so that elevated access
//! can run them; the judgement on the command refuses them otherwise.

use super::calls::{arguments, command_of, take};
use super::shell::{Call, entry};
use super::tree::{Command, Document, Entry, Scope, Shape, Value};
use super::{Refusal, unsure};
use crate::query::dialect::Class;
use std::fmt::Write;

/// Names of calls that are known to change something, or to reach beyond reading.
const WRITES: &[&str] = &[
    "addUser",
    "auth",
    "bulkWrite",
    "changeUserPassword",
    "cloneCollection",
    "cloneDatabase",
    "compactStructuredEncryptionData",
    "convertToCapped",
    "copyDatabase",
    "copyTo",
    "createIndexes",
    "createRole",
    "createUser",
    "createView",
    "disableFreeMonitoring",
    "dropAllUsers",
    "dropDatabase",
    "dropIndexes",
    "dropRole",
    "dropUser",
    "enableFreeMonitoring",
    "ensureIndex",
    "eval",
    "findAndModify",
    "findOneAndDelete",
    "findOneAndReplace",
    "findOneAndUpdate",
    "fsyncLock",
    "fsyncUnlock",
    "grantPrivilegesToRole",
    "grantRolesToRole",
    "grantRolesToUser",
    "group",
    "hideIndex",
    "initializeOrderedBulkOp",
    "initializeUnorderedBulkOp",
    "killOp",
    "logout",
    "mapReduce",
    "reIndex",
    "remove",
    "removeUser",
    "renameCollection",
    "repairDatabase",
    "resetError",
    "revokeRolesFromUser",
    "rotateCertificates",
    "save",
    "setLogLevel",
    "setProfilingLevel",
    "setWriteConcern",
    "shutdownServer",
    "unhideIndex",
    "update",
    "updateRole",
    "updateUser",
    "validate",
];

fn unknown(call: &Call<'_>) -> Refusal {
    if WRITES.contains(&call.name) {
        let why = "The call changes something, or may.";
        return Refusal {
            class: Class::Write,
            instead: Some("With :elevate, write it as a command: db.runCommand({…})."),
            ..unsure("mongodb.method.write", call.at, why)
        };
    }
    unsure("mongodb.method.unknown", call.at, "No such call is known here.")
}

/// A call on the database that is no read.
pub fn on_database(scope: &Scope, call: &Call<'_>) -> Result<Command, Refusal> {
    match (call.name, call.arguments.as_slice()) {
        ("createCollection", [name @ Value::Text(_)]) => {
            command_of(scope, vec![entry("create", call.at, name.clone())], call.at, None)
        }
        ("createCollection", [name @ Value::Text(_), Value::Document(options)]) => {
            let mut body = vec![entry("create", call.at, name.clone())];
            body.extend(options.0.iter().cloned());
            command_of(scope, body, call.at, None)
        }
        ("dropDatabase", []) => {
            command_of(scope, vec![entry("dropDatabase", call.at, Value::Int32(1))], call.at, None)
        }
        ("killOp", [id]) => {
            let body = vec![entry("killOp", call.at, Value::Int32(1)), entry("op", call.at, id.clone())];
            command_of(&Scope::Named("admin".to_owned()), body, call.at, None)
        }
        _ => Err(unknown(call)),
    }
}

/// A call on a collection that is no read.
pub fn on_collection(scope: &Scope, collection: &str, call: &Call<'_>) -> Result<Command, Refusal> {
    let name = Value::Text(collection.to_owned());
    let made = |key: &str, field: &str, value: Value| {
        let body = vec![entry(key, call.at, name.clone()), entry(field, call.at, value)];
        command_of(scope, body, call.at, Some(Shape::Reply))
    };
    match (call.name, call.arguments.as_slice()) {
        ("insertOne" | "insert", [one @ Value::Document(_)]) => {
            made("insert", "documents", Value::Array(vec![one.clone()]))
        }
        ("insertMany" | "insert", [all @ Value::Array(_)]) => made("insert", "documents", all.clone()),
        ("updateOne" | "updateMany" | "replaceOne", [query, change, options @ ..]) => {
            let mut one = vec![entry("q", call.at, query.clone()), entry("u", call.at, change.clone())];
            one.push(entry("multi", call.at, Value::Bool(call.name == "updateMany")));
            more(&mut one, options, call, &["upsert", "arrayFilters", "collation", "hint"])?;
            made("update", "updates", Value::Array(vec![Value::Document(Document(one))]))
        }
        ("deleteOne" | "deleteMany", [query, options @ ..]) => {
            let limit = Value::Int32(i32::from(call.name == "deleteOne"));
            let mut one = vec![entry("q", call.at, query.clone()), entry("limit", call.at, limit)];
            more(&mut one, options, call, &["collation", "hint"])?;
            made("delete", "deletes", Value::Array(vec![Value::Document(Document(one))]))
        }
        ("createIndex", [Value::Document(keys), options @ ..]) => {
            let mut index = vec![entry("key", call.at, Value::Document(keys.clone()))];
            match options {
                [] => {}
                [Value::Document(options)] => index.extend(options.0.iter().cloned()),
                _ => return Err(arguments(call, "takes keys and options.")),
            }
            if !index.iter().any(|e| e.key == "name") {
                index.push(entry("name", call.at, Value::Text(index_name(keys))));
            }
            made("createIndexes", "indexes", Value::Array(vec![Value::Document(Document(index))]))
        }
        ("dropIndex", [index]) => made("dropIndexes", "index", index.clone()),
        ("drop", []) => command_of(scope, vec![entry("drop", call.at, name)], call.at, None),
        _ => Err(unknown(call)),
    }
}

fn more(one: &mut Vec<Entry>, options: &[Value], call: &Call<'_>, known: &[&str]) -> Result<(), Refusal> {
    match options {
        [] => Ok(()),
        [Value::Document(options)] => take(one, options, known),
        _ => Err(arguments(call, "takes options last.")),
    }
}

/// The name that an index has when none is given: `a_1_b_-1`.
fn index_name(keys: &Document) -> String {
    let mut name = String::new();
    for entry in &keys.0 {
        let way = match &entry.value {
            Value::Int32(n) => n.to_string(),
            Value::Int64(n) => n.to_string(),
            Value::Double(n) => n.to_string(),
            Value::Text(text) => text.clone(),
            _ => "x".to_owned(),
        };
        let line = if name.is_empty() { "" } else { "_" };
        let _ = write!(name, "{line}{}_{way}", entry.key);
    }
    name
}
