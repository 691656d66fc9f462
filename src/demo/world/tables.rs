//! DynamoDB tables as the control plane shows them.

use super::{Region, date, days};
use crate::demo::ACCOUNT;
use crate::demo::chance::Chance;
use crate::demo::engines::seeds::{self, TableSeed};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, BillingModeSummary, GlobalSecondaryIndexDescription, IndexStatus,
    KeySchemaElement, KeyType, Projection, ProjectionType, ProvisionedThroughputDescription,
    ReplicaDescription, ReplicaStatus, ScalarAttributeType, SseDescription, SseStatus, SseType,
    StreamSpecification, StreamViewType, TableClass, TableClassSummary, TableDescription, TableStatus, Tag,
};

/// A table.
#[derive(Debug)]
pub struct Table {
    /// How its items are made.
    pub seed: TableSeed,
    /// What `DescribeTable` says.
    pub about: TableDescription,
    /// Whether point-in-time recovery is on.
    pub pitr: bool,
    /// Attribute of the time to live.
    pub ttl: Option<String>,
    /// Tags.
    pub tags: Vec<Tag>,
    /// Bounds of auto scaling: read least and most, write least and most.
    pub scaling: Option<[i32; 4]>,
}

/// Capacity of the provisioned tables: region, name, RCU, WCU, whether auto scaling is on.
const PROVISIONED: &[(&str, &str, i64, i64, bool)] = &[
    ("eu-west-1", "orders-events", 40, 20, false),
    ("eu-west-1", "inventory", 100, 50, true),
    ("us-east-1", "carts", 80, 80, true),
    ("ap-southeast-2", "audit-log", 5, 25, false),
];

/// Tables replicated to other regions.
const GLOBAL: &[&str] = &["sessions"];

/// Puts the region's tables in.
pub fn build(region: &mut Region) {
    for seed in seeds::of_region(region.name) {
        let table = table(region, seed);
        region.tables.insert(table.seed.name.to_string(), table);
    }
}

/// The table that `seed` makes.
pub fn table(region: &Region, seed: TableSeed) -> Table {
    let name = seed.name.to_string();
    let units = PROVISIONED.iter().find(|(r, n, ..)| *r == region.name && *n == name);
    let shop = !matches!(seed.shape, seeds::Shape::Features | seeds::Shape::Predictions);
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build().ok();
    let tags = [tag("project", if shop { "shop" } else { "ml-platform" }), tag("env", "prod")];
    Table {
        about: about(region, &seed, units.map(|(_, _, r, w, _)| (*r, *w))),
        pitr: !matches!(name.as_str(), "prediction-cache" | "feature-flags" | "carts"),
        ttl: seed.ttl.map(str::to_owned),
        tags: tags.into_iter().flatten().collect(),
        scaling: units.filter(|(.., auto)| *auto).map(|_| [20, 400, 20, 200]),
        seed,
    }
}

fn about(region: &Region, seed: &TableSeed, units: Option<(i64, i64)>) -> TableDescription {
    let name = &*seed.name;
    let arn = format!("arn:aws:dynamodb:{}:{ACCOUNT}:table/{name}", region.name);
    let created = date(region.now.minus_ms(days(40 + Chance::of(name).below(700))));
    let items = i64::try_from(seed.count()).unwrap_or(i64::MAX);
    let bytes = items * i64::try_from(seed.item_bytes()).unwrap_or(0);
    let (partition, sort) = seed.keys();
    let mut attributes = vec![partition];
    attributes.extend(sort);
    let indexes = seed.indexes().iter().map(|(index, key, range)| {
        attributes.push(key);
        attributes.extend(*range);
        GlobalSecondaryIndexDescription::builder()
            .index_name(*index)
            .index_arn(format!("{arn}/index/{index}"))
            .set_key_schema(Some(schema(key, *range)))
            .projection(Projection::builder().projection_type(ProjectionType::All).build())
            .index_status(IndexStatus::Active)
            .item_count(items)
            .index_size_bytes(bytes)
            .provisioned_throughput(throughput(units))
            .build()
    });
    let indexes: Vec<_> = indexes.collect();
    attributes.sort_unstable();
    attributes.dedup();
    let definitions = attributes.into_iter().filter_map(|a| {
        AttributeDefinition::builder().attribute_name(a).attribute_type(ScalarAttributeType::S).build().ok()
    });
    let stream = (seed.ttl.is_some()).then(|| {
        StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(StreamViewType::NewAndOldImages)
            .build()
    });
    let mut out = TableDescription::builder()
        .table_name(name)
        .table_arn(&arn)
        .table_id(format!("{:016x}", Chance::of(&arn).next()))
        .table_status(TableStatus::Active)
        .creation_date_time(created)
        .item_count(items)
        .table_size_bytes(bytes)
        .set_key_schema(Some(schema(partition, sort)))
        .set_attribute_definitions(Some(definitions.collect()))
        .provisioned_throughput(throughput(units))
        .billing_mode_summary(billing(units.is_none()))
        .table_class_summary(TableClassSummary::builder().table_class(TableClass::Standard).build())
        .deletion_protection_enabled(matches!(name, "ml-features" | "orders-events"))
        .sse_description(SseDescription::builder().status(SseStatus::Enabled).sse_type(SseType::Kms).build())
        .build();
    if !indexes.is_empty() {
        out.global_secondary_indexes = Some(indexes);
    }
    if let Some(stream) = stream.and_then(Result::ok) {
        out.stream_specification = Some(stream);
        out.latest_stream_label = Some("2026-01-12T08:30:00.000".to_owned());
        out.latest_stream_arn = Some(format!("{arn}/stream/2026-01-12T08:30:00.000"));
    }
    if GLOBAL.contains(&name) {
        out.global_table_version = Some("2019.11.21".to_owned());
        out.replicas =
            Some(crate::demo::REGIONS.iter().filter(|r| **r != region.name).map(|r| replica(r)).collect());
    }
    out
}

fn replica(region: &str) -> ReplicaDescription {
    ReplicaDescription::builder().region_name(region).replica_status(ReplicaStatus::Active).build()
}

/// What the billing summary says.
pub fn billing(on_demand: bool) -> BillingModeSummary {
    let mode = if on_demand { BillingMode::PayPerRequest } else { BillingMode::Provisioned };
    BillingModeSummary::builder().billing_mode(mode).build()
}

/// What the throughput says; on demand both are 0.
pub fn throughput(units: Option<(i64, i64)>) -> ProvisionedThroughputDescription {
    let (read, write) = units.unwrap_or_default();
    ProvisionedThroughputDescription::builder()
        .read_capacity_units(read)
        .write_capacity_units(write)
        .number_of_decreases_today(0)
        .build()
}

fn schema(partition: &str, sort: Option<&str>) -> Vec<KeySchemaElement> {
    let element =
        |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().ok();
    [element(partition, KeyType::Hash), sort.and_then(|s| element(s, KeyType::Range))]
        .into_iter()
        .flatten()
        .collect()
}
