//! Operates Redshift: one call each, then questions until it is done.

use super::read::{cluster_named, workgroup_named};
use super::{cluster, serverless};
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::guard::Cleared;
use crate::model::{Failure, FailureKind, Health, Operation, Outcome, SafeText};
use crate::services::act::{allowed, stamped};
use aws_smithy_types::DateTime;

/// Calls exactly the one AWS operation that `what` names.
pub async fn perform(reach: &Reach, what: &Cleared<Operation>) -> Result<Outcome, Failure> {
    let what = allowed(reach, what)?;
    let name = &*what.on.name;
    let doing = format!("{} {}", what.id, SafeText::new(name));
    let made = match what.api {
        "redshift-serverless:UpdateWorkgroup" => {
            update_workgroup(reach, what, &doing).await?;
            None
        }
        "redshift-serverless:CreateSnapshot" => {
            let snapshot = named(what);
            let call = reach.redshift_serverless().create_snapshot().namespace_name(name);
            call.snapshot_name(&snapshot).send().await.map_err(|e| failure(&doing, &e))?;
            Some(snapshot)
        }
        _ => on_cluster(reach, what, &doing).await?,
    };
    Ok(Outcome { done: false, stage: "accepted".into(), percent: None, made: made.map(SafeText::new) })
}

/// Operates a provisioned cluster; gives the name of a snapshot that is made.
async fn on_cluster(reach: &Reach, what: &Operation, doing: &str) -> Result<Option<String>, Failure> {
    let redshift = reach.redshift();
    let name = &*what.on.name;
    let mut made = None;
    match what.api {
        "redshift:PauseCluster" => {
            let call = redshift.pause_cluster().cluster_identifier(name);
            call.send().await.map_err(|e| failure(doing, &e))?;
        }
        "redshift:ResumeCluster" => {
            let call = redshift.resume_cluster().cluster_identifier(name);
            call.send().await.map_err(|e| failure(doing, &e))?;
        }
        "redshift:RebootCluster" => {
            let call = redshift.reboot_cluster().cluster_identifier(name);
            call.send().await.map_err(|e| failure(doing, &e))?;
        }
        "redshift:ResizeCluster" => {
            let nodes = number(what, "nodes", 1..=1_000, doing)?;
            let kind = what.field("node-type").map(str::to_owned);
            let call = redshift.resize_cluster().cluster_identifier(name).number_of_nodes(nodes);
            let call = call.set_node_type(kind).classic(what.flag("classic"));
            call.send().await.map_err(|e| failure(doing, &e))?;
        }
        "redshift:FailoverPrimaryCompute" => {
            let call = redshift.failover_primary_compute().cluster_identifier(name);
            call.send().await.map_err(|e| failure(doing, &e))?;
        }
        "redshift:CreateClusterSnapshot" => {
            let snapshot = named(what);
            let call = redshift.create_cluster_snapshot().cluster_identifier(name);
            call.snapshot_identifier(&snapshot).send().await.map_err(|e| failure(doing, &e))?;
            made = Some(snapshot);
        }
        "redshift:ModifyCluster" => {
            let window = what.field("window").ok_or_else(|| usage(doing, "a window is needed"))?;
            let call = redshift.modify_cluster().cluster_identifier(name);
            call.preferred_maintenance_window(window).send().await.map_err(|e| failure(doing, &e))?;
        }
        "redshift:ModifyClusterMaintenance" => {
            let days = number(what, "days", 1..=45, doing)?;
            let call = redshift.modify_cluster_maintenance().cluster_identifier(name).defer_maintenance(true);
            let call = call.defer_maintenance_duration(days);
            call.send().await.map_err(|e| failure(doing, &e))?;
        }
        "redshift:DeleteCluster" => {
            let snapshot = final_snapshot(what, doing)?;
            let call = redshift.delete_cluster().cluster_identifier(name);
            let call = call.skip_final_cluster_snapshot(snapshot.is_none());
            let call = call.set_final_cluster_snapshot_identifier(snapshot.clone());
            call.send().await.map_err(|e| failure(doing, &e))?;
            made = snapshot;
        }
        other => return Err(Failure::new(FailureKind::Bug, doing, format!("nothing calls {other}"))),
    }
    Ok(made)
}

