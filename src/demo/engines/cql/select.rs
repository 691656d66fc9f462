//! A SELECT on the demo's tables, by Cassandra's rules: which restrictions the keys allow, what
//! needs ALLOW FILTERING, which orders exist. What it does not know it refuses in words.

use super::tables::Table;
use super::value::{Value, tag};
use super::{Answer, unknown};
use crate::model::{Column, SafeText, Tag};
use crate::query::dialect::cql::tree::{Expr, Relation, Select, Selector, Test};
use std::cmp::Ordering;
use std::collections::HashMap;

const FILTERING: &str = "Cannot execute this query as it might involve data filtering and thus may have \
    unpredictable performance. If you want to execute this query despite the performance \
    unpredictability, use ALLOW FILTERING";

/// A relation with its column's place and its values.
struct Condition {
    column: usize,
    test: Test,
    values: Vec<Value>,
}

/// What a selector gives.
enum Output {
    Column(usize),
    /// A key of a map column.
    Entry(usize, String),
    CountAll,
    /// An aggregate over a column.
    Aggregate(String, usize),
}

/// Answers `select` from `table`.
pub fn answer(select: &Select, table: &Table) -> Result<Answer, String> {
    let conditions: Vec<_> =
        select.relations.iter().map(|r| condition(r, table)).collect::<Result<_, _>>()?;
    check(select, table, &conditions)?;
    let outputs = outputs(select, table)?;
    let mut rows: Vec<&Vec<Value>> =
        table.rows.iter().filter(|row| conditions.iter().all(|c| holds(c, row))).collect();
    if reversed(select, table, &conditions)? {
        rows.reverse();
    }
    let mut seen: HashMap<String, u64> = HashMap::new();
    let within = count(select.per_partition.as_ref())?;
    if let Some(most) = within {
        rows.retain(|row| {
            let taken = seen.entry(key(row, 0..table.partition)).or_default();
            *taken += 1;
            *taken <= most
        });
    }
    let mut lines = lines(select, table, &outputs, &rows)?;
    if let Some(most) = count(select.limit.as_ref())? {
        lines.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    }
    Ok(shown(select, table, &outputs, lines))
}

fn place(table: &Table, name: &str) -> Result<usize, String> {
    let at = table.columns.iter().position(|(column, _)| *column == name);
    at.ok_or_else(|| format!("Undefined column name {name} in table"))
}

fn condition(relation: &Relation, table: &Table) -> Result<Condition, String> {
    let Expr::Column(name) = &relation.left else {
        return Err(unknown("restrictions on anything but a column"));
    };
    let column = place(table, name)?;
    let kind = table.columns.get(column).map_or("", |(_, kind)| *kind);
    let value = |expr: &Expr, kind: &str| Value::of(expr, kind, name);
    let values = match relation.test {
        Test::In => match &relation.right {
            Expr::Tuple(all) => all.iter().map(|e| value(e, kind)).collect::<Result<_, _>>()?,
            _ => return Err(unknown("IN without its values")),
        },
        Test::Equal | Test::Less | Test::LessOrEqual | Test::Greater | Test::GreaterOrEqual => {
            vec![value(&relation.right, kind)?]
        }
        Test::Contains | Test::ContainsKey if kind.starts_with("map") => {
            vec![value(&relation.right, "text")?]
        }
        Test::Contains | Test::ContainsKey => {
            return Err(format!("Cannot use CONTAINS on non-collection column {name}"));
        }
        _ => return Err(unknown("this comparison")),
    };
    Ok(Condition { column, test: relation.test, values })
}

fn holds(condition: &Condition, row: &[Value]) -> bool {
    let Some(value) = row.get(condition.column) else { return false };
    let order = |test: fn(Ordering) -> bool| {
        condition.values.first().and_then(|other| value.compare(other)).is_some_and(test)
    };
    let entry = |test: &dyn Fn(&(String, String), &str) -> bool| match (value, condition.values.first()) {
        (Value::Map(all), Some(Value::Text(text))) => all.iter().any(|e| test(e, text)),
        _ => false,
    };
    match condition.test {
        Test::Less => order(Ordering::is_lt),
        Test::LessOrEqual => order(Ordering::is_le),
        Test::Greater => order(Ordering::is_gt),
        Test::GreaterOrEqual => order(Ordering::is_ge),
        Test::Contains => entry(&|(_, v), text| v == text),
        Test::ContainsKey => entry(&|(k, _), text| k == text),
        _ => condition.values.contains(value),
    }
}

