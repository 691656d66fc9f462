//! What changes something: refused unless confirmed, and then followed to its end.

use crate::binary::{dbdeck, dbdeck_with};

#[test]
fn an_operation_needs_its_identifier_typed_again() {
    dbdeck(&["op", "--demo", "rds:orders", "reboot"]).badly(4, &["not confirmed", "--confirm orders"]);
    for wrong in ["order", "ORDERS", "orders ", ""] {
        let ended = dbdeck(&["op", "--demo", "rds:orders", "reboot", "--confirm", wrong]);
        ended.badly(4, &["does not match", "--confirm orders"]);
    }
}

#[test]
fn a_sealed_session_refuses_even_what_is_confirmed() {
    let confirmed = ["op", "--demo", "rds:orders", "reboot", "--confirm", "orders"];
    for flag in ["--read-only", "--readonly"] {
        let mut args = confirmed.to_vec();
        args.push(flag);
        dbdeck(&args).badly(4, &["aws.write", "rds:RebootDBInstance"]);
        args.rotate_right(1);
        dbdeck(&args).badly(4, &["aws.write"]);
    }
    for value in ["1", "true", "yes"] {
        let ended = dbdeck_with(&confirmed, b"", &[("DBDECK_READ_ONLY", value)]);
        ended.badly(4, &["aws.write"]);
    }
    let delete = "DELETE FROM \"ml-features\" WHERE user_id = 'u-1' AND feature_name = 'churn_score'";
    let sealed = ["query", "--demo", "--read-only", "dynamodb:ml-features", delete, "--elevate", "because"];
    dbdeck(&sealed).badly(4, &["sealed"]);
}

#[test]
fn a_confirmed_operation_runs_to_its_end() {
    let ended = dbdeck(&["op", "--demo", "rds:orders", "reboot", "--confirm", "orders"]);
    for stage in ["accepted", "rebooting", "available"] {
        assert!(ended.err.contains(stage), "{stage} is told on standard error: {ended:?}");
    }
    let record = ended.json();
    assert_eq!(record["operation"], "reboot");
    assert_eq!(record["resource"], "rds:orders");
    assert_eq!(record["done"], true);
    assert_eq!(record["stage"], "available");
}

#[test]
fn what_is_left_behind_is_named_at_the_end() {
    let record = dbdeck(&["op", "--demo", "rds:scratch", "delete", "--confirm", "scratch"]).json();
    assert_eq!(record["stage"], "deleted");
    assert!(record["made"].as_str().is_some_and(|name| name.contains("scratch")), "{record}");
}

#[test]
fn an_operation_can_be_started_and_left() {
    let args = ["op", "--demo", "rds:orders", "snapshot", "--confirm", "orders", "--no-wait"];
    let record = dbdeck(&args).json();
    assert_eq!(record["done"], false);
    assert!(record["made"].as_str().is_some_and(|name| name.contains("orders")), "{record}");
}

#[test]
fn operations_are_listed_and_misnamed_ones_told() {
    let offered = dbdeck(&["op", "--demo", "rds:orders"]).well();
    for word in ["reboot", "rds:RebootDBInstance", "snapshot", "delete"] {
        assert!(offered.contains(word), "{word} in {offered}");
    }
    let ended = dbdeck(&["op", "--demo", "rds:orders", "explode", "--confirm", "orders"]);
    ended.badly(2, &["explode", "reboot"]);
    let ended = dbdeck(&["op", "--demo", "rds:orders", "reboot", "--set", "x=1", "--confirm", "orders"]);
    ended.badly(2, &["no field x"]);
    let ended = dbdeck(&["op", "--demo", "rds:nosuch", "reboot", "--confirm", "nosuch"]);
    ended.badly(1, &["rds:nosuch"]);
}
