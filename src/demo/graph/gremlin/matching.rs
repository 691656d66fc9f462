//! `match`: patterns that bind labels, solved one after the other.

use std::rc::Rc;

use super::EvaluateError;
use super::plan::{Op, Plan};
use super::run::{Run, Stream, ready};
use super::traverser::Traverser;
use super::value::Value;

/// Labels with what they are bound to, in the order of binding.
type Bound = Vec<(Rc<str>, Value)>;

/// Runs `match`.
pub fn matching<'a>(run: &'a Run<'a>, op: &'a Op<'a>, input: Stream<'a>) -> Stream<'a> {
    Box::new(input.flat_map(move |item| {
        let solved = item.and_then(|traverser| {
            let mut found = Vec::new();
            if let Some(label) = first(op) {
                let bound = vec![(label, traverser.value.clone())];
                solve(run, &op.plans, &vec![false; op.plans.len()], &traverser, &bound, &mut found)?;
            }
            Ok(found)
        });
        match solved {
            Ok(found) => ready(found),
            Err(error) => Box::new(std::iter::once(Err(error))) as Stream<'a>,
        }
    }))
}

/// The label that a pattern starts at.
fn start<'a>(plan: &Plan<'a>) -> Option<&'a str> {
    plan.ops.first().filter(|op| op.name == "as").and_then(|op| op.texts().first().copied())
}

/// The label that a pattern ends at.
fn end(plan: &Plan<'_>) -> Option<Rc<str>> {
    plan.ops.last().and_then(|op| op.labels.first().cloned())
}

/// The label that the incoming traverser is bound to: one that no pattern ends at.
fn first(op: &Op<'_>) -> Option<Rc<str>> {
    let ends: Vec<Rc<str>> = op.plans.iter().filter_map(end).collect();
    let mut starts = op.plans.iter().filter_map(start);
    let free = starts.clone().find(|label| !ends.iter().any(|end| &**end == *label));
    free.or_else(|| starts.next()).map(Rc::from)
}

/// The traverser with all that is bound on its path.
fn with(traverser: &Traverser, bound: &Bound) -> Traverser {
    bound.iter().fold(traverser.clone(), |traverser, (label, value)| {
        traverser.at(value.clone()).named(std::slice::from_ref(label))
    })
}

fn solve<'a>(
    run: &'a Run<'a>,
    plans: &'a [Plan<'a>],
    done: &[bool],
    traverser: &Traverser,
    bound: &Bound,
    found: &mut Vec<Traverser>,
) -> Result<(), EvaluateError> {
    run.tick()?;
    let value = |label: &str| bound.iter().find(|(known, _)| &**known == label).map(|(_, value)| value);
    let open = || plans.iter().enumerate().filter(|(at, _)| done.get(*at) == Some(&false));
    let next = open().find_map(|(at, plan)| Some((at, plan, value(start(plan)?)?)));
    let here = with(traverser, bound);
    let Some((at, plan, from)) = next else {
        // What is left are conditions on labels, or patterns that nothing leads to.
        let left = plans.iter().enumerate().filter(|(_, plan)| start(plan).is_none());
        for (_, plan) in left {
            if !run.any(plan, &here)? {
                return Ok(());
            }
        }
        let unreached = open().any(|(_, plan)| start(plan).is_some());
        if !unreached {
            let entries = bound.iter().map(|(label, value)| (Value::Text(Rc::clone(label)), value.clone()));
            found.push(here.at(Value::map(entries.collect())));
        }
        return Ok(());
    };
    let done: Vec<bool> = done.iter().enumerate().map(|(place, done)| *done || place == at).collect();
    let ops = plan.ops.get(1..).unwrap_or_default();
    let to = if ops.is_empty() { None } else { end(plan) };
    for item in run.feed(ops, ready(vec![here.seen(from.clone())])) {
        let reached = item?.value;
        let mut bound = bound.clone();
        match to.as_ref().map(|label| (label, value(label))) {
            None => return solve(run, plans, &done, traverser, &bound, found),
            Some((_, Some(known))) if !known.same(&reached) => continue,
            Some((_, Some(_))) => {}
            Some((label, None)) => bound.push((Rc::clone(label), reached)),
        }
        solve(run, plans, &done, traverser, &bound, found)?;
    }
    Ok(())
}
