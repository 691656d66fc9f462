//! Stages of an aggregation, one after the other over all documents.

use super::Fault;
use super::expression::{average, evaluate, sum, truth};
use super::matching::finds;
use super::order::{compare, number, sort_key};
use ::mongodb::bson::{Bson, Document};
use std::cmp::Ordering;

/// Most documents that a stage may make of those it takes.
const MOST: usize = 200_000;

/// Runs `stages` over `documents`; `others` gives the documents of another collection.
pub fn run(
    mut documents: Vec<Document>,
    stages: &[Bson],
    others: &dyn Fn(&str) -> Vec<Document>,
) -> Result<Vec<Document>, Fault> {
    for stage in stages {
        let stage = stage.as_document().and_then(|s| s.iter().next());
        let (name, value) = stage.ok_or_else(|| Fault::bad("a stage is a document with one field"))?;
        documents = one(documents, name, value, others)?;
        if documents.len() > MOST {
            return Err(Fault::bad("the demo's engine holds 200,000 documents at most"));
        }
    }
    Ok(documents)
}

fn one(
    documents: Vec<Document>,
    name: &str,
    value: &Bson,
    others: &dyn Fn(&str) -> Vec<Document>,
) -> Result<Vec<Document>, Fault> {
    let document = || value.as_document().ok_or_else(|| Fault::bad(&format!("{name} takes a document")));
    let count =
        || number(value).filter(|n| *n >= 0.0).ok_or_else(|| Fault::bad(&format!("{name} takes a number")));
    match name {
        "$match" => filter(documents, document()?),
        "$sort" => sorted(documents, document()?),
        "$limit" => Ok(documents.into_iter().take(count()? as usize).collect()),
        "$skip" => Ok(documents.into_iter().skip(count()? as usize).collect()),
        "$project" => documents.iter().map(|d| projected(d, document()?)).collect(),
        "$addFields" | "$set" => documents.into_iter().map(|d| with_fields(d, document()?)).collect(),
        "$unset" => {
            let names: Vec<&str> = match value {
                Bson::String(name) => vec![name],
                Bson::Array(all) => all.iter().filter_map(Bson::as_str).collect(),
                _ => return Err(Fault::bad("$unset takes names")),
            };
            Ok(documents.into_iter().map(|d| without(d, &names)).collect())
        }
        "$group" => grouped(&documents, document()?),
        "$sortByCount" => {
            let one: Document = [("$sum".to_owned(), Bson::Int32(1))].into_iter().collect();
            let by: Document = [("_id".to_owned(), value.clone()), ("count".to_owned(), Bson::Document(one))]
                .into_iter()
                .collect();
            let down: Document = [("count".to_owned(), Bson::Int32(-1))].into_iter().collect();
            sorted(grouped(&documents, &by)?, &down)
        }
        "$count" => {
            let name = value.as_str().ok_or_else(|| Fault::bad("$count takes a name"))?;
            if documents.is_empty() {
                return Ok(Vec::new());
            }
            let n = i32::try_from(documents.len()).unwrap_or(i32::MAX);
            Ok(vec![[(name.to_owned(), Bson::Int32(n))].into_iter().collect()])
        }
        "$unwind" => unwound(documents, value),
        "$lookup" => joined(documents, document()?, others),
        "$replaceRoot" | "$replaceWith" => {
            let of = if name == "$replaceRoot" {
                document()?.get("newRoot").unwrap_or(&Bson::Null)
            } else {
                value
            };
            let root = |d: &Document| match evaluate(of, d, &Document::new())? {
                Bson::Document(root) => Ok(root),
                _ => Err(Fault::bad("the new root must be a document")),
            };
            documents.iter().map(root).collect()
        }
        "$facet" => {
            let mut out = Document::new();
            for (facet, stages) in document()? {
                let stages = stages.as_array().ok_or_else(|| Fault::bad("a facet is a list of stages"))?;
                let rows = run(documents.clone(), stages, others)?;
                out.insert(facet.clone(), Bson::Array(rows.into_iter().map(Bson::Document).collect()));
            }
            Ok(vec![out])
        }
        other => Err(Fault::unknown(other)),
    }
}

/// The documents that a query finds.
pub fn filter(documents: Vec<Document>, query: &Document) -> Result<Vec<Document>, Fault> {
    let mut out = Vec::new();
    for document in documents {
        if finds(query, &document)? {
            out.push(document);
        }
    }
    Ok(out)
}

/// The documents in an order.
pub fn sorted(mut documents: Vec<Document>, by: &Document) -> Result<Vec<Document>, Fault> {
    let mut keys = Vec::new();
    for (path, way) in by {
        let way = number(way).filter(|n| n.abs() == 1.0);
        keys.push((
            path.as_str(),
            way.ok_or_else(|| Fault::unknown("a sort that is neither 1 nor -1"))? > 0.0,
        ));
    }
    documents.sort_by(|a, b| {
        for (path, upwards) in &keys {
            let order = compare(&sort_key(a, path, *upwards), &sort_key(b, path, *upwards));
            let order = if *upwards { order } else { order.reverse() };
            if order.is_ne() {
                return order;
            }
        }
        Ordering::Equal
    });
    Ok(documents)
}

