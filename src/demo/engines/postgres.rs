//! PostgreSQL in the process: a real server compiled to WebAssembly, one per demo cluster.
//!
//! It has one session. Connections take turns on it between their transactions, as behind a
//! transaction-pooling proxy: settings travel with the connection, and whoever leaves a
//! transaction open keeps the server until it ends it. It cannot cancel, and it ignores
//! `statement_timeout`; the bridge says so instead of pretending.

use super::frames;
use crate::model::{Failure, FailureKind};
use oliphaunt_wasix::AsyncOliphaunt;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use tokio::io::DuplexStream;
use tokio::sync::Mutex;

/// Bytes that fit between the engine and the bridge before either waits.
const PIPE: usize = 256 * 1024;

/// Settings that a client learns at login.
const REPORTED: &[&str] = &[
    "server_version",
    "server_encoding",
    "client_encoding",
    "DateStyle",
    "IntervalStyle",
    "TimeZone",
    "integer_datetimes",
    "standard_conforming_strings",
];

/// The database of one demo cluster, opened when it is first connected to.
pub struct Cluster {
    name: &'static str,
    database: &'static str,
    schema: &'static str,
    server: Mutex<Option<Arc<Server>>>,
    connections: AtomicI32,
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cluster({})", self.name)
    }
}

/// A running server.
pub struct Server {
    /// The one database that it has, by the name that clients know.
    pub database: &'static str,
    /// What every client is told at login.
    pub reported: Vec<(String, String)>,
    /// The session, for whoever's turn it is.
    pub session: Arc<Mutex<Backend>>,
}

/// The server's one session.
pub struct Backend {
    database: AsyncOliphaunt,
    /// Whose settings are in force.
    current: i32,
    /// Settings of the connections whose turn it is not.
    settings: HashMap<i32, Vec<(String, String)>>,
    /// Whether the runtime broke: the session takes nothing more.
    broken: bool,
}

impl Cluster {
    /// The database of the cluster `name`, filled by the statements of `schema`.
    pub fn new(name: &'static str, schema: &'static str) -> Self {
        Self {
            name,
            database: crate::demo::DATABASE,
            schema,
            server: Mutex::new(None),
            connections: AtomicI32::new(1),
        }
    }

    /// The same, its one database being known by another name.
    #[must_use]
    pub const fn known_as(mut self, database: &'static str) -> Self {
        self.database = database;
        self
    }

    /// The name that clients know its one database by.
    pub const fn database(&self) -> &'static str {
        self.database
    }

    /// A new connection: a stream that speaks PostgreSQL's protocol from the startup message
    /// on. `reader` makes transactions read-only by default, as on a reader endpoint.
    ///
    /// # Errors
    /// When the server cannot start, which is when its files cannot be unpacked under the
    /// user's cache folder.
    pub async fn connect(&self, reader: bool) -> Result<DuplexStream, Failure> {
        let server = self.running().await?;
        let (near, far) = tokio::io::duplex(PIPE);
        let id = self.connections.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(super::bridge::serve(far, server, id, reader));
        Ok(near)
    }

    async fn running(&self) -> Result<Arc<Server>, Failure> {
        let mut slot = self.server.lock().await;
        if let Some(server) = slot.as_ref() {
            // A session that somebody uses is not broken.
            if server.session.try_lock().map_or(true, |s| !s.broken) {
                return Ok(server.clone());
            }
        }
        let server = Arc::new(self.start().await?);
        *slot = Some(server.clone());
        Ok(server)
    }

    async fn start(&self) -> Result<Server, Failure> {
        let doing = format!("start the demo's PostgreSQL for {}", self.name);
        let database = AsyncOliphaunt::builder().open().await.map_err(|e| {
            Failure::new(FailureKind::Unreachable, &doing, e.to_string()).hint(
                "it unpacks 48 MB under the user's cache folder once: make that folder writable \
                 or point XDG_CACHE_HOME at one that is",
            )
        })?;
        let mut backend = Backend { database, current: 0, settings: HashMap::new(), broken: false };
        backend.ask(self.schema).await.map_err(|e| Failure::new(FailureKind::Bug, &doing, e))?;
        let mut reported = Vec::with_capacity(REPORTED.len());
        for name in REPORTED {
            let rows = backend.ask(&format!("show {name}")).await;
            let rows = rows.map_err(|e| Failure::new(FailureKind::Bug, &doing, e))?;
            let value = rows.into_iter().flatten().next().unwrap_or_default();
            reported.push(((*name).to_owned(), value));
        }
        Ok(Server { database: self.database, reported, session: Arc::new(Mutex::new(backend)) })
    }
}

