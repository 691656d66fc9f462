//! Metrics of Timestream as functions of time.

use super::series::{Asked, At, gauge};
use crate::demo::world::timestream::{Instance, Table};

/// A value of a LiveAnalytics table.
pub fn table(table: &Table, asked: &Asked<'_>, at: &At) -> Option<f64> {
    let g = |night: f64, day: f64, noise: f64| gauge(asked, at, night, day, noise);
    let operation = asked.dimensions.iter().find(|(n, _)| *n == "Operation").map(|(_, v)| *v);
    Some(match (asked.name, operation) {
        ("NumberOfRecords", Some("WriteRecords")) => g(900.0, 4_800.0, 200.0).round(),
        ("SuccessfulRequestLatency", Some("Query")) => g(240.0, 910.0, 120.0),
        ("SuccessfulRequestLatency", Some("WriteRecords")) => g(9.0, 21.0, 4.0),
        ("UserErrors" | "SystemErrors", _) => 0.0,
        ("CumulativeBytesMetered", Some("Query")) => g(1e7, 4e8, 2e7).round(),
        ("MemoryCumulativeBytesMetered", None) => g(3e9, 4e9, 1e8) * table.memory_hours as f64 / 24.0,
        ("MagneticCumulativeBytesMetered", None) => 6e9 * table.magnetic_days as f64 / 30.0,
        ("MagneticStoreRejectedRecordCount", None) if !table.late => g(0.0, 40.0, 12.0).round(),
        _ => return None,
    })
}

/// A value of an InfluxDB instance; none while it is away.
pub fn instance(instance: &Instance, asked: &Asked<'_>, at: &At) -> Option<f64> {
    if instance.status != "AVAILABLE" {
        return None;
    }
    let g = |night: f64, day: f64, noise: f64| gauge(asked, at, night, day, noise);
    let size = if instance.class.ends_with("medium") { 1.6 } else { 1.0 };
    Some(match asked.name {
        "CPUUtilization" => g(11.0 * size, 43.0 * size, 5.0).min(100.0),
        "MemoryUtilization" => g(48.0, 63.0, 3.0).min(100.0),
        "DiskUtilization" => (61.0 + (at.t % 864_000) as f64 * 4e-6).min(100.0),
        "VolumeBytesUsed" => 2.6e11 + (at.t % 8_640_000) as f64 * 900.0,
        "SeriesCardinality" => 84_000.0 + (at.t % 86_400) as f64 * 0.01,
        "APIRequestRate" => g(12.0, 160.0, 14.0),
        "QueryRequestsTotal" => g(40.0, 900.0, 60.0).round(),
        "WriteTimeouts" | "TaskExecutionFailures" => 0.0,
        "HeapMemoryUsage" => g(3.1e9, 5.2e9, 2e8),
        "ReadIOpsPerSec" => g(30.0, 410.0, 40.0),
        "WriteIOpsPerSec" => g(120.0, 260.0, 30.0),
        _ => return None,
    })
}
