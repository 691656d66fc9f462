//! DAX of the estate: a cluster of three nodes before the sessions, and a lone one before the carts.

use super::{Region, date, days};
use crate::demo::ACCOUNT;
use aws_sdk_dax::types::{
    Cluster, ClusterEndpointEncryptionType, Endpoint, Event, Node, ParameterGroupStatus, SourceType,
    SseDescription, SseStatus,
};
use std::collections::BTreeMap;

/// Clusters: region, name, node type, nodes, whether the endpoint takes TLS.
const CLUSTERS: &[(&str, &str, &str, usize, bool)] = &[
    ("eu-west-1", "sessions-cache", "dax.r5.large", 3, true),
    ("us-east-1", "carts-cache", "dax.t3.medium", 1, false),
];

/// DAX of one region.
#[derive(Debug, Default)]
pub struct Dax {
    /// Clusters by name.
    pub clusters: BTreeMap<String, Cluster>,
    /// Events, oldest first.
    pub events: Vec<Event>,
}

/// Puts the region's clusters in.
pub fn build(region: &mut Region) {
    for (_, name, kind, nodes, tls) in CLUSTERS.iter().filter(|(place, ..)| *place == region.name) {
        let cluster = cluster(region, name, kind, *nodes, *tls);
        region.dax.clusters.insert((*name).to_owned(), cluster);
    }
}

fn cluster(region: &Region, name: &str, kind: &str, nodes: usize, tls: bool) -> Cluster {
    let encryption =
        if tls { ClusterEndpointEncryptionType::Tls } else { ClusterEndpointEncryptionType::None };
    let mut cluster = Cluster::builder()
        .cluster_name(name)
        .cluster_arn(format!("arn:aws:dax:{}:{ACCOUNT}:cache/{name}", region.name))
        .status("available")
        .node_type(kind)
        .cluster_discovery_endpoint(endpoint(region, name, tls))
        .preferred_maintenance_window("sun:01:00-sun:02:00")
        .subnet_group("private")
        .iam_role_arn(format!("arn:aws:iam::{ACCOUNT}:role/service-role/{name}-dynamodb"))
        .parameter_group(
            ParameterGroupStatus::builder()
                .parameter_group_name("default.dax1.0")
                .parameter_apply_status("in-sync")
                .build(),
        )
        .sse_description(SseDescription::builder().status(SseStatus::Enabled).build())
        .cluster_endpoint_encryption_type(encryption)
        .build();
    cluster.nodes = Some((0..nodes).map(|nth| node(region, name, nth, "available")).collect());
    recount(&mut cluster);
    cluster
}

fn endpoint(region: &Region, name: &str, tls: bool) -> Endpoint {
    let (scheme, port) = if tls { ("daxs", 9111) } else { ("dax", 8111) };
    let host = format!("{name}.d3m0.dax-clusters.{}.amazonaws.com", region.name);
    Endpoint::builder().url(format!("{scheme}://{host}")).address(host).port(port).build()
}

/// The `nth` node of a cluster.
pub fn node(region: &Region, cluster: &str, nth: usize, status: &str) -> Node {
    let letter = char::from(b'a' + u8::try_from(nth % 26).unwrap_or(0));
    let zone = char::from(b'a' + u8::try_from(nth % 3).unwrap_or(0));
    let host = format!("{cluster}-{letter}.d3m0.nodes.dax-clusters.{}.amazonaws.com", region.name);
    Node::builder()
        .node_id(format!("{cluster}-{letter}"))
        .endpoint(Endpoint::builder().address(host).port(9111).build())
        .node_create_time(date(region.now.minus_ms(days(if status == "available" { 120 } else { 0 }))))
        .availability_zone(format!("{}{zone}", region.name))
        .node_status(status)
        .parameter_group_status("in-sync")
        .build()
}

/// Counts the nodes anew.
pub fn recount(cluster: &mut Cluster) {
    let count = |n: usize| i32::try_from(n).ok();
    cluster.total_nodes = count(cluster.nodes().len());
    let active = cluster.nodes().iter().filter(|n| n.node_status() == Some("available")).count();
    cluster.active_nodes = count(active);
}

/// Writes an event about a cluster.
pub fn tell(region: &mut Region, cluster: &str, message: &str) {
    let event = Event::builder().source_name(cluster).source_type(SourceType::Cluster);
    region.dax.events.push(event.message(message).date(date(region.now)).build());
}
