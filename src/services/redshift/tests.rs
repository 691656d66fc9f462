use super::{Redshift, spec::SPEC};
use crate::aws::answers::Reply;
use crate::model::{Cell, EngineId, FailureKind, Health, Resource};
use crate::services::Service;
use crate::services::scripted::{Scene, answer, error, is_sound, operation, rows};
use aws_sdk_redshift::operation::delete_cluster::{DeleteClusterInput, DeleteClusterOutput};
use aws_sdk_redshift::operation::describe_clusters::{DescribeClustersError, DescribeClustersOutput};
use aws_sdk_redshift::operation::describe_resize::{DescribeResizeError, DescribeResizeOutput};
use aws_sdk_redshift::operation::pause_cluster::PauseClusterOutput;
use aws_sdk_redshift::operation::resize_cluster::{ResizeClusterInput, ResizeClusterOutput};
use aws_sdk_redshift::types::builders::ClusterBuilder;
use aws_sdk_redshift::types::{Cluster, DataTransferProgress, Endpoint, PendingModifiedValues, ResizeInfo};
use aws_sdk_redshiftserverless::operation::list_namespaces::ListNamespacesOutput;
use aws_sdk_redshiftserverless::operation::list_workgroups::{ListWorkgroupsError, ListWorkgroupsOutput};
use aws_sdk_redshiftserverless::operation::update_workgroup::{UpdateWorkgroupInput, UpdateWorkgroupOutput};
use aws_sdk_redshiftserverless::types::{
    Endpoint as WorkgroupEndpoint, Namespace, Workgroup, WorkgroupStatus,
};
use aws_smithy_runtime_api::client::interceptors::context::Input;

fn cluster(status: &str) -> ClusterBuilder {
    Cluster::builder()
        .cluster_identifier("dw")
        .cluster_status(status)
        .cluster_availability_status("Available")
        .node_type("ra3.4xlarge")
        .number_of_nodes(4)
        .db_name("sales")
        .master_username("awsadmin")
        .endpoint(Endpoint::builder().address("dw.example").port(5439).build())
        .multi_az("Enabled")
        .encrypted(false)
        .publicly_accessible(true)
        .automated_snapshot_retention_period(0)
        .total_storage_capacity_in_mega_bytes(1024)
        .pending_modified_values(PendingModifiedValues::builder().number_of_nodes(6).build())
}

fn clusters(cluster: Cluster) -> Option<Reply> {
    answer(DescribeClustersOutput::builder().clusters(cluster).build())
}

