//! openCypher's words: those that change the graph, those that are reserved, those offered.

/// A word that starts or belongs to a clause which is no read.
pub struct Verb {
    /// The word.
    pub word: &'static str,
    /// Rule that refuses it.
    pub rule: &'static str,
    /// What it does.
    pub why: &'static str,
}

/// Clauses that change the graph or leave it. None of these words may stand anywhere but as a
/// label, a type, a property's name or a map's key.
pub const VERBS: &[Verb] = &[
    Verb { word: "CREATE", rule: "opencypher.clause.write", why: "CREATE adds vertices and edges." },
    Verb { word: "MERGE", rule: "opencypher.clause.write", why: "MERGE adds what it does not find." },
    Verb { word: "SET", rule: "opencypher.clause.write", why: "SET changes properties and labels." },
    Verb { word: "REMOVE", rule: "opencypher.clause.write", why: "REMOVE takes properties and labels away." },
    Verb { word: "DELETE", rule: "opencypher.clause.write", why: "DELETE removes vertices and edges." },
    Verb {
        word: "DETACH",
        rule: "opencypher.clause.write",
        why: "DETACH DELETE removes vertices with their edges.",
    },
    Verb { word: "NODETACH", rule: "opencypher.clause.write", why: "NODETACH DELETE removes vertices." },
    Verb { word: "FOREACH", rule: "opencypher.clause.write", why: "FOREACH is there to change the graph." },
    Verb { word: "INSERT", rule: "opencypher.clause.write", why: "INSERT adds vertices and edges." },
    Verb { word: "LOAD", rule: "opencypher.clause.load", why: "LOAD fetches a file from elsewhere." },
    Verb { word: "DROP", rule: "opencypher.clause.schema", why: "DROP changes the schema." },
    Verb { word: "ALTER", rule: "opencypher.clause.schema", why: "ALTER changes the schema." },
    Verb { word: "GRANT", rule: "opencypher.clause.admin", why: "GRANT changes who may do what." },
    Verb { word: "REVOKE", rule: "opencypher.clause.admin", why: "REVOKE changes who may do what." },
    Verb { word: "DENY", rule: "opencypher.clause.admin", why: "DENY changes who may do what." },
    Verb { word: "TERMINATE", rule: "opencypher.clause.admin", why: "TERMINATE ends what others run." },
    Verb { word: "BEGIN", rule: "opencypher.clause.transaction", why: "Transactions are for writes." },
    Verb { word: "COMMIT", rule: "opencypher.clause.transaction", why: "Transactions are for writes." },
    Verb { word: "ROLLBACK", rule: "opencypher.clause.transaction", why: "Transactions are for writes." },
];

/// Words that name no variable unless they are quoted.
const RESERVED: &[&str] = &[
    "ALL",
    "AND",
    "AS",
    "ASC",
    "ASCENDING",
    "BY",
    "CALL",
    "CASE",
    "CONTAINS",
    "DESC",
    "DESCENDING",
    "DISTINCT",
    "ELSE",
    "END",
    "ENDS",
    "EXPLAIN",
    "FALSE",
    "IN",
    "IS",
    "LIMIT",
    "MANDATORY",
    "MATCH",
    "NOT",
    "NULL",
    "ON",
    "OPTIONAL",
    "OR",
    "ORDER",
    "PROFILE",
    "RETURN",
    "SKIP",
    "STARTS",
    "THEN",
    "TRUE",
    "UNION",
    "UNWIND",
    "USING",
    "WHEN",
    "WHERE",
    "WITH",
    "XOR",
    "YIELD",
];

/// Words offered while typing; sorted.
pub const OFFERED: &[&str] = &[
    "ALL", "AND", "AS", "ASC", "BY", "CALL", "CASE", "CONTAINS", "COUNT", "CREATE", "DELETE", "DESC",
    "DETACH", "DISTINCT", "ELSE", "END", "ENDS", "EXISTS", "FALSE", "IN", "IS", "LIMIT", "MATCH", "MERGE",
    "NOT", "NULL", "ON", "OPTIONAL", "OR", "ORDER", "REMOVE", "RETURN", "SET", "SKIP", "STARTS", "THEN",
    "TRUE", "UNION", "UNWIND", "USING", "WHEN", "WHERE", "WITH", "XOR", "YIELD",
];

/// The refusal that belongs to `word`.
pub fn verb(word: &str) -> Option<&'static Verb> {
    VERBS.iter().find(|verb| word.eq_ignore_ascii_case(verb.word))
}

/// Whether a bare `word` cannot be a variable.
pub fn reserved(word: &str) -> bool {
    verb(word).is_some() || RESERVED.iter().any(|w| word.eq_ignore_ascii_case(w))
}

/// Whether `word` is coloured as a keyword.
pub fn keyword(word: &str) -> bool {
    reserved(word) || OFFERED.iter().any(|w| word.eq_ignore_ascii_case(w))
}
