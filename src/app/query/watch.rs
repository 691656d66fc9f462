//! One statement run again and again: reads only, one run after the other, until it fails or
//! somebody stops it.

use super::{Ctx, Message, QueryTab, Results};
use crate::guard::clear;
use crate::model::{Moment, SafeText, Statement};

/// The shortest pause between two runs, in ms.
const SHORTEST: u64 = 1_000;

/// A statement that is run anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Ms from the end of a run to the beginning of the next.
    pub every_ms: u64,
    /// When the last run ended; `None` before the first has.
    pub last: Option<Moment>,
    statement: Statement,
}

impl Watch {
    /// When the next run is due.
    fn due(&self) -> Option<Moment> {
        self.last.map(|at| at.plus_ms(self.every_ms))
    }
}

impl QueryTab {
    /// `:watch 5s` runs the statement at the cursor every five seconds, `:watch off` ends that.
    pub(super) fn watch(&mut self, every: &str, ctx: &mut Ctx<'_>) {
        if matches!(every, "off" | "stop") {
            if !self.unwatch(ctx) {
                ctx.say("nothing is watched");
            }
            return;
        }
        let every_ms = match every.parse::<u64>() {
            Ok(seconds) => seconds.checked_mul(1_000),
            Err(_) => crate::app::line::duration(every),
        };
        let Some(every_ms) = every_ms.filter(|ms| *ms >= SHORTEST) else {
            return ctx.complain("say how often, 1s or more: watch 5s; watch off ends it");
        };
        if self.running() {
            return ctx.complain("a statement is running: Ctrl-c or Esc Esc cancels it");
        }
        self.look_ahead();
        let Some((start, text)) = self.statement() else {
            return ctx.complain("there is no statement here");
        };
        let statement = Statement { text: text.into(), dialect: self.language };
        match clear(ctx.access, ctx.now, statement.clone()) {
            Err(refusal) => return self.refuse(start, &statement, refusal),
            Ok(cleared) if cleared.changes() => {
                return ctx.complain("only what reads is run again and again: this changes data");
            }
            Ok(_) => {}
        }
        let (words, scan) = self.foresee(&statement.text);
        if scan && self.run.asked_to_watch.take().is_none_or(|s| s != statement) {
            let ask = format!("{words}: read anew every time it runs; give the command again to watch it");
            self.run.message = Some(Message::Again(SafeText::new(ask)));
            self.run.asked_to_watch = Some(statement);
            return;
        }
        self.run.message = None;
        self.remember(&statement, ctx);
        self.watch = Some(Watch { every_ms, last: None, statement });
        self.run_watched(ctx);
    }

    /// Ends watching. False when nothing is watched.
    pub(super) fn unwatch(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let ended = self.watch.take().is_some();
        if ended {
            ctx.say("watching has ended");
        }
        ended
    }

    /// Runs the watched statement when that is due. It passes the guard anew each time.
    pub fn tick(&mut self, ctx: &mut Ctx<'_>) {
        if self.watch_due().is_some_and(|at| at <= ctx.now) {
            self.run_watched(ctx);
        }
    }

    fn run_watched(&mut self, ctx: &mut Ctx<'_>) {
        let Some(statement) = self.watch.as_ref().map(|w| w.statement.clone()) else { return };
        match clear(ctx.access, ctx.now, statement.clone()) {
            Ok(cleared) if !cleared.changes() => self.begin(statement, cleared, ctx),
            Ok(_) => {
                self.unwatch(ctx);
            }
            Err(refusal) => {
                self.watch = None;
                self.run.message = Some(Message::Refused(refusal));
            }
        }
    }

    /// When the age of the rows changes on the screen, or the next run is due.
    pub(super) fn watch_wake(&self, now: Moment) -> Option<Moment> {
        let last = self.watch.as_ref()?.last.filter(|_| !self.running())?;
        let second = now.plus_ms(1_000 - now.ms_since(last) % 1_000);
        Some(self.watch_due().map_or(second, |due| due.min(second)))
    }

    /// Rows of another run of the watched statement: shown once they are all there, with the
    /// cursor where it was.
    pub(super) fn coming(&mut self, results: Results) {
        self.coming = Some(results);
    }

    /// Whether rows that come now are to replace those of a run before.
    pub(super) fn is_rerun(&self) -> bool {
        self.results.is_some() && self.watch.as_ref().is_some_and(|w| w.last.is_some())
    }

    /// Shows the rows of the run that has ended.
    pub(super) fn arrive(&mut self, ctx: &mut Ctx<'_>) {
        let Some(mut new) = self.coming.take() else { return };
        if let Some(old) = &self.results {
            new.rows = new.reader.rows();
            new.row = old.row.min(new.rows.saturating_sub(1));
            new.column = old.column.min(new.columns.len().saturating_sub(1));
            new.window = old.window.clone();
        }
        self.take_results(new, ctx);
    }

    /// A run has ended: the pause before the next begins, or watching ends because it failed.
    pub(super) fn watched(&mut self, well: bool, ctx: &mut Ctx<'_>) {
        match &mut self.watch {
            Some(watch) if well => watch.last = Some(ctx.now),
            Some(_) => {
                self.watch = None;
                ctx.complain("watching has ended: the statement did not run");
            }
            None => {}
        }
    }

    /// When the watched statement is due. Rows that somebody looks into or marks stay.
    pub fn watch_due(&self) -> Option<Moment> {
        let held = self.results.as_ref().is_some_and(|r| r.anchor.is_some());
        if self.running() || self.layer.is_some() || held {
            return None;
        }
        self.watch.as_ref().and_then(Watch::due)
    }
}
