//! Neptune Analytics: graphs, their snapshots, and operating them.

use super::on;
use super::rds_change::{DELETE, MODIFY, SNAPSHOT, START_STOP};
use crate::aws::answers::Reply;
use crate::demo::world::{Region, date};
use aws_sdk_neptunegraph::operation::create_graph_snapshot::{
    CreateGraphSnapshotError, CreateGraphSnapshotInput, CreateGraphSnapshotOutput,
};
use aws_sdk_neptunegraph::operation::delete_graph::{DeleteGraphError, DeleteGraphInput, DeleteGraphOutput};
use aws_sdk_neptunegraph::operation::get_graph::{GetGraphError, GetGraphInput, GetGraphOutput};
use aws_sdk_neptunegraph::operation::list_graph_snapshots::{
    ListGraphSnapshotsError, ListGraphSnapshotsInput, ListGraphSnapshotsOutput,
};
use aws_sdk_neptunegraph::operation::list_graphs::{ListGraphsError, ListGraphsInput, ListGraphsOutput};
use aws_sdk_neptunegraph::operation::list_tags_for_resource::{
    ListTagsForResourceError, ListTagsForResourceInput, ListTagsForResourceOutput,
};
use aws_sdk_neptunegraph::operation::start_graph::{StartGraphError, StartGraphInput, StartGraphOutput};
use aws_sdk_neptunegraph::operation::stop_graph::{StopGraphError, StopGraphInput, StopGraphOutput};
use aws_sdk_neptunegraph::operation::update_graph::{UpdateGraphError, UpdateGraphInput, UpdateGraphOutput};
use aws_sdk_neptunegraph::types::{GraphSnapshotSummary, GraphStatus, GraphSummary, SnapshotStatus};
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_types::error::ErrorMetadata;

/// Answers a Neptune Analytics call in `region`; statements and what runs go over the wire.
pub fn answer(region: &mut Region, operation: &str, input: &Input) -> Reply {
    match operation {
        "ListGraphs" => on(input, |_: &ListGraphsInput| list(region)),
        "GetGraph" => on(input, |i: &GetGraphInput| get(region, i)),
        "ListGraphSnapshots" => on(input, |i: &ListGraphSnapshotsInput| snapshots(region, i)),
        "ListTagsForResource" => on(input, |_: &ListTagsForResourceInput| tags()),
        "StartGraph" => on(input, |i: &StartGraphInput| start(region, i)),
        "StopGraph" => on(input, |i: &StopGraphInput| stop(region, i)),
        "UpdateGraph" => on(input, |i: &UpdateGraphInput| update(region, i)),
        "CreateGraphSnapshot" => on(input, |i: &CreateGraphSnapshotInput| snapshot(region, i)),
        "DeleteGraph" => on(input, |i: &DeleteGraphInput| delete(region, i)),
        "ExecuteQuery" | "ListQueries" | "CancelQuery" | "GetGraphSummary" => Reply::Wire,
        _ => Reply::Unknown,
    }
}

fn meta(code: &str, words: &str) -> ErrorMetadata {
    ErrorMetadata::builder().code(code).message(words).build()
}

fn missing(id: &str) -> ErrorMetadata {
    meta("ResourceNotFoundException", &format!("Graph with identifier {id} was not found."))
}

/// The graph, or the error metadata of one that is not there or not in one of `states`.
fn graph(region: &Region, id: Option<&str>, states: &[GraphStatus]) -> Result<GetGraphOutput, ErrorMetadata> {
    let id = id.unwrap_or_default();
    let found = region.graphs.get(id).ok_or_else(|| missing(id))?;
    match found.status() {
        Some(status) if !states.is_empty() && !states.contains(status) => {
            let words = format!("Graph {id} is {} and cannot take this operation.", status.as_str());
            Err(meta("ConflictException", &words))
        }
        _ => Ok(found.clone()),
    }
}

