//! What EXPLAIN answered, as one tree whatever the server: PostgreSQL and Redshift in text,
//! PostgreSQL, the MySQL family and DocumentDB in JSON, the MySQL family as a table.
//!
//! Pure. What is no plan is none: the rows are then shown as rows.

use serde_json::Value as Json;

/// The deepest tree that is read: a plan that nests further is a server that lies.
const DEEPEST: usize = 200;

/// What PostgreSQL adds to the cost of a step that it is told to avoid; Redshift adds a hundred
/// times that to its sorts. Beside it every other cost is nothing.
const PENALTY: f64 = 1e10;

/// A step of a plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanNode {
    /// What it does, and on what: `Seq Scan on fact_sales`.
    pub title: String,
    /// Estimated cost up to its last row, in the server's own unit.
    pub cost: Option<f64>,
    /// Rows that the server expects from it.
    pub rows: Option<f64>,
    /// Conditions and keys, in the server's words, one a line.
    pub details: Vec<String>,
    /// What it takes its rows from.
    pub children: Vec<PlanNode>,
}

impl PlanNode {
    fn titled(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// How many steps the tree has.
    pub fn len(&self) -> usize {
        1 + self.children.iter().map(Self::len).sum::<usize>()
    }

    /// Never: a node is a step itself.
    pub const fn is_empty(&self) -> bool {
        false
    }

    /// Its own share of the cost: what is left when that of the steps below it is taken away.
    pub fn own_cost(&self) -> Option<f64> {
        self.cost.map(|cost| (cost - self.below()).max(0.0))
    }

    /// The cost of the steps below it; a step without one stands for those below it.
    fn below(&self) -> f64 {
        self.children.iter().map(|c| c.cost.unwrap_or_else(|| c.below())).sum()
    }
}

/// The plan in a result: its columns' names and its rows as text.
pub fn of_result(columns: &[&str], rows: &[Vec<String>]) -> Option<PlanNode> {
    if let [_] = columns {
        let lines: Vec<&str> = rows.iter().filter_map(|r| r.first()).map(String::as_str).collect();
        let text = lines.join("\n");
        return match text.trim_start().chars().next()? {
            '[' | '{' => of_json(&serde_json::from_str(&text).ok()?),
            _ => of_text(&text),
        };
    }
    of_table(columns, rows)
}

/// A plan in text, as PostgreSQL and Redshift write it.
pub fn of_text(text: &str) -> Option<PlanNode> {
    // Steps that are still open, outermost first, with how far each is indented.
    let mut open: Vec<(usize, PlanNode)> = Vec::new();
    let (mut advice, mut penalty) = (Vec::new(), 0.0_f64);
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let body = line.trim();
        if body.is_empty() || body.starts_with("---") {
            // What Redshift says of the whole stands between rules.
            let words = body.trim_matches(['-', ' ']);
            advice.extend((!words.is_empty()).then(|| words.to_owned()));
            continue;
        }
        let step = body.strip_prefix("->").map(str::trim_start);
        let Some(step) = step.or_else(|| (open.is_empty() && body.contains("cost=")).then_some(body)) else {
            // A condition of the innermost step that is indented less, or a note on the whole.
            let at = open.iter().rposition(|(at, _)| *at < indent).unwrap_or(0);
            let of = open.get_mut(at);
            of?.1.details.push(body.to_owned());
            continue;
        };
        // The root's own mark is its text, one level left of any arrow.
        let root = open.is_empty();
        while open.len() > 1 && open.last().is_some_and(|(at, _)| *at >= indent) {
            fold(&mut open);
        }
        if open.len() >= DEEPEST {
            return None;
        }
        let mut node = step_of(step);
        if let Some(cost) = node.cost.filter(|cost| *cost >= PENALTY) {
            penalty = penalty.max(cost - cost % PENALTY);
            node.cost = Some(cost % PENALTY);
        }
        open.push((if root { 0 } else { indent }, node));
    }
    while open.len() > 1 {
        fold(&mut open);
    }
    let mut root = open.pop()?.1;
    if penalty > 0.0 {
        advice.push(format!(
            "Costs without the penalty of {} that the server puts on some steps",
            short(penalty)
        ));
    }
    root.details.extend(advice);
    Some(root)
}

