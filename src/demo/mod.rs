//! The demo estate: two scenarios, a shop and an ML platform, without account or network.
//!
//! Calls pass the real SDK clients and the real guard and are answered in the process;
//! statements run on real engines. Nothing opens before it is asked for.

mod answer;
mod chance;
mod engines;
mod estate;
pub mod graph;
mod local;
mod world;

#[cfg(test)]
mod cache_tests;
#[cfg(test)]
mod docdb_tests;
#[cfg(test)]
mod dsql_tests;
#[cfg(test)]
mod redshift_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod timestream_tests;
#[cfg(test)]
mod wide_tests;

pub use engines::graph::{GraphEngines, GraphError, Stop};
pub use estate::Estate;

use crate::aws::answers::Answers;
use crate::model::{Moment, Place};
use crate::query::engines::LocalServers;
use std::sync::Arc;

/// The account everything belongs to: the one of AWS's own examples.
pub const ACCOUNT: &str = "123456789012";

/// The regions of the estate, the first being home.
pub const REGIONS: [&str; 3] = ["eu-west-1", "us-east-1", "ap-southeast-2"];

/// The one database of every PostgreSQL of the estate.
pub const DATABASE: &str = "postgres";

/// The profile the estate is reached through.
pub const PROFILE: &str = "demo";

/// The demo estate, ready to be reached.
#[derive(Clone)]
pub struct Demo {
    /// The estate itself.
    pub estate: Arc<Estate>,
    /// What answers AWS calls.
    pub answers: Arc<dyn Answers>,
    /// The servers behind its PostgreSQL rows.
    pub local: Arc<dyn LocalServers>,
    /// Where it can be reached: one place per region, home first.
    pub places: Vec<Place>,
}

/// An estate that begins at `now`, with about `size` resources when given and about 70 else.
/// Never fewer than the two scenarios have.
pub fn estate(size: Option<usize>, now: Moment) -> Demo {
    let estate = Arc::new(Estate::new(size.unwrap_or(0), now));
    Demo {
        answers: estate.clone(),
        local: estate.clone(),
        places: REGIONS.iter().map(|region| Place::new(PROFILE, *region)).collect(),
        estate,
    }
}
