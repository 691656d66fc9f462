//! The functions that do more than read, by what they do. A name that is in no table is
//! refused just the same; these tables exist so that the refusal can say why and what to
//! read instead. The rule it keeps: whatever is here is never also in a table of readers.

/// A kind of harm, and the functions that do it.
pub(super) struct Denied {
    /// Stable id of the rule.
    pub(super) rule: &'static str,
    /// What these functions do, as the end of "the function ...".
    pub(super) why: &'static str,
    /// The read that answers the same question.
    pub(super) instead: Option<&'static str>,
    /// Their names.
    pub(super) names: &'static str,
}

/// Kind whose functions never run while a statement is only planned.
pub(super) const SEQUENCE_RULE: &str = "pg.function.sequence";

/// Every kind.
pub(super) const DENIED: &[Denied] = &[
    Denied {
        rule: SEQUENCE_RULE,
        why: "advances or sets a sequence, which no rollback undoes",
        instead: Some("SELECT last_value FROM the sequence, or from pg_sequences"),
        names: "nextval setval pg_nextoid",
    },
    Denied {
        rule: "pg.function.signal",
        why: "cancels, ends or signals other sessions",
        instead: Some("SELECT pid, state, query FROM pg_stat_activity"),
        names: "pg_cancel_backend pg_terminate_backend pg_log_backend_memory_contexts pg_reload_conf
            pg_rotate_logfile pg_rotate_logfile_old pg_promote pg_logfile_rotate pg_get_process_memory_contexts",
    },
    Denied {
        rule: "pg.function.lock",
        why: "takes or gives back a lock that others can wait for",
        instead: Some("SELECT * FROM pg_locks WHERE locktype = 'advisory'"),
        names: "pg_advisory_lock pg_advisory_lock_shared pg_advisory_xact_lock pg_advisory_xact_lock_shared
            pg_try_advisory_lock pg_try_advisory_lock_shared pg_try_advisory_xact_lock
            pg_try_advisory_xact_lock_shared pg_advisory_unlock pg_advisory_unlock_shared
            pg_advisory_unlock_all bt_index_parent_check bt_index_check gin_index_check verify_heapam",
    },
    Denied {
        rule: "pg.function.file",
        why: "reads, lists or writes files of the server",
        instead: None,
        names: "pg_read_file pg_read_file_old pg_read_binary_file pg_ls_dir pg_ls_logdir pg_ls_waldir
            pg_ls_tmpdir pg_ls_archive_statusdir pg_ls_logicalmapdir pg_ls_logicalsnapdir
            pg_ls_replslotdir pg_ls_summariesdir pg_stat_file pg_current_logfile pg_hba_file_rules
            pg_ident_file_mappings pg_show_all_file_settings pg_file_read pg_file_write pg_file_rename
            pg_file_unlink pg_file_sync pg_file_length pg_logdir_ls pg_available_wal_summaries
            pg_wal_summary_contents pg_get_wal_records_info pg_get_wal_record_info pg_get_wal_stats
            pg_get_wal_block_info pg_get_wal_fpi_info",
    },
    Denied {
        rule: "pg.function.large_object",
        why: "works on large objects, which it can create, change or remove",
        instead: Some("SELECT * FROM pg_largeobject_metadata"),
        names: "lo_creat lo_create lo_export lo_from_bytea lo_get lo_import lo_lseek lo_lseek64 lo_open lo_put
            lo_tell lo_tell64 lo_truncate lo_truncate64 lo_unlink lo_close loread lowrite lo_manage lo_oid",
    },
    Denied {
        rule: "pg.function.setting",
        why: "changes a setting or state of the session",
        instead: Some("current_setting(name), or SHOW"),
        names: "set_config setseed set_limit pg_stat_clear_snapshot pg_stat_force_next_flush
            pg_replication_origin_session_setup pg_replication_origin_session_reset
            pg_replication_origin_xact_setup pg_replication_origin_xact_reset set_curcfg set_curdict set_curprs
            pg_prewarm autoprewarm_start_worker autoprewarm_dump_now postgres_fdw_disconnect
            postgres_fdw_disconnect_all hypopg_create_index hypopg_drop_index hypopg_reset
            hypopg_hide_index hypopg_unhide_index",
    },
    Denied {
        rule: "pg.function.dynamic_sql",
        why: "runs text as SQL, whose effect cannot be judged here",
        instead: Some("run the inner statement itself"),
        names: "query_to_xml query_to_xmlschema query_to_xml_and_xmlschema cursor_to_xml cursor_to_xmlschema
            ts_stat crosstab crosstab2 crosstab3 crosstab4 crosstabn crosstab_hash connectby xpath_table
            st_fromgdalraster",
    },
    Denied {
        rule: "pg.function.remote",
        why: "reaches another host or service",
        instead: None,
        names: "dblink dblink_connect dblink_connect_u dblink_disconnect dblink_exec dblink_open dblink_fetch
            dblink_close dblink_send_query dblink_get_result dblink_is_busy dblink_get_connections
            dblink_cancel_query dblink_error_message dblink_get_notify dblink_build_sql_insert
            dblink_build_sql_update dblink_build_sql_delete dblink_get_pkey dblink_current_query
            http_get http_post http_put http_patch http_delete http_head xslt_process
            query_export_to_s3 table_import_from_s3 create_s3_uri lambda_async",
    },
    Denied {
        rule: "pg.function.replication",
        why: "changes replication, the write-ahead log or a backup",
        instead: Some("SELECT * FROM pg_replication_slots, or from pg_stat_replication"),
        names: "pg_create_physical_replication_slot pg_create_logical_replication_slot
            pg_copy_physical_replication_slot pg_copy_logical_replication_slot pg_drop_replication_slot
            pg_replication_slot_advance pg_sync_replication_slots pg_logical_slot_get_changes
            pg_logical_slot_get_binary_changes pg_logical_slot_peek_changes
            pg_logical_slot_peek_binary_changes pg_logical_emit_message pg_replication_origin_create
            pg_replication_origin_drop pg_replication_origin_advance pg_replication_origin_progress
            pg_replication_origin_session_progress pg_switch_wal pg_switch_xlog pg_create_restore_point
            pg_wal_replay_pause pg_wal_replay_resume pg_xlog_replay_pause pg_xlog_replay_resume
            pg_backup_start pg_backup_stop pg_start_backup pg_stop_backup pg_export_snapshot
            pg_sync_replication_slot",
    },
    Denied {
        rule: "pg.function.statistics",
        why: "resets or rewrites statistics",
        instead: Some("read the view the numbers are in, such as pg_stat_database"),
        names: "pg_stat_reset pg_stat_reset_shared pg_stat_reset_single_table_counters
            pg_stat_reset_single_function_counters pg_stat_reset_slru pg_stat_reset_replication_slot
            pg_stat_reset_subscription_stats pg_stat_reset_backend_stats pg_stat_statements_reset
            pg_restore_relation_stats pg_restore_attribute_stats pg_restore_extended_stats pg_clear_relation_stats
            pg_clear_attribute_stats pg_clear_extended_stats pg_set_relation_stats pg_set_attribute_stats
            pg_stat_kcache_reset pg_qualstats_reset pg_wait_sampling_reset_profile pg_stat_monitor_reset
            aurora_stat_statements_reset aurora_stat_plans_reset",
    },
    Denied {
        rule: "pg.function.maintenance",
        why: "changes storage, caches or the catalogue",
        instead: None,
        names: "brin_summarize_new_values brin_summarize_range brin_desummarize_range gin_clean_pending_list
            pg_import_system_collations pg_extension_config_dump pg_stop_making_pinned_objects
            pg_buffercache_evict pg_buffercache_evict_relation pg_buffercache_evict_all
            pg_truncate_visibility_map pg_truncate_freespace_map heap_force_kill heap_force_freeze
            plan_filter_enable refresh_continuous_aggregate drop_chunks create_hypertable
            addgeometrycolumn dropgeometrycolumn dropgeometrytable updategeometrysrid populate_geometry_columns
            binary_upgrade_create_empty_extension binary_upgrade_set_missing_value
            binary_upgrade_set_next_array_pg_type_oid binary_upgrade_set_next_heap_pg_class_oid
            binary_upgrade_set_next_heap_relfilenode binary_upgrade_set_next_index_pg_class_oid
            binary_upgrade_set_next_index_relfilenode binary_upgrade_set_next_multirange_array_pg_type_oid
            binary_upgrade_set_next_multirange_pg_type_oid binary_upgrade_set_next_pg_authid_oid
            binary_upgrade_set_next_pg_enum_oid binary_upgrade_set_next_pg_tablespace_oid
            binary_upgrade_set_next_pg_type_oid binary_upgrade_set_next_toast_pg_class_oid
            binary_upgrade_set_next_toast_relfilenode binary_upgrade_set_record_init_privs
            binary_upgrade_add_sub_rel_state binary_upgrade_replorigin_advance
            binary_upgrade_logical_slot_has_caught_up",
    },
    Denied {
        rule: "pg.function.message",
        why: "sends a message to other sessions",
        instead: None,
        names: "pg_notify",
    },
    Denied {
        rule: "pg.function.transaction_id",
        why: "assigns a transaction id, which a read never needs",
        instead: Some("pg_current_xact_id_if_assigned(), or txid_current_snapshot()"),
        names: "txid_current pg_current_xact_id",
    },
    Denied {
        rule: "pg.function.wait",
        why: "holds the session and its snapshot while doing nothing",
        instead: None,
        names: "pg_sleep pg_sleep_for pg_sleep_until",
    },
];

/// Schemas of extensions that write or reach other hosts, whatever the function.
pub(super) const DENIED_SCHEMAS: &[&str] =
    &["aws_s3", "aws_lambda", "aws_commons", "aws_ml", "cron", "apg_plan_mgmt", "dbms_job", "dbms_scheduler"];
