//! The shell's calls as commands: on the database, on a collection, on a cursor.

use super::asks;
use super::changes;
use super::shell::{self, Call, Subject, collection_name, entry};
use super::tree::{Command, Document, Entry, Scope, Shape, Value};
use super::{Refusal, unsure};
use crate::query::dialect::Span;

/// The command of a call and of the calls on its result.
pub fn command_of(
    scope: &Scope,
    body: Vec<Entry>,
    at: Span,
    shape: Option<Shape>,
) -> Result<Command, Refusal> {
    let command = shell::command(scope.clone(), Document(body), at)?;
    Ok(Command { shape: shape.unwrap_or(command.shape), ..command })
}

/// The command of `call` on `subject`, with what `rest` adds.
pub fn command(subject: &Subject, call: &Call<'_>, rest: &[Call<'_>]) -> Result<Command, Refusal> {
    let Some(collection) = &subject.collection else {
        let made = on_database(&subject.scope, call)?;
        return on_cursor(made, rest);
    };
    // db.c.explain().find(…) is db.c.find(…).explain().
    if let ("explain", Some((inner, outer))) = (call.name, rest.split_first()) {
        let made = on_collection(&subject.scope, collection, inner)?;
        return explained(on_cursor(made, outer)?, call);
    }
    let made = on_collection(&subject.scope, collection, call)?;
    on_cursor(made, rest)
}

/// The refusal of what `call` was given.
pub fn arguments(call: &Call<'_>, why: &str) -> Refusal {
    unsure("mongodb.arguments", call.at, &format!("{} {why}", call.name))
}

fn simple(scope: &Scope, name: &str, call: &Call<'_>, shape: Option<Shape>) -> Result<Command, Refusal> {
    if !call.arguments.is_empty() {
        return Err(arguments(call, "takes nothing here."));
    }
    command_of(scope, vec![entry(name, call.at, Value::Int32(1))], call.at, shape)
}

fn on_database(scope: &Scope, call: &Call<'_>) -> Result<Command, Refusal> {
    let admin = Scope::Named("admin".to_owned());
    match call.name {
        "runCommand" | "adminCommand" => match call.arguments.as_slice() {
            [Value::Document(body)] => {
                let scope = if call.name == "adminCommand" { &admin } else { scope };
                command_of(scope, body.0.clone(), call.at, None)
            }
            [Value::Text(name)] => {
                command_of(scope, vec![entry(name, call.at, Value::Int32(1))], call.at, None)
            }
            _ => Err(arguments(call, "takes one command document.")),
        },
        "getCollectionNames" => {
            let names = vec![
                entry("listCollections", call.at, Value::Int32(1)),
                entry("nameOnly", call.at, Value::Bool(true)),
            ];
            command_of(scope, names, call.at, None)
        }
        "getCollectionInfos" => {
            let mut body = vec![entry("listCollections", call.at, Value::Int32(1))];
            match call.arguments.as_slice() {
                [] => {}
                [filter @ Value::Document(_)] => body.push(entry("filter", call.at, filter.clone())),
                _ => return Err(arguments(call, "takes a filter document.")),
            }
            command_of(scope, body, call.at, None)
        }
        "hello" => simple(scope, "hello", call, None),
        "isMaster" => simple(scope, "isMaster", call, None),
        "version" => simple(scope, "buildInfo", call, Some(Shape::Field("version"))),
        "serverBuildInfo" => simple(scope, "buildInfo", call, None),
        "listCommands" => simple(scope, "listCommands", call, None),
        "aggregate" => aggregate(scope, Value::Int32(1), call),
        _ => asks::on_database(scope, call).unwrap_or_else(|| changes::on_database(scope, call)),
    }
}

