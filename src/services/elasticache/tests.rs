use super::{ElastiCache, spec::SPEC};
use crate::aws::answers::Reply;
use crate::model::{Cell, EndpointRole, EngineId, FailureKind, Health, Resource};
use crate::services::Service;
use crate::services::scripted::{Scene, answer, error, is_sound, operation, rows};
use aws_sdk_elasticache::operation as op;
use aws_sdk_elasticache::types::builders::{CacheClusterBuilder, ReplicationGroupBuilder};
use aws_sdk_elasticache::types::{
    AutomaticFailoverStatus, CacheCluster, CacheNode, CacheUsageLimits, DataStorage, Endpoint, NodeGroup,
    NodeGroupMember, ReplicationGroup, ServerlessCache, UpdateAction,
};
use aws_smithy_runtime_api::client::interceptors::context::Input;

fn at(host: &str) -> Endpoint {
    Endpoint::builder().address(host).port(6379).build()
}

fn member(name: &str, role: Option<&str>) -> NodeGroupMember {
    NodeGroupMember::builder()
        .cache_cluster_id(name)
        .cache_node_id("0001")
        .set_current_role(role.map(str::to_owned))
        .preferred_availability_zone("eu-west-1a")
        .build()
}

/// A group of one shard, cluster mode off.
fn group(status: &str) -> ReplicationGroupBuilder {
    let shard = NodeGroup::builder()
        .node_group_id("0001")
        .status("available")
        .primary_endpoint(at("master.orders.x"))
        .reader_endpoint(at("replica.orders.x"))
        .node_group_members(member("orders-001", Some("primary")))
        .node_group_members(member("orders-002", Some("replica")));
    ReplicationGroup::builder()
        .replication_group_id("orders")
        .status(status)
        .engine("valkey")
        .cache_node_type("cache.r7g.large")
        .automatic_failover(AutomaticFailoverStatus::Enabled)
        .cluster_enabled(false)
        .transit_encryption_enabled(true)
        .auth_token_enabled(true)
        .at_rest_encryption_enabled(true)
        .snapshot_retention_limit(0)
        .node_groups(shard.build())
}

fn node(name: &str) -> CacheClusterBuilder {
    CacheCluster::builder()
        .cache_cluster_id(name)
        .cache_cluster_status("available")
        .engine("valkey")
        .engine_version("8.0.1")
        .cache_node_type("cache.r7g.large")
        .num_cache_nodes(1)
        .cache_nodes(CacheNode::builder().cache_node_id("0001").endpoint(at(&format!("{name}.x"))).build())
}

fn memcached() -> CacheCluster {
    node("sessions").engine("memcached").engine_version("1.6.22").num_cache_nodes(2).build()
}

fn groups(group: ReplicationGroup) -> Option<Reply> {
    answer(
        op::describe_replication_groups::DescribeReplicationGroupsOutput::builder()
            .replication_groups(group)
            .build(),
    )
}

fn listing(operation: &str) -> Option<Reply> {
    match operation {
        "DescribeReplicationGroups" => groups(group("available").build()),
        "DescribeCacheClusters" => answer(
            op::describe_cache_clusters::DescribeCacheClustersOutput::builder()
                .cache_clusters(node("orders-001").replication_group_id("orders").build())
                .cache_clusters(node("orders-002").replication_group_id("orders").build())
                .cache_clusters(memcached())
                .cache_clusters(node("old").engine("redis").engine_version("5.0.6").build())
                .build(),
        ),
        "DescribeServerlessCaches" => {
            let limits =
                CacheUsageLimits::builder().data_storage(DataStorage::builder().maximum(10).build()).build();
            let cache = ServerlessCache::builder()
                .serverless_cache_name("burst")
                .status("AVAILABLE")
                .engine("valkey")
                .full_engine_version("8.0")
                .cache_usage_limits(limits)
                .user_group_id("team")
                .endpoint(at("burst.serverless.x"))
                .reader_endpoint(Endpoint::builder().address("burst.serverless.x").port(6380).build());
            answer(
                op::describe_serverless_caches::DescribeServerlessCachesOutput::builder()
                    .serverless_caches(cache.build())
                    .build(),
            )
        }
        "DescribeGlobalReplicationGroups" => answer(
            op::describe_global_replication_groups::DescribeGlobalReplicationGroupsOutput::builder().build(),
        ),
        "DescribeUpdateActions" => {
            let update =
                UpdateAction::builder().replication_group_id("orders").service_update_name("patch-1");
            answer(
                op::describe_update_actions::DescribeUpdateActionsOutput::builder()
                    .update_actions(update.build())
                    .build(),
            )
        }
        _ => None,
    }
}

