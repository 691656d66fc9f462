//! The demo estate's engines: databases that really run, in this process.

mod bridge;
pub mod cache;
pub mod cql;
pub mod documents;
pub mod dynamodb;
mod frames;
pub mod graph;
pub mod knowledge;
pub mod postgres;
pub mod seeds;
pub mod timeseries;
pub mod warehouse;
