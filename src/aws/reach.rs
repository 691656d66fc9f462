//! One place, reached: credentials, region, endpoint, retries, and guarded clients.

mod clients;
mod influx;
mod neptune;
mod timestream;

pub use influx::{InfluxData, InfluxWay};
pub use neptune::{NeptuneData, NeptuneWay, Sent};

use super::answers::{Answering, Answers, InProcess};
use super::budget::Budget;
use super::http;
use super::meter::Meter;
use super::whole::Whole;
use crate::guard::LiveAccess;
use crate::guard::gate::Gate;
use crate::guard::intercept::{Guard, Purpose};
use crate::model::{Failure, Place};
use aws_config::identity::IdentityCache;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// The longest wait for credentials. A `credential_process` that hangs would else hold a pane for as long as every
/// attempt of a call together: the SDK derives its own limit from those.
const CREDENTIALS: Duration = Duration::from_secs(20);

/// How long what hardly ever changes is good for: an hour.
const LASTING_MS: u64 = 3_600_000;

/// How to reach AWS: from flags, environment and configuration.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `--endpoint-url`: every service at this URL instead of AWS's. The SDK's own variables
    /// (`AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_RDS` …) hold when this is `None`.
    pub endpoint_url: Option<String>,
    /// A PEM file of further certificate authorities to trust; `AWS_CA_BUNDLE` when `None`.
    pub ca_bundle: Option<PathBuf>,
    /// Answers instead of AWS: the demo estate.
    pub answers: Option<Arc<dyn Answers>>,
}

/// Clients of one place. Cheap to clone what it returns; every client is guarded.
#[derive(Debug)]
pub struct Reach {
    place: Place,
    config: SdkConfig,
    access: LiveAccess,
    meter: Arc<Meter>,
    answers: Option<Arc<dyn Answers>>,
    ca_bundle: Option<PathBuf>,
    memo: super::once::Memo,
    lasting: super::once::Memo,
    budget: Arc<Budget>,
    live: timestream::Endpoints,
}

impl Reach {
    /// The place.
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// What this session has asked so far.
    pub const fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    /// The access in force.
    pub const fn access(&self) -> &LiveAccess {
        &self.access
    }

    /// Answers shared between tabs that ask the same thing at the same time.
    pub const fn memo(&self) -> &super::once::Memo {
        &self.memo
    }

    /// Answers that hardly ever change, kept for an hour.
    pub const fn lasting(&self) -> &super::once::Memo {
        &self.lasting
    }

    /// The configuration, for signing login tokens. It makes no calls by itself.
    pub const fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// Whether the demo estate answers here.
    pub const fn is_demo(&self) -> bool {
        self.answers.is_some()
    }

    fn interceptors(&self, purpose: Purpose) -> Vec<SharedInterceptor> {
        let guard = Guard::new(self.access.clone(), purpose, self.meter.clone()).within(self.budget.clone());
        // Permanent: no configuration override can switch it off.
        let mut all = vec![SharedInterceptor::permanent(guard)];
        all.push(match &self.answers {
            Some(answers) => {
                SharedInterceptor::permanent(Answering::new(self.place.clone(), answers.clone()))
            }
            None => SharedInterceptor::permanent(Whole),
        });
        all
    }
}

/// All places of this session.
#[derive(Debug)]
pub struct Reaches {
    settings: Settings,
    access: LiveAccess,
    meter: Arc<Meter>,
    made: Mutex<HashMap<Place, Arc<Reach>>>,
}

impl Reaches {
    /// No place reached yet.
    pub fn new(settings: Settings, access: LiveAccess) -> Self {
        Self { settings, access, meter: Arc::default(), made: Mutex::default() }
    }

    /// What this session has asked so far, over all places.
    pub const fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    /// The access in force.
    pub const fn access(&self) -> &LiveAccess {
        &self.access
    }

    /// Lets go of the answers that nobody can share any more.
    pub async fn sweep(&self) {
        for reach in self.made.lock().await.values() {
            reach.memo.sweep();
        }
    }

