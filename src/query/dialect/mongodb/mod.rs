//! MongoDB's commands as DocumentDB takes them, in the shell's words or as JSON. The rule it keeps:
//! a statement is a read when it comes down to one command that is known to only read, with every
//! field and operator in it known too. What is sent is the command that was judged, made from the
//! tree; no text of JavaScript goes anywhere.

mod asks;
mod calls;
mod changes;
mod check;
mod lex;
mod literal;
mod pipeline;
mod present;
mod shell;
pub mod tree;
mod words;

pub use tree::canonical;

use super::{Class, Dialect, Refusal, Span, TokenKind, Verdict};
use lex::{Fault, Kind, Token};
use std::sync::LazyLock;
use tree::Said;

/// Longest statement that is judged, in bytes.
const LONGEST: usize = 1 << 20;

/// Deepest nesting of brackets that is judged. (The server takes documents 100 deep.)
const DEEPEST: usize = 200;

/// MongoDB's commands.
pub static MONGODB: MongoDb = MongoDb;

/// The language.
#[derive(Debug)]
pub struct MongoDb;

fn unsure(rule: &'static str, span: Span, why: &str) -> Refusal {
    Refusal { class: Class::Unsure, rule, span, why: why.to_owned(), instead: None }
}

/// Reads `statement`, which holds one statement, reading or writing.
///
/// # Errors
/// Why it is not understood.
pub fn parse(statement: &str) -> Result<Said, Refusal> {
    if statement.len() > LONGEST {
        let why = "The statement is longer than 1 MiB, the most that is judged.";
        return Err(unsure("mongodb.limit.length", Span { start: 0, end: 0 }, why));
    }
    let tokens: Vec<Token> = lex::lex(statement).into_iter().filter(|t| t.kind != Kind::Comment).collect();
    check_tokens(statement, &tokens)?;
    if tokens.iter().all(|token| text_of(statement, *token) == ";") {
        let whole = Span { start: 0, end: statement.len() };
        return Err(unsure("mongodb.empty", whole, "There is no statement here."));
    }
    shell::statement(literal::Reader::new(statement, &tokens))
}

/// Judges what was read.
///
/// # Errors
/// Why it is not known to only read.
pub fn judge(said: &Said) -> Result<(), Refusal> {
    match said {
        // Only which database later statements go to; each of them is judged by itself.
        Said::Use(_) => Ok(()),
        Said::Run(command) => check::command(command),
    }
}

fn text_of(text: &str, token: Token) -> &str {
    text.get(token.span.start..token.span.end).unwrap_or_default()
}

/// What is refused before any grammar: bytes that are no token, deep nesting.
fn check_tokens(statement: &str, tokens: &[Token]) -> Result<(), Refusal> {
    let mut depth = 0_usize;
    for token in tokens {
        if let Kind::Bad(fault) = token.kind {
            let (rule, why) = match fault {
                Fault::Unterminated => {
                    ("mongodb.unterminated", "A string, comment or regular expression is not closed.")
                }
                Fault::Stray => ("mongodb.character", "This character has no meaning outside quotes."),
                Fault::Escape => ("mongodb.escape", "A backslash in quotes makes no character here."),
                Fault::Template => ("mongodb.javascript", "Text between backquotes is JavaScript."),
            };
            return Err(unsure(rule, token.span, why));
        }
        match text_of(statement, *token) {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            let why = "The statement nests deeper than 200 levels, the most that is judged.";
            return Err(unsure("mongodb.limit.nesting", token.span, why));
        }
    }
    Ok(())
}

impl Dialect for MongoDb {
    fn split(&self, text: &str) -> Vec<Span> {
        let mut spans = Vec::new();
        let mut open: Option<Span> = None;
        let (mut depth, mut content, mut last) = (0_usize, false, "");
        let tokens = lex::lex(text);
        for (n, token) in tokens.iter().enumerate() {
            let word = text_of(text, *token);
            if word == ";" && depth == 0 {
                spans.extend(open.take().filter(|_| content));
                (content, last) = (false, "");
                continue;
            }
            // A statement may also end with its line: when nothing is open and the next one starts.
            let gap = open.and_then(|span| text.get(span.end..token.span.start)).unwrap_or_default();
            if content && depth == 0 && last != "." && gap.contains('\n') {
                let next = tokens.iter().skip(n).find(|t| t.kind != Kind::Comment);
                let begins = |t: &Token| t.kind == Kind::Word || text_of(text, *t) == "{";
                if next.is_some_and(begins) {
                    spans.extend(open.take());
                    (content, last) = (false, "");
                }
            }
            match word {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if token.kind != Kind::Comment {
                content = true;
                last = word;
            }
            open =
                Some(Span { start: open.map_or(token.span.start, |span| span.start), end: token.span.end });
        }
        spans.extend(open.filter(|_| content));
        spans
    }

    fn classify(&self, statement: &str) -> Verdict {
        parse(statement)
            .and_then(|said| judge(&said))
            .map_or_else(|refusal| refusal.verdict(statement), |_| Verdict::read("mongodb.read"))
    }

    fn highlight(&self, text: &str, out: &mut Vec<(Span, TokenKind)>) {
        let tokens = lex::lex(text);
        for (at, token) in tokens.iter().enumerate() {
            let next = tokens.get(at + 1).map_or("", |next| text_of(text, *next));
            let word = text_of(text, *token);
            let kind = match token.kind {
                Kind::Word
                    if matches!(word, "db" | "rs" | "show" | "use" | "new" | "true" | "false" | "null") =>
                {
                    TokenKind::Keyword
                }
                Kind::Word if next == "(" => TokenKind::Function,
                Kind::Word if word.starts_with('$') => TokenKind::Keyword,
                Kind::Word => TokenKind::Quoted,
                Kind::Text if next == ":" => TokenKind::Quoted,
                Kind::Text | Kind::Regex => TokenKind::Text,
                Kind::Number => TokenKind::Number,
                Kind::Mark => TokenKind::Operator,
                Kind::Comment => TokenKind::Comment,
                Kind::Bad(_) if word.starts_with("/*") => TokenKind::Comment,
                Kind::Bad(_) if word.starts_with(['\'', '"', '/']) => TokenKind::Text,
                Kind::Bad(_) => continue,
            };
            out.push((token.span, kind));
        }
    }

    /// Calls, stages, operators and constructors. Case matters in this language.
    fn words(&self) -> &'static [&'static str] {
        static WORDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
            let lists = [
                asks::CALLS,
                calls::READS,
                literal::CONSTRUCTORS,
                words::EXPRESSIONS,
                words::GEO,
                words::NESTED_STAGES,
                words::PREDICATES,
                words::STAGES,
                &["$all", "$and", "$elemMatch", "$expr", "$nor", "$not", "$or", "$text"],
                &["db", "show", "use"],
            ];
            let mut words: Vec<_> = lists.iter().flat_map(|list| list.iter().copied()).collect();
            words.sort_unstable();
            words.dedup();
            words
        });
        &WORDS
    }
}

#[cfg(test)]
mod tests;
