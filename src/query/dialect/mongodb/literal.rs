//! Literals into values: relaxed JSON, the shell's constructors, and extended JSON. Nothing is
//! evaluated: an expression is refused, not worked out (the one exception is `present.rs`).

use super::lex::{Kind, Token, unescape};
use super::tree::{Document, Entry, Value, unbase64, unhex};
use super::{Refusal, unsure};
use crate::query::dialect::Span;
use std::collections::HashSet;

/// A place in the tokens of a statement.
pub struct Reader<'a> {
    /// The statement.
    pub text: &'a str,
    tokens: &'a [Token],
    at: usize,
}

impl<'a> Reader<'a> {
    /// At the start of `tokens`, which hold no comments.
    pub const fn new(text: &'a str, tokens: &'a [Token]) -> Self {
        Self { text, tokens, at: 0 }
    }

    /// The next token's text; empty at the end.
    pub fn peek(&self) -> &'a str {
        self.peek_at(0)
    }

    /// The text of the token `n` behind the next.
    pub fn peek_at(&self, n: usize) -> &'a str {
        self.tokens.get(self.at + n).and_then(|t| self.text.get(t.span.start..t.span.end)).unwrap_or_default()
    }

    /// What the next token is.
    pub fn kind(&self) -> Option<Kind> {
        self.tokens.get(self.at).map(|t| t.kind)
    }

    /// Where the next token is; at the end, the end.
    pub fn span(&self) -> Span {
        let end = Span { start: self.text.len(), end: self.text.len() };
        self.tokens.get(self.at).map_or(end, |t| t.span)
    }

    /// Steps over one token.
    pub const fn step(&mut self) {
        self.at += 1;
    }

    /// Steps over the next token if it is this mark.
    pub fn eat(&mut self, mark: &str) -> bool {
        let found = self.kind() == Some(Kind::Mark) && self.peek() == mark;
        self.at += usize::from(found);
        found
    }

    /// Steps over this mark.
    pub fn expect(&mut self, mark: &str) -> Result<(), Refusal> {
        if self.eat(mark) { Ok(()) } else { Err(self.surprise(mark)) }
    }

    /// A name that is next.
    pub fn word(&mut self) -> Option<(&'a str, Span)> {
        let found = (self.kind() == Some(Kind::Word)).then(|| (self.peek(), self.span()))?;
        self.step();
        Some(found)
    }

    /// A string that is next.
    pub fn string(&mut self) -> Option<String> {
        let found = (self.kind() == Some(Kind::Text)).then(|| self.peek())?;
        let body = found.get(1..found.len() - 1)?;
        self.step();
        unescape(body)
    }

    /// The refusal of what is next, where `wanted` should be.
    pub fn surprise(&self, wanted: &str) -> Refusal {
        let found = self.peek();
        let operator = matches!(
            found,
            "+" | "-" | "*" | "/" | "%" | "=" | "<" | ">" | "!" | "&" | "|" | "^" | "~" | "?"
        );
        if operator {
            let why = "Nothing is evaluated here: an operator of JavaScript has no meaning.";
            return Refusal {
                instead: Some("Write the value itself."),
                ..unsure("mongodb.javascript", self.span(), why)
            };
        }
        let why = format!("Here must stand {wanted}.");
        unsure("mongodb.syntax", self.span(), &why)
    }

    /// The literals of a call, from its bracket to the closing one.
    pub fn arguments(&mut self) -> Result<Vec<(Value, Span)>, Refusal> {
        self.expect("(")?;
        let mut all = Vec::new();
        while !self.eat(")") {
            let start = self.span();
            let value = self.value()?;
            all.push((value, start));
            if !self.eat(",") && self.peek() != ")" {
                return Err(self.surprise("a comma or a closing bracket"));
            }
        }
        Ok(all)
    }

    /// A literal.
    pub fn value(&mut self) -> Result<Value, Refusal> {
        let span = self.span();
        match self.kind() {
            Some(Kind::Text) => self.string().map(Value::Text).ok_or_else(|| bad("a string", span)),
            Some(Kind::Number) => self.number(false),
            Some(Kind::Regex) => self.regex(),
            Some(Kind::Word) => self.named(),
            Some(Kind::Mark) => match self.peek() {
                "{" => self.document().and_then(|d| extended(d, span)),
                "[" => self.array(),
                "-" | "+" => {
                    let minus = self.eat("-");
                    self.at += usize::from(!minus);
                    match self.kind() {
                        Some(Kind::Number) => self.number(minus),
                        Some(Kind::Word) if self.peek() == "Infinity" => {
                            self.step();
                            Ok(Value::Double(if minus { f64::NEG_INFINITY } else { f64::INFINITY }))
                        }
                        _ => Err(self.surprise("a number")),
                    }
                }
                _ => Err(self.surprise("a value")),
            },
            _ => Err(self.surprise("a value")),
        }
    }

    fn array(&mut self) -> Result<Value, Refusal> {
        self.expect("[")?;
        let mut all = Vec::new();
        while !self.eat("]") {
            all.push(self.value()?);
            if !self.eat(",") && self.peek() != "]" {
                return Err(self.surprise("a comma or a closing bracket"));
            }
        }
        Ok(Value::Array(all))
    }

    /// A document; extended JSON in it is not looked for at its own level.
    pub fn document(&mut self) -> Result<Document, Refusal> {
        self.expect("{")?;
        let mut all = Vec::new();
        let mut seen = HashSet::new();
        while !self.eat("}") {
            let at = self.span();
            let key = match self.kind() {
                Some(Kind::Word) => self.word().map(|(word, _)| word.to_owned()),
                Some(Kind::Text) => self.string(),
                Some(Kind::Number) => {
                    let digits = self.peek();
                    self.step();
                    Some(digits.to_owned()).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))
                }
                _ => None,
            };
            let Some(key) = key else {
                return Err(unsure("mongodb.key", at, "A key is a name or a string; nothing is computed."));
            };
            if !seen.insert(key.clone()) {
                let why = "The key stands twice: which of the two the server would take is not certain.";
                return Err(unsure("mongodb.duplicate", at, why));
            }
            self.expect(":")?;
            let value = self.value()?;
            all.push(Entry { key, at, value });
            if !self.eat(",") && self.peek() != "}" {
                return Err(self.surprise("a comma or a closing brace"));
            }
        }
        Ok(Document(all))
    }

    fn number(&mut self, minus: bool) -> Result<Value, Refusal> {
        let (digits, span) = (self.peek(), self.span());
        self.step();
        number(digits, minus).ok_or_else(|| bad("a number", span))
    }

    fn regex(&mut self) -> Result<Value, Refusal> {
        let (text, span) = (self.peek(), self.span());
        self.step();
        let (pattern, flags) = text.get(1..).and_then(|t| t.rsplit_once('/')).unwrap_or_default();
        // What JavaScript escapes because of its own delimiter is no escape for the server.
        expression(&pattern.replace("\\/", "/"), flags, span)
    }

    /// A word as a value: a constant or a constructor.
    fn named(&mut self) -> Result<Value, Refusal> {
        let (word, span) = self.word().unwrap_or(("", self.span()));
        match word {
            "true" => return Ok(Value::Bool(true)),
            "false" => return Ok(Value::Bool(false)),
            "null" => return Ok(Value::Null),
            "NaN" => return Ok(Value::Double(f64::NAN)),
            "Infinity" => return Ok(Value::Double(f64::INFINITY)),
            "MinKey" | "MaxKey" => {
                if self.peek() == "(" && !self.arguments()?.is_empty() {
                    return Err(bad(word, span));
                }
                return Ok(if word == "MinKey" { Value::MinKey } else { Value::MaxKey });
            }
            _ => {}
        }
        let fresh = word == "new";
        let (name, span) = if fresh { self.word().unwrap_or(("", span)) } else { (word, span) };
        if matches!(name, "function" | "async" | "await" | "class" | "eval") {
            let why = "No JavaScript is run here, neither by this program nor by the server.";
            return Err(unsure("mongodb.javascript", span, why));
        }
        if self.peek() != "(" {
            let why = "A name has no value here: nothing is evaluated.";
            return Err(Refusal {
                instead: Some("Write the value itself; a string stands in quotes."),
                ..unsure("mongodb.variable", span, why)
            });
        }
        // Without `new`, JavaScript's Date() is a string of the present.
        if name == "Date" && !fresh {
            return Err(unsure(
                "mongodb.javascript",
                span,
                "Date() is not evaluated here; new Date(\"…\") is.",
            ));
        }
        if matches!(name, "Date" | "ISODate")
            && let Some(present) = self.present()?
        {
            return Ok(present);
        }
        let arguments: Vec<Value> = self.arguments()?.into_iter().map(|(value, _)| value).collect();
        construct(name, &arguments, span)
    }
}

