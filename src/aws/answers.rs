//! The seam of the demo estate: answers made in the process instead of by AWS.
//!
//! Calls still pass through the real SDK clients, the guard's interceptor and its gate.

use crate::model::Place;
use aws_smithy_runtime_api::client::interceptors::context::{Error, Input, Output};
use std::fmt;

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

    /// Answers a serialised JSON request: `target` is its `X-Amz-Target`. HTTP status and body.
    fn wire(&self, place: &Place, target: &str, body: &[u8]) -> (u16, Vec<u8>);
}
