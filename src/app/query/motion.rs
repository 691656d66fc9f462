//! Where the cursor would go: vim's motions over plain lines, without moving anything.
//! Positions are line and character, both from 0.

/// Line and character, from 0.
pub type At = (usize, usize);

/// What a motion covers when an operator uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Up to, without, the target.
    Exclusive,
    /// Up to and with the target.
    Inclusive,
    /// Whole lines.
    Lines,
}

/// The length of a line in characters.
pub fn len(lines: &[String], row: usize) -> usize {
    lines.get(row).map_or(0, |l| l.chars().count())
}

/// The character at `at`; a line break at the end of a line.
fn char_at(lines: &[String], at: At) -> Option<char> {
    let line = lines.get(at.0)?;
    line.chars().nth(at.1).or_else(|| (at.0 + 1 < lines.len()).then_some('\n'))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Blank,
    Word,
    Other,
}

fn kind(c: Option<char>) -> Kind {
    match c {
        None => Kind::Blank,
        Some(c) if c.is_whitespace() => Kind::Blank,
        Some(c) if c.is_alphanumeric() || c == '_' => Kind::Word,
        Some(_) => Kind::Other,
    }
}

/// The position one character later; `None` at the end of the text.
fn after(lines: &[String], (row, col): At) -> Option<At> {
    if col < len(lines, row) {
        return Some((row, col + 1));
    }
    (row + 1 < lines.len()).then_some((row + 1, 0))
}

/// The position one character earlier; `None` at the start of the text.
fn before(lines: &[String], (row, col): At) -> Option<At> {
    if col > 0 {
        return Some((row, col - 1));
    }
    row.checked_sub(1).map(|row| (row, len(lines, row)))
}

/// `w`: the start of the next word.
pub fn word(lines: &[String], from: At) -> At {
    let start = kind(char_at(lines, from));
    let mut at = from;
    while kind(char_at(lines, at)) == start && start != Kind::Blank {
        match after(lines, at) {
            Some(next) if next.0 == at.0 => at = next,
            Some(next) => {
                at = next;
                break;
            }
            None => return at,
        }
    }
    while kind(char_at(lines, at)) == Kind::Blank {
        match after(lines, at) {
            Some(next) => at = next,
            None => return at,
        }
    }
    at
}

/// `b`: the start of this word or the one before.
pub fn back(lines: &[String], from: At) -> At {
    let Some(mut at) = before(lines, from) else { return from };
    while kind(char_at(lines, at)) == Kind::Blank {
        match before(lines, at) {
            Some(earlier) => at = earlier,
            None => return at,
        }
    }
    let here = kind(char_at(lines, at));
    while let Some(earlier) = before(lines, at) {
        if earlier.0 != at.0 || kind(char_at(lines, earlier)) != here {
            break;
        }
        at = earlier;
    }
    at
}

/// `e`: the last character of this word or the next.
pub fn end(lines: &[String], from: At) -> At {
    let Some(mut at) = after(lines, from) else { return from };
    while kind(char_at(lines, at)) == Kind::Blank {
        match after(lines, at) {
            Some(next) => at = next,
            None => return before(lines, at).unwrap_or(at),
        }
    }
    let here = kind(char_at(lines, at));
    while let Some(next) = after(lines, at) {
        if next.0 != at.0 || kind(char_at(lines, next)) != here {
            break;
        }
        at = next;
    }
    at
}

/// `^`: the first character of the line that is not blank.
pub fn indent(lines: &[String], row: usize) -> At {
    (row, lines.get(row).map_or(0, |l| l.chars().take_while(|c| c.is_whitespace()).count()))
}

/// `f` and `t`: the next `c` on the line, or just before it.
pub fn find(lines: &[String], (row, col): At, c: char, before: bool) -> Option<At> {
    let found = lines.get(row)?.chars().enumerate().skip(col + 1).find(|(_, x)| *x == c)?.0;
    Some((row, if before { found.saturating_sub(1).max(col) } else { found }))
}

/// `}` and `{`: the next or previous empty line.
pub fn paragraph(lines: &[String], row: usize, forward: bool) -> At {
    let empty = |r: &usize| lines.get(*r).is_some_and(|l| l.trim().is_empty());
    let last = lines.len().saturating_sub(1);
    if forward {
        (row + 1..lines.len()).find(empty).map_or((last, len(lines, last)), |r| (r, 0))
    } else {
        ((0..row).rev().find(empty).unwrap_or(0), 0)
    }
}

/// `iw`: first and last character of the word at `at`.
pub fn inner_word(lines: &[String], (row, col): At) -> (At, At) {
    let here = kind(char_at(lines, (row, col)));
    let same = |c: usize| c < len(lines, row) && kind(char_at(lines, (row, c))) == here;
    let mut start = col;
    while start > 0 && same(start - 1) {
        start -= 1;
    }
    let mut end = col;
    while same(end + 1) {
        end += 1;
    }
    ((row, start), (row, end))
}

/// `i'`, `i"`, `i(`: what stands between the pair around `at`, on its line; start and one past
/// the end.
pub fn inside(lines: &[String], (row, col): At, open: char, close: char) -> Option<(At, At)> {
    let line: Vec<char> = lines.get(row)?.chars().collect();
    let opened = if open == close {
        let earlier: Vec<usize> =
            line.iter().enumerate().filter(|(_, c)| **c == open).map(|(i, _)| i).collect();
        earlier.chunks_exact(2).find(|p| p.iter().any(|i| *i >= col))?.first().copied()?
    } else {
        let mut depth = 0_usize;
        line.iter().enumerate().take(col + 1).rev().find_map(|(i, c)| {
            if *c == close && i != col {
                depth += 1;
            } else if *c == open {
                if depth == 0 {
                    return Some(i);
                }
                depth -= 1;
            }
            None
        })?
    };
    let mut depth = 0_usize;
    let closed = line.iter().enumerate().skip(opened + 1).find_map(|(i, c)| {
        if *c == close {
            if depth == 0 {
                return Some(i);
            }
            depth -= 1;
        } else if *c == open {
            depth += 1;
        }
        None
    })?;
    Some(((row, opened + 1), (row, closed)))
}