fn bad(what: &str, span: Span) -> Refusal {
    unsure("mongodb.value", span, &format!("This is not {what} as the server knows it."))
}

/// A number by its digits: whole ones are 32 or 64 bits, others floating.
fn number(digits: &str, minus: bool) -> Option<Value> {
    let sign = if minus { "-" } else { "" };
    let whole = if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        i64::from_str_radix(&format!("{sign}{hex}"), 16).ok().filter(|_| !hex.starts_with(['+', '-']))?
    } else if digits.bytes().all(|b| b.is_ascii_digit()) {
        // A leading zero is octal in some readers and not in others.
        if digits.len() > 1 && digits.starts_with('0') {
            return None;
        }
        match format!("{sign}{digits}").parse::<i64>() {
            Ok(n) => n,
            Err(_) => return format!("{sign}{digits}").parse().ok().map(Value::Double),
        }
    } else {
        let plain =
            digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
        let n = format!("{sign}{digits}").parse::<f64>().ok()?;
        return Some(Value::Double(n)).filter(|_| plain);
    };
    Some(i32::try_from(whole).map_or(Value::Int64(whole), Value::Int32))
}

fn expression(pattern: &str, flags: &str, span: Span) -> Result<Value, Refusal> {
    let mut letters: Vec<char> = flags.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    let known = letters.iter().all(|c| "imsux".contains(*c)) && letters.len() == flags.chars().count();
    if !known || pattern.contains('\0') {
        return Err(bad("a regular expression with the flags i, m, s, u and x", span));
    }
    Ok(Value::Regex(pattern.to_owned(), letters.into_iter().collect()))
}

