//! `repeat` with what stands around it: rounds go deep first, one traverser at a time; when a step inside remembers
//! what it has seen, all that a start has become goes through a round together.

use std::rc::Rc;

use super::EvaluateError;
use super::filter::tested;
use super::plan::{Op, Plan, Test};
use super::run::{Item, Run, Stream, ready};
use super::traverser::Traverser;

/// Deepest stack of rounds.
const DEEPEST: usize = 10_000;

/// Runs a loop.
pub fn repeat<'a>(run: &'a Run<'a>, op: &'a Op<'a>, input: Stream<'a>) -> Stream<'a> {
    let Some(body) = op.plans.first() else { return input };
    // Zero rounds leave everything as it is.
    if matches!(op.around.until, Some((Test::Times(0), _))) && op.around.emit.is_none() {
        return input;
    }
    for op in body.ops.iter().filter(|op| op.name == "dedup") {
        run.seen.borrow_mut().insert(std::ptr::from_ref(op).addr(), std::collections::HashSet::new());
    }
    let together = body.ops.iter().any(Op::gathers);
    Box::new(Rounds { run, op, body, together, input, stack: Vec::new(), wave: Vec::new(), out: Vec::new() })
}

struct Rounds<'a> {
    run: &'a Run<'a>,
    op: &'a Op<'a>,
    body: &'a Plan<'a>,
    input: Stream<'a>,
    /// Whether a round is for all at once.
    together: bool,
    /// The rounds that are open, the innermost last.
    stack: Vec<Stream<'a>>,
    /// What the next round is for, when it is for all at once.
    wave: Vec<Traverser>,
    /// What goes out next, last first.
    out: Vec<Traverser>,
}

impl Iterator for Rounds<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(traverser) = self.out.pop() {
                return Some(Ok(traverser));
            }
            let step = match self.stack.last_mut() {
                Some(round) => match round.next() {
                    Some(item) => item.and_then(|traverser| self.turned(traverser)),
                    None => {
                        self.stack.pop();
                        Ok(())
                    }
                },
                None if !self.wave.is_empty() => {
                    let wave = std::mem::take(&mut self.wave);
                    self.stack.push(self.run.feed(&self.body.ops, ready(wave)));
                    Ok(())
                }
                None => self.input.next()?.and_then(|mut traverser| {
                    traverser.loops.push((self.op.around.name.map(Rc::from), 0));
                    self.enter(traverser)
                }),
            };
            if let Err(error) = step {
                return Some(Err(error));
            }
        }
    }
}

impl<'a> Rounds<'a> {
    /// After a round.
    fn turned(&mut self, mut traverser: Traverser) -> Result<(), EvaluateError> {
        if let Some((_, rounds)) = traverser.loops.last_mut() {
            *rounds += 1;
        }
        if self.meets(self.op.around.until.as_ref(), false, &traverser)? {
            self.leave(traverser);
            return Ok(());
        }
        let emits = self.meets(self.op.around.emit.as_ref(), false, &traverser)?;
        if emits {
            self.leave(traverser.clone());
        }
        self.enter(traverser)
    }

    /// Before a round.
    fn enter(&mut self, traverser: Traverser) -> Result<(), EvaluateError> {
        if self.meets(self.op.around.until.as_ref(), true, &traverser)? {
            self.leave(traverser);
            return Ok(());
        }
        if self.meets(self.op.around.emit.as_ref(), true, &traverser)? {
            self.leave(traverser.clone());
        }
        if self.together {
            self.wave.push(traverser);
            return Ok(());
        }
        if self.stack.len() >= DEEPEST {
            return Err(EvaluateError::TooLong);
        }
        self.stack.push(self.run.of(self.body, &traverser));
        Ok(())
    }

    fn leave(&mut self, mut traverser: Traverser) {
        traverser.loops.pop();
        self.out.push(traverser);
    }

    /// Whether the condition that stands before (or behind) the loop is met.
    fn meets(
        &self,
        test: Option<&'a (Test<'a>, bool)>,
        first: bool,
        traverser: &Traverser,
    ) -> Result<bool, EvaluateError> {
        let rounds = traverser.loops.last().map_or(0, |(_, rounds)| *rounds);
        match test {
            Some((test, place)) if *place == first => match test {
                Test::Always => Ok(true),
                Test::Times(times) => Ok(rounds >= *times),
                Test::Passes(predicate) => tested(predicate, &traverser.value),
                Test::Plan(plan) => super::filter::condition(self.run, plan, traverser),
            },
            _ => Ok(false),
        }
    }
}
