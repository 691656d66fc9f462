//! The only writer of standard output and standard error.

use crate::cli::OutputFormat;
use crate::model::cell::rfc3339;
use crate::model::{Cell, Failure, FailureKind, SafeText};
use std::io::{self, Write};

/// Writes `data` to standard output. A reader that went away (`| head`) is not a failure.
///
/// # Errors
/// When standard output cannot be written.
pub fn bytes(data: &[u8]) -> Result<u8, Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(data).and_then(|()| out.flush()) {
        Ok(()) => Ok(0),
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(0),
        Err(e) => Err(Failure::new(FailureKind::Usage, "write standard output", e.to_string())),
    }
}

/// Says something to the person on standard error.
pub fn say(words: &str) {
    // Nowhere is left to report that standard error is gone.
    let _ = writeln!(io::stderr().lock(), "{words}");
}

/// Says what failed on standard error.
pub fn complain(failure: &Failure) {
    say(&format!("dbdeck: {failure}"));
    if let Some(id) = &failure.request_id {
        say(&format!("dbdeck: AWS request id {id}"));
    }
}

/// A table of records: every row has a value for every head.
pub struct Records {
    /// Keys, as in JSON.
    pub heads: Vec<&'static str>,
    /// Values.
    pub rows: Vec<Vec<serde_json::Value>>,
}

impl Records {
    /// Writes the records in `format`.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn write(&self, format: OutputFormat) -> Result<u8, Failure> {
        let data = match format {
            OutputFormat::Json => {
                let all: Vec<_> = self.rows.iter().map(|row| self.object(row)).collect();
                let mut text = serde_json::to_vec_pretty(&all).map_err(|e| bug(&e))?;
                text.push(b'\n');
                text
            }
            OutputFormat::Jsonl => {
                let mut text = Vec::new();
                for row in &self.rows {
                    serde_json::to_writer(&mut text, &self.object(row)).map_err(|e| bug(&e))?;
                    text.push(b'\n');
                }
                text
            }
            OutputFormat::Csv => self.csv()?,
            OutputFormat::Table => self.table().into_bytes(),
        };
        bytes(&data)
    }

    fn object(&self, row: &[serde_json::Value]) -> serde_json::Value {
        let pairs = self.heads.iter().zip(row).map(|(head, value)| ((*head).to_owned(), value.clone()));
        serde_json::Value::Object(pairs.collect())
    }

    fn csv(&self) -> Result<Vec<u8>, Failure> {
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record(&self.heads).map_err(|e| bug(&e))?;
        for row in &self.rows {
            out.write_record(row.iter().map(|v| formula_safe(&plain(v)))).map_err(|e| bug(&e))?;
        }
        out.into_inner().map_err(|e| bug(e.error()))
    }

    fn table(&self) -> String {
        use unicode_width::UnicodeWidthStr;
        let rows: Vec<Vec<SafeText>> =
            self.rows.iter().map(|row| row.iter().map(|v| SafeText::new(plain(v))).collect()).collect();
        let mut widths: Vec<usize> = self.heads.iter().map(|h| h.width()).collect();
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        let mut out = String::new();
        let mut line = |cells: &mut dyn Iterator<Item = &str>| {
            let mut text = String::new();
            for (cell, width) in cells.zip(&widths) {
                text.push_str(cell);
                text.push_str(&" ".repeat(width.saturating_sub(cell.width()) + 2));
            }
            out.push_str(text.trim_end());
            out.push('\n');
        };
        line(&mut self.heads.iter().map(|h| &**h));
        for row in &rows {
            line(&mut row.iter().map(SafeText::as_str));
        }
        out
    }
}

/// A cell as JSON: numbers stay numbers, absent is null.
pub fn json(cell: &Cell) -> serde_json::Value {
    match cell {
        Cell::Text(text) => text.as_str().into(),
        Cell::Count(n) | Cell::Bytes(n) | Cell::Duration(n) => (*n).into(),
        Cell::Number(n) | Cell::Percent(n) => (*n).into(),
        Cell::Time(ms) => rfc3339(*ms).into(),
        Cell::Flag(flag) => (*flag).into(),
        Cell::Health(health) => health.word().as_str().into(),
        Cell::Absent => serde_json::Value::Null,
    }
}

fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A spreadsheet must not run what a tag says: see OWASP on CSV injection.
fn formula_safe(text: &str) -> String {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    if risky { format!("'{text}") } else { text.to_owned() }
}

fn bug(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(FailureKind::Bug, "format the output", error.to_string())
}
