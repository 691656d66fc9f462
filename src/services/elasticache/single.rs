//! Cache clusters outside replication groups (Memcached, single nodes) and Serverless caches as rows.

use super::group::{endpoint, health, speaker};
use super::spec::{MEMCACHED, SERVERLESS, SINGLE, SPEC};
use super::update::Updates;
use crate::model::{
    Backend, Cell, DialectId, Endpoint, EndpointRole, EngineId, Health, Place, Problem, Resource, ResourceId,
    SafeText, Section,
};
use crate::services::words::{Trouble, days, section, time};
use aws_sdk_elasticache::types::{CacheCluster, PendingModifiedValues, ServerlessCache};

/// Whether it is Memcached.
fn is_memcached(engine: Option<&str>) -> bool {
    engine == Some("memcached")
}

/// Memcached with or without TLS.
const fn memcached(tls: bool) -> EngineId {
    if tls { EngineId::Memcached } else { EngineId::MemcachedPlain }
}

/// Why this version will cost more or be ended. Source: ElastiCache user guide, "Supported engines and
/// versions", read in 2026-09.
pub fn old_version(c: &CacheCluster) -> Option<&'static str> {
    let version = c.engine_version()?;
    let major: u32 = version.split('.').next()?.parse().ok()?;
    match (c.engine()?, major) {
        ("redis", ..4) => Some("this version of Redis has ended"),
        ("redis", 4..6) => Some("this version of Redis is out of standard support since 2026-01-31"),
        _ => None,
    }
}

/// What waits to be changed, in words.
pub fn pending(p: &PendingModifiedValues) -> Option<String> {
    let mut words = Vec::new();
    words.extend(p.num_cache_nodes().map(|n| format!("nodes → {n}")));
    words.extend(p.engine_version().map(|v| format!("version → {v}")));
    words.extend(p.cache_node_type().map(|t| format!("node type → {t}")));
    words.extend(p.auth_token_status().map(|s| format!("AUTH token → {}", s.as_str())));
    words.extend(p.transit_encryption_enabled().map(|b| format!("TLS → {b}")));
    words.extend(
        Some(p.cache_node_ids_to_remove().join(", "))
            .filter(|n| !n.is_empty())
            .map(|n| format!("removes {n}")),
    );
    Some(words.join(", ")).filter(|w| !w.is_empty())
}

/// A cluster outside any group; `None` without a name.
pub fn row(place: &Place, c: &CacheCluster, updates: &Updates) -> Option<Resource> {
    let name = c.cache_cluster_id()?;
    let memcached = is_memcached(c.engine());
    let (tls, auth) = (c.transit_encryption_enabled() == Some(true), c.auth_token_enabled() == Some(true));
    let nodes = c.num_cache_nodes().unwrap_or(0);
    let size = c.cache_node_type().map(|t| if nodes == 1 { t.to_owned() } else { format!("{nodes} × {t}") });
    let pending = c.pending_modified_values().and_then(pending);
    let update = updates.of_cluster(name);
    let cells = vec![
        crate::services::words::engine_cell(c.engine(), c.engine_version()),
        Cell::Text(if memcached { "memcached" } else { "single" }.into()),
        Cell::text(size),
        Cell::Absent,
        Cell::Absent,
        Cell::Absent,
        Cell::Absent,
        Cell::text(c.preferred_availability_zone()),
        Cell::Text(if tls { "required" } else { "off" }.into()),
        Cell::Text(if auth { "token" } else { "none" }.into()),
        if memcached { Cell::Absent } else { days(c.snapshot_retention_limit()) },
        Cell::text(pending.clone().or_else(|| update.map(str::to_owned))),
        Cell::text(c.preferred_maintenance_window()),
    ];
    // Each node of Memcached holds other keys, so each is an endpoint of its own.
    let endpoints: Vec<Endpoint> =
        c.cache_nodes().iter().filter_map(|n| endpoint(EndpointRole::Instance, n.endpoint())).collect();
    let backend = (!endpoints.is_empty()).then(|| Backend {
        engine: if memcached { self::memcached(tls) } else { speaker(tls) },
        dialect: if memcached { DialectId::Memcached } else { DialectId::Redis },
        endpoints,
        database: None,
        user: (auth && !memcached).then(|| "default".into()),
        secret_arn: None,
        iam_login: false,
        data_api: None,
        keys: Vec::new(),
    });
    let no_query = backend.is_none().then(|| "it has no endpoint yet".into());
    let kind = if memcached { MEMCACHED } else { SINGLE };
    Some(Resource {
        id: ResourceId { service: SPEC.id, kind, place: place.clone(), name: name.into() },
        name: SafeText::new(name),
        arn: c.arn().unwrap_or_default().into(),
        health: health(c.cache_cluster_status()),
        cells,
        parent: None,
        backend,
        no_query,
        problems: problems(c, pending.as_deref(), update),
        tags: Vec::new(),
        facts: facts(c),
        dimensions: vec![("CacheClusterId", name.into())],
    })
}

