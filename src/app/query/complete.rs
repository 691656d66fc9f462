//! Completion of the word at the cursor: words of the language, columns of the last result,
//! and names already written.

use super::QueryTab;
use crate::config::Context;
use std::collections::BTreeSet;

/// The most completions on offer.
const MOST: usize = 200;

/// Completions on offer and which one is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Words, best first. Never empty.
    pub words: Vec<String>,
    /// The chosen one.
    pub chosen: usize,
}

impl Completion {
    /// Completions of `typed`; `None` when there are none or nothing is typed.
    pub fn of(typed: &str, language: &[&str], columns: &[String], text: &str) -> Option<Self> {
        if typed.is_empty() {
            return None;
        }
        let lower = typed.to_lowercase();
        let fits = |word: &str| word.len() > typed.len() && word.to_lowercase().starts_with(&lower);
        let mut words: Vec<String> = columns.iter().filter(|c| fits(c)).cloned().collect();
        let written: BTreeSet<&str> = text
            .split(|c: char| !(c.is_alphanumeric() || c == '_'))
            .filter(|w| fits(w) && !language.iter().any(|l| l.eq_ignore_ascii_case(w)))
            .collect();
        words.extend(written.into_iter().map(ToOwned::to_owned));
        // Whoever types small letters wants small letters.
        let small = typed.chars().all(|c| !c.is_uppercase());
        let cased = |w: &str| if small { w.to_lowercase() } else { w.to_owned() };
        words.extend(language.iter().filter(|w| fits(w)).map(|w| cased(w)));
        let mut seen = BTreeSet::new();
        words.retain(|w| seen.insert(w.clone()));
        words.truncate(MOST);
        (!words.is_empty()).then_some(Self { words, chosen: 0 })
    }

    /// The chosen word.
    pub fn word(&self) -> &str {
        self.words.get(self.chosen).map_or("", String::as_str)
    }

    /// Chooses the next word, or the previous.
    pub fn step(&mut self, forward: bool) {
        let n = self.words.len().max(1);
        self.chosen = (self.chosen + if forward { 1 } else { n - 1 }) % n;
    }
}

impl QueryTab {
    /// Completions of the word at the cursor.
    pub(super) fn completion(&self) -> Option<Completion> {
        let columns: Vec<String> = self.results.as_ref().map_or_else(Vec::new, |r| {
            r.columns.iter().take(500).map(|c| c.name.as_str().to_owned()).collect()
        });
        let (_, typed) = self.editor.word();
        Completion::of(&typed, self.dialect().words(), &columns, &self.editor.text())
    }

    /// Tab: offers completions, takes the chosen one, or puts spaces in.
    pub(super) fn complete(&mut self) {
        if let Some(open) = self.editor.completion.take() {
            return self.editor.replace_word(open.word());
        }
        match self.completion() {
            Some(one) if one.words.len() == 1 => self.editor.replace_word(one.word()),
            Some(many) => self.editor.completion = Some(many),
            None if self.editor.context() == Context::EditorInsert => self.editor.insert_tab(),
            None => {}
        }
    }

    pub(super) fn step_completion(&mut self, forward: bool) {
        if let Some(open) = &mut self.editor.completion {
            open.step(forward);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_come_before_names_and_words() {
        let c = Completion::of("se", &["SELECT", "SET"], &["session".into()], "select seats from x").unwrap();
        assert_eq!(c.words, ["session", "seats", "select", "set"]);
        let c = Completion::of("SE", &["SELECT"], &[], "").unwrap();
        assert_eq!(c.words, ["SELECT"]);
        assert_eq!(Completion::of("", &["SELECT"], &[], "a"), None);
        assert_eq!(Completion::of("zz", &["SELECT"], &[], "a"), None);
    }
}
