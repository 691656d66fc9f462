//! The operation card: what will be called, on what, what it does to users and the way back,
//! and a confirmation that no stray key can give.
//!
//! A reversible operation takes one key that is not Enter. What interrupts service takes the
//! last four characters of the identifier, typed; what loses something takes all of it. Then a
//! countdown runs that any sign of doubt stops. Pasting into the confirmation is refused.

use crate::model::{
    Field, FieldKind, Moment, Operation, OperationSpec, Resource, SafeText, Tier, shell_word,
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// How long the countdown after a confirmation lasts, in ms.
pub const fn countdown_ms(tier: Tier) -> u64 {
    match tier {
        Tier::Reversible => 0,
        Tier::Disruptive => 3_000,
        Tier::Loss => 10_000,
    }
}

/// Which part of the card takes the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// The way out. The focus starts here.
    Cancel,
    /// A field, by position.
    Field(usize),
    /// The confirmation.
    Confirm,
}

/// A field of the card with what is in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled {
    /// What it asks for.
    pub field: Field,
    /// What is in it, raw as typed.
    pub value: String,
    /// What can be chosen, when it is a choice.
    pub choices: Vec<String>,
}

/// An operation card.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// The operation.
    pub spec: &'static OperationSpec,
    /// The resource as it was when the card opened: nothing changes the target afterwards.
    pub on: Resource,
    /// Account, when known.
    pub account: Option<SafeText>,
    /// The fields.
    pub fields: Vec<Filled>,
    /// Who takes the keys.
    pub focus: Focus,
    /// What was typed into the confirmation.
    pub typed: String,
    /// When the operation starts, once confirmed.
    pub starts: Option<Moment>,
    /// What keeps it from starting, in words.
    pub complaint: Option<SafeText>,
}

/// What a key did to the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It stays.
    Stay,
    /// The person gave up.
    Close,
    /// Confirmed: start it.
    Start,
}

