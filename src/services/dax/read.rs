//! Lists and describes DAX: clusters and their nodes come in one answer.

use super::spec::{CLUSTER, NODE, SPEC};
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::aws::pages::{Next, Pages};
use crate::model::{
    Cell, Detail, Failure, FailureKind, Health, Place, Resource, ResourceId, SafeText, Section,
};
use crate::services::extras::or_why;
use crate::services::words::{Trouble, section};
use crate::services::{Part, Parts};
use aws_sdk_dax::Client;
use aws_sdk_dax::primitives::DateTime;
use aws_sdk_dax::types::{Cluster, ClusterEndpointEncryptionType, Endpoint, Node, SourceType, SseStatus};

type Facts = Vec<(SafeText, Cell)>;

/// Why no row of DAX has a query tab.
const NO_QUERY: &str =
    "DAX speaks a closed protocol of its own; query the DynamoDB table behind it, which has the same data";

/// Minutes of events: one day.
const EVENT_MINUTES: i32 = 24 * 60;

/// Lists clusters with their nodes, page by page.
pub async fn list(reach: &Reach, out: Parts<'_>) -> Result<(), Failure> {
    let (place, client) = (reach.place(), reach.dax());
    let (mut pages, mut token) = (Pages::default(), None);
    loop {
        let call = client.describe_clusters().max_results(100).set_next_token(token.take());
        let doing = format!("list DAX clusters at {place}");
        let answer = call.send().await.map_err(|e| failure(&doing, &e))?;
        let rows = answer.clusters().iter().flat_map(|c| rows(place, c)).collect();
        let next = pages.after(answer.next_token());
        out(Part::of(rows, next != Next::Done));
        match next {
            Next::Page(next) => token = Some(next),
            Next::Done | Next::Cut => return Ok(()),
        }
    }
}

/// A cluster as AWS describes it.
pub async fn cluster(client: &Client, place: &Place, name: &str) -> Result<Cluster, Failure> {
    let doing = format!("describe DAX cluster {} at {place}", SafeText::new(name));
    let answer = client.describe_clusters().cluster_names(name).send().await;
    let answer = answer.map_err(|e| failure(&doing, &e))?;
    let found = answer.clusters.into_iter().flatten().find(|c| c.cluster_name() == Some(name));
    found.ok_or_else(|| Failure::new(FailureKind::NotFound, doing, "AWS answered without it"))
}

/// `CLUSTER.NODE` taken apart: no cluster's name has a dot.
pub fn apart(name: &str) -> Option<(&str, &str)> {
    name.split_once('.').filter(|(cluster, node)| !cluster.is_empty() && !node.is_empty())
}

/// Everything about one cluster or node.
pub async fn describe(reach: &Reach, id: &ResourceId) -> Result<Detail, Failure> {
    let (client, place) = (reach.dax(), reach.place());
    let name = if id.kind == NODE { apart(&id.name).map_or("", |(cluster, _)| cluster) } else { &*id.name };
    let missing = || {
        let doing = format!("describe DAX {} {}", id.kind, SafeText::new(&id.name));
        Failure::new(FailureKind::NotFound, doing, "there is none of this name")
    };
    // One name is a cluster's, two are a node's: neither is asked for as the other.
    if apart(&id.name).is_some() != (id.kind == NODE) {
        return Err(missing());
    }
    let found = cluster(&client, place, name).await?;
    let all = rows(place, &found);
    let mut resource = all.into_iter().find(|r| r.id == *id).ok_or_else(missing)?;
    let mut sections = resource.facts.clone();
    if id.kind == CLUSTER {
        let group = found.parameter_group().and_then(|g| g.parameter_group_name());
        let (tags, parameters, events) = tokio::join!(
            tags(&client, found.cluster_arn().unwrap_or_default()),
            parameters(&client, group),
            events(&client, name)
        );
        if let Ok(tags) = &tags {
            resource.tags.clone_from(tags);
        }
        sections.push(or_why("Parameters", parameters));
        sections.push(or_why("Events of the last day", events));
        if tags.is_err() {
            sections.push(or_why("Tags", tags.map(|_| Facts::new())));
        }
    }
    Ok(Detail { resource, sections })
}

async fn tags(client: &Client, arn: &str) -> Result<Vec<(SafeText, SafeText)>, Failure> {
    let (mut pages, mut token, mut all) = (Pages::default(), None, Vec::new());
    loop {
        let call = client.list_tags().resource_name(arn).set_next_token(token.take());
        let answer = call.send().await.map_err(|e| failure("list tags", &e))?;
        let words = |text: Option<&str>| SafeText::new(text.unwrap_or_default());
        all.extend(answer.tags().iter().map(|t| (words(t.key()), words(t.value()))));
        match pages.after(answer.next_token()) {
            Next::Page(next) => token = Some(next),
            Next::Done | Next::Cut => return Ok(all),
        }
    }
}

