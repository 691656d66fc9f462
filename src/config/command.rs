//! The one table of commands: name, doc and where each holds. Keymaps, help, hints, the
//! command line's completion and the headless `keys` all read it, so none of them can drift.

use super::Context;

/// One command.
#[derive(Debug, PartialEq, Eq)]
pub struct Command {
    /// Stable name, `noun.verb`: what keymap files bind.
    pub name: &'static str,
    /// One line for help.
    pub doc: &'static str,
    /// One or two words for the hint line; empty when it is not worth a hint.
    pub hint: &'static str,
    /// Where it can be bound.
    pub contexts: &'static [Context],
    /// Whether it leads to changing something (through a confirmation).
    pub changes: bool,
}

const G: &[Context] = &[Context::Global];
const ROWS: &[Context] =
    &[Context::Fleet, Context::Detail, Context::Board, Context::Results, Context::Tree, Context::List];
const VIEWS: &[Context] = &[Context::Fleet, Context::Detail, Context::Board];
const FLEET: &[Context] = &[Context::Fleet];
const FLEET_DETAIL: &[Context] = &[Context::Fleet, Context::Detail];
const BOARD: &[Context] = &[Context::Board];
const LIST: &[Context] = &[Context::List];
const SIDEWAYS: &[Context] = &[Context::Fleet, Context::Board, Context::Results, Context::Detail];
const EDITOR: &[Context] = &[
    Context::EditorNormal,
    Context::EditorInsert,
    Context::EditorVisual,
    Context::Results,
    Context::Tree,
    Context::Graph,
];
const RESULTS: &[Context] = &[Context::Results, Context::Tree, Context::Graph];
const GRID: &[Context] = &[Context::Results];
const GRID_TREE: &[Context] = &[Context::Results, Context::Tree];
const TREE: &[Context] = &[Context::Tree];
const GRAPH: &[Context] = &[Context::Graph];
const FINDS: &[Context] = &[Context::Fleet, Context::Detail, Context::Results];

const fn command(
    name: &'static str,
    hint: &'static str,
    doc: &'static str,
    contexts: &'static [Context],
) -> Command {
    Command { name, doc, hint, contexts, changes: false }
}

const fn changing(
    name: &'static str,
    hint: &'static str,
    doc: &'static str,
    contexts: &'static [Context],
) -> Command {
    Command { name, doc, hint, contexts, changes: true }
}

