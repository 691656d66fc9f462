//! Redshift clusters: listing, describing, operating.

use super::{on, page};
use crate::aws::answers::Reply;
use crate::demo::world::{Region, World, date, days};
use crate::model::Moment;
use aws_sdk_redshift::operation as op;
use aws_sdk_redshift::types::{
    Cluster, LogDestinationType, Parameter, ResizeInfo, Snapshot, UsageLimit, UsageLimitBreachAction,
    UsageLimitFeatureType, UsageLimitLimitType, UsageLimitPeriod,
};
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_types::error::ErrorMetadata;

/// How long things take here, in milliseconds.
const CHANGE: u64 = 8_000;
/// A resize.
const RESIZE: u64 = 15_000;
/// A snapshot.
const SNAPSHOT: u64 = 10_000;

/// Three automatic queues, and short queries before all of them.
const WLM: &str = r#"[{"name":"etl","auto_wlm":true,"queue_type":"auto","query_group":["load"],"priority":"low","concurrency_scaling":"off","rules":[{"rule_name":"endless_load","predicate":[{"metric_name":"query_execution_time","operator":">","value":14400}],"action":"log"}]},{"name":"bi","auto_wlm":true,"queue_type":"auto","user_group":["analysts","dash*"],"user_group_wild_card":1,"priority":"high","concurrency_scaling":"auto","rules":[{"rule_name":"runaway_join","predicate":[{"metric_name":"nested_loop_join_row_count","operator":">","value":100000000}],"action":"abort"}]},{"name":"Default queue","auto_wlm":true,"queue_type":"auto"},{"short_query_queue":true}]"#;

/// Answers a Redshift call in `region`.
pub fn answer(world: &mut World, region: &str, now: Moment, operation: &str, input: &Input) -> Reply {
    let Some(region) = world.region(region, now) else { return Reply::Unknown };
    match operation {
        "DescribeClusters" => on(input, |i| clusters(region, i)),
        "DescribeClusterSnapshots" => on(input, |i| snapshots(region, i)),
        "DescribeResize" => on(input, |i| resize(region, i)),
        "DescribeLoggingStatus" => on(input, |i| logging(region, i)),
        "DescribeUsageLimits" => on(input, limits),
        "DescribeClusterParameters" => on(input, parameters),
        "DescribeEvents" => on(input, events),
        "PauseCluster" => on(input, |i: &op::pause_cluster::PauseClusterInput| {
            let cluster = begin(region, i.cluster_identifier(), &["available"], "pausing", "paused", CHANGE);
            let output = cluster.map(|c| op::pause_cluster::PauseClusterOutput::builder().cluster(c).build());
            output.map_err(op::pause_cluster::PauseClusterError::generic)
        }),
        "ResumeCluster" => on(input, |i: &op::resume_cluster::ResumeClusterInput| {
            let cluster = begin(region, i.cluster_identifier(), &["paused"], "resuming", "available", CHANGE);
            let output =
                cluster.map(|c| op::resume_cluster::ResumeClusterOutput::builder().cluster(c).build());
            output.map_err(op::resume_cluster::ResumeClusterError::generic)
        }),
        "RebootCluster" => on(input, |i: &op::reboot_cluster::RebootClusterInput| {
            let cluster =
                begin(region, i.cluster_identifier(), &["available"], "rebooting", "available", CHANGE);
            let output =
                cluster.map(|c| op::reboot_cluster::RebootClusterOutput::builder().cluster(c).build());
            output.map_err(op::reboot_cluster::RebootClusterError::generic)
        }),
        "FailoverPrimaryCompute" => {
            on(input, |_: &op::failover_primary_compute::FailoverPrimaryComputeInput| {
                // No cluster of the estate has compute in a second zone.
                let refusal = meta("UnsupportedOperation", "The cluster is not a Multi-AZ cluster.");
                Err::<op::failover_primary_compute::FailoverPrimaryComputeOutput, _>(
                    op::failover_primary_compute::FailoverPrimaryComputeError::generic(refusal),
                )
            })
        }
        "ResizeCluster" => on(input, |i| start_resize(region, i)),
        "ModifyCluster" => on(input, |i| modify(region, i)),
        "ModifyClusterMaintenance" => on(input, |i| defer(region, i)),
        "CreateClusterSnapshot" => on(input, |i| snapshot(region, i)),
        "DeleteCluster" => on(input, |i| delete(region, i)),
        _ => Reply::Unknown,
    }
}

