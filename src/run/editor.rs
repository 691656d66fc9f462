//! The external editor: a private file, no shell, the terminal handed over by the caller.

use crate::model::{Failure, FailureKind};
use std::io::Write;
use std::process::Command;

/// Hands `text` to `$VISUAL`, `$EDITOR` or `vi` and returns what it left.
///
/// # Errors
/// When no file can be made, the editor cannot be started, or it ends with a failure (the text
/// stays as it was).
pub fn edit(text: &str, extension: &str) -> Result<String, Failure> {
    let failed = |why: String| Failure::new(FailureKind::Usage, "edit outside", why);
    let named =
        ["VISUAL", "EDITOR"].iter().find_map(|v| std::env::var(v).ok().filter(|e| !e.trim().is_empty()));
    let command = named.unwrap_or_else(|| "vi".into());
    let mut words = command.split_ascii_whitespace();
    let program = words.next().unwrap_or("vi");
    // Readable by the owner only; removed when dropped, on every way out.
    let mut file = tempfile::Builder::new()
        .prefix("dbdeck-")
        .suffix(&format!(".{extension}"))
        .tempfile()
        .map_err(|e| failed(e.to_string()))?;
    file.write_all(text.as_bytes()).and_then(|()| file.flush()).map_err(|e| failed(e.to_string()))?;
    let status = Command::new(program).args(words).arg(file.path()).status().map_err(|e| {
        failed(format!("{program}: {e}")).hint("set VISUAL or EDITOR to a program that is installed")
    })?;
    if !status.success() {
        return Err(failed(format!("{program} ended with {status}; the statement stays as it was")));
    }
    let edited = std::fs::read_to_string(file.path()).map_err(|e| failed(e.to_string()))?;
    Ok(edited.strip_suffix('\n').map_or(edited.clone(), str::to_owned))
}
