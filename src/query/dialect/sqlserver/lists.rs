//! T-SQL's words and functions. Reserved words: Transact-SQL reference, "Reserved keywords". A function is
//! on the list when its page in the reference says that it returns a value and nothing else.

/// Words that cannot be bare names.
pub const RESERVED: &str = "
    ADD ALL ALTER AND ANY AS ASC AUTHORIZATION BACKUP BEGIN BETWEEN BREAK BROWSE BULK BY CASCADE CASE CHECK
    CHECKPOINT CLOSE CLUSTERED COALESCE COLLATE COLUMN COMMIT COMPUTE CONSTRAINT CONTAINS CONTAINSTABLE CONTINUE
    CONVERT CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER CURSOR DATABASE DBCC
    DEALLOCATE DECLARE DEFAULT DELETE DENY DESC DISK DISTINCT DISTRIBUTED DOUBLE DROP DUMP ELSE END ERRLVL ESCAPE
    EXCEPT EXEC EXECUTE EXISTS EXIT EXTERNAL FETCH FILE FILLFACTOR FOR FOREIGN FREETEXT FREETEXTTABLE FROM FULL
    FUNCTION GOTO GRANT GROUP HAVING HOLDLOCK IDENTITY IDENTITY_INSERT IDENTITYCOL IF IN INDEX INNER INSERT
    INTERSECT INTO IS JOIN KEY KILL LEFT LIKE LINENO LOAD MERGE NATIONAL NOCHECK NONCLUSTERED NOT NULL NULLIF OF
    OFF OFFSETS ON OPEN OPENDATASOURCE OPENQUERY OPENROWSET OPENXML OPTION OR ORDER OUTER OVER PERCENT PIVOT PLAN
    PRECISION PRIMARY PRINT PROC PROCEDURE PUBLIC RAISERROR READ READTEXT RECONFIGURE REFERENCES REPLICATION
    RESTORE RESTRICT RETURN REVERT REVOKE RIGHT ROLLBACK ROWCOUNT ROWGUIDCOL RULE SAVE SCHEMA SECURITYAUDIT SELECT
    SEMANTICKEYPHRASETABLE SEMANTICSIMILARITYDETAILSTABLE SEMANTICSIMILARITYTABLE SESSION_USER SET SETUSER
    SHUTDOWN SOME STATISTICS SYSTEM_USER TABLE TABLESAMPLE TEXTSIZE THEN TO TOP TRAN TRANSACTION TRIGGER TRUNCATE
    TRY_CONVERT TSEQUAL UNION UNIQUE UNPIVOT UPDATE UPDATETEXT USE USER VALUES VARYING VIEW WAITFOR WHEN WHERE
    WHILE WITH WITHIN WRITETEXT GO";

/// Words that are values by themselves.
pub const CONSTANTS: &str = "NULL CURRENT_TIMESTAMP CURRENT_USER SESSION_USER SYSTEM_USER USER CURRENT_DATE
    IDENTITYCOL ROWGUIDCOL";

/// Functions that return a value and do nothing else.
pub const HARMLESS: &str = "
    abs acos ascii asin atan atn2 avg bit_count cast ceiling char charindex checksum checksum_agg choose coalesce
    col_length col_name collationproperty columnproperty compress concat concat_ws connectionproperty contains
    convert cos cot count count_big cume_dist current_timezone current_timezone_id databasepropertyex date_bucket
    dateadd datediff datediff_big datefromparts datename datepart datetime2fromparts datetimefromparts
    datetimeoffsetfromparts datetrunc day db_id db_name decompress degrees dense_rank difference edge_id_from_parts
    eomonth error_line error_message error_number error_procedure error_severity error_state exp file_id file_idex
    file_name filegroup_id filegroup_name filegroupproperty fileproperty filepropertyex first_value floor format
    formatmessage freetext fulltextcatalogproperty fulltextserviceproperty generate_series get_bit
    get_filestream_transaction_context getansinull getdate getutcdate greatest grouping grouping_id has_dbaccess
    has_perms_by_name hashbytes host_id host_name ident_current ident_incr ident_seed iif index_col indexkey_property
    indexproperty is_member is_rolemember is_srvrolemember isdate isjson isnull isnumeric json_array json_arrayagg
    json_contains json_modify json_object json_objectagg json_path_exists json_query json_value lag last_value lead
    least left left_shift len log log10 lower ltrim max min min_active_rowversion month nchar newid ntile nullif
    object_definition object_id object_id_from_edge_id object_name object_schema_name objectproperty
    objectpropertyex original_db_name original_login parse parsename patindex percent_rank percentile_cont
    percentile_disc permissions pi power product quotename radians rand rank regexp_count regexp_instr regexp_like
    regexp_replace regexp_substr replace replicate reverse right right_shift round row_number rowcount_big rtrim
    schema_id schema_name scope_identity serverproperty session_context session_id set_bit sign sin
    smalldatetimefromparts soundex space sql_variant_property sqrt square stats_date stdev stdevp str string_agg
    string_escape stuff substring sum suser_id suser_name suser_sid suser_sname switchoffset sysdatetime
    sysdatetimeoffset sysutcdatetime tan textptr timefromparts todatetimeoffset translate trim try_cast try_convert
    try_parse type_id type_name typeproperty unicode unistr upper user_id user_name var varp vector_distance
    vector_norm vector_normalize xact_state year approx_count_distinct approx_percentile_cont approx_percentile_disc
    app_name applock_mode applock_test assemblyproperty base64_encode base64_decode current_request_id
    current_transaction_id context_info binary_checksum cursor_status node_id_from_parts graph_id_from_node_id
    graph_id_from_edge_id object_id_from_node_id string_split openjson edit_distance edit_distance_similarity
    jaro_winkler_distance jaro_winkler_similarity substring_index datalength loginproperty sessionproperty
    database_principal_id change_tracking_current_version change_tracking_min_valid_version pwdcompare program_name
    key_id key_guid cert_id
    sys.fn_varbintohexstr sys.fn_varbintohexsubstring sys.fn_sqlvarbasetostr sys.fn_physlocformatter
    sys.fn_cdc_map_lsn_to_time sys.fn_cdc_map_time_to_lsn sys.fn_cdc_get_min_lsn sys.fn_cdc_get_max_lsn
    sys.fn_hadr_is_primary_replica sys.fn_hadr_backup_is_preferred_replica
    @@connections @@cpu_busy @@cursor_rows @@datefirst @@dbts @@error @@fetch_status @@identity @@idle @@io_busy
    @@langid @@language @@lock_timeout @@max_connections @@max_precision @@microsoftversion @@nestlevel @@options
    @@pack_received
    @@pack_sent @@packet_errors @@procid @@remserver @@rowcount @@servername @@servicename @@spid @@textsize
    @@timeticks @@total_errors @@total_read @@total_write @@trancount @@version";

