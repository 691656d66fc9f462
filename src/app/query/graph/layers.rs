//! Which column each node of a connected part stands in, which edges run together, and in which
//! order a column's places follow each other: edges go from left to right where they can.

use super::Edge;
use std::collections::HashMap;

/// Sweeps that sort the places of each column by their neighbours.
const SWEEPS: usize = 8;

/// How the edges of a net go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Way {
    /// They leave the origin for a column further right.
    Out,
    /// They come to the origin from a column further right.
    In,
    /// They leave the origin for a place in its own column.
    Side,
}

/// Edges of one type at one node that share a line: a tree, so that what it joins is plain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Net {
    /// The node at its left end.
    pub origin: usize,
    /// How its edges go.
    pub way: Way,
    /// Its edges, each with the node at its other end.
    pub ends: Vec<(usize, usize)>,
}

/// The columns of one connected part. A place is a node (its index) or where a net passes
/// through a column (an index past the nodes).
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// Places of each column, top to bottom.
    pub columns: Vec<Vec<usize>>,
    /// The nets.
    pub nets: Vec<Net>,
    /// The column of each node of the part.
    pub column_of: HashMap<usize, usize>,
    /// The place of a net in a column that it passes through.
    pub passes: HashMap<(usize, usize), usize>,
    /// From each place to places in the next column, with the net that leads there.
    pub links: Vec<(usize, usize, usize)>,
}

/// The connected parts of a graph of `nodes` nodes, each in the order of its nodes.
pub fn parts(nodes: usize, edges: &[Edge]) -> Vec<Vec<usize>> {
    let mut root: Vec<usize> = (0..nodes).collect();
    fn top(root: &mut [usize], mut at: usize) -> usize {
        while let Some(up) = root.get(at).copied().filter(|up| *up != at) {
            at = up;
        }
        at
    }
    for edge in edges {
        let (a, b) = (top(&mut root, edge.from), top(&mut root, edge.to));
        if let Some(slot) = root.get_mut(a.max(b)) {
            *slot = a.min(b);
        }
    }
    let mut parts: Vec<Vec<usize>> = Vec::new();
    let mut number = HashMap::new();
    for node in 0..nodes {
        let top = top(&mut root, node);
        let at = *number.entry(top).or_insert(parts.len());
        match parts.get_mut(at) {
            Some(part) => part.push(node),
            None => parts.push(vec![node]),
        }
    }
    parts
}

impl Layers {
    /// The columns of the part that `members` are. `nodes` counts the whole graph's.
    pub fn of(nodes: usize, members: &[usize], edges: &[Edge]) -> Self {
        let mine: HashMap<usize, usize> = members.iter().enumerate().map(|(i, m)| (*m, i)).collect();
        // Edges of the part as positions in `members`, with their index in the graph.
        let own: Vec<(usize, usize, usize)> = edges
            .iter()
            .enumerate()
            .filter(|(_, e)| e.from != e.to)
            .filter_map(|(i, e)| Some((*mine.get(&e.from)?, *mine.get(&e.to)?, i)))
            .collect();
        let arrows: Vec<(usize, usize)> = own.iter().map(|(a, b, _)| (*a, *b)).collect();
        let by_direction = directed(members.len(), &arrows);
        let mut layers = Self::arranged(nodes, members, &own, edges, &by_direction);
        // Where following the arrows makes most edges long, distance makes all of them short.
        if layers.passes.len() > 2 * members.len() + 8 {
            let by_distance = distances(members.len(), &arrows);
            layers = Self::arranged(nodes, members, &own, edges, &by_distance);
        }
        layers.sort();
        layers
    }

