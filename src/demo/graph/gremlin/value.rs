//! What a traverser carries, with Java's equality (a number's type counts), Gremlin's equality (it does not) and
//! Gremlin's order across types.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use crate::demo::graph::{ElementId, Property, PropertyGraph};

/// A value.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// `Int32`.
    Int(i32),
    /// `Int64`.
    Long(i64),
    /// `Float`.
    Float(f32),
    /// `Double`.
    Double(f64),
    /// `BigDecimal`: a number written with a fraction and no suffix.
    Decimal(f64),
    /// Words.
    Text(Rc<str>),
    /// Milliseconds since the Unix epoch.
    Date(i64),
    /// A vertex, by index.
    Vertex(usize),
    /// An edge, by index.
    Edge(usize),
    /// A vertex's property: the vertex, and which of its properties.
    VertexProperty(usize, usize),
    /// An edge's property: the edge, and which of its properties.
    EdgeProperty(usize, usize),
    /// A member of `T`.
    Token(&'static str),
    /// A member of `Direction`.
    Direction(&'static str),
    /// A list.
    List(Rc<Vec<Value>>),
    /// A set, in the order of arrival.
    Set(Rc<Vec<Value>>),
    /// What `aggregate` and `store` gather: shown with a count for each value.
    Bulk(Rc<Vec<Value>>),
    /// A map, in the order of arrival.
    Map(Rc<Vec<(Value, Value)>>),
    /// One entry of a map.
    Entry(Rc<(Value, Value)>),
    /// A path: what stood on it, with labels.
    Path(Rc<Vec<(Value, Vec<Rc<str>>)>>),
    /// A tree.
    Tree(Rc<Tree>),
}

/// Branches by key, in the order of arrival.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tree(pub Vec<(Value, Tree)>);

impl Value {
    /// Words.
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// A list.
    pub fn list(items: Vec<Self>) -> Self {
        Self::List(Rc::new(items))
    }

    /// A map.
    pub fn map(entries: Vec<(Self, Self)>) -> Self {
        Self::Map(Rc::new(entries))
    }

    /// A set: each value once.
    pub fn set(items: impl IntoIterator<Item = Self>) -> Self {
        let mut seen = std::collections::HashSet::new();
        Self::Set(Rc::new(items.into_iter().filter(|item| seen.insert(item.clone())).collect()))
    }

    /// The number, when it is one; also its whole value when it has no fraction by type.
    pub fn number(&self) -> Option<(f64, Option<i128>)> {
        match self {
            Self::Int(n) => Some((f64::from(*n), Some(i128::from(*n)))),
            Self::Long(n) => Some((*n as f64, Some(i128::from(*n)))),
            Self::Float(n) => Some((f64::from(*n), None)),
            Self::Double(n) | Self::Decimal(n) => Some((*n, None)),
            _ => None,
        }
    }

    /// The items of a list, set or gathered values.
    pub fn items(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) | Self::Set(items) | Self::Bulk(items) => Some(items),
            _ => None,
        }
    }

    /// Gremlin's equality: numbers by value, whatever their type.
    pub fn same(&self, other: &Self) -> bool {
        match (self.number(), other.number()) {
            (Some((_, Some(a))), Some((_, Some(b)))) => a == b,
            (Some((a, _)), Some((b, _))) => a == b,
            _ => match (self.items(), other.items()) {
                (Some(a), Some(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b)),
                _ => self == other,
            },
        }
    }

    /// `<`, `=`, `>` between two of a kind that has an order; `None` for the rest.
    pub fn compared(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Date(a), Self::Date(b)) => Some(a.cmp(b)),
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            (Self::Null, Self::Null) => Some(Ordering::Equal),
            _ => match (self.number()?, other.number()?) {
                ((_, Some(a)), (_, Some(b))) => Some(a.cmp(&b)),
                ((a, _), (b, _)) => a.partial_cmp(&b),
            },
        }
    }

    /// The order of `order()`: by kind, then within the kind.
    pub fn ordered(&self, other: &Self, graph: &PropertyGraph) -> Ordering {
        if let Some(order) = self.compared(other) {
            return order;
        }
        let lists = |a: &[Self], b: &[Self]| {
            let pairs = a.iter().zip(b).map(|(a, b)| a.ordered(b, graph));
            pairs.into_iter().find(|o| o.is_ne()).unwrap_or(a.len().cmp(&b.len()))
        };
        match (self, other) {
            (Self::Vertex(_) | Self::Edge(_), Self::Vertex(_) | Self::Edge(_)) => {
                id(graph, self).cmp(&id(graph, other))
            }
            (Self::VertexProperty(a, b), Self::VertexProperty(c, d)) => (a, b).cmp(&(c, d)),
            (Self::Entry(a), Self::Entry(b)) => {
                a.0.ordered(&b.0, graph).then_with(|| a.1.ordered(&b.1, graph))
            }
            _ => match (self.items(), other.items()) {
                (Some(a), Some(b)) => lists(a, b),
                _ => self.kind().cmp(&other.kind()),
            },
        }
    }

    /// Place of the kind among kinds.
    fn kind(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Int(_) | Self::Long(_) | Self::Float(_) | Self::Double(_) | Self::Decimal(_) => 2,
            Self::Date(_) => 3,
            Self::Text(_) => 4,
            Self::Vertex(_) => 6,
            Self::Edge(_) => 7,
            Self::VertexProperty(..) => 8,
            Self::EdgeProperty(..) => 9,
            Self::Path(_) => 10,
            Self::Set(_) | Self::Bulk(_) => 11,
            Self::List(_) => 12,
            Self::Map(_) | Self::Entry(_) | Self::Tree(_) => 13,
            Self::Token(_) | Self::Direction(_) => 14,
        }
    }

    /// `asString`'s words; `None` for what has none.
    pub fn words(&self, graph: &PropertyGraph) -> Option<String> {
        Some(match self {
            Self::Text(text) => text.to_string(),
            Self::Bool(yes) => yes.to_string(),
            Self::Int(n) => n.to_string(),
            Self::Long(n) => n.to_string(),
            Self::Float(n) => decimal(f64::from(*n)),
            Self::Double(n) | Self::Decimal(n) => decimal(*n),
            Self::Vertex(_) => format!("v[{}]", id(graph, self)?),
            Self::Edge(at) => {
                let edge = graph.edges().get(*at)?;
                let (from, to) = (id(graph, &Self::Vertex(edge.from))?, id(graph, &Self::Vertex(edge.to))?);
                format!("e[{}][{from}-{}->{to}]", edge.id, edge.label)
            }
            Self::Token(name) | Self::Direction(name) => (*name).to_owned(),
            _ => return None,
        })
    }
}

