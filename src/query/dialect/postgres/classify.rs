//! What a statement does. Cheap looks come first: size, tokens, the first word, how deep
//! it nests; only what may be a read is parsed, and the whole tree is then judged. The
//! rule it keeps: a read is what every step recognises as one; all else is refused, with
//! the reason of the first step that did not.

use super::Flavour;
use super::lex::{self, Lexeme, Token};
use super::name;
use super::tree;
use crate::query::dialect::{Class, Verdict};
use squawk_syntax::SourceFile;

/// The longest statement judged, in bytes.
const MAX_BYTES: usize = 1 << 20;
/// The deepest nesting of brackets and CASE judged.
const MAX_DEPTH: usize = 200;
/// The most AND, OR, joins and set operations in one chain, and the most operators in one
/// operand of them: each makes the tree a level deeper, and the parser's time for a chain
/// grows with the square of its length.
const MAX_CHAIN: usize = 1_000;
/// See [`MAX_CHAIN`].
const MAX_OPERATORS: usize = 200;
/// The most tokens parsed, after long lists of literals were shortened: the parser needs
/// about a microsecond for each.
const MAX_TOKENS: usize = 60_000;
/// Statements of fewer tokens are parsed as they are.
const MANY_TOKENS: usize = 4_000;
/// The most words that may follow each other with nothing between them: a query never has
/// that many, and on some of them the parser recurses.
const MAX_WORDS: usize = 200;
/// Trees flatter than this, of fewer tokens than the next, are parsed on the caller's stack.
const FLAT: usize = 48;
/// See [`FLAT`].
const FEW_TOKENS: usize = 600;
/// Stack for the others; reserved, not used, until a tree is that deep.
const DEEP_STACK: usize = 256 << 20;

/// A refusal.
pub(in crate::query::dialect) fn refuse(
    class: Class,
    rule: &'static str,
    construct: &str,
    at: usize,
    why: &str,
) -> Verdict {
    let construct: String = construct.chars().take(120).collect();
    Verdict { class, rule, construct, at, why: why.to_owned(), instead: None }
}

/// The verdict on `statement`, one statement as it would be sent.
pub(super) fn classify(statement: &str, flavour: Flavour) -> Verdict {
    // PostgreSQL takes a byte order mark for a letter and refuses the statement, so what
    // follows it decides only how it is shown.
    let body = statement.strip_prefix('\u{feff}').unwrap_or(statement);
    let mut verdict = judge(body, flavour).unwrap_or_else(|refusal| refusal);
    verdict.at += statement.len() - body.len();
    verdict
}

fn judge(text: &str, flavour: Flavour) -> Result<Verdict, Verdict> {
    let tokens = tokens(text)?;
    let significant: Vec<Token> = tokens.iter().filter(|token| !token.is_blank()).copied().collect();
    let lead = first_word(text, &significant)?;
    checked(text, &tokens, &significant, flavour)?;
    Ok(Verdict {
        class: Class::Read,
        rule: lead.rule,
        construct: lead.token.of(text).to_owned(),
        at: lead.token.start,
        why: lead.why.to_owned(),
        instead: None,
    })
}

/// The tokens of a text that is no longer than what is judged, and whole.
///
/// # Errors
/// The refusal of a text that is too long or holds a NUL byte.
pub(in crate::query::dialect) fn tokens(text: &str) -> Result<Vec<Token>, Verdict> {
    if text.len() > MAX_BYTES {
        let why = "statements over 1 MiB are not judged";
        return Err(refuse(Class::Unsure, "pg.size", "statement", 0, why));
    }
    if let Some(at) = text.find('\0') {
        return Err(refuse(
            Class::Unsure,
            "pg.nul",
            "NUL",
            at,
            "a NUL byte ends the text early on the server",
        ));
    }
    Ok(lex::tokens(text))
}

