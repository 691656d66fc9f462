//! Plans and the design of tables as they are drawn: what EXPLAIN answers on PostgreSQL, MySQL and Redshift, and what
//! `:tables` brings from Redshift.

use super::*;

/// What PostgreSQL 15 says.
const POSTGRES: &str = "\
Limit  (cost=58.35..58.37 rows=10 width=40)
  ->  Sort  (cost=58.35..58.85 rows=200 width=40)
        Sort Key: (sum(l.amount)) DESC
        ->  HashAggregate  (cost=51.53..54.03 rows=200 width=40)
              Group Key: c.name
              ->  Hash Join  (cost=17.20..46.43 rows=1020 width=36)
                    Hash Cond: (l.customer_id = c.id)
                    ->  Seq Scan on order_lines l  (cost=0.00..26.50 rows=1020 width=8)
                          Filter: (amount > 5)
                    ->  Hash  (cost=12.20..12.20 rows=400 width=36)
                          ->  Seq Scan on customers c  (cost=0.00..12.20 rows=400 width=36)";

/// What MySQL 8.4 says in JSON.
const MYSQL: &str = r#"{"query_block": {"select_id": 1, "cost_info": {"query_cost": "1204.31"},
    "ordering_operation": {"using_filesort": true, "grouping_operation": {"using_temporary_table": true,
    "nested_loop": [
        {"table": {"table_name": "l", "access_type": "ALL", "rows_examined_per_scan": 3000,
            "rows_produced_per_join": 999, "filtered": "33.33",
            "cost_info": {"read_cost": "202.60", "eval_cost": "99.99", "prefix_cost": "302.60", "data_read_per_join": "15K"},
            "attached_condition": "(`shop`.`l`.`amount` > 5)"}},
        {"table": {"table_name": "c", "access_type": "eq_ref", "possible_keys": ["PRIMARY"], "key": "PRIMARY",
            "key_length": "4", "ref": ["shop.l.customer_id"], "rows_examined_per_scan": 1,
            "rows_produced_per_join": 999, "cost_info": {"prefix_cost": "1204.31"}}}]}}}}"#;

