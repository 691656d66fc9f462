//! Workload management of a cluster: the queues of its parameter group in words. Source: Redshift
//! management guide, "Properties for the wlm_json_configuration parameter".

use crate::model::{Cell, Failure, FailureKind, SafeText, Section};
use crate::services::extras::or_why;
use crate::services::words::section;
use serde_json::{Map, Value as Json};

/// The parameter that holds it all.
pub const PARAMETER: &str = "wlm_json_configuration";

/// The queues' title, which a failure to read the parameters is told under too.
pub const QUEUES: &str = "WLM queues";

type Facts = Vec<(SafeText, Cell)>;
type Entry = Map<String, Json>;

/// How the cluster's workload is managed, and its queues, from the parameter's value.
pub fn sections(json: &str) -> Vec<Section> {
    let entries = match entries(json) {
        Ok(entries) => entries,
        Err(failure) => return vec![or_why(QUEUES, Err(failure))],
    };
    let queues: Vec<&Entry> = entries.iter().filter(|e| is_queue(e)).collect();
    if entries.is_empty() {
        return vec![or_why(QUEUES, Ok(Facts::new()))];
    }
    let last = queues.len().saturating_sub(1);
    let lines = queues.iter().enumerate().map(|(n, queue)| {
        (SafeText::new(name(queue, n, last)), Cell::Text(SafeText::new(words(queue).join(", "))))
    });
    vec![overview(&entries, &queues), or_why(QUEUES, Ok(lines.collect()))]
}

/// The entries of the configuration; none for an empty one.
fn entries(json: &str) -> Result<Vec<Entry>, Failure> {
    let unread = || {
        let why = format!("{PARAMETER} is not a list of queues in JSON");
        Failure::new(FailureKind::Garbled, "read the WLM configuration", why)
    };
    if json.trim().is_empty() {
        return Ok(Vec::new());
    }
    let list = match serde_json::from_str::<Json>(json).map_err(|_| unread())? {
        Json::Array(list) => list,
        one @ Json::Object(_) => vec![one],
        _ => return Err(unread()),
    };
    let entry = |one: Json| match one {
        Json::Object(entry) => Ok(entry),
        _ => Err(unread()),
    };
    list.into_iter().map(entry).collect()
}

/// Whether an entry is a queue: one of them may hold short query acceleration alone.
fn is_queue(entry: &Entry) -> bool {
    let of_short = |key: &String| matches!(key.as_str(), "short_query_queue" | "max_execution_time");
    let short = flag(entry, "short_query_queue").is_some();
    // What is said of short queries alone is no queue, and neither is nothing.
    !(entry.is_empty() || short && entry.keys().all(of_short))
}

/// A name of its own, or the one that Redshift gives and its metrics use.
fn name(queue: &Entry, n: usize, last: usize) -> String {
    match text(queue, "name") {
        Some(name) => name.to_owned(),
        None if n == last => "Default queue".to_owned(),
        None => format!("Queue {}", n + 1),
    }
}

/// What holds for the whole parameter group.
fn overview(entries: &[Entry], queues: &[&Entry]) -> Section {
    let automatic = queues.iter().filter(|q| is_automatic(q)).count();
    let mode = match automatic {
        0 => "manual",
        n if n == queues.len() => "automatic",
        _ => "automatic in some queues, manual in others",
    };
    let short = entries.iter().find(|e| flag(e, "short_query_queue") == Some(true));
    let short = match short.map(|e| number(e, "max_execution_time").unwrap_or(0)) {
        None => "off".to_owned(),
        Some(ms) if ms > 0 => format!("on, for queries of up to {ms} ms"),
        Some(_) => "on, for as long as Redshift finds fit".to_owned(),
    };
    let rules: usize = queues.iter().map(|q| rules(q).len()).sum();
    section(
        "Workload management (WLM)",
        vec![
            ("Mode", Cell::Text(mode.into())),
            ("Short query acceleration", Cell::Text(SafeText::new(short))),
            ("Query monitoring rules", Cell::count(i64::try_from(rules).ok())),
        ],
    )
}

/// A queue without `auto_wlm` is manual when it says how many queries it runs at once.
fn is_automatic(queue: &Entry) -> bool {
    let kind = text(queue, "queue_type").map(|kind| kind.eq_ignore_ascii_case("auto"));
    flag(queue, "auto_wlm").or(kind).unwrap_or_else(|| number(queue, "query_concurrency").is_none())
}

/// One queue: how it runs, who comes into it, what watches it.
fn words(queue: &Entry) -> Vec<String> {
    let mut what = Vec::new();
    if is_automatic(queue) {
        what.push(format!("priority {}", text(queue, "priority").unwrap_or("normal")));
    } else {
        let at_once = number(queue, "query_concurrency").unwrap_or(5);
        what.push(format!("{at_once} at once"));
        what.extend(number(queue, "memory_percent_to_use").map(|n| format!("{n} % of memory")));
    }
    let short = flag(queue, "short_query_queue").is_some();
    let limit = number(queue, "max_execution_time").filter(|n| *n > 0 && !short);
    what.extend(limit.map(|n| format!("at most {n} ms")));
    what.push(format!("concurrency scaling {}", text(queue, "concurrency_scaling").unwrap_or("off")));
    for (key, wild, title) in [
        ("user_group", "user_group_wild_card", "user groups"),
        ("user_role", "user_role_wild_card", "user roles"),
        ("query_group", "query_group_wild_card", "query groups"),
    ] {
        let Some(names) = list(queue, key) else { continue };
        let wild = if flag(queue, wild) == Some(true) { " (with wildcards)" } else { "" };
        what.push(format!("{title} {names}{wild}"));
    }
    let rules = rules(queue);
    if !rules.is_empty() {
        let noun = if rules.len() == 1 { "rule" } else { "rules" };
        what.push(format!("{} monitoring {noun}: {}", rules.len(), rules.join(", ")));
    }
    what
}

