//! Lock 2, second half: the connector under every client. A request without the stamp, or
//! whose bytes name another operation than the stamp, is not sent.

use super::intercept::Stamp;
use crate::aws::Meter;
use crate::aws::budget::Budget;
use crate::clock;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use serde::Deserialize;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// The most requests of one place under way at once: a wide fleet must not become a flood.
const AT_ONCE: usize = 16;

/// An HTTP client that sends only what the guard stamped.
#[derive(Debug)]
pub struct Gate {
    inner: SharedHttpClient,
    meter: Arc<Meter>,
    lanes: Arc<Semaphore>,
    budget: Option<Arc<Budget>>,
}

impl Gate {
    /// Puts the gate in front of `inner`.
    pub fn new(inner: SharedHttpClient, meter: Arc<Meter>) -> Self {
        Self { inner, meter, lanes: Arc::new(Semaphore::new(AT_ONCE)), budget: None }
    }

    /// The same, with what the fleet asks kept within `budget`.
    #[must_use]
    pub fn within(mut self, budget: Arc<Budget>) -> Self {
        self.budget = Some(budget);
        self
    }
}

/// The gate in front of one connector: what a request without an SDK call goes through.
pub fn over(inner: SharedHttpConnector, meter: Arc<Meter>) -> SharedHttpConnector {
    SharedHttpConnector::new(GateConnector {
        inner,
        meter,
        lanes: Arc::new(Semaphore::new(AT_ONCE)),
        budget: None,
    })
}

impl HttpClient for Gate {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        parts: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(GateConnector {
            inner: self.inner.http_connector(settings, parts),
            meter: self.meter.clone(),
            lanes: self.lanes.clone(),
            budget: self.budget.clone(),
        })
    }
}

#[derive(Debug)]
struct GateConnector {
    inner: SharedHttpConnector,
    meter: Arc<Meter>,
    lanes: Arc<Semaphore>,
    budget: Option<Arc<Budget>>,
}

impl HttpConnector for GateConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if let Err(why) = may_pass(&request) {
            self.meter.refused();
            return HttpConnectorFuture::ready(Err(ConnectorError::user(why.into())));
        }
        let (inner, meter, lanes) = (self.inner.clone(), self.meter.clone(), self.lanes.clone());
        // What the person waits for - statements, logins, changes - is never held back here.
        let Some(family) = request.extension::<Stamp>().and_then(Stamp::family) else {
            meter.sent();
            return inner.call(request);
        };
        let wait = self.budget.as_ref().map_or(0, |budget| budget.take(family, clock::now()));
        HttpConnectorFuture::new(async move {
            if wait > 0 {
                tokio::time::sleep(Duration::from_millis(wait)).await;
            }
            let _lane = lanes.acquire().await.map_err(|e| ConnectorError::other(e.into(), None))?;
            meter.sent();
            inner.call(request).await
        })
    }
}

/// Whether the request carries the stamp and names the stamped operation.
fn may_pass(request: &HttpRequest) -> Result<(), &'static str> {
    let Some(stamp) = request.extension::<Stamp>() else {
        return Err("refused by the guard: the request was never stamped");
    };
    match operation_on_the_wire(request) {
        None if !stamp.is_raw() => {}
        Some(named) if named == stamp.operation() => {}
        _ => return Err("refused by the guard: the request names another operation than the one allowed"),
    }
    if stamp.text().is_some_and(|judged| !carries(request, judged)) {
        return Err("refused by the guard: the request carries another statement than the one judged");
    }
    Ok(())
}

/// A JSON body that carries a statement. A field that stands twice is an error of the parser.
#[derive(Deserialize)]
struct Body<'b> {
    #[serde(borrow, alias = "query")]
    gremlin: Cow<'b, str>,
}

/// Whether the bytes carry exactly `statement`, as JSON or as a form.
fn carries(request: &HttpRequest, statement: &str) -> bool {
    let Some(bytes) = request.body().bytes() else { return false };
    if let Some(carries) = super::raw::carries(request, bytes, statement) {
        return carries;
    }
    serde_json::from_slice::<Body<'_>>(bytes).is_ok_and(|body| body.gremlin == statement)
}

/// The operation that the bytes name: the `X-Amz-Target` header (JSON), the last part of an
/// rpc-v2 path (CBOR) or the `Action` of a form (Query). REST requests name none.
fn operation_on_the_wire(request: &HttpRequest) -> Option<&str> {
    if let Some(named) = super::raw::named(request) {
        return Some(named);
    }
    if let Some(target) = request.headers().get("x-amz-target") {
        return target.rsplit('.').next();
    }
    if let Some((_, operation)) = request.uri().split_once("/operation/") {
        return operation.split(['?', '/']).next();
    }
    let form = std::str::from_utf8(request.body().bytes()?).ok()?;
    form.strip_prefix("Action=")?.split('&').next()
}
