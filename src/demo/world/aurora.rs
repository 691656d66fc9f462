//! Aurora clusters of the two scenarios: the model registry with a writer and two readers,
//! Serverless v2, Aurora MySQL, and a global database over three regions.

use super::rds::{arn, certificate, host, port, resource_id, tags};
use super::{Region, date, days};
use crate::demo::DATABASE;
use crate::demo::chance::Chance;
use aws_sdk_rds::types::{
    DbCluster, DbClusterEndpoint, DbClusterMember, DbInstance, Endpoint, GlobalCluster, GlobalClusterMember,
    GlobalClusterMemberSynchronizationStatus, ServerlessV2ScalingConfigurationInfo,
};
use std::collections::BTreeMap;

/// What a cluster is made of.
pub struct Seed {
    pub region: &'static str,
    pub id: &'static str,
    pub engine: &'static str,
    pub version: &'static str,
    /// Members; the first writes unless the cluster is a secondary of a global database.
    pub members: &'static [(&'static str, &'static str)],
    /// Least and most ACUs of Serverless v2.
    pub acu: Option<(f64, f64)>,
    pub global: bool,
    pub project: &'static str,
    pub env: &'static str,
}

/// A production cluster of the ML platform.
pub const PLAIN: Seed = Seed {
    region: "eu-west-1",
    id: "",
    engine: "aurora-postgresql",
    version: "17.4",
    members: &[],
    acu: None,
    global: false,
    project: "ml-platform",
    env: "prod",
};

/// The global database; its clusters are named after it.
const GLOBAL: &str = "feature-store";

const SEEDS: &[Seed] = &[
    Seed {
        id: "model-registry",
        members: &[
            ("model-registry-1", "db.r7g.xlarge"),
            ("model-registry-2", "db.r7g.xlarge"),
            ("model-registry-3", "db.r7g.large"),
        ],
        ..PLAIN
    },
    Seed {
        id: "experiments",
        members: &[("experiments-1", "db.serverless"), ("experiments-2", "db.serverless")],
        acu: Some((0.5, 16.0)),
        ..PLAIN
    },
    Seed {
        id: "shop-search",
        engine: "aurora-mysql",
        version: "8.0.mysql_aurora.3.08.2",
        members: &[("shop-search-1", "db.r6g.large"), ("shop-search-2", "db.r6g.large")],
        project: "shop",
        ..PLAIN
    },
    Seed {
        id: "feature-store-eu",
        version: "16.8",
        members: &[("feature-store-eu-1", "db.r7g.large"), ("feature-store-eu-2", "db.r7g.large")],
        global: true,
        ..PLAIN
    },
    Seed {
        region: "us-east-1",
        id: "feature-store-us",
        version: "16.8",
        members: &[("feature-store-us-1", "db.r7g.large"), ("feature-store-us-2", "db.r7g.large")],
        global: true,
        ..PLAIN
    },
    Seed {
        region: "us-east-1",
        id: "training-meta",
        version: "15.12",
        members: &[("training-meta-1", "db.r6g.large"), ("training-meta-2", "db.r6g.large")],
        ..PLAIN
    },
    Seed {
        region: "ap-southeast-2",
        id: "feature-store-ap",
        version: "16.8",
        members: &[("feature-store-ap-1", "db.r7g.large")],
        global: true,
        ..PLAIN
    },
    Seed {
        region: "ap-southeast-2",
        id: "support-intent",
        members: &[("support-intent-1", "db.serverless")],
        acu: Some((0.0, 8.0)),
        env: "staging",
        ..PLAIN
    },
];

/// Puts the clusters of the region and their members in.
pub fn build(region: &mut Region) {
    for seed in SEEDS.iter().filter(|s| s.region == region.name) {
        for (tier, (id, class)) in seed.members.iter().enumerate() {
            let member = member(region, seed, tier, id, class);
            region.instances.insert((*id).to_owned(), member);
        }
        let cluster = cluster(region, seed);
        region.clusters.insert(seed.id.to_owned(), cluster);
    }
    if region.name == "eu-west-1" {
        region.endpoints.push(
            DbClusterEndpoint::builder()
                .db_cluster_endpoint_identifier("model-registry-batch")
                .db_cluster_identifier("model-registry")
                .endpoint(host("model-registry-batch", "cluster-custom-", region.name))
                .status("available")
                .endpoint_type("CUSTOM")
                .custom_endpoint_type("READER")
                .static_members("model-registry-3")
                .build(),
        );
    }
}

/// The global databases over all regions.
pub fn globals(regions: &BTreeMap<&'static str, Region>) -> Vec<GlobalCluster> {
    let of = |primary: bool| SEEDS.iter().filter(move |s| s.global && (s.region == "eu-west-1") == primary);
    let member = |seed: &Seed, writer: bool| {
        GlobalClusterMember::builder()
            .db_cluster_arn(arn(seed.region, "cluster", seed.id))
            .is_writer(writer)
            .synchronization_status(GlobalClusterMemberSynchronizationStatus::Connected)
    };
    let readers = of(false).map(|s| arn(s.region, "cluster", s.id)).collect();
    let mut members: Vec<_> =
        of(true).map(|s| member(s, true).set_readers(Some(Vec::clone(&readers))).build()).collect();
    members.extend(of(false).map(|s| member(s, false).build()));
    let encrypted = regions.values().all(|r| r.clusters.values().all(|c| c.storage_encrypted == Some(true)));
    vec![
        GlobalCluster::builder()
            .global_cluster_identifier(GLOBAL)
            .global_cluster_resource_id(resource_id("cluster", GLOBAL))
            .global_cluster_arn(format!("arn:aws:rds::{}:global-cluster:{GLOBAL}", crate::demo::ACCOUNT))
            .status("available")
            .engine("aurora-postgresql")
            .engine_version("16.8")
            .storage_encrypted(encrypted)
            .deletion_protection(true)
            .set_global_cluster_members(Some(members))
            .build(),
    ]
}

