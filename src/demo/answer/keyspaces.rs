//! Keyspaces' control plane: the telemetry keyspace and its tables, from the estate's state.

use super::on;
use crate::aws::answers::Reply;
use crate::demo::world::keyspaces::{KEYSPACE, PLACES, arn, capacity, recovery};
use crate::demo::world::{Region, World, date};
use crate::model::Moment;
use aws_sdk_keyspaces::operation as op;
use aws_sdk_keyspaces::operation::get_table::GetTableOutput;
use aws_sdk_keyspaces::types::{
    AutoScalingPolicy, AutoScalingSettings, AutoScalingSpecification, CapacitySpecification, KeyspaceStatus,
    PointInTimeRecoveryStatus, ReplicationGroupStatus, TableStatus, TableSummary, Tag,
    TargetTrackingScalingPolicyConfiguration, ThroughputMode,
};
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_types::error::ErrorMetadata;

/// How long a change takes here, in milliseconds.
const CHANGE: u64 = 5_000;

/// Answers a Keyspaces call in `region`.
pub fn answer(world: &mut World, region: &str, now: Moment, operation: &str, input: &Input) -> Reply {
    let Some(region) = world.region(region, now) else { return Reply::Unknown };
    match operation {
        "ListKeyspaces" => on(input, |_: &op::list_keyspaces::ListKeyspacesInput| {
            let all = region.keyspaces.keyspaces.values().cloned().collect();
            let built = op::list_keyspaces::ListKeyspacesOutput::builder().set_keyspaces(Some(all)).build();
            built.map_err(|e| op::list_keyspaces::ListKeyspacesError::generic(ours(&e)))
        }),
        "GetKeyspace" => on(input, |i| keyspace(region, i)),
        "ListTables" => on(input, |i| tables(region, i)),
        "GetTable" => on(input, |i: &op::get_table::GetTableInput| {
            let found = find(region, i.keyspace_name(), i.table_name()).cloned();
            found.ok_or_else(|| op::get_table::GetTableError::generic(missing(i.table_name())))
        }),
        "GetTableAutoScalingSettings" => on(input, |i| scaling(region, i)),
        "ListTagsForResource" => on(input, |_: &op::list_tags_for_resource::ListTagsForResourceInput| {
            let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build().ok();
            let tags = [tag("project", "shop"), tag("env", "prod")].into_iter().flatten().collect();
            Ok::<_, op::list_tags_for_resource::ListTagsForResourceError>(
                op::list_tags_for_resource::ListTagsForResourceOutput::builder().set_tags(Some(tags)).build(),
            )
        }),
        "UpdateTable" => on(input, |i| update(region, i)),
        "RestoreTable" => on(input, |i| restore(region, i)),
        "DeleteTable" => on(input, |i| delete(region, i)),
        _ => Reply::Unknown,
    }
}

fn ours(error: &dyn std::error::Error) -> ErrorMetadata {
    ErrorMetadata::builder().code("InternalServerException").message(error.to_string()).build()
}

fn missing(name: Option<&str>) -> ErrorMetadata {
    let words = format!("Table {} does not exist.", name.unwrap_or("?"));
    ErrorMetadata::builder().code("ResourceNotFoundException").message(words).build()
}

fn invalid(words: &str) -> ErrorMetadata {
    ErrorMetadata::builder().code("ValidationException").message(words).build()
}

fn find<'a>(region: &'a Region, keyspace: Option<&str>, table: Option<&str>) -> Option<&'a GetTableOutput> {
    region.keyspaces.tables.get(table?).filter(|_| keyspace == Some(KEYSPACE))
}

fn keyspace(
    region: &Region,
    input: &op::get_keyspace::GetKeyspaceInput,
) -> Result<op::get_keyspace::GetKeyspaceOutput, op::get_keyspace::GetKeyspaceError> {
    use op::get_keyspace::{GetKeyspaceError, GetKeyspaceOutput};
    let found = region.keyspaces.keyspaces.get(input.keyspace_name().unwrap_or_default());
    let found = found.ok_or_else(|| GetKeyspaceError::generic(missing(input.keyspace_name())))?;
    let status = |place: &&str| {
        let built = ReplicationGroupStatus::builder().region(*place).keyspace_status(KeyspaceStatus::Active);
        built.build().ok()
    };
    GetKeyspaceOutput::builder()
        .keyspace_name(found.keyspace_name())
        .resource_arn(found.resource_arn())
        .replication_strategy(found.replication_strategy().clone())
        .set_replication_regions(Some(found.replication_regions().to_vec()))
        .set_replication_group_statuses(Some(PLACES.iter().filter_map(status).collect()))
        .build()
        .map_err(|e| GetKeyspaceError::generic(ours(&e)))
}

fn tables(
    region: &Region,
    input: &op::list_tables::ListTablesInput,
) -> Result<op::list_tables::ListTablesOutput, op::list_tables::ListTablesError> {
    let of = input.keyspace_name() == Some(KEYSPACE);
    let all = region.keyspaces.tables.values().filter(|_| of).filter_map(|t| {
        let built = TableSummary::builder().keyspace_name(KEYSPACE).table_name(t.table_name());
        built.resource_arn(t.resource_arn()).build().ok()
    });
    Ok(op::list_tables::ListTablesOutput::builder().set_tables(Some(all.collect())).build())
}

fn scaling(
    region: &Region,
    input: &op::get_table_auto_scaling_settings::GetTableAutoScalingSettingsInput,
) -> Result<
    op::get_table_auto_scaling_settings::GetTableAutoScalingSettingsOutput,
    op::get_table_auto_scaling_settings::GetTableAutoScalingSettingsError,
