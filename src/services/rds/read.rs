//! Lists and describes RDS: SDK types in, resources out.

use super::spec::{CLUSTER, INSTANCE, SPEC};
use crate::aws::Reach;
use crate::model::{Backend, Cell, Detail, Failure, FailureKind, Place, Resource, ResourceId, SafeText};
use crate::services::control_plane::{self, Background, Family, family};
use crate::services::extras;
use crate::services::words::{self, Trouble, section};
use crate::services::{Part, Parts};
use aws_sdk_rds::types::{DbCluster, DbInstance};
use std::sync::Arc;

/// Lists DB instances and Multi-AZ DB clusters. Rows show as their page arrives; maintenance
/// and lifecycles are filled in behind them.
pub async fn list(reach: &Reach, out: Parts<'_>) -> Result<(), Failure> {
    let place = reach.place();
    let unknown = Background::default();
    // Pages are shared, not copied: a fleet of 500 is some megabytes as the SDK has it.
    let (mut pages, mut cluster_pages) = (Vec::new(), Vec::new());
    let instances = control_plane::instances(reach, |page| {
        out(Part::of(page.items.iter().filter_map(|i| instance(place, i, &unknown)).collect(), true));
        pages.push(page.clone());
    });
    let clusters = control_plane::clusters(reach, |page| {
        out(Part::of(page.items.iter().filter_map(|c| cluster(place, c, &unknown)).collect(), true));
        cluster_pages.push(page.clone());
    });
    let (instances, clusters, background) =
        tokio::join!(instances, clusters, control_plane::background(reach));
    let filled = pages.iter().flat_map(|p| &p.items).filter_map(|i| instance(place, i, &background));
    let clusters_filled = cluster_pages.iter().flat_map(|p| &p.items);
    let filled = filled.chain(clusters_filled.filter_map(|c| cluster(place, c, &background)));
    let resources: Vec<_> = filled.collect();
    let (cut, cut_clusters) = (instances?, clusters?);
    control_plane::tell(out, resources, cut || cut_clusters, background.trouble.clone());
    Ok(())
}

/// Everything about one instance or cluster.
pub async fn describe(reach: &Reach, id: &ResourceId) -> Result<Detail, Failure> {
    let background = control_plane::background(reach).await;
    let doing = format!("describe {} {}", id.kind, SafeText::new(&id.name));
    let resource = if id.kind == CLUSTER {
        let found = control_plane::cluster(reach, &id.name).await?;
        cluster(reach.place(), &found, &background)
    } else {
        let found = control_plane::instance(reach, &id.name).await?;
        instance(reach.place(), &found, &background)
    };
    let resource = resource.filter(|r| r.id.service == SPEC.id && r.id.kind == id.kind);
    let resource =
        resource.ok_or_else(|| Failure::new(FailureKind::NotFound, doing, "it is not an RDS database"))?;
    let mut sections = resource.facts.clone();
    sections.extend(extras::sections(reach, &resource).await);
    Ok(Detail { resource, sections })
}

/// An instance as a row; `None` for one of another family or without a name.
pub fn instance(place: &Place, i: &DbInstance, background: &Background) -> Option<Resource> {
    let name = i.db_instance_identifier()?;
    let engine = i.engine().unwrap_or_default();
    if family(engine) != Family::Rds {
        return None;
    }
    let arn = i.db_instance_arn().unwrap_or_default();
    let eol = i.engine_version().and_then(|v| background.end_of_support(engine, v));
    let source = i.read_replica_source_db_instance_identifier();
    let parent = i.db_cluster_identifier().or(source.map(|s| s.rsplit(':').next().unwrap_or(s)));
    let role = match (source, i.db_cluster_identifier(), i.read_replica_db_instance_identifiers().len()) {
        (Some(_), _, _) => "replica",
        (None, Some(_), _) => "member",
        (None, None, 0) => "single",
        (None, None, _) => "primary",
    };
    let maintenance = background.maintenance.get(arn);
    let cells = vec![
        words::engine_cell(i.engine(), i.engine_version()),
        Cell::text(i.db_instance_class()),
        Cell::Text(role.into()),
        words::gibibytes(i.allocated_storage()),
        Cell::flag(i.multi_az()),
        Cell::count(i64::try_from(i.read_replica_db_instance_identifiers().len()).ok()),
        Cell::text(maintenance),
        words::days(i.backup_retention_period()),
        Cell::flag(i.storage_encrypted()),
        Cell::flag(i.publicly_accessible()),
        Cell::flag(i.deletion_protection()),
        eol.map_or(Cell::Absent, Cell::Time),
        words::time(i.certificate_details().and_then(|c| c.valid_till())),
    ];
    let backend = instance_backend(i);
    Some(Resource {
        id: ResourceId { service: SPEC.id, kind: INSTANCE, place: place.clone(), name: name.into() },
        name: SafeText::new(name),
        arn: arn.into(),
        health: words::health(i.db_instance_status()),
        cells,
        parent: parent.map(Arc::from),
        no_query: words::no_query(i.engine(), backend.as_ref()),
        backend,
        problems: problems(i, eol, maintenance.is_some()),
        tags: words::tags(i.tag_list()),
        facts: facts(i, background.maintenance_fact(arn).as_ref()),
        dimensions: vec![("DBInstanceIdentifier", name.into())],
    })
}

