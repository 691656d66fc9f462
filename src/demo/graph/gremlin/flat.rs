//! Steps that make of one value another or several: what an element holds, what a label names, parts of collections.

use std::rc::Rc;

use super::EvaluateError;
use super::gather::{Numbers, sorted};
use super::plan::{Op, literal};
use super::run::{Run, Stream};
use super::traverser::Traverser;
use super::value::{Value, id};
use crate::demo::graph::PropertyGraph;
use crate::query::dialect::gremlin::tree::{Argument, Constant};

type Values = Result<Option<Vec<Value>>, EvaluateError>;

/// The properties of an element: key, value, and the property as a value of its own.
pub fn properties<'g>(graph: &'g PropertyGraph, element: &Value) -> Vec<(&'g str, Value, Value)> {
    let (list, vertex, at) = match element {
        Value::Vertex(at) => (graph.vertices().get(*at).map(|v| &v.properties), true, *at),
        Value::Edge(at) => (graph.edges().get(*at).map(|e| &e.properties), false, *at),
        _ => (None, false, 0),
    };
    let own = |slot| if vertex { Value::VertexProperty(at, slot) } else { Value::EdgeProperty(at, slot) };
    let each = list.into_iter().flatten().enumerate();
    each.map(|(slot, (key, value))| (key.as_str(), Value::from(value), own(slot))).collect()
}

/// Key and value of a property.
fn property(graph: &PropertyGraph, value: &Value) -> Option<(Value, Value)> {
    let (key, value) = match value {
        Value::VertexProperty(vertex, slot) => graph.vertices().get(*vertex)?.properties.get(*slot)?,
        Value::EdgeProperty(edge, slot) => graph.edges().get(*edge)?.properties.get(*slot)?,
        _ => return None,
    };
    Some((Value::text(key), Value::from(value)))
}

/// `T.id`, `T.label`, `T.key`, `T.value` of a value.
pub fn token(run: &Run<'_>, value: &Value, name: &str) -> Option<Value> {
    let graph = run.graph;
    match (name, value) {
        ("id", Value::VertexProperty(vertex, slot)) => Some(Value::Long(run.writer.number(*vertex, *slot))),
        ("id", _) => id(graph, value).map(Value::from),
        ("label", Value::Vertex(at)) => graph.vertices().get(*at).map(|v| Value::text(&v.label)),
        ("label", Value::Edge(at)) => graph.edges().get(*at).map(|e| Value::text(&e.label)),
        ("label" | "key", _) => property(graph, value).map(|(key, _)| key),
        ("value", _) => property(graph, value).map(|(_, value)| value),
        _ => None,
    }
}

/// Keys or values of a map, an entry or a path.
pub fn column(value: &Value, name: &str) -> Option<Value> {
    let keys = name == "keys";
    match value {
        Value::Map(entries) if keys => Some(Value::set(entries.iter().map(|(k, _)| k.clone()))),
        Value::Map(entries) => Some(Value::list(entries.iter().map(|(_, v)| v.clone()).collect())),
        Value::Entry(entry) => Some(if keys { entry.0.clone() } else { entry.1.clone() }),
        Value::Path(path) if keys => {
            let labels =
                |labels: &[Rc<str>]| Value::set(labels.iter().map(|label| Value::Text(Rc::clone(label))));
            Some(Value::list(path.iter().map(|(_, of)| labels(of)).collect()))
        }
        Value::Path(path) => Some(Value::list(path.iter().map(|(object, _)| object.clone()).collect())),
        _ => None,
    }
}

/// What a value falls into.
fn unfolded(value: &Value) -> Vec<Value> {
    match value {
        Value::Map(entries) => entries.iter().map(|entry| Value::Entry(Rc::new(entry.clone()))).collect(),
        Value::Path(path) => path.iter().map(|(object, _)| object.clone()).collect(),
        other => other.items().map_or_else(|| vec![other.clone()], <[Value]>::to_vec),
    }
}

