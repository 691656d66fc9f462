//! Reads tokens into a tree by TinkerPop's grammar. Names of steps are taken as they come; what they may be is
//! judged on the tree. Nothing of Groovy beyond that grammar is read.

use super::lex::{Kind, Token, characters};
use super::tree::{
    Argument, Constant, Link, PREDICATES, Predicate, Step, TEXT_PREDICATES, Traversal, constant,
};
use super::{Refusal, steps, unsure};
use crate::query::dialect::Span;

type Read<T> = Result<T, Refusal>;

const GROOVY: &str = "gremlin.groovy";
const PARSE: &str = "gremlin.parse";

/// Reads one statement. `tokens` are without comments and within the limits.
pub fn traversal(text: &str, tokens: &[Token]) -> Read<Traversal> {
    let mut parser = Parser { text, tokens, at: 0 };
    let whole = parser.statement()?;
    while parser.takes(";") {}
    match parser.peek() {
        None => Ok(whole),
        Some(token) if parser.word_of(*token) == "g" => {
            Err(unsure("gremlin.many", token.span, "A second statement follows; one is sent at a time."))
        }
        Some(token) => Err(unsure(GROOVY, token.span, "The traversal has ended, and this is no step of it.")),
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    fn word_of(&self, token: Token) -> &'a str {
        self.text.get(token.span.start..token.span.end).unwrap_or_default()
    }

    /// The token `ahead` of the next one; empty at the end.
    fn ahead(&self, ahead: usize) -> &'a str {
        self.tokens.get(self.at + ahead).map_or("", |token| self.word_of(*token))
    }

    fn next_is(&self, mark: &str) -> bool {
        self.ahead(0) == mark
    }

    fn takes(&mut self, mark: &str) -> bool {
        let is = self.next_is(mark);
        self.at += usize::from(is);
        is
    }

    fn here(&self) -> Span {
        let end = self.text.len();
        self.peek().map_or(Span { start: end, end }, |token| token.span)
    }

    fn wants(&mut self, mark: &'static str) -> Read<()> {
        if self.takes(mark) {
            return Ok(());
        }
        if self.next_is("{") {
            return Err(unsure(GROOVY, self.here(), "Curly brackets hold code in Groovy."));
        }
        let why = match mark {
            ")" => "Here a comma or a closing bracket is missing.",
            "(" => "Here an opening bracket is missing.",
            "." => "Here a dot is missing.",
            "]" => "Here a comma or a closing square bracket is missing.",
            _ => "Here a colon is missing.",
        };
        Err(unsure(PARSE, self.here(), why))
    }

    fn word(&mut self) -> Read<(&'a str, Span)> {
        match self.peek() {
            Some(token) if token.kind == Kind::Word => {
                self.at += 1;
                Ok((self.word_of(*token), token.span))
            }
            Some(token) if token.kind == Kind::Text => {
                Err(unsure(GROOVY, token.span, "A step's name in quotes is Groovy, which is not read here."))
            }
            _ => Err(unsure(PARSE, self.here(), "Here the name of a step is missing.")),
        }
    }

    fn statement(&mut self) -> Read<Traversal> {
        if !self.takes("g") {
            return Err(unsure(GROOVY, self.here(), "A traversal starts with g; nothing else is sent."));
        }
        let (mut source, mut chain) = (Vec::new(), Vec::new());
        let mut terminal = None;
        while self.takes(".") {
            if terminal.is_some() {
                return Err(unsure(PARSE, self.here(), "Nothing follows the step that takes the answer."));
            }
            let step = self.step()?;
            if chain.is_empty() && (step.name.starts_with("with") || step.name == "tx") {
                source.push(step);
            } else if !chain.is_empty() && steps::does(steps::TERMINALS, &step.name).is_some() {
                terminal = Some(step);
            } else {
                chain.push(step);
            }
        }
        if chain.is_empty() && !source.iter().any(|step| step.name == "tx") {
            return Err(unsure(PARSE, self.here(), "A traversal needs a step, as in g.V()."));
        }
        Ok(Traversal { source, steps: chain, terminal })
    }

    fn step(&mut self) -> Read<Step> {
        let (name, span) = self.word()?;
        self.wants("(")?;
        let args = self.arguments()?;
        Ok(Step { name: name.to_owned(), args, span })
    }

    /// Arguments and the bracket that closes them.
    fn arguments(&mut self) -> Read<Vec<Argument>> {
        let mut args = Vec::new();
        if self.takes(")") {
            return Ok(args);
        }
        loop {
            args.push(self.argument()?);
            if !self.takes(",") {
                break;
            }
        }
        self.wants(")")?;
        Ok(args)
    }

    fn argument(&mut self) -> Read<Argument> {
        let Some(token) = self.peek().copied() else {
            return Err(unsure(PARSE, self.here(), "Here an argument is missing."));
        };
        let word = self.word_of(token);
        match token.kind {
            Kind::Text => {
                self.at += 1;
                self.text_argument(token)
            }
            Kind::Number => {
                self.at += 1;
                let number = number(word).ok_or_else(|| unsure(PARSE, token.span, "This is no number."))?;
                self.range(number)
            }
            Kind::Word => self.named(word, token),
            _ if word == "[" => {
                self.at += 1;
                self.square()
            }
            _ if word == "{" => Err(unsure(GROOVY, token.span, "Curly brackets hold code in Groovy.")),
            _ if word == "(" => Err(unsure(GROOVY, token.span, "Brackets alone and casts are Groovy.")),
            _ => Err(unsure(PARSE, token.span, "Here an argument is missing.")),
        }
    }

    fn text_argument(&self, token: Token) -> Read<Argument> {
        characters(self.word_of(token))
            .map(Argument::Text)
            .ok_or_else(|| unsure(PARSE, token.span, "Half of a character is escaped here."))
    }

    fn range(&mut self, from: Argument) -> Read<Argument> {
        if !self.takes("..") {
            return Ok(from);
        }
        let to = self.peek().filter(|t| t.kind == Kind::Number).and_then(|t| number(self.word_of(*t)));
        match (from, to) {
            (
                Argument::Integer { value: from, suffix: None },
                Some(Argument::Integer { value: to, suffix: None }),
            ) => {
                self.at += 1;
                Ok(Argument::Range(from, to))
            }
            _ => Err(unsure(PARSE, self.here(), "A range goes from one whole number to another.")),
        }
    }

    /// A list or a map, after its opening bracket.
    fn square(&mut self) -> Read<Argument> {
        if self.takes("]") {
            return Ok(Argument::List(Vec::new()));
        }
        if self.next_is(":") && self.ahead(1) == "]" {
            self.at += 2;
            return Ok(Argument::Map(Vec::new()));
        }
        let bare = self.peek().is_some_and(|token| token.kind == Kind::Word);
        if self.next_is("(") || (bare && self.ahead(1) == ":") {
            return self.map(None);
        }
        let first = self.argument()?;
        if self.next_is(":") {
            return self.map(Some(first));
        }
        let mut items = vec![first];
        while self.takes(",") {
            items.push(self.argument()?);
        }
        self.wants("]")?;
        Ok(Argument::List(items))
    }

    /// The entries of a map, whose first key may have been read, and its closing bracket.
    fn map(&mut self, mut first: Option<Argument>) -> Read<Argument> {
        let mut entries = Vec::new();
        loop {
            let key = match first.take() {
                Some(key) => key,
                None => self.key()?,
            };
            if !matches!(
                key,
                Argument::Text(_)
                    | Argument::Integer { .. }
                    | Argument::Float { .. }
                    | Argument::Constant(Constant { family: "T" | "Direction", .. })
                    | Argument::List(_)
                    | Argument::Map(_)
            ) {
                return Err(unsure(PARSE, self.here(), "This cannot be the key of a map."));
            }
            self.wants(":")?;
            entries.push((key, self.argument()?));
            if !self.takes(",") {
                break;
            }
        }
        self.wants("]")?;
        Ok(Argument::Map(entries))
    }

    /// A key: in brackets, bare, or any argument. A bare `id` or `label` is the token, as in
    /// TinkerPop's grammar; Groovy takes the word, so what is sent says which.
    fn key(&mut self) -> Read<Argument> {
        if self.takes("(") {
            let key = self.argument()?;
            self.wants(")")?;
            return Ok(key);
        }
        match self.peek() {
            Some(token) if token.kind == Kind::Word && self.ahead(1) == ":" => {
                self.at += 1;
                let word = self.word_of(*token);
                let known = constant(None, word).filter(|c| matches!(c.family, "T" | "Direction"));
                Ok(known.map_or_else(|| Argument::Text(word.to_owned()), Argument::Constant))
            }
            _ => self.argument(),
        }
    }

    /// An argument that starts with a word.
    fn named(&mut self, word: &'a str, token: Token) -> Read<Argument> {
        let literal = match word {
            "null" => Some(Argument::Null),
            "true" | "false" => Some(Argument::Bool(word == "true")),
            "NaN" => Some(Argument::NotANumber),
            "Infinity" => Some(Argument::Infinity { negative: false }),
            _ => None,
        };
        if let Some(literal) = literal {
            self.at += 1;
            return Ok(literal);
        }
        match (word, self.ahead(1)) {
            ("__", ".") => {
                self.at += 2;
                Ok(Argument::Traversal(self.chain()?))
            }
            ("datetime", "(") => self.date(),
            ("new", _) => {
                self.at += 1;
                self.strategy()
            }
            (_, "(") => self.called(word, token),
            ("P" | "TextP", ".") => {
                self.at += 2;
                self.predicate(Some(word)).map(Argument::Predicate)
            }
            (family, ".") => self.member(family, token),
            _ if word.ends_with("Strategy") => self.strategy(),
            _ => {
                let Some(constant) = constant(None, word) else {
                    let why = "A name without a value: parameters are not sent, so write the value itself.";
                    return Err(unsure("gremlin.variable", token.span, why));
                };
                self.at += 1;
                Ok(Argument::Constant(constant))
            }
        }
    }

    /// A word and an opening bracket: a predicate, a cardinality or an anonymous traversal.
    fn called(&mut self, word: &'a str, token: Token) -> Read<Argument> {
        if word == "not" {
            return self.negation();
        }
        if PREDICATES.contains(&word) || TEXT_PREDICATES.contains(&word) {
            return self.predicate(None).map(Argument::Predicate);
        }
        if let Some(cardinality) = constant(None, word).filter(|c| c.family == "Cardinality") {
            self.at += 1;
            return self.cardinal(cardinality);
        }
        if word.ends_with("Strategy") {
            return self.strategy();
        }
        if word == "g" {
            return Err(unsure(GROOVY, token.span, "g is called here as if it were a step."));
        }
        Ok(Argument::Traversal(self.chain()?))
    }

    /// `not(…)`: a step when it holds a traversal, a predicate when it holds one.
    fn negation(&mut self) -> Read<Argument> {
        let step = self.step()?;
        if matches!(step.args.as_slice(), [Argument::Predicate(_)]) {
            let chain = self.links()?;
            return Ok(Argument::Predicate(Predicate { name: "not", args: step.args, chain }));
        }
        let mut steps = vec![step];
        while self.takes(".") {
            steps.push(self.step()?);
        }
        Ok(Argument::Traversal(steps))
    }

    fn chain(&mut self) -> Read<Vec<Step>> {
        let mut steps = vec![self.step()?];
        while self.takes(".") {
            steps.push(self.step()?);
        }
        Ok(steps)
    }

    fn predicate(&mut self, class: Option<&str>) -> Read<Predicate> {
        let (word, span) = self.word()?;
        let names = match class {
            Some("P") => [PREDICATES, &[]],
            Some(_) => [&[], TEXT_PREDICATES],
            None => [PREDICATES, TEXT_PREDICATES],
        };
        let Some(name) = names.into_iter().flatten().find(|name| **name == word) else {
            return Err(unsure("gremlin.predicate.unknown", span, "This predicate is not known."));
        };
        self.wants("(")?;
        let args = self.arguments()?;
        let fits = match *name {
            "within" | "without" => args.iter().all(plain),
            "inside" | "outside" | "between" => args.len() == 2 && args.iter().all(plain),
            "not" => matches!(args.as_slice(), [Argument::Predicate(_)]),
            name if TEXT_PREDICATES.contains(&name) => matches!(args.as_slice(), [Argument::Text(_)]),
            _ => args.len() == 1 && args.iter().all(plain),
        };
        if !fits {
            return Err(unsure("gremlin.predicate.arguments", span, "This predicate has no such form."));
        }
        Ok(Predicate { name, args, chain: self.links()? })
    }

    fn links(&mut self) -> Read<Vec<Link>> {
        let mut chain = Vec::new();
        while self.takes(".") {
            let (word, span) = self.word()?;
            self.wants("(")?;
            let mut args = self.arguments()?;
            chain.push(match (word, args.pop(), args.is_empty()) {
                ("and", Some(Argument::Predicate(with)), true) => Link::And(with),
                ("or", Some(Argument::Predicate(with)), true) => Link::Or(with),
                ("negate", None, _) => Link::Negate,
                _ => {
                    let why = "A predicate goes on with and(…), or(…) or negate().";
                    return Err(unsure("gremlin.predicate.unknown", span, why));
                }
            });
        }
        Ok(chain)
    }

    /// `T.id`, `Cardinality.single('x')`.
    fn member(&mut self, family: &str, token: Token) -> Read<Argument> {
        let Some(found) = constant(Some(family), self.ahead(2)) else {
            let why = "Only constants of the traversal language are read, no classes or objects.";
            return Err(unsure(GROOVY, token.span, why));
        };
        self.at += 3;
        if found.family == "Cardinality" && self.next_is("(") {
            return self.cardinal(found);
        }
        Ok(Argument::Constant(found))
    }

    fn cardinal(&mut self, cardinality: Constant) -> Read<Argument> {
        self.wants("(")?;
        let value = self.argument()?;
        self.wants(")")?;
        Ok(Argument::Cardinal(cardinality, Box::new(value)))
    }

    fn date(&mut self) -> Read<Argument> {
        let step = self.step()?;
        match step.args.as_slice() {
            [] => Ok(Argument::Date(None)),
            [Argument::Text(text)] => Ok(Argument::Date(Some(text.clone()))),
            _ => Err(unsure(PARSE, step.span, "A date is written in quotes, as in datetime('2026-01-31').")),
        }
    }

    /// A strategy's class with its settings.
    fn strategy(&mut self) -> Read<Argument> {
        let (word, span) = self.word()?;
        if !word.ends_with("Strategy") {
            return Err(unsure(GROOVY, span, "Objects are not made here; a date is datetime('…')."));
        }
        let mut settings = Vec::new();
        if self.takes("(") && !self.takes(")") {
            loop {
                let (key, _) = self.word()?;
                self.wants(":")?;
                settings.push((key.to_owned(), self.argument()?));
                if !self.takes(",") {
                    break;
                }
            }
            self.wants(")")?;
        }
        Ok(Argument::Strategy { name: word.to_owned(), settings })
    }
}

