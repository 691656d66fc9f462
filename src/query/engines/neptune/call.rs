//! One statement on Neptune, from the call to its rows.

use super::running::{Current, Running, query_id};
use super::{Taking, object};
use crate::aws::{NeptuneData, failure::failure};
use crate::guard::{Cleared, LiveAccess, raw};
use crate::model::{Failure, FailureKind, SafeText, Statement};
use crate::query::engine::{Explain, How};
use crate::query::graph::{cypher, graphson, rdf};
use aws_sdk_neptunedata::types::OpenCypherExplainMode;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::error::Error;
use std::time::Instant;

/// The media types of answers.
const SOLUTIONS: &str = "application/sparql-results+json";
const TRIPLES: &str = "application/n-triples";

/// A call under way.
pub struct Call<'a> {
    pub data: &'a NeptuneData,
    pub running: &'a Running,
    pub access: &'a LiveAccess,
    pub statement: &'a Cleared<Statement>,
    pub how: &'a How,
    pub doing: &'a str,
}

impl Call<'_> {
    fn text(&self) -> &str {
        &self.statement.get().text
    }

    fn begin(&self, text: &str, id: Option<String>) {
        let language = self.statement.get().dialect;
        self.running.begins(Current { language, text: text.to_owned(), id, since: Instant::now() });
    }

    /// Gremlin: the text printed from the parsed steps, under an id of our own.
    pub async fn gremlin(&self, out: &mut Taking<'_>, notes: &mut Vec<SafeText>) -> Result<(), Failure> {
        let text = self.gremlin_text(notes);
        let client = self.data.client();
        let plan = match self.how.explain {
            None => {
                let id = query_id();
                self.begin(&text, Some(id.clone()));
                let call = client.execute_gremlin_query().gremlin_query(&text);
                let call = call.customize().mutate_request(move |request| name(request, &id));
                call.send().await.map_err(|e| told(self.doing, &e))?;
                return graphson::rows(utf8(&self.data.answer())?, out);
            }
            Some(Explain::Plan) => {
                let call = client.execute_gremlin_explain_query().gremlin_query(&text);
                call.send().await.map_err(|e| told(self.doing, &e))?.output
            }
            Some(_) => {
                self.begin(&text, None);
                let call = client.execute_gremlin_profile_query().gremlin_query(&text);
                call.send().await.map_err(|e| told(self.doing, &e))?.output
            }
        };
        out.lines("plan", &String::from_utf8_lossy(plan.unwrap_or_default().as_ref()))
    }

    /// What is sent: a read is printed anew from its parsed steps, so that nothing reaches the
    /// server's Groovy that the guard did not read; said when it looks different.
    fn gremlin_text(&self, notes: &mut Vec<SafeText>) -> String {
        let own = self.text();
        let printed = (!self.statement.changes()).then(|| canonical(own)).flatten();
        match printed {
            Some(printed) if printed != own => {
                notes.push(SafeText::new(format!("sent as: {printed}")));
                printed
            }
            _ => own.to_owned(),
        }
    }

    /// openCypher, with parameters.
    pub async fn open_cypher(&self, out: &mut Taking<'_>) -> Result<(), Failure> {
        let (client, text) = (self.data.client(), self.text());
        self.begin(text, None);
        let params = object(&self.how.params);
        let Some(mode) = self.how.explain else {
            let call = client.execute_open_cypher_query().open_cypher_query(text).set_parameters(params);
            call.send().await.map_err(|e| told(self.doing, &e))?;
            return cypher::rows(utf8(&self.data.answer())?, out);
        };
        let mode = match mode {
            Explain::Plan => OpenCypherExplainMode::Static,
            Explain::Dynamic => OpenCypherExplainMode::Dynamic,
            Explain::Details => OpenCypherExplainMode::Details,
        };
        let call = client.execute_open_cypher_explain_query().open_cypher_query(text);
        let call = call.set_parameters(params).explain_mode(mode);
        let answer = call.send().await.map_err(|e| told(self.doing, &e))?;
        out.lines("plan", &String::from_utf8_lossy(answer.results.as_ref()))
    }

    /// SPARQL: the guard's own request.
    pub async fn sparql(&self, out: &mut Taking<'_>, notes: &mut Vec<SafeText>) -> Result<(), Failure> {
        let id = query_id();
        let explain = self.how.explain.map(Explain::word);
        let accept = match explain {
            Some(_) => "text/plain",
            None => accept(self.text()),
        };
        let asked = raw::Asked { id: &id, accept, explain };
        let request = raw::statement(self.statement, &self.access.read(), self.data.url(), &asked)?;
        self.begin(self.text(), Some(id.clone()));
        let answer = self.data.send(self.doing, request).await?;
        if !(200..300).contains(&answer.status) {
            let failed = rejected(self.doing, answer.status, &answer.body);
            return Err(failed.request_id(answer.request_id));
        }
        if explain.is_some() {
            return out.lines("plan", &String::from_utf8_lossy(&answer.body));
        }
        // A server that does not say has answered in the form that was asked for.
        let said = answer.content_type.split(';').next().unwrap_or_default().trim();
        match if said.is_empty() { accept } else { said } {
            SOLUTIONS => rdf::rows(&answer.body, out),
            TRIPLES => rdf::triples(utf8(&answer.body)?, out),
            // An update tells what its parts did.
            _ if self.statement.changes() => {
                let told: String = String::from_utf8_lossy(&answer.body).chars().take(400).collect();
                notes.extend((!told.trim().is_empty()).then(|| SafeText::new(told)));
                Ok(())
            }
            _ => out.lines("result", utf8(&answer.body)?),
        }
    }
}

