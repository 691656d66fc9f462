//! Patterns: vertices in round brackets, edges in square ones, and the arrows between them.

use super::lexer::Kind;
use super::parser::{NamedPath, Parsed, Parser, PathPart};
use crate::query::dialect::Span;

impl Parser<'_> {
    /// Patterns with commas between them.
    pub fn patterns(&mut self) -> Parsed {
        self.pattern()?;
        while self.eat_op(",") {
            self.pattern()?;
        }
        Ok(())
    }

    /// One pattern, which may be given a name.
    fn pattern(&mut self) -> Parsed {
        let mut name = None;
        if self.is_name(0) && self.is_op(1, "=") {
            let from = self.mark();
            self.bump();
            name = Some(self.span_from(from));
            self.bump();
        }
        if self.is(0, "shortestPath") || self.is(0, "allShortestPaths") {
            return self.shortest();
        }
        self.parts.clear();
        self.chain()?;
        if let Some(name) = name {
            let parts = std::mem::take(&mut self.parts);
            self.outline.paths.push(NamedPath { name, parts });
        }
        Ok(())
    }

    /// `shortestPath( … )`.
    pub fn shortest(&mut self) -> Parsed {
        self.bump();
        self.expect_op("(")?;
        self.chain()?;
        self.expect_op(")")
    }

    /// `(a)-[r]->(b)…`.
    pub fn chain(&mut self) -> Parsed {
        self.vertex()?;
        while self.is_op(0, "-") || (self.is_op(0, "<") && self.is_op(1, "-")) {
            self.edge()?;
            self.vertex()?;
        }
        Ok(())
    }

    /// Whether the round bracket under the cursor is a vertex that an edge follows.
    pub fn starts_chain(&self) -> bool {
        let end = self.closing(0);
        if end == 0 {
            return false;
        }
        let dash = if self.is_op(end + 1, "<") { end + 2 } else { end + 1 };
        self.is_op(dash, "-") && (self.is_op(dash + 1, "-") || self.is_op(dash + 1, "["))
    }

    fn vertex(&mut self) -> Parsed {
        self.expect_op("(")?;
        let place = self.after();
        let name = self.part_name();
        self.parts.push(PathPart { name, place, edge: false, bare: false, hops: false });
        self.labels()?;
        self.constraint()?;
        self.where_part()?;
        self.expect_op(")")
    }

    /// Properties of a vertex or an edge: a map or a parameter.
    fn constraint(&mut self) -> Parsed {
        if self.is_op(0, "{") {
            return self.map();
        }
        self.eat_kind(Kind::Parameter);
        Ok(())
    }

    /// `:A:B`, `:A|B`, `:A&!B`.
    pub fn labels(&mut self) -> Parsed {
        while self.eat_op(":") {
            loop {
                while self.eat_op("!") {}
                if self.eat_op("(") {
                    self.label_group()?;
                } else {
                    self.any_name()?;
                }
                if !self.eat_op("|") && !self.eat_op("&") {
                    break;
                }
                self.eat_op(":");
            }
        }
        Ok(())
    }

    /// Labels in round brackets, after the opening one.
    fn label_group(&mut self) -> Parsed {
        loop {
            while self.eat_op("!") {}
            if self.eat_op("(") {
                self.label_group()?;
            } else {
                self.any_name()?;
            }
            if self.eat_op(")") {
                return Ok(());
            }
            if !self.eat_op("|") && !self.eat_op("&") {
                return self.unexpected();
            }
        }
    }

    fn edge(&mut self) -> Parsed {
        self.eat_op("<");
        self.expect_op("-")?;
        let mut part = PathPart { name: None, place: self.after(), edge: true, bare: true, hops: false };
        if self.eat_op("[") {
            part = PathPart { place: self.after(), name: self.part_name(), bare: false, ..part };
            self.labels()?;
            if self.eat_op("*") {
                part.hops = true;
                self.hops()?;
            }
            self.constraint()?;
            self.where_part()?;
            self.expect_op("]")?;
        }
        self.expect_op("-")?;
        self.eat_op(">");
        self.parts.push(part);
        Ok(())
    }

    /// The name of a vertex or an edge, if it has one.
    fn part_name(&mut self) -> Option<Span> {
        if !self.is_name(0) {
            return None;
        }
        let from = self.mark();
        self.bump();
        Some(self.span_from(from))
    }

    /// `2`, `1..3`, `..3`, `1..`, nothing: after the star.
    fn hops(&mut self) -> Parsed {
        let bound = |parser: &mut Self| parser.eat_kind(Kind::Number) || parser.eat_kind(Kind::Parameter);
        bound(self);
        if self.eat_op("..") {
            bound(self);
        }
        Ok(())
    }
}
