//! Rows out of the tab: to the clipboard in a form the person picks, and to a file. Only what
//! was asked for leaves, and what does not fit is said, never cut.

use super::layer::{CopyAs, Layer};
use super::{Ctx, QueryTab, Results};
use crate::app::effect::{Effect, Format, Saved};
use crate::app::msg::{Reply, Slot, Ticket};
use crate::model::{DialectId, SafeText};
use crate::query::export;
use std::io::{self, Write};

/// The most bytes put on the clipboard: terminals drop longer OSC 52 texts.
pub(super) const CLIPBOARD: usize = 64 << 10;

/// Rows on their way into a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// The file, as it was named.
    pub file: SafeText,
    /// Rows written.
    pub rows: u64,
    /// Rows there are to write.
    pub of: u64,
    ticket: Ticket,
}

/// A buffer that refuses what would not fit on the clipboard, so that a million rows are not
/// written out to learn that they are too many.
#[derive(Default)]
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > CLIPBOARD {
            return Err(io::Error::other("too long for the clipboard"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl QueryTab {
    /// Copies the cell or the marked rows.
    pub(super) fn copy(&mut self, how: CopyAs, ctx: &mut Ctx<'_>) {
        let Some(results) = self.results.as_ref().filter(|r| r.rows > 0) else {
            return ctx.complain("there is nothing to copy");
        };
        let copied = match how {
            CopyAs::Cell => results
                .cell(|value| (value.raw.len() <= CLIPBOARD).then(|| value.raw.to_vec()))
                .unwrap_or_default(),
            CopyAs::Rows(format) => bounded(|out| write(results, format, out)),
            CopyAs::Insert => {
                let table = self.target.resource.name.as_ref();
                let table = if self.dialect_id() == DialectId::PartiQl { table } else { "table_name" };
                bounded(|out| {
                    export::write_insert(&results.reader, results.marked(), table, self.dialect_id(), out)
                })
            }
        };
        let Some(bytes) = copied else {
            return ctx.complain(format!(
                "more than {} KiB: too long for the clipboard; x exports to a file",
                CLIPBOARD >> 10
            ));
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let rows = results.marked().end - results.marked().start;
        let what = if how == CopyAs::Cell { "the cell".into() } else { format!("{rows} rows") };
        let control = text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r'));
        let warning = if control { "; it holds control characters" } else { "" };
        ctx.say(format!("copied {what}, {} bytes{warning}", text.len()));
        ctx.effects.push(Effect::Copy(text));
    }

    /// Opens the export prompt.
    pub(super) fn ask_export(&mut self) {
        if self.results.is_some() {
            self.layer = Some(Layer::Export("rows.csv".into()));
        }
    }

    /// Writes all rows into the file at `path`; its ending says how.
    pub(super) fn export(&mut self, path: &str, ctx: &mut Ctx<'_>) {
        let path = path.trim();
        let Some(results) = &self.results else { return ctx.complain("there is nothing to export") };
        let format = match path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).as_deref() {
            Some("csv") => Format::Csv,
            Some("tsv" | "txt") => Format::Tsv,
            Some("json") => Format::Json,
            Some("md") => Format::Markdown,
            _ => {
                self.layer = Some(Layer::Export(path.to_owned()));
                return ctx.complain("the file's ending says the form: .csv, .tsv, .json or .md");
            }
        };
        if self.export.is_some() {
            return ctx.complain("an export is under way: Ctrl-c stops it");
        }
        let ticket = (ctx.issue)(Slot::Export(self.id));
        let rows = results.reader.clone();
        let file = SafeText::new(path);
        self.export = Some(Export { ticket: ticket.clone(), file, rows: 0, of: results.rows });
        ctx.effects
            .push(Effect::Save { ticket, what: Saved::Export { path: path.to_owned(), format, rows } });
        if self.running() {
            ctx.say("the statement is still running: the file gets the rows so far");
        }
    }

    /// Takes an answer about the export.
    pub fn exported(&mut self, reply: Reply, ctx: &mut Ctx<'_>) {
        match (reply, &mut self.export) {
            (Reply::Exported(rows), Some(export)) => export.rows = rows,
            (Reply::Saved(path), _) => {
                self.export = None;
                ctx.say(format!("written: {path}"));
            }
            (Reply::Failed(failure), _) => {
                // A name that did not do is mended where it was typed.
                let ended = self.export.take().filter(|e| e.rows == 0 && self.layer.is_none());
                self.layer = ended.map(|e| Layer::Export(e.file.to_string())).or_else(|| self.layer.take());
                ctx.complain(failure.to_string());
            }
            _ => {}
        }
    }

    /// Stops the export; what was written of the file is removed. False when there is none.
    pub(super) fn stop_export(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let Some(export) = self.export.take() else { return false };
        ctx.effects.push(Effect::Cancel(export.ticket));
        ctx.say(format!("stopped: {} is not written", export.file));
        true
    }

    /// Opens the viewer on the cell under the cursor.
    pub(super) fn view_cell(&mut self) {
        let Some(results) = &self.results else { return };
        let name = results.columns.get(results.column).map_or_else(SafeText::default, |c| c.name.clone());
        let view = results.cell(|value| super::cell::CellView::of(&name, value));
        self.layer = view.map(Layer::Cell);
    }
}

fn bounded(write: impl FnOnce(&mut Bounded) -> io::Result<()>) -> Option<Vec<u8>> {
    let mut out = Bounded::default();
    write(&mut out).is_ok().then_some(out.0)
}

fn write(results: &Results, format: Format, out: &mut Bounded) -> io::Result<()> {
    let (reader, rows) = (&results.reader, results.marked());
    match format {
        // The clipboard's payload is the raw value: nothing is put in front of formulas.
        Format::Csv => export::write_csv(reader, rows, b',', true, out),
        Format::Tsv => export::write_csv(reader, rows, b'\t', true, out),
        Format::Json => export::write_json(reader, rows, out),
        Format::Markdown => export::write_markdown(reader, rows, out),
    }
}
