//! Operates tables: one call each (a delete makes its backup first), then questions.

use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::guard::Cleared;
use crate::model::{Failure, FailureKind, Operation, Outcome, SafeText};
use crate::services::act::stamped;
use aws_sdk_dynamodb::types::{BillingMode, PointInTimeRecoverySpecification, ProvisionedThroughput};

/// Calls the AWS operation that `what` names.
pub async fn perform(reach: &Reach, what: &Cleared<Operation>) -> Result<Outcome, Failure> {
    let what = what.get();
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
        "backup" => made = Some(backup(reach, what, &doing).await?),
        "pitr-on" => {
            let on = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true).build();
            let on = on.map_err(|e| Failure::new(FailureKind::Bug, &doing, e.to_string()))?;
            let call =
                client.update_continuous_backups().table_name(name).point_in_time_recovery_specification(on);
            call.send().await.map_err(|e| failure(&doing, &e))?;
        }
        "protect" => {
            let call = client.update_table().table_name(name).deletion_protection_enabled(true);
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

async fn backup(reach: &Reach, what: &Operation, doing: &str) -> Result<String, Failure> {
    let name = what.field("backup").map_or_else(|| stamped(&what.on.name, "dbdeck"), str::to_owned);
    let call = reach.dynamodb().create_backup().table_name(&*what.on.name).backup_name(&name);
    call.send().await.map_err(|e| failure(doing, &e))?;
    Ok(name)
}

/// The backup before a delete, unless it was waived with a reason.
async fn before_delete(reach: &Reach, what: &Operation, doing: &str) -> Result<Option<String>, Failure> {
    if !what.flag("skip-backup") {
        return backup(reach, what, &format!("{doing}: the backup before it")).await.map(Some);
    }
    if what.field("skip-reason").is_none() {
        return Err(Failure::new(FailureKind::Usage, doing, "skipping the backup needs a reason"));
    }
    Ok(None)
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
    let done = what.id != "delete" && status == "ACTIVE";
    Ok(Outcome { done, stage: SafeText::new(status), percent: None, made: None })
}
