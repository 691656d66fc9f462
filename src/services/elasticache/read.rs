//! Lists and describes ElastiCache: four listings side by side; a listing that fails does not take the
//! rows of the others away.

use super::group::{self, Known};
use super::spec::{GLOBAL, GROUP, NODE, SERVERLESS};
use super::update::{Updates, updates};
use super::{extras, single};
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::aws::pages::{Next, Pages};
use crate::model::{Detail, Failure, FailureKind, Resource, ResourceId, SafeText};
use crate::services::{Part, Parts};
use aws_sdk_elasticache::types::{CacheCluster, GlobalReplicationGroup, ReplicationGroup, ServerlessCache};

/// Rows a page: the most that the API gives.
const PAGE: i32 = 100;
/// The most of `DescribeServerlessCaches`.
const SERVERLESS_PAGE: i32 = 50;

/// Lists groups with their nodes, clusters, Serverless caches and global datastores.
pub async fn list(reach: &Reach, out: Parts<'_>) -> Result<(), Failure> {
    let place = reach.place();
    let early = |groups: &[ReplicationGroup]| {
        let (none, updates) = (Vec::new(), Updates::default());
        let known = groups.iter().map(|group| Known { group, nodes: &none, updates: &updates });
        out(Part::of(known.filter_map(|k| k.row(place)).collect(), true));
    };
    let (groups, clusters, serverless, globals, updates) = tokio::join!(
        groups(reach, None, early),
        clusters(reach, None),
        serverless(reach, out),
        globals(reach),
        updates(reach)
    );
    let asides =
        [clusters.as_ref().err(), serverless.as_ref().err(), globals.as_ref().err(), updates.as_ref().err()];
    let aside = asides.into_iter().flatten().next().cloned();
    let updates = updates.unwrap_or_default();
    let (clusters, cut_clusters) = clusters.unwrap_or_default();
    let (globals, cut_globals) = globals.unwrap_or_default();
    // Groups come first in the report, but what else was listed is shown also without them.
    let (listed, cut_groups) = match &groups {
        Ok((listed, cut)) => (listed.as_slice(), *cut),
        Err(_) => (&[][..], false),
    };
    let mut rows: Vec<Resource> = Vec::new();
    for group in listed {
        let nodes = nodes_of(group, &clusters);
        let known = Known { group, nodes: &nodes, updates: &updates };
        rows.extend(known.row(place));
        rows.extend(known.members(place));
    }
    let alone = clusters.iter().filter(|c| c.replication_group_id().is_none());
    rows.extend(alone.filter_map(|c| single::row(place, c, &updates)));
    rows.extend(globals.iter().filter_map(|g| group::global(place, g)));
    let more = cut_groups || cut_clusters || cut_globals || serverless.unwrap_or(false);
    out(Part { resources: rows, more, aside });
    groups.map(drop)
}

/// The listed nodes of a group.
fn nodes_of<'a>(group: &ReplicationGroup, clusters: &'a [CacheCluster]) -> Vec<&'a CacheCluster> {
    let id = group.replication_group_id();
    clusters.iter().filter(|c| c.replication_group_id().is_some() && c.replication_group_id() == id).collect()
}

/// Replication groups; true when more exist than were read.
async fn groups(
    reach: &Reach,
    named: Option<&str>,
    each: impl Fn(&[ReplicationGroup]),
) -> Result<(Vec<ReplicationGroup>, bool), Failure> {
    let doing = match named {
        Some(name) => format!("describe replication group {} at {}", SafeText::new(name), reach.place()),
        None => format!("list replication groups at {}", reach.place()),
    };
    let client = reach.elasticache();
    let (mut pages, mut marker, mut all) = (Pages::default(), None, Vec::new());
    loop {
        let call = client.describe_replication_groups().set_replication_group_id(named.map(str::to_owned));
        let call = call.max_records(PAGE).set_marker(marker.take());
        let answer = call.send().await.map_err(|e| failure(&doing, &e))?;
        let next = pages.after(answer.marker());
        let page = answer.replication_groups.unwrap_or_default();
        each(&page);
        all.extend(page);
        match next {
            Next::Page(token) => marker = Some(token),
            Next::Done => return Ok((all, false)),
            Next::Cut => return Ok((all, true)),
        }
    }
}

/// Cache clusters with their nodes' endpoints; true when more exist than were read.
async fn clusters(reach: &Reach, named: Option<&str>) -> Result<(Vec<CacheCluster>, bool), Failure> {
    let doing = match named {
        Some(name) => format!("describe cache cluster {} at {}", SafeText::new(name), reach.place()),
        None => format!("list cache clusters at {}", reach.place()),
    };
    let client = reach.elasticache();
    let (mut pages, mut marker, mut all) = (Pages::default(), None, Vec::new());
    loop {
        let call = client.describe_cache_clusters().set_cache_cluster_id(named.map(str::to_owned));
        let call = call.show_cache_node_info(true).max_records(PAGE).set_marker(marker.take());
        let answer = call.send().await.map_err(|e| failure(&doing, &e))?;
        let next = pages.after(answer.marker());
        all.extend(answer.cache_clusters.unwrap_or_default());
        match next {
            Next::Page(token) => marker = Some(token),
            Next::Done => return Ok((all, false)),
            Next::Cut => return Ok((all, true)),
        }
    }
}

