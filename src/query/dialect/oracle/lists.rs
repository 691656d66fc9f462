//! Oracle's words and functions. Reserved words: SQL Language Reference, appendix "Oracle SQL Reserved
//! Words", and the keywords that the grammar must not take for an alias. A function is on the list when
//! the reference says that it returns a value and nothing else.

/// Words that cannot be bare names.
pub const RESERVED: &str = "
    ACCESS ADD ALL ALTER AND ANY AS ASC AUDIT BETWEEN BY CASE CHAR CHECK CLUSTER COLUMN COLUMN_VALUE COMMENT
    COMPRESS CONNECT CREATE CROSS CURRENT DATE DECIMAL DEFAULT DELETE DESC DISTINCT DROP ELSE END EXCEPT EXCLUSIVE
    EXISTS FETCH FILE FLOAT FOR FROM FULL GRANT GROUP HAVING IDENTIFIED IMMEDIATE IN INCREMENT INDEX INITIAL INNER
    INSERT INTEGER INTERSECT INTO IS JOIN LEFT LEVEL LIKE LOCK LONG MAXEXTENTS MINUS MLSLABEL MODE MODIFY NATURAL
    NESTED_TABLE_ID NOAUDIT NOCOMPRESS NOT NOWAIT NULL NUMBER OF OFFLINE ON ONLINE OPTION OR ORDER PCTFREE PRIOR
    PUBLIC RAW RENAME RESOURCE REVOKE RIGHT ROW ROWID ROWNUM ROWS SELECT SESSION SET SHARE SIZE SMALLINT START
    SUCCESSFUL SYNONYM SYSDATE TABLE THEN TO TRIGGER UID UNION UNIQUE UPDATE USER USING VALIDATE VALUES VARCHAR
    VARCHAR2 VIEW WHEN WHENEVER WHERE WITH MERGE BEGIN DECLARE EXECUTE COMMIT ROLLBACK";

/// Words that are values by themselves: pseudo-columns and functions without arguments.
pub const CONSTANTS: &str = "
    NULL SYSDATE SYSTIMESTAMP CURRENT_DATE CURRENT_TIMESTAMP LOCALTIMESTAMP DBTIMEZONE SESSIONTIMEZONE USER UID LEVEL
    ROWNUM ROWID ORA_ROWSCN CONNECT_BY_ISLEAF CONNECT_BY_ISCYCLE VERSIONS_STARTSCN VERSIONS_ENDSCN VERSIONS_STARTTIME
    VERSIONS_ENDTIME VERSIONS_XID VERSIONS_OPERATION COLUMN_VALUE OBJECT_ID OBJECT_VALUE XMLDATA TRUE FALSE
    ORA_INVOKING_USER ORA_INVOKING_USERID DEFAULT";

