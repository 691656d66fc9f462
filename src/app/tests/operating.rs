//! Operation cards: what is refused, and that no key sent by accident starts anything.

use super::*;
use crate::app::Slot;
use crate::app::overlay::Overlay;

fn elevated() -> Desk {
    let mut desk = Desk::listed();
    desk.line("elevate 1h maintenance");
    desk.sleep(13_000);
    desk
}

impl Desk {
    fn open(&mut self, operation: &str) {
        self.typed("a");
        let Some(Overlay::List(list)) = &self.app.overlay else { panic!("the menu is open") };
        let at = list.entries.iter().position(|e| e.key == operation).expect("declared");
        self.typed(&"j".repeat(at));
        self.key(KeyCode::Enter);
        assert!(matches!(self.app.overlay, Some(Overlay::Card(_))), "{}", self.notice());
    }

    fn performs(&self) -> usize {
        self.last.iter().filter(|e| matches!(e, Effect::Perform { .. })).count()
    }

    /// Goes to the confirmation and types there.
    fn confirm(&mut self, text: &str) {
        self.key(KeyCode::BackTab);
        self.typed(text);
        self.key(KeyCode::Enter);
    }
}

#[test]
fn in_read_only_access_every_operation_is_refused_with_the_reason() {
    let mut desk = Desk::listed();
    desk.typed("a");
    let Some(Overlay::List(list)) = &desk.app.overlay else { panic!("the menu is open") };
    assert!(list.entries.iter().all(|e| e.refused && e.note.contains("aws.write")), "{list:?}");
    desk.key(KeyCode::Enter);
    assert!(desk.notice().contains("refused by aws.write"));
    assert!(matches!(desk.app.overlay, Some(Overlay::List(_))));
}

#[test]
fn a_reversible_operation_takes_one_key_that_is_not_enter() {
    let mut desk = elevated();
    desk.open("start");
    desk.key(KeyCode::Enter);
    assert!(desk.app.overlay.is_none() && desk.performs() == 0, "Enter is the way out");
    desk.open("start");
    desk.typed("y");
    assert_eq!(desk.performs(), 1);
    assert!(desk.app.overlay.is_none());
    assert_eq!(desk.app.jobs.running().count(), 1);
}

#[test]
fn a_disruptive_operation_takes_four_characters_and_a_countdown() {
    let mut desk = elevated();
    desk.open("reboot");
    desk.typed("y");
    desk.confirm("tics");
    assert_eq!(desk.performs(), 0, "the countdown runs");
    assert!(desk.screen().contains("Starts in 3 s"), "{}", desk.screen());
    desk.later(1_000);
    desk.key(KeyCode::Enter);
    assert_eq!(desk.performs(), 0);
    desk.later(2_000);
    desk.send(Msg::Wake);
    assert_eq!(desk.performs(), 1);
    desk.send(Msg::Wake);
    assert_eq!(desk.performs(), 0, "once");
}

#[test]
fn a_loss_takes_the_whole_identifier_and_keeps_a_snapshot() {
    let mut desk = elevated();
    desk.open("delete");
    desk.confirm("tics");
    assert!(desk.screen().contains("that is not it"));
    desk.typed("analytics");
    desk.key(KeyCode::Enter);
    assert!(desk.screen().contains("Starts in 10 s"));
    assert!(desk.sleep(9_000) > 0);
    assert_eq!(desk.performs(), 0);
    desk.sleep(1_000);
    let Some(Effect::Perform { ticket, operation }) =
        desk.last.iter().find(|e| matches!(e, Effect::Perform { .. }))
    else {
        panic!("started")
    };
    assert!(matches!(ticket.slot, Slot::Change(_)));
    assert_eq!(&*operation.get().on.name, "analytics");
    let snapshot = operation.get().field("final-snapshot").expect("a name is there");
    assert!(snapshot.starts_with("analytics-final-20261121-"), "{snapshot}");
}

#[test]
fn doubt_stops_a_countdown() {
    for doubt in [Msg::Resize(100, 30), Msg::Focus(false)] {
        let mut desk = elevated();
        desk.open("reboot");
        desk.confirm("tics");
        desk.send(doubt);
        desk.sleep(20_000);
        assert_eq!(desk.app.jobs.all().len(), 0);
        assert!(desk.screen().contains("nothing was sent"), "{}", desk.screen());
    }
    let mut desk = elevated();
    desk.open("reboot");
    desk.confirm("tics");
    desk.key(KeyCode::Esc);
    desk.sleep(20_000);
    assert_eq!(desk.app.jobs.all().len(), 0);
}

