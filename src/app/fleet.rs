//! A service tab: rows of several places in one table. What a place has listed stays when a
//! later listing fails, and the selection follows its resource through every refresh.

use super::columns::{self, FleetColumn, Source};
use super::filter::Filter;
use super::order::{self, Shown};
use crate::metrics::Store;
use crate::model::{Failure, Moment, Place, Problem, Resource, ResourceId, SafeText, ServiceSpec};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// How the listing of one place stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    /// When the listing under way was asked for.
    pub asked: Option<Moment>,
    /// When the last whole listing ended.
    pub listed: Option<Moment>,
    /// Why the last listing failed, and when.
    pub failed: Option<(Failure, Moment)>,
    /// What the last whole listing could not have beside its rows.
    pub lacks: Vec<Failure>,
    /// Whether more exist than were read.
    pub more: bool,
    /// Whether something has changed while it was under way: list again after it.
    pub again: bool,
    seen: HashSet<ResourceId>,
    lacking: Vec<Failure>,
}

/// Which column sorts, and which way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sort {
    /// The column.
    pub by: Source,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// A service tab.
#[derive(Clone, Debug, PartialEq)]
pub struct Fleet {
    /// The service.
    pub spec: &'static ServiceSpec,
    /// How each place stands.
    pub listings: BTreeMap<Place, Listing>,
    /// Rows on show, after filter and sort.
    pub shown: Vec<Shown>,
    /// Position of the selected row in `shown`.
    pub cursor: usize,
    /// Position of the first row on the screen.
    pub top: usize,
    /// What must match.
    pub filter: Filter,
    /// Whether only rows with problems are shown.
    pub only_problems: bool,
    /// The column that sorts.
    pub sort: Sort,
    /// The column picked for the next sort.
    pub picked: Source,
    /// Marked rows.
    pub marks: BTreeSet<ResourceId>,
    /// Columns scrolled away behind the name.
    pub skip: usize,
    rows: Vec<Resource>,
    index: HashMap<ResourceId, usize>,
    /// Problems found in samples, beside those that the service declares.
    measured: HashMap<ResourceId, Vec<Problem>>,
    selected: Option<ResourceId>,
}

impl Fleet {
    /// An empty table of `spec` over `places`.
    pub fn new(spec: &'static ServiceSpec, places: &[Place]) -> Self {
        Self {
            spec,
            listings: places.iter().map(|p| (p.clone(), Listing::default())).collect(),
            shown: Vec::new(),
            cursor: 0,
            top: 0,
            filter: Filter::default(),
            only_problems: false,
            sort: Sort { by: Source::Name, descending: false },
            picked: Source::Name,
            marks: BTreeSet::new(),
            skip: 0,
            rows: Vec::new(),
            index: HashMap::new(),
            measured: HashMap::new(),
            selected: None,
        }
    }

    /// Every row at hand, shown or not.
    pub fn rows(&self) -> &[Resource] {
        &self.rows
    }

    /// The row with this id.
    pub fn get(&self, id: &ResourceId) -> Option<&Resource> {
        self.index.get(id).and_then(|at| self.rows.get(*at))
    }

    /// The row at a position of `shown`.
    pub fn at(&self, position: usize) -> Option<&Resource> {
        self.shown.get(position).and_then(|s| self.rows.get(s.row))
    }

    /// The selected row.
    pub fn selected(&self) -> Option<&Resource> {
        self.at(self.cursor)
    }

    /// Rows beneath `row`: the members of a cluster, the replicas of a source.
    pub fn children<'a>(&'a self, row: &'a Resource) -> impl Iterator<Item = &'a Resource> {
        self.rows.iter().filter(move |r| {
            r.id != row.id && r.id.place == row.id.place && r.parent.as_deref() == Some(&*row.id.name)
        })
    }

    /// The row that `row` belongs under.
    pub fn parent(&self, row: &Resource) -> Option<&Resource> {
        let name = row.parent.as_deref()?;
        self.rows.iter().find(|r| r.id != row.id && r.id.place == row.id.place && &*r.id.name == name)
    }

