//! Lock 2, first half: an SDK interceptor that looks at the typed operation and its input,
//! and stamps what may be sent.
//!
//! The operation's name is read in `read_before_serialization`: before that hook the SDK has
//! not yet put it into the configuration. Nothing but a stamped request leaves [`super::gate`].

use super::carried::{Carrier, carried, is_wrapper};
use super::live::LiveAccess;
use super::operations::{Effect, effect, service_name};
use super::statement::{Api, Askable, Refusal, refusal_of};
use crate::aws::Meter;
use crate::aws::budget::{Budget, Family, is_throttle};
use crate::clock;
use crate::model::{DialectId, SafeText};
use crate::query::dialect::{Class, dialect, gremlin};
use aws_sdk_redshift::operation::get_cluster_credentials::GetClusterCredentialsInput;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextRef,
    BeforeTransmitInterceptorContextMut, Input,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_smithy_types::retry::RetryConfig;
use std::sync::Arc;

/// The mark of an allowed request. Only this module makes one.
#[derive(Clone, Debug)]
pub struct Stamp {
    operation: String,
    family: Option<Family>,
    /// The statement that was judged, where the bytes must carry exactly it.
    text: Option<Arc<str>>,
    raw: bool,
}

impl Stamp {
    /// The operation that was allowed, without its service: `DescribeDBInstances`.
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// The budget that it counts against; `None` for what is never held back.
    pub const fn family(&self) -> Option<&Family> {
        self.family.as_ref()
    }

    /// The statement that the bytes must carry, where that is known.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// Whether it is for a request that no SDK made: its bytes must name the operation.
    pub const fn is_raw(&self) -> bool {
        self.raw
    }

    /// The mark of a request that [`super::raw`] composed.
    pub(super) fn raw(operation: &str, text: Option<Arc<str>>) -> Self {
        Self { operation: operation.to_owned(), family: None, text, raw: true }
    }
}

/// What was decided about the call under way.
#[derive(Clone, Debug)]
pub struct Allowed {
    operation: String,
    family: Option<Family>,
    changes: bool,
    text: Option<Arc<str>>,
}

impl Storable for Allowed {
    type Storer = StoreReplace<Self>;
}

/// What a client was made for: widens the allow-list by exactly that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Listing, describing, sampling, operating, and DynamoDB statements.
    Fleet,
    /// Reading the secret or token that opens a connection.
    Login,
    /// Statements over an AWS API (RDS Data, Redshift Data, Neptune), in this language where
    /// the call itself does not say which.
    DataApi(DialectId),
}

/// What stops a statement. Only the engines' own clients may call these, and an engine knows no
/// statement but its own.
const CANCELS: &[&str] = &[
    "redshift-data:CancelStatement",
    "neptunedata:CancelGremlinQuery",
    "neptunedata:CancelOpenCypherQuery",
    "neptune-graph:CancelQuery",
    "timestream-query:CancelQuery",
];

/// The interceptor under every client.
#[derive(Debug)]
pub struct Guard {
    access: LiveAccess,
    purpose: Purpose,
    meter: Arc<Meter>,
    budget: Option<Arc<Budget>>,
}

impl Guard {
    /// Guards a client made for `purpose`.
    pub const fn new(access: LiveAccess, purpose: Purpose, meter: Arc<Meter>) -> Self {
        Self { access, purpose, meter, budget: None }
    }

    /// The same, telling `budget` of throttled answers.
    #[must_use]
    pub fn within(mut self, budget: Arc<Budget>) -> Self {
        self.budget = Some(budget);
        self
    }

    /// Whether `api` with `input` may be called: `Ok(true)` when it changes something.
    fn decide(&self, api: &str, input: &Input) -> Result<bool, Refusal> {
        let effect = effect(api);
        let objection = match effect {
            Effect::Read | Effect::DataRead => None,
            Effect::Login if self.purpose == Purpose::Login && !creates_user(input) => None,
            Effect::Wrapper if matches!(self.purpose, Purpose::DataApi(_)) => None,
            Effect::Statement => self.judge(api, input),
            Effect::Write if CANCELS.contains(&api) && matches!(self.purpose, Purpose::DataApi(_)) => None,
            _ => Api(api).objection(),
        };
        match objection {
            None => Ok(false),
            // Secrets and wrappers are never a matter of elevation: they have one right place.
            Some(refusal) if matches!(effect, Effect::Login | Effect::Wrapper) => Err(refusal),
            Some(_) if self.access.allows_changes() => Ok(true),
            Some(refusal) => Err(refusal),
        }
    }

