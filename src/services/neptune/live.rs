//! What a Neptune engine says of itself: status, summaries, running queries. It answers inside
//! its VPC only, so each part may be unknown, soon, and says why.

use super::spec::CLUSTER;
use crate::aws::{NeptuneData, NeptuneWay, Reach};
use crate::guard::raw;
use crate::model::{Cell, EndpointRole, Failure, FailureKind, Resource, SafeText, Section};
use crate::query::engines::neptune::failed;
use crate::services::extras::or_why;
use crate::services::words::section;
use aws_sdk_neptunedata::operation::get_engine_status::GetEngineStatusOutput;
use aws_sdk_neptunedata::types::{
    GraphSummaryType, GremlinQueryStatus, QueryEvalStats, QueryLanguageVersion,
};
use std::time::Duration;

/// The longest that the engine is waited for, all questions together.
const PATIENCE: Duration = Duration::from_millis(4_500);

type Facts = Vec<(SafeText, Cell)>;

/// The way to the engine behind a row: a cluster's writer, a member itself.
///
/// # Errors
/// It has no endpoint.
pub fn way(resource: &Resource) -> Result<NeptuneWay, Failure> {
    let backend = resource.backend.as_ref();
    let endpoints = backend.map(|b| b.endpoints.as_slice()).unwrap_or_default();
    let writer = endpoints.iter().find(|e| e.role == EndpointRole::Writer).or_else(|| endpoints.first());
    let (Some(endpoint), Some(backend)) = (writer, backend) else {
        let doing = format!("ask {}", resource.name);
        return Err(Failure::new(FailureKind::Unreachable, doing, "it has no endpoint"));
    };
    Ok(NeptuneWay {
        host: endpoint.host.clone(),
        port: endpoint.port,
        address: None,
        signed: backend.iam_login,
    })
}

/// The engine's own account of a cluster (its writer's) or of a member.
pub async fn sections(reach: &Reach, resource: &Resource) -> Vec<Section> {
    let data = match way(resource).and_then(|way| reach.neptune_data(&way)) {
        Ok(data) => data,
        Err(why) => return vec![or_why("Engine", Err(why))],
    };
    let data = &data;
    // One question first: where nobody answers, the others need not be asked.
    let status = within(status(data)).await;
    let status = match status {
        Ok(answer) => answer,
        Err(why) => return vec![or_why("Engine", Err(why))],
    };
    let mut all = vec![engine(&status)];
    let cluster = resource.id.kind == CLUSTER;
    let (property, rdf, gremlin, cypher, sparql) = tokio::join!(
        within(async { if cluster { property_graph(data).await.map(Some) } else { Ok(None) } }),
        within(async { if cluster { rdf(data).await.map(Some) } else { Ok(None) } }),
        within(gremlin(data)),
        within(open_cypher(data)),
        within(sparql(data)),
    );
    let asked = |title: &str, facts: Result<Option<Facts>, Failure>| match facts {
        Ok(None) => None,
        Ok(Some(facts)) => Some(or_why(title, Ok(facts))),
        Err(why) => Some(or_why(title, Err(why))),
    };
    all.extend(asked("Property graph", property));
    all.extend(asked("RDF graph", rdf));
    all.push(or_why("Running Gremlin", gremlin));
    all.push(or_why("Running openCypher", cypher));
    all.push(or_why("Running SPARQL", sparql));
    all
}

/// What `ask` brings, or soon the failure that it takes too long.
async fn within<T>(ask: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let late = |_| Failure::new(FailureKind::Unreachable, "ask the engine", "no answer in time");
    tokio::time::timeout(PATIENCE, ask).await.map_err(late)?
}

async fn status(data: &NeptuneData) -> Result<GetEngineStatusOutput, Failure> {
    data.client().get_engine_status().send().await.map_err(|e| failed("ask the engine's status", &e))
}

fn engine(status: &GetEngineStatusOutput) -> Section {
    let version = |language: Option<&QueryLanguageVersion>| Cell::text(language.map(|l| l.version.as_str()));
    section(
        "Engine",
        vec![
            ("Status", Cell::text(status.status())),
            ("Role", Cell::text(status.role())),
            ("Version", Cell::text(status.db_engine_version())),
            ("Started", Cell::text(status.start_time())),
            ("Rolling back", Cell::count(status.rolling_back_trx_count().map(i64::from))),
            ("Rolling back since", Cell::text(status.rolling_back_trx_earliest_start_time())),
            ("Gremlin", version(status.gremlin())),
            ("openCypher", version(status.opencypher())),
            ("SPARQL", version(status.sparql())),
            ("DFE", Cell::text(status.dfe_query_engine())),
        ],
    )
}

