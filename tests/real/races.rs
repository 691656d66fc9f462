//! A cancel that races with the end of its statement never stops the next one.

use std::path::PathBuf;
use std::sync::Arc;

use dbdeck::aws::{Reaches, Settings};
use dbdeck::clock;
use dbdeck::guard::{Access, LiveAccess, clear};
use dbdeck::model::{
    Backend, DialectId, Endpoint, EndpointRole, EngineId, Failure, FailureKind, Limits, Place, ResourceId,
    ServiceId, Statement, Summary, Target,
};
use dbdeck::query::engines::{EngineOptions, engine_for};
use dbdeck::query::{Login, Progress, Secret, Session, Sink, store};
use tokio::sync::Notify;

use crate::servers;

/// How often statement and cancel race on each server.
const RACES: u32 = 40;

/// A session of the reader's.
async fn session(engine: EngineId, dialect: DialectId, address: &str) -> Box<dyn Session> {
    let place = Place::new("default", servers::REGION);
    let port = servers::port(address);
    let endpoint = Endpoint { role: EndpointRole::Instance, host: "localhost".into(), port };
    let backend = Backend {
        engine,
        dialect,
        endpoints: vec![endpoint.clone()],
        database: Some("shop".into()),
        user: Some("reader".into()),
        secret_arn: None,
        iam_login: false,
        data_api: None,
        keys: Vec::new(),
    };
    let resource =
        ResourceId { service: ServiceId("rds"), kind: "instance", place: place.clone(), name: "race".into() };
    let target = Target {
        resource,
        backend,
        engine,
        endpoint: Some(endpoint),
        address: None,
        secret: None,
        database: Some("shop".into()),
        user: Some("reader".into()),
    };
    let reaches = Reaches::new(Settings::default(), LiveAccess::new(Access::read_only()));
    let reach = reaches.at(&place).await.expect("a reach");
    let options = EngineOptions { ca_bundle: Some(PathBuf::from(servers::ca())), ..EngineOptions::default() };
    let engine = engine_for(&target, reach, &options).expect("an engine");
    let login = Login::Password(Secret::new(servers::password()));
    engine.open(&target, &login, false, &|_| ()).await.expect("a session")
}

/// Runs a statement and, when `raced`, cancels it as soon as the server has it.
async fn run(
    session: &mut dyn Session,
    dialect: DialectId,
    text: &str,
    raced: bool,
) -> Result<Summary, Failure> {
    let statement = Statement { text: text.into(), dialect };
    let cleared = clear(&Access::read_only(), clock::now(), statement).expect("a read");
    let (writer, _reader) = store::store(1 << 20);
    let begun = Arc::new(Notify::new());
    let tell = begun.clone();
    let mut sink = Sink::new(writer, move |progress| {
        if progress == Progress::Running {
            tell.notify_one();
        }
    });
    let canceller = session.canceller();
    let stop = async {
        if raced {
            begun.notified().await;
            canceller.cancel().await.expect("the server takes the request");
        }
    };
    tokio::join!(session.run(&cleared, Limits::default(), &mut sink), stop).0
}

async fn race(engine: EngineId, dialect: DialectId, address: &str, statement: impl Fn(u32) -> String) {
    let mut session = session(engine, dialect, address).await;
    let mut cancelled = 0;
    for n in 1..=RACES {
        // Longer from time to time, so that now the one and now the other comes first.
        match run(session.as_mut(), dialect, &statement(n), true).await {
            Ok(_) => {}
            Err(failure) if failure.kind == FailureKind::Cancelled => cancelled += 1,
            Err(failure) => panic!("race {n}: {failure}"),
        }
        let next = run(session.as_mut(), dialect, "select 7", false).await;
        assert_eq!(next.map(|summary| summary.rows), Ok(1), "the statement after race {n}");
    }
    assert!(cancelled > 0, "no cancel ever came first");
    assert!(session.is_alive());
}

#[tokio::test]
async fn on_postgres() {
    let statement = |n| format!("select count(*) from generate_series(1, {})", n * n * 1_000);
    race(EngineId::Postgres, DialectId::Postgres, &servers::postgres(), statement).await;
}

#[tokio::test]
async fn on_mariadb() {
    let statement = |n| format!("select count(seq + sqrt(seq)) from seq_1_to_{}", n * n * 1_000);
    race(EngineId::MySql, DialectId::MariaDb, &servers::mariadb(), statement).await;
}

#[tokio::test]
async fn on_mysql() {
    let statement = |n: u32| {
        let rows = n * n * 100;
        format!(
            "with recursive s (n) as (select 1 union all select n + 1 from s where n < {}) \
             select count(*) from s a, s b where b.n < {}",
            rows.min(1_000),
            rows / 100
        )
    };
    race(EngineId::MySql, DialectId::MySql, &servers::mysql(), statement).await;
}
