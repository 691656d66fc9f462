//! The session against a scripted API: what it sends around a read, what it makes of refusals,
//! lost sessions and requests to stop.

use super::RedshiftData;
use crate::aws::answers::{Answers, Reply};
use crate::aws::{Reaches, Settings};
use crate::guard::{Access, Cleared, LiveAccess, clear};
use crate::model::{
    Backend, DialectId, EngineId, Failure, FailureKind, Limits, Place, ResourceId, ServiceId, Statement,
    Summary, Target,
};
use crate::query::engine::{Engine, Session, Sink};
use crate::query::engines::EngineOptions;
use crate::query::store::{RowReader, store};
use aws_sdk_redshiftdata::operation as op;
use aws_sdk_redshiftdata::types::{ColumnMetadata, Field, StatusString};
use aws_smithy_runtime_api::client::interceptors::context::{Error, Input, Output};
use aws_smithy_types::error::ErrorMetadata;
use std::sync::{Arc, Mutex};

/// How the scripted server behaves.
#[derive(Clone, Copy, Debug, Default)]
struct Server {
    /// Refuses `BEGIN READ ONLY` as a syntax error.
    no_transaction: bool,
    /// Forgets its session after so many statements.
    forgets_after: Option<usize>,
    /// Statements run until they are cancelled.
    endless: bool,
    /// Pages of a result, of 1,000 rows of 100 bytes.
    pages: usize,
}

#[derive(Debug)]
struct Script {
    server: Server,
    sent: Mutex<Vec<String>>,
    /// The secret and the database user that calls outside a session named.
    who: Mutex<Vec<(Option<String>, Option<String>)>>,
    cancelled: Mutex<bool>,
}

impl Script {
    fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap().clone()
    }

    fn execute(&self, input: &op::execute_statement::ExecuteStatementInput) -> Reply {
        let mut sent = self.sent.lock().unwrap();
        let lost = input.session_id().is_some() && self.server.forgets_after.is_some_and(|n| sent.len() >= n);
        if lost && !sent.iter().any(|s| s == "lost") {
            sent.push("lost".to_owned());
            let meta =
                ErrorMetadata::builder().code("ResourceNotFoundException").message("no session").build();
            return Reply::Error(Error::erase(op::execute_statement::ExecuteStatementError::generic(meta)));
        }
        sent.push(input.sql().unwrap_or_default().to_owned());
        if input.session_id().is_none() {
            let named = |text: Option<&str>| text.map(str::to_owned);
            self.who.lock().unwrap().push((named(input.secret_arn()), named(input.db_user())));
        }
        assert!(input.client_token().is_some_and(|t| t.len() > 30), "an idempotent token");
        let id = format!("{}", sent.len() - 1);
        Reply::Output(Output::erase(
            op::execute_statement::ExecuteStatementOutput::builder().id(id).session_id("s").build(),
        ))
    }

    fn describe(&self, id: &str) -> Reply {
        let sql = self.sent().get(id.parse::<usize>().unwrap()).cloned().unwrap_or_default();
        let own = sql.starts_with("BEGIN") || sql == "ROLLBACK";
        let status = match (own, sql.as_str()) {
            (true, "BEGIN READ ONLY") if self.server.no_transaction => StatusString::Failed,
            (false, _) if *self.cancelled.lock().unwrap() => StatusString::Aborted,
            (false, _) if self.server.endless => StatusString::Started,
            _ => StatusString::Finished,
        };
        let output = op::describe_statement::DescribeStatementOutput::builder()
            .id(id)
            .status(status)
            .error("ERROR: syntax error at or near \"READ\"")
            .has_result_set(!own)
            .build();
        Reply::Output(Output::erase(output.unwrap()))
    }

    fn result(&self, token: Option<&str>) -> Reply {
        let page = token.map_or(0, |t| t.parse::<usize>().unwrap());
        let row = vec![Field::StringValue("x".repeat(100))];
        let output = op::get_statement_result::GetStatementResultOutput::builder()
            .set_records(Some(vec![row; 1_000]))
            .column_metadata(ColumnMetadata::builder().name("pad").type_name("varchar").build())
            .set_next_token((page + 1 < self.server.pages).then(|| (page + 1).to_string()))
            .build();
        Reply::Output(Output::erase(output.unwrap()))
    }
}

