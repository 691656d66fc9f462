//! Timestream for LiveAnalytics: tables and scheduled queries that change, and statements that are
//! really worked out.

use super::on;
use crate::aws::answers::Reply;
use crate::demo::engines::timeseries::{self, DATABASE, Kind, Relation, Value};
use crate::demo::world::timestream::{Schedule, Table, arn};
use crate::demo::world::{Region, date, hours};
use aws_sdk_timestreamquery::operation as query;
use aws_sdk_timestreamquery::types as said;
use aws_sdk_timestreamwrite::operation as write;
use aws_sdk_timestreamwrite::types as stored;
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_types::error::ErrorMetadata;

/// The most rows of a page.
const PAGE: usize = 1_000;

fn missing(what: &str) -> ErrorMetadata {
    let words = format!("The {what} does not exist.");
    ErrorMetadata::builder().code("ResourceNotFoundException").message(words).build()
}

fn invalid(words: impl Into<String>) -> ErrorMetadata {
    ErrorMetadata::builder().code("ValidationException").message(words).build()
}

/// Answers a call about databases and tables.
pub fn write(region: &mut Region, operation: &str, input: &Input) -> Reply {
    match operation {
        "ListDatabases" => on(input, |_: &write::list_databases::ListDatabasesInput| {
            let all = region.timestream.database.then(|| database(region));
            let output = write::list_databases::ListDatabasesOutput::builder();
            Ok::<_, write::list_databases::ListDatabasesError>(
                output.set_databases(Some(all.into_iter().collect())).build(),
            )
        }),
        "ListTables" => on(input, |_: &write::list_tables::ListTablesInput| {
            let all = region.timestream.tables.iter().map(|(name, t)| table(region.name, name, t)).collect();
            Ok::<_, write::list_tables::ListTablesError>(
                write::list_tables::ListTablesOutput::builder().set_tables(Some(all)).build(),
            )
        }),
        "DescribeDatabase" => on(input, |i: &write::describe_database::DescribeDatabaseInput| {
            if i.database_name() != Some(DATABASE) || !region.timestream.database {
                let why = missing("database");
                return Err(write::describe_database::DescribeDatabaseError::generic(why));
            }
            let output = write::describe_database::DescribeDatabaseOutput::builder();
            Ok(output.database(database(region)).build())
        }),
        "DescribeTable" => on(input, |i: &write::describe_table::DescribeTableInput| {
            let own = i.database_name() == Some(DATABASE);
            let found =
                i.table_name().filter(|_| own).and_then(|n| region.timestream.tables.get_key_value(n));
            let (name, t) =
                found.ok_or_else(|| write::describe_table::DescribeTableError::generic(missing("table")))?;
            let output = write::describe_table::DescribeTableOutput::builder();
            Ok::<_, write::describe_table::DescribeTableError>(
                output.table(table(region.name, name, t)).build(),
            )
        }),
        "ListTagsForResource" => on(input, |_: &write::list_tags_for_resource::ListTagsForResourceInput| {
            let tag = |key: &str, value: &str| stored::Tag::builder().key(key).value(value).build().ok();
            let tags = [tag("project", "ml-platform"), tag("env", "prod")].into_iter().flatten().collect();
            Ok::<_, write::list_tags_for_resource::ListTagsForResourceError>(
                write::list_tags_for_resource::ListTagsForResourceOutput::builder()
                    .set_tags(Some(tags))
                    .build(),
            )
        }),
        "UpdateTable" => on(input, |i| update(region, i)),
        "DeleteTable" => on(input, |i: &write::delete_table::DeleteTableInput| {
            let gone = i.table_name().and_then(|name| region.timestream.tables.remove(name));
            gone.ok_or_else(|| write::delete_table::DeleteTableError::generic(missing("table")))?;
            Ok::<_, write::delete_table::DeleteTableError>(
                write::delete_table::DeleteTableOutput::builder().build(),
            )
        }),
        "DeleteDatabase" => on(input, |_: &write::delete_database::DeleteDatabaseInput| {
            if !region.timestream.tables.is_empty() {
                let why = invalid("The database contains tables; delete them first.");
                return Err(write::delete_database::DeleteDatabaseError::generic(why));
            }
            region.timestream.database = false;
            Ok(write::delete_database::DeleteDatabaseOutput::builder().build())
        }),
        _ => Reply::Unknown,
    }
}

