//! A place whose AWS is a script: answers by operation, through the real clients and the guard.

use super::{Part, Service};
use crate::aws::answers::{Answers, Reply};
use crate::aws::{Reach, Reaches, Settings};
use crate::clock;
use crate::guard::{Access, LiveAccess, clear};
use crate::model::{Failure, Operation, Outcome, Place, Resource, ResourceId};
use aws_smithy_runtime_api::client::interceptors::context::{Error, Input, Output};
use aws_smithy_types::error::ErrorMetadata;
use std::fmt;
use std::sync::{Arc, Mutex};

type Script = Box<dyn Fn(&str, &Input) -> Option<Reply> + Send + Sync>;

/// Answers by a script and remembers what was called.
struct Scripted {
    script: Script,
    calls: Arc<Mutex<Vec<String>>>,
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scripted")
    }
}

impl Answers for Scripted {
    fn typed(&self, _: &Place, _: &str, operation: &str, input: &Input) -> Reply {
        self.calls.lock().unwrap().push(operation.to_owned());
        (self.script)(operation, input).unwrap_or(Reply::Unknown)
    }

    fn wire(&self, _: &Place, _: &str, _: &[u8]) -> (u16, Vec<u8>) {
        (500, Vec::new())
    }
}

/// A scripted place with elevated access, so that operations can be tried.
pub struct Scene {
    pub reach: Arc<Reach>,
    calls: Arc<Mutex<Vec<String>>>,
    access: LiveAccess,
}

pub fn place() -> Place {
    Place::new("default", "eu-west-1")
}

impl Scene {
    pub async fn new(script: impl Fn(&str, &Input) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let calls = Arc::<Mutex<Vec<String>>>::default();
        let answers = Scripted { script: Box::new(script), calls: calls.clone() };
        let access = LiveAccess::new(Access::read_only());
        access.elevate("a test operates", 600_000).unwrap();
        let settings = Settings { answers: Some(Arc::new(answers)), ..Settings::default() };
        let reach = Reaches::new(settings, access.clone()).at(&place()).await.unwrap();
        Self { reach, calls, access }
    }

    /// How often an operation was called.
    pub fn count(&self, operation: &str) -> usize {
        self.calls.lock().unwrap().iter().filter(|c| *c == operation).count()
    }

    /// Lists a service: how it ended and its parts.
    pub async fn list(&self, service: &dyn Service) -> (Result<(), Failure>, Vec<Part>) {
        let parts = Mutex::new(Vec::new());
        let out = |part: Part| parts.lock().unwrap().push(part);
        let end = service.list(&self.reach, &out).await;
        (end, parts.into_inner().unwrap())
    }

    /// Performs an operation on the resource of this kind and name.
    pub async fn perform(
        &self,
        service: &dyn Service,
        id: &str,
        kind: &'static str,
        name: &str,
        fields: &[(&'static str, &str)],
    ) -> Result<Outcome, Failure> {
        let what = operation(service, id, kind, name, fields);
        let cleared = clear(&self.access.read(), clock::now(), what)?;
        service.perform(&self.reach, &cleared).await
    }
}

pub fn operation(
    service: &dyn Service,
    id: &str,
    kind: &'static str,
    name: &str,
    fields: &[(&'static str, &str)],
) -> Operation {
    let spec = service.spec().operation(id).unwrap();
    Operation {
        id: spec.id,
        api: spec.api,
        on: ResourceId { service: service.spec().id, kind, place: place(), name: name.into() },
        fields: fields.iter().map(|(k, v)| (*k, (*v).to_owned())).collect(),
    }
}

/// A typed answer.
pub fn answer<T: fmt::Debug + Send + Sync + 'static>(output: T) -> Option<Reply> {
    Some(Reply::Output(Output::erase(output)))
}

/// A typed error made of `make`, as in `DescribeTableError::generic`.
pub fn error<E: std::error::Error + Send + Sync + 'static>(
    make: impl Fn(ErrorMetadata) -> E,
    code: &str,
) -> Option<Reply> {
    let meta = ErrorMetadata::builder().code(code).message("as scripted").build();
    Some(Reply::Error(Error::erase(make(meta))))
}

/// The last word on each row, in the order they first came.
pub fn rows(parts: &[Part]) -> Vec<Resource> {
    let mut rows: Vec<Resource> = Vec::new();
    let mut at = std::collections::HashMap::new();
    for row in parts.iter().flat_map(|p| &p.resources) {
        let place = *at.entry(row.id.clone()).or_insert(rows.len());
        if place == rows.len() {
            rows.push(row.clone());
        } else {
            rows[place] = row.clone();
        }
    }
    rows
}

/// Cells fit the columns, and what has no query tab says why.
pub fn is_sound(service: &dyn Service, row: &Resource) {
    let spec = service.spec();
    assert_eq!(row.id.service, spec.id);
    assert!(spec.kinds.iter().any(|k| k.id == row.id.kind), "{:?}", row.id);
    assert_eq!(row.cells.len(), spec.columns.len(), "{:?}", row.id);
    for metric in spec.metrics.iter().filter(|m| m.kinds.contains(&row.id.kind)) {
        let has = |d: &&str| row.dimensions.iter().any(|(name, _)| *name == *d);
        assert!(metric.dimensions.iter().all(has), "{}: no dimension for {}", row.id.name, metric.id);
    }
}
