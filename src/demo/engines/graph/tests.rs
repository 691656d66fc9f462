//! What the engines answer, against what is counted by hand in the property graph.

use super::*;
use crate::demo::graph::knowledge::knowledge;
use crate::demo::graph::{Edge, ElementId, Property, Vertex};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// One filled pair of engines for all tests: filling is most of the work.
fn engines() -> &'static GraphEngines {
    static ENGINES: OnceLock<GraphEngines> = OnceLock::new();
    ENGINES.get_or_init(|| GraphEngines::new(Arc::new(knowledge())).patience(Duration::from_secs(120)))
}

fn graph() -> &'static PropertyGraph {
    &engines().graph
}

fn ask(query: &str) -> Vec<Value> {
    let answer = engines().opencypher(query, None).unwrap_or_else(|e| panic!("{query}: {e}"));
    answer["results"].as_array().unwrap().clone()
}

fn code(query: &str) -> &'static str {
    engines().opencypher(query, None).unwrap_err().code
}

/// The only value of the only row.
fn one(query: &str) -> Value {
    let rows = ask(query);
    assert_eq!(rows.len(), 1, "{query}");
    rows[0].as_object().unwrap().values().next().unwrap().clone()
}

fn text(vertex: &Vertex, key: &str) -> String {
    match vertex.properties.iter().find(|(name, _)| name == key) {
        Some((_, Property::Text(text))) => text.clone(),
        other => panic!("{key}: {other:?}"),
    }
}

fn named(id: &str) -> usize {
    graph().vertex(&ElementId::Word(id.to_owned())).unwrap()
}

/// Ends of the edges `label` that leave `from`.
fn out(from: usize, label: &str) -> Vec<usize> {
    let edges: Vec<&Edge> = graph().vertices()[from].outgoing.iter().map(|e| &graph().edges()[*e]).collect();
    edges.iter().filter(|e| e.label == label).map(|e| e.to).collect()
}

fn labelled(label: &str) -> Vec<usize> {
    (0..graph().vertices().len()).filter(|at| graph().vertices()[*at].label == label).collect()
}

#[test]
fn models_come_with_the_datasets_they_were_trained_on() {
    let rows = ask("MATCH (m:model)-[:trained_on]->(d) RETURN m.name, d.name");
    let found: BTreeSet<(String, String)> = rows
        .iter()
        .map(|r| (r["m.name"].as_str().unwrap().to_owned(), r["d.name"].as_str().unwrap().to_owned()))
        .collect();
    let name = |at: usize| text(&graph().vertices()[at], "name");
    let expected: BTreeSet<(String, String)> = labelled("model")
        .into_iter()
        .flat_map(|m| out(m, "trained_on").into_iter().map(move |d| (name(m), name(d))))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(rows.len(), expected.len());
    assert_eq!(ask("MATCH (m:model)-[:trained_on]->(d) RETURN m.name, d.name LIMIT 20").len(), 20);
}

#[test]
fn counts_and_sums_agree() {
    assert_eq!(one("MATCH (n) RETURN count(n)"), json!(graph().vertices().len()));
    assert_eq!(one("MATCH ()-[r]->() RETURN count(r)"), json!(graph().edges().len()));
    let rows: i64 = labelled("dataset")
        .into_iter()
        .map(|at| match &graph().vertices()[at].properties[2] {
            (key, Property::Long(rows)) if key == "rows" => *rows,
            other => panic!("{other:?}"),
        })
        .sum();
    assert_eq!(one("MATCH (d:dataset) RETURN sum(d.rows)"), json!(rows));
    assert_eq!(one("MATCH (n:team) RETURN sum(n.nothing)"), json!(0));
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for edge in graph().edges() {
        *kinds.entry(&edge.label).or_default() += 1;
    }
    let expected: Vec<Value> = kinds.iter().map(|(t, n)| json!({ "type(r)": t, "count(*)": n })).collect();
    assert_eq!(ask("MATCH ()-[r]->() RETURN type(r), count(*) ORDER BY type(r)"), expected);
}

