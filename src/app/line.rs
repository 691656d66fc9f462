//! The command line and the filter: what can be typed, its completion, and carrying it out.

use super::filter::Filter;
use super::notices::Tone;
use super::overlay::Overlay;
use super::prompt::{Prompt, Purpose};
use super::workspace::{Content, Over};
use super::{App, Effect, Exit, dispatch, lists};
use crate::config::command;
use crate::model::Place;

/// Words that the command line knows besides services and command names, with what they take.
pub const WORDS: &[(&str, &str)] = &[
    ("q", "quit"),
    ("quit", "quit"),
    ("ctx", "[PROFILE…] reach AWS through other profiles"),
    ("profile", "[PROFILE…] reach AWS through other profiles"),
    ("region", "[REGION…] list other regions; eu-* takes all that match"),
    ("theme", "[NAME] other colours"),
    ("errors", "everything that failed"),
    ("jobs", "operations under way and done"),
    ("help", "keys and commands"),
    ("elevate", "DURATION REASON… allow changes for a while: elevate 15m ticket 42"),
    ("lower", "back to read-only"),
    ("refresh", "[SECONDS] refresh now, or this often"),
    ("filter", "TEXT… narrow the table"),
    ("problems", "only rows with problems"),
    ("view", "[grid|tree|graph|plan] another view of the result"),
    ("export", "[PATH] write the rows of a query to a file"),
    ("save", "PATH write the statements of this tab to a file; save! replaces one"),
    ("open", "PATH open a file of statements"),
    ("watch", "SECONDS|off run the statement at the cursor again and again"),
    ("new", "another tab on the same target"),
    ("explain", "how the server would run the statement at the cursor"),
    ("tables", "the database's tables: size, layout, statistics"),
    ("columns", "columns with encoding, distribution and sort keys (Redshift)"),
    ("external", "external schemas and tables (Redshift Spectrum)"),
    ("queries", "what runs in the database, and ran"),
    ("target", "where the statements of this tab go"),
    ("endpoint", "the next endpoint of the database"),
    ("engine", "the next way to reach the database"),
    ("language", "[NAME] another language of the database"),
    ("database", "[NAME] another database"),
    ("user", "[NAME] another user"),
    ("secret", "[ARN|NAME] log in by a secret of Secrets Manager"),
    ("address", "[HOST:PORT] connect here instead, as with a tunnel"),
    ("set", "ascii on|off"),
];

/// How many earlier commands are kept.
const RECALLED: usize = 100;

/// The text of the line has changed.
pub fn changed(app: &mut App) {
    let Some(prompt) = &mut app.prompt else { return };
    prompt.offered = None;
    prompt.offers.clear();
    match prompt.purpose {
        Purpose::Filter => {
            let text = prompt.text.clone();
            filter(app, &text);
        }
        Purpose::Command => {
            let text = prompt.text.clone();
            let offers = offers(app, &text);
            if let Some(prompt) = &mut app.prompt {
                prompt.offers = offers;
            }
        }
    }
}

/// Applies a filter to the table on show; in a describe view it looks for a line.
pub fn filter(app: &mut App, text: &str) {
    let height = usize::from(app.body().height);
    let store = &app.samples.store;
    if let Some(pane) = app.workspace.pane_mut() {
        if let Some(Over::Detail(view)) = pane.over.last_mut() {
            view.find = text.to_lowercase();
            return view.find_on(&pane.fleet, true, height);
        }
        pane.fleet.filter = Filter::parse(text, pane.fleet.spec);
        pane.fleet.arrange(store);
    }
}

