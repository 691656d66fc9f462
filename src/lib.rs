//! dbdeck: a terminal console for exploring and operating AWS databases.
#![forbid(unsafe_code)]

pub mod app;
pub mod aws;
pub mod clock;
pub mod config;
#[cfg(feature = "demo")]
pub mod demo;
pub mod guard;
pub mod metrics;
pub mod model;
pub mod query;
pub mod services;
