//! Operates DocumentDB: what the shared control plane does beside the DCU range and elastic
//! clusters.

use super::elastic;
use super::spec::ELASTIC;
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::guard::Cleared;
use crate::model::{Failure, FailureKind, Health, Operation, Outcome, SafeText};
use crate::services::act::{self, allowed};
use aws_sdk_rds::types::ServerlessV2ScalingConfiguration;

/// Calls exactly the one AWS operation that `what` names.
pub async fn perform(reach: &Reach, what: &Cleared<Operation>) -> Result<Outcome, Failure> {
    match what.get().api {
        "rds:ModifyDBCluster" => dcu_range(reach, allowed(reach, what)?).await,
        api if api.starts_with("docdb-elastic:") => on_elastic(reach, allowed(reach, what)?).await,
        _ => act::perform(reach, what).await,
    }
}

fn accepted(made: Option<String>) -> Outcome {
    Outcome { done: false, stage: "accepted".into(), percent: None, made: made.map(SafeText::new) }
}

fn doing(what: &Operation) -> String {
    format!("{} {}", what.id, SafeText::new(&what.on.name))
}

fn usage(what: &Operation, because: &str) -> Failure {
    Failure::new(FailureKind::Usage, doing(what), because)
}

/// The capacity in a field: 0.5 to 256 DCUs in halves.
fn capacity(what: &Operation, field: &str) -> Result<f64, Failure> {
    let n = what.field(field).and_then(|n| n.trim().parse::<f64>().ok());
    n.filter(|n| (0.5..=256.0).contains(n) && (n * 2.0).fract() == 0.0)
        .ok_or_else(|| usage(what, &format!("{field} is a number from 0.5 to 256 in steps of 0.5")))
}

async fn dcu_range(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    let (least, most) = (capacity(what, "min-dcu")?, capacity(what, "max-dcu")?);
    if most < 1.0 || most < least {
        return Err(usage(what, "the highest DCU is at least 1 and not below the lowest"));
    }
    let range = ServerlessV2ScalingConfiguration::builder().min_capacity(least).max_capacity(most).build();
    let call = reach.rds().modify_db_cluster().db_cluster_identifier(&*what.on.name);
    let call = call.serverless_v2_scaling_configuration(range).apply_immediately(true);
    call.send().await.map_err(|e| failure(&doing(what), &e))?;
    Ok(accepted(None))
}

/// A whole number in a field, within `range`; `None` when it was left empty.
fn whole(
    what: &Operation,
    field: &str,
    range: std::ops::RangeInclusive<i32>,
) -> Result<Option<i32>, Failure> {
    let Some(text) = what.field(field) else { return Ok(None) };
    let n = text.trim().parse::<i32>().ok().filter(|n| range.contains(n));
    let why = || format!("{field} is a number from {} to {}", range.start(), range.end());
    n.map(Some).ok_or_else(|| usage(what, &why()))
}

async fn on_elastic(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    let (client, doing) = (reach.docdb_elastic(), doing(what));
    let mut made = None;
    match what.api {
        "docdb-elastic:StartCluster" => {
            let arn = elastic::arn(reach, &what.on.name).await?;
            client.start_cluster().cluster_arn(arn).send().await.map_err(|e| failure(&doing, &e))?;
        }
        "docdb-elastic:StopCluster" => {
            let arn = elastic::arn(reach, &what.on.name).await?;
            client.stop_cluster().cluster_arn(arn).send().await.map_err(|e| failure(&doing, &e))?;
        }
        "docdb-elastic:UpdateCluster" => {
            let capacity = whole(what, "capacity", 2..=64)?;
            let (shards, instances) = (whole(what, "shards", 1..=32)?, whole(what, "instances", 1..=16)?);
            if capacity.is_none() && shards.is_none() && instances.is_none() {
                return Err(usage(what, "nothing to change was given"));
            }
            let arn = elastic::arn(reach, &what.on.name).await?;
            let call = client.update_cluster().cluster_arn(arn).set_shard_capacity(capacity);
            let call = call.set_shard_count(shards).set_shard_instance_count(instances);
            call.send().await.map_err(|e| failure(&doing, &e))?;
        }
        "docdb-elastic:CreateClusterSnapshot" => {
            let arn = elastic::arn(reach, &what.on.name).await?;
            let name =
                what.field("snapshot").map_or_else(|| act::stamped(&what.on.name, "dbdeck"), str::to_owned);
            let call = client.create_cluster_snapshot().cluster_arn(arn).snapshot_name(&name);
            call.send().await.map_err(|e| failure(&doing, &e))?;
            made = Some(name);
        }
        other => return Err(Failure::new(FailureKind::Bug, doing, format!("nothing calls {other}"))),
    }
    Ok(accepted(made))
}

/// Where the operation stands, by asking once.
pub async fn follow(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    if what.on.kind != ELASTIC {
        return act::follow(reach, what).await;
    }
    let arn = elastic::arn(reach, &what.on.name).await?;
    if what.api == "docdb-elastic:CreateClusterSnapshot" {
        return follow_snapshot(reach, what, &arn).await;
    }
    let health = elastic::health(elastic::cluster(reach, &arn).await?.status());
    if let Health::Bad(word) = &health {
        return Err(Failure::new(FailureKind::Rejected, doing(what), format!("it ended in {word}")));
    }
    let end = if what.api == "docdb-elastic:StopCluster" { "STOPPED" } else { "ACTIVE" };
    let done = health.word().as_str() == end;
    Ok(Outcome { done, stage: health.word().clone(), percent: None, made: None })
}

/// The newest snapshot of the cluster stands for the one that was asked for.
async fn follow_snapshot(reach: &Reach, what: &Operation, arn: &str) -> Result<Outcome, Failure> {
    let call = reach.docdb_elastic().list_cluster_snapshots().cluster_arn(arn).max_results(100);
    let answer = call.send().await.map_err(|e| failure("follow the snapshot", &e))?;
    let all = answer.snapshots().iter();
    let all = all.filter(|s| what.field("snapshot").is_none_or(|name| name == s.snapshot_name()));
    let newest = all.max_by_key(|s| s.snapshot_creation_time());
    let status = newest.map_or("CREATING", |s| s.status().as_str());
    let made = newest.map(|s| SafeText::new(s.snapshot_name()));
    Ok(Outcome { done: status == "ACTIVE", stage: SafeText::new(status), percent: None, made })
}
