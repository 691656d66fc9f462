//! Names that may be calls. Oracle calls a function without arguments by its bare name, so there a name
//! is only let through where it can be a column: a qualified one must begin with a table of the
//! statement, and beside DUAL, which has one column, no other name stands. The rule has a gap that text
//! alone cannot close: beside a real table a bare name may be its column or a function. An engine for
//! Oracle must ask the catalogue.

use super::Family;
use super::lexer::Kind;
use super::parser::{Parsed, Parser};
use crate::query::dialect::Class;

/// An open query block.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// Whether it reads a table that is not DUAL.
    pub reads: bool,
    /// Places of bare names that are neither constants nor DUAL's column.
    pub bare: Vec<usize>,
    /// Names that its select list gives.
    pub aliases: Vec<String>,
}

/// A name as Oracle compares it.
fn folded(text: &str) -> String {
    match text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
        Some(quoted) => quoted.to_owned(),
        None => text.to_uppercase(),
    }
}

impl Parser<'_> {
    fn folded_at(&self, at: usize) -> String {
        self.token_at(at).map(|t| folded(self.text_of(t))).unwrap_or_default()
    }

    /// Notes the token at `at` as the name of a table or an alias of one.
    pub fn note_table(&mut self, at: usize) {
        let name = self.folded_at(at);
        self.tables.push(name);
    }

    /// Notes the token at `at` as a name of the select list.
    pub fn note_alias(&mut self, at: usize) {
        let name = self.folded_at(at);
        if let Some(block) = self.blocks.last_mut() {
            block.aliases.push(name);
        }
    }

    /// Notes the bare name at `at`, which may be a column.
    pub fn note_bare(&mut self, at: usize) {
        if !self.speaks(Family::Oracle) || self.folded_at(at) == "DUMMY" {
            return;
        }
        if let Some(block) = self.blocks.last_mut() {
            block.bare.push(at);
        }
    }

    /// Ends a query block: what is left of its bare names is its parent's where it reads no table.
    pub fn settle(&mut self, mut block: Block) -> Parsed {
        if block.reads {
            return Ok(());
        }
        let bare = std::mem::take(&mut block.bare);
        let unknown = |at: &usize| !block.aliases.contains(&self.folded_at(*at));
        let mut left: Vec<usize> = bare.into_iter().filter(unknown).collect();
        if let Some(parent) = self.blocks.last_mut() {
            parent.bare.append(&mut left);
            return Ok(());
        }
        match left.first() {
            Some(at) => self.called(*at),
            None => Ok(()),
        }
    }

    fn called(&mut self, at: usize) -> Parsed {
        let here = self.mark();
        self.reset(at);
        self.bump();
        let why = "No table of this statement has this name: it may call a function without arguments.";
        let stop = self.refuse_from(at, Class::Unsure, self.tongue.rules.name, why, None);
        while self.mark() < here {
            self.bump();
        }
        stop
    }

    /// Whether every qualified name begins with a table of the statement, or is a function known to
    /// return a value only.
    pub fn known_names(&mut self) -> Parsed {
        if !self.speaks(Family::Oracle) {
            return Ok(());
        }
        for at in std::mem::take(&mut self.qualified) {
            let mut parts = vec![at];
            while self.token_at(at + 2 * parts.len() - 1).is_some_and(|t| self.text_of(t) == ".") {
                parts.push(at + 2 * parts.len());
            }
            let known = |at: &usize| self.tables.contains(&self.folded_at(*at));
            // The last part is the column.
            let of_table = parts.iter().take(parts.len().saturating_sub(1).min(2)).any(known);
            let bare = parts.iter().all(|at| self.token_at(*at).is_some_and(|t| t.kind == Kind::Word));
            let words: Vec<String> =
                parts.iter().map(|at| self.folded_at(*at).to_ascii_lowercase()).collect();
            let harmless = of_table || (bare && self.tongue.harmless(&words.join(".")));
            if !harmless {
                return self.called(at);
            }
        }
        Ok(())
    }
}
