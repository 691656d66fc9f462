//! What the server said of a statement that did not end well.

use crate::model::{Failure, FailureKind};

/// Whether the server objects to the read-only transaction itself, and not to the login or the
/// connection.
pub fn is_about_wrapper(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["syntax error", "not supported", "unsupported", "read only", "read-only", "not implemented"]
        .iter()
        .any(|w| lower.contains(w))
}

/// The failure that a FAILED statement's `text` is; `statement` gives a position its line.
pub fn failed(doing: &str, text: &str, statement: &str) -> Failure {
    let mut because = text.trim().to_owned();
    if let Some((line, column)) = position(text).and_then(|at| line_and_column(statement, at)) {
        // The same in the server's own way of counting.
        if let Some((said, _)) = text.trim().rsplit_once("Position:") {
            because = said.trim_end().to_owned();
        }
        because.push_str(&format!(" (at {line}:{column})"));
    }
    let lower = text.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| lower.contains(w));
    let kind = if has(&["permission denied", "not authorized", "must be owner"]) {
        FailureKind::Denied
    } else if has(&["password authentication failed", "connection attempt failed", "unable to connect"]) {
        FailureKind::Login
    } else {
        FailureKind::Rejected
    };
    let failure = Failure::new(kind, doing, because);
    if has(&["read-only transaction", "transaction is read-only", "read only transaction"]) {
        failure.hint("the session is read-only: the server refused the change")
    } else if has(&["result size", "exceeded the maximum result", "result exceeds", "row size"]) {
        failure.hint("the Data API gives at most 500 MB and 64 KB a row: add a LIMIT or take fewer columns")
    } else if kind == FailureKind::Login {
        failure.hint("is the cluster running, and does the database exist?")
    } else {
        failure
    }
}

/// The failure of a statement that was stopped without our asking.
pub fn aborted(doing: &str, text: Option<&str>) -> Failure {
    let because = text.map_or("the statement was aborted on the server", str::trim);
    Failure::new(FailureKind::Rejected, doing, because)
        .hint("a WLM rule, somebody's CANCEL, a restart, or the limit of 24 hours")
}

/// The character, from 1, that `Position: N` in a server's text names.
fn position(text: &str) -> Option<usize> {
    let (_, after) = text.rsplit_once("Position:")?;
    let digits: String = after.trim_start().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Line and column, from 1, of character `position` (from 1) of `text`.
fn line_and_column(text: &str, position: usize) -> Option<(usize, usize)> {
    let before = position.checked_sub(1).filter(|n| *n <= text.chars().count())?;
    let at = |(line, column), c| if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
    Some(text.chars().take(before).fold((1, 1), at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_where_and_what_helps() {
        let text = "ERROR: column \"x\" does not exist\n  Position: 10";
        let failure = failed("run", text, "select 1,\nx");
        assert_eq!(failure.kind, FailureKind::Rejected);
        assert_eq!(failure.because.as_str(), "ERROR: column \"x\" does not exist (at 1:10)");
        assert!(failed("run", "ERROR: Position: 99999", "select 1").because.as_str().ends_with("99999"));
        assert_eq!(failed("run", "ERROR: permission denied for t", "").kind, FailureKind::Denied);
        let read_only = failed("run", "ERROR: transaction is read-only", "delete from t");
        assert!(read_only.hint.is_some_and(|h| h.as_str().contains("refused the change")));
    }

    #[test]
    fn only_an_objection_to_the_wrapper_counts_as_one() {
        assert!(is_about_wrapper("ERROR: syntax error at or near \"READ\""));
        assert!(!is_about_wrapper("ERROR: password authentication failed for user \"x\""));
        assert!(!is_about_wrapper("FATAL: database \"nope\" does not exist"));
    }
}
