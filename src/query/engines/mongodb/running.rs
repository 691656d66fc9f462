//! Stopping what a session runs: the server is asked to kill the operation of our own session,
//! then nobody waits for it any more.

use crate::model::Task;
use crate::query::engine::Canceller;
use ::mongodb::Client;
use ::mongodb::bson::{Bson, Document, doc};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// How long the server has to take the request before the statement is given up anyway.
const PATIENCE: Duration = Duration::from_millis(1_200);

/// What runs, if anything.
pub struct Running {
    client: Client,
    /// The session's id; no other session has it.
    lsid: Option<Document>,
    current: Mutex<Option<Arc<Notify>>>,
}

impl Running {
    /// Nothing runs yet.
    pub const fn new(client: Client, lsid: Option<Document>) -> Self {
        Self { client, lsid, current: Mutex::new(None) }
    }

    /// A statement begins: what tells that it is to end.
    pub fn begin(&self) -> Arc<Notify> {
        let stop = Arc::<Notify>::default();
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(stop.clone());
        stop
    }

    /// The statement has ended: no request will touch the next one.
    pub fn end(&self) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Has the server kill what our session runs. That it cannot be found, or may not be asked for,
    /// is no failure: the connection is dropped in any case.
    async fn kill(&self) {
        let Some(lsid) = &self.lsid else { return };
        let admin = self.client.database("admin");
        let Ok(answer) = admin.run_command(doc! { "currentOp": 1 }).await else { return };
        for op in ours(&answer, lsid) {
            let _ = admin.run_command(doc! { "killOp": 1, "op": op }).await;
        }
    }
}

/// The ids of the operations that the session of `lsid` runs.
fn ours(answer: &Document, lsid: &Document) -> Vec<Bson> {
    let own = |op: &Document| {
        let of = op.get_document("lsid").or_else(|_| op.get_document("command")?.get_document("lsid"));
        lsid.get("id").is_some() && of.is_ok_and(|of| of.get("id") == lsid.get("id"))
    };
    let all = answer.get_array("inprog").map(Vec::as_slice).unwrap_or_default();
    let all = all.iter().filter_map(Bson::as_document).filter(|op| own(op));
    all.filter_map(|op| op.get("opid").cloned()).collect()
}

impl Canceller for Running {
    fn cancel(&self) -> Task<'_, ()> {
        Box::pin(async {
            let current = self.current.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let Some(stop) = current else { return Ok(()) };
            let _ = tokio::time::timeout(PATIENCE, self.kill()).await;
            stop.notify_one();
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_operation_is_found() {
        let answer = doc! { "inprog": [
            { "opid": 1, "lsid": { "id": "ours" } },
            { "opid": 2, "lsid": { "id": "another's" } },
            { "opid": "shard:3", "command": { "find": "a", "lsid": { "id": "ours" } } },
            { "opid": 4 },
        ] };
        let lsid = doc! { "id": "ours" };
        assert_eq!(ours(&answer, &lsid), [Bson::Int32(1), Bson::String("shard:3".to_owned())]);
        assert!(ours(&answer, &doc! {}).is_empty());
        assert!(ours(&doc! { "ok": 1 }, &lsid).is_empty());
    }
}
