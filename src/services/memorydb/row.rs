//! Clusters and their nodes as rows. AWS does not say which node of a shard is primary: the metric
//! `IsPrimary` and `CLUSTER SHARDS` in a query tab do.

use super::spec::{CLUSTER, NODE, SPEC};
use crate::model::{
    Backend, Cell, DialectId, Endpoint, EndpointRole, EngineId, Health, Place, Problem, Resource, ResourceId,
    SafeText, Section,
};
use crate::services::words::{Trouble, days, section, time};
use aws_sdk_memorydb::types::{Cluster, ClusterPendingUpdates, Endpoint as NodeEndpoint, Node, Shard};

/// The health behind a status word. Source: the `Status` fields of the MemoryDB API reference.
pub fn health(status: Option<&str>) -> Health {
    let word = SafeText::new(status.unwrap_or("unknown"));
    match word.as_str() {
        "available" | "active" => Health::Good(word),
        "creating" | "updating" | "deleting" | "snapshotting" | "modifying" => Health::Busy(word),
        w if w.ends_with("failed") || w.starts_with("incompatible") => Health::Bad(word),
        w if w.ends_with("ing") => Health::Busy(word),
        _ => Health::Unknown(word),
    }
}

fn endpoint(role: EndpointRole, endpoint: Option<&NodeEndpoint>) -> Option<Endpoint> {
    let endpoint = endpoint?;
    let port = u16::try_from(endpoint.port()).ok().filter(|p| *p > 0)?;
    Some(Endpoint { role, host: endpoint.address()?.into(), port })
}

/// Whether a login is asked for: the ACL `open-access` lets anybody in.
fn open(c: &Cluster) -> bool {
    c.acl_name() == Some("open-access")
}

fn backend(c: &Cluster, at: Option<Endpoint>) -> Option<Backend> {
    let engine = if c.tls_enabled() == Some(false) { EngineId::RedisPlain } else { EngineId::Redis };
    Some(Backend {
        engine,
        dialect: DialectId::Redis,
        endpoints: vec![at?],
        database: None,
        // No user: the server asks for nothing.
        user: (!open(c)).then(|| "default".into()),
        secret_arn: None,
        iam_login: false,
        data_api: None,
        keys: Vec::new(),
    })
}

fn version(c: &Cluster) -> Cell {
    crate::services::words::engine_cell(c.engine(), c.engine_version())
}

/// What waits to be changed, in words.
fn pending(p: &ClusterPendingUpdates) -> Option<String> {
    let mut words = Vec::new();
    let moved = p.resharding().and_then(|r| r.slot_migration());
    words.extend(moved.map(|m| format!("slots moved {:.0} %", m.progress_percentage())));
    words.extend(p.acls().and_then(|a| a.acl_to_apply()).map(|a| format!("ACL → {a}")));
    let updates = p.service_updates().iter();
    words.extend(updates.filter_map(|u| {
        let status = u.status().map_or("?", |s| s.as_str());
        Some(format!("update {} {status}", u.service_update_name()?))
    }));
    Some(words.join(", ")).filter(|w| !w.is_empty())
}

/// The cluster and its nodes; nothing without a name.
pub fn rows(place: &Place, c: &Cluster) -> Vec<Resource> {
    let Some(own) = row(place, c) else { return Vec::new() };
    let shards = c.shards().iter();
    let nodes = shards.flat_map(|s| s.nodes().iter().filter_map(|n| node(place, c, s, n)));
    std::iter::once(own).chain(nodes).collect()
}

fn row(place: &Place, c: &Cluster) -> Option<Resource> {
    let name = c.name()?;
    let pending = c.pending_updates().and_then(pending);
    let replicas = c.shards().iter().map(|s| s.nodes().len().saturating_sub(1)).max();
    let size = c.node_type().map(|t| replicas.map_or_else(|| t.to_owned(), |n| format!("{t} +{n}")));
    let cells = vec![
        version(c),
        Cell::text(size),
        Cell::count(c.number_of_shards().map(i64::from)),
        Cell::Absent,
        Cell::text(c.availability_mode().map(|m| m.as_str().to_owned())),
        Cell::Absent,
        Cell::flag(c.tls_enabled()),
        Cell::text(c.acl_name()),
        days(c.snapshot_retention_limit()),
        Cell::text(pending.as_ref()),
        Cell::text(c.maintenance_window()),
    ];
    let backend = backend(c, endpoint(EndpointRole::Writer, c.cluster_endpoint()));
    let no_query = backend.is_none().then(|| "it has no endpoint yet".into());
    Some(Resource {
        id: ResourceId { service: SPEC.id, kind: CLUSTER, place: place.clone(), name: name.into() },
        name: SafeText::new(name),
        arn: c.arn().unwrap_or_default().into(),
        health: health(c.status()),
        cells,
        parent: None,
        backend,
        no_query,
        problems: problems(c, pending.as_deref()),
        tags: Vec::new(),
        facts: facts(c, pending.as_deref()),
        dimensions: vec![("ClusterName", name.into())],
    })
}

