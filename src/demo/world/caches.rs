//! ElastiCache and MemoryDB of the estate: the product cache, an old cache that nobody owns, fragments in
//! Memcached, a Serverless cache, and the carts.

use super::{Region, date, days};
use crate::demo::ACCOUNT;
use aws_sdk_elasticache::types::{
    AutomaticFailoverStatus, CacheCluster, CacheNode, CacheUsageLimits, ClusterMode, DataStorage,
    DataStorageUnit, EcpuPerSecond, Endpoint, MultiAzStatus, NodeGroup, NodeGroupMember, ReplicationGroup,
    ServerlessCache, Snapshot, TransitEncryptionMode,
};
use aws_sdk_memorydb::types::{
    AzStatus, Cluster, Endpoint as NodeEndpoint, Node, Shard, Snapshot as CartSnapshot,
};
use std::collections::BTreeMap;

/// The replication group that the shop reads its products from.
pub const PRODUCTS: &str = "product-cache";
/// Memcached.
pub const FRAGMENTS: &str = "web-fragments";
/// The MemoryDB cluster.
pub const CARTS: &str = "carts";
/// A single node that nobody owns any more.
pub const LEGACY: &str = "legacy-cache";

/// Caches of one region.
#[derive(Debug, Default)]
pub struct Caches {
    /// Replication groups by id.
    pub groups: BTreeMap<String, ReplicationGroup>,
    /// Cache clusters by id: nodes of groups, single nodes, Memcached.
    pub clusters: BTreeMap<String, CacheCluster>,
    /// Serverless caches by name.
    pub serverless: BTreeMap<String, ServerlessCache>,
    /// Snapshots of groups, oldest first.
    pub snapshots: Vec<Snapshot>,
    /// MemoryDB clusters by name.
    pub memorydb: BTreeMap<String, Cluster>,
    /// Their snapshots, oldest first.
    pub memorydb_snapshots: Vec<CartSnapshot>,
}

impl Caches {
    /// Sets the status of a group and of its shards, if it is still there.
    pub fn set_group(&mut self, id: &str, status: &str) {
        if let Some(group) = self.groups.get_mut(id) {
            group.status = Some(status.to_owned());
            for shard in group.node_groups.iter_mut().flatten() {
                shard.status = Some(status.to_owned());
            }
        }
    }

    /// Sets the status of a cluster, if it is still there.
    pub fn set_cluster(&mut self, id: &str, status: &str) {
        if let Some(cluster) = self.clusters.get_mut(id) {
            cluster.cache_cluster_status = Some(status.to_owned());
        }
    }

    /// Sets the status of a MemoryDB cluster, if it is still there.
    pub fn set_memorydb(&mut self, name: &str, status: &str) {
        if let Some(cluster) = self.memorydb.get_mut(name) {
            cluster.status = Some(status.to_owned());
        }
    }

    /// Whether a node of a group is its primary.
    pub fn is_primary(&self, node: &str) -> bool {
        let members = self
            .groups
            .values()
            .flat_map(ReplicationGroup::node_groups)
            .flat_map(NodeGroup::node_group_members);
        members.into_iter().any(|m| m.cache_cluster_id() == Some(node) && m.current_role() == Some("primary"))
    }

    /// Makes `node` the primary of its group.
    pub fn promote(&mut self, group: &str, node: &str) {
        let group = self.groups.get_mut(group);
        for member in group
            .into_iter()
            .flat_map(|g| g.node_groups.iter_mut().flatten())
            .flat_map(|s| s.node_group_members.iter_mut().flatten())
        {
            let role = if member.cache_cluster_id() == Some(node) { "primary" } else { "replica" };
            member.current_role = Some(role.to_owned());
        }
    }
}

