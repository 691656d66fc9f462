//! RDS instances of the two scenarios, with what is wrong with some of them.

use super::{Region, date, days, hours};
use crate::demo::chance::Chance;
use crate::demo::{ACCOUNT, DATABASE};
use aws_sdk_rds::types::{
    CertificateDetails, DbInstance, DbInstanceStatusInfo, DbParameterGroupStatus, DbSubnetGroup, Endpoint,
    PendingMaintenanceAction, ResourcePendingMaintenanceActions, SourceType, Tag, VpcSecurityGroupMembership,
};

/// What makes an instance different from the plain one.
#[derive(Clone, Copy)]
pub struct Seed {
    pub region: &'static str,
    pub id: &'static str,
    pub engine: &'static str,
    pub version: &'static str,
    pub class: &'static str,
    pub gib: i32,
    pub storage: &'static str,
    pub status: &'static str,
    pub multi_az: bool,
    pub public: bool,
    pub encrypted: bool,
    pub backup_days: i32,
    pub protected: bool,
    pub source: Option<&'static str>,
    pub project: &'static str,
    pub env: &'static str,
}

const PLAIN: Seed = Seed {
    region: "eu-west-1",
    id: "",
    engine: "postgres",
    version: "17.5",
    class: "db.m7g.large",
    gib: 200,
    storage: "gp3",
    status: "available",
    multi_az: false,
    public: false,
    encrypted: true,
    backup_days: 7,
    protected: true,
    source: None,
    project: "shop",
    env: "prod",
};

const US: Seed = Seed { region: "us-east-1", ..PLAIN };
const AP: Seed = Seed { region: "ap-southeast-2", ..PLAIN };

const SEEDS: &[Seed] = &[
    Seed { id: "orders", class: "db.m7g.xlarge", gib: 400, multi_az: true, ..PLAIN },
    Seed {
        id: "orders-replica-1",
        class: "db.m7g.large",
        gib: 400,
        source: Some("orders"),
        backup_days: 0,
        ..PLAIN
    },
    Seed { id: "billing", version: "13.20", gib: 120, multi_az: true, ..PLAIN },
    Seed { id: "catalog", engine: "mysql", version: "8.0.42", class: "db.r7g.large", gib: 300, ..PLAIN },
    Seed {
        id: "cms",
        engine: "mariadb",
        version: "10.11.13",
        class: "db.t4g.medium",
        gib: 60,
        public: true,
        encrypted: false,
        backup_days: 0,
        protected: false,
        ..PLAIN
    },
    Seed {
        id: "erp",
        engine: "oracle-ee",
        version: "19.0.0.0.ru-2025-07.rur-2025-07.r1",
        class: "db.r6i.2xlarge",
        gib: 1200,
        storage: "io2",
        multi_az: true,
        project: "back-office",
        ..PLAIN
    },
    Seed {
        id: "reporting",
        engine: "sqlserver-se",
        version: "15.00.4435.7.v1",
        class: "db.m6i.xlarge",
        gib: 500,
        project: "back-office",
        ..PLAIN
    },
    Seed {
        id: "warehouse-legacy",
        engine: "mysql",
        version: "8.4.6",
        class: "db.m6g.large",
        gib: 100,
        storage: "gp2",
        status: "storage-full",
        ..PLAIN
    },
    Seed {
        id: "orders-staging",
        class: "db.t4g.large",
        gib: 100,
        status: "stopped",
        protected: false,
        env: "staging",
        ..PLAIN
    },
    Seed {
        id: "scratch",
        version: "16.9",
        class: "db.t4g.medium",
        gib: 40,
        backup_days: 0,
        protected: false,
        project: "ml-platform",
        env: "dev",
        ..PLAIN
    },
    Seed {
        id: "ledger",
        engine: "db2-se",
        version: "11.5.9.0.sb00062649.r1",
        class: "db.m6i.large",
        gib: 160,
        project: "back-office",
        ..PLAIN
    },
    Seed { id: "orders-us", class: "db.m7g.large", gib: 250, multi_az: true, ..US },
    Seed {
        id: "orders-us-replica-1",
        class: "db.m7g.large",
        gib: 250,
        source: Some("orders-us"),
        backup_days: 0,
        ..US
    },
    Seed { id: "promotions", engine: "mysql", version: "8.4.6", gib: 80, ..US },
    Seed { id: "reviews", engine: "mariadb", version: "11.4.7", gib: 90, ..US },
    Seed {
        id: "hr",
        engine: "oracle-se2",
        version: "19.0.0.0.ru-2025-07.rur-2025-07.r1",
        class: "db.m6i.large",
        project: "back-office",
        ..US
    },
    Seed {
        id: "bi",
        engine: "sqlserver-web",
        version: "16.00.4195.2.v1",
        class: "db.m6i.large",
        project: "back-office",
        ..US
    },
    Seed {
        id: "sandbox",
        version: "17.4",
        class: "db.t4g.micro",
        gib: 20,
        status: "incompatible-parameters",
        backup_days: 1,
        protected: false,
        env: "dev",
        ..US
    },
    Seed { id: "orders-apac", class: "db.m7g.large", gib: 150, multi_az: true, ..AP },
    Seed {
        id: "orders-dr",
        class: "db.m7g.large",
        gib: 400,
        source: Some("arn:aws:rds:eu-west-1:123456789012:db:orders"),
        backup_days: 0,
        ..AP
    },
    Seed { id: "pos", engine: "mysql", version: "8.0.42", class: "db.m6g.large", gib: 120, ..AP },
    Seed { id: "loyalty", engine: "mariadb", version: "10.11.13", class: "db.t4g.large", gib: 50, ..AP },
];