fn database(region: &Region) -> stored::Database {
    stored::Database::builder()
        .database_name(DATABASE)
        .arn(arn(region.name, &format!("database/{DATABASE}")))
        .table_count(i64::try_from(region.timestream.tables.len()).unwrap_or(0))
        .kms_key_id(format!("arn:aws:kms:{}:{}:key/telemetry", region.name, crate::demo::ACCOUNT))
        .build()
}

fn table(region: &str, name: &str, table: &Table) -> stored::Table {
    let retention = stored::RetentionProperties::builder()
        .memory_store_retention_period_in_hours(table.memory_hours)
        .magnetic_store_retention_period_in_days(table.magnetic_days)
        .build();
    let magnetic =
        stored::MagneticStoreWriteProperties::builder().enable_magnetic_store_writes(table.late).build();
    stored::Table::builder()
        .database_name(DATABASE)
        .table_name(name)
        .arn(arn(region, &format!("database/{DATABASE}/table/{name}")))
        .table_status(stored::TableStatus::Active)
        .set_retention_properties(retention.ok())
        .set_magnetic_store_write_properties(magnetic.ok())
        .creation_time(date(table.made))
        .build()
}

fn update(
    region: &mut Region,
    input: &write::update_table::UpdateTableInput,
) -> Result<write::update_table::UpdateTableOutput, write::update_table::UpdateTableError> {
    let fault = write::update_table::UpdateTableError::generic;
    let name = input.table_name().unwrap_or_default();
    let retention = input.retention_properties().ok_or_else(|| fault(invalid("nothing to change")))?;
    let Some(t) = region.timestream.tables.get_mut(name) else { return Err(fault(missing("table"))) };
    t.memory_hours = retention.memory_store_retention_period_in_hours();
    t.magnetic_days = retention.magnetic_store_retention_period_in_days();
    Ok(write::update_table::UpdateTableOutput::builder().table(table(region.name, name, t)).build())
}

