//! Listing, moving, filtering, refreshing, resting.

use super::*;
use crate::app::Slot;
use crate::app::overlay::Overlay;
use crate::config::{Context, command};

#[test]
fn the_first_wake_lists_the_tab_on_show_and_asks_who_we_are() {
    let mut desk = Desk::with(Access::read_only(), &["eu-west-1", "us-east-1"], (120, 24));
    let lists = desk.last.iter().filter(|e| matches!(e, Effect::List { service, .. } if *service == SPEC.id));
    assert_eq!(lists.count(), 2);
    assert_eq!(desk.last.iter().filter(|e| matches!(e, Effect::Identify { .. })).count(), 2);
    // The other tab is listed when it is first shown.
    desk.typed("]");
    assert!(desk.last.iter().any(|e| matches!(e, Effect::List { service, .. } if *service == TABLES.id)));
}

#[test]
fn replicas_stand_beneath_their_source() {
    let desk = Desk::listed();
    assert_eq!(desk.names(), ["analytics", "orders", "  orders-replica", "shop", "staging"]);
}

#[test]
fn a_ring_of_parents_loses_no_row() {
    let mut desk = Desk::with(Access::read_only(), &["eu-west-1"], (120, 24));
    let mut a = row("a", "eu-west-1");
    let mut b = row("b", "eu-west-1");
    a.parent = Some("b".into());
    b.parent = Some("a".into());
    let mut own = row("own", "eu-west-1");
    own.parent = Some("own".into());
    desk.list(vec![a, b, own]);
    assert_eq!(desk.names().len(), 3);
}

#[test]
fn the_selection_follows_its_resource_through_a_refresh() {
    let mut desk = Desk::listed();
    desk.typed("jj");
    assert_eq!(desk.selected(), "orders-replica");
    desk.typed("r");
    let mut fresh = rows();
    fresh.insert(0, row("aaa-new", "eu-west-1"));
    desk.list(fresh);
    assert_eq!(desk.selected(), "orders-replica");
    desk.typed("r");
    desk.list(vec![row("aaa-new", "eu-west-1"), row("zzz", "eu-west-1")]);
    assert_eq!(desk.names(), ["aaa-new", "zzz"]);
    assert_eq!(desk.selected(), "zzz", "what is gone leaves the cursor on a row that is there");
}

#[test]
fn what_was_listed_stays_when_a_later_listing_fails() {
    let mut desk = Desk::listed();
    desk.typed("r");
    let (ticket, _) = desk.lists.remove(0);
    desk.send(Msg::Reply(ticket.clone(), Reply::Part(vec![row("half", "eu-west-1")], true)));
    let failure = Failure::new(FailureKind::Throttled, "list RDS", "slow down");
    desk.send(Msg::Reply(ticket, Reply::Failed(failure)));
    assert_eq!(desk.names().len(), 6);
    let screen = desk.screen();
    assert!(screen.contains("demo/eu-west-1: list RDS: slow down; showing data of 12:00:00Z"), "{screen}");
    assert!(screen.contains("6 of 6+"), "{screen}");
}

#[test]
fn what_a_listing_lacks_is_told_above_its_rows_until_a_listing_has_it() {
    let mut desk = Desk::listed();
    let lacks = Failure::new(FailureKind::Denied, "list pending maintenance", "not authorised");
    desk.typed("r");
    let (ticket, _) = desk.lists.remove(0);
    desk.send(Msg::Reply(ticket.clone(), Reply::Part(rows(), false)));
    desk.send(Msg::Reply(ticket.clone(), Reply::Lacks(lacks)));
    desk.send(Msg::Reply(ticket, Reply::Listed));
    let screen = desk.screen();
    assert!(screen.contains("! demo/eu-west-1: list pending maintenance: not authorised"), "{screen}");
    assert_eq!(desk.names().len(), 5, "the listing is whole all the same");
    assert_eq!(desk.app.notices.failures().len(), 1);
    desk.typed("r");
    desk.list(rows());
    assert!(!desk.screen().contains("pending maintenance"), "{}", desk.screen());
}

