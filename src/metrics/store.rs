//! Samples at hand: rings of points, plain data that lives inside the core.

use crate::model::{Sample, SeriesId};
use std::collections::{BTreeMap, HashMap};

/// The points of one series, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// Time (ms since the epoch) and value, oldest first, strictly increasing times.
    pub points: Vec<(u64, f64)>,
    /// Length of one period in seconds; a longer step between points is a gap.
    pub period_s: u32,
}

/// All series at hand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    series: HashMap<SeriesId, Series>,
}

impl Store {
    /// Takes points in: newer values of the same time win; points older than `keep_ms` before
    /// the newest are dropped. Points of another period replace what was there.
    pub fn put(&mut self, sample: Sample, keep_ms: u64) {
        let series = self.series.entry(sample.series).or_default();
        if series.period_s != sample.period_s {
            *series = Series { points: Vec::new(), period_s: sample.period_s };
        }
        let points = sample.points.into_iter().filter(|(_, value)| value.is_finite());
        let mut merged: BTreeMap<u64, f64> = series.points.drain(..).collect();
        merged.extend(points);
        let newest = merged.keys().next_back().copied().unwrap_or(0);
        series.points = merged.into_iter().filter(|(at, _)| at.saturating_add(keep_ms) >= newest).collect();
    }

    /// The series with this id.
    pub fn get(&self, id: &SeriesId) -> Option<&Series> {
        self.series.get(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Place, ResourceId, ServiceId};

    fn sample(period_s: u32, points: &[(u64, f64)]) -> Sample {
        let place = Place::new("default", "eu-west-1");
        let resource =
            ResourceId { service: ServiceId("rds"), kind: "instance", place, name: "orders".into() };
        Sample { series: SeriesId { resource, metric: "cpu" }, period_s, points: points.to_vec() }
    }

    fn points(samples: &[Sample], keep_ms: u64) -> Vec<(u64, f64)> {
        let mut store = Store::default();
        for sample in samples {
            store.put(sample.clone(), keep_ms);
        }
        samples.first().and_then(|s| store.get(&s.series)).map(|s| s.points.clone()).unwrap_or_default()
    }

    #[test]
    fn newer_values_win_and_old_points_go() {
        let first = sample(60, &[(0, 1.0), (60, 2.0), (120, 3.0)]);
        let second = sample(60, &[(120, 4.0), (180, 5.0)]);
        assert_eq!(
            points(&[first.clone(), second.clone()], 1_000),
            [(0, 1.0), (60, 2.0), (120, 4.0), (180, 5.0)]
        );
        assert_eq!(points(&[first, second], 60), [(120, 4.0), (180, 5.0)]);
    }

    #[test]
    fn what_is_no_number_is_no_point() {
        assert_eq!(
            points(&[sample(60, &[(0, f64::NAN), (60, f64::INFINITY), (120, 1.0)])], 1_000),
            [(120, 1.0)]
        );
    }

    #[test]
    fn another_period_starts_afresh() {
        assert_eq!(points(&[sample(60, &[(0, 1.0)]), sample(300, &[(300, 2.0)])], 10_000), [(300, 2.0)]);
    }
}
