//! Graph values in a result: nodes, relationships and paths, in the one form that every graph
//! language's answers come in (`~id`, `~entityType`, `~labels`, `~properties`), and the short
//! words a person reads them by.

use super::json::{self, Kind};
use crate::model::SafeText;
use crate::model::safe::push_safe;

/// Bytes read of a value for its short words: a node's labels and name come early in it.
pub const HEAD: usize = 8 << 10;
/// Properties read of one entity.
const PROPERTIES: usize = 64;
/// Labels read of one node.
const LABELS: usize = 8;
/// Levels that short words go into.
const DEEPEST: usize = 4;
/// Items of one list or map in short words.
const ITEMS: usize = 12;
/// The longest text of a property kept, in bytes.
const LONGEST: usize = 512;

/// What names an entity to its server, raw: it goes back there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Id {
    /// Its text.
    pub text: String,
    /// Whether it is a number, and no text that looks like one.
    pub number: bool,
}

impl Id {
    fn read(token: &str) -> Self {
        Self { text: json::text(token).into_owned(), number: json::kind(token) == Kind::Number }
    }

    /// An id that is a text.
    pub fn text(text: &str) -> Self {
        Self { text: text.to_owned(), number: false }
    }
}

/// What kind of entity it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A node with its labels.
    Node(Vec<SafeText>),
    /// A relationship: its type and the ids of its ends.
    Relationship(SafeText, Id, Id),
}

/// One node or relationship.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// What names it.
    pub id: Id,
    /// What it is.
    pub body: Body,
    /// Its properties, each value in short words.
    pub properties: Vec<(SafeText, SafeText)>,
}

impl Entity {
    /// The entity that `value` is. `None` for anything else.
    pub fn read(value: &str) -> Option<Self> {
        if !is_entity(value) {
            return None;
        }
        let (mut id, mut kind, mut labels, mut word) = (None, String::new(), Vec::new(), None);
        let (mut start, mut end, mut properties) = (Id::default(), Id::default(), Vec::new());
        for entry in json::entries(value).take(16) {
            match &*json::text(entry.key?) {
                "~id" => id = Some(Id::read(entry.value)),
                "~entityType" => kind = json::text(entry.value).into_owned(),
                "~labels" => {
                    let items = json::entries(entry.value).take(LABELS);
                    labels = items.map(|e| SafeText::new(json::text(e.value))).collect();
                }
                "~type" => word = Some(SafeText::new(json::text(entry.value))),
                "~start" => start = Id::read(entry.value),
                "~end" => end = Id::read(entry.value),
                "~properties" => properties = read_properties(entry.value),
                _ => {}
            }
        }
        let body = match kind.as_str() {
            "node" => Body::Node(labels),
            "relationship" => Body::Relationship(word?, start, end),
            _ => return None,
        };
        Some(Self { id: id?, body, properties })
    }

    /// The name a person knows it by, when a property says one.
    pub fn name(&self) -> Option<&SafeText> {
        name_of(&self.properties)
    }
}

/// The property that names its owner.
pub fn name_of(properties: &[(SafeText, SafeText)]) -> Option<&SafeText> {
    const NAMES: [&str; 6] = ["name", "title", "label", "code", "key", "email"];
    let named = |name: &&str| properties.iter().find(|(k, v)| k.eq_ignore_ascii_case(name) && !v.is_empty());
    NAMES.iter().find_map(named).map(|(_, value)| value)
}

fn read_properties(map: &str) -> Vec<(SafeText, SafeText)> {
    let read = |e: json::Entry<'_>| {
        // A property of several values comes as a list; one alone is the value itself.
        let mut value = e.value;
        if json::kind(value) == Kind::List {
            let mut items = json::entries(value);
            if let (Some(only), None) = (items.next(), items.next()) {
                value = only.value;
            }
        }
        let key = SafeText::new(json::text(e.key.unwrap_or_default()));
        let head = prefix(value, LONGEST);
        (key, SafeText::new(if json::kind(value) == Kind::Text { json::text(head) } else { head.into() }))
    };
    json::entries(map).take(PROPERTIES).map(read).collect()
}

