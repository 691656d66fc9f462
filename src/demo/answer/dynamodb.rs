//! DynamoDB's control plane: tables from the estate's state. Items and statements go on to
//! the engine, as serialised requests.

use super::{dynamodb_backup as backup, dynamodb_change as change, on};
use crate::aws::answers::Reply;
use crate::demo::world::{Region, Table, World, date, days};
use crate::model::Moment;
use aws_sdk_dynamodb::operation::describe_continuous_backups::{
    DescribeContinuousBackupsError, DescribeContinuousBackupsInput, DescribeContinuousBackupsOutput,
};
use aws_sdk_dynamodb::operation::describe_contributor_insights::{
    DescribeContributorInsightsError, DescribeContributorInsightsInput, DescribeContributorInsightsOutput,
};
use aws_sdk_dynamodb::operation::describe_limits::{
    DescribeLimitsError, DescribeLimitsInput, DescribeLimitsOutput,
};
use aws_sdk_dynamodb::operation::describe_table::{
    DescribeTableError, DescribeTableInput, DescribeTableOutput,
};
use aws_sdk_dynamodb::operation::describe_time_to_live::{
    DescribeTimeToLiveError, DescribeTimeToLiveInput, DescribeTimeToLiveOutput,
};
use aws_sdk_dynamodb::operation::list_tables::{ListTablesError, ListTablesInput, ListTablesOutput};
use aws_sdk_dynamodb::operation::list_tags_of_resource::{
    ListTagsOfResourceError, ListTagsOfResourceInput, ListTagsOfResourceOutput,
};
use aws_sdk_dynamodb::types::error::{ResourceNotFoundException, TableNotFoundException};
use aws_sdk_dynamodb::types::{
    ContinuousBackupsDescription, ContinuousBackupsStatus, ContributorInsightsStatus,
    PointInTimeRecoveryDescription, PointInTimeRecoveryStatus, TimeToLiveDescription, TimeToLiveStatus,
};
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_types::error::ErrorMetadata;

/// Answers a DynamoDB call in `region`.
pub fn answer(world: &mut World, region: &str, now: Moment, operation: &str, input: &Input) -> Reply {
    let Some(region) = world.region(region, now) else { return Reply::Unknown };
    match operation {
        "ListTables" => on(input, |i| list(region, i)),
        "DescribeTable" => on(input, |i| describe(region, i)),
        "DescribeTimeToLive" => on(input, |i| time_to_live(region, i)),
        "DescribeContinuousBackups" => on(input, |i| backups(region, i)),
        "DescribeContributorInsights" => on(input, |i| insights(region, i)),
        "DescribeLimits" => on(input, limits),
        "ListTagsOfResource" => on(input, |i| tags(region, i)),
        "ListBackups" => on(input, |i| backup::list(region, i)),
        "CreateBackup" => on(input, |i| backup::create(region, i)),
        "DescribeBackup" => on(input, |i| backup::describe(region, i)),
        "UpdateTable" => on(input, |i| change::update(region, i)),
        "UpdateTimeToLive" => on(input, |i| change::update_time_to_live(region, i)),
        "UpdateContinuousBackups" => on(input, |i| change::update_backups(region, i)),
        "DeleteTable" => on(input, |i| change::delete(region, i)),
        "GetItem"
        | "BatchGetItem"
        | "TransactGetItems"
        | "Query"
        | "Scan"
        | "ExecuteStatement"
        | "BatchExecuteStatement"
        | "ExecuteTransaction"
        | "PutItem"
        | "UpdateItem"
        | "DeleteItem"
        | "BatchWriteItem"
        | "TransactWriteItems" => Reply::Wire,
        _ => Reply::Unknown,
    }
}

/// The words for a table that is not there, with their metadata.
pub fn not_found(name: &str) -> ResourceNotFoundException {
    let words = format!("Requested resource not found: Table: {name} not found");
    let meta = ErrorMetadata::builder().code("ResourceNotFoundException").message(&words).build();
    ResourceNotFoundException::builder().message(words).meta(meta).build()
}

/// The table named by its name or its ARN.
pub fn find<'a>(region: &'a Region, name: Option<&str>) -> Result<&'a Table, ResourceNotFoundException> {
    let name = bare(name.unwrap_or_default());
    region.tables.get(name).ok_or_else(|| not_found(name))
}

/// The table's name, also when its ARN is given.
pub fn bare(name: &str) -> &str {
    name.rsplit_once(":table/").map_or(name, |(_, name)| name)
}

