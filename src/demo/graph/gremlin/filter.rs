//! Steps that let a traverser pass or not, and predicates.

use std::cmp::Ordering;
use std::time::Instant;

use super::EvaluateError;
use super::flat::properties;
use super::movement::ids_of;
use super::plan::{Op, Plan, literal};
use super::run::{Run, Stream};
use super::traverser::Traverser;
use super::value::{Value, id};
use crate::query::dialect::gremlin::tree::{Argument, Constant, Link, Predicate};

/// Whether a traverser passes.
type Passes = Result<bool, EvaluateError>;

/// Filters a stream.
pub fn filter<'a>(run: &'a Run<'a>, op: &'a Op<'a>, input: Stream<'a>) -> Stream<'a> {
    if op.name == "timeLimit" {
        return timed(op, input);
    }
    Box::new(input.filter_map(move |item| match item {
        Ok(traverser) => match passes(run, op, &traverser) {
            Ok(true) => Some(Ok(traverser)),
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        },
        error => Some(error),
    }))
}

/// Ends after so many milliseconds.
fn timed<'a>(op: &Op<'_>, input: Stream<'a>) -> Stream<'a> {
    let most = op.numbers().first().copied().unwrap_or(0);
    let start = Instant::now();
    Box::new(input.take_while(move |_| start.elapsed().as_millis() < u128::try_from(most).unwrap_or(0)))
}

fn passes<'a>(run: &'a Run<'a>, op: &'a Op<'a>, traverser: &Traverser) -> Passes {
    let value = &traverser.value;
    match op.name {
        "identity" => Ok(true),
        "and" => all_of(&op.plans, |plan| condition(run, plan, traverser)),
        "or" => Ok(!all_of(&op.plans, |plan| Ok(!condition(run, plan, traverser)?))?),
        "not" => Ok(!all_of(&op.plans, |plan| condition(run, plan, traverser))?),
        "filter" => match op.predicate() {
            Some(predicate) => tested(predicate, value),
            None => all_of(&op.plans, |plan| run.any(plan, traverser)),
        },
        "where" => match op.predicate() {
            Some(predicate) => compare(run, op, predicate, traverser),
            None => all_of(&op.plans, |plan| condition(run, plan, traverser)),
        },
        "is" => match op.args.as_slice() {
            [Argument::Predicate(predicate)] => tested(predicate, value),
            [other] => Ok(literal(other)?.same(value)),
            _ => Ok(false),
        },
        "has" => has(run, op, traverser),
        "hasNot" => Ok(!properties(run.graph, value).iter().any(|(key, ..)| op.texts().contains(key))),
        "hasId" | "hasLabel" | "hasKey" | "hasValue" => {
            let name = match op.name {
                "hasId" => "id",
                "hasLabel" => "label",
                "hasKey" => "key",
                _ => "value",
            };
            let Some(found) = run.token(value, name) else { return Ok(false) };
            match op.args.as_slice() {
                [Argument::Predicate(predicate)] => tested(predicate, &found),
                _ => {
                    let wanted = Run::literals(op)?;
                    let lists = wanted
                        .iter()
                        .flat_map(|w| w.items().map_or_else(|| vec![w.clone()], <[Value]>::to_vec));
                    Ok(lists.into_iter().any(|wanted| equals(run, name, value, &wanted, &found)))
                }
            }
        }
        "simplePath" | "cyclicPath" => path(run, op, traverser),
        "coin" => coin(op, traverser),
        "none" | "discard" if op.args.is_empty() => Ok(false),
        "all" | "any" | "none" => {
            let (Some(items), Some(predicate)) = (value.items(), op.predicate()) else { return Ok(false) };
            let passing = items.iter().map(|item| tested(predicate, item));
            let passing = passing.collect::<Result<Vec<bool>, _>>()?;
            Ok(match op.name {
                "all" => passing.iter().all(|passes| *passes),
                "any" => passing.contains(&true),
                _ => !passing.contains(&true),
            })
        }
        _ => Err(EvaluateError::Unknown { step: op.name.to_owned(), why: "it is no filter".to_owned() }),
    }
}

