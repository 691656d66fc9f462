//! The chart view of one resource: its metrics over a range of time, several series of one
//! unit in one chart, and a cursor that reads them. What has members or replicas shows them
//! beside each other: one chart per metric, one series per member.

use super::fleet::Fleet;
use crate::metrics::Store;
use crate::model::{MetricSpec, Moment, Resource, ResourceId, SafeText, SeriesId, Unit};

/// A range of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// One hour.
    Hour,
    /// Three hours.
    ThreeHours,
    /// One day.
    Day,
    /// One week.
    Week,
}

impl Range {
    /// Its length in ms.
    pub const fn ms(self) -> u64 {
        const HOUR: u64 = 3_600_000;
        match self {
            Self::Hour => HOUR,
            Self::ThreeHours => 3 * HOUR,
            Self::Day => 24 * HOUR,
            Self::Week => 7 * 24 * HOUR,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::ThreeHours => "3h",
            Self::Day => "1d",
            Self::Week => "1w",
        }
    }

    const fn longer(self) -> Self {
        match self {
            Self::Hour => Self::ThreeHours,
            Self::ThreeHours => Self::Day,
            Self::Day | Self::Week => Self::Week,
        }
    }

    const fn shorter(self) -> Self {
        match self {
            Self::Week => Self::Day,
            Self::Day => Self::ThreeHours,
            Self::ThreeHours | Self::Hour => Self::Hour,
        }
    }
}

/// One line of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// What the legend calls it: the metric, or the member.
    pub title: SafeText,
    /// Which series.
    pub series: SeriesId,
}

/// One chart: series of one unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The metric, when its curves are members.
    pub title: Option<&'static str>,
    /// Their unit.
    pub unit: Unit,
    /// The series, six at most.
    pub curves: Vec<Curve>,
}

/// The chart view.
#[derive(Clone, Debug, PartialEq)]
pub struct Board {
    /// Of which resource.
    pub id: ResourceId,
    /// Over which range.
    pub range: Range,
    /// Its samples: apart from the fleet's, whose periods are shorter.
    pub store: Store,
    /// The cursor: how many steps of a sixtieth of the range it stands before the end.
    pub back: Option<u16>,
    /// The first chart on the screen.
    pub top: usize,
    /// The end of the range: the moment of the newest samples.
    pub end: Moment,
}

/// Steps of the cursor over one range.
pub const STEPS: u16 = 60;
/// The most series in one chart: as many as there are colours.
const SERIES: usize = 6;
/// The most members beside each other: each of their series is billed.
const MEMBERS: usize = 12;

impl Board {
    /// A view of `id` over the last three hours.
    pub fn new(id: ResourceId, now: Moment) -> Self {
        Self { id, range: Range::ThreeHours, store: Store::default(), back: None, top: 0, end: now }
    }

    /// The members to show beside each other, and how many there are. A source stands beside
    /// its replicas; a cluster is of another kind than its members.
    pub fn members<'a>(&self, fleet: &'a Fleet) -> (Vec<&'a Resource>, usize) {
        let Some(row) = fleet.get(&self.id) else { return (Vec::new(), 0) };
        let mut members: Vec<&Resource> = fleet.children(row).collect();
        if members.iter().any(|m| m.id.kind == row.id.kind) {
            members.insert(0, row);
        }
        let all = members.len();
        members.truncate(MEMBERS);
        (members, all)
    }

    /// The charts of the resource's kind, in the order of the declaration, and those of its
    /// members: the metrics that the table shows.
    pub fn charts(&self, fleet: &Fleet) -> Vec<Chart> {
        let mut charts: Vec<Chart> = Vec::new();
        for metric in fleet.spec.metrics.iter().filter(|m| m.kinds.contains(&self.id.kind)) {
            let curve = Curve { title: SafeText::new(metric.title), series: self.series(metric) };
            match charts.iter_mut().find(|c| c.unit == metric.unit && c.curves.len() < SERIES) {
                Some(chart) => chart.curves.push(curve),
                None => charts.push(Chart { title: None, unit: metric.unit, curves: vec![curve] }),
            }
        }
        let (members, _) = self.members(fleet);
        for metric in fleet.spec.metrics.iter().filter(|m| m.column) {
            let having: Vec<_> = members.iter().filter(|m| metric.kinds.contains(&m.id.kind)).collect();
            charts.extend(having.chunks(SERIES).map(|some| Chart {
                title: Some(metric.title),
                unit: metric.unit,
                curves: some.iter().map(|m| Curve::of(m, metric)).collect(),
            }));
        }
        charts
    }

    /// A series of the resource itself.
    pub fn series(&self, metric: &'static MetricSpec) -> SeriesId {
        SeriesId { resource: self.id.clone(), metric: metric.id }
    }

    /// The time under the cursor, in ms since the epoch.
    pub fn cursor_ms(&self) -> Option<u64> {
        let back = u64::from(self.back?);
        Some(self.end.epoch_ms().saturating_sub(self.range.ms() * back / u64::from(STEPS)))
    }

    /// Takes a command; says whether it was one of this view, and whether the range changed.
    pub fn command(&mut self, name: &str, charts: usize) -> Option<bool> {
        match name {
            "range.longer" | "range.shorter" => {
                let range = if name == "range.longer" { self.range.longer() } else { self.range.shorter() };
                let changed = range != self.range;
                if changed {
                    self.range = range;
                    self.store = Store::default();
                }
                return Some(changed);
            }
            "column.left" => self.back = Some(self.back.map_or(0, |b| (b + 1).min(STEPS))),
            "column.right" => self.back = self.back.and_then(|b| b.checked_sub(1)),
            "column.first" => self.back = Some(STEPS),
            "column.last" => self.back = None,
            name => self.top = super::scroll::moved(name, self.top, charts, 2)?,
        }
        Some(false)
    }
}

impl Curve {
    fn of(member: &Resource, metric: &'static MetricSpec) -> Self {
        Self {
            title: member.name.clone(),
            series: SeriesId { resource: member.id.clone(), metric: metric.id },
        }
    }
}
