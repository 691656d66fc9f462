//! Operating DynamoDB tables.

use super::dynamodb::{bare, find, not_found, recovery};
use crate::demo::world::{Region, billing, throughput};
use aws_sdk_dynamodb::operation::delete_table::{DeleteTableError, DeleteTableInput, DeleteTableOutput};
use aws_sdk_dynamodb::operation::update_continuous_backups::{
    UpdateContinuousBackupsError, UpdateContinuousBackupsInput, UpdateContinuousBackupsOutput,
};
use aws_sdk_dynamodb::operation::update_table::{UpdateTableError, UpdateTableInput, UpdateTableOutput};
use aws_sdk_dynamodb::operation::update_time_to_live::{
    UpdateTimeToLiveError, UpdateTimeToLiveInput, UpdateTimeToLiveOutput,
};
use aws_sdk_dynamodb::types::error::{ResourceInUseException, TableNotFoundException};
use aws_sdk_dynamodb::types::{
    BillingMode, TableClassSummary, TableDescription, TableStatus, TimeToLiveSpecification,
};
use aws_smithy_types::error::ErrorMetadata;

/// How long a table is `UPDATING` or `DELETING` here, in milliseconds.
const CHANGE: u64 = 5_000;

fn in_use(name: &str) -> ResourceInUseException {
    let words = format!("Attempt to change a resource which is still in use: Table is being updated: {name}");
    let meta = ErrorMetadata::builder().code("ResourceInUseException").message(&words).build();
    ResourceInUseException::builder().message(words).meta(meta).build()
}

/// An error that DynamoDB sends without declaring it in its model.
fn invalid(words: &str) -> ErrorMetadata {
    ErrorMetadata::builder().code("ValidationException").message(words).build()
}

pub fn update(region: &mut Region, input: &UpdateTableInput) -> Result<UpdateTableOutput, UpdateTableError> {
    let name = bare(input.table_name().unwrap_or_default()).to_owned();
    let table = find(region, Some(&name)).map_err(UpdateTableError::ResourceNotFoundException)?;
    if table.about.table_status() != Some(&TableStatus::Active) {
        return Err(UpdateTableError::ResourceInUseException(in_use(&name)));
    }
    let mut next = table.about.clone();
    plan(&mut next, input).map_err(|words| UpdateTableError::generic(invalid(words)))?;
    let mut shown = None;
    if let Some(table) = region.tables.get_mut(&name) {
        // Protection changes at once; the rest once the update is through.
        table.about.deletion_protection_enabled = next.deletion_protection_enabled;
        table.about.table_status = Some(TableStatus::Updating);
        shown = Some(table.about.clone());
    }
    region.later(CHANGE, move |region| {
        if let Some(table) = region.tables.get_mut(&name) {
            next.table_status = Some(TableStatus::Active);
            table.about = next;
        }
    });
    Ok(UpdateTableOutput::builder().set_table_description(shown).build())
}

/// Writes what the request asks into `about`; the words of a refusal when it cannot be.
fn plan(about: &mut TableDescription, input: &UpdateTableInput) -> Result<(), &'static str> {
    let on_demand_now =
        about.billing_mode_summary().is_some_and(|b| b.billing_mode() == Some(&BillingMode::PayPerRequest));
    let on_demand = match input.billing_mode() {
        Some(mode) => *mode == BillingMode::PayPerRequest,
        None => on_demand_now,
    };
    match (on_demand, input.provisioned_throughput()) {
        (true, Some(_)) => {
            return Err("One or more parameter values were invalid: Neither ReadCapacityUnits nor \
                        WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST");
        }
        (true, None) => about.provisioned_throughput = Some(throughput(None)),
        (false, Some(units)) => {
            let (read, write) = (units.read_capacity_units(), units.write_capacity_units());
            if read < 1 || write < 1 {
                return Err("ReadCapacityUnits and WriteCapacityUnits must be at least 1");
            }
            about.provisioned_throughput = Some(throughput(Some((read, write))));
        }
        (false, None) if on_demand_now => {
            return Err("One or more parameter values were invalid: ReadCapacityUnits and \
                        WriteCapacityUnits must both be specified when BillingMode is PROVISIONED");
        }
        (false, None) => {}
    }
    about.billing_mode_summary = Some(billing(on_demand));
    about.deletion_protection_enabled =
        input.deletion_protection_enabled().or(about.deletion_protection_enabled);
    if let Some(class) = input.table_class() {
        about.table_class_summary = Some(TableClassSummary::builder().table_class(class.clone()).build());
    }
    if let Some(stream) = input.stream_specification() {
        about.stream_specification = stream.stream_enabled().then(|| stream.clone());
    }
    if !on_demand {
        let units = about.provisioned_throughput.clone();
        for index in about.global_secondary_indexes.iter_mut().flatten() {
            index.provisioned_throughput = units.clone();
        }
    }
    Ok(())
}

pub fn delete(region: &mut Region, input: &DeleteTableInput) -> Result<DeleteTableOutput, DeleteTableError> {
    let name = bare(input.table_name().unwrap_or_default()).to_owned();
    let Some(table) = region.tables.get_mut(&name) else {
        return Err(DeleteTableError::ResourceNotFoundException(not_found(&name)));
    };
    if table.about.table_status() != Some(&TableStatus::Active) {
        return Err(DeleteTableError::ResourceInUseException(in_use(&name)));
    }
    if table.about.deletion_protection_enabled() == Some(true) {
        return Err(DeleteTableError::generic(invalid(
            "Resource cannot be deleted as it is currently protected against deletion. Disable deletion \
             protection first.",
        )));
    }
    table.about.table_status = Some(TableStatus::Deleting);
    let shown = table.about.clone();
    region.later(CHANGE, move |region| {
        region.tables.remove(&name);
        region.dropped.push(name);
    });
    Ok(DeleteTableOutput::builder().table_description(shown).build())
}

pub fn update_time_to_live(
    region: &mut Region,
    input: &UpdateTimeToLiveInput,
) -> Result<UpdateTimeToLiveOutput, UpdateTimeToLiveError> {
    let name = bare(input.table_name().unwrap_or_default());
    let Some(table) = region.tables.get_mut(name) else {
        return Err(UpdateTimeToLiveError::ResourceNotFoundException(not_found(name)));
    };
    let spec = input.time_to_live_specification();
    table.ttl = spec.filter(|s| s.enabled()).map(|s| s.attribute_name().to_owned());
    let shown: Option<TimeToLiveSpecification> = spec.cloned();
    Ok(UpdateTimeToLiveOutput::builder().set_time_to_live_specification(shown).build())
}

pub fn update_backups(
    region: &mut Region,
    input: &UpdateContinuousBackupsInput,
) -> Result<UpdateContinuousBackupsOutput, UpdateContinuousBackupsError> {
    let name = bare(input.table_name().unwrap_or_default()).to_owned();
    let Some(table) = region.tables.get_mut(&name) else {
        let words = format!("Table not found: {name}");
        let meta = ErrorMetadata::builder().code("TableNotFoundException").message(&words).build();
        return Err(UpdateContinuousBackupsError::TableNotFoundException(
            TableNotFoundException::builder().message(words).meta(meta).build(),
        ));
    };
    table.pitr = input.point_in_time_recovery_specification().is_some_and(
        aws_sdk_dynamodb::types::PointInTimeRecoverySpecification::point_in_time_recovery_enabled,
    );
    let shown = region.tables.get(&name).and_then(|table| recovery(region, table));
    Ok(UpdateContinuousBackupsOutput::builder().set_continuous_backups_description(shown).build())
}