fn all_of<'a>(plans: &'a [Plan<'a>], mut test: impl FnMut(&'a Plan<'a>) -> Passes) -> Passes {
    for plan in plans {
        if !test(plan)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Chance that is the same in every run: the demo answers alike each time.
fn coin(op: &Op<'_>, traverser: &Traverser) -> Passes {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let Some(argument) = op.args.first() else { return Ok(false) };
    let chance = literal(argument)?.number().map_or(0.0, |(n, _)| n);
    let mut hasher = DefaultHasher::new();
    traverser.value.hash(&mut hasher);
    Ok(((hasher.finish() % 1_000_000) as f64) < chance * 1e6)
}

/// A number id may be asked for in words.
fn equals(run: &Run<'_>, name: &str, element: &Value, wanted: &Value, found: &Value) -> bool {
    match id(run.graph, element).filter(|_| name == "id") {
        Some(own) => ids_of(wanted).contains(own),
        None => wanted.same(found),
    }
}

fn has<'a>(run: &'a Run<'a>, op: &'a Op<'a>, traverser: &Traverser) -> Passes {
    let element = &traverser.value;
    let (key, test) = match op.args.as_slice() {
        [Argument::Constant(Constant { family: "T", name }), test] => {
            let Some(found) = run.token(element, name) else { return Ok(false) };
            return match test {
                Argument::Predicate(predicate) => tested(predicate, &found),
                other => Ok(equals(run, name, element, &literal(other)?, &found)),
            };
        }
        [Argument::Constant(Constant { family: "T", name })] => {
            let Some(found) = run.token(element, name) else { return Ok(false) };
            return all_of(&op.plans, |plan| run.any(plan, &traverser.seen(found.clone())));
        }
        [Argument::Text(key)] => (key, None),
        [Argument::Text(label), Argument::Text(key), test] => {
            if run.token(element, "label") != Some(Value::text(label)) {
                return Ok(false);
            }
            (key, Some(*test))
        }
        [Argument::Text(key), test] => (key, Some(*test)),
        _ => return Ok(false),
    };
    for (_, value, _) in properties(run.graph, element).into_iter().filter(|(k, ..)| k == key) {
        let passes = match test {
            None => all_of(&op.plans, |plan| run.any(plan, &traverser.seen(value.clone())))?,
            Some(Argument::Predicate(predicate)) => tested(predicate, &value)?,
            Some(other) => literal(other)?.same(&value),
        };
        if passes {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A traversal as a condition: `as('a')` in front starts it at what the label names, `as('b')`
/// behind compares its end with what that label names.
pub fn condition<'a>(run: &'a Run<'a>, plan: &'a Plan<'a>, traverser: &Traverser) -> Passes {
    let (start, ops) = match plan.ops.split_first() {
        Some((first, rest)) if first.name == "as" => {
            let label = first.texts().first().copied().unwrap_or_default();
            let Some(value) = run.scoped(traverser, label, "last")? else { return Ok(false) };
            (traverser.seen(value), rest)
        }
        _ => (traverser.clone(), plan.ops.as_slice()),
    };
    let end = ops.last().and_then(|op| op.labels.first());
    let wanted = end.map(|label| run.scoped(traverser, label, "last")).transpose()?;
    let found = run.feed(ops, Box::new(std::iter::once(Ok(start))));
    for item in found {
        let item = item?;
        match &wanted {
            None => return Ok(true),
            Some(Some(wanted)) if wanted.same(&item.value) => return Ok(true),
            Some(_) => {}
        }
    }
    Ok(false)
}

fn path<'a>(run: &'a Run<'a>, op: &'a Op<'a>, traverser: &Traverser) -> Passes {
    let mut seen = std::collections::HashSet::new();
    let mut simple = true;
    for (at, (value, _)) in traverser.between(op).into_iter().enumerate() {
        let made = run.projected(op, at, traverser, value)?;
        simple &= made.is_none_or(|value| seen.insert(value));
    }
    Ok(simple == (op.name == "simplePath"))
}

/// `where(P)`: the predicate's words are labels.
fn compare<'a>(run: &'a Run<'a>, op: &'a Op<'a>, predicate: &'a Predicate, traverser: &Traverser) -> Passes {
    let start = match op.texts().first() {
        Some(label) => run.named(traverser, label)?,
        None => traverser.value.clone(),
    };
    let Some(left) = run.projected(op, 0, traverser, start)? else { return Ok(false) };
    let mut at = 0;
    resolved(predicate, &left, &mut |label| {
        at += 1;
        run.projected(op, at, traverser, run.named(traverser, label)?)
    })
}

/// Tests with labels in the place of values.
fn resolved(
    predicate: &Predicate,
    left: &Value,
    named: &mut impl FnMut(&str) -> Result<Option<Value>, EvaluateError>,
) -> Passes {
    let mut passes = if let [Argument::Predicate(inner)] = predicate.args.as_slice() {
        !resolved(inner, left, named)?
    } else {
        let mut values = Vec::new();
        for argument in &predicate.args {
            let labels: &[Argument] = match argument {
                Argument::List(items) => items,
                one => std::slice::from_ref(one),
            };
            for label in labels {
                let Argument::Text(label) = label else { return Ok(false) };
                let Some(value) = named(label)? else { return Ok(false) };
                values.push(value);
            }
        }
        test(predicate.name, left, &values)?
    };
    for link in &predicate.chain {
        passes = match link {
            Link::And(with) => passes && resolved(with, left, named)?,
            Link::Or(with) => passes || resolved(with, left, named)?,
            Link::Negate => !passes,
        };
    }
    Ok(passes)
}

/// Whether `value` passes `predicate`.
pub fn tested(predicate: &Predicate, value: &Value) -> Passes {
    let mut passes = if let [Argument::Predicate(inner)] = predicate.args.as_slice() {
        !tested(inner, value)?
    } else {
        let values = predicate.args.iter().map(literal).collect::<Result<Vec<_>, _>>()?;
        test(predicate.name, value, &values)?
    };
    for link in &predicate.chain {
        passes = match link {
            Link::And(with) => passes && tested(with, value)?,
            Link::Or(with) => passes || tested(with, value)?,
            Link::Negate => !passes,
        };
    }
    Ok(passes)
}

fn test(name: &str, value: &Value, with: &[Value]) -> Passes {
    let first = with.first().unwrap_or(&Value::Null);
    let second = with.get(1).unwrap_or(&Value::Null);
    let compare = |other: &Value| value.compared(other);
    let among = || {
        let flat =
            |w: &Value| w.items().map_or_else(|| w.same(value), |items| items.iter().any(|i| i.same(value)));
        with.iter().any(flat)
    };
    let words = || match (value, first) {
        (Value::Text(text), Value::Text(part)) => Some((text.to_string(), part.to_string())),
        _ => None,
    };
    Ok(match name {
        "eq" => value.same(first),
        "neq" => !value.same(first),
        "lt" => compare(first).is_some_and(Ordering::is_lt),
        "lte" => compare(first).is_some_and(Ordering::is_le),
        "gt" => compare(first).is_some_and(Ordering::is_gt),
        "gte" => compare(first).is_some_and(Ordering::is_ge),
        "inside" => {
            compare(first).is_some_and(Ordering::is_gt) && compare(second).is_some_and(Ordering::is_lt)
        }
        "outside" => {
            compare(first).is_some_and(Ordering::is_lt) || compare(second).is_some_and(Ordering::is_gt)
        }
        "between" => {
            compare(first).is_some_and(Ordering::is_ge) && compare(second).is_some_and(Ordering::is_lt)
        }
        "within" => among(),
        "without" => !among(),
        _ => {
            let Some((text, part)) = words() else { return Ok(name.starts_with("not")) };
            match name {
                "startingWith" => text.starts_with(&part),
                "notStartingWith" => !text.starts_with(&part),
                "endingWith" => text.ends_with(&part),
                "notEndingWith" => !text.ends_with(&part),
                "containing" => text.contains(&part),
                "notContaining" => !text.contains(&part),
                _ => {
                    let pattern = regex::Regex::new(&part).map_err(|_| EvaluateError::Value(part.clone()))?;
                    pattern.is_match(&text) == (name == "regex")
                }
            }
        }
    })
}
