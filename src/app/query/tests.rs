//! The tab as the core sees it: keys, commands and replies in, effects out.

use super::*;
use crate::app::effect::{Format, Saved};
use crate::guard::Access;
use crate::model::EngineId;
use crate::model::{
    Backend, Column, Endpoint, EndpointRole, Failure, FailureKind, Place, ResourceId, ServiceId, Summary, Tag,
};
use crate::query::dialect::partiql::TableKeys;
use crate::query::store::store;
use crate::query::{Login, RowReader};
use crossterm::event::KeyModifiers;
use proptest::prelude::*;

/// No run was asked for.
const NONE: [&str; 0] = [];

/// A tab with everything that the core lends it.
struct Bench {
    tab: QueryTab,
    access: Access,
    now: u64,
    turn: u32,
    effects: Vec<Effect>,
    said: Vec<Said>,
    history: History,
}

fn target(engine: EngineId, dialect: DialectId) -> Target {
    let endpoint = |role, host: &str| Endpoint { role, host: host.into(), port: 5432 };
    let endpoints =
        vec![endpoint(EndpointRole::Reader, "ro.example"), endpoint(EndpointRole::Writer, "rw.example")];
    let backend = Backend {
        engine,
        dialect,
        endpoints: endpoints.clone(),
        database: Some("shop".into()),
        user: None,
        secret_arn: None,
        iam_login: false,
        data_api: Some("arn:cluster".into()),
    };
    Target {
        resource: ResourceId {
            service: ServiceId("rds"),
            kind: "instance",
            place: Place::new("default", "eu-west-1"),
            name: "orders".into(),
        },
        engine,
        endpoint: endpoints.first().cloned(),
        address: None,
        database: backend.database.clone(),
        user: None,
        backend,
    }
}

impl Bench {
    fn new(dialect: DialectId, style: EditorStyle) -> Self {
        let engine = match dialect {
            DialectId::PartiQl => EngineId::DynamoDb,
            DialectId::Postgres | DialectId::AuroraPostgres => EngineId::Postgres,
            _ => EngineId::MySql,
        };
        Self {
            tab: QueryTab::open(TabId(7), target(engine, dialect), "orders".into(), Moment::default(), style),
            access: Access::read_only(),
            now: 1_000,
            turn: 0,
            effects: Vec::new(),
            said: Vec::new(),
            history: History::default(),
        }
    }

    fn plain() -> Self {
        Self::new(DialectId::Postgres, EditorStyle::Plain)
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut QueryTab, &mut Ctx<'_>) -> T) -> T {
        let turn = &mut self.turn;
        let mut issue = |slot| {
            *turn += 1;
            Ticket { slot, turn: *turn }
        };
        let mut ctx = Ctx {
            now: Moment::from_epoch_ms(self.now),
            access: &self.access,
            issue: &mut issue,
            effects: &mut self.effects,
            said: &mut self.said,
            history: &mut self.history,
        };
        act(&mut self.tab, &mut ctx)
    }

    fn press(&mut self, code: KeyCode) {
        self.with(|tab, ctx| tab.key(KeyEvent::new(code, KeyModifiers::NONE), ctx));
    }

    fn keys(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.press(match c {
                '\n' => KeyCode::Enter,
                '\u{1b}' => KeyCode::Esc,
                c => KeyCode::Char(c),
            });
        }
        self
    }

    fn command(&mut self, name: &str) -> bool {
        self.with(|tab, ctx| tab.command(name, ctx))
    }

    fn reply(&mut self, reply: Reply) {
        self.with(|tab, ctx| tab.reply(reply, ctx));
    }

    fn take(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// The one effect asked for since the last look.
    fn only(&mut self) -> [Effect; 1] {
        self.take().try_into().unwrap()
    }

    /// The texts of the runs asked for since the last look.
    fn runs(&mut self) -> Vec<String> {
        let run = |e: Effect| match e {
            Effect::Run { statement, .. } => Some(statement.get().text.to_string()),
            _ => None,
        };
        self.take().into_iter().filter_map(run).collect()
    }

    fn rows(&mut self, n: usize) -> RowReader {
        let (reader, columns) = rows(n);
        self.reply(Reply::Columns(columns, reader.clone()));
        self.reply(Reply::Rows(n as u64));
        self.reply(Reply::Done(Summary { rows: n as u64, ..Summary::default() }));
        reader
    }
}

