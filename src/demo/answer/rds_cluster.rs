//! Operating Aurora clusters.

use super::fault;
use super::rds_change::{DELETE, MODIFY, REBOOT, SNAPSHOT, START_STOP, combination};
use super::rds_read::last_of_arn;
use crate::demo::world::{Region, date, days};
use aws_sdk_rds::operation::create_db_cluster_snapshot::{
    CreateDBClusterSnapshotError, CreateDbClusterSnapshotInput, CreateDbClusterSnapshotOutput,
};
use aws_sdk_rds::operation::delete_db_cluster::{
    DeleteDBClusterError, DeleteDbClusterInput, DeleteDbClusterOutput,
};
use aws_sdk_rds::operation::failover_db_cluster::{
    FailoverDBClusterError, FailoverDbClusterInput, FailoverDbClusterOutput,
};
use aws_sdk_rds::operation::modify_db_cluster::{
    ModifyDBClusterError, ModifyDbClusterInput, ModifyDbClusterOutput,
};
use aws_sdk_rds::operation::start_db_cluster::{
    StartDBClusterError, StartDbClusterInput, StartDbClusterOutput,
};
use aws_sdk_rds::operation::stop_db_cluster::{StopDBClusterError, StopDbClusterInput, StopDbClusterOutput};
use aws_sdk_rds::types::{DbCluster, DbClusterSnapshot, ServerlessV2ScalingConfigurationInfo, SourceType};

/// The cluster, or the error of the operation at hand; then whether its status is the one
/// that the operation needs.
macro_rules! cluster {
    ($region:expr, $id:expr, $error:ident, $status:literal) => {{
        let id = last_of_arn($id.unwrap_or_default()).to_owned();
        let Some(cluster) = $region.clusters.get(&id) else {
            return Err(fault!(
                $error::DbClusterNotFoundFault,
                "DBClusterNotFoundFault",
                "DBCluster {id} not found."
            ));
        };
        let status = cluster.status().unwrap_or_default();
        if status != $status {
            return Err(fault!(
                $error::InvalidDbClusterStateFault,
                "InvalidDBClusterStateFault",
                "DBCluster {id} must be {} for this: it is {status}.",
                $status
            ));
        }
        (id, cluster.clone())
    }};
}

pub fn failover(
    region: &mut Region,
    input: &FailoverDbClusterInput,
) -> Result<FailoverDbClusterOutput, FailoverDBClusterError> {
    let (id, now) = cluster!(region, input.db_cluster_identifier(), FailoverDBClusterError, "available");
    let asked = input.target_db_instance_identifier().map(last_of_arn);
    let reader = now
        .db_cluster_members()
        .iter()
        .filter(|m| m.is_cluster_writer() != Some(true))
        .filter(|m| asked.is_none_or(|a| m.db_instance_identifier() == Some(a)))
        .min_by_key(|m| m.promotion_tier())
        .and_then(|m| m.db_instance_identifier())
        .map(str::to_owned);
    let has_writer = now.db_cluster_members().iter().any(|m| m.is_cluster_writer() == Some(true));
    let (Some(reader), true) = (reader, has_writer) else {
        return Err(match asked {
            Some(asked) => fault!(
                FailoverDBClusterError::InvalidDbInstanceStateFault,
                "InvalidDBInstanceState",
                "{asked} is not a reader of {id} that can be promoted."
            ),
            None => fault!(
                FailoverDBClusterError::InvalidDbClusterStateFault,
                "InvalidDBClusterStateFault",
                "Cannot failover cluster {id} since it does not have any replicas."
            ),
        });
    };
    region.set_cluster_status(&id, "failing-over");
    region.tell(
        SourceType::DbCluster,
        &id,
        "failover",
        &format!("Started failover to DB instance: {reader}"),
    );
    let moved = id.clone();
    region.later(REBOOT, move |region| {
        if let Some(members) = region.clusters.get_mut(&moved).and_then(|c| c.db_cluster_members.as_mut()) {
            for member in members {
                member.is_cluster_writer = Some(member.db_instance_identifier.as_deref() == Some(&*reader));
            }
        }
        region.set_cluster_status(&moved, "available");
        let words = format!("Completed failover to DB instance: {reader}");
        region.tell(SourceType::DbCluster, &moved, "failover", &words);
    });
    Ok(FailoverDbClusterOutput::builder().set_db_cluster(shown(region, &id)).build())
}

pub fn stop(
    region: &mut Region,
    input: &StopDbClusterInput,
) -> Result<StopDbClusterOutput, StopDBClusterError> {
    let (id, now) = cluster!(region, input.db_cluster_identifier(), StopDBClusterError, "available");
    if now.global_cluster_identifier().is_some() {
        return Err(fault!(
            StopDBClusterError::InvalidDbClusterStateFault,
            "InvalidDBClusterStateFault",
            "Cannot stop {id}: it belongs to a global database."
        ));
    }
    turn(region, &id, "stopping", "stopped");
    Ok(StopDbClusterOutput::builder().set_db_cluster(shown(region, &id)).build())
}

pub fn start(
    region: &mut Region,
    input: &StartDbClusterInput,
) -> Result<StartDbClusterOutput, StartDBClusterError> {
    let (id, _) = cluster!(region, input.db_cluster_identifier(), StartDBClusterError, "stopped");
    turn(region, &id, "starting", "available");
    Ok(StartDbClusterOutput::builder().set_db_cluster(shown(region, &id)).build())
}

