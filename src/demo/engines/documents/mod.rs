//! The demo's document databases: a small part of MongoDB's commands over seeded documents, in
//! this process. What it does not know it refuses in the words that DocumentDB has for that; it
//! never guesses.

mod expression;
mod matching;
mod order;
mod pipeline;
mod seed;
mod time;

#[cfg(test)]
mod tests;

use crate::guard::Cleared;
use crate::model::{EngineId, Failure, FailureKind, Limits, SafeText, Statement, Summary, Target, Task};
use crate::query::dialect::mongodb::tree::{Said, Scope};
use crate::query::dialect::mongodb::{judge, parse};
use crate::query::engine::{Canceller, Engine, Login, Progress, Session, Sink};
use crate::query::engines::mongodb::{document, show};
use ::mongodb::bson::{Bson, Document, doc};
use seed::Collection;
use std::sync::{Arc, LazyLock};
use std::time::Instant;

/// The database of the catalogue cluster.
pub const CATALOGUE: &str = "catalogue";
/// The database of the elastic cluster.
pub const CARDS: &str = "cards";

/// What is wrong with a command, in the server's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    why: String,
    known: bool,
}

impl Fault {
    /// MongoDB has it and the demo has not.
    fn unknown(what: &str) -> Self {
        Self { why: format!("the demo's engine does not know {what}"), known: false }
    }

    /// The command makes no sense.
    fn bad(why: &str) -> Self {
        Self { why: why.to_owned(), known: true }
    }

    fn failure(&self, doing: &str) -> Failure {
        let failure = Failure::new(FailureKind::Rejected, doing, &self.why);
        if self.known {
            return failure;
        }
        failure.hint(
            "it answers find, count, distinct, getIndexes, and aggregate with match, project, set, sort, skip, limit, group, unwind, count, lookup and facet",
        )
    }
}

/// The name of a value's type, as `$type` has it.
fn type_of(value: &Bson) -> &'static str {
    match value {
        Bson::Undefined => "missing",
        value => crate::query::engines::mongodb::cell(value).0,
    }
}

/// One database.
struct Store {
    name: &'static str,
    collections: Vec<Collection>,
}

static CATALOGUE_STORE: LazyLock<Arc<Store>> =
    LazyLock::new(|| Arc::new(Store { name: CATALOGUE, collections: seed::catalogue() }));
static CARDS_STORE: LazyLock<Arc<Store>> =
    LazyLock::new(|| Arc::new(Store { name: CARDS, collections: seed::cards() }));

/// The engine behind the rows of this database.
pub struct Documents {
    name: &'static str,
    /// Whether the way in leads to a replica.
    replica: bool,
}

impl Documents {
    /// The engine of the database called `name`.
    pub const fn new(name: &'static str, replica: bool) -> Self {
        Self { name, replica }
    }
}

impl Engine for Documents {
    fn id(&self) -> EngineId {
        EngineId::MongoDb
    }

    fn open<'a>(
        &'a self,
        target: &'a Target,
        _: &'a Login,
        changes: bool,
        _: &'a (dyn Fn(Progress) + Send + Sync),
    ) -> Task<'a, Box<dyn Session>> {
        let (name, replica) = (self.name, self.replica);
        Box::pin(async move {
            let doing = format!("query {}", target.resource.name);
            if changes {
                let why = "the demo's documents are read only";
                return Err(Failure::new(FailureKind::Rejected, doing, why));
            }
            let store = if name == CARDS { CARDS_STORE.clone() } else { CATALOGUE_STORE.clone() };
            let database = target.database.as_deref().unwrap_or(name).to_owned();
            Ok(Box::new(DemoSession { store, database, replica, doing }) as Box<dyn Session>)
        })
    }
}

struct DemoSession {
    store: Arc<Store>,
    database: String,
    replica: bool,
    doing: String,
}

