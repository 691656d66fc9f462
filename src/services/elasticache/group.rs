//! Replication groups and their nodes as rows.

use super::spec::{GLOBAL, GROUP, NODE, SPEC};
use super::update::Updates;
use crate::model::{
    Backend, Cell, DialectId, Endpoint, EndpointRole, EngineId, Health, Place, Problem, Resource, ResourceId,
    SafeText, Section,
};
use crate::services::words::{Trouble, days, section, time};
use aws_sdk_elasticache::types::{
    CacheCluster, Endpoint as CacheEndpoint, GlobalReplicationGroup, NodeGroup, NodeGroupMember,
    ReplicationGroup, ReplicationGroupPendingModifiedValues,
};
use std::sync::Arc;

/// The health behind a status word of groups, clusters and Serverless caches (which say it in capitals).
/// Source: the `Status` fields of the ElastiCache API reference.
pub fn health(status: Option<&str>) -> Health {
    let word = SafeText::new(status.unwrap_or("unknown"));
    match word.to_lowercase().as_str() {
        "available" => Health::Good(word),
        "create-failed" | "restore-failed" | "incompatible-network" | "primary-only" => Health::Bad(word),
        "creating"
        | "modifying"
        | "deleting"
        | "snapshotting"
        | "rebooting"
        | "rebooting cluster nodes"
        | "associating" => Health::Busy(word),
        "deleted" => Health::Idle(word),
        w if w.starts_with("incompatible-") || w.ends_with("-failed") => Health::Bad(word),
        w if w.ends_with("ing") => Health::Busy(word),
        _ => Health::Unknown(word),
    }
}

/// An endpoint in our words; `None` without a host or a port.
pub fn endpoint(role: EndpointRole, endpoint: Option<&CacheEndpoint>) -> Option<Endpoint> {
    let endpoint = endpoint?;
    let port = u16::try_from(endpoint.port()?).ok().filter(|p| *p > 0)?;
    Some(Endpoint { role, host: endpoint.address()?.into(), port })
}

/// RESP with or without TLS.
pub const fn speaker(tls: bool) -> EngineId {
    if tls { EngineId::Redis } else { EngineId::RedisPlain }
}

/// A group and what was listed beside it.
pub struct Known<'a> {
    /// The group.
    pub group: &'a ReplicationGroup,
    /// Its nodes, as far as they were listed.
    pub nodes: &'a [&'a CacheCluster],
    /// Service updates that wait.
    pub updates: &'a Updates,
}

