//! How much there is and how much is used: one shape for storage, ACU, RCU and memory.

/// Use of a limited thing. `used` and `limit` are in the same unit; either may be unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Capacity {
    /// In use now.
    pub used: Option<f64>,
    /// The most there can be without a change.
    pub limit: Option<f64>,
}

impl Capacity {
    /// Share in use, in percent; `None` when either side is unknown or the limit is 0.
    pub fn percent(self) -> Option<f64> {
        match (self.used, self.limit) {
            (Some(used), Some(limit)) if limit > 0.0 => Some(used / limit * 100.0),
            _ => None,
        }
    }
}
