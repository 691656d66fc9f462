use super::{DocDb, spec::SPEC};
use crate::aws::answers::Reply;
use crate::model::{Cell, DialectId, EndpointRole, EngineId, FailureKind, Health, Resource};
use crate::services::scripted::{Scene, answer, error, is_sound, operation, rows};
use crate::services::{Service, aurora::Aurora, find, rds::Rds};
use aws_sdk_docdbelastic::operation::get_cluster::{GetClusterError, GetClusterInput, GetClusterOutput};
use aws_sdk_docdbelastic::operation::list_clusters::{ListClustersError, ListClustersOutput};
use aws_sdk_docdbelastic::operation::stop_cluster::StopClusterOutput;
use aws_sdk_docdbelastic::operation::update_cluster::{UpdateClusterInput, UpdateClusterOutput};
use aws_sdk_docdbelastic::types::{Auth, Cluster, ClusterInList, Shard, Status};
use aws_sdk_rds::operation::describe_db_clusters::DescribeDbClustersOutput;
use aws_sdk_rds::operation::describe_db_instances::DescribeDbInstancesOutput;
use aws_sdk_rds::operation::modify_db_cluster::{ModifyDbClusterInput, ModifyDbClusterOutput};
use aws_sdk_rds::types::{
    ClusterPendingModifiedValues, DbCluster, DbClusterMember, DbInstance, Endpoint, MasterUserSecret,
    ServerlessV2ScalingConfigurationInfo,
};
use aws_smithy_runtime_api::client::interceptors::context::Input;

const ARN: &str = "arn:aws:docdb-elastic:eu-west-1:1:cluster/0f0e";