fn cell<'a>(row: &'a Resource, column: &str) -> &'a Cell {
    &row.cells[SPEC.columns.iter().position(|c| c.id == column).unwrap()]
}

fn problems(row: &Resource) -> Vec<&str> {
    row.problems.iter().map(|p| p.id).collect()
}

#[tokio::test]
async fn groups_nodes_memcached_single_nodes_and_serverless_are_rows() {
    let scene = Scene::new(|operation, _| listing(operation)).await;
    let (end, parts) = scene.list(&ElastiCache).await;
    assert_eq!(end, Ok(()));
    let rows = rows(&parts);
    rows.iter().for_each(|r| is_sound(&ElastiCache, r));
    let named = |name: &str| rows.iter().find(|r| r.name.as_str() == name).unwrap();
    let orders = named("orders");
    assert_eq!(cell(orders, "engine"), &Cell::Text("valkey 8.0.1".into()), "the version is its nodes'");
    assert_eq!(cell(orders, "size"), &Cell::Text("cache.r7g.large +1".into()));
    assert_eq!(cell(orders, "pending"), &Cell::Text("patch-1".into()));
    assert_eq!(problems(orders), ["no-backup", "update"]);
    let backend = orders.backend.as_ref().unwrap();
    assert_eq!((backend.engine, backend.user.as_deref()), (EngineId::Redis, Some("default")));
    assert_eq!(
        backend.endpoints.iter().map(|e| e.role).collect::<Vec<_>>(),
        [EndpointRole::Reader, EndpointRole::Writer]
    );
    let replica = named("orders-002");
    assert_eq!(
        (cell(replica, "role"), replica.parent.as_deref()),
        (&Cell::Text("replica".into()), Some("orders"))
    );
    assert_eq!(&*replica.backend.as_ref().unwrap().endpoints[0].host, "orders-002.x");
    let sessions = named("sessions").backend.as_ref().unwrap();
    assert_eq!((sessions.engine, sessions.user.as_deref()), (EngineId::MemcachedPlain, None));
    assert!(
        ["end-of-support", "no-auth", "no-tls", "no-replica"]
            .iter()
            .all(|p| problems(named("old")).contains(p))
    );
    assert_eq!(named("old").backend.as_ref().unwrap().engine, EngineId::RedisPlain);
    let burst = named("burst");
    assert!(matches!(burst.health, Health::Good(_)));
    assert_eq!(cell(burst, "size"), &Cell::Text("10 GB".into()));
    assert_eq!(burst.backend.as_ref().unwrap().endpoints[0].port, 6380, "reads prefer the reader");
}

#[tokio::test]
async fn cluster_mode_has_one_endpoint_and_no_roles() {
    let scene = Scene::new(|operation, _| match operation {
        "DescribeReplicationGroups" => {
            let shard = |id: &str, slots: &str| {
                NodeGroup::builder()
                    .node_group_id(id)
                    .slots(slots)
                    .status("available")
                    .node_group_members(member(&format!("orders-{id}-001"), None))
                    .build()
            };
            let clustered = ReplicationGroup::builder()
                .replication_group_id("orders")
                .status("modifying")
                .cluster_enabled(true)
                .configuration_endpoint(at("clustercfg.orders.x"))
                .node_groups(shard("0001", "0-8191"))
                .node_groups(shard("0002", "8192-16383"));
            groups(clustered.build())
        }
        other => listing(other),
    });
    let (_, parts) = scene.await.list(&ElastiCache).await;
    let rows = rows(&parts);
    let named = |name: &str| rows.iter().find(|r| r.name.as_str() == name).unwrap();
    assert!(matches!(named("orders").health, Health::Busy(_)));
    assert_eq!(&*named("orders").backend.as_ref().unwrap().endpoints[0].host, "clustercfg.orders.x");
    let member = named("orders-0002-001");
    assert_eq!(
        (cell(member, "role"), cell(member, "slots")),
        (&Cell::Absent, &Cell::Text("8192-16383".into()))
    );
    assert!(member.backend.is_none() && member.no_query.is_some());
    assert!(problems(named("orders")).contains(&"no-replica"));
}

