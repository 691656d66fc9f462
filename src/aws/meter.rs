//! What this session has asked of AWS, and what that costs at most.

use crate::model::Reading;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts calls and asked metrics.
#[derive(Debug, Default)]
pub struct Meter {
    calls: AtomicU64,
    refused: AtomicU64,
    throttled: AtomicU64,
    metrics: AtomicU64,
}

impl Meter {
    /// One request was sent.
    pub fn sent(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    /// One call was refused by the guard.
    pub fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// One answer asked to slow down.
    pub fn throttled(&self) {
        self.throttled.fetch_add(1, Ordering::Relaxed);
    }

    /// `n` metrics were asked of CloudWatch.
    pub fn metrics(&self, n: u64) {
        self.metrics.fetch_add(n, Ordering::Relaxed);
    }

    /// The counts so far.
    pub fn read(&self) -> Reading {
        Reading {
            calls: self.calls.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            throttled: self.throttled.load(Ordering::Relaxed),
            metrics: self.metrics.load(Ordering::Relaxed),
        }
    }
}
