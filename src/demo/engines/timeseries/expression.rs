//! Expressions over a row, and over the rows of a group.

use super::Said;
use super::aggregate::{NAMES, aggregate};
use super::value::{Kind, Value};
use sqlparser::ast::{
    BinaryOperator, DateTimeField, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArguments, UnaryOperator, Value as Literal,
};
use std::sync::Arc;

/// What an expression is worked out over.
#[derive(Clone, Copy)]
pub struct Over<'a> {
    /// Columns of the rows, and by which name of the table they may be called.
    pub columns: &'a [(String, Kind)],
    /// The table's own name in the query.
    pub table: &'a str,
    /// The row; of a group, its first.
    pub row: &'a [Value],
    /// The rows of the group and what it is grouped by; `None` outside of one.
    pub group: Option<(&'a [&'a [Value]], &'a [Expr])>,
    /// The time of the query in ms.
    pub now: i64,
}

/// Whether an aggregate stands in `expr`.
pub fn aggregates(expr: &Expr) -> bool {
    match expr {
        Expr::Function(f) => {
            is_aggregate(f) || arguments(f).is_ok_and(|(all, _)| all.iter().flatten().any(|e| aggregates(e)))
        }
        Expr::BinaryOp { left, right, .. } => aggregates(left) || aggregates(right),
        Expr::UnaryOp { expr, .. } | Expr::Nested(expr) | Expr::Cast { expr, .. } => aggregates(expr),
        Expr::IsNull(expr) | Expr::IsNotNull(expr) => aggregates(expr),
        Expr::Between { expr, low, high, .. } => aggregates(expr) || aggregates(low) || aggregates(high),
        Expr::Case { conditions, else_result, .. } => {
            conditions.iter().any(|w| aggregates(&w.condition) || aggregates(&w.result))
                || else_result.as_deref().is_some_and(aggregates)
        }
        _ => false,
    }
}

fn is_aggregate(f: &Function) -> bool {
    NAMES.contains(&f.name.to_string().to_lowercase().as_str())
}

fn unknown(what: &impl std::fmt::Display) -> String {
    format!("the demo does not know {what}")
}

/// The value of `expr`.
pub fn value(expr: &Expr, over: &Over<'_>) -> Said<Value> {
    if let Some((_, by)) = over.group
        && !by.contains(expr)
        && let Some(name) = column_name(expr)
    {
        return Err(format!("'{name}' must be an aggregate expression or appear in GROUP BY clause"));
    }
    if let Some((_, by)) = over.group
        && by.contains(expr)
    {
        return value(expr, &Over { group: None, ..*over });
    }
    match expr {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => column(expr, over),
        Expr::Cast { expr: inner, data_type, .. } => {
            if let Some(name) = column_name(expr) {
                return named(&name, None, over);
            }
            cast(value(inner, over)?, &data_type.to_string())
        }
        Expr::Nested(inner) => value(inner, over),
        Expr::Value(literal) => self::literal(&literal.value),
        Expr::Interval(interval) => {
            let Value::Text(n) = value(&interval.value, over)? else { return Err(unknown(expr)) };
            let n: i64 = n.trim().parse().map_err(|_| unknown(expr))?;
            let unit = match interval.leading_field {
                Some(DateTimeField::Second) => 1_000,
                Some(DateTimeField::Minute) => 60_000,
                Some(DateTimeField::Hour) => 3_600_000,
                Some(DateTimeField::Day) => 86_400_000,
                _ => return Err(unknown(expr)),
            };
            Ok(Value::Interval(n.saturating_mul(unit)))
        }
        Expr::UnaryOp { op, expr } => match (op, value(expr, over)?) {
            (UnaryOperator::Not, Value::Boolean(yes)) => Ok(Value::Boolean(!yes)),
            (UnaryOperator::Minus, Value::Double(n)) => Ok(Value::Double(-n)),
            (UnaryOperator::Minus, Value::Bigint(n)) => Ok(Value::Bigint(-n)),
            (UnaryOperator::Plus, n) => Ok(n),
            (_, Value::Null) => Ok(Value::Null),
            _ => Err(unknown(op)),
        },
        Expr::BinaryOp { left, op, right } => binary(&value(left, over)?, op, &value(right, over)?),
        Expr::IsNull(inner) => Ok(Value::Boolean(value(inner, over)? == Value::Null)),
        Expr::IsNotNull(inner) => Ok(Value::Boolean(value(inner, over)? != Value::Null)),
        Expr::Between { expr, negated, low, high } => {
            let (v, low, high) = (value(expr, over)?, value(low, over)?, value(high, over)?);
            let inside = binary(&v, &BinaryOperator::GtEq, &low)?.holds()
                && binary(&v, &BinaryOperator::LtEq, &high)?.holds();
            Ok(Value::Boolean(inside != *negated))
        }
        Expr::InList { expr, list, negated } => {
            let v = value(expr, over)?;
            let mut found = false;
            for item in list {
                found |= binary(&v, &BinaryOperator::Eq, &value(item, over)?)?.holds();
            }
            Ok(Value::Boolean(found != *negated))
        }
        Expr::Like { negated, any: false, expr, pattern, escape_char: None } => {
            match (value(expr, over)?, value(pattern, over)?) {
                (Value::Text(text), Value::Text(pattern)) => {
                    Ok(Value::Boolean(like(&text, &pattern) != *negated))
                }
                _ => Ok(Value::Null),
            }
        }
        Expr::Case { operand: None, conditions, else_result, .. } => {
            for when in conditions {
                if value(&when.condition, over)?.holds() {
                    return value(&when.result, over);
                }
            }
            else_result.as_deref().map_or(Ok(Value::Null), |e| value(e, over))
        }
        Expr::Ceil { expr, .. } => math(value(expr, over)?, f64::ceil),
        Expr::Floor { expr, .. } => math(value(expr, over)?, f64::floor),
        Expr::Function(f) => function(f, over),
        other => Err(unknown(other)),
    }
}

