//! `classify`: judges statements by the same grammars that guard the console.

use super::output;
use crate::guard::operations::{Effect, effect};
use crate::model::{DialectId, Failure, FailureKind};
use crate::query::dialect::{Class, dialect};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::io::BufRead;

/// What judges.
enum Judge {
    Statement(DialectId),
    AwsApi,
}

/// Reads JSON lines from standard input and writes a verdict for each, in the same order. A line
/// that cannot be read is unsure like everything unknown; it does not stop the rest. Exit code 2
/// when a line was no JSON object with a statement.
pub fn run(language: &str, engine: Option<&str>) -> Result<u8, Failure> {
    let judge = judge(language, engine)?;
    let (mut out, mut code) = (Vec::new(), 0);
    for (number, line) in std::io::stdin().lock().split(b'\n').enumerate() {
        let line = line.map_err(|e| usage(&format!("standard input cannot be read: {e}")))?;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let verdict = match statement_of(&line) {
            Ok(Given::Statement(statement)) => match &judge {
                Judge::Statement(id) => by_grammar(*id, &statement),
                Judge::AwsApi => by_table(&statement),
            },
            Ok(Given::NotUnicode(statement)) => unreadable(&statement, "the statement is not Unicode"),
            Err(why) => {
                output::complain(&usage(&format!("line {}: {why}", number + 1)));
                code = 2;
                unreadable(&String::from_utf8_lossy(&line), &why)
            }
        };
        serde_json::to_writer(&mut out, &verdict).map_err(|e| usage(&e.to_string()))?;
        out.push(b'\n');
        if out.len() > 1 << 20 {
            output::bytes(&std::mem::take(&mut out))?;
        }
    }
    output::bytes(&out).map(|_| code)
}

fn judge(language: &str, engine: Option<&str>) -> Result<Judge, Failure> {
    match (language, engine) {
        ("aws-api", None | Some("sdk")) => return Ok(Judge::AwsApi),
        ("sql", None) => return Err(usage("sql needs --engine")),
        _ => {}
    }
    let engine = match engine {
        Some("postgresql") => Some("postgres"),
        Some("aurora-postgresql") => Some("aurora-postgres"),
        other => other,
    };
    DialectId::find(language, engine)
        .map(Judge::Statement)
        .ok_or_else(|| usage(&format!("no grammar for {language} {}", engine.unwrap_or_default())))
}

/// The statement of an input line.
enum Given {
    /// As it will be judged.
    Statement(String),
    /// JSON can carry halves of surrogate pairs, and files any bytes: this is what is left of it.
    NotUnicode(String),
}

fn statement_of(line: &[u8]) -> Result<Given, String> {
    let text = String::from_utf8_lossy(line);
    match statement_in(&text) {
        Ok(statement) if matches!(text, Cow::Borrowed(_)) => Ok(Given::Statement(statement)),
        Ok(statement) => Ok(Given::NotUnicode(statement)),
        Err(why) => statement_in(&without_surrogates(&text)).map(Given::NotUnicode).map_err(|_| why),
    }
}

fn statement_in(text: &str) -> Result<String, String> {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(object)) => match object.get("statement") {
            Some(Value::String(statement)) => Ok(statement.clone()),
            _ => Err("it has no text under \"statement\"".into()),
        },
        Ok(_) => Err("it is not an object".into()),
        Err(e) => Err(format!("not JSON: {e}")),
    }
}

/// The same text with the replacement character for every escaped surrogate.
fn without_surrogates(text: &str) -> String {
    let mut out = text.to_owned();
    for high in ['8', '9', 'a', 'b', 'c', 'd', 'e', 'f', 'A', 'B', 'C', 'D', 'E', 'F'] {
        for escape in [format!("\\ud{high}"), format!("\\uD{high}")] {
            // Two more digits follow; they stay behind as text.
            out = out.replace(&escape, "\\ufffd");
        }
    }
    out
}

fn unreadable(statement: &str, why: &str) -> Value {
    json!({
        "statement": statement,
        "verdict": Class::Unsure.word(),
        "rule": "classify.unreadable",
        "why": why,
        "construct": "",
        "at": 0,
    })
}

fn by_grammar(id: DialectId, statement: &str) -> Value {
    let verdict = dialect(id).classify(statement);
    json!({
        "statement": statement,
        "verdict": verdict.class.word(),
        "rule": verdict.rule,
        "why": verdict.why,
        "construct": verdict.construct,
        "at": verdict.at,
    })
}

fn by_table(api: &str) -> Value {
    let effect = effect(api);
    let class = match effect {
        Effect::Read | Effect::DataRead => Class::Read,
        Effect::Write | Effect::Unknown => Class::Write,
        Effect::Login | Effect::Statement | Effect::Wrapper => Class::Unsure,
    };
    json!({ "statement": api, "verdict": class.word(), "rule": effect.rule(), "why": effect.why() })
}

fn usage(because: &str) -> Failure {
    Failure::new(FailureKind::Usage, "classify", because).hint(
        "as in: echo '{\"statement\": \"select 1\"}' | dbdeck classify --language sql --engine postgres",
    )
}
