//! The recogniser that SQL Server, Oracle and Db2 share: an exact lexer each and one grammar of the part
//! of SQL that only reads, with what each server has of its own. The rule it keeps: a statement is a read
//! when every one of its tokens was read by a line of grammar that names it and every function it calls
//! is on its server's list of harmless built-ins. Everything else is refused.
//!
//! The grammar is wider than the servers' where that is harmless: what it lets through and the server
//! rejects changes nothing.

mod calls;
mod documents;
mod endings;
mod expr;
mod from;
mod hints;
pub(super) mod lexer;
mod names;
pub(super) mod parser;
mod query;
mod types;
mod xquery;

use super::{Class, Span, TokenKind, Verdict};
use lexer::{Fault, Kind, Token};
use parser::{Parsed, Parser, Refusal, Stop};
use std::collections::{HashMap, HashSet};

/// Longest statement that is judged, in bytes.
const LONGEST: usize = 1 << 20;
/// Deepest nesting of brackets and CASE that is judged.
const DEEPEST: usize = 200;

/// Whose SQL it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Microsoft's T-SQL.
    SqlServer,
    /// Oracle.
    Oracle,
    /// Db2.
    Db2,
}

/// Stable ids of the rules that every family has.
#[derive(Debug)]
pub struct Rules {
    pub syntax: &'static str,
    pub empty: &'static str,
    pub length: &'static str,
    pub nesting: &'static str,
    pub nul: &'static str,
    pub character: &'static str,
    pub ambiguous: &'static str,
    pub unterminated: &'static str,
    pub multiple: &'static str,
    pub into: &'static str,
    pub locking: &'static str,
    pub link: &'static str,
    pub sequence: &'static str,
    pub function: &'static str,
    pub effect: &'static str,
    pub from_function: &'static str,
    pub variable: &'static str,
    pub name: &'static str,
    pub data_change: &'static str,
    pub verb: &'static str,
    pub read: &'static str,
}

/// The rules of the family whose ids begin with `$family`.
macro_rules! rules {
    ($family:literal) => {
        $crate::query::dialect::recogniser::Rules {
            syntax: concat!($family, ".syntax"),
            empty: concat!($family, ".empty"),
            length: concat!($family, ".limit.length"),
            nesting: concat!($family, ".limit.nesting"),
            nul: concat!($family, ".nul"),
            character: concat!($family, ".character"),
            ambiguous: concat!($family, ".ambiguous"),
            unterminated: concat!($family, ".unterminated"),
            multiple: concat!($family, ".multiple-statements"),
            into: concat!($family, ".into"),
            locking: concat!($family, ".locking"),
            link: concat!($family, ".link"),
            sequence: concat!($family, ".sequence"),
            function: concat!($family, ".function.unknown"),
            effect: concat!($family, ".function.effect"),
            from_function: concat!($family, ".function.from"),
            variable: concat!($family, ".variable"),
            name: concat!($family, ".name.unknown"),
            data_change: concat!($family, ".data-change"),
            verb: concat!($family, ".statement.unknown"),
            read: concat!($family, ".select"),
        }
    };
}
pub(super) use rules;

/// A statement that does not pass, known by its first word.
#[derive(Debug)]
pub struct Verb {
    /// The word, upper case.
    pub word: &'static str,
    /// Stable id.
    pub rule: &'static str,
    /// Why, in one sentence.
    pub why: &'static str,
    /// The read instead.
    pub instead: Option<&'static str>,
}

/// A verb and why it is refused.
pub const fn verb(word: &'static str, rule: &'static str, why: &'static str) -> Verb {
    Verb { word, rule, why, instead: None }
}

/// A verb, why it is refused, and the read instead.
pub const fn verb_or(
    word: &'static str,
    rule: &'static str,
    why: &'static str,
    instead: &'static str,
) -> Verb {
    Verb { word, rule, why, instead: Some(instead) }
}

/// Functions that are known to do more than return a value.
#[derive(Debug)]
pub struct Effect {
    /// Why, in one sentence.
    pub why: &'static str,
    /// Their names.
    pub names: &'static str,
}

