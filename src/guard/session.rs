//! Lock 3: what arms, checks and undoes the read-only transaction around each statement.
//!
//! Measured: a session default alone is undone by `SET`, a read-only transaction alone is
//! ended by MySQL's implicit commits. So both are set, before every statement, and undone
//! after it; then the server is asked whether the lock still stood.

/// PostgreSQL: opens the transaction that the statement runs in.
pub const POSTGRES_ARM: &str = "BEGIN READ ONLY";
/// PostgreSQL: asked inside the transaction, after the statement: `on` when the lock stood.
pub const POSTGRES_CHECK: &str = "SHOW transaction_read_only";
/// PostgreSQL: ends the transaction, whatever happened in it.
pub const POSTGRES_UNDO: &str = "ROLLBACK";
/// PostgreSQL: drops what outlives a transaction: prepared statements, session-level advisory
/// locks, settings.
pub const POSTGRES_CLEAN: &str = "DISCARD ALL";
/// PostgreSQL: the session's default, for servers that take no startup options.
pub const POSTGRES_DEFAULT: &str = "SET default_transaction_read_only = on";

/// Redshift: drops what outlives a transaction; it has no `DISCARD`, no advisory locks and no
/// default that could be set beside the transaction.
pub const REDSHIFT_CLEAN: &str = "RESET ALL";

/// MySQL and MariaDB: the session's default, so that a statement that commits implicitly is
/// read-only as well.
pub const MYSQL_DEFAULT: &str = "SET SESSION TRANSACTION READ ONLY";
/// MySQL and MariaDB: the default before a change that elevated access allowed.
pub const MYSQL_CHANGES: &str = "SET SESSION TRANSACTION READ WRITE";
/// MySQL and MariaDB: opens the transaction that the statement runs in.
pub const MYSQL_ARM: &str = "START TRANSACTION READ ONLY";
/// MySQL and MariaDB: ends the transaction, whatever happened in it.
pub const MYSQL_UNDO: &str = "ROLLBACK";
/// MySQL 8: `1` when the session's default still stands.
pub const MYSQL_CHECK: &str = "SELECT @@session.transaction_read_only";
/// MariaDB: the same under its older name.
pub const MARIADB_CHECK: &str = "SELECT @@session.tx_read_only";

/// SQL Server, which has no read-only transaction: opens the one that is rolled back.
pub const SQLSERVER_ARM: &str = "BEGIN TRANSACTION";
/// SQL Server: `1` inside that transaction, when the statement has not ended it.
pub const SQLSERVER_CHECK: &str = "SELECT @@TRANCOUNT";
/// SQL Server: ends the transaction, whatever happened in it.
pub const SQLSERVER_UNDO: &str = "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION";
/// SQL Server: `1` when the login can do everything in the database.
pub const SQLSERVER_ROLE: &str =
    "SELECT CASE WHEN IS_SRVROLEMEMBER('sysadmin') = 1 OR IS_ROLEMEMBER('db_owner') = 1 THEN 1 ELSE 0 END";
/// SQL Server: `READ_ONLY` or `READ_WRITE`.
pub const SQLSERVER_DATABASE: &str =
    "SELECT CAST(DATABASEPROPERTYEX(DB_NAME(), 'Updateability') AS nvarchar(60))";
/// SQL Server: statements are planned and not run from here on.
pub const SQLSERVER_PLAN: &str = "SET SHOWPLAN_ALL ON";
/// SQL Server: statements run again.
pub const SQLSERVER_NO_PLAN: &str = "SET SHOWPLAN_ALL OFF";
