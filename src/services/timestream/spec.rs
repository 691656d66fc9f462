//! What Timestream declares: kinds, columns, metrics, operations. Data only.
//! Metrics: Timestream developer guide, "Timestream Metrics and Dimensions"; Timestream for
//! InfluxDB, "Monitoring with CloudWatch".

use crate::model::{
    ColumnSpec, FieldKind, Impact, KindSpec, MetricSpec, OperationSpec, Recovery, ServiceId, ServiceSpec,
    Stat, Tier, Unit, column, field,
};

/// A database of LiveAnalytics.
pub const DATABASE: &str = "database";
/// A table of LiveAnalytics: its name is `database.table`.
pub const TABLE: &str = "table";
/// A scheduled query of LiveAnalytics.
pub const SCHEDULED: &str = "scheduled-query";
/// The query settings of the account at one place.
pub const SETTINGS: &str = "settings";
/// An InfluxDB instance.
pub const INSTANCE: &str = "influxdb-instance";
/// An InfluxDB cluster.
pub const CLUSTER: &str = "influxdb-cluster";

const DATABASES: &[&str] = &[DATABASE];
const TABLES: &[&str] = &[TABLE];
const SCHEDULES: &[&str] = &[SCHEDULED];
const ACCOUNTS: &[&str] = &[SETTINGS];
const INSTANCES: &[&str] = &[INSTANCE];
const CLUSTERS: &[&str] = &[CLUSTER];
const INFLUX: &[&str] = &[INSTANCE, CLUSTER];

/// Timestream.
pub static SPEC: ServiceSpec = ServiceSpec {
    id: ServiceId("timestream"),
    title: "Timestream",
    short: &["ts", "influx"],
    kinds: &[
        KindSpec { id: DATABASE, title: "LiveAnalytics databases" },
        KindSpec { id: TABLE, title: "LiveAnalytics tables" },
        KindSpec { id: SCHEDULED, title: "Scheduled queries" },
        KindSpec { id: SETTINGS, title: "Query settings of the account" },
        KindSpec { id: CLUSTER, title: "InfluxDB clusters" },
        KindSpec { id: INSTANCE, title: "InfluxDB instances" },
    ],
    columns: COLUMNS,
    metrics: METRICS,
    operations: OPERATIONS,
    reads: &[
        "timestream-write:DescribeEndpoints",
        "timestream-write:ListDatabases",
        "timestream-write:ListTables",
        "timestream-write:DescribeDatabase",
        "timestream-write:DescribeTable",
        "timestream-write:ListTagsForResource",
        "timestream-query:DescribeEndpoints",
        "timestream-query:ListScheduledQueries",
        "timestream-query:DescribeScheduledQuery",
        "timestream-query:DescribeAccountSettings",
        "timestream-influxdb:ListDbInstances",
        "timestream-influxdb:ListDbClusters",
        "timestream-influxdb:ListDbInstancesForCluster",
        "timestream-influxdb:GetDbInstance",
        "timestream-influxdb:GetDbCluster",
        "timestream-influxdb:ListDbBackups",
        "timestream-influxdb:ListTagsForResource",
        "health:DescribeServiceLifecycle",
        "cloudwatch:GetMetricData",
        "sts:GetCallerIdentity",
    ],
    banner: Some(
        "LiveAnalytics takes no new customers since 2025-06-20; existing ones go on. AWS points others to InfluxDB",
    ),
};

static COLUMNS: &[ColumnSpec] = &[
    column("what", "WHAT", 15, false, 0),
    column("size", "SIZE", 18, false, 1),
    column("memory", "MEMORY", 8, true, 2),
    column("magnetic", "MAGNETIC", 9, true, 3),
    column("engine", "ENGINE", 13, false, 4),
    column("storage", "STORAGE", 9, true, 5),
    column("deployment", "DEPLOYMENT", 14, false, 6),
    column("last", "LAST RUN", 20, false, 7),
    column("next", "NEXT RUN", 19, false, 8),
    column("public", "PUBLIC", 6, false, 9),
];

