//! Which database server of this process stands behind which row.

use super::Estate;
use super::engines::cql::CqlTables;
use super::engines::documents::{self, Documents};
use super::engines::postgres::Cluster;
use super::world::{caches, docdb, dsql, redshift};
use crate::model::{EndpointRole, EngineId, Failure, FailureKind, Target, Task};
use crate::query::engine::Engine;
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

    /// Whether this node of the product cache is its primary now.
    fn is_primary(&self, node: &str) -> bool {
        self.with(|world, now| {
            world.region("eu-west-1", now).is_some_and(|region| region.caches.is_primary(node))
        })
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

    /// Whether the instance is the cluster's writer, as the cluster stands now.
    fn writes(&self, cluster: &str, instance: &str) -> bool {
        self.with(|world, now| {
            let cluster = world.region(docdb::REGION, now).and_then(|r| r.clusters.get(cluster));
            let members = cluster.map(DbCluster::db_cluster_members).unwrap_or_default();
            members
                .iter()
                .any(|m| m.db_instance_identifier() == Some(instance) && m.is_cluster_writer() == Some(true))
        })
    }
}

impl Estate {
    /// The Keyspaces tables of the target's Region.
    fn wide_tables(&self, target: &Target) -> Box<dyn Engine> {
        let there = self.with(|world, now| {
            let region = world.region(&target.resource.place.region, now);
            region.map(|r| r.keyspaces.tables.keys().cloned().collect())
        });
        Box::new(CqlTables { there: there.unwrap_or_default() })
    }

    /// The document database behind a cluster or one of its members.
    fn documents(&self, target: &Target) -> Option<Box<dyn Engine>> {
        let (name, region) = (&*target.resource.name, &*target.resource.place.region);
        if region != docdb::REGION {
            return None;
        }
        let belongs = |cluster: &str| {
            name.strip_prefix(cluster).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let (cluster, database) = DOCUMENTS.iter().find(|(cluster, _)| belongs(cluster))?;
        let by_role = target.endpoint.as_ref().is_some_and(|e| e.role == EndpointRole::Reader);
        let replica = by_role || (name != *cluster && !self.writes(cluster, name));
        Some(Box::new(Documents::new(database, replica)))
    }
}

/// The document databases: the cluster that they belong to, by its members' names too, and their
/// own name.
const DOCUMENTS: &[(&str, &str)] =
    &[(docdb::CATALOGUE, documents::CATALOGUE), (docdb::CARDS, documents::CARDS)];

impl LocalServers for Estate {
    fn cache<'a>(&'a self, target: &'a Target) -> Option<Task<'a, Box<dyn Stream>>> {
        Some(Box::pin(async move {
            let (name, region) = (&*target.resource.name, &*target.resource.place.region);
            let reads = target.endpoint.as_ref().is_some_and(|e| e.role == EndpointRole::Reader);
            let of = |cache: &str| {
                name == cache || name.strip_prefix(cache).is_some_and(|rest| rest.starts_with('-'))
            };
            let stream = match region {
                "eu-west-1" if of(caches::PRODUCTS) => {
                    let replica = name != caches::PRODUCTS && !self.is_primary(name);
                    self.products.resp(reads || replica)
                }
                "eu-west-1" if of(caches::CARTS) => self.carts.resp(false),
                "eu-west-1" if of(caches::FRAGMENTS) => self.fragments.text(),
                _ => return Err(nothing_behind(target)),
            };
            Ok(Box::new(stream) as Box<dyn Stream>)
        }))
    }

    fn postgres<'a>(&'a self, target: &'a Target) -> Option<Task<'a, Box<dyn Stream>>> {
        Some(Box::pin(async move {
            let Some((cluster, reader)) = self.server(target) else { return Err(nothing_behind(target)) };
            Ok(Box::new(cluster.connect(reader).await?) as Box<dyn Stream>)
        }))
    }

    fn engine(&self, target: &Target) -> Option<Box<dyn Engine>> {
        match target.engine {
            EngineId::Cql => Some(self.wide_tables(target)),
            EngineId::MongoDb => self.documents(target),
            _ => None,
        }
    }
}

/// Nothing is canned: a row without a server says so.
fn nothing_behind(target: &Target) -> Failure {
    Failure::new(
        FailureKind::Unreachable,
        format!("connect to {}", target.resource.name),
        "the demo has no database server behind this row",
    )
    .hint(
        "statements really run on orders, orders-replica-1, model-registry, sales-warehouse, product-cache, \
         web-fragments, carts, product-catalogue, the DSQL cluster and the DynamoDB tables",
    )
}