/// Sets the value at a path, making the documents on the way.
fn set(document: &mut Document, path: &str, value: Bson) {
    match path.split_once('.') {
        None => {
            if value == Bson::Undefined {
                document.remove(path);
            } else {
                document.insert(path, value);
            }
        }
        Some((head, rest)) => {
            let mut inner = match document.get(head) {
                Some(Bson::Document(inner)) => inner.clone(),
                _ => Document::new(),
            };
            set(&mut inner, rest, value);
            document.insert(head, inner);
        }
    }
}

fn with_fields(mut document: Document, fields: &Document) -> Result<Document, Fault> {
    let root = document.clone();
    for (path, value) in fields {
        set(&mut document, path, evaluate(value, &root, &Document::new())?);
    }
    Ok(document)
}

fn without(mut document: Document, names: &[&str]) -> Document {
    for name in names {
        remove(&mut document, name);
    }
    document
}

fn remove(document: &mut Document, path: &str) {
    match path.split_once('.') {
        None => {
            document.remove(path);
        }
        Some((head, rest)) => match document.get_mut(head) {
            Some(Bson::Document(inner)) => remove(inner, rest),
            Some(Bson::Array(all)) => {
                for inner in all.iter_mut().filter_map(Bson::as_document_mut) {
                    remove(inner, rest);
                }
            }
            _ => {}
        },
    }
}

/// A document as a projection shows it: what is named, or all but what is named.
pub fn projected(document: &Document, projection: &Document) -> Result<Document, Fault> {
    let is_off = |v: &Bson| matches!(v, Bson::Boolean(false)) || number(v) == Some(0.0);
    let others: Vec<_> = projection.iter().filter(|(k, _)| *k != "_id").collect();
    let hides = !others.is_empty() && others.iter().all(|(_, v)| is_off(v));
    let only_id_off = others.is_empty() && projection.get("_id").is_some_and(is_off);
    if hides || only_id_off {
        let names: Vec<&str> =
            projection.iter().filter(|(_, v)| is_off(v)).map(|(k, _)| k.as_str()).collect();
        return Ok(without(document.clone(), &names));
    }
    if projection.is_empty() {
        return Ok(document.clone());
    }
    let mut out = Document::new();
    if !projection.get("_id").is_some_and(is_off)
        && let Some(id) = document.get("_id")
        && !projection.contains_key("_id")
    {
        out.insert("_id", id.clone());
    }
    for (path, value) in projection {
        match value {
            v if is_off(v) && path == "_id" => {}
            v if is_off(v) => return Err(Fault::bad("a projection either names fields or leaves some out")),
            Bson::Boolean(true) | Bson::Int32(_) | Bson::Int64(_) | Bson::Double(_) => {
                include(&mut out, document, path);
            }
            expression => set(&mut out, path, evaluate(expression, document, &Document::new())?),
        }
    }
    Ok(out)
}

/// Copies what is at a path, in the shape that it has.
fn include(out: &mut Document, document: &Document, path: &str) {
    let Some((head, rest)) = path.split_once('.') else {
        if let Some(value) = document.get(path) {
            out.insert(path, value.clone());
        }
        return;
    };
    match document.get(head) {
        Some(Bson::Document(inner)) => {
            let mut kept = match out.get(head) {
                Some(Bson::Document(kept)) => kept.clone(),
                _ => Document::new(),
            };
            include(&mut kept, inner, rest);
            out.insert(head, kept);
        }
        Some(Bson::Array(all)) => {
            let before = out.get_array(head).ok().cloned().unwrap_or_default();
            let kept = all.iter().filter_map(Bson::as_document).enumerate().map(|(n, inner)| {
                let mut kept = before.get(n).and_then(Bson::as_document).cloned().unwrap_or_default();
                include(&mut kept, inner, rest);
                Bson::Document(kept)
            });
            let kept: Vec<Bson> = kept.collect();
            out.insert(head, kept);
        }
        _ => {}
    }
}

fn grouped(documents: &[Document], group: &Document) -> Result<Vec<Document>, Fault> {
    let by = group.get("_id").ok_or_else(|| Fault::bad("a group specification must include an _id"))?;
    let mut groups: Vec<(Bson, Vec<&Document>)> = Vec::new();
    let mut places = std::collections::HashMap::<String, usize>::new();
    for document in documents {
        let key = match evaluate(by, document, &Document::new())? {
            Bson::Undefined => Bson::Null,
            key => key,
        };
        // 1 and 1.0 are one group.
        let place = number(&key).map_or_else(|| key.to_string(), |n| format!("n{n}"));
        let at = *places.entry(place).or_insert(groups.len());
        match groups.get_mut(at) {
            Some((_, members)) => members.push(document),
            None => groups.push((key, vec![document])),
        }
    }
    let mut out = Vec::with_capacity(groups.len());
    for (key, members) in groups {
        let mut row = Document::new();
        row.insert("_id", key);
        for (name, accumulator) in group.iter().filter(|(name, _)| *name != "_id") {
            row.insert(name.clone(), accumulated(accumulator, &members)?);
        }
        out.push(row);
    }
    Ok(out)
}

