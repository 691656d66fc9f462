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

    /// Types the confirmation, at once, and answers the last look with the row as it is.
    fn confirm(&mut self, text: &str) {
        self.typed(text);
        self.key(KeyCode::Enter);
        self.looked();
    }

    /// The ticket of the description that the card asks for in the last message.
    fn look(&self) -> Option<(Ticket, ResourceId)> {
        self.last.iter().find_map(|e| match e {
            Effect::Describe { ticket, id } if ticket.slot == Slot::CardState => {
                Some((ticket.clone(), id.clone()))
            }
            _ => None,
        })
    }

    /// Answers it with the row as the fleet has it.
    fn looked(&mut self) {
        if let Some((ticket, id)) = self.look() {
            let row = self.app.workspace.pane().and_then(|p| p.fleet.get(&id)).cloned();
            self.described(ticket, row.unwrap_or_else(|| row_of(&id)));
        }
    }

    fn described(&mut self, ticket: Ticket, resource: Resource) {
        let sections = resource.facts.clone();
        self.send(Msg::Reply(ticket, Reply::Described(Box::new(Detail { resource, sections }))));
    }

    fn card(&self) -> &crate::app::operate::Card {
        match &self.app.overlay {
            Some(Overlay::Card(card)) => card,
            other => panic!("a card is open, not {other:?}"),
        }
    }
}

fn row_of(id: &ResourceId) -> Resource {
    row(&id.name, &id.place.region)
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
    assert_eq!(desk.performs(), 0, "it is looked at once more first");
    desk.looked();
    assert_eq!(desk.performs(), 1);
    assert!(desk.app.overlay.is_none());
    assert_eq!(desk.app.jobs.running().count(), 1);
}