/// Every look that comes after the first word: whole tokens, one statement, not too deep, known
/// operators, and a tree of listed parts only.
///
/// # Errors
/// The refusal of the first look that objects.
pub(in crate::query::dialect) fn checked(
    text: &str,
    tokens: &[Token],
    significant: &[Token],
    flavour: Flavour,
) -> Result<(), Verdict> {
    well_formed(text, tokens)?;
    single(text, significant)?;
    let depth = depth(text, significant)?;
    operators(text, significant)?;
    if significant.len() <= MANY_TOKENS {
        parse(text, tokens, flavour, depth)
    } else {
        let (text, tokens) = thinned(text, tokens)?;
        parse(&text, &tokens, flavour, depth)
    }
}

/// The word that decides whether a statement may be a read at all.
struct Lead {
    token: Token,
    rule: &'static str,
    why: &'static str,
}

fn first_word(text: &str, significant: &[Token]) -> Result<Lead, Verdict> {
    let Some(first) = significant.iter().find(|token| !matches!(token.of(text), "(" | ";")) else {
        return Err(refuse(Class::Unsure, "pg.empty", "", 0, "there is no statement"));
    };
    let word = if first.lexeme == Lexeme::Word { first.of(text).to_ascii_lowercase() } else { String::new() };
    let read = |rule, why| Ok(Lead { token: *first, rule, why });
    match word.as_str() {
        "select" => read("pg.select", "every part of it only reads"),
        "values" => read("pg.values", "it lists values"),
        "table" => read("pg.table", "it lists a table"),
        "with" => read("pg.with", "every query of it only reads"),
        "show" => read("pg.show", "it shows a setting"),
        "explain" => read("pg.explain", "it shows a plan and runs at most a read"),
        _ => Err(not_a_read(text, first, &word)),
    }
}

fn not_a_read(text: &str, first: &Token, word: &str) -> Verdict {
    let (rule, why, instead) = match word {
        "insert" | "update" | "delete" | "merge" => {
            ("pg.dml", "it changes rows", Some("EXPLAIN shows what it would do"))
        }
        "truncate" => ("pg.dml", "it removes every row", None),
        "copy" => ("pg.copy", "it moves data between tables and files or programs", Some("SELECT")),
        "create" | "alter" | "drop" | "comment" | "security" | "import" | "reassign" | "refresh" => {
            ("pg.ddl", "it changes the schema", None)
        }
        "grant" | "revoke" => ("pg.privileges", "it changes privileges", None),
        "begin" | "start" | "commit" | "end" | "rollback" | "abort" | "savepoint" | "release" => {
            ("pg.transaction", "it changes the transaction that keeps the session read-only", None)
        }
        "set" | "reset" | "discard" | "load" => {
            ("pg.session", "it changes the session", Some("SHOW, or current_setting(name)"))
        }
        "prepare" | "execute" | "deallocate" => {
            ("pg.prepared", "what it runs is decided elsewhere", Some("run the statement itself"))
        }
        "declare" | "fetch" | "move" | "close" => {
            ("pg.cursor", "a cursor is state of the session", Some("SELECT with LIMIT and OFFSET"))
        }
        "listen" | "unlisten" | "notify" => ("pg.notify", "it sends or subscribes to messages", None),
        "lock" => ("pg.lock", "it takes a lock that others wait for", Some("SELECT * FROM pg_locks")),
        "do" | "call" => ("pg.code", "it runs code whose effect cannot be judged", None),
        "vacuum" | "analyze" | "analyse" | "cluster" | "reindex" | "checkpoint" | "repack" => {
            ("pg.maintenance", "it rewrites storage or statistics", None)
        }
        _ => {
            let why = "it does not begin like a statement that only reads";
            return refuse(Class::Unsure, "pg.statement", first.of(text), first.start, why);
        }
    };
    Verdict { instead, ..refuse(Class::Write, rule, first.of(text), first.start, why) }
}

