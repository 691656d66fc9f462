//! Operates databases on the RDS control plane: one call each, then questions until it is done.

use super::control_plane;
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::clock;
use crate::guard::Cleared;
use crate::model::{Failure, FailureKind, Health, Operation, Outcome, SafeText};
use crate::services::words;

/// Calls exactly the one AWS operation that `what` names.
pub async fn perform(reach: &Reach, what: &Cleared<Operation>) -> Result<Outcome, Failure> {
    let what = allowed(reach, what)?;
    let rds = reach.rds();
    let name = &*what.on.name;
    let doing = format!("{} {}", what.id, SafeText::new(name));
    let mut made = None;
    match what.api {
        "rds:StartDBInstance" => {
            rds.start_db_instance()
                .db_instance_identifier(name)
                .send()
                .await
                .map_err(|e| failure(&doing, &e))?;
        }
        "rds:StopDBInstance" => {
            rds.stop_db_instance()
                .db_instance_identifier(name)
                .send()
                .await
                .map_err(|e| failure(&doing, &e))?;
        }
        "rds:RebootDBInstance" => {
            let failover = what.flag("failover").then_some(true);
            let call = rds.reboot_db_instance().db_instance_identifier(name).set_force_failover(failover);
            call.send().await.map_err(|e| failure(&doing, &e))?;
        }
        "rds:CreateDBSnapshot" => {
            let snapshot = named(what, "snapshot");
            let call =
                rds.create_db_snapshot().db_instance_identifier(name).db_snapshot_identifier(&snapshot);
            call.send().await.map_err(|e| failure(&doing, &e))?;
            made = Some(snapshot);
        }
        "rds:ModifyDBInstance" => {
            let class = what.field("class").ok_or_else(|| usage(&doing, "a class is needed"))?;
            let call = rds.modify_db_instance().db_instance_identifier(name).db_instance_class(class);
            let call = call.apply_immediately(what.flag("apply-immediately"));
            call.send().await.map_err(|e| failure(&doing, &e))?;
        }
        "rds:DeleteDBInstance" => made = delete_instance(reach, what, &doing).await?,
        "rds:FailoverDBCluster" => {
            let target = what.field("target").map(str::to_owned);
            let call = rds
                .failover_db_cluster()
                .db_cluster_identifier(name)
                .set_target_db_instance_identifier(target);
            call.send().await.map_err(|e| failure(&doing, &e))?;
        }
        "rds:StartDBCluster" => {
            rds.start_db_cluster()
                .db_cluster_identifier(name)
                .send()
                .await
                .map_err(|e| failure(&doing, &e))?;
        }
        "rds:StopDBCluster" => {
            rds.stop_db_cluster()
                .db_cluster_identifier(name)
                .send()
                .await
                .map_err(|e| failure(&doing, &e))?;
        }
        "rds:CreateDBClusterSnapshot" => {
            let snapshot = named(what, "snapshot");
            let call = rds.create_db_cluster_snapshot().db_cluster_identifier(name);
            let call = call.db_cluster_snapshot_identifier(&snapshot);
            call.send().await.map_err(|e| failure(&doing, &e))?;
            made = Some(snapshot);
        }
        "rds:DeleteDBCluster" => {
            let snapshot = final_snapshot(what, &doing)?;
            let call = rds.delete_db_cluster().db_cluster_identifier(name);
            let call = call
                .skip_final_snapshot(snapshot.is_none())
                .set_final_db_snapshot_identifier(snapshot.clone());
            call.send().await.map_err(|e| failure(&doing, &e))?;
            made = snapshot;
        }
        other => return Err(Failure::new(FailureKind::Bug, doing, format!("nothing calls {other}"))),
    }
    Ok(Outcome { done: false, stage: "accepted".into(), percent: None, made: made.map(SafeText::new) })
}

