//! A SELECT as a tree: what the guard has read of it, and what the demo's engine answers.

/// A SELECT.
#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    /// `SELECT JSON`.
    pub json: bool,
    /// `SELECT DISTINCT`.
    pub distinct: bool,
    /// What it selects; empty for `*`.
    pub selectors: Vec<Selector>,
    /// Keyspace before the dot.
    pub keyspace: Option<String>,
    /// Table.
    pub table: String,
    /// WHERE: all of them hold.
    pub relations: Vec<Relation>,
    /// GROUP BY.
    pub group: Vec<Expr>,
    /// ORDER BY: what, and whether downwards.
    pub order: Vec<(Expr, bool)>,
    /// PER PARTITION LIMIT.
    pub per_partition: Option<Expr>,
    /// LIMIT.
    pub limit: Option<Expr>,
    /// ALLOW FILTERING.
    pub filtering: bool,
}

/// One selected thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Selector {
    /// What.
    pub what: Expr,
    /// Its name in the result.
    pub alias: Option<String>,
    /// Its own words in the statement.
    pub words: String,
}

/// How two sides are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// `=`.
    Equal,
    /// `!=`.
    Unequal,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `IN`.
    In,
    /// `NOT IN`.
    NotIn,
    /// `CONTAINS`.
    Contains,
    /// `CONTAINS KEY`.
    ContainsKey,
    /// `NOT CONTAINS`, `NOT CONTAINS KEY`.
    ContainsNot,
    /// `LIKE`.
    Like,
    /// `IS NOT NULL`.
    NotNull,
    /// `BETWEEN`: the right side is a tuple of two.
    Between,
    /// `expr(index, value)`.
    Index,
}

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Relation {
    /// What is compared: a column, an element of it, a tuple of columns, `token(…)`.
    pub left: Expr,
    /// How.
    pub test: Test,
    /// With what.
    pub right: Expr,
}

/// A value, a column or what is made of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A column, folded as CQL folds it.
    Column(String),
    /// A string.
    Text(String),
    /// A number in its own digits.
    Number(String),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// A UUID, a blob or a duration, as written.
    Other(String),
    /// `?` or `:name`.
    Marker,
    /// `count(*)`.
    CountAll,
    /// A built-in function, in lower case.
    Call(String, Vec<Self>),
    /// `CAST(… AS type)`.
    Cast(Box<Self>, String),
    /// `(type) value`.
    Hint(String, Box<Self>),
    /// `[…]`.
    List(Vec<Self>),
    /// `{…}`: a set, a map or a user type.
    Braces(Vec<(Self, Option<Self>)>),
    /// `(…, …)`; with one part the part itself.
    Tuple(Vec<Self>),
    /// `x.field`.
    Field(Box<Self>, String),
    /// `x[key]`, `x[from..to]`.
    Element(Box<Self>, Vec<Self>),
    /// `-x`.
    Negative(Box<Self>),
    /// `x + y`, with the operator's sign.
    Sum(Box<Self>, char, Box<Self>),
}