/// What a predicate may compare with.
fn plain(argument: &Argument) -> bool {
    !matches!(argument, Argument::Predicate(_) | Argument::Strategy { .. } | Argument::Cardinal(..))
}

/// Reads a number token.
fn number(token: &str) -> Option<Argument> {
    if token.ends_with("Infinity") {
        return Some(Argument::Infinity { negative: token.starts_with('-') });
    }
    if token.contains('_') && (token.ends_with('_') || token.contains("_.") || token.contains("._")) {
        return None;
    }
    let text: String = token.chars().filter(|c| *c != '_').collect();
    let (sign, body) = match text.strip_prefix(['-', '+']) {
        Some(body) => (if text.starts_with('-') { "-" } else { "" }, body),
        None => ("", text.as_str()),
    };
    let hex = body.strip_prefix("0x").or_else(|| body.strip_prefix("0X"));
    // b, d and f are digits there.
    let suffix = body.chars().last().map(|c| c.to_ascii_lowercase()).filter(|c| match hex {
        Some(_) => "snil".contains(*c),
        None => c.is_ascii_alphabetic(),
    });
    let digits = |body: &str| body.get(..body.len() - suffix.map_or(0, char::len_utf8)).map(str::to_owned);
    let digits = digits(hex.unwrap_or(body))?;
    let fraction =
        hex.is_none() && (digits.contains(['.', 'e', 'E']) || matches!(suffix, Some('f' | 'd' | 'm')));
    if fraction {
        digits.parse::<f64>().ok()?;
        return Some(Argument::Float { digits: format!("{sign}{}", digits.replace('E', "e")), suffix });
    }
    let radix = match (hex, digits.len() > 1 && digits.starts_with('0')) {
        (Some(_), _) => 16,
        (None, true) => 8,
        (None, false) => 10,
    };
    let value = i128::from_str_radix(&format!("{sign}{digits}"), radix).ok()?;
    let (least, most) = match suffix {
        Some('b') => (i128::from(i8::MIN), i128::from(i8::MAX)),
        Some('s') => (i128::from(i16::MIN), i128::from(i16::MAX)),
        Some('i') => (i128::from(i32::MIN), i128::from(i32::MAX)),
        Some('l') => (i128::from(i64::MIN), i128::from(i64::MAX)),
        _ => (i128::MIN, i128::MAX),
    };
    (least <= value && value <= most)
        .then(|| Argument::Integer { value, suffix: suffix.map(|c| if c == 'l' { 'L' } else { c }) })
}
