//! OSC 52: the clipboard of the terminal in front of the person, through SSH, tmux and screen.

use crossterm::Command;
use crossterm::clipboard::CopyToClipboard;

/// The escape sequence that puts `text` on the clipboard. Only ever the setting form: the
/// querying form would hand the clipboard to whoever can read our input.
pub fn sequence(text: &str) -> Vec<u8> {
    let mut plain = String::new();
    // Writing to a String cannot fail.
    let _ = CopyToClipboard::to_clipboard_from(text).write_ansi(&mut plain);
    if std::env::var_os("TMUX").is_some() {
        // tmux takes the plain form when `set-clipboard` allows it, the wrapped one when
        // `allow-passthrough` does.
        return format!("{plain}\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b")).into_bytes();
    }
    if std::env::var("TERM").is_ok_and(|term| term.starts_with("screen")) {
        return format!("\x1bP{plain}\x1b\\").into_bytes();
    }
    plain.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_the_querying_form() {
        let sequence = String::from_utf8(sequence("?")).expect("text");
        assert!(sequence.contains("]52;c;Pw=="), "{sequence:?}");
    }
}
