//! The walk over a query's tree: no federation anywhere, and no function that is not SPARQL's own.
//! It keeps its own list of what is left to see, so that a deep tree costs no stack.

use crate::query::dialect::Class;
use spargebra::Query;
use spargebra::algebra::{
    AggregateExpression, AggregateFunction, Expression, Function, GraphPattern, OrderExpression,
};
use spargebra::term::NamedNode;

/// Namespaces whose functions compute a value from their arguments and nothing else: XML Schema's
/// casts, XPath's functions and its mathematics.
const HARMLESS: [&str; 3] = [
    "http://www.w3.org/2001/XMLSchema#",
    "http://www.w3.org/2005/xpath-functions#",
    "http://www.w3.org/2005/xpath-functions/math#",
];

/// What the walk found that is no read.
pub struct Found {
    /// Write or unsure.
    pub class: Class,
    /// Stable id.
    pub rule: &'static str,
    /// Words by which the construct can be found in the text.
    pub mention: String,
    /// One sentence.
    pub why: &'static str,
}

/// Part of the tree.
enum Part<'a> {
    Pattern(&'a GraphPattern),
    Value(&'a Expression),
}

/// The rule by which the query reads.
pub fn judge(query: &Query) -> Result<&'static str, Found> {
    let (rule, pattern) = match query {
        Query::Select { pattern, .. } => ("sparql.select", pattern),
        Query::Construct { pattern, .. } => ("sparql.construct", pattern),
        Query::Describe { pattern, .. } => ("sparql.describe", pattern),
        Query::Ask { pattern, .. } => ("sparql.ask", pattern),
    };
    let mut left = vec![Part::Pattern(pattern)];
    while let Some(part) = left.pop() {
        match part {
            Part::Pattern(pattern) => look_at_pattern(pattern, &mut left)?,
            Part::Value(value) => look_at_value(value, &mut left)?,
        }
    }
    Ok(rule)
}

fn unknown(mention: &str, rule: &'static str, why: &'static str) -> Found {
    Found { class: Class::Unsure, rule, mention: mention.to_owned(), why }
}

#[allow(unreachable_patterns, reason = "the demo's engine adds kinds of patterns to the parser")]
fn look_at_pattern<'a>(pattern: &'a GraphPattern, left: &mut Vec<Part<'a>>) -> Result<(), Found> {
    match pattern {
        GraphPattern::Bgp { .. } | GraphPattern::Path { .. } | GraphPattern::Values { .. } => {}
        GraphPattern::Join { left: one, right: other }
        | GraphPattern::Union { left: one, right: other }
        | GraphPattern::Minus { left: one, right: other } => {
            left.extend([Part::Pattern(one), Part::Pattern(other)]);
        }
        GraphPattern::LeftJoin { left: one, right: other, expression } => {
            left.extend([Part::Pattern(one), Part::Pattern(other)]);
            left.extend(expression.as_ref().map(Part::Value));
        }
        GraphPattern::Filter { expr, inner } => left.extend([Part::Value(expr), Part::Pattern(inner)]),
        GraphPattern::Extend { inner, expression, .. } => {
            left.extend([Part::Value(expression), Part::Pattern(inner)]);
        }
        GraphPattern::Graph { inner, .. }
        | GraphPattern::Project { inner, .. }
        | GraphPattern::Distinct { inner }
        | GraphPattern::Reduced { inner }
        | GraphPattern::Slice { inner, .. } => left.push(Part::Pattern(inner)),
        GraphPattern::OrderBy { inner, expression } => {
            left.push(Part::Pattern(inner));
            left.extend(expression.iter().map(|order| match order {
                OrderExpression::Asc(value) | OrderExpression::Desc(value) => Part::Value(value),
            }));
        }
        GraphPattern::Group { inner, aggregates, .. } => {
            left.push(Part::Pattern(inner));
            for (_, aggregate) in aggregates {
                if let AggregateExpression::FunctionCall { name, expr, .. } = aggregate {
                    if let AggregateFunction::Custom(name) = name {
                        known(name)?;
                    }
                    left.push(Part::Value(expr));
                }
            }
        }
        GraphPattern::Service { .. } => {
            return Err(Found {
                class: Class::Write,
                rule: "sparql.service",
                mention: "SERVICE".to_owned(),
                why: "SERVICE makes the server call another host.",
            });
        }
        _ => {
            return Err(unknown("", "sparql.pattern.unknown", "It has a kind of pattern that is not known."));
        }
    }
    Ok(())
}

#[allow(unreachable_patterns, reason = "the demo's engine adds kinds of values to the parser")]
fn look_at_value<'a>(value: &'a Expression, left: &mut Vec<Part<'a>>) -> Result<(), Found> {
    use Expression as E;
    match value {
        E::NamedNode(_) | E::Literal(_) | E::Variable(_) | E::Bound(_) => {}
        E::Or(a, b)
        | E::And(a, b)
        | E::Equal(a, b)
        | E::SameTerm(a, b)
        | E::Greater(a, b)
        | E::GreaterOrEqual(a, b)
        | E::Less(a, b)
        | E::LessOrEqual(a, b)
        | E::Add(a, b)
        | E::Subtract(a, b)
        | E::Multiply(a, b)
        | E::Divide(a, b) => left.extend([Part::Value(a), Part::Value(b)]),
        E::UnaryPlus(a) | E::UnaryMinus(a) | E::Not(a) => left.push(Part::Value(a)),
        E::In(a, list) => {
            left.push(Part::Value(a));
            left.extend(list.iter().map(Part::Value));
        }
        E::If(a, b, c) => left.extend([Part::Value(a), Part::Value(b), Part::Value(c)]),
        E::Coalesce(list) => left.extend(list.iter().map(Part::Value)),
        E::Exists(pattern) => left.push(Part::Pattern(pattern)),
        E::FunctionCall(function, arguments) => {
            if let Function::Custom(name) = function {
                known(name)?;
            }
            left.extend(arguments.iter().map(Part::Value));
        }
        _ => return Err(unknown("", "sparql.value.unknown", "It has a kind of value that is not known.")),
    }
    Ok(())
}

/// Refuses a function that is named by an IRI outside the harmless namespaces.
fn known(name: &NamedNode) -> Result<(), Found> {
    if HARMLESS.iter().any(|space| name.as_str().starts_with(space)) {
        return Ok(());
    }
    let local = name.as_str().rsplit(['#', '/', ':']).next().unwrap_or_default();
    let why = "The function is named by an IRI and is not known to be harmless.";
    Err(unknown(local, "sparql.function.unknown", why))
}