/// The instance's own endpoint. One that is being created has none yet, and no query tab.
fn instance_backend(i: &DbInstance) -> Option<Backend> {
    let endpoint = words::endpoint(i)?;
    words::backend(i, vec![endpoint])
}

fn problems(i: &DbInstance, eol: Option<i64>, maintenance: bool) -> Vec<crate::model::Problem> {
    let mut trouble = Trouble::default();
    let status = i.db_instance_status().unwrap_or_default();
    if status == "storage-full" {
        trouble.urgent("disk-full", "storage is full");
    } else if matches!(words::health(Some(status)), crate::model::Health::Bad(_)) {
        trouble.urgent("status", format!("status is {status}"));
    }
    for info in i.status_infos().iter().filter(|info| info.normal() == Some(false)) {
        let what =
            format!("{} {}", info.status_type().unwrap_or("status"), info.status().unwrap_or("not normal"));
        trouble.urgent("replication", what);
    }
    let public = i.publicly_accessible().unwrap_or(false);
    trouble.risk(public, "public", "publicly accessible");
    trouble.risk(i.storage_encrypted() == Some(false), "unencrypted", "storage is not encrypted");
    let replica = i.read_replica_source_db_instance_identifier().is_some();
    trouble.risk(
        i.backup_retention_period() == Some(0) && !replica,
        "no-backup",
        "automated backups are off",
    );
    let reboot = i.db_parameter_groups().iter().any(|g| g.parameter_apply_status() == Some("pending-reboot"));
    trouble.risk(reboot, "pending-reboot", "parameters wait for a reboot");
    trouble.risk(maintenance, "maintenance", "maintenance is pending");
    trouble.ends("engine-eol", "standard support of this engine version", eol, 180);
    let ca = i.certificate_details().and_then(|c| c.valid_till()).and_then(|t| t.to_millis().ok());
    trouble.ends("ca-expiry", "the server certificate", ca, 90);
    trouble.into_problems()
}

fn facts(i: &DbInstance, maintenance: Option<&String>) -> Vec<crate::model::Section> {
    let joined = |words: Vec<&str>| Some(words.join(", ")).filter(|w| !w.is_empty());
    let mut sections = vec![
        section(
            "Instance",
            vec![
                ("Engine", words::engine_cell(i.engine(), i.engine_version())),
                ("Class", Cell::text(i.db_instance_class())),
                ("Resource id", Cell::text(i.dbi_resource_id())),
                ("ARN", Cell::text(i.db_instance_arn())),
                ("Created", words::time(i.instance_create_time())),
                ("Licence", Cell::text(i.license_model())),
                (
                    "Insights",
                    Cell::text(
                        i.database_insights_mode().map(aws_sdk_rds::types::DatabaseInsightsMode::as_str),
                    ),
                ),
            ],
        ),
        section(
            "Connection",
            vec![
                ("Endpoint", Cell::text(i.endpoint().and_then(|e| e.address()))),
                (
                    "Port",
                    Cell::count(i.endpoint().and_then(aws_sdk_rds::types::Endpoint::port).map(i64::from)),
                ),
                ("Database", Cell::text(i.db_name())),
                ("Master user", Cell::text(i.master_username())),
                ("IAM login", Cell::flag(i.iam_database_authentication_enabled())),
                ("Managed password", Cell::text(i.master_user_secret().and_then(|s| s.secret_status()))),
                ("VPC", Cell::text(i.db_subnet_group().and_then(|g| g.vpc_id()))),
                ("Subnet group", Cell::text(i.db_subnet_group().and_then(|g| g.db_subnet_group_name()))),
                (
                    "Security groups",
                    Cell::text(joined(
                        i.vpc_security_groups().iter().filter_map(|g| g.vpc_security_group_id()).collect(),
                    )),
                ),
                ("Public", Cell::flag(i.publicly_accessible())),
                ("CA", Cell::text(i.ca_certificate_identifier())),
                ("Certificate until", words::time(i.certificate_details().and_then(|c| c.valid_till()))),
            ],
        ),
        section(
            "Storage",
            vec![
                ("Allocated", words::gibibytes(i.allocated_storage())),
                ("Autoscales to", words::gibibytes(i.max_allocated_storage())),
                ("Type", Cell::text(i.storage_type())),
                ("IOPS", Cell::count(i.iops().map(i64::from))),
                ("Throughput MB/s", Cell::count(i.storage_throughput().map(i64::from))),
                ("Encrypted", Cell::flag(i.storage_encrypted())),
                ("KMS key", Cell::text(i.kms_key_id())),
            ],
        ),
    ];
    sections.extend(upkeep(i, maintenance));
    sections
}

