//! Tickets: the core counts the effects of each slot, and a reply to anything but the newest
//! is dropped in one place.

use super::msg::{Slot, Ticket};
use std::collections::HashMap;

/// The current turn of every slot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Turns {
    current: HashMap<Slot, u32>,
}

impl Turns {
    /// A ticket for a new effect of `slot`; earlier tickets of the slot are dead from now on.
    pub fn issue(&mut self, slot: Slot) -> Ticket {
        let turn = self.current.entry(slot.clone()).or_insert(0);
        *turn = turn.wrapping_add(1);
        Ticket { turn: *turn, slot }
    }

    /// Makes every ticket of `slot` dead without a new effect.
    pub fn retire(&mut self, slot: &Slot) {
        if let Some(turn) = self.current.get_mut(slot) {
            *turn = turn.wrapping_add(1);
        }
    }

    /// Whether a reply with this ticket may still change something. Replies of `Slot::Aside`
    /// are independent of each other, so all that were asked for count.
    pub fn is_current(&self, ticket: &Ticket) -> bool {
        match (self.current.get(&ticket.slot), &ticket.slot) {
            (Some(turn), Slot::Aside) => ticket.turn >= 1 && ticket.turn <= *turn,
            (Some(turn), _) => ticket.turn == *turn,
            (None, _) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::msg::TabId;

    #[test]
    fn only_the_newest_ticket_counts() {
        let mut turns = Turns::default();
        let slot = Slot::Query(TabId(1));
        let first = turns.issue(slot.clone());
        assert!(turns.is_current(&first));
        let second = turns.issue(slot.clone());
        assert!(!turns.is_current(&first) && turns.is_current(&second));
        turns.retire(&slot);
        assert!(!turns.is_current(&second));
        let (a, b) = (turns.issue(Slot::Aside), turns.issue(Slot::Aside));
        assert!(turns.is_current(&a) && turns.is_current(&b));
        assert!(!turns.is_current(&Ticket { slot: Slot::Aside, turn: 3 }));
        assert!(!turns.is_current(&Ticket { slot: Slot::Detail(TabId(9)), turn: 0 }));
    }
}