/// Whether `value` is a node or a relationship.
pub fn is_entity(value: &str) -> bool {
    json::kind(value) == Kind::Map && holds_entity(prefix(value, HEAD)) && {
        let keys = json::entries(value).take(4);
        keys.filter_map(|e| e.key).any(|key| key == "\"~entityType\"")
    }
}

/// Whether an entity may be somewhere in `value`.
pub fn holds_entity(value: &str) -> bool {
    value.contains("\"~entityType\"")
}

/// The beginning of `text`, at most `most` bytes, ended between characters.
pub fn prefix(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// `value` in short words: `(:model {name: churn-v3})`, `-[:trained_on]->`,
/// `(churn-v3)-[:trained_on]->(events)`. JSON without entities stays as it is written, strings
/// inside it too. Reads no more than [`HEAD`] bytes; sanitised.
pub fn short(value: &str) -> String {
    let head = prefix(value, HEAD);
    let mut out = String::new();
    if holds_entity(head) {
        write(head, 0, &mut out);
    } else {
        push_safe(&mut out, head);
    }
    out
}

fn write(value: &str, depth: usize, out: &mut String) {
    if depth > DEEPEST {
        out.push('…');
        return;
    }
    match json::kind(value) {
        Kind::Map if is_entity(value) => {
            if !write_entity(value, out) {
                out.push_str("(…)");
            }
        }
        Kind::List if is_path(value) => write_path(value, out),
        kind @ (Kind::Map | Kind::List) => {
            let (open, close) = if kind == Kind::Map { ('{', '}') } else { ('[', ']') };
            out.push(open);
            for (i, entry) in json::entries(value).enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                if i == ITEMS {
                    out.push('…');
                    break;
                }
                if let Some(key) = entry.key {
                    push_safe(out, &json::text(key));
                    out.push_str(": ");
                }
                write(entry.value, depth + 1, out);
            }
            out.push(close);
        }
        Kind::Text | Kind::Number | Kind::Word => push_safe(out, &json::text(value)),
    }
}

fn write_entity(value: &str, out: &mut String) -> bool {
    let Some(entity) = Entity::read(value) else { return write_property(value, out) };
    match &entity.body {
        Body::Node(labels) => {
            out.push('(');
            for label in labels {
                out.push(':');
                out.push_str(label);
            }
            write_properties(&entity, !labels.is_empty(), out);
            out.push(')');
        }
        Body::Relationship(word, ..) => {
            out.push_str("-[:");
            out.push_str(word);
            if !entity.properties.is_empty() {
                write_properties(&entity, true, out);
            }
            out.push_str("]->");
        }
    }
    true
}

/// A property met on its own: `{name: churn-v3}`.
fn write_property(value: &str, out: &mut String) -> bool {
    let member = |name: &str| json::entries(value).take(6).find(|e| e.key == Some(name)).map(|e| e.value);
    let (Some(key), Some(value)) = (member("\"~key\""), member("\"~value\"")) else { return false };
    out.push('{');
    push_safe(out, &json::text(prefix(key, LONGEST)));
    out.push_str(": ");
    push_safe(out, &json::text(prefix(value, LONGEST)));
    out.push('}');
    true
}

/// The naming property first, then the others; an entity without any is told by its id.
fn write_properties(entity: &Entity, apart: bool, out: &mut String) {
    if apart {
        out.push(' ');
    }
    out.push('{');
    if entity.properties.is_empty() {
        out.push_str("~id: ");
        push_safe(out, prefix(&entity.id.text, LONGEST));
    }
    let name = entity.name();
    let is_name = |v: &SafeText| name.is_some_and(|n| std::ptr::eq(n, v));
    let first = entity.properties.iter().filter(|(_, v)| is_name(v));
    let rest = entity.properties.iter().filter(|(_, v)| !is_name(v));
    for (i, (key, value)) in first.chain(rest).take(ITEMS).enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        out.push_str(key);
        out.push_str(": ");
        out.push_str(value);
    }
    out.push('}');
}

