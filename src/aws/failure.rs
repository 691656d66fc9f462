//! SDK errors into [`Failure`]s: classified once, here. Nobody else reads message text.

use crate::guard::Refusal;
use crate::model::{Failure, FailureKind};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::error::Error;

/// The most characters of a server's message that are kept.
const LONGEST: usize = 600;

/// The failure that `error` is, met while `doing`, as in `list RDS instances in eu-west-1`.
pub fn failure<E>(doing: &str, error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    if let Some(refusal) = find::<Refusal>(error) {
        return Failure::new(FailureKind::Refused, doing, refusal.to_string());
    }
    match error {
        SdkError::ServiceError(service) => {
            from_service(doing, service.err(), service.raw().status().as_u16())
                .request_id(request_id(service.raw()))
        }
        SdkError::TimeoutError(_) => Failure::new(FailureKind::Unreachable, doing, "no answer in time")
            .hint("is the region up, and is there a route to it from here?"),
        SdkError::DispatchFailure(dispatch) => from_dispatch(doing, error, dispatch.is_user()),
        SdkError::ResponseError(response) => {
            Failure::new(FailureKind::Garbled, doing, format!("the answer cannot be read: {}", chain(error)))
                .hint("is the endpoint really AWS, or a proxy's page?")
                .request_id(request_id(response.raw()))
        }
        _ => from_construction(doing, error),
    }
}

fn from_service<E: ProvideErrorMetadata + Error + 'static>(doing: &str, error: &E, status: u16) -> Failure {
    let (Some(code), message) = (error.code(), error.message().unwrap_or_default()) else {
        let why = format!("HTTP {status} and an answer that is not AWS's: {}", chain(error));
        return Failure::new(kind_of_status(status), doing, clip(&why))
            .hint("is the endpoint really AWS, and does it know this operation?");
    };
    let kind = kind_of_code(code).unwrap_or_else(|| kind_of_status(status));
    // A signature error may repeat the signed request, session token included.
    let message = message.split("The Canonical String").next().unwrap_or(message).trim();
    let because = if message.is_empty() { code.to_owned() } else { format!("{code}: {message}") };
    let failure = Failure::new(kind, doing, clip(&because));
    match hint(kind, code) {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

fn kind_of_code(code: &str) -> Option<FailureKind> {
    // Codes come with and without `Exception` or `Fault` at their end.
    let code = code.rsplit('#').next().unwrap_or(code);
    let stem = code.strip_suffix("Exception").or_else(|| code.strip_suffix("Fault")).unwrap_or(code);
    Some(match stem {
        "Throttling"
        | "ThrottlingException"
        | "Throttled"
        | "RequestLimitExceeded"
        | "TooManyRequests"
        | "ProvisionedThroughputExceeded"
        | "SlowDown"
        | "LimitExceeded"
        | "RequestThrottled"
        | "BandwidthLimitExceeded" => FailureKind::Throttled,
        "AccessDenied"
        | "UnauthorizedOperation"
        | "NotAuthorized"
        | "Forbidden"
        | "AuthorizationError"
        | "OptInRequired" => FailureKind::Denied,
        "ExpiredToken"
        | "InvalidClientTokenId"
        | "UnrecognizedClient"
        | "SignatureDoesNotMatch"
        | "AuthFailure"
        | "MissingAuthenticationToken"
        | "IncompleteSignature"
        | "InvalidToken"
        | "RequestExpired"
        | "InvalidAccessKeyId"
        | "TokenRefreshRequired"
        | "Unauthorized" => FailureKind::Login,
        "RequestTimeout"
        | "ServiceUnavailable"
        | "InternalFailure"
        | "InternalError"
        | "InternalServerError" => FailureKind::Unreachable,
        "Validation" => FailureKind::Rejected,
        stem if stem.ends_with("NotFound") || stem == "ResourceNotFound" => FailureKind::NotFound,
        _ => return None,
    })
}

const fn kind_of_status(status: u16) -> FailureKind {
    match status {
        401 | 403 => FailureKind::Denied,
        404 => FailureKind::NotFound,
        429 => FailureKind::Throttled,
        500..=599 => FailureKind::Unreachable,
        200..=299 => FailureKind::Garbled,
        _ => FailureKind::Rejected,
    }
}

fn hint(kind: FailureKind, code: &str) -> Option<&'static str> {
    match kind {
        FailureKind::Denied => Some("the identity lacks this permission: ask for the action named above"),
        FailureKind::Login if code.starts_with("Expired") || code.starts_with("RequestExpired") => {
            Some("log in again: `aws sso login`, or renew the credentials; then refresh")
        }
        FailureKind::Login => Some("check the credentials of this profile, and the clock of this machine"),
        FailureKind::Throttled => Some("AWS asks to slow down; it is tried again at the next refresh"),
        _ => None,
    }
}

