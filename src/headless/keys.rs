//! `keys`: the live keymap.

use super::output;
use crate::cli::Global;
use crate::config::{Config, command};
use crate::model::Failure;
use crate::setup::overrides;
use std::fmt::Write;

/// Prints every binding with its command's meaning; warns about keys that terminals cannot send.
pub fn run(flags: &Global, markdown: bool) -> Result<u8, Failure> {
    let config = Config::load(&overrides(flags))?;
    let mut text = String::new();
    if markdown {
        text.push_str("| where | keys | command | what it does |\n|---|---|---|---|\n");
    }
    for (context, keys, command) in config.keymap.bindings() {
        let doc = config
            .keymap
            .note(context, &command)
            .or_else(|| command::find(&command).map(|c| c.doc))
            .unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = if markdown {
            writeln!(text, "| {} | `{}` | `{command}` | {doc} |", context.name(), keys.replace('|', "\\|"))
        } else {
            writeln!(text, "{:<14} {keys:<16} {command:<22} {doc}", context.name())
        };
    }
    for (context, keys, why) in config.keymap.troubles() {
        output::say(&format!("dbdeck: {} {keys}: {why}", context.name()));
    }
    output::bytes(text.as_bytes())
}
