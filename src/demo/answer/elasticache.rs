//! ElastiCache: listing, describing, operating.

use super::{on, page};
use crate::aws::answers::Reply;
use crate::demo::world::Region;
use aws_sdk_elasticache::operation as op;
use aws_sdk_elasticache::types::{
    Authentication, AuthenticationType, CacheCluster, ReplicationGroup, Snapshot, Tag, UpdateAction,
    UpdateActionStatus, User,
};
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_types::error::ErrorMetadata;

/// How long things take here, in milliseconds.
const CHANGE: u64 = 8_000;
/// A snapshot.
const SNAPSHOT: u64 = 10_000;

/// Answers an ElastiCache call in `region`.
pub fn answer(region: &mut Region, operation: &str, input: &Input) -> Reply {
    match operation {
        "DescribeReplicationGroups" => on(input, |i| groups(region, i)),
        "DescribeCacheClusters" => on(input, |i| clusters(region, i)),
        "DescribeServerlessCaches" => on(input, |i| serverless(region, i)),
        "DescribeSnapshots" => on(input, |i| snapshots(region, i)),
        "TestFailover" => on(input, |i| failover(region, i)),
        "ModifyReplicationGroup" => on(input, |i| modify(region, i)),
        "CreateSnapshot" => on(input, |i| snapshot(region, i)),
        "RebootCacheCluster" => on(input, |i| reboot(region, i)),
        "ModifyCacheCluster" => on(input, |i| resize(region, i)),
        "ModifyServerlessCache" => on(input, |i| limits(region, i)),
        "DeleteReplicationGroup" => on(input, |i| delete_group(region, i)),
        "DeleteCacheCluster" => on(input, |i| delete_cluster(region, i)),
        other => about(other, input),
    }
}

