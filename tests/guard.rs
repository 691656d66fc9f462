//! Lock 2 on a real wire: what the guard refuses sends no byte, what it allows arrives, and
//! what may have taken effect is never sent twice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "guard/clients.rs"]
mod clients;
#[path = "guard/operations.rs"]
mod operations;
#[path = "guard/orchestrated.rs"]
mod orchestrated;
#[path = "guard/wire.rs"]
mod wire;
