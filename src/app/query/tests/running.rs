//! One statement at a time: what runs, what is asked, what is refused, and where it goes.

use super::*;

#[test]
fn the_statement_at_the_cursor_runs() {
    let mut b = Bench::plain();
    b.keys("select 1;\nselect 2; select 3");
    assert!(b.command("query.run"));
    assert_eq!(b.runs(), ["select 3"]);
    assert!(b.tab.running());
    assert!(b.command("query.run"), "a second run is refused");
    assert_eq!(b.runs(), NONE);
    b.reply(Reply::Done(Summary::default()));
    for _ in 0..10 {
        b.press(KeyCode::Left);
    }
    b.command("query.run");
    assert_eq!(b.runs(), ["select 2"]);
    assert_eq!(b.history.search(DialectId::Postgres, "").count(), 2);
}

#[test]
fn enter_runs_a_finished_statement_in_normal_mode() {
    let mut b = Bench::new(DialectId::Postgres, EditorStyle::Vim);
    b.keys("select 1\u{1b}\n");
    assert_eq!(b.runs(), NONE, "not ended by a semicolon");
    b.keys("A;\u{1b}\n");
    assert_eq!(b.runs(), ["select 1"]);
}

#[test]
fn a_refusal_sends_nothing_and_points_at_the_construct() {
    let mut b = Bench::plain();
    b.keys("select 1;\n\ndelete from orders");
    b.command("query.run");
    assert_eq!(b.take(), []);
    let Some(Message::Refused(refusal)) = b.tab.message() else { panic!("{:?}", b.tab.message()) };
    assert!(!refusal.rule.is_empty());
    assert_eq!(b.tab.editor().cursor(), (2, 0));
    assert!(!b.tab.running());
    assert_eq!(b.history, History::default());
}

#[test]
fn a_change_under_elevation_asks_twice_and_is_asked_again_after_an_edit() {
    let mut b = Bench::plain();
    b.access.elevate("repair", 60_000, Moment::from_epoch_ms(b.now)).unwrap();
    b.keys("delete from orders");
    b.command("query.run");
    assert!(matches!(b.tab.message(), Some(Message::Again(_))));
    b.keys(" x");
    b.command("query.run");
    assert_eq!(b.runs(), NONE);
    b.command("query.run");
    assert_eq!(b.runs(), ["delete from orders x"]);
}

#[test]
fn a_scan_is_foretold_and_needs_a_second_press() {
    let keys = TableKeys { partition: "user_id".into(), sort: Some("feature".into()), indexes: Vec::new() };
    let facts = TableFacts { keys, items: Some(12_000), bytes: Some(3_100_000) };
    let mut b = Bench::new(DialectId::PartiQl, EditorStyle::Plain);
    b.tab = b.tab.clone().with_table(facts);
    b.keys("select * from \"ml-features\"");
    b.command("query.run");
    let Some(Message::Again(words)) = b.tab.message() else { panic!("{:?}", b.tab.message()) };
    assert!(words.contains("12,000 items, 3.1 MB") && words.contains("press again"), "{words}");
    assert_eq!(b.take(), []);
    b.command("query.run");
    assert_eq!(b.runs().len(), 1);
    b.reply(Reply::Done(Summary::default()));
    b.keys(" where user_id = 'u-1'");
    b.command("query.run");
    assert_eq!(b.runs().len(), 1, "a query runs at once");
    let Some(Message::Note(words)) = b.tab.message() else { panic!("{:?}", b.tab.message()) };
    assert!(words.starts_with("query:"), "{words}");
}

#[test]
fn cancel_is_sent_once_asked_and_rows_stay() {
    let mut b = Bench::plain();
    assert!(!b.command("query.cancel"), "nothing runs: the core may quit");
    b.keys("select 1");
    b.command("query.run");
    let ticket = b.take().into_iter().find_map(|e| match e {
        Effect::Run { ticket, .. } => Some(ticket),
        _ => None,
    });
    b.rows(3);
    b.command("query.run");
    b.take();
    b.keys("\u{1b}");
    assert_eq!(b.take(), []);
    b.now += 10_000;
    b.keys("\u{1b}");
    assert_eq!(b.take(), [], "too late for the second press");
    b.now += 100;
    b.keys("\u{1b}");
    let [Effect::Cancel(cancelled)] = b.only() else { panic!("no cancel") };
    assert_ne!(Some(cancelled), ticket);
    b.reply(Reply::Failed(Failure::new(FailureKind::Cancelled, "run", "cancelled")));
    assert_eq!(b.tab.stage(), &Stage::Cancelled);
    assert_eq!(b.tab.results().map(|r| r.rows), Some(3));
}

