//! What Aurora declares: kinds, columns, metrics, operations. Data only.
//! Metrics: Amazon Aurora user guide, "Amazon CloudWatch metrics for Amazon Aurora".

use crate::model::{
    ColumnSpec, FieldKind, Impact, KindSpec, MetricSpec, OperationSpec, Recovery, ServiceId, ServiceSpec,
    Stat, Tier, Unit, column, field,
};
use crate::services::rds::spec::{DELETE_FIELDS, DELETE_RECOVERY};

/// A DB cluster.
pub const CLUSTER: &str = "cluster";
/// A member: the writer or a reader.
pub const INSTANCE: &str = "instance";
/// A global database over clusters of several regions.
pub const GLOBAL: &str = "global";

const CLUSTERS: &[&str] = &[CLUSTER];
const INSTANCES: &[&str] = &[INSTANCE];

/// Aurora.
pub static SPEC: ServiceSpec = ServiceSpec {
    id: ServiceId("aurora"),
    title: "Aurora",
    short: &["au"],
    kinds: &[
        KindSpec { id: CLUSTER, title: "DB clusters" },
        KindSpec { id: INSTANCE, title: "Cluster members" },
        KindSpec { id: GLOBAL, title: "Global databases" },
    ],
    columns: COLUMNS,
    metrics: METRICS,
    operations: OPERATIONS,
    reads: &[
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstances",
        "rds:DescribeGlobalClusters",
        "rds:DescribeDBClusterEndpoints",
        "rds:DescribePendingMaintenanceActions",
        "rds:DescribeDBMajorEngineVersions",
        "rds:DescribeEvents",
        "rds:DescribeDBClusterSnapshots",
        "health:DescribeServiceLifecycle",
        "cloudwatch:GetMetricData",
        "sts:GetCallerIdentity",
    ],
    banner: None,
};

static COLUMNS: &[ColumnSpec] = &[
    column("engine", "ENGINE", 24, false, 1),
    column("role", "ROLE", 8, false, 0),
    column("class", "CLASS", 15, false, 2),
    column("acu", "ACU RANGE", 9, false, 3),
    column("members", "MEMBERS", 7, true, 4),
    column("tier", "TIER", 4, true, 5),
    column("az", "AZ", 15, false, 7),
    column("data-api", "DATA API", 8, false, 9),
    column("maintenance", "MAINTENANCE", 12, false, 8),
    column("backups", "BACKUPS", 7, true, 10),
    column("encrypted", "ENCR", 4, false, 11),
    column("public", "PUBLIC", 6, false, 6),
    column("protected", "PROT", 4, false, 12),
    column("eol", "ENGINE EOL", 10, false, 13),
];

const fn of_instance(
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
        ..MetricSpec::of("AWS/RDS", &["DBInstanceIdentifier"], INSTANCES)
    }
}

const fn of_cluster(
    id: &'static str,
    title: &'static str,
    name: &'static str,
    stat: Stat,
    unit: Unit,
    period_s: u32,
) -> MetricSpec {
    MetricSpec {
        id,
        title,
        name,
        stat,
        unit,
        period_s,
        ..MetricSpec::of("AWS/RDS", &["DBClusterIdentifier"], CLUSTERS)
    }
}

static METRICS: &[MetricSpec] = &[
    of_instance("cpu", "CPU", "CPUUtilization", Stat::Average, Unit::Percent, true),
    of_instance("connections", "CONNS", "DatabaseConnections", Stat::Maximum, Unit::Count, true),
    of_instance("lag", "LAG", "AuroraReplicaLag", Stat::Maximum, Unit::Milliseconds, true),
    of_instance("acu-use", "ACU %", "ACUUtilization", Stat::Maximum, Unit::Percent, true),
    of_instance("acu", "ACU", "ServerlessDatabaseCapacity", Stat::Average, Unit::Count, false),
    of_instance("free-memory", "Freeable memory", "FreeableMemory", Stat::Minimum, Unit::Bytes, false),
    of_instance("free-local", "Free local storage", "FreeLocalStorage", Stat::Minimum, Unit::Bytes, false),
    of_instance(
        "commit-latency",
        "Commit latency",
        "CommitLatency",
        Stat::Average,
        Unit::Milliseconds,
        false,
    ),
    of_instance("commits", "Commits", "CommitThroughput", Stat::Average, Unit::CountPerSecond, false),
    of_instance("read-latency", "Read latency", "ReadLatency", Stat::Average, Unit::Seconds, false),
    of_instance("write-latency", "Write latency", "WriteLatency", Stat::Average, Unit::Seconds, false),
    of_instance(
        "cache-hits",
        "Buffer cache hits",
        "BufferCacheHitRatio",
        Stat::Average,
        Unit::Percent,
        false,
    ),
    of_instance("deadlocks", "Deadlocks", "Deadlocks", Stat::Average, Unit::CountPerSecond, false),
    of_instance(
        "net-out",
        "Network out",
        "NetworkTransmitThroughput",
        Stat::Average,
        Unit::BytesPerSecond,
        false,
    ),
    of_cluster("volume", "Volume used", "VolumeBytesUsed", Stat::Average, Unit::Bytes, 300),
    of_cluster("volume-reads", "Volume reads", "VolumeReadIOPs", Stat::Sum, Unit::Count, 300),
    of_cluster("volume-writes", "Volume writes", "VolumeWriteIOPs", Stat::Sum, Unit::Count, 300),
    of_cluster(
        "lag-max",
        "Largest replica lag",
        "AuroraReplicaLagMaximum",
        Stat::Maximum,
        Unit::Milliseconds,
        60,
    ),
    of_cluster("cluster-acu", "ACU, mean", "ServerlessDatabaseCapacity", Stat::Average, Unit::Count, 60),
];

