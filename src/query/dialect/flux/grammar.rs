//! Flux's grammar, with the names that are bound where it stands.

use super::names::{PACKAGES, UNIVERSE, WRITES, is_member};
use crate::query::dialect::Class;
use crate::query::dialect::series::{Cursor, Judged, Kind};

/// Words that are no names.
const RESERVED: &[&str] = &[
    "and", "builtin", "else", "exists", "if", "import", "not", "option", "or", "package", "return", "test",
    "testcase", "then", "with",
];

const BINARY: &[&str] = &["+", "-", "*", "/", "%", "^", "==", "!=", "<", "<=", ">", ">=", "=~", "!~"];

/// Arguments by which a function of the list would reach another server.
const ELSEWHERE: &[&str] = &["host", "token", "url", "dataSourceName", "driverName", "file"];

/// The option that holds a dashboard's variables: `option v = {timeRangeStart: -1h}`.
const VARIABLES: &str = "v";

/// Functions that only turn a value into one of another type; their argument is `v`.
const CONVERSIONS: &[&str] = &["bool", "duration", "float", "int", "string", "time", "uint"];

/// What is bound at one place of a script.
#[derive(Default)]
struct Scope<'a> {
    /// Names that the script binds, the innermost last.
    bound: Vec<&'a str>,
    /// Packages by the name that they go by.
    packages: Vec<(&'a str, &'a str)>,
}

/// A whole script.
pub fn script(c: &mut Cursor<'_>) -> Judged {
    let mut scope = Scope::default();
    if exact(c, 0, "package") {
        c.step();
        name(c)?;
    }
    while exact(c, 0, "import") {
        import(c, &mut scope)?;
    }
    while !c.is_done() {
        statement(c, &mut scope)?;
    }
    Ok(())
}

/// Flux is particular about case.
fn exact(c: &Cursor<'_>, ahead: usize, word: &str) -> bool {
    c.kind(ahead) == Some(Kind::Word) && c.word(ahead) == word
}

fn name<'a>(c: &mut Cursor<'a>) -> Judged<&'a str> {
    let word = c.word(0);
    if c.kind(0) != Some(Kind::Word) || RESERVED.contains(&word) {
        return Err(c.stray());
    }
    c.step();
    Ok(word)
}

/// `import "path"`, `import alias "path"`.
fn import<'a>(c: &mut Cursor<'a>, scope: &mut Scope<'a>) -> Judged {
    c.step();
    let alias = if c.kind(0) == Some(Kind::Word) { Some(name(c)?) } else { None };
    let path = c.word(0).trim_matches('"');
    if c.kind(0) != Some(Kind::Text) {
        return Err(c.stray());
    }
    if !PACKAGES.iter().any(|(known, _)| *known == path) {
        let why = "This package is not known to be harmless: it may write or leave the server.";
        return Err(c.refuse(Class::Unsure, "flux.package.unknown", why));
    }
    c.step();
    let own = alias.unwrap_or_else(|| path.rsplit('/').next().unwrap_or(path));
    scope.packages.push((own, path));
    Ok(())
}

fn statement<'a>(c: &mut Cursor<'a>, scope: &mut Scope<'a>) -> Judged {
    if exact(c, 0, "option") {
        let known = ["now", "location", VARIABLES].iter().any(|word| exact(c, 1, word));
        if !known || !c.is_op_at(2, "=") {
            let why = "Options other than now, location and v are not known to be harmless.";
            return Err(c.refuse(Class::Unsure, "flux.option", why));
        }
        let is_variables = exact(c, 1, VARIABLES);
        (0..3).for_each(|_| c.step());
        expression(c, scope)?;
        if is_variables {
            scope.bound.push(VARIABLES);
        }
        return Ok(());
    }
    if c.kind(0) == Some(Kind::Word) && c.is_op_at(1, "=") {
        let bound = binding(c, scope)?;
        c.step();
        expression(c, scope)?;
        // Visible behind its own value only.
        scope.bound.push(bound);
        return Ok(());
    }
    expression(c, scope)
}

/// A name that the script binds. One that hides a package would make its members mean others.
fn binding<'a>(c: &mut Cursor<'a>, scope: &Scope<'a>) -> Judged<&'a str> {
    if scope.packages.iter().any(|(own, _)| *own == c.word(0)) {
        return Err(c.refuse(
            Class::Unsure,
            "flux.package.hidden",
            "This hides a package that was imported.",
        ));
    }
    name(c)
}

