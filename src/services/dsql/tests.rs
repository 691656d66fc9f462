use super::{Dsql, spec::SPEC};
use crate::aws::answers::Reply;
use crate::model::{Cell, DialectId, EngineId, FailureKind, Health, Resource, Target};
use crate::query::engine::Login;
use crate::query::login;
use crate::services::Service;
use crate::services::scripted::{Scene, answer, error, is_sound, operation, rows};
use aws_sdk_dsql::operation::delete_cluster::{DeleteClusterInput, DeleteClusterOutput};
use aws_sdk_dsql::operation::get_cluster::{GetClusterError, GetClusterInput, GetClusterOutput};
use aws_sdk_dsql::operation::list_clusters::{ListClustersError, ListClustersOutput};
use aws_sdk_dsql::operation::list_streams::ListStreamsError;
use aws_sdk_dsql::operation::update_cluster::{UpdateClusterInput, UpdateClusterOutput};
use aws_sdk_dsql::types::{ClusterStatus, ClusterSummary, MultiRegionProperties};
use aws_smithy_types::DateTime;

fn arn(region: &str, name: &str) -> String {
    format!("arn:aws:dsql:{region}:111122223333:cluster/{name}")
}

fn list(names: &[&str]) -> Option<Reply> {
    let summary = |name: &&str| {
        ClusterSummary::builder().identifier(*name).arn(arn("eu-west-1", name)).build().unwrap()
    };
    answer(
        ListClustersOutput::builder()
            .set_clusters(Some(names.iter().map(summary).collect()))
            .build()
            .unwrap(),
    )
}

fn cluster(name: &str, status: &str, protected: bool) -> Option<Reply> {
    let linked = MultiRegionProperties::builder()
        .witness_region("eu-central-1")
        .clusters(arn("eu-west-1", name))
        .clusters(arn("eu-west-3", "peer"));
    let output = GetClusterOutput::builder()
        .identifier(name)
        .arn(arn("eu-west-1", name))
        .status(ClusterStatus::from(status))
        .creation_time(DateTime::from_secs(1_750_000_000))
        .deletion_protection_enabled(protected)
        .multi_region_properties(linked.build())
        .tags("Name", "bookings")
        .endpoint(format!("{name}.dsql.eu-west-1.on.aws"));
    answer(output.build().unwrap())
}

fn cell<'a>(row: &'a Resource, column: &str) -> &'a Cell {
    &row.cells[SPEC.columns.iter().position(|c| c.id == column).unwrap()]
}

#[tokio::test]
async fn clusters_are_rows_with_their_topology() {
    let scene = Scene::new(|operation, input| match operation {
        "ListClusters" => list(&["aaa", "gone"]),
        "GetCluster" => match input.downcast_ref::<GetClusterInput>()?.identifier() {
            Some("aaa") => cluster("aaa", "ACTIVE", false),
            _ => error(GetClusterError::generic, "ResourceNotFoundException"),
        },
        _ => None,
    });
    let (end, parts) = scene.await.list(&Dsql).await;
    assert_eq!(end, Ok(()));
    let rows = rows(&parts);
    let row = rows.iter().find(|r| r.name.as_str() == "aaa").unwrap();
    is_sound(&Dsql, row);
    assert!(matches!(row.health, Health::Good(_)));
    assert_eq!(cell(row, "regions"), &Cell::Text("2 Regions".into()));
    assert_eq!(cell(row, "witness"), &Cell::Text("eu-central-1".into()));
    assert_eq!(cell(row, "label"), &Cell::Text("bookings".into()));
    assert!(row.problems.iter().any(|p| p.id == "unprotected"));
    let linked = row.facts.iter().find(|s| s.title.as_str() == "Linked clusters").unwrap();
    assert_eq!(linked.facts[0].0.as_str(), "eu-west-3");
    assert_eq!(linked.facts.len(), 2, "the cluster itself is not its own peer");
    let backend = row.backend.as_ref().unwrap();
    assert_eq!((backend.engine, backend.dialect), (EngineId::Postgres, DialectId::Dsql));
    assert_eq!(backend.database.as_deref(), Some("postgres"));
    assert!(backend.iam_login && backend.secret_arn.is_none());
    assert_eq!(backend.endpoints[0].port, 5432);
}

#[tokio::test]
async fn a_denied_listing_and_an_unknown_status_are_told() {
    let scene = Scene::new(|_, _| error(ListClustersError::generic, "AccessDeniedException"));
    let (end, _) = scene.await.list(&Dsql).await;
    assert_eq!(end.unwrap_err().kind, FailureKind::Denied);
    let scene = Scene::new(|operation, _| match operation {
        "ListClusters" => list(&["aaa"]),
        "GetCluster" => cluster("aaa", "DREAMING", true),
        _ => None,
    });
    let (end, parts) = scene.await.list(&Dsql).await;
    assert_eq!(end, Ok(()));
    assert!(matches!(&rows(&parts)[0].health, Health::Unknown(word) if word.as_str() == "DREAMING"));
}

