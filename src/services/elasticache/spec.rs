//! What ElastiCache declares: kinds, columns, metrics, operations. Data only.
//! Metrics: ElastiCache user guide, "Metrics for Valkey and Redis OSS", "Metrics for Memcached",
//! "Serverless metrics". Latencies come in microseconds.

use crate::model::{
    ColumnSpec, FieldKind, Impact, KindSpec, MetricSpec, OperationSpec, Recovery, ServiceId, ServiceSpec,
    Stat, Tier, Unit, column, field,
};
use crate::services::rds::spec::DELETE_FIELDS;

/// A replication group of Redis OSS or Valkey.
pub const GROUP: &str = "group";
/// A node of a replication group.
pub const NODE: &str = "node";
/// A node of Redis OSS or Valkey outside any group.
pub const SINGLE: &str = "single";
/// A Memcached cluster.
pub const MEMCACHED: &str = "memcached";
/// A Serverless cache.
pub const SERVERLESS: &str = "serverless";
/// A global datastore.
pub const GLOBAL: &str = "global";

const GROUPS: &[&str] = &[GROUP];
const REDIS_NODES: &[&str] = &[NODE, SINGLE];
const NODES: &[&str] = &[NODE, SINGLE, MEMCACHED];
const REBOOTS: &[&str] = &[NODE, SINGLE, MEMCACHED];
const SINGLES: &[&str] = &[SINGLE];
const UPDATES: &[&str] = &[GROUP, MEMCACHED, SINGLE];
const MEMCACHEDS: &[&str] = &[MEMCACHED];
const SERVERLESSES: &[&str] = &[SERVERLESS];
const GLOBALS: &[&str] = &[GLOBAL];

/// ElastiCache.
pub static SPEC: ServiceSpec = ServiceSpec {
    id: ServiceId("elasticache"),
    title: "ElastiCache",
    short: &["ec", "redis", "valkey", "cache"],
    kinds: &[
        KindSpec { id: GROUP, title: "Replication groups" },
        KindSpec { id: NODE, title: "Nodes of groups" },
        KindSpec { id: SINGLE, title: "Single nodes" },
        KindSpec { id: MEMCACHED, title: "Memcached clusters" },
        KindSpec { id: SERVERLESS, title: "Serverless caches" },
        KindSpec { id: GLOBAL, title: "Global datastores" },
    ],
    columns: COLUMNS,
    metrics: METRICS,
    operations: OPERATIONS,
    reads: &[
        "elasticache:DescribeReplicationGroups",
        "elasticache:DescribeCacheClusters",
        "elasticache:DescribeServerlessCaches",
        "elasticache:DescribeGlobalReplicationGroups",
        "elasticache:DescribeUpdateActions",
        "elasticache:DescribeSnapshots",
        "elasticache:DescribeServerlessCacheSnapshots",
        "elasticache:DescribeUserGroups",
        "elasticache:DescribeUsers",
        "elasticache:DescribeEvents",
        "elasticache:ListAllowedNodeTypeModifications",
        "elasticache:ListTagsForResource",
        "health:DescribeServiceLifecycle",
        "cloudwatch:GetMetricData",
        "sts:GetCallerIdentity",
    ],
    banner: None,
};

static COLUMNS: &[ColumnSpec] = &[
    column("engine", "ENGINE", 14, false, 0),
    column("role", "ROLE", 9, false, 1),
    column("size", "SIZE", 18, false, 2),
    column("shards", "SHARDS", 6, true, 3),
    column("slots", "SLOTS", 11, false, 9),
    column("failover", "FAILOVER", 8, false, 4),
    column("multi-az", "MULTI-AZ", 8, false, 7),
    column("az", "AZ", 12, false, 10),
    column("tls", "TLS", 9, false, 5),
    column("auth", "AUTH", 6, false, 6),
    column("backups", "BACKUPS", 7, true, 8),
    column("pending", "PENDING", 14, false, 11),
    column("maintenance", "MAINTENANCE", 19, false, 12),
];

