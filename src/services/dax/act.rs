//! Operates DAX: one call each, then questions until the cluster rests.

use super::read::{apart, cluster};
use super::spec::MOST_NODES;
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::guard::Cleared;
use crate::model::{Failure, FailureKind, Operation, Outcome, SafeText};
use crate::services::act::allowed;
use aws_sdk_dax::types::Cluster;

/// Calls exactly the one AWS operation that `what` names.
pub async fn perform(reach: &Reach, what: &Cleared<Operation>) -> Result<Outcome, Failure> {
    let what = allowed(reach, what)?;
    let (client, name, doing) = (reach.dax(), &*what.on.name, doing(what));
    match what.api {
        "dax:IncreaseReplicationFactor" => {
            let call = client.increase_replication_factor().cluster_name(name);
            let call = call.new_replication_factor(nodes(what, 2, MOST_NODES)?);
            call.send().await.map_err(|e| failure(&doing, &e))?;
        }
        "dax:DecreaseReplicationFactor" => {
            let ids = what.field("remove").map(|ids| {
                ids.split(',').map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).collect()
            });
            let call = client.decrease_replication_factor().cluster_name(name);
            let call = call.new_replication_factor(nodes(what, 1, MOST_NODES - 1)?);
            call.set_node_ids_to_remove(ids).send().await.map_err(|e| failure(&doing, &e))?;
        }
        "dax:RebootNode" => {
            let (cluster, node) = node(what)?;
            let call = client.reboot_node().cluster_name(cluster).node_id(node);
            call.send().await.map_err(|e| failure(&doing, &e))?;
        }
        "dax:DeleteCluster" => {
            client.delete_cluster().cluster_name(name).send().await.map_err(|e| failure(&doing, &e))?;
        }
        other => return Err(Failure::new(FailureKind::Bug, doing, format!("nothing calls {other}"))),
    }
    Ok(Outcome { done: false, stage: "accepted".into(), percent: None, made: None })
}

fn doing(what: &Operation) -> String {
    format!("{} {}", what.id, SafeText::new(&what.on.name))
}

fn usage(what: &Operation, because: &str) -> Failure {
    Failure::new(FailureKind::Usage, doing(what), because)
}

fn node(what: &Operation) -> Result<(&str, &str), Failure> {
    apart(&what.on.name).ok_or_else(|| usage(what, "a node is named CLUSTER.NODE"))
}

fn nodes(what: &Operation, least: i32, most: i32) -> Result<i32, Failure> {
    let number = what.field("nodes").and_then(|n| n.trim().parse::<i32>().ok());
    let why = format!("nodes is a whole number from {least} to {most}");
    number.filter(|n| (least..=most).contains(n)).ok_or_else(|| usage(what, &why))
}

/// Where the operation stands, by asking once.
pub async fn follow(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    let name = if what.id == "reboot" { node(what)?.0 } else { &*what.on.name };
    let found = match cluster(&reach.dax(), reach.place(), name).await {
        Ok(found) => found,
        Err(gone) if gone.kind == FailureKind::NotFound && what.id == "delete" => {
            return Ok(Outcome { done: true, stage: "deleted".into(), percent: None, made: None });
        }
        Err(failure) => return Err(failure),
    };
    let status = found.status().unwrap_or("unknown");
    if status.starts_with("incompatible") || status == "failed" {
        return Err(Failure::new(FailureKind::Rejected, doing(what), format!("it ended in {status}")));
    }
    let (done, stage) = match what.id {
        "delete" => (false, status.to_owned()),
        "reboot" => rebooted(&found, node(what)?.1),
        _ => {
            let wanted = nodes(what, 1, MOST_NODES)?;
            let active = found.active_nodes().unwrap_or(0);
            let there = found.total_nodes() == Some(wanted) && active == wanted;
            (status == "available" && there, format!("{status}, {active} of {wanted} nodes active"))
        }
    };
    Ok(Outcome { done, stage: SafeText::new(stage), percent: None, made: None })
}

fn rebooted(cluster: &Cluster, id: &str) -> (bool, String) {
    let node = cluster.nodes().iter().find(|n| n.node_id() == Some(id));
    let status = node.and_then(|n| n.node_status()).unwrap_or("unknown");
    (status == "available", format!("the node is {status}"))
}
