//! A provisioned cluster as a row: SDK type in, resource out.

use super::spec::{CLUSTER, SPEC};
use crate::model::{
    Backend, Cell, DialectId, Endpoint, EndpointRole, EngineId, Health, Place, Problem, Resource, ResourceId,
    SafeText, Section,
};
use crate::services::words::{Trouble, days, section, time};
use aws_sdk_redshift::types::{Cluster, PendingModifiedValues, Tag};
use std::sync::Arc;

/// The health behind a cluster status. Source: Redshift management guide, "Cluster status".
pub fn health(status: Option<&str>) -> Health {
    let word = SafeText::new(status.unwrap_or("unknown"));
    match word.as_str() {
        "available" => Health::Good(word),
        "paused" => Health::Idle(word),
        "hardware-failure"
        | "storage-full"
        | "unavailable"
        | "incompatible-hsm"
        | "incompatible-network"
        | "incompatible-parameters"
        | "incompatible-restore" => Health::Bad(word),
        "available, prep-for-resize"
        | "available, resize-cleanup"
        | "cancelling-resize"
        | "creating"
        | "deleting"
        | "final-snapshot"
        | "modifying"
        | "pausing"
        | "rebooting"
        | "renaming"
        | "resizing"
        | "resuming"
        | "rotating-keys"
        | "updating-hsm" => Health::Busy(word),
        w if w.starts_with("incompatible-") => Health::Bad(word),
        w if w.ends_with("ing") => Health::Busy(word),
        _ => Health::Unknown(word),
    }
}

/// Whether the cluster has compute in a second zone.
fn multi_az(c: &Cluster) -> Option<bool> {
    c.multi_az().map(|word| word.eq_ignore_ascii_case("enabled"))
}

/// A cluster as a row; `None` without a name.
pub fn row(place: &Place, c: &Cluster) -> Option<Resource> {
    let name = c.cluster_identifier()?;
    let nodes = c.number_of_nodes();
    let size = match (nodes, c.node_type()) {
        (Some(n), Some(kind)) => Some(format!("{n} × {kind}")),
        (_, kind) => kind.map(str::to_owned),
    };
    let pending = pending(c);
    let storage = c.total_storage_capacity_in_mega_bytes().and_then(|mb| u64::try_from(mb).ok());
    let cells = vec![
        Cell::text(size),
        Cell::Text("provisioned".into()),
        storage.map_or(Cell::Absent, |mb| Cell::Bytes(mb.saturating_mul(1 << 20))),
        Cell::flag(multi_az(c)),
        Cell::text(resize(c)),
        Cell::text(c.cluster_version()),
        Cell::text(c.maintenance_track_name()),
        Cell::text(c.preferred_maintenance_window()),
        Cell::text(pending.as_ref()),
        days(c.automated_snapshot_retention_period()),
        Cell::flag(c.encrypted()),
        Cell::flag(c.publicly_accessible()),
    ];
    let backend = backend(c);
    let no_query = match (&backend, c.cluster_status()) {
        (None, _) => Some("it has no database yet".into()),
        _ => None,
    };
    Some(Resource {
        id: ResourceId { service: SPEC.id, kind: CLUSTER, place: place.clone(), name: name.into() },
        name: SafeText::new(name),
        arn: c.cluster_namespace_arn().unwrap_or_default().into(),
        health: health(c.cluster_status()),
        cells,
        parent: None,
        backend,
        no_query,
        problems: problems(c, pending.as_deref()),
        tags: tags(c.tags()),
        facts: facts(c, pending.as_deref()),
        dimensions: vec![("ClusterIdentifier", name.into())],
    })
}

/// How the cluster is asked: over the Data API, which needs no network path, or by the wire.
fn backend(c: &Cluster) -> Option<Backend> {
    let name = c.cluster_identifier()?;
    let endpoint = c.endpoint().and_then(|e| {
        let port = u16::try_from(e.port()?).ok().filter(|p| *p > 0)?;
        Some(Endpoint { role: EndpointRole::Writer, host: e.address()?.into(), port })
    });
    Some(Backend {
        engine: EngineId::RedshiftData,
        dialect: DialectId::Redshift,
        endpoints: endpoint.into_iter().collect(),
        database: Some(c.db_name().unwrap_or("dev").into()),
        // The administrator is nobody's default: who asks by IAM is who IAM says.
        user: None,
        secret_arn: c.master_password_secret_arn().map(Arc::from),
        iam_login: true,
        data_api: Some(format!("cluster/{name}").into()),
        keys: Vec::new(),
    })
}

