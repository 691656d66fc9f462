//! Expressions, function calls, windows.

use super::Flavour;
use super::from::{RESERVED, name_of};
use super::query::{order_by, query};
use crate::query::dialect::series::{Cursor, Judged, Kind};

const COMPARISONS: &[&str] = &["=", "<>", "!=", "<", "<=", ">", ">="];
const ARITHMETIC: &[&str] = &["+", "-", "*", "/", "%", "||"];
/// InfluxDB's operators of regular expressions and JSON; Timestream has no such tokens.
const MATCHES: &[&str] = &["~", "~*", "!~", "!~*", "->", "->>"];
/// Units of an INTERVAL.
const UNITS: &[&str] = &[
    "NANOSECOND",
    "MICROSECOND",
    "MILLISECOND",
    "SECOND",
    "MINUTE",
    "HOUR",
    "DAY",
    "WEEK",
    "MONTH",
    "YEAR",
    "SECONDS",
    "MINUTES",
    "HOURS",
    "DAYS",
    "WEEKS",
    "MONTHS",
    "YEARS",
];
/// Values that are written without brackets.
const BARE: &[&str] = &[
    "CURRENT_DATE",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
    "LOCALTIME",
    "LOCALTIMESTAMP",
    "TRUE",
    "FALSE",
    "NULL",
];

/// An expression of any kind, a condition too.
///
/// # Errors
/// What is none of the grammar, or a function that is not on the list.
pub fn expression(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    c.deeper(|c| {
        loop {
            while c.eat("NOT") {}
            operand(c, f)?;
            predicates(c, f)?;
            if !c.eat_any(&["AND", "OR"]) {
                return Ok(());
            }
        }
    })
}

/// What may follow an operand: arithmetic, comparisons, IS, IN, BETWEEN, LIKE.
fn predicates(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    loop {
        let arithmetic = ARITHMETIC.iter().any(|o| c.is_op(o));
        let comparison = COMPARISONS.iter().any(|o| c.is_op(o));
        if arithmetic || MATCHES.iter().any(|o| c.is_op(o)) {
            c.step();
            operand(c, f)?;
        } else if comparison {
            c.step();
            if c.is_any(&["ALL", "ANY", "SOME"]) && c.is_op_at(1, "(") {
                c.step();
                c.expect_op("(")?;
                query(c, f)?;
                c.expect_op(")")?;
            } else {
                operand(c, f)?;
            }
        } else if c.eat("IS") {
            c.eat("NOT");
            if c.eat("DISTINCT") {
                c.expect("FROM")?;
                operand(c, f)?;
            } else if !c.eat_any(&["NULL", "TRUE", "FALSE", "UNKNOWN"]) {
                return Err(c.stray());
            }
        } else if c.is_any(&["IN", "BETWEEN", "LIKE", "ILIKE", "SIMILAR"])
            || c.is("NOT") && ["IN", "BETWEEN", "LIKE", "ILIKE", "SIMILAR"].iter().any(|w| c.is_at(1, w))
        {
            c.eat("NOT");
            negatable(c, f)?;
        } else if c.is("AT") && c.is_at(1, "TIME") {
            c.step();
            c.step();
            c.expect("ZONE")?;
            operand(c, f)?;
        } else {
            return Ok(());
        }
    }
}

fn negatable(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    if c.eat("IN") {
        c.expect_op("(")?;
        query_or_list(c, f)?;
        return c.expect_op(")");
    }
    if c.eat("BETWEEN") {
        c.eat_any(&["SYMMETRIC", "ASYMMETRIC"]);
        sum(c, f)?;
        c.expect("AND")?;
        return sum(c, f);
    }
    if c.eat("SIMILAR") {
        c.expect("TO")?;
    } else {
        c.step();
    }
    sum(c, f)?;
    if c.eat("ESCAPE") {
        c.expect_kind(Kind::Text)?;
    }
    Ok(())
}

/// Operands with arithmetic between: what BETWEEN and LIKE take.
fn sum(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    operand(c, f)?;
    while ARITHMETIC.iter().any(|o| c.is_op(o)) {
        c.step();
        operand(c, f)?;
    }
    Ok(())
}

fn begins_query(c: &Cursor<'_>) -> bool {
    let mut ahead = 0;
    while c.is_op_at(ahead, "(") {
        ahead += 1;
    }
    ["SELECT", "WITH", "VALUES"].iter().any(|word| c.is_at(ahead, word))
}

