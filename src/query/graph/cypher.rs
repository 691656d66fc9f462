//! openCypher's JSON, as Neptune and Neptune Analytics write it: `{"results":[{column: value}]}`.
//! Columns stand in the order of RETURN; entities get the one form of [`super`].

use super::json::{Json, Reader, push_list, push_number, push_object, push_text};
use super::{Cell, Shape, Take, garbled};
use crate::model::{Failure, Tag};
use std::borrow::Cow;

/// Hands the rows of the answer `body` to `take`.
///
/// # Errors
/// The answer is not of this form, or those of `take`.
pub fn rows(body: &str, take: &mut dyn Take) -> Result<(), Failure> {
    let mut reader = Reader::new(body);
    reader.expect(b'{')?;
    let mut first = true;
    while let Some(key) = reader.key(&mut first)? {
        if key == "results" && reader.peek() == Some(b'[') {
            return elements(&mut reader, take);
        }
        reader.skip()?;
    }
    Err(garbled("an openCypher answer without results"))
}

fn elements(reader: &mut Reader<'_>, take: &mut dyn Take) -> Result<(), Failure> {
    reader.expect(b'[')?;
    let (mut shape, mut first) = (Shape::default(), true);
    while reader.element(&mut first)? {
        let Json::Object(fields) = reader.value()? else { return Err(garbled("a row that is no object")) };
        let cells = fields.into_iter().map(|(name, value)| (name, cell(value)));
        if !shape.row(take, cells)? {
            break;
        }
    }
    Ok(())
}

/// A value of a row.
fn cell(value: Json<'_>) -> Cell<'_> {
    match value {
        Json::Null => (Tag::Null, Cow::Borrowed("")),
        Json::Bool(yes) => (Tag::Bool, Cow::Borrowed(if yes { "true" } else { "false" })),
        Json::Number(digits) => (Tag::Number, Cow::Borrowed(digits)),
        Json::Text(text) => (Tag::Text, text),
        nested => {
            let mut out = String::new();
            push(&mut out, &nested);
            (Tag::Json, Cow::Owned(out))
        }
    }
}

/// The fields of a node and of a relationship, in the order they are told.
const NODE: &[&str] = &["~id", "~entityType", "~labels", "~properties"];
const RELATIONSHIP: &[&str] = &["~id", "~entityType", "~type", "~start", "~end", "~properties"];

/// Appends a value: entities with their fields in order, the rest as it came.
fn push(out: &mut String, value: &Json<'_>) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
        Json::Number(digits) => push_number(out, digits),
        Json::Text(text) => push_text(out, text),
        Json::List(items) => push_list(out, items, push),
        Json::Object(fields) => {
            let order = match value.get("~entityType").and_then(Json::text) {
                Some("node") => NODE,
                Some("relationship") => RELATIONSHIP,
                _ => &[],
            };
            let known = order.iter().filter_map(|key| Some((*key, value.get(key)?)));
            let rest = fields.iter().filter(|(key, _)| !order.contains(&key.as_ref()));
            push_object(out, known.chain(rest.map(|(key, value)| (key.as_ref(), value))), push);
        }
    }
}
