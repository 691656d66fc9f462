//! What is due now and when to wake next. An idle console asks for no wake but the next
//! refresh.

use super::board::Board;
use super::overlay::Overlay;
use super::samples::{self, FLEET_WINDOW_MS};
use super::workspace::{Content, Over, ServicePane};
use super::{App, Effect, Identity, Slot, dispatch};
use crate::guard::Mode;
use crate::metrics::{Wanted, plan};
use crate::model::{Moment, Place};
use std::collections::BTreeMap;

/// The intervals to choose from, in seconds.
const INTERVALS_S: &[u64] = &[5, 10, 30, 60, 120, 300, 900];

/// How often the fleet on show is listed anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refresh {
    /// Every so many seconds.
    pub every_s: u64,
    /// Whether the person paused it, and sampling with it.
    pub paused: bool,
    /// Most US cents for CloudWatch before sampling pauses.
    pub budget_cents: Option<u64>,
}

impl Refresh {
    /// Every `every_s` seconds, within a budget for CloudWatch in US cents.
    pub fn new(every_s: u32, budget_cents: Option<u64>) -> Self {
        Self { every_s: u64::from(every_s.max(5)), paused: false, budget_cents }
    }

    /// One step slower or faster.
    pub fn step(&mut self, slower: bool) {
        let next = if slower {
            INTERVALS_S.iter().find(|s| **s > self.every_s)
        } else {
            INTERVALS_S.iter().rev().find(|s| **s < self.every_s)
        };
        self.every_s = next.copied().unwrap_or(self.every_s);
    }
}

/// Ends what is over by now.
pub fn expire(app: &mut App, out: &mut Vec<Effect>) {
    if app.access.expire(app.now) {
        out.push(Effect::Lower);
        app.say(super::notices::Tone::Plain, "the elevation is over: back to read-only");
    }
    watch(app, out);
    app.notices.expire(app.now);
    app.chord.expire(app.now);
    if app.quit_asked.is_some_and(|at| app.now.ms_since(at) > dispatch::QUIT_MS) {
        app.quit_asked = None;
    }
    super::confirm::due(app, out);
}

/// Runs the watched statements that are due.
fn watch(app: &mut App, out: &mut Vec<Effect>) {
    let now = app.now;
    let due = app.workspace.tabs().iter().filter_map(|t| match &t.content {
        Content::Query(query) => query.watch_due().filter(|at| *at <= now).map(|_| t.id),
        Content::Service(_) => None,
    });
    for id in due.collect::<Vec<_>>() {
        app.with_query(Some(id), out, super::query::QueryTab::tick);
    }
}

/// Asks for what is due, keeps cursors on the screen and computes the next wake.
pub fn settle(app: &mut App, out: &mut Vec<Effect>) {
    reveal(app);
    identify(app, out);
    list(app, out);
    let sampled = sample(app, out);
    app.wake = wake(app, sampled);
}

/// The height of the rows of the table on show.
pub fn table_height(app: &App) -> usize {
    app.workspace
        .pane()
        .map_or(0, |pane| usize::from(crate::view::fleet::parts(&pane.fleet, app.body()).rows.height))
}

fn reveal(app: &mut App) {
    let body = usize::from(app.body().height);
    let height = table_height(app);
    let list = dispatch::list_height(app);
    if let Some(Overlay::List(l)) = &mut app.overlay {
        l.reveal(list);
    }
    let Some(ServicePane { fleet, over }) = app.workspace.pane_mut() else { return };
    fleet.reveal(height);
    if let Some(Over::Detail(detail)) = over.last_mut() {
        detail.reveal(fleet, body);
    }
}

fn identify(app: &mut App, out: &mut Vec<Effect>) {
    for place in &app.reach.places {
        if !app.reach.identities.contains_key(place) {
            app.reach.identities.insert(place.clone(), Identity::Asked);
            let ticket = app.turns.issue(Slot::Identity(place.clone()));
            out.push(Effect::Identify { ticket, place: place.clone() });
        }
    }
}

/// When a listing of the pane on show is due; a pane never listed is due at once.
fn listing_due(app: &App, pane: &ServicePane) -> BTreeMap<Place, Moment> {
    let every = app.refresh.every_s * 1_000;
    let due = pane.fleet.listings.iter().filter_map(|(place, l)| {
        let last = l.listed.max(l.failed.as_ref().map(|(_, at)| *at));
        match (l.asked, last) {
            (Some(_), _) => None,
            (None, Some(_)) if l.again => Some((place.clone(), Moment::default())),
            (None, None) => Some((place.clone(), Moment::default())),
            (None, Some(_)) if app.refresh.paused => None,
            (None, Some(at)) => Some((place.clone(), at.plus_ms(every))),
        }
    });
    due.collect()
}

