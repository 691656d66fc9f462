//! Redshift Serverless: workgroups and namespaces.

use super::on;
use crate::aws::answers::Reply;
use crate::demo::world::{Region, World, date};
use crate::model::Moment;
use aws_sdk_redshiftserverless::operation as op;
use aws_sdk_redshiftserverless::types::{
    Snapshot, SnapshotStatus, UsageLimit, UsageLimitBreachAction, UsageLimitPeriod, UsageLimitUsageType,
    WorkgroupStatus,
};
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_types::error::ErrorMetadata;

/// How long a change takes here, in milliseconds.
const CHANGE: u64 = 6_000;

/// Answers a Redshift Serverless call in `region`.
pub fn answer(world: &mut World, region: &str, now: Moment, operation: &str, input: &Input) -> Reply {
    let Some(region) = world.region(region, now) else { return Reply::Unknown };
    let redshift = &region.redshift;
    match operation {
        "ListWorkgroups" => on(input, |_: &op::list_workgroups::ListWorkgroupsInput| {
            let all = redshift.workgroups.values().cloned().collect();
            let built =
                op::list_workgroups::ListWorkgroupsOutput::builder().set_workgroups(Some(all)).build();
            built.map_err(|e| op::list_workgroups::ListWorkgroupsError::generic(ours(&e)))
        }),
        "ListNamespaces" => on(input, |_: &op::list_namespaces::ListNamespacesInput| {
            let all = redshift.namespaces.values().cloned().collect();
            let built =
                op::list_namespaces::ListNamespacesOutput::builder().set_namespaces(Some(all)).build();
            built.map_err(|e| op::list_namespaces::ListNamespacesError::generic(ours(&e)))
        }),
        "GetWorkgroup" => on(input, |i: &op::get_workgroup::GetWorkgroupInput| {
            let found = redshift.workgroups.get(i.workgroup_name().unwrap_or_default()).cloned();
            let found =
                found.ok_or_else(|| op::get_workgroup::GetWorkgroupError::generic(missing("workgroup")))?;
            Ok::<_, op::get_workgroup::GetWorkgroupError>(
                op::get_workgroup::GetWorkgroupOutput::builder().workgroup(found).build(),
            )
        }),
        "GetNamespace" => on(input, |i: &op::get_namespace::GetNamespaceInput| {
            let found = redshift.namespaces.get(i.namespace_name().unwrap_or_default()).cloned();
            let found =
                found.ok_or_else(|| op::get_namespace::GetNamespaceError::generic(missing("namespace")))?;
            Ok::<_, op::get_namespace::GetNamespaceError>(
                op::get_namespace::GetNamespaceOutput::builder().namespace(found).build(),
            )
        }),
        "ListSnapshots" => on(input, |i: &op::list_snapshots::ListSnapshotsInput| {
            let of = i.namespace_name();
            let all = redshift.namespace_snapshots.iter();
            let all = all.filter(|s| of.is_none_or(|o| s.namespace_name() == Some(o))).cloned().collect();
            Ok::<_, op::list_snapshots::ListSnapshotsError>(
                op::list_snapshots::ListSnapshotsOutput::builder().set_snapshots(Some(all)).build(),
            )
        }),
        "ListRecoveryPoints" => on(input, |i: &op::list_recovery_points::ListRecoveryPointsInput| {
            let of = i.namespace_name();
            let all = redshift.recovery_points.iter();
            let all = all.filter(|p| of.is_none_or(|o| p.namespace_name() == Some(o))).cloned().collect();
            Ok::<_, op::list_recovery_points::ListRecoveryPointsError>(
                op::list_recovery_points::ListRecoveryPointsOutput::builder()
                    .set_recovery_points(Some(all))
                    .build(),
            )
        }),
        "ListUsageLimits" => on(input, limits),
        "ListTagsForResource" => on(input, |_: &op::list_tags_for_resource::ListTagsForResourceInput| {
            Ok::<_, op::list_tags_for_resource::ListTagsForResourceError>(
                op::list_tags_for_resource::ListTagsForResourceOutput::builder()
                    .set_tags(Some(Vec::new()))
                    .build(),
            )
        }),
        "UpdateWorkgroup" => on(input, |i| update(region, i)),
        "CreateSnapshot" => on(input, |i| snapshot(region, i)),
        _ => Reply::Unknown,
    }
}

fn ours(error: &dyn std::error::Error) -> ErrorMetadata {
    ErrorMetadata::builder().code("InternalServerException").message(error.to_string()).build()
}

fn missing(what: &str) -> ErrorMetadata {
    let words = format!("The {what} does not exist.");
    ErrorMetadata::builder().code("ResourceNotFoundException").message(words).build()
}

fn limits(
    input: &op::list_usage_limits::ListUsageLimitsInput,
) -> Result<op::list_usage_limits::ListUsageLimitsOutput, op::list_usage_limits::ListUsageLimitsError> {
    let limit = UsageLimit::builder()
        .usage_limit_id("limit-rpu")
        .set_resource_arn(input.resource_arn().map(str::to_owned))
        .usage_type(UsageLimitUsageType::ServerlessCompute)
        .amount(400)
        .period(UsageLimitPeriod::Weekly)
        .breach_action(UsageLimitBreachAction::EmitMetric);
    Ok(op::list_usage_limits::ListUsageLimitsOutput::builder().usage_limits(limit.build()).build())
}

fn update(
    region: &mut Region,
    input: &op::update_workgroup::UpdateWorkgroupInput,
) -> Result<op::update_workgroup::UpdateWorkgroupOutput, op::update_workgroup::UpdateWorkgroupError> {
    let name = input.workgroup_name().unwrap_or_default().to_owned();
    let Some(workgroup) = region.redshift.workgroups.get_mut(&name) else {
        return Err(op::update_workgroup::UpdateWorkgroupError::generic(missing("workgroup")));
    };
    workgroup.base_capacity = input.base_capacity().or(workgroup.base_capacity);
    workgroup.max_capacity = input.max_capacity().or(workgroup.max_capacity);
    workgroup.status = Some(WorkgroupStatus::Modifying);
    let shown = workgroup.clone();
    region.later(CHANGE, move |region| {
        if let Some(workgroup) = region.redshift.workgroups.get_mut(&name) {
            workgroup.status = Some(WorkgroupStatus::Available);
        }
    });
    Ok(op::update_workgroup::UpdateWorkgroupOutput::builder().workgroup(shown).build())
}

fn snapshot(
    region: &mut Region,
    input: &op::create_snapshot::CreateSnapshotInput,
) -> Result<op::create_snapshot::CreateSnapshotOutput, op::create_snapshot::CreateSnapshotError> {
    let namespace = input.namespace_name().unwrap_or_default();
    if !region.redshift.namespaces.contains_key(namespace) {
        return Err(op::create_snapshot::CreateSnapshotError::generic(missing("namespace")));
    }
    let name = input.snapshot_name().unwrap_or_default().to_owned();
    let snapshot = Snapshot::builder()
        .namespace_name(namespace)
        .snapshot_name(&name)
        .status(SnapshotStatus::Creating)
        .snapshot_create_time(date(region.now))
        .total_backup_size_in_mega_bytes(211_100.0)
        .build();
    region.redshift.namespace_snapshots.push(snapshot.clone());
    region.later(CHANGE, move |region| {
        let all = region.redshift.namespace_snapshots.iter_mut();
        for snapshot in all.filter(|s| s.snapshot_name() == Some(&*name)) {
            snapshot.status = Some(SnapshotStatus::Available);
        }
    });
    Ok(op::create_snapshot::CreateSnapshotOutput::builder().snapshot(snapshot).build())
}
