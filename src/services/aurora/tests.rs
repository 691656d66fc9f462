use super::{Aurora, spec::SPEC};
use crate::aws::answers::Reply;
use crate::model::{Cell, EndpointRole, EngineId, FailureKind, Resource};
use crate::services::Service;
use crate::services::scripted::{Scene, answer, error, is_sound, operation, rows};
use aws_sdk_rds::operation::describe_db_clusters::DescribeDbClustersOutput;
use aws_sdk_rds::operation::describe_db_instances::DescribeDbInstancesOutput;
use aws_sdk_rds::operation::describe_global_clusters::{
    DescribeGlobalClustersError, DescribeGlobalClustersOutput,
};
use aws_sdk_rds::operation::failover_db_cluster::{FailoverDbClusterInput, FailoverDbClusterOutput};
use aws_sdk_rds::types::builders::DbClusterBuilder;
use aws_sdk_rds::types::{
    DbCluster, DbClusterMember, DbInstance, Endpoint, GlobalCluster, ServerlessV2ScalingConfigurationInfo,
};
use aws_smithy_runtime_api::client::interceptors::context::Input;

fn member(name: &str, writer: bool) -> DbClusterMember {
    DbClusterMember::builder()
        .db_instance_identifier(name)
        .is_cluster_writer(writer)
        .promotion_tier(1)
        .build()
}

fn cluster(status: &str, writer: &str) -> DbClusterBuilder {
    DbCluster::builder()
        .db_cluster_identifier("registry")
        .db_cluster_arn("arn:aws:rds:eu-west-1:1:cluster:registry")
        .engine("aurora-postgresql")
        .engine_version("16.4")
        .status(status)
        .database_name("ml")
        .port(5432)
        .endpoint("writer.example")
        .reader_endpoint("reader.example")
        .http_endpoint_enabled(true)
        .db_cluster_members(member("registry-1", writer == "registry-1"))
        .db_cluster_members(member("registry-2", writer == "registry-2"))
        .serverless_v2_scaling_configuration(
            ServerlessV2ScalingConfigurationInfo::builder().min_capacity(0.5).max_capacity(16.0).build(),
        )
}

fn instances() -> Vec<DbInstance> {
    let one = |name: &str| {
        DbInstance::builder()
            .db_instance_identifier(name)
            .db_cluster_identifier("registry")
            .engine("aurora-postgresql")
            .db_instance_status("available")
            .db_instance_class("db.serverless")
            .endpoint(Endpoint::builder().address(format!("{name}.example")).port(5432).build())
            .build()
    };
    vec![one("registry-1"), one("registry-2")]
}

fn globals() -> Option<Reply> {
    let global = GlobalCluster::builder().global_cluster_identifier("world").engine("aurora-postgresql");
    let other = GlobalCluster::builder().global_cluster_identifier("graph").engine("neptune");
    answer(
        DescribeGlobalClustersOutput::builder()
            .global_clusters(global.build())
            .global_clusters(other.build())
            .build(),
    )
}

/// A place with one cluster of two members, `writer` writing.
async fn scene(status: &'static str, writer: &'static str, globals: fn() -> Option<Reply>) -> Scene {
    Scene::new(move |operation, input: &Input| match operation {
        "DescribeDBClusters" => {
            answer(DescribeDbClustersOutput::builder().db_clusters(cluster(status, writer).build()).build())
        }
        "DescribeDBInstances" => {
            answer(DescribeDbInstancesOutput::builder().set_db_instances(Some(instances())).build())
        }
        "DescribeGlobalClusters" => globals(),
        "FailoverDBCluster" => {
            let input = input.downcast_ref::<FailoverDbClusterInput>()?;
            assert_eq!(input.target_db_instance_identifier(), Some("registry-2"));
            answer(FailoverDbClusterOutput::builder().build())
        }
        _ => None,
    })
    .await
}

