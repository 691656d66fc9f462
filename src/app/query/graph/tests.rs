use super::steer::{Towards, Ways};
use super::*;
use crate::query::store::store;
use proptest::prelude::*;

fn node(id: &str, label: &str) -> String {
    format!(
        r#"{{"~id":"{id}","~entityType":"node","~labels":["{label}"],"~properties":{{"name":"{label}-{id}","rank":1}}}}"#
    )
}

fn edge(id: &str, kind: &str, from: &str, to: &str) -> String {
    format!(
        r#"{{"~id":"{id}","~entityType":"relationship","~type":"{kind}","~start":"{from}","~end":"{to}","~properties":{{}}}}"#
    )
}

fn rows(names: &[&str], rows: &[Vec<(Tag, String)>]) -> (RowReader, Vec<Column>) {
    let (mut writer, reader) = store(64 << 20);
    let columns: Vec<Column> =
        names.iter().map(|n| Column { name: (*n).into(), type_name: "".into(), tag: Tag::Json }).collect();
    writer.set_columns(&columns);
    for row in rows {
        for (tag, raw) in row {
            writer.value(*tag, raw.as_bytes());
        }
        writer.end_row().unwrap();
    }
    writer.publish();
    (reader, columns)
}

fn json(values: &[String]) -> Vec<(Tag, String)> {
    values.iter().map(|v| (Tag::Json, v.clone())).collect()
}

fn gathered(reader: &RowReader, columns: &[Column], most: usize) -> Graph {
    let mut graph = Graph::default();
    graph.gather(reader, columns, most);
    graph
}

/// A graph of `count` nodes with these edges.
fn drawn(count: usize, ends: &[(usize, usize, u8)]) -> Graph {
    let mut graph = Graph::default();
    for i in 0..count {
        graph.take(&node(&i.to_string(), ["model", "dataset", "person"][i % 3]), 1_000);
    }
    for (i, (from, to, kind)) in ends.iter().enumerate() {
        let (from, to) = ((from % count).to_string(), (to % count).to_string());
        let kind = ["trained_on", "uses", "by"][usize::from(kind % 3)];
        graph.take(&edge(&format!("e{i}"), kind, &from, &to), 1_000);
    }
    graph
}