/// The values of a step that looks at one traverser; `None` when it is not one of these.
pub fn flat<'a>(run: &'a Run<'a>, op: &'a Op<'a>, traverser: &Traverser) -> Values {
    let value = &traverser.value;
    let named = |keys: &[&str], key: &str| keys.is_empty() || keys.contains(&key);
    Ok(Some(match op.name {
        "values" | "properties" => {
            let keys = op.texts();
            let mut all = properties(run.graph, value);
            // One key after the other, as they are asked for.
            all.retain(|(key, ..)| named(&keys, key));
            all.into_iter().map(|(_, value, own)| if op.name == "values" { value } else { own }).collect()
        }
        "valueMap" | "propertyMap" => return value_map(run, op, traverser).map(|map| Some(vec![map])),
        "elementMap" => vec![element_map(run, op, value)],
        "id" | "label" | "key" | "value" => {
            let missing = EvaluateError::Kind { step: op.name.to_owned(), wants: "an element or a property" };
            vec![token(run, value, op.name).ok_or(missing)?]
        }
        "element" => match value {
            Value::VertexProperty(vertex, _) => vec![Value::Vertex(*vertex)],
            Value::EdgeProperty(edge, _) => vec![Value::Edge(*edge)],
            _ => Vec::new(),
        },
        "constant" => op.args.iter().map(|argument| literal(argument)).collect::<Result<_, _>>()?,
        "loops" => vec![Value::Int(loops(op, traverser)?)],
        "select" => select(run, op, traverser)?.into_iter().collect(),
        "project" => vec![project(run, op, traverser)?],
        "path" => path(run, op, traverser)?.into_iter().collect(),
        "unfold" => unfolded(value),
        "index" => vec![index(op, value)],
        "fail" => {
            let words = op.texts().first().map_or("fail() step triggered", |words| words);
            return Err(EvaluateError::Failed(words.to_owned()));
        }
        "count" | "sum" | "min" | "max" | "mean" | "order" | "limit" | "range" | "skip" | "tail"
        | "sample" | "dedup" => {
            return within(run, op, traverser).map(|found| Some(found.into_iter().collect()));
        }
        "combine" | "merge" | "intersect" | "difference" | "disjunct" | "product" => {
            return together(run, op, traverser).map(|made| Some(vec![made]));
        }
        _ => return Ok(None),
    }))
}

fn loops(op: &Op<'_>, traverser: &Traverser) -> Result<i32, EvaluateError> {
    let named =
        |name: &Option<Rc<str>>| op.texts().first().is_none_or(|wanted| name.as_deref() == Some(wanted));
    let found = traverser.loops.iter().rev().find(|(name, _)| named(name));
    let wants = EvaluateError::Kind { step: "loops".to_owned(), wants: "a traverser inside that repeat" };
    found.map(|(_, rounds)| i32::try_from(*rounds).unwrap_or(i32::MAX)).ok_or(wants)
}

/// Which tokens `valueMap` shows.
fn tokens(op: &Op<'_>) -> (bool, bool) {
    let mut shown = (matches!(op.args.first(), Some(Argument::Bool(true))), false);
    shown.1 = shown.0;
    for (_, what) in op.with.iter().filter(|(key, _)| *key == "tokens") {
        shown.0 |= matches!(what, None | Some("all" | "ids"));
        shown.1 |= matches!(what, None | Some("all" | "labels"));
    }
    shown
}

fn value_map<'a>(run: &'a Run<'a>, op: &'a Op<'a>, traverser: &Traverser) -> Result<Value, EvaluateError> {
    let element = &traverser.value;
    let keys = op.texts();
    let (with_id, with_label) = tokens(op);
    let mut entries: Vec<(Value, Value)> = Vec::new();
    for (name, shown) in [("id", with_id), ("label", with_label)] {
        if let Some(value) = token(run, element, name).filter(|_| shown) {
            entries.push((Value::Token(name), value));
        }
    }
    let mut grouped: Vec<(&str, Vec<Value>)> = Vec::new();
    for (key, value, own) in properties(run.graph, element) {
        if !keys.is_empty() && !keys.contains(&key) {
            continue;
        }
        let value = if op.name == "valueMap" { value } else { own };
        match grouped.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(value),
            None => grouped.push((key, vec![value])),
        }
    }
    for (key, mut values) in grouped {
        let single = matches!(element, Value::Edge(_)).then(|| values.pop()).flatten();
        let value = single.unwrap_or_else(|| Value::list(values));
        let value = if op.by.is_empty() { Some(value) } else { run.projected(op, 0, traverser, value)? };
        entries.extend(value.map(|value| (Value::text(key), value)));
    }
    Ok(Value::map(entries))
}

