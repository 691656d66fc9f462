//! Which node each arrow key leads to: the nearest in that direction, and by one way or another
//! every node.

use super::layout::{Area, Layout};

/// A direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Towards {
    /// To the left.
    Left,
    /// Down.
    Down,
    /// Up.
    Up,
    /// To the right.
    Right,
}

impl Towards {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Left, Self::Down, Self::Up, Self::Right];

    /// How far `to` lies from `from` in this direction, as a cost; `None` when it does not. What
    /// lies aside costs more than what lies straight ahead; cells are twice as high as wide.
    fn cost(self, from: &Area, to: &Area) -> Option<i64> {
        let (a, b) = (from.middle(), to.middle());
        let (x, y) = (i64::from(b.0 - a.0), 2 * i64::from(b.1 - a.1));
        let (ahead, aside) = match self {
            Self::Left => (-x, y),
            Self::Right => (x, y),
            Self::Up => (-y, x),
            Self::Down => (y, x),
        };
        // Boxes that begin in one column are above each other, however wide they are.
        let level = matches!(self, Self::Left | Self::Right) && from.x == to.x;
        (ahead > 0 && !level).then(|| ahead + 3 * aside.abs())
    }
}

/// Where each key leads from each node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ways(Vec<[Option<usize>; 4]>);

impl Ways {
    /// The ways over `layout`.
    pub fn of(layout: &Layout) -> Self {
        let boxes = &layout.boxes;
        let nearest = |from: &Area, towards: Towards| {
            let costs = boxes.iter().enumerate().filter_map(|(i, to)| Some((towards.cost(from, to)?, i)));
            costs.min().map(|(_, i)| i)
        };
        let ways = boxes.iter().map(|from| Towards::ALL.map(|towards| nearest(from, towards))).collect();
        let mut ways = Self(ways);
        ways.mend(boxes);
        ways
    }

    /// Where the key leads from `node`.
    pub fn from(&self, node: usize, towards: Towards) -> Option<usize> {
        self.0.get(node).and_then(|w| w.get(towards as usize)).copied().flatten()
    }

    /// The nodes that keys lead to from the first.
    fn reached(&self) -> Vec<bool> {
        let mut seen = vec![false; self.0.len()];
        let mut next = vec![0];
        while let Some(node) = next.pop() {
            let Some(mark) = seen.get_mut(node).filter(|s| !**s) else { continue };
            *mark = true;
            next.extend(self.0.get(node).into_iter().flatten().flatten());
        }
        seen
    }

    /// A node that no key leads to comes between the node nearest to it and where that one led:
    /// what could be reached before can be still.
    fn mend(&mut self, boxes: &[Area]) {
        loop {
            let seen = self.reached();
            let Some(lost) = seen.iter().position(|s| !s) else { return };
            let Some(there) = boxes.get(lost) else { return };
            let known = boxes.iter().enumerate().filter(|(i, _)| seen.get(*i) == Some(&true));
            let options = known.flat_map(|(i, from)| {
                Towards::ALL.into_iter().filter_map(move |t| Some((t.cost(from, there)?, i, t as usize)))
            });
            let Some((_, from, towards)) = options.min() else { return };
            let slot = self.0.get_mut(from).and_then(|w| w.get_mut(towards));
            let before = slot.and_then(|slot| slot.replace(lost));
            if let Some(way) = self.0.get_mut(lost).and_then(|w| w.get_mut(towards)) {
                *way = before;
            }
        }
    }
}
