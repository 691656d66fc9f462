//! On-demand backups of DynamoDB tables.

use super::dynamodb::{bare, find};
use crate::demo::world::{Region, date};
use aws_sdk_dynamodb::operation::create_backup::{CreateBackupError, CreateBackupInput, CreateBackupOutput};
use aws_sdk_dynamodb::operation::describe_backup::{
    DescribeBackupError, DescribeBackupInput, DescribeBackupOutput,
};
use aws_sdk_dynamodb::operation::list_backups::{ListBackupsError, ListBackupsInput, ListBackupsOutput};
use aws_sdk_dynamodb::types::error::{BackupNotFoundException, TableNotFoundException};
use aws_sdk_dynamodb::types::{BackupDescription, BackupDetails, BackupStatus, BackupSummary, BackupType};
use aws_smithy_types::error::ErrorMetadata;

/// How long a backup is `CREATING` here, in milliseconds.
const BACKUP: u64 = 4_000;

/// A backup and the table it is of.
#[derive(Clone, Debug)]
pub struct Backup {
    table: String,
    details: BackupDetails,
}

pub fn create(
    region: &mut Region,
    input: &CreateBackupInput,
) -> Result<CreateBackupOutput, CreateBackupError> {
    let table = bare(input.table_name().unwrap_or_default()).to_owned();
    let found = find(region, Some(&table)).map_err(|e| {
        let words = format!("Table not found: {table}");
        let meta = ErrorMetadata::builder().code("TableNotFoundException").message(e.to_string()).build();
        CreateBackupError::TableNotFoundException(
            TableNotFoundException::builder().message(words).meta(meta).build(),
        )
    })?;
    let table_arn = found.about.table_arn().unwrap_or_default();
    let arn = format!("{table_arn}/backup/{:014}-{:04}", region.now.epoch_ms(), region.backups.len());
    let details = BackupDetails::builder()
        .backup_arn(&arn)
        .backup_name(input.backup_name().unwrap_or_default())
        .backup_status(BackupStatus::Creating)
        .backup_type(BackupType::User)
        .backup_creation_date_time(date(region.now))
        .set_backup_size_bytes(found.about.table_size_bytes())
        .build()
        .map_err(CreateBackupError::unhandled)?;
    region.backups.insert(arn.clone(), Backup { table, details: details.clone() });
    region.later(BACKUP, move |region| {
        if let Some(backup) = region.backups.get_mut(&arn) {
            backup.details.backup_status = BackupStatus::Available;
        }
    });
    Ok(CreateBackupOutput::builder().backup_details(details).build())
}

pub fn describe(
    region: &Region,
    input: &DescribeBackupInput,
) -> Result<DescribeBackupOutput, DescribeBackupError> {
    let arn = input.backup_arn().unwrap_or_default();
    let Some(backup) = region.backups.get(arn) else {
        let words = format!("Backup not found: {arn}");
        let meta = ErrorMetadata::builder().code("BackupNotFoundException").message(&words).build();
        return Err(DescribeBackupError::BackupNotFoundException(
            BackupNotFoundException::builder().message(words).meta(meta).build(),
        ));
    };
    let about = BackupDescription::builder().backup_details(backup.details.clone()).build();
    Ok(DescribeBackupOutput::builder().backup_description(about).build())
}

pub fn list(region: &Region, input: &ListBackupsInput) -> Result<ListBackupsOutput, ListBackupsError> {
    let of = input.table_name().map(bare);
    let rows = region.backups.values().filter(|b| of.is_none_or(|t| b.table == t)).map(|backup| {
        BackupSummary::builder()
            .table_name(&backup.table)
            .backup_arn(backup.details.backup_arn())
            .backup_name(backup.details.backup_name())
            .backup_status(backup.details.backup_status().clone())
            .backup_type(BackupType::User)
            .backup_creation_date_time(*backup.details.backup_creation_date_time())
            .build()
    });
    Ok(ListBackupsOutput::builder().set_backup_summaries(Some(rows.collect())).build())
}
