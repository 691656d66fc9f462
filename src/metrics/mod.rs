//! CloudWatch: which series are due (pure), asking for them, and keeping the samples.

pub mod fetch;
pub mod plan;
pub mod store;

pub use plan::{Plan, Query, Wanted, period_of, plan};
pub use store::{Series, Store};
