//! Any operation of any service as a real call: the SDK's own orchestrator runs it through the
//! guard's interceptor and gate, whether or not this program has a client for the service.

use crate::wire::Wire;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use dbdeck::aws::Meter;
use dbdeck::guard::gate::Gate;
use dbdeck::guard::intercept::{Guard, Purpose};
use dbdeck::guard::{LiveAccess, Refusal};
use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;

/// What the SDKs call the services of the guard's table.
/// Source: `serviceId` in the metadata of AWS's service models.
pub const SERVICE_IDS: &[(&str, &str)] = &[
    ("application-autoscaling", "Application Auto Scaling"),
    ("ce", "Cost Explorer"),
    ("cloudtrail", "CloudTrail"),
    ("cloudwatch", "CloudWatch"),
    ("compute-optimizer", "Compute Optimizer"),
    ("cost-optimization-hub", "Cost Optimization Hub"),
    ("dax", "DAX"),
    ("docdb", "DocDB"),
    ("docdb-elastic", "DocDB Elastic"),
    ("dsql", "DSQL"),
    ("dynamodb", "DynamoDB"),
    ("dynamodbstreams", "DynamoDB Streams"),
    ("elasticache", "ElastiCache"),
    ("health", "Health"),
    ("keyspaces", "Keyspaces"),
    ("keyspacesstreams", "KeyspacesStreams"),
    ("logs", "CloudWatch Logs"),
    ("memorydb", "MemoryDB"),
    ("neptune", "Neptune"),
    ("neptune-graph", "Neptune Graph"),
    ("neptunedata", "neptunedata"),
    ("odb", "odb"),
    ("pi", "PI"),
    ("pricing", "Pricing"),
    ("qldb", "QLDB"),
    ("qldb-session", "QLDB Session"),
    ("rds", "RDS"),
    ("rds-data", "RDS Data"),
    ("redshift", "Redshift"),
    ("redshift-data", "Redshift Data"),
    ("redshift-serverless", "Redshift Serverless"),
    ("resourcegroupstaggingapi", "Resource Groups Tagging API"),
    ("savingsplans", "savingsplans"),
    ("sdb", "SimpleDB"),
    ("secretsmanager", "Secrets Manager"),
    ("service-quotas", "Service Quotas"),
    ("simpledbv2", "SimpleDBv2"),
    ("sts", "STS"),
    ("timestream-influxdb", "Timestream InfluxDB"),
    ("timestream-query", "Timestream Query"),
    ("timestream-write", "Timestream Write"),
];

/// What the SDKs call the service that the table calls `service`.
pub fn sdk_name(service: &str) -> &'static str {
    SERVICE_IDS
        .iter()
        .find(|(table, _)| *table == service)
        .map_or_else(|| panic!("the table has a service without an SDK name: {service}"), |(_, sdk)| sdk)
}

/// A line to the wire, under an access.
pub struct Line {
    http: SharedHttpClient,
    url: String,
    access: LiveAccess,
    purpose: Purpose,
    meter: Arc<Meter>,
}

impl Line {
    pub fn new(wire: &Wire, access: LiveAccess) -> Self {
        let meter = Arc::<Meter>::default();
        // Plain HTTP: the wire is on loopback, and no proxy of the machine may stand between.
        let plain = aws_smithy_http_client::Builder::new().build_http();
        let http = SharedHttpClient::new(Gate::new(plain, meter.clone()));
        Self { http, url: wire.url.clone(), access, purpose: Purpose::Fleet, meter }
    }

    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Calls `operation` of the service that the SDK calls `service`, and claims on the wire to
    /// be `claimed`. `after` stands behind the guard's interceptor.
    pub async fn call(
        &self,
        service: &'static str,
        operation: &str,
        claimed: &str,
        after: Option<impl Intercept + 'static>,
    ) -> Result<(), Trouble> {
        let (url, target) = (self.url.clone(), format!("Any_20000101.{claimed}"));
        let mut builder = Operation::builder()
            .service_name(service)
            .operation_name(operation.to_owned())
            .behavior_version(BehaviorVersion::latest())
            .http_client(self.http.clone())
            .endpoint_url(&url)
            .no_auth()
            .no_retry()
            .interceptor(Guard::new(self.access.clone(), self.purpose, self.meter.clone()));
        if let Some(after) = after {
            builder = builder.interceptor(after);
        }
        let call = builder
            .serializer(move |(): ()| {
                let mut request = HttpRequest::new(SdkBody::from("{}"));
                request.set_method("POST")?;
                request.set_uri("/")?;
                request.headers_mut().insert("x-amz-target", target.clone());
                request.headers_mut().insert("content-length", "2");
                Ok(request)
            })
            .deserializer::<(), Infallible>(|_| Ok(()))
            .build();
        call.invoke(()).await.map_err(|error| Trouble::of(&error))
    }
}

/// How a call failed.
#[derive(Debug)]
pub enum Trouble {
    /// The guard's interceptor refused it, by this rule.
    Refused(&'static str),
    /// The gate refused it, or something else went wrong: the causes, outermost first.
    Other(String),
}

impl Trouble {
    /// Looks for the guard's own refusal: any other failure would prove nothing.
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        let mut words = Vec::new();
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(refusal) = error.downcast_ref::<Refusal>() {
                return Self::Refused(refusal.rule);
            }
            words.push(error.to_string());
            next = error.source();
        }
        Self::Other(words.join(": "))
    }

    /// Whether it was the gate.
    pub fn is_gate(&self) -> bool {
        matches!(self, Self::Other(words) if words.contains("refused by the guard"))
    }
}