fn expression<'a>(c: &mut Cursor<'a>, scope: &mut Scope<'a>) -> Judged {
    c.deeper(|c| {
        if exact(c, 0, "if") {
            c.step();
            expression(c, scope)?;
            keyword(c, "then")?;
            expression(c, scope)?;
            keyword(c, "else")?;
            return expression(c, scope);
        }
        loop {
            operand(c, scope)?;
            let joined = exact(c, 0, "and") || exact(c, 0, "or");
            if !joined && !BINARY.iter().any(|o| c.is_op(o)) {
                return Ok(());
            }
            c.step();
        }
    })
}

fn keyword(c: &mut Cursor<'_>, word: &str) -> Judged {
    if !exact(c, 0, word) {
        return Err(c.stray());
    }
    c.step();
    Ok(())
}

/// An operand with its signs, its calls and what is piped into them.
fn operand<'a>(c: &mut Cursor<'a>, scope: &mut Scope<'a>) -> Judged {
    c.deeper(|c| {
        while exact(c, 0, "not") || exact(c, 0, "exists") || c.is_op("-") || c.is_op("+") {
            c.step();
        }
        postfix(c, scope)?;
        while c.eat_op("|>") {
            postfix(c, scope)?;
        }
        Ok(())
    })
}

fn postfix<'a>(c: &mut Cursor<'a>, scope: &mut Scope<'a>) -> Judged {
    let is_literal = c.kind(0).is_some_and(|kind| kind != Kind::Word && kind != Kind::Operator);
    primary(c, scope)?;
    if is_literal && c.is_op(".") {
        // Literals have no members: for another reader a new statement may begin here.
        return Err(c.stray());
    }
    loop {
        if c.eat_op("(") {
            arguments(c, scope)?;
        } else if c.eat_op("[") {
            expression(c, scope)?;
            c.expect_op("]")?;
        } else if c.eat_op(".") {
            // A member of a value: values hold nothing that is not on the list.
            name(c)?;
        } else {
            return Ok(());
        }
    }
}

/// `name: value, …` up to the bracket.
fn arguments<'a>(c: &mut Cursor<'a>, scope: &mut Scope<'a>) -> Judged {
    while !c.eat_op(")") {
        let word = c.word(0);
        if ELSEWHERE.contains(&word) {
            let why = "This argument makes the function read from another place.";
            return Err(c.refuse(Class::Write, "flux.elsewhere", why));
        }
        if c.is_op_at(1, ":") {
            name(c)?;
            c.step();
            expression(c, scope)?;
        } else {
            // `f(x)` is short for `f(x: x)`.
            reference(c, scope)?;
        }
        if !c.is_op(")") {
            c.expect_op(",")?;
        }
    }
    Ok(())
}

fn primary<'a>(c: &mut Cursor<'a>, scope: &mut Scope<'a>) -> Judged {
    match c.kind(0) {
        Some(Kind::Number | Kind::Duration | Kind::Pattern) => {
            c.step();
            Ok(())
        }
        Some(Kind::Text) => text(c, scope),
        Some(Kind::Word) => reference(c, scope),
        Some(Kind::Operator) if c.is_op("(") => {
            if is_function(c) {
                function(c, scope)
            } else {
                grouped(c, scope)
            }
        }
        Some(Kind::Operator) if c.is_op("[") => list(c, scope),
        Some(Kind::Operator) if c.is_op("{") => record(c, scope),
        _ => Err(c.stray()),
    }
}

fn grouped<'a>(c: &mut Cursor<'a>, scope: &mut Scope<'a>) -> Judged {
    c.step();
    expression(c, scope)?;
    c.expect_op(")")
}

/// A string. What is interpolated is a bound name and its members, nothing more: a quote inside
/// would end the string for some readers and not for others.
fn text<'a>(c: &mut Cursor<'a>, scope: &Scope<'a>) -> Judged {
    let mut rest = c.word(0);
    while let Some((before, after)) = rest.split_once("${") {
        let refusal = || {
            let why = "Only names, their members and conversions of them are judged inside a string.";
            c.refuse(Class::Unsure, "flux.interpolation", why)
        };
        // An escaped backslash in front escapes nothing, and how long the run is need not be counted.
        if before.ends_with("\\\\") {
            return Err(refusal());
        }
        if before.ends_with('\\') {
            rest = after;
            continue;
        }
        let (path, after) = after.split_once('}').ok_or_else(refusal)?;
        let path = converted(path).unwrap_or(path);
        let plain = |part: &str| {
            let mut chars = part.chars();
            chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
                && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        let mut parts = path.split('.');
        let bound = parts.next().is_some_and(|first| scope.bound.contains(&first));
        if !bound || !parts.all(plain) {
            return Err(refusal());
        }
        rest = after;
    }
    c.step();
    Ok(())
}

/// What `string(v: PATH)` and its like convert.
fn converted(call: &str) -> Option<&str> {
    let (function, arguments) = call.trim().split_once('(')?;
    let argument = arguments.strip_suffix(')')?.trim().strip_prefix("v:")?;
    CONVERSIONS.contains(&function).then(|| argument.trim())
}