/// What one family has of its own, as lists of words separated by blanks.
#[derive(Debug)]
pub struct Lists {
    /// Words that cannot be bare names, upper case.
    pub reserved: &'static str,
    /// Words that are values by themselves, upper case.
    pub constants: &'static str,
    /// Functions that return a value and do nothing else, lower case, qualified ones with their dots.
    pub harmless: &'static str,
    /// Functions in FROM that only read, lower case.
    pub tables: &'static str,
    /// Words of types, upper case.
    pub types: &'static str,
}

/// A family's language.
#[derive(Debug)]
pub struct Tongue {
    /// Which.
    pub family: Family,
    /// Its rule ids.
    pub rules: Rules,
    /// First words that are refused.
    pub verbs: &'static [Verb],
    /// Words offered while typing, upper case, sorted.
    pub offered: &'static [&'static str],
    reserved: HashSet<&'static str>,
    constants: HashSet<&'static str>,
    types: HashSet<&'static str>,
    harmless: HashSet<&'static str>,
    tables: HashSet<&'static str>,
    effects_by_name: HashMap<&'static str, &'static Effect>,
}

impl Tongue {
    /// The language of `family`, whose lists become sets.
    pub fn new(
        family: Family,
        rules: Rules,
        lists: &Lists,
        verbs: &'static [Verb],
        effects: &'static [Effect],
        offered: &'static [&'static str],
    ) -> Self {
        let set = |words: &'static str| words.split_whitespace().collect::<HashSet<_>>();
        let names = |effect: &'static Effect| effect.names.split_whitespace().map(move |n| (n, effect));
        Self {
            family,
            rules,
            verbs,
            offered,
            reserved: set(lists.reserved),
            constants: set(lists.constants),
            types: set(lists.types),
            harmless: set(lists.harmless),
            tables: set(lists.tables),
            effects_by_name: effects.iter().flat_map(names).collect(),
        }
    }

    /// Whether `word` cannot be a bare name.
    pub fn reserved(&self, word: &str) -> bool {
        self.reserved.contains(word.to_ascii_uppercase().as_str())
    }

    /// Whether `word` is a value by itself.
    pub fn constant(&self, word: &str) -> bool {
        self.constants.contains(word.to_ascii_uppercase().as_str())
    }

    /// Whether `word` is of a type.
    pub fn types(&self, word: &str) -> bool {
        self.types.contains(word.to_ascii_uppercase().as_str())
    }

    /// Whether the function `name`, in lower case, returns a value and does nothing else.
    pub fn harmless(&self, name: &str) -> bool {
        self.harmless.contains(name) && !self.effects_by_name.contains_key(name)
    }

    /// Whether the function `name`, in lower case, only reads where it stands in FROM.
    pub fn reads_in_from(&self, name: &str) -> bool {
        self.tables.contains(name) && !self.effects_by_name.contains_key(name)
    }

    /// What the function `name`, in lower case, is known to do beside returning a value.
    pub fn effect(&self, name: &str) -> Option<&'static Effect> {
        self.effects_by_name.get(name).copied()
    }

    /// The refused statement that begins with `word`.
    pub fn verb(&self, word: &str) -> Option<&'static Verb> {
        self.verbs.iter().find(|verb| verb.word.eq_ignore_ascii_case(word))
    }
}

