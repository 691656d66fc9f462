//! The state of the demo estate: what exists in each region, and what is on its way.
//!
//! Resources are kept in AWS's own shapes. A change that takes time is a note for later;
//! [`World::settle`] applies every note that is due, so state moves only when somebody looks
//! and always the same way.

mod aurora;
pub mod caches;
pub mod dax;
pub mod docdb;
pub mod dsql;
pub mod keyspaces;
mod more;
pub mod neptune;
mod rds;
pub mod redshift;
mod tables;
pub mod timestream;

pub use tables::{Table, billing, throughput};

use super::REGIONS;
use super::answer::Backup;
use crate::model::Moment;
use aws_sdk_dsql::operation::get_cluster::GetClusterOutput;
use aws_sdk_neptunegraph::operation::get_graph::GetGraphOutput;
use aws_sdk_neptunegraph::types::GraphSnapshotSummary;
use aws_sdk_rds::primitives::DateTime;
use aws_sdk_rds::types::{
    DbCluster, DbClusterEndpoint, DbClusterSnapshot, DbInstance, DbSnapshot, Event, GlobalCluster,
    ResourcePendingMaintenanceActions, SourceType,
};
use std::collections::BTreeMap;
use std::fmt;

/// A change of a region that happens at its time.
type Change = Box<dyn FnOnce(&mut Region) + Send>;

/// The estate.
#[derive(Debug)]
pub struct World {
    /// By region name.
    pub regions: BTreeMap<&'static str, Region>,
    /// Aurora global databases: listed the same in every region.
    pub globals: Vec<GlobalCluster>,
    /// When the estate began: its incidents are told from here.
    pub epoch: Moment,
    now: Moment,
}

/// One region.
#[derive(Default)]
pub struct Region {
    /// Name.
    pub name: &'static str,
    /// DB instances by identifier, those of Aurora too.
    pub instances: BTreeMap<String, DbInstance>,
    /// DB clusters by identifier.
    pub clusters: BTreeMap<String, DbCluster>,
    /// Custom cluster endpoints.
    pub endpoints: Vec<DbClusterEndpoint>,
    /// DB snapshots by identifier.
    pub snapshots: BTreeMap<String, DbSnapshot>,
    /// DB cluster snapshots by identifier.
    pub cluster_snapshots: BTreeMap<String, DbClusterSnapshot>,
    /// Pending maintenance.
    pub maintenance: Vec<ResourcePendingMaintenanceActions>,
    /// Events, oldest first.
    pub events: Vec<Event>,
    /// DynamoDB tables by name.
    pub tables: BTreeMap<String, Table>,
    /// Aurora DSQL clusters by identifier.
    pub dsql: BTreeMap<String, GetClusterOutput>,
    /// Redshift.
    pub redshift: redshift::Redshift,
    /// ElastiCache and MemoryDB.
    pub caches: caches::Caches,
    /// Keyspaces.
    pub keyspaces: keyspaces::Keyspaces,
    /// DAX.
    pub dax: dax::Dax,
    /// Timestream.
    pub timestream: timestream::Timestream,
    /// DocumentDB elastic clusters.
    pub docdb: docdb::Elastic,
    /// Instances that were down, by identifier: from when, and until when if they came back.
    pub down: BTreeMap<String, (Moment, Option<Moment>)>,
    /// Backups of tables by ARN.
    pub backups: BTreeMap<String, Backup>,
    /// Neptune Analytics graphs by identifier.
    pub graphs: BTreeMap<String, GetGraphOutput>,
    /// Their snapshots, oldest first.
    pub graph_snapshots: Vec<GraphSnapshotSummary>,
    /// Tables that were deleted and whose items the engine still has to forget.
    pub dropped: Vec<String>,
    /// The moment the region has been settled to.
    pub now: Moment,
    later: Vec<(Moment, Change)>,
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Region({}, {} instances)", self.name, self.instances.len())
    }
}

