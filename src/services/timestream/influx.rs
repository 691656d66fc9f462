//! Timestream for InfluxDB as rows: instances, clusters and their members.

use super::read::health;
use super::spec::{CLUSTER, INSTANCE, SPEC};
use crate::model::{
    Backend, Cell, DialectId, Endpoint, EndpointRole, EngineId, Health, Place, Resource, ResourceId,
    SafeText, Section,
};
use crate::services::words::{Trouble, gibibytes, section, time};
use aws_sdk_timestreaminfluxdb::operation::get_db_cluster::GetDbClusterOutput;
use aws_sdk_timestreaminfluxdb::operation::get_db_instance::GetDbInstanceOutput;
use aws_sdk_timestreaminfluxdb::types::{
    DbClusterSummary, DbInstanceForClusterSummary, DbInstanceSummary, EngineType, InstanceMode,
};
use std::sync::Arc;

/// The port that every InfluxDB 3 has: engines of instances are told by it where AWS names none.
const V3_PORT: i32 = 8181;

/// What the listings and the descriptions both say.
#[derive(Default)]
pub struct Facts<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub arn: &'a str,
    pub status: Option<&'a str>,
    pub endpoint: Option<&'a str>,
    pub reader: Option<&'a str>,
    pub port: Option<i32>,
    pub class: Option<&'a str>,
    pub storage: Option<i32>,
    pub storage_type: Option<&'a str>,
    pub deployment: Option<&'a str>,
    pub engine: Option<&'a str>,
    pub modes: Vec<&'a str>,
    pub public: Option<bool>,
    /// The cluster that an instance is a member of.
    pub cluster: Option<&'a str>,
}

impl<'a> From<&'a DbInstanceSummary> for Facts<'a> {
    fn from(i: &'a DbInstanceSummary) -> Self {
        Self {
            id: i.id(),
            name: i.name(),
            arn: i.arn(),
            status: i.status().map(aws_sdk_timestreaminfluxdb::types::Status::as_str),
            endpoint: i.endpoint(),
            port: i.port(),
            class: i.db_instance_type().map(aws_sdk_timestreaminfluxdb::types::DbInstanceType::as_str),
            storage: i.allocated_storage(),
            storage_type: i.db_storage_type().map(aws_sdk_timestreaminfluxdb::types::DbStorageType::as_str),
            deployment: i.deployment_type().map(aws_sdk_timestreaminfluxdb::types::DeploymentType::as_str),
            ..Self::default()
        }
    }
}

/// A member as its cluster lists it.
pub fn member<'a>(i: &'a DbInstanceForClusterSummary, cluster: &'a DbClusterSummary) -> Facts<'a> {
    Facts {
        id: i.id(),
        name: i.name(),
        arn: i.arn(),
        status: i.status().map(aws_sdk_timestreaminfluxdb::types::Status::as_str),
        endpoint: i.endpoint(),
        port: i.port(),
        class: i.db_instance_type().map(aws_sdk_timestreaminfluxdb::types::DbInstanceType::as_str),
        storage: i.allocated_storage(),
        storage_type: i.db_storage_type().map(aws_sdk_timestreaminfluxdb::types::DbStorageType::as_str),
        deployment: i.deployment_type().map(aws_sdk_timestreaminfluxdb::types::DeploymentType::as_str),
        engine: cluster.engine_type().map(EngineType::as_str),
        modes: modes(i.instance_mode(), i.instance_modes()),
        cluster: Some(cluster.id()),
        ..Facts::default()
    }
}

fn modes<'a>(one: Option<&'a InstanceMode>, all: &'a [InstanceMode]) -> Vec<&'a str> {
    let one = one.into_iter().filter(|_| all.is_empty());
    all.iter().chain(one).map(InstanceMode::as_str).collect()
}

impl<'a> From<&'a GetDbInstanceOutput> for Facts<'a> {
    fn from(i: &'a GetDbInstanceOutput) -> Self {
        Self {
            id: i.id(),
            name: i.name(),
            arn: i.arn(),
            status: i.status().map(aws_sdk_timestreaminfluxdb::types::Status::as_str),
            endpoint: i.endpoint(),
            port: i.port(),
            class: i.db_instance_type().map(aws_sdk_timestreaminfluxdb::types::DbInstanceType::as_str),
            storage: i.allocated_storage(),
            storage_type: i.db_storage_type().map(aws_sdk_timestreaminfluxdb::types::DbStorageType::as_str),
            deployment: i.deployment_type().map(aws_sdk_timestreaminfluxdb::types::DeploymentType::as_str),
            modes: modes(i.instance_mode(), i.instance_modes()),
            public: i.publicly_accessible(),
            cluster: i.db_cluster_id(),
            ..Self::default()
        }
    }
}

