//! THE SHELL: one loop. Input first, everything that waits is drained, at most one drawing a
//! batch; between batches it sleeps until the core's next wake. An idle console draws nothing.

mod clipboard;
mod editor;
mod find;
mod fleet;
mod input;
mod keep;
mod runner;
mod sessions;
mod slots;
mod terminal;

use crate::app::{App, At, Effect, Exit, Msg, Reply};
use crate::clock;
use crate::config::embedded::Folder;
use crate::config::load;
use crate::guard::production::Production;
use crate::model::{Failure, FailureKind, Moment};
use crate::setup::Setup;
use crate::{app, view};
use crossterm::event::{Event, KeyEventKind};
use input::{Came, Input};
use runner::{Inbound, Runner};
use std::time::Duration;
use terminal::Screen;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// While answers pour in, the screen is drawn at most this often, in ms. A key is drawn at once.
const FRAME_MS: u64 = 8;

/// Exit code when the terminal has gone away: that of SIGHUP, by convention.
const HUNG_UP: u8 = 129;

/// Runs the console until the person or a signal ends it. The exit code.
///
/// # Errors
/// When the terminal cannot be used.
pub async fn run(mut setup: Setup) -> Result<u8, Failure> {
    terminal::check()?;
    if let Some(view) =
        setup.config.settings.start.as_deref().filter(|view| crate::services::find(view).is_none())
    {
        let known = crate::services::ALL.iter().map(|s| s.spec().id.0).collect::<Vec<_>>().join(", ");
        let why = format!("there is no service {view}; there are {known}");
        return Err(Failure::new(FailureKind::Usage, "show the first tab", why));
    }
    let (sender, inbox) = unbounded_channel();
    let screen = Screen::enter()?;
    let app = App::new(start(&mut setup, &screen));
    let runner = Runner::new(setup, sender);
    let input = Input::open();
    Shell { app, screen, input, runner, inbox, early: None, drawn: Moment::default() }.live().await
}

fn start(setup: &mut Setup, screen: &Screen) -> app::Start {
    // The core alone asks it.
    let keymap = std::mem::take(&mut setup.config.keymap);
    let config = &setup.config;
    app::Start {
        specs: crate::services::ALL.iter().map(|s| s.spec()).collect(),
        places: setup.places.clone(),
        profiles: if setup.demo { vec!["demo".into()] } else { crate::setup::profiles() },
        regions: if setup.demo {
            setup.places.iter().map(|p| p.region.to_string()).collect()
        } else {
            crate::setup::REGIONS.iter().map(|r| (*r).to_owned()).collect()
        },
        themes: load::names(Folder::Themes, &config.paths.themes),
        theme: config.theme.clone(),
        keymap,
        access: setup.reaches.access().read(),
        ascii: config.settings.ascii,
        demo: setup.demo,
        size: screen.size(),
        now: clock::now(),
        start_view: config.settings.start.clone(),
        editor: config.settings.editor,
        history: keep::history(config),
        refresh_s: config.settings.refresh_s,
        budget_cents: config.settings.budget_cents,
        production: Production::new(&config.settings.production),
    }
}

/// The console while it lives.
struct Shell {
    app: App,
    screen: Screen,
    input: Input,
    runner: Runner,
    inbox: UnboundedReceiver<Inbound>,
    /// An event that came while a frame was being waited out.
    early: Option<Came>,
    drawn: Moment,
}

/// What the loop woke up for.
enum Woke {
    Terminal(Came),
    Answer(Inbound),
    Clock,
    End(u8),
    Suspend,
}

impl Shell {
    async fn live(mut self) -> Result<u8, Failure> {
        let mut signals = Signals::new()?;
        // Drawn before anything is asked: what the first effects load would compete with it.
        self.draw()?;
        self.take(Msg::Wake).await?;
        let code = loop {
            // A terminal that takes no more has gone away: nobody is left to talk to.
            if self.draw().is_err() {
                break HUNG_UP;
            }
            let woke = self.wait(&mut signals).await;
            let urgent = matches!(woke, Woke::Terminal(_) | Woke::Suspend);
            let mut left = self.handle(woke).await?;
            if left.is_none() {
                left = self.drain().await?;
            }
            if left.is_none() && !urgent && self.frame_left() > 0 {
                self.rest().await;
                left = self.drain().await?;
            }
            if let Some(code) = left {
                break code;
            }
        };
        self.runner.close().await;
        Ok(code)
    }

    /// Takes in everything that already waits. The exit code, when it ends the console.
    async fn drain(&mut self) -> Result<Option<u8>, Failure> {
        while let Some(more) = self.waiting() {
            if let Some(code) = self.handle(more).await? {
                return Ok(Some(code));
            }
        }
        Ok(None)
    }

    /// Ms until the next frame may be drawn for answers alone.
    fn frame_left(&self) -> u64 {
        FRAME_MS.saturating_sub(clock::now().ms_since(self.drawn))
    }

    /// Waits out the rest of the frame, unless a key comes.
    async fn rest(&mut self) {
        let rest = tokio::time::sleep(Duration::from_millis(self.frame_left()));
        tokio::select! {
            biased;
            event = self.input.next() => self.early = Some(event),
            () = rest => {}
        }
    }