impl DemoSession {
    fn answer(
        &mut self,
        statement: &Cleared<Statement>,
        limits: Limits,
        sink: &mut Sink,
    ) -> Result<Summary, Failure> {
        let refused = |why: String| Failure::new(FailureKind::Refused, self.doing.as_str(), why);
        let said = parse(&statement.get().text).map_err(|r| refused(r.why))?;
        judge(&said).map_err(|r| refused(r.why))?;
        let command = match said {
            Said::Use(name) => {
                let note = SafeText::new(format!("the database is {name} from now on"));
                self.database = name;
                return Ok(Summary { notes: vec![note], ..Summary::default() });
            }
            Said::Run(command) => command,
        };
        let started = Instant::now();
        let database = match &command.scope {
            Scope::Own => self.database.clone(),
            Scope::Named(name) => name.clone(),
        };
        let body = document(&command.body)?;
        let reply = self.command(&database, &body).map_err(|fault| fault.failure(&self.doing))?;
        let (rows, truncated) = show(&command, &reply, limits, sink)?;
        let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(Summary { rows, truncated, took_ms, ..Summary::default() })
    }

    /// The reply to a command, as the server would write it.
    fn command(&self, database: &str, body: &Document) -> Result<Document, Fault> {
        let (name, on) = body.iter().next().ok_or_else(|| Fault::bad("an empty command"))?;
        let collection = on.as_str().unwrap_or_default();
        let space = format!("{database}.{collection}");
        match name.as_str() {
            "find" => Ok(cursor(&space, self.find(database, collection, body)?)),
            "aggregate" => {
                known(body, &["pipeline", "cursor", "allowDiskUse", "comment", "maxTimeMS"])?;
                let stages = body.get_array("pipeline").map_err(|_| Fault::bad("'pipeline' is missing"))?;
                let others = |name: &str| self.documents(database, name).to_vec();
                let rows = pipeline::run(others(collection), stages, &others)?;
                Ok(cursor(&space, rows))
            }
            "count" => {
                known(body, &["query", "limit", "skip", "comment", "maxTimeMS"])?;
                let found = self.found(database, collection, body.get("query"))?;
                let n = paged(found, body).len();
                Ok(doc! { "n": i32::try_from(n).unwrap_or(i32::MAX), "ok": 1.0 })
            }
            "distinct" => {
                known(body, &["key", "query", "comment", "maxTimeMS"])?;
                let key = body.get_str("key").map_err(|_| Fault::bad("'key' is missing"))?;
                let found = self.found(database, collection, body.get("query"))?;
                Ok(doc! { "values": distinct(&found, key), "ok": 1.0 })
            }
            "listDatabases" => Ok(doc! {
                "databases": [{ "name": self.store.name, "sizeOnDisk": self.store.size(), "empty": false }],
                "totalSize": self.store.size(),
                "ok": 1.0,
            }),
            "listCollections" => {
                known(body, &["filter", "nameOnly", "cursor", "authorizedCollections"])?;
                let all = self.store.collections.iter().filter(|_| database == self.store.name);
                let all = all.map(|c| doc! { "name": c.name, "type": "collection" }).collect();
                let filter = body.get_document("filter").cloned().unwrap_or_default();
                Ok(cursor(&format!("{database}.$cmd.listCollections"), pipeline::filter(all, &filter)?))
            }
            "listIndexes" => Ok(cursor(&space, self.indexes(database, collection)?)),
            "collStats" => self.statistics(database, collection),
            "dbStats" => Ok(doc! {
                "db": database,
                "collections": i32::try_from(self.store.collections.len()).unwrap_or(i32::MAX),
                "objects": self.store.collections.iter().map(|c| c.documents.len() as i64).sum::<i64>(),
                "dataSize": self.store.size(),
                "ok": 1.0,
            }),
            "explain" => self.explained(database, body),
            "ping" => Ok(doc! { "ok": 1.0 }),
            "hello" | "isMaster" | "ismaster" => Ok(doc! {
                "isWritablePrimary": !self.replica, "secondary": self.replica, "setName": "rs0",
                "maxBsonObjectSize": 16_777_216, "maxWireVersion": 13, "readOnly": true, "ok": 1.0,
            }),
            "buildInfo" | "buildinfo" => Ok(doc! { "version": "5.0.0", "ok": 1.0 }),
            "currentOp" => Ok(doc! { "inprog": [], "ok": 1.0 }),
            other => Err(Fault::unknown(other)),
        }
    }

