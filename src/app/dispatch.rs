//! Commands to state: the overlay's, the pane's, then those that hold everywhere.

use super::board::Board;
use super::columns;
use super::detail::{DetailView, Line};
use super::notices::Tone;
use super::overlay::Overlay;
use super::prompt::{Prompt, Purpose};
use super::query::{QueryTab, TableFacts};
use super::workspace::{Content, Over, ServicePane};
use super::{App, Effect, Exit, Identity, Slot, TabId, line, lists, schedule, scroll};
use crate::guard;
use crate::model::{Cell, Place, Resource, ResourceId, ServiceId, ServiceSpec, Target};
use crate::query::dialect::partiql::TableKeys;

/// Within how long the second press must follow to quit, in ms.
pub const QUIT_MS: u64 = 2_500;
/// The most bytes put on the clipboard: terminals drop more, or worse.
const COPY_BYTES: usize = 64 * 1024;

/// Carries out a command by name.
pub fn command(app: &mut App, name: &str, out: &mut Vec<Effect>) {
    // Cancelling asks to quit too, when nothing runs.
    if !matches!(name, "app.quit" | "query.cancel") {
        app.quit_asked = None;
    }
    if app.overlay.is_some() {
        return lists::command(app, name, out);
    }
    if everywhere(app, name, out) {
        return;
    }
    match app.workspace.current().map(|t| &t.content) {
        Some(Content::Service(pane)) => match pane.over.last() {
            None => fleet(app, name, out),
            Some(Over::Detail(_)) => detail(app, name, out),
            Some(Over::Board(_)) => board(app, name, out),
        },
        Some(Content::Query(query)) => {
            let id = query.id;
            if app.with_query(None, out, |query, ctx| query.command(name, ctx)) == Some(false) {
                match name {
                    "query.close" => app.close_query(id, out),
                    "query.new" => {
                        open_beside(app, id);
                    }
                    // What cancels a statement leaves when none runs.
                    "query.cancel" => quit(app, out),
                    _ => {}
                }
            }
        }
        None => {}
    }
}

/// Commands that hold whatever is open. Says whether `name` was one.
fn everywhere(app: &mut App, name: &str, out: &mut Vec<Effect>) -> bool {
    match name {
        "tab.next" => app.workspace.step(true),
        "tab.previous" => app.workspace.step(false),
        "view.last" => app.workspace.go_last(),
        "command.open" => app.prompt = Some(Prompt::new(Purpose::Command, "")),
        "access.elevate" => app.prompt = Some(Prompt::new(Purpose::Command, "elevate 15m ")),
        "access.lower" => lower(app, out),
        "help.open" => app.overlay = Some(Overlay::List(lists::help(app))),
        "errors.open" => app.overlay = Some(Overlay::List(lists::errors(app))),
        "jobs.open" => app.overlay = Some(Overlay::List(lists::jobs(app))),
        "profile.pick" => app.overlay = Some(Overlay::List(lists::profiles(app))),
        "region.pick" => app.overlay = Some(Overlay::List(lists::regions(app))),
        "theme.pick" => app.overlay = Some(Overlay::List(lists::themes(app))),
        "app.suspend" => {
            super::keys::doubt(app);
            out.push(Effect::Suspend);
        }
        "app.redraw" => out.push(Effect::Redraw),
        "app.quit" => quit(app, out),
        name => {
            let Some(number) = name.strip_prefix("pane.").and_then(|n| n.parse::<usize>().ok()) else {
                return false;
            };
            app.workspace.go(number.saturating_sub(1));
        }
    }
    true
}

/// Quits at the second press; says so at the first.
fn quit(app: &mut App, out: &mut Vec<Effect>) {
    if app.quit_asked.is_some_and(|at| app.now.ms_since(at) <= QUIT_MS) {
        out.push(Effect::Leave(Exit::Quit));
        return;
    }
    app.quit_asked = Some(app.now);
    let running = app.jobs.running().count();
    let words = if running > 0 {
        format!("press again to quit ({running} operations go on in AWS)")
    } else {
        "press again to quit".to_owned()
    };
    app.say(Tone::Plain, words);
}

/// Allows changes for a while.
pub fn elevate(app: &mut App, for_ms: u64, reason: &str, out: &mut Vec<Effect>) {
    match app.access.elevate(reason, for_ms, app.now) {
        Ok(()) => {
            out.push(Effect::Elevate { reason: reason.trim().to_owned(), for_ms });
            app.say(Tone::Plain, "ELEVATED: changes are allowed until the countdown ends or :lower");
        }
        Err(why) => app.say(Tone::Bad, why),
    }
}

