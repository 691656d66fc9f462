//! The modal editing style: vim's normal, insert and visual modes over a text area. Only
//! editing is here; what runs, copies or saves is a command and comes from the keymap.

use super::motion::{self, At, Reach};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_textarea::{CursorMove, TextArea};

/// The mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Keys are commands.
    #[default]
    Normal,
    /// Text goes in.
    Insert,
    /// Keys move the end of a selection.
    Visual,
    /// The same, in whole lines.
    VisualLine,
}

/// What waits for a motion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Delete,
    Change,
    Yank,
}

/// What waits for one more character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pending {
    /// `g`.
    Go,
    /// `r`.
    Replace,
    /// `f` or `t`.
    Find { before: bool },
    /// `i` or `a` after an operator.
    Inner,
}

/// The most states kept for undo.
const UNDO_KEPT: usize = 200;
/// A longer text keeps fewer states, so that undo stays below some ten megabytes.
const UNDO_BYTES: usize = 16 << 20;
/// The highest count, so that `999999p` cannot fill the memory.
const COUNT_MAX: usize = 10_000;

/// A text and where the cursor stood in it.
#[derive(Clone)]
struct Snapshot {
    lines: Vec<String>,
    cursor: At,
}

/// The modal state.
#[derive(Clone, Default)]
pub struct Vim {
    mode: Mode,
    count: usize,
    operator: Option<(Operator, usize)>,
    pending: Option<Pending>,
    anchor: At,
    register: (String, bool),
    undo: Vec<Snapshot>,
    redo: Vec<Snapshot>,
}

impl Vim {
    /// The mode.
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether a key now begins something: nothing waits for it.
    pub const fn is_fresh(&self) -> bool {
        self.operator.is_none() && self.pending.is_none() && self.count == 0
    }

    /// What was typed of a command so far, for the mode line.
    pub fn typed(&self) -> String {
        let mut out = String::new();
        let number = |out: &mut String, n: usize| {
            if n > 0 {
                out.push_str(&n.to_string());
            }
        };
        if let Some((operator, n)) = self.operator {
            number(&mut out, n);
            out.push(match operator {
                Operator::Delete => 'd',
                Operator::Change => 'c',
                Operator::Yank => 'y',
            });
        }
        number(&mut out, self.count);
        out.push_str(match self.pending {
            Some(Pending::Go) => "g",
            Some(Pending::Replace) => "r",
            Some(Pending::Find { before: false }) => "f",
            Some(Pending::Find { before: true }) => "t",
            Some(Pending::Inner) => "i",
            None => "",
        });
        out
    }

    /// Begins insert mode, as for a new tab or a paste.
    pub fn begin_insert(&mut self, area: &TextArea<'_>) {
        self.remember(area);
        self.mode = Mode::Insert;
    }

    /// Ends insert mode; the cursor steps back onto a character, as in vim.
    pub fn end_insert(&mut self, area: &mut TextArea<'_>) {
        self.reset();
        if self.mode == Mode::Insert && cursor(area).1 > 0 {
            area.move_cursor(CursorMove::Back);
        }
        self.mode = Mode::Normal;
    }

    /// Back to normal mode with nothing pending and nothing selected.
    pub fn settle(&mut self) {
        self.reset();
        self.mode = Mode::Normal;
    }

    /// Keeps the text as it stands for undo, when it differs from what was kept last.
    pub fn remember(&mut self, area: &TextArea<'_>) {
        if self.undo.last().is_some_and(|s| s.lines == area.lines()) {
            return;
        }
        self.undo.push(Snapshot { lines: area.lines().to_vec(), cursor: cursor(area) });
        self.redo.clear();
        let size = |s: &Snapshot| s.lines.iter().map(String::len).sum::<usize>();
        let mut bytes: usize = self.undo.iter().map(size).sum();
        while self.undo.len() > UNDO_KEPT || (bytes > UNDO_BYTES && self.undo.len() > 1) {
            bytes -= size(&self.undo.remove(0));
        }
    }

