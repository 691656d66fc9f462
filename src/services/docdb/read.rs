//! Lists and describes DocumentDB: SDK types in, resources out.

use super::elastic;
use super::spec::{CLUSTER, ELASTIC, GLOBAL, INSTANCE, SPEC};
use crate::aws::Reach;
use crate::model::{
    Backend, Cell, Detail, Failure, FailureKind, Place, Problem, Resource, ResourceId, SafeText,
};
use crate::services::control_plane::{self, Background, Family, family};
use crate::services::words::{self, Trouble, section};
use crate::services::{Part, Parts, clusters, extras};
use aws_sdk_rds::types::{DbCluster, DbInstance};
use std::collections::HashMap;
use std::sync::Arc;

/// What a member's cluster says about it: whether it writes, its tier, the cluster's range and
/// login.
#[derive(Clone, Debug, Default)]
struct Membership {
    writer: bool,
    tier: Option<i32>,
    dcu: Option<String>,
    user: Option<Arc<str>>,
    secret: Option<Arc<str>>,
}

/// Membership by instance identifier.
type Members = HashMap<String, Membership>;

/// Lists clusters, their members, global clusters and elastic clusters.
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
    let (cut, background, globals, elastics) = tokio::join!(
        listing,
        control_plane::background(reach),
        control_plane::globals(reach, Family::DocDb),
        elastic::list(reach)
    );
    let filled = clusters.iter().flat_map(|p| &p.items).filter_map(|c| cluster(place, c, &background));
    let members_filled = instances.iter().flat_map(|p| &p.items);
    let filled = filled.chain(members_filled.filter_map(|i| member(place, i, &members, &background)));
    // Global and elastic clusters are extras: a role that may not list them, or a region that has
    // none, still shows its clusters.
    let (globals, no_globals) = globals.map_or_else(|f| (Vec::new(), Some(f)), |all| (all, None));
    let elastics = elastics.unwrap_or_else(elastic::Listing::failed);
    let resources: Vec<_> = filled
        .chain(globals.iter().filter_map(|g| clusters::global(&SPEC, GLOBAL, place, g)))
        .chain(elastics.rows)
        .collect();
    let trouble = no_globals.or(elastics.trouble).or_else(|| background.trouble.clone());
    control_plane::tell(out, resources, cut? || cut_clusters || elastics.cut, trouble);
    Ok(())
}

/// Everything about one cluster, member, global cluster or elastic cluster; events and snapshots
/// only when `whole`.
pub async fn describe(reach: &Reach, id: &ResourceId, whole: bool) -> Result<Detail, Failure> {
    let place = reach.place();
    let missing = || {
        let doing = format!("describe {} {}", id.kind, SafeText::new(&id.name));
        Failure::new(FailureKind::NotFound, doing, "it is not a DocumentDB resource")
    };
    if id.kind == ELASTIC {
        return elastic::describe(reach, &id.name, whole).await;
    }
    if id.kind == GLOBAL {
        let all = control_plane::globals(reach, Family::DocDb).await?;
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
    if whole {
        sections.extend(extras::sections(reach, &resource).await);
    }
    Ok(Detail { resource, sections })
}

fn members<'c>(clusters: impl Iterator<Item = &'c DbCluster>) -> Members {
    let of = |c: &DbCluster| {
        let whole = Membership {
            dcu: clusters::range(c),
            user: c.master_username().map(Arc::from),
            secret: c.master_user_secret().and_then(|s| s.secret_arn()).map(Arc::from),
            ..Membership::default()
        };
        let member = move |m: &aws_sdk_rds::types::DbClusterMember| {
            let writer = m.is_cluster_writer() == Some(true);
            let membership = Membership { writer, tier: m.promotion_tier(), ..whole.clone() };
            Some((m.db_instance_identifier()?.to_owned(), membership))
        };
        c.db_cluster_members().iter().filter_map(member).collect::<Vec<_>>()
    };
    clusters.filter(|c| family(c.engine().unwrap_or_default()) == Family::DocDb).flat_map(of).collect()
}

/// A backend of this service: there is no token for IAM logins (`MONGODB-AWS` signs in its own
/// way), no data API, and no database that a cluster names.
fn documents(backend: Backend) -> Backend {
    Backend { iam_login: false, data_api: None, database: None, ..backend }
}