/// Serverless caches, told as each page arrives; true when more exist than were read.
async fn serverless(reach: &Reach, out: Parts<'_>) -> Result<bool, Failure> {
    let (client, place) = (reach.elasticache(), reach.place());
    let (mut pages, mut token) = (Pages::default(), None);
    loop {
        let call =
            client.describe_serverless_caches().max_results(SERVERLESS_PAGE).set_next_token(token.take());
        let answer =
            call.send().await.map_err(|e| failure(&format!("list Serverless caches at {place}"), &e))?;
        let rows: Vec<Resource> =
            answer.serverless_caches().iter().filter_map(|s| single::serverless(place, s)).collect();
        out(Part::of(rows, true));
        match pages.after(answer.next_token()) {
            Next::Page(next) => token = Some(next),
            Next::Done => return Ok(false),
            Next::Cut => return Ok(true),
        }
    }
}

/// Global datastores; true when more exist than were read.
async fn globals(reach: &Reach) -> Result<(Vec<GlobalReplicationGroup>, bool), Failure> {
    let client = reach.elasticache();
    let (mut pages, mut marker, mut all) = (Pages::default(), None, Vec::new());
    loop {
        let call = client.describe_global_replication_groups().show_member_info(true);
        let call = call.max_records(PAGE).set_marker(marker.take());
        let doing = format!("list global datastores at {}", reach.place());
        let answer = call.send().await.map_err(|e| failure(&doing, &e))?;
        let next = pages.after(answer.marker());
        all.extend(answer.global_replication_groups.unwrap_or_default());
        match next {
            Next::Page(token) => marker = Some(token),
            Next::Done => return Ok((all, false)),
            Next::Cut => return Ok((all, true)),
        }
    }
}

fn missing(id: &ResourceId) -> Failure {
    let doing = format!("describe {} {}", id.kind, SafeText::new(&id.name));
    Failure::new(FailureKind::NotFound, doing, "AWS answered without it")
}

/// The group of this name, from AWS now.
///
/// # Errors
/// Not found, or that of the call.
pub async fn group_named(reach: &Reach, name: &str) -> Result<ReplicationGroup, Failure> {
    let (found, _) = groups(reach, Some(name), |_| {}).await?;
    found.into_iter().find(|g| g.replication_group_id() == Some(name)).ok_or_else(|| {
        let doing = format!("describe replication group {}", SafeText::new(name));
        Failure::new(FailureKind::NotFound, doing, "AWS answered without it")
    })
}

/// The cluster of this name, from AWS now.
///
/// # Errors
/// Not found, or that of the call.
pub async fn cluster_named(reach: &Reach, name: &str) -> Result<CacheCluster, Failure> {
    let (found, _) = clusters(reach, Some(name)).await?;
    found.into_iter().find(|c| c.cache_cluster_id() == Some(name)).ok_or_else(|| {
        let doing = format!("describe cache cluster {}", SafeText::new(name));
        Failure::new(FailureKind::NotFound, doing, "AWS answered without it")
    })
}

/// The Serverless cache of this name, from AWS now.
///
/// # Errors
/// Not found, or that of the call.
pub async fn serverless_named(reach: &Reach, name: &str) -> Result<ServerlessCache, Failure> {
    let doing = format!("describe Serverless cache {} at {}", SafeText::new(name), reach.place());
    let answer = reach.elasticache().describe_serverless_caches().serverless_cache_name(name).send().await;
    let found = answer.map_err(|e| failure(&doing, &e))?.serverless_caches.unwrap_or_default();
    found
        .into_iter()
        .find(|s| s.serverless_cache_name() == Some(name))
        .ok_or_else(|| Failure::new(FailureKind::NotFound, doing, "AWS answered without it"))
}

/// Everything about one row; without `more`, what its own description tells.
pub async fn describe(reach: &Reach, id: &ResourceId, more: bool) -> Result<Detail, Failure> {
    let place = reach.place();
    let (mut resource, found) = match id.kind {
        GROUP | NODE => in_group(reach, id).await?,
        SERVERLESS => {
            let found = serverless_named(reach, &id.name).await?;
            (single::serverless(place, &found).ok_or_else(|| missing(id))?, Vec::new())
        }
        GLOBAL => {
            let (found, _) = globals(reach).await?;
            let found = found.iter().find(|g| g.global_replication_group_id() == Some(&*id.name));
            (found.and_then(|g| group::global(place, g)).ok_or_else(|| missing(id))?, Vec::new())
        }
        _ => {
            let updates = if more { updates(reach).await.unwrap_or_default() } else { Updates::default() };
            let found = cluster_named(reach, &id.name).await?;
            (single::row(place, &found, &updates).ok_or_else(|| missing(id))?, Vec::new())
        }
    };
    let mut sections = resource.facts.clone();
    if more {
        let (tags, extra) = extras::of(reach, &resource, &found).await;
        resource.tags = tags;
        sections.extend(extra);
    }
    Ok(Detail { resource, sections })
}

/// A group or one of its nodes, and the user groups that may log in.
async fn in_group(reach: &Reach, id: &ResourceId) -> Result<(Resource, Vec<String>), Failure> {
    let name = if id.kind == GROUP {
        id.name.to_string()
    } else {
        let node = cluster_named(reach, &id.name).await?;
        node.replication_group_id.ok_or_else(|| missing(id))?
    };
    // Versions and endpoints of the nodes are only in the listing of clusters.
    let (group, clusters) = tokio::join!(group_named(reach, &name), clusters(reach, None));
    let (group, (clusters, _)) = (group?, clusters.unwrap_or_default());
    let updates = updates(reach).await.unwrap_or_default();
    let nodes = nodes_of(&group, &clusters);
    let known = Known { group: &group, nodes: &nodes, updates: &updates };
    let users = group.user_group_ids().to_vec();
    let row = if id.kind == GROUP {
        known.row(reach.place())
    } else {
        known.members(reach.place()).into_iter().find(|m| m.id.name == id.name)
    };
    Ok((row.ok_or_else(|| missing(id))?, users))
}