impl<'a> From<&'a DbClusterSummary> for Facts<'a> {
    fn from(c: &'a DbClusterSummary) -> Self {
        Self {
            id: c.id(),
            name: c.name(),
            arn: c.arn(),
            status: c.status().map(aws_sdk_timestreaminfluxdb::types::ClusterStatus::as_str),
            endpoint: c.endpoint(),
            reader: c.reader_endpoint(),
            port: c.port(),
            class: c.db_instance_type().map(aws_sdk_timestreaminfluxdb::types::DbInstanceType::as_str),
            storage: c.allocated_storage(),
            storage_type: c.db_storage_type().map(aws_sdk_timestreaminfluxdb::types::DbStorageType::as_str),
            deployment: c
                .deployment_type()
                .map(aws_sdk_timestreaminfluxdb::types::ClusterDeploymentType::as_str),
            engine: c.engine_type().map(EngineType::as_str),
            ..Self::default()
        }
    }
}

impl<'a> From<&'a GetDbClusterOutput> for Facts<'a> {
    fn from(c: &'a GetDbClusterOutput) -> Self {
        Self {
            id: c.id(),
            name: c.name(),
            arn: c.arn(),
            status: c.status().map(aws_sdk_timestreaminfluxdb::types::ClusterStatus::as_str),
            endpoint: c.endpoint(),
            reader: c.reader_endpoint(),
            port: c.port(),
            class: c.db_instance_type().map(aws_sdk_timestreaminfluxdb::types::DbInstanceType::as_str),
            storage: c.allocated_storage(),
            storage_type: c.db_storage_type().map(aws_sdk_timestreaminfluxdb::types::DbStorageType::as_str),
            deployment: c
                .deployment_type()
                .map(aws_sdk_timestreaminfluxdb::types::ClusterDeploymentType::as_str),
            engine: c.engine_type().map(EngineType::as_str),
            public: c.publicly_accessible(),
            ..Self::default()
        }
    }
}

impl Facts<'_> {
    /// Whether it is InfluxDB 3: by AWS's word, else by its port.
    fn is_v3(&self) -> bool {
        match self.engine {
            Some(engine) => engine.starts_with("INFLUXDB_V3"),
            None => self.port == Some(V3_PORT),
        }
    }

    /// The engine as shown.
    fn engine(&self) -> &str {
        match self.engine {
            Some("INFLUXDB_V2") => "InfluxDB 2",
            Some("INFLUXDB_V3_CORE") => "InfluxDB 3 Core",
            Some("INFLUXDB_V3_ENTERPRISE") => "InfluxDB 3 Ent.",
            Some(other) => other,
            None if self.is_v3() => "InfluxDB 3",
            None => "InfluxDB 2",
        }
    }

    fn endpoints(&self) -> Vec<Endpoint> {
        let port = self.port.and_then(|p| u16::try_from(p).ok()).filter(|p| *p > 0);
        let port = port.unwrap_or(if self.is_v3() { 8181 } else { 8086 });
        let at = |host: Option<&str>, role| {
            host.filter(|h| !h.is_empty()).map(|h| Endpoint { role, host: h.into(), port })
        };
        let role = if self.cluster.is_some() { EndpointRole::Instance } else { EndpointRole::Writer };
        at(self.reader, EndpointRole::Reader).into_iter().chain(at(self.endpoint, role)).collect()
    }

    /// The token of InfluxDB's administrator is in Secrets Manager, and it may do everything: it is
    /// never taken unasked.
    fn backend(&self) -> Option<Backend> {
        let endpoints = self.endpoints();
        (!endpoints.is_empty()).then(|| Backend {
            engine: EngineId::InfluxDb,
            dialect: if self.is_v3() { DialectId::InfluxSql } else { DialectId::Flux },
            endpoints,
            database: None,
            user: None,
            secret_arn: None,
            iam_login: false,
            data_api: None,
            keys: Vec::new(),
        })
    }

    /// The row. `kind` is [`INSTANCE`] or [`CLUSTER`].
    pub fn row(&self, place: &Place, kind: &'static str) -> Resource {
        let health = health(self.status);
        let mut trouble = Trouble::default();
        if let Health::Bad(word) = &health {
            trouble.urgent("status", format!("status is {word}"));
        }
        trouble.risk(self.public == Some(true), "public", "publicly accessible");
        trouble.risk(
            kind == INSTANCE && self.cluster.is_none() && self.deployment == Some("SINGLE_AZ"),
            "single-az",
            "one zone: no standby to fail over to",
        );
        let what = match (kind, self.modes.is_empty()) {
            (CLUSTER, _) => "cluster".to_owned(),
            (_, false) => self.modes.join(" ").to_lowercase(),
            _ => "instance".to_owned(),
        };
        let backend = self.backend();
        Resource {
            id: ResourceId { service: SPEC.id, kind, place: place.clone(), name: self.id.into() },
            name: SafeText::new(if self.name.is_empty() { self.id } else { self.name }),
            arn: self.arn.into(),
            cells: SPEC.cells([
                ("what", Cell::Text(SafeText::new(what))),
                ("size", Cell::text(self.class)),
                ("engine", Cell::text(Some(self.engine()))),
                ("storage", gibibytes(self.storage)),
                ("deployment", Cell::text(self.deployment)),
                ("public", Cell::flag(self.public)),
            ]),
            health,
            parent: self.cluster.map(Arc::from),
            no_query: backend.is_none().then(|| "it has no endpoint yet".into()),
            backend,
            problems: trouble.into_problems(),
            tags: Vec::new(),
            facts: self.facts(kind),
            dimensions: if kind == INSTANCE {
                vec![("DbInstanceName", self.name.into())]
            } else {
                Vec::new()
            },
        }
    }

    fn facts(&self, kind: &str) -> Vec<Section> {
        vec![section(
            if kind == CLUSTER { "Cluster" } else { "Instance" },
            vec![
                ("Identifier", Cell::text(Some(self.id))),
                ("Engine", Cell::text(Some(self.engine()))),
                ("Class", Cell::text(self.class)),
                ("Storage", gibibytes(self.storage)),
                ("Storage type", Cell::text(self.storage_type)),
                ("Deployment", Cell::text(self.deployment)),
                ("Modes", Cell::text(Some(self.modes.join(", ")).filter(|m| !m.is_empty()))),
                ("Endpoint", Cell::text(self.endpoint)),
                ("Reader endpoint", Cell::text(self.reader)),
                ("Port", Cell::count(self.port.map(i64::from))),
                ("Public", Cell::flag(self.public)),
                ("Cluster", Cell::text(self.cluster)),
                ("ARN", Cell::text(Some(self.arn))),
            ],
        )]
    }
}

