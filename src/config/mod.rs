//! Files into checked values: themes, keymaps and settings, the user's folder before the
//! built-in ones, with file and line in every complaint.

pub mod keymap;
pub mod theme;

pub use keymap::{Context, Keymap, Lookup};
pub use theme::{Role, Theme};