#[test]
fn elements_carry_ids_labels_and_properties() {
    let rows = ask(
        "MATCH (p:person {name: 'maya'})-[r:member_of]->(t) RETURN p, r, t, [p, t], startNode(r), {at: t}",
    );
    let row = &rows[0];
    assert_eq!(row["p"]["~id"], "person-maya");
    assert_eq!(row["p"]["~entityType"], "node");
    assert_eq!(row["p"]["~labels"], json!(["person"]));
    assert_eq!(row["p"]["~properties"]["name"], "maya");
    assert!(row["p"]["~properties"]["joined"].as_str().unwrap().ends_with('Z'));
    assert_eq!(row["r"]["~entityType"], "relationship");
    assert_eq!(row["r"]["~type"], "member_of");
    assert_eq!(row["r"]["~start"], "person-maya");
    assert_eq!(row["r"]["~end"], row["t"]["~id"]);
    assert_eq!(row["[p, t]"], json!([row["p"], row["t"]]));
    assert_eq!(row["startNode(r)"], row["p"]);
    assert_eq!(row["{at: t}"], json!({ "at": row["t"] }));
    assert_eq!(one("MATCH (n) WHERE id(n) = 'person-maya' RETURN id(n)"), "person-maya");
    assert_eq!(
        one("MATCH (n:person {name: 'maya'}) RETURN keys(n)"),
        json!(["active", "joined", "name", "site", "title"])
    );
}

#[test]
fn paths_are_lists_of_vertices_and_edges_by_turns() {
    let kinds = |path: &Value| -> Vec<String> {
        path.as_array().unwrap().iter().map(|e| e["~entityType"].as_str().unwrap().to_owned()).collect()
    };
    let two =
        ask("MATCH p = (n:person {name: 'maya'})-[:member_of]->()-[:owns]->(:model) RETURN p, length(p)");
    assert_eq!(
        two.len(),
        out(named("team-growth"), "owns").iter().filter(|m| graph().vertices()[**m].label == "model").count()
    );
    for row in &two {
        assert_eq!(kinds(&row["p"]), ["node", "relationship", "node", "relationship", "node"]);
        assert_eq!(row["length(p)"], 2);
        assert_eq!(row["p"][1]["~start"], row["p"][0]["~id"]);
        assert_eq!(row["p"][3]["~end"], row["p"][4]["~id"]);
    }
    let many = ask("MATCH p = (n:person {name: 'maya'})-[:knows*1..2]->(m) RETURN p, length(p)");
    let maya = named("person-maya");
    let expected: usize = out(maya, "knows").iter().map(|friend| 1 + out(*friend, "knows").len()).sum();
    assert_eq!(many.len(), expected);
    assert!(
        many.iter().all(|row| kinds(&row["p"]).len() == 1 + 2 * row["length(p)"].as_u64().unwrap() as usize)
    );
}

#[test]
fn a_run_of_edges_reaches_what_it_should() {
    let from = labelled("dataset").into_iter().max_by_key(|d| out(*d, "derived_from").len()).unwrap();
    let mut seen = HashSet::new();
    let mut edge = vec![from];
    for _ in 0..3 {
        edge = edge.iter().flat_map(|d| out(*d, "derived_from")).collect();
        seen.extend(edge.iter().copied());
    }
    let id = answer::id(&graph().vertices()[from].id);
    let query =
        format!("MATCH (d:dataset)-[:derived_from*1..3]->(s) WHERE id(d) = '{id}' RETURN count(DISTINCT s)");
    assert_eq!(one(&query), json!(seen.len()));
}

#[test]
fn optional_exists_groups_and_orders_agree() {
    let wrote = |p: &usize| out(*p, "authored").iter().any(|x| graph().vertices()[*x].label == "paper");
    let authors = labelled("person").iter().filter(|p| wrote(p)).count();
    for query in [
        "MATCH (p:person) WHERE EXISTS { (p)-[:authored]->(:paper) } RETURN count(p)",
        "MATCH (p:person) WHERE exists((p)-[:authored]->(:paper)) RETURN count(p)",
        "MATCH (p:person) WHERE (p)-[:authored]->(:paper) RETURN count(p)",
        "MATCH (p:person)-[:authored]->(:paper) RETURN count(DISTINCT p)",
    ] {
        assert_eq!(one(query), json!(authors), "{query}");
    }
    let mut owned: Vec<(String, usize)> = labelled("team")
        .into_iter()
        .map(|t| {
            let models = out(t, "owns").iter().filter(|m| graph().vertices()[**m].label == "model").count();
            (text(&graph().vertices()[t], "name"), models)
        })
        .collect();
    owned.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let expected: Vec<Value> =
        owned.iter().skip(1).take(3).map(|(t, n)| json!({ "t.name": t, "count(m)": n })).collect();
    let query = "MATCH (t:team) OPTIONAL MATCH (t)-[:owns]->(m:model) RETURN t.name, count(m) \
                 ORDER BY count(m) DESC, t.name SKIP 1 LIMIT 3";
    assert_eq!(ask(query), expected);
    let none =
        ask("MATCH (m:model {name: 'churn-xgb'}) OPTIONAL MATCH (m)-[:derived_from]->(x) RETURN m.name, x");
    assert_eq!(none, [json!({ "m.name": "churn-xgb", "x": null })]);
}