/// The name of the column that `expr` is, when it is one. `measure_value::double` reads as a cast.
pub fn column_name(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Identifier(name) => Some(name.value.clone()),
        Expr::CompoundIdentifier(parts) => parts.last().map(|p| p.value.clone()),
        Expr::Cast { expr, data_type, .. } => {
            let name = column_name(expr).filter(|name| name.eq_ignore_ascii_case("measure_value"))?;
            Some(format!("{}::{}", name.to_lowercase(), data_type.to_string().to_lowercase()))
        }
        _ => None,
    }
}

fn column(expr: &Expr, over: &Over<'_>) -> Said<Value> {
    let table = match expr {
        Expr::CompoundIdentifier(parts) if parts.len() == 2 => parts.first().map(|p| p.value.as_str()),
        Expr::CompoundIdentifier(_) => return Err(unknown(expr)),
        _ => None,
    };
    named(&column_name(expr).unwrap_or_default(), table, over)
}

fn named(name: &str, table: Option<&str>, over: &Over<'_>) -> Said<Value> {
    let missing = || format!("Column '{name}' does not exist");
    if table.is_some_and(|table| !table.eq_ignore_ascii_case(over.table)) {
        return Err(missing());
    }
    let at = over.columns.iter().position(|(own, _)| own.eq_ignore_ascii_case(name)).ok_or_else(missing)?;
    over.row.get(at).cloned().ok_or_else(missing)
}

fn literal(literal: &Literal) -> Said<Value> {
    Ok(match literal {
        Literal::Number(digits, _) if digits.contains(['.', 'e', 'E']) => {
            Value::Double(digits.parse().map_err(|_| unknown(digits))?)
        }
        Literal::Number(digits, _) => Value::Bigint(digits.parse().map_err(|_| unknown(digits))?),
        Literal::SingleQuotedString(text) => Value::Text(Arc::from(text.as_str())),
        Literal::Boolean(yes) => Value::Boolean(*yes),
        Literal::Null => Value::Null,
        other => return Err(unknown(other)),
    })
}

