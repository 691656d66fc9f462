//! Neptune's data plane: one endpoint of one cluster, through the same guard and gate as every
//! AWS API. It is a database server inside a VPC that speaks an AWS protocol, so it has its own
//! connector: a tunnel may lead there, and an answer may take hours.

use super::Reach;
use super::clients::guarded;
use crate::aws::answers::InProcess;
use crate::aws::http;
use crate::clock;
use crate::guard::gate;
use crate::guard::intercept::Purpose;
use crate::model::{DialectId, Failure, FailureKind};
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_neptunedata::config::StalledStreamProtectionConfig;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_types::service_config::ServiceConfigKey;
use bytes::{Bytes, BytesMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

/// The longest wait for a connection: the endpoint is inside a VPC, and from outside nothing
/// answers at all.
const CONNECT: Duration = Duration::from_secs(4);

/// The most bytes of one answer that are taken in: 1 GiB.
const LARGEST: usize = 1 << 30;

/// Where a Neptune cluster answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeptuneWay {
    /// The endpoint's own name: what TLS verifies.
    pub host: Arc<str>,
    /// Its port.
    pub port: u16,
    /// Connect here instead: a tunnel's near end.
    pub address: Option<(Arc<str>, u16)>,
    /// Whether requests are signed (IAM authentication is on). The SDK signs its own always.
    pub signed: bool,
}

/// One endpoint, reached.
#[derive(Clone, Debug)]
pub struct NeptuneData {
    client: aws_sdk_neptunedata::Client,
    kept: Kept,
    url: String,
    connector: SharedHttpConnector,
    signer: Option<(SharedCredentialsProvider, String)>,
}

/// An answer to a request that no SDK made.
#[derive(Clone, Debug)]
pub struct Sent {
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: Bytes,
    /// The form of the body, as the server says.
    pub content_type: String,
    /// AWS's id of the request.
    pub request_id: Option<String>,
}

impl Reach {
    /// The data plane of the Neptune endpoint that `way` leads to. `--endpoint-url` and
    /// `AWS_ENDPOINT_URL_NEPTUNEDATA` win over the endpoint, and only they may name plain HTTP.
    ///
    /// # Errors
    /// When the CA bundle cannot be used.
    pub fn neptune_data(&self, way: &NeptuneWay) -> Result<NeptuneData, Failure> {
        // A tunnel's port stands in the address, its host in the resolver: TLS and the signature
        // are for the endpoint's own name.
        let port = way.address.as_ref().map_or(way.port, |(_, port)| *port);
        let own = format!("https://{}:{port}", bracketed(&way.host));
        let url = self.named_url("neptunedata").unwrap_or(own);
        let gated = match &self.answers {
            Some(answers) => InProcess::connector(self.place.clone(), answers.clone()),
            None => {
                let to = http::Way::through(way.address.as_ref().map(|(host, _)| host.clone()));
                http::connector(self.ca_bundle.as_deref(), to, CONNECT)?
            }
        };
        let gated = gate::over(gated, self.meter.clone());
        let kept = Kept::default();
        let keeping = SharedHttpConnector::new(Keeping { inner: gated.clone(), kept: kept.clone() });
        let mut config = guarded!(self, aws_sdk_neptunedata, Purpose::DataApi(DialectId::OpenCypher));
        config.set_endpoint_url(Some(url.clone()));
        config.set_http_client(Some(http_client_fn(move |_, _| keeping.clone())));
        // A statement may think for hours: neither the first byte nor the next has a deadline.
        config.set_timeout_config(Some(TimeoutConfig::builder().connect_timeout(CONNECT).build()));
        config.set_stalled_stream_protection(Some(StalledStreamProtectionConfig::disabled()));
        let signer = way.signed.then(|| self.config.credentials_provider()).flatten();
        Ok(NeptuneData {
            client: aws_sdk_neptunedata::Client::from_conf(config.build()),
            kept,
            url: url.trim_end_matches('/').to_owned(),
            connector: gated,
            signer: signer.map(|credentials| (credentials, self.place.region.to_string())),
        })
    }

    /// The data plane of Neptune Analytics: statements, and what runs. Its calls put the graph's id
    /// before the host's name, which for an endpoint that the person named leads to that host.
    ///
    /// # Errors
    /// When the CA bundle cannot be used.
    pub fn neptune_graph_data(&self) -> Result<aws_sdk_neptunegraph::Client, Failure> {
        let mut config = guarded!(self, aws_sdk_neptunegraph, Purpose::DataApi(DialectId::OpenCypher));
        if self.answers.is_none() {
            let host = self.named_url("Neptune Graph").and_then(|url| {
                let authority = url.split("://").nth(1)?.split('/').next()?.to_owned();
                let host = authority.rsplit_once(':').map_or(authority.as_str(), |(host, _)| host);
                Some(Arc::from(host.trim_start_matches('[').trim_end_matches(']')))
            });
            let connector = http::connector(self.ca_bundle.as_deref(), http::Way::through(host), CONNECT)?;
            let gated = gate::over(connector, self.meter.clone());
            config.set_http_client(Some(http_client_fn(move |_, _| gated.clone())));
        }
        config.set_timeout_config(Some(TimeoutConfig::builder().connect_timeout(CONNECT).build()));
        config.set_stalled_stream_protection(Some(StalledStreamProtectionConfig::disabled()));
        Ok(aws_sdk_neptunegraph::Client::from_conf(config.build()))
    }

