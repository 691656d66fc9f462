//! InfluxDB's HTTP requests, composed from what was cleared. Source: InfluxDB documentation, "1.x
//! compatibility API" (`/query`), "Execute queries" (`/api/v2/query`) and "HTTP query API"
//! (`/api/v3/query_sql`).
//!
//! There is no way to ask for a read alone: what the grammars let through is the lock.

use super::{encoded, field, form, refused};
use crate::clock;
use crate::guard::intercept::Stamp;
use crate::guard::statement::refusal_of;
use crate::guard::{Access, Cleared, Refusal};
use crate::model::{DialectId, SafeText, Statement};
use crate::query::dialect::{Class, dialect};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A statement of InfluxQL.
pub const INFLUXQL: &str = "InfluxQlQuery";
/// A script of Flux.
pub const FLUX: &str = "FluxQuery";
/// A statement of SQL.
pub const SQL: &str = "InfluxSqlQuery";
/// Which organisations the token sees.
pub const ORGANISATIONS: &str = "InfluxOrganisations";
/// The name of what is none of these: no stamp has it.
const UNKNOWN: &str = "InfluxUnknown";

/// What a statement is asked of.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The database: a bucket by its InfluxQL name.
    pub database: Option<&'a str>,
    /// The organisation that a Flux script runs in.
    pub organisation: Option<&'a str>,
}

/// The body of a Flux request.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct FluxBody<'b> {
    #[serde(borrow)]
    query: Cow<'b, str>,
    r#type: Cow<'b, str>,
    dialect: FluxDialect,
}

/// The form of the answer: annotated CSV.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct FluxDialect {
    annotations: Vec<String>,
    header: bool,
}

/// The body of a SQL request.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct SqlBody<'b> {
    #[serde(borrow)]
    db: Cow<'b, str>,
    #[serde(borrow)]
    q: Cow<'b, str>,
    format: Cow<'b, str>,
}

/// The request that carries `statement` to the endpoint at `url`.
///
/// # Errors
/// It is none of InfluxDB's languages, it is not known to be a read though cleared as one, or the
/// access has changed since.
pub fn statement(
    statement: &Cleared<Statement>,
    access: &Access,
    url: &str,
    asked: &Asked<'_>,
) -> Result<HttpRequest, Refusal> {
    let what = statement.get();
    if !statement.holds(access, clock::now()) {
        return Err(refused("the access changed since this was allowed"));
    }
    let verdict = dialect(what.dialect).classify(&what.text);
    if verdict.class != Class::Read && !statement.changes() {
        return Err(refusal_of(&what.text, &verdict));
    }
    let unwritable = |e: serde_json::Error| refused(&e.to_string());
    let (mut request, operation) = match what.dialect {
        DialectId::InfluxQl => {
            let mut body = format!("q={}", encoded(&what.text));
            if let Some(database) = asked.database {
                body.push_str("&db=");
                body.push_str(&encoded(database));
            }
            (form(format!("{url}/query"), body, INFLUXQL)?, INFLUXQL)
        }
        DialectId::Flux => {
            let annotations = ["datatype", "group", "default"].map(str::to_owned).to_vec();
            let body = FluxBody {
                query: Cow::Borrowed(&what.text),
                r#type: "flux".into(),
                dialect: FluxDialect { annotations, header: true },
            };
            let organisation = encoded(asked.organisation.unwrap_or_default());
            let body = serde_json::to_string(&body).map_err(unwritable)?;
            let mut request = json(format!("{url}/api/v2/query?org={organisation}"), body, FLUX)?;
            request.headers_mut().insert("accept", "application/csv");
            (request, FLUX)
        }
        DialectId::InfluxSql => {
            let body = SqlBody {
                db: asked.database.unwrap_or_default().into(),
                q: Cow::Borrowed(&what.text),
                format: "jsonl".into(),
            };
            let body = serde_json::to_string(&body).map_err(unwritable)?;
            (json(format!("{url}/api/v3/query_sql"), body, SQL)?, SQL)
        }
        _ => return Err(refused("this is none of InfluxDB's languages")),
    };
    request.add_extension(Stamp::raw(operation, Some(what.text.clone())));
    Ok(request)
}

/// The request for the organisations that the token sees at the endpoint at `url`.
///
/// # Errors
/// When `url` is none.
pub fn organisations(url: &str) -> Result<HttpRequest, Refusal> {
    let mut request = HttpRequest::new(SdkBody::empty());
    let unusable = |why: String| Refusal { construct: SafeText::new(ORGANISATIONS), ..refused(&why) };
    request.set_uri(format!("{url}/api/v2/orgs?limit=2")).map_err(|e| unusable(e.to_string()))?;
    request.set_method("GET").map_err(|e| unusable(e.to_string()))?;
    request.add_extension(Stamp::raw(ORGANISATIONS, None));
    Ok(request)
}

fn json(uri: String, body: String, construct: &str) -> Result<HttpRequest, Refusal> {
    let mut request = form(uri, body, construct)?;
    request.headers_mut().insert("content-type", "application/json");
    Ok(request)
}

/// The path of a request, without what is asked of it.
fn path(request: &HttpRequest) -> &str {
    let uri = request.uri().split(['?', '#']).next().unwrap_or_default();
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default()
}

