//! What happens when an effect meets another one in its slot: one table.

use crate::app::{Effect, Slot, Ticket};

/// What to do with a new effect while its slot is busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Busy {
    /// Stop the old one, start the new one.
    Replace,
    /// Remember the newest, start it when the old one ends.
    Queue,
    /// Start it beside the old one.
    Beside,
}

/// The policy of a slot.
pub const fn busy(slot: &Slot) -> Busy {
    match slot {
        Slot::Detail(_) | Slot::Query(_) | Slot::Find(_) | Slot::CardState | Slot::CardUse => Busy::Replace,
        Slot::Fleet(..) | Slot::Samples(_) | Slot::Identity(_) => Busy::Queue,
        Slot::Change(_) | Slot::Export(_) | Slot::Aside => Busy::Beside,
    }
}

/// The ticket of an effect that answers.
pub const fn ticket(effect: &Effect) -> Option<&Ticket> {
    match effect {
        Effect::List { ticket, .. }
        | Effect::Describe { ticket, .. }
        | Effect::Sample { ticket, .. }
        | Effect::Identify { ticket, .. }
        | Effect::Run { ticket, .. }
        | Effect::Perform { ticket, .. }
        | Effect::Edit { ticket, .. }
        | Effect::Find { ticket, .. }
        | Effect::Load { ticket, .. }
        | Effect::Theme { ticket, .. }
        | Effect::Save { ticket, .. } => Some(ticket),
        _ => None,
    }
}
