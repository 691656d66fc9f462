//! Asks CloudWatch: one plan, one `GetMetricData` call, paged to its end.

use super::plan::{Plan, Query};
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::aws::pages::{Next, Pages};
use crate::model::{Failure, FailureKind, Sample, Task};
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, ScanBy, StatusCode,
};
use std::collections::BTreeMap;

/// The samples of `plan`, one for each query. Series without points come back empty, so that
/// a gap is known.
pub fn fetch<'a>(reach: &'a Reach, plan: &'a Plan) -> Task<'a, Vec<Sample>> {
    Box::pin(ask(reach, plan))
}

async fn ask(reach: &Reach, plan: &Plan) -> Result<Vec<Sample>, Failure> {
    let doing = format!("read metrics at {}", plan.place);
    let (mut pages, mut token, mut withheld) = (Pages::default(), None, None);
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
            withheld = withheld.or_else(|| why_withheld(result));
            let place = result.id().and_then(|id| id.strip_prefix('m')?.parse::<usize>().ok());
            let Some(series) = place.and_then(|n| points.get_mut(n)) else { continue };
            // Unreadable times keep their place: values belong to times by position.
            let at = result
                .timestamps()
                .iter()
                .map(|t| t.to_millis().ok().and_then(|ms| u64::try_from(ms).ok()).unwrap_or(u64::MAX));
            // A point outside what was asked for would make the series look newer than it is.
            let asked = |point: &(u64, f64)| (plan.start_ms..plan.end_ms).contains(&point.0);
            series.extend(at.zip(result.values().iter().copied()).filter(asked));
        }
        match pages.after(answer.next_token()) {
            Next::Page(next) => token = Some(next),
            Next::Done | Next::Cut => break,
        }
    }
    // Some series withheld leaves the others worth showing; nothing at all is a failure.
    if let Some((kind, why)) = withheld.filter(|_| points.iter().all(BTreeMap::is_empty)) {
        return Err(Failure::new(kind, doing, why));
    }
    let samples = plan.queries.iter().zip(points);
    Ok(samples.map(|(q, points)| sample(q, plan.period_s, points)).collect())
}

/// Why CloudWatch answered without the data of one series; `None` when it did not hold back.
fn why_withheld(result: &MetricDataResult) -> Option<(FailureKind, String)> {
    let kind = match result.status_code()? {
        StatusCode::Forbidden => FailureKind::Denied,
        StatusCode::InternalError => FailureKind::Unreachable,
        _ => return None,
    };
    let words: Vec<_> = result.messages().iter().filter_map(|m| m.value()).take(3).collect();
    let words = if words.is_empty() { "CloudWatch gave no data".to_owned() } else { words.join("; ") };
    Some((kind, words))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::answers::{Answers, Reply};
    use crate::aws::{Reaches, Settings};
    use crate::guard::{Access, LiveAccess};
    use crate::model::{Place, ResourceId, SeriesId, ServiceId};
    use aws_sdk_cloudwatch::operation::get_metric_data::{GetMetricDataInput, GetMetricDataOutput};
    use aws_smithy_runtime_api::client::interceptors::context::{Input, Output};
    use std::sync::Arc;

    /// CloudWatch as it may be: results out of order, pages, points nobody asked for.
    #[derive(Debug)]
    struct Scripted(fn(&GetMetricDataInput) -> GetMetricDataOutput);

    impl Answers for Scripted {
        fn typed(&self, _: &Place, _: &str, operation: &str, input: &Input) -> Reply {
            match input.downcast_ref::<GetMetricDataInput>() {
                Some(input) if operation == "GetMetricData" => Reply::Output(Output::erase((self.0)(input))),
                _ => Reply::Unknown,
            }
        }

        fn wire(&self, _: &Place, _: &str, _: &[u8]) -> (u16, Vec<u8>) {
            (500, Vec::new())
        }
    }

    fn result(id: &str, points: &[(i64, f64)]) -> MetricDataResult {
        MetricDataResult::builder()
            .id(id)
            .set_timestamps(Some(points.iter().map(|p| DateTime::from_secs(p.0)).collect()))
            .set_values(Some(points.iter().map(|p| p.1).collect()))
            .build()
    }

    /// A plan over the first ten minutes: one gauge and one rate.
    async fn ask_for_two(
        answers: fn(&GetMetricDataInput) -> GetMetricDataOutput,
    ) -> Result<Vec<Vec<(u64, f64)>>, Failure> {
        let settings = Settings { answers: Some(Arc::new(Scripted(answers))), ..Settings::default() };
        let reaches = Reaches::new(settings, LiveAccess::new(Access::read_only()));
        let place = Place::new("default", "eu-west-1");
        let metrics = crate::services::dynamodb::spec::SPEC.metrics.iter();
        let resource = ResourceId {
            service: ServiceId("dynamodb"),
            kind: "table",
            place: place.clone(),
            name: "t".into(),
        };
        let query = |spec: &'static crate::model::MetricSpec| Query {
            series: SeriesId { resource: resource.clone(), metric: spec.id },
            spec,
            dimensions: vec![("TableName", "t".into())],
        };
        let queries: Vec<_> = ["get-latency", "read-units"]
            .iter()
            .filter_map(|id| metrics.clone().find(|m| m.id == *id).map(query))
            .collect();
        let plan = Plan { place: place.clone(), queries, start_ms: 0, end_ms: 600_000, period_s: 60 };
        let reach = reaches.at(&place).await?;
        Ok(fetch(&reach, &plan).await?.into_iter().map(|s| s.points).collect())
    }

    #[tokio::test]
    async fn pages_in_any_order_become_series() {
        let series = ask_for_two(|input| {
            let answer = GetMetricDataOutput::builder();
            match input.next_token() {
                None => answer
                    .metric_data_results(result("m1", &[(120, 60.0), (60, 120.0)]))
                    .metric_data_results(result("m9", &[(60, 1.0)]))
                    .next_token("a")
                    .build(),
                // The token repeats: the reading ends all the same.
                Some(_) => answer.metric_data_results(result("m0", &[(60, 7.0)])).next_token("a").build(),
            }
        })
        .await
        .expect("series");
        assert_eq!(series, [vec![(60_000, 7.0)], vec![(60_000, 2.0), (120_000, 1.0)]]);
    }

    #[tokio::test]
    async fn points_outside_the_range_are_dropped() {
        let series = ask_for_two(|_| GetMetricDataOutput::builder().build()).await.expect("no series");
        assert_eq!(series, [vec![], vec![]], "no answer is a gap");
        let series = ask_for_two(|_| {
            let points =
                [(-5, 1.0), (60, 2.0), (600, 3.0), (253_402_300_799, 4.0), (i64::MAX, 5.0), (120, 6.0)];
            GetMetricDataOutput::builder().metric_data_results(result("m0", &points)).build()
        })
        .await
        .expect("series");
        assert_eq!(series.first(), Some(&vec![(60_000, 2.0), (120_000, 6.0)]));
    }

    #[tokio::test]
    async fn data_withheld_from_every_series_is_a_failure() {
        let denied = ask_for_two(|_| {
            let held = MetricDataResult::builder().id("m0").status_code(StatusCode::Forbidden).build();
            GetMetricDataOutput::builder().metric_data_results(held).build()
        })
        .await;
        assert_eq!(denied.map_err(|f| f.kind), Err(FailureKind::Denied));
    }
}
