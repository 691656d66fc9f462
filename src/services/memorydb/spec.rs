//! What MemoryDB declares: kinds, columns, metrics, operations. Data only.
//! Metrics: MemoryDB developer guide, "Metrics for MemoryDB". Latencies come in microseconds.

use crate::model::{
    ColumnSpec, FieldKind, Impact, KindSpec, MetricSpec, OperationSpec, Recovery, ServiceId, ServiceSpec,
    Stat, Tier, Unit, column, field,
};
use crate::services::rds::spec::DELETE_FIELDS;

/// A cluster.
pub const CLUSTER: &str = "cluster";
/// A node of a shard.
pub const NODE: &str = "node";

const CLUSTERS: &[&str] = &[CLUSTER];
const NODES: &[&str] = &[NODE];

/// MemoryDB.
pub static SPEC: ServiceSpec = ServiceSpec {
    id: ServiceId("memorydb"),
    title: "MemoryDB",
    short: &["mdb"],
    kinds: &[KindSpec { id: CLUSTER, title: "Clusters" }, KindSpec { id: NODE, title: "Nodes" }],
    columns: COLUMNS,
    metrics: METRICS,
    operations: OPERATIONS,
    reads: &[
        "memorydb:DescribeClusters",
        "memorydb:DescribeSnapshots",
        "memorydb:DescribeACLs",
        "memorydb:DescribeServiceUpdates",
        "memorydb:DescribeEvents",
        "memorydb:ListTags",
        "health:DescribeServiceLifecycle",
        "cloudwatch:GetMetricData",
        "sts:GetCallerIdentity",
    ],
    banner: None,
};

static COLUMNS: &[ColumnSpec] = &[
    column("engine", "ENGINE", 12, false, 0),
    column("size", "SIZE", 18, false, 1),
    column("shards", "SHARDS", 6, true, 2),
    column("slots", "SLOTS", 11, false, 8),
    column("multi-az", "MULTI-AZ", 8, false, 5),
    column("az", "AZ", 12, false, 7),
    column("tls", "TLS", 3, false, 4),
    column("acl", "ACL", 14, false, 3),
    column("backups", "BACKUPS", 7, true, 6),
    column("pending", "PENDING", 14, false, 9),
    column("maintenance", "MAINTENANCE", 19, false, 10),
];

const fn metric(
    id: &'static str,
    title: &'static str,
    name: &'static str,
    stat: Stat,
    unit: Unit,
    column: bool,
) -> MetricSpec {
    MetricSpec {
        id,
        title,
        name,
        stat,
        unit,
        column,
        ..MetricSpec::of("AWS/MemoryDB", &["ClusterName", "NodeName"], NODES)
    }
}

use Stat::{Average, Maximum, Minimum, Sum};
use Unit::{Bytes, BytesPerSecond, Count, Milliseconds, Percent, Seconds};

static METRICS: &[MetricSpec] = &[
    metric("engine-cpu", "CPU", "EngineCPUUtilization", Maximum, Percent, true),
    metric("memory-used", "MEM", "DatabaseMemoryUsagePercentage", Maximum, Percent, true),
    metric("connections", "CONNS", "CurrConnections", Maximum, Count, true),
    metric("lag", "LAG", "ReplicationLag", Maximum, Seconds, true),
    metric("host-cpu", "Host CPU", "CPUUtilization", Maximum, Percent, false),
    metric("free-memory", "Freeable memory", "FreeableMemory", Minimum, Bytes, false),
    metric("used", "Memory used", "BytesUsedForMemoryDB", Maximum, Bytes, false),
    metric("evictions", "Evictions", "Evictions", Sum, Count, false),
    metric("items", "Items", "CurrItems", Maximum, Count, false),
    metric("hits", "Hits", "KeyspaceHits", Sum, Count, false),
    metric("misses", "Misses", "KeyspaceMisses", Sum, Count, false),
    metric("new-connections", "New connections", "NewConnections", Sum, Count, false),
    metric("read-latency", "Read latency, µs", "SuccessfulReadRequestLatency", Average, Count, false),
    metric("write-latency", "Write latency, µs", "SuccessfulWriteRequestLatency", Average, Count, false),
    metric("replication", "Replicated", "MaxReplicationThroughput", Maximum, BytesPerSecond, false),
    metric("delayed-writes", "Delayed writes", "ReplicationDelayedWriteCommands", Sum, Count, false),
    metric("auth-failures", "Refused logins", "AuthenticationFailures", Sum, Count, false),
    metric("is-primary", "Is primary", "IsPrimary", Maximum, Count, false),
    metric("link", "Link to primary", "PrimaryLinkHealthStatus", Minimum, Count, false),
    metric(
        "region-lag",
        "Lag between regions",
        "MultiRegionClusterReplicationLag",
        Maximum,
        Milliseconds,
        false,
    ),
];

