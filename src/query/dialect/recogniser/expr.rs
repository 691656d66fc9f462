//! Expressions. Operators are read in one flat loop: who binds tighter does not change what runs, so
//! the recogniser recurses only where brackets and CASE do.

use super::Family;
use super::lexer::Kind;
use super::parser::{Parsed, Parser, Stop};
use crate::query::dialect::Class;

/// Operators written with signs that every family has.
const SIGNS: &[&str] = &["+", "-", "*", "/", "||", "=", "<>", "!=", "<", ">", "<=", ">="];
/// Those of T-SQL alone.
const SIGNS_OF_SQLSERVER: &[&str] = &["%", "&", "|", "^", "!<", "!>", "<<", ">>"];
/// Those of Oracle and Db2.
const SIGNS_OF_OTHERS: &[&str] = &["^=", "~=", "**", "%"];
/// Operators written with words, an expression on either side.
const WORDS: &[&str] = &["AND", "OR", "LIKE", "BETWEEN", "ESCAPE"];
/// Those of Oracle and Db2.
const WORDS_OF_OTHERS: &[&str] = &["LIKEC", "LIKE2", "LIKE4", "OVERLAPS", "CONCAT", "MOD", "XOR"];
/// Db2's units behind a number: `CURRENT DATE - 7 DAYS`.
const DURATIONS: &[&str] = &[
    "YEAR",
    "YEARS",
    "MONTH",
    "MONTHS",
    "DAY",
    "DAYS",
    "HOUR",
    "HOURS",
    "MINUTE",
    "MINUTES",
    "SECOND",
    "SECONDS",
    "MICROSECOND",
    "MICROSECONDS",
];
/// Units of Oracle's intervals.
const UNITS: &[&str] = &["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"];
/// T-SQL's methods of XML values that only read; in lower case, as the server wants them.
const METHODS: &[&str] = &["value", "query", "exist", "nodes"];
/// Oracle's methods of XML values that only read, in lower case.
const METHODS_OF_ORACLE: &[&str] = &[
    "getclobval",
    "getstringval",
    "getnumberval",
    "getrootelement",
    "getnamespace",
    "isfragment",
    "extract",
    "existsnode",
];
/// Functions of ODBC's `{fn …}` that T-SQL has under other names.
const ODBC: &[&str] = &[
    "NOW",
    "CURDATE",
    "CURTIME",
    "CURRENT_DATE",
    "CURRENT_TIME",
    "HOUR",
    "MINUTE",
    "SECOND",
    "WEEK",
    "QUARTER",
    "DAYOFMONTH",
    "DAYOFWEEK",
    "DAYOFYEAR",
    "DAYNAME",
    "MONTHNAME",
    "UCASE",
    "LCASE",
    "LENGTH",
    "LOCATE",
    "IFNULL",
    "DATABASE",
    "USER",
    "MOD",
    "TRUNCATE",
    "EXTRACT",
];