/// How a running resize is called, with its share where AWS tells.
fn resize(c: &Cluster) -> Option<String> {
    let info = c.resize_info()?;
    let kind = info.resize_type().unwrap_or("resize");
    let progress = c.data_transfer_progress().and_then(|p| {
        let (done, all) = (p.data_transferred_in_mega_bytes()?, p.total_data_in_mega_bytes()?);
        (all > 0).then(|| format!(" {} %", (done.max(0).saturating_mul(100) / all).clamp(0, 100)))
    });
    Some(format!("{kind}{}", progress.unwrap_or_default()))
}

/// What waits to be changed, in words.
fn pending(c: &Cluster) -> Option<String> {
    let mut words: Vec<String> = c.pending_modified_values().map(changes).unwrap_or_default();
    words.extend(c.pending_actions().iter().cloned());
    Some(words.join(", ")).filter(|w| !w.is_empty())
}

fn changes(p: &PendingModifiedValues) -> Vec<String> {
    let mut words = Vec::new();
    let mut note = |name: &str, value: Option<String>| {
        words.extend(value.map(|value| format!("{name} → {value}")));
    };
    note("node type", p.node_type().map(str::to_owned));
    note("nodes", p.number_of_nodes().map(|n| n.to_string()));
    note("cluster type", p.cluster_type().map(str::to_owned));
    note("version", p.cluster_version().map(str::to_owned));
    note("snapshots", p.automated_snapshot_retention_period().map(|n| format!("{n} d")));
    note("identifier", p.cluster_identifier().map(str::to_owned));
    note("public", p.publicly_accessible().map(|b| b.to_string()));
    note("VPC routing", p.enhanced_vpc_routing().map(|b| b.to_string()));
    note("track", p.maintenance_track_name().map(str::to_owned));
    note("encryption", p.encryption_type().map(str::to_owned));
    note("password", p.master_user_password().map(|_| "a new one".to_owned()));
    words
}

fn problems(c: &Cluster, pending: Option<&str>) -> Vec<Problem> {
    let mut trouble = Trouble::default();
    let status = c.cluster_status().unwrap_or_default();
    if status == "storage-full" {
        trouble.urgent("disk-full", "storage is full");
    } else if matches!(health(Some(status)), Health::Bad(_)) {
        trouble.urgent("status", format!("status is {status}"));
    }
    if let Some(word @ ("Unavailable" | "Failed")) = c.cluster_availability_status() {
        trouble.urgent("unavailable", format!("it is {} for queries", word.to_lowercase()));
    }
    trouble.risk(status == "paused", "paused", "paused: queries are refused, storage is billed");
    trouble.risk(c.publicly_accessible() == Some(true), "public", "publicly accessible");
    trouble.risk(c.encrypted() == Some(false), "unencrypted", "storage is not encrypted");
    trouble.risk(
        c.automated_snapshot_retention_period() == Some(0),
        "no-backup",
        "automated snapshots are off",
    );
    let reboot =
        c.cluster_parameter_groups().iter().any(|g| g.parameter_apply_status() == Some("pending-reboot"));
    trouble.risk(reboot, "pending-reboot", "parameters wait for a reboot");
    if let Some(pending) = pending {
        trouble.risk(true, "pending", format!("waits to be changed: {pending}"));
    }
    let certificate = c.custom_domain_certificate_expiry_date().and_then(|t| t.to_millis().ok());
    trouble.ends("ca-expiry", "the certificate of its custom domain", certificate, 90);
    trouble.into_problems()
}

