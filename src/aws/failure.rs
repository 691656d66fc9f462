//! SDK errors into [`Failure`]s: classified once, here.

use crate::model::Failure;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// The failure that `error` is, met while `doing`, as in `list RDS instances in eu-west-1`.
pub fn failure<E, R>(doing: &str, error: &SdkError<E, R>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    let _ = error;
    Failure::new(crate::model::FailureKind::Bug, doing, "not classified")
}
