//! The describe view: facts of one resource in reading order, its problems, its relatives and
//! its tags, as lines that a cursor walks through.

use super::fleet::Fleet;
use super::{json, scroll};
use crate::model::{Cell, Detail, Failure, Health, Problem, Resource, ResourceId, SafeText};

/// A describe view.
#[derive(Clone, Debug, PartialEq)]
pub struct DetailView {
    /// Of which resource.
    pub id: ResourceId,
    /// What describing it told.
    pub detail: Option<Box<Detail>>,
    /// Why describing it failed.
    pub failed: Option<Failure>,
    /// Whether an answer is awaited.
    pub asking: bool,
    /// Whether it is shown as JSON.
    pub json: bool,
    /// The line under the cursor.
    pub cursor: usize,
    /// The first line on the screen.
    pub top: usize,
    /// Columns scrolled away to the left.
    pub left: usize,
    /// What is looked for, in lower case.
    pub find: String,
}

/// A line of the view.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// A heading.
    Heading(SafeText),
    /// A label and its value.
    Fact(SafeText, Cell),
    /// Something wrong.
    Problem(Problem),
    /// A relative: how it is related, which, its name and its status.
    Related(&'static str, ResourceId, SafeText, Health),
    /// Plain words.
    Note(SafeText),
    /// A line of JSON.
    Json(SafeText),
    /// Nothing.
    Gap,
}

impl DetailView {
    /// A view of `id` that waits for its answer.
    pub const fn new(id: ResourceId, json: bool) -> Self {
        Self {
            id,
            detail: None,
            failed: None,
            asking: true,
            json,
            cursor: 0,
            top: 0,
            left: 0,
            find: String::new(),
        }
    }

    /// The resource as last read: by describing it, or from the fleet until then.
    pub fn resource<'a>(&'a self, fleet: &'a Fleet) -> Option<&'a Resource> {
        self.detail.as_ref().map(|d| &d.resource).or_else(|| fleet.get(&self.id))
    }

    /// Every line of the view.
    pub fn lines(&self, fleet: &Fleet) -> Vec<Line> {
        let Some(resource) = self.resource(fleet) else {
            let words =
                if self.asking { "Asking AWS …" } else { "It is gone: the last listing did not tell it" };
            let mut lines = vec![Line::Note(words.into())];
            lines.extend(self.failed.iter().map(|f| Line::Note(SafeText::new(f.to_string()))));
            return lines;
        };
        if self.json {
            return json::resource(resource, fleet.spec)
                .iter()
                .map(|l| Line::Json(SafeText::new(l)))
                .collect();
        }
        let mut lines = Vec::new();
        if let Some(failure) = &self.failed {
            lines.push(Line::Note(SafeText::new(failure.to_string())));
            lines.push(Line::Note("Shown below: what the last listing told".into()));
        } else if self.asking {
            lines.push(Line::Note("Asking AWS for more …".into()));
        }
        summary(resource, fleet, &mut lines);
        problems(resource, fleet, &mut lines);
        let sections = self.detail.as_ref().map_or(&resource.facts, |d| &d.sections);
        for section in sections {
            heading(&section.title, &mut lines);
            lines.extend(section.facts.iter().map(|(label, cell)| Line::Fact(label.clone(), cell.clone())));
        }
        relatives(resource, fleet, &mut lines);
        if !resource.tags.is_empty() {
            heading(&SafeText::from("Tags"), &mut lines);
            lines.extend(resource.tags.iter().map(|(k, v)| Line::Fact(k.clone(), Cell::Text(v.clone()))));
        }
        lines
    }

    /// Moves when `name` is a movement; says whether it was.
    pub fn movement(&mut self, name: &str, fleet: &Fleet, height: usize) -> bool {
        let len = self.lines(fleet).len();
        let Some(to) = scroll::moved(name, self.cursor, len, height) else { return false };
        self.cursor = to;
        self.top = scroll::reveal(self.top, to, len, height);
        true
    }