/// Takes a graph to `way` now and to `end` later, with `change` at the end.
fn turn(
    region: &mut Region,
    id: &str,
    ms: u64,
    (way, end): (GraphStatus, GraphStatus),
    change: impl FnOnce(&mut GetGraphOutput) + Send + 'static,
) {
    if let Some(graph) = region.graphs.get_mut(id) {
        graph.status = Some(way);
    }
    let id = id.to_owned();
    region.later(ms, move |region| {
        if let Some(graph) = region.graphs.get_mut(&id) {
            graph.status = Some(end);
            change(graph);
        }
    });
}

fn list(region: &Region) -> Result<ListGraphsOutput, ListGraphsError> {
    let row = |g: &GetGraphOutput| {
        GraphSummary::builder()
            .id(g.id())
            .name(g.name())
            .arn(g.arn())
            .set_status(g.status().cloned())
            .set_provisioned_memory(g.provisioned_memory())
            .set_public_connectivity(g.public_connectivity())
            .set_endpoint(g.endpoint().map(str::to_owned))
            .set_replica_count(g.replica_count())
            .set_deletion_protection(g.deletion_protection())
            .build()
            .ok()
    };
    let rows = region.graphs.values().filter_map(row).collect();
    ListGraphsOutput::builder().set_graphs(Some(rows)).build().map_err(ListGraphsError::unhandled)
}

fn get(region: &Region, input: &GetGraphInput) -> Result<GetGraphOutput, GetGraphError> {
    graph(region, input.graph_identifier(), &[]).map_err(GetGraphError::generic)
}

fn snapshots(
    region: &Region,
    input: &ListGraphSnapshotsInput,
) -> Result<ListGraphSnapshotsOutput, ListGraphSnapshotsError> {
    let of = input.graph_identifier();
    let rows = region.graph_snapshots.iter().filter(|s| of.is_none() || s.source_graph_id() == of);
    ListGraphSnapshotsOutput::builder()
        .set_graph_snapshots(Some(rows.cloned().collect()))
        .build()
        .map_err(ListGraphSnapshotsError::unhandled)
}

fn tags() -> Result<ListTagsForResourceOutput, ListTagsForResourceError> {
    Ok(ListTagsForResourceOutput::builder().tags("project", "ml-platform").tags("env", "prod").build())
}

/// Copies what the description of a graph and the answer to its change have in common.
macro_rules! described {
    ($output:ident, $error:ident, $graph:expr) => {{
        let g = $graph;
        $output::builder()
            .id(g.id())
            .name(g.name())
            .arn(g.arn())
            .set_status(g.status().cloned())
            .set_provisioned_memory(g.provisioned_memory())
            .set_endpoint(g.endpoint().map(str::to_owned))
            .build()
            .map_err($error::unhandled)
    }};
}

fn start(region: &mut Region, input: &StartGraphInput) -> Result<StartGraphOutput, StartGraphError> {
    let found = graph(region, input.graph_identifier(), &[GraphStatus::Stopped]);
    let id = found.map_err(StartGraphError::generic)?.id;
    turn(region, &id, START_STOP, (GraphStatus::Starting, GraphStatus::Available), |_| {});
    let now = graph(region, Some(&id), &[]).map_err(StartGraphError::generic)?;
    described!(StartGraphOutput, StartGraphError, now)
}

fn stop(region: &mut Region, input: &StopGraphInput) -> Result<StopGraphOutput, StopGraphError> {
    let found = graph(region, input.graph_identifier(), &[GraphStatus::Available]);
    let id = found.map_err(StopGraphError::generic)?.id;
    turn(region, &id, START_STOP, (GraphStatus::Stopping, GraphStatus::Stopped), |_| {});
    let now = graph(region, Some(&id), &[]).map_err(StopGraphError::generic)?;
    described!(StopGraphOutput, StopGraphError, now)
}

