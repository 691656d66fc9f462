//! Answers to effects, each handed to the node that asked.

use super::jobs::State;
use super::msg::{Reply, Slot, Ticket};
use super::notices::Tone;
use super::samples::of_board;
use super::workspace::{Over, ServicePane};
use super::{App, Effect, Identity, TabId, problems};
use crate::model::{Failure, FailureKind, Place, Sample, SeriesId, ServiceId};
use std::collections::HashSet;

/// Takes an answer whose ticket is current.
pub fn reply(app: &mut App, ticket: Ticket, reply: Reply, out: &mut Vec<Effect>) {
    match ticket.slot {
        Slot::Fleet(service, place) => fleet(app, service, &place, reply),
        Slot::Detail(tab) => detail(app, tab, reply),
        Slot::Samples(place) => samples(app, &place, reply),
        Slot::Query(tab) => {
            // The tab tells it; this keeps it for whoever looks for it later.
            if let Reply::Failed(failure) = &reply
                && failure.kind != FailureKind::Cancelled
            {
                app.notices.keep(app.now, failure);
            }
            app.with_query(Some(tab), out, |query, ctx| query.reply(reply, ctx));
        }
        Slot::CardState | Slot::CardUse => super::confirm::reply(app, &ticket, reply, out),
        Slot::Find(tab) => {
            app.with_query(Some(tab), out, |query, ctx| query.found(reply, ctx));
        }
        Slot::Export(tab) => {
            let told = reply.clone();
            if app.with_query(Some(tab), out, |query, ctx| query.exported(reply, ctx)).is_none() {
                // The tab is closed; the file is written all the same.
                aside(app, told, out);
            }
        }
        Slot::Change(number) => change(app, number, reply, out),
        Slot::Identity(place) => identity(app, place, reply),
        Slot::Aside => aside(app, reply, out),
    }
}

fn fleet(app: &mut App, service: ServiceId, place: &Place, reply: Reply) {
    let now = app.now;
    let Some(pane) = app.workspace.service_mut(service) else { return };
    match reply {
        Reply::Part(resources, more) => pane.fleet.part(place, resources, more),
        // As for a failure: a line above the table tells it.
        Reply::Lacks(failure) => {
            app.notices.keep(now, &failure);
            pane.fleet.lacks(place, failure);
        }
        Reply::Listed => pane.fleet.listed(place, now),
        Reply::Failed(failure) => {
            // The line above the table tells it: no message besides.
            app.notices.keep(now, &failure);
            pane.fleet.failed(place, failure, now);
        }
        _ => return,
    }
    problems::measure(&mut pane.fleet, &app.samples.store);
    pane.fleet.arrange(&app.samples.store);
}

fn detail(app: &mut App, tab: TabId, reply: Reply) {
    let now = app.now;
    let Some(pane) = app.workspace.tab_mut(tab).and_then(super::workspace::Tab::service_mut) else { return };
    let waiting = pane.over.iter_mut().rev().find_map(|over| match over {
        Over::Detail(detail) if detail.asking => Some(detail),
        Over::Detail(_) | Over::Board(_) => None,
    });
    let Some(view) = waiting else { return };
    match reply {
        Reply::Described(detail) if detail.resource.id == view.id => {
            view.asking = false;
            view.failed = None;
            pane.fleet.replace(detail.resource.clone());
            view.detail = Some(detail);
            pane.fleet.arrange(&app.samples.store);
        }
        Reply::Failed(failure) => {
            view.asking = false;
            app.notices.keep(now, &failure);
            view.failed = Some(failure);
        }
        _ => {}
    }
}

fn samples(app: &mut App, place: &Place, reply: Reply) {
    match reply {
        Reply::Samples(samples) => {
            if app.samples.answered(place, false) {
                for_board(app, samples);
                return;
            }
            app.samples.put(samples);
            for tab in app.workspace.tabs_mut() {
                if let Some(pane) = tab.service_mut()
                    && problems::measure(&mut pane.fleet, &app.samples.store)
                {
                    pane.fleet.arrange(&app.samples.store);
                }
            }
        }
        Reply::Failed(failure) => {
            app.samples.answered(place, true);
            app.notices.fail(app.now, &failure);
        }
        _ => {}
    }
}

/// Samples of a chart view: those of a view that is closed by now are dropped.
fn for_board(app: &mut App, samples: Vec<Sample>) {
    let now = app.now;
    let Some(ServicePane { fleet, over }) = app.workspace.pane_mut() else { return };
    let Some(Over::Board(board)) = over.last_mut() else { return };
    board.end = now;
    let shown: HashSet<SeriesId> = of_board(board, fleet).into_iter().map(|w| w.series).collect();
    for sample in samples.into_iter().filter(|s| shown.contains(&s.series)) {
        board.store.put(sample, board.range.ms());
    }
}

fn change(app: &mut App, number: u32, reply: Reply, out: &mut Vec<Effect>) {
    let now = app.now;
    let (job, tone) = match reply {
        Reply::Performed(outcome) => (app.jobs.moved(number, outcome, now).cloned(), Tone::Plain),
        Reply::Failed(failure) => {
            app.notices.keep(now, &failure);
            (app.jobs.failed(number, failure, now).cloned(), Tone::Bad)
        }
        _ => return,
    };
    let Some(job) = job else { return };
    let words = match &job.state {
        State::Running => format!("{}: {}", job.title, job.stage),
        State::Done => format!("{}: done ({})", job.title, job.stage),
        State::Failed(failure) => format!("{}: {failure}", job.title),
    };
    let tone = if job.state == State::Done { Tone::Good } else { tone };
    app.say(tone, words);
    super::lists::refresh_jobs(app);
    // The fleet shows what the job did as soon as AWS tells it.
    super::dispatch::relist(app, job.on.service, &job.on.place, out);
}

fn identity(app: &mut App, place: Place, reply: Reply) {
    match reply {
        Reply::Identity(caller) => {
            app.reach.identities.insert(place, Identity::Known(caller));
        }
        Reply::Failed(failure) => {
            app.notices.fail(app.now, &failure);
            app.reach.identities.insert(place, Identity::Unknown);
        }
        _ => {}
    }
}

fn aside(app: &mut App, reply: Reply, out: &mut Vec<Effect>) {
    match reply {
        Reply::Loaded(tab, path, text) => loaded(app, tab, &path, &text, out),
        Reply::Theme(theme) => app.look.theme = *theme,
        Reply::Saved(path) => app.say(Tone::Good, format!("written: {path}")),
        Reply::Failed(failure) => fail(app, &failure),
        _ => {}
    }
}

/// A file of statements goes into the tab that asked when that is empty, and else into a new
/// tab on the same target: nothing that is written gets lost.
fn loaded(app: &mut App, tab: TabId, path: &str, text: &str, out: &mut Vec<Effect>) {
    let taken = app.with_query(Some(tab), out, |query, ctx| query.load(path, text, ctx));
    match taken {
        Some(true) => {}
        Some(false) => {
            if let Some(beside) = super::dispatch::open_beside(app, tab) {
                app.with_query(Some(beside), out, |query, ctx| query.load(path, text, ctx));
            }
        }
        None => app.say(Tone::Plain, format!("{path} was not opened: the tab that asked is closed")),
    }
}

fn fail(app: &mut App, failure: &Failure) {
    app.notices.fail(app.now, failure);
}