async fn property_graph(data: &NeptuneData) -> Result<Facts, Failure> {
    let call = data.client().get_propertygraph_summary().mode(GraphSummaryType::Basic);
    let answer = call.send().await.map_err(|e| failed("summarise the property graph", &e))?;
    let summary = answer.payload.and_then(|p| p.graph_summary);
    let Some(s) = summary else { return Ok(Vec::new()) };
    Ok(present(vec![
        ("Nodes", Cell::count(s.num_nodes())),
        ("Edges", Cell::count(s.num_edges())),
        ("Node labels", named(s.num_node_labels(), s.node_labels())),
        ("Edge labels", named(s.num_edge_labels(), s.edge_labels())),
        ("Node properties", Cell::count(s.num_node_properties())),
        ("Edge properties", Cell::count(s.num_edge_properties())),
        ("Node property values", Cell::count(s.total_node_property_values())),
        ("Edge property values", Cell::count(s.total_edge_property_values())),
    ]))
}

async fn rdf(data: &NeptuneData) -> Result<Facts, Failure> {
    let call = data.client().get_rdf_graph_summary().mode(GraphSummaryType::Basic);
    let answer = call.send().await.map_err(|e| failed("summarise the RDF graph", &e))?;
    let summary = answer.payload.and_then(|p| p.graph_summary);
    let Some(s) = summary else { return Ok(Vec::new()) };
    Ok(present(vec![
        ("Quads", Cell::count(s.num_quads())),
        ("Subjects", Cell::count(s.num_distinct_subjects())),
        ("Predicates", Cell::count(s.num_distinct_predicates())),
        ("Classes", named(s.num_classes(), s.classes())),
    ]))
}

/// Facts that are there.
pub fn present(facts: Vec<(&str, Cell)>) -> Facts {
    section("", facts).facts
}

/// How many, and the first names.
pub fn named(n: Option<i64>, names: &[String]) -> Cell {
    let shown: Vec<&str> = names.iter().take(8).map(String::as_str).collect();
    let Some(n) = n else { return Cell::text(Some(shown.join(", ")).filter(|s| !s.is_empty())) };
    let more = if names.len() > shown.len() { " …" } else { "" };
    let list = if shown.is_empty() { String::new() } else { format!(": {}{more}", shown.join(", ")) };
    Cell::Text(SafeText::new(format!("{n}{list}")))
}

async fn gremlin(data: &NeptuneData) -> Result<Facts, Failure> {
    let answer = data.client().list_gremlin_queries().include_waiting(true).send().await;
    let answer = answer.map_err(|e| failed("list running Gremlin", &e))?;
    Ok(answer.queries().iter().map(running).collect())
}

async fn open_cypher(data: &NeptuneData) -> Result<Facts, Failure> {
    let answer = data.client().list_open_cypher_queries().include_waiting(true).send().await;
    let answer = answer.map_err(|e| failed("list running openCypher", &e))?;
    Ok(answer.queries().iter().map(running).collect())
}

/// A running query as a fact: since when it runs, its id, and what it is.
fn running(query: &GremlinQueryStatus) -> (SafeText, Cell) {
    let stats = query.query_eval_stats();
    let ms = stats.and_then(QueryEvalStats::elapsed).unwrap_or(0);
    let waits = stats.and_then(QueryEvalStats::waited).is_some_and(|waited| waited > 0 && ms == 0);
    line(query.query_id().unwrap_or("?"), ms.into(), waits, query.query_string().unwrap_or_default())
}

/// A query's line: its id is in the value, which is shown whole. It is what an operation takes to
/// cancel it.
pub fn line(id: &str, ms: i64, waits: bool, text: &str) -> (SafeText, Cell) {
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect();
    let state = if waits { "waits" } else { "runs" };
    (SafeText::new(format!("{state} {ms} ms")), Cell::Text(SafeText::new(format!("{id}: {text}"))))
}

/// SPARQL's running queries have no SDK call.
async fn sparql(data: &NeptuneData) -> Result<Facts, Failure> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Query {
        query_id: String,
        #[serde(default)]
        query_string: String,
        #[serde(default)]
        query_eval_stats: Stats,
    }
    #[derive(Default, serde::Deserialize)]
    struct Stats {
        #[serde(default)]
        elapsed: i64,
    }
    #[derive(serde::Deserialize)]
    struct Status {
        #[serde(default)]
        queries: Vec<Query>,
    }
    const DOING: &str = "list running SPARQL";
    let answer = data.send(DOING, raw::status(data.url())?).await?;
    let garbled = |why: String| Failure::new(FailureKind::Garbled, DOING, why);
    if answer.status != 200 {
        return Err(garbled(format!("HTTP {}", answer.status)));
    }
    let status: Status = serde_json::from_slice(&answer.body).map_err(|e| garbled(e.to_string()))?;
    let lines = status.queries.iter();
    Ok(lines.map(|q| line(&q.query_id, q.query_eval_stats.elapsed, false, &q.query_string)).collect())
}