#[test]
fn values_lists_and_dates_are_computed() {
    let query = "UNWIND [3, 1, 2] AS x WITH x WHERE x > 1 RETURN collect(x * 10)";
    assert_eq!(one(query), json!([30, 20]));
    assert_eq!(one("RETURN [x IN range(1, 5) WHERE x % 2 = 0 | x * 10]"), json!([20, 40]));
    assert_eq!(one("RETURN reduce(t = 0, x IN [1, 2, 3] | t + x)"), json!(6));
    assert_eq!(one("RETURN datetime('2026-11-01T10:00:00Z')"), "2026-11-01T10:00:00Z");
    let last = 1_793_491_200_000 - 7 * 86_400_000;
    let new = labelled("dataset")
        .into_iter()
        .filter(|d| {
            graph().vertices()[*d]
                .properties
                .iter()
                .any(|(_, p)| matches!(p, Property::Date(ms) if *ms > last))
        })
        .count();
    assert_eq!(
        one("MATCH (d:dataset) WHERE d.created > datetime('2026-10-25T00:00:00Z') RETURN count(d)"),
        json!(new)
    );
    let parameters = json!({ "names": ["maya", "tomas"], "n": 1 });
    let answer = engines()
        .opencypher(
            "MATCH (p:person) WHERE p.name IN $names RETURN p.name ORDER BY p.name SKIP $n",
            Some(&parameters),
        )
        .unwrap();
    assert_eq!(answer, json!({ "results": [{ "p.name": "tomas" }] }));
}

#[test]
fn what_is_not_answered_is_refused_and_not_guessed() {
    assert_eq!(code("CREATE (n)"), "ReadOnlyViolationException");
    assert_eq!(code("MATCH (n RETURN n"), "MalformedQueryException");
    assert_eq!(code("RETURN nobody"), "MalformedQueryException");
    for query in [
        "MATCH p = shortestPath((a:team)-[*]-(b:model)) RETURN p",
        "MATCH (t:team) RETURN collect(t.name)[0]",
        "MATCH (t:team)-[:owns]->(m) RETURN t.name ORDER BY count(m)",
        "MATCH p = (a)-[:knows*2]->(b)-[:member_of]->(c) RETURN p",
        "CALL neptune.algo.pageRank() YIELD rank RETURN rank",
        "RETURN join(['a'], ',')",
        "UNWIND range(1, 1000000000) AS x RETURN x",
    ] {
        assert_eq!(code(query), "UnsupportedOperationException", "{query}");
    }
}

#[test]
fn a_query_ends_at_its_limit_and_when_it_is_stopped_and_the_next_one_runs() {
    let long = "MATCH (a:person)-[:knows*1..12]->(b) RETURN count(*)";
    assert_eq!(code(&format!("USING QUERY:TIMEOUTMILLISECONDS 50 {long}")), "TimeLimitExceededException");
    let stop = Stop::default();
    stop.now();
    assert_eq!(engines().opencypher_until(long, None, &stop).unwrap_err().code, "CancelledByUserException");
    let hops = "?a g:knows ?b . ?b g:knows ?c . ?c g:knows ?d . ?d g:knows ?e . ?e g:knows ?f . ?f g:knows ?h . ?h g:knows ?i";
    let sparql = format!("PREFIX g: <{}> SELECT (COUNT(*) AS ?n) {{ {hops} }}", triples::VOCABULARY);
    assert_eq!(engines().sparql_until(&sparql, "", &stop).unwrap_err().code, "CancelledByUserException");
    assert_eq!(one("MATCH (n:team) RETURN count(n)"), 24);
}

fn select(query: &str) -> Vec<Value> {
    let query = format!("PREFIX g: <{}> {query}", triples::VOCABULARY);
    let (kind, body) = engines().sparql(&query, "application/sparql-results+json").unwrap();
    assert_eq!(kind, "application/sparql-results+json");
    let body: Value = serde_json::from_slice(&body).unwrap();
    body["results"]["bindings"].as_array().unwrap().clone()
}

