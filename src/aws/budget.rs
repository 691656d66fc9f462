//! How fast the fleet may ask: a token bucket per family of AWS calls and place. The first
//! burst of an ordinary listing passes unslowed; what follows keeps below AWS's limits, so that
//! other users of the account keep their share. A throttled answer halves the rate of its family
//! for a while, and of no other.
//!
//! The buckets know no clock and start nothing: a caller says when it is and is told how long
//! to wait, so an idle console wakes up for none of it. Statements and changes never pass here.

use crate::guard::operations::Effect;
use crate::model::Moment;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Calls that share a limit of AWS's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// CloudWatch `GetMetricData`: AWS allows 50 a second and region.
    Metrics,
    /// Describing and listing on the RDS control plane, which Neptune and DocumentDB share.
    /// AWS publishes no rate; 500 instances are 5 pages and some ten calls around them.
    Describe,
    /// The DynamoDB control plane: each table of a listing takes a `DescribeTable`. AWS
    /// publishes no rate for reads.
    Tables,
    /// Following Redshift Data statements, where one call may wait for the end by itself.
    RedshiftData,
    /// Timestream for LiveAnalytics: describing and listing is allowed 5 times a second, all of
    /// an account together.
    Timestream,
    /// Every other service by itself, named as in its API; the tightest in use,
    /// `DescribeAlarms`, is allowed 9 a second.
    Other(Arc<str>),
}

impl Family {
    /// The family of `api`, as in `rds:DescribeDBInstances`, which does `effect`; `None` for
    /// what is never held back: statements and what is around them, logins, changes.
    pub fn of(api: &str, effect: Effect) -> Option<Self> {
        if !matches!(effect, Effect::Read | Effect::DataRead) {
            return None;
        }
        let service = api.split_once(':').map_or(api, |(service, _)| service);
        Some(match service {
            _ if api == "cloudwatch:GetMetricData" => Self::Metrics,
            "rds" | "neptune" | "docdb" => Self::Describe,
            "dynamodb" => Self::Tables,
            "redshift-data" => Self::RedshiftData,
            "timestream-write" | "timestream-query" => Self::Timestream,
            other => Self::Other(other.into()),
        })
    }

    /// Calls a second in the long run, and calls at once after a rest.
    pub const fn rate(&self) -> (f64, f64) {
        match self {
            Self::Metrics => (25.0, 25.0),
            Self::Describe => (10.0, 60.0),
            Self::Tables => (250.0, 1_500.0),
            Self::RedshiftData => (10.0, 20.0),
            Self::Timestream => (4.0, 4.0),
            Self::Other(_) => (8.0, 50.0),
        }
    }
}

/// How long a throttled answer slows a family down, in ms; after it the rate doubles again.
const EASE_MS: u64 = 30_000;
/// Throttled answers so close together count once, in ms: they are one burst's.
const TOGETHER_MS: u64 = 1_000;
/// The least share of the rate that is left.
const LEAST: f64 = 1.0 / 16.0;

/// One bucket. Time is in ms on any scale that never steps back.
#[derive(Clone, Debug, PartialEq)]
pub struct Bucket {
    rate: f64,
    burst: f64,
    /// Below zero: so many calls wait already.
    tokens: f64,
    /// Share of the rate in force.
    share: f64,
    at: u64,
    /// When the rate eases next.
    eases: u64,
    /// When the last throttled answer counted.
    slowed: Option<u64>,
}

impl Bucket {
    /// A full bucket: `rate` calls a second, `burst` at once.
    pub const fn new((rate, burst): (f64, f64)) -> Self {
        Self { rate, burst, tokens: burst, share: 1.0, at: 0, eases: 0, slowed: None }
    }

    /// Takes a token at `now`: how long the call must wait for it, in ms. Callers are served in
    /// the order in which they ask.
    pub fn take(&mut self, now: u64) -> u64 {
        self.refill(now);
        self.tokens -= 1.0;
        if self.tokens >= 0.0 {
            return 0;
        }
        // Negative tokens over a positive rate: small, positive, finite.
        (-self.tokens / (self.rate * self.share) * 1_000.0).ceil() as u64
    }

