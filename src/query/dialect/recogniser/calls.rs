//! Function calls: the name must be on the list, and the arguments are read with every keyword form the
//! built-ins have (`TRIM(BOTH x FROM y)`, `CAST(x AS …)`, `LISTAGG(… ON OVERFLOW …) WITHIN GROUP (…)`).

use super::Family;
use super::lexer::Kind;
use super::parser::{Parsed, Parser, Stop};
use crate::query::dialect::Class;

/// Words before a value that say which part of it is wanted.
const PARTS: &[&str] = &["BOTH", "LEADING", "TRAILING"];
/// Fields of EXTRACT and TRIM, where FROM follows.
const FIELDS: &[&str] = &[
    "YEAR",
    "MONTH",
    "DAY",
    "HOUR",
    "MINUTE",
    "SECOND",
    "TIMEZONE_HOUR",
    "TIMEZONE_MINUTE",
    "TIMEZONE_REGION",
    "TIMEZONE_ABBR",
    "EPOCH",
    "DOW",
    "DOY",
    "WEEK",
    "QUARTER",
    "CENTURY",
    "DECADE",
    "MILLISECOND",
    "MICROSECOND",
];

impl Parser<'_> {
    /// `name ( … )` with a bare name under the cursor.
    pub fn call(&mut self) -> Parsed {
        let name = self.word(0).to_ascii_lowercase();
        let from = self.mark();
        self.bump();
        if let Some(effect) = self.tongue.effect(&name) {
            return self.refuse_from(from, Class::Write, self.tongue.rules.effect, effect.why, None);
        }
        if !self.tongue.harmless(&name) {
            return self.unknown_function(from);
        }
        self.harmless_call(&name)
    }

    /// What follows the name of a function that is known to be harmless.
    fn harmless_call(&mut self, name: &str) -> Parsed {
        if matches!(name, "xmlquery" | "xmlexists") {
            self.known_xquery(1)?;
        }
        if name == "json_transform" {
            return self.json_transform();
        }
        let named = self.is_name(1) && (self.is_op(2, ",") || self.is_op(2, ")"));
        if name == "xmlelement" && named && self.speaks(Family::Oracle) {
            return self.element();
        }
        let to_type_first = self.speaks(Family::SqlServer) && matches!(name, "convert" | "try_convert");
        self.arguments(to_type_first)?;
        self.call_rest()
    }

    /// `( name, value , … )` after Oracle's XMLELEMENT: the name is the element's and no column.
    fn element(&mut self) -> Parsed {
        self.deeper(|p| {
            p.expect_op("(")?;
            p.any_name()?;
            while p.eat_op(",") {
                p.argument()?;
            }
            p.expect_op(")")
        })
    }

    /// A function by its qualified name, from the token at `from` to the bracket under the cursor.
    pub fn qualified_call(&mut self, from: usize, parts: usize) -> Parsed {
        let first = self.token_at(from).map(|t| self.text_of(t)).unwrap_or_default();
        if self.speaks(Family::SqlServer) && parts == 2 && first.eq_ignore_ascii_case("$PARTITION") {
            // A partition function is a list of bounds and holds no code.
            return self.arguments(false);
        }
        let mut name = String::new();
        for part in 0..parts {
            let Some(token) = self.token_at(from + 2 * part) else { return self.unexpected() };
            if token.kind != Kind::Word {
                return self.unknown_function(from);
            }
            if part > 0 {
                name.push('.');
            }
            name.push_str(&self.text_of(token).to_ascii_lowercase());
        }
        let own = match self.tongue.family {
            Family::Oracle => name.strip_prefix("sys."),
            Family::Db2 => {
                ["sysibm.", "sysfun.", "sysproc."].iter().find_map(|schema| name.strip_prefix(*schema))
            }
            Family::SqlServer => None,
        };
        let name = own.unwrap_or(&name);
        if let Some(effect) = self.tongue.effect(name) {
            return self.refuse_from(from, Class::Write, self.tongue.rules.effect, effect.why, None);
        }
        if parts == 1 || !self.tongue.harmless(name) {
            return self.unknown_function(from);
        }
        self.harmless_call(name)
    }

    fn unknown_function(&mut self, from: usize) -> Parsed {
        let why =
            "The function is not a built-in that is known to be harmless; what others do cannot be seen.";
        self.refuse_from(from, Class::Unsure, self.tongue.rules.function, why, None)
    }

    /// `( … )` after a function's name.
    pub fn arguments(&mut self, type_first: bool) -> Parsed {
        self.deeper(|p| {
            p.expect_op("(")?;
            if p.eat_op(")") {
                return Ok(());
            }
            if type_first {
                p.data_type()?;
            } else {
                p.argument()?;
            }
            while p.eat_op(",") {
                p.argument()?;
            }
            // `JSON_OBJECT('a': 1 NULL ON NULL)` and its like end with words.
            p.argument_rest()?;
            p.expect_op(")")
        })
    }

    fn argument(&mut self) -> Parsed {
        if self.eat_op("*") {
            return Ok(());
        }
        let alone = self.is_op(1, ",") || self.is_op(1, ")");
        if self.speaks(Family::SqlServer) && alone && self.eat("DEFAULT") {
            return Ok(());
        }
        self.eat_any(&["DISTINCT", "ALL", "UNIQUE"]);
        // XMLELEMENT(NAME x, …)
        if self.is(0, "NAME") && self.is_name(1) && (self.is_op(2, ",") || self.is_op(2, ")")) {
            self.bump();
            return self.any_name();
        }
        let named = self.kind(0) == Some(Kind::Word) && self.is_op(1, "=>");
        if named {
            self.bump();
            self.bump();
        }
        if self.eat("KEY") && self.kind(0) != Some(Kind::Operator) {
            return self.argument();
        }
        let value = self.is_name(1) || self.kind(1) == Some(Kind::Text);
        if self.is_any(0, &["CONTENT", "DOCUMENT"]) && value {
            self.bump();
        }
        if self.speaks(Family::Oracle) && self.xml_words()? {
            return Ok(());
        }
        let trim = self.eat_any(PARTS);
        if self.is_any(0, FIELDS) && self.is(1, "FROM") {
            self.bump();
        } else if self.is(0, "SELECT") {
            self.query()?;
        } else if !(trim && self.is(0, "FROM")) {
            self.expr()?;
        }
        self.argument_rest()
    }

    /// The keyword forms that may follow an argument.
    fn argument_rest(&mut self) -> Parsed {
        loop {
            if self.eat("AS") {
                self.as_what()?;
            } else if self.eat("USING") {
                self.using()?;
            } else if self.eat_any(&["FROM", "FOR", "VALUE"])
                || self.eat_op(":")
                || (self.speaks(Family::Db2) && self.eat("PLACING"))
            {
                self.expr()?;
            } else if self.speaks(Family::Oracle) && self.xml_words()? {
            } else if self.is(0, "ORDER") {
                self.order_by()?;
            } else if self.eat("RETURNING") {
                self.data_type()?;
                self.eat_any(&["SEQUENCE"]);
            } else if self.eat("PASSING") {
                self.passing()?;
            } else if self.eat_all(&["ON", "OVERFLOW"]) {
                self.overflow()?;
            } else if self.is_any(0, &["IGNORE", "RESPECT"]) && self.is(1, "NULLS") {
                self.bump();
                self.bump();
            } else if self.is_any(0, &["NULL", "ABSENT", "ERROR", "DEFAULT", "EMPTY", "TRUE", "FALSE"]) {
                self.fallbacks()?;
            } else if !self.shaping_words() {
                return Ok(());
            }
        }
    }

    /// Oracle's words of XMLROOT and XMLSERIALIZE: `VERSION '1.0'`, `STANDALONE YES`, `INDENT SIZE = 2`,
    /// `HIDE DEFAULTS`; false when none is here.
    fn xml_words(&mut self) -> Result<bool, Stop> {
        if self.is_any(0, &["VERSION", "ENCODING"]) && self.kind(1) == Some(Kind::Text) {
            self.bump();
            self.bump();
        } else if self.eat_all(&["VERSION", "NO", "VALUE"])
            || self.eat_all(&["STANDALONE", "NO", "VALUE"])
            || self.eat_all(&["STANDALONE", "YES"])
            || self.eat_all(&["STANDALONE", "NO"])
            || self.eat_all(&["NO", "INDENT"])
            || self.eat_all(&["HIDE", "DEFAULTS"])
            || self.eat_all(&["SHOW", "DEFAULTS"])
        {
        } else if self.is(0, "INDENT") && (self.is_op(1, ")") || self.is_any(1, &["SIZE", "HIDE", "SHOW"])) {
            self.bump();
            if self.eat("SIZE") {
                self.expect_op("=")?;
                self.expect_kind(Kind::Number)?;
            }
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// `JSON_TRANSFORM(doc, SET '$.a' = 1 IGNORE ON MISSING, REMOVE '$.b' RETURNING CLOB)`: it gives a
    /// changed document and changes nothing.
    fn json_transform(&mut self) -> Parsed {
        const STEPS: &[&str] = &["SET", "REPLACE", "APPEND", "PREPEND", "RENAME", "REMOVE", "KEEP"];
        self.deeper(|p| {
            p.expect_op("(")?;
            p.expr()?;
            p.eat_all(&["FORMAT", "JSON"]);
            while p.eat_op(",") {
                if !p.eat_kind(Kind::Text) {
                    p.expect_any(STEPS)?;
                    p.expect_kind(Kind::Text)?;
                }
                if p.eat_op("=") {
                    p.expr()?;
                } else if p.eat("WITH") {
                    p.expect_kind(Kind::Text)?;
                }
                p.eat_all(&["FORMAT", "JSON"]);
                while p.is(1, "ON") {
                    p.expect_any(&["CREATE", "REPLACE", "IGNORE", "ERROR", "NULL", "REMOVE"])?;
                    p.expect("ON")?;
                    p.expect_any(&["MISSING", "EXISTING", "NULL", "EMPTY", "ERROR"])?;
                }
            }
            if p.eat("RETURNING") {
                p.data_type()?;
            }
            p.expect_op(")")
        })
    }

    /// Words that shape a document and take nothing after them; false when none is here.
    fn shaping_words(&mut self) -> bool {
        const ONE: &[&str] = &["STRICT", "PRETTY", "ASCII", "TRUNCATE", "CONTENT", "DOCUMENT", "WELLFORMED"];
        self.eat_all(&["FORMAT", "JSON"])
            || self.eat_all(&["WITH", "UNIQUE", "KEYS"])
            || self.eat_all(&["PRESERVE", "WHITESPACE"])
            || self.eat_all(&["STRIP", "WHITESPACE"])
            || self.eat_any(ONE)
            || (self.is_any(0, &["WITH", "WITHOUT"]) && self.wrapper())
    }

    /// After AS in a call: a type, or the name that XMLFOREST gives.
    fn as_what(&mut self) -> Parsed {
        if self.speaks(Family::Oracle) && self.enclosing_call().is_some_and(|name| name == "treat") {
            // TREAT names the type that an object has, and converts nothing.
            if self.tongue.types(self.word(0)) {
                return self.data_type();
            }
            self.eat("REF");
            return self.dotted_name();
        }
        if self.speaks(Family::Oracle) && self.collection_type() {
            return Ok(());
        }
        if self.kind(0) == Some(Kind::Quoted) && !self.speaks(Family::SqlServer) {
            return self.any_name();
        }
        if self.is_name(0) && !self.tongue.types(self.word(0)) && !self.speaks(Family::SqlServer) {
            // XMLFOREST's names follow AS too, and a type that somebody made is no name.
            let forest = self.is_op(1, ",") || self.is_op(1, ")");
            let elements = ["xmlforest", "xmlattributes", "xmlcolattval"];
            let within = forest && self.enclosing_call().is_some_and(|n| elements.contains(&n.as_str()));
            return if within { self.any_name() } else { self.unexpected() };
        }
        self.data_type()
    }

    /// The collections that Oracle brings, for CAST(MULTISET(…) AS …); false when none is here.
    fn collection_type(&mut self) -> bool {
        const TYPES: &[&str] =
            &["ODCINUMBERLIST", "ODCIVARCHAR2LIST", "ODCIDATELIST", "ODCIRAWLIST", "DBMS_DEBUG_VC2COLL"];
        let schema = if self.is(0, "SYS") && self.is_op(1, ".") { 2 } else { 0 };
        if !self.is_any(schema, TYPES) || self.is_op(schema + 1, ".") {
            return false;
        }
        (0..=schema).for_each(|_| self.bump());
        true
    }

    /// The name before the innermost open bracket, in lower case.
    fn enclosing_call(&self) -> Option<String> {
        let (mut at, mut depth) = (self.mark(), 0_usize);
        while at > 0 {
            at -= 1;
            let text = self.token_at(at).map(|t| self.text_of(t)).unwrap_or_default();
            match text {
                ")" => depth += 1,
                "(" if depth == 0 => {
                    let name = at.checked_sub(1).and_then(|at| self.token_at(at))?;
                    return Some(self.text_of(name).to_ascii_lowercase());
                }
                "(" => depth -= 1,
                _ => {}
            }
        }
        None
    }

    /// `USING 'en-US'`, `USING NCHAR_CS`, the units of lengths in Db2.
    fn using(&mut self) -> Parsed {
        if self.eat_kind(Kind::Text) {
            return Ok(());
        }
        if self.speaks(Family::Oracle) && self.eat_op("*") {
            // All columns, as PREDICTION and its like take them.
            return Ok(());
        }
        const WORDS: &[&str] = &["NCHAR_CS", "CHAR_CS", "CODEUNITS16", "CODEUNITS32", "OCTETS"];
        self.expect_any(WORDS)
    }

    /// `PASSING [BY VALUE] x [AS "y"] , …`
    pub fn passing(&mut self) -> Parsed {
        self.eat_all(&["BY", "VALUE"]);
        self.eat_all(&["BY", "REF"]);
        loop {
            self.expr()?;
            if self.eat("AS") {
                self.any_name()?;
            }
            self.eat_all(&["BY", "REF"]);
            if !self.eat_op(",") {
                break;
            }
        }
        if self.is(0, "RETURNING") && self.is_any(1, &["CONTENT", "SEQUENCE"]) {
            self.bump();
            self.bump();
        }
        Ok(())
    }

    /// After `ON OVERFLOW`.
    fn overflow(&mut self) -> Parsed {
        if self.eat("ERROR") {
            return Ok(());
        }
        self.expect("TRUNCATE")?;
        self.eat_kind(Kind::Text);
        if self.eat_any(&["WITH", "WITHOUT"]) {
            self.expect("COUNT")?;
        }
        Ok(())
    }

    /// `WITH [ARRAY] WRAPPER`, `WITHOUT WRAPPER`; false when it is something else.
    fn wrapper(&mut self) -> bool {
        let from = self.mark();
        self.bump();
        self.eat_any(&["CONDITIONAL", "UNCONDITIONAL"]);
        self.eat("ARRAY");
        if self.eat("WRAPPER") {
            return true;
        }
        self.reset(from);
        false
    }

    /// `NULL ON EMPTY`, `ABSENT ON NULL`, `DEFAULT x ON ERROR`, `DEFAULT x ON CONVERSION ERROR`.
    pub fn fallbacks(&mut self) -> Parsed {
        while self.is_any(0, &["NULL", "ABSENT", "ERROR", "DEFAULT", "EMPTY", "TRUE", "FALSE"]) {
            if self.eat("DEFAULT") {
                self.operand()?;
            } else {
                self.bump();
                self.eat_any(&["ARRAY", "OBJECT"]);
            }
            self.expect("ON")?;
            self.eat("CONVERSION");
            self.expect_any(&["EMPTY", "ERROR", "NULL", "MISMATCH"])?;
        }
        Ok(())
    }

    /// What may follow a call: `WITHIN GROUP (…)`, `KEEP (…)`, `FILTER (…)`, `IGNORE NULLS`, `OVER (…)`.
    pub fn call_rest(&mut self) -> Parsed {
        if self.eat_all(&["WITHIN", "GROUP"]) {
            self.expect_op("(")?;
            self.order_by()?;
            self.expect_op(")")?;
        }
        if self.speaks(Family::Oracle) && self.is(0, "KEEP") && self.is_op(1, "(") {
            self.bump();
            self.bump();
            self.expect("DENSE_RANK")?;
            self.expect_any(&["FIRST", "LAST"])?;
            self.order_by()?;
            self.expect_op(")")?;
        }
        if self.is(0, "FILTER") && self.is_op(1, "(") && self.is(2, "WHERE") {
            (0..3).for_each(|_| self.bump());
            self.expr()?;
            self.expect_op(")")?;
        }
        if self.is(0, "FROM")
            && self.is_any(1, &["FIRST", "LAST"])
            && self.is_any(2, &["OVER", "RESPECT", "IGNORE"])
        {
            self.bump();
            self.bump();
        }
        if self.is_any(0, &["RESPECT", "IGNORE"]) && self.is(1, "NULLS") {
            self.bump();
            self.bump();
        }
        if self.is(0, "OVER") && (self.is_op(1, "(") || self.is_name(1)) {
            self.bump();
            if self.is_op(0, "(") {
                return self.window();
            }
            return self.name();
        }
        Ok(())
    }
}
