//! Work that takes time.

use super::Failure;
use std::future::Future;
use std::pin::Pin;

/// A boxed future of something that may fail.
pub type Task<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;