    fn arranged(
        nodes: usize,
        members: &[usize],
        own: &[(usize, usize, usize)],
        edges: &[Edge],
        columns: &[usize],
    ) -> Self {
        let mut layers = Self::default();
        let column = |at: usize| columns.get(at).copied().unwrap_or_default();
        layers.columns.resize(columns.iter().max().map_or(0, |m| m + 1), Vec::new());
        for (at, node) in members.iter().enumerate() {
            layers.column_of.insert(*node, column(at));
            if let Some(places) = layers.columns.get_mut(column(at)) {
                places.push(*node);
            }
        }
        let mut known: HashMap<(usize, &str, Way), usize> = HashMap::new();
        for (from, to, index) in own {
            let (Some(edge), way) = (edges.get(*index), column(*from).cmp(&column(*to))) else { continue };
            let (origin, end, way) = match way {
                std::cmp::Ordering::Less => (edge.from, edge.to, Way::Out),
                std::cmp::Ordering::Greater => (edge.to, edge.from, Way::In),
                std::cmp::Ordering::Equal => (edge.from, edge.to, Way::Side),
            };
            let net = *known.entry((origin, edge.kind.as_str(), way)).or_insert_with(|| {
                layers.nets.push(Net { origin, way, ends: Vec::new() });
                layers.nets.len() - 1
            });
            if let Some(net) = layers.nets.get_mut(net) {
                net.ends.push((*index, end));
            }
        }
        layers.pass_and_link(nodes);
        layers
    }

    /// Gives each net a place in every column that it passes, and notes who is joined to whom.
    fn pass_and_link(&mut self, nodes: usize) {
        for (number, net) in self.nets.iter().enumerate().filter(|(_, n)| n.way != Way::Side) {
            let column = |node: &usize| self.column_of.get(node).copied().unwrap_or_default();
            let first = column(&net.origin);
            let last = net.ends.iter().map(|(_, end)| column(end)).max().unwrap_or(first);
            let mut place = net.origin;
            for at in first..last {
                for (_, end) in net.ends.iter().filter(|(_, end)| column(end) == at + 1) {
                    if !self.links.contains(&(place, *end, number)) {
                        self.links.push((place, *end, number));
                    }
                }
                if at + 1 < last {
                    let pass = nodes + self.passes.len();
                    self.passes.insert((number, at + 1), pass);
                    self.links.push((place, pass, number));
                    if let Some(places) = self.columns.get_mut(at + 1) {
                        places.push(pass);
                    }
                    place = pass;
                }
            }
        }
    }

    /// Sorts each column by where the neighbours of its places stand.
    fn sort(&mut self) {
        let mut before: HashMap<usize, Vec<usize>> = HashMap::new();
        let mut after: HashMap<usize, Vec<usize>> = HashMap::new();
        for (left, right, _) in &self.links {
            after.entry(*left).or_default().push(*right);
            before.entry(*right).or_default().push(*left);
        }
        let mut position: HashMap<usize, f64> = HashMap::new();
        for column in &self.columns {
            position.extend(column.iter().enumerate().map(|(i, place)| (*place, i as f64)));
        }
        let count = self.columns.len();
        for sweep in 0..SWEEPS {
            let rightwards = sweep % 2 == 0;
            for step in 0..count {
                let at = if rightwards { step } else { count - 1 - step };
                let neighbours = if rightwards { &before } else { &after };
                let Some(column) = self.columns.get_mut(at) else { continue };
                let mean = |place: &usize| {
                    let near = neighbours.get(place).filter(|n| !n.is_empty())?;
                    let sum: f64 = near.iter().filter_map(|n| position.get(n)).sum();
                    Some(sum / near.len() as f64)
                };
                let own = |place: &usize| position.get(place).copied().unwrap_or_default();
                let mut keyed: Vec<(f64, usize)> =
                    column.iter().map(|p| (mean(p).unwrap_or_else(|| own(p)), *p)).collect();
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
                *column = keyed.into_iter().map(|(_, place)| place).collect();
                position.extend(column.iter().enumerate().map(|(i, place)| (*place, i as f64)));
            }
        }
    }
}

