//! Themes: a meaning for each colour, one style for each meaning. What a theme leaves out falls
//! back to its parent role; a warning that could not be seen is refused.

pub mod palette;

use super::source::{Complaint, Loaded, Source};
use palette::{Patch, contrast};
use ratatui::style::{Modifier, Style};
use std::collections::HashMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::DeValue;

/// What a colour means. Widgets ask for a role; only this module knows colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Plain text on the background.
    Text,
    /// Secondary text: labels, absent values, hints.
    Dim,
    /// Emphasised text: names, titles.
    Strong,
    /// Borders and rules.
    Border,
    /// Border of the focused region.
    BorderFocused,
    /// Table and section heads.
    Head,
    /// The selected row.
    Selected,
    /// A marked row.
    Marked,
    /// Tab titles.
    Tab,
    /// The current tab's title.
    TabCurrent,
    /// The status line.
    Status,
    /// Key names in hints and help.
    Key,
    /// Health: serving.
    Good,
    /// Health: changing.
    Busy,
    /// Health: stopped.
    Idle,
    /// Health: bad; errors.
    Bad,
    /// Health: unknown to this program; warnings.
    Warning,
    /// Access badge: sealed.
    Sealed,
    /// Access badge: read-only.
    ReadOnly,
    /// Access badge: elevated. Loud.
    Elevated,
    /// Text that a filter or search matched.
    Match,
    /// Statement: keyword.
    Keyword,
    /// Statement: function.
    Function,
    /// Statement: string.
    String,
    /// Statement and grid: number.
    Number,
    /// Statement: comment.
    Comment,
    /// Statement: quoted name.
    Quoted,
    /// Statement: parameter.
    Parameter,
    /// Statement: operator.
    Operator,
    /// Grid: NULL and absent.
    Null,
    /// Selected text in the editor.
    Selection,
    /// Chart series 1 to 6.
    Series1,
    /// Second series.
    Series2,
    /// Third series.
    Series3,
    /// Fourth series.
    Series4,
    /// Fifth series.
    Series5,
    /// Sixth series.
    Series6,
    /// A destructive card.
    Danger,
}

impl Role {
    /// How many roles there are.
    pub const COUNT: usize = Self::Danger as usize + 1;

    /// All of them, in order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Text,
        Self::Dim,
        Self::Strong,
        Self::Border,
        Self::BorderFocused,
        Self::Head,
        Self::Selected,
        Self::Marked,
        Self::Tab,
        Self::TabCurrent,
        Self::Status,
        Self::Key,
        Self::Good,
        Self::Busy,
        Self::Idle,
        Self::Bad,
        Self::Warning,
        Self::Sealed,
        Self::ReadOnly,
        Self::Elevated,
        Self::Match,
        Self::Keyword,
        Self::Function,
        Self::String,
        Self::Number,
        Self::Comment,
        Self::Quoted,
        Self::Parameter,
        Self::Operator,
        Self::Null,
        Self::Selection,
        Self::Series1,
        Self::Series2,
        Self::Series3,
        Self::Series4,
        Self::Series5,
        Self::Series6,
        Self::Danger,
    ];

    /// Its dotted name in theme files. A theme without it uses the name one dot shorter, and so
    /// on; `ui.text` in the end.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "ui.text",
            Self::Dim => "ui.text.dim",
            Self::Strong => "ui.text.strong",
            Self::Border => "ui.border",
            Self::BorderFocused => "ui.border.focused",
            Self::Head => "ui.head",
            Self::Selected => "ui.selected",
            Self::Marked => "ui.marked",
            Self::Tab => "ui.tab",
            Self::TabCurrent => "ui.tab.current",
            Self::Status => "ui.status",
            Self::Key => "ui.key",
            Self::Good => "health.good",
            Self::Busy => "health.busy",
            Self::Idle => "health.idle",
            Self::Bad => "health.bad",
            Self::Warning => "health.warning",
            Self::Sealed => "access.sealed",
            Self::ReadOnly => "access.read-only",
            Self::Elevated => "access.elevated",
            Self::Match => "ui.match",
            Self::Keyword => "syntax.keyword",
            Self::Function => "syntax.function",
            Self::String => "syntax.string",
            Self::Number => "syntax.number",
            Self::Comment => "syntax.comment",
            Self::Quoted => "syntax.quoted",
            Self::Parameter => "syntax.parameter",
            Self::Operator => "syntax.operator",
            Self::Null => "grid.null",
            Self::Selection => "ui.selection",
            Self::Series1 => "chart.series.1",
            Self::Series2 => "chart.series.2",
            Self::Series3 => "chart.series.3",
            Self::Series4 => "chart.series.4",
            Self::Series5 => "chart.series.5",
            Self::Series6 => "chart.series.6",
            Self::Danger => "ui.danger",
        }
    }

    /// Whether it must be seen whatever the theme: faults, dangers and allowed changes.
    const fn is_warning(self) -> bool {
        matches!(self, Self::Bad | Self::Elevated | Self::Danger)
    }

    /// What it looks like without any colour.
    const fn attributes(self) -> Modifier {
        match self {
            Self::Strong | Self::Head | Self::Key | Self::Keyword | Self::Busy => Modifier::BOLD,
            Self::BorderFocused | Self::ReadOnly | Self::Sealed => Modifier::BOLD,
            Self::Dim | Self::Idle | Self::Comment | Self::Null => Modifier::DIM,
            Self::Selected | Self::TabCurrent | Self::Selection => Modifier::REVERSED,
            Self::Marked | Self::Match | Self::Quoted => Modifier::UNDERLINED,
            Self::Bad | Self::Warning => Modifier::BOLD.union(Modifier::UNDERLINED),
            Self::Elevated | Self::Danger => Modifier::BOLD.union(Modifier::REVERSED),
            _ => Modifier::empty(),
        }
    }
}

