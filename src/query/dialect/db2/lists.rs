//! Db2's words and functions. Db2 reserves nothing; the words here are those that the grammar must not
//! take for an alias. A function is on the list when the SQL reference says that it returns a value and
//! nothing else.

/// Words that cannot be bare names here.
pub const RESERVED: &str = "
    ALL ALTER AND ANY AS BEGIN BETWEEN BY CALL CASE CAST CONNECT CREATE CROSS CURRENT DECLARE DELETE DISTINCT DROP ELSE
    END EXCEPT EXECUTE EXISTS FETCH FOR FROM FULL GRANT GROUP HAVING IN INNER INSERT INTERSECT INTO IS JOIN LATERAL LEFT
    LIKE LOCK MERGE MINUS NATURAL NOT NULL ON OR ORDER OUTER PIVOT REVOKE RIGHT ROLLBACK COMMIT SELECT SET SOME START
    TABLE TABLESAMPLE THEN TRUNCATE UNION UNIQUE UPDATE USING VALUES WHEN WHERE WITH EXPLAIN REFRESH";

/// Words that are values by themselves.
pub const CONSTANTS: &str = "
    NULL CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER CURRENT_SCHEMA CURRENT_PATH CURRENT_SERVER
    CURRENT_TIMEZONE CURRENT_TIME_ZONE SESSION_USER SYSTEM_USER USER SYSDATE SYSTIMESTAMP ROWNUM LEVEL TRUE FALSE DEFAULT";

/// Functions that return a value and do nothing else.
pub const HARMLESS: &str = "
    abs absval acos add_days add_hours add_minutes add_months add_seconds add_years age any_value application_id
    approx_count_distinct array_agg array_first
    array_last ascii asciistr asin atan atan2 atanh avg bigint binary bitand bitandnot bitor bitxor bitnot blob boolean
    bpchar bson_to_json btrim cardinality cast ceil ceiling char character_length char_length chr clob coalesce
    collation_key collation_key_bit compare_decfloat concat contains corr correlation cos cosh cot count count_big
    covar_pop
    covar_samp covariance covariance_samp cume_dist current_date current_timestamp cursor_rowcount datapartitionnum date
    date_part date_trunc dateadd datediff day dayname dayofmonth dayofweek dayofweek_iso dayofyear days days_between
    days_to_end_of_month dbclob dbpartitionnum dec decfloat decfloat_format decimal decode decrypt_char degrees
    dense_rank deref difference digits double double_precision empty_blob empty_clob exp extract first_day first_value
    float float4 float8 floor from_utc_timestamp generate_unique getbit gethint graphic greatest grouping hash
    hash4 hash8 hashedvalue hex hextoraw hour hours_between identity_val_local ifnull initcap insert instr instr2 instr4
    instrb int int2 int4 int8 integer intnand intnnot intnor intnxor json_array json_arrayagg json_exists json_object
    json_objectagg json_query json_to_bson json_value json_val julian_day lag last_day last_value lcase lead least left
    length length2 length4 lengthb listagg ln locate locate_in_string log10 long_varchar lower lpad ltrim max
    max_cardinality median microsecond midnight_seconds min minute minutes_between mod mon_get_application_handle
    mon_get_application_id month monthname months_between
    multiply_alt nchar nclob ncharextended next_day next_month next_quarter next_week next_year normalize_decfloat
    notnull
    now nth_value ntile nullif numeric nvarchar nvl nvl2 octet_length overlay percent_rank percentile_cont
    percentile_disc posstr position pow power quantize quarter quote_ident quote_literal radians rand
    random rank ratio_to_report rawtohex real rec2xml regexp_count regexp_extract regexp_instr regexp_like
    regexp_match_count regexp_replace regexp_substr regr_avgx regr_avgy regr_count regr_icpt regr_intercept regr_r2
    regr_slope regr_sxx regr_sxy regr_syy repeat replace rid rid_bit right round round_timestamp row_number
    rownumber rpad rtrim
    second seconds_between sign sin sinh smallint soundex space sqrt stddev stddev_pop stddev_samp strip strleft strpos
    strright sub_days substr substr2 substr4 substrb substring sum table_name table_schema tan tanh this_month
    this_quarter this_week this_year time timestamp timestamp_format timestamp_iso timestampdiff timezone to_blob
    to_char to_clob to_date to_dbclob to_hex to_multi_byte to_nchar to_nclob to_number to_single_byte to_timestamp
    to_utc_timestamp totalorder translate trim trim_array trunc trunc_timestamp truncate typeid type_id type_name
    type_schema ucase unicode_str upper uuid value var var_pop var_samp varbinary varchar varchar_bit_format
    varchar_format varchar_format_bit vargraphic variance variance_samp verify_group_for_user
    verify_role_for_user verify_trusted_context_role_for_user week week_iso weeks_between width_bucket xmlagg
    xmlattributes xmlcast xmlcomment xmlconcat xmldocument xmlelement xmlexists xmlforest xmlgroup xmlnamespaces
    xmlparse
    xmlpi xmlquery xmlrow xmlserialize xmltext xmlvalidate year years_between ymd_between
    connect_by_root sys_connect_by_path";