const fn metric(
    id: &'static str,
    title: &'static str,
    name: &'static str,
    stat: Stat,
    unit: Unit,
    kinds: &'static [&'static str],
    column: bool,
) -> MetricSpec {
    MetricSpec {
        id,
        title,
        name,
        stat,
        unit,
        column,
        ..MetricSpec::of("AWS/ElastiCache", &["CacheClusterId"], kinds)
    }
}

const fn of_redis(
    id: &'static str,
    title: &'static str,
    name: &'static str,
    stat: Stat,
    unit: Unit,
) -> MetricSpec {
    metric(id, title, name, stat, unit, REDIS_NODES, false)
}

const fn of_memcached(
    id: &'static str,
    title: &'static str,
    name: &'static str,
    stat: Stat,
    unit: Unit,
) -> MetricSpec {
    metric(id, title, name, stat, unit, MEMCACHEDS, false)
}

const fn of_serverless(
    id: &'static str,
    title: &'static str,
    name: &'static str,
    stat: Stat,
    unit: Unit,
) -> MetricSpec {
    let metric = metric(id, title, name, stat, unit, SERVERLESSES, false);
    MetricSpec { dimensions: &["clusterId"], ..metric }
}

use Stat::{Average, Maximum, Minimum, Sum};
use Unit::{Bytes, Count, Percent, Seconds};

static METRICS: &[MetricSpec] = &[
    metric("engine-cpu", "CPU", "EngineCPUUtilization", Maximum, Percent, REDIS_NODES, true),
    metric("memory-used", "MEM", "DatabaseMemoryUsagePercentage", Maximum, Percent, REDIS_NODES, true),
    metric("hit-rate", "HITS", "CacheHitRate", Average, Percent, REDIS_NODES, true),
    metric("connections", "CONNS", "CurrConnections", Maximum, Count, NODES, true),
    metric("host-cpu", "Host CPU", "CPUUtilization", Maximum, Percent, NODES, false),
    metric("evictions", "Evictions", "Evictions", Sum, Count, NODES, false),
    metric("free-memory", "Freeable memory", "FreeableMemory", Minimum, Bytes, NODES, false),
    metric("swap", "Swap", "SwapUsage", Maximum, Bytes, NODES, false),
    metric("new-connections", "New connections", "NewConnections", Sum, Count, NODES, false),
    metric("bytes-in", "Network in", "NetworkBytesIn", Sum, Bytes, NODES, false),
    metric("bytes-out", "Network out", "NetworkBytesOut", Sum, Bytes, NODES, false),
    metric("items", "Items", "CurrItems", Maximum, Count, NODES, false),
    of_redis("replication-lag", "Replication lag", "ReplicationLag", Maximum, Seconds),
    of_redis("hits", "Hits", "CacheHits", Sum, Count),
    of_redis("misses", "Misses", "CacheMisses", Sum, Count),
    of_redis("reclaimed", "Expired", "Reclaimed", Sum, Count),
    of_redis("used", "Memory used", "BytesUsedForCache", Maximum, Bytes),
    of_redis("read-latency", "Read latency, µs", "SuccessfulReadRequestLatency", Average, Count),
    of_redis("write-latency", "Write latency, µs", "SuccessfulWriteRequestLatency", Average, Count),
    of_redis("gets", "Reads", "GetTypeCmds", Sum, Count),
    of_redis("sets", "Writes", "SetTypeCmds", Sum, Count),
    of_redis("auth-failures", "Refused logins", "AuthenticationFailures", Sum, Count),
    of_redis("denied-commands", "Refused commands", "CommandAuthorizationFailures", Sum, Count),
    of_redis("is-master", "Is primary", "IsMaster", Maximum, Count),
    of_redis("link", "Link to primary", "MasterLinkHealthStatus", Minimum, Count),
    of_redis("global-lag", "Global lag", "GlobalDatastoreReplicationLag", Maximum, Seconds),
    of_memcached("get-hits", "Hits", "GetHits", Sum, Count),
    of_memcached("get-misses", "Misses", "GetMisses", Sum, Count),
    of_memcached("cmd-get", "Gets", "CmdGet", Sum, Count),
    of_memcached("cmd-set", "Sets", "CmdSet", Sum, Count),
    of_memcached("unused", "Memory unused", "UnusedMemory", Minimum, Bytes),
    of_memcached("item-bytes", "Bytes of items", "BytesUsedForCacheItems", Maximum, Bytes),
    of_serverless("ecpu", "ECPU", "ElastiCacheProcessingUnits", Sum, Count),
    of_serverless("stored", "Data stored", "BytesUsedForCache", Maximum, Bytes),
    of_serverless("throttled", "Throttled commands", "ThrottledCmds", Sum, Count),
    of_serverless("commands", "Commands", "TotalCmdsCount", Sum, Count),
    of_serverless("serverless-hit-rate", "Hit rate", "CacheHitRate", Average, Percent),
    of_serverless("serverless-connections", "Connections", "CurrConnections", Maximum, Count),
];

