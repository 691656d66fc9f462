//! The demo estate: two scenarios, a shop and an ML platform, without account or network.
//!
//! Calls pass the real SDK clients and the real guard and are answered in the process;
//! statements run on real engines. Nothing opens before it is asked for.

pub mod chance;
pub mod engines;

/// The account everything belongs to (AWS's own example account).
pub const ACCOUNT: &str = "123456789012";

/// The regions of the estate, the first being home.
pub const REGIONS: [&str; 3] = ["eu-west-1", "us-east-1", "ap-southeast-2"];

/// The one database of every PostgreSQL of the estate.
pub const DATABASE: &str = "postgres";
