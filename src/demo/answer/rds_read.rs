//! Describing RDS and Aurora.

use super::{fault, page};
use crate::demo::world::{Region, date};
use aws_sdk_rds::operation::describe_db_cluster_endpoints::{
    DescribeDBClusterEndpointsError, DescribeDbClusterEndpointsInput, DescribeDbClusterEndpointsOutput,
};
use aws_sdk_rds::operation::describe_db_cluster_snapshots::{
    DescribeDBClusterSnapshotsError, DescribeDbClusterSnapshotsInput, DescribeDbClusterSnapshotsOutput,
};
use aws_sdk_rds::operation::describe_db_clusters::{
    DescribeDBClustersError, DescribeDbClustersInput, DescribeDbClustersOutput,
};
use aws_sdk_rds::operation::describe_db_instances::{
    DescribeDBInstancesError, DescribeDbInstancesInput, DescribeDbInstancesOutput,
};
use aws_sdk_rds::operation::describe_db_major_engine_versions::{
    DescribeDBMajorEngineVersionsError, DescribeDbMajorEngineVersionsInput,
    DescribeDbMajorEngineVersionsOutput,
};
use aws_sdk_rds::operation::describe_db_parameters::{
    DescribeDBParametersError, DescribeDbParametersInput, DescribeDbParametersOutput,
};
use aws_sdk_rds::operation::describe_db_snapshots::{
    DescribeDBSnapshotsError, DescribeDbSnapshotsInput, DescribeDbSnapshotsOutput,
};
use aws_sdk_rds::operation::describe_events::{
    DescribeEventsError, DescribeEventsInput, DescribeEventsOutput,
};
use aws_sdk_rds::operation::describe_global_clusters::{
    DescribeGlobalClustersError, DescribeGlobalClustersInput, DescribeGlobalClustersOutput,
};
use aws_sdk_rds::operation::describe_pending_maintenance_actions::{
    DescribePendingMaintenanceActionsError, DescribePendingMaintenanceActionsInput,
    DescribePendingMaintenanceActionsOutput,
};
use aws_sdk_rds::operation::list_tags_for_resource::{
    ListTagsForResourceError, ListTagsForResourceInput, ListTagsForResourceOutput,
};
use aws_sdk_rds::primitives::{DateTime, DateTimeFormat};
use aws_sdk_rds::types::{
    ApplyMethod, DbMajorEngineVersion, Filter, GlobalCluster, LifecycleSupportName, Parameter,
    SupportedEngineLifecycle,
};

/// Whether a row with these values passes the filters that name them.
fn passes(filters: &[Filter], values: &[(&str, Option<&str>)]) -> bool {
    filters.iter().all(|filter| {
        let value = values.iter().find(|(name, _)| Some(*name) == filter.name()).and_then(|(_, v)| *v);
        value.is_some_and(|v| filter.values().iter().any(|w| w == v || w.ends_with(&format!(":{v}"))))
    })
}

pub fn instances(
    region: &Region,
    input: &DescribeDbInstancesInput,
) -> Result<DescribeDbInstancesOutput, DescribeDBInstancesError> {
    let asked = input.db_instance_identifier().map(last_of_arn);
    let rows: Vec<_> = region
        .instances
        .values()
        .filter(|i| asked.is_none_or(|a| i.db_instance_identifier() == Some(a)))
        .filter(|i| {
            passes(
                input.filters(),
                &[
                    ("engine", i.engine()),
                    ("db-cluster-id", i.db_cluster_identifier()),
                    ("db-instance-id", i.db_instance_identifier()),
                    ("dbi-resource-id", i.dbi_resource_id()),
                ],
            )
        })
        .cloned()
        .collect();
    if let (Some(id), true) = (asked, rows.is_empty()) {
        return Err(fault!(
            DescribeDBInstancesError::DbInstanceNotFoundFault,
            "DBInstanceNotFound",
            "DBInstance {id} not found."
        ));
    }
    let (rows, marker) = page(rows, input.marker(), input.max_records());
    Ok(DescribeDbInstancesOutput::builder().set_db_instances(Some(rows)).set_marker(marker).build())
}

pub fn clusters(
    region: &Region,
    input: &DescribeDbClustersInput,
) -> Result<DescribeDbClustersOutput, DescribeDBClustersError> {
    let asked = input.db_cluster_identifier().map(last_of_arn);
    let rows: Vec<_> = region
        .clusters
        .values()
        .filter(|c| asked.is_none_or(|a| c.db_cluster_identifier() == Some(a)))
        .filter(|c| {
            passes(
                input.filters(),
                &[
                    ("engine", c.engine()),
                    ("db-cluster-id", c.db_cluster_identifier()),
                    ("db-cluster-resource-id", c.db_cluster_resource_id()),
                ],
            )
        })
        .cloned()
        .collect();
    if let (Some(id), true) = (asked, rows.is_empty()) {
        return Err(fault!(
            DescribeDBClustersError::DbClusterNotFoundFault,
            "DBClusterNotFoundFault",
            "DBCluster {id} not found."
        ));
    }
    let (rows, marker) = page(rows, input.marker(), input.max_records());
    Ok(DescribeDbClustersOutput::builder().set_db_clusters(Some(rows)).set_marker(marker).build())
}

