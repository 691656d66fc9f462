//! MemoryDB: listing, describing, operating.

use super::{on, page};
use crate::aws::answers::Reply;
use crate::demo::world::Region;
use aws_sdk_memorydb::operation as op;
use aws_sdk_memorydb::types::{Acl, Cluster, Snapshot, Tag};
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_types::error::ErrorMetadata;

/// How long things take here, in milliseconds.
const CHANGE: u64 = 8_000;
/// A snapshot.
const SNAPSHOT: u64 = 10_000;

/// Answers a MemoryDB call in `region`.
pub fn answer(region: &mut Region, operation: &str, input: &Input) -> Reply {
    match operation {
        "DescribeClusters" => on(input, |i| clusters(region, i)),
        "DescribeSnapshots" => on(input, |i| snapshots(region, i)),
        "FailoverShard" => on(input, |i| failover(region, i)),
        "UpdateCluster" => on(input, |i| update(region, i)),
        "CreateSnapshot" => on(input, |i| snapshot(region, i)),
        "DeleteCluster" => on(input, |i| delete(region, i)),
        "DescribeACLs" => on(input, |_: &op::describe_acls::DescribeAcLsInput| {
            let acl =
                Acl::builder().name("shop").user_names("shop-web").user_names("operator").clusters("carts");
            Ok::<_, op::describe_acls::DescribeACLsError>(
                op::describe_acls::DescribeAcLsOutput::builder().acls(acl.build()).build(),
            )
        }),
        "DescribeServiceUpdates" => {
            on(input, |_: &op::describe_service_updates::DescribeServiceUpdatesInput| {
                Ok::<_, op::describe_service_updates::DescribeServiceUpdatesError>(
                    op::describe_service_updates::DescribeServiceUpdatesOutput::builder().build(),
                )
            })
        }
        "DescribeEvents" => on(input, |_: &op::describe_events::DescribeEventsInput| {
            Ok::<_, op::describe_events::DescribeEventsError>(
                op::describe_events::DescribeEventsOutput::builder().build(),
            )
        }),
        "ListTags" => on(input, |_: &op::list_tags::ListTagsInput| {
            let tag = |k: &str, v: &str| Tag::builder().key(k).value(v).build();
            Ok::<_, op::list_tags::ListTagsError>(
                op::list_tags::ListTagsOutput::builder()
                    .tag_list(tag("project", "shop"))
                    .tag_list(tag("env", "prod"))
                    .build(),
            )
        }),
        _ => Reply::Unknown,
    }
}

fn meta(code: &str, words: &str) -> ErrorMetadata {
    ErrorMetadata::builder().code(code).message(words).build()
}

fn find(region: &Region, name: Option<&str>) -> Result<Cluster, ErrorMetadata> {
    let name = name.unwrap_or_default();
    let found = region.caches.memorydb.get(name).cloned();
    found.ok_or_else(|| meta("ClusterNotFoundFault", &format!("Cluster {name} not found.")))
}

fn ready(region: &Region, name: Option<&str>) -> Result<Cluster, ErrorMetadata> {
    let cluster = find(region, name)?;
    match cluster.status() {
        Some("available") => Ok(cluster),
        other => {
            let words = format!("The cluster is {}: it must be available.", other.unwrap_or("?"));
            Err(meta("InvalidClusterStateFault", &words))
        }
    }
}

/// Begins a change that ends after some seconds.
fn begin(region: &mut Region, name: Option<&str>, during: &str) -> Result<Cluster, ErrorMetadata> {
    ready(region, name)?;
    let own = name.unwrap_or_default().to_owned();
    region.caches.set_memorydb(&own, during);
    region.later(CHANGE, move |region| region.caches.set_memorydb(&own, "available"));
    find(region, name)
}

fn clusters(
    region: &Region,
    i: &op::describe_clusters::DescribeClustersInput,
) -> Result<op::describe_clusters::DescribeClustersOutput, op::describe_clusters::DescribeClustersError> {
    let mut all = match i.cluster_name() {
        Some(name) => {
            vec![find(region, Some(name)).map_err(op::describe_clusters::DescribeClustersError::generic)?]
        }
        None => region.caches.memorydb.values().cloned().collect(),
    };
    if i.show_shard_details() != Some(true) {
        all.iter_mut().for_each(|c| c.shards = None);
    }
    let (rows, token) = page(all, i.next_token(), i.max_results());
    Ok(op::describe_clusters::DescribeClustersOutput::builder()
        .set_clusters(Some(rows))
        .set_next_token(token)
        .build())
}

