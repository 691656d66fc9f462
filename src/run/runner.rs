//! Runs effects: the only place that spawns. Each slot runs one effect at a time.

use super::find;
use super::fleet;
use super::keep;
use super::sessions::{Asked, Sessions};
use super::slots::{Busy, busy, ticket};
use crate::app::{Effect, Reply, Slot, Ticket};
use crate::model::Reading;
use crate::setup::Setup;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;

/// What effects send to the loop.
pub enum Inbound {
    /// An answer.
    Reply(Ticket, Reply),
    /// Rows have arrived: how many is read when the loop gets to it, so that a flood of rows
    /// is one message.
    Rows(Ticket, Arc<RowCount>),
    /// The effect of this ticket has ended; its slot is free.
    Ended(Ticket),
}

/// A row count shared by a run and the loop.
#[derive(Default)]
pub struct RowCount {
    rows: AtomicU64,
    told: AtomicBool,
}

impl RowCount {
    /// Notes that `rows` are at hand. True when the loop must be told.
    pub fn note(&self, rows: u64) -> bool {
        self.rows.store(rows, Ordering::Release);
        !self.told.swap(true, Ordering::AcqRel)
    }

    fn read(&self) -> u64 {
        self.told.store(false, Ordering::Release);
        self.rows.load(Ordering::Acquire)
    }
}

/// What an effect's task is given.
#[derive(Clone)]
pub struct Work {
    /// Places, engines, access.
    pub setup: Arc<Setup>,
    sender: UnboundedSender<Inbound>,
}

impl Work {
    /// Answers.
    pub fn reply(&self, ticket: &Ticket, reply: Reply) {
        self.send(Inbound::Reply(ticket.clone(), reply));
    }

    /// Sends to the loop. When the loop is gone there is nobody to tell.
    pub fn send(&self, inbound: Inbound) {
        let _ = self.sender.send(inbound);
    }
}

struct Running {
    turn: u32,
    task: AbortHandle,
    next: Option<Effect>,
}

/// Runs effects.
pub struct Runner {
    work: Work,
    slots: HashMap<Slot, Running>,
    sessions: Sessions,
    read: Reading,
}

impl Runner {
    /// Nothing runs yet.
    pub fn new(setup: Setup, sender: UnboundedSender<Inbound>) -> Self {
        let work = Work { setup: Arc::new(setup), sender };
        Self { work, slots: HashMap::new(), sessions: Sessions::default(), read: Reading::default() }
    }

    /// The meter's reading, when it has moved since the last time.
    pub fn reading(&mut self) -> Option<Reading> {
        let reading = self.work.setup.reaches.meter().read();
        (reading != self.read).then(|| {
            self.read = reading;
            reading
        })
    }

    /// Starts an effect, by its slot's policy.
    pub fn start(&mut self, effect: Effect) {
        match effect {
            Effect::Cancel(ticket) => self.cancel(&ticket),
            Effect::CloseSession(tab) => self.sessions.close(tab),
            Effect::Elevate { reason, for_ms } => {
                // The core has checked reason and duration; a refusal here leaves us read-only.
                let _ = self.work.setup.reaches.access().elevate(&reason, for_ms);
            }
            Effect::Lower => self.work.setup.reaches.access().lower(),
            effect => self.start_in_slot(effect),
        }
    }

    fn start_in_slot(&mut self, effect: Effect) {
        let Some(ticket) = ticket(&effect).cloned() else { return };
        if let Some(running) = self.slots.get_mut(&ticket.slot) {
            match busy(&ticket.slot) {
                Busy::Queue => {
                    running.next = Some(effect);
                    return;
                }
                Busy::Replace => {
                    if let Slot::Query(tab) = ticket.slot {
                        self.sessions.cancel(tab);
                    } else {
                        running.task.abort();
                    }
                }
                Busy::Beside => {}
            }
        }
        let task = self.spawn(&ticket, effect);
        self.slots.insert(ticket.slot, Running { turn: ticket.turn, task, next: None });
    }

    fn spawn(&mut self, ticket: &Ticket, effect: Effect) -> AbortHandle {
        let work = self.work.clone();
        let ended = Inbound::Ended(ticket.clone());
        let session = if let Effect::Run { tab, .. } = &effect { Some(self.sessions.of(*tab)) } else { None };
        let job = async move {
            let behind = work.clone();
            let listed = matches!(effect, Effect::List { .. });
            match effect {
                Effect::List { ticket, service, place } => fleet::list(&work, &ticket, service, &place).await,
                Effect::Describe { ticket, id } => fleet::describe(&work, &ticket, &id).await,
                Effect::Sample { ticket, plans } => fleet::sample(&work, &ticket, plans).await,
                Effect::Identify { ticket, place } => fleet::identify(&work, &ticket, &place).await,
                Effect::Perform { ticket, operation, planned } => {
                    fleet::perform(&work, &ticket, operation, planned).await;
                }
                Effect::Run { ticket, target, login, statement, how, limits, .. } => {
                    if let Some(session) = session {
                        let asked = Asked { login, statement, how, limits };
                        session.run(&work, &ticket, *target, asked).await;
                    }
                }
                Effect::Find { ticket, rows, words, ranges } => {
                    find::find(&work, &ticket, rows, words, ranges).await;
                }
                Effect::Theme { ticket, name } => keep::theme(&work, &ticket, name).await,
                Effect::Load { ticket, tab, path } => keep::load(&work, &ticket, tab, path).await,
                Effect::Save { ticket, what } => keep::save(&work, &ticket, what).await,
                _ => {}
            }
            behind.send(ended);
            if listed {
                fleet::let_go(&behind).await;
            }
        };
        tokio::spawn(job).abort_handle()
    }

    fn cancel(&mut self, ticket: &Ticket) {
        if let Slot::Query(tab) = ticket.slot {
            self.sessions.cancel(tab);
        } else if let Some(running) = self.slots.get(&ticket.slot).filter(|r| r.turn == ticket.turn) {
            running.task.abort();
            self.work.send(Inbound::Ended(ticket.clone()));
        }
    }

    /// Takes an arrival in: frees slots, starts what waited, hands answers on.
    pub fn settle(&mut self, inbound: Inbound) -> Option<(Ticket, Reply)> {
        match inbound {
            Inbound::Reply(ticket, reply) => Some((ticket, reply)),
            Inbound::Rows(ticket, count) => Some((ticket, Reply::Rows(count.read()))),
            Inbound::Ended(ticket) => {
                if self.slots.get(&ticket.slot).is_some_and(|r| r.turn == ticket.turn)
                    && let Some(next) = self.slots.remove(&ticket.slot).and_then(|r| r.next)
                {
                    self.start_in_slot(next);
                }
                None
            }
        }
    }

    /// Ends everything: running statements are cancelled on their servers first.
    pub async fn close(&mut self) {
        for running in self.slots.values() {
            if running.next.is_some() {
                running.task.abort();
            }
        }
        self.sessions.close_all().await;
    }
}
