//! Shipped files are whole; mistakes are told with file and line.

use super::*;
use crate::config::embedded::Folder;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::style::{Color, Modifier};
use std::path::Path;

fn paths(folder: &Path) -> Paths {
    Paths { themes: folder.join("themes"), keymaps: folder.join("keymaps"), ..Paths::default() }
}

fn none(name: &str) -> Result<Source, Complaint> {
    Err(Complaint { file: name.into(), line: None, what: "missing".into() })
}

fn theme(text: &str) -> Result<Loaded<Theme>, Complaint> {
    Theme::load(&Source::new("t.toml", text), &none)
}

fn keymap(text: &str) -> Result<Loaded<Keymap>, Complaint> {
    Keymap::load(&Source::new("k.toml", text), &none)
}

fn keys(text: &str) -> Vec<KeyEvent> {
    text.chars().map(|c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)).collect()
}

#[test]
fn shipped_themes_have_no_gaps() {
    let names = embedded::names(Folder::Themes);
    assert_eq!(names, ["ansi16", "dark", "high-contrast", "light"]);
    for name in names {
        let loaded = load::theme(&name, &Paths::default()).unwrap();
        assert_eq!(loaded.warnings, [], "{name}");
        assert_ne!(loaded.value.style(Role::Selected), loaded.value.style(Role::Text), "{name}");
    }
}

#[test]
fn shipped_keymaps_have_no_remarks() {
    let names = embedded::names(Folder::Keymaps);
    assert_eq!(names, ["default", "vim"]);
    for name in names {
        let loaded = load::keymap(&name, &Paths::default()).unwrap();
        assert_eq!(loaded.warnings, [], "{name}");
        assert_eq!(loaded.value.check(command::is_command), [], "{name}");
        for (context, keys, command) in loaded.value.bindings() {
            let command = command::find(&command).unwrap();
            let allowed = command.contexts.contains(&context)
                || command.contexts.contains(&Context::Global)
                || matches!(command.name, "query.cancel" | "row.open" | "app.quit");
            assert!(allowed, "{name}: {keys} in {context:?} runs {}", command.name);
        }
        assert_eq!(loaded.value.lookup(Context::Fleet, &keys("e")), Lookup::Command("query.open"));
    }
}

#[test]
fn a_role_falls_back_to_its_parent() {
    let loaded =
        theme("\"ui.text\" = \"red\"\n\"chart.series\" = { fg = \"#010203\", bold = true }").unwrap();
    assert_eq!(loaded.value.style(Role::Dim).fg, Some(Color::Red));
    assert_eq!(loaded.value.style(Role::Good).fg, Some(Color::Red));
    let series = loaded.value.style(Role::Series3);
    assert_eq!((series.fg, series.add_modifier), (Some(Color::Rgb(1, 2, 3)), Modifier::BOLD));
    assert_eq!(loaded.warnings.len(), Role::COUNT - 1);
}

#[test]
fn mistakes_in_themes_name_the_line() {
    for (text, line, words) in [
        ("\n\"ui.txt\" = \"red\"", 2, "no role"),
        ("\"ui.text\" = \"#12345\"", 1, "six hexadecimal"),
        ("\"ui.text\" = \"#12é45\"", 1, "six hexadecimal"),
        ("\n\n\"ui.text\" = { fg = \"reddish\" }", 3, "not a colour"),
        ("\"ui.text\" = { blink = true }", 1, "no attribute"),
        ("\"ui.text\" = 5", 1, "wants a colour"),
        ("\"ui.text\" = \"red\"\n\"ui.text\" = \"red\"", 2, "duplicate key"),
        ("inherits = \"nowhere\"", 1, "missing"),
        ("x = [", 1, ""),
    ] {
        let e = theme(text).unwrap_err();
        assert!(e.line == Some(line) && e.what.contains(words), "{text}: {e}");
    }
}

#[test]
fn a_theme_cannot_hide_a_warning() {
    for text in [
        "\"ui.danger\" = { fg = \"red\", bg = \"red\" }",
        "\"access.elevated\" = { fg = \"#101010\", bg = \"#141414\" }",
        "\"ui.text\" = { fg = \"white\", bg = \"black\" }\n\"health.bad\" = \"black\"",
        "\"ui.text\" = { fg = \"black\", bg = \"black\" }",
    ] {
        assert!(theme(text).unwrap_err().what.contains("cannot hide"), "{text}");
    }
}

#[test]
fn themes_that_inherit_each_other_end() {
    let round = |name: &str| Ok(Source::new(name, format!("inherits = \"{name}x\"")));
    let e = Theme::load(&Source::new("a", "inherits = \"b\""), &round).unwrap_err();
    assert!(e.to_string().contains("inherit each other"));
    let same = |name: &str| Ok(Source::new(name, "inherits = \"b\""));
    let e = Keymap::load(&Source::new("a", "inherits = \"b\""), &same).unwrap_err();
    assert!(e.to_string().contains("inherit each other"));
}

