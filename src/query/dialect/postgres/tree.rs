//! The judgement of a parsed statement: every node must be listed as harmless, every
//! function, type and field must be known, and every token must lie where the guard's
//! own lexer sees one. The rule it keeps: nothing is skipped because it is unexpected.

use super::Flavour;
use super::classify::refuse;
use super::denied;
use super::functions::{self, Standing};
use super::kinds;
use super::lex::{Lexeme, Token};
use super::name::{Name, name};
use crate::query::dialect::{Class, Verdict};
use squawk_syntax::{SyntaxKind as K, SyntaxNode, SyntaxToken};
use std::collections::{HashMap, HashSet};

/// Judges the tree `root` of `text`, whose tokens, by the guard's own lexer, are `tokens`.
pub(super) fn judge(
    text: &str,
    tokens: &[Token],
    root: &SyntaxNode,
    flavour: Flavour,
) -> Result<(), Verdict> {
    let statement = only_statement(root)?;
    let plan = plan_mode(text, &statement)?;
    let mut judge = Judge { text, flavour, plan, scalars: HashMap::new(), fields: Vec::new() };
    let mut seen = tokens.iter().filter(|token| compared(token.lexeme));
    let mut before: Option<SyntaxToken> = None;
    for element in root.descendants_with_tokens() {
        if let Some(node) = element.as_node() {
            judge.node(node)?;
        } else if let Some(token) = element.as_token() {
            same_token(text, token, &mut seen)?;
            if token.kind() == K::L_PAREN {
                bracket_after_name(token, before.as_ref())?;
            }
            if !token.kind().is_trivia() {
                before = Some(token.clone());
            }
        }
    }
    if let Some(token) = seen.next() {
        return Err(disagree(token.of(text), token.start));
    }
    judge.fields_of_scalars()
}

/// How much of the statement runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Plan {
    /// All of it: no EXPLAIN.
    Run,
    /// EXPLAIN with ANALYZE runs it too.
    Analysed,
    /// EXPLAIN alone only plans it.
    Planned,
}

fn only_statement(root: &SyntaxNode) -> Result<SyntaxNode, Verdict> {
    let mut statements = root.children().filter(|node| node.kind() != K::EMPTY_STMT);
    let (Some(first), None) = (statements.next(), statements.next()) else {
        let why = "the grammar does not see exactly one statement";
        return Err(refuse(Class::Unsure, "pg.multiple", "statement", 0, why));
    };
    let allowed = matches!(
        first.kind(),
        K::SELECT | K::PAREN_SELECT | K::COMPOUND_SELECT | K::VALUES | K::TABLE | K::SHOW | K::EXPLAIN
    );
    if allowed { Ok(first) } else { Err(not_listed(&first, Plan::Run)) }
}