#[tokio::test]
async fn a_denied_listing_takes_no_other_rows_away() {
    let scene = Scene::new(|operation, _| match operation {
        "DescribeServerlessCaches" => {
            error(op::describe_serverless_caches::DescribeServerlessCachesError::generic, "AccessDenied")
        }
        "DescribeUpdateActions" => {
            error(op::describe_update_actions::DescribeUpdateActionsError::generic, "AccessDenied")
        }
        other => listing(other),
    });
    let (end, parts) = scene.await.list(&ElastiCache).await;
    assert_eq!(end, Ok(()));
    assert!(parts.iter().any(|p| p.aside.as_ref().is_some_and(|f| f.kind == FailureKind::Denied)));
    assert_eq!(rows(&parts).len(), 5);
    let scene = Scene::new(|operation, _| match operation {
        "DescribeReplicationGroups" => {
            error(op::describe_replication_groups::DescribeReplicationGroupsError::generic, "AccessDenied")
        }
        other => listing(other),
    });
    let (end, parts) = scene.await.list(&ElastiCache).await;
    assert_eq!(end.map_err(|f| f.kind), Err(FailureKind::Denied));
    assert_eq!(rows(&parts).len(), 3, "Memcached, the single node and Serverless are still there");
}

#[tokio::test]
async fn a_failover_names_its_shard_and_ends_when_the_shard_serves() {
    let at = |status: &'static str| {
        Scene::new(move |operation, input: &Input| match operation {
            "TestFailover" => {
                let input = input.downcast_ref::<op::test_failover::TestFailoverInput>()?;
                assert_eq!(input.node_group_id(), Some("0001"));
                answer(op::test_failover::TestFailoverOutput::builder().build())
            }
            "DescribeReplicationGroups" => groups(group(status).build()),
            _ => None,
        })
    };
    let failover = operation(&ElastiCache, "failover", "group", "orders", &[]);
    let scene = at("modifying").await;
    scene.perform(&ElastiCache, "failover", "group", "orders", &[]).await.unwrap();
    assert_eq!(scene.count("TestFailover"), 1);
    assert_eq!(ElastiCache.follow(&scene.reach, &failover).await.map(|o| o.done), Ok(false));
    assert_eq!(ElastiCache.follow(&at("available").await.reach, &failover).await.map(|o| o.done), Ok(true));
    let broken = ElastiCache.follow(&at("create-failed").await.reach, &failover).await;
    assert_eq!(broken.map_err(|f| f.kind), Err(FailureKind::Rejected));
}

#[tokio::test]
async fn a_delete_keeps_a_snapshot_unless_it_is_waived_and_memcached_has_none() {
    let scene = Scene::new(|operation, input: &Input| match operation {
        "DeleteReplicationGroup" => {
            answer(op::delete_replication_group::DeleteReplicationGroupOutput::builder().build())
        }
        "DeleteCacheCluster" => {
            let input = input.downcast_ref::<op::delete_cache_cluster::DeleteCacheClusterInput>()?;
            assert_eq!(input.final_snapshot_identifier().is_some(), input.cache_cluster_id() == Some("old"));
            answer(op::delete_cache_cluster::DeleteCacheClusterOutput::builder().build())
        }
        "DescribeReplicationGroups" => error(
            op::describe_replication_groups::DescribeReplicationGroupsError::generic,
            "ReplicationGroupNotFoundFault",
        ),
        _ => None,
    })
    .await;
    let plain = scene.perform(&ElastiCache, "delete", "group", "orders", &[]).await.unwrap();
    assert!(plain.made.is_some_and(|name| name.as_str().starts_with("orders-final-")));
    let skip = [("skip-final-snapshot", "yes")];
    let bare = scene.perform(&ElastiCache, "delete", "group", "orders", &skip).await;
    assert_eq!(bare.map_err(|f| f.kind), Err(FailureKind::Usage));
    let delete = operation(&ElastiCache, "delete", "group", "orders", &[]);
    assert_eq!(ElastiCache.follow(&scene.reach, &delete).await.map(|o| o.done), Ok(true));
    scene.perform(&ElastiCache, "delete-single", "single", "old", &[]).await.unwrap();
    scene.perform(&ElastiCache, "delete-memcached", "memcached", "sessions", &[]).await.unwrap();
}

#[tokio::test]
async fn numbers_are_checked_before_anything_is_sent() {
    let scene = Scene::new(|_, _| None).await;
    for (id, kind, field) in [
        ("more-replicas", "group", "replicas"),
        ("fewer-replicas", "group", "replicas"),
        ("reshard", "group", "shards"),
        ("node-count", "memcached", "count"),
        ("limits", "serverless", "max-gb"),
    ] {
        for nonsense in ["-1", "many", "99999999", ""] {
            let failed = scene.perform(&ElastiCache, id, kind, "x", &[(field, nonsense)]).await;
            assert_eq!(failed.map_err(|f| f.kind), Err(FailureKind::Usage), "{id} {nonsense}");
        }
    }
}