/// Answers a call about queries.
pub fn query(region: &mut Region, operation: &str, input: &Input) -> Reply {
    match operation {
        "Query" => on(input, |i| answer(region, i)),
        "CancelQuery" => on(input, |_: &query::cancel_query::CancelQueryInput| {
            Ok::<_, query::cancel_query::CancelQueryError>(
                query::cancel_query::CancelQueryOutput::builder()
                    .cancellation_message("the query had ended")
                    .build(),
            )
        }),
        "DescribeAccountSettings" => {
            on(input, |_: &query::describe_account_settings::DescribeAccountSettingsInput| {
                Ok::<_, query::describe_account_settings::DescribeAccountSettingsError>(
                    query::describe_account_settings::DescribeAccountSettingsOutput::builder()
                        .max_query_tcu(region.timestream.max_tcu)
                        .query_pricing_model(said::QueryPricingModel::BytesScanned)
                        .build(),
                )
            })
        }
        "UpdateAccountSettings" => {
            on(input, |i: &query::update_account_settings::UpdateAccountSettingsInput| {
                region.timestream.max_tcu = i.max_query_tcu().unwrap_or(region.timestream.max_tcu);
                Ok::<_, query::update_account_settings::UpdateAccountSettingsError>(
                    query::update_account_settings::UpdateAccountSettingsOutput::builder()
                        .max_query_tcu(region.timestream.max_tcu)
                        .build(),
                )
            })
        }
        "ListScheduledQueries" => {
            on(input, |_: &query::list_scheduled_queries::ListScheduledQueriesInput| {
                let fault = query::list_scheduled_queries::ListScheduledQueriesError::generic;
                let all =
                    region.timestream.schedules.iter().filter_map(|(arn, s)| scheduled(arn, s)).collect();
                let output = query::list_scheduled_queries::ListScheduledQueriesOutput::builder();
                let output = output.set_scheduled_queries(Some(all)).build();
                output.map_err(|e| fault(invalid(e.to_string())))
            })
        }
        "DescribeScheduledQuery" => on(input, |i| described(region, i)),
        "UpdateScheduledQuery" => {
            on(input, |i: &query::update_scheduled_query::UpdateScheduledQueryInput| {
                let fault = query::update_scheduled_query::UpdateScheduledQueryError::generic;
                let found = i.scheduled_query_arn().and_then(|arn| region.timestream.schedules.get_mut(arn));
                let schedule = found.ok_or_else(|| fault(missing("scheduled query")))?;
                schedule.enabled = i.state() == Some(&said::ScheduledQueryState::Enabled);
                Ok::<_, query::update_scheduled_query::UpdateScheduledQueryError>(
                    query::update_scheduled_query::UpdateScheduledQueryOutput::builder().build(),
                )
            })
        }
        "ExecuteScheduledQuery" => {
            on(input, |i: &query::execute_scheduled_query::ExecuteScheduledQueryInput| {
                let fault = query::execute_scheduled_query::ExecuteScheduledQueryError::generic;
                let found = i.scheduled_query_arn().and_then(|arn| region.timestream.schedules.get_mut(arn));
                let schedule = found.ok_or_else(|| fault(missing("scheduled query")))?;
                (schedule.ran, schedule.failure) = (region.now, None);
                Ok::<_, query::execute_scheduled_query::ExecuteScheduledQueryError>(
                    query::execute_scheduled_query::ExecuteScheduledQueryOutput::builder().build(),
                )
            })
        }
        _ => Reply::Unknown,
    }
}

const fn state(schedule: &Schedule) -> said::ScheduledQueryState {
    if schedule.enabled { said::ScheduledQueryState::Enabled } else { said::ScheduledQueryState::Disabled }
}

const fn run_status(schedule: &Schedule) -> said::ScheduledQueryRunStatus {
    match schedule.failure {
        Some(_) => said::ScheduledQueryRunStatus::AutoTriggerFailure,
        None => said::ScheduledQueryRunStatus::ManualTriggerSuccess,
    }
}

fn scheduled(arn: &str, schedule: &Schedule) -> Option<said::ScheduledQuery> {
    let target = said::TimestreamDestination::builder().database_name(DATABASE).table_name("hourly");
    said::ScheduledQuery::builder()
        .arn(arn)
        .name(schedule.name)
        .state(state(schedule))
        .last_run_status(run_status(schedule))
        .previous_invocation_time(date(schedule.ran))
        .next_invocation_time(date(schedule.ran.plus_ms(hours(1))))
        .target_destination(said::TargetDestination::builder().timestream_destination(target.build()).build())
        .build()
        .ok()
}

fn described(
    region: &Region,
    input: &query::describe_scheduled_query::DescribeScheduledQueryInput,
) -> Result<
    query::describe_scheduled_query::DescribeScheduledQueryOutput,
    query::describe_scheduled_query::DescribeScheduledQueryError,
> {
    let fault = query::describe_scheduled_query::DescribeScheduledQueryError::generic;
    let arn = input.scheduled_query_arn().unwrap_or_default();
    let found = region.timestream.schedules.get(arn);
    let schedule = found.ok_or_else(|| fault(missing("scheduled query")))?;
    let expression = said::ScheduleConfiguration::builder().schedule_expression("rate(1 hour)").build();
    let run = said::ScheduledQueryRunSummary::builder()
        .run_status(run_status(schedule))
        .set_failure_reason(schedule.failure.map(str::to_owned));
    let described = said::ScheduledQueryDescription::builder()
        .arn(arn)
        .name(schedule.name)
        .query_string(schedule.statement)
        .state(state(schedule))
        .set_schedule_configuration(expression.ok())
        .last_run_summary(run.build())
        .build();
    let described = described.map_err(|e| fault(invalid(e.to_string())))?;
    let output = query::describe_scheduled_query::DescribeScheduledQueryOutput::builder();
    Ok(output.scheduled_query(described).build())
}