/// Functions in FROM that only read, without their schema SYSPROC.
pub const TABLES: &str = "
    unnest mon_get_activity mon_get_activity_details mon_get_appl_lockwait mon_get_auto_maint_queue
    mon_get_auto_runstats_queue mon_get_bufferpool mon_get_cf mon_get_connection mon_get_connection_details
    mon_get_container mon_get_database mon_get_database_details mon_get_extended_latch_wait
    mon_get_extent_movement_status mon_get_fcm mon_get_fcm_connection_list mon_get_group_bufferpool mon_get_hadr
    mon_get_index mon_get_index_usage_list mon_get_instance mon_get_latch mon_get_locks mon_get_memory_pool
    mon_get_memory_set mon_get_page_access_info mon_get_pkg_cache_stmt mon_get_pkg_cache_stmt_details
    mon_get_quiescer mon_get_rebalance_status mon_get_routine mon_get_routine_details mon_get_rts_rqst
    mon_get_section mon_get_section_object mon_get_section_routine mon_get_serverlist mon_get_service_subclass
    mon_get_table mon_get_table_usage_list mon_get_tablespace mon_get_tablespace_quiescer
    mon_get_transaction_log mon_get_unit_of_work mon_get_unit_of_work_details mon_get_usage_list_status
    mon_get_utility mon_get_workload mon_sample_service_class_metrics mon_sample_workload_metrics
    env_get_db2_edu_system_resources env_get_db2_system_resources env_get_inst_info env_get_network_resources
    env_get_prod_info env_get_reg_variables env_get_sys_info env_get_sys_resources env_get_system_resources
    admin_get_tab_info admin_get_index_info admin_get_temp_columns admin_get_temp_tables
    admin_get_tab_compress_info admin_get_intra_parallel admin_list_hist db_partitions db_members
    pd_get_diag_hist auth_list_authorities_for_authid auth_list_roles_for_authid snap_get_util snap_get_agent
    snap_get_agent_memory_pool snap_get_appl snap_get_appl_info snap_get_bp snap_get_bp_part snap_get_container
    snap_get_db snap_get_db_memory_pool snap_get_dbm snap_get_dbm_memory_pool snap_get_detaillog
    snap_get_dyn_sql snap_get_fcm snap_get_fcm_part snap_get_hadr snap_get_lock snap_get_lockwait snap_get_stmt
    snap_get_storage_paths snap_get_subsection snap_get_switches snap_get_tab snap_get_tab_reorg snap_get_tbsp
    snap_get_tbsp_part snap_get_tbsp_quiescer snap_get_tbsp_range snap_get_util_progress snap_get_appl_v95
    snap_get_appl_info_v95 snap_get_bp_v95 snap_get_container_v91 snap_get_db_v91 snap_get_db_v95
    snap_get_db_v97 snap_get_dbm_v95 snap_get_dyn_sql_v91 snap_get_dyn_sql_v95 snap_get_stmt_v95
    snap_get_storage_paths_v97 snap_get_tab_v91 snap_get_tbsp_v91 snap_get_tbsp_part_v91 snap_get_tbsp_part_v97
    dbmcfg dbm_get_cfg db_get_cfg wlm_get_activity_details wlm_get_conn_env wlm_get_queue_stats
    wlm_get_service_class_agents wlm_get_service_class_agents_v97 wlm_get_service_class_workload_occurrences
    wlm_get_service_class_workload_occurrences_v97 wlm_get_service_subclass_stats
    wlm_get_service_subclass_stats_v97 wlm_get_service_superclass_stats wlm_get_work_action_set_stats
    wlm_get_workload_occurrence_activities wlm_get_workload_occurrence_activities_v97 wlm_get_workload_stats
    wlm_get_workload_stats_v97 mon_get_agent mon_get_column mon_get_queue_stats mon_get_workload_stats
    mon_get_workload_details mon_get_service_subclass_stats mon_get_service_subclass_details
    mon_get_service_superclass mon_get_service_superclass_stats mon_get_work_action_set_stats
    mon_format_lock_name mon_format_xml_components_by_row mon_format_xml_metrics_by_row
    mon_format_xml_times_by_row mon_format_xml_wait_times_by_row explain_get_msgs pd_get_log_msgs base_table
    admin_get_storage_paths auth_list_groups_for_authid env_get_feature_info";

