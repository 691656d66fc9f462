//! The headless commands as scripts meet them: the real binary on the demo estate, its
//! standard output, standard error and exit code.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "cli/binary.rs"]
mod binary;
#[path = "cli/changes.rs"]
mod changes;
#[path = "cli/fleet.rs"]
mod fleet;
#[path = "cli/readme.rs"]
mod readme;
#[path = "cli/statements.rs"]
mod statements;
