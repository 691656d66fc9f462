//! What the demo's DynamoDB tables are made of: keys, indexes and the items they start with.
//!
//! Everything is a function of the table's name and a counter: two starts see the same items.

use super::super::chance::Chance;
use serde_json::{Value, json};
use std::sync::Arc;

/// Seconds since the epoch of the estate's items (2026-11-01T00:00:00Z): items do not move
/// with the clock, so that a statement gives the same rows at every start.
const ITEMS_EPOCH_S: u64 = 1_793_491_200;

/// What kind of items a table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Features of users for models: number, text, list, map and set values.
    Features,
    /// Web sessions of the shop.
    Sessions,
    /// Events of orders, one partition per order.
    OrderEvents,
    /// Products with attributes as maps.
    Products,
    /// Stock per warehouse and product.
    Stock,
    /// Cached predictions.
    Predictions,
    /// Plain keyed items.
    Items,
}

/// A table: its shape and how it is keyed.
#[derive(Clone, Debug)]
pub struct TableSeed {
    /// Name.
    pub name: Arc<str>,
    /// What it holds.
    pub shape: Shape,
    /// How many partitions (users, sessions, orders) it starts with.
    pub partitions: u64,
    /// Attribute of the time to live, when on.
    pub ttl: Option<&'static str>,
}

/// An index: name, partition key, sort key.
pub type Index = (&'static str, &'static str, Option<&'static str>);

impl TableSeed {
    /// A table named `name` of `shape` with `partitions` partitions.
    pub fn new(name: impl Into<Arc<str>>, shape: Shape, partitions: u64) -> Self {
        let ttl = match shape {
            Shape::Features | Shape::Sessions | Shape::Predictions => Some("expires_at"),
            _ => None,
        };
        Self { name: name.into(), shape, partitions, ttl }
    }

    /// Partition key and sort key.
    pub const fn keys(&self) -> (&'static str, Option<&'static str>) {
        match self.shape {
            Shape::Features => ("user_id", Some("feature_name")),
            Shape::Sessions => ("session_id", None),
            Shape::OrderEvents => ("order_id", Some("event_at")),
            Shape::Products => ("sku", None),
            Shape::Stock => ("warehouse", Some("sku")),
            Shape::Predictions => ("model", Some("request_id")),
            Shape::Items => ("id", None),
        }
    }

    /// Global secondary indexes.
    pub const fn indexes(&self) -> &'static [Index] {
        match self.shape {
            Shape::Features => &[("by-feature", "feature_name", Some("updated_at"))],
            Shape::Sessions => &[("by-customer", "customer_id", Some("started_at"))],
            Shape::OrderEvents => &[("by-kind", "kind", Some("event_at"))],
            Shape::Products => &[("by-category", "category", None)],
            _ => &[],
        }
    }

    /// How many items it starts with.
    pub const fn count(&self) -> u64 {
        self.partitions * self.per_partition()
    }

    const fn per_partition(&self) -> u64 {
        match self.shape {
            Shape::Features => FEATURES.len() as u64,
            Shape::OrderEvents => EVENTS.len() as u64,
            Shape::Stock => 20,
            Shape::Predictions => 12,
            _ => 1,
        }
    }

    /// Average item size in bytes, as the control plane reports it.
    pub const fn item_bytes(&self) -> u64 {
        match self.shape {
            Shape::Features => 164,
            Shape::Sessions => 312,
            Shape::OrderEvents => 148,
            Shape::Products => 401,
            Shape::Stock | Shape::Items => 96,
            Shape::Predictions => 220,
        }
    }

    /// The body of the `CreateTable` call that makes it.
    pub fn definition(&self) -> Value {
        let (partition, sort) = self.keys();
        let mut names = vec![partition];
        names.extend(sort);
        for (_, key, range) in self.indexes() {
            names.push(key);
            names.extend(*range);
        }
        names.sort_unstable();
        names.dedup();
        let attributes: Vec<Value> =
            names.iter().map(|n| json!({ "AttributeName": n, "AttributeType": "S" })).collect();
        let indexes: Vec<Value> = self
            .indexes()
            .iter()
            .map(|(name, key, range)| {
                json!({ "IndexName": name, "KeySchema": schema(key, *range),
                        "Projection": { "ProjectionType": "ALL" } })
            })
            .collect();
        let mut body = json!({
            "TableName": &*self.name,
            "AttributeDefinitions": attributes,
            "KeySchema": schema(partition, sort),
            "BillingMode": "PAY_PER_REQUEST",
        });
        if let (Some(body), false) = (body.as_object_mut(), indexes.is_empty()) {
            body.insert("GlobalSecondaryIndexes".into(), Value::Array(indexes));
        }
        body
    }
}

