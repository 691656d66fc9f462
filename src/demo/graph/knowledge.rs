//! The knowledge graph of the demo's ML platform: who works on what, which model was trained
//! on which data, and where every feature comes from. Names agree with the model registry and
//! the feature tables of the estate.
//!
//! | Vertices | Properties |
//! |---|---|
//! | `team` | name, mission, cost_centre |
//! | `person` | name, title, site, joined, active |
//! | `dataset` | name, format, rows, created, personal |
//! | `feature` | name, value_type, entity, source, freshness_minutes |
//! | `model` | name, task, framework, status, accuracy, created |
//! | `model_version` | name, version, status, auc, size_bytes, created |
//! | `experiment` | name, goal, learning_rate, accuracy, started |
//! | `paper` | title, venue, year |
//!
//! | Edges | From | To |
//! |---|---|---|
//! | `member_of` (since) | person | team |
//! | `knows` (since) | person | person |
//! | `owns` | team | dataset, feature, model |
//! | `derived_from` | dataset, model, model_version | an older one of its kind |
//! | `computed_from` | feature | dataset |
//! | `trained_on` (split) | model, model_version | dataset |
//! | `uses_feature` (importance) | model | feature |
//! | `version_of` | model_version | model |
//! | `authored` | person | experiment, paper |
//! | `ran_on` | experiment | dataset |
//! | `produced` | experiment | model_version |
//! | `cites` | paper | an older paper |
//! | `describes` | paper | model |
//!
//! Everything is a function of counters: two builds are equal. What is derived or cited is
//! always older, so those edges have no cycle; `knows` has many.

mod names;

use super::{ElementId, Property, PropertyGraph};
use crate::demo::chance::Chance;
use names::{
    DOMAINS, FEATURES, MEASURES, METHODS, REGISTRY, SIGNERS, TABLES, TEAMS, WINDOWS, model_name, person_name,
    pick,
};

/// 2026-11-01T00:00:00Z in milliseconds: the graph's newest facts are from that day.
const NEWEST_MS: i64 = 1_793_491_200_000;

const DAY_MS: i64 = 86_400_000;

const PEOPLE: usize = 1_200;
const DATASETS: usize = 1_500;
const MODELS: usize = 400;
const EXPERIMENTS: usize = 2_400;
const PAPERS: usize = 300;
const VERSIONS_OF_A_MODEL: usize = 8;

/// Builds the graph: 10,232 vertices and about 40,000 edges.
pub fn knowledge() -> PropertyGraph {
    let mut build = Build { graph: PropertyGraph::default(), chance: Chance::of("knowledge"), edges: 0 };
    let teams = build.teams();
    let people = build.people(&teams);
    let datasets = build.datasets(&teams);
    let features = build.features(&teams, &datasets);
    let models = build.models(&teams, &datasets, &features);
    let versions = build.versions(&models, &datasets);
    build.experiments(&people, &datasets, &versions);
    build.papers(&people, &models);
    build.graph
}

struct Build {
    graph: PropertyGraph,
    chance: Chance,
    edges: usize,
}

type Properties = Vec<(String, Property)>;

impl Build {
    fn vertex(&mut self, label: &str, name: &str, properties: Properties) -> usize {
        self.graph.add_vertex(ElementId::Word(format!("{label}-{name}")), label, properties)
    }

    fn edge(&mut self, label: &str, from: usize, to: usize, properties: Properties) {
        self.edges += 1;
        let id = ElementId::Word(format!("e-{:05}", self.edges));
        self.graph.add_edge(id, label, from, to, properties);
    }