impl Known<'_> {
    fn secured(&self) -> bool {
        self.group.transit_encryption_enabled() == Some(true)
    }

    fn clustered(&self) -> bool {
        self.group.cluster_enabled() == Some(true)
    }

    /// How it is logged in to: nothing, a token, or users.
    fn auth(&self) -> Option<&'static str> {
        if !self.group.user_group_ids().is_empty() {
            Some("users")
        } else if self.group.auth_token_enabled() == Some(true) {
            Some("token")
        } else {
            None
        }
    }

    fn replicas(&self) -> Option<usize> {
        self.group.node_groups().iter().map(|g| g.node_group_members().len().saturating_sub(1)).max()
    }

    fn version(&self) -> Option<String> {
        let version = self.nodes.iter().find_map(|n| n.engine_version());
        let engine = self.group.engine().or_else(|| self.nodes.iter().find_map(|n| n.engine()));
        match (engine, version) {
            (Some(engine), Some(version)) => Some(format!("{engine} {version}")),
            (engine, _) => engine.map(str::to_owned),
        }
    }

    fn backend(&self, endpoints: Vec<Endpoint>) -> Option<Backend> {
        if endpoints.is_empty() {
            return None;
        }
        Some(Backend {
            engine: speaker(self.secured()),
            dialect: DialectId::Redis,
            endpoints,
            database: None,
            // No user: the server asks for nothing.
            user: self.auth().map(|_| "default".into()),
            secret_arn: None,
            iam_login: false,
            data_api: None,
            keys: Vec::new(),
        })
    }

    fn endpoints(&self) -> Vec<Endpoint> {
        if let Some(configuration) = endpoint(EndpointRole::Writer, self.group.configuration_endpoint()) {
            return vec![configuration];
        }
        let Some(shard) = self.group.node_groups().first() else { return Vec::new() };
        let reader = endpoint(EndpointRole::Reader, shard.reader_endpoint());
        reader.into_iter().chain(endpoint(EndpointRole::Writer, shard.primary_endpoint())).collect()
    }

    /// The group's own row; `None` without a name.
    pub fn row(&self, place: &Place) -> Option<Resource> {
        let g = self.group;
        let name = g.replication_group_id()?;
        let pending = g.pending_modified_values().map(pending).filter(|p| !p.is_empty());
        let update = self.updates.of_group(name);
        let shards = g.node_groups().len();
        let size = match (g.cache_node_type(), self.replicas()) {
            (Some(kind), Some(n)) => Some(format!("{kind} +{n}")),
            (kind, _) => kind.map(str::to_owned),
        };
        let maintenance = self.nodes.iter().find_map(|n| n.preferred_maintenance_window());
        let cells = vec![
            Cell::text(self.version()),
            Cell::Text(if self.clustered() { "cluster" } else { "group" }.into()),
            Cell::text(size),
            Cell::count(i64::try_from(shards).ok()),
            Cell::Absent,
            Cell::text(
                g.automatic_failover().map(aws_sdk_elasticache::types::AutomaticFailoverStatus::as_str),
            ),
            Cell::text(g.multi_az().map(aws_sdk_elasticache::types::MultiAzStatus::as_str)),
            Cell::Absent,
            Cell::text(self.tls()),
            Cell::Text(self.auth().unwrap_or("none").into()),
            days(g.snapshot_retention_limit()),
            Cell::text(pending.clone().or_else(|| update.map(str::to_owned))),
            Cell::text(maintenance),
        ];
        let backend = self.backend(self.endpoints());
        let no_query = backend.is_none().then(|| "it has no endpoint yet".into());
        Some(Resource {
            id: ResourceId { service: SPEC.id, kind: GROUP, place: place.clone(), name: name.into() },
            name: SafeText::new(name),
            arn: g.arn().unwrap_or_default().into(),
            health: health(g.status()),
            cells,
            parent: None,
            backend,
            no_query,
            problems: self.problems(pending.as_deref(), update),
            tags: Vec::new(),
            facts: self.facts(pending.as_deref()),
            dimensions: vec![("ReplicationGroupId", name.into())],
        })
    }

    fn tls(&self) -> Option<String> {
        let mode = self
            .group
            .transit_encryption_mode()
            .map(aws_sdk_elasticache::types::TransitEncryptionMode::as_str);
        match self.group.transit_encryption_enabled() {
            Some(true) => Some(mode.unwrap_or("required").to_owned()),
            Some(false) => Some("off".to_owned()),
            None => None,
        }
    }

    fn problems(&self, pending: Option<&str>, update: Option<&str>) -> Vec<Problem> {
        let g = self.group;
        let mut trouble = Trouble::default();
        if let Health::Bad(word) = health(g.status()) {
            trouble.urgent("status", format!("status is {word}"));
        }
        for shard in g.node_groups() {
            let id = shard.node_group_id().unwrap_or("?");
            if shard.status().is_some_and(|s| s != "available") {
                trouble.risk(true, "shard", format!("shard {id} is {}", shard.status().unwrap_or_default()));
            }
            trouble.risk(
                shard.node_group_members().len() == 1,
                "no-replica",
                format!("shard {id} has no replica"),
            );
        }
        let failover =
            g.automatic_failover().map(aws_sdk_elasticache::types::AutomaticFailoverStatus::as_str);
        trouble.risk(failover == Some("disabled"), "no-failover", "automatic failover is off");
        trouble.risk(
            g.transit_encryption_enabled() == Some(false),
            "no-tls",
            "connections are not encrypted",
        );
        trouble.risk(
            g.at_rest_encryption_enabled() == Some(false),
            "unencrypted",
            "storage is not encrypted",
        );
        trouble.risk(self.auth().is_none(), "no-auth", "anybody who reaches it may use it: no login");
        trouble.risk(g.snapshot_retention_limit() == Some(0), "no-backup", "automatic snapshots are off");
        if let Some(pending) = pending {
            trouble.risk(true, "pending", format!("waits to be changed: {pending}"));
        }
        if let Some(update) = update {
            trouble.risk(true, "update", format!("a service update waits: {update}"));
        }
        let old = self.nodes.iter().find_map(|n| super::single::old_version(n));
        trouble.risk(old.is_some(), "end-of-support", old.unwrap_or_default());
        trouble.into_problems()
    }

    fn facts(&self, pending: Option<&str>) -> Vec<Section> {
        let g = self.group;
        let shards =
            g.node_groups().iter().map(|s| (s.node_group_id().unwrap_or("?"), Cell::Text(shard(s).into())));
        let at = |e: Option<&CacheEndpoint>| e.and_then(|e| Some(format!("{}:{}", e.address()?, e.port()?)));
        let first = g.node_groups().first();
        let joined = |words: &[String]| Some(words.join(", ")).filter(|w| !w.is_empty());
        vec![
            section(
                "Group",
                vec![
                    ("Description", Cell::text(g.description())),
                    ("Engine", Cell::text(self.version())),
                    ("Node type", Cell::text(g.cache_node_type())),
                    (
                        "Cluster mode",
                        Cell::text(g.cluster_mode().map(aws_sdk_elasticache::types::ClusterMode::as_str)),
                    ),
                    (
                        "Data tiering",
                        Cell::text(
                            g.data_tiering().map(aws_sdk_elasticache::types::DataTieringStatus::as_str),
                        ),
                    ),
                    (
                        "Durability",
                        Cell::text(
                            g.effective_durability()
                                .map(aws_sdk_elasticache::types::EffectiveDurability::as_str),
                        ),
                    ),
                    ("Created", time(g.replication_group_create_time())),
                    ("ARN", Cell::text(g.arn())),
                    (
                        "Global datastore",
                        Cell::text(g.global_replication_group_info().and_then(|i| {
                            let role = i.global_replication_group_member_role().unwrap_or("member");
                            Some(format!("{} ({role})", i.global_replication_group_id()?))
                        })),
                    ),
                ],
            ),
            section("Shards", shards.collect()),
            section(
                "Connection",
                vec![
                    ("Configuration endpoint", Cell::text(at(g.configuration_endpoint()))),
                    ("Primary endpoint", Cell::text(at(first.and_then(NodeGroup::primary_endpoint)))),
                    ("Reader endpoint", Cell::text(at(first.and_then(NodeGroup::reader_endpoint)))),
                    ("TLS", Cell::text(self.tls())),
                    ("Login", Cell::Text(self.auth().unwrap_or("none").into())),
                    ("User groups", Cell::text(joined(g.user_group_ids()))),
                    (
                        "Network",
                        Cell::text(g.network_type().map(aws_sdk_elasticache::types::NetworkType::as_str)),
                    ),
                ],
            ),
            section(
                "Upkeep",
                vec![
                    (
                        "Automatic failover",
                        Cell::text(
                            g.automatic_failover()
                                .map(aws_sdk_elasticache::types::AutomaticFailoverStatus::as_str),
                        ),
                    ),
                    (
                        "Multi-AZ",
                        Cell::text(g.multi_az().map(aws_sdk_elasticache::types::MultiAzStatus::as_str)),
                    ),
                    ("Snapshots kept", days(g.snapshot_retention_limit())),
                    ("Snapshot window", Cell::text(g.snapshot_window())),
                    ("Snapshots from", Cell::text(g.snapshotting_cluster_id())),
                    ("Encrypted at rest", Cell::flag(g.at_rest_encryption_enabled())),
                    ("KMS key", Cell::text(g.kms_key_id())),
                    ("Minor upgrades", Cell::flag(g.auto_minor_version_upgrade())),
                    ("Pending", Cell::text(pending)),
                ],
            ),
        ]
    }

    /// The rows of its nodes. With cluster mode on, AWS does not say which node is primary.
    pub fn members(&self, place: &Place) -> Vec<Resource> {
        let shards = self.group.node_groups().iter();
        shards.flat_map(|s| s.node_group_members().iter().filter_map(|m| self.member(place, s, m))).collect()
    }

    fn member(&self, place: &Place, shard: &NodeGroup, m: &NodeGroupMember) -> Option<Resource> {
        let name = m.cache_cluster_id()?;
        let group = self.group.replication_group_id()?;
        let node = self.nodes.iter().find(|n| n.cache_cluster_id() == Some(name));
        let status = node.and_then(|n| n.cache_cluster_status());
        let cells = vec![
            Cell::text(self.version()),
            Cell::text(m.current_role()),
            Cell::text(node.and_then(|n| n.cache_node_type()).or_else(|| self.group.cache_node_type())),
            Cell::text(shard.node_group_id()),
            Cell::text(shard.slots()),
            Cell::Absent,
            Cell::Absent,
            Cell::text(m.preferred_availability_zone()),
            Cell::text(self.tls()),
            Cell::Text(self.auth().unwrap_or("none").into()),
            Cell::Absent,
            Cell::text(node.and_then(|n| n.pending_modified_values()).and_then(super::single::pending)),
            Cell::text(node.and_then(|n| n.preferred_maintenance_window())),
        ];
        let own = node.and_then(|n| n.cache_nodes().first()).and_then(|n| n.endpoint());
        let at = endpoint(EndpointRole::Instance, m.read_endpoint().or(own));
        let backend = self.backend(at.into_iter().collect());
        let no_query = backend.is_none().then(|| "it has no endpoint of its own: open its group".into());
        let mut trouble = Trouble::default();
        if let Health::Bad(word) = health(status) {
            trouble.urgent("status", format!("status is {word}"));
        }
        Some(Resource {
            id: ResourceId { service: SPEC.id, kind: NODE, place: place.clone(), name: name.into() },
            name: SafeText::new(name),
            arn: node.and_then(|n| n.arn()).unwrap_or_default().into(),
            // A node that was not listed is as its shard is.
            health: health(status.or_else(|| shard.status())),
            cells,
            parent: Some(group.into()),
            backend,
            no_query,
            problems: trouble.into_problems(),
            tags: Vec::new(),
            facts: node.map(|n| super::single::facts(n)).unwrap_or_default(),
            dimensions: vec![("CacheClusterId", Arc::from(name)), ("CacheNodeId", "0001".into())],
        })
    }
}

