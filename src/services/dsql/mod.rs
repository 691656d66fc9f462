//! Aurora DSQL: serverless clusters that speak PostgreSQL, in one Region or in two with a witness.

mod act;
mod read;
pub mod spec;
#[cfg(test)]
mod tests;

use super::{Parts, Service};
use crate::aws::Reach;
use crate::guard::Cleared;
use crate::model::{Detail, Operation, Outcome, ResourceId, ServiceSpec, Task};

/// Aurora DSQL.
pub struct Dsql;

impl Service for Dsql {
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