/// A fraction as Java writes it: `1.0`, not `1`.
fn decimal(n: f64) -> String {
    if n.fract() == 0.0 && n.abs() < 1e7 { format!("{n:.1}") } else { n.to_string() }
}

impl std::fmt::Display for ElementId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(n) => write!(f, "{n}"),
            Self::Word(word) => f.write_str(word),
        }
    }
}

/// The id of a vertex or an edge.
pub fn id<'g>(graph: &'g PropertyGraph, element: &Value) -> Option<&'g ElementId> {
    match element {
        Value::Vertex(at) => graph.vertices().get(*at).map(|v| &v.id),
        Value::Edge(at) => graph.edges().get(*at).map(|e| &e.id),
        _ => None,
    }
}

impl From<&Property> for Value {
    fn from(property: &Property) -> Self {
        match property {
            Property::Text(text) => Self::text(text),
            Property::Int(n) => Self::Int(*n),
            Property::Long(n) => Self::Long(*n),
            Property::Double(n) => Self::Double(*n),
            Property::Bool(yes) => Self::Bool(*yes),
            Property::Date(ms) => Self::Date(*ms),
        }
    }
}

impl From<&ElementId> for Value {
    fn from(id: &ElementId) -> Self {
        match id {
            ElementId::Number(n) => Self::Long(*n),
            ElementId::Word(word) => Self::text(word),
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Long(a), Self::Long(b)) | (Self::Date(a), Self::Date(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits(),
            (Self::Double(a), Self::Double(b)) | (Self::Decimal(a), Self::Decimal(b)) => {
                a.to_bits() == b.to_bits()
            }
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Vertex(a), Self::Vertex(b)) | (Self::Edge(a), Self::Edge(b)) => a == b,
            (Self::VertexProperty(a, b), Self::VertexProperty(c, d))
            | (Self::EdgeProperty(a, b), Self::EdgeProperty(c, d)) => (a, b) == (c, d),
            (Self::Token(a), Self::Token(b)) | (Self::Direction(a), Self::Direction(b)) => a == b,
            (Self::List(a), Self::List(b)) => a == b,
            (Self::Set(a), Self::Set(b)) | (Self::Bulk(a), Self::Bulk(b)) => {
                a.len() == b.len() && a.iter().all(|item| b.contains(item))
            }
            (Self::Map(a), Self::Map(b)) => a.len() == b.len() && a.iter().all(|entry| b.contains(entry)),
            (Self::Entry(a), Self::Entry(b)) => a == b,
            (Self::Path(a), Self::Path(b)) => a == b,
            (Self::Tree(a), Self::Tree(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.kind().hash(state);
        match self {
            Self::Bool(yes) => yes.hash(state),
            Self::Int(n) => n.hash(state),
            Self::Long(n) | Self::Date(n) => n.hash(state),
            Self::Float(n) => n.to_bits().hash(state),
            Self::Double(n) | Self::Decimal(n) => n.to_bits().hash(state),
            Self::Text(text) => text.hash(state),
            Self::Vertex(at) | Self::Edge(at) => at.hash(state),
            Self::VertexProperty(a, b) | Self::EdgeProperty(a, b) => (a, b).hash(state),
            Self::Token(name) | Self::Direction(name) => name.hash(state),
            Self::List(items) => items.hash(state),
            // Equal whatever the order.
            Self::Set(items) | Self::Bulk(items) => items.len().hash(state),
            Self::Map(entries) => entries.len().hash(state),
            Self::Entry(entry) => entry.hash(state),
            Self::Path(path) => path.hash(state),
            Self::Tree(tree) => tree.hash(state),
            Self::Null => {}
        }
    }
}
