//! Keyspaces: keyspaces with their Regions, and tables beneath them.

mod act;
mod read;
pub mod spec;
mod table;
#[cfg(test)]
mod tests;

use super::{Parts, Service};
use crate::aws::Reach;
use crate::guard::Cleared;
use crate::model::{Detail, Operation, Outcome, ResourceId, ServiceSpec, Task};

/// Keyspaces.
pub struct Keyspaces;

impl Service for Keyspaces {
    fn spec(&self) -> &'static ServiceSpec {
        &spec::SPEC
    }

    fn list<'a>(&'a self, reach: &'a Reach, out: Parts<'a>) -> Task<'a, ()> {
        Box::pin(read::list(reach, out))
    }

    fn describe<'a>(&'a self, reach: &'a Reach, id: &'a ResourceId) -> Task<'a, Detail> {
        Box::pin(read::describe(reach, id))
    }

    fn perform<'a>(&'a self, reach: &'a Reach, what: &'a Cleared<Operation>) -> Task<'a, Outcome> {
        Box::pin(act::perform(reach, what))
    }

    fn follow<'a>(&'a self, reach: &'a Reach, what: &'a Operation) -> Task<'a, Outcome> {
        Box::pin(act::follow(reach, what))
    }
}