/// A metric of what is written to or read from one table.
const fn of_table(
    id: &'static str,
    title: &'static str,
    name: &'static str,
    stat: Stat,
    unit: Unit,
    operation: &'static [(&'static str, &'static str)],
) -> MetricSpec {
    MetricSpec {
        id,
        title,
        name,
        stat,
        fixed: operation,
        unit,
        ..MetricSpec::of("AWS/Timestream", &["DatabaseName", "TableName"], TABLES)
    }
}

const fn of_influx(
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
        ..MetricSpec::of("AWS/Timestream/InfluxDB", &["DbInstanceName"], INSTANCES)
    }
}

const WRITES: &[(&str, &str)] = &[("Operation", "WriteRecords")];
const QUERIES: &[(&str, &str)] = &[("Operation", "Query")];

use Stat::{Average, Maximum, Sum};
use Unit::{Bytes, Count, CountPerSecond, Milliseconds, Percent};

static METRICS: &[MetricSpec] = &[
    MetricSpec {
        column: true,
        per_second: true,
        ..of_table("records", "REC/S", "NumberOfRecords", Sum, CountPerSecond, WRITES)
    },
    MetricSpec {
        column: true,
        ..of_table("query-latency", "QUERY", "SuccessfulRequestLatency", Average, Milliseconds, QUERIES)
    },
    of_table("write-latency", "Write latency", "SuccessfulRequestLatency", Average, Milliseconds, WRITES),
    of_table("query-errors", "Query user errors", "UserErrors", Sum, Count, QUERIES),
    of_table("write-errors", "Write user errors", "UserErrors", Sum, Count, WRITES),
    of_table("system-errors", "System errors of queries", "SystemErrors", Sum, Count, QUERIES),
    of_table("metered", "Bytes metered by queries", "CumulativeBytesMetered", Sum, Bytes, QUERIES),
    of_table("memory-store", "Memory store", "MemoryCumulativeBytesMetered", Average, Bytes, &[]),
    of_table("magnetic-store", "Magnetic store", "MagneticCumulativeBytesMetered", Average, Bytes, &[]),
    of_table("rejected", "Rejected magnetic records", "MagneticStoreRejectedRecordCount", Sum, Count, &[]),
    of_influx("cpu", "CPU", "CPUUtilization", Average, Percent, true),
    of_influx("memory", "MEM", "MemoryUtilization", Average, Percent, true),
    // InfluxDB 3 publishes the first two alone.
    of_influx("disk", "Disk used", "DiskUtilization", Maximum, Percent, false),
    of_influx("volume", "Volume", "VolumeBytesUsed", Average, Bytes, false),
    of_influx("series", "Series cardinality", "SeriesCardinality", Maximum, Count, false),
    of_influx("requests", "API requests", "APIRequestRate", Average, CountPerSecond, false),
    of_influx("queries", "Queries", "QueryRequestsTotal", Sum, Count, false),
    of_influx("write-timeouts", "Write time-outs", "WriteTimeouts", Sum, Count, false),
    of_influx("heap", "Heap", "HeapMemoryUsage", Average, Bytes, false),
    of_influx("read-iops", "Read IOPS", "ReadIOpsPerSec", Average, CountPerSecond, false),
    of_influx("write-iops", "Write IOPS", "WriteIOpsPerSec", Average, CountPerSecond, false),
    of_influx("task-failures", "Task failures", "TaskExecutionFailures", Sum, Count, false),
    of_influx("lag", "Replica lag", "ReplicaLag", Maximum, Milliseconds, false),
];

/// The classes of InfluxDB instances, smallest first.
const CLASSES: &[&str] = &[
    "db.influx.medium",
    "db.influx.large",
    "db.influx.xlarge",
    "db.influx.2xlarge",
    "db.influx.4xlarge",
    "db.influx.8xlarge",
    "db.influx.12xlarge",
    "db.influx.16xlarge",
    "db.influx.24xlarge",
];

