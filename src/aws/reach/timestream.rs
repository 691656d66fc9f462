//! Timestream for LiveAnalytics answers only at endpoints that it names itself: they are asked
//! for, kept as long as AWS says, and asked for again by the next call that needs one. The SDK's
//! own way would keep a task that wakes an idle console every minute.
//!
//! An endpoint that the person's settings name (`--endpoint-url`, `AWS_ENDPOINT_URL_TIMESTREAM_QUERY`
//! …) and the demo estate are asked directly.

use super::Reach;
use super::clients::guarded;
use crate::aws::failure::failure;
use crate::clock;
use crate::guard::intercept::Purpose;
use crate::model::{DialectId, Failure, FailureKind, Moment};
use aws_config::timeout::TimeoutConfig;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The shortest time that an endpoint is kept: AWS says 1,440 minutes.
const LEAST_MS: u64 = 60_000;

/// The longest wait for one page: the server ends a query after 60 seconds and says so.
const QUERY: Duration = Duration::from_secs(90);

/// Endpoints found at one place.
#[derive(Debug, Default)]
pub(super) struct Endpoints {
    write: Mutex<Option<Found>>,
    query: Mutex<Option<Found>>,
}

/// An endpoint and until when it holds.
#[derive(Clone, Debug)]
struct Found {
    url: String,
    until: Moment,
}

impl Reach {
    /// LiveAnalytics' databases and tables, at the endpoint that it names.
    ///
    /// # Errors
    /// That of asking for the endpoint.
    pub async fn live_write(&self) -> Result<aws_sdk_timestreamwrite::Client, Failure> {
        let plain = self.timestream_write();
        if self.is_demo() || self.named_url("Timestream Write").is_some() {
            return Ok(plain);
        }
        let url = match kept(&self.live.write) {
            Some(url) => url,
            None => {
                let doing = format!("ask for Timestream's endpoint at {}", self.place);
                let answer = plain.describe_endpoints().send().await.map_err(|e| failure(&doing, &e))?;
                let first = answer.endpoints().first();
                let first = first.map(|e| (e.address(), e.cache_period_in_minutes()));
                keep(&self.live.write, first, &doing)?
            }
        };
        let config = guarded!(self, aws_sdk_timestreamwrite, Purpose::Fleet);
        Ok(aws_sdk_timestreamwrite::Client::from_conf(config.endpoint_url(url).build()))
    }

    /// LiveAnalytics' queries, at the endpoint that it names. A query may take a minute.
    ///
    /// # Errors
    /// That of asking for the endpoint.
    pub async fn live_query(&self) -> Result<aws_sdk_timestreamquery::Client, Failure> {
        let mut config = guarded!(self, aws_sdk_timestreamquery, Purpose::DataApi(DialectId::Timestream));
        config.set_timeout_config(Some(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(5))
                .read_timeout(QUERY)
                .operation_attempt_timeout(QUERY)
                .build(),
        ));
        if self.is_demo() || self.named_url("Timestream Query").is_some() {
            return Ok(aws_sdk_timestreamquery::Client::from_conf(config.build()));
        }
        let url = match kept(&self.live.query) {
            Some(url) => url,
            None => {
                let doing = format!("ask for Timestream's endpoint at {}", self.place);
                let answer = self.timestream_query().describe_endpoints().send().await;
                let answer = answer.map_err(|e| failure(&doing, &e))?;
                let first = answer.endpoints().first();
                let first = first.map(|e| (e.address(), e.cache_period_in_minutes()));
                keep(&self.live.query, first, &doing)?
            }
        };
        Ok(aws_sdk_timestreamquery::Client::from_conf(config.endpoint_url(url).build()))
    }
}

fn kept(place: &Mutex<Option<Found>>) -> Option<String> {
    let found = place.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
    (clock::now() < found.until).then_some(found.url)
}

/// Keeps what AWS said: an address without a scheme, and minutes.
fn keep(place: &Mutex<Option<Found>>, said: Option<(&str, i64)>, doing: &str) -> Result<String, Failure> {
    let garbled = |why: &str| Failure::new(FailureKind::Garbled, doing, why);
    let (address, minutes) = said.ok_or_else(|| garbled("AWS named no endpoint"))?;
    // It becomes part of a URL that signed requests go to.
    let plain = |c: char| c.is_ascii_alphanumeric() || "-.:".contains(c);
    if address.is_empty() || !address.chars().all(plain) {
        return Err(garbled("AWS named an endpoint that is no host"));
    }
    let url = format!("https://{address}");
    let ms = u64::try_from(minutes).unwrap_or(0).saturating_mul(60_000).max(LEAST_MS);
    let found = Found { url: url.clone(), until: clock::now().plus_ms(ms) };
    *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_kept_and_what_is_no_host_is_refused() {
        let place = Mutex::default();
        assert_eq!(kept(&place), None);
        let url = keep(&place, Some(("query-cell1.timestream.eu-west-1.amazonaws.com", 1_440)), "x");
        assert_eq!(kept(&place), url.ok());
        for wrong in ["", "host/path", "user@host", "a b", "host?x"] {
            let failed = keep(&place, Some((wrong, 1)), "x").expect_err("refused");
            assert_eq!(failed.kind, FailureKind::Garbled);
        }
        assert!(keep(&place, None, "x").is_err());
    }
}
