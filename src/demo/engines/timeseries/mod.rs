//! Timestream's SQL on the estate's telemetry, evaluated here: a small subset that really computes,
//! and refuses what it does not know. The points are a function of time, so there are always some
//! of the last minute and they never differ between two looks at the same one.

mod aggregate;
mod expression;
mod select;
mod value;

pub use value::{Kind, Relation, Value};

use crate::demo::chance::Chance;
use crate::model::Moment;
use crate::query::dialect::timestream::durations;
use sqlparser::ast::Statement;
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use std::sync::Arc;

/// The database of the ML platform's telemetry.
pub const DATABASE: &str = "ml-monitoring";
/// What served models do: requests, latency, errors.
pub const METRICS: &str = "model_metrics";
/// How far features have drifted from what the models were trained on.
pub const DRIFT: &str = "feature_drift";

/// Time between two points of a series, in ms.
const STEP: u64 = 15_000;
/// How far back the points go, in ms: a day.
const KEPT: u64 = 86_400_000;

/// Models and where they serve.
const MODELS: &[(&str, &str)] = &[
    ("fraud-detector", "eu-west-1"),
    ("recommender", "eu-west-1"),
    ("demand-forecast", "us-east-1"),
    ("search-ranker", "us-east-1"),
];
/// Measures of a model: name, usual value, swing by day, noise.
const MEASURES: &[(&str, f64, f64, f64)] =
    &[("latency_ms", 18.0, 14.0, 6.0), ("requests", 40.0, 260.0, 25.0), ("error_rate", 0.2, 0.5, 0.4)];
/// Features whose drift is watched.
const FEATURES: &[&str] = &["basket_value", "country", "hour_of_day", "device"];

/// What a failed statement says.
pub type Said<T> = Result<T, String>;

/// Runs one statement that the guard let through.
///
/// # Errors
/// In Timestream's manner, or that the demo does not know something.
pub fn run(sql: &str, now: Moment) -> Said<Relation> {
    let mut words = sql.split_ascii_whitespace();
    let first = words.next().unwrap_or_default().to_ascii_uppercase();
    match first.as_str() {
        "SHOW" => show(&words.collect::<Vec<_>>()),
        "DESCRIBE" | "DESC" => describe(&words.collect::<Vec<_>>().join("")),
        _ => {
            let statements = Parser::parse_sql(&GenericDialect {}, &spelled_out(sql));
            let statements = statements.map_err(|e| format!("the demo cannot read this: {e}"))?;
            match statements.as_slice() {
                [Statement::Query(query)] => select::query(query, &select::Place::new(now)),
                _ => Err("the demo answers one query at a time".to_owned()),
            }
        }
    }
}

/// How many points the tables that `sql` names hold: each is looked at.
pub fn looked_at(sql: &str) -> u64 {
    let steps = KEPT / STEP;
    let metrics = (MODELS.len() * MEASURES.len()) as u64 * steps;
    let drift = (MODELS.len() * FEATURES.len()) as u64 * steps / 20;
    [(METRICS, metrics), (DRIFT, drift)].iter().filter(|(name, _)| sql.contains(name)).map(|(_, n)| n).sum()
}

/// The same with `15m` as a call, which every parser of SQL reads.
fn spelled_out(sql: &str) -> String {
    let (mut out, mut at) = (String::with_capacity(sql.len() + 64), 0);
    for span in durations(sql) {
        out.push_str(sql.get(at..span.start).unwrap_or_default());
        out.push_str("duration_of('");
        out.push_str(sql.get(span.start..span.end).unwrap_or_default());
        out.push_str("')");
        at = span.end;
    }
    out.push_str(sql.get(at..).unwrap_or_default());
    out
}

fn plain(name: &str) -> String {
    name.trim_end_matches(';').replace('"', "")
}

fn show(words: &[&str]) -> Said<Relation> {
    let upper: Vec<String> = words.iter().map(|w| w.trim_end_matches(';').to_ascii_uppercase()).collect();
    let upper: Vec<&str> = upper.iter().map(String::as_str).collect();
    match upper.as_slice() {
        ["DATABASES"] => Ok(Relation::of_texts(&["Database"], &[&[DATABASE]])),
        ["TABLES"] => Ok(Relation::of_texts(&["Table"], &[&[DRIFT], &[METRICS]])),
        ["TABLES", "FROM" | "IN", _] => {
            let database = plain(words.last().unwrap_or(&""));
            if database != DATABASE {
                return Err(format!("The database {database} does not exist."));
            }
            Ok(Relation::of_texts(&["Table"], &[&[DRIFT], &[METRICS]]))
        }
        ["MEASURES", "FROM" | "IN", _] => {
            let measures: Vec<&str> = match table_of(&plain(words.last().unwrap_or(&"")))? {
                METRICS => MEASURES.iter().map(|(name, ..)| *name).collect(),
                _ => vec!["psi"],
            };
            let rows: Vec<[&str; 2]> = measures.into_iter().map(|m| [m, "double"]).collect();
            let rows: Vec<&[&str]> = rows.iter().map(<[&str; 2]>::as_slice).collect();
            Ok(Relation::of_texts(&["measure_name", "data_type"], &rows))
        }
        _ => Err("the demo knows SHOW DATABASES, SHOW TABLES [FROM …] and SHOW MEASURES FROM …".to_owned()),
    }
}