#[test]
fn a_failure_keeps_the_old_rows_and_wakes_nobody() {
    let mut b = Bench::plain();
    b.keys("select 1");
    b.command("query.run");
    assert_eq!(b.tab.next_wake(Moment::from_epoch_ms(1_250)), Some(Moment::from_epoch_ms(2_000)));
    b.rows(2);
    b.command("query.run");
    b.reply(Reply::Failed(Failure::new(FailureKind::Rejected, "run", "no such table")));
    assert!(matches!(b.tab.stage(), Stage::Failed(_)));
    assert_eq!(b.tab.results().map(|r| r.rows), Some(2));
    assert_eq!(b.tab.next_wake(Moment::from_epoch_ms(9_999)), None);
}

#[test]
fn a_password_is_asked_sent_once_and_shown_nowhere() {
    let mut b = Bench::plain();
    b.keys("select 'my-secret-row'");
    b.command("query.run");
    b.take();
    b.reply(Reply::NeedPassword("app".into(), "ro.example".into()));
    assert_eq!(b.tab.context(), Context::EditorInsert);
    b.with(|tab, ctx| tab.paste("hunter", ctx));
    b.keys("2");
    let shown = format!("{:?} {:?}", b.tab, b.tab.layer());
    assert!(!shown.contains("hunter") && !shown.contains("my-secret-row"), "{shown}");
    b.keys("\n");
    let effects = b.take();
    let printed = format!("{effects:?} {:?} {:?}", b.tab, b.history);
    assert!(!printed.contains("hunter") && !printed.contains("my-secret-row"), "{printed}");
    let Some(Effect::Run { login: Some(Login::Password(secret)), target, .. }) = effects.first() else {
        panic!("{effects:?}")
    };
    assert_eq!((secret.reveal(), target.user.as_deref()), ("hunter2", Some("app")));
    assert!(b.tab.layer().is_none() && b.tab.running());
    assert_eq!(b.tab.editor().text(), "select 'my-secret-row'");
}

#[test]
fn elevation_that_ended_while_the_prompt_was_open_counts() {
    let mut b = Bench::plain();
    b.access.elevate("repair", 60_000, Moment::from_epoch_ms(b.now)).unwrap();
    b.keys("delete from orders");
    b.command("query.run");
    b.command("query.run");
    assert_eq!(b.runs().len(), 1);
    b.reply(Reply::NeedPassword("app".into(), "h".into()));
    b.access.lower();
    b.keys("pw\n");
    assert_eq!(b.take(), []);
    assert!(matches!(b.tab.message(), Some(Message::Refused(_))));
}

#[test]
fn the_target_form_changes_where_statements_go() {
    let mut b = Bench::plain();
    b.command("query.target");
    b.press(KeyCode::Down);
    b.keys(" ");
    b.press(KeyCode::Down);
    b.keys("2");
    b.press(KeyCode::Tab);
    b.keys("ada");
    b.press(KeyCode::Tab);
    b.keys("127.0.0.1:x\n");
    assert!(b.tab.layer().is_some(), "a wrong address keeps the form open");
    b.press(KeyCode::Backspace);
    b.keys("6543\n");
    let t = b.tab.target().clone();
    assert_eq!(t.endpoint.map(|e| e.role), Some(EndpointRole::Writer));
    assert_eq!((t.database.as_deref(), t.user.as_deref()), (Some("shop2"), Some("ada")));
    assert_eq!(t.address, Some(("127.0.0.1".into(), 6543)));
    assert_eq!(b.take(), [Effect::CloseSession(TabId(7))]);
    b.command("query.engine");
    assert_eq!(b.tab.target().engine, EngineId::RdsData);
    b.command("query.database other");
    assert_eq!(b.tab.target().database.as_deref(), Some("other"));
    b.keys("select 1");
    b.command("query.run");
    b.take();
    b.command("query.engine");
    assert_eq!(b.take(), [], "not while a statement runs");
}

#[test]
fn a_secret_that_is_chosen_logs_in_as_its_own_user() {
    let arn = "arn:aws:secretsmanager:eu-west-1:1:secret:app/orders-x1";
    let mut b = Bench::plain();
    let at = |b: &Bench| {
        let target = b.tab.target();
        (target.secret.as_deref().map(str::to_owned), target.user.as_deref().map(str::to_owned))
    };
    b.with(|tab, _| {
        tab.target.backend.user = Some("postgres".into());
        tab.target.user = Some("postgres".into());
    });
    b.command(&format!("query.secret {arn}"));
    assert_eq!(at(&b), (Some(arn.to_owned()), None), "the row's user is not the secret's");
    assert_eq!(b.take(), [Effect::CloseSession(TabId(7))]);
    assert!(b.said.pop().is_some_and(|s| s.text.ends_with(", by secret app/orders-x1")));
    b.command("query.engine");
    assert_eq!((b.tab.target().engine, at(&b).0.as_deref()), (EngineId::RdsData, Some(arn)));
    let options = crate::query::engines::EngineOptions::default();
    assert_eq!(options.login(b.tab.target()), Some(Login::Secret(arn.into())), "also for the Data API");
    b.command("query.secret");
    assert_eq!(at(&b), (None, Some("postgres".to_owned())));
    assert_eq!(options.login(b.tab.target()), Some(Login::None), "which has nothing else to log in by");
    for nonsense in ["query.secret a b", "query.secret it's", "query.secret a\tb"] {
        b.said.clear();
        b.command(nonsense);
        assert!(b.said.iter().any(|s| s.bad), "{nonsense}");
        assert_eq!(at(&b).0, None);
    }
    let mut b = Bench::new(DialectId::PartiQl, EditorStyle::Plain);
    b.command("query.secret app/orders");
    assert!(b.said.pop().is_some_and(|s| s.bad && s.text.contains("takes no secret")));
    assert_eq!(b.take(), []);
}

