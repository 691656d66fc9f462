//! Redshift SQL: PostgreSQL's grammar and rules, with Redshift's own words, functions and
//! constructs. The rule it keeps: what Redshift has of its own is taken out of a copy only
//! where its tokens show that it can do no harm; the rest must pass PostgreSQL's tree, and a
//! text that Redshift's older lexer may cut elsewhere is refused.

mod apart;
pub(super) mod functions;
mod lexical;
mod opening;
mod words;

use super::postgres::classify::{checked, refuse, tokens};
use super::postgres::lex::Token;
use super::postgres::{Flavour, script};
use super::{Class, Dialect, Span, TokenKind, Verdict};

/// Redshift SQL.
pub static REDSHIFT: Redshift = Redshift;

/// The language.
#[derive(Debug)]
pub struct Redshift;

impl Dialect for Redshift {
    fn split(&self, text: &str) -> Vec<Span> {
        script::split(text)
    }

    fn classify(&self, statement: &str) -> Verdict {
        // A byte order mark is refused by the server; what follows it decides how it is shown.
        let body = statement.strip_prefix('\u{feff}').unwrap_or(statement);
        let mut verdict = judge(body).unwrap_or_else(|refusal| refusal);
        verdict.at += statement.len() - body.len();
        verdict
    }

    fn highlight(&self, text: &str, out: &mut Vec<(Span, TokenKind)>) {
        script::highlight(text, out);
    }

    fn words(&self) -> &'static [&'static str] {
        words::WORDS
    }
}

fn judge(text: &str) -> Result<Verdict, Verdict> {
    let tokens = tokens(text)?;
    lexical::agreed(text, &tokens)?;
    let significant: Vec<Token> = tokens.iter().filter(|token| !token.is_blank()).copied().collect();
    let lead = opening::first_word(text, &significant)?;
    if lead.lists {
        opening::only_names(text, &significant, &lead)?;
    } else {
        let copy = apart::taken(text, &significant)?;
        if copy.len() != text.len() {
            return Err(refuse(
                Class::Unsure,
                "redshift.copy",
                "statement",
                0,
                "the copy to judge is not whole",
            ));
        }
        let tokens = super::postgres::classify::tokens(&copy)?;
        let significant: Vec<Token> = tokens.iter().filter(|token| !token.is_blank()).copied().collect();
        checked(&copy, &tokens, &significant, Flavour::Redshift)?;
    }
    Ok(Verdict {
        class: Class::Read,
        rule: lead.rule,
        construct: lead.token.of(text).to_owned(),
        at: lead.token.start,
        why: lead.why.to_owned(),
        instead: None,
    })
}