async fn delete_instance(reach: &Reach, what: &Operation, doing: &str) -> Result<Option<String>, Failure> {
    let call = reach.rds().delete_db_instance().db_instance_identifier(&*what.on.name);
    // The data of an Aurora member is in the cluster volume: there is nothing to snapshot.
    if what.id == "delete-member" {
        call.skip_final_snapshot(true).send().await.map_err(|e| failure(doing, &e))?;
        return Ok(None);
    }
    let snapshot = final_snapshot(what, doing)?;
    let call =
        call.skip_final_snapshot(snapshot.is_none()).set_final_db_snapshot_identifier(snapshot.clone());
    call.delete_automated_backups(false).send().await.map_err(|e| failure(doing, &e))?;
    Ok(snapshot)
}

/// The name of the final snapshot; `None` when it was waived with a reason.
fn final_snapshot(what: &Operation, doing: &str) -> Result<Option<String>, Failure> {
    if !what.flag("skip-final-snapshot") {
        return Ok(Some(
            what.field("final-snapshot").map_or_else(|| stamped(&what.on.name, "final"), str::to_owned),
        ));
    }
    if what.field("skip-reason").is_none() {
        return Err(usage(doing, "skipping the final snapshot needs a reason"));
    }
    Ok(None)
}

fn named(what: &Operation, field: &str) -> String {
    what.field(field).map_or_else(|| stamped(&what.on.name, "dbdeck"), str::to_owned)
}

/// A snapshot name that says what, why and when, in the letters that RDS allows.
pub fn stamped(name: &str, why: &str) -> String {
    let ms = i64::try_from(clock::now().epoch_ms()).unwrap_or(0);
    let when = jiff::Timestamp::from_millisecond(ms).map(|t| t.strftime("%Y%m%d-%H%M%S").to_string());
    format!("{name}-{why}-{}", when.unwrap_or_default())
}

/// Where the operation stands, by asking once.
pub async fn follow(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    match what.api {
        "rds:CreateDBSnapshot" | "rds:CreateDBClusterSnapshot" => follow_snapshot(reach, what).await,
        "rds:FailoverDBCluster" => follow_failover(reach, what).await,
        "rds:DeleteDBInstance" | "rds:DeleteDBCluster" => follow_delete(reach, what).await,
        "rds:StopDBInstance" | "rds:StopDBCluster" => until(what, &status(reach, what).await?, "stopped"),
        _ => follow_change(reach, what).await,
    }
}

async fn status(reach: &Reach, what: &Operation) -> Result<SafeText, Failure> {
    let status = if what.on.kind == "cluster" {
        control_plane::cluster(reach, &what.on.name).await?.status
    } else {
        control_plane::instance(reach, &what.on.name).await?.db_instance_status
    };
    Ok(SafeText::new(status.unwrap_or_default()))
}

/// Done when the status word is `end`.
///
/// # Errors
/// When the word means that no more progress will come.
fn until(what: &Operation, status: &SafeText, end: &str) -> Result<Outcome, Failure> {
    if matches!(words::health(Some(status)), Health::Bad(_)) {
        return Err(ended(what, status));
    }
    Ok(Outcome { done: status.as_str() == end, stage: status.clone(), percent: None, made: None })
}

/// The failure of an operation whose resource went to `status` instead of where it should.
fn ended(what: &Operation, status: &SafeText) -> Failure {
    let doing = format!("{} {}", what.id, SafeText::new(&what.on.name));
    Failure::new(FailureKind::Rejected, doing, format!("it ended in {status}"))
        .hint("the events in its detail view tell more")
}

async fn follow_change(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    if what.api != "rds:ModifyDBInstance" {
        // `started` is what some stand-ins say where AWS says `available`.
        let status = status(reach, what).await?;
        let end = if status.as_str() == "started" { "started" } else { "available" };
        return until(what, &status, end);
    }
    let instance = control_plane::instance(reach, &what.on.name).await?;
    let status = SafeText::new(instance.db_instance_status().unwrap_or_default());
    let pending = instance.pending_modified_values().and_then(|p| p.db_instance_class());
    let mut outcome = until(what, &status, "available")?;
    if let Some(class) = pending.filter(|_| outcome.done) {
        let waits = !what.flag("apply-immediately");
        outcome.done = waits;
        outcome.stage = SafeText::new(format!(
            "{class} waits for {}",
            if waits { "the maintenance window" } else { "its turn" }
        ));
    }
    Ok(outcome)
}