/// Functions in FROM that only read.
pub const TABLES: &str = "
    string_split generate_series containstable freetexttable regexp_matches regexp_split_to_table
    sys.dm_exec_sql_text sys.dm_exec_query_plan sys.dm_exec_text_query_plan sys.dm_exec_plan_attributes
    sys.dm_exec_input_buffer sys.dm_exec_query_statistics_xml sys.dm_exec_query_plan_stats sys.dm_exec_cursors
    sys.dm_exec_xml_handles sys.dm_exec_cached_plan_dependent_objects sys.dm_exec_describe_first_result_set_for_object
    sys.dm_exec_describe_first_result_set sys.dm_db_index_physical_stats sys.dm_db_index_operational_stats
    sys.dm_db_stats_properties
    sys.dm_db_stats_histogram sys.dm_db_incremental_stats_properties sys.dm_db_missing_index_columns
    sys.dm_db_log_info sys.dm_db_log_stats sys.dm_db_page_info sys.dm_db_database_page_allocations
    sys.dm_io_virtual_file_stats sys.dm_os_volume_stats sys.dm_sql_referenced_entities
    sys.dm_sql_referencing_entities sys.fn_my_permissions sys.fn_builtin_permissions sys.fn_listextendedproperty
    sys.fn_helpcollations sys.fn_virtualfilestats sys.fn_get_sql sys.fn_physloccracker
    fn_my_permissions fn_builtin_permissions fn_listextendedproperty fn_helpcollations fn_virtualfilestats
";

/// Words of types.
pub const TYPES: &str = "
    BIGINT INT INTEGER SMALLINT TINYINT BIT DECIMAL DEC NUMERIC MONEY SMALLMONEY FLOAT REAL DATE DATETIME DATETIME2
    DATETIMEOFFSET SMALLDATETIME TIME CHAR CHARACTER VARCHAR TEXT NCHAR NVARCHAR NTEXT NATIONAL VARYING BINARY
    VARBINARY IMAGE SQL_VARIANT UNIQUEIDENTIFIER XML ROWVERSION TIMESTAMP SYSNAME DOUBLE PRECISION GEOGRAPHY
    GEOMETRY HIERARCHYID JSON VECTOR";

/// Words offered while typing and coloured as keywords; sorted.
#[rustfmt::skip]
pub const OFFERED: &[&str] = &[
    "ALL", "ALTER", "AND", "ANY", "APPLY", "AS", "ASC", "AUTO", "BEGIN", "BETWEEN", "BY", "CASE", "CAST",
    "COLLATE", "COMMIT", "CONVERT", "CREATE", "CROSS", "CUBE", "CURRENT_TIMESTAMP", "DATABASE", "DECLARE",
    "DEFAULT", "DELETE", "DENY", "DESC", "DISTINCT", "DROP", "ELSE", "END", "ESCAPE", "EXCEPT", "EXEC",
    "EXECUTE", "EXISTS", "FETCH", "FIRST", "FOLLOWING", "FOR", "FROM", "FULL", "FUNCTION", "GO", "GRANT",
    "GROUP", "GROUPING", "HAVING", "IF", "IN", "INDEX", "INNER", "INSERT", "INTERSECT", "INTO", "IS", "JOIN",
    "JSON", "LEFT", "LIKE", "MAX", "MERGE", "NEXT", "NOLOCK", "NOT", "NULL", "OFFSET", "ON", "ONLY", "OPTION",
    "OR", "ORDER", "OUTER", "OVER", "PARTITION", "PATH", "PERCENT", "PIVOT", "PRECEDING", "PROCEDURE", "RANGE",
    "RECOMPILE", "REVOKE", "RIGHT", "ROLLBACK", "ROLLUP", "ROOT", "ROW", "ROWS", "SELECT", "SET", "SETS",
    "SYSTEM_TIME", "TABLE", "TABLESAMPLE", "THEN", "TIES", "TOP", "TRUNCATE", "UNBOUNDED", "UNION", "UNPIVOT",
    "UPDATE", "USE", "USING", "VALUES", "VIEW", "WHEN", "WHERE", "WHILE", "WITH", "WITHIN", "XML",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offered_words_are_sorted() {
        assert!(OFFERED.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
