//! LiveAnalytics as rows: databases, tables, scheduled queries, the account's query settings.

use super::read::health;
use super::spec::{DATABASE, SCHEDULED, SETTINGS, SPEC, TABLE};
use crate::model::{
    Backend, Cell, DialectId, EngineId, Health, Place, Resource, ResourceId, SafeText, Section,
};
use crate::services::words::{Trouble, section, time};
use aws_sdk_timestreamquery::operation::describe_account_settings::DescribeAccountSettingsOutput;
use aws_sdk_timestreamquery::types::{
    QueryPricingModel, ScheduledQuery, ScheduledQueryDescription, ScheduledQueryRunStatus,
    ScheduledQueryState,
};
use aws_sdk_timestreamwrite::types::{Database, RetentionProperties, Table, TableStatus};
use std::sync::Arc;

/// The name of the row of the account's query settings.
pub const SETTINGS_NAME: &str = "query-settings";

/// How `Query` is reached: an AWS API in the row's region. A statement names database and table.
fn backend(database: Option<&str>) -> Backend {
    Backend {
        engine: EngineId::Timestream,
        dialect: DialectId::Timestream,
        endpoints: Vec::new(),
        database: database.map(Arc::from),
        user: None,
        secret_arn: None,
        iam_login: true,
        data_api: None,
        keys: Vec::new(),
    }
}

/// A database as a row; `None` without a name.
pub fn database(place: &Place, d: &Database) -> Option<Resource> {
    let name = d.database_name()?;
    let facts = vec![section(
        "Database",
        vec![
            ("Tables", Cell::count(Some(d.table_count()))),
            ("ARN", Cell::text(d.arn())),
            ("KMS key", Cell::text(d.kms_key_id())),
            ("Created", time(d.creation_time())),
            ("Changed", time(d.last_updated_time())),
        ],
    )];
    Some(Resource {
        id: ResourceId { service: SPEC.id, kind: DATABASE, place: place.clone(), name: name.into() },
        name: SafeText::new(name),
        arn: d.arn().unwrap_or_default().into(),
        // A database has no status: it is there or it is not.
        health: Health::Good("ACTIVE".into()),
        cells: SPEC.cells([
            ("what", Cell::Text("database".into())),
            ("size", Cell::text(Some(counted(d.table_count(), "table")))),
        ]),
        parent: None,
        backend: Some(backend(Some(name))),
        no_query: None,
        problems: Vec::new(),
        tags: Vec::new(),
        facts,
        dimensions: vec![("DatabaseName", name.into())],
    })
}

/// `1 table`, `3 tables`.
fn counted(n: i64, of: &str) -> String {
    if n == 1 { format!("1 {of}") } else { format!("{n} {of}s") }
}

/// A table as a row; `None` without its names.
pub fn table(place: &Place, t: &Table) -> Option<Resource> {
    let (database, name) = (t.database_name()?, t.table_name()?);
    let health = health(t.table_status().map(TableStatus::as_str));
    let retention = t.retention_properties();
    let magnetic = t.magnetic_store_write_properties();
    let late = magnetic
        .map(aws_sdk_timestreamwrite::types::MagneticStoreWriteProperties::enable_magnetic_store_writes);
    let mut trouble = Trouble::default();
    trouble.risk(
        late == Some(false),
        "no-late-data",
        "magnetic store writes are off: records older than the memory store are rejected",
    );
    let hours = retention.map(RetentionProperties::memory_store_retention_period_in_hours);
    let days = retention.map(RetentionProperties::magnetic_store_retention_period_in_days);
    Some(Resource {
        id: ResourceId {
            service: SPEC.id,
            kind: TABLE,
            place: place.clone(),
            name: format!("{database}.{name}").into(),
        },
        name: SafeText::new(format!("{database}.{name}")),
        arn: t.arn().unwrap_or_default().into(),
        health,
        cells: SPEC.cells([
            ("what", Cell::Text("table".into())),
            ("memory", Cell::text(hours.map(|n| format!("{n} h")))),
            ("magnetic", Cell::text(days.map(|n| format!("{n} d")))),
        ]),
        parent: Some(database.into()),
        backend: Some(backend(Some(database))),
        no_query: None,
        problems: trouble.into_problems(),
        tags: Vec::new(),
        facts: table_facts(t, hours, days, late),
        dimensions: vec![("DatabaseName", database.into()), ("TableName", name.into())],
    })
}

