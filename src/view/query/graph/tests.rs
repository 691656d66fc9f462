//! The drawing on a test screen.

use crate::app::query::QueryTab;
use crate::app::query::views::tests::{answer, command, edge, node, tab};
use crate::config::Theme;
use crate::model::{DialectId, Moment};
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

fn screen(tab: &QueryTab, size: (u16, u16), ascii: bool) -> String {
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    let now = Moment::default();
    let theme = Theme::plain();
    terminal.draw(|f| crate::view::query::draw(tab, &theme, f.area(), f, ascii, now)).unwrap();
    let buffer = terminal.backend().buffer();
    let line = |y| (0..size.0).filter_map(|x| buffer.cell((x, y)).map(|c| c.symbol().to_owned())).collect();
    let lines = (0..size.1).map(|y| -> String { line(y) });
    lines.map(|l| l.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// A small story: models, what they were trained on, who made them.
fn story(view: &str) -> QueryTab {
    let mut tab = tab(DialectId::OpenCypher);
    let models = [("m1", "churn-v3"), ("m2", "churn-v2"), ("m3", "fraud-v1")];
    let sets = [("d1", "events-2024"), ("d2", "users"), ("d3", "payments")];
    let name = |id: &str| models.iter().chain(&sets).find(|(i, _)| *i == id).map_or("?", |(_, n)| *n);
    let mut rows = Vec::new();
    for (from, to) in [("m1", "d1"), ("m1", "d2"), ("m2", "d1"), ("m3", "d3"), ("m3", "d2")] {
        let path =
            [node(from, "model", name(from)), edge("trained_on", from, to), node(to, "dataset", name(to))];
        rows.push(vec![format!("[{}]", path.join(","))]);
    }
    rows.push(vec![edge("made_by", "m1", "p1")]);
    rows.push(vec![edge("replaces", "m1", "m2")]);
    rows.push(vec![node("p1", "person", "Ada")]);
    rows.push(vec![node("x1", "feature", "basket_profile")]);
    rows.push(vec![node("x2", "feature", "age")]);
    rows.push(vec![edge("follows", "p1", "p1")]);
    answer(&mut tab, &["p"], &rows);
    command(&mut tab, "results.focus");
    command(&mut tab, &format!("results.view {view}"));
    tab
}

/// `drawn` without its blank space, which is another with each name.
fn close(drawn: &str) -> String {
    drawn.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn nodes_are_boxes_and_edges_lines_with_their_types() {
    let tab = story("graph");
    let drawn = screen(&tab, (120, 36), false);
    let close = close(&drawn);
    for part in [
        "grid tree [graph]",
        // The selected node, with a row for each type of edge that leaves it.
        "┏ model ━━━━┓",
        "┃ churn-v3 ┠─replaces───╯",
        "┃ version 3 ┠─trained_on──┬",
        "╭──▶│ churn-v2 ├─trained_on──╮",
        "├─▶│ events-2024 │",
        "╭ person ─↺╮",
        "│ basket_profile │ │ age │",
        "│ ─trained_on─▶ users",
        "│ 4 edges",
        "9 nodes · 8 edges",
    ] {
        assert!(close.contains(part), "no {part} in\n{drawn}");
    }
    let ascii = screen(&tab, (120, 36), true);
    assert!(ascii.is_ascii() && ascii.contains("-->| churn-v2 +-trained_on--+"), "{ascii}");
}

#[test]
fn a_smaller_screen_shows_less_of_it_and_never_nothing() {
    let mut tab = story("graph");
    let below = screen(&tab, (60, 30), false);
    assert!(below.contains("┃ churn-v3  ┠") && below.contains("\n:model\n"), "{below}");
    let list = screen(&tab, (30, 9), false);
    assert!(list.contains("(:model churn-v3)\n  -[:trained_on]-> "), "{list}");
    // What is selected is in sight, however far away it stands.
    for name in ["events-2024", "users", "churn-v2", "fraud-v1", "payments", "Ada", "basket_profile", "age"] {
        command(&mut tab, "graph.next");
        let selected = tab.views().graph().map(|v| v.graph.nodes[v.selected].name().to_owned()).unwrap();
        for size in [(120, 36), (60, 30), (44, 20), (30, 9)] {
            let drawn = screen(&tab, size, false);
            let seen: String = selected.chars().take(5).collect();
            assert!(drawn.contains(&seen), "{name} at {size:?}:\n{drawn}");
        }
    }
}

#[test]
fn many_neighbours_stand_in_rows_and_are_walked_through() {
    let mut tab = star(60);
    let drawn = screen(&tab, (110, 40), false);
    assert!(drawn.contains("─▶[churn-v3]─uses, made_by, …─"), "{drawn}");
    command(&mut tab, "graph.right");
    let drawn = screen(&tab, (110, 40), false);
    assert!(drawn.contains("─▶[thing ") && drawn.contains("(churn-v3)"), "{drawn}");
    assert!(drawn.contains("61 nodes · 60 edges"));
}

#[test]
fn the_grid_tells_entities_in_short_and_the_tree_opens_them() {
    let mut tab = story("grid");
    let drawn = screen(&tab, (100, 18), false);
    assert!(drawn.contains(" 1 (churn-v3)-[:trained_on]->(events-2024)"), "{drawn}");
    assert!(drawn.contains(" 8 (:person {name: Ada, version: 3})"), "{drawn}");
    command(&mut tab, "results.view tree");
    command(&mut tab, "tree.open-all");
    let drawn = screen(&tab, (100, 30), false);
    assert!(drawn.contains("▾ 1\n   ▾ p\n   │ ▾ 0\n   │ │   ~id          m1"), "{drawn}");
    assert!(drawn.contains("   │ │ ▾ ~properties\n   │ │ │   name     churn-v3"), "{drawn}");
}

fn star(n: usize) -> QueryTab {
    let mut tab = tab(DialectId::OpenCypher);
    let rows: Vec<_> = (0..n)
        .map(|i| {
            let other = format!("n{i}");
            let kind = ["trained_on", "uses", "made_by"][i % 3];
            let (from, to) = if i % 4 == 0 { (other.as_str(), "c") } else { ("c", other.as_str()) };
            let label = ["dataset", "feature", "person"][i % 3];
            let items = [
                node("c", "model", "churn-v3"),
                edge(kind, from, to),
                node(&other, label, &format!("thing {i}")),
            ];
            vec![format!("[{}]", items.join(","))]
        })
        .collect();
    answer(&mut tab, &["p"], &rows);
    command(&mut tab, "results.view graph");
    tab
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_size_can_be_drawn(
        width in 1_u16..130, height in 1_u16..45, ascii in any::<bool>(), count in 1_usize..30,
        keys in prop::collection::vec(prop::sample::select(vec![
            "graph.left", "graph.right", "graph.up", "graph.down", "graph.next", "results.view",
            "row.last", "tree.open-all", "tree.toggle",
        ]), 0..6),
    ) {
        let mut tab = star(count);
        for key in keys {
            command(&mut tab, key);
            let drawn = screen(&tab, (width, height), ascii);
            prop_assert!(!ascii || drawn.is_ascii(), "{drawn}");
        }
    }
}
