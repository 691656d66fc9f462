//! Procedures of the server that only describe: the few that EXEC may name.

use crate::query::dialect::Class;
use crate::query::dialect::recogniser::lexer::Kind;
use crate::query::dialect::recogniser::parser::{Parsed, Parser, Stop};

/// System procedures that list and describe. A database cannot shadow them: the server looks in its own
/// schema first.
const DESCRIBE: &[&str] = &[
    "sp_columns",
    "sp_column_privileges",
    "sp_databases",
    "sp_depends",
    "sp_fkeys",
    "sp_help",
    "sp_helpconstraint",
    "sp_helpdb",
    "sp_helpfile",
    "sp_helpfilegroup",
    "sp_helpindex",
    "sp_helprole",
    "sp_helprolemember",
    "sp_helpsrvrole",
    "sp_helpsrvrolemember",
    "sp_helpstats",
    "sp_helptext",
    "sp_helptrigger",
    "sp_helpuser",
    "sp_lock",
    "sp_pkeys",
    "sp_server_info",
    "sp_spaceused",
    "sp_special_columns",
    "sp_sproc_columns",
    "sp_statistics",
    "sp_stored_procedures",
    "sp_table_privileges",
    "sp_tables",
    "sp_who",
    "sp_who2",
];

/// `EXEC sp_help 'dbo.t'`, or the procedure's name alone, as a batch may begin.
pub fn procedure(p: &mut Parser<'_>) -> Result<Option<&'static str>, Stop> {
    let called = p.is_any(0, &["EXEC", "EXECUTE"]);
    let name = usize::from(called);
    let name = if p.is(name, "sys") && p.is_op(name + 1, ".") { name + 2 } else { name };
    let word = p.word(name).to_ascii_lowercase();
    if !DESCRIBE.contains(&word.as_str()) {
        if called || word.starts_with("sp_") || word.starts_with("xp_") {
            let why = "What this procedure does cannot be seen from its call.";
            let instead =
                Some("sp_helptext shows what a procedure does; sp_help and its like may be called.");
            p.refuse_from(p.mark(), Class::Write, "sqlserver.exec", why, instead)?;
        }
        return Ok(None);
    }
    (0..=name).for_each(|_| p.bump());
    arguments(p, &word)?;
    Ok(Some("sqlserver.describe"))
}

/// Literals, names, and literals by name. `sp_spaceused` has an argument that rewrites statistics.
fn arguments(p: &mut Parser<'_>, procedure: &str) -> Parsed {
    let mut given = 0;
    while !p.ends() {
        if p.kind(0) == Some(Kind::Variable) && p.is_op(1, "=") {
            let named = p.token(0).map(|t| p.text_of(t).to_ascii_lowercase()).unwrap_or_default();
            if named == "@updateusage" {
                let why = "@updateusage rewrites what the server keeps of sizes.";
                return p.refuse_here(Class::Write, "sqlserver.exec", why);
            }
            p.bump();
            p.bump();
        } else {
            given += 1;
        }
        p.eat_op("-");
        match p.kind(0) {
            Some(Kind::Text | Kind::Number | Kind::Quoted) => p.bump(),
            Some(Kind::Word) if !p.tongue.reserved(p.word(0)) || p.is(0, "NULL") => p.bump(),
            _ => return p.unexpected(),
        }
        if !p.eat_op(",") {
            break;
        }
    }
    if procedure == "sp_spaceused" && given > 1 {
        let why = "A second argument rewrites what the server keeps of sizes.";
        return p.refuse_here(Class::Write, "sqlserver.exec", why);
    }
    Ok(())
}
