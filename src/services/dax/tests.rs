use super::{Dax, spec::SPEC};
use crate::model::{Cell, FailureKind, Health, ResourceId};
use crate::services::Service;
use crate::services::scripted::{Scene, answer, is_sound, operation, place, rows};
use aws_sdk_dax::operation::decrease_replication_factor::{
    DecreaseReplicationFactorInput, DecreaseReplicationFactorOutput,
};
use aws_sdk_dax::operation::describe_clusters::{DescribeClustersInput, DescribeClustersOutput};
use aws_sdk_dax::operation::describe_parameters::DescribeParametersOutput;
use aws_sdk_dax::operation::increase_replication_factor::IncreaseReplicationFactorOutput;
use aws_sdk_dax::operation::reboot_node::{RebootNodeInput, RebootNodeOutput};
use aws_sdk_dax::types::{
    Cluster, ClusterEndpointEncryptionType, Endpoint, Node, Parameter, ParameterGroupStatus, SseDescription,
    SseStatus,
};

fn cluster(name: &str, status: &str, nodes: &[(&str, &str)]) -> Cluster {
    let node = |(id, status): &(&str, &str)| {
        let endpoint = Endpoint::builder().address(format!("{id}.dax")).port(9111).build();
        Node::builder()
            .node_id(*id)
            .node_status(*status)
            .availability_zone("eu-west-1a")
            .endpoint(endpoint)
            .build()
    };
    let total = i32::try_from(nodes.len()).unwrap();
    let active = i32::try_from(nodes.iter().filter(|(_, s)| *s == "available").count()).unwrap();
    Cluster::builder()
        .cluster_name(name)
        .cluster_arn("arn:dax")
        .status(status)
        .node_type("dax.r5.large")
        .total_nodes(total)
        .active_nodes(active)
        .set_nodes(Some(nodes.iter().map(node).collect()))
        .cluster_endpoint_encryption_type(ClusterEndpointEncryptionType::None)
        .sse_description(SseDescription::builder().status(SseStatus::Enabled).build())
        .parameter_group(ParameterGroupStatus::builder().parameter_group_name("default.dax1.0").build())
        .build()
}

async fn two() -> Scene {
    Scene::new(|operation, input| match operation {
        "DescribeClusters" => {
            let input = input.downcast_ref::<DescribeClustersInput>()?;
            let all = [
                cluster("carts", "available", &[("carts-a", "available"), ("carts-b", "rebooting")]),
                cluster("", "available", &[]),
                cluster("lone", "modifying", &[("lone-a", "available")]),
            ];
            let asked = input.cluster_names();
            let named = |c: &Cluster| asked.is_empty() || asked.iter().any(|n| c.cluster_name() == Some(n));
            let all = all.into_iter().filter(named).collect();
            answer(DescribeClustersOutput::builder().set_clusters(Some(all)).build())
        }
        "DescribeParameters" => {
            let ttl = Parameter::builder().parameter_name("record-ttl-millis").parameter_value("300000");
            answer(DescribeParametersOutput::builder().parameters(ttl.build()).build())
        }
        "IncreaseReplicationFactor" => answer(IncreaseReplicationFactorOutput::builder().build()),
        "DecreaseReplicationFactor" => {
            let input = input.downcast_ref::<DecreaseReplicationFactorInput>()?;
            assert_eq!(input.node_ids_to_remove(), ["carts-b"]);
            answer(DecreaseReplicationFactorOutput::builder().build())
        }
        "RebootNode" => {
            let input = input.downcast_ref::<RebootNodeInput>()?;
            assert_eq!((input.cluster_name(), input.node_id()), (Some("carts"), Some("carts-b")));
            answer(RebootNodeOutput::builder().build())
        }
        _ => None,
    })
    .await
}

#[tokio::test]
async fn clusters_stand_over_their_nodes_and_say_why_there_is_no_query_tab() {
    let scene = two().await;
    let (end, parts) = scene.list(&Dax).await;
    assert_eq!(end, Ok(()));
    let rows = rows(&parts);
    let names: Vec<_> = rows.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["carts", "carts-a", "carts-b", "lone", "lone-a"]);
    for row in &rows {
        is_sound(&Dax, row);
        assert!(row.backend.is_none() && row.no_query.as_ref().is_some_and(|why| why.contains("DynamoDB")));
    }
    assert_eq!(rows[0].cells[1], Cell::Text("1/2".into()));
    let problems: Vec<_> = rows[0].problems.iter().map(|p| p.id).collect();
    assert_eq!(problems, ["nodes", "single-az", "plain-text"]);
    assert_eq!(rows[2].health, Health::Busy("rebooting".into()));
    assert_eq!(rows[2].parent.as_deref(), Some("carts"));
}

#[tokio::test]
async fn the_detail_tells_how_long_the_caches_keep() {
    let scene = two().await;
    let id = ResourceId { service: SPEC.id, kind: "cluster", place: place(), name: "carts".into() };
    let detail = Dax.describe(&scene.reach, &id).await.unwrap();
    let parameters = detail.sections.iter().find(|s| s.title.as_str() == "Parameters").unwrap();
    assert_eq!(parameters.facts[0], ("record-ttl-millis".into(), Cell::Text("300000".into())));
    let node = ResourceId { kind: "node", name: "carts.carts-b".into(), ..id.clone() };
    assert_eq!(Dax.describe(&scene.reach, &node).await.unwrap().resource.name.as_str(), "carts-b");
    let gone = ResourceId { kind: "node", name: "carts.carts-z".into(), ..id };
    assert_eq!(Dax.describe(&scene.reach, &gone).await.map_err(|f| f.kind), Err(FailureKind::NotFound));
}

#[tokio::test]
async fn operations_name_what_they_change_and_are_followed() {
    let scene = two().await;
    for bad in ["0", "1", "12", "many"] {
        let refused = scene.perform(&Dax, "increase", "cluster", "carts", &[("nodes", bad)]).await;
        assert_eq!(refused.map_err(|f| f.kind), Err(FailureKind::Usage), "{bad}");
    }
    assert!(scene.perform(&Dax, "increase", "cluster", "carts", &[("nodes", "3")]).await.is_ok());
    let fields = [("nodes", "1"), ("remove", " carts-b ,")];
    assert!(scene.perform(&Dax, "decrease", "cluster", "carts", &fields).await.is_ok());
    assert!(scene.perform(&Dax, "reboot", "node", "carts.carts-b", &[]).await.is_ok());
    let grow = operation(&Dax, "increase", "cluster", "carts", &[("nodes", "2")]);
    let waits = Dax.follow(&scene.reach, &grow).await.unwrap();
    assert_eq!((waits.done, waits.stage.as_str()), (false, "available, 1 of 2 nodes active"));
    let reboot = operation(&Dax, "reboot", "node", "carts.carts-b", &[]);
    assert_eq!(Dax.follow(&scene.reach, &reboot).await.map(|o| o.done), Ok(false));
    let delete = operation(&Dax, "delete", "cluster", "gone", &[]);
    assert_eq!(Dax.follow(&scene.reach, &delete).await.map(|o| o.done), Ok(true));
}