/// The operation that the bytes of an InfluxDB request name; `None` for other paths.
pub(super) fn named(request: &HttpRequest) -> Option<&'static str> {
    let (wanted, operation) = match path(request) {
        "/query" => ("POST", INFLUXQL),
        "/api/v2/query" => ("POST", FLUX),
        "/api/v3/query_sql" => ("POST", SQL),
        "/api/v2/orgs" => ("GET", ORGANISATIONS),
        other if other.starts_with("/api/v2/") || other.starts_with("/api/v3/") => return Some(UNKNOWN),
        "/write" => return Some(UNKNOWN),
        _ => return None,
    };
    let empty = request.body().bytes().is_some_and(<[u8]>::is_empty);
    let fits = request.method() == wanted && (wanted == "POST" || empty);
    Some(if fits { operation } else { UNKNOWN })
}

/// Whether the body carries exactly `statement` and nothing that is not of its form.
pub(super) fn holds(request: &HttpRequest, body: &[u8], statement: &str) -> bool {
    match named(request) {
        Some(INFLUXQL) => std::str::from_utf8(body).is_ok_and(|form| {
            let mut names = form.split('&').map(|f| f.split_once('=').map_or(f, |(name, _)| name));
            names.next() == Some("q")
                && matches!(names.next(), None | Some("db"))
                && names.next().is_none()
                // What stands in the address as well as in the body would be two statements.
                && !request.uri().contains('?')
                && field(form, "q").as_deref() == Some(statement)
        }),
        Some(FLUX) => serde_json::from_slice::<FluxBody<'_>>(body)
            .is_ok_and(|body| body.query == statement && body.r#type == "flux"),
        Some(SQL) => serde_json::from_slice::<SqlBody<'_>>(body).is_ok_and(|body| body.q == statement),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::clear;

    fn made(dialect: DialectId, text: &str) -> HttpRequest {
        let access = Access::read_only();
        let cleared = clear(&access, clock::now(), Statement { text: text.into(), dialect }).expect("a read");
        let asked = Asked { database: Some("d&b"), organisation: Some("o/r&g") };
        statement(&cleared, &access, "https://h:8086", &asked).expect("a request")
    }

    #[test]
    fn what_is_composed_is_what_the_gate_reads() {
        for (dialect, text, operation) in [
            (DialectId::InfluxQl, "SELECT a FROM m WHERE b = 'x&y=+%'", INFLUXQL),
            (DialectId::Flux, "from(bucket: \"b\\\"\")\n  |> range(start: -1h)", FLUX),
            (DialectId::InfluxSql, "SELECT '\"' || \"ä\" FROM t", SQL),
        ] {
            let request = made(dialect, text);
            assert_eq!(named(&request), Some(operation));
            let body = request.body().bytes().expect("a body").to_vec();
            assert!(holds(&request, &body, text), "{}", String::from_utf8_lossy(&body));
            assert!(!holds(&request, &body, "SELECT 1"));
        }
        let orgs = organisations("http://h").expect("a request");
        assert_eq!(named(&orgs), Some(ORGANISATIONS));
    }

    #[test]
    fn other_bytes_carry_nothing() {
        let request = made(DialectId::InfluxQl, "SELECT a FROM m");
        for body in ["q=SELECT%20a%20FROM%20m&q=DROP", "db=x&q=SELECT%20a%20FROM%20m", "q=x", ""] {
            assert!(!holds(&request, body.as_bytes(), "SELECT a FROM m"), "{body}");
        }
        let request = made(DialectId::InfluxSql, "SELECT 1");
        for body in [
            r#"{"db":"d","q":"SELECT 1","q":"DROP","format":"jsonl"}"#,
            r#"{"db":"d","q":"SELECT 1","format":"jsonl","params":{}}"#,
            r#"{"query":"SELECT 1"}"#,
        ] {
            assert!(!holds(&request, body.as_bytes(), "SELECT 1"), "{body}");
        }
        for path in ["/api/v2/write", "/api/v2/buckets", "/api/v3/configure/database", "/write"] {
            let mut request = HttpRequest::new(SdkBody::empty());
            request.set_uri(format!("https://h{path}")).expect("a URL");
            assert_eq!(named(&request), Some(UNKNOWN), "{path}");
        }
        let mut read = made(DialectId::InfluxQl, "SELECT a FROM m");
        read.set_uri("https://h/query?q=DROP%20DATABASE%20d").expect("a URL");
        let body = read.body().bytes().expect("a body").to_vec();
        assert!(!holds(&read, &body, "SELECT a FROM m"));
    }

    #[test]
    fn nothing_is_composed_of_a_write() {
        let access = Access::read_only();
        let text = "DROP DATABASE d".into();
        let refused = clear(&access, clock::now(), Statement { text, dialect: DialectId::InfluxQl });
        assert!(refused.is_err());
        let text = "SELECT 1".into();
        let foreign = Statement { text, dialect: DialectId::Timestream };
        let cleared = clear(&access, clock::now(), foreign).expect("a read");
        let asked = Asked { database: None, organisation: None };
        assert!(statement(&cleared, &access, "https://h", &asked).is_err());
    }
}
