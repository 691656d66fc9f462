//! The evaluator against Apache's answers.

use std::sync::atomic::AtomicBool;

use serde::Deserialize;
use serde_json::Value as Json;

use super::*;
use crate::demo::graph::modern::{grateful, modern};
use crate::query::dialect::gremlin::parse;

#[derive(Deserialize)]
struct Recorded {
    graph: String,
    gremlin: String,
    answer: Json,
}

fn run(graph: &PropertyGraph, gremlin: &str) -> Result<Json, EvaluateError> {
    evaluate(graph, &parse(gremlin).unwrap(), &AtomicBool::new(false))
}

/// The answer with everything that Gremlin does not order in an order of its own: sets always, lists unless the
/// traversal orders something (`ordered`), maps unless it orders within one (`local`). Numbers of vertex properties go,
/// which each store counts in its own way.
fn settled(answer: &Json, ordered: bool, local: bool) -> Json {
    match answer {
        Json::Object(object) => {
            let kind = object.get("@type").and_then(Json::as_str).unwrap_or_default();
            let mut out: serde_json::Map<String, Json> =
                object.iter().map(|(k, v)| (k.clone(), settled(v, ordered, local))).collect();
            if kind == "g:VertexProperty" {
                out["@value"].as_object_mut().unwrap().remove("id");
            }
            if let Some(Json::Array(items)) = out.get_mut("@value") {
                match kind {
                    "g:Map" | "g:BulkSet" => {
                        let mut pairs: Vec<Json> =
                            items.chunks(2).map(|pair| Json::Array(pair.to_vec())).collect();
                        if !(local && kind == "g:Map") {
                            pairs.sort_by_key(Json::to_string);
                        }
                        *items = pairs;
                    }
                    "g:Set" | "g:Tree" => items.sort_by_key(Json::to_string),
                    "g:List" if !ordered => items.sort_by_key(Json::to_string),
                    _ => {}
                }
            }
            let mut sorted: Vec<(String, Json)> = out.into_iter().collect();
            sorted.sort_by(|a, b| a.0.cmp(&b.0));
            Json::Object(sorted.into_iter().collect())
        }
        Json::Array(items) => items.iter().map(|item| settled(item, ordered, local)).collect(),
        Json::Number(number) => Json::from(number.as_f64().map_or(0.0, |n| (n * 1e9).round() / 1e9)),
        other => other.clone(),
    }
}

#[test]
fn answers_are_those_of_gremlin_server() {
    let (modern, grateful) = (modern(), grateful());
    let (mut wrong, mut count) = (Vec::new(), 0);
    for line in include_str!("../../../../tests/corpus/gremlin_answers.jsonl").lines() {
        let recorded: Recorded = serde_json::from_str(line).unwrap();
        let graph = if recorded.graph == "modern" { &modern } else { &grateful };
        let ordered = recorded.gremlin.contains("order(");
        let local =
            recorded.gremlin.contains("order(local") || recorded.gremlin.contains("order(Scope.local");
        let same =
            |answer: &Json| settled(answer, ordered, local) == settled(&recorded.answer, ordered, local);
        count += 1;
        match run(graph, &recorded.gremlin) {
            Ok(answer) if same(&answer) => {}
            Ok(answer) => {
                wrong.push(format!("{}\n  ours   {answer}\n  theirs {}", recorded.gremlin, recorded.answer));
            }
            Err(error) => wrong.push(format!("{}\n  {error}", recorded.gremlin)),
        }
    }
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 500);
}

#[test]
fn a_limit_ends_the_work_in_front_of_it() {
    // Without an end of its own, and far more than one traversal may do.
    let answer = run(&modern(), "g.V().repeat(both()).emit().limit(3).count()").unwrap();
    assert_eq!(answer["@value"][0]["@value"], 3);
}

#[test]
fn a_long_traversal_can_be_stopped_and_has_an_end() {
    let graph = grateful();
    let stop = AtomicBool::new(true);
    let endless = parse("g.V().repeat(both()).times(100).count()").unwrap();
    assert_eq!(evaluate(&graph, &endless, &stop), Err(EvaluateError::Stopped));
    let deep = format!("g.V(){}", ".identity()".repeat(STEPS));
    assert_eq!(run(&graph, &deep), Err(EvaluateError::TooLong));
}

#[test]
fn what_is_not_known_is_refused_by_name() {
    let graph = modern();
    for (gremlin, step) in [
        ("g.V().profile()", "profile"),
        ("g.V().out().explain()", "explain"),
        ("g.V().repeat(out().order()).times(2)", "repeat"),
        ("g.withStrategies(new SeedStrategy(seed: 1)).V()", "withStrategies"),
        ("g.V().where(out().profile())", "profile"),
    ] {
        match run(&graph, gremlin) {
            Err(EvaluateError::Unknown { step: named, .. }) => assert_eq!(named, step),
            other => panic!("{gremlin}: {other:?}"),
        }
    }
    assert!(matches!(run(&graph, "g.V().outV()"), Err(EvaluateError::Kind { .. })));
    assert_eq!(run(&graph, "g.V().fail('no')"), Err(EvaluateError::Failed("no".into())));
}

