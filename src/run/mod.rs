//! THE SHELL: one loop. Input first, everything that waits is drained, at most one drawing a
//! batch; between batches it sleeps until the core's next wake. An idle console draws nothing.

mod clipboard;
mod editor;
mod fleet;
mod keep;
mod runner;
mod sessions;
mod slots;
mod terminal;

use crate::app::{App, At, Effect, Exit, Msg, Reply, Ticket};
use crate::clock;
use crate::config::embedded::Folder;
use crate::config::{Config, Theme, load};
use crate::model::{Failure, FailureKind, Moment};
use crate::setup::Setup;
use crate::{app, view};
use crossterm::event::{Event, EventStream, KeyEventKind};
use futures_util::StreamExt;
use runner::{Inbound, Runner};
use std::time::Duration;
use terminal::Screen;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// While answers pour in, the screen is drawn at most this often, in ms. A key is drawn at once.
const FRAME_MS: u64 = 16;

/// Runs the console until the person or a signal ends it. The exit code.
///
/// # Errors
/// When the terminal cannot be used.
pub async fn run(setup: Setup) -> Result<u8, Failure> {
    terminal::check()?;
    let (sender, inbox) = unbounded_channel();
    let screen = Screen::enter()?;
    let app = App::new(start(&setup, &screen));
    let runner = Runner::new(setup, sender);
    Shell { app, screen, runner, inbox, drawn: Moment::default() }.live().await
}

/// Every theme that can be chosen; a broken one of the user's is left out, not fatal.
fn themes(config: &Config) -> Vec<(String, Theme)> {
    let paths = &config.paths;
    let names = load::names(Folder::Themes, &paths.themes);
    names.into_iter().filter_map(|n| load::theme(&n, paths).ok().map(|t| (n, t.value))).collect()
}

fn start(setup: &Setup, screen: &Screen) -> app::Start {
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
        themes: themes(config),
        theme: config.theme.clone(),
        keymap: config.keymap.clone(),
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
    }
}

/// The console while it lives.
struct Shell {
    app: App,
    screen: Screen,
    runner: Runner,
    inbox: UnboundedReceiver<Inbound>,
    drawn: Moment,
}

/// What the loop woke up for.
enum Woke {
    Terminal(Option<std::io::Result<Event>>),
    Answer(Inbound),
    Clock,
    End(u8),
    Suspend,
}

impl Shell {
    async fn live(mut self) -> Result<u8, Failure> {
        let mut input = EventStream::new();
        let mut signals = Signals::new()?;
        self.take(Msg::Wake, &mut input)?;
        self.draw()?;
        loop {
            let woke = self.wait(&mut input, &mut signals).await;
            let urgent = matches!(woke, Woke::Terminal(_) | Woke::Suspend);
            let mut left = self.handle(woke, &mut input)?;
            while left.is_none() {
                let Some(more) = self.waiting(&mut input) else { break };
                left = self.handle(more, &mut input)?;
            }
            if let Some(code) = left {
                self.runner.close().await;
                return Ok(code);
            }
            if !urgent && clock::now().ms_since(self.drawn) < FRAME_MS {
                self.rest(&mut input).await;
                let mut left = None;
                while let Some(more) = self.waiting(&mut input) {
                    left = self.handle(more, &mut input)?;
                    if left.is_some() {
                        break;
                    }
                }
                if let Some(code) = left {
                    self.runner.close().await;
                    return Ok(code);
                }
            }
            self.draw()?;
        }
    }

    /// Waits out the rest of the frame, unless a key comes.
    async fn rest(&mut self, input: &mut EventStream) {
        let rest = FRAME_MS.saturating_sub(clock::now().ms_since(self.drawn));
        let mut input = std::pin::pin!(input.peekable());
        tokio::select! {
            biased;
            _ = input.as_mut().peek() => {}
            () = tokio::time::sleep(Duration::from_millis(rest)) => {}
        }
    }

