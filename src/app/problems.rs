//! Problems that samples show: thresholds an operator would act on. Declared problems come
//! with the resource; these are found here and stand beside them.

use super::fleet::Fleet;
use crate::metrics::{Series, Store};
use crate::model::{MetricSpec, Problem, SafeText, SeriesId, Unit};
use crate::view::cell;

/// Replication behind by more than this is a problem, in seconds.
const LAG_S: f64 = 30.0;
/// Free storage below this is a problem, in bytes.
const FREE_BYTES: f64 = 2.0 * 1024.0 * 1024.0 * 1024.0;
/// CPU at or above this over the last points is a problem, in percent.
const CPU_PERCENT: f64 = 90.0;
/// Disk use above this is a problem, in percent.
const DISK_PERCENT: f64 = 85.0;
/// How many of the newest points must agree, so that one peak is no alarm.
const POINTS: usize = 3;

/// Looks at every row's samples; says whether the problems changed.
pub fn measure(fleet: &mut Fleet, store: &Store) -> bool {
    let metrics: Vec<&'static MetricSpec> = fleet.spec.metrics.iter().collect();
    let found: Vec<_> = fleet
        .rows()
        .iter()
        .map(|row| {
            let problems = metrics.iter().filter(|m| m.kinds.contains(&row.id.kind)).filter_map(|m| {
                let id = SeriesId { resource: row.id.clone(), metric: m.id };
                problem(m, store.get(&id)?)
            });
            (row.id.clone(), problems.collect::<Vec<_>>())
        })
        .collect();
    found.into_iter().fold(false, |news, (id, problems)| fleet.set_measured(&id, problems) || news)
}

/// What one series says.
fn problem(metric: &MetricSpec, series: &Series) -> Option<Problem> {
    let newest: Vec<f64> = series.points.iter().rev().take(POINTS).map(|p| p.1).collect();
    let last = *newest.first()?;
    let least = newest.iter().copied().fold(f64::INFINITY, f64::min);
    let most = newest.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let shown = cell::measure(last, metric.unit);
    let (id, what) = if metric.id.contains("lag") {
        let limit = if metric.unit == Unit::Milliseconds { LAG_S * 1_000.0 } else { LAG_S };
        (least > limit).then(|| ("lag", format!("replication lag {shown}")))?
    } else if metric.id.contains("throttle") {
        (most > 0.0)
            .then(|| ("throttled", format!("requests throttled: {}", cell::measure(most, metric.unit))))?
    } else if metric.id.contains("free") && metric.unit == Unit::Bytes && metric.id.contains("stor") {
        (most < FREE_BYTES).then(|| ("disk-full", format!("only {shown} of storage free")))?
    } else if metric.id == "disk-used" {
        (last > DISK_PERCENT).then(|| ("disk-full", format!("{shown} of the disk is used")))?
    } else if metric.name == "HealthStatus" {
        (last < 1.0).then(|| ("unhealthy", "its health check fails".to_owned()))?
    } else if metric.id == "cpu" {
        let full = newest.len() == POINTS && least >= CPU_PERCENT;
        full.then(|| ("cpu", format!("CPU at {shown}")))?
    } else {
        return None;
    };
    Some(Problem { id, what: SafeText::new(what), urgent: true })
}