    /// The selection of visual mode: first and one past the last position.
    pub fn selection(&self, area: &TextArea<'_>) -> Option<(At, At)> {
        let here = cursor(area);
        let (from, to) = (self.anchor.min(here), self.anchor.max(here));
        match self.mode {
            Mode::Visual => Some((from, (to.0, (to.1 + 1).min(motion::len(area.lines(), to.0))))),
            Mode::VisualLine => Some(((from.0, 0), (to.0, motion::len(area.lines(), to.0)))),
            _ => None,
        }
    }

    /// Takes a key in normal or visual mode.
    pub fn key(&mut self, area: &mut TextArea<'static>, key: KeyEvent) {
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            if key.code == KeyCode::Char('r') {
                self.step(area, false);
            }
            return self.reset();
        }
        let c = match key.code {
            KeyCode::Char(c) => c,
            KeyCode::Left | KeyCode::Backspace => 'h',
            KeyCode::Right => 'l',
            KeyCode::Up => 'k',
            KeyCode::Down | KeyCode::Enter => 'j',
            KeyCode::Home => '0',
            KeyCode::End => '$',
            KeyCode::Delete => 'x',
            KeyCode::Esc => return self.settle(),
            _ => return self.reset(),
        };
        if let Some(pending) = self.pending.take() {
            return self.finish(area, pending, c);
        }
        if c.is_ascii_digit() && (c != '0' || self.count > 0) {
            let digit = c.to_digit(10).unwrap_or(0) as usize;
            self.count = (self.count * 10 + digit).min(COUNT_MAX);
            return;
        }
        if let Some((to, reach)) = self.motion(area, c) {
            return self.go(area, to, reach);
        }
        if self.mode == Mode::Normal { self.normal(area, c) } else { self.visual(area, c) }
    }

    fn times(&self) -> usize {
        let operator = self.operator.map_or(1, |(_, n)| n.max(1));
        (self.count.max(1) * operator).min(COUNT_MAX)
    }

    fn reset(&mut self) {
        self.count = 0;
        self.operator = None;
        self.pending = None;
    }

    /// Where a motion key leads, if it is one.
    fn motion(&self, area: &TextArea<'_>, c: char) -> Option<(At, Reach)> {
        let lines = area.lines();
        let (row, col) = cursor(area);
        let n = self.times();
        let repeat = |step: fn(&[String], At) -> At| (0..n).fold((row, col), |at, _| step(lines, at));
        let last = lines.len().saturating_sub(1);
        Some(match c {
            'h' => ((row, col.saturating_sub(n)), Reach::Exclusive),
            'l' | ' ' => ((row, (col + n).min(motion::len(lines, row))), Reach::Exclusive),
            'j' => (((row + n).min(last), col), Reach::Lines),
            'k' => ((row.saturating_sub(n), col), Reach::Lines),
            // vim's own exception: `cw` on a word changes to its end, not to the next word.
            'w' if self.changes_word(area) => (repeat(motion::end), Reach::Inclusive),
            'w' | 'W' => (repeat(motion::word), Reach::Exclusive),
            'b' | 'B' => (repeat(motion::back), Reach::Exclusive),
            'e' | 'E' => (repeat(motion::end), Reach::Inclusive),
            '0' => ((row, 0), Reach::Exclusive),
            '^' | '_' => (motion::indent(lines, row), Reach::Exclusive),
            '$' => {
                let row = (row + n - 1).min(last);
                ((row, motion::len(lines, row)), Reach::Exclusive)
            }
            'G' => (((if self.count > 0 { self.count - 1 } else { last }).min(last), 0), Reach::Lines),
            '}' => (motion::paragraph(lines, row, true), Reach::Exclusive),
            '{' => (motion::paragraph(lines, row, false), Reach::Exclusive),
            _ => return None,
        })
    }

    fn changes_word(&self, area: &TextArea<'_>) -> bool {
        let (row, col) = cursor(area);
        let on = area.lines().get(row).and_then(|l| l.chars().nth(col));
        matches!(self.operator, Some((Operator::Change, _))) && on.is_some_and(|c| !c.is_whitespace())
    }

    /// Moves to `to`, or applies the waiting operator up to there.
    fn go(&mut self, area: &mut TextArea<'static>, to: At, reach: Reach) {
        let from = cursor(area);
        match self.operator {
            Some((operator, _)) => self.apply(area, operator, from, to, reach),
            None => jump(area, self.held(area, to)),
        }
        self.reset();
    }

    /// In normal mode the cursor stands on a character, not behind the last one.
    fn held(&self, area: &TextArea<'_>, (row, col): At) -> At {
        let len = motion::len(area.lines(), row);
        (row, col.min(if self.mode == Mode::Insert { len } else { len.saturating_sub(1) }))
    }

    fn finish(&mut self, area: &mut TextArea<'static>, pending: Pending, c: char) {
        let from = cursor(area);
        match pending {
            Pending::Go if c == 'g' => {
                let row = self.count.saturating_sub(1).min(area.lines().len().saturating_sub(1));
                return self.go(area, (row, 0), Reach::Lines);
            }
            Pending::Replace if from.1 < motion::len(area.lines(), from.0) && !c.is_control() => {
                self.remember(area);
                area.delete_next_char();
                area.insert_char(c);
                area.move_cursor(CursorMove::Back);
            }
            Pending::Find { before } => {
                if let Some(to) = motion::find(area.lines(), from, c, before) {
                    return self.go(area, to, Reach::Inclusive);
                }
            }
            Pending::Inner => self.inner(area, c),
            _ => {}
        }
        self.reset();
    }

    fn inner(&mut self, area: &mut TextArea<'static>, c: char) {
        let Some((operator, _)) = self.operator else { return };
        let at = cursor(area);
        let found = match c {
            'w' => {
                let (from, to) = motion::inner_word(area.lines(), at);
                return self.apply(area, operator, from, to, Reach::Inclusive);
            }
            '\'' | '"' | '`' => motion::inside(area.lines(), at, c, c),
            '(' | ')' | 'b' => motion::inside(area.lines(), at, '(', ')'),
            _ => None,
        };
        if let Some((from, to)) = found {
            self.apply(area, operator, from, to, Reach::Exclusive);
        }
    }

    fn normal(&mut self, area: &mut TextArea<'static>, c: char) {
        let at @ (row, col) = cursor(area);
        let n = self.times();
        let end = (row, motion::len(area.lines(), row));
        match (c, self.operator) {
            ('d', Some((Operator::Delete, _)))
            | ('c', Some((Operator::Change, _)))
            | ('y', Some((Operator::Yank, _))) => {
                let last = area.lines().len().saturating_sub(1);
                return self.go(area, ((row + n - 1).min(last), col), Reach::Lines);
            }
            ('i' | 'a', Some(_)) => return self.pending = Some(Pending::Inner),
            ('g', _) => return self.pending = Some(Pending::Go),
            ('f', _) => return self.pending = Some(Pending::Find { before: false }),
            ('t', _) => return self.pending = Some(Pending::Find { before: true }),
            (_, Some(_)) => {}
            ('d', None) => return self.wait(Operator::Delete),
            ('c', None) => return self.wait(Operator::Change),
            ('y', None) => return self.wait(Operator::Yank),
            ('r', None) => return self.pending = Some(Pending::Replace),
            ('x', None) => {
                self.apply(area, Operator::Delete, at, (row, (col + n).min(end.1)), Reach::Exclusive);
            }
            ('X', None) => {
                self.apply(area, Operator::Delete, (row, col.saturating_sub(n)), at, Reach::Exclusive);
            }
            ('s', None) => {
                self.apply(area, Operator::Change, at, (row, (col + n).min(end.1)), Reach::Exclusive);
            }
            ('D', None) => self.apply(area, Operator::Delete, at, end, Reach::Exclusive),
            ('C', None) => self.apply(area, Operator::Change, at, end, Reach::Exclusive),
            ('S', None) => self.apply(area, Operator::Change, at, at, Reach::Lines),
            ('Y', None) => self.apply(area, Operator::Yank, at, at, Reach::Lines),
            ('p' | 'P', None) => self.put(area, c == 'p', n),
            ('u', None) => (0..n).for_each(|_| self.step(area, true)),
            ('J', None) => self.join(area, n),
            ('v', None) => self.select(at, Mode::Visual),
            ('V', None) => self.select(at, Mode::VisualLine),
            _ => self.insert_key(area, c),
        }
        self.reset();
    }

    fn wait(&mut self, operator: Operator) {
        self.operator = Some((operator, self.count));
        self.count = 0;
    }

    fn select(&mut self, at: At, mode: Mode) {
        self.anchor = at;
        self.mode = mode;
    }

    /// Keys that begin insert mode.
    fn insert_key(&mut self, area: &mut TextArea<'static>, c: char) {
        let (row, _) = cursor(area);
        if !matches!(c, 'i' | 'a' | 'I' | 'A' | 'o' | 'O') {
            return;
        }
        self.begin_insert(area);
        match c {
            'a' if cursor(area).1 < motion::len(area.lines(), row) => area.move_cursor(CursorMove::Forward),
            'I' => jump(area, motion::indent(area.lines(), row)),
            'A' => area.move_cursor(CursorMove::End),
            'o' => {
                area.move_cursor(CursorMove::End);
                area.insert_newline();
            }
            'O' => {
                area.move_cursor(CursorMove::Head);
                area.insert_newline();
                area.move_cursor(CursorMove::Up);
            }
            _ => {}
        }
    }

    fn visual(&mut self, area: &mut TextArea<'static>, c: char) {
        let here = cursor(area);
        let reach = if self.mode == Mode::VisualLine { Reach::Lines } else { Reach::Inclusive };
        let operator = match c {
            'd' | 'x' | 'D' | 'X' => Operator::Delete,
            'c' | 's' | 'C' | 'S' => Operator::Change,
            'y' | 'Y' => Operator::Yank,
            'g' => return self.pending = Some(Pending::Go),
            'f' => return self.pending = Some(Pending::Find { before: false }),
            't' => return self.pending = Some(Pending::Find { before: true }),
            'o' => {
                jump(area, self.anchor);
                self.anchor = here;
                return self.reset();
            }
            'v' | 'V' => {
                let mode = if c == 'v' { Mode::Visual } else { Mode::VisualLine };
                self.mode = if self.mode == mode { Mode::Normal } else { mode };
                return self.reset();
            }
            _ => return self.reset(),
        };
        let (from, to) = (self.anchor.min(here), self.anchor.max(here));
        self.mode = Mode::Normal;
        self.apply(area, operator, from, to, reach);
        self.reset();
    }

    /// Deletes, changes or yanks between two positions.
    fn apply(&mut self, area: &mut TextArea<'static>, operator: Operator, a: At, b: At, reach: Reach) {
        let (from, to) = (a.min(b), a.max(b));
        let lines = area.lines();
        let line_end = |row: usize| (row, motion::len(lines, row));
        let (from, to) = match reach {
            Reach::Exclusive => (from, to),
            Reach::Inclusive => (from, (to.0, (to.1 + 1).min(line_end(to.0).1))),
            Reach::Lines => ((from.0, 0), line_end(to.0)),
        };
        let whole = reach == Reach::Lines;
        self.register = (text_between(lines, from, to), whole);
        let (last, end) = (lines.len().saturating_sub(1), line_end(from.0.saturating_sub(1)));
        if operator == Operator::Yank {
            return jump(area, self.held(area, if whole { (from.0, a.1) } else { from }));
        }
        self.remember(area);
        match (operator, whole) {
            (Operator::Delete, true) if to.0 < last => cut(area, from, (to.0 + 1, 0)),
            (Operator::Delete, true) if from.0 > 0 => cut(area, end, to),
            _ => cut(area, from, to),
        }
        if operator == Operator::Change {
            self.mode = Mode::Insert;
        } else {
            let at = if whole { motion::indent(area.lines(), cursor(area).0) } else { cursor(area) };
            jump(area, self.held(area, at));
        }
    }

    fn put(&mut self, area: &mut TextArea<'static>, after: bool, n: usize) {
        let (text, whole) = self.register.clone();
        if text.is_empty() || text.len().saturating_mul(n) > UNDO_BYTES {
            return;
        }
        self.remember(area);
        let (row, col) = cursor(area);
        if whole {
            let block = vec![text; n].join("\n");
            let first = if after { row + 1 } else { row };
            if after {
                area.move_cursor(CursorMove::End);
                area.insert_str(format!("\n{block}"));
            } else {
                area.move_cursor(CursorMove::Head);
                area.insert_str(format!("{block}\n"));
            }
            return jump(area, motion::indent(area.lines(), first));
        }
        if after && col < motion::len(area.lines(), row) {
            area.move_cursor(CursorMove::Forward);
        }
        area.insert_str(text.repeat(n));
        area.move_cursor(CursorMove::Back);
    }

    fn join(&mut self, area: &mut TextArea<'static>, n: usize) {
        self.remember(area);
        for _ in 0..n.max(2) - 1 {
            let (row, _) = cursor(area);
            if row + 1 >= area.lines().len() {
                break;
            }
            let blank = motion::indent(area.lines(), row + 1).1;
            let end = (row, motion::len(area.lines(), row));
            cut(area, end, (row + 1, blank));
            area.insert_char(' ');
            area.move_cursor(CursorMove::Back);
        }
    }

    /// Undoes (or redoes) one change.
    fn step(&mut self, area: &mut TextArea<'static>, undo: bool) {
        let now = Snapshot { lines: area.lines().to_vec(), cursor: cursor(area) };
        let (from, to) =
            if undo { (&mut self.undo, &mut self.redo) } else { (&mut self.redo, &mut self.undo) };
        // A kept state may equal the present one: insert mode was entered and left again.
        while let Some(state) = from.pop() {
            if state.lines == now.lines {
                continue;
            }
            to.push(now);
            let at = state.cursor;
            *area = TextArea::new(state.lines);
            jump(area, self.held(area, at));
            return;
        }
    }
}

/// The cursor as line and character.
pub fn cursor(area: &TextArea<'_>) -> At {
    let at = area.cursor();
    (at.0, at.1)
}

/// Moves the cursor; positions past the end stop at the end.
pub fn jump(area: &mut TextArea<'_>, (row, col): At) {
    let fit = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    area.move_cursor(CursorMove::Jump(fit(row), fit(col)));
}

/// Deletes the text between two positions.
pub fn cut(area: &mut TextArea<'_>, from: At, to: At) {
    jump(area, from);
    if from == to {
        return;
    }
    area.start_selection();
    jump(area, to);
    area.cut();
    area.cancel_selection();
}

/// The text between two positions.
pub fn text_between(lines: &[String], from: At, to: At) -> String {
    let mut out = String::new();
    for row in from.0..=to.0 {
        let Some(line) = lines.get(row) else { break };
        let first = if row == from.0 { from.1 } else { 0 };
        let last = if row == to.0 { to.1 } else { usize::MAX };
        if row > from.0 {
            out.push('\n');
        }
        out.extend(line.chars().skip(first).take(last.saturating_sub(first)));
    }
    out
}
