//! Gremlin over the demo's property graph, with TinkerPop's meaning for the steps it knows: it is checked against the
//! answers of Apache's Gremlin Server, and it refuses the steps that it does not know.

mod branch;
mod filter;
mod flat;
mod gather;
mod graphson;
mod matching;
mod math;
mod movement;
mod plan;
mod profile;
mod repeat;
mod run;
mod traverser;
mod value;
mod words;

use std::rc::Rc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use serde_json::{Value as Json, json};

use self::gather::Kept;
use self::plan::{Plan, literal, plan};
use self::run::{Run, ready};
use self::traverser::Traverser;
use self::value::Value;
use super::PropertyGraph;
use crate::query::dialect::gremlin::tree::{Argument, Traversal};

/// Stack of the thread that a traversal runs on: its steps hold each other.
const STACK: usize = 64 << 20;

/// Most steps that one traversal may have, at all depths.
const STEPS: usize = 2_000;

/// Why a traversal has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvaluateError {
    /// A step, or a form of it, that is not run here.
    Unknown {
        /// Its name.
        step: String,
        /// What about it.
        why: String,
    },
    /// A step met something that it cannot work on.
    Kind {
        /// Its name.
        step: String,
        /// What it works on.
        wants: &'static str,
    },
    /// A value that cannot be used.
    Value(String),
    /// `fail()` was reached.
    Failed(String),
    /// It was told to stop.
    Stopped,
    /// It made more traversers, or held more, than one traversal may.
    TooLong,
}

impl std::fmt::Display for EvaluateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown { step, why } => write!(f, "{step}: {why}"),
            Self::Kind { step, wants } => write!(f, "{step} works on {wants}"),
            Self::Value(what) => write!(f, "not a value that can be used: {what}"),
            Self::Failed(words) => write!(f, "fail() step triggered: {words}"),
            Self::Stopped => f.write_str("the traversal was cancelled"),
            Self::TooLong => f.write_str("the traversal takes more work than one may take"),
        }
    }
}

impl std::error::Error for EvaluateError {}

/// Runs `traversal` over `graph`. The answer is a `g:List` in GraphSON 3.0, as Gremlin Server writes it. It runs on a
/// thread of its own and ends soon after `stop` is set.
pub fn evaluate(
    graph: &PropertyGraph,
    traversal: &Traversal,
    stop: &AtomicBool,
) -> Result<Json, EvaluateError> {
    alone(|| {
        let (planned, how) = ready_to_run(traversal)?;
        let mut run = Run::new(graph, stop);
        source(traversal, &mut run)?;
        let values = answer(&run, &planned, how)?;
        let written: Vec<Json> = values.iter().map(|value| run.writer.put(value)).collect();
        Ok(json!({ "@type": "g:List", "@value": written }))
    })
}

/// The steps of `traversal` as they would be run, in lines; nothing is run.
pub fn explain(graph: &PropertyGraph, traversal: &Traversal) -> Result<String, EvaluateError> {
    alone(|| Ok(profile::explained(graph, &ready_to_run(traversal)?.0)))
}

/// Runs `traversal` as [`evaluate`] does and tells in lines what its steps did instead of what they gave.
pub fn profile(
    graph: &PropertyGraph,
    traversal: &Traversal,
    stop: &AtomicBool,
) -> Result<String, EvaluateError> {
    alone(|| {
        let (planned, how) = ready_to_run(traversal)?;
        let mut run = Run::new(graph, stop);
        run.meters = Some(profile::Meters::default());
        source(traversal, &mut run)?;
        let began = Instant::now();
        let results = answer(&run, &planned, how)?.len();
        let took = began.elapsed();
        let meters = run.meters.as_ref();
        Ok(meters.map(|m| profile::profiled(graph, &planned, m, results, took)).unwrap_or_default())
    })
}

/// Does `work` on a thread of its own, whose stack holds the steps of a traversal.
fn alone<T: Send>(work: impl FnOnce() -> Result<T, EvaluateError> + Send) -> Result<T, EvaluateError> {
    let broken = || EvaluateError::Value("the traversal ended its thread".to_owned());
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("gremlin".to_owned()).stack_size(STACK);
        let thread = thread.spawn_scoped(scope, work).map_err(|_| broken())?;
        thread.join().map_err(|_| broken())?
    })
}