/// Puts the caches of the region in.
pub fn build(region: &mut Region) {
    if region.name != "eu-west-1" {
        return;
    }
    let name = |n: u32| format!("{PRODUCTS}-{n:03}");
    for n in 1..=3 {
        region.caches.clusters.insert(name(n), node(region, &name(n), "valkey", "8.0.1", Some(PRODUCTS)));
    }
    region.caches.groups.insert(PRODUCTS.to_owned(), products(region));
    region.caches.clusters.insert(FRAGMENTS.to_owned(), fragments(region));
    region.caches.clusters.insert(LEGACY.to_owned(), node(region, LEGACY, "redis", "5.0.6", None));
    region.caches.serverless.insert("checkout-burst".to_owned(), burst(region));
    region.caches.memorydb.insert(CARTS.to_owned(), carts(region));
    region.caches.snapshots.push(
        Snapshot::builder()
            .snapshot_name(format!("automatic.{PRODUCTS}-nightly"))
            .replication_group_id(PRODUCTS)
            .snapshot_source("automated")
            .snapshot_status("available")
            .engine("valkey")
            .build(),
    );
}

fn at(host: String, port: i32) -> Endpoint {
    Endpoint::builder().address(host).port(port).build()
}

fn products(region: &Region) -> ReplicationGroup {
    let host = |what: &str| format!("{what}.{PRODUCTS}.k3x9qa.euw1.cache.amazonaws.com");
    let member = |n: u32, zone: &str, role: &str| {
        let id = format!("{PRODUCTS}-{n:03}");
        NodeGroupMember::builder()
            .cache_cluster_id(&id)
            .cache_node_id("0001")
            .current_role(role)
            .preferred_availability_zone(format!("{}{zone}", region.name))
            .read_endpoint(at(host(&id), 6379))
            .build()
    };
    let shard = NodeGroup::builder()
        .node_group_id("0001")
        .status("available")
        .primary_endpoint(at(host("master"), 6379))
        .reader_endpoint(at(host("replica"), 6379))
        .node_group_members(member(1, "a", "primary"))
        .node_group_members(member(2, "b", "replica"))
        .node_group_members(member(3, "c", "replica"));
    ReplicationGroup::builder()
        .replication_group_id(PRODUCTS)
        .description("Products, prices and views of the shop")
        .status("available")
        .engine("valkey")
        .cache_node_type("cache.r7g.large")
        .node_groups(shard.build())
        .member_clusters(format!("{PRODUCTS}-001"))
        .member_clusters(format!("{PRODUCTS}-002"))
        .member_clusters(format!("{PRODUCTS}-003"))
        .cluster_enabled(false)
        .cluster_mode(ClusterMode::Disabled)
        .automatic_failover(AutomaticFailoverStatus::Enabled)
        .multi_az(MultiAzStatus::Enabled)
        .snapshot_retention_limit(7)
        .snapshot_window("03:00-04:00")
        .transit_encryption_enabled(true)
        .transit_encryption_mode(TransitEncryptionMode::Required)
        .at_rest_encryption_enabled(true)
        .user_group_ids("shop-users")
        .auto_minor_version_upgrade(true)
        .arn(format!("arn:aws:elasticache:{}:{ACCOUNT}:replicationgroup:{PRODUCTS}", region.name))
        .replication_group_create_time(date(region.now.minus_ms(days(420))))
        .build()
}

fn node(region: &Region, name: &str, engine: &str, version: &str, group: Option<&str>) -> CacheCluster {
    let secured = group.is_some();
    let host = format!("{name}.k3x9qa.0001.euw1.cache.amazonaws.com");
    let node = CacheNode::builder()
        .cache_node_id("0001")
        .cache_node_status("available")
        .customer_availability_zone(format!("{}a", region.name))
        .endpoint(at(host, 6379));
    CacheCluster::builder()
        .cache_cluster_id(name)
        .cache_cluster_status("available")
        .engine(engine)
        .engine_version(version)
        .cache_node_type(if secured { "cache.r7g.large" } else { "cache.t3.small" })
        .num_cache_nodes(1)
        .cache_nodes(node.build())
        .set_replication_group_id(group.map(str::to_owned))
        .preferred_availability_zone(format!("{}a", region.name))
        .preferred_maintenance_window("sun:23:00-mon:01:30")
        .snapshot_retention_limit(0)
        .transit_encryption_enabled(secured)
        .at_rest_encryption_enabled(secured)
        .auth_token_enabled(false)
        .arn(format!("arn:aws:elasticache:{}:{ACCOUNT}:cluster:{name}", region.name))
        .cache_cluster_create_time(date(region.now.minus_ms(days(1_800))))
        .build()
}

