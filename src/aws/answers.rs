//! The seam of the demo estate: answers made in the process instead of by AWS.
//!
//! Calls still pass through the real SDK clients, the guard's interceptor and its gate.

use crate::guard::intercept::Allowed;
use crate::model::Place;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextMut, Error,
    FinalizerInterceptorContextMut, Input, Output,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, Metadata, OrchestratorError};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// An answer to one call.
#[derive(Debug)]
pub enum Reply {
    /// A typed output, `Output::erase(…Output)`.
    Output(Output),
    /// A typed error, `Error::erase(…Error)`.
    Error(Error),
    /// Not answered here: ask [`Answers::wire`] with the serialised request.
    Wire,
    /// This estate does not know the operation: the call fails and says so.
    Unknown,
}

/// Something that answers AWS calls in the process.
pub trait Answers: Send + Sync + fmt::Debug {
    /// Answers by the typed input (`input.downcast_ref::<…Input>()`). `service` and `operation`
    /// are the SDK's words, as in `RDS` and `DescribeDBInstances`.
    fn typed(&self, place: &Place, service: &str, operation: &str, input: &Input) -> Reply;

    /// Answers a serialised request: `target` is its `X-Amz-Target`, or its URL when it has none.
    /// HTTP status and body.
    fn wire(&self, place: &Place, target: &str, body: &[u8]) -> (u16, Vec<u8>);
}

/// Keeps an answer between the hook that makes it and the hook that delivers it.
#[derive(Clone, Debug)]
struct Kept(Arc<Mutex<Option<Reply>>>);

impl Storable for Kept {
    type Storer = StoreReplace<Self>;
}

/// The interceptor that asks the estate. It stands after the guard's: what the guard refused
/// is never asked, so no refused change touches the estate.
#[derive(Debug)]
pub struct Answering {
    place: Place,
    answers: Arc<dyn Answers>,
}

impl Answering {
    /// Answers calls at `place`.
    pub const fn new(place: Place, answers: Arc<dyn Answers>) -> Self {
        Self { place, answers }
    }
}

impl Intercept for Answering {
    fn name(&self) -> &'static str {
        "demo estate"
    }

    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (Some(call), Some(_)) = (cfg.load::<Metadata>(), cfg.load::<Allowed>()) else { return Ok(()) };
        let reply = match self.answers.typed(&self.place, call.service(), call.name(), context.input()) {
            Reply::Wire => return Ok(()),
            Reply::Unknown => {
                return Err(
                    format!("the demo estate does not know {}:{}", call.service(), call.name()).into()
                );
            }
            reply => reply,
        };
        cfg.interceptor_state().store_put(Kept(Arc::new(Mutex::new(Some(reply)))));
        Ok(())
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if cfg.load::<Kept>().is_some() {
            context.request_mut().add_extension(Answered);
        }
        Ok(())
    }

    fn modify_before_attempt_completion(
        &self,
        context: &mut FinalizerInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(kept) = cfg.load::<Kept>() else { return Ok(()) };
        match kept.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(Reply::Output(output)) => context.inner_mut().set_output_or_error(Ok(output)),
            Some(Reply::Error(error)) => {
                context.inner_mut().set_output_or_error(Err(OrchestratorError::operation(error)));
            }
            _ => {}
        }
        Ok(())
    }
}

/// Marks a request whose typed answer is ready: the connector has nothing to ask.
#[derive(Clone, Copy, Debug)]
struct Answered;

/// The connector under the demo's gate: serialised JSON requests go to the estate's engines.
#[derive(Debug)]
pub struct InProcess {
    place: Place,
    answers: Arc<dyn Answers>,
}

impl InProcess {
    /// A connector that never leaves the process.
    pub fn connector(place: Place, answers: Arc<dyn Answers>) -> SharedHttpConnector {
        SharedHttpConnector::new(Self { place, answers })
    }

    /// A client that never leaves the process.
    pub fn client(place: Place, answers: Arc<dyn Answers>) -> SharedHttpClient {
        let connector = Self::connector(place, answers);
        http_client_fn(move |_, _| connector.clone())
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if request.extension::<Answered>().is_some() {
            return HttpConnectorFuture::ready(respond(200, Vec::new()));
        }
        // REST requests have no target: their address says what is asked of whom.
        let target = request.headers().get("x-amz-target").unwrap_or_else(|| request.uri()).to_owned();
        let body = request.body().bytes().unwrap_or_default().to_vec();
        let (place, answers) = (self.place.clone(), self.answers.clone());
        HttpConnectorFuture::new(async move {
            // The engines are synchronous: off the runtime's own threads.
            let (status, body) = tokio::task::spawn_blocking(move || answers.wire(&place, &target, &body))
                .await
                .map_err(|e| ConnectorError::other(e.into(), None))?;
            respond(status, body)
        })
    }
}

fn respond(status: u16, body: Vec<u8>) -> Result<HttpResponse, ConnectorError> {
    let status = StatusCode::try_from(status).map_err(|e| ConnectorError::other(e.into(), None))?;
    Ok(HttpResponse::new(status, SdkBody::from(body)))
}
