//! The knowledge graph of the ML platform: a Neptune cluster with a writer, a reader and a
//! serverless reader, and a Neptune Analytics graph beside it.

use super::aurora;
use super::{Region, date, days};
use crate::demo::ACCOUNT;
use aws_sdk_neptunegraph::operation::get_graph::GetGraphOutput;
use aws_sdk_neptunegraph::types::GraphStatus;
use aws_sdk_rds::types::Endpoint;

/// The cluster.
pub const CLUSTER: &str = "knowledge-graph";
/// The Analytics graph: its identifier and its name.
pub const GRAPH: (&str, &str) = ("g-8k2m4x7q1z", "model-lineage");
/// Where they are.
pub const REGION: &str = "eu-west-1";
/// Neptune's port.
const PORT: i32 = 8182;

/// Puts the cluster, its members and the graph into the region that has them.
pub fn build(region: &mut Region) {
    if region.name != REGION {
        return;
    }
    let seed = aurora::Seed {
        id: CLUSTER,
        engine: "neptune",
        version: "1.4.5.1",
        members: &[
            ("knowledge-graph-1", "db.r6g.xlarge"),
            ("knowledge-graph-2", "db.r6g.large"),
            ("knowledge-graph-3", "db.serverless"),
        ],
        acu: Some((1.0, 16.0)),
        ..aurora::PLAIN
    };
    for (tier, (id, class)) in seed.members.iter().enumerate() {
        let mut member = aurora::member(region, &seed, tier, id, class);
        member.master_username = None;
        member.storage_type = Some("iopt1".to_owned());
        member.engine_lifecycle_support = None;
        member.endpoint = Some(Endpoint::builder().address(host(id, "")).port(PORT).build());
        region.instances.insert((*id).to_owned(), member);
    }
    let mut cluster = aurora::cluster(region, &seed);
    cluster.endpoint = Some(host(CLUSTER, "cluster-"));
    cluster.reader_endpoint = Some(host(CLUSTER, "cluster-ro-"));
    cluster.port = Some(PORT);
    cluster.storage_type = Some("iopt1".to_owned());
    cluster.master_username = None;
    cluster.http_endpoint_enabled = None;
    cluster.engine_lifecycle_support = None;
    region.clusters.insert(CLUSTER.to_owned(), cluster);
    if let Some(graph) = graph(region) {
        region.graphs.insert(GRAPH.0.to_owned(), graph);
    }
}

/// Neptune's host names end otherwise than RDS's.
fn host(id: &str, infix: &str) -> String {
    super::rds::host(id, infix, REGION).replace(".rds.", ".neptune.")
}

fn graph(region: &Region) -> Option<GetGraphOutput> {
    let (id, name) = GRAPH;
    GetGraphOutput::builder()
        .id(id)
        .name(name)
        .arn(format!("arn:aws:neptune-graph:{REGION}:{ACCOUNT}:graph/{id}"))
        .status(GraphStatus::Available)
        .create_time(date(region.now.minus_ms(days(41))))
        .provisioned_memory(32)
        .endpoint(format!("{id}.{REGION}.neptune-graph.amazonaws.com"))
        .public_connectivity(false)
        .replica_count(1)
        .deletion_protection(false)
        .build_number("1.0.14567.0")
        .build()
        .ok()
}
