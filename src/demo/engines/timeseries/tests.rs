use super::{Moment, Relation, Value, run};

/// 2026-11-21 12:00 UTC.
const NOON: Moment = Moment::from_epoch_ms(1_795_262_400_000);

fn ask(sql: &str) -> Relation {
    run(sql, NOON).unwrap_or_else(|why| panic!("{sql}: {why}"))
}

fn number(value: &Value) -> f64 {
    value.number().unwrap_or_else(|| panic!("{value:?} is no number"))
}

#[test]
fn windowed_averages_are_those_of_the_points() {
    let windows = ask(
        "SELECT bin(time, 5m) AS at, avg(measure_value::double) AS mean, stddev(measure_value::double) AS s, count(*) AS n \
         FROM \"ml-monitoring\".\"model_metrics\" \
         WHERE measure_name = 'latency_ms' AND model = 'recommender' AND time > ago(1h) \
         GROUP BY bin(time, 5m) ORDER BY at DESC LIMIT 3",
    );
    assert_eq!(windows.columns.iter().map(|c| c.0.as_str()).collect::<Vec<_>>(), ["at", "mean", "s", "n"]);
    assert_eq!(windows.rows.len(), 3);
    let points = ask("SELECT time, measure_value::double AS v FROM \"ml-monitoring\".\"model_metrics\" \
         WHERE measure_name = 'latency_ms' AND model = 'recommender' AND time > ago(1h)");
    assert_eq!(points.rows.len(), 240, "a point every 15 seconds");
    let second = &windows.rows[1];
    let Value::Time(from) = second[0] else { panic!("{second:?}") };
    let inside: Vec<f64> = points
        .rows
        .iter()
        .filter(|row| matches!(row[0], Value::Time(t) if (from..from + 300_000).contains(&t)))
        .map(|row| number(&row[1]))
        .collect();
    assert_eq!(inside.len(), 20);
    let mean = inside.iter().sum::<f64>() / 20.0;
    let spread = (inside.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 19.0).sqrt();
    assert!((number(&second[1]) - mean).abs() < 1e-9 && (number(&second[2]) - spread).abs() < 1e-9);
    assert_eq!(second[3], Value::Bigint(20));
}

#[test]
fn what_has_drifted_is_found() {
    let found = ask(
        "WITH recent AS (SELECT model, feature, measure_value::double AS psi FROM \"ml-monitoring\".\"feature_drift\" WHERE time > ago(6h)) \
         SELECT model, feature, round(avg(psi), 2) AS psi, max(psi) AS most FROM recent \
         GROUP BY model, feature HAVING avg(psi) > 0.2 ORDER BY 3 DESC",
    );
    assert_eq!(found.rows.len(), 1);
    assert_eq!(found.rows[0][1], Value::Text("basket_value".into()));
    let none = ask("SELECT count(*) FROM \"ml-monitoring\".\"feature_drift\" WHERE time > now()");
    assert_eq!(none.rows, [[Value::Bigint(0)]]);
}

#[test]
fn the_same_moment_answers_the_same_and_a_later_one_more() {
    let sql = "SELECT max(time), count(DISTINCT model) FROM \"ml-monitoring\".\"model_metrics\"";
    assert_eq!(ask(sql).rows, ask(sql).rows);
    let later = run(sql, NOON.plus_ms(60_000)).unwrap();
    assert_ne!(later.rows[0][0], ask(sql).rows[0][0]);
    assert_eq!(later.rows[0][1], Value::Bigint(4));
}

#[test]
fn expressions_are_worked_out() {
    for (sql, wanted) in [
        ("SELECT 7 / 2, 7 % 2, 7.0 / 2, 2 + 3 * 4", "3|1|3.5|14"),
        (
            "SELECT 1 = 1 AND NULL IS NULL, NOT (1 > 2), 3 BETWEEN 1 AND 5, 'a' IN ('a', 'b')",
            "true|true|true|true",
        ),
        (
            "SELECT 'fraud' LIKE 'fr%d', 'x' NOT LIKE '_', upper('a') || lower('B'), length('äb')",
            "true|false|Ab|2",
        ),
        (
            "SELECT CASE WHEN 1 > 2 THEN 'a' ELSE 'b' END, coalesce(NULL, 3), if(1 < 2, 'y', 'n'), nullif(1, 1)",
            "b|3|y|-",
        ),
        (
            "SELECT ago(1h), bin(now(), 1d), date_trunc('hour', ago(90m)), now() - ago(1h30m)",
            "2026-11-21 11:00:00.000000000|2026-11-21 00:00:00.000000000|2026-11-21 10:00:00.000000000|0 01:30:00.000000000",
        ),
        (
            "SELECT INTERVAL '2' HOUR, CAST('1.5' AS DOUBLE), CAST(1.6 AS BIGINT), round(1.256, 2), sqrt(16)",
            "0 02:00:00.000000000|1.5|2|1.26|4.0",
        ),
    ] {
        let answer = ask(sql);
        let texts: Vec<String> =
            answer.rows[0].iter().map(|v| v.scalar().unwrap_or_else(|| "-".to_owned())).collect();
        assert_eq!(texts.join("|"), wanted, "{sql}");
    }
}

#[test]
fn the_catalogue_is_told() {
    assert_eq!(ask("SHOW DATABASES").rows.len(), 1);
    assert_eq!(ask("SHOW TABLES FROM \"ml-monitoring\"").rows.len(), 2);
    assert_eq!(ask("SHOW MEASURES FROM \"ml-monitoring\".\"model_metrics\"").rows.len(), 3);
    assert_eq!(ask("DESCRIBE \"ml-monitoring\".\"model_metrics\"").rows.len(), 5);
}

#[test]
fn what_is_not_known_is_refused_and_never_left_out() {
    let table = "\"ml-monitoring\".\"model_metrics\"";
    for sql in [
        format!("SELECT * FROM {table} a JOIN {table} b ON a.time = b.time"),
        format!("SELECT row_number() OVER (ORDER BY time) FROM {table}"),
        format!("SELECT model, avg(measure_value::double) FROM {table}"),
        format!("SELECT interpolate_linear(time, 1) FROM {table}"),
        format!("SELECT nothing FROM {table}"),
        format!("SELECT model FROM {table} GROUP BY GROUPING SETS ((model), ())"),
        format!("SELECT count(*) FILTER (WHERE model = 'x') FROM {table}"),
        "SELECT * FROM \"ml-monitoring\".\"nothing\"".to_owned(),
        "SELECT * FROM nothing".to_owned(),
        "SELECT 1 UNION SELECT 2".to_owned(),
        "SELECT 1 = 'a'".to_owned(),
        "SELECT 1 / 0".to_owned(),
        "SHOW EVERYTHING".to_owned(),
        "DESCRIBE nothing".to_owned(),
    ] {
        assert!(run(&sql, NOON).is_err(), "{sql}");
    }
}
