//! The operation card: what will be called, on what, what it does to users and the way back,
//! and a confirmation that no stray key can give.
//!
//! A reversible operation takes one key that is not Enter. What interrupts service takes the
//! last four characters of the identifier, typed; what loses something takes all of it; in
//! production each takes one tier more and a reason. Text typed at once goes where it is asked
//! for, and Enter alone confirms nothing. Then a countdown runs that any sign of doubt stops,
//! and the resource is looked at once more. Pasting into the confirmation is refused.

use super::fresh::{self, State, Told, Usage};
use super::schedule::next_second;
use crate::model::{
    Caller, Detail, Field, FieldKind, Moment, Operation, OperationSpec, Resource, SafeText, Sample, SeriesId,
    Tier, field, shell_word,
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
    /// The way out. The focus starts here when one key is enough.
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

/// The last look at the resource, between the confirmation and the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Nothing is confirmed.
    No,
    /// Asked for.
    Asked,
    /// Nothing has moved.
    Same,
}

/// Why a change of production is made: asked for there only.
const REASON: Field = field("reason", "Reason", FieldKind::Text, true);

/// An operation card.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// The operation.
    pub spec: &'static OperationSpec,
    /// How careful the confirmation must be: the operation's own tier, one more in production.
    pub tier: Tier,
    /// Why the resource counts as production.
    pub production: Option<SafeText>,
    /// When the row on the card was listed.
    pub listed: Option<Moment>,
    /// The status that the person sees: what is confirmed holds for it.
    pub seen: SafeText,
    /// How the resource stands, asked for when the card opened.
    pub state: Told<State>,
    /// How much it is used.
    pub usage: Told<Vec<Usage>>,
    /// The series asked for its use.
    pub asked: Vec<SeriesId>,
    /// What came of them.
    pub samples: Vec<Sample>,
    /// The last look before the call.
    pub check: Check,
    /// The resource as it was when the card opened: nothing changes the target afterwards.
    pub on: Resource,
    /// Who we were there when the card opened, when known.
    pub caller: Option<Caller>,
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
    /// Confirmed: look at the resource once more, then start it when it is due.
    Confirmed,
}

impl Card {
    /// A card with the focus where text is asked for, or on the way out. `members` are the names that a reader field
    /// offers, `current` what fields of the same name as a column hold now, `now` dates the
    /// default name of a snapshot.
    pub fn new(
        spec: &'static OperationSpec,
        on: &Resource,
        caller: Option<Caller>,
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
        let mut card = Self {
            spec,
            tier: spec.tier,
            production: None,
            listed: None,
            seen: on.health.word().clone(),
            state: Told::Asked,
            usage: Told::Asked,
            asked: Vec::new(),
            samples: Vec::new(),
            check: Check::No,
            on: on.clone(),
            caller,
            fields: spec.fields.iter().map(filled).collect(),
            focus: Focus::Cancel,
            typed: String::new(),
            starts: None,
            complaint: None,
        };
        card.focus = card.first_focus();
        card
    }

    /// The first field that the person must fill in, or where the identifier is typed, or the
    /// way out when one key is enough. A name made up here needs nobody.
    fn first_focus(&self) -> Focus {
        let asks = |f: &Filled| f.field.required && !is_copy(&f.field);
        match self.fields.iter().position(asks) {
            Some(at) => Focus::Field(at),
            None if self.expected().is_none() => Focus::Cancel,
            None => Focus::Confirm,
        }
    }

    /// The resource is production because of `why`: one tier more, and a reason. Once.
    pub fn is_production(&mut self, why: &str) {
        if self.production.is_some() {
            return;
        }
        self.production = Some(SafeText::new(why));
        self.tier = match self.spec.tier {
            Tier::Reversible => Tier::Disruptive,
            Tier::Disruptive | Tier::Loss => Tier::Loss,
        };
        self.fields.push(Filled { field: REASON, value: String::new(), choices: Vec::new() });
        if self.starts.is_some() {
            self.doubt();
            self.complaint = Some("it is production: say why, then confirm again".into());
        }
        // What was typed already stays where it is: only an untouched card starts anew.
        if self.typed.is_empty() {
            self.focus = self.first_focus();
        }
    }

    /// The reason given, where one is asked for.
    pub fn reason(&self) -> Option<SafeText> {
        let said = |id: &str| {
            let value = self.fields.iter().find(|f| f.field.id == id).map(|f| f.value.trim());
            value.filter(|v| !v.is_empty()).map(SafeText::new)
        };
        said(REASON.id).or_else(|| said("skip-reason"))
    }

    /// A description came.
    pub fn told(&mut self, detail: &Detail, now: Moment) {
        let state = fresh::state(detail);
        if self.check == Check::No {
            self.seen = state.status.clone();
        }
        self.state = Told::Known(state, now);
    }

    /// When the card looks different without anything coming in.
    pub fn next_wake(&self, now: Moment) -> Option<Moment> {
        if let Some(at) = self.starts {
            return (at > now).then(|| next_second(now, at));
        }
        match &self.state {
            Told::Known(_, at) => Some(at.plus_ms(fresh::STALE_MS + 1)).filter(|at| *at > now),
            Told::Asked | Told::Unknown(_) => None,
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
        match self.tier {
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
            fields: fields
                .filter(|f| f.field.id != REASON.id)
                .map(|f| (f.field.id, f.value.trim().to_owned()))
                .collect(),
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
                let types = matches!(key.code, KeyCode::Char(c) if c != ' ') && !has_chord(key);
                let chooses = self.fields.get(at).is_some_and(|f| !f.choices.is_empty());
                if types && chooses && self.expected().is_some() {
                    // A choice takes no text: it is the identifier that is being typed.
                    self.focus = Focus::Confirm;
                    return self.confirm_key(key, now);
                }
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
            (KeyCode::Enter, Some(_)) if self.typed.is_empty() => {
                self.complaint = Some("Enter alone does nothing: type what is asked for".into());
            }
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
        let missing = self.fields.iter().position(|f| f.field.required && f.value.trim().is_empty());
        if let Some(at) = missing {
            let title = self.fields.get(at).map_or("it", |f| f.field.title);
            self.complaint = Some(SafeText::new(format!("{title} is needed")));
            self.focus = Focus::Field(at);
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
        self.starts = Some(now.plus_ms(countdown_ms(self.tier)));
        Verdict::Confirmed
    }

    /// Whether the countdown is over and the last look found nothing moved.
    pub fn is_due(&self, now: Moment) -> bool {
        self.check == Check::Same && self.starts.is_some_and(|at| at <= now)
    }

    /// Stops the countdown: a resize, a lost focus or a suspension counts as doubt.
    /// Says whether one was running.
    pub fn doubt(&mut self) -> bool {
        self.typed.clear();
        self.check = Check::No;
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
        // As they are drawn.
        let mut stops: Vec<Focus> = (0..self.fields.len()).map(Focus::Field).collect();
        stops.extend([Focus::Confirm, Focus::Cancel]);
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

/// Whether a field names a copy that is made on the way: it has a name from the start.
fn is_copy(field: &Field) -> bool {
    field.id.contains("snapshot") || field.id == "backup"
}

/// What a field holds when the card opens: a snapshot has a name, and what there is now is
/// there to be changed.
fn first_value(field: &Field, choices: &[String], on: &Resource, now: Moment) -> String {
    match field.kind {
        FieldKind::Flag => "no".to_owned(),
        FieldKind::Text if is_copy(field) => {
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
