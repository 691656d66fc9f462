//! Operation cards from their opening to the call: what is asked for the card, the guard's
//! word, and the last look at the resource before anything is sent.

use super::fresh;
use super::msg::{Reply, Slot, Ticket};
use super::notices::Tone;
use super::operate::{Card, Check, Verdict};
use super::overlay::Overlay;
use super::{App, Effect, Identity, samples, schedule};
use crate::guard;
use crate::metrics::{Wanted, plan};
use crate::model::{Cell, Resource, ResourceId};
use crossterm::event::KeyEvent;

/// Takes a key of the operation card.
pub fn key(app: &mut App, key: KeyEvent, out: &mut Vec<Effect>) {
    let now = app.now;
    let Some(Overlay::Card(card)) = &mut app.overlay else { return };
    match card.key(key, now) {
        Verdict::Stay => {}
        Verdict::Confirmed => {
            card.check = Check::Asked;
            let id = card.on.id.clone();
            let ticket = app.turns.issue(Slot::CardState);
            out.push(Effect::Describe { ticket, id });
        }
        Verdict::Close => {
            let counting = card.starts.is_some();
            close(app);
            app.say(Tone::Plain, if counting { "aborted: nothing was sent" } else { "nothing was sent" });
        }
    }
}

/// Takes the card away; answers to its questions are not waited for any more.
fn close(app: &mut App) -> Option<Box<Card>> {
    app.turns.retire(&Slot::CardState);
    app.turns.retire(&Slot::CardUse);
    match app.overlay.take() {
        Some(Overlay::Card(card)) => Some(card),
        other => {
            app.overlay = other;
            None
        }
    }
}

