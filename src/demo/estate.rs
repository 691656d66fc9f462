//! The estate as the SDK's clients meet it: answers by service, and servers for the engines.

use super::answer;
use super::engines::cache::Cache;
use super::engines::dynamodb::Tables;
use super::engines::knowledge::Knowledge;
use super::engines::postgres::Cluster;
use super::engines::seeds::TableSeed;
use super::engines::warehouse::Warehouse;
use super::world::{Region, World, caches, redshift};
use super::{ACCOUNT, REGIONS};
use crate::aws::answers::{Answers, Reply};
use crate::model::{Moment, Place};
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput;
use aws_smithy_runtime_api::client::interceptors::context::{Input, Output};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::Instant;

/// The demo estate. Made in no time: the world when first asked, engines when first queried.
pub struct Estate {
    size: usize,
    began: Moment,
    since: Instant,
    /// Milliseconds that were let pass without waiting.
    passed: AtomicU64,
    world: Mutex<Option<World>>,
    tables: Vec<(&'static str, Tables)>,
    /// The model registry's database.
    pub registry: Cluster,
    /// The shop's database.
    pub orders: Cluster,
    /// The bookings of the DSQL cluster.
    pub bookings: Cluster,
    knowledge: Knowledge,
    /// The sales warehouse and its statements.
    pub warehouse: Warehouse,
    /// The product cache.
    pub products: Arc<Cache>,
    /// The fragments in Memcached.
    pub fragments: Arc<Cache>,
    /// The carts in MemoryDB.
    pub carts: Arc<Cache>,
}

impl fmt::Debug for Estate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Estate").field("size", &self.size).field("began", &self.began).finish_non_exhaustive()
    }
}

impl Estate {
    /// An estate of about `size` resources that begins at `now`.
    pub fn new(size: usize, now: Moment) -> Self {
        Self {
            size,
            began: now,
            since: Instant::now(),
            passed: AtomicU64::new(0),
            world: Mutex::new(None),
            tables: REGIONS.iter().map(|region| (*region, Tables::new(*region))).collect(),
            registry: Cluster::new("model-registry", include_str!("engines/registry.sql")),
            orders: Cluster::new("orders", include_str!("engines/orders.sql")),
            bookings: Cluster::new("bookings", include_str!("engines/bookings.sql")),
            knowledge: Knowledge::default(),
            warehouse: Warehouse::new(
                Cluster::new(redshift::WAREHOUSE, include_str!("engines/warehouse.sql"))
                    .known_as(redshift::DATABASE),
            ),
            products: Arc::new(Cache::new(caches::PRODUCTS, false)),
            fragments: Arc::new(Cache::new(caches::FRAGMENTS, false)),
            carts: Arc::new(Cache::new(caches::CARTS, true)),
        }
    }

    /// The estate's clock: it goes as tokio's does, so a paused runtime pauses it.
    fn now(&self) -> Moment {
        let since = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.began.plus_ms(since).plus_ms(self.passed.load(Ordering::Relaxed))
    }

    /// Lets time pass in the estate without waiting: for tests and pictures.
    pub fn let_pass(&self, ms: u64) {
        self.passed.fetch_add(ms, Ordering::Relaxed);
    }

    /// Looks at the world, or changes it.
    pub fn with<T>(&self, look: impl FnOnce(&mut World, Moment) -> T) -> T {
        // A panic elsewhere leaves a world that can still be shown.
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        look(world.get_or_insert_with(|| World::new(self.size, self.began)), self.now())
    }
}

impl Estate {
    /// What `act` answers in the region of this name.
    fn in_region(&self, name: &str, act: impl FnOnce(&mut Region) -> Reply) -> Reply {
        self.with(|world, now| world.region(name, now).map_or(Reply::Unknown, act))
    }
}

