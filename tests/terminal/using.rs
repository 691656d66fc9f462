//! The console as a person uses it.

use crate::console::{BACK_TAB, Console, ENTER, ESC, F5};
use rustix::process::Signal;

fn contains(raw: &[u8], bytes: &[u8]) -> bool {
    raw.windows(bytes.len()).any(|w| w == bytes)
}

/// Opens a query tab on the row that `filter` leaves first, in the service of key `tab`.
fn query_tab(tab: &str, filter: &str) -> Console {
    let mut console = Console::demo();
    console.types(tab);
    console.shows(filter);
    console.types(&format!("/{filter}{ENTER}"));
    console.shows(&format!("filter /{filter}"));
    console.types("e");
    console.shows("type a statement");
    console
}

#[test]
fn the_fleet_shows_and_its_tabs_switch() {
    let mut console = Console::demo();
    console.shows("warehouse-legacy");
    console.shows("READ-ONLY");
    console.types("2");
    console.shows("model-registry");
    console.types("3");
    console.shows("ml-features");
    console.types("1");
    console.shows("warehouse-legacy");
    console.hides("ml-features");
}

#[test]
fn a_statement_runs_in_a_tab_and_says_what_it_cost() {
    let mut console = query_tab("3", "ml-features");
    console.types("SELECT feature_name, version FROM \"ml-features\" WHERE user_id = 'u-1'");
    console.types(F5);
    console.shows("rows ·");
    console.shows("basket_profile");
    console.shows("consumed 0.5 capacity units");
}

#[test]
fn a_statement_that_changes_is_refused_on_the_screen() {
    let mut console = query_tab("3", "ml-features");
    console.types("DELETE FROM \"ml-features\" WHERE user_id = 'u-1'");
    console.types(F5);
    console.shows("partiql.delete");
}

#[test]
fn help_opens_and_escape_closes_what_is_open() {
    let mut console = Console::demo();
    console.types("?");
    console.shows("Keys and commands");
    console.types(ESC);
    console.hides("Keys and commands");
    console.shows("22 of 22");
    console.types("a");
    console.shows("rds:RebootDBInstance");
    console.types(ESC);
    console.hides("rds:RebootDBInstance");
    console.types("/orders-us");
    console.shows("2 of 22");
    console.types(ESC);
    console.shows("22 of 22");
    console.types("d");
    console.hides("22 of 22");
    console.types(ESC);
    console.shows("22 of 22");
}

#[test]
fn a_terminal_may_become_as_small_as_it_likes() {
    let console = Console::demo();
    console.resizes(20, 5);
    console.until("the smallest screen", |screen| !screen.contains("too small") && !screen.trim().is_empty());
    for (columns, rows) in [(19, 5), (20, 4), (12, 2), (10, 1)] {
        console.resizes(columns, rows);
        console.shows("too small");
    }
    // Narrower than the words themselves.
    console.resizes(1, 1);
    console.resizes(200, 60);
    console.shows("22 of 22");
    console.hides("too small");
    console.resizes(100, 30);
    console.shows("22 of 22");
}

#[test]
fn hostile_text_never_reaches_the_terminal_raw() {
    let mut console = query_tab("2", "model-registry");
    // What is typed is harmless; what the server makes of it is not.
    console
        .types("select chr(27) || ']0;owned' || chr(7) || chr(155) || '2J' as cell, 'a' || chr(10) || 'b'");
    console.types(F5);
    console.shows("rows ·");
    console.until("the row", |screen| screen.matches("owned").count() > 1);
    assert!(!contains(&console.raw(), b"\x1b]0;owned"), "a title was set");
    assert!(!contains(&console.raw(), b"\x07"), "the bell rang");
    assert!(!contains(&console.raw(), "\u{9b}2J".as_bytes()), "a C1 sequence got through");
}

#[test]
fn a_hostile_paste_is_only_text() {
    let mut console = query_tab("3", "ml-features");
    console.types("\x1b[200~select '\x1b]0;owned\x07 \u{9b}2J tail'\n\x1b[201~");
    console.shows("tail");
    assert!(!contains(&console.raw(), b"\x1b]0;owned"), "a title was set");
    assert!(!contains(&console.raw(), b"\x07"), "the bell rang");
    assert!(!contains(&console.raw(), "\u{9b}2J".as_bytes()), "a C1 sequence got through");
    console.hides("rows ·");
}

#[test]
fn at_rest_nothing_is_written() {
    let mut console = Console::demo();
    console.rests();
    // Its refreshes paused, it rests for good.
    console.types("p");
    console.rests();
    let before = console.raw().len();
    console.signals(Signal::WINCH);
    console.rests();
    assert!(console.raw().len() - before < 64, "the same size again draws nothing anew");
}

#[test]
fn an_operation_is_confirmed_and_followed_to_its_end() {
    let mut console = Console::demo();
    console.types(&format!("/scratch{ENTER}"));
    console.shows("1 of 22");
    console.types("a");
    console.shows("Reboot (rds:RebootDBInstance)");
    console.types("jj");
    console.types(ENTER);
    console.shows("refused by aws.write");
    console.types(ESC);
    console.hides("Reboot (rds:RebootDBInstance)");

    console.types(&format!(":elevate 5m test{ENTER}"));
    console.shows("ELEVATED");
    console.types("ajj");
    console.types(ENTER);
    console.shows("Type its last characters, atch");
    console.types("nope");
    console.types(ENTER);
    console.shows("that is not it");
    console.types(ESC);
    console.hides("last characters");
    console.types("ajj");
    console.types(ENTER);
    console.shows("Type its last characters, atch");
    // To the way out and back: the identifier is asked for where the focus was.
    console.types("\t");
    console.types(BACK_TAB);
    console.types("atch");
    console.types(ENTER);
    console.shows("Starts in");
    console.shows("rebooting");
    console.shows("Reboot scratch: done (available)");
    console.until("the row is back", |screen| {
        screen.lines().any(|line| line.contains("scratch ") && line.contains("available"))
    });
    console.types(&format!(":lower{ENTER}"));
    console.shows("READ-ONLY");
}

#[test]
fn a_sealed_console_cannot_be_elevated() {
    let mut console = Console::start(&["--demo", "--read-only"], 100, 30);
    console.shows("22 of 22");
    console.shows("SEALED");
    console.types(&format!(":elevate 5m test{ENTER}"));
    console.shows("sealed");
    console.types("a");
    console.shows("rds:RebootDBInstance");
    console.types(ENTER);
    console.shows("refused by aws.write");
}
