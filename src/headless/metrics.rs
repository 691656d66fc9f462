//! `metrics`: the series of one resource.

use super::find;
use super::output::{self, Records};
use crate::cli::OutputFormat;
use crate::clock;
use crate::metrics::{Wanted, fetch, plan};
use crate::model::cell::rfc3339;
use crate::model::{Failure, FailureKind, Resource, Sample, SeriesId, ServiceSpec};
use crate::setup::Setup;

/// Every metric of the resource's kind over the window, one record per point.
pub async fn run(setup: &Setup, resource: &str, window: &str, format: OutputFormat) -> Result<u8, Failure> {
    let window_ms = window_ms(window)?;
    let found = find::resource(setup, resource).await?;
    let spec = found.service.spec();
    let wanted = wanted(spec, &found.detail.resource);
    let mut rows = Vec::new();
    for plan in plan(&wanted, window_ms, clock::now()) {
        for sample in fetch::fetch(&found.reach, &plan).await? {
            rows.extend(points(spec, &sample));
        }
    }
    if wanted.is_empty() {
        output::say("dbdeck: this kind of resource has no metrics of its own: ask its members");
    } else if rows.is_empty() {
        output::say("dbdeck: CloudWatch has no points of it in this window");
    }
    Records { heads: vec!["metric", "name", "statistic", "unit", "time", "value"], rows }.write(format)
}

fn window_ms(window: &str) -> Result<u64, Failure> {
    let hours = match window {
        "1h" => 1,
        "3h" => 3,
        "1d" => 24,
        "1w" => 24 * 7,
        other => {
            let why = format!("{other} is not a window");
            return Err(Failure::new(FailureKind::Usage, "--window", why).hint("1h, 3h, 1d or 1w"));
        }
    };
    Ok(hours * 3_600_000)
}

fn wanted(spec: &'static ServiceSpec, resource: &Resource) -> Vec<Wanted> {
    spec.metrics
        .iter()
        .filter(|m| m.kinds.contains(&resource.id.kind))
        .map(|m| Wanted {
            series: SeriesId { resource: resource.id.clone(), metric: m.id },
            spec: m,
            dimensions: resource
                .dimensions
                .iter()
                .filter(|(name, _)| m.dimensions.contains(name))
                .cloned()
                .chain(m.fixed.iter().map(|(name, value)| (*name, (*value).into())))
                .collect(),
            newest_ms: None,
        })
        .collect()
}

fn points(spec: &'static ServiceSpec, sample: &Sample) -> Vec<Vec<serde_json::Value>> {
    let Some(metric) = spec.metric(sample.series.metric) else { return Vec::new() };
    let row = |(at, value): &(u64, f64)| {
        vec![
            metric.id.into(),
            metric.name.into(),
            metric.stat.name().into(),
            format!("{:?}", metric.unit).into(),
            rfc3339(i64::try_from(*at).unwrap_or(i64::MAX)).into(),
            (*value).into(),
        ]
    };
    sample.points.iter().map(row).collect()
}
