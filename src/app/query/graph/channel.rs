//! The channel between two columns: which upright each line takes, so that lines run into each
//! other as little as can be, and the cells that they are drawn in.

use super::layout::towards::{DOWN, LEFT, RIGHT, UP};
use unicode_width::UnicodeWidthStr;

/// The longest word on a line, in cells.
const WORD: usize = 16;
/// The most uprights beside each other: further lines share them.
const UPRIGHTS: u16 = 14;

/// One net in one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    /// The net.
    pub net: usize,
    /// The row it comes from, at the left.
    pub from: i32,
    /// Rows it goes on to, at the right.
    pub on: Vec<i32>,
    /// Rows it goes back to, at the left.
    pub back: Vec<i32>,
    /// What stands on its first stretch; empty for none.
    pub word: String,
    /// The column of its upright, counted from the channel's left.
    pub track: u16,
}

impl Wire {
    /// A net that comes from row `from`.
    pub const fn new(net: usize, from: i32) -> Self {
        Self { net, from, on: Vec::new(), back: Vec::new(), word: String::new(), track: 0 }
    }

    fn span(&self) -> (i32, i32) {
        let rows = self.on.iter().chain(&self.back).chain([&self.from]);
        rows.fold((self.from, self.from), |(lo, hi), row| (lo.min(*row), hi.max(*row)))
    }

    fn is_straight(&self) -> bool {
        let (lo, hi) = self.span();
        lo == hi
    }
}

/// Lines from one row share one word: all their types.
pub fn share_words(wires: &mut [Wire]) {
    for at in 0..wires.len() {
        let Some((first, rest)) = wires.get_mut(at..).and_then(<[Wire]>::split_first_mut) else { return };
        for other in rest.iter_mut().filter(|w| w.from == first.from && !w.word.is_empty()) {
            let word = std::mem::take(&mut other.word);
            if !first.word.split(", ").any(|w| w == word) {
                first.word = format!("{}, {word}", first.word);
            }
        }
        if first.word.width() > WORD {
            let mut cut: String = String::new();
            for c in first.word.chars() {
                if cut.width() + 2 > WORD {
                    break;
                }
                cut.push(c);
            }
            cut.push('…');
            first.word = cut;
        }
    }
}

/// Wires that share an upright: those that come from one row, or else those that go on to one
/// row only, and the same. Either way what is joined is plain.
fn bundles(wires: &[Wire]) -> Vec<Vec<usize>> {
    let mut bundles: Vec<Vec<usize>> = Vec::new();
    for (at, wire) in wires.iter().enumerate().filter(|(_, w)| !w.is_straight()) {
        let alone = |w: &Wire| w.on.len() == 1 && w.back.is_empty() && w.on == wire.on;
        let joins = |bundle: &&mut Vec<usize>| {
            let all = |fits: &dyn Fn(&Wire) -> bool| bundle.iter().filter_map(|i| wires.get(*i)).all(fits);
            all(&|w| w.from == wire.from) || (alone(wire) && all(&alone))
        };
        match bundles.iter_mut().find(joins) {
            Some(bundle) => bundle.push(at),
            None => bundles.push(vec![at]),
        }
    }
    bundles
}

