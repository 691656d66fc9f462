//! The core's state as a frame: pure. Nothing here decides anything.

pub mod query;
