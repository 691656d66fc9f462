//! Operates ElastiCache: one call each, then questions until it is done.

use super::group::health;
use super::read::{cluster_named, group_named, serverless_named};
use super::spec::{GLOBAL, GROUP, SERVERLESS};
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::guard::Cleared;
use crate::model::{Failure, FailureKind, Health, Operation, Outcome, SafeText};
use crate::services::act::{allowed, stamped};
use aws_sdk_elasticache::types::{CacheUsageLimits, DataStorage, DataStorageUnit, EcpuPerSecond};

/// Calls exactly the one AWS operation that `what` names.
pub async fn perform(reach: &Reach, what: &Cleared<Operation>) -> Result<Outcome, Failure> {
    let what = allowed(reach, what)?;
    let doing = format!("{} {}", what.id, SafeText::new(&what.on.name));
    let made = match what.on.kind {
        GROUP => on_group(reach, what, &doing).await?,
        SERVERLESS => on_serverless(reach, what, &doing).await?,
        GLOBAL => {
            let (region, group) = (needed(what, "region", &doing)?, needed(what, "group", &doing)?);
            let call = reach.elasticache().failover_global_replication_group();
            let call = call.global_replication_group_id(&*what.on.name).primary_region(region);
            call.primary_replication_group_id(group).send().await.map_err(|e| failure(&doing, &e))?;
            None
        }
        _ => on_cluster(reach, what, &doing).await?,
    };
    Ok(Outcome { done: false, stage: "accepted".into(), percent: None, made: made.map(SafeText::new) })
}

/// Operates a replication group; gives the name of a snapshot that is made.
async fn on_group(reach: &Reach, what: &Operation, doing: &str) -> Result<Option<String>, Failure> {
    let (client, name) = (reach.elasticache(), &*what.on.name);
    match what.api {
        "elasticache:TestFailover" => {
            let call = client.test_failover().replication_group_id(name);
            let call = call.node_group_id(what.field("shard").unwrap_or("0001"));
            call.send().await.map_err(|e| failure(doing, &e))?;
        }
        "elasticache:ModifyReplicationGroup" => {
            let call = client.modify_replication_group().replication_group_id(name).apply_immediately(true);
            let call = if what.id == "promote" {
                call.primary_cluster_id(needed(what, "target", doing)?)
            } else {
                call.cache_node_type(needed(what, "node-type", doing)?)
            };
            call.send().await.map_err(|e| failure(doing, &e))?;
        }
        "elasticache:IncreaseReplicaCount" => {
            let replicas = number(what, "replicas", 1..=5, doing)?;
            let call = client.increase_replica_count().replication_group_id(name).new_replica_count(replicas);
            call.apply_immediately(true).send().await.map_err(|e| failure(doing, &e))?;
        }
        "elasticache:DecreaseReplicaCount" => {
            let replicas = number(what, "replicas", 0..=4, doing)?;
            let call = client.decrease_replica_count().replication_group_id(name).new_replica_count(replicas);
            call.apply_immediately(true).send().await.map_err(|e| failure(doing, &e))?;
        }
        "elasticache:ModifyReplicationGroupShardConfiguration" => {
            let shards = number(what, "shards", 1..=500, doing)?;
            let call = client.modify_replication_group_shard_configuration().replication_group_id(name);
            let call = call.node_group_count(shards).set_node_groups_to_remove(list(what, "remove"));
            call.apply_immediately(true).send().await.map_err(|e| failure(doing, &e))?;
        }
        "elasticache:CreateSnapshot" => {
            let snapshot = named(what);
            let call = client.create_snapshot().replication_group_id(name).snapshot_name(&snapshot);
            call.send().await.map_err(|e| failure(doing, &e))?;
            return Ok(Some(snapshot));
        }
        "elasticache:BatchApplyUpdateAction" => {
            let update = needed(what, "update", doing)?;
            let call =
                client.batch_apply_update_action().replication_group_ids(name).service_update_name(update);
            let answer = call.send().await.map_err(|e| failure(doing, &e))?;
            unprocessed(answer.unprocessed_update_actions(), doing)?;
        }
        "elasticache:DeleteReplicationGroup" => {
            let snapshot = final_snapshot(what, doing)?;
            let call = client.delete_replication_group().replication_group_id(name);
            let call = call.set_final_snapshot_identifier(snapshot.clone());
            call.send().await.map_err(|e| failure(doing, &e))?;
            return Ok(snapshot);
        }
        other => return Err(Failure::new(FailureKind::Bug, doing, format!("nothing calls {other}"))),
    }
    Ok(None)
}