#[test]
fn the_aws_identity_logs_in_where_the_person_says_so() {
    let mut b = Bench::new(DialectId::MongoDb, EditorStyle::Plain);
    let options = crate::query::engines::EngineOptions::default();
    assert_eq!(options.login(b.tab.target()), None, "a password is asked for");
    b.command("query.secret app/orders");
    b.command("query.iam");
    assert_eq!(options.login(b.tab.target()), Some(Login::Iam));
    assert_eq!(b.tab.target().secret, None, "one way in at a time");
    assert!(b.said.pop().is_some_and(|s| s.text.contains("(IAM)")));
    b.command("query.iam");
    assert_eq!(options.login(b.tab.target()), None);
}

#[test]
fn the_target_form_takes_a_secret() {
    let mut b = Bench::plain();
    b.command("query.target");
    for _ in 0..5 {
        b.press(KeyCode::Down);
    }
    b.keys("app orders\n");
    assert!(b.tab.layer().is_some(), "what is no name of a secret keeps the form open");
    for _ in 0.."orders ".len() {
        b.press(KeyCode::Backspace);
    }
    b.keys("/orders\n");
    assert!(b.tab.layer().is_none());
    assert_eq!(b.tab.target().secret.as_deref(), Some("app/orders"));
}

#[test]
fn a_database_of_one_language_says_so() {
    let mut b = Bench::new(DialectId::PartiQl, EditorStyle::Plain);
    assert_eq!(b.tab.target().backend.languages(), [DialectId::PartiQl]);
    for command in ["query.language", "query.language partiql", "query.language gremlin"] {
        assert!(b.command(command));
        assert_eq!(b.tab.dialect_id(), DialectId::PartiQl);
        assert!(b.said.pop().is_some_and(|s| s.text.contains("speaks only partiql")), "{command}");
    }
    assert_eq!(b.take(), [], "the session is the same");
}

#[test]
fn what_a_statement_will_do_is_told_while_it_is_written() {
    let keys = TableKeys { partition: "user_id".into(), sort: None, indexes: Vec::new() };
    let facts = TableFacts { keys, items: Some(12_000), bytes: None };
    let mut b = Bench::new(DialectId::PartiQl, EditorStyle::Plain);
    b.tab = b.tab.clone().with_table(facts);
    let told = |b: &Bench| (b.tab.forecast().words.to_string(), b.tab.forecast().scan);
    assert_eq!(told(&b), (String::new(), false));
    b.keys("select * from \"t\"");
    assert!(told(&b).0.starts_with("scan of 12,000 items") && told(&b).1, "{:?}", told(&b));
    b.command("query.run");
    assert!(matches!(b.tab.message(), Some(Message::Again(_))));
    b.keys(" where user_id = 'a'");
    assert!(told(&b).0.starts_with("key lookup"), "{:?}", told(&b));
    assert_eq!(b.tab.message(), None, "what was asked about the old text is gone");
    b.with(|tab, ctx| tab.paste("; select * from \"t\"", ctx));
    assert!(told(&b).1, "the one under the cursor counts");
    b.reply(Reply::Edited("select * from \"t\" where user_id = 'a'".into()));
    assert!(!told(&b).1);
    assert_eq!(b.take(), [], "nothing is sent for it");
}

#[test]
fn a_refusal_counts_as_the_editor_does_and_an_elevated_write_goes_to_the_writer() {
    let mut b = Bench::plain();
    b.keys("select 1;\n  delete from t");
    b.command("query.run");
    let Some(Message::Refused(refusal)) = b.tab.message() else { panic!("{:?}", b.tab.message()) };
    assert_eq!(refusal.position, Some((2, 3)));
    assert!(refusal.to_string().contains(":elevate 15m REASON"), "{refusal}");
    assert_eq!(b.tab.target().endpoint.as_ref().map(|e| e.role), Some(EndpointRole::Reader));
    b.access.elevate("a test writes", 600_000, Moment::from_epoch_ms(b.now)).expect("elevated");
    b.command("query.run");
    let Some(Message::Again(words)) = b.tab.message() else { panic!("{:?}", b.tab.message()) };
    assert!(words.contains("on the writer"), "{words}");
    assert_eq!(b.take(), []);
    b.command("query.run");
    let sent = b
        .take()
        .into_iter()
        .find_map(|e| if let Effect::Run { target, .. } = e { Some(target) } else { None });
    assert_eq!(sent.and_then(|t| t.endpoint).map(|e| e.role), Some(EndpointRole::Writer));
}
