//! Application Auto Scaling: which tables scale by themselves, and between what.

use super::on;
use crate::aws::answers::Reply;
use crate::demo::ACCOUNT;
use crate::demo::world::{Region, World};
use crate::model::Moment;
use aws_sdk_applicationautoscaling::operation::describe_scalable_targets::{
    DescribeScalableTargetsError, DescribeScalableTargetsInput, DescribeScalableTargetsOutput,
};
use aws_sdk_applicationautoscaling::operation::describe_scaling_policies::{
    DescribeScalingPoliciesError, DescribeScalingPoliciesInput, DescribeScalingPoliciesOutput,
};
use aws_sdk_applicationautoscaling::types::{
    MetricType, PolicyType, PredefinedMetricSpecification, ScalableDimension, ScalableTarget, ScalingPolicy,
    ServiceNamespace, TargetTrackingScalingPolicyConfiguration,
};
use aws_smithy_runtime_api::client::interceptors::context::Input;

/// Answers an Application Auto Scaling call in `region`.
pub fn answer(world: &mut World, region: &str, now: Moment, operation: &str, input: &Input) -> Reply {
    let Some(region) = world.region(region, now) else { return Reply::Unknown };
    match operation {
        "DescribeScalableTargets" => on(input, |i| targets(region, i)),
        "DescribeScalingPolicies" => on(input, |i| policies(region, i)),
        _ => Reply::Unknown,
    }
}

/// Table, dimension, least and most of everything that scales.
fn scaled(region: &Region) -> impl Iterator<Item = (String, ScalableDimension, i32, i32)> {
    region.tables.iter().filter_map(|(name, table)| Some((name, table.scaling?))).flat_map(
        |(name, bounds)| {
            let [read_min, read_max, write_min, write_max] = bounds;
            [
                (
                    format!("table/{name}"),
                    ScalableDimension::DynamoDbTableReadCapacityUnits,
                    read_min,
                    read_max,
                ),
                (
                    format!("table/{name}"),
                    ScalableDimension::DynamoDbTableWriteCapacityUnits,
                    write_min,
                    write_max,
                ),
            ]
        },
    )
}

fn targets(
    region: &Region,
    input: &DescribeScalableTargetsInput,
) -> Result<DescribeScalableTargetsOutput, DescribeScalableTargetsError> {
    let wanted = input.resource_ids();
    let rows = scaled(region)
        .filter(|(id, ..)| wanted.is_empty() || wanted.contains(id))
        .filter(|(_, dimension, ..)| input.scalable_dimension().is_none_or(|d| d == dimension))
        .filter_map(|(id, dimension, least, most)| {
            ScalableTarget::builder()
                .service_namespace(ServiceNamespace::Dynamodb)
                .resource_id(id)
                .scalable_dimension(dimension)
                .min_capacity(least)
                .max_capacity(most)
                .role_arn(format!("arn:aws:iam::{ACCOUNT}:role/dynamodb-autoscaling"))
                .creation_time(crate::demo::world::date(region.now))
                .build()
                .ok()
        });
    Ok(DescribeScalableTargetsOutput::builder().set_scalable_targets(Some(rows.collect())).build())
}

fn policies(
    region: &Region,
    input: &DescribeScalingPoliciesInput,
) -> Result<DescribeScalingPoliciesOutput, DescribeScalingPoliciesError> {
    let rows = scaled(region)
        .filter(|(id, ..)| input.resource_id().is_none_or(|r| r == id))
        .filter(|(_, dimension, ..)| input.scalable_dimension().is_none_or(|d| d == dimension))
        .filter_map(|(id, dimension, ..)| {
            let metric = if dimension == ScalableDimension::DynamoDbTableReadCapacityUnits {
                MetricType::DynamoDbReadCapacityUtilization
            } else {
                MetricType::DynamoDbWriteCapacityUtilization
            };
            let tracking = TargetTrackingScalingPolicyConfiguration::builder()
                .target_value(70.0)
                .predefined_metric_specification(
                    PredefinedMetricSpecification::builder().predefined_metric_type(metric).build().ok()?,
                )
                .build()
                .ok()?;
            ScalingPolicy::builder()
                .policy_name(format!("${dimension}:{id}"))
                .policy_arn(format!("arn:aws:autoscaling:{}:{ACCOUNT}:scalingPolicy:{id}", region.name))
                .service_namespace(ServiceNamespace::Dynamodb)
                .resource_id(id)
                .scalable_dimension(dimension)
                .policy_type(PolicyType::TargetTrackingScaling)
                .target_tracking_scaling_policy_configuration(tracking)
                .creation_time(crate::demo::world::date(region.now))
                .build()
                .ok()
        });
    Ok(DescribeScalingPoliciesOutput::builder().set_scaling_policies(Some(rows.collect())).build())
}