/// The canonical text of a traversal that only reads.
fn canonical(text: &str) -> Option<String> {
    crate::query::dialect::gremlin::canonical_text(text)
}

/// The form to ask an answer in: solutions, or triples for the statements that make some.
pub fn accept(text: &str) -> &'static str {
    use spargebra::Query;
    match crate::query::dialect::sparql::parser().parse_query(text) {
        Ok(Query::Construct { .. } | Query::Describe { .. }) => TRIPLES,
        Ok(_) => SOLUTIONS,
        Err(_) => "application/sparql-results+json, application/n-triples;q=0.9, */*;q=0.1",
    }
}

/// Puts the query id beside the statement in a Gremlin request's body: the SDK has no field for
/// it. The gate compares the statement once more.
fn name(request: &mut HttpRequest, id: &str) {
    let body = request.body().bytes().and_then(|b| std::str::from_utf8(b).ok());
    let Some(open) = body.and_then(|body| body.strip_suffix('}')) else { return };
    let named = format!("{open},\"queryId\":\"{id}\"}}");
    request.headers_mut().insert("content-length", named.len().to_string());
    *request.body_mut() = SdkBody::from(named);
}

fn utf8(bytes: &[u8]) -> Result<&str, Failure> {
    std::str::from_utf8(bytes)
        .map_err(|_| Failure::new(FailureKind::Garbled, "read the answer", "it is not UTF-8"))
}

/// A failure of a statement call: what Neptune's codes mean here.
pub fn told<E>(doing: &str, error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or_default();
    meant(code, failure(doing, error))
}

/// A SPARQL answer that is an error: Neptune's JSON, or another server's words.
pub fn rejected(doing: &str, status: u16, body: &[u8]) -> Failure {
    #[derive(serde::Deserialize)]
    struct Said {
        code: String,
        #[serde(rename = "detailedMessage")]
        message: Option<String>,
    }
    let kind = match status {
        401 | 403 => FailureKind::Denied,
        429 => FailureKind::Throttled,
        500.. => FailureKind::Unreachable,
        _ => FailureKind::Rejected,
    };
    match serde_json::from_slice::<Said>(body) {
        Ok(said) => {
            let because = format!("{}: {}", said.code, said.message.unwrap_or_default());
            meant(&said.code, Failure::new(kind, doing, clip(&because)))
        }
        Err(_) => {
            Failure::new(kind, doing, clip(&format!("HTTP {status}: {}", String::from_utf8_lossy(body))))
        }
    }
}

fn clip(text: &str) -> String {
    text.chars().take(600).collect()
}

fn meant(code: &str, failure: Failure) -> Failure {
    match code {
        "CancelledByUserException" => Failure { kind: FailureKind::Cancelled, ..failure },
        "TimeLimitExceededException" => Failure { kind: FailureKind::Rejected, ..failure }
            .hint("the cluster's neptune_query_timeout ended it: ask for less, or raise it"),
        "ReadOnlyViolationException" => Failure { kind: FailureKind::Rejected, ..failure }
            .hint("a reader takes no changes: choose the writer endpoint (--writer, or F9)"),
        "MemoryLimitExceededException" | "QueryLimitExceededException" | "QueryLimitException"
        | "QueryTooLargeException" => Failure { kind: FailureKind::Rejected, ..failure },
        _ if failure.kind == FailureKind::Unreachable && !is_about_tls(&failure) => failure.hint(
            "Neptune answers inside its VPC only: come from there, or through a tunnel whose near end --address (or F9) names",
        ),
        _ => failure,
    }
}

/// Whether the failure already says what to do about certificates.
fn is_about_tls(failure: &Failure) -> bool {
    failure.hint.as_ref().is_some_and(|hint| hint.contains("--ca-bundle"))
}