#[test]
fn plain_has_attributes_and_no_colour() {
    let plain = Theme::plain();
    for role in Role::ALL {
        let style = plain.style(role);
        assert_eq!((style.fg, style.bg), (None, None));
    }
    assert!(plain.style(Role::Selected).add_modifier.contains(Modifier::REVERSED));
    assert!(plain.style(Role::Elevated).add_modifier.contains(Modifier::BOLD));
}

#[test]
fn a_sequence_waits_and_ends() {
    let map = keymap("[[fleet]]\non = [\"g\", \"g\"]\nrun = \"row.first\"\ndesc = \"top\"").unwrap().value;
    assert_eq!(map.lookup(Context::Fleet, &[]), Lookup::None);
    assert_eq!(map.lookup(Context::Fleet, &keys("g")), Lookup::Pending);
    assert_eq!(map.lookup(Context::Fleet, &keys("gg")), Lookup::Command("row.first"));
    assert_eq!(map.lookup(Context::Fleet, &keys("gx")), Lookup::None);
    assert_eq!(map.lookup(Context::List, &keys("g")), Lookup::None);
    assert_eq!(map.keys_of(Context::Fleet, "row.first"), ["g g"]);
    assert_eq!(map.note(Context::Fleet, "row.first"), Some("top"));
}

#[test]
fn a_keymap_changes_what_it_inherits() {
    let base = |_: &str| {
        Ok(Source::new(
            "base",
            "fleet = [{ on = \"g\", run = \"row.first\" }, { on = \"x\", run = \"a.b\" }, { on = \"z z\", run = \"c.d\" }]",
        ))
    };
    let text = "inherits = \"base\"\nfleet = [{ on = \"g g\", run = \"row.first\" }, { on = \"x\", run = \"noop\" }, { on = \"z\", run = \"e.f\" }]";
    let map = Keymap::load(&Source::new("k", text), &base).unwrap().value;
    assert_eq!(map.lookup(Context::Fleet, &keys("g")), Lookup::Pending);
    assert_eq!(map.lookup(Context::Fleet, &keys("x")), Lookup::None);
    assert_eq!(map.lookup(Context::Fleet, &keys("z")), Lookup::Command("e.f"));
    assert_eq!(map.bindings().len(), 2);
}

#[test]
fn the_build_reads_the_shipped_keymaps_as_the_program_would() {
    let paths = Paths::default();
    let toml = |name: &str| Ok(Source::new(name, embedded::text(Folder::Keymaps, name).unwrap()));
    for name in embedded::names(Folder::Keymaps) {
        let (built, read) = (load::keymap(&name, &paths), Keymap::load(&toml(&name).unwrap(), &toml));
        let (built, read) = (built.unwrap().value, read.unwrap().value);
        assert!(!built.bindings().is_empty());
        assert_eq!(built.bindings(), read.bindings(), "{name}");
        for (context, _, command) in built.bindings() {
            assert_eq!(built.note(context, &command), read.note(context, &command), "{name}: {command}");
        }
    }
}

#[test]
fn a_keymap_of_ones_own_keeps_the_shipped_keys_unless_it_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(folder.path());
    std::fs::create_dir_all(&paths.keymaps).unwrap();
    let own = |text: &str| {
        std::fs::write(paths.keymaps.join("own.toml"), text).unwrap();
        load::keymap("own", &paths)
    };
    let binding = "[[fleet]]\non = \"Z\"\nrun = \"row.next\"";
    let keys_of = |map: &Keymap, command: &str| map.keys_of(Context::Fleet, command);
    let map = own(binding).unwrap().value;
    assert!(
        keys_of(&map, "row.next").contains(&"Z".into()) && keys_of(&map, "row.next").contains(&"j".into())
    );
    assert!(!map.keys_of(Context::Global, "app.quit").is_empty());
    let bare = own(&format!("inherits = \"none\"\n{binding}")).unwrap().value;
    assert_eq!(bare.bindings().len(), 1);
    let unknown = own("[[fleet]]\non = \"Z\"\nrun = \"row.nxt\"").unwrap_err();
    assert_eq!((unknown.line, unknown.what.as_str()), (Some(2), "no command is called `row.nxt`"));
}

#[test]
fn mistakes_in_keymaps_name_the_line() {
    for (text, line, words) in [
        ("[[flet]]\non = \"g\"\nrun = \"a.b\"", 1, "no context"),
        ("[[fleet]]\non = \"hyper-g\"\nrun = \"a.b\"", 2, "no modifier"),
        ("[[fleet]]\non = \"g\"", 2, "`run` is missing"),
        ("[[fleet]]\nrun = \"a.b\"", 1, "`on` wants"),
        ("[[fleet]]\non = \"g\"\nrun = \"a.b\"\ncolour = \"red\"", 4, "has no `colour`"),
        ("[[fleet]]\non = \"g\"\nrun = \"a.b\"\n[[fleet]]\non = \"g\"\nrun = \"c.d\"", 5, "bound twice"),
        ("[[fleet]]\non = \"a b c d e\"\nrun = \"a.b\"", 2, "one to 4"),
    ] {
        let e = keymap(text).unwrap_err();
        assert!(e.line == Some(line) && e.what.contains(words), "{text}: {e}");
    }
}