fn query_or_list(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    if begins_query(c) && !c.is_op("(") { query(c, f) } else { c.list(|c| expression(c, f)) }
}

/// One operand with its signs and with what is taken out of it.
fn operand(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    c.deeper(|c| {
        while c.eat_op("-") || c.eat_op("+") {}
        primary(c, f)?;
        loop {
            if c.eat_op("[") {
                expression(c, f)?;
                if f.casts && c.is_op(":") {
                    c.step();
                    expression(c, f)?;
                }
                c.expect_op("]")?;
            } else if c.eat_op(".") {
                member(c, f)?;
            } else if f.casts && c.eat_op("::") {
                type_name(c, f)?;
            } else {
                return Ok(());
            }
        }
    })
}

fn primary(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    match c.kind(0) {
        Some(Kind::Number | Kind::Duration | Kind::Text | Kind::Parameter) => {
            c.step();
            Ok(())
        }
        Some(Kind::Quoted) => {
            c.step();
            Ok(())
        }
        Some(Kind::Word) => word(c, f),
        Some(Kind::Operator) if c.is_op("(") => brackets(c, f),
        _ => Err(c.stray()),
    }
}

/// What follows a dot or stands alone. `measure_value::double` is one name.
fn member(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    let joined = !f.casts && c.is("measure_value") && c.is_op_at(1, "::");
    match c.kind(0) {
        Some(Kind::Word | Kind::Quoted) => c.step(),
        _ => return Err(c.stray()),
    }
    if joined {
        c.step();
        return name_of(c);
    }
    Ok(())
}

/// `(query)`, `(a, b)`, `(a, b) -> …`, `()  -> …`.
fn brackets(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    c.expect_op("(")?;
    if c.eat_op(")") {
        if f.lambdas && c.eat_op("->") {
            return expression(c, f);
        }
        return Err(c.stray());
    }
    if begins_query(c) && !c.is_op("(") {
        query(c, f)?;
    } else {
        c.list(|c| expression(c, f))?;
    }
    c.expect_op(")")?;
    if f.lambdas && c.eat_op("->") {
        return expression(c, f);
    }
    Ok(())
}

fn word(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    if BARE.iter().any(|w| c.is(w)) && !c.is_op_at(1, "(") {
        c.step();
        return Ok(());
    }
    if c.is("CASE") {
        return case(c, f);
    }
    let signed = c.is_op_at(1, "-");
    if c.is("INTERVAL") && (signed || matches!(c.kind(1), Some(Kind::Text | Kind::Number))) {
        return interval(c);
    }
    if c.is_any(&["CAST", "TRY_CAST"]) && c.is_op_at(1, "(") {
        c.step();
        c.expect_op("(")?;
        expression(c, f)?;
        c.expect("AS")?;
        type_name(c, f)?;
        return c.expect_op(")");
    }
    if c.is("EXTRACT") && c.is_op_at(1, "(") {
        return extract(c, f);
    }
    if c.is("EXISTS") && c.is_op_at(1, "(") {
        c.step();
        c.expect_op("(")?;
        query(c, f)?;
        return c.expect_op(")");
    }
    if c.is("ARRAY") && c.is_op_at(1, "[") {
        c.step();
        c.expect_op("[")?;
        if c.eat_op("]") {
            return Ok(());
        }
        c.list(|c| expression(c, f))?;
        return c.expect_op("]");
    }
    if f.types.iter().any(|t| c.is(t)) && c.kind(1) == Some(Kind::Text) {
        c.step();
        c.step();
        return Ok(());
    }
    if c.is_op_at(1, "(") {
        call(c, f, f.functions)?;
        return after_call(c, f);
    }
    if f.lambdas && c.is_op_at(1, "->") {
        name_of(c)?;
        c.expect_op("->")?;
        return expression(c, f);
    }
    if c.is_any(RESERVED) {
        return Err(c.stray());
    }
    member(c, f)
}

fn case(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    c.step();
    if !c.is("WHEN") {
        expression(c, f)?;
    }
    while c.eat("WHEN") {
        expression(c, f)?;
        c.expect("THEN")?;
        expression(c, f)?;
    }
    if c.eat("ELSE") {
        expression(c, f)?;
    }
    c.expect("END")
}

fn interval(c: &mut Cursor<'_>) -> Judged {
    c.step();
    c.eat_op("-");
    c.step();
    if c.eat_any(UNITS) && c.eat("TO") && !c.eat_any(UNITS) {
        return Err(c.stray());
    }
    Ok(())
}

