//! What DAX declares: kinds, columns, metrics, operations. Data only.
//! Metrics: Amazon DynamoDB developer guide, "Viewing DAX metrics and dimensions".

use crate::model::{
    ColumnSpec, FieldKind, Impact, KindSpec, MetricSpec, OperationSpec, Recovery, ServiceId, ServiceSpec,
    Stat, Tier, Unit, column, field,
};

/// A cluster.
pub const CLUSTER: &str = "cluster";
/// A node; its name in the fleet is `CLUSTER.NODE`.
pub const NODE: &str = "node";

const CLUSTERS: &[&str] = &[CLUSTER];
const NODES: &[&str] = &[NODE];

/// The most nodes of a cluster: one that writes and ten that read.
pub const MOST_NODES: i32 = 11;

/// DAX.
pub static SPEC: ServiceSpec = ServiceSpec {
    id: ServiceId("dax"),
    title: "DAX",
    short: &[],
    kinds: &[KindSpec { id: CLUSTER, title: "Clusters" }, KindSpec { id: NODE, title: "Nodes" }],
    columns: COLUMNS,
    metrics: METRICS,
    operations: OPERATIONS,
    reads: &[
        "dax:DescribeClusters",
        "dax:DescribeEvents",
        "dax:DescribeParameters",
        "dax:ListTags",
        "cloudwatch:GetMetricData",
        "sts:GetCallerIdentity",
    ],
    banner: None,
};

static COLUMNS: &[ColumnSpec] = &[
    column("type", "NODE TYPE", 14, false, 0),
    column("nodes", "NODES", 6, false, 1),
    column("az", "AZ", 18, false, 2),
    column("tls", "TLS", 4, false, 3),
    column("sse", "AT REST", 8, false, 4),
    column("parameters", "PARAMETERS", 18, false, 5),
    column("window", "MAINTENANCE", 19, false, 6),
];

const BY_CLUSTER: &[&str] = &["ClusterId"];
const BY_NODE: &[&str] = &["ClusterId", "NodeId"];

const fn gauge(id: &'static str, title: &'static str, name: &'static str, unit: Unit) -> MetricSpec {
    MetricSpec { id, title, name, unit, ..MetricSpec::of("AWS/DAX", BY_CLUSTER, CLUSTERS) }
}

const fn counter(id: &'static str, title: &'static str, name: &'static str) -> MetricSpec {
    MetricSpec { stat: Stat::Sum, ..gauge(id, title, name, Unit::Count) }
}

/// The same metric of one node.
const fn of_node(id: &'static str, metric: &MetricSpec) -> MetricSpec {
    MetricSpec { id, dimensions: BY_NODE, kinds: NODES, ..*metric }
}

static METRICS: &[MetricSpec] = &[
    MetricSpec { column: true, ..gauge("cpu", "CPU", "CPUUtilization", Unit::Percent) },
    MetricSpec { column: true, ..gauge("memory", "CACHE", "CacheMemoryUtilization", Unit::Percent) },
    MetricSpec { column: true, per_second: true, ..counter("requests", "REQ/S", "TotalRequestCount") },
    counter("item-hits", "Item cache hits", "ItemCacheHits"),
    counter("item-misses", "Item cache misses", "ItemCacheMisses"),
    counter("query-hits", "Query cache hits", "QueryCacheHits"),
    counter("query-misses", "Query cache misses", "QueryCacheMisses"),
    counter("errors", "Errors of callers", "ErrorRequestCount"),
    counter("faults", "Faults of DAX", "FaultRequestCount"),
    counter("failed", "Failed requests", "FailedRequestCount"),
    counter("throttled", "Throttled requests", "ThrottledRequestCount"),
    MetricSpec { unit: Unit::Bytes, ..counter("evicted", "Evicted", "EvictedSize") },
    gauge("size", "Estimated size", "EstimatedDbSize", Unit::Bytes),
    gauge("connections", "Connections", "ClientConnections", Unit::Count),
    of_node("node-cpu", &gauge("cpu", "CPU", "CPUUtilization", Unit::Percent)),
    of_node("node-memory", &gauge("memory", "Cache memory", "CacheMemoryUtilization", Unit::Percent)),
    of_node("node-requests", &counter("requests", "Requests", "TotalRequestCount")),
    of_node("node-item-hits", &counter("item-hits", "Item cache hits", "ItemCacheHits")),
    of_node("node-item-misses", &counter("item-misses", "Item cache misses", "ItemCacheMisses")),
    of_node("node-connections", &gauge("connections", "Connections", "ClientConnections", Unit::Count)),
];

static OPERATIONS: &[OperationSpec] = &[
    OperationSpec {
        id: "increase",
        title: "Add nodes",
        kinds: CLUSTERS,
        api: "dax:IncreaseReplicationFactor",
        tier: Tier::Disruptive,
        impact: Impact("none on users; each node is billed, and begins with an empty cache"),
        recovery: Recovery("remove the nodes again"),
        fields: &[field("nodes", "Nodes it will have (2 to 11)", FieldKind::Number, true)],
        cli: "aws dax increase-replication-factor --cluster-name {name} --new-replication-factor {nodes}",
    },
    OperationSpec {
        id: "decrease",
        title: "Remove nodes",
        kinds: CLUSTERS,
        api: "dax:DecreaseReplicationFactor",
        tier: Tier::Disruptive,
        impact: Impact(
            "connections to the removed nodes break and their caches are lost; reads go to DynamoDB",
        ),
        recovery: Recovery("add nodes again: they begin with empty caches"),
        fields: &[
            field("nodes", "Nodes it will have (1 to 10)", FieldKind::Number, true),
            field("remove", "Node ids to remove, by commas (AWS chooses when empty)", FieldKind::Text, false),
        ],
        cli: "aws dax decrease-replication-factor --cluster-name {name} --new-replication-factor {nodes} [--node-ids-to-remove {remove}]{?remove}",
    },
    OperationSpec {
        id: "reboot",
        title: "Reboot the node",
        kinds: NODES,
        api: "dax:RebootNode",
        tier: Tier::Disruptive,
        impact: Impact(
            "its connections break and its cache is lost; a writing node hands over to a reading one",
        ),
        recovery: Recovery("it comes back by itself; nothing is to be undone"),
        fields: &[],
        cli: "aws dax reboot-node --cluster-name {name.0} --node-id {name.1}",
    },
    OperationSpec {
        id: "delete",
        title: "Delete",
        kinds: CLUSTERS,
        api: "dax:DeleteCluster",
        tier: Tier::Loss,
        impact: Impact("its endpoint is gone: clients fail until they ask DynamoDB itself"),
        recovery: Recovery("create a cluster of the same kind; no data is lost, the tables are in DynamoDB"),
        fields: &[],
        cli: "aws dax delete-cluster --cluster-name {name}",
    },
];
