//! A traversal made ready to run: modulators joined to the step they belong to, `and()`/`or()` between steps turned
//! into steps that hold traversals, every step known. What is not known is refused here, before anything runs.

use std::rc::Rc;

use super::EvaluateError;
use super::value::Value;
use crate::query::dialect::gremlin::tree::{Argument, Constant, Predicate, Step};

/// Steps in order.
#[derive(Debug, Default)]
pub struct Plan<'a> {
    /// The steps.
    pub ops: Vec<Op<'a>>,
}

/// A step with everything that belongs to it.
#[derive(Debug)]
pub struct Op<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its arguments, without traversals.
    pub args: Vec<&'a Argument>,
    /// The traversals among its arguments.
    pub plans: Vec<Plan<'a>>,
    /// `by(…)`.
    pub by: Vec<By<'a>>,
    /// `as(…)` behind it.
    pub labels: Vec<Rc<str>>,
    /// `option(…)`.
    pub options: Vec<(Pick<'a>, Plan<'a>)>,
    /// For `repeat`: when to stop, when to emit.
    pub around: Around<'a>,
    /// `from(…)`, `to(…)` behind a path.
    pub between: (Option<&'a str>, Option<&'a str>),
    /// `with(WithOptions.…)`.
    pub with: Vec<(&'static str, Option<&'static str>)>,
}

/// How a projection is made.
#[derive(Debug)]
pub struct By<'a> {
    /// From what.
    pub from: Projection<'a>,
    /// In which order.
    pub order: Option<&'static str>,
}

