//! Queries: WITH, SELECT, set operations, ORDER BY, LIMIT.

use super::Flavour;
use super::expr::{call, expression, window};
use super::from::{RESERVED, name_of, relation};
use crate::query::dialect::series::{Cursor, Judged, Kind};

/// A whole query.
///
/// # Errors
/// What is no query of the grammar.
pub fn query(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    c.deeper(|c| {
        if c.eat("WITH") {
            c.eat("RECURSIVE");
            c.list(|c| {
                name_of(c)?;
                if c.eat_op("(") {
                    c.list(name_of)?;
                    c.expect_op(")")?;
                }
                c.expect("AS")?;
                c.expect_op("(")?;
                query(c, f)?;
                c.expect_op(")")
            })?;
        }
        body(c, f)?;
        order_by(c, f)?;
        limits(c, f)
    })
}

/// SELECTs and set operations between them.
fn body(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    loop {
        if c.eat_op("(") {
            query(c, f)?;
            c.expect_op(")")?;
        } else if c.eat("VALUES") {
            c.list(|c| expression(c, f))?;
        } else {
            c.expect("SELECT")?;
            select(c, f)?;
        }
        if !c.eat_any(&["UNION", "EXCEPT", "INTERSECT"]) {
            return Ok(());
        }
        c.eat_any(&["ALL", "DISTINCT"]);
    }
}

fn select(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    c.eat_any(&["ALL", "DISTINCT"]);
    c.list(|c| item(c, f))?;
    if c.eat("FROM") {
        c.list(|c| relation(c, f))?;
    }
    if c.eat("WHERE") {
        expression(c, f)?;
    }
    if c.eat("GROUP") {
        c.expect("BY")?;
        c.eat_any(&["ALL", "DISTINCT"]);
        c.list(|c| grouping(c, f))?;
    }
    if c.eat("HAVING") {
        expression(c, f)?;
    }
    if c.eat("WINDOW") {
        c.list(|c| {
            name_of(c)?;
            c.expect("AS")?;
            window(c, f)
        })?;
    }
    Ok(())
}

/// `*`, `t.*`, or an expression with its name.
fn item(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    if c.eat_op("*") {
        return Ok(());
    }
    let mut ahead = 0;
    while matches!(c.kind(ahead), Some(Kind::Word | Kind::Quoted)) && c.is_op_at(ahead + 1, ".") {
        ahead += 2;
    }
    if ahead > 0 && c.is_op_at(ahead, "*") {
        (0..=ahead).for_each(|_| c.step());
        return Ok(());
    }
    expression(c, f)?;
    alias(c)
}

/// `[AS] name`, when it is there.
fn alias(c: &mut Cursor<'_>) -> Judged {
    if c.eat("AS") {
        return match c.kind(0) {
            Some(Kind::Word | Kind::Quoted) => {
                c.step();
                Ok(())
            }
            _ => Err(c.stray()),
        };
    }
    let bare = c.kind(0) == Some(Kind::Word) && !c.is_any(RESERVED);
    if bare || c.kind(0) == Some(Kind::Quoted) {
        c.step();
    }
    Ok(())
}

fn grouping(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    if c.is_any(&["CUBE", "ROLLUP"]) && c.is_op_at(1, "(") {
        c.step();
        return bracketed(c, f);
    }
    if c.eat_all(&["GROUPING", "SETS"]) {
        c.expect_op("(")?;
        c.list(|c| if c.is_op("(") { bracketed(c, f) } else { expression(c, f) })?;
        return c.expect_op(")");
    }
    if c.is_op("(") && c.is_op_at(1, ")") {
        return bracketed(c, f);
    }
    expression(c, f)
}

/// `(…, …)`, which may be empty.
fn bracketed(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    c.expect_op("(")?;
    if c.eat_op(")") {
        return Ok(());
    }
    c.list(|c| expression(c, f))?;
    c.expect_op(")")
}

/// `ORDER BY …`, when it is there.
pub fn order_by(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    if !c.eat("ORDER") {
        return Ok(());
    }
    c.expect("BY")?;
    c.list(|c| {
        expression(c, f)?;
        c.eat_any(&["ASC", "DESC"]);
        if c.eat("NULLS") && !c.eat_any(&["FIRST", "LAST"]) {
            return Err(c.stray());
        }
        Ok(())
    })
}

/// OFFSET, LIMIT and FETCH FIRST, in any order.
fn limits(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    loop {
        if c.eat("LIMIT") {
            if !c.eat("ALL") {
                expression(c, f)?;
            }
        } else if c.eat("OFFSET") {
            expression(c, f)?;
            c.eat_any(&["ROW", "ROWS"]);
        } else if c.eat("FETCH") {
            if !c.eat_any(&["FIRST", "NEXT"]) {
                return Err(c.stray());
            }
            c.eat_kind(Kind::Number);
            if !c.eat_any(&["ROW", "ROWS"]) {
                return Err(c.stray());
            }
            c.expect("ONLY")?;
        } else {
            return Ok(());
        }
    }
}

/// A function that stands for a table: `UNNEST(…)`.
pub fn table_function(c: &mut Cursor<'_>, f: &Flavour) -> Judged {
    call(c, f, f.tables)
}