fn problems(c: &CacheCluster, pending: Option<&str>, update: Option<&str>) -> Vec<Problem> {
    let memcached = is_memcached(c.engine());
    let mut trouble = Trouble::default();
    if let Health::Bad(word) = health(c.cache_cluster_status()) {
        trouble.urgent("status", format!("status is {word}"));
    }
    trouble.risk(!memcached, "no-replica", "a single node: nothing takes over when it fails");
    trouble.risk(
        !memcached && c.snapshot_retention_limit() == Some(0),
        "no-backup",
        "automatic snapshots are off",
    );
    trouble.risk(c.transit_encryption_enabled() != Some(true), "no-tls", "connections are not encrypted");
    trouble.risk(
        !memcached && c.auth_token_enabled() != Some(true),
        "no-auth",
        "anybody who reaches it may use it: no login",
    );
    for node in c.cache_nodes().iter().filter(|n| n.cache_node_status().is_some_and(|s| s != "available")) {
        let (id, status) = (node.cache_node_id().unwrap_or("?"), node.cache_node_status().unwrap_or("?"));
        trouble.risk(true, "node", format!("node {id} is {status}"));
    }
    let reboot = c.cache_parameter_group().is_some_and(|g| !g.cache_node_ids_to_reboot().is_empty());
    trouble.risk(reboot, "pending-reboot", "parameters wait for a reboot");
    if let Some(pending) = pending {
        trouble.risk(true, "pending", format!("waits to be changed: {pending}"));
    }
    if let Some(update) = update {
        trouble.risk(true, "update", format!("a service update waits: {update}"));
    }
    let old = old_version(c);
    trouble.risk(old.is_some(), "end-of-support", old.unwrap_or_default());
    trouble.into_problems()
}

/// Facts of a cluster or node.
pub fn facts(c: &CacheCluster) -> Vec<Section> {
    let nodes = c.cache_nodes().iter().map(|n| {
        let at =
            n.endpoint().and_then(|e| Some(format!("{}:{}", e.address()?, e.port()?))).unwrap_or_default();
        let what = format!(
            "{}, {}, {at}",
            n.cache_node_status().unwrap_or("?"),
            n.customer_availability_zone().unwrap_or("?")
        );
        (n.cache_node_id().unwrap_or("?"), Cell::Text(SafeText::new(what)))
    });
    let groups: Vec<&str> = c.security_groups().iter().filter_map(|g| g.security_group_id()).collect();
    let configuration = c.configuration_endpoint();
    vec![
        section(
            "Cluster",
            vec![
                ("Engine", crate::services::words::engine_cell(c.engine(), c.engine_version())),
                ("Node type", Cell::text(c.cache_node_type())),
                ("Replication group", Cell::text(c.replication_group_id())),
                ("Created", time(c.cache_cluster_create_time())),
                ("ARN", Cell::text(c.arn())),
                (
                    "Configuration endpoint",
                    Cell::text(configuration.and_then(|e| Some(format!("{}:{}", e.address()?, e.port()?)))),
                ),
                ("Subnet group", Cell::text(c.cache_subnet_group_name())),
                ("Security groups", Cell::text(Some(groups.join(", ")).filter(|g| !g.is_empty()))),
            ],
        ),
        section("Nodes", nodes.collect()),
        section(
            "Maintenance",
            vec![
                ("Maintenance window", Cell::text(c.preferred_maintenance_window())),
                (
                    "Parameter group",
                    Cell::text(c.cache_parameter_group().and_then(|g| g.cache_parameter_group_name())),
                ),
                (
                    "Parameters",
                    Cell::text(c.cache_parameter_group().and_then(|g| g.parameter_apply_status())),
                ),
                ("Pending", Cell::text(c.pending_modified_values().and_then(pending))),
                ("Minor upgrades", Cell::flag(c.auto_minor_version_upgrade())),
            ],
        ),
    ]
}

