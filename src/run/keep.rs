//! What outlives the session: the history file and exports.

use super::runner::Work;
use crate::app::query::{Entry, History, editor};
use crate::app::{Format, Reply, Saved, TabId, Ticket};
use crate::config::Config;
use crate::config::load::theme as load_theme;
use crate::model::{DialectId, Failure, FailureKind, SafeText, Statement};
use crate::query::{RowReader, export};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

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

/// How often an export tells how far it is.
const TELL: Duration = Duration::from_millis(250);

/// Keeps something on disk, off the runtime's threads.
pub async fn save(work: &Work, ticket: &Ticket, what: Saved) {
    let history = history_path(&work.setup.config);
    let watch = Arc::new(Watch::default());
    // A task that is aborted stops what it began.
    let _stop = Stop(watch.clone());
    let watched = watch.clone();
    let mut done = tokio::task::spawn_blocking(move || match what {
        Saved::History(statement, on) => match history {
            Some(path) => append(&path, &statement, &on).map(|()| None).map_err(|e| failed(&path, &e)),
            None => Ok(None),
        },
        Saved::Export { path, format, rows } => {
            let path = expand(&path)?;
            let written = write_rows(&path, format, &rows, &watched);
            written.map(|()| Some(path.clone())).map_err(|e| {
                let there = e.kind() == io::ErrorKind::AlreadyExists;
                let failure = failed(&path, &e);
                if there { failure.hint("nothing is overwritten: choose another name") } else { failure }
            })
        }
        Saved::Text { path, text, replace } => {
            let path = expand(&path)?;
            write_text(&path, &text.text, replace).map(|()| Some(path.clone())).map_err(|e| {
                let failure = failed(&path, &e);
                let there = e.kind() == io::ErrorKind::AlreadyExists;
                if there { failure.hint("save! replaces it, or choose another name") } else { failure }
            })
        }
    });
    let mut told = 0;
    let ended = loop {
        match tokio::time::timeout(TELL, &mut done).await {
            Ok(ended) => break ended,
            Err(_) => {
                let rows = watch.rows.load(Ordering::Relaxed);
                if rows != told {
                    told = rows;
                    work.reply(ticket, Reply::Exported(rows));
                }
            }
        }
    };
    let reply = match ended {
        Ok(Ok(Some(path))) => Reply::Saved(SafeText::new(path.display().to_string())),
        Ok(Ok(None)) => return,
        Ok(Err(failure)) => Reply::Failed(failure),
        Err(e) => Reply::Failed(Failure::new(FailureKind::Bug, "write a file", e.to_string())),
    };
    work.reply(ticket, reply);
}

/// How far an export is, and whether it shall stop.
#[derive(Default)]
struct Watch {
    rows: AtomicU64,
    stop: AtomicBool,
}

/// Stops the export when dropped.
struct Stop(Arc<Watch>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.stop.store(true, Ordering::Relaxed);
    }
}

/// Appends to the history: the file is the owner's alone, its folder too.
fn append(path: &Path, statement: &Statement, on: &SafeText) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    write_line(&mut file, &Line::of(statement, on))
}

/// The path that was typed, with `~` as the home folder.
fn expand(path: &str) -> Result<PathBuf, Failure> {
    let Some(rest) = path.strip_prefix('~') else { return Ok(PathBuf::from(path)) };
    let usage = |why: &str| Failure::new(FailureKind::Usage, format!("find {}", SafeText::new(path)), why);
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    match rest.strip_prefix('/') {
        None if !rest.is_empty() => Err(usage("only ~ itself is known, no other person's home")),
        below => {
            let home = home.ok_or_else(|| usage("HOME is not set"))?;
            Ok(Path::new(&home).join(below.unwrap_or_default()))
        }
    }
}

/// Writes a text whole or not at all: beside its place first, then moved there. Its owner alone
/// reads it. A link stays a link; what it leads to is replaced.
fn write_text(path: &Path, text: &str, replace: bool) -> io::Result<()> {
    let there = fs::metadata(path).ok();
    if there.is_some() && !replace {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "there is a file of this name"));
    }
    if there.as_ref().is_some_and(|m| !m.is_file()) {
        return Err(io::Error::other("it is not a plain file"));
    }
    let place = if there.is_some() { fs::canonicalize(path)? } else { path.to_owned() };
    let folder = place.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        file.write_all(b"\n")?;
    }
    file.as_file().sync_all()?;
    let moved = if replace { file.persist(&place) } else { file.persist_noclobber(&place) };
    moved.map(|_| ()).map_err(|e| e.error)
}

/// Reads the theme that was chosen, off the runtime's threads.
pub async fn theme(work: &Work, ticket: &Ticket, name: String) {
    let setup = work.setup.clone();
    let read = tokio::task::spawn_blocking(move || load_theme(&name, &setup.config.paths));
    let reply = match read.await {
        Ok(Ok(theme)) => Reply::Theme(Box::new(theme.value)),
        Ok(Err(complaint)) => {
            Reply::Failed(Failure::new(FailureKind::Usage, "change the colours", complaint.to_string()))
        }
        Err(e) => Reply::Failed(Failure::new(FailureKind::Bug, "change the colours", e.to_string())),
    };
    work.reply(ticket, reply);
}

