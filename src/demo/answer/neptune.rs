//! Neptune's own endpoints, met by their URL as the requests are serialised: what an engine says
//! of itself. The rest of Neptune's control plane is RDS's.

use crate::demo::world::{Region, neptune as world};
use aws_sdk_rds::types::{DbCluster, DbInstance};
use serde_json::{Value as Json, json};

/// Answers a request to `url` in `region`: HTTP status and body.
pub fn wire(region: &Region, url: &str) -> (u16, Vec<u8>) {
    let (status, body) = answer(region, url);
    (status, body.to_string().into_bytes())
}

fn answer(region: &Region, url: &str) -> (u16, Json) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.split(':').next().unwrap_or_default();
    let Some(member) = member(region, host) else {
        return fault(404, "ResourceNotFoundException", "the demo has no graph database of this name");
    };
    let status = member.db_instance_status().unwrap_or_default();
    if status != "available" {
        return fault(503, "ServiceUnavailableException", &format!("the instance is {status}"));
    }
    match path.split('?').next().unwrap_or_default() {
        "status" => (200, engine(region, member)),
        "gremlin/status" | "opencypher/status" | "sparql/status" => {
            (200, json!({ "acceptedQueryCount": 0, "runningQueryCount": 0, "queries": [] }))
        }
        other => {
            let words = format!("the demo's graph database does not answer /{other} yet");
            fault(400, "UnsupportedOperationException", &words)
        }
    }
}

fn fault(status: u16, code: &str, words: &str) -> (u16, Json) {
    (status, json!({ "requestId": "demo", "code": code, "detailedMessage": words, "message": words }))
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