/// The value that a constructor of the shell makes.
fn construct(name: &str, arguments: &[Value], span: Span) -> Result<Value, Refusal> {
    let made = match (name, arguments) {
        ("ObjectId" | "ObjectID", [Value::Text(hex)]) => id(hex),
        ("ISODate" | "Date", [Value::Text(text)]) => date(text).map(Value::Date),
        ("ISODate" | "Date", [Value::Int32(ms)]) => Some(Value::Date(i64::from(*ms))),
        ("ISODate" | "Date", [Value::Int64(ms)]) => Some(Value::Date(*ms)),
        // The shell takes the parts as local time; here times without a zone are in UTC.
        ("Date", [Value::Int32(_), Value::Int32(_), ..]) => parts(arguments).map(Value::Date),
        ("NumberLong" | "Long", [Value::Int32(n)]) => Some(Value::Int64(i64::from(*n))),
        ("NumberLong" | "Long", [Value::Int64(n)]) => Some(Value::Int64(*n)),
        ("NumberLong" | "Long", [Value::Text(n)]) => n.trim().parse().ok().map(Value::Int64),
        ("NumberInt" | "Int32", [Value::Int32(n)]) => Some(Value::Int32(*n)),
        ("NumberInt" | "Int32", [Value::Text(n)]) => n.trim().parse().ok().map(Value::Int32),
        ("Double" | "Number", [Value::Int32(n)]) => Some(Value::Double(f64::from(*n))),
        ("Double" | "Number", [Value::Double(n)]) => Some(Value::Double(*n)),
        ("Double" | "Number", [Value::Text(n)]) => floating(n).map(Value::Double),
        ("NumberDecimal" | "Decimal128", [Value::Text(n)]) => decimal(n),
        ("NumberDecimal" | "Decimal128", [Value::Int32(n)]) => decimal(&n.to_string()),
        ("NumberDecimal" | "Decimal128", [Value::Int64(n)]) => decimal(&n.to_string()),
        ("NumberDecimal" | "Decimal128", [Value::Double(n)]) => decimal(&n.to_string()),
        ("UUID", [Value::Text(text)]) => uuid(text),
        ("BinData" | "Binary", [Value::Int32(subtype), Value::Text(text)]) if name == "BinData" => {
            u8::try_from(*subtype).ok().zip(unbase64(text)).map(|(s, bytes)| Value::Binary(s, bytes))
        }
        ("HexData", [Value::Int32(subtype), Value::Text(text)]) => {
            u8::try_from(*subtype).ok().zip(unhex(text)).map(|(s, bytes)| Value::Binary(s, bytes))
        }
        ("Timestamp", [Value::Document(of)]) => of.get("t").zip(of.get("i")).and_then(|(t, i)| stamp(t, i)),
        ("Timestamp", [t, i]) => stamp(t, i),
        ("RegExp", [Value::Text(pattern)]) => return expression(pattern, "", span),
        ("RegExp", [Value::Text(pattern), Value::Text(flags)]) => return expression(pattern, flags, span),
        ("ObjectId" | "ObjectID" | "UUID", []) => {
            let why = "A new value at each run is not made here.";
            return Err(Refusal {
                instead: Some("Write the value in quotes between the brackets."),
                ..unsure("mongodb.value.fresh", span, why)
            });
        }
        _ => {
            let known = CONSTRUCTORS.contains(&name);
            let why = if known {
                "The constructor takes something else."
            } else {
                "No such function is known: nothing is evaluated here."
            };
            let rule = if known { "mongodb.value" } else { "mongodb.function" };
            return Err(unsure(rule, span, why));
        }
    };
    made.ok_or_else(|| bad("a value", span))
}

