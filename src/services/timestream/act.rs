//! Operates Timestream: one call each (a delete of InfluxDB makes its backup first), then
//! questions until it is done.

use super::read::{backups, cluster_now, health, instance_now, table_named};
use super::spec::{CLUSTER, TABLE};
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::clock;
use crate::guard::Cleared;
use crate::model::{Failure, FailureKind, Health, Operation, Outcome, SafeText};
use crate::services::act::{allowed, stamped};
use aws_sdk_timestreaminfluxdb::types::{DbBackupStatus, DbInstanceType};
use aws_sdk_timestreamquery::types::ScheduledQueryState;
use aws_sdk_timestreamwrite::types::{RetentionProperties, TableStatus};
use aws_smithy_types::DateTime;
use std::ops::RangeInclusive;
use std::time::Duration;

/// How often, and how far apart, a backup is asked about before a delete: two minutes.
const BACKUP_TRIES: usize = 60;
const BACKUP_PAUSE: Duration = Duration::from_secs(2);
/// The longest name of a backup.
const LONGEST_NAME: usize = 63;

/// Calls the AWS operation that `what` names.
pub async fn perform(reach: &Reach, what: &Cleared<Operation>) -> Result<Outcome, Failure> {
    let what = allowed(reach, what)?;
    let doing = format!("{} {}", what.id, SafeText::new(&what.on.name));
    let mut made = None;
    match what.api.split_once(':') {
        Some(("timestream-write", _)) => on_table(reach, what, &doing).await?,
        Some(("timestream-query", _)) => on_query(reach, what, &doing).await?,
        _ => made = on_influx(reach, what, &doing).await?,
    }
    Ok(Outcome { done: false, stage: "accepted".into(), percent: None, made: made.map(SafeText::new) })
}

fn usage(doing: &str, because: impl AsRef<str>) -> Failure {
    Failure::new(FailureKind::Usage, doing, because)
}

fn unknown(what: &Operation, doing: &str) -> Failure {
    Failure::new(FailureKind::Bug, doing, format!("nothing calls {}", what.api))
}

fn number<T>(what: &Operation, field: &str, range: RangeInclusive<T>, doing: &str) -> Result<T, Failure>
where
    T: std::str::FromStr + PartialOrd + std::fmt::Display,
{
    let n = what.field(field).and_then(|n| n.trim().parse().ok()).filter(|n| range.contains(n));
    n.ok_or_else(|| {
        usage(doing, format!("{field} is a whole number from {} to {}", range.start(), range.end()))
    })
}

async fn on_table(reach: &Reach, what: &Operation, doing: &str) -> Result<(), Failure> {
    let client = reach.live_write().await?;
    if what.api == "timestream-write:DeleteDatabase" {
        let call = client.delete_database().database_name(&*what.on.name);
        return call.send().await.map(drop).map_err(|e| failure(doing, &e));
    }
    // The table's own two names, as AWS says them: the row's name only joins them.
    let table = table_named(reach, &what.on.name).await?;
    let database = table.database_name().unwrap_or_default().to_owned();
    let name = table.table_name().unwrap_or_default().to_owned();
    match what.api {
        "timestream-write:UpdateTable" => {
            let retention = RetentionProperties::builder()
                .memory_store_retention_period_in_hours(number(what, "memory-hours", 1..=8_766, doing)?)
                .magnetic_store_retention_period_in_days(number(what, "magnetic-days", 1..=73_000, doing)?)
                .build()
                .map_err(|e| Failure::new(FailureKind::Bug, doing, e.to_string()))?;
            let call = client.update_table().database_name(database).table_name(name);
            call.retention_properties(retention).send().await.map(drop).map_err(|e| failure(doing, &e))
        }
        "timestream-write:DeleteTable" => {
            let call = client.delete_table().database_name(database).table_name(name);
            call.send().await.map(drop).map_err(|e| failure(doing, &e))
        }
        _ => Err(unknown(what, doing)),
    }
}

