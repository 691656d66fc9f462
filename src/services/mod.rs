//! One folder per service: what it declares (`spec.rs`), how it is read (`read.rs`) and
//! operated (`act.rs`), and its answers for the demo estate (`demo.rs`).

mod act;
pub mod aurora;
mod clusters;
mod control_plane;
pub mod dax;
pub mod docdb;
pub mod dsql;
pub mod dynamodb;
pub mod elasticache;
mod extras;
mod health;
pub mod keyspaces;
mod lifecycle;
pub mod memorydb;
pub mod neptune;
pub mod qldb;
pub mod rds;
pub mod redshift;
#[cfg(test)]
pub(crate) mod scripted;
#[cfg(test)]
mod tests;
pub mod timestream;
mod words;

use crate::aws::Reach;
use crate::guard::Cleared;
use crate::model::{Detail, Failure, Operation, Outcome, Resource, ResourceId, ServiceSpec, Task};

/// A part of a listing.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Rows read so far that were not told yet. A row with an id told before replaces it.
    pub resources: Vec<Resource>,
    /// Whether AWS has more pages (false in the last part). When a page cap or a repeated
    /// token ended the listing, the last part says `more: true` and the task succeeds.
    pub more: bool,
    /// Something beside the rows that could not be had (pending maintenance, engine
    /// lifecycles): told, while the listing counts as whole.
    pub aside: Option<Failure>,
}

impl Part {
    /// Rows, with more to come or not.
    pub const fn of(resources: Vec<Resource>, more: bool) -> Self {
        Self { resources, more, aside: None }
    }
}

/// Where a listing delivers its parts: the first page at once, the rest behind it.
pub type Parts<'a> = &'a (dyn Fn(Part) + Send + Sync);

/// A service of the fleet.
pub trait Service: Send + Sync {
    /// What it declares.
    fn spec(&self) -> &'static ServiceSpec;

    /// Lists its resources at one place.
    fn list<'a>(&'a self, reach: &'a Reach, out: Parts<'a>) -> Task<'a, ()>;

    /// Everything about one resource.
    fn describe<'a>(&'a self, reach: &'a Reach, id: &'a ResourceId) -> Task<'a, Detail>;

    /// One resource as scripts need it: what listing knows of it, without what costs further
    /// questions or a wait.
    fn locate<'a>(&'a self, reach: &'a Reach, id: &'a ResourceId) -> Task<'a, Detail> {
        self.describe(reach, id)
    }

    /// Starts an operation. Not retried by itself.
    fn perform<'a>(&'a self, reach: &'a Reach, what: &'a Cleared<Operation>) -> Task<'a, Outcome>;

    /// Where a started operation stands: asked again and again until `Outcome::done`.
    fn follow<'a>(&'a self, reach: &'a Reach, what: &'a Operation) -> Task<'a, Outcome>;
}

/// Everything about one resource, with what AWS Health says of its engine's version.
///
/// # Errors
/// Those of [`Service::describe`].
pub async fn describe(service: &dyn Service, reach: &Reach, id: &ResourceId) -> Result<Detail, Failure> {
    let Some(engine) = service.spec().columns.iter().position(|column| column.id == "engine") else {
        return service.describe(reach, id).await;
    };
    let (detail, lifecycles) = tokio::join!(service.describe(reach, id), health::lifecycles(reach));
    let mut detail = detail?;
    detail.sections.extend(lifecycles.section(&detail.resource, detail.resource.cells.get(engine)));
    Ok(detail)
}

/// Every service, in the order of their tabs.
pub static ALL: &[&dyn Service] = &[
    &rds::Rds,
    &aurora::Aurora,
    &dynamodb::DynamoDb,
    &redshift::Redshift,
    &neptune::Neptune,
    &elasticache::ElastiCache,
    &memorydb::MemoryDb,
    &docdb::DocDb,
    &timestream::Timestream,
    &keyspaces::Keyspaces,
    &dsql::Dsql,
    &dax::Dax,
    &qldb::Qldb,
];

/// The service with this id or short name.
pub fn find(name: &str) -> Option<&'static dyn Service> {
    ALL.iter().copied().find(|s| {
        let spec = s.spec();
        spec.id.0 == name || spec.short.contains(&name)
    })
}