#[test]
fn a_paste_never_confirms() {
    let mut desk = elevated();
    desk.open("reboot");
    desk.key(KeyCode::BackTab);
    desk.send(Msg::Paste("tics\n".into()));
    desk.key(KeyCode::Enter);
    desk.sleep(20_000);
    assert_eq!(desk.app.jobs.all().len(), 0);
}

#[test]
fn a_refresh_cannot_change_the_target_and_a_successor_is_left_alone() {
    let mut desk = elevated();
    desk.typed("r");
    desk.open("reboot");
    desk.list(vec![row("aaa", "eu-west-1"), row("analytics", "eu-west-1")]);
    desk.confirm("tics");
    desk.later(3_000);
    desk.send(Msg::Wake);
    assert_eq!(desk.performs(), 1);
    let mut desk = elevated();
    desk.typed("r");
    desk.open("reboot");
    let mut successor = row("analytics", "eu-west-1");
    successor.arn = "arn:aws:rds:eu-west-1:999:db:analytics".into();
    desk.list(vec![successor]);
    desk.confirm("tics");
    desk.sleep(3_000);
    assert_eq!(desk.app.jobs.all().len(), 0);
    assert!(desk.notice().contains("not the one on the card"));
}

#[test]
fn an_elevation_that_ends_during_the_countdown_stops_it() {
    let mut desk = Desk::listed();
    desk.line("elevate 2s short");
    desk.open("reboot");
    desk.confirm("tics");
    desk.sleep(10_000);
    assert_eq!(desk.app.jobs.all().len(), 0);
    assert!(desk.notice().contains("refused"));
}

#[test]
fn odd_identifiers_are_shown_and_typed_escaped() {
    let mut desk = elevated();
    desk.typed("r");
    desk.list(vec![row("pаy", "eu-west-1")]);
    desk.open("delete");
    assert!(desk.screen().contains(r"p\u{430}y"), "{}", desk.screen());
    desk.confirm("pay");
    assert!(desk.screen().contains("that is not it"));
    desk.typed(r"p\u{430}y");
    desk.key(KeyCode::Enter);
    assert!(desk.screen().contains("Starts in"));
}

#[test]
fn a_job_is_followed_to_its_end_and_the_fleet_listed_anew() {
    let mut desk = elevated();
    let lists = desk.lists.len();
    assert_eq!(lists, 0);
    desk.open("start");
    desk.typed("y");
    let ticket = Ticket { slot: Slot::Change(1), turn: 1 };
    let outcome = |done, stage: &str| Outcome { done, stage: stage.into(), percent: Some(40), made: None };
    desk.send(Msg::Reply(ticket.clone(), Reply::Performed(outcome(false, "starting"))));
    assert_eq!(desk.lists.len(), 1, "the fleet is listed anew");
    desk.line("jobs");
    assert!(desk.screen().contains("running: starting 40%"), "{}", desk.screen());
    desk.send(Msg::Reply(ticket, Reply::Performed(outcome(true, "available"))));
    assert!(desk.screen().contains("done: available"), "{}", desk.screen());
    assert_eq!(desk.app.jobs.running().count(), 0);
}

#[test]
fn the_command_line_is_what_will_be_sent() {
    use crate::app::operate::{Card, Focus};
    let spec = crate::services::rds::spec::SPEC.operation("delete").expect("declared");
    let mut card = Card::new(spec, &row("it's", "eu-west-1"), None, &[], &[], NOON);
    let line = card.command_line();
    assert!(line.contains("--db-instance-identifier 'it'\\''s' --final-db-snapshot-identifier"), "{line}");
    assert!(!line.contains("--skip-final-snapshot") && !line.contains(['[', '{']), "{line}");
    let at = card.fields.iter().position(|f| f.field.id == "skip-final-snapshot").expect("declared");
    card.focus = Focus::Field(at);
    card.key(KeyEvent::new(KeyCode::Right, KeyModifiers::NONE), NOON);
    let line = card.command_line();
    assert!(line.contains("--skip-final-snapshot") && !line.contains("--final-db"), "{line}");
    card.focus = Focus::Confirm;
    for c in card.identifier().chars() {
        card.key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE), NOON);
    }
    card.key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE), NOON);
    assert_eq!(card.starts, None, "skipping needs a reason");
    assert!(card.complaint.is_some());
}