#[test]
fn sparql_tells_the_same_story() {
    let rows = select("SELECT ?d { ?m a g:model ; g:name \"churn-xgb\" ; g:trained_on ?d }");
    let found: BTreeSet<String> = rows.iter().map(|r| r["d"]["value"].as_str().unwrap().to_owned()).collect();
    let expected: BTreeSet<String> = out(named("model-churn-xgb"), "trained_on")
        .into_iter()
        .map(|d| format!("https://dbdeck.example/graph/dataset/{}", answer::id(&graph().vertices()[d].id)))
        .collect();
    assert_eq!(found, expected);
    let count = select("SELECT (COUNT(*) AS ?n) { ?t a g:team }");
    assert_eq!(
        count[0]["n"],
        json!({ "type": "literal", "value": "24", "datatype": "http://www.w3.org/2001/XMLSchema#integer" })
    );
    let typed = select("SELECT ?acc ?at { ?m g:name \"churn-xgb\" ; g:accuracy ?acc ; g:created ?at }");
    assert_eq!(typed[0]["acc"]["datatype"], "http://www.w3.org/2001/XMLSchema#double");
    assert_eq!(typed[0]["at"]["datatype"], "http://www.w3.org/2001/XMLSchema#dateTime");
    let graphs = select("SELECT DISTINCT ?g { GRAPH ?g { ?s a g:team } }");
    assert_eq!(graphs.len(), 1);
}

#[test]
fn sparql_answers_in_the_form_that_is_asked_for() {
    let engines = engines();
    let ask = |query: &str, accept: &str| {
        let (kind, body) = engines.sparql(query, accept).unwrap();
        (kind, String::from_utf8(body).unwrap())
    };
    let team = "?t a <https://dbdeck.example/graph#team>";
    let construct = format!("CONSTRUCT {{ {team} }} WHERE {{ {team} }} LIMIT 1");
    assert_eq!(ask(&format!("ASK {{ {team} }}"), "*/*").1, "{\"head\":{},\"boolean\":true}");
    assert_eq!(ask(&construct, "*/*").0, "application/n-quads");
    assert_eq!(ask(&construct, "text/turtle, */*").0, "text/turtle");
    assert_eq!(ask(&construct, "application/n-triples").1.lines().count(), 1);
    assert_eq!(ask(&format!("SELECT ?t {{ {team} }}"), "text/csv").1.lines().count(), 25);
    let refused = |query: &str| engines.sparql(query, "").unwrap_err().code;
    assert_eq!(refused("DROP ALL"), "ReadOnlyViolationException");
    assert_eq!(refused("SELECT * {"), "MalformedQueryException");
    assert_eq!(
        refused("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"),
        "UnsupportedOperationException"
    );
}

#[test]
fn the_engines_tell_their_own_plans_and_what_a_run_showed() {
    let cypher = |query: &str, account| {
        let parameters = json!({ "least": 3 });
        engines().opencypher_explained(query, Some(&parameters), account, &Stop::default())
    };
    let query = "MATCH (m:model)-[:trained_on]->(d:dataset) WHERE size(m.name) > $least RETURN d.name AS name LIMIT 7";
    let plan = cypher(query, Account::Plan).unwrap();
    assert!(
        plan.starts_with("The demo's engine for openCypher is grafeo, not Neptune's. Nothing was run."),
        "{plan}"
    );
    assert!(plan.contains("model") && !plan.contains("rows="), "{plan}");
    let profile = cypher(query, Account::Profile).unwrap();
    assert!(
        profile.contains("rows=7 ") && profile.contains("time=") && profile.contains("Total time"),
        "{profile}"
    );
    assert_eq!(cypher("CREATE (n)", Account::Profile).unwrap_err().code, "ReadOnlyViolationException");

    let sparql = |query: &str, account| engines().sparql_explained(query, account, &Stop::default());
    let query = "PREFIX g: <https://dbdeck.example/graph#> SELECT ?m WHERE { ?m a g:model }";
    let plan = sparql(query, Account::Plan).unwrap();
    assert!(plan.starts_with("The demo's engine for SPARQL is oxigraph, not Neptune's."), "{plan}");
    assert!(plan.contains("QuadPattern") && !plan.contains("results="), "{plan}");
    let models = labelled("model").len();
    let profile = sparql(query, Account::Profile).unwrap();
    assert!(profile.contains(&format!("results={models}")) && profile.contains("time="), "{profile}");
    for query in ["ASK { ?s ?p ?o }", "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o . ?s a ?c } LIMIT 9"] {
        assert!(sparql(query, Account::Profile).unwrap().contains("results="), "{query}");
    }
    assert_eq!(
        sparql("DELETE WHERE { ?s ?p ?o }", Account::Plan).unwrap_err().code,
        "ReadOnlyViolationException"
    );
}
