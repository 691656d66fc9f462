//! Judges a tree: every step known, reading, and with arguments that it is known to take, at any depth.

use super::steps::{self, Does, SETTINGS, SOURCE, STARTS, STEPS, STRATEGIES, TERMINALS};
use super::tree::{Argument, Link, Predicate, Step, Traversal};
use super::{Refusal, unsure};
use crate::query::dialect::{Class, Span};

/// `Ok` when `traversal` only reads. A step that writes is told before one that is not known.
pub fn check(traversal: &Traversal) -> Result<(), Refusal> {
    let mut found = Found::default();
    for step in &traversal.source {
        found.step(step, SOURCE);
        found.setting(step);
    }
    for (at, step) in traversal.steps.iter().enumerate() {
        found.step(step, if at == 0 { STARTS } else { STEPS });
    }
    if let Some(step) = &traversal.terminal {
        found.step(step, TERMINALS);
    }
    match found.writes.or(found.doubt) {
        Some(refusal) => Err(refusal),
        None => Ok(()),
    }
}

/// The first step that writes and the first thing that is not known.
#[derive(Default)]
struct Found {
    writes: Option<Refusal>,
    doubt: Option<Refusal>,
}

impl Found {
    fn doubt(&mut self, rule: &'static str, span: Span, why: &str) {
        self.doubt.get_or_insert_with(|| unsure(rule, span, why));
    }

    fn step(&mut self, step: &Step, known: &[(&str, Does)]) {
        match steps::does(known, &step.name) {
            Some(Does::Reads(forms)) => {
                if !steps::fits(forms, &step.args) {
                    let why = format!("{} takes no such arguments.", step.name);
                    self.doubt("gremlin.step.arguments", step.span, &why);
                }
            }
            Some(Does::Writes(what)) => {
                self.writes.get_or_insert_with(|| Refusal {
                    class: Class::Write,
                    rule: "gremlin.step.write",
                    span: step.span,
                    why: format!("{} {what}", step.name),
                    instead: instead(&step.name),
                });
            }
            None => self.unknown(step),
        }
        step.args.iter().for_each(|argument| self.argument(argument, step.span));
    }

    fn unknown(&mut self, step: &Step) {
        let (rule, why) = match step.name.as_str() {
            "tx" => ("gremlin.transaction", "Transactions are for writes."),
            "withoutStrategies" => {
                ("gremlin.strategy", "Strategies that protect the graph could be taken away.")
            }
            "withComputer" | "pageRank" | "peerPressure" | "connectedComponent" | "shortestPath"
            | "program" => {
                ("gremlin.step.unknown", "Graph computers are not known to leave the graph as it is.")
            }
            _ => ("gremlin.step.unknown", "This step is not known to read."),
        };
        self.doubt(rule, step.span, why);
    }

    /// What a source is set up with: unknown settings may name endpoints or clear caches.
    fn setting(&mut self, step: &Step) {
        let key = match (step.name.as_str(), step.args.first()) {
            ("with" | "withSideEffect", Some(Argument::Text(key))) => key.as_str(),
            _ => return,
        };
        let known = SETTINGS.contains(&key);
        if !known && (step.name == "with" || key.to_ascii_lowercase().contains("neptune")) {
            self.doubt("gremlin.setting.unknown", step.span, "This setting is not known to be harmless.");
        }
    }

    fn argument(&mut self, argument: &Argument, at: Span) {
        match argument {
            Argument::Traversal(steps) => steps.iter().for_each(|step| self.step(step, STEPS)),
            Argument::Predicate(predicate) => self.predicate(predicate, at),
            Argument::Cardinal(_, value) => self.argument(value, at),
            Argument::List(items) => items.iter().for_each(|item| self.argument(item, at)),
            Argument::Map(entries) => entries.iter().for_each(|(key, value)| {
                self.argument(key, at);
                self.argument(value, at);
            }),
            Argument::Strategy { name, settings } => {
                let known = STRATEGIES.iter().find(|(strategy, _)| strategy == name);
                let fits = |keys: &[&str]| settings.iter().all(|(key, _)| keys.contains(&key.as_str()));
                if !known.is_some_and(|(_, keys)| fits(keys)) {
                    self.doubt("gremlin.strategy", at, "This strategy is not known to keep to reading.");
                }
                settings.iter().for_each(|(_, value)| self.argument(value, at));
            }
            _ => {}
        }
    }

    fn predicate(&mut self, predicate: &Predicate, at: Span) {
        predicate.args.iter().for_each(|argument| self.argument(argument, at));
        for link in &predicate.chain {
            if let Link::And(with) | Link::Or(with) = link {
                self.predicate(with, at);
            }
        }
    }
}

fn instead(step: &str) -> Option<&'static str> {
    match step {
        "drop" => Some("Without drop() the traversal shows what it would remove."),
        "property" => Some("valueMap() shows the properties there are."),
        "mergeV" | "mergeE" => Some("has(…) with the same keys shows whether it is there."),
        _ => None,
    }
}
