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
