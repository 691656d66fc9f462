//! Which rows of a fleet are shown and in what order: filter, sort, members beneath their
//! cluster and replicas beneath their source.

use super::columns::Source;
use super::fleet::Fleet;
use crate::metrics::Store;
use crate::model::{Cell, Place, Resource, SafeText, SeriesId};
use std::cmp::Ordering;
use std::collections::HashMap;

/// One row on show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Index into `Fleet::rows`.
    pub row: usize,
    /// How deep it is drawn beneath its parent.
    pub depth: u8,
}

/// The deepest nesting drawn: a replica of a replica of a member.
const DEEPEST: u8 = 4;

/// The rows that match, in order.
pub fn arrange(fleet: &Fleet, store: &Store) -> Vec<Shown> {
    let matching: Vec<usize> = fleet
        .rows()
        .iter()
        .enumerate()
        .filter(|(_, r)| fleet.filter.matches(r, fleet.spec))
        .filter(|(_, r)| !fleet.only_problems || !fleet.problems(r).is_empty())
        .map(|(at, _)| at)
        .collect();
    let sorted = sort(fleet, store, matching);
    nest(fleet.rows(), &sorted)
}

fn sort(fleet: &Fleet, store: &Store, mut matching: Vec<usize>) -> Vec<usize> {
    let rows = fleet.rows();
    let keys: HashMap<usize, Cell> = matching
        .iter()
        .filter_map(|at| Some((*at, key(fleet, store, rows.get(*at)?, fleet.sort.by))))
        .collect();
    matching.sort_by(|a, b| {
        let (x, y) = (keys.get(a).unwrap_or(&Cell::Absent), keys.get(b).unwrap_or(&Cell::Absent));
        let absent = (*x == Cell::Absent).cmp(&(*y == Cell::Absent));
        let order = x.compare(y);
        absent
            .then(if fleet.sort.descending { order.reverse() } else { order })
            .then_with(|| by_name(rows.get(*a), rows.get(*b)))
    });
    matching
}

fn by_name(a: Option<&Resource>, b: Option<&Resource>) -> Ordering {
    a.map(|r| (&r.name, &r.id)).cmp(&b.map(|r| (&r.name, &r.id)))
}

/// What a row is sorted by.
fn key(fleet: &Fleet, store: &Store, row: &Resource, by: Source) -> Cell {
    match by {
        Source::Name => Cell::Text(row.name.clone()),
        Source::Status => Cell::Health(row.health.clone()),
        Source::Place => Cell::Text(SafeText::new(row.id.place.to_string())),
        Source::Cell(at) => row.cells.get(at).cloned().unwrap_or_default(),
        Source::Metric(spec) => {
            let series = store.get(&SeriesId { resource: row.id.clone(), metric: spec.id });
            series.and_then(|s| s.points.last()).map_or(Cell::Absent, |p| Cell::Number(p.1))
        }
        Source::Problems => {
            let problems = fleet.problems(row);
            let urgent = problems.iter().filter(|p| p.urgent).count();
            // Calm rows last, whichever way: nobody sorts by problems to see none.
            match u64::try_from(urgent * 1_000 + problems.len()) {
                Ok(0) | Err(_) => Cell::Absent,
                Ok(weight) => Cell::Count(u64::MAX - weight),
            }
        }
    }
}

/// Puts rows beneath their parents where those are on show too, keeping the order otherwise.
/// Every row appears exactly once, whatever the parents say: a ring of parents is cut.
fn nest(rows: &[Resource], sorted: &[usize]) -> Vec<Shown> {
    let mut by_name: HashMap<(&Place, &str), usize> = HashMap::new();
    for at in sorted {
        if let Some(row) = rows.get(*at) {
            // A cluster and an instance may share a name: the row without a parent wins.
            let slot = by_name.entry((&row.id.place, &*row.id.name)).or_insert(*at);
            if row.parent.is_none() {
                *slot = *at;
            }
        }
    }
    let mut children: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut roots = Vec::new();
    for at in sorted {
        let parent = rows.get(*at).and_then(|row| {
            let name = row.parent.as_deref()?;
            by_name.get(&(&row.id.place, name)).copied().filter(|p| p != at)
        });
        match parent {
            Some(parent) => children.entry(parent).or_default().push(*at),
            None => roots.push(*at),
        }
    }
    let mut placed = vec![false; rows.len()];
    let mut shown = Vec::with_capacity(sorted.len());
    for root in roots.iter().chain(sorted) {
        let mut stack = vec![(*root, 0)];
        while let Some((row, depth)) = stack.pop() {
            match placed.get_mut(row) {
                Some(done) if !*done => *done = true,
                _ => continue,
            }
            shown.push(Shown { row, depth });
            let below = children.get(&row).map(Vec::as_slice).unwrap_or_default();
            stack.extend(below.iter().rev().map(|c| (*c, (depth + 1).min(DEEPEST))));
        }
    }
    shown
}
