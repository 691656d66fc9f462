//! The estate's caches through the real services, the real guard and the real sessions.

use super::{Demo, estate};
use crate::aws::{Reach, Reaches, Settings};
use crate::clock;
use crate::guard::statement::clear;
use crate::guard::{Access, LiveAccess};
use crate::model::{Failure, FailureKind, Limits, Moment, Operation, Resource, Statement, Target};
use crate::query::engine::{Login, Sink};
use crate::query::engines::{EngineOptions, engine_for};
use crate::query::store::store;
use crate::services::Service;
use crate::services::elasticache::{ElastiCache, spec::SPEC};
use crate::services::memorydb::MemoryDb;
use std::sync::{Arc, Mutex};

/// 2026-11-21 12:00 UTC.
const NOON: Moment = Moment::from_epoch_ms(1_795_262_400_000);

struct Console {
    demo: Demo,
    access: LiveAccess,
    reach: Arc<Reach>,
}

async fn console() -> Console {
    let demo = estate(None, NOON);
    let access = LiveAccess::new(Access::read_only());
    let settings = Settings { answers: Some(demo.answers.clone()), ..Settings::default() };
    let reach = Reaches::new(settings, access.clone()).at(&demo.places[0]).await.unwrap();
    Console { demo, access, reach }
}

impl Console {
    async fn rows(&self, service: &dyn Service) -> Vec<Resource> {
        let parts = Mutex::new(Vec::new());
        let out = |part: crate::services::Part| parts.lock().unwrap().push(part);
        service.list(&self.reach, &out).await.unwrap();
        let parts = parts.into_inner().unwrap();
        assert!(parts.iter().all(|p| p.aside.is_none()), "{parts:?}");
        crate::services::scripted::rows(&parts)
    }

    /// Every cell of the answer, as text; on the writer's endpoint when asked.
    async fn asked(&self, row: &Resource, text: &str, writer: bool) -> Result<Vec<String>, Failure> {
        let backend = row.backend.clone().unwrap();
        let at = if writer { backend.endpoints.last() } else { backend.endpoints.first() };
        let target = Target {
            resource: row.id.clone(),
            engine: backend.engine,
            endpoint: at.cloned(),
            address: None,
            secret: None,
            database: None,
            user: None,
            backend,
        };
        let options = EngineOptions { local: Some(self.demo.local.clone()), ..EngineOptions::default() };
        let engine = engine_for(&target, self.reach.clone(), &options)?;
        let statement = Statement { text: text.into(), dialect: target.backend.dialect };
        let cleared = clear(&self.access.read(), clock::now(), statement)?;
        let mut session = engine.open(&target, &Login::None, cleared.changes(), &|_| {}).await?;
        let (writer, reader) = store(1 << 20);
        let mut sink = Sink::new(writer, |_| {});
        session.run(&cleared, Limits::default(), &mut sink).await?;
        let mut cells = Vec::new();
        for at in 0..reader.rows() {
            reader.row(at, |_, value| cells.push(String::from_utf8_lossy(value.raw).into_owned()));
        }
        Ok(cells)
    }
}

fn named<'a>(rows: &'a [Resource], name: &str) -> &'a Resource {
    rows.iter().find(|r| r.name.as_str() == name).unwrap()
}

#[tokio::test]
async fn caches_are_listed_and_their_commands_run() {
    let console = console().await;
    let rows = console.rows(&ElastiCache).await;
    rows.iter().for_each(|r| crate::services::scripted::is_sound(&ElastiCache, r));
    assert_eq!(rows.len(), 7);
    let cache = named(&rows, "product-cache");
    let kettle = console.asked(cache, "HGETALL product:1", false).await.unwrap();
    assert_eq!((kettle.len(), kettle[0].as_str()), (10, "name"));
    let top = console.asked(cache, "ZREVRANGE products:by-views 0 4 WITHSCORES", false).await.unwrap();
    assert_eq!(top.len(), 10);
    let keys = console.asked(cache, "BROWSE price:* COUNT 300", false).await.unwrap();
    assert_eq!(keys.len(), 4 * 240, "key, type, time to live and memory of each");
    for refused in ["FLUSHALL", "SET a b", "KEYS *"] {
        let failed = console.asked(cache, refused, false).await.unwrap_err();
        assert_eq!(failed.kind, FailureKind::Refused);
    }
    let unknown = console.asked(cache, "GEOPOS a b", false).await.unwrap_err();
    assert!(unknown.to_string().contains("the demo's cache does not know"), "{unknown}");
    let nothing = console.asked(named(&rows, "legacy-cache"), "PING", false).await.unwrap_err();
    assert!(nothing.to_string().contains("no database server behind this row"), "{nothing}");

    let fragments = console.asked(named(&rows, "web-fragments"), "get home/header", false).await.unwrap();
    assert!(fragments.iter().any(|c| c.starts_with("<section")), "{fragments:?}");
    let carts = console.rows(&MemoryDb).await;
    assert_eq!(carts.len(), 3);
    let cart = console.asked(named(&carts, "carts"), "HGETALL cart:{user:7}", false).await.unwrap();
    assert!(cart[0].starts_with("product:"), "{cart:?}");
    let slots = console.asked(named(&carts, "carts"), "CLUSTER SLOTS", false).await.unwrap();
    assert_eq!(slots[..2], ["0", "16383"]);
}

#[tokio::test]
async fn a_change_is_seen_at_the_replica_and_refused_by_it() {
    let console = console().await;
    console.access.elevate("a test writes", 600_000).unwrap();
    let rows = console.rows(&ElastiCache).await;
    let cache = named(&rows, "product-cache");
    console.asked(cache, "SET banner hello EX 100", true).await.unwrap();
    assert_eq!(console.asked(cache, "GET banner", false).await.unwrap(), ["hello"]);
    let refused = console.asked(cache, "SET banner bye", false).await.unwrap_err();
    assert!(refused.to_string().contains("READONLY"), "{refused}");

    let spec = SPEC.operation("failover").unwrap();
    let what = Operation { id: spec.id, api: spec.api, on: cache.id.clone(), fields: Vec::new() };
    let cleared = clear(&console.access.read(), clock::now(), what.clone()).unwrap();
    ElastiCache.perform(&console.reach, &cleared).await.unwrap();
    assert!(!ElastiCache.follow(&console.reach, &what).await.unwrap().done);
    console.demo.estate.let_pass(9_000);
    assert!(ElastiCache.follow(&console.reach, &what).await.unwrap().done);
    let rows = console.rows(&ElastiCache).await;
    let old = named(&rows, "product-cache-001");
    let refused = console.asked(old, "SET banner bye", false).await.unwrap_err();
    assert!(refused.to_string().contains("READONLY"), "the old primary is a replica now: {refused}");
    console.asked(named(&rows, "product-cache-002"), "SET banner bye", false).await.unwrap();
}