/// Operates a node, a single node or a Memcached cluster.
async fn on_cluster(reach: &Reach, what: &Operation, doing: &str) -> Result<Option<String>, Failure> {
    let (client, name) = (reach.elasticache(), &*what.on.name);
    match what.api {
        "elasticache:RebootCacheCluster" => {
            let nodes = list(what, "nodes").unwrap_or_else(|| vec!["0001".to_owned()]);
            let call = client.reboot_cache_cluster().cache_cluster_id(name);
            let call = call.set_cache_node_ids_to_reboot(Some(nodes));
            call.send().await.map_err(|e| failure(doing, &e))?;
        }
        "elasticache:ModifyCacheCluster" => {
            let count = number(what, "count", 1..=60, doing)?;
            let call = client.modify_cache_cluster().cache_cluster_id(name).num_cache_nodes(count);
            let call = call.set_cache_node_ids_to_remove(list(what, "remove")).apply_immediately(true);
            call.send().await.map_err(|e| failure(doing, &e))?;
        }
        "elasticache:BatchApplyUpdateAction" => {
            let update = needed(what, "update", doing)?;
            let call = client.batch_apply_update_action().cache_cluster_ids(name).service_update_name(update);
            let answer = call.send().await.map_err(|e| failure(doing, &e))?;
            unprocessed(answer.unprocessed_update_actions(), doing)?;
        }
        "elasticache:DeleteCacheCluster" => {
            // Memcached has no snapshots, and no field that asks for one.
            let snapshot = if what.id == "delete-single" { final_snapshot(what, doing)? } else { None };
            let call = client.delete_cache_cluster().cache_cluster_id(name);
            let call = call.set_final_snapshot_identifier(snapshot.clone());
            call.send().await.map_err(|e| failure(doing, &e))?;
            return Ok(snapshot);
        }
        other => return Err(Failure::new(FailureKind::Bug, doing, format!("nothing calls {other}"))),
    }
    Ok(None)
}

/// Operates a Serverless cache.
async fn on_serverless(reach: &Reach, what: &Operation, doing: &str) -> Result<Option<String>, Failure> {
    let (client, name) = (reach.elasticache(), &*what.on.name);
    match what.api {
        "elasticache:ModifyServerlessCache" => {
            let limits = limits(what, doing)?;
            let call =
                client.modify_serverless_cache().serverless_cache_name(name).cache_usage_limits(limits);
            call.send().await.map_err(|e| failure(doing, &e))?;
            Ok(None)
        }
        "elasticache:CreateServerlessCacheSnapshot" => {
            let snapshot = named(what);
            let call = client.create_serverless_cache_snapshot().serverless_cache_name(name);
            let call = call.serverless_cache_snapshot_name(&snapshot);
            call.send().await.map_err(|e| failure(doing, &e))?;
            Ok(Some(snapshot))
        }
        "elasticache:DeleteServerlessCache" => {
            let snapshot = final_snapshot(what, doing)?;
            let call = client.delete_serverless_cache().serverless_cache_name(name);
            call.set_final_snapshot_name(snapshot.clone()).send().await.map_err(|e| failure(doing, &e))?;
            Ok(snapshot)
        }
        other => Err(Failure::new(FailureKind::Bug, doing, format!("nothing calls {other}"))),
    }
}

fn limits(what: &Operation, doing: &str) -> Result<CacheUsageLimits, Failure> {
    let (gb, ecpu) = (what.field("max-gb"), what.field("max-ecpu"));
    if gb.is_none() && ecpu.is_none() {
        return Err(usage(doing, "one of the limits is needed"));
    }
    let mut limits = CacheUsageLimits::builder();
    if gb.is_some() {
        let most = number(what, "max-gb", 1..=5_000, doing)?;
        limits = limits.data_storage(DataStorage::builder().maximum(most).unit(DataStorageUnit::Gb).build());
    }
    if ecpu.is_some() {
        let most = number(what, "max-ecpu", 1_000..=15_000_000, doing)?;
        limits = limits.ecpu_per_second(EcpuPerSecond::builder().maximum(most).build());
    }
    Ok(limits.build())
}

/// The failure that AWS gives inside a successful answer.
fn unprocessed(
    failed: &[aws_sdk_elasticache::types::UnprocessedUpdateAction],
    doing: &str,
) -> Result<(), Failure> {
    failed.first().map_or(Ok(()), |f| {
        Err(Failure::new(FailureKind::Rejected, doing, f.error_message().unwrap_or("AWS did not process it")))
    })
}

fn needed<'a>(what: &'a Operation, field: &str, doing: &str) -> Result<&'a str, Failure> {
    what.field(field).ok_or_else(|| usage(doing, &format!("{field} is needed")))
}