fn extract(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    c.step();
    c.expect_op("(")?;
    match c.kind(0) {
        Some(Kind::Word | Kind::Text) => c.step(),
        _ => return Err(c.stray()),
    }
    c.expect("FROM")?;
    expression(c, f)?;
    c.expect_op(")")
}

/// A type: a word that is one, with its size or the types in it.
fn type_name(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    c.deeper(|c| {
        if !c.eat_any(f.types) {
            return Err(c.stray());
        }
        c.eat_any(&["PRECISION", "VARYING", "UNSIGNED"]);
        if c.eat_op("(") {
            c.list(|c| {
                if c.eat_kind(Kind::Number) {
                    return Ok(());
                }
                // `ROW(name VARCHAR, n BIGINT)`
                let named = matches!(c.kind(1), Some(Kind::Word)) && !f.types.iter().any(|t| c.is(t));
                if named || c.kind(0) == Some(Kind::Quoted) {
                    c.step();
                }
                type_name(c, f)
            })?;
            c.expect_op(")")?;
        }
        if c.is_any(&["WITH", "WITHOUT"]) && c.is_at(1, "TIME") {
            c.step();
            c.step();
            c.expect("ZONE")?;
        }
        Ok(())
    })
}

/// A call of a function of `known`.
pub fn call(c: &mut Cursor<'_>, f: &Flavour, known: &[&str]) -> Judged {
    if !known.iter().any(|name| c.is(name)) {
        return Err(c.unknown_function());
    }
    let position = c.is("position");
    c.step();
    c.expect_op("(")?;
    if c.eat_op(")") {
        return Ok(());
    }
    if c.eat_op("*") {
        return c.expect_op(")");
    }
    if position {
        sum(c, f)?;
        c.expect("IN")?;
        sum(c, f)?;
        return c.expect_op(")");
    }
    c.eat_any(&["ALL", "DISTINCT"]);
    // `trim(BOTH 'x' FROM y)`
    c.eat_any(&["BOTH", "LEADING", "TRAILING"]);
    argument(c, f)?;
    loop {
        // `substring(a FROM 1 FOR 2)` has words where others have commas.
        if c.eat_op(",") || c.eat_any(&["FROM", "FOR"]) {
            argument(c, f)?;
        } else {
            break;
        }
    }
    order_by(c, f)?;
    c.expect_op(")")
}

fn argument(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    if begins_query(c) && !c.is_op("(") {
        return query(c, f);
    }
    expression(c, f)
}

/// WITHIN GROUP, FILTER, IGNORE NULLS and OVER behind a call.
fn after_call(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    if c.eat_all(&["WITHIN", "GROUP"]) {
        c.expect_op("(")?;
        order_by(c, f)?;
        c.expect_op(")")?;
    }
    if c.is("FILTER") && c.is_op_at(1, "(") {
        c.step();
        c.expect_op("(")?;
        c.expect("WHERE")?;
        expression(c, f)?;
        c.expect_op(")")?;
    }
    if c.is_any(&["IGNORE", "RESPECT"]) && c.is_at(1, "NULLS") {
        c.step();
        c.step();
    }
    if c.eat("OVER") {
        return if c.is_op("(") { window(c, f) } else { name_of(c) };
    }
    Ok(())
}

/// `([name] PARTITION BY … ORDER BY … ROWS BETWEEN … AND …)`.
pub fn window(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    c.expect_op("(")?;
    if matches!(c.kind(0), Some(Kind::Word)) && !c.is_any(&["PARTITION", "ORDER", "ROWS", "RANGE", "GROUPS"])
    {
        name_of(c)?;
    }
    if c.eat("PARTITION") {
        c.expect("BY")?;
        c.list(|c| expression(c, f))?;
    }
    order_by(c, f)?;
    if c.eat_any(&["ROWS", "RANGE", "GROUPS"]) {
        if c.eat("BETWEEN") {
            bound(c, f)?;
            c.expect("AND")?;
        }
        bound(c, f)?;
    }
    c.expect_op(")")
}

fn bound(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    if c.eat("UNBOUNDED") {
        return if c.eat_any(&["PRECEDING", "FOLLOWING"]) { Ok(()) } else { Err(c.stray()) };
    }
    if c.eat_all(&["CURRENT", "ROW"]) {
        return Ok(());
    }
    sum(c, f)?;
    if c.eat_any(&["PRECEDING", "FOLLOWING"]) { Ok(()) } else { Err(c.stray()) }
}