fn element_map(run: &Run<'_>, op: &Op<'_>, element: &Value) -> Value {
    let keys = op.texts();
    let tokens = |of: &Value| {
        ["id", "label"]
            .into_iter()
            .filter_map(|name| Some((Value::Token(name), token(run, of, name)?)))
            .collect()
    };
    if let Value::VertexProperty(..) | Value::EdgeProperty(..) = element {
        let names = ["id", "key", "value"].into_iter();
        return Value::map(names.filter_map(|n| Some((Value::Token(n), token(run, element, n)?))).collect());
    }
    let mut entries: Vec<(Value, Value)> = tokens(element);
    let edge = if let Value::Edge(at) = element { run.graph.edges().get(*at) } else { None };
    for (name, end) in edge.map(|edge| [("IN", edge.to), ("OUT", edge.from)]).into_iter().flatten() {
        entries.push((Value::Direction(name), Value::map(tokens(&Value::Vertex(end)))));
    }
    for (key, value, _) in properties(run.graph, element) {
        if keys.is_empty() || keys.contains(&key) {
            // A later value of a key takes the earlier one's place.
            entries.retain(|(known, _)| *known != Value::text(key));
            entries.push((Value::text(key), value));
        }
    }
    Value::map(entries)
}

fn select<'a>(
    run: &'a Run<'a>,
    op: &'a Op<'a>,
    traverser: &Traverser,
) -> Result<Option<Value>, EvaluateError> {
    let pop = match op.args.first() {
        Some(Argument::Constant(Constant { family: "Column", name })) => {
            return Ok(column(&traverser.value, name));
        }
        Some(Argument::Constant(Constant { family: "Pop", name })) => name,
        _ => "last",
    };
    if let Some(plan) = op.plans.first() {
        let key = run.first(plan, traverser)?.map(|t| t.value);
        let Value::Map(entries) = &traverser.value else { return Ok(None) };
        return Ok(entries.iter().find(|(k, _)| Some(k) == key.as_ref()).map(|(_, v)| v.clone()));
    }
    let labels = op.texts();
    let mut entries = Vec::new();
    for (at, label) in labels.iter().enumerate() {
        let Some(found) = run.scoped(traverser, label, pop)? else { return Ok(None) };
        // One label takes the last modulator, several take turns.
        let turn = if labels.len() == 1 { op.by.len().saturating_sub(1) } else { at };
        let Some(value) = run.projected(op, turn, traverser, found)? else { return Ok(None) };
        entries.push((Value::text(label), value));
    }
    if labels.len() == 1 { Ok(entries.pop().map(|(_, value)| value)) } else { Ok(Some(Value::map(entries))) }
}

fn project<'a>(run: &'a Run<'a>, op: &'a Op<'a>, traverser: &Traverser) -> Result<Value, EvaluateError> {
    let mut entries = Vec::new();
    for (at, key) in op.texts().into_iter().enumerate() {
        let value = run.projected(op, at, traverser, traverser.value.clone())?;
        entries.extend(value.map(|value| (Value::text(key), value)));
    }
    Ok(Value::map(entries))
}

fn path<'a>(run: &'a Run<'a>, op: &'a Op<'a>, traverser: &Traverser) -> Result<Option<Value>, EvaluateError> {
    let mut places = traverser.between(op);
    for (at, (value, _)) in places.iter_mut().enumerate().filter(|_| !op.by.is_empty()) {
        let Some(made) = run.projected(op, at, traverser, value.clone())? else { return Ok(None) };
        *value = made;
    }
    Ok(Some(Value::Path(Rc::new(places))))
}

fn index(op: &Op<'_>, value: &Value) -> Value {
    let numbered = unfolded(value).into_iter().enumerate();
    let number = |at: usize| Value::Int(i32::try_from(at).unwrap_or(i32::MAX));
    if op.with.contains(&("indexer", Some("map"))) {
        return Value::map(numbered.map(|(at, item)| (number(at), item)).collect());
    }
    Value::list(numbered.map(|(at, item)| Value::list(vec![item, number(at)])).collect())
}

