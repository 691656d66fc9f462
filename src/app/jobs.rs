//! Operations under way and done.

use crate::model::{Failure, Moment, Outcome, ResourceId, SafeText};

/// How a job stands.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// AWS works on it.
    Running,
    /// It has ended well.
    Done,
    /// It failed.
    Failed(Failure),
}

/// One operation that was started.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// The number of its slot.
    pub number: u32,
    /// What it is called.
    pub title: SafeText,
    /// On what.
    pub on: ResourceId,
    /// Why, where the person was asked.
    pub reason: Option<SafeText>,
    /// When it was started.
    pub started: Moment,
    /// When it ended.
    pub ended: Option<Moment>,
    /// AWS's own word for where it stands.
    pub stage: SafeText,
    /// Share done in percent, where AWS tells.
    pub percent: Option<u8>,
    /// What was made on the way.
    pub made: Option<SafeText>,
    /// How it stands.
    pub state: State,
}

/// Every job of this session, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Jobs {
    all: Vec<Job>,
    last: u32,
}

impl Jobs {
    /// A new job's number, which also numbers its slot.
    pub fn start(
        &mut self,
        title: impl AsRef<str>,
        on: ResourceId,
        reason: Option<SafeText>,
        now: Moment,
    ) -> u32 {
        self.last = self.last.wrapping_add(1);
        self.all.push(Job {
            number: self.last,
            title: SafeText::new(title),
            on,
            reason,
            started: now,
            ended: None,
            stage: "asked for".into(),
            percent: None,
            made: None,
            state: State::Running,
        });
        self.last
    }

    /// Every job, newest first.
    pub fn all(&self) -> impl ExactSizeIterator<Item = &Job> {
        self.all.iter().rev()
    }

    /// Jobs that AWS still works on.
    pub fn running(&self) -> impl Iterator<Item = &Job> {
        self.all().filter(|j| j.state == State::Running)
    }

    /// A job has moved. Returns it when the stage is news.
    pub fn moved(&mut self, number: u32, outcome: Outcome, now: Moment) -> Option<&Job> {
        let job = self.all.iter_mut().find(|j| j.number == number && j.state == State::Running)?;
        let news = outcome.done || job.stage != outcome.stage;
        job.stage = outcome.stage;
        job.percent = outcome.percent;
        if outcome.made.is_some() {
            job.made = outcome.made;
        }
        if outcome.done {
            job.state = State::Done;
            job.ended = Some(now);
        }
        news.then_some(&*job)
    }

    /// A job has failed.
    pub fn failed(&mut self, number: u32, failure: Failure, now: Moment) -> Option<&Job> {
        let job = self.all.iter_mut().find(|j| j.number == number && j.state == State::Running)?;
        job.ended = Some(now);
        job.state = State::Failed(failure);
        Some(job)
    }
}
