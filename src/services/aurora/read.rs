//! Lists and describes Aurora: SDK types in, resources out.

use super::spec::{CLUSTER, GLOBAL, INSTANCE, SPEC};
use crate::aws::Reach;
use crate::model::{
    Backend, Cell, Detail, Failure, FailureKind, Place, Problem, Resource, ResourceId, SafeText,
};
use crate::services::control_plane::{self, Background, Family, family};
use crate::services::extras;
use crate::services::words::{self, Trouble, section};
use crate::services::{Part, Parts, clusters};
use aws_sdk_rds::types::{DbCluster, DbInstance};
use std::collections::HashMap;
use std::sync::Arc;

/// What a member's cluster says about it.
#[derive(Clone, Debug, Default)]
struct Membership {
    writer: bool,
    tier: Option<i32>,
    database: Option<String>,
    data_api: Option<String>,
}

/// Membership by instance identifier.
type Members = HashMap<String, Membership>;

/// Lists clusters, their members and global databases. Clusters show as their page arrives;
/// members follow when it is known who writes.
pub async fn list(reach: &Reach, out: Parts<'_>) -> Result<(), Failure> {
    let place = reach.place();
    let unknown = Background::default();
    let mut clusters = Vec::new();
    let cut_clusters = control_plane::clusters(reach, |page| {
        out(Part::of(page.items.iter().filter_map(|c| cluster(place, c, &unknown)).collect(), true));
        clusters.push(page.clone());
    })
    .await?;
    let members = members(clusters.iter().flat_map(|p| &p.items));
    let mut instances = Vec::new();
    let listing = control_plane::instances(reach, |page| {
        let rows = page.items.iter().filter_map(|i| member(place, i, &members, &unknown));
        out(Part::of(rows.collect(), true));
        instances.push(page.clone());
    });
    let (cut, background, globals) = tokio::join!(
        listing,
        control_plane::background(reach),
        control_plane::globals(reach, Family::Aurora)
    );
    let filled = clusters.iter().flat_map(|p| &p.items).filter_map(|c| cluster(place, c, &background));
    let members_filled = instances.iter().flat_map(|p| &p.items);
    let filled = filled.chain(members_filled.filter_map(|i| member(place, i, &members, &background)));
    // Global databases are an extra: a role that may not list them still sees its clusters.
    let (globals, trouble) = match globals {
        Ok(globals) => (globals, None),
        Err(failure) => (Vec::new(), Some(failure)),
    };
    let resources: Vec<_> =
        filled.chain(globals.iter().filter_map(|g| clusters::global(&SPEC, GLOBAL, place, g))).collect();
    control_plane::tell(out, resources, cut? || cut_clusters, trouble.or_else(|| background.trouble.clone()));
    Ok(())
}

/// Everything about one cluster, member or global database.
pub async fn describe(reach: &Reach, id: &ResourceId) -> Result<Detail, Failure> {
    let place = reach.place();
    let missing = || {
        let doing = format!("describe {} {}", id.kind, SafeText::new(&id.name));
        Failure::new(FailureKind::NotFound, doing, "it is not an Aurora resource")
    };
    if id.kind == GLOBAL {
        let all = control_plane::globals(reach, Family::Aurora).await?;
        let found = all.iter().find(|g| g.global_cluster_identifier() == Some(&*id.name));
        let resource = found.and_then(|g| clusters::global(&SPEC, GLOBAL, place, g)).ok_or_else(missing)?;
        return Ok(Detail { sections: resource.facts.clone(), resource });
    }
    let background = control_plane::background(reach).await;
    let resource = if id.kind == CLUSTER {
        cluster(place, &control_plane::cluster(reach, &id.name).await?, &background)
    } else {
        let found = control_plane::instance(reach, &id.name).await?;
        let of = match found.db_cluster_identifier() {
            Some(name) => members(std::iter::once(&control_plane::cluster(reach, name).await?)),
            None => Members::new(),
        };
        member(place, &found, &of, &background)
    };
    let resource = resource.ok_or_else(missing)?;
    let mut sections = resource.facts.clone();
    sections.extend(extras::sections(reach, &resource).await);
    if id.kind == CLUSTER {
        sections.push(extras::or_why("Endpoints", clusters::endpoints(reach, &id.name).await));
    }
    Ok(Detail { resource, sections })
}

fn members<'c>(clusters: impl Iterator<Item = &'c DbCluster>) -> Members {
    let of = |c: &DbCluster| {
        let database = c.database_name().map(str::to_owned);
        let data_api = c
            .http_endpoint_enabled()
            .unwrap_or(false)
            .then(|| c.db_cluster_arn().map(str::to_owned))
            .flatten();
        let member = move |m: &aws_sdk_rds::types::DbClusterMember| {
            let membership = Membership {
                writer: m.is_cluster_writer() == Some(true),
                tier: m.promotion_tier(),
                database: database.clone(),
                data_api: data_api.clone(),
            };
            Some((m.db_instance_identifier()?.to_owned(), membership))
        };
        c.db_cluster_members().iter().filter_map(member).collect::<Vec<_>>()
    };
    clusters.flat_map(of).collect()
}

