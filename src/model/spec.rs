//! What a service declares: everything generic code needs to list, draw and operate it.

use super::{Cell, MetricSpec, OperationSpec};
use std::collections::HashMap;
use std::fmt;

/// A service's stable id: the folder's name, the headless name, the command name (`rds`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(pub &'static str);

impl fmt::Debug for ServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Display for ServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A column of a fleet table. Its cells come from `Resource::cells` by position.
#[derive(Debug, PartialEq)]
pub struct ColumnSpec {
    /// Stable id, used by the `column:value` filter.
    pub id: &'static str,
    /// Head.
    pub title: &'static str,
    /// Preferred width in cells.
    pub width: u16,
    /// Numbers stand right.
    pub right: bool,
    /// Shown first when the screen is narrow: 0 always, higher goes earlier.
    pub drop_first: u8,
}

/// A column: id, head, preferred width, whether it stands right, and when it goes.
pub const fn column(
    id: &'static str,
    title: &'static str,
    width: u16,
    right: bool,
    drop_first: u8,
) -> ColumnSpec {
    ColumnSpec { id, title, width, right, drop_first }
}

/// A kind of resource within a service.
#[derive(Debug, PartialEq)]
pub struct KindSpec {
    /// Stable id: `instance`, `cluster`, `table`.
    pub id: &'static str,
    /// Plural title.
    pub title: &'static str,
}

/// What a service declares.
#[derive(Debug, PartialEq)]
pub struct ServiceSpec {
    /// Id.
    pub id: ServiceId,
    /// Title of its tab.
    pub title: &'static str,
    /// Short names for the command line: `:ddb`.
    pub short: &'static [&'static str],
    /// Kinds. All kinds of a service share one column list, so one table shows them all.
    pub kinds: &'static [KindSpec],
    /// Columns after the name and status, which every table has.
    pub columns: &'static [ColumnSpec],
    /// Metrics.
    pub metrics: &'static [MetricSpec],
    /// Operations.
    pub operations: &'static [OperationSpec],
    /// AWS operations that listing and describing call, as in `rds:DescribeDBInstances`.
    pub reads: &'static [&'static str],
    /// Shown as a banner above the table: a retired or closed service.
    pub banner: Option<&'static str>,
}

impl ServiceSpec {
    /// The metric with this id.
    pub fn metric(&self, id: &str) -> Option<&'static MetricSpec> {
        self.metrics.iter().find(|m| m.id == id)
    }

    /// Cells by column id, in the order of the columns; columns not named are absent.
    pub fn cells<const N: usize>(&self, named: [(&str, Cell); N]) -> Vec<Cell> {
        let mut named: HashMap<&str, Cell> = named.into_iter().collect();
        self.columns.iter().map(|column| named.remove(column.id).unwrap_or_default()).collect()
    }

    /// The operation with this id.
    pub fn operation(&self, id: &str) -> Option<&'static OperationSpec> {
        self.operations.iter().find(|o| o.id == id)
    }
}
