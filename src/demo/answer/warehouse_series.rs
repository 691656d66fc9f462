//! Metrics of Redshift as functions of time. The warehouse's disk is nearly full; a workgroup
//! scales between its base and its maximum.

use super::series::{Asked, At, gauge};
use aws_sdk_redshift::types::Cluster;
use aws_sdk_redshiftserverless::types::Workgroup;

/// The queues of the warehouse, as its parameter group names them.
const QUEUES: [&str; 3] = ["etl", "bi", "Default queue"];

/// The metrics that parts of a cluster have: name, dimension and which part. The leader has no
/// disk of its own.
pub fn parts(cluster: &Cluster) -> Vec<(&'static str, &'static str, String)> {
    let computes = 0..cluster.number_of_nodes().unwrap_or(1).max(1);
    let mut all = vec![("CPUUtilization", "NodeID", "Leader".to_owned())];
    for node in computes.map(|n| format!("Compute-{n}")) {
        all.push(("CPUUtilization", "NodeID", node.clone()));
        all.push(("PercentageDiskSpaceUsed", "NodeID", node));
    }
    for queue in QUEUES {
        for metric in [
            "WLMRunningQueries",
            "WLMQueueLength",
            "WLMQueueWaitTime",
            "WLMQueriesCompletedPerSecond",
            "WLMQueryDuration",
        ] {
            all.push((metric, "QueueName", queue.to_owned()));
        }
    }
    all
}

/// A value of one node: the load is uneven, as its data is.
fn node(asked: &Asked<'_>, at: &At, node: &str) -> Option<f64> {
    let g = |night: f64, day: f64, noise: f64| gauge(asked, at, night, day, noise);
    if node == "Leader" {
        return (asked.name == "CPUUtilization").then(|| g(4.0, 17.0, 3.0));
    }
    let n: f64 = node.strip_prefix("Compute-")?.parse().ok()?;
    match asked.name {
        "CPUUtilization" => Some((g(14.0, 58.0, 6.0) - n * 2.5).clamp(0.0, 100.0)),
        "PercentageDiskSpaceUsed" => Some(disk(at) - n * 1.5),
        _ => None,
    }
}

/// A value of one queue: loads run at night, analysts wait by day.
fn queue(asked: &Asked<'_>, at: &At, queue: &str) -> Option<f64> {
    let g = |night: f64, day: f64, noise: f64| gauge(asked, at, night, day, noise);
    let (loads, analysts) = (queue == "etl", queue == "bi");
    Some(match asked.name {
        "WLMRunningQueries" if loads => g(4.6, 1.2, 0.4),
        "WLMRunningQueries" if analysts => g(0.2, 7.5, 1.0),
        "WLMRunningQueries" => g(0.0, 0.8, 0.3),
        "WLMQueueLength" if loads => g(3.0, 0.0, 0.8).round(),
        "WLMQueueLength" if analysts => g(0.0, 5.0, 1.0).round(),
        "WLMQueueLength" => 0.0,
        "WLMQueueWaitTime" if loads => g(41_000.0, 300.0, 200.0),
        "WLMQueueWaitTime" if analysts => g(0.0, 8_200.0, 900.0),
        "WLMQueueWaitTime" => 0.0,
        "WLMQueriesCompletedPerSecond" => g(0.02, 0.4, 0.05),
        "WLMQueryDuration" if loads => g(1.9e8, 9e7, 2e7),
        "WLMQueryDuration" => g(2e6, 9e6, 1e6),
        _ => return None,
    })
}

/// Full since before the estate began, and filling on.
fn disk(at: &At) -> f64 {
    (88.0 + (at.t % 864_000) as f64 * 2e-6 + at.noise * 0.1).min(100.0)
}

/// A value of a provisioned cluster; none while it is paused.
pub fn cluster(cluster: &Cluster, asked: &Asked<'_>, at: &At) -> Option<f64> {
    if cluster.cluster_status() == Some("paused") {
        return None;
    }
    let of = |name: &str| asked.dimensions.iter().find(|(n, _)| *n == name).map(|(_, v)| *v);
    if let Some(name) = of("NodeID") {
        return node(asked, at, name);
    }
    if let Some(name) = of("QueueName") {
        return queue(asked, at, name);
    }
    let g = |night: f64, day: f64, noise: f64| gauge(asked, at, night, day, noise);
    let latency = of("latency");
    Some(match asked.name {
        "CPUUtilization" => g(14.0, 58.0, 6.0).min(100.0),
        "PercentageDiskSpaceUsed" => disk(at),
        "DatabaseConnections" => g(8.0, 61.0, 4.0).round(),
        "HealthStatus" => 1.0,
        "MaintenanceMode" => 0.0,
        "ReadLatency" => g(0.0007, 0.0021, 0.0003),
        "WriteLatency" => g(0.0012, 0.0034, 0.0005),
        "ReadIOPS" => g(120.0, 2_100.0, 90.0),
        "WriteIOPS" => g(300.0, 420.0, 60.0),
        "ReadThroughput" => g(4e6, 310e6, 9e6),
        "WriteThroughput" => g(60e6, 24e6, 5e6),
        "CommitQueueLength" => g(0.0, 1.2, 0.6).round(),
        "ConcurrencyScalingActiveClusters" => {
            if at.day > 0.8 {
                1.0
            } else {
                0.0
            }
        }
        "ConcurrencyScalingSeconds" => {
            if at.day > 0.8 {
                asked.period as f64
            } else {
                0.0
            }
        }
        "RedshiftManagedStorageTotalCapacity" => 512.0 * 1024.0 * 1024.0,
        "QueryDuration" => match latency? {
            "short" => g(4e5, 7e5, 5e4),
            "medium" => g(9e6, 14e6, 1e6),
            _ => g(9e7, 1.9e8, 2e7),
        },
        "QueriesCompletedPerSecond" => g(0.01, 0.4, 0.05),
        _ => return None,
    })
}

/// A value of a workgroup.
pub fn workgroup(workgroup: &Workgroup, asked: &Asked<'_>, at: &At) -> Option<f64> {
    let base = f64::from(workgroup.base_capacity().unwrap_or(32));
    let most = f64::from(workgroup.max_capacity().unwrap_or(512));
    let g = |night: f64, day: f64, noise: f64| gauge(asked, at, night, day, noise);
    // It costs nothing while nobody asks: at night there are no points.
    let busy = at.day > 0.15;
    Some(match asked.name {
        "ComputeCapacity" if busy => {
            (g(base, most * 0.6, 4.0) / 8.0).round().mul_add(8.0, 0.0).clamp(base, most)
        }
        "ComputeSeconds" if busy => g(base, most * 0.6, 4.0) * asked.period as f64 / 60.0 * 20.0,
        "DatabaseConnections" => g(0.0, 18.0, 2.0).round(),
        "QueriesRunning" if busy => g(0.0, 6.0, 1.5).round(),
        "QueriesQueued" if busy => g(0.0, 0.8, 0.7).round(),
        "QueriesSucceeded" if busy => g(1.0, 40.0, 6.0).round(),
        "QueriesFailed" if busy => g(0.0, 0.9, 0.7).round(),
        "QueryDuration" if busy => g(6e5, 2.2e6, 2e5),
        _ => return None,
    })
}

/// A value of a namespace.
pub fn namespace(asked: &Asked<'_>, at: &At) -> Option<f64> {
    match asked.name {
        "DataStorage" => Some(211_100.0 + (at.t % 8_640_000) as f64 * 1e-3),
        "TotalTableCount" => Some(48.0),
        _ => None,
    }
}
