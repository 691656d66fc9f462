//! Gremlin's answers: GraphSON 3 and 2, typed by `@type`, into rows and the one form of [`super`].
//!
//! Where every result is a map whose keys are words (or `T.id`, `T.label`), the keys are the
//! columns; else there is one column, `result`. A property's own properties are not shown.
//! Source: Apache TinkerPop IO reference, "GraphSON".

use super::json::{Json, Reader, push_list, push_number, push_object, push_text};
use super::{Cell, MOST_COLUMNS, Shape, Take};
use crate::model::{Failure, Tag};
use std::borrow::Cow;

/// The one column of results that are no maps.
const RESULT: &str = "result";

/// A bulk set is written out up to so many elements; past that its counts stand beside it.
const WRITTEN_OUT: u64 = 10_000;

/// Hands the rows of the answer `body` (`{"result":{"data":…}}`, or the data alone) to `take`.
///
/// # Errors
/// The answer is not of this form, or those of `take`.
pub fn rows(body: &str, take: &mut dyn Take) -> Result<(), Failure> {
    let data = data(body)?;
    let Some(names) = names(data)? else {
        let mut shape = Shape::of([RESULT]);
        return elements(data, &mut |value| {
            let mut bulk = 1;
            let value = unbulked(&value, &mut bulk);
            for _ in 0..bulk {
                if !shape.row(take, [(Cow::Borrowed(RESULT), cell(value))])? {
                    return Ok(false);
                }
            }
            Ok(true)
        });
    };
    let mut shape = Shape::of(names.iter().map(String::as_str));
    elements(data, &mut |value| {
        let fields = fields(&value).unwrap_or_default();
        shape.row(take, fields.into_iter().map(|(name, value)| (name, cell(value))))
    })
}

/// The text of the answer's data.
fn data(body: &str) -> Result<&str, Failure> {
    let mut reader = Reader::new(body);
    for wanted in ["result", "data"] {
        if reader.peek() != Some(b'{') {
            return Ok(reader.rest());
        }
        let mut inner = reader.clone();
        inner.expect(b'{')?;
        let (mut first, mut found) = (true, false);
        while let Some(key) = inner.key(&mut first)? {
            if key == wanted {
                found = true;
                break;
            }
            inner.skip()?;
        }
        if !found {
            return Ok(reader.rest());
        }
        reader = inner;
    }
    Ok(reader.rest())
}

/// Hands each result to `each` until it wants no more. A lone value is one result.
fn elements<'a>(
    data: &'a str,
    each: &mut dyn FnMut(Json<'a>) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let mut reader = Reader::new(data);
    if let Some(list) = typed_list(&reader) {
        reader = list;
    } else if reader.peek() != Some(b'[') {
        return match reader.value()? {
            Json::Null => Ok(()),
            // A list whose type is told last.
            lone => match typed(&lone) {
                Some(("g:List" | "g:Set", Json::List(items))) => {
                    let mut items = items.clone().into_iter();
                    items.try_for_each(|item| each(item).map(|_| ()))
                }
                _ => each(lone).map(|_| ()),
            },
        };
    }
    reader.expect(b'[')?;
    let mut first = true;
    while reader.element(&mut first)? {
        let value = reader.value()?;
        if !each(value)? {
            break;
        }
    }
    Ok(())
}

/// At the `[` of `{"@type":"g:List","@value":[`, when that is what stands there.
fn typed_list<'a>(reader: &Reader<'a>) -> Option<Reader<'a>> {
    let mut inner = reader.clone();
    let mut first = true;
    inner.expect(b'{').ok()?;
    (inner.key(&mut first).ok()?? == "@type").then_some(())?;
    matches!(&*inner.string().ok()?, "g:List" | "g:Set").then_some(())?;
    (inner.key(&mut first).ok()?? == "@value").then_some(())?;
    (inner.peek() == Some(b'[')).then_some(inner)
}

