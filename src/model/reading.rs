//! What this session has asked of AWS, and what that costs at most.

/// Price of one metric asked by `GetMetricData`, in millionths of a US dollar (0.01 USD per
/// 1,000 metrics, CloudWatch pricing; the free tier does not cover this API).
const MICROS_PER_METRIC: u64 = 10;

/// A reading of the meter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Requests sent, retries included.
    pub calls: u64,
    /// Calls that the guard refused; nothing was sent.
    pub refused: u64,
    /// Answers that asked to slow down.
    pub throttled: u64,
    /// Metrics asked of CloudWatch.
    pub metrics: u64,
}

impl Reading {
    /// Estimated cost of this session's calls in millionths of a US dollar. Only CloudWatch
    /// metrics are counted: describing and listing are free.
    pub const fn cost_micros(self) -> u64 {
        self.metrics * MICROS_PER_METRIC
    }
}