> {
    use op::get_table_auto_scaling_settings::{
        GetTableAutoScalingSettingsError, GetTableAutoScalingSettingsOutput,
    };
    let found = find(region, input.keyspace_name(), input.table_name());
    let found =
        found.ok_or_else(|| GetTableAutoScalingSettingsError::generic(missing(input.table_name())))?;
    let settings = |least: i64, most: i64| {
        let target = TargetTrackingScalingPolicyConfiguration::builder().target_value(70.0).build();
        let policy =
            AutoScalingPolicy::builder().target_tracking_scaling_policy_configuration(target).build();
        let built = AutoScalingSettings::builder().minimum_units(least).maximum_units(most);
        built.scaling_policy(policy).build()
    };
    let units = found
        .capacity_specification()
        .and_then(aws_sdk_keyspaces::types::CapacitySpecificationSummary::read_capacity_units);
    let scaled = units.map(|_| {
        AutoScalingSpecification::builder()
            .read_capacity_auto_scaling(settings(100, 1_000))
            .write_capacity_auto_scaling(settings(200, 2_000))
            .build()
    });
    GetTableAutoScalingSettingsOutput::builder()
        .keyspace_name(KEYSPACE)
        .table_name(found.table_name())
        .resource_arn(found.resource_arn())
        .set_auto_scaling_specification(scaled)
        .build()
        .map_err(|e| GetTableAutoScalingSettingsError::generic(ours(&e)))
}

/// Sets the status of a table, if it is still there.
fn set(region: &mut Region, name: &str, status: TableStatus) {
    if let Some(table) = region.keyspaces.tables.get_mut(name) {
        table.status = Some(status);
    }
}

fn update(
    region: &mut Region,
    input: &op::update_table::UpdateTableInput,
) -> Result<op::update_table::UpdateTableOutput, op::update_table::UpdateTableError> {
    use op::update_table::{UpdateTableError, UpdateTableOutput};
    let Some(found) = find(region, input.keyspace_name(), input.table_name()) else {
        return Err(UpdateTableError::generic(missing(input.table_name())));
    };
    if found.status() != Some(&TableStatus::Active) {
        let words = "The table is being updated: one change at a time.";
        return Err(UpdateTableError::generic(invalid(words)));
    }
    let (name, table_arn) = (found.table_name().to_owned(), found.resource_arn().to_owned());
    let pitr = input.point_in_time_recovery().map(|p| *p.status() == PointInTimeRecoveryStatus::Enabled);
    let pitr = pitr.map(|on| recovery(on, region));
    if let Some(table) = region.keyspaces.tables.get_mut(&name) {
        if let Some(asked) = input.capacity_specification() {
            table.capacity_specification = capacity(units(asked));
        }
        if let Some(pitr) = pitr {
            table.point_in_time_recovery = pitr;
        }
        table.ttl = input.ttl().cloned().or_else(|| table.ttl.take());
        table.default_time_to_live = input.default_time_to_live().or(table.default_time_to_live);
    }
    set(region, &name, TableStatus::Updating);
    region.later(CHANGE, move |region| set(region, &name, TableStatus::Active));
    let built = UpdateTableOutput::builder().resource_arn(table_arn).build();
    built.map_err(|e| UpdateTableError::generic(ours(&e)))
}

fn units(asked: &CapacitySpecification) -> Option<(i64, i64)> {
    let provisioned = *asked.throughput_mode() == ThroughputMode::Provisioned;
    asked.read_capacity_units().zip(asked.write_capacity_units()).filter(|_| provisioned)
}

fn restore(
    region: &mut Region,
    input: &op::restore_table::RestoreTableInput,
) -> Result<op::restore_table::RestoreTableOutput, op::restore_table::RestoreTableError> {
    use op::restore_table::{RestoreTableError, RestoreTableOutput};
    let Some(found) = find(region, input.source_keyspace_name(), input.source_table_name()) else {
        return Err(RestoreTableError::generic(missing(input.source_table_name())));
    };
    let on = found.point_in_time_recovery().map(|p| p.status().clone());
    if on != Some(PointInTimeRecoveryStatus::Enabled) {
        let words = "Point-in-time recovery is not on for the table.";
        return Err(RestoreTableError::generic(invalid(words)));
    }
    let name = input.target_table_name().unwrap_or_default().to_owned();
    if input.target_keyspace_name() != Some(KEYSPACE) || region.keyspaces.tables.contains_key(&name) {
        let words = "The target keyspace does not exist, or the target table does.";
        return Err(RestoreTableError::generic(invalid(words)));
    }
    let mut table = found.clone();
    table.table_name.clone_from(&name);
    table.resource_arn = arn(region.name, &name);
    table.status = Some(TableStatus::Restoring);
    table.creation_timestamp = Some(date(region.now));
    let built = RestoreTableOutput::builder().restored_table_arn(&table.resource_arn).build();
    region.keyspaces.tables.insert(name.clone(), table);
    region.later(2 * CHANGE, move |region| set(region, &name, TableStatus::Active));
    built.map_err(|e| RestoreTableError::generic(ours(&e)))
}

fn delete(
    region: &mut Region,
    input: &op::delete_table::DeleteTableInput,
) -> Result<op::delete_table::DeleteTableOutput, op::delete_table::DeleteTableError> {
    let Some(found) = find(region, input.keyspace_name(), input.table_name()) else {
        return Err(op::delete_table::DeleteTableError::generic(missing(input.table_name())));
    };
    let name = found.table_name().to_owned();
    set(region, &name, TableStatus::Deleting);
    region.later(CHANGE, move |region| {
        region.keyspaces.tables.remove(&name);
    });
    Ok(op::delete_table::DeleteTableOutput::builder().build())
}
