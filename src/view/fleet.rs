//! A fleet table as a picture: only the rows on the screen are looked at.

use super::layout::{self, Table};
use super::pen::Pen;
use super::{cell, spark};
use crate::app::App;
use crate::app::columns::{self, FleetColumn, METRIC_WIDTH, Source};
use crate::app::fleet::Fleet;
use crate::app::order::Shown;
use crate::app::samples::FLEET_WINDOW_MS;
use crate::config::Role;
use crate::model::{Cell, FailureKind, MetricSpec, Resource, SeriesId, Unit};
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// Cells left of the first column: the marker of the selected row and of a marked one.
pub const MARGIN: u16 = 2;
/// Cells of a sparkline.
const SPARK: usize = 6;

/// The parts of a fleet's table in `body`.
pub fn parts(fleet: &Fleet, body: Rect) -> Table {
    let banner = banner(fleet, body.width).len();
    layout::table(body, banner + fleet.troubles().count() + fleet.lacking().count())
}

/// Draws the table.
pub fn draw(app: &App, fleet: &Fleet, body: Rect, pen: &mut Pen<'_>) {
    let parts = parts(fleet, body);
    above(fleet, parts.above, pen);
    let width = body.width.saturating_sub(MARGIN);
    let columns = columns::fit(fleet.columns(), width, fleet.skip);
    head(fleet, &columns, parts.head, pen);
    if fleet.shown.is_empty() {
        empty(app, fleet, parts.rows, pen);
    }
    let rows = fleet.shown.iter().enumerate().skip(fleet.top).take(usize::from(parts.rows.height));
    for (y, (position, shown)) in (parts.rows.y..).zip(rows) {
        let line = Rect { y, height: 1, ..parts.rows };
        row(app, fleet, (position, *shown), &columns, line, pen);
    }
    foot(fleet, parts.foot, pen);
}

