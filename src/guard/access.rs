//! What the person may do now. Only the constructors here make an [`Access`].

use crate::model::{Moment, SafeText};

/// The three kinds of access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Read-only for the life of the process: nothing lifts it (`--read-only`).
    Sealed,
    /// Read-only until somebody elevates it. The default.
    ReadOnly,
    /// Changes are allowed until `until`.
    Elevated {
        /// Why, in the person's words; kept in the record.
        reason: SafeText,
        /// When it falls back to read-only by itself.
        until: Moment,
    },
}

/// The longest an elevation may last, in milliseconds: eight hours, one shift.
pub const LONGEST_ELEVATION_MS: u64 = 8 * 60 * 60 * 1_000;

/// The access in force, with an epoch that changes whenever the mode does, so that a token
/// cleared under one access is worthless under the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    mode: Mode,
    epoch: u32,
}

impl Access {
    /// Read-only for good.
    pub const fn sealed() -> Self {
        Self { mode: Mode::Sealed, epoch: 0 }
    }

    /// Read-only until elevated.
    pub const fn read_only() -> Self {
        Self { mode: Mode::ReadOnly, epoch: 0 }
    }

    /// The mode in force.
    pub const fn mode(&self) -> &Mode {
        &self.mode
    }

    /// Counts the changes of mode.
    pub const fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Whether nothing in this process can allow changes.
    pub const fn is_sealed(&self) -> bool {
        matches!(self.mode, Mode::Sealed)
    }

    /// Whether changes are allowed at `now`.
    pub fn allows_changes(&self, now: Moment) -> bool {
        matches!(&self.mode, Mode::Elevated { until, .. } if now < *until)
    }

    /// Allows changes for `for_ms` milliseconds from `now`.
    ///
    /// # Errors
    /// A sentence for the person: access is sealed, the reason is empty, or the duration is 0
    /// or longer than [`LONGEST_ELEVATION_MS`].
    pub fn elevate(&mut self, reason: &str, for_ms: u64, now: Moment) -> Result<(), &'static str> {
        if self.is_sealed() {
            return Err("access is sealed: started read-only, and nothing in this process lifts it");
        }
        let reason = SafeText::new(reason.trim());
        if reason.is_empty() {
            return Err("say why: an elevation needs a reason");
        }
        if for_ms == 0 || for_ms > LONGEST_ELEVATION_MS {
            return Err("the duration must be between a second and eight hours");
        }
        self.mode = Mode::Elevated { reason, until: now.plus_ms(for_ms) };
        self.epoch += 1;
        Ok(())
    }

    /// Back to read-only, when elevated.
    pub fn lower(&mut self) {
        if matches!(self.mode, Mode::Elevated { .. }) {
            self.mode = Mode::ReadOnly;
            self.epoch += 1;
        }
    }

    /// Falls back to read-only when the time is over. Says whether it did.
    pub fn expire(&mut self, now: Moment) -> bool {
        let over = matches!(&self.mode, Mode::Elevated { until, .. } if now >= *until);
        if over {
            self.lower();
        }
        over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Moment = Moment::from_epoch_ms(1_000_000);

    #[test]
    fn sealed_cannot_be_lifted() {
        let mut access = Access::sealed();
        assert!(access.elevate("because", 60_000, NOON).is_err());
        access.lower();
        assert!(access.is_sealed());
        assert!(!access.allows_changes(NOON));
    }

    #[test]
    fn elevation_ends_by_itself_and_changes_the_epoch() {
        let mut access = Access::read_only();
        access.elevate("deploy 42", 60_000, NOON).expect("elevates");
        assert_eq!(access.epoch(), 1);
        assert!(access.allows_changes(NOON.plus_ms(59_999)));
        assert!(!access.allows_changes(NOON.plus_ms(60_000)), "over even before anybody looked");
        assert!(access.expire(NOON.plus_ms(60_000)));
        assert_eq!(access, Access { mode: Mode::ReadOnly, epoch: 2 });
    }

    #[test]
    fn elevation_needs_a_reason_and_a_sane_duration() {
        let mut access = Access::read_only();
        for (reason, ms) in [("  ", 60_000), ("x", 0), ("x", LONGEST_ELEVATION_MS + 1)] {
            assert!(access.elevate(reason, ms, NOON).is_err());
        }
        assert_eq!(access.epoch(), 0);
    }
}
