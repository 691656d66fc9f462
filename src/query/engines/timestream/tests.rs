//! The session against a scripted API: empty first pages, pages, every type of value, a stop.

use super::Timestream;
use crate::aws::answers::{Answers, Reply};
use crate::aws::{Reaches, Settings};
use crate::guard::{Access, Cleared, LiveAccess, clear};
use crate::model::{
    Backend, DialectId, EngineId, Failure, FailureKind, Limits, Place, ResourceId, ServiceId, Statement,
    Summary, Tag, Target,
};
use crate::query::engine::{Engine, Login, Progress, Session, Sink};
use crate::query::store::{RowReader, store};
use aws_sdk_timestreamquery::operation::cancel_query::{CancelQueryInput, CancelQueryOutput};
use aws_sdk_timestreamquery::operation::query::{QueryInput, QueryOutput};
use aws_sdk_timestreamquery::types::{
    ColumnInfo, Datum, QueryStatus, Row, ScalarType, TimeSeriesDataPoint, Type,
};
use aws_smithy_runtime_api::client::interceptors::context::{Input, Output};
use std::sync::{Arc, Mutex};

/// How the scripted server behaves.
#[derive(Clone, Copy, Debug, Default)]
struct Server {
    /// Pages without rows before the first row; without an end when `None`.
    empty: Option<usize>,
    /// Pages of 1,000 rows.
    pages: usize,
}

#[derive(Debug)]
struct Script {
    server: Server,
    asked: Mutex<Vec<(Option<String>, Option<i32>)>>,
    cancelled: Mutex<Vec<String>>,
}

fn scalar(name: &str, kind: ScalarType) -> ColumnInfo {
    ColumnInfo::builder().name(name).r#type(Type::builder().scalar_type(kind).build()).build()
}

fn columns() -> Vec<ColumnInfo> {
    let double = || scalar("", ScalarType::Double);
    let of = |name: &str, kind: Type| ColumnInfo::builder().name(name).r#type(kind).build();
    vec![
        scalar("model", ScalarType::Varchar),
        scalar("at", ScalarType::Timestamp),
        scalar("v", ScalarType::Double),
        of("list", Type::builder().array_column_info(double()).build()),
        of("series", Type::builder().time_series_measure_value_column_info(double()).build()),
        of(
            "pair",
            Type::builder()
                .row_column_info(double())
                .row_column_info(scalar("b", ScalarType::Varchar))
                .build(),
        ),
    ]
}

fn row() -> Row {
    let text = |t: &str| Datum::builder().scalar_value(t).build();
    let null = || Datum::builder().null_value(true).build();
    let point = TimeSeriesDataPoint::builder().time("2026-11-21 12:00:00.000000000").value(text("1.50"));
    Row::builder()
        .data(text("fraud"))
        .data(text("2026-11-21 12:00:00.000000000"))
        .data(text("NaN"))
        .data(Datum::builder().array_value(text("0.10")).array_value(null()).build())
        .data(Datum::builder().time_series_value(point.build().unwrap()).build())
        .data(
            Datum::builder()
                .row_value(Row::builder().data(text("1")).data(text("x\"y")).build().unwrap())
                .build(),
        )
        .build()
        .unwrap()
}

impl Script {
    fn query(&self, input: &QueryInput) -> Reply {
        assert_eq!(
            input.client_token().is_some_and(|t| t.starts_with("dbdeck-")),
            input.next_token().is_none()
        );
        let mut asked = self.asked.lock().unwrap();
        asked.push((input.next_token().map(str::to_owned), input.max_rows()));
        let at = asked.len() - 1;
        let empty = self.server.empty.unwrap_or(usize::MAX);
        let status = QueryStatus::builder()
            .progress_percentage(10.0 * (at + 1) as f64)
            .cumulative_bytes_scanned(1_000_000 * (i64::try_from(at).unwrap() + 1))
            .cumulative_bytes_metered(10_000_000)
            .build();
        let rows = if at >= empty { vec![row(); 1_000] } else { Vec::new() };
        let more = at + 1 < empty.saturating_add(self.server.pages);
        let output = QueryOutput::builder()
            .query_id("q-1")
            .set_rows(Some(rows))
            .set_column_info(Some(if at >= empty { columns() } else { Vec::new() }))
            .set_next_token(more.then(|| format!("page-{at}")))
            .query_status(status);
        Reply::Output(Output::erase(output.build().unwrap()))
    }
}

impl Answers for Script {
    fn typed(&self, _: &Place, _: &str, operation: &str, input: &Input) -> Reply {
        match operation {
            "Query" => self.query(input.downcast_ref().unwrap()),
            "CancelQuery" => {
                let asked: &CancelQueryInput = input.downcast_ref().unwrap();
                self.cancelled.lock().unwrap().push(asked.query_id().unwrap_or_default().to_owned());
                Reply::Output(Output::erase(CancelQueryOutput::builder().build()))
            }
            _ => Reply::Unknown,
        }
    }

    fn wire(&self, _: &Place, _: &str, _: &[u8]) -> (u16, Vec<u8>) {
        (500, Vec::new())
    }
}

