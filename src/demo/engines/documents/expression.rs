//! Expressions of an aggregation: what they are worth on a document.

use super::Fault;
use super::matching::expression as compiled;
use super::order::{compare, number};
use super::time;
use ::mongodb::bson::{Bson, Document};

/// The value of `expression` on `root`, where `names` are the variables in force.
pub fn evaluate(expression: &Bson, root: &Document, names: &Document) -> Result<Bson, Fault> {
    match expression {
        Bson::String(text) => match text.strip_prefix("$$") {
            Some(name) => variable(name, root, names),
            None => Ok(text.strip_prefix('$').map_or_else(|| expression.clone(), |path| at(root, path))),
        },
        Bson::Array(all) => {
            all.iter().map(|e| evaluate(e, root, names)).collect::<Result<Vec<_>, _>>().map(Bson::Array)
        }
        Bson::Document(of) => match of.iter().next() {
            Some((key, argument)) if key.starts_with('$') => {
                if of.len() > 1 {
                    return Err(Fault::bad("an expression has one operator"));
                }
                operator(key, argument, root, names)
            }
            _ => {
                let mut out = Document::new();
                for (key, value) in of {
                    out.insert(key.clone(), evaluate(value, root, names)?);
                }
                Ok(Bson::Document(out))
            }
        },
        other => Ok(other.clone()),
    }
}

fn variable(name: &str, root: &Document, names: &Document) -> Result<Bson, Fault> {
    let (head, rest) = name.split_once('.').map_or((name, None), |(head, rest)| (head, Some(rest)));
    let value = match head {
        "ROOT" | "CURRENT" => Bson::Document(root.clone()),
        "REMOVE" => return Ok(Bson::Undefined),
        head => names
            .get(head)
            .cloned()
            .ok_or_else(|| Fault::bad(&format!("Use of undefined variable: {head}")))?,
    };
    Ok(match (value, rest) {
        (value, None) => value,
        (Bson::Document(of), Some(rest)) => at(&of, rest),
        (_, Some(_)) => Bson::Undefined,
    })
}

/// The value at a path; of a list on the way, the list of what is there. `Undefined` is nothing.
pub fn at(document: &Document, path: &str) -> Bson {
    let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
    match (document.get(head), rest) {
        (None, _) => Bson::Undefined,
        (Some(value), None) => value.clone(),
        (Some(Bson::Document(of)), Some(rest)) => at(of, rest),
        (Some(Bson::Array(all)), Some(rest)) => {
            let inner = all.iter().filter_map(Bson::as_document).map(|of| at(of, rest));
            Bson::Array(inner.filter(|v| *v != Bson::Undefined).collect())
        }
        _ => Bson::Undefined,
    }
}

/// What an `if` makes of a value.
pub fn truth(value: &Bson) -> bool {
    match value {
        Bson::Boolean(b) => *b,
        Bson::Null | Bson::Undefined => false,
        value => number(value) != Some(0.0),
    }
}

fn is_nothing(value: &Bson) -> bool {
    matches!(value, Bson::Null | Bson::Undefined)
}

/// A number as whole where it is and its parts were.
fn whole(n: f64, of: &[Bson]) -> Bson {
    let whole = of.iter().all(|v| matches!(v, Bson::Int32(_) | Bson::Int64(_)));
    if !whole || n.fract() != 0.0 || n.abs() > 9.0e15 {
        return Bson::Double(n);
    }
    // Below 2^53: nothing is lost.
    let n = n as i64;
    let long = of.iter().any(|v| matches!(v, Bson::Int64(_)));
    i32::try_from(n).ok().filter(|_| !long).map_or(Bson::Int64(n), Bson::Int32)
}

/// The sum of numbers in the type that holds them.
pub fn sum(all: &[Bson]) -> Bson {
    let numbers: Vec<Bson> = all.iter().filter(|v| number(v).is_some()).cloned().collect();
    whole(numbers.iter().filter_map(number).sum(), &numbers)
}