    /// Forgets every place, so that the next use reads profiles and credentials anew.
    pub async fn forget(&self) {
        self.made.lock().await.clear();
    }

    /// The reach of `place`, made once and kept. Reads the shared AWS files; credentials are
    /// resolved at the first call.
    ///
    /// # Errors
    /// When the CA bundle cannot be read.
    pub async fn at(&self, place: &Place) -> Result<Arc<Reach>, Failure> {
        let mut made = self.made.lock().await;
        if let Some(reach) = made.get(place) {
            return Ok(reach.clone());
        }
        let budget = Arc::<Budget>::default();
        let config = match &self.settings.answers {
            Some(answers) => in_process(place, answers.clone(), &self.meter),
            None => self.over_the_network(place, budget.clone()).await?,
        };
        let reach = Arc::new(Reach {
            place: place.clone(),
            config,
            access: self.access.clone(),
            meter: self.meter.clone(),
            answers: self.settings.answers.clone(),
            ca_bundle: self.settings.ca_bundle.clone(),
            memo: super::once::Memo::default(),
            lasting: super::once::Memo::keeping(LASTING_MS),
            budget,
            live: timestream::Endpoints::default(),
        });
        made.insert(place.clone(), reach.clone());
        Ok(reach)
    }

    async fn over_the_network(&self, place: &Place, budget: Arc<Budget>) -> Result<SdkConfig, Failure> {
        let http = http::client(self.settings.ca_bundle.as_deref())?;
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(place.region.to_string()))
            .http_client(http.clone())
            .retry_config(
                RetryConfig::standard().with_max_attempts(5).with_max_backoff(Duration::from_secs(8)),
            )
            .timeout_config(timeouts())
            .identity_cache(IdentityCache::lazy().load_timeout(CREDENTIALS).build());
        // `default` means what the SDK's chain finds, which may be no profile at all.
        if &*place.profile != "default" {
            loader = loader.profile_name(&*place.profile);
            if !is_named_by_environment(place) {
                loader = loader.credentials_provider(profile_only(place, http.clone()));
            }
        }
        if let Some(url) = &self.settings.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        if let Ok(name) = AppName::new(concat!("dbdeck-", env!("CARGO_PKG_VERSION"))) {
            loader = loader.app_name(name);
        }
        let config = loader.load().await;
        // Credentials keep the plain connector they were loaded with; services get the gate.
        let gate = Gate::new(http, self.meter.clone()).within(budget);
        Ok(config.to_builder().http_client(gate).build())
    }
}

/// Whether `AWS_PROFILE` names this place's profile: then the SDKs' own order holds, keys in the environment first.
fn is_named_by_environment(place: &Place) -> bool {
    std::env::var("AWS_PROFILE").is_ok_and(|name| *name == *place.profile)
}

/// The credentials of this place's profile and no others. The SDK's chain asks the environment first, so that keys
/// exported there would list another account under this profile's name.
fn profile_only(place: &Place, http: SharedHttpClient) -> ProfileFileCredentialsProvider {
    let region = Region::new(place.region.to_string());
    let how = ProviderConfig::default().with_region(Some(region)).with_http_client(http);
    ProfileFileCredentialsProvider::builder().configure(&how).profile_name(&*place.profile).build()
}

/// Time limits: a dead region must not hold a pane for long, a slow one may take its time.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(Duration::from_secs(60))
        .operation_attempt_timeout(Duration::from_secs(70))
        // Over all attempts: an answer that trickles would otherwise use up every one of them.
        .operation_timeout(Duration::from_secs(100))
        .build()
}

/// A configuration that never leaves the process.
fn in_process(place: &Place, answers: Arc<dyn Answers>, meter: &Arc<Meter>) -> SdkConfig {
    let credentials = aws_credential_types::Credentials::new("DEMO", "demo", None, None, "demo estate");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(place.region.to_string()))
        .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new())
        .http_client(Gate::new(InProcess::client(place.clone(), answers), meter.clone()))
        .build()
}