#[test]
fn filters_are_words_inverse_tags_and_columns() {
    let mut desk = Desk::listed();
    for (filter, expected) in [
        ("orders", vec!["orders", "  orders-replica"]),
        ("!orders oracle", vec!["shop"]),
        ("tag:env=test", vec!["staging"]),
        ("!tag:env=prod", vec!["staging"]),
        ("engine:oracle", vec!["shop"]),
        ("status:stop", vec!["staging"]),
        ("nowhere:at", vec![]),
        ("REPLICA", vec!["orders-replica"]),
    ] {
        desk.typed("/");
        desk.ctrl('u');
        desk.typed(filter);
        assert_eq!(desk.names(), expected, "{filter}");
        desk.key(KeyCode::Enter);
    }
    desk.typed("/xyz");
    desk.key(KeyCode::Esc);
    assert_eq!(desk.names(), ["orders-replica"], "giving up goes back to the filter before");
    desk.key(KeyCode::Esc);
    assert_eq!(desk.names().len(), 5);
}

#[test]
fn only_problems_sorting_and_marks() {
    let mut desk = Desk::listed();
    desk.typed("!");
    assert_eq!(desk.names(), ["analytics"]);
    desk.typed("!");
    let shift_right = KeyEvent::new(KeyCode::Right, KeyModifiers::SHIFT);
    for _ in 0..4 {
        desk.send(Msg::Key(shift_right));
    }
    desk.typed("s");
    desk.typed("s");
    assert_eq!(desk.names().first().map(String::as_str), Some("shop"), "the largest storage comes first");
    desk.typed(" ");
    assert_eq!(desk.app.workspace.pane().expect("fleet").fleet.marks.len(), 1);
    desk.typed("g = ");
    assert!(desk.notice().contains("mark two rows") || desk.app.overlay.is_some());
}

#[test]
fn two_marked_rows_are_compared() {
    let mut desk = Desk::listed();
    desk.typed("  =");
    let Some(Overlay::List(list)) = &desk.app.overlay else { panic!("a list is open") };
    let differs = |word: &str| list.entries.iter().any(|e| e.label.contains(word));
    assert!(differs("storage-full") && differs("disk-full"));
    assert!(!differs("vpc-1"), "what is equal is left out");
}

#[test]
fn a_stale_reply_changes_nothing() {
    let mut desk = Desk::listed();
    let before = desk.screen();
    let stale = Ticket { slot: Slot::Fleet(SPEC.id, place("eu-west-1")), turn: 0 };
    desk.send(Msg::Reply(stale.clone(), Reply::Part(vec![row("ghost", "eu-west-1")], true)));
    desk.send(Msg::Reply(stale, Reply::Listed));
    let unknown = Ticket { slot: Slot::Change(77), turn: 1 };
    desk.send(Msg::Reply(unknown, Reply::Failed(Failure::new(FailureKind::Bug, "x", "y"))));
    assert_eq!(before, desk.screen());
}

#[test]
fn an_idle_console_wakes_only_to_refresh() {
    let mut desk = Desk::listed();
    desk.sleep(1_000);
    let before = desk.screen();
    assert_eq!(desk.sleep(50_000), 0, "nothing is due before the minute is over");
    assert_eq!(before, desk.screen());
    desk.typed("p");
    desk.sleep(30_000);
    assert_eq!(next_wake(&desk.app), None, "paused: nothing is ever due");
}

#[test]
fn a_refresh_is_not_asked_twice() {
    let mut desk = Desk::listed();
    desk.typed("rrr");
    assert_eq!(desk.lists.len(), 1);
    desk.sleep(500_000);
    assert_eq!(desk.lists.len(), 1, "a listing under way is waited for");
}

#[test]
fn an_elevation_counts_down_and_falls_back() {
    let mut desk = Desk::listed();
    desk.line("elevate 15m ticket 42");
    assert!(desk.last.contains(&Effect::Elevate { reason: "ticket 42".into(), for_ms: 900_000 }));
    assert!(desk.screen().contains("ELEVATED 15:00"));
    desk.typed("p");
    let wakes = desk.sleep(60_000);
    assert!((60..=64).contains(&wakes), "once a second, and for messages that go: {wakes}");
    assert!(desk.screen().contains("ELEVATED 14:00"));
    desk.sleep(900_000);
    assert!(desk.screen().contains("READ-ONLY"));
    assert!(!desk.app.access.allows_changes(desk.now));
}

