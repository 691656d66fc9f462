//! The estate through the real clients and the real guard.

use super::{Demo, REGIONS, estate};
use crate::aws::{Reach, Reaches, Settings};
use crate::guard::statement::clear;
use crate::guard::{Access, LiveAccess};
use crate::model::{
    Backend, DialectId, Endpoint, EndpointRole, EngineId, Failure, Limits, Moment, ResourceId, ServiceId,
    Statement, Target,
};
use crate::query::engine::{Explain, How, Login, Session, Sink};
use crate::query::engines::{EngineOptions, engine_for};
use crate::query::store::store;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat};
use aws_sdk_dynamodb::types::{BillingMode, ProvisionedThroughput, ReturnConsumedCapacity};
use std::sync::Arc;

/// 2026-11-21 12:00 UTC.
const NOON: Moment = Moment::from_epoch_ms(1_795_262_400_000);

struct Console {
    demo: Demo,
    access: LiveAccess,
    reaches: Reaches,
}

fn console(size: Option<usize>) -> Console {
    let demo = estate(size, NOON);
    let access = LiveAccess::new(Access::read_only());
    let settings = Settings { answers: Some(demo.answers.clone()), ..Settings::default() };
    Console { reaches: Reaches::new(settings, access.clone()), access, demo }
}

impl Console {
    async fn at(&self, region: usize) -> Arc<Reach> {
        self.reaches.at(&self.demo.places[region]).await.unwrap()
    }

    fn elevate(&self) {
        self.access.elevate("a test operates the demo", 600_000).unwrap();
    }
}

async fn status(reach: &Reach, id: &str) -> Option<String> {
    let answer = reach.rds().describe_db_instances().db_instance_identifier(id).send().await;
    answer.ok()?.db_instances().first()?.db_instance_status().map(str::to_owned)
}

#[tokio::test]
async fn everything_is_listed_page_by_page() {
    let console = console(Some(500));
    let mut count = 0;
    for (at, region) in REGIONS.iter().enumerate() {
        let reach = console.at(at).await;
        let mut pages = reach.rds().describe_db_instances().into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.unwrap();
            assert!(page.db_instances().len() <= 100);
            count += page.db_instances().len();
        }
        count += reach.rds().describe_db_clusters().send().await.unwrap().db_clusters().len();
        let mut names = reach.dynamodb().list_tables().into_paginator().items().send();
        while let Some(name) = names.next().await {
            let table = reach.dynamodb().describe_table().table_name(name.unwrap()).send().await.unwrap();
            assert!(table.table().unwrap().table_arn().unwrap().contains(region));
            count += 1;
        }
    }
    let reach = console.at(0).await;
    count += reach.redshift().describe_clusters().send().await.unwrap().clusters().len();
    count += reach.dsql().list_clusters().send().await.unwrap().clusters().len();
    let serverless = reach.redshift_serverless();
    count += serverless.list_workgroups().send().await.unwrap().workgroups().len();
    count += serverless.list_namespaces().send().await.unwrap().namespaces().len();
    count += reach.rds().describe_global_clusters().send().await.unwrap().global_clusters().len();
    assert_eq!(count, 500);
    assert!(reach.sts().get_caller_identity().send().await.unwrap().account() == Some(super::ACCOUNT));
}

#[tokio::test]
async fn the_plain_estate_has_about_seventy_resources_and_the_promised_troubles() {
    let console = console(None);
    let count = console.demo.estate.with(|world, _| world.count());
    assert!((60..=85).contains(&count), "{count} resources");
    let reach = console.at(0).await;
    let all = reach.rds().describe_db_instances().send().await.unwrap();
    let find = |id: &str| all.db_instances().iter().find(|i| i.db_instance_identifier() == Some(id)).unwrap();
    assert_eq!(find("cms").publicly_accessible(), Some(true));
    assert_eq!(find("cms").storage_encrypted(), Some(false));
    assert_eq!(find("cms").backup_retention_period(), Some(0));
    assert_eq!(find("warehouse-legacy").db_instance_status(), Some("storage-full"));
    let replicas = find("orders").read_replica_db_instance_identifiers();
    assert!(replicas.iter().any(|r| r == "orders-replica-1"));
    assert!(replicas.iter().any(|r| r.starts_with("arn:aws:rds:ap-southeast-2:")), "{replicas:?}");
    let waiting = reach.rds().describe_pending_maintenance_actions().send().await.unwrap();
    assert!(!waiting.pending_maintenance_actions().is_empty());
    assert!(
        series(&reach, "AWS/RDS", "ReplicaLag", ("DBInstanceIdentifier", "orders-replica-1")).await > 600.0
    );
    assert!(series(&reach, "AWS/RDS", "ReplicaLag", ("DBInstanceIdentifier", "orders-dr")).await.is_nan());
    assert!(
        series(&reach, "AWS/DynamoDB", "WriteThrottleEvents", ("TableName", "orders-events")).await > 0.0
    );
    let stopped =
        series(&reach, "AWS/RDS", "CPUUtilization", ("DBInstanceIdentifier", "orders-staging")).await;
    assert!(stopped.is_nan(), "a stopped instance has no points");
}

