//! The query side: languages (pure), the row store, and engines (I/O).

pub mod dialect;
pub mod engine;
pub mod engines;
pub mod export;
pub mod graph;
pub mod login;
pub mod plan;
pub mod store;

pub use engine::{Canceller, Engine, Explain, How, Login, Progress, Secret, Session, Sink};
pub use store::{RowReader, RowWriter};
