//! Colours as theme files write them: `#rrggbb`, the sixteen names, a number of the 256, or a
//! word of the theme's own palette.

use ratatui::style::{Color, Modifier, Style};
use std::collections::HashMap;

/// What a theme says about one role.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Patch {
    /// Foreground.
    pub fg: Option<Color>,
    /// Background.
    pub bg: Option<Color>,
    /// Attributes.
    pub attributes: Modifier,
}

/// The sixteen names, as theme files write them.
const NAMES: &[(&str, Color)] = &[
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::Gray),
    ("bright-black", Color::DarkGray),
    ("gray", Color::DarkGray),
    ("bright-red", Color::LightRed),
    ("bright-green", Color::LightGreen),
    ("bright-yellow", Color::LightYellow),
    ("bright-blue", Color::LightBlue),
    ("bright-magenta", Color::LightMagenta),
    ("bright-cyan", Color::LightCyan),
    ("bright-white", Color::White),
];

impl Patch {
    /// The style it makes.
    pub fn style(self) -> Style {
        let style = Style::new().add_modifier(self.attributes);
        Style { fg: self.fg, bg: self.bg, ..style }
    }

    /// The attribute called `name`.
    pub fn attribute(name: &str) -> Option<Modifier> {
        Some(match name {
            "bold" => Modifier::BOLD,
            "dim" => Modifier::DIM,
            "italic" => Modifier::ITALIC,
            "underlined" => Modifier::UNDERLINED,
            "reversed" => Modifier::REVERSED,
            _ => return None,
        })
    }

    /// The colour that `text` names, by way of `palette`.
    ///
    /// # Errors
    /// A sentence that says what is not understood.
    pub fn colour(text: &str, palette: &HashMap<String, String>) -> Result<Color, String> {
        // A palette entry may name a built-in colour but not another entry: no cycles.
        let text = palette.get(text).map_or(text, String::as_str);
        if let Some((_, colour)) = NAMES.iter().find(|(n, _)| *n == text) {
            return Ok(*colour);
        }
        if let Some(hex) = text.strip_prefix('#') {
            if hex.len() == 6
                && hex.bytes().all(|b| b.is_ascii_hexdigit())
                && let Ok(rgb) = u32::from_str_radix(hex, 16)
            {
                let [_, r, g, b] = rgb.to_be_bytes();
                return Ok(Color::Rgb(r, g, b));
            }
            return Err(format!("`{text}` is not a colour: #rrggbb has six hexadecimal digits"));
        }
        if let Ok(index) = text.parse::<u8>() {
            return Ok(Color::Indexed(index));
        }
        Err(format!("`{text}` is not a colour: #rrggbb, a number up to 255, a name or a palette word"))
    }
}

/// Contrast of two exact colours, from 1 to 21 (WCAG 2.2, relative luminance); `None` when the
/// terminal decides what a colour looks like.
pub fn contrast(a: Color, b: Color) -> Option<f64> {
    let (a, b) = (luminance(a)?, luminance(b)?);
    Some((a.max(b) + 0.05) / (a.min(b) + 0.05))
}

fn luminance(colour: Color) -> Option<f64> {
    let Color::Rgb(r, g, b) = colour else { return None };
    let linear = |c: u8| {
        let c = f64::from(c) / 255.0;
        if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    Some(0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b))
}