/// Puts the instances of the region's scenarios in.
pub fn build(region: &mut Region) {
    for seed in SEEDS.iter().filter(|s| s.region == region.name) {
        let instance = instance(region, seed, seed.id);
        region.instances.insert(seed.id.to_owned(), instance);
    }
    for seed in SEEDS {
        let Some(source) = seed.source else { continue };
        // A replica elsewhere is named by its ARN.
        let (source, replica) = match source.rsplit_once(":db:") {
            Some((_, name)) => (name, arn(seed.region, "db", seed.id)),
            None => (source, seed.id.to_owned()),
        };
        if let Some(source) = region.instances.get_mut(source)
            && (seed.region == region.name || replica.starts_with("arn:"))
        {
            source.read_replica_db_instance_identifiers.get_or_insert_default().push(replica);
        }
    }
    wrongs(region);
}

/// Maintenance that waits, and the events that tell what happened before the estate began.
fn wrongs(region: &mut Region) {
    match region.name {
        "eu-west-1" => {
            maintain(region, "catalog", "system-update", "New Operating System update is available", 2);
            maintain(
                region,
                "billing",
                "db-upgrade",
                "PostgreSQL 13 has reached the end of standard support",
                9,
            );
            past(region, 40, "orders-replica-1", "notification", "Replication is lagging behind its source");
            past(
                region,
                25,
                "warehouse-legacy",
                "low storage",
                "The free storage capacity for DB instance: warehouse-legacy is low at 0% of the provisioned storage",
            );
            past(region, 12, "orders", "backup", "Finished DB Instance backup");
        }
        "us-east-1" => {
            maintain(region, "bi", "ca-certificate-rotation", "The server certificate expires soon", 20);
            past(
                region,
                55,
                "sandbox",
                "configuration change",
                "Database instance put into incompatible-parameters. Check shared_buffers",
            );
        }
        _ => {}
    }
}

fn maintain(region: &mut Region, id: &str, action: &str, what: &str, in_days: u64) {
    let due = date(region.now.plus_ms(days(in_days)));
    region.maintenance.push(
        ResourcePendingMaintenanceActions::builder()
            .resource_identifier(arn(region.name, "db", id))
            .pending_maintenance_action_details(
                PendingMaintenanceAction::builder()
                    .action(action)
                    .description(what)
                    .auto_applied_after_date(due)
                    .current_apply_date(due)
                    .build(),
            )
            .build(),
    );
}

fn past(region: &mut Region, minutes_ago: u64, id: &str, category: &str, message: &str) {
    let now = region.now;
    region.now = now.minus_ms(minutes_ago * 60_000);
    region.tell(SourceType::DbInstance, id, category, message);
    region.now = now;
}