impl Answers for Script {
    fn typed(&self, _: &Place, _: &str, operation: &str, input: &Input) -> Reply {
        match operation {
            "ExecuteStatement" => self.execute(input.downcast_ref().unwrap()),
            "DescribeStatement" => {
                let input: &op::describe_statement::DescribeStatementInput = input.downcast_ref().unwrap();
                self.describe(input.id().unwrap())
            }
            "GetStatementResult" => {
                let input: &op::get_statement_result::GetStatementResultInput = input.downcast_ref().unwrap();
                self.result(input.next_token())
            }
            "CancelStatement" => {
                *self.cancelled.lock().unwrap() = true;
                Reply::Output(Output::erase(
                    op::cancel_statement::CancelStatementOutput::builder().status(true).build(),
                ))
            }
            _ => Reply::Unknown,
        }
    }

    fn wire(&self, _: &Place, _: &str, _: &[u8]) -> (u16, Vec<u8>) {
        (500, Vec::new())
    }
}

async fn open(server: Server) -> (Arc<Script>, Box<dyn Session>) {
    open_by(server, None, None).await
}

/// A session as the console opens it: logged in by what the target says.
async fn open_by(
    server: Server,
    secret: Option<&str>,
    user: Option<&str>,
) -> (Arc<Script>, Box<dyn Session>) {
    let script = Arc::new(Script {
        server,
        sent: Mutex::default(),
        who: Mutex::default(),
        cancelled: Mutex::default(),
    });
    let settings = Settings { answers: Some(script.clone()), ..Settings::default() };
    let place = Place::new("default", "eu-west-1");
    let reach = Reaches::new(settings, LiveAccess::new(Access::read_only())).at(&place).await.unwrap();
    let backend = Backend {
        engine: EngineId::RedshiftData,
        dialect: DialectId::Redshift,
        endpoints: Vec::new(),
        database: Some("dev".into()),
        user: None,
        secret_arn: None,
        iam_login: true,
        data_api: Some("cluster/dw".into()),
        keys: Vec::new(),
    };
    let resource = ResourceId { service: ServiceId("redshift"), kind: "cluster", place, name: "dw".into() };
    let engine = EngineId::RedshiftData;
    let target = Target {
        resource,
        backend,
        engine,
        endpoint: None,
        address: None,
        secret: secret.map(Arc::from),
        database: None,
        user: user.map(Arc::from),
    };
    let login = EngineOptions::default().login(&target).unwrap();
    let session = RedshiftData::new(reach).open(&target, &login, false, &|_| {}).await.unwrap();
    (script, session)
}

fn cleared(text: &str) -> Cleared<Statement> {
    let statement = Statement { text: text.into(), dialect: DialectId::Redshift };
    clear(&Access::read_only(), crate::clock::now(), statement).unwrap()
}

async fn run(session: &mut dyn Session, text: &str, limits: Limits) -> Result<(Summary, RowReader), Failure> {
    let (writer, reader) = store(1 << 20);
    let mut sink = Sink::new(writer, |_| {});
    session.run(&cleared(text), limits, &mut sink).await.map(|summary| (summary, reader))
}

#[tokio::test]
async fn each_read_stands_between_begin_and_rollback() {
    let (script, mut session) = open(Server { pages: 1, ..Server::default() }).await;
    run(&mut *session, "select 1", Limits::default()).await.unwrap();
    let sent = ["BEGIN READ ONLY", "ROLLBACK", "BEGIN READ ONLY", "select 1", "ROLLBACK"];
    assert_eq!(script.sent(), sent);
}