/// What Redshift says, with its network steps and its advice.
const REDSHIFT: &str = "\
XN Limit  (cost=1000000000131.97..1000000000132.00 rows=10 width=17)
  ->  XN Merge  (cost=1000000000131.97..1000000000133.41 rows=576 width=17)
        Merge Key: sum(s.amount)
        ->  XN Network  (cost=1000000000131.97..1000000000133.41 rows=576 width=17)
              Send to leader
              ->  XN Sort  (cost=1000000000131.97..1000000000133.41 rows=576 width=17)
                    Sort Key: sum(s.amount)
                    ->  XN HashAggregate  (cost=131.97..133.41 rows=576 width=17)
                          ->  XN Hash Join DS_BCAST_INNER  (cost=2.12..127.97 rows=800 width=17)
                                Hash Cond: (\"outer\".store_id = \"inner\".store_id)
                                ->  XN Seq Scan on fact_sales s  (cost=0.00..87.98 rows=8798 width=8)
                                      Filter: (amount > 5)
                                ->  XN Hash  (cost=2.02..2.02 rows=202 width=17)
                                      ->  XN Seq Scan on dim_store d  (cost=0.00..2.02 rows=202 width=17)
----- Tables missing statistics: fact_sales -----
----- Update statistics by running the ANALYZE command on these tables -----";

const QUERY: &str =
    "select c.name, sum(l.amount) from order_lines l join customers c on c.id = l.customer_id group by 1";

/// The one statement that a command sends, and its answer taken in.
fn answered(tab: &mut QueryTab, command: &str, rows: &[&[(Tag, &[u8])]], names: &[(&str, Tag)]) -> String {
    let effects = with(tab, |tab, ctx| assert!(tab.command(command, ctx)));
    let sent = effects.iter().find_map(|e| match e {
        Effect::Run { statement, .. } => Some(statement.get().text.to_string()),
        _ => None,
    });
    fill(tab, rows, names);
    with(tab, |tab, ctx| {
        let summary = Summary { rows: rows.len() as u64, took_ms: 12, ..Summary::default() };
        tab.reply(Reply::Done(summary), ctx);
    });
    sent.expect("it sends a statement")
}

/// A tab whose statement was explained by `plan`, one line a row, and the statement that was sent for it.
fn explained(engine: EngineId, dialect: DialectId, plan: &[&str]) -> (QueryTab, String) {
    let mut tab = tab_on(engine, dialect);
    with(&mut tab, |tab, ctx| tab.paste(QUERY, ctx));
    let lines: Vec<[(Tag, &[u8]); 1]> = plan.iter().map(|line| [(Tag::Text, line.as_bytes())]).collect();
    let rows: Vec<&[(Tag, &[u8])]> = lines.iter().map(|line| &line[..]).collect();
    let sent = answered(&mut tab, "query.explain", &rows, &[("QUERY PLAN", Tag::Text)]);
    (tab, sent)
}

#[test]
fn a_plan_of_postgres_is_a_tree_with_cost_and_rows() {
    let lines: Vec<&str> = POSTGRES.lines().collect();
    let (mut tab, sent) = explained(EngineId::Postgres, DialectId::Postgres, &lines);
    assert_eq!(sent, format!("EXPLAIN {QUERY}"));
    insta::assert_snapshot!("postgres", screen(&tab, (100, 18), false));
    insta::assert_snapshot!("postgres_ascii", screen(&tab, (64, 12), true));
    with(&mut tab, |tab, ctx| {
        tab.command("results.focus", ctx);
        tab.command("results.plan", ctx);
    });
    let rows = screen(&tab, (100, 18), false);
    assert!(rows.contains("QUERY PLAN") && rows.contains("->  Sort  (cost=58.35..58.85"), "{rows}");
}

#[test]
fn a_plan_of_mysql_is_asked_in_json_which_alone_has_costs() {
    for (engine, dialect) in [
        (EngineId::MySql, DialectId::MySql),
        (EngineId::MySql, DialectId::AuroraMySql),
        (EngineId::MySql, DialectId::MariaDb),
    ] {
        let (tab, sent) = explained(engine, dialect, &[MYSQL]);
        assert_eq!(sent, format!("EXPLAIN FORMAT=JSON {QUERY}"));
        if dialect == DialectId::MySql {
            insta::assert_snapshot!("mysql", screen(&tab, (100, 30), false));
        }
    }
}

#[test]
fn a_plan_of_redshift_is_a_tree_with_what_it_sends_and_lacks() {
    let lines: Vec<&str> = REDSHIFT.lines().collect();
    let (tab, sent) = explained(EngineId::RedshiftData, DialectId::Redshift, &lines);
    assert_eq!(sent, format!("EXPLAIN {QUERY}"));
    insta::assert_snapshot!("redshift", screen(&tab, (110, 24), false));
}

#[test]
fn the_tables_of_redshift_tell_their_design() {
    let mut tab = tab_on(EngineId::RedshiftData, DialectId::Redshift);
    let names = [
        ("schema", Tag::Text),
        ("table", Tag::Text),
        ("diststyle", Tag::Text),
        ("sortkey1", Tag::Text),
        ("sortkey_num", Tag::Number),
        ("encoded", Tag::Text),
        ("mb", Tag::Number),
        ("pct_used", Tag::Number),
        ("tbl_rows", Tag::Number),
        ("skew_rows", Tag::Number),
        ("unsorted", Tag::Number),
        ("stats_off", Tag::Number),
        ("vacuum_sort_benefit", Tag::Number),
    ];
    let row = |cells: [&'static str; 13]| {
        let cell = |(n, text): (usize, &'static str)| {
            let tag = if text.is_empty() { Tag::Null } else { names[n].1 };
            (tag, text.as_bytes())
        };
        cells.into_iter().enumerate().map(cell).collect::<Vec<_>>()
    };
    let rows = [
        row([
            "public",
            "fact_sales",
            "KEY(store_id)",
            "sold_on",
            "1",
            "Y, AUTO(ENCODE)",
            "148200",
            "28.21",
            "50000",
            "3.84",
            "41.20",
            "63.00",
            "61.50",
        ]),
        row([
            "public",
            "dim_customer",
            "AUTO(EVEN)",
            "customer_id",
            "1",
            "Y, AUTO(ENCODE)",
            "420",
            "0.04",
            "5000",
            "1.02",
            "1.10",
            "12.00",
            "0.00",
        ]),
        row([
            "public",
            "staging_returns",
            "EVEN",
            "",
            "0",
            "N",
            "96",
            "0.01",
            "1200",
            "",
            "",
            "100.00",
            "0.00",
        ]),
    ];
    let rows: Vec<&[(Tag, &[u8])]> = rows.iter().map(|row| &row[..]).collect();
    let sent = answered(&mut tab, "query.tables", &rows, &names);
    assert!(sent.contains("FROM svv_table_info"), "{sent}");
    let named = names.iter().filter(|(name, _)| *name != "mb");
    assert!(
        named.clone().all(|(name, _)| sent.contains(name)),
        "the columns are those that are asked: {sent}"
    );
    insta::assert_snapshot!("redshift_tables", screen(&tab, (150, 10), false));
    with(&mut tab, |tab, ctx| {
        tab.command("results.focus", ctx);
        tab.command("column.last", ctx);
    });
    insta::assert_snapshot!("redshift_tables_narrow", screen(&tab, (70, 10), false));
}