/// The column names when every result is a map of words, in the order they are first met.
fn names(data: &str) -> Result<Option<Vec<String>>, Failure> {
    let (mut names, mut known) = (Vec::new(), std::collections::HashSet::new());
    let mut maps = true;
    elements(data, &mut |value| {
        match fields(&value) {
            Some(fields) => {
                for (name, _) in fields {
                    if known.insert(name.to_string()) {
                        names.push(name.into_owned());
                    }
                }
                maps = names.len() <= MOST_COLUMNS;
            }
            None => maps = false,
        }
        Ok(maps)
    })?;
    Ok((maps && !names.is_empty()).then_some(names))
}

/// A traverser's value, and how often it stands for itself.
fn unbulked<'v, 'a>(value: &'v Json<'a>, bulk: &mut u64) -> &'v Json<'a> {
    let Some(("g:Traverser", inner)) = typed(value) else { return value };
    *bulk = inner.get("bulk").map(plain_number).and_then(|n| n.parse().ok()).unwrap_or(1);
    inner.get("value").unwrap_or(value)
}

/// The type and the value of a typed value.
fn typed<'v, 'a>(value: &'v Json<'a>) -> Option<(&'v str, &'v Json<'a>)> {
    match value {
        Json::Object(fields) if fields.len() <= 2 => {
            Some((value.get("@type")?.text()?, value.get("@value").unwrap_or(&Json::Null)))
        }
        _ => None,
    }
}

/// The fields of a map whose keys are all words; `None` for what is no such map.
fn fields<'v, 'a>(value: &'v Json<'a>) -> Option<Vec<(Cow<'v, str>, &'v Json<'a>)>> {
    match (typed(value), value) {
        (Some(("g:Map", Json::List(flat))), _) => {
            let pairs = flat.chunks_exact(2).filter_map(|pair| Some((pair.first()?, pair.get(1)?)));
            let words: Vec<(&Json<'a>, &Json<'a>)> = pairs.collect();
            let taken = |name: &str| words.iter().any(|(key, _)| key.text() == Some(name));
            let name = |key: &'v Json<'a>| match typed(key) {
                // `T.id` is `id`, unless there is a property of that name.
                Some(("g:T" | "g:Direction" | "g:Merge", name)) => {
                    let name = name.text()?;
                    Some(if taken(name) { format!("T.{name}").into() } else { Cow::Borrowed(name) })
                }
                _ => key.text().map(Cow::Borrowed),
            };
            words.iter().map(|(key, value)| Some((name(key)?, *value))).collect()
        }
        (None, Json::Object(fields)) => {
            Some(fields.iter().map(|(key, value)| (Cow::Borrowed(key.as_ref()), value)).collect())
        }
        _ => None,
    }
}

/// A value of a row.
fn cell<'v>(value: &'v Json<'_>) -> Cell<'v> {
    scalar(value).unwrap_or_else(|| {
        let mut out = String::new();
        push(&mut out, value);
        (Tag::Json, Cow::Owned(out))
    })
}

/// A value that is no list, map or entity.
fn scalar<'v>(value: &'v Json<'_>) -> Option<Cell<'v>> {
    match value {
        Json::Null => return Some((Tag::Null, Cow::Borrowed(""))),
        Json::Bool(yes) => return Some((Tag::Bool, Cow::Borrowed(if *yes { "true" } else { "false" }))),
        Json::Number(digits) => return Some((Tag::Number, Cow::Borrowed(digits))),
        Json::Text(text) => return Some((Tag::Text, Cow::Borrowed(text))),
        _ => {}
    }
    let (kind, inner) = typed(value)?;
    Some(match kind {
        "g:Int32" | "g:Int64" | "g:Double" | "g:Float" | "gx:BigDecimal" | "gx:BigInteger" | "gx:Byte"
        | "gx:Int16" => (Tag::Number, Cow::Borrowed(plain_number(inner))),
        "g:Date" | "g:Timestamp" => (Tag::Time, moment(inner)),
        "gx:ByteBuffer" => (Tag::Bytes, Cow::Owned(hex(inner.text()?)?)),
        "gx:Instant" | "gx:LocalDate" | "gx:LocalDateTime" | "gx:LocalTime" | "gx:MonthDay"
        | "gx:OffsetDateTime" | "gx:OffsetTime" | "gx:Year" | "gx:YearMonth" | "gx:ZonedDateTime" => {
            (Tag::Time, plain(inner)?)
        }
        // Words of every kind: g:UUID, g:T, g:Class, gx:Duration and what may be added.
        _ => (Tag::Text, Cow::Borrowed(inner.text()?)),
    })
}

