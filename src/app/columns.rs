//! The columns of a fleet table and which of them fit: pure functions of the service's
//! declaration and a width.

use crate::model::{MetricSpec, ServiceSpec};

/// Where a column's cells come from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    /// The resource's name, indented beneath its parent.
    Name,
    /// Its status.
    Status,
    /// Where it lives.
    Place,
    /// One of the cells that the service declares.
    Cell(usize),
    /// A metric: a sparkline and the newest value.
    Metric(&'static MetricSpec),
    /// What is wrong with it.
    Problems,
}

/// A column of a fleet table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FleetColumn {
    /// Where its cells come from.
    pub source: Source,
    /// Head.
    pub title: &'static str,
    /// Width in cells.
    pub width: u16,
    /// Whether it stands right.
    pub right: bool,
    /// Higher goes earlier when the screen is narrow; 0 always stays. Ten times what a service
    /// declares, so that there is room between its most important columns and these.
    pub drop_first: u16,
}

/// Width of a metric column: a sparkline of six, then the value.
pub const METRIC_WIDTH: u16 = 15;
/// The least width of a metric column: the value alone.
const LEAST_METRIC: u16 = 8;
/// The least width of the status, which is cut after its most common words.
const LEAST_STATUS: u16 = 11;
/// The least width of the name.
const LEAST_NAME: u16 = 20;
/// The least width of a column of words: narrower ones are left out instead.
const LEAST_WORDS: u16 = 10;
/// The widest name where there is little room.
const NARROW_NAME: u16 = 28;

const fn column(source: Source, title: &'static str, width: u16, drop_first: u16) -> FleetColumn {
    FleetColumn { source, title, width, right: false, drop_first }
}

