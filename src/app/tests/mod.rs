//! The core driven by messages alone: a small estate, keys by their names, and answers.

mod behaviour;
mod charting;
mod operating;
mod querying;
mod random;
mod screens;

use super::query::History;
use super::{App, At, Effect, Msg, Reply, Start, Ticket, next_wake, update};
use crate::config::{EditorStyle, Keymap, Source, Theme, embedded};
use crate::guard::Access;
use crate::guard::production::Production;
use crate::model::*;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::sync::Arc;

const METRICS: &[MetricSpec] = &[
    metric("cpu", "CPU", "CPUUtilization", Unit::Percent, true),
    metric("lag", "LAG", "ReplicaLag", Unit::Seconds, false),
    metric("connections", "CONNS", "DatabaseConnections", Unit::Count, false),
];

const fn metric(
    id: &'static str,
    title: &'static str,
    name: &'static str,
    unit: Unit,
    column: bool,
) -> MetricSpec {
    MetricSpec {
        id,
        title,
        namespace: "AWS/RDS",
        name,
        stat: Stat::Average,
        dimensions: &["DBInstanceIdentifier"],
        fixed: &[],
        unit,
        kinds: &["instance"],
        column,
        per_second: false,
        period_s: 60,
    }
}

const fn operation(
    id: &'static str,
    title: &'static str,
    api: &'static str,
    tier: Tier,
    fields: &'static [Field],
) -> OperationSpec {
    OperationSpec {
        id,
        title,
        kinds: &["instance"],
        api,
        tier,
        impact: Impact("those who use it notice"),
        recovery: Recovery("start it again"),
        fields,
        cli: "aws rds do-it --db-instance-identifier {name} --final-db-snapshot-identifier {final-snapshot}",
    }
}

pub(super) static SPEC: ServiceSpec = ServiceSpec {
    id: ServiceId("rds"),
    title: "RDS",
    short: &["db"],
    kinds: &[KindSpec { id: "instance", title: "Instances" }, KindSpec { id: "cluster", title: "Clusters" }],
    columns: &[
        ColumnSpec { id: "engine", title: "ENGINE", width: 12, right: false, drop_first: 2 },
        ColumnSpec { id: "class", title: "CLASS", width: 14, right: false, drop_first: 5 },
        ColumnSpec { id: "storage", title: "STORAGE", width: 9, right: true, drop_first: 4 },
    ],
    metrics: METRICS,
    operations: &[
        operation("start", "Start", "rds:StartDBInstance", Tier::Reversible, &[]),
        operation("reboot", "Reboot", "rds:RebootDBInstance", Tier::Disruptive, &[]),
        operation(
            "delete",
            "Delete",
            "rds:DeleteDBInstance",
            Tier::Loss,
            &[Field { id: "final-snapshot", title: "Final snapshot", kind: FieldKind::Text, required: true }],
        ),
    ],
    reads: &["rds:DescribeDBInstances"],
    banner: None,
};

pub(super) static TABLES: ServiceSpec = ServiceSpec {
    id: ServiceId("dynamodb"),
    title: "DynamoDB",
    short: &["ddb"],
    kinds: &[KindSpec { id: "table", title: "Tables" }],
    columns: &[ColumnSpec { id: "items", title: "ITEMS", width: 10, right: true, drop_first: 1 }],
    metrics: &[],
    operations: &[],
    reads: &["dynamodb:ListTables"],
    banner: Some("an example of a banner"),
};

/// Saturday, 21 November 2026, 12:00 UTC.
pub(super) const NOON: Moment = Moment::from_epoch_ms(1_795_262_400_000);

pub(super) fn place(region: &str) -> Place {
    Place::new("demo", region)
}

pub(super) fn row(name: &str, region: &str) -> Resource {
    let backend = Backend {
        engine: EngineId::Postgres,
        dialect: DialectId::Postgres,
        endpoints: vec![Endpoint { role: EndpointRole::Writer, host: "db.example".into(), port: 5432 }],
        database: Some("app".into()),
        user: Some("admin".into()),
        secret_arn: None,
        iam_login: false,
        data_api: None,
        keys: Vec::new(),
    };
    Resource {
        id: ResourceId { service: SPEC.id, kind: "instance", place: place(region), name: name.into() },
        name: SafeText::new(name),
        arn: Arc::from(format!("arn:aws:rds:{region}:111122223333:db:{name}")),
        health: Health::Good("available".into()),
        cells: vec![
            Cell::text(Some("postgres 16.4")),
            Cell::text(Some("db.r6g.large")),
            Cell::Bytes(100 << 30),
        ],
        parent: None,
        backend: Some(backend),
        no_query: None,
        problems: Vec::new(),
        tags: vec![("env".into(), "prod".into())],
        facts: vec![Section {
            title: "Network".into(),
            facts: vec![("Public".into(), Cell::Flag(false)), ("VPC".into(), Cell::text(Some("vpc-1")))],
        }],
        dimensions: vec![("DBInstanceIdentifier", name.into())],
    }
}

/// Five rows: a source with a replica, one that is full, one that is stopped, one of another name.
pub(super) fn rows() -> Vec<Resource> {
    let mut replica = row("orders-replica", "eu-west-1");
    replica.parent = Some("orders".into());
    let mut full = row("analytics", "eu-west-1");
    full.health = Health::Bad("storage-full".into());
    full.problems = vec![Problem { id: "disk-full", what: "no storage left".into(), urgent: true }];
    let mut stopped = row("staging", "eu-west-1");
    stopped.health = Health::Idle("stopped".into());
    stopped.tags = vec![("env".into(), "test".into())];
    let mut other = row("shop", "eu-west-1");
    other.backend = None;
    other.no_query = Some("Oracle has no engine here".into());
    other.cells =
        vec![Cell::text(Some("oracle-ee 19")), Cell::text(Some("db.m5.xlarge")), Cell::Bytes(500 << 30)];
    vec![row("orders", "eu-west-1"), replica, full, stopped, other]
}