/// Gives each wire its upright. Returns how wide the channel is.
pub fn route(wires: &mut [Wire]) -> u16 {
    if wires.is_empty() {
        return 0;
    }
    let word = wires.iter().map(|w| w.word.width()).max().unwrap_or_default();
    let first = u16::try_from(word).unwrap_or_default() + 2;
    let mut order = bundles(wires);
    // Lines that go down keep out of each other's way when the lower ones turn first; those
    // that go up, when the upper ones do.
    order.sort_by_key(|bundle| {
        let wire = bundle.first().and_then(|i| wires.get(*i));
        wire.map_or((0, 0), |w| {
            let (lo, hi) = w.span();
            let down = hi - w.from >= w.from - lo;
            (i32::from(!down), if down { -w.from } else { w.from })
        })
    });
    let order = comes_before(wires, order);
    let mut taken: Vec<Vec<(i32, i32)>> = Vec::new();
    let mut tracks: Vec<(usize, u16)> = Vec::new();
    for bundle in order {
        let members: Vec<&Wire> = bundle.iter().filter_map(|i| wires.get(*i)).collect();
        let spans = members.iter().map(|w| w.span());
        let Some((lo, hi)) = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))) else { continue };
        let after = tracks.iter().filter(|(other, _)| {
            wires.get(*other).is_some_and(|o| members.iter().any(|w| must_precede(o, w)))
        });
        let least = after.map(|(_, track)| usize::from(*track) + 1).max().unwrap_or_default();
        let free = |spans: &Vec<(i32, i32)>| spans.iter().all(|(l, h)| hi < *l || *h < lo);
        let most = usize::from(UPRIGHTS) - 1;
        let track = (least..taken.len()).find(|t| taken.get(*t).is_some_and(free));
        let track = track.unwrap_or(taken.len().max(least)).min(most);
        if taken.len() <= track {
            taken.resize(track + 1, Vec::new());
        }
        if let Some(spans) = taken.get_mut(track) {
            spans.push((lo, hi));
        }
        tracks.extend(bundle.iter().map(|at| (*at, u16::try_from(track).unwrap_or_default())));
    }
    for (at, track) in tracks {
        if let Some(wire) = wires.get_mut(at) {
            wire.track = first + track;
        }
    }
    for wire in wires.iter_mut().filter(|w| w.is_straight()) {
        wire.track = first;
    }
    let uprights = u16::try_from(taken.len()).unwrap_or(UPRIGHTS);
    let ends = wires.iter().any(|w| !w.on.is_empty());
    first + uprights + if ends { 2 } else { 1 }
}

/// Whether `a` comes from a row that `b` goes on to: `a` must have turned before `b` does, or
/// the two would look like one.
fn must_precede(a: &Wire, b: &Wire) -> bool {
    a.net != b.net && (b.on.contains(&a.from) || a.back.iter().any(|row| b.on.contains(row)))
}

/// `order`, changed so that what must come first does, as far as there is such an order.
fn comes_before(wires: &[Wire], order: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    let mut left = order;
    let mut out = Vec::with_capacity(left.len());
    let precedes = |a: &[usize], b: &[usize]| {
        let pairs = a.iter().flat_map(|a| b.iter().map(move |b| (a, b)));
        pairs.filter_map(|(a, b)| Some((wires.get(*a)?, wires.get(*b)?))).any(|(a, b)| must_precede(a, b))
    };
    while !left.is_empty() {
        let free = |at: usize, bundle: &[usize]| {
            !left.iter().enumerate().any(|(i, other)| i != at && precedes(other, bundle))
        };
        let next = left.iter().enumerate().position(|(i, bundle)| free(i, bundle)).unwrap_or_default();
        out.push(left.remove(next));
    }
    out
}

fn across(cells: &mut Vec<(u16, u16, u8)>, y: u16, from: u16, to: u16) {
    cells.extend((from..to).map(|x| (x, y, LEFT | RIGHT)));
}

fn upright(cells: &mut Vec<(u16, u16, u8)>, x: u16, from: u16, to: u16) {
    cells.extend((from.min(to) + 1..from.max(to)).map(|y| (x, y, UP | DOWN)));
}

/// A line from a place at the left to one at the right, by way of the upright at `track`.
pub fn on(cells: &mut Vec<(u16, u16, u8)>, from: (u16, u16), track: u16, to: (u16, u16)) {
    if from.1 == to.1 {
        return across(cells, from.1, from.0, to.0);
    }
    let (down, up) = (DOWN, UP);
    across(cells, from.1, from.0, track);
    cells.push((track, from.1, LEFT | if to.1 > from.1 { down } else { up }));
    upright(cells, track, from.1, to.1);
    cells.push((track, to.1, RIGHT | if to.1 > from.1 { up } else { down }));
    across(cells, to.1, track + 1, to.0);
}

/// A line from a place at the left to another at the left.
pub fn back(cells: &mut Vec<(u16, u16, u8)>, from: (u16, u16), track: u16, to: (u16, u16)) {
    across(cells, from.1, from.0, track);
    if from.1 != to.1 {
        cells.push((track, from.1, LEFT | if to.1 > from.1 { DOWN } else { UP }));
        upright(cells, track, from.1, to.1);
        cells.push((track, to.1, LEFT | if to.1 > from.1 { UP } else { DOWN }));
    }
    across(cells, to.1, to.0, track);
}
