//! The demo estate's engines: databases that really run, in this process.

pub mod dynamodb;
pub mod postgres;
pub mod seeds;
