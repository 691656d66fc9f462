//! Keymaps: context → keys → command name.

use crossterm::event::KeyEvent;

/// Where a binding holds. The focused layer's context is asked first, then `Global`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Context {
    /// Everywhere that does not take text.
    Global,
    /// A fleet table.
    Fleet,
    /// A detail view.
    Detail,
    /// A chart view.
    Board,
    /// A query tab's editor, normal mode of the vim style.
    EditorNormal,
    /// A query tab's editor while text goes in (plain style, or vim's insert mode).
    EditorInsert,
    /// A query tab's editor, visual mode of the vim style.
    EditorVisual,
    /// A query tab's results.
    Results,
    /// A list to choose from: pickers, menus, help.
    List,
}

/// What a key sequence leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// Nothing.
    None,
    /// The beginning of longer bindings.
    Pending,
    /// A command's name, as in `row.next`.
    Command(&'a str),
}

/// The live keymap.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Keymap {}

impl Keymap {
    /// What `keys`, typed in `context`, lead to.
    pub fn lookup(&self, context: Context, keys: &[KeyEvent]) -> Lookup<'_> {
        let _ = (context, keys);
        Lookup::None
    }

    /// The keys of `command` in `context`, shortest first, in the notation of keymap files.
    pub fn keys_of(&self, context: Context, command: &str) -> Vec<String> {
        let _ = (context, command);
        Vec::new()
    }

    /// Every binding: context, keys, command name.
    pub fn bindings(&self) -> Vec<(Context, String, String)> {
        Vec::new()
    }
}
