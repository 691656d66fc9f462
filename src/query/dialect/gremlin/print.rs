//! A traversal in words again: one line, every constant with its family, every string in single quotes, so that
//! TinkerPop's grammar and Groovy read the same tree.

use super::tree::{Argument, Link, PREDICATES, Predicate, Step, Traversal};
use std::fmt::Write;

/// The text of `traversal`. Parsing it gives the same tree.
pub fn canonical(traversal: &Traversal) -> String {
    let mut out = String::from("g");
    for step in traversal.source.iter().chain(&traversal.steps).chain(&traversal.terminal) {
        out.push('.');
        put_step(&mut out, step);
    }
    out
}

/// A step of this name with these arguments in words: as [`canonical`] writes it.
pub fn step_text(name: &str, args: &[&Argument]) -> String {
    let mut out = format!("{name}(");
    separated(&mut out, args, |out, argument| put_argument(out, argument));
    out.push(')');
    out
}

fn put_step(out: &mut String, step: &Step) {
    out.push_str(&step.name);
    put_list(out, &step.args);
}

fn put_list(out: &mut String, args: &[Argument]) {
    out.push('(');
    separated(out, args, put_argument);
    out.push(')');
}

fn separated<T>(out: &mut String, items: &[T], put: fn(&mut String, &T)) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        put(out, item);
    }
}

// Writing to a String cannot fail.
fn put_argument(out: &mut String, argument: &Argument) {
    match argument {
        Argument::Null => out.push_str("null"),
        Argument::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
        Argument::Integer { value, suffix } => {
            let _ = write!(out, "{value}");
            out.extend(*suffix);
        }
        Argument::Float { digits, suffix } => {
            out.push_str(digits);
            out.extend(*suffix);
        }
        Argument::NotANumber => out.push_str("NaN"),
        Argument::Infinity { negative } => out.push_str(if *negative { "-Infinity" } else { "Infinity" }),
        Argument::Text(text) => put_text(out, text),
        Argument::Constant(c) => {
            let _ = write!(out, "{}.{}", c.family, c.name);
        }
        Argument::Cardinal(c, value) => {
            let _ = write!(out, "{}.{}(", c.family, c.name);
            put_argument(out, value);
            out.push(')');
        }
        Argument::Predicate(predicate) => put_predicate(out, predicate),
        Argument::Traversal(steps) => {
            out.push_str("__");
            for step in steps {
                out.push('.');
                put_step(out, step);
            }
        }
        Argument::List(items) => {
            out.push('[');
            separated(out, items, put_argument);
            out.push(']');
        }
        Argument::Map(entries) if entries.is_empty() => out.push_str("[:]"),
        Argument::Map(entries) => {
            out.push('[');
            separated(out, entries, |out, (key, value)| {
                out.push('(');
                put_argument(out, key);
                out.push_str("): ");
                put_argument(out, value);
            });
            out.push(']');
        }
        Argument::Range(from, to) => {
            let _ = write!(out, "{from}..{to}");
        }
        Argument::Date(text) => {
            out.push_str("datetime(");
            if let Some(text) = text {
                put_text(out, text);
            }
            out.push(')');
        }
        Argument::Strategy { name, settings } if settings.is_empty() => out.push_str(name),
        Argument::Strategy { name, settings } => {
            let _ = write!(out, "new {name}(");
            separated(out, settings, |out, (key, value)| {
                let _ = write!(out, "{key}: ");
                put_argument(out, value);
            });
            out.push(')');
        }
    }
}

fn put_predicate(out: &mut String, predicate: &Predicate) {
    out.push_str(if PREDICATES.contains(&predicate.name) { "P." } else { "TextP." });
    out.push_str(predicate.name);
    put_list(out, &predicate.args);
    for link in &predicate.chain {
        let (word, with) = match link {
            Link::And(with) => (".and(", Some(with)),
            Link::Or(with) => (".or(", Some(with)),
            Link::Negate => (".negate(", None),
        };
        out.push_str(word);
        if let Some(with) = with {
            put_predicate(out, with);
        }
        out.push(')');
    }
}

/// A string in single quotes, in which neither reader finds code. What does not show is escaped, so
/// that the text on the screen is the text that is sent.
fn put_text(out: &mut String, text: &str) {
    out.push('\'');
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\'' => out.push_str("\\'"),
            // An early reader of \u must not find one here.
            '\\' if characters.peek() == Some(&'u') => out.push_str("\\134"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if hidden(c) => {
                for unit in c.encode_utf16(&mut [0; 2]).iter() {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('\'');
}

/// Characters that a terminal does not draw, or draws over others.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
