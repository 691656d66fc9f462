//! Text in the editor: both styles, completion, the external editor, earlier statements.

use super::*;
use proptest::prelude::*;

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
