//! Redshift of the estate: the sales warehouse, and Serverless beside it.

use super::{Region, date, days, hours};
use crate::demo::ACCOUNT;
use aws_sdk_redshift::types::{
    Cluster, ClusterNode, ClusterParameterGroupStatus, Endpoint, Snapshot, Tag, VpcSecurityGroupMembership,
};
use aws_sdk_redshiftserverless::types::{
    Endpoint as WorkgroupEndpoint, LogExport, Namespace, NamespaceStatus, RecoveryPoint,
    Snapshot as NamespaceSnapshot, SnapshotStatus, Workgroup, WorkgroupStatus,
};
use std::collections::BTreeMap;

/// The database of the warehouse.
pub const DATABASE: &str = "dev";
/// The provisioned cluster.
pub const WAREHOUSE: &str = "sales-warehouse";
/// The workgroup of Serverless, over the namespace of the same data.
pub const WORKGROUP: &str = "adhoc-analytics";

/// Redshift of one region.
#[derive(Debug, Default)]
pub struct Redshift {
    /// Clusters by identifier.
    pub clusters: BTreeMap<String, Cluster>,
    /// Their snapshots, oldest first.
    pub snapshots: Vec<Snapshot>,
    /// Workgroups by name.
    pub workgroups: BTreeMap<String, Workgroup>,
    /// Namespaces by name.
    pub namespaces: BTreeMap<String, Namespace>,
    /// Snapshots of namespaces, oldest first.
    pub namespace_snapshots: Vec<NamespaceSnapshot>,
    /// Recovery points, oldest first.
    pub recovery_points: Vec<RecoveryPoint>,
}

impl Redshift {
    /// How many rows it makes.
    pub fn count(&self) -> usize {
        self.clusters.len() + self.workgroups.len() + self.namespaces.len()
    }

    /// Sets the status of a cluster, if it is still there.
    pub fn set_status(&mut self, id: &str, status: &str) {
        if let Some(cluster) = self.clusters.get_mut(id) {
            cluster.cluster_status = Some(status.to_owned());
            let word = match status {
                "available" => "Available",
                "paused" => "Paused",
                _ => "Modifying",
            };
            cluster.cluster_availability_status = Some(word.to_owned());
        }
    }
}

/// Puts the warehouse and Serverless of the region in.
pub fn build(region: &mut Region) {
    if region.name != "eu-west-1" {
        return;
    }
    region.redshift.clusters.insert(WAREHOUSE.to_owned(), warehouse(region));
    for (n, age) in [(1, days(3)), (2, days(2)), (3, days(1))] {
        region.redshift.snapshots.push(
            Snapshot::builder()
                .snapshot_identifier(format!("rs:{WAREHOUSE}-{n}"))
                .cluster_identifier(WAREHOUSE)
                .snapshot_type("automated")
                .status("available")
                .snapshot_create_time(date(region.now.minus_ms(age)))
                .total_backup_size_in_mega_bytes(1_482_000.0)
                .encrypted(true)
                .build(),
        );
    }
    region.redshift.workgroups.insert(WORKGROUP.to_owned(), workgroup(region));
    region.redshift.namespaces.insert("analytics".to_owned(), namespace(region));
    region.redshift.namespace_snapshots.push(
        NamespaceSnapshot::builder()
            .namespace_name("analytics")
            .snapshot_name("analytics-before-migration")
            .status(SnapshotStatus::Available)
            .snapshot_create_time(date(region.now.minus_ms(days(9))))
            .total_backup_size_in_mega_bytes(210_400.0)
            .build(),
    );
    for n in 1..=4 {
        region.redshift.recovery_points.push(
            RecoveryPoint::builder()
                .recovery_point_id(format!("rp-{n:04}"))
                .namespace_name("analytics")
                .recovery_point_create_time(date(region.now.minus_ms(hours(6 * n))))
                .total_size_in_mega_bytes(211_100.0)
                .build(),
        );
    }
}

