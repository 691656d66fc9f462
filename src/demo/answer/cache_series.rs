//! Metrics of the caches as functions of time: the product cache is read all day and its hit rate sinks
//! when the shop is full; the old cache is asked by nobody.

use super::series::{Asked, At, gauge};
use crate::demo::world::caches::{Caches, FRAGMENTS, LEGACY};

const GIB: f64 = 1_073_741_824.0;

/// A value of a node or of a Memcached cluster; nothing while it reboots.
pub fn node(caches: &Caches, id: &str, asked: &Asked<'_>, at: &At) -> Option<f64> {
    let status = caches.clusters.get(id)?.cache_cluster_status();
    if status != Some("available") {
        return None;
    }
    let g = |night: f64, day: f64, noise: f64| gauge(asked, at, night, day, noise);
    if id == LEGACY {
        return Some(match asked.name {
            "EngineCPUUtilization" | "CPUUtilization" => g(0.4, 0.6, 0.1),
            "DatabaseMemoryUsagePercentage" => 3.0,
            "CurrConnections" => 2.0,
            "FreeableMemory" => 1.1 * GIB,
            _ => return None,
        });
    }
    if id == FRAGMENTS {
        return Some(match asked.name {
            "CPUUtilization" => g(2.0, 11.0, 1.0),
            "CurrConnections" => g(20.0, 64.0, 4.0).round(),
            "GetHits" | "CmdGet" => g(900.0, 14_000.0, 500.0).round(),
            "GetMisses" => g(20.0, 260.0, 30.0).round(),
            "Evictions" => g(0.0, 3.0, 3.0).round(),
            "UnusedMemory" => g(1.9 * GIB, 1.2 * GIB, 0.1 * GIB),
            "FreeableMemory" => g(0.8 * GIB, 0.7 * GIB, 0.02 * GIB),
            _ => return None,
        });
    }
    let primary = caches.is_primary(id);
    Some(match asked.name {
        "EngineCPUUtilization" => g(6.0, if primary { 58.0 } else { 41.0 }, 4.0).min(100.0),
        "CPUUtilization" => g(4.0, 30.0, 3.0).min(100.0),
        "DatabaseMemoryUsagePercentage" => g(71.0, 83.0, 1.0).min(100.0),
        "CacheHitRate" => g(97.5, 91.0, 1.2).min(100.0),
        "CurrConnections" => g(40.0, 210.0, 12.0).round(),
        "NewConnections" => g(4.0, 60.0, 6.0).round(),
        "CacheHits" | "GetTypeCmds" => g(9_000.0, 240_000.0, 6_000.0).round(),
        "CacheMisses" => g(230.0, 22_000.0, 900.0).round(),
        "SetTypeCmds" if primary => g(400.0, 24_000.0, 800.0).round(),
        "Evictions" => g(0.0, 40.0, 20.0).round(),
        "Reclaimed" => g(60.0, 900.0, 60.0).round(),
        "CurrItems" => g(380.0, 620.0, 10.0).round(),
        "BytesUsedForCache" => g(9.2 * GIB, 10.8 * GIB, 0.1 * GIB),
        "FreeableMemory" => g(3.8 * GIB, 2.3 * GIB, 0.1 * GIB),
        "ReplicationLag" if !primary => g(0.1, 0.5, 0.2),
        "IsMaster" => f64::from(u8::from(primary)),
        "MasterLinkHealthStatus" => 1.0,
        "SuccessfulReadRequestLatency" => g(11.0, 22.0, 3.0),
        "SuccessfulWriteRequestLatency" => g(16.0, 31.0, 4.0),
        "NetworkBytesIn" => g(2e6, 60e6, 2e6),
        "NetworkBytesOut" => g(9e6, 310e6, 9e6),
        "AuthenticationFailures" => 0.0,
        _ => return None,
    })
}

/// A value of a Serverless cache.
pub fn serverless(asked: &Asked<'_>, at: &At) -> Option<f64> {
    let g = |night: f64, day: f64, noise: f64| gauge(asked, at, night, day, noise);
    Some(match asked.name {
        "ElastiCacheProcessingUnits" => g(2_000.0, 300_000.0, 9_000.0),
        "BytesUsedForCache" => g(0.3 * GIB, 1.4 * GIB, 0.05 * GIB),
        "TotalCmdsCount" => g(1_500.0, 210_000.0, 8_000.0).round(),
        "ThrottledCmds" => 0.0,
        "CacheHitRate" => g(64.0, 71.0, 3.0),
        "CurrConnections" => g(4.0, 31.0, 2.0).round(),
        _ => return None,
    })
}

/// A value of a node of MemoryDB.
pub fn memorydb(name: &str, asked: &Asked<'_>, at: &At) -> Option<f64> {
    let primary = name.ends_with("001");
    let g = |night: f64, day: f64, noise: f64| gauge(asked, at, night, day, noise);
    Some(match asked.name {
        "EngineCPUUtilization" => g(4.0, if primary { 34.0 } else { 12.0 }, 3.0),
        "CPUUtilization" => g(3.0, 19.0, 2.0),
        "DatabaseMemoryUsagePercentage" => g(22.0, 31.0, 1.0),
        "CurrConnections" => g(14.0, 80.0, 5.0).round(),
        "ReplicationLag" if !primary => g(0.05, 0.3, 0.1),
        "KeyspaceHits" => g(2_000.0, 40_000.0, 1_500.0).round(),
        "KeyspaceMisses" => g(30.0, 400.0, 30.0).round(),
        "CurrItems" => 240.0,
        "BytesUsedForMemoryDB" => g(3.1 * GIB, 4.0 * GIB, 0.1 * GIB),
        "FreeableMemory" => g(9.0 * GIB, 8.4 * GIB, 0.1 * GIB),
        "SuccessfulReadRequestLatency" => g(40.0, 90.0, 9.0),
        "SuccessfulWriteRequestLatency" => g(2_400.0, 3_600.0, 300.0),
        "IsPrimary" => f64::from(u8::from(primary)),
        "PrimaryLinkHealthStatus" => 1.0,
        "Evictions" | "AuthenticationFailures" | "ReplicationDelayedWriteCommands" => 0.0,
        _ => return None,
    })
}
