//! Which series the screen needs and when to ask: only what is visible, once it has settled,
//! then once a minute.

use super::board::Board;
use super::columns::Source;
use super::fleet::Fleet;
use crate::metrics::{Store, Wanted};
use crate::model::{MetricSpec, Moment, Place, Resource, Sample, SeriesId};
use std::collections::HashMap;
use std::sync::Arc;

/// How often visible series are asked for, in ms: CloudWatch keeps one point a minute.
pub const EVERY_MS: u64 = 60_000;
/// How long the screen must be still before new rows are asked for, in ms.
pub const SETTLE_MS: u64 = 300;
/// The range behind a sparkline, in ms.
pub const FLEET_WINDOW_MS: u64 = 3_600_000;
/// After so long without an answer a place may be asked again, in ms.
const FORGET_MS: u64 = 90_000;

/// Calls under way at a place.
#[derive(Clone, Debug, PartialEq)]
struct UnderWay {
    since: Moment,
    left: usize,
    for_board: bool,
}

/// Samples at hand and questions under way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    /// Samples of the fleets.
    pub store: Store,
    asked: HashMap<SeriesId, Moment>,
    under_way: HashMap<Place, UnderWay>,
    /// When the screen will have been still long enough.
    pub settles: Option<Moment>,
}

impl Samples {
    /// Whether `place` can be asked at `now`.
    pub fn is_free(&self, place: &Place, now: Moment) -> bool {
        self.under_way.get(place).is_none_or(|u| now.ms_since(u.since) >= FORGET_MS)
    }

    /// Whether a series is due at `now`.
    pub fn is_due(&self, series: &SeriesId, now: Moment) -> bool {
        self.asked.get(series).is_none_or(|at| now.ms_since(*at) >= EVERY_MS)
    }

    /// Whether a series was never asked for.
    pub fn is_new(&self, series: &SeriesId) -> bool {
        !self.asked.contains_key(series)
    }

    /// When the first of these series is due after `now`. A place that is being asked is looked
    /// at when it answers, or when that was given up.
    pub fn next_due(&self, wanted: &[Wanted], now: Moment) -> Option<Moment> {
        let due = wanted.iter().map(|w| {
            let at = self.asked.get(&w.series).map_or(now, |at| at.plus_ms(EVERY_MS));
            let busy = self.under_way.get(&w.series.resource.place).map(|u| u.since.plus_ms(FORGET_MS));
            busy.map_or(at, |free| at.max(free))
        });
        due.min().map(|at| at.max(now.plus_ms(1)))
    }

    /// These series are asked for now, in so many calls.
    pub fn asked(&mut self, place: &Place, wanted: &[Wanted], calls: usize, for_board: bool, now: Moment) {
        for want in wanted {
            self.asked.insert(want.series.clone(), now);
        }
        if calls > 0 {
            self.under_way.insert(place.clone(), UnderWay { since: now, left: calls, for_board });
        }
    }

    /// One call at `place` was answered; says whether it was for the chart view.
    pub fn answered(&mut self, place: &Place, failed: bool) -> bool {
        let Some(under_way) = self.under_way.get_mut(place) else { return false };
        let for_board = under_way.for_board;
        under_way.left = if failed { 0 } else { under_way.left.saturating_sub(1) };
        if under_way.left == 0 {
            self.under_way.remove(place);
        }
        for_board
    }

    /// Takes points of the fleets in.
    pub fn put(&mut self, samples: Vec<Sample>) {
        for sample in samples {
            self.store.put(sample, FLEET_WINDOW_MS);
        }
    }

    /// Asks again for everything at the next chance: after a refresh by hand.
    pub fn forget(&mut self) {
        self.asked.clear();
    }

    /// Asks again for the series of a chart view: its range has changed.
    pub fn forget_of(&mut self, resource: &crate::model::ResourceId) {
        self.asked.retain(|series, _| series.resource != *resource);
    }
}

/// The series of the rows on the screen.
pub fn of_fleet(fleet: &Fleet, store: &Store, height: usize, width: u16) -> Vec<Wanted> {
    let columns = super::columns::fit(fleet.columns(), width, fleet.skip);
    let metrics: Vec<_> = columns
        .iter()
        .filter_map(|c| match c.source {
            Source::Metric(spec) => Some(spec),
            _ => None,
        })
        .collect();
    let rows = (fleet.top..fleet.top.saturating_add(height)).map_while(|at| fleet.at(at));
    rows.flat_map(|row| metrics.iter().filter_map(|spec| wanted(row, spec, store))).collect()
}

/// The series that tell who uses a resource: its own, or those of what is beneath it.
pub fn of_card(fleet: &Fleet, row: &Resource) -> Vec<Wanted> {
    let store = Store::default();
    let metrics = || super::fresh::USE.iter().filter_map(|id| fleet.spec.metric(id));
    let own: Vec<Wanted> = metrics().filter_map(|spec| wanted(row, spec, &store)).collect();
    if !own.is_empty() {
        return own;
    }
    fleet
        .children(row)
        .flat_map(|r| metrics().filter_map(|m| wanted(r, m, &store)).collect::<Vec<_>>())
        .collect()
}

/// The series of a chart view: the resource's own, and those that compare its members.
pub fn of_board(board: &Board, fleet: &Fleet) -> Vec<Wanted> {
    let Some(row) = fleet.get(&board.id) else { return Vec::new() };
    let own = fleet.spec.metrics.iter().filter_map(|spec| wanted(row, spec, &board.store));
    let (members, _) = board.members(fleet);
    let members = members.into_iter().filter(|m| m.id != board.id).flat_map(|m| {
        let compared = fleet.spec.metrics.iter().filter(|spec| spec.column);
        compared.filter_map(|spec| wanted(m, spec, &board.store)).collect::<Vec<_>>()
    });
    own.chain(members).collect()
}

/// One series; `None` when the kind does not have the metric or a dimension is not known.
fn wanted(row: &Resource, spec: &'static MetricSpec, store: &Store) -> Option<Wanted> {
    if !spec.kinds.contains(&row.id.kind) {
        return None;
    }
    let mut dimensions: Vec<(&'static str, Arc<str>)> = Vec::with_capacity(spec.dimensions.len());
    for name in spec.dimensions {
        let (name, value) = row.dimensions.iter().find(|(n, _)| n == name)?;
        dimensions.push((name, value.clone()));
    }
    dimensions.extend(spec.fixed.iter().map(|(n, v)| (*n, Arc::from(*v))));
    let series = SeriesId { resource: row.id.clone(), metric: spec.id };
    let newest_ms = store.get(&series).and_then(|s| s.points.last()).map(|p| p.0);
    Some(Wanted { series, spec, dimensions, newest_ms })
}
