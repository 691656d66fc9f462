//! Lists and describes MemoryDB: clusters, each followed by its nodes.

use super::spec::CLUSTER;
use super::{extras, row};
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::aws::pages::{Next, Pages};
use crate::model::{Detail, Failure, FailureKind, Resource, ResourceId, SafeText};
use crate::services::{Part, Parts};
use aws_sdk_memorydb::types::Cluster;

/// Clusters a page: the most that the API gives.
const PAGE: i32 = 100;

/// Lists clusters and nodes, as each page arrives.
pub async fn list(reach: &Reach, out: Parts<'_>) -> Result<(), Failure> {
    let more = each(reach, |clusters| {
        let rows: Vec<Resource> = clusters.iter().flat_map(|c| row::rows(reach.place(), c)).collect();
        out(Part::of(rows, true));
    })
    .await?;
    out(Part::of(Vec::new(), more));
    Ok(())
}

/// Reads every page of clusters; true when more exist than were read.
async fn each(reach: &Reach, mut take: impl FnMut(&[Cluster])) -> Result<bool, Failure> {
    let (client, place) = (reach.memorydb(), reach.place());
    let (mut pages, mut token) = (Pages::default(), None);
    loop {
        let call = client.describe_clusters().show_shard_details(true).max_results(PAGE);
        let answer = call.set_next_token(token.take()).send().await;
        let answer = answer.map_err(|e| failure(&format!("list MemoryDB clusters at {place}"), &e))?;
        take(answer.clusters());
        match pages.after(answer.next_token()) {
            Next::Page(next) => token = Some(next),
            Next::Done => return Ok(false),
            Next::Cut => return Ok(true),
        }
    }
}

/// The cluster of this name, from AWS now.
///
/// # Errors
/// Not found, or that of the call.
pub async fn cluster_named(reach: &Reach, name: &str) -> Result<Cluster, Failure> {
    let doing = format!("describe MemoryDB cluster {} at {}", SafeText::new(name), reach.place());
    let call = reach.memorydb().describe_clusters().cluster_name(name).show_shard_details(true);
    let found = call.send().await.map_err(|e| failure(&doing, &e))?.clusters.unwrap_or_default();
    found
        .into_iter()
        .find(|c| c.name() == Some(name))
        .ok_or_else(|| Failure::new(FailureKind::NotFound, doing, "AWS answered without it"))
}

/// Everything about a cluster or a node; without `more`, what its own description tells.
pub async fn describe(reach: &Reach, id: &ResourceId, more: bool) -> Result<Detail, Failure> {
    let missing = || {
        let doing = format!("describe {} {}", id.kind, SafeText::new(&id.name));
        Failure::new(FailureKind::NotFound, doing, "AWS answered without it")
    };
    let mut resource = if id.kind == CLUSTER {
        let found = cluster_named(reach, &id.name).await?;
        row::rows(reach.place(), &found).into_iter().next().ok_or_else(missing)?
    } else {
        // A node is only known through its cluster.
        let mut found = None;
        each(reach, |clusters| {
            let mut rows = clusters.iter().flat_map(|c| row::rows(reach.place(), c));
            found = found.take().or_else(|| rows.find(|r| r.id == *id));
        })
        .await?;
        found.ok_or_else(missing)?
    };
    let mut sections = resource.facts.clone();
    if more {
        let (tags, extra) = extras::of(reach, &resource).await;
        resource.tags = tags;
        sections.extend(extra);
    }
    Ok(Detail { resource, sections })
}