/// Words that make values, for completion and for what is said of a wrong call.
pub const CONSTRUCTORS: &[&str] = &[
    "BinData",
    "Date",
    "Decimal128",
    "Double",
    "HexData",
    "ISODate",
    "Int32",
    "Long",
    "MaxKey",
    "MinKey",
    "NumberDecimal",
    "NumberInt",
    "NumberLong",
    "ObjectId",
    "RegExp",
    "Timestamp",
    "UUID",
];

fn id(hex: &str) -> Option<Value> {
    let bytes: [u8; 12] = unhex(hex)?.try_into().ok()?;
    Some(Value::Id(bytes))
}

fn uuid(text: &str) -> Option<Value> {
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    let plain = parts == [32] || parts == [8, 4, 4, 4, 12];
    let bytes = unhex(&text.replace('-', "")).filter(|b| plain && b.len() == 16)?;
    Some(Value::Binary(4, bytes))
}

fn stamp(time: &Value, increment: &Value) -> Option<Value> {
    let whole = |v: &Value| match v {
        Value::Int32(n) => u32::try_from(*n).ok(),
        Value::Int64(n) => u32::try_from(*n).ok(),
        _ => None,
    };
    Some(Value::Timestamp(whole(time)?, whole(increment)?))
}

fn floating(text: &str) -> Option<f64> {
    match text.trim() {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        text => text.parse().ok().filter(|n: &f64| n.is_finite()),
    }
}

/// A decimal number of up to 34 digits, or one of its words.
fn decimal(text: &str) -> Option<Value> {
    let text = text.trim();
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(body, "NaN" | "Infinity") {
        return Some(Value::Decimal(text.to_owned()));
    }
    let (digits, exponent) = body.split_once(['e', 'E']).unwrap_or((body, "0"));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let count = digits.bytes().filter(u8::is_ascii_digit).count();
    let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') && digits.matches('.').count() < 2;
    let fits = (1..=34).contains(&count)
        && (1..=4).contains(&exponent.len())
        && exponent.bytes().all(|b| b.is_ascii_digit());
    (plain && fits).then(|| Value::Decimal(text.to_owned()))
}

