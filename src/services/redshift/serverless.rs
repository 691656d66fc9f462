//! Workgroups and namespaces as rows: SDK types in, resources out.

use super::spec::{NAMESPACE, SPEC, WORKGROUP};
use crate::model::{
    Backend, Cell, DialectId, Endpoint, EndpointRole, EngineId, Health, Place, Resource, ResourceId,
    SafeText, Section,
};
use crate::services::words::{Trouble, section, time};
use aws_sdk_redshiftserverless::types::{LogExport, Namespace, PerformanceTarget, Workgroup};
use std::sync::Arc;

/// The health behind a status of Serverless.
pub fn health(status: Option<&str>) -> Health {
    let word = SafeText::new(status.unwrap_or("unknown"));
    match word.as_str() {
        "AVAILABLE" => Health::Good(word),
        "CREATING" | "MODIFYING" | "DELETING" => Health::Busy(word),
        _ => Health::Unknown(word),
    }
}

/// A workgroup as a row; `None` without a name. The namespace knows its database and secret.
pub fn workgroup(place: &Place, w: &Workgroup, namespace: Option<&Namespace>) -> Option<Resource> {
    let name = w.workgroup_name()?;
    let status = w.status().map(aws_sdk_redshiftserverless::types::WorkgroupStatus::as_str);
    let mut trouble = Trouble::default();
    trouble.risk(w.publicly_accessible() == Some(true), "public", "publicly accessible");
    trouble.risk(
        w.max_capacity().is_none(),
        "no-max",
        "no maximum of RPU: the account's quota is the only bound on cost",
    );
    let certificate = w.custom_domain_certificate_expiry_time().and_then(|t| t.to_millis().ok());
    trouble.ends("ca-expiry", "the certificate of its custom domain", certificate, 90);
    let cells = vec![
        Cell::text(rpu(w)),
        Cell::Text("workgroup".into()),
        Cell::Absent,
        Cell::Absent,
        Cell::Absent,
        Cell::text(w.workgroup_version()),
        Cell::text(w.track_name()),
        Cell::Absent,
        Cell::text(w.pending_track_name().map(|t| format!("track → {t}"))),
        Cell::Absent,
        // Serverless storage is always encrypted: by AWS's own key when no other is named.
        Cell::Flag(true),
        Cell::flag(w.publicly_accessible()),
    ];
    Some(Resource {
        id: ResourceId { service: SPEC.id, kind: WORKGROUP, place: place.clone(), name: name.into() },
        name: SafeText::new(name),
        arn: w.workgroup_arn().unwrap_or_default().into(),
        health: health(status),
        cells,
        parent: w.namespace_name().map(Arc::from),
        backend: Some(backend(w, name, namespace)),
        no_query: None,
        problems: trouble.into_problems(),
        tags: Vec::new(),
        facts: facts(w),
        dimensions: vec![("Workgroup", name.into())],
    })
}

/// Base and most RPU, as in `32–256 RPU`.
fn rpu(w: &Workgroup) -> Option<String> {
    match (w.base_capacity(), w.max_capacity()) {
        (Some(base), Some(most)) => Some(format!("{base}–{most} RPU")),
        (Some(base), None) => Some(format!("{base} RPU and up")),
        (None, Some(most)) => Some(format!("up to {most} RPU")),
        (None, None) => None,
    }
}

fn backend(w: &Workgroup, name: &str, namespace: Option<&Namespace>) -> Backend {
    let endpoint = w.endpoint().and_then(|e| {
        let port = u16::try_from(e.port()?).ok().filter(|p| *p > 0)?;
        Some(Endpoint { role: EndpointRole::Writer, host: e.address()?.into(), port })
    });
    Backend {
        engine: EngineId::RedshiftData,
        dialect: DialectId::Redshift,
        endpoints: endpoint.into_iter().collect(),
        database: Some(namespace.and_then(Namespace::db_name).unwrap_or("dev").into()),
        user: None,
        secret_arn: namespace.and_then(Namespace::admin_password_secret_arn).map(Arc::from),
        iam_login: true,
        data_api: Some(format!("workgroup/{name}").into()),
        keys: Vec::new(),
    }
}

