//! InfluxQL's reads.

use crate::query::dialect::Class;
use crate::query::dialect::series::{Cursor, Judged, Kind};

/// First words that change something.
const WRITES: &[(&str, &str, &str)] = &[
    ("DELETE", "influxql.delete", "DELETE removes points."),
    ("DROP", "influxql.drop", "DROP removes what it names."),
    ("CREATE", "influxql.create", "CREATE makes what it names."),
    ("ALTER", "influxql.alter", "ALTER changes a retention policy."),
    ("GRANT", "influxql.grant", "GRANT gives rights."),
    ("REVOKE", "influxql.revoke", "REVOKE takes rights."),
    ("KILL", "influxql.kill", "KILL ends somebody's query."),
    ("SET", "influxql.set", "SET changes a password."),
    ("INSERT", "influxql.insert", "INSERT adds points."),
];

/// Functions that only compute; lower case.
const FUNCTIONS: &[&str] = &[
    "abs",
    "acos",
    "asin",
    "atan",
    "atan2",
    "bottom",
    "ceil",
    "chande_momentum_oscillator",
    "cos",
    "count",
    "count_hll",
    "cumulative_sum",
    "date_part",
    "derivative",
    "difference",
    "distinct",
    "double_exponential_moving_average",
    "elapsed",
    "exp",
    "exponential_moving_average",
    "first",
    "floor",
    "histogram",
    "holt_winters",
    "holt_winters_with_fit",
    "integral",
    "kaufmans_adaptive_moving_average",
    "kaufmans_efficiency_ratio",
    "last",
    "ln",
    "log",
    "log10",
    "log2",
    "max",
    "mean",
    "median",
    "min",
    "mode",
    "moving_average",
    "non_negative_derivative",
    "non_negative_difference",
    "now",
    "percentile",
    "pow",
    "relative_strength_index",
    "round",
    "sample",
    "sin",
    "spread",
    "sqrt",
    "stddev",
    "sum",
    "sum_hll",
    "tan",
    "time",
    "top",
    "triple_exponential_derivative",
    "triple_exponential_moving_average",
];

/// Words that end an expression.
const CLAUSES: &[&str] = &[
    "AND", "AS", "ASC", "BY", "DESC", "FROM", "GROUP", "INTO", "LIMIT", "OFFSET", "OR", "ORDER", "SELECT",
    "SLIMIT", "SOFFSET", "WHERE",
];

const BINARY: &[&str] = &["+", "-", "*", "/", "%", "&", "|", "^", "=", "!=", "<>", "<", "<=", ">", ">="];

/// One statement.
pub fn statement(c: &mut Cursor<'_>) -> Judged {
    if let Some((_, rule, why)) = WRITES.iter().find(|(word, ..)| c.is(word)) {
        return Err(c.refuse(Class::Write, rule, why));
    }
    if c.eat("EXPLAIN") {
        c.eat("ANALYZE");
        c.eat("VERBOSE");
        return select(c);
    }
    if c.eat("SHOW") {
        return show(c);
    }
    if c.is("SELECT") {
        return select(c);
    }
    Err(c.unknown_statement())
}

fn select(c: &mut Cursor<'_>) -> Judged {
    c.deeper(|c| {
        c.expect("SELECT")?;
        c.list(field)?;
        no_into(c)?;
        c.expect("FROM")?;
        c.list(source)?;
        no_into(c)?;
        condition(c)?;
        if c.eat_all(&["GROUP", "BY"]) {
            c.list(grouping)?;
            if c.is("fill") && c.is_op_at(1, "(") {
                fill(c)?;
            }
        }
        tail(c)?;
        if c.is("tz") && c.is_op_at(1, "(") {
            c.step();
            c.expect_op("(")?;
            c.expect_kind(Kind::Text)?;
            c.expect_op(")")?;
        }
        no_into(c)
    })
}

/// INTO is the one thing by which a SELECT writes.
fn no_into(c: &Cursor<'_>) -> Judged {
    if !c.is("INTO") {
        return Ok(());
    }
    let mut refusal =
        c.refuse(Class::Write, "influxql.into", "SELECT … INTO writes its result as new points.");
    refusal.instead = Some("The same SELECT without INTO shows the points.");
    Err(refusal)
}

/// A field: `*`, `*::tag`, a pattern, an expression, each with its name.
fn field(c: &mut Cursor<'_>) -> Judged {
    if c.eat_op("*") {
        if c.eat_op("::") && !c.eat_any(&["tag", "field"]) {
            return Err(c.stray());
        }
    } else if c.is("DISTINCT") && !c.is_op_at(1, "(") {
        c.step();
        identifier(c)?;
    } else {
        expression(c)?;
    }
    if c.eat("AS") {
        return name(c);
    }
    Ok(())
}

fn name(c: &mut Cursor<'_>) -> Judged {
    let bare = c.kind(0) == Some(Kind::Word) && !c.is_any(CLAUSES);
    if bare || c.kind(0) == Some(Kind::Quoted) {
        c.step();
        return Ok(());
    }
    Err(c.stray())
}

/// A name with what it is: `"value"::field`.
fn identifier(c: &mut Cursor<'_>) -> Judged {
    name(c)?;
    while c.eat_op(".") {
        name(c)?;
    }
    let types = ["field", "tag", "float", "integer", "string", "boolean", "unsigned"];
    if c.eat_op("::") && !c.eat_any(&types) {
        return Err(c.stray());
    }
    Ok(())
}

