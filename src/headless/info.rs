//! `info`: every path and setting in use, so that nobody has to guess.

use super::output;
use crate::guard::layers;
use crate::model::Failure;
use crate::setup::Setup;
use std::fmt::Write;

/// Prints name and value, one a line. `nowhere` is why there is no place to look.
pub fn run(setup: &Setup, nowhere: Option<&Failure>) -> Result<u8, Failure> {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<18} {value}");
    };
    line("version", env!("CARGO_PKG_VERSION"));
    line("access", setup.reaches.access().word());
    line("guard, fleet", &layers::line(&layers::of_fleet()));
    line("guard, query", &format!("{} (told by each session)", layers::line(&layers::of_session(&[]))));
    let paths = &setup.config.paths;
    let there = if paths.config_exists { "" } else { " (not there)" };
    line("configuration", &format!("{}{there}", paths.config.display()));
    for (name, path) in [
        ("themes", &paths.themes),
        ("keymaps", &paths.keymaps),
        ("state", &paths.state),
        ("history", &paths.history),
    ] {
        line(name, &path.display().to_string());
    }
    line("theme", &setup.config.settings.theme);
    line("keymap", &setup.config.settings.keymap);
    for place in &setup.places {
        line("place", &place.to_string());
    }
    if let Some(why) = nowhere {
        line("place", &format!("none: {why}"));
    }
    line("demo", if setup.demo { "yes" } else { "no" });
    line("demo engines", if cfg!(feature = "demo") { "built in" } else { "not in this build" });
    let proxy = ["HTTPS_PROXY", "https_proxy"].iter().find_map(|name| std::env::var(name).ok());
    line("proxy", if proxy.is_some() { "from HTTPS_PROXY" } else { "none" });
    let bundle = setup.engines.ca_bundle.as_ref().map(|p| p.display().to_string());
    line("further CAs", bundle.as_deref().unwrap_or("none"));
    line("AWS operations", &format!("{} known", crate::guard::operations::all().len()));
    output::bytes(text.as_bytes())
}