fn on_collection(scope: &Scope, collection: &str, call: &Call<'_>) -> Result<Command, Refusal> {
    let name = || Value::Text(collection.to_owned());
    let first = |key: &str| entry(key, call.at, name());
    match call.name {
        "find" => find(scope, name(), call),
        "findOne" => {
            let mut made = find(scope, name(), call)?;
            made.body.set("limit", call.at, Value::Int32(1));
            made.body.set("singleBatch", call.at, Value::Bool(true));
            Ok(made)
        }
        "aggregate" => aggregate(scope, name(), call),
        "countDocuments" => count_documents(scope, name(), call),
        "estimatedDocumentCount" => {
            let mut body = vec![first("count")];
            match call.arguments.as_slice() {
                [] => {}
                [Value::Document(options)] => take(&mut body, options, &["maxTimeMS", "comment"])?,
                _ => return Err(arguments(call, "takes options only.")),
            }
            command_of(scope, body, call.at, None)
        }
        "count" => {
            let mut body = vec![first("count")];
            let (query, options) = filter_and_options(call)?;
            body.push(entry("query", call.at, query));
            take(&mut body, &options, &["limit", "skip", "hint", "maxTimeMS", "collation", "comment"])?;
            command_of(scope, body, call.at, None)
        }
        "distinct" => {
            let Some((Value::Text(key), rest)) = call.arguments.split_first() else {
                return Err(arguments(call, "takes the name of a field first."));
            };
            let mut body = vec![first("distinct"), entry("key", call.at, Value::Text(key.clone()))];
            let inner = Call { name: call.name, at: call.at, arguments: rest.to_vec() };
            let (query, options) = filter_and_options(&inner)?;
            body.push(entry("query", call.at, query));
            take(&mut body, &options, &["maxTimeMS", "collation", "comment", "hint"])?;
            command_of(scope, body, call.at, None)
        }
        "getIndexes" | "getIndices" | "indexes" => {
            no_arguments(call)?;
            command_of(scope, vec![first("listIndexes")], call.at, None)
        }
        _ => asks::on_collection(scope, collection, call)
            .unwrap_or_else(|| changes::on_collection(scope, collection, call)),
    }
}

/// Refuses a call that was given something.
pub fn no_arguments(call: &Call<'_>) -> Result<(), Refusal> {
    if call.arguments.is_empty() { Ok(()) } else { Err(arguments(call, "takes nothing here.")) }
}

/// The filter and the options that a call was given; both may be left out.
fn filter_and_options(call: &Call<'_>) -> Result<(Value, Document), Refusal> {
    let document = |value: Option<&Value>| match value {
        None | Some(Value::Null) => Some(Document::default()),
        Some(Value::Document(of)) => Some(of.clone()),
        Some(_) => None,
    };
    let both = document(call.arguments.first()).zip(document(call.arguments.get(1)));
    let both = both.filter(|_| call.arguments.len() <= 2);
    let (filter, options) =
        both.ok_or_else(|| arguments(call, "takes a filter and options, as documents."))?;
    Ok((Value::Document(filter), options))
}

/// Moves the options that are known into the command.
pub fn take(body: &mut Vec<Entry>, options: &Document, known: &[&str]) -> Result<(), Refusal> {
    for option in &options.0 {
        if !known.contains(&option.key.as_str()) {
            let why = format!("The option is not known here. Known are {}.", known.join(", "));
            return Err(unsure("mongodb.option", option.at, &why));
        }
        body.push(option.clone());
    }
    Ok(())
}

/// Options of find that are fields of the command.
const FIND: &[&str] = &[
    "allowDiskUse",
    "batchSize",
    "collation",
    "comment",
    "hint",
    "let",
    "limit",
    "max",
    "maxTimeMS",
    "min",
    "projection",
    "readConcern",
    "returnKey",
    "showRecordId",
    "singleBatch",
    "skip",
    "sort",
];