/// What keeps an instance up: zones, replicas, backups, maintenance.
fn upkeep(i: &DbInstance, maintenance: Option<&String>) -> Vec<crate::model::Section> {
    let joined = |words: Vec<&str>| Some(words.join(", ")).filter(|w| !w.is_empty());
    let pending = i.pending_modified_values().map(extras::pending).filter(|p| !p.is_empty());
    vec![
        section(
            "Availability",
            vec![
                ("Zone", Cell::text(i.availability_zone())),
                ("Multi-AZ", Cell::flag(i.multi_az())),
                ("Standby zone", Cell::text(i.secondary_availability_zone())),
                ("Replica of", Cell::text(i.read_replica_source_db_instance_identifier())),
                (
                    "Replicas",
                    Cell::text(joined(
                        i.read_replica_db_instance_identifiers().iter().map(String::as_str).collect(),
                    )),
                ),
                ("Starts again", words::time(i.automatic_restart_time())),
            ],
        ),
        section(
            "Backups and maintenance",
            vec![
                ("Backup retention", words::days(i.backup_retention_period())),
                ("Latest restorable", words::time(i.latest_restorable_time())),
                ("Backup window", Cell::text(i.preferred_backup_window())),
                ("Maintenance window", Cell::text(i.preferred_maintenance_window())),
                ("Pending maintenance", Cell::text(maintenance)),
                ("Pending changes", Cell::text(pending)),
                ("Deletion protection", Cell::flag(i.deletion_protection())),
                ("Minor upgrades", Cell::flag(i.auto_minor_version_upgrade())),
                (
                    "Parameter group",
                    Cell::text(joined(
                        i.db_parameter_groups().iter().filter_map(|g| g.db_parameter_group_name()).collect(),
                    )),
                ),
                (
                    "Parameters",
                    Cell::text(i.db_parameter_groups().first().and_then(|g| g.parameter_apply_status())),
                ),
                (
                    "Log exports",
                    Cell::text(joined(
                        i.enabled_cloudwatch_logs_exports().iter().map(String::as_str).collect(),
                    )),
                ),
            ],
        ),
    ]
}

/// A Multi-AZ DB cluster as a row.
pub fn cluster(place: &Place, c: &DbCluster, background: &Background) -> Option<Resource> {
    let name = c.db_cluster_identifier()?;
    let engine = c.engine().unwrap_or_default();
    if family(engine) != Family::Rds {
        return None;
    }
    let arn = c.db_cluster_arn().unwrap_or_default();
    let eol = c.engine_version().and_then(|v| background.end_of_support(engine, v));
    let maintenance = background.maintenance.get(arn);
    let mut trouble = Trouble::default();
    trouble.risk(c.publicly_accessible() == Some(true), "public", "publicly accessible");
    trouble.risk(c.storage_encrypted() == Some(false), "unencrypted", "storage is not encrypted");
    trouble.risk(maintenance.is_some(), "maintenance", "maintenance is pending");
    trouble.ends("engine-eol", "standard support of this engine version", eol, 180);
    let cells = vec![
        words::engine_cell(c.engine(), c.engine_version()),
        Cell::text(c.db_cluster_instance_class()),
        Cell::Text("cluster".into()),
        words::gibibytes(c.allocated_storage()),
        Cell::flag(c.multi_az()),
        Cell::count(i64::try_from(c.db_cluster_members().len()).ok()),
        Cell::text(maintenance),
        words::days(c.backup_retention_period()),
        Cell::flag(c.storage_encrypted()),
        Cell::flag(c.publicly_accessible()),
        Cell::flag(c.deletion_protection()),
        eol.map_or(Cell::Absent, Cell::Time),
        words::time(c.certificate_details().and_then(|d| d.valid_till())),
    ];
    let backend = control_plane::cluster_backend(c);
    Some(Resource {
        id: ResourceId { service: SPEC.id, kind: CLUSTER, place: place.clone(), name: name.into() },
        name: SafeText::new(name),
        arn: arn.into(),
        health: words::health(c.status()),
        cells,
        parent: None,
        no_query: words::no_query(c.engine(), backend.as_ref()),
        backend,
        problems: trouble.into_problems(),
        tags: words::tags(c.tag_list()),
        facts: control_plane::cluster_facts(c, background.maintenance_fact(arn).as_ref()),
        dimensions: vec![("DBClusterIdentifier", name.into())],
    })
}