/// A cluster as a row; `None` for one of another family or without a name.
fn cluster(place: &Place, c: &DbCluster, background: &Background) -> Option<Resource> {
    let name = c.db_cluster_identifier()?;
    let engine = c.engine().unwrap_or_default();
    if family(engine) != Family::Aurora {
        return None;
    }
    let arn = c.db_cluster_arn().unwrap_or_default();
    let eol = c.engine_version().and_then(|v| background.end_of_support(engine, v));
    let maintenance = background.maintenance.get(arn);
    let cells = vec![
        words::engine_cell(c.engine(), c.engine_version()),
        Cell::Text("cluster".into()),
        Cell::text(c.storage_type()),
        Cell::text(clusters::range(c)),
        Cell::count(i64::try_from(c.db_cluster_members().len()).ok()),
        Cell::Absent,
        Cell::text(Some(c.availability_zones().join(" ")).filter(|z| !z.is_empty())),
        Cell::flag(c.http_endpoint_enabled()),
        Cell::text(maintenance),
        words::days(c.backup_retention_period()),
        Cell::flag(c.storage_encrypted()),
        Cell::flag(c.publicly_accessible()),
        Cell::flag(c.deletion_protection()),
        eol.map_or(Cell::Absent, Cell::Time),
    ];
    let backend = control_plane::cluster_backend(c);
    Some(Resource {
        id: ResourceId { service: SPEC.id, kind: CLUSTER, place: place.clone(), name: name.into() },
        name: SafeText::new(name),
        arn: arn.into(),
        health: words::health(c.status()),
        cells,
        parent: c.global_cluster_identifier().filter(|g| !g.is_empty()).map(Arc::from),
        no_query: words::no_query(c.engine(), backend.as_ref()),
        backend,
        problems: cluster_problems(c, eol, maintenance.is_some()),
        tags: words::tags(c.tag_list()),
        facts: control_plane::cluster_facts(c, background.maintenance_fact(arn).as_ref()),
        dimensions: vec![("DBClusterIdentifier", name.into())],
    })
}

fn cluster_problems(c: &DbCluster, eol: Option<i64>, maintenance: bool) -> Vec<Problem> {
    let mut trouble = Trouble::default();
    clusters::status_trouble(&mut trouble, c.status());
    let writers = c.db_cluster_members().iter().filter(|m| m.is_cluster_writer() == Some(true)).count();
    if writers == 0 && !c.db_cluster_members().is_empty() && c.replication_source_identifier().is_none() {
        trouble.risk(c.global_cluster_identifier().is_none(), "no-writer", "no member is the writer");
    }
    clusters::cluster_trouble(&mut trouble, c, "no reader to fail over to", maintenance);
    trouble.ends("engine-eol", "standard support of this engine version", eol, 180);
    trouble.into_problems()
}

/// A member as a row.
fn member(place: &Place, i: &DbInstance, members: &Members, background: &Background) -> Option<Resource> {
    let name = i.db_instance_identifier()?;
    if family(i.engine().unwrap_or_default()) != Family::Aurora {
        return None;
    }
    let of = members.get(name).cloned().unwrap_or_default();
    let arn = i.db_instance_arn().unwrap_or_default();
    let maintenance = background.maintenance.get(arn);
    let role = if of.writer { "writer" } else { "reader" };
    let cells = vec![
        words::engine_cell(i.engine(), i.engine_version()),
        Cell::Text(role.into()),
        Cell::text(i.db_instance_class()),
        Cell::Absent,
        Cell::Absent,
        Cell::count(of.tier.or(i.promotion_tier()).map(i64::from)),
        Cell::text(i.availability_zone()),
        Cell::Absent,
        Cell::text(maintenance),
        Cell::Absent,
        Cell::flag(i.storage_encrypted()),
        Cell::flag(i.publicly_accessible()),
        Cell::flag(i.deletion_protection()),
        Cell::Absent,
    ];
    let backend = member_backend(i, &of);
    Some(Resource {
        id: ResourceId { service: SPEC.id, kind: INSTANCE, place: place.clone(), name: name.into() },
        name: SafeText::new(name),
        arn: arn.into(),
        health: words::health(i.db_instance_status()),
        cells,
        parent: i.db_cluster_identifier().map(Arc::from),
        no_query: words::no_query(i.engine(), backend.as_ref()),
        backend,
        problems: clusters::member_trouble(i, maintenance.is_some()).into_problems(),
        tags: words::tags(i.tag_list()),
        facts: vec![section("Member", clusters::member_facts(i, role, of.tier, None))],
        dimensions: vec![("DBInstanceIdentifier", name.into())],
    })
}

fn member_backend(i: &DbInstance, of: &Membership) -> Option<Backend> {
    let endpoint = words::endpoint(i)?;
    let mut backend = words::backend(i, vec![endpoint])?;
    backend.database = backend.database.or_else(|| of.database.as_deref().map(Arc::from));
    backend.data_api = of.data_api.as_deref().map(Arc::from);
    Some(backend)
}
