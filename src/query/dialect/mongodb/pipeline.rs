//! Stages of an aggregation, those inside other stages too.

use super::calls::named;
use super::check::{expression, operator, plain, query, within};
use super::tree::{Entry, Value};
use super::words::{REPORTS, STAGES};
use super::{Refusal, unsure};
use crate::query::dialect::Span;

/// A list of stages that only read.
pub fn stages(value: &Value, at: Span) -> Result<(), Refusal> {
    let Value::Array(all) = value else {
        return Err(unsure("mongodb.field.value", at, "Here stands a list of stages."));
    };
    for stage in all {
        let Value::Document(of) = stage else {
            return Err(unsure("mongodb.stage.form", at, "A stage is a document."));
        };
        match of.0.as_slice() {
            [one] => self::stage(one)?,
            // Whichever is looked at first, none passes.
            more => {
                let second = more.get(1).map_or(at, |e| e.at);
                return Err(unsure("mongodb.stage.form", second, "A stage has exactly one name."));
            }
        }
    }
    Ok(())
}

fn stage(entry: &Entry) -> Result<(), Refusal> {
    let (key, value, at) = (entry.key.as_str(), &entry.value, entry.at);
    match key {
        "$match" => query(value, at),
        "$lookup" => {
            fields(entry, &["as", "foreignField", "from", "let", "localField", "pipeline"], |field| {
                match field.key.as_str() {
                    "from" => named(&field.value, field.at),
                    "pipeline" => stages(&field.value, field.at),
                    "let" => expression(&field.value),
                    _ => plain(&field.value),
                }
            })
        }
        "$graphLookup" => fields(
            entry,
            &[
                "as",
                "connectFromField",
                "connectToField",
                "depthField",
                "from",
                "maxDepth",
                "restrictSearchWithMatch",
                "startWith",
            ],
            |field| match field.key.as_str() {
                "from" => named(&field.value, field.at),
                "restrictSearchWithMatch" => query(&field.value, field.at),
                "startWith" => expression(&field.value),
                _ => plain(&field.value),
            },
        ),
        "$unionWith" => match value {
            Value::Text(_) => named(value, at),
            _ => fields(entry, &["coll", "pipeline"], |field| match field.key.as_str() {
                "coll" => named(&field.value, field.at),
                _ => stages(&field.value, field.at),
            }),
        },
        "$facet" => match value {
            Value::Document(of) => of.0.iter().try_for_each(|facet| {
                if facet.key.starts_with('$') {
                    return Err(operator(&facet.key, facet.at, "facet"));
                }
                stages(&facet.value, facet.at)
            }),
            _ => Err(unsure("mongodb.field.value", at, "Here stands a document of pipelines.")),
        },
        "$geoNear" => match value {
            Value::Document(of) => of.0.iter().try_for_each(|field| match field.key.as_str() {
                "query" => query(&field.value, field.at),
                _ => plain(&field.value),
            }),
            _ => Err(unsure("mongodb.field.value", at, "Here stands a document.")),
        },
        // DocumentDB's search by vector or by text: its words are data but for one operator.
        "$search" | "$vectorSearch" => match value {
            Value::Document(of) => of.0.iter().try_for_each(|field| match field.key.as_str() {
                "filter" => query(&field.value, field.at),
                _ => plain(&field.value),
            }),
            _ => Err(unsure("mongodb.field.value", at, "Here stands a document.")),
        },
        "$sort" => within(value, &["$meta"]),
        "$changeStream" => {
            let why = "The stage waits for changes and has no end.";
            Err(unsure("mongodb.stage.endless", at, why))
        }
        _ if STAGES.contains(&key) => expression(value),
        _ if REPORTS.contains(&key) => plain(value),
        _ => Err(operator(key, at, "stage")),
    }
}

/// Judges each field of a stage, all of which must be among `known`.
fn fields(
    stage: &Entry,
    known: &[&str],
    judge: impl Fn(&Entry) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let Value::Document(of) = &stage.value else {
        return Err(unsure("mongodb.field.value", stage.at, "Here stands a document."));
    };
    for field in &of.0 {
        if !known.contains(&field.key.as_str()) {
            let why = format!("{} is not known to take this field.", stage.key);
            return Err(unsure("mongodb.field.unknown", field.at, &why));
        }
        judge(field)?;
    }
    Ok(())
}
