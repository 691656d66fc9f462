//! Steps that look at more than one traverser: counting, grouping, sorting, keeping for later.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::EvaluateError;
use super::plan::{Op, Plan, Projection, literal};
use super::run::{Run, Stream, deferred, ready};
use super::traverser::{Traverser, turn};
use super::value::{Tree, Value};
use super::words::operate;
use crate::query::dialect::gremlin::tree::{Argument, Constant};

/// What is kept under a name while a traversal runs.
#[derive(Clone)]
pub enum Kept<'a> {
    /// Values gathered by `aggregate` and `store`.
    Bulk(Rc<Vec<Value>>),
    /// What the source set up.
    Fixed(Value),
    /// Traversers by key.
    Groups(Groups<'a>),
    /// How often each key came.
    Counts(Counts),
    /// Paths as a tree.
    Tree(Tree),
}

/// Traversers by key, in the order of arrival.
#[derive(Clone)]
pub struct Groups<'a> {
    op: &'a Op<'a>,
    places: HashMap<Value, usize>,
    groups: Vec<(Value, Vec<Traverser>)>,
}

/// Counts by key, in the order of arrival.
#[derive(Clone, Default)]
pub struct Counts {
    places: HashMap<Value, usize>,
    counts: Vec<(Value, i64)>,
}

impl Counts {
    fn add(&mut self, key: Value) {
        let place = *self.places.entry(key.clone()).or_insert(self.counts.len());
        match self.counts.get_mut(place) {
            Some((_, count)) => *count += 1,
            None => self.counts.push((key, 1)),
        }
    }

    fn value(&self) -> Value {
        Value::map(self.counts.iter().map(|(key, count)| (key.clone(), Value::Long(*count))).collect())
    }
}

impl<'a> Groups<'a> {
    fn new(op: &'a Op<'a>) -> Self {
        Self { op, places: HashMap::new(), groups: Vec::new() }
    }

    fn add(&mut self, key: Value, traverser: Traverser) {
        let place = *self.places.entry(key.clone()).or_insert(self.groups.len());
        match self.groups.get_mut(place) {
            Some((_, group)) => group.push(traverser),
            None => self.groups.push((key, vec![traverser])),
        }
    }

    /// The map: each group as the second `by` wants it.
    fn value(self, run: &'a Run<'a>) -> Result<Value, EvaluateError> {
        let mut entries = Vec::new();
        for (key, group) in self.groups {
            let value = match self.op.by.get(1) {
                Some(by) => match &by.from {
                    Projection::Plan(plan) if plan.gathers() => {
                        run.feed(&plan.ops, ready(group)).next().transpose()?.map(|t| t.value)
                    }
                    // Without a step that gathers, the last one that gives something stands.
                    Projection::Plan(plan) => {
                        let mut last = None;
                        for traverser in &group {
                            last = run.first(plan, traverser)?.map(|t| t.value).or(last);
                        }
                        last
                    }
                    _ => {
                        let each = group.iter().map(|traverser| run.by(Some(by), traverser));
                        Some(Value::list(each.filter_map(Result::transpose).collect::<Result<_, _>>()?))
                    }
                },
                None => Some(Value::list(group.into_iter().map(|t| t.value).collect())),
            };
            entries.extend(value.map(|value| (key, value)));
        }
        Ok(Value::map(entries))
    }
}

impl<'a> Kept<'a> {
    /// As a value.
    pub fn shown(self, run: &'a Run<'a>) -> Result<Value, EvaluateError> {
        Ok(match self {
            Self::Bulk(items) => Value::Bulk(items),
            Self::Fixed(value) => value,
            Self::Groups(groups) => groups.value(run)?,
            Self::Counts(counts) => counts.value(),
            Self::Tree(tree) => Value::Tree(Rc::new(tree)),
        })
    }
}

/// Runs a step that looks at more than one traverser.
pub fn gather<'a>(run: &'a Run<'a>, op: &'a Op<'a>, input: Stream<'a>) -> Stream<'a> {
    match op.name {
        "count" | "sum" | "min" | "max" | "mean" | "fold" => deferred(move || reduce(run, op, input)),
        "group" | "groupCount" | "tree" if op.args.is_empty() => deferred(move || {
            let mut kept = start(op);
            for item in input {
                add(run, op, &mut kept, &item?)?;
            }
            one(run, kept.shown(run)?)
        }),
        "order" => deferred(move || Ok(ready(sorted(run, op, run.all(input)?)?))),
        "limit" | "range" | "skip" | "tail" | "sample" => window(run, op, input),
        "dedup" => dedup(run, op, input),
        "barrier" if matches!(op.args.first(), Some(Argument::Constant(_))) => {
            let why = "the demo's graph does not normalise sacks".to_owned();
            Box::new(std::iter::once(Err(EvaluateError::Unknown { step: "barrier".to_owned(), why })))
        }
        "barrier" => input,
        "cap" => deferred(move || {
            run.all(input)?;
            let mut entries = Vec::new();
            for name in op.texts() {
                let kept = run.kept.borrow().get(name).cloned();
                let missing = || EvaluateError::Value(format!("nothing is kept under the name {name}"));
                entries.push((Value::text(name), kept.ok_or_else(missing)?.shown(run)?));
            }
            match entries.pop() {
                Some((_, only)) if entries.is_empty() => one(run, only),
                last => one(run, Value::map(entries.into_iter().chain(last).collect())),
            }
        }),
        "aggregate" if !op.local() => deferred(move || {
            let all = run.all(input)?;
            all.iter().try_for_each(|traverser| keep(run, op, traverser))?;
            Ok(ready(all))
        }),
        // aggregate(local), store, group('m'), groupCount('m'), tree('t'), sideEffect(…).
        _ => Box::new(input.map(move |item| {
            let traverser = item?;
            keep(run, op, &traverser)?;
            Ok(traverser)
        })),
    }
}

