//! The estate's Timestream through the real clients, the real guard and the evaluator.

use super::estate;
use crate::aws::{Reach, Reaches, Settings};
use crate::clock;
use crate::guard::{Access, LiveAccess, clear};
use crate::model::{
    DialectId, Failure, FailureKind, Limits, Moment, Operation, Resource, Statement, Summary, Tag, Target,
};
use crate::query::engine::{Login, Sink};
use crate::query::engines::{EngineOptions, engine_for};
use crate::query::store::store;
use crate::services::{Service, timestream::Timestream};
use std::sync::{Arc, Mutex};

/// 2026-11-21 12:00 UTC.
const NOON: Moment = Moment::from_epoch_ms(1_795_262_400_000);

struct Console {
    demo: super::Demo,
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
    async fn rows(&self) -> Vec<Resource> {
        let rows = Mutex::new(Vec::new());
        Timestream.list(&self.reach, &|part| rows.lock().unwrap().extend(part.resources)).await.unwrap();
        rows.into_inner().unwrap()
    }

    async fn row(&self, name: &str) -> Resource {
        self.rows().await.into_iter().find(|r| r.name.as_str() == name).unwrap()
    }

    async fn ask(&self, sql: &str) -> Result<(Summary, Vec<Vec<(Tag, String)>>), Failure> {
        let row = self.row("ml-monitoring").await;
        let backend = row.backend.unwrap();
        let engine = backend.engine;
        let target = Target {
            resource: row.id,
            engine,
            endpoint: None,
            address: None,
            secret: None,
            database: None,
            user: None,
            backend,
        };
        let options = EngineOptions { local: Some(self.demo.local.clone()), ..EngineOptions::default() };
        let engine = engine_for(&target, self.reach.clone(), &options)?;
        let mut session = engine.open(&target, &Login::None, false, &|_| {}).await?;
        let statement = Statement { text: sql.into(), dialect: DialectId::Timestream };
        let cleared = clear(&self.access.read(), clock::now(), statement)?;
        let (writer, reader) = store(1 << 20);
        let mut sink = Sink::new(writer, |_| {});
        let summary = session.run(&cleared, Limits::default(), &mut sink).await?;
        let rows = (0..reader.rows()).map(|at| {
            let mut cells = Vec::new();
            reader.row(at, |_, v| cells.push((v.tag, String::from_utf8_lossy(v.raw).into_owned())));
            cells
        });
        Ok((summary, rows.collect()))
    }

    async fn perform(&self, id: &str, on: &Resource, fields: &[(&'static str, &str)]) {
        self.access.elevate("a test operates the demo", 600_000).unwrap();
        let spec = Timestream.spec().operation(id).unwrap();
        let fields = fields.iter().map(|(k, v)| (*k, (*v).to_owned())).collect();
        let what = Operation { id: spec.id, api: spec.api, on: on.id.clone(), fields };
        let cleared = clear(&self.access.read(), clock::now(), what.clone()).unwrap();
        Timestream.perform(&self.reach, &cleared).await.unwrap();
        self.demo.estate.let_pass(10_000);
        assert!(Timestream.follow(&self.reach, &what).await.unwrap().done, "{id}");
    }
}

#[tokio::test]
async fn statements_really_run_page_by_page() {
    let console = console().await;
    let (summary, rows) = console
        .ask(
            "SELECT model, bin(time, 15m) AS at, round(avg(measure_value::double), 2) AS mean, stddev(measure_value::double) AS spread \
             FROM \"ml-monitoring\".\"model_metrics\" WHERE measure_name = 'latency_ms' AND time > ago(1h) \
             GROUP BY model, bin(time, 15m) ORDER BY model, at",
        )
        .await
        .unwrap();
    assert!((16..=20).contains(&rows.len()), "{}", rows.len());
    assert_eq!(
        rows[0].iter().map(|c| c.0).collect::<Vec<_>>(),
        [Tag::Text, Tag::Time, Tag::Number, Tag::Number]
    );
    assert!(summary.notes.iter().any(|n| n.contains("metered")), "{:?}", summary.notes);
    let (summary, rows) =
        console.ask("SELECT * FROM \"ml-monitoring\".\"model_metrics\" WHERE time > ago(2h)").await.unwrap();
    assert_eq!(rows.len(), 12 * 480);
    assert!(summary.notes.iter().any(|n| n.contains("in 6 pages")), "{:?}", summary.notes);
}

#[tokio::test]
async fn what_writes_is_refused_and_what_is_not_known_says_so() {
    let console = console().await;
    let refused = console.ask("UNLOAD (SELECT 1) TO 's3://b/p'").await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused);
    let unknown = console.ask("SELECT interpolate_linear(1, 2)").await.unwrap_err();
    assert_eq!(unknown.kind, FailureKind::Rejected);
    assert!(unknown.because.as_str().contains("the demo does not know"), "{unknown:?}");
}

#[tokio::test]
async fn operations_change_what_the_next_look_shows() {
    let console = console().await;
    let table = console.row("ml-monitoring.model_metrics").await;
    console.perform("retention", &table, &[("memory-hours", "12"), ("magnetic-days", "30")]).await;
    let detail = Timestream.describe(&console.reach, &table.id).await.unwrap();
    let facts: Vec<String> =
        detail.sections.iter().flat_map(|s| &s.facts).map(|(k, v)| format!("{k}={v:?}")).collect();
    assert!(facts.iter().any(|f| f.contains("12 hours")), "{facts:?}");
    let schedule = console.row("hourly-latency").await;
    assert!(schedule.problems.iter().any(|p| p.id == "failed-run"));
    console.perform("run-now", &schedule, &[]).await;
    console.perform("disable", &schedule, &[]).await;
    let schedule = console.row("hourly-latency").await;
    assert_eq!(schedule.problems.iter().map(|p| p.id).collect::<Vec<_>>(), ["disabled"]);
    let influx = console.row("server-telemetry").await;
    console.perform("backup", &influx, &[("backup", "before")]).await;
    console.perform("scale", &influx, &[("class", "db.influx.xlarge")]).await;
    console.perform("reboot", &influx, &[]).await;
    console.perform("delete-table", &table, &[]).await;
    assert!(console.rows().await.iter().all(|r| r.name.as_str() != "ml-monitoring.model_metrics"));
    let gone = console.ask("SELECT * FROM \"ml-monitoring\".\"model_metrics\"").await.unwrap_err();
    assert!(gone.because.as_str().contains("does not exist"), "{gone:?}");
}

#[tokio::test]
async fn no_influxdb_runs_behind_its_row_and_that_is_said() {
    let console = console().await;
    let row = console.row("server-telemetry").await;
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
    let options = EngineOptions { local: Some(console.demo.local.clone()), ..EngineOptions::default() };
    let refused = engine_for(&target, console.reach.clone(), &options).map(|_| ()).unwrap_err();
    assert_eq!(refused.kind, FailureKind::Unreachable);
    assert!(refused.because.as_str().contains("no server"), "{refused:?}");
}