async fn follow_failover(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    let cluster = control_plane::cluster(reach, &what.on.name).await?;
    let writer = cluster.db_cluster_members().iter().find(|m| m.is_cluster_writer() == Some(true));
    let writer = writer.and_then(|m| m.db_instance_identifier()).unwrap_or("nobody yet");
    let status = SafeText::new(cluster.status().unwrap_or_default());
    let moved = what.field("target").is_none_or(|target| target == writer);
    let stage = SafeText::new(format!("{status}; the writer is {writer}"));
    let outcome = until(what, &status, "available")?;
    Ok(Outcome { done: moved && outcome.done, stage, ..outcome })
}

async fn follow_delete(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    match status(reach, what).await {
        Ok(status) => Ok(Outcome { done: false, stage: status, percent: None, made: None }),
        Err(gone) if gone.kind == FailureKind::NotFound => {
            Ok(Outcome { done: true, stage: "deleted".into(), percent: None, made: None })
        }
        Err(failure) => Err(failure),
    }
}

/// The newest snapshot of the database stands for the one that was asked for: its name may
/// have been made up while performing.
async fn follow_snapshot(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    let (name, wanted) = (&*what.on.name, what.field("snapshot"));
    let rds = reach.rds();
    let found = if what.api == "rds:CreateDBSnapshot" {
        let call = rds.describe_db_snapshots().db_instance_identifier(name);
        let answer = call.send().await.map_err(|e| failure("follow the snapshot", &e))?;
        let all = answer.db_snapshots.unwrap_or_default().into_iter();
        let all = all.filter(|s| wanted.is_none() || s.db_snapshot_identifier() == wanted);
        all.max_by_key(|s| s.snapshot_create_time().map_or(i64::MAX, aws_sdk_rds::primitives::DateTime::secs))
            .map(|s| (s.status, s.percent_progress))
    } else {
        let call = rds.describe_db_cluster_snapshots().db_cluster_identifier(name);
        let answer = call.send().await.map_err(|e| failure("follow the snapshot", &e))?;
        let all = answer.db_cluster_snapshots.unwrap_or_default().into_iter();
        let all = all.filter(|s| wanted.is_none() || s.db_cluster_snapshot_identifier() == wanted);
        all.max_by_key(|s| s.snapshot_create_time().map_or(i64::MAX, aws_sdk_rds::primitives::DateTime::secs))
            .map(|s| (s.status, s.percent_progress))
    };
    let (status, percent) = found.unwrap_or_default();
    let status = SafeText::new(status.as_deref().unwrap_or("creating"));
    let percent = percent.and_then(|p| u8::try_from(p).ok()).filter(|p| *p <= 100);
    Ok(Outcome { percent, ..until(what, &status, "available")? })
}

/// What was cleared, when that still holds under the access in force: the client's own lock
/// only knows whether some window is open, not whether it is the one this was cleared under.
///
/// # Errors
/// Refused, when the access has changed since.
pub fn allowed<'a>(reach: &Reach, what: &'a Cleared<Operation>) -> Result<&'a Operation, Failure> {
    let operation = what.get();
    if what.holds(&reach.access().read(), clock::now()) {
        return Ok(operation);
    }
    let doing = format!("{} {}", operation.id, SafeText::new(&operation.on.name));
    Err(Failure::new(FailureKind::Refused, doing, "the access changed since this was allowed"))
}

fn usage(doing: &str, because: &str) -> Failure {
    Failure::new(FailureKind::Usage, doing, because)
}