/// A column for each of `count` nodes so that edges go right, but for those that close a ring.
fn directed(count: usize, arrows: &[(usize, usize)]) -> Vec<usize> {
    let turned = closing(count, arrows);
    let forward: Vec<(usize, usize)> =
        arrows.iter().zip(turned).map(|((a, b), turn)| if turn { (*b, *a) } else { (*a, *b) }).collect();
    let (mut after, mut waits) = (vec![Vec::new(); count], vec![0_usize; count]);
    for (a, b) in &forward {
        if let (Some(next), Some(n)) = (after.get_mut(*a), waits.get_mut(*b)) {
            next.push(*b);
            *n += 1;
        }
    }
    let coming = waits.clone();
    let mut ready: Vec<usize> = (0..count).filter(|n| waits.get(*n) == Some(&0)).collect();
    let mut column = vec![0_usize; count];
    let mut done = 0;
    while let Some(node) = ready.get(done).copied() {
        done += 1;
        let here = column.get(node).copied().unwrap_or_default();
        for next in after.get(node).into_iter().flatten() {
            if let Some(there) = column.get_mut(*next) {
                *there = (*there).max(here + 1);
            }
            if let Some(n) = waits.get_mut(*next) {
                *n -= 1;
                if *n == 0 {
                    ready.push(*next);
                }
            }
        }
    }
    // A node that mostly leads on stands close to what it leads to.
    for node in ready.iter().rev() {
        let next = after.get(*node).map(Vec::as_slice).unwrap_or_default();
        let nearest = next.iter().filter_map(|n| column.get(*n)).min().copied();
        let leads = next.len() > coming.get(*node).copied().unwrap_or_default();
        if let (true, Some(nearest), Some(own)) = (leads, nearest, column.get_mut(*node)) {
            *own = (*own).max(nearest.saturating_sub(1));
        }
    }
    let least = column.iter().min().copied().unwrap_or_default();
    column.into_iter().map(|c| c - least).collect()
}

/// Which edges close a ring when the nodes are visited in order, sources first.
fn closing(count: usize, arrows: &[(usize, usize)]) -> Vec<bool> {
    let (mut after, mut coming) = (vec![Vec::new(); count], vec![0_usize; count]);
    for (i, (a, b)) in arrows.iter().enumerate() {
        if let (Some(next), Some(n)) = (after.get_mut(*a), coming.get_mut(*b)) {
            next.push((i, *b));
            *n += 1;
        }
    }
    let mut turned = vec![false; arrows.len()];
    // 0: not seen, 1: on the way, 2: done.
    let mut state = vec![0_u8; count];
    let mut starts: Vec<usize> = (0..count).collect();
    starts.sort_by_key(|n| coming.get(*n).copied().unwrap_or_default() > 0);
    for start in starts {
        if state.get(start) != Some(&0) {
            continue;
        }
        let mut way = vec![(start, 0_usize)];
        state[start] = 1;
        while let Some((node, nth)) = way.last_mut() {
            let next = after.get(*node).and_then(|n| n.get(*nth)).copied();
            *nth += 1;
            let node = *node;
            match next {
                None => {
                    state[node] = 2;
                    way.pop();
                }
                Some((edge, to)) => match state.get_mut(to) {
                    Some(s @ 0) => {
                        *s = 1;
                        way.push((to, 0));
                    }
                    Some(1) => turned[edge] = true,
                    _ => {}
                },
            }
        }
    }
    turned
}

/// The distance of each node from the one with the most edges.
fn distances(count: usize, arrows: &[(usize, usize)]) -> Vec<usize> {
    let mut near = vec![Vec::new(); count];
    for (a, b) in arrows {
        for (from, to) in [(*a, *b), (*b, *a)] {
            if let Some(n) = near.get_mut(from) {
                n.push(to);
            }
        }
    }
    let most = near.iter().map(Vec::len).max().unwrap_or_default();
    let start = near.iter().position(|n| n.len() == most).unwrap_or_default();
    let mut distance = vec![usize::MAX; count];
    let mut queue = vec![start];
    if let Some(d) = distance.get_mut(start) {
        *d = 0;
    }
    let mut done = 0;
    while let Some(node) = queue.get(done).copied() {
        done += 1;
        let here = distance.get(node).copied().unwrap_or_default();
        for next in near.get(node).into_iter().flatten() {
            if let Some(d) = distance.get_mut(*next).filter(|d| **d == usize::MAX) {
                *d = here + 1;
                queue.push(*next);
            }
        }
    }
    distance.into_iter().map(|d| if d == usize::MAX { 0 } else { d }).collect()
}