fn operator(key: &str, argument: &Bson, root: &Document, names: &Document) -> Result<Bson, Fault> {
    match key {
        "$literal" => return Ok(argument.clone()),
        "$cond" => return conditional(argument, root, names),
        "$switch" => return switch(argument, root, names),
        "$map" | "$filter" => return over(key, argument, root, names),
        "$let" => return bound(argument, root, names),
        "$dateToString" | "$dateTrunc" | "$regexMatch" => {
            let given = evaluate(argument, root, names)?;
            let given = given.as_document().ok_or_else(|| Fault::bad(&format!("{key} takes a document")))?;
            return match key {
                "$regexMatch" => matched(given),
                _ => time::written(key, given),
            };
        }
        _ => {}
    }
    let all = match argument {
        Bson::Array(all) => all.iter().map(|e| evaluate(e, root, names)).collect::<Result<Vec<_>, _>>()?,
        one => vec![evaluate(one, root, names)?],
    };
    if let Some(value) = arithmetic(key, &all)? {
        return Ok(value);
    }
    if let Some(value) = logic(key, &all) {
        return Ok(value);
    }
    if let Some(value) = text(key, &all) {
        return Ok(value);
    }
    if let Some(value) = lists(key, &all) {
        return Ok(value);
    }
    match all.as_slice() {
        [one] => time::part(key, one).ok_or_else(|| Fault::unknown(key)),
        _ => Err(Fault::unknown(key)),
    }
}

fn conditional(argument: &Bson, root: &Document, names: &Document) -> Result<Bson, Fault> {
    let (test, yes, no) = match argument {
        Bson::Array(all) => match all.as_slice() {
            [test, yes, no] => (test, yes, no),
            _ => return Err(Fault::bad("$cond takes exactly 3 arguments")),
        },
        Bson::Document(of) => match (of.get("if"), of.get("then"), of.get("else")) {
            (Some(test), Some(yes), Some(no)) => (test, yes, no),
            _ => return Err(Fault::bad("$cond needs if, then and else")),
        },
        _ => return Err(Fault::bad("$cond takes exactly 3 arguments")),
    };
    evaluate(if truth(&evaluate(test, root, names)?) { yes } else { no }, root, names)
}

fn switch(argument: &Bson, root: &Document, names: &Document) -> Result<Bson, Fault> {
    let bad = || Fault::bad("$switch takes branches with case and then");
    let of = argument.as_document().ok_or_else(bad)?;
    for branch in of.get_array("branches").map_err(|_| bad())? {
        let branch = branch.as_document().ok_or_else(bad)?;
        let (case, then) = branch.get("case").zip(branch.get("then")).ok_or_else(bad)?;
        if truth(&evaluate(case, root, names)?) {
            return evaluate(then, root, names);
        }
    }
    match of.get("default") {
        Some(default) => evaluate(default, root, names),
        None => Err(Fault::bad("$switch found no branch and has no default")),
    }
}

/// `$map` and `$filter`: an expression for each element.
fn over(key: &str, argument: &Bson, root: &Document, names: &Document) -> Result<Bson, Fault> {
    let bad = || Fault::bad(&format!("{key} takes input, as and an expression"));
    let of = argument.as_document().ok_or_else(bad)?;
    let each = of.get(if key == "$map" { "in" } else { "cond" }).ok_or_else(bad)?;
    let input = evaluate(of.get("input").ok_or_else(bad)?, root, names)?;
    let Bson::Array(all) = input else {
        return if is_nothing(&input) { Ok(Bson::Null) } else { Err(bad()) };
    };
    let name = of.get_str("as").unwrap_or("this").to_owned();
    let mut out = Vec::new();
    for element in all {
        let mut inner = names.clone();
        inner.insert(name.clone(), element.clone());
        let value = evaluate(each, root, &inner)?;
        if key == "$map" {
            out.push(value);
        } else if truth(&value) {
            out.push(element);
        }
    }
    Ok(Bson::Array(out))
}

fn bound(argument: &Bson, root: &Document, names: &Document) -> Result<Bson, Fault> {
    let bad = || Fault::bad("$let takes vars and in");
    let of = argument.as_document().ok_or_else(bad)?;
    let mut inner = names.clone();
    for (name, value) in of.get_document("vars").map_err(|_| bad())? {
        inner.insert(name.clone(), evaluate(value, root, names)?);
    }
    evaluate(of.get("in").ok_or_else(bad)?, root, &inner)
}

