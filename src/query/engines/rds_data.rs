//! The RDS Data API: SQL over AWS's own HTTPS, for clusters with the HTTP endpoint on.
//!
//! There is no session to arm. On PostgreSQL each read runs in a transaction that is set
//! read-only and always rolled back; on MySQL only the guard and the secret's role hold, and
//! the session says so.

use super::cancel::lost;
use super::intake::Intake;
use crate::aws::{Reach, failure::failure};
use crate::clock;
use crate::guard::{Cleared, LiveAccess, carried::READ_ONLY_WRAPPER};
use crate::model::{
    Column, DialectId, EngineId, Failure, FailureKind, Limits, SafeText, Statement, Summary, Tag, Target,
    Task,
};
use crate::query::engine::{Canceller, Engine, Login, Progress, Session, Sink};
use aws_sdk_rdsdata::Client;
use aws_sdk_rdsdata::operation::execute_statement::ExecuteStatementOutput;
use aws_sdk_rdsdata::types::{ArrayValue, ColumnMetadata, Field};
use serde_json::Value as Json;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Notify;

/// Opens RDS Data API sessions.
pub struct RdsData {
    reach: Arc<Reach>,
}

impl RdsData {
    /// Over `reach`.
    pub const fn new(reach: Arc<Reach>) -> Self {
        Self { reach }
    }
}

impl Engine for RdsData {
    fn id(&self) -> EngineId {
        EngineId::RdsData
    }

    fn open<'a>(
        &'a self,
        target: &'a Target,
        login: &'a Login,
        changes: bool,
        tell: &'a (dyn Fn(Progress) + Send + Sync),
    ) -> Task<'a, Box<dyn Session>> {
        Box::pin(async move {
            tell(Progress::Connecting("RDS Data API".into()));
            let doing = format!("query {} over the RDS Data API", target.resource.name);
            let secret = match login {
                Login::Secret(name) => Some(name.clone()),
                _ => target.backend.secret_arn.clone(),
            };
            let (Some(cluster), Some(secret)) = (target.backend.data_api.clone(), secret) else {
                return Err(Failure::new(
                    FailureKind::Login,
                    doing,
                    "it needs the cluster's HTTP endpoint and a secret",
                )
                .hint(
                    "turn the Data API on and name a Secrets Manager secret: :secret ARN, or --secret ARN",
                ));
            };
            let language = target.backend.dialect;
            Ok(Box::new(DataSession {
                client: self.reach.rds_data(language),
                access: self.reach.access().clone(),
                place: Place {
                    cluster,
                    secret,
                    database: target.database.clone().or(target.backend.database.clone()),
                },
                wrapped: matches!(language, DialectId::Postgres | DialectId::AuroraPostgres),
                changes,
                doing,
                stop: Arc::default(),
            }) as Box<dyn Session>)
        })
    }
}

/// What each call names.
struct Place {
    cluster: Arc<str>,
    secret: Arc<str>,
    database: Option<Arc<str>>,
}

struct DataSession {
    client: Client,
    access: LiveAccess,
    place: Place,
    wrapped: bool,
    changes: bool,
    doing: String,
    stop: Arc<Stop>,
}

impl DataSession {
    async fn run_cleared(
        &mut self,
        statement: &Cleared<Statement>,
        limits: Limits,
        sink: &mut Sink,
    ) -> Result<Summary, Failure> {
        let changes = statement.changes();
        if changes && !self.changes || !statement.holds(&self.access.read(), clock::now()) {
            let why = "this session was opened read-only, or the access changed since this was allowed";
            return Err(Failure::new(FailureKind::Refused, self.doing.as_str(), why));
        }
        let started = Instant::now();
        let mut intake = Intake::new(sink, limits);
        let transaction = if self.wrapped && !changes { Some(self.begin().await?) } else { None };
        intake.running();
        let asked = async {
            if let Some(id) = &transaction {
                self.send(READ_ONLY_WRAPPER, Some(id)).await?;
            }
            self.send(&statement.get().text, transaction.as_deref()).await
        };
        let answer = tokio::select! {
            answer = asked => answer,
            () = self.stop.0.notified() => Err(self.given_up(changes)),
        };
        // Also after a failure: an open transaction holds locks for three minutes.
        if let Some(id) = transaction {
            self.rollback(&id).await;
        }
        let answer = answer.map_err(|failure| lost(failure, changes))?;
        take(&answer, &mut intake)?;
        intake.publish();
        Ok(Summary {
            rows: intake.rows,
            changed: changes.then(|| answer.number_of_records_updated().try_into().unwrap_or_default()),
            truncated: intake.full,
            took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            notes: Vec::new(),
        })
    }

    /// The API has no way to stop a statement.
    fn given_up(&self, changes: bool) -> Failure {
        let doing = self.doing.as_str();
        if changes {
            let why = "nobody waits any more, but the Data API cannot stop a statement";
            return Failure::new(FailureKind::Unreachable, doing, why);
        }
        Failure::new(FailureKind::Cancelled, doing, "cancelled").hint(
            "the Data API cannot stop a statement: its transaction is rolled back, and it ends by itself",
        )
    }

    async fn send(&self, sql: &str, transaction: Option<&str>) -> Result<ExecuteStatementOutput, Failure> {
        let call = self
            .client
            .execute_statement()
            .resource_arn(&*self.place.cluster)
            .secret_arn(&*self.place.secret)
            .set_database(self.place.database.as_deref().map(str::to_owned))
            .set_transaction_id(transaction.map(str::to_owned))
            .include_result_metadata(true)
            .continue_after_timeout(false)
            .sql(sql);
        call.send().await.map_err(|e| {
            let failure = failure(&self.doing, &e);
            // In the API's words, of which there are two: "Database returned more than the allowed response size
            // limit" and "Database response exceeded size limit".
            if failure.because.as_str().contains("size limit") {
                return failure.hint("the Data API answers at most 1 MiB: add a LIMIT or take fewer columns");
            }
            failure
        })
    }

