//! Typed clients as the program makes them: through `aws::Reaches`, over the wire.
//!
//! The SDK takes its credentials from the environment, which tests that run side by side
//! cannot each set: so every test here runs again in a process of its own.

use crate::orchestrated::Trouble;
use crate::wire::{Answer, Wire};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_rds::error::DisplayErrorContext;
use dbdeck::aws::{Meter, NeptuneWay, Reach, Reaches, Settings};
use dbdeck::clock;
use dbdeck::guard::gate::Gate;
use dbdeck::guard::{Access, LiveAccess, clear};
use dbdeck::model::{DialectId, FailureKind, Operation, Place, ResourceId, ServiceId, Statement};
use dbdeck::query::dialect::gremlin::canonical_text;
use std::error::Error;
use std::process::Command;
use std::sync::Arc;

const HOUR_MS: u64 = 60 * 60 * 1_000;

/// Credentials of nobody; also the mark of the process of its own.
const KEY: &str = "AKIDLOCKTESTS";

/// Runs `body` in a process of its own, in which the SDK finds credentials and no proxy. `test`
/// is the name of the calling test below this module.
fn apart<F: Future<Output = ()>>(test: &str, body: impl FnOnce() -> F) {
    if std::env::var("AWS_ACCESS_KEY_ID").is_ok_and(|key| key == KEY) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        return runtime.expect("a runtime").block_on(body());
    }
    let mut again = Command::new(std::env::current_exe().expect("this test"));
    for (name, _) in std::env::vars().filter(|(name, _)| {
        let name = name.to_ascii_uppercase();
        name.starts_with("AWS_") || name.ends_with("_PROXY")
    }) {
        again.env_remove(name);
    }
    let ended = again
        .args(["--exact", &format!("clients::{test}"), "--nocapture"])
        .env("AWS_ACCESS_KEY_ID", KEY)
        .env("AWS_SECRET_ACCESS_KEY", "nothing")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .expect("the test runs again");
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&ended.stderr));
}

async fn reach(wire: &Wire, access: LiveAccess) -> Arc<Reach> {
    let settings = Settings { endpoint_url: Some(wire.url.clone()), ..Settings::default() };
    Reaches::new(settings, access).at(&Place::new("default", "eu-west-1")).await.expect("a reach")
}

fn sealed() -> LiveAccess {
    LiveAccess::new(Access::sealed())
}

fn elevated() -> LiveAccess {
    let access = LiveAccess::new(Access::read_only());
    access.elevate("test", HOUR_MS).expect("elevates");
    access
}

#[track_caller]
fn assert_refused<T: std::fmt::Debug, E: Error + 'static>(what: &str, ended: Result<T, E>) {
    let error = ended.expect_err(what);
    let trouble = Trouble::of(&error);
    assert!(matches!(trouble, Trouble::Refused(_)), "{what}: {}", DisplayErrorContext(&error));
}

#[test]
fn typed_changes_are_refused_and_reads_arrive() {
    apart("typed_changes_are_refused_and_reads_arrive", || async {
        let wire = Wire::obliging();
        let reach = reach(&wire, LiveAccess::new(Access::read_only())).await;
        let (rds, dynamodb) = (reach.rds(), reach.dynamodb());
        let call = rds.delete_db_instance().db_instance_identifier("a");
        assert_refused("delete an instance", call.skip_final_snapshot(true).send().await);
        assert_refused("reboot", rds.reboot_db_instance().db_instance_identifier("a").send().await);
        assert_refused("fail over", rds.failover_db_cluster().db_cluster_identifier("a").send().await);
        assert_refused("stop", rds.stop_db_cluster().db_cluster_identifier("a").send().await);
        assert_refused("delete a table", dynamodb.delete_table().table_name("abc").send().await);
        let alarm = reach.cloudwatch();
        assert_refused("delete alarms", alarm.delete_alarms().alarm_names("a").send().await);
        let role = reach.sts().assume_role().role_arn("a").role_session_name("abc");
        assert_refused("become somebody else", role.send().await);
        wire.assert_silent("changes");
        dynamodb.list_tables().send().await.expect("a read");
        let requests = wire.requests();
        assert_eq!(requests.len(), 1);
        assert!(requests[0].contains("DynamoDB_20120810.ListTables"), "{}", requests[0]);
    });
}

