//! Neptune Analytics graphs: rows, detail, and what runs on them.

use super::live::{line, named, present};
use super::spec::{GRAPH, SPEC};
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::aws::pages::{Next, Pages};
use crate::model::{
    Backend, Cell, Detail, DialectId, EngineId, Failure, FailureKind, Health, Place, Resource, ResourceId,
    SafeText, Section,
};
use crate::services::extras::or_why;
use crate::services::words::{Trouble, section};
use aws_sdk_neptunegraph::operation::get_graph::GetGraphOutput;
use aws_sdk_neptunegraph::primitives::DateTime;
use aws_sdk_neptunegraph::types::{GraphStatus, GraphSummary};
use std::time::Duration;

/// Graphs a page: the most that the API gives.
const PAGE: i32 = 100;

/// The longest that a graph's data plane is waited for.
const PATIENCE: Duration = Duration::from_millis(4_500);

type Facts = Vec<(SafeText, Cell)>;

/// Every graph of the place, and whether more exist than were read.
pub async fn list(reach: &Reach) -> Result<(Vec<Resource>, bool), Failure> {
    let (mut pages, mut token, mut all) = (Pages::default(), None, Vec::new());
    loop {
        let call = reach.neptune_graph().list_graphs().max_results(PAGE).set_next_token(token.take());
        let doing = format!("list Analytics graphs at {}", reach.place());
        let answer = call.send().await.map_err(|e| failure(&doing, &e))?;
        all.extend(answer.graphs().iter().map(|g| row(reach.place(), &Graph::from(g))));
        match pages.after(answer.next_token()) {
            Next::Page(next) => token = Some(next),
            Next::Done => return Ok((all, false)),
            Next::Cut => return Ok((all, true)),
        }
    }
}

/// What the listing and the description both say of a graph.
struct Graph<'a> {
    id: &'a str,
    name: &'a str,
    arn: &'a str,
    status: Option<&'a GraphStatus>,
    memory: Option<i32>,
    public: Option<bool>,
    endpoint: Option<&'a str>,
    replicas: Option<i32>,
    key: Option<&'a str>,
    protected: Option<bool>,
}

impl<'a> From<&'a GraphSummary> for Graph<'a> {
    fn from(g: &'a GraphSummary) -> Self {
        Self {
            id: g.id(),
            name: g.name(),
            arn: g.arn(),
            status: g.status(),
            memory: g.provisioned_memory(),
            public: g.public_connectivity(),
            endpoint: g.endpoint(),
            replicas: g.replica_count(),
            key: g.kms_key_identifier(),
            protected: g.deletion_protection(),
        }
    }
}

impl<'a> From<&'a GetGraphOutput> for Graph<'a> {
    fn from(g: &'a GetGraphOutput) -> Self {
        Self {
            id: g.id(),
            name: g.name(),
            arn: g.arn(),
            status: g.status(),
            memory: g.provisioned_memory(),
            public: g.public_connectivity(),
            endpoint: g.endpoint(),
            replicas: g.replica_count(),
            key: g.kms_key_identifier(),
            protected: g.deletion_protection(),
        }
    }
}

/// The health behind a graph's status word.
pub fn health(status: Option<&GraphStatus>) -> Health {
    let word = SafeText::new(status.map_or("unknown", GraphStatus::as_str));
    match status {
        Some(GraphStatus::Available) => Health::Good(word),
        Some(GraphStatus::Stopped) => Health::Idle(word),
        Some(GraphStatus::Failed) => Health::Bad(word),
        Some(
            GraphStatus::Creating
            | GraphStatus::Deleting
            | GraphStatus::Resetting
            | GraphStatus::Updating
            | GraphStatus::Snapshotting
            | GraphStatus::Importing
            | GraphStatus::Starting
            | GraphStatus::Stopping,
        ) => Health::Busy(word),
        _ => Health::Unknown(word),
    }
}