/// Whether the keys allow the restrictions without reading what is not asked for.
fn check(select: &Select, table: &Table, conditions: &[Condition]) -> Result<(), String> {
    if select.filtering {
        return Ok(());
    }
    let on = |at: usize| conditions.iter().filter(move |c| c.column == at);
    let equal = |c: &Condition| matches!(c.test, Test::Equal | Test::In);
    let keys = table.partition + table.clustering.len();
    if conditions.iter().any(|c| c.column < table.partition && !equal(c)) {
        return Err(
            "Only EQ and IN relation are supported on the partition key (unless you use the token() \
                    function)"
                .to_owned(),
        );
    }
    let restricted = (0..table.partition).filter(|at| on(*at).next().is_some()).count();
    if conditions.iter().any(|c| c.column >= keys) || restricted > 0 && restricted < table.partition {
        return Err(FILTERING.to_owned());
    }
    // Clustering columns: from the first on, equal ones, and then at most one range.
    let mut open = restricted == table.partition;
    for at in table.partition..keys {
        let (any, exact) = (on(at).next().is_some(), on(at).any(equal));
        if any && !open {
            return Err(FILTERING.to_owned());
        }
        open &= exact;
    }
    Ok(())
}

/// Whether the rows come from the end, as ORDER BY asks.
fn reversed(select: &Select, table: &Table, conditions: &[Condition]) -> Result<bool, String> {
    if select.order.is_empty() {
        return Ok(false);
    }
    let fixed = |at: usize| conditions.iter().any(|c| c.column == at && c.test == Test::Equal);
    if !(0..table.partition).all(fixed) {
        return Err("ORDER BY is only supported when the partition key is restricted by an EQ".to_owned());
    }
    let mut against = None;
    for (nth, (what, down)) in select.order.iter().enumerate() {
        let Expr::Column(name) = what else { return Err(unknown("this ORDER BY")) };
        let at = place(table, name)?;
        let Some(natural) = table.clustering.get(nth).filter(|_| at == table.partition + nth) else {
            return Err(format!(
                "Order by is currently only supported on the clustered columns, in their order: {name}"
            ));
        };
        if *against.get_or_insert(down != natural) != (down != natural) {
            return Err("Unsupported order by relation".to_owned());
        }
    }
    Ok(against.unwrap_or(false))
}

fn outputs(select: &Select, table: &Table) -> Result<Vec<Output>, String> {
    if select.selectors.is_empty() {
        return Ok((0..table.columns.len()).map(Output::Column).collect());
    }
    let all: Vec<_> = select.selectors.iter().map(|s| output(&s.what, table)).collect::<Result<_, _>>()?;
    let key = |o: &Output| matches!(o, Output::Column(at) if *at < table.partition);
    if select.distinct && !all.iter().all(key) {
        return Err("SELECT DISTINCT queries must only request partition key columns".to_owned());
    }
    Ok(all)
}

fn output(what: &Expr, table: &Table) -> Result<Output, String> {
    match what {
        Expr::Column(name) => place(table, name).map(Output::Column),
        Expr::Tuple(parts) => match parts.as_slice() {
            [part] => output(part, table),
            _ => Err(unknown("tuples of columns")),
        },
        Expr::CountAll => Ok(Output::CountAll),
        Expr::Call(name, parts) => match (name.as_str(), parts.as_slice()) {
            ("count", [Expr::Number(_)]) => Ok(Output::CountAll),
            ("count" | "min" | "max" | "avg" | "sum", [Expr::Column(column)]) => {
                let at = place(table, column)?;
                let kind = table.columns.get(at).map_or("", |(_, kind)| *kind);
                if matches!(name.as_str(), "avg" | "sum") && !matches!(kind, "int" | "double") {
                    return Err(format!(
                        "Invalid call to function {name}, none of its type signatures match"
                    ));
                }
                Ok(Output::Aggregate(name.clone(), at))
            }
            _ => Err(unknown(&format!("the function {name} here"))),
        },
        Expr::Element(column, keys) => match (&**column, keys.as_slice()) {
            (Expr::Column(name), [Expr::Text(key)]) => {
                let at = place(table, name)?;
                let map = table.columns.get(at).is_some_and(|(_, kind)| kind.starts_with("map"));
                if map {
                    Ok(Output::Entry(at, key.clone()))
                } else {
                    Err(format!("Invalid element access on {name}"))
                }
            }
            _ => Err(unknown("this element")),
        },
        _ => Err(unknown("this selector")),
    }
}

/// The lines of the result: one for each row, or for each group.
fn lines(
    select: &Select,
    table: &Table,
    outputs: &[Output],
    rows: &[&Vec<Value>],
) -> Result<Vec<Vec<Value>>, String> {
    let groups: Vec<usize> = select
        .group
        .iter()
        .map(|g| match g {
            Expr::Column(name) => place(table, name),
            _ => Err(unknown("GROUP BY of anything but columns")),
        })
        .collect::<Result<_, _>>()?;
    if groups.iter().enumerate().any(|(nth, at)| *at != nth)
        || groups.len() > table.partition + table.clustering.len()
    {
        return Err(
            "Group by currently only support groups of columns following their declared order in the \
                    PRIMARY KEY"
                .to_owned(),
        );
    }
    let aggregates = outputs.iter().any(|o| matches!(o, Output::CountAll | Output::Aggregate(..)));
    if !aggregates && groups.is_empty() && !select.distinct {
        return Ok(rows.iter().map(|row| line(outputs, &[row])).collect());
    }
    let width = if select.distinct { table.partition } else { groups.len() };
    let mut parts: Vec<(String, Vec<&Vec<Value>>)> = Vec::new();
    for row in rows {
        let name = key(row, 0..width);
        match parts.last_mut() {
            Some((last, of)) if *last == name => of.push(row),
            _ => parts.push((name, vec![row])),
        }
    }
    // Nothing found is still counted, once.
    if parts.is_empty() && width == 0 {
        return Ok(vec![line(outputs, &[])]);
    }
    Ok(parts.iter().map(|(_, rows)| line(outputs, rows)).collect())
}