fn snapshots(
    region: &Region,
    i: &op::describe_snapshots::DescribeSnapshotsInput,
) -> Result<op::describe_snapshots::DescribeSnapshotsOutput, op::describe_snapshots::DescribeSnapshotsError> {
    let of = |s: &&Snapshot| {
        i.cluster_name().is_none() || s.cluster_configuration().and_then(|c| c.name()) == i.cluster_name()
    };
    let rows = region.caches.memorydb_snapshots.iter().filter(of).cloned().collect();
    Ok(op::describe_snapshots::DescribeSnapshotsOutput::builder().set_snapshots(Some(rows)).build())
}

fn failover(
    region: &mut Region,
    i: &op::failover_shard::FailoverShardInput,
) -> Result<op::failover_shard::FailoverShardOutput, op::failover_shard::FailoverShardError> {
    let fault = op::failover_shard::FailoverShardError::generic;
    let found = ready(region, i.cluster_name()).map_err(fault)?;
    if !found.shards().iter().any(|s| s.name() == i.shard_name()) {
        return Err(fault(meta("ShardNotFoundFault", "There is no such shard.")));
    }
    let now = begin(region, i.cluster_name(), "updating").map_err(fault)?;
    Ok(op::failover_shard::FailoverShardOutput::builder().cluster(now).build())
}

fn update(
    region: &mut Region,
    i: &op::update_cluster::UpdateClusterInput,
) -> Result<op::update_cluster::UpdateClusterOutput, op::update_cluster::UpdateClusterError> {
    let fault = op::update_cluster::UpdateClusterError::generic;
    if i.shard_configuration().is_some() || i.replica_configuration().is_some() {
        let words = "The demo estate changes node types only.";
        return Err(fault(meta("InvalidParameterValueException", words)));
    }
    let now = begin(region, i.cluster_name(), "updating").map_err(fault)?;
    let (name, kind) = (i.cluster_name().unwrap_or_default().to_owned(), i.node_type().map(str::to_owned));
    region.later(CHANGE, move |region| {
        if let Some(cluster) = region.caches.memorydb.get_mut(&name) {
            cluster.node_type = kind.or_else(|| cluster.node_type.take());
        }
    });
    Ok(op::update_cluster::UpdateClusterOutput::builder().cluster(now).build())
}

fn snapshot(
    region: &mut Region,
    i: &op::create_snapshot::CreateSnapshotInput,
) -> Result<op::create_snapshot::CreateSnapshotOutput, op::create_snapshot::CreateSnapshotError> {
    let fault = op::create_snapshot::CreateSnapshotError::generic;
    ready(region, i.cluster_name()).map_err(fault)?;
    let name = i.snapshot_name().unwrap_or_default().to_owned();
    let of = aws_sdk_memorydb::types::ClusterConfiguration::builder()
        .set_name(i.cluster_name().map(str::to_owned))
        .build();
    let made =
        Snapshot::builder().name(&name).source("manual").status("creating").cluster_configuration(of).build();
    region.caches.memorydb_snapshots.push(made.clone());
    region.later(SNAPSHOT, move |region| {
        for snapshot in region.caches.memorydb_snapshots.iter_mut().filter(|s| s.name() == Some(&name)) {
            snapshot.status = Some("available".to_owned());
        }
    });
    Ok(op::create_snapshot::CreateSnapshotOutput::builder().snapshot(made).build())
}

fn delete(
    region: &mut Region,
    i: &op::delete_cluster::DeleteClusterInput,
) -> Result<op::delete_cluster::DeleteClusterOutput, op::delete_cluster::DeleteClusterError> {
    let fault = op::delete_cluster::DeleteClusterError::generic;
    let found = ready(region, i.cluster_name()).map_err(fault)?;
    let name = i.cluster_name().unwrap_or_default().to_owned();
    region.caches.set_memorydb(&name, "deleting");
    region.later(CHANGE, move |region| {
        region.caches.memorydb.remove(&name);
    });
    Ok(op::delete_cluster::DeleteClusterOutput::builder().cluster(found).build())
}