fn table_facts(t: &Table, hours: Option<i64>, days: Option<i64>, late: Option<bool>) -> Vec<Section> {
    let rejected = t
        .magnetic_store_write_properties()
        .and_then(|m| m.magnetic_store_rejected_data_location())
        .and_then(|l| l.s3_configuration())
        .and_then(|s| s.bucket_name());
    let keys: Vec<String> = t.schema().map_or_else(Vec::new, |s| {
        s.composite_partition_key()
            .iter()
            .map(|k| format!("{} {}", k.r#type().as_str(), k.name().unwrap_or("measure_name")))
            .collect()
    });
    vec![section(
        "Table",
        vec![
            ("Database", Cell::text(t.database_name())),
            ("Memory store", Cell::text(hours.map(|n| format!("{n} hours")))),
            ("Magnetic store", Cell::text(days.map(|n| format!("{n} days")))),
            ("Writes to the magnetic store", Cell::flag(late)),
            ("Rejected records go to", Cell::text(rejected)),
            ("Partition key", Cell::text(Some(keys.join(", ")).filter(|k| !k.is_empty()))),
            ("ARN", Cell::text(t.arn())),
            ("Created", time(t.creation_time())),
            ("Changed", time(t.last_updated_time())),
        ],
    )]
}

/// A scheduled query as a row. Its name in the fleet is its ARN's last part: names are not unique.
pub fn scheduled(place: &Place, q: &ScheduledQuery) -> Resource {
    let target = q.target_destination().and_then(|t| t.timestream_destination());
    let target =
        target.map(|t| format!("{}.{}", t.database_name().unwrap_or("?"), t.table_name().unwrap_or("?")));
    let run = q.last_run_status();
    let mut trouble = Trouble::default();
    if let Some(
        status
        @ (ScheduledQueryRunStatus::AutoTriggerFailure | ScheduledQueryRunStatus::ManualTriggerFailure),
    ) = run
    {
        trouble.urgent("failed-run", format!("its last run ended in {}", SafeText::new(status.as_str())));
    }
    trouble.risk(
        q.state() == &ScheduledQueryState::Disabled,
        "disabled",
        "it is disabled: nothing is written",
    );
    let word = SafeText::new(q.state().as_str());
    let health = match q.state() {
        ScheduledQueryState::Enabled => Health::Good(word),
        ScheduledQueryState::Disabled => Health::Idle(word),
        _ => Health::Unknown(word),
    };
    Resource {
        id: ResourceId { service: SPEC.id, kind: SCHEDULED, place: place.clone(), name: q.arn().into() },
        name: SafeText::new(q.name()),
        arn: q.arn().into(),
        health,
        cells: SPEC.cells([
            ("what", Cell::Text("scheduled query".into())),
            ("size", Cell::text(target.as_ref().map(|t| format!("into {t}")))),
            ("last", Cell::text(run.map(ScheduledQueryRunStatus::as_str))),
            ("next", time(q.next_invocation_time())),
        ]),
        parent: None,
        backend: None,
        no_query: Some("it is a query itself: query the table that it writes".into()),
        problems: trouble.into_problems(),
        tags: Vec::new(),
        facts: vec![section(
            "Scheduled query",
            vec![
                ("Name", Cell::text(Some(q.name()))),
                ("Writes into", Cell::text(target)),
                ("Last run", time(q.previous_invocation_time())),
                ("Last run ended in", Cell::text(run.map(ScheduledQueryRunStatus::as_str))),
                ("Next run", time(q.next_invocation_time())),
                ("ARN", Cell::text(Some(q.arn()))),
                ("Created", time(q.creation_time())),
            ],
        )],
        dimensions: Vec::new(),
    }
}

/// What only a description tells of a scheduled query.
pub fn schedule(q: &ScheduledQueryDescription) -> Section {
    let run = q.last_run_summary();
    let stats = run.and_then(|r| r.execution_stats());
    section(
        "Schedule and last run",
        vec![
            (
                "Schedule",
                Cell::text(
                    q.schedule_configuration()
                        .map(aws_sdk_timestreamquery::types::ScheduleConfiguration::schedule_expression),
                ),
            ),
            ("Statement", Cell::text(Some(q.query_string()))),
            ("Role", Cell::text(q.scheduled_query_execution_role_arn())),
            ("Failure", Cell::text(run.and_then(|r| r.failure_reason()))),
            (
                "Bytes metered",
                bytes(stats.map(aws_sdk_timestreamquery::types::ExecutionStats::bytes_metered)),
            ),
            (
                "Records written",
                Cell::count(stats.map(aws_sdk_timestreamquery::types::ExecutionStats::records_ingested)),
            ),
            (
                "Rows",
                Cell::count(stats.map(aws_sdk_timestreamquery::types::ExecutionStats::query_result_rows)),
            ),
        ],
    )
}

fn bytes(n: Option<i64>) -> Cell {
    n.and_then(|n| u64::try_from(n).ok()).map_or(Cell::Absent, Cell::Bytes)
}

/// The account's query settings as a row.
pub fn settings(place: &Place, s: &DescribeAccountSettingsOutput) -> Resource {
    let model = s.query_pricing_model().map(QueryPricingModel::as_str);
    let most = s.max_query_tcu().map(|n| format!("up to {n} TCU"));
    let provisioned = s.query_compute().and_then(|c| c.provisioned_capacity());
    let active =
        provisioned.and_then(aws_sdk_timestreamquery::types::ProvisionedCapacityResponse::active_query_tcu);
    Resource {
        id: ResourceId { service: SPEC.id, kind: SETTINGS, place: place.clone(), name: SETTINGS_NAME.into() },
        name: SETTINGS_NAME.into(),
        arn: "".into(),
        health: Health::Good("ACTIVE".into()),
        cells: SPEC.cells([("what", Cell::Text("settings".into())), ("size", Cell::text(most.as_ref()))]),
        parent: None,
        backend: None,
        no_query: Some("these are settings: query a database".into()),
        problems: Vec::new(),
        tags: Vec::new(),
        facts: vec![section(
            "Query settings",
            vec![
                ("Pricing", Cell::text(model)),
                ("Most compute units", Cell::count(s.max_query_tcu().map(i64::from))),
                ("Provisioned units in use", Cell::count(active.map(i64::from))),
                (
                    "Compute mode",
                    Cell::text(
                        s.query_compute()
                            .and_then(|c| c.compute_mode())
                            .map(aws_sdk_timestreamquery::types::ComputeMode::as_str),
                    ),
                ),
            ],
        )],
        dimensions: Vec::new(),
    }
}
