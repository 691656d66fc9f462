//! One statement run again and again.

use super::*;

/// Wakes as the shell does.
fn tick(b: &mut Bench) {
    b.with(QueryTab::tick);
}

#[test]
fn a_reading_statement_runs_anew_a_while_after_it_has_ended() {
    let mut b = Bench::plain();
    b.keys("select 1");
    b.command("query.watch 5s");
    assert_eq!(b.runs(), ["select 1"]);
    b.rows(3);
    tick(&mut b);
    assert_eq!(b.runs(), NONE, "not yet");
    assert_eq!(b.tab.next_wake(Moment::from_epoch_ms(b.now)), Some(Moment::from_epoch_ms(b.now + 1_000)));
    b.command("results.focus");
    b.command("row.last");
    b.now += 5_000;
    tick(&mut b);
    assert_eq!(b.runs(), ["select 1"]);
    let (reader, columns) = rows(2);
    b.reply(Reply::Columns(columns, reader.clone()));
    assert_eq!(b.tab.results().map(|r| r.rows), Some(3), "the old rows stay until the new are there");
    b.reply(Reply::Done(Summary::default()));
    let shown = b.tab.results().map(|r| (r.reader == reader, r.rows, r.row));
    assert_eq!(shown, Some((true, 2, 1)), "the cursor stays as near as it can");
    b.keys("v");
    b.now += 60_000;
    tick(&mut b);
    assert_eq!(b.runs(), NONE, "marked rows stay");
    b.keys("v");
    tick(&mut b);
    b.command("editor.focus");
    b.keys("\u{1b}");
    assert_eq!(b.tab.watching(), None);
    assert!(b.tab.running(), "what runs is not stopped by that");
    b.reply(Reply::Done(Summary::default()));
    b.now += 60_000;
    b.take();
    tick(&mut b);
    assert_eq!(b.runs(), NONE);
}

#[test]
fn what_changes_data_is_never_watched_and_a_failure_ends_it() {
    let mut b = Bench::plain();
    b.keys("delete from orders");
    b.command("query.watch 5s");
    assert_eq!((b.runs().len(), b.tab.watching()), (0, None));
    b.access.elevate("repair", 600_000, Moment::from_epoch_ms(b.now)).unwrap();
    b.command("query.watch 5s");
    b.command("query.watch 5s");
    assert_eq!((b.runs().len(), b.tab.watching()), (0, None));
    b.with(|tab, _| tab.editor.set_text("select 1"));
    for wrong in ["query.watch", "query.watch 100ms", "query.watch 0", "query.watch often"] {
        b.command(wrong);
        assert_eq!(b.tab.watching(), None, "{wrong}");
    }
    b.command("query.watch 2");
    assert_eq!(b.tab.watching().map(|w| w.every_ms), Some(2_000));
    b.reply(Reply::Failed(Failure::new(FailureKind::Unreachable, "run", "gone")));
    assert_eq!(b.tab.watching(), None);
    b.now += 60_000;
    b.take();
    tick(&mut b);
    assert_eq!(b.runs(), NONE, "nothing is retried by itself");
}

#[test]
fn a_scan_is_watched_only_when_asked_for_twice() {
    let keys = TableKeys { partition: "id".into(), sort: None, indexes: Vec::new() };
    let mut b = Bench::new(DialectId::PartiQl, EditorStyle::Plain);
    b.tab = b.tab.clone().with_table(TableFacts { keys, items: None, bytes: None });
    b.keys("select * from \"t\"");
    b.command("query.run");
    b.command("query.watch 5s");
    assert_eq!(b.runs(), NONE, "a press of another key was for one run");
    assert!(matches!(b.tab.message(), Some(Message::Again(w)) if w.contains("every time")));
    b.command("query.watch 5s");
    assert_eq!(b.runs().len(), 1);
    b.command("query.cancel");
    b.reply(Reply::Failed(Failure::new(FailureKind::Cancelled, "run", "cancelled")));
    assert_eq!(b.tab.watching(), None);
}

#[test]
fn a_run_without_rows_shows_none_of_before() {
    let mut b = Bench::plain();
    b.rows(3);
    b.keys("select 1");
    b.command("query.run");
    b.reply(Reply::Done(Summary::default()));
    assert!(b.tab.results().is_none());
}
