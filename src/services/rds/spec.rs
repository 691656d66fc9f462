//! What RDS declares: kinds, columns, metrics, operations. Data only.
//! Metrics: Amazon RDS user guide, "Amazon CloudWatch metrics for Amazon RDS".

use crate::model::{
    ColumnSpec, Field, FieldKind, Impact, KindSpec, MetricSpec, OperationSpec, Recovery, ServiceId,
    ServiceSpec, Stat, Tier, Unit, column, field,
};

/// A DB instance outside Aurora.
pub const INSTANCE: &str = "instance";
/// A Multi-AZ DB cluster: one writer and two readable standbys, not Aurora.
pub const CLUSTER: &str = "cluster";

const INSTANCES: &[&str] = &[INSTANCE];
const CLUSTERS: &[&str] = &[CLUSTER];

/// RDS.
pub static SPEC: ServiceSpec = ServiceSpec {
    id: ServiceId("rds"),
    title: "RDS",
    short: &["r"],
    kinds: &[
        KindSpec { id: INSTANCE, title: "DB instances" },
        KindSpec { id: CLUSTER, title: "Multi-AZ DB clusters" },
    ],
    columns: COLUMNS,
    metrics: METRICS,
    operations: OPERATIONS,
    reads: &[
        "rds:DescribeDBInstances",
        "rds:DescribeDBClusters",
        "rds:DescribePendingMaintenanceActions",
        "rds:DescribeDBMajorEngineVersions",
        "rds:DescribeEvents",
        "rds:DescribeDBSnapshots",
        "rds:DescribeDBClusterSnapshots",
        "health:DescribeServiceLifecycle",
        "cloudwatch:GetMetricData",
        "sts:GetCallerIdentity",
    ],
    banner: None,
};

static COLUMNS: &[ColumnSpec] = &[
    column("engine", "ENGINE", 18, false, 0),
    column("class", "CLASS", 15, false, 1),
    column("role", "ROLE", 9, false, 2),
    column("storage", "STORAGE", 9, true, 3),
    column("multi-az", "MULTI-AZ", 8, false, 4),
    column("replicas", "REPL", 4, true, 6),
    column("maintenance", "MAINTENANCE", 12, false, 7),
    column("backups", "BACKUPS", 7, true, 8),
    column("encrypted", "ENCR", 4, false, 9),
    column("public", "PUBLIC", 6, false, 5),
    column("protected", "PROT", 4, false, 10),
    column("eol", "ENGINE EOL", 10, false, 11),
    column("ca", "CA UNTIL", 10, false, 12),
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
        ..MetricSpec::of("AWS/RDS", &["DBInstanceIdentifier"], INSTANCES)
    }
}

static METRICS: &[MetricSpec] = &[
    metric("cpu", "CPU", "CPUUtilization", Stat::Average, Unit::Percent, true),
    metric("connections", "CONNS", "DatabaseConnections", Stat::Maximum, Unit::Count, true),
    metric("free-storage", "FREE", "FreeStorageSpace", Stat::Minimum, Unit::Bytes, true),
    metric("lag", "LAG", "ReplicaLag", Stat::Maximum, Unit::Seconds, true),
    metric("free-memory", "Freeable memory", "FreeableMemory", Stat::Minimum, Unit::Bytes, false),
    metric("swap", "Swap", "SwapUsage", Stat::Maximum, Unit::Bytes, false),
    metric("read-iops", "Read IOPS", "ReadIOPS", Stat::Average, Unit::CountPerSecond, false),
    metric("write-iops", "Write IOPS", "WriteIOPS", Stat::Average, Unit::CountPerSecond, false),
    metric("read-latency", "Read latency", "ReadLatency", Stat::Average, Unit::Seconds, false),
    metric("write-latency", "Write latency", "WriteLatency", Stat::Average, Unit::Seconds, false),
    metric("queue", "Disk queue", "DiskQueueDepth", Stat::Average, Unit::Count, false),
    metric("burst", "Burst balance", "BurstBalance", Stat::Minimum, Unit::Percent, false),
    metric("credits", "CPU credits", "CPUCreditBalance", Stat::Minimum, Unit::Count, false),
    metric("net-in", "Network in", "NetworkReceiveThroughput", Stat::Average, Unit::BytesPerSecond, false),
    metric("net-out", "Network out", "NetworkTransmitThroughput", Stat::Average, Unit::BytesPerSecond, false),
];

