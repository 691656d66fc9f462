//! The design, held by a test: which layer may use which, what words a layer may not say, how long a file may be,
//! and what a service's folder holds. The layer table is the one in the crate's documentation; a module that is
//! not in it fails here until it is given a place.

#![expect(clippy::expect_used, reason = "a test that cannot read the tree has failed")]

#[path = "architecture/source.rs"]
mod source;

use std::collections::BTreeMap;
use std::fs;

use source::{Source, files, lines_with, root, shown, sources};

/// A layer may use itself and the layers above it in this table (see [`may_use`] for what else is forbidden).
const LAYERS: &[(u8, &[&str])] = &[
    // Nouns: plain data.
    (0, &["model"]),
    // Rules: pure decisions over plain data. `query::store` is where rows are kept, `metrics::store` where samples
    // are; `query::engine` says what an engine is and how one logs in, `query::engines` (layer 4) are those there are.
    (
        1,
        &[
            "config",
            "guard::access",
            "guard::layers",
            "guard::operations",
            "guard::production",
            "guard::statement",
            "metrics::plan",
            "metrics::store",
            "query::dialect",
            "query::engine",
            "query::export",
            "query::graph",
            "query::plan",
            "query::store",
        ],
    ),
    // The core.
    (2, &["app", "view"]),
    // Reaching AWS and the databases, guarded.
    (
        3,
        &[
            "aws",
            "clock",
            "guard::carried",
            "guard::gate",
            "guard::intercept",
            "guard::live",
            "guard::policy",
            "guard::raw",
            "guard::proof",
            "guard::record",
            "guard::session",
        ],
    ),
    // Work.
    (4, &["demo", "metrics::fetch", "query::engines", "query::login", "services"]),
    // Front ends, what they are asked (`cli`) and what both stand on (`setup`).
    (5, &["cli", "headless", "run", "setup"]),
    // Entry.
    (6, &["main"]),
];

/// Modules that only gather what is below them: a name taken from them counts as its submodule's.
const GATHERING: &[&str] = &["guard", "metrics", "query"];

/// A word, where it may not be said, and why.
struct Ban {
    word: &'static str,
    /// Whether the module with this path is meant.
    meant: fn(&str) -> bool,
    why: &'static str,
}

fn in_layers(module: &str, layers: &[u8]) -> bool {
    layer(module).is_some_and(|found| layers.contains(&found))
}

fn everywhere(_: &str) -> bool {
    true
}

fn pure(module: &str) -> bool {
    in_layers(module, &[0, 1, 2])
}

fn nouns_and_core(module: &str) -> bool {
    in_layers(module, &[0, 2])
}

fn nouns(module: &str) -> bool {
    in_layers(module, &[0])
}

/// Where messages and effects are made, sent and answered.
fn told_or_asked(module: &str) -> bool {
    pure(module) || in_layers(module, &[5])
}

fn outside_reach(module: &str) -> bool {
    !within(module, "aws") && !within(module, "guard")
}

fn outside_theme(module: &str) -> bool {
    !within(module, "config::theme") && !within(module, "config::palette")
}

fn outside_output(module: &str) -> bool {
    !within(module, "headless::output")
}

fn within(module: &str, of: &str) -> bool {
    module == of || module.strip_prefix(of).is_some_and(|rest| rest.starts_with("::"))
}

const fn ban(word: &'static str, meant: fn(&str) -> bool, why: &'static str) -> Ban {
    Ban { word, meant, why }
}

const BANS: &[Ban] = &[
    ban("tokio", pure, "layers 0 to 2 run without a runtime"),
    ban("async fn", pure, "layers 0 to 2 wait for nothing"),
    ban("SystemTime", pure, "time is told to layers 0 to 2, never read by them"),
    ban("Instant", pure, "time is told to layers 0 to 2, never read by them"),
    ban("clock::now", pure, "time is told to layers 0 to 2, never read by them"),
    ban("std::net", pure, "layers 0 to 2 open no socket"),
    ban("std::process", pure, "layers 0 to 2 start nothing"),
    ban("std::fs", nouns_and_core, "the nouns and the core touch no file"),
    ban("rand::", pure, "layers 0 to 2 are the same each time"),
    ban("ratatui", nouns, "a noun is not drawn"),
    ban("crossterm", nouns, "a noun has no keys"),
    ban("serde_json::Value", nouns_and_core, "a value has a type of ours before it gets here"),
    ban("dyn Any", told_or_asked, "messages and effects are plain values that can be compared"),
    ban("static mut", everywhere, "a static is a table"),
    ban("unsafe", everywhere, "the crate forbids it"),
    ban("aws_config::", outside_reach, "only aws and guard build what clients are made of"),
    ban("Client::new(", outside_reach, "clients are made by the reach, or the guard is not in them"),
    ban("Client::from_conf(", outside_reach, "clients are made by the reach, or the guard is not in them"),
    ban("config_override", outside_reach, "an override could take the guard out of one call"),
    ban("disable_interceptor", outside_reach, "it would take the guard out"),
    ban("Color::", outside_theme, "a colour is a role in a theme"),
    ban("println!", outside_output, "standard output carries data, and headless::output writes it"),
    ban("print!", outside_output, "standard output carries data, and headless::output writes it"),
];