fn find(scope: &Scope, name: Value, call: &Call<'_>) -> Result<Command, Refusal> {
    let mut body = vec![entry("find", call.at, name)];
    let (mut filter, mut rest) = (Value::Document(Document::default()), call.arguments.as_slice());
    if let Some((first, others)) = rest.split_first() {
        match first {
            Value::Document(_) => filter = first.clone(),
            Value::Null => {}
            // As the shell: what is no document is an id.
            Value::Id(_) => {
                filter = Value::Document(Document(vec![entry("_id", call.at, first.clone())]));
            }
            _ => return Err(arguments(call, "takes a filter document first.")),
        }
        rest = others;
    }
    body.push(entry("filter", call.at, filter));
    if let Some((projection, others)) = rest.split_first() {
        match projection {
            Value::Document(_) => body.push(entry("projection", call.at, projection.clone())),
            Value::Null => {}
            _ => return Err(arguments(call, "takes a projection document second.")),
        }
        rest = others;
    }
    match rest {
        [] => {}
        [Value::Document(options)] => take(&mut body, options, FIND)?,
        _ => return Err(arguments(call, "takes a filter, a projection and options.")),
    }
    command_of(scope, body, call.at, None)
}

/// Options of aggregate that are fields of the command.
const AGGREGATE: &[&str] =
    &["allowDiskUse", "collation", "comment", "cursor", "explain", "hint", "let", "maxTimeMS", "readConcern"];

fn aggregate(scope: &Scope, on: Value, call: &Call<'_>) -> Result<Command, Refusal> {
    let (pipeline, options) = match call.arguments.as_slice() {
        [] => (Vec::new(), Document::default()),
        [Value::Array(stages)] => (stages.clone(), Document::default()),
        [Value::Array(stages), Value::Document(options)] => (stages.clone(), options.clone()),
        stages if stages.iter().all(|s| matches!(s, Value::Document(_))) => {
            (stages.to_vec(), Document::default())
        }
        _ => return Err(arguments(call, "takes a list of stages and options.")),
    };
    let mut body = vec![entry("aggregate", call.at, on), entry("pipeline", call.at, Value::Array(pipeline))];
    take(&mut body, &options, AGGREGATE)?;
    let mut document = Document(body);
    if document.get("cursor").is_none() {
        document.set("cursor", call.at, Value::Document(Document::default()));
    }
    command_of(scope, document.0, call.at, None)
}

/// Counts as the drivers do: by an aggregation, which is exact.
fn count_documents(scope: &Scope, on: Value, call: &Call<'_>) -> Result<Command, Refusal> {
    let at = call.at;
    let (filter, options) = filter_and_options(call)?;
    let stage = |name: &str, value: Value| Value::Document(Document(vec![entry(name, at, value)]));
    let mut pipeline = vec![stage("$match", filter)];
    for (option, name) in [("skip", "$skip"), ("limit", "$limit")] {
        pipeline.extend(options.get(option).map(|n| stage(name, n.clone())));
    }
    let one = Value::Document(Document(vec![entry("$sum", at, Value::Int32(1))]));
    let group = Document(vec![entry("_id", at, Value::Int32(1)), entry("n", at, one)]);
    pipeline.push(stage("$group", Value::Document(group)));
    let mut body = vec![
        entry("aggregate", at, on),
        entry("pipeline", at, Value::Array(pipeline)),
        entry("cursor", at, Value::Document(Document::default())),
    ];
    let others = options.0.into_iter().filter(|e| !matches!(e.key.as_str(), "skip" | "limit")).collect();
    take(&mut body, &Document(others), &["hint", "maxTimeMS", "collation", "comment"])?;
    command_of(scope, body, at, Some(Shape::Counted))
}