#[tokio::test]
async fn details_come_without_the_right_to_streams() {
    let scene = Scene::new(|operation, _| match operation {
        "GetCluster" => cluster("aaa", "IDLE", true),
        "ListStreams" => error(ListStreamsError::generic, "AccessDeniedException"),
        _ => None,
    });
    let scene = scene.await;
    let id = operation(&Dsql, "delete", "cluster", "aaa", &[]).on;
    let detail = Dsql.describe(&scene.reach, &id).await.unwrap();
    assert!(matches!(detail.resource.health, Health::Idle(_)));
    assert!(detail.sections.iter().any(|s| s.title.as_str() == "Change streams"));
    let another = Scene::new(|operation, _| match operation {
        "GetCluster" => cluster("bbb", "ACTIVE", true),
        _ => None,
    });
    let failure = Dsql.describe(&another.await.reach, &id).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
}

#[tokio::test]
async fn each_operation_is_one_call_and_is_followed_to_its_end() {
    for (id, protected) in [("protect", true), ("unprotect", false)] {
        let scene = Scene::new(move |operation, input| match operation {
            "UpdateCluster" => {
                let input = input.downcast_ref::<UpdateClusterInput>()?;
                assert_eq!(input.deletion_protection_enabled(), Some(protected));
                answer(
                    UpdateClusterOutput::builder()
                        .identifier("aaa")
                        .arn(arn("eu-west-1", "aaa"))
                        .status(ClusterStatus::Updating)
                        .creation_time(DateTime::from_secs(1))
                        .build()
                        .unwrap(),
                )
            }
            "GetCluster" => cluster("aaa", "ACTIVE", protected),
            _ => None,
        });
        let scene = scene.await;
        scene.perform(&Dsql, id, "cluster", "aaa", &[]).await.unwrap();
        assert_eq!(scene.count("UpdateCluster"), 1);
        let what = operation(&Dsql, id, "cluster", "aaa", &[]);
        assert!(Dsql.follow(&scene.reach, &what).await.unwrap().done);
    }
    let scene = Scene::new(|operation, input| match operation {
        "DeleteCluster" => {
            assert_eq!(input.downcast_ref::<DeleteClusterInput>()?.identifier(), Some("aaa"));
            answer(
                DeleteClusterOutput::builder()
                    .identifier("aaa")
                    .arn(arn("eu-west-1", "aaa"))
                    .status(ClusterStatus::Deleting)
                    .creation_time(DateTime::from_secs(1))
                    .build()
                    .unwrap(),
            )
        }
        "GetCluster" => error(GetClusterError::generic, "ResourceNotFoundException"),
        _ => None,
    });
    let scene = scene.await;
    scene.perform(&Dsql, "delete", "cluster", "aaa", &[]).await.unwrap();
    let what = operation(&Dsql, "delete", "cluster", "aaa", &[]);
    assert!(Dsql.follow(&scene.reach, &what).await.unwrap().done);
}

/// The role decides the right that the token carries; it is signed for the endpoint's own name.
#[tokio::test]
async fn a_login_is_a_token_for_the_role() {
    let scene = Scene::new(|operation, _| match operation {
        "ListClusters" => list(&["aaa"]),
        "GetCluster" => cluster("aaa", "ACTIVE", true),
        _ => None,
    });
    let scene = scene.await;
    let (_, parts) = scene.list(&Dsql).await;
    let row = rows(&parts).remove(0);
    let backend = row.backend.unwrap();
    assert_eq!(login::choose(&backend), Some(Login::Iam));
    for (user, action) in [(None, "Action=DbConnectAdmin&"), (Some("reader"), "Action=DbConnect&")] {
        let target = Target {
            resource: row.id.clone(),
            engine: backend.engine,
            endpoint: backend.endpoints.first().cloned(),
            address: Some(("127.0.0.1".into(), 15432)),
            secret: None,
            database: None,
            user: user.map(Into::into),
            backend: backend.clone(),
        };
        let who = login::resolve(&Login::Iam, &target, &scene.reach).await.unwrap();
        assert_eq!(&*who.user, user.unwrap_or("admin"));
        let token = who.password.unwrap();
        assert!(token.reveal().starts_with("aaa.dsql.eu-west-1.on.aws/?"), "signed for the endpoint");
        assert!(token.reveal().contains(action), "{action}");
    }
}