/// Takes a cluster and its members through `way` to `end`.
fn turn(region: &mut Region, id: &str, way: &'static str, end: &'static str) {
    let members = members(region, id);
    region.set_cluster_status(id, way);
    for member in &members {
        region.set_status(member, way);
    }
    region.tell(SourceType::DbCluster, id, "notification", &format!("DB cluster {way}"));
    let id = id.to_owned();
    region.later(START_STOP, move |region| {
        let restart = (end == "stopped").then(|| date(region.now.plus_ms(days(7))));
        region.set_cluster_status(&id, end);
        if let Some(cluster) = region.clusters.get_mut(&id) {
            cluster.automatic_restart_time = restart;
        }
        for member in &members {
            region.set_status(member, end);
            if end == "stopped" {
                region.goes_down(member);
            } else {
                region.comes_back(member);
            }
        }
        region.tell(SourceType::DbCluster, &id, "notification", &format!("DB cluster {end}"));
    });
}

pub fn snapshot(
    region: &mut Region,
    input: &CreateDbClusterSnapshotInput,
) -> Result<CreateDbClusterSnapshotOutput, CreateDBClusterSnapshotError> {
    let (_, now) = cluster!(region, input.db_cluster_identifier(), CreateDBClusterSnapshotError, "available");
    let name = input.db_cluster_snapshot_identifier().unwrap_or_default().to_owned();
    if region.cluster_snapshots.contains_key(&name) {
        return Err(fault!(
            CreateDBClusterSnapshotError::DbClusterSnapshotAlreadyExistsFault,
            "DBClusterSnapshotAlreadyExistsFault",
            "A cluster snapshot with the identifier {name} already exists."
        ));
    }
    take(region, &now, &name);
    Ok(CreateDbClusterSnapshotOutput::builder()
        .set_db_cluster_snapshot(region.cluster_snapshots.get(&name).cloned())
        .build())
}

fn take(region: &mut Region, cluster: &DbCluster, name: &str) {
    let snapshot = DbClusterSnapshot::builder()
        .db_cluster_snapshot_identifier(name)
        .db_cluster_snapshot_arn(format!(
            "arn:aws:rds:{}:{}:cluster-snapshot:{name}",
            region.name,
            crate::demo::ACCOUNT
        ))
        .set_db_cluster_identifier(cluster.db_cluster_identifier.clone())
        .set_engine(cluster.engine.clone())
        .set_engine_version(cluster.engine_version.clone())
        .snapshot_type("manual")
        .status("creating")
        .percent_progress(0)
        .snapshot_create_time(date(region.now))
        .storage_encrypted(true)
        .build();
    region.cluster_snapshots.insert(name.to_owned(), snapshot);
    for step in 1..=4_u64 {
        let name = name.to_owned();
        region.later(SNAPSHOT * step / 4, move |region| {
            if let Some(snapshot) = region.cluster_snapshots.get_mut(&name) {
                snapshot.percent_progress = i32::try_from(step * 25).ok();
                if step == 4 {
                    snapshot.status = Some("available".to_owned());
                }
            }
        });
    }
}

pub fn modify(
    region: &mut Region,
    input: &ModifyDbClusterInput,
) -> Result<ModifyDbClusterOutput, ModifyDBClusterError> {
    let (id, _) = cluster!(region, input.db_cluster_identifier(), ModifyDBClusterError, "available");
    if let Some(cluster) = region.clusters.get_mut(&id) {
        cluster.deletion_protection = input.deletion_protection().or(cluster.deletion_protection);
        cluster.backup_retention_period = input.backup_retention_period().or(cluster.backup_retention_period);
    }
    if let Some(range) = input.serverless_v2_scaling_configuration() {
        let new = ServerlessV2ScalingConfigurationInfo::builder()
            .set_min_capacity(range.min_capacity())
            .set_max_capacity(range.max_capacity())
            .build();
        region.set_cluster_status(&id, "modifying");
        let changed = id.clone();
        region.later(MODIFY, move |region| {
            if let Some(cluster) = region.clusters.get_mut(&changed) {
                cluster.serverless_v2_scaling_configuration = Some(new);
            }
            region.set_cluster_status(&changed, "available");
        });
    }
    Ok(ModifyDbClusterOutput::builder().set_db_cluster(shown(region, &id)).build())
}

pub fn delete(
    region: &mut Region,
    input: &DeleteDbClusterInput,
) -> Result<DeleteDbClusterOutput, DeleteDBClusterError> {
    let (id, now) = cluster!(region, input.db_cluster_identifier(), DeleteDBClusterError, "available");
    if now.deletion_protection() == Some(true) {
        return Err(DeleteDBClusterError::generic(combination(
            "Cannot delete protected Cluster, please disable deletion protection and try again.",
        )));
    }
    if !members(region, &id).is_empty() {
        return Err(fault!(
            DeleteDBClusterError::InvalidDbClusterStateFault,
            "InvalidDBClusterStateFault",
            "Cluster cannot be deleted, it still contains DB instances in non-deleting state."
        ));
    }
    match (input.skip_final_snapshot() == Some(true), input.final_db_snapshot_identifier()) {
        (true, _) => {}
        (false, Some(name)) => take(region, &now, name),
        (false, None) => {
            return Err(DeleteDBClusterError::generic(combination(
                "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
            )));
        }
    }
    region.set_cluster_status(&id, "deleting");
    let gone = id.clone();
    region.later(DELETE, move |region| {
        region.clusters.remove(&gone);
        region.tell(SourceType::DbCluster, &gone, "deletion", "DB cluster deleted");
    });
    Ok(DeleteDbClusterOutput::builder().set_db_cluster(shown(region, &id)).build())
}

fn members(region: &Region, id: &str) -> Vec<String> {
    let cluster = region.clusters.get(id);
    let members = cluster.map(DbCluster::db_cluster_members).unwrap_or_default();
    members.iter().filter_map(|m| m.db_instance_identifier.clone()).collect()
}

fn shown(region: &Region, id: &str) -> Option<DbCluster> {
    region.clusters.get(id).cloned()
}
