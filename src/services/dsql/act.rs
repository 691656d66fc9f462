//! Operates DSQL clusters: one call each, then questions until it is done.

use super::read::{cluster_named, health};
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::guard::Cleared;
use crate::model::{Failure, FailureKind, Health, Operation, Outcome, SafeText};
use crate::services::act::allowed;

/// Calls exactly the one AWS operation that `what` names.
pub async fn perform(reach: &Reach, what: &Cleared<Operation>) -> Result<Outcome, Failure> {
    let what = allowed(reach, what)?;
    let name = &*what.on.name;
    let doing = format!("{} {}", what.id, SafeText::new(name));
    match what.api {
        "dsql:UpdateCluster" => {
            let call = reach.dsql().update_cluster().identifier(name);
            let call = call.deletion_protection_enabled(what.id == "protect");
            call.send().await.map_err(|e| failure(&doing, &e))?;
        }
        "dsql:DeleteCluster" => {
            let call = reach.dsql().delete_cluster().identifier(name);
            call.send().await.map_err(|e| failure(&doing, &e))?;
        }
        other => return Err(Failure::new(FailureKind::Bug, doing, format!("nothing calls {other}"))),
    }
    Ok(Outcome { done: false, stage: "accepted".into(), percent: None, made: None })
}

/// Where the operation stands, by asking once.
pub async fn follow(reach: &Reach, what: &Operation) -> Result<Outcome, Failure> {
    let deletes = what.api == "dsql:DeleteCluster";
    let cluster = match cluster_named(reach, &what.on.name).await {
        Err(gone) if deletes && gone.kind == FailureKind::NotFound => {
            return Ok(Outcome { done: true, stage: "deleted".into(), percent: None, made: None });
        }
        other => other?,
    };
    let status = cluster.status.as_str();
    let stage = SafeText::new(status);
    if deletes {
        return Ok(Outcome { done: status == "DELETED", stage, percent: None, made: None });
    }
    if matches!(health(status), Health::Bad(_)) {
        let doing = format!("{} {}", what.id, SafeText::new(&what.on.name));
        return Err(Failure::new(FailureKind::Rejected, doing, format!("it ended in {stage}")));
    }
    let stands = cluster.deletion_protection_enabled == (what.id == "protect");
    Ok(Outcome {
        done: stands && !matches!(health(status), Health::Busy(_)),
        stage,
        percent: None,
        made: None,
    })
}
