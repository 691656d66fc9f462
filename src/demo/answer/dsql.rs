//! Aurora DSQL: clusters, and operating them.

use super::on;
use super::series::{Asked, At, gauge};
use crate::aws::answers::Reply;
use crate::demo::world::Region;
use aws_sdk_dsql::operation::delete_cluster::{DeleteClusterError, DeleteClusterInput, DeleteClusterOutput};
use aws_sdk_dsql::operation::get_cluster::{GetClusterError, GetClusterInput, GetClusterOutput};
use aws_sdk_dsql::operation::list_clusters::{ListClustersError, ListClustersInput, ListClustersOutput};
use aws_sdk_dsql::operation::list_streams::{ListStreamsError, ListStreamsInput, ListStreamsOutput};
use aws_sdk_dsql::operation::update_cluster::{UpdateClusterError, UpdateClusterInput, UpdateClusterOutput};
use aws_sdk_dsql::types::{ClusterStatus, ClusterSummary};
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_types::error::ErrorMetadata;

/// How long a change takes.
const CHANGE_MS: u64 = 4_000;
/// How long a delete takes.
const DELETE_MS: u64 = 9_000;

/// Answers a DSQL call in `region`.
pub fn answer(region: &mut Region, operation: &str, input: &Input) -> Reply {
    match operation {
        "ListClusters" => on(input, |_: &ListClustersInput| list(region)),
        "GetCluster" => {
            on(input, |i: &GetClusterInput| cluster(region, i.identifier()).map_err(GetClusterError::generic))
        }
        "ListStreams" => on(input, |_: &ListStreamsInput| {
            let none = ListStreamsOutput::builder().set_streams(Some(Vec::new()));
            none.build().map_err(ListStreamsError::unhandled)
        }),
        "UpdateCluster" => on(input, |i: &UpdateClusterInput| update(region, i)),
        "DeleteCluster" => on(input, |i: &DeleteClusterInput| delete(region, i)),
        _ => Reply::Unknown,
    }
}

fn meta(code: &str, words: &str) -> ErrorMetadata {
    ErrorMetadata::builder().code(code).message(words).build()
}

fn cluster(region: &Region, id: Option<&str>) -> Result<GetClusterOutput, ErrorMetadata> {
    let id = id.unwrap_or_default();
    let missing = || meta("ResourceNotFoundException", &format!("Cluster {id} not found"));
    region.dsql.get(id).cloned().ok_or_else(missing)
}

fn list(region: &Region) -> Result<ListClustersOutput, ListClustersError> {
    let summary =
        |c: &GetClusterOutput| ClusterSummary::builder().identifier(&c.identifier).arn(&c.arn).build();
    let all = region.dsql.values().map(summary).collect::<Result<_, _>>();
    let all = all.map_err(ListClustersError::unhandled)?;
    ListClustersOutput::builder().set_clusters(Some(all)).build().map_err(ListClustersError::unhandled)
}

fn update(
    region: &mut Region,
    input: &UpdateClusterInput,
) -> Result<UpdateClusterOutput, UpdateClusterError> {
    let found = cluster(region, input.identifier()).map_err(UpdateClusterError::generic)?;
    let protect = input.deletion_protection_enabled();
    let id = found.identifier.clone();
    if let Some(cluster) = region.dsql.get_mut(&id) {
        cluster.status = ClusterStatus::Updating;
    }
    let output = UpdateClusterOutput::builder()
        .identifier(&found.identifier)
        .arn(&found.arn)
        .status(ClusterStatus::Updating)
        .creation_time(found.creation_time);
    region.later(CHANGE_MS, move |region| {
        if let Some(cluster) = region.dsql.get_mut(&id) {
            cluster.status = ClusterStatus::Active;
            cluster.deletion_protection_enabled = protect.unwrap_or(cluster.deletion_protection_enabled);
        }
    });
    output.build().map_err(UpdateClusterError::unhandled)
}

fn delete(
    region: &mut Region,
    input: &DeleteClusterInput,
) -> Result<DeleteClusterOutput, DeleteClusterError> {
    let found = cluster(region, input.identifier()).map_err(DeleteClusterError::generic)?;
    if found.deletion_protection_enabled {
        let words = "The cluster has deletion protection enabled";
        return Err(DeleteClusterError::generic(meta("ValidationException", words)));
    }
    let id = found.identifier.clone();
    if let Some(cluster) = region.dsql.get_mut(&id) {
        cluster.status = ClusterStatus::Deleting;
    }
    region.later(DELETE_MS, move |region| {
        region.dsql.remove(&id);
    });
    DeleteClusterOutput::builder()
        .identifier(&found.identifier)
        .arn(&found.arn)
        .status(ClusterStatus::Deleting)
        .creation_time(found.creation_time)
        .build()
        .map_err(DeleteClusterError::unhandled)
}

/// A value of a cluster: people book by day, and two who book the same seat clash.
pub fn value(asked: &Asked<'_>, at: &At) -> Option<f64> {
    let g = |night: f64, day: f64, noise: f64| gauge(asked, at, night, day, noise);
    Some(match asked.name {
        "TotalDPU" => g(0.4, 9.5, 1.2),
        "ReadDPU" => g(0.2, 4.1, 0.6),
        "WriteDPU" => g(0.1, 3.2, 0.5),
        "ComputeDPU" => g(0.1, 2.2, 0.3),
        "TotalTransactions" => g(40.0, 2_900.0, 160.0).round(),
        "ReadOnlyTransactions" => g(30.0, 2_300.0, 120.0).round(),
        "OccConflicts" => g(0.0, 14.0, 6.0).round(),
        "QueryTimeouts" => 0.0,
        "CommitLatency" => g(7.0, 11.0, 2.0),
        "BytesRead" => g(2e6, 240e6, 9e6).round(),
        "BytesWritten" => g(3e5, 31e6, 2e6).round(),
        "ClusterStorageSize" => 38e9 + (at.t % 8_640_000) as f64 * 40.0,
        _ => return None,
    })
}