/// Puts the innermost open step under the one around it.
fn fold(open: &mut Vec<(usize, PlanNode)>) {
    if let Some((_, inner)) = open.pop()
        && let Some((_, outer)) = open.last_mut()
    {
        outer.children.push(inner);
    }
}

/// `Seq Scan on t  (cost=0.00..18.10 rows=810 width=40) (actual …)`.
fn step_of(text: &str) -> PlanNode {
    let (title, facts) = text.split_once("(cost=").unwrap_or((text, ""));
    let number = |text: &str| text.split([' ', ')']).next().and_then(|n| n.parse().ok());
    // MySQL's own text has one number where PostgreSQL has a range.
    let cost = number(facts.split_once("..").map_or(facts, |(_, after)| after));
    let rows = facts.split_once("rows=").and_then(|(_, after)| number(after));
    let mut node = PlanNode { cost, rows, ..PlanNode::titled(title.trim()) };
    if let Some((_, actual)) = facts.split_once("(actual ") {
        node.details.push(format!("actual {}", actual.trim_end_matches(')')));
    }
    node
}

/// A plan in JSON: PostgreSQL's `[{"Plan": …}]`, the MySQL family's `{"query_block": …}`, or
/// DocumentDB's `{"queryPlanner": …}`.
pub fn of_json(json: &Json) -> Option<PlanNode> {
    let first = match json {
        Json::Array(all) => all.first()?,
        one => one,
    };
    if let Some(plan) = first.get("Plan") {
        return postgres(plan, 0);
    }
    if let Some(planner) = first.get("queryPlanner") {
        // What running it showed tells more than the plan alone.
        let ran = first.get("executionStats").and_then(|stats| stats.get("executionStages"));
        return ran.or_else(|| planner.get("winningPlan")).and_then(|stage| stages(stage, 0));
    }
    first.get("query_block").and_then(|block| mysql("query block", block, 0))
}

/// A stage of MongoDB's or DocumentDB's plan, with those that feed it.
fn stages(stage: &Json, depth: usize) -> Option<PlanNode> {
    let of = stage.as_object().filter(|_| depth < DEEPEST)?;
    let mut title = of.get("stage").and_then(Json::as_str)?.to_owned();
    if let Some(index) = of.get("indexName").and_then(Json::as_str) {
        title.push_str(&format!(" using {index}"));
    }
    let mut node = PlanNode::titled(title);
    node.rows = of.get("nReturned").and_then(number);
    for (key, value) in of {
        match (key.as_str(), value) {
            ("stage" | "indexName" | "nReturned", _) => {}
            ("inputStage", inner) => node.children.push(stages(inner, depth + 1)?),
            ("inputStages", Json::Array(all)) => {
                for inner in all {
                    node.children.push(stages(inner, depth + 1)?);
                }
            }
            (key, value) => node.details.push(format!("{key}: {}", words(value))),
        }
    }
    Some(node)
}