/// One style for each role.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    styles: [Style; Role::COUNT],
}

/// The least contrast of a warning against its background (WCAG's figure for large text).
const LEAST_CONTRAST: f64 = 3.0;

/// The styles of one file and those it inherits, the nearest last.
type Layers = Vec<(Source, HashMap<String, (Patch, Range<usize>)>)>;

impl Theme {
    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }

    /// No colours at all: attributes only (`NO_COLOR`).
    pub fn plain() -> Self {
        let mut styles = [Style::new(); Role::COUNT];
        for (style, role) in styles.iter_mut().zip(Role::ALL) {
            *style = Style::new().add_modifier(role.attributes());
        }
        Self { styles }
    }

    /// Builds a theme from one file and those it inherits, which `find` supplies by name.
    /// Warnings name roles that fell back.
    ///
    /// # Errors
    /// The first mistake: not TOML, an unknown role, colour or attribute, files that inherit
    /// each other, or a warning that could not be seen.
    pub fn load(
        source: &Source,
        find: &dyn Fn(&str) -> Result<Source, Complaint>,
    ) -> Result<Loaded<Self>, Complaint> {
        let mut layers: Layers = Vec::new();
        let mut palette = HashMap::new();
        gather(source, find, &mut layers, &mut palette, 0)?;
        let mut warnings = Vec::new();
        let mut styles = [Style::new(); Role::COUNT];
        for (style, role) in styles.iter_mut().zip(Role::ALL) {
            let mut name = role.name();
            let found = loop {
                if let Some(patch) = patch_of(&layers, name) {
                    break Some(patch);
                }
                match name.rsplit_once('.') {
                    Some((parent, _)) => name = parent,
                    None => break patch_of(&layers, Role::Text.name()),
                }
            };
            if name != role.name() {
                warnings
                    .push(source.complain_whole(format!("no `{}`: it looks like its parent", role.name())));
            }
            if let Some(patch) = found {
                *style = patch.style();
            }
        }
        let theme = Self { styles };
        theme.check(source, &layers)?;
        Ok(Loaded { value: theme, warnings })
    }

    /// Refuses warnings that could not be seen against their background.
    fn check(&self, source: &Source, layers: &Layers) -> Result<(), Complaint> {
        let page = self.style(Role::Text);
        for role in Role::ALL.into_iter().filter(|r| r.is_warning()) {
            let style = self.style(role);
            let (front, back) = (style.fg.or(page.fg), style.bg.or(page.bg));
            let same = front.is_some() && front == back;
            let weak = match (front, back) {
                (Some(f), Some(b)) => contrast(f, b).is_some_and(|c| c < LEAST_CONTRAST),
                _ => false,
            };
            if same || weak {
                let what = format!("`{}` could hardly be seen: a theme cannot hide warnings", role.name());
                let at = layers.iter().rev().find_map(|(file, styles)| {
                    styles.get(role.name()).map(|(_, span)| file.complain(span.clone(), what.clone()))
                });
                return Err(at.unwrap_or_else(|| source.complain_whole(what)));
            }
        }
        Ok(())
    }
}