impl Card {
    /// A card with the focus on the way out. `members` are the names that a reader field
    /// offers, `current` what fields of the same name as a column hold now, `now` dates the
    /// default name of a snapshot.
    pub fn new(
        spec: &'static OperationSpec,
        on: &Resource,
        account: Option<SafeText>,
        members: &[String],
        current: &[(&'static str, String)],
        now: Moment,
    ) -> Self {
        let filled = |field: &Field| {
            let choices: Vec<String> = match field.kind {
                FieldKind::Choice(words) => words.iter().map(|w| (*w).to_owned()).collect(),
                FieldKind::Flag => vec!["yes".into(), "no".into()],
                FieldKind::Reader => members.to_vec(),
                FieldKind::Text | FieldKind::Number => Vec::new(),
            };
            let known = current.iter().find(|(id, _)| *id == field.id && choices.is_empty());
            let value = known.map_or_else(|| first_value(field, &choices, on, now), |(_, v)| v.clone());
            Filled { field: *field, value, choices }
        };
        Self {
            spec,
            on: on.clone(),
            account,
            fields: spec.fields.iter().map(filled).collect(),
            focus: Focus::Cancel,
            typed: String::new(),
            starts: None,
            complaint: None,
        }
    }

    /// The identifier with everything but plain ASCII escaped: what is shown and typed, so that
    /// a look-alike neither deceives nor confirms.
    pub fn identifier(&self) -> String {
        let graphic = |c: char| c.is_ascii_graphic() || c == ' ';
        self.on
            .id
            .name
            .chars()
            .map(|c| if graphic(c) { c.to_string() } else { c.escape_unicode().to_string() })
            .collect()
    }

    /// What must be typed; `None` when one key is enough.
    pub fn expected(&self) -> Option<String> {
        let identifier = self.identifier();
        match self.spec.tier {
            Tier::Reversible => None,
            Tier::Disruptive => {
                let skip = identifier.chars().count().saturating_sub(4);
                Some(identifier.chars().skip(skip).collect())
            }
            Tier::Loss => Some(identifier),
        }
    }

    /// The operation as filled in.
    pub fn operation(&self) -> Operation {
        let fields = self.fields.iter().filter(|f| !f.value.trim().is_empty());
        Operation {
            id: self.spec.id,
            api: self.spec.api,
            on: self.on.id.clone(),
            fields: fields.map(|f| (f.field.id, f.value.trim().to_owned())).collect(),
        }
    }

    /// The `aws` command line of the operation as filled in. Values are quoted for a shell.
    /// `[words]{?field}` stands for the words when the field says something but `no`,
    /// `[words]{!field}` when it does not.
    pub fn command_line(&self) -> String {
        let value = |id: &str| self.fields.iter().find(|f| f.field.id == id).map(|f| f.value.trim());
        let line = self.spec.cli_form(&self.on.id.name, value);
        let place = &self.on.id.place;
        format!("{line} --region {} --profile {}", shell_word(&place.region), shell_word(&place.profile))
    }

    /// Takes a key at `now`.
    pub fn key(&mut self, key: KeyEvent, now: Moment) -> Verdict {
        if key.code == KeyCode::Esc || is_ctrl(key, 'c') {
            return Verdict::Close;
        }
        if self.starts.is_some() {
            return Verdict::Stay;
        }
        self.complaint = None;
        match key.code {
            KeyCode::Tab | KeyCode::Down => self.step(true),
            KeyCode::BackTab | KeyCode::Up => self.step(false),
            _ => return self.focused_key(key, now),
        }
        Verdict::Stay
    }

    fn focused_key(&mut self, key: KeyEvent, now: Moment) -> Verdict {
        match self.focus {
            Focus::Cancel => match key.code {
                KeyCode::Enter => return Verdict::Close,
                KeyCode::Char('y') if self.expected().is_none() => return self.confirm(now),
                KeyCode::Char('n' | 'q') => return Verdict::Close,
                _ => {}
            },
            Focus::Field(at) => {
                if let Some(filled) = self.fields.get_mut(at) {
                    filled.key(key);
                }
                if key.code == KeyCode::Enter {
                    self.step(true);
                }
            }
            Focus::Confirm => return self.confirm_key(key, now),
        }
        Verdict::Stay
    }

    fn confirm_key(&mut self, key: KeyEvent, now: Moment) -> Verdict {
        match (key.code, self.expected()) {
            (KeyCode::Char('y'), None) => return self.confirm(now),
            (KeyCode::Char(c), Some(_)) if !has_chord(key) => self.typed.push(c),
            (KeyCode::Backspace, _) => drop(self.typed.pop()),
            (KeyCode::Enter, Some(expected)) if self.typed == expected => return self.confirm(now),
            (KeyCode::Enter, Some(_)) => {
                self.complaint =
                    Some("that is not it: type what is asked for, character by character".into());
                self.typed.clear();
            }
            _ => {}
        }
        Verdict::Stay
    }

    fn confirm(&mut self, now: Moment) -> Verdict {
        if let Some(missing) = self.fields.iter().find(|f| f.field.required && f.value.trim().is_empty()) {
            self.complaint = Some(SafeText::new(format!("{} is needed", missing.field.title)));
            return Verdict::Stay;
        }
        if let Some(odd) = self.fields.iter().find(|f| !f.is_sound()) {
            self.complaint = Some(SafeText::new(format!("{} must be a whole number", odd.field.title)));
            return Verdict::Stay;
        }
        let skips = self.fields.iter().any(|f| f.field.id.starts_with("skip-") && f.value == "yes");
        let reason = self.fields.iter().find(|f| f.field.id == "skip-reason");
        if skips && reason.is_some_and(|f| f.value.trim().is_empty()) {
            self.complaint = Some("say why it is skipped: nothing brings the data back then".into());
            return Verdict::Stay;
        }
        match countdown_ms(self.spec.tier) {
            0 => Verdict::Start,
            ms => {
                self.starts = Some(now.plus_ms(ms));
                Verdict::Stay
            }
        }
    }

    /// Whether the countdown is over.
    pub fn is_due(&self, now: Moment) -> bool {
        self.starts.is_some_and(|at| at <= now)
    }

    /// Stops the countdown: a resize, a lost focus or a suspension counts as doubt.
    /// Says whether one was running.
    pub fn doubt(&mut self) -> bool {
        self.typed.clear();
        let was = self.starts.take().is_some();
        if was {
            self.focus = Focus::Cancel;
            self.complaint = Some("the countdown was stopped; nothing was sent".into());
        }
        was
    }

    /// Takes a paste: into a field only.
    pub fn paste(&mut self, text: &str) {
        match self.focus {
            Focus::Field(at) if self.starts.is_none() => {
                if let Some(filled) = self.fields.get_mut(at).filter(|f| f.choices.is_empty()) {
                    filled.value.extend(text.chars().filter(|c| !c.is_control()).take(200));
                }
            }
            _ => self.complaint = Some("pasting is refused here: type it".into()),
        }
    }

    fn step(&mut self, forward: bool) {
        let mut stops = vec![Focus::Cancel];
        stops.extend((0..self.fields.len()).map(Focus::Field));
        stops.push(Focus::Confirm);
        let at = stops.iter().position(|f| *f == self.focus).unwrap_or(0);
        let next = if forward { (at + 1) % stops.len() } else { (at + stops.len() - 1) % stops.len() };
        self.focus = stops.get(next).copied().unwrap_or(Focus::Cancel);
    }
}

impl Filled {
    fn key(&mut self, key: KeyEvent) {
        if self.choices.is_empty() {
            match key.code {
                KeyCode::Char('u') if is_ctrl(key, 'u') => self.value.clear(),
                KeyCode::Char(c) if !has_chord(key) && self.value.chars().count() < 300 => self.value.push(c),
                KeyCode::Backspace => drop(self.value.pop()),
                _ => {}
            }
            return;
        }
        let at = self.choices.iter().position(|c| *c == self.value);
        let len = self.choices.len();
        let next = match (key.code, at) {
            (KeyCode::Right | KeyCode::Char(' '), Some(at)) => (at + 1) % len,
            (KeyCode::Left, Some(at)) => (at + len - 1) % len,
            (KeyCode::Right | KeyCode::Left | KeyCode::Char(' '), None) => 0,
            _ => return,
        };
        self.value = self.choices.get(next).cloned().unwrap_or_default();
    }

    fn is_sound(&self) -> bool {
        let value = self.value.trim();
        self.field.kind != FieldKind::Number || value.is_empty() || value.parse::<u64>().is_ok()
    }
}

/// What a field holds when the card opens: a snapshot has a name, and what there is now is
/// there to be changed.
fn first_value(field: &Field, choices: &[String], on: &Resource, now: Moment) -> String {
    let is_copy = field.id.contains("snapshot") || field.id == "backup";
    match field.kind {
        FieldKind::Flag => "no".to_owned(),
        FieldKind::Text if is_copy => {
            let stamp = i64::try_from(now.epoch_ms()).unwrap_or_default();
            let stamp = crate::view::cell::formatted(stamp, "%Y%m%d-%H%M");
            let end = if field.id.contains("final") { "final-" } else { "" };
            format!("{}-{end}{stamp}", on.id.name)
        }
        FieldKind::Choice(_) | FieldKind::Reader if field.required => {
            choices.first().cloned().unwrap_or_default()
        }
        _ => String::new(),
    }
}

fn is_ctrl(key: KeyEvent, c: char) -> bool {
    key.code == KeyCode::Char(c) && key.modifiers.contains(KeyModifiers::CONTROL)
}

fn has_chord(key: KeyEvent) -> bool {
    key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
}