fn facts(w: &Workgroup) -> Vec<Section> {
    let joined = |words: &[String]| Some(words.join(", ")).filter(|w| !w.is_empty());
    let target = w.price_performance_target();
    let parameters = w.config_parameters().iter().map(|p| {
        (p.parameter_key().unwrap_or("?"), Cell::Text(SafeText::new(p.parameter_value().unwrap_or(""))))
    });
    vec![
        section(
            "Workgroup",
            vec![
                ("Base RPU", Cell::count(w.base_capacity().map(i64::from))),
                ("Most RPU", Cell::count(w.max_capacity().map(i64::from))),
                (
                    "Price-performance level",
                    Cell::count(target.and_then(PerformanceTarget::level).map(i64::from)),
                ),
                ("Namespace", Cell::text(w.namespace_name())),
                ("Version", Cell::text(w.workgroup_version())),
                ("Patch", Cell::text(w.patch_version())),
                ("Track", Cell::text(w.track_name())),
                ("ARN", Cell::text(w.workgroup_arn())),
                ("Created", time(w.creation_date())),
            ],
        ),
        section(
            "Connection",
            vec![
                ("Endpoint", Cell::text(w.endpoint().and_then(|e| e.address()))),
                (
                    "Port",
                    Cell::count(
                        w.endpoint()
                            .and_then(aws_sdk_redshiftserverless::types::Endpoint::port)
                            .map(i64::from),
                    ),
                ),
                ("Custom domain", Cell::text(w.custom_domain_name())),
                ("Subnets", Cell::text(joined(w.subnet_ids()))),
                ("Security groups", Cell::text(joined(w.security_group_ids()))),
                ("Public", Cell::flag(w.publicly_accessible())),
                ("Enhanced VPC routing", Cell::flag(w.enhanced_vpc_routing())),
            ],
        ),
        section("Parameters", parameters.collect()),
    ]
}

/// A namespace as a row; `None` without a name.
pub fn namespace(place: &Place, n: &Namespace) -> Option<Resource> {
    let name = n.namespace_name()?;
    let status = n.status().map(aws_sdk_redshiftserverless::types::NamespaceStatus::as_str);
    let mut cells = vec![Cell::Absent; SPEC.columns.len()];
    for (column, cell) in [("role", Cell::Text("namespace".into())), ("encrypted", Cell::Flag(true))] {
        let at = SPEC.columns.iter().position(|c| c.id == column);
        if let Some(slot) = at.and_then(|at| cells.get_mut(at)) {
            *slot = cell;
        }
    }
    let mut trouble = Trouble::default();
    trouble.risk(n.log_exports().is_empty(), "no-logs", "no audit log is exported");
    let exports: Vec<&str> = n.log_exports().iter().map(LogExport::as_str).collect();
    let facts = vec![section(
        "Namespace",
        vec![
            ("Database", Cell::text(n.db_name())),
            ("Administrator", Cell::text(n.admin_username())),
            ("Managed password", Cell::flag(n.admin_password_secret_arn().map(|_| true))),
            ("KMS key", Cell::text(n.kms_key_id())),
            ("Default IAM role", Cell::text(n.default_iam_role_arn())),
            ("IAM roles", Cell::text(Some(n.iam_roles().join(", ")).filter(|r| !r.is_empty()))),
            ("Log exports", Cell::text(Some(exports.join(", ")).filter(|e| !e.is_empty()))),
            ("ARN", Cell::text(n.namespace_arn())),
            ("Created", time(n.creation_date())),
        ],
    )];
    Some(Resource {
        id: ResourceId { service: SPEC.id, kind: NAMESPACE, place: place.clone(), name: name.into() },
        name: SafeText::new(name),
        arn: n.namespace_arn().unwrap_or_default().into(),
        health: health(status),
        cells,
        parent: None,
        backend: None,
        no_query: Some("it is storage: query the workgroup over it".into()),
        problems: trouble.into_problems(),
        tags: Vec::new(),
        facts,
        dimensions: vec![("Namespace", name.into())],
    })
}