    /// The endpoint that the person's settings name for this SDK service, by the SDK's rules.
    pub(super) fn named_url(&self, service: &str) -> Option<String> {
        let general = || self.config.endpoint_url().map(str::to_owned);
        if self.config.get_origin("endpoint_url").is_client_config() {
            return general();
        }
        let key = ServiceConfigKey::builder()
            .service_id(service)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build();
        let own = key.ok().and_then(|key| self.config.service_config()?.load_config(key));
        own.or_else(general)
    }
}

/// A host as a URL holds it.
pub(super) fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

impl NeptuneData {
    /// The client of the calls that the SDK has. The answer of a statement is not in its typed
    /// output: see [`Self::answer`].
    pub const fn client(&self) -> &aws_sdk_neptunedata::Client {
        &self.client
    }

    /// Where requests go: scheme, host and port.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The bytes of the last statement's answer, once. The SDK's documents would lose digits and
    /// the order of columns, and hold everything twice.
    pub fn answer(&self) -> Bytes {
        std::mem::take(&mut *self.kept.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sends a request that the guard composed, signed where that is on.
    ///
    /// # Errors
    /// The gate refuses it, there are no credentials to sign with, or nothing answers.
    pub async fn send(&self, doing: &str, mut request: HttpRequest) -> Result<Sent, Failure> {
        if let Some((credentials, region)) = &self.signer {
            self.sign(doing, &mut request, credentials, region).await?;
        }
        delivered(doing, self.connector.call(request).await).await
    }

    async fn sign(
        &self,
        doing: &str,
        request: &mut HttpRequest,
        credentials: &SharedCredentialsProvider,
        region: &str,
    ) -> Result<(), Failure> {
        let unsigned = |why: String| {
            Failure::new(FailureKind::Login, doing, why)
                .hint("AWS credentials are needed: `aws sso login` or another profile")
        };
        let identity = credentials.provide_credentials().await;
        let identity = identity.map_err(|e| unsigned(crate::aws::failure::chain(&e)))?.into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name("neptune-db")
            .time(UNIX_EPOCH + Duration::from_millis(clock::now().epoch_ms()))
            .settings(SigningSettings::default())
            .build()
            .map_err(|e| unsigned(e.to_string()))?
            .into();
        let instructions = {
            let headers = request.headers().iter();
            let body = SignableBody::Bytes(request.body().bytes().unwrap_or_default());
            let signable = SignableRequest::new(request.method(), request.uri(), headers, body)
                .map_err(|e| unsigned(e.to_string()))?;
            sign(signable, &params).map_err(|e| unsigned(e.to_string()))?.into_parts().0
        };
        for (name, value) in instructions.headers() {
            request.headers_mut().insert(name.to_owned(), value.to_owned());
        }
        Ok(())
    }
}

/// What was answered to a request that no SDK made, taken in to its end.
///
/// # Errors
/// The gate refused it, or nothing answered.
pub(super) async fn delivered(
    doing: &str,
    answer: Result<HttpResponse, ConnectorError>,
) -> Result<Sent, Failure> {
    let failed = |e: ConnectorError| {
        let words = crate::aws::failure::chain(&e);
        let refused = words.contains("refused by the guard");
        let kind = if refused { FailureKind::Refused } else { FailureKind::Unreachable };
        Failure::new(kind, doing, words)
    };
    let mut response = answer.map_err(failed)?;
    let header = |name: &str| response.headers().get(name).map(|v| v.chars().take(64).collect::<String>());
    let request_id = header("x-amzn-requestid");
    let content_type = header("content-type").unwrap_or_default();
    let status = response.status().as_u16();
    let body = read(std::mem::replace(response.body_mut(), SdkBody::empty())).await.map_err(failed)?;
    Ok(Sent { status, body, content_type, request_id })
}

/// The last answer.
#[derive(Clone, Debug, Default)]
struct Kept(Arc<Mutex<Bytes>>);

/// Keeps the answers of statements from the SDK, which would parse them into documents.
#[derive(Debug)]
struct Keeping {
    inner: SharedHttpConnector,
    kept: Kept,
}

impl HttpConnector for Keeping {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let path = request.uri().split('?').next().unwrap_or_default();
        let statement = path.ends_with("/gremlin") || path.ends_with("/opencypher");
        let (answer, kept) = (self.inner.call(request), self.kept.clone());
        if !statement {
            return answer;
        }
        HttpConnectorFuture::new(async move {
            let mut response = answer.await?;
            if response.status().is_success() {
                let body = std::mem::replace(response.body_mut(), SdkBody::from("{}"));
                let bytes = read(body).await?;
                *kept.0.lock().unwrap_or_else(PoisonError::into_inner) = bytes;
                response.headers_mut().remove("content-length");
            }
            Ok(response)
        })
    }
}

/// A body to its end, or to the most that is taken.
async fn read(body: SdkBody) -> Result<Bytes, ConnectorError> {
    if let Some(all) = body.bytes() {
        return Ok(Bytes::copy_from_slice(all));
    }
    let mut stream = ByteStream::new(body);
    let mut all = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|e| ConnectorError::io(e.into()))?;
        if all.len() + chunk.len() > LARGEST {
            let why = "the answer has more than 1 GiB: ask for less (LIMIT, range)";
            return Err(ConnectorError::user(why.into()));
        }
        all.extend_from_slice(&chunk);
    }
    Ok(all.freeze())
}
