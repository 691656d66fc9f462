//! THE CORE: a pure state machine. Messages in, effects out; no I/O, no clock, no runtime.

pub mod effect;
pub mod msg;
pub mod query;

pub use effect::{Effect, Exit, Format, Saved};
pub use msg::{At, Msg, Reply, Slot, TabId, Ticket};
