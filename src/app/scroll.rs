//! Scrolling arithmetic shared by every list: pure, so that keys and drawing agree.

/// The first line to show so that `cursor` is among `height` of `len` lines, moving as little
/// as possible from `top`.
pub fn reveal(top: usize, cursor: usize, len: usize, height: usize) -> usize {
    let height = height.max(1);
    let top = top.min(len.saturating_sub(height));
    if cursor < top {
        cursor
    } else if cursor >= top + height {
        cursor + 1 - height
    } else {
        top
    }
}

/// Where a movement command leads from `cursor` in a list of `len` lines of which `height`
/// are on the screen; `None` when `name` is not a movement.
pub fn moved(name: &str, cursor: usize, len: usize, height: usize) -> Option<usize> {
    let last = len.saturating_sub(1);
    let page = height.max(2) - 1;
    Some(match name {
        "row.next" => (cursor + 1).min(last),
        "row.previous" => cursor.saturating_sub(1),
        "row.first" => 0,
        "row.last" => last,
        "page.down" => (cursor + page).min(last),
        "page.up" => cursor.saturating_sub(page),
        "page.half-down" => (cursor + (height / 2).max(1)).min(last),
        "page.half-up" => cursor.saturating_sub((height / 2).max(1)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_is_always_on_the_screen() {
        for len in 0..12 {
            for height in 0..8 {
                for cursor in 0..len.max(1) {
                    for top in 0..15 {
                        let new = reveal(top, cursor, len, height);
                        assert!(
                            new <= cursor && cursor < new + height.max(1),
                            "{top} {cursor} {len} {height}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn movements_stay_inside() {
        for name in [
            "row.next",
            "row.previous",
            "row.first",
            "row.last",
            "page.down",
            "page.up",
            "page.half-down",
            "page.half-up",
        ] {
            for len in 0..5 {
                let to = moved(name, 0, len, 3).expect("a movement");
                assert!(to <= len.saturating_sub(1));
            }
        }
        assert_eq!(moved("row.open", 0, 5, 3), None);
        assert_eq!(moved("page.down", 0, 100, 10), Some(9));
    }
}
