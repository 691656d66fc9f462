//! SHOW, one line per form. A form that is not listed is refused.

use super::lexer::Kind;
use super::parser::{Parsed, Parser, Stop};
use crate::query::dialect::Class;

/// The forms after SHOW. Words are literal, `a|b` is a choice, `[…]` may be left out, and: `@name` a
/// qualified name, `@where` LIKE or WHERE, `@of` FROM or IN with a name (twice at most), `@text` a
/// string, `@number` a number, `@limit` LIMIT, `@user` an account, `@format` `FORMAT=x`, `@events` the
/// parts of a profile.
const FORMS: &[&str] = &[
    "[GLOBAL|SESSION|LOCAL] STATUS [@where]",
    "[GLOBAL|SESSION|LOCAL] VARIABLES [@where]",
    "[FULL] PROCESSLIST [@where]",
    "[EXTENDED] [FULL] TABLES [@of] [@where]",
    "[EXTENDED] [FULL] COLUMNS|FIELDS @of [@where]",
    "[EXTENDED] INDEX|INDEXES|KEYS @of [@where]",
    "[FULL] TRIGGERS [@of] [@where]",
    "DATABASES|SCHEMAS [@where]",
    "TABLE STATUS [@of] [@where]",
    "OPEN TABLES [@of] [@where]",
    "EVENTS [@of] [@where]",
    "FUNCTION|PROCEDURE|PACKAGE|LIBRARY STATUS [@where]",
    "PACKAGE BODY STATUS [@where]",
    "FUNCTION|PROCEDURE CODE @name",
    "PACKAGE BODY CODE @name",
    "CREATE DATABASE|SCHEMA [IF] [NOT] [EXISTS] @name",
    "CREATE TABLE|VIEW|PROCEDURE|FUNCTION|TRIGGER|EVENT|SEQUENCE|SERVER|LIBRARY @name",
    "CREATE PACKAGE [BODY] @name",
    "CREATE USER [@user]",
    "ENGINE @name STATUS|MUTEX|LOGS",
    "[STORAGE] ENGINES [@where]",
    "PLUGINS [SONAME] [@text] [@where]",
    "PRIVILEGES",
    "CHARACTER SET [@where]",
    "CHARSET [@where]",
    "COLLATION [@where]",
    "ERRORS|WARNINGS [@limit]",
    "COUNT ( * ) ERRORS|WARNINGS",
    "GRANTS [@grants]",
    "MASTER|BINARY LOGS",
    "BINARY LOG STATUS",
    "MASTER|BINLOG STATUS",
    "BINLOG EVENTS [@log]",
    "[ALL] SLAVE|REPLICA|SLAVES|REPLICAS [@text] STATUS [@channel]",
    "RELAYLOG EVENTS [@log]",
    "SLAVE @text RELAYLOG EVENTS [@log]",
    "SLAVE|REPLICA HOSTS",
    "REPLICAS",
    "PROFILES",
    "PROFILE [@events] [@query] [@limit]",
    "AUTHORS|CONTRIBUTORS|LOCALES",
    "CLIENT_STATISTICS|INDEX_STATISTICS|TABLE_STATISTICS|USER_STATISTICS|THREAD_STATISTICS|USER_VARIABLES|QUERY_RESPONSE_TIME [@where]",
    "WSREP_MEMBERSHIP|WSREP_STATUS",
    "EXPLAIN|ANALYZE [@format] FOR @number",
];