/// The parameters of a group: how long items and queries stay in the caches.
async fn parameters(client: &Client, group: Option<&str>) -> Result<Facts, Failure> {
    let Some(group) = group else { return Ok(Facts::new()) };
    let (mut pages, mut token, mut all) = (Pages::default(), None, Facts::new());
    loop {
        let call = client.describe_parameters().parameter_group_name(group).set_next_token(token.take());
        let answer = call.send().await.map_err(|e| failure("describe parameters", &e))?;
        let named = answer.parameters().iter().filter_map(|p| Some((p.parameter_name()?, p)));
        all.extend(named.map(|(name, p)| (SafeText::new(name), Cell::text(p.parameter_value()))));
        match pages.after(answer.next_token()) {
            Next::Page(next) => token = Some(next),
            Next::Done | Next::Cut => return Ok(all),
        }
    }
}

async fn events(client: &Client, cluster: &str) -> Result<Facts, Failure> {
    let call = client.describe_events().source_name(cluster).source_type(SourceType::Cluster);
    let answer = call.duration(EVENT_MINUTES).send().await.map_err(|e| failure("list events", &e))?;
    let mut all: Vec<_> = answer.events().iter().collect();
    all.sort_by_key(|e| std::cmp::Reverse(e.date().map(DateTime::secs)));
    Ok(all.iter().map(|e| (SafeText::new(when(e.date())), Cell::text(e.message()))).collect())
}

/// A moment as a label.
fn when(at: Option<&DateTime>) -> String {
    let ms = at.and_then(|at| at.to_millis().ok());
    let stamp = ms.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    stamp.map_or_else(|| "?".to_owned(), |at| at.strftime("%m-%d %H:%M").to_string())
}

fn health(status: Option<&str>) -> Health {
    let word = SafeText::new(status.unwrap_or("unknown"));
    match word.as_str() {
        "available" => Health::Good(word),
        w if w.starts_with("incompatible") || w == "failed" => Health::Bad(word),
        w if w.ends_with("ing") => Health::Busy(word),
        _ => Health::Unknown(word),
    }
}

fn host(endpoint: Option<&Endpoint>) -> Option<String> {
    let endpoint = endpoint?;
    Some(format!("{}:{}", endpoint.address()?, endpoint.port()))
}

/// A row that has what all rows of DAX have.
fn plain(place: &Place, kind: &'static str, name: &str, health: Health) -> Resource {
    Resource {
        id: ResourceId { service: SPEC.id, kind, place: place.clone(), name: name.into() },
        name: SafeText::new(name),
        arn: "".into(),
        health,
        cells: vec![Cell::Absent; SPEC.columns.len()],
        parent: None,
        backend: None,
        no_query: Some(NO_QUERY.into()),
        problems: Vec::new(),
        tags: Vec::new(),
        facts: Vec::new(),
        dimensions: Vec::new(),
    }
}

/// A cluster and its nodes as rows; none without a name.
pub fn rows(place: &Place, c: &Cluster) -> Vec<Resource> {
    let Some(name) = c.cluster_name().filter(|n| !n.is_empty()) else { return Vec::new() };
    let nodes = c.nodes().iter().filter_map(|n| node(place, name, c, n));
    std::iter::once(row(place, name, c)).chain(nodes).collect()
}

fn row(place: &Place, name: &str, c: &Cluster) -> Resource {
    let health = health(c.status());
    let encrypted = c.sse_description().and_then(|s| s.status()).map(|s| *s == SseStatus::Enabled);
    let tls = c.cluster_endpoint_encryption_type().map(|t| *t == ClusterEndpointEncryptionType::Tls);
    let mut zones: Vec<_> = c.nodes().iter().filter_map(Node::availability_zone).collect();
    zones.sort_unstable();
    zones.dedup();
    let group = c.parameter_group();
    let waits = group.map(|g| g.node_ids_to_reboot().len()).unwrap_or_default();
    let mut trouble = Trouble::default();
    if let Health::Bad(word) = &health {
        trouble.urgent("status", format!("status is {word}"));
    }
    if let (Some(active), Some(total)) = (c.active_nodes(), c.total_nodes())
        && active < total
    {
        trouble.urgent("nodes", format!("{active} of {total} nodes are active"));
    }
    trouble.risk(c.total_nodes() == Some(1), "single", "one node only: a failure takes the cache away");
    trouble.risk(zones.len() == 1 && c.nodes().len() > 1, "single-az", "all nodes are in one zone");
    trouble.risk(encrypted == Some(false), "unencrypted", "encryption at rest is off");
    trouble.risk(tls == Some(false), "plain-text", "the endpoint takes connections without TLS");
    trouble.risk(waits > 0, "reboot", format!("{waits} nodes wait for a reboot to take their parameters"));
    let mut resource = plain(place, CLUSTER, name, health);
    resource.arn = c.cluster_arn().unwrap_or_default().into();
    resource.problems = trouble.into_problems();
    resource.dimensions = vec![("ClusterId", name.into())];
    let count = |n: Option<i32>| n.map_or_else(|| "?".to_owned(), |n| n.to_string());
    resource.cells = vec![
        Cell::text(c.node_type()),
        Cell::Text(SafeText::new(format!("{}/{}", count(c.active_nodes()), count(c.total_nodes())))),
        Cell::text(Some(zones.join(", ")).filter(|z| !z.is_empty())),
        Cell::flag(tls),
        Cell::flag(encrypted),
        Cell::text(group.and_then(|g| g.parameter_group_name())),
        Cell::text(c.preferred_maintenance_window()),
    ];
    resource.facts = facts(c);
    resource
}