impl Parser<'_> {
    /// `expression , …`
    pub fn expressions(&mut self) -> Parsed {
        loop {
            self.expr()?;
            if !self.eat_op(",") {
                return Ok(());
            }
        }
    }

    /// One expression.
    pub fn expr(&mut self) -> Parsed {
        self.deeper(|p| {
            loop {
                p.operand()?;
                if !p.operator()? {
                    return Ok(());
                }
            }
        })
    }

    fn is_sign(&self) -> bool {
        let any = |signs: &[&str]| signs.iter().any(|sign| self.is_op(0, sign));
        any(SIGNS) || any(if self.speaks(Family::SqlServer) { SIGNS_OF_SQLSERVER } else { SIGNS_OF_OTHERS })
    }

    /// Passes what may follow an operand; true when another operand must come.
    fn operator(&mut self) -> Result<bool, Stop> {
        loop {
            if self.is_sign() {
                self.bump();
                if self.is_any(0, &["ALL", "ANY", "SOME"]) && self.is_op(1, "(") {
                    self.bump();
                }
                return Ok(true);
            }
            if self.speaks(Family::Oracle) && self.member_of() {
                return Ok(true);
            }
            if self.is(0, "NOT") && self.is_any(1, &["IN", "LIKE", "BETWEEN", "LIKEC", "LIKE2", "LIKE4"]) {
                self.bump();
            }
            let others = !self.speaks(Family::SqlServer) && self.is_any(0, WORDS_OF_OTHERS);
            if (others && !self.is_op(1, "(") && self.kind(1).is_some()) || self.is_any(0, WORDS) {
                self.bump();
                return Ok(true);
            }
            if !self.postfix()? {
                return Ok(false);
            }
        }
    }

    /// `[NOT] MEMBER OF`, `[NOT] SUBMULTISET OF`, `MULTISET UNION [ALL|DISTINCT]`; false when none is here.
    fn member_of(&mut self) -> bool {
        let not = usize::from(self.is(0, "NOT"));
        if self.is_any(not, &["MEMBER", "SUBMULTISET"]) && self.is(not + 1, "OF") {
            (0..not + 2).for_each(|_| self.bump());
            return true;
        }
        if self.is(0, "MULTISET") && self.is_any(1, &["UNION", "EXCEPT", "INTERSECT"]) {
            self.bump();
            self.bump();
            self.eat_any(&["ALL", "DISTINCT"]);
            return true;
        }
        false
    }

    /// Passes what may follow an operand and takes no other; false when none is here.
    fn postfix(&mut self) -> Result<bool, Stop> {
        if self.is(0, "IN") && self.is_op(1, "(") {
            self.bump();
            self.brackets()?;
        } else if self.is(0, "IS") {
            self.bump();
            return self.is_what();
        } else if self.eat("COLLATE") {
            self.any_name()?;
        } else if self.eat_all(&["AT", "TIME", "ZONE"]) {
            self.operand()?;
        } else if self.speaks(Family::Oracle) && self.eat_all(&["AT", "LOCAL"]) {
        } else if self.speaks(Family::Oracle)
            && self.is_op(0, "(")
            && self.is_op(1, "+")
            && self.is_op(2, ")")
        {
            (0..3).for_each(|_| self.bump());
        } else if self.speaks(Family::Oracle) && self.is_any(0, UNITS) && self.is(1, "TO") {
            self.interval_units()?;
        } else if self.speaks(Family::Db2) && self.is_any(0, DURATIONS) {
            self.bump();
        } else if self.speaks(Family::Db2) && self.eat_op("::") {
            self.data_type()?;
        } else if self.speaks(Family::SqlServer) && self.is_op(0, ".") && self.is_method(1) {
            self.bump();
            self.method()?;
        } else if self.speaks(Family::Oracle) && self.is_op(0, ".") && self.is_method(1) {
            self.bump();
            self.method_of_oracle()?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// After IS; true when another operand must come.
    fn is_what(&mut self) -> Result<bool, Stop> {
        self.eat("NOT");
        if self.eat_all(&["DISTINCT", "FROM"]) {
            self.operand()?;
            return Ok(true);
        }
        if self.eat("JSON") {
            self.eat_any(&["VALUE", "ARRAY", "OBJECT", "SCALAR"]);
            self.eat_any(&["STRICT", "LAX"]);
            return Ok(true);
        }
        self.expect_any(&["NULL", "NAN", "INFINITE", "TRUE", "FALSE", "UNKNOWN", "EMPTY"])?;
        Ok(true)
    }

    /// A value with the signs and words before it.
    pub fn operand(&mut self) -> Parsed {
        loop {
            let sign = ["-", "+", "~"].iter().any(|sign| self.is_op(0, sign));
            let prior = self.speaks(Family::Oracle) || self.speaks(Family::Db2);
            let prior = prior && self.is_any(0, &["PRIOR", "CONNECT_BY_ROOT"]) && !self.is_op(1, ".");
            if sign || self.is(0, "NOT") || prior {
                self.bump();
            } else {
                break;
            }
        }
        match self.kind(0) {
            Some(Kind::Text | Kind::Number | Kind::Parameter) => {
                self.bump();
                Ok(())
            }
            Some(Kind::Global) => self.global(),
            Some(Kind::Variable) => {
                let why =
                    "A variable lives in the batch that declares it, and one statement is sent at a time.";
                self.refuse_here(Class::Unsure, self.tongue.rules.variable, why)
            }
            Some(Kind::Operator) if self.is_op(0, "(") => self.brackets(),
            Some(Kind::Operator) if self.is_op(0, "{") => self.odbc(),
            Some(Kind::Word) => self.word_operand(),
            Some(Kind::Quoted) => self.column(),
            _ => self.unexpected(),
        }
    }

    /// ODBC's `{fn NOW()}` and `{d '2024-01-01'}`, which T-SQL reads itself.
    fn odbc(&mut self) -> Parsed {
        self.deeper(|p| {
            p.expect_op("{")?;
            if p.eat_any(&["D", "T", "TS"]) {
                p.expect_kind(Kind::Text)?;
                return p.expect_op("}");
            }
            p.expect("FN")?;
            if !p.is_op(1, "(") {
                return p.unexpected();
            }
            if p.eat_any(ODBC) {
                p.arguments(false)?;
            } else {
                p.call()?;
            }
            p.expect_op("}")
        })
    }

    /// `@@name`: the server's own, each known.
    fn global(&mut self) -> Parsed {
        let name = self.token(0).map(|t| self.text_of(t).to_ascii_lowercase()).unwrap_or_default();
        if self.tongue.harmless(&name) {
            self.bump();
            return Ok(());
        }
        let why = "This global function is not known.";
        self.refuse_here(Class::Unsure, self.tongue.rules.variable, why)
    }

    /// `( query )`, `( expression , … )`, `((query) UNION query)`, `()`.
    pub fn brackets(&mut self) -> Parsed {
        self.deeper(|p| {
            p.expect_op("(")?;
            if p.eat_op(")") {
                return Ok(());
            }
            if !p.is_op(0, "(") && p.at_query() {
                p.query()?;
            } else {
                p.expressions()?;
                if p.at_query_rest() {
                    p.rest_of_passed()?;
                }
            }
            p.expect_op(")")
        })
    }

    fn word_operand(&mut self) -> Parsed {
        if self.is(0, "CASE") {
            return self.case();
        }
        if self.is(0, "EXISTS") && self.is_op(1, "(") {
            self.bump();
            return self.query_in_brackets();
        }
        if self.is_any(0, &["SELECT", "WITH"]) {
            return self.unexpected();
        }
        if self.is_all(&["NEXT", "VALUE", "FOR"]) || self.is_all(&["NEXTVAL", "FOR"]) {
            return self.advances(self.mark());
        }
        if self.speaks(Family::Db2) && self.register() {
            return Ok(());
        }
        if self.speaks(Family::Db2)
            && self.is_any(0, &["PREVIOUS", "PREVVAL"])
            && self.is_any(1, &["VALUE", "FOR"])
        {
            self.bump();
            self.eat("VALUE");
            self.expect("FOR")?;
            return self.dotted_name();
        }
        if self.speaks(Family::Db2) && self.is_all(&["ROW", "CHANGE"]) && self.is(3, "FOR") {
            self.bump();
            self.bump();
            self.expect_any(&["TIMESTAMP", "TOKEN"])?;
            self.bump();
            return self.dotted_name();
        }
        if self.speaks(Family::Oracle) && self.is_any(0, &["CURSOR", "MULTISET"]) && self.at_bracketed_query()
        {
            self.bump();
            return self.query_in_brackets();
        }
        if self.is(0, "INTERVAL") && self.kind(1) == Some(Kind::Text) {
            self.bump();
            self.bump();
            return self.interval_units();
        }
        if self.is_any(0, &["DATE", "TIME", "TIMESTAMP"]) && self.kind(1) == Some(Kind::Text) {
            self.bump();
            self.bump();
            return Ok(());
        }
        if self.is_op(1, "(") {
            return self.call();
        }
        if self.tongue.constant(self.word(0)) && !self.is_op(1, ".") {
            self.bump();
            return Ok(());
        }
        self.column()
    }

    /// Whether a query in brackets follows the word under the cursor.
    fn at_bracketed_query(&self) -> bool {
        self.is_op(1, "(") && self.is_any(2, &["SELECT", "WITH"])
    }

    /// Db2's special registers: `CURRENT DATE`, `CURRENT LOCK TIMEOUT`; false when none is here.
    fn register(&mut self) -> bool {
        const ONE: &[&str] = &[
            "DATE",
            "TIME",
            "TIMESTAMP",
            "TIMEZONE",
            "USER",
            "SCHEMA",
            "SERVER",
            "SQLID",
            "ISOLATION",
            "PATH",
            "DEGREE",
            "MEMBER",
            "CLIENT_ACCTNG",
            "CLIENT_APPLNAME",
            "CLIENT_USERID",
            "CLIENT_WRKSTNNAME",
            "FUNCTION_PATH",
            "NODE",
            "DBPARTITIONNUM",
            "REFRESH_AGE",
        ];
        const MORE: &[&[&str]] = &[
            &["LOCK", "TIMEOUT"],
            &["QUERY", "OPTIMIZATION"],
            &["TIME", "ZONE"],
            &["EXPLAIN", "MODE"],
            &["REFRESH", "AGE"],
            &["PACKAGE", "PATH"],
            &["DECFLOAT", "ROUNDING", "MODE"],
            &["TEMPORAL", "SYSTEM_TIME"],
        ];
        if !self.is(0, "CURRENT") {
            return false;
        }
        self.bump();
        if MORE.iter().any(|words| self.eat_all(words)) || self.eat_any(ONE) {
            if self.is_op(0, "(") && self.kind(1) == Some(Kind::Number) && self.is_op(2, ")") {
                (0..3).for_each(|_| self.bump());
            }
            return true;
        }
        let back = self.mark().saturating_sub(1);
        self.reset(back);
        false
    }

    /// `DAY`, `YEAR(4) TO MONTH`, `DAY TO SECOND(6)`.
    fn interval_units(&mut self) -> Parsed {
        self.expect_any(UNITS)?;
        self.precision()?;
        if self.eat("TO") {
            self.expect_any(UNITS)?;
            self.precision()?;
        }
        Ok(())
    }

    fn precision(&mut self) -> Parsed {
        if self.is_op(0, "(") && self.kind(1) == Some(Kind::Number) {
            self.bump();
            self.bump();
            if self.eat_op(",") {
                self.expect_kind(Kind::Number)?;
            }
            return self.expect_op(")");
        }
        Ok(())
    }

    fn is_method(&self, ahead: usize) -> bool {
        let known = if self.speaks(Family::Oracle) {
            METHODS_OF_ORACLE.contains(&self.word(ahead).to_ascii_lowercase().as_str())
        } else {
            METHODS.contains(&self.word(ahead))
        };
        known && self.is_op(ahead + 1, "(")
    }

    /// `getClobVal()`, `extract('/a', 'xmlns="…"')`, with the cursor on the name. Only strings may be given.
    fn method_of_oracle(&mut self) -> Parsed {
        self.bump();
        self.expect_op("(")?;
        if self.eat_kind(Kind::Text) && self.eat_op(",") {
            self.expect_kind(Kind::Text)?;
        }
        self.expect_op(")")
    }

    /// `value('path', 'type')` and its like, with the cursor on the name. Only strings may be given: a
    /// function that somebody made would be given values.
    pub fn method(&mut self) -> Parsed {
        self.bump();
        self.expect_op("(")?;
        self.expect_kind(Kind::Text)?;
        if self.eat_op(",") {
            self.expect_kind(Kind::Text)?;
        }
        self.expect_op(")")
    }

    /// `a.b.c` in which every part is a name, of a sequence or a type.
    pub fn dotted_name(&mut self) -> Parsed {
        self.name()?;
        while self.eat_op(".") {
            self.any_name()?;
        }
        Ok(())
    }

    /// A column, `t.*`, a method of an XML column, or a function by its qualified name.
    fn column(&mut self) -> Parsed {
        let from = self.mark();
        self.name()?;
        let mut parts = 1;
        while self.is_op(0, ".") {
            if self.speaks(Family::SqlServer) && self.is_method(1) {
                self.bump();
                return self.method();
            }
            if self.speaks(Family::Oracle) && self.is_method(1) {
                // Of a column: what stands before it must begin with a table of the statement.
                self.qualified.push(from);
                self.bump();
                return self.method_of_oracle();
            }
            self.bump();
            if self.eat_op("*") {
                return Ok(());
            }
            self.any_name()?;
            parts += 1;
            // Oracle's `d.body.items[0].name`.
            while parts > 1 && self.eat_op("[") {
                self.expect_kind(Kind::Number)?;
                self.expect_op("]")?;
            }
        }
        let joins_outer = self.is_op(1, "+") && self.is_op(2, ")");
        if self.is_op(0, "(") && !joins_outer {
            return self.qualified_call(from, parts);
        }
        if self.is_op(0, "@") {
            return self.unexpected();
        }
        let last = self.last().map(|t| self.text_of(t).trim_matches('"')).unwrap_or_default();
        if last.eq_ignore_ascii_case("NEXTVAL") && (parts > 1 || !self.speaks(Family::SqlServer)) {
            return self.advances(from);
        }
        if last.eq_ignore_ascii_case("CURRVAL") && parts > 1 && self.speaks(Family::Oracle) {
            // Reads what NEXTVAL gave in this session: the sequence is no table of the statement.
            return Ok(());
        }
        if parts == 1 {
            self.note_bare(from)?;
        } else {
            self.qualified.push(from);
        }
        Ok(())
    }

    fn case(&mut self) -> Parsed {
        self.deeper(|p| {
            p.expect("CASE")?;
            if !p.is(0, "WHEN") {
                p.expr()?;
            }
            while p.eat("WHEN") {
                p.expr()?;
                p.expect("THEN")?;
                p.expr()?;
            }
            if p.eat("ELSE") {
                p.expr()?;
            }
            p.expect("END")
        })
    }
}
