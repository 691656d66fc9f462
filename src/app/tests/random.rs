//! Any keys, any answers: nothing panics, nothing dangerous is sent, stale answers are dropped.

use super::*;
use crate::app::Slot;
use crate::app::overlay::Overlay;
use proptest::prelude::*;

/// A small deterministic generator (xorshift), so that 100,000 keys are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    fn key(&mut self) -> KeyEvent {
        const CODES: [KeyCode; 16] = [
            KeyCode::Enter,
            KeyCode::Enter,
            KeyCode::Esc,
            KeyCode::Tab,
            KeyCode::BackTab,
            KeyCode::Up,
            KeyCode::Down,
            KeyCode::Left,
            KeyCode::Right,
            KeyCode::Backspace,
            KeyCode::Home,
            KeyCode::End,
            KeyCode::PageDown,
            KeyCode::Delete,
            KeyCode::F(5),
            KeyCode::F(1),
        ];
        let code = match self.roll(3) {
            0 => CODES[self.roll(16) as usize],
            // The keys that lead towards operations come often. The letters of no identifier
            // are all among them, so a confirmation cannot be typed by chance.
            1 => KeyCode::Char(['a', 'j', 'k', 'y', ' ', ':', '/', '?', 'e', 'd'][self.roll(10) as usize]),
            _ => KeyCode::Char(
                ['b', 'f', 'g', 'h', 'l', 'm', 'p', 'r', 'G', 'J', 'R', 'P', '1', '2', ']', '!']
                    [self.roll(16) as usize],
            ),
        };
        let modifiers = match self.roll(12) {
            0 => KeyModifiers::CONTROL,
            1 => KeyModifiers::ALT,
            2 => KeyModifiers::SHIFT,
            _ => KeyModifiers::NONE,
        };
        KeyEvent::new(code, modifiers)
    }
}

#[test]
fn no_random_keys_send_what_takes_a_typed_identifier() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (mut cards, mut started) = (0, 0);
    for round in 0..84 {
        let mut desk = Desk::listed();
        desk.line("elevate 8h model check");
        if round % 2 == 1 {
            desk.app.production = Production::default();
        }
        // Identifiers hold a letter that the dice do not have.
        if let Some((ticket, _)) = desk.lists.pop() {
            desk.send(Msg::Reply(ticket, Reply::Part(rows(), false)));
        }
        for step in 0..1_200_u64 {
            desk.later(dice.roll(400));
            let key = dice.key();
            desk.send(Msg::Key(key));
            if matches!(desk.app.overlay, Some(Overlay::Card(_))) {
                cards += 1;
            }
            if step % 50 == 0 {
                desk.send(Msg::Paste("analytics\norders".into()));
                desk.send(Msg::Wake);
            }
            // The last look before a call is answered as nothing had moved.
            let looks: Vec<(Ticket, ResourceId)> = desk
                .last
                .iter()
                .filter_map(|e| match e {
                    Effect::Describe { ticket, id } if ticket.slot == Slot::CardState => {
                        Some((ticket.clone(), id.clone()))
                    }
                    _ => None,
                })
                .collect();
            for (ticket, id) in looks {
                let found = rows().into_iter().find(|r| r.id == id);
                if let Some(resource) = found {
                    let detail = Detail { resource, sections: Vec::new() };
                    desk.send(Msg::Reply(ticket, Reply::Described(Box::new(detail))));
                }
            }
            for effect in &desk.last {
                if let Effect::Perform { operation, .. } = effect {
                    assert_eq!(operation.get().id, "start", "round {round}, step {step}: {effect:?}");
                    started += 1;
                }
            }
        }
    }
    assert!(cards > 500, "the walk reaches cards: {cards}");
    assert!(started > 0, "and can start what takes one key: {started}");
}

fn any_reply() -> impl Strategy<Value = Reply> {
    prop_oneof![
        any::<bool>().prop_map(|more| Reply::Part(rows(), more)),
        Just(Reply::Listed),
        "[a-z]{0,8}".prop_map(|n| Reply::Described(Box::new(Detail {
            resource: row(&n, "eu-west-1"),
            sections: Vec::new()
        }))),
        any::<(u64, f64)>().prop_map(|(t, v)| {
            let series = SeriesId { resource: row("orders", "eu-west-1").id, metric: "cpu" };
            Reply::Samples(vec![Sample { series, period_s: 60, points: vec![(t, v)] }])
        }),
        Just(Reply::Identity(Caller { account: "1".into(), arn: "arn".into() })),
        ".{0,20}".prop_map(|s| Reply::Lacks(Failure::new(FailureKind::Denied, "x", s))),
        ".{0,20}".prop_map(|s| Reply::Failed(Failure::new(FailureKind::Garbled, "x", s))),
        any::<bool>().prop_map(|done| Reply::Performed(Outcome {
            done,
            stage: "s".into(),
            percent: None,
            made: None
        })),
        Just(Reply::Stage("running".into())),
        any::<u64>().prop_map(Reply::Rows),
        Just(Reply::Done(Summary::default())),
        ".{0,20}".prop_map(Reply::Edited),
        Just(Reply::NeedPassword("u".into(), "h".into())),
    ]
}

fn any_slot() -> impl Strategy<Value = Slot> {
    prop_oneof![
        Just(Slot::Fleet(SPEC.id, place("eu-west-1"))),
        Just(Slot::Samples(place("eu-west-1"))),
        Just(Slot::Identity(place("eu-west-1"))),
        (0..4_u32).prop_map(|n| Slot::Detail(crate::app::TabId(n))),
        (0..4_u32).prop_map(|n| Slot::Query(crate::app::TabId(n))),
        (0..3_u32).prop_map(Slot::Change),
        Just(Slot::CardState),
        Just(Slot::CardUse),
        Just(Slot::Aside),
    ]
}

fn any_msg() -> impl Strategy<Value = Msg> {
    prop_oneof![
        12 => any::<u64>().prop_map(|seed| Msg::Key(Dice(seed | 1).key())),
        2 => any::<char>().prop_map(|c| Msg::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE))),
        1 => ".{0,30}".prop_map(Msg::Paste),
        1 => (0..300_u16, 0..100_u16).prop_map(|(w, h)| Msg::Resize(w, h)),
        1 => any::<bool>().prop_map(Msg::Focus),
        2 => Just(Msg::Wake),
        4 => (any_slot(), 0..4_u32, any_reply()).prop_map(|(slot, turn, reply)| Msg::Reply(Ticket { slot, turn }, reply)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_and_everything_can_be_drawn(msgs in prop::collection::vec((any_msg(), 0..5_000_u64), 1..60)) {
        let mut desk = Desk::listed();
        for (msg, ms) in msgs {
            desk.later(ms);
            desk.send(msg);
            let _ = desk.screen();
            if let Some(wake) = next_wake(&desk.app) {
                let now = desk.now;
                desk.now = desk.now.max(wake);
                desk.send(Msg::Wake);
                prop_assert_ne!(next_wake(&desk.app), Some(wake), "a wake leads on");
                desk.now = desk.now.max(now);
            }
        }
    }

    #[test]
    fn stale_tickets_change_nothing(slot in any_slot(), reply in any_reply()) {
        let mut desk = Desk::listed();
        desk.typed("j");
        let before = format!("{:?}", desk.app);
        desk.send(Msg::Reply(Ticket { slot, turn: 900 }, reply));
        prop_assert_eq!(&desk.last, &Vec::<Effect>::new());
        prop_assert_eq!(before, format!("{:?}", desk.app));
    }
}