/// Reads a file of statements for a query tab, off the runtime's threads.
pub async fn load(work: &Work, ticket: &Ticket, tab: TabId, path: String) {
    let read = tokio::task::spawn_blocking(move || {
        let path = expand(&path)?;
        let text = read_text(&path).map_err(|e| {
            Failure::new(FailureKind::Usage, format!("open {}", path.display()), e.to_string())
        })?;
        Ok::<_, Failure>((path, text))
    });
    let reply = match read.await {
        Ok(Ok((path, text))) => Reply::Loaded(tab, SafeText::new(path.display().to_string()), text),
        Ok(Err(failure)) => Reply::Failed(failure),
        Err(e) => Reply::Failed(Failure::new(FailureKind::Bug, "open a file", e.to_string())),
    };
    work.reply(ticket, reply);
}

/// The text of a plain file that an editor can hold whole.
fn read_text(path: &Path) -> io::Result<String> {
    // Looked at before it is opened: opening a pipe would wait for whoever writes into it.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a plain file"));
    }
    let most = editor::LONGEST as u64;
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() > editor::LONGEST {
        return Err(io::Error::other(format!(
            "it is longer than {} MiB, the most an editor takes",
            most >> 20
        )));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::other("it is not UTF-8 text"))
}

/// A new file that only its owner reads. An existing one is not overwritten.
fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new().create_new(true).write(true).mode(0o600).open(path)
}

/// Writes all rows into a new file, which is removed again when that fails or is stopped.
fn write_rows(path: &Path, format: Format, rows: &RowReader, watch: &Watch) -> io::Result<()> {
    let mut out = BufWriter::new(private(path)?);
    let some = (0..rows.rows()).take_while(|row| {
        watch.rows.store(*row, Ordering::Relaxed);
        !watch.stop.load(Ordering::Relaxed)
    });
    let written = match format {
        Format::Csv => export::write_csv(rows, some, b',', false, &mut out),
        Format::Tsv => export::write_csv(rows, some, b'\t', false, &mut out),
        Format::Json => export::write_json(rows, some, &mut out),
        Format::Markdown => export::write_markdown(rows, some, &mut out),
    };
    let written = written.and_then(|()| out.flush()).and_then(|()| {
        let stopped = watch.stop.load(Ordering::Relaxed);
        if stopped { Err(io::Error::other("stopped")) } else { Ok(()) }
    });
    if written.is_err() {
        // The rows are still in the tab; half a file would pass for a whole one.
        let _ = fs::remove_file(path);
    }
    written
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    let failure = Failure::new(FailureKind::Usage, format!("write {}", path.display()), error.to_string());
    if error.kind() == io::ErrorKind::AlreadyExists {
        return failure.hint("choose another name: files are not overwritten");
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_text_is_kept_whole_private_and_never_over_another_unasked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("q.sql");
        write_text(&path, "select 1", false).unwrap();
        assert_eq!(read_text(&path).unwrap(), "select 1\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let refused = write_text(&path, "select 2", false).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(read_text(&path).unwrap(), "select 1\n");
        let link = folder.path().join("link.sql");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        write_text(&link, "select 3\n", true).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(read_text(&path).unwrap(), "select 3\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(write_text(folder.path(), "x", true).is_err(), "a folder stays a folder");
        assert!(write_text(&folder.path().join("no/q.sql"), "x", true).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left lying about");
    }

    #[test]
    fn only_plain_text_of_some_size_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            path
        };
        assert!(read_text(&file("bytes", b"\xff\xfe")).unwrap_err().to_string().contains("UTF-8"));
        let long = file("long", &vec![b'x'; editor::LONGEST + 1]);
        assert!(read_text(&long).unwrap_err().to_string().contains("longer than 4 MiB"));
        assert!(read_text(folder.path()).unwrap_err().to_string().contains("plain file"));
        assert!(read_text(&folder.path().join("none")).is_err());
    }

    #[test]
    fn a_stopped_export_leaves_no_half_file() {
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, reader) = crate::query::store::store(1 << 20);
        let column =
            crate::model::Column { name: "a".into(), type_name: "".into(), tag: crate::model::Tag::Text };
        writer.set_columns(&[column]);
        for _ in 0..10 {
            writer.value(crate::model::Tag::Text, b"x");
            writer.end_row().unwrap();
        }
        writer.publish();
        let path = folder.path().join("rows.csv");
        let watch = Arc::new(Watch::default());
        drop(Stop(watch.clone()));
        assert!(write_rows(&path, Format::Csv, &reader, &watch).is_err());
        assert!(!path.exists());
        write_rows(&path, Format::Csv, &reader, &Watch::default()).unwrap();
        assert_eq!(read_text(&path).unwrap().lines().count(), 11);
        let there = write_rows(&path, Format::Csv, &reader, &Watch::default()).unwrap_err();
        assert_eq!(there.kind(), io::ErrorKind::AlreadyExists);
        assert!(path.exists(), "what was there stays");
    }

    #[test]
    fn a_tilde_is_the_home_folder() {
        let home = PathBuf::from(std::env::var_os("HOME").unwrap());
        assert_eq!(expand("~/q.sql"), Ok(home.join("q.sql")));
        assert_eq!(expand("~"), Ok(home));
        assert_eq!(expand("a/~b"), Ok(PathBuf::from("a/~b")));
        assert!(expand("~other/q.sql").is_err());
    }
}