fn rows(n: usize) -> (RowReader, Vec<Column>) {
    let (mut writer, reader) = store(64 << 20);
    let column = |name: &str, tag| Column { name: name.into(), type_name: "".into(), tag };
    let columns = vec![column("id", Tag::Number), column("name", Tag::Text), column("doc", Tag::Json)];
    writer.set_columns(&columns);
    for i in 0..n {
        writer.value(Tag::Number, i.to_string().as_bytes());
        writer.value(Tag::Text, b"=a\tb");
        writer.value(Tag::Json, b"{\"k\":1.0}");
        writer.end_row().unwrap();
    }
    writer.publish();
    (reader, columns)
}

#[test]
fn the_statement_at_the_cursor_runs() {
    let mut b = Bench::plain();
    b.keys("select 1;\nselect 2; select 3");
    assert!(b.command("query.run"));
    assert_eq!(b.runs(), ["select 3"]);
    assert!(b.tab.running());
    assert!(b.command("query.run"), "a second run is refused");
    assert_eq!(b.runs(), NONE);
    b.reply(Reply::Done(Summary::default()));
    for _ in 0..10 {
        b.press(KeyCode::Left);
    }
    b.command("query.run");
    assert_eq!(b.runs(), ["select 2"]);
    assert_eq!(b.history.search(DialectId::Postgres, "").count(), 2);
}

#[test]
fn enter_runs_a_finished_statement_in_normal_mode() {
    let mut b = Bench::new(DialectId::Postgres, EditorStyle::Vim);
    b.keys("select 1\u{1b}\n");
    assert_eq!(b.runs(), NONE, "not ended by a semicolon");
    b.keys("A;\u{1b}\n");
    assert_eq!(b.runs(), ["select 1"]);
}

#[test]
fn a_refusal_sends_nothing_and_points_at_the_construct() {
    let mut b = Bench::plain();
    b.keys("select 1;\n\ndelete from orders");
    b.command("query.run");
    assert_eq!(b.take(), []);
    let Some(Message::Refused(refusal)) = b.tab.message() else { panic!("{:?}", b.tab.message()) };
    assert!(!refusal.rule.is_empty());
    assert_eq!(b.tab.editor().cursor(), (2, 0));
    assert!(!b.tab.running());
    assert_eq!(b.history, History::default());
}

#[test]
fn a_change_under_elevation_asks_twice_and_is_asked_again_after_an_edit() {
    let mut b = Bench::plain();
    b.access.elevate("repair", 60_000, Moment::from_epoch_ms(b.now)).unwrap();
    b.keys("delete from orders");
    b.command("query.run");
    assert!(matches!(b.tab.message(), Some(Message::Again(_))));
    b.keys(" x");
    b.command("query.run");
    assert_eq!(b.runs(), NONE);
    b.command("query.run");
    assert_eq!(b.runs(), ["delete from orders x"]);
}

#[test]
fn a_scan_is_foretold_and_needs_a_second_press() {
    let keys = TableKeys { partition: "user_id".into(), sort: Some("feature".into()), indexes: Vec::new() };
    let facts = TableFacts { keys, items: Some(12_000), bytes: Some(3_100_000) };
    let mut b = Bench::new(DialectId::PartiQl, EditorStyle::Plain);
    b.tab = b.tab.clone().with_table(facts);
    b.keys("select * from \"ml-features\"");
    b.command("query.run");
    let Some(Message::Again(words)) = b.tab.message() else { panic!("{:?}", b.tab.message()) };
    assert!(words.contains("12,000 items, 3.1 MB") && words.contains("press again"), "{words}");
    assert_eq!(b.take(), []);
    b.command("query.run");
    assert_eq!(b.runs().len(), 1);
    b.reply(Reply::Done(Summary::default()));
    b.keys(" where user_id = 'u-1'");
    b.command("query.run");
    assert_eq!(b.runs().len(), 1, "a query runs at once");
    let Some(Message::Note(words)) = b.tab.message() else { panic!("{:?}", b.tab.message()) };
    assert!(words.starts_with("query:"), "{words}");
}

