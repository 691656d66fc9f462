//! Statements in plain files: what the editor holds goes to one, and one comes into an editor.
//! The files themselves are the shell's.

use super::{Ctx, Focus, QueryTab};
use crate::app::effect::{Effect, Saved};
use crate::app::msg::Slot;
use crate::model::Statement;

impl QueryTab {
    /// Takes what is typed next into the editor, as a new tab does.
    pub fn begin_typing(&mut self) {
        self.focus = Focus::Editor;
        self.editor.begin_typing();
    }

    /// Writes the editor's text into the file at `path`; over one that is there already only
    /// with `replace`.
    pub(super) fn save_text(&mut self, path: &str, replace: bool, ctx: &mut Ctx<'_>) {
        if path.is_empty() {
            return ctx.complain("say where to: save PATH");
        }
        if self.editor.is_empty() {
            return ctx.complain("there is nothing to save");
        }
        let ticket = (ctx.issue)(Slot::Aside);
        let text = Statement { text: self.editor.text().into(), dialect: self.language };
        ctx.effects.push(Effect::Save { ticket, what: Saved::Text { path: path.to_owned(), text, replace } });
    }

    /// Asks for the file at `path`.
    pub(super) fn ask_file(&mut self, path: &str, ctx: &mut Ctx<'_>) {
        if path.is_empty() {
            return ctx.complain("say which file: open PATH");
        }
        let ticket = (ctx.issue)(Slot::Aside);
        ctx.effects.push(Effect::Load { ticket, tab: self.id, path: path.to_owned() });
    }

    /// Takes the text of a file when the editor is empty; false when it is not: then nothing
    /// has changed.
    pub fn load(&mut self, path: &str, text: &str, ctx: &mut Ctx<'_>) -> bool {
        if !self.editor.is_empty() {
            return false;
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        self.editor.set_text(text);
        self.editor.go_to(0);
        self.focus = Focus::Editor;
        self.look_ahead();
        // A line break at the end is the editor's own; other controls never come in.
        let strange = text.chars().filter(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')).count();
        if strange > 0 {
            ctx.complain(format!("opened {path} without its {strange} control characters"));
        } else {
            ctx.say(format!("opened {path}"));
        }
        true
    }
}
