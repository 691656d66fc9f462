//! Every way out leaves the terminal as it was.

use crate::console::{CTRL_C, CTRL_Z, Console};
use rustix::process::Signal;

const ENTER_ALTERNATE: &[u8] = b"\x1b[?1049h";
const LEAVE_ALTERNATE: &[u8] = b"\x1b[?1049l";
const PASTE_ON: &[u8] = b"\x1b[?2004h";
const PASTE_OFF: &[u8] = b"\x1b[?2004l";
const SHOW_CURSOR: &[u8] = b"\x1b[?25h";
const HIDE_CURSOR: &[u8] = b"\x1b[?25l";

fn last(raw: &[u8], sequence: &[u8]) -> Option<usize> {
    raw.windows(sequence.len()).rposition(|w| w == sequence)
}

fn count(raw: &[u8], sequence: &[u8]) -> usize {
    raw.windows(sequence.len()).filter(|w| *w == sequence).count()
}

/// What was switched on is off again, and nothing is drawn after that.
#[track_caller]
fn assert_restored(raw: &[u8]) {
    let left = last(raw, LEAVE_ALTERNATE).expect("the alternate screen is left");
    assert!(last(raw, ENTER_ALTERNATE).expect("it was entered") < left);
    assert!(last(raw, PASTE_ON).expect("pastes are bracketed") < last(raw, PASTE_OFF).expect("and then not"));
    let shown = last(raw, SHOW_CURSOR).expect("the cursor is shown");
    assert!(last(raw, HIDE_CURSOR).is_none_or(|hidden| hidden < shown), "the cursor stays");
    let after = &raw[left + LEAVE_ALTERNATE.len()..];
    let drawn = String::from_utf8_lossy(after).replace("\x1b[?25h", "");
    assert_eq!(drawn, "", "nothing is drawn on the shell's screen");
}

#[test]
fn quitting_takes_two_presses_and_restores_the_terminal() {
    for key in ["q", CTRL_C] {
        let mut console = Console::demo();
        console.types(key);
        console.until("a second press is asked for", |screen| screen.to_lowercase().contains("again"));
        console.types(key);
        let (code, raw) = console.ends();
        assert_eq!(code, 0);
        assert_restored(&raw);
    }
}

#[test]
fn signals_end_it_with_their_codes_and_restore_the_terminal() {
    for (signal, expected) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let console = Console::demo();
        console.signals(signal);
        let (code, raw) = console.ends();
        assert_eq!(code, expected, "{signal:?}");
        assert_restored(&raw);
    }
}

#[test]
fn a_terminal_that_goes_away_ends_it() {
    let mut console = Console::demo();
    console.closes();
    let (code, _) = console.ends();
    assert_eq!(code, 129);
}

#[test]
fn it_stops_with_the_terminal_restored_and_comes_back_whole() {
    for by_key in [true, false] {
        let mut console = Console::demo();
        if by_key {
            console.types(CTRL_Z);
        } else {
            console.signals(Signal::TSTP);
        }
        console.stops();
        console.until("the shell's screen", |screen| screen.trim().is_empty());
        assert_restored(&console.raw());
        console.signals(Signal::CONT);
        console.shows("22 of 22");
        assert_eq!(count(&console.raw(), ENTER_ALTERNATE), 2);
        // It listens again.
        console.types("3");
        console.shows("ml-features");
        console.signals(Signal::TERM);
        let (code, raw) = console.ends();
        assert_eq!(code, 143);
        assert_restored(&raw);
    }
}