/// The style called `name` in the nearest file that has it.
fn patch_of(layers: &Layers, name: &str) -> Option<Patch> {
    layers.iter().rev().find_map(|(_, styles)| styles.get(name)).map(|(patch, _)| *patch)
}

/// The longest chain of themes that inherit each other.
const LONGEST_CHAIN: usize = 8;

/// Reads `source` and what it inherits: palettes from the nearest file first.
fn gather(
    source: &Source,
    find: &dyn Fn(&str) -> Result<Source, Complaint>,
    layers: &mut Layers,
    palette: &mut HashMap<String, String>,
    depth: usize,
) -> Result<(), Complaint> {
    let table = source.table()?;
    let mut inherits = None;
    for (key, value) in table.get_ref() {
        let name: &str = key.get_ref();
        match name {
            "inherits" => inherits = Some((source.text_of(name, value)?.to_owned(), value.span())),
            "palette" => {
                let colours = value
                    .get_ref()
                    .as_table()
                    .ok_or_else(|| source.wrong(name, value, "a table of colours"))?;
                for (key, value) in colours {
                    let name: &str = key.get_ref();
                    palette.entry(name.to_owned()).or_insert(source.text_of(name, value)?.to_owned());
                }
            }
            _ => {}
        }
    }
    if let Some((parent, span)) = inherits {
        if depth >= LONGEST_CHAIN {
            return Err(source.complain(span, "these themes inherit each other, or the chain is too long"));
        }
        let parent = find(&parent).map_err(|e| source.complain(span, e.to_string()))?;
        gather(&parent, find, layers, palette, depth + 1)?;
    }
    let mut styles = HashMap::new();
    for (key, value) in table.get_ref() {
        let name: &str = key.get_ref();
        if matches!(name, "inherits" | "palette") {
            continue;
        }
        let is_or_holds = |role: &Role| {
            role.name().strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if !Role::ALL.iter().any(is_or_holds) {
            return Err(source.complain(key.span(), format!("no role is called `{name}`")));
        }
        styles.insert(name.to_owned(), (patch(source, name, value, palette)?, value.span()));
    }
    layers.push((source.clone(), styles));
    Ok(())
}

/// One style: a colour, or a table of `fg`, `bg` and attributes.
fn patch(
    source: &Source,
    role: &str,
    value: &Spanned<DeValue<'_>>,
    palette: &HashMap<String, String>,
) -> Result<Patch, Complaint> {
    let mut patch = Patch::default();
    match value.get_ref() {
        DeValue::String(colour) => {
            patch.fg = Some(Patch::colour(colour, palette).map_err(|e| source.complain(value.span(), e))?);
        }
        DeValue::Table(table) => {
            for (key, value) in table {
                let name: &str = key.get_ref();
                let colour =
                    |text: &str| Patch::colour(text, palette).map_err(|e| source.complain(value.span(), e));
                match name {
                    "fg" => patch.fg = Some(colour(source.text_of(name, value)?)?),
                    "bg" => patch.bg = Some(colour(source.text_of(name, value)?)?),
                    _ => {
                        let attribute = Patch::attribute(name).ok_or_else(|| {
                            source.complain(key.span(), format!("no attribute is called `{name}`"))
                        })?;
                        patch.attributes.set(attribute, source.flag_of(name, value)?);
                    }
                }
            }
        }
        _ => return Err(source.wrong(role, value, "a colour or a table")),
    }
    Ok(patch)
}