/// What a service says above its rows, in lines of the screen: the way out stands at the end of it.
fn banner(fleet: &Fleet, width: u16) -> Vec<String> {
    let width = usize::from(width.saturating_sub(2).max(8));
    let mut lines = Vec::<String>::new();
    for word in fleet.spec.banner.iter().flat_map(|banner| banner.split_whitespace()) {
        match lines.last_mut().filter(|line| line.width() + 1 + word.width() <= width) {
            Some(line) => line.extend([" ", word]),
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

fn above(fleet: &Fleet, area: Rect, pen: &mut Pen<'_>) {
    let banner = banner(fleet, area.width).into_iter().map(|line| (line, String::new(), Role::Warning));
    let troubles = fleet.troubles().map(|(place, failure, listed)| {
        let place = crate::model::SafeText::new(place.to_string());
        let age = match listed {
            Some(at) => format!("showing data of {}", cell::clock(at.epoch_ms())),
            None => "nothing to show yet".to_owned(),
        };
        (format!("! {place}: {failure}"), format!("; {age}"), Role::Bad)
    });
    let lacking = fleet.lacking().map(|(place, failure)| {
        let place = crate::model::SafeText::new(place.to_string());
        (format!("! {place}: {failure}"), String::new(), Role::Warning)
    });
    for (y, (text, age, role)) in (area.y..area.bottom()).zip(troubles.chain(lacking).chain(banner)) {
        let width = area.width.saturating_sub(1);
        // However long the failure: its whole text is in the list of failures, the age of the rows is only here.
        let room = width.saturating_sub(u16::try_from(age.width()).unwrap_or(u16::MAX));
        // Where the age would take the greater part, the failure goes first.
        let room = if room < width / 2 { width } else { room };
        let x = pen.text(area.x + 1, y, room, &text, role);
        pen.text(x, y, (area.x + 1 + width).saturating_sub(x), &age, role);
    }
}

fn head(fleet: &Fleet, columns: &[FleetColumn], area: Rect, pen: &mut Pen<'_>) {
    if area.height == 0 {
        return;
    }
    let mut x = area.x + MARGIN;
    for column in columns {
        let sign = if fleet.sort.by != column.source {
            ""
        } else if fleet.sort.descending {
            " v"
        } else {
            " ^"
        };
        let picked = fleet.picked == column.source && fleet.picked != fleet.sort.by;
        let title = format!("{}{}{sign}", if picked { "*" } else { "" }, column.title);
        if column.right {
            pen.right(x, area.y, column.width, &title, Role::Head);
        } else {
            pen.text(x, area.y, column.width, &title, Role::Head);
        }
        x = x.saturating_add(column.width + 1);
    }
}

fn row(
    app: &App,
    fleet: &Fleet,
    (position, shown): (usize, Shown),
    columns: &[FleetColumn],
    line: Rect,
    pen: &mut Pen<'_>,
) {
    let Some(resource) = fleet.rows().get(shown.row) else { return };
    let selected = position == fleet.cursor;
    let marked = fleet.marks.contains(&resource.id);
    pen.text(line.x, line.y, 1, if selected { ">" } else { " " }, Role::Key);
    pen.text(line.x + 1, line.y, 1, if marked { "+" } else { " " }, Role::Marked);
    let mut x = line.x + MARGIN;
    for column in columns {
        let area = Rect { x, width: column.width, ..line };
        one_cell(app, fleet, resource, (column, shown.depth), area, pen);
        x = x.saturating_add(column.width + 1);
    }
    if marked {
        pen.tint(line, Role::Marked);
    }
    if selected {
        pen.tint(
            Rect { x: line.x + MARGIN, width: line.width.saturating_sub(MARGIN), ..line },
            Role::Selected,
        );
    }
}

fn one_cell(
    app: &App,
    fleet: &Fleet,
    resource: &Resource,
    (column, depth): (&FleetColumn, u8),
    area: Rect,
    pen: &mut Pen<'_>,
) {
    let Rect { x, y, width, .. } = area;
    match column.source {
        Source::Name => {
            let branch = if depth == 0 {
                ""
            } else if pen.is_ascii() {
                "`-"
            } else {
                "└ "
            };
            let indent = u16::from(depth.saturating_sub(1)) * 2;
            let from = pen.text(x + indent, y, width.saturating_sub(indent), branch, Role::Dim);
            pen.text(from, y, (x + width).saturating_sub(from), &resource.name, Role::Strong);
        }
        Source::Status => {
            let word = format!("{}{}", cell::health_sign(&resource.health), resource.health.word());
            pen.text(x, y, width, &word, cell::health_role(&resource.health));
        }
        Source::Place => {
            pen.text(x, y, width, &fleet.place_label(&resource.id.place), Role::Dim);
        }
        Source::Cell(at) => {
            let value = resource.cells.get(at).unwrap_or(&Cell::Absent);
            let (text, role) = (cell::text(value), cell::role(value));
            let text = if text.is_empty() { "-".to_owned() } else { text };
            if column.right {
                pen.right(x, y, width, &text, role);
            } else {
                pen.text(x, y, width, &text, role);
            }
        }
        Source::Metric(spec) => metric(app, resource, spec, area, pen),
        Source::Problems => {
            let problems = fleet.problems(resource);
            let urgent = problems.iter().any(|p| p.urgent);
            let words: Vec<String> =
                problems.iter().map(|p| format!("{}{}", if p.urgent { "!" } else { "" }, p.id)).collect();
            pen.text(x, y, width, &words.join(" "), if urgent { Role::Bad } else { Role::Warning });
        }
    }
}

fn metric(app: &App, resource: &Resource, spec: &'static MetricSpec, area: Rect, pen: &mut Pen<'_>) {
    if !spec.kinds.contains(&resource.id.kind) {
        return;
    }
    let id = SeriesId { resource: resource.id.clone(), metric: spec.id };
    let Some(series) = app.samples.store.get(&id) else { return };
    let width = usize::from(area.width);
    let whole = (spec.unit == Unit::Percent).then_some(100.0);
    // Where there is no room for both, the value alone.
    let x = if area.width < METRIC_WIDTH {
        area.x
    } else {
        let line = spark::line(series, SPARK.min(width), FLEET_WINDOW_MS, whole, pen.is_ascii());
        pen.text(area.x, area.y, area.width, &line, Role::Series1)
    };
    if let Some((_, value)) = series.points.last() {
        let left = (area.x + area.width).saturating_sub(x);
        pen.right(x, area.y, left, &cell::measure(*value, spec.unit), Role::Text);
    } else {
        pen.text(x, area.y, (area.x + area.width).saturating_sub(x), " no data", Role::Dim);
    }
}

/// What to say and do when there is nothing to show.
fn empty(app: &App, fleet: &Fleet, area: Rect, pen: &mut Pen<'_>) {
    let mut lines: Vec<String> = Vec::new();
    let denied = fleet.troubles().find(|(_, f, _)| f.kind == FailureKind::Denied);
    let key = |command: &str| {
        let context = crate::config::Context::Fleet;
        let keys = app.keymap.keys_of(context, command).into_iter().next();
        keys.or_else(|| app.keymap.keys_of(crate::config::Context::Global, command).into_iter().next())
    };
    let press = |command: &str, words: &str| key(command).map(|k| format!("{k}  {words}"));
    if fleet.is_listing() && fleet.rows().is_empty() {
        lines.push(format!("Asking AWS for {} …", fleet.spec.title));
    } else if !fleet.rows().is_empty() {
        lines.push(format!("None of the {} rows matches.", fleet.rows().len()));
        lines.extend(press("view.back", "removes the filter"));
    } else if let Some((_, failure, _)) = denied {
        lines.push("These credentials may not list it.".to_owned());
        lines.push(failure.because.to_string());
        lines.push(format!("Needed: {}", fleet.spec.reads.join(", ")));
        lines.extend(press("profile.pick", "picks another profile"));
    } else if fleet.troubles().next().is_some() {
        lines.push("Nothing could be listed; the reason is above.".to_owned());
        lines.extend(press("fleet.refresh", "tries again"));
    } else {
        lines.push(format!("No {} resources here.", fleet.spec.title));
        lines.extend(press("region.pick", "looks in other regions"));
        lines.extend(press("profile.pick", "looks in other accounts"));
    }
    for (y, text) in (area.y..area.bottom()).zip(lines) {
        pen.text(area.x + MARGIN, y, area.width.saturating_sub(MARGIN), &text, Role::Dim);
    }
}

fn foot(fleet: &Fleet, area: Rect, pen: &mut Pen<'_>) {
    if area.height == 0 {
        return;
    }
    let all = fleet.rows().len();
    let more = if fleet.has_more() { "+" } else { "" };
    let mut parts = vec![format!("{} of {all}{more}", fleet.shown.len())];
    if !fleet.filter.is_empty() {
        parts.push(format!("filter /{}", crate::model::SafeText::new(fleet.filter.text())));
    }
    if fleet.only_problems {
        parts.push("only problems".into());
    }
    if !fleet.marks.is_empty() {
        parts.push(format!("{} marked", fleet.marks.len()));
    }
    if fleet.skip > 0 {
        parts.push(format!("{} columns to the left", fleet.skip));
    }
    if let Some(failing) =
        fleet.selected().and_then(|r| fleet.problems(r).first().map(|p| p.what.to_string()))
    {
        parts.push(failing);
    }
    let dot = format!(" {} ", pen.dot());
    pen.text(area.x + MARGIN, area.y, area.width.saturating_sub(MARGIN), &parts.join(&dot), Role::Dim);
}