fn cast(value: Value, to: &str) -> Said<Value> {
    let to = to.to_lowercase();
    Ok(match (to.as_str(), &value) {
        (_, Value::Null) => Value::Null,
        ("double", _) => {
            let number = match &value {
                Value::Text(text) => text.trim().parse().ok(),
                other => other.number(),
            };
            number
                .map(Value::Double)
                .ok_or_else(|| format!("Cannot cast '{:?}' to DOUBLE", value.scalar()))?
        }
        ("bigint" | "integer" | "int", _) => match &value {
            Value::Double(n) => Value::Bigint(n.round() as i64),
            Value::Bigint(_) => value,
            Value::Text(text) => Value::Bigint(text.trim().parse().map_err(|_| unknown(text))?),
            _ => return Err(unknown(&to)),
        },
        ("varchar", _) => value.scalar().map_or(Value::Null, |text| Value::Text(text.into())),
        _ => return Err(unknown(&format!("CAST to {to}"))),
    })
}

/// An operator between two values; NULL makes NULL, but for what AND and OR know anyway.
pub fn binary(left: &Value, op: &BinaryOperator, right: &Value) -> Said<Value> {
    use BinaryOperator as Op;
    match op {
        Op::And if *left == Value::Boolean(false) || *right == Value::Boolean(false) => {
            return Ok(Value::Boolean(false));
        }
        Op::Or if left.holds() || right.holds() => return Ok(Value::Boolean(true)),
        _ if *left == Value::Null || *right == Value::Null => return Ok(Value::Null),
        Op::And | Op::Or => {
            return Ok(Value::Boolean(*op == Op::And)).map(|v| match (op, left, right) {
                (Op::And, Value::Boolean(a), Value::Boolean(b)) => Value::Boolean(*a && *b),
                (Op::Or, Value::Boolean(a), Value::Boolean(b)) => Value::Boolean(*a || *b),
                _ => v,
            });
        }
        Op::Eq | Op::NotEq | Op::Lt | Op::LtEq | Op::Gt | Op::GtEq => {
            let order = left.compare(right).ok_or_else(|| {
                format!("'{op}' cannot be applied to {:?}, {:?}", left.kind(), right.kind())
            })?;
            return Ok(Value::Boolean(match op {
                Op::Eq => order.is_eq(),
                Op::NotEq => order.is_ne(),
                Op::Lt => order.is_lt(),
                Op::LtEq => order.is_le(),
                Op::Gt => order.is_gt(),
                _ => order.is_ge(),
            }));
        }
        Op::StringConcat => {
            let (a, b) = (left.scalar().unwrap_or_default(), right.scalar().unwrap_or_default());
            return Ok(Value::Text(format!("{a}{b}").into()));
        }
        _ => {}
    }
    arithmetic(left, op, right)
}

fn arithmetic(left: &Value, op: &BinaryOperator, right: &Value) -> Said<Value> {
    use BinaryOperator as Op;
    match (left, op, right) {
        (Value::Time(t), Op::Plus, Value::Interval(i)) | (Value::Interval(i), Op::Plus, Value::Time(t)) => {
            Ok(Value::Time(t + i))
        }
        (Value::Time(t), Op::Minus, Value::Interval(i)) => Ok(Value::Time(t - i)),
        (Value::Time(a), Op::Minus, Value::Time(b)) => Ok(Value::Interval(a - b)),
        (Value::Interval(a), Op::Plus, Value::Interval(b)) => Ok(Value::Interval(a + b)),
        (Value::Interval(a), Op::Multiply, Value::Bigint(n)) => Ok(Value::Interval(a.saturating_mul(*n))),
        (Value::Bigint(a), _, Value::Bigint(b)) => whole(*a, op, *b),
        _ => {
            let wrong = || format!("'{op}' cannot be applied to {:?}, {:?}", left.kind(), right.kind());
            let (a, b) = (left.number().ok_or_else(wrong)?, right.number().ok_or_else(wrong)?);
            Ok(Value::Double(match op {
                Op::Plus => a + b,
                Op::Minus => a - b,
                Op::Multiply => a * b,
                Op::Divide => a / b,
                Op::Modulo => a % b,
                _ => return Err(unknown(op)),
            }))
        }
    }
}

