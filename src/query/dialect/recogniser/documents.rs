//! Tables made from documents: OPENJSON, JSON_TABLE, XMLTABLE, and T-SQL's table of changes.

use super::Family;
use super::lexer::Kind;
use super::names::Columns;
use super::parser::{Parsed, Parser, Stop};
use super::xquery;
use crate::query::dialect::Class;

impl Parser<'_> {
    /// `OPENJSON(x, '$.path') WITH (a int '$.a', b nvarchar(max) AS JSON)`
    pub fn open_json(&mut self) -> Parsed {
        self.bump();
        self.arguments(false)?;
        if !(self.is(0, "WITH") && self.is_op(1, "(") && !self.at_hint(2)) {
            return Ok(());
        }
        self.bump();
        self.bump();
        loop {
            self.any_name()?;
            self.data_type()?;
            self.eat_kind(Kind::Text);
            self.eat_all(&["AS", "JSON"]);
            if !self.eat_op(",") {
                return self.expect_op(")");
            }
        }
    }

    /// `CHANGETABLE(CHANGES t, 0)`
    pub fn change_table(&mut self) -> Parsed {
        self.bump();
        self.expect_op("(")?;
        self.expect("CHANGES")?;
        self.dotted_name()?;
        self.expect_op(",")?;
        self.operand()?;
        self.expect_op(")")
    }

    /// `JSON_TABLE(x, '$' COLUMNS (…))`, `XMLTABLE('path' PASSING x COLUMNS …)`; the columns it makes.
    pub fn document_table(&mut self) -> Result<Columns, Stop> {
        let mut columns = Columns::default();
        self.beside(|p| p.document(&mut columns))?;
        Ok(columns)
    }

    fn document(&mut self, columns: &mut Columns) -> Parsed {
        let xml = self.is(0, "XMLTABLE");
        self.bump();
        self.deeper(|p| {
            p.expect_op("(")?;
            if xml && p.is(0, "XMLNAMESPACES") {
                p.bump();
                p.brackets()?;
                p.expect_op(",")?;
            }
            if xml {
                p.known_xquery(0)?;
            }
            p.expr()?;
            p.eat_all(&["FORMAT", "JSON"]);
            if p.eat_op(",") {
                p.expr()?;
            }
            if p.eat("PASSING") {
                p.passing()?;
            }
            p.eat_all(&["RETURNING", "SEQUENCE", "BY", "REF"]);
            p.fallbacks()?;
            if p.eat("COLUMNS") {
                p.document_columns(columns)?;
            }
            p.fallbacks()?;
            p.expect_op(")")
        })
    }

    /// Refuses the XQuery text `ahead` of the cursor where it reaches outside its document: it reads files,
    /// other servers and tables, runs SQL, or has code of its own.
    pub fn known_xquery(&mut self, ahead: usize) -> Parsed {
        let text = self.token(ahead).filter(|t| t.kind == Kind::Text).map(|t| self.text_of(t));
        if text.is_some_and(xquery::stays_inside) {
            return Ok(());
        }
        let why = "This XQuery may reach outside the document that it is given.";
        self.refuse_from(self.mark() + ahead, Class::Unsure, self.tongue.rules.function, why, None)
    }

    fn document_columns(&mut self, columns: &mut Columns) -> Parsed {
        self.deeper(|p| {
            let bracket = p.eat_op("(");
            loop {
                if p.is(0, "NESTED") && (p.is(1, "PATH") || p.kind(1) == Some(Kind::Text)) {
                    p.bump();
                    p.eat("PATH");
                    p.expect_kind(Kind::Text)?;
                    p.expect("COLUMNS")?;
                    p.document_columns(columns)?;
                } else {
                    columns.note(p.folded_at(p.mark()));
                    p.document_column()?;
                }
                if !p.eat_op(",") {
                    break;
                }
            }
            if bracket { p.expect_op(")") } else { Ok(()) }
        })
    }

    fn document_column(&mut self) -> Parsed {
        self.any_name()?;
        if self.eat_all(&["FOR", "ORDINALITY"]) {
            return Ok(());
        }
        if self.tongue.types(self.word(0)) {
            self.data_type()?;
        }
        self.eat_all(&["FORMAT", "JSON"]);
        self.eat("EXISTS");
        if self.eat("PATH") {
            self.expect_kind(Kind::Text)?;
        }
        if self.is(0, "DEFAULT") && !self.speaks(Family::Oracle) {
            self.bump();
            return self.operand();
        }
        if self.is(0, "DEFAULT") {
            self.bump();
            self.operand()?;
            if self.eat("ON") {
                return self.expect_any(&["EMPTY", "ERROR"]);
            }
        }
        self.fallbacks()
    }
}
