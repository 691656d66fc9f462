//! The tab as the core sees it: keys, commands and replies in, effects out.

mod editing;
mod files;
mod finding;
mod rows;
mod running;
mod watching;

use super::*;
use crate::app::effect::Saved;
use crate::guard::Access;
use crate::model::{
    Backend, Column, Endpoint, EndpointRole, EngineId, Failure, FailureKind, Place, ResourceId, ServiceId,
    Summary, Tag,
};
use crate::query::dialect::partiql::TableKeys;
use crate::query::store::store;
use crate::query::{Login, RowReader};
use crossterm::event::KeyModifiers;

/// No run was asked for.
const NONE: [&str; 0] = [];

/// A tab with everything that the core lends it.
struct Bench {
    tab: QueryTab,
    access: Access,
    now: u64,
    turn: u32,
    effects: Vec<Effect>,
    said: Vec<Said>,
    history: History,
}

fn target(engine: EngineId, dialect: DialectId) -> Target {
    let endpoint = |role, host: &str| Endpoint { role, host: host.into(), port: 5432 };
    let endpoints =
        vec![endpoint(EndpointRole::Reader, "ro.example"), endpoint(EndpointRole::Writer, "rw.example")];
    let backend = Backend {
        engine,
        dialect,
        endpoints: endpoints.clone(),
        database: Some("shop".into()),
        user: None,
        secret_arn: None,
        iam_login: false,
        data_api: Some("arn:cluster".into()),
        keys: Vec::new(),
    };
    Target {
        resource: ResourceId {
            service: ServiceId("rds"),
            kind: "instance",
            place: Place::new("default", "eu-west-1"),
            name: "orders".into(),
        },
        engine,
        endpoint: endpoints.first().cloned(),
        address: None,
        secret: None,
        database: backend.database.clone(),
        user: None,
        backend,
    }
}

impl Bench {
    fn new(dialect: DialectId, style: EditorStyle) -> Self {
        let engine = match dialect {
            DialectId::PartiQl => EngineId::DynamoDb,
            DialectId::Postgres | DialectId::AuroraPostgres => EngineId::Postgres,
            _ => EngineId::MySql,
        };
        Self {
            tab: QueryTab::open(TabId(7), target(engine, dialect), "orders".into(), Moment::default(), style),
            access: Access::read_only(),
            now: 1_000,
            turn: 0,
            effects: Vec::new(),
            said: Vec::new(),
            history: History::default(),
        }
    }

    fn plain() -> Self {
        Self::new(DialectId::Postgres, EditorStyle::Plain)
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut QueryTab, &mut Ctx<'_>) -> T) -> T {
        let turn = &mut self.turn;
        let mut issue = |slot| {
            *turn += 1;
            Ticket { slot, turn: *turn }
        };
        let mut ctx = Ctx {
            now: Moment::from_epoch_ms(self.now),
            access: &self.access,
            issue: &mut issue,
            effects: &mut self.effects,
            said: &mut self.said,
            history: &mut self.history,
        };
        act(&mut self.tab, &mut ctx)
    }

    fn press(&mut self, code: KeyCode) {
        self.with(|tab, ctx| tab.key(KeyEvent::new(code, KeyModifiers::NONE), ctx));
    }

    fn keys(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.press(match c {
                '\n' => KeyCode::Enter,
                '\u{1b}' => KeyCode::Esc,
                c => KeyCode::Char(c),
            });
        }
        self
    }

    fn command(&mut self, name: &str) -> bool {
        self.with(|tab, ctx| tab.command(name, ctx))
    }

    fn reply(&mut self, reply: Reply) {
        self.with(|tab, ctx| tab.reply(reply, ctx));
    }

    fn take(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// The one effect asked for since the last look.
    fn only(&mut self) -> [Effect; 1] {
        self.take().try_into().unwrap()
    }

    /// The texts of the runs asked for since the last look.
    fn runs(&mut self) -> Vec<String> {
        let run = |e: Effect| match e {
            Effect::Run { statement, .. } => Some(statement.get().text.to_string()),
            _ => None,
        };
        self.take().into_iter().filter_map(run).collect()
    }

    fn rows(&mut self, n: usize) -> RowReader {
        let (reader, columns) = rows(n);
        self.reply(Reply::Columns(columns, reader.clone()));
        self.reply(Reply::Rows(n as u64));
        self.reply(Reply::Done(Summary { rows: n as u64, ..Summary::default() }));
        reader
    }
}

fn rows(n: usize) -> (RowReader, Vec<Column>) {
    let (mut writer, reader) = store(64 << 20);
    let column = |name: &str, tag| Column { name: name.into(), type_name: "".into(), tag };
    let columns = vec![column("id", Tag::Number), column("name", Tag::Text), column("doc", Tag::Json)];
    writer.set_columns(&columns);
    for i in 0..n {
        writer.value(Tag::Number, i.to_string().as_bytes());
        writer.value(Tag::Text, b"=a\tb");
        writer.value(Tag::Json, b"{\"k\":1.0}");
        writer.end_row().unwrap();
    }
    writer.publish();
    (reader, columns)
}