/// Opens the card of an operation and asks for what it would meet, or says why it is refused.
pub fn open(app: &mut App, id: &ResourceId, operation: &str, out: &mut Vec<Effect>) {
    let Some(pane) = app.workspace.service(id.service) else { return };
    let (Some(resource), Some(spec)) = (pane.fleet.get(id), pane.fleet.spec.operation(operation)) else {
        return app.say(Tone::Bad, "it is gone");
    };
    let members = readers(&pane.fleet, resource);
    let columns = pane.fleet.spec.columns.iter().zip(&resource.cells);
    let current: Vec<(&'static str, String)> = columns
        .filter(|(_, cell)| matches!(cell, Cell::Text(_) | Cell::Count(_)))
        .map(|(column, cell)| (column.id, crate::view::cell::text(cell)))
        .collect();
    let caller = match app.reach.identities.get(&id.place) {
        Some(Identity::Known(caller)) => Some(caller.clone()),
        _ => None,
    };
    let mut card = Card::new(spec, resource, caller, &members, &current, app.now);
    card.listed = pane.fleet.listings.get(&id.place).and_then(|l| l.listed);
    if let Some(why) = app.production.why(resource) {
        card.is_production(&why);
    }
    let wanted = if schedule::is_spent(app) { Vec::new() } else { samples::of_card(&pane.fleet, resource) };
    if let Err(refusal) = guard::clear(&app.access, app.now, card.operation()) {
        return app.say(Tone::Bad, refusal.to_string());
    }
    let ticket = app.turns.issue(Slot::CardState);
    out.push(Effect::Describe { ticket, id: id.clone() });
    ask_use(app, &mut card, &wanted, out);
    app.overlay = Some(Overlay::Card(Box::new(card)));
}

fn ask_use(app: &mut App, card: &mut Card, wanted: &[Wanted], out: &mut Vec<Effect>) {
    let plans = plan(wanted, fresh::WINDOW_MS, app.now);
    if plans.is_empty() {
        let why = if schedule::is_spent(app) {
            "the budget for CloudWatch is spent"
        } else {
            "it has no such metric"
        };
        card.usage = fresh::Told::Unknown(why.into());
        return;
    }
    card.asked = wanted.iter().map(|w| w.series.clone()).collect();
    let ticket = app.turns.issue(Slot::CardUse);
    out.push(Effect::Sample { ticket, plans });
}

/// Members that may take over: those whose role is not the writer's.
fn readers(fleet: &super::fleet::Fleet, cluster: &Resource) -> Vec<String> {
    let role = fleet.spec.columns.iter().position(|c| c.id == "role");
    let writes = |r: &&Resource| {
        let cell = role.and_then(|at| r.cells.get(at)).map(crate::view::cell::text).unwrap_or_default();
        cell.to_lowercase().contains("writer")
    };
    fleet.children(cluster).filter(|r| !writes(r)).map(|r| r.id.name.to_string()).collect()
}

/// Takes an answer that the card waits for.
pub fn reply(app: &mut App, ticket: &Ticket, reply: Reply, out: &mut Vec<Effect>) {
    let now = app.now;
    let Some(Overlay::Card(card)) = &mut app.overlay else { return };
    match (&ticket.slot, reply) {
        (Slot::CardUse, Reply::Samples(samples)) => {
            let spec = app.workspace.service(card.on.id.service).map(|p| p.fleet.spec);
            card.samples.extend(samples);
            let found = spec.map(|spec| fresh::usage(spec, &card.asked, &card.samples)).unwrap_or_default();
            card.usage = if found.is_empty() {
                fresh::Told::Unknown("CloudWatch has no recent points".into())
            } else {
                fresh::Told::Known(found, now)
            };
        }
        (Slot::CardUse, Reply::Failed(failure)) => card.usage = fresh::Told::Unknown(failure.because),
        (Slot::CardState, Reply::Described(detail)) => {
            let why = app.production.why(&detail.resource);
            let drift = fresh::drift(&card.on, &card.seen, &detail.resource);
            match (card.check, drift) {
                (Check::Asked, Some(drift)) => {
                    close(app);
                    return app.say(Tone::Bad, format!("nothing was sent: {drift}"));
                }
                (Check::Asked, None) => card.check = Check::Same,
                (_, _) => {}
            }
            card.told(&detail, now);
            // Tags of some services come with the description only.
            if let Some(why) = why {
                card.is_production(&why);
            }
            due(app, out);
        }
        (Slot::CardState, Reply::Failed(failure)) => {
            if card.check == Check::Asked {
                close(app);
                app.notices.keep(now, &failure);
                return app
                    .say(Tone::Bad, format!("nothing was sent: the last look at it failed: {failure}"));
            }
            card.state = fresh::Told::Unknown(failure.because);
        }
        _ => {}
    }
}

/// Starts the operation when its countdown is over and the last look found nothing moved.
pub fn due(app: &mut App, out: &mut Vec<Effect>) {
    if matches!(&app.overlay, Some(Overlay::Card(card)) if card.is_due(app.now)) {
        start(app, out);
    }
}

/// Starts what the card on show confirms. The guard decides again, now; a resource that is
/// gone or another one by now is left alone.
fn start(app: &mut App, out: &mut Vec<Effect>) {
    let Some(card) = close(app) else { return };
    let operation = card.operation();
    let known = app.workspace.service(operation.on.service).and_then(|p| p.fleet.get(&operation.on));
    if known.is_none_or(|r| r.arn != card.on.arn) {
        return app.say(Tone::Bad, "nothing was sent: the resource is not the one on the card any more");
    }
    match guard::clear(&app.access, app.now, operation) {
        Ok(operation) => {
            let on = card.on.id.clone();
            let title = format!("{} {}", card.spec.title, card.on.name);
            let reason = card.reason();
            let because = reason.as_ref().map(|r| format!(" ({r})")).unwrap_or_default();
            let number = app.jobs.start(&title, on, reason, app.now);
            let ticket = app.turns.issue(Slot::Change(number));
            app.say(Tone::Plain, format!("{title}: asked for{because}"));
            out.push(Effect::Perform { ticket, operation, planned: card.caller });
        }
        Err(refusal) => app.say(Tone::Bad, refusal.to_string()),
    }
}