impl Backend {
    /// Sends frontend messages and gives what the server said.
    ///
    /// # Errors
    /// The runtime's words when it broke; the session is then of no more use.
    pub async fn send(&mut self, request: &[u8]) -> Result<Vec<u8>, String> {
        if self.broken {
            return Err("the demo's PostgreSQL has stopped".to_owned());
        }
        self.database.exec_protocol_raw(request).await.map_err(|e| {
            self.broken = true;
            e.to_string()
        })
    }

    /// Runs `sql` and gives its rows as text.
    ///
    /// # Errors
    /// The server's words for the first statement that failed.
    pub async fn ask(&mut self, sql: &str) -> Result<Vec<Vec<String>>, String> {
        let answer = self.send(&frames::query(sql)).await?;
        let mut rows = Vec::new();
        for (kind, body) in frames::messages(&answer) {
            match kind {
                b'E' => return Err(frames::error_text(body)),
                b'D' => rows.push(frames::row(body)),
                _ => {}
            }
        }
        Ok(rows)
    }

    /// Gives the session to connection `id`: the settings of the one before are put aside,
    /// those of this one come back. Only between transactions.
    ///
    /// # Errors
    /// The server's words.
    pub async fn turn_to(&mut self, id: i32) -> Result<(), String> {
        if self.current == id {
            return Ok(());
        }
        if self.current != 0 {
            let mine = self.ask("select name, setting from pg_settings where source = 'session'").await?;
            let mine = mine.into_iter().filter_map(|row| {
                let mut cells = row.into_iter();
                Some((cells.next()?, cells.next()?))
            });
            self.settings.insert(self.current, mine.collect());
            self.ask("reset all").await?;
        }
        self.current = id;
        for (name, value) in self.settings.remove(&id).unwrap_or_default() {
            self.set(&name, &value).await?;
        }
        Ok(())
    }

    /// Sets a setting for the connection whose turn it is.
    ///
    /// # Errors
    /// The server's words: no such setting, no such value.
    pub async fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        self.ask(&format!("select set_config({}, {}, false)", literal(name), literal(value))).await.map(drop)
    }

    /// Ends what connection `id` left behind.
    pub async fn leave(&mut self, id: i32) {
        self.settings.remove(&id);
        if self.current == id {
            // The connection is gone: there is nobody to tell.
            let _ = self.ask("rollback").await;
            let _ = self.ask("discard all").await;
            self.current = 0;
        }
    }
}