    /// AWS has asked to slow down: the rate halves and the rest of the burst is gone.
    pub fn throttled(&mut self, now: u64) {
        self.refill(now);
        self.eases = now.saturating_add(EASE_MS);
        if self.slowed.is_some_and(|at| now.saturating_sub(at) < TOGETHER_MS) {
            return;
        }
        self.slowed = Some(now);
        self.share = (self.share / 2.0).max(LEAST);
        self.tokens = self.tokens.min(0.0);
    }

    /// Calls a second in force.
    pub const fn pace(&self) -> f64 {
        self.rate * self.share
    }

    fn refill(&mut self, now: u64) {
        while self.share < 1.0 && self.eases <= now {
            self.add(self.eases);
            self.share = (self.share * 2.0).min(1.0);
            self.eases = self.eases.saturating_add(EASE_MS);
        }
        self.add(now);
    }

    fn add(&mut self, now: u64) {
        let passed = now.saturating_sub(self.at) as f64 / 1_000.0;
        self.at = self.at.max(now);
        self.tokens = (self.tokens + passed * self.pace()).min(self.burst);
    }
}

/// The buckets of one place: each from its first call on.
#[derive(Debug, Default)]
pub struct Budget(Mutex<HashMap<Family, Bucket>>);

impl Budget {
    /// Takes a token of `family` at `now`: how long the call must wait, in ms.
    pub fn take(&self, family: &Family, now: Moment) -> u64 {
        self.with(family, |bucket| bucket.take(now.epoch_ms()))
    }

    /// A call of `family` was throttled.
    pub fn throttled(&self, family: &Family, now: Moment) {
        self.with(family, |bucket| bucket.throttled(now.epoch_ms()));
    }

    fn with<T>(&self, family: &Family, act: impl FnOnce(&mut Bucket) -> T) -> T {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        act(buckets.entry(family.clone()).or_insert_with(|| Bucket::new(family.rate())))
    }
}

