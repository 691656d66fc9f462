use super::{Neptune, spec::SPEC};
use crate::aws::answers::Reply;
use crate::model::{Cell, DialectId, EndpointRole, EngineId, FailureKind, Resource};
use crate::services::Service;
use crate::services::scripted::{Scene, answer, error, is_sound, operation, rows};
use aws_sdk_neptunegraph::operation::delete_graph::{DeleteGraphInput, DeleteGraphOutput};
use aws_sdk_neptunegraph::operation::get_graph::GetGraphError;
use aws_sdk_neptunegraph::operation::list_graphs::{ListGraphsError, ListGraphsOutput};
use aws_sdk_neptunegraph::types::{GraphStatus, GraphSummary};
use aws_sdk_rds::operation::describe_db_clusters::DescribeDbClustersOutput;
use aws_sdk_rds::operation::describe_db_instances::DescribeDbInstancesOutput;
use aws_sdk_rds::operation::modify_db_cluster::{ModifyDbClusterInput, ModifyDbClusterOutput};
use aws_sdk_rds::types::{
    DbCluster, DbClusterMember, DbInstance, Endpoint, ServerlessV2ScalingConfigurationInfo,
};
use aws_smithy_runtime_api::client::interceptors::context::Input;

fn cluster(engine: &str, name: &str) -> DbCluster {
    let member = |id: String, writer: bool| {
        DbClusterMember::builder().db_instance_identifier(id).is_cluster_writer(writer).build()
    };
    DbCluster::builder()
        .db_cluster_identifier(name)
        .db_cluster_arn(format!("arn:aws:rds:eu-west-1:1:cluster:{name}"))
        .engine(engine)
        .engine_version("1.4.5.1")
        .status("available")
        .endpoint(format!("{name}.cluster.example"))
        .reader_endpoint(format!("{name}.reader.example"))
        .iam_database_authentication_enabled(true)
        .db_cluster_members(member(format!("{name}-1"), true))
        .db_cluster_members(member(format!("{name}-2"), false))
        .serverless_v2_scaling_configuration(
            ServerlessV2ScalingConfigurationInfo::builder().min_capacity(1.0).max_capacity(16.5).build(),
        )
        .build()
}

fn instance(engine: &str, cluster: &str, n: u8) -> DbInstance {
    let name = format!("{cluster}-{n}");
    DbInstance::builder()
        .db_instance_identifier(&name)
        .db_cluster_identifier(cluster)
        .engine(engine)
        .db_instance_status("available")
        .db_instance_class(if n == 2 { "db.serverless" } else { "db.r6g.large" })
        .endpoint(Endpoint::builder().address(format!("{name}.example")).port(8182).build())
        .build()
}

fn graph(status: &str) -> GraphSummary {
    GraphSummary::builder()
        .id("g-0123456789")
        .name("lineage")
        .arn("arn:aws:neptune-graph:eu-west-1:1:graph/g-0123456789")
        .status(GraphStatus::from(status))
        .provisioned_memory(32)
        .build()
        .unwrap()
}

/// A place with a Neptune cluster beside an Aurora and a DocumentDB one, and one graph.
fn script(operation: &str, input: &Input) -> Option<Reply> {
    match operation {
        "DescribeDBClusters" => {
            let all = [("neptune", "kg"), ("aurora-mysql", "shop"), ("docdb", "docs")];
            let all = all.iter().map(|(engine, name)| cluster(engine, name)).collect();
            answer(DescribeDbClustersOutput::builder().set_db_clusters(Some(all)).build())
        }
        "DescribeDBInstances" => {
            let all = vec![
                instance("neptune", "kg", 1),
                instance("neptune", "kg", 2),
                instance("aurora-mysql", "shop", 1),
            ];
            answer(DescribeDbInstancesOutput::builder().set_db_instances(Some(all)).build())
        }
        "ListGraphs" => answer(ListGraphsOutput::builder().graphs(graph("AVAILABLE")).build().unwrap()),
        "ModifyDBCluster" => {
            let input = input.downcast_ref::<ModifyDbClusterInput>()?;
            let range = input.serverless_v2_scaling_configuration()?;
            assert_eq!((range.min_capacity(), range.max_capacity()), (Some(1.5), Some(32.0)));
            answer(ModifyDbClusterOutput::builder().build())
        }
        "DeleteGraph" => {
            let input = input.downcast_ref::<DeleteGraphInput>()?;
            assert_eq!(input.skip_snapshot(), Some(false), "a copy is kept by default");
            let gone = DeleteGraphOutput::builder().id("g-0123456789").name("lineage").arn("a").build();
            answer(gone.unwrap())
        }
        "GetGraph" => error(GetGraphError::generic, "ResourceNotFoundException"),
        _ => None,
    }
}