/// Functions that return a value and do nothing else; of packages, those known to be pure.
pub const HARMLESS: &str = "
    abs acos add_months any_value appendchildxml approx_count approx_count_distinct approx_count_distinct_agg
    approx_count_distinct_detail approx_median approx_percentile approx_rank approx_sum ascii asciistr asin atan atan2
    avg bin_to_num bit_and_agg bit_or_agg bit_xor_agg bitand boolean_and_agg boolean_or_agg cardinality cast ceil
    chartorowid checksum chr cluster_details cluster_distance cluster_id cluster_probability cluster_set coalesce
    collation collect compose concat con_dbid_to_id con_guid_to_id con_id_to_con_name con_id_to_dbid con_name_to_id
    con_uid_to_id contains convert corr corr_k corr_s cos cosh count covar_pop covar_samp cume_dist current_timestamp cv
    dataobj_to_mat_partition dataobj_to_partition decode decompose deletexml dense_rank depth deref dump empty_blob
    empty_clob existsnode exp extract extractvalue feature_details feature_id feature_set feature_value
    first_value floor from_tz greatest group_id grouping grouping_id hextoraw initcap insertchildxml instr instr2
    instr4 instrb instrc json json_array json_arrayagg json_dataguide json_equal json_exists json_mergepatch
    json_object json_objectagg json_query json_scalar json_serialize json_transform json_value kurtosis_pop
    kurtosis_samp lag last_day last_value lead least length length2 length4 lengthb lengthc listagg ln lnnvl
    localtimestamp log lower lpad ltrim make_ref max median min mod months_between nanvl nchr new_time next_day
    nls_charset_decl_len nls_charset_id nls_charset_name nls_collation_id nls_collation_name nls_initcap nls_lower
    nls_upper nlssort nth_value ntile nullif numtodsinterval numtoyminterval nvl nvl2 ora_dst_affected ora_dst_convert
    ora_dst_error ora_hash path percent_rank percentile_cont percentile_disc power powermultiset
    powermultiset_by_cardinality prediction prediction_bounds prediction_cost prediction_details
    prediction_probability prediction_set presentnnv presentv previous rank ratio_to_report rawtohex rawtonhex ref
    reftohex regexp_count regexp_instr regexp_like regexp_replace regexp_substr regr_avgx regr_avgy regr_count
    regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy remainder replace reverse round round_ties_to_even
    row_number
    rowidtochar rowidtonchar rpad rtrim scn_to_timestamp score sessiontimezone set sign sin sinh skewness_pop
    skewness_samp
    soundex sqrt standard_hash stats_binomial_test stats_crosstab stats_f_test stats_ks_test stats_mode stats_mw_test
    stats_one_way_anova stats_t_test_indep stats_t_test_one stats_t_test_paired stats_wsr_test stddev stddev_pop
    stddev_samp substr substr2 substr4 substrb substrc sum sys_connect_by_path sys_context
    sys_extract_utc sys_guid sys_op_map_nonnull sys_op_zone_id sys_typeid sys_xmlagg sys_xmlgen systimestamp tan
    tanh time_bucket
    timestamp_to_scn to_approx_count_distinct to_approx_percentile to_binary_double to_binary_float to_blob to_boolean
    to_char to_clob to_date to_dsinterval to_lob to_multi_byte to_nchar to_nclob to_number to_single_byte to_timestamp
    to_timestamp_tz to_utc_timestamp_tz to_vector to_yminterval translate treat trim trunc tz_offset unistr upper
    userenv validate_conversion value var_pop var_samp variance vector vector_distance vector_norm vsize width_bucket
    xmlagg xmlcast xmlcdata xmlcolattval xmlcomment xmlconcat xmldiff xmlelement xmlattributes xmlexists xmlforest
    xmlisvalid xmlparse xmlpatch xmlpi xmlquery xmlroot xmlsequence xmlserialize xmltransform
    dbms_random.value dbms_random.normal dbms_random.string
    dbms_lob.getlength dbms_lob.substr dbms_lob.instr dbms_lob.compare dbms_lob.get_storage_limit
    dbms_metadata.get_ddl dbms_metadata.get_dependent_ddl dbms_metadata.get_granted_ddl dbms_metadata.get_xml
    dbms_rowid.rowid_block_number dbms_rowid.rowid_object dbms_rowid.rowid_relative_fno dbms_rowid.rowid_row_number
    dbms_rowid.rowid_to_absolute_fno dbms_rowid.rowid_type dbms_rowid.rowid_to_extended dbms_rowid.rowid_create
    dbms_utility.get_time dbms_utility.get_cpu_time dbms_utility.data_block_address_block
    dbms_utility.data_block_address_file dbms_utility.get_hash_value
    dbms_flashback.get_system_change_number dbms_crypto.hash dbms_stats.get_prefs
    dbms_sqltune.report_sql_monitor dbms_sql_monitor.report_sql_monitor
    utl_raw.cast_to_raw utl_raw.cast_to_varchar2 utl_raw.cast_to_nvarchar2 utl_raw.cast_to_number
    utl_raw.cast_from_number utl_raw.concat utl_raw.length utl_raw.substr utl_raw.reverse utl_raw.bit_and
    utl_raw.bit_or utl_raw.bit_xor utl_raw.compare utl_raw.convert utl_raw.copies
    utl_encode.base64_encode utl_encode.base64_decode utl_i18n.string_to_raw utl_i18n.raw_to_char
    utl_i18n.escape_reference utl_i18n.unescape_reference utl_match.edit_distance
    utl_match.edit_distance_similarity utl_match.jaro_winkler utl_match.jaro_winkler_similarity";

