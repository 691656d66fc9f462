//! What an operation would meet: asked of AWS when its card opens, and again when it is
//! confirmed, so that nobody decides on what was true some minutes ago.

use crate::model::{Cell, Detail, Moment, Resource, SafeText, Sample, SeriesId, ServiceSpec, Unit};
use crate::view::cell;
use std::collections::HashSet;

/// After so long on the screen an answer is said to be stale, in ms.
pub const STALE_MS: u64 = 60_000;
/// Over how long the use of a database is asked for, in ms: CloudWatch is a minute or two late.
pub const WINDOW_MS: u64 = 900_000;
/// Metrics that say who would notice.
pub const USE: &[&str] = &["connections", "read-units", "write-units"];

/// An answer that is awaited, came, or did not.
#[derive(Clone, Debug, PartialEq)]
pub enum Told<T> {
    /// Not yet.
    Asked,
    /// It came then.
    Known(T, Moment),
    /// It is not known, and why.
    Unknown(SafeText),
}

/// How a resource stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// AWS's word for its status.
    pub status: SafeText,
    /// Members or replicas, in words, where it can have any.
    pub beneath: Option<SafeText>,
    /// Whether another zone stands by, where AWS says.
    pub multi_az: Option<SafeText>,
    /// Changes and maintenance that wait, where AWS says.
    pub pending: Option<SafeText>,
}

/// One measure of use: title, value over all series, unit, and when it was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Usage {
    /// The metric's title.
    pub title: &'static str,
    /// The sum of the newest values.
    pub value: f64,
    /// Unit.
    pub unit: Unit,
    /// Time of the newest point, ms since the epoch.
    pub at: u64,
}

/// What tells a resource from another one of the same name: ARN, AWS's own id, birth.
pub fn identity(resource: &Resource) -> (&str, Option<SafeText>, Option<SafeText>) {
    let fact = |label: &str| find(resource, label).map(|c| SafeText::new(cell::text(c)));
    (&resource.arn, fact("Resource id").or_else(|| fact("Table id")), fact("Created"))
}

/// How `now` is another resource than `then`, or in another state than the one `seen`; `None`
/// when nothing has moved. What either side does not tell proves nothing.
pub fn drift(then: &Resource, seen: &SafeText, now: &Resource) -> Option<String> {
    let differ = |a: &Option<SafeText>, b: &Option<SafeText>| matches!((a, b), (Some(a), Some(b)) if a != b);
    let (before, after) = (identity(then), identity(now));
    if then.id != now.id || before.0 != after.0 || differ(&before.1, &after.1) || differ(&before.2, &after.2)
    {
        return Some("it is not the one on the card any more, only of the same name".into());
    }
    let status = now.health.word();
    (status != seen).then(|| format!("its status was {seen} and is {status} now"))
}

fn find<'a>(resource: &'a Resource, label: &str) -> Option<&'a Cell> {
    let facts = resource.facts.iter().flat_map(|s| &s.facts);
    facts.filter(|(_, c)| *c != Cell::Absent).find(|(l, _)| l.as_str() == label).map(|(_, c)| c)
}

/// What a description says about what would be met.
pub fn state(detail: &Detail) -> State {
    let sections = || detail.sections.iter().chain(&detail.resource.facts);
    let facts = || sections().flat_map(|s| &s.facts);
    let titled = |title: &str| sections().find(|s| s.title.as_str() == title);
    let labelled = |label: &str| facts().find(|(l, _)| l.as_str() == label).map(|(_, c)| cell::text(c));
    let listed = |title: &str, one: &str| {
        let names: Vec<String> =
            titled(title)?.facts.iter().map(|(n, c)| format!("{n} ({})", cell::text(c))).collect();
        Some(format!(
            "{} {one}{}: {}",
            names.len(),
            if names.len() == 1 { "" } else { "s" },
            names.join(", ")
        ))
    };
    let named = || {
        let names = labelled("Replicas")?;
        Some(if names.is_empty() { "no replica".to_owned() } else { format!("replicas {names}") })
    };
    let waits: Vec<(String, String)> = facts()
        .filter(|(l, _)| l.starts_with("Pending"))
        .map(|(l, c)| (l.to_lowercase(), cell::text(c)))
        .collect();
    let mut said: Vec<String> =
        waits.iter().filter(|(_, w)| !w.is_empty()).map(|(l, w)| format!("{l}: {w}")).collect();
    // The row and its detail tell the same.
    let mut seen = HashSet::new();
    said.retain(|words| seen.insert(words.clone()));
    let pending = match (waits.is_empty(), said.is_empty()) {
        (true, _) => None,
        (false, true) => Some(SafeText::new("nothing")),
        (false, false) => Some(SafeText::new(said.join("; "))),
    };
    let beneath = listed("Members", "member").or_else(|| listed("Replicas", "replica")).or_else(named);
    State {
        status: detail.resource.health.word().clone(),
        beneath: beneath.map(SafeText::new),
        multi_az: labelled("Multi-AZ").filter(|w| !w.is_empty()).map(SafeText::new),
        pending,
    }
}

/// The newest values of the metrics of use, added up over the resource and what is beneath it.
pub fn usage(spec: &'static ServiceSpec, asked: &[SeriesId], samples: &[Sample]) -> Vec<Usage> {
    let metrics = USE.iter().filter_map(|id| spec.metric(id));
    let measure = |metric: &'static crate::model::MetricSpec| {
        let of = asked.iter().filter(|s| s.metric == metric.id);
        let newest: Vec<(u64, f64)> = of
            .filter_map(|series| samples.iter().find(|s| s.series == *series)?.points.last().copied())
            .collect();
        let at = newest.iter().map(|p| p.0).max()?;
        Some(Usage { title: metric.title, value: newest.iter().map(|p| p.1).sum(), unit: metric.unit, at })
    };
    metrics.filter_map(measure).collect()
}