/// The way back from deleting what leaves a snapshot.
const FROM_SNAPSHOT: Recovery = Recovery("make a new one from the final snapshot, which is taken by default");

static OPERATIONS: &[OperationSpec] = &[
    OperationSpec {
        impact: Impact(
            "writes to the shard stop until a replica is primary, typically under a minute; AWS calls it a test",
        ),
        recovery: Recovery("the old primary comes back as a replica; fail over again to return"),
        fields: &[field("shard", "Shard (0001 when left empty)", FieldKind::Text, false)],
        cli: "aws elasticache test-failover --replication-group-id {name} --node-group-id {shard}",
        ..OperationSpec::new(
            "failover",
            "Test failover",
            GROUPS,
            "elasticache:TestFailover",
            Tier::Disruptive,
        )
    },
    OperationSpec {
        impact: Impact("writes stop while the named replica becomes primary; automatic failover must be off"),
        recovery: Recovery("promote the old primary"),
        fields: &[field("target", "Node that becomes primary", FieldKind::Text, true)],
        cli: "aws elasticache modify-replication-group --replication-group-id {name} --primary-cluster-id {target} --apply-immediately",
        ..OperationSpec::new(
            "promote",
            "Promote a replica",
            GROUPS,
            "elasticache:ModifyReplicationGroup",
            Tier::Disruptive,
        )
    },
    OperationSpec {
        impact: Impact(
            "nodes are replaced one after the other; connections drop, writes stop for seconds at the switch",
        ),
        recovery: Recovery("change back to the node type it has now"),
        fields: &[field("node-type", "Node type, as in cache.r7g.large", FieldKind::Text, true)],
        cli: "aws elasticache modify-replication-group --replication-group-id {name} --cache-node-type {node-type} --apply-immediately",
        ..OperationSpec::new(
            "node-type",
            "Change node type",
            GROUPS,
            "elasticache:ModifyReplicationGroup",
            Tier::Disruptive,
        )
    },
    OperationSpec {
        impact: Impact("none on users; the primary's snapshot costs it memory, and each node is billed"),
        recovery: Recovery("remove the replicas again"),
        fields: &[field("replicas", "Replicas of each shard, 1 to 5", FieldKind::Number, true)],
        cli: "aws elasticache increase-replica-count --replication-group-id {name} --new-replica-count {replicas} --apply-immediately",
        ..OperationSpec::new(
            "more-replicas",
            "Add replicas",
            GROUPS,
            "elasticache:IncreaseReplicaCount",
            Tier::Reversible,
        )
    },
    OperationSpec {
        impact: Impact("connections to the removed replicas end; with none left nothing can take over"),
        recovery: Recovery("add replicas again"),
        fields: &[field("replicas", "Replicas of each shard, 0 to 4", FieldKind::Number, true)],
        cli: "aws elasticache decrease-replica-count --replication-group-id {name} --new-replica-count {replicas} --apply-immediately",
        ..OperationSpec::new(
            "fewer-replicas",
            "Remove replicas",
            GROUPS,
            "elasticache:DecreaseReplicaCount",
            Tier::Disruptive,
        )
    },
    OperationSpec {
        impact: Impact("slots move while it serves; slower meanwhile, and for hours with much data"),
        recovery: Recovery("reshard back to the number it has now"),
        fields: &[
            field("shards", "Number of shards", FieldKind::Number, true),
            field("remove", "Shards to remove, when there will be fewer", FieldKind::Text, false),
        ],
        cli: "aws elasticache modify-replication-group-shard-configuration --replication-group-id {name} --node-group-count {shards} [--node-groups-to-remove {remove}]{?remove} --apply-immediately",
        ..OperationSpec::new(
            "reshard",
            "Reshard",
            GROUPS,
            "elasticache:ModifyReplicationGroupShardConfiguration",
            Tier::Disruptive,
        )
    },
    OperationSpec {
        impact: Impact("none on users where a replica is there to take it from; storage is billed"),
        recovery: Recovery("delete the snapshot"),
        fields: &[field("snapshot", "Snapshot name", FieldKind::Text, false)],
        cli: "aws elasticache create-snapshot --replication-group-id {name} --snapshot-name {snapshot}",
        ..OperationSpec::new("snapshot", "Snapshot", GROUPS, "elasticache:CreateSnapshot", Tier::Reversible)
    },
    OperationSpec {
        impact: Impact(
            "nodes are replaced one after the other; connections drop, writes stop for seconds at the switch",
        ),
        recovery: Recovery("none: an update cannot be taken back"),
        fields: &[field("update", "Service update, as the detail view names it", FieldKind::Text, true)],
        cli: "aws elasticache batch-apply-update-action --service-update-name {update} # for {name}",
        ..OperationSpec::new(
            "apply-update",
            "Apply a service update",
            UPDATES,
            "elasticache:BatchApplyUpdateAction",
            Tier::Disruptive,
        )
    },
    OperationSpec {
        impact: Impact("the group, its nodes and its data are gone; snapshots stay"),
        recovery: FROM_SNAPSHOT,
        fields: DELETE_FIELDS,
        cli: "aws elasticache delete-replication-group --replication-group-id {name} [--final-snapshot-identifier {final-snapshot}]{!skip-final-snapshot}",
        ..OperationSpec::new(
            "delete",
            "Delete group",
            GROUPS,
            "elasticache:DeleteReplicationGroup",
            Tier::Loss,
        )
    },
    OperationSpec {
        impact: Impact("what the rebooted nodes hold is lost, connections end; not possible in cluster mode"),
        recovery: Recovery("none: the cache fills again from its source"),
        fields: &[field("nodes", "Node ids, as in 0001,0002 (0001 when left empty)", FieldKind::Text, false)],
        cli: "aws elasticache reboot-cache-cluster --cache-cluster-id {name} --cache-node-ids-to-reboot {nodes}",
        ..OperationSpec::new("reboot", "Reboot nodes", REBOOTS, "elasticache:RebootCacheCluster", Tier::Loss)
    },
    OperationSpec {
        impact: Impact(
            "keys move between nodes, so many are missed at first; what removed nodes hold is lost",
        ),
        recovery: Recovery("change back to the number it has now"),
        fields: &[
            field("count", "Number of nodes", FieldKind::Number, true),
            field("remove", "Node ids to remove, when there will be fewer", FieldKind::Text, false),
        ],
        cli: "aws elasticache modify-cache-cluster --cache-cluster-id {name} --num-cache-nodes {count} [--cache-node-ids-to-remove {remove}]{?remove} --apply-immediately",
        ..OperationSpec::new(
            "node-count",
            "Change number of nodes",
            MEMCACHEDS,
            "elasticache:ModifyCacheCluster",
            Tier::Disruptive,
        )
    },
    OperationSpec {
        impact: Impact("the node and its data are gone; snapshots stay"),
        recovery: FROM_SNAPSHOT,
        fields: DELETE_FIELDS,
        cli: "aws elasticache delete-cache-cluster --cache-cluster-id {name} [--final-snapshot-identifier {final-snapshot}]{!skip-final-snapshot}",
        ..OperationSpec::new(
            "delete-single",
            "Delete node",
            SINGLES,
            "elasticache:DeleteCacheCluster",
            Tier::Loss,
        )
    },
    OperationSpec {
        impact: Impact("the cluster and all it holds are gone: Memcached has no snapshots"),
        recovery: Recovery("make a new cluster; it fills again from its source"),
        cli: "aws elasticache delete-cache-cluster --cache-cluster-id {name}",
        ..OperationSpec::new(
            "delete-memcached",
            "Delete cluster",
            MEMCACHEDS,
            "elasticache:DeleteCacheCluster",
            Tier::Loss,
        )
    },
    OperationSpec {
        impact: Impact("too low throttles commands or evicts data, too high costs"),
        recovery: Recovery("set the limits back to what they are now, shown in the detail view"),
        fields: &[
            field("max-gb", "Most data, in GB", FieldKind::Number, false),
            field("max-ecpu", "Most ECPU per second", FieldKind::Number, false),
        ],
        cli: "aws elasticache modify-serverless-cache --serverless-cache-name {name} [--cache-usage-limits DataStorage.Maximum={max-gb},DataStorage.Unit=GB]{?max-gb} [--cache-usage-limits ECPUPerSecond.Maximum={max-ecpu}]{?max-ecpu}",
        ..OperationSpec::new(
            "limits",
            "Change limits",
            SERVERLESSES,
            "elasticache:ModifyServerlessCache",
            Tier::Disruptive,
        )
    },
    OperationSpec {
        impact: Impact("none on users; storage is billed"),
        recovery: Recovery("delete the snapshot"),
        fields: &[field("snapshot", "Snapshot name", FieldKind::Text, false)],
        cli: "aws elasticache create-serverless-cache-snapshot --serverless-cache-name {name} --serverless-cache-snapshot-name {snapshot}",
        ..OperationSpec::new(
            "serverless-snapshot",
            "Snapshot",
            SERVERLESSES,
            "elasticache:CreateServerlessCacheSnapshot",
            Tier::Reversible,
        )
    },
    OperationSpec {
        impact: Impact("the cache and its data are gone; snapshots stay"),
        recovery: FROM_SNAPSHOT,
        fields: DELETE_FIELDS,
        cli: "aws elasticache delete-serverless-cache --serverless-cache-name {name} [--final-snapshot-name {final-snapshot}]{!skip-final-snapshot}",
        ..OperationSpec::new(
            "delete-serverless",
            "Delete cache",
            SERVERLESSES,
            "elasticache:DeleteServerlessCache",
            Tier::Loss,
        )
    },
    OperationSpec {
        impact: Impact("writes stop until the other region is primary; what had not reached it is lost"),
        recovery: Recovery("fail over again, to the old region"),
        fields: &[
            field("region", "Region that becomes primary", FieldKind::Text, true),
            field("group", "Its replication group", FieldKind::Text, true),
        ],
        cli: "aws elasticache failover-global-replication-group --global-replication-group-id {name} --primary-region {region} --primary-replication-group-id {group}",
        ..OperationSpec::new(
            "failover-global",
            "Fail over to another region",
            GLOBALS,
            "elasticache:FailoverGlobalReplicationGroup",
            Tier::Disruptive,
        )
    },
];