#[test]
fn cancel_is_sent_once_asked_and_rows_stay() {
    let mut b = Bench::plain();
    assert!(!b.command("query.cancel"), "nothing runs: the core may quit");
    b.keys("select 1");
    b.command("query.run");
    let ticket = b.take().into_iter().find_map(|e| match e {
        Effect::Run { ticket, .. } => Some(ticket),
        _ => None,
    });
    b.rows(3);
    b.command("query.run");
    b.take();
    b.keys("\u{1b}");
    assert_eq!(b.take(), []);
    b.now += 10_000;
    b.keys("\u{1b}");
    assert_eq!(b.take(), [], "too late for the second press");
    b.now += 100;
    b.keys("\u{1b}");
    let [Effect::Cancel(cancelled)] = b.only() else { panic!("no cancel") };
    assert_ne!(Some(cancelled), ticket);
    b.reply(Reply::Failed(Failure::new(FailureKind::Cancelled, "run", "cancelled")));
    assert_eq!(b.tab.stage(), &Stage::Cancelled);
    assert_eq!(b.tab.results().map(|r| r.rows), Some(3));
}

#[test]
fn a_failure_keeps_the_old_rows_and_wakes_nobody() {
    let mut b = Bench::plain();
    b.keys("select 1");
    b.command("query.run");
    assert_eq!(b.tab.next_wake(Moment::from_epoch_ms(1_250)), Some(Moment::from_epoch_ms(2_000)));
    b.rows(2);
    b.command("query.run");
    b.reply(Reply::Failed(Failure::new(FailureKind::Rejected, "run", "no such table")));
    assert!(matches!(b.tab.stage(), Stage::Failed(_)));
    assert_eq!(b.tab.results().map(|r| r.rows), Some(2));
    assert_eq!(b.tab.next_wake(Moment::from_epoch_ms(9_999)), None);
}

#[test]
fn a_password_is_asked_sent_once_and_shown_nowhere() {
    let mut b = Bench::plain();
    b.keys("select 'my-secret-row'");
    b.command("query.run");
    b.take();
    b.reply(Reply::NeedPassword("app".into(), "ro.example".into()));
    assert_eq!(b.tab.context(), Context::EditorInsert);
    b.with(|tab, ctx| tab.paste("hunter", ctx));
    b.keys("2");
    let shown = format!("{:?} {:?}", b.tab, b.tab.layer());
    assert!(!shown.contains("hunter") && !shown.contains("my-secret-row"), "{shown}");
    b.keys("\n");
    let effects = b.take();
    let printed = format!("{effects:?} {:?} {:?}", b.tab, b.history);
    assert!(!printed.contains("hunter") && !printed.contains("my-secret-row"), "{printed}");
    let Some(Effect::Run { login: Some(Login::Password(secret)), target, .. }) = effects.first() else {
        panic!("{effects:?}")
    };
    assert_eq!((secret.reveal(), target.user.as_deref()), ("hunter2", Some("app")));
    assert!(b.tab.layer().is_none() && b.tab.running());
    assert_eq!(b.tab.editor().text(), "select 'my-secret-row'");
}

#[test]
fn elevation_that_ended_while_the_prompt_was_open_counts() {
    let mut b = Bench::plain();
    b.access.elevate("repair", 60_000, Moment::from_epoch_ms(b.now)).unwrap();
    b.keys("delete from orders");
    b.command("query.run");
    b.command("query.run");
    assert_eq!(b.runs().len(), 1);
    b.reply(Reply::NeedPassword("app".into(), "h".into()));
    b.access.lower();
    b.keys("pw\n");
    assert_eq!(b.take(), []);
    assert!(matches!(b.tab.message(), Some(Message::Refused(_))));
}

#[test]
fn the_target_form_changes_where_statements_go() {
    let mut b = Bench::plain();
    b.command("query.target");
    b.press(KeyCode::Down);
    b.keys(" ");
    b.press(KeyCode::Down);
    b.keys("2");
    b.press(KeyCode::Tab);
    b.keys("ada");
    b.press(KeyCode::Tab);
    b.keys("127.0.0.1:x\n");
    assert!(b.tab.layer().is_some(), "a wrong address keeps the form open");
    b.press(KeyCode::Backspace);
    b.keys("6543\n");
    let t = b.tab.target().clone();
    assert_eq!(t.endpoint.map(|e| e.role), Some(EndpointRole::Writer));
    assert_eq!((t.database.as_deref(), t.user.as_deref()), (Some("shop2"), Some("ada")));
    assert_eq!(t.address, Some(("127.0.0.1".into(), 6543)));
    assert_eq!(b.take(), [Effect::CloseSession(TabId(7))]);
    b.command("query.engine");
    assert_eq!(b.tab.target().engine, EngineId::RdsData);
    b.command("query.database other");
    assert_eq!(b.tab.target().database.as_deref(), Some("other"));
    b.keys("select 1");
    b.command("query.run");
    b.take();
    b.command("query.engine");
    assert_eq!(b.take(), [], "not while a statement runs");
}

