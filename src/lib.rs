//! dbdeck: a terminal console for exploring and operating AWS databases.
//!
//! It joins two halves that were apart: AWS terminals show fleets and cannot query, database
//! terminals query and know no fleet. Here a row of the fleet is one key away from an
//! authenticated query tab, and one menu away from an operation with its recovery.
//!
//! # The house
//!
//! ```text
//!    themes/*.toml   keymaps/*.toml   config.toml          (parsed and checked once, by config)
//!           └──────────────┬───────────────┘
//!                          ▼
//!  terminal ─► run ───────┐      ┌──────────────── app  (pure) ─────────────────┐
//!                         │ Msg  │  Key ─► keys ─► Command ─┐                   │
//!  clock ───► run ────────┼─────►│                          ├─► update ─────────┼──► Vec<Effect>
//!                         │      │  Reply(ticket) ──────────┘      │            │         │
//!                         │      └─────────────────────────────────┼────────────┘         │
//!                         │                                        │ &App                 │
//!                         │                        view  (pure) ◄──┘                      │
//!                         │                          │ Frame                              │
//!                         │                          ▼                                    ▼
//!                         │                       terminal              run::runner: slots, tickets
//!                         └────────────── Msg::Reply(ticket, …) ◄─────────────────────────┤
//!                                                                                         │
//!         headless (list, metrics, query, op, prove, …) ────────┐                         │
//!                                                               ▼                         ▼
//!                      ┌─────────────────────────┬──────────────────────────┬─────────────────┐
//!                      │ services/<one folder>   │ query::engines           │ metrics::fetch  │
//!                      └────────────┬────────────┴─────────────┬────────────┴────────┬────────┘
//!                                   │      only Cleared<T>     │                     │
//!    ══════════════ guard ══════════╪══════════════════════════╪═════════════════════╪═════════
//!         lock 1  Cleared<T>: made only by guard::clear        │                     │
//!         lock 2  intercept (typed operation and input) + gate (no stamp, no bytes)  │
//!         lock 3  the session (read-only transaction, one statement, re-armed)       │
//!                                   ▼                          ▼                     ▼
//!                              aws::Reach               database socket         aws::Reach
//!                                   ▼                          ▼                     ▼
//!                        AWS  or  demo estate         PostgreSQL, MySQL, …      CloudWatch
//! ```
//!
//! # The layers
//!
//! A row may use the rows above it; `tests/architecture.rs` holds the line.
//!
//! | Layer | Modules | May not mention |
//! |---|---|---|
//! | 0 nouns | [`model`] | terminal, runtime, SDK, files, clocks |
//! | 1 rules | [`config`], [`query::dialect`], [`query::engine`], [`query::store`], [`query::export`], [`query::graph`], [`query::plan`], [mod@metrics::plan], [mod@metrics::store], [`guard::access`], [`guard::layers`], [`guard::statement`], [`guard::operations`], [`guard::production`] | runtime, SDK, clocks |
//! | 2 core | [`app`], [`view`] | runtime, SDK, sockets, files, clocks, `run`, `services`, `query::engines` |
//! | 3 reach | the rest of [`guard`], [`aws`], [`clock`] | `app`, `view`, `run` |
//! | 4 work | [`services`], [`query::engines`], [`metrics::fetch`], `demo` | `app`, `view`, `run` |
//! | 5 front ends | [`run`], [`headless`], on [`setup`] and [`cli`] | each other; `headless` not `app` or `view` |
//! | 6 entry | `main` | – |
//!
//! # Where things go
//!
//! | To add | Touch |
//! |---|---|
//! | a service | `services/<name>/`, one line in [`services::ALL`], one SDK line in `Cargo.toml` |
//! | a column, a metric, an operation | that service's `spec.rs` (and `read.rs` or `act.rs`) |
//! | an engine | `query/engines/<name>.rs` and one line there; a new language also a dialect |
//! | a command | one row in [`config::command`] and its arm where it acts |
//! | a theme, a keymap | one file |
//! | a subcommand | one file in `headless/` and its variant in [`cli`] |
#![forbid(unsafe_code)]

pub mod app;
pub mod aws;
pub mod cli;
pub mod clock;
pub mod config;
#[cfg(feature = "demo")]
pub mod demo;
pub mod guard;
pub mod headless;
pub mod metrics;
pub mod model;
pub mod query;
pub mod run;
pub mod services;
pub mod setup;
pub mod view;