/// A shard in one line.
fn shard(s: &NodeGroup) -> String {
    let members: Vec<String> = s
        .node_group_members()
        .iter()
        .map(|m| {
            let role = m.current_role().map(|r| format!(" ({r})")).unwrap_or_default();
            format!("{}{role}", m.cache_cluster_id().unwrap_or("?"))
        })
        .collect();
    let slots = s.slots().map(|s| format!("slots {s}, ")).unwrap_or_default();
    format!("{}, {slots}{}", s.status().unwrap_or("?"), members.join(", "))
}

/// What waits to be changed, in words.
fn pending(p: &ReplicationGroupPendingModifiedValues) -> String {
    let mut words = Vec::new();
    let mut note = |name: &str, value: Option<String>| {
        words.extend(value.map(|value| format!("{name} → {value}")));
    };
    note("primary", p.primary_cluster_id().map(str::to_owned));
    note("failover", p.automatic_failover_status().map(|s| s.as_str().to_owned()));
    note("TLS", p.transit_encryption_enabled().map(|b| b.to_string()));
    note("TLS mode", p.transit_encryption_mode().map(|m| m.as_str().to_owned()));
    note("cluster mode", p.cluster_mode().map(|m| m.as_str().to_owned()));
    note("AUTH token", p.auth_token_status().map(|s| s.as_str().to_owned()));
    let moved = p
        .resharding()
        .and_then(|r| r.slot_migration())
        .and_then(aws_sdk_elasticache::types::SlotMigration::progress_percentage);
    note("slots", moved.map(|percent| format!("{percent:.0} % moved")));
    words.join(", ")
}

