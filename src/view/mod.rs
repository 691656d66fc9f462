//! The core as a picture: pure functions of [`App`], no state of their own, nothing sent.

pub mod board;
pub mod card;
pub mod cell;
pub mod chart;
pub mod chrome;
pub mod detail;
pub mod fleet;
pub mod hints;
pub mod layout;
pub mod overlay;
pub mod pen;
pub mod query;
pub mod spark;

use crate::app::App;
use crate::app::overlay::Overlay;
use crate::app::workspace::{Content, Over};
use crate::config::Role;
use pen::Pen;
use ratatui::Frame;

/// Draws everything.
pub fn draw(app: &App, frame: &mut Frame<'_>) {
    let area = frame.area();
    let Some(screen) = layout::screen((area.width, area.height)) else {
        let mut pen = Pen::new(frame.buffer_mut(), &app.look.theme, app.look.ascii);
        pen.text(area.x, area.y, area.width, "too small", Role::Warning);
        return;
    };
    let mut pen = Pen::new(frame.buffer_mut(), &app.look.theme, app.look.ascii);
    pen.fill(area, Role::Text);
    chrome::tabs(app, screen.tabs, &mut pen);
    chrome::status(app, screen.status, &mut pen);
    match app.workspace.current().map(|t| &t.content) {
        Some(Content::Service(pane)) => match pane.over.last() {
            None => fleet::draw(app, &pane.fleet, screen.body, &mut pen),
            Some(Over::Detail(view)) => detail::draw(view, &pane.fleet, screen.body, &mut pen),
            Some(Over::Board(view)) => board::draw(view, &pane.fleet, screen.body, &mut pen),
        },
        Some(Content::Query(tab)) => {
            query::draw(tab, &app.look.theme, screen.body, frame, app.look.ascii, app.now);
        }
        None => {
            pen.text(screen.body.x + 1, screen.body.y, screen.body.width, "no services", Role::Dim);
        }
    }
    let mut pen = Pen::new(frame.buffer_mut(), &app.look.theme, app.look.ascii);
    match &app.overlay {
        Some(Overlay::List(list)) => overlay::draw(list, screen.body, &mut pen),
        Some(Overlay::Card(card)) => card::draw(card, app.now, screen.body, &mut pen),
        None => {}
    }
    let cursor = chrome::bottom(app, screen.bottom, &mut pen);
    if let Some(position) = cursor {
        frame.set_cursor_position(position);
    }
}