impl World {
    /// The estate as it is at `now`, with about `size` resources and never fewer than the two
    /// scenarios have.
    pub fn new(size: usize, now: Moment) -> Self {
        let mut regions: BTreeMap<_, _> =
            REGIONS.iter().map(|name| (*name, Region { name, now, ..Region::default() })).collect();
        for region in regions.values_mut() {
            rds::build(region);
            aurora::build(region);
            neptune::build(region);
            docdb::build(region);
            tables::build(region);
            redshift::build(region);
            caches::build(region);
            keyspaces::build(region);
            dax::build(region);
            timestream::build(region);
            dsql::build(region);
        }
        let mut world = Self { globals: aurora::globals(&regions), regions, epoch: now, now };
        more::build(&mut world, size);
        for region in world.regions.values_mut() {
            let stopped = region.instances.iter().filter(|(_, i)| i.db_instance_status() == Some("stopped"));
            region.down = stopped.map(|(id, _)| (id.clone(), (Moment::default(), None))).collect();
        }
        world
    }

    /// How many resources there are, as the fleet counts them.
    pub fn count(&self) -> usize {
        self.regions.values().map(Region::count).sum::<usize>() + self.globals.len()
    }

    /// The region of that name, settled to `now`.
    pub fn region(&mut self, name: &str, now: Moment) -> Option<&mut Region> {
        // A moment that steps back must not undo what was told.
        self.now = self.now.max(now);
        let region = self.regions.get_mut(name)?;
        region.settle(self.now);
        Some(region)
    }
}

impl Region {
    fn count(&self) -> usize {
        self.instances.len()
            + self.clusters.len()
            + self.tables.len()
            + self.redshift.count()
            + self.dsql.len()
    }

    /// Applies what is due.
    fn settle(&mut self, now: Moment) {
        loop {
            let due = self.later.iter().enumerate().filter(|(_, (at, _))| *at <= now);
            let Some((first, at)) = due.min_by_key(|(_, (at, _))| *at).map(|(i, (at, _))| (i, *at)) else {
                break;
            };
            let (_, change) = self.later.remove(first);
            self.now = at;
            change(self);
        }
        self.now = now;
    }

    /// Notes a change for `ms` milliseconds from now.
    pub fn later(&mut self, ms: u64, change: impl FnOnce(&mut Self) + Send + 'static) {
        self.later.push((self.now.plus_ms(ms), Box::new(change)));
    }

    /// Sets the status of an instance, if it is still there.
    pub fn set_status(&mut self, id: &str, status: &str) {
        if let Some(instance) = self.instances.get_mut(id) {
            instance.db_instance_status = Some(status.to_owned());
        }
    }

    /// Sets the status of a cluster, if it is still there.
    pub fn set_cluster_status(&mut self, id: &str, status: &str) {
        if let Some(cluster) = self.clusters.get_mut(id) {
            cluster.status = Some(status.to_owned());
        }
    }

    /// Notes that an instance is down from now on.
    pub fn goes_down(&mut self, id: &str) {
        self.down.insert(id.to_owned(), (self.now, None));
    }

    /// Notes that an instance is back.
    pub fn comes_back(&mut self, id: &str) {
        if let Some((_, until)) = self.down.get_mut(id) {
            *until = Some(self.now);
        }
    }

    /// Writes an event about `id`.
    pub fn tell(&mut self, source: SourceType, id: &str, category: &str, message: &str) {
        self.events.push(
            Event::builder()
                .source_type(source)
                .source_identifier(id)
                .event_categories(category)
                .message(message)
                .date(date(self.now))
                .build(),
        );
    }
}

/// A moment in the SDK's words.
pub fn date(moment: Moment) -> DateTime {
    // Moments are far below 2^63 milliseconds.
    DateTime::from_millis(moment.epoch_ms().cast_signed())
}

/// Days in milliseconds.
pub const fn days(n: u64) -> u64 {
    n * 86_400_000
}

/// Hours in milliseconds.
pub const fn hours(n: u64) -> u64 {
    n * 3_600_000
}
