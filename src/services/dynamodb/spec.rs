//! What DynamoDB declares: kind, columns, metrics, operations. Data only.
//! Metrics: Amazon DynamoDB developer guide, "DynamoDB metrics and dimensions".

use crate::model::{
    ColumnSpec, FieldKind, Impact, KindSpec, MetricSpec, OperationSpec, Recovery, ServiceId, ServiceSpec,
    Stat, Tier, Unit, column, field,
};

/// A table.
pub const TABLE: &str = "table";

const TABLES: &[&str] = &[TABLE];

/// DynamoDB.
pub static SPEC: ServiceSpec = ServiceSpec {
    id: ServiceId("dynamodb"),
    title: "DynamoDB",
    short: &["ddb", "dynamo"],
    kinds: &[KindSpec { id: TABLE, title: "Tables" }],
    columns: COLUMNS,
    metrics: METRICS,
    operations: OPERATIONS,
    reads: &[
        "dynamodb:ListTables",
        "dynamodb:DescribeTable",
        "dynamodb:DescribeTimeToLive",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeBackup",
        "dynamodb:ListTagsOfResource",
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:DescribeScalingPolicies",
        "cloudwatch:GetMetricData",
        "sts:GetCallerIdentity",
    ],
    banner: None,
};

static COLUMNS: &[ColumnSpec] = &[
    column("keys", "KEYS", 22, false, 0),
    column("mode", "CAPACITY", 11, false, 1),
    column("rcu", "RCU", 6, true, 2),
    column("wcu", "WCU", 6, true, 3),
    column("items", "ITEMS", 11, true, 4),
    column("size", "SIZE", 9, true, 5),
    column("indexes", "GSI/LSI", 7, false, 6),
    column("streams", "STREAM", 6, false, 8),
    column("ttl", "TTL", 10, false, 10),
    column("pitr", "PITR", 4, false, 9),
    column("replicas", "REPLICAS", 8, true, 7),
    column("class", "CLASS", 9, false, 11),
    column("protected", "PROT", 4, false, 12),
];

const BY_TABLE: &[&str] = &["TableName"];

const fn rate(id: &'static str, title: &'static str, name: &'static str, column: bool) -> MetricSpec {
    MetricSpec {
        id,
        title,
        name,
        stat: Stat::Sum,
        unit: Unit::CountPerSecond,
        column,
        per_second: true,
        ..MetricSpec::of("AWS/DynamoDB", BY_TABLE, TABLES)
    }
}

const fn events(id: &'static str, title: &'static str, name: &'static str, column: bool) -> MetricSpec {
    MetricSpec {
        id,
        title,
        name,
        stat: Stat::Sum,
        column,
        ..MetricSpec::of("AWS/DynamoDB", BY_TABLE, TABLES)
    }
}

const fn latency(
    id: &'static str,
    title: &'static str,
    operation: &'static [(&'static str, &'static str)],
) -> MetricSpec {
    MetricSpec {
        id,
        title,
        name: "SuccessfulRequestLatency",
        fixed: operation,
        unit: Unit::Milliseconds,
        ..MetricSpec::of("AWS/DynamoDB", BY_TABLE, TABLES)
    }
}

static METRICS: &[MetricSpec] = &[
    rate("read-units", "READ/S", "ConsumedReadCapacityUnits", true),
    rate("write-units", "WRITE/S", "ConsumedWriteCapacityUnits", true),
    events("throttles-read", "THROTTLED", "ReadThrottleEvents", true),
    events("throttles-write", "Write throttles", "WriteThrottleEvents", false),
    latency("get-latency", "GetItem latency", &[("Operation", "GetItem")]),
    latency("query-latency", "Query latency", &[("Operation", "Query")]),
    latency("put-latency", "PutItem latency", &[("Operation", "PutItem")]),
    latency("scan-latency", "Scan latency", &[("Operation", "Scan")]),
    events("conflicts", "Transaction conflicts", "TransactionConflict", false),
    events("conditions", "Failed conditions", "ConditionalCheckFailedRequests", false),
    events("expired", "Expired items", "TimeToLiveDeletedItemCount", false),
];