pub(super) fn keymap() -> Keymap {
    let find = |name: &str| {
        let text = embedded::text(embedded::Folder::Keymaps, name).expect("shipped");
        Ok(Source::new(name, text))
    };
    Keymap::load(&find("default").expect("shipped"), &find).expect("sound").value
}

/// The core with a clock and everything it asked for.
pub(super) struct Desk {
    pub app: App,
    pub now: Moment,
    /// Effects of the last message.
    pub last: Vec<Effect>,
    /// Tickets of listings under way.
    pub lists: Vec<(Ticket, Place)>,
    /// Questions to CloudWatch so far.
    pub sampled: Vec<(Ticket, Vec<crate::metrics::Plan>)>,
}

impl Desk {
    pub fn with(access: Access, places: &[&str], size: (u16, u16)) -> Self {
        let app = App::new(Start {
            specs: vec![&SPEC, &TABLES],
            places: places.iter().map(|r| place(r)).collect(),
            profiles: vec!["demo".into(), "prod".into()],
            regions: ["eu-west-1", "eu-central-1", "us-east-1"].map(str::to_owned).to_vec(),
            themes: vec!["plain".into()],
            theme: Theme::plain(),
            keymap: keymap(),
            access,
            ascii: false,
            demo: true,
            size,
            now: NOON,
            start_view: None,
            editor: EditorStyle::Plain,
            history: History::default(),
            refresh_s: 60,
            budget_cents: None,
            // The rows are tagged production: tests of that switch it on.
            production: Production::new::<&str>(&[]),
        });
        let mut desk = Self { app, now: NOON, last: Vec::new(), lists: Vec::new(), sampled: Vec::new() };
        desk.send(Msg::Wake);
        desk
    }

    /// A listed fleet in one region, at rest.
    pub fn listed() -> Self {
        let mut desk = Self::with(Access::read_only(), &["eu-west-1"], (120, 24));
        desk.identify();
        desk.list(rows());
        desk
    }

    pub fn identify(&mut self) {
        for region in ["eu-west-1", "us-east-1"] {
            let ticket = Ticket { slot: super::Slot::Identity(place(region)), turn: 1 };
            self.send(Msg::Reply(
                ticket,
                Reply::Identity(Caller {
                    account: "111122223333".into(),
                    arn: "arn:aws:iam::1:user/x".into(),
                }),
            ));
        }
    }

    /// Answers the oldest listing under way.
    pub fn list(&mut self, rows: Vec<Resource>) {
        let (ticket, _) = self.lists.remove(0);
        self.send(Msg::Reply(ticket.clone(), Reply::Part(rows, false)));
        self.send(Msg::Reply(ticket, Reply::Listed));
    }

    pub fn send(&mut self, msg: Msg) -> &[Effect] {
        self.last = update(&mut self.app, At { now: self.now, msg });
        for effect in &self.last {
            if let Effect::List { ticket, place, .. } = effect {
                self.lists.push((ticket.clone(), place.clone()));
            }
            if let Effect::Sample { ticket, plans } = effect {
                self.sampled.push((ticket.clone(), plans.clone()));
            }
        }
        &self.last
    }

    pub fn key(&mut self, code: KeyCode) -> &[Effect] {
        self.send(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)))
    }

    pub fn ctrl(&mut self, c: char) -> &[Effect] {
        self.send(Msg::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL)))
    }

    /// Types characters one after the other.
    pub fn typed(&mut self, text: &str) -> &[Effect] {
        for c in text.chars() {
            self.key(KeyCode::Char(c));
        }
        &self.last
    }

    /// Types a command line and enters it.
    pub fn line(&mut self, text: &str) -> &[Effect] {
        self.typed(&format!(":{text}"));
        self.key(KeyCode::Enter)
    }

    /// Time goes on by so much, without a message.
    pub fn later(&mut self, ms: u64) {
        self.now = self.now.plus_ms(ms);
    }

    /// Wakes as the shell does, until so much time is over. Returns how often.
    pub fn sleep(&mut self, ms: u64) -> usize {
        let end = self.now.plus_ms(ms);
        let mut wakes = 0;
        while let Some(at) = next_wake(&self.app).filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.send(Msg::Wake);
            wakes += 1;
            assert!(wakes < 10_000, "the core asks to be woken without end");
        }
        self.now = end;
        wakes
    }

    pub fn names(&self) -> Vec<String> {
        let fleet = &self.app.workspace.pane().expect("a service tab").fleet;
        fleet
            .shown
            .iter()
            .map(|s| format!("{}{}", "  ".repeat(usize::from(s.depth)), fleet.rows()[s.row].name))
            .collect()
    }

    pub fn selected(&self) -> String {
        let fleet = &self.app.workspace.pane().expect("a service tab").fleet;
        fleet.selected().map(|r| r.name.to_string()).unwrap_or_default()
    }

    pub fn notice(&self) -> &str {
        self.app.notices.current().map_or("", |n| n.text.as_str())
    }

    /// The screen as text.
    pub fn screen(&self) -> String {
        screens::render(&self.app)
    }
}
