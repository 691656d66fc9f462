//! When the support of an engine version ends, by AWS Health (`DescribeServiceLifecycle`). It answers only accounts
//! with a support plan that has it: whoever may not ask, or cannot reach it, sees the dates of the other sources.

use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::aws::pages::{Next, Pages};
use crate::model::{Cell, Failure, Resource, SafeText, Section, ServiceId};
use aws_sdk_health::types::{LifecycleEvent, ServiceLifecycle};
use std::sync::Arc;
use std::time::Duration;

/// Entries a page: the most that the API gives.
const PAGE: i32 = 20;
/// Most pages: AWS's services have some hundred entries together.
const PAGES: usize = 50;
/// How long a detail view waits for what is only an addition to it.
const PATIENCE: Duration = Duration::from_secs(4);
/// The question, in what the place remembers.
const KEY: &str = "lifecycles";

/// What AWS Health says of the versions of the services that dbdeck shows.
#[derive(Debug, Default)]
pub struct Lifecycles(Vec<Version>);

/// One version of one engine.
#[derive(Debug)]
struct Version {
    /// Service, title and version in small letters: what the entry is about.
    about: String,
    /// Where a version may be named: the version, or else the title.
    numbers: Vec<String>,
    title: SafeText,
    recommended: Option<SafeText>,
    events: Vec<Event>,
}

#[derive(Debug)]
struct Event {
    /// As AWS names it: `end-of-standard-support`.
    kind: SafeText,
    /// In ms since the epoch.
    at: Option<i64>,
}

/// An engine version as a row names it: `postgres`, `15.4`.
#[derive(Clone, Copy, Debug)]
pub struct Engine<'a> {
    /// The service that the row belongs to.
    pub service: ServiceId,
    /// AWS's own name: `aurora-postgresql`.
    pub name: &'a str,
    /// As AWS writes it.
    pub version: &'a str,
}

/// What AWS Health says, asked once an hour and place. Nothing when it does not answer us.
pub async fn lifecycles(reach: &Reach) -> Arc<Lifecycles> {
    let ask = async {
        let mut all = Vec::new();
        // What came in time counts. That nothing came is remembered as well: an account without the support plan
        // would be refused each time.
        let _ = tokio::time::timeout(PATIENCE, read(reach, &mut all)).await;
        Ok(Lifecycles(all))
    };
    reach.lasting().get(KEY.into(), ask).await.unwrap_or_default()
}

/// What AWS Health has said already: a listing does not wait for it.
pub fn at_hand(reach: &Reach) -> Option<Arc<Lifecycles>> {
    reach.lasting().at_hand(KEY)
}

async fn read(reach: &Reach, all: &mut Vec<Version>) -> Result<(), Failure> {
    let (client, region) = (reach.health(), &*reach.place().region);
    let (mut pages, mut token) = (Pages::at_most(PAGES), None);
    loop {
        let call = client.describe_service_lifecycle().max_results(PAGE).set_next_token(token.take());
        let answer = call.send().await.map_err(|e| failure("ask AWS Health for lifecycles", &e))?;
        all.extend(answer.service_lifecycles().iter().filter_map(|entry| version(entry, region)));
        match pages.after(answer.next_token()) {
            Next::Page(next) => token = Some(next),
            Next::Done | Next::Cut => return Ok(()),
        }
    }
}

/// An entry with what it says of this region; `None` when that is nothing.
fn version(entry: &ServiceLifecycle, region: &str) -> Option<Version> {
    let here = |e: &&LifecycleEvent| e.regions().is_empty() || e.regions().iter().any(|r| r == region);
    let event = |e: &LifecycleEvent| Event {
        kind: SafeText::new(e.lifecycle_event_type().unwrap_or("event")),
        at: e.date().and_then(|date| date.to_millis().ok()),
    };
    let events: Vec<_> = entry.lifecycle_events().iter().filter(here).map(event).collect();
    if events.is_empty() {
        return None;
    }
    let parts = [entry.service(), entry.title(), entry.version()];
    let about = parts.into_iter().flatten().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    let named = entry.version().or(entry.title()).unwrap_or_default();
    let title = entry.title().map_or_else(|| about.clone(), str::to_owned);
    Some(Version {
        numbers: numbers(named),
        about,
        title: SafeText::new(title),
        recommended: entry.recommended_version().map(SafeText::new),
        events,
    })
}

