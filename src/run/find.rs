//! Searching the rows of a result: in slices, off the runtime's threads, so that a slice is all
//! that a new search waits for.

use super::runner::Work;
use crate::app::query::find::Words;
use crate::app::{Reply, Ticket};
use crate::model::{Failure, FailureKind};
use crate::query::RowReader;
use std::ops::Range;

/// The most rows of a slice.
const ROWS: u64 = 8_192;
/// The most bytes of values of a slice.
const BYTES: usize = 8 << 20;

/// Looks for `words` in `ranges` of the rows, one after the other.
pub async fn find(work: &Work, ticket: &Ticket, rows: RowReader, words: Words, ranges: Vec<Range<u64>>) {
    for range in ranges {
        let mut at = range.start;
        while at < range.end {
            let slice = at..range.end.min(at.saturating_add(ROWS));
            let (reader, words) = (rows.clone(), words.clone());
            let looked = tokio::task::spawn_blocking(move || look(&reader, &words, slice)).await;
            match looked {
                Ok(Slice { hits, cells, end }) => {
                    let seen = end - at;
                    work.reply(ticket, Reply::Found { rows: hits, cells, seen });
                    at = end;
                }
                Err(e) => {
                    let failure = Failure::new(FailureKind::Bug, "search the rows", e.to_string());
                    return work.reply(ticket, Reply::Failed(failure));
                }
            }
        }
    }
    work.reply(ticket, Reply::Searched);
}

/// What a slice held.
struct Slice {
    hits: Vec<u64>,
    cells: u64,
    /// The row behind the last one that was looked at.
    end: u64,
}

/// Looks through a slice; ends earlier, behind at least one row, when the values are long.
fn look(reader: &RowReader, words: &Words, rows: Range<u64>) -> Slice {
    let mut slice = Slice { hits: Vec::new(), cells: 0, end: rows.start };
    let mut bytes = 0;
    for row in rows {
        let before = slice.cells;
        reader.row(row, |_, value| {
            bytes += value.raw.len();
            slice.cells += u64::from(words.hit(value));
        });
        if slice.cells > before {
            slice.hits.push(row);
        }
        slice.end = row + 1;
        if bytes >= BYTES {
            break;
        }
    }
    slice
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Tag;
    use crate::query::store::store;

    #[test]
    fn a_slice_ends_at_long_values_and_no_row_is_left_out() {
        let (mut writer, reader) = store(1 << 20);
        for i in 0..40 {
            let mut text = "x".repeat(1 << 20);
            text.push_str(if i % 10 == 9 { "needle" } else { "hay" });
            writer.value(Tag::Text, text.as_bytes());
            writer.value(Tag::Text, b"Needle");
            writer.end_row().unwrap();
        }
        writer.publish();
        let words = Words::new("Needle").unwrap();
        assert_eq!(look(&reader, &words, 0..2).cells, 2);
        let (words, mut at, mut slices, mut cells) = (Words::new("needle").unwrap(), 0, 0, 0);
        while at < 40 {
            let slice = look(&reader, &words, at..40);
            assert!(slice.end > at && slice.end - at <= 9);
            (at, slices, cells) = (slice.end, slices + 1, cells + slice.cells);
        }
        assert_eq!((slices, cells), (5, 44));
    }
}