impl Parser<'_> {
    /// A SHOW statement, with the cursor on SHOW.
    pub fn show(&mut self) -> Parsed {
        self.expect("SHOW")?;
        let mark = self.mark();
        let mut furthest = mark;
        for form in FORMS {
            if self.form(form).is_ok() && self.ends() {
                return Ok(());
            }
            if let Some(refusal) = self.refusal.clone().filter(|r| r.rule != "mysql.syntax") {
                self.reset(mark);
                self.refusal = Some(refusal);
                return Err(Stop);
            }
            furthest = furthest.max(self.mark());
            self.reset(mark);
        }
        (mark..furthest).for_each(|_| self.bump());
        self.refuse_here(
            Class::Unsure,
            "mysql.show.unknown",
            "This form of SHOW is not on the list of those that only read.",
        )
    }

    fn form(&mut self, form: &str) -> Parsed {
        for part in form.split(' ') {
            let optional = part.strip_prefix('[').and_then(|p| p.strip_suffix(']'));
            let part = optional.unwrap_or(part);
            let here = self.mark();
            match self.part(part) {
                Err(_) if optional.is_some() && self.mark() == here => self.refusal = None,
                outcome => outcome?,
            }
        }
        Ok(())
    }

    fn part(&mut self, part: &str) -> Parsed {
        match part {
            "@name" => self.show_name(),
            "@where" => self.show_filter(),
            "@of" => self.show_of(),
            "@text" => self.string(),
            "@number" => self.kinds(&[Kind::Number, Kind::Parameter]),
            "@limit" => {
                self.expect("LIMIT")?;
                self.limit()
            }
            "@user" => self.account(),
            "@grants" => self.grants(),
            "@format" => {
                self.expect("FORMAT")?;
                self.expect_op("=")?;
                self.name_or_text()
            }
            "@log" => self.log_place(),
            "@channel" => {
                self.expect("FOR")?;
                self.expect("CHANNEL")?;
                self.name_or_text()
            }
            "@query" => {
                self.expect("FOR")?;
                self.expect("QUERY")?;
                self.kinds(&[Kind::Number])
            }
            "@events" => self.profile_parts(),
            "(" | ")" | "*" => self.expect_op(part),
            words => {
                // A form that does not fit is no reason to refuse: the next may.
                if words.split('|').any(|word| self.eat(word)) { Ok(()) } else { Err(Stop) }
            }
        }
    }

    fn kinds(&mut self, kinds: &[Kind]) -> Parsed {
        if kinds.iter().any(|kind| self.eat_kind(*kind)) { Ok(()) } else { self.unexpected() }
    }

    /// Names in SHOW may be words that are reserved elsewhere only when quoted.
    fn show_name(&mut self) -> Parsed {
        self.qualified_name()
    }

    fn show_filter(&mut self) -> Parsed {
        if self.eat("LIKE") {
            return self.string();
        }
        self.expect("WHERE")?;
        self.expr()
    }

    fn show_of(&mut self) -> Parsed {
        if !self.eat_any(&["FROM", "IN"]) {
            return self.unexpected();
        }
        self.qualified_name()?;
        if self.eat_any(&["FROM", "IN"]) { self.name() } else { Ok(()) }
    }

    /// `name`, `'name'@'host'`, `CURRENT_USER[()]`.
    fn account(&mut self) -> Parsed {
        if self.eat_any(&["CURRENT_USER", "CURRENT_ROLE"]) {
            return if self.eat_op("(") { self.expect_op(")") } else { Ok(()) };
        }
        self.name_or_text()?;
        self.eat_kind(Kind::UserVariable);
        Ok(())
    }

    fn grants(&mut self) -> Parsed {
        self.expect("FOR")?;
        self.account()?;
        if self.eat("USING") {
            self.account()?;
            while self.eat_op(",") {
                self.account()?;
            }
        }
        Ok(())
    }

    fn log_place(&mut self) -> Parsed {
        let here = self.mark();
        if self.eat("IN") {
            self.string()?;
        }
        if self.eat("FROM") {
            self.kinds(&[Kind::Number])?;
        }
        if self.eat("LIMIT") {
            self.limit()?;
        }
        if self.is(0, "FOR") {
            self.part("@channel")?;
        }
        if self.mark() == here { self.unexpected() } else { Ok(()) }
    }

    fn profile_parts(&mut self) -> Parsed {
        loop {
            let two = self.eat_all(&["BLOCK", "IO"])
                || self.eat_all(&["CONTEXT", "SWITCHES"])
                || self.eat_all(&["PAGE", "FAULTS"]);
            if !two && !self.eat_any(&["ALL", "CPU", "IPC", "MEMORY", "SOURCE", "SWAPS"]) {
                return self.unexpected();
            }
            if !self.eat_op(",") {
                return Ok(());
            }
        }
    }
}
