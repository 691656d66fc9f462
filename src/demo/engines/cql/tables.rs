//! The tables that the demo's CQL knows: what they are made of, and their rows, which are a
//! function of their place, so that a statement gives the same rows at every start.

use super::value::Value;
use crate::demo::chance::Chance;
use crate::demo::world::keyspaces::{EVENTS, KEYSPACE, LATEST};

/// Milliseconds of the first day of the events: 2026-11-19T00:00:00Z.
const FIRST_DAY_MS: i64 = 1_795_046_400_000;
const DAY_MS: i64 = 86_400_000;
/// Days of events.
const DAYS: i64 = 3;
/// Events of a device in a day: one in half an hour.
const A_DAY: i64 = 48;
/// The devices.
pub const DEVICES: &[&str] =
    &["door-01", "door-02", "freezer-01", "freezer-02", "gate-01", "meter-01", "meter-02", "pump-01"];

/// A column: its name and its type in CQL.
pub type Column = (&'static str, &'static str);

/// A table and its rows, partition by partition, in clustering order.
pub struct Table {
    /// Columns, keys first.
    pub columns: &'static [Column],
    /// How many of them are the partition key.
    pub partition: usize,
    /// The clustering columns after those: whether each goes downwards.
    pub clustering: &'static [bool],
    /// Rows, a value for each column.
    pub rows: Vec<Vec<Value>>,
}

const EVENT_COLUMNS: &[Column] = &[
    ("device", "text"),
    ("day", "date"),
    ("at", "timestamp"),
    ("seq", "int"),
    ("kind", "text"),
    ("tags", "map<text, text>"),
    ("value", "double"),
];

const LATEST_COLUMNS: &[Column] =
    &[("device", "text"), ("at", "timestamp"), ("firmware", "text"), ("kind", "text"), ("value", "double")];

const SCHEMA_TABLES: &[Column] = &[("keyspace_name", "text"), ("table_name", "text")];

const SCHEMA_COLUMNS: &[Column] = &[
    ("keyspace_name", "text"),
    ("table_name", "text"),
    ("column_name", "text"),
    ("kind", "text"),
    ("position", "int"),
    ("type", "text"),
];

/// Tables of people with their shapes: name, columns, length of the partition key, clustering.
const SHAPES: &[(&str, &[Column], usize, &[bool])] =
    &[(EVENTS, EVENT_COLUMNS, 2, &[true, false]), (LATEST, LATEST_COLUMNS, 1, &[])];

/// The table of this name, when it is among `there`; the schema's own tables always are.
pub fn find(keyspace: &str, table: &str, there: &[String]) -> Option<Table> {
    match (keyspace, table) {
        ("system_schema", "tables") => Some(schema_tables(there)),
        ("system_schema", "columns") => Some(schema_columns(there)),
        (KEYSPACE, name) if there.iter().any(|t| t == name) => {
            let (_, columns, partition, clustering) = SHAPES.iter().find(|(n, ..)| *n == name)?;
            let rows = if name == EVENTS { events() } else { latest() };
            Some(Table { columns, partition: *partition, clustering, rows })
        }
        _ => None,
    }
}

/// What a device measures at its `nth` half hour.
fn measured(device: &str, nth: i64) -> (&'static str, f64) {
    let noise = Chance::of(device).unit_at(u64::try_from(nth).unwrap_or(0));
    let wave = (nth as f64 / A_DAY as f64 * std::f64::consts::TAU).sin();
    let value = match device.split('-').next() {
        Some("freezer") => -18.0 + wave + noise,
        Some("meter") => 230.0 + 4.0 * wave + 3.0 * noise,
        Some("pump") => 2.0 + 0.3 * wave + 0.4 * noise,
        _ => (noise * 6.0).floor(),
    };
    (if noise > 0.96 { "alarm" } else { "reading" }, (value * 100.0).round() / 100.0)
}

fn events() -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for device in DEVICES {
        for day in 0..DAYS {
            // Downwards in time, as the table is clustered.
            for half_hour in (0..A_DAY).rev() {
                let nth = day * A_DAY + half_hour;
                let (kind, value) = measured(device, nth);
                let at = FIRST_DAY_MS + day * DAY_MS + half_hour * 1_800_000;
                let tags = [("site".to_owned(), if nth % 2 == 0 { "north" } else { "south" }.to_owned())];
                rows.push(vec![
                    Value::Text((*device).to_owned()),
                    Value::Date((FIRST_DAY_MS + day * DAY_MS) / DAY_MS),
                    Value::Time(at),
                    Value::Int(nth),
                    Value::Text(kind.to_owned()),
                    if kind == "alarm" { Value::Null } else { Value::Map(tags.to_vec()) },
                    Value::Double(value),
                ]);
            }
        }
    }
    rows
}

fn latest() -> Vec<Vec<Value>> {
    let last = DAYS * A_DAY - 1;
    let row = |device: &&str| {
        let (kind, value) = measured(device, last);
        vec![
            Value::Text((*device).to_owned()),
            Value::Time(FIRST_DAY_MS + last * 1_800_000),
            Value::Text(format!("2.{}", Chance::of(device).below(4))),
            Value::Text(kind.to_owned()),
            Value::Double(value),
        ]
    };
    DEVICES.iter().map(row).collect()
}

fn schema_tables(there: &[String]) -> Table {
    let rows = there.iter().map(|t| vec![Value::Text(KEYSPACE.to_owned()), Value::Text(t.clone())]).collect();
    Table { columns: SCHEMA_TABLES, partition: 1, clustering: &[false], rows }
}

fn schema_columns(there: &[String]) -> Table {
    let mut rows = Vec::new();
    for (name, columns, partition, clustering) in SHAPES.iter().filter(|(n, ..)| there.iter().any(|t| t == n))
    {
        let mut of_table: Vec<_> = columns.iter().enumerate().collect();
        of_table.sort_by_key(|(_, (column, _))| *column);
        for (at, (column, kind)) in of_table {
            let (role, position) = match at.checked_sub(*partition) {
                None => ("partition_key", i64::try_from(at).unwrap_or(0)),
                Some(at) if at < clustering.len() => ("clustering", i64::try_from(at).unwrap_or(0)),
                Some(_) => ("regular", -1),
            };
            let text = |t: &str| Value::Text(t.to_owned());
            rows.push(vec![
                text(KEYSPACE),
                text(name),
                text(column),
                text(role),
                Value::Int(position),
                text(kind),
            ]);
        }
    }
    Table { columns: SCHEMA_COLUMNS, partition: 1, clustering: &[false, false], rows }
}