/// A name: one that the script binds, one of the list, or a member of a package.
fn reference<'a>(c: &mut Cursor<'a>, scope: &Scope<'a>) -> Judged {
    let word = c.word(0);
    if scope.bound.contains(&word) {
        return name(c).map(drop);
    }
    if let Some((_, path)) = scope.packages.iter().rev().find(|(own, _)| *own == word) {
        c.step();
        c.expect_op(".")?;
        if !is_member(path, c.word(0)) {
            let writes = WRITES.contains(&c.word(0));
            let class = if writes { Class::Write } else { Class::Unsure };
            let rule = if writes { "flux.write" } else { "flux.member.unknown" };
            return Err(c.refuse(class, rule, "This member of the package is not known to be harmless."));
        }
        return name(c).map(drop);
    }
    if UNIVERSE.contains(&word) {
        return name(c).map(drop);
    }
    if WRITES.contains(&word) {
        let mut refusal = c.refuse(Class::Write, "flux.write", "This function writes.");
        refusal.instead = Some("The pipeline without it shows what would be written.");
        return Err(refusal);
    }
    Err(c.unknown_function())
}

/// Whether the bracket that is next opens a function's parameters.
fn is_function(c: &Cursor<'_>) -> bool {
    let (mut ahead, mut depth) = (0, 0_usize);
    loop {
        if ["(", "[", "{"].iter().any(|o| c.is_op_at(ahead, o)) {
            depth += 1;
        } else if [")", "]", "}"].iter().any(|o| c.is_op_at(ahead, o)) {
            depth = depth.saturating_sub(1);
        } else if c.kind(ahead).is_none() {
            return false;
        }
        ahead += 1;
        if depth == 0 {
            return c.is_op_at(ahead, "=>");
        }
    }
}

/// `(a, b=1, tables=<-) => …`.
fn function<'a>(c: &mut Cursor<'a>, scope: &mut Scope<'a>) -> Judged {
    c.expect_op("(")?;
    let outer = scope.bound.len();
    let mut own = Vec::new();
    while !c.eat_op(")") {
        own.push(binding(c, scope)?);
        if c.eat_op("=") && !c.eat_op("<-") {
            expression(c, scope)?;
        }
        if !c.is_op(")") {
            c.expect_op(",")?;
        }
    }
    c.expect_op("=>")?;
    scope.bound.append(&mut own);
    if c.is_op("{") && !is_record(c) {
        block(c, scope)?;
    } else {
        expression(c, scope)?;
    }
    scope.bound.truncate(outer);
    Ok(())
}

/// Whether the brace that is next opens a record and not a block of statements.
fn is_record(c: &Cursor<'_>) -> bool {
    let key = matches!(c.kind(1), Some(Kind::Word | Kind::Text));
    c.is_op_at(1, "}")
        || key && [":", ","].iter().any(|o| c.is_op_at(2, o))
        || exact(c, 2, "with")
        || key && c.is_op_at(2, "}")
}

/// `{ x = 1  return x }`.
fn block<'a>(c: &mut Cursor<'a>, scope: &mut Scope<'a>) -> Judged {
    c.deeper(|c| {
        c.expect_op("{")?;
        let outer = scope.bound.len();
        loop {
            if exact(c, 0, "return") {
                c.step();
                expression(c, scope)?;
                break;
            }
            statement(c, scope)?;
        }
        scope.bound.truncate(outer);
        c.expect_op("}")
    })
}

/// `[1, 2]` and the dictionary `["a": 1]`; `[:]` is an empty one.
fn list<'a>(c: &mut Cursor<'a>, scope: &mut Scope<'a>) -> Judged {
    c.step();
    if c.eat_op(":") {
        return c.expect_op("]");
    }
    while !c.eat_op("]") {
        expression(c, scope)?;
        if c.eat_op(":") {
            expression(c, scope)?;
        }
        if !c.is_op("]") {
            c.expect_op(",")?;
        }
    }
    Ok(())
}

/// `{a: 1, "b": 2}`, `{r with a: 1}`, `{a, b}`.
fn record<'a>(c: &mut Cursor<'a>, scope: &mut Scope<'a>) -> Judged {
    c.step();
    if exact(c, 1, "with") {
        reference(c, scope)?;
        c.step();
    }
    while !c.eat_op("}") {
        if c.is_op_at(1, ":") {
            match c.kind(0) {
                Some(Kind::Word | Kind::Text) => c.step(),
                _ => return Err(c.stray()),
            }
            c.step();
            expression(c, scope)?;
        } else {
            reference(c, scope)?;
        }
        if !c.is_op("}") {
            c.expect_op(",")?;
        }
    }
    Ok(())
}