/// Everything that `text` can become, as whole lines.
fn offers(app: &App, text: &str) -> Vec<String> {
    let (head, last) = text.rsplit_once(' ').map_or(("", text), |(h, l)| (h, l));
    let first = head.split_whitespace().next();
    let words: Vec<String> = match first {
        None => {
            let services = app.workspace.tabs().iter().filter_map(super::workspace::Tab::service);
            let services = services.flat_map(|p| {
                let spec = p.fleet.spec;
                std::iter::once(spec.id.0).chain(spec.short.iter().copied())
            });
            let commands = command::COMMANDS.iter().map(|c| c.name);
            services.chain(WORDS.iter().map(|w| w.0)).chain(commands).map(str::to_owned).collect()
        }
        Some("ctx" | "profile") => app.reach.profiles.clone(),
        Some("region") => app.reach.regions.clone(),
        Some("theme") => app.look.themes.clone(),
        Some("view") => crate::app::query::views::View::ALL.map(|v| v.word().to_owned()).to_vec(),
        Some("elevate") => ["15m", "30m", "1h"].map(str::to_owned).to_vec(),
        Some("watch") => ["5s", "10s", "1m", "off"].map(str::to_owned).to_vec(),
        Some("language") => languages(app),
        Some(service) => {
            let pane = app
                .workspace
                .tabs()
                .iter()
                .filter_map(super::workspace::Tab::service)
                .find(|p| p.fleet.spec.id.0 == service || p.fleet.spec.short.contains(&service));
            pane.map(|p| p.fleet.rows().iter().map(|r| r.name.to_string()).collect()).unwrap_or_default()
        }
    };
    let matching = words.into_iter().filter(|w| w.starts_with(last));
    let mut offers: Vec<String> =
        matching.map(|w| if head.is_empty() { w } else { format!("{head} {w}") }).take(200).collect();
    offers.dedup();
    offers
}

/// The languages of the query tab on show.
fn languages(app: &App) -> Vec<String> {
    match app.workspace.current().map(|t| &t.content) {
        Some(Content::Query(query)) => {
            query.target().backend.languages().iter().map(|l| l.language().to_owned()).collect()
        }
        _ => Vec::new(),
    }
}

/// Puts the next or previous completion into the line.
pub fn complete(app: &mut App, forward: bool) {
    let Some(prompt) = &app.prompt else { return };
    if prompt.purpose == Purpose::Filter {
        return;
    }
    if prompt.offered.is_none() {
        let offers = offers(app, &prompt.text);
        if let Some(prompt) = &mut app.prompt {
            prompt.offers = offers;
        }
    }
    let Some(prompt) = &mut app.prompt else { return };
    let len = prompt.offers.len();
    if len == 0 {
        return;
    }
    let next = match (prompt.offered, forward) {
        (None, true) => 0,
        (None, false) => len - 1,
        (Some(at), true) => (at + 1) % len,
        (Some(at), false) => (at + len - 1) % len,
    };
    if let Some(text) = prompt.offers.get(next).cloned() {
        prompt.set(&text);
        prompt.offered = Some(next);
    }
}

/// Puts an earlier or later command into the line.
pub fn recall(app: &mut App, earlier: bool) {
    let len = app.recall.len();
    let Some(prompt) = app.prompt.as_mut().filter(|p| p.purpose == Purpose::Command) else { return };
    let next = match (prompt.recalled, earlier) {
        (None, true) => Some(0),
        (Some(at), true) => Some((at + 1).min(len.saturating_sub(1))),
        (Some(at), false) => at.checked_sub(1),
        (None, false) => None,
    };
    prompt.recalled = next.filter(|_| len > 0);
    let text = prompt.recalled.and_then(|at| app.recall.get(len.checked_sub(at + 1)?)).cloned();
    prompt.set(&text.unwrap_or_default());
}

/// Carries out a command line.
pub fn run(app: &mut App, text: &str, out: &mut Vec<Effect>) {
    let text = text.trim();
    if text.is_empty() {
        return;
    }
    app.recall.retain(|t| t != text);
    app.recall.push(text.to_owned());
    if app.recall.len() > RECALLED {
        app.recall.remove(0);
    }
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    match word {
        "q" | "quit" | "q!" | "qa" => quit(app, out),
        "ctx" | "profile" if rest.is_empty() => open(app, lists::profiles),
        "ctx" | "profile" => lists::choose_profiles(app, &words(rest)),
        "region" | "regions" if rest.is_empty() => open(app, lists::regions),
        "region" | "regions" => lists::choose_regions(app, &words(rest)),
        "theme" if rest.is_empty() => open(app, lists::themes),
        "theme" => lists::choose_theme(app, rest, out),
        "errors" => open(app, lists::errors),
        "jobs" => open(app, lists::jobs),
        "help" => open(app, lists::help),
        "elevate" => elevate(app, rest, out),
        "lower" => dispatch::lower(app, out),
        "refresh" if rest.is_empty() => dispatch::command(app, "fleet.refresh", out),
        "refresh" => every(app, rest),
        "filter" => filter(app, rest),
        "problems" => dispatch::command(app, "problems.toggle", out),
        "view" => in_tab(app, &format!("results.view {rest}"), out),
        "export" => in_tab(app, &format!("rows.export {rest}"), out),
        "w" => in_tab(app, &format!("query.save {rest}"), out),
        "w!" => in_tab(app, &format!("query.save! {rest}"), out),
        "open" => in_tab(app, &format!("query.load {rest}"), out),
        "explain" | "tables" | "columns" | "external" | "queries" | "save" | "save!" | "new" | "watch"
        | "target" | "endpoint" | "engine" | "language" | "database" | "user" | "secret" | "address" => {
            in_tab(app, &format!("query.{text}"), out);
        }
        "set" => set(app, rest),
        name if command::is_command(name) => dispatch::command(app, text, out),
        service if app.workspace.go_service(service) => go(app, rest),
        unknown => app.say(Tone::Bad, format!("no such command: {unknown} (Tab completes, :help lists)")),
    }
}

