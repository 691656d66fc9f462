//! Which database server of this process stands behind which row.

use super::Estate;
use super::engines::postgres::Cluster;
use super::world::{dsql, redshift};
use crate::model::{EndpointRole, Failure, FailureKind, Target, Task};
use crate::query::engines::{LocalServers, Stream};
use aws_sdk_rds::types::DbCluster;

/// Rows that a server stands behind, by name and region, and whether they only read. A
/// replica shows its source's data.
const ORDERS: &[(&str, &str, bool)] = &[
    ("orders", "eu-west-1", false),
    ("orders-replica-1", "eu-west-1", true),
    ("orders-dr", "ap-southeast-2", true),
];

/// The Aurora cluster that the model registry is; its members are numbered after it.
const REGISTRY: &str = "model-registry";

impl Estate {
    /// The server behind `target`, and whether this way in only reads.
    fn server(&self, target: &Target) -> Option<(&Cluster, bool)> {
        let (name, region) = (&*target.resource.name, &*target.resource.place.region);
        if let Some((.., reads)) = ORDERS.iter().find(|(n, r, _)| *n == name && *r == region) {
            return Some((&self.orders, *reads));
        }
        if matches!(name, redshift::WAREHOUSE | redshift::WORKGROUP) && region == "eu-west-1" {
            return Some((&self.warehouse.cluster, false));
        }
        if name == dsql::BOOKINGS && region == "eu-west-1" {
            return Some((&self.bookings, false));
        }
        let member = name.strip_prefix(REGISTRY).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
        if !member || region != "eu-west-1" {
            return None;
        }
        let by_role = target
            .endpoint
            .as_ref()
            .is_some_and(|e| matches!(e.role, EndpointRole::Reader | EndpointRole::Custom));
        Some((&self.registry, by_role || self.is_reader(name)))
    }

    /// Whether the instance reads only, as the cluster stands now.
    fn is_reader(&self, instance: &str) -> bool {
        self.with(|world, now| {
            let cluster = world.region("eu-west-1", now).and_then(|r| r.clusters.get(REGISTRY));
            let members = cluster.map(DbCluster::db_cluster_members).unwrap_or_default();
            members
                .iter()
                .any(|m| m.db_instance_identifier() == Some(instance) && m.is_cluster_writer() != Some(true))
        })
    }
}

impl LocalServers for Estate {
    fn postgres<'a>(&'a self, target: &'a Target) -> Option<Task<'a, Box<dyn Stream>>> {
        Some(Box::pin(async move {
            let Some((cluster, reader)) = self.server(target) else { return Err(nothing_behind(target)) };
            Ok(Box::new(cluster.connect(reader).await?) as Box<dyn Stream>)
        }))
    }
}

/// Nothing is canned: a row without a server says so.
fn nothing_behind(target: &Target) -> Failure {
    Failure::new(
        FailureKind::Unreachable,
        format!("connect to {}", target.resource.name),
        "the demo has no database server behind this row",
    )
    .hint("statements really run on orders, orders-replica-1, model-registry, sales-warehouse, the DSQL cluster and the DynamoDB tables")
}
