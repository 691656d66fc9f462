//! Aggregates over the rows of a group.

use super::Said;
use super::value::Value;
use std::collections::HashSet;

/// The aggregates that there are.
pub const NAMES: &[&str] = &[
    "approx_distinct",
    "approx_percentile",
    "arbitrary",
    "avg",
    "count",
    "max",
    "max_by",
    "min",
    "min_by",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "sum",
    "var_pop",
    "var_samp",
    "variance",
];

/// Works out `name` over its first argument's `values` (NULLs are left out) and, where it takes
/// one, its second's.
pub fn aggregate(name: &str, distinct: bool, values: Vec<Value>, second: &[Value]) -> Said<Value> {
    let pairs = values.iter().cloned().zip(second.iter().cloned()).collect::<Vec<_>>();
    let mut known: Vec<Value> = values.into_iter().filter(|v| *v != Value::Null).collect();
    if distinct {
        let mut seen = HashSet::new();
        known.retain(|v| seen.insert(v.key()));
    }
    let extreme = |largest: bool| {
        let ordered = known.iter().max_by(|a, b| if largest { a.order(b) } else { b.order(a) });
        ordered.cloned().unwrap_or(Value::Null)
    };
    let by = |largest: bool| {
        let there = pairs.iter().filter(|(_, key)| *key != Value::Null);
        let found = there.max_by(|(_, a), (_, b)| if largest { a.order(b) } else { b.order(a) });
        found.map_or(Value::Null, |(value, _)| value.clone())
    };
    Ok(match name {
        "count" => Value::Bigint(i64::try_from(known.len()).unwrap_or(i64::MAX)),
        "approx_distinct" => {
            let distinct: HashSet<String> = known.iter().map(Value::key).collect();
            Value::Bigint(i64::try_from(distinct.len()).unwrap_or(i64::MAX))
        }
        "max" => extreme(true),
        "min" => extreme(false),
        "max_by" => by(true),
        "min_by" => by(false),
        "arbitrary" => known.first().cloned().unwrap_or(Value::Null),
        _ => return numeric(name, &known, second),
    })
}

fn numeric(name: &str, known: &[Value], second: &[Value]) -> Said<Value> {
    let numbers: Option<Vec<f64>> = known.iter().map(Value::number).collect();
    let Some(mut numbers) = numbers else { return Err(format!("{name} takes numbers")) };
    if numbers.is_empty() {
        return Ok(Value::Null);
    }
    let count = numbers.len() as f64;
    let sum: f64 = numbers.iter().sum();
    let mean = sum / count;
    let squares: f64 = numbers.iter().map(|n| (n - mean).powi(2)).sum();
    let sample = (numbers.len() > 1).then(|| squares / (count - 1.0));
    let of = |n: Option<f64>| n.map_or(Value::Null, Value::Double);
    Ok(match name {
        "avg" => Value::Double(mean),
        "sum" if known.iter().all(|v| matches!(v, Value::Bigint(_))) => Value::Bigint(sum as i64),
        "sum" => Value::Double(sum),
        "variance" | "var_samp" => of(sample),
        "stddev" | "stddev_samp" => of(sample.map(f64::sqrt)),
        "var_pop" => Value::Double(squares / count),
        "stddev_pop" => Value::Double((squares / count).sqrt()),
        "approx_percentile" => {
            let share = second.first().and_then(Value::number).filter(|p| (0.0..=1.0).contains(p));
            let share = share.ok_or("approx_percentile takes a share from 0 to 1")?;
            numbers.sort_by(f64::total_cmp);
            let at = (share * (count - 1.0)).round() as usize;
            of(numbers.get(at).copied())
        }
        other => return Err(format!("the demo does not know {other}")),
    })
}
