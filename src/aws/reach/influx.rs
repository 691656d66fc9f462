//! InfluxDB's HTTP endpoint: a database server inside a VPC, through the same gate as every AWS
//! API, with its own connector: a tunnel may lead there, and an answer may take long.

use super::Reach;
use super::neptune::{Sent, bracketed, delivered};
use crate::aws::http;
use crate::guard::gate;
use crate::model::{Failure, FailureKind};
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The longest wait for a connection: from outside the VPC nothing answers at all.
const CONNECT: Duration = Duration::from_secs(4);

/// Where an InfluxDB answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InfluxWay {
    /// The endpoint's own name: what TLS verifies.
    pub host: Arc<str>,
    /// Its port.
    pub port: u16,
    /// Connect here instead: a tunnel's near end.
    pub address: Option<(Arc<str>, u16)>,
}

/// One endpoint, reached. `Debug` shows no token: it holds none.
#[derive(Clone)]
pub struct InfluxData {
    url: String,
    connector: SharedHttpConnector,
}

impl fmt::Debug for InfluxData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InfluxData({})", self.url)
    }
}

impl Reach {
    /// The InfluxDB that `way` leads to, over TLS.
    ///
    /// # Errors
    /// When the CA bundle cannot be used.
    pub fn influx(&self, way: &InfluxWay) -> Result<InfluxData, Failure> {
        // A tunnel's port stands in the address, its host in the resolver: TLS is for the
        // endpoint's own name.
        let port = way.address.as_ref().map_or(way.port, |(_, port)| *port);
        let to = http::Way::through(way.address.as_ref().map(|(host, _)| host.clone()));
        let connector = http::connector(self.ca_bundle.as_deref(), to, CONNECT)?;
        Ok(InfluxData {
            url: format!("https://{}:{port}", bracketed(&way.host)),
            connector: gate::over(connector, self.meter.clone()),
        })
    }
}

impl InfluxData {
    /// Where requests go: scheme, host and port.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sends a request that the guard composed, with `authorization` where there is one.
    ///
    /// # Errors
    /// The gate refuses it, the token is no header, or nothing answers.
    pub async fn send(
        &self,
        doing: &str,
        mut request: HttpRequest,
        authorization: Option<&str>,
    ) -> Result<Sent, Failure> {
        if let Some(value) = authorization {
            // The value is not quoted: it is the secret.
            let headers = request.headers_mut();
            headers.try_insert("authorization", value.to_owned()).map_err(|_| {
                Failure::new(FailureKind::Login, doing, "the token holds what no HTTP header can")
            })?;
        }
        delivered(doing, self.connector.call(request).await).await
    }
}