/// The newest value within the last hour; NaN when there is none.
async fn series(reach: &Reach, namespace: &str, name: &str, dimension: (&str, &str)) -> f64 {
    let dimension = Dimension::builder().name(dimension.0).value(dimension.1).build();
    let metric = Metric::builder().namespace(namespace).metric_name(name).dimensions(dimension).build();
    let stat = MetricStat::builder().metric(metric).period(60).stat("Sum").build();
    let answer = reach
        .cloudwatch()
        .get_metric_data()
        .metric_data_queries(MetricDataQuery::builder().id("q").metric_stat(stat).build())
        .start_time(DateTime::from_secs(1_795_262_400 - 3600))
        .end_time(DateTime::from_secs(1_795_262_400))
        .send()
        .await
        .unwrap();
    let result = answer.metric_data_results().first().unwrap();
    assert_eq!(result.timestamps().len(), result.values().len());
    result.values().first().copied().unwrap_or(f64::NAN)
}

#[tokio::test]
async fn an_operation_is_refused_then_driven_to_its_end() {
    let console = console(None);
    let reach = console.at(0).await;
    let reboot =
        || reach.rds().reboot_db_instance().db_instance_identifier("orders").force_failover(true).send();
    assert!(reboot().await.is_err(), "read-only access");
    assert_eq!(status(&reach, "orders").await.as_deref(), Some("available"));

    console.elevate();
    reboot().await.unwrap();
    assert_eq!(status(&reach, "orders").await.as_deref(), Some("rebooting"));
    let again = reboot().await.unwrap_err().into_service_error();
    assert!(again.is_invalid_db_instance_state_fault(), "{again:?}");
    console.demo.estate.let_pass(7_000);
    assert_eq!(status(&reach, "orders").await.as_deref(), Some("available"));
}

#[tokio::test]
async fn a_modified_class_shows_and_a_deleted_instance_is_gone() {
    let console = console(None);
    console.elevate();
    let reach = console.at(0).await;
    let modify = reach.rds().modify_db_instance().db_instance_identifier("scratch");
    modify.db_instance_class("db.r7g.large").apply_immediately(true).send().await.unwrap();
    assert_eq!(status(&reach, "scratch").await.as_deref(), Some("modifying"));
    console.demo.estate.let_pass(10_000);
    let answer = reach.rds().describe_db_instances().db_instance_identifier("scratch").send().await.unwrap();
    assert_eq!(answer.db_instances()[0].db_instance_class(), Some("db.r7g.large"));

    let delete = || reach.rds().delete_db_instance().db_instance_identifier("scratch");
    assert!(delete().send().await.is_err(), "a final snapshot or a word that none is wanted");
    delete().final_db_snapshot_identifier("scratch-last").send().await.unwrap();
    console.demo.estate.let_pass(11_000);
    let snapshot =
        reach.rds().describe_db_snapshots().db_snapshot_identifier("scratch-last").send().await.unwrap();
    assert_eq!(snapshot.db_snapshots()[0].status(), Some("available"));
    console.demo.estate.let_pass(10_000);
    let gone = reach.rds().describe_db_instances().db_instance_identifier("scratch").send().await;
    assert!(gone.unwrap_err().into_service_error().is_db_instance_not_found_fault());
    let kept = reach.rds().delete_db_instance().db_instance_identifier("orders").skip_final_snapshot(true);
    assert!(kept.send().await.is_err(), "deletion protection");
}

