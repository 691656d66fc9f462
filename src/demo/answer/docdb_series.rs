//! Metrics of DocumentDB as functions of time. The forgotten archive is as good as idle.

use super::series::{Asked, At, gauge};
use crate::demo::chance::Chance;
use aws_sdk_docdbelastic::types::{Cluster, Status};
use aws_sdk_rds::types::DbInstance;

const GIB: f64 = 1_073_741_824.0;

/// Counts of a period from a rate a second.
fn count(asked: &Asked<'_>, at: &At, night: f64, day: f64) -> f64 {
    let rate = night + (day - night) * at.day + at.noise * day * 0.12;
    (rate * asked.period as f64).round()
}

/// A value of a member, where DocumentDB has a metric of its own; `writer` says whether it writes.
pub fn instance(id: &str, of: &DbInstance, writer: bool, asked: &Asked<'_>, at: &At) -> Option<f64> {
    let idle = id.starts_with("session-archive");
    let busy = if idle { 0.02 } else { 0.7 + Chance::of(id).unit_at(4) * 0.5 };
    let g = |night: f64, day: f64, noise: f64| gauge(asked, at, night, day, noise);
    let writes = if writer { busy } else { 0.0 };
    Some(match asked.name {
        "CPUUtilization" => g(4.0 * busy, 52.0 * busy, 3.0).min(100.0),
        "DatabaseConnections" => g(8.0 * busy, 120.0 * busy, 6.0).round(),
        "DatabaseConnectionsLimit" => 1_000.0,
        "DatabaseCursors" => g(0.5, 9.0 * busy, 1.0).round(),
        "DatabaseCursorsLimit" => 450.0,
        "TransactionsOpen" => g(0.0, 2.0 * writes, 0.4).round(),
        "TransactionsOpenLimit" => 50.0,
        "DatabaseCursorsTimedOut" | "LowMemNumOperationsThrottled" | "LowMemThrottleQueueDepth" => 0.0,
        "FreeableMemory" => g(6.1 * GIB, 4.2 * GIB, 0.1 * GIB),
        "BufferCacheHitRatio" => g(99.9, 98.9, 0.2).min(100.0),
        "IndexBufferCacheHitRatio" => g(99.97, 99.6, 0.1).min(100.0),
        "DBInstanceReplicaLag" if writer => return None,
        "DBInstanceReplicaLag" => g(6.0, 18.0, 4.0),
        "OpcountersQuery" => count(asked, at, 6.0 * busy, 240.0 * busy),
        "OpcountersInsert" => count(asked, at, 0.2 * writes, 6.0 * writes),
        "OpcountersUpdate" => count(asked, at, 0.5 * writes, 14.0 * writes),
        "OpcountersDelete" => count(asked, at, 0.0, 0.4 * writes),
        "OpcountersCommand" => count(asked, at, 3.0, 40.0 * busy),
        "OpcountersGetmore" => count(asked, at, 0.2, 12.0 * busy),
        "DocumentsReturned" => count(asked, at, 40.0 * busy, 2_900.0 * busy),
        "DocumentsInserted" => count(asked, at, 0.2 * writes, 6.0 * writes),
        "DocumentsUpdated" => count(asked, at, 0.5 * writes, 15.0 * writes),
        "DocumentsDeleted" => count(asked, at, 0.0, 0.5 * writes),
        "ReadLatency" => g(0.0004, 0.0011, 0.0002),
        "WriteLatency" => g(0.0021, 0.0052, 0.0006),
        "ServerlessDatabaseCapacity" if of.db_instance_class() == Some("db.serverless") => {
            (g(0.5, 9.0, 0.8).clamp(0.5, 16.0) * 2.0).round() / 2.0
        }
        _ => return None,
    })
}

/// A value of a cluster.
pub fn cluster(id: &str, asked: &Asked<'_>, at: &At) -> Option<f64> {
    let idle = id.starts_with("session-archive");
    let g = |night: f64, day: f64, noise: f64| gauge(asked, at, night, day, noise);
    Some(match asked.name {
        "CPUUtilization" => g(3.0, if idle { 4.0 } else { 41.0 }, 2.0),
        "DatabaseConnections" => g(2.0, if idle { 3.0 } else { 310.0 }, 2.0).round(),
        "DBClusterReplicaLagMaximum" if idle => return None,
        "DBClusterReplicaLagMaximum" => g(9.0, 24.0, 5.0),
        "VolumeBytesUsed" => (if idle { 412.0 } else { 38.0 }) * GIB + (at.t % 8_640_000) as f64 * 1e3,
        "VolumeReadIOPs" => {
            g(900.0, if idle { 950.0 } else { 61_000.0 }, 200.0) * asked.period as f64 / 300.0
        }
        "VolumeWriteIOPs" => {
            g(300.0, if idle { 320.0 } else { 17_000.0 }, 80.0) * asked.period as f64 / 300.0
        }
        "TotalBackupStorageBilled" => 19.0 * GIB,
        _ => return None,
    })
}

/// A value of an elastic cluster; none while it is stopped.
pub fn elastic(of: &Cluster, asked: &Asked<'_>, at: &At) -> Option<f64> {
    if *of.status() == Status::Stopped {
        return None;
    }
    // More shards and larger ones have less to do each.
    let share = 8.0 / f64::from((of.shard_count() * of.shard_capacity()).max(1));
    let g = |night: f64, day: f64, noise: f64| gauge(asked, at, night, day, noise);
    Some(match asked.name {
        "PrimaryInstanceCPUUtilization" => g(5.0 * share, 66.0 * share, 4.0).min(100.0),
        "ReplicaInstanceCPUUtilization" => g(3.0 * share, 38.0 * share, 3.0).min(100.0),
        "PrimaryInstanceFreeableMemory" => g(11.0 * GIB, 8.0 * GIB, 0.2 * GIB),
        "DatabaseConnections" => g(6.0, 74.0, 5.0).round(),
        "DatabaseCursorsTimedOut" => 0.0,
        "VolumeBytesUsed" => 21.0 * GIB + (at.t % 8_640_000) as f64 * 5e2,
        "OpcountersQuery" => count(asked, at, 3.0, 90.0),
        _ => return None,
    })
}
