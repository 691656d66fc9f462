//! Requests that no SDK has a call for: SPARQL on Neptune here, InfluxDB's in [`influx`]. They are
//! composed from what was cleared, and stamped; the gate compares their bytes with what was judged
//! once more.
//!
//! Reads are sent as `query=`, which the server never takes for a change; `update=` needs a
//! statement cleared as one. Source: Neptune user guide, "SPARQL HTTP API" and "SPARQL query
//! status API".

pub mod influx;

use super::intercept::Stamp;
use super::statement::refusal_of;
use super::{Access, Cleared, Refusal};
use crate::clock;
use crate::model::{DialectId, Operation, SafeText, Statement};
use crate::query::dialect::{Class, dialect};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

/// A statement read by the server as a query.
pub const QUERY: &str = "SparqlQuery";
/// A statement that changes data.
pub const UPDATE: &str = "SparqlUpdate";
/// Which statements run.
pub const STATUS: &str = "SparqlStatus";
/// Stops one statement.
pub const CANCEL: &str = "SparqlCancel";
/// The right to stop somebody else's, as IAM names it: an operation, which has to be cleared.
pub const CANCEL_API: &str = "neptune-db:CancelQuery";

/// How a statement is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The id by which it can be stopped.
    pub id: &'a str,
    /// The form that the answer should have.
    pub accept: &'static str,
    /// The mode in which the server is to explain it: the value of the field `explain`.
    pub explain: Option<&'static str>,
}

/// The request that carries `statement` to the endpoint at `url`.
///
/// # Errors
/// It is no SPARQL, it is not known to be a read though cleared as one, or the access has
/// changed since.
pub fn statement(
    statement: &Cleared<Statement>,
    access: &Access,
    url: &str,
    asked: &Asked<'_>,
) -> Result<HttpRequest, Refusal> {
    let what = statement.get();
    if what.dialect != DialectId::Sparql || !statement.holds(access, clock::now()) {
        return Err(refused("the access changed since this was allowed"));
    }
    let verdict = dialect(DialectId::Sparql).classify(&what.text);
    if verdict.class != Class::Read && !statement.changes() {
        return Err(refusal_of(&what.text, &verdict));
    }
    let query = verdict.class == Class::Read || is_query(&what.text);
    let (field, operation) = if query { ("query", QUERY) } else { ("update", UPDATE) };
    let mut body = format!("{field}={}&queryId={}", encoded(&what.text), encoded(asked.id));
    if let Some(mode) = asked.explain {
        body.push_str("&explain=");
        body.push_str(mode);
    }
    let mut request = form(format!("{url}/sparql"), body, operation)?;
    request.headers_mut().insert("accept", asked.accept);
    request.add_extension(Stamp::raw(operation, Some(what.text.clone())));
    Ok(request)
}

/// Whether the server would read it as a query: one with SERVICE is, though it is no pure read.
fn is_query(text: &str) -> bool {
    crate::query::dialect::sparql::parser().parse_query(text).is_ok()
}

/// The request for the statements that run at the endpoint at `url`.
///
/// # Errors
/// When `url` is none.
pub fn status(url: &str) -> Result<HttpRequest, Refusal> {
    let mut request = form(format!("{url}/sparql/status"), String::new(), STATUS)?;
    request.add_extension(Stamp::raw(STATUS, None));
    Ok(request)
}

/// The request that stops the statement that was sent under `id`: an engine knows no id but
/// those of its own statements.
///
/// # Errors
/// When `url` is none.
pub fn cancel(url: &str, id: &str) -> Result<HttpRequest, Refusal> {
    let body = format!("cancelQuery&queryId={}", encoded(id));
    let mut request = form(format!("{url}/sparql/status"), body, CANCEL)?;
    request.add_extension(Stamp::raw(CANCEL, None));
    Ok(request)
}

/// The request that stops the statement that the operation `what` names in its field `query`,
/// whoever runs it.
///
/// # Errors
/// It is another operation, it names no statement, it was not cleared as a change, or the access
/// has changed since.
pub fn cancel_for(what: &Cleared<Operation>, access: &Access, url: &str) -> Result<HttpRequest, Refusal> {
    let asked = what.get();
    if asked.api != CANCEL_API || !what.changes() || !what.holds(access, clock::now()) {
        return Err(refused("the access changed since this was allowed"));
    }
    let id = asked.field("query").ok_or_else(|| refused("it names no query"))?;
    cancel(url, id)
}

fn form(uri: String, body: String, construct: &str) -> Result<HttpRequest, Refusal> {
    let length = body.len().to_string();
    let mut request = HttpRequest::new(SdkBody::from(body));
    let unusable = |why: String| Refusal { construct: SafeText::new(construct), ..refused(&why) };
    request.set_uri(uri).map_err(|e| unusable(e.to_string()))?;
    request.set_method("POST").map_err(|e| unusable(e.to_string()))?;
    request.headers_mut().insert("content-type", "application/x-www-form-urlencoded");
    request.headers_mut().insert("content-length", length);
    Ok(request)
}

fn refused(why: &str) -> Refusal {
    Refusal {
        rule: "sparql.request",
        construct: SafeText::default(),
        position: None,
        why: SafeText::new(why),
        instead: None,
        known: false,
    }
}

/// The operation that the bytes of such a request name; `None` for requests to other paths.
/// Something that is none of the known ones has a name that no stamp has.
pub(super) fn named(request: &HttpRequest) -> Option<&'static str> {
    influx::named(request).or_else(|| sparql(request))
}

