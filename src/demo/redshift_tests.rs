//! The estate's Redshift through the real clients, the real guard and the real engines.

use super::estate;
use crate::aws::{Reaches, Settings};
use crate::guard::statement::clear;
use crate::guard::{Access, LiveAccess};
use crate::model::{
    Cell, DialectId, EngineId, Failure, FailureKind, Limits, Moment, Resource, SafeText, Statement, Summary,
    Tag, Target,
};
use crate::query::engine::{Login, Progress, Session, Sink};
use crate::query::engines::{EngineOptions, cancel, engine_for};
use crate::query::store::store;
use crate::services::{Service, redshift::Redshift};
use std::sync::{Arc, Mutex};

/// 2026-11-21 12:00 UTC.
const NOON: Moment = Moment::from_epoch_ms(1_795_262_400_000);

struct Warehouse {
    access: LiveAccess,
    reaches: Reaches,
    options: EngineOptions,
    demo: super::Demo,
}

fn warehouse() -> Warehouse {
    warehouse_at(NOON)
}

fn warehouse_at(now: Moment) -> Warehouse {
    let demo = estate(None, now);
    let access = LiveAccess::new(Access::read_only());
    let settings = Settings { answers: Some(demo.answers.clone()), ..Settings::default() };
    let options = EngineOptions { local: Some(demo.local.clone()), ..EngineOptions::default() };
    Warehouse { reaches: Reaches::new(settings, access.clone()), access, options, demo }
}

impl Warehouse {
    async fn rows(&self) -> Vec<Resource> {
        let reach = self.reaches.at(&self.demo.places[0]).await.unwrap();
        let rows = Mutex::new(Vec::new());
        Redshift.list(&reach, &|part| rows.lock().unwrap().extend(part.resources)).await.unwrap();
        rows.into_inner().unwrap()
    }

    async fn open(&self, name: &str, engine: EngineId) -> Box<dyn Session> {
        let rows = self.rows().await;
        let row = rows.into_iter().find(|r| r.name.as_str() == name).unwrap();
        let backend = row.backend.unwrap();
        let target = Target {
            resource: row.id,
            engine,
            endpoint: backend.endpoints.first().cloned(),
            address: None,
            secret: None,
            database: None,
            user: None,
            backend,
        };
        let reach = self.reaches.at(&self.demo.places[0]).await.unwrap();
        let engine = engine_for(&target, reach, &self.options).unwrap();
        engine.open(&target, &Login::None, false, &|_| {}).await.unwrap()
    }
}

struct Told {
    summary: Summary,
    rows: Vec<Vec<(Tag, String)>>,
    stages: Vec<String>,
}

async fn run(access: &LiveAccess, session: &mut dyn Session, sql: &str) -> Result<Told, Failure> {
    let statement = Statement { text: sql.into(), dialect: DialectId::Redshift };
    let cleared = clear(&access.read(), crate::clock::now(), statement)?;
    let (writer, reader) = store(1 << 20);
    let stages = Arc::new(Mutex::new(Vec::new()));
    let heard = stages.clone();
    let mut sink = Sink::new(writer, move |progress| {
        if let Progress::Connecting(stage) = progress {
            heard.lock().unwrap().push(stage.as_str().to_owned());
        }
    });
    let summary = session.run(&cleared, Limits::default(), &mut sink).await?;
    let rows = (0..reader.rows()).map(|row| {
        let mut cells = Vec::new();
        reader.row(row, |_, v| cells.push((v.tag, String::from_utf8_lossy(v.raw).into_owned())));
        cells
    });
    let rows = rows.collect();
    let stages = stages.lock().unwrap().clone();
    Ok(Told { summary, rows, stages })
}

#[tokio::test]
async fn the_rows_and_what_is_wrong_with_them() {
    let rows = warehouse().rows().await;
    let named = |name: &str| rows.iter().rev().find(|r| r.name.as_str() == name).unwrap();
    assert_eq!(rows.len(), 3);
    assert!(named("adhoc-analytics").problems.iter().any(|p| p.id == "public"));
    assert!(named("sales-warehouse").problems.is_empty(), "its disk is told by its metrics");
    assert_eq!(named("adhoc-analytics").parent.as_deref(), Some("analytics"));
}