fn meta(code: &str, words: &str) -> ErrorMetadata {
    ErrorMetadata::builder().code(code).message(words).build()
}

fn find(region: &Region, id: Option<&str>) -> Result<Cluster, ErrorMetadata> {
    let id = id.unwrap_or_default();
    let found = region.redshift.clusters.get(id).cloned();
    found.ok_or_else(|| meta("ClusterNotFound", &format!("Cluster {id} not found.")))
}

/// The cluster, when its status is one that the operation needs.
fn ready(region: &Region, id: Option<&str>, needs: &[&str]) -> Result<Cluster, ErrorMetadata> {
    let cluster = find(region, id)?;
    let status = cluster.cluster_status().unwrap_or_default();
    if needs.contains(&status) {
        return Ok(cluster);
    }
    let words = format!("There is an operation running on the cluster, or it is {status}: try again later.");
    Err(meta("InvalidClusterState", &words))
}

/// Begins a change that ends in `end` after `ms` milliseconds.
fn begin(
    region: &mut Region,
    id: Option<&str>,
    needs: &[&str],
    during: &str,
    end: &'static str,
    ms: u64,
) -> Result<Cluster, ErrorMetadata> {
    ready(region, id, needs)?;
    let id = id.unwrap_or_default().to_owned();
    region.redshift.set_status(&id, during);
    let ended = id.clone();
    region.later(ms, move |region| region.redshift.set_status(&ended, end));
    find(region, Some(&id))
}

fn clusters(
    region: &Region,
    input: &op::describe_clusters::DescribeClustersInput,
) -> Result<op::describe_clusters::DescribeClustersOutput, op::describe_clusters::DescribeClustersError> {
    let all = match input.cluster_identifier() {
        Some(id) => {
            vec![find(region, Some(id)).map_err(op::describe_clusters::DescribeClustersError::generic)?]
        }
        None => region.redshift.clusters.values().cloned().collect(),
    };
    let (rows, marker) = page(all, input.marker(), input.max_records());
    Ok(op::describe_clusters::DescribeClustersOutput::builder()
        .set_clusters(Some(rows))
        .set_marker(marker)
        .build())
}

fn snapshots(
    region: &Region,
    input: &op::describe_cluster_snapshots::DescribeClusterSnapshotsInput,
) -> Result<
    op::describe_cluster_snapshots::DescribeClusterSnapshotsOutput,
    op::describe_cluster_snapshots::DescribeClusterSnapshotsError,
> {
    let of = input.cluster_identifier();
    let rows =
        region.redshift.snapshots.iter().filter(|s| of.is_none_or(|o| s.cluster_identifier() == Some(o)));
    let (rows, marker) = page(rows.cloned().collect(), input.marker(), input.max_records());
    Ok(op::describe_cluster_snapshots::DescribeClusterSnapshotsOutput::builder()
        .set_snapshots(Some(rows))
        .set_marker(marker)
        .build())
}

fn resize(
    region: &Region,
    input: &op::describe_resize::DescribeResizeInput,
) -> Result<op::describe_resize::DescribeResizeOutput, op::describe_resize::DescribeResizeError> {
    let refuse = op::describe_resize::DescribeResizeError::generic;
    let cluster = find(region, input.cluster_identifier()).map_err(refuse)?;
    let Some(info) = cluster.resize_info() else {
        return Err(refuse(meta("ResizeNotFound", "A resize operation for the cluster was not found.")));
    };
    let running = cluster.cluster_status() == Some("resizing");
    Ok(op::describe_resize::DescribeResizeOutput::builder()
        .status(if running { "IN_PROGRESS" } else { "SUCCEEDED" })
        .set_resize_type(info.resize_type().map(str::to_owned))
        .set_target_number_of_nodes(cluster.number_of_nodes())
        .set_target_node_type(cluster.node_type().map(str::to_owned))
        .data_transfer_progress_percent(if running { 50.0 } else { 100.0 })
        .build())
}

fn logging(
    region: &Region,
    input: &op::describe_logging_status::DescribeLoggingStatusInput,
) -> Result<
    op::describe_logging_status::DescribeLoggingStatusOutput,
    op::describe_logging_status::DescribeLoggingStatusError,
