//! Ready statements about the database itself: its tables and how they are laid out, what lies
//! outside it, what runs in it. They are judged and sent like any other.

use crate::model::DialectId;

/// The statement that `what` (`tables`, `columns`, `external`, `queries`) asks in `dialect`;
/// none where the language has no answer.
pub const fn statement(dialect: DialectId, what: Ready) -> Option<&'static str> {
    match (dialect, what) {
        (DialectId::Redshift, Ready::Tables) => Some(
            "SELECT schema, \"table\", diststyle, sortkey1, sortkey_num, encoded, size AS mb, pct_used, tbl_rows, \
             skew_rows, unsorted, stats_off, vacuum_sort_benefit FROM svv_table_info ORDER BY size DESC",
        ),
        (DialectId::Redshift, Ready::Columns) => Some(
            "SELECT schemaname, tablename, \"column\", type, encoding, distkey, sortkey, \"notnull\" \
             FROM pg_table_def WHERE schemaname NOT IN ('pg_catalog', 'information_schema') \
             ORDER BY schemaname, tablename",
        ),
        (DialectId::Redshift, Ready::External) => Some(
            "SELECT s.schemaname, s.databasename, t.tablename, t.location, t.input_format, s.esoptions \
             FROM svv_external_schemas s LEFT JOIN svv_external_tables t ON t.schemaname = s.schemaname \
             ORDER BY s.schemaname, t.tablename",
        ),
        (DialectId::Redshift, Ready::Queries) => Some(
            "SELECT query_id, status, query_type, start_time, elapsed_time / 1000000.0 AS seconds, \
             queue_time / 1000000.0 AS queued_s, returned_rows, returned_bytes, error_message, query_text \
             FROM sys_query_history ORDER BY start_time DESC LIMIT 200",
        ),
        (DialectId::Postgres | DialectId::AuroraPostgres, Ready::Tables) => Some(
            "SELECT schemaname, relname, n_live_tup, n_dead_tup, pg_total_relation_size(relid) AS bytes, \
             last_autovacuum, last_autoanalyze FROM pg_stat_user_tables ORDER BY 5 DESC",
        ),
        (DialectId::Postgres | DialectId::AuroraPostgres, Ready::Queries) => Some(
            "SELECT pid, usename, state, wait_event, query_start, now() - query_start AS running, query \
             FROM pg_stat_activity WHERE pid <> pg_backend_pid() ORDER BY query_start",
        ),
        (DialectId::MySql | DialectId::AuroraMySql | DialectId::MariaDb, Ready::Tables) => Some(
            "SELECT table_schema, table_name, engine, table_rows, data_length, index_length \
             FROM information_schema.tables WHERE table_type = 'BASE TABLE' ORDER BY data_length DESC",
        ),
        (DialectId::MySql | DialectId::AuroraMySql | DialectId::MariaDb, Ready::Queries) => {
            Some("SHOW FULL PROCESSLIST")
        }
        // Walks by SCAN, with type, time to live and memory of each key.
        (DialectId::Redis, Ready::Tables) => Some("BROWSE * COUNT 1000"),
        (DialectId::Redis, Ready::Queries) => Some("SLOWLOG GET 100"),
        (DialectId::Memcached, Ready::Tables) => Some("stats items"),
        (DialectId::Memcached, Ready::Queries) => Some("stats conns"),
        _ => None,
    }
}

/// What a ready statement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ready {
    /// Tables: size, layout, statistics.
    Tables,
    /// Columns: encoding, distribution and sort keys.
    Columns,
    /// Schemas and tables outside the database.
    External,
    /// What runs and ran.
    Queries,
}

impl Ready {
    /// By the command's name.
    pub fn from_command(name: &str) -> Option<Self> {
        Some(match name {
            "query.tables" => Self::Tables,
            "query.columns" => Self::Columns,
            "query.external" => Self::External,
            "query.queries" => Self::Queries,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::dialect::{Class, dialect};

    #[test]
    fn every_ready_statement_is_a_read() {
        let mut found = 0;
        for (id, ..) in DialectId::ALL {
            for what in [Ready::Tables, Ready::Columns, Ready::External, Ready::Queries] {
                let Some(text) = statement(*id, what) else { continue };
                let verdict = dialect(*id).classify(text);
                assert_eq!(verdict.class, Class::Read, "{text}: {verdict:?}");
                found += 1;
            }
        }
        assert_eq!(found, 18);
    }
}