fn matched(of: &Document) -> Result<Bson, Fault> {
    let (pattern, options) = match of.get("regex") {
        Some(Bson::String(pattern)) => (pattern.as_str(), of.get_str("options").unwrap_or_default()),
        Some(Bson::RegularExpression(of)) => (of.pattern.as_str(), of.options.as_str()),
        _ => return Err(Fault::bad("$regexMatch needs a regex")),
    };
    let expression = compiled(pattern, options)?;
    Ok(Bson::Boolean(of.get_str("input").is_ok_and(|text| expression.is_match(text))))
}

/// Numbers. Nothing in, nothing out.
fn arithmetic(key: &str, all: &[Bson]) -> Result<Option<Bson>, Fault> {
    const KNOWN: &[&str] = &[
        "$abs",
        "$add",
        "$ceil",
        "$divide",
        "$floor",
        "$ln",
        "$mod",
        "$multiply",
        "$pow",
        "$round",
        "$sqrt",
        "$subtract",
        "$trunc",
    ];
    if !KNOWN.contains(&key) {
        return Ok(None);
    }
    if all.iter().any(is_nothing) {
        return Ok(Some(Bson::Null));
    }
    // A date and milliseconds are a date.
    if let ("$subtract", [Bson::DateTime(a), Bson::DateTime(b)]) = (key, all) {
        return Ok(Some(Bson::Int64(a.timestamp_millis() - b.timestamp_millis())));
    }
    let numbers: Option<Vec<f64>> = all.iter().map(number).collect();
    let numbers = numbers.ok_or_else(|| Fault::bad(&format!("{key} only supports numeric types")))?;
    let value = match (key, numbers.as_slice()) {
        ("$add", all) => all.iter().sum(),
        ("$multiply", all) => all.iter().product(),
        ("$subtract", [a, b]) => a - b,
        ("$divide", [_, 0.0]) => return Err(Fault::bad("can't $divide by zero")),
        ("$divide", [a, b]) => return Ok(Some(Bson::Double(a / b))),
        ("$mod", [a, b]) => a % b,
        ("$pow", [a, b]) => a.powf(*b),
        ("$abs", [a]) => a.abs(),
        ("$ceil", [a]) => a.ceil(),
        ("$floor", [a]) => a.floor(),
        ("$trunc", [a]) => a.trunc(),
        ("$sqrt", [a]) => return Ok(Some(Bson::Double(a.sqrt()))),
        ("$ln", [a]) => return Ok(Some(Bson::Double(a.ln()))),
        ("$round", [a]) => a.round_ties_even(),
        ("$round", [a, places]) => {
            let scale = 10_f64.powf(*places);
            (a * scale).round_ties_even() / scale
        }
        _ => return Err(Fault::bad(&format!("{key} takes another number of arguments"))),
    };
    let parts = if key == "$round" { all.get(..1).unwrap_or_default() } else { all };
    Ok(Some(whole(value, parts)))
}

fn logic(key: &str, all: &[Bson]) -> Option<Bson> {
    let value = match (key, all) {
        ("$and", all) => all.iter().all(truth),
        ("$or", all) => all.iter().any(truth),
        ("$not", [a]) => !truth(a),
        ("$eq", [a, b]) => compare(a, b).is_eq(),
        ("$ne", [a, b]) => compare(a, b).is_ne(),
        ("$gt", [a, b]) => compare(a, b).is_gt(),
        ("$gte", [a, b]) => compare(a, b).is_ge(),
        ("$lt", [a, b]) => compare(a, b).is_lt(),
        ("$lte", [a, b]) => compare(a, b).is_le(),
        ("$in", [a, Bson::Array(list)]) => list.iter().any(|b| compare(a, b).is_eq()),
        ("$ifNull", all) => return all.iter().find(|v| !is_nothing(v)).or(all.last()).cloned(),
        ("$type", [a]) => return Some(Bson::String(super::type_of(a).to_owned())),
        _ => return None,
    };
    Some(Bson::Boolean(value))
}

