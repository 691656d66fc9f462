//! What runs, and how it is stopped on the server: by the id that we gave it (Gremlin, SPARQL),
//! or, where none can be given (openCypher), by finding it among the running queries.

use super::call::told;
use crate::aws::NeptuneData;
use crate::guard::raw;
use crate::model::{DialectId, Failure, FailureKind, Task};
use crate::query::engine::Canceller;
use aws_sdk_neptunedata::types::{GremlinQueryStatus, QueryEvalStats};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a request to stop may take: the person wants an answer within two seconds.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// How much longer than ours a query may seem to have run and still be ours, in ms.
const SKEW_MS: u128 = 2_000;

/// The most characters of a query's text in a list of running ones.
const SHOWN: usize = 1_024;

/// The statement under way.
#[derive(Clone)]
pub struct Current {
    /// Its language.
    pub language: DialectId,
    /// Its text as sent.
    pub text: String,
    /// The id we gave it, where the language has one.
    pub id: Option<String>,
    /// When it was sent.
    pub since: Instant,
}

/// What a session runs.
pub struct Running {
    data: NeptuneData,
    doing: String,
    current: Mutex<Option<Current>>,
}

/// A new id: a version 4 UUID from the process's random hash keys.
pub fn query_id() -> String {
    let half = || RandomState::new().hash_one(std::process::id());
    let (a, b) = (half(), half());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        (b >> 48 & 0x3fff) | 0x8000,
        b & 0xffff_ffff_ffff
    )
}

impl Running {
    /// Nothing runs yet.
    pub const fn new(data: NeptuneData, doing: String) -> Self {
        Self { data, doing, current: Mutex::new(None) }
    }

    /// A statement is about to be sent.
    pub fn begins(&self, current: Current) {
        *self.lock() = Some(current);
    }

    /// It is over.
    pub fn ended(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Current>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn stop(&self, current: Current) -> Result<(), Failure> {
        let client = self.data.client();
        let doing = format!("cancel: {}", self.doing);
        match (current.language, &current.id) {
            (DialectId::Gremlin, Some(id)) => {
                let ended = client.cancel_gremlin_query().query_id(id).send().await;
                not_there_yet(ended.map(drop).map_err(|e| told(&doing, &e)))
            }
            (DialectId::Sparql, Some(id)) => {
                let request = raw::cancel(self.data.url(), id)?;
                // What the server says matters less than whether the statement ends.
                self.data.send(&doing, request).await.map(drop)
            }
            (DialectId::Gremlin, None) => {
                let listed = client.list_gremlin_queries().include_waiting(true).send().await;
                let listed = listed.map_err(|e| told(&doing, &e))?.queries.unwrap_or_default();
                let Some(id) = ours(&current, &listed, &doing)? else { return Ok(()) };
                let ended = client.cancel_gremlin_query().query_id(id).send().await;
                not_there_yet(ended.map(drop).map_err(|e| told(&doing, &e)))
            }
            _ => {
                let listed = client.list_open_cypher_queries().include_waiting(true).send().await;
                let listed = listed.map_err(|e| told(&doing, &e))?.queries.unwrap_or_default();
                let Some(id) = ours(&current, &listed, &doing)? else { return Ok(()) };
                let ended = client.cancel_open_cypher_query().query_id(id).send().await;
                not_there_yet(ended.map(drop).map_err(|e| told(&doing, &e)))
            }
        }
    }
}

/// A query that the server does not know (yet, or any more) is no failure: it is asked again.
fn not_there_yet(ended: Result<(), Failure>) -> Result<(), Failure> {
    match ended {
        Err(failure) if matches!(failure.kind, FailureKind::Rejected | FailureKind::NotFound) => Ok(()),
        ended => ended,
    }
}

/// The id of our query among `listed`: same text, not running for longer than ours.
fn ours(current: &Current, listed: &[GremlinQueryStatus], doing: &str) -> Result<Option<String>, Failure> {
    let shown = |text: &str| text.chars().take(SHOWN).collect::<String>();
    let text = shown(current.text.trim());
    let most = current.since.elapsed().as_millis() + SKEW_MS;
    let fits = |query: &&GremlinQueryStatus| {
        let elapsed = query.query_eval_stats().and_then(QueryEvalStats::elapsed).unwrap_or(0);
        query.query_string().is_some_and(|t| shown(t.trim()) == text)
            && u128::try_from(elapsed).is_ok_and(|elapsed| elapsed <= most)
    };
    let mut found = listed.iter().filter(fits).filter_map(|query| query.query_id());
    match (found.next(), found.next()) {
        (id, None) => Ok(id.map(str::to_owned)),
        // Stopping somebody else's is worse than not stopping ours.
        _ => Err(Failure::new(FailureKind::Rejected, doing, "several running queries have this text")),
    }
}

impl Canceller for Running {
    fn cancel(&self) -> Task<'_, ()> {
        Box::pin(async {
            let Some(current) = self.lock().clone() else { return Ok(()) };
            let late =
                |_| Failure::new(FailureKind::Unreachable, "cancel", "the server did not answer in time");
            tokio::time::timeout(PATIENCE, self.stop(current)).await.map_err(late)?
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(id: &str, text: &str, elapsed: i32) -> GremlinQueryStatus {
        let stats = QueryEvalStats::builder().elapsed(elapsed).build();
        GremlinQueryStatus::builder().query_id(id).query_string(text).query_eval_stats(stats).build()
    }

    fn current(text: &str) -> Current {
        Current { language: DialectId::OpenCypher, text: text.into(), id: None, since: Instant::now() }
    }

    #[test]
    fn only_our_own_query_is_found() {
        let long = format!("MATCH (n) RETURN n // {}", "x".repeat(2_000));
        let cut: String = long.chars().take(SHOWN).collect();
        let all = [
            listed("a", "MATCH (n) RETURN n", 10),
            listed("b", "MATCH (n) RETURN n", 900_000),
            listed("c", "MATCH (m) RETURN m", 10),
            listed("d", &cut, 10),
        ];
        let found = |text: &str| ours(&current(text), &all, "cancel").expect("found or not");
        assert_eq!(found("MATCH (n) RETURN n").as_deref(), Some("a"), "the other runs for longer");
        assert_eq!(found(&long).as_deref(), Some("d"));
        assert_eq!(found("MATCH (x) RETURN x"), None);
        let twins = [listed("a", "RETURN 1", 10), listed("b", "RETURN 1", 20)];
        assert!(ours(&current("RETURN 1"), &twins, "cancel").is_err());
    }

    #[test]
    fn ids_are_uuids_and_differ() {
        let (a, b) = (query_id(), query_id());
        assert_ne!(a, b);
        let lengths: Vec<usize> = a.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert!(a.split('-').nth(2).is_some_and(|v| v.starts_with('4')));
    }
}
