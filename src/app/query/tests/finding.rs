//! Looking for words in the rows.

use super::*;
use crate::app::query::find::Words;
use crate::model::Value;

/// A tab over rows of `id, name` with these names, the focus on the rows.
fn over(names: &[&str]) -> Bench {
    let mut b = Bench::plain();
    let (mut writer, reader) = store(1 << 20);
    let column = |name: &str, tag| Column { name: name.into(), type_name: "".into(), tag };
    let columns = vec![column("id", Tag::Number), column("name", Tag::Text)];
    writer.set_columns(&columns);
    for (i, name) in names.iter().enumerate() {
        writer.value(Tag::Number, i.to_string().as_bytes());
        writer.value(Tag::Text, name.as_bytes());
        writer.end_row().unwrap();
    }
    writer.publish();
    b.reply(Reply::Columns(columns, reader));
    b.reply(Reply::Rows(names.len() as u64));
    b.reply(Reply::Done(Summary::default()));
    b.command("results.focus");
    b
}

/// Answers the search that was asked for, one row a slice.
fn answer(b: &mut Bench) -> Vec<std::ops::Range<u64>> {
    let find = b.take().into_iter().rev().find_map(|e| match e {
        Effect::Find { rows, words, ranges, .. } => Some((rows, words, ranges)),
        _ => None,
    });
    let (reader, words, ranges) = find.expect("a search is asked for");
    for row in ranges.iter().cloned().flatten() {
        let mut cells = 0;
        reader.row(row, |_, value| cells += u64::from(words.hit(value)));
        let rows = if cells > 0 { vec![row] } else { Vec::new() };
        b.with(|tab, ctx| tab.found(Reply::Found { rows, cells, seen: 1 }, ctx));
    }
    b.with(|tab, ctx| tab.found(Reply::Searched, ctx));
    ranges
}

fn at(b: &Bench) -> (u64, usize) {
    b.tab.results().map(|r| (r.row, r.column)).unwrap()
}

#[test]
fn a_search_goes_to_the_first_hit_behind_the_cursor_and_counts_all() {
    let mut b = over(&["apple", "pear", "Apple pie", "fig", "grapple 3"]);
    b.command("row.next");
    b.command("filter.open");
    assert_eq!(b.tab.context(), Context::EditorInsert);
    b.keys("ap");
    b.keys("ple");
    assert_eq!(answer(&mut b), [1..5, 0..1]);
    assert_eq!(at(&b), (2, 1));
    b.keys("\n");
    assert_eq!(b.tab.context(), Context::Results);
    let find = b.tab.results().and_then(|r| r.find.as_ref()).unwrap();
    assert_eq!((find.hits, find.cells, find.seen, find.is_done()), (3, 3, 5, true));
    assert_eq!((find.rank(2), find.holds(3)), (2, false));
    for (command, want) in
        [("find.next", (4, 1)), ("find.next", (0, 1)), ("find.previous", (4, 1)), ("find.previous", (2, 1))]
    {
        b.command(command);
        assert_eq!(at(&b), want, "{command}");
    }
    b.keys("\u{1b}");
    assert!(b.tab.results().is_some_and(|r| r.find.is_none()), "Esc ends the search first");
    assert_eq!(b.tab.focus(), Focus::Results);
    b.keys("\u{1b}");
    assert_eq!(b.tab.focus(), Focus::Editor);
}

#[test]
fn giving_up_goes_back_and_stops_the_search() {
    let mut b = over(&["a", "b", "c"]);
    b.command("filter.open");
    b.keys("c");
    let [Effect::Find { ticket, .. }] = b.only() else { panic!("no search") };
    b.with(|tab, ctx| tab.found(Reply::Found { rows: vec![2], cells: 1, seen: 3 }, ctx));
    assert_eq!(at(&b), (2, 1));
    b.keys("\u{1b}");
    assert_eq!(at(&b), (0, 0));
    assert_eq!(b.take(), [Effect::Cancel(ticket)]);
    b.with(|tab, ctx| tab.found(Reply::Found { rows: vec![1], cells: 1, seen: 3 }, ctx));
    assert!(b.tab.results().is_some_and(|r| r.find.is_none()), "an answer too late changes nothing");
    b.command("find.next");
    assert!(b.said.last().is_some_and(|s| s.bad));
}

#[test]
fn several_values_of_a_row_are_hits_of_their_own() {
    let mut b = over(&["x", "1 and 1", "11"]);
    b.command("filter.open");
    b.keys("1");
    answer(&mut b);
    b.keys("\n");
    assert_eq!(at(&b), (1, 0));
    for want in [(1, 1), (2, 1), (1, 0)] {
        b.command("find.next");
        assert_eq!(at(&b), want);
    }
    b.command("find.previous");
    assert_eq!(at(&b), (2, 1));
}

#[test]
fn rows_that_come_later_are_searched_too_and_a_new_result_as_well() {
    let mut b = over(&["a", "b"]);
    b.command("filter.open");
    b.keys("name");
    answer(&mut b);
    b.keys("\n");
    b.keys("v");
    b.take();
    let (reader, columns) = rows(3);
    b.reply(Reply::Columns(columns, reader));
    b.reply(Reply::Rows(2));
    let asked = answer(&mut b);
    assert_eq!((asked.len(), asked.first()), (1, Some(&(0..3))), "the words of before");
}

#[test]
fn small_letters_find_both_cases_and_nothing_is_no_text() {
    let hit =
        |words: &str, tag, raw: &str| Words::new(words).unwrap().hit(Value { tag, raw: raw.as_bytes() });
    for (words, raw, want) in [
        ("ab", "xxAB", true),
        ("Ab", "xxAB", false),
        ("Ab", "Ab", true),
        ("größe", "GRÖSSE GRÖßE", true),
        ("数", "x数", true),
        ("abc", "ab", false),
        ("aab", "aaab", true),
    ] {
        assert_eq!(hit(words, Tag::Text, raw), want, "{words} in {raw}");
    }
    assert!(!hit("null", Tag::Null, "") && !hit("x", Tag::Text, ""));
    assert_eq!(Words::new(""), None);
    assert!(!format!("{:?}", Words::new("ada@example.com")).contains("ada"));
}