fn plan_mode(text: &str, statement: &SyntaxNode) -> Result<Plan, Verdict> {
    if statement.kind() != K::EXPLAIN {
        return Ok(Plan::Run);
    }
    let mut plan = Plan::Planned;
    let options = statement.children().filter(|part| part.kind() == K::EXPLAIN_OPTION_LIST);
    for part in statement.children().chain(options.flat_map(|list| list.children())) {
        match part.kind() {
            K::EXPLAIN_ANALYZE => plan = Plan::Analysed,
            K::EXPLAIN_OPTION => {
                let words = option_words(&part);
                let mut words = words.iter().map(String::as_str);
                let option = words.next().unwrap_or_default();
                let known = [
                    "verbose",
                    "costs",
                    "settings",
                    "generic_plan",
                    "buffers",
                    "serialize",
                    "wal",
                    "timing",
                    "summary",
                    "memory",
                    "format",
                ];
                if matches!(option, "analyze" | "analyse") {
                    let value = words.next().unwrap_or("on").trim_matches('\'');
                    if !matches!(value, "false" | "off" | "0") || words.next().is_some() {
                        plan = Plan::Analysed;
                    }
                } else if !known.contains(&option) {
                    let at = start(&part);
                    let why = "this option of EXPLAIN is not known";
                    return Err(refuse(Class::Unsure, "pg.explain.option", text_at(text, &part), at, why));
                }
            }
            _ => {}
        }
    }
    let inner = statement.children().last();
    match inner {
        Some(inner) if kinds::is_dml(inner.kind()) && plan == Plan::Analysed => Err(Verdict {
            instead: Some("EXPLAIN without ANALYZE"),
            ..refuse(
                Class::Write,
                "pg.explain.analyze",
                text_at(text, &inner),
                start(&inner),
                "EXPLAIN ANALYZE runs the statement, which changes rows",
            )
        }),
        Some(inner) if kinds::is_dml(inner.kind()) => Ok(plan),
        Some(inner)
            if matches!(
                inner.kind(),
                K::SELECT | K::PAREN_SELECT | K::COMPOUND_SELECT | K::VALUES | K::TABLE
            ) =>
        {
            Ok(plan)
        }
        Some(inner) => {
            let why = "only a query can be explained here, or a change of rows without ANALYZE";
            let class = if plan == Plan::Analysed { Class::Write } else { Class::Unsure };
            Err(refuse(class, "pg.explain.statement", text_at(text, &inner), start(&inner), why))
        }
        None => {
            Err(refuse(Class::Unsure, "pg.explain.statement", "explain", 0, "there is nothing to explain"))
        }
    }
}

/// The words of an option of EXPLAIN, as EXPLAIN compares them.
fn option_words(option: &SyntaxNode) -> Vec<String> {
    option
        .descendants_with_tokens()
        .filter_map(|element| element.as_token().cloned())
        .filter(|token| !token.kind().is_trivia())
        .map(|token| token.text().to_ascii_lowercase())
        .collect()
}

fn start(node: &SyntaxNode) -> usize {
    usize::from(node.text_range().start())
}

fn text_at<'a>(text: &'a str, node: &SyntaxNode) -> &'a str {
    let range = node.text_range();
    text.get(usize::from(range.start())..usize::from(range.end())).unwrap_or_default()
}

/// What refuses a node that is on no list, in words that fit the common cases.
fn not_listed(node: &SyntaxNode, plan: Plan) -> Verdict {
    let source = node.text().to_string();
    let at = start(node);
    let (class, rule, why, instead) = match node.kind() {
        K::LOCKING_CLAUSE => {
            (Class::Write, "pg.locking", "it locks the rows it reads", Some("leave the locking clause out"))
        }
        K::INTO_CLAUSE | K::SELECT_INTO | K::CREATE_TABLE_AS => {
            (Class::Write, "pg.into", "it creates a table from the result", Some("SELECT without INTO"))
        }
        kind if kinds::is_dml(kind) && plan == Plan::Analysed => (
            Class::Write,
            "pg.explain.analyze",
            "EXPLAIN ANALYZE runs the statement, which changes rows",
            Some("EXPLAIN without ANALYZE"),
        ),
        kind if kinds::is_dml(kind) => {
            (Class::Write, "pg.dml", "it changes rows", Some("EXPLAIN shows what it would do"))
        }
        _ => (Class::Unsure, "pg.construct", "this construct is not known to only read", None),
    };
    Verdict { instead, ..refuse(class, rule, &source, at, why) }
}

fn disagree(construct: &str, at: usize) -> Verdict {
    refuse(
        Class::Unsure,
        "pg.tokens",
        construct,
        at,
        "two readers of the statement disagree where its tokens are",
    )
}

const fn compared(lexeme: Lexeme) -> bool {
    !matches!(lexeme, Lexeme::Space | Lexeme::Operator | Lexeme::Punctuation)
}