> {
    find(region, input.cluster_identifier())
        .map_err(op::describe_logging_status::DescribeLoggingStatusError::generic)?;
    Ok(op::describe_logging_status::DescribeLoggingStatusOutput::builder()
        .logging_enabled(true)
        .log_destination_type(LogDestinationType::Cloudwatch)
        .log_exports("connectionlog")
        .log_exports("userlog")
        .last_successful_delivery_time(date(region.now.minus_ms(240_000)))
        .build())
}

fn limits(
    input: &op::describe_usage_limits::DescribeUsageLimitsInput,
) -> Result<
    op::describe_usage_limits::DescribeUsageLimitsOutput,
    op::describe_usage_limits::DescribeUsageLimitsError,
> {
    let limit = UsageLimit::builder()
        .usage_limit_id("limit-scaling")
        .set_cluster_identifier(input.cluster_identifier().map(str::to_owned))
        .feature_type(UsageLimitFeatureType::ConcurrencyScaling)
        .limit_type(UsageLimitLimitType::Time)
        .amount(60)
        .period(UsageLimitPeriod::Daily)
        .breach_action(UsageLimitBreachAction::Disable);
    Ok(op::describe_usage_limits::DescribeUsageLimitsOutput::builder().usage_limits(limit.build()).build())
}

fn parameters(
    _: &op::describe_cluster_parameters::DescribeClusterParametersInput,
) -> Result<
    op::describe_cluster_parameters::DescribeClusterParametersOutput,
    op::describe_cluster_parameters::DescribeClusterParametersError,
> {
    let set =
        [("wlm_json_configuration", WLM), ("require_ssl", "true"), ("max_concurrency_scaling_clusters", "2")];
    let rows = set.iter().map(|(name, value)| {
        Parameter::builder().parameter_name(*name).parameter_value(*value).source("user").build()
    });
    Ok(op::describe_cluster_parameters::DescribeClusterParametersOutput::builder()
        .set_parameters(Some(rows.collect()))
        .build())
}

fn events(
    _: &op::describe_events::DescribeEventsInput,
) -> Result<op::describe_events::DescribeEventsOutput, op::describe_events::DescribeEventsError> {
    Ok(op::describe_events::DescribeEventsOutput::builder().set_events(Some(Vec::new())).build())
}

fn start_resize(
    region: &mut Region,
    input: &op::resize_cluster::ResizeClusterInput,
) -> Result<op::resize_cluster::ResizeClusterOutput, op::resize_cluster::ResizeClusterError> {
    let refuse = op::resize_cluster::ResizeClusterError::generic;
    let id = input.cluster_identifier();
    ready(region, id, &["available"]).map_err(refuse)?;
    let name = id.unwrap_or_default().to_owned();
    let classic = input.classic() == Some(true);
    if let Some(cluster) = region.redshift.clusters.get_mut(&name) {
        cluster.number_of_nodes = input.number_of_nodes().or(cluster.number_of_nodes);
        if let Some(kind) = input.node_type() {
            cluster.node_type = Some(kind.to_owned());
        }
        let kind = if classic { "ClassicResize" } else { "ElasticResize" };
        cluster.resize_info = Some(ResizeInfo::builder().resize_type(kind).allow_cancel_resize(true).build());
    }
    let cluster = begin(region, id, &["available"], "resizing", "available", RESIZE).map_err(refuse)?;
    Ok(op::resize_cluster::ResizeClusterOutput::builder().cluster(cluster).build())
}

fn modify(
    region: &mut Region,
    input: &op::modify_cluster::ModifyClusterInput,
) -> Result<op::modify_cluster::ModifyClusterOutput, op::modify_cluster::ModifyClusterError> {
    let refuse = op::modify_cluster::ModifyClusterError::generic;
    ready(region, input.cluster_identifier(), &["available", "paused"]).map_err(refuse)?;
    let name = input.cluster_identifier().unwrap_or_default();
    if let (Some(cluster), Some(window)) =
        (region.redshift.clusters.get_mut(name), input.preferred_maintenance_window())
    {
        cluster.preferred_maintenance_window = Some(window.to_owned());
    }
    let cluster = find(region, Some(name)).map_err(refuse)?;
    Ok(op::modify_cluster::ModifyClusterOutput::builder().cluster(cluster).build())
}