#[test]
fn sealed_is_never_lifted() {
    let mut desk = Desk::with(Access::sealed(), &["eu-west-1"], (120, 24));
    desk.list(rows());
    desk.line("elevate 15m because");
    assert!(desk.notice().contains("sealed"));
    assert!(desk.screen().contains("SEALED"));
    assert!(desk.app.access.is_sealed());
}

#[test]
fn a_query_tab_opens_on_a_row_or_says_why_not() {
    let mut desk = Desk::listed();
    desk.typed("j");
    desk.typed("e");
    assert_eq!(desk.app.workspace.tabs().len(), 3);
    assert_eq!(desk.app.workspace.position(), 2);
    desk.line_in_query();
    let mut desk = Desk::listed();
    desk.typed("jjje");
    assert_eq!(desk.selected(), "shop");
    assert!(desk.notice().contains("Oracle has no engine here"));
    assert_eq!(desk.app.workspace.tabs().len(), 2);
}

impl Desk {
    /// Text goes into the editor, not to the fleet's bindings; closing ends the session.
    fn line_in_query(&mut self) {
        self.typed("qqj");
        assert_eq!(self.app.workspace.tabs().len(), 3, "letters are text here");
        self.ctrl('c');
        assert!(self.notice().contains("press again to quit"));
        self.now = self.now.plus_ms(10);
        self.ctrl('c');
        assert!(self.last.contains(&Effect::Leave(crate::app::Exit::Quit)));
    }
}

#[test]
fn quitting_takes_a_second_press_in_time() {
    let mut desk = Desk::listed();
    desk.typed("p");
    assert_eq!(desk.typed("q"), []);
    desk.later(5_000);
    assert_eq!(desk.typed("q"), [], "too late: this is a first press again");
    desk.later(100);
    assert_eq!(desk.typed("q"), [Effect::Leave(crate::app::Exit::Quit)]);
}

#[test]
fn describing_shows_what_is_known_at_once_and_more_when_it_comes() {
    let mut desk = Desk::listed();
    desk.typed("j");
    desk.key(KeyCode::Enter);
    let ticket = desk.last.iter().find_map(|e| match e {
        Effect::Describe { ticket, .. } => Some(ticket.clone()),
        _ => None,
    });
    let ticket = ticket.expect("describing was asked for");
    assert!(desk.screen().contains("vpc-1") && desk.screen().contains("Asking AWS for more"));
    let sections =
        vec![Section { title: "Backups".into(), facts: vec![("Retention".into(), Cell::Count(35))] }];
    let detail = Detail { resource: row("orders", "eu-west-1"), sections };
    desk.send(Msg::Reply(ticket, Reply::Described(Box::new(detail))));
    let screen = desk.screen();
    assert!(screen.contains("Retention") && screen.contains("orders-replica"), "{screen}");
    desk.typed("J");
    assert!(desk.screen().contains("\"service\": \"rds\","));
    desk.key(KeyCode::Esc);
    assert!(desk.screen().contains("ENGINE"));
}

#[test]
fn copying_takes_the_raw_value() {
    let mut desk = Desk::listed();
    assert_eq!(desk.typed("y"), [Effect::Copy("analytics".into())]);
    assert_eq!(desk.typed("Y"), [Effect::Copy("arn:aws:rds:eu-west-1:111122223333:db:analytics".into())]);
    desk.typed("r");
    desk.list(vec![row("a\u{202e}b", "eu-west-1")]);
    assert_eq!(desk.typed("y"), [Effect::Copy("a\u{202e}b".into())]);
    assert!(desk.notice().contains("control characters"));
}

