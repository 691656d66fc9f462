//! The only time type of the core.

/// A point in time: milliseconds since the Unix epoch on a scale that never steps back
/// (wall clock at start plus monotonic time since). Made from a real clock only by the shell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(u64);

impl Moment {
    /// The moment `ms` milliseconds after the Unix epoch.
    pub const fn from_epoch_ms(ms: u64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn epoch_ms(self) -> u64 {
        self.0
    }

    /// Milliseconds from `earlier` to `self`; 0 when `earlier` is later.
    pub const fn ms_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This moment moved `ms` milliseconds later.
    pub const fn plus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// This moment moved `ms` milliseconds earlier.
    pub const fn minus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_sub(ms))
    }
}