/// Reads the statements of a family that are no queries; the id of the rule by which one reads.
pub type Other = fn(&mut Parser<'_>) -> Result<Option<&'static str>, Stop>;

/// The verdict on `statement`.
pub fn classify(tongue: &'static Tongue, statement: &str, other: Other) -> Verdict {
    match judge(tongue, statement, other) {
        Ok(rule) => Verdict::read(rule),
        Err(refusal) => Verdict {
            class: refusal.class,
            rule: refusal.rule,
            construct: excerpt(statement, refusal.start, refusal.end),
            at: refusal.start,
            why: refusal.why,
            instead: refusal.instead,
        },
    }
}

/// The words of a construct, cut to a length that fits a message.
fn excerpt(statement: &str, start: usize, end: usize) -> String {
    statement.get(start..end).unwrap_or_default().chars().take(80).collect()
}

fn refusal(class: Class, rule: &'static str, start: usize, end: usize, why: &str) -> Refusal {
    Refusal { class, rule, start, end, why: why.to_owned(), instead: None }
}

fn judge(tongue: &'static Tongue, statement: &str, other: Other) -> Result<&'static str, Refusal> {
    if statement.len() > LONGEST {
        let why = "The statement is longer than 1 MiB, the most that is judged.";
        return Err(refusal(Class::Unsure, tongue.rules.length, 0, 0, why));
    }
    let tokens = lexer::lex(statement, tongue.family);
    check_tokens(tongue, statement, &tokens)?;
    let code = tokens.into_iter().filter(|t| t.kind != Kind::Comment).collect();
    let mut parser = Parser::new(tongue, statement, code);
    let outcome = parser.statement(other);
    match (outcome, parser.refusal.take()) {
        (Ok(rule), None) => Ok(rule),
        (_, Some(refusal)) => Err(refusal),
        (Err(Stop), None) => {
            let why = "This is not part of the read-only grammar, and what is not understood is refused.";
            Err(refusal(Class::Unsure, tongue.rules.syntax, 0, statement.len(), why))
        }
    }
}

/// What is refused before any grammar: bytes that are no token, deep nesting.
fn check_tokens(tongue: &Tongue, statement: &str, tokens: &[Token]) -> Result<(), Refusal> {
    let rules = &tongue.rules;
    let mut depth = 0_usize;
    for token in tokens {
        let text = statement.get(token.start..token.end).unwrap_or_default();
        if let Kind::Bad(fault) = token.kind {
            let (rule, why) = match fault {
                Fault::Unterminated => (rules.unterminated, "A quote or comment is not closed."),
                Fault::Nul => {
                    (rules.nul, "A NUL byte ends the statement for some readers and not for others.")
                }
                Fault::Stray => (rules.character, "This character has no meaning outside quotes."),
                Fault::Ambiguous => (rules.ambiguous, "Servers and settings read this in different ways."),
            };
            return Err(refusal(Class::Unsure, rule, token.start, token.end, why));
        }
        if !matches!(token.kind, Kind::Operator | Kind::Word) {
            continue;
        }
        if text == "(" || text.eq_ignore_ascii_case("CASE") {
            depth += 1;
        } else if text == ")" || text.eq_ignore_ascii_case("END") {
            depth = depth.saturating_sub(1);
        }
        if depth > DEEPEST {
            let why = "The statement nests deeper than 200 levels, the most that is judged.";
            return Err(refusal(Class::Unsure, rules.nesting, token.start, token.end, why));
        }
    }
    Ok(())
}

impl Parser<'_> {
    /// One statement, to its end; the rule id by which it reads.
    fn statement(&mut self, other: Other) -> Result<&'static str, Stop> {
        if self.ends() {
            self.refuse_here(Class::Unsure, self.tongue.rules.empty, "There is no statement here.")?;
        }
        // T-SQL's habit: a semicolon before WITH.
        while self.speaks(Family::SqlServer) && self.eat_op(";") {}
        let query = self.is_any(0, &["SELECT", "WITH"])
            || self.is_op(0, "(")
            || (self.is(0, "VALUES") && self.speaks(Family::Db2));
        let rule = if query {
            self.query()?;
            self.known_names()?;
            self.second_look()?;
            self.tongue.rules.read
        } else if let Some(rule) = other(self)? {
            rule
        } else {
            self.refused_verb()?;
            self.tongue.rules.read
        };
        while self.eat_op(";") {}
        if self.at_end() {
            return Ok(rule);
        }
        if self.last().is_some_and(|t| self.text_of(t) == ";") {
            let why = "One statement at a time: what follows the semicolon would run too.";
            self.refuse_here(Class::Write, self.tongue.rules.multiple, why)?;
        }
        self.unexpected()?;
        Ok(rule)
    }

    fn refused_verb(&mut self) -> Parsed {
        let from = self.mark();
        let found = self.tongue.verb(self.word(0));
        self.bump();
        match found {
            Some(verb) => self.refuse_from(from, Class::Write, verb.rule, verb.why, verb.instead),
            None => {
                let why = "Statements that start like this are not known to be reads.";
                self.refuse_from(from, Class::Unsure, self.tongue.rules.verb, why, None)
            }
        }
    }

    /// A second look at every token, independent of the grammar: words that write or lock and calls that
    /// are known to have an effect may be nowhere, except as the part of a name behind a dot.
    fn second_look(&mut self) -> Parsed {
        const NOWHERE: &[&str] =
            &["INTO", "INSERT", "UPDATE", "DELETE", "EXEC", "EXECUTE", "DROP", "ALTER", "GRANT"];
        let end = self.mark();
        self.reset(0);
        while self.mark() < end {
            let dotted = self.last().is_some_and(|t| self.text_of(t) == ".");
            // Db2 has a function of strings with a verb's name.
            let called = self.is_op(1, "(") && self.tongue.harmless(&self.word(0).to_ascii_lowercase());
            if !dotted && !called && self.is_any(0, NOWHERE) {
                return self.unexpected();
            }
            if self.is_all(&["NEXT", "VALUE", "FOR"]) || self.is(0, "NEXTVAL") {
                return self.advances(self.mark());
            }
            if self.is_op(1, "(") && self.tongue.effect(&self.word(0).to_ascii_lowercase()).is_some() {
                let why = "This function has an effect.";
                return self.refuse_here(Class::Write, self.tongue.rules.effect, why);
            }
            self.bump();
        }
        Ok(())
    }

    /// Refuses a sequence that is advanced.
    fn advances(&mut self, from: usize) -> Parsed {
        let why = "It advances the sequence for everyone, and no rollback undoes that.";
        self.refuse_from(from, Class::Write, self.tongue.rules.sequence, why, None)
    }
}

