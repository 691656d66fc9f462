//! Lists and describes Redshift: three listings side by side, rows as each page arrives.

use super::spec::{CLUSTER, NAMESPACE};
use super::{cluster, extras, serverless};
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::aws::pages::{Next, Pages};
use crate::model::{Detail, Failure, FailureKind, Resource, ResourceId, SafeText};
use crate::services::{Part, Parts};
use aws_sdk_redshift::types::Cluster;
use aws_sdk_redshiftserverless::types::{Namespace, Workgroup};

/// Clusters a page: the most that the API gives.
const PAGE: i32 = 100;

/// Lists provisioned clusters, workgroups and namespaces. A listing that fails does not take
/// the rows of the others away.
pub async fn list(reach: &Reach, out: Parts<'_>) -> Result<(), Failure> {
    let (clusters, serverless) = tokio::join!(clusters(reach, out), serverless(reach, out));
    // Regions and policies without Serverless are common: clusters still count as listed.
    let aside = match (&clusters, &serverless) {
        (Ok(_), Err(failure)) => Some(failure.clone()),
        _ => None,
    };
    let cut = clusters? || serverless.unwrap_or(false);
    out(Part { resources: Vec::new(), more: cut, aside });
    Ok(())
}

/// Provisioned clusters. True when more exist than were read.
async fn clusters(reach: &Reach, out: Parts<'_>) -> Result<bool, Failure> {
    let (client, place) = (reach.redshift(), reach.place());
    let (mut pages, mut marker) = (Pages::default(), None);
    loop {
        let call = client.describe_clusters().max_records(PAGE).set_marker(marker.take());
        let answer =
            call.send().await.map_err(|e| failure(&format!("list Redshift clusters at {place}"), &e))?;
        let rows: Vec<Resource> = answer.clusters().iter().filter_map(|c| cluster::row(place, c)).collect();
        out(Part::of(rows, true));
        match pages.after(answer.marker()) {
            Next::Page(next) => marker = Some(next),
            Next::Done => return Ok(false),
            Next::Cut => return Ok(true),
        }
    }
}

/// Namespaces, then the workgroups over them: a workgroup's database and secret are its
/// namespace's. True when more exist than were read.
async fn serverless(reach: &Reach, out: Parts<'_>) -> Result<bool, Failure> {
    let (workgroups, namespaces) = tokio::join!(workgroups(reach), namespaces(reach));
    let (workgroups, cut) = workgroups?;
    let (namespaces, cut_namespaces, trouble) = match namespaces {
        Ok((namespaces, cut)) => (namespaces, cut, None),
        Err(failure) => (Vec::new(), false, Some(failure)),
    };
    let place = reach.place();
    // A workgroup always has its namespace: an answer without any is no answer.
    let trouble = trouble.or_else(|| {
        let doing = format!("list Redshift Serverless namespaces at {place}");
        let orphans = namespaces.is_empty() && !workgroups.is_empty();
        orphans.then(|| Failure::new(FailureKind::Garbled, doing, "AWS listed workgroups and no namespace"))
    });
    let of = |w: &Workgroup| namespaces.iter().find(|n| n.namespace_name() == w.namespace_name());
    let mut rows: Vec<Resource> =
        workgroups.iter().filter_map(|w| serverless::workgroup(place, w, of(w))).collect();
    rows.extend(namespaces.iter().filter_map(|n| serverless::namespace(place, n)));
    out(Part::of(rows, true));
    trouble.map_or(Ok(cut || cut_namespaces), Err)
}

async fn workgroups(reach: &Reach) -> Result<(Vec<Workgroup>, bool), Failure> {
    let client = reach.redshift_serverless();
    let (mut pages, mut token, mut all) = (Pages::default(), None, Vec::new());
    loop {
        let call = client.list_workgroups().max_results(PAGE).set_next_token(token.take());
        let doing = format!("list Redshift Serverless workgroups at {}", reach.place());
        let answer = call.send().await.map_err(|e| failure(&doing, &e))?;
        let next = pages.after(answer.next_token());
        all.extend(answer.workgroups);
        match next {
            Next::Page(next) => token = Some(next),
            Next::Done => return Ok((all, false)),
            Next::Cut => return Ok((all, true)),
        }
    }
}

