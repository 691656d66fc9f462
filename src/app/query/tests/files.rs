//! Statement files: what is asked of the shell, and what an answer may change.

use super::*;

#[test]
fn the_text_goes_to_a_file_and_over_another_only_when_asked() {
    let mut b = Bench::plain();
    b.command("query.save ~/q.sql");
    assert_eq!(b.take(), [], "there is nothing to save");
    b.keys("select 1;\nselect 2");
    b.command("query.save");
    assert_eq!(b.take(), [], "no path");
    for (command, may) in [("query.save ~/my q.sql", false), ("query.save! ~/my q.sql", true)] {
        b.command(command);
        let [Effect::Save { what: Saved::Text { path, text, replace }, .. }] = b.only() else {
            panic!("{command}")
        };
        assert_eq!((path.as_str(), &*text.text, replace), ("~/my q.sql", "select 1;\nselect 2", may));
    }
}

#[test]
fn a_file_is_taken_by_an_empty_editor_alone() {
    let mut b = Bench::new(DialectId::Postgres, EditorStyle::Vim);
    b.command("query.load q.sql");
    let [Effect::Load { tab: TabId(7), path, .. }] = b.only() else { panic!("no file is asked for") };
    assert_eq!(path, "q.sql");
    assert!(b.with(|tab, ctx| tab.load("q.sql", "\u{feff}select 1;\r\n-- \u{1b}[2J\n", ctx)));
    assert_eq!(b.tab.editor().text(), "select 1;\n-- [2J\n");
    assert_eq!(b.tab.editor().cursor(), (0, 0));
    assert!(b.said.pop().is_some_and(|s| s.bad && s.text.contains("without its 1 control")));
    assert!(!b.with(|tab, ctx| tab.load("other.sql", "select 2", ctx)));
    assert_eq!(b.tab.editor().text(), "select 1;\n-- [2J\n", "what is written stays");
    let beside = b.tab.beside(TabId(8), EditorStyle::Vim);
    assert_eq!((beside.target(), beside.editor().text().as_str()), (b.tab.target(), ""));
}
