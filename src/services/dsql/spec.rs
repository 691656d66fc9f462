//! What Aurora DSQL declares: columns, metrics, operations. Data only.
//! Metrics: Aurora DSQL user guide, "Monitoring Aurora DSQL with Amazon CloudWatch".

use crate::model::{
    ColumnSpec, Impact, KindSpec, MetricSpec, OperationSpec, Recovery, ServiceId, ServiceSpec, Stat, Tier,
    Unit, column,
};

/// A cluster.
pub const CLUSTER: &str = "cluster";

const CLUSTERS: &[&str] = &[CLUSTER];

/// Aurora DSQL.
pub static SPEC: ServiceSpec = ServiceSpec {
    id: ServiceId("dsql"),
    title: "DSQL",
    short: &[],
    kinds: &[KindSpec { id: CLUSTER, title: "DSQL clusters" }],
    columns: COLUMNS,
    metrics: METRICS,
    operations: OPERATIONS,
    reads: &[
        "dsql:ListClusters",
        "dsql:GetCluster",
        "dsql:ListStreams",
        "cloudwatch:GetMetricData",
        "sts:GetCallerIdentity",
    ],
    banner: None,
};

static COLUMNS: &[ColumnSpec] = &[
    column("label", "LABEL", 16, false, 0),
    column("regions", "REGIONS", 13, false, 1),
    column("witness", "WITNESS", 14, false, 2),
    column("protected", "PROTECTED", 9, false, 3),
    column("key", "KEY", 8, false, 4),
    column("created", "CREATED", 19, false, 5),
];

const fn metric(
    id: &'static str,
    title: &'static str,
    name: &'static str,
    stat: Stat,
    unit: Unit,
    column: bool,
) -> MetricSpec {
    // AWS's pages name this dimension in three ways; this is the one of its own examples.
    MetricSpec {
        id,
        title,
        name,
        stat,
        unit,
        column,
        ..MetricSpec::of("AWS/AuroraDSQL", &["ClusterId"], CLUSTERS)
    }
}

static METRICS: &[MetricSpec] = &[
    metric("dpu", "DPU", "TotalDPU", Stat::Sum, Unit::Count, true),
    metric("transactions", "TX", "TotalTransactions", Stat::Sum, Unit::Count, true),
    metric("conflicts", "CONFL", "OccConflicts", Stat::Sum, Unit::Count, true),
    metric("commit", "Commit latency", "CommitLatency", Stat::Average, Unit::Milliseconds, false),
    metric("commit-p99", "Commit latency, p99", "CommitLatency", Stat::P99, Unit::Milliseconds, false),
    metric("read-only", "Read-only transactions", "ReadOnlyTransactions", Stat::Sum, Unit::Count, false),
    metric("timeouts", "Query timeouts", "QueryTimeouts", Stat::Sum, Unit::Count, false),
    metric("read-dpu", "Read DPU", "ReadDPU", Stat::Sum, Unit::Count, false),
    metric("write-dpu", "Write DPU", "WriteDPU", Stat::Sum, Unit::Count, false),
    metric("compute-dpu", "Compute DPU", "ComputeDPU", Stat::Sum, Unit::Count, false),
    metric("reads", "Read", "BytesRead", Stat::Sum, Unit::Bytes, false),
    metric("writes", "Written", "BytesWritten", Stat::Sum, Unit::Bytes, false),
    metric("storage", "Storage", "ClusterStorageSize", Stat::Average, Unit::Bytes, false),
];

static OPERATIONS: &[OperationSpec] = &[
    OperationSpec {
        id: "protect",
        title: "Deletion protection on",
        kinds: CLUSTERS,
        api: "dsql:UpdateCluster",
        tier: Tier::Reversible,
        impact: Impact("none on users; deleting it fails from now on"),
        recovery: Recovery("switch it off again"),
        fields: &[],
        cli: "aws dsql update-cluster --identifier {name} --deletion-protection-enabled",
    },
    OperationSpec {
        id: "unprotect",
        title: "Deletion protection off",
        kinds: CLUSTERS,
        api: "dsql:UpdateCluster",
        tier: Tier::Disruptive,
        impact: Impact("none on users; whoever may delete it can from now on"),
        recovery: Recovery("switch it on again"),
        fields: &[],
        cli: "aws dsql update-cluster --identifier {name} --no-deletion-protection-enabled",
    },
    OperationSpec {
        id: "delete",
        title: "Delete",
        kinds: CLUSTERS,
        api: "dsql:DeleteCluster",
        tier: Tier::Loss,
        impact: Impact("the cluster and its data are gone; DSQL makes no final copy"),
        recovery: Recovery("only what AWS Backup has kept can be restored, into a new cluster"),
        fields: &[],
        cli: "aws dsql delete-cluster --identifier {name}",
    },
];
