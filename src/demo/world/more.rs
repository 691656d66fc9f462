//! A larger estate: plain instances and tables around the two scenarios, for those who want
//! to see hundreds or thousands.

use super::World;
use super::rds::{self, Seed};
use super::tables;
use crate::demo::REGIONS;
use crate::demo::chance::Chance;
use crate::demo::engines::seeds::{Shape, TableSeed};

const ENGINES: &[(&str, &str)] = &[
    ("postgres", "17.5"),
    ("mysql", "8.4.6"),
    ("mariadb", "11.4.7"),
    ("postgres", "16.9"),
    ("postgres", "15.13"),
];

const CLASSES: &[&str] = &["db.t4g.medium", "db.m7g.large", "db.m7g.xlarge", "db.r7g.large"];

const TEAMS: &[&str] = &["search", "pricing", "care", "growth", "fraud", "logistics"];

/// Fills the world up to `size` resources: two instances for each table.
pub fn build(world: &mut World, size: usize) {
    let mut chance = Chance::of("more");
    for n in 0..size.saturating_sub(world.count()) {
        let region = REGIONS.get(n % REGIONS.len()).copied().unwrap_or_default();
        let Some(region) = world.regions.get_mut(region) else { continue };
        let team = TEAMS.get(n % TEAMS.len()).copied().unwrap_or_default();
        if n % 3 == 2 {
            let table =
                tables::table(region, TableSeed::new(format!("{team}-items-{n:04}"), Shape::Items, 25));
            region.tables.insert(table.seed.name.to_string(), table);
            continue;
        }
        let pick = |list: &[&'static str], at: u64| {
            list.get(usize::try_from(at).unwrap_or(0) % list.len()).copied().unwrap_or_default()
        };
        let (engine, version) = ENGINES.get(n % ENGINES.len()).copied().unwrap_or(("postgres", "17.5"));
        let seed = Seed {
            region: region.name,
            id: "",
            engine,
            version,
            class: pick(CLASSES, chance.next()),
            gib: 20 + i32::try_from(chance.below(48)).unwrap_or(0) * 10,
            storage: "gp3",
            status: if chance.below(40) == 0 { "stopped" } else { "available" },
            multi_az: chance.below(4) == 0,
            public: false,
            encrypted: chance.below(30) != 0,
            backup_days: if chance.below(25) == 0 { 0 } else { 7 },
            protected: chance.below(3) != 0,
            source: None,
            project: team,
            env: pick(&["prod", "prod", "staging", "dev"], chance.next()),
        };
        let id = format!("{team}-{engine}-{n:04}");
        let instance = rds::instance(region, &seed, &id);
        region.instances.insert(id, instance);
    }
}