/// What the calls on a result add to its command.
fn on_cursor(mut made: Command, rest: &[Call<'_>]) -> Result<Command, Refusal> {
    for (at, call) in rest.iter().enumerate() {
        if matches!(call.name, "next" | "itcount") && at + 1 < rest.len() {
            let why = "Nothing follows this call: what it gives is no cursor.";
            return Err(unsure("mongodb.cursor", call.at, why));
        }
        made = cursor_call(made, call)?;
    }
    Ok(made)
}

/// Calls on a cursor that set a field of find: call and field.
const SETTERS: &[(&str, &str)] = &[
    ("sort", "sort"),
    ("limit", "limit"),
    ("skip", "skip"),
    ("project", "projection"),
    ("projection", "projection"),
    ("hint", "hint"),
    ("batchSize", "batchSize"),
    ("maxTimeMS", "maxTimeMS"),
    ("comment", "comment"),
    ("collation", "collation"),
    ("min", "min"),
    ("max", "max"),
];

/// Calls on a cursor that say yes to a field of find.
const SWITCHES: &[&str] = &["returnKey", "showRecordId", "allowDiskUse"];

fn cursor_call(mut made: Command, call: &Call<'_>) -> Result<Command, Refusal> {
    let name = made.body.0.first().map(|e| e.key.clone()).unwrap_or_default();
    match (call.name, call.arguments.as_slice()) {
        ("toArray" | "pretty", []) if made.shape == Shape::Cursor => return Ok(made),
        ("explain", _) => return explained(made, call),
        ("next", []) if made.shape == Shape::Cursor => return first_row(made, call),
        ("itcount", []) if made.shape == Shape::Cursor && name == "aggregate" => {
            return counted_rows(made, call);
        }
        // Every session reads so: from a replica where there is one.
        ("readPref", [Value::Text(mode)])
            if made.shape == Shape::Cursor
                && matches!(name.as_str(), "find" | "aggregate")
                && matches!(mode.as_str(), "secondary" | "secondaryPreferred") =>
        {
            return Ok(made);
        }
        _ => {}
    }
    let setter = SETTERS.iter().find(|(name, _)| *name == call.name).map(|(_, field)| *field);
    if let (Some(field), [value]) = (setter, call.arguments.as_slice()) {
        let fits = match name.as_str() {
            "find" => true,
            "aggregate" => matches!(field, "hint" | "maxTimeMS" | "comment" | "collation"),
            _ => false,
        };
        if fits && made.shape == Shape::Cursor {
            made.body.set(field, call.at, value.clone());
            return Ok(made);
        }
        if name == "aggregate" && field == "batchSize" {
            let size = Document(vec![entry("batchSize", call.at, value.clone())]);
            made.body.set("cursor", call.at, Value::Document(size));
            return Ok(made);
        }
    }
    match (call.name, call.arguments.as_slice()) {
        (switch, [] | [Value::Bool(_)]) if name == "find" && SWITCHES.contains(&switch) => {
            let value = call.arguments.first().cloned().unwrap_or(Value::Bool(true));
            made.body.set(switch, call.at, value);
            Ok(made)
        }
        ("readConcern", [Value::Text(level)]) if matches!(name.as_str(), "find" | "aggregate") => {
            let level = Document(vec![entry("level", call.at, Value::Text(level.clone()))]);
            made.body.set("readConcern", call.at, Value::Document(level));
            Ok(made)
        }
        ("count", [] | [Value::Bool(false)]) if name == "find" => counted(&made, call, false),
        // These look at skip and limit too.
        ("count", [Value::Bool(true)]) | ("size" | "itcount", []) if name == "find" => {
            counted(&made, call, true)
        }
        ("forEach" | "map" | "next" | "hasNext" | "tryNext" | "close", _) => {
            let why = "The rows are shown as they come; code over them is not run.";
            let instead =
                (call.name == "hasNext").then_some("limit(1) shows the first row, if there is one.");
            Err(Refusal { instead, ..unsure("mongodb.javascript", call.at, why) })
        }
        (
            "readPref" | "readPreference" | "noCursorTimeout" | "tailable" | "addOption" | "maxAwaitTimeMS",
            _,
        ) => {
            let why = "How the session reads is not a statement's to choose.";
            Err(unsure("mongodb.cursor", call.at, why))
        }
        _ => {
            let why = "This call is not known on the result of the one before it.";
            Err(unsure("mongodb.method.unknown", call.at, why))
        }
    }
}

/// `find(…).next()`, `aggregate(…).next()`: the first row.
fn first_row(mut made: Command, call: &Call<'_>) -> Result<Command, Refusal> {
    match made.body.0.first().map(|e| e.key.as_str()) {
        Some("find") => {
            made.body.set("limit", call.at, Value::Int32(1));
            made.body.set("singleBatch", call.at, Value::Bool(true));
            Ok(made)
        }
        Some("aggregate") => add_stage(made, call, entry("$limit", call.at, Value::Int32(1))),
        _ => Err(arguments(call, "gives the first row of find and aggregate only.")),
    }
}

/// `aggregate(…).itcount()`: how many rows there are.
fn counted_rows(made: Command, call: &Call<'_>) -> Result<Command, Refusal> {
    let counted = add_stage(made, call, entry("$count", call.at, Value::Text("n".to_owned())))?;
    Ok(Command { shape: Shape::Counted, ..counted })
}

/// Adds a last stage to an aggregation.
fn add_stage(mut made: Command, call: &Call<'_>, stage: Entry) -> Result<Command, Refusal> {
    let Some(Value::Array(stages)) = made.body.get("pipeline") else {
        return Err(arguments(call, "needs a list of stages before it."));
    };
    let mut stages = stages.clone();
    stages.push(Value::Document(Document(vec![stage])));
    made.body.set("pipeline", call.at, Value::Array(stages));
    Ok(made)
}

/// `find(…).count()` as the count that it is; with skip and limit where they are `applied`.
fn counted(find: &Command, call: &Call<'_>, applied: bool) -> Result<Command, Refusal> {
    let mut body = Vec::new();
    for field in &find.body.0 {
        let key = match field.key.as_str() {
            "find" => "count",
            "filter" => "query",
            "hint" | "collation" | "maxTimeMS" | "comment" | "readConcern" => field.key.as_str(),
            "skip" | "limit" if applied => field.key.as_str(),
            // Without them the count would be another one.
            "min" | "max" | "let" if applied => {
                let why = format!("A count knows no {}.", field.key);
                return Err(unsure("mongodb.cursor", call.at, &why));
            }
            // As in the shell: count() looks at the filter alone.
            _ => continue,
        };
        body.push(Entry { key: key.to_owned(), ..field.clone() });
    }
    command_of(&find.scope, body, call.at, None)
}

/// The command that has `made` explained instead.
fn explained(made: Command, call: &Call<'_>) -> Result<Command, Refusal> {
    let verbosity = match call.arguments.as_slice() {
        [] | [Value::Bool(false)] => "queryPlanner",
        [Value::Bool(true)] => "allPlansExecution",
        [Value::Text(word)] => word,
        _ => return Err(arguments(call, "takes the name of a verbosity.")),
    };
    let verbosity = Value::Text(verbosity.to_owned());
    let body =
        vec![entry("explain", call.at, Value::Document(made.body)), entry("verbosity", call.at, verbosity)];
    command_of(&made.scope, body, call.at, Some(Shape::Reply))
}

/// Names of calls that read, for completion.
pub const READS: &[&str] = &[
    "aggregate",
    "count",
    "countDocuments",
    "distinct",
    "estimatedDocumentCount",
    "explain",
    "find",
    "findOne",
    "getCollection",
    "getCollectionInfos",
    "getCollectionNames",
    "getIndexes",
    "getSiblingDB",
    "hello",
    "itcount",
    "limit",
    "maxTimeMS",
    "next",
    "project",
    "readPref",
    "runCommand",
    "skip",
    "sort",
    "toArray",
    "version",
];

/// The collection that a name in a command stands for, checked.
pub fn named(value: &Value, at: Span) -> Result<(), Refusal> {
    match value {
        Value::Text(name) => collection_name(name, at).map(drop),
        _ => Err(unsure("mongodb.name", at, "Here stands the name of a collection, as a string.")),
    }
}