fn whole(a: i64, op: &BinaryOperator, b: i64) -> Said<Value> {
    use BinaryOperator as Op;
    let result = match op {
        Op::Plus => a.checked_add(b),
        Op::Minus => a.checked_sub(b),
        Op::Multiply => a.checked_mul(b),
        Op::Divide | Op::Modulo if b == 0 => return Err("Division by zero".to_owned()),
        Op::Divide => a.checked_div(b),
        Op::Modulo => a.checked_rem(b),
        _ => return Err(unknown(op)),
    };
    result.map(Value::Bigint).ok_or_else(|| "bigint overflow".to_owned())
}

/// LIKE: `%` is any text, `_` any character.
fn like(text: &str, pattern: &str) -> bool {
    let mut chars = pattern.chars();
    match chars.next() {
        None => text.is_empty(),
        Some('%') => text
            .char_indices()
            .map(|(at, _)| at)
            .chain([text.len()])
            .any(|at| like(text.get(at..).unwrap_or_default(), chars.as_str())),
        Some(wanted) => {
            let mut rest = text.chars();
            rest.next().is_some_and(|c| wanted == '_' || c == wanted) && like(rest.as_str(), chars.as_str())
        }
    }
}

fn math(value: Value, of: impl Fn(f64) -> f64) -> Said<Value> {
    match value {
        Value::Null | Value::Bigint(_) => Ok(value),
        other => other.number().map(|n| Value::Double(of(n))).ok_or_else(|| "this takes a number".to_owned()),
    }
}

/// The arguments of a call; `None` stands for `*`. And whether it says DISTINCT.
fn arguments(f: &Function) -> Said<(Vec<Option<&Expr>>, bool)> {
    let plain =
        f.over.is_none() && f.filter.is_none() && f.null_treatment.is_none() && f.within_group.is_empty();
    if !plain {
        return Err(unknown(f));
    }
    match &f.args {
        FunctionArguments::None => Ok((Vec::new(), false)),
        FunctionArguments::List(list) if list.clauses.is_empty() => {
            let one = |arg: &'_ FunctionArg| matches!(arg, FunctionArg::Unnamed(_));
            if !list.args.iter().all(one) {
                return Err(unknown(f));
            }
            let all = list.args.iter().filter_map(|arg| match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(e)) => Some(Some(e)),
                FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => Some(None),
                _ => None,
            });
            Ok((all.collect(), list.duplicate_treatment == Some(DuplicateTreatment::Distinct)))
        }
        _ => Err(unknown(f)),
    }
}

fn function(f: &Function, over: &Over<'_>) -> Said<Value> {
    let name = f.name.to_string().to_lowercase();
    let (arguments, distinct) = arguments(f)?;
    if is_aggregate(f) {
        let Some((rows, _)) = over.group else {
            return Err(format!("{name} stands where no aggregate can"));
        };
        let column = |at: usize| -> Said<Vec<Value>> {
            rows.iter()
                .map(|row| match arguments.get(at) {
                    Some(Some(e)) => value(e, &Over { group: None, row, ..*over }),
                    Some(None) => Ok(Value::Bigint(1)),
                    None => Ok(Value::Null),
                })
                .collect()
        };
        let most = if matches!(name.as_str(), "max_by" | "min_by" | "approx_percentile") { 2 } else { 1 };
        if arguments.len() != most {
            return Err(format!("{name} takes {most} arguments here"));
        }
        return aggregate(&name, distinct, column(0)?, &column(1)?);
    }
    let all: Vec<Value> = arguments
        .iter()
        .map(|argument| argument.map_or_else(|| Err(unknown(f)), |e| value(e, over)))
        .collect::<Said<_>>()?;
    scalar(&name, &all, over.now).unwrap_or_else(|| Err(unknown(f)))
}