fn found<'r>(rows: &'r [Resource], name: &str) -> &'r Resource {
    rows.iter().find(|r| r.name.as_str() == name).unwrap_or_else(|| panic!("no row {name}"))
}

fn cell<'r>(row: &'r Resource, column: &str) -> &'r Cell {
    let at = SPEC.columns.iter().position(|c| c.id == column).unwrap();
    &row.cells[at]
}

#[tokio::test]
async fn only_neptune_is_listed_with_its_members_and_graphs() {
    let scene = Scene::new(script).await;
    let (end, parts) = scene.list(&Neptune).await;
    end.unwrap();
    let rows = rows(&parts);
    let mut names: Vec<&str> = rows.iter().map(|r| r.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["kg", "kg-1", "kg-2", "lineage"]);
    rows.iter().for_each(|row| is_sound(&Neptune, row));
    assert_eq!(cell(found(&rows, "kg-1"), "role"), &Cell::Text("writer".into()));
    assert_eq!(cell(found(&rows, "kg-1"), "ncu"), &Cell::Absent);
    assert_eq!(cell(found(&rows, "kg-2"), "role"), &Cell::Text("reader".into()));
    assert_eq!(cell(found(&rows, "kg-2"), "ncu"), &Cell::Text("1–16.5".into()));
    let backend = found(&rows, "kg").backend.clone().unwrap();
    assert_eq!((backend.engine, backend.iam_login), (EngineId::Neptune, true));
    assert_eq!((backend.endpoints[0].role, backend.endpoints[0].port), (EndpointRole::Reader, 8182));
    assert_eq!(backend.languages(), [DialectId::OpenCypher, DialectId::Gremlin, DialectId::Sparql]);
    let graph = found(&rows, "lineage");
    assert_eq!(&*graph.id.name, "g-0123456789");
    assert_eq!(graph.backend.as_ref().map(|b| b.engine), Some(EngineId::NeptuneAnalytics));
    assert_eq!(graph.backend.as_ref().unwrap().languages(), [DialectId::OpenCypher]);
}

#[tokio::test]
async fn a_region_without_analytics_still_shows_its_clusters() {
    let scene = Scene::new(|operation, input| match operation {
        "ListGraphs" => error(ListGraphsError::generic, "AccessDeniedException"),
        _ => script(operation, input),
    })
    .await;
    let (end, parts) = scene.list(&Neptune).await;
    end.unwrap();
    assert_eq!(rows(&parts).len(), 3);
    assert!(parts.last().unwrap().aside.is_some(), "and says what could not be had");
}

#[tokio::test]
async fn the_engine_is_asked_for_the_detail_view_alone() {
    let scene = Scene::new(script).await;
    let id = operation(&Neptune, "start", "cluster", "kg", &[]).on;
    let located = Neptune.locate(&scene.reach, &id).await.unwrap();
    assert_eq!(scene.count("GetEngineStatus"), 0);
    assert!(located.sections.iter().any(|s| s.title.as_str() == "Connection"));
    let detail = Neptune.describe(&scene.reach, &id).await.unwrap();
    let engine = detail.sections.iter().find(|s| s.title.as_str() == "Engine").unwrap();
    assert_eq!(engine.facts[0].0.as_str(), "not known");
    let other = operation(&Neptune, "start", "cluster", "shop", &[]).on;
    let failure = Neptune.locate(&scene.reach, &other).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
}

#[tokio::test]
async fn operations_are_checked_before_they_are_sent() {
    let scene = Scene::new(script).await;
    for (least, most) in [("0.5", "16"), ("1.2", "16"), ("8", "4"), ("1", "2"), ("x", "16"), ("1", "NaN")] {
        let fields = [("min-ncu", least), ("max-ncu", most)];
        let wrong = scene.perform(&Neptune, "ncu-range", "cluster", "kg", &fields).await.unwrap_err();
        assert_eq!(wrong.kind, FailureKind::Usage, "{least} {most}");
    }
    assert_eq!(scene.count("ModifyDBCluster"), 0);
    let fields = [("min-ncu", "1.5"), ("max-ncu", "32")];
    assert!(!scene.perform(&Neptune, "ncu-range", "cluster", "kg", &fields).await.unwrap().done);
    let skip = [("skip-snapshot", "yes")];
    let graph = "g-0123456789";
    let wrong = scene.perform(&Neptune, "delete-graph", "graph", graph, &skip).await.unwrap_err();
    assert_eq!(wrong.kind, FailureKind::Usage);
    assert_eq!(scene.count("DeleteGraph"), 0);
    scene.perform(&Neptune, "delete-graph", "graph", graph, &[]).await.unwrap();
    let what = operation(&Neptune, "delete-graph", "graph", graph, &[]);
    assert!(Neptune.follow(&scene.reach, &what).await.unwrap().done, "gone is the end of a delete");
}
