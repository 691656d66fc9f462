//! Redshift: provisioned clusters, and Serverless as workgroups (compute) over namespaces
//! (storage).

mod act;
mod cluster;
mod extras;
mod measured;
mod read;
mod serverless;
pub mod spec;
#[cfg(test)]
mod tests;
mod workload;

use super::{Parts, Service};
use crate::aws::Reach;
use crate::guard::Cleared;
use crate::model::{Detail, Operation, Outcome, ResourceId, ServiceSpec, Task};

/// Redshift.
pub struct Redshift;

impl Service for Redshift {
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
        // What the detail view alone shows is asked by a dozen calls, and metrics are billed.
        Box::pin(read::describe(reach, id, false))
    }

    fn perform<'a>(&'a self, reach: &'a Reach, what: &'a Cleared<Operation>) -> Task<'a, Outcome> {
        Box::pin(act::perform(reach, what))
    }

    fn follow<'a>(&'a self, reach: &'a Reach, what: &'a Operation) -> Task<'a, Outcome> {
        Box::pin(act::follow(reach, what))
    }
}
