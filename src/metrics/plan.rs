//! Which series to ask for now: pure, so that a test can count calls and cost.

use crate::model::{MetricSpec, Moment, Place, SeriesId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most queries in one `GetMetricData` call (CloudWatch's documented limit).
pub const QUERIES_PER_CALL: usize = 500;

/// One series that the screen shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// Which.
    pub series: SeriesId,
    /// Its metric.
    pub spec: &'static MetricSpec,
    /// Dimension values by name, raw; from `Resource::dimensions` and `MetricSpec::fixed`.
    pub dimensions: Vec<(&'static str, Arc<str>)>,
    /// Time (ms since the epoch) of the newest point at hand; `None` before the first load.
    pub newest_ms: Option<u64>,
}

/// One query of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// Which series it fills.
    pub series: SeriesId,
    /// Its metric.
    pub spec: &'static MetricSpec,
    /// Dimensions.
    pub dimensions: Vec<(&'static str, Arc<str>)>,
}

/// One `GetMetricData` call: at most [`QUERIES_PER_CALL`] queries of one place over one
/// range aligned to the period.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Where.
    pub place: Place,
    /// What, at most [`QUERIES_PER_CALL`].
    pub queries: Vec<Query>,
    /// Start of the range, ms since the epoch, a multiple of the period.
    pub start_ms: u64,
    /// End of the range, ms since the epoch, a multiple of the period.
    pub end_ms: u64,
    /// Period in seconds.
    pub period_s: u32,
}

/// Points that CloudWatch may still correct: the newest few are asked again.
const REVISED: u64 = 2;

/// The period, in seconds, that suits a window of this length: fine for hours, coarse for a
/// week, so that a chart has a few hundred points. CloudWatch keeps one-minute points for 15
/// days and five-minute points for 63.
pub const fn period_of(window_ms: u64) -> u32 {
    match window_ms / 3_600_000 {
        0..=6 => 60,
        7..=47 => 300,
        _ => 3_600,
    }
}

/// The fewest calls that bring `wanted` up to `now` over the last `window_ms`: series of one
/// place, period and missing range share calls of at most [`QUERIES_PER_CALL`]. A series whose
/// next point is not due yet is left out.
pub fn plan(wanted: &[Wanted], window_ms: u64, now: Moment) -> Vec<Plan> {
    let mut groups: BTreeMap<(Place, u32, u64, u64), Vec<Query>> = BTreeMap::new();
    for one in wanted {
        let period_s = one.spec.period_s.max(period_of(window_ms));
        let period_ms = u64::from(period_s) * 1_000;
        let end_ms = now.epoch_ms() / period_ms * period_ms;
        let oldest = end_ms.saturating_sub(window_ms) / period_ms * period_ms;
        let start_ms = match one.newest_ms {
            Some(newest) if newest + period_ms >= end_ms => continue,
            Some(newest) => (newest / period_ms * period_ms).saturating_sub(REVISED * period_ms).max(oldest),
            None => oldest,
        };
        if start_ms >= end_ms {
            continue;
        }
        let place = one.series.resource.place.clone();
        groups.entry((place, period_s, start_ms, end_ms)).or_default().push(Query {
            series: one.series.clone(),
            spec: one.spec,
            dimensions: one.dimensions.clone(),
        });
    }
    merge(groups)
}

/// One call may cover series that miss little together with series that miss more, when that
/// saves a call: metrics are billed each, ranges are not.
fn merge(groups: BTreeMap<(Place, u32, u64, u64), Vec<Query>>) -> Vec<Plan> {
    let mut plans: Vec<Plan> = Vec::new();
    for ((place, period_s, start_ms, end_ms), queries) in groups {
        let mut queries = queries.into_iter().peekable();
        if let Some(last) = plans.last_mut()
            && last.place == place
            && last.period_s == period_s
            && last.end_ms == end_ms
        {
            let room = QUERIES_PER_CALL - last.queries.len();
            last.queries.extend(queries.by_ref().take(room));
        }
        while queries.peek().is_some() {
            let batch: Vec<_> = queries.by_ref().take(QUERIES_PER_CALL).collect();
            plans.push(Plan { place: place.clone(), queries: batch, start_ms, end_ms, period_s });
        }
    }
    plans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ResourceId, ServiceId};
    use crate::services::rds::spec::SPEC;
    use proptest::prelude::*;

    const HOUR: u64 = 3_600_000;
    const NOW: Moment = Moment::from_epoch_ms(1_790_000_000_123);

    fn wanted(n: usize, metric: usize, newest_ms: Option<u64>) -> Wanted {
        let spec = &SPEC.metrics[metric % SPEC.metrics.len()];
        let place = Place::new("default", if n.is_multiple_of(7) { "eu-west-1" } else { "us-east-1" });
        let resource =
            ResourceId { service: ServiceId("rds"), kind: "instance", place, name: format!("db-{n}").into() };
        Wanted { series: SeriesId { resource, metric: spec.id }, spec, dimensions: Vec::new(), newest_ms }
    }

    #[test]
    fn five_hundred_instances_and_four_columns_are_four_calls() {
        let all: Vec<_> = (0..2_000).map(|n| wanted(n / 4 * 7, n % 4, None)).collect();
        let plans = plan(&all, HOUR, NOW);
        assert_eq!(plans.iter().map(|p| p.queries.len()).collect::<Vec<_>>(), [500; 4]);
    }

    #[test]
    fn after_the_first_load_only_the_missing_minutes() {
        let newest = NOW.epoch_ms() / 60_000 * 60_000 - 180_000;
        let plans = plan(&[wanted(1, 0, Some(newest))], HOUR, NOW);
        assert_eq!(plans.len(), 1);
        assert_eq!(plans[0].end_ms - plans[0].start_ms, 180_000 + REVISED * 60_000);
        let current = NOW.epoch_ms() / 60_000 * 60_000 - 60_000;
        assert_eq!(plan(&[wanted(1, 0, Some(current))], HOUR, NOW), [], "nothing is due");
    }

    proptest! {
        #[test]
        fn every_due_series_once_and_no_call_too_large(
            series in prop::collection::vec((0_usize..3_000, 0_usize..15, prop::option::of(0_u64..400)), 0..1_500),
            hours in 1_u64..200,
        ) {
            let all: Vec<_> = series
                .iter()
                .map(|(n, m, age)| wanted(*n, *m, age.map(|minutes| NOW.epoch_ms() - minutes * 60_000)))
                .collect();
            let plans = plan(&all, hours * HOUR, NOW);
            for plan in &plans {
                prop_assert!(plan.queries.len() <= QUERIES_PER_CALL && !plan.queries.is_empty());
                prop_assert!(plan.start_ms < plan.end_ms && plan.end_ms <= NOW.epoch_ms());
                prop_assert_eq!(plan.start_ms % (u64::from(plan.period_s) * 1_000), 0);
                prop_assert!(plan.queries.iter().all(|q| q.series.resource.place == plan.place));
            }
            let planned: usize = plans.iter().map(|p| p.queries.len()).sum();
            let period_ms = |w: &Wanted| u64::from(w.spec.period_s.max(period_of(hours * HOUR))) * 1_000;
            let due = all.iter().filter(|w| {
                let end = NOW.epoch_ms() / period_ms(w) * period_ms(w);
                w.newest_ms.is_none_or(|newest| newest + period_ms(w) < end)
            });
            prop_assert_eq!(planned, due.count());
        }
    }
}
