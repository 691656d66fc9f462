//! The chart view as a picture.

use super::chart::{self, Chart, Curve};
use super::pen::Pen;
use super::{cell, layout};
use crate::app::board::Board;
use crate::app::fleet::Fleet;
use crate::app::lists::RANGES;
use crate::config::Role;
use ratatui::layout::Rect;

/// Draws the charts of a resource.
pub fn draw(board: &Board, fleet: &Fleet, body: Rect, pen: &mut Pen<'_>) {
    let name = fleet.get(&board.id).map_or("it is gone", |r| r.name.as_str());
    let mut x = pen.text(body.x + 1, body.y, body.width.saturating_sub(1), name, Role::Head) + 2;
    for range in RANGES {
        let role = if *range == board.range { Role::TabCurrent } else { Role::Dim };
        x = pen.text(x, body.y, body.width, range.name(), role) + 1;
    }
    let (shown, all) = board.members(fleet);
    if shown.len() < all {
        let words = format!("{} of {all} members", shown.len());
        x = pen.text(x + 1, body.y, body.width, &words, Role::Warning);
    }
    if let Some(at) = board.cursor_ms() {
        let at = cell::time(i64::try_from(at).unwrap_or(i64::MAX));
        pen.text(x + 1, body.y, body.width, &format!("at {at} UTC"), Role::Key);
    }
    let charts = board.charts(fleet);
    let area = Rect { y: body.y + 1, height: body.height.saturating_sub(1), ..body };
    if charts.is_empty() {
        pen.text(area.x + 1, area.y, area.width, "CloudWatch has no metrics for it", Role::Dim);
        return;
    }
    let (columns, height) = layout::charts(area, charts.len());
    let width = area.width / columns;
    let end = board.end.epoch_ms();
    let span = (end.saturating_sub(board.range.ms()), end);
    let first = board.top.min(charts.len() - 1) / usize::from(columns) * usize::from(columns);
    for (at, shown) in (0_u16..).zip(charts.iter().skip(first)) {
        let place =
            Rect { x: area.x + at % columns * width, y: area.y + at / columns * height, width, height };
        if place.bottom() > area.bottom() {
            break;
        }
        let curves = shown
            .curves
            .iter()
            .map(|c| Curve { title: c.title.as_str(), series: board.store.get(&c.series) });
        let chart = Chart {
            title: shown.title,
            curves: curves.collect(),
            unit: shown.unit,
            span,
            cursor: board.cursor_ms(),
        };
        chart::draw(&chart, place, pen);
    }
}
