//! Asks CloudWatch: one plan, one `GetMetricData` call, paged to its end.

use super::plan::{Plan, Query};
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::aws::pages::{Next, Pages};
use crate::model::{Failure, Sample, Task};
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat, ScanBy};
use std::collections::BTreeMap;

/// The samples of `plan`, one for each query. Series without points come back empty, so that
/// a gap is known.
pub fn fetch<'a>(reach: &'a Reach, plan: &'a Plan) -> Task<'a, Vec<Sample>> {
    Box::pin(ask(reach, plan))
}

async fn ask(reach: &Reach, plan: &Plan) -> Result<Vec<Sample>, Failure> {
    let doing = format!("read metrics at {}", plan.place);
    let (mut pages, mut token) = (Pages::default(), None);
    let mut points: Vec<BTreeMap<u64, f64>> = vec![BTreeMap::new(); plan.queries.len()];
    let queries: Vec<_> = plan.queries.iter().enumerate().map(|(n, q)| query(n, q, plan.period_s)).collect();
    loop {
        let call = reach
            .cloudwatch()
            .get_metric_data()
            .set_metric_data_queries(Some(queries.clone()))
            .start_time(time(plan.start_ms))
            .end_time(time(plan.end_ms))
            .scan_by(ScanBy::TimestampAscending)
            .set_next_token(token.take());
        reach.meter().metrics(u64::try_from(queries.len()).unwrap_or(u64::MAX));
        let answer = call.send().await.map_err(|e| failure(&doing, &e))?;
        for result in answer.metric_data_results() {
            let place = result.id().and_then(|id| id.strip_prefix('m')?.parse::<usize>().ok());
            let Some(series) = place.and_then(|n| points.get_mut(n)) else { continue };
            let at = result.timestamps().iter().filter_map(|t| u64::try_from(t.to_millis().ok()?).ok());
            series.extend(at.zip(result.values().iter().copied()));
        }
        match pages.after(answer.next_token()) {
            Next::Page(next) => token = Some(next),
            Next::Done | Next::Cut => break,
        }
    }
    let samples = plan.queries.iter().zip(points);
    Ok(samples.map(|(q, points)| sample(q, plan.period_s, points)).collect())
}

fn query(n: usize, q: &Query, period_s: u32) -> MetricDataQuery {
    let dimensions =
        q.dimensions.iter().map(|(name, value)| Dimension::builder().name(*name).value(&**value).build());
    let metric = Metric::builder()
        .namespace(q.spec.namespace)
        .metric_name(q.spec.name)
        .set_dimensions(Some(dimensions.collect()))
        .build();
    let period = i32::try_from(period_s).unwrap_or(i32::MAX);
    let stat = MetricStat::builder().metric(metric).period(period).stat(q.spec.stat.name()).build();
    MetricDataQuery::builder().id(format!("m{n}")).metric_stat(stat).return_data(true).build()
}

fn sample(q: &Query, period_s: u32, points: BTreeMap<u64, f64>) -> Sample {
    let scale = if q.spec.per_second { f64::from(period_s.max(1)) } else { 1.0 };
    let points = points.into_iter().map(|(at, value)| (at, value / scale)).collect();
    Sample { series: q.series.clone(), period_s, points }
}

fn time(ms: u64) -> DateTime {
    DateTime::from_millis(i64::try_from(ms).unwrap_or(i64::MAX))
}
