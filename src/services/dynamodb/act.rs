//! Operates tables: one call each (a delete makes its backup first), then questions.

use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::guard::Cleared;
use crate::model::{Failure, FailureKind, Operation, Outcome, SafeText};
use crate::services::act::{allowed, stamped};
use aws_sdk_dynamodb::types::{
    BackupDetails, BackupStatus, BillingMode, PointInTimeRecoverySpecification, ProvisionedThroughput,
};
use std::time::Duration;

/// How often, and how far apart, a backup is asked about before a delete: two minutes.
const BACKUP_TRIES: usize = 60;
const BACKUP_PAUSE: Duration = Duration::from_secs(2);

/// Calls the AWS operation that `what` names.
pub async fn perform(reach: &Reach, what: &Cleared<Operation>) -> Result<Outcome, Failure> {
    let what = allowed(reach, what)?;
    let client = reach.dynamodb();
    let name = &*what.on.name;
    let doing = format!("{} {}", what.id, SafeText::new(name));
    let mut made = None;
    match what.id {
        "capacity-mode" => {
            let mode = BillingMode::from(what.field("mode").unwrap_or_default());
            let units = if mode == BillingMode::Provisioned { Some(units(what, &doing)?) } else { None };
            let call =
                client.update_table().table_name(name).billing_mode(mode).set_provisioned_throughput(units);
            call.send().await.map_err(|e| failure(&doing, &e))?;
        }
        "capacity" => {
            let call = client.update_table().table_name(name).provisioned_throughput(units(what, &doing)?);
            call.send().await.map_err(|e| failure(&doing, &e))?;
        }
        "backup" => made = Some(backup(reach, what, &doing).await?.0),
        "pitr-on" => {
            let on = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true).build();
            let on = on.map_err(|e| Failure::new(FailureKind::Bug, &doing, e.to_string()))?;
            let call =
                client.update_continuous_backups().table_name(name).point_in_time_recovery_specification(on);
            call.send().await.map_err(|e| failure(&doing, &e))?;
        }
        "protect" | "unprotect" => {
            let on = what.id == "protect";
            let call = client.update_table().table_name(name).deletion_protection_enabled(on);
            call.send().await.map_err(|e| failure(&doing, &e))?;
        }
        "delete" => {
            made = before_delete(reach, what, &doing).await?;
            client.delete_table().table_name(name).send().await.map_err(|e| failure(&doing, &e))?;
        }
        other => return Err(Failure::new(FailureKind::Bug, doing, format!("nothing performs {other}"))),
    }
    Ok(Outcome { done: false, stage: "accepted".into(), percent: None, made: made.map(SafeText::new) })
}

fn units(what: &Operation, doing: &str) -> Result<ProvisionedThroughput, Failure> {
    let number = |field: &str| {
        let usage = |why: &str| Failure::new(FailureKind::Usage, doing, format!("{field}: {why}"));
        let text = what.field(field).ok_or_else(|| usage("a number of units is needed"))?;
        text.parse::<i64>().ok().filter(|n| *n > 0).ok_or_else(|| usage("not a positive whole number"))
    };
    let built = ProvisionedThroughput::builder()
        .read_capacity_units(number("rcu")?)
        .write_capacity_units(number("wcu")?);
    built.build().map_err(|e| Failure::new(FailureKind::Bug, doing, e.to_string()))
}

/// Asks for a backup: its name and what AWS says of it.
async fn backup(
    reach: &Reach,
    what: &Operation,
    doing: &str,
) -> Result<(String, Option<BackupDetails>), Failure> {
    let name = what.field("backup").map_or_else(|| stamped(&what.on.name, "dbdeck"), str::to_owned);
    let call = reach.dynamodb().create_backup().table_name(&*what.on.name).backup_name(&name);
    let answer = call.send().await.map_err(|e| failure(doing, &e))?;
    Ok((name, answer.backup_details))
}

/// The backup before a delete, unless it was waived with a reason.
async fn before_delete(reach: &Reach, what: &Operation, doing: &str) -> Result<Option<String>, Failure> {
    if !what.flag("skip-backup") {
        let doing = format!("{doing}: the backup before it");
        let (name, details) = backup(reach, what, &doing).await?;
        until_backed_up(reach, &doing, details).await?;
        return Ok(Some(name));
    }
    if what.field("skip-reason").is_none() {
        return Err(Failure::new(FailureKind::Usage, doing, "skipping the backup needs a reason"));
    }
    Ok(None)
}

/// Waits until the backup can be restored: a table goes only after its backup stands.
async fn until_backed_up(reach: &Reach, doing: &str, details: Option<BackupDetails>) -> Result<(), Failure> {
    let Some(mut details) = details else {
        return Err(Failure::new(FailureKind::Garbled, doing, "AWS did not say what became of it"));
    };
    for _ in 0..BACKUP_TRIES {
        match details.backup_status() {
            BackupStatus::Available => return Ok(()),
            BackupStatus::Creating => tokio::time::sleep(BACKUP_PAUSE).await,
            other => {
                let why = format!("the backup is {}; the table stays", other.as_str());
                return Err(Failure::new(FailureKind::Rejected, doing, why));
            }
        }
        let answer = reach.dynamodb().describe_backup().backup_arn(details.backup_arn()).send().await;
        let described = answer.map_err(|e| failure(doing, &e))?.backup_description;
        if let Some(next) = described.and_then(|d| d.backup_details) {
            details = next;
        }
    }
    Err(Failure::new(FailureKind::Rejected, doing, "the backup is not ready yet; the table stays")
        .hint("delete it again when the backup is there, and skip another one"))
}

/// Where the operation stands, by asking once.
pub async fn follow(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    let doing = format!("follow {} {}", what.id, SafeText::new(&what.on.name));
    let answer = reach.dynamodb().describe_table().table_name(&*what.on.name).send().await;
    let status = match answer.map_err(|e| failure(&doing, &e)) {
        Ok(answer) => {
            let status = answer.table.and_then(|t| t.table_status);
            status.map_or_else(|| "?".to_owned(), |s| s.as_str().to_owned())
        }
        Err(gone) if gone.kind == FailureKind::NotFound && what.id == "delete" => {
            return Ok(Outcome { done: true, stage: "deleted".into(), percent: None, made: None });
        }
        Err(failure) => return Err(failure),
    };
    if matches!(status.as_str(), "INACCESSIBLE_ENCRYPTION_CREDENTIALS" | "ARCHIVED") {
        return Err(Failure::new(FailureKind::Rejected, doing, format!("it ended in {status}")));
    }
    let done = what.id != "delete" && status == "ACTIVE";
    Ok(Outcome { done, stage: SafeText::new(status), percent: None, made: None })
}