/// Every command, in the order help shows them.
pub static COMMANDS: &[Command] = &[
    command("row.next", "", "Next row", ROWS),
    command("row.previous", "", "Previous row", ROWS),
    command("row.first", "", "First row", ROWS),
    command("row.last", "", "Last row", ROWS),
    command("page.down", "", "One page down", ROWS),
    command("page.up", "", "One page up", ROWS),
    command("page.half-down", "", "Half a page down", ROWS),
    command("page.half-up", "", "Half a page up", ROWS),
    command("column.left", "", "Scroll or move one column left", SIDEWAYS),
    command("column.right", "", "Scroll or move one column right", SIDEWAYS),
    command("column.first", "", "First column", SIDEWAYS),
    command("column.last", "", "Last column", SIDEWAYS),
    command("row.open", "open", "Open the selected row", ROWS),
    command("row.describe", "describe", "Describe the selected row", FLEET),
    command("row.charts", "charts", "Charts of the selected row", FLEET_DETAIL),
    command("row.json", "JSON", "The row as JSON; again: back to facts", FLEET_DETAIL),
    command("row.copy-id", "copy id", "Copy the identifier", VIEWS),
    command("row.copy-arn", "", "Copy the ARN", VIEWS),
    command("row.mark", "", "Mark the row", FLEET),
    command("rows.compare", "", "Compare two marked rows", FLEET),
    command("rows.unmark", "", "Remove all marks", FLEET),
    command("query.open", "query", "Open a query tab on this row", VIEWS),
    changing("actions.open", "actions", "What can be done with this row", VIEWS),
    command("problems.toggle", "problems", "Only rows with problems", FLEET),
    command("filter.open", "filter", "Filter: text, !text, tag:k=v, column:value", FINDS),
    command("find.next", "", "Next hit of the filter text", FINDS),
    command("find.previous", "", "Previous hit of the filter text", FINDS),
    command("sort.next-column", "", "Pick the next column to sort by", FLEET),
    command("sort.previous-column", "", "Pick the previous column to sort by", FLEET),
    command("sort.toggle", "sort", "Sort by the picked column; again: reverse", FLEET),
    command("fleet.refresh", "refresh", "Refresh now", VIEWS),
    command("refresh.slower", "", "Refresh less often", VIEWS),
    command("refresh.faster", "", "Refresh more often", VIEWS),
    command("refresh.pause", "", "Pause or resume refreshing", VIEWS),
    command("range.shorter", "", "A shorter range of time", BOARD),
    command("range.longer", "range", "A longer range of time", BOARD),
    command(
        "view.back",
        "back",
        "One level back",
        &[Context::Fleet, Context::Detail, Context::Board, Context::List],
    ),
    command("view.last", "", "The view before this one", G),
    command("list.mark", "mark", "Mark the entry", LIST),
    command("list.mark-all", "all", "Mark all entries, or none", LIST),
    command("list.filter", "filter", "Narrow the list by typing", LIST),
    command("query.run", "run", "Run the statement at the cursor, or the selection", EDITOR),
    command("query.cancel", "cancel", "Cancel the running statement on the server", EDITOR),
    command("query.close", "", "Close this query tab", EDITOR),
    command("query.history", "history", "Earlier statements", EDITOR),
    command("query.history-previous", "", "Put the earlier statement into the editor", EDITOR),
    command("query.history-next", "", "Put the later statement into the editor", EDITOR),
    command("query.edit-external", "", "Edit in $VISUAL or $EDITOR", EDITOR),
    command("query.complete", "", "Complete the word at the cursor", EDITOR),
    command("query.explain", "", "Explain the statement at the cursor", EDITOR),
    command("query.profile", "", "Run the statement and show what the server says of the run", EDITOR),
    command("query.param", "", "Set a parameter: NAME = JSON follows; NAME alone drops it", EDITOR),
    command("query.tables", "", "The database's tables: size, layout, statistics", EDITOR),
    command("query.columns", "", "Columns with encoding, distribution and sort keys (Redshift)", EDITOR),
    command("query.external", "", "External schemas and tables (Redshift Spectrum)", EDITOR),
    command("query.queries", "", "What runs in the database, and ran", EDITOR),
    command("query.target", "target", "Choose engine, endpoint, database, user, address and secret", EDITOR),
    command("query.engine", "", "Switch between the wire and the RDS or Redshift Data API", EDITOR),
    command("query.endpoint", "", "Switch to the next endpoint", EDITOR),
    command("query.database", "", "Open another database: its name follows", EDITOR),
    command("query.user", "", "Log in as another user: the name follows", EDITOR),
    command("query.iam", "", "Log in as the AWS identity (IAM), or no longer", EDITOR),
    command("query.secret", "", "Log in by a Secrets Manager secret: its ARN or name follows", EDITOR),
    command("query.address", "", "Connect to HOST:PORT instead (a tunnel's near end)", EDITOR),
    command("query.language", "", "The next language of the database, or the one that follows", EDITOR),
    command("query.save", "", "Write the editor's text to a file (:save PATH; save! replaces one)", EDITOR),
    command(
        "query.load",
        "",
        "Open a file of statements (:open PATH), in a new tab unless this is empty",
        EDITOR,
    ),
    command("query.watch", "", "Run a reading statement again and again (:watch 5s, :watch off)", EDITOR),
    command("query.new", "", "Open another tab on the same target", EDITOR),
    command("results.focus", "results", "Go to the results", EDITOR),
    command("editor.focus", "editor", "Go to the editor", EDITOR),
    command("results.view", "grid/tree/graph", "The next view of the result, or the one named", RESULTS),
    command("results.plan", "", "The rows as a plan's tree; again: back to rows", RESULTS),
    command("cell.view", "view", "The whole cell", GRID_TREE),
    command("cell.copy", "copy", "Copy the cell; in the graph, the node's id", RESULTS),
    command("rows.copy-as", "copy as", "Copy rows as TSV, CSV, JSON, Markdown or INSERT", GRID),
    command("rows.export", "export", "Write the rows to a file", RESULTS),
    command("rows.find", "search", "Search the rows; small letters find both cases", RESULTS),
    command("tree.toggle", "open/close", "Open or close what is nested here", TREE),
    command("tree.open", "", "Open, or go to the first line inside", TREE),
    command("tree.close", "", "Close, or go to the line around this one", TREE),
    command("tree.open-all", "open all", "Open everything below", TREE),
    command("graph.expand", "expand", "Ask for the node's neighbours", GRAPH),
    command("graph.undo", "take back", "Take back the last expansion", GRAPH),
    command("graph.next", "next", "Next node", GRAPH),
    command("graph.previous", "", "Previous node", GRAPH),
    command("graph.left", "", "Nearest node to the left", GRAPH),
    command("graph.right", "", "Nearest node to the right", GRAPH),
    command("graph.up", "", "Nearest node above", GRAPH),
    command("graph.down", "", "Nearest node below", GRAPH),
    command("tab.next", "", "Next tab", G),
    command("tab.previous", "", "Previous tab", G),
    command("focus.next", "", "Next region of the pane", G),
    command("focus.previous", "", "Previous region of the pane", G),
    command("pane.1", "", "First tab", G),
    command("pane.2", "", "Second tab", G),
    command("pane.3", "", "Third tab", G),
    command("pane.4", "", "Fourth tab", G),
    command("pane.5", "", "Fifth tab", G),
    command("pane.6", "", "Sixth tab", G),
    command("pane.7", "", "Seventh tab", G),
    command("pane.8", "", "Eighth tab", G),
    command("pane.9", "", "Ninth tab", G),
    command("pane.10", "", "Tenth tab", G),
    command("command.open", "command", "Command line", G),
    command("profile.pick", "", "Pick profiles", G),
    command("region.pick", "", "Pick regions", G),
    command("theme.pick", "", "Pick a theme", G),
    command("help.open", "help", "Keys and commands", G),
    command("errors.open", "", "Everything that failed", G),
    command("jobs.open", "", "Operations under way and done", G),
    changing("access.elevate", "", "Allow changes for a while (asks for a reason)", G),
    command("access.lower", "", "Back to read-only", G),
    command("app.suspend", "", "Suspend to the shell", G),
    command("app.redraw", "", "Draw the whole screen anew", G),
    command("app.quit", "quit", "Quit; asks for a second press", G),
];

/// The command with this name.
pub fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|c| c.name == name)
}

/// Whether a keymap may bind `name`.
pub fn is_command(name: &str) -> bool {
    find(name).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_noun_verb() {
        let names: BTreeSet<_> = COMMANDS.iter().map(|c| c.name).collect();
        assert_eq!(names.len(), COMMANDS.len());
        for c in COMMANDS {
            assert!(c.name.split_once('.').is_some_and(|(noun, verb)| !noun.is_empty() && !verb.is_empty()));
            assert!(!c.doc.is_empty() && !c.doc.ends_with('.'), "{}", c.name);
            assert!(!c.contexts.is_empty(), "{}", c.name);
        }
    }
}
