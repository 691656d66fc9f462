//! Keyspaces of the estate: the telemetry of the warehouses' devices, in two Regions.

use super::{Region, date, days};
use crate::demo::ACCOUNT;
use crate::demo::engines::cql::tables::DEVICES;
use aws_sdk_keyspaces::operation::get_table::GetTableOutput;
use aws_sdk_keyspaces::types::{
    CapacitySpecificationSummary, ClusteringKey, ColumnDefinition, EncryptionSpecification, EncryptionType,
    KeyspaceSummary, PartitionKey, PointInTimeRecoveryStatus, PointInTimeRecoverySummary,
    ReplicaSpecificationSummary, Rs, SchemaDefinition, SortOrder, TableStatus, ThroughputMode,
};
use std::collections::BTreeMap;

/// The one keyspace.
pub const KEYSPACE: &str = "telemetry";
/// The table of events.
pub const EVENTS: &str = "device_events";
/// The table of each device's last event.
pub const LATEST: &str = "device_latest";
/// Regions of the keyspace.
pub const PLACES: [&str; 2] = ["eu-west-1", "us-east-1"];

/// Keyspaces of one region.
#[derive(Debug, Default)]
pub struct Keyspaces {
    /// Keyspaces by name.
    pub keyspaces: BTreeMap<String, KeyspaceSummary>,
    /// Tables by name: all are of the one keyspace.
    pub tables: BTreeMap<String, GetTableOutput>,
}

/// Puts the keyspace and its tables into the regions that have them.
pub fn build(region: &mut Region) {
    if !PLACES.contains(&region.name) {
        return;
    }
    let keyspace = KeyspaceSummary::builder()
        .keyspace_name(KEYSPACE)
        .resource_arn(arn(region.name, ""))
        .replication_strategy(Rs::MultiRegion)
        .set_replication_regions(Some(PLACES.iter().map(|p| (*p).to_owned()).collect()));
    let tables = [table(region, EVENTS, None), table(region, LATEST, Some((200, 400)))];
    if let Ok(keyspace) = keyspace.build() {
        region.keyspaces.keyspaces.insert(KEYSPACE.to_owned(), keyspace);
    }
    for table in tables.into_iter().flatten() {
        region.keyspaces.tables.insert(table.table_name().to_owned(), table);
    }
}

/// The ARN of the keyspace, or of a table in it.
pub fn arn(region: &str, table: &str) -> String {
    let tail = if table.is_empty() { String::new() } else { format!("table/{table}") };
    format!("arn:aws:cassandra:{region}:{ACCOUNT}:/keyspace/{KEYSPACE}/{tail}")
}

/// Capacity as AWS tells it; none is on demand.
pub fn capacity(units: Option<(i64, i64)>) -> Option<CapacitySpecificationSummary> {
    let built = CapacitySpecificationSummary::builder();
    match units {
        None => built.throughput_mode(ThroughputMode::PayPerRequest),
        Some((read, write)) => built
            .throughput_mode(ThroughputMode::Provisioned)
            .read_capacity_units(read)
            .write_capacity_units(write),
    }
    .build()
    .ok()
}

/// Point-in-time recovery as AWS tells it.
pub fn recovery(on: bool, region: &Region) -> Option<PointInTimeRecoverySummary> {
    let status = if on { PointInTimeRecoveryStatus::Enabled } else { PointInTimeRecoveryStatus::Disabled };
    let earliest = on.then(|| date(region.now.minus_ms(days(35))));
    PointInTimeRecoverySummary::builder()
        .status(status)
        .set_earliest_restorable_timestamp(earliest)
        .build()
        .ok()
}

/// A table's columns and their types, its partition key, its clustering order.
type Shape =
    (&'static [(&'static str, &'static str)], &'static [&'static str], &'static [(&'static str, SortOrder)]);

fn schema(name: &str) -> Option<SchemaDefinition> {
    let (columns, keys, clustering): Shape = if name == EVENTS {
        (
            &[
                ("device", "text"),
                ("day", "date"),
                ("at", "timestamp"),
                ("seq", "int"),
                ("kind", "text"),
                ("tags", "map<text, text>"),
                ("value", "double"),
            ],
            &["device", "day"],
            &[("at", SortOrder::Desc), ("seq", SortOrder::Asc)],
        )
    } else {
        (
            &[
                ("device", "text"),
                ("at", "timestamp"),
                ("firmware", "text"),
                ("kind", "text"),
                ("value", "double"),
            ],
            &["device"],
            &[],
        )
    };
    let column =
        |(name, kind): &(&str, &str)| ColumnDefinition::builder().name(*name).r#type(*kind).build().ok();
    let key = |name: &&str| PartitionKey::builder().name(*name).build().ok();
    let order = |(name, order): &(&str, SortOrder)| {
        ClusteringKey::builder().name(*name).order_by(order.clone()).build().ok()
    };
    SchemaDefinition::builder()
        .set_all_columns(Some(columns.iter().filter_map(column).collect()))
        .set_partition_keys(Some(keys.iter().filter_map(key).collect()))
        .set_clustering_keys(Some(clustering.iter().filter_map(order).collect()))
        .build()
        .ok()
}

fn table(region: &Region, name: &str, units: Option<(i64, i64)>) -> Option<GetTableOutput> {
    let replica = |place: &&str| {
        ReplicaSpecificationSummary::builder()
            .region(*place)
            .status(TableStatus::Active)
            .set_capacity_specification(capacity(units))
            .build()
    };
    let key = EncryptionSpecification::builder().r#type(EncryptionType::AwsOwnedKmsKey).build().ok();
    GetTableOutput::builder()
        .keyspace_name(KEYSPACE)
        .table_name(name)
        .resource_arn(arn(region.name, name))
        .creation_timestamp(date(region.now.minus_ms(days(210))))
        .status(TableStatus::Active)
        .set_schema_definition(schema(name))
        .set_capacity_specification(capacity(units))
        .set_encryption_specification(key)
        .set_point_in_time_recovery(recovery(units.is_none(), region))
        .default_time_to_live(if units.is_none() { 90 * 86_400 } else { 0 })
        .set_replica_specifications(Some(PLACES.iter().map(replica).collect()))
        .build()
        .ok()
}

/// How many devices write: what the metrics scale with.
pub fn devices() -> f64 {
    DEVICES.len() as f64
}