fn plain<'v>(value: &'v Json<'_>) -> Option<Cow<'v, str>> {
    match value {
        Json::Text(text) => Some(Cow::Borrowed(text)),
        Json::Number(digits) => Some(Cow::Borrowed(digits)),
        _ => None,
    }
}

/// The digits of a number, bare or typed.
fn plain_number<'v>(value: &'v Json<'_>) -> &'v str {
    match typed(value).map_or(value, |(_, inner)| inner) {
        Json::Number(digits) => digits,
        Json::Text(text) => text,
        _ => "",
    }
}

/// Milliseconds since the Unix epoch as a time in UTC; their digits when they are out of range.
fn moment<'v>(ms: &'v Json<'_>) -> Cow<'v, str> {
    let digits = plain_number(ms);
    let at = digits.parse().ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    at.map_or(Cow::Borrowed(digits), |at| Cow::Owned(format!("{at:.3}")))
}

/// Base64 as lower-case hex.
fn hex(base64: &str) -> Option<String> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut held, mut out) = (0_u32, 0, String::new());
    for letter in base64.trim_end_matches('=').bytes() {
        bits = bits << 6 | u32::try_from(LETTERS.iter().position(|l| *l == letter)?).ok()?;
        held += 6;
        while held >= 4 {
            held -= 4;
            out.extend(char::from_digit(bits >> held & 15, 16));
        }
    }
    // What is left over of the last letters are the bits that fill up the last byte.
    out.truncate(out.len() / 2 * 2);
    Some(out)
}

/// Appends a value in the one form.
fn push(out: &mut String, value: &Json<'_>) {
    if let Some((tag, text)) = scalar(value) {
        match tag {
            Tag::Null => out.push_str("null"),
            Tag::Bool => out.push_str(&text),
            Tag::Number => push_number(out, &text),
            _ => push_text(out, &text),
        }
        return;
    }
    match (typed(value), value) {
        (Some((kind, inner)), _) => push_typed(out, kind, inner),
        (None, Json::List(items)) => push_list(out, items, push),
        (None, Json::Object(fields)) => {
            push_object(out, fields.iter().map(|(k, v)| (k.as_ref(), v)), push);
        }
        _ => out.push_str("null"),
    }
}

fn push_typed(out: &mut String, kind: &str, value: &Json<'_>) {
    match (kind, value) {
        ("g:List" | "g:Set", Json::List(items)) => push_list(out, items, push),
        ("g:BulkSet", Json::List(flat)) => bulk_set(out, flat),
        ("g:Map", Json::List(flat)) => map(out, flat),
        ("g:Vertex", _) => vertex(out, value),
        ("g:Edge", _) => edge(out, value),
        ("g:VertexProperty" | "g:Property", _) => property(out, value),
        ("g:Path", _) => {
            let objects = value.get("objects").map(items).unwrap_or_default();
            push_list(out, objects, push);
        }
        ("g:Tree", Json::List(branches)) => push_list(out, branches, |out, branch| {
            let sides = ["key", "value"].map(|side| (side, branch.get(side).unwrap_or(&Json::Null)));
            push_object(out, sides, push);
        }),
        ("tinker:graph", _) => {
            let sides = ["vertices", "edges"].map(|side| (side, value.get(side).unwrap_or(&Json::Null)));
            push_object(out, sides, push);
        }
        ("g:Metrics" | "g:TraversalMetrics" | "g:Traverser", _) => push(out, value),
        // A type that was added later: as it came.
        _ => {
            out.push_str("{\"@type\":");
            push_text(out, kind);
            out.push_str(",\"@value\":");
            push(out, value);
            out.push('}');
        }
    }
}

/// The elements of a list, bare (GraphSON 2) or typed.
fn items<'v, 'a>(value: &'v Json<'a>) -> Vec<&'v Json<'a>> {
    match (typed(value), value) {
        (Some((_, Json::List(items))), _) | (None, Json::List(items)) => items.iter().collect(),
        _ => Vec::new(),
    }
}