/// The instance that `seed` describes, named `id`.
pub fn instance(region: &Region, seed: &Seed, id: &str) -> DbInstance {
    let mut chance = Chance::of(id);
    let zone = |n: u64| format!("{}{}", region.name, ["a", "b", "c"].get(n as usize % 3).unwrap_or(&"a"));
    let az = chance.below(3);
    let port = port(seed.engine);
    let stopped = seed.status == "stopped";
    let mut out = DbInstance::builder()
        .db_instance_identifier(id)
        .db_instance_arn(arn(region.name, "db", id))
        .dbi_resource_id(resource_id("db", id))
        .engine(seed.engine)
        .engine_version(seed.version)
        .db_instance_class(seed.class)
        .db_instance_status(seed.status)
        .master_username("postgres")
        .allocated_storage(seed.gib)
        .storage_type(seed.storage)
        .multi_az(seed.multi_az)
        .availability_zone(zone(az))
        .publicly_accessible(seed.public)
        .storage_encrypted(seed.encrypted)
        .backup_retention_period(seed.backup_days)
        .deletion_protection(seed.protected)
        .auto_minor_version_upgrade(true)
        .iam_database_authentication_enabled(seed.engine == "postgres")
        .performance_insights_enabled(seed.env == "prod")
        .copy_tags_to_snapshot(true)
        .preferred_maintenance_window("sun:03:00-sun:03:30")
        .preferred_backup_window("01:15-01:45")
        .license_model(license(seed.engine))
        .instance_create_time(date(region.now.minus_ms(days(90 + chance.below(900)))))
        .endpoint(Endpoint::builder().address(host(id, "", region.name)).port(port).build())
        .db_instance_port(0)
        .ca_certificate_identifier("rds-ca-rsa2048-g1")
        .certificate_details(certificate(region, id))
        .engine_lifecycle_support("open-source-rds-extended-support")
        .db_parameter_groups(
            DbParameterGroupStatus::builder()
                .db_parameter_group_name(format!("default.{}{}", seed.engine, major(seed.version)))
                .parameter_apply_status(if seed.status.starts_with("incompatible") {
                    "pending-reboot"
                } else {
                    "in-sync"
                })
                .build(),
        )
        .db_subnet_group(
            DbSubnetGroup::builder()
                .db_subnet_group_name("databases")
                .vpc_id("vpc-0d5c0a1b2c3d4e5f6")
                .build(),
        )
        .vpc_security_groups(
            VpcSecurityGroupMembership::builder()
                .vpc_security_group_id("sg-0a1b2c3d4e5f60718")
                .status("active")
                .build(),
        )
        .set_tag_list(Some(tags(seed.project, seed.env)))
        .build();
    if seed.engine == "postgres" {
        out.db_name = Some(DATABASE.to_owned());
    } else {
        out.master_username = Some("admin".to_owned());
    }
    if seed.multi_az {
        out.secondary_availability_zone = Some(zone(az + 1));
    }
    if seed.storage == "io2" {
        out.iops = Some(12_000);
    }
    if seed.backup_days > 0 {
        out.latest_restorable_time = Some(date(region.now.minus_ms(4 * 60_000)));
    }
    if stopped {
        out.automatic_restart_time = Some(date(region.now.plus_ms(days(5) + hours(3))));
    }
    if let Some(source) = seed.source {
        out.read_replica_source_db_instance_identifier = Some(source.to_owned());
        out.status_infos = Some(vec![
            DbInstanceStatusInfo::builder()
                .status_type("read replication")
                .normal(true)
                .status("replicating")
                .build(),
        ]);
    }
    out
}

/// The server certificate: one of the estate's runs out soon.
pub fn certificate(region: &Region, id: &str) -> CertificateDetails {
    let left = if id == "bi" { 21 } else { 11_000 };
    CertificateDetails::builder()
        .ca_identifier("rds-ca-rsa2048-g1")
        .valid_till(date(region.now.plus_ms(days(left))))
        .build()
}

/// An RDS ARN in the estate's account.
pub fn arn(region: &str, kind: &str, id: &str) -> String {
    format!("arn:aws:rds:{region}:{ACCOUNT}:{kind}:{id}")
}

/// The host of an endpoint; `infix` is `cluster-` or `cluster-ro-` for a cluster's.
pub fn host(id: &str, infix: &str, region: &str) -> String {
    format!("{id}.{infix}c9akciq32xyz.{region}.rds.amazonaws.com")
}

/// A resource id that belongs to `id`.
pub fn resource_id(prefix: &str, id: &str) -> String {
    format!("{prefix}-{:016X}DEMO", Chance::of(id).next())
}

/// The tags of the estate.
pub fn tags(project: &str, env: &str) -> Vec<Tag> {
    [("project", project), ("env", env), ("owner", if project == "shop" { "commerce" } else { "data" })]
        .into_iter()
        .map(|(k, v)| Tag::builder().key(k).value(v).build())
        .collect()
}

/// The port that the engine listens on.
pub fn port(engine: &str) -> i32 {
    match engine.split('-').next() {
        Some("mysql" | "mariadb") => 3306,
        Some("oracle") => 1521,
        Some("sqlserver") => 1433,
        Some("db2") => 50_000,
        _ if engine == "aurora-mysql" => 3306,
        _ => 5432,
    }
}

fn license(engine: &str) -> &'static str {
    match engine.split('-').next() {
        Some("oracle" | "db2") => "bring-your-own-license",
        Some("sqlserver") => "license-included",
        Some("postgres") => "postgresql-license",
        _ => "general-public-license",
    }
}

/// The major version: two numbers before PostgreSQL's and Oracle's one.
pub fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}
