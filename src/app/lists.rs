//! The lists: how each is made, and what choosing an entry does.

use super::board::Range;
use super::jobs::State;
use super::msg::Slot;
use super::notices::Tone;
use super::overlay::{Entry, List, Overlay, Purpose};
use super::{App, Effect, confirm, dispatch, json};
use crate::config::Context;
use crate::config::command;
use crate::guard;
use crate::model::{Operation, Place, Resource, Tier};
use crate::view::cell;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Carries out a command while a list is open.
pub fn command(app: &mut App, name: &str, out: &mut Vec<Effect>) {
    let height = dispatch::list_height(app);
    let Some(Overlay::List(list)) = &mut app.overlay else { return };
    if list.movement(name, height) {
        return;
    }
    match name {
        "view.back" | "app.quit" => app.overlay = None,
        "list.filter" => list.typing = true,
        "list.mark" => list.mark(),
        "list.mark-all" => list.mark_all(),
        "row.open" => choose(app, out),
        _ => {}
    }
}

fn choose(app: &mut App, out: &mut Vec<Effect>) {
    let Some(Overlay::List(list)) = app.overlay.take() else { return };
    let chosen = list.chosen();
    if let Some(entry) = list.current().filter(|e| e.refused) {
        let note = entry.note.clone();
        app.overlay = Some(Overlay::List(list));
        return app.say(Tone::Bad, note);
    }
    let Some(first) = chosen.first() else {
        return app.overlay = Some(Overlay::List(list));
    };
    match &list.purpose {
        Purpose::Help => dispatch::command(app, first, out),
        Purpose::Profiles => choose_profiles(app, &chosen),
        Purpose::Regions => choose_regions(app, &chosen),
        Purpose::Themes => choose_theme(app, first, out),
        Purpose::Actions(id) => confirm::open(app, id, first, out),
        Purpose::Errors | Purpose::Compare => dispatch::copy(app, first.clone(), out),
        Purpose::Jobs => {}
    }
}

/// Keys and commands, those of the context in force first.
pub fn help(app: &App) -> List {
    let (context, global) = super::keys::context(app);
    let here = |c: &&command::Command| {
        c.contexts.contains(&context) || (global && c.contexts.contains(&Context::Global))
    };
    // What the place itself binds goes before what holds everywhere.
    let own: BTreeSet<String> = app
        .keymap
        .bindings()
        .into_iter()
        .filter(|(at, _, _)| *at == context)
        .map(|(_, keys, _)| keys)
        .collect();
    let entry = |c: &command::Command| {
        let works = |at: &Context| !here(&c) || *at == context || (global && *at == Context::Global);
        let keys_of = |at: &Context| {
            let hidden = here(&c) && *at == Context::Global && context != Context::Global;
            let keys = app.keymap.keys_of(*at, c.name).into_iter();
            keys.filter(|k| !hidden || !own.contains(k)).collect::<Vec<_>>()
        };
        let mut keys: Vec<String> = c.contexts.iter().filter(|at| works(at)).flat_map(keys_of).collect();
        let mut seen = BTreeSet::new();
        keys.retain(|k| seen.insert(k.clone()));
        Entry::new(c.name, format!("{:<16} {}", keys.join(" "), c.doc), c.name)
    };
    let mut entries: Vec<Entry> = command::COMMANDS.iter().filter(here).map(entry).collect();
    let elsewhere = command::COMMANDS.iter().filter(|c| !here(c)).map(|c| {
        let mut e = entry(c);
        e.refused = true;
        e
    });
    entries.extend(elsewhere);
    entries.extend(super::line::WORDS.iter().map(|(word, takes)| {
        let mut e = Entry::new(*word, format!(":{word:<15} {takes}"), "command line");
        e.refused = true;
        e
    }));
    // What the count in the status line is made of.
    let lifted = app.access.allows_changes(app.now);
    entries.extend(crate::view::chrome::layers(app).into_iter().map(|layer| {
        let standing = if lifted { "is lifted by the elevation" } else { layer.standing.word() };
        let words = format!("guard: {} {standing}", layer.name);
        let mut e = Entry::new(layer.name, words, layer.what);
        e.refused = true;
        e
    }));
    List::new(Purpose::Help, "Keys and commands (/ narrows, Enter runs)", entries)
}

