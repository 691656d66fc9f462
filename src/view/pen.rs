//! Writes text into cells: clipped to a width, in a role, never outside the buffer.

use crate::config::{Role, Theme};
use crate::model::safe::is_hidden;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// A buffer with a theme to write in.
pub struct Pen<'a> {
    buffer: &'a mut Buffer,
    theme: &'a Theme,
    ascii: bool,
}

impl<'a> Pen<'a> {
    /// A pen on `buffer`.
    pub const fn new(buffer: &'a mut Buffer, theme: &'a Theme, ascii: bool) -> Self {
        Self { buffer, theme, ascii }
    }

    /// Whether to keep to plain ASCII.
    pub const fn is_ascii(&self) -> bool {
        self.ascii
    }

    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// Fills `area` with blanks in a role.
    pub fn fill(&mut self, area: Rect, role: Role) {
        let style = self.style(role);
        let area = area.intersection(self.buffer.area);
        for position in area.positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                cell.reset();
                cell.set_style(style);
            }
        }
    }

    /// Puts the style of a role over what `area` holds.
    pub fn tint(&mut self, area: Rect, role: Role) {
        let style = self.style(role);
        self.buffer.set_style(area.intersection(self.buffer.area), style);
    }

    /// Writes `text` at most `width` cells wide; returns the column after it. A text that does
    /// not fit ends in `…`.
    pub fn text(&mut self, x: u16, y: u16, width: u16, text: &str, role: Role) -> u16 {
        let style = self.style(role);
        self.styled(x, y, width, text, style)
    }

    /// As [`Pen::text`], with a style.
    pub fn styled(&mut self, x: u16, y: u16, width: u16, text: &str, style: Style) -> u16 {
        let right = self.buffer.area.right();
        let width = width.min(right.saturating_sub(x));
        if width == 0 || y >= self.buffer.area.bottom() || y < self.buffer.area.y {
            return x;
        }
        if text.is_ascii() && text.len() <= usize::from(width) && !text.bytes().any(|b| b.is_ascii_control())
        {
            return self.buffer.set_stringn(x, y, text, usize::from(width), style).0;
        }
        let (shown, _) = clip(text, width, if self.ascii { "~" } else { "…" });
        self.buffer.set_stringn(x, y, shown, usize::from(width), style).0
    }

    /// Writes `text` so that it ends at the right of `width` cells.
    pub fn right(&mut self, x: u16, y: u16, width: u16, text: &str, role: Role) {
        let used = u16::try_from(text.width()).unwrap_or(u16::MAX).min(width);
        self.text(x + (width - used), y, used, text, role);
    }

    /// Draws a frame with a title around `area`.
    pub fn frame(&mut self, area: Rect, title: &str, role: Role) {
        if area.width < 2 || area.height < 2 {
            return;
        }
        let [h, v, corners @ ..] = if self.ascii {
            ["-", "|", "+", "+", "+", "+"]
        } else {
            ["─", "│", "┌", "┐", "└", "┘"]
        };
        let [nw, ne, sw, se] = corners;
        let across = h.repeat(usize::from(area.width - 2));
        let (right, bottom) = (area.right() - 1, area.bottom() - 1);
        self.text(area.x, area.y, area.width, &format!("{nw}{across}{ne}"), role);
        self.text(area.x, bottom, area.width, &format!("{sw}{across}{se}"), role);
        for y in area.y + 1..bottom {
            self.text(area.x, y, 1, v, role);
            self.text(right, y, 1, v, role);
        }
        if area.width > 6 {
            let width = area.width - 4;
            let (shown, _) = clip(title, width.saturating_sub(2), "…");
            self.text(area.x + 2, area.y, width, &format!(" {shown} "), Role::Strong);
        }
    }

    /// A separator between things on one line.
    pub const fn dot(&self) -> &'static str {
        if self.ascii { "|" } else { "·" }
    }
}

/// The beginning of `text` that fits into `width` cells, ended by `mark` when it was cut, and
/// its width. What must never reach the terminal is shown as `?`.
pub fn clip(text: &str, width: u16, mark: &str) -> (String, u16) {
    let limit = usize::from(width);
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let grapheme = if grapheme.chars().any(|c| c.is_control() || is_hidden(c)) { "?" } else { grapheme };
        let wide = grapheme.width();
        if used + wide > limit {
            let room = mark.width();
            while used + room > limit {
                let Some(last) = out.graphemes(true).next_back().map(str::to_owned) else { break };
                out.truncate(out.len() - last.len());
                used -= last.width();
            }
            if used + room <= limit {
                out.push_str(mark);
                used += room;
            }
            break;
        }
        out.push_str(grapheme);
        used += wide;
    }
    (out, u16::try_from(used).unwrap_or(width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_by_cells_and_hides_nothing() {
        assert_eq!(clip("orders", 6, "…"), ("orders".into(), 6));
        assert_eq!(clip("orders", 4, "…"), ("ord…".into(), 4));
        assert_eq!(clip("数据库", 5, "…"), ("数据…".into(), 5));
        assert_eq!(clip("数据库", 4, "…"), ("数…".into(), 3));
        assert_eq!(clip("a\u{1b}[2J", 9, "…"), ("a?[2J".into(), 5));
        assert_eq!(clip("abc", 0, "…"), (String::new(), 0));
    }

    #[test]
    fn nothing_is_written_outside() {
        let theme = Theme::plain();
        let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 2));
        let mut pen = Pen::new(&mut buffer, &theme, false);
        pen.text(8, 1, 50, "abcdef", Role::Text);
        pen.text(50, 50, 5, "x", Role::Text);
        pen.frame(Rect::new(0, 0, 10, 2), "title that is long", Role::Border);
        pen.fill(Rect::new(5, 0, 100, 100), Role::Text);
    }
}
