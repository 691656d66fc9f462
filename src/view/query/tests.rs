//! The tab drawn on a test screen.

use super::*;
use crate::app::query::{Ctx, History, Said};
use crate::app::{Effect, Reply, TabId, Ticket};
use crate::config::EditorStyle;
use crate::guard::Access;
use crate::model::{
    Backend, Column, DialectId, EngineId, Failure, FailureKind, Place, ResourceId, ServiceId, Tag, Target,
};
use crate::query::store::store;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

mod plans;

fn tab() -> QueryTab {
    tab_on(EngineId::DynamoDb, DialectId::PartiQl)
}

fn tab_on(engine: EngineId, dialect: DialectId) -> QueryTab {
    let backend = Backend {
        engine,
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
        service: ServiceId("dynamodb"),
        kind: "table",
        place: Place::new("default", "eu-west-1"),
        name: "orders".into(),
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
    QueryTab::open(TabId(1), target, "orders".into(), Moment::default(), EditorStyle::Plain)
}

fn with(tab: &mut QueryTab, act: impl FnOnce(&mut QueryTab, &mut Ctx<'_>)) -> Vec<Effect> {
    let (mut effects, mut said): (Vec<Effect>, Vec<Said>) = (Vec::new(), Vec::new());
    let mut history = History::default();
    let mut issue = |slot| Ticket { slot, turn: 1 };
    let access = Access::read_only();
    let mut ctx = Ctx {
        now: Moment::default(),
        access: &access,
        issue: &mut issue,
        effects: &mut effects,
        said: &mut said,
        history: &mut history,
    };
    act(tab, &mut ctx);
    effects
}

fn screen(tab: &QueryTab, size: (u16, u16), ascii: bool) -> String {
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    let now = Moment::from_epoch_ms(3_400);
    terminal.draw(|frame| draw(tab, &Theme::plain(), frame.area(), frame, ascii, now)).unwrap();
    let buffer = terminal.backend().buffer();
    let lines = (0..size.1).map(|y| {
        let line: String =
            (0..size.0).filter_map(|x| buffer.cell((x, y)).map(|c| c.symbol().to_owned())).collect();
        line.trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn fill(tab: &mut QueryTab, rows: &[&[(Tag, &[u8])]], names: &[(&str, Tag)]) {
    let (mut writer, reader) = store(1 << 20);
    let columns: Vec<Column> =
        names.iter().map(|(n, t)| Column { name: (*n).into(), type_name: "".into(), tag: *t }).collect();
    writer.set_columns(&columns);
    for row in rows {
        for (tag, raw) in *row {
            writer.value(*tag, raw);
        }
        writer.end_row().unwrap();
    }
    writer.publish();
    with(tab, |tab, ctx| {
        tab.reply(Reply::Columns(columns, reader), ctx);
        tab.reply(Reply::Rows(rows.len() as u64), ctx);
    });
}

#[test]
fn rows_stand_under_their_heads() {
    let mut tab = tab();
    with(&mut tab, |tab, ctx| tab.paste("select * from orders", ctx));
    fill(
        &mut tab,
        &[
            &[(Tag::Number, b"7"), (Tag::Text, b"a\x1b[31mred"), (Tag::Null, b"")],
            &[(Tag::Number, b"1234"), (Tag::Text, b""), (Tag::Json, b"{\"a\": 1}")],
            &[(Tag::Number, b"-5")],
        ],
        &[("id", Tag::Number), ("name", Tag::Text), ("doc", Tag::Json)],
    );
    with(&mut tab, |tab, ctx| {
        let summary = Summary {
            rows: 3,
            took_ms: 1_250,
            notes: vec!["1.5 capacity units".into()],
            ..Summary::default()
        };
        tab.reply(Reply::Done(summary), ctx);
    });
    insta::assert_snapshot!(screen(&tab, (60, 12), false), @r#"
    DynamoDB PartiQL · AWS API in eu-west-1         [grid] tree
    1 select * from orders


    3 rows · 1,250 ms · 1.5 capacity units
        id  name       doc
    1    7  a␛[31mred  NULL
    2 1234  ''         {"a": 1}
    3   -5  ·          ·
    "#);
    with(&mut tab, |tab, ctx| {
        tab.command("results.focus", ctx);
        tab.command("column.last", ctx);
        tab.command("row.next", ctx);
        tab.command("cell.view", ctx);
    });
    let viewed = screen(&tab, (60, 12), true);
    assert!(viewed.contains("doc, JSON, 8 bytes") && viewed.contains("|  \"a\": 1 "), "{viewed}");
    assert!(viewed.is_ascii(), "{viewed}");
}

#[test]
fn refusals_and_cuts_are_loud() {
    let mut tab = tab();
    with(&mut tab, |tab, ctx| {
        tab.paste("delete from orders where id = 1", ctx);
        tab.command("query.run", ctx);
    });
    let refused = screen(&tab, (70, 10), false);
    assert!(refused.contains("refused by"), "{refused}");
    with(&mut tab, |tab, ctx| {
        tab.reply(Reply::Done(Summary { rows: 5_000, truncated: true, ..Summary::default() }), ctx);
    });
    assert!(screen(&tab, (70, 10), false).contains("CUT at 5,000 rows: there are more"));
    with(&mut tab, |tab, ctx| tab.reply(Reply::NeedPassword("app".into(), "h\u{1b}[2J".into()), ctx));
    with(&mut tab, |tab, ctx| tab.paste("hunter2", ctx));
    let asked = screen(&tab, (70, 12), false);
    assert!(asked.contains("•••••••") && !asked.contains("hunter2") && asked.contains("h␛[2J"), "{asked}");
}

#[test]
fn a_run_shows_its_stage_and_a_failure_its_reason() {
    let mut tab = tab();
    with(&mut tab, |tab, ctx| {
        tab.paste("select * from orders where id = 1", ctx);
        tab.command("query.run", ctx);
        tab.reply(Reply::Stage("connecting".into()), ctx);
        tab.reply(Reply::Rows(12_000), ctx);
    });
    assert!(screen(&tab, (70, 10), false).contains("connecting · 3 s · 12,000 rows"));
    with(&mut tab, |tab, ctx| {
        let failure = Failure::new(FailureKind::Rejected, "run", "no such table");
        tab.reply(Reply::Failed(failure), ctx);
    });
    let failed = screen(&tab, (70, 10), false);
    assert!(failed.contains("run: no such table") && failed.contains("failed"), "{failed}");
}

#[test]
fn huge_results_cost_what_is_seen() {
    let mut tab = tab();
    let huge = vec![b'x'; 32 << 20];
    let many: Vec<(Tag, &[u8])> = (0..2_000).map(|_| (Tag::Text, b"v".as_slice())).collect();
    let names: Vec<(String, Tag)> = (0..2_000).map(|i| (format!("column_{i}"), Tag::Text)).collect();
    let names: Vec<(&str, Tag)> = names.iter().map(|(n, t)| (n.as_str(), *t)).collect();
    fill(&mut tab, &[&[(Tag::Text, &huge), (Tag::Text, b"y")], &many], &names);
    assert!(screen(&tab, (80, 20), false).contains("xxx…"));
    with(&mut tab, |tab, ctx| {
        tab.command("results.focus", ctx);
        tab.command("column.last", ctx);
        tab.command("row.last", ctx);
    });
    let last = screen(&tab, (80, 20), false);
    assert!(
        last.contains("column_1999") && last.contains("column 2,000/2,000")
            || last.contains("column 2000/2000"),
        "{last}"
    );
}

#[test]
fn columns_do_not_jump_back() {
    let mut tab = tab();
    let wide = "w".repeat(30);
    let mut rows: Vec<Vec<(Tag, &[u8])>> =
        (0..50).map(|_| vec![(Tag::Text, b"n".as_slice()), (Tag::Text, b"end")]).collect();
    if let Some(row) = rows.get_mut(30) {
        *row = vec![(Tag::Text, wide.as_bytes()), (Tag::Text, b"end")];
    }
    let rows: Vec<&[(Tag, &[u8])]> = rows.iter().map(Vec::as_slice).collect();
    fill(&mut tab, &rows, &[("a", Tag::Text), ("b", Tag::Text)]);
    let column_of_end = |screen: &str| screen.lines().rev().find_map(|l| l.find("end"));
    let before = column_of_end(&screen(&tab, (70, 20), false));
    with(&mut tab, |tab, ctx| {
        tab.command("results.focus", ctx);
        tab.command("row.last", ctx);
    });
    assert_eq!(column_of_end(&screen(&tab, (70, 20), false)), before);
    with(&mut tab, |tab, ctx| {
        (0..19).for_each(|_| assert!(tab.command("row.previous", ctx)));
    });
    let widened = column_of_end(&screen(&tab, (70, 20), false));
    assert!(widened > before);
    with(&mut tab, |tab, ctx| assert!(tab.command("row.first", ctx)));
    assert_eq!(column_of_end(&screen(&tab, (70, 20), false)), widened);
}

#[test]
fn a_search_stands_in_the_status_line_and_colours_what_it_found() {
    let mut tab = tab();
    let rows: [&[(Tag, &[u8])]; 3] =
        [&[(Tag::Text, b"pear")], &[(Tag::Text, b"Apple")], &[(Tag::Text, b"fig")]];
    fill(&mut tab, &rows, &[("name", Tag::Text)]);
    with(&mut tab, |tab, ctx| {
        tab.command("results.focus", ctx);
        tab.command("rows.find", ctx);
        for c in "apple".chars() {
            tab.key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE), ctx);
        }
        tab.found(Reply::Found { rows: vec![1], cells: 1, seen: 2 }, ctx);
    });
    let typing = screen(&tab, (80, 10), false);
    assert!(
        typing.contains("/apple") && typing.contains("hit row 1 of 1, 1 value, 66% searched"),
        "{typing}"
    );
    with(&mut tab, |tab, ctx| {
        tab.found(Reply::Searched, ctx);
        tab.key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE), ctx);
        tab.command("row.first", ctx);
    });
    let mut terminal = Terminal::new(TestBackend::new(80, 10)).unwrap();
    let theme = Theme::plain();
    terminal.draw(|f| draw(&tab, &theme, f.area(), f, false, Moment::default())).unwrap();
    let buffer = terminal.backend().buffer();
    let line = |y: u16| {
        (0..80).filter_map(|x| buffer.cell((x, y)).map(ratatui::buffer::Cell::symbol)).collect::<String>()
    };
    let at = |word: &str| {
        (0..10)
            .find_map(|y| line(y).find(word).and_then(|x| buffer.cell((u16::try_from(x).ok()?, y))))
            .unwrap()
    };
    assert!((0..10).any(|y| line(y).contains("1 hit row, 1 value")));
    let colour = theme.style(Role::Match);
    assert!(colour != Style::default());
    assert_eq!(at("Apple").style(), at("fig").style().patch(colour));
}

#[test]
fn one_long_line_scrolls_to_its_end() {
    let mut tab = tab();
    let long = "x".repeat(5_000) + "END";
    fill(&mut tab, &[&[(Tag::Text, long.as_bytes())]], &[("a", Tag::Text)]);
    with(&mut tab, |tab, ctx| {
        tab.command("results.focus", ctx);
        tab.command("cell.view", ctx);
    });
    let first = screen(&tab, (60, 12), false);
    assert!(first.contains("lines 1-8 of 90") && !first.contains("END"), "{first}");
    with(&mut tab, |tab, ctx| assert!(tab.command("row.last", ctx)));
    let last = screen(&tab, (60, 12), false);
    assert!(last.contains("lines 83-90 of 90") && last.contains("END"), "{last}");
}

#[test]
fn what_a_statement_will_do_stands_beside_why_the_last_failed() {
    let keys = crate::query::dialect::partiql::TableKeys { partition: "id".into(), ..Default::default() };
    let mut tab = tab().with_table(crate::app::query::TableFacts { keys, items: Some(9), bytes: None });
    with(&mut tab, |tab, ctx| {
        tab.paste("select * from orders where id = 1", ctx);
        tab.command("query.run", ctx);
        tab.reply(Reply::Failed(Failure::new(FailureKind::Rejected, "run", "no such table")), ctx);
        (0..13).for_each(|_| tab.key(KeyEvent::new(KeyCode::Backspace, KeyModifiers::NONE), ctx));
    });
    let shown = screen(&tab, (70, 12), false);
    assert!(shown.contains("run: no such table") && shown.contains("scan of 9 items"), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn any_size_and_any_value_can_be_drawn(
        width in 1_u16..120, height in 1_u16..40,
        values in prop::collection::vec(prop::collection::vec((0_u8..9, prop::collection::vec(any::<u8>(), 0..200)), 0..6), 0..20),
        keys in prop::collection::vec(prop::sample::select(vec!["row.last", "column.last", "cell.view", "rows.copy-as", "query.target", "query.history", "rows.export", "rows.find", "view.back", "page.up", "column.left"]), 0..6),
        ascii in any::<bool>(),
    ) {
        let mut tab = tab();
        with(&mut tab, |tab, ctx| tab.paste("select '\u{202e}\tx',\n数据 from \"a\u{0301}\u{0301}\" -- \u{200b}", ctx));
        let rows: Vec<Vec<(Tag, &[u8])>> =
            values.iter().map(|r| r.iter().map(|(t, v)| (Tag::from_byte(*t), v.as_slice())).collect()).collect();
        let rows: Vec<&[(Tag, &[u8])]> = rows.iter().map(Vec::as_slice).collect();
        fill(&mut tab, &rows, &[("a", Tag::Text), ("数据", Tag::Number), ("", Tag::Json), ("d", Tag::Text), ("e\u{1b}", Tag::Text), ("f", Tag::Bool)]);
        for key in keys {
            with(&mut tab, |tab, ctx| {
                tab.command("results.focus", ctx);
                tab.command(key, ctx);
                tab.key(KeyEvent::new(KeyCode::Char('x'), KeyModifiers::NONE), ctx);
            });
            let drawn = screen(&tab, (width, height), ascii);
            prop_assert!(!drawn.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{drawn:?}");
        }
    }
}
