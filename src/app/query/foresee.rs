//! How DynamoDB will answer a PartiQL statement, said before it runs: by key, by partition, or
//! by reading everything.

use super::QueryTab;
use super::run::TableFacts;
use crate::model::SafeText;
use crate::query::dialect::partiql::{AccessKind, plan};

/// A longer text is not foretold while it is written: telling reads all of it at each key.
const LONGEST: usize = 128 << 10;

/// How the statement under the cursor will be answered, kept until that statement changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forecast {
    /// In words; empty when nothing can be told.
    pub words: SafeText,
    /// Whether it reads a whole table or index.
    pub scan: bool,
    of: String,
}

impl QueryTab {
    /// Foretells the statement under the cursor anew when it is another one than before; what
    /// was said about the old one goes with it.
    pub(super) fn look_ahead(&mut self) {
        let statement = if self.editor.len() > LONGEST { None } else { self.statement() };
        let text = statement.map(|(_, text)| text).unwrap_or_default();
        if text == self.forecast.of {
            return;
        }
        let (words, scan) = self.foresee(&text);
        self.forecast = Forecast { words, scan, of: text };
        self.run.forget();
    }
}

/// What the statement will do, in words, and whether it reads a whole table or index.
pub fn partiql(text: &str, table: &TableFacts) -> (SafeText, bool) {
    let access = plan(text, &table.keys);
    let words = match access.kind {
        AccessKind::Lookup => format!("key lookup: {}", access.why),
        AccessKind::Query => format!("query: {}", access.why),
        AccessKind::Scan => format!("scan{}: {}", size(table), access.why),
        AccessKind::Unknown => return (SafeText::default(), false),
    };
    (SafeText::new(words.trim_end_matches('.')), access.kind == AccessKind::Scan)
}

/// How much there is to read, where DynamoDB said so.
fn size(table: &TableFacts) -> String {
    match (table.items, table.bytes) {
        (Some(items), Some(bytes)) => format!(" of {} items, {}", grouped(items), bytes_words(bytes)),
        (Some(items), None) => format!(" of {} items", grouped(items)),
        _ => String::new(),
    }
}

/// A number with commas between the thousands.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
fn bytes_words(bytes: u64) -> String {
    let mut size = bytes as f64;
    for unit in ["bytes", "KB", "MB", "GB"] {
        if size < 1_000.0 {
            return if unit == "bytes" { format!("{bytes} bytes") } else { format!("{size:.1} {unit}") };
        }
        size /= 1_000.0;
    }
    format!("{size:.1} TB")
}
