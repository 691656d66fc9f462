//! Runs a plan: each step is a stream that pulls from the one before it, so that `limit` ends the work in front of
//! it. Every traverser that is made counts against a budget and asks whether to stop.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::graphson::Writer;
use super::plan::{By, Op, Plan, Projection, literal};
use super::profile::Meters;
use super::traverser::{Traverser, turn};
use super::value::Value;
use super::{EvaluateError, branch, filter, flat, gather, matching, movement, repeat, words};
use crate::demo::graph::{PropertyGraph, Vertex};

/// What a stream gives.
pub type Item = Result<Traverser, EvaluateError>;

/// Traversers, made when they are asked for.
pub type Stream<'a> = Box<dyn Iterator<Item = Item> + 'a>;

/// Most traversers that one traversal may make.
const BUDGET: u64 = 20_000_000;

/// Most traversers that one step may hold at a time.
const HELD: usize = 2_000_000;

/// What the steps of one traversal share.
pub struct Run<'a> {
    /// The graph.
    pub graph: &'a PropertyGraph,
    /// Writes values; here asked for the numbers of properties.
    pub writer: Writer<'a>,
    /// What `aggregate`, `group('m')` and the like keep, by name.
    pub kept: RefCell<HashMap<String, gather::Kept<'a>>>,
    /// What every traverser carries at its start.
    pub sack: Option<Value>,
    /// What steps inside a repeat have seen, by the step's place in memory.
    pub seen: RefCell<HashMap<usize, std::collections::HashSet<Vec<Value>>>>,
    /// What each step does, when that is asked for.
    pub meters: Option<Meters>,
    stop: &'a AtomicBool,
    made: Cell<u64>,
}

impl<'a> Run<'a> {
    /// A run over `graph` that ends soon after `stop` is set.
    pub fn new(graph: &'a PropertyGraph, stop: &'a AtomicBool) -> Self {
        Self {
            graph,
            writer: Writer::new(graph),
            kept: RefCell::default(),
            sack: None,
            seen: RefCell::default(),
            meters: None,
            stop,
            made: Cell::new(0),
        }
    }

    /// Counts one more traverser.
    pub fn tick(&self) -> Result<(), EvaluateError> {
        let made = self.made.get() + 1;
        self.made.set(made);
        if made.is_multiple_of(256) && self.stop.load(Ordering::Relaxed) {
            return Err(EvaluateError::Stopped);
        }
        if made > BUDGET { Err(EvaluateError::TooLong) } else { Ok(()) }
    }

    /// All that a stream gives.
    pub fn all(&self, stream: Stream<'_>) -> Result<Vec<Traverser>, EvaluateError> {
        let mut all = Vec::new();
        for item in stream {
            all.push(item?);
            if all.len() > HELD {
                return Err(EvaluateError::TooLong);
            }
        }
        Ok(all)
    }