    /// Everything wrong with `row`, declared and measured, urgent first.
    pub fn problems<'a>(&'a self, row: &'a Resource) -> Vec<&'a Problem> {
        let measured = self.measured.get(&row.id).map(Vec::as_slice).unwrap_or_default();
        let more = measured.iter().filter(|m| row.problems.iter().all(|p| p.id != m.id));
        let mut all: Vec<_> = row.problems.iter().chain(more).collect();
        all.sort_by_key(|p| !p.urgent);
        all
    }

    /// Sets what the samples say about `id`; says whether that is news.
    pub fn set_measured(&mut self, id: &ResourceId, problems: Vec<Problem>) -> bool {
        let known = self.measured.get(id).map(Vec::as_slice).unwrap_or_default();
        if known == problems.as_slice() {
            return false;
        }
        self.measured.insert(id.clone(), problems);
        true
    }

    /// All columns, in order.
    pub fn columns(&self) -> Vec<FleetColumn> {
        let wide = unicode_width::UnicodeWidthStr::width;
        let widest = self.shown.iter().filter_map(|s| {
            let row = self.rows.get(s.row)?;
            Some((wide(row.name.as_str()) + 2 * usize::from(s.depth), wide(row.health.word().as_str()) + 1))
        });
        let widest = widest.fold((0, 0), |(n, s), (name, status)| (n.max(name), s.max(status)));
        let narrow = |w: usize| u16::try_from(w).unwrap_or(u16::MAX);
        let labels =
            self.listings.keys().map(|p| unicode_width::UnicodeWidthStr::width(&*self.place_label(p)));
        let place = u16::try_from(labels.max().unwrap_or(0)).unwrap_or(u16::MAX);
        let title = match self.told_apart() {
            (true, true) => "PLACE",
            (true, false) => "PROFILE",
            (false, _) => "REGION",
        };
        columns::all(
            self.spec,
            (self.listings.len() > 1).then_some((title, place)),
            (narrow(widest.0), narrow(widest.1)),
        )
    }

    /// Whether places differ in their profiles, and in their regions.
    fn told_apart(&self) -> (bool, bool) {
        let mut places = self.listings.keys();
        let Some(first) = places.next() else { return (false, false) };
        places.fold((false, false), |(profile, region), p| {
            (profile || p.profile != first.profile, region || p.region != first.region)
        })
    }

    /// What tells `place` from the other places listed.
    pub fn place_label(&self, place: &Place) -> SafeText {
        match self.told_apart() {
            (true, true) => SafeText::new(place.to_string()),
            (true, false) => SafeText::new(&place.profile),
            (false, _) => SafeText::new(&place.region),
        }
    }

    /// Lists over other places from now on; rows of places that are gone go with them.
    pub fn set_places(&mut self, places: &[Place]) {
        self.listings.retain(|place, _| places.contains(place));
        for place in places {
            self.listings.entry(place.clone()).or_default();
        }
        self.keep_rows(|r| places.contains(&r.id.place));
    }

    /// A listing of `place` was asked for.
    pub fn asked(&mut self, place: &Place, now: Moment) {
        let listing = self.listings.entry(place.clone()).or_default();
        listing.asked = Some(now);
        listing.again = false;
        listing.seen.clear();
    }

    /// Rows of `place` came in; a row with an id known before replaces it.
    pub fn part(&mut self, place: &Place, resources: Vec<Resource>, more: bool) {
        let Some(listing) = self.listings.get_mut(place) else { return };
        listing.more = more;
        for row in resources {
            listing.seen.insert(row.id.clone());
            match self.index.get(&row.id).and_then(|at| self.rows.get_mut(*at)) {
                Some(known) => *known = row,
                None => {
                    self.index.insert(row.id.clone(), self.rows.len());
                    self.rows.push(row);
                }
            }
        }
    }

    /// The listing of `place` goes on without something beside its rows.
    pub fn lacks(&mut self, place: &Place, what: Failure) {
        if let Some(listing) = self.listings.get_mut(place)
            && !listing.lacking.contains(&what)
        {
            listing.lacking.push(what);
        }
    }