fn one<'a>(run: &Run<'_>, value: Value) -> Result<Stream<'a>, EvaluateError> {
    Ok(ready(vec![Traverser::new(value, run.sack.clone())]))
}

/// An empty store for what `op` keeps.
fn start<'a>(op: &'a Op<'a>) -> Kept<'a> {
    match op.name {
        "group" => Kept::Groups(Groups::new(op)),
        "groupCount" => Kept::Counts(Counts::default()),
        "tree" => Kept::Tree(Tree::default()),
        _ => Kept::Bulk(Rc::default()),
    }
}

/// Makes an empty store for each step of `plan` that keeps something, so that `cap` finds it.
pub fn prepare<'a>(run: &Run<'a>, plan: &'a Plan<'a>) {
    for op in &plan.ops {
        let by_name = matches!(op.name, "group" | "groupCount" | "tree") && !op.args.is_empty();
        if let (true, Some(name)) =
            (by_name || matches!(op.name, "aggregate" | "store"), op.texts().first().copied())
        {
            run.kept.borrow_mut().entry(name.to_owned()).or_insert_with(|| start(op));
        }
        let options = op.options.iter().map(|(_, plan)| plan);
        op.plans.iter().chain(options).for_each(|plan| prepare(run, plan));
    }
}

/// Keeps a traverser under the step's name.
fn keep<'a>(run: &'a Run<'a>, op: &'a Op<'a>, traverser: &Traverser) -> Result<(), EvaluateError> {
    if op.name == "sideEffect" {
        return op
            .plans
            .iter()
            .try_for_each(|plan| run.of(plan, traverser).try_for_each(|item| item.map(|_| ())));
    }
    let name = op.texts().first().copied().unwrap_or_default();
    // Taken out while the modulators run, which may look at what is kept.
    let mut kept = run.kept.borrow_mut().remove(name).unwrap_or_else(|| start(op));
    let result = add(run, op, &mut kept, traverser);
    run.kept.borrow_mut().insert(name.to_owned(), kept);
    result
}

fn add<'a>(
    run: &'a Run<'a>,
    op: &'a Op<'a>,
    kept: &mut Kept<'a>,
    traverser: &Traverser,
) -> Result<(), EvaluateError> {
    if let Kept::Tree(tree) = kept {
        let mut branch = tree;
        for (at, (value, _)) in traverser.places().into_iter().enumerate() {
            let Some(value) = run.projected(op, at, traverser, value)? else { continue };
            let place = branch.0.iter().position(|(key, _)| *key == value);
            let place = place.unwrap_or_else(|| {
                branch.0.push((value, Tree::default()));
                branch.0.len() - 1
            });
            match branch.0.get_mut(place) {
                Some((_, below)) => branch = below,
                None => return Ok(()),
            }
        }
        return Ok(());
    }
    let Some(value) = run.by(op.by.first(), traverser)? else { return Ok(()) };
    match kept {
        Kept::Groups(groups) => groups.add(value, traverser.clone()),
        Kept::Counts(counts) => counts.add(value),
        Kept::Bulk(items) => Rc::make_mut(items).push(value),
        Kept::Fixed(Value::List(items) | Value::Bulk(items)) => Rc::make_mut(items).push(value),
        _ => {
            return Err(EvaluateError::Value("another step keeps something else under this name".to_owned()));
        }
    }
    Ok(())
}

/// Totals of numbers, or the least and greatest of what has an order.
#[derive(Default)]
pub struct Numbers {
    found: Option<Value>,
    sum: f64,
    count: u64,
}

impl Numbers {
    /// Takes one more value; nothing is no number.
    pub fn add(&mut self, name: &str, value: &Value) -> Result<(), EvaluateError> {
        if matches!(value, Value::Null) {
            return Ok(());
        }
        if name == "mean" {
            let wants = EvaluateError::Kind { step: name.to_owned(), wants: "numbers" };
            self.sum += value.number().ok_or(wants)?.0;
            self.count += 1;
            return Ok(());
        }
        self.found = Some(match self.found.take() {
            Some(found) => operate(name, &found, value)?,
            None => value.clone(),
        });
        Ok(())
    }