fn update(region: &mut Region, input: &UpdateGraphInput) -> Result<UpdateGraphOutput, UpdateGraphError> {
    let found = graph(region, input.graph_identifier(), &[GraphStatus::Available]);
    let id = found.map_err(UpdateGraphError::generic)?.id;
    let (memory, protection) = (input.provisioned_memory(), input.deletion_protection());
    turn(region, &id, MODIFY, (GraphStatus::Updating, GraphStatus::Available), move |graph| {
        graph.provisioned_memory = memory.or(graph.provisioned_memory);
        graph.deletion_protection = protection.or(graph.deletion_protection);
    });
    let now = graph(region, Some(&id), &[]).map_err(UpdateGraphError::generic)?;
    described!(UpdateGraphOutput, UpdateGraphError, now)
}

/// Begins a snapshot and says what it is.
fn take(region: &mut Region, of: &str, name: &str) -> Option<GraphSnapshotSummary> {
    let id = format!("gs-{:010}", region.graph_snapshots.len() + 1);
    let account = crate::demo::ACCOUNT;
    let snapshot = GraphSnapshotSummary::builder()
        .id(&id)
        .name(name)
        .arn(format!("arn:aws:neptune-graph:{}:{account}:graph-snapshot/{id}", region.name))
        .source_graph_id(of)
        .snapshot_create_time(date(region.now))
        .status(SnapshotStatus::Creating)
        .build()
        .ok()?;
    region.graph_snapshots.push(snapshot.clone());
    region.later(SNAPSHOT, move |region| {
        for snapshot in region.graph_snapshots.iter_mut().filter(|s| s.id == id) {
            snapshot.status = Some(SnapshotStatus::Available);
        }
    });
    Some(snapshot)
}

fn snapshot(
    region: &mut Region,
    input: &CreateGraphSnapshotInput,
) -> Result<CreateGraphSnapshotOutput, CreateGraphSnapshotError> {
    let found = graph(region, input.graph_identifier(), &[GraphStatus::Available]);
    let id = found.map_err(CreateGraphSnapshotError::generic)?.id;
    let name = input.snapshot_name().unwrap_or_default();
    if region.graph_snapshots.iter().any(|s| s.name() == name) {
        let words = format!("A snapshot named {name} already exists.");
        return Err(CreateGraphSnapshotError::generic(meta("ConflictException", &words)));
    }
    let Some(made) = take(region, &id, name) else {
        return Err(CreateGraphSnapshotError::generic(meta("InternalServerException", "no snapshot")));
    };
    turn(region, &id, SNAPSHOT, (GraphStatus::Snapshotting, GraphStatus::Available), |_| {});
    CreateGraphSnapshotOutput::builder()
        .id(made.id())
        .name(made.name())
        .arn(made.arn())
        .set_source_graph_id(made.source_graph_id().map(str::to_owned))
        .set_status(made.status().cloned())
        .build()
        .map_err(CreateGraphSnapshotError::unhandled)
}

fn delete(region: &mut Region, input: &DeleteGraphInput) -> Result<DeleteGraphOutput, DeleteGraphError> {
    let states = [GraphStatus::Available, GraphStatus::Stopped, GraphStatus::Failed];
    let found = graph(region, input.graph_identifier(), &states).map_err(DeleteGraphError::generic)?;
    if found.deletion_protection() == Some(true) {
        let words = "The graph is protected from deletion.";
        return Err(DeleteGraphError::generic(meta("ConflictException", words)));
    }
    let id = found.id;
    if input.skip_snapshot() != Some(true) {
        take(region, &id, &format!("{}-final", found.name));
    }
    turn(region, &id, DELETE, (GraphStatus::Deleting, GraphStatus::Deleting), |_| {});
    let gone = id.clone();
    region.later(DELETE + 1, move |region| {
        region.graphs.remove(&gone);
    });
    let now = graph(region, Some(&id), &[]).map_err(DeleteGraphError::generic)?;
    described!(DeleteGraphOutput, DeleteGraphError, now)
}
