//! Themes: a meaning for each colour, one style for each meaning.

use ratatui::style::Style;

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
}

/// One style for each role.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    styles: [Style; Role::COUNT],
}

impl Theme {
    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }

    /// No colours at all: attributes only (`NO_COLOR`).
    pub fn plain() -> Self {
        Self { styles: [Style::new(); Role::COUNT] }
    }
}
