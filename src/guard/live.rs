//! The access in force, shared by the core and everything below it.

use super::{Access, Mode};
use crate::clock;
use std::sync::{Arc, PoisonError, RwLock};

/// A shared handle on the access. Everybody who may send something asks it just before.
#[derive(Clone, Debug)]
pub struct LiveAccess(Arc<RwLock<Access>>);

impl LiveAccess {
    /// Shares `access`.
    pub fn new(access: Access) -> Self {
        Self(Arc::new(RwLock::new(access)))
    }

    /// The access in force now; an elevation whose time is over has already fallen back.
    pub fn read(&self) -> Access {
        let mut access = self.0.write().unwrap_or_else(PoisonError::into_inner);
        access.expire(clock::now());
        access.clone()
    }

    /// Whether changes are allowed now.
    pub fn allows_changes(&self) -> bool {
        self.read().allows_changes(clock::now())
    }

    /// Allows changes for a while.
    ///
    /// # Errors
    /// As [`Access::elevate`].
    pub fn elevate(&self, reason: &str, for_ms: u64) -> Result<(), &'static str> {
        self.0.write().unwrap_or_else(PoisonError::into_inner).elevate(reason, for_ms, clock::now())
    }

    /// Back to read-only.
    pub fn lower(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).lower();
    }

    /// One word for the user agent and the record: `sealed`, `read-only` or `elevated`.
    pub fn word(&self) -> &'static str {
        match self.read().mode() {
            Mode::Sealed => "sealed",
            Mode::ReadOnly => "read-only",
            Mode::Elevated { .. } => "elevated",
        }
    }
}
