//! What outlives the session: the history file and exports.

use super::runner::Work;
use crate::app::query::{Entry, History};
use crate::app::{Format, Reply, Saved, Ticket};
use crate::config::Config;
use crate::model::{DialectId, Failure, FailureKind, SafeText, Statement};
use crate::query::{RowReader, export};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The most statements kept; older ones are dropped when the history is read.
const KEPT: usize = 1_000;

/// One statement that ran, as a line of the history file.
#[derive(serde::Serialize, serde::Deserialize)]
struct Line {
    on: String,
    engine: String,
    statement: String,
}

impl Line {
    fn of(statement: &Statement, place: &SafeText) -> Self {
        let engine = statement.dialect.name().to_owned();
        Self { on: place.as_str().to_owned(), engine, statement: statement.text.to_string() }
    }

    fn entry(self) -> Option<Entry> {
        let dialect = DialectId::from_name(&self.engine)?;
        let statement = Statement { text: self.statement.into(), dialect };
        Some(Entry { statement, place: SafeText::new(self.on) })
    }
}

/// Where the history is kept; `None` when the settings turn it off.
fn history_path(config: &Config) -> Option<PathBuf> {
    config.settings.history.then(|| config.paths.history.clone())
}

/// Statements of earlier sessions. A broken line is skipped.
pub fn history(config: &Config) -> History {
    History::of(entries(config))
}

/// The entries of the history file, oldest first.
fn entries(config: &Config) -> Vec<Entry> {
    let Some(path) = history_path(config) else { return Vec::new() };
    let Ok(file) = File::open(&path) else { return Vec::new() };
    let lines = io::BufReader::new(file).lines().map_while(Result::ok);
    let mut all: Vec<_> = lines.filter_map(|l| serde_json::from_str::<Line>(&l).ok()?.entry()).collect();
    if all.len() > KEPT * 2 {
        all.drain(..all.len() - KEPT);
        // The file is only trimmed when that works; a full disk loses no history.
        let _ = rewrite(&path, &all);
    }
    all
}

fn rewrite(path: &Path, entries: &[Entry]) -> io::Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    for entry in entries {
        write_line(file.as_file_mut(), &Line::of(&entry.statement, &entry.place))?;
    }
    file.persist(path).map(|_| ()).map_err(|e| e.error)
}

fn write_line(file: &mut File, line: &Line) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    file.write_all(&text)
}

/// Keeps something on disk, off the runtime's threads.
pub async fn save(work: &Work, ticket: &Ticket, what: Saved) {
    let history = history_path(&work.setup.config);
    let done = tokio::task::spawn_blocking(move || match what {
        Saved::History(statement, on) => match history {
            Some(path) => append(&path, &statement, &on).map(|()| None).map_err(|e| failed(&path, &e)),
            None => Ok(None),
        },
        Saved::Export { path, format, rows } => {
            let path = PathBuf::from(path);
            write_rows(&path, format, &rows).map(|()| Some(path.clone())).map_err(|e| failed(&path, &e))
        }
        Saved::Text { path, text } => {
            let path = PathBuf::from(path);
            private(&path)
                .and_then(|mut file| file.write_all(text.text.as_bytes()))
                .map(|()| Some(path.clone()))
                .map_err(|e| failed(&path, &e))
        }
    });
    let reply = match done.await {
        Ok(Ok(Some(path))) => Reply::Saved(SafeText::new(path.display().to_string())),
        Ok(Ok(None)) => return,
        Ok(Err(failure)) => Reply::Failed(failure),
        Err(e) => Reply::Failed(Failure::new(FailureKind::Bug, "write a file", e.to_string())),
    };
    work.reply(ticket, reply);
}

/// Appends to the history: the file is the owner's alone, its folder too.
fn append(path: &Path, statement: &Statement, on: &SafeText) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    write_line(&mut file, &Line::of(statement, on))
}

/// A new file that only its owner reads. An existing one is not overwritten.
fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new().create_new(true).write(true).mode(0o600).open(path)
}

fn write_rows(path: &Path, format: Format, rows: &RowReader) -> io::Result<()> {
    let mut out = BufWriter::new(private(path)?);
    let all = 0..rows.rows();
    match format {
        Format::Csv => export::write_csv(rows, all, b',', false, &mut out)?,
        Format::Tsv => export::write_csv(rows, all, b'\t', false, &mut out)?,
        Format::Json => export::write_json(rows, all, &mut out)?,
        Format::Markdown => export::write_markdown(rows, all, &mut out)?,
    }
    out.flush()
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    let failure = Failure::new(FailureKind::Usage, format!("write {}", path.display()), error.to_string());
    if error.kind() == io::ErrorKind::AlreadyExists {
        return failure.hint("choose another name: files are not overwritten");
    }
    failure
}
