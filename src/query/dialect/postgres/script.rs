//! Scripts and colours: where statements end and what their tokens are. The rule it
//! keeps: both see the text through the guard's own lexer, so what is coloured as one
//! string is judged as one string.

use super::lex::{self, Lexeme, Token};
use crate::query::dialect::{Span, TokenKind};

/// Words of the language, upper case, in order: binary search relies on it.
pub(super) const WORDS: &[&str] = &[
    "ALL",
    "ALTER",
    "ANALYZE",
    "AND",
    "ANY",
    "ARRAY",
    "AS",
    "ASC",
    "AT",
    "BEGIN",
    "BETWEEN",
    "BY",
    "CALL",
    "CASE",
    "CAST",
    "COLLATE",
    "COMMIT",
    "COPY",
    "CREATE",
    "CROSS",
    "CURRENT_DATE",
    "CURRENT_TIMESTAMP",
    "CURRENT_USER",
    "DELETE",
    "DESC",
    "DISTINCT",
    "DROP",
    "ELSE",
    "END",
    "EXCEPT",
    "EXISTS",
    "EXPLAIN",
    "EXTRACT",
    "FALSE",
    "FETCH",
    "FILTER",
    "FIRST",
    "FOR",
    "FROM",
    "FULL",
    "FUNCTION",
    "GRANT",
    "GROUP",
    "GROUPING",
    "HAVING",
    "ILIKE",
    "IN",
    "INDEX",
    "INNER",
    "INSERT",
    "INTERSECT",
    "INTERVAL",
    "INTO",
    "IS",
    "JOIN",
    "LAST",
    "LATERAL",
    "LEFT",
    "LIKE",
    "LIMIT",
    "LOCK",
    "MATERIALIZED",
    "MERGE",
    "NATURAL",
    "NOT",
    "NULL",
    "NULLS",
    "OFFSET",
    "ON",
    "ONLY",
    "OR",
    "ORDER",
    "ORDINALITY",
    "OUTER",
    "OVER",
    "PARTITION",
    "RECURSIVE",
    "RETURNING",
    "REVOKE",
    "RIGHT",
    "ROLLBACK",
    "ROW",
    "ROWS",
    "SELECT",
    "SET",
    "SHOW",
    "SIMILAR",
    "SOME",
    "TABLE",
    "TABLESAMPLE",
    "THEN",
    "TO",
    "TRUE",
    "TRUNCATE",
    "UNION",
    "UNIQUE",
    "UPDATE",
    "USING",
    "VACUUM",
    "VALUES",
    "VIEW",
    "WHEN",
    "WHERE",
    "WINDOW",
    "WITH",
    "WITHIN",
    "ZONE",
];

/// Tracks the one place where `;` does not end a statement: the body of a function
/// written as `BEGIN ATOMIC ... END`, or the list of commands of a rule.
#[derive(Default)]
struct Body {
    words: usize,
    creates: bool,
    after_begin: bool,
    blocks: usize,
    brackets: usize,
}

impl Body {
    fn take(&mut self, token: &Token, text: &str) {
        let source = token.of(text);
        if token.lexeme == Lexeme::Word {
            let is = |word: &str| source.eq_ignore_ascii_case(word);
            self.creates |= self.words == 0 && is("create");
            self.words += 1;
            if self.creates && ((self.after_begin && is("atomic")) || (self.blocks > 0 && is("case"))) {
                self.blocks += 1;
            } else if self.blocks > 0 && is("end") {
                self.blocks -= 1;
            }
            self.after_begin = is("begin");
        } else if self.creates && source == "(" {
            self.brackets += 1;
        } else if source == ")" {
            self.brackets = self.brackets.saturating_sub(1);
        }
    }

    const fn is_open(&self) -> bool {
        self.blocks > 0 || self.brackets > 0
    }
}

