//! One chart: series as braille lines (or ASCII signs), a scale in the unit of the values, and
//! a time axis. A gap in a series stays a gap.

use super::cell;
use super::pen::Pen;
use crate::config::Role;
use crate::metrics::Series;
use crate::model::Unit;
use ratatui::layout::Rect;

/// The colours of series, in order.
pub const COLOURS: [Role; 6] =
    [Role::Series1, Role::Series2, Role::Series3, Role::Series4, Role::Series5, Role::Series6];
/// What stands for each series in ASCII, in order.
const SIGNS: [&str; 6] = ["*", "o", "x", "+", "#", "@"];
/// Cells left of the plot for the scale.
const SCALE: u16 = 10;

/// A series with its name.
pub struct Curve<'a> {
    /// Short title for the legend.
    pub title: &'a str,
    /// Its points; `None` before they came.
    pub series: Option<&'a Series>,
}

/// What a chart shows.
pub struct Chart<'a> {
    /// What all its curves measure, when their names do not say it.
    pub title: Option<&'a str>,
    /// Series of one unit.
    pub curves: Vec<Curve<'a>>,
    /// Their unit.
    pub unit: Unit,
    /// Start and end of the time axis, ms since the epoch.
    pub span: (u64, u64),
    /// The time under the cursor.
    pub cursor: Option<u64>,
}

/// Draws a chart: a legend line, the plot, the time axis.
pub fn draw(chart: &Chart<'_>, area: Rect, pen: &mut Pen<'_>) {
    if area.height < 4 || area.width < SCALE + 8 {
        return;
    }
    legend(chart, Rect { height: 1, ..area }, pen);
    let plot =
        Rect { x: area.x + SCALE, y: area.y + 1, width: area.width - SCALE - 1, height: area.height - 2 };
    let (low, high) = bounds(chart);
    scale(chart.unit, (low, high), plot, pen);
    let mut grid = Grid::new(plot.width, plot.height, pen.is_ascii());
    for (at, curve) in chart.curves.iter().enumerate() {
        if let Some(series) = curve.series {
            grid.curve(series, at, chart.span, (low, high));
        }
    }
    grid.draw(plot, pen);
    if let Some(column) = chart.cursor.map(|t| column_of(t, chart.span, plot.width)) {
        let x = plot.x + column.min(plot.width - 1);
        pen.tint(Rect { x, width: 1, ..plot }, Role::Selected);
        if pen.is_ascii() {
            pen.text(x, plot.bottom() - 1, 1, "^", Role::Key);
        }
    }
    axis(chart, Rect { y: plot.bottom(), height: 1, ..plot }, pen);
}

fn legend(chart: &Chart<'_>, area: Rect, pen: &mut Pen<'_>) {
    let mut x = area.x;
    if let Some(title) = chart.title {
        x = pen.text(x, area.y, area.right().saturating_sub(x), title, Role::Head) + 2;
    }
    for (at, curve) in chart.curves.iter().enumerate() {
        let role = COLOURS.get(at).copied().unwrap_or(Role::Text);
        let sign = if pen.is_ascii() { SIGNS.get(at).copied().unwrap_or("*") } else { "■" };
        let value = match (chart.cursor, curve.series) {
            (_, None) => "…".to_owned(),
            (Some(time), Some(series)) => at_time(series, time),
            (None, Some(series)) => {
                series.points.last().map(|p| p.1).map_or("no data".into(), |v| cell::measure(v, chart.unit))
            }
        };
        let value = if value == "?" { "gap".to_owned() } else { value };
        let value = match (chart.cursor, value.parse::<f64>()) {
            (Some(_), Ok(number)) => cell::measure(number, chart.unit),
            _ => value,
        };
        let text = format!("{sign} {} {value}", curve.title);
        if x + 4 >= area.right() {
            break;
        }
        x = pen.text(x, area.y, area.right().saturating_sub(x), &text, role) + 2;
    }
}

/// The value nearest to `time`, as a number; `?` in a gap.
fn at_time(series: &Series, time: u64) -> String {
    let reach = u64::from(series.period_s.max(1)) * 1_500;
    let nearest = series.points.iter().min_by_key(|p| p.0.abs_diff(time));
    match nearest {
        Some(p) if p.0.abs_diff(time) <= reach => p.1.to_string(),
        _ => "?".into(),
    }
}

/// The scale: from zero for what is never negative; a percentage always ends at a hundred
/// when it comes near.
fn bounds(chart: &Chart<'_>) -> (f64, f64) {
    let values = chart.curves.iter().filter_map(|c| c.series).flat_map(|s| &s.points);
    let values = values.filter(|p| p.0 >= chart.span.0 && p.1.is_finite()).map(|p| p.1);
    let (low, high) = values.fold((0.0_f64, 0.0_f64), |(l, h), v| (l.min(v), h.max(v)));
    if high <= low {
        return (low, low + 1.0);
    }
    match chart.unit {
        Unit::Percent if high > 60.0 && high <= 100.0 => (low, 100.0),
        _ => (low, high),
    }
}