#[test]
fn entities_are_found_at_any_depth_and_once() {
    let (m, d, on) = (node("m", "model"), node("d", "dataset"), edge("e", "trained_on", "m", "d"));
    let (reader, columns) = rows(
        &["a", "b"],
        &[
            json(&[format!("[{m},{on},{d}]"), "7".into()]),
            json(&[format!(r#"{{"x":[{{"y":{m}}}]}}"#), edge("f", "by", "m", "p")]),
            vec![(Tag::Text, m.clone())],
        ],
    );
    let graph = gathered(&reader, &columns, NODES);
    let names: Vec<&str> = graph.nodes.iter().map(Node::name).collect();
    assert_eq!(names, ["model-m", "dataset-d", "p"], "an end that no row shows is a node by its id");
    assert_eq!(graph.edges.len(), 2);
    assert!(graph.nodes[2].labels.is_empty());
    assert_eq!(graph.edges_of(0).count(), 2);
    assert_eq!((graph.nodes_out, graph.edges_out, graph.rows), (0, 0, 3));
}

#[test]
fn a_huge_result_costs_what_is_drawn() {
    let row =
        |i: usize| json(&[node(&i.to_string(), "n"), edge(&format!("e{i}"), "to", "0", &i.to_string())]);
    let (reader, columns) = rows(&["n", "r"], &(0..20_000).map(row).collect::<Vec<_>>());
    let graph = gathered(&reader, &columns, NODES);
    assert_eq!(graph.nodes.len(), NODES);
    assert!(graph.nodes_out > 0 && graph.rows <= NODES as u64 + 1, "{} rows", graph.rows);
    let same = |_| json(&[node("1", "n")]);
    let (reader, columns) = rows(&["n"], &(0..20_000).map(same).collect::<Vec<_>>());
    let graph = gathered(&reader, &columns, NODES);
    assert_eq!((graph.nodes.len(), graph.rows), (1, ROWS));
    let view = GraphView::of(&reader, &columns);
    assert_eq!(view.left_out(20_000), "rows 5,001 to 20,000 not looked at");
}

#[test]
fn one_value_of_a_hundred_thousand_entities_is_read_in_part() {
    let many: Vec<String> = (0..100_000).map(|i| node(&i.to_string(), "n")).collect();
    let (reader, columns) = rows(&["all"], &[json(&[format!("[{}]", many.join(","))])]);
    let graph = gathered(&reader, &columns, NODES);
    assert_eq!((graph.nodes.len(), graph.rows), (NODES, 1));
    assert!(graph.nodes_out >= (ENTITIES - NODES) as u64);
}

#[test]
fn triples_make_edges_types_and_properties() {
    let text = |s: &str, p: &str, o: &str| [s, p, o].map(|t| (Tag::Text, t.to_owned())).to_vec();
    let kind = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
    let (reader, columns) = rows(
        &["subject", "predicate", "object"],
        &[
            text("http://kg/m/1", kind, "http://kg/o#Model"),
            text("http://kg/m/1", "http://kg/o#name", "churn: v3"),
            text("http://kg/m/1", "http://kg/o#trainedOn", "http://kg/d/2"),
            text("http://kg/m/1", "http://kg/o#trainedOn", "http://kg/d/2"),
            text("_:b0", "http://kg/o#uses", "<http://kg/m/1>"),
        ],
    );
    let graph = gathered(&reader, &columns, NODES);
    let names: Vec<&str> = graph.nodes.iter().map(Node::name).collect();
    assert_eq!(names, ["churn: v3", "2", "_:b0"]);
    assert_eq!(graph.nodes[0].labels, ["Model".into()]);
    let edges: Vec<(&str, usize, usize)> =
        graph.edges.iter().map(|e| (e.kind.as_str(), e.from, e.to)).collect();
    assert_eq!(edges, [("trainedOn", 0, 1), ("uses", 2, 0)]);
}

#[test]
fn hostile_words_reach_no_terminal() {
    let evil = node("\\u001b]0;x\\u0007", "a\\u202eb\\u0000");
    let (reader, columns) = rows(&["n"], &[json(&[evil, node(&"x".repeat(9_000), "l")])]);
    let graph = gathered(&reader, &columns, NODES);
    assert_eq!(graph.nodes.len(), 1, "an id of 9,000 bytes names nothing");
    let node = &graph.nodes[0];
    let shown = format!("{}{}{:?}{:?}", node.name(), node.shown_id, node.labels, node.properties);
    assert!(!shown.chars().any(|c| c.is_control() || c == '\u{202e}'), "{shown:?}");
    assert_eq!(node.id(), "\u{1b}]0;x\u{7}", "what goes back to the server is what came");
}

#[test]
fn a_walk_adds_and_can_be_taken_back() {
    let (reader, columns) = rows(&["n"], &[json(&[node("a", "n")]), json(&[node("b", "n")])]);
    let mut view = GraphView::of(&reader, &columns);
    view.selected = 1;
    let before = view.graph.clone();
    let found = format!("[{},{},{}]", node("b", "n"), edge("e", "to", "b", "c"), node("c", "n"));
    let (reader, columns) = rows(&["p"], &[json(&[found])]);
    assert_eq!(view.merge(&reader, &columns), (1, 1));
    assert_eq!(view.merge(&reader, &columns), (0, 0));
    assert_eq!((view.graph.nodes.len(), view.selected), (3, 1));
    view.selected = 2;
    assert!(view.undo());
    assert_eq!((view.graph.clone(), view.selected), (before, 1));
    assert!(!view.undo());
}

fn no_overlap(graph: &Graph, layout: &Layout) -> Result<(), TestCaseError> {
    for (i, a) in layout.boxes.iter().enumerate() {
        prop_assert!(a.width > 0 && a.height > 0);
        for b in layout.boxes.iter().skip(i + 1) {
            prop_assert!(!a.overlaps(b), "{a:?} {b:?}");
        }
    }
    for ((line, edge), number) in layout.lines.iter().zip(&graph.edges).zip(0..) {
        prop_assert_eq!(line.is_empty(), edge.from == edge.to);
        for (x, y, _) in line {
            let cell = layout::Area { x: *x, y: *y, width: 1, height: 1 };
            prop_assert!(
                !layout.boxes.iter().any(|b| b.overlaps(&cell)),
                "edge {number} runs through a node"
            );
        }
        // It begins beside one end and stops beside the other.
        for end in [edge.from, edge.to].into_iter().filter(|_| edge.from != edge.to) {
            let near = layout.boxes[end];
            let touches = |(x, y, _): &(u16, u16, u8)| {
                (*x == near.x + near.width || *x + 1 == near.x) && (near.y..near.y + near.height).contains(y)
            };
            prop_assert!(line.iter().any(touches), "edge {number} does not reach {end}");
        }
    }
    Ok(())
}

fn ends() -> impl Strategy<Value = Vec<(usize, usize, u8)>> {
    prop::collection::vec((0_usize..40, 0_usize..40, 0_u8..3), 0..70)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn boxes_stand_apart_and_edges_reach_them(
        count in 1_usize..40, ends in ends(), width in 30_u16..200, height in 5_u16..60,
    ) {
        let graph = drawn(count, &ends);
        let layout = Layout::of(&graph, width, height);
        no_overlap(&graph, &layout)?;
        prop_assert_eq!(&layout, &Layout::of(&graph, width, height), "the same each time");
    }

    #[test]
    fn every_node_is_reached_by_keys(count in 1_usize..40, ends in ends(), width in 30_u16..200) {
        let graph = drawn(count, &ends);
        let layout = Layout::of(&graph, width, 30);
        let ways = Ways::of(&layout);
        let mut seen = vec![false; count];
        let mut next = vec![0];
        while let Some(node) = next.pop() {
            if !std::mem::replace(&mut seen[node], true) {
                next.extend(Towards::ALL.iter().filter_map(|t| ways.from(node, *t)));
            }
        }
        prop_assert!(seen.iter().all(|s| *s), "{seen:?}");
    }

    #[test]
    fn any_json_can_be_gathered(text in "[\\[\\]{}\",:~a-z0-9\\\\ ]{0,80}") {
        let known = text.replace('a', "\"~entityType\":\"node\",\"~id\":\"1\",");
        let (reader, columns) = rows(&["n"], &[json(&[text, known])]);
        let graph = gathered(&reader, &columns, NODES);
        Layout::of(&graph, 80, 24);
    }
}

#[test]
fn large_graphs_are_laid_out_too() {
    let star: Vec<_> = (1..200).map(|i| (0, i, (i % 3) as u8)).collect();
    let chain: Vec<_> = (1..200).map(|i| (i - 1, i, 0)).collect();
    let dense: Vec<_> = (0..600).map(|i| (i * 7 % 60, i * 13 % 60, (i % 3) as u8)).collect();
    let ring: Vec<_> = (0..50).map(|i| (i, (i + 1) % 50, 0)).collect();
    for (count, ends) in [(200, star), (200, chain), (60, dense), (50, ring), (200, Vec::new())] {
        let graph = drawn(count, &ends);
        let layout = Layout::of(&graph, 90, 30);
        no_overlap(&graph, &layout).unwrap();
        let reached = Ways::of(&layout);
        assert!((0..count).all(|n| Towards::ALL.iter().any(|t| reached.from(n, *t).is_some())));
    }
}