    async fn begin(&self) -> Result<String, Failure> {
        let call = self
            .client
            .begin_transaction()
            .resource_arn(&*self.place.cluster)
            .secret_arn(&*self.place.secret)
            .set_database(self.place.database.as_deref().map(str::to_owned));
        let answer = call.send().await.map_err(|e| failure(&self.doing, &e))?;
        answer.transaction_id.ok_or_else(|| {
            Failure::new(FailureKind::Garbled, self.doing.as_str(), "a transaction without an id")
        })
    }

    /// A rollback that fails changes nothing: the API rolls back by itself after three minutes.
    async fn rollback(&self, id: &str) {
        let call = self
            .client
            .rollback_transaction()
            .resource_arn(&*self.place.cluster)
            .secret_arn(&*self.place.secret)
            .transaction_id(id);
        let _ = call.send().await;
    }
}

fn take(answer: &ExecuteStatementOutput, intake: &mut Intake<'_>) -> Result<(), Failure> {
    let columns: Vec<Column> = answer.column_metadata().iter().map(column).collect();
    let tags: Vec<Tag> = columns.iter().map(|c| c.tag).collect();
    intake.columns(columns);
    for record in answer.records() {
        if !intake.admit(0) {
            break;
        }
        for (index, field) in record.iter().enumerate() {
            let (tag, text) = value(field, tags.get(index).copied().unwrap_or(Tag::Text));
            intake.value(tag, text.as_bytes());
        }
        intake.end_row()?;
    }
    Ok(())
}

fn column(facts: &ColumnMetadata) -> Column {
    let type_name = facts.type_name().unwrap_or_default();
    let tag = match type_name.to_ascii_lowercase().as_str() {
        "json" | "jsonb" => Tag::Json,
        "bytea" | "blob" | "binary" | "varbinary" => Tag::Bytes,
        "bool" | "bit" => Tag::Bool,
        t if t.starts_with("timestamp") || t.starts_with("date") || t.starts_with("time") => Tag::Time,
        t if ["int", "serial", "float", "double", "decimal", "numeric"].iter().any(|n| t.contains(n)) => {
            Tag::Number
        }
        _ => Tag::Text,
    };
    let name = facts.label().or(facts.name()).unwrap_or_default();
    Column { name: name.into(), type_name: type_name.into(), tag }
}

/// A value in text; `column` is what the column holds.
fn value(field: &Field, column: Tag) -> (Tag, String) {
    match field {
        Field::BooleanValue(v) => (Tag::Bool, v.to_string()),
        Field::LongValue(v) => (Tag::Number, v.to_string()),
        Field::DoubleValue(v) => (Tag::Number, v.to_string()),
        Field::StringValue(v) => (if column == Tag::Bytes { Tag::Text } else { column }, v.clone()),
        Field::BlobValue(v) => (Tag::Bytes, super::hex(v.as_ref())),
        Field::ArrayValue(v) => (Tag::Json, array(v).to_string()),
        // `IsNull`, and what AWS may add.
        _ => (Tag::Null, String::new()),
    }
}

fn array(values: &ArrayValue) -> Json {
    fn all<T: Clone + Into<Json>>(values: &[Option<T>]) -> Json {
        values.iter().map(|v| v.clone().map_or(Json::Null, Into::into)).collect()
    }
    match values {
        ArrayValue::ArrayValues(v) => v.iter().map(|v| v.as_ref().map_or(Json::Null, array)).collect(),
        ArrayValue::BooleanValues(v) => all(v),
        ArrayValue::DoubleValues(v) => all(v),
        ArrayValue::LongValues(v) => all(v),
        ArrayValue::StringValues(v) => all(v),
        _ => Json::Null,
    }
}

/// Ends the wait for an answer.
#[derive(Default)]
struct Stop(Notify);

impl Canceller for Stop {
    fn cancel(&self) -> Task<'_, ()> {
        self.0.notify_waiters();
        Box::pin(async { Ok(()) })
    }
}

impl Session for DataSession {
    fn run<'a>(
        &'a mut self,
        statement: &'a Cleared<Statement>,
        limits: Limits,
        sink: &'a mut Sink,
    ) -> Task<'a, Summary> {
        Box::pin(self.run_cleared(statement, limits, sink))
    }

    fn canceller(&self) -> Arc<dyn Canceller> {
        self.stop.clone()
    }

    fn locks(&self) -> Vec<SafeText> {
        if self.changes {
            Vec::new()
        } else if self.wrapped {
            vec!["read-only transaction around each statement, rolled back".into()]
        } else {
            vec!["no session lock: the guard and the secret's role hold".into()]
        }
    }

    fn is_alive(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_fields_become_text_with_their_tag() {
        assert_eq!(value(&Field::IsNull(true), Tag::Number), (Tag::Null, String::new()));
        assert_eq!(value(&Field::StringValue("1.50".into()), Tag::Number), (Tag::Number, "1.50".into()));
        let list = Field::ArrayValue(ArrayValue::StringValues(vec![Some("a".into()), None]));
        assert_eq!(value(&list, Tag::Text), (Tag::Json, r#"["a",null]"#.into()));
    }
}