fn defer(
    region: &mut Region,
    input: &op::modify_cluster_maintenance::ModifyClusterMaintenanceInput,
) -> Result<
    op::modify_cluster_maintenance::ModifyClusterMaintenanceOutput,
    op::modify_cluster_maintenance::ModifyClusterMaintenanceError,
> {
    let refuse = op::modify_cluster_maintenance::ModifyClusterMaintenanceError::generic;
    let cluster = find(region, input.cluster_identifier()).map_err(refuse)?;
    let name = cluster.cluster_identifier().unwrap_or_default().to_owned();
    let until = days(u64::try_from(input.defer_maintenance_duration().unwrap_or(1)).unwrap_or(1));
    let window = aws_sdk_redshift::types::DeferredMaintenanceWindow::builder()
        .defer_maintenance_identifier("dfm-demo")
        .defer_maintenance_start_time(date(region.now))
        .defer_maintenance_end_time(date(region.now.plus_ms(until)))
        .build();
    if let Some(cluster) = region.redshift.clusters.get_mut(&name) {
        cluster.deferred_maintenance_windows = Some(vec![window]);
    }
    let cluster = find(region, Some(&name)).map_err(refuse)?;
    Ok(op::modify_cluster_maintenance::ModifyClusterMaintenanceOutput::builder().cluster(cluster).build())
}

/// A snapshot that is made of `id`.
fn make_snapshot(region: &mut Region, id: &str, name: &str) -> Snapshot {
    let snapshot = Snapshot::builder()
        .snapshot_identifier(name)
        .cluster_identifier(id)
        .snapshot_type("manual")
        .status("creating")
        .snapshot_create_time(date(region.now))
        .total_backup_size_in_mega_bytes(1_482_000.0)
        .backup_progress_in_mega_bytes(370_500.0)
        .build();
    region.redshift.snapshots.push(snapshot.clone());
    let made = name.to_owned();
    region.later(SNAPSHOT, move |region| {
        let found = region.redshift.snapshots.iter_mut().find(|s| s.snapshot_identifier() == Some(&*made));
        if let Some(snapshot) = found {
            snapshot.status = Some("available".to_owned());
            snapshot.backup_progress_in_mega_bytes = snapshot.total_backup_size_in_mega_bytes;
        }
    });
    snapshot
}

fn snapshot(
    region: &mut Region,
    input: &op::create_cluster_snapshot::CreateClusterSnapshotInput,
) -> Result<
    op::create_cluster_snapshot::CreateClusterSnapshotOutput,
    op::create_cluster_snapshot::CreateClusterSnapshotError,
> {
    let refuse = op::create_cluster_snapshot::CreateClusterSnapshotError::generic;
    ready(region, input.cluster_identifier(), &["available"]).map_err(refuse)?;
    let (id, name) = (input.cluster_identifier().unwrap_or_default(), input.snapshot_identifier());
    let snapshot = make_snapshot(region, id, name.unwrap_or_default());
    Ok(op::create_cluster_snapshot::CreateClusterSnapshotOutput::builder().snapshot(snapshot).build())
}

fn delete(
    region: &mut Region,
    input: &op::delete_cluster::DeleteClusterInput,
) -> Result<op::delete_cluster::DeleteClusterOutput, op::delete_cluster::DeleteClusterError> {
    let refuse = op::delete_cluster::DeleteClusterError::generic;
    ready(region, input.cluster_identifier(), &["available", "paused"]).map_err(refuse)?;
    let id = input.cluster_identifier().unwrap_or_default().to_owned();
    match (input.skip_final_cluster_snapshot(), input.final_cluster_snapshot_identifier()) {
        (Some(true), None) => {}
        (_, Some(name)) => drop(make_snapshot(region, &id, name)),
        _ => {
            let words =
                "FinalClusterSnapshotIdentifier is required unless SkipFinalClusterSnapshot is specified.";
            return Err(refuse(meta("InvalidParameterCombination", words)));
        }
    }
    region.redshift.set_status(&id, "deleting");
    let cluster = find(region, Some(&id)).map_err(refuse)?;
    region.later(CHANGE, move |region| drop(region.redshift.clusters.remove(&id)));
    Ok(op::delete_cluster::DeleteClusterOutput::builder().cluster(cluster).build())
}
