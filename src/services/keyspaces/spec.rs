//! What Keyspaces declares: kinds, columns, metrics, operations. Data only.
//! Metrics: Amazon Keyspaces developer guide, "Metrics and dimensions".

use crate::model::{
    ColumnSpec, FieldKind, Impact, KindSpec, MetricSpec, OperationSpec, Recovery, ServiceId, ServiceSpec,
    Stat, Tier, Unit, column, field,
};

/// A keyspace.
pub const KEYSPACE: &str = "keyspace";
/// A table; its name in the fleet is `KEYSPACE.TABLE`.
pub const TABLE: &str = "table";

const TABLES: &[&str] = &[TABLE];

/// Keyspaces.
pub static SPEC: ServiceSpec = ServiceSpec {
    id: ServiceId("keyspaces"),
    title: "Keyspaces",
    short: &["ks", "cassandra"],
    kinds: &[KindSpec { id: KEYSPACE, title: "Keyspaces" }, KindSpec { id: TABLE, title: "Tables" }],
    columns: COLUMNS,
    metrics: METRICS,
    operations: OPERATIONS,
    reads: &[
        "keyspaces:ListKeyspaces",
        "keyspaces:GetKeyspace",
        "keyspaces:ListTables",
        "keyspaces:GetTable",
        "keyspaces:GetTableAutoScalingSettings",
        "keyspaces:ListTagsForResource",
        "cloudwatch:GetMetricData",
        "sts:GetCallerIdentity",
    ],
    banner: None,
};

static COLUMNS: &[ColumnSpec] = &[
    column("keys", "KEYS", 24, false, 0),
    column("regions", "REGIONS", 22, false, 3),
    column("tables", "TABLES", 6, true, 4),
    column("mode", "CAPACITY", 11, false, 1),
    column("rcu", "RCU", 6, true, 2),
    column("wcu", "WCU", 6, true, 2),
    column("pitr", "PITR", 4, false, 5),
    column("ttl", "TTL", 9, false, 6),
    column("stream", "STREAM", 6, false, 8),
    column("encryption", "KEY", 8, false, 7),
];

const BY_TABLE: &[&str] = &["Keyspace", "TableName"];

const fn table_metric(
    id: &'static str,
    title: &'static str,
    name: &'static str,
    stat: Stat,
    unit: Unit,
) -> MetricSpec {
    MetricSpec { id, title, name, stat, unit, ..MetricSpec::of("AWS/Cassandra", BY_TABLE, TABLES) }
}

const fn rate(id: &'static str, title: &'static str, name: &'static str) -> MetricSpec {
    let metric = table_metric(id, title, name, Stat::Sum, Unit::CountPerSecond);
    MetricSpec { per_second: true, column: true, ..metric }
}

const fn events(id: &'static str, title: &'static str, name: &'static str) -> MetricSpec {
    table_metric(id, title, name, Stat::Sum, Unit::Count)
}

const fn latency(
    id: &'static str,
    title: &'static str,
    operation: &'static [(&'static str, &'static str)],
) -> MetricSpec {
    let metric = table_metric(id, title, "SuccessfulRequestLatency", Stat::Average, Unit::Milliseconds);
    MetricSpec { fixed: operation, ..metric }
}

static METRICS: &[MetricSpec] = &[
    rate("read-units", "READ/S", "ConsumedReadCapacityUnits"),
    rate("write-units", "WRITE/S", "ConsumedWriteCapacityUnits"),
    MetricSpec { column: true, ..events("throttles-read", "THROTTLED", "ReadThrottleEvents") },
    events("throttles-write", "Write throttles", "WriteThrottleEvents"),
    events("partition-throttles", "Partition throttles", "StoragePartitionThroughputCapacityExceeded"),
    events("connection-rate", "Connection rate exceeded", "PerConnectionRequestRateExceeded"),
    latency("select-latency", "SELECT latency", &[("Operation", "SELECT")]),
    latency("insert-latency", "INSERT latency", &[("Operation", "INSERT")]),
    table_metric(
        "provisioned-read",
        "Provisioned RCU",
        "ProvisionedReadCapacityUnits",
        Stat::Maximum,
        Unit::Count,
    ),
    table_metric(
        "provisioned-write",
        "Provisioned WCU",
        "ProvisionedWriteCapacityUnits",
        Stat::Maximum,
        Unit::Count,
    ),
    table_metric("size", "Billable size", "BillableTableSizeInBytes", Stat::Average, Unit::Bytes),
    events("expired", "Expired by TTL", "TTLDeletes"),
    events("conditions", "Failed conditions", "ConditionalCheckFailedRequests"),
    events("user-errors", "User errors", "UserErrors"),
    events("system-errors", "System errors", "SystemErrors"),
];

/// The most seconds of a default TTL: 20 years (developer guide, "Time to Live").
pub const MOST_TTL_S: i32 = 630_720_000;