fn accumulated(accumulator: &Bson, members: &[&Document]) -> Result<Bson, Fault> {
    let bad = || Fault::bad("a group's field is one accumulator");
    let of = accumulator.as_document().filter(|d| d.len() == 1).ok_or_else(bad)?;
    let (name, argument) = of.iter().next().ok_or_else(bad)?;
    if name == "$count" {
        return Ok(Bson::Int32(i32::try_from(members.len()).unwrap_or(i32::MAX)));
    }
    let values: Result<Vec<Bson>, Fault> =
        members.iter().map(|d| evaluate(argument, d, &Document::new())).collect();
    let values = values?;
    let there = || values.iter().filter(|v| !matches!(v, Bson::Null | Bson::Undefined)).cloned();
    Ok(match name.as_str() {
        "$sum" => sum(&values),
        "$avg" => average(&values),
        "$min" => there().min_by(compare).unwrap_or(Bson::Null),
        "$max" => there().max_by(compare).unwrap_or(Bson::Null),
        "$first" => values.first().cloned().filter(|v| *v != Bson::Undefined).unwrap_or(Bson::Null),
        "$last" => values.last().cloned().filter(|v| *v != Bson::Undefined).unwrap_or(Bson::Null),
        "$push" => Bson::Array(values.into_iter().filter(|v| *v != Bson::Undefined).collect()),
        "$addToSet" => {
            let mut set: Vec<Bson> = Vec::new();
            for value in values.into_iter().filter(|v| *v != Bson::Undefined) {
                if !set.iter().any(|known| compare(known, &value).is_eq()) {
                    set.push(value);
                }
            }
            Bson::Array(set)
        }
        "$stdDevPop" | "$stdDevSamp" => {
            let numbers: Vec<f64> = values.iter().filter_map(number).collect();
            let less = if name == "$stdDevSamp" { 1 } else { 0 };
            if numbers.len() <= less {
                return Ok(Bson::Null);
            }
            let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
            let squares: f64 = numbers.iter().map(|n| (n - mean).powi(2)).sum();
            Bson::Double((squares / (numbers.len() - less) as f64).sqrt())
        }
        other => return Err(Fault::unknown(other)),
    })
}

fn unwound(documents: Vec<Document>, value: &Bson) -> Result<Vec<Document>, Fault> {
    let bad = || Fault::bad("$unwind takes a path that starts with $");
    let (path, keeps, index) = match value {
        Bson::String(path) => (path.as_str(), false, None),
        Bson::Document(of) => (
            of.get_str("path").map_err(|_| bad())?,
            of.get("preserveNullAndEmptyArrays").is_some_and(truth),
            of.get_str("includeArrayIndex").ok(),
        ),
        _ => return Err(bad()),
    };
    let path = path.strip_prefix('$').ok_or_else(bad)?;
    let mut out = Vec::new();
    for document in documents {
        match super::expression::at(&document, path) {
            Bson::Array(all) if !all.is_empty() => {
                for (n, element) in all.into_iter().enumerate() {
                    let mut one = document.clone();
                    set(&mut one, path, element);
                    if let Some(index) = index {
                        one.insert(index, i64::try_from(n).unwrap_or(i64::MAX));
                    }
                    out.push(one);
                }
            }
            Bson::Array(_) if keeps => {
                let mut one = document;
                remove(&mut one, path);
                out.push(one);
            }
            Bson::Array(_) => {}
            Bson::Null | Bson::Undefined if !keeps => {}
            _ => out.push(document),
        }
        if out.len() > MOST {
            return Err(Fault::bad("the demo's engine holds 200,000 documents at most"));
        }
    }
    Ok(out)
}

/// `$lookup` by equality of two fields.
fn joined(
    documents: Vec<Document>,
    of: &Document,
    others: &dyn Fn(&str) -> Vec<Document>,
) -> Result<Vec<Document>, Fault> {
    if of.contains_key("pipeline") || of.contains_key("let") {
        return Err(Fault::unknown("$lookup with a pipeline"));
    }
    let part = |key: &str| of.get_str(key).map_err(|_| Fault::bad(&format!("$lookup needs {key}")));
    let (from, local, foreign, name) =
        (part("from")?, part("localField")?, part("foreignField")?, part("as")?);
    let there = others(from);
    let mut out = Vec::with_capacity(documents.len());
    for mut document in documents {
        let wanted = match super::expression::at(&document, local) {
            Bson::Undefined => vec![Bson::Null],
            Bson::Array(all) => all,
            one => vec![one],
        };
        let query: Document = [(
            foreign.to_owned(),
            Bson::Document([("$in".to_owned(), Bson::Array(wanted))].into_iter().collect()),
        )]
        .into_iter()
        .collect();
        let mut found = Vec::new();
        for other in &there {
            if finds(&query, other)? {
                found.push(Bson::Document(other.clone()));
            }
        }
        set(&mut document, name, Bson::Array(found));
        out.push(document);
    }
    Ok(out)
}