/// All columns of a service's table, in order. `widest` are the widest name and status on show,
/// `place` the head and width of the column that tells places apart, when there are several.
pub fn all(
    spec: &'static ServiceSpec,
    place: Option<(&'static str, u16)>,
    widest: (u16, u16),
) -> Vec<FleetColumn> {
    let mut columns = vec![
        column(Source::Name, "NAME", widest.0.clamp(12, 44), 0),
        column(Source::Status, "STATUS", widest.1.clamp(9, 14), 0),
    ];
    if let Some((title, width)) = place {
        columns.push(column(Source::Place, title, width.clamp(6, 28), 4));
    }
    columns.extend(spec.columns.iter().enumerate().map(|(at, c)| FleetColumn {
        source: Source::Cell(at),
        title: c.title,
        width: c.width.max(title_width(c.title)).min(40),
        right: c.right,
        drop_first: u16::from(c.drop_first) * 10,
    }));
    // The first metric is what people look for; the others go before most facts do.
    let metrics = spec.metrics.iter().filter(|m| m.column).enumerate();
    columns.extend(
        metrics.map(|(at, m)| column(Source::Metric(m), m.title, METRIC_WIDTH, if at == 0 { 6 } else { 35 })),
    );
    columns.push(column(Source::Problems, "PROBLEMS", 12, 2));
    columns
}

fn title_width(title: &str) -> u16 {
    u16::try_from(unicode_width::UnicodeWidthStr::width(title)).unwrap_or(u16::MAX)
}

/// The columns that fit into `width` with one blank between them, after skipping the first
/// `skip` behind the name. The last one may grow into what is left.
pub fn fit(mut columns: Vec<FleetColumn>, width: u16, skip: usize) -> Vec<FleetColumn> {
    let skip = skip.min(columns.len().saturating_sub(2));
    columns.drain(1.min(columns.len())..(1 + skip).min(columns.len()));
    if let Some(name) = columns.first_mut().filter(|_| width < 100) {
        name.width = name.width.min(NARROW_NAME);
    }
    while used(&columns) > u32::from(width) {
        let worst = columns.iter().map(|c| c.drop_first).max().unwrap_or(0);
        if worst < 10 && shrink(&mut columns, width) {
            continue;
        }
        // Among equals the rightmost goes first. When nothing may go, the last one does.
        let at = columns.iter().rposition(|c| c.drop_first == worst);
        match at.filter(|_| worst > 0) {
            Some(at) => drop(columns.remove(at)),
            None if columns.len() > 1 => drop(columns.pop()),
            None => break,
        }
    }
    let left = u32::from(width).saturating_sub(used(&columns));
    if let Some(last) = columns.last_mut().filter(|c| !c.right && !matches!(c.source, Source::Metric(_))) {
        last.width = last.width.saturating_add(u16::try_from(left).unwrap_or(0));
    }
    if let [only] = columns.as_mut_slice() {
        only.width = only.width.min(width);
    }
    columns
}

/// How far a column may be narrowed: words first, then a metric to its value, then the rest.
fn least(column: &FleetColumn) -> Option<(u8, u16)> {
    match column.source {
        Source::Cell(_) if !column.right => Some((4, LEAST_WORDS)),
        Source::Metric(_) => Some((3, LEAST_METRIC)),
        Source::Status => Some((2, LEAST_STATUS)),
        Source::Problems => Some((1, LEAST_WORDS)),
        Source::Name => Some((0, LEAST_NAME)),
        _ => None,
    }
}

/// Narrows a column by what is too much. Says whether that helped.
fn shrink(columns: &mut [FleetColumn], width: u16) -> bool {
    let excess = u16::try_from(used(columns).saturating_sub(u32::from(width))).unwrap_or(u16::MAX);
    let wide = columns.iter_mut().filter_map(|c| least(c).map(|(rank, least)| (rank, least, c)));
    let wide = wide.filter(|(_, least, c)| c.width > *least);
    let Some((_, least, widest)) = wide.max_by_key(|(rank, _, c)| (*rank, c.width)) else { return false };
    widest.width = widest.width.saturating_sub(excess).max(least);
    true
}

fn used(columns: &[FleetColumn]) -> u32 {
    let gaps = u32::try_from(columns.len().saturating_sub(1)).unwrap_or(0);
    columns.iter().map(|c| u32::from(c.width)).sum::<u32>() + gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> Vec<FleetColumn> {
        vec![
            column(Source::Name, "NAME", 12, 0),
            column(Source::Status, "STATUS", 14, 0),
            column(Source::Cell(0), "A", 10, 50),
            column(Source::Cell(1), "B", 10, 20),
            column(Source::Problems, "PROBLEMS", 24, 2),
        ]
    }

    #[test]
    fn a_terminal_of_80_shows_a_metric_by_its_value() {
        let metric = &crate::app::tests::SPEC.metrics[0];
        let all = vec![
            column(Source::Name, "NAME", 22, 0),
            column(Source::Status, "STATUS", 14, 0),
            column(Source::Place, "REGION", 14, 4),
            column(Source::Cell(0), "ENGINE", 18, 0),
            column(Source::Metric(metric), "CPU", METRIC_WIDTH, 6),
            column(Source::Problems, "PROBLEMS", 12, 2),
        ];
        let widths: Vec<_> = fit(all, 78, 0).iter().map(|c| c.width).collect();
        assert_eq!(widths, [20, LEAST_STATUS, 14, LEAST_WORDS, LEAST_METRIC, LEAST_WORDS]);
    }

    #[test]
    fn the_least_important_goes_first_and_the_last_grows() {
        let sources = |w, skip| fit(three(), w, skip).iter().map(|c| c.source).collect::<Vec<_>>();
        use Source::{Cell, Name, Problems, Status};
        assert_eq!(sources(200, 0), [Name, Status, Cell(0), Cell(1), Problems]);
        assert_eq!(sources(70, 0), [Name, Status, Cell(1), Problems]);
        assert_eq!(sources(30, 0), [Name, Status]);
        assert_eq!(sources(15, 0), [Name]);
        assert_eq!(sources(50, 2), [Name, Cell(1), Problems]);
        assert_eq!(sources(200, 99).len(), 2);
        for width in 1..200 {
            assert!(used(&fit(three(), width, 0)) <= u32::from(width), "{width}");
        }
    }
}