/// Whether an error answer asks to slow down: by its status, by the header of the JSON
/// protocols, or by the code that each protocol writes into the body.
pub fn is_throttle(status: u16, header: Option<&str>, body: &[u8]) -> bool {
    const CODES: [&str; 6] = [
        "Throttl",
        "TooManyRequests",
        "RequestLimitExceeded",
        "SlowDown",
        "RequestThrottled",
        "BandwidthLimitExceeded",
    ];
    let named = |text: &str| CODES.iter().any(|code| text.contains(code));
    // The code stands near the beginning in XML, JSON and CBOR alike.
    let head = body.get(..body.len().min(1_024)).unwrap_or_default();
    status == 429 || (status >= 400 && (header.is_some_and(named) || named(&String::from_utf8_lossy(head))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::operations::effect;

    fn bucket(family: &Family) -> Bucket {
        Bucket::new(family.rate())
    }

    #[test]
    fn an_ordinary_listing_is_not_slowed() {
        let mut tables = bucket(&Family::Tables);
        // 1,000 tables: 10 pages of names and a description each, at once.
        assert!((0..1_010).all(|_| tables.take(5) == 0));
        let mut describe = bucket(&Family::Describe);
        // 500 instances: 5 pages, clusters, maintenance, lifecycles; of three tabs.
        assert!((0..45).all(|_| describe.take(5) == 0));
    }

    #[test]
    fn the_long_run_keeps_the_rate() {
        use Family::{Describe, Metrics, Other, RedshiftData, Tables, Timestream};
        for family in [Metrics, Describe, Tables, RedshiftData, Timestream, Other("dax".into())] {
            let (rate, burst) = family.rate();
            let mut bucket = bucket(&family);
            let calls = 5_000_u32;
            let waits: Vec<u64> = (0..calls).map(|_| bucket.take(0)).collect();
            assert!(waits.is_sorted(), "{family:?}: first come, first served");
            let last = *waits.last().expect("asked") as f64 / 1_000.0;
            let sent = f64::from(calls) - burst;
            assert!((sent / last - rate).abs() / rate < 0.01, "{family:?}: {sent} in {last} s");
        }
    }

    #[test]
    fn a_rest_fills_the_bucket_to_its_burst_and_no_further() {
        let mut bucket = Bucket::new((10.0, 3.0));
        assert_eq!([0; 4].map(|_| bucket.take(0)), [0, 0, 0, 100]);
        assert_eq!(bucket.take(1_000_000), 0);
        assert_eq!([0; 3].map(|_| bucket.take(1_000_000)), [0, 0, 100]);
        assert_eq!(bucket.take(999_000), 200, "a step back gives nothing");
    }

    #[test]
    fn throttling_halves_the_rate_and_time_heals_it() {
        let mut bucket = Bucket::new((10.0, 50.0));
        bucket.throttled(1_000);
        bucket.throttled(1_500);
        assert!((bucket.pace() - 5.0).abs() < 1e-9, "one burst counts once: {}", bucket.pace());
        assert_eq!([0; 2].map(|_| bucket.take(1_500)), [0, 0], "what came in since is there");
        assert_eq!(bucket.take(1_500), 100, "the rest of the burst is gone");
        bucket.throttled(3_000);
        assert!((bucket.pace() - 2.5).abs() < 1e-9);
        bucket.take(32_999);
        assert!((bucket.pace() - 2.5).abs() < 1e-9, "not yet");
        bucket.take(33_000);
        assert!((bucket.pace() - 5.0).abs() < 1e-9);
        bucket.take(63_000);
        assert!((bucket.pace() - 10.0).abs() < 1e-9);
        (0..100).for_each(|n| bucket.throttled(100_000 + n * 2_000));
        assert!(bucket.pace() >= 10.0 * LEAST - 1e-9, "it never stops");
    }

    #[test]
    fn families_do_not_wait_for_each_other_and_statements_for_nobody() {
        let budget = Budget::default();
        let now = Moment::from_epoch_ms(1_000_000);
        let waits: Vec<u64> = (0..200).map(|_| budget.take(&Family::Describe, now)).collect();
        assert!(waits.iter().any(|ms| *ms > 0));
        assert!(budget.take(&Family::Describe, now) > 0);
        assert_eq!(budget.take(&Family::Metrics, now), 0);
        let of = |api: &str| Family::of(api, effect(api));
        assert_eq!(of("cloudwatch:GetMetricData"), Some(Family::Metrics));
        assert_eq!(of("rds:DescribeDBInstances"), Some(Family::Describe));
        assert_eq!(of("dynamodb:DescribeTable"), Some(Family::Tables));
        assert_eq!(of("redshift-data:DescribeStatement"), Some(Family::RedshiftData));
        assert_eq!(of("sts:GetCallerIdentity"), Some(Family::Other("sts".into())));
        for free in [
            "dynamodb:ExecuteStatement",
            "rds-data:ExecuteStatement",
            "rds-data:BeginTransaction",
            "redshift-data:ExecuteStatement",
            "secretsmanager:GetSecretValue",
            "rds:RebootDBInstance",
        ] {
            assert_eq!(of(free), None, "{free}");
        }
    }

    #[test]
    fn a_service_that_asks_to_slow_down_slows_nobody_else() {
        let (budget, now) = (Budget::default(), Moment::from_epoch_ms(1_000_000));
        let of = |api: &str| Family::of(api, effect(api)).expect("it is held back");
        let (dax, dsql) = (of("dax:DescribeClusters"), of("dsql:ListClusters"));
        budget.throttled(&dax, now);
        assert!(budget.take(&dax, now) > 0);
        assert_eq!(budget.take(&dsql, now), 0);
    }

    #[test]
    fn throttling_is_known_in_every_protocol() {
        let xml = b"<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code></Error></ErrorResponse>";
        assert!(is_throttle(400, None, xml));
        assert!(is_throttle(400, None, br#"{"__type":"com.amazon.coral#ThrottlingException"}"#));
        assert!(is_throttle(400, Some("Throttling;Sender"), b"\xa1\x66"));
        assert!(is_throttle(429, None, b""));
        assert!(!is_throttle(200, None, b"ThrottlingException"));
        assert!(!is_throttle(403, None, br#"{"__type":"AccessDeniedException"}"#));
    }
}