fn list(app: &mut App, out: &mut Vec<Effect>) {
    let Some(pane) = app.workspace.pane() else { return };
    let due: Vec<Place> =
        listing_due(app, pane).into_iter().filter(|(_, at)| *at <= app.now).map(|(p, _)| p).collect();
    for place in due {
        list_one(app, &place, out);
    }
}

/// Lists the current service at a place, unless that is under way.
pub fn list_one(app: &mut App, place: &Place, out: &mut Vec<Effect>) {
    let now = app.now;
    let Some(pane) = app.workspace.pane_mut() else { return };
    if pane.fleet.listings.get(place).is_none_or(|l| l.asked.is_some()) {
        return;
    }
    pane.fleet.asked(place, now);
    let service = pane.fleet.spec.id;
    let ticket = app.turns.issue(Slot::Fleet(service, place.clone()));
    out.push(Effect::List { ticket, service, place: place.clone() });
}

/// Asks for the samples that the screen needs. Returns when it wants to ask next.
fn sample(app: &mut App, out: &mut Vec<Effect>) -> Option<Moment> {
    if app.refresh.paused || is_spent(app) {
        app.samples.settles = None;
        return None;
    }
    let now = app.now;
    let (wanted, window, for_board) = wanted(app)?;
    if wanted.is_empty() {
        app.samples.settles = None;
        return None;
    }
    let fresh = wanted.iter().any(|w| app.samples.is_new(&w.series));
    let settles = match (fresh, app.samples.settles) {
        (false, _) => None,
        (true, Some(at)) => Some(at),
        (true, None) => Some(now.plus_ms(samples::SETTLE_MS)),
    };
    app.samples.settles = settles;
    if settles.is_some_and(|at| at > now) {
        return settles;
    }
    let mut by_place: BTreeMap<Place, Vec<Wanted>> = BTreeMap::new();
    for want in wanted.iter().filter(|w| app.samples.is_due(&w.series, now)) {
        by_place.entry(want.series.resource.place.clone()).or_default().push(want.clone());
    }
    for (place, wanted) in by_place {
        if app.samples.is_free(&place, now) {
            ask(app, place, &wanted, window, for_board, out);
        }
    }
    app.samples.settles = None;
    app.samples.next_due(&wanted, now)
}

/// Whether the budget for CloudWatch is used up.
pub fn is_spent(app: &App) -> bool {
    // A cent is 10,000 millionths of a dollar.
    app.refresh
        .budget_cents
        .is_some_and(|cents| app.reach.meter.cost_micros() >= cents.saturating_mul(10_000))
}

fn ask(app: &mut App, place: Place, wanted: &[Wanted], window: u64, for_board: bool, out: &mut Vec<Effect>) {
    let plans = plan(wanted, window, app.now);
    app.samples.asked(&place, wanted, plans.len(), for_board, app.now);
    if !plans.is_empty() {
        let ticket = app.turns.issue(Slot::Samples(place));
        out.push(Effect::Sample { ticket, plans });
    }
}

/// The series on the screen, their range, and whether they are a chart view's.
fn wanted(app: &App) -> Option<(Vec<Wanted>, u64, bool)> {
    let pane = app.workspace.pane()?;
    match pane.over.last() {
        Some(Over::Board(board)) => {
            let Board { range, .. } = board;
            Some((samples::of_board(board, &pane.fleet), range.ms(), true))
        }
        Some(Over::Detail(_)) => None,
        None if pane.fleet.is_listing() && pane.fleet.oldest().is_none() => None,
        None => {
            let height = table_height(app);
            let width = app.body().width.saturating_sub(crate::view::fleet::MARGIN);
            Some((samples::of_fleet(&pane.fleet, &app.samples.store, height, width), FLEET_WINDOW_MS, false))
        }
    }
}

fn wake(app: &App, sampled: Option<Moment>) -> Option<Moment> {
    let listing = app.workspace.pane().and_then(|p| listing_due(app, p).into_values().min());
    let queries = app.workspace.tabs().iter().filter_map(|t| match &t.content {
        Content::Query(query) => query.next_wake(app.now),
        Content::Service(_) => None,
    });
    let card = match &app.overlay {
        Some(Overlay::Card(card)) => card.next_wake(app.now),
        _ => None,
    };
    let quit = app.quit_asked.map(|at| at.plus_ms(dispatch::QUIT_MS + 1));
    let elevated = match app.access.mode() {
        Mode::Elevated { until, .. } => Some(next_second(app.now, *until)),
        Mode::Sealed | Mode::ReadOnly => None,
    };
    [listing, sampled, card, quit, elevated, app.notices.next_wake(), app.chord.next_wake()]
        .into_iter()
        .flatten()
        .chain(queries)
        .min()
}

/// The next moment that is a whole number of seconds before `end`.
pub fn next_second(now: Moment, end: Moment) -> Moment {
    let left = end.ms_since(now);
    end.minus_ms(left.saturating_sub(1) / 1_000 * 1_000)
}