static OPERATIONS: &[OperationSpec] = &[
    OperationSpec {
        id: "capacity-mode",
        title: "Capacity mode",
        kinds: TABLES,
        api: "dynamodb:UpdateTable",
        tier: Tier::Disruptive,
        impact: Impact("no outage; cost changes at once; back to on demand at most four times in 24 hours"),
        recovery: Recovery("switch back, within the limit of switches"),
        fields: &[
            field("mode", "Capacity mode", FieldKind::Choice(&["PAY_PER_REQUEST", "PROVISIONED"]), true),
            field("rcu", "Read capacity units (provisioned)", FieldKind::Number, false),
            field("wcu", "Write capacity units (provisioned)", FieldKind::Number, false),
        ],
        cli: "aws dynamodb update-table --table-name {name} --billing-mode {mode} [--provisioned-throughput ReadCapacityUnits={rcu},WriteCapacityUnits={wcu}]{?rcu}",
    },
    OperationSpec {
        id: "capacity",
        title: "Read and write capacity",
        kinds: TABLES,
        api: "dynamodb:UpdateTable",
        tier: Tier::Disruptive,
        impact: Impact("too little throttles requests, too much costs; decreases are limited per day"),
        recovery: Recovery("set the units back"),
        fields: &[
            field("rcu", "Read capacity units", FieldKind::Number, true),
            field("wcu", "Write capacity units", FieldKind::Number, true),
        ],
        cli: "aws dynamodb update-table --table-name {name} --provisioned-throughput ReadCapacityUnits={rcu},WriteCapacityUnits={wcu}",
    },
    OperationSpec {
        id: "backup",
        title: "Backup",
        kinds: TABLES,
        api: "dynamodb:CreateBackup",
        tier: Tier::Reversible,
        impact: Impact("none on users; storage is billed"),
        recovery: Recovery("delete the backup"),
        fields: &[field("backup", "Backup name", FieldKind::Text, false)],
        cli: "aws dynamodb create-backup --table-name {name} --backup-name {backup}",
    },
    OperationSpec {
        id: "pitr-on",
        title: "Point-in-time recovery on",
        kinds: TABLES,
        api: "dynamodb:UpdateContinuousBackups",
        tier: Tier::Reversible,
        impact: Impact("none on users; backup storage is billed"),
        recovery: Recovery("turn it off, which loses the recovery window"),
        fields: &[],
        cli: "aws dynamodb update-continuous-backups --table-name {name} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true",
    },
    OperationSpec {
        id: "protect",
        title: "Deletion protection on",
        kinds: TABLES,
        api: "dynamodb:UpdateTable",
        tier: Tier::Reversible,
        impact: Impact("none on users: the table cannot be deleted"),
        recovery: Recovery("turn it off"),
        fields: &[],
        cli: "aws dynamodb update-table --table-name {name} --deletion-protection-enabled",
    },
    OperationSpec {
        id: "unprotect",
        title: "Deletion protection off",
        kinds: TABLES,
        api: "dynamodb:UpdateTable",
        tier: Tier::Disruptive,
        impact: Impact("none on users, but one more call can delete the table"),
        recovery: Recovery("turn it on again"),
        fields: &[],
        cli: "aws dynamodb update-table --table-name {name} --no-deletion-protection-enabled",
    },
    OperationSpec {
        id: "delete",
        title: "Delete",
        kinds: TABLES,
        api: "dynamodb:DeleteTable",
        tier: Tier::Loss,
        impact: Impact("the table, its indexes and its items are gone"),
        recovery: Recovery(
            "restore the backup made before the delete, which is the default, into a new table",
        ),
        fields: &[
            field("backup", "Backup before deleting", FieldKind::Text, false),
            field("skip-backup", "Skip the backup", FieldKind::Flag, false),
            field("skip-reason", "Why skip it", FieldKind::Text, false),
        ],
        cli: "[aws dynamodb create-backup --table-name {name} --backup-name {backup} &&]{!skip-backup} aws dynamodb delete-table --table-name {name}",
    },
];