fn from_dispatch(doing: &str, error: &(dyn Error + 'static), user: bool) -> Failure {
    let words = chain(error);
    if words.contains("refused by the guard") {
        return Failure::new(FailureKind::Refused, doing, words);
    }
    if mentions_credentials(&words) {
        return login(doing, &words);
    }
    let failure = Failure::new(FailureKind::Unreachable, doing, &words);
    let lower = words.to_ascii_lowercase();
    if lower.contains("certificate") {
        return failure.hint("a proxy that opens TLS needs its authority given with --ca-bundle");
    }
    if lower.contains("dns") || lower.contains("lookup") {
        return failure.hint("is the region's name right, and is there a route to AWS from here?");
    }
    if user {
        return failure;
    }
    failure.hint("is there a route to AWS from here? HTTPS_PROXY names a proxy")
}

fn from_construction(doing: &str, error: &(dyn Error + 'static)) -> Failure {
    let words = chain(error);
    if mentions_credentials(&words) {
        login(doing, &words)
    } else {
        Failure::new(FailureKind::Usage, doing, words)
    }
}

fn mentions_credentials(words: &str) -> bool {
    ["credential", "profile", "sso", "token", "assume role", "identity"]
        .iter()
        .any(|w| words.to_ascii_lowercase().contains(w))
}

/// No credentials, or none that work: the next step depends on what the chain says.
fn login(doing: &str, words: &str) -> Failure {
    let lower = words.to_ascii_lowercase();
    let hint = if lower.contains("mfa") {
        "profiles with mfa_serial are not supported: get a session with `aws sts get-session-token` and use its profile"
    } else if lower.contains("sso") {
        "log in with `aws sso login --profile NAME`, then refresh"
    } else if lower.contains("imds") || lower.contains("provider was not enabled") {
        "no credentials were found: name a profile of ~/.aws/config by --profile, set AWS_ACCESS_KEY_ID, log in with \
         `aws sso login`, or look around first with `dbdeck --demo`"
    } else if lower.contains("no providers")
        || lower.contains("not loaded")
        || lower.contains("no credentials")
    {
        "give --profile, log in with `aws sso login`, or look around first with `dbdeck --demo`"
    } else {
        "check the profile in ~/.aws/config"
    };
    Failure::new(FailureKind::Login, doing, words).hint(hint)
}

/// Messages from the outside in, without repeating what the next one says too.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let word = error.to_string();
        if words.last().is_none_or(|last| !last.contains(&word)) {
            words.push(word);
        }
        next = error.source();
    }
    clip(&words.join(": "))
}

fn clip(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{} …", text.get(..at).unwrap_or(text)),
        None => text.to_owned(),
    }
}

fn find<'e, T: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