fn cluster(engine: &str, name: &str) -> DbCluster {
    let member = |id: String, writer: bool| {
        DbClusterMember::builder().db_instance_identifier(id).is_cluster_writer(writer).build()
    };
    DbCluster::builder()
        .db_cluster_identifier(name)
        .db_cluster_arn(format!("arn:aws:rds:eu-west-1:1:cluster:{name}"))
        .engine(engine)
        .engine_version("5.0.0")
        .status("available")
        .endpoint(format!("{name}.cluster.example"))
        .reader_endpoint(format!("{name}.reader.example"))
        .master_username("keeper")
        .master_user_secret(MasterUserSecret::builder().secret_arn("arn:secret").build())
        .pending_modified_values(ClusterPendingModifiedValues::builder().build())
        .db_cluster_members(member(format!("{name}-1"), true))
        .db_cluster_members(member(format!("{name}-2"), false))
        .serverless_v2_scaling_configuration(
            ServerlessV2ScalingConfigurationInfo::builder().min_capacity(0.5).max_capacity(16.0).build(),
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
        .endpoint(Endpoint::builder().address(format!("{name}.example")).port(27017).build())
        .build()
}

fn elastic(status: &str) -> Cluster {
    Cluster::builder()
        .cluster_name("books")
        .cluster_arn(ARN)
        .status(Status::from(status))
        .cluster_endpoint("books-1.eu-west-1.docdb-elastic.amazonaws.com")
        .create_time("2026-01-02T03:04:05Z")
        .admin_user_name("admin")
        .auth_type(Auth::PlainText)
        .shard_capacity(2)
        .shard_count(3)
        .shard_instance_count(2)
        .set_vpc_security_group_ids(Some(vec!["sg-1".to_owned()]))
        .set_subnet_ids(Some(Vec::new()))
        .preferred_maintenance_window("sat:02:00-sat:02:30")
        .kms_key_id("AWS_OWNED_KMS_KEY")
        .shards(
            Shard::builder()
                .shard_id("s-1")
                .create_time("2026-01-02T03:04:05Z")
                .status(Status::Active)
                .build()
                .unwrap(),
        )
        .build()
        .unwrap()
}

fn listed() -> ClusterInList {
    let listed = ClusterInList::builder().cluster_name("books").cluster_arn(ARN).status(Status::Active);
    listed.build().unwrap()
}

/// A place with a DocumentDB cluster beside an Aurora and a Neptune one, and one elastic cluster.
fn script(operation: &str, input: &Input) -> Option<Reply> {
    match operation {
        "DescribeDBClusters" => {
            let all = [("docdb", "shelf"), ("aurora-mysql", "shop"), ("neptune", "kg")];
            let all = all.iter().map(|(engine, name)| cluster(engine, name)).collect();
            answer(DescribeDbClustersOutput::builder().set_db_clusters(Some(all)).build())
        }
        "DescribeDBInstances" => {
            let all = vec![
                instance("docdb", "shelf", 1),
                instance("docdb", "shelf", 2),
                instance("aurora-mysql", "shop", 1),
            ];
            answer(DescribeDbInstancesOutput::builder().set_db_instances(Some(all)).build())
        }
        "ListClusters" => answer(ListClustersOutput::builder().clusters(listed()).build()),
        "GetCluster" => {
            assert_eq!(input.downcast_ref::<GetClusterInput>()?.cluster_arn(), Some(ARN));
            answer(GetClusterOutput::builder().cluster(elastic("ACTIVE")).build())
        }
        "ModifyDBCluster" => {
            let input = input.downcast_ref::<ModifyDbClusterInput>()?;
            let range = input.serverless_v2_scaling_configuration()?;
            assert_eq!((range.min_capacity(), range.max_capacity()), (Some(0.5), Some(256.0)));
            answer(ModifyDbClusterOutput::builder().build())
        }
        "UpdateCluster" => {
            let input = input.downcast_ref::<UpdateClusterInput>()?;
            assert_eq!((input.cluster_arn(), input.shard_count()), (Some(ARN), Some(4)));
            assert_eq!((input.shard_capacity(), input.shard_instance_count()), (None, None));
            answer(UpdateClusterOutput::builder().cluster(elastic("UPDATING")).build())
        }
        "StopCluster" => answer(StopClusterOutput::builder().cluster(elastic("STOPPING")).build()),
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
async fn only_documentdb_is_listed_with_its_members_and_elastic_clusters() {
    let scene = Scene::new(script).await;
    let (end, parts) = scene.list(&DocDb).await;
    end.unwrap();
    let rows = rows(&parts);
    let mut names: Vec<&str> = rows.iter().map(|r| r.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["books", "shelf", "shelf-1", "shelf-2"]);
    rows.iter().for_each(|row| is_sound(&DocDb, row));
    assert_eq!(cell(found(&rows, "shelf-1"), "role"), &Cell::Text("writer".into()));
    assert_eq!(cell(found(&rows, "shelf-1"), "dcu"), &Cell::Absent);
    assert_eq!(cell(found(&rows, "shelf-2"), "dcu"), &Cell::Text("0.5–16".into()));
    let backend = found(&rows, "shelf").backend.clone().unwrap();
    assert_eq!((backend.engine, backend.dialect), (EngineId::MongoDb, DialectId::MongoDb));
    assert_eq!((backend.endpoints[0].role, backend.endpoints[0].port), (EndpointRole::Reader, 27017));
    assert_eq!(
        (backend.user.as_deref(), backend.secret_arn.as_deref()),
        (Some("keeper"), Some("arn:secret"))
    );
    let member = found(&rows, "shelf-2").backend.clone().unwrap();
    assert_eq!(member.secret_arn.as_deref(), Some("arn:secret"), "the cluster's secret is its members'");
    let books = found(&rows, "books");
    assert_eq!(cell(books, "shards"), &Cell::Count(3));
    assert_eq!(cell(books, "members"), &Cell::Count(6));
    assert_eq!(books.backend.as_ref().map(|b| b.endpoints[0].port), Some(27017));
    assert_eq!(books.dimensions[0], ("ClusterId", "0f0e".into()));
}

#[tokio::test]
async fn neither_rds_nor_aurora_lists_documentdb() {
    for service in [&Rds as &dyn Service, &Aurora] {
        let scene = Scene::new(script).await;
        let (_, parts) = scene.list(service).await;
        let rows = rows(&parts);
        assert!(rows.iter().all(|r| !r.name.as_str().starts_with("shelf")), "{rows:#?}");
    }
    for name in ["docdb", "documentdb", "mongo"] {
        assert_eq!(find(name).map(|s| s.spec().title), Some("DocumentDB"), "{name}");
    }
}

#[tokio::test]
async fn a_region_without_elastic_clusters_still_shows_its_clusters() {
    let scene = Scene::new(|operation, input| match operation {
        "ListClusters" => error(ListClustersError::generic, "AccessDeniedException"),
        _ => script(operation, input),
    })
    .await;
    let (end, parts) = scene.list(&DocDb).await;
    end.unwrap();
    assert_eq!(rows(&parts).len(), 3);
    assert!(parts.last().unwrap().aside.is_some(), "and says what could not be had");
}

#[tokio::test]
async fn an_elastic_cluster_that_cannot_be_described_keeps_its_row() {
    let scene = Scene::new(|operation, input| match operation {
        "GetCluster" => error(GetClusterError::generic, "AccessDeniedException"),
        _ => script(operation, input),
    })
    .await;
    let (end, parts) = scene.list(&DocDb).await;
    end.unwrap();
    let rows = rows(&parts);
    let books = found(&rows, "books");
    assert_eq!(books.health, Health::Good("ACTIVE".into()));
    assert!(books.backend.is_none() && books.no_query.is_some());
    is_sound(&DocDb, books);
}

#[tokio::test]
async fn a_new_word_for_a_status_is_shown_as_it_came() {
    let scene = Scene::new(|operation, input| match operation {
        "GetCluster" => answer(GetClusterOutput::builder().cluster(elastic("BREATHING")).build()),
        _ => script(operation, input),
    })
    .await;
    let id = operation(&DocDb, "stop-elastic", "elastic", "books", &[]).on;
    let detail = DocDb.describe(&scene.reach, &id).await.unwrap();
    assert_eq!(detail.resource.health, Health::Unknown("BREATHING".into()));
    assert!(detail.sections.iter().any(|s| s.title.as_str() == "Shards" && s.facts.len() == 1));
    let other = operation(&DocDb, "stop-elastic", "elastic", "none", &[]).on;
    assert_eq!(DocDb.describe(&scene.reach, &other).await.unwrap_err().kind, FailureKind::NotFound);
    let neptune = operation(&DocDb, "stop", "cluster", "kg", &[]).on;
    assert_eq!(DocDb.locate(&scene.reach, &neptune).await.unwrap_err().kind, FailureKind::NotFound);
}

#[tokio::test]
async fn operations_are_checked_before_they_are_sent() {
    let scene = Scene::new(script).await;
    for (least, most) in [("0", "16"), ("1.2", "16"), ("8", "4"), ("0.5", "0.5"), ("x", "16"), ("1", "257")] {
        let fields = [("min-dcu", least), ("max-dcu", most)];
        let wrong = scene.perform(&DocDb, "dcu-range", "cluster", "shelf", &fields).await.unwrap_err();
        assert_eq!(wrong.kind, FailureKind::Usage, "{least} {most}");
    }
    assert_eq!(scene.count("ModifyDBCluster"), 0);
    let fields = [("min-dcu", "0.5"), ("max-dcu", "256")];
    assert!(!scene.perform(&DocDb, "dcu-range", "cluster", "shelf", &fields).await.unwrap().done);
    for fields in [&[][..], &[("shards", "33")], &[("shards", "many")], &[("instances", "0")]] {
        let wrong = scene.perform(&DocDb, "scale-elastic", "elastic", "books", fields).await.unwrap_err();
        assert_eq!(wrong.kind, FailureKind::Usage, "{fields:?}");
    }
    assert_eq!(scene.count("UpdateCluster"), 0);
    scene.perform(&DocDb, "scale-elastic", "elastic", "books", &[("shards", "4")]).await.unwrap();
    scene.perform(&DocDb, "stop-elastic", "elastic", "books", &[]).await.unwrap();
    let what = operation(&DocDb, "stop-elastic", "elastic", "books", &[]);
    assert!(!DocDb.follow(&scene.reach, &what).await.unwrap().done, "it still says ACTIVE");
    let what = operation(&DocDb, "scale-elastic", "elastic", "books", &[]);
    assert!(DocDb.follow(&scene.reach, &what).await.unwrap().done);
}
