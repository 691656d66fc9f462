//! Every operation of the table, and some that are in none, as real calls.

use crate::orchestrated::{Line, SERVICE_IDS, Trouble, sdk_name};
use crate::wire::Wire;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use dbdeck::guard::operations::{Effect, all, service_name};
use dbdeck::guard::{Access, LiveAccess};

const HOUR_MS: u64 = 60 * 60 * 1_000;

/// No second interceptor.
const ALONE: Option<Then<fn()>> = None;

/// Does something after the guard's decision, before the request leaves.
struct Then<F>(F);

impl<F> std::fmt::Debug for Then<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("then")
    }
}

impl<F: Fn() + Send + Sync> Intercept for Then<F> {
    fn name(&self) -> &'static str {
        "then"
    }

    fn read_after_serialization(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0();
        Ok(())
    }
}

fn elevated() -> LiveAccess {
    let access = LiveAccess::new(Access::read_only());
    access.elevate("test", HOUR_MS).expect("elevates");
    access
}

fn table() -> Vec<(&'static str, String, Effect)> {
    let split = |(api, effect): (String, Effect)| {
        let (service, operation) = api.split_once(':').expect("service:Operation");
        (sdk_name(service), operation.to_owned(), effect)
    };
    all().into_iter().map(split).collect()
}

#[test]
fn the_sdk_names_of_services_lead_to_the_table() {
    for (table, sdk) in SERVICE_IDS {
        assert_eq!(service_name(sdk), *table);
    }
}

/// Every operation, once.
async fn the_whole_table(access: Access) {
    let wire = Wire::obliging();
    let line = Line::new(&wire, LiveAccess::new(access));
    let (mut passed, mut refused) = (0, 0);
    let (changes, reads): (Vec<_>, Vec<_>) =
        table().into_iter().partition(|(_, _, effect)| !matches!(effect, Effect::Read | Effect::DataRead));
    assert_eq!(changes.len() + reads.len(), 1_511);
    for (service, operation, effect) in &changes {
        match line.call(service, operation, operation, ALONE).await {
            Err(Trouble::Refused(rule)) => assert_eq!(rule, effect.rule(), "{service}:{operation}"),
            other => panic!("{service}:{operation} ({effect:?}): {other:?}"),
        }
        refused += 1;
    }
    wire.assert_silent("after everything that is not a read");
    for (service, operation, _) in &reads {
        line.call(service, operation, operation, ALONE)
            .await
            .unwrap_or_else(|e| panic!("{service}:{operation} is a read: {e:?}"));
        passed += 1;
        let requests = wire.requests();
        assert_eq!(requests.len(), passed, "{service}:{operation} arrives once");
        let last = requests.last().expect("a request");
        assert!(last.contains(&format!("Any_20000101.{operation}\r\n")), "{service}:{operation}: {last}");
    }
    let read = line.meter().read();
    assert_eq!((read.refused, read.calls), (refused, passed as u64), "the meter counts both");
}

#[tokio::test]
async fn sealed_access_sends_reads_and_nothing_else() {
    the_whole_table(Access::sealed()).await;
}

#[tokio::test]
async fn read_only_access_sends_reads_and_nothing_else() {
    the_whole_table(Access::read_only()).await;
}

#[tokio::test]
async fn what_is_not_in_the_table_is_refused() {
    let wire = Wire::obliging();
    let line = Line::new(&wire, LiveAccess::new(Access::read_only()));
    for (service, operation) in [
        ("RDS", "DescribeSomethingNew"),
        ("RDS", "describedbinstances"),
        ("rds ", "DescribeDBInstances"),
        ("Brand New Service", "DescribeThings"),
        ("RDS", ""),
        ("", "DescribeDBInstances"),
        ("RDS:DescribeDBInstances", "x"),
        ("DynamoDB", "DescribeDBInstances"),
    ] {
        let ended = line.call(service, operation, operation, ALONE).await;
        assert!(
            matches!(ended, Err(Trouble::Refused("aws.unknown"))),
            "{service:?}:{operation:?}: {ended:?}"
        );
    }
    wire.assert_silent("unknown operations");
}

#[tokio::test]
async fn elevated_access_sends_changes_but_no_secrets_and_no_wrappers() {
    let wire = Wire::obliging();
    let line = Line::new(&wire, elevated());
    for (service, operation, effect) in table() {
        if !matches!(effect, Effect::Login | Effect::Wrapper) {
            continue;
        }
        let ended = line.call(service, &operation, &operation, ALONE).await;
        assert!(matches!(ended, Err(Trouble::Refused(_))), "{service}:{operation}: {ended:?}");
    }
    wire.assert_silent("secrets and wrappers have one right place, and this client is not it");
    line.call("RDS", "RebootDBInstance", "RebootDBInstance", ALONE).await.expect("elevated");
    assert_eq!(wire.requests().len(), 1);
}

#[tokio::test]
async fn a_request_that_names_another_operation_than_the_allowed_one_stays_here() {
    let wire = Wire::obliging();
    let line = Line::new(&wire, LiveAccess::new(Access::read_only()));
    let ended = line.call("DynamoDB", "ListTables", "DeleteTable", ALONE).await;
    assert!(ended.as_ref().is_err_and(Trouble::is_gate), "{ended:?}");
    wire.assert_silent("a stamp for one operation, bytes of another");
}

#[tokio::test]
async fn a_window_that_closes_between_decision_and_sending_closes_for_the_request() {
    let wire = Wire::obliging();
    let access = elevated();
    let line = Line::new(&wire, access.clone());
    let lower = Then(move || access.lower());
    let ended = line.call("RDS", "RebootDBInstance", "RebootDBInstance", Some(lower)).await;
    assert!(ended.as_ref().is_err_and(Trouble::is_gate), "{ended:?}");
    wire.assert_silent("a change whose window was closed by hand");
}

#[tokio::test]
async fn a_window_that_runs_out_between_decision_and_sending_closes_for_the_request() {
    let wire = Wire::obliging();
    let access = LiveAccess::new(Access::read_only());
    access.elevate("test", 1_000).expect("elevates");
    let line = Line::new(&wire, access.clone());
    // Waits on the state itself: the request is held until the second is over, however long
    // the machine takes to get here.
    let outlast = Then(move || {
        while access.allows_changes() {
            std::thread::yield_now();
        }
    });
    let ended = line.call("RDS", "RebootDBInstance", "RebootDBInstance", Some(outlast)).await;
    assert!(ended.is_err(), "{ended:?}");
    wire.assert_silent("a change whose window ran out");
}
