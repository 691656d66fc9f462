//! Timestream of the estate: the ML platform's telemetry in LiveAnalytics, and an InfluxDB that
//! holds what its servers say of themselves.

use super::{Region, days, hours};
use crate::demo::engines::timeseries::{DRIFT, METRICS, Relation};
use crate::model::Moment;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Results that are kept for their next pages.
const KEPT: usize = 16;

/// Timestream of one region.
#[derive(Debug, Default)]
pub struct Timestream {
    /// Tables by name, all in the one database.
    pub tables: BTreeMap<&'static str, Table>,
    /// Whether the database is there.
    pub database: bool,
    /// Scheduled queries by ARN.
    pub schedules: BTreeMap<String, Schedule>,
    /// The most compute units that queries may take.
    pub max_tcu: i32,
    /// InfluxDB instances by identifier.
    pub instances: BTreeMap<String, Instance>,
    /// Their backups, oldest first.
    pub backups: Vec<Backup>,
    /// Results by query id, oldest first.
    pub results: VecDeque<(String, Arc<Relation>)>,
    /// How many queries there were.
    pub asked: u64,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Hours in the memory store.
    pub memory_hours: i64,
    /// Days in the magnetic store.
    pub magnetic_days: i64,
    /// Whether late records are taken.
    pub late: bool,
    /// When it was made.
    pub made: Moment,
}

/// A scheduled query.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Name.
    pub name: &'static str,
    /// What it runs.
    pub statement: &'static str,
    /// Whether it runs.
    pub enabled: bool,
    /// Whether the last run failed, and why.
    pub failure: Option<&'static str>,
    /// When it ran last.
    pub ran: Moment,
}

/// An InfluxDB instance.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Name.
    pub name: &'static str,
    /// Status.
    pub status: &'static str,
    /// Class.
    pub class: String,
    /// Gibibytes.
    pub storage: i32,
}

/// A backup of an instance.
#[derive(Clone, Debug)]
pub struct Backup {
    /// Identifier.
    pub id: String,
    /// Name.
    pub name: String,
    /// Of which instance.
    pub of: String,
    /// Whether it is whole.
    pub whole: bool,
    /// When it was made.
    pub made: Moment,
}

impl Timestream {
    /// Keeps a result for its next pages; its query's id.
    pub fn keep(&mut self, relation: Relation) -> (String, Arc<Relation>) {
        self.asked += 1;
        let (id, relation) = (format!("AEDACANMQDLMTQ{:06}", self.asked), Arc::new(relation));
        self.results.push_back((id.clone(), relation.clone()));
        if self.results.len() > KEPT {
            self.results.pop_front();
        }
        (id, relation)
    }
}

/// The ARN of something of Timestream in `region`.
pub fn arn(region: &str, what: &str) -> String {
    format!("arn:aws:timestream:{region}:{}:{what}", crate::demo::ACCOUNT)
}

/// Puts the telemetry of the region in.
pub fn build(region: &mut Region) {
    if region.name != "eu-west-1" {
        return;
    }
    let made = region.now.minus_ms(days(410));
    let telemetry = &mut region.timestream;
    telemetry.database = true;
    telemetry.max_tcu = 16;
    let table = |memory_hours, magnetic_days, late| Table { memory_hours, magnetic_days, late, made };
    telemetry.tables.insert(METRICS, table(24, 365, true));
    telemetry.tables.insert(DRIFT, table(168, 730, false));
    let schedule = Schedule {
        name: "hourly-latency",
        statement: "SELECT model, bin(time, 1h) AS at, avg(measure_value::double) AS mean FROM \"ml-monitoring\".\"model_metrics\" WHERE time > ago(2h) GROUP BY model, bin(time, 1h)",
        enabled: true,
        failure: Some("the role may not write into the target table"),
        ran: region.now.minus_ms(hours(1)),
    };
    telemetry.schedules.insert(arn(region.name, "scheduled-query/hourly-latency-2f1a"), schedule);
    let instance = Instance {
        name: "server-telemetry",
        status: "AVAILABLE",
        class: "db.influx.large".into(),
        storage: 400,
    };
    telemetry.instances.insert("k3x9a1b2c3".into(), instance);
    telemetry.backups.push(Backup {
        id: "bk-0001".into(),
        name: "server-telemetry-weekly".into(),
        of: "k3x9a1b2c3".into(),
        whole: true,
        made: region.now.minus_ms(days(2)),
    });
}