#[test]
fn scaling_is_read_and_not_changed() {
    apart("scaling_is_read_and_not_changed", || async {
        use aws_sdk_applicationautoscaling::types::ServiceNamespace::Dynamodb;
        let wire = Wire::obliging();
        let scaling = reach(&wire, sealed()).await.auto_scaling();
        let change = scaling.deregister_scalable_target().service_namespace(Dynamodb).resource_id("table/a");
        assert_refused(
            "stop scaling",
            change.scalable_dimension("dynamodb:table:ReadCapacityUnits".into()).send().await,
        );
        wire.assert_silent("a change");
        scaling.describe_scalable_targets().service_namespace(Dynamodb).send().await.expect("a read");
        assert_eq!(wire.requests().len(), 1);
    });
}

#[test]
fn a_client_configured_anew_is_still_guarded() {
    apart("a_client_configured_anew_is_still_guarded", || async {
        let wire = Wire::obliging();
        let dynamodb = reach(&wire, sealed()).await.dynamodb();
        let anew = aws_sdk_dynamodb::config::Builder::new().endpoint_url(&wire.url);
        let call = dynamodb.delete_table().table_name("abc").customize().config_override(anew);
        assert_refused("delete a table", call.send().await);
        wire.assert_silent("a change with an override");
    });
}

#[test]
fn gremlin_reads_leave_only_as_they_are_printed() {
    apart("gremlin_reads_leave_only_as_they_are_printed", || async {
        let wire = Wire::obliging();
        let reach = reach(&wire, LiveAccess::new(Access::read_only())).await;
        let way = NeptuneWay { host: "graph".into(), port: 8182, address: None, signed: true };
        let graph = reach.neptune_data(&way).expect("a data plane");
        let ask = |text: &str| graph.client().execute_gremlin_query().gremlin_query(text).send();
        let read = canonical_text("g.V( ).limit(1)").expect("a read");
        for statement in ["g.addV('x')", "g.V( ).limit(1)", "g.V().limit(1) // all", &format!("{read};")] {
            assert_refused(statement, ask(statement).await);
        }
        wire.assert_silent("what is not as printed");
        ask(&read).await.expect("a read");
        assert_eq!(wire.requests().len(), 1);
    });
}

#[test]
fn partiql_is_judged_by_its_text() {
    apart("partiql_is_judged_by_its_text", || async {
        let wire = Wire::obliging();
        let dynamodb = reach(&wire, LiveAccess::new(Access::read_only())).await.dynamodb();
        for statement in [
            "DELETE FROM \"t\" WHERE id = 'a'",
            "UPDATE \"t\" SET a = 1 WHERE id = 'a'",
            "INSERT INTO \"t\" VALUE {'id': 'a'}",
            "EXISTS(SELECT * FROM \"t\" WHERE id = 'a')",
            "nonsense",
        ] {
            assert_refused(statement, dynamodb.execute_statement().statement(statement).send().await);
        }
        let batched = aws_sdk_dynamodb::types::BatchStatementRequest::builder()
            .statement("SELECT * FROM \"t\" WHERE id = 'a'")
            .build()
            .expect("a statement");
        assert_refused("a batch", dynamodb.batch_execute_statement().statements(batched).send().await);
        wire.assert_silent("statements that change");
        let read = "SELECT * FROM \"t\" WHERE id = 'a'";
        dynamodb.execute_statement().statement(read).send().await.expect("a read");
        assert_eq!(wire.requests().len(), 1);
        assert!(wire.requests()[0].contains("SELECT * FROM"));
    });
}

