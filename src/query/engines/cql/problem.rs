//! The server's errors by their codes, with what Keyspaces lacks said in words.
//! Source: CQL native protocol v4, section 9; Amazon Keyspaces developer guide.

use super::frame::Reader;
use crate::model::{Failure, FailureKind};

/// What Keyspaces answers otherwise than Cassandra, for a statement that it does not take.
const LACKS: &str = "Keyspaces has less of CQL than Cassandra: no secondary indexes, materialized views, user \
    functions, triggers, roles, TRUNCATE or logged batches, and DESCRIBE is done by clients (read \
    system_schema.keyspaces, tables and columns); its guide lists the rest under \"Supported Cassandra APIs\"";

/// The failure that an error's body tells.
pub fn failure(body: &Reader<'_>, doing: &str, keyspaces: bool) -> Failure {
    let mut reader = *body;
    let (Some(code), Some(message)) = (reader.int(), reader.string()) else {
        return Failure::new(FailureKind::Garbled, doing, "the server reports an error that makes no sense");
    };
    let failure =
        |kind| Failure::new(kind, doing, if message.is_empty() { name(code) } else { message.as_str() });
    match code {
        0x0100 => failure(FailureKind::Login).hint(
            "check user and password: Keyspaces takes service-specific credentials of an IAM user, or a signature (--iam)",
        ),
        0x2100 => failure(FailureKind::Denied).hint("reading rows needs cassandra:Select on the table and on system tables"),
        0x1001 => failure(FailureKind::Throttled).hint("the server is overloaded, or the table is out of capacity"),
        // Keyspaces reports throttling of a table as a timeout.
        0x1100 | 0x1200 if keyspaces => failure(FailureKind::Throttled)
            .hint("Keyspaces times out when a table or partition is out of capacity: see its throttle metrics"),
        0x1100 | 0x1200 => failure(FailureKind::Rejected).hint("too few replicas answered in time"),
        0x1000 | 0x1300 | 0x1500 => {
            failure(FailureKind::Rejected).hint("too few replicas are up for LOCAL_QUORUM")
        }
        0x0000 | 0x1002 => failure(FailureKind::Unreachable),
        0x2200 if message.contains("ALLOW FILTERING") => {
            failure(FailureKind::Rejected).hint("ALLOW FILTERING reads the whole table, and is billed so")
        }
        0x2200 if message.contains("unconfigured table") || message.contains("does not exist") => {
            failure(FailureKind::NotFound)
        }
        // Bad words, or good ones for a thing that is not there.
        0x2000 if keyspaces => failure(FailureKind::Rejected).hint(LACKS),
        0x2200 | 0x2300 if keyspaces && unsupported(&message) => failure(FailureKind::Rejected).hint(LACKS),
        _ => failure(FailureKind::Rejected),
    }
}

fn unsupported(message: &str) -> bool {
    let lower = message.to_ascii_lowercase();
    ["not supported", "unsupported", "not yet supported"].iter().any(|words| lower.contains(words))
}

/// The name of a code, for an error without words.
fn name(code: i32) -> &'static str {
    match code {
        0x0000 => "server error",
        0x000a => "protocol error",
        0x0100 => "bad credentials",
        0x1000 => "unavailable",
        0x1001 => "overloaded",
        0x1002 => "the server is starting",
        0x1003 => "truncate error",
        0x1100 => "write timeout",
        0x1200 => "read timeout",
        0x1300 => "read failure",
        0x1400 => "function failure",
        0x1500 => "write failure",
        0x2000 => "syntax error",
        0x2100 => "not authorised",
        0x2200 => "invalid",
        0x2300 => "invalid configuration",
        0x2400 => "it exists already",
        0x2500 => "the server has forgotten the statement: run it again",
        _ => "an error without words",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: i32, message: &str, keyspaces: bool) -> Failure {
        let length = u16::try_from(message.len()).unwrap();
        let body = [&code.to_be_bytes()[..], &length.to_be_bytes(), message.as_bytes()].concat();
        failure(&Reader(&body), "query t", keyspaces)
    }

    #[test]
    fn what_keyspaces_lacks_is_said_where_it_is_met() {
        let said = error(0x2000, "line 1:0 no viable alternative at input 'DESCRIBE'", true);
        assert_eq!(said.kind, FailureKind::Rejected);
        assert!(said.hint.is_some_and(|hint| hint.contains("DESCRIBE is done by clients")));
        assert_eq!(error(0x2000, "line 1:0", false).hint, None);
        assert!(error(0x2200, "GROUP BY is not yet supported", true).hint.is_some());
        assert_eq!(error(0x2200, "table t does not exist", true).kind, FailureKind::NotFound);
        assert!(error(0x2200, "use ALLOW FILTERING", true).hint.is_some_and(|h| h.contains("whole table")));
        assert_eq!(error(0x1200, "timed out", true).kind, FailureKind::Throttled);
        assert_eq!(error(0x0100, "", true).because.as_str(), "bad credentials");
    }

    #[test]
    fn an_error_cut_short_is_garbled() {
        assert_eq!(failure(&Reader(&[0, 0]), "x", false).kind, FailureKind::Garbled);
    }
}