    /// Goes to the next (or previous) line that holds what is looked for, around the end.
    pub fn find_on(&mut self, fleet: &Fleet, forward: bool, height: usize) {
        if self.find.is_empty() {
            return;
        }
        let lines = self.lines(fleet);
        let len = lines.len();
        let hit = |at: &usize| lines.get(*at).is_some_and(|l| l.text().to_lowercase().contains(&self.find));
        let away = |step: usize| if forward { self.cursor + step } else { self.cursor + len - step };
        if let Some(at) = (1..=len).map(|step| away(step) % len).find(hit) {
            self.cursor = at;
            self.top = scroll::reveal(self.top, at, len, height);
        }
    }

    /// Scrolls so that the cursor is among `height` lines.
    pub fn reveal(&mut self, fleet: &Fleet, height: usize) {
        let len = self.lines(fleet).len();
        self.cursor = self.cursor.min(len.saturating_sub(1));
        self.top = scroll::reveal(self.top, self.cursor, len, height);
    }
}

impl Line {
    /// Its words.
    pub fn text(&self) -> String {
        match self {
            Self::Heading(t) | Self::Note(t) | Self::Json(t) => t.to_string(),
            Self::Fact(label, value) => format!("{label} {}", crate::view::cell::text(value)),
            Self::Problem(p) => format!("{} {}", p.id, p.what),
            Self::Related(how, _, name, health) => format!("{how} {name} {}", health.word()),
            Self::Gap => String::new(),
        }
    }
}

fn heading(title: &SafeText, lines: &mut Vec<Line>) {
    if !lines.is_empty() {
        lines.push(Line::Gap);
    }
    lines.push(Line::Heading(title.clone()));
}

/// The row itself: what the table shows, without a width to fit into.
fn summary(resource: &Resource, fleet: &Fleet, lines: &mut Vec<Line>) {
    let kind =
        fleet.spec.kinds.iter().find(|k| k.id == resource.id.kind).map_or(resource.id.kind, |k| k.title);
    heading(&resource.name, lines);
    let mut fact = |label: &str, cell: Cell| lines.push(Line::Fact(label.into(), cell));
    fact("Kind", Cell::Text(kind.into()));
    fact("Status", Cell::Health(resource.health.clone()));
    fact("Profile", Cell::Text(SafeText::new(&resource.id.place.profile)));
    fact("Region", Cell::Text(SafeText::new(&resource.id.place.region)));
    if !resource.arn.is_empty() {
        fact("ARN", Cell::Text(SafeText::new(&resource.arn)));
    }
    for (column, cell) in fleet.spec.columns.iter().zip(&resource.cells).filter(|(_, c)| **c != Cell::Absent)
    {
        fact(column.title, cell.clone());
    }
    let query = match (&resource.backend, &resource.no_query) {
        (Some(backend), _) => {
            let endpoints = backend.endpoints.iter().map(|e| format!("{}:{}", e.host, e.port));
            let mut words: Vec<String> = endpoints.collect();
            words.extend(backend.api().map(|api| api.title().to_owned()));
            if words.is_empty() { "through the AWS API".to_owned() } else { words.join(", ") }
        }
        (None, Some(why)) => format!("no: {why}"),
        (None, None) => "no".into(),
    };
    fact("Query", Cell::Text(SafeText::new(query)));
}

fn problems(resource: &Resource, fleet: &Fleet, lines: &mut Vec<Line>) {
    let problems = fleet.problems(resource);
    if !problems.is_empty() {
        heading(&SafeText::from("Problems"), lines);
        lines.extend(problems.into_iter().map(|p| Line::Problem(p.clone())));
    }
}

fn relatives(resource: &Resource, fleet: &Fleet, lines: &mut Vec<Line>) {
    let line =
        |how: &'static str, r: &Resource| Line::Related(how, r.id.clone(), r.name.clone(), r.health.clone());
    let mut found: Vec<Line> = fleet.parent(resource).map(|r| line("belongs to", r)).into_iter().collect();
    found.extend(fleet.children(resource).map(|r| line("has", r)));
    if !found.is_empty() {
        heading(&SafeText::from("Related"), lines);
        lines.extend(found);
    }
}
