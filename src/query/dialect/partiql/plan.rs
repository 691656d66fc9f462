//! What a SELECT will cost, told from its text and the table's keys before it runs. DynamoDB reads the
//! whole table or index unless WHERE pins the partition key with `=` or `IN`, on every side of an OR.

use super::lexer::{self, Kind};
use super::parser::{self, Condition, Select, Test};

/// The keys of a table, from `DescribeTable`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableKeys {
    /// Partition key of the table.
    pub partition: String,
    /// Sort key of the table.
    pub sort: Option<String>,
    /// Secondary indexes: name, partition key, sort key.
    pub indexes: Vec<(String, String, Option<String>)>,
}

/// How DynamoDB will find the items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessKind {
    /// By full primary key, as `GetItem` does.
    Lookup,
    /// By partition key, as `Query` does.
    Query,
    /// By reading everything, as `Scan` does.
    Scan,
    /// Not a SELECT that can be read.
    Unknown,
}

/// The way and its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The way.
    pub kind: AccessKind,
    /// Why, in one line. Names come from the statement and the table: sanitise to show.
    pub why: String,
}

/// How `statement` will be answered on a table with `keys`. Pure; linear in the statement.
pub fn plan(statement: &str, keys: &TableKeys) -> Access {
    let Some(select) = parse(statement) else {
        return Access { kind: AccessKind::Unknown, why: "Not a SELECT that can be read.".to_owned() };
    };
    let (partition, sort, place) = match &select.index {
        None => (keys.partition.as_str(), keys.sort.as_deref(), "table".to_owned()),
        Some(index) => match keys.indexes.iter().find(|(name, _, _)| name == index) {
            Some((name, partition, sort)) => (partition.as_str(), sort.as_deref(), format!("index {name}")),
            None => {
                let why = format!("The keys of the index {index} are not known: it may be read whole.");
                return Access { kind: AccessKind::Scan, why };
            }
        },
    };
    let Some(condition) = &select.condition else {
        return Access {
            kind: AccessKind::Scan,
            why: format!("There is no WHERE: the whole {place} is read."),
        };
    };
    let pins = |key: &str, condition: &Condition| pins(key, condition);
    if !pins(partition, condition) {
        let why =
            format!("WHERE does not pin {partition} with = or IN on every side: the whole {place} is read.");
        return Access { kind: AccessKind::Scan, why };
    }
    let whole_key = select.index.is_none() && finds_items(partition, sort, condition);
    if whole_key {
        return Access { kind: AccessKind::Lookup, why: "WHERE gives the full primary key.".to_owned() };
    }
    Access {
        kind: AccessKind::Query,
        why: format!("WHERE pins {partition}: one partition of the {place} is read."),
    }
}

/// The table, and index, that a SELECT reads.
pub fn table_of(statement: &str) -> Option<(String, Option<String>)> {
    parse(statement).map(|select| (select.table, select.index))
}

fn parse(statement: &str) -> Option<Select> {
    if statement.len() > super::LONGEST {
        return None;
    }
    let tokens: Vec<_> = lexer::lex(statement).into_iter().filter(|t| t.kind != Kind::Comment).collect();
    super::check_tokens(statement, &tokens).ok()?;
    parser::select(statement, &tokens).ok()
}

/// Whether every item that satisfies the condition has one of a few given values of `key`.
fn pins(key: &str, condition: &Condition) -> bool {
    match condition {
        Condition::Key(name, Test::Equals | Test::In) => name == key,
        Condition::All(all) => all.iter().any(|c| pins(key, c)),
        Condition::Any(any) => any.iter().all(|c| pins(key, c)),
        Condition::Key(..) | Condition::Filter => false,
    }
}

/// Whether the condition gives whole primary keys, on every side of an OR.
fn finds_items(partition: &str, sort: Option<&str>, condition: &Condition) -> bool {
    if let Condition::Any(any) = condition {
        return any.iter().all(|c| finds_items(partition, sort, c));
    }
    pins(partition, condition) && sort.is_none_or(|sort| pins(sort, condition))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(statement: &str) -> AccessKind {
        let keys = TableKeys {
            partition: "pk".to_owned(),
            sort: Some("sk".to_owned()),
            indexes: vec![("by_mail".to_owned(), "mail".to_owned(), None)],
        };
        plan(statement, &keys).kind
    }

    #[test]
    fn full_keys_are_lookups() {
        for statement in [
            "SELECT * FROM t WHERE pk = 'a' AND sk = 1",
            "SELECT a FROM \"t\" WHERE sk = ? AND ? = \"pk\"",
            "SELECT * FROM t WHERE (pk = 'a' AND sk = 1) OR (pk = 'b' AND sk = 2)",
            "SELECT * FROM t WHERE pk IN ['a', 'b'] AND sk = 1 AND x > 3",
        ] {
            assert_eq!(kind(statement), AccessKind::Lookup, "{statement}");
        }
    }

    #[test]
    fn partition_keys_are_queries() {
        for statement in [
            "SELECT * FROM t WHERE pk = 'a'",
            "SELECT * FROM t WHERE pk = 'a' AND begins_with(sk, 'x')",
            "SELECT * FROM t WHERE pk = 'a' AND sk BETWEEN 1 AND 2",
            "SELECT * FROM t WHERE pk IN ('a', 'b')",
            "SELECT * FROM t WHERE pk = 'a' OR pk = 'b'",
            "SELECT * FROM t.by_mail WHERE mail = 'x'",
            "select * from \"t\".\"by_mail\" where mail = 'x' and pk = 1 and sk = 2",
        ] {
            assert_eq!(kind(statement), AccessKind::Query, "{statement}");
        }
    }

    #[test]
    fn everything_else_is_a_scan() {
        for statement in [
            "SELECT * FROM t",
            "SELECT * FROM t WHERE sk = 1",
            "SELECT * FROM t WHERE pk > 'a'",
            "SELECT * FROM t WHERE NOT pk = 'a'",
            "SELECT * FROM t WHERE pk = 'a' OR x = 1",
            "SELECT * FROM t WHERE pk.x = 'a'",
            "SELECT * FROM t WHERE pk = other",
            "SELECT * FROM t WHERE PK = 'a'",
            "SELECT * FROM t.by_mail WHERE pk = 'x'",
            "SELECT * FROM t.unknown WHERE pk = 'x'",
            "SELECT * FROM t WHERE pk NOT IN ['x']",
        ] {
            assert_eq!(kind(statement), AccessKind::Scan, "{statement}");
        }
        assert_eq!(kind("DELETE FROM t WHERE pk = 1"), AccessKind::Unknown);
    }

    #[test]
    fn tables_and_indexes_are_named() {
        assert_eq!(
            table_of("SELECT * FROM \"a\"\"b\".\"c\""),
            Some(("a\"b".to_owned(), Some("c".to_owned())))
        );
        assert_eq!(table_of("SELECT * FROM t"), Some(("t".to_owned(), None)));
        assert_eq!(table_of("UPDATE t SET a = 1"), None);
    }
}