/// Compares a token of the grammar with the next of the guard's own lexer.
fn same_token<'a>(
    text: &str,
    token: &SyntaxToken,
    seen: &mut impl Iterator<Item = &'a Token>,
) -> Result<(), Verdict> {
    let expected = match token.kind() {
        K::WHITESPACE => return Ok(()),
        K::COMMENT => Lexeme::Comment,
        K::INT_NUMBER | K::NUMERIC_NUMBER => Lexeme::Number,
        K::POSITIONAL_PARAM => Lexeme::Parameter,
        K::STRING
        | K::ESC_STRING
        | K::BIT_STRING
        | K::BYTE_STRING
        | K::DOLLAR_QUOTED_STRING
        | K::NATIONAL_STRING
        | K::UNICODE_ESC_STRING => Lexeme::Text,
        K::IDENT => match token.text().as_bytes() {
            [b'"', ..] => Lexeme::Quoted,
            [b'u' | b'U', b'&', b'"', ..] => Lexeme::UnicodeQuoted,
            _ => Lexeme::Word,
        },
        _ if token.text().starts_with(|first: char| first.is_ascii_alphabetic()) => Lexeme::Word,
        _ => return Ok(()),
    };
    let range = token.text_range();
    let (from, to) = (usize::from(range.start()), usize::from(range.end()));
    match seen.next() {
        Some(own) if own.start == from && own.end == to && own.lexeme == expected => {}
        _ => return Err(disagree(token.text(), from)),
    }
    let escapes_name =
        token.kind() == K::UESCAPE_KW && token.parent().is_none_or(|parent| parent.kind() != K::LITERAL);
    if escapes_name {
        let why = "a name with an escape character of its own is not read";
        return Err(refuse(Class::Unsure, "pg.name", token.text(), from, why));
    }
    debug_assert!(text.get(from..to) == Some(token.text()));
    Ok(())
}

/// Refuses a name directly before a bracket that the grammar does not take for a call:
/// PostgreSQL might.
fn bracket_after_name(bracket: &SyntaxToken, before: Option<&SyntaxToken>) -> Result<(), Verdict> {
    let plain = bracket
        .parent()
        .is_some_and(|parent| matches!(parent.kind(), K::PAREN_EXPR | K::PAREN_SELECT | K::PAREN_FROM_ITEM));
    match before {
        Some(word) if plain && word.kind() == K::IDENT => {
            Err(disagree(word.text(), usize::from(word.text_range().start())))
        }
        _ => Ok(()),
    }
}

/// A column reference of two parts, kept until every source of the statement is known.
struct FieldOf {
    source: String,
    field: String,
    at: usize,
}

struct Judge<'a> {
    text: &'a str,
    flavour: Flavour,
    plan: Plan,
    /// Sources whose rows are single values, and the columns they are known to have:
    /// selecting any other column of them calls a function.
    scalars: HashMap<String, HashSet<String>>,
    fields: Vec<FieldOf>,
}

