//! Where things stand: pure functions of sizes, used by `draw` and, for page sizes, by
//! `update`.

use ratatui::layout::Rect;

/// The smallest screen that is drawn: columns and rows.
pub const SMALLEST: (u16, u16) = (20, 5);

/// The parts of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Tab titles.
    pub tabs: Rect,
    /// The current tab.
    pub body: Rect,
    /// The status line.
    pub status: Rect,
    /// Prompt, message or hints.
    pub bottom: Rect,
}

/// The parts of a screen of this size; `None` when it is too small to be drawn.
pub fn screen(size: (u16, u16)) -> Option<Screen> {
    let (width, height) = size;
    if width < SMALLEST.0 || height < SMALLEST.1 {
        return None;
    }
    Some(Screen {
        tabs: Rect::new(0, 0, width, 1),
        body: Rect::new(0, 1, width, height - 3),
        status: Rect::new(0, height - 2, width, 1),
        bottom: Rect::new(0, height - 1, width, 1),
    })
}

/// The parts of a fleet table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Lines above the head: the service's banner and places that failed.
    pub above: Rect,
    /// Column heads.
    pub head: Rect,
    /// Rows.
    pub rows: Rect,
    /// Count, filter and sort.
    pub foot: Rect,
}

/// The most lines above the head of a table.
const MOST_ABOVE: u16 = 4;

/// The parts of a table in `body` with so many lines to tell above it.
pub fn table(body: Rect, lines: usize) -> Table {
    let room = body.height.saturating_sub(3);
    let above = u16::try_from(lines).unwrap_or(u16::MAX).min(MOST_ABOVE).min(room);
    let line = |y: u16, height: u16| Rect { y: body.y + y, height, ..body };
    let rest = body.height - above;
    let head = rest.min(1);
    let foot = u16::from(rest >= 3);
    Table {
        above: line(0, above),
        head: line(above, head),
        rows: line(above + head, rest.saturating_sub(head + foot)),
        foot: line(body.height - foot, foot),
    }
}

/// The parts of a list over the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panel {
    /// With its frame.
    pub outer: Rect,
    /// Inside the frame: the lines of the list.
    pub inner: Rect,
}

/// A panel over `body`, as large as there is room for up to a readable width.
pub fn panel(body: Rect, lines: usize) -> Panel {
    let width = body.width.min(100);
    let wanted = u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(2);
    let height = wanted.clamp(3, body.height.max(3)).min(body.height);
    let x = body.x + (body.width - width) / 2;
    let y = body.y + (body.height - height) / 2;
    let outer = Rect::new(x, y, width, height);
    let inner =
        Rect::new(x + 2.min(width), y + 1.min(height), width.saturating_sub(4), height.saturating_sub(2));
    Panel { outer, inner }
}

/// How many columns of charts, and how high each, in `body`.
pub fn charts(body: Rect, count: usize) -> (u16, u16) {
    let columns = if body.width >= 100 && count > 1 { 2 } else { 1 };
    let rows = u16::try_from(count.div_ceil(usize::from(columns))).unwrap_or(u16::MAX).max(1);
    (columns, (body.height / rows).clamp(8, 16).min(body.height.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stay_on_the_screen() {
        assert_eq!(screen((19, 5)), None);
        assert_eq!(screen((0, 0)), None);
        for height in 5..60 {
            for width in [20, 80, 200] {
                let s = screen((width, height)).expect("large enough");
                assert_eq!(s.tabs.height + s.body.height + s.status.height + s.bottom.height, height);
                for lines in 0..6 {
                    let t = table(s.body, lines);
                    assert_eq!(t.above.height + t.head.height + t.rows.height + t.foot.height, s.body.height);
                    let p = panel(s.body, lines * 20);
                    assert_eq!(p.outer.intersection(s.body), p.outer);
                    assert_eq!(p.inner.intersection(p.outer), p.inner);
                }
            }
        }
    }
}