/// Refuses what is no token, and what is not closed.
fn well_formed(text: &str, tokens: &[Token]) -> Result<(), Verdict> {
    for token in tokens {
        if token.lexeme == Lexeme::Junk {
            let why = "these characters are no PostgreSQL token";
            return Err(refuse(Class::Unsure, "pg.token", token.of(text), token.start, why));
        }
        if !token.closed {
            let why = "its closing mark is missing";
            return Err(refuse(Class::Unsure, "pg.unclosed", token.of(text), token.start, why));
        }
    }
    Ok(())
}

/// Refuses a second statement.
fn single(text: &str, significant: &[Token]) -> Result<(), Verdict> {
    let mut ended = false;
    for token in significant {
        let is_end = token.of(text) == ";";
        if ended && !is_end {
            let why = "only one statement is sent at a time";
            return Err(refuse(Class::Unsure, "pg.multiple", token.of(text), token.start, why));
        }
        ended |= is_end;
    }
    Ok(())
}

/// The chains of one level of brackets.
#[derive(Clone, Copy, Default)]
struct Chain {
    /// AND, OR, NOT, joins and set operations since the last comma.
    links: usize,
    /// Operators since the last of those.
    operators: usize,
}

/// How deep the tree can get: brackets and CASE, and the chains between them. Refuses
/// before a parser could run out of stack or time.
fn depth(text: &str, significant: &[Token]) -> Result<usize, Verdict> {
    let mut levels = vec![Chain::default()];
    let (mut deepest, mut outer, mut words) = (0, 0, 0);
    for token in significant {
        words = if token.lexeme == Lexeme::Word { words + 1 } else { 0 };
        let word = token.of(text);
        let step = step(token, word);
        if step == Step::Open {
            // Subscripts and calls can follow each other, so a bracket counts outside too.
            if let Some(chain) = levels.last_mut() {
                chain.operators += 1;
            }
            outer += levels.last().map_or(0, |chain| chain.links + chain.operators);
            levels.push(Chain::default());
        } else if step == Step::Close && levels.len() > 1 {
            levels.pop();
            outer -= levels.last().map_or(0, |chain| chain.links + chain.operators);
        }
        let Some(chain) = levels.last_mut() else { continue };
        match step {
            Step::Comma => *chain = Chain::default(),
            Step::Link => *chain = Chain { links: chain.links + 1, operators: 0 },
            Step::Clause => chain.operators = 0,
            Step::Operator => chain.operators += 1,
            Step::Open | Step::Close | Step::None => {}
        }
        let total = outer + chain.links + chain.operators;
        let chained = chain.operators > MAX_OPERATORS || total > MAX_CHAIN;
        if chained || levels.len() > MAX_DEPTH || words > MAX_WORDS {
            let why = "it nests too deep to be judged";
            return Err(refuse(Class::Unsure, "pg.depth", word, token.start, why));
        }
        deepest = deepest.max(levels.len() * 4 + total);
    }
    Ok(deepest)
}

/// What a token does to the depth of the tree.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Open,
    Close,
    Comma,
    Link,
    Clause,
    Operator,
    None,
}

fn step(token: &Token, word: &str) -> Step {
    match token.lexeme {
        Lexeme::Operator => Step::Operator,
        Lexeme::Punctuation => match word {
            "(" | "[" => Step::Open,
            ")" | "]" => Step::Close,
            "," => Step::Comma,
            "." => Step::Operator,
            _ => Step::None,
        },
        Lexeme::Word if word.len() <= 9 => match word.to_ascii_lowercase().as_str() {
            "case" => Step::Open,
            "end" => Step::Close,
            "and" | "or" | "not" | "union" | "intersect" | "except" | "join" | "with" => Step::Link,
            "select" | "from" | "where" | "on" | "group" | "order" | "having" | "when" | "then" | "else" => {
                Step::Clause
            }
            "is" | "in" | "like" | "ilike" | "similar" | "between" | "collate" | "at" | "isnull"
            | "notnull" | "escape" | "overlaps" | "array" | "operator" => Step::Operator,
            _ => Step::None,
        },
        _ => Step::None,
    }
}

