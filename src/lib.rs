//! dbdeck: a terminal console for exploring and operating AWS databases.
#![forbid(unsafe_code)]

pub mod model;
pub mod query;
