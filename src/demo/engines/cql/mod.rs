//! CQL over the demo's event tables: a small honest subset of SELECT that keeps Cassandra's rules
//! about keys, and says of everything else that it does not know it.

mod select;
pub mod tables;
#[cfg(test)]
mod tests;
mod value;

use crate::clock;
use crate::guard::Cleared;
use crate::model::{
    Column, EngineId, Failure, FailureKind, Limits, SafeText, Statement, Summary, Tag, Target, Task,
};
use crate::query::dialect::cql;
use crate::query::engine::{Canceller, Engine, Login, Progress, Session, Sink};
use std::sync::Arc;
use value::Value;

/// The most bytes of a demo answer are far below any limit: rows are taken one by one.
pub struct Answer {
    columns: Vec<Column>,
    rows: Vec<Vec<Value>>,
}

/// What is not known here, in words.
fn unknown(what: &str) -> String {
    format!("the demo's CQL does not know {what}; Keyspaces would answer it")
}

/// CQL of one region: the tables that were there when the tab was opened.
pub struct CqlTables {
    /// Names of the tables of the one keyspace.
    pub there: Vec<String>,
}

impl Engine for CqlTables {
    fn id(&self) -> EngineId {
        EngineId::Cql
    }

    fn open<'a>(
        &'a self,
        target: &'a Target,
        _: &'a Login,
        _: bool,
        tell: &'a (dyn Fn(Progress) + Send + Sync),
    ) -> Task<'a, Box<dyn Session>> {
        Box::pin(async move {
            tell(Progress::Connecting("the demo's tables".into()));
            Ok(Box::new(Tab {
                there: self.there.clone(),
                keyspace: target.database.clone().or_else(|| target.backend.database.clone()),
                doing: format!("query {}", target.resource.name),
            }) as Box<dyn Session>)
        })
    }
}

struct Tab {
    there: Vec<String>,
    keyspace: Option<Arc<str>>,
    doing: String,
}

impl Tab {
    fn answer(&self, text: &str) -> Result<Answer, Failure> {
        let rejected = |why: String| Failure::new(FailureKind::Rejected, self.doing.as_str(), why);
        let Some(select) = cql::parse(text) else {
            return Err(rejected(unknown("anything but SELECT"))
                .hint("SELECT * FROM system_schema.tables shows what is here"));
        };
        let keyspace = select.keyspace.as_deref().or(self.keyspace.as_deref()).unwrap_or_default();
        let found = tables::find(keyspace, &select.table, &self.there);
        let table = found.ok_or_else(|| {
            let why = format!("table {keyspace}.{} does not exist", select.table);
            Failure::new(FailureKind::NotFound, self.doing.as_str(), why)
                .hint("SELECT * FROM system_schema.tables shows what is here")
        })?;
        select::answer(&select, &table).map_err(rejected)
    }
}

impl Session for Tab {
    fn run<'a>(
        &'a mut self,
        statement: &'a Cleared<Statement>,
        limits: Limits,
        sink: &'a mut Sink,
    ) -> Task<'a, Summary> {
        Box::pin(async move {
            let began = clock::now();
            sink.tell(Progress::Running);
            let answer = self.answer(&statement.get().text)?;
            sink.rows.set_columns(&answer.columns);
            sink.tell(Progress::Columns(answer.columns.clone()));
            let (mut rows, mut truncated) = (0, false);
            for row in &answer.rows {
                if rows >= limits.rows || sink.rows.bytes() >= limits.bytes {
                    truncated = true;
                    break;
                }
                for (value, column) in row.iter().zip(&answer.columns) {
                    let tag = if *value == Value::Null { Tag::Null } else { column.tag };
                    sink.rows.value(tag, value.words().as_bytes());
                }
                let full = |e: std::io::Error| {
                    Failure::new(FailureKind::Unreachable, "keep the rows", e.to_string())
                };
                sink.rows.end_row().map_err(full)?;
                rows += 1;
            }
            sink.rows.publish();
            sink.tell(Progress::Rows(rows));
            let took_ms = clock::now().epoch_ms().saturating_sub(began.epoch_ms());
            Ok(Summary { rows, truncated, took_ms, ..Summary::default() })
        })
    }

    fn canceller(&self) -> Arc<dyn Canceller> {
        Arc::new(Done)
    }

    fn locks(&self) -> Vec<SafeText> {
        vec!["the demo's CQL reads only".into()]
    }

    fn is_alive(&self) -> bool {
        true
    }
}

/// Answers come at once: nothing is left to cancel.
struct Done;

impl Canceller for Done {
    fn cancel(&self) -> Task<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }
}