    /// The result; `None` when there was nothing.
    pub fn end(self, name: &str) -> Option<Value> {
        if name == "mean" {
            return (self.count > 0).then(|| Value::Double(self.sum / self.count as f64));
        }
        self.found
    }
}

fn reduce<'a>(run: &'a Run<'a>, op: &'a Op<'a>, input: Stream<'a>) -> Result<Stream<'a>, EvaluateError> {
    if op.name == "count" {
        let mut count = 0_i64;
        for item in input {
            item?;
            count += 1;
        }
        return one(run, Value::Long(count));
    }
    if op.name == "fold" {
        let Some(Argument::Constant(Constant { name, .. })) = op.args.get(1) else {
            return one(run, Value::list(run.all(input)?.into_iter().map(|t| t.value).collect()));
        };
        let mut folded = op.args.first().map_or(Ok(Value::Null), |seed| literal(seed))?;
        for item in input {
            folded = operate(name, &folded, &item?.value)?;
        }
        return one(run, folded);
    }
    let mut numbers = Numbers::default();
    for item in input {
        let value = item?.value;
        // TinkerPop multiplies by how often a value comes, an Int64, before it adds.
        let wide = op.name == "sum" && value.number().is_some();
        let value = if wide { operate("mult", &value, &Value::Long(1))? } else { value };
        numbers.add(op.name, &value)?;
    }
    match numbers.end(op.name) {
        Some(value) => one(run, value),
        None => Ok(ready(Vec::new())),
    }
}

fn window<'a>(run: &'a Run<'a>, op: &'a Op<'a>, input: Stream<'a>) -> Stream<'a> {
    let numbers = op.numbers();
    let number = |at: usize| numbers.get(at).map(|n| usize::try_from(*n).unwrap_or(usize::MAX));
    let first = number(0);
    match op.name {
        "limit" | "sample" => Box::new(input.take(first.unwrap_or(0))),
        "skip" => after(input, first.unwrap_or(0)),
        "range" => {
            let from = first.unwrap_or(0);
            let to = number(1).unwrap_or(usize::MAX);
            after(Box::new(input.take(to)), from)
        }
        _ => deferred(move || {
            let mut all = run.all(input)?;
            let from = all.len().saturating_sub(first.unwrap_or(1));
            Ok(ready(all.split_off(from)))
        }),
    }
}

/// Without the first ones; an error among them is not lost.
fn after(input: Stream<'_>, count: usize) -> Stream<'_> {
    let mut left = count;
    Box::new(input.filter(move |item| {
        let passes = left == 0 || item.is_err();
        left = left.saturating_sub(1);
        passes
    }))
}

fn dedup<'a>(run: &'a Run<'a>, op: &'a Op<'a>, input: Stream<'a>) -> Stream<'a> {
    let mut own: HashSet<Vec<Value>> = HashSet::new();
    let place = std::ptr::from_ref(op).addr();
    Box::new(input.filter_map(move |item| {
        let made = item.and_then(|traverser| {
            let labels = op.texts();
            let mut key = Vec::new();
            for (at, label) in labels.iter().enumerate() {
                let found = run.named(&traverser, label)?;
                let Some(value) = run.projected(op, at, &traverser, found)? else { return Ok(None) };
                key.push(value);
            }
            if labels.is_empty() {
                let Some(value) = run.by(op.by.first(), &traverser)? else { return Ok(None) };
                key.push(value);
            }
            // Inside a repeat each round is a stream of its own, and all of them have one memory.
            let mut seen = run.seen.borrow_mut();
            let seen = seen.get_mut(&place).unwrap_or(&mut own);
            Ok(seen.insert(key).then_some(traverser))
        });
        made.transpose()
    }))
}

/// Traversers in the order of the step's modulators; those for which one gives nothing are left out.
pub fn sorted<'a>(
    run: &'a Run<'a>,
    op: &'a Op<'a>,
    traversers: Vec<Traverser>,
) -> Result<Vec<Traverser>, EvaluateError> {
    let mut keyed: Vec<(Vec<Value>, Traverser)> = Vec::with_capacity(traversers.len());
    'each: for traverser in traversers {
        let mut keys = Vec::new();
        for at in 0..op.by.len().max(1) {
            let Some(key) = run.by(turn(&op.by, at), &traverser)? else { continue 'each };
            keys.push(key);
        }
        keyed.push((keys, traverser));
    }
    keyed.sort_by(|(a, _), (b, _)| {
        let pairs = a.iter().zip(b).enumerate().map(|(at, (a, b))| {
            let way = turn(&op.by, at).and_then(|by| by.order).unwrap_or("asc");
            match way {
                "desc" => b.ordered(a, run.graph),
                "shuffle" => Ordering::Equal,
                _ => a.ordered(b, run.graph),
            }
        });
        pairs.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
    Ok(keyed.into_iter().map(|(_, traverser)| traverser).collect())
}
