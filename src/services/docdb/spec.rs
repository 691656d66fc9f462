//! What DocumentDB declares: kinds, columns, metrics, operations. Data only.
//! Metrics: DocumentDB developer guide, "Monitoring with CloudWatch" and, for elastic clusters,
//! "Monitoring elastic clusters". Operation counters are published as counts of a minute.

use crate::model::{
    ColumnSpec, FieldKind, Impact, KindSpec, MetricSpec, OperationSpec, Recovery, ServiceId, ServiceSpec,
    Stat, Tier, Unit, column, field,
};
use crate::services::rds::spec::{DELETE_FIELDS, DELETE_RECOVERY};

/// A cluster of instances over one volume.
pub const CLUSTER: &str = "cluster";
/// A member: the primary or a replica.
pub const INSTANCE: &str = "instance";
/// A global cluster over clusters of several regions.
pub const GLOBAL: &str = "global";
/// An elastic cluster: shards behind one router.
pub const ELASTIC: &str = "elastic";

const CLUSTERS: &[&str] = &[CLUSTER];
const INSTANCES: &[&str] = &[INSTANCE];
const ELASTICS: &[&str] = &[ELASTIC];

/// DocumentDB.
pub static SPEC: ServiceSpec = ServiceSpec {
    id: ServiceId("docdb"),
    title: "DocumentDB",
    short: &["documentdb", "mongo"],
    kinds: &[
        KindSpec { id: CLUSTER, title: "Clusters" },
        KindSpec { id: INSTANCE, title: "Cluster members" },
        KindSpec { id: GLOBAL, title: "Global clusters" },
        KindSpec { id: ELASTIC, title: "Elastic clusters" },
    ],
    columns: COLUMNS,
    metrics: METRICS,
    operations: OPERATIONS,
    reads: &[
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstances",
        "rds:DescribeGlobalClusters",
        "rds:DescribePendingMaintenanceActions",
        "rds:DescribeDBMajorEngineVersions",
        "rds:DescribeEvents",
        "rds:DescribeDBSnapshots",
        "rds:DescribeDBClusterSnapshots",
        "docdb-elastic:ListClusters",
        "docdb-elastic:GetCluster",
        "docdb-elastic:ListClusterSnapshots",
        "docdb-elastic:ListPendingMaintenanceActions",
        "docdb-elastic:ListTagsForResource",
        "health:DescribeServiceLifecycle",
        "cloudwatch:GetMetricData",
        "sts:GetCallerIdentity",
    ],
    banner: None,
};

static COLUMNS: &[ColumnSpec] = &[
    column("engine", "ENGINE", 16, false, 1),
    column("role", "ROLE", 8, false, 0),
    column("class", "CLASS", 15, false, 2),
    column("dcu", "DCU RANGE", 9, false, 5),
    column("members", "MEMBERS", 7, true, 3),
    column("shards", "SHARDS", 6, true, 4),
    column("storage", "STORAGE", 9, false, 9),
    column("az", "AZ", 12, false, 8),
    column("support", "SUPPORT UNTIL", 13, false, 6),
    column("maintenance", "MAINTENANCE", 12, false, 10),
    column("backups", "BACKUPS", 7, true, 11),
    column("encrypted", "ENCR", 4, false, 12),
    column("public", "PUBLIC", 6, false, 7),
    column("protected", "PROT", 4, false, 13),
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
        ..MetricSpec::of("AWS/DocDB", &["DBInstanceIdentifier"], INSTANCES)
    }
}

/// A count of each minute, shown as a rate.
const fn counter(id: &'static str, title: &'static str, name: &'static str) -> MetricSpec {
    MetricSpec { per_second: true, ..metric(id, title, name, Sum, CountPerSecond, false) }
}

const fn of_cluster(
    id: &'static str,
    title: &'static str,
    name: &'static str,
    stat: Stat,
    unit: Unit,
    period_s: u32,
) -> MetricSpec {
    let metric = metric(id, title, name, stat, unit, false);
    MetricSpec { dimensions: &["DBClusterIdentifier"], kinds: CLUSTERS, period_s, ..metric }
}

