//! The real binary on a real terminal: what is typed, what the screen shows, what the byte
//! stream carries, and how the terminal is left on every way out.
//!
//! Every wait is for something on the screen or in the process, never for time to pass.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "terminal/console.rs"]
mod console;
#[path = "terminal/leaving.rs"]
mod leaving;
#[path = "terminal/using.rs"]
mod using;