/// Everything that failed.
pub fn errors(app: &App) -> List {
    let entries = app.notices.failures().map(|failed| {
        let failure = &failed.failure;
        let times = if failed.times > 1 { format!(" ({} times)", failed.times) } else { String::new() };
        let request = failure.request_id.as_ref().map(|id| format!(" · request {id}")).unwrap_or_default();
        let at = cell::clock(failed.last.epoch_ms());
        let next = failure.hint.as_ref().map_or_else(|| format!("{:?}", failure.kind), ToString::to_string);
        let label = format!("{at} {}: {}{times}", failure.doing, failure.because);
        Entry::new(format!("{at} {failure}{times}{request}"), label, format!("{next}{request}"))
    });
    List::new(Purpose::Errors, "Failures, newest first (Enter copies)", entries.collect())
}

/// Operations under way and done.
pub fn jobs(app: &App) -> List {
    let entries = app.jobs.all().map(|job| {
        let percent = job.percent.map(|p| format!(" {p}%")).unwrap_or_default();
        let state = match &job.state {
            State::Running => format!("running: {}{percent}", job.stage),
            State::Done => format!("done: {}", job.stage),
            State::Failed(failure) => format!("failed: {failure}"),
        };
        let ended = job.ended.map(|at| cell::duration(at.ms_since(job.started)));
        let took = ended.map(|t| format!(" in {t}")).unwrap_or_default();
        let made = job.made.as_ref().map(|m| format!(" · made {m}")).unwrap_or_default();
        let started = cell::clock(job.started.epoch_ms());
        let why = job.reason.as_ref().map(|r| format!(" · because {r}")).unwrap_or_default();
        let note = format!("{state}{took}{made}{why}");
        Entry::new(job.number.to_string(), format!("{started} {}", job.title), note)
    });
    List::new(Purpose::Jobs, "Operations, newest first", entries.collect())
}

/// Shows the state of jobs anew, when they are on show.
pub fn refresh_jobs(app: &mut App) {
    if let Some(Overlay::List(list)) = &app.overlay
        && list.purpose == Purpose::Jobs
    {
        let (cursor, filter) = (list.cursor, list.filter.clone());
        let mut fresh = jobs(app);
        (fresh.cursor, fresh.filter) = (cursor, filter);
        app.overlay = Some(Overlay::List(fresh));
    }
}

/// Profiles to reach AWS through.
pub fn profiles(app: &App) -> List {
    let used: BTreeSet<String> = app.reach.places.iter().map(|p| p.profile.to_string()).collect();
    let all: BTreeSet<String> = app.reach.profiles.iter().cloned().chain(used.clone()).collect();
    let entries = all.iter().map(|p| Entry::new(p.clone(), p, "")).collect();
    List::new(Purpose::Profiles, "Profiles (Space marks, a all)", entries).several(used)
}

/// Regions to list.
pub fn regions(app: &App) -> List {
    let used: BTreeSet<String> = app.reach.places.iter().map(|p| p.region.to_string()).collect();
    let all: BTreeSet<String> = app.reach.regions.iter().cloned().chain(used.clone()).collect();
    let entries = all.iter().map(|r| Entry::new(r.clone(), r, "")).collect();
    List::new(Purpose::Regions, "Regions (Space marks, a all)", entries).several(used)
}

/// Themes.
pub fn themes(app: &App) -> List {
    let entries = app.look.themes.iter().map(|name| Entry::new(name.clone(), name, "")).collect();
    List::new(Purpose::Themes, "Themes", entries)
}

/// Opens the list of what can be done with a resource. What the guard refuses stays in the
/// list, with the reason.
pub fn actions(app: &mut App, resource: &Resource) {
    let Some(pane) = app.workspace.service(resource.id.service) else { return };
    let operations = pane.fleet.spec.operations.iter().filter(|o| o.kinds.contains(&resource.id.kind));
    let entries: Vec<Entry> = operations
        .map(|spec| {
            let operation =
                Operation { id: spec.id, api: spec.api, on: resource.id.clone(), fields: Vec::new() };
            let tier = match spec.tier {
                Tier::Reversible => "reversible",
                Tier::Disruptive => "interrupts service",
                Tier::Loss => "LOSES something",
            };
            match guard::clear(&app.access, app.now, operation) {
                Ok(_) => Entry::new(spec.id, format!("{} ({})", spec.title, spec.api), tier),
                Err(refusal) => {
                    // What it would do and how to go on come first: a narrow screen cuts the rest.
                    let next = refusal.instead.as_ref().map(|how| format!("{how}; ")).unwrap_or_default();
                    let note = format!("{tier}; {next}refused by {}: {}", refusal.rule, refusal.why);
                    let mut entry = Entry::new(spec.id, format!("{} ({})", spec.title, spec.api), note);
                    entry.refused = true;
                    entry
                }
            }
        })
        .collect();
    if entries.is_empty() {
        return app.say(Tone::Plain, format!("no operations are declared for {}", resource.name));
    }
    let title = format!("What can be done with {}", resource.name);
    app.overlay = Some(Overlay::List(List::new(Purpose::Actions(resource.id.clone()), title, entries)));
}