const fn of_elastic(
    id: &'static str,
    title: &'static str,
    name: &'static str,
    stat: Stat,
    unit: Unit,
) -> MetricSpec {
    let metric = metric(id, title, name, stat, unit, false);
    let dimensions = &["ClusterId", "ClusterName"];
    MetricSpec { namespace: "AWS/DocDB-Elastic", dimensions, kinds: ELASTICS, ..metric }
}

use Stat::{Average, Maximum, Minimum, Sum};
use Unit::{Bytes, Count, CountPerSecond, Milliseconds, Percent, Seconds};

static METRICS: &[MetricSpec] = &[
    metric("cpu", "CPU", "CPUUtilization", Average, Percent, true),
    metric("connections", "CONN", "DatabaseConnections", Maximum, Count, true),
    metric("lag", "LAG", "DBInstanceReplicaLag", Maximum, Milliseconds, true),
    metric("cache-hits", "CACHE %", "BufferCacheHitRatio", Average, Percent, true),
    metric("index-hits", "Index cache hits", "IndexBufferCacheHitRatio", Average, Percent, false),
    metric("free-memory", "Freeable memory", "FreeableMemory", Minimum, Bytes, false),
    metric("connection-limit", "Connection limit", "DatabaseConnectionsLimit", Maximum, Count, false),
    metric("cursors", "Open cursors", "DatabaseCursors", Maximum, Count, false),
    metric("cursor-limit", "Cursor limit", "DatabaseCursorsLimit", Maximum, Count, false),
    metric("cursors-timed-out", "Cursors timed out", "DatabaseCursorsTimedOut", Sum, Count, false),
    metric("transactions", "Open transactions", "TransactionsOpen", Maximum, Count, false),
    metric("transaction-limit", "Transaction limit", "TransactionsOpenLimit", Maximum, Count, false),
    counter("queries", "Queries", "OpcountersQuery"),
    counter("inserts", "Inserts", "OpcountersInsert"),
    counter("updates", "Updates", "OpcountersUpdate"),
    counter("deletes", "Deletes", "OpcountersDelete"),
    counter("commands", "Commands", "OpcountersCommand"),
    counter("getmores", "Further batches", "OpcountersGetmore"),
    counter("returned", "Documents returned", "DocumentsReturned"),
    counter("inserted", "Documents inserted", "DocumentsInserted"),
    counter("updated", "Documents updated", "DocumentsUpdated"),
    counter("deleted", "Documents deleted", "DocumentsDeleted"),
    metric("throttle-queue", "Memory throttle queue", "LowMemThrottleQueueDepth", Maximum, Count, false),
    metric("throttled", "Throttled for memory", "LowMemNumOperationsThrottled", Sum, Count, false),
    metric("read-latency", "Read latency", "ReadLatency", Average, Seconds, false),
    metric("write-latency", "Write latency", "WriteLatency", Average, Seconds, false),
    metric("dcu", "DCU", "ServerlessDatabaseCapacity", Maximum, Count, false),
    of_cluster("cluster-cpu", "CPU", "CPUUtilization", Average, Percent, 60),
    of_cluster("cluster-connections", "Connections", "DatabaseConnections", Maximum, Count, 60),
    of_cluster("lag-max", "Largest replica lag", "DBClusterReplicaLagMaximum", Maximum, Milliseconds, 60),
    of_cluster("volume", "Volume used", "VolumeBytesUsed", Average, Bytes, 300),
    of_cluster("volume-reads", "Volume reads", "VolumeReadIOPs", Sum, Count, 300),
    of_cluster("volume-writes", "Volume writes", "VolumeWriteIOPs", Sum, Count, 300),
    of_cluster("backups", "Backup storage billed", "TotalBackupStorageBilled", Average, Bytes, 300),
    of_elastic("shard-cpu", "Primary CPU", "PrimaryInstanceCPUUtilization", Average, Percent),
    of_elastic("shard-memory", "Primary memory left", "PrimaryInstanceFreeableMemory", Minimum, Bytes),
    of_elastic("replica-cpu", "Replica CPU", "ReplicaInstanceCPUUtilization", Average, Percent),
    of_elastic("elastic-connections", "Connections", "DatabaseConnections", Maximum, Count),
    of_elastic("elastic-cursors-timed-out", "Cursors timed out", "DatabaseCursorsTimedOut", Sum, Count),
    of_elastic("elastic-volume", "Volume used", "VolumeBytesUsed", Average, Bytes),
    of_elastic("elastic-queries", "Queries a minute", "OpcountersQuery", Sum, Count),
];

