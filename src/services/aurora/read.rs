//! Lists and describes Aurora: SDK types in, resources out.

use super::spec::{CLUSTER, GLOBAL, INSTANCE, SPEC};
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::model::{
    Backend, Cell, Detail, Failure, FailureKind, Place, Problem, Resource, ResourceId, SafeText,
};
use crate::services::control_plane::{self, Background, Family, family};
use crate::services::extras;
use crate::services::words::{self, Trouble, section};
use crate::services::{Part, Parts};
use aws_sdk_rds::types::{DbCluster, DbInstance, GlobalCluster};
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
    let resources: Vec<_> = filled.chain(globals.iter().filter_map(|g| global(place, g))).collect();
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
        let resource = found.and_then(|g| global(place, g)).ok_or_else(missing)?;
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
        sections.push(extras::or_why("Endpoints", endpoints(reach, &id.name).await));
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
    let acu = c.serverless_v2_scaling_configuration().map(|s| {
        let bound = |n: Option<f64>| n.map_or_else(|| "?".to_owned(), |n| n.to_string());
        format!("{}–{}", bound(s.min_capacity()), bound(s.max_capacity()))
    });
    let cells = vec![
        words::engine_cell(c.engine(), c.engine_version()),
        Cell::Text("cluster".into()),
        Cell::text(c.storage_type()),
        Cell::text(acu),
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
    if let health @ crate::model::Health::Bad(_) = words::health(c.status()) {
        trouble.urgent("status", format!("status is {}", health.word()));
    }
    let writers = c.db_cluster_members().iter().filter(|m| m.is_cluster_writer() == Some(true)).count();
    if writers == 0 && !c.db_cluster_members().is_empty() && c.replication_source_identifier().is_none() {
        trouble.risk(c.global_cluster_identifier().is_none(), "no-writer", "no member is the writer");
    }
    trouble.risk(c.db_cluster_members().len() == 1, "no-reader", "no reader to fail over to");
    trouble.risk(c.storage_encrypted() == Some(false), "unencrypted", "storage is not encrypted");
    trouble.risk(maintenance, "maintenance", "maintenance is pending");
    let reboot = c
        .db_cluster_members()
        .iter()
        .any(|m| m.db_cluster_parameter_group_status() == Some("pending-reboot"));
    trouble.risk(reboot, "pending-reboot", "cluster parameters wait for a reboot");
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
    let mut trouble = Trouble::default();
    if let health @ crate::model::Health::Bad(_) = words::health(i.db_instance_status()) {
        trouble.urgent("status", format!("status is {}", health.word()));
    }
    trouble.risk(i.publicly_accessible() == Some(true), "public", "publicly accessible");
    trouble.risk(maintenance.is_some(), "maintenance", "maintenance is pending");
    let ca = i.certificate_details().and_then(|c| c.valid_till()).and_then(|t| t.to_millis().ok());
    trouble.ends("ca-expiry", "the server certificate", ca, 90);
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
        problems: trouble.into_problems(),
        tags: words::tags(i.tag_list()),
        facts: vec![section(
            "Member",
            vec![
                ("Cluster", Cell::text(i.db_cluster_identifier())),
                ("Role", Cell::Text(role.into())),
                ("Promotion tier", Cell::count(of.tier.map(i64::from))),
                ("Class", Cell::text(i.db_instance_class())),
                ("Engine", words::engine_cell(i.engine(), i.engine_version())),
                ("Endpoint", Cell::text(i.endpoint().and_then(|e| e.address()))),
                ("Zone", Cell::text(i.availability_zone())),
                ("Resource id", Cell::text(i.dbi_resource_id())),
                ("ARN", Cell::text(i.db_instance_arn())),
                ("CA", Cell::text(i.ca_certificate_identifier())),
                ("Certificate until", words::time(i.certificate_details().and_then(|c| c.valid_till()))),
                ("Maintenance window", Cell::text(i.preferred_maintenance_window())),
                (
                    "Pending changes",
                    Cell::text(i.pending_modified_values().map(extras::pending).filter(|p| !p.is_empty())),
                ),
                ("Created", words::time(i.instance_create_time())),
            ],
        )],
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

fn global(place: &Place, g: &GlobalCluster) -> Option<Resource> {
    let name = g.global_cluster_identifier()?;
    let mut cells = vec![Cell::Absent; SPEC.columns.len()];
    for (column, cell) in SPEC.columns.iter().zip(&mut cells) {
        *cell = match column.id {
            "engine" => words::engine_cell(g.engine(), g.engine_version()),
            "role" => Cell::Text("global".into()),
            "members" => Cell::count(i64::try_from(g.global_cluster_members().len()).ok()),
            "encrypted" => Cell::flag(g.storage_encrypted()),
            "protected" => Cell::flag(g.deletion_protection()),
            _ => Cell::Absent,
        };
    }
    Some(Resource {
        id: ResourceId { service: SPEC.id, kind: GLOBAL, place: place.clone(), name: name.into() },
        name: SafeText::new(name),
        arn: g.global_cluster_arn().unwrap_or_default().into(),
        health: words::health(g.status()),
        cells,
        parent: None,
        backend: None,
        no_query: Some("query one of its clusters".into()),
        problems: Vec::new(),
        tags: words::tags(g.tag_list()),
        facts: vec![control_plane::global_members(g)],
        dimensions: Vec::new(),
    })
}

/// Endpoints of a cluster, custom ones included.
async fn endpoints(reach: &Reach, cluster: &str) -> Result<Vec<(SafeText, Cell)>, Failure> {
    let call = reach.rds().describe_db_cluster_endpoints().db_cluster_identifier(cluster).max_records(100);
    let answer = call.send().await.map_err(|e| failure("list cluster endpoints", &e))?;
    let line = |e: &aws_sdk_rds::types::DbClusterEndpoint| {
        let kind = e.custom_endpoint_type().or(e.endpoint_type()).unwrap_or("?");
        let what = format!("{} {}", kind.to_lowercase(), e.status().unwrap_or(""));
        (SafeText::new(e.endpoint().unwrap_or("?")), Cell::Text(SafeText::new(what)))
    };
    Ok(answer.db_cluster_endpoints().iter().map(line).collect())
}