/// What the estate answers the same everywhere.
fn about(operation: &str, input: &Input) -> Reply {
    match operation {
        "DescribeGlobalReplicationGroups" => {
            on(input, |_: &op::describe_global_replication_groups::DescribeGlobalReplicationGroupsInput| {
                Ok::<_, op::describe_global_replication_groups::DescribeGlobalReplicationGroupsError>(
                    op::describe_global_replication_groups::DescribeGlobalReplicationGroupsOutput::builder()
                        .build(),
                )
            })
        }
        "DescribeUpdateActions" => {
            on(input, |_: &op::describe_update_actions::DescribeUpdateActionsInput| {
                let update = UpdateAction::builder()
                    .cache_cluster_id(crate::demo::world::caches::FRAGMENTS)
                    .service_update_name("elasticache-20260901-memcached")
                    .update_action_status(UpdateActionStatus::NotApplied);
                Ok::<_, op::describe_update_actions::DescribeUpdateActionsError>(
                    op::describe_update_actions::DescribeUpdateActionsOutput::builder()
                        .update_actions(update.build())
                        .build(),
                )
            })
        }
        "DescribeServerlessCacheSnapshots" => {
            on(input, |_: &op::describe_serverless_cache_snapshots::DescribeServerlessCacheSnapshotsInput| {
                Ok::<_, op::describe_serverless_cache_snapshots::DescribeServerlessCacheSnapshotsError>(
                    op::describe_serverless_cache_snapshots::DescribeServerlessCacheSnapshotsOutput::builder(
                    )
                    .build(),
                )
            })
        }
        "DescribeEvents" => on(input, |_: &op::describe_events::DescribeEventsInput| {
            Ok::<_, op::describe_events::DescribeEventsError>(
                op::describe_events::DescribeEventsOutput::builder().build(),
            )
        }),
        "DescribeUsers" => on(input, |_: &op::describe_users::DescribeUsersInput| {
            let user = |name: &str, how: AuthenticationType, rights: &str| {
                User::builder()
                    .user_id(name)
                    .user_name(name)
                    .status("active")
                    .access_string(rights)
                    .user_group_ids("shop-users")
                    .authentication(Authentication::builder().r#type(how).build())
                    .build()
            };
            Ok::<_, op::describe_users::DescribeUsersError>(
                op::describe_users::DescribeUsersOutput::builder()
                    .users(user("default", AuthenticationType::NoPassword, "off -@all"))
                    .users(user("shop-web", AuthenticationType::Password, "on ~* +@read +@write -@dangerous"))
                    .users(user("operator", AuthenticationType::Iam, "on ~* +@read +info +ping -@dangerous"))
                    .build(),
            )
        }),
        "ListAllowedNodeTypeModifications" => on(
            input,
            |_: &op::list_allowed_node_type_modifications::ListAllowedNodeTypeModificationsInput| {
                Ok::<_, op::list_allowed_node_type_modifications::ListAllowedNodeTypeModificationsError>(
                    op::list_allowed_node_type_modifications::ListAllowedNodeTypeModificationsOutput::builder()
                        .scale_up_modifications("cache.r7g.xlarge")
                        .scale_up_modifications("cache.r7g.2xlarge")
                        .scale_down_modifications("cache.m7g.large")
                        .build(),
                )
            },
        ),
        "ListTagsForResource" => on(input, |_: &op::list_tags_for_resource::ListTagsForResourceInput| {
            let tag = |k: &str, v: &str| Tag::builder().key(k).value(v).build();
            Ok::<_, op::list_tags_for_resource::ListTagsForResourceError>(
                op::list_tags_for_resource::ListTagsForResourceOutput::builder()
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

fn group(region: &Region, id: Option<&str>) -> Result<ReplicationGroup, ErrorMetadata> {
    let id = id.unwrap_or_default();
    let found = region.caches.groups.get(id).cloned();
    found.ok_or_else(|| meta("ReplicationGroupNotFoundFault", &format!("ReplicationGroup {id} not found.")))
}

/// The group, when nothing runs on it.
fn ready(region: &Region, id: Option<&str>) -> Result<ReplicationGroup, ErrorMetadata> {
    let group = group(region, id)?;
    match group.status() {
        Some("available") => Ok(group),
        other => {
            let words =
                format!("Replication group must be in available state; it is {}.", other.unwrap_or("?"));
            Err(meta("InvalidReplicationGroupState", &words))
        }
    }
}

fn cluster(region: &Region, id: Option<&str>) -> Result<CacheCluster, ErrorMetadata> {
    let id = id.unwrap_or_default();
    let found = region.caches.clusters.get(id).cloned();
    found.ok_or_else(|| meta("CacheClusterNotFound", &format!("CacheCluster {id} not found.")))
}

fn ready_cluster(region: &Region, id: Option<&str>) -> Result<CacheCluster, ErrorMetadata> {
    let cluster = cluster(region, id)?;
    match cluster.cache_cluster_status() {
        Some("available") => Ok(cluster),
        other => {
            let words = format!("The cluster is {}: it must be available.", other.unwrap_or("?"));
            Err(meta("InvalidCacheClusterState", &words))
        }
    }
}

fn groups(
    region: &Region,
    i: &op::describe_replication_groups::DescribeReplicationGroupsInput,
) -> Result<
    op::describe_replication_groups::DescribeReplicationGroupsOutput,
    op::describe_replication_groups::DescribeReplicationGroupsError,
> {
    let all = match i.replication_group_id() {
        Some(id) => vec![
            group(region, Some(id))
                .map_err(op::describe_replication_groups::DescribeReplicationGroupsError::generic)?,
        ],
        None => region.caches.groups.values().cloned().collect(),
    };
    let (rows, marker) = page(all, i.marker(), i.max_records());
    Ok(op::describe_replication_groups::DescribeReplicationGroupsOutput::builder()
        .set_replication_groups(Some(rows))
        .set_marker(marker)
        .build())
}

fn clusters(
    region: &Region,
    i: &op::describe_cache_clusters::DescribeCacheClustersInput,
) -> Result<
    op::describe_cache_clusters::DescribeCacheClustersOutput,
    op::describe_cache_clusters::DescribeCacheClustersError,
> {
    let mut all = match i.cache_cluster_id() {
        Some(id) => vec![
            cluster(region, Some(id))
                .map_err(op::describe_cache_clusters::DescribeCacheClustersError::generic)?,
        ],
        None => region.caches.clusters.values().cloned().collect(),
    };
    if i.show_cache_node_info() != Some(true) {
        all.iter_mut().for_each(|c| c.cache_nodes = None);
    }
    let (rows, marker) = page(all, i.marker(), i.max_records());
    Ok(op::describe_cache_clusters::DescribeCacheClustersOutput::builder()
        .set_cache_clusters(Some(rows))
        .set_marker(marker)
        .build())
}

fn serverless(
    region: &Region,
    i: &op::describe_serverless_caches::DescribeServerlessCachesInput,
) -> Result<
    op::describe_serverless_caches::DescribeServerlessCachesOutput,
    op::describe_serverless_caches::DescribeServerlessCachesError,
> {
    let wanted = i.serverless_cache_name();
    let all =
        region.caches.serverless.values().filter(|s| wanted.is_none() || s.serverless_cache_name() == wanted);
    let all: Vec<_> = all.cloned().collect();
    if let (Some(name), true) = (wanted, all.is_empty()) {
        let gone = meta("ServerlessCacheNotFoundFault", &format!("Serverless cache {name} not found."));
        return Err(op::describe_serverless_caches::DescribeServerlessCachesError::generic(gone));
    }
    let (rows, token) = page(all, i.next_token(), i.max_results());
    Ok(op::describe_serverless_caches::DescribeServerlessCachesOutput::builder()
        .set_serverless_caches(Some(rows))
        .set_next_token(token)
        .build())
}

fn snapshots(
    region: &Region,
    i: &op::describe_snapshots::DescribeSnapshotsInput,
) -> Result<op::describe_snapshots::DescribeSnapshotsOutput, op::describe_snapshots::DescribeSnapshotsError> {
    let of = |s: &&Snapshot| match (i.replication_group_id(), i.cache_cluster_id()) {
        (Some(group), _) => s.replication_group_id() == Some(group),
        (None, Some(cluster)) => s.cache_cluster_id() == Some(cluster),
        (None, None) => true,
    };
    let rows = region.caches.snapshots.iter().filter(of).cloned().collect();
    Ok(op::describe_snapshots::DescribeSnapshotsOutput::builder().set_snapshots(Some(rows)).build())
}

fn failover(
    region: &mut Region,
    i: &op::test_failover::TestFailoverInput,
) -> Result<op::test_failover::TestFailoverOutput, op::test_failover::TestFailoverError> {
    let fault = op::test_failover::TestFailoverError::generic;
    let found = ready(region, i.replication_group_id()).map_err(fault)?;
    let shard = found.node_groups().iter().find(|s| s.node_group_id() == i.node_group_id());
    let Some(shard) = shard else {
        return Err(fault(meta("NodeGroupNotFoundFault", "There is no such shard.")));
    };
    let next = shard.node_group_members().iter().find(|m| m.current_role() == Some("replica"));
    let Some(next) = next.and_then(|m| m.cache_cluster_id()).map(str::to_owned) else {
        return Err(fault(meta("InvalidReplicationGroupState", "The shard has no replica.")));
    };
    let id = i.replication_group_id().unwrap_or_default().to_owned();
    region.caches.set_group(&id, "modifying");
    region.later(CHANGE, move |region| {
        region.caches.promote(&id, &next);
        region.caches.set_group(&id, "available");
    });
    let now = group(region, i.replication_group_id()).map_err(fault)?;
    Ok(op::test_failover::TestFailoverOutput::builder().replication_group(now).build())
}

fn modify(
    region: &mut Region,
    i: &op::modify_replication_group::ModifyReplicationGroupInput,
) -> Result<
    op::modify_replication_group::ModifyReplicationGroupOutput,
    op::modify_replication_group::ModifyReplicationGroupError,
> {
    let fault = op::modify_replication_group::ModifyReplicationGroupError::generic;
    ready(region, i.replication_group_id()).map_err(fault)?;
    if i.primary_cluster_id().is_some() {
        let words = "Automatic failover must be off to promote by hand.";
        return Err(fault(meta("InvalidParameterCombination", words)));
    }
    let id = i.replication_group_id().unwrap_or_default().to_owned();
    let kind = i.cache_node_type().map(str::to_owned);
    region.caches.set_group(&id, "modifying");
    region.later(CHANGE, move |region| {
        if let Some(group) = region.caches.groups.get_mut(&id) {
            group.cache_node_type = kind.clone().or_else(|| group.cache_node_type.clone());
        }
        for node in region.caches.clusters.values_mut().filter(|c| c.replication_group_id() == Some(&id)) {
            node.cache_node_type = kind.clone().or_else(|| node.cache_node_type.clone());
        }
        region.caches.set_group(&id, "available");
    });
    let now = group(region, i.replication_group_id()).map_err(fault)?;
    Ok(op::modify_replication_group::ModifyReplicationGroupOutput::builder().replication_group(now).build())
}

fn snapshot(
    region: &mut Region,
    i: &op::create_snapshot::CreateSnapshotInput,
) -> Result<op::create_snapshot::CreateSnapshotOutput, op::create_snapshot::CreateSnapshotError> {
    let fault = op::create_snapshot::CreateSnapshotError::generic;
    ready(region, i.replication_group_id()).map_err(fault)?;
    let name = i.snapshot_name().unwrap_or_default().to_owned();
    if region.caches.snapshots.iter().any(|s| s.snapshot_name() == Some(&name)) {
        return Err(fault(meta("SnapshotAlreadyExistsFault", "You already have a snapshot with that name.")));
    }
    let made = Snapshot::builder()
        .snapshot_name(&name)
        .set_replication_group_id(i.replication_group_id().map(str::to_owned))
        .snapshot_source("manual")
        .snapshot_status("creating")
        .build();
    region.caches.snapshots.push(made.clone());
    region.later(SNAPSHOT, move |region| {
        for snapshot in region.caches.snapshots.iter_mut().filter(|s| s.snapshot_name() == Some(&name)) {
            snapshot.snapshot_status = Some("available".to_owned());
        }
    });
    Ok(op::create_snapshot::CreateSnapshotOutput::builder().snapshot(made).build())
}

fn reboot(
    region: &mut Region,
    i: &op::reboot_cache_cluster::RebootCacheClusterInput,
) -> Result<
    op::reboot_cache_cluster::RebootCacheClusterOutput,
    op::reboot_cache_cluster::RebootCacheClusterError,
> {
    let fault = op::reboot_cache_cluster::RebootCacheClusterError::generic;
    ready_cluster(region, i.cache_cluster_id()).map_err(fault)?;
    let id = i.cache_cluster_id().unwrap_or_default().to_owned();
    region.caches.set_cluster(&id, "rebooting cluster nodes");
    region.later(CHANGE, move |region| region.caches.set_cluster(&id, "available"));
    let now = cluster(region, i.cache_cluster_id()).map_err(fault)?;
    Ok(op::reboot_cache_cluster::RebootCacheClusterOutput::builder().cache_cluster(now).build())
}

fn resize(
    region: &mut Region,
    i: &op::modify_cache_cluster::ModifyCacheClusterInput,
) -> Result<
    op::modify_cache_cluster::ModifyCacheClusterOutput,
    op::modify_cache_cluster::ModifyCacheClusterError,
> {
    let fault = op::modify_cache_cluster::ModifyCacheClusterError::generic;
    let found = ready_cluster(region, i.cache_cluster_id()).map_err(fault)?;
    let (now, wanted) = (found.num_cache_nodes().unwrap_or(0), i.num_cache_nodes().unwrap_or(0));
    if wanted < now && i.cache_node_ids_to_remove().len() != usize::try_from(now - wanted).unwrap_or(0) {
        let words = format!("Name {} node ids to remove.", now - wanted);
        return Err(fault(meta("InvalidParameterCombination", &words)));
    }
    let (id, removed) =
        (i.cache_cluster_id().unwrap_or_default().to_owned(), i.cache_node_ids_to_remove().to_vec());
    region.caches.set_cluster(&id, "modifying");
    region.later(CHANGE, move |region| {
        if let Some(cluster) = region.caches.clusters.get_mut(&id) {
            cluster.num_cache_nodes = Some(wanted);
            let nodes = cluster.cache_nodes.get_or_insert_default();
            nodes.retain(|n| n.cache_node_id().is_none_or(|id| !removed.iter().any(|r| r == id)));
            while nodes.len() < usize::try_from(wanted).unwrap_or(0) {
                let Some(mut node) = nodes.last().cloned() else { break };
                node.cache_node_id = Some(format!("{:04}", nodes.len() + 1));
                nodes.push(node);
            }
        }
        region.caches.set_cluster(&id, "available");
    });
    let now = cluster(region, i.cache_cluster_id()).map_err(fault)?;
    Ok(op::modify_cache_cluster::ModifyCacheClusterOutput::builder().cache_cluster(now).build())
}

fn limits(
    region: &mut Region,
    i: &op::modify_serverless_cache::ModifyServerlessCacheInput,
) -> Result<
    op::modify_serverless_cache::ModifyServerlessCacheOutput,
    op::modify_serverless_cache::ModifyServerlessCacheError,
> {
    let name = i.serverless_cache_name().unwrap_or_default().to_owned();
    let Some(cache) = region.caches.serverless.get_mut(&name) else {
        let gone = meta("ServerlessCacheNotFoundFault", &format!("Serverless cache {name} not found."));
        return Err(op::modify_serverless_cache::ModifyServerlessCacheError::generic(gone));
    };
    cache.status = Some("modifying".to_owned());
    let (limits, now) = (i.cache_usage_limits().cloned(), cache.clone());
    region.later(CHANGE, move |region| {
        if let Some(cache) = region.caches.serverless.get_mut(&name) {
            cache.cache_usage_limits = limits.or_else(|| cache.cache_usage_limits.take());
            cache.status = Some("available".to_owned());
        }
    });
    Ok(op::modify_serverless_cache::ModifyServerlessCacheOutput::builder().serverless_cache(now).build())
}

fn delete_group(
    region: &mut Region,
    i: &op::delete_replication_group::DeleteReplicationGroupInput,
) -> Result<
    op::delete_replication_group::DeleteReplicationGroupOutput,
    op::delete_replication_group::DeleteReplicationGroupError,
> {
    let fault = op::delete_replication_group::DeleteReplicationGroupError::generic;
    let found = ready(region, i.replication_group_id()).map_err(fault)?;
    let id = i.replication_group_id().unwrap_or_default().to_owned();
    if let Some(name) = i.final_snapshot_identifier() {
        region.caches.snapshots.push(
            Snapshot::builder()
                .snapshot_name(name)
                .replication_group_id(&id)
                .snapshot_source("manual")
                .snapshot_status("available")
                .build(),
        );
    }
    region.caches.set_group(&id, "deleting");
    region.later(CHANGE, move |region| {
        region.caches.groups.remove(&id);
        region.caches.clusters.retain(|_, c| c.replication_group_id() != Some(&id));
    });
    Ok(op::delete_replication_group::DeleteReplicationGroupOutput::builder().replication_group(found).build())
}

fn delete_cluster(
    region: &mut Region,
    i: &op::delete_cache_cluster::DeleteCacheClusterInput,
) -> Result<
    op::delete_cache_cluster::DeleteCacheClusterOutput,
    op::delete_cache_cluster::DeleteCacheClusterError,
> {
    let fault = op::delete_cache_cluster::DeleteCacheClusterError::generic;
    let found = ready_cluster(region, i.cache_cluster_id()).map_err(fault)?;
    let id = i.cache_cluster_id().unwrap_or_default().to_owned();
    region.caches.set_cluster(&id, "deleting");
    region.later(CHANGE, move |region| {
        region.caches.clusters.remove(&id);
    });
    Ok(op::delete_cache_cluster::DeleteCacheClusterOutput::builder().cache_cluster(found).build())
}
