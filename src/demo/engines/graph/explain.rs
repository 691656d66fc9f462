//! What the demo's engines say of a query, in their own words: grafeo's plan or profile for openCypher, oxigraph's for
//! SPARQL. The first lines say whose it is, so that nobody takes it for Neptune's.

use serde_json::Value;
use std::fmt::Write;

/// Whether a query is run to explain it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// The plan alone.
    Plan,
    /// The plan with what running it showed.
    Profile,
}

/// The deepest plan that is written.
const DEEPEST: usize = 200;

/// What grafeo said of a query: its text as the engine took it, and the engine's account.
pub fn grafeo(sent: &str, said: &str, account: Account) -> String {
    let run = match account {
        Account::Plan => "Nothing was run.",
        Account::Profile => "It was run; its rows are left out.",
    };
    format!(
        "The demo's engine for openCypher is grafeo, not Neptune's. {run}\nIt was asked: {}\n\n{}\n",
        sent.split_whitespace().collect::<Vec<_>>().join(" "),
        said.trim_end()
    )
}

/// What oxigraph said of a query, from the JSON of its explanation.
pub fn oxigraph(explanation: &Value, account: Account) -> String {
    let mut out = String::from("The demo's engine for SPARQL is oxigraph, not Neptune's. ");
    out.push_str(match account {
        // It begins as it plans: an ASK is answered by then.
        Account::Plan => "Its plan, without estimates; no row was taken.\n\n",
        Account::Profile => {
            "It was run; its rows are left out. The time of a step holds that of the steps below it.\n\n"
        }
    });
    node(&mut out, explanation.get("plan").unwrap_or(&Value::Null), 0);
    if let Some(seconds) = explanation.get("planning duration in seconds").and_then(Value::as_f64) {
        let _ = writeln!(out, "\nplanned in {:.3} ms", seconds * 1_000.0);
    }
    out
}

/// A step and those below it.
fn node(out: &mut String, of: &Value, depth: usize) {
    let name = of.get("name").and_then(Value::as_str).unwrap_or("?");
    let _ = write!(out, "{}{name}", "  ".repeat(depth));
    if let Some(results) = of.get("number of results").and_then(Value::as_u64) {
        let _ = write!(out, "  results={results}");
    }
    if let Some(seconds) = of.get("duration in seconds").and_then(Value::as_f64) {
        let _ = write!(out, "  time={:.3} ms", seconds * 1_000.0);
    }
    out.push('\n');
    let children = of.get("children").and_then(Value::as_array).filter(|_| depth < DEEPEST);
    for child in children.into_iter().flatten() {
        node(out, child, depth + 1);
    }
}
