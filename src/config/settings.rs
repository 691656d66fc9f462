//! `config.toml`: what a person may set once. Unknown keys are mistakes, not remarks.

use super::source::{Complaint, Source};
use crate::guard::production::PATTERNS;
use std::path::PathBuf;

/// How the editor of query tabs takes keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum EditorStyle {
    /// Modal, like vim.
    #[default]
    Vim,
    /// Text goes in at once; arrows move.
    Plain,
}

impl EditorStyle {
    /// The style called `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "vim" => Some(Self::Vim),
            "plain" => Some(Self::Plain),
            _ => None,
        }
    }
}

/// The settings in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Theme by name.
    pub theme: String,
    /// Keymap by name.
    pub keymap: String,
    /// Editor style.
    pub editor: EditorStyle,
    /// Seconds between refreshes of what is on screen.
    pub refresh_s: u32,
    /// Draw with ASCII only.
    pub ascii: bool,
    /// Profiles to begin with; empty lets the AWS chain choose.
    pub profiles: Vec<String>,
    /// Regions to begin with; empty lets the profile choose.
    pub regions: Vec<String>,
    /// A PEM file of further certificate authorities to trust, beside the built-in ones.
    pub ca_bundle: Option<PathBuf>,
    /// The service whose tab is shown first, as in `rds`.
    pub start: Option<String>,
    /// Whether statements are kept on disk.
    pub history: bool,
    /// Most US cents that this session may spend on CloudWatch before sampling pauses.
    pub budget_cents: Option<u64>,
    /// Patterns of what counts as production, for tags and names: operations there take one
    /// tier more care and a reason. See [`crate::guard::production`].
    pub production: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: "dark".into(),
            keymap: "default".into(),
            editor: EditorStyle::default(),
            refresh_s: 60,
            ascii: false,
            profiles: Vec::new(),
            regions: Vec::new(),
            ca_bundle: None,
            start: None,
            history: true,
            budget_cents: None,
            production: PATTERNS.iter().map(|p| (*p).to_owned()).collect(),
        }
    }
}

/// Every key of `config.toml`, for the complaint about an unknown one.
const KEYS: &str = "theme, keymap, editor, refresh, ascii, profiles, regions, ca-bundle, start, history, budget-cents, \
     production";

/// The shortest time between refreshes, in seconds: below it AWS only throttles.
const SHORTEST_REFRESH_S: u64 = 5;

impl Settings {
    /// Takes what `file` says over what stands.
    ///
    /// # Errors
    /// The first mistake, with its line.
    pub fn read(&mut self, file: &Source) -> Result<(), Complaint> {
        let table = file.table()?;
        for (key, value) in table.get_ref() {
            let name: &str = key.get_ref();
            let text = || file.text_of(name, value).map(ToOwned::to_owned);
            match name {
                "theme" => self.theme = text()?,
                "keymap" => self.keymap = text()?,
                "editor" => {
                    self.editor = EditorStyle::from_name(&text()?)
                        .ok_or_else(|| file.complain(value.span(), "`editor` is \"vim\" or \"plain\""))?;
                }
                "refresh" => {
                    let s = file.count_of(name, value)?;
                    self.refresh_s =
                        u32::try_from(s).ok().filter(|_| s >= SHORTEST_REFRESH_S).ok_or_else(|| {
                            file.complain(
                                value.span(),
                                format!("`refresh` is at least {SHORTEST_REFRESH_S} seconds"),
                            )
                        })?;
                }
                "ascii" => self.ascii = file.flag_of(name, value)?,
                "profiles" => self.profiles = file.texts_of(name, value)?,
                "regions" => self.regions = file.texts_of(name, value)?,
                "ca-bundle" => self.ca_bundle = Some(text()?.into()),
                "start" => self.start = Some(text()?),
                "history" => self.history = file.flag_of(name, value)?,
                "budget-cents" => self.budget_cents = Some(file.count_of(name, value)?),
                "production" => self.production = file.texts_of(name, value)?,
                _ => return Err(file.complain(key.span(), format!("no setting is called `{name}`: {KEYS}"))),
            }
        }
        Ok(())
    }
}
