//! DocumentDB in the demo: listed, measured, operated, asked.

use super::{Demo, estate};
use crate::aws::{Reach, Reaches, Settings};
use crate::guard::{Access, LiveAccess, clear};
use crate::model::{Cell, DialectId, Limits, Moment, Operation, Resource, Statement, Target};
use crate::query::engines::{EngineOptions, engine_for};
use crate::query::{Login, Sink, store};
use crate::services::docdb::DocDb;
use crate::services::docdb::spec::SPEC;
use crate::services::{Part, Service};
use std::sync::{Arc, Mutex};

async fn scene() -> (Demo, LiveAccess, Arc<Reach>) {
    let demo = estate(None, Moment::from_epoch_ms(1_790_000_000_000));
    let access = LiveAccess::new(Access::read_only());
    let settings = Settings { answers: Some(demo.answers.clone()), ..Settings::default() };
    let reach = Reaches::new(settings, access.clone()).at(&demo.places[0]).await.unwrap();
    (demo, access, reach)
}

async fn listed(reach: &Reach) -> Vec<Resource> {
    let parts = Mutex::new(Vec::new());
    let out = |part: Part| parts.lock().unwrap().push(part);
    DocDb.list(reach, &out).await.unwrap();
    let parts = parts.into_inner().unwrap();
    assert!(parts.iter().all(|p| p.aside.is_none()), "{parts:?}");
    parts.last().unwrap().resources.clone()
}

fn named<'r>(rows: &'r [Resource], name: &str) -> &'r Resource {
    rows.iter().find(|r| r.name.as_str() == name).unwrap_or_else(|| panic!("no {name}"))
}

#[tokio::test]
async fn the_catalogue_is_listed_and_operated() {
    let (demo, access, reach) = scene().await;
    let rows = listed(&reach).await;
    let mut names: Vec<_> = rows.iter().map(|r| r.name.to_string()).collect();
    names.sort();
    let all = [
        "model-cards",
        "product-catalogue",
        "product-catalogue-1",
        "product-catalogue-2",
        "product-catalogue-3",
    ];
    assert_eq!(names, all);
    access.elevate("a test operates", 600_000).unwrap();
    let ends = [
        ("stop-elastic", "STOPPED"),
        ("start-elastic", "ACTIVE"),
        ("scale-elastic", "ACTIVE"),
        ("snapshot-elastic", "ACTIVE"),
    ];
    for (id, end) in ends {
        let spec = SPEC.operation(id).unwrap();
        let fields = if id == "scale-elastic" { vec![("shards", "4".to_owned())] } else { Vec::new() };
        let on = named(&rows, "model-cards").id.clone();
        let what = Operation { id: spec.id, api: spec.api, on, fields };
        let cleared = clear(&access.read(), crate::clock::now(), what.clone()).unwrap();
        assert!(!DocDb.perform(&reach, &cleared).await.unwrap().done);
        assert!(!DocDb.follow(&reach, &what).await.unwrap().done, "{id} takes its time");
        demo.estate.let_pass(120_000);
        let outcome = DocDb.follow(&reach, &what).await.unwrap();
        assert_eq!((outcome.done, outcome.stage.as_str()), (true, end), "{id}");
    }
    let shards = SPEC.columns.iter().position(|c| c.id == "shards").unwrap();
    assert_eq!(named(&listed(&reach).await, "model-cards").cells[shards], Cell::Count(4));
    let spec = SPEC.operation("failover").unwrap();
    let on = named(&rows, "product-catalogue").id.clone();
    let fields = vec![("target", "product-catalogue-2".to_owned())];
    let what = Operation { id: spec.id, api: spec.api, on, fields };
    let cleared = clear(&access.read(), crate::clock::now(), what.clone()).unwrap();
    DocDb.perform(&reach, &cleared).await.unwrap();
    demo.estate.let_pass(120_000);
    assert!(DocDb.follow(&reach, &what).await.unwrap().done);
}

#[tokio::test]
async fn documents_are_asked_for_by_every_way_in() {
    let (demo, access, reach) = scene().await;
    let rows = listed(&reach).await;
    let options = EngineOptions { local: Some(demo.local.clone()), ..EngineOptions::default() };
    let ask = async |name: &str, text: &str| {
        let resource = named(&rows, name);
        let backend = resource.backend.clone().unwrap();
        let target = Target {
            resource: resource.id.clone(),
            engine: backend.engine,
            endpoint: backend.endpoints.first().cloned(),
            address: None,
            secret: None,
            database: None,
            user: None,
            backend,
        };
        let engine = engine_for(&target, reach.clone(), &options)?;
        let mut session = engine.open(&target, &Login::None, false, &|_| {}).await?;
        let statement = Statement { text: text.into(), dialect: DialectId::MongoDb };
        let cleared = clear(&access.read(), crate::clock::now(), statement)?;
        let (writer, reader) = store::store(1 << 20);
        let mut sink = Sink::new(writer, |_| {});
        session.run(&cleared, Limits::default(), &mut sink).await?;
        let mut cells = Vec::new();
        reader.row(0, |_, value| cells.push(String::from_utf8_lossy(value.raw).into_owned()));
        Ok::<_, crate::model::Failure>(cells)
    };
    for name in ["product-catalogue", "product-catalogue-2"] {
        assert_eq!(ask(name, "db.products.countDocuments()").await.unwrap(), ["320"], "{name}");
    }
    assert_eq!(ask("model-cards", "db.models.countDocuments()").await.unwrap(), ["60"]);
    assert!(ask("product-catalogue", "db.products.deleteMany({})").await.is_err());
}

#[tokio::test]
async fn every_metric_of_every_row_moves() {
    let (demo, _, reach) = scene().await;
    demo.estate.let_pass(3_600_000);
    let rows = listed(&reach).await;
    for (name, metric) in [
        ("product-catalogue-1", "OpcountersQuery"),
        ("product-catalogue-2", "DBInstanceReplicaLag"),
        ("product-catalogue", "VolumeBytesUsed"),
        ("model-cards", "PrimaryInstanceCPUUtilization"),
    ] {
        let resource = named(&rows, name);
        let spec = SPEC.metrics.iter().find(|m| m.name == metric).unwrap();
        let dimensions = resource.dimensions.iter().map(|(name, value)| {
            aws_sdk_cloudwatch::types::Dimension::builder().name(*name).value(&**value).build()
        });
        let of = aws_sdk_cloudwatch::types::Metric::builder()
            .namespace(spec.namespace)
            .metric_name(metric)
            .set_dimensions(Some(dimensions.collect()));
        let stat = aws_sdk_cloudwatch::types::MetricStat::builder()
            .metric(of.build())
            .period(60)
            .stat(spec.stat.name())
            .build();
        let query = aws_sdk_cloudwatch::types::MetricDataQuery::builder().id("m").metric_stat(stat).build();
        let call = reach.cloudwatch().get_metric_data().metric_data_queries(query);
        let at = |s: i64| aws_sdk_cloudwatch::primitives::DateTime::from_secs(1_790_000_000 + s);
        let answer = call.start_time(at(0)).end_time(at(3_000)).send().await.unwrap();
        let values = answer.metric_data_results()[0].values().to_vec();
        assert!(values.len() > 5 && values.windows(2).any(|w| w[0] != w[1]), "{name} {metric}: {values:?}");
    }
}
