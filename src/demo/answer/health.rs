//! AWS Health: the lifecycles of some engine versions, as an account with a support plan is told.

use super::on;
use crate::aws::answers::Reply;
use aws_sdk_health::operation::describe_service_lifecycle::{
    DescribeServiceLifecycleError, DescribeServiceLifecycleInput, DescribeServiceLifecycleOutput,
};
use aws_sdk_health::primitives::DateTime;
use aws_sdk_health::types::{LifecycleEvent, ServiceLifecycle};
use aws_smithy_runtime_api::client::interceptors::context::Input;

/// Service, version, title, end of standard support in seconds since the epoch, recommended version. The dates are those
/// of `services/lifecycle.rs`; ElastiCache's is that of its user guide.
const VERSIONS: &[(&str, &str, &str, i64, &str)] = &[
    ("ELASTICACHE", "5.0.6", "ElastiCache for Redis OSS 5.0.6", 1_769_817_600, "Valkey 8.0"),
    ("RDS", "13", "RDS for PostgreSQL 13", 1_772_236_800, "17"),
    ("RDS", "8.0", "RDS for MySQL 8.0", 1_785_456_000, "8.4"),
    ("RDS", "10.6", "RDS for MariaDB 10.6", 1_788_134_400, "11.4"),
    ("AURORA", "13", "Aurora PostgreSQL 13", 1_772_236_800, "17"),
    ("DOCDB", "3.6", "Amazon DocumentDB 3.6", 1_774_828_800, "5.0"),
];

/// Answers a Health call.
pub fn answer(operation: &str, input: &Input) -> Reply {
    match operation {
        "DescribeServiceLifecycle" => on(input, lifecycles),
        _ => Reply::Unknown,
    }
}

fn lifecycles(
    _: &DescribeServiceLifecycleInput,
) -> Result<DescribeServiceLifecycleOutput, DescribeServiceLifecycleError> {
    let entry = |&(service, version, title, end, recommended): &(&str, &str, &str, i64, &str)| {
        let event = LifecycleEvent::builder().lifecycle_event_type("end-of-standard-support");
        let entry = ServiceLifecycle::builder().service(service).version(version).title(title);
        entry
            .recommended_version(recommended)
            .lifecycle_events(event.date(DateTime::from_secs(end)).build())
            .build()
    };
    let all = VERSIONS.iter().map(entry).collect();
    Ok(DescribeServiceLifecycleOutput::builder().set_service_lifecycles(Some(all)).build())
}