#[test]
fn the_data_api_is_judged_by_the_language_behind_it() {
    apart("the_data_api_is_judged_by_the_language_behind_it", || async {
        let wire = Wire::obliging();
        let reach = reach(&wire, sealed()).await;
        // The same text reads in one language and not in the other.
        let pg_only = "SELECT now()::date";
        let my_only = "SELECT `a` FROM `t`";
        for (language, statement) in [
            (DialectId::AuroraPostgres, "DROP TABLE t"),
            (DialectId::AuroraPostgres, "SELECT nextval('s')"),
            (DialectId::AuroraPostgres, "SET TRANSACTION READ WRITE"),
            (DialectId::AuroraPostgres, "SET TRANSACTION READ ONLY; DROP TABLE t"),
            (DialectId::AuroraPostgres, my_only),
            (DialectId::AuroraMySql, "SELECT 1 INTO OUTFILE '/tmp/x'"),
            (DialectId::AuroraMySql, "/*!50000 DROP TABLE t */"),
            (DialectId::AuroraMySql, pg_only),
        ] {
            let call = reach.rds_data(language).execute_statement().resource_arn("a").secret_arn("b");
            assert_refused(statement, call.sql(statement).send().await);
        }
        let data = reach.rds_data(DialectId::AuroraPostgres);
        let commit = data.commit_transaction().resource_arn("a").secret_arn("b").transaction_id("c");
        assert_refused("commit", commit.send().await);
        let batch = data.batch_execute_statement().resource_arn("a").secret_arn("b").sql("SELECT 1");
        assert_refused("a batch", batch.send().await);
        wire.assert_silent("statements that change");
        for (language, statement) in [
            (DialectId::AuroraPostgres, pg_only),
            (DialectId::AuroraPostgres, "SET TRANSACTION READ ONLY"),
            (DialectId::AuroraMySql, my_only),
        ] {
            let call = reach.rds_data(language).execute_statement().resource_arn("a").secret_arn("b");
            call.sql(statement).send().await.expect(statement);
        }
        data.begin_transaction().resource_arn("a").secret_arn("b").send().await.expect("a wrapper");
        let undo = data.rollback_transaction().resource_arn("a").secret_arn("b").transaction_id("c");
        undo.send().await.expect("a wrapper");
        assert_eq!(wire.requests().len(), 5);
    });
}

