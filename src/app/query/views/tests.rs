//! Views and walks as the tab sees them. Also what tests of the drawing build tabs with.

use super::*;
use crate::app::query::History;
use crate::app::{Effect, TabId, Ticket};
use crate::config::EditorStyle;
use crate::guard::Access;
use crate::model::{Backend, DialectId, EngineId, Moment, Place, ResourceId, ServiceId, Summary, Target};
use crate::query::store::store;

/// A tab on a graph database that speaks `dialect`.
pub fn tab(dialect: DialectId) -> QueryTab {
    let backend = Backend {
        engine: EngineId::Neptune,
        dialect,
        endpoints: Vec::new(),
        database: None,
        user: None,
        secret_arn: None,
        iam_login: false,
        data_api: None,
        keys: Vec::new(),
    };
    let resource = ResourceId {
        service: ServiceId("neptune"),
        kind: "cluster",
        place: Place::new("default", "eu-west-1"),
        name: "knowledge".into(),
    };
    let target = Target {
        resource,
        engine: backend.engine,
        endpoint: None,
        address: None,
        secret: None,
        database: None,
        user: None,
        backend,
    };
    QueryTab::open(TabId(1), target, "knowledge".into(), Moment::default(), EditorStyle::Plain)
}

/// Lets `act` have the tab. Gives back the effects and what was said.
pub fn with(
    tab: &mut QueryTab,
    access: &Access,
    act: impl FnOnce(&mut QueryTab, &mut Ctx<'_>),
) -> (Vec<Effect>, Vec<String>) {
    let (mut effects, mut said) = (Vec::new(), Vec::new());
    let mut history = History::default();
    let mut issue = |slot| Ticket { slot, turn: 1 };
    let mut ctx = Ctx {
        now: Moment::default(),
        access,
        issue: &mut issue,
        effects: &mut effects,
        said: &mut said,
        history: &mut history,
    };
    act(tab, &mut ctx);
    (effects, said.into_iter().map(|s| s.text.to_string()).collect())
}

/// Takes a command in read-only access.
pub fn command(tab: &mut QueryTab, name: &str) -> (Vec<Effect>, Vec<String>) {
    with(tab, &Access::read_only(), |tab, ctx| {
        tab.command(name, ctx);
    })
}

/// Answers with rows of JSON.
pub fn answer(tab: &mut QueryTab, names: &[&str], rows: &[Vec<String>]) -> RowReader {
    let (mut writer, reader) = store(64 << 20);
    let columns: Vec<Column> =
        names.iter().map(|n| Column { name: (*n).into(), type_name: "".into(), tag: Tag::Json }).collect();
    writer.set_columns(&columns);
    for row in rows {
        row.iter().for_each(|value| writer.value(Tag::Json, value.as_bytes()));
        writer.end_row().unwrap();
    }
    writer.publish();
    with(tab, &Access::read_only(), |tab, ctx| {
        tab.reply(Reply::Columns(columns, reader.clone()), ctx);
        tab.reply(Reply::Rows(rows.len() as u64), ctx);
        tab.reply(Reply::Done(Summary { rows: rows.len() as u64, ..Summary::default() }), ctx);
    });
    reader
}

/// A node's JSON.
pub fn node(id: &str, label: &str, name: &str) -> String {
    let id = id.replace('\\', "\\\\").replace('"', "\\\"");
    format!(
        r#"{{"~id":"{id}","~entityType":"node","~labels":["{label}"],"~properties":{{"name":"{name}","version":3}}}}"#
    )
}

/// A relationship's JSON.
pub fn edge(kind: &str, from: &str, to: &str) -> String {
    format!(
        r#"{{"~id":"{from}-{kind}-{to}","~entityType":"relationship","~type":"{kind}","~start":"{from}","~end":"{to}","~properties":{{}}}}"#
    )
}

#[test]
fn views_fit_what_is_there_and_v_cycles_through_them() {
    let mut tab = tab(DialectId::OpenCypher);
    assert_eq!(command(&mut tab, "results.view").1, ["there is no result to view yet"]);
    answer(&mut tab, &["a"], &[vec!["7".into()]]);
    command(&mut tab, "results.focus");
    assert_eq!(tab.views().fitting(), [View::Grid, View::Tree], "the column says JSON");
    let said = command(&mut tab, "results.view graph").1;
    assert_eq!(said, ["this result has no view \"graph\", but: grid, tree"]);
    answer(&mut tab, &["n"], &[vec![node("m", "model", "churn")]]);
    assert_eq!(tab.views().fitting(), View::ALL);
    let cycled: Vec<_> = (0..4)
        .map(|_| {
            command(&mut tab, "results.view");
            (tab.views().shown(), tab.context())
        })
        .collect();
    let expected = [View::Tree, View::Graph, View::Grid, View::Tree].map(|v| (v, v.context()));
    assert_eq!(cycled, expected);
    // The choice outlives the result, as far as the next one has it.
    command(&mut tab, "results.view graph");
    answer(&mut tab, &["a"], &[vec!["7".into()]]);
    assert_eq!(tab.views().shown(), View::Grid);
    answer(&mut tab, &["n"], &[vec![node("m", "model", "churn")]]);
    assert_eq!(
        (tab.views().shown(), tab.views().graph().map(|g| g.graph.nodes.len())),
        (View::Graph, Some(1))
    );
}

#[test]
fn the_tree_and_the_grid_share_their_row() {
    let mut tab = tab(DialectId::OpenCypher);
    let rows: Vec<_> = (0..9).map(|i| vec![node(&i.to_string(), "model", "churn")]).collect();
    answer(&mut tab, &["n"], &rows);
    command(&mut tab, "results.focus");
    command(&mut tab, "row.last");
    command(&mut tab, "results.view tree");
    assert_eq!(tab.views().tree().cursor(), (8, 0));
    command(&mut tab, "row.previous");
    command(&mut tab, "tree.open");
    command(&mut tab, "row.next");
    let (effects, _) = command(&mut tab, "cell.copy");
    assert_eq!(effects, [Effect::Copy(node("7", "model", "churn"))]);
    assert_eq!(tab.results().map(|r| r.row), Some(7));
    command(&mut tab, "cell.view");
    assert!(matches!(tab.layer(), Some(Layer::Cell(_))));
}

/// A tab in the graph view, on a graph of one node.
fn walker(dialect: DialectId, id: &str) -> QueryTab {
    let mut tab = tab(dialect);
    answer(&mut tab, &["n"], &[vec![node(id, "model", "churn")]]);
    command(&mut tab, "results.view graph");
    tab
}

#[test]
fn what_the_guard_does_not_know_is_not_asked() {
    // A language that asks for no neighbours, and ids that make no statement.
    for (dialect, id) in
        [(DialectId::Postgres, "m"), (DialectId::Sparql, "no iri"), (DialectId::Sparql, "_:b")]
    {
        let mut tab = walker(dialect, id);
        let (effects, _) = command(&mut tab, "graph.expand");
        assert_eq!(effects, []);
        assert!(tab.views().graph().unwrap().note.as_ref().is_some_and(|(_, bad)| *bad));
        assert!(!tab.running());
    }
}

/// The text that the walk asks for.
fn asked(effects: &[Effect]) -> Option<String> {
    match effects {
        [Effect::Run { statement, .. }] => Some(statement.get().text.to_string()),
        _ => None,
    }
}

#[test]
fn enter_asks_for_neighbours_and_the_answer_joins_the_graph() {
    let mut tab = walker(DialectId::Gremlin, "o'neil");
    let rows = tab.results().map(|r| r.reader.clone());
    let (effects, _) = command(&mut tab, "graph.expand");
    assert_eq!(asked(&effects).as_deref(), Some("g.V('o\\'neil').bothE().limit(50).otherV().path()"));
    assert!(tab.running());
    assert_eq!(
        tab.views().asking().map(SafeText::as_str),
        Some("g.V('o\\'neil').bothE().limit(50).otherV().path()")
    );
    assert_eq!(command(&mut tab, "graph.expand").0, [], "one at a time");
    let path = |other: &str| {
        let list =
            [node("o'neil", "model", "churn"), edge("by", "o'neil", other), node(other, "person", other)];
        vec![format!("[{}]", list.join(","))]
    };
    answer(&mut tab, &["path"], &[path("ada"), path("eve")]);
    assert!(!tab.running());
    let view = tab.views().graph().unwrap();
    assert_eq!((view.graph.nodes.len(), view.graph.edges.len()), (3, 2));
    let note = view.note.as_ref().map(|(text, bad)| (text.to_string(), *bad));
    let expected = "2 nodes and 2 edges more: g.V('o\\'neil').bothE().limit(50).otherV().path()";
    assert_eq!(note, Some((expected.into(), false)));
    assert_eq!(tab.results().map(|r| r.reader.clone()), rows, "the result is still the result");
    assert!(matches!(tab.stage(), Stage::Done(_)));
    command(&mut tab, "graph.undo");
    assert_eq!(tab.views().graph().map(|v| v.graph.nodes.len()), Some(1));
}

#[test]
fn a_walk_that_fails_says_why_and_changes_nothing() {
    let mut tab = walker(DialectId::Gremlin, "m");
    let before = tab.stage().clone();
    for (kind, words) in
        [(FailureKind::Rejected, "no such vertex"), (FailureKind::Cancelled, "cancelled: g.V")]
    {
        assert!(asked(&command(&mut tab, "graph.expand").0).is_some());
        with(&mut tab, &Access::read_only(), |tab, ctx| {
            tab.reply(Reply::Failed(Failure::new(kind, "ask", "no such vertex")), ctx);
        });
        let view = tab.views().graph().unwrap();
        let (text, bad) = view.note.clone().unwrap();
        assert!(bad && text.contains(words), "{text}");
        assert_eq!((view.graph.nodes.len(), tab.stage()), (1, &before));
    }
}

#[test]
fn no_id_makes_a_walk_that_changes_data() {
    let mut elevated = Access::read_only();
    elevated.elevate("repair", 60_000, Moment::default()).unwrap();
    let evil =
        ["'); g.V().drop(); g.V('", "a\\", "\\u0027).drop()//", "a\nb", "').property('x','y').bothE('"];
    for id in evil {
        for access in [&Access::read_only(), &elevated] {
            let mut tab = walker(DialectId::Gremlin, id);
            let (effects, _) = with(&mut tab, access, |tab, ctx| {
                tab.command("graph.expand", ctx);
            });
            let [Effect::Run { statement, .. }] = effects.as_slice() else { continue };
            assert!(!statement.changes(), "{id}");
        }
    }
}

#[test]
fn every_graph_language_walks_and_triples_are_merged() {
    let mut tab = walker(DialectId::OpenCypher, "m");
    let (effects, _) = command(&mut tab, "graph.expand");
    let expected = "MATCH (n)-[r]-(m) WHERE id(n) = 'm' RETURN n, r, m LIMIT 50";
    assert_eq!(asked(&effects).as_deref(), Some(expected));
    let row = [node("m", "model", "churn"), edge("trained_on", "m", "d"), node("d", "dataset", "users")];
    answer(&mut tab, &["n", "r", "m"], &[row.to_vec()]);
    assert_eq!(tab.views().graph().map(|v| (v.graph.nodes.len(), v.graph.edges.len())), Some((2, 1)));

    let mut tab = self::tab(DialectId::Sparql);
    let triple = |s: &str, p: &str, o: &str| [s, p, o].map(str::to_owned).to_vec();
    answer(
        &mut tab,
        &["subject", "predicate", "object"],
        &[triple("http://kg/m", "http://kg/on", "http://kg/d")],
    );
    command(&mut tab, "results.view graph");
    let text = asked(&command(&mut tab, "graph.expand").0).unwrap();
    assert!(text.contains("{ <http://kg/m> ?p ?o . BIND(<http://kg/m> AS ?s) }"), "{text}");
    answer(&mut tab, &["s", "p", "o"], &[triple("http://kg/a", "http://kg/uses", "http://kg/m")]);
    assert_eq!(tab.views().graph().map(|v| (v.graph.nodes.len(), v.graph.edges.len())), Some((3, 2)));
}
