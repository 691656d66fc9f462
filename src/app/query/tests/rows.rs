//! Rows in the grid: moving, viewing, copying, writing them out.

use super::*;
use crate::app::effect::Format;

#[test]
fn copies_are_raw_bounded_and_only_on_request() {
    let mut b = Bench::plain();
    b.rows(100_000);
    b.command("results.focus");
    b.command("column.right");
    b.command("cell.copy");
    assert_eq!(b.take(), [Effect::Copy("=a\tb".into())]);
    b.keys("v");
    b.command("row.next");
    b.command("rows.copy-as");
    b.keys("c");
    assert_eq!(
        b.take(),
        [Effect::Copy("id,name,doc\n0,=a\tb,\"{\"\"k\"\":1.0}\"\n1,=a\tb,\"{\"\"k\"\":1.0}\"\n".into())]
    );
    b.command("row.last");
    b.command("rows.copy-as");
    b.keys("j");
    assert_eq!(b.take(), [], "too long for the clipboard");
    assert!(b.said.last().is_some_and(|s| s.bad && s.text.contains("64 KiB")));
}

#[test]
fn an_export_takes_its_form_from_the_ending() {
    let mut b = Bench::plain();
    let reader = b.rows(5);
    b.command("results.focus");
    assert!(b.command("rows.export out.json"));
    let [Effect::Save { what: Saved::Export { path, format, rows }, .. }] = b.only() else {
        panic!("no export")
    };
    assert_eq!((path.as_str(), format, rows == reader), ("out.json", Format::Json, true));
    let there = Failure::new(FailureKind::Usage, "write out.json", "File exists");
    b.with(|tab, ctx| tab.exported(Reply::Failed(there), ctx));
    assert!(matches!(b.tab.layer(), Some(Layer::Export(path)) if path == "out.json"), "to be mended");
    b.command("view.back");
    b.command("rows.export");
    assert!(matches!(b.tab.layer(), Some(Layer::Export(_))));
    b.with(|tab, ctx| tab.key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL), ctx));
    b.keys("x.exe\n");
    assert_eq!(b.take(), []);
    assert!(matches!(b.tab.layer(), Some(Layer::Export(_))), "the prompt stays");
}

#[test]
fn a_cell_is_viewed_whole() {
    let mut b = Bench::plain();
    b.rows(2);
    b.command("results.focus");
    b.command("column.last");
    b.command("cell.view");
    let Some(Layer::Cell(view)) = b.tab.layer() else { panic!("no viewer") };
    assert_eq!(view.lines.iter().map(SafeText::as_str).collect::<Vec<_>>(), ["{", "  \"k\": 1.0", "}"]);
    assert_eq!(b.tab.context(), Context::List);
    b.keys("y");
    assert_eq!(b.take(), [Effect::Copy("{\"k\":1.0}".into())], "as it came, not as it is laid out");
    assert!(b.tab.layer().is_some());
    b.command("view.back");
    assert!(b.tab.layer().is_none());
}

#[test]
fn the_grid_moves_over_a_million_rows() {
    let mut b = Bench::plain();
    b.rows(1_000_000);
    b.command("results.focus");
    b.command("row.last");
    assert_eq!(b.tab.results().map(|r| r.row), Some(999_999));
    b.command("page.down");
    b.command("row.next");
    assert_eq!(b.tab.results().map(|r| r.row), Some(999_999));
    b.command("row.first");
    b.command("row.previous");
    assert_eq!(b.tab.results().map(|r| (r.row, r.column)), Some((0, 0)));
}

#[test]
fn an_export_tells_how_far_it_is_and_stops_on_request() {
    let mut b = Bench::plain();
    b.rows(5);
    b.command("results.focus");
    b.command("rows.export out.csv");
    let [Effect::Save { ticket, .. }] = b.only() else { panic!("no export") };
    b.with(|tab, ctx| tab.exported(Reply::Exported(3), ctx));
    assert_eq!(b.tab.export_under_way().map(|e| (e.rows, e.of)), Some((3, 5)));
    b.command("rows.export other.csv");
    assert_eq!(b.take(), [], "one at a time");
    assert!(b.command("query.cancel"));
    assert_eq!(b.take(), [Effect::Cancel(ticket)]);
    assert!(!b.command("query.cancel"), "nothing is left to cancel");
    b.command("rows.export out.csv");
    b.with(|tab, ctx| tab.exported(Reply::Saved("out.csv".into()), ctx));
    assert_eq!(b.tab.export_under_way(), None);
    assert!(b.said.last().is_some_and(|s| s.text.as_str() == "written: out.csv"));
}
