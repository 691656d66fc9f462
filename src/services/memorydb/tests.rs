use super::{MemoryDb, spec::SPEC};
use crate::aws::answers::Reply;
use crate::model::{Cell, EngineId, FailureKind, Health, Resource};
use crate::services::Service;
use crate::services::scripted::{Scene, answer, error, is_sound, operation, rows};
use aws_sdk_memorydb::operation as op;
use aws_sdk_memorydb::types::builders::ClusterBuilder;
use aws_sdk_memorydb::types::{AcLsUpdateStatus, Cluster, ClusterPendingUpdates, Endpoint, Node, Shard};
use aws_smithy_runtime_api::client::interceptors::context::Input;

fn at(host: &str) -> Endpoint {
    Endpoint::builder().address(host).port(6379).build()
}

fn cluster(status: &str) -> ClusterBuilder {
    let node = |n: &str| {
        let name = format!("carts-0001-{n}");
        Node::builder().name(&name).status("available").endpoint(at(&format!("{name}.x"))).build()
    };
    let shard = Shard::builder()
        .name("0001")
        .status("available")
        .slots("0-16383")
        .nodes(node("001"))
        .nodes(node("002"));
    Cluster::builder()
        .name("carts")
        .status(status)
        .engine("valkey")
        .engine_version("7.3")
        .node_type("db.r7g.large")
        .number_of_shards(1)
        .shards(shard.build())
        .cluster_endpoint(at("clustercfg.carts.x"))
        .tls_enabled(true)
        .acl_name("app")
        .snapshot_retention_limit(0)
        .pending_updates(
            ClusterPendingUpdates::builder()
                .acls(AcLsUpdateStatus::builder().acl_to_apply("new").build())
                .build(),
        )
}

fn clusters(cluster: Cluster) -> Option<Reply> {
    answer(op::describe_clusters::DescribeClustersOutput::builder().clusters(cluster).build())
}

fn cell<'a>(row: &'a Resource, column: &str) -> &'a Cell {
    &row.cells[SPEC.columns.iter().position(|c| c.id == column).unwrap()]
}

#[tokio::test]
async fn clusters_and_their_nodes_are_rows() {
    let scene = Scene::new(|operation, input: &Input| match operation {
        "DescribeClusters" => {
            let input = input.downcast_ref::<op::describe_clusters::DescribeClustersInput>()?;
            assert_eq!(input.show_shard_details(), Some(true), "without it AWS tells no nodes");
            clusters(cluster("available").build())
        }
        _ => None,
    })
    .await;
    let (end, parts) = scene.list(&MemoryDb).await;
    assert_eq!(end, Ok(()));
    let rows = rows(&parts);
    assert_eq!(rows.len(), 3);
    rows.iter().for_each(|r| is_sound(&MemoryDb, r));
    let carts = &rows[0];
    assert_eq!(cell(carts, "engine"), &Cell::Text("valkey 7.3".into()));
    assert_eq!(cell(carts, "size"), &Cell::Text("db.r7g.large +1".into()));
    assert_eq!(cell(carts, "pending"), &Cell::Text("ACL → new".into()));
    let problems: Vec<&str> = carts.problems.iter().map(|p| p.id).collect();
    assert_eq!(problems, ["no-backup", "pending"]);
    let backend = carts.backend.as_ref().unwrap();
    assert_eq!((backend.engine, backend.user.as_deref()), (EngineId::Redis, Some("default")));
    let node = &rows[2];
    assert_eq!((node.name.as_str(), node.parent.as_deref()), ("carts-0001-002", Some("carts")));
    assert_eq!(&*node.backend.as_ref().unwrap().endpoints[0].host, "carts-0001-002.x");
    let detail = MemoryDb.locate(&scene.reach, &node.id).await.unwrap();
    assert_eq!(detail.resource.id, node.id);
}

#[tokio::test]
async fn open_access_asks_for_no_login_and_is_a_risk() {
    let open = cluster("available").acl_name("open-access").tls_enabled(false).build();
    let rows = super::row::rows(&crate::services::scripted::place(), &open);
    let backend = rows[0].backend.as_ref().unwrap();
    assert_eq!((backend.engine, backend.user.as_deref()), (EngineId::RedisPlain, None));
    let problems: Vec<&str> = rows[0].problems.iter().map(|p| p.id).collect();
    assert!(problems.contains(&"no-auth") && problems.contains(&"no-tls"));
    let odd = cluster("quiescing").build();
    assert!(matches!(super::row::rows(&crate::services::scripted::place(), &odd)[0].health, Health::Busy(_)));
}

#[tokio::test]
async fn a_failover_names_its_shard_and_ends_when_it_serves_again() {
    let at = |status: &'static str| {
        Scene::new(move |operation, input: &Input| match operation {
            "FailoverShard" => {
                let input = input.downcast_ref::<op::failover_shard::FailoverShardInput>()?;
                assert_eq!(input.shard_name(), Some("0002"));
                answer(op::failover_shard::FailoverShardOutput::builder().build())
            }
            "DescribeClusters" => clusters(cluster(status).build()),
            _ => None,
        })
    };
    let fields = [("shard", "0002")];
    let failover = operation(&MemoryDb, "failover", "cluster", "carts", &fields);
    let scene = at("updating").await;
    scene.perform(&MemoryDb, "failover", "cluster", "carts", &fields).await.unwrap();
    assert_eq!(MemoryDb.follow(&scene.reach, &failover).await.map(|o| o.done), Ok(false));
    assert_eq!(MemoryDb.follow(&at("available").await.reach, &failover).await.map(|o| o.done), Ok(true));
}

#[tokio::test]
async fn a_delete_keeps_a_snapshot_and_is_done_when_the_cluster_is_gone() {
    let scene = Scene::new(|operation, input: &Input| match operation {
        "DeleteCluster" => {
            let input = input.downcast_ref::<op::delete_cluster::DeleteClusterInput>()?;
            assert!(input.final_snapshot_name().is_some_and(|n| n.starts_with("carts-final-")));
            answer(op::delete_cluster::DeleteClusterOutput::builder().build())
        }
        "DescribeClusters" => {
            error(op::describe_clusters::DescribeClustersError::generic, "ClusterNotFoundFault")
        }
        _ => None,
    })
    .await;
    scene.perform(&MemoryDb, "delete", "cluster", "carts", &[]).await.unwrap();
    let delete = operation(&MemoryDb, "delete", "cluster", "carts", &[]);
    assert_eq!(MemoryDb.follow(&scene.reach, &delete).await.map(|o| o.done), Ok(true));
    for (id, field) in [("reshard", "shards"), ("replicas", "replicas")] {
        let failed = scene.perform(&MemoryDb, id, "cluster", "carts", &[(field, "many")]).await;
        assert_eq!(failed.map_err(|f| f.kind), Err(FailureKind::Usage), "{id}");
    }
}