#[tokio::test]
async fn a_failover_moves_the_writer() {
    let console = console(None);
    console.elevate();
    let reach = console.at(0).await;
    let failover = reach.rds().failover_db_cluster().db_cluster_identifier("model-registry");
    failover.target_db_instance_identifier("model-registry-3").send().await.unwrap();
    console.demo.estate.let_pass(7_000);
    let answer =
        reach.rds().describe_db_clusters().db_cluster_identifier("model-registry").send().await.unwrap();
    let cluster = &answer.db_clusters()[0];
    assert_eq!(cluster.status(), Some("available"));
    let writers: Vec<_> =
        cluster.db_cluster_members().iter().filter(|m| m.is_cluster_writer() == Some(true)).collect();
    assert_eq!(writers.len(), 1);
    assert_eq!(writers[0].db_instance_identifier(), Some("model-registry-3"));
    let snapshot = reach.rds().create_db_cluster_snapshot().db_cluster_identifier("model-registry");
    snapshot.db_cluster_snapshot_identifier("before").send().await.unwrap();
    console.demo.estate.let_pass(11_000);
    let answer =
        reach.rds().describe_db_cluster_snapshots().db_cluster_identifier("model-registry").send().await;
    assert_eq!(answer.unwrap().db_cluster_snapshots()[0].status(), Some("available"));
}

#[tokio::test]
async fn a_table_changes_its_capacity_and_its_items_answer() {
    let console = console(None);
    console.elevate();
    let reach = console.at(0).await;
    let units =
        ProvisionedThroughput::builder().read_capacity_units(50).write_capacity_units(25).build().unwrap();
    let update = reach.dynamodb().update_table().table_name("ml-features");
    update.billing_mode(BillingMode::Provisioned).provisioned_throughput(units).send().await.unwrap();
    let look = || reach.dynamodb().describe_table().table_name("ml-features").send();
    assert_eq!(look().await.unwrap().table().unwrap().table_status().unwrap().as_str(), "UPDATING");
    console.demo.estate.let_pass(6_000);
    let table = look().await.unwrap().table().unwrap().clone();
    assert_eq!(table.table_status().unwrap().as_str(), "ACTIVE");
    assert_eq!(table.provisioned_throughput().unwrap().read_capacity_units(), Some(50));
    assert_eq!(table.billing_mode_summary().unwrap().billing_mode(), Some(&BillingMode::Provisioned));

    let scan = reach
        .dynamodb()
        .scan()
        .table_name("sessions")
        .return_consumed_capacity(ReturnConsumedCapacity::Total);
    let scan = scan.send().await.unwrap();
    assert_eq!(scan.count(), 240);
    assert!(scan.consumed_capacity().unwrap().capacity_units().unwrap() > 0.0);
    reach.dynamodb().delete_table().table_name("sessions").send().await.unwrap();
    console.demo.estate.let_pass(6_000);
    let gone = reach.dynamodb().scan().table_name("sessions").send().await.unwrap_err().into_service_error();
    assert!(gone.is_resource_not_found_exception(), "{gone:?}");
    let backup =
        reach.dynamodb().create_backup().table_name("inventory").backup_name("b").send().await.unwrap();
    let arn = backup.backup_details().unwrap().backup_arn().to_owned();
    console.demo.estate.let_pass(5_000);
    let backup = reach.dynamodb().describe_backup().backup_arn(arn).send().await.unwrap();
    let details = backup.backup_description().unwrap().backup_details().unwrap();
    assert_eq!(details.backup_status().as_str(), "AVAILABLE");
    let unknown = reach.dynamodb().list_global_tables().send().await;
    assert!(unknown.is_err(), "what the estate does not know fails");
}

#[tokio::test]
async fn five_hundred_series_come_in_one_call() {
    let console = console(Some(600));
    let reach = console.at(0).await;
    let instances = console.demo.estate.with(|world, now| {
        let region = world.region("eu-west-1", now).unwrap();
        region.instances.keys().cloned().collect::<Vec<_>>()
    });
    let queries = (0..500).map(|n| {
        let id = &instances[n % instances.len()];
        let dimension = Dimension::builder().name("DBInstanceIdentifier").value(id).build();
        let metric = Metric::builder()
            .namespace("AWS/RDS")
            .metric_name("CPUUtilization")
            .dimensions(dimension)
            .build();
        let stat = MetricStat::builder().metric(metric).period(60).stat("Average").build();
        MetricDataQuery::builder().id(format!("q{n}")).metric_stat(stat).build()
    });
    let answer = reach
        .cloudwatch()
        .get_metric_data()
        .set_metric_data_queries(Some(queries.collect()))
        .start_time(DateTime::from_secs(1_795_262_400 - 3600))
        .end_time(DateTime::from_secs(1_795_262_400))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.metric_data_results().len(), 500);
    assert!(answer.next_token().is_none());
    let values = answer.metric_data_results().iter().flat_map(MetricDataResult::values);
    assert!(values.clone().count() > 20_000);
    assert!(values.into_iter().all(|v| (0.0..=100.0).contains(v)));
}