/// Opens a comparison of two marked rows: lines in which they differ first.
pub fn compare(app: &mut App) {
    let Some(pane) = app.workspace.pane() else { return };
    let marked: Vec<&Resource> = pane.fleet.marks.iter().filter_map(|id| pane.fleet.get(id)).collect();
    let [a, b] = marked.as_slice() else {
        return app.say(Tone::Plain, "mark two rows with Space, then compare");
    };
    let (left, right) = (json::resource(a, pane.fleet.spec), json::resource(b, pane.fleet.spec));
    let key = |line: &str| line.split_once(": ").map(|(k, _)| k.to_owned());
    let mut entries = Vec::new();
    let mut add = |l: &str, r: &str| {
        let name = key(l).or_else(|| key(r)).unwrap_or_default();
        let value =
            |line: &str| line.split_once(": ").map_or("", |(_, v)| v).trim_end_matches(',').to_owned();
        let text = format!("{:<24} {:<36} {}", name.trim().trim_matches('"'), value(l), value(r));
        entries.push(Entry::new(text.clone(), text, ""));
    };
    for l in left.iter().filter(|l| key(l).is_some()) {
        let r = right.iter().find(|r| key(r) == key(l)).map_or("", String::as_str);
        if r.trim_end_matches(',') != l.trim_end_matches(',') {
            add(l, r);
        }
    }
    for r in right.iter().filter(|r| key(r).is_some() && left.iter().all(|l| key(l) != key(r))) {
        add("", r);
    }
    let title = format!("What differs: {} and {}", a.name, b.name);
    app.overlay = Some(Overlay::List(List::new(Purpose::Compare, title, entries)));
}

/// Reaches AWS through these profiles from now on.
pub fn choose_profiles(app: &mut App, profiles: &[String]) {
    let known: Vec<String> = app.reach.profiles.clone();
    let chosen = matching(profiles, &known);
    let regions: BTreeSet<Arc<str>> = app.reach.places.iter().map(|p| p.region.clone()).collect();
    let places =
        chosen.iter().flat_map(|p| regions.iter().map(|r| Place::new(p.as_str(), r.clone()))).collect();
    set(app, places, profiles);
}

/// Lists these regions from now on; `eu-*` takes all that match.
pub fn choose_regions(app: &mut App, regions: &[String]) {
    let known: Vec<String> = app.reach.regions.clone();
    let chosen = matching(regions, &known);
    let profiles: BTreeSet<Arc<str>> = app.reach.places.iter().map(|p| p.profile.clone()).collect();
    let places =
        profiles.iter().flat_map(|p| chosen.iter().map(|r| Place::new(p.clone(), r.as_str()))).collect();
    set(app, places, regions);
}

fn set(app: &mut App, places: Vec<Place>, asked: &[String]) {
    if places.is_empty() {
        return app.say(Tone::Bad, format!("nothing matches {}", asked.join(" ")));
    }
    dispatch::set_places(app, places);
}

/// Words and patterns with `*` against what is known. A plain word need not be known: AWS
/// adds regions, and profiles can come from the environment.
fn matching(words: &[String], known: &[String]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in words {
        match word.split_once('*') {
            Some((start, end)) => {
                let fits = |k: &&String| {
                    k.len() >= start.len() + end.len() && k.starts_with(start) && k.ends_with(end)
                };
                found.extend(known.iter().filter(fits).cloned());
            }
            None => found.push(word.clone()),
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|f| seen.insert(f.clone()));
    found
}

/// Changes the colours.
pub fn choose_theme(app: &mut App, name: &str, out: &mut Vec<Effect>) {
    if app.look.themes.iter().any(|known| known == name) {
        let ticket = app.turns.issue(Slot::Aside);
        out.push(Effect::Theme { ticket, name: name.to_owned() });
    } else {
        app.say(Tone::Bad, format!("no theme is called {name}"));
    }
}

/// The ranges that a chart view offers, for its title.
pub const RANGES: &[Range] = &[Range::Hour, Range::ThreeHours, Range::Day, Range::Week];
