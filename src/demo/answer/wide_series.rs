//! Metrics of Keyspaces and DAX as functions of time: devices report all day, a cache serves the
//! shop's day, and the lone node before the carts runs hot at its height.

use super::series::{Asked, At, gauge};
use crate::demo::world::keyspaces::{EVENTS, devices};
use aws_sdk_dax::types::Cluster;
use aws_sdk_keyspaces::operation::get_table::GetTableOutput;
use aws_sdk_keyspaces::types::CapacitySpecificationSummary;

/// A value of a table.
pub fn table(table: &GetTableOutput, asked: &Asked<'_>, at: &At) -> Option<f64> {
    let events = table.table_name() == EVENTS;
    let g = |night: f64, day: f64, noise: f64| gauge(asked, at, night, day, noise);
    let capacity = table.capacity_specification();
    let units =
        |of: fn(&CapacitySpecificationSummary) -> Option<i64>| capacity.and_then(of).map(|n| n as f64);
    let operation = asked.dimensions.iter().find(|(n, _)| *n == "Operation").map(|(_, v)| *v);
    Some(match asked.name {
        "ConsumedWriteCapacityUnits" if events => g(60.0, 75.0, 4.0) * devices() * 10.0,
        "ConsumedWriteCapacityUnits" => g(40.0, 55.0, 4.0) * devices() * 10.0,
        "ConsumedReadCapacityUnits" if events => g(20.0, 900.0, 60.0),
        "ConsumedReadCapacityUnits" => g(300.0, 5_400.0, 300.0),
        // The last values are asked for more than was provisioned, at the height of the day.
        "ReadThrottleEvents" if !events && at.day > 0.85 => g(0.0, 14.0, 6.0).round(),
        "ProvisionedReadCapacityUnits" => units(CapacitySpecificationSummary::read_capacity_units)?,
        "ProvisionedWriteCapacityUnits" => units(CapacitySpecificationSummary::write_capacity_units)?,
        "SuccessfulRequestLatency" => match operation? {
            "SELECT" => g(3.1, 5.4, 0.6),
            "INSERT" => g(2.2, 3.0, 0.3),
            _ => return None,
        },
        "BillableTableSizeInBytes" if events => 48e9 + (at.t % 8_640_000) as f64 * 900.0,
        "BillableTableSizeInBytes" => 2.1e6,
        "TTLDeletes" if events => g(480.0, 600.0, 30.0).round(),
        _ => return None,
    })
}

/// A value of a cluster, or of one of its nodes.
pub fn dax(cluster: &Cluster, node: Option<&str>, asked: &Asked<'_>, at: &At) -> Option<f64> {
    let count = cluster.nodes().len().max(1) as f64;
    if let Some(id) = node {
        let found = cluster.nodes().iter().find(|n| n.node_id() == Some(id))?;
        if found.node_status() != Some("available") {
            return None;
        }
    }
    let lone = cluster.nodes().len() == 1;
    let g = |night: f64, day: f64, noise: f64| gauge(asked, at, night, day, noise);
    let share = if node.is_some() { 1.0 / count } else { 1.0 };
    Some(match asked.name {
        "CPUUtilization" if lone => g(9.0, 84.0, 5.0).min(100.0),
        "CPUUtilization" => g(4.0, 31.0, 3.0).min(100.0),
        "CacheMemoryUtilization" => g(61.0, 78.0, 1.5).min(100.0),
        "TotalRequestCount" => g(9_000.0, 168_000.0, 6_000.0) * share,
        "ItemCacheHits" => g(7_400.0, 149_000.0, 5_000.0) * share,
        "ItemCacheMisses" => g(900.0, 12_000.0, 900.0) * share,
        "QueryCacheHits" => g(400.0, 5_200.0, 300.0) * share,
        "QueryCacheMisses" => g(120.0, 1_500.0, 120.0) * share,
        "ErrorRequestCount" => g(0.0, 3.0, 1.5).round(),
        "EvictedSize" if lone => g(0.0, 2.4e6, 4e5),
        "EstimatedDbSize" => 3.4e9 + (at.t % 864_000) as f64 * 40.0,
        "ClientConnections" => g(40.0, 220.0, 8.0).round() * share,
        _ => return None,
    })
}
