//! Queries: which documents they find.

use super::Fault;
use super::expression::{evaluate, truth};
use super::order::{comparable, compare, number, reach};
use ::mongodb::bson::{Bson, Document};
use regex::{Regex, RegexBuilder};
use std::cmp::Ordering;

/// Whether `query` finds `document`.
pub fn finds(query: &Document, document: &Document) -> Result<bool, Fault> {
    for (key, wanted) in query {
        let found = match key.as_str() {
            "$and" => all(wanted, document)?.into_iter().all(|f| f),
            "$or" => all(wanted, document)?.into_iter().any(|f| f),
            "$nor" => !all(wanted, document)?.into_iter().any(|f| f),
            "$expr" => truth(&evaluate(wanted, document, &Document::new())?),
            "$comment" => true,
            key if key.starts_with('$') => return Err(Fault::unknown(key)),
            path => field(document, path, wanted)?,
        };
        if !found {
            return Ok(false);
        }
    }
    Ok(true)
}

fn all(queries: &Bson, document: &Document) -> Result<Vec<bool>, Fault> {
    let list = queries.as_array().filter(|l| !l.is_empty());
    let list = list.ok_or_else(|| Fault::bad("$and/$or/$nor must be a nonempty array"))?;
    let one = |q: &Bson| match q {
        Bson::Document(q) => finds(q, document),
        _ => Err(Fault::bad("$or/$and/$nor entries need to be full objects")),
    };
    list.iter().map(one).collect()
}

/// Whether a document's `path` is as `wanted`: a value, or operators on it.
fn field(document: &Document, path: &str, wanted: &Bson) -> Result<bool, Fault> {
    let values = reach(document, path);
    match wanted {
        Bson::Document(operators) if operators.keys().any(|k| k.starts_with('$')) => are(&values, operators),
        Bson::RegularExpression(of) => {
            let compiled = expression(of.pattern.as_str(), of.options.as_str())?;
            Ok(any(&values, |v| matches(&compiled, v)))
        }
        value => Ok(equal(&values, value)),
    }
}

/// Whether `test` holds for one of the values, or for an element of one that is a list.
fn any(values: &[&Bson], test: impl Fn(&Bson) -> bool) -> bool {
    values.iter().any(|v| test(v) || v.as_array().is_some_and(|all| all.iter().any(&test)))
}

/// Whether one of the values is `wanted`; `null` is also what is not there.
fn equal(values: &[&Bson], wanted: &Bson) -> bool {
    if *wanted == Bson::Null && values.is_empty() {
        return true;
    }
    any(values, |v| compare(v, wanted) == Ordering::Equal)
}

fn are(values: &[&Bson], operators: &Document) -> Result<bool, Fault> {
    for (key, wanted) in operators {
        let list = || wanted.as_array().ok_or_else(|| Fault::bad(&format!("{key} needs an array")));
        let found = match key.as_str() {
            "$eq" => equal(values, wanted),
            "$ne" => !equal(values, wanted),
            "$gt" | "$gte" | "$lt" | "$lte" => {
                any(values, |v| comparable(v, wanted) && keeps(key, compare(v, wanted)))
            }
            "$in" => one_of(values, list()?)?,
            "$nin" => !one_of(values, list()?)?,
            "$exists" => values.is_empty() != truth(wanted),
            "$type" => {
                let name =
                    wanted.as_str().ok_or_else(|| Fault::bad("here $type takes the name of a type"))?;
                any(values, |v| super::type_of(v) == name || (name == "number" && number(v).is_some()))
            }
            "$size" => {
                let wanted = number(wanted).ok_or_else(|| Fault::bad("$size needs a number"))?;
                values.iter().any(|v| v.as_array().is_some_and(|all| all.len() as f64 == wanted))
            }
            "$all" => {
                let wanted = list()?;
                !wanted.is_empty() && wanted.iter().all(|w| equal(values, w))
            }
            "$mod" => {
                let parts: Vec<f64> = list()?.iter().filter_map(number).collect();
                let [divisor, rest] = parts.as_slice() else { return Err(Fault::bad("malformed $mod")) };
                any(values, |v| number(v).is_some_and(|n| n.trunc() % divisor == *rest))
            }
            "$regex" => {
                let options = operators.get_str("$options").unwrap_or_default();
                let compiled = match wanted {
                    Bson::RegularExpression(of) => {
                        expression(of.pattern.as_str(), &format!("{}{options}", of.options.as_str()))
                    }
                    Bson::String(pattern) => expression(pattern, options),
                    _ => Err(Fault::bad("$regex has to be a string")),
                }?;
                any(values, |v| matches(&compiled, v))
            }
            "$options" => true,
            "$not" => match wanted {
                Bson::Document(inner) => !are(values, inner)?,
                Bson::RegularExpression(of) => {
                    let compiled = expression(of.pattern.as_str(), of.options.as_str())?;
                    !any(values, |v| matches(&compiled, v))
                }
                _ => return Err(Fault::bad("$not needs a regex or a document")),
            },
            "$elemMatch" => element(values, wanted)?,
            key => return Err(Fault::unknown(key)),
        };
        if !found {
            return Ok(false);
        }
    }
    Ok(true)
}

fn keeps(key: &str, order: Ordering) -> bool {
    match key {
        "$gt" => order.is_gt(),
        "$gte" => order.is_ge(),
        "$lt" => order.is_lt(),
        _ => order.is_le(),
    }
}

fn one_of(values: &[&Bson], list: &[Bson]) -> Result<bool, Fault> {
    for wanted in list {
        let found = match wanted {
            Bson::RegularExpression(of) => {
                let compiled = expression(of.pattern.as_str(), of.options.as_str())?;
                any(values, |v| matches(&compiled, v))
            }
            value => equal(values, value),
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an element of a list is as wanted, all conditions on the same one.
fn element(values: &[&Bson], wanted: &Bson) -> Result<bool, Fault> {
    let wanted = wanted.as_document().ok_or_else(|| Fault::bad("$elemMatch needs an Object"))?;
    let operators =
        wanted.keys().any(|k| k.starts_with('$') && !matches!(k.as_str(), "$and" | "$or" | "$nor"));
    for value in values.iter().filter_map(|v| v.as_array()).flatten() {
        let found = match value {
            value if operators => are(&[value], wanted)?,
            Bson::Document(of) => finds(wanted, of)?,
            _ => false,
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

fn matches(expression: &Regex, value: &Bson) -> bool {
    value.as_str().is_some_and(|text| expression.is_match(text))
}

/// A regular expression. The demo's engine has no look-around and no back references.
pub fn expression(pattern: &str, options: &str) -> Result<Regex, Fault> {
    RegexBuilder::new(pattern)
        .case_insensitive(options.contains('i'))
        .multi_line(options.contains('m'))
        .dot_matches_new_line(options.contains('s'))
        .ignore_whitespace(options.contains('x'))
        .size_limit(1 << 20)
        .build()
        .map_err(|e| Fault::bad(&format!("the demo's engine does not take this regular expression: {e}")))
}
