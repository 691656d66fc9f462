//! Steps that hold traversals: where paths part and come together.

use super::EvaluateError;
use super::filter::tested;
use super::plan::{Op, Pick, Plan};
use super::run::{Run, Stream, deferred, ready};
use super::traverser::Traverser;
use crate::query::dialect::gremlin::tree::{Argument, Constant};

/// Runs a step that holds traversals.
pub fn branch<'a>(run: &'a Run<'a>, op: &'a Op<'a>, input: Stream<'a>) -> Stream<'a> {
    let options = op.options.iter().any(|(_, plan)| plan.gathers());
    let spreads = matches!(op.name, "union" | "choose" | "branch");
    if spreads && (options || op.plans.iter().any(Plan::gathers)) {
        return deferred(move || together(run, op, input));
    }
    Box::new(input.flat_map(move |item| match item.and_then(|traverser| one(run, op, traverser)) {
        Ok(stream) => stream,
        Err(error) => Box::new(std::iter::once(Err(error))),
    }))
}

/// What one traverser becomes.
fn one<'a>(run: &'a Run<'a>, op: &'a Op<'a>, traverser: Traverser) -> Result<Stream<'a>, EvaluateError> {
    let only = || op.plans.first().ok_or_else(|| unknown(op));
    // Only the value comes out of these; what happened inside is not on the path.
    let moved = |from: Traverser, stream: Stream<'a>| -> Stream<'a> {
        Box::new(stream.map(move |item| Ok(from.at(item?.value))))
    };
    Ok(match op.name {
        "local" => run.of(only()?, &traverser),
        "map" => {
            let found = run.of(only()?, &traverser).take(1);
            moved(traverser, Box::new(found))
        }
        "flatMap" => {
            let found = run.of(only()?, &traverser);
            moved(traverser, found)
        }
        "coalesce" => {
            for plan in &op.plans {
                let mut found = run.of(plan, &traverser).peekable();
                if found.peek().is_some() {
                    return Ok(moved(traverser, Box::new(found)));
                }
            }
            ready(Vec::new())
        }
        "optional" => {
            let mut found = run.of(only()?, &traverser).peekable();
            if found.peek().is_some() { Box::new(found) } else { ready(vec![traverser]) }
        }
        _ => {
            let taken = taken(run, op, &traverser)?;
            match taken {
                Some(plans) => Box::new(plans.into_iter().flat_map(move |plan| run.of(plan, &traverser))),
                None => ready(vec![traverser]),
            }
        }
    })
}

/// All traversers at once, for branches with steps that gather.
fn together<'a>(run: &'a Run<'a>, op: &'a Op<'a>, input: Stream<'a>) -> Result<Stream<'a>, EvaluateError> {
    let mut given: Vec<(&'a Plan<'a>, Vec<Traverser>)> = match op.name {
        "union" => op.plans.iter().map(|plan| (plan, Vec::new())).collect(),
        _ => Vec::new(),
    };
    let mut untouched = Vec::new();
    let all = run.all(input)?;
    // Where nothing comes in, not even a count comes out.
    if all.is_empty() {
        return Ok(ready(all));
    }
    for traverser in all {
        let Some(plans) = taken(run, op, &traverser)? else {
            untouched.push(traverser);
            continue;
        };
        for plan in plans {
            match given.iter_mut().find(|(known, _)| std::ptr::eq(*known, plan)) {
                Some((_, all)) => all.push(traverser.clone()),
                None => given.push((plan, vec![traverser.clone()])),
            }
        }
    }
    let fed = given.into_iter().flat_map(move |(plan, all)| run.feed(&plan.ops, ready(all)));
    Ok(Box::new(ready(untouched).chain(fed)))
}

/// The traversals that one traverser takes; `None` when it goes on as it is.
fn taken<'a>(
    run: &'a Run<'a>,
    op: &'a Op<'a>,
    traverser: &Traverser,
) -> Result<Option<Vec<&'a Plan<'a>>>, EvaluateError> {
    if op.name == "union" {
        return Ok(Some(op.plans.iter().collect()));
    }
    if !op.options.is_empty() {
        return options(run, op, traverser).map(Some);
    }
    let (yes, then) = match (op.predicate(), op.plans.as_slice()) {
        (Some(predicate), plans) => (tested(predicate, &traverser.value)?, plans),
        (None, [condition, plans @ ..]) => (run.any(condition, traverser)?, plans),
        _ => return Err(unknown(op)),
    };
    Ok(then.get(usize::from(!yes)).map(|plan| vec![plan]))
}

fn options<'a>(
    run: &'a Run<'a>,
    op: &'a Op<'a>,
    traverser: &Traverser,
) -> Result<Vec<&'a Plan<'a>>, EvaluateError> {
    let choice = match (op.args.first(), op.plans.first()) {
        (Some(Argument::Constant(Constant { family: "T", name })), _) => run.token(&traverser.value, name),
        (_, Some(plan)) => run.first(plan, traverser)?.map(|t| t.value),
        _ => return Err(unknown(op)),
    };
    let mut plans = Vec::new();
    for (pick, plan) in &op.options {
        let fits = match (pick, &choice) {
            (Pick::Is(value), Some(choice)) => value.same(choice),
            (Pick::Passes(predicate), Some(choice)) => tested(predicate, choice)?,
            _ => false,
        };
        plans.extend(fits.then_some(plan));
    }
    if plans.is_empty() {
        plans.extend(op.options.iter().filter(|(pick, _)| matches!(pick, Pick::None)).map(|(_, plan)| plan));
    }
    plans.extend(op.options.iter().filter(|(pick, _)| matches!(pick, Pick::Any)).map(|(_, plan)| plan));
    Ok(plans)
}

fn unknown(op: &Op<'_>) -> EvaluateError {
    let why = "the demo's graph does not know this form of it".to_owned();
    EvaluateError::Unknown { step: op.name.to_owned(), why }
}
