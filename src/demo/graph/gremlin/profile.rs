//! What the evaluator says of a traversal: its steps as they are run, and of a run how many traversers each step took
//! and gave and how long it worked. Nothing here is estimated: there is nothing to estimate from.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write;
use std::time::{Duration, Instant};

use super::plan::{Op, Pick, Plan, Projection, Test};
use super::run::Stream;
use crate::demo::graph::PropertyGraph;
use crate::query::dialect::gremlin::step_text;

/// What one step did.
#[derive(Clone, Copy, Debug, Default)]
struct Meter {
    /// Traversers that came to it.
    taken: u64,
    /// Traversers that left it.
    given: u64,
    /// Time until it had given them.
    within: Duration,
    /// How much of that it waited for those that came.
    waited: Duration,
}

impl Meter {
    /// The time that it worked itself, the steps inside it among it.
    const fn own(&self) -> Duration {
        self.within.saturating_sub(self.waited)
    }
}

/// What every step of a run did, by its place in memory.
#[derive(Debug, Default)]
pub struct Meters(RefCell<HashMap<usize, Meter>>);

impl Meters {
    fn note(&self, op: &Op<'_>, change: impl FnOnce(&mut Meter)) {
        change(self.0.borrow_mut().entry(std::ptr::from_ref(op).addr()).or_default());
    }

    fn of(&self, op: &Op<'_>) -> Meter {
        self.0.borrow().get(&std::ptr::from_ref(op).addr()).copied().unwrap_or_default()
    }

    /// The step that `make` puts behind `input`, measured.
    pub fn around<'a>(
        &'a self,
        op: &'a Op<'a>,
        input: Stream<'a>,
        make: impl FnOnce(Stream<'a>) -> Stream<'a>,
    ) -> Stream<'a> {
        let input = timed(input, move |spent, came| {
            self.note(op, |m| {
                m.waited += spent;
                m.taken += u64::from(came);
            });
        });
        let began = Instant::now();
        let output = make(input);
        self.note(op, |m| m.within += began.elapsed());
        timed(output, move |spent, came| {
            self.note(op, |m| {
                m.within += spent;
                m.given += u64::from(came);
            });
        })
    }
}

/// A stream that tells how long it took for each traverser, and whether there was one.
fn timed<'a>(mut stream: Stream<'a>, note: impl Fn(Duration, bool) + 'a) -> Stream<'a> {
    Box::new(std::iter::from_fn(move || {
        let began = Instant::now();
        let item = stream.next();
        note(began.elapsed(), matches!(item, Some(Ok(_))));
        item
    }))
}

/// The steps of a plan, without a run.
pub fn explained(graph: &PropertyGraph, plan: &Plan<'_>) -> String {
    let mut out = about(graph);
    out.push_str("Nothing was run. It keeps no statistics, so it estimates nothing: a profile counts.\n\n");
    for line in lines(plan) {
        let _ = writeln!(out, "{}", line.text);
    }
    out
}

/// The steps of a plan with what they did.
pub fn profiled(
    graph: &PropertyGraph,
    plan: &Plan<'_>,
    meters: &Meters,
    results: usize,
    took: Duration,
) -> String {
    let mut out = about(graph);
    out.push_str("The time of a step holds that of the steps inside it.\n\n");
    let lines = lines(plan);
    let width = lines.iter().map(|line| line.text.chars().count()).max().unwrap_or(0).max("Step".len());
    let top: Duration = plan.ops.iter().map(|op| meters.of(op).own()).sum();
    let _ =
        writeln!(out, "{:width$}  {:>10}  {:>10}  {:>10}  {:>6}", "Step", "Taken", "Given", "Time ms", "%");
    for line in lines {
        let Some(meter) = line.op.map(|op| meters.of(op)) else {
            let _ = writeln!(out, "{}", line.text);
            continue;
        };
        let share = if top.is_zero() { 0.0 } else { 100.0 * meter.own().as_secs_f64() / top.as_secs_f64() };
        let ms = meter.own().as_secs_f64() * 1_000.0;
        let (text, Meter { taken, given, .. }) = (&line.text, meter);
        let _ = writeln!(out, "{text:width$}  {taken:>10}  {given:>10}  {ms:>10.3}  {share:>6.1}");
    }
    let _ = write!(out, "\n{results} results in {:.3} ms\n", took.as_secs_f64() * 1_000.0);
    out
}

/// What answers here, so that nobody takes it for Neptune.
fn about(graph: &PropertyGraph) -> String {
    format!(
        "The demo's own Gremlin evaluator, not Neptune's: {} vertices and {} edges in memory.\n\
         It has no index and no optimizer: the steps run in this order, each taking from the one before.\n",
        graph.vertices().len(),
        graph.edges().len()
    )
}

/// A line of a plan: a step, or what the steps below it are for.
struct Line<'p> {
    text: String,
    op: Option<&'p Op<'p>>,
}

fn lines<'p>(plan: &'p Plan<'p>) -> Vec<Line<'p>> {
    let mut out = Vec::new();
    put(plan, 0, &mut out);
    out
}

fn put<'p>(plan: &'p Plan<'p>, depth: usize, out: &mut Vec<Line<'p>>) {
    for op in &plan.ops {
        let mut text = "  ".repeat(depth) + &step_text(op.name, &op.args);
        let labels: Vec<&str> = op.labels.iter().map(|label| &**label).collect();
        if !labels.is_empty() {
            let _ = write!(text, " as {}", labels.join(", "));
        }
        out.push(Line { text, op: Some(op) });
        for plan in &op.plans {
            put(plan, depth + 1, out);
        }
        for by in &op.by {
            let order = by.order.map(|order| format!(" {order}")).unwrap_or_default();
            match &by.from {
                Projection::Itself => word(depth, &format!("by itself{order}"), out),
                Projection::Key(key) => word(depth, &format!("by {key}{order}"), out),
                Projection::Token(name) | Projection::Column(name) => {
                    word(depth, &format!("by {name}{order}"), out);
                }
                Projection::Plan(plan) => inside(depth, &format!("by{order}"), plan, out),
            }
        }
        for (name, around) in [("until", &op.around.until), ("emit", &op.around.emit)] {
            match around {
                Some((Test::Plan(plan), _)) => inside(depth, name, plan, out),
                Some((Test::Times(times), _)) => word(depth, &format!("{times} times"), out),
                Some((Test::Passes(_), _)) => word(depth, &format!("{name} the value passes"), out),
                Some((Test::Always, _)) => word(depth, name, out),
                None => {}
            }
        }
        for (pick, plan) in &op.options {
            let when = match pick {
                Pick::Is(_) => "a value",
                Pick::Passes(_) => "a predicate",
                Pick::Any => "always",
                Pick::None => "no other",
            };
            inside(depth, &format!("option: {when}"), plan, out);
        }
    }
}

fn word<'p>(depth: usize, text: &str, out: &mut Vec<Line<'p>>) {
    out.push(Line { text: format!("{}{text}", "  ".repeat(depth + 1)), op: None });
}

fn inside<'p>(depth: usize, text: &str, plan: &'p Plan<'p>, out: &mut Vec<Line<'p>>) {
    word(depth, &format!("{text}:"), out);
    put(plan, depth + 2, out);
}
