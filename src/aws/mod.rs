//! Reaching AWS: one guarded configuration per place.
//!
//! Only this module and `guard` build SDK clients; everybody else borrows one from a [`Reach`],
//! so every call passes the guard's interceptor and gate and is counted by the [`Meter`].

pub mod answers;
pub mod budget;
pub mod caller;
pub mod failure;
pub mod http;
pub mod meter;
pub mod once;
pub mod pages;
pub mod reach;
pub mod region;
mod whole;

pub use answers::{Answers, Reply};
pub use meter::Meter;
pub use reach::{InfluxData, InfluxWay, NeptuneData, NeptuneWay, Reach, Reaches, Settings};