fn row(place: &Place, g: &Graph<'_>) -> Resource {
    let health = health(g.status);
    let mut trouble = Trouble::default();
    if let Health::Bad(word) = &health {
        trouble.urgent("status", format!("status is {word}"));
    }
    trouble.risk(g.public == Some(true), "public", "reachable from the internet (IAM still decides)");
    trouble.risk(g.replicas == Some(0), "no-reader", "no replica to fail over to");
    let queryable = !matches!(health, Health::Idle(_));
    let memory = g.memory.map(|n| format!("{n} m-NCU"));
    Resource {
        id: ResourceId { service: SPEC.id, kind: GRAPH, place: place.clone(), name: g.id.into() },
        name: SafeText::new(if g.name.is_empty() { g.id } else { g.name }),
        arn: g.arn.into(),
        health,
        cells: SPEC.cells([
            ("engine", Cell::Text("Neptune Analytics".into())),
            ("role", Cell::Text("graph".into())),
            ("class", Cell::text(memory.as_ref())),
            ("members", Cell::count(g.replicas.map(i64::from))),
            ("iam", Cell::Flag(true)),
            ("encrypted", Cell::Flag(true)),
            ("public", Cell::flag(g.public)),
            ("protected", Cell::flag(g.protected)),
        ]),
        parent: None,
        backend: queryable.then(|| Backend {
            engine: EngineId::NeptuneAnalytics,
            dialect: DialectId::OpenCypher,
            endpoints: Vec::new(),
            database: None,
            user: None,
            secret_arn: None,
            iam_login: true,
            data_api: None,
            keys: Vec::new(),
        }),
        no_query: (!queryable).then(|| "it is stopped: start it first".into()),
        problems: trouble.into_problems(),
        tags: Vec::new(),
        facts: vec![section(
            "Graph",
            vec![
                ("Graph id", Cell::text(Some(g.id))),
                ("Name", Cell::text(Some(g.name).filter(|n| !n.is_empty()))),
                ("ARN", Cell::text(Some(g.arn))),
                ("Memory", Cell::text(memory)),
                ("Replicas", Cell::count(g.replicas.map(i64::from))),
                ("Endpoint", Cell::text(g.endpoint)),
                ("Public", Cell::flag(g.public)),
                ("KMS key", Cell::text(g.key)),
                ("Deletion protection", Cell::flag(g.protected)),
            ],
        )],
        dimensions: vec![("GraphIdentifier", g.id.into())],
    }
}

