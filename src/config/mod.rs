//! Files into checked values: themes, keymaps and settings, the user's folder before the
//! built-in ones, with file and line in every complaint.

pub mod command;
pub mod embedded;
pub mod key;
pub mod keymap;
pub mod load;
pub mod settings;
pub mod source;
pub mod theme;

pub use keymap::{Context, Keymap, Lookup};
pub use load::{Config, Overrides, Paths};
pub use settings::{EditorStyle, Settings};
pub use source::{Complaint, Loaded, Source};
pub use theme::{Role, Theme};

#[cfg(test)]
mod tests;