fn problems(c: &Cluster, pending: Option<&str>) -> Vec<Problem> {
    let mut trouble = Trouble::default();
    if let Health::Bad(word) = health(c.status()) {
        trouble.urgent("status", format!("status is {word}"));
    }
    for shard in c.shards() {
        let id = shard.name().unwrap_or("?");
        if shard.status().is_some_and(|s| s != "available") {
            trouble.risk(true, "shard", format!("shard {id} is {}", shard.status().unwrap_or_default()));
        }
        trouble.risk(shard.nodes().len() == 1, "no-replica", format!("shard {id} has no replica"));
    }
    trouble.risk(c.tls_enabled() == Some(false), "no-tls", "connections are not encrypted");
    trouble.risk(open(c), "no-auth", "the ACL open-access lets in anybody who reaches it");
    trouble.risk(c.snapshot_retention_limit() == Some(0), "no-backup", "automatic snapshots are off");
    if let Some(pending) = pending {
        trouble.risk(true, "pending", format!("waits to be changed: {pending}"));
    }
    trouble.into_problems()
}

fn facts(c: &Cluster, pending: Option<&str>) -> Vec<Section> {
    let at = c.cluster_endpoint().and_then(|e| Some(format!("{}:{}", e.address()?, e.port())));
    let shards = c.shards().iter().map(|s| {
        let nodes: Vec<&str> = s.nodes().iter().filter_map(|n| n.name()).collect();
        let slots = s.slots().map(|s| format!("slots {s}, ")).unwrap_or_default();
        let what = format!("{}, {slots}{}", s.status().unwrap_or("?"), nodes.join(", "));
        (s.name().unwrap_or("?"), Cell::Text(SafeText::new(what)))
    });
    let groups: Vec<&str> = c.security_groups().iter().filter_map(|g| g.security_group_id()).collect();
    vec![
        section(
            "Cluster",
            vec![
                ("Description", Cell::text(c.description())),
                ("Engine", version(c)),
                ("Patch", Cell::text(c.engine_patch_version())),
                ("Node type", Cell::text(c.node_type())),
                ("Data tiering", Cell::text(c.data_tiering().map(|d| d.as_str().to_owned()))),
                ("Multi-Region cluster", Cell::text(c.multi_region_cluster_name())),
                ("ARN", Cell::text(c.arn())),
            ],
        ),
        section("Shards", shards.collect()),
        section(
            "Connection",
            vec![
                ("Cluster endpoint", Cell::text(at)),
                ("TLS", Cell::flag(c.tls_enabled())),
                ("ACL", Cell::text(c.acl_name())),
                ("Subnet group", Cell::text(c.subnet_group_name())),
                ("Security groups", Cell::text(Some(groups.join(", ")).filter(|g| !g.is_empty()))),
            ],
        ),
        section(
            "Upkeep",
            vec![
                ("Snapshots kept", days(c.snapshot_retention_limit())),
                ("Snapshot window", Cell::text(c.snapshot_window())),
                ("Maintenance window", Cell::text(c.maintenance_window())),
                ("Parameter group", Cell::text(c.parameter_group_name())),
                ("Parameters", Cell::text(c.parameter_group_status())),
                ("Minor upgrades", Cell::flag(c.auto_minor_version_upgrade())),
                ("KMS key", Cell::text(c.kms_key_id())),
                ("Pending", Cell::text(pending)),
            ],
        ),
    ]
}

fn node(place: &Place, c: &Cluster, shard: &Shard, n: &Node) -> Option<Resource> {
    let (name, cluster) = (n.name()?, c.name()?);
    let cells = vec![
        version(c),
        Cell::text(c.node_type()),
        Cell::text(shard.name()),
        Cell::text(shard.slots()),
        Cell::Absent,
        Cell::text(n.availability_zone()),
        Cell::flag(c.tls_enabled()),
        Cell::text(c.acl_name()),
        Cell::Absent,
        Cell::Absent,
        Cell::Absent,
    ];
    let backend = backend(c, endpoint(EndpointRole::Instance, n.endpoint()));
    let no_query = backend.is_none().then(|| "it has no endpoint yet: open its cluster".into());
    let mut trouble = Trouble::default();
    if let Health::Bad(word) = health(n.status()) {
        trouble.urgent("status", format!("status is {word}"));
    }
    Some(Resource {
        id: ResourceId { service: SPEC.id, kind: NODE, place: place.clone(), name: name.into() },
        name: SafeText::new(name),
        arn: "".into(),
        health: health(n.status()),
        cells,
        parent: Some(cluster.into()),
        backend,
        no_query,
        problems: trouble.into_problems(),
        tags: Vec::new(),
        facts: vec![section(
            "Node",
            vec![
                ("Cluster", Cell::text(Some(cluster))),
                ("Shard", Cell::text(shard.name())),
                ("Created", time(n.create_time())),
            ],
        )],
        dimensions: vec![("ClusterName", cluster.into()), ("NodeName", name.into())],
    })
}