/// The secret's name says READONLY; what is in it is the administrator's.
const ADMIN: &str = "Administrator's secret";

/// What only a description tells of an instance.
pub fn instance_sections(i: &GetDbInstanceOutput) -> Vec<Section> {
    let backups = i.db_backup_configurations().len();
    vec![
        section(
            "Connection and access",
            vec![
                (ADMIN, Cell::text(i.influx_auth_parameters_secret_arn())),
                (
                    "Network",
                    Cell::text(i.network_type().map(aws_sdk_timestreaminfluxdb::types::NetworkType::as_str)),
                ),
                ("Subnets", Cell::text(Some(i.vpc_subnet_ids().join(", ")).filter(|s| !s.is_empty()))),
                (
                    "Security groups",
                    Cell::text(Some(i.vpc_security_group_ids().join(", ")).filter(|s| !s.is_empty())),
                ),
                ("Zone", Cell::text(i.availability_zone())),
                ("Standby zone", Cell::text(i.secondary_availability_zone())),
                ("KMS key", Cell::text(i.kms_key_id())),
            ],
        ),
        section(
            "Maintenance",
            vec![
                ("Parameter group", Cell::text(i.db_parameter_group_identifier())),
                (
                    "Window",
                    Cell::text(i.maintenance_schedule().map(
                        aws_sdk_timestreaminfluxdb::types::MaintenanceSchedule::preferred_maintenance_window,
                    )),
                ),
                ("Last", time(i.last_maintenance_time())),
                ("Next", time(i.next_maintenance_time())),
                ("Backup plans", Cell::count(i64::try_from(backups).ok())),
            ],
        ),
    ]
}

/// What only a description tells of a cluster.
pub fn cluster_sections(c: &GetDbClusterOutput) -> Vec<Section> {
    vec![section(
        "Access and maintenance",
        vec![
            (ADMIN, Cell::text(c.influx_auth_parameters_secret_arn())),
            (
                "Failover",
                Cell::text(c.failover_mode().map(aws_sdk_timestreaminfluxdb::types::FailoverMode::as_str)),
            ),
            (
                "Network",
                Cell::text(c.network_type().map(aws_sdk_timestreaminfluxdb::types::NetworkType::as_str)),
            ),
            ("Subnets", Cell::text(Some(c.vpc_subnet_ids().join(", ")).filter(|s| !s.is_empty()))),
            ("KMS key", Cell::text(c.kms_key_id())),
            ("Parameter group", Cell::text(c.db_parameter_group_identifier())),
            (
                "Window",
                Cell::text(c.maintenance_schedule().map(
                    aws_sdk_timestreaminfluxdb::types::MaintenanceSchedule::preferred_maintenance_window,
                )),
            ),
            ("Last", time(c.last_maintenance_time())),
            ("Next", time(c.next_maintenance_time())),
        ],
    )]
}
