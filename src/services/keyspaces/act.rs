//! Operates tables: `UpdateTable` takes one setting a call, so each operation is one call.

use super::spec::MOST_TTL_S;
use super::table::{apart, described};
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::guard::Cleared;
use crate::model::{Failure, FailureKind, Operation, Outcome, SafeText};
use crate::services::act::allowed;
use aws_sdk_keyspaces::Client;
use aws_sdk_keyspaces::primitives::{DateTime, DateTimeFormat};
use aws_sdk_keyspaces::types::{
    CapacitySpecification, PointInTimeRecovery, PointInTimeRecoveryStatus, TableStatus, ThroughputMode,
    TimeToLive, TimeToLiveStatus,
};

/// Calls exactly the one AWS operation that `what` names.
pub async fn perform(reach: &Reach, what: &Cleared<Operation>) -> Result<Outcome, Failure> {
    let what = allowed(reach, what)?;
    let client = reach.keyspaces();
    let (keyspace, table) = names(what)?;
    let doing = doing(what);
    let mut made = None;
    match what.api {
        "keyspaces:UpdateTable" => {
            let call = client.update_table().keyspace_name(keyspace).table_name(table);
            let call = match what.id {
                "capacity-mode" | "capacity" => call.capacity_specification(capacity(what)?),
                "pitr-on" => call.point_in_time_recovery(recovery(PointInTimeRecoveryStatus::Enabled, what)?),
                "pitr-off" => {
                    call.point_in_time_recovery(recovery(PointInTimeRecoveryStatus::Disabled, what)?)
                }
                "ttl-on" => {
                    let on = TimeToLive::builder().status(TimeToLiveStatus::Enabled).build();
                    call.ttl(on.map_err(|e| bug(what, &e.to_string()))?)
                }
                "default-ttl" => call.default_time_to_live(seconds(what)?),
                other => return Err(bug(what, &format!("nothing performs {other}"))),
            };
            call.send().await.map_err(|e| failure(&doing, &e))?;
        }
        "keyspaces:RestoreTable" => made = Some(restore(&client, what, keyspace, table).await?),
        "keyspaces:DeleteTable" => {
            let call = client.delete_table().keyspace_name(keyspace).table_name(table);
            call.send().await.map_err(|e| failure(&doing, &e))?;
        }
        other => return Err(bug(what, &format!("nothing calls {other}"))),
    }
    Ok(Outcome { done: false, stage: "accepted".into(), percent: None, made: made.map(SafeText::new) })
}

fn doing(what: &Operation) -> String {
    format!("{} {}", what.id, SafeText::new(&what.on.name))
}

fn usage(what: &Operation, because: &str) -> Failure {
    Failure::new(FailureKind::Usage, doing(what), because)
}

fn bug(what: &Operation, because: &str) -> Failure {
    Failure::new(FailureKind::Bug, doing(what), because)
}

fn names(what: &Operation) -> Result<(&str, &str), Failure> {
    apart(&what.on.name).ok_or_else(|| usage(what, "a table is named KEYSPACE.TABLE"))
}

fn capacity(what: &Operation) -> Result<CapacitySpecification, Failure> {
    let mode = what.field("mode").map_or(ThroughputMode::Provisioned, ThroughputMode::from);
    let units = |field: &str| {
        let text = what.field(field).ok_or_else(|| usage(what, &format!("{field}: a number is needed")))?;
        let number = text.trim().parse::<i64>().ok().filter(|n| *n > 0);
        number.ok_or_else(|| usage(what, &format!("{field}: not a positive whole number")))
    };
    let mut built = CapacitySpecification::builder();
    if mode == ThroughputMode::Provisioned {
        built = built.read_capacity_units(units("rcu")?).write_capacity_units(units("wcu")?);
    }
    built.throughput_mode(mode).build().map_err(|e| bug(what, &e.to_string()))
}

fn recovery(status: PointInTimeRecoveryStatus, what: &Operation) -> Result<PointInTimeRecovery, Failure> {
    PointInTimeRecovery::builder().status(status).build().map_err(|e| bug(what, &e.to_string()))
}

fn seconds(what: &Operation) -> Result<i32, Failure> {
    let seconds = what.field("seconds").and_then(|s| s.trim().parse::<i32>().ok());
    seconds
        .filter(|s| (0..=MOST_TTL_S).contains(s))
        .ok_or_else(|| usage(what, "seconds is a whole number from 0 to 630720000 (20 years)"))
}

/// Where a restore goes: a keyspace and a table.
fn goal<'a>(what: &'a Operation, keyspace: &'a str) -> Result<(&'a str, &'a str), Failure> {
    let table = what.field("target-table").ok_or_else(|| usage(what, "the new table needs a name"))?;
    Ok((what.field("target-keyspace").unwrap_or(keyspace), table))
}

/// Asks for the restore: the new table as `KEYSPACE.TABLE`.
async fn restore(client: &Client, what: &Operation, keyspace: &str, table: &str) -> Result<String, Failure> {
    let (to_keyspace, to_table) = goal(what, keyspace)?;
    let at = what.field("at").map(|text| DateTime::from_str(text.trim(), DateTimeFormat::DateTimeWithOffset));
    let at = at.transpose().map_err(|_| usage(what, "the moment is no time, as in 2026-11-26T08:00:00Z"))?;
    let call = client.restore_table().source_keyspace_name(keyspace).source_table_name(table);
    let call = call.target_keyspace_name(to_keyspace).target_table_name(to_table);
    call.set_restore_timestamp(at).send().await.map_err(|e| failure(&doing(what), &e))?;
    Ok(format!("{to_keyspace}.{to_table}"))
}

/// Where the operation stands, by asking once.
pub async fn follow(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    let (keyspace, table) = names(what)?;
    let (keyspace, table) = if what.id == "restore" { goal(what, keyspace)? } else { (keyspace, table) };
    let asked = described(&reach.keyspaces(), reach.place(), keyspace, table).await;
    let status = match asked {
        Ok(answer) => answer.status,
        Err(gone) if gone.kind == FailureKind::NotFound && what.id == "delete" => {
            return Ok(Outcome { done: true, stage: "deleted".into(), percent: None, made: None });
        }
        Err(failure) => return Err(failure),
    };
    let word = SafeText::new(status.as_ref().map_or("?", TableStatus::as_str));
    if status == Some(TableStatus::InaccessibleEncryptionCredentials) {
        return Err(Failure::new(FailureKind::Rejected, doing(what), format!("it ended in {word}")));
    }
    let done = match what.id {
        "delete" => status == Some(TableStatus::Deleted),
        _ => status == Some(TableStatus::Active),
    };
    let made = (what.id == "restore").then(|| SafeText::new(format!("{keyspace}.{table}")));
    Ok(Outcome { done, stage: word, percent: None, made })
}