/// Spans of statements that end at semicolons alone. `ends` says for a token whether it ends one by
/// itself, and is then no part of it; `holds` whether the semicolons inside the statement that began
/// with these words are its own.
pub fn split(
    text: &str,
    tokens: &[Token],
    ends: impl Fn(usize) -> bool,
    holds: impl Fn(usize) -> bool,
    begins: impl Fn(usize, usize) -> bool,
) -> Vec<Span> {
    let mut spans = Vec::new();
    let (mut open, mut content): (Option<Span>, Option<usize>) = (None, None);
    for (at, token) in tokens.iter().enumerate() {
        let semicolon = token.kind == Kind::Operator && text.get(token.start..token.end) == Some(";");
        if ends(at) || (semicolon && !content.is_some_and(&holds)) {
            spans.extend(open.take().filter(|_| content.is_some()));
            content = None;
            continue;
        }
        if content.is_some_and(|first| begins(first, at)) {
            spans.extend(open.take());
            content = None;
        }
        if token.kind != Kind::Comment {
            content = content.or(Some(at));
        }
        open = Some(Span { start: open.map_or(token.start, |span| span.start), end: token.end });
    }
    spans.extend(open.filter(|_| content.is_some()));
    spans
}

/// Appends the tokens of `text` worth colouring.
pub fn highlight(tongue: &Tongue, text: &str, out: &mut Vec<(Span, TokenKind)>) {
    let tokens = lexer::lex(text, tongue.family);
    for (at, token) in tokens.iter().enumerate() {
        let of = |token: &Token| text.get(token.start..token.end).unwrap_or_default();
        let dotted = at > 0 && tokens.get(at - 1).is_some_and(|t| of(t) == ".");
        let called = tokens.get(at + 1).is_some_and(|t| of(t) == "(");
        let kind = match token.kind {
            Kind::Word => {
                let word = of(token);
                let lower = word.to_ascii_lowercase();
                if called && (tongue.harmless(&lower) || tongue.effect(&lower).is_some()) {
                    TokenKind::Function
                } else if !dotted && tongue.offered.binary_search(&word.to_ascii_uppercase().as_str()).is_ok()
                {
                    TokenKind::Keyword
                } else {
                    continue;
                }
            }
            Kind::Quoted => TokenKind::Quoted,
            Kind::Text => TokenKind::Text,
            Kind::Number => TokenKind::Number,
            Kind::Variable | Kind::Global | Kind::Parameter => TokenKind::Parameter,
            Kind::Operator => TokenKind::Operator,
            Kind::Comment => TokenKind::Comment,
            Kind::Bad(Fault::Unterminated) if of(token).starts_with("/*") => TokenKind::Comment,
            Kind::Bad(Fault::Unterminated) => TokenKind::Text,
            Kind::Bad(_) => continue,
        };
        out.push((token.span(), kind));
    }
}
