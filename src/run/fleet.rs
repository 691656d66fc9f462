//! Effects on the fleet: list, describe, sample, identify, perform.

use super::runner::Work;
use crate::app::{Reply, Ticket};
use crate::aws::once::FRESH_MS;
use crate::aws::{Reach, caller};
use crate::guard::Cleared;
use crate::metrics::{Plan, fetch};
use crate::model::{Caller, Failure, FailureKind, Operation, Place, ResourceId, ServiceId};
use crate::services::{self, Part, Service};
use futures_util::{StreamExt, stream};
use std::sync::Arc;
use std::time::Duration;

/// Metric calls of one place under way at once.
const SAMPLES_AT_ONCE: usize = 3;

fn service(id: ServiceId) -> Result<&'static dyn Service, Failure> {
    services::find(id.0).ok_or_else(|| Failure::new(FailureKind::Bug, "find a service", id.0))
}

async fn reached(work: &Work, place: &Place) -> Result<Arc<Reach>, Failure> {
    work.setup.reaches.at(place).await
}

/// Lists a service at a place.
pub async fn list(work: &Work, ticket: &Ticket, id: ServiceId, place: &Place) {
    let listed = async {
        let reach = reached(work, place).await?;
        let tell = |part: Part| {
            work.reply(ticket, Reply::Part(part.resources, part.more));
            if let Some(failure) = part.aside {
                work.reply(ticket, Reply::Lacks(failure));
            }
        };
        service(id)?.list(&reach, &tell).await
    };
    let reply = listed.await.map_or_else(Reply::Failed, |()| Reply::Listed);
    work.reply(ticket, reply);
}

/// Describes one resource.
pub async fn describe(work: &Work, ticket: &Ticket, id: &ResourceId) {
    let described = async {
        let reach = reached(work, &id.place).await?;
        services::describe(service(id.service)?, &reach, id).await
    };
    let reply = described.await.map_or_else(Reply::Failed, |detail| Reply::Described(Box::new(detail)));
    work.reply(ticket, reply);
}

/// Asks CloudWatch; each plan answers as it lands.
pub async fn sample(work: &Work, ticket: &Ticket, plans: Vec<Plan>) {
    let calls = plans.into_iter().map(|plan| async move {
        let sampled = async {
            let reach = reached(work, &plan.place).await?;
            fetch::fetch(&reach, &plan).await
        };
        let reply = sampled.await.map_or_else(Reply::Failed, Reply::Samples);
        work.reply(ticket, reply);
    });
    stream::iter(calls).buffer_unordered(SAMPLES_AT_ONCE).collect::<Vec<()>>().await;
}

/// Asks who we are.
pub async fn identify(work: &Work, ticket: &Ticket, place: &Place) {
    let asked = async { caller::ask(&*reached(work, place).await?).await };
    let reply = asked.await.map_or_else(Reply::Failed, Reply::Identity);
    work.reply(ticket, reply);
}

/// Starts an operation and follows it to its end.
pub async fn perform(work: &Work, ticket: &Ticket, operation: Cleared<Operation>, planned: Option<Caller>) {
    if let Err(failure) = follow(work, ticket, &operation, planned.as_ref()).await {
        work.reply(ticket, Reply::Failed(failure));
    }
}

async fn follow(
    work: &Work,
    ticket: &Ticket,
    operation: &Cleared<Operation>,
    planned: Option<&Caller>,
) -> Result<(), Failure> {
    let what = operation.get();
    let reach = reached(work, &what.on.place).await?;
    if let Some(planned) = planned {
        caller::still(&reach, planned).await?;
    }
    if !operation.holds(&reach.access().read(), crate::clock::now()) {
        return Err(Failure::new(
            FailureKind::Refused,
            what.id,
            "the elevation ended before the call was made",
        ));
    }
    let service = service(what.on.service)?;
    let mut outcome = service.perform(&reach, operation).await?;
    let pause = Duration::from_secs(if reach.is_demo() { 1 } else { 5 });
    loop {
        let done = outcome.done;
        work.reply(ticket, Reply::Performed(outcome));
        if done {
            return Ok(());
        }
        tokio::time::sleep(pause).await;
        outcome = service.follow(&reach, what).await?;
    }
}

/// Once nobody can share the answers of a listing any more, they go: the fleet holds its own rows.
pub async fn let_go(work: &Work) {
    tokio::time::sleep(Duration::from_millis(FRESH_MS)).await;
    work.setup.reaches.sweep().await;
}