    /// The objection to a statement-carrying call, by the statement inside its typed input.
    fn judge(&self, api: &str, input: &Input) -> Option<Refusal> {
        let Some(carried) = carried(input) else { return Api(api).objection() };
        let language = match (carried.language, self.purpose) {
            (Some(language), _) | (None, Purpose::DataApi(language)) => language,
            (None, _) => return Api(api).objection(),
        };
        if is_wrapper(&carried, self.purpose) {
            return None;
        }
        let verdict = dialect(language).classify(carried.text);
        if verdict.class != Class::Read {
            return Some(refusal_of(carried.text, &verdict));
        }
        as_written(language, carried.text)
    }
}

/// The objection to a Gremlin read that is not the text printed from its steps: Neptune may see
/// Groovy in what a person wrote where the grammar saw none.
fn as_written(language: DialectId, text: &str) -> Option<Refusal> {
    let printed = language != DialectId::Gremlin || gremlin::canonical_text(text).as_deref() == Some(text);
    (!printed).then(|| Refusal {
        rule: "gremlin.canonical",
        construct: SafeText::new(text.chars().take(40).collect::<String>()),
        position: None,
        why: SafeText::new("it is not the text that is printed from its steps"),
        instead: None,
        known: false,
    })
}

/// The statement in `input` whose bytes the gate compares: Neptune's requests are written to once
/// more (a query id) after they were judged.
fn judged(input: &Input) -> Option<Arc<str>> {
    let carried = carried(input)?;
    matches!(carried.by, Carrier::Neptune | Carrier::NeptuneAnalytics).then(|| carried.text.into())
}

/// Whether a request for credentials would make a database user that is not there.
fn creates_user(input: &Input) -> bool {
    let asked = input.downcast_ref::<GetClusterCredentialsInput>();
    asked.is_some_and(|i| i.auto_create() == Some(true) || !i.db_groups().is_empty())
}

impl Intercept for Guard {
    fn name(&self) -> &'static str {
        "dbdeck guard"
    }

    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (api, operation) = match cfg.load::<Metadata>() {
            Some(m) => (format!("{}:{}", service_name(m.service()), m.name()), m.name().to_owned()),
            None => ("?:?".to_owned(), String::new()),
        };
        match self.decide(&api, context.input()) {
            Ok(changes) => {
                if !matches!(effect(&api), Effect::Read | Effect::DataRead | Effect::Login) {
                    // A statement or a change that may have arrived is never sent twice.
                    cfg.interceptor_state().store_put(RetryConfig::disabled());
                }
                let family = Family::of(&api, effect(&api));
                let text = judged(context.input());
                cfg.interceptor_state().store_put(Allowed { operation, family, changes, text });
                Ok(())
            }
            Err(refusal) => {
                self.meter.refused();
                Err(refusal.into())
            }
        }
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(Allowed { operation, family, changes, text }) = cfg.load::<Allowed>().cloned() else {
            return Ok(());
        };
        // The window may have closed since the decision.
        if !changes || self.access.allows_changes() {
            context.request_mut().add_extension(Stamp { operation, family, text, raw: false });
        }
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let answer = context.response();
        let header = answer.headers().get("x-amzn-query-error").or(answer.headers().get("x-amzn-errortype"));
        let body = answer.body().bytes().unwrap_or_default();
        if is_throttle(answer.status().as_u16(), header, body) {
            self.meter.throttled();
            let family = cfg.load::<Allowed>().and_then(|allowed| allowed.family.as_ref());
            if let (Some(budget), Some(family)) = (&self.budget, family) {
                budget.throttled(family, clock::now());
            }
        }
        Ok(())
    }
}