    /// The listing of `place` has ended: rows that it did not tell are gone, unless more exist
    /// than it read.
    pub fn listed(&mut self, place: &Place, now: Moment) {
        let Some(listing) = self.listings.get_mut(place) else { return };
        listing.asked = None;
        listing.failed = None;
        listing.lacks = std::mem::take(&mut listing.lacking);
        listing.listed = Some(now);
        let seen = std::mem::take(&mut listing.seen);
        if !listing.more {
            self.keep_rows(|r| r.id.place != *place || seen.contains(&r.id));
        }
    }

    /// The listing of `place` failed: what it had stays.
    pub fn failed(&mut self, place: &Place, failure: Failure, now: Moment) {
        let Some(listing) = self.listings.get_mut(place) else { return };
        listing.asked = None;
        listing.failed = Some((failure, now));
        listing.seen.clear();
        listing.lacking.clear();
    }

    /// Replaces one row that was read anew, when it is still listed.
    pub fn replace(&mut self, row: Resource) {
        if let Some(known) = self.index.get(&row.id).and_then(|at| self.rows.get_mut(*at)) {
            *known = row;
        }
    }

    fn keep_rows(&mut self, keep: impl Fn(&Resource) -> bool) {
        let before = self.rows.len();
        self.rows.retain(keep);
        if self.rows.len() != before {
            self.index = self.rows.iter().enumerate().map(|(at, r)| (r.id.clone(), at)).collect();
            self.marks.retain(|id| self.index.contains_key(id));
            self.measured.retain(|id, _| self.index.contains_key(id));
        }
    }

    /// Applies filter and sort anew and puts the cursor back on the resource it was on; when
    /// that is gone, on what took its place.
    pub fn arrange(&mut self, store: &Store) {
        let selected = self.selected.clone();
        self.shown = order::arrange(self, store);
        let found = selected.and_then(|id| {
            let row = *self.index.get(&id)?;
            self.shown.iter().position(|s| s.row == row)
        });
        // Until somebody moves, the cursor stays on top while rows of slower places come in.
        self.cursor = found.unwrap_or(self.cursor).min(self.shown.len().saturating_sub(1));
    }

    /// Puts the cursor on a position of `shown`.
    pub fn select(&mut self, position: usize) {
        self.cursor = position.min(self.shown.len().saturating_sub(1));
        self.selected = self.at(self.cursor).map(|r| r.id.clone());
    }

    /// Puts the cursor on `id`, when it is shown.
    pub fn select_id(&mut self, id: &ResourceId) -> bool {
        let position = self.index.get(id).and_then(|row| self.shown.iter().position(|s| s.row == *row));
        if let Some(position) = position {
            self.select(position);
        }
        position.is_some()
    }

    /// Scrolls so that the cursor is among `height` rows.
    pub fn reveal(&mut self, height: usize) {
        self.top = super::scroll::reveal(self.top, self.cursor, self.shown.len(), height);
    }

    /// Whether any place is being listed.
    pub fn is_listing(&self) -> bool {
        self.listings.values().any(|l| l.asked.is_some())
    }

    /// Whether any place has more than was read.
    pub fn has_more(&self) -> bool {
        self.listings.values().any(|l| l.more)
    }

    /// The oldest of the places' last whole listings: the age of what is shown.
    pub fn oldest(&self) -> Option<Moment> {
        self.listings.values().filter_map(|l| l.listed).min()
    }

    /// Places whose last listing failed, with the reason and the time of what is still shown.
    pub fn troubles(&self) -> impl Iterator<Item = (&Place, &Failure, Option<Moment>)> {
        self.listings.iter().filter_map(|(p, l)| l.failed.as_ref().map(|(f, _)| (p, f, l.listed)))
    }

    /// What whole listings could not have beside their rows. A place that failed since tells that only.
    pub fn lacking(&self) -> impl Iterator<Item = (&Place, &Failure)> {
        let whole = self.listings.iter().filter(|(_, l)| l.failed.is_none());
        whole.flat_map(|(p, l)| l.lacks.iter().map(move |f| (p, f)))
    }
}
