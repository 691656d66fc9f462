//! Neptune's own endpoints, met by their URL as the requests are serialised: what an engine says
//! of itself. The rest of Neptune's control plane is RDS's.

use crate::demo::engines::knowledge::{Answer, fault};
use crate::demo::world::{Region, neptune as world};
use aws_sdk_neptunegraph::types::GraphStatus;
use aws_sdk_rds::types::{DbCluster, DbInstance};
use serde_json::{Value as Json, json};

/// Whom a request met.
pub enum Met {
    /// The answer is this: the control plane gives it.
    Said(Answer),
    /// A member of the cluster: the graph answers.
    Cluster,
    /// The Analytics graph: the same graph answers.
    Graph,
}

/// Whom a request to `path` of `host` meets in `region`.
pub fn met(region: &Region, host: &str, path: &str) -> Met {
    let host = host.split(':').next().unwrap_or_default();
    if let Some(graph) = region.graphs.values().find(|g| g.endpoint() == Some(host)) {
        return match graph.status().map(GraphStatus::as_str) {
            Some("AVAILABLE") => Met::Graph,
            status => {
                let words = format!("the graph is {}", status.unwrap_or("unknown"));
                Met::Said(fault(409, "ConflictException", &words))
            }
        };
    }
    let Some(member) = member(region, host) else { return Met::Said(nobody()) };
    match member.db_instance_status() {
        Some("available") if path.split('?').next() == Some("status") => {
            Met::Said((200, engine(region, member).to_string().into_bytes()))
        }
        Some("available") => Met::Cluster,
        status => {
            let words = format!("the instance is {}", status.unwrap_or("unknown"));
            Met::Said(fault(503, "ServiceUnavailableException", &words))
        }
    }
}

/// The answer of a host that is not there.
pub fn nobody() -> Answer {
    fault(404, "ResourceNotFoundException", "the demo has no graph database of this name")
}

/// The member behind a host name: its own, or for a cluster's the writer or the first reader.
fn member<'r>(region: &'r Region, host: &str) -> Option<&'r DbInstance> {
    let own = |i: &&DbInstance| i.endpoint().and_then(|e| e.address()) == Some(host);
    if let Some(found) = region.instances.values().find(own) {
        return Some(found);
    }
    let cluster = region.clusters.get(world::CLUSTER)?;
    let writes = match host {
        _ if cluster.endpoint() == Some(host) => true,
        _ if cluster.reader_endpoint() == Some(host) => false,
        _ => return None,
    };
    let of = |m: &&aws_sdk_rds::types::DbClusterMember| m.is_cluster_writer() == Some(writes);
    let member = cluster.db_cluster_members().iter().find(of)?;
    region.instances.get(member.db_instance_identifier()?)
}

fn engine(region: &Region, member: &DbInstance) -> Json {
    let writer = region.clusters.get(world::CLUSTER).map(DbCluster::db_cluster_members).unwrap_or_default();
    let is_writer = writer.iter().any(|m| {
        m.db_instance_identifier() == member.db_instance_identifier() && m.is_cluster_writer() == Some(true)
    });
    let started = region.down.get(member.db_instance_identifier().unwrap_or_default());
    let started =
        started.and_then(|(_, until)| *until).unwrap_or_else(|| region.now.minus_ms(9 * 86_400_000));
    let started =
        i64::try_from(started.epoch_ms()).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    json!({
        "status": "healthy",
        "startTime": started.map(|t| t.to_string()),
        "dbEngineVersion": "1.4.5.1.R1",
        "role": if is_writer { "writer" } else { "reader" },
        "dfeQueryEngine": "viaQueryHint",
        "gremlin": { "version": "tinkerpop-3.7.1" },
        "sparql": { "version": "sparql-1.1" },
        "opencypher": { "version": "Neptune-9.0.20190305-1.0" },
        "labMode": {},
        "rollingBackTrxCount": 0,
        "features": {},
        "settings": {}
    })
}