#[test]
fn a_disruptive_operation_takes_four_characters_and_a_countdown() {
    let mut desk = elevated();
    desk.open("reboot");
    desk.key(KeyCode::Enter);
    assert!(desk.card().starts.is_none() && desk.screen().contains("Enter alone does nothing"));
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
    desk.confirm("analytics");
    assert!(desk.screen().contains("Starts in 10 s"));
    assert!(desk.sleep(9_000) > 0);
    assert_eq!(desk.performs(), 0);
    desk.sleep(1_000);
    let Some(Effect::Perform { ticket, operation, planned }) =
        desk.last.iter().find(|e| matches!(e, Effect::Perform { .. }))
    else {
        panic!("started")
    };
    assert!(matches!(ticket.slot, Slot::Change(_)));
    assert_eq!(&*operation.get().on.name, "analytics");
    assert_eq!(
        planned.as_ref().map(|c| c.account.as_str()),
        Some("111122223333"),
        "who confirmed it goes along"
    );
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
    let mut same = row("analytics", "eu-west-1");
    same.health = Health::Bad("storage-full".into());
    desk.list(vec![row("aaa", "eu-west-1"), same]);
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
fn the_first_text_goes_where_it_is_asked_for() {
    use crate::app::operate::Focus;
    let mut desk = elevated();
    desk.open("start");
    assert_eq!(desk.card().focus, Focus::Cancel, "one key is enough: the way out is first");
    desk.key(KeyCode::Esc);
    desk.open("reboot");
    assert_eq!(desk.card().focus, Focus::Confirm);
    desk.typed("ti");
    assert_eq!(desk.card().typed, "ti");
    desk.key(KeyCode::Esc);
    desk.open("delete");
    assert_eq!(desk.card().focus, Focus::Confirm, "the snapshot has a name already");
    let spec = crate::services::dynamodb::spec::SPEC.operation("capacity-mode").expect("declared");
    let mut card = crate::app::operate::Card::new(spec, &row("orders", "eu-west-1"), None, &[], &[], NOON);
    assert_eq!(card.focus, Focus::Field(0), "a choice is to be made");
    card.key(KeyEvent::new(KeyCode::Char('d'), KeyModifiers::NONE), NOON);
    assert_eq!((card.focus, card.typed.as_str()), (Focus::Confirm, "d"), "text is the identifier's");
    let spec = crate::services::rds::spec::SPEC.operation("modify-class");
    if let Some(spec) = spec {
        let card = crate::app::operate::Card::new(spec, &row("orders", "eu-west-1"), None, &[], &[], NOON);
        assert!(matches!(card.focus, Focus::Field(_)));
    }
}

#[test]
fn what_has_moved_between_the_card_and_the_call_stops_it() {
    type Change = fn(&mut Resource);
    let change: [(&str, Change); 3] = [
        ("stopped now", |r| r.health = Health::Idle("stopped".into())),
        ("not the one on the card", |r| r.arn = "arn:aws:rds:eu-west-1:999:db:analytics".into()),
        ("not the one on the card", |r| {
            r.facts = vec![Section {
                title: "Instance".into(),
                facts: vec![("Resource id".into(), Cell::text(Some("db-2")))],
            }];
        }),
    ];
    for (words, change) in change {
        let mut desk = elevated();
        desk.typed("r");
        let mut known = row("analytics", "eu-west-1");
        known.facts = vec![Section {
            title: "Instance".into(),
            facts: vec![("Resource id".into(), Cell::text(Some("db-1")))],
        }];
        desk.list(vec![known.clone()]);
        desk.open("reboot");
        desk.typed("tics");
        desk.key(KeyCode::Enter);
        let (ticket, _) = desk.look().expect("the last look");
        change(&mut known);
        desk.described(ticket, known);
        assert!(
            desk.notice().contains("nothing was sent") && desk.notice().contains(words),
            "{}",
            desk.notice()
        );
        desk.sleep(20_000);
        assert_eq!(desk.app.jobs.all().len(), 0);
    }
}

#[test]
fn without_the_last_look_nothing_is_sent() {
    let mut desk = elevated();
    desk.open("reboot");
    desk.typed("tics");
    desk.key(KeyCode::Enter);
    let (ticket, _) = desk.look().expect("the last look");
    desk.sleep(60_000);
    assert!(desk.screen().contains("Looking at it once more"), "{}", desk.screen());
    assert_eq!(desk.app.jobs.all().len(), 0, "no answer, no call");
    desk.send(Msg::Reply(
        ticket,
        Reply::Failed(Failure::new(FailureKind::Unreachable, "describe", "no route")),
    ));
    assert!(desk.notice().contains("nothing was sent") && desk.notice().contains("no route"));
    assert_eq!(desk.app.jobs.all().len(), 0);
}

#[test]
fn a_card_shows_what_it_would_meet_and_how_old_that_is() {
    let mut desk = elevated();
    desk.open("reboot");
    assert!(
        desk.screen().contains("asking anew") && desk.screen().contains("In use   asking"),
        "{}",
        desk.screen()
    );
    let (ticket, id) = desk.look().expect("the card asks");
    let plans = desk.last.iter().find_map(|e| match e {
        Effect::Sample { ticket, plans } if ticket.slot == Slot::CardUse => {
            Some((ticket.clone(), plans.clone()))
        }
        _ => None,
    });
    let (used, plans) = plans.expect("and for its use");
    let series = plans[0].queries[0].series.clone();
    assert_eq!(series, SeriesId { resource: id.clone(), metric: "connections" });
    let at = desk.now.epoch_ms() - 60_000;
    let sample = Sample { series, period_s: 60, points: vec![(at - 60_000, 7.0), (at, 42.0)] };
    desk.send(Msg::Reply(used, Reply::Samples(vec![sample])));
    let mut fresh = rows().into_iter().find(|r| r.id == id).expect("its row");
    fresh.facts = vec![Section {
        title: "Availability".into(),
        facts: vec![
            ("Multi-AZ".into(), Cell::Flag(true)),
            ("Replicas".into(), Cell::text(Some("orders-replica"))),
            ("Pending changes".into(), Cell::text(Some("class db.r6g.xlarge"))),
        ],
    }];
    desk.described(ticket, fresh);
    let screen = desk.screen();
    for words in [
        "CONNS 42 at ",
        "Multi-AZ yes",
        "Beneath  replicas orders-replica",
        "db.r6g.xlarge",
        "storage-full at 12:00",
    ] {
        assert!(screen.contains(words), "{words} in {screen}");
    }
    assert!(!screen.contains("STALE"));
    desk.sleep(120_000);
    assert!(desk.screen().contains("STALE"), "{}", desk.screen());
}

#[test]
fn what_cannot_be_asked_is_said_to_be_not_known() {
    let mut desk = elevated();
    desk.open("reboot");
    let (ticket, _) = desk.look().expect("the card asks");
    let used = desk.last.iter().find_map(|e| match e {
        Effect::Sample { ticket, .. } => Some(ticket.clone()),
        _ => None,
    });
    let failure = || Failure::new(FailureKind::Throttled, "ask", "slow down");
    desk.send(Msg::Reply(used.expect("asked"), Reply::Failed(failure())));
    desk.send(Msg::Reply(ticket, Reply::Failed(failure())));
    let screen = desk.screen();
    assert!(
        screen.contains("STALE, asking anew failed") && screen.contains("not known: slow down"),
        "{screen}"
    );
    assert!(matches!(desk.app.overlay, Some(Overlay::Card(_))), "the card stays");
}

#[test]
fn production_takes_one_tier_more_and_a_reason() {
    let mut desk = elevated();
    desk.app.production = Production::default();
    desk.open("start");
    assert_eq!(desk.card().tier, Tier::Disruptive);
    assert!(desk.screen().contains("PRODUCTION (tag env = prod)"), "{}", desk.screen());
    desk.typed("y");
    desk.key(KeyCode::Enter);
    desk.typed("wrong");
    desk.key(KeyCode::Enter);
    assert!(desk.card().starts.is_none());
    desk.key(KeyCode::Esc);
    desk.open("reboot");
    assert_eq!(desk.card().tier, Tier::Loss);
    desk.key(KeyCode::Enter);
    desk.confirm("analytics");
    assert!(desk.card().starts.is_none(), "no reason was given");
    assert!(desk.screen().contains("Reason is needed"), "{}", desk.screen());
    desk.typed("ticket 42");
    desk.key(KeyCode::Enter);
    desk.key(KeyCode::Enter);
    desk.looked();
    desk.sleep(10_000);
    assert_eq!(desk.performs(), 1);
    let job = desk.app.jobs.all().next().expect("started");
    assert_eq!(job.reason.as_ref().map(SafeText::as_str), Some("ticket 42"));
    desk.line("jobs");
    assert!(desk.screen().contains("because ticket 42"), "{}", desk.screen());
}

#[test]
fn a_tag_that_comes_late_still_makes_it_production() {
    let mut desk = elevated();
    desk.app.production = Production::default();
    desk.typed("r");
    let mut bare = row("orders", "eu-west-1");
    bare.tags.clear();
    desk.list(vec![bare]);
    desk.open("start");
    assert_eq!(desk.card().tier, Tier::Reversible);
    desk.typed("y");
    let (ticket, _) = desk.look().expect("the last look");
    desk.described(ticket, row("orders", "eu-west-1"));
    assert_eq!(desk.app.jobs.all().len(), 0);
    assert_eq!((desk.card().tier, desk.card().starts), (Tier::Disruptive, None));
    assert!(desk.screen().contains("it is production"), "{}", desk.screen());
}

#[test]
fn a_job_is_followed_to_its_end_and_the_fleet_listed_anew() {
    let mut desk = elevated();
    let lists = desk.lists.len();
    assert_eq!(lists, 0);
    desk.open("start");
    desk.typed("y");
    desk.looked();
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