fn text(key: &str, all: &[Bson]) -> Option<Bson> {
    let value = match (key, all) {
        ("$concat", all) => {
            let parts: Option<Vec<&str>> = all.iter().map(Bson::as_str).collect();
            return Some(parts.map_or(Bson::Null, |parts| Bson::String(parts.concat())));
        }
        ("$toUpper", [Bson::String(text)]) => text.to_uppercase(),
        ("$toLower", [Bson::String(text)]) => text.to_lowercase(),
        ("$toUpper" | "$toLower", [nothing]) if is_nothing(nothing) => String::new(),
        ("$strLenCP", [Bson::String(text)]) => {
            return i32::try_from(text.chars().count()).ok().map(Bson::Int32);
        }
        ("$toString", [Bson::String(text)]) => text.clone(),
        ("$toString", [Bson::ObjectId(id)]) => id.to_hex(),
        ("$toString", [Bson::Int32(n)]) => n.to_string(),
        ("$toString", [Bson::Int64(n)]) => n.to_string(),
        ("$toString", [Bson::DateTime(at)]) => at.try_to_rfc3339_string().ok()?,
        ("$substrCP", [Bson::String(text), from, count]) => {
            let (from, count) = (number(from)?, number(count)?);
            // Negative or fractional ones are cut to what a place can be.
            text.chars().skip(from.max(0.0) as usize).take(count.max(0.0) as usize).collect()
        }
        ("$split", [Bson::String(text), Bson::String(by)]) if !by.is_empty() => {
            return Some(Bson::Array(text.split(by.as_str()).map(|t| Bson::String(t.to_owned())).collect()));
        }
        _ => return None,
    };
    Some(Bson::String(value))
}

fn lists(key: &str, all: &[Bson]) -> Option<Bson> {
    let numbers = |all: &[Bson]| match all {
        [Bson::Array(list)] => list.clone(),
        all => all.to_vec(),
    };
    Some(match (key, all) {
        ("$size", [Bson::Array(list)]) => Bson::Int32(i32::try_from(list.len()).ok()?),
        ("$isArray", [one]) => Bson::Boolean(matches!(one, Bson::Array(_))),
        ("$arrayElemAt", [Bson::Array(list), at]) => {
            let at = number(at)? as i64;
            let at = if at < 0 { i64::try_from(list.len()).ok()? + at } else { at };
            usize::try_from(at).ok().and_then(|at| list.get(at)).cloned().unwrap_or(Bson::Undefined)
        }
        ("$first", [Bson::Array(list)]) => list.first().cloned().unwrap_or(Bson::Undefined),
        ("$last", [Bson::Array(list)]) => list.last().cloned().unwrap_or(Bson::Undefined),
        ("$slice", [Bson::Array(list), count]) => {
            let count = number(count)? as i64;
            let length = usize::try_from(count.unsigned_abs()).ok()?;
            let skip = if count < 0 { list.len().saturating_sub(length) } else { 0 };
            Bson::Array(list.iter().skip(skip).take(length).cloned().collect())
        }
        ("$concatArrays", all) => {
            let lists: Option<Vec<&Vec<Bson>>> = all.iter().map(Bson::as_array).collect();
            Bson::Array(lists?.into_iter().flatten().cloned().collect())
        }
        ("$sum", all) => sum(&numbers(all)),
        ("$avg", all) => average(&numbers(all)),
        ("$max", all) => numbers(all).into_iter().filter(|v| !is_nothing(v)).max_by(compare)?,
        ("$min", all) => numbers(all).into_iter().filter(|v| !is_nothing(v)).min_by(compare)?,
        ("$mergeObjects", all) => {
            let mut out = Document::new();
            for of in all.iter().filter(|v| !is_nothing(v)) {
                out.extend(of.as_document()?.clone());
            }
            Bson::Document(out)
        }
        ("$objectToArray", [Bson::Document(of)]) => {
            let pair = |(k, v): (&String, &Bson)| {
                Bson::Document(
                    [("k".to_owned(), Bson::String(k.clone())), ("v".to_owned(), v.clone())]
                        .into_iter()
                        .collect(),
                )
            };
            Bson::Array(of.iter().map(pair).collect())
        }
        _ => return None,
    })
}

/// The mean of the numbers among values; none of none.
pub fn average(all: &[Bson]) -> Bson {
    let numbers: Vec<f64> = all.iter().filter_map(number).collect();
    if numbers.is_empty() {
        return Bson::Null;
    }
    Bson::Double(numbers.iter().sum::<f64>() / numbers.len() as f64)
}
