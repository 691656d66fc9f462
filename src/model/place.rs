//! Where resources live.

use std::fmt;
use std::sync::Arc;

/// One account and region as reached through one profile: the unit of listing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Name of the profile in the shared AWS files; `default` when none was chosen.
    pub profile: Arc<str>,
    /// Region name, as in `eu-west-1`.
    pub region: Arc<str>,
}

impl Place {
    /// The place reached through `profile` in `region`.
    pub fn new(profile: impl Into<Arc<str>>, region: impl Into<Arc<str>>) -> Self {
        Self { profile: profile.into(), region: region.into() }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.profile, self.region)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.profile, self.region)
    }
}