/// vCPUs that a shard may have.
const SHARD_CAPACITIES: FieldKind = FieldKind::Choice(&["2", "4", "8", "16", "32", "64"]);

static OPERATIONS: &[OperationSpec] = &[
    OperationSpec {
        impact: Impact("writes stop until a replica has become the primary, typically under 30 seconds"),
        recovery: Recovery("fail over again, to the old primary"),
        fields: &[field("target", "New primary", FieldKind::Reader, false)],
        cli: "aws docdb failover-db-cluster --db-cluster-identifier {name} [--target-db-instance-identifier {target}]{?target}",
        ..OperationSpec::new("failover", "Fail over", CLUSTERS, "rds:FailoverDBCluster", Tier::Disruptive)
    },
    OperationSpec {
        impact: Impact("billing by the hour begins again for all members"),
        recovery: Recovery("stop it again"),
        cli: "aws docdb start-db-cluster --db-cluster-identifier {name}",
        ..OperationSpec::new("start", "Start cluster", CLUSTERS, "rds:StartDBCluster", Tier::Reversible)
    },
    OperationSpec {
        impact: Impact("all connections of all members end; it starts again by itself after seven days"),
        recovery: Recovery("start it again; endpoints and data stay"),
        cli: "aws docdb stop-db-cluster --db-cluster-identifier {name}",
        ..OperationSpec::new("stop", "Stop cluster", CLUSTERS, "rds:StopDBCluster", Tier::Disruptive)
    },
    OperationSpec {
        impact: Impact("none on users; storage is billed"),
        recovery: Recovery("delete the snapshot"),
        fields: &[field("snapshot", "Snapshot identifier", FieldKind::Text, false)],
        cli: "aws docdb create-db-cluster-snapshot --db-cluster-identifier {name} --db-cluster-snapshot-identifier {snapshot}",
        ..OperationSpec::new(
            "snapshot",
            "Snapshot",
            CLUSTERS,
            "rds:CreateDBClusterSnapshot",
            Tier::Reversible,
        )
    },
    OperationSpec {
        impact: Impact(
            "serverless members scale within the new range at once; a lower ceiling may slow queries, and raising the floor costs more",
        ),
        recovery: Recovery("change it back to the range it has now, shown in the detail view"),
        fields: &[
            field("min-dcu", "Lowest DCU (0.5 to 256, in halves)", FieldKind::Text, true),
            field("max-dcu", "Highest DCU (1 to 256, in halves)", FieldKind::Text, true),
        ],
        cli: "aws docdb modify-db-cluster --db-cluster-identifier {name} --serverless-v2-scaling-configuration MinCapacity={min-dcu},MaxCapacity={max-dcu} --apply-immediately",
        ..OperationSpec::new(
            "dcu-range",
            "Change DCU range",
            CLUSTERS,
            "rds:ModifyDBCluster",
            Tier::Disruptive,
        )
    },
    OperationSpec {
        impact: Impact("the cluster volume is gone; its members must be deleted first"),
        recovery: DELETE_RECOVERY,
        fields: DELETE_FIELDS,
        cli: "aws docdb delete-db-cluster --db-cluster-identifier {name} [--final-db-snapshot-identifier {final-snapshot}]{!skip-final-snapshot} [--skip-final-snapshot]{?skip-final-snapshot}",
        ..OperationSpec::new("delete", "Delete cluster", CLUSTERS, "rds:DeleteDBCluster", Tier::Loss)
    },
    OperationSpec {
        impact: Impact("connections to this member end; rebooting the primary stops writes until it is back"),
        recovery: Recovery("none needed: it comes back by itself"),
        cli: "aws docdb reboot-db-instance --db-instance-identifier {name}",
        ..OperationSpec::new("reboot", "Reboot member", INSTANCES, "rds:RebootDBInstance", Tier::Disruptive)
    },
    OperationSpec {
        impact: Impact(
            "an outage of this member for minutes when it is applied; on the primary that is a failover",
        ),
        recovery: Recovery("modify it back to the class it has now"),
        fields: &[
            field("class", "Instance class", FieldKind::Text, true),
            field("apply-immediately", "Apply now, not in the maintenance window", FieldKind::Flag, false),
        ],
        cli: "aws docdb modify-db-instance --db-instance-identifier {name} --db-instance-class {class} [--apply-immediately]{?apply-immediately}",
        ..OperationSpec::new(
            "modify-class",
            "Modify class",
            INSTANCES,
            "rds:ModifyDBInstance",
            Tier::Disruptive,
        )
    },
    OperationSpec {
        impact: Impact(
            "this member is gone; data stays in the cluster volume; deleting the primary fails over",
        ),
        recovery: Recovery("add an instance of the same class to the cluster"),
        cli: "aws docdb delete-db-instance --db-instance-identifier {name}",
        ..OperationSpec::new("delete-member", "Delete member", INSTANCES, "rds:DeleteDBInstance", Tier::Loss)
    },
    OperationSpec {
        impact: Impact("billing by the hour begins again for all shards"),
        recovery: Recovery("stop it again"),
        cli: "aws docdb-elastic start-cluster --cluster-arn ARN # of {name}",
        ..OperationSpec::new(
            "start-elastic",
            "Start elastic cluster",
            ELASTICS,
            "docdb-elastic:StartCluster",
            Tier::Reversible,
        )
    },
    OperationSpec {
        impact: Impact("all connections end; it starts again by itself after seven days"),
        recovery: Recovery("start it again; endpoint and data stay"),
        cli: "aws docdb-elastic stop-cluster --cluster-arn ARN # of {name}",
        ..OperationSpec::new(
            "stop-elastic",
            "Stop elastic cluster",
            ELASTICS,
            "docdb-elastic:StopCluster",
            Tier::Disruptive,
        )
    },
    OperationSpec {
        impact: Impact(
            "connections may end while shards move; a change of shards takes longer with more data",
        ),
        recovery: Recovery("change it back to what it has now, shown in the detail view"),
        fields: &[
            field("capacity", "vCPUs of each shard", SHARD_CAPACITIES, false),
            field("shards", "Shards (1 to 32)", FieldKind::Number, false),
            field("instances", "Instances of each shard (1 to 16)", FieldKind::Number, false),
        ],
        cli: "aws docdb-elastic update-cluster --cluster-arn ARN [--shard-capacity {capacity}]{?capacity} [--shard-count {shards}]{?shards} [--shard-instance-count {instances}]{?instances} # of {name}",
        ..OperationSpec::new(
            "scale-elastic",
            "Scale elastic cluster",
            ELASTICS,
            "docdb-elastic:UpdateCluster",
            Tier::Disruptive,
        )
    },
    OperationSpec {
        impact: Impact("none on users; storage is billed"),
        recovery: Recovery("delete the snapshot"),
        fields: &[field("snapshot", "Snapshot name", FieldKind::Text, false)],
        cli: "aws docdb-elastic create-cluster-snapshot --cluster-arn ARN --snapshot-name {snapshot} # of {name}",
        ..OperationSpec::new(
            "snapshot-elastic",
            "Snapshot elastic cluster",
            ELASTICS,
            "docdb-elastic:CreateClusterSnapshot",
            Tier::Reversible,
        )
    },
];
