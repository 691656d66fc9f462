//! What Redshift declares: kinds, columns, metrics, operations. Data only.
//! Metrics: Amazon Redshift management guide, "Performance data in Amazon Redshift" and
//! "Monitoring Amazon Redshift Serverless with CloudWatch".

use crate::model::{
    ColumnSpec, FieldKind, Impact, KindSpec, MetricSpec, OperationSpec, Recovery, ServiceId, ServiceSpec,
    Stat, Tier, Unit, column, field,
};
use crate::services::rds::spec::{DELETE_FIELDS, DELETE_RECOVERY};

/// A provisioned cluster.
pub const CLUSTER: &str = "cluster";
/// The compute of Serverless.
pub const WORKGROUP: &str = "workgroup";
/// The storage of Serverless.
pub const NAMESPACE: &str = "namespace";

const CLUSTERS: &[&str] = &[CLUSTER];
const WORKGROUPS: &[&str] = &[WORKGROUP];
const NAMESPACES: &[&str] = &[NAMESPACE];

/// Redshift.
pub static SPEC: ServiceSpec = ServiceSpec {
    id: ServiceId("redshift"),
    title: "Redshift",
    short: &["rs"],
    kinds: &[
        KindSpec { id: CLUSTER, title: "Provisioned clusters" },
        KindSpec { id: WORKGROUP, title: "Serverless workgroups" },
        KindSpec { id: NAMESPACE, title: "Serverless namespaces" },
    ],
    columns: COLUMNS,
    metrics: METRICS,
    operations: OPERATIONS,
    reads: &[
        "redshift:DescribeClusters",
        "redshift:DescribeClusterSnapshots",
        "redshift:DescribeResize",
        "redshift:DescribeLoggingStatus",
        "redshift:DescribeUsageLimits",
        "redshift:DescribeClusterParameters",
        "redshift:DescribeEvents",
        "redshift-serverless:ListWorkgroups",
        "redshift-serverless:ListNamespaces",
        "redshift-serverless:GetWorkgroup",
        "redshift-serverless:GetNamespace",
        "redshift-serverless:ListSnapshots",
        "redshift-serverless:ListRecoveryPoints",
        "redshift-serverless:ListUsageLimits",
        "redshift-serverless:ListTagsForResource",
        "cloudwatch:GetMetricData",
        "cloudwatch:ListMetrics",
        "sts:GetCallerIdentity",
    ],
    banner: None,
};

static COLUMNS: &[ColumnSpec] = &[
    column("size", "SIZE", 18, false, 0),
    column("role", "ROLE", 11, false, 1),
    column("storage", "STORAGE", 9, true, 3),
    column("multi-az", "MULTI-AZ", 8, false, 4),
    column("resize", "RESIZE", 12, false, 2),
    column("version", "VERSION", 12, false, 8),
    column("track", "TRACK", 8, false, 10),
    column("maintenance", "MAINTENANCE", 19, false, 7),
    column("pending", "PENDING", 12, false, 6),
    column("backups", "BACKUPS", 7, true, 9),
    column("encrypted", "ENCR", 4, false, 11),
    column("public", "PUBLIC", 6, false, 5),
];

const fn of_cluster(
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
        ..MetricSpec::of("AWS/Redshift", &["ClusterIdentifier"], CLUSTERS)
    }
}

/// A metric that Redshift gives by how long queries took, every five minutes.
const fn of_latency(
    id: &'static str,
    title: &'static str,
    name: &'static str,
    unit: Unit,
    fixed: &'static [(&'static str, &'static str)],
) -> MetricSpec {
    MetricSpec { fixed, period_s: 300, ..of_cluster(id, title, name, Stat::Average, unit, false) }
}

const fn of_serverless(
    id: &'static str,
    title: &'static str,
    name: &'static str,
    stat: Stat,
    dimension: &'static [&'static str],
    kinds: &'static [&'static str],
    column: bool,
) -> MetricSpec {
    MetricSpec {
        id,
        title,
        name,
        stat,
        column,
        ..MetricSpec::of("AWS/Redshift-Serverless", dimension, kinds)
    }
}

const fn of_workgroup(
    id: &'static str,
    title: &'static str,
    name: &'static str,
    stat: Stat,
    column: bool,
) -> MetricSpec {
    of_serverless(id, title, name, stat, &["Workgroup"], WORKGROUPS, column)
}

const SHORT: &[(&str, &str)] = &[("latency", "short")];
const MEDIUM: &[(&str, &str)] = &[("latency", "medium")];
const LONG: &[(&str, &str)] = &[("latency", "long")];