/// What `by` takes from a value.
#[derive(Debug)]
pub enum Projection<'a> {
    /// The value itself.
    Itself,
    /// A property, or a key of a map.
    Key(&'a str),
    /// `T`.
    Token(&'static str),
    /// `keys` or `values`.
    Column(&'static str),
    /// The first that a traversal gives.
    Plan(Plan<'a>),
}

/// When an option is taken.
#[derive(Debug)]
pub enum Pick<'a> {
    /// The value equals this one.
    Is(Value),
    /// The value passes.
    Passes(&'a Predicate),
    /// Always.
    Any,
    /// When no other was.
    None,
}

/// What stands before and behind `repeat`.
#[derive(Debug, Default)]
pub struct Around<'a> {
    /// `until`, and whether it stands before.
    pub until: Option<(Test<'a>, bool)>,
    /// `emit`, and whether it stands before.
    pub emit: Option<(Test<'a>, bool)>,
    /// The loop's name.
    pub name: Option<&'a str>,
}

/// A condition of `repeat`.
#[derive(Debug)]
pub enum Test<'a> {
    /// Always.
    Always,
    /// After so many rounds.
    Times(u32),
    /// A predicate on the value.
    Passes(&'a Predicate),
    /// A traversal that gives something.
    Plan(Plan<'a>),
}

/// Steps that run, modulators apart.
const KNOWN: &[&str] = &[
    "E",
    "V",
    "aggregate",
    "all",
    "and",
    "any",
    "asDate",
    "asString",
    "barrier",
    "both",
    "bothE",
    "bothV",
    "branch",
    "cap",
    "choose",
    "coalesce",
    "coin",
    "combine",
    "concat",
    "conjoin",
    "constant",
    "count",
    "cyclicPath",
    "dateAdd",
    "dateDiff",
    "dedup",
    "difference",
    "discard",
    "disjunct",
    "element",
    "elementMap",
    "fail",
    "filter",
    "flatMap",
    "fold",
    "format",
    "group",
    "groupCount",
    "has",
    "hasId",
    "hasKey",
    "hasLabel",
    "hasNot",
    "hasValue",
    "id",
    "identity",
    "in",
    "inE",
    "inV",
    "index",
    "inject",
    "intersect",
    "is",
    "key",
    "lTrim",
    "label",
    "length",
    "limit",
    "local",
    "loops",
    "map",
    "match",
    "math",
    "max",
    "mean",
    "merge",
    "min",
    "none",
    "not",
    "optional",
    "or",
    "order",
    "otherV",
    "out",
    "outE",
    "outV",
    "path",
    "product",
    "project",
    "properties",
    "propertyMap",
    "rTrim",
    "range",
    "repeat",
    "replace",
    "reverse",
    "sack",
    "sample",
    "select",
    "sideEffect",
    "simplePath",
    "skip",
    "split",
    "store",
    "substring",
    "sum",
    "tail",
    "timeLimit",
    "to",
    "toE",
    "toLower",
    "toUpper",
    "toV",
    "tree",
    "trim",
    "unfold",
    "union",
    "value",
    "valueMap",
    "values",
    "where",
];

/// Steps that need all traversers before they answer, or keep count across traversers: in a branch they are
/// given all of them at once, in a `repeat` they are refused.
const GATHERS: &[&str] = &[
    "aggregate",
    "barrier",
    "cap",
    "count",
    "dedup",
    "fold",
    "group",
    "groupCount",
    "limit",
    "max",
    "mean",
    "min",
    "order",
    "range",
    "sample",
    "skip",
    "sum",
    "tail",
    "tree",
];

impl<'a> Op<'a> {
    /// The scope argument, when there is one.
    pub fn local(&self) -> bool {
        matches!(self.args.first(), Some(Argument::Constant(Constant { family: "Scope", name: "local" })))
    }

    /// Arguments behind the scope.
    pub fn rest(&self) -> &[&Argument] {
        match self.args.as_slice() {
            [Argument::Constant(Constant { family: "Scope", .. }), rest @ ..] => rest,
            all => all,
        }
    }

    /// The words among the arguments.
    pub fn texts(&self) -> Vec<&'a str> {
        let text = |argument: &&'a Argument| match argument {
            Argument::Text(text) => Some(text.as_str()),
            _ => None,
        };
        self.args.iter().filter_map(text).collect()
    }

    /// The whole numbers among the arguments.
    pub fn numbers(&self) -> Vec<i64> {
        let number = |argument: &&'a Argument| match argument {
            Argument::Integer { value, .. } => i64::try_from(*value).ok(),
            _ => None,
        };
        self.args.iter().filter_map(number).collect()
    }

    /// The predicate among the arguments.
    pub fn predicate(&self) -> Option<&'a Predicate> {
        self.args.iter().find_map(|argument| match argument {
            Argument::Predicate(predicate) => Some(predicate),
            _ => None,
        })
    }

    /// Whether it gathers: see [`GATHERS`].
    pub fn gathers(&self) -> bool {
        let names_side_effect = matches!(self.name, "group" | "groupCount" | "tree") && !self.args.is_empty();
        GATHERS.contains(&self.name) && !self.local() && !names_side_effect
    }
}

impl Plan<'_> {
    /// Whether a step of it gathers.
    pub fn gathers(&self) -> bool {
        self.ops.iter().any(|op| op.gathers() || (spreads(op.name) && op.plans.iter().any(Plan::gathers)))
    }
}

fn spreads(name: &str) -> bool {
    matches!(name, "union" | "choose" | "branch" | "repeat")
}

fn refused(step: &Step, why: &str) -> EvaluateError {
    EvaluateError::Unknown { step: step.name.clone(), why: why.to_owned() }
}

