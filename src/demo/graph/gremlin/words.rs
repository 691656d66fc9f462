//! Steps on words, dates and numbers.

use std::rc::Rc;

use super::EvaluateError;
use super::math;
use super::plan::Op;
use super::run::Run;
use super::traverser::Traverser;
use super::value::Value;
use crate::query::dialect::gremlin::tree::{Argument, Constant};

/// The values of a step on words, dates or numbers.
pub fn words<'a>(
    run: &'a Run<'a>,
    op: &'a Op<'a>,
    traverser: &Traverser,
) -> Result<Vec<Value>, EvaluateError> {
    let value = &traverser.value;
    if op.local() {
        let Some(items) = value.items() else { return one(run, op, value).map(|made| vec![made]) };
        return Ok(vec![Value::list(items.iter().map(|item| one(run, op, item)).collect::<Result<_, _>>()?)]);
    }
    Ok(match op.name {
        "math" => math::math(run, op, traverser)?.into_iter().collect(),
        "concat" => vec![concat(run, op, traverser)?],
        "format" => format(run, op, traverser)?.into_iter().collect(),
        "conjoin" => {
            let items = value.items().ok_or(wants(op, "a list"))?;
            let parts: Vec<String> = items.iter().filter_map(|item| item.words(run.graph)).collect();
            vec![Value::text(&parts.join(op.texts().first().copied().unwrap_or_default()))]
        }
        "reverse" if value.items().is_some() => {
            vec![Value::list(value.items().unwrap_or_default().iter().rev().cloned().collect())]
        }
        "asDate" => vec![match value {
            Value::Text(text) => {
                Value::Date(date(text).ok_or_else(|| EvaluateError::Value(text.to_string()))?)
            }
            Value::Date(_) => value.clone(),
            other => match other.number() {
                Some((_, Some(ms))) => Value::Date(i64::try_from(ms).unwrap_or_default()),
                _ => return Err(wants(op, "words or a number of milliseconds")),
            },
        }],
        "dateAdd" => vec![date_add(op, value)?],
        "dateDiff" => vec![date_diff(run, op, traverser)?],
        _ => vec![one(run, op, value)?],
    })
}

fn wants(op: &Op<'_>, wants: &'static str) -> EvaluateError {
    EvaluateError::Kind { step: op.name.to_owned(), wants }
}

/// What a step makes of one string.
fn one(run: &Run<'_>, op: &Op<'_>, value: &Value) -> Result<Value, EvaluateError> {
    if op.name == "asString" {
        return value.words(run.graph).map(|text| Value::text(&text)).ok_or(wants(op, "a value with words"));
    }
    let text = match value {
        Value::Null => return Ok(Value::Null),
        Value::Text(text) => text,
        _ => return Err(wants(op, "words")),
    };
    let texts = op.texts();
    let first = texts.first().copied().unwrap_or_default();
    Ok(match op.name {
        "length" => Value::Int(i32::try_from(text.encode_utf16().count()).unwrap_or(i32::MAX)),
        "toUpper" => Value::text(&text.to_uppercase()),
        "toLower" => Value::text(&text.to_lowercase()),
        "trim" => Value::text(text.trim()),
        "lTrim" => Value::text(text.trim_start()),
        "rTrim" => Value::text(text.trim_end()),
        "reverse" => Value::text(&text.chars().rev().collect::<String>()),
        "replace" => Value::text(&text.replace(first, texts.get(1).copied().unwrap_or_default())),
        "split" => Value::list(text.split(first).map(Value::text).collect()),
        "substring" => {
            let characters: Vec<char> = text.chars().collect();
            let length = characters.len() as i64;
            let place =
                |n: i64| usize::try_from(if n < 0 { length + n } else { n }.clamp(0, length)).unwrap_or(0);
            let numbers = op.numbers();
            let from = place(numbers.first().copied().unwrap_or(0));
            let to = place(numbers.get(1).copied().unwrap_or(length));
            Value::text(&characters.get(from..to).unwrap_or_default().iter().collect::<String>())
        }
        _ => {
            let why = "the demo's graph does not run this step".to_owned();
            return Err(EvaluateError::Unknown { step: op.name.to_owned(), why });
        }
    })
}

fn concat<'a>(run: &'a Run<'a>, op: &'a Op<'a>, traverser: &Traverser) -> Result<Value, EvaluateError> {
    let mut out = match &traverser.value {
        Value::Text(text) => text.to_string(),
        Value::Null => String::new(),
        _ => return Err(wants(op, "words")),
    };
    op.texts().into_iter().for_each(|text| out.push_str(text));
    for plan in &op.plans {
        let found = run.first(plan, traverser)?;
        out.extend(found.and_then(|t| t.value.words(run.graph)));
    }
    Ok(Value::text(&out))
}