static METRICS: &[MetricSpec] = &[
    of_cluster("cpu", "CPU", "CPUUtilization", Stat::Average, Unit::Percent, true),
    of_cluster("disk-used", "DISK", "PercentageDiskSpaceUsed", Stat::Maximum, Unit::Percent, true),
    of_cluster("connections", "CONNS", "DatabaseConnections", Stat::Average, Unit::Count, true),
    of_cluster("health", "Health (1 is healthy)", "HealthStatus", Stat::Minimum, Unit::Count, false),
    of_cluster("maintenance-mode", "Maintenance mode", "MaintenanceMode", Stat::Maximum, Unit::Count, false),
    of_cluster("read-latency", "Read latency", "ReadLatency", Stat::Average, Unit::Seconds, false),
    of_cluster("write-latency", "Write latency", "WriteLatency", Stat::Average, Unit::Seconds, false),
    of_cluster("read-iops", "Read IOPS", "ReadIOPS", Stat::Average, Unit::CountPerSecond, false),
    of_cluster("write-iops", "Write IOPS", "WriteIOPS", Stat::Average, Unit::CountPerSecond, false),
    of_cluster("reads", "Read", "ReadThroughput", Stat::Average, Unit::BytesPerSecond, false),
    of_cluster("writes", "Written", "WriteThroughput", Stat::Average, Unit::BytesPerSecond, false),
    of_cluster("commit-queue", "Commit queue", "CommitQueueLength", Stat::Average, Unit::Count, false),
    of_cluster(
        "scaling-clusters",
        "Concurrency scaling clusters",
        "ConcurrencyScalingActiveClusters",
        Stat::Average,
        Unit::Count,
        false,
    ),
    of_cluster(
        "scaling-seconds",
        "Concurrency scaling, seconds",
        "ConcurrencyScalingSeconds",
        Stat::Sum,
        Unit::Seconds,
        false,
    ),
    of_cluster(
        "managed-storage",
        "Managed storage, MB",
        "RedshiftManagedStorageTotalCapacity",
        Stat::Average,
        Unit::Count,
        false,
    ),
    // AWS gives microseconds here, alone among its latencies.
    of_latency("short-queries", "Short queries, µs", "QueryDuration", Unit::Count, SHORT),
    of_latency("medium-queries", "Medium queries, µs", "QueryDuration", Unit::Count, MEDIUM),
    of_latency("long-queries", "Long queries, µs", "QueryDuration", Unit::Count, LONG),
    of_latency(
        "long-completed",
        "Long queries completed",
        "QueriesCompletedPerSecond",
        Unit::CountPerSecond,
        LONG,
    ),
    of_workgroup("rpu", "RPU", "ComputeCapacity", Stat::Average, true),
    of_workgroup("rpu-seconds", "RPU seconds", "ComputeSeconds", Stat::Sum, false),
    of_workgroup("workgroup-connections", "Connections", "DatabaseConnections", Stat::Average, false),
    of_workgroup("running", "Queries running", "QueriesRunning", Stat::Average, false),
    of_workgroup("queued", "Queries queued", "QueriesQueued", Stat::Average, false),
    of_workgroup("failed", "Queries failed", "QueriesFailed", Stat::Sum, false),
    of_workgroup("succeeded", "Queries succeeded", "QueriesSucceeded", Stat::Sum, false),
    of_workgroup("duration", "Query duration, µs", "QueryDuration", Stat::Average, false),
    // Bytes by one page of AWS's documentation, megabytes by another: shown as it comes.
    of_serverless("data", "Data storage", "DataStorage", Stat::Average, &["Namespace"], NAMESPACES, false),
    of_serverless("tables", "Tables", "TotalTableCount", Stat::Average, &["Namespace"], NAMESPACES, false),
];