/// The version numbers that a text names: `15` and `8.0` of `PostgreSQL 15 and MySQL 8.0.x`.
fn numbers(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_digit() && c != '.').map(|word| word.trim_matches('.'));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The words by which an entry may call an engine.
fn words(engine: &str) -> &'static [&'static str] {
    let names: &[(&str, &[&str])] = &[
        ("postgres", &["postgres"]),
        ("mysql", &["mysql"]),
        ("mariadb", &["mariadb"]),
        ("oracle", &["oracle"]),
        ("sqlserver", &["sql server", "sqlserver"]),
        ("db2", &["db2"]),
        ("redis", &["redis"]),
        ("valkey", &["valkey"]),
        ("memcached", &["memcached"]),
        ("neptune", &["neptune"]),
        ("docdb", &["docdb", "documentdb"]),
    ];
    names.iter().find(|(name, _)| engine.contains(name)).map_or(&[], |(_, words)| words)
}

impl Version {
    /// Whether this is about that engine version. An entry that names another service of the
    /// family, or no version, is not.
    fn is_of(&self, engine: Engine<'_>) -> bool {
        let says = |word: &str| self.about.contains(word);
        let family = says("aurora") == engine.name.starts_with("aurora")
            && (!says("memorydb") || engine.service.0 == "memorydb")
            && (!says("elasticache") || engine.service.0 == "elasticache");
        let fits = |number: &String| {
            engine.version.strip_prefix(number.as_str()).is_some_and(|r| r.is_empty() || r.starts_with('.'))
        };
        family && words(engine.name).iter().any(|word| says(word)) && self.numbers.iter().any(fits)
    }

    /// When standard support ends, in ms since the epoch: else support, else life.
    fn end(&self) -> Option<i64> {
        let plain = |e: &Event| e.kind.as_str().to_ascii_lowercase().replace(['_', ' '], "-");
        let of =
            |word: &str| self.events.iter().filter(|e| plain(e).contains(word)).filter_map(|e| e.at).min();
        ["end-of-standard-support", "end-of-support", "end-of-life"].into_iter().find_map(of)
    }

    fn fact(&self) -> (SafeText, Cell) {
        let event = |e: &Event| {
            let day = e.at.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
            let day = day.map(|at| format!(" {}", at.strftime("%Y-%m-%d"))).unwrap_or_default();
            format!("{}{day}", e.kind)
        };
        let mut said: Vec<_> = self.events.iter().map(event).collect();
        said.extend(self.recommended.as_ref().map(|version| format!("{version} is recommended")));
        (self.title.clone(), Cell::Text(SafeText::new(said.join(", "))))
    }
}

impl Lifecycles {
    /// When the standard support of an engine version ends, in ms since the epoch.
    pub fn end_of_support(&self, engine: Engine<'_>) -> Option<i64> {
        self.0.iter().filter(|version| version.is_of(engine)).filter_map(Version::end).min()
    }