/// Every SDK crate begins so; layers 0 to 2 may not name one.
const SDK: &[&str] =
    &["aws_sdk_", "aws_smithy_", "aws_types", "aws_credential_types", "tokio_postgres", "mysql_async"];

/// Endings of a type's name that say nothing about it.
const EMPTY_NAMES: &[&str] = &["Manager", "Helper", "Helpers", "Util", "Utils", "Handler", "Info", "Common"];

/// No file is longer: past it there are two subjects in it.
const FILE_LINES: usize = 600;

fn layer(module: &str) -> Option<u8> {
    let named = LAYERS.iter().find(|(_, modules)| modules.iter().any(|m| within(module, m)));
    named.map(|(layer, _)| *layer)
}

/// Why `from` may not use `to`, or nothing when it may.
fn refusal(from: &str, to: &str) -> Option<String> {
    let (here, there) = (layer(from)?, layer(to)?);
    let core = within(to, "app") || within(to, "view");
    if there > here {
        return Some(format!("layer {here} may not use layer {there}"));
    }
    if core && (here == 3 || here == 4) {
        return Some("what reaches out knows nothing of the core".to_owned());
    }
    if within(from, "headless") && (core || within(to, "run")) {
        return Some("headless stands beside the terminal front end, not on it".to_owned());
    }
    if within(from, "run") && within(to, "headless") {
        return Some("the terminal front end stands beside headless, not on it".to_owned());
    }
    None
}

/// The shortest module that has a layer, for a path such as `query::Engine`, which `query/mod.rs` hands on.
fn resolve(path: &[String], handed_on: &BTreeMap<String, BTreeMap<String, String>>) -> String {
    let mut path = path.to_vec();
    if let [first, second, ..] = path.as_slice()
        && let Some(submodule) = handed_on.get(first).and_then(|names| names.get(second))
        && submodule != second
    {
        path.insert(1, submodule.clone());
    }
    path.join("::")
}

fn none(violations: &[String]) {
    assert!(violations.is_empty(), "{} found:\n  {}", violations.len(), violations.join("\n  "));
}

fn handed_on(all: &[Source]) -> BTreeMap<String, BTreeMap<String, String>> {
    let gathering = |module: &str| {
        let path = format!("src/{module}/mod.rs");
        all.iter().find(|s| s.path == path).map(|s| (module.to_owned(), s.reexports()))
    };
    GATHERING.iter().filter_map(|module| gathering(module)).collect()
}

#[test]
fn every_module_has_a_layer() {
    let all = sources("src");
    assert!(all.len() > 20, "the source is read from the right place");
    let placed = |s: &&Source| {
        let module = s.module().join("::");
        !module.is_empty() && !GATHERING.contains(&module.as_str()) && layer(&module).is_none()
    };
    let lost = all.iter().filter(placed).map(|s| format!("{}: not in the layer table", s.path));
    none(&lost.collect::<Vec<_>>());
}

#[test]
fn layers_use_only_what_is_above_them() {
    let all = sources("src");
    let handed_on = handed_on(&all);
    let mut violations = Vec::new();
    for source in &all {
        let from = source.module().join("::");
        for mention in source.mentions() {
            let to = resolve(&mention.path, &handed_on);
            if let Some(why) = refusal(&from, &to) {
                violations.push(format!("{}:{}: uses {to}: {why}", source.path, mention.line));
            }
        }
    }
    none(&violations);
}

#[test]
fn gathering_modules_only_gather() {
    let all = sources("src");
    let mut violations = Vec::new();
    for module in GATHERING {
        let path = format!("src/{module}/mod.rs");
        let Some(source) = all.iter().find(|s| s.path == path) else { continue };
        for word in ["fn", "struct", "enum", "trait", "impl"] {
            for line in source.lines_with(word) {
                violations.push(format!("{path}:{line}: `{word}` belongs in a submodule, which has a layer"));
            }
        }
    }
    none(&violations);
}

#[test]
fn no_layer_says_a_forbidden_word() {
    let mut violations = Vec::new();
    for source in sources("src") {
        let module = source.module().join("::");
        for ban in BANS.iter().filter(|ban| (ban.meant)(&module)) {
            for line in source.lines_with(ban.word) {
                violations.push(format!("{}:{line}: `{}`: {}", source.path, ban.word, ban.why));
            }
        }
        if pure(&module) {
            for prefix in SDK {
                for (at, _) in source.code.match_indices(prefix) {
                    let line = source.code[..at].matches('\n').count() + 1;
                    violations.push(format!("{}:{line}: `{prefix}…` in a pure layer", source.path));
                }
            }
        }
    }
    none(&violations);
}