async fn namespaces(reach: &Reach) -> Result<(Vec<Namespace>, bool), Failure> {
    let client = reach.redshift_serverless();
    let (mut pages, mut token, mut all) = (Pages::default(), None, Vec::new());
    loop {
        let call = client.list_namespaces().max_results(PAGE).set_next_token(token.take());
        let doing = format!("list Redshift Serverless namespaces at {}", reach.place());
        let answer = call.send().await.map_err(|e| failure(&doing, &e))?;
        let next = pages.after(answer.next_token());
        all.extend(answer.namespaces);
        match next {
            Next::Page(next) => token = Some(next),
            Next::Done => return Ok((all, false)),
            Next::Cut => return Ok((all, true)),
        }
    }
}

/// One cluster, workgroup or namespace; when `whole`, with everything that a detail view shows.
pub async fn describe(reach: &Reach, id: &ResourceId, whole: bool) -> Result<Detail, Failure> {
    let place = reach.place();
    let missing = || {
        let doing = format!("describe {} {}", id.kind, SafeText::new(&id.name));
        Failure::new(FailureKind::NotFound, doing, "AWS answered without it")
    };
    if id.kind == CLUSTER {
        let found = cluster_named(reach, &id.name).await?;
        let resource = cluster::row(place, &found).ok_or_else(missing)?;
        let mut sections = resource.facts.clone();
        if whole {
            sections.extend(extras::of_cluster(reach, &found).await);
        }
        return Ok(Detail { resource, sections });
    }
    let (mut resource, more) = if id.kind == NAMESPACE {
        let namespace = namespace_named(reach, &id.name).await?;
        let resource = serverless::namespace(place, &namespace).ok_or_else(missing)?;
        let more = if whole { extras::of_namespace(reach, &id.name).await } else { Vec::new() };
        (resource, more)
    } else {
        let workgroup = workgroup_named(reach, &id.name).await?;
        // Without the namespace the row has no database to open by default; it is still a row.
        let namespace = match workgroup.namespace_name() {
            Some(name) => namespace_named(reach, name).await.ok(),
            None => None,
        };
        let resource = serverless::workgroup(place, &workgroup, namespace.as_ref()).ok_or_else(missing)?;
        let more = if whole { extras::of_workgroup(reach, &workgroup).await } else { Vec::new() };
        (resource, more)
    };
    if let Ok(tags) = extras::tags(reach, &resource.arn).await {
        resource.tags = tags;
    }
    let mut sections = resource.facts.clone();
    sections.extend(more);
    Ok(Detail { resource, sections })
}

/// The cluster of this name, from AWS now.
///
/// # Errors
/// Not found, or that of the call.
pub async fn cluster_named(reach: &Reach, name: &str) -> Result<Cluster, Failure> {
    let doing = format!("describe Redshift cluster {} at {}", SafeText::new(name), reach.place());
    let answer = reach.redshift().describe_clusters().cluster_identifier(name).send().await;
    let found = answer.map_err(|e| failure(&doing, &e))?.clusters.unwrap_or_default();
    found
        .into_iter()
        .find(|c| c.cluster_identifier() == Some(name))
        .ok_or_else(|| Failure::new(FailureKind::NotFound, doing, "AWS answered without it"))
}

/// The workgroup of this name, from AWS now.
///
/// # Errors
/// As [`cluster_named`].
pub async fn workgroup_named(reach: &Reach, name: &str) -> Result<Workgroup, Failure> {
    let doing = format!("describe workgroup {} at {}", SafeText::new(name), reach.place());
    let answer = reach.redshift_serverless().get_workgroup().workgroup_name(name).send().await;
    let found = answer.map_err(|e| failure(&doing, &e))?.workgroup;
    found
        .filter(|w| w.workgroup_name() == Some(name))
        .ok_or_else(|| Failure::new(FailureKind::NotFound, doing, "AWS answered without it"))
}

async fn namespace_named(reach: &Reach, name: &str) -> Result<Namespace, Failure> {
    let doing = format!("describe namespace {} at {}", SafeText::new(name), reach.place());
    let answer = reach.redshift_serverless().get_namespace().namespace_name(name).send().await;
    let found = answer.map_err(|e| failure(&doing, &e))?.namespace;
    found
        .filter(|n| n.namespace_name() == Some(name))
        .ok_or_else(|| Failure::new(FailureKind::NotFound, doing, "AWS answered without it"))
}