/// A page of a result: of a new one, or of one that was kept.
fn answer(
    region: &mut Region,
    input: &query::query::QueryInput,
) -> Result<query::query::QueryOutput, query::query::QueryError> {
    let fault = |words: String| query::query::QueryError::generic(invalid(words));
    let (id, relation, from) = match input.next_token() {
        None => {
            let text = input.query_string().unwrap_or_default();
            let relation = timeseries::run(text, region.now).map_err(fault)?;
            // A table that was deleted here has no points either.
            let gone = |name: &&str| text.contains(*name) && !region.timestream.tables.contains_key(name);
            if let Some(name) = [timeseries::METRICS, timeseries::DRIFT].iter().find(|n| gone(n)) {
                return Err(fault(format!("The table {DATABASE}.{name} does not exist.")));
            }
            let (id, relation) = region.timestream.keep(relation);
            (id, relation, 0)
        }
        Some(token) => {
            let stale = || fault("The pagination token is no longer valid.".to_owned());
            let (id, from) = token.split_once('/').ok_or_else(stale)?;
            let kept = region.timestream.results.iter().find(|(own, _)| own == id).ok_or_else(stale)?;
            (id.to_owned(), kept.1.clone(), from.parse().map_err(|_| stale())?)
        }
    };
    let size = input.max_rows().and_then(|n| usize::try_from(n).ok()).unwrap_or(PAGE).clamp(1, PAGE);
    // A point takes about 64 bytes.
    let scanned = timeseries::looked_at(input.query_string().unwrap_or_default()).saturating_mul(64);
    let scanned = i64::try_from(scanned).unwrap_or(i64::MAX);
    page(&id, &relation, from..from + size, scanned).map_err(|e| fault(e.to_string()))
}

fn page(
    id: &str,
    relation: &Relation,
    wanted: std::ops::Range<usize>,
    scanned: i64,
) -> Result<query::query::QueryOutput, aws_smithy_types::error::operation::BuildError> {
    let columns = relation.columns.iter().map(|(name, kind)| {
        let scalar = match kind {
            Kind::Varchar => said::ScalarType::Varchar,
            Kind::Double => said::ScalarType::Double,
            Kind::Bigint => said::ScalarType::Bigint,
            Kind::Boolean => said::ScalarType::Boolean,
            Kind::Timestamp => said::ScalarType::Timestamp,
            Kind::Interval => said::ScalarType::IntervalDayToSecond,
        };
        let kind = said::Type::builder().scalar_type(scalar).build();
        said::ColumnInfo::builder().name(name).r#type(kind).build()
    });
    let rows: Result<Vec<_>, _> =
        relation.rows.iter().skip(wanted.start).take(wanted.len()).map(|row| self::row(row)).collect();
    let next = (wanted.end < relation.rows.len()).then(|| format!("{id}/{}", wanted.end));
    let status = said::QueryStatus::builder()
        .progress_percentage(100.0)
        .cumulative_bytes_scanned(scanned)
        .cumulative_bytes_metered(scanned.max(10_000_000));
    query::query::QueryOutput::builder()
        .query_id(id)
        .set_rows(Some(rows?))
        .set_column_info(Some(columns.collect()))
        .set_next_token(next)
        .query_status(status.build())
        .build()
}

fn row(values: &[Value]) -> Result<said::Row, aws_smithy_types::error::operation::BuildError> {
    let datum = |value: &Value| match value.scalar() {
        Some(text) => said::Datum::builder().scalar_value(text).build(),
        None => said::Datum::builder().null_value(true).build(),
    };
    said::Row::builder().set_data(Some(values.iter().map(datum).collect())).build()
}
