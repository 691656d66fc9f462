//! Types as CAST, CONVERT and the columns of JSON and XML tables name them.

use super::lexer::Kind;
use super::parser::{Parsed, Parser};

impl Parser<'_> {
    /// A type: `DECIMAL(10, 2)`, `VARCHAR(MAX)`, `TIMESTAMP(6) WITH TIME ZONE`, `CHAR(5) FOR BIT DATA`.
    /// Types that somebody made are refused: a cast to one may run code.
    pub fn data_type(&mut self) -> Parsed {
        let from = self.mark();
        // T-SQL writes built-in types in brackets too: `[int]`.
        let bracketed =
            |text: &str| text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).map(str::to_owned);
        let quoted =
            self.token(0).filter(|t| t.kind == Kind::Quoted).and_then(|t| bracketed(self.text_of(t)));
        if quoted.is_some_and(|word| self.tongue.types(&word)) {
            self.bump();
            self.sizes()?;
            return Ok(());
        }
        while self.tongue.types(self.word(0)) && !self.word(0).is_empty() {
            self.bump();
            self.sizes()?;
        }
        if self.mark() == from {
            return self.unexpected();
        }
        if self.eat_all(&["WITH", "LOCAL", "TIME", "ZONE"]) || self.eat_all(&["WITH", "TIME", "ZONE"]) {
            return Ok(());
        }
        if self.eat_all(&["WITHOUT", "TIME", "ZONE"]) {
            return Ok(());
        }
        if self.is_all(&["FOR"]) && self.is_any(1, &["BIT", "SBCS", "MIXED"]) {
            self.bump();
            self.bump();
            return self.expect("DATA");
        }
        if self.eat("CCSID") {
            self.eat_any(&["UNICODE", "ASCII", "EBCDIC"]);
            self.eat_kind(Kind::Number);
        }
        if self.eat("TO") {
            self.expect_any(&["SECOND", "MONTH"])?;
            self.sizes()?;
        }
        Ok(())
    }

    /// `(10)`, `(10, 2)`, `(MAX)`, `(20 CHAR)`; nothing when there is no bracket.
    fn sizes(&mut self) -> Parsed {
        if !self.eat_op("(") {
            return Ok(());
        }
        loop {
            self.eat_op("-");
            if self.eat_kind(Kind::Number) {
                self.eat_any(&["CHAR", "BYTE", "OCTETS", "CODEUNITS16", "CODEUNITS32", "K", "M", "G"]);
            } else if !self.eat("MAX") && !self.eat_op("*") {
                return self.unexpected();
            }
            if !self.eat_op(",") {
                return self.expect_op(")");
            }
        }
    }
}