/// Steps with `Scope.local`: on the collection that the traverser carries.
fn within<'a>(
    run: &'a Run<'a>,
    op: &'a Op<'a>,
    traverser: &Traverser,
) -> Result<Option<Value>, EvaluateError> {
    let value = &traverser.value;
    let entries = match value {
        Value::Map(entries) => Some(entries),
        _ => None,
    };
    let items = match value {
        Value::Map(_) | Value::Path(_) => Some(unfolded(value)),
        other => other.items().map(<[Value]>::to_vec),
    };
    let Some(mut items) = items else {
        return Ok(Some(if op.name == "count" { Value::Long(1) } else { value.clone() }));
    };
    let numbers: Vec<usize> =
        op.numbers().into_iter().map(|n| usize::try_from(n).unwrap_or(usize::MAX)).collect();
    let first = numbers.first().copied();
    let range = match op.name {
        "limit" => Some((0, first.unwrap_or(0))),
        "range" => Some((first.unwrap_or(0), numbers.get(1).copied().unwrap_or(usize::MAX))),
        "skip" => Some((first.unwrap_or(0), usize::MAX)),
        "tail" => Some((items.len().saturating_sub(first.unwrap_or(1)), usize::MAX)),
        _ => None,
    };
    let rebuilt = |items: Vec<Value>| match value {
        Value::Map(_) => Value::map(
            items
                .into_iter()
                .filter_map(|item| match item {
                    Value::Entry(entry) => Some((*entry).clone()),
                    _ => None,
                })
                .collect(),
        ),
        Value::Set(_) => Value::Set(Rc::new(items)),
        _ => Value::list(items),
    };
    if let Some((from, to)) = range {
        let items: Vec<Value> = items.into_iter().take(to).skip(from).collect();
        // One item of a list comes out bare.
        let bare =
            entries.is_none() && (op.name != "range" || to.saturating_sub(from) == 1) && items.len() == 1;
        let one = matches!((op.name, first), ("limit" | "tail", Some(1)) | ("tail", None) | ("range", _));
        return Ok(if bare && one { items.into_iter().next() } else { Some(rebuilt(items)) });
    }
    match op.name {
        "count" => Ok(Some(Value::Long(items.len() as i64))),
        "dedup" => Ok(Some(Value::set(items))),
        "order" => {
            let traversers = items.drain(..).map(|item| traverser.seen(item)).collect();
            let items = sorted(run, op, traversers)?.into_iter().map(|t| t.value).collect();
            Ok(Some(rebuilt(items)))
        }
        "sample" => Ok(Some(rebuilt(items.into_iter().take(first.unwrap_or(0)).collect()))),
        _ => {
            let mut numbers = Numbers::default();
            items.iter().try_for_each(|item| numbers.add(op.name, item))?;
            Ok(numbers.end(op.name))
        }
    }
}

/// Steps that join the list that the traverser carries with another.
fn together<'a>(run: &'a Run<'a>, op: &'a Op<'a>, traverser: &Traverser) -> Result<Value, EvaluateError> {
    let other = match op.plans.first() {
        Some(plan) => run.first(plan, traverser)?.map(|t| t.value),
        None => op.args.first().map(|argument| literal(argument)).transpose()?,
    };
    let wants = || EvaluateError::Kind { step: op.name.to_owned(), wants: "two lists" };
    let (Some(ours), Some(theirs)) = (traverser.value.items(), other.as_ref().and_then(Value::items)) else {
        return Err(wants());
    };
    let all = || ours.iter().chain(theirs).cloned();
    let both = |item: &Value| ours.contains(item) && theirs.contains(item);
    Ok(match op.name {
        "combine" => Value::list(all().collect()),
        "merge" => Value::set(all()),
        "intersect" => Value::set(ours.iter().filter(|item| both(item)).cloned()),
        "difference" => Value::set(ours.iter().filter(|item| !theirs.contains(item)).cloned()),
        "disjunct" => Value::set(all().filter(|item| !both(item))),
        _ => {
            let pairs = ours.iter().flat_map(|a| theirs.iter().map(move |b| vec![a.clone(), b.clone()]));
            Value::list(pairs.map(Value::list).collect())
        }
    })
}

/// `sack()` and `sack(sum).by(…)`.
pub fn sack<'a>(run: &'a Run<'a>, op: &'a Op<'a>, input: Stream<'a>) -> Stream<'a> {
    let operator = match op.args.first() {
        Some(Argument::Constant(Constant { family: "Operator", name })) => Some(*name),
        _ => None,
    };
    Box::new(input.filter_map(move |item| {
        let made = item.and_then(|mut traverser| {
            let carried = traverser.sack.clone();
            let wants = EvaluateError::Kind { step: "sack".to_owned(), wants: "withSack(…) on the source" };
            let carried = carried.ok_or(wants)?;
            let Some(operator) = operator else { return Ok(Some(traverser.at(carried))) };
            let value = traverser.value.clone();
            let Some(value) = run.projected(op, 0, &traverser, value)? else { return Ok(None) };
            traverser.sack = Some(super::words::operate(operator, &carried, &value)?);
            Ok(Some(traverser))
        });
        made.transpose()
    }))
}