/// `text` as a string literal, whatever `standard_conforming_strings` says.
fn literal(text: &str) -> String {
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio_postgres::{Client, Config, NoTls};

    async fn client(cluster: &Cluster, reader: bool) -> Client {
        let stream = cluster.connect(reader).await.unwrap();
        let mut config = Config::new();
        config.user("postgres").dbname("postgres").application_name("test");
        let (client, connection) = config.connect_raw(stream, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    /// One server serves all of it: starting one takes seconds.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_real_postgres_answers_over_the_bridge() {
        let cluster = Cluster::new("model-registry", include_str!("registry.sql"));
        let mut one = client(&cluster, false).await;
        let rows =
            one.query("select model_name, version, status, tags from model_registry", &[]).await.unwrap();
        assert_eq!(rows.len(), 240);
        assert!(rows.iter().any(|r| r.get::<_, &str>(2) == "production"));

        // An error leaves the session usable.
        let error = one.query("select nothing from nowhere", &[]).await.unwrap_err();
        assert_eq!(error.code().unwrap().code(), "42P01");
        assert_eq!(one.query_one("select 1 + 1", &[]).await.unwrap().get::<_, i32>(0), 2);
        one.simple_query("begin; select 1/0").await.unwrap_err();
        one.simple_query("rollback").await.unwrap();

        // A portal gives its rows in parts.
        let transaction = one.transaction().await.unwrap();
        let portal = transaction.bind("select * from model_registry order by created_at", &[]).await.unwrap();
        assert_eq!(transaction.query_portal(&portal, 100).await.unwrap().len(), 100);
        assert_eq!(transaction.query_portal(&portal, 100).await.unwrap().len(), 100);
        assert_eq!(transaction.query_portal(&portal, 100).await.unwrap().len(), 40);
        transaction.rollback().await.unwrap();

        // A second connection takes its turn, with settings of its own.
        let two = client(&cluster, true).await;
        one.batch_execute("set work_mem = '7MB'").await.unwrap();
        let show = |row: tokio_postgres::Row| row.get::<_, String>(0);
        assert_ne!(show(two.query_one("show work_mem", &[]).await.unwrap()), "7MB");
        assert_eq!(show(one.query_one("show work_mem", &[]).await.unwrap()), "7MB");
        let refused = two.batch_execute("delete from model_features").await.unwrap_err();
        assert_eq!(refused.code().unwrap().code(), "25006", "a reader does not write");

        // The index that the scenario promises is there and is used.
        let plan =
            one.query("explain select * from model_registry where tags @> '{champion}'", &[]).await.unwrap();
        assert!(!plan.is_empty());
        let stream =
            one.query_raw("select n from generate_series(1, 50000) n", Vec::<i32>::new()).await.unwrap();
        assert_eq!(stream.count().await, 50_000);
        flushes(&cluster).await;
    }

    /// Parse, Bind, Describe, Execute with a row limit and Flush, by hand: rows arrive in
    /// parts, an error drops everything up to the Sync.
    async fn flushes(cluster: &Cluster) {
        let mut stream = cluster.connect(false).await.unwrap();
        let mut hello = 196_608_i32.to_be_bytes().to_vec();
        hello.extend_from_slice(b"user\0postgres\0database\0postgres\0\0");
        let mut first = u32::try_from(hello.len() + 4).unwrap().to_be_bytes().to_vec();
        first.extend_from_slice(&hello);
        stream.write_all(&first).await.unwrap();
        assert_eq!(until(&mut stream, b"Z").await.first(), Some(&b'R'));

        let execute = |out: &mut Vec<u8>| {
            let mut body = b"p\0".to_vec();
            body.extend_from_slice(&3_i32.to_be_bytes());
            frames::push(out, b'E', &body);
            frames::push(out, b'H', b"");
        };
        let mut out = frames::query("begin read only");
        frames::push(&mut out, b'P', b"\0select n from generate_series(1, 5) n\0\0\0");
        frames::push(&mut out, b'B', b"p\0\0\0\0\0\0\0\0");
        frames::push(&mut out, b'D', b"Pp\0");
        execute(&mut out);
        stream.write_all(&out).await.unwrap();
        assert_eq!(until(&mut stream, b"s").await, b"CZ12TDDDs");
        let mut out = Vec::new();
        execute(&mut out);
        stream.write_all(&out).await.unwrap();
        assert_eq!(until(&mut stream, b"C").await, b"DDC");

        // The statement fails at Parse: Bind, Execute and Flush after it are not answered.
        let mut out = Vec::new();
        frames::push(&mut out, b'P', b"\0select broken\0\0\0");
        frames::push(&mut out, b'H', b"");
        execute(&mut out);
        frames::push(&mut out, b'S', b"");
        stream.write_all(&out).await.unwrap();
        assert_eq!(until(&mut stream, b"Z").await, b"EZ");
        stream.write_all(&frames::query("rollback")).await.unwrap();
        assert_eq!(until(&mut stream, b"Z").await, b"CZ");
    }

    /// The types of the messages that arrive up to one of type `last`.
    async fn until(stream: &mut DuplexStream, last: &[u8]) -> Vec<u8> {
        let mut kinds = Vec::new();
        loop {
            let kind = stream.read_u8().await.unwrap();
            let len = stream.read_u32().await.unwrap();
            let mut body = vec![0; len as usize - 4];
            stream.read_exact(&mut body).await.unwrap();
            kinds.push(kind);
            if last.contains(&kind) && !(kinds.len() < 3 && kinds.starts_with(b"C") && last == b"C") {
                return kinds;
            }
        }
    }
}