/// Milliseconds since the epoch of an ISO 8601 time; a day alone is its start, and a time
/// without a zone is in UTC.
fn date(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(at.as_millisecond());
    }
    if text.ends_with(['Z', 'z']) {
        return None;
    }
    let at = text.parse::<jiff::civil::DateTime>().ok();
    let at = at.or_else(|| text.parse::<jiff::civil::Date>().ok().map(|d| d.at(0, 0, 0, 0)))?;
    Some(at.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

/// Milliseconds since the epoch of year, month from 0, day, hour, minute, second and millisecond;
/// the parts that are left out are the least. Parts beyond their range are not carried over.
fn parts(arguments: &[Value]) -> Option<i64> {
    let int = |value: &Value| match value {
        Value::Int32(n) => Some(*n),
        _ => None,
    };
    let whole: Vec<i32> = arguments.iter().map(int).collect::<Option<_>>()?;
    if whole.len() > 7 {
        return None;
    }
    let at = |n: usize, least: i32| whole.get(n).copied().unwrap_or(least);
    let small = |n: i32| i8::try_from(n).ok();
    // JavaScript takes years of two digits for others.
    let year = i16::try_from(at(0, 0)).ok().filter(|year| (100..=9999).contains(year))?;
    let month = small(at(1, 0).checked_add(1)?)?;
    let nanosecond = Some(at(6, 0)).filter(|ms| (0..1_000).contains(ms))? * 1_000_000;
    let (day, hour) = (small(at(2, 1))?, small(at(3, 0))?);
    let (minute, second) = (small(at(4, 0))?, small(at(5, 0))?);
    let civil = jiff::civil::DateTime::new(year, month, day, hour, minute, second, nanosecond).ok()?;
    Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

/// A document of extended JSON as the value that it stands for; every other stays itself.
fn extended(document: Document, span: Span) -> Result<Value, Refusal> {
    let [only] = document.0.as_slice() else {
        let coded = document.0.iter().find(|e| matches!(e.key.as_str(), "$code" | "$scope"));
        return match coded {
            Some(entry) => Err(unsure("mongodb.javascript", entry.at, "Code is never sent.")),
            None => Ok(Value::Document(document)),
        };
    };
    let part = |key: &str| match &only.value {
        Value::Document(of) => of.get(key),
        _ => None,
    };
    let text = |value: Option<&Value>| match value {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let own = text(Some(&only.value));
    let made = match only.key.as_str() {
        "$oid" => own.and_then(|t| id(&t)),
        "$numberInt" => own.and_then(|t| t.parse().ok()).map(Value::Int32),
        "$numberLong" => own.and_then(|t| t.parse().ok()).map(Value::Int64),
        "$numberDouble" => own.and_then(|t| floating(&t)).map(Value::Double),
        "$numberDecimal" => own.and_then(|t| decimal(&t)),
        "$uuid" => own.and_then(|t| uuid(&t)),
        "$date" => match &only.value {
            Value::Text(t) => date(t).map(Value::Date),
            Value::Int32(n) => Some(Value::Date(i64::from(*n))),
            Value::Int64(n) => Some(Value::Date(*n)),
            _ => None,
        },
        "$binary" => {
            let subtype = text(part("subType")).and_then(|t| u8::from_str_radix(&t, 16).ok());
            let bytes = text(part("base64")).and_then(|t| unbase64(&t));
            subtype.zip(bytes).map(|(subtype, bytes)| Value::Binary(subtype, bytes))
        }
        "$timestamp" => part("t").zip(part("i")).and_then(|(t, i)| stamp(t, i)),
        "$regularExpression" => {
            let (pattern, options) = (text(part("pattern")), text(part("options")));
            match pattern.zip(options) {
                Some((pattern, options)) => return expression(&pattern, &options, only.at),
                None => None,
            }
        }
        "$minKey" => Some(Value::MinKey),
        "$maxKey" => Some(Value::MaxKey),
        "$code" | "$scope" => return Err(unsure("mongodb.javascript", only.at, "Code is never sent.")),
        "$symbol" | "$undefined" | "$dbPointer" => None,
        _ => return Ok(Value::Document(document)),
    };
    made.ok_or_else(|| bad("a value of extended JSON", Span { start: span.start, end: only.at.end }))
}
