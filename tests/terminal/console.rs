//! The binary in a pseudo terminal, with a screen that can be asked.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// The longest that anything may take before a test gives up: not a measure, a way out.
const PATIENCE: Duration = Duration::from_secs(90);

/// How long nothing must come for the console to count as being at rest.
const REST: Duration = Duration::from_millis(2_500);

pub const F5: &str = "\x1b[15~";
pub const ESC: &str = "\x1b";
pub const BACK_TAB: &str = "\x1b[Z";
pub const ENTER: &str = "\r";
pub const CTRL_C: &str = "\x03";
pub const CTRL_Z: &str = "\x1a";

/// What the terminal has received.
struct Received {
    screen: vt100::Parser,
    raw: Vec<u8>,
    last: Instant,
    /// Whether the reader should let go of the terminal.
    closing: bool,
    /// Whether nobody reads any more.
    closed: bool,
}

type Shared = Arc<(Mutex<Received>, Condvar)>;

/// A running console.
pub struct Console {
    child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    shared: Shared,
    _home: tempfile::TempDir,
}

impl Console {
    /// `dbdeck --demo` on 100 columns and 30 rows, once the fleet is there.
    pub fn demo() -> Self {
        let console = Self::start(&["--demo"], 100, 30);
        console.shows("22 of 22");
        console
    }

    /// `dbdeck ARGS` on a terminal of this size.
    pub fn start(args: &[&str], columns: u16, rows: u16) -> Self {
        Self::start_with(args, columns, rows, &[])
    }

    /// The same with further variables.
    pub fn start_with(args: &[&str], columns: u16, rows: u16, variables: &[(&str, &str)]) -> Self {
        let pair = native_pty_system().openpty(size(columns, rows)).expect("a pseudo terminal");
        let home = tempfile::tempdir().expect("a home");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_dbdeck"));
        command.args(args);
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("HOME", home.path());
        for (name, value) in variables {
            command.env(name, value);
        }
        // Where the demo's PostgreSQL is unpacked once for all tests.
        command.env("XDG_CACHE_HOME", PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cache"));
        let child = pair.slave.spawn_command(command).expect("the binary runs");
        drop(pair.slave);
        let shared: Shared = Arc::new((
            Mutex::new(Received {
                screen: vt100::Parser::new(cells(rows), cells(columns), 0),
                raw: Vec::new(),
                last: Instant::now(),
                closing: false,
                closed: false,
            }),
            Condvar::new(),
        ));
        let reader = pair.master.try_clone_reader().expect("a reader");
        let to = shared.clone();
        std::thread::spawn(move || receive(reader, &to));
        let writer = Some(pair.master.take_writer().expect("a writer"));
        Self { child, master: Some(pair.master), writer, shared, _home: home }
    }

    /// Types this.
    pub fn types(&mut self, text: &str) {
        let writer = self.writer.as_mut().expect("the terminal is open");
        writer.write_all(text.as_bytes()).and_then(|()| writer.flush()).expect("typing");
    }

    /// The screen as text.
    pub fn screen(&self) -> String {
        self.lock().screen.screen().contents()
    }

    /// Every byte so far.
    pub fn raw(&self) -> Vec<u8> {
        self.lock().raw.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Received> {
        self.shared.0.lock().expect("the screen")
    }

    /// Waits until the screen shows `text`.
    #[track_caller]
    pub fn shows(&self, text: &str) {
        self.until(&format!("the screen shows {text:?}"), |screen| screen.contains(text));
    }

    /// Waits until the screen no longer shows `text`.
    #[track_caller]
    pub fn hides(&self, text: &str) {
        self.until(&format!("the screen hides {text:?}"), |screen| !screen.contains(text));
    }

    /// Waits until the screen is as `is` wants it.
    #[track_caller]
    pub fn until(&self, what: &str, is: impl Fn(&str) -> bool) {
        let start = Instant::now();
        let mut received = self.lock();
        while !is(&received.screen.screen().contents()) {
            let left = PATIENCE.saturating_sub(start.elapsed());
            assert!(!left.is_zero(), "in vain: {what}; it shows\n{}", received.screen.screen().contents());
            received = self.shared.1.wait_timeout(received, left).expect("the screen").0;
        }
    }

    /// Waits for a stretch without any output. This is the one observation that takes time: that
    /// nothing is written cannot be seen in an instant. A console that draws while at rest never
    /// gets through it.
    #[track_caller]
    pub fn rests(&self) {
        let start = Instant::now();
        let mut received = self.lock();
        loop {
            let quiet = received.last.max(start).elapsed();
            if quiet >= REST {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "it never stops writing");
            received = self.shared.1.wait_timeout(received, REST - quiet).expect("the screen").0;
        }
    }

    /// Gives the terminal another size.
    pub fn resizes(&self, columns: u16, rows: u16) {
        self.lock().screen.screen_mut().set_size(cells(rows), cells(columns));
        self.master.as_ref().expect("open").resize(size(columns, rows)).expect("another size");
    }

    /// Sends the process a signal.
    pub fn signals(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("a signal");
    }

    /// Waits until the process is stopped.
    #[track_caller]
    pub fn stops(&self) {
        let start = Instant::now();
        loop {
            let options = WaitOptions::UNTRACED | WaitOptions::NOHANG;
            let state = waitpid(Some(self.pid()), options).expect("the process");
            if state.is_some_and(|(_, state)| state.stopped()) {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "it is not stopped");
            std::thread::yield_now();
        }
    }

    fn pid(&self) -> Pid {
        let id = self.child.process_id().and_then(|id| i32::try_from(id).ok());
        id.and_then(Pid::from_raw).expect("a process")
    }

    /// The terminal goes away.
    pub fn closes(&mut self) {
        self.lock().closing = true;
        // Something to read, so that the reader wakes up and lets go.
        self.resizes(90, 30);
        let mut received = self.lock();
        while !received.closed {
            let (next, waited) = self.shared.1.wait_timeout(received, PATIENCE).expect("the screen");
            assert!(!waited.timed_out(), "nothing is drawn at another size");
            received = next;
        }
        drop(received);
        self.writer = None;
        self.master = None;
    }

    /// Waits for the end: the exit code, and all that was written.
    #[track_caller]
    pub fn ends(mut self) -> (u32, Vec<u8>) {
        let start = Instant::now();
        let code = loop {
            if let Some(status) = self.child.try_wait().expect("the process") {
                break status.exit_code();
            }
            assert!(start.elapsed() < PATIENCE, "it does not end; it shows\n{}", self.screen());
            std::thread::yield_now();
        };
        // The rest of the bytes is still on its way through the terminal.
        let mut received = self.lock();
        while !received.closed {
            let (next, waited) = self.shared.1.wait_timeout(received, PATIENCE).expect("the screen");
            assert!(!waited.timed_out(), "the terminal does not close");
            received = next;
        }
        (code, received.raw.clone())
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        // A test that failed half-way leaves no process behind; one that ended is gone already.
        let _ = self.child.kill();
    }
}

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

fn cells(number: u16) -> NonZero<u16> {
    NonZero::new(number).expect("at least one")
}

fn receive(mut reader: Box<dyn Read + Send>, to: &Shared) {
    let mut some = [0; 8192];
    loop {
        let read = reader.read(&mut some).unwrap_or(0);
        let mut received = to.0.lock().expect("the screen");
        received.raw.extend_from_slice(&some[..read]);
        received.screen.process(&some[..read]);
        received.last = Instant::now();
        if read == 0 || received.closing {
            drop(reader);
            received.closed = true;
            to.1.notify_all();
            return;
        }
        to.1.notify_all();
    }
}
