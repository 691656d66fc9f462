//! SPARQL's answers into rows: solutions and truth values from the SPARQL results JSON, triples
//! of CONSTRUCT and DESCRIBE from N-Triples. IRIs stand bare, blank nodes as `_:name`; a literal
//! with a language keeps it (`"chat"@fr`), others are their value with the kind their type says.

use super::{Cell, Shape, Take, garbled};
use crate::model::{Failure, Tag};
use sparesults::{QueryResultsFormat, QueryResultsParser, SliceQueryResultsParserOutput as Output};
use spargebra::term::{Literal, Term};
use std::borrow::Cow;

/// The namespace of the types that XML Schema names.
const XSD: &str = "http://www.w3.org/2001/XMLSchema#";

/// The columns of triples.
const TRIPLE: [&str; 3] = ["subject", "predicate", "object"];

/// Hands the rows of the SPARQL results JSON `body` to `take`. ASK is one row `result`.
///
/// # Errors
/// The answer is not of this form, or those of `take`.
pub fn rows(body: &[u8], take: &mut dyn Take) -> Result<(), Failure> {
    let broken = |why: String| garbled(format!("it is no SPARQL result: {why}"));
    let parser = QueryResultsParser::from_format(QueryResultsFormat::Json);
    match parser.for_slice(body).map_err(|e| broken(e.to_string()))? {
        Output::Boolean(yes) => {
            let cell = (Tag::Bool, Cow::Borrowed(if yes { "true" } else { "false" }));
            Shape::default().row(take, [(Cow::Borrowed("result"), cell)])?;
        }
        Output::Solutions(solutions) => {
            let names: Vec<String> = solutions.variables().iter().map(|v| v.as_str().to_owned()).collect();
            let mut shape = Shape::of(names.iter().map(String::as_str));
            shape.announce(take);
            for solution in solutions {
                let solution = solution.map_err(|e| broken(e.to_string()))?;
                let cells = names.iter().zip(solution.values()).map(|(name, term)| {
                    let cell = term.as_ref().map_or((Tag::Null, Cow::Borrowed("")), cell);
                    (Cow::Borrowed(name.as_str()), cell)
                });
                if !shape.row(take, cells)? {
                    break;
                }
            }
        }
    }
    Ok(())
}

fn cell(term: &Term) -> Cell<'_> {
    if let Term::Literal(literal) = term {
        return value(literal);
    }
    if let Term::NamedNode(iri) = term {
        return (Tag::Text, Cow::Borrowed(iri.as_str()));
    }
    (Tag::Text, Cow::Owned(term.to_string()))
}

fn value(literal: &Literal) -> Cell<'_> {
    if literal.language().is_some() {
        return (Tag::Text, Cow::Owned(literal.to_string()));
    }
    (tag(literal.datatype().as_str()), Cow::Borrowed(literal.value()))
}

/// What a literal of this type is.
fn tag(datatype: &str) -> Tag {
    match datatype.strip_prefix(XSD) {
        Some("boolean") => Tag::Bool,
        Some("date" | "dateTime" | "dateTimeStamp" | "time" | "gYear" | "gYearMonth") => Tag::Time,
        Some(
            "integer" | "decimal" | "double" | "float" | "int" | "long" | "short" | "byte" | "unsignedInt"
            | "unsignedLong" | "unsignedShort" | "unsignedByte" | "nonNegativeInteger" | "nonPositiveInteger"
            | "positiveInteger" | "negativeInteger",
        ) => Tag::Number,
        _ => Tag::Text,
    }
}

/// Hands the triples of the N-Triples text `body` to `take`.
///
/// # Errors
/// A line is no triple, or those of `take`.
pub fn triples(body: &str, take: &mut dyn Take) -> Result<(), Failure> {
    let mut shape = Shape::of(TRIPLE);
    shape.announce(take);
    for (number, line) in body.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let cells = triple(line).ok_or_else(|| garbled(format!("line {} is no triple", number + 1)))?;
        if !shape.row(take, TRIPLE.iter().map(|name| Cow::Borrowed(*name)).zip(cells))? {
            break;
        }
    }
    Ok(())
}

fn triple(line: &str) -> Option<[Cell<'_>; 3]> {
    let (subject, rest) = term(line)?;
    let (predicate, rest) = term(rest)?;
    let (object, rest) = term(rest)?;
    (rest.trim() == ".").then_some([subject, predicate, object])
}

/// The first term of `text` and what follows it.
fn term(text: &str) -> Option<(Cell<'_>, &str)> {
    let text = text.trim_start();
    if let Some(iri) = text.strip_prefix('<') {
        let (iri, rest) = iri.split_once('>')?;
        return Some(((Tag::Text, unescaped(iri)?), rest));
    }
    if text.starts_with("_:") {
        let (name, rest) = text.split_at(text.find([' ', '\t'])?);
        return Some(((Tag::Text, Cow::Borrowed(name)), rest));
    }
    let inner = text.strip_prefix('"')?;
    let end = closing_quote(inner)?;
    let (value, rest) = (unescaped(inner.get(..end)?)?, inner.get(end + 1..)?);
    if rest.starts_with('@') {
        let (language, rest) = rest.split_at(rest.find([' ', '\t'])?);
        let written = text.get(..=end + 1)?;
        return Some(((Tag::Text, Cow::Owned(format!("{written}{language}"))), rest));
    }
    if let Some(typed) = rest.strip_prefix("^^<") {
        let (datatype, rest) = typed.split_once('>')?;
        return Some(((tag(datatype), value), rest));
    }
    Some(((Tag::Text, value), rest))
}

/// The place of the quote that ends a string.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|b| {
        let ends = b == b'"' && !escaped;
        escaped = b == b'\\' && !escaped;
        ends
    })
}

fn unescaped(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('\\') {
        return Some(Cow::Borrowed(text));
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let (letter, after) = after.split_at_checked(1)?;
        let digits = match letter {
            "u" => 4,
            "U" => 8,
            _ => 0,
        };
        let c = match letter {
            "t" => '\t',
            "n" => '\n',
            "r" => '\r',
            "b" => '\u{8}',
            "f" => '\u{c}',
            "u" | "U" => char::from_u32(u32::from_str_radix(after.get(..digits)?, 16).ok()?)?,
            "\"" | "'" | "\\" => letter.chars().next()?,
            _ => return None,
        };
        out.push(c);
        rest = after.get(digits..)?;
    }
    out.push_str(rest);
    Some(Cow::Owned(out))
}