fn request_id(response: &HttpResponse) -> Option<String> {
    let headers = response.headers();
    headers
        .get("x-amzn-requestid")
        .or_else(|| headers.get("x-amz-request-id"))
        .map(|id| id.chars().take(64).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_rds::operation::describe_db_instances::DescribeDBInstancesError as RdsError;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    fn answered(status: u16, code: Option<&str>, message: &str) -> Failure {
        let mut meta = ErrorMetadata::builder();
        if let Some(code) = code {
            meta = meta.code(code).message(message);
        }
        let status = StatusCode::try_from(status).expect("a status");
        let mut response = HttpResponse::new(status, SdkBody::empty());
        response.headers_mut().insert("x-amzn-requestid", "r-1");
        failure("list", &SdkError::service_error(RdsError::generic(meta.build()), response))
    }

    #[test]
    fn codes_have_their_class() {
        for (status, code, kind) in [
            (400, "Throttling", FailureKind::Throttled),
            (400, "ThrottlingException", FailureKind::Throttled),
            (400, "ProvisionedThroughputExceededException", FailureKind::Throttled),
            (403, "AccessDenied", FailureKind::Denied),
            (400, "AccessDeniedException", FailureKind::Denied),
            (403, "ExpiredToken", FailureKind::Login),
            (400, "ExpiredTokenException", FailureKind::Login),
            (403, "InvalidClientTokenId", FailureKind::Login),
            (403, "SignatureDoesNotMatch", FailureKind::Login),
            (404, "DBInstanceNotFound", FailureKind::NotFound),
            (404, "DBClusterNotFoundFault", FailureKind::NotFound),
            (400, "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", FailureKind::NotFound),
            (400, "ValidationError", FailureKind::Rejected),
            (400, "InvalidDBInstanceState", FailureKind::Rejected),
            (503, "SomethingNew", FailureKind::Unreachable),
        ] {
            assert_eq!(answered(status, Some(code), "why").kind, kind, "{code}");
        }
    }

    #[test]
    fn an_answer_that_is_not_from_aws_is_named_so() {
        let failure = answered(200, None, "");
        assert_eq!(failure.kind, FailureKind::Garbled);
        assert!(failure.because.contains("HTTP 200"), "{failure}");
        assert_eq!(answered(502, None, "").kind, FailureKind::Unreachable);
    }

    #[test]
    fn words_are_safe_bounded_and_without_the_signed_request() {
        let failure = answered(400, Some("Rejected"), &format!("\u{1b}[31m{}", "x".repeat(5_000)));
        assert!(failure.because.chars().count() <= LONGEST + 2);
        assert!(!failure.because.contains('\u{1b}'));
        assert_eq!(failure.request_id.as_deref(), Some("r-1"));
        let signed = "The signature does not match. The Canonical String for this request should have been \
                      x-amz-security-token:SECRET";
        let failure = answered(403, Some("SignatureDoesNotMatch"), signed);
        assert!(!failure.because.contains("SECRET"), "{failure}");
    }

    fn dispatched(because: &'static str) -> Failure {
        let error =
            SdkError::<RdsError, HttpResponse>::dispatch_failure(ConnectorError::other(because.into(), None));
        failure("list", &error)
    }

    #[test]
    fn no_way_out_and_no_credentials_are_told_apart() {
        assert_eq!(dispatched("connection refused").kind, FailureKind::Unreachable);
        let tls = dispatched("invalid peer certificate: UnknownIssuer");
        assert!(tls.hint.is_some_and(|h| h.contains("--ca-bundle")));
        let none = dispatched("no providers in chain provided credentials");
        assert_eq!(none.kind, FailureKind::Login);
        assert!(none.hint.is_some_and(|h| h.contains("--demo")));
        assert!(dispatched("the SSO session has expired").hint.is_some_and(|h| h.contains("sso login")));
        let mfa = dispatched("profile x uses mfa_serial, which is not a known credential source");
        assert!(mfa.hint.is_some_and(|h| h.contains("not supported")));
    }

    #[test]
    fn a_refusal_of_the_guard_stays_a_refusal() {
        let refusal = Refusal {
            rule: "aws.write",
            construct: "rds:DeleteDBInstance".into(),
            position: None,
            why: "it changes things".into(),
            instead: None,
            known: false,
        };
        let error = SdkError::<RdsError, HttpResponse>::construction_failure(refusal);
        let failure = failure("delete", &error);
        assert_eq!(failure.kind, FailureKind::Refused);
        assert!(failure.because.contains("aws.write"));
    }
}
