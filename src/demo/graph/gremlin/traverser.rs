//! What walks the graph: a value with the path behind it, its sack and its rounds in loops.

use std::rc::Rc;

use super::plan::{By, Op};
use super::value::Value;

/// A place on a path. Paths share their beginnings.
#[derive(Debug)]
pub struct Place {
    value: Value,
    labels: Vec<Rc<str>>,
    before: Option<Rc<Place>>,
}

impl Drop for Place {
    /// Long paths end without recursion.
    fn drop(&mut self) {
        let mut next = self.before.take();
        while let Some(place) = next {
            match Rc::try_unwrap(place) {
                Ok(mut place) => next = place.before.take(),
                Err(_) => break,
            }
        }
    }
}

/// A traverser.
#[derive(Clone, Debug)]
pub struct Traverser {
    /// Where it is.
    pub value: Value,
    /// How it came there; its last place is the value. Nothing before the first step.
    pub path: Option<Rc<Place>>,
    /// What it carries.
    pub sack: Option<Value>,
    /// For each loop around it, the loop's name and the rounds so far.
    pub loops: Vec<(Option<Rc<str>>, u32)>,
}

impl Traverser {
    /// What the first step starts from.
    pub fn unborn(sack: Option<Value>) -> Self {
        Self { value: Value::Null, path: None, sack, loops: Vec::new() }
    }

    /// A traverser at the start of a path.
    pub fn new(value: Value, sack: Option<Value>) -> Self {
        Self::unborn(sack).at(value)
    }

    /// The same traverser one place further.
    pub fn at(&self, value: Value) -> Self {
        let path = Rc::new(Place { value: value.clone(), labels: Vec::new(), before: self.path.clone() });
        Self { value, path: Some(path), sack: self.sack.clone(), loops: self.loops.clone() }
    }

    /// The same traverser with its last place named.
    pub fn named(mut self, labels: &[Rc<str>]) -> Self {
        if let Some(place) = &self.path {
            let mut all = place.labels.clone();
            all.extend(labels.iter().filter(|label| !place.labels.contains(label)).cloned());
            let before = place.before.clone();
            self.path = Some(Rc::new(Place { value: place.value.clone(), labels: all, before }));
        }
        self
    }

    /// Another traverser's value, sack and loops set aside.
    pub fn seen(&self, value: Value) -> Self {
        Self { value, ..self.clone() }
    }

    /// The places from first to last.
    pub fn places(&self) -> Vec<(Value, Vec<Rc<str>>)> {
        let mut places: Vec<_> = std::iter::successors(self.path.as_ref(), |place| place.before.as_ref())
            .map(|place| (place.value.clone(), place.labels.clone()))
            .collect();
        places.reverse();
        places
    }

    /// The values at places with this label, last first.
    pub fn labelled<'t>(&'t self, label: &'t str) -> impl Iterator<Item = &'t Value> + 't {
        std::iter::successors(self.path.as_ref(), |place| place.before.as_ref())
            .filter(move |place| place.labels.iter().any(|l| &**l == label))
            .map(|place| &place.value)
    }

    /// The places between `from(…)` and `to(…)` of a step.
    pub fn between(&self, op: &Op<'_>) -> Vec<(Value, Vec<Rc<str>>)> {
        let places = self.places();
        let place = |label: Option<&str>| {
            let label = label?;
            places.iter().rposition(|(_, labels)| labels.iter().any(|l| &**l == label))
        };
        let from = place(op.between.0).unwrap_or(0);
        let to = place(op.between.1).map_or(places.len(), |at| at + 1);
        places.get(from..to).unwrap_or_default().to_vec()
    }
}

/// The modulator whose turn it is: they are used round and round.
pub fn turn<'o, 'a>(by: &'o [By<'a>], at: usize) -> Option<&'o By<'a>> {
    by.get(at.checked_rem(by.len())?)
}
