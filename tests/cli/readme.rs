//! What the README shows of the program is what the program says.

use super::binary::{dbdeck, dbdeck_with};

#[test]
fn the_key_table_is_the_programs_own() {
    let readme = include_str!("../../README.md");
    let shown = readme.split("<!-- keys:").nth(1).and_then(|rest| rest.split_once("-->"));
    let shown = shown.and_then(|(_, rest)| rest.split_once("<!-- /keys -->")).map(|(table, _)| table.trim());
    let said = dbdeck(&["keys", "--markdown", "--context", "global,fleet"]).well();
    assert_eq!(shown, Some(said.trim()), "README.md: paste the output of that command between the marks");
}

/// The example files of the settings, in their order: `config.toml`, a keymap, a theme.
fn examples() -> Vec<&'static str> {
    let settings = include_str!("../../README.md").split("## Settings").nth(1).unwrap_or_default();
    settings.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn the_examples_of_settings_are_read() {
    let [config, keymap, theme] = examples()[..] else { panic!("three files: {:?}", examples()) };
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("dbdeck");
    for (name, text) in [("keymaps/mine.toml", keymap), ("themes/mine.toml", theme)] {
        std::fs::create_dir_all(at.join(name).parent().unwrap()).unwrap();
        std::fs::write(at.join(name), text).unwrap();
    }
    let own = config.replace("\"dark\"", "\"mine\"").replace("keymap = \"default\"", "keymap = \"mine\"");
    let home = [("XDG_CONFIG_HOME", folder.path().to_str().unwrap())];
    for (config, theme) in [(config, "theme              dark"), (&own, "theme              mine")] {
        std::fs::write(at.join("config.toml"), config).unwrap();
        let said = dbdeck_with(&["info"], b"", &home).well();
        assert!(said.lines().any(|line| line == theme), "{said}");
        // Every key stands there, also those that are left out for having no value to hold.
        std::fs::write(at.join("config.toml"), config.replace("\n# ", "\n")).unwrap();
        dbdeck_with(&["keys"], b"", &home).well();
    }
    let keys = dbdeck_with(&["keys"], b"", &home).well();
    assert!(keys.lines().any(|line| line.contains(" g e ") && line.contains("row.last")), "{keys}");
}