fn target(id: &str, role: EndpointRole) -> Target {
    let place = crate::model::Place::new(super::PROFILE, REGIONS[0]);
    let endpoint = Endpoint { role, host: "somewhere.invalid".into(), port: 5432 };
    let backend = Backend {
        engine: EngineId::Postgres,
        dialect: DialectId::AuroraPostgres,
        endpoints: vec![endpoint.clone()],
        database: Some(super::DATABASE.into()),
        user: Some("postgres".into()),
        secret_arn: None,
        iam_login: false,
        data_api: None,
        keys: Vec::new(),
    };
    Target {
        resource: ResourceId { service: ServiceId("aurora"), kind: "cluster", place, name: id.into() },
        backend,
        engine: EngineId::Postgres,
        endpoint: Some(endpoint),
        address: None,
        secret: None,
        database: None,
        user: Some("postgres".into()),
    }
}

/// The rows of `sql`, run as a query tab runs it; the first cell of each.
async fn rows(console: &Console, session: &mut dyn Session, sql: &str) -> Result<Vec<String>, Failure> {
    let statement = Statement { text: sql.into(), dialect: DialectId::AuroraPostgres };
    let cleared = clear(&console.access.read(), crate::clock::now(), statement).unwrap();
    let (writer, reader) = store(1 << 20);
    let mut sink = Sink::new(writer, |_| {});
    session.run(&cleared, Limits { rows: 1_000, bytes: 1 << 20, fetch: 100 }, &mut sink).await?;
    let mut first = Vec::new();
    for row in 0..reader.rows() {
        reader.row(row, |at, value| {
            if at == 0 {
                first.push(String::from_utf8_lossy(value.raw).into_owned());
            }
        });
    }
    Ok(first)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_query_engine_reads_the_model_registry() {
    let console = console(None);
    let options = EngineOptions { local: Some(console.demo.local.clone()), ..EngineOptions::default() };
    let target = target("model-registry", EndpointRole::Writer);
    let engine = engine_for(&target, console.at(0).await, &options).unwrap();
    let mut session = engine.open(&target, &Login::None, false, &|_| {}).await.unwrap();
    let names = rows(&console, &mut *session, "select model_name, version, status, tags from model_registry");
    let names = names.await.unwrap();
    assert_eq!(names.len(), 240);
    assert!(names.iter().any(|n| n == "churn-xgb"));
    let broken = rows(&console, &mut *session, "select model_nam from model_registry").await.unwrap_err();
    assert!(broken.to_string().contains("model_nam"), "{broken}");
    let lock = rows(&console, &mut *session, "show default_transaction_read_only").await.unwrap();
    assert_eq!(lock, ["on"], "the session asked for read-only");
    let champions = "select model_name from model_registry where tags @> '{champion}'";
    assert_eq!(rows(&console, &mut *session, champions).await.unwrap().len(), 6);

    let nothing = self::target("billing", EndpointRole::Instance);
    let failure = engine.open(&nothing, &Login::None, false, &|_| {}).await.err().unwrap();
    assert!(failure.to_string().contains("no database server behind this row"), "{failure}");
}

#[tokio::test]
async fn the_knowledge_graph_is_listed_asked_and_operated() {
    use crate::model::{Cell, Operation};
    use crate::services::{Service, neptune::Neptune, neptune::spec::SPEC};
    let console = console(None);
    let reach = console.at(0).await;
    let parts = std::sync::Mutex::new(Vec::new());
    let out = |part: crate::services::Part| parts.lock().unwrap().push(part);
    Neptune.list(&reach, &out).await.unwrap();
    let parts = parts.into_inner().unwrap();
    let rows = &parts.last().unwrap().resources;
    let mut names: Vec<_> = rows.iter().map(|r| r.name.to_string()).collect();
    names.sort();
    let all =
        ["knowledge-graph", "knowledge-graph-1", "knowledge-graph-2", "knowledge-graph-3", "model-lineage"];
    assert_eq!(names, all);
    assert!(parts.iter().all(|p| p.aside.is_none()), "{parts:?}");
    let of = |name: &str| rows.iter().find(|r| r.name.as_str() == name).unwrap();
    let detail = Neptune.describe(&reach, &of("knowledge-graph-2").id).await.unwrap();
    let engine = detail.sections.iter().find(|s| s.title.as_str() == "Engine").unwrap();
    assert!(engine.facts.contains(&("Role".into(), Cell::Text("reader".into()))), "{engine:?}");
    console.elevate();
    let graph = of("model-lineage").id.clone();
    let ends = [("stop-graph", "STOPPED"), ("start-graph", "AVAILABLE"), ("snapshot-graph", "AVAILABLE")];
    for (id, end) in ends {
        let spec = SPEC.operation(id).unwrap();
        let what = Operation { id: spec.id, api: spec.api, on: graph.clone(), fields: Vec::new() };
        let cleared = clear(&console.access.read(), crate::clock::now(), what.clone()).unwrap();
        assert!(!Neptune.perform(&reach, &cleared).await.unwrap().done);
        assert!(!Neptune.follow(&reach, &what).await.unwrap().done, "{id} takes its time");
        console.demo.estate.let_pass(60_000);
        let outcome = Neptune.follow(&reach, &what).await.unwrap();
        assert!(outcome.done, "{id}: {outcome:?}");
        assert_eq!(outcome.stage.as_str(), end);
    }
}

/// The rows of a statement on a graph database, as text.
async fn asked(
    reach: &Arc<Reach>,
    name: &str,
    dialect: DialectId,
    text: &str,
) -> Result<Vec<Vec<String>>, Failure> {
    asked_how(reach, name, dialect, text, How::default()).await
}

/// The same, in a way that is not the usual one.
async fn asked_how(
    reach: &Arc<Reach>,
    name: &str,
    dialect: DialectId,
    text: &str,
    how: How,
) -> Result<Vec<Vec<String>>, Failure> {
    use crate::services::{Service, neptune::Neptune};
    let kind = if name.starts_with("g-") { "graph" } else { "cluster" };
    let id =
        ResourceId { service: ServiceId("neptune"), kind, place: reach.place().clone(), name: name.into() };
    let resource = Neptune.locate(reach, &id).await?.resource;
    let backend = resource.backend.unwrap();
    let target = Target {
        resource: id,
        engine: backend.engine,
        endpoint: backend.endpoints.first().cloned(),
        address: None,
        secret: None,
        database: None,
        user: None,
        backend,
    };
    let engine = engine_for(&target, reach.clone(), &EngineOptions::default())?;
    let mut session = engine.open(&target, &Login::None, false, &|_| {}).await?;
    session.arrange(dialect, how)?;
    let statement = Statement { text: text.into(), dialect };
    let cleared = clear(&reach.access().read(), NOON, statement)?;
    let (writer, reader) = store(1 << 20);
    let mut sink = Sink::new(writer, |_| {});
    session.run(&cleared, Limits::default(), &mut sink).await?;
    let mut rows = Vec::new();
    for at in 0..reader.rows() {
        let mut row = Vec::new();
        reader.row(at, |_, value| row.push(String::from_utf8_lossy(value.raw).into_owned()));
        rows.push(row);
    }
    Ok(rows)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_knowledge_graph_answers_in_three_languages() {
    let console = console(None);
    let reach = console.at(0).await;
    let graph = "knowledge-graph";
    let gremlin = asked(&reach, graph, DialectId::Gremlin, "g.V().hasLabel('model').count()").await.unwrap();
    let cypher = "MATCH (m:model) RETURN count(m)";
    let cypher = asked(&reach, graph, DialectId::OpenCypher, cypher).await.unwrap();
    assert_eq!(gremlin, cypher, "one graph");
    let both = "MATCH (m:model)-[:trained_on]->(d) RETURN m.name, d.name LIMIT 20";
    let rows = asked(&reach, graph, DialectId::OpenCypher, both).await.unwrap();
    assert_eq!((rows.len(), rows[0].len()), (20, 2));
    let analytics = asked(&reach, "g-8k2m4x7q1z", DialectId::OpenCypher, both).await.unwrap();
    assert_eq!(analytics.len(), 20);
    let paths = "g.V().hasLabel('model').out('trained_on').path().limit(3)";
    let paths = asked(&reach, graph, DialectId::Gremlin, paths).await.unwrap();
    assert!(paths.iter().all(|row| row[0].starts_with("[{\"~id\":")), "{paths:?}");
    let triples = "SELECT ?s WHERE { ?s ?p ?o } LIMIT 5";
    assert_eq!(asked(&reach, graph, DialectId::Sparql, triples).await.unwrap().len(), 5);
    let refused = asked(&reach, graph, DialectId::Gremlin, "g.V().drop()").await.unwrap_err();
    assert_eq!(refused.kind, crate::model::FailureKind::Refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_knowledge_graph_explains_itself_and_says_by_which_engine() {
    let console = console(None);
    let reach = console.at(0).await;
    let told = async |graph: &str, dialect, text: &str, explain| {
        let how = How { explain: Some(explain), ..How::default() };
        let rows = asked_how(&reach, graph, dialect, text, how).await.unwrap();
        rows.into_iter().map(|row| row.join(" ")).collect::<Vec<_>>().join("\n")
    };
    let (cypher, gremlin) = ("MATCH (m:model) RETURN count(m)", "g.V().hasLabel('model').count()");
    let sparql = "SELECT ?s WHERE { ?s ?p ?o } LIMIT 5";
    for (dialect, text, engine, ran) in [
        (DialectId::Gremlin, gremlin, "own Gremlin evaluator, not Neptune's", "1 results in "),
        (DialectId::OpenCypher, cypher, "grafeo, not Neptune's", "rows=1 "),
        (DialectId::Sparql, sparql, "oxigraph, not Neptune's", "results=5 "),
    ] {
        let plan = told("knowledge-graph", dialect, text, Explain::Plan).await;
        assert!(plan.contains(engine) && !plan.contains(ran), "{plan}");
        let profile = told("knowledge-graph", dialect, text, Explain::Details).await;
        assert!(profile.contains(engine) && profile.contains(ran), "{profile}");
    }
    let analytics = told("g-8k2m4x7q1z", DialectId::OpenCypher, cypher, Explain::Plan).await;
    assert!(analytics.contains("grafeo, not Neptune's"), "{analytics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_sparql_is_listed_and_stopped() {
    use crate::model::{Cell, Operation};
    use crate::services::{Service, neptune::Neptune, neptune::spec::SPEC};
    let console = console(None);
    let reach = console.at(0).await;
    let on = ResourceId {
        service: ServiceId("neptune"),
        kind: "instance",
        place: reach.place().clone(),
        name: "knowledge-graph-2".into(),
    };
    let long = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }";
    let other = reach.clone();
    let running =
        tokio::spawn(
            async move { asked(&other, "knowledge-graph", DialectId::Sparql, long).await.map(drop) },
        );
    let listed = async || {
        let detail = Neptune.describe(&reach, &on).await.unwrap();
        let section = detail.sections.into_iter().find(|s| s.title.as_str() == "Running SPARQL").unwrap();
        section.facts.first().and_then(|fact| match &fact.1 {
            Cell::Text(told) => told.split_once(": ").map(|(id, _)| id.to_owned()),
            _ => None,
        })
    };
    let id = loop {
        assert!(!running.is_finished(), "it runs for minutes");
        if let Some(id) = listed().await {
            break id;
        }
    };
    let spec = SPEC.operation("cancel-sparql").unwrap();
    let what = Operation { id: spec.id, api: spec.api, on: on.clone(), fields: vec![("query", id)] };
    let refused = clear(&console.access.read(), crate::clock::now(), what.clone()).err().unwrap();
    assert_eq!(refused.rule, "aws.write");
    console.elevate();
    let cleared = clear(&console.access.read(), crate::clock::now(), what.clone()).unwrap();
    assert!(Neptune.perform(&reach, &cleared).await.unwrap().done);
    let failure = running.await.unwrap().unwrap_err();
    assert!(failure.to_string().contains("cancelled"), "{failure}");
    let cleared = clear(&console.access.read(), crate::clock::now(), what).unwrap();
    let gone = Neptune.perform(&reach, &cleared).await.unwrap_err();
    assert!(gone.to_string().contains("Supplied queryId is invalid"), "{gone}");
}
