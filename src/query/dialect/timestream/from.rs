//! What stands in FROM: tables, subqueries, joins, UNNEST.

use super::query::{query, table_function};
use super::{Flavour, expr::expression, name};
use crate::query::dialect::series::{Cursor, Judged, Kind};

/// Words that go on with a query and are no names unless quoted.
pub const RESERVED: &[&str] = &[
    "AND",
    "AS",
    "BETWEEN",
    "BY",
    "CASE",
    "CROSS",
    "ELSE",
    "END",
    "ESCAPE",
    "EXCEPT",
    "FETCH",
    "FILTER",
    "FROM",
    "FULL",
    "GROUP",
    "HAVING",
    "IN",
    "INNER",
    "INTERSECT",
    "INTO",
    "IS",
    "JOIN",
    "LEFT",
    "LIKE",
    "LIMIT",
    "NATURAL",
    "NOT",
    "NULLS",
    "OFFSET",
    "ON",
    "OR",
    "ORDER",
    "OUTER",
    "OVER",
    "RIGHT",
    "SELECT",
    "THEN",
    "UNION",
    "USING",
    "WHEN",
    "WHERE",
    "WINDOW",
    "WITH",
];

/// A name that is no reserved word.
pub fn name_of(c: &mut Cursor<'_>) -> Judged {
    let bare = c.kind(0) == Some(Kind::Word) && !c.is_any(RESERVED);
    if bare || c.kind(0) == Some(Kind::Quoted) {
        c.step();
        return Ok(());
    }
    Err(c.stray())
}

/// A relation and what is joined to it.
pub fn relation(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    c.deeper(|c| {
        primary(c, f)?;
        loop {
            if c.eat_all(&["CROSS", "JOIN"]) {
                primary(c, f)?;
                continue;
            }
            let natural = c.eat("NATURAL");
            let kind = c.eat_any(&["INNER", "LEFT", "RIGHT", "FULL"]);
            if kind {
                c.eat_any(&["OUTER", "SEMI", "ANTI"]);
            }
            if !c.eat("JOIN") {
                return if natural || kind { Err(c.stray()) } else { Ok(()) };
            }
            primary(c, f)?;
            if natural {
                continue;
            }
            if c.eat("USING") {
                c.expect_op("(")?;
                c.list(name_of)?;
                c.expect_op(")")?;
            } else {
                c.expect("ON")?;
                expression(c, f)?;
            }
        }
    })
}

fn primary(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    let lateral = c.eat("LATERAL");
    if c.is_op("(") {
        subquery_or_join(c, f)?;
    } else if c.kind(0) == Some(Kind::Word) && c.is_op_at(1, "(") {
        table_function(c, f)?;
        if c.eat("WITH") {
            c.expect("ORDINALITY")?;
        }
    } else if lateral || c.is_any(RESERVED) {
        return Err(c.stray());
    } else {
        name(c)?;
    }
    // `AS t (a, b)`
    let named = c.eat("AS");
    let bare = c.kind(0) == Some(Kind::Word) && !c.is_any(RESERVED);
    if named || bare || c.kind(0) == Some(Kind::Quoted) {
        name_of(c)?;
        if c.eat_op("(") {
            c.list(name_of)?;
            c.expect_op(")")?;
        }
    }
    Ok(())
}

/// What begins with a bracket is a query, or relations joined.
fn subquery_or_join(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    let mut ahead = 0;
    while c.is_op_at(ahead, "(") {
        ahead += 1;
    }
    c.expect_op("(")?;
    if ["SELECT", "WITH", "VALUES"].iter().any(|word| c.is_at(ahead - 1, word)) && ahead == 1 {
        query(c, f)?;
    } else if ["SELECT", "WITH", "VALUES"].iter().any(|word| c.is_at(ahead - 1, word)) {
        // `((SELECT …) UNION (SELECT …))` or `((SELECT …) a JOIN …)`: the first bracket decides.
        inner(c, f)?;
    } else {
        relation(c, f)?;
    }
    c.expect_op(")")
}

fn inner(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    let mut ahead = 0;
    let mut depth = 0_usize;
    loop {
        if c.is_op_at(ahead, "(") {
            depth += 1;
        } else if c.is_op_at(ahead, ")") {
            depth = depth.saturating_sub(1);
        } else if c.kind(ahead).is_none() {
            return Err(c.stray());
        }
        ahead += 1;
        if depth == 0 {
            break;
        }
    }
    let set = ["UNION", "EXCEPT", "INTERSECT", "ORDER", "LIMIT"].iter().any(|word| c.is_at(ahead, word));
    if set || c.is_op_at(ahead, ")") { query(c, f) } else { relation(c, f) }
}
