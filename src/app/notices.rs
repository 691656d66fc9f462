//! Short messages that go by themselves, and the list of everything that failed, which stays.

use crate::model::{Failure, FailureKind, Moment, SafeText};
use std::collections::VecDeque;

/// How long a message stays, in ms.
const STAYS_MS: u64 = 6_000;
/// A complaint stays longer: it is read, not noticed.
const COMPLAINT_STAYS_MS: u64 = 12_000;
/// The most failures kept; the oldest go first.
const FAILURES_KEPT: usize = 500;

/// How a message is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something to know.
    Plain,
    /// Something went as asked.
    Good,
    /// Something was refused or failed.
    Bad,
}

/// A short message.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Its words.
    pub text: SafeText,
    /// How it is meant.
    pub tone: Tone,
    /// When it goes.
    pub until: Moment,
}

/// A failure with its times.
#[derive(Clone, Debug, PartialEq)]
pub struct Failed {
    /// What failed.
    pub failure: Failure,
    /// When it last did.
    pub last: Moment,
    /// How often it did.
    pub times: u32,
}

/// Messages and failures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notices {
    current: Option<Notice>,
    failures: VecDeque<Failed>,
}

impl Notices {
    /// Shows a message.
    pub fn say(&mut self, now: Moment, tone: Tone, text: impl AsRef<str>) {
        let stays = if tone == Tone::Bad { COMPLAINT_STAYS_MS } else { STAYS_MS };
        self.current = Some(Notice { text: SafeText::new(text), tone, until: now.plus_ms(stays) });
    }

    /// Keeps a failure and shows it. One that comes again is counted, not repeated; one that
    /// the person caused by cancelling is shown and not kept.
    pub fn fail(&mut self, now: Moment, failure: &Failure) {
        self.keep(now, failure);
        self.say(now, Tone::Bad, failure.to_string());
    }

    /// Keeps a failure without showing it.
    pub fn keep(&mut self, now: Moment, failure: &Failure) {
        if failure.kind == FailureKind::Cancelled {
            return;
        }
        let same = |f: &Failed| f.failure.doing == failure.doing && f.failure.because == failure.because;
        if let Some(at) = self.failures.iter().position(same)
            && let Some(mut known) = self.failures.remove(at)
        {
            known.last = now;
            known.times = known.times.saturating_add(1);
            known.failure = failure.clone();
            self.failures.push_back(known);
            return;
        }
        if self.failures.len() == FAILURES_KEPT {
            self.failures.pop_front();
        }
        self.failures.push_back(Failed { failure: failure.clone(), last: now, times: 1 });
    }

    /// The message on show.
    pub const fn current(&self) -> Option<&Notice> {
        self.current.as_ref()
    }

    /// Everything that failed, newest first.
    pub fn failures(&self) -> impl ExactSizeIterator<Item = &Failed> {
        self.failures.iter().rev()
    }

    /// Removes a message whose time is over.
    pub fn expire(&mut self, now: Moment) {
        if self.current.as_ref().is_some_and(|n| n.until <= now) {
            self.current = None;
        }
    }

    /// When the message on show goes.
    pub fn next_wake(&self) -> Option<Moment> {
        self.current.as_ref().map(|n| n.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_failures_are_counted_and_messages_go() {
        let mut notices = Notices::default();
        let at = Moment::from_epoch_ms(1);
        let failure = Failure::new(FailureKind::Throttled, "list RDS", "slow down");
        notices.fail(at, &failure);
        notices.fail(at.plus_ms(5), &failure);
        assert_eq!(notices.failures().map(|f| f.times).collect::<Vec<_>>(), [2]);
        let until = notices.next_wake().expect("a message is on show");
        notices.expire(until.minus_ms(1));
        assert!(notices.current().is_some());
        notices.expire(until);
        assert_eq!((notices.current(), notices.next_wake()), (None, None));
    }
}