    fn documents(&self, database: &str, collection: &str) -> &[Document] {
        let found =
            self.store.collections.iter().find(|c| c.name == collection && database == self.store.name);
        found.map(|c| c.documents.as_slice()).unwrap_or_default()
    }

    fn collection(&self, database: &str, collection: &str) -> Result<&Collection, Fault> {
        let found =
            self.store.collections.iter().find(|c| c.name == collection && database == self.store.name);
        found.ok_or_else(|| Fault::bad(&format!("ns does not exist: {database}.{collection}")))
    }

    fn found(&self, database: &str, collection: &str, query: Option<&Bson>) -> Result<Vec<Document>, Fault> {
        let query = query.and_then(Bson::as_document).cloned().unwrap_or_default();
        pipeline::filter(self.documents(database, collection).to_vec(), &query)
    }

    fn find(&self, database: &str, collection: &str, body: &Document) -> Result<Vec<Document>, Fault> {
        let fields = [
            "filter",
            "sort",
            "projection",
            "skip",
            "limit",
            "batchSize",
            "singleBatch",
            "comment",
            "maxTimeMS",
        ];
        known(body, &fields)?;
        let mut found = self.found(database, collection, body.get("filter"))?;
        if let Ok(order) = body.get_document("sort") {
            found = pipeline::sorted(found, order)?;
        }
        let found = paged(found, body);
        match body.get_document("projection") {
            Ok(projection) => found.iter().map(|d| pipeline::projected(d, projection)).collect(),
            Err(_) => Ok(found),
        }
    }

    fn indexes(&self, database: &str, collection: &str) -> Result<Vec<Document>, Fault> {
        let found = self.collection(database, collection)?;
        let index = |field: &str, name: String| {
            let mut key = Document::new();
            key.insert(field, 1);
            doc! { "v": 4, "key": key, "name": name }
        };
        let own = found.indexes.iter().map(|field| index(field, format!("{field}_1")));
        Ok(std::iter::once(index("_id", "_id_".to_owned())).chain(own).collect())
    }

    fn statistics(&self, database: &str, collection: &str) -> Result<Document, Fault> {
        let found = self.collection(database, collection)?;
        let (count, size) = (found.documents.len() as i64, found.size());
        Ok(doc! {
            "ns": format!("{database}.{collection}"),
            "count": count,
            "size": size,
            "avgObjSize": size / count.max(1),
            "storageSize": (size / 8_192 + 1) * 8_192,
            "nindexes": i32::try_from(found.indexes.len() + 1).unwrap_or(i32::MAX),
            "totalIndexSize": count * 24 * (found.indexes.len() as i64 + 1),
            "ok": 1.0,
        })
    }

