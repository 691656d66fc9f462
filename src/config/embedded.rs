//! The shipped themes and keymaps, compiled in by folder: a new file needs no list.

use include_dir::{Dir, include_dir};

static THEMES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/themes");
static KEYMAPS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/keymaps");
/// What `build.rs` read out of the keymaps.
static BINDINGS: Dir<'_> = include_dir!("$OUT_DIR/keymaps");

/// The two folders that hold files by name, in the program and in the user's folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folder {
    /// `themes/`.
    Themes,
    /// `keymaps/`.
    Keymaps,
}

impl Folder {
    /// Its name on disk.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Themes => "themes",
            Self::Keymaps => "keymaps",
        }
    }

    const fn dir(self) -> &'static Dir<'static> {
        match self {
            Self::Themes => &THEMES,
            Self::Keymaps => &KEYMAPS,
        }
    }
}

/// The shipped file `name` (without `.toml`).
pub fn text(folder: Folder, name: &str) -> Option<&'static str> {
    folder.dir().get_file(format!("{name}.toml"))?.contents_utf8()
}

/// The bindings of the shipped keymap `name`, one a line, as `build.rs` writes them.
pub(super) fn bindings(name: &str) -> Option<&'static str> {
    BINDINGS.get_file(name)?.contents_utf8()
}

/// Names of the shipped files, sorted.
pub fn names(folder: Folder) -> Vec<String> {
    let mut names: Vec<String> = folder
        .dir()
        .files()
        .filter_map(|f| f.path().file_name()?.to_str()?.strip_suffix(".toml").map(ToOwned::to_owned))
        .collect();
    names.sort();
    names
}