fn cell<'a>(row: &'a Resource, column: &str) -> &'a Cell {
    &row.cells[SPEC.columns.iter().position(|c| c.id == column).unwrap()]
}

#[tokio::test]
async fn a_cluster_its_members_and_the_global_database_are_rows() {
    let scene = scene("available", "registry-1", globals).await;
    let (end, parts) = scene.list(&Aurora).await;
    assert_eq!(end, Ok(()));
    let rows = rows(&parts);
    rows.iter().for_each(|r| is_sound(&Aurora, r));
    let named = |name: &str| rows.iter().find(|r| r.name.as_str() == name).unwrap();
    assert_eq!(rows.len(), 4, "the graph is another service's");
    let cluster = named("registry");
    assert_eq!(cell(cluster, "acu"), &Cell::Text("0.5–16".into()));
    assert_eq!(cell(cluster, "members"), &Cell::Count(2));
    let backend = cluster.backend.as_ref().unwrap();
    assert_eq!(backend.engine, EngineId::Postgres);
    assert_eq!(backend.data_api.as_deref(), Some("arn:aws:rds:eu-west-1:1:cluster:registry"));
    let roles: Vec<_> = backend.endpoints.iter().map(|e| e.role).collect();
    assert_eq!(roles, [EndpointRole::Reader, EndpointRole::Writer], "reading comes first");
    for (name, role) in [("registry-1", "writer"), ("registry-2", "reader")] {
        assert_eq!(cell(named(name), "role"), &Cell::Text(role.into()));
        assert_eq!(named(name).parent.as_deref(), Some("registry"));
        let backend = named(name).backend.as_ref().unwrap();
        assert_eq!(backend.endpoints.len(), 1);
        assert_eq!(backend.database.as_deref(), Some("ml"), "the database is the cluster's");
    }
    assert!(named("world").backend.is_none() && named("world").no_query.is_some());
}

#[tokio::test]
async fn without_the_right_to_list_global_databases_clusters_still_show() {
    let denied = || error(DescribeGlobalClustersError::generic, "AccessDenied");
    let (end, parts) = scene("available", "registry-1", denied).await.list(&Aurora).await;
    assert_eq!(end, Ok(()));
    assert_eq!(rows(&parts).len(), 3);
}

#[tokio::test]
async fn a_failover_ends_when_the_chosen_reader_writes() {
    let target = [("target", "registry-2")];
    let failover = operation(&Aurora, "failover", "cluster", "registry", &target);
    let before = scene("available", "registry-1", globals).await;
    let started = before.perform(&Aurora, "failover", "cluster", "registry", &target).await.unwrap();
    assert!(!started.done);
    let done =
        |end: Result<crate::model::Outcome, crate::model::Failure>| end.map(|o| o.done).map_err(|f| f.kind);
    assert_eq!(done(Aurora.follow(&before.reach, &failover).await), Ok(false), "the writer has not moved");
    let moving = scene("failing-over", "registry-2", globals).await;
    assert_eq!(done(Aurora.follow(&moving.reach, &failover).await), Ok(false));
    let after = scene("available", "registry-2", globals).await;
    assert_eq!(done(Aurora.follow(&after.reach, &failover).await), Ok(true));
    let failed = scene("failed", "registry-1", globals).await;
    assert_eq!(done(Aurora.follow(&failed.reach, &failover).await), Err(FailureKind::Rejected));
}

#[tokio::test]
async fn one_member_is_described_with_its_role() {
    let scene = scene("available", "registry-2", globals).await;
    let (_, parts) = scene.list(&Aurora).await;
    let rows = rows(&parts);
    let id = &rows.iter().find(|r| r.name.as_str() == "registry-2").unwrap().id;
    let detail = Aurora.describe(&scene.reach, id).await.unwrap();
    assert_eq!(cell(&detail.resource, "role"), &Cell::Text("writer".into()));
    assert!(detail.sections.iter().any(|s| s.title.as_str() == "Events of the last day"));
}
