//! The terminal as a value: taking it sets it up, dropping it restores it, on every way out.

use crate::model::{Failure, FailureKind};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Position, Rect};
use ratatui::{Frame, Terminal};
use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};
use std::rc::Rc;

/// Frames shorter than this can only be cursor movements.
const CURSOR_ONLY: usize = 48;

/// Collects a frame's bytes, so that a frame that changes nothing writes nothing.
#[derive(Clone, Default)]
struct FrameBytes(Rc<RefCell<Vec<u8>>>);

impl Write for FrameBytes {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The terminal in our hands.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<FrameBytes>>,
    bytes: FrameBytes,
    last: Vec<u8>,
}

/// Says whether there is a terminal to take.
///
/// # Errors
/// When standard input or output is not a terminal.
pub fn check() -> Result<(), Failure> {
    if io::stdin().is_terminal() && io::stdout().is_terminal() {
        return Ok(());
    }
    Err(Failure::new(FailureKind::Usage, "open the console", "standard input and output are not a terminal")
        .hint("for scripts: `dbdeck list`, `dbdeck query`; see `dbdeck --help`"))
}

impl Screen {
    /// Takes the terminal: raw mode, alternate screen, bracketed paste.
    ///
    /// # Errors
    /// When it cannot be set up.
    pub fn enter() -> Result<Self, Failure> {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            before(panic);
        }));
        take()?;
        let bytes = FrameBytes::default();
        let mut terminal = Terminal::new(CrosstermBackend::new(bytes.clone())).map_err(|e| broken(&e))?;
        wipe(&mut terminal)?;
        Ok(Self { terminal, bytes, last: Vec::new() })
    }

    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        crossterm::terminal::size().unwrap_or((80, 24))
    }

    /// Draws one frame. Writes nothing when nothing changed.
    ///
    /// # Errors
    /// When the terminal has gone away.
    pub fn draw(&mut self, view: impl FnOnce(&mut Frame)) -> Result<(), Failure> {
        self.terminal.draw(view).map_err(|e| broken(&e))?;
        let frame = std::mem::take(&mut *self.bytes.0.borrow_mut());
        // The same bytes twice in a row can only be the cursor put where it already is.
        if frame.len() < CURSOR_ONLY && frame == self.last {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        let written = queue!(out, BeginSynchronizedUpdate)
            .and_then(|()| out.write_all(&frame))
            .and_then(|()| queue!(out, EndSynchronizedUpdate))
            .and_then(|()| out.flush());
        self.last = frame;
        written.map_err(|e| broken(&e))
    }

    /// The next frame is drawn whole.
    pub fn resized(&mut self) {
        self.last.clear();
    }

    /// Draws the next frame whole: for a terminal that something else has scribbled on.
    ///
    /// # Errors
    /// When the terminal has gone away.
    pub fn redraw(&mut self) -> Result<(), Failure> {
        self.last.clear();
        wipe(&mut self.terminal)
    }

    /// Writes an escape sequence of ours between frames.
    ///
    /// # Errors
    /// When the terminal has gone away.
    pub fn write(&mut self, sequence: &[u8]) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(sequence).and_then(|()| out.flush()).map_err(|e| broken(&e))
    }

    /// Gives the terminal away for a while.
    pub fn leave(&mut self) {
        restore();
    }

    /// Takes it back and draws everything anew.
    ///
    /// # Errors
    /// When it cannot be set up again.
    pub fn back(&mut self) -> Result<(), Failure> {
        take()?;
        self.last.clear();
        wipe(&mut self.terminal)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Makes the next frame clear the screen and draw everything. `Terminal::clear` would ask the terminal where its
/// cursor is and wait for the answer: a round trip over a slow link, and an end in failure where none comes.
fn wipe<W: Write>(terminal: &mut Terminal<CrosstermBackend<W>>) -> Result<(), Failure> {
    let size = terminal.size().map_err(|e| broken(&e))?;
    terminal.resize(Rect::from((Position::ORIGIN, size))).map_err(|e| broken(&e))
}

fn take() -> Result<(), Failure> {
    enable_raw_mode().map_err(|e| broken(&e))?;
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide).map_err(|e| broken(&e))
}

/// Puts the terminal back as it was. Harmless when done twice; failures have nobody to hear them.
fn restore() {
    let _ = execute!(
        io::stdout(),
        EndSynchronizedUpdate,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = disable_raw_mode();
}

/// Stops this process until SIGCONT.
pub fn stop_this_process() {
    use rustix::process::{Signal, getpid, kill_process};
    // It cannot fail for the own process; if it did, the console would simply go on.
    let _ = kill_process(getpid(), Signal::STOP);
}

fn broken(error: &io::Error) -> Failure {
    Failure::new(FailureKind::Usage, "use the terminal", error.to_string())
}