    async fn wait(&mut self, input: &mut EventStream, signals: &mut Signals) -> Woke {
        let wake = app::next_wake(&self.app);
        let alarm = async {
            match wake {
                Some(at) => tokio::time::sleep(Duration::from_millis(at.ms_since(clock::now()))).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            event = input.next() => Woke::Terminal(event),
            answer = self.inbox.recv() => answer.map_or(Woke::End(1), Woke::Answer),
            woke = signals.next() => woke,
            () = alarm => Woke::Clock,
        }
    }

    /// Something that already waits, without waiting for more.
    fn waiting(&mut self, input: &mut EventStream) -> Option<Woke> {
        use futures_util::FutureExt;
        if let Some(event) = input.next().now_or_never() {
            return Some(Woke::Terminal(event));
        }
        self.inbox.try_recv().ok().map(Woke::Answer)
    }

    /// Takes one event in. The exit code, when it ends the console.
    fn handle(&mut self, woke: Woke, input: &mut EventStream) -> Result<Option<u8>, Failure> {
        let msg = match woke {
            Woke::Clock => Msg::Wake,
            Woke::End(code) => return Ok(Some(code)),
            Woke::Suspend => {
                self.suspend(input)?;
                Msg::Wake
            }
            // End of input, or a terminal that went away: nobody is left to talk to.
            Woke::Terminal(None | Some(Err(_))) => return Ok(Some(129)),
            Woke::Terminal(Some(Ok(event))) => match event {
                Event::Key(key) if key.kind != KeyEventKind::Release => Msg::Key(key),
                Event::Paste(text) => Msg::Paste(text),
                Event::Resize(columns, rows) => {
                    self.screen.resized();
                    Msg::Resize(columns, rows)
                }
                Event::FocusGained => Msg::Focus(true),
                Event::FocusLost => Msg::Focus(false),
                _ => return Ok(None),
            },
            Woke::Answer(inbound) => match self.runner.settle(inbound) {
                Some((ticket, reply)) => Msg::Reply(ticket, reply),
                None => return Ok(None),
            },
        };
        self.take(msg, input)
    }

    fn take(&mut self, msg: Msg, input: &mut EventStream) -> Result<Option<u8>, Failure> {
        let mut effects = app::update(&mut self.app, At { now: clock::now(), msg });
        let reading = self.runner.reading();
        if let Some(reading) = reading {
            effects.extend(app::update(&mut self.app, At { now: clock::now(), msg: Msg::Meter(reading) }));
        }
        for effect in effects {
            match effect {
                Effect::Leave(Exit::Quit) => return Ok(Some(0)),
                Effect::Leave(Exit::Signal(code)) => return Ok(Some(code)),
                Effect::Copy(text) => self.screen.write(&clipboard::sequence(&text))?,
                Effect::Suspend => self.suspend(input)?,
                Effect::Edit { ticket, text, extension } => {
                    let reply = self.edit(&text, extension, input)?;
                    self.reply(ticket, reply, input)?;
                }
                other => self.runner.start(other),
            }
        }
        Ok(None)
    }

    fn reply(&mut self, ticket: Ticket, reply: Reply, input: &mut EventStream) -> Result<(), Failure> {
        self.take(Msg::Reply(ticket, reply), input).map(|_| ())
    }

    /// Hands the terminal to the external editor and takes it back.
    fn edit(&mut self, text: &str, extension: &str, input: &mut EventStream) -> Result<Reply, Failure> {
        self.screen.leave();
        // The stream's reader would steal the editor's keys.
        drop(std::mem::replace(input, EventStream::new()));
        let edited = editor::edit(text, extension);
        self.screen.back()?;
        *input = EventStream::new();
        Ok(edited.map_or_else(Reply::Failed, Reply::Edited))
    }

    /// Gives the terminal back to the shell until SIGCONT.
    fn suspend(&mut self, input: &mut EventStream) -> Result<(), Failure> {
        self.screen.leave();
        drop(std::mem::replace(input, EventStream::new()));
        terminal::stop_this_process();
        self.screen.back()?;
        *input = EventStream::new();
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
            _ = self.hup.recv() => Woke::End(129),
            _ = self.int.recv() => Woke::End(130),
            _ = self.stop.recv() => Woke::Suspend,
        }
    }
}