#[tokio::test]
async fn the_detail_tells_queues_and_what_nodes_and_queues_do() {
    // What was measured last is looked for before the present.
    let warehouse = warehouse_at(crate::clock::now());
    let rows = warehouse.rows().await;
    let row = rows.iter().find(|r| r.name.as_str() == "sales-warehouse").unwrap();
    let reach = warehouse.reaches.at(&warehouse.demo.places[0]).await.unwrap();
    let detail = Redshift.describe(&reach, &row.id).await.unwrap();
    let told = |title: &str| {
        let section = detail.sections.iter().find(|s| s.title.as_str().starts_with(title)).unwrap();
        let line = |(label, cell): &(SafeText, Cell)| match cell {
            Cell::Text(words) => format!("{label}: {words}"),
            other => format!("{label}: {other:?}"),
        };
        section.facts.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(told("Workload management")[0], "Mode: automatic");
    assert_eq!(
        told("WLM queues")[1],
        "bi: priority high, concurrency scaling auto, user groups analysts, dash* (with wildcards), \
         1 monitoring rule: runaway_join (abort)"
    );
    let nodes = told("Nodes, last");
    assert_eq!(nodes.len(), 5);
    assert!(nodes[0].starts_with("Leader: CPU ") && !nodes[0].contains("disk"), "{nodes:?}");
    assert!(nodes[4].starts_with("Compute-3: CPU ") && nodes[4].contains(", disk "), "{nodes:?}");
    let queues = told("WLM queues, last");
    assert!(queues[1].starts_with("bi: ") && queues[1].contains(" running, "), "{queues:?}");
    let plain = Redshift.locate(&reach, &row.id).await.unwrap();
    assert!(plain.sections.len() < detail.sections.len(), "scripts do not pay for what they do not read");
}

/// One server serves all of it: starting one takes seconds.
#[tokio::test(flavor = "multi_thread")]
async fn statements_run_through_the_data_api_and_the_wire() {
    let warehouse = warehouse();
    let access = warehouse.access.clone();
    let mut session = warehouse.open("sales-warehouse", EngineId::RedshiftData).await;
    assert!(session.locks()[0].as_str().starts_with("read-only transaction"), "{:?}", session.locks());
    let session_ref = &mut *session;

    let typed = "select p.product_id, p.list_price, p.attributes, s.is_member, null as gone, d.full_date \
         from dim_product p, dim_customer s, dim_date d where p.product_id = 1 and s.customer_id = 1 \
         and d.date_id = 20260131";
    let told = run(&access, session_ref, typed).await.unwrap();
    let tags: Vec<Tag> = told.rows[0].iter().map(|c| c.0).collect();
    assert_eq!(tags, [Tag::Number, Tag::Number, Tag::Json, Tag::Bool, Tag::Null, Tag::Time]);
    assert_eq!(told.rows[0][1].1, "46.95");
    // How many of the stages between are met depends on how fast they pass.
    assert_eq!(told.stages.first().map(String::as_str), Some("submitting"));
    assert_eq!(told.stages.last().map(String::as_str), Some("finished"));
    assert!(told.summary.notes[0].as_str().contains("finished"), "{:?}", told.summary.notes);

    let count = run(&access, session_ref, "select count(*) from fact_sales").await.unwrap();
    assert_eq!(count.rows[0][0].1, "50000");
    let paged = run(&access, session_ref, "select sale_id from fact_sales order by sale_id limit 2500").await;
    let paged = paged.unwrap().rows;
    assert_eq!((paged.len(), paged[2_499][0].1.as_str()), (2_500, "2500"), "three pages");

    let views = "select \"table\", diststyle, unsorted from svv_table_info order by size desc";
    let design = run(&access, session_ref, views).await.unwrap();
    assert_eq!(design.rows[0][1].1, "KEY(store_id)");
    let queries =
        run(&access, session_ref, "select status, queue_time from sys_query_history").await.unwrap();
    assert!(queries.rows.iter().any(|r| r[0].1 == "queued"));
    let own =
        "select nvl(null, 'x'::text), listagg(s.city, ', ') within group (order by s.city) from dim_store s";
    assert!(
        run(&access, session_ref, own).await.is_err(),
        "an ordered-set form that PostgreSQL lacks is told"
    );

    let broken = run(&access, session_ref, "select amout from fact_sales").await.err().unwrap();
    assert_eq!(broken.kind, FailureKind::Rejected);
    assert!(broken.because.as_str().contains("(at 1:8)"), "{broken}");
    let refused = run(&access, session_ref, "delete from fact_sales").await.err().unwrap();
    assert_eq!(refused.kind, FailureKind::Refused);
    let lock = run(&access, session_ref, "select current_setting('transaction_read_only')").await.unwrap();
    assert_eq!(lock.rows[0][0].1, "on");

    cancelled(&access, session_ref).await;
    let after = run(&access, session_ref, "select 1").await.unwrap();
    assert_eq!(after.rows[0][0].1, "1", "the session takes the next statement");
    drop(session);

    let mut wire = warehouse.open("adhoc-analytics", EngineId::Postgres).await;
    let count = run(&access, &mut *wire, "select count(*) from dim_store").await.unwrap();
    assert_eq!(count.rows[0][0].1, "40");
}

/// A statement that is stopped counts as aborted, and nothing of it arrives.
async fn cancelled(access: &LiveAccess, session: &mut dyn Session) {
    let canceller = session.canceller();
    let long =
        "select count(*) from fact_sales a, fact_sales b where a.sale_id < 200 and a.amount < b.amount";
    let mut running = Box::pin(run(access, session, long));
    let early = tokio::time::timeout(std::time::Duration::from_millis(400), &mut running).await;
    assert!(early.is_err(), "it runs for seconds");
    let ended = cancel::stop(&*canceller, &mut running, false).await;
    let failure = ended.and_then(|run| run.map(|_| ())).expect_err("it was stopped");
    assert_eq!(failure.kind, FailureKind::Cancelled, "{failure}");
}