fn schema(partition: &str, sort: Option<&str>) -> Value {
    let mut keys = vec![json!({ "AttributeName": partition, "KeyType": "HASH" })];
    keys.extend(sort.map(|s| json!({ "AttributeName": s, "KeyType": "RANGE" })));
    Value::Array(keys)
}

/// The tables of the estate in `region`, without those of a scaled estate.
pub fn of_region(region: &str) -> Vec<TableSeed> {
    let t = TableSeed::new;
    match region {
        "eu-west-1" => vec![
            t("ml-features", Shape::Features, 64),
            t("sessions", Shape::Sessions, 240),
            t("orders-events", Shape::OrderEvents, 120),
            t("product-catalog", Shape::Products, 160),
            t("inventory", Shape::Stock, 6),
            t("prediction-cache", Shape::Predictions, 8),
        ],
        "us-east-1" => vec![
            t("ml-features", Shape::Features, 64),
            t("training-runs", Shape::Predictions, 10),
            t("sessions", Shape::Sessions, 180),
            t("carts", Shape::Items, 90),
            t("feature-flags", Shape::Items, 24),
        ],
        "ap-southeast-2" => vec![
            t("sessions", Shape::Sessions, 80),
            t("inventory", Shape::Stock, 3),
            t("audit-log", Shape::OrderEvents, 40),
        ],
        _ => Vec::new(),
    }
}

/// The items that the table starts with, in DynamoDB JSON.
pub fn items(seed: &TableSeed) -> Vec<Value> {
    let mut chance = Chance::of(&seed.name);
    (1..=seed.partitions)
        .flat_map(|p| (0..seed.per_partition()).map(move |i| (p, i)))
        .map(|(p, i)| item(seed.shape, p, i, &mut chance))
        .collect()
}

fn item(shape: Shape, p: u64, i: u64, chance: &mut Chance) -> Value {
    match shape {
        Shape::Features => feature(p, i, chance),
        Shape::Sessions => session(p, chance),
        Shape::OrderEvents => order_event(p, i, chance),
        Shape::Products => product(p, chance),
        Shape::Stock => json!({
            "warehouse": s(pick(&["DUB-1", "AMS-2", "MAD-1", "SYD-1", "IAD-3", "FRA-4"], p)),
            "sku": s(format!("SKU-{:05}", 1000 + i * 7)),
            "on_hand": n(chance.below(900)),
            "reserved": n(chance.below(60)),
            "updated_at": s(stamp(chance)),
        }),
        Shape::Predictions => json!({
            "model": s(pick(MODELS, p)),
            "request_id": s(format!("r-{p:02}-{i:04}-{:06x}", chance.below(0xff_ffff))),
            "score": decimal(&chance.hundredths(100)),
            "label": s(pick(&["approve", "review", "decline"], chance.below(3))),
            "top_features": json!({ "L": [s(FEATURES[0]), s(FEATURES[1])] }),
            "expires_at": n(ITEMS_EPOCH_S + 90 * 86_400 + chance.below(86_400)),
        }),
        Shape::Items => json!({
            "id": s(format!("i-{p:05}")),
            "state": s(pick(&["on", "off", "trial"], chance.below(3))),
            "weight": n(chance.below(100)),
            "updated_at": s(stamp(chance)),
        }),
    }
}

const FEATURES: &[&str] = &[
    "sessions_7d",
    "country",
    "embedding_v2",
    "basket_profile",
    "interests",
    "churn_score",
    "is_subscriber",
    "last_seen_at",
];

const MODELS: &[&str] = &["churn-xgb", "fraud-gbm", "ranker-two-tower", "price-elasticity", "ltv-regressor"];

const EVENTS: &[&str] = &["placed", "paid", "picked", "shipped", "delivered"];

