//! Statements typed into one query tab of the console, one after another, and their rows as the tab exports them.

use crate::console::{Console, ENTER};
use crate::screen::{self, ESCAPE};

/// A console whose query tab is in front.
pub struct Editor {
    console: Console,
    folder: tempfile::TempDir,
    runs: usize,
}

impl Editor {
    /// Opens a query tab on the first row whose name has `row` in it.
    pub fn on(mut console: Console, row: &str) -> Self {
        console.shows(row);
        console.types(&format!("/{row}{ENTER}e"));
        console.shows("type a statement");
        Self { console, folder: tempfile::tempdir().expect("a folder"), runs: 0 }
    }

    /// Types a statement and runs it; its rows as a file with this ending.
    pub fn rows(&mut self, statement: &str, ending: &str) -> String {
        self.run(statement);
        self.export(ending)
    }

    fn run(&mut self, statement: &str) {
        self.begin(statement);
        self.console.until(&format!("{statement:?} ends"), |screen| screen.lines().any(has_ended));
    }

    fn export(&mut self, ending: &str) -> String {
        let path = self.folder.path().join(format!("{}.{ending}", self.runs));
        let name = path.to_str().expect("a path of letters");
        self.console.types(&format!(":export {name}{ENTER}"));
        self.console.shows(&format!("written: {name}"));
        std::fs::read_to_string(&path).expect("the file is there")
    }

    /// The same as JSON.
    pub fn json(&mut self, statement: &str) -> serde_json::Value {
        self.run(statement);
        if self.console.screen().contains(" 0 rows · ") {
            return serde_json::json!([]);
        }
        let text = self.export("json");
        serde_json::from_str(&text).unwrap_or_else(|why| panic!("{statement}: no JSON ({why}): {text}"))
    }

    /// Runs a statement that asks for a password, and gives it. No key may come before the form: it would close it.
    pub fn log_in(&mut self, statement: &str, password: &str) {
        screen::run(&mut self.console, &statement.replace('\n', ENTER));
        self.console.shows("Log in to");
        self.console.types(&format!("{password}{ENTER}"));
        self.console.until("the first rows", |screen| screen.lines().any(has_ended));
    }

    /// Gives the console a command.
    pub fn command(&mut self, command: &str) {
        self.console.types(&format!("{ESCAPE}:{command}{ENTER}"));
    }

    /// The screen once the plan of a statement is drawn, with `told` in it.
    pub fn plan(&mut self, statement: &str, told: &str) -> String {
        self.console.types(&format!("{ESCAPE}ggdGi{statement}{ESCAPE}:explain{ENTER}"));
        self.console.shows(told);
        self.console.screen()
    }

    pub fn leave(self) {
        screen::leave(self.console);
    }

    /// Keys are taken in the order they come: once the words after the run key are seen, what the last statement left
    /// has gone.
    fn begin(&mut self, statement: &str) {
        self.runs += 1;
        screen::run(&mut self.console, &statement.replace('\n', ENTER));
        let mark = format!("begun-{}", self.runs);
        self.console.types(&format!("{ESCAPE}:{mark}"));
        self.console.shows(&mark);
        self.console.types(ESCAPE);
        self.console.hides(&mark);
    }
}

/// Whether a line is the one that says how many rows came in how many milliseconds.
fn has_ended(line: &str) -> bool {
    line.split_once(" rows · ").is_some_and(|(_, after)| after.contains(" ms"))
}