impl Judge<'_> {
    fn node(&mut self, node: &SyntaxNode) -> Result<(), Verdict> {
        let kind = node.kind();
        let listed = kinds::may_read(kind) || (self.plan == Plan::Planned && kinds::may_plan(kind));
        if !listed {
            return Err(not_listed(node, self.plan));
        }
        match kind {
            K::CALL_EXPR => self.call(node),
            K::CAST_EXPR => self.cast(node),
            // `as x(a app.mydomain)`: what comes is turned into these types.
            K::COLUMN_DEF
            | K::JSON_RETURNING_CLAUSE
            | K::JSON_TABLE_VALUE_COLUMN
            | K::XML_TABLE_COLUMN
            | K::XML_SERIALIZE_FN => self.cast(node),
            K::FIELD_EXPR => self.field(node),
            K::FUNCTION_FROM_ITEM | K::EXPR_FROM_ITEM | K::ROWS_FROM_ITEM => {
                self.scalar_source(node);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn call(&self, node: &SyntaxNode) -> Result<(), Verdict> {
        let at = start(node);
        let Some(callee) = node.children().next() else {
            return Err(refuse(Class::Unsure, "pg.call", text_at(self.text, node), at, "nothing is called"));
        };
        if !matches!(callee.kind(), K::NAME_REF | K::FIELD_EXPR) {
            // The grammar's own functions, each of a kind that is listed.
            let special = node.children().nth(1).is_none_or(|next| next.kind() != K::ARG_LIST);
            let why = "what is called has no name";
            return if special {
                Ok(())
            } else {
                Err(refuse(Class::Unsure, "pg.call", text_at(self.text, node), at, why))
            };
        }
        let parts = path(&callee);
        if node.parent().is_some_and(|parent| parent.kind() == K::TABLESAMPLE_CLAUSE) {
            let known = parts.as_deref().is_some_and(|parts| {
                matches!(parts, [method] if ["system", "bernoulli", "system_rows", "system_time"].contains(&method.text.as_str()))
            });
            let why = "this sampling method is not known to be harmless";
            return if known {
                Ok(())
            } else {
                Err(refuse(Class::Unsure, "pg.tablesample", text_at(self.text, &callee), at, why))
            };
        }
        let Some(parts) = parts else {
            let why = "the name of the function cannot be read";
            return Err(refuse(Class::Unsure, "pg.name", text_at(self.text, &callee), at, why));
        };
        self.function(&parts, node)
    }

    fn function(&self, parts: &[Name], node: &SyntaxNode) -> Result<(), Verdict> {
        let (schema, function) = match parts {
            [function] => (None, function),
            [schema, function] => (Some(schema.text.as_str()), function),
            _ => {
                let why = "a function's name has at most a schema and a name";
                return Err(refuse(Class::Unsure, "pg.name", text_at(self.text, node), start(node), why));
            }
        };
        let at = parts.first().map_or(0, |part| part.at);
        let construct = parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(".");
        // A schema makes the name a name: `pg_catalog.coalesce` is no grammar.
        let standing = functions::standing(&function.text, function.quoted || schema.is_some(), self.flavour);
        if let Some(Standing::Denied(kind)) = standing {
            if self.plan == Plan::Planned && kind.rule == denied::SEQUENCE_RULE && schema.is_none() {
                return Ok(());
            }
            return Err(denied_call(kind, &construct, at));
        }
        match (schema, standing) {
            (None | Some("pg_catalog"), Some(Standing::BuiltIn)) | (None, Some(Standing::Extension)) => {}
            (None | Some("pg_catalog"), Some(Standing::Aurora)) if self.flavour == Flavour::Aurora => {}
            (Some("information_schema"), _) if function.text.starts_with("_pg_") => {}
            (None, _) => {
                let why = "the function is not known to only read";
                return Err(refuse(Class::Unsure, "pg.function.unknown", &construct, at, why));
            }
            (Some(schema), _) if denied::DENIED_SCHEMAS.contains(&schema) => {
                let why = "functions of this schema write or reach other hosts";
                return Err(refuse(Class::Write, "pg.function.remote", &construct, at, why));
            }
            (Some(_), _) => {
                let why = "only functions of pg_catalog are known, whatever their name";
                return Err(refuse(Class::Unsure, "pg.function.schema", &construct, at, why));
            }
        }
        if function.text == "ts_rewrite" && arguments(node) != 3 {
            let why = "with two arguments it runs text as SQL";
            return Err(refuse(Class::Write, "pg.function.dynamic_sql", &construct, at, why));
        }
        Ok(())
    }

    /// A cast to a type that is not PostgreSQL's own may call a cast function of its owner, or a
    /// domain's check, which a literal meets too: only the catalogue tells an enum from a domain.
    /// Redshift has no domains.
    fn cast(&self, node: &SyntaxNode) -> Result<(), Verdict> {
        let mut operand = None;
        let mut target = None;
        for child in node.children() {
            match child.kind() {
                K::ARRAY_TYPE | K::PATH_TYPE => target = Some(child),
                K::COLON_COLON => {}
                _ => operand = operand.or(Some(child)),
            }
        }
        let Some(target) = target else { return Ok(()) };
        let element = target.descendants().find(|part| part.kind() == K::PATH_REF);
        let parts = match element {
            Some(reference) => path(&reference),
            None => return Ok(()),
        };
        let known = parts.as_deref().is_some_and(|parts| match parts {
            [name] => functions::known_type(&name.text, self.flavour),
            [schema, name] => {
                (schema.text == "pg_catalog" && functions::known_type(&name.text, self.flavour))
                    || schema.text == "information_schema"
            }
            _ => false,
        });
        let is_literal = operand.as_ref().is_some_and(kinds::is_literal);
        if known || (self.flavour == Flavour::Redshift && parts.is_some() && is_literal) {
            return Ok(());
        }
        let why = "casting a value to a type of the database's own may call a function";
        let refusal = refuse(Class::Unsure, "pg.cast.type", text_at(self.text, &target), start(&target), why);
        let instead = is_literal
            .then_some("Without the cast: PostgreSQL reads a literal as the type it is compared with.");
        Err(Verdict { instead, ..refusal })
    }

    /// `(value).name` calls the function `name` unless the value is a row with that field,
    /// and so does `source.name` where the rows of the source are single values.
    fn field(&mut self, node: &SyntaxNode) -> Result<(), Verdict> {
        let parent = node.parent();
        let is_callee = parent.as_ref().is_some_and(|parent| {
            parent.kind() == K::CALL_EXPR && parent.children().next().as_ref() == Some(node)
        });
        if is_callee {
            return Ok(());
        }
        let Some(last) = node.children().skip(1).last() else { return Ok(()) };
        let Some(field) = last.first_token().and_then(|token| spelled(&token)) else {
            let why = "the name of the field cannot be read";
            return Err(refuse(Class::Unsure, "pg.name", text_at(self.text, &last), start(&last), why));
        };
        // Inside a longer chain a name may only be a schema or a table; it is judged as a
        // field all the same, for a dangerous name is unlikely there.
        if let Some(kind) = functions::denied(&field.text) {
            return Err(denied_call(kind, &field.text, field.at));
        }
        let Some(base) = node.children().next() else { return Ok(()) };
        if path(node).is_some() {
            if base.kind() == K::NAME_REF {
                let source = base.first_token().and_then(|token| spelled(&token));
                self.fields.extend(source.map(|source| FieldOf {
                    source: source.text,
                    field: field.text,
                    at: field.at,
                }));
            }
            return Ok(());
        }
        if functions::harmless_field(&field.text, self.flavour) || is_row(&base) || self.navigates(&base) {
            return Ok(());
        }
        Err(Verdict {
            instead: Some("name the row's columns in FROM and select source.column"),
            ..refuse(
                Class::Unsure,
                "pg.attribute",
                &field.text,
                field.at,
                "selecting a field of a value calls the function of that name if there is no such field",
            )
        })
    }

    /// Whether `base` is a path into a SUPER column, as in `c.orders[0].lines`: Redshift's
    /// attributes of a value are no calls.
    fn navigates(&self, base: &SyntaxNode) -> bool {
        let mut node = Some(base.clone());
        while let Some(part) = node.filter(|_| self.flavour == Flavour::Redshift) {
            match part.kind() {
                K::NAME_REF => return true,
                K::FIELD_EXPR | K::INDEX_EXPR => node = part.children().next(),
                _ => return false,
            }
        }
        false
    }

    /// Notes a function in FROM whose rows are single values.
    fn scalar_source(&mut self, item: &SyntaxNode) {
        let has = |kind| item.descendants().any(|part| part.kind() == kind);
        let callee = item
            .descendants()
            .find(|part| part.kind() == K::CALL_EXPR)
            .and_then(|call| call.children().next())
            .and_then(|callee| path(&callee))
            .and_then(|parts| parts.last().cloned());
        let alias = item
            .children()
            .find(|part| part.kind() == K::FROM_ALIAS)
            .and_then(|alias| alias.descendants().find(|part| part.kind() == K::TABLE_ALIAS))
            .and_then(|alias| alias.first_token())
            .and_then(|token| spelled(&token));
        let rows = callee.as_ref().is_some_and(|callee| functions::returns_rows(&callee.text));
        if rows || item.children().any(|part| part.kind() == K::WITH_ORDINALITY) || has(K::COLUMN_DEF_LIST) {
            return;
        }
        let Some(source) = alias.or_else(|| callee.clone()) else { return };
        let mut columns: HashSet<String> = item
            .children()
            .filter(|part| part.kind() == K::FROM_ALIAS)
            .flat_map(|alias| alias.descendants())
            .filter(|part| part.kind() == K::COLUMN_NAME)
            .filter_map(|column| column.first_token())
            .filter_map(|token| spelled(&token))
            .map(|column| column.text)
            .collect();
        columns.extend(callee.map(|callee| callee.text));
        columns.insert(source.text.clone());
        self.scalars.entry(source.text).or_default().extend(columns);
    }

    fn fields_of_scalars(&self) -> Result<(), Verdict> {
        for reference in &self.fields {
            let unknown = self.scalars.get(&reference.source).is_some_and(|columns| {
                !columns.contains(&reference.field)
                    && !functions::harmless_field(&reference.field, self.flavour)
            });
            if unknown {
                let why = "the source's rows are single values, so this calls the function of that name";
                return Err(Verdict {
                    instead: Some("name the source's columns: AS source(column)"),
                    ..refuse(Class::Unsure, "pg.attribute", &reference.field, reference.at, why)
                });
            }
        }
        Ok(())
    }
}

fn denied_call(kind: &denied::Denied, construct: &str, at: usize) -> Verdict {
    let why = format!("the function {}", kind.why);
    Verdict { instead: kind.instead, ..refuse(Class::Write, kind.rule, construct, at, &why) }
}

/// The name that `token` spells.
fn spelled(token: &SyntaxToken) -> Option<Name> {
    name(token.text(), usize::from(token.text_range().start()))
}

/// The parts of a dotted name: `a`, `a.b`; none if anything but names is in it.
fn path(node: &SyntaxNode) -> Option<Vec<Name>> {
    let mut parts = Vec::with_capacity(2);
    let mut rest = Some(node.clone());
    while let Some(node) = rest.take() {
        // No name has this many parts; stopping keeps long chains linear.
        if parts.len() > 4 {
            return None;
        }
        match node.kind() {
            K::NAME_REF | K::PATH_SEGMENT_REF => parts.push(spelled(&node.first_token()?)?),
            K::FIELD_EXPR | K::PATH_REF => {
                let mut children = node.children();
                let (first, second) = (children.next()?, children.next());
                match second {
                    Some(last) => {
                        parts.push(spelled(&last.first_token()?)?);
                        rest = Some(first);
                    }
                    // `PATH_REF` of one segment, or `t.*`.
                    None => rest = Some(first),
                }
            }
            _ => return None,
        }
    }
    parts.reverse();
    Some(parts)
}

/// True for `(f(x))` where the rows of `f` have fields.
fn is_row(base: &SyntaxNode) -> bool {
    let inner = match base.kind() {
        K::PAREN_EXPR => base.children().next(),
        _ => None,
    };
    inner
        .filter(|inner| inner.kind() == K::CALL_EXPR)
        .and_then(|call| call.children().next())
        .and_then(|callee| path(&callee))
        .and_then(|parts| parts.last().map(|name| functions::returns_rows(&name.text)))
        .unwrap_or(false)
}

/// How many arguments a call has.
fn arguments(call: &SyntaxNode) -> usize {
    call.children()
        .filter(|part| part.kind() == K::ARG_LIST)
        .map(|list| list.children().filter(|part| part.kind() == K::ARG).count())
        .sum()
}
