//! Which series to ask for now: pure, so that a test can count calls and cost.

use crate::model::{MetricSpec, Moment, Place, SeriesId};
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

/// The fewest calls that bring `wanted` up to `now` over the last `window_ms`.
pub fn plan(wanted: &[Wanted], window_ms: u64, now: Moment) -> Vec<Plan> {
    let _ = (wanted, window_ms, now);
    Vec::new()
}