/// The statements of `text`.
pub(in crate::query::dialect) fn split(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut body = Body::default();
    let (mut start, mut end, mut has_code) = (None, 0, false);
    for token in lex::tokens(text) {
        if token.lexeme == Lexeme::Space {
            continue;
        }
        if token.of(text) == ";" && !body.is_open() {
            if let (Some(from), true) = (start, has_code) {
                spans.push(Span { start: from, end });
            }
            (start, has_code) = (None, false);
            body = Body::default();
            continue;
        }
        start = start.or(Some(token.start));
        end = token.end;
        if token.lexeme != Lexeme::Comment {
            has_code = true;
            body.take(&token, text);
        }
    }
    if let (Some(from), true) = (start, has_code) {
        spans.push(Span { start: from, end });
    }
    spans
}

/// Appends the tokens of `text` worth colouring.
pub(in crate::query::dialect) fn highlight(text: &str, out: &mut Vec<(Span, TokenKind)>) {
    let tokens = lex::tokens(text);
    for (at, token) in tokens.iter().enumerate() {
        let kind = match token.lexeme {
            Lexeme::Comment => TokenKind::Comment,
            Lexeme::Text => TokenKind::Text,
            Lexeme::Number => TokenKind::Number,
            Lexeme::Quoted | Lexeme::UnicodeQuoted => TokenKind::Quoted,
            Lexeme::Parameter => TokenKind::Parameter,
            Lexeme::Operator => TokenKind::Operator,
            Lexeme::Word if WORDS.binary_search(&token.of(text).to_ascii_uppercase().as_str()).is_ok() => {
                TokenKind::Keyword
            }
            Lexeme::Word if opens_call(text, tokens.get(at + 1..).unwrap_or_default()) => TokenKind::Function,
            _ => continue,
        };
        out.push((Span { start: token.start, end: token.end }, kind));
    }
}

fn opens_call(text: &str, rest: &[Token]) -> bool {
    rest.iter().find(|token| !token.is_blank()).is_some_and(|token| token.of(text) == "(")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statements(text: &str) -> Vec<&str> {
        split(text).into_iter().map(|span| &text[span.start..span.end]).collect()
    }

    #[test]
    fn words_are_in_order() {
        assert!(WORDS.is_sorted());
    }

    #[test]
    fn a_semicolon_ends_a_statement_only_as_a_token() {
        let text = " select ';', \"a;b\", $x$;$x$ -- ;\n; /* ;/*;*/ */ select E'\\';' ;; ; -- end";
        assert_eq!(statements(text), ["select ';', \"a;b\", $x$;$x$ -- ;", "/* ;/*;*/ */ select E'\\';'"]);
        assert_eq!(statements(" ; -- nothing\n"), [""; 0]);
        assert_eq!(statements("select 1; select 'open; "), ["select 1", "select 'open; "]);
        assert_eq!(statements("--a\rselect 1;select 2"), ["--a\rselect 1", "select 2"]);
    }

    #[test]
    fn bodies_hold_their_semicolons() {
        let text = "create function f() returns int begin atomic select case when true then 1 end; select 2; end; select 3";
        assert_eq!(statements(text).len(), 2);
        let text = "create rule r as on insert to t do (select 1; select 2); select 3";
        assert_eq!(statements(text).len(), 2);
    }

    #[test]
    fn colours_follow_the_tokens() {
        let text = "select lower(\"A\"), 'x', $1, 1.5 -- c";
        let mut out = Vec::new();
        highlight(text, &mut out);
        let seen: Vec<_> = out.iter().map(|(span, kind)| (&text[span.start..span.end], *kind)).collect();
        assert_eq!(
            seen,
            [
                ("select", TokenKind::Keyword),
                ("lower", TokenKind::Function),
                ("\"A\"", TokenKind::Quoted),
                ("'x'", TokenKind::Text),
                ("$1", TokenKind::Parameter),
                ("1.5", TokenKind::Number),
                ("-- c", TokenKind::Comment),
            ]
        );
    }
}
