//! Lists and describes DSQL clusters: identifiers at once, what each cluster is behind them.

use super::spec::{CLUSTER, SPEC};
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::aws::pages::{Next, Pages};
use crate::model::{
    Backend, Cell, Detail, DialectId, Endpoint, EndpointRole, EngineId, Failure, FailureKind, Health, Place,
    Resource, ResourceId, SafeText, Section,
};
use crate::services::extras::or_why;
use crate::services::words::{Trouble, section, time};
use crate::services::{Part, Parts};
use aws_sdk_dsql::Client;
use aws_sdk_dsql::operation::get_cluster::GetClusterOutput;
use futures_util::{StreamExt, stream};

/// Clusters asked for at once.
const AT_ONCE: usize = 8;
/// Clusters told in one part while they are filled in.
const BATCH: usize = 25;
/// The one database that a cluster has.
const DATABASE: &str = "postgres";
/// The role that every cluster has from the start.
pub const ADMIN: &str = "admin";

/// Lists clusters by identifier, page by page, then fills each in.
pub async fn list(reach: &Reach, out: Parts<'_>) -> Result<(), Failure> {
    let place = reach.place();
    let client = reach.dsql();
    let (mut pages, mut token, mut names) = (Pages::default(), None, Vec::new());
    let cut = loop {
        let call = client.list_clusters().max_results(100).set_next_token(token.take());
        let answer = call.send().await.map_err(|e| failure(&format!("list DSQL clusters at {place}"), &e))?;
        let found = answer.clusters.iter().filter(|c| !c.identifier.is_empty());
        let found: Vec<String> = found.map(|c| c.identifier.clone()).collect();
        out(Part::of(found.iter().map(|name| named(place, name)).collect(), true));
        names.extend(found);
        match pages.after(answer.next_token.as_deref()) {
            Next::Page(next) => token = Some(next),
            Next::Done => break false,
            Next::Cut => break true,
        }
    };
    let mut first_trouble = None;
    let mut filled = stream::iter(names)
        .map(|name| cluster(&client, place, name))
        .buffer_unordered(AT_ONCE)
        .ready_chunks(BATCH);
    while let Some(batch) = filled.next().await {
        let mut rows = Vec::with_capacity(batch.len());
        for cluster in batch {
            match cluster {
                Ok(cluster) => rows.push(row(place, &cluster)),
                // Deleted since it was listed.
                Err(failure) if failure.kind == FailureKind::NotFound => {}
                Err(failure) => {
                    first_trouble.get_or_insert(failure);
                }
            }
        }
        out(Part::of(rows, true));
    }
    out(Part::of(Vec::new(), cut));
    first_trouble.map_or(Ok(()), Err)
}

async fn cluster(client: &Client, place: &Place, name: String) -> Result<GetClusterOutput, Failure> {
    let doing = format!("describe DSQL cluster {} at {place}", SafeText::new(&name));
    // The identifier stands in the path of the request: what is none would name another operation.
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(Failure::new(
            FailureKind::Garbled,
            doing,
            "AWS named a cluster by what is no identifier",
        ));
    }
    let answer = client.get_cluster().identifier(&name).send().await.map_err(|e| failure(&doing, &e))?;
    if answer.identifier == name {
        Ok(answer)
    } else {
        Err(Failure::new(FailureKind::NotFound, doing, "AWS answered with another cluster"))
    }
}

/// The cluster of this identifier, from AWS now.
///
/// # Errors
/// Not found, or that of the call.
pub async fn cluster_named(reach: &Reach, name: &str) -> Result<GetClusterOutput, Failure> {
    cluster(&reach.dsql(), reach.place(), name.to_owned()).await
}

/// Everything about one cluster.
pub async fn describe(reach: &Reach, id: &ResourceId) -> Result<Detail, Failure> {
    let (found, streams) = tokio::join!(cluster_named(reach, &id.name), streams(reach, &id.name));
    let resource = row(reach.place(), &found?);
    let mut sections = resource.facts.clone();
    sections.push(or_why("Change streams", streams));
    Ok(Detail { resource, sections })
}

type Facts = Vec<(SafeText, Cell)>;

async fn streams(reach: &Reach, name: &str) -> Result<Facts, Failure> {
    let call = reach.dsql().list_streams().cluster_identifier(name).max_results(100);
    let answer = call.send().await.map_err(|e| failure("list its streams", &e))?;
    let line = |s: &aws_sdk_dsql::types::StreamSummary| {
        (SafeText::new(&s.stream_identifier), Cell::Text(SafeText::new(s.status.as_str())))
    };
    Ok(answer.streams.iter().map(line).collect())
}

/// The health behind a cluster's status.
pub fn health(status: &str) -> Health {
    let word = SafeText::new(status);
    match status {
        "ACTIVE" => Health::Good(word),
        // Both wake by themselves when somebody connects.
        "IDLE" | "INACTIVE" => Health::Idle(word),
        "CREATING" | "UPDATING" | "DELETING" | "PENDING_SETUP" | "PENDING_DELETE" => Health::Busy(word),
        "FAILED" | "DELETED" => Health::Bad(word),
        _ => Health::Unknown(word),
    }
}