async fn open(server: Server) -> (Arc<Script>, Box<dyn Session>) {
    let script = Arc::new(Script { server, asked: Mutex::default(), cancelled: Mutex::default() });
    let settings = Settings { answers: Some(script.clone()), ..Settings::default() };
    let place = Place::new("default", "eu-west-1");
    let reach = Reaches::new(settings, LiveAccess::new(Access::read_only())).at(&place).await.unwrap();
    let backend = Backend {
        engine: EngineId::Timestream,
        dialect: DialectId::Timestream,
        endpoints: Vec::new(),
        database: None,
        user: None,
        secret_arn: None,
        iam_login: true,
        data_api: None,
        keys: Vec::new(),
    };
    let name = "ml".into();
    let target = Target {
        resource: ResourceId { service: ServiceId("timestream"), kind: "database", place, name },
        engine: EngineId::Timestream,
        endpoint: None,
        address: None,
        secret: None,
        database: None,
        user: None,
        backend,
    };
    let session = Timestream::new(reach).open(&target, &Login::None, false, &|_| {}).await.unwrap();
    (script, session)
}

fn cleared() -> Cleared<Statement> {
    let statement = Statement { text: "SELECT * FROM \"ml\".\"m\"".into(), dialect: DialectId::Timestream };
    clear(&Access::read_only(), crate::clock::now(), statement).unwrap()
}

async fn run(
    session: &mut dyn Session,
    limits: Limits,
    stages: &Arc<Mutex<Vec<String>>>,
) -> (Result<Summary, Failure>, RowReader) {
    let (writer, reader) = store(1 << 20);
    let heard = stages.clone();
    let mut sink = Sink::new(writer, move |progress| {
        if let Progress::Connecting(stage) = progress {
            heard.lock().unwrap().push(stage.to_string());
        }
    });
    let ended = session.run(&cleared(), limits, &mut sink).await;
    (ended, reader)
}

#[tokio::test]
async fn empty_pages_are_followed_and_every_type_is_a_value() {
    let (script, mut session) = open(Server { empty: Some(2), pages: 2 }).await;
    let stages = Arc::default();
    let (ended, rows) = run(session.as_mut(), Limits::default(), &stages).await;
    let summary = ended.unwrap();
    assert_eq!((summary.rows, summary.truncated, rows.rows()), (2_000, false, 2_000));
    assert_eq!(script.asked.lock().unwrap().len(), 4);
    assert_eq!(stages.lock().unwrap().as_slice(), ["10 % done, 1.0 MB scanned", "20 % done, 2.0 MB scanned"]);
    assert!(summary.notes.iter().any(|n| n.contains("scanned 4.0 MB in 4 pages")), "{:?}", summary.notes);
    assert!(summary.notes.iter().any(|n| n.contains("metered 10.0 MB: about $0.00010")));
    let types: Vec<String> = rows.columns().iter().map(|c| c.type_name.to_string()).collect();
    let wanted =
        ["varchar", "timestamp", "double", "array(double)", "timeseries(double)", "row(double, varchar)"];
    assert_eq!(types, wanted);
    let mut values = Vec::new();
    assert!(rows.row(0, |_, v| values.push((v.tag, String::from_utf8_lossy(v.raw).into_owned()))));
    let wanted = [
        (Tag::Text, "fraud"),
        (Tag::Time, "2026-11-21 12:00:00.000000000"),
        (Tag::Text, "NaN"),
        (Tag::Json, "[0.10,null]"),
        (Tag::Json, r#"[{"time":"2026-11-21 12:00:00.000000000","value":1.50}]"#),
        (Tag::Json, r#"{"field0":1,"b":"x\"y"}"#),
    ];
    assert_eq!(values, wanted.map(|(tag, text)| (tag, text.to_owned())));
    assert!(script.cancelled.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_limit_asks_for_one_more_row_and_ends_the_query() {
    let (script, mut session) = open(Server { empty: Some(0), pages: 5 }).await;
    let limits = Limits { rows: 7, ..Limits::default() };
    let (ended, rows) = run(session.as_mut(), limits, &Arc::default()).await;
    assert_eq!((ended.unwrap().truncated, rows.rows()), (true, 7));
    assert_eq!(script.asked.lock().unwrap().as_slice(), [(None, Some(8))]);
    assert_eq!(script.cancelled.lock().unwrap().as_slice(), ["q-1"]);
}

#[tokio::test]
async fn a_stop_reaches_the_server() {
    let (script, mut session) = open(Server { empty: None, pages: 0 }).await;
    let canceller = session.canceller();
    let (writer, _reader) = store(1 << 20);
    let mut sink = Sink::new(writer, |_| {});
    let cleared = cleared();
    let mut running = session.run(&cleared, Limits::default(), &mut sink);
    let ended = crate::query::engines::cancel::stop(canceller.as_ref(), &mut running, false);
    // The first request to stop comes before the query has an id.
    let failed = ended.await.unwrap().unwrap_err();
    assert_eq!(failed.kind, FailureKind::Cancelled);
    drop(running);
    drop(session);
    tokio::time::timeout(std::time::Duration::from_secs(5), async {
        while script.cancelled.lock().unwrap().is_empty() && !script.asked.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the query that was begun is cancelled");
}
