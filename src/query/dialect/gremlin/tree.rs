//! A traversal as a tree of steps. Everything that is sent to a server is printed from it.

use crate::query::dialect::Span;

/// A whole statement: `g`, how the source is set up, its steps, how the answer is taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Traversal {
    /// `withSack(1)`, `with('evaluationTimeout', 1000)`, …
    pub source: Vec<Step>,
    /// The steps; at least one.
    pub steps: Vec<Step>,
    /// `next()`, `toList()`, …
    pub terminal: Option<Step>,
}

/// One step. Two steps are equal wherever they stand.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name, case as written.
    pub name: String,
    /// Its arguments.
    pub args: Vec<Argument>,
    /// Where its name stands in the statement.
    pub span: Span,
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.args == other.args
    }
}

/// An argument of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Argument {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A whole number.
    Integer {
        /// Its value.
        value: i128,
        /// `b`, `s`, `i`, `l` or `n`; without one the smallest of Int32, Int64 and more that holds it.
        suffix: Option<char>,
    },
    /// A number with a fraction.
    Float {
        /// Sign and digits, as in `-1.5e3`.
        digits: String,
        /// `f`, `d` or `m`; without one a decimal.
        suffix: Option<char>,
    },
    /// `NaN`.
    NotANumber,
    /// `Infinity`, `-Infinity`.
    Infinity {
        /// Whether it has a minus.
        negative: bool,
    },
    /// A string.
    Text(String),
    /// A constant of the language, as in `T.id`.
    Constant(Constant),
    /// `single('x')`: a value with its cardinality, for steps that write.
    Cardinal(Constant, Box<Argument>),
    /// `P.gt(1)`.
    Predicate(Predicate),
    /// `__.out()`.
    Traversal(Vec<Step>),
    /// `[1, 2]`.
    List(Vec<Argument>),
    /// `['a': 1]`.
    Map(Vec<(Argument, Argument)>),
    /// `1..3`, both ends included.
    Range(i128, i128),
    /// `datetime('2020-01-01')`; without words the time at which it runs.
    Date(Option<String>),
    /// `SeedStrategy(seed: 1)`.
    Strategy {
        /// Its class.
        name: String,
        /// Its settings.
        settings: Vec<(String, Argument)>,
    },
}

/// A constant: which family, which member, as in `Order` `desc`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Constant {
    /// `T`, `Order`, `Scope`, …
    pub family: &'static str,
    /// The member.
    pub name: &'static str,
}

/// A predicate with what is chained to it, read from left to right.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicate {
    /// `gt`, `within`, `startingWith`, …; `not` holds one predicate.
    pub name: &'static str,
    /// What it compares with.
    pub args: Vec<Argument>,
    /// `.and(…)`, `.or(…)`, `.negate()`.
    pub chain: Vec<Link>,
}

/// What follows a predicate.
#[derive(Clone, Debug, PartialEq)]
pub enum Link {
    /// `.and(…)`.
    And(Predicate),
    /// `.or(…)`.
    Or(Predicate),
    /// `.negate()`.
    Negate,
}

/// The constants: family and members. A bare member belongs to the first family that has it.
pub const CONSTANTS: &[(&str, &[&str])] = &[
    ("T", &["id", "label", "key", "value"]),
    ("Scope", &["local", "global"]),
    ("Order", &["asc", "desc", "shuffle", "incr", "decr"]),
    ("Pop", &["first", "last", "all", "mixed"]),
    ("Column", &["keys", "values"]),
    ("Direction", &["IN", "OUT", "BOTH", "from", "to"]),
    ("Operator", &["addAll", "and", "assign", "div", "max", "min", "minus", "mult", "or", "sum", "sumLong"]),
    ("Pick", &["any", "none"]),
    ("Cardinality", &["single", "set", "list"]),
    ("Merge", &["onCreate", "onMatch", "outV", "inV"]),
    ("Barrier", &["normSack"]),
    ("DT", &["second", "minute", "hour", "day"]),
];

/// Members of `WithOptions`, which are never bare.
pub const OPTIONS: (&str, &[&str]) =
    ("WithOptions", &["tokens", "none", "ids", "labels", "keys", "values", "all", "indexer", "list", "map"]);

/// Predicates on any value, `P.gt(1)`; `not` is told from the step of that name by what it holds.
pub const PREDICATES: &[&str] =
    &["eq", "neq", "lt", "lte", "gt", "gte", "inside", "outside", "between", "within", "without", "not"];

/// Predicates on words, `TextP.startingWith('a')`.
pub const TEXT_PREDICATES: &[&str] = &[
    "startingWith",
    "notStartingWith",
    "endingWith",
    "notEndingWith",
    "containing",
    "notContaining",
    "regex",
    "notRegex",
];

/// The constant with this member, of `family` or, bare, of the first family that has it. Old names
/// come out as the new ones.
pub fn constant(family: Option<&str>, name: &str) -> Option<Constant> {
    let name = match name {
        "incr" => "asc",
        "decr" => "desc",
        other => other,
    };
    let found = CONSTANTS.iter().chain(family.map(|_| &OPTIONS)).find_map(|(of, names)| {
        let member = names.iter().find(|n| **n == name)?;
        family.is_none_or(|family| family == *of).then_some(Constant { family: of, name: member })
    })?;
    Some(match (found.family, found.name) {
        ("Direction", "from") => Constant { name: "OUT", ..found },
        ("Direction", "to") => Constant { name: "IN", ..found },
        _ => found,
    })
}