/// A measurement - `m`, `db.rp.m`, `db..m`, a pattern - or a subquery.
fn source(c: &mut Cursor<'_>) -> Judged {
    if c.eat_op("(") {
        select(c)?;
        return c.expect_op(")");
    }
    loop {
        if c.eat_kind(Kind::Pattern) {
            return Ok(());
        }
        name(c)?;
        if !c.eat_op(".") && !c.eat_op("..") {
            return Ok(());
        }
    }
}

fn condition(c: &mut Cursor<'_>) -> Judged {
    if c.eat("WHERE") { expression(c) } else { Ok(()) }
}

fn grouping(c: &mut Cursor<'_>) -> Judged {
    if c.eat_op("*") || c.eat_kind(Kind::Pattern) {
        return Ok(());
    }
    if c.is("time") && c.is_op_at(1, "(") {
        return expression(c);
    }
    identifier(c)
}

/// `fill(linear)`, `fill(0)`, `fill(-1.5)`.
fn fill(c: &mut Cursor<'_>) -> Judged {
    c.step();
    c.expect_op("(")?;
    c.eat_op("-");
    if !c.eat_any(&["linear", "none", "null", "previous"]) {
        c.expect_kind(Kind::Number)?;
    }
    c.expect_op(")")
}

/// ORDER BY, LIMIT, OFFSET, SLIMIT, SOFFSET.
fn tail(c: &mut Cursor<'_>) -> Judged {
    if c.eat_all(&["ORDER", "BY"]) {
        c.list(|c| {
            identifier(c)?;
            c.eat_any(&["ASC", "DESC"]);
            Ok(())
        })?;
    }
    while c.eat_any(&["LIMIT", "OFFSET", "SLIMIT", "SOFFSET"]) {
        if !c.eat_kind(Kind::Parameter) {
            c.expect_kind(Kind::Number)?;
        }
    }
    Ok(())
}

fn expression(c: &mut Cursor<'_>) -> Judged {
    c.deeper(|c| {
        loop {
            operand(c)?;
            if c.eat_op("=~") || c.eat_op("!~") {
                c.expect_kind(Kind::Pattern)?;
            }
            let binary = BINARY.iter().any(|o| c.is_op(o));
            if !binary && !c.is_any(&["AND", "OR"]) {
                return Ok(());
            }
            c.step();
        }
    })
}

fn operand(c: &mut Cursor<'_>) -> Judged {
    while c.eat_op("-") || c.eat_op("+") {}
    match c.kind(0) {
        Some(Kind::Number | Kind::Duration | Kind::Text | Kind::Parameter | Kind::Pattern) => {
            c.step();
            Ok(())
        }
        Some(Kind::Operator) if c.eat_op("(") => {
            expression(c)?;
            c.expect_op(")")
        }
        Some(Kind::Word) if c.is_op_at(1, "(") => call(c),
        _ => identifier(c),
    }
}

fn call(c: &mut Cursor<'_>) -> Judged {
    if !FUNCTIONS.iter().any(|f| c.is(f)) {
        return Err(c.unknown_function());
    }
    c.step();
    c.expect_op("(")?;
    if c.eat_op(")") {
        return Ok(());
    }
    c.list(field)?;
    c.expect_op(")")
}

/// What follows SHOW.
fn show(c: &mut Cursor<'_>) -> Judged {
    if c.eat_any(&["DATABASES", "QUERIES", "SHARDS", "SUBSCRIPTIONS", "USERS"])
        || c.eat_all(&["SHARD", "GROUPS"])
        || c.eat_all(&["CONTINUOUS", "QUERIES"])
    {
        return Ok(());
    }
    if c.eat_any(&["STATS", "DIAGNOSTICS"]) {
        return if c.eat("FOR") { c.expect_kind(Kind::Text) } else { Ok(()) };
    }
    if c.eat_all(&["GRANTS", "FOR"]) {
        return name(c);
    }
    if c.eat_all(&["RETENTION", "POLICIES"]) {
        return on(c);
    }
    let known = c.eat_any(&["SERIES", "MEASUREMENTS", "MEASUREMENT"])
        || c.eat_all(&["TAG", "KEYS"])
        || c.eat_all(&["TAG", "KEY"])
        || c.eat_all(&["TAG", "VALUES"])
        || c.eat_all(&["FIELD", "KEYS"])
        || c.eat_all(&["FIELD", "KEY"]);
    if !known {
        return Err(c.stray());
    }
    c.eat("EXACT");
    c.eat("CARDINALITY");
    on(c)?;
    if c.eat_all(&["WITH", "MEASUREMENT"]) {
        compared(c)?;
    }
    if c.eat("FROM") {
        c.list(source)?;
    }
    if c.eat_all(&["WITH", "KEY"]) {
        compared(c)?;
    }
    condition(c)?;
    if c.eat_all(&["GROUP", "BY"]) {
        c.list(grouping)?;
    }
    tail(c)
}

/// `ON database`, `ON database.policy`.
fn on(c: &mut Cursor<'_>) -> Judged {
    if !c.eat("ON") {
        return Ok(());
    }
    if c.eat_op("*") {
        return if c.eat_op(".") { c.expect_op("*") } else { Ok(()) };
    }
    name(c)?;
    if c.eat_op(".") { name(c) } else { Ok(()) }
}

/// `= name`, `=~ /pattern/`, `IN (a, b)`.
fn compared(c: &mut Cursor<'_>) -> Judged {
    if c.eat_op("=~") || c.eat_op("!~") {
        return c.expect_kind(Kind::Pattern);
    }
    if c.eat("IN") {
        c.expect_op("(")?;
        c.list(name)?;
        return c.expect_op(")");
    }
    if c.eat_op("=") || c.eat_op("!=") {
        return name(c);
    }
    Err(c.stray())
}