/// A set whose elements are counted: element, count, element, count …
fn bulk_set(out: &mut String, flat: &[Json<'_>]) {
    let count =
        |pair: &[Json<'_>]| pair.get(1).map(plain_number).and_then(|n| n.parse::<u64>().ok()).unwrap_or(1);
    let pairs = || flat.chunks_exact(2);
    let all = pairs().fold(0_u64, |sum, pair| sum.saturating_add(count(pair)));
    if all <= WRITTEN_OUT {
        let each = pairs()
            .flat_map(|pair| std::iter::repeat_n(pair.first(), usize::try_from(count(pair)).unwrap_or(0)));
        return push_list(out, each, |out, value| push(out, value.unwrap_or(&Json::Null)));
    }
    push_list(out, pairs(), |out, pair| {
        out.push_str("{\"value\":");
        push(out, pair.first().unwrap_or(&Json::Null));
        out.push_str(",\"count\":");
        push_number(out, &count(pair).to_string());
        out.push('}');
    });
}

/// A map: an object when its keys are words, else a list of its pairs.
fn map(out: &mut String, flat: &[Json<'_>]) {
    let whole = Json::Object(vec![
        (Cow::Borrowed("@type"), Json::Text(Cow::Borrowed("g:Map"))),
        (Cow::Borrowed("@value"), Json::List(flat.to_vec())),
    ]);
    if let Some(fields) = fields(&whole) {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_ref(), *value)).collect();
        return push_object(out, fields, push);
    }
    push_list(out, flat.chunks_exact(2), |out, pair| {
        let sides = ["key", "value"].into_iter().zip(pair);
        push_object(out, sides, push);
    });
}

fn vertex(out: &mut String, vertex: &Json<'_>) {
    out.push_str("{\"~id\":");
    push(out, vertex.get("id").unwrap_or(&Json::Null));
    out.push_str(",\"~entityType\":\"node\",\"~labels\":");
    // Neptune joins several labels by `::`.
    let label = vertex.get("label").and_then(Json::text).unwrap_or_default();
    push_list(out, label.split("::").filter(|l| !l.is_empty()), push_text);
    out.push_str(",\"~properties\":");
    let all = match vertex.get("properties") {
        Some(Json::Object(fields)) => fields.as_slice(),
        _ => &[],
    };
    push_object(out, all.iter().map(|(name, values)| (name.as_ref(), values)), |out, values| {
        let values = items(values);
        match values.as_slice() {
            [only] => push(out, property_value(only)),
            several => push_list(out, several.iter().copied(), |out, v| push(out, property_value(v))),
        }
    });
    out.push('}');
}

/// The value inside a property; what is none is its own value.
fn property_value<'v, 'a>(property: &'v Json<'a>) -> &'v Json<'a> {
    let inner = match typed(property) {
        Some(("g:VertexProperty" | "g:Property", inner)) => inner,
        Some(_) => return property,
        None => property,
    };
    inner.get("value").unwrap_or(property)
}

fn edge(out: &mut String, edge: &Json<'_>) {
    let field = |name: &str| edge.get(name).unwrap_or(&Json::Null);
    out.push_str("{\"~id\":");
    push(out, field("id"));
    out.push_str(",\"~entityType\":\"relationship\"");
    for (name, of) in [("~type", "label"), ("~start", "outV"), ("~end", "inV")] {
        out.push(',');
        push_text(out, name);
        out.push(':');
        push(out, field(of));
    }
    out.push_str(",\"~properties\":");
    let all = match edge.get("properties") {
        Some(Json::Object(fields)) => fields.as_slice(),
        _ => &[],
    };
    push_object(out, all.iter().map(|(name, value)| (name.as_ref(), value)), |out, value| {
        push(out, property_value(value));
    });
    out.push('}');
}

fn property(out: &mut String, property: &Json<'_>) {
    out.push('{');
    if let Some(id) = property.get("id") {
        out.push_str("\"~id\":");
        push(out, id);
        out.push(',');
    }
    out.push_str("\"~entityType\":\"property\",\"~key\":");
    push(out, property.get("label").or_else(|| property.get("key")).unwrap_or(&Json::Null));
    out.push_str(",\"~value\":");
    push(out, property.get("value").unwrap_or(&Json::Null));
    out.push('}');
}
