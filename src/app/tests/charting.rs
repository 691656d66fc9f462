//! Charts that compare: the members of a cluster, a source and its replicas.

use super::*;
use crate::app::board::Board;
use crate::app::fleet::Fleet;
use crate::services::aurora::spec;

fn aurora(members: usize) -> (Fleet, ResourceId) {
    let at = place("eu-west-1");
    let id =
        |kind, name: &str| ResourceId { service: spec::SPEC.id, kind, place: at.clone(), name: name.into() };
    let mut cluster = row("shop", "eu-west-1");
    cluster.id = id(spec::CLUSTER, "shop");
    cluster.dimensions = vec![("DBClusterIdentifier", "shop".into())];
    let mut rows = vec![cluster];
    for n in 1..=members {
        let mut member = row(&format!("shop-{n}"), "eu-west-1");
        member.id = id(spec::INSTANCE, &format!("shop-{n}"));
        member.parent = Some("shop".into());
        rows.push(member);
    }
    let shop = id(spec::CLUSTER, "shop");
    let mut fleet = Fleet::new(&spec::SPEC, std::slice::from_ref(&at));
    fleet.part(&at, rows, false);
    (fleet, shop)
}

#[test]
fn a_cluster_shows_its_members_in_one_chart_per_metric() {
    let (fleet, shop) = aurora(3);
    let board = Board::new(shop.clone(), NOON);
    let charts = board.charts(&fleet);
    let titled = |title: &str| charts.iter().find(|c| c.title == Some(title)).expect("a chart of members");
    for (title, metric) in [("CPU", "cpu"), ("CONNS", "connections"), ("LAG", "lag")] {
        let chart = titled(title);
        let names: Vec<_> = chart.curves.iter().map(|c| c.title.as_str()).collect();
        assert_eq!(names, ["shop-1", "shop-2", "shop-3"], "{title}");
        assert!(chart.curves.iter().all(|c| c.series.metric == metric && c.series.resource != shop));
    }
    assert!(charts.iter().any(|c| c.title.is_none() && c.curves.iter().any(|s| s.series.metric == "volume")));
    let wanted = crate::app::samples::of_board(&board, &fleet);
    for curve in charts.iter().flat_map(|c| &c.curves) {
        assert!(wanted.iter().any(|w| w.series == curve.series), "asked for: {:?}", curve.series);
    }
    let mut once: Vec<_> = wanted.iter().map(|w| w.series.clone()).collect();
    let all = once.len();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), all, "each series is billed once");
}

#[test]
fn many_members_are_split_by_colours_and_the_cut_is_counted() {
    let (fleet, shop) = aurora(15);
    let board = Board::new(shop, NOON);
    assert_eq!((board.members(&fleet).0.len(), board.members(&fleet).1), (12, 15));
    let cpu: Vec<_> = board.charts(&fleet).into_iter().filter(|c| c.title == Some("CPU")).collect();
    assert_eq!(cpu.iter().map(|c| c.curves.len()).collect::<Vec<_>>(), [6, 6]);
}

#[test]
fn a_source_stands_beside_its_replicas_and_their_answers_are_taken() {
    let mut desk = Desk::listed();
    desk.typed("jm");
    let board = |desk: &Desk| match desk.app.workspace.pane().and_then(|p| p.over.last()) {
        Some(crate::app::workspace::Over::Board(board)) => board.clone(),
        other => panic!("charts are open, not {other:?}"),
    };
    let replica = SeriesId { resource: row("orders-replica", "eu-west-1").id, metric: "cpu" };
    desk.sleep(2_000);
    let (ticket, plans) = desk.sampled.last().cloned().expect("the view asks");
    assert!(plans.iter().flat_map(|p| &p.queries).any(|q| q.series == replica));
    let sample = |series: &SeriesId| Sample {
        series: series.clone(),
        period_s: 60,
        points: vec![(NOON.epoch_ms() - 120_000, 33.0), (NOON.epoch_ms() - 60_000, 44.0)],
    };
    let stranger = SeriesId { resource: row("staging", "eu-west-1").id, metric: "cpu" };
    desk.send(Msg::Reply(ticket, Reply::Samples(vec![sample(&replica), sample(&stranger)])));
    assert!(board(&desk).store.get(&replica).is_some());
    assert!(board(&desk).store.get(&stranger).is_none(), "only what is shown");
    let charts = board(&desk).charts(&desk.app.workspace.pane().expect("a pane").fleet);
    let cpu = charts.iter().find(|c| c.title == Some("CPU")).expect("compared");
    let names: Vec<_> = cpu.curves.iter().map(|c| c.title.as_str()).collect();
    assert_eq!(names, ["orders", "orders-replica"]);
}