#[test]
fn regions_are_picked_by_pattern_and_by_list() {
    let mut desk = Desk::listed();
    desk.line("region eu-*");
    let regions: Vec<_> = desk.app.reach.places.iter().map(|p| p.region.to_string()).collect();
    assert_eq!(regions, ["eu-west-1", "eu-central-1"]);
    assert!(
        desk.last.iter().any(|e| matches!(e, Effect::List { place, .. } if &*place.region == "eu-central-1"))
    );
    assert_eq!(desk.names().len(), 5, "rows of a place that stays stay");
    desk.typed("R");
    desk.typed("a");
    desk.key(KeyCode::Enter);
    assert_eq!(desk.app.reach.places.len(), 3);
    desk.line("region nowhere-*");
    assert!(desk.notice().contains("nothing matches"));
    assert_eq!(desk.app.reach.places.len(), 3);
}

#[test]
fn the_command_line_completes_and_recalls() {
    let mut desk = Desk::listed();
    desk.typed(":dd");
    desk.key(KeyCode::Tab);
    assert_eq!(desk.app.prompt.as_ref().map(|p| p.text.as_str()), Some("ddb"));
    desk.key(KeyCode::Enter);
    assert_eq!(desk.app.workspace.position(), 1);
    desk.typed(":");
    desk.key(KeyCode::Up);
    assert_eq!(desk.app.prompt.as_ref().map(|p| p.text.as_str()), Some("ddb"));
    desk.key(KeyCode::Esc);
    desk.line("db orders-replica");
    assert_eq!(desk.selected(), "orders-replica");
    desk.line("nonsense");
    assert!(desk.notice().contains("no such command: nonsense"));
}

#[test]
fn failures_stay_in_the_list_of_errors() {
    let mut desk = Desk::listed();
    desk.typed("r");
    let (ticket, _) = desk.lists.remove(0);
    let failure = Failure::new(FailureKind::Denied, "list RDS", "not allowed").request_id(Some("r-123"));
    desk.send(Msg::Reply(ticket, Reply::Failed(failure)));
    desk.sleep(20_000);
    desk.line("errors");
    assert!(desk.screen().contains("r-123"), "{}", desk.screen());
}

#[test]
fn the_shipped_keymaps_name_commands_and_every_hint_has_a_key() {
    for name in embedded::names(embedded::Folder::Keymaps) {
        let find = |name: &str| {
            Ok(Source::new(name, embedded::text(embedded::Folder::Keymaps, name).expect("shipped")))
        };
        let keymap = Keymap::load(&find(&name).expect("shipped"), &find).expect("sound").value;
        assert_eq!(keymap.check(command::is_command), [], "{name}");
        for c in command::COMMANDS.iter().filter(|c| !c.hint.is_empty()) {
            let bound = c.contexts.iter().any(|context| !keymap.keys_of(*context, c.name).is_empty());
            assert!(bound, "{name}: {} has a hint and no key", c.name);
        }
        // No binding reaches a change without a card: what changes is asked for by name only.
        for (context, keys, bound) in keymap.bindings() {
            let single = keys.chars().count() == 1;
            assert!(!(single && bound == "access.elevate" && context == Context::Fleet), "{keys}");
        }
    }
}

fn sampled(desk: &Desk) -> Vec<(Ticket, Vec<crate::metrics::Plan>)> {
    let sample = |e: &Effect| match e {
        Effect::Sample { ticket, plans } => Some((ticket.clone(), plans.clone())),
        _ => None,
    };
    desk.last.iter().filter_map(sample).collect()
}

#[test]
fn samples_are_asked_for_what_is_seen_once_it_is_still() {
    let mut desk = Desk::listed();
    assert_eq!(sampled(&desk), [], "not while the screen still moves");
    desk.sleep(1_000);
    let asked = sampled(&desk);
    let [(ticket, plans)] = asked.as_slice() else { panic!("one place, one effect: {asked:?}") };
    assert_eq!(plans.len(), 1);
    let series: Vec<_> =
        plans[0].queries.iter().map(|q| (&*q.series.resource.name, q.series.metric)).collect();
    assert_eq!(series.len(), 5, "one column of five rows: {series:?}");
    // A single point shows; the next question comes a minute later and only for what is new.
    let samples: Vec<Sample> = plans[0]
        .queries
        .iter()
        .map(|q| Sample {
            series: q.series.clone(),
            period_s: 60,
            points: vec![(NOON.epoch_ms() - 60_000, 42.0)],
        })
        .collect();
    desk.send(Msg::Reply(ticket.clone(), Reply::Samples(samples)));
    assert!(desk.screen().contains("42%"), "{}", desk.screen());
    desk.later(125_000);
    desk.typed("r");
    desk.sleep(400);
    let again = sampled(&desk);
    let [(_, plans)] = again.as_slice() else { panic!("asked again after a refresh by hand: {again:?}") };
    assert!(plans[0].start_ms > NOON.epoch_ms() - 600_000, "only the minutes that are missing");
}

