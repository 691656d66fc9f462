//! What an XQuery text in XMLQUERY, XMLTABLE and XMLEXISTS may hold. Paths over the document that is passed
//! are reads; a text that opens other documents, runs SQL or declares functions is not known to be one.

/// Functions that read what is not passed: files and addresses, tables, SQL (Oracle: XML DB Developer's
/// Guide, "fn:doc and fn:collection"; Db2: `db2-fn:sqlquery`).
const OUTSIDE: &[&str] = &["doc", "collection", "unparsed-text", "environment-variable", "sqlquery", "eval"];
/// Words that bring in code or functions of the server, wherever they stand.
const NOWHERE: &[&str] = &["import", "external", "function", "ora:"];

/// Whether `text`, a literal with its quotes, only reads the document that it is given.
pub fn stays_inside(text: &str) -> bool {
    let text = text.to_lowercase();
    if NOWHERE.iter().any(|word| text.contains(*word)) {
        return false;
    }
    OUTSIDE.iter().all(|name| {
        // A name that only begins with it counts too: `doc-available(…)`.
        text.match_indices(*name).all(|(at, _)| {
            let rest = text.get(at..).unwrap_or_default();
            let rest = rest.trim_start_matches(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
            !rest.trim_start().starts_with(['(', '#'])
        })
    })
}

#[cfg(test)]
mod tests {
    use super::stays_inside;

    #[test]
    fn paths_stay_inside_and_calls_of_documents_do_not() {
        for text in ["'/a/b'", "'/doc/text()'", "'$d/a[@id = 1]'", "'//document'", "'count(/docs)'"] {
            assert!(stays_inside(text), "{text}");
        }
        for text in [
            "'doc(\"/a\")'",
            "'fn:doc (\"a\")'",
            "'fn:doc(: c :)(\"a\")'",
            "'FN:DOC-AVAILABLE(\"a\")'",
            "'fn:collection(\"oradb:/HR/EMP\")'",
            "'declare function local:f() external; 1'",
            "'import module \"x\"; 1'",
            "'ora:view(\"EMP\")'",
            "'db2-fn:sqlquery(\"select 1\")'",
        ] {
            assert!(!stays_inside(text), "{text}");
        }
    }
}