#[test]
fn history_is_listed_searched_and_recalled() {
    let mut b = Bench::plain();
    for text in ["select 1", "select 2 from orders"] {
        b.with(|tab, _| tab.editor.set_text(text));
        b.command("query.run");
        b.reply(Reply::Done(Summary::default()));
    }
    let saved =
        b.take().iter().filter(|e| matches!(e, Effect::Save { what: Saved::History(..), .. })).count();
    assert_eq!(saved, 2);
    b.command("query.history-previous");
    assert_eq!(b.tab.editor().text(), "select 2 from orders");
    b.command("query.history-previous");
    assert_eq!(b.tab.editor().text(), "select 1");
    b.command("query.history-next");
    assert_eq!(b.tab.editor().text(), "select 2 from orders");
    b.command("query.history");
    b.keys("t 1\n");
    assert_eq!(b.tab.editor().text(), "select 1");
}

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
fn completion_takes_columns_and_words() {
    let mut b = Bench::plain();
    b.rows(1);
    b.keys("select nam");
    b.command("query.complete");
    assert_eq!(b.tab.editor().text(), "select name");
    b.keys(" fr");
    b.command("query.complete");
    assert!(b.tab.editor().text().starts_with("select name fr"));
}

#[test]
fn the_external_editor_gives_its_text_back() {
    let mut b = Bench::plain();
    b.keys("select 1");
    b.command("query.edit-external");
    let [Effect::Edit { text, extension, .. }] = b.only() else { panic!("no editor") };
    assert_eq!((text.as_str(), extension), ("select 1", "sql"));
    b.reply(Reply::Edited("select 2\r\n-- \u{1b}[2Jx".into()));
    assert_eq!(b.tab.editor().text(), "select 2\n-- [2Jx");
}

/// Types `keys` in normal mode over `text` with the cursor at its start.
fn vim(text: &str, keys: &str) -> (String, (usize, usize)) {
    let mut b = Bench::new(DialectId::Postgres, EditorStyle::Vim);
    b.with(|tab, ctx| tab.paste(text, ctx));
    b.keys("\u{1b}gg0");
    b.keys(keys);
    (b.tab.editor().text(), b.tab.editor().cursor())
}

#[test]
fn vim_motions_and_operators() {
    for (text, keys, want) in [
        ("one two three", "dw", "two three"),
        ("one two three", "d2w", "three"),
        ("one two three", "2dw", "three"),
        ("one two three", "wdwu", "one two three"),
        ("one two three", "cwuno\u{1b}", "uno two three"),
        ("one two three", "wD", "one "),
        ("one two three", "$x", "one two thre"),
        ("one two three", "wC!\u{1b}", "one !"),
        ("one two three", "wdb", "two three"),
        ("one two three", "de", " two three"),
        ("a\nb\nc", "dd", "b\nc"),
        ("a\nb\nc", "Gdd", "a\nb"),
        ("a\nb\nc", "2dd", "c"),
        ("a\nb\nc", "9dd", ""),
        ("a\nb\nc", "yyjp", "a\nb\na\nc"),
        ("a\nb\nc", "yyGP", "a\nb\na\nc"),
        ("a\nb", "ddp", "b\na"),
        ("a\nb\nc", "dG", ""),
        ("a\nb\nc", "jdgg", "c"),
        ("a\nb\nc", "Vjd", "c"),
        ("abcd", "lvld", "ad"),
        ("abcd", "vly$p", "abcdab"),
        ("a", "oxyz\u{1b}", "a\nxyz"),
        ("a", "Oxyz\u{1b}", "xyz\na"),
        ("a", "Ab\u{1b}Ic\u{1b}", "cab"),
        ("a b", "rx", "x b"),
        ("a(b, c)d", "fbdi(", "a()d"),
        ("x = 'abc'", "fbci'z\u{1b}", "x = 'z'"),
        ("one two", "wdiw", "one "),
        ("a\n  b", "J", "a b"),
        ("a,b", "dt,", ",b"),
        ("a,b", "df,", "b"),
        ("a\nb", "ddu", "a\nb"),
        ("größe 数据 x", "wdw", "größe x"),
        ("abc", "3x", ""),
        ("abc", "xp", "bac"),
        ("a b", "S1\u{1b}", "1"),
    ] {
        assert_eq!(vim(text, keys).0, want, "{text:?} {keys:?}");
    }
    for (text, keys, want) in [
        ("one two\nthree", "w", (0, 4)),
        ("one two\nthree", "ww", (1, 0)),
        ("one two\nthree", "e", (0, 2)),
        ("one two\nthree", "G", (1, 0)),
        ("one two\nthree", "G$", (1, 4)),
        ("one two\nthree", "$b", (0, 4)),
        ("  one", "$^", (0, 2)),
        ("a\n\nb", "}", (1, 0)),
        ("abc", "99l", (0, 2)),
    ] {
        assert_eq!(vim(text, keys).1, want, "{text:?} {keys:?}");
    }
}

