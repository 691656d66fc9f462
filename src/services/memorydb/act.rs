//! Operates MemoryDB: one call each, then questions until it is done.

use super::read::cluster_named;
use super::row::health;
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::guard::Cleared;
use crate::model::{Failure, FailureKind, Health, Operation, Outcome, SafeText};
use crate::services::act::{allowed, stamped};
use aws_sdk_memorydb::types::{ReplicaConfigurationRequest, ServiceUpdateRequest, ShardConfigurationRequest};

/// Calls exactly the one AWS operation that `what` names.
pub async fn perform(reach: &Reach, what: &Cleared<Operation>) -> Result<Outcome, Failure> {
    let what = allowed(reach, what)?;
    let (client, name) = (reach.memorydb(), &*what.on.name);
    let doing = format!("{} {}", what.id, SafeText::new(name));
    let mut made = None;
    match what.api {
        "memorydb:FailoverShard" => {
            let call = client.failover_shard().cluster_name(name);
            let call = call.shard_name(what.field("shard").unwrap_or("0001"));
            call.send().await.map_err(|e| failure(&doing, &e))?;
        }
        "memorydb:UpdateCluster" => update(reach, what, &doing).await?,
        "memorydb:BatchUpdateCluster" => {
            let update =
                ServiceUpdateRequest::builder().service_update_name_to_apply(needed(what, "update", &doing)?);
            let call = client.batch_update_cluster().cluster_names(name).service_update(update.build());
            let answer = call.send().await.map_err(|e| failure(&doing, &e))?;
            if let Some(failed) = answer.unprocessed_clusters().first() {
                let why = failed.error_message().unwrap_or("AWS did not process it");
                return Err(Failure::new(FailureKind::Rejected, doing, why));
            }
        }
        "memorydb:CreateSnapshot" => {
            let snapshot = what.field("snapshot").map_or_else(|| stamped(name, "dbdeck"), str::to_owned);
            let call = client.create_snapshot().cluster_name(name).snapshot_name(&snapshot);
            call.send().await.map_err(|e| failure(&doing, &e))?;
            made = Some(snapshot);
        }
        "memorydb:DeleteCluster" => {
            let snapshot = final_snapshot(what, &doing)?;
            let call = client.delete_cluster().cluster_name(name).set_final_snapshot_name(snapshot.clone());
            call.send().await.map_err(|e| failure(&doing, &e))?;
            made = snapshot;
        }
        other => return Err(Failure::new(FailureKind::Bug, doing, format!("nothing calls {other}"))),
    }
    Ok(Outcome { done: false, stage: "accepted".into(), percent: None, made: made.map(SafeText::new) })
}

/// One property a call: AWS takes no two groups at once.
async fn update(reach: &Reach, what: &Operation, doing: &str) -> Result<(), Failure> {
    let call = reach.memorydb().update_cluster().cluster_name(&*what.on.name);
    let call = match what.id {
        "reshard" => {
            let shards = number(what, "shards", 1..=500, doing)?;
            call.shard_configuration(ShardConfigurationRequest::builder().shard_count(shards).build())
        }
        "replicas" => {
            let replicas = number(what, "replicas", 0..=5, doing)?;
            call.replica_configuration(ReplicaConfigurationRequest::builder().replica_count(replicas).build())
        }
        _ => call.node_type(needed(what, "node-type", doing)?),
    };
    call.send().await.map(drop).map_err(|e| failure(doing, &e))
}

fn needed<'a>(what: &'a Operation, field: &str, doing: &str) -> Result<&'a str, Failure> {
    what.field(field).ok_or_else(|| Failure::new(FailureKind::Usage, doing, format!("{field} is needed")))
}

fn number(
    what: &Operation,
    field: &str,
    range: std::ops::RangeInclusive<i32>,
    doing: &str,
) -> Result<i32, Failure> {
    needed(what, field, doing)?.parse::<i32>().ok().filter(|n| range.contains(n)).ok_or_else(|| {
        let why = format!("{field} is not a whole number from {} to {}", range.start(), range.end());
        Failure::new(FailureKind::Usage, doing, why)
    })
}

/// The name of the final snapshot; `None` when it was waived with a reason.
fn final_snapshot(what: &Operation, doing: &str) -> Result<Option<String>, Failure> {
    if !what.flag("skip-final-snapshot") {
        let named = what.field("final-snapshot").map(str::to_owned);
        return Ok(Some(named.unwrap_or_else(|| stamped(&what.on.name, "final"))));
    }
    if what.field("skip-reason").is_none() {
        return Err(Failure::new(FailureKind::Usage, doing, "skipping the final snapshot needs a reason"));
    }
    Ok(None)
}

/// Where the operation stands, by asking once.
pub async fn follow(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    let deletes = what.api == "memorydb:DeleteCluster";
    let cluster = match cluster_named(reach, &what.on.name).await {
        Ok(cluster) => cluster,
        Err(gone) if deletes && gone.kind == FailureKind::NotFound => {
            return Ok(Outcome { done: true, stage: "deleted".into(), percent: None, made: None });
        }
        Err(failure) => return Err(failure),
    };
    if what.api == "memorydb:CreateSnapshot" {
        return follow_snapshot(reach, what).await;
    }
    let busy = cluster.shards().iter().find_map(|s| s.status().filter(|s| *s != "available"));
    let own = health(cluster.status());
    let worst = if matches!(own, Health::Good(_)) { busy.map_or(own, |s| health(Some(s))) } else { own };
    until(what, &worst, deletes)
}

fn until(what: &Operation, health: &Health, deletes: bool) -> Result<Outcome, Failure> {
    let stage = health.word().clone();
    match health {
        Health::Bad(word) if !deletes => {
            let doing = format!("{} {}", what.id, SafeText::new(&what.on.name));
            Err(Failure::new(FailureKind::Rejected, doing, format!("it ended in {word}"))
                .hint("the events in its detail view tell more"))
        }
        Health::Good(_) if !deletes => Ok(Outcome { done: true, stage, percent: None, made: None }),
        _ => Ok(Outcome { done: false, stage, percent: None, made: None }),
    }
}

/// The snapshot that was asked for, or else any that is still being made.
async fn follow_snapshot(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    let wanted = what.field("snapshot");
    let call = reach.memorydb().describe_snapshots().cluster_name(&*what.on.name);
    let answer = call.send().await.map_err(|e| failure("follow the snapshot", &e))?;
    let mut all = answer.snapshots().iter().filter(|s| wanted.is_none() || s.name() == wanted);
    let unfinished = all.clone().find(|s| s.status().is_some_and(|s| s != "available"));
    let status = unfinished.or_else(|| all.next()).and_then(|s| s.status()).unwrap_or("creating");
    until(what, &health(Some(status)), false)
}