/// `%{name}` is a property, what a label names, or a key of a map; `%{_}` asks the next `by`.
fn format<'a>(
    run: &'a Run<'a>,
    op: &'a Op<'a>,
    traverser: &Traverser,
) -> Result<Option<Value>, EvaluateError> {
    let mut rest = op.texts().first().copied().unwrap_or_default();
    let (mut out, mut turn) = (String::new(), 0);
    while let Some((before, after)) = rest.split_once("%{") {
        let Some((name, behind)) = after.split_once('}') else { break };
        out.push_str(before);
        let value = if name == "_" {
            turn += 1;
            run.projected(op, turn - 1, traverser, traverser.value.clone())?
        } else {
            match run.key(&traverser.value, name) {
                None => run.scoped(traverser, name, "last")?,
                found => found,
            }
        };
        let Some(text) = value.and_then(|value| value.words(run.graph)) else { return Ok(None) };
        out.push_str(&text);
        rest = behind;
    }
    out.push_str(rest);
    Ok(Some(Value::text(&out)))
}

/// Milliseconds since the epoch of an ISO 8601 date or time; without a zone it is UTC.
pub fn date(text: &str) -> Option<i64> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(time.as_millisecond());
    }
    let civil = text.parse::<jiff::civil::DateTime>().ok()?;
    Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

fn date_add(op: &Op<'_>, value: &Value) -> Result<Value, EvaluateError> {
    let unit = match op.args.first() {
        Some(Argument::Constant(Constant { name, .. })) => *name,
        _ => "",
    };
    let seconds = match unit {
        "second" => 1,
        "minute" => 60,
        "hour" => 3_600,
        _ => 86_400,
    };
    let Value::Date(ms) = value else { return Err(wants(op, "a date")) };
    let count = op.numbers().first().copied().unwrap_or(0);
    Ok(Value::Date(ms.saturating_add(count.saturating_mul(seconds * 1_000))))
}

fn date_diff<'a>(run: &'a Run<'a>, op: &'a Op<'a>, traverser: &Traverser) -> Result<Value, EvaluateError> {
    let other = match op.plans.first() {
        Some(plan) => run.first(plan, traverser)?.map(|t| t.value),
        None => op.args.first().map(|argument| super::plan::literal(argument)).transpose()?,
    };
    match (&traverser.value, other) {
        (Value::Date(a), Some(Value::Date(b))) => Ok(Value::Long((a - b) / 1_000)),
        _ => Err(wants(op, "two dates")),
    }
}

/// What an operator makes of two values, with Java's promotion of numbers.
pub fn operate(name: &str, a: &Value, b: &Value) -> Result<Value, EvaluateError> {
    let bad = || EvaluateError::Value(format!("{name} of values that are not alike"));
    match name {
        "assign" => return Ok(b.clone()),
        "min" | "max" => {
            let order = a.compared(b).ok_or_else(bad)?;
            return Ok(if order.is_le() == (name == "min") { a.clone() } else { b.clone() });
        }
        "and" | "or" => {
            let (Value::Bool(a), Value::Bool(b)) = (a, b) else { return Err(bad()) };
            return Ok(Value::Bool(if name == "and" { *a && *b } else { *a || *b }));
        }
        "addAll" => {
            let (Some(a), Some(b)) = (a.items(), b.items()) else { return Err(bad()) };
            return Ok(Value::List(Rc::new(a.iter().chain(b).cloned().collect())));
        }
        _ => {}
    }
    let ((x, whole_x), (y, whole_y)) = (a.number().ok_or_else(bad)?, b.number().ok_or_else(bad)?);
    if let (Some(x), Some(y)) = (whole_x, whole_y) {
        let made = match name {
            "sum" | "sumLong" => x + y,
            "minus" => x - y,
            "mult" => x * y,
            "div" => x.checked_div(y).ok_or_else(|| EvaluateError::Value("division by zero".to_owned()))?,
            _ => return Err(bad()),
        };
        let wide = name == "sumLong" || matches!(a, Value::Long(_)) || matches!(b, Value::Long(_));
        return match (i32::try_from(made), i64::try_from(made)) {
            (Ok(n), _) if !wide => Ok(Value::Int(n)),
            (_, Ok(n)) => Ok(Value::Long(n)),
            _ => Err(EvaluateError::Value("a whole number of more than 64 bits".to_owned())),
        };
    }
    let made = match name {
        "sum" | "sumLong" => x + y,
        "minus" => x - y,
        "mult" => x * y,
        "div" => x / y,
        _ => return Err(bad()),
    };
    Ok(match (a, b) {
        (Value::Decimal(_), _) | (_, Value::Decimal(_)) => Value::Decimal(made),
        (Value::Float(_), Value::Float(_)) => Value::Float(made as f32),
        _ => Value::Double(made),
    })
}