/// Back to read-only.
pub fn lower(app: &mut App, out: &mut Vec<Effect>) {
    if matches!(app.access.mode(), guard::Mode::Elevated { .. }) {
        app.access.lower();
        out.push(Effect::Lower);
        app.say(Tone::Plain, "back to read-only");
    } else {
        app.say(Tone::Plain, "access is read-only already");
    }
}

fn fleet(app: &mut App, name: &str, out: &mut Vec<Effect>) {
    let height = schedule::table_height(app);
    let store = &app.samples.store;
    let Some(ServicePane { fleet, .. }) = app.workspace.pane_mut() else { return };
    if let Some(to) = scroll::moved(name, fleet.cursor, fleet.shown.len(), height) {
        return fleet.select(to);
    }
    match name {
        "column.left" => fleet.skip = fleet.skip.saturating_sub(1),
        "column.right" => fleet.skip = (fleet.skip + 1).min(fleet.columns().len().saturating_sub(2)),
        "column.first" => fleet.skip = 0,
        "column.last" => fleet.skip = fleet.columns().len().saturating_sub(2),
        "row.mark" => {
            if let Some(id) = fleet.selected().map(|r| r.id.clone()) {
                if !fleet.marks.remove(&id) {
                    fleet.marks.insert(id);
                }
                fleet.select(fleet.cursor + 1);
            }
        }
        "rows.unmark" => fleet.marks.clear(),
        "problems.toggle" => {
            fleet.only_problems = !fleet.only_problems;
            fleet.arrange(store);
        }
        "sort.next-column" => fleet.picked = step_column(fleet, true),
        "sort.previous-column" => fleet.picked = step_column(fleet, false),
        "sort.toggle" => {
            let descending = fleet.sort.by == fleet.picked && !fleet.sort.descending;
            fleet.sort = super::fleet::Sort { by: fleet.picked, descending };
            fleet.arrange(store);
        }
        "filter.open" => {
            let text = fleet.filter.text().to_owned();
            app.prompt = Some(Prompt::new(Purpose::Filter, &text));
        }
        "find.next" | "find.previous" if fleet.filter.is_empty() => {
            app.say(Tone::Plain, "no filter to find: / sets one");
        }
        "find.next" => fleet.select((fleet.cursor + 1) % fleet.shown.len().max(1)),
        "find.previous" => {
            let len = fleet.shown.len().max(1);
            fleet.select((fleet.cursor + len - 1) % len);
        }
        "row.open" | "row.describe" => describe(app, false, out),
        "row.json" => describe(app, true, out),
        "rows.compare" => lists::compare(app),
        "view.back" => back_in_fleet(app),
        name => of_resource(app, name, out),
    }
}

/// Esc in a table takes back what narrows it, one thing at a time.
fn back_in_fleet(app: &mut App) {
    let store = &app.samples.store;
    let Some(ServicePane { fleet, .. }) = app.workspace.pane_mut() else { return };
    if !fleet.filter.is_empty() {
        fleet.filter = super::filter::Filter::default();
    } else if fleet.only_problems {
        fleet.only_problems = false;
    } else if !fleet.marks.is_empty() {
        fleet.marks.clear();
    } else {
        fleet.skip = 0;
    }
    fleet.arrange(store);
}

fn step_column(fleet: &super::fleet::Fleet, forward: bool) -> columns::Source {
    let columns = fleet.columns();
    let len = columns.len().max(1);
    let at = columns.iter().position(|c| c.source == fleet.picked).unwrap_or(0);
    let next = if forward { at + 1 } else { at + len - 1 } % len;
    columns.get(next).map_or(fleet.picked, |c| c.source)
}

fn detail(app: &mut App, name: &str, out: &mut Vec<Effect>) {
    let height = usize::from(app.body().height);
    let Some(ServicePane { fleet, over }) = app.workspace.pane_mut() else { return };
    let Some(Over::Detail(view)) = over.last_mut() else { return };
    if view.movement(name, fleet, height) {
        return;
    }
    match name {
        "row.json" => {
            view.json = !view.json;
            (view.cursor, view.top) = (0, 0);
        }
        "row.open" => {
            let line = view.lines(fleet).into_iter().nth(view.cursor);
            if let Some(Line::Related(_, id, ..)) = line {
                fleet.select_id(&id);
                open_detail(app, id, false, out);
            }
        }
        "filter.open" => {
            let text = view.find.clone();
            app.prompt = Some(Prompt::new(Purpose::Filter, &text));
        }
        "find.next" | "find.previous" => view.find_on(fleet, name == "find.next", height),
        "column.left" => view.left = view.left.saturating_sub(8),
        "column.right" => view.left = view.left.saturating_add(8).min(4_000),
        "column.first" => view.left = 0,
        "view.back" => drop(over.pop()),
        "fleet.refresh" => {
            let (id, json) = (view.id.clone(), view.json);
            over.pop();
            open_detail(app, id, json, out);
        }
        name => of_resource(app, name, out),
    }
}

