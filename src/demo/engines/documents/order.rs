//! MongoDB's order of values, over all types, and paths into documents.

use ::mongodb::bson::{Bson, Document};
use std::cmp::Ordering;

/// The place of a type among all types. Source: MongoDB manual, "Comparison and sort order".
const fn rank(value: &Bson) -> u8 {
    match value {
        Bson::MinKey => 0,
        Bson::Undefined | Bson::Null => 1,
        Bson::Int32(_) | Bson::Int64(_) | Bson::Double(_) | Bson::Decimal128(_) => 2,
        Bson::Symbol(_) | Bson::String(_) => 3,
        Bson::Document(_) => 4,
        Bson::Array(_) => 5,
        Bson::Binary(_) => 6,
        Bson::ObjectId(_) => 7,
        Bson::Boolean(_) => 8,
        Bson::DateTime(_) => 9,
        Bson::Timestamp(_) => 10,
        Bson::RegularExpression(_) => 11,
        Bson::MaxKey => 13,
        _ => 12,
    }
}

/// A number as a double; the demo's data has no decimals.
pub fn number(value: &Bson) -> Option<f64> {
    match value {
        Bson::Int32(n) => Some(f64::from(*n)),
        Bson::Int64(n) => Some(*n as f64),
        Bson::Double(n) => Some(*n),
        Bson::Decimal128(n) => n.to_string().parse().ok(),
        _ => None,
    }
}

/// Compares two values.
pub fn compare(a: &Bson, b: &Bson) -> Ordering {
    match (a, b) {
        (Bson::Int32(a), Bson::Int32(b)) => a.cmp(b),
        (Bson::Int64(a), Bson::Int64(b)) => a.cmp(b),
        (Bson::String(a), Bson::String(b)) => a.cmp(b),
        (Bson::Boolean(a), Bson::Boolean(b)) => a.cmp(b),
        (Bson::ObjectId(a), Bson::ObjectId(b)) => a.cmp(b),
        (Bson::DateTime(a), Bson::DateTime(b)) => a.cmp(b),
        (Bson::Array(a), Bson::Array(b)) => {
            let pairs = a.iter().zip(b).map(|(a, b)| compare(a, b));
            pairs.into_iter().find(|o| o.is_ne()).unwrap_or(a.len().cmp(&b.len()))
        }
        (Bson::Document(a), Bson::Document(b)) => {
            let pairs = a.iter().zip(b).map(|((ka, a), (kb, b))| {
                rank(a).cmp(&rank(b)).then_with(|| ka.cmp(kb)).then_with(|| compare(a, b))
            });
            pairs.into_iter().find(|o| o.is_ne()).unwrap_or(a.len().cmp(&b.len()))
        }
        _ => match (number(a), number(b)) {
            // NaN is less than every other number.
            (Some(a), Some(b)) if a.is_nan() || b.is_nan() => b.is_nan().cmp(&a.is_nan()),
            (Some(a), Some(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
            _ => rank(a).cmp(&rank(b)),
        },
    }
}

/// Whether two values are of types that an inequality compares.
pub fn comparable(a: &Bson, b: &Bson) -> bool {
    rank(a) == rank(b)
}

/// Every value that `path` leads to; a list on the way is gone through.
pub fn reach<'d>(document: &'d Document, path: &str) -> Vec<&'d Bson> {
    let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
    match (document.get(head), rest) {
        (None, _) => Vec::new(),
        (Some(value), None) => vec![value],
        (Some(value), Some(rest)) => within(value, rest),
    }
}

fn within<'d>(value: &'d Bson, path: &str) -> Vec<&'d Bson> {
    match value {
        Bson::Document(of) => reach(of, path),
        Bson::Array(all) => {
            let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
            if let Some(one) = head.parse::<usize>().ok().and_then(|n| all.get(n)) {
                return rest.map_or_else(|| vec![one], |rest| within(one, rest));
            }
            all.iter().filter_map(Bson::as_document).flat_map(|of| reach(of, path)).collect()
        }
        _ => Vec::new(),
    }
}

/// The value by which a document is sorted upwards or downwards by `path`: of a list the least or
/// the greatest.
pub fn sort_key(document: &Document, path: &str, upwards: bool) -> Bson {
    let mut all: Vec<&Bson> = Vec::new();
    for value in reach(document, path) {
        match value {
            Bson::Array(many) => all.extend(many),
            one => all.push(one),
        }
    }
    let key = if upwards {
        all.into_iter().min_by(|a, b| compare(a, b))
    } else {
        all.into_iter().max_by(|a, b| compare(a, b))
    };
    key.cloned().unwrap_or(Bson::Null)
}
