//! Tabs: one per service, always there, then query tabs.

use super::board::Board;
use super::detail::DetailView;
use super::fleet::Fleet;
use super::msg::TabId;
use super::query::QueryTab;
use crate::config::Context;
use crate::model::{Place, ResourceId, ServiceId, ServiceSpec};

/// What lies over a service's table.
#[derive(Clone, Debug, PartialEq)]
pub enum Over {
    /// A describe view.
    Detail(DetailView),
    /// A chart view.
    Board(Board),
}

/// A service tab: the table and the views opened over it, the last on top.
#[derive(Clone, Debug, PartialEq)]
pub struct ServicePane {
    /// The table.
    pub fleet: Fleet,
    /// Views over it.
    pub over: Vec<Over>,
}

/// What a tab holds.
#[derive(Debug)]
pub enum Content {
    /// A service.
    Service(Box<ServicePane>),
    /// A query.
    Query(Box<QueryTab>),
}

/// A tab.
#[derive(Debug)]
pub struct Tab {
    /// Its identity.
    pub id: TabId,
    /// What it holds.
    pub content: Content,
}

/// All tabs.
#[derive(Debug)]
pub struct Workspace {
    tabs: Vec<Tab>,
    current: usize,
    /// The tab before this one.
    last: TabId,
    next_id: u32,
}

impl Workspace {
    /// One tab per service.
    pub fn new(specs: &[&'static ServiceSpec], places: &[Place]) -> Self {
        let tabs: Vec<Tab> = (0..)
            .zip(specs)
            .map(|(id, spec)| Tab {
                id: TabId(id),
                content: Content::Service(Box::new(ServicePane {
                    fleet: Fleet::new(spec, places),
                    over: Vec::new(),
                })),
            })
            .collect();
        let next_id = u32::try_from(tabs.len()).unwrap_or(u32::MAX);
        Self { tabs, current: 0, last: TabId(0), next_id }
    }

    /// Every tab, in order.
    pub fn tabs(&self) -> &[Tab] {
        &self.tabs
    }

    /// Every tab, to change.
    pub fn tabs_mut(&mut self) -> impl Iterator<Item = &mut Tab> {
        self.tabs.iter_mut()
    }

    /// Position of the current tab.
    pub const fn position(&self) -> usize {
        self.current
    }

    /// The current tab.
    pub fn current(&self) -> Option<&Tab> {
        self.tabs.get(self.current)
    }

    /// The current tab, to change.
    pub fn current_mut(&mut self) -> Option<&mut Tab> {
        self.tabs.get_mut(self.current)
    }

    /// The tab with this identity.
    pub fn tab_mut(&mut self, id: TabId) -> Option<&mut Tab> {
        self.tabs.iter_mut().find(|t| t.id == id)
    }

    /// The current service pane.
    pub fn pane(&self) -> Option<&ServicePane> {
        self.current().and_then(Tab::service)
    }

    /// The current service pane, to change.
    pub fn pane_mut(&mut self) -> Option<&mut ServicePane> {
        self.current_mut().and_then(Tab::service_mut)
    }

    /// The pane of a service.
    pub fn service_mut(&mut self, id: ServiceId) -> Option<&mut ServicePane> {
        self.tabs.iter_mut().filter_map(Tab::service_mut).find(|p| p.fleet.spec.id == id)
    }

    /// The pane of a service, to read.
    pub fn service(&self, id: ServiceId) -> Option<&ServicePane> {
        self.tabs.iter().filter_map(Tab::service).find(|p| p.fleet.spec.id == id)
    }

    /// The current query tab.
    pub fn query_mut(&mut self) -> Option<&mut QueryTab> {
        match self.current_mut().map(|t| &mut t.content) {
            Some(Content::Query(query)) => Some(query),
            _ => None,
        }
    }

    /// Goes to the tab at a position, when there is one.
    pub fn go(&mut self, position: usize) -> bool {
        let Some(tab) = self.tabs.get(position) else { return false };
        if position != self.current {
            self.last = self.current().map_or(tab.id, |t| t.id);
            self.current = position;
        }
        true
    }

    /// Goes to the tab of a service by id or short name.
    pub fn go_service(&mut self, name: &str) -> bool {
        let position = self.tabs.iter().position(|t| {
            t.service().is_some_and(|p| p.fleet.spec.id.0 == name || p.fleet.spec.short.contains(&name))
        });
        position.is_some_and(|p| self.go(p))
    }

    /// Goes one tab on or back, around the ends.
    pub fn step(&mut self, forward: bool) {
        let len = self.tabs.len();
        if len > 0 {
            self.go((self.current + if forward { 1 } else { len - 1 }) % len);
        }
    }

    /// Goes to the tab before this one.
    pub fn go_last(&mut self) {
        if let Some(position) = self.tabs.iter().position(|t| t.id == self.last) {
            self.go(position);
        }
    }

    /// The identity of the next tab.
    pub fn new_id(&mut self) -> TabId {
        let id = TabId(self.next_id);
        self.next_id = self.next_id.saturating_add(1);
        id
    }

    /// Opens a query tab behind all others and goes there.
    pub fn open(&mut self, id: TabId, query: QueryTab) {
        self.tabs.push(Tab { id, content: Content::Query(Box::new(query)) });
        self.go(self.tabs.len() - 1);
    }

    /// Goes to the newest query tab on a resource, when there is one.
    pub fn go_query(&mut self, on: &ResourceId) -> bool {
        let on_it = |t: &Tab| matches!(&t.content, Content::Query(q) if q.target().resource == *on);
        self.tabs.iter().rposition(on_it).is_some_and(|p| self.go(p))
    }

    /// Closes a query tab; service tabs stay. Goes to the tab before it.
    pub fn close(&mut self, id: TabId) -> bool {
        let found = self.tabs.iter().position(|t| t.id == id && matches!(t.content, Content::Query(_)));
        let Some(position) = found else { return false };
        self.tabs.remove(position);
        let last = self.tabs.iter().position(|t| t.id == self.last).unwrap_or(0);
        if position == self.current {
            self.current = last;
        } else if position < self.current {
            self.current -= 1;
        }
        true
    }
}

impl Tab {
    /// The service pane, when it is one.
    pub fn service(&self) -> Option<&ServicePane> {
        match &self.content {
            Content::Service(pane) => Some(pane),
            Content::Query(_) => None,
        }
    }

    /// The service pane, to change.
    pub fn service_mut(&mut self) -> Option<&mut ServicePane> {
        match &mut self.content {
            Content::Service(pane) => Some(pane),
            Content::Query(_) => None,
        }
    }

    /// Which bindings hold.
    pub fn context(&self) -> Context {
        match &self.content {
            Content::Service(pane) => match pane.over.last() {
                None => Context::Fleet,
                Some(Over::Detail(_)) => Context::Detail,
                Some(Over::Board(_)) => Context::Board,
            },
            Content::Query(query) => query.context(),
        }
    }
}