pub fn globals(
    all: &[GlobalCluster],
    input: &DescribeGlobalClustersInput,
) -> Result<DescribeGlobalClustersOutput, DescribeGlobalClustersError> {
    let asked = input.global_cluster_identifier();
    let rows: Vec<_> = all
        .iter()
        .filter(|g| asked.is_none_or(|a| g.global_cluster_identifier() == Some(a)))
        .cloned()
        .collect();
    if let (Some(id), true) = (asked, rows.is_empty()) {
        return Err(fault!(
            DescribeGlobalClustersError::GlobalClusterNotFoundFault,
            "GlobalClusterNotFoundFault",
            "Global cluster {id} not found."
        ));
    }
    Ok(DescribeGlobalClustersOutput::builder().set_global_clusters(Some(rows)).build())
}

pub fn endpoints(
    region: &Region,
    input: &DescribeDbClusterEndpointsInput,
) -> Result<DescribeDbClusterEndpointsOutput, DescribeDBClusterEndpointsError> {
    let asked = input.db_cluster_identifier();
    let rows = region.endpoints.iter().filter(|e| asked.is_none_or(|a| e.db_cluster_identifier() == Some(a)));
    Ok(DescribeDbClusterEndpointsOutput::builder()
        .set_db_cluster_endpoints(Some(rows.cloned().collect()))
        .build())
}

pub fn maintenance(
    region: &Region,
    input: &DescribePendingMaintenanceActionsInput,
) -> Result<DescribePendingMaintenanceActionsOutput, DescribePendingMaintenanceActionsError> {
    let asked = input.resource_identifier();
    let rows = region.maintenance.iter().filter(|m| asked.is_none_or(|a| m.resource_identifier() == Some(a)));
    let (rows, marker) = page(rows.cloned().collect(), input.marker(), input.max_records());
    Ok(DescribePendingMaintenanceActionsOutput::builder()
        .set_pending_maintenance_actions(Some(rows))
        .set_marker(marker)
        .build())
}

pub fn events(
    region: &Region,
    input: &DescribeEventsInput,
) -> Result<DescribeEventsOutput, DescribeEventsError> {
    let minutes = u64::try_from(input.duration().unwrap_or(60)).unwrap_or(60);
    let since = input.start_time().copied().unwrap_or_else(|| date(region.now.minus_ms(minutes * 60_000)));
    let rows = region
        .events
        .iter()
        .filter(|e| input.source_identifier().is_none_or(|s| e.source_identifier() == Some(s)))
        .filter(|e| input.source_type().is_none_or(|s| e.source_type() == Some(s)))
        .filter(|e| e.date().is_some_and(|d| *d >= since));
    let (rows, marker) = page(rows.cloned().collect(), input.marker(), input.max_records());
    Ok(DescribeEventsOutput::builder().set_events(Some(rows)).set_marker(marker).build())
}

/// End of standard and of extended support by engine and major version, as AWS publishes them
/// in the RDS and Aurora user guides.
const LIFECYCLES: &[(&str, &str, &str, &str)] = &[
    ("postgres", "13", "2026-02-28", "2029-02-28"),
    ("postgres", "14", "2027-02-28", "2030-02-28"),
    ("postgres", "15", "2028-02-29", "2031-02-28"),
    ("postgres", "16", "2029-02-28", "2032-02-29"),
    ("postgres", "17", "2030-02-28", "2033-02-28"),
    ("aurora-postgresql", "15", "2028-02-29", "2031-02-28"),
    ("aurora-postgresql", "16", "2029-02-28", "2032-02-29"),
    ("aurora-postgresql", "17", "2030-02-28", "2033-02-28"),
    ("mysql", "8.0", "2026-07-31", "2029-07-31"),
    ("mysql", "8.4", "2029-07-31", "2032-07-31"),
    ("aurora-mysql", "8.0", "2028-04-30", "2029-07-31"),
    ("mariadb", "10.11", "2028-02-28", ""),
    ("mariadb", "11.4", "2029-05-31", ""),
];