    /// A vertex by index.
    pub fn vertex(&self, at: usize) -> Option<&'a Vertex> {
        self.graph.vertices().get(at)
    }

    /// The streams of `plan` fed with `input`.
    pub fn feed(&'a self, ops: &'a [Op<'a>], input: Stream<'a>) -> Stream<'a> {
        ops.iter().fold(input, |input, op| self.step(op, input))
    }

    /// What `plan` gives for one traverser.
    pub fn of(&'a self, plan: &'a Plan<'a>, traverser: &Traverser) -> Stream<'a> {
        self.feed(&plan.ops, Box::new(std::iter::once(Ok(traverser.clone()))))
    }

    /// The first that `plan` gives for one traverser.
    pub fn first(
        &'a self,
        plan: &'a Plan<'a>,
        traverser: &Traverser,
    ) -> Result<Option<Traverser>, EvaluateError> {
        self.of(plan, traverser).next().transpose()
    }

    /// Whether `plan` gives anything for one traverser.
    pub fn any(&'a self, plan: &'a Plan<'a>, traverser: &Traverser) -> Result<bool, EvaluateError> {
        Ok(self.first(plan, traverser)?.is_some())
    }

    fn step(&'a self, op: &'a Op<'a>, input: Stream<'a>) -> Stream<'a> {
        match &self.meters {
            Some(meters) => meters.around(op, input, |input| self.bare(op, input)),
            None => self.bare(op, input),
        }
    }

    fn bare(&'a self, op: &'a Op<'a>, input: Stream<'a>) -> Stream<'a> {
        let counted: Stream<'a> = Box::new(input.map(|item| {
            let traverser = item?;
            self.tick()?;
            Ok(traverser)
        }));
        let output = self.kind(op, counted);
        if op.labels.is_empty() {
            return output;
        }
        Box::new(output.map(|item| Ok(item?.named(&op.labels))))
    }

    fn kind(&'a self, op: &'a Op<'a>, input: Stream<'a>) -> Stream<'a> {
        match op.name {
            "repeat" => repeat::repeat(self, op, input),
            "union" | "choose" | "branch" | "coalesce" | "optional" | "local" | "map" | "flatMap" => {
                branch::branch(self, op, input)
            }
            "match" => matching::matching(self, op, input),
            "and" | "or" | "not" | "filter" | "where" | "is" | "has" | "hasNot" | "hasId" | "hasLabel"
            | "hasKey" | "hasValue" | "simplePath" | "cyclicPath" | "coin" | "none" | "discard" | "all"
            | "any" | "timeLimit" | "identity" => filter::filter(self, op, input),
            "aggregate" | "store" => gather::gather(self, op, input),
            "count" | "sum" | "min" | "max" | "mean" | "fold" | "order" | "limit" | "range" | "skip"
            | "tail" | "sample" | "dedup" | "barrier" | "group" | "groupCount" | "cap" | "tree"
            | "sideEffect"
                if !op.local() =>
            {
                gather::gather(self, op, input)
            }
            "V" | "E" | "inject" => movement::start(self, op, input),
            "as" => Box::new(input.map(|item| {
                let labels: Vec<Rc<str>> = op.texts().into_iter().map(Rc::from).collect();
                Ok(item?.named(&labels))
            })),
            "sack" => flat::sack(self, op, input),
            _ => Box::new(input.flat_map(move |item| {
                let made = item.and_then(|t| {
                    let values = self.values(op, &t)?;
                    Ok((t, values))
                });
                let (traverser, values) = match made {
                    Ok(made) => made,
                    Err(error) => return Box::new(std::iter::once(Err(error))) as Stream<'a>,
                };
                Box::new(values.into_iter().map(move |value| Ok(traverser.at(value))))
            })),
        }
    }

    /// What a step gives that looks at one traverser alone.
    fn values(&'a self, op: &'a Op<'a>, traverser: &Traverser) -> Result<Vec<Value>, EvaluateError> {
        if let Some(values) = movement::movement(self, op, traverser)? {
            return Ok(values);
        }
        if let Some(values) = flat::flat(self, op, traverser)? {
            return Ok(values);
        }
        words::words(self, op, traverser)
    }

    /// The value that a label, a key of the current map or a kept side effect stands for.
    pub fn scoped(
        &'a self,
        traverser: &Traverser,
        key: &str,
        pop: &str,
    ) -> Result<Option<Value>, EvaluateError> {
        if let Value::Map(_) = &traverser.value
            && let Some(value) = self.key(&traverser.value, key)
        {
            return Ok(Some(value));
        }
        let kept = self.kept.borrow().get(key).cloned();
        if let Some(kept) = kept {
            return kept.shown(self).map(Some);
        }
        let mut found: Vec<Value> = traverser.labelled(key).cloned().collect();
        Ok(match (pop, found.len()) {
            ("all", 1..) | ("mixed", 2..) => {
                found.reverse();
                Some(Value::list(found))
            }
            ("first", _) => found.pop(),
            _ => found.into_iter().next(),
        })
    }

    /// What a label stands for; an error when it stands for nothing.
    pub fn named(&'a self, traverser: &Traverser, label: &str) -> Result<Value, EvaluateError> {
        let missing = || EvaluateError::Value(format!("nothing on the path or kept is called {label}"));
        self.scoped(traverser, label, "last")?.ok_or_else(missing)
    }

    /// What `by` makes of a traverser's value; `None` when it gives nothing.
    pub fn by(
        &'a self,
        by: Option<&'a By<'a>>,
        traverser: &Traverser,
    ) -> Result<Option<Value>, EvaluateError> {
        let Some(by) = by else { return Ok(Some(traverser.value.clone())) };
        Ok(match &by.from {
            Projection::Itself => Some(traverser.value.clone()),
            Projection::Key(key) => self.key(&traverser.value, key),
            Projection::Token(name) => self.token(&traverser.value, name),
            Projection::Column(name) => flat::column(&traverser.value, name),
            Projection::Plan(plan) => self.first(plan, traverser)?.map(|t| t.value),
        })
    }

    /// What the modulator whose turn it is makes of `value`.
    pub fn projected(
        &'a self,
        op: &'a Op<'a>,
        at: usize,
        traverser: &Traverser,
        value: Value,
    ) -> Result<Option<Value>, EvaluateError> {
        self.by(turn(&op.by, at), &traverser.seen(value))
    }

    /// The first value of a property, or of a key of a map.
    pub fn key(&self, value: &Value, key: &str) -> Option<Value> {
        match value {
            Value::Map(entries) => {
                entries.iter().find(|(k, _)| *k == Value::text(key)).map(|(_, value)| value.clone())
            }
            other => {
                flat::properties(self.graph, other).into_iter().find(|(k, ..)| *k == key).map(|(_, v, _)| v)
            }
        }
    }

    /// `T.id`, `T.label`, `T.key`, `T.value` of a value.
    pub fn token(&self, value: &Value, name: &str) -> Option<Value> {
        flat::token(self, value, name)
    }

    /// The arguments as values; a list alone stands for its items.
    pub fn literals(op: &Op<'_>) -> Result<Vec<Value>, EvaluateError> {
        op.rest().iter().map(|argument| literal(argument)).collect()
    }
}

/// A stream that is made when its first traverser is asked for.
pub fn deferred<'a>(make: impl FnOnce() -> Result<Stream<'a>, EvaluateError> + 'a) -> Stream<'a> {
    let mut make = Some(make);
    let mut made: Option<Stream<'a>> = None;
    Box::new(std::iter::from_fn(move || {
        if let Some(make) = make.take() {
            match make() {
                Ok(stream) => made = Some(stream),
                Err(error) => return Some(Err(error)),
            }
        }
        made.as_mut()?.next()
    }))
}

/// A stream of what is there already.
pub fn ready<'a>(all: Vec<Traverser>) -> Stream<'a> {
    Box::new(all.into_iter().map(Ok))
}
