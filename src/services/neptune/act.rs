//! Operates Neptune: what the shared control plane does beside what only Neptune has.

use super::graphs;
use super::live;
use super::read;
use super::spec::GRAPH;
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::guard::Cleared;
use crate::guard::raw::{self, CANCEL_API};
use crate::model::{Failure, FailureKind, Health, Operation, Outcome, SafeText};
use crate::query::engines::neptune::{failed, rejected};
use crate::services::act::{self, allowed};
use aws_sdk_neptunegraph::types::SnapshotStatus;
use aws_sdk_rds::types::ServerlessV2ScalingConfiguration;

/// Calls exactly the one AWS operation that `what` names.
pub async fn perform(reach: &Reach, what: &Cleared<Operation>) -> Result<Outcome, Failure> {
    let asked = what.get();
    match asked.api {
        "rds:ModifyDBCluster" => ncu_range(reach, allowed(reach, what)?).await,
        "neptunedata:CancelGremlinQuery" | "neptunedata:CancelOpenCypherQuery" => {
            cancel(reach, allowed(reach, what)?).await
        }
        CANCEL_API => cancel_sparql(reach, what).await,
        api if api.starts_with("neptune-graph:") => on_graph(reach, allowed(reach, what)?).await,
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

/// The capacity in a field: 1 to 128 NCUs in halves.
fn capacity(what: &Operation, field: &str) -> Result<f64, Failure> {
    let n = what.field(field).and_then(|n| n.trim().parse::<f64>().ok());
    n.filter(|n| (1.0..=128.0).contains(n) && (n * 2.0).fract() == 0.0)
        .ok_or_else(|| usage(what, &format!("{field} is a number from 1 to 128 in steps of 0.5")))
}

async fn ncu_range(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    let (least, most) = (capacity(what, "min-ncu")?, capacity(what, "max-ncu")?);
    if most < 2.5 || most < least {
        return Err(usage(what, "the highest NCU is at least 2.5 and not below the lowest"));
    }
    let range = ServerlessV2ScalingConfiguration::builder().min_capacity(least).max_capacity(most).build();
    let call = reach.rds().modify_db_cluster().db_cluster_identifier(&*what.on.name);
    let call = call.serverless_v2_scaling_configuration(range).apply_immediately(true);
    call.send().await.map_err(|e| failure(&doing(what), &e))?;
    Ok(accepted(None))
}

/// Stops somebody's query on the member.
async fn cancel(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    let query = what.field("query").ok_or_else(|| usage(what, "a query id is needed"))?;
    let detail = read::describe(reach, &what.on, false).await?;
    let data = reach.neptune_data(&live::way(&detail.resource)?)?;
    if what.api == "neptunedata:CancelGremlinQuery" {
        let ended = data.client().cancel_gremlin_query().query_id(query).send().await;
        ended.map_err(|e| failed(&doing(what), &e))?;
    } else {
        let ended = data.client().cancel_open_cypher_query().query_id(query).send().await;
        ended.map_err(|e| failed(&doing(what), &e))?;
    }
    Ok(Outcome { done: true, stage: "cancelled".into(), percent: None, made: None })
}

/// The same for SPARQL, which no SDK has a call for.
async fn cancel_sparql(reach: &Reach, what: &Cleared<Operation>) -> Result<Outcome, Failure> {
    let asked = allowed(reach, what)?;
    asked.field("query").ok_or_else(|| usage(asked, "a query id is needed"))?;
    let detail = read::describe(reach, &asked.on, false).await?;
    let data = reach.neptune_data(&live::way(&detail.resource)?)?;
    let request = raw::cancel_for(what, &reach.access().read(), data.url())?;
    let answer = data.send(&doing(asked), request).await?;
    if !(200..300).contains(&answer.status) {
        let failed = rejected(&doing(asked), answer.status, &answer.body);
        return Err(failed.request_id(answer.request_id));
    }
    Ok(Outcome { done: true, stage: "cancelled".into(), percent: None, made: None })
}

async fn on_graph(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    let (client, id, doing) = (reach.neptune_graph(), &*what.on.name, doing(what));
    let mut made = None;
    match what.api {
        "neptune-graph:StartGraph" => {
            client.start_graph().graph_identifier(id).send().await.map_err(|e| failure(&doing, &e))?;
        }
        "neptune-graph:StopGraph" => {
            client.stop_graph().graph_identifier(id).send().await.map_err(|e| failure(&doing, &e))?;
        }
        "neptune-graph:CreateGraphSnapshot" => {
            // Names begin with a letter and hold no more than 63 characters.
            let name = what.field("snapshot").map_or_else(|| act::stamped(id, "dbdeck"), str::to_owned);
            let call = client.create_graph_snapshot().graph_identifier(id).snapshot_name(&name);
            call.send().await.map_err(|e| failure(&doing, &e))?;
            made = Some(name);
        }
        "neptune-graph:UpdateGraph" => {
            let memory = what.field("memory").and_then(|n| n.trim().parse::<i32>().ok());
            let memory = memory.filter(|n| (16..=24_576).contains(n));
            let memory = memory.ok_or_else(|| usage(what, "memory is a number from 16 to 24576"))?;
            let call = client.update_graph().graph_identifier(id).provisioned_memory(memory);
            call.send().await.map_err(|e| failure(&doing, &e))?;
        }
        "neptune-graph:DeleteGraph" => {
            let skip = what.flag("skip-snapshot");
            if skip && what.field("skip-reason").is_none() {
                return Err(usage(what, "skipping the final snapshot needs a reason"));
            }
            let call = client.delete_graph().graph_identifier(id).skip_snapshot(skip);
            call.send().await.map_err(|e| failure(&doing, &e))?;
        }
        "neptune-graph:CancelQuery" => {
            let query = what.field("query").ok_or_else(|| usage(what, "a query id is needed"))?;
            let call = reach.neptune_graph_data()?.cancel_query().graph_identifier(id).query_id(query);
            call.send().await.map_err(|e| failure(&doing, &e))?;
            return Ok(Outcome { done: true, stage: "cancelled".into(), percent: None, made: None });
        }
        other => return Err(Failure::new(FailureKind::Bug, doing, format!("nothing calls {other}"))),
    }
    Ok(accepted(made))
}

/// Where the operation stands, by asking once.
pub async fn follow(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    let ends_at_once = matches!(what.api, CANCEL_API | "neptune-graph:CancelQuery");
    if ends_at_once || what.api.starts_with("neptunedata:") {
        return Ok(Outcome { done: true, stage: "cancelled".into(), percent: None, made: None });
    }
    if what.on.kind != GRAPH {
        return act::follow(reach, what).await;
    }
    if what.api == "neptune-graph:CreateGraphSnapshot" {
        return follow_snapshot(reach, what).await;
    }
    let end = if what.api == "neptune-graph:StopGraph" { "STOPPED" } else { "AVAILABLE" };
    match graphs::graph(reach, &what.on.name).await {
        Ok(graph) => {
            let health = graphs::health(graph.status());
            if matches!(health, Health::Bad(_)) {
                let why = graph.status_reason().unwrap_or("no reason given");
                return Err(Failure::new(FailureKind::Rejected, doing(what), why));
            }
            let done = what.api != "neptune-graph:DeleteGraph" && health.word().as_str() == end;
            Ok(Outcome { done, stage: health.word().clone(), percent: None, made: None })
        }
        Err(gone) if gone.kind == FailureKind::NotFound && what.api == "neptune-graph:DeleteGraph" => {
            Ok(Outcome { done: true, stage: "deleted".into(), percent: None, made: None })
        }
        Err(failure) => Err(failure),
    }
}

/// The newest snapshot of the graph stands for the one that was asked for.
async fn follow_snapshot(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    let call = reach.neptune_graph().list_graph_snapshots().graph_identifier(&*what.on.name);
    let answer = call.max_results(100).send().await.map_err(|e| failure("follow the snapshot", &e))?;
    let all = answer.graph_snapshots().iter();
    let all = all.filter(|s| what.field("snapshot").is_none_or(|name| name == s.name()));
    let newest = all.max_by_key(|s| {
        s.snapshot_create_time().map_or(i64::MAX, aws_sdk_neptunegraph::primitives::DateTime::secs)
    });
    let status = newest.and_then(|s| s.status()).map_or("CREATING", SnapshotStatus::as_str);
    if status == "FAILED" {
        return Err(Failure::new(FailureKind::Rejected, doing(what), "the snapshot failed"));
    }
    let made = newest.map(|s| SafeText::new(s.name()));
    Ok(Outcome { done: status == "AVAILABLE", stage: SafeText::new(status), percent: None, made })
}
