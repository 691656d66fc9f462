//! The filter of a fleet: words that must all match; `!word` must not; `tag:key=value` and
//! `column:value` look in one place only. Matching ignores case.

use crate::model::{Resource, ServiceSpec};
use crate::view::cell;

/// A parsed filter. Empty: everything matches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    text: String,
    terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    inverse: bool,
    kind: TermKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum TermKind {
    Anywhere(String),
    Tag(String, Option<String>),
    Column(String, String),
}

impl Filter {
    /// Parses what the person typed. Never fails: a column that the service does not have is
    /// looked for as text.
    pub fn parse(text: &str, spec: &ServiceSpec) -> Self {
        let terms = text.split_whitespace().filter_map(|word| Term::parse(word, spec)).collect();
        Self { text: text.to_owned(), terms }
    }

    /// What the person typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether everything matches.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether `row` matches every term.
    pub fn matches(&self, row: &Resource, spec: &ServiceSpec) -> bool {
        self.terms.iter().all(|term| term.kind.matches(row, spec) != term.inverse)
    }

    /// Lower-case words that the view may mark as hits.
    pub fn hits(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().filter(|t| !t.inverse).filter_map(|t| match &t.kind {
            TermKind::Anywhere(text) | TermKind::Column(_, text) => Some(text.as_str()),
            TermKind::Tag(..) => None,
        })
    }
}

impl Term {
    fn parse(word: &str, spec: &ServiceSpec) -> Option<Self> {
        let (inverse, word) = word.strip_prefix('!').map_or((false, word), |rest| (true, rest));
        let word = word.to_lowercase();
        if word.is_empty() {
            return None;
        }
        let kind = match word.split_once(':') {
            Some(("tag", pair)) => match pair.split_once('=') {
                Some((key, value)) => TermKind::Tag(key.into(), Some(value.into())),
                None => TermKind::Tag(pair.into(), None),
            },
            Some((column, value)) if is_column(column, spec) => TermKind::Column(column.into(), value.into()),
            _ => TermKind::Anywhere(word),
        };
        Some(Self { inverse, kind })
    }
}

/// The columns every table has, besides those that the service declares.
const COMMON_COLUMNS: &[&str] = &["name", "status", "kind", "place", "region", "profile", "problem"];

fn is_column(id: &str, spec: &ServiceSpec) -> bool {
    COMMON_COLUMNS.contains(&id) || spec.columns.iter().any(|c| c.id == id)
}

impl TermKind {
    fn matches(&self, row: &Resource, spec: &ServiceSpec) -> bool {
        match self {
            Self::Anywhere(text) => anywhere(row, text),
            Self::Tag(key, value) => row.tags.iter().any(|(k, v)| {
                k.to_lowercase() == *key
                    && value.as_ref().is_none_or(|value| v.to_lowercase().contains(value.as_str()))
            }),
            Self::Column(id, value) => column_text(row, spec, id).to_lowercase().contains(value.as_str()),
        }
    }
}

fn anywhere(row: &Resource, text: &str) -> bool {
    let has = |s: &str| s.to_lowercase().contains(text);
    has(&row.name)
        || has(row.health.word())
        || has(row.id.kind)
        || has(&row.id.place.region)
        || has(&row.id.place.profile)
        || row.cells.iter().any(|c| has(&cell::text(c)))
        || row.problems.iter().any(|p| has(p.id) || has(&p.what))
}

fn column_text(row: &Resource, spec: &ServiceSpec, id: &str) -> String {
    match id {
        "name" => row.name.to_string(),
        "status" => row.health.word().to_string(),
        "kind" => row.id.kind.to_owned(),
        "place" => row.id.place.to_string(),
        "region" => row.id.place.region.to_string(),
        "profile" => row.id.place.profile.to_string(),
        "problem" => row.problems.iter().map(|p| p.id).collect::<Vec<_>>().join(" "),
        id => {
            let at = spec.columns.iter().position(|c| c.id == id);
            at.and_then(|at| row.cells.get(at)).map(cell::text).unwrap_or_default()
        }
    }
}
