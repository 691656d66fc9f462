//! DocumentDB elastic clusters: listing, describing and operating them.

use super::on;
use super::rds_change::{MODIFY, SNAPSHOT, START_STOP};
use crate::aws::answers::Reply;
use crate::demo::ACCOUNT;
use crate::demo::world::{Region, date};
use aws_sdk_docdbelastic::operation::create_cluster_snapshot::{
    CreateClusterSnapshotError, CreateClusterSnapshotInput, CreateClusterSnapshotOutput,
};
use aws_sdk_docdbelastic::operation::get_cluster::{GetClusterError, GetClusterInput, GetClusterOutput};
use aws_sdk_docdbelastic::operation::list_cluster_snapshots::{
    ListClusterSnapshotsError, ListClusterSnapshotsInput, ListClusterSnapshotsOutput,
};
use aws_sdk_docdbelastic::operation::list_clusters::{
    ListClustersError, ListClustersInput, ListClustersOutput,
};
use aws_sdk_docdbelastic::operation::list_pending_maintenance_actions::{
    ListPendingMaintenanceActionsError, ListPendingMaintenanceActionsInput,
    ListPendingMaintenanceActionsOutput,
};
use aws_sdk_docdbelastic::operation::list_tags_for_resource::{
    ListTagsForResourceError, ListTagsForResourceInput, ListTagsForResourceOutput,
};
use aws_sdk_docdbelastic::operation::start_cluster::{
    StartClusterError, StartClusterInput, StartClusterOutput,
};
use aws_sdk_docdbelastic::operation::stop_cluster::{StopClusterError, StopClusterInput, StopClusterOutput};
use aws_sdk_docdbelastic::operation::update_cluster::{
    UpdateClusterError, UpdateClusterInput, UpdateClusterOutput,
};
use aws_sdk_docdbelastic::types::{Cluster, ClusterInList, ClusterSnapshotInList, Shard, Status};
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_types::error::ErrorMetadata;

/// Answers a call about elastic clusters in `region`.
pub fn answer(region: &mut Region, operation: &str, input: &Input) -> Reply {
    match operation {
        "ListClusters" => on(input, |_: &ListClustersInput| list(region)),
        "GetCluster" => on(input, |i: &GetClusterInput| get(region, i)),
        "ListClusterSnapshots" => on(input, |i: &ListClusterSnapshotsInput| snapshots(region, i)),
        "ListPendingMaintenanceActions" => on(input, |_: &ListPendingMaintenanceActionsInput| maintenance()),
        "ListTagsForResource" => on(input, |_: &ListTagsForResourceInput| tags()),
        "StartCluster" => on(input, |i: &StartClusterInput| start(region, i)),
        "StopCluster" => on(input, |i: &StopClusterInput| stop(region, i)),
        "UpdateCluster" => on(input, |i: &UpdateClusterInput| update(region, i)),
        "CreateClusterSnapshot" => on(input, |i: &CreateClusterSnapshotInput| snapshot(region, i)),
        _ => Reply::Unknown,
    }
}

fn meta(code: &str, words: &str) -> ErrorMetadata {
    ErrorMetadata::builder().code(code).message(words).build()
}

/// The cluster, or the error metadata of one that is not there or not in one of `states`.
fn cluster(region: &Region, arn: Option<&str>, states: &[Status]) -> Result<Cluster, ErrorMetadata> {
    let arn = arn.unwrap_or_default();
    let found = region.docdb.clusters.get(arn);
    let found = found
        .ok_or_else(|| meta("ResourceNotFoundException", &format!("The cluster {arn} does not exist.")))?;
    if states.is_empty() || states.contains(found.status()) {
        return Ok(found.clone());
    }
    let words = format!("The cluster is {} and cannot take this operation.", found.status().as_str());
    Err(meta("ConflictException", &words))
}

/// Takes a cluster to `way` now and to `end` later, with `change` at the end.
fn turn(
    region: &mut Region,
    arn: &str,
    ms: u64,
    (way, end): (Status, Status),
    change: impl FnOnce(&mut Cluster) + Send + 'static,
) -> Option<Cluster> {
    if let Some(cluster) = region.docdb.clusters.get_mut(arn) {
        cluster.status = way;
    }
    let later = arn.to_owned();
    region.later(ms, move |region| {
        if let Some(cluster) = region.docdb.clusters.get_mut(&later) {
            cluster.status = end;
            change(cluster);
        }
    });
    region.docdb.clusters.get(arn).cloned()
}

fn list(region: &Region) -> Result<ListClustersOutput, ListClustersError> {
    let all = region.docdb.clusters.values().map(|c| {
        let listed = ClusterInList::builder().cluster_name(c.cluster_name()).cluster_arn(c.cluster_arn());
        listed.status(c.status().clone()).build()
    });
    let all: Result<Vec<_>, _> = all.collect();
    let all = all.map_err(ListClustersError::unhandled)?;
    Ok(ListClustersOutput::builder().set_clusters(Some(all)).build())
}

