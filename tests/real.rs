//! dbdeck on real servers: PostgreSQL with a streaming replica and MariaDB behind TLS, an AWS control plane, and an
//! endpoint made of AWS's own models. `tests/run` starts them and says in the environment where they are; without
//! them these tests fail and say so, they are never passed over.

#![expect(clippy::expect_used, clippy::panic, reason = "a test without its servers has failed")]

#[path = "real/clients.rs"]
mod clients;
#[path = "real/servers.rs"]
mod servers;

#[path = "real/answers.rs"]
mod answers;
#[path = "real/dbdeck.rs"]
mod dbdeck;
#[path = "real/fleet.rs"]
mod fleet;
#[path = "real/harness.rs"]
mod harness;
#[path = "real/models.rs"]
mod models;
#[path = "real/redshift.rs"]
mod redshift;