#[test]
fn secrets_come_only_through_the_client_for_logging_in() {
    apart("secrets_come_only_through_the_client_for_logging_in", || async {
        let secret = Wire::new(&[], Answer::Ok(r#"{"Name": "a", "SecretString": "s"}"#));
        let reach = reach(&secret, sealed()).await;
        let login = reach.secrets_for_login();
        let change = login.put_secret_value().secret_id("a").secret_string("b");
        assert_refused("change a secret", change.send().await);
        assert_refused("delete a secret", login.delete_secret().secret_id("a").send().await);
        secret.assert_silent("changes of secrets");
        let got = login.get_secret_value().secret_id("a").send().await.expect("for a login");
        assert_eq!(got.secret_string(), Some("s"));
        assert_eq!(secret.requests().len(), 1);
    });
}

#[test]
fn without_the_interceptor_the_gate_sends_nothing() {
    apart("without_the_interceptor_the_gate_sends_nothing", || async {
        let wire = Wire::obliging();
        let meter = Arc::<Meter>::default();
        let http = dbdeck::aws::http::client(None).expect("a client");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .endpoint_url(&wire.url)
            .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(
                aws_credential_types::Credentials::new(KEY, "nothing", None, None, "test"),
            ))
            .http_client(Gate::new(http, meter.clone()))
            .build();
        let dynamodb = aws_sdk_dynamodb::Client::new(&config);
        let rds = aws_sdk_rds::Client::new(&config);
        let gate = |error: &(dyn Error + 'static)| Trouble::of(error).is_gate();
        assert!(dynamodb.list_tables().send().await.is_err_and(|e| gate(&e)));
        assert!(dynamodb.delete_table().table_name("abc").send().await.is_err_and(|e| gate(&e)));
        assert!(rds.describe_db_instances().send().await.is_err_and(|e| gate(&e)));
        wire.assert_silent("a client without the interceptor");
        assert_eq!((meter.read().refused, meter.read().calls), (3, 0));
    });
}

#[test]
fn what_may_have_taken_effect_is_not_sent_twice() {
    apart("what_may_have_taken_effect_is_not_sent_twice", || async {
        let rds = |wire| async move { reach(wire, elevated()).await.rds() };
        let wire = Wire::resetting();
        let call = rds(&wire).await.reboot_db_instance().db_instance_identifier("a");
        call.send().await.expect_err("a reset");
        assert_eq!(wire.requests().len(), 1, "a reboot, reset");

        // The same on a connection that served before: a pool likes to try those again.
        let wire = Wire::new(
            &[Answer::Ok(
                "<DescribeDBInstancesResponse><DescribeDBInstancesResult/></DescribeDBInstancesResponse>",
            )],
            Answer::Reset,
        );
        let client = rds(&wire).await;
        client.describe_db_instances().send().await.expect("a read");
        client.reboot_db_instance().db_instance_identifier("a").send().await.expect_err("a reset");
        assert_eq!(
            (wire.requests().len(), wire.connections()),
            (2, 1),
            "a reboot, reset on a kept connection"
        );

        let wire = Wire::new(&[], Answer::Broken("{}"));
        let dynamodb = reach(&wire, elevated()).await.dynamodb();
        dynamodb.delete_table().table_name("abc").send().await.expect_err("a failure of the server");
        assert_eq!(wire.requests().len(), 1, "a deletion, answered with 500");

        for statement in ["DELETE FROM \"t\" WHERE id = 'a'", "SELECT * FROM \"t\" WHERE id = 'a'"] {
            let wire = Wire::resetting();
            let dynamodb = reach(&wire, elevated()).await.dynamodb();
            dynamodb.execute_statement().statement(statement).send().await.expect_err("a reset");
            assert_eq!(wire.requests().len(), 1, "{statement}");
        }

        let wire = Wire::resetting();
        let data = reach(&wire, elevated()).await.rds_data(DialectId::Postgres);
        let call = data.execute_statement().resource_arn("a").secret_arn("b").sql("DELETE FROM t");
        call.send().await.expect_err("a reset");
        assert_eq!(wire.requests().len(), 1, "a deletion over the Data API");
    });
}

#[test]
fn a_read_is_tried_again() {
    apart("a_read_is_tried_again", || async {
        let wire = Wire::new(&[Answer::Reset], Answer::Ok("{}"));
        let dynamodb = reach(&wire, elevated()).await.dynamodb();
        dynamodb.list_tables().send().await.expect("the second try");
        assert_eq!(wire.requests().len(), 2);
    });
}

#[test]
fn an_operation_cleared_before_the_window_closed_is_not_sent_after() {
    apart("an_operation_cleared_before_the_window_closed_is_not_sent_after", || async {
        let wire = Wire::obliging();
        let access = elevated();
        let reach = reach(&wire, access.clone()).await;
        let reboot = Operation {
            id: "reboot",
            api: "rds:RebootDBInstance",
            on: ResourceId {
                service: ServiceId("rds"),
                kind: "instance",
                place: reach.place().clone(),
                name: "orders".into(),
            },
            fields: Vec::new(),
        };
        let cleared = clear(&access.read(), clock::now(), reboot).expect("elevated");
        let rds = dbdeck::services::find("rds").expect("a service");
        access.lower();
        let ended = rds.perform(&reach, &cleared).await;
        assert_eq!(ended.map_err(|f| f.kind), Err(FailureKind::Refused), "after the window");
        access.elevate("something else", HOUR_MS).expect("elevates");
        let ended = rds.perform(&reach, &cleared).await;
        assert_eq!(ended.map_err(|f| f.kind), Err(FailureKind::Refused), "in the next window");
        wire.assert_silent("an operation cleared in another window");
    });
}

#[test]
fn a_cleared_change_does_not_outlive_its_window() {
    let access = elevated();
    let drop = || Statement { text: "DROP TABLE t".into(), dialect: DialectId::Postgres };
    let read = Statement { text: "SELECT 1".into(), dialect: DialectId::Postgres };
    let change = clear(&access.read(), clock::now(), drop()).expect("elevated");
    let read = clear(&access.read(), clock::now(), read).expect("a read");
    let holds = || (change.holds(&access.read(), clock::now()), read.holds(&access.read(), clock::now()));
    assert_eq!(holds(), (true, true));
    access.lower();
    assert_eq!(holds(), (false, true), "lowered");
    access.elevate("something else", HOUR_MS).expect("elevates");
    assert_eq!(holds(), (false, true), "another window");
    assert!(clear(&Access::sealed(), clock::now(), drop()).is_err(), "sealed");
}