/// A global datastore; `None` without a name.
pub fn global(place: &Place, g: &GlobalReplicationGroup) -> Option<Resource> {
    let name = g.global_replication_group_id()?;
    let mut cells = vec![Cell::Absent; SPEC.columns.len()];
    let version = g.engine().map(|e| format!("{e} {}", g.engine_version().unwrap_or_default()));
    let firsts = [
        Cell::text(version),
        Cell::Text("global".into()),
        Cell::text(g.cache_node_type()),
        Cell::count(i64::try_from(g.global_node_groups().len()).ok().filter(|n| *n > 0)),
    ];
    for (cell, first) in cells.iter_mut().zip(firsts) {
        *cell = first;
    }
    let members = g.members().iter().map(|m| {
        let what = format!("{}, {}", m.role().unwrap_or("?"), m.status().unwrap_or("?"));
        let whose = format!(
            "{} in {}",
            m.replication_group_id().unwrap_or("?"),
            m.replication_group_region().unwrap_or("?")
        );
        (SafeText::new(whose), Cell::Text(SafeText::new(what)))
    });
    Some(Resource {
        id: ResourceId { service: SPEC.id, kind: GLOBAL, place: place.clone(), name: name.into() },
        name: SafeText::new(name),
        arn: g.arn().unwrap_or_default().into(),
        health: match g.status() {
            Some("primary-only") => Health::Unknown("primary-only".into()),
            status => health(status),
        },
        cells,
        parent: None,
        backend: None,
        no_query: Some("a global datastore is its groups: open one of them".into()),
        problems: Vec::new(),
        tags: Vec::new(),
        facts: vec![Section { title: "Groups".into(), facts: members.collect() }],
        dimensions: vec![("GlobalReplicationGroupId", name.into())],
    })
}