/// Whether `name` can be a graph's identifier: the API rejects others, and to have it asked for
/// each name that a person types would hide what they meant.
fn is_identifier(name: &str) -> bool {
    let rest = name.strip_prefix("g-").unwrap_or_default();
    rest.len() == 10 && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// The identifier of the graph that is called `name`, itself or by its own name.
async fn identify(reach: &Reach, name: &str) -> Result<String, Failure> {
    if is_identifier(name) {
        return Ok(name.to_owned());
    }
    let (all, _) = list(reach).await?;
    let mut named = all.iter().filter(|g| g.name.as_str() == name);
    match (named.next(), named.next()) {
        (Some(graph), None) => Ok(graph.id.name.to_string()),
        _ => {
            let doing = format!("describe graph {}", SafeText::new(name));
            Err(Failure::new(FailureKind::NotFound, doing, "no graph, or no single one, has this name"))
        }
    }
}

/// A graph from AWS now, by its identifier.
///
/// # Errors
/// Not found, or that of the call.
pub async fn graph(reach: &Reach, id: &str) -> Result<GetGraphOutput, Failure> {
    let doing = format!("describe graph {} at {}", SafeText::new(id), reach.place());
    reach.neptune_graph().get_graph().graph_identifier(id).send().await.map_err(|e| failure(&doing, &e))
}

/// Everything about one graph, by identifier or name; what is in it and runs on it when `live`.
pub async fn describe(reach: &Reach, name: &str, live: bool) -> Result<Detail, Failure> {
    let id = identify(reach, name).await?;
    let found = graph(reach, &id).await?;
    let mut resource = row(reach.place(), &Graph::from(&found));
    let mut sections = resource.facts.clone();
    if let Some(first) = sections.first_mut() {
        first.facts.extend(present(vec![
            ("Status reason", Cell::text(found.status_reason())),
            ("Created", time(found.create_time())),
            ("Build", Cell::text(found.build_number())),
            ("From snapshot", Cell::text(found.source_snapshot_id())),
            (
                "Vector dimension",
                Cell::count(found.vector_search_configuration().map(|v| i64::from(v.dimension()))),
            ),
        ]));
    }
    if live {
        let (tags, rest) = tokio::join!(tags(reach, &resource.arn), live_sections(reach, &id));
        resource.tags = tags;
        sections.extend(rest);
    }
    Ok(Detail { resource, sections })
}

fn time(at: Option<&DateTime>) -> Cell {
    at.and_then(|at| at.to_millis().ok()).map_or(Cell::Absent, Cell::Time)
}

/// Tags are an extra: a role that may not list them sees none.
async fn tags(reach: &Reach, arn: &str) -> Vec<(SafeText, SafeText)> {
    let answer = reach.neptune_graph().list_tags_for_resource().resource_arn(arn).send().await;
    let tags = answer.ok().and_then(|a| a.tags).unwrap_or_default();
    let mut tags: Vec<_> = tags.iter().map(|(k, v)| (SafeText::new(k), SafeText::new(v))).collect();
    tags.sort();
    tags
}

async fn live_sections(reach: &Reach, id: &str) -> Vec<Section> {
    let (summary, running, snapshots) =
        tokio::join!(within(summary(reach, id)), within(running(reach, id)), within(snapshots(reach, id)));
    vec![
        or_why("Property graph", summary),
        or_why("Running queries", running),
        or_why("Snapshots", snapshots),
    ]
}

async fn within<T>(ask: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let late = |_| Failure::new(FailureKind::Unreachable, "ask the graph", "no answer in time");
    tokio::time::timeout(PATIENCE, ask).await.map_err(late)?
}

async fn summary(reach: &Reach, id: &str) -> Result<Facts, Failure> {
    let call = reach.neptune_graph_data()?.get_graph_summary().graph_identifier(id);
    let answer = call.send().await.map_err(|e| failure("summarise the graph", &e))?;
    let Some(s) = answer.graph_summary() else { return Ok(Vec::new()) };
    Ok(present(vec![
        ("Nodes", Cell::count(s.num_nodes())),
        ("Edges", Cell::count(s.num_edges())),
        ("Node labels", named(s.num_node_labels(), s.node_labels())),
        ("Edge labels", named(s.num_edge_labels(), s.edge_labels())),
        ("Node properties", Cell::count(s.num_node_properties())),
        ("Edge properties", Cell::count(s.num_edge_properties())),
    ]))
}

async fn running(reach: &Reach, id: &str) -> Result<Facts, Failure> {
    let call = reach.neptune_graph_data()?.list_queries().graph_identifier(id).max_results(PAGE);
    let answer = call.send().await.map_err(|e| failure("list running queries", &e))?;
    let lines = answer.queries().iter().map(|q| {
        let waits = q.state().is_some_and(|s| s.as_str() == "WAITING");
        line(
            q.id().unwrap_or("?"),
            q.elapsed().unwrap_or(0).into(),
            waits,
            q.query_string().unwrap_or_default(),
        )
    });
    Ok(lines.collect())
}

async fn snapshots(reach: &Reach, id: &str) -> Result<Facts, Failure> {
    let call = reach.neptune_graph().list_graph_snapshots().graph_identifier(id).max_results(PAGE);
    let answer = call.send().await.map_err(|e| failure("list graph snapshots", &e))?;
    let mut all: Vec<_> = answer.graph_snapshots().iter().collect();
    all.sort_by_key(|s| std::cmp::Reverse(s.snapshot_create_time().map(DateTime::secs)));
    let status = |s: &aws_sdk_neptunegraph::types::GraphSnapshotSummary| {
        s.status().map_or("?", aws_sdk_neptunegraph::types::SnapshotStatus::as_str).to_owned()
    };
    Ok(all.iter().map(|s| (SafeText::new(s.name()), Cell::Text(SafeText::new(status(s))))).collect())
}