async fn on_query(reach: &Reach, what: &Operation, doing: &str) -> Result<(), Failure> {
    let client = reach.live_query().await?;
    let name = &*what.on.name;
    match what.id {
        "run-now" => {
            let now = DateTime::from_millis(clock::now().epoch_ms().cast_signed());
            let call = client.execute_scheduled_query().scheduled_query_arn(name).invocation_time(now);
            call.send().await.map(drop).map_err(|e| failure(doing, &e))
        }
        "enable" | "disable" => {
            let enable = what.id == "enable";
            let state = if enable { ScheduledQueryState::Enabled } else { ScheduledQueryState::Disabled };
            let call = client.update_scheduled_query().scheduled_query_arn(name).state(state);
            call.send().await.map(drop).map_err(|e| failure(doing, &e))
        }
        "max-tcu" => {
            let tcu = number(what, "tcu", 4..=1_000, doing)?;
            if tcu % 4 != 0 {
                return Err(usage(doing, "compute units come in fours"));
            }
            let call = client.update_account_settings().max_query_tcu(tcu);
            call.send().await.map(drop).map_err(|e| failure(doing, &e))
        }
        _ => Err(unknown(what, doing)),
    }
}

/// Operates InfluxDB; gives the name of a backup that is made.
async fn on_influx(reach: &Reach, what: &Operation, doing: &str) -> Result<Option<String>, Failure> {
    let (client, id) = (reach.timestream_influxdb(), &*what.on.name);
    let mut made = None;
    match what.api {
        "timestream-influxdb:RebootDbInstance" => {
            client.reboot_db_instance().identifier(id).send().await.map_err(|e| failure(doing, &e))?;
        }
        "timestream-influxdb:RebootDbCluster" => {
            client.reboot_db_cluster().db_cluster_id(id).send().await.map_err(|e| failure(doing, &e))?;
        }
        "timestream-influxdb:CreateDbBackup" => made = Some(backup(reach, what, doing).await?),
        "timestream-influxdb:UpdateDbInstance" => {
            let call = client.update_db_instance().identifier(id).db_instance_type(class(what, doing)?);
            call.send().await.map_err(|e| failure(doing, &e))?;
        }
        "timestream-influxdb:UpdateDbCluster" => {
            let call = client.update_db_cluster().db_cluster_id(id).db_instance_type(class(what, doing)?);
            call.send().await.map_err(|e| failure(doing, &e))?;
        }
        "timestream-influxdb:DeleteDbInstance" => {
            made = before_delete(reach, what, doing).await?;
            let call = client.delete_db_instance().identifier(id).retain_automated_backups(true);
            call.send().await.map_err(|e| failure(doing, &e))?;
        }
        "timestream-influxdb:DeleteDbCluster" => {
            made = before_delete(reach, what, doing).await?;
            let call = client.delete_db_cluster().db_cluster_id(id).retain_automated_backups(true);
            call.send().await.map_err(|e| failure(doing, &e))?;
        }
        _ => return Err(unknown(what, doing)),
    }
    Ok(made)
}

fn class(what: &Operation, doing: &str) -> Result<DbInstanceType, Failure> {
    what.field("class").map(DbInstanceType::from).ok_or_else(|| usage(doing, "a class is needed"))
}

/// Asks for a backup: its name.
async fn backup(reach: &Reach, what: &Operation, doing: &str) -> Result<String, Failure> {
    let name = what.field("backup").map_or_else(|| stamped(&what.on.name, "dbdeck"), str::to_owned);
    let name: String = name.chars().take(LONGEST_NAME).collect();
    let days = match what.field("days") {
        Some(_) => Some(number(what, "days", 1..=3_650, doing)?),
        None => None,
    };
    let call = reach.timestream_influxdb().create_db_backup().db_resource_id(&*what.on.name).name(&name);
    call.set_retention_days(days).send().await.map_err(|e| failure(doing, &e))?;
    Ok(name)
}