fn scale(unit: Unit, (low, high): (f64, f64), plot: Rect, pen: &mut Pen<'_>) {
    let last = plot.height - 1;
    for (y, value) in [(0, high), (last / 2, f64::midpoint(low, high)), (last, low)] {
        pen.right(plot.x - SCALE, plot.y + y, SCALE - 1, &cell::measure(value, unit), Role::Dim);
    }
}

fn axis(chart: &Chart<'_>, area: Rect, pen: &mut Pen<'_>) {
    let (start, end) = chart.span;
    let format = if end - start > 26 * 3_600_000 { "%m-%d %H:%M" } else { "%H:%M" };
    let label = |t: u64| cell::formatted(i64::try_from(t).unwrap_or(i64::MAX), format);
    pen.text(area.x, area.y, area.width, &label(start), Role::Dim);
    pen.right(area.x, area.y, area.width, &format!("{} UTC", label(end)), Role::Dim);
}

fn column_of(time: u64, (start, end): (u64, u64), width: u16) -> u16 {
    let share = time.saturating_sub(start) as f64 / (end.saturating_sub(start)).max(1) as f64;
    // 0 to `width`: the share is clamped.
    (share.clamp(0.0, 1.0) * f64::from(width.saturating_sub(1))).round() as u16
}

/// Dots of a plot: two across and four down in each cell, or one sign in ASCII.
struct Grid {
    width: usize,
    height: usize,
    ascii: bool,
    cells: Vec<(u8, usize)>,
}

impl Grid {
    fn new(width: u16, height: u16, ascii: bool) -> Self {
        let (width, height) = (usize::from(width), usize::from(height));
        Self { width, height, ascii, cells: vec![(0, 0); width * height] }
    }

    const fn dots(&self) -> (usize, usize) {
        if self.ascii { (self.width, self.height) } else { (self.width * 2, self.height * 4) }
    }

    fn curve(&mut self, series: &Series, number: usize, (start, end): (u64, u64), (low, high): (f64, f64)) {
        let (across, down) = self.dots();
        let gap = u64::from(series.period_s.max(1)) * 2_000;
        let place = |(time, value): (u64, f64)| {
            let x = (time.saturating_sub(start)) as f64 / (end.saturating_sub(start)).max(1) as f64;
            let y = (value - low) / (high - low);
            let last = |n: usize| n.saturating_sub(1) as f64;
            // Both shares are clamped to 0..=1, so the casts cannot wrap.
            (
                (x.clamp(0.0, 1.0) * last(across)).round() as usize,
                ((1.0 - y.clamp(0.0, 1.0)) * last(down)).round() as usize,
            )
        };
        let mut before: Option<(u64, (usize, usize))> = None;
        for point in series.points.iter().filter(|p| p.0 >= start && p.1.is_finite()) {
            let here = place(*point);
            match before {
                Some((time, there)) if point.0 - time < gap => self.segment(there, here, number),
                _ => self.dot(here, number),
            }
            before = Some((point.0, here));
        }
    }

    fn segment(&mut self, from: (usize, usize), to: (usize, usize), number: usize) {
        let steps = from.0.abs_diff(to.0).max(from.1.abs_diff(to.1)).max(1);
        let between = |a: usize, b: usize, i: usize| {
            if b >= a { a + (b - a) * i / steps } else { a - (a - b) * i / steps }
        };
        for i in 0..=steps {
            self.dot((between(from.0, to.0, i), between(from.1, to.1, i)), number);
        }
    }

    fn dot(&mut self, (x, y): (usize, usize), number: usize) {
        let (column, row, bit) = if self.ascii {
            (x, y, 1)
        } else {
            let bits = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
            let bit = bits.get(y % 4).and_then(|b| b.get(x % 2)).copied().unwrap_or(0);
            (x / 2, y / 4, bit)
        };
        if column < self.width
            && let Some(cell) = self.cells.get_mut(row * self.width + column)
        {
            *cell = (cell.0 | bit, number);
        }
    }

    fn draw(&self, plot: Rect, pen: &mut Pen<'_>) {
        for (at, (bits, number)) in self.cells.iter().enumerate().filter(|(_, c)| c.0 != 0) {
            let x = plot.x + u16::try_from(at % self.width.max(1)).unwrap_or(0);
            let y = plot.y + u16::try_from(at / self.width.max(1)).unwrap_or(0);
            let role = COLOURS.get(*number).copied().unwrap_or(Role::Text);
            if self.ascii {
                pen.text(x, y, 1, SIGNS.get(*number).copied().unwrap_or("*"), role);
            } else {
                let sign = char::from_u32(0x2800 + u32::from(*bits)).unwrap_or(' ');
                pen.text(x, y, 1, sign.encode_utf8(&mut [0; 4]), role);
            }
        }
    }
}