fn feature(p: u64, i: u64, chance: &mut Chance) -> Value {
    let name = pick(FEATURES, i);
    let value = match i {
        0 => n(chance.below(40)),
        1 => s(pick(&["IE", "DE", "FR", "AU", "US", "ES"], p)),
        2 => json!({ "L": (0..4).map(|_| decimal(&chance.hundredths(200))).collect::<Vec<_>>() }),
        3 => {
            json!({ "M": { "orders_90d": n(chance.below(30)), "avg_value": decimal(&chance.hundredths(9_000)),
                            "currency": s("EUR"), "gift": json!({ "BOOL": chance.below(4) == 0 }) } })
        }
        4 => {
            json!({ "SS": [pick(&["cycling", "garden", "books"], p), pick(&["music", "kitchen", "travel"], p)] })
        }
        5 => decimal(&chance.hundredths(100)),
        6 => json!({ "BOOL": chance.below(3) == 0 }),
        _ => s(stamp(chance)),
    };
    json!({
        "user_id": s(format!("u-{p}")),
        "feature_name": s(name),
        "value": value,
        "version": n(2 + i % 3),
        "source": s(pick(&["stream", "batch"], i)),
        "updated_at": s(stamp(chance)),
        "expires_at": n(ITEMS_EPOCH_S + 90 * 86_400 + chance.below(86_400)),
    })
}

fn session(p: u64, chance: &mut Chance) -> Value {
    let pages: Vec<Value> =
        (0..2 + chance.below(4)).map(|_| s(format!("/p/SKU-{:05}", 1000 + chance.below(160)))).collect();
    json!({
        "session_id": s(format!("s-{p:05}-{:08x}", chance.below(0xffff_ffff))),
        "customer_id": s(format!("c-{}", 1 + chance.below(60))),
        "started_at": s(stamp(chance)),
        "device": json!({ "M": { "os": s(pick(&["iOS", "Android", "Windows", "macOS"], chance.below(4))),
                                 "app": s(format!("4.{}", chance.below(12))) } }),
        "pages": json!({ "L": pages }),
        "signed_in": json!({ "BOOL": chance.below(2) == 0 }),
        "expires_at": n(ITEMS_EPOCH_S + 90 * 86_400 + chance.below(7_200)),
    })
}

fn order_event(p: u64, i: u64, chance: &mut Chance) -> Value {
    json!({
        "order_id": s(format!("o-{:06}", 100_000 + p)),
        "event_at": s(format!("2026-11-{:02}T{:02}:{:02}:00Z", 1 + p % 20, i * 4, chance.below(60))),
        "kind": s(pick(EVENTS, i)),
        "by": s(pick(&["checkout", "psp", "warehouse", "carrier"], i)),
        "amount": decimal(&chance.hundredths(20_000)),
    })
}

fn product(p: u64, chance: &mut Chance) -> Value {
    let category = pick(&["bikes", "helmets", "lights", "clothing", "tools"], chance.below(5));
    json!({
        "sku": s(format!("SKU-{:05}", 1000 + p)),
        "category": s(category),
        "title": s(format!("{} {}", pick(&["Trail", "City", "Alpine", "Classic"], p), category)),
        "price": decimal(&chance.hundredths(90_000)),
        "attributes": json!({ "M": { "colour": s(pick(&["red", "graphite", "moss", "sand"], chance.below(4))),
                                     "weight_g": n(100 + chance.below(9_000)) } }),
        "tags": json!({ "SS": [category, pick(&["new", "sale", "core"], chance.below(3))] }),
        "stock": json!({ "NS": [chance.below(50).to_string(), (50 + chance.below(50)).to_string()] }),
    })
}

fn s(text: impl Into<String>) -> Value {
    json!({ "S": text.into() })
}

fn n(number: u64) -> Value {
    decimal(&number.to_string())
}

fn decimal(digits: &str) -> Value {
    json!({ "N": digits })
}

/// The entry of `list` at `at`, counted round.
fn pick(list: &[&'static str], at: u64) -> &'static str {
    let at = usize::try_from(at).unwrap_or(0) % list.len().max(1);
    list.get(at).copied().unwrap_or_default()
}

/// A time within the fortnight before the items' epoch ends.
fn stamp(chance: &mut Chance) -> String {
    format!(
        "2026-11-{:02}T{:02}:{:02}:{:02}Z",
        1 + chance.below(14),
        chance.below(24),
        chance.below(60),
        chance.below(60)
    )
}