fn list(region: &Region, input: &ListTablesInput) -> Result<ListTablesOutput, ListTablesError> {
    let after = input.exclusive_start_table_name().unwrap_or_default();
    let limit = usize::try_from(input.limit().unwrap_or(100)).unwrap_or(100).clamp(1, 100);
    let mut names: Vec<String> =
        region.tables.keys().filter(|n| n.as_str() > after).take(limit + 1).cloned().collect();
    let more = names.len() > limit;
    names.truncate(limit);
    let last = names.last().filter(|_| more).cloned();
    Ok(ListTablesOutput::builder().set_table_names(Some(names)).set_last_evaluated_table_name(last).build())
}

fn describe(region: &Region, input: &DescribeTableInput) -> Result<DescribeTableOutput, DescribeTableError> {
    let table = find(region, input.table_name()).map_err(DescribeTableError::ResourceNotFoundException)?;
    Ok(DescribeTableOutput::builder().table(table.about.clone()).build())
}

fn time_to_live(
    region: &Region,
    input: &DescribeTimeToLiveInput,
) -> Result<DescribeTimeToLiveOutput, DescribeTimeToLiveError> {
    let table =
        find(region, input.table_name()).map_err(DescribeTimeToLiveError::ResourceNotFoundException)?;
    let status = if table.ttl.is_some() { TimeToLiveStatus::Enabled } else { TimeToLiveStatus::Disabled };
    let about = TimeToLiveDescription::builder()
        .time_to_live_status(status)
        .set_attribute_name(table.ttl.clone())
        .build();
    Ok(DescribeTimeToLiveOutput::builder().time_to_live_description(about).build())
}

fn backups(
    region: &Region,
    input: &DescribeContinuousBackupsInput,
) -> Result<DescribeContinuousBackupsOutput, DescribeContinuousBackupsError> {
    let table = find(region, input.table_name()).map_err(|e| {
        let words = e.to_string();
        let meta = ErrorMetadata::builder().code("TableNotFoundException").message(&words).build();
        DescribeContinuousBackupsError::TableNotFoundException(
            TableNotFoundException::builder().message(words).meta(meta).build(),
        )
    })?;
    Ok(DescribeContinuousBackupsOutput::builder()
        .set_continuous_backups_description(recovery(region, table))
        .build())
}

/// What point-in-time recovery says.
pub fn recovery(region: &Region, table: &Table) -> Option<ContinuousBackupsDescription> {
    let status =
        if table.pitr { PointInTimeRecoveryStatus::Enabled } else { PointInTimeRecoveryStatus::Disabled };
    let mut pitr = PointInTimeRecoveryDescription::builder().point_in_time_recovery_status(status);
    if table.pitr {
        pitr = pitr
            .recovery_period_in_days(35)
            .earliest_restorable_date_time(date(region.now.minus_ms(days(35))))
            .latest_restorable_date_time(date(region.now.minus_ms(300_000)));
    }
    ContinuousBackupsDescription::builder()
        .continuous_backups_status(ContinuousBackupsStatus::Enabled)
        .point_in_time_recovery_description(pitr.build())
        .build()
        .ok()
}

fn insights(
    region: &Region,
    input: &DescribeContributorInsightsInput,
) -> Result<DescribeContributorInsightsOutput, DescribeContributorInsightsError> {
    let table = find(region, input.table_name())
        .map_err(DescribeContributorInsightsError::ResourceNotFoundException)?;
    Ok(DescribeContributorInsightsOutput::builder()
        .table_name(&*table.seed.name)
        .contributor_insights_status(ContributorInsightsStatus::Disabled)
        .build())
}

fn limits(_: &DescribeLimitsInput) -> Result<DescribeLimitsOutput, DescribeLimitsError> {
    Ok(DescribeLimitsOutput::builder()
        .account_max_read_capacity_units(80_000)
        .account_max_write_capacity_units(80_000)
        .table_max_read_capacity_units(40_000)
        .table_max_write_capacity_units(40_000)
        .build())
}

fn tags(
    region: &Region,
    input: &ListTagsOfResourceInput,
) -> Result<ListTagsOfResourceOutput, ListTagsOfResourceError> {
    let table =
        find(region, input.resource_arn()).map_err(ListTagsOfResourceError::ResourceNotFoundException)?;
    Ok(ListTagsOfResourceOutput::builder().set_tags(Some(table.tags.clone())).build())
}