/// Refuses operators that are not PostgreSQL's own or a well-known extension's: an
/// operator is a function by another name.
fn operators(text: &str, significant: &[Token]) -> Result<(), Verdict> {
    let word = |at: usize| significant.get(at).map(|token| token.of(text)).unwrap_or_default();
    for (at, token) in significant.iter().enumerate() {
        let symbol = token.of(text);
        if token.lexeme == Lexeme::Operator && !super::functions::known_operator(symbol) {
            let why = "the function behind this operator is not known to be harmless";
            return Err(refuse(Class::Unsure, "pg.operator.unknown", symbol, token.start, why));
        }
        let named =
            token.lexeme == Lexeme::Word && symbol.eq_ignore_ascii_case("operator") && word(at + 1) == "(";
        if named && significant.get(at + 3).is_some() && word(at + 3) != ")" {
            let schema = significant.get(at + 2).and_then(|token| name::name(token.of(text), token.start));
            if schema.is_none_or(|schema| schema.text != "pg_catalog") {
                let why = "only operators of pg_catalog are known to be harmless";
                return Err(refuse(Class::Unsure, "pg.operator.schema", word(at + 2), token.start, why));
            }
        }
    }
    Ok(())
}

/// The statement with comments and the middle of long lists of literals blanked out: what stands
/// alone between two commas and is a literal can do no harm, and leaving it out changes
/// neither the tree around it nor any position.
fn thinned(text: &str, tokens: &[Token]) -> Result<(String, Vec<Token>), Verdict> {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut out = String::with_capacity(text.len());
    let (mut words, mut after_comma) = (0usize, false);
    let mut rest = tokens.iter().enumerate();
    while let Some((at, token)) = rest.next() {
        let literal = matches!(token.lexeme, Lexeme::Number | Lexeme::Text | Lexeme::Parameter);
        let comma = if literal && after_comma {
            let later = tokens.get(at + 1..).unwrap_or_default();
            let gap = later.iter().take_while(|next| next.is_blank()).count();
            later.get(gap).filter(|next| next.of(text) == ",").map(|_| gap)
        } else {
            None
        };
        if let Some(gap) = comma {
            let end = rest.nth(gap).map_or(token.end, |(_, comma)| comma.end);
            out.extend(std::iter::repeat_n(' ', end - token.start));
            continue;
        }
        if token.lexeme == Lexeme::Comment {
            out.extend(std::iter::repeat_n(' ', token.end - token.start));
            continue;
        }
        if !token.is_blank() {
            words += 1;
            after_comma = token.of(text) == ",";
        }
        if words > MAX_TOKENS {
            let why = "it has more words than are judged";
            return Err(refuse(Class::Unsure, "pg.size", token.of(text), token.start, why));
        }
        out.push_str(token.of(text));
        kept.push(*token);
    }
    Ok((out, kept))
}

/// Parses and judges the tree, on a stack of its own if the tree is deep. A panic in the
/// parser is a refusal.
fn parse(text: &str, tokens: &[Token], flavour: Flavour, depth: usize) -> Result<(), Verdict> {
    let failed = || refuse(Class::Unsure, "pg.parser", "statement", 0, "the parser failed on it");
    let work = || {
        let parsed = SourceFile::parse(text);
        if let Some(error) = parsed.errors().first() {
            let at = usize::from(error.range().start());
            let why = format!("it is not a statement PostgreSQL would accept: {}", error.message());
            return Err(refuse(Class::Unsure, "pg.syntax", near(text, at), at, &why));
        }
        tree::judge(text, tokens, &parsed.syntax_node(), flavour)
    };
    if depth <= FLAT && tokens.len() <= FEW_TOKENS {
        return std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))
            .unwrap_or_else(|_| Err(failed()));
    }
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new().stack_size(DEEP_STACK).spawn_scoped(scope, work);
        match worker.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(outcome)) => outcome,
            _ => Err(failed()),
        }
    })
}

/// The word at `at`, for a message.
fn near(text: &str, at: usize) -> &str {
    let rest = text.get(at..).unwrap_or_default();
    rest.split_whitespace().next().unwrap_or_default()
}
