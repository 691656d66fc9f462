//! Timestream for LiveAnalytics: `Query`, page by page, with how far it has come and what it
//! scanned. The first pages may be empty while the server still works.
//!
//! There is no session to arm: the guard's grammar and the IAM policy hold (`timestream:Select`
//! without `timestream:Unload`). Source: Timestream developer guide, "Query" and "Quotas".

mod running;
#[cfg(test)]
mod tests;
mod value;

use super::cancel::lost;
use super::intake::Intake;
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::aws::pages::{Next, Pages};
use crate::clock;
use crate::guard::{Cleared, LiveAccess};
use crate::model::{EngineId, Failure, FailureKind, Limits, SafeText, Statement, Summary, Target, Task};
use crate::query::engine::{Canceller, Engine, Login, Progress, Session, Sink};
use aws_sdk_timestreamquery::Client;
use aws_sdk_timestreamquery::operation::query::QueryOutput;
use aws_sdk_timestreamquery::types::QueryStatus;
use running::Running;
use std::sync::Arc;
use std::time::Instant;

/// The longest statement that the API takes, in characters.
const LONGEST: usize = 262_144;
/// The most rows of one page.
const PAGE: u64 = 1_000;
/// Most pages of one result.
const PAGES: usize = 1_000_000;
/// Dollars a gigabyte, where queries are paid by what they scan: the list price of us-east-1.
const PRICE: f64 = 0.01;
/// The least that a query is billed for, in bytes.
const LEAST_BILLED: i64 = 10_000_000;

/// Opens sessions on LiveAnalytics.
pub struct Timestream {
    reach: Arc<Reach>,
}

impl Timestream {
    /// Over `reach`.
    pub const fn new(reach: Arc<Reach>) -> Self {
        Self { reach }
    }
}

impl Engine for Timestream {
    fn id(&self) -> EngineId {
        EngineId::Timestream
    }

    fn open<'a>(
        &'a self,
        target: &'a Target,
        _: &'a Login,
        changes: bool,
        tell: &'a (dyn Fn(Progress) + Send + Sync),
    ) -> Task<'a, Box<dyn Session>> {
        Box::pin(async move {
            tell(Progress::Connecting("Timestream: asking for its endpoint".into()));
            let client = self.reach.live_query().await?;
            let doing = format!("query {}", target.resource.name);
            Ok(Box::new(TimestreamSession {
                running: Arc::new(Running::new(client.clone())),
                client,
                access: self.reach.access().clone(),
                changes,
                doing,
            }) as Box<dyn Session>)
        })
    }
}

struct TimestreamSession {
    client: Client,
    access: LiveAccess,
    changes: bool,
    doing: String,
    running: Arc<Running>,
}

/// What the pages told beside rows.
#[derive(Default)]
struct Told {
    pages: u64,
    scanned: i64,
    metered: i64,
}

impl Told {
    fn hear(&mut self, status: Option<&QueryStatus>) {
        self.pages += 1;
        if let Some(status) = status {
            self.scanned = self.scanned.max(status.cumulative_bytes_scanned());
            self.metered = self.metered.max(status.cumulative_bytes_metered());
        }
    }

    fn notes(&self) -> Vec<SafeText> {
        let pages = if self.pages == 1 { "1 page".to_owned() } else { format!("{} pages", self.pages) };
        let billed = self.metered.max(LEAST_BILLED) as f64;
        let dollars = billed / 1e9 * PRICE;
        vec![
            SafeText::new(format!("scanned {} in {pages}", bytes(self.scanned))),
            SafeText::new(format!(
                "metered {}: about ${dollars:.5} at us-east-1's ${PRICE} a GB, where queries are not paid by TCU",
                bytes(self.metered)
            )),
        ]
    }
}