/// The fields of every delete: a final snapshot unless waived with a reason.
pub static DELETE_FIELDS: &[Field] = &[
    field("final-snapshot", "Final snapshot", FieldKind::Text, false),
    field("skip-final-snapshot", "Skip the final snapshot", FieldKind::Flag, false),
    field("skip-reason", "Why skip it", FieldKind::Text, false),
];

/// The way back from a delete.
pub const DELETE_RECOVERY: Recovery =
    Recovery("restore the final snapshot, which is made by default, into a new database");

static OPERATIONS: &[OperationSpec] = &[
    OperationSpec {
        id: "start",
        title: "Start",
        kinds: INSTANCES,
        api: "rds:StartDBInstance",
        tier: Tier::Reversible,
        impact: Impact("billing by the hour begins again"),
        recovery: Recovery("stop it again"),
        fields: &[],
        cli: "aws rds start-db-instance --db-instance-identifier {name}",
    },
    OperationSpec {
        id: "stop",
        title: "Stop",
        kinds: INSTANCES,
        api: "rds:StopDBInstance",
        tier: Tier::Disruptive,
        impact: Impact("all connections end; it starts again by itself after seven days"),
        recovery: Recovery("start it again; endpoint and data stay"),
        fields: &[],
        cli: "aws rds stop-db-instance --db-instance-identifier {name}",
    },
    OperationSpec {
        id: "reboot",
        title: "Reboot",
        kinds: INSTANCES,
        api: "rds:RebootDBInstance",
        tier: Tier::Disruptive,
        impact: Impact("all connections end for a minute or more; with failover the standby takes over"),
        recovery: Recovery("none needed: it comes back by itself"),
        fields: &[field("failover", "Fail over to the standby (Multi-AZ)", FieldKind::Flag, false)],
        cli: "aws rds reboot-db-instance --db-instance-identifier {name} [--force-failover]{?failover}",
    },
    OperationSpec {
        id: "snapshot",
        title: "Snapshot",
        kinds: INSTANCES,
        api: "rds:CreateDBSnapshot",
        tier: Tier::Reversible,
        impact: Impact("a brief pause of I/O on a Single-AZ instance; storage is billed"),
        recovery: Recovery("delete the snapshot"),
        fields: &[field("snapshot", "Snapshot identifier", FieldKind::Text, false)],
        cli: "aws rds create-db-snapshot --db-instance-identifier {name} --db-snapshot-identifier {snapshot}",
    },
    OperationSpec {
        id: "modify-class",
        title: "Modify class",
        kinds: INSTANCES,
        api: "rds:ModifyDBInstance",
        tier: Tier::Disruptive,
        impact: Impact(
            "an outage of minutes when it is applied; applying now also applies everything pending",
        ),
        recovery: Recovery("modify it back to the class it has now"),
        fields: &[
            field("class", "DB instance class", FieldKind::Text, true),
            field("apply-immediately", "Apply now, not in the maintenance window", FieldKind::Flag, false),
        ],
        cli: "aws rds modify-db-instance --db-instance-identifier {name} --db-instance-class {class} [--apply-immediately]{?apply-immediately}",
    },
    OperationSpec {
        id: "delete",
        title: "Delete",
        kinds: INSTANCES,
        api: "rds:DeleteDBInstance",
        tier: Tier::Loss,
        impact: Impact("the database is gone; its automated backups are kept for their retention time"),
        recovery: DELETE_RECOVERY,
        fields: DELETE_FIELDS,
        cli: "aws rds delete-db-instance --db-instance-identifier {name} [--final-db-snapshot-identifier {final-snapshot}]{!skip-final-snapshot} [--skip-final-snapshot]{?skip-final-snapshot} --no-delete-automated-backups",
    },
    OperationSpec {
        id: "failover",
        title: "Fail over",
        kinds: CLUSTERS,
        api: "rds:FailoverDBCluster",
        tier: Tier::Disruptive,
        impact: Impact("writes stop until a reader has become the writer, typically under 35 seconds"),
        recovery: Recovery("fail over again, to the old writer"),
        fields: &[field("target", "New writer", FieldKind::Reader, false)],
        cli: "aws rds failover-db-cluster --db-cluster-identifier {name} [--target-db-instance-identifier {target}]{?target}",
    },
];
