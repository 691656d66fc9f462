//! A resource as JSON lines, rendered by hand: strings are escaped down to ASCII controls, so
//! that what AWS sent is shown exactly and nothing of it reaches the terminal raw.

use crate::model::cell::rfc3339;
use crate::model::{Cell, Resource, ServiceSpec};
use std::fmt::Write as _;

/// The lines of one resource as an indented JSON object.
pub fn resource(resource: &Resource, spec: &ServiceSpec) -> Vec<String> {
    let mut out = Object::default();
    out.text("service", resource.id.service.0);
    out.text("kind", resource.id.kind);
    out.text("id", &resource.id.name);
    out.text("arn", &resource.arn);
    out.text("profile", &resource.id.place.profile);
    out.text("region", &resource.id.place.region);
    out.text("status", resource.health.word());
    if let Some(parent) = &resource.parent {
        out.text("parent", parent);
    }
    let facts = spec.columns.iter().zip(&resource.cells).map(|(c, cell)| (c.id.to_owned(), value(cell)));
    out.nested("facts", facts.collect());
    for section in &resource.facts {
        let facts = section.facts.iter().map(|(label, cell)| (label.to_string(), value(cell)));
        out.nested(&section.title, facts.collect());
    }
    out.nested("tags", resource.tags.iter().map(|(k, v)| (k.to_string(), quoted(v))).collect());
    let problems = resource.problems.iter().map(|p| (p.id.to_owned(), quoted(&p.what)));
    out.nested("problems", problems.collect());
    out.close()
}

/// A member: its key, its members when it is an object, its text when it is not.
type Member = (String, Vec<(String, String)>, Option<String>);

#[derive(Default)]
struct Object {
    members: Vec<Member>,
}

impl Object {
    fn text(&mut self, key: &str, text: &str) {
        self.members.push((key.to_owned(), Vec::new(), Some(quoted(text))));
    }

    fn nested(&mut self, key: &str, members: Vec<(String, String)>) {
        self.members.push((key.to_owned(), members, None));
    }

    fn close(self) -> Vec<String> {
        let mut lines = vec!["{".to_owned()];
        let last = self.members.len().saturating_sub(1);
        for (at, (key, members, text)) in self.members.into_iter().enumerate() {
            let comma = if at == last { "" } else { "," };
            let key = quoted(&key);
            match text {
                Some(text) => lines.push(format!("  {key}: {text}{comma}")),
                None if members.is_empty() => lines.push(format!("  {key}: {{}}{comma}")),
                None => {
                    lines.push(format!("  {key}: {{"));
                    let inner = members.len() - 1;
                    for (i, (k, v)) in members.into_iter().enumerate() {
                        let comma = if i == inner { "" } else { "," };
                        lines.push(format!("    {}: {v}{comma}", quoted(&k)));
                    }
                    lines.push(format!("  }}{comma}"));
                }
            }
        }
        lines.push("}".into());
        lines
    }
}

fn value(cell: &Cell) -> String {
    match cell {
        Cell::Text(t) => quoted(t),
        Cell::Count(n) | Cell::Bytes(n) | Cell::Duration(n) => n.to_string(),
        Cell::Number(n) | Cell::Percent(n) if n.is_finite() => n.to_string(),
        Cell::Time(ms) => quoted(&rfc3339(*ms)),
        Cell::Flag(flag) => flag.to_string(),
        Cell::Health(h) => quoted(h.word()),
        Cell::Number(_) | Cell::Percent(_) | Cell::Absent => "null".into(),
    }
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