/// A field as a list of words between commas.
fn list(what: &Operation, field: &str) -> Option<Vec<String>> {
    let words = what.field(field)?.split(',').map(str::trim).filter(|w| !w.is_empty());
    Some(words.map(str::to_owned).collect::<Vec<_>>()).filter(|l| !l.is_empty())
}

fn number(
    what: &Operation,
    field: &str,
    range: std::ops::RangeInclusive<i32>,
    doing: &str,
) -> Result<i32, Failure> {
    let text = needed(what, field, doing)?;
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
    if what.on.kind == GLOBAL {
        // Its members change roles in their own regions; the call itself waits for nothing.
        return Ok(Outcome { done: true, stage: "accepted".into(), percent: None, made: None });
    }
    let deletes = what.api.contains(":Delete");
    match status(reach, what).await {
        Ok(_) if what.api.ends_with("Snapshot") => follow_snapshot(reach, what).await,
        Ok((health, percent)) => until(what, &health, deletes, percent),
        Err(gone) if deletes && gone.kind == FailureKind::NotFound => {
            Ok(Outcome { done: true, stage: "deleted".into(), percent: None, made: None })
        }
        Err(failure) => Err(failure),
    }
}

/// The worst status of the row and, for a group, of its shards; and how far slots have moved.
async fn status(reach: &Reach, what: &Operation) -> Result<(Health, Option<u8>), Failure> {
    let name = &*what.on.name;
    match what.on.kind {
        GROUP => {
            let group = group_named(reach, name).await?;
            let busy = group.node_groups().iter().find_map(|s| s.status().filter(|s| *s != "available"));
            let moved =
                group.pending_modified_values().and_then(|p| p.resharding()).and_then(|r| r.slot_migration());
            let own = health(group.status());
            let worst =
                if matches!(own, Health::Good(_)) { busy.map_or(own, |s| health(Some(s))) } else { own };
            Ok((
                worst,
                moved
                    .and_then(aws_sdk_elasticache::types::SlotMigration::progress_percentage)
                    .and_then(share),
            ))
        }
        SERVERLESS => Ok((health(serverless_named(reach, name).await?.status()), None)),
        _ => Ok((health(cluster_named(reach, name).await?.cache_cluster_status()), None)),
    }
}

fn until(what: &Operation, health: &Health, deletes: bool, percent: Option<u8>) -> Result<Outcome, Failure> {
    let stage = health.word().clone();
    match health {
        Health::Bad(word) if !deletes => {
            let doing = format!("{} {}", what.id, SafeText::new(&what.on.name));
            Err(Failure::new(FailureKind::Rejected, doing, format!("it ended in {word}"))
                .hint("the events in its detail view tell more"))
        }
        Health::Good(_) if !deletes => Ok(Outcome { done: true, stage, percent: None, made: None }),
        _ => Ok(Outcome { done: false, stage, percent, made: None }),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
fn share(percent: f64) -> Option<u8> {
    (0.0..=100.0).contains(&percent).then_some(percent as u8)
}

/// The newest snapshot stands for the one asked for when its name was made up while performing.
async fn follow_snapshot(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    let (name, wanted) = (&*what.on.name, what.field("snapshot"));
    let client = reach.elasticache();
    let status = if what.on.kind == SERVERLESS {
        let call = client.describe_serverless_cache_snapshots().serverless_cache_name(name);
        let answer = call.send().await.map_err(|e| failure("follow the snapshot", &e))?;
        let all = answer.serverless_cache_snapshots().iter();
        let all = all.filter(|s| wanted.is_none() || s.serverless_cache_snapshot_name() == wanted);
        let newest = all.max_by_key(|s| s.create_time().map_or(i64::MAX, aws_smithy_types::DateTime::secs));
        newest.and_then(|s| s.status()).map(str::to_owned)
    } else {
        let call = client.describe_snapshots().replication_group_id(name);
        let answer = call.send().await.map_err(|e| failure("follow the snapshot", &e))?;
        let all = answer.snapshots().iter().filter(|s| wanted.is_none() || s.snapshot_name() == wanted);
        let at = |s: &&aws_sdk_elasticache::types::Snapshot| {
            let times = s.node_snapshots().iter().filter_map(|n| n.snapshot_create_time());
            times.map(aws_smithy_types::DateTime::secs).max().unwrap_or(i64::MAX)
        };
        all.max_by_key(at).and_then(|s| s.snapshot_status()).map(str::to_owned)
    };
    let health = health(Some(status.as_deref().unwrap_or("creating")));
    until(what, &health, false, None)
}