fn facts(c: &Cluster, pending: Option<&str>) -> Vec<Section> {
    let joined = |words: Vec<&str>| Some(words.join(", ")).filter(|w| !w.is_empty());
    let endpoint = c.endpoint();
    let nodes = c.cluster_nodes().iter().map(|n| {
        let address = n.private_ip_address().unwrap_or("?");
        (n.node_role().unwrap_or("?"), Cell::Text(SafeText::new(address)))
    });
    let secondary = c.multi_az_secondary();
    vec![
        section(
            "Cluster",
            vec![
                ("Node type", Cell::text(c.node_type())),
                ("Nodes", Cell::count(c.number_of_nodes().map(i64::from))),
                ("Version", Cell::text(c.cluster_version())),
                ("Revision", Cell::text(c.cluster_revision_number())),
                ("Availability", Cell::text(c.cluster_availability_status())),
                ("Change under way", Cell::text(c.modify_status())),
                ("Created", time(c.cluster_create_time())),
                ("Namespace ARN", Cell::text(c.cluster_namespace_arn())),
            ],
        ),
        section("Nodes", nodes.collect()),
        section(
            "Connection",
            vec![
                ("Endpoint", Cell::text(endpoint.and_then(|e| e.address()))),
                (
                    "Port",
                    Cell::count(endpoint.and_then(aws_sdk_redshift::types::Endpoint::port).map(i64::from)),
                ),
                ("Custom domain", Cell::text(c.custom_domain_name())),
                ("Database", Cell::text(c.db_name())),
                ("Administrator", Cell::text(c.master_username())),
                ("Managed password", Cell::flag(c.master_password_secret_arn().map(|_| true))),
                ("VPC", Cell::text(c.vpc_id())),
                ("Subnet group", Cell::text(c.cluster_subnet_group_name())),
                (
                    "Security groups",
                    Cell::text(joined(
                        c.vpc_security_groups().iter().filter_map(|g| g.vpc_security_group_id()).collect(),
                    )),
                ),
                ("Public", Cell::flag(c.publicly_accessible())),
                ("Enhanced VPC routing", Cell::flag(c.enhanced_vpc_routing())),
            ],
        ),
        section(
            "Storage and availability",
            vec![
                (
                    "Capacity",
                    c.total_storage_capacity_in_mega_bytes()
                        .and_then(|mb| u64::try_from(mb).ok())
                        .map_or(Cell::Absent, |mb| Cell::Bytes(mb.saturating_mul(1 << 20))),
                ),
                ("Encrypted", Cell::flag(c.encrypted())),
                ("KMS key", Cell::text(c.kms_key_id())),
                ("Zone", Cell::text(c.availability_zone())),
                ("Multi-AZ", Cell::text(c.multi_az())),
                ("Second zone", Cell::text(secondary.and_then(|s| s.availability_zone()))),
                ("Zone relocation", Cell::text(c.availability_zone_relocation_status())),
                ("Resize", Cell::text(resize(c))),
                ("Elastic resize to", Cell::text(c.elastic_resize_number_of_node_options())),
            ],
        ),
        upkeep(c, pending),
    ]
}

/// Snapshots, maintenance and parameters.
fn upkeep(c: &Cluster, pending: Option<&str>) -> Section {
    let joined = |words: Vec<&str>| Some(words.join(", ")).filter(|w| !w.is_empty());
    let deferred = c.deferred_maintenance_windows().first();
    section(
        "Snapshots and maintenance",
        vec![
            ("Automated snapshots kept", days(c.automated_snapshot_retention_period())),
            ("Next snapshot", time(c.expected_next_snapshot_schedule_time())),
            ("Maintenance window", Cell::text(c.preferred_maintenance_window())),
            ("Next maintenance", time(c.next_maintenance_window_start_time())),
            ("Deferred until", time(deferred.and_then(|d| d.defer_maintenance_end_time()))),
            ("Track", Cell::text(c.maintenance_track_name())),
            ("Version upgrades", Cell::flag(c.allow_version_upgrade())),
            ("Pending", Cell::text(pending)),
            (
                "Parameter group",
                Cell::text(joined(
                    c.cluster_parameter_groups().iter().filter_map(|g| g.parameter_group_name()).collect(),
                )),
            ),
            (
                "Parameters",
                Cell::text(c.cluster_parameter_groups().first().and_then(|g| g.parameter_apply_status())),
            ),
        ],
    )
}

fn tags(tags: &[Tag]) -> Vec<(SafeText, SafeText)> {
    tags.iter()
        .map(|t| (SafeText::new(t.key().unwrap_or("")), SafeText::new(t.value().unwrap_or(""))))
        .collect()
}
