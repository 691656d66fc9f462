//! What Aurora, Neptune and DocumentDB say alike of a cluster, its members and a global cluster:
//! one control plane describes all three.

use super::extras;
use super::words::{self, Trouble};
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::model::{Cell, Failure, Health, Place, Resource, ResourceId, SafeText, ServiceSpec};
use crate::services::control_plane;
use aws_sdk_rds::types::{DbCluster, DbClusterEndpoint, DbClusterMember, DbInstance, GlobalCluster};

/// The capacity range of a serverless cluster, as in `0.5–16`: ACU, NCU or DCU.
pub fn range(c: &DbCluster) -> Option<String> {
    let bound = |n: Option<f64>| n.map_or_else(|| "?".to_owned(), |n| n.to_string());
    let scaling = c.serverless_v2_scaling_configuration()?;
    Some(format!("{}–{}", bound(scaling.min_capacity()), bound(scaling.max_capacity())))
}

/// Notes what is wrong with any cluster; `no_reader` says that there is but one member.
pub fn cluster_trouble(trouble: &mut Trouble, c: &DbCluster, no_reader: &str, maintenance: bool) {
    trouble.risk(c.db_cluster_members().len() == 1, "no-reader", no_reader);
    trouble.risk(c.storage_encrypted() == Some(false), "unencrypted", "storage is not encrypted");
    trouble.risk(maintenance, "maintenance", "maintenance is pending");
    let pending = |m: &DbClusterMember| m.db_cluster_parameter_group_status() == Some("pending-reboot");
    let reboot = c.db_cluster_members().iter().any(pending);
    trouble.risk(reboot, "pending-reboot", "cluster parameters wait for a reboot");
}

/// Notes a status that wants attention.
pub fn status_trouble(trouble: &mut Trouble, status: Option<&str>) {
    if let health @ Health::Bad(_) = words::health(status) {
        trouble.urgent("status", format!("status is {}", health.word()));
    }
}

/// What is wrong with a member.
pub fn member_trouble(i: &DbInstance, maintenance: bool) -> Trouble {
    let mut trouble = Trouble::default();
    status_trouble(&mut trouble, i.db_instance_status());
    trouble.risk(i.publicly_accessible() == Some(true), "public", "publicly accessible");
    trouble.risk(maintenance, "maintenance", "maintenance is pending");
    let ca = i.certificate_details().and_then(|c| c.valid_till()).and_then(|t| t.to_millis().ok());
    trouble.ends("ca-expiry", "the server certificate", ca, 90);
    trouble
}

/// The facts of a member: what its cluster says of it comes with it.
pub fn member_facts<'a>(
    i: &DbInstance,
    role: &str,
    tier: Option<i32>,
    range: Option<(&'a str, Cell)>,
) -> Vec<(&'a str, Cell)> {
    let mut facts = vec![
        ("Cluster", Cell::text(i.db_cluster_identifier())),
        ("Role", Cell::Text(role.into())),
        ("Promotion tier", Cell::count(tier.or(i.promotion_tier()).map(i64::from))),
        ("Class", Cell::text(i.db_instance_class())),
    ];
    facts.extend(range);
    facts.extend([
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
    ]);
    facts
}

/// A global cluster as a row of `spec`'s `kind`; `None` for one without a name.
pub fn global(spec: &ServiceSpec, kind: &'static str, place: &Place, g: &GlobalCluster) -> Option<Resource> {
    let name = g.global_cluster_identifier()?;
    Some(Resource {
        id: ResourceId { service: spec.id, kind, place: place.clone(), name: name.into() },
        name: SafeText::new(name),
        arn: g.global_cluster_arn().unwrap_or_default().into(),
        health: words::health(g.status()),
        cells: spec.cells([
            ("engine", words::engine_cell(g.engine(), g.engine_version())),
            ("role", Cell::Text("global".into())),
            ("members", Cell::count(i64::try_from(g.global_cluster_members().len()).ok())),
            ("encrypted", Cell::flag(g.storage_encrypted())),
            ("protected", Cell::flag(g.deletion_protection())),
        ]),
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
///
/// # Errors
/// That of the call.
pub async fn endpoints(reach: &Reach, cluster: &str) -> Result<Vec<(SafeText, Cell)>, Failure> {
    let call = reach.rds().describe_db_cluster_endpoints().db_cluster_identifier(cluster).max_records(100);
    let answer = call.send().await.map_err(|e| failure("list cluster endpoints", &e))?;
    let line = |e: &DbClusterEndpoint| {
        let kind = e.custom_endpoint_type().or(e.endpoint_type()).unwrap_or("?");
        let what = format!("{} {}", kind.to_lowercase(), e.status().unwrap_or(""));
        (SafeText::new(e.endpoint().unwrap_or("?")), Cell::Text(SafeText::new(what)))
    };
    Ok(answer.db_cluster_endpoints().iter().map(line).collect())
}