    /// What is said of the version that a row runs, in AWS's own words.
    pub fn section(&self, resource: &Resource, engine: Option<&Cell>) -> Option<Section> {
        let Some(Cell::Text(said)) = engine else { return None };
        let (name, version) = said.as_str().split_once(' ')?;
        let engine = Engine { service: resource.id.service, name, version };
        let facts: Vec<_> = self.0.iter().filter(|v| v.is_of(engine)).map(Version::fact).collect();
        (!facts.is_empty()).then(|| Section { title: "Lifecycle, by AWS Health".into(), facts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::answers::Reply;
    use crate::services::scripted::Scene;
    use aws_sdk_health::operation::describe_service_lifecycle::{
        DescribeServiceLifecycleError, DescribeServiceLifecycleOutput,
    };
    use aws_sdk_health::primitives::DateTime;
    use aws_smithy_runtime_api::client::interceptors::context::{Error, Output};
    use aws_smithy_types::error::ErrorMetadata;

    fn event(kind: &str, secs: i64, regions: &[&str]) -> LifecycleEvent {
        let regions =
            Some(regions.iter().map(|r| (*r).to_owned()).collect()).filter(|r: &Vec<_>| !r.is_empty());
        let event = LifecycleEvent::builder().lifecycle_event_type(kind).date(DateTime::from_secs(secs));
        event.set_regions(regions).build()
    }

    fn entry(service: &str, version: &str, title: &str, events: Vec<LifecycleEvent>) -> ServiceLifecycle {
        let entry = ServiceLifecycle::builder().service(service).version(version).title(title);
        entry.set_lifecycle_events(Some(events)).build()
    }

    fn known(entries: &[ServiceLifecycle]) -> Lifecycles {
        Lifecycles(entries.iter().filter_map(|e| version(e, "eu-west-1")).collect())
    }

    fn engine<'a>(service: &'static str, name: &'a str, version: &'a str) -> Engine<'a> {
        Engine { service: ServiceId(service), name, version }
    }

    #[test]
    fn a_version_is_matched_by_its_engine_and_its_numbers() {
        let ends = |kind, secs| vec![event(kind, secs, &[])];
        let all = known(&[
            entry("RDS", "15", "RDS for PostgreSQL 15", ends("END_OF_STANDARD_SUPPORT", 100)),
            entry("AURORA", "15", "Aurora PostgreSQL 15", ends("end-of-support", 200)),
            entry("RDS", "8.0", "RDS for MySQL 8.0", ends("end-of-life", 300)),
            entry("ELASTICACHE", "6", "ElastiCache for Redis OSS", ends("End of standard support", 400)),
            entry("MEMORYDB", "6.2", "MemoryDB for Redis OSS", ends("end-of-support", 500)),
            entry("LAMBDA", "15", "Node 15", ends("end-of-support", 600)),
        ]);
        for (engine, end) in [
            (engine("rds", "postgres", "15.4"), Some(100_000)),
            (engine("aurora", "aurora-postgresql", "15.4"), Some(200_000)),
            (engine("rds", "mysql", "8.0.36"), Some(300_000)),
            (engine("elasticache", "redis", "6.2.6"), Some(400_000)),
            (engine("memorydb", "redis", "6.2"), Some(500_000)),
            (engine("rds", "postgres", "150.1"), None),
            (engine("rds", "postgres", "1.5"), None),
            (engine("aurora", "aurora-mysql", "8.0.mysql_aurora.3.05.2"), None),
            (engine("elasticache", "valkey", "8.0"), None),
            (engine("rds", "custom", "15"), None),
        ] {
            assert_eq!(all.end_of_support(engine), end, "{engine:?}");
        }
    }

    #[test]
    fn what_concerns_other_regions_is_left_out_and_standard_support_ends_first() {
        let events = vec![
            event("end-of-life", 900, &[]),
            event("end-of-standard-support", 700, &["eu-west-1", "us-east-1"]),
            event("end-of-standard-support", 100, &["ap-south-1"]),
        ];
        let elsewhere = vec![event("end-of-standard-support", 1, &["ap-south-1"])];
        let all =
            known(&[entry("RDS", "11", "PostgreSQL", events), entry("RDS", "11", "PostgreSQL", elsewhere)]);
        assert_eq!(all.end_of_support(engine("rds", "postgres", "11.22")), Some(700_000));
    }

    #[tokio::test]
    async fn it_is_asked_once_also_by_who_may_not_ask() {
        for allowed in [true, false] {
            let scene = Scene::new(move |operation, _| {
                let entry = entry("RDS", "15", "PostgreSQL", vec![event("end-of-support", 1, &[])]);
                let whole = DescribeServiceLifecycleOutput::builder().service_lifecycles(entry).build();
                let code = ErrorMetadata::builder().code("SubscriptionRequiredException").build();
                let refused = DescribeServiceLifecycleError::generic(code);
                (operation == "DescribeServiceLifecycle").then(|| match allowed {
                    true => Reply::Output(Output::erase(whole)),
                    false => Reply::Error(Error::erase(refused)),
                })
            })
            .await;
            assert!(at_hand(&scene.reach).is_none());
            for _ in 0..3 {
                assert_eq!(lifecycles(&scene.reach).await.0.len(), usize::from(allowed));
            }
            assert_eq!(scene.count("DescribeServiceLifecycle"), 1);
            assert!(at_hand(&scene.reach).is_some());
        }
    }
}