fn fragments(region: &Region) -> CacheCluster {
    let node = |id: &str, zone: &str| {
        CacheNode::builder()
            .cache_node_id(id)
            .cache_node_status("available")
            .customer_availability_zone(format!("{}{zone}", region.name))
            .endpoint(at(format!("{FRAGMENTS}.k3x9qa.{id}.euw1.cache.amazonaws.com"), 11211))
            .build()
    };
    CacheCluster::builder()
        .cache_cluster_id(FRAGMENTS)
        .cache_cluster_status("available")
        .engine("memcached")
        .engine_version("1.6.22")
        .cache_node_type("cache.t4g.medium")
        .num_cache_nodes(2)
        .cache_nodes(node("0001", "a"))
        .cache_nodes(node("0002", "b"))
        .preferred_availability_zone("Multiple")
        .preferred_maintenance_window("tue:02:00-tue:03:00")
        .transit_encryption_enabled(false)
        .arn(format!("arn:aws:elasticache:{}:{ACCOUNT}:cluster:{FRAGMENTS}", region.name))
        .cache_cluster_create_time(date(region.now.minus_ms(days(233))))
        .build()
}

fn burst(region: &Region) -> ServerlessCache {
    let host = "checkout-burst-k3x9qa.serverless.euw1.cache.amazonaws.com";
    let limits = CacheUsageLimits::builder()
        .data_storage(DataStorage::builder().maximum(10).unit(DataStorageUnit::Gb).build())
        .ecpu_per_second(EcpuPerSecond::builder().maximum(50_000).build());
    ServerlessCache::builder()
        .serverless_cache_name("checkout-burst")
        .description("Idempotency keys of the checkout")
        .status("available")
        .engine("valkey")
        .major_engine_version("8")
        .full_engine_version("8.0")
        .cache_usage_limits(limits.build())
        .endpoint(at(host.to_owned(), 6379))
        .reader_endpoint(at(host.to_owned(), 6380))
        .user_group_id("shop-users")
        .snapshot_retention_limit(1)
        .daily_snapshot_time("02:30")
        .arn(format!("arn:aws:elasticache:{}:{ACCOUNT}:serverlesscache:checkout-burst", region.name))
        .create_time(date(region.now.minus_ms(days(61))))
        .build()
}

fn carts(region: &Region) -> Cluster {
    let host = |what: &str| format!("{what}.{CARTS}.k3x9qa.memorydb.{}.amazonaws.com", region.name);
    let node = |n: &str, zone: &str| {
        let name = format!("{CARTS}-0001-{n}");
        Node::builder()
            .name(&name)
            .status("available")
            .availability_zone(format!("{}{zone}", region.name))
            .endpoint(NodeEndpoint::builder().address(host(&name)).port(6379).build())
            .create_time(date(region.now.minus_ms(days(190))))
            .build()
    };
    let shard = Shard::builder()
        .name("0001")
        .status("available")
        .slots("0-16383")
        .number_of_nodes(2)
        .nodes(node("001", "a"))
        .nodes(node("002", "b"));
    Cluster::builder()
        .name(CARTS)
        .description("Carts that must not be lost")
        .status("available")
        .engine("valkey")
        .engine_version("7.3")
        .engine_patch_version("7.3.1")
        .node_type("db.r7g.large")
        .number_of_shards(1)
        .shards(shard.build())
        .availability_mode(AzStatus::MultiAz)
        .cluster_endpoint(NodeEndpoint::builder().address(host("clustercfg")).port(6379).build())
        .tls_enabled(true)
        .acl_name("shop")
        .snapshot_retention_limit(14)
        .snapshot_window("04:00-05:00")
        .maintenance_window("wed:01:00-wed:02:00")
        .parameter_group_name("default.memorydb-valkey7")
        .parameter_group_status("in-sync")
        .auto_minor_version_upgrade(true)
        .arn(format!("arn:aws:memorydb:{}:{ACCOUNT}:cluster/{CARTS}", region.name))
        .build()
}
