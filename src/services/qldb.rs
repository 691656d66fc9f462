//! QLDB, which AWS ended: a pane that says so and what to do. Nothing is called, and nothing can be
//! listed. Source: the notice in the Amazon QLDB developer guide; read in 2026-09.

use super::{Part, Parts, Service};
use crate::aws::Reach;
use crate::guard::Cleared;
use crate::model::{
    Detail, Failure, FailureKind, KindSpec, Operation, Outcome, ResourceId, ServiceId, ServiceSpec, Task,
};

/// QLDB.
pub struct Qldb;

/// What AWS did and what it says to do.
const ENDED: &str = "AWS ended QLDB on 2025-07-31 and its API is gone. The way out that AWS gives is Amazon Aurora \
    PostgreSQL: journals exported to S3 before that day load into it; nothing new can be exported";

/// QLDB.
static SPEC: ServiceSpec = ServiceSpec {
    id: ServiceId("qldb"),
    title: "QLDB",
    short: &[],
    kinds: &[KindSpec { id: "ledger", title: "Ledgers" }],
    columns: &[],
    metrics: &[],
    operations: &[],
    reads: &[],
    banner: Some(ENDED),
};

fn ended(doing: &str) -> Failure {
    Failure::new(FailureKind::NotFound, doing, ENDED)
}

impl Service for Qldb {
    fn spec(&self) -> &'static ServiceSpec {
        &SPEC
    }

    fn list<'a>(&'a self, _: &'a Reach, out: Parts<'a>) -> Task<'a, ()> {
        out(Part::of(Vec::new(), false));
        Box::pin(std::future::ready(Ok(())))
    }

    fn describe<'a>(&'a self, _: &'a Reach, _: &'a ResourceId) -> Task<'a, Detail> {
        Box::pin(std::future::ready(Err(ended("describe a ledger"))))
    }

    fn perform<'a>(&'a self, _: &'a Reach, _: &'a Cleared<Operation>) -> Task<'a, Outcome> {
        Box::pin(std::future::ready(Err(ended("operate a ledger"))))
    }

    fn follow<'a>(&'a self, _: &'a Reach, _: &'a Operation) -> Task<'a, Outcome> {
        Box::pin(std::future::ready(Err(ended("operate a ledger"))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::scripted::Scene;

    #[tokio::test]
    async fn it_calls_nothing_and_says_why() {
        let scene = Scene::new(|operation, _| panic!("{operation} was called")).await;
        let (end, parts) = scene.list(&Qldb).await;
        assert_eq!(end, Ok(()));
        assert!(parts.iter().all(|p| p.resources.is_empty() && !p.more));
        assert!(SPEC.reads.is_empty() && SPEC.banner.is_some_and(|b| b.contains("2025-07-31")));
    }
}