impl Answers for Estate {
    fn typed(&self, place: &Place, service: &str, operation: &str, input: &Input) -> Reply {
        let region = &*place.region;
        match service {
            "RDS" => self.with(|world, now| answer::rds::answer(world, region, now, operation, input)),
            "DynamoDB" => {
                self.with(|world, now| answer::dynamodb::answer(world, region, now, operation, input))
            }
            "CloudWatch" => {
                self.with(|world, now| answer::cloudwatch::answer(world, region, now, operation, input))
            }
            "Application Auto Scaling" => {
                self.with(|world, now| answer::auto_scaling::answer(world, region, now, operation, input))
            }
            "Health" => answer::health::answer(operation, input),
            "Neptune Graph" => {
                self.in_region(region, |region| answer::neptune_graph::answer(region, operation, input))
            }
            "DocDB Elastic" => {
                self.in_region(region, |region| answer::docdb_elastic::answer(region, operation, input))
            }
            "DSQL" => self.in_region(region, |region| answer::dsql::answer(region, operation, input)),
            "neptunedata" => Reply::Wire,
            "ElastiCache" => {
                self.in_region(region, |region| answer::elasticache::answer(region, operation, input))
            }
            "MemoryDB" => self.in_region(region, |region| answer::memorydb::answer(region, operation, input)),
            "Timestream Write" => {
                self.in_region(region, |region| answer::timestream::write(region, operation, input))
            }
            "Timestream Query" => {
                self.in_region(region, |region| answer::timestream::query(region, operation, input))
            }
            "Timestream InfluxDB" => {
                self.in_region(region, |region| answer::influx::answer(region, operation, input))
            }
            "Redshift" => {
                self.with(|world, now| answer::redshift::answer(world, region, now, operation, input))
            }
            "Keyspaces" => {
                self.with(|world, now| answer::keyspaces::answer(world, region, now, operation, input))
            }
            "DAX" => self.with(|world, now| answer::dax::answer(world, region, now, operation, input)),
            "Redshift Serverless" => self
                .with(|world, now| answer::redshift_serverless::answer(world, region, now, operation, input)),
            "Redshift Data" => self.with(|world, now| {
                let region = world.region(region, now);
                answer::redshift_data::answer(&self.warehouse, region.as_deref(), operation, input)
            }),
            "STS" if operation == "GetCallerIdentity" => Reply::Output(Output::erase(
                GetCallerIdentityOutput::builder()
                    .account(ACCOUNT)
                    .arn(format!("arn:aws:sts::{ACCOUNT}:assumed-role/DatabaseOperator/demo"))
                    .user_id("AROADEMODEMODEMODEMO1:demo")
                    .build(),
            )),
            _ => Reply::Unknown,
        }
    }

    fn wire(&self, place: &Place, target: &str, body: &[u8]) -> (u16, Vec<u8>) {
        if let Some(url) = target.strip_prefix("https://") {
            let (host, path) = url.split_once('/').unwrap_or((url, ""));
            let met = self.with(|world, now| {
                world.region(&place.region, now).map(|region| answer::neptune::met(region, host, path))
            });
            return match met {
                None => answer::neptune::nobody(),
                Some(answer::neptune::Met::Said(answer)) => answer,
                Some(answer::neptune::Met::Cluster) => self.knowledge.answer(path, body),
                Some(answer::neptune::Met::Graph) => self.knowledge.analytics(path, body),
            };
        }
        let Some((name, tables)) = self.tables.iter().find(|(name, _)| **name == *place.region) else {
            return (
                400,
                br#"{"__type":"UnrecognizedClientException","message":"no such region in the demo"}"#
                    .to_vec(),
            );
        };
        let text = String::from_utf8_lossy(body);
        let (there, gone) = self.with(|world, now| {
            let region = world.region(name, now);
            let there: Vec<TableSeed> = region
                .iter()
                .flat_map(|r| r.tables.values())
                .filter(|t| text.contains(&*t.seed.name))
                .map(|t| t.seed.clone())
                .collect();
            let gone = region.map(|r| std::mem::take(&mut r.dropped)).unwrap_or_default();
            (there, gone)
        });
        for name in gone {
            tables.drop_table(&name);
        }
        tables.answer(target, body, &there)
    }
}