#[test]
fn a_high_lag_in_the_samples_is_a_problem() {
    let mut desk = Desk::listed();
    desk.sleep(1_000);
    let (ticket, _) = sampled(&desk).remove(0);
    let at = |i: u64| NOON.epoch_ms() - 300_000 + i * 60_000;
    let series = SeriesId { resource: row("orders-replica", "eu-west-1").id, metric: "lag" };
    let points = (0..4).map(|i| (at(i), 95.0)).collect();
    desk.send(Msg::Reply(ticket, Reply::Samples(vec![Sample { series, period_s: 60, points }])));
    desk.typed("!");
    assert_eq!(desk.names(), ["analytics", "orders-replica"]);
    assert!(desk.screen().contains("!lag"), "{}", desk.screen());
}

#[test]
fn a_paused_console_and_a_spent_budget_ask_nothing() {
    let mut desk = Desk::listed();
    desk.typed("p");
    desk.sleep(600_000);
    assert_eq!(sampled(&desk), []);
    desk.app.refresh.budget_cents = Some(1);
    desk.send(Msg::Meter(Reading { metrics: 1_000, ..Reading::default() }));
    desk.typed("p");
    desk.sleep(30_000);
    assert_eq!(sampled(&desk), []);
}

#[test]
fn the_badge_counts_the_locks_of_the_view_in_front() {
    use crate::app::{Slot, TabId};
    let mut desk = Desk::listed();
    assert!(desk.screen().contains("READ-ONLY guard 3/3"));
    desk.typed("e");
    assert!(desk.screen().contains("READ-ONLY guard 2/3, no session yet"), "{}", desk.screen());
    desk.typed("SELECT 1");
    let mut out = Vec::new();
    crate::app::dispatch::command(&mut desk.app, "query.run", &mut out);
    let Some(Effect::Run { ticket, .. }) = out.iter().find(|e| matches!(e, Effect::Run { .. })) else {
        panic!("it runs: {out:?}")
    };
    assert_eq!(ticket.slot, Slot::Query(TabId(2)));
    let mut told = |words: &str| {
        desk.send(Msg::Reply(ticket.clone(), Reply::Locks(vec![words.into()])));
        desk.screen()
    };
    assert!(told("read-only transaction around each statement").contains("READ-ONLY guard 3/3"));
    let screen = told("no session lock: the guard and the IAM policy hold");
    assert!(screen.contains("READ-ONLY  guard 2/3"), "{screen}");
    desk.line_in_help("guard: session missing");
}

impl Desk {
    /// Help lists the locks by name.
    fn line_in_help(&mut self, words: &str) {
        let mut out = Vec::new();
        crate::app::dispatch::command(&mut self.app, "help.open", &mut out);
        let Some(Overlay::List(list)) = &self.app.overlay else { panic!("help is open") };
        assert!(list.entries.iter().any(|e| e.label.contains(words)), "{list:?}");
    }
}

#[test]
fn a_theme_is_read_when_it_is_chosen() {
    let mut desk = Desk::listed();
    let effects = desk.line("theme plain");
    let [Effect::Theme { ticket, name }] = effects else { panic!("{effects:?}") };
    assert_eq!(name, "plain");
    let ticket = ticket.clone();
    let dark =
        crate::config::load::theme("dark", &crate::config::load::Paths::default()).expect("shipped").value;
    desk.send(Msg::Reply(ticket, Reply::Theme(Box::new(dark.clone()))));
    assert_eq!(desk.app.look.theme, dark);
    assert!(desk.line("theme nowhere").is_empty(), "an unknown name asks for nothing");
}
