//! Answers of the demo's control plane: one file per AWS API, typed input to typed output.
//!
//! The rule: what an operation changes, the next description shows; what does not exist is
//! refused with the error that AWS declares for it.

#![allow(clippy::result_large_err, reason = "the SDK's own error types, answered as they are")]

pub mod auto_scaling;
mod cache_series;
pub mod cloudwatch;
pub mod dax;
pub mod docdb_elastic;
mod docdb_series;
pub mod dsql;
pub mod dynamodb;
mod dynamodb_backup;
mod dynamodb_change;
pub mod elasticache;
pub mod health;
pub mod influx;
pub mod keyspaces;
pub mod memorydb;
pub mod neptune;
pub mod neptune_graph;
pub mod rds;
mod rds_change;
mod rds_cluster;
mod rds_read;
pub mod redshift;
pub mod redshift_data;
pub mod redshift_serverless;
mod series;
mod telemetry_series;
pub mod timestream;
mod warehouse_series;
mod wide_series;

pub use dynamodb_backup::Backup;

use crate::aws::answers::Reply;
use aws_smithy_runtime_api::client::interceptors::context::{Error, Input, Output};
use std::fmt;

/// Answers with `act` when the input is what the operation takes.
fn on<I, O, E>(input: &Input, act: impl FnOnce(&I) -> Result<O, E>) -> Reply
where
    I: fmt::Debug + Send + Sync + 'static,
    O: fmt::Debug + Send + Sync + 'static,
    E: std::error::Error + fmt::Debug + Send + Sync + 'static,
{
    let Some(input) = input.downcast_ref::<I>() else { return Reply::Unknown };
    match act(input) {
        Ok(output) => Reply::Output(Output::erase(output)),
        Err(error) => Reply::Error(Error::erase(error)),
    }
}

/// One page of `all`: the marker is the number of rows before it. AWS takes 20 to 100 rows
/// a page.
fn page<T>(all: Vec<T>, marker: Option<&str>, max: Option<i32>) -> (Vec<T>, Option<String>) {
    let from = marker.and_then(|m| m.parse().ok()).unwrap_or(0_usize);
    let size = usize::try_from(max.unwrap_or(100)).unwrap_or(100).clamp(20, 100);
    let next = (from + size < all.len()).then(|| (from + size).to_string());
    (all.into_iter().skip(from).take(size).collect(), next)
}

/// A declared error of an RDS operation: its enum, its shape, the wire's code and the words.
macro_rules! fault {
    ($error:ident :: $shape:ident, $code:literal, $($words:tt)*) => {{
        let words = format!($($words)*);
        let meta = aws_smithy_types::error::ErrorMetadata::builder().code($code).message(&words).build();
        $error::$shape(aws_sdk_rds::types::error::$shape::builder().message(words).meta(meta).build())
    }};
}
use fault;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_cover_everything_once() {
        let all: Vec<_> = (0..250).collect();
        let (mut seen, mut marker) = (Vec::new(), None);
        loop {
            let (rows, next) = page(all.clone(), marker.as_deref(), None);
            assert!(rows.len() <= 100);
            seen.extend(rows);
            marker = next;
            if marker.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
    }
}