fn key(row: &[Value], columns: std::ops::Range<usize>) -> String {
    columns.filter_map(|at| row.get(at)).map(Value::words).collect::<Vec<_>>().join("\u{1f}")
}

fn line(outputs: &[Output], rows: &[&Vec<Value>]) -> Vec<Value> {
    let first = |at: usize| rows.first().and_then(|row| row.get(at)).cloned().unwrap_or(Value::Null);
    let value = |output: &Output| match output {
        Output::Column(at) => first(*at),
        Output::Entry(at, key) => match first(*at) {
            Value::Map(all) => {
                all.into_iter().find(|(k, _)| k == key).map_or(Value::Null, |(_, v)| Value::Text(v))
            }
            _ => Value::Null,
        },
        Output::CountAll => Value::Int(i64::try_from(rows.len()).unwrap_or(i64::MAX)),
        Output::Aggregate(name, at) => {
            let all = rows.iter().filter_map(|row| row.get(*at)).filter(|v| **v != Value::Null);
            aggregate(name, all)
        }
    };
    outputs.iter().map(value).collect()
}

fn aggregate<'a>(name: &str, all: impl Iterator<Item = &'a Value>) -> Value {
    let all: Vec<&Value> = all.collect();
    let order = |a: &&&Value, b: &&&Value| a.compare(b).unwrap_or(Ordering::Equal);
    let whole = all.first().is_some_and(|v| matches!(v, Value::Int(_)));
    let sum: f64 = all.iter().filter_map(|v| v.as_number()).sum();
    let number = |n: f64| {
        #[expect(clippy::cast_possible_truncation, reason = "sums of int are cut as CQL cuts them")]
        if whole { Value::Int(n as i64) } else { Value::Double(n) }
    };
    match name {
        "count" => Value::Int(i64::try_from(all.len()).unwrap_or(i64::MAX)),
        "min" => all.iter().min_by(order).map_or(Value::Null, |v| (**v).clone()),
        "max" => all.iter().max_by(order).map_or(Value::Null, |v| (**v).clone()),
        "sum" => number(sum),
        _ if all.is_empty() => number(0.0),
        _ => number(sum / all.len() as f64),
    }
}

fn count(limit: Option<&Expr>) -> Result<Option<u64>, String> {
    match limit {
        None => Ok(None),
        Some(Expr::Number(n)) => {
            let n = n.parse::<u64>().ok().filter(|n| *n > 0);
            n.map(Some).ok_or_else(|| "LIMIT must be strictly positive".to_owned())
        }
        Some(_) => Err("it has parameters (? or :name), which have no values here".to_owned()),
    }
}

/// The name and the type of each column of the result.
fn shown(select: &Select, table: &Table, outputs: &[Output], lines: Vec<Vec<Value>>) -> Answer {
    let kind = |at: usize| table.columns.get(at).map_or("", |(_, kind)| *kind);
    let head = |(nth, output): (usize, &Output)| {
        let selector: Option<&Selector> = select.selectors.get(nth);
        let (own, kind) = match output {
            Output::Column(at) => {
                (table.columns.get(*at).map_or("", |(name, _)| *name).to_owned(), kind(*at))
            }
            Output::Entry(..) => (selector.map(|s| s.words.clone()).unwrap_or_default(), "text"),
            Output::CountAll => ("count".to_owned(), "bigint"),
            Output::Aggregate(name, at) => {
                let column = table.columns.get(*at).map_or("", |(name, _)| *name);
                (format!("system.{name}({column})"), if name == "count" { "bigint" } else { kind(*at) })
            }
        };
        let name = selector.and_then(|s| s.alias.clone()).unwrap_or(own);
        (name, kind)
    };
    let heads: Vec<(String, &str)> = outputs.iter().enumerate().map(head).collect();
    if select.json {
        let object = |line: Vec<Value>| {
            let pairs = heads.iter().zip(line).map(|((name, _), value)| (name.clone(), value.json()));
            vec![Value::Text(serde_json::Value::Object(pairs.collect()).to_string())]
        };
        let column = Column { name: "[json]".into(), type_name: "text".into(), tag: Tag::Json };
        return Answer { columns: vec![column], rows: lines.into_iter().map(object).collect() };
    }
    let column = |(name, kind): &(String, &str)| Column {
        name: SafeText::new(name),
        type_name: (*kind).into(),
        tag: tag(kind),
    };
    Answer { columns: heads.iter().map(column).collect(), rows: lines }
}