/// Makes `steps` ready.
pub fn plan(steps: &[Step]) -> Result<Plan<'_>, EvaluateError> {
    for connective in ["or", "and"] {
        let between = |step: &Step| step.name == connective && step.args.is_empty();
        if steps.iter().any(between) {
            let plans = steps.split(between).map(plan).collect::<Result<_, _>>()?;
            let mut op = op_of(connective);
            op.plans = plans;
            return Ok(Plan { ops: vec![op] });
        }
    }
    let mut planned = Plan::default();
    let mut waiting = Around::default();
    for step in steps {
        let joined = match planned.ops.last_mut() {
            Some(op) => modulate(op, step, &mut waiting)?,
            None => around(step, &mut waiting, true)?,
        };
        if joined {
            continue;
        }
        let mut op = made(step)?;
        if step.name == "repeat" {
            let name = op.around.name;
            op.around = std::mem::take(&mut waiting);
            op.around.name = name;
        }
        planned.ops.push(op);
    }
    Ok(planned)
}

fn op_of(name: &str) -> Op<'_> {
    Op {
        name,
        args: Vec::new(),
        plans: Vec::new(),
        by: Vec::new(),
        labels: Vec::new(),
        options: Vec::new(),
        around: Around::default(),
        between: (None, None),
        with: Vec::new(),
    }
}

fn made(step: &Step) -> Result<Op<'_>, EvaluateError> {
    if step.name == "as" {
        // At the start of a condition: stands for the value that the label names.
        let mut op = op_of("as");
        op.args = step.args.iter().collect();
        return Ok(op);
    }
    if !KNOWN.contains(&step.name.as_str()) {
        return Err(refused(step, "the demo's graph does not run this step"));
    }
    let mut op = op_of(&step.name);
    for argument in &step.args {
        match argument {
            Argument::Traversal(steps) => op.plans.push(plan(steps)?),
            other => op.args.push(other),
        }
    }
    if step.name == "repeat" {
        op.around.name = op.texts().first().copied();
        let kept = |op: &Op<'_>| op.gathers() && !matches!(op.name, "aggregate" | "barrier" | "dedup");
        if op.plans.iter().any(|plan| plan.ops.iter().any(kept)) {
            return Err(refused(step, "the demo's graph does not gather traversers inside repeat"));
        }
    }
    Ok(op)
}

/// `until`, `emit`, `times` around a `repeat`, which may be still to come (`first`).
fn around<'a>(step: &'a Step, around: &mut Around<'a>, first: bool) -> Result<bool, EvaluateError> {
    let test = match step.args.first() {
        None => Test::Always,
        Some(Argument::Integer { value, .. }) => Test::Times(u32::try_from(*value).unwrap_or(0)),
        Some(Argument::Predicate(predicate)) => Test::Passes(predicate),
        Some(Argument::Traversal(steps)) => Test::Plan(plan(steps)?),
        Some(_) => return Ok(false),
    };
    match step.name.as_str() {
        "until" | "times" => around.until = Some((test, first)),
        "emit" => around.emit = Some((test, first)),
        _ => return Ok(false),
    }
    Ok(true)
}