/// A function of values; `None` for one that is not known with these.
fn scalar(name: &str, all: &[Value], now: i64) -> Option<Said<Value>> {
    let double = |n: f64| Some(Ok(Value::Double(n)));
    match (name, all) {
        ("now" | "current_timestamp", []) => Some(Ok(Value::Time(now))),
        ("ago", [Value::Interval(i)]) => Some(Ok(Value::Time(now - i))),
        ("duration_of", [Value::Text(text)]) => Some(duration(text)),
        ("bin", [Value::Time(t), Value::Interval(i)]) if *i > 0 => {
            Some(Ok(Value::Time(t.div_euclid(*i).saturating_mul(*i))))
        }
        ("date_trunc", [Value::Text(unit), Value::Time(t)]) => {
            let ms = match unit.to_lowercase().as_str() {
                "second" => 1_000,
                "minute" => 60_000,
                "hour" => 3_600_000,
                "day" => 86_400_000,
                _ => return None,
            };
            Some(Ok(Value::Time(t.div_euclid(ms).saturating_mul(ms))))
        }
        ("to_milliseconds", [Value::Time(t)] | [Value::Interval(t)]) => Some(Ok(Value::Bigint(*t))),
        ("from_milliseconds", [Value::Bigint(t)]) => Some(Ok(Value::Time(*t))),
        ("coalesce", _) => Some(Ok(all.iter().find(|v| **v != Value::Null).cloned().unwrap_or(Value::Null))),
        ("if", [condition, yes, no]) => Some(Ok(if condition.holds() { yes } else { no }.clone())),
        ("if", [condition, yes]) => Some(Ok(if condition.holds() { yes.clone() } else { Value::Null })),
        ("nullif", [a, b]) => Some(Ok(if a.compare(b).is_some_and(std::cmp::Ordering::is_eq) {
            Value::Null
        } else {
            a.clone()
        })),
        _ if all.contains(&Value::Null) => known(name).then_some(Ok(Value::Null)),
        ("round", [v]) => Some(math(v.clone(), f64::round)),
        ("round", [v, Value::Bigint(places)]) => {
            let factor = 10_f64.powi(i32::try_from(*places).ok()?);
            Some(math(v.clone(), |n| (n * factor).round() / factor))
        }
        ("abs", [v]) => Some(math(v.clone(), f64::abs)),
        ("ceil" | "ceiling", [v]) => Some(math(v.clone(), f64::ceil)),
        ("floor", [v]) => Some(math(v.clone(), f64::floor)),
        ("sqrt", [v]) => double(v.number()?.sqrt()),
        ("ln", [v]) => double(v.number()?.ln()),
        ("exp", [v]) => double(v.number()?.exp()),
        ("power" | "pow", [a, b]) => double(a.number()?.powf(b.number()?)),
        ("greatest", [first, ..]) => Some(Ok(all.iter().max_by(|a, b| a.order(b)).unwrap_or(first).clone())),
        ("least", [first, ..]) => Some(Ok(all.iter().min_by(|a, b| a.order(b)).unwrap_or(first).clone())),
        ("upper", [Value::Text(t)]) => Some(Ok(Value::Text(t.to_uppercase().into()))),
        ("lower", [Value::Text(t)]) => Some(Ok(Value::Text(t.to_lowercase().into()))),
        ("length", [Value::Text(t)]) => {
            Some(Ok(Value::Bigint(i64::try_from(t.chars().count()).unwrap_or(i64::MAX))))
        }
        ("concat", [_, ..]) => {
            let all: String = all.iter().filter_map(Value::scalar).collect();
            Some(Ok(Value::Text(all.into())))
        }
        _ => None,
    }
}

fn known(name: &str) -> bool {
    let all = [
        "round",
        "abs",
        "ceil",
        "ceiling",
        "floor",
        "sqrt",
        "ln",
        "exp",
        "power",
        "pow",
        "greatest",
        "least",
        "upper",
        "lower",
        "length",
        "concat",
        "bin",
        "ago",
        "date_trunc",
        "to_milliseconds",
        "from_milliseconds",
    ];
    all.contains(&name)
}

/// `15m`, `1h30m`.
fn duration(text: &str) -> Said<Value> {
    let wrong = || format!("the demo does not know the duration {text}");
    let (mut total, mut rest) = (0_i64, text);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let n: i64 = rest.get(..digits).and_then(|n| n.parse().ok()).ok_or_else(wrong)?;
        let tail = rest.get(digits..).unwrap_or_default();
        let letters = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let unit = match tail.get(..letters).unwrap_or_default().to_lowercase().as_str() {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 7 * 86_400_000,
            _ => return Err(wrong()),
        };
        total = total.saturating_add(n.saturating_mul(unit));
        rest = tail.get(letters..).unwrap_or_default();
    }
    Ok(Value::Interval(total))
}
