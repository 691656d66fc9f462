//! Query tabs among the others: which tab a key leads to, and where a file goes.

use super::*;
use crate::app::workspace::Content;

fn texts(desk: &Desk) -> Vec<String> {
    let text = |t: &crate::app::workspace::Tab| match &t.content {
        Content::Query(query) => Some(query.editor().text()),
        Content::Service(_) => None,
    };
    desk.app.workspace.tabs().iter().filter_map(text).collect()
}

fn loads(desk: &mut Desk, path: &str) -> (Ticket, crate::app::TabId) {
    // The plain editor takes a colon as text, so the line is reached from the table.
    let id = desk.app.workspace.query_mut().expect("a query tab").id;
    let mut out = Vec::new();
    crate::app::line::run(&mut desk.app, &format!("open {path}"), &mut out);
    let Some(Effect::Load { ticket, tab, .. }) = out.pop() else { panic!("no file is asked for") };
    assert_eq!(tab, id);
    (ticket, tab)
}

#[test]
fn a_row_has_one_tab_until_another_is_asked_for() {
    let mut desk = Desk::listed();
    desk.typed("e");
    desk.typed("select 1");
    crate::app::line::run(&mut desk.app, "rds", &mut Vec::new());
    desk.typed("e");
    assert_eq!(texts(&desk), ["select 1"]);
    assert!(desk.app.workspace.query_mut().is_some() && desk.notice().contains(":new"), "{}", desk.notice());
    crate::app::line::run(&mut desk.app, "new", &mut Vec::new());
    assert_eq!(texts(&desk), ["select 1", ""]);
}

#[test]
fn a_file_opens_in_an_empty_tab_or_beside_what_is_written() {
    let mut desk = Desk::listed();
    desk.line("open x.sql");
    assert!(desk.notice().contains("query tab"), "{}", desk.notice());
    desk.typed("e");
    let (first, tab) = loads(&mut desk, "a.sql");
    desk.send(Msg::Reply(first, Reply::Loaded(tab, "a.sql".into(), "select 1".into())));
    assert_eq!(texts(&desk), ["select 1"]);
    let (second, tab) = loads(&mut desk, "b.sql");
    let (third, _) = loads(&mut desk, "c.sql");
    desk.send(Msg::Reply(second, Reply::Loaded(tab, "b.sql".into(), "select 2".into())));
    assert_eq!(texts(&desk), ["select 1", "select 2"]);
    crate::app::line::run(&mut desk.app, "q", &mut Vec::new());
    crate::app::line::run(&mut desk.app, "q", &mut Vec::new());
    desk.send(Msg::Reply(third, Reply::Loaded(tab, "c.sql".into(), "select 3".into())));
    assert!(desk.notice().contains("closed"), "{}", desk.notice());
}
