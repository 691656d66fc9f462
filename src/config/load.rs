//! Finding and reading files: flag before environment before file before built-in; the user's
//! folder before the embedded one. A file that others may write is refused.

use super::command;
use super::embedded::{self, Folder};
use super::keymap::Keymap;
use super::settings::{EditorStyle, Settings};
use super::source::{Complaint, LARGEST, Source};
use super::theme::Theme;
use crate::model::{Failure, FailureKind};
use etcetera::BaseStrategy;
use std::path::{Path, PathBuf};

/// What flags say; `None` and empty where they say nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--config`: the settings file, which must exist.
    pub config: Option<PathBuf>,
    /// `--theme`.
    pub theme: Option<String>,
    /// `--keymap`.
    pub keymap: Option<String>,
    /// The editor style.
    pub editor: Option<EditorStyle>,
    /// `--refresh`, in seconds.
    pub refresh_s: Option<u32>,
    /// `--ascii`.
    pub ascii: Option<bool>,
    /// `--profile`.
    pub profiles: Vec<String>,
    /// `--region`.
    pub regions: Vec<String>,
    /// Further certificate authorities.
    pub ca_bundle: Option<PathBuf>,
    /// The first view.
    pub start: Option<String>,
    /// Whether statements are kept on disk.
    pub history: Option<bool>,
}

/// The files and folders in use, for `dbdeck info`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    /// The settings file.
    pub config: PathBuf,
    /// Whether it exists.
    pub config_exists: bool,
    /// The folder searched for `themes/NAME.toml` before the shipped ones.
    pub themes: PathBuf,
    /// The folder searched for `keymaps/NAME.toml` before the shipped ones.
    pub keymaps: PathBuf,
    /// The state folder: history and the record of changes.
    pub state: PathBuf,
    /// The statement history.
    pub history: PathBuf,
}

/// Everything that files and flags decide, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The settings in force.
    pub settings: Settings,
    /// The theme in force; plain under `NO_COLOR`.
    pub theme: Theme,
    /// The keymap in force.
    pub keymap: Keymap,
    /// What the person should know about these files.
    pub warnings: Vec<Complaint>,
    /// Where things are.
    pub paths: Paths,
}

/// Reads one environment variable.
type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Config {
    /// Loads everything.
    ///
    /// # Errors
    /// A usage failure that names file and line: a file given but missing, a file others may
    /// write, a mistake in the settings, the theme or the keymap.
    pub fn load(overrides: &Overrides) -> Result<Self, Failure> {
        let base = etcetera::base_strategy::Xdg::new()
            .map_err(|e| Failure::new(FailureKind::Usage, "find the home folder", e.to_string()))?;
        let config = base.config_dir().join("dbdeck");
        let state = base.state_dir().unwrap_or_else(|| base.data_dir()).join("dbdeck");
        Self::load_from(overrides, &|name| std::env::var(name).ok(), &config, &state)
    }

    /// Loads everything from these folders and this environment.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn load_from(
        overrides: &Overrides,
        env: Env<'_>,
        config: &Path,
        state: &Path,
    ) -> Result<Self, Failure> {
        let env = |name: &str| env(name).filter(|v| !v.is_empty());
        let named = overrides.config.clone().or_else(|| env("DBDECK_CONFIG").map(PathBuf::from));
        let file = named.clone().unwrap_or_else(|| config.join("config.toml"));
        let paths = Paths {
            config_exists: file.is_file(),
            config: file,
            themes: config.join(Folder::Themes.name()),
            keymaps: config.join(Folder::Keymaps.name()),
            state: state.to_owned(),
            history: state.join("history.jsonl"),
        };
        let mut settings = Settings::default();
        if named.is_some() || paths.config_exists {
            let source = read(&paths.config).map_err(|e| usage(&e))?;
            settings.read(&source).map_err(|e| usage(&e))?;
        }
        from_environment(&mut settings, &env).map_err(|e| usage(&e))?;
        apply(&mut settings, overrides);
        let keymap = keymap(&settings.keymap, &paths).map_err(|e| usage(&e))?;
        let mut warnings = keymap.warnings;
        let theme = if env("NO_COLOR").is_some() {
            Theme::plain()
        } else {
            let theme = theme(&settings.theme, &paths).map_err(|e| usage(&e))?;
            warnings.extend(theme.warnings);
            theme.value
        };
        Ok(Self { settings, theme, keymap: keymap.value, warnings, paths })
    }
}

/// The theme called `name`: the user's, or else the shipped one.
///
/// # Errors
/// When there is none of this name, or it has a mistake.
pub fn theme(name: &str, paths: &Paths) -> Result<super::Loaded<Theme>, Complaint> {
    let first = find(Folder::Themes, &paths.themes, name, true)?;
    Theme::load(&first, &|parent| parent_of(Folder::Themes, &paths.themes, &first, name, parent))
}

/// The keymap called `name`: the user's, or else the shipped one.
///
/// # Errors
/// As [`theme`], and when it names a command that there is not.
pub fn keymap(name: &str, paths: &Paths) -> Result<super::Loaded<Keymap>, Complaint> {
    let first = find(Folder::Keymaps, &paths.keymaps, name, true)?;
    let loaded =
        Keymap::load(&first, &|parent| parent_of(Folder::Keymaps, &paths.keymaps, &first, name, parent))?;
    if first.name.starts_with(BUILT_IN) {
        return Ok(loaded);
    }
    match loaded.value.check(command::is_command).into_iter().next() {
        Some(unknown) => Err(unknown),
        None => Ok(loaded),
    }
}