const SCALING: Impact = Impact("the database restarts on the new class: minutes without it");
const RESCALE: Recovery = Recovery("scale it back");

static OPERATIONS: &[OperationSpec] = &[
    OperationSpec {
        id: "retention",
        title: "Retention",
        kinds: TABLES,
        api: "timestream-write:UpdateTable",
        tier: Tier::Loss,
        impact: Impact("a shorter retention deletes what is older at once; a longer one brings nothing back"),
        recovery: Recovery("none for what a shorter retention deleted"),
        fields: &[
            field("memory-hours", "Memory store, hours (1 to 8766)", FieldKind::Number, true),
            field("magnetic-days", "Magnetic store, days (1 to 73000)", FieldKind::Number, true),
        ],
        cli: "aws timestream-write update-table --database-name {name.0} --table-name {name.1} --retention-properties MemoryStoreRetentionPeriodInHours={memory-hours},MagneticStoreRetentionPeriodInDays={magnetic-days}",
    },
    OperationSpec {
        id: "delete-table",
        title: "Delete",
        kinds: TABLES,
        api: "timestream-write:DeleteTable",
        tier: Tier::Loss,
        impact: Impact("the table and every record in it are gone"),
        recovery: Recovery("only an AWS Backup recovery point, where one was made, brings it back"),
        fields: &[],
        cli: "aws timestream-write delete-table --database-name {name.0} --table-name {name.1}",
    },
    OperationSpec {
        id: "delete-database",
        title: "Delete",
        kinds: DATABASES,
        api: "timestream-write:DeleteDatabase",
        tier: Tier::Loss,
        impact: Impact("the database is gone; AWS refuses while it has tables"),
        recovery: Recovery("create it again: it was empty"),
        fields: &[],
        cli: "aws timestream-write delete-database --database-name {name}",
    },
    OperationSpec {
        id: "run-now",
        title: "Run now",
        kinds: SCHEDULES,
        api: "timestream-query:ExecuteScheduledQuery",
        tier: Tier::Disruptive,
        impact: Impact("the query runs for this moment, is billed, and writes into its target table"),
        recovery: Recovery("none: records of a table cannot be deleted one by one"),
        fields: &[],
        cli: "aws timestream-query execute-scheduled-query --scheduled-query-arn {name} --invocation-time NOW",
    },
    OperationSpec {
        id: "enable",
        title: "Enable",
        kinds: SCHEDULES,
        api: "timestream-query:UpdateScheduledQuery",
        tier: Tier::Reversible,
        impact: Impact("it runs and is billed by its schedule again"),
        recovery: Recovery("disable it"),
        fields: &[],
        cli: "aws timestream-query update-scheduled-query --scheduled-query-arn {name} --state ENABLED",
    },
    OperationSpec {
        id: "disable",
        title: "Disable",
        kinds: SCHEDULES,
        api: "timestream-query:UpdateScheduledQuery",
        tier: Tier::Reversible,
        impact: Impact("its target table gets no new records"),
        recovery: Recovery("enable it; what was missed is not run by itself"),
        fields: &[],
        cli: "aws timestream-query update-scheduled-query --scheduled-query-arn {name} --state DISABLED",
    },
    OperationSpec {
        id: "max-tcu",
        title: "Most compute units",
        kinds: ACCOUNTS,
        api: "timestream-query:UpdateAccountSettings",
        tier: Tier::Disruptive,
        impact: Impact("a lower limit queues or refuses queries, a higher one lets them cost more"),
        recovery: Recovery("set it back"),
        fields: &[field("tcu", "Most TCU: a multiple of 4", FieldKind::Number, true)],
        cli: "aws timestream-query update-account-settings --max-query-tcu {tcu} # {name}",
    },
    OperationSpec {
        id: "reboot",
        title: "Reboot",
        kinds: INSTANCES,
        api: "timestream-influxdb:RebootDbInstance",
        tier: Tier::Disruptive,
        impact: Impact("all connections end; writes and queries fail for some minutes"),
        recovery: Recovery("none needed: it comes back by itself"),
        fields: &[],
        cli: "aws timestream-influxdb reboot-db-instance --identifier {name}",
    },
    OperationSpec {
        id: "reboot-cluster",
        title: "Reboot",
        kinds: CLUSTERS,
        api: "timestream-influxdb:RebootDbCluster",
        tier: Tier::Disruptive,
        impact: Impact("every member restarts; writes and queries fail for some minutes"),
        recovery: Recovery("none needed: it comes back by itself"),
        fields: &[],
        cli: "aws timestream-influxdb reboot-db-cluster --db-cluster-id {name}",
    },
    OperationSpec {
        id: "backup",
        title: "Back up",
        kinds: INFLUX,
        api: "timestream-influxdb:CreateDbBackup",
        tier: Tier::Reversible,
        impact: Impact("none on users; storage is billed"),
        recovery: Recovery("delete the backup"),
        fields: &[
            field("backup", "Name of the backup", FieldKind::Text, false),
            field("days", "Days to keep it", FieldKind::Number, false),
        ],
        cli: "aws timestream-influxdb create-db-backup --db-resource-id {name} --name {backup} [--retention-days {days}]{?days}",
    },
    OperationSpec {
        id: "scale",
        title: "Scale",
        kinds: INSTANCES,
        api: "timestream-influxdb:UpdateDbInstance",
        tier: Tier::Disruptive,
        impact: SCALING,
        recovery: RESCALE,
        fields: &[field("class", "Class", FieldKind::Choice(CLASSES), true)],
        cli: "aws timestream-influxdb update-db-instance --identifier {name} --db-instance-type {class}",
    },
    OperationSpec {
        id: "scale-cluster",
        title: "Scale",
        kinds: CLUSTERS,
        api: "timestream-influxdb:UpdateDbCluster",
        tier: Tier::Disruptive,
        impact: SCALING,
        recovery: RESCALE,
        fields: &[field("class", "Class", FieldKind::Choice(CLASSES), true)],
        cli: "aws timestream-influxdb update-db-cluster --db-cluster-id {name} --db-instance-type {class}",
    },
    OperationSpec {
        id: "delete-instance",
        title: "Delete",
        kinds: INSTANCES,
        api: "timestream-influxdb:DeleteDbInstance",
        tier: Tier::Loss,
        impact: Impact("the instance, its endpoint and its data are gone"),
        recovery: Recovery("restore the backup made before the delete, which is the default"),
        fields: &[
            field("backup", "Backup before deleting", FieldKind::Text, false),
            field("skip-backup", "Skip the backup", FieldKind::Flag, false),
            field("skip-reason", "Why skip it", FieldKind::Text, false),
        ],
        cli: "[aws timestream-influxdb create-db-backup --db-resource-id {name} --name {backup} &&]{!skip-backup} aws timestream-influxdb delete-db-instance --identifier {name} --retain-automated-backups",
    },
    OperationSpec {
        id: "delete-cluster",
        title: "Delete",
        kinds: CLUSTERS,
        api: "timestream-influxdb:DeleteDbCluster",
        tier: Tier::Loss,
        impact: Impact("the cluster, all its members and their data are gone"),
        recovery: Recovery("restore the backup made before the delete, which is the default"),
        fields: &[
            field("backup", "Backup before deleting", FieldKind::Text, false),
            field("skip-backup", "Skip the backup", FieldKind::Flag, false),
            field("skip-reason", "Why skip it", FieldKind::Text, false),
        ],
        cli: "[aws timestream-influxdb create-db-backup --db-resource-id {name} --name {backup} &&]{!skip-backup} aws timestream-influxdb delete-db-cluster --db-cluster-id {name} --retain-automated-backups",
    },
];