/// A Serverless cache; `None` without a name.
pub fn serverless(place: &Place, s: &ServerlessCache) -> Option<Resource> {
    let name = s.serverless_cache_name()?;
    let memcached = is_memcached(s.engine());
    let users = s.user_group_id().is_some();
    let mut cells = vec![Cell::Absent; SPEC.columns.len()];
    let limits = limits(s);
    let some = [
        (
            0,
            crate::services::words::engine_cell(
                s.engine(),
                s.full_engine_version().or_else(|| s.major_engine_version()),
            ),
        ),
        (1, Cell::Text("serverless".into())),
        (2, Cell::text(Some(limits.clone()))),
        (8, Cell::Text("required".into())),
        (9, Cell::Text(if users { "users" } else { "none" }.into())),
        (10, days(s.snapshot_retention_limit())),
    ];
    for (at, cell) in some {
        if let Some(place) = cells.get_mut(at) {
            *place = cell;
        }
    }
    let reader = endpoint(EndpointRole::Reader, s.reader_endpoint());
    let endpoints: Vec<Endpoint> =
        reader.into_iter().chain(endpoint(EndpointRole::Writer, s.endpoint())).collect();
    let backend = (!endpoints.is_empty()).then(|| Backend {
        engine: if memcached { self::memcached(true) } else { EngineId::Redis },
        dialect: if memcached { DialectId::Memcached } else { DialectId::Redis },
        endpoints,
        database: None,
        user: (users && !memcached).then(|| "default".into()),
        secret_arn: None,
        iam_login: false,
        data_api: None,
        keys: Vec::new(),
    });
    let no_query = backend.is_none().then(|| "it has no endpoint yet".into());
    let mut trouble = Trouble::default();
    if let Health::Bad(word) = health(s.status()) {
        trouble.urgent("status", format!("status is {word}"));
    }
    trouble.risk(!memcached && !users, "no-auth", "anybody who reaches it may use it: no login");
    trouble.risk(
        s.cache_usage_limits().is_none(),
        "no-max",
        "no limit on data or ECPU: cost has none either",
    );
    trouble.risk(s.snapshot_retention_limit() == Some(0), "no-backup", "automatic snapshots are off");
    Some(Resource {
        id: ResourceId { service: SPEC.id, kind: SERVERLESS, place: place.clone(), name: name.into() },
        name: SafeText::new(name),
        arn: s.arn().unwrap_or_default().into(),
        health: health(s.status()),
        cells,
        parent: None,
        backend,
        no_query,
        problems: trouble.into_problems(),
        tags: Vec::new(),
        facts: serverless_facts(s, &limits),
        dimensions: vec![("clusterId", name.into())],
    })
}

/// The limits in one cell.
fn limits(s: &ServerlessCache) -> String {
    let data = s
        .cache_usage_limits()
        .and_then(|l| l.data_storage())
        .and_then(aws_sdk_elasticache::types::DataStorage::maximum);
    let ecpu = s
        .cache_usage_limits()
        .and_then(|l| l.ecpu_per_second())
        .and_then(aws_sdk_elasticache::types::EcpuPerSecond::maximum);
    match (data, ecpu) {
        (Some(gb), Some(ecpu)) => format!("{gb} GB, {ecpu} ECPU"),
        (Some(gb), None) => format!("{gb} GB"),
        (None, Some(ecpu)) => format!("{ecpu} ECPU"),
        (None, None) => "no limit".to_owned(),
    }
}

fn serverless_facts(s: &ServerlessCache, limits: &str) -> Vec<Section> {
    let at = |e: Option<&aws_sdk_elasticache::types::Endpoint>| {
        e.and_then(|e| Some(format!("{}:{}", e.address()?, e.port()?)))
    };
    vec![
        section(
            "Serverless cache",
            vec![
                ("Description", Cell::text(s.description())),
                ("Engine", crate::services::words::engine_cell(s.engine(), s.full_engine_version())),
                ("Limits", Cell::text(Some(limits))),
                ("Created", time(s.create_time())),
                ("ARN", Cell::text(s.arn())),
            ],
        ),
        section(
            "Connection",
            vec![
                ("Endpoint", Cell::text(at(s.endpoint()))),
                ("Reader endpoint", Cell::text(at(s.reader_endpoint()))),
                ("User group", Cell::text(s.user_group_id())),
                (
                    "Security groups",
                    Cell::text(Some(s.security_group_ids().join(", ")).filter(|g| !g.is_empty())),
                ),
            ],
        ),
        section(
            "Snapshots",
            vec![
                ("Snapshots kept", days(s.snapshot_retention_limit())),
                ("Daily at", Cell::text(s.daily_snapshot_time())),
                ("KMS key", Cell::text(s.kms_key_id())),
            ],
        ),
    ]
}