#[test]
fn remarks_on_keymaps() {
    let loaded = keymap(
        "fleet = [{ on = \"g\", run = \"a.b\" }, { on = \"g g\", run = \"c.d\" }, { on = \"ctrl-m\", run = \"e.f x\" }]",
    )
    .unwrap();
    let words: Vec<_> = loaded.warnings.iter().map(|w| w.what.as_str()).collect();
    assert_eq!(
        words,
        ["`g g` is never reached: line 1 comes first", "`ctrl-m`: terminals send Enter for it"]
    );
    let unknown = loaded.value.check(|name| matches!(name, "a.b" | "e.f"));
    assert_eq!(unknown.len(), 1);
    assert_eq!(
        unknown.first().map(ToString::to_string).as_deref(),
        Some("k.toml:1: no command is called `c.d`")
    );
}

#[test]
fn flag_before_environment_before_file() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("config.toml"), "theme = \"light\"\nkeymap = \"vim\"\nrefresh = 30\n")
        .unwrap();
    let load = |flags: &Overrides, env: &[(&str, &str)]| {
        let env = |name: &str| env.iter().find(|(k, _)| *k == name).map(|(_, v)| (*v).to_owned());
        Config::load_from(flags, &env, home.path(), home.path())
    };
    let file = load(&Overrides::default(), &[]).unwrap();
    assert_eq!((file.settings.theme.as_str(), file.settings.refresh_s), ("light", 30));
    let env = load(&Overrides::default(), &[("DBDECK_THEME", "ansi16"), ("NO_COLOR", "1")]).unwrap();
    assert_eq!((env.settings.theme.as_str(), env.theme), ("ansi16", Theme::plain()));
    let flags = Overrides { theme: Some("dark".into()), ..Overrides::default() };
    let flag = load(&flags, &[("DBDECK_THEME", "ansi16")]).unwrap();
    assert_eq!(flag.settings.theme, "dark");
    assert_eq!(flag.settings.keymap, "vim");
    let missing = Overrides { config: Some(home.path().join("no.toml")), ..Overrides::default() };
    assert_eq!(load(&missing, &[]).unwrap_err().exit_code(), 2);
    let unknown = Overrides { theme: Some("../x".into()), ..Overrides::default() };
    assert!(load(&unknown, &[]).unwrap_err().because.contains("not a name"));
}

#[test]
fn mistakes_in_settings_name_the_line() {
    for (text, line, words) in [
        ("theme = \"dark\"\ncolour = 1", 2, "no setting"),
        ("refresh = 1", 1, "at least 5"),
        ("refresh = -9", 1, "whole number"),
        ("editor = \"ed\"", 1, "vim"),
        ("ascii = \"yes\"", 1, "true or false"),
        ("production = true", 1, "a list of texts"),
    ] {
        let e = Settings::default().read(&Source::new("config.toml", text)).unwrap_err();
        assert!(e.line == Some(line) && e.what.contains(words), "{text}: {e}");
    }
}

#[test]
fn what_is_production_is_the_persons_word() {
    let mut settings = Settings::default();
    assert_eq!(settings.production, crate::guard::production::PATTERNS);
    settings.read(&Source::new("config.toml", "production = [\"live*\", \"prod\"]")).unwrap();
    assert_eq!(settings.production, ["live*", "prod"]);
    settings.read(&Source::new("config.toml", "production = []")).unwrap();
    assert!(settings.production.is_empty());
}

#[cfg(unix)]
#[test]
fn a_file_that_all_may_write_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let themes = home.path().join("themes");
    std::fs::create_dir(&themes).unwrap();
    let file = themes.join("mine.toml");
    std::fs::write(&file, "inherits = \"dark\"\n\"ui.key\" = \"red\"").unwrap();
    let mine = load::theme("mine", &paths(home.path())).unwrap();
    assert_eq!(mine.value.style(Role::Key).fg, Some(Color::Red));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666)).unwrap();
    assert!(load::theme("mine", &paths(home.path())).unwrap_err().what.contains("refused"));
}

#[test]
fn a_users_file_may_stand_on_the_shipped_one_of_its_name() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("themes")).unwrap();
    std::fs::write(home.path().join("themes/dark.toml"), "inherits = \"dark\"\n\"ui.key\" = \"red\"")
        .unwrap();
    let mine = load::theme("dark", &paths(home.path())).unwrap().value;
    assert_eq!(mine.style(Role::Key).fg, Some(Color::Red));
    assert_eq!(
        mine.style(Role::Good),
        load::theme("dark", &Paths::default()).unwrap().value.style(Role::Good)
    );
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(256))]
    #[test]
    fn any_text_is_answered(text in "[\\[\\]{}=\"a-z.#\\n ,0-9-]{0,200}") {
        let _ = theme(&text);
        let _ = keymap(&text);
        let _ = Settings::default().read(&Source::new("c", text));
    }
}
