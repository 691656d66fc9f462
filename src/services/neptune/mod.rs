//! Neptune: clusters with their writer and readers, serverless range, global databases, what
//! each engine says of itself; and Neptune Analytics graphs.

mod act;
mod graphs;
mod live;
mod read;
pub mod spec;
#[cfg(test)]
mod tests;

use super::{Parts, Service};
use crate::aws::Reach;
use crate::guard::Cleared;
use crate::model::{Detail, Operation, Outcome, ResourceId, ServiceSpec, Task};

/// Neptune.
pub struct Neptune;

impl Service for Neptune {
    fn spec(&self) -> &'static ServiceSpec {
        &spec::SPEC
    }

    fn list<'a>(&'a self, reach: &'a Reach, out: Parts<'a>) -> Task<'a, ()> {
        Box::pin(read::list(reach, out))
    }

    fn describe<'a>(&'a self, reach: &'a Reach, id: &'a ResourceId) -> Task<'a, Detail> {
        Box::pin(read::describe(reach, id, true))
    }

    fn locate<'a>(&'a self, reach: &'a Reach, id: &'a ResourceId) -> Task<'a, Detail> {
        // The engines themselves are not asked: from outside their VPC that costs seconds.
        Box::pin(read::describe(reach, id, false))
    }

    fn perform<'a>(&'a self, reach: &'a Reach, what: &'a Cleared<Operation>) -> Task<'a, Outcome> {
        Box::pin(act::perform(reach, what))
    }

    fn follow<'a>(&'a self, reach: &'a Reach, what: &'a Operation) -> Task<'a, Outcome> {
        Box::pin(act::follow(reach, what))
    }
}
