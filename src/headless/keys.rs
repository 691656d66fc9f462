//! `keys`: the live keymap.

use super::output;
use crate::cli::Global;
use crate::config::{Config, Context, Keymap, command};
use crate::model::{Failure, FailureKind, SafeText};
use crate::setup::overrides;
use std::fmt::Write;

/// Prints the bindings of `contexts` (of all, when empty) with their commands' meaning; warns
/// about keys that terminals cannot send.
pub fn run(flags: &Global, markdown: bool, contexts: &[String]) -> Result<u8, Failure> {
    if let Some(odd) = contexts.iter().find(|c| !Context::ALL.iter().any(|known| known.name() == c.as_str()))
    {
        let known: Vec<_> = Context::ALL.iter().map(|c| c.name()).collect();
        let why = format!("no context is called {}", SafeText::new(odd));
        return Err(Failure::new(FailureKind::Usage, "--context", why)
            .hint(format!("there are {}", known.join(", "))));
    }
    let keymap = Config::load(&overrides(flags))?.keymap;
    let wanted = |context: Context| contexts.is_empty() || contexts.iter().any(|c| c == context.name());
    let mut bindings = keymap.bindings();
    bindings.retain(|(context, ..)| wanted(*context));
    let text = if markdown { table(&keymap, &bindings) } else { lines(&keymap, &bindings) };
    for (context, keys, why) in keymap.troubles() {
        output::say(&format!("dbdeck: {} {keys}: {why}", context.name()));
    }
    output::bytes(text.as_bytes())
}

type Binding = (Context, String, String);

fn doc<'a>(keymap: &'a Keymap, context: Context, command: &str) -> &'a str {
    keymap.note(context, command).or_else(|| command::find(command).map(|c| c.doc)).unwrap_or_default()
}

/// One line a binding.
fn lines(keymap: &Keymap, bindings: &[Binding]) -> String {
    let mut text = String::new();
    for (context, keys, command) in bindings {
        let doc = doc(keymap, *context, command);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:<14} {keys:<16} {command:<22} {doc}", context.name());
    }
    text
}

/// One row a command, with all its keys.
fn table(keymap: &Keymap, bindings: &[Binding]) -> String {
    let mut rows: Vec<(Context, &str, Vec<String>)> = Vec::new();
    for (context, keys, command) in bindings {
        let keys = format!("`{}`", keys.replace('|', "\\|"));
        match rows.iter_mut().find(|(c, name, _)| c == context && name == command) {
            Some((.., all)) => all.push(keys),
            None => rows.push((*context, command, vec![keys])),
        }
    }
    let mut text = String::from("| Where | Keys | Command | What it does |\n|---|---|---|---|\n");
    for (context, command, keys) in rows {
        let (keys, doc) = (keys.join(" "), doc(keymap, context, command));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {} | {keys} | `{command}` | {doc} |", context.name());
    }
    text
}
