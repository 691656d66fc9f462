use super::{Tab, Value};
use crate::model::Failure;

fn ask(text: &str) -> Result<Vec<Vec<String>>, Failure> {
    let there = vec!["device_events".to_owned(), "device_latest".to_owned()];
    let tab = Tab { there, keyspace: Some("telemetry".into()), doing: "query telemetry".to_owned() };
    let answer = tab.answer(text)?;
    Ok(answer.rows.iter().map(|row| row.iter().map(Value::words).collect()).collect())
}

fn why(text: &str) -> String {
    ask(text).map_or_else(|f| f.because.to_string(), |rows| panic!("{text}: {rows:?}"))
}

#[test]
fn partitions_and_clustering_are_asked_as_cassandra_is() {
    let day = "device = 'freezer-01' AND day = '2026-11-20'";
    let all = ask(&format!("SELECT at, seq FROM device_events WHERE {day}")).unwrap();
    assert_eq!((all.len(), all[0][0].as_str()), (48, "2026-11-20 23:30:00.000Z"));
    let up =
        ask(&format!("SELECT at FROM device_events WHERE {day} ORDER BY at ASC, seq DESC LIMIT 1")).unwrap();
    assert_eq!(up, [["2026-11-20 00:00:00.000Z"]]);
    let range = format!(
        "SELECT count(*) FROM device_events WHERE {day} AND at >= '2026-11-20 10:00:00+0000' AND at < '2026-11-20 12:00'"
    );
    assert_eq!(ask(&range).unwrap(), [["4"]]);
    let two = "SELECT device, count(*) AS n FROM telemetry.device_events WHERE device IN ('gate-01', 'pump-01') \
               AND day = '2026-11-19' GROUP BY device, day";
    assert_eq!(ask(two).unwrap(), [["gate-01", "48"], ["pump-01", "48"]]);
}

#[test]
fn aggregates_limits_json_and_distinct_work() {
    assert_eq!(ask("SELECT COUNT(*) FROM device_events").unwrap(), [["1152"]]);
    assert_eq!(ask("SELECT count(*) FROM device_latest WHERE device = 'nobody'").unwrap(), [["0"]]);
    let each = ask("SELECT device, at FROM device_events PER PARTITION LIMIT 2").unwrap();
    assert_eq!(each.len(), 2 * 24);
    assert_eq!(ask("SELECT DISTINCT device, day FROM device_events").unwrap().len(), 24);
    let json = ask("SELECT JSON device, kind FROM device_latest LIMIT 1").unwrap();
    assert_eq!(json, [[r#"{"device":"door-01","kind":"reading"}"#]]);
    let cold = ask(
        "SELECT min(value), max(value), avg(value) FROM device_events WHERE device = 'freezer-01' AND day = '2026-11-19'",
    )
    .unwrap();
    let numbers: Vec<f64> = cold[0].iter().map(|w| w.parse().unwrap()).collect();
    assert!(numbers[0] < numbers[2] && numbers[2] < numbers[1] && numbers[1] < -15.0, "{numbers:?}");
    let site =
        ask("SELECT tags['site'] FROM device_events WHERE device = 'door-01' AND day = '2026-11-19' LIMIT 2");
    assert_eq!(site.unwrap(), [["south"], ["north"]]);
    let schema = "SELECT table_name FROM system_schema.tables WHERE keyspace_name = 'telemetry'";
    assert_eq!(ask(schema).unwrap(), [["device_events"], ["device_latest"]]);
}

#[test]
fn what_the_keys_do_not_allow_is_rejected_in_cassandras_words() {
    for (text, words) in [
        ("SELECT * FROM device_events WHERE device = 'door-01'", "ALLOW FILTERING"),
        ("SELECT * FROM device_events WHERE value > 3", "ALLOW FILTERING"),
        ("SELECT * FROM device_events WHERE device > 'a' AND day = '2026-11-19'", "Only EQ and IN"),
        ("SELECT * FROM device_events ORDER BY at", "ORDER BY is only supported"),
        (
            "SELECT * FROM device_events WHERE device = 'a' AND day = '2026-11-19' ORDER BY at, seq",
            "Unsupported order by",
        ),
        (
            "SELECT * FROM device_events WHERE device = 'a' AND day = '2026-11-19' AND seq = 1",
            "ALLOW FILTERING",
        ),
        ("SELECT nothing FROM device_events", "Undefined column name"),
        ("SELECT * FROM device_latest WHERE device = 5", "Invalid INTEGER constant"),
        ("SELECT * FROM device_events GROUP BY kind", "Group by currently only support"),
        ("SELECT avg(kind) FROM device_latest", "none of its type signatures match"),
        ("SELECT * FROM elsewhere", "does not exist"),
    ] {
        assert!(why(text).contains(words), "{text}: {}", why(text));
    }
    assert_eq!(ask("SELECT device FROM device_events WHERE value > 1000 ALLOW FILTERING").unwrap().len(), 0);
}

#[test]
fn what_is_not_known_here_is_said_to_be_not_known() {
    for text in [
        "SELECT token(device, day) FROM device_events",
        "SELECT * FROM device_events WHERE token(device, day) > 5",
        "SELECT writetime(value) FROM device_latest",
        "SELECT CAST(value AS int) FROM device_latest",
        "DESCRIBE TABLES",
        "INSERT INTO device_latest (device) VALUES ('x')",
    ] {
        assert!(why(text).contains("does not know"), "{text}: {}", why(text));
    }
}
