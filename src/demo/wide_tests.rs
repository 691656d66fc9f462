//! Keyspaces and DAX of the estate, as the fleet and a query tab meet them.

use super::{Demo, estate};
use crate::aws::{Reach, Reaches, Settings};
use crate::clock;
use crate::guard::{Access, LiveAccess, clear};
use crate::metrics::fetch;
use crate::metrics::plan::{Wanted, plan};
use crate::model::{
    DialectId, FailureKind, Health, Limits, Moment, Operation, Resource, SeriesId, Statement, Target,
};
use crate::query::engine::{Login, Sink};
use crate::query::engines::{EngineOptions, engine_for};
use crate::query::store::store;
use crate::services::{Part, Service, dax::Dax, keyspaces::Keyspaces};
use std::sync::{Arc, Mutex};

/// 2026-11-21 12:00 UTC.
const NOON: Moment = Moment::from_epoch_ms(1_795_262_400_000);

struct Here {
    demo: Demo,
    access: LiveAccess,
    reach: Arc<Reach>,
}

async fn here(region: usize) -> Here {
    let demo = estate(None, NOON);
    let access = LiveAccess::new(Access::read_only());
    let settings = Settings { answers: Some(demo.answers.clone()), ..Settings::default() };
    let reach = Reaches::new(settings, access.clone()).at(&demo.places[region]).await.unwrap();
    Here { demo, access, reach }
}

impl Here {
    async fn rows(&self, service: &dyn Service) -> Vec<Resource> {
        let parts = Mutex::new(Vec::<Part>::new());
        service.list(&self.reach, &|part| parts.lock().unwrap().push(part)).await.unwrap();
        let mut rows: Vec<Resource> = Vec::new();
        for row in parts.into_inner().unwrap().into_iter().flat_map(|p| p.resources) {
            match rows.iter_mut().find(|r| r.id == row.id) {
                Some(known) => *known = row,
                None => rows.push(row),
            }
        }
        rows
    }