fn words(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(all) => all.iter().map(words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn number(value: &Json) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

fn postgres(plan: &Json, depth: usize) -> Option<PlanNode> {
    let plan = plan.as_object().filter(|_| depth < DEEPEST)?;
    let text = |key: &str| plan.get(key).and_then(Json::as_str);
    let mut title = text("Node Type")?.to_owned();
    for (word, key) in
        [("using", "Index Name"), ("on", "Relation Name"), ("on", "CTE Name"), ("on", "Function Name")]
    {
        if let Some(name) = text(key) {
            title.push_str(&format!(" {word} {name}"));
        }
    }
    let mut node = PlanNode::titled(title);
    node.cost = plan.get("Total Cost").and_then(number);
    node.rows = plan.get("Plan Rows").and_then(number);
    let told = [
        "Node Type",
        "Relation Name",
        "Index Name",
        "CTE Name",
        "Function Name",
        "Total Cost",
        "Startup Cost",
        "Plan Rows",
        "Plan Width",
        "Plans",
        "Parent Relationship",
        "Alias",
        "Parallel Aware",
        "Async Capable",
    ];
    for (key, value) in plan.iter().filter(|(key, _)| !told.contains(&key.as_str())) {
        node.details.push(format!("{key}: {}", words(value)));
    }
    for child in plan.get("Plans").and_then(Json::as_array).into_iter().flatten() {
        node.children.push(postgres(child, depth + 1)?);
    }
    Some(node)
}

/// A block of the MySQL family: what is an object or a list of objects is a step, the rest a
/// fact of this one.
fn mysql(name: &str, block: &Json, depth: usize) -> Option<PlanNode> {
    let block = block.as_object().filter(|_| depth < DEEPEST)?;
    let mut title = name.replace('_', " ");
    if let Some(table) = block.get("table_name").and_then(Json::as_str) {
        let access = block.get("access_type").and_then(Json::as_str).unwrap_or("read");
        title = format!("{access} on {table}");
        if let Some(key) = block.get("key").and_then(Json::as_str) {
            title.push_str(&format!(" using {key}"));
        }
    }
    let mut node = PlanNode::titled(title);
    let costs = block.get("cost_info").unwrap_or(&Json::Null);
    node.cost = ["query_cost", "prefix_cost"]
        .iter()
        .find_map(|key| costs.get(key).and_then(number))
        .or_else(|| block.get("cost").and_then(number));
    node.rows = ["rows_produced_per_join", "rows_examined_per_scan", "rows"]
        .iter()
        .find_map(|key| block.get(*key).and_then(number));
    let told = ["table_name", "access_type", "key", "cost_info", "cost", "rows_produced_per_join", "rows"];
    for (key, value) in block.iter().filter(|(key, _)| !told.contains(&key.as_str())) {
        match value {
            Json::Object(_) => node.children.extend(mysql(key, value, depth + 1)),
            Json::Array(all) if all.iter().any(Json::is_object) => {
                // Each item of `nested_loop` and its like holds one named block.
                let mut list = PlanNode::titled(key.replace('_', " "));
                for item in all {
                    let inner = item.as_object().filter(|o| o.len() == 1).and_then(|o| o.iter().next());
                    let (name, block) =
                        inner.map_or((key.as_str(), item), |(name, block)| (name.as_str(), block));
                    list.children.extend(mysql(name, block, depth + 2));
                }
                if key == "nested_loop" {
                    one_after_the_other(&mut list);
                }
                node.children.push(list);
            }
            fact => node.details.push(format!("{}: {}", key.replace('_', " "), words(fact))),
        }
    }
    // A sort tells what it adds.
    if let Some(own) = costs.get("sort_cost").and_then(number) {
        node.cost = Some(own + node.below());
    }
    Some(node)
}

/// The tables of a MySQL join: each tells the cost of all up to it, of which only what it adds is
/// its own.
fn one_after_the_other(list: &mut PlanNode) {
    let mut before = 0.0;
    for table in &mut list.children {
        let Some(prefix) = table.cost.filter(|cost| *cost >= before) else { continue };
        table.cost = Some(prefix - before);
        before = prefix;
    }
    list.cost = (before > 0.0).then_some(before);
}

/// A plan as the MySQL family's table of accesses, in the order they are made.
pub fn of_table(columns: &[&str], rows: &[Vec<String>]) -> Option<PlanNode> {
    let at = |name: &str| columns.iter().position(|c| c.eq_ignore_ascii_case(name));
    let (kind, table) = (at("select_type")?, at("table")?);
    let mut root = PlanNode::titled("query");
    for row in rows {
        let cell = |at: Option<usize>| {
            at.and_then(|at| row.get(at)).map(String::as_str).filter(|c| !c.is_empty() && *c != "NULL")
        };
        let mut title =
            format!("{} on {}", cell(at("type")).unwrap_or("read"), cell(Some(table)).unwrap_or("nothing"));
        if let Some(key) = cell(at("key")) {
            title.push_str(&format!(" using {key}"));
        }
        let mut node = PlanNode::titled(title);
        node.rows = cell(at("rows")).and_then(|n| n.parse().ok());
        for (name, value) in columns.iter().zip(row).filter(|(_, v)| !v.is_empty() && *v != "NULL") {
            if !["table", "type", "key", "rows"].contains(&name.to_ascii_lowercase().as_str()) {
                node.details.push(format!("{name}: {value}"));
            }
        }
        if cell(Some(kind)).is_none() && cell(Some(table)).is_none() {
            return None;
        }
        root.children.push(node);
    }
    (!root.children.is_empty()).then_some(root)
}

/// A line of the drawn tree.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanLine {
    /// Branches of the tree to its left.
    pub branch: String,
    /// A step's title, or one of its details.
    pub text: String,
    /// Cost and rows of a step, in words; empty for a detail.
    pub estimate: String,
    /// Its own share of the whole cost, 0 to 1; 0 for a detail.
    pub share: f64,
    /// Whether it is a step, not a detail.
    pub step: bool,
}

/// The tree in lines, from the top; `ascii` draws it without box characters.
pub fn lines(root: &PlanNode, ascii: bool) -> Vec<PlanLine> {
    let mut out = Vec::with_capacity(root.len() * 2);
    let whole = root.cost.filter(|c| *c > 0.0);
    draw(root, "", None, whole, ascii, &mut out);
    out
}

fn draw(
    node: &PlanNode,
    left: &str,
    last: Option<bool>,
    whole: Option<f64>,
    ascii: bool,
    out: &mut Vec<PlanLine>,
) {
    let (tee, end, bar) = if ascii { ("+- ", "`- ", "|  ") } else { ("├─ ", "└─ ", "│  ") };
    let (own, under) = match last {
        None => (String::new(), String::new()),
        Some(last) => (
            format!("{left}{}", if last { end } else { tee }),
            format!("{left}{}", if last { "   " } else { bar }),
        ),
    };
    let share = match (node.own_cost(), whole) {
        (Some(own), Some(whole)) => (own / whole).clamp(0.0, 1.0),
        _ => 0.0,
    };
    let cost = node.cost.map(|c| format!("cost {}", short(c)));
    let rows = node.rows.map(|r| format!("rows {}", short(r)));
    let estimate = [cost, rows].into_iter().flatten().collect::<Vec<_>>().join("  ");
    out.push(PlanLine { branch: own, text: node.title.clone(), estimate, share, step: true });
    let detail = format!("{under}{}", if node.children.is_empty() { "   " } else { bar });
    for text in &node.details {
        let (branch, text) = (detail.clone(), text.clone());
        out.push(PlanLine { branch, text, estimate: String::new(), share: 0.0, step: false });
    }
    for (at, child) in node.children.iter().enumerate() {
        draw(child, &under, Some(at + 1 == node.children.len()), whole, ascii, out);
    }
}

/// A number in few characters: `1.2M`.
fn short(n: f64) -> String {
    for (limit, unit) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")] {
        if n.abs() >= limit {
            let unit_of = if unit == "k" { 1e3 } else { limit };
            return format!("{:.1}{unit}", n / unit_of);
        }
    }
    if n.fract() == 0.0 { format!("{n:.0}") } else { format!("{n:.2}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REDSHIFT: &str = "\
XN HashAggregate  (cost=131.97..133.41 rows=576 width=17)
  ->  XN Hash Join DS_BCAST_INNER  (cost=2.12..127.97 rows=800 width=17)
        Hash Cond: (\"outer\".store_id = \"inner\".store_id)
        ->  XN Seq Scan on fact_sales  (cost=0.00..87.98 rows=8798 width=8)
              Filter: (amount > 5)
        ->  XN Hash  (cost=2.02..2.02 rows=202 width=17)
              ->  XN Seq Scan on dim_store  (cost=0.00..2.02 rows=202 width=17)
----- Tables missing statistics: fact_sales -----
----- Update statistics by running the ANALYZE command on these tables -----";

    #[test]
    fn a_text_plan_is_a_tree() {
        let plan = of_text(REDSHIFT).unwrap();
        assert_eq!(
            (plan.title.as_str(), plan.cost, plan.rows),
            ("XN HashAggregate", Some(133.41), Some(576.0))
        );
        assert_eq!(plan.len(), 5);
        let join = &plan.children[0];
        assert_eq!(join.details, ["Hash Cond: (\"outer\".store_id = \"inner\".store_id)"]);
        assert_eq!(join.children.len(), 2);
        assert_eq!(join.children[0].details, ["Filter: (amount > 5)"]);
        assert_eq!(join.children[1].children[0].title, "XN Seq Scan on dim_store");
        assert!((join.own_cost().unwrap() - (127.97 - 87.98 - 2.02)).abs() < 1e-6);
    }

    #[test]
    fn what_a_server_adds_to_a_cost_and_says_of_the_whole_is_set_apart() {
        let text = "XN Sort  (cost=1000000000131.97..1000000000133.41 rows=5 width=8)\n  ->  XN Seq Scan on t  \
            (cost=0.00..100.00 rows=5 width=8)\n----- Tables missing statistics: t -----\n-----";
        let plan = of_text(text).unwrap();
        assert!(
            (plan.cost.unwrap() - 133.41).abs() < 1e-3 && (plan.own_cost().unwrap() - 33.41).abs() < 1e-3
        );
        let told = [
            "Tables missing statistics: t",
            "Costs without the penalty of 1.0T that the server puts on some steps",
        ];
        assert_eq!(plan.details, told);
        assert_eq!(of_text("Result  (cost=0.00..0.01 rows=1 width=4)").unwrap().details, [""; 0]);
    }

    #[test]
    fn the_tables_of_a_mysql_join_cost_what_each_adds() {
        let json = r#"{"query_block":{"cost_info":{"query_cost":"130"},"ordering_operation":{"cost_info":{"sort_cost":"30"},
            "nested_loop":[{"table":{"table_name":"a","access_type":"ALL","cost_info":{"prefix_cost":"40"}}},
            {"table":{"table_name":"b","access_type":"ref","cost_info":{"prefix_cost":"100"}}}]}}}"#;
        let plan = of_json(&serde_json::from_str(json).unwrap()).unwrap();
        let sort = &plan.children[0];
        let tables = &sort.children[0];
        let own = |node: &PlanNode| node.own_cost().unwrap();
        assert_eq!((own(&plan), own(sort), own(tables)), (0.0, 30.0, 0.0));
        assert_eq!(tables.children.iter().map(own).collect::<Vec<_>>(), [40.0, 60.0]);
    }

    #[test]
    fn an_analysed_plan_keeps_what_was_measured() {
        let plan = of_text("Seq Scan on t  (cost=0.00..1.10 rows=10 width=4) (actual time=0.01..0.02 rows=9 loops=1)\n  Filter: a\nPlanning Time: 0.1 ms").unwrap();
        assert_eq!(plan.rows, Some(10.0));
        assert_eq!(
            plan.details,
            ["actual time=0.01..0.02 rows=9 loops=1", "Filter: a", "Planning Time: 0.1 ms"]
        );
    }

    #[test]
    fn json_plans_of_both_families_are_trees() {
        let pg = r#"[{"Plan":{"Node Type":"Limit","Total Cost":4.5,"Plan Rows":5,"Plans":[
            {"Node Type":"Index Scan","Index Name":"i","Relation Name":"t","Total Cost":4,"Plan Rows":50,"Index Cond":"(a = 1)"}]}}]"#;
        let plan = of_result(&["QUERY PLAN"], &[vec![pg.to_owned()]]).unwrap();
        assert_eq!(plan.children[0].title, "Index Scan using i on t");
        assert_eq!(plan.children[0].details, ["Index Cond: (a = 1)"]);
        let mysql = r#"{"query_block":{"select_id":1,"cost_info":{"query_cost":"3.40"},"nested_loop":[
            {"table":{"table_name":"o","access_type":"ALL","rows_examined_per_scan":10,"cost_info":{"prefix_cost":"1.25"}}},
            {"table":{"table_name":"c","access_type":"eq_ref","key":"PRIMARY","rows_examined_per_scan":1}}]}}"#;
        let plan = of_result(&["EXPLAIN"], &[vec![mysql.to_owned()]]).unwrap();
        assert_eq!(plan.cost, Some(3.40));
        let steps: Vec<_> = plan.children[0].children.iter().map(|c| c.title.as_str()).collect();
        assert_eq!(steps, ["ALL on o", "eq_ref on c using PRIMARY"]);
        assert_eq!(plan.children[0].children[0].rows, Some(10.0));
    }

    #[test]
    fn a_table_of_accesses_is_a_tree_of_one_level() {
        let columns = ["id", "select_type", "table", "type", "possible_keys", "key", "rows", "Extra"];
        let row = |cells: [&str; 8]| cells.map(str::to_owned).to_vec();
        let rows = [
            row(["1", "SIMPLE", "o", "ALL", "", "", "10", "Using where"]),
            row(["1", "SIMPLE", "c", "eq_ref", "PRIMARY", "PRIMARY", "1", ""]),
        ];
        let plan = of_result(&columns, &rows).unwrap();
        assert_eq!(plan.children[1].title, "eq_ref on c using PRIMARY");
        assert_eq!(plan.children[0].rows, Some(10.0));
        assert!(plan.children[0].details.contains(&"Extra: Using where".to_owned()));
    }

    #[test]
    fn what_is_no_plan_is_none() {
        let rows = |text: &str| vec![vec![text.to_owned()]];
        for text in
            ["", "hello", "{}", "[]", "[1]", "{\"query_block\":3}", "[{\"Plan\":[]}]", "-> a", "  (cost"]
        {
            let plan = of_result(&["x"], &rows(text));
            assert!(plan.is_none() || text == "-> a", "{text}: {plan:?}");
        }
        assert!(of_result(&["a", "b"], &rows("1")).is_none());
        let deep: String =
            (0..5_000).map(|n| format!("{}->  Step (cost=0..1 rows=1)\n", " ".repeat(n))).collect();
        assert!(of_text(&deep).is_none());
    }

    #[test]
    fn documentdb_tells_its_stages() {
        let json = r#"{"queryPlanner": {"winningPlan": {"stage": "LIMIT", "limitAmount": 5, "inputStage":
            {"stage": "FETCH", "inputStage": {"stage": "IXSCAN", "indexName": "sku_1"}}}}, "ok": 1.0}"#;
        let plan = of_result(&["explain"], &[vec![json.to_owned()]]).unwrap();
        assert_eq!((plan.title.as_str(), plan.len()), ("LIMIT", 3));
        assert_eq!(plan.details, ["limitAmount: 5"]);
        assert_eq!(plan.children[0].children[0].title, "IXSCAN using sku_1");
        let ran = r#"{"queryPlanner": {"winningPlan": {"stage": "COLLSCAN"}}, "executionStats":
            {"executionStages": {"stage": "COLLSCAN", "nReturned": "7"}}}"#;
        let plan = of_result(&["explain"], &[vec![ran.to_owned()]]).unwrap();
        assert_eq!(plan.rows, Some(7.0));
    }

    #[test]
    fn lines_draw_branches_and_estimates() {
        let drawn = lines(&of_text(REDSHIFT).unwrap(), true);
        let text: Vec<String> = drawn.iter().map(|l| format!("{}{}", l.branch, l.text)).collect();
        assert_eq!(text[0], "XN HashAggregate");
        assert_eq!(drawn[0].estimate, "cost 133.41  rows 576");
        assert!(text.iter().any(|l| l == "`- XN Hash Join DS_BCAST_INNER"), "{text:#?}");
        assert!(text.iter().any(|l| l == "   +- XN Seq Scan on fact_sales"), "{text:#?}");
        assert!(drawn.iter().all(|l| (0.0..=1.0).contains(&l.share)));
        assert_eq!(short(1_250_000.0), "1.2M");
    }
}
