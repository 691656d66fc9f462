//! Screens as text, at three sizes.

use super::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// Draws the core and returns the cells as lines.
pub fn render(app: &App) -> String {
    let (width, height) = app.look.size;
    let mut terminal = Terminal::new(TestBackend::new(width.max(1), height.max(1))).expect("a test backend");
    terminal.draw(|frame| crate::view::draw(app, frame)).expect("draws");
    let buffer = terminal.backend().buffer();
    let lines: Vec<String> = (0..buffer.area.height)
        .map(|y| {
            let line: String = (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect();
            line.trim_end().to_owned()
        })
        .collect();
    lines.join("\n")
}

fn sized(size: (u16, u16)) -> Desk {
    let mut desk = Desk::with(Access::read_only(), &["eu-west-1", "us-east-1"], size);
    desk.identify();
    desk.list(rows());
    let (ticket, _) = desk.lists.remove(0);
    let failure = Failure::new(FailureKind::Unreachable, "list RDS in us-east-1", "no route to host");
    desk.send(Msg::Reply(ticket, Reply::Failed(failure)));
    let minute = |i: u64| NOON.epoch_ms() - 3_600_000 + i * 60_000;
    let points = (0..60)
        .filter(|i| !(30..36).contains(i))
        .map(|i| (minute(i), 20.0 + 60.0 * (i as f64 / 9.0).sin().abs()));
    let series = |name: &str| SeriesId { resource: row(name, "eu-west-1").id, metric: "cpu" };
    let points: Vec<_> = points.collect();
    desk.app.samples.put(vec![
        Sample { series: series("orders"), period_s: 60, points: points.clone() },
        Sample { series: series("staging"), period_s: 60, points: vec![] },
    ]);
    desk.later(2_000);
    desk
}

#[test]
fn the_fleet_at_three_sizes() {
    for size in [(160, 24), (80, 24), (40, 10)] {
        insta::assert_snapshot!(format!("fleet_{}x{}", size.0, size.1), sized(size).screen());
    }
}

#[test]
fn the_fleet_in_ascii() {
    let mut desk = sized((120, 12));
    desk.app.look.ascii = true;
    let screen = desk.screen();
    assert!(screen.is_ascii(), "{screen}");
    insta::assert_snapshot!("fleet_ascii", screen);
}

#[test]
fn help_names_live_keys() {
    let mut desk = sized((100, 24));
    desk.typed("?");
    insta::assert_snapshot!("help", desk.screen());
}

#[test]
fn a_card_before_a_loss() {
    let mut desk = sized((100, 24));
    desk.line("elevate 1h maintenance");
    desk.sleep(13_000);
    desk.typed("a");
    insta::assert_snapshot!("actions", desk.screen());
    desk.typed("jj");
    desk.key(KeyCode::Enter);
    insta::assert_snapshot!("card_loss", desk.screen());
}

#[test]
fn a_card_on_a_low_screen_keeps_what_it_is_on_and_what_decides() {
    let mut desk = sized((80, 15));
    desk.line("elevate 1h maintenance");
    desk.sleep(13_000);
    desk.typed("ajj");
    desk.key(KeyCode::Enter);
    let screen = desk.screen();
    for words in
        ["Delete analytics", "On       analytics", "Where    account", "lines more on a higher", "Cancel"]
    {
        assert!(screen.contains(words), "{words}:\n{screen}");
    }
}

#[test]
fn a_detail_view() {
    let mut desk = sized((100, 24));
    desk.typed("d");
    insta::assert_snapshot!("detail", desk.screen());
}

#[test]
fn charts_with_a_gap_and_a_cursor() {
    let mut desk = sized((100, 26));
    desk.typed("jm");
    let series = SeriesId { resource: row("orders", "eu-west-1").id, metric: "cpu" };
    let points = desk.app.samples.store.get(&series).expect("put before").points.clone();
    if let Some(crate::app::workspace::Over::Board(board)) =
        desk.app.workspace.pane_mut().and_then(|p| p.over.last_mut())
    {
        board.store.put(Sample { series, period_s: 60, points }, 10_800_000);
    }
    desk.typed("hhhhh");
    insta::assert_snapshot!("charts", desk.screen());
}

#[test]
fn empty_denied_and_too_small() {
    let mut desk = Desk::with(Access::sealed(), &["eu-west-1"], (80, 10));
    insta::assert_snapshot!("listing", desk.screen());
    desk.list(Vec::new());
    insta::assert_snapshot!("empty", desk.screen());
    desk.typed("r");
    let (ticket, _) = desk.lists.remove(0);
    let failure = Failure::new(FailureKind::Denied, "list RDS", "User x may not rds:DescribeDBInstances");
    desk.send(Msg::Reply(ticket, Reply::Failed(failure)));
    insta::assert_snapshot!("denied", desk.screen());
    for size in [(19, 5), (20, 4), (1, 1), (0, 0)] {
        desk.send(Msg::Resize(size.0, size.1));
        let screen = desk.screen();
        assert!(screen.trim() == "too small" || size.0 < 9, "{screen}");
    }
}

#[test]
fn hostile_text_reaches_no_cell() {
    let mut desk = Desk::with(Access::read_only(), &["eu-west-1"], (120, 24));
    let nasty = "\u{1b}]0;x\u{7}\u{9b}31m\u{202e}\u{200b}\r\u{8}é\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}";
    let mut evil = row(nasty, "eu-west-1");
    evil.health = Health::Unknown(nasty.into());
    evil.cells = vec![Cell::text(Some(nasty)); 3];
    evil.tags = vec![(nasty.into(), nasty.into())];
    evil.problems = vec![Problem { id: "x", what: nasty.into(), urgent: true }];
    desk.list(vec![evil]);
    let clean = |desk: &Desk| {
        for c in desk.screen().chars().filter(|c| *c != '\n') {
            assert!(!c.is_control() && !safe::is_hidden(c), "{c:?}");
        }
    };
    clean(&desk);
    desk.typed("d");
    clean(&desk);
    desk.typed("J");
    clean(&desk);
    desk.key(KeyCode::Esc);
    desk.typed(":\u{202e}x");
    clean(&desk);
    desk.key(KeyCode::Esc);
    desk.line("errors");
    clean(&desk);
}