pub fn major_versions(
    input: &DescribeDbMajorEngineVersionsInput,
) -> Result<DescribeDbMajorEngineVersionsOutput, DescribeDBMajorEngineVersionsError> {
    let day = |text: &str| DateTime::from_str(&format!("{text}T00:00:00Z"), DateTimeFormat::DateTime).ok();
    let rows = LIFECYCLES
        .iter()
        .filter(|(engine, ..)| input.engine().is_none_or(|e| e == *engine))
        .filter(|(_, major, ..)| input.major_engine_version().is_none_or(|m| m == *major))
        .map(|(engine, major, standard, extended)| {
            let lifecycles = [
                (LifecycleSupportName::OpenSourceRdsStandardSupport, *standard),
                (LifecycleSupportName::OpenSourceRdsExtendedSupport, *extended),
            ]
            .into_iter()
            .filter_map(|(name, end)| {
                Some(
                    SupportedEngineLifecycle::builder()
                        .lifecycle_support_name(name)
                        .lifecycle_support_start_date(day("2022-01-01")?)
                        .lifecycle_support_end_date(day(end)?)
                        .build(),
                )
            });
            DbMajorEngineVersion::builder()
                .engine(*engine)
                .major_engine_version(*major)
                .set_supported_engine_lifecycles(Some(lifecycles.collect()))
                .build()
        });
    Ok(DescribeDbMajorEngineVersionsOutput::builder()
        .set_db_major_engine_versions(Some(rows.collect()))
        .build())
}

pub fn snapshots(
    region: &Region,
    input: &DescribeDbSnapshotsInput,
) -> Result<DescribeDbSnapshotsOutput, DescribeDBSnapshotsError> {
    let asked = input.db_snapshot_identifier();
    let of = input.db_instance_identifier();
    let rows: Vec<_> = region
        .snapshots
        .values()
        .filter(|s| asked.is_none_or(|a| s.db_snapshot_identifier() == Some(a)))
        .filter(|s| of.is_none_or(|o| s.db_instance_identifier() == Some(o)))
        .cloned()
        .collect();
    if let (Some(id), true) = (asked, rows.is_empty()) {
        return Err(fault!(
            DescribeDBSnapshotsError::DbSnapshotNotFoundFault,
            "DBSnapshotNotFound",
            "DBSnapshot {id} not found."
        ));
    }
    let (rows, marker) = page(rows, input.marker(), input.max_records());
    Ok(DescribeDbSnapshotsOutput::builder().set_db_snapshots(Some(rows)).set_marker(marker).build())
}

pub fn cluster_snapshots(
    region: &Region,
    input: &DescribeDbClusterSnapshotsInput,
) -> Result<DescribeDbClusterSnapshotsOutput, DescribeDBClusterSnapshotsError> {
    let asked = input.db_cluster_snapshot_identifier();
    let of = input.db_cluster_identifier();
    let rows: Vec<_> = region
        .cluster_snapshots
        .values()
        .filter(|s| asked.is_none_or(|a| s.db_cluster_snapshot_identifier() == Some(a)))
        .filter(|s| of.is_none_or(|o| s.db_cluster_identifier() == Some(o)))
        .cloned()
        .collect();
    if let (Some(id), true) = (asked, rows.is_empty()) {
        return Err(fault!(
            DescribeDBClusterSnapshotsError::DbClusterSnapshotNotFoundFault,
            "DBClusterSnapshotNotFoundFault",
            "DBClusterSnapshot {id} not found."
        ));
    }
    let (rows, marker) = page(rows, input.marker(), input.max_records());
    Ok(DescribeDbClusterSnapshotsOutput::builder()
        .set_db_cluster_snapshots(Some(rows))
        .set_marker(marker)
        .build())
}

/// The parameters that somebody set; the estate keeps no other.
pub fn parameters(
    input: &DescribeDbParametersInput,
) -> Result<DescribeDbParametersOutput, DescribeDBParametersError> {
    let group = input.db_parameter_group_name().unwrap_or_default();
    let set: &[(&str, &str)] = if group.contains("postgres") {
        &[("shared_buffers", "{DBInstanceClassMemory/32768}"), ("log_min_duration_statement", "500")]
    } else {
        &[("max_connections", "500"), ("slow_query_log", "1")]
    };
    let rows = set.iter().map(|(name, value)| {
        Parameter::builder()
            .parameter_name(*name)
            .parameter_value(*value)
            .source("user")
            .apply_method(ApplyMethod::Immediate)
            .is_modifiable(true)
            .build()
    });
    Ok(DescribeDbParametersOutput::builder().set_parameters(Some(rows.collect())).build())
}

pub fn tags(
    region: &Region,
    input: &ListTagsForResourceInput,
) -> Result<ListTagsForResourceOutput, ListTagsForResourceError> {
    let id = last_of_arn(input.resource_name().unwrap_or_default());
    let tags = region
        .instances
        .get(id)
        .map(|i| i.tag_list().to_vec())
        .or_else(|| region.clusters.get(id).map(|c| c.tag_list().to_vec()));
    match tags {
        Some(tags) => Ok(ListTagsForResourceOutput::builder().set_tag_list(Some(tags)).build()),
        None => Err(fault!(
            ListTagsForResourceError::DbInstanceNotFoundFault,
            "DBInstanceNotFound",
            "{id} not found."
        )),
    }
}

/// Identifiers may come as ARNs.
pub fn last_of_arn(id: &str) -> &str {
    if id.starts_with("arn:") { id.rsplit(':').next().unwrap_or(id) } else { id }
}
