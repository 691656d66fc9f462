//! CloudWatch: series of the estate, computed for the range and period that is asked.

use super::warehouse_series as warehouse;
use super::{on, series};
use crate::aws::answers::Reply;
use crate::demo::world::{Region, World};
use crate::model::Moment;
use aws_sdk_cloudwatch::operation::get_metric_data::{
    GetMetricDataError, GetMetricDataInput, GetMetricDataOutput,
};
use aws_sdk_cloudwatch::operation::list_metrics::{ListMetricsError, ListMetricsInput, ListMetricsOutput};
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, ScanBy, StatusCode,
};
use aws_sdk_redshift::types::Cluster;
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_types::error::ErrorMetadata;

/// The most queries in one call (CloudWatch API reference, GetMetricData).
const QUERIES: usize = 500;

/// The most points in one answer (CloudWatch API reference, GetMetricData).
const POINTS: usize = 100_800;

/// Answers a CloudWatch call in `region`.
pub fn answer(world: &mut World, region: &str, now: Moment, operation: &str, input: &Input) -> Reply {
    let epoch = world.epoch;
    let Some(region) = world.region(region, now) else { return Reply::Unknown };
    match operation {
        "GetMetricData" => on(input, |i| data(region, epoch, i)),
        "ListMetrics" => on(input, |i| list(region, i)),
        _ => Reply::Unknown,
    }
}

/// The metrics of the parts of a Redshift cluster: the only ones that anybody asks for here.
fn list(region: &Region, input: &ListMetricsInput) -> Result<ListMetricsOutput, ListMetricsError> {
    let of = input.dimensions().iter().find(|d| d.name() == Some("ClusterIdentifier"));
    let cluster = of.and_then(|d| region.redshift.clusters.get(d.value()?));
    let cluster = cluster.filter(|_| input.namespace() == Some("AWS/Redshift"));
    let metric = |(name, by, part): (&str, &str, String)| {
        let dimension = |name: &str, value: &str| Dimension::builder().name(name).value(value).build();
        let id = cluster.and_then(Cluster::cluster_identifier).unwrap_or_default();
        Metric::builder()
            .namespace("AWS/Redshift")
            .metric_name(name)
            .dimensions(dimension("ClusterIdentifier", id))
            .dimensions(dimension(by, &part))
            .build()
    };
    let parts = cluster.map(warehouse::parts).unwrap_or_default();
    let metrics = parts.into_iter().map(metric).collect();
    Ok(ListMetricsOutput::builder().set_metrics(Some(metrics)).build())
}

fn data(
    region: &Region,
    epoch: Moment,
    input: &GetMetricDataInput,
) -> Result<GetMetricDataOutput, GetMetricDataError> {
    let refuse = |code: &str, words: &str| {
        GetMetricDataError::generic(ErrorMetadata::builder().code(code).message(words).build())
    };
    let queries = input.metric_data_queries();
    if queries.len() > QUERIES {
        return Err(refuse(
            "ValidationError",
            "The collection MetricDataQueries must not have a size greater than 500.",
        ));
    }
    let second = |t: Option<&DateTime>| t.and_then(|t| u64::try_from(t.secs()).ok());
    let (Some(from), Some(to)) = (second(input.start_time()), second(input.end_time())) else {
        return Err(refuse("MissingParameter", "StartTime and EndTime are required."));
    };
    if from >= to {
        return Err(refuse(
            "ValidationError",
            "The parameter StartTime must be less than the parameter EndTime.",
        ));
    }
    // The token is the number of queries answered before.
    let first = input.next_token().and_then(|t| t.parse::<usize>().ok()).unwrap_or(0);
    let room =
        input.max_datapoints().and_then(|m| usize::try_from(m).ok()).unwrap_or(POINTS).clamp(1, POINTS);
    let ascending = input.scan_by() == Some(&ScanBy::TimestampAscending);
    let (mut results, mut points) = (Vec::new(), 0);
    for query in queries.iter().skip(first).filter(|q| q.return_data() != Some(false)) {
        let result = answer_one(region, epoch, query, from..to, ascending);
        points += result.values().len();
        if points > room && !results.is_empty() {
            break;
        }
        results.push(result);
    }
    let done = first + results.len();
    Ok(GetMetricDataOutput::builder()
        .set_next_token((done < queries.len()).then(|| done.to_string()))
        .set_metric_data_results(Some(results))
        .build())
}

fn answer_one(
    region: &Region,
    epoch: Moment,
    query: &MetricDataQuery,
    range: std::ops::Range<u64>,
    ascending: bool,
) -> MetricDataResult {
    let stat = query.metric_stat();
    let metric = stat.and_then(MetricStat::metric);
    let name = metric.and_then(Metric::metric_name).unwrap_or_default();
    let period = stat.and_then(MetricStat::period).and_then(|p| u64::try_from(p).ok()).unwrap_or(60).max(1);
    let dimensions: Vec<(&str, &str)> = metric
        .map(Metric::dimensions)
        .unwrap_or_default()
        .iter()
        .filter_map(|d| Some((d.name()?, d.value()?)))
        .collect();
    let asked = series::Asked {
        name,
        stat: stat.and_then(MetricStat::stat).unwrap_or("Average"),
        period,
        dimensions: &dimensions,
    };
    let mut points = series::points(region, epoch, &asked, range);
    if !ascending {
        points.reverse();
    }
    let (times, values): (Vec<_>, Vec<_>) =
        points.into_iter().map(|(t, v)| (DateTime::from_secs(t.cast_signed()), v)).unzip();
    MetricDataResult::builder()
        .set_id(query.id().map(str::to_owned))
        .label(query.label().unwrap_or(name))
        .set_timestamps(Some(times))
        .set_values(Some(values))
        .status_code(StatusCode::Complete)
        .build()
}