static OPERATIONS: &[OperationSpec] = &[
    OperationSpec {
        id: "pause",
        title: "Pause",
        kinds: CLUSTERS,
        api: "redshift:PauseCluster",
        tier: Tier::Disruptive,
        impact: Impact("all connections and queries end; only storage is billed until it is resumed"),
        recovery: Recovery("resume it; endpoint and data stay"),
        fields: &[],
        cli: "aws redshift pause-cluster --cluster-identifier {name}",
    },
    OperationSpec {
        id: "resume",
        title: "Resume",
        kinds: CLUSTERS,
        api: "redshift:ResumeCluster",
        tier: Tier::Reversible,
        impact: Impact("billing by the hour begins again for all nodes"),
        recovery: Recovery("pause it again"),
        fields: &[],
        cli: "aws redshift resume-cluster --cluster-identifier {name}",
    },
    OperationSpec {
        id: "reboot",
        title: "Reboot",
        kinds: CLUSTERS,
        api: "redshift:RebootCluster",
        tier: Tier::Disruptive,
        impact: Impact("all connections and queries end for some minutes; static parameters take effect"),
        recovery: Recovery("none needed: it comes back by itself"),
        fields: &[],
        cli: "aws redshift reboot-cluster --cluster-identifier {name}",
    },
    OperationSpec {
        id: "resize",
        title: "Resize",
        kinds: CLUSTERS,
        api: "redshift:ResizeCluster",
        tier: Tier::Disruptive,
        impact: Impact(
            "elastic: minutes, connections may drop; classic: read-only for hours while data is copied",
        ),
        recovery: Recovery("resize it back; one that is running can be cancelled by CancelResize"),
        fields: &[
            field("nodes", "Number of nodes", FieldKind::Number, true),
            field("node-type", "Node type, when it changes", FieldKind::Text, false),
            field("classic", "Classic resize, not elastic", FieldKind::Flag, false),
        ],
        cli: "aws redshift resize-cluster --cluster-identifier {name} --number-of-nodes {nodes} [--node-type {node-type}]{?node-type} [--classic]{?classic}",
    },
    OperationSpec {
        id: "failover",
        title: "Fail over primary compute",
        kinds: CLUSTERS,
        api: "redshift:FailoverPrimaryCompute",
        tier: Tier::Disruptive,
        impact: Impact(
            "Multi-AZ only: queries end, and the other zone's compute takes over in about a minute",
        ),
        recovery: Recovery("fail over again"),
        fields: &[],
        cli: "aws redshift failover-primary-compute --cluster-identifier {name}",
    },
    OperationSpec {
        id: "snapshot",
        title: "Snapshot",
        kinds: CLUSTERS,
        api: "redshift:CreateClusterSnapshot",
        tier: Tier::Reversible,
        impact: Impact("none on users; storage is billed"),
        recovery: Recovery("delete the snapshot"),
        fields: &[field("snapshot", "Snapshot identifier", FieldKind::Text, false)],
        cli: "aws redshift create-cluster-snapshot --cluster-identifier {name} --snapshot-identifier {snapshot}",
    },
    OperationSpec {
        id: "maintenance-window",
        title: "Maintenance window",
        kinds: CLUSTERS,
        api: "redshift:ModifyCluster",
        tier: Tier::Reversible,
        impact: Impact("none on users now; maintenance will interrupt queries in the new window"),
        recovery: Recovery("set the window back"),
        fields: &[field("window", "Window in UTC, as in sat:03:00-sat:03:30", FieldKind::Text, true)],
        cli: "aws redshift modify-cluster --cluster-identifier {name} --preferred-maintenance-window {window}",
    },
    OperationSpec {
        id: "defer-maintenance",
        title: "Defer maintenance",
        kinds: CLUSTERS,
        api: "redshift:ModifyClusterMaintenance",
        tier: Tier::Reversible,
        impact: Impact("none on users; updates wait for up to 45 days, except those that cannot"),
        recovery: Recovery("end the deferment with modify-cluster-maintenance --no-defer-maintenance"),
        fields: &[field("days", "Days to defer, 1 to 45", FieldKind::Number, true)],
        cli: "aws redshift modify-cluster-maintenance --cluster-identifier {name} --defer-maintenance --defer-maintenance-duration {days}",
    },
    OperationSpec {
        id: "delete",
        title: "Delete",
        kinds: CLUSTERS,
        api: "redshift:DeleteCluster",
        tier: Tier::Loss,
        impact: Impact("the cluster, its data and its automated snapshots are gone; manual snapshots stay"),
        recovery: DELETE_RECOVERY,
        fields: DELETE_FIELDS,
        cli: "aws redshift delete-cluster --cluster-identifier {name} [--final-cluster-snapshot-identifier {final-snapshot}]{!skip-final-snapshot} [--skip-final-cluster-snapshot]{?skip-final-snapshot}",
    },
    OperationSpec {
        id: "base-rpu",
        title: "Base RPU",
        kinds: WORKGROUPS,
        api: "redshift-serverless:UpdateWorkgroup",
        tier: Tier::Disruptive,
        impact: Impact("running queries may be cancelled; cost changes with the first query after it"),
        recovery: Recovery("set the base back to what it is now"),
        fields: &[field("rpu", "Base capacity in RPU, in steps of 8", FieldKind::Number, true)],
        cli: "aws redshift-serverless update-workgroup --workgroup-name {name} --base-capacity {rpu}",
    },
    OperationSpec {
        id: "max-rpu",
        title: "Max RPU",
        kinds: WORKGROUPS,
        api: "redshift-serverless:UpdateWorkgroup",
        tier: Tier::Disruptive,
        impact: Impact("too low queues queries, too high costs"),
        recovery: Recovery("set the maximum back to what it is now"),
        fields: &[field("rpu", "Most RPU it may scale to", FieldKind::Number, true)],
        cli: "aws redshift-serverless update-workgroup --workgroup-name {name} --max-capacity {rpu}",
    },
    OperationSpec {
        id: "namespace-snapshot",
        title: "Snapshot",
        kinds: NAMESPACES,
        api: "redshift-serverless:CreateSnapshot",
        tier: Tier::Reversible,
        impact: Impact("none on users; storage is billed"),
        recovery: Recovery("delete the snapshot"),
        fields: &[field("snapshot", "Snapshot name", FieldKind::Text, false)],
        cli: "aws redshift-serverless create-snapshot --namespace-name {name} --snapshot-name {snapshot}",
    },
];