    async fn wait(&mut self, signals: &mut Signals) -> Woke {
        let wake = app::next_wake(&self.app);
        let alarm = async {
            match wake {
                Some(at) => tokio::time::sleep(Duration::from_millis(at.ms_since(clock::now()))).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            event = self.input.next() => Woke::Terminal(event),
            answer = self.inbox.recv() => answer.map_or(Woke::End(1), Woke::Answer),
            woke = signals.next() => woke,
            () = alarm => Woke::Clock,
        }
    }

    /// Something that already waits, without waiting for more.
    fn waiting(&mut self) -> Option<Woke> {
        if let Some(early) = self.early.take() {
            return Some(Woke::Terminal(early));
        }
        if let Some(event) = self.input.waiting() {
            return Some(Woke::Terminal(Some(event)));
        }
        self.inbox.try_recv().ok().map(Woke::Answer)
    }

    /// Takes one event in. The exit code, when it ends the console.
    async fn handle(&mut self, woke: Woke) -> Result<Option<u8>, Failure> {
        let msg = match woke {
            Woke::Clock => Msg::Wake,
            Woke::End(code) => return Ok(Some(code)),
            Woke::Suspend => {
                self.suspend().await?;
                Msg::Wake
            }
            // End of input: as good as a terminal that went away.
            Woke::Terminal(None | Some(Err(_))) => return Ok(Some(HUNG_UP)),
            Woke::Terminal(Some(Ok(event))) => match self.message(event) {
                Some(msg) => msg,
                None => return Ok(None),
            },
            Woke::Answer(inbound) => match self.runner.settle(inbound) {
                Some((ticket, reply)) => Msg::Reply(ticket, reply),
                None => return Ok(None),
            },
        };
        self.take(msg).await
    }

    fn message(&mut self, event: Event) -> Option<Msg> {
        Some(match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => Msg::Key(key),
            Event::Paste(text) => Msg::Paste(text),
            Event::Resize(columns, rows) => {
                self.screen.resized();
                Msg::Resize(columns, rows)
            }
            Event::FocusGained => Msg::Focus(true),
            Event::FocusLost => Msg::Focus(false),
            _ => return None,
        })
    }

    /// Hands a message to the core and carries out what it asks for.
    async fn take(&mut self, msg: Msg) -> Result<Option<u8>, Failure> {
        let mut messages = vec![msg];
        messages.extend(self.runner.reading().map(Msg::Meter));
        while !messages.is_empty() {
            let msg = messages.remove(0);
            for effect in app::update(&mut self.app, At { now: clock::now(), msg }) {
                match effect {
                    Effect::Leave(Exit::Quit) => return Ok(Some(0)),
                    Effect::Leave(Exit::Signal(code)) => return Ok(Some(code)),
                    Effect::Copy(text) => self.screen.write(&clipboard::sequence(&text))?,
                    Effect::Suspend => self.suspend().await?,
                    Effect::Redraw => self.screen.redraw()?,
                    Effect::Edit { ticket, text, extension } => {
                        messages.push(Msg::Reply(ticket, self.edit(&text, extension).await?));
                    }
                    other => self.runner.start(other),
                }
            }
        }
        Ok(None)
    }

    /// Hands the terminal to the external editor and takes it back.
    async fn edit(&mut self, text: &str, extension: &str) -> Result<Reply, Failure> {
        self.give_away().await;
        let edited = editor::edit(text, extension);
        self.take_back()?;
        Ok(edited.map_or_else(Reply::Failed, Reply::Edited))
    }

    /// Gives the terminal back to the shell until SIGCONT.
    async fn suspend(&mut self) -> Result<(), Failure> {
        self.give_away().await;
        terminal::stop_this_process();
        self.take_back()
    }

    async fn give_away(&mut self) {
        std::mem::replace(&mut self.input, Input::none()).close().await;
        self.screen.leave();
    }

    fn take_back(&mut self) -> Result<(), Failure> {
        self.screen.back()?;
        self.input = Input::open();
        Ok(())
    }

    fn draw(&mut self) -> Result<(), Failure> {
        self.screen.draw(|frame| view::draw(&self.app, frame))?;
        self.drawn = clock::now();
        Ok(())
    }
}

/// The signals that end or stop the console.
struct Signals {
    term: Signal,
    hup: Signal,
    int: Signal,
    stop: Signal,
}

impl Signals {
    fn new() -> Result<Self, Failure> {
        let on = |kind| {
            signal(kind).map_err(|e| Failure::new(FailureKind::Bug, "listen for signals", e.to_string()))
        };
        Ok(Self {
            term: on(SignalKind::terminate())?,
            hup: on(SignalKind::hangup())?,
            int: on(SignalKind::interrupt())?,
            // SIGTSTP has no name in tokio; 20 on Linux, 18 on the BSDs and macOS.
            stop: on(SignalKind::from_raw(if cfg!(target_os = "linux") { 20 } else { 18 }))?,
        })
    }

    /// Waits for a signal; one that ends the console comes with its conventional exit code.
    async fn next(&mut self) -> Woke {
        tokio::select! {
            _ = self.term.recv() => Woke::End(143),
            _ = self.hup.recv() => Woke::End(HUNG_UP),
            _ = self.int.recv() => Woke::End(130),
            _ = self.stop.recv() => Woke::Suspend,
        }
    }
}
