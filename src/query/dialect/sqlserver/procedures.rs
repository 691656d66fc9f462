//! Procedures of the server that only describe, the few that EXEC may name, and the few commands of DBCC
//! that only show.

use crate::query::dialect::Class;
use crate::query::dialect::recogniser::lexer::Kind;
use crate::query::dialect::recogniser::parser::{Parsed, Parser, Stop};

/// System procedures that list and describe. A database cannot shadow them: the server looks in its own
/// schema first.
const DESCRIBE: &[&str] = &[
    "sp_columns",
    "sp_column_privileges",
    "sp_databases",
    "sp_datatype_info",
    "sp_depends",
    "sp_fkeys",
    "sp_help",
    "sp_helpconstraint",
    "sp_helpdb",
    "sp_helpfile",
    "sp_helpfilegroup",
    "sp_helpindex",
    "sp_helplanguage",
    "sp_helplogins",
    "sp_helprole",
    "sp_helprolemember",
    "sp_helprotect",
    "sp_helpserver",
    "sp_helpsort",
    "sp_helpsrvrole",
    "sp_helpsrvrolemember",
    "sp_helpstats",
    "sp_helptext",
    "sp_helptrigger",
    "sp_helpuser",
    "sp_linkedservers",
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

/// Commands of DBCC whose page in the reference says that they show something and nothing else. Those that
/// check may repair, and SQLPERF may clear, so each form is named.
const SHOW: &[&str] = &[
    "INPUTBUFFER",
    "MEMORYSTATUS",
    "OPENTRAN",
    "SHOWCONTIG",
    "SHOW_STATISTICS",
    "SQLPERF",
    "TRACESTATUS",
    "USEROPTIONS",
];
/// What may stand behind WITH there.
const SHOW_WITH: &[&str] = &[
    "ALL_INDEXES",
    "ALL_LEVELS",
    "DENSITY_VECTOR",
    "FAST",
    "HISTOGRAM",
    "NO_INFOMSGS",
    "STATS_STREAM",
    "STAT_HEADER",
    "TABLERESULTS",
];

/// `DBCC SHOW_STATISTICS ('dbo.t', ix) WITH HISTOGRAM`, with the cursor on DBCC; false when the command is
/// not one that only shows.
fn shows(p: &mut Parser<'_>) -> Result<bool, Stop> {
    if !p.is_any(1, SHOW) {
        return Ok(false);
    }
    let clears = p.is(1, "SQLPERF") && !(p.is_op(2, "(") && p.is(3, "LOGSPACE") && p.is_op(4, ")"));
    if clears {
        return Ok(false);
    }
    p.bump();
    p.bump();
    if p.eat_op("(") {
        loop {
            p.eat_op("-");
            match p.kind(0) {
                Some(Kind::Text | Kind::Number) => p.bump(),
                _ => p.dotted_name()?,
            }
            if !p.eat_op(",") {
                break;
            }
        }
        p.expect_op(")")?;
    }
    if p.eat("WITH") {
        loop {
            p.expect_any(SHOW_WITH)?;
            if !p.eat_op(",") {
                break;
            }
        }
    }
    Ok(true)
}

/// How many tokens before the procedure's name at `at` say where the server has it: `sys.`, `db.sys.`,
/// `master..`, `master.dbo.`. Other schemas may hold what somebody made.
fn schema(p: &Parser<'_>, at: usize) -> usize {
    let dots = p.is_op(at + 1, ".") && p.is_op(at + 3, ".");
    let short = (p.is(at, "sys") && p.is_op(at + 1, ".")) || (p.is(at, "master") && p.is_op(at + 1, ".."));
    let long = (p.is_name(at) && p.is(at + 2, "sys")) || (p.is(at, "master") && p.is(at + 2, "dbo"));
    match (short, long && dots) {
        (true, _) => 2,
        (false, true) => 4,
        (false, false) => 0,
    }
}

/// `EXEC sp_help 'dbo.t'`, or the procedure's name alone, as a batch may begin.
pub fn procedure(p: &mut Parser<'_>) -> Result<Option<&'static str>, Stop> {
    if p.is(0, "DBCC") && shows(p)? {
        return Ok(Some("sqlserver.describe"));
    }
    let called = p.is_any(0, &["EXEC", "EXECUTE"]);
    let name = usize::from(called);
    let name = name + schema(p, name);
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