fn facts(c: &Cluster) -> Vec<Section> {
    let group = c.parameter_group();
    let groups: Vec<_> = c.security_groups().iter().filter_map(|g| g.security_group_identifier()).collect();
    let to_go = c.node_ids_to_remove().join(", ");
    let mut sections = vec![section(
        "Cluster",
        vec![
            ("Description", Cell::text(c.description().filter(|d| !d.is_empty()))),
            ("ARN", Cell::text(c.cluster_arn())),
            ("Endpoint", Cell::text(host(c.cluster_discovery_endpoint()))),
            (
                "Endpoint encryption",
                Cell::text(c.cluster_endpoint_encryption_type().map(ClusterEndpointEncryptionType::as_str)),
            ),
            (
                "Encryption at rest",
                Cell::text(c.sse_description().and_then(|s| s.status()).map(SseStatus::as_str)),
            ),
            // Which tables it may serve is what this role may read.
            ("Role towards DynamoDB", Cell::text(c.iam_role_arn())),
            ("Parameter group", Cell::text(group.and_then(|g| g.parameter_group_name()))),
            ("Parameters are", Cell::text(group.and_then(|g| g.parameter_apply_status()))),
            ("Subnet group", Cell::text(c.subnet_group())),
            ("Security groups", Cell::text(Some(groups.join(", ")).filter(|g| !g.is_empty()))),
            ("Network", Cell::text(c.network_type().map(aws_sdk_dax::types::NetworkType::as_str))),
            ("Maintenance", Cell::text(c.preferred_maintenance_window())),
            ("Notifies", Cell::text(c.notification_configuration().and_then(|n| n.topic_arn()))),
            ("Nodes to be removed", Cell::text(Some(to_go).filter(|n| !n.is_empty()))),
        ],
    )];
    let nodes = c.nodes().iter().map(|n| {
        let words = format!("{}, {}", n.node_status().unwrap_or("?"), n.availability_zone().unwrap_or("?"));
        (SafeText::new(n.node_id().unwrap_or("?")), Cell::Text(SafeText::new(words)))
    });
    sections.push(Section { title: "Nodes".into(), facts: nodes.collect() });
    sections.retain(|s| !s.facts.is_empty());
    sections
}

fn node(place: &Place, cluster: &str, c: &Cluster, n: &Node) -> Option<Resource> {
    let id = n.node_id().filter(|n| !n.is_empty())?;
    let mut resource = plain(place, NODE, &format!("{cluster}.{id}"), health(n.node_status()));
    resource.name = SafeText::new(id);
    resource.parent = Some(cluster.into());
    let mut trouble = Trouble::default();
    if let Health::Bad(word) = &resource.health {
        trouble.urgent("status", format!("status is {word}"));
    }
    resource.problems = trouble.into_problems();
    resource.dimensions = vec![("ClusterId", cluster.into()), ("NodeId", id.into())];
    resource.cells = vec![
        Cell::text(c.node_type()),
        Cell::Absent,
        Cell::text(n.availability_zone()),
        Cell::Absent,
        Cell::Absent,
        Cell::text(n.parameter_group_status()),
        Cell::Absent,
    ];
    let created = n.node_create_time().and_then(|at| at.to_millis().ok()).map_or(Cell::Absent, Cell::Time);
    resource.facts = vec![section(
        "Node",
        vec![
            ("Cluster", Cell::text(Some(cluster))),
            ("Endpoint", Cell::text(host(n.endpoint()))),
            ("Zone", Cell::text(n.availability_zone())),
            ("Created", created),
            ("Parameters are", Cell::text(n.parameter_group_status())),
        ],
    )];
    Some(resource)
}
