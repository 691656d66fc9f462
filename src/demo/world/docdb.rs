//! The shop's document catalogue: a DocumentDB cluster with a writer and two replicas, a cluster
//! that was forgotten on an old version, and an elastic cluster beside them.

use super::aurora;
use super::{Region, date, days};
use crate::demo::ACCOUNT;
use aws_sdk_docdbelastic::types::{Auth, Cluster, ClusterSnapshotInList, Shard, Status};
use aws_sdk_rds::types::Endpoint;
use std::collections::BTreeMap;

/// The catalogue.
pub const CATALOGUE: &str = "product-catalogue";
/// The elastic cluster.
pub const CARDS: &str = "model-cards";
/// Where both are.
pub const REGION: &str = "eu-west-1";
/// DocumentDB's port.
const PORT: i32 = 27017;

/// Elastic clusters of a region.
#[derive(Debug, Default)]
pub struct Elastic {
    /// By ARN.
    pub clusters: BTreeMap<String, Cluster>,
    /// Snapshots, oldest first.
    pub snapshots: Vec<ClusterSnapshotInList>,
}

/// Puts the clusters into the regions that have them.
pub fn build(region: &mut Region) {
    if region.name == REGION {
        let seed = aurora::Seed {
            id: CATALOGUE,
            engine: "docdb",
            version: "5.0.0",
            members: &[
                ("product-catalogue-1", "db.r6g.large"),
                ("product-catalogue-2", "db.r6g.large"),
                ("product-catalogue-3", "db.serverless"),
            ],
            acu: Some((0.5, 16.0)),
            project: "shop",
            ..aurora::PLAIN
        };
        instances(region, &seed);
        if let Some(cluster) = elastic(region) {
            region.docdb.clusters.insert(cluster.cluster_arn().to_owned(), cluster);
        }
    }
    if region.name == "us-east-1" {
        let seed = aurora::Seed {
            region: "us-east-1",
            id: "session-archive",
            engine: "docdb",
            version: "3.6.0",
            members: &[("session-archive-1", "db.r5.large")],
            project: "shop",
            env: "staging",
            ..aurora::PLAIN
        };
        instances(region, &seed);
    }
}

fn instances(region: &mut Region, seed: &aurora::Seed) {
    let name = region.name;
    for (tier, (id, class)) in seed.members.iter().enumerate() {
        let mut member = aurora::member(region, seed, tier, id, class);
        member.master_username = Some("keeper".to_owned());
        member.iam_database_authentication_enabled = Some(false);
        member.storage_type = None;
        member.engine_lifecycle_support = None;
        member.endpoint = Some(Endpoint::builder().address(host(id, "", name)).port(PORT).build());
        region.instances.insert((*id).to_owned(), member);
    }
    let mut cluster = aurora::cluster(region, seed);
    cluster.endpoint = Some(host(seed.id, "cluster-", name));
    cluster.reader_endpoint = Some(host(seed.id, "cluster-ro-", name));
    cluster.port = Some(PORT);
    cluster.storage_type = Some("standard".to_owned());
    cluster.master_username = Some("keeper".to_owned());
    cluster.iam_database_authentication_enabled = Some(false);
    cluster.http_endpoint_enabled = None;
    cluster.engine_lifecycle_support = None;
    region.clusters.insert(seed.id.to_owned(), cluster);
}

/// DocumentDB's host names end otherwise than RDS's.
fn host(id: &str, infix: &str, region: &str) -> String {
    super::rds::host(id, infix, region).replace(".rds.", ".docdb.")
}

fn elastic(region: &Region) -> Option<Cluster> {
    let id = "6b1f4c0e-2a77-4a3e-9d57-0c5f3b7e8a21";
    let made = date(region.now.minus_ms(days(73))).to_string();
    let shard = |n: u8| {
        let shard = Shard::builder().shard_id(format!("{id}-{n}")).create_time(&made);
        shard.status(Status::Active).build().ok()
    };
    let shards: Option<Vec<_>> = (1..=2).map(shard).collect();
    Cluster::builder()
        .cluster_name(CARDS)
        .cluster_arn(format!("arn:aws:docdb-elastic:{REGION}:{ACCOUNT}:cluster/{id}"))
        .status(Status::Active)
        .cluster_endpoint(format!("{CARDS}-{ACCOUNT}.{REGION}.docdb-elastic.amazonaws.com"))
        .create_time(&made)
        .admin_user_name("keeper")
        .auth_type(Auth::PlainText)
        .shard_capacity(4)
        .shard_count(2)
        .shard_instance_count(2)
        .vpc_security_group_ids("sg-0a1b2c3d4e5f60718")
        .subnet_ids("subnet-0aa11bb22cc33dd44")
        .subnet_ids("subnet-0bb22cc33dd44ee55")
        .preferred_maintenance_window("sun:03:00-sun:03:30")
        .preferred_backup_window("01:00-01:30")
        .backup_retention_period(7)
        .kms_key_id("AWS_OWNED_KMS_KEY")
        .set_shards(shards)
        .build()
        .ok()
}
