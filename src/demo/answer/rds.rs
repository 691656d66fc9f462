//! RDS and Aurora: which answer belongs to which operation.

use super::{on, rds_change as change, rds_cluster as cluster, rds_read as read};
use crate::aws::answers::Reply;
use crate::demo::world::World;
use crate::model::Moment;
use aws_smithy_runtime_api::client::interceptors::context::Input;

/// Answers an RDS call in `region`.
pub fn answer(world: &mut World, region: &str, now: Moment, operation: &str, input: &Input) -> Reply {
    if operation == "DescribeGlobalClusters" {
        return on(input, |i| read::globals(&world.globals, i));
    }
    let Some(region) = world.region(region, now) else { return Reply::Unknown };
    match operation {
        "DescribeDBInstances" => on(input, |i| read::instances(region, i)),
        "DescribeDBClusters" => on(input, |i| read::clusters(region, i)),
        "DescribeDBClusterEndpoints" => on(input, |i| read::endpoints(region, i)),
        "DescribePendingMaintenanceActions" => on(input, |i| read::maintenance(region, i)),
        "DescribeEvents" => on(input, |i| read::events(region, i)),
        "DescribeDBMajorEngineVersions" => on(input, read::major_versions),
        "DescribeDBSnapshots" => on(input, |i| read::snapshots(region, i)),
        "DescribeDBClusterSnapshots" => on(input, |i| read::cluster_snapshots(region, i)),
        "DescribeDBParameters" => on(input, read::parameters),
        "ListTagsForResource" => on(input, |i| read::tags(region, i)),
        "StartDBInstance" => on(input, |i| change::start(region, i)),
        "StopDBInstance" => on(input, |i| change::stop(region, i)),
        "RebootDBInstance" => on(input, |i| change::reboot(region, i)),
        "ModifyDBInstance" => on(input, |i| change::modify(region, i)),
        "CreateDBSnapshot" => on(input, |i| change::snapshot(region, i)),
        "DeleteDBInstance" => on(input, |i| change::delete(region, i)),
        "FailoverDBCluster" => on(input, |i| cluster::failover(region, i)),
        "StartDBCluster" => on(input, |i| cluster::start(region, i)),
        "StopDBCluster" => on(input, |i| cluster::stop(region, i)),
        "CreateDBClusterSnapshot" => on(input, |i| cluster::snapshot(region, i)),
        "ModifyDBCluster" => on(input, |i| cluster::modify(region, i)),
        "DeleteDBCluster" => on(input, |i| cluster::delete(region, i)),
        _ => Reply::Unknown,
    }
}