/// The table that `database.table` names.
fn table_of(name: &str) -> Said<&'static str> {
    let missing = || format!("The table {name} does not exist.");
    let (database, table) = name.split_once('.').ok_or_else(missing)?;
    if database != DATABASE {
        return Err(format!("The database {database} does not exist."));
    }
    [METRICS, DRIFT].into_iter().find(|known| *known == table).ok_or_else(missing)
}

fn describe(name: &str) -> Said<Relation> {
    let columns = columns(table_of(&plain(name))?);
    let rows: Vec<[&str; 3]> = columns
        .iter()
        .map(|(name, kind)| match (*name, *kind) {
            ("time", _) => ["time", "timestamp", "TIMESTAMP"],
            ("measure_name", _) => ["measure_name", "varchar", "MEASURE_NAME"],
            (value, Kind::Double) => [value, "double", "MEASURE_VALUE"],
            (dimension, _) => [dimension, "varchar", "DIMENSION"],
        })
        .collect();
    let rows: Vec<&[&str]> = rows.iter().map(<[&str; 3]>::as_slice).collect();
    Ok(Relation::of_texts(&["Column", "Type", "Timestream attribute type"], &rows))
}

fn columns(table: &str) -> &'static [(&'static str, Kind)] {
    if table == METRICS {
        &[
            ("model", Kind::Varchar),
            ("region", Kind::Varchar),
            ("measure_name", Kind::Varchar),
            ("time", Kind::Timestamp),
            ("measure_value::double", Kind::Double),
        ]
    } else {
        &[
            ("model", Kind::Varchar),
            ("feature", Kind::Varchar),
            ("measure_name", Kind::Varchar),
            ("time", Kind::Timestamp),
            ("measure_value::double", Kind::Double),
        ]
    }
}

/// The points of a table as they are at `now`.
fn points(name: &str, now: Moment) -> Said<Relation> {
    let table = table_of(name)?;
    let columns = columns(table).iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
    let end = now.epoch_ms() / STEP;
    let times = end.saturating_sub(KEPT / STEP)..=end;
    let mut rows = Vec::new();
    let text = |text: &str| Value::Text(Arc::from(text));
    if table == METRICS {
        for (model, region) in MODELS {
            for (measure, usual, swing, noise) in MEASURES {
                let chance = Chance::of(&format!("{model}/{measure}"));
                let (model, region, measure) = (text(model), text(region), text(measure));
                rows.extend(times.clone().map(|step| {
                    let value = reading(&chance, step, *usual, *swing, *noise);
                    let at = Value::Time((step * STEP).cast_signed());
                    vec![model.clone(), region.clone(), measure.clone(), at, Value::Double(value)]
                }));
            }
        }
        return Ok(Relation { columns, rows });
    }
    for (model, _) in MODELS {
        for feature in FEATURES {
            let chance = Chance::of(&format!("{model}/{feature}"));
            // The fraud detector's basket has drifted: that is what there is to be found.
            let drifted = *model == "fraud-detector" && *feature == "basket_value";
            let usual = if drifted { 0.31 } else { 0.04 };
            let (model, feature) = (text(model), text(feature));
            // Drift is worked out every five minutes.
            rows.extend(times.clone().filter(|step| step % 20 == 0).map(|step| {
                let value = reading(&chance, step, usual, 0.03, 0.02);
                let at = Value::Time((step * STEP).cast_signed());
                vec![model.clone(), feature.clone(), text("psi"), at, Value::Double(value)]
            }));
        }
    }
    Ok(Relation { columns, rows })
}

/// A reading: its usual value, how busy the hour is, and noise.
fn reading(chance: &Chance, step: u64, usual: f64, swing: f64, noise: f64) -> f64 {
    let hour = (step * STEP % KEPT) as f64 / 3_600_000.0;
    let busy = (1.0 - ((hour - 14.0) / 24.0 * std::f64::consts::TAU).cos().mul_add(-1.0, 1.0) / 2.0).max(0.0);
    let value = usual + swing * busy + (chance.unit_at(step) - 0.5) * 2.0 * noise;
    (value.max(0.0) * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests;