/// The backup before a delete, unless it was waived with a reason.
async fn before_delete(reach: &Reach, what: &Operation, doing: &str) -> Result<Option<String>, Failure> {
    if what.flag("skip-backup") {
        let reason = what.field("skip-reason");
        return reason.map(|_| None).ok_or_else(|| usage(doing, "skipping the backup needs a reason"));
    }
    let doing = format!("{doing}: the backup before it");
    let name = backup(reach, what, &doing).await?;
    for _ in 0..BACKUP_TRIES {
        match status_of(&backups(reach, &what.on.name).await?, Some(&name)) {
            Some(DbBackupStatus::Completed) => return Ok(Some(name)),
            None | Some(DbBackupStatus::InProgress) => tokio::time::sleep(BACKUP_PAUSE).await,
            Some(other) => {
                let why = format!("the backup is {}; nothing was deleted", SafeText::new(other.as_str()));
                return Err(Failure::new(FailureKind::Rejected, doing, why));
            }
        }
    }
    Err(Failure::new(FailureKind::Rejected, doing, "the backup is not ready yet; nothing was deleted")
        .hint("delete it again when the backup is there, and skip another one"))
}

/// The status of the backup called `name`, or of the newest.
fn status_of(
    all: &[aws_sdk_timestreaminfluxdb::types::DbBackupSummary],
    name: Option<&str>,
) -> Option<DbBackupStatus> {
    all.iter().find(|b| name.is_none() || b.name() == name)?.status().cloned()
}

fn done(stage: &str) -> Outcome {
    Outcome { done: true, stage: SafeText::new(stage), percent: None, made: None }
}

/// Where the operation stands, by asking once.
pub async fn follow(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    let deletes = what.api.contains(":Delete");
    let asked = match what.api {
        // These hold as soon as they are accepted.
        "timestream-query:ExecuteScheduledQuery"
        | "timestream-query:UpdateScheduledQuery"
        | "timestream-query:UpdateAccountSettings"
        | "timestream-write:DeleteDatabase" => return Ok(done("accepted")),
        "timestream-influxdb:CreateDbBackup" => return follow_backup(reach, what).await,
        _ if what.on.kind == TABLE => {
            table_named(reach, &what.on.name).await.map(|t| health(t.table_status().map(TableStatus::as_str)))
        }
        _ if what.on.kind == CLUSTER => cluster_now(reach, &what.on.name)
            .await
            .map(|c| health(c.status().map(aws_sdk_timestreaminfluxdb::types::ClusterStatus::as_str))),
        _ => instance_now(reach, &what.on.name)
            .await
            .map(|i| health(i.status().map(aws_sdk_timestreaminfluxdb::types::Status::as_str))),
    };
    match asked {
        Ok(Health::Bad(word)) => {
            let doing = format!("{} {}", what.id, SafeText::new(&what.on.name));
            Err(Failure::new(FailureKind::Rejected, doing, format!("it ended in {word}")))
        }
        Ok(Health::Good(word)) if !deletes => Ok(done(&word)),
        Ok(health) if deletes && health.word().as_str() == "DELETED" => Ok(done("deleted")),
        Ok(health) => Ok(Outcome { done: false, ..done(health.word()) }),
        Err(gone) if deletes && gone.kind == FailureKind::NotFound => Ok(done("deleted")),
        Err(failure) => Err(failure),
    }
}

async fn follow_backup(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    let all = backups(reach, &what.on.name).await?;
    let status = status_of(&all, what.field("backup"));
    let word = status.as_ref().map_or("IN_PROGRESS", DbBackupStatus::as_str);
    match status {
        Some(DbBackupStatus::Failed) => {
            let doing = format!("{} {}", what.id, SafeText::new(&what.on.name));
            Err(Failure::new(FailureKind::Rejected, doing, "the backup failed"))
        }
        Some(DbBackupStatus::Completed) => Ok(done(word)),
        _ => Ok(Outcome { done: false, ..done(word) }),
    }
}
