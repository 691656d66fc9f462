//! What the README shows of the program is what the program says.

use super::binary::dbdeck;

#[test]
fn the_key_table_is_the_programs_own() {
    let readme = include_str!("../../README.md");
    let shown = readme.split("<!-- keys:").nth(1).and_then(|rest| rest.split_once("-->"));
    let shown = shown.and_then(|(_, rest)| rest.split_once("<!-- /keys -->")).map(|(table, _)| table.trim());
    let said = dbdeck(&["keys", "--markdown", "--context", "global,fleet"]).well();
    assert_eq!(shown, Some(said.trim()), "README.md: paste the output of that command between the marks");
}
