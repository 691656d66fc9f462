//! `classify`: judges statements by the same grammars that guard the console.

use super::output;
use crate::guard::operations::{Effect, effect};
use crate::model::{DialectId, Failure, FailureKind};
use crate::query::dialect::{Class, dialect};
use serde_json::{Value, json};
use std::io::BufRead;

/// What judges.
enum Judge {
    Statement(DialectId),
    AwsApi,
}

/// Reads JSON lines from standard input and writes a verdict for each, in the same order.
pub fn run(language: &str, engine: Option<&str>) -> Result<u8, Failure> {
    let judge = judge(language, engine)?;
    let mut out = std::io::BufWriter::new(Vec::new());
    let stdin = std::io::stdin().lock();
    for (number, line) in stdin.split(b'\n').enumerate() {
        let line = line.map_err(|e| usage(&format!("standard input cannot be read: {e}")))?;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let statement = statement_of(&line).map_err(|why| usage(&format!("line {}: {why}", number + 1)))?;
        let verdict = match &judge {
            Judge::Statement(id) => by_grammar(*id, &statement),
            Judge::AwsApi => by_table(&statement),
        };
        serde_json::to_writer(&mut out, &verdict).map_err(|e| usage(&e.to_string()))?;
        std::io::Write::write_all(&mut out, b"\n").map_err(|e| usage(&e.to_string()))?;
        if out.get_ref().len() > 1 << 20 {
            output::bytes(&std::mem::take(out.get_mut()))?;
        }
    }
    let rest = out.into_inner().map_err(|e| usage(&e.to_string()))?;
    output::bytes(&rest)
}

fn judge(language: &str, engine: Option<&str>) -> Result<Judge, Failure> {
    let id = match (language, engine.unwrap_or_default()) {
        ("sql", "postgres" | "postgresql") => DialectId::Postgres,
        ("sql", "aurora-postgres" | "aurora-postgresql") => DialectId::AuroraPostgres,
        ("sql", "mysql") => DialectId::MySql,
        ("sql", "aurora-mysql") => DialectId::AuroraMySql,
        ("sql", "mariadb") => DialectId::MariaDb,
        ("partiql", "" | "dynamodb") => DialectId::PartiQl,
        ("aws-api", "" | "sdk") => return Ok(Judge::AwsApi),
        ("sql", "") => return Err(usage("sql needs --engine")),
        (language, engine) => return Err(usage(&format!("no grammar for {language} {engine}"))),
    };
    Ok(Judge::Statement(id))
}

/// The statement of an input line. A lone surrogate or other invalid text is still a statement
/// to judge, so that one odd line does not stop the rest: it is judged as what cannot be read.
fn statement_of(line: &[u8]) -> Result<String, String> {
    let text = String::from_utf8_lossy(line);
    match serde_json::from_str::<Value>(&text) {
        Ok(Value::Object(object)) => match object.get("statement") {
            Some(Value::String(statement)) => Ok(statement.clone()),
            _ => Err("it has no text under \"statement\"".into()),
        },
        Ok(_) => Err("it is not an object".into()),
        Err(e) => Err(format!("not JSON: {e}")),
    }
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