/// Whether such a request, with this body, carries exactly `statement`; `None` for others.
pub(super) fn carries(request: &HttpRequest, body: &[u8], statement: &str) -> Option<bool> {
    if influx::named(request).is_some() {
        return Some(influx::holds(request, body, statement));
    }
    sparql(request)?;
    Some(std::str::from_utf8(body).is_ok_and(|form| holds(form, statement)))
}

fn sparql(request: &HttpRequest) -> Option<&'static str> {
    let path = request.uri().split(['?', '#']).next().unwrap_or_default();
    let body = request.body().bytes().and_then(|b| std::str::from_utf8(b).ok())?;
    let first = body.split(['=', '&']).next().unwrap_or_default();
    if path.ends_with("/sparql") {
        return Some(match first {
            "query" => QUERY,
            "update" => UPDATE,
            _ => "SparqlUnknown",
        });
    }
    path.ends_with("/sparql/status").then_some(match first {
        "" => STATUS,
        "cancelQuery" => CANCEL,
        _ => "SparqlUnknown",
    })
}

/// The value of a form's field.
pub fn field(form: &str, name: &str) -> Option<String> {
    let mut fields = form.split('&').filter_map(|field| field.split_once('='));
    let value = fields.find(|(n, _)| *n == name)?.1;
    String::from_utf8(decoded(value)?).ok()
}

/// Whether a form's first field holds `text` and the form names no other statement.
fn holds(form: &str, text: &str) -> bool {
    let mut fields = form.split('&').filter_map(|field| field.split_once('='));
    let first = fields.next().is_some_and(|(_, value)| decoded(value).as_deref() == Some(text.as_bytes()));
    first && fields.all(|(name, _)| matches!(name, "queryId" | "explain"))
}

/// `text` for a form: everything but letters, digits and `-._~` as `%XX`.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend(char::from_digit(u32::from(byte >> 4), 16).map(|c| c.to_ascii_uppercase()));
            out.extend(char::from_digit(u32::from(byte & 15), 16).map(|c| c.to_ascii_uppercase()));
        }
    }
    out
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.extend_from_slice(before.as_bytes());
        out.push(u8::from_str_radix(after.get(..2)?, 16).ok()?);
        rest = after.get(2..)?;
    }
    out.extend_from_slice(rest.as_bytes());
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bytes_name_their_operation() {
        for (path, body, want) in [
            ("/sparql", "query=a", Some(QUERY)),
            ("/sparql", "update=a", Some(UPDATE)),
            ("/sparql?update=x", "query=a", Some(QUERY)),
            ("/sparql", "x=1&query=a", Some("SparqlUnknown")),
            ("/sparql/status", "", Some(STATUS)),
            ("/sparql/status", "cancelQuery&queryId=1", Some(CANCEL)),
            ("/gremlin", "query=a", None),
        ] {
            let request = form(format!("http://h{path}"), body.to_owned(), "x").expect("a request");
            assert_eq!(named(&request), want, "{path} {body}");
        }
    }

    #[test]
    fn a_form_holds_one_statement() {
        assert!(holds("query=a%20b&queryId=7", "a b"));
        assert!(!holds("query=a%20b&update=x", "a b"));
        assert!(!holds("query=a%20b", "a c"));
        assert!(!holds("", "a"));
    }

    #[test]
    fn somebody_elses_statement_is_stopped_by_a_cleared_operation_alone() {
        let on = || crate::model::ResourceId {
            service: crate::model::ServiceId("neptune"),
            kind: "instance",
            place: crate::model::Place::new("default", "eu-west-1"),
            name: "kg-1".into(),
        };
        let operation = |api: &'static str, fields: Vec<(&'static str, String)>| Operation {
            id: "cancel-sparql",
            api,
            on: on(),
            fields,
        };
        let query = || vec![("query", "a b&c".to_owned())];
        let mut access = Access::read_only();
        let now = clock::now();
        let refused = super::super::clear(&access, now, operation(CANCEL_API, query()));
        assert_eq!(refused.err().map(|r| r.rule), Some("aws.write"));
        access.elevate("a test", 60_000, now).expect("elevates");
        let cleared = |api, fields| {
            super::super::clear(&access, now, operation(api, fields)).expect("access is elevated")
        };
        let (good, bare) = (cleared(CANCEL_API, query()), cleared(CANCEL_API, Vec::new()));
        let other = cleared("rds:RebootDBInstance", query());
        let request = cancel_for(&good, &access, "http://h").expect("a request");
        assert_eq!(request.uri(), "http://h/sparql/status");
        assert_eq!(request.body().bytes(), Some(&b"cancelQuery&queryId=a%20b%26c"[..]));
        assert_eq!(named(&request), Some(CANCEL));
        assert!(cancel_for(&bare, &access, "http://h").is_err(), "it names no query");
        assert!(cancel_for(&other, &access, "http://h").is_err(), "another operation");
        access.lower();
        assert!(cancel_for(&good, &access, "http://h").is_err(), "the window has closed");
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_what_arrives(text in any::<String>()) {
            prop_assert_eq!(decoded(&encoded(&text)), Some(text.as_bytes().to_vec()));
            let form = format!("query={}&queryId=1", encoded(&text));
            prop_assert!(holds(&form, &text));
        }
    }
}