/// A cluster as a row; `None` for one of another family or without a name.
fn cluster(place: &Place, c: &DbCluster, background: &Background) -> Option<Resource> {
    let name = c.db_cluster_identifier()?;
    let engine = c.engine().unwrap_or_default();
    if family(engine) != Family::DocDb {
        return None;
    }
    let arn = c.db_cluster_arn().unwrap_or_default();
    let maintenance = background.maintenance.get(arn);
    let eol = c.engine_version().and_then(|v| background.end_of_support(engine, v));
    let cells = SPEC.cells([
        ("engine", words::engine_cell(c.engine(), c.engine_version())),
        ("role", Cell::Text("cluster".into())),
        ("dcu", Cell::text(clusters::range(c))),
        ("members", Cell::count(i64::try_from(c.db_cluster_members().len()).ok())),
        ("storage", Cell::text(c.storage_type())),
        ("az", Cell::text(Some(c.availability_zones().join(" ")).filter(|z| !z.is_empty()))),
        ("support", eol.map_or(Cell::Absent, Cell::Time)),
        ("maintenance", Cell::text(maintenance)),
        ("backups", words::days(c.backup_retention_period())),
        ("encrypted", Cell::flag(c.storage_encrypted())),
        ("public", Cell::flag(c.publicly_accessible())),
        ("protected", Cell::flag(c.deletion_protection())),
    ]);
    let backend = control_plane::cluster_backend(c).map(documents);
    let mut facts = control_plane::cluster_facts(c, background.maintenance_fact(arn).as_ref());
    for section in &mut facts {
        section.facts.retain(|(label, _)| !matches!(label.as_str(), "Data API" | "IAM login"));
        for (label, _) in &mut section.facts {
            match label.as_str() {
                "Lowest ACU" => *label = "Lowest DCU".into(),
                "Highest ACU" => *label = "Highest DCU".into(),
                _ => {}
            }
        }
    }
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
        facts,
        dimensions: vec![("DBClusterIdentifier", name.into())],
    })
}

fn cluster_problems(c: &DbCluster, eol: Option<i64>, maintenance: bool) -> Vec<Problem> {
    let mut trouble = Trouble::default();
    clusters::status_trouble(&mut trouble, c.status());
    clusters::cluster_trouble(&mut trouble, c, "no replica to fail over to", maintenance);
    trouble.ends("engine-eol", "standard support of this engine version", eol, 180);
    trouble.into_problems()
}

/// A member as a row.
fn member(place: &Place, i: &DbInstance, members: &Members, background: &Background) -> Option<Resource> {
    let name = i.db_instance_identifier()?;
    if family(i.engine().unwrap_or_default()) != Family::DocDb {
        return None;
    }
    let of = members.get(name).cloned().unwrap_or_default();
    let maintenance = background.maintenance.get(i.db_instance_arn().unwrap_or_default());
    let role = if of.writer { "writer" } else { "reader" };
    let serverless = i.db_instance_class() == Some("db.serverless");
    let cells = SPEC.cells([
        ("engine", words::engine_cell(i.engine(), i.engine_version())),
        ("role", Cell::Text(role.into())),
        ("class", Cell::text(i.db_instance_class())),
        ("dcu", Cell::text(of.dcu.as_ref().filter(|_| serverless))),
        ("az", Cell::text(i.availability_zone())),
        ("maintenance", Cell::text(maintenance)),
        ("encrypted", Cell::flag(i.storage_encrypted())),
        ("public", Cell::flag(i.publicly_accessible())),
    ]);
    let range = ("DCU range of the cluster", Cell::text(of.dcu.as_ref()));
    let backend = words::endpoint(i).and_then(|endpoint| words::backend(i, vec![endpoint]));
    let backend = backend.map(|b| {
        let (user, secret_arn) = (b.user.clone().or(of.user.clone()), of.secret.clone());
        documents(Backend { user, secret_arn, ..b })
    });
    Some(Resource {
        id: ResourceId { service: SPEC.id, kind: INSTANCE, place: place.clone(), name: name.into() },
        name: SafeText::new(name),
        arn: i.db_instance_arn().unwrap_or_default().into(),
        health: words::health(i.db_instance_status()),
        cells,
        parent: i.db_cluster_identifier().map(Arc::from),
        no_query: words::no_query(i.engine(), backend.as_ref()),
        backend,
        problems: clusters::member_trouble(i, maintenance.is_some()).into_problems(),
        tags: words::tags(i.tag_list()),
        facts: vec![section("Member", clusters::member_facts(i, role, of.tier, Some(range)))],
        dimensions: vec![("DBInstanceIdentifier", name.into())],
    })
}