/// Bytes in words.
fn bytes(n: i64) -> String {
    match n {
        ..1_000 => format!("{n} B"),
        1_000..1_000_000 => format!("{:.1} kB", n as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", n as f64 / 1e6),
        _ => format!("{:.2} GB", n as f64 / 1e9),
    }
}

impl TimestreamSession {
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
        let text = &*statement.get().text;
        if text.chars().nth(LONGEST).is_some() {
            let why = "Timestream takes statements of up to 262,144 characters";
            return Err(Failure::new(FailureKind::Usage, self.doing.as_str(), why).hint("nothing was sent"));
        }
        let started = Instant::now();
        let mut told = Told::default();
        let run = self.running.begin();
        let ended = self.take(text, limits, sink, &mut told).await;
        let stopped = run.ends();
        let (rows, full) = match ended {
            Err(_) if stopped => {
                let why = "cancelled on the server";
                return Err(Failure::new(FailureKind::Cancelled, self.doing.as_str(), why));
            }
            ended => ended.map_err(|failure| lost(failure, changes))?,
        };
        Ok(Summary {
            rows,
            changed: None,
            truncated: full,
            took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            notes: told.notes(),
        })
    }

    /// Takes the rows, a page at a time: how many, and whether a limit cut them.
    async fn take(
        &self,
        text: &str,
        limits: Limits,
        sink: &mut Sink,
        told: &mut Told,
    ) -> Result<(u64, bool), Failure> {
        let mut intake = Intake::new(sink, limits);
        intake.running();
        let mut pages = Pages::at_most(PAGES);
        let mut shape: Option<Vec<value::Shape>> = None;
        let mut token = None;
        loop {
            // One more than is wanted shows that there is more.
            let most = intake.left().saturating_add(1).min(PAGE);
            let page = self.page(text, token.take(), i32::try_from(most).unwrap_or(1_000)).await?;
            told.hear(page.query_status());
            let known = match &shape {
                Some(known) => known,
                None if page.column_info().is_empty() => &Vec::new(),
                None => {
                    let known: Vec<_> = page.column_info().iter().map(value::Shape::of).collect();
                    intake.columns(known.iter().map(value::Shape::column).collect());
                    shape.insert(known)
                }
            };
            for row in page.rows() {
                if !intake.admit(0) {
                    // What is left would be computed and billed for nobody.
                    self.running.stop().await;
                    intake.publish();
                    return Ok((intake.rows, true));
                }
                if row.data().len() != known.len() {
                    return Err(self.garbled("a row that does not fit its columns"));
                }
                for (datum, shape) in row.data().iter().zip(known) {
                    let (tag, text) = shape.value(datum);
                    intake.value(tag, text.as_bytes());
                }
                intake.end_row()?;
            }
            intake.publish();
            match pages.after(page.next_token()) {
                Next::Page(next) => token = Some(next),
                Next::Done => return Ok((intake.rows, intake.full)),
                Next::Cut => return Err(self.garbled("pages of a result that repeat themselves")),
            }
            if intake.rows == 0 {
                sink_progress(&intake, page.query_status());
            }
        }
    }

    async fn page(&self, text: &str, next: Option<String>, most: i32) -> Result<QueryOutput, Failure> {
        let call = self.client.query().query_string(text).max_rows(most).set_next_token(next.clone());
        // The first page is asked for under a token: who asks again gets the query that is there.
        let call = if next.is_none() { call.client_token(super::redshift_data::token()) } else { call };
        let answer = self.running.ask(call, &self.doing).await?;
        answer.map_err(|e| explained(failure(&self.doing, &e)))
    }

    fn garbled(&self, why: &str) -> Failure {
        Failure::new(FailureKind::Garbled, self.doing.as_str(), why)
    }
}

/// Tells how far the server has come while no rows are there.
fn sink_progress(intake: &Intake<'_>, status: Option<&QueryStatus>) {
    let Some(status) = status else { return };
    let percent = status.progress_percentage().clamp(0.0, 100.0);
    let scanned = bytes(status.cumulative_bytes_scanned());
    intake.stage(&format!("{percent:.0} % done, {scanned} scanned"));
}

/// What Timestream's words mean here.
fn explained(failure: Failure) -> Failure {
    let words = failure.because.as_str();
    if failure.kind == FailureKind::Denied {
        return failure.hint(
            "LiveAnalytics takes no new customers since 2025-06-20; existing ones need timestream:Select and timestream:DescribeEndpoints",
        );
    }
    if words.contains("QueryExecutionException") && words.to_lowercase().contains("time") {
        return failure.hint("a query ends after 60 seconds: narrow it by time, database and measure");
    }
    failure
}

impl Session for TimestreamSession {
    fn run<'a>(
        &'a mut self,
        statement: &'a Cleared<Statement>,
        limits: Limits,
        sink: &'a mut Sink,
    ) -> Task<'a, Summary> {
        Box::pin(self.run_cleared(statement, limits, sink))
    }

    fn canceller(&self) -> Arc<dyn Canceller> {
        self.running.clone()
    }

    fn locks(&self) -> Vec<SafeText> {
        vec!["no session lock: the guard holds, and IAM's timestream:Select without timestream:Unload".into()]
    }

    fn is_alive(&self) -> bool {
        true
    }
}
