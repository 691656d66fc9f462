//! SPARQL as Neptune takes it in its `query` parameter. Two readers must agree that a statement is
//! a read: a scan of its words, each of which must be a word of queries, and the grammar of
//! `spargebra`, whose whole tree is walked for federation and for functions that are not built in.
//!
//! `FROM` and `FROM NAMED` pass: on Neptune they name graphs of the store and nothing is fetched
//! ("SPARQL default graph and named graphs" in AWS's guide). `SERVICE` does not, also not Neptune's
//! own full-text search: the server would call another host with what the statement gives it.
//!
//! The parser recurses with brackets and its tree deepens with every operator, so both are counted
//! before it runs.

mod lexer;
mod tree;
mod words;

use lexer::{Fault, Kind, Token};
use spargebra::SparqlParser;

use crate::query::dialect::{Class, Dialect, Refusal, Span, TokenKind, Verdict};

/// Longest statement that is judged, in bytes.
const LONGEST: usize = 1 << 20;

/// Deepest nesting of brackets that is judged.
const DEEPEST: usize = 50;

/// Most operators, groups and words between patterns: each may make the tree one deeper.
const JOINTS: usize = 2_000;

/// Prefixes that Neptune knows unasked. Source: Neptune user guide, "SPARQL standards compliance",
/// "Default namespace prefixes in Neptune SPARQL".
pub const PREFIXES: [(&str, &str); 4] = [
    ("owl", "http://www.w3.org/2002/07/owl#"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

/// What Neptune takes relative IRIs to be relative to. Source: the same page.
pub const BASE: &str = "http://aws.amazon.com/neptune/default/";

/// A parser that knows what Neptune knows unasked. What a statement declares itself goes before it.
pub fn parser() -> SparqlParser {
    let known = PREFIXES.iter().try_fold(SparqlParser::new(), |p, (name, iri)| p.with_prefix(*name, *iri));
    // These are IRIs; if one were none, less would be understood and more refused.
    known.and_then(|p| p.with_base_iri(BASE)).unwrap_or_default()
}

/// SPARQL.
pub static SPARQL: Sparql = Sparql;

/// The language.
#[derive(Debug)]
pub struct Sparql;

impl Dialect for Sparql {
    /// Queries are parted by `;` outside brackets. An update keeps its parts together: they share
    /// their prefixes and are one request.
    fn split(&self, text: &str) -> Vec<Span> {
        let tokens = lexer::lex(text);
        let updates =
            tokens.iter().any(|t| t.kind == Kind::Word && words::update(text_of(text, t.span)).is_some());
        let mut spans = Vec::new();
        let mut open: Option<Span> = None;
        let (mut content, mut depth) = (false, 0_usize);
        for token in tokens {
            match text_of(text, token.span) {
                ";" if token.kind == Kind::Operator && depth == 0 && !updates => {
                    spans.extend(open.take().filter(|_| content));
                    content = false;
                    continue;
                }
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => depth = depth.saturating_sub(1),
                _ => {}
            }
            content |= token.kind != Kind::Comment;
            open =
                Some(Span { start: open.map_or(token.span.start, |span| span.start), end: token.span.end });
        }
        spans.extend(open.filter(|_| content));
        spans
    }

    fn classify(&self, statement: &str) -> Verdict {
        judge(statement).map_or_else(|refusal| refusal.verdict(statement), Verdict::read)
    }

    fn highlight(&self, text: &str, out: &mut Vec<(Span, TokenKind)>) {
        let tokens = lexer::lex(text);
        for (at, token) in tokens.iter().enumerate() {
            let after = tokens.get(at + 1).map_or("", |t| text_of(text, t.span));
            let word = text_of(text, token.span);
            let kind = match token.kind {
                Kind::Word if words::one_of(words::OFFERED, word) || words::update(word).is_some() => {
                    TokenKind::Keyword
                }
                Kind::Word if after == "(" && words::one_of(words::QUERY, word) => TokenKind::Function,
                Kind::Word if words::one_of(words::QUERY, word) => TokenKind::Keyword,
                Kind::Word | Kind::Name | Kind::Bad(Fault::Stray | Fault::Escape) => continue,
                Kind::Iri => TokenKind::Quoted,
                Kind::Variable => TokenKind::Parameter,
                Kind::Text | Kind::Language | Kind::Bad(Fault::Unterminated) => TokenKind::Text,
                Kind::Number => TokenKind::Number,
                Kind::Operator => TokenKind::Operator,
                Kind::Comment | Kind::Bad(Fault::Comment) => TokenKind::Comment,
            };
            out.push((token.span, kind));
        }
    }

    fn words(&self) -> &'static [&'static str] {
        words::OFFERED
    }
}

/// Bytes of `text` in `span`.
fn text_of(text: &str, span: Span) -> &str {
    text.get(span.start..span.end).unwrap_or_default()
}

fn refusal(class: Class, rule: &'static str, span: Span, why: &str) -> Refusal {
    Refusal { class, rule, span, why: why.to_owned(), instead: None }
}

fn judge(statement: &str) -> Result<&'static str, Refusal> {
    let start = Span { start: 0, end: 0 };
    if statement.len() > LONGEST {
        let why = "The statement is longer than 1 MiB, the most that is judged.";
        return Err(refusal(Class::Unsure, "sparql.limit.length", start, why));
    }
    let tokens = lexer::lex(statement);
    let Some(first) = tokens.iter().find(|t| t.kind != Kind::Comment) else {
        return Err(refusal(Class::Unsure, "sparql.empty", start, "There is no statement here."));
    };
    for token in &tokens {
        check_token(statement, *token)?;
    }
    check_size(statement, &tokens)?;
    let parsed = parser().parse_query(statement.trim_start_matches('\u{feff}'));
    let query = parsed.map_err(|error| {
        let why = format!("The grammar of queries does not take it: {error}");
        refusal(Class::Unsure, "sparql.syntax", first.span, &why)
    })?;
    tree::judge(&query).map_err(|found| {
        // The tree has no places: the first mention in the text is near enough to find it.
        let at = statement.find(found.mention.as_str()).unwrap_or(0);
        let span = Span { start: at, end: at + found.mention.len() };
        refusal(found.class, found.rule, span, found.why)
    })
}

