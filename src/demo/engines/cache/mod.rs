//! The caches of the estate: a small honest part of RESP and of Memcached's protocol, in this process.
//! What it does not know it refuses, as a server would.

mod commands;
mod data;
mod said;
#[cfg(test)]
mod tests;
mod text;

use said::Said;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream};
use tokio::time::Instant;

/// Most arguments of a command, and most bytes of one.
const MOST: usize = 1 << 20;

/// What a key holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Held {
    /// A string.
    Text(Vec<u8>),
    /// Fields and values, in the order they came.
    Hash(Vec<(Vec<u8>, Vec<u8>)>),
    /// A list.
    List(Vec<Vec<u8>>),
    /// A set.
    Set(Vec<Vec<u8>>),
    /// Members and scores, by score and name.
    Sorted(Vec<(Vec<u8>, f64)>),
}

/// A key: what it holds and when it ends.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it holds.
    pub held: Held,
    /// When it ends.
    pub ends: Option<Instant>,
}

/// The keys of one cache.
pub struct Store {
    /// By name.
    pub keys: BTreeMap<Vec<u8>, Entry>,
    /// Commands answered.
    pub commands: u64,
    /// Reads that found their key, and those that did not.
    pub hits: (u64, u64),
    /// Commands that change something, newest first, as the slow log tells them.
    pub slow: Vec<Vec<String>>,
    /// When it began.
    pub began: Instant,
    /// Whether it calls itself a cluster.
    pub cluster: bool,
}

impl Store {
    /// The entry of a key that has not ended.
    pub fn get(&mut self, key: &[u8]) -> Option<&mut Entry> {
        if self.keys.get(key).is_some_and(|e| e.ends.is_some_and(|at| at <= Instant::now())) {
            self.keys.remove(key);
        }
        let found = self.keys.get_mut(key);
        if found.is_some() {
            self.hits.0 += 1;
        } else {
            self.hits.1 += 1;
        }
        found
    }
}

/// A cache: made when first asked.
pub struct Cache {
    name: &'static str,
    cluster: bool,
    store: Mutex<Option<Store>>,
    connections: Mutex<u64>,
}

impl Cache {
    /// The cache of this name.
    pub const fn new(name: &'static str, cluster: bool) -> Self {
        Self { name, cluster, store: Mutex::new(None), connections: Mutex::new(0) }
    }

    /// A new connection that speaks RESP. A reader takes no writes.
    pub fn resp(self: &Arc<Self>, reader: bool) -> DuplexStream {
        let (near, far) = tokio::io::duplex(64 << 10);
        let cache = self.clone();
        let id = {
            let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
            *connections += 1;
            *connections
        };
        tokio::spawn(async move {
            // The other end may go away at any time.
            let _ = serve(&cache, far, id, reader).await;
        });
        near
    }

    /// A new connection that speaks Memcached's text protocol.
    pub fn text(self: &Arc<Self>) -> DuplexStream {
        let (near, far) = tokio::io::duplex(64 << 10);
        let cache = self.clone();
        tokio::spawn(async move {
            let _ = serve_text(&cache, far).await;
        });
        near
    }

    /// Looks at the keys, or changes them.
    fn with<T>(&self, look: impl FnOnce(&mut Store) -> T) -> T {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        look(store.get_or_insert_with(|| data::store(self.name, self.cluster)))
    }
}

/// One connection until it ends.
async fn serve(cache: &Cache, stream: DuplexStream, id: u64, reader: bool) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut resp3 = false;
    while let Some(args) = command(&mut stream).await? {
        if args.first().is_some_and(|n| n.eq_ignore_ascii_case(b"HELLO")) {
            resp3 = args.get(1).is_some_and(|v| v == b"3");
        }
        let said = cache.with(|store| commands::answer(store, &args, id, reader));
        let mut out = Vec::new();
        said.push(&mut out, resp3);
        stream.get_mut().write_all(&out).await?;
    }
    Ok(())
}

/// The next command: an array of strings; `None` at the end, and for anything else.
async fn command(stream: &mut BufReader<DuplexStream>) -> std::io::Result<Option<Vec<Vec<u8>>>> {
    let Some(count) = length(stream, '*').await? else { return Ok(None) };
    let mut args = Vec::new();
    for _ in 0..count {
        let Some(len) = length(stream, '$').await? else { return Ok(None) };
        let mut arg = vec![0; len + 2];
        stream.read_exact(&mut arg).await?;
        arg.truncate(len);
        args.push(arg);
    }
    Ok(Some(args))
}

async fn length(stream: &mut BufReader<DuplexStream>, kind: char) -> std::io::Result<Option<usize>> {
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    Ok(line.trim_end().strip_prefix(kind).and_then(|n| n.parse().ok()).filter(|n| *n <= MOST))
}

/// One Memcached connection until it ends.
async fn serve_text(cache: &Cache, stream: DuplexStream) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let answer = cache.with(|store| text::answer(store, line.trim_end()));
        stream.get_mut().write_all(&answer).await?;
    }
}

/// An error.
fn error(words: &str) -> Said {
    Said::Error(words.to_owned())
}