/// Name, traversers taken and given of each step in a profile.
fn counted(told: &str) -> Vec<(String, u64, u64)> {
    let rows = told.lines().skip_while(|line| !line.starts_with("Step ")).skip(1);
    let rows = rows.take_while(|line| !line.is_empty());
    let row = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [.., taken, given, _, _] = words.as_slice() else { return None };
        let text = line.trim_end().split("  ").find(|part| !part.trim().is_empty())?.trim().to_owned();
        Some((text, taken.parse().ok()?, given.parse().ok()?))
    };
    rows.filter_map(row).collect()
}

#[test]
fn a_profile_counts_what_each_step_took_and_gave() {
    let graph = modern();
    let told = |gremlin: &str| {
        profile(&graph, &parse(gremlin).unwrap(), &AtomicBool::new(false)).unwrap_or_else(|e| panic!("{e}"))
    };
    let text = told("g.V().hasLabel('person').as('p').where(out('knows')).out('created').count()");
    let step = |name: &str, taken, given| (name.to_owned(), taken, given);
    assert_eq!(
        counted(&text),
        [
            step("V()", 1, 6),
            step("hasLabel('person') as p", 6, 4),
            step("where()", 4, 1),
            // One answer is enough for a condition.
            step("out('knows')", 4, 1),
            step("out('created')", 1, 1),
            step("count()", 1, 1),
        ]
    );
    assert!(
        text.starts_with("The demo's own Gremlin evaluator, not Neptune's: 6 vertices and 6 edges"),
        "{text}"
    );
    assert!(text.contains("\n1 results in ") && text.contains("no optimizer"), "{text}");
    let text = told("g.V().has('name', 'marko').repeat(out()).times(2).values('name')");
    let rounds = counted(&text);
    assert_eq!(rounds[2], step("repeat()", 1, 2));
    assert_eq!(rounds[3], step("out()", 4, 5), "three in the first round and two in the second");
    assert!(text.contains("\n  2 times\n"), "{text}");
    let text = told("g.V().limit(2)");
    assert_eq!(counted(&text)[0], step("V()", 1, 2), "what is not needed is not made");
}

#[test]
fn a_profile_has_as_many_results_as_the_answer_and_shares_that_add_up() {
    let (modern, grateful) = (modern(), grateful());
    for line in include_str!("../../../../tests/corpus/gremlin_answers.jsonl").lines().step_by(7) {
        let recorded: Recorded = serde_json::from_str(line).unwrap();
        let graph = if recorded.graph == "modern" { &modern } else { &grateful };
        let traversal = parse(&recorded.gremlin).unwrap();
        let stop = AtomicBool::new(false);
        let answer = evaluate(graph, &traversal, &stop).unwrap();
        let told = profile(graph, &traversal, &stop).unwrap();
        let results = format!("\n{} results in ", answer["@value"].as_array().unwrap().len());
        assert!(told.contains(&results), "{}: {told}", recorded.gremlin);
        let top = told.lines().filter(|l| !l.starts_with(' ') && l.split_whitespace().count() > 4);
        let shares = top.filter_map(|l| l.rsplit_once(' ')?.1.parse::<f64>().ok());
        let all: f64 = shares.sum();
        assert!((98.0..102.0).contains(&all), "{}: {all} %\n{told}", recorded.gremlin);
    }
}

#[test]
fn an_explanation_shows_every_step_and_runs_none() {
    let graph = grateful();
    let told = |gremlin: &str| explain(&graph, &parse(gremlin).unwrap());
    // It would take more work than one traversal may take.
    let text =
        told("g.V().repeat(both()).times(100).group().by('name').by(out().count()).order(local)").unwrap();
    let steps: Vec<&str> = text.lines().skip_while(|l| !l.is_empty()).skip(1).collect();
    assert_eq!(
        steps,
        [
            "V()",
            "repeat()",
            "  both()",
            "  100 times",
            "group()",
            "  by name",
            "  by:",
            "    out()",
            "    count()",
            "order(Scope.local)",
        ]
    );
    assert!(text.contains("Nothing was run. It keeps no statistics"), "{text}");
    assert!(matches!(told("g.V().profile()"), Err(EvaluateError::Unknown { .. })));
}

#[test]
fn a_profile_can_be_stopped() {
    let endless = parse("g.V().repeat(both()).times(100).count()").unwrap();
    let stopped = profile(&grateful(), &endless, &AtomicBool::new(true));
    assert_eq!(stopped, Err(EvaluateError::Stopped));
}