/// What a single token refuses: bytes that are no token, words that are no words of queries.
fn check_token(statement: &str, token: Token) -> Result<(), Refusal> {
    match token.kind {
        Kind::Bad(fault) => {
            let (rule, why) = match fault {
                Fault::Unterminated => ("sparql.unterminated", "A quote is not closed."),
                Fault::Stray => ("sparql.character", "This character has no meaning here."),
                Fault::Comment => {
                    ("sparql.ambiguous", "Readers of SPARQL end this comment at different places.")
                }
                Fault::Escape => {
                    ("sparql.ambiguous", "Readers of SPARQL decode this escape at different times.")
                }
            };
            Err(refusal(Class::Unsure, rule, token.span, why))
        }
        Kind::Word => {
            let word = text_of(statement, token.span);
            if words::one_of(words::QUERY, word) {
                return Ok(());
            }
            if word.eq_ignore_ascii_case("SERVICE") || word.eq_ignore_ascii_case("SILENT") {
                let why = "SERVICE makes the server call another host.";
                return Err(refusal(Class::Write, "sparql.service", token.span, why));
            }
            Err(match words::update(word) {
                Some(why) => Refusal {
                    instead: Some("CONSTRUCT shows the triples that a template makes and stores nothing."),
                    ..refusal(Class::Write, "sparql.update", token.span, why)
                },
                None => {
                    let why = "The word is none of SPARQL's queries.";
                    refusal(Class::Unsure, "sparql.word.unknown", token.span, why)
                }
            })
        }
        _ => Ok(()),
    }
}

/// Refuses what would make the parser or its tree too deep.
fn check_size(statement: &str, tokens: &[Token]) -> Result<(), Refusal> {
    let (mut depth, mut joints) = (0_usize, 0_usize);
    for token in tokens {
        let word = text_of(statement, token.span);
        match token.kind {
            Kind::Operator if matches!(word, "(" | "[" | "{") => {
                depth += 1;
                joints += usize::from(word == "{");
            }
            Kind::Operator if matches!(word, ")" | "]" | "}") => depth = depth.saturating_sub(1),
            Kind::Operator if !matches!(word, "." | ";" | ",") => joints += 1,
            Kind::Word => joints += usize::from(words::one_of(words::JOINTS, word)),
            _ => {}
        }
        if depth > DEEPEST {
            let why = "The statement nests deeper than 50 levels, the most that is judged.";
            return Err(refusal(Class::Unsure, "sparql.limit.nesting", token.span, why));
        }
        if joints > JOINTS {
            let why = "The statement has more than 2,000 operators and groups, the most that is judged.";
            return Err(refusal(Class::Unsure, "sparql.limit.size", token.span, why));
        }
    }
    Ok(())
}
