//! Metrics as functions of time: a daily rhythm, noise that belongs to the minute, and the
//! incidents of the estate. The same minute always has the same value.

use super::cache_series as caches;
use super::docdb_series as docdb;
use super::telemetry_series as telemetry;
use super::warehouse_series as warehouse;
use super::wide_series as wide;
use crate::demo::chance::Chance;
use crate::demo::world::{Region, Table};
use crate::model::Moment;
use aws_sdk_rds::types::{DbCluster, DbInstance};
use std::ops::Range;

/// What is asked.
pub struct Asked<'a> {
    /// CloudWatch's name of the metric.
    pub name: &'a str,
    /// Statistic.
    pub stat: &'a str,
    /// Seconds per point.
    pub period: u64,
    /// Dimensions, name and value.
    pub dimensions: &'a [(&'a str, &'a str)],
}

/// Whose series it is.
enum Subject<'a> {
    Instance(&'a str, &'a DbInstance),
    Cluster(&'a str),
    Elastic(&'a aws_sdk_docdbelastic::types::Cluster),
    Table(&'a str, &'a Table),
    Warehouse(&'a aws_sdk_redshift::types::Cluster),
    Workgroup(&'a aws_sdk_redshiftserverless::types::Workgroup),
    Namespace,
    Cache(&'a str),
    ServerlessCache,
    MemoryDbNode(&'a str),
    WideTable(&'a aws_sdk_keyspaces::operation::get_table::GetTableOutput),
    Accelerator(&'a aws_sdk_dax::types::Cluster, Option<&'a str>),
    Telemetry(&'a crate::demo::world::timestream::Table),
    Influx(&'a crate::demo::world::timestream::Instance),
    Dsql,
}

const GIB: f64 = 1_073_741_824.0;

/// Points of the series in `range` (seconds since the Unix epoch), oldest first. Nothing for
/// what does not exist, while an instance is down, and for counters that counted nothing.
pub fn points(region: &Region, epoch: Moment, asked: &Asked<'_>, range: Range<u64>) -> Vec<(u64, f64)> {
    let Some(subject) = subject(region, asked) else { return Vec::new() };
    let now = region.now.epoch_ms() / 1000;
    let key: String = asked.dimensions.iter().map(|(_, v)| *v).collect::<Vec<_>>().join("/");
    let chance = Chance::of(&format!("{}/{key}/{}", region.name, asked.name));
    let mut out = Vec::new();
    // CloudWatch aligns points to the period; the one that is still filling is left out.
    let mut t = range.start.div_ceil(asked.period) * asked.period;
    while t < range.end && t + asked.period <= now {
        let at = At {
            t,
            epoch: epoch.epoch_ms() / 1000,
            day: rhythm(region.name, t),
            noise: chance.unit_at(t / 60),
        };
        if let Some(value) = value(region, &subject, asked, &at) {
            out.push((t, value));
        }
        t += asked.period;
    }
    out
}

/// A moment of a series.
pub struct At {
    /// Seconds since the Unix epoch.
    pub t: u64,
    /// When the estate began, in the same seconds.
    pub epoch: u64,
    /// The rhythm of the day, 0 at night to 1 at its height.
    pub day: f64,
    /// Noise, 0 to 1.
    pub noise: f64,
}

fn subject<'a>(region: &'a Region, asked: &Asked<'a>) -> Option<Subject<'a>> {
    let of =
        |name: &str| asked.dimensions.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| *v);
    if let Some(id) = of("DBInstanceIdentifier") {
        return region.instances.get(id).map(|i| Subject::Instance(id, i));
    }
    if let Some(id) = of("DBClusterIdentifier") {
        return region.clusters.contains_key(id).then_some(Subject::Cluster(id));
    }
    if let Some(id) = of("ClusterId") {
        return by_cluster_id(region, id, of("NodeId"));
    }
    if let Some(id) = of("ClusterIdentifier") {
        return region.redshift.clusters.get(id).map(Subject::Warehouse);
    }
    if let Some(name) = of("Workgroup") {
        return region.redshift.workgroups.get(name).map(Subject::Workgroup);
    }
    if let Some(name) = of("Namespace") {
        return region.redshift.namespaces.get(name).map(|_| Subject::Namespace);
    }
    if let Some(id) = of("CacheClusterId") {
        return region.caches.clusters.contains_key(id).then_some(Subject::Cache(id));
    }
    if let (Some(cluster), Some(node)) = (of("ClusterName"), of("NodeName")) {
        return region.caches.memorydb.get(cluster).map(|_| Subject::MemoryDbNode(node));
    }
    if of("Keyspace").is_some() {
        return region.keyspaces.tables.get(of("TableName")?).map(Subject::WideTable);
    }
    if let Some(name) = of("DbInstanceName") {
        return region.timestream.instances.values().find(|i| i.name == name).map(Subject::Influx);
    }
    let name = of("TableName")?;
    if of("DatabaseName").is_some() {
        return region.timestream.tables.get(name).map(Subject::Telemetry);
    }
    region.tables.get(name).map(|t| Subject::Table(name, t))
}

/// Whose series it is, by the dimension that four services call alike: DSQL, DAX, a Serverless
/// cache, an elastic DocumentDB cluster.
fn by_cluster_id<'a>(region: &'a Region, id: &'a str, node: Option<&'a str>) -> Option<Subject<'a>> {
    if region.dsql.contains_key(id) {
        return Some(Subject::Dsql);
    }
    if let Some(cluster) = region.dax.clusters.get(id) {
        return Some(Subject::Accelerator(cluster, node));
    }
    if region.caches.serverless.contains_key(id) {
        return Some(Subject::ServerlessCache);
    }
    let mut elastic = region.docdb.clusters.iter();
    elastic.find(|(arn, _)| arn.rsplit('/').next() == Some(id)).map(|(_, cluster)| Subject::Elastic(cluster))
}

fn rhythm(region: &str, t: u64) -> f64 {
    // People of the region sleep at night, by their own clock.
    let offset = match region {
        "us-east-1" => 19,
        "ap-southeast-2" => 10,
        _ => 0,
    };
    let hour = ((t / 60 + offset * 60) % 1440) as f64 / 60.0;
    let wave = ((hour - 8.0) / 24.0 * std::f64::consts::TAU).sin() * 0.5 + 0.5;
    wave * wave * (3.0 - 2.0 * wave)
}

fn value(region: &Region, subject: &Subject<'_>, asked: &Asked<'_>, at: &At) -> Option<f64> {
    match subject {
        Subject::Instance(id, instance) => {
            let down = region.down.get(*id).is_some_and(|(from, until)| {
                let end = until.map_or(u64::MAX, |u| u.epoch_ms() / 1000);
                (from.epoch_ms() / 1000..end).contains(&at.t)
            });
            match instance.engine() {
                _ if down => None,
                Some("docdb") => docdb::instance(id, instance, is_writer(region, id), asked, at),
                _ => instance_value(region, id, instance, asked, at),
            }
        }
        Subject::Cluster(id) if engine(region, id) == Some("docdb") => docdb::cluster(id, asked, at),
        Subject::Cluster(id) => cluster_value(region, id, asked, at),
        Subject::Elastic(cluster) => docdb::elastic(cluster, asked, at),
        Subject::Table(name, table) => table_value(name, table, asked, at),
        Subject::Warehouse(cluster) => warehouse::cluster(cluster, asked, at),
        Subject::Workgroup(workgroup) => warehouse::workgroup(workgroup, asked, at),
        Subject::Namespace => warehouse::namespace(asked, at),
        Subject::Cache(id) => caches::node(&region.caches, id, asked, at),
        Subject::ServerlessCache => caches::serverless(asked, at),
        Subject::MemoryDbNode(name) => caches::memorydb(name, asked, at),
        Subject::WideTable(table) => wide::table(table, asked, at),
        Subject::Accelerator(cluster, node) => wide::dax(cluster, *node, asked, at),
        Subject::Telemetry(table) => telemetry::table(table, asked, at),
        Subject::Influx(instance) => telemetry::instance(instance, asked, at),
        Subject::Dsql => super::dsql::value(asked, at),
    }
}

/// A gauge between its night and its day value, with noise, as the statistic sees it.
pub fn gauge(asked: &Asked<'_>, at: &At, night: f64, day: f64, noise: f64) -> f64 {
    let value = night + (day - night) * at.day + (at.noise - 0.5) * 2.0 * noise;
    let seen = match asked.stat {
        "Maximum" => value * 1.12,
        "Minimum" => value * 0.9,
        "p99" => value * 3.2,
        "Sum" => value * asked.period as f64 / 60.0,
        _ => value,
    };
    seen.max(0.0)
}

/// How large the class is: vCPUs, roughly.
fn power(class: &str) -> f64 {
    match class.rsplit('.').next() {
        Some("micro" | "medium") => 0.5,
        Some("xlarge") => 2.0,
        Some("2xlarge") => 4.0,
        _ => 1.0,
    }
}

fn instance_value(
    region: &Region,
    id: &str,
    instance: &DbInstance,
    asked: &Asked<'_>,
    at: &At,
) -> Option<f64> {
    let size = power(instance.db_instance_class().unwrap_or_default());
    let aurora = instance.db_cluster_identifier().is_some();
    let replica = instance.read_replica_source_db_instance_identifier().is_some();
    // How busy this one is, 0.6 to 1.4.
    let busy = 0.6 + Chance::of(id).unit_at(0) * 0.8;
    let g = |night: f64, day: f64, noise: f64| gauge(asked, at, night, day, noise);
    Some(match asked.name {
        "CPUUtilization" if id == "orders-replica-1" => g(62.0, 91.0, 6.0).min(100.0),
        "CPUUtilization" => g(9.0 * busy, 46.0 * busy, 5.0).min(100.0),
        "DatabaseConnections" => g(12.0 * size * busy, 74.0 * size * busy, 5.0).round(),
        "FreeableMemory" => g(5.2 * GIB * size, 3.4 * GIB * size, 0.2 * GIB),
        "SwapUsage" => g(2e6, 9e6, 1e6),
        "FreeStorageSpace" if aurora => return None,
        "FreeStorageSpace" => free_storage(id, instance, at),
        "ReadIOPS" => g(40.0 * busy, 520.0 * size * busy, 40.0),
        "WriteIOPS" => g(25.0 * busy, 260.0 * size * busy, 25.0),
        "ReadLatency" => g(0.0006, 0.0014, 0.0003),
        "WriteLatency" => g(0.0011, 0.0024, 0.0005),
        "DiskQueueDepth" => g(0.1, 1.4 * busy, 0.3),
        "BurstBalance" => g(99.0, 62.0, 3.0).min(100.0),
        "CPUCreditBalance" => g(560.0, 320.0, 8.0),
        "ReadThroughput" => g(1e6, 24e6 * size, 2e6),
        "WriteThroughput" => g(6e5, 12e6 * size, 1e6),
        "NetworkReceiveThroughput" => g(2e5, 5e6 * size, 4e5),
        "NetworkTransmitThroughput" => g(4e5, 14e6 * size, 9e5),
        "DBLoad" | "DBLoadCPU" => g(0.2, 1.6 * size * busy, 0.3),
        "DBLoadNonCPU" => g(0.1, 0.8 * size, 0.2),
        "MaximumUsedTransactionIDs" => 9e7 + (at.t % 8_640_000) as f64 * 6.0,
        "TransactionLogsDiskUsage" | "OldestReplicationSlotLag" => g(2e8, 9e8, 1e8),
        "ReplicaLag" if replica => replica_lag(region, id, asked, at),
        "AuroraReplicaLag" if aurora && !is_writer(region, id) => g(9.0, 22.0, 4.0),
        "AuroraReplicaLagMaximum" if aurora && is_writer(region, id) => g(14.0, 31.0, 6.0),
        "ServerlessDatabaseCapacity" | "ACUUtilization" => return serverless(region, instance, asked, at),
        "CommitLatency" | "DMLLatency" | "SelectLatency" => g(1.1, 3.4, 0.6),
        "Queries" | "CommitThroughput" => g(60.0 * busy, 900.0 * busy, 40.0),
        "BufferCacheHitRatio" => g(99.7, 98.4, 0.3).min(100.0),
        "Deadlocks" | "BlockedTransactions" | "LoginFailures" => 0.0,
        "FreeLocalStorage" => g(31.0 * GIB, 27.0 * GIB, GIB),
        _ => return None,
    })
}

fn engine<'a>(region: &'a Region, id: &str) -> Option<&'a str> {
    region.clusters.get(id)?.engine()
}

fn is_writer(region: &Region, id: &str) -> bool {
    region
        .clusters
        .values()
        .flat_map(DbCluster::db_cluster_members)
        .any(|m| m.db_instance_identifier() == Some(id) && m.is_cluster_writer() == Some(true))
}

/// The disk of `warehouse-legacy` is full since before the estate began, that of `reporting`
/// nearly; the others fill slowly.
fn free_storage(id: &str, instance: &DbInstance, at: &At) -> f64 {
    let allocated = f64::from(instance.allocated_storage().unwrap_or(20)) * GIB;
    let before = |hours: u64| at.epoch.saturating_sub(hours * 3600).saturating_sub(at.t) as f64;
    let free = match id {
        "warehouse-legacy" => allocated - 100.0 * GIB + before(0) * 120_000.0,
        "reporting" => allocated - 485.0 * GIB + before(0) * 40_000.0,
        _ => {
            let share = 0.35 + Chance::of(id).unit_at(1) * 0.45;
            allocated * share - (at.t % 864_000) as f64 * 900.0 + at.noise * 2e7
        }
    };
    free.clamp(0.0, allocated)
}

/// `orders-replica-1` falls behind since forty minutes before the estate began, until it is
/// restarted.
fn replica_lag(region: &Region, id: &str, asked: &Asked<'_>, at: &At) -> f64 {
    let usual = gauge(asked, at, 0.1, 0.9, 0.3);
    let restarted = region.down.get(id).and_then(|(_, until)| *until).map(|m| m.epoch_ms() / 1000);
    let began = at.epoch.saturating_sub(40 * 60);
    match (id, restarted) {
        ("orders-replica-1", Some(back)) if at.t >= back => usual,
        ("orders-replica-1", _) if at.t > began => usual + (at.t - began) as f64 * 0.38,
        _ => usual,
    }
}

fn serverless(region: &Region, instance: &DbInstance, asked: &Asked<'_>, at: &At) -> Option<f64> {
    let cluster = region.clusters.get(instance.db_cluster_identifier()?)?;
    acu(cluster.serverless_v2_scaling_configuration()?, asked, at)
}

fn acu(
    range: &aws_sdk_rds::types::ServerlessV2ScalingConfigurationInfo,
    asked: &Asked<'_>,
    at: &At,
) -> Option<f64> {
    let (least, most) = (range.min_capacity()?, range.max_capacity()?);
    let used = gauge(asked, at, least, least + (most - least) * 0.7, most * 0.05).clamp(least, most);
    // ACUs move in halves.
    let used = (used * 2.0).round() / 2.0;
    Some(if asked.name == "ACUUtilization" { used / most * 100.0 } else { used })
}

fn cluster_value(region: &Region, id: &str, asked: &Asked<'_>, at: &At) -> Option<f64> {
    let cluster = region.clusters.get(id)?;
    let size = cluster.db_cluster_members().len().max(1) as f64;
    let g = |night: f64, day: f64, noise: f64| gauge(asked, at, night, day, noise);
    Some(match asked.name {
        "ServerlessDatabaseCapacity" | "ACUUtilization" => {
            return acu(cluster.serverless_v2_scaling_configuration()?, asked, at);
        }
        "CPUUtilization" => g(11.0, 48.0, 4.0),
        "DatabaseConnections" => g(20.0 * size, 90.0 * size, 6.0).round(),
        "VolumeBytesUsed" => {
            (60.0 + Chance::of(id).unit_at(2) * 400.0) * GIB + (at.t % 8_640_000) as f64 * 2e3
        }
        "AuroraVolumeBytesLeftTotal" => 128.0 * 1024.0 * GIB - 400.0 * GIB,
        "VolumeReadIOPs" | "VolumeWriteIOPs" => g(9e3, 2.4e5, 1e4) * asked.period as f64 / 300.0,
        "AuroraReplicaLag" | "AuroraReplicaLagMaximum" => g(12.0, 29.0, 5.0),
        "AuroraGlobalDBReplicationLag" | "AuroraGlobalDBRPOLag" | "AuroraGlobalDBProgressLag"
            if cluster.global_cluster_identifier().is_some() =>
        {
            g(80.0, 160.0, 25.0)
        }
        "CommitLatency" | "DMLLatency" | "SelectLatency" => g(1.2, 3.6, 0.6),
        "Queries" | "CommitThroughput" => g(120.0, 1500.0, 60.0),
        "TotalBackupStorageBilled" | "SnapshotStorageUsed" => 42.0 * GIB,
        _ => return None,
    })
}

fn table_value(name: &str, table: &Table, asked: &Asked<'_>, at: &At) -> Option<f64> {
    let units = table
        .about
        .provisioned_throughput()
        .map(|p| (p.read_capacity_units().unwrap_or(0) as f64, p.write_capacity_units().unwrap_or(0) as f64));
    let (read_limit, write_limit) = units.filter(|(r, _)| *r > 0.0).unwrap_or((f64::MAX, f64::MAX));
    let busy = 0.5 + Chance::of(name).unit_at(3);
    let span = asked.period as f64;
    // `orders-events` is asked for more writes than it has.
    let pressure = if name == "orders-events" { 1.35 } else { 0.7 };
    let of = |limit: f64, usual: f64| if limit < f64::MAX { limit * pressure } else { usual };
    let demand = |night: f64, day: f64| night + (day - night) * at.day + at.noise * day * 0.15;
    let reads = demand(of(read_limit, 9.0 * busy) * 0.25, of(read_limit, 60.0 * busy) * 0.8);
    let writes = demand(of(write_limit, 4.0 * busy) * 0.55, of(write_limit, 25.0 * busy));
    let per_period = |rate: f64| match asked.stat {
        "Sum" => (rate * span).round(),
        _ => rate,
    };
    let counted = |count: f64| (count >= 1.0).then_some(count.round());
    let over = |want: f64, limit: f64| (want - limit).max(0.0) * span;
    match asked.name {
        "ConsumedReadCapacityUnits" => counted(per_period(reads.min(read_limit))),
        "ConsumedWriteCapacityUnits" => counted(per_period(writes.min(write_limit))),
        "ProvisionedReadCapacityUnits" => units.map(|u| u.0).filter(|u| *u > 0.0),
        "ProvisionedWriteCapacityUnits" => units.map(|u| u.1).filter(|u| *u > 0.0),
        "ReadThrottleEvents" | "ReadProvisionedThroughputThrottleEvents" => counted(over(reads, read_limit)),
        "WriteThrottleEvents" | "WriteProvisionedThroughputThrottleEvents" => {
            counted(over(writes, write_limit))
        }
        "ThrottledRequests" => throttled_requests(asked, over(reads, read_limit), over(writes, write_limit)),
        "SuccessfulRequestLatency" => Some(gauge(asked, at, 2.4, 4.1, 0.8)),
        "ConditionalCheckFailedRequests" => counted(writes * span * 0.004 + at.noise),
        "ReturnedItemCount" => counted(per_period(reads * 2.0)),
        "TimeToLiveDeletedItemCount" => table.ttl.as_ref().and_then(|_| counted(at.noise * span / 12.0)),
        "ReplicationLatency" => table.about.replicas.as_ref().map(|_| gauge(asked, at, 620.0, 980.0, 120.0)),
        _ => None,
    }
}

/// Throttled requests of the operation that the dimensions name.
fn throttled_requests(asked: &Asked<'_>, reads: f64, writes: f64) -> Option<f64> {
    let operation = asked.dimensions.iter().find(|(n, _)| *n == "Operation").map(|(_, v)| *v);
    let count = match operation {
        Some("GetItem" | "Query" | "Scan" | "BatchGetItem") => reads,
        Some(_) => writes,
        None => reads + writes,
    };
    (count >= 1.0).then_some(count.round())
}