/// Carries out a command of the query tab on show.
fn in_tab(app: &mut App, command: &str, out: &mut Vec<Effect>) {
    if app.workspace.query_mut().is_none() {
        return app.say(Tone::Bad, "that is for a query tab: e on a row opens one");
    }
    dispatch::command(app, command.trim(), out);
}

fn words(text: &str) -> Vec<String> {
    text.split([' ', ',']).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

fn open(app: &mut App, list: impl Fn(&App) -> super::overlay::List) {
    app.overlay = Some(Overlay::List(list(app)));
}

/// `:q` closes a query tab and leaves from anywhere else: it was typed in full.
fn quit(app: &mut App, out: &mut Vec<Effect>) {
    let query = app.workspace.query_mut().map(|q| q.id);
    match query {
        Some(id) => app.close_query(id, out),
        None => out.push(Effect::Leave(Exit::Quit)),
    }
}

/// Selects the row named behind a service's name; narrows the table when none has that name.
fn go(app: &mut App, name: &str) {
    let Some(pane) = app.workspace.pane_mut() else { return };
    pane.over.clear();
    if name.is_empty() {
        return;
    }
    let id = pane.fleet.rows().iter().find(|r| &*r.id.name == name).map(|r| r.id.clone());
    if !id.is_some_and(|id| pane.fleet.select_id(&id)) {
        filter(app, name);
    }
}

fn elevate(app: &mut App, rest: &str, out: &mut Vec<Effect>) {
    let (first, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    match duration(first) {
        Some(ms) => dispatch::elevate(app, ms, reason, out),
        None => app.say(Tone::Bad, "say for how long and why: elevate 15m REASON"),
    }
}

/// `90s`, `15m`, `2h` in ms.
pub fn duration(text: &str) -> Option<u64> {
    let unit = text.chars().last()?;
    let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        _ => return None,
    };
    number.checked_mul(seconds * 1_000)
}

fn every(app: &mut App, rest: &str) {
    match rest.trim_end_matches('s').parse::<u64>() {
        Ok(seconds) if (5..=86_400).contains(&seconds) => {
            app.refresh.every_s = seconds;
            app.say(Tone::Plain, format!("refreshing every {seconds} s"));
        }
        _ => app.say(Tone::Bad, "say how often in seconds, 5 or more: refresh 30"),
    }
}

fn set(app: &mut App, rest: &str) {
    match rest {
        "ascii on" | "ascii" => app.look.ascii = true,
        "ascii off" | "noascii" => app.look.ascii = false,
        _ => app.say(Tone::Bad, "known settings: ascii on, ascii off"),
    }
}

/// Says where the fleet is listed now.
pub fn told_places(app: &mut App) {
    let places: Vec<String> = app.reach.places.iter().take(4).map(Place::to_string).collect();
    let more = app.reach.places.len().saturating_sub(places.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    app.say(Tone::Plain, format!("listing {}{more}", places.join(", ")));
}

/// The line for a purpose, as it is drawn.
pub const fn sign(prompt: &Prompt) -> &'static str {
    match prompt.purpose {
        Purpose::Command => ":",
        Purpose::Filter => "/",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("15m"), Some(900_000));
        assert_eq!(duration("1h"), Some(3_600_000));
        for bad in ["", "m", "15", "-1m", "5d", "99999999999999999999s", "é"] {
            assert_eq!(duration(bad), None, "{bad}");
        }
    }
}