fn board(app: &mut App, name: &str, out: &mut Vec<Effect>) {
    let Some(ServicePane { fleet, over }) = app.workspace.pane_mut() else { return };
    let Some(Over::Board(view)) = over.last_mut() else { return };
    let charts = view.charts(fleet).len();
    let mut shown: Vec<ResourceId> = view.members(fleet).0.iter().map(|m| m.id.clone()).collect();
    shown.push(view.id.clone());
    match view.command(name, charts) {
        Some(true) => shown.iter().for_each(|id| app.samples.forget_of(id)),
        Some(false) => {}
        None if name == "view.back" => {
            over.pop();
            // The table's own range is shorter: its series are asked for anew.
            shown.iter().for_each(|id| app.samples.forget_of(id));
        }
        None => of_resource(app, name, out),
    }
}

/// The resource that commands of the pane are about.
pub fn subject(app: &App) -> Option<&Resource> {
    let pane = app.workspace.pane()?;
    match pane.over.last() {
        None => pane.fleet.selected(),
        Some(Over::Detail(view)) => view.resource(&pane.fleet),
        Some(Over::Board(view)) => pane.fleet.get(&view.id),
    }
}

/// Commands about the resource on show, in whichever view.
fn of_resource(app: &mut App, name: &str, out: &mut Vec<Effect>) {
    match name {
        "fleet.refresh" => refresh(app, out),
        "refresh.slower" | "refresh.faster" => {
            app.refresh.step(name == "refresh.slower");
            let every = app.refresh.every_s;
            app.say(Tone::Plain, format!("refreshing every {every} s"));
        }
        "refresh.pause" => {
            app.refresh.paused = !app.refresh.paused;
            app.say(
                Tone::Plain,
                if app.refresh.paused { "paused: nothing is asked of AWS" } else { "going on" },
            );
        }
        _ => {
            let Some(resource) = subject(app).cloned() else {
                if crate::config::command::is_command(name) {
                    app.say(Tone::Plain, "no row is selected");
                }
                return;
            };
            about(app, name, &resource, out);
        }
    }
}

fn about(app: &mut App, name: &str, resource: &Resource, out: &mut Vec<Effect>) {
    match name {
        "row.copy-id" => copy(app, resource.id.name.to_string(), out),
        "row.copy-arn" if resource.arn.is_empty() => app.say(Tone::Plain, "AWS gives no ARN for it"),
        "row.copy-arn" => copy(app, resource.arn.to_string(), out),
        "row.charts" => {
            let board = Board::new(resource.id.clone(), app.now);
            app.samples.forget_of(&resource.id);
            if let Some(pane) = app.workspace.pane_mut() {
                board.members(&pane.fleet).0.iter().for_each(|m| app.samples.forget_of(&m.id));
                pane.over.push(Over::Board(board));
            }
        }
        "query.open" => open_query(app, resource),
        "actions.open" => lists::actions(app, resource),
        _ => {}
    }
}

/// Puts raw text on the clipboard, within bounds.
pub fn copy(app: &mut App, text: String, out: &mut Vec<Effect>) {
    if text.len() > COPY_BYTES {
        app.say(
            Tone::Bad,
            format!("not copied: {} bytes are too many for a terminal's clipboard", text.len()),
        );
        return;
    }
    let odd = text.chars().any(|c| c.is_control() || crate::model::safe::is_hidden(c));
    let (tone, note) = if odd { (Tone::Bad, "; it holds control characters") } else { (Tone::Good, "") };
    let shown: String = text.chars().take(60).collect();
    app.say(tone, format!("copied: {shown}{note}"));
    out.push(Effect::Copy(text));
}

fn describe(app: &mut App, json: bool, out: &mut Vec<Effect>) {
    if let Some(id) = subject(app).map(|r| r.id.clone()) {
        open_detail(app, id, json, out);
    }
}

fn open_detail(app: &mut App, id: ResourceId, json: bool, out: &mut Vec<Effect>) {
    let Some(tab) = app.workspace.current_mut() else { return };
    let slot = Slot::Detail(tab.id);
    let Some(pane) = tab.service_mut() else { return };
    for over in &mut pane.over {
        // The slot serves one view: an older one that still waits gets no answer any more.
        if let Over::Detail(view) = over {
            view.asking = false;
        }
    }
    pane.over.push(Over::Detail(DetailView::new(id.clone(), json)));
    let ticket = app.turns.issue(slot);
    out.push(Effect::Describe { ticket, id });
}

