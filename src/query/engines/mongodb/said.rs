//! What the driver and the server say went wrong, in our words.

use crate::model::{Failure, FailureKind};
use ::mongodb::error::{CommandError, Error, ErrorKind};

/// The failure behind an error of the driver; `trouble` is what the way to the server said of
/// itself, which tells more than that no server was found.
pub fn failure(doing: &str, error: &Error, trouble: Option<Failure>) -> Failure {
    match &*error.kind {
        ErrorKind::Command(said) => rejected(doing, said),
        ErrorKind::Authentication { message, .. } => {
            // The driver's text is about the exchange; it never holds the password.
            let why = if message.is_empty() { "the server refused the login" } else { message };
            Failure::new(FailureKind::Login, doing, why)
                .hint("is the password right, and is the user one of this cluster?")
        }
        ErrorKind::Io(e) => {
            trouble.unwrap_or_else(|| Failure::new(FailureKind::Unreachable, doing, e.to_string()))
        }
        ErrorKind::ServerSelection { message, .. } => {
            trouble.unwrap_or_else(|| Failure::new(FailureKind::Unreachable, doing, message))
        }
        ErrorKind::ConnectionPoolCleared { message, .. } => {
            trouble.unwrap_or_else(|| Failure::new(FailureKind::Unreachable, doing, message))
        }
        ErrorKind::InvalidResponse { message, .. } => Failure::new(FailureKind::Garbled, doing, message),
        ErrorKind::BsonDeserialization(e) => Failure::new(FailureKind::Garbled, doing, e.to_string()),
        ErrorKind::IncompatibleServer { message, .. } => Failure::new(FailureKind::Garbled, doing, message)
            .hint("the server speaks an older protocol than 4.2: the oldest that is known here"),
        ErrorKind::InvalidArgument { message, .. } => Failure::new(FailureKind::Usage, doing, message),
        other => Failure::new(FailureKind::Unreachable, doing, other.to_string()),
    }
}

/// Codes: MongoDB's `error_codes.yml`; 303 and 304 are DocumentDB's own.
fn rejected(doing: &str, said: &CommandError) -> Failure {
    let because = if said.code_name.is_empty() {
        format!("{} (code {})", said.message, said.code)
    } else {
        format!("{} ({})", said.message, said.code_name)
    };
    let of = |kind| Failure::new(kind, doing, &because);
    match said.code {
        13 => of(FailureKind::Denied),
        18 => of(FailureKind::Login).hint("is the password right, and is the user one of this cluster?"),
        11601 | 237 => of(FailureKind::Cancelled),
        50 => of(FailureKind::Cancelled).hint("the time that maxTimeMS allows was over"),
        43 => of(FailureKind::Rejected).hint("the server closes cursors that are idle for ten minutes"),
        59 | 115 | 303 | 304 | 40324 | 168 => {
            of(FailureKind::Rejected).hint("DocumentDB has not all commands, stages and operators of MongoDB")
        }
        10107 | 13435 | 189 | 91 | 11600 => {
            of(FailureKind::Unreachable).hint("the cluster is failing over: open the session again")
        }
        _ => of(FailureKind::Rejected),
    }
}

/// Whether nothing more can be asked over this session.
pub fn is_over(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Unreachable | FailureKind::Garbled | FailureKind::Login)
}
