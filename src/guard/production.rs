//! What counts as production: there an operation takes one tier more care, and a reason.

use crate::model::Resource;

/// Tag keys that name the environment of a resource, in lower case.
const KEYS: &[&str] = &["env", "environment", "stage"];

/// What counts as production when nothing else is configured.
pub const PATTERNS: &[&str] = &["prod", "production", "prd"];

/// Patterns, in lower case, for the environment's tag and for the words of a name; `*` stands
/// for any characters at one place of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Production(Vec<String>);

impl Production {
    /// These patterns; none at all: nothing is production.
    pub fn new<S: AsRef<str>>(patterns: &[S]) -> Self {
        Self(patterns.iter().map(|p| p.as_ref().trim().to_lowercase()).filter(|p| !p.is_empty()).collect())
    }

    /// Why `resource` counts as production, in words; `None` when it does not. A tag decides
    /// before the name: `env = test` on `prod-copy` is believed.
    pub fn why(&self, resource: &Resource) -> Option<String> {
        let mut named = false;
        for (key, value) in &resource.tags {
            if KEYS.contains(&key.to_lowercase().as_str()) && !value.trim().is_empty() {
                if self.fits(&value.trim().to_lowercase()) {
                    return Some(format!("tag {key} = {value}"));
                }
                named = true;
            }
        }
        let name = resource.id.name.to_lowercase();
        let mut words = name.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
        let fits = !named && (self.fits(&name) || words.any(|w| self.fits(w)));
        fits.then(|| "its name".to_owned())
    }

    fn fits(&self, word: &str) -> bool {
        self.0.iter().any(|pattern| match pattern.split_once('*') {
            Some((start, end)) => {
                word.len() >= start.len() + end.len() && word.starts_with(start) && word.ends_with(end)
            }
            None => pattern == word,
        })
    }
}

impl Default for Production {
    fn default() -> Self {
        Self::new(PATTERNS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Health, Place, ResourceId, SafeText, ServiceId};

    fn resource(name: &str, tags: &[(&str, &str)]) -> Resource {
        Resource {
            id: ResourceId {
                service: ServiceId("rds"),
                kind: "instance",
                place: Place::new("p", "r"),
                name: name.into(),
            },
            name: SafeText::new(name),
            arn: "".into(),
            health: Health::Good("available".into()),
            cells: Vec::new(),
            parent: None,
            backend: None,
            no_query: None,
            problems: Vec::new(),
            tags: tags.iter().map(|(k, v)| (SafeText::new(*k), SafeText::new(*v))).collect(),
            facts: Vec::new(),
            dimensions: Vec::new(),
        }
    }

    #[test]
    fn a_tag_or_a_word_of_the_name_makes_production() {
        let production = Production::default();
        for (name, tags, is) in [
            ("orders", &[("env", "prod")][..], true),
            ("orders", &[("Environment", " Production ")], true),
            ("orders", &[("stage", "PRD")], true),
            ("orders", &[("owner", "prod")], false),
            ("orders", &[], false),
            ("orders-prod", &[], true),
            ("prod_orders", &[], true),
            ("product-catalog", &[], false),
            ("reproduction", &[], false),
            ("prod-copy", &[("env", "test")], false),
            ("prod-copy", &[("env", "")], true),
            ("x", &[("env", "test"), ("stage", "prod")], true),
        ] {
            assert_eq!(production.why(&resource(name, tags)).is_some(), is, "{name} {tags:?}");
        }
    }

    #[test]
    fn patterns_are_the_persons_own() {
        let live = Production::new(&["Live*", "*-eu"]);
        assert!(live.why(&resource("a", &[("env", "live2")])).is_some());
        assert!(live.why(&resource("orders-eu", &[])).is_some());
        assert!(live.why(&resource("a", &[("env", "prod")])).is_none());
        assert!(Production::new::<&str>(&[]).why(&resource("prod", &[("env", "prod")])).is_none());
    }
}