    /// Performs an operation and lets it come to its end.
    async fn operate(&self, service: &dyn Service, id: &str, on: &Resource, fields: &[(&'static str, &str)]) {
        let spec = service.spec().operation(id).unwrap();
        let fields = fields.iter().map(|(k, v)| (*k, (*v).to_owned())).collect();
        let what = Operation { id: spec.id, api: spec.api, on: on.id.clone(), fields };
        let refused = clear(&self.access.read(), clock::now(), what.clone());
        assert!(refused.is_err(), "{id} passed in read-only access");
        self.access.elevate("a test operates the demo", 600_000).unwrap();
        let cleared = clear(&self.access.read(), clock::now(), what.clone()).unwrap();
        service.perform(&self.reach, &cleared).await.unwrap();
        assert!(!service.follow(&self.reach, &what).await.unwrap().done, "{id} takes its time");
        self.demo.estate.let_pass(30_000);
        assert!(service.follow(&self.reach, &what).await.unwrap().done, "{id} ends");
        self.access.lower();
    }

    /// How many series of a row have points, and how many it has.
    async fn series(&self, service: &dyn Service, row: &Resource) -> (usize, usize) {
        let of = service.spec().metrics.iter().filter(|m| m.kinds.contains(&row.id.kind));
        let wanted: Vec<Wanted> = of
            .map(|spec| {
                let fixed = spec.fixed.iter().map(|(name, value)| (*name, Arc::from(*value)));
                let series = SeriesId { resource: row.id.clone(), metric: spec.id };
                let dimensions = row.dimensions.iter().cloned().chain(fixed).collect();
                Wanted { series, spec, dimensions, newest_ms: None }
            })
            .collect();
        let mut moving = 0;
        for plan in plan(&wanted, 3 * 3_600_000, NOON) {
            let samples = fetch::fetch(&self.reach, &plan).await.unwrap();
            moving += samples.iter().filter(|s| s.points.len() > 100).count();
        }
        (moving, wanted.len())
    }

    async fn ask(&self, row: &Resource, text: &str) -> Result<u64, FailureKind> {
        let backend = row.backend.clone().unwrap();
        let target = Target {
            resource: row.id.clone(),
            engine: backend.engine,
            endpoint: backend.endpoints.first().cloned(),
            address: None,
            secret: None,
            database: backend.database.clone(),
            user: None,
            backend,
        };
        let options = EngineOptions { ca_bundle: None, local: Some(self.demo.local.clone()) };
        let engine = engine_for(&target, self.reach.clone(), &options).map_err(|f| f.kind)?;
        let mut session = engine.open(&target, &Login::None, false, &|_| {}).await.map_err(|f| f.kind)?;
        let statement = Statement { text: text.into(), dialect: DialectId::Cql };
        let cleared =
            clear(&self.access.read(), clock::now(), statement).map_err(|_| FailureKind::Refused)?;
        let (writer, reader) = store(1 << 20);
        let mut sink = Sink::new(writer, |_| {});
        let summary = session.run(&cleared, Limits::default(), &mut sink).await.map_err(|f| f.kind)?;
        assert_eq!(summary.rows, reader.rows());
        Ok(summary.rows)
    }
}

#[tokio::test]
async fn the_telemetry_is_listed_asked_and_operated() {
    let here = here(0).await;
    let rows = here.rows(&Keyspaces).await;
    let names: Vec<_> = rows.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["telemetry", "telemetry.device_events", "telemetry.device_latest"]);
    assert!(rows.iter().all(|r| matches!(r.health, Health::Good(_))));
    let (keyspace, events, latest) = (&rows[0], &rows[1], &rows[2]);
    let (moving, all) = here.series(&Keyspaces, events).await;
    assert!(moving >= 6 && all == 15, "{moving} of {all}");
    assert_eq!(here.ask(keyspace, "SELECT * FROM device_events").await, Ok(1_152));
    assert_eq!(here.ask(latest, "SELECT count(*) FROM telemetry.device_latest").await, Ok(1));
    assert_eq!(here.ask(events, "SELECT * FROM nowhere").await, Err(FailureKind::NotFound));
    assert_eq!(here.ask(events, "TRUNCATE device_events").await, Err(FailureKind::Refused));
    assert_eq!(latest.problems.first().map(|p| p.id), Some("no-backup"));
    here.operate(&Keyspaces, "pitr-on", latest, &[]).await;
    here.operate(&Keyspaces, "capacity", latest, &[("rcu", "500"), ("wcu", "600")]).await;
    here.operate(&Keyspaces, "restore", events, &[("target-table", "device_events_back")]).await;
    here.operate(&Keyspaces, "delete", events, &[]).await;
    let rows = here.rows(&Keyspaces).await;
    let names: Vec<_> = rows.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["telemetry", "telemetry.device_events_back", "telemetry.device_latest"]);
    assert!(rows[2].problems.is_empty());
    assert_eq!(here.ask(&rows[0], "SELECT * FROM device_events").await, Err(FailureKind::NotFound));
}

#[tokio::test]
async fn the_accelerators_are_listed_and_operated() {
    let here = here(0).await;
    let rows = here.rows(&Dax).await;
    assert_eq!(rows.len(), 4, "a cluster and its three nodes");
    for (row, least) in [(&rows[0], 8), (&rows[1], 5)] {
        let (moving, all) = here.series(&Dax, row).await;
        assert!(moving >= least, "{}: {moving} of {all}", row.name);
    }
    here.operate(&Dax, "reboot", &rows[2], &[]).await;
    here.operate(&Dax, "increase", &rows[0], &[("nodes", "5")]).await;
    assert_eq!(here.rows(&Dax).await.len(), 6);
    here.operate(&Dax, "decrease", &rows[0], &[("nodes", "4"), ("remove", "sessions-cache-b")]).await;
    let names: Vec<_> = here.rows(&Dax).await.iter().map(|r| r.name.to_string()).collect();
    assert!(names.len() == 5 && !names.iter().any(|n| n == "sessions-cache-b"), "{names:?}");
    here.operate(&Dax, "delete", &rows[0], &[]).await;
    assert!(here.rows(&Dax).await.is_empty());
}