const fn operation(id: &'static str, title: &'static str, api: &'static str, tier: Tier) -> OperationSpec {
    OperationSpec::new(id, title, CLUSTERS, api, tier)
}

static OPERATIONS: &[OperationSpec] = &[
    OperationSpec {
        impact: Impact(
            "writes to the shard stop until a replica is primary, typically under 20 seconds; AWS calls it a test",
        ),
        recovery: Recovery("the old primary comes back as a replica; fail over again to return"),
        fields: &[field("shard", "Shard (0001 when left empty)", FieldKind::Text, false)],
        cli: "aws memorydb failover-shard --cluster-name {name} --shard-name {shard}",
        ..operation("failover", "Fail over a shard", "memorydb:FailoverShard", Tier::Disruptive)
    },
    OperationSpec {
        impact: Impact(
            "nodes are replaced one after the other; connections drop, writes stop for seconds at the switch",
        ),
        recovery: Recovery("change back to the node type it has now"),
        fields: &[field("node-type", "Node type, as in db.r7g.large", FieldKind::Text, true)],
        cli: "aws memorydb update-cluster --cluster-name {name} --node-type {node-type}",
        ..operation("node-type", "Change node type", "memorydb:UpdateCluster", Tier::Disruptive)
    },
    OperationSpec {
        impact: Impact("slots move while it serves; slower meanwhile, and for hours with much data"),
        recovery: Recovery("reshard back to the number it has now"),
        fields: &[field("shards", "Number of shards", FieldKind::Number, true)],
        cli: "aws memorydb update-cluster --cluster-name {name} --shard-configuration ShardCount={shards}",
        ..operation("reshard", "Reshard", "memorydb:UpdateCluster", Tier::Disruptive)
    },
    OperationSpec {
        impact: Impact("added replicas are billed; connections to removed ones end"),
        recovery: Recovery("change back to the number it has now"),
        fields: &[field("replicas", "Replicas of each shard, 0 to 5", FieldKind::Number, true)],
        cli: "aws memorydb update-cluster --cluster-name {name} --replica-configuration ReplicaCount={replicas}",
        ..operation("replicas", "Change replicas", "memorydb:UpdateCluster", Tier::Disruptive)
    },
    OperationSpec {
        impact: Impact(
            "nodes are replaced one after the other; connections drop, writes stop for seconds at the switch",
        ),
        recovery: Recovery("none: an update cannot be taken back"),
        fields: &[field("update", "Service update, as the detail view names it", FieldKind::Text, true)],
        cli: "aws memorydb batch-update-cluster --cluster-names {name} --service-update ServiceUpdateNameToApply={update}",
        ..operation("apply-update", "Apply a service update", "memorydb:BatchUpdateCluster", Tier::Disruptive)
    },
    OperationSpec {
        impact: Impact("none on users; storage is billed"),
        recovery: Recovery("delete the snapshot"),
        fields: &[field("snapshot", "Snapshot name", FieldKind::Text, false)],
        cli: "aws memorydb create-snapshot --cluster-name {name} --snapshot-name {snapshot}",
        ..operation("snapshot", "Snapshot", "memorydb:CreateSnapshot", Tier::Reversible)
    },
    OperationSpec {
        impact: Impact("the cluster and its data are gone; snapshots stay"),
        recovery: Recovery("make a new one from the final snapshot, which is taken by default"),
        fields: DELETE_FIELDS,
        cli: "aws memorydb delete-cluster --cluster-name {name} [--final-snapshot-name {final-snapshot}]{!skip-final-snapshot}",
        ..operation("delete", "Delete cluster", "memorydb:DeleteCluster", Tier::Loss)
    },
];