    /// The plan of a find or of what begins with a match: by an index when the query names its
    /// field, else over the whole collection.
    fn explained(&self, database: &str, body: &Document) -> Result<Document, Fault> {
        let of = body.get_document("explain").map_err(|_| Fault::bad("there is nothing to explain"))?;
        let (name, on) = of.iter().next().ok_or_else(|| Fault::bad("there is nothing to explain"))?;
        let collection = on.as_str().unwrap_or_default();
        let first = || of.get_array("pipeline").ok()?.first()?.as_document()?.get_document("$match").ok();
        let query = match name.as_str() {
            "find" => of.get_document("filter").ok(),
            "aggregate" => first(),
            "count" | "distinct" => of.get_document("query").ok(),
            other => return Err(Fault::unknown(other)),
        };
        let indexed = self.collection(database, collection)?.indexes;
        let by = query.and_then(|q| q.keys().find(|k| indexed.contains(&k.as_str()) || *k == "_id"));
        let plan = match by {
            Some(field) => {
                let index = if field == "_id" { "_id_".to_owned() } else { format!("{field}_1") };
                doc! { "stage": "FETCH", "inputStage": { "stage": "IXSCAN", "indexName": index } }
            }
            None => doc! { "stage": "COLLSCAN" },
        };
        let mut reply = doc! { "queryPlanner": {
            "plannerVersion": 1, "namespace": format!("{database}.{collection}"), "winningPlan": plan,
        } };
        if body.get_str("verbosity").is_ok_and(|v| v != "queryPlanner") {
            let rows = self.command(database, of)?;
            let rows =
                rows.get_document("cursor").and_then(|c| c.get_array("firstBatch")).map_or(1, Vec::len);
            let rows = i32::try_from(rows).unwrap_or(i32::MAX);
            reply.insert("executionStats", doc! { "executionSuccess": true, "nReturned": rows });
        }
        reply.insert("ok", 1.0);
        Ok(reply)
    }
}

impl Collection {
    /// The size of its documents in bytes, as BSON has them.
    fn size(&self) -> i64 {
        let bytes = |d: &Document| d.to_vec().map_or(0, |bytes| bytes.len() as i64);
        self.documents.iter().map(bytes).sum()
    }
}

impl Store {
    fn size(&self) -> i64 {
        self.collections.iter().map(Collection::size).sum()
    }
}

/// Refuses fields of a command that the demo would have to pass over.
fn known(body: &Document, fields: &[&str]) -> Result<(), Fault> {
    let other = body.keys().skip(1).find(|key| !fields.contains(&key.as_str()));
    other.map_or(Ok(()), |key| Err(Fault::unknown(key)))
}

/// What `skip` and `limit` leave; no limit is 0.
fn paged(found: Vec<Document>, body: &Document) -> Vec<Document> {
    let count = |key: &str| body.get(key).and_then(order::number).unwrap_or(0.0).max(0.0) as usize;
    let limit = Some(count("limit")).filter(|n| *n > 0).unwrap_or(usize::MAX);
    found.into_iter().skip(count("skip")).take(limit).collect()
}

fn cursor(space: &str, rows: Vec<Document>) -> Document {
    let rows: Vec<Bson> = rows.into_iter().map(Bson::Document).collect();
    doc! { "cursor": { "firstBatch": rows, "id": 0_i64, "ns": space }, "ok": 1.0 }
}

fn distinct(found: &[Document], key: &str) -> Vec<Bson> {
    let mut all: Vec<Bson> = Vec::new();
    for value in found.iter().flat_map(|d| order::reach(d, key)) {
        match value {
            Bson::Array(many) => all.extend(many.iter().cloned()),
            one => all.push(one.clone()),
        }
    }
    all.sort_by(order::compare);
    all.dedup_by(|a, b| order::compare(a, b).is_eq());
    all
}

impl Session for DemoSession {
    fn run<'a>(
        &'a mut self,
        statement: &'a Cleared<Statement>,
        limits: Limits,
        sink: &'a mut Sink,
    ) -> Task<'a, Summary> {
        Box::pin(async move { self.answer(statement, limits, sink) })
    }

    fn canceller(&self) -> Arc<dyn Canceller> {
        Arc::new(Nothing)
    }

    fn locks(&self) -> Vec<SafeText> {
        let mut locks = vec!["commands judged one by one; no JavaScript is sent".into()];
        locks.push("the demo's engine cannot change its documents".into());
        locks
    }

    fn is_alive(&self) -> bool {
        true
    }
}

/// A command has ended before anyone could stop it.
struct Nothing;

impl Canceller for Nothing {
    fn cancel(&self) -> Task<'_, ()> {
        Box::pin(async { Ok(()) })
    }
}