/// Words of types.
pub const TYPES: &str = "
    SMALLINT INT INTEGER BIGINT DECIMAL DEC NUMERIC NUM DECFLOAT REAL FLOAT DOUBLE PRECISION CHAR CHARACTER VARCHAR
    VARYING
    LARGE OBJECT CLOB GRAPHIC VARGRAPHIC DBCLOB NCHAR NVARCHAR NCLOB NATIONAL BINARY VARBINARY BLOB DATE TIME TIMESTAMP
    XML BOOLEAN LONG ROWID NUMBER VARCHAR2 NVARCHAR2 INT2 INT4 INT8 FLOAT4 FLOAT8 BPCHAR DATETIME";

/// Words offered while typing and coloured as keywords; sorted.
#[rustfmt::skip]
pub const OFFERED: &[&str] = &[
    "ALL", "ALTER", "AND", "ANY", "AS", "ASC", "BEGIN", "BETWEEN", "BY", "CALL", "CASE", "CAST", "COMMIT", "CREATE",
    "CROSS", "CUBE", "CURRENT", "DATE", "DECLARE", "DELETE", "DESC", "DISTINCT", "DROP", "ELSE", "END", "ESCAPE",
    "EXCEPT", "EXISTS", "EXPLAIN", "FETCH", "FIRST", "FOLLOWING", "FOR", "FROM", "FULL", "GRANT", "GROUP",
    "GROUPING", "HAVING", "IN", "INNER", "INSERT", "INTERSECT", "INTO", "IS", "JOIN", "LATERAL", "LEFT", "LIKE",
    "LIMIT", "LOCK", "MERGE", "MONTHS", "NEXT", "NOT", "NULL", "NULLS", "OFFSET", "ON", "ONLY", "OPTIMIZE", "OR",
    "ORDER", "OUTER", "OVER", "PARTITION", "PRECEDING", "PREVIOUS", "RANGE", "READ", "REVOKE", "RIGHT", "ROLLBACK",
    "ROLLUP", "ROW", "ROWS", "SELECT", "SET", "SETS", "SYSTEM_TIME", "TABLE", "TABLESAMPLE", "THEN", "TIMESTAMP",
    "TRUNCATE", "UNBOUNDED", "UNION", "UPDATE", "UR", "USING", "VALUE", "VALUES", "WHEN", "WHERE", "WITH", "XMLTABLE",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offered_words_are_sorted() {
        assert!(OFFERED.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