fn writes(seed: &Seed, tier: usize) -> bool {
    tier == 0 && (!seed.global || seed.region == "eu-west-1")
}

/// The cluster of a seed.
pub fn cluster(region: &Region, seed: &Seed) -> DbCluster {
    let members = seed.members.iter().enumerate().map(|(tier, (id, _))| {
        DbClusterMember::builder()
            .db_instance_identifier(*id)
            .is_cluster_writer(writes(seed, tier))
            .db_cluster_parameter_group_status("in-sync")
            .promotion_tier(i32::try_from(tier).unwrap_or(15))
            .build()
    });
    let mut out = DbCluster::builder()
        .db_cluster_identifier(seed.id)
        .db_cluster_arn(arn(region.name, "cluster", seed.id))
        .db_cluster_resource_id(resource_id("cluster", seed.id))
        .status("available")
        .engine(seed.engine)
        .engine_version(seed.version)
        .engine_mode("provisioned")
        .reader_endpoint(host(seed.id, "cluster-ro-", region.name))
        .port(port(seed.engine))
        .master_username(if seed.engine == "aurora-mysql" { "admin" } else { "postgres" })
        .multi_az(seed.members.len() > 1)
        .storage_type("aurora")
        .storage_encrypted(true)
        .backup_retention_period(14)
        .deletion_protection(seed.env == "prod")
        .iam_database_authentication_enabled(true)
        .http_endpoint_enabled(false)
        .auto_minor_version_upgrade(true)
        .preferred_maintenance_window("sat:02:00-sat:02:30")
        .preferred_backup_window("00:30-01:00")
        .cluster_create_time(date(region.now.minus_ms(days(60 + Chance::of(seed.id).below(600)))))
        .earliest_restorable_time(date(region.now.minus_ms(days(14))))
        .latest_restorable_time(date(region.now.minus_ms(3 * 60_000)))
        .engine_lifecycle_support("open-source-rds-extended-support")
        .set_availability_zones(Some(["a", "b", "c"].iter().map(|z| format!("{}{z}", region.name)).collect()))
        .set_db_cluster_members(Some(members.collect()))
        .set_tag_list(Some(tags(seed.project, seed.env)))
        .build();
    // A secondary of a global database has no writer to connect to.
    if seed.members.iter().enumerate().any(|(tier, _)| writes(seed, tier)) {
        out.endpoint = Some(host(seed.id, "cluster-", region.name));
    }
    if seed.engine == "aurora-postgresql" {
        out.database_name = Some(DATABASE.to_owned());
    }
    if seed.global {
        out.global_cluster_identifier = Some(GLOBAL.to_owned());
    }
    if let Some((least, most)) = seed.acu {
        out.serverless_v2_scaling_configuration = Some(
            ServerlessV2ScalingConfigurationInfo::builder().min_capacity(least).max_capacity(most).build(),
        );
    }
    if seed.id == "model-registry" {
        out.custom_endpoints = Some(vec![host("model-registry-batch", "cluster-custom-", region.name)]);
    }
    out
}

/// A member of a seed's cluster.
pub fn member(region: &Region, seed: &Seed, tier: usize, id: &str, class: &str) -> DbInstance {
    let zone = ["a", "b", "c"].get(tier % 3).unwrap_or(&"a");
    DbInstance::builder()
        .db_instance_identifier(id)
        .db_instance_arn(arn(region.name, "db", id))
        .dbi_resource_id(resource_id("db", id))
        .db_cluster_identifier(seed.id)
        .engine(seed.engine)
        .engine_version(seed.version)
        .db_instance_class(class)
        .db_instance_status("available")
        .master_username(if seed.engine == "aurora-mysql" { "admin" } else { "postgres" })
        .allocated_storage(1)
        .storage_type("aurora")
        .multi_az(false)
        .availability_zone(format!("{}{zone}", region.name))
        .publicly_accessible(false)
        .storage_encrypted(true)
        .backup_retention_period(14)
        .deletion_protection(false)
        .auto_minor_version_upgrade(true)
        .iam_database_authentication_enabled(true)
        .performance_insights_enabled(true)
        .promotion_tier(i32::try_from(tier).unwrap_or(15))
        .preferred_maintenance_window("sat:02:00-sat:02:30")
        .instance_create_time(date(region.now.minus_ms(days(60 + Chance::of(id).below(600)))))
        .endpoint(Endpoint::builder().address(host(id, "", region.name)).port(port(seed.engine)).build())
        .ca_certificate_identifier("rds-ca-rsa2048-g1")
        .certificate_details(certificate(region, id))
        .engine_lifecycle_support("open-source-rds-extended-support")
        .set_tag_list(Some(tags(seed.project, seed.env)))
        .build()
}
