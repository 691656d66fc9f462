//! DocumentDB: instance clusters with their primary and replicas, serverless range and global
//! clusters, all on the RDS control plane; and elastic clusters, on one of their own.

mod act;
mod elastic;
mod read;
pub mod spec;
#[cfg(test)]
mod tests;

use super::{Parts, Service};
use crate::aws::Reach;
use crate::guard::Cleared;
use crate::model::{Detail, Operation, Outcome, ResourceId, ServiceSpec, Task};

/// DocumentDB.
pub struct DocDb;

impl Service for DocDb {
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
        Box::pin(read::describe(reach, id, false))
    }

    fn perform<'a>(&'a self, reach: &'a Reach, what: &'a Cleared<Operation>) -> Task<'a, Outcome> {
        Box::pin(act::perform(reach, what))
    }

    fn follow<'a>(&'a self, reach: &'a Reach, what: &'a Operation) -> Task<'a, Outcome> {
        Box::pin(act::follow(reach, what))
    }
}