fn get(region: &Region, input: &GetClusterInput) -> Result<GetClusterOutput, GetClusterError> {
    let found = cluster(region, input.cluster_arn(), &[]).map_err(GetClusterError::generic)?;
    Ok(GetClusterOutput::builder().cluster(found).build())
}

fn snapshots(
    region: &Region,
    input: &ListClusterSnapshotsInput,
) -> Result<ListClusterSnapshotsOutput, ListClusterSnapshotsError> {
    let own = |s: &&ClusterSnapshotInList| input.cluster_arn().is_none_or(|arn| arn == s.cluster_arn());
    let all = region.docdb.snapshots.iter().filter(own).cloned().collect();
    Ok(ListClusterSnapshotsOutput::builder().set_snapshots(Some(all)).build())
}

fn maintenance() -> Result<ListPendingMaintenanceActionsOutput, ListPendingMaintenanceActionsError> {
    ListPendingMaintenanceActionsOutput::builder()
        .set_resource_pending_maintenance_actions(Some(Vec::new()))
        .build()
        .map_err(ListPendingMaintenanceActionsError::unhandled)
}

fn tags() -> Result<ListTagsForResourceOutput, ListTagsForResourceError> {
    Ok(ListTagsForResourceOutput::builder().tags("project", "ml-platform").tags("env", "prod").build())
}

fn start(region: &mut Region, input: &StartClusterInput) -> Result<StartClusterOutput, StartClusterError> {
    let now = cluster(region, input.cluster_arn(), &[Status::Stopped]).map_err(StartClusterError::generic)?;
    let now = turn(region, now.cluster_arn(), START_STOP, (Status::Starting, Status::Active), |_| {});
    Ok(StartClusterOutput::builder().set_cluster(now).build())
}

fn stop(region: &mut Region, input: &StopClusterInput) -> Result<StopClusterOutput, StopClusterError> {
    let now = cluster(region, input.cluster_arn(), &[Status::Active]).map_err(StopClusterError::generic)?;
    let now = turn(region, now.cluster_arn(), START_STOP, (Status::Stopping, Status::Stopped), |_| {});
    Ok(StopClusterOutput::builder().set_cluster(now).build())
}

fn update(
    region: &mut Region,
    input: &UpdateClusterInput,
) -> Result<UpdateClusterOutput, UpdateClusterError> {
    let now = cluster(region, input.cluster_arn(), &[Status::Active]).map_err(UpdateClusterError::generic)?;
    let (capacity, count) = (input.shard_capacity(), input.shard_count());
    let instances = input.shard_instance_count();
    let made = date(region.now).to_string();
    let change = move |c: &mut Cluster| {
        c.shard_capacity = capacity.unwrap_or(c.shard_capacity);
        c.shard_count = count.unwrap_or(c.shard_count);
        c.shard_instance_count = instances.or(c.shard_instance_count);
        let id = c.cluster_arn.rsplit('/').next().unwrap_or_default().to_owned();
        let shard = |n: i32| {
            let shard = Shard::builder().shard_id(format!("{id}-{n}")).create_time(&made);
            shard.status(Status::Active).build().ok()
        };
        c.shards = (1..=c.shard_count).map(shard).collect();
    };
    let now = turn(region, now.cluster_arn(), MODIFY, (Status::Updating, Status::Active), change);
    Ok(UpdateClusterOutput::builder().set_cluster(now).build())
}

fn snapshot(
    region: &mut Region,
    input: &CreateClusterSnapshotInput,
) -> Result<CreateClusterSnapshotOutput, CreateClusterSnapshotError> {
    let of = cluster(region, input.cluster_arn(), &[Status::Active]);
    let of = of.map_err(CreateClusterSnapshotError::generic)?;
    let name = input.snapshot_name().unwrap_or_default().to_owned();
    if region.docdb.snapshots.iter().any(|s| s.snapshot_name() == name) {
        let words = format!("A snapshot named {name} already exists.");
        return Err(CreateClusterSnapshotError::generic(meta("ConflictException", &words)));
    }
    let made = ClusterSnapshotInList::builder()
        .snapshot_name(&name)
        .snapshot_arn(format!("arn:aws:docdb-elastic:{}:{ACCOUNT}:cluster-snapshot/{name}", region.name))
        .cluster_arn(of.cluster_arn())
        .status(Status::Creating)
        .snapshot_creation_time(date(region.now).to_string())
        .build()
        .map_err(CreateClusterSnapshotError::unhandled)?;
    region.docdb.snapshots.push(made);
    region.later(SNAPSHOT, move |region| {
        if let Some(snapshot) = region.docdb.snapshots.iter_mut().find(|s| s.snapshot_name() == name) {
            snapshot.status = Status::Active;
        }
    });
    Ok(CreateClusterSnapshotOutput::builder().build())
}