/// Names that can be chosen: shipped ones and those in the user's folder, sorted.
pub fn names(folder: Folder, users: &Path) -> Vec<String> {
    let mut names = embedded::names(folder);
    let files = std::fs::read_dir(users).into_iter().flatten().flatten();
    names.extend(files.filter_map(|f| f.file_name().to_str()?.strip_suffix(".toml").map(ToOwned::to_owned)));
    names.sort();
    names.dedup();
    names
}

/// The file that `first` (called `name`) or one of its parents inherits. A user's file that
/// inherits its own name means the shipped one beneath it.
fn parent_of(
    folder: Folder,
    users: &Path,
    first: &Source,
    name: &str,
    parent: &str,
) -> Result<Source, Complaint> {
    let own = parent == name && !first.name.starts_with(BUILT_IN);
    find(folder, users, parent, !own)
}

/// How complaints name a shipped file.
const BUILT_IN: &str = "built-in ";

fn find(folder: Folder, users: &Path, name: &str, search_users: bool) -> Result<Source, Complaint> {
    let whole = |what: String| Complaint { file: folder.name().into(), line: None, what };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || !name.chars().all(plain) {
        return Err(whole(format!("`{}` is not a name: letters, digits, - and _", name.escape_default())));
    }
    let path = users.join(format!("{name}.toml"));
    if search_users && path.is_file() {
        return read(&path);
    }
    shipped(folder, name).ok_or_else(|| {
        let known = names(folder, users).join(", ");
        whole(format!("there is no `{name}`; there are {known}"))
    })
}

/// The shipped file `name`.
fn shipped(folder: Folder, name: &str) -> Option<Source> {
    let title = || format!("{BUILT_IN}{}/{name}.toml", folder.name());
    match folder {
        Folder::Keymaps => embedded::bindings(name).map(|lines| Source::shipped(title(), lines)),
        Folder::Themes => embedded::text(folder, name).map(|text| Source::new(title(), text)),
    }
}

/// Reads one of the user's files.
fn read(path: &Path) -> Result<Source, Complaint> {
    let whole = |what: String| Complaint { file: path.display().to_string(), line: None, what };
    let meta = std::fs::metadata(path).map_err(|e| whole(e.to_string()))?;
    if writable_by_all(path, &meta) {
        return Err(whole("everybody may write this file or its folder: refused".into()));
    }
    if meta.len() > LARGEST as u64 {
        return Err(whole(format!("larger than {LARGEST} bytes")));
    }
    let text = std::fs::read_to_string(path).map_err(|e| whole(e.to_string()))?;
    Ok(Source::new(path.display().to_string(), text))
}

/// Whether anybody on this machine could change the file, or put another in its place.
#[cfg(unix)]
fn writable_by_all(path: &Path, meta: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    const ALL_WRITE: u32 = 0o002;
    const STICKY: u32 = 0o1000;
    let folder = path.parent().and_then(|p| std::fs::metadata(p).ok()).map_or(0, |m| m.mode());
    meta.mode() & ALL_WRITE != 0 || (folder & ALL_WRITE != 0 && folder & STICKY == 0)
}

#[cfg(not(unix))]
fn writable_by_all(_: &Path, _: &std::fs::Metadata) -> bool {
    false
}

fn from_environment(settings: &mut Settings, env: Env<'_>) -> Result<(), Complaint> {
    let wrong = |name: &str, what: &str| Complaint { file: name.into(), line: None, what: what.into() };
    if let Some(theme) = env("DBDECK_THEME") {
        settings.theme = theme;
    }
    if let Some(keymap) = env("DBDECK_KEYMAP") {
        settings.keymap = keymap;
    }
    if let Some(style) = env("DBDECK_EDITOR") {
        settings.editor =
            EditorStyle::from_name(&style).ok_or_else(|| wrong("DBDECK_EDITOR", "it is vim or plain"))?;
    }
    if let Some(ascii) = env("DBDECK_ASCII") {
        settings.ascii = !matches!(ascii.as_str(), "0" | "false" | "no");
    }
    if let Some(bundle) = env("AWS_CA_BUNDLE") {
        settings.ca_bundle = Some(bundle.into());
    }
    Ok(())
}

fn apply(settings: &mut Settings, flags: &Overrides) {
    if let Some(theme) = &flags.theme {
        settings.theme.clone_from(theme);
    }
    if let Some(keymap) = &flags.keymap {
        settings.keymap.clone_from(keymap);
    }
    settings.editor = flags.editor.unwrap_or(settings.editor);
    settings.refresh_s = flags.refresh_s.unwrap_or(settings.refresh_s);
    settings.ascii = flags.ascii.unwrap_or(settings.ascii);
    settings.history = flags.history.unwrap_or(settings.history);
    if !flags.profiles.is_empty() {
        settings.profiles.clone_from(&flags.profiles);
    }
    if !flags.regions.is_empty() {
        settings.regions.clone_from(&flags.regions);
    }
    if flags.ca_bundle.is_some() {
        settings.ca_bundle.clone_from(&flags.ca_bundle);
    }
    if flags.start.is_some() {
        settings.start.clone_from(&flags.start);
    }
}

fn usage(complaint: &Complaint) -> Failure {
    Failure::new(FailureKind::Usage, "read the configuration", complaint.to_string())
}