/// Whether `value` is a path: a list that goes node, relationship, node, …
pub fn is_path(value: &str) -> bool {
    let mut items = json::entries(value);
    let node = items.next().is_some_and(|e| entity_type(e.value) == Some("\"node\""));
    let relationship = items.next().is_some_and(|e| entity_type(e.value) == Some("\"relationship\""));
    node && relationship
}

fn entity_type(value: &str) -> Option<&str> {
    if json::kind(value) != Kind::Map {
        return None;
    }
    json::entries(value).take(4).find(|e| e.key == Some("\"~entityType\"")).map(|e| e.value)
}

fn write_path(value: &str, out: &mut String) {
    let mut before = Id::default();
    for entry in json::entries(value) {
        let Some(entity) = Entity::read(entry.value) else {
            out.push('…');
            break;
        };
        match &entity.body {
            Body::Node(labels) => {
                out.push('(');
                match (entity.name(), labels.first()) {
                    (Some(name), _) => out.push_str(name),
                    (None, Some(label)) => {
                        out.push(':');
                        out.push_str(label);
                    }
                    (None, None) => push_safe(out, prefix(&entity.id.text, LONGEST)),
                }
                out.push(')');
                before = entity.id;
            }
            Body::Relationship(word, start, _) => {
                // A path may walk a relationship against its direction.
                let (left, right) = if *start == before { ("-[:", "]->") } else { ("<-[:", "]-") };
                out.push_str(left);
                out.push_str(word);
                out.push_str(right);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = r#"{"~id":"m-1","~entityType":"node","~labels":["model"],"~properties":{"version":3,"name":"churn-v3"}}"#;
    const DATA: &str = r#"{"~id":"d-1","~entityType":"node","~labels":["dataset"],"~properties":{}}"#;
    const ON: &str = r#"{"~id":"e-1","~entityType":"relationship","~type":"trained_on","~start":"m-1","~end":"d-1","~properties":{}}"#;

    #[test]
    fn entities_read_as_a_person_writes_them() {
        assert_eq!(short(MODEL), "(:model {name: churn-v3, version: 3})");
        assert_eq!(short(DATA), "(:dataset {~id: d-1})");
        assert_eq!(short(ON), "-[:trained_on]->");
        assert_eq!(short(&format!("[{MODEL},{ON},{DATA}]")), "(churn-v3)-[:trained_on]->(:dataset)");
        assert_eq!(short(&format!("[{DATA},{ON},{MODEL}]")), "(:dataset)<-[:trained_on]-(churn-v3)");
        assert_eq!(short(&format!(r#"{{"m":{DATA},"n":[1,"a"]}}"#)), "{m: (:dataset {~id: d-1}), n: [1, a]}");
    }

    #[test]
    fn json_without_entities_stays_as_it_is() {
        for json in [r#"{"a": 1.0,  "b":"~id"}"#, "[1 , 2]", "7", ""] {
            assert_eq!(short(json), json);
        }
    }

    #[test]
    fn hostile_entities_are_sanitised_and_bounded() {
        let evil = r#"{"~id":"\u001b[2J","~entityType":"node","~labels":["a\u202eb"],"~properties":{"name":"x\u0007"}}"#;
        let words = short(evil);
        assert!(!words.chars().any(|c| c.is_control() || c == '\u{202e}'), "{words:?}");
        assert!(words.contains("name: x␇"), "{words}");
        let huge = format!(
            r#"{{"~id":"1","~entityType":"node","~labels":["l"],"~properties":{{"name":"{}"}}}}"#,
            "y".repeat(1 << 20)
        );
        assert!(short(&huge).len() < 2 * LONGEST);
        let property = r#"{"~entityType":"property","~id":7,"~key":"name","~value":"churn"}"#;
        assert_eq!(short(&format!("[{property}]")), "[{name: churn}]");
        let deep = format!("{}{MODEL}", r#"{"a":["#.repeat(1_000));
        assert!(short(&deep).len() < 200);
        assert_eq!(Entity::read(r#"{"~entityType":"node"}"#), None);
        assert_eq!(Entity::read(r#"{"x":{"~entityType":"node","~id":"1"}}"#), None);
    }
}