/// One property a call: AWS takes no two groups at once.
async fn update_workgroup(reach: &Reach, what: &Operation, doing: &str) -> Result<(), Failure> {
    let rpu = number(what, "rpu", 4..=5_632, doing)?;
    let call = reach.redshift_serverless().update_workgroup().workgroup_name(&*what.on.name);
    let call = if what.id == "base-rpu" { call.base_capacity(rpu) } else { call.max_capacity(rpu) };
    call.send().await.map(drop).map_err(|e| failure(doing, &e))
}

fn number(
    what: &Operation,
    field: &str,
    range: std::ops::RangeInclusive<i32>,
    doing: &str,
) -> Result<i32, Failure> {
    let text = what.field(field).ok_or_else(|| usage(doing, &format!("{field} is needed")))?;
    text.parse::<i32>().ok().filter(|n| range.contains(n)).ok_or_else(|| {
        usage(doing, &format!("{field} is not a whole number from {} to {}", range.start(), range.end()))
    })
}

/// The name of the final snapshot; `None` when it was waived with a reason.
fn final_snapshot(what: &Operation, doing: &str) -> Result<Option<String>, Failure> {
    if !what.flag("skip-final-snapshot") {
        let named = what.field("final-snapshot").map(str::to_owned);
        return Ok(Some(named.unwrap_or_else(|| stamped(&what.on.name, "final"))));
    }
    if what.field("skip-reason").is_none() {
        return Err(usage(doing, "skipping the final snapshot needs a reason"));
    }
    Ok(None)
}

fn named(what: &Operation) -> String {
    what.field("snapshot").map_or_else(|| stamped(&what.on.name, "dbdeck"), str::to_owned)
}

fn usage(doing: &str, because: &str) -> Failure {
    Failure::new(FailureKind::Usage, doing, because)
}

/// Where the operation stands, by asking once.
pub async fn follow(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    match what.api {
        "redshift:CreateClusterSnapshot" => follow_snapshot(reach, what).await,
        "redshift-serverless:CreateSnapshot" => follow_namespace_snapshot(reach, what).await,
        "redshift-serverless:UpdateWorkgroup" => {
            let workgroup = workgroup_named(reach, &what.on.name).await?;
            let status = workgroup.status().map_or("unknown", |s| s.as_str());
            until(what, &serverless::health(Some(status)), "AVAILABLE")
        }
        "redshift:DeleteCluster" => match cluster_named(reach, &what.on.name).await {
            Ok(found) => {
                let stage = SafeText::new(found.cluster_status().unwrap_or("deleting"));
                Ok(Outcome { done: false, stage, percent: None, made: None })
            }
            Err(gone) if gone.kind == FailureKind::NotFound => {
                Ok(Outcome { done: true, stage: "deleted".into(), percent: None, made: None })
            }
            Err(failure) => Err(failure),
        },
        "redshift:PauseCluster" => follow_cluster(reach, what, "paused").await,
        "redshift:ResizeCluster" => follow_resize(reach, what).await,
        _ => follow_cluster(reach, what, "available").await,
    }
}

async fn follow_cluster(reach: &Reach, what: &Operation, end: &str) -> Result<Outcome, Failure> {
    let found = cluster_named(reach, &what.on.name).await?;
    until(what, &cluster::health(found.cluster_status()), end)
}

