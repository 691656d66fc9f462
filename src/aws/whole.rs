//! An answer with no body at all is none: some of AWS's protocols would read it as an answer in
//! which nothing exists, and a fleet would be empty without a word.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// What the names of operations begin with that always answer something.
const ASKING: &[&str] = &["List", "Describe", "Get"];

/// Refuses an empty answer to what asks.
#[derive(Debug)]
pub struct Whole;

impl Intercept for Whole {
    fn name(&self) -> &'static str {
        "whole"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let asks =
            cfg.load::<Metadata>().is_some_and(|m| ASKING.iter().any(|word| m.name().starts_with(word)));
        let answer = context.response();
        let empty = answer.status().is_success() && answer.body().bytes().is_some_and(<[u8]>::is_empty);
        if asks && empty { Err("it is empty".into()) } else { Ok(()) }
    }
}
