//! The tree's own source as the architecture tests read it: which files there are, what in them is code (no
//! comment, no text of a literal), what of that is only compiled for tests, and which modules it names.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// One source file, blanked in three ways; line numbers are the same in all of them.
pub struct Source {
    /// The path from the root, with `/`.
    pub path: String,
    /// As it is on disk.
    pub text: String,
    /// What ships: no comments, no literals' texts, nothing under `cfg(test)`.
    pub code: String,
    /// The rest of the code: what is compiled for tests alone.
    pub test_code: String,
}

/// A module named by a path in the code.
pub struct Mention {
    /// Counted from 1.
    pub line: usize,
    /// The segments after `crate`, such as `["query", "engine", "Engine"]`.
    pub path: Vec<String>,
}

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder` (a path from the root), in a fixed order.
pub fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(next) = open.pop() {
        let Ok(entries) = fs::read_dir(&next) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// A path as it is printed: from the root.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// Every Rust file below `folder`.
pub fn sources(folder: &str) -> Vec<Source> {
    let rust = |path: &PathBuf| path.extension().is_some_and(|e| e == "rs");
    files(folder).iter().filter(|p| rust(p)).map(|p| read(p)).collect()
}

fn read(path: &Path) -> Source {
    let text = fs::read_to_string(path).expect("a source file is UTF-8");
    let path = shown(path);
    let blanked = without_prose(&text);
    let only_tests = path.starts_with("tests/")
        || path.ends_with("/tests.rs")
        || path.split('/').any(|part| part == "tests");
    let (code, test_code) = if only_tests { (String::new(), blanked) } else { split_tests(&blanked) };
    Source { path, text, code, test_code }
}

impl Source {
    /// The module this file is, by segments: `src/guard/gate.rs` is `["guard", "gate"]`; the crate's root is empty.
    pub fn module(&self) -> Vec<String> {
        let inner = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        let mut parts: Vec<String> = inner.split('/').map(str::to_owned).collect();
        if parts.last().is_some_and(|last| last == "mod" || last == "lib") {
            parts.pop();
        }
        parts
    }

    /// The lines of shipped code that contain `word` as a whole (what is next to it is no part of a name).
    pub fn lines_with(&self, word: &str) -> Vec<usize> {
        lines_with(&self.code, word)
    }

    /// Every module of this crate that the shipped code names, by `crate::` or `super::`.
    pub fn mentions(&self) -> Vec<Mention> {
        let mut found = Vec::new();
        for (at, word) in words(&self.code) {
            let after = &self.code[at + word.len()..];
            let begun = self.code[..at].ends_with("::");
            if begun || !after.starts_with("::") || (word != "crate" && word != "super") {
                continue;
            }
            let line = self.code[..at].matches('\n').count() + 1;
            let mut base = Vec::new();
            let mut rest = &after[2..];
            if word == "super" {
                base = self.module();
                base.pop();
                while let Some(shorter) = rest.strip_prefix("super::") {
                    base.pop();
                    rest = shorter;
                }
            }
            let mut paths = Vec::new();
            read_tree(&mut rest, &base, &mut paths);
            found.extend(paths.into_iter().map(|path| Mention { line, path }));
        }
        found
    }

    /// What this `mod.rs` hands on from its submodules: name → submodule.
    pub fn reexports(&self) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for part in self.code.split("pub use ").skip(1) {
            let mut rest = part;
            let mut paths = Vec::new();
            read_tree(&mut rest, &[], &mut paths);
            for path in paths {
                let path: Vec<String> = path.into_iter().filter(|s| s != "self").collect();
                if let (Some(first), Some(last)) = (path.first(), path.last()) {
                    found.insert(last.clone(), first.clone());
                }
            }
        }
        found
    }
}

/// The lines of `code` that contain `word` with no letter, digit or `_` around it.
pub fn lines_with(code: &str, word: &str) -> Vec<usize> {
    let named = |c: char| c.is_alphanumeric() || c == '_';
    let found = code.match_indices(word).filter(|(at, _)| {
        let before = code[..*at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        let open = word.starts_with(named) && before.is_some_and(named);
        let close = word.ends_with(named) && after.is_some_and(named);
        !open && !close
    });
    found.map(|(at, _)| code[..at].matches('\n').count() + 1).collect()
}

/// Reads `a::b::{c, d::e}` at the start of `rest` into full paths.
fn read_tree(rest: &mut &str, base: &[String], out: &mut Vec<Vec<String>>) {
    let mut path = base.to_vec();
    loop {
        *rest = rest.trim_start();
        if let Some(inner) = rest.strip_prefix('{') {
            *rest = inner;
            loop {
                *rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
                if let Some(after) = rest.strip_prefix('}') {
                    *rest = after;
                    return;
                }
                let before = rest.len();
                read_tree(rest, &path, out);
                skip_alias(rest);
                if rest.len() == before {
                    return;
                }
            }
        }
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if !word.is_empty() {
            path.push(word.to_owned());
        }
        *rest = after;
        match rest.strip_prefix("::") {
            Some(after) if !word.is_empty() => *rest = after,
            _ => break,
        }
    }
    *rest = rest.strip_prefix('*').unwrap_or(rest);
    out.push(path);
}

/// Steps over `as name` inside a use tree.
fn skip_alias(rest: &mut &str) {
    if let Some(after) = rest.trim_start().strip_prefix("as ") {
        *rest = after.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_' || c == ' ');
    }
}

/// The words of `code` with their byte offsets.
fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    code.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter_map(move |word| {
        let here = code[at..].find(word).map(|o| at + o)?;
        at = here + word.len();
        (!word.is_empty()).then_some((here, word))
    })
}

/// Blanks comments and the texts of literals; every line stays where it was.
fn without_prose(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out: Vec<u8> = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let named = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
        let end = match bytes[at] {
            b'/' if bytes[at..].starts_with(b"//") => line_end(bytes, at),
            b'/' if bytes[at..].starts_with(b"/*") => block_end(bytes, at),
            b'"' => quoted_end(bytes, at + 1, b'"'),
            b'r' if !named || bytes[at - 1] == b'b' => raw_end(bytes, at).unwrap_or(at),
            b'\'' if bytes.get(at + 1) == Some(&b'\\') => quoted_end(bytes, at + 1, b'\''),
            b'\'' => char_end(text, at).unwrap_or(at),
            _ => at,
        };
        for byte in &mut out[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end.max(at + 1);
    }
    String::from_utf8(out).expect("whole characters are blanked")
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |n| at + n)
}

fn block_end(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0;
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if bytes[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    at
}

/// The end of a literal whose text begins at `at` and that `quote` closes.
fn quoted_end(bytes: &[u8], mut at: usize, quote: u8) -> usize {
    while at < bytes.len() && bytes[at] != quote {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// The end of a raw string that begins at `at`, if one does.
fn raw_end(bytes: &[u8], at: usize) -> Option<usize> {
    let hashes = bytes[at + 1..].iter().take_while(|b| **b == b'#').count();
    if bytes.get(at + 1 + hashes) != Some(&b'"') {
        return None;
    }
    let close: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
    let from = at + 2 + hashes;
    let found = bytes[from..].windows(close.len()).position(|w| w == close.as_slice());
    Some(found.map_or(bytes.len(), |n| from + n + close.len()))
}

/// The end of a character literal that begins at `at`; a lifetime is none.
fn char_end(text: &str, at: usize) -> Option<usize> {
    let mut rest = text[at + 1..].char_indices();
    rest.next()?;
    let (next, c) = rest.next()?;
    (c == '\'').then_some(at + 1 + next + 1)
}

/// Code that ships, and code under `cfg(test)`; each with the other's part blanked.
fn split_tests(code: &str) -> (String, String) {
    let mut ships = code.as_bytes().to_vec();
    let mut tests: Vec<u8> = code.bytes().map(|b| if b == b'\n' { b } else { b' ' }).collect();
    for marker in ["#[cfg(test)]", "#[cfg(all(test"] {
        for (at, _) in code.match_indices(marker) {
            let end = item_end(code.as_bytes(), at + marker.len());
            for place in at..end {
                if ships[place] != b'\n' {
                    tests[place] = code.as_bytes()[place];
                    ships[place] = b' ';
                }
            }
        }
    }
    let text = |bytes| String::from_utf8(bytes).expect("whole items are blanked");
    (text(ships), text(tests))
}

/// The end of the item after an attribute: its closing brace, or its semicolon.
fn item_end(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0usize;
    while at < bytes.len() {
        match bytes[at] {
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            b';' if depth == 0 => return at + 1,
            _ => {}
        }
        at += 1;
    }
    at
}
