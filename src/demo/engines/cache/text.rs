//! Memcached's text protocol, as much of it as the estate needs.

use super::{Held, Store};

/// Answers one line of Memcached's text protocol.
pub fn answer(store: &mut Store, line: &str) -> Vec<u8> {
    let words: Vec<&str> = line.split(' ').filter(|w| !w.is_empty()).collect();
    let mut out = Vec::new();
    match words.as_slice() {
        ["version"] => out.extend_from_slice(b"VERSION 1.6.22\r\n"),
        [get @ ("get" | "gets"), keys @ ..] if !keys.is_empty() => {
            for key in keys {
                let Some(Held::Text(value)) = store.get(key.as_bytes()).map(|e| e.held.clone()) else {
                    continue;
                };
                let unique = if *get == "gets" { " 1" } else { "" };
                out.extend_from_slice(format!("VALUE {key} 0 {}{unique}\r\n", value.len()).as_bytes());
                out.extend_from_slice(&value);
                out.extend_from_slice(b"\r\n");
            }
            out.extend_from_slice(b"END\r\n");
        }
        ["stats"] => {
            let (hits, misses) = store.hits;
            let facts = [
                ("curr_items", store.keys.len() as u64),
                ("get_hits", hits),
                ("get_misses", misses),
                ("evictions", 0),
            ];
            for (name, value) in facts {
                out.extend_from_slice(format!("STAT {name} {value}\r\n").as_bytes());
            }
            out.extend_from_slice(b"END\r\n");
        }
        ["delete", key] => {
            let gone = store.keys.remove(key.as_bytes()).is_some();
            out.extend_from_slice(if gone { b"DELETED\r\n" } else { b"NOT_FOUND\r\n" });
        }
        _ => out.extend_from_slice(b"ERROR\r\n"),
    }
    out
}