fn serverless(operation: &str) -> Option<Reply> {
    let endpoint = WorkgroupEndpoint::builder().address("wg.example").port(5439).build();
    let workgroup = Workgroup::builder()
        .workgroup_name("adhoc")
        .namespace_name("ns")
        .status(WorkgroupStatus::Available)
        .base_capacity(32)
        .endpoint(endpoint);
    let namespace = Namespace::builder().namespace_name("ns").db_name("lake");
    match operation {
        "ListWorkgroups" => {
            answer(ListWorkgroupsOutput::builder().workgroups(workgroup.build()).build().unwrap())
        }
        "ListNamespaces" => {
            answer(ListNamespacesOutput::builder().namespaces(namespace.build()).build().unwrap())
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
async fn clusters_workgroups_and_namespaces_are_rows() {
    let scene = Scene::new(|operation, _| match operation {
        "DescribeClusters" => clusters(cluster("available").build()),
        other => serverless(other),
    });
    let (end, parts) = scene.await.list(&Redshift).await;
    assert_eq!(end, Ok(()));
    let rows = rows(&parts);
    rows.iter().for_each(|r| is_sound(&Redshift, r));
    let named = |name: &str| rows.iter().find(|r| r.name.as_str() == name).unwrap();
    let dw = named("dw");
    assert_eq!(cell(dw, "size"), &Cell::Text("4 × ra3.4xlarge".into()));
    assert_eq!(cell(dw, "storage"), &Cell::Bytes(1 << 30));
    assert_eq!(cell(dw, "multi-az"), &Cell::Flag(true));
    assert_eq!(cell(dw, "pending"), &Cell::Text("nodes → 6".into()));
    for problem in ["public", "unencrypted", "no-backup", "pending"] {
        assert!(problems(dw).contains(&problem), "{problem}");
    }
    let backend = dw.backend.as_ref().unwrap();
    assert_eq!(backend.engine, EngineId::RedshiftData);
    assert_eq!((backend.api(), backend.wire()), (Some(EngineId::RedshiftData), Some(EngineId::Postgres)));
    assert_eq!(backend.data_api.as_deref(), Some("cluster/dw"));
    assert_eq!(backend.user, None, "the administrator is nobody's default");
    let adhoc = named("adhoc");
    assert_eq!(cell(adhoc, "size"), &Cell::Text("32 RPU and up".into()));
    assert_eq!(adhoc.parent.as_deref(), Some("ns"));
    assert_eq!(adhoc.backend.as_ref().unwrap().database.as_deref(), Some("lake"));
    assert_eq!(adhoc.backend.as_ref().unwrap().data_api.as_deref(), Some("workgroup/adhoc"));
    assert!(problems(adhoc).contains(&"no-max"));
    assert!(named("ns").backend.is_none() && named("ns").no_query.is_some());
}

#[tokio::test]
async fn clusters_show_without_the_right_to_serverless_and_not_the_other_way_round() {
    let scene = Scene::new(|operation, _| match operation {
        "DescribeClusters" => clusters(cluster("paused").build()),
        "ListWorkgroups" => error(ListWorkgroupsError::generic, "AccessDeniedException"),
        other => serverless(other),
    });
    let (end, parts) = scene.await.list(&Redshift).await;
    assert_eq!(end, Ok(()));
    assert!(parts.iter().any(|p| p.aside.as_ref().is_some_and(|f| f.kind == FailureKind::Denied)));
    let rows = rows(&parts);
    assert_eq!(rows.len(), 1);
    assert!(matches!(rows[0].health, Health::Idle(_)) && problems(&rows[0]).contains(&"paused"));
    let scene = Scene::new(|operation, _| match operation {
        "DescribeClusters" => error(DescribeClustersError::generic, "AccessDenied"),
        other => serverless(other),
    });
    let (end, parts) = scene.await.list(&Redshift).await;
    assert_eq!(end.map_err(|f| f.kind), Err(FailureKind::Denied));
    assert_eq!(parts.iter().map(|p| p.resources.len()).sum::<usize>(), 2);
}

#[tokio::test]
async fn a_running_resize_tells_its_share() {
    let progress = DataTransferProgress::builder()
        .data_transferred_in_mega_bytes(30)
        .total_data_in_mega_bytes(120)
        .build();
    let resizing = cluster("resizing")
        .resize_info(ResizeInfo::builder().resize_type("ClassicResize").build())
        .data_transfer_progress(progress);
    let row = super::cluster::row(&crate::services::scripted::place(), &resizing.build()).unwrap();
    assert_eq!(cell(&row, "resize"), &Cell::Text("ClassicResize 25 %".into()));
    assert!(matches!(row.health, Health::Busy(_)));
}

#[tokio::test]
async fn a_pause_is_done_when_it_is_paused() {
    let at = |status: &'static str| {
        Scene::new(move |operation, _: &Input| match operation {
            "DescribeClusters" => clusters(cluster(status).build()),
            "PauseCluster" => answer(PauseClusterOutput::builder().build()),
            _ => None,
        })
    };
    let pause = operation(&Redshift, "pause", "cluster", "dw", &[]);
    let scene = at("pausing").await;
    assert!(!scene.perform(&Redshift, "pause", "cluster", "dw", &[]).await.unwrap().done);
    assert_eq!(scene.count("PauseCluster"), 1);
    assert_eq!(Redshift.follow(&scene.reach, &pause).await.map(|o| o.done), Ok(false));
    assert_eq!(Redshift.follow(&at("available").await.reach, &pause).await.map(|o| o.done), Ok(false));
    assert_eq!(Redshift.follow(&at("paused").await.reach, &pause).await.map(|o| o.done), Ok(true));
    let broken = Redshift.follow(&at("hardware-failure").await.reach, &pause).await;
    assert_eq!(broken.map_err(|f| f.kind), Err(FailureKind::Rejected));
}

#[tokio::test]
async fn a_resize_is_followed_until_its_data_has_moved() {
    let at = |resize: fn() -> Option<Reply>| {
        Scene::new(move |operation, input: &Input| match operation {
            "DescribeClusters" => clusters(cluster("available").build()),
            "DescribeResize" => resize(),
            "ResizeCluster" => {
                let input = input.downcast_ref::<ResizeClusterInput>()?;
                assert_eq!((input.number_of_nodes(), input.classic()), (Some(6), Some(false)));
                answer(ResizeClusterOutput::builder().build())
            }
            _ => None,
        })
    };
    let fields = [("nodes", "6")];
    let resize = operation(&Redshift, "resize", "cluster", "dw", &fields);
    let half = || {
        let progress =
            DescribeResizeOutput::builder().status("IN_PROGRESS").data_transfer_progress_percent(50.0);
        answer(progress.build())
    };
    let scene = at(half).await;
    scene.perform(&Redshift, "resize", "cluster", "dw", &fields).await.unwrap();
    let outcome = Redshift.follow(&scene.reach, &resize).await.unwrap();
    assert_eq!((outcome.done, outcome.percent), (false, Some(50)));
    let never = || error(DescribeResizeError::generic, "ResizeNotFound");
    assert_eq!(Redshift.follow(&at(never).await.reach, &resize).await.map(|o| o.done), Ok(true));
    for nonsense in ["0", "-1", "many", "1.5"] {
        let failed = scene.perform(&Redshift, "resize", "cluster", "dw", &[("nodes", nonsense)]).await;
        assert_eq!(failed.map_err(|f| f.kind), Err(FailureKind::Usage), "{nonsense}");
    }
    assert_eq!(scene.count("ResizeCluster"), 1);
}

#[tokio::test]
async fn a_delete_keeps_a_snapshot_unless_it_is_waived_with_a_reason() {
    let scene = Scene::new(|operation, input: &Input| match operation {
        "DeleteCluster" => {
            let input = input.downcast_ref::<DeleteClusterInput>()?;
            let named = input.final_cluster_snapshot_identifier();
            assert_eq!(input.skip_final_cluster_snapshot(), Some(named.is_none()));
            answer(DeleteClusterOutput::builder().build())
        }
        "DescribeClusters" => error(DescribeClustersError::generic, "ClusterNotFound"),
        _ => None,
    })
    .await;
    let plain = scene.perform(&Redshift, "delete", "cluster", "dw", &[]).await.unwrap();
    assert!(plain.made.is_some_and(|name| name.as_str().starts_with("dw-final-")));
    let skip = [("skip-final-snapshot", "yes")];
    let bare = scene.perform(&Redshift, "delete", "cluster", "dw", &skip).await;
    assert_eq!(bare.map_err(|f| f.kind), Err(FailureKind::Usage));
    let reason = [("skip-final-snapshot", "yes"), ("skip-reason", "a copy")];
    assert_eq!(scene.perform(&Redshift, "delete", "cluster", "dw", &reason).await.unwrap().made, None);
    let delete = operation(&Redshift, "delete", "cluster", "dw", &[]);
    assert_eq!(Redshift.follow(&scene.reach, &delete).await.map(|o| o.done), Ok(true));
}

#[tokio::test]
async fn one_property_of_a_workgroup_changes_at_a_time() {
    let scene = Scene::new(|operation, input: &Input| match operation {
        "UpdateWorkgroup" => {
            let input = input.downcast_ref::<UpdateWorkgroupInput>()?;
            assert!(input.base_capacity().is_some() != input.max_capacity().is_some());
            answer(UpdateWorkgroupOutput::builder().build())
        }
        _ => None,
    })
    .await;
    for operation in ["base-rpu", "max-rpu"] {
        scene.perform(&Redshift, operation, "workgroup", "adhoc", &[("rpu", "64")]).await.unwrap();
    }
    assert_eq!(scene.count("UpdateWorkgroup"), 2);
}
