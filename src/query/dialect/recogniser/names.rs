//! Names that may be calls. Oracle calls a function without arguments by its bare name, so there a name
//! is only let through where it can be a column: a qualified one must begin with a table of the
//! statement, and a bare one needs a table in scope that can have it. What DUAL, a derived table, a common
//! table and the columns of a JSON or XML table can have is in the text. The rule has a gap that text
//! alone cannot close: in `SELECT do_it FROM emp` the name may be a column of the table or a function, and
//! it is taken for a column. An engine for Oracle must ask the catalogue.

use super::Family;
use super::lexer::Kind;
use super::parser::{Parsed, Parser};
use crate::query::dialect::Class;
use std::collections::BTreeSet;

/// Most columns that a query of Oracle has; names beyond them are not noted, and so not known.
const MOST_COLUMNS: usize = 4096;

/// The columns that a table, or what a query gives, can have.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    /// Whether it can have any, because the statement does not say which.
    pub any: bool,
    /// Those that the statement says, folded.
    names: BTreeSet<String>,
}

impl Columns {
    /// Those of a table that only the catalogue knows.
    pub const fn any() -> Self {
        Self { any: true, names: BTreeSet::new() }
    }

    /// The one column `name`, folded.
    pub fn one(name: &str) -> Self {
        let mut columns = Self::default();
        columns.note(name.to_owned());
        columns
    }

    /// Adds a column by its folded name.
    pub fn note(&mut self, name: String) {
        if self.names.len() < MOST_COLUMNS {
            self.names.insert(name);
        }
    }

    /// Adds the columns of another table.
    pub fn add(&mut self, other: Self) {
        self.any |= other.any;
        other.names.into_iter().for_each(|name| self.note(name));
    }

    fn can_have(&self, name: &str) -> bool {
        self.any || self.names.contains(name)
    }
}

/// An open query block.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// Columns of its tables.
    pub sources: Columns,
    /// Columns that its select list gives.
    pub gives: Columns,
    /// Whether its names may be those that the select list gives, as in ORDER BY.
    pub orders: bool,
    /// Whether its select list has a star.
    pub star: bool,
    /// Places of bare names that are no constants.
    pub bare: Vec<usize>,
    /// Places of those that the blocks inside it left over: its tables may have them, its list not.
    pub inner: Vec<usize>,
}

impl Block {
    /// A block of the same tables and the same list without names of its own.
    pub fn again(&self) -> Self {
        Self { bare: Vec::new(), inner: Vec::new(), ..self.clone() }
    }
}

/// A name as Oracle compares it.
fn folded(text: &str) -> String {
    match text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
        Some(quoted) => quoted.to_owned(),
        None => text.to_uppercase(),
    }
}

impl Parser<'_> {
    /// The name at `at`, as Oracle compares it.
    pub fn folded_at(&self, at: usize) -> String {
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
            block.gives.note(name);
        }
    }

    /// Notes what the item of the select list from the token at `from` to the cursor gives, where no alias
    /// names it: the column, everything for a star, else a column with the text of the expression.
    pub fn note_given(&mut self, from: usize) {
        if !self.speaks(Family::Oracle) {
            return;
        }
        let tokens: Vec<_> = (from..self.mark()).filter_map(|at| self.token_at(at)).collect();
        let texts: Vec<&str> = tokens.iter().map(|t| self.text_of(*t)).collect();
        let name = match texts.as_slice() {
            ["*"] | [.., ".", "*"] => None,
            [name] | [_, ".", name] | [_, ".", _, ".", name] => Some(folded(name)),
            _ => Some(texts.concat().to_uppercase()),
        };
        if let Some(block) = self.blocks.last_mut() {
            match name {
                Some(name) => block.gives.note(name),
                None => block.star = true,
            }
        }
    }

    /// Adds a table with these columns to the block that reads it.
    pub fn note_source(&mut self, columns: Columns) {
        if let Some(block) = self.blocks.last_mut() {
            block.sources.add(columns);
        }
    }

    /// The columns of the table named by `parts` parts that end before the cursor.
    pub fn columns_of_table(&self, parts: usize) -> Columns {
        let last = self.mark().saturating_sub(1);
        let name = self.folded_at(last);
        let common = self.common.iter().rev().find(|(common, _)| parts == 1 && *common == name);
        if let Some((_, columns)) = common {
            return columns.clone();
        }
        let of_server = parts == 1 || (parts == 2 && self.folded_at(last.saturating_sub(2)) == "SYS");
        if name == "DUAL" && of_server { Columns::one("DUMMY") } else { Columns::any() }
    }

    /// Notes the bare name at `at`, which may be a column; outside any query it is none.
    pub fn note_bare(&mut self, at: usize) -> Parsed {
        if !self.speaks(Family::Oracle) {
            return Ok(());
        }
        let Some(block) = self.blocks.last_mut() else { return self.called(at) };
        block.bare.push(at);
        Ok(())
    }

    /// Ends a query block: its bare names that no table of it can have are its parent's.
    pub fn settle(&mut self, block: &mut Block) -> Parsed {
        let bare = std::mem::take(&mut block.bare);
        let inner = std::mem::take(&mut block.inner);
        if block.sources.any {
            return Ok(());
        }
        let mut left = Vec::new();
        for (at, own) in bare.into_iter().map(|at| (at, true)).chain(inner.into_iter().map(|at| (at, false)))
        {
            let name = self.folded_at(at);
            let given = own && block.orders && block.gives.can_have(&name);
            if !given && !block.sources.can_have(&name) {
                left.push(at);
            }
        }
        if let Some(parent) = self.blocks.last_mut() {
            parent.inner.append(&mut left);
            return Ok(());
        }
        match left.first() {
            Some(at) => self.called(*at),
            None => Ok(()),
        }
    }

    /// Runs `rule` where the names of the blocks around it are not seen.
    pub fn apart(&mut self, rule: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        let around = std::mem::take(&mut self.blocks);
        let outcome = rule(self);
        self.blocks = around;
        outcome
    }

    /// Runs `rule` in a block that begins as `block`, and settles that.
    pub fn within(&mut self, block: Block, rule: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        self.blocks.push(block);
        let outcome = rule(self);
        let mut block = self.blocks.pop().unwrap_or_default();
        outcome?;
        self.settle(&mut block)
    }

    /// Runs `rule` where no name can be a column: a moment of history, a number of rows.
    pub fn without_columns(&mut self, rule: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        self.apart(|p| p.within(Block::default(), rule))
    }

    /// Runs `rule` where only the tables already read are seen, and those of the blocks around: the
    /// argument of a table function, what LATERAL and APPLY join.
    pub fn beside(&mut self, rule: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        let Some(own) = self.blocks.pop() else { return self.without_columns(rule) };
        let left = Block { sources: own.sources.clone(), ..Block::default() };
        let outcome = self.within(left, rule);
        self.blocks.push(own);
        outcome
    }

    /// Stops for the name at `at`, which may be a function.
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