static OPERATIONS: &[OperationSpec] = &[
    OperationSpec {
        id: "capacity-mode",
        title: "Capacity mode",
        kinds: TABLES,
        api: "keyspaces:UpdateTable",
        tier: Tier::Disruptive,
        impact: Impact("no outage; cost changes at once; a switch to on demand is taken once in 24 hours"),
        recovery: Recovery("switch back, within the limit of switches"),
        fields: &[
            field("mode", "Capacity mode", FieldKind::Choice(&["PAY_PER_REQUEST", "PROVISIONED"]), true),
            field("rcu", "Read capacity units (provisioned)", FieldKind::Number, false),
            field("wcu", "Write capacity units (provisioned)", FieldKind::Number, false),
        ],
        cli: "aws keyspaces update-table --keyspace-name {name.0} --table-name {name.1} --capacity-specification throughputMode={mode}[,readCapacityUnits={rcu},writeCapacityUnits={wcu}]{?rcu}",
    },
    OperationSpec {
        id: "capacity",
        title: "Read and write capacity",
        kinds: TABLES,
        api: "keyspaces:UpdateTable",
        tier: Tier::Disruptive,
        impact: Impact("too little throttles requests, too much costs"),
        recovery: Recovery("set the units back"),
        fields: &[
            field("rcu", "Read capacity units", FieldKind::Number, true),
            field("wcu", "Write capacity units", FieldKind::Number, true),
        ],
        cli: "aws keyspaces update-table --keyspace-name {name.0} --table-name {name.1} --capacity-specification throughputMode=PROVISIONED,readCapacityUnits={rcu},writeCapacityUnits={wcu}",
    },
    OperationSpec {
        id: "pitr-on",
        title: "Point-in-time recovery on",
        kinds: TABLES,
        api: "keyspaces:UpdateTable",
        tier: Tier::Reversible,
        impact: Impact("none on users; backup storage is billed"),
        recovery: Recovery("turn it off, which loses the recovery window"),
        fields: &[],
        cli: "aws keyspaces update-table --keyspace-name {name.0} --table-name {name.1} --point-in-time-recovery status=ENABLED",
    },
    OperationSpec {
        id: "pitr-off",
        title: "Point-in-time recovery off",
        kinds: TABLES,
        api: "keyspaces:UpdateTable",
        tier: Tier::Loss,
        impact: Impact("none on users; every moment of the last 35 days can no longer be restored"),
        recovery: Recovery("none for the past: turned on again, the window begins anew"),
        fields: &[],
        cli: "aws keyspaces update-table --keyspace-name {name.0} --table-name {name.1} --point-in-time-recovery status=DISABLED",
    },
    OperationSpec {
        id: "ttl-on",
        title: "Time to live on",
        kinds: TABLES,
        api: "keyspaces:UpdateTable",
        tier: Tier::Disruptive,
        impact: Impact("rows and columns may then be written with a TTL; what expires is gone and billed"),
        recovery: Recovery("none: AWS cannot turn it off for a table again"),
        fields: &[],
        cli: "aws keyspaces update-table --keyspace-name {name.0} --table-name {name.1} --ttl status=ENABLED",
    },
    OperationSpec {
        id: "default-ttl",
        title: "Default time to live",
        kinds: TABLES,
        api: "keyspaces:UpdateTable",
        tier: Tier::Disruptive,
        impact: Impact("rows written from now on go after so many seconds; 0 turns the default off"),
        recovery: Recovery("set the seconds back; rows written meanwhile keep their own TTL"),
        fields: &[field("seconds", "Seconds (0 is off)", FieldKind::Number, true)],
        cli: "aws keyspaces update-table --keyspace-name {name.0} --table-name {name.1} --default-time-to-live {seconds}",
    },
    OperationSpec {
        id: "restore",
        title: "Restore into a new table",
        kinds: TABLES,
        api: "keyspaces:RestoreTable",
        tier: Tier::Reversible,
        impact: Impact("none on this table; the new one is billed, and takes minutes to hours"),
        recovery: Recovery("delete the new table"),
        fields: &[
            field("target-table", "Name of the new table", FieldKind::Text, true),
            field("target-keyspace", "Its keyspace (this one when empty)", FieldKind::Text, false),
            field("at", "Moment, as in 2026-11-26T08:00:00Z (now when empty)", FieldKind::Text, false),
        ],
        cli: "aws keyspaces restore-table --source-keyspace-name {name.0} --source-table-name {name.1} [--target-keyspace-name {target-keyspace}]{?target-keyspace} [--target-keyspace-name {name.0}]{!target-keyspace} --target-table-name {target-table} [--restore-timestamp {at}]{?at}",
    },
    OperationSpec {
        id: "delete",
        title: "Delete",
        kinds: TABLES,
        api: "keyspaces:DeleteTable",
        tier: Tier::Loss,
        impact: Impact("the table and its rows are gone, in every Region of its keyspace"),
        recovery: Recovery(
            "with point-in-time recovery on it can be restored for 35 days; without it there is no way back",
        ),
        fields: &[],
        cli: "aws keyspaces delete-table --keyspace-name {name.0} --table-name {name.1}",
    },
];
