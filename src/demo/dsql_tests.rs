//! The estate's DSQL cluster through the real clients, the real guard and the real engine.

use super::estate;
use crate::aws::{Reaches, Settings};
use crate::guard::statement::clear;
use crate::guard::{Access, LiveAccess};
use crate::model::{DialectId, Limits, Moment, Resource, Statement, Target};
use crate::query::engine::{Login, Sink};
use crate::query::engines::{EngineOptions, engine_for};
use crate::query::store::store;
use crate::services::{Service, dsql::Dsql};
use std::sync::Mutex;

/// 2026-11-21 12:00 UTC.
const NOON: Moment = Moment::from_epoch_ms(1_795_262_400_000);

fn statement(text: &str) -> Statement {
    Statement { text: text.into(), dialect: DialectId::Dsql }
}

#[tokio::test]
async fn a_cluster_of_the_estate_answers_statements_and_refuses_changes() {
    let demo = estate(None, NOON);
    let access = LiveAccess::new(Access::read_only());
    let settings = Settings { answers: Some(demo.answers.clone()), ..Settings::default() };
    let options = EngineOptions { local: Some(demo.local.clone()), ..EngineOptions::default() };
    let reach = Reaches::new(settings, access.clone()).at(&demo.places[0]).await.unwrap();
    let rows = Mutex::new(Vec::<Resource>::new());
    Dsql.list(&reach, &|part| rows.lock().unwrap().extend(part.resources)).await.unwrap();
    let row = rows.into_inner().unwrap().pop().unwrap();
    let backend = row.backend.unwrap();
    let target = Target {
        resource: row.id,
        engine: backend.engine,
        endpoint: backend.endpoints.first().cloned(),
        address: None,
        secret: None,
        database: None,
        user: None,
        backend,
    };
    let engine = engine_for(&target, reach, &options).unwrap();
    let mut session = engine.open(&target, &Login::None, false, &|_| {}).await.unwrap();
    assert!(session.locks().iter().any(|l| l.as_str().starts_with("read-only transaction")));
    let (writer, reader) = store(1 << 20);
    let mut sink = Sink::new(writer, |_| {});
    let count = "SELECT state, count(*) FROM bookings GROUP BY state ORDER BY state";
    let cleared = clear(&access.read(), crate::clock::now(), statement(count)).unwrap();
    let summary = session.run(&cleared, Limits::default(), &mut sink).await.unwrap();
    assert_eq!(summary.rows, 4);
    let mut first = Vec::new();
    reader.row(0, |_, value| first.push(String::from_utf8_lossy(value.raw).into_owned()));
    assert_eq!(first[0], "cancelled");
    for change in
        ["DELETE FROM bookings", "CREATE INDEX ASYNC ON bookings (seat)", "SELECT similarity('a', 'b')"]
    {
        assert!(clear(&access.read(), crate::clock::now(), statement(change)).is_err(), "{change}");
    }
}