/// Functions in FROM that only read.
pub const TABLES: &str = "
    dbms_xplan.display dbms_xplan.display_cursor dbms_xplan.display_awr dbms_xplan.display_sql_plan_baseline
    dbms_xplan.display_workload_repository sys.dbms_xplan.display sys.dbms_xplan.display_cursor
    sys.odcinumberlist sys.odcivarchar2list sys.odcidatelist odcinumberlist odcivarchar2list sys.dbms_debug_vc2coll
    xmlsequence";

/// Words of types.
pub const TYPES: &str = "
    CHAR VARCHAR VARCHAR2 NCHAR NVARCHAR2 CLOB NCLOB BLOB BFILE LONG RAW NUMBER NUMERIC DECIMAL DEC INTEGER INT SMALLINT
    FLOAT REAL DOUBLE PRECISION BINARY_FLOAT BINARY_DOUBLE DATE TIMESTAMP INTERVAL YEAR MONTH DAY SECOND ROWID UROWID
    CHARACTER VARYING NATIONAL JSON BOOLEAN XMLTYPE VECTOR";

/// Words offered while typing and coloured as keywords; sorted.
#[rustfmt::skip]
pub const OFFERED: &[&str] = &[
    "ALL", "ALTER", "AND", "ANY", "APPLY", "AS", "ASC", "BEGIN", "BETWEEN", "BY", "CASE", "CAST", "COMMIT",
    "CONNECT", "CONNECT_BY_ROOT", "CREATE", "CROSS", "CUBE", "CURRENT_DATE", "CURRENT_TIMESTAMP", "DATE",
    "DECLARE", "DEFAULT", "DELETE", "DENSE_RANK", "DESC", "DISTINCT", "DROP", "DUAL", "ELSE", "END", "ESCAPE",
    "EXCEPT", "EXISTS", "EXPLAIN", "EXTRACT", "FETCH", "FIRST", "FOLLOWING", "FOR", "FROM", "FULL", "GRANT",
    "GROUP", "GROUPING", "HAVING", "IGNORE", "IN", "INNER", "INSERT", "INTERSECT", "INTERVAL", "INTO", "IS",
    "JOIN", "JSON_TABLE", "KEEP", "LAST", "LATERAL", "LEFT", "LEVEL", "LIKE", "LISTAGG", "LOCK", "MERGE",
    "MINUS", "NATURAL", "NEXT", "NOCYCLE", "NOT", "NULL", "NULLS", "OF", "OFFSET", "ON", "ONLY", "OR", "ORDER",
    "OUTER", "OVER", "PARTITION", "PERCENT", "PIVOT", "PRECEDING", "PRIOR", "RANGE", "REVOKE", "RIGHT",
    "ROLLBACK", "ROLLUP", "ROW", "ROWNUM", "ROWS", "SAMPLE", "SCN", "SELECT", "SET", "SETS", "SIBLINGS",
    "START", "SYSDATE", "SYSTIMESTAMP", "TABLE", "THEN", "TIES", "TIMESTAMP", "TRUNCATE", "UNBOUNDED", "UNION",
    "UNPIVOT", "UPDATE", "USING", "VALUES", "VERSIONS", "WHEN", "WHERE", "WINDOW", "WITH", "WITHIN", "XMLTABLE",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offered_words_are_sorted() {
        assert!(OFFERED.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