fn open_query(app: &mut App, resource: &Resource) {
    let Some(backend) = resource.backend.clone() else {
        let why = resource.no_query.as_deref().unwrap_or("no query language is known for it");
        return app.say(Tone::Plain, format!("no query tab for {}: {why}", resource.name));
    };
    if app.workspace.go_query(&resource.id) {
        // Whoever asks for it wants to write, as in a new one.
        if let Some(query) = app.workspace.query_mut() {
            query.begin_typing();
        }
        return app.say(Tone::Plain, "the tab that is open on it; :new opens another");
    }
    let target = Target {
        resource: resource.id.clone(),
        engine: backend.engine,
        endpoint: backend.endpoints.first().cloned(),
        address: None,
        secret: None,
        database: backend.database.clone(),
        user: backend.user.clone(),
        backend,
    };
    let id = app.workspace.new_id();
    let mut query = QueryTab::open(id, target, resource.name.clone(), app.now, app.editor);
    let spec = app.workspace.service(resource.id.service).map(|p| p.fleet.spec);
    if let Some(table) = spec.and_then(|spec| table_facts(resource, spec)) {
        query = query.with_table(table);
    }
    app.workspace.open(id, query);
}

/// Opens another query tab on the target of the tab `id`; the new tab's identity.
pub fn open_beside(app: &mut App, id: TabId) -> Option<TabId> {
    let (beside, style) = (app.workspace.new_id(), app.editor);
    let Content::Query(query) = &app.workspace.tab_mut(id)?.content else { return None };
    let query = query.beside(beside, style);
    app.workspace.open(beside, query);
    Some(beside)
}

/// What is known about a DynamoDB table, for saying how a statement will be answered.
fn table_facts(resource: &Resource, spec: &ServiceSpec) -> Option<TableFacts> {
    let cell = |id: &str| {
        let at = spec.columns.iter().position(|c| c.id == id)?;
        resource.cells.get(at)
    };
    let Some(Cell::Text(keys)) = cell("keys") else { return None };
    let count = |id: &str| match cell(id) {
        Some(Cell::Count(n) | Cell::Bytes(n)) => Some(*n),
        _ => None,
    };
    let indexes = resource.facts.iter().filter(|s| s.title.as_str() == "Indexes").flat_map(|s| &s.facts);
    let indexes = indexes.filter_map(|(name, cell)| {
        let Cell::Text(words) = cell else { return None };
        let keys = words.split_once(" on ")?.1.split(',').next()?;
        let (partition, sort) = key_names(keys);
        Some((name.to_string(), partition, sort))
    });
    let (partition, sort) = key_names(keys);
    let keys = TableKeys { partition, sort, indexes: indexes.collect() };
    Some(TableFacts { keys, items: count("items"), bytes: count("size") })
}

/// The names of a key as DynamoDB rows show it: `partition` or `partition / sort`.
fn key_names(keys: &str) -> (String, Option<String>) {
    match keys.split_once(" / ") {
        Some((partition, sort)) => (partition.to_owned(), Some(sort.to_owned())),
        None => (keys.to_owned(), None),
    }
}

fn refresh(app: &mut App, out: &mut Vec<Effect>) {
    let Some(pane) = app.workspace.pane() else { return };
    let places: Vec<Place> = pane.fleet.listings.keys().cloned().collect();
    for place in places {
        schedule::list_one(app, &place, out);
    }
    app.samples.forget();
    app.reach.identities.retain(|_, who| *who != Identity::Unknown);
}

/// Lists a service at a place anew because something there has changed; a listing under way
/// may have missed it, so another follows.
pub fn relist(app: &mut App, service: ServiceId, place: &Place, out: &mut Vec<Effect>) {
    let now = app.now;
    let Some(pane) = app.workspace.service_mut(service) else { return };
    let Some(listing) = pane.fleet.listings.get_mut(place) else { return };
    if listing.asked.is_some() {
        listing.again = true;
        return;
    }
    pane.fleet.asked(place, now);
    let ticket = app.turns.issue(Slot::Fleet(service, place.clone()));
    out.push(Effect::List { ticket, service, place: place.clone() });
}

/// The height of the entries of the list on show.
pub fn list_height(app: &App) -> usize {
    match &app.overlay {
        Some(Overlay::List(list)) => {
            let lines = crate::view::overlay::lines(list);
            usize::from(crate::view::layout::panel(app.body(), lines).inner.height).saturating_sub(1).max(1)
        }
        _ => 1,
    }
}

/// Lists over other places from now on.
pub fn set_places(app: &mut App, places: Vec<Place>) {
    for tab in app.workspace.tabs_mut() {
        if let Some(pane) = tab.service_mut() {
            pane.fleet.set_places(&places);
            pane.over.clear();
            pane.fleet.arrange(&app.samples.store);
        }
    }
    app.reach.places = places;
    line::told_places(app);
}
