use super::*;
use crate::model::Column;
use crate::query::store::store;
use proptest::prelude::*;

fn results(rows: &[&[(Tag, &str)]]) -> Results {
    let (mut writer, reader) = store(64 << 20);
    let names = ["m", "n", "o"];
    let columns: Vec<Column> =
        names.iter().map(|n| Column { name: (*n).into(), type_name: "".into(), tag: Tag::Json }).collect();
    writer.set_columns(&columns);
    for row in rows {
        for (tag, raw) in *row {
            writer.value(*tag, raw.as_bytes());
        }
        writer.end_row().unwrap();
    }
    writer.publish();
    Results::new(columns, reader)
}

fn shown(tree: &Tree, results: &Results, height: u16) -> Vec<String> {
    let line = |shown: &Shown<'_>| match shown {
        Shown::Row(row, open) => format!("{}{row}", if *open { "-" } else { "+" }),
        Shown::Line(_, l) => format!("{}{}={}", " ".repeat(l.depth), l.key, l.words),
    };
    tree.window(height, results.rows).iter().map(line).collect()
}

const NODE: &str =
    r#"{"~id":"m-1","~entityType":"node","~labels":["model"],"~properties":{"name":"churn","n":3}}"#;

#[test]
fn rows_open_level_by_level() {
    let results = results(&[&[(Tag::Json, NODE), (Tag::Null, "")], &[(Tag::Number, "7")]]);
    let mut tree = Tree::default();
    assert_eq!(shown(&tree, &results, 9), ["+0", "+1"]);
    assert!(tree.command("tree.open", &results));
    assert_eq!(shown(&tree, &results, 9), ["-0", " m=(:model {name: churn, n: 3})", " n=NULL", "+1"]);
    tree.command("tree.open", &results);
    tree.command("tree.toggle", &results);
    assert_eq!(
        shown(&tree, &results, 9),
        [
            "-0",
            " m=(:model {name: churn, n: 3})",
            "  ~id=m-1",
            "  ~entityType=node",
            "  ~labels=[\"model\"]",
            "  ~properties={\"name\":\"churn\",\"n\":3}",
            "   name=churn",
            "   n=3",
            " n=NULL"
        ]
    );
    for _ in 0..6 {
        tree.command("row.next", &results);
    }
    assert_eq!(tree.raw(&results).as_deref(), Some("3"));
    tree.command("tree.close", &results);
    assert_eq!(tree.current().map(|l| l.key.to_string()), Some("~properties".into()));
    tree.command("tree.close", &results);
    tree.command("tree.close", &results);
    tree.command("tree.close", &results);
    assert_eq!(shown(&tree, &results, 9), ["-0", " m=(:model {name: churn, n: 3})", " n=NULL", "+1"]);
    tree.command("tree.close", &results);
    tree.command("tree.close", &results);
    assert_eq!((shown(&tree, &results, 9), tree.cursor()), (vec!["+0".into(), "+1".into()], (0, 0)));
}

#[test]
fn opening_everything_is_bounded() {
    let wide = format!("[{}]", vec![r#"{"a":[1,2,{"b":3}]}"#; 400].join(","));
    let long = format!("[{}0]", "0,".repeat(9_999));
    let results = results(&[&[(Tag::Json, &wide), (Tag::Json, &long)]]);
    let mut tree = Tree::default();
    tree.command("tree.open-all", &results);
    let lines = tree.lines_of(0);
    assert!((AT_ONCE..AT_ONCE + ITEMS + 10).contains(&lines), "{lines}");
    let mut tree = Tree::default();
    tree.command("tree.open", &results);
    tree.walk(2, true, 1);
    tree.command("tree.open-all", &results);
    assert_eq!(tree.lines_of(0), 2 + ITEMS + 1, "and says that there is more");
    tree.command("row.last", &results);
    assert_eq!(tree.current().map(|l| l.look), Some(Look::More));
    let deep = "[".repeat(1 << 20);
    let results = self::results(&[&[(Tag::Json, &deep)]]);
    let mut tree = Tree::default();
    tree.command("tree.open", &results);
    tree.walk(1, true, 1);
    tree.command("tree.open", &results);
    assert_eq!(tree.lines_of(0), 2);
}

#[test]
fn a_hundred_thousand_rows_are_not_read() {
    let row: &[(Tag, &str)] = &[(Tag::Json, NODE)];
    let results = results(&vec![row; 100_000]);
    let mut tree = Tree::default();
    let look = |tree: &Tree| {
        for shown in tree.window(40, results.rows) {
            if let Shown::Row(row, false) = shown {
                tree.told(&results, row);
            }
        }
    };
    look(&tree);
    assert_eq!(tree.reads.get(), 40);
    tree.command("row.last", &results);
    look(&tree);
    tree.command("tree.open", &results);
    tree.command("page.up", &results);
    look(&tree);
    assert_eq!(tree.cursor().0, 99_999 - 39);
    assert!(tree.reads.get() <= 40 * 3 + 1, "{}", tree.reads.get());
    assert_eq!(tree.open.len(), 1);
}

proptest! {
    #[test]
    fn any_walk_keeps_the_cursor_in_sight(
        keys in prop::collection::vec(prop::sample::select(vec![
            "row.next", "row.previous", "row.last", "row.first", "page.down", "page.up",
            "tree.toggle", "tree.open", "tree.close", "tree.open-all",
        ]), 0..40),
        json in "[\\[\\]{}\",:a1 ]{0,40}",
        height in 1_u16..12,
    ) {
        let row: &[(Tag, &str)] = &[(Tag::Json, &json), (Tag::Json, NODE), (Tag::Text, "x")];
        let results = results(&[row; 5]);
        let mut tree = Tree::default();
        for key in keys {
            prop_assert!(tree.command(key, &results));
            let window = tree.window(height, results.rows);
            prop_assert!(window.len() <= usize::from(height));
            let cursor = match tree.current() {
                None => window.iter().any(|s| matches!(s, Shown::Row(row, _) if *row == tree.cursor().0)),
                Some(line) => window.iter().any(|s| matches!(s, Shown::Line(_, l) if std::ptr::eq(*l, line))),
            };
            prop_assert!(cursor, "{:?}", tree.cursor());
        }
    }
}