#[test]
fn the_core_waits_for_nothing() {
    let cores = sources("src").into_iter().filter(|s| in_layers(&s.module().join("::"), &[2]));
    let awaits = cores.flat_map(|s| {
        lines_with(&s.code, ".await").into_iter().map(move |line| format!("{}:{line}: `.await`", s.path))
    });
    none(&awaits.collect::<Vec<_>>());
}

#[test]
fn names_say_something() {
    let mut violations = Vec::new();
    for source in sources("src") {
        for keyword in ["struct ", "enum ", "trait ", "mod "] {
            for (at, _) in source.code.match_indices(keyword) {
                let rest = &source.code[at + keyword.len()..];
                let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let empty = |word: &&&str| name.ends_with(**word) || name == word.to_lowercase();
                if let Some(word) = EMPTY_NAMES.iter().find(empty).filter(|_| name != "info") {
                    let line = source.code[..at].matches('\n').count() + 1;
                    violations.push(format!("{}:{line}: `{name}`: what does \"{word}\" say?", source.path));
                }
            }
        }
    }
    none(&violations);
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    let mut violations = Vec::new();
    for source in ["src", "tests", "benches", "examples"].into_iter().flat_map(sources) {
        let lines = source.text.lines().count();
        if lines > FILE_LINES {
            violations.push(format!("{}: {lines} lines, at most {FILE_LINES}", source.path));
        }
        // A module's `tests.rs` is for that module.
        if !source.text.starts_with("//!") && !source.path.ends_with("/tests.rs") {
            violations.push(format!("{}:1: a file opens with `//!` and what it is for", source.path));
        }
    }
    none(&violations);
}

#[test]
fn tests_wait_for_states_and_are_all_run() {
    let mut violations = Vec::new();
    for source in ["src", "tests"].into_iter().flat_map(sources) {
        for (word, why) in [
            ("thread::sleep", "wait for what you need, not for time"),
            ("time::sleep", "wait for what you need, not for time"),
            ("#[ignore", "a test that is not run tests nothing"),
        ] {
            for line in lines_with(&source.test_code, word) {
                violations.push(format!("{}:{line}: `{word}`: {why}", source.path));
            }
        }
    }
    none(&violations);
}

#[test]
fn service_folders_have_one_shape() {
    let services = root().join("src/services");
    let list = fs::read_to_string(services.join("mod.rs")).expect("src/services/mod.rs");
    let all = list.split("static ALL").nth(1).and_then(|rest| rest.split("];").next()).unwrap_or("");
    let mut violations = Vec::new();
    let mut folders: Vec<_> =
        fs::read_dir(&services).expect("src/services").flatten().map(|e| e.path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    for folder in &folders {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut wanted = vec!["mod.rs", "spec.rs", "read.rs"];
        let spec = fs::read_to_string(folder.join("spec.rs")).unwrap_or_default();
        // The services of one control plane may act by one file, `services/act.rs`.
        let shares = fs::read_to_string(folder.join("mod.rs"))
            .is_ok_and(|text| text.contains("use super::{") && text.contains("act::perform"));
        if spec.contains("OperationSpec") && !shares {
            wanted.push("act.rs");
        }
        for file in wanted {
            if !folder.join(file).is_file() {
                violations.push(format!("src/services/{name}: no {file}"));
            }
        }
        if !all.contains(&format!("{name}::")) {
            violations.push(format!("src/services/{name}: not in services::ALL"));
        }
    }
    none(&violations);
}

#[test]
fn no_file_names_a_place_on_somebodys_machine() {
    // In pieces, or this file would name them.
    let places = ["root", "home", "Users", "work"].map(|folder| format!("/{folder}/"));
    let own = fs::read_dir(root()).expect("the root").flatten().map(|e| e.path());
    // In a git worktree `.git` is a file, and none of ours.
    let own = own.filter(|path| path.is_file() && !path.ends_with(".git"));
    let below =
        ["src", "tests", "benches", "themes", "keymaps", "screenshots", ".ci"].into_iter().flat_map(files);
    let mut violations = Vec::new();
    for path in own.chain(below) {
        let is_lock = path.file_name().is_some_and(|name| name == "Cargo.lock");
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for (number, line) in text.lines().enumerate().filter(|_| !is_lock) {
            if let Some(place) = places.iter().find(|place| begins_path(line, place)) {
                violations.push(format!("{}:{}: names {place}", shown(&path), number + 1));
            }
        }
    }
    none(&violations);
}

/// Whether `place` begins an absolute path in `line`: in the middle of a longer path it is any folder's name.
fn begins_path(line: &str, place: &str) -> bool {
    let inner = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '}' | '~');
    line.match_indices(place).any(|(at, _)| !line[..at].ends_with(inner))
}