/// A cluster may be available again while the resize still moves data: both must have ended.
async fn follow_resize(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    let outcome = follow_cluster(reach, what, "available").await?;
    let asked = reach.redshift().describe_resize().cluster_identifier(&*what.on.name).send().await;
    let resize = match asked.map_err(|e| failure("follow the resize", &e)) {
        Ok(resize) => resize,
        Err(none) if none.kind == FailureKind::NotFound => return Ok(outcome),
        Err(failure) => return Err(failure),
    };
    let percent = resize.data_transfer_progress_percent().filter(|p| (0.0..=100.0).contains(p));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
    let percent = percent.map(|p| p as u8);
    match resize.status() {
        Some(word @ ("FAILED" | "CANCELLING")) => Err(ended(what, &SafeText::new(word))),
        Some("SUCCEEDED" | "NONE") | None => Ok(outcome),
        Some(word) => {
            let stage = SafeText::new(format!("{}; resize {}", outcome.stage, word.to_lowercase()));
            Ok(Outcome { done: false, stage, percent, made: None })
        }
    }
}

/// Done when the status word is `end`.
///
/// # Errors
/// When the word means that no more progress will come.
fn until(what: &Operation, health: &Health, end: &str) -> Result<Outcome, Failure> {
    if let Health::Bad(word) = health {
        return Err(ended(what, word));
    }
    let stage = health.word().clone();
    Ok(Outcome { done: stage.as_str() == end, stage, percent: None, made: None })
}

/// The failure of an operation whose resource went to `status` instead of where it should.
fn ended(what: &Operation, status: &SafeText) -> Failure {
    let doing = format!("{} {}", what.id, SafeText::new(&what.on.name));
    Failure::new(FailureKind::Rejected, doing, format!("it ended in {status}"))
        .hint("the events in its detail view tell more")
}

/// The newest snapshot stands for the one asked for when its name was made up while performing.
async fn follow_snapshot(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    let wanted = what.field("snapshot");
    let call = reach.redshift().describe_cluster_snapshots().cluster_identifier(&*what.on.name);
    let answer = call.send().await.map_err(|e| failure("follow the snapshot", &e))?;
    let all = answer.snapshots.unwrap_or_default().into_iter();
    let newest = all
        .filter(|s| wanted.is_none() || s.snapshot_identifier() == wanted)
        .max_by_key(|s| s.snapshot_create_time().map_or(i64::MAX, DateTime::secs));
    let status = newest.as_ref().and_then(|s| s.status()).unwrap_or("creating");
    if matches!(status, "failed" | "deleted") {
        return Err(ended(what, &SafeText::new(status)));
    }
    let percent = newest.as_ref().and_then(|s| {
        let (done, all) = (s.backup_progress_in_mega_bytes()?, s.total_backup_size_in_mega_bytes()?);
        share(done, all)
    });
    Ok(Outcome { done: status == "available", stage: SafeText::new(status), percent, made: None })
}

async fn follow_namespace_snapshot(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    let wanted = what.field("snapshot");
    let call = reach.redshift_serverless().list_snapshots().namespace_name(&*what.on.name);
    let answer = call.send().await.map_err(|e| failure("follow the snapshot", &e))?;
    let all = answer.snapshots.unwrap_or_default().into_iter();
    let newest = all
        .filter(|s| wanted.is_none() || s.snapshot_name() == wanted)
        .max_by_key(|s| s.snapshot_create_time().map_or(i64::MAX, DateTime::secs));
    let status = newest.as_ref().and_then(|s| s.status()).map_or("CREATING", |s| s.as_str());
    if matches!(status, "FAILED" | "CANCELLED" | "DELETED") {
        return Err(ended(what, &SafeText::new(status)));
    }
    let percent = newest.as_ref().and_then(|s| {
        let (done, all) = (s.backup_progress_in_mega_bytes()?, s.total_backup_size_in_mega_bytes()?);
        share(done, all)
    });
    Ok(Outcome { done: status == "AVAILABLE", stage: SafeText::new(status), percent, made: None })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
fn share(done: f64, all: f64) -> Option<u8> {
    let percent = done / all * 100.0;
    (0.0..=100.0).contains(&percent).then_some(percent as u8)
}
