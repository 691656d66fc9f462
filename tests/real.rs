//! dbdeck on real servers: PostgreSQL with a streaming replica, MariaDB and MySQL behind TLS, an AWS control plane, and
//! an endpoint made of AWS's own models; and on doors and networks in front of them that misbehave. `tests/run` starts
//! the servers and says in the environment where they are; without them these tests fail and say so, they are never
//! passed over.

#![expect(clippy::expect_used, clippy::panic, reason = "a test without its servers has failed")]

#[path = "real/clients.rs"]
mod clients;
#[path = "real/servers.rs"]
mod servers;

#[path = "real/answers.rs"]
mod answers;
#[path = "real/between.rs"]
mod between;
#[path = "real/caches.rs"]
mod caches;
#[path = "terminal/console.rs"]
#[allow(dead_code, reason = "shared with the tests of the terminal, which need more of it")]
mod console;
#[path = "real/data_api.rs"]
mod data_api;
#[path = "real/dbdeck.rs"]
mod dbdeck;
#[path = "real/documents.rs"]
mod documents;
#[path = "real/door_mysql.rs"]
mod door_mysql;
#[path = "real/door_postgres.rs"]
mod door_postgres;
#[path = "real/doors.rs"]
mod doors;
#[path = "real/editor.rs"]
mod editor;
#[path = "real/faults.rs"]
mod faults;
#[path = "real/fleet.rs"]
mod fleet;
#[path = "real/flux.rs"]
mod flux;
#[path = "real/flux_scripts.rs"]
mod flux_scripts;
#[path = "real/harness.rs"]
mod harness;
#[path = "real/influx.rs"]
mod influx;
#[path = "real/keyspaces.rs"]
mod keyspaces;
#[path = "real/logins.rs"]
mod logins;
#[path = "real/models.rs"]
mod models;
#[path = "real/mysql.rs"]
mod mysql;
#[path = "real/neptune.rs"]
mod neptune;
#[path = "real/opencypher.rs"]
mod opencypher;
#[path = "real/races.rs"]
mod races;
#[path = "real/redshift.rs"]
mod redshift;
#[path = "real/rogues.rs"]
mod rogues;
#[path = "real/screen.rs"]
mod screen;
#[path = "real/sqlserver.rs"]
mod sqlserver;