#[test]
fn redo_brings_back_what_undo_took() {
    let mut b = Bench::new(DialectId::Postgres, EditorStyle::Vim);
    b.keys("abc\u{1b}x");
    assert_eq!(b.tab.editor().text(), "ab");
    b.keys("u");
    assert_eq!(b.tab.editor().text(), "abc");
    b.with(|tab, ctx| tab.key(KeyEvent::new(KeyCode::Char('r'), KeyModifiers::CONTROL), ctx));
    assert_eq!(b.tab.editor().text(), "ab");
    b.keys("uu");
    assert_eq!(b.tab.editor().text(), "", "insert mode is undone at once");
}

#[test]
fn plain_style_selects_with_shift_and_runs_the_selection() {
    let mut b = Bench::plain();
    b.keys("select 1; select 22");
    for _ in 0..9 {
        b.with(|tab, ctx| tab.key(KeyEvent::new(KeyCode::Left, KeyModifiers::SHIFT), ctx));
    }
    assert_eq!(b.tab.editor().selection().as_deref(), Some("select 22"));
    b.command("query.run");
    assert_eq!(b.runs(), ["select 22"]);
}

fn any_key() -> impl Strategy<Value = KeyEvent> {
    let code = prop_oneof![
        8 => prop::sample::select("iaoOIAxXdcyYpPDCSJuvVwbeGg0$^{}frhjkl;1239 '\"(数\t".chars().collect::<Vec<char>>())
            .prop_map(KeyCode::Char),
        2 => prop::sample::select(vec![
            KeyCode::Esc, KeyCode::Enter, KeyCode::Backspace, KeyCode::Delete, KeyCode::Left, KeyCode::Right,
            KeyCode::Up, KeyCode::Down, KeyCode::Home, KeyCode::End, KeyCode::Tab, KeyCode::PageUp,
        ]),
    ];
    let modifiers = prop_oneof![
        6 => Just(KeyModifiers::NONE), 1 => Just(KeyModifiers::CONTROL), 1 => Just(KeyModifiers::SHIFT),
    ];
    (code, modifiers).prop_map(|(code, modifiers)| KeyEvent::new(code, modifiers))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn no_keys_break_the_tab(
        modal in any::<bool>(),
        steps in prop::collection::vec((any_key(), prop::option::weighted(0.2, 0..crate::config::command::COMMANDS.len())), 0..80),
    ) {
        let style = if modal { EditorStyle::Vim } else { EditorStyle::Plain };
        let mut b = Bench::new(DialectId::Postgres, style);
        b.with(|tab, ctx| tab.paste("select a,\n  'b' from t;\n\n数据 (x)", ctx));
        b.rows(3);
        for (key, command) in steps {
            if let Some(command) = command.and_then(|i| crate::config::command::COMMANDS.get(i)) {
                b.command(command.name);
            }
            b.with(|tab, ctx| tab.key(key, ctx));
            let (row, col) = b.tab.editor().cursor();
            prop_assert!(b.tab.editor().lines().get(row).is_some_and(|l| col <= l.chars().count()));
        }
    }
}