    /// A number below `limit`.
    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.chance.below(limit as u64)).unwrap_or(0)
    }

    /// One of `from`.
    fn one(&mut self, from: &[usize]) -> usize {
        let at = self.below(from.len());
        from.get(at).copied().unwrap_or_default()
    }

    /// `count` different ones of `from`, fewer when chance repeats itself.
    fn some(&mut self, from: &[usize], count: usize) -> Vec<usize> {
        let mut chosen = Vec::with_capacity(count);
        for _ in 0..if from.is_empty() { 0 } else { count } {
            let next = self.one(from);
            if !chosen.contains(&next) {
                chosen.push(next);
            }
        }
        chosen
    }

    /// A share between `low` and `high` in ten-thousandths, as a double of four digits.
    fn share(&mut self, low: u64, high: u64) -> Property {
        let parts = low + self.chance.below(high.saturating_sub(low));
        // Below 2^53: exact.
        Property::Double(parts as f64 / 10_000.0)
    }

    /// A moment up to `days` before the newest, at a full minute.
    fn moment(&mut self, days: u64) -> Property {
        let minutes = self.chance.below(days * 1_440).cast_signed();
        Property::Date(NEWEST_MS - minutes * 60_000)
    }

    fn teams(&mut self) -> Vec<usize> {
        let mut all = Vec::with_capacity(TEAMS.len());
        for (at, (name, mission)) in TEAMS.into_iter().enumerate() {
            let centre = text(format!("CC-{}", 4_100 + at * 10));
            let properties =
                vec![set("name", text(name)), set("mission", text(mission)), set("cost_centre", centre)];
            all.push(self.vertex("team", name, properties));
        }
        all
    }

    fn people(&mut self, teams: &[usize]) -> Vec<usize> {
        let titles = [
            "data scientist",
            "ml engineer",
            "data engineer",
            "analyst",
            "research scientist",
            "product manager",
        ];
        let sites = ["Dublin", "Amsterdam", "Madrid", "Sydney", "Ashburn", "Frankfurt"];
        let mut all = Vec::with_capacity(PEOPLE);
        for at in 0..PEOPLE {
            let name = person_name(at);
            let properties = vec![
                set("name", text(name.as_str())),
                set("title", text(pick(&titles, at))),
                set("site", text(pick(&sites, at / 7))),
                set("joined", self.moment(3_000)),
                set("active", Property::Bool(at % 19 != 18)),
            ];
            let person = self.vertex("person", &name, properties);
            // The signers sit in the teams of the registry's models.
            let team = if at < SIGNERS.len() { teams.get(at).copied() } else { None };
            let team = team.unwrap_or_else(|| self.one(teams));
            let since = self.moment(1_500);
            self.edge("member_of", person, team, vec![set("since", since)]);
            all.push(person);
        }
        for person in all.clone() {
            for friend in self.some(&all, 4) {
                if friend != person {
                    let since = i32::try_from(2_016 + self.below(11)).unwrap_or_default();
                    self.edge("knows", person, friend, vec![set("since", Property::Int(since))]);
                }
            }
        }
        all
    }

    fn datasets(&mut self, teams: &[usize]) -> Vec<usize> {
        let formats = ["parquet", "iceberg", "orc", "csv", "avro"];
        let mut all: Vec<usize> = Vec::with_capacity(DATASETS);
        for at in 0..DATASETS {
            let (domain, table) = (pick(&DOMAINS, at), pick(&TABLES, at / DOMAINS.len()));
            let name = format!("{domain}_{table}_v{}", 1 + at / (DOMAINS.len() * TABLES.len()));
            let rows = i64::try_from(self.chance.below(900_000_000)).unwrap_or_default();
            let properties = vec![
                set("name", text(name.as_str())),
                set("format", text(pick(&formats, at / 3))),
                set("rows", Property::Long(1_000 + rows)),
                set("created", Property::Date(NEWEST_MS - (DATASETS - at) as i64 * DAY_MS)),
                set("personal", Property::Bool(at % 4 == 1)),
            ];
            let dataset = self.vertex("dataset", &name, properties);
            let team = self.one(teams);
            self.edge("owns", team, dataset, Vec::new());
            let older = self.below(4);
            for source in self.some(&all, older) {
                self.edge("derived_from", dataset, source, Vec::new());
            }
            all.push(dataset);
        }
        all
    }

    fn features(&mut self, teams: &[usize], datasets: &[usize]) -> Vec<usize> {
        let types = ["float", "int", "bool", "string"];
        let mut all = Vec::new();
        let mut named: Vec<(String, &str, &str, i32)> =
            FEATURES.into_iter().map(|(n, t, s, f)| (n.to_owned(), t, s, f)).collect();
        for (at, domain) in DOMAINS.into_iter().enumerate() {
            for (nth, measure) in MEASURES.into_iter().enumerate() {
                for (size, window) in WINDOWS.into_iter().enumerate() {
                    let source = if (at + size) % 3 == 0 { "stream" } else { "batch" };
                    let freshness = [5, 60, 360, 1_440].get((at + nth) % 4).copied().unwrap_or(60);
                    named.push((
                        format!("{domain}_{measure}_{window}"),
                        pick(&types, nth),
                        source,
                        freshness,
                    ));
                }
            }
        }
        for (at, (name, value_type, source, freshness)) in named.into_iter().enumerate() {
            let properties = vec![
                set("name", text(name.as_str())),
                set("value_type", text(value_type)),
                set("entity", text(pick(&["user", "product", "order"], at / 60))),
                set("source", text(source)),
                set("freshness_minutes", Property::Int(freshness)),
            ];
            let feature = self.vertex("feature", &name, properties);
            let team = self.one(teams);
            self.edge("owns", team, feature, Vec::new());
            let count = 1 + self.below(2);
            for dataset in self.some(datasets, count) {
                self.edge("computed_from", feature, dataset, Vec::new());
            }
            all.push(feature);
        }
        all
    }

    fn models(&mut self, teams: &[usize], datasets: &[usize], features: &[usize]) -> Vec<usize> {
        let mut all: Vec<usize> = Vec::with_capacity(MODELS);
        let mut at = 0;
        while all.len() < MODELS {
            let (name, task, team, framework) = model_name(at);
            at += 1;
            if self.graph.vertex(&ElementId::Word(format!("model-{name}"))).is_some() {
                continue;
            }
            let nth = all.len();
            let status = if nth < REGISTRY.len() { "production" } else { pick(&STATUS, nth / 3) };
            let properties = vec![
                set("name", text(name.as_str())),
                set("task", text(task)),
                set("framework", text(framework)),
                set("status", text(status)),
                set("accuracy", self.share(6_200, 9_900)),
                set("created", self.moment(900)),
            ];
            let model = self.vertex("model", &name, properties);
            let team = team.and_then(|t| teams.get(t).copied()).unwrap_or_else(|| self.one(teams));
            self.edge("owns", team, model, Vec::new());
            let count = 2 + self.below(4);
            for (split, dataset) in self.some(datasets, count).into_iter().enumerate() {
                let split = text(pick(&["train", "validation", "test"], split));
                self.edge("trained_on", model, dataset, vec![set("split", split)]);
            }
            // The registry's models use the registry's features.
            let first = features.get(..FEATURES.len()).unwrap_or_default();
            let from = if nth < REGISTRY.len() { first } else { features };
            let count = 6 + self.below(9);
            for feature in self.some(from, count) {
                let importance = self.share(10, 2_500);
                self.edge("uses_feature", model, feature, vec![set("importance", importance)]);
            }
            if nth % 3 == 2 {
                let older = self.one(&all);
                self.edge("derived_from", model, older, Vec::new());
            }
            all.push(model);
        }
        all
    }

    fn versions(&mut self, models: &[usize], datasets: &[usize]) -> Vec<usize> {
        let mut all = Vec::with_capacity(models.len() * VERSIONS_OF_A_MODEL);
        for model in models {
            let name = self.name_of(*model);
            let mut older = None;
            for nth in 0..VERSIONS_OF_A_MODEL {
                let version = format!("{}.{}.0", 1 + nth / 4, nth % 4);
                let named = format!("{name}:{version}");
                let status = match VERSIONS_OF_A_MODEL - nth {
                    2 => "production",
                    1 => "staging",
                    _ => "archived",
                };
                let size = 40_000_000 + i64::try_from(self.chance.below(900_000_000)).unwrap_or_default();
                let better = nth as u64 * 250;
                let properties = vec![
                    set("name", text(named.as_str())),
                    set("version", text(version)),
                    set("status", text(status)),
                    set("auc", self.share(7_000 + better, 7_400 + better)),
                    set("size_bytes", Property::Long(size)),
                    set(
                        "created",
                        Property::Date(NEWEST_MS - (VERSIONS_OF_A_MODEL - nth) as i64 * 21 * DAY_MS),
                    ),
                ];
                let vertex = self.vertex("model_version", &named, properties);
                self.edge("version_of", vertex, *model, Vec::new());
                for dataset in self.some(datasets, 2) {
                    self.edge("trained_on", vertex, dataset, vec![set("split", text("train"))]);
                }
                if let Some(older) = older.replace(vertex) {
                    self.edge("derived_from", vertex, older, Vec::new());
                }
                all.push(vertex);
            }
        }
        all
    }

    fn experiments(&mut self, people: &[usize], datasets: &[usize], versions: &[usize]) {
        let goals = ["lower churn", "catch card fraud", "rank search results", "forecast demand"];
        let signers = people.get(..SIGNERS.len()).unwrap_or_default();
        for at in 1..=EXPERIMENTS {
            let name = format!("exp-{at:03}");
            let properties = vec![
                set("name", text(name.as_str())),
                set("goal", text(pick(&goals, at))),
                set("learning_rate", self.share(10, 2_000)),
                set("accuracy", self.share(5_000, 9_900)),
                set("started", self.moment(700)),
            ];
            let experiment = self.vertex("experiment", &name, properties);
            // The registry knows the first 48 and who ran them.
            let author = if at <= 48 { signers.get(at % SIGNERS.len()).copied() } else { None };
            let author = author.unwrap_or_else(|| self.one(people));
            self.edge("authored", author, experiment, Vec::new());
            let dataset = self.one(datasets);
            self.edge("ran_on", experiment, dataset, Vec::new());
            let version = self.one(versions);
            self.edge("produced", experiment, version, Vec::new());
        }
    }

    fn papers(&mut self, people: &[usize], models: &[usize]) {
        let venues = ["KDD", "NeurIPS", "RecSys", "ICML", "SIGIR", "internal"];
        let mut all: Vec<usize> = Vec::with_capacity(PAPERS);
        for at in 0..PAPERS {
            let title = format!("On {} for {}", pick(&METHODS, at), pick(&DOMAINS, at / METHODS.len() + at));
            let year = i32::try_from(2_016 + at / 30).unwrap_or_default();
            let properties = vec![
                set("title", text(title)),
                set("venue", text(pick(&venues, at))),
                set("year", Property::Int(year)),
            ];
            let paper = self.vertex("paper", &format!("{at:03}"), properties);
            for author in self.some(people, 3) {
                self.edge("authored", author, paper, Vec::new());
            }
            for older in self.some(&all, 3) {
                self.edge("cites", paper, older, Vec::new());
            }
            let model = self.one(models);
            self.edge("describes", paper, model, Vec::new());
            all.push(paper);
        }
    }

    fn name_of(&self, vertex: usize) -> String {
        let properties =
            self.graph.vertices().get(vertex).map(|v| v.properties.as_slice()).unwrap_or_default();
        match properties.first() {
            Some((_, Property::Text(name))) => name.clone(),
            _ => String::new(),
        }
    }
}