/// The Region that an ARN names.
fn region(arn: &str) -> &str {
    arn.split(':').nth(3).filter(|region| !region.is_empty()).unwrap_or(arn)
}

/// The clusters that it is linked with, itself left out, as ARNs.
fn peers(c: &GetClusterOutput) -> Vec<&str> {
    let all = c
        .multi_region_properties()
        .map(aws_sdk_dsql::types::MultiRegionProperties::clusters)
        .unwrap_or_default();
    all.iter().map(String::as_str).filter(|arn| *arn != c.arn).collect()
}

fn row(place: &Place, c: &GetClusterOutput) -> Resource {
    let name = c.identifier.as_str();
    let peers = peers(c);
    let witness = c.multi_region_properties().and_then(|m| m.witness_region());
    let tag = |key: &str| c.tags().and_then(|t| t.get(key)).map(String::as_str);
    let mut trouble = Trouble::default();
    trouble.risk(!c.deletion_protection_enabled, "unprotected", "deletion protection is off");
    let waiting = c.status.as_str() == "PENDING_SETUP";
    trouble.risk(waiting, "peering", "its peer in the other Region has not joined it yet");
    let encryption = c.encryption_details();
    let key = encryption.map(|e| if e.kms_key_arn().is_some() { "own" } else { "AWS" });
    let regions = if witness.is_some() || !peers.is_empty() {
        SafeText::new(format!("{} Regions", peers.len() + 1))
    } else {
        "one Region".into()
    };
    let cells = vec![
        Cell::text(tag("Name")),
        Cell::Text(regions),
        Cell::text(witness),
        Cell::Flag(c.deletion_protection_enabled),
        Cell::text(key),
        time(Some(&c.creation_time)),
    ];
    let backend = c.endpoint().filter(|host| !host.is_empty()).map(backend);
    Resource {
        id: ResourceId { service: SPEC.id, kind: CLUSTER, place: place.clone(), name: name.into() },
        name: SafeText::new(name),
        arn: c.arn.as_str().into(),
        health: health(c.status.as_str()),
        cells,
        parent: None,
        no_query: backend.is_none().then(|| "it has no endpoint yet".into()),
        backend,
        problems: trouble.into_problems(),
        tags: tags(c),
        facts: facts(c, &peers, witness),
        dimensions: vec![("ClusterId", name.into())],
    }
}

/// A row of which only the identifier is known.
fn named(place: &Place, name: &str) -> Resource {
    Resource {
        id: ResourceId { service: SPEC.id, kind: CLUSTER, place: place.clone(), name: name.into() },
        name: SafeText::new(name),
        arn: "".into(),
        health: Health::Unknown("…".into()),
        cells: vec![Cell::Absent; SPEC.columns.len()],
        parent: None,
        backend: None,
        no_query: Some("its endpoint is not known yet".into()),
        problems: Vec::new(),
        tags: Vec::new(),
        facts: Vec::new(),
        dimensions: vec![("ClusterId", name.into())],
    }
}

fn backend(host: &str) -> Backend {
    Backend {
        engine: EngineId::Postgres,
        dialect: DialectId::Dsql,
        endpoints: vec![Endpoint { role: EndpointRole::Writer, host: host.into(), port: 5432 }],
        database: Some(DATABASE.into()),
        user: Some(ADMIN.into()),
        secret_arn: None,
        // There is no other login.
        iam_login: true,
        data_api: None,
        keys: Vec::new(),
    }
}

fn tags(c: &GetClusterOutput) -> Vec<(SafeText, SafeText)> {
    let mut tags: Vec<_> =
        c.tags().into_iter().flatten().map(|(k, v)| (SafeText::new(k), SafeText::new(v))).collect();
    tags.sort();
    tags
}

fn facts(c: &GetClusterOutput, peers: &[&str], witness: Option<&str>) -> Vec<Section> {
    let encryption = c.encryption_details();
    let mut sections = vec![
        section(
            "Cluster",
            vec![
                ("ARN", Cell::text(Some(c.arn.as_str()).filter(|arn| !arn.is_empty()))),
                ("Created", time(Some(&c.creation_time))),
                ("Deletion protection", Cell::Flag(c.deletion_protection_enabled)),
                ("Endpoint", Cell::text(c.endpoint())),
                ("Encryption", Cell::text(encryption.map(|e| e.encryption_status().as_str()))),
                ("Key", Cell::text(encryption.and_then(|e| e.kms_key_arn()))),
            ],
        ),
        section(
            "Statements",
            vec![(
                "Concurrency",
                Cell::Text("no locks: of two transactions that clash, one ends with 40001".into()),
            )],
        ),
    ];
    let mut topology: Vec<(SafeText, Cell)> =
        peers.iter().map(|arn| (SafeText::new(region(arn)), Cell::Text(SafeText::new(arn)))).collect();
    topology.extend(witness.map(|w| ("Witness Region".into(), Cell::Text(SafeText::new(w)))));
    if !topology.is_empty() {
        sections.push(Section { title: "Linked clusters".into(), facts: topology });
    }
    sections
}