/// Joins `step` to `op` when it belongs to it.
fn modulate<'a>(op: &mut Op<'a>, step: &'a Step, waiting: &mut Around<'a>) -> Result<bool, EvaluateError> {
    match step.name.as_str() {
        "by" => op.by.push(by(step)?),
        "as" => op.labels.extend(step.args.iter().filter_map(|a| match a {
            Argument::Text(text) => Some(Rc::from(text.as_str())),
            _ => None,
        })),
        "until" | "times" | "emit" => {
            // What the loop has already belongs to one that is still to come.
            let set = if step.name == "emit" { op.around.emit.is_some() } else { op.around.until.is_some() };
            let behind = op.name == "repeat" && !set;
            return around(step, if behind { &mut op.around } else { waiting }, !behind);
        }
        "from" | "to" if matches!(op.name, "path" | "simplePath" | "cyclicPath") => {
            let Some(Argument::Text(label)) = step.args.first() else { return Ok(false) };
            if step.name == "from" { op.between.0 = Some(label) } else { op.between.1 = Some(label) }
        }
        "with" => {
            let name = |at: usize| match step.args.get(at) {
                Some(Argument::Constant(constant)) => Some(constant.name),
                _ => None,
            };
            op.with.extend(name(0).map(|key| (key, name(1))));
        }
        "option" => option(op, step)?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn by(step: &Step) -> Result<By<'_>, EvaluateError> {
    let mut made = By { from: Projection::Itself, order: None };
    for argument in &step.args {
        match argument {
            Argument::Constant(Constant { family: "Order", name }) => made.order = Some(name),
            Argument::Constant(Constant { family: "T", name }) => made.from = Projection::Token(name),
            Argument::Constant(Constant { family: "Column", name }) => made.from = Projection::Column(name),
            Argument::Text(key) => made.from = Projection::Key(key),
            Argument::Traversal(steps) => made.from = Projection::Plan(plan(steps)?),
            _ => return Err(refused(step, "the demo's graph does not know this form of it")),
        }
    }
    Ok(made)
}

fn option<'a>(op: &mut Op<'a>, step: &'a Step) -> Result<(), EvaluateError> {
    let (pick, steps) = match step.args.as_slice() {
        [Argument::Traversal(steps)] => (Pick::Any, steps),
        [Argument::Predicate(predicate), Argument::Traversal(steps)] => (Pick::Passes(predicate), steps),
        [Argument::Constant(Constant { family: "Pick", name }), Argument::Traversal(steps)] => {
            (if *name == "any" { Pick::Any } else { Pick::None }, steps)
        }
        [value, Argument::Traversal(steps)] => (Pick::Is(literal(value)?), steps),
        _ => return Err(refused(step, "the demo's graph does not know this form of it")),
    };
    op.options.push((pick, plan(steps)?));
    Ok(())
}

/// The value that an argument stands for.
pub fn literal(argument: &Argument) -> Result<Value, EvaluateError> {
    let all = |items: &[Argument]| items.iter().map(literal).collect::<Result<Vec<_>, _>>();
    Ok(match argument {
        Argument::Null => Value::Null,
        Argument::Bool(yes) => Value::Bool(*yes),
        Argument::Integer { value, suffix } => match (i32::try_from(*value), i64::try_from(*value), suffix) {
            (Ok(n), _, None | Some('i' | 's' | 'b')) => Value::Int(n),
            (_, Ok(n), None | Some('L')) => Value::Long(n),
            _ => return Err(EvaluateError::Value("a whole number of more than 64 bits".to_owned())),
        },
        Argument::Float { digits, suffix } => {
            let n: f64 = digits.parse().map_err(|_| EvaluateError::Value(digits.clone()))?;
            match suffix {
                Some('f') => Value::Float(n as f32),
                Some('d') => Value::Double(n),
                _ => Value::Decimal(n),
            }
        }
        Argument::NotANumber => Value::Double(f64::NAN),
        Argument::Infinity { negative } => {
            Value::Double(if *negative { f64::NEG_INFINITY } else { f64::INFINITY })
        }
        Argument::Text(text) => Value::text(text),
        Argument::Constant(Constant { family: "T", name }) => Value::Token(name),
        Argument::Constant(Constant { family: "Direction", name }) => Value::Direction(name),
        Argument::List(items) => Value::list(all(items)?),
        Argument::Map(entries) => Value::map(
            entries
                .iter()
                .map(|(k, v)| Ok((literal(k)?, literal(v)?)))
                .collect::<Result<_, EvaluateError>>()?,
        ),
        Argument::Range(from, to) if (to - from).abs() < 1_000_000 => {
            let (least, most) = (from.min(to), from.max(to));
            let items = (*least..=*most).filter_map(|n| i32::try_from(n).ok()).map(Value::Int);
            Value::list(if from <= to { items.collect() } else { items.rev().collect() })
        }
        Argument::Date(Some(text)) => {
            Value::Date(super::words::date(text).ok_or_else(|| EvaluateError::Value(text.clone()))?)
        }
        _ => return Err(EvaluateError::Value("an argument that the demo's graph does not know".to_owned())),
    })
}