#[tokio::test]
async fn the_secret_that_was_chosen_logs_in_and_no_user_beside_it() {
    let arn = "arn:aws:secretsmanager:eu-west-1:1:secret:dw/analyst-x1";
    for (secret, user, told) in [
        (None, None, (None, None)),
        (None, Some("analyst"), (None, Some("analyst".to_owned()))),
        (Some(arn), None, (Some(arn.to_owned()), None)),
        (Some(arn), Some("analyst"), (Some(arn.to_owned()), None)),
    ] {
        let (script, mut session) = open_by(Server { pages: 1, ..Server::default() }, secret, user).await;
        run(&mut *session, "select 1", Limits::default()).await.unwrap();
        assert_eq!(*script.who.lock().unwrap(), [told], "the session keeps who it is");
    }
}

#[tokio::test]
async fn a_server_without_the_transaction_is_told_and_still_read() {
    let (script, mut session) = open(Server { no_transaction: true, pages: 1, ..Server::default() }).await;
    let locks = session.locks();
    assert!(locks[0].as_str().contains("no session lock") && locks[0].as_str().contains("READ"), "{locks:?}");
    run(&mut *session, "select 1", Limits::default()).await.unwrap();
    assert_eq!(script.sent(), ["BEGIN READ ONLY", "select 1"]);
}

#[tokio::test]
async fn a_forgotten_session_is_opened_anew() {
    let (script, mut session) = open(Server { forgets_after: Some(2), pages: 1, ..Server::default() }).await;
    run(&mut *session, "select 1", Limits::default()).await.unwrap();
    let sent = ["BEGIN READ ONLY", "ROLLBACK", "lost", "BEGIN READ ONLY", "select 1", "ROLLBACK"];
    assert_eq!(script.sent(), sent);
}

#[tokio::test]
async fn a_statement_too_long_is_not_sent() {
    let (script, mut session) = open(Server::default()).await;
    let long = format!("select '{}'", "x".repeat(101 << 10));
    let failure = run(&mut *session, &long, Limits::default()).await.err().unwrap();
    assert_eq!(failure.kind, FailureKind::Usage);
    assert_eq!(script.sent().len(), 2, "nothing after opening");
}

#[tokio::test]
async fn a_stop_reaches_the_server_and_the_transaction_is_rolled_back() {
    let (script, mut session) = open(Server { endless: true, ..Server::default() }).await;
    let canceller = session.canceller();
    let statement = cleared("select 1");
    let (writer, _reader) = store(1 << 20);
    let mut sink = Sink::new(writer, |_| {});
    let mut running = session.run(&statement, Limits::default(), &mut sink);
    let early = tokio::time::timeout(std::time::Duration::from_millis(300), &mut running).await;
    assert!(early.is_err(), "it runs until it is stopped");
    canceller.cancel().await.unwrap();
    let failure = running.await.err().unwrap();
    assert_eq!(failure.kind, FailureKind::Cancelled);
    assert!(*script.cancelled.lock().unwrap());
    assert_eq!(script.sent().last().map(String::as_str), Some("ROLLBACK"));
    canceller.cancel().await.unwrap();
}

#[tokio::test]
async fn a_run_that_nobody_waits_for_is_stopped_and_rolled_back() {
    let (script, mut session) = open(Server { endless: true, ..Server::default() }).await;
    let early = tokio::time::timeout(
        std::time::Duration::from_millis(300),
        run(&mut *session, "select 1", Limits::default()),
    );
    assert!(early.await.is_err());
    let undone = async {
        while script.sent().last().map(String::as_str) != Some("ROLLBACK") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), undone).await.expect("it is rolled back");
    assert!(*script.cancelled.lock().unwrap());
    assert_eq!(script.sent().last().map(String::as_str), Some("ROLLBACK"));
}

#[tokio::test]
async fn a_result_of_100_mb_is_taken_page_by_page_and_a_limit_ends_it() {
    let (_, mut session) = open(Server { pages: 1_000, ..Server::default() }).await;
    let (summary, reader) = run(&mut *session, "select 1", Limits::default()).await.unwrap();
    assert_eq!((summary.rows, reader.rows(), summary.truncated), (1_000_000, 1_000_000, false));
    let limits = Limits { rows: 1_500, ..Limits::default() };
    let (summary, _) = run(&mut *session, "select 1", limits).await.unwrap();
    assert_eq!((summary.rows, summary.truncated), (1_500, true));
}