/// How the results of a traversal are taken, and how many of them at most.
type Taken<'t> = (&'t str, usize);

/// The plan of a traversal, and how its results are taken; what cannot be run is refused here.
fn ready_to_run(traversal: &Traversal) -> Result<(Plan<'_>, Taken<'_>), EvaluateError> {
    if count(&traversal.steps) > STEPS {
        return Err(EvaluateError::TooLong);
    }
    let terminal = traversal.terminal.as_ref();
    let how = terminal.map_or("toList", |step| step.name.as_str());
    let planned = plan(&traversal.steps)?;
    // The first step starts from nothing: V() and E() need a traverser, union() and inject() too.
    let first = planned.ops.first().map_or("", |op| op.name);
    if !matches!(first, "V" | "E" | "union" | "inject") {
        let why = "a traversal does not start with it".to_owned();
        return Err(EvaluateError::Unknown { step: first.to_owned(), why });
    }
    let most = match (how, terminal.and_then(|step| step.args.first())) {
        ("next", Some(Argument::Integer { value, .. })) => usize::try_from(*value).unwrap_or(0),
        ("next" | "tryNext" | "hasNext", _) => 1,
        ("toList" | "toSet" | "toBulkSet" | "iterate", _) => usize::MAX,
        _ => {
            let why = "the demo's graph does not take an answer this way".to_owned();
            return Err(EvaluateError::Unknown { step: how.to_owned(), why });
        }
    };
    Ok((planned, (how, most)))
}

/// Runs a plan and takes its results.
fn answer<'a>(
    run: &'a Run<'a>,
    planned: &'a Plan<'a>,
    (how, most): Taken<'_>,
) -> Result<Vec<Value>, EvaluateError> {
    gather::prepare(run, planned);
    let first = planned.ops.first().map_or("", |op| op.name);
    let seed = if first == "inject" { Vec::new() } else { vec![Traverser::unborn(run.sack.clone())] };
    let results = run.all(Box::new(run.feed(&planned.ops, ready(seed)).take(most)))?;
    Ok(match how {
        "iterate" => Vec::new(),
        "hasNext" => vec![Value::Bool(!results.is_empty())],
        "toSet" => match Value::set(results.into_iter().map(|t| t.value)) {
            Value::Set(items) => items.to_vec(),
            other => vec![other],
        },
        _ => results.into_iter().map(|t| t.value).collect(),
    })
}

fn count(steps: &[crate::query::dialect::gremlin::tree::Step]) -> usize {
    let inner =
        |argument: &Argument| if let Argument::Traversal(steps) = argument { count(steps) } else { 0 };
    steps.iter().map(|step| 1 + step.args.iter().map(inner).sum::<usize>()).sum()
}

/// What `withSack` and `withSideEffect` set up; strategies and settings that change the answer are refused.
fn source(traversal: &Traversal, run: &mut Run<'_>) -> Result<(), EvaluateError> {
    for step in &traversal.source {
        let unknown = || {
            let why = "the demo's graph is not set up this way".to_owned();
            Err(EvaluateError::Unknown { step: step.name.clone(), why })
        };
        match (step.name.as_str(), step.args.as_slice()) {
            ("withSack", [value]) => run.sack = Some(literal(value)?),
            ("withSideEffect", [Argument::Text(name), value]) => {
                // Hints for Neptune's planner change no answer.
                if !name.starts_with("Neptune#") {
                    let kept = match literal(value)? {
                        Value::Set(items) => Kept::Fixed(Value::List(Rc::clone(&items))),
                        other => Kept::Fixed(other),
                    };
                    run.kept.borrow_mut().insert(name.clone(), kept);
                }
            }
            ("with" | "withPath" | "withBulk", _) => {}
            ("withStrategies", strategies) => {
                let harmless = |argument: &Argument| match argument {
                    Argument::Strategy { name, settings } => {
                        name == "ReadOnlyStrategy" && settings.is_empty()
                    }
                    _ => false,
                };
                if !strategies.iter().all(harmless) {
                    return unknown();
                }
            }
            _ => return unknown(),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
