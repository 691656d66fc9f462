//! Steps that move: to vertices, edges and back, and those that start.

use std::rc::Rc;

use super::EvaluateError;
use super::plan::Op;
use super::run::{Run, Stream};
use super::traverser::Traverser;
use super::value::Value;
use crate::demo::graph::ElementId;
use crate::query::dialect::gremlin::tree::{Argument, Constant};

/// `V`, `E` and `inject`, in the middle or at the start of a traversal.
pub fn start<'a>(run: &'a Run<'a>, op: &'a Op<'a>, input: Stream<'a>) -> Stream<'a> {
    let literals = match Run::literals(op) {
        Ok(literals) => Rc::new(literals),
        Err(error) => return Box::new(std::iter::once(Err(error))),
    };
    if op.name == "inject" {
        let values: Vec<Value> = literals.to_vec();
        return Box::new(values.into_iter().map(|v| Ok(Traverser::new(v, run.sack.clone()))).chain(input));
    }
    Box::new(input.flat_map(move |item| {
        let from = match item {
            Ok(from) => from,
            Err(error) => return Box::new(std::iter::once(Err(error))) as Stream<'a>,
        };
        let elements: Box<dyn Iterator<Item = Value> + 'a> = if literals.is_empty() {
            match op.name {
                "V" => Box::new((0..run.graph.vertices().len()).map(Value::Vertex)),
                _ => Box::new((0..run.graph.edges().len()).map(Value::Edge)),
            }
        } else {
            Box::new(found(run, op.name == "V", &literals).into_iter())
        };
        Box::new(elements.map(move |element| Ok(from.at(element))))
    }))
}

/// The elements with these ids; a list among them stands for its items.
fn found(run: &Run<'_>, vertices: bool, ids: &[Value]) -> Vec<Value> {
    let flat = ids.iter().flat_map(|id| id.items().map_or_else(|| vec![id.clone()], <[Value]>::to_vec));
    let mut out: Vec<Value> = Vec::new();
    for id in flat {
        let found = match &id {
            Value::Vertex(_) | Value::Edge(_) => Some(id.clone()),
            _ if vertices => ids_of(&id).iter().find_map(|id| run.graph.vertex(id)).map(Value::Vertex),
            _ => {
                let wanted = ids_of(&id);
                run.graph.edges().iter().position(|edge| wanted.contains(&edge.id)).map(Value::Edge)
            }
        };
        out.extend(found.filter(|element| !out.contains(element)));
    }
    out
}

/// The ids that a value may stand for: a number may be written in words.
pub fn ids_of(value: &Value) -> Vec<ElementId> {
    match value {
        Value::Text(text) => {
            let number = text.parse().ok().map(ElementId::Number);
            std::iter::once(ElementId::Word(text.to_string())).chain(number).collect()
        }
        other => match other.number() {
            Some((_, Some(n))) => i64::try_from(n).ok().map(ElementId::Number).into_iter().collect(),
            _ => Vec::new(),
        },
    }
}

/// Both ends, one end, edges: what a moving step gives; `None` when `op` is none.
pub fn movement(
    run: &Run<'_>,
    op: &Op<'_>,
    traverser: &Traverser,
) -> Result<Option<Vec<Value>>, EvaluateError> {
    let direction = match op.args.first() {
        Some(Argument::Constant(Constant { family: "Direction", name })) => name,
        _ => "",
    };
    let (way, edges) = match (op.name, direction) {
        ("out", _) | ("to", "OUT") => ("OUT", false),
        ("in", _) | ("to", "IN") => ("IN", false),
        ("both", _) | ("to", "BOTH") => ("BOTH", false),
        ("outE", _) | ("toE", "OUT") => ("OUT", true),
        ("inE", _) | ("toE", "IN") => ("IN", true),
        ("bothE", _) | ("toE", "BOTH") => ("BOTH", true),
        ("outV" | "inV" | "bothV" | "otherV" | "toV", _) => {
            return ends(run, op.name, direction, traverser).map(Some);
        }
        _ => return Ok(None),
    };
    let Value::Vertex(at) = traverser.value else {
        return Err(EvaluateError::Kind { step: op.name.to_owned(), wants: "a vertex" });
    };
    let labels = op.texts();
    let mut out = Vec::new();
    let Some(vertex) = run.vertex(at) else { return Ok(Some(out)) };
    for (this, list) in [("OUT", &vertex.outgoing), ("IN", &vertex.incoming)] {
        if way != "BOTH" && way != this {
            continue;
        }
        for index in list {
            let Some(edge) = run.graph.edges().get(*index) else { continue };
            if labels.is_empty() || labels.contains(&edge.label.as_str()) {
                let other = if this == "OUT" { edge.to } else { edge.from };
                out.push(if edges { Value::Edge(*index) } else { Value::Vertex(other) });
            }
        }
    }
    Ok(Some(out))
}

fn ends(
    run: &Run<'_>,
    name: &str,
    direction: &str,
    traverser: &Traverser,
) -> Result<Vec<Value>, EvaluateError> {
    let Value::Edge(at) = traverser.value else {
        return Err(EvaluateError::Kind { step: name.to_owned(), wants: "an edge" });
    };
    let Some(edge) = run.graph.edges().get(at) else { return Ok(Vec::new()) };
    let (from, to) = (Value::Vertex(edge.from), Value::Vertex(edge.to));
    Ok(match (name, direction) {
        ("outV", _) | (_, "OUT") => vec![from],
        ("inV", _) | (_, "IN") => vec![to],
        ("otherV", _) => {
            // The end that the traverser did not come from.
            let places = traverser.places();
            let came = places.iter().rev().skip(1).find(|(v, _)| *v == from || *v == to);
            vec![if came.is_some_and(|(v, _)| *v == to) && from != to { from } else { to }]
        }
        _ => vec![from, to],
    })
}