/// The query monitoring rules of a queue: name and what each does.
fn rules(queue: &Entry) -> Vec<String> {
    let rule = |rule: &Json| {
        let name = rule.get("rule_name").and_then(Json::as_str).unwrap_or("?");
        match rule.get("action").and_then(Json::as_str) {
            Some(action) => format!("{name} ({action})"),
            None => name.to_owned(),
        }
    };
    queue.get("rules").and_then(Json::as_array).map_or_else(Vec::new, |all| all.iter().map(rule).collect())
}

fn text<'a>(entry: &'a Entry, key: &str) -> Option<&'a str> {
    entry.get(key).and_then(Json::as_str).filter(|t| !t.is_empty())
}

fn number(entry: &Entry, key: &str) -> Option<i64> {
    entry.get(key).and_then(Json::as_i64)
}

/// A yes or no; AWS writes wildcards as 1 and 0.
fn flag(entry: &Entry, key: &str) -> Option<bool> {
    let value = entry.get(key)?;
    value.as_bool().or_else(|| value.as_i64().map(|n| n != 0))
}

/// Names, written as a list or between commas.
fn list(entry: &Entry, key: &str) -> Option<String> {
    let words = match entry.get(key)? {
        Json::Array(all) => all.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(", "),
        Json::String(all) => all.clone(),
        _ => return None,
    };
    Some(words).filter(|w| !w.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sections as lines.
    fn lines(json: &str) -> Vec<String> {
        let line = |(label, cell): &(SafeText, Cell)| match cell {
            Cell::Text(words) => format!("{label}: {words}"),
            Cell::Count(n) => format!("{label}: {n}"),
            _ => label.to_string(),
        };
        let told = |s: Section| {
            std::iter::once(format!("[{}]", s.title)).chain(s.facts.iter().map(line)).collect::<Vec<_>>()
        };
        sections(json).into_iter().flat_map(told).collect()
    }

    #[test]
    fn manual_queues_with_their_slots_rules_and_wildcards() {
        let json = r#"[
            {"name":"etl","query_group":["load"],"user_group":[],"query_concurrency":5,"memory_percent_to_use":40,
             "concurrency_scaling":"auto","max_execution_time":90000,"queue_type":"manual"},
            {"user_group":["an*"],"user_group_wild_card":1,"user_role":["r1","r2"],"query_concurrency":10,
             "rules":[{"rule_name":"no_scans","predicate":[],"action":"abort"},{"rule_name":"told"}]},
            {"query_concurrency":2},
            {"short_query_queue":true,"max_execution_time":5000}]"#;
        assert_eq!(
            lines(json),
            [
                "[Workload management (WLM)]",
                "Mode: manual",
                "Short query acceleration: on, for queries of up to 5000 ms",
                "Query monitoring rules: 2",
                "[WLM queues]",
                "etl: 5 at once, 40 % of memory, at most 90000 ms, concurrency scaling auto, query groups load",
                "Queue 2: 10 at once, concurrency scaling off, user groups an* (with wildcards), user roles r1, r2, \
                 2 monitoring rules: no_scans (abort), told",
                "Default queue: 2 at once, concurrency scaling off",
            ]
        );
    }

    #[test]
    fn automatic_queues_with_their_priorities() {
        let json = r#"[{"auto_wlm":true,"queue_type":"auto","name":"bi","priority":"high","user_group":"a,b"},
            {"auto_wlm":true},{"short_query_queue":false}]"#;
        assert_eq!(
            lines(json),
            [
                "[Workload management (WLM)]",
                "Mode: automatic",
                "Short query acceleration: off",
                "Query monitoring rules: 0",
                "[WLM queues]",
                "bi: priority high, concurrency scaling off, user groups a,b",
                "Default queue: priority normal, concurrency scaling off",
            ]
        );
        assert_eq!(
            lines(r#"{"auto_wlm":true,"short_query_queue":true}"#)[1..3],
            ["Mode: automatic", "Short query acceleration: on, for as long as Redshift finds fit"]
        );
    }

    #[test]
    fn what_is_no_configuration_says_so_and_none_is_none() {
        for nonsense in ["{", "[1]", "\"auto\"", "[[]]", "null"] {
            let told = lines(nonsense);
            assert_eq!(
                told[1], "not known: wlm_json_configuration is not a list of queues in JSON",
                "{nonsense}"
            );
        }
        assert_eq!(lines(""), ["[WLM queues]", "none"]);
        assert_eq!(lines("[{},{}]").last().map(String::as_str), Some("none"), "entries without a property");
    }
}
