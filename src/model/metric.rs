//! Words for CloudWatch metrics.

use super::ResourceId;

/// The statistic asked of CloudWatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stat {
    /// `Average`.
    Average,
    /// `Sum`.
    Sum,
    /// `Maximum`.
    Maximum,
    /// `Minimum`.
    Minimum,
    /// `p99`.
    P99,
}

impl Stat {
    /// CloudWatch's own name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Average => "Average",
            Self::Sum => "Sum",
            Self::Maximum => "Maximum",
            Self::Minimum => "Minimum",
            Self::P99 => "p99",
        }
    }
}

/// The unit a series is shown in. Values keep CloudWatch's own scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// 0 to 100.
    Percent,
    /// Bytes.
    Bytes,
    /// Bytes per second.
    BytesPerSecond,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// A number of things.
    Count,
    /// A number of things per second.
    CountPerSecond,
}

/// One metric that a service declares. Source: the service's CloudWatch documentation.
#[derive(Debug, PartialEq)]
pub struct MetricSpec {
    /// Stable id within the service: `cpu`, `connections`, `lag`.
    pub id: &'static str,
    /// Short title for a column head or a chart legend.
    pub title: &'static str,
    /// CloudWatch namespace, as in `AWS/RDS`.
    pub namespace: &'static str,
    /// CloudWatch metric name, as in `CPUUtilization`.
    pub name: &'static str,
    /// Statistic.
    pub stat: Stat,
    /// Dimension names, all taken from `Resource::dimensions`.
    pub dimensions: &'static [&'static str],
    /// Constant dimensions added to those.
    pub fixed: &'static [(&'static str, &'static str)],
    /// Unit it is shown in.
    pub unit: Unit,
    /// Kinds (by `KindSpec::id`) that have it.
    pub kinds: &'static [&'static str],
    /// Shown as a sparkline column of the fleet.
    pub column: bool,
    /// Divide each value by the period in seconds: a `Sum` shown as a rate.
    pub per_second: bool,
    /// The shortest period CloudWatch keeps for it, in seconds.
    pub period_s: u32,
}

impl MetricSpec {
    /// What the metrics of `kinds` in `namespace` have alike, for the rest to be filled in: by the
    /// minute, on average, a count, no column of the fleet.
    pub const fn of(
        namespace: &'static str,
        dimensions: &'static [&'static str],
        kinds: &'static [&'static str],
    ) -> Self {
        Self {
            id: "",
            title: "",
            namespace,
            name: "",
            stat: Stat::Average,
            dimensions,
            fixed: &[],
            unit: Unit::Count,
            kinds,
            column: false,
            per_second: false,
            period_s: 60,
        }
    }
}

/// Which series: one metric of one resource.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesId {
    /// Whose.
    pub resource: ResourceId,
    /// `MetricSpec::id`.
    pub metric: &'static str,
}

/// Points of one series as they came: time in milliseconds since the Unix epoch and value,
/// oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Which series.
    pub series: SeriesId,
    /// Length of one period in seconds.
    pub period_s: u32,
    /// Time (ms) and value, oldest first.
    pub points: Vec<(u64, f64)>,
}