static OPERATIONS: &[OperationSpec] = &[
    OperationSpec {
        id: "failover",
        title: "Fail over",
        kinds: CLUSTERS,
        api: "rds:FailoverDBCluster",
        tier: Tier::Disruptive,
        impact: Impact(
            "writes stop until the chosen reader has become the writer, typically under 30 seconds",
        ),
        recovery: Recovery("fail over again, to the old writer"),
        fields: &[field("target", "New writer", FieldKind::Reader, false)],
        cli: "aws rds failover-db-cluster --db-cluster-identifier {name} [--target-db-instance-identifier {target}]{?target}",
    },
    OperationSpec {
        id: "start",
        title: "Start cluster",
        kinds: CLUSTERS,
        api: "rds:StartDBCluster",
        tier: Tier::Reversible,
        impact: Impact("billing by the hour begins again for all members"),
        recovery: Recovery("stop it again"),
        fields: &[],
        cli: "aws rds start-db-cluster --db-cluster-identifier {name}",
    },
    OperationSpec {
        id: "stop",
        title: "Stop cluster",
        kinds: CLUSTERS,
        api: "rds:StopDBCluster",
        tier: Tier::Disruptive,
        impact: Impact("all connections of all members end; it starts again by itself after seven days"),
        recovery: Recovery("start it again; endpoints and data stay"),
        fields: &[],
        cli: "aws rds stop-db-cluster --db-cluster-identifier {name}",
    },
    OperationSpec {
        id: "snapshot",
        title: "Snapshot",
        kinds: CLUSTERS,
        api: "rds:CreateDBClusterSnapshot",
        tier: Tier::Reversible,
        impact: Impact("none on users; storage is billed"),
        recovery: Recovery("delete the snapshot"),
        fields: &[field("snapshot", "Snapshot identifier", FieldKind::Text, false)],
        cli: "aws rds create-db-cluster-snapshot --db-cluster-identifier {name} --db-cluster-snapshot-identifier {snapshot}",
    },
    OperationSpec {
        id: "delete",
        title: "Delete cluster",
        kinds: CLUSTERS,
        api: "rds:DeleteDBCluster",
        tier: Tier::Loss,
        impact: Impact("the cluster volume is gone; its members must be deleted first"),
        recovery: DELETE_RECOVERY,
        fields: DELETE_FIELDS,
        cli: "aws rds delete-db-cluster --db-cluster-identifier {name} [--final-db-snapshot-identifier {final-snapshot}]{!skip-final-snapshot} [--skip-final-snapshot]{?skip-final-snapshot}",
    },
    OperationSpec {
        id: "reboot",
        title: "Reboot member",
        kinds: INSTANCES,
        api: "rds:RebootDBInstance",
        tier: Tier::Disruptive,
        impact: Impact("connections to this member end; rebooting a writer may restart the readers too"),
        recovery: Recovery("none needed: it comes back by itself"),
        fields: &[],
        cli: "aws rds reboot-db-instance --db-instance-identifier {name}",
    },
    OperationSpec {
        id: "modify-class",
        title: "Modify class of member",
        kinds: INSTANCES,
        api: "rds:ModifyDBInstance",
        tier: Tier::Disruptive,
        impact: Impact("this member is away for minutes when it is applied; a writer should fail over first"),
        recovery: Recovery("modify it back to the class it has now"),
        fields: &[
            field("class", "DB instance class", FieldKind::Text, true),
            field("apply-immediately", "Apply now, not in the maintenance window", FieldKind::Flag, false),
        ],
        cli: "aws rds modify-db-instance --db-instance-identifier {name} --db-instance-class {class} [--apply-immediately]{?apply-immediately}",
    },
    OperationSpec {
        id: "delete-member",
        title: "Delete member",
        kinds: INSTANCES,
        api: "rds:DeleteDBInstance",
        tier: Tier::Loss,
        impact: Impact(
            "this member is gone; data stays in the cluster volume; deleting the writer fails over",
        ),
        recovery: Recovery("add an instance of the same class to the cluster"),
        fields: &[],
        cli: "aws rds delete-db-instance --db-instance-identifier {name} --skip-final-snapshot",
    },
];