const STATUS: [&str; 4] = ["archived", "staging", "production", "failed"];

fn set(key: &str, value: Property) -> (String, Property) {
    (key.to_owned(), value)
}

fn text(words: impl Into<String>) -> Property {
    Property::Text(words.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, HashSet};

    fn counted<'a>(labels: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
        let mut counts = BTreeMap::new();
        for label in labels {
            *counts.entry(label).or_default() += 1;
        }
        counts
    }

    #[test]
    fn it_has_the_size_that_it_promises() {
        let graph = knowledge();
        let vertices = counted(graph.vertices().iter().map(|v| v.label.as_str()));
        let expected = [
            ("dataset", 1_500),
            ("experiment", 2_400),
            ("feature", 1_208),
            ("model", 400),
            ("model_version", 3_200),
            ("paper", 300),
            ("person", 1_200),
            ("team", 24),
        ];
        assert_eq!(vertices, BTreeMap::from(expected));
        assert!((38_000..46_000).contains(&graph.edges().len()), "{}", graph.edges().len());
        let edges = counted(graph.edges().iter().map(|e| e.label.as_str()));
        assert_eq!(edges.len(), 13);
        assert_eq!(edges["version_of"], 3_200);
        assert_eq!(edges["member_of"], 1_200);
    }

    #[test]
    fn two_builds_are_equal_and_ids_are_unique() {
        let graph = knowledge();
        assert!(graph == knowledge());
        let edges: HashSet<_> = graph.edges().iter().map(|e| &e.id).collect();
        assert_eq!(edges.len(), graph.edges().len());
        let names: HashSet<_> = graph.vertices().iter().map(|v| &v.id).collect();
        assert_eq!(names.len(), graph.vertices().len());
    }

    #[test]
    fn edges_join_what_the_table_says() {
        let graph = knowledge();
        let mut kinds: BTreeMap<&str, HashSet<(&str, &str)>> = BTreeMap::new();
        for edge in graph.edges() {
            let ends = (graph.vertices()[edge.from].label.as_str(), graph.vertices()[edge.to].label.as_str());
            kinds.entry(&edge.label).or_default().insert(ends);
        }
        assert_eq!(kinds["trained_on"], HashSet::from([("model", "dataset"), ("model_version", "dataset")]));
        assert_eq!(kinds["uses_feature"], HashSet::from([("model", "feature")]));
        assert_eq!(
            kinds["derived_from"],
            HashSet::from([("dataset", "dataset"), ("model", "model"), ("model_version", "model_version")])
        );
        assert_eq!(kinds["authored"], HashSet::from([("person", "experiment"), ("person", "paper")]));
        assert!(
            graph.edges().iter().filter(|e| e.label == "derived_from").all(|e| e.to < e.from),
            "what is derived from is older"
        );
    }

    #[test]
    fn the_registrys_models_are_here_with_their_data() {
        let graph = knowledge();
        for (name, ..) in REGISTRY {
            let at = graph.vertex(&ElementId::Word(format!("model-{name}"))).unwrap();
            let model = &graph.vertices()[at];
            assert!(model.properties.contains(&set("status", text("production"))), "{name}");
            let trained = model.outgoing.iter().filter(|e| graph.edges()[**e].label == "trained_on").count();
            assert!((1..=5).contains(&trained), "{name}: {trained}");
        }
    }
}