/// Four nodes that hold more than they should: the disk is nearly full.
fn warehouse(region: &Region) -> Cluster {
    let host = format!("{WAREHOUSE}.c9akciq32xyz.{}.redshift.amazonaws.com", region.name);
    let mut cluster = Cluster::builder()
        .cluster_identifier(WAREHOUSE)
        .cluster_namespace_arn(format!("arn:aws:redshift:{}:{ACCOUNT}:namespace:{WAREHOUSE}", region.name))
        .cluster_status("available")
        .cluster_availability_status("Available")
        .node_type("ra3.4xlarge")
        .number_of_nodes(4)
        .db_name(DATABASE)
        .master_username("awsadmin")
        .endpoint(Endpoint::builder().address(host).port(5439).build())
        .cluster_create_time(date(region.now.minus_ms(days(611))))
        .automated_snapshot_retention_period(7)
        .cluster_version("1.0")
        .cluster_revision_number("197284")
        .preferred_maintenance_window("sun:03:30-sun:04:00")
        .next_maintenance_window_start_time(date(region.now.plus_ms(days(2))))
        .maintenance_track_name("current")
        .allow_version_upgrade(true)
        .publicly_accessible(false)
        .encrypted(true)
        .kms_key_id(format!("arn:aws:kms:{}:{ACCOUNT}:key/warehouse", region.name))
        .enhanced_vpc_routing(true)
        .availability_zone(format!("{}a", region.name))
        .multi_az("disabled")
        .availability_zone_relocation_status("enabled")
        .total_storage_capacity_in_mega_bytes(512 * 1024 * 1024)
        .elastic_resize_number_of_node_options("[2,3,5,6,7,8]")
        .vpc_id("vpc-0demo")
        .cluster_subnet_group_name("data")
        .vpc_security_groups(
            VpcSecurityGroupMembership::builder()
                .vpc_security_group_id("sg-0warehouse")
                .status("active")
                .build(),
        )
        .cluster_parameter_groups(
            ClusterParameterGroupStatus::builder()
                .parameter_group_name("sales-wlm")
                .parameter_apply_status("in-sync")
                .build(),
        );
    for (role, at) in
        [("LEADER", 10), ("COMPUTE-0", 11), ("COMPUTE-1", 12), ("COMPUTE-2", 13), ("COMPUTE-3", 14)]
    {
        let node = ClusterNode::builder().node_role(role).private_ip_address(format!("10.20.4.{at}"));
        cluster = cluster.cluster_nodes(node.build());
    }
    for (key, value) in [("project", "shop"), ("env", "prod"), ("owner", "data")] {
        cluster = cluster.tags(Tag::builder().key(key).value(value).build());
    }
    cluster.build()
}

/// Open to the internet, which is what is wrong with it.
fn workgroup(region: &Region) -> Workgroup {
    let host = format!("{WORKGROUP}.{ACCOUNT}.{}.redshift-serverless.amazonaws.com", region.name);
    Workgroup::builder()
        .workgroup_name(WORKGROUP)
        .workgroup_arn(format!("arn:aws:redshift-serverless:{}:{ACCOUNT}:workgroup/{WORKGROUP}", region.name))
        .namespace_name("analytics")
        .status(WorkgroupStatus::Available)
        .base_capacity(32)
        .max_capacity(128)
        .endpoint(WorkgroupEndpoint::builder().address(host).port(5439).build())
        .publicly_accessible(true)
        .enhanced_vpc_routing(false)
        .workgroup_version("1.0.197284")
        .track_name("current")
        .creation_date(date(region.now.minus_ms(days(140))))
        .build()
}

fn namespace(region: &Region) -> Namespace {
    Namespace::builder()
        .namespace_name("analytics")
        .namespace_arn(format!("arn:aws:redshift-serverless:{}:{ACCOUNT}:namespace/analytics", region.name))
        .status(NamespaceStatus::Available)
        .db_name(DATABASE)
        .admin_username("admin")
        .kms_key_id("AWS_OWNED_KMS_KEY")
        .log_exports(LogExport::UserLog)
        .log_exports(LogExport::ConnectionLog)
        .creation_date(date(region.now.minus_ms(days(140))))
        .build()
}
