//! What CloudWatch last measured of the parts of a cluster: each node, each queue. Which parts
//! have metrics, and what CloudWatch calls them, is asked of CloudWatch: the leader has no disk, a
//! cluster of one node has one that is shared, and a queue goes by its name or by a number.
//! Source: Redshift management guide, "Performance data in Amazon Redshift".

use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::aws::pages::{Next, Pages};
use crate::clock;
use crate::metrics::plan::QUERIES_PER_CALL;
use crate::model::{Cell, Failure, SafeText, Section};
use crate::services::extras::{LINES, or_why};
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    Dimension, DimensionFilter, Metric, MetricDataQuery, MetricStat, RecentlyActive, ScanBy,
};
use std::collections::BTreeMap;

const NAMESPACE: &str = "AWS/Redshift";
const CLUSTER: &str = "ClusterIdentifier";
const NODE: &str = "NodeID";
/// What names a queue, the best first: the guide knows all three.
const QUEUE: [&str; 3] = ["QueueName", "wlmid", "service class"];

/// Seconds of one point: what queues have is counted every five minutes.
const PERIOD_S: u64 = 300;
/// How far back a last point is looked for, in periods.
const BACK: u64 = 4;
/// Pages of metrics that are read: 500 each.
const PAGES: usize = 10;

/// A metric of a part: CloudWatch's name, its statistic, and its value in words.
type Kind = (&'static str, &'static str, fn(f64) -> String);

const OF_NODE: [Kind; 2] = [
    ("CPUUtilization", "Average", |v| format!("CPU {v:.0} %")),
    ("PercentageDiskSpaceUsed", "Maximum", |v| format!("disk {v:.1} %")),
];

const OF_QUEUE: [Kind; 5] = [
    ("WLMRunningQueries", "Average", |v| format!("{} running", number(v))),
    ("WLMQueueLength", "Average", |v| format!("{} waiting", number(v))),
    ("WLMQueueWaitTime", "Average", |v| format!("waits {}", took(v))),
    ("WLMQueriesCompletedPerSecond", "Average", |v| format!("{v:.2} done/s")),
    // AWS gives microseconds here, and milliseconds for the wait.
    ("WLMQueryDuration", "Average", |v| format!("a query takes {}", took(v / 1_000.0))),
];

type Facts = Vec<(SafeText, Cell)>;

/// One series of a part.
struct Series {
    part: String,
    /// Its place among the kinds.
    place: usize,
    kind: &'static Kind,
    metric: Metric,
}

/// Nodes and queues of the cluster as last measured.
pub async fn of_cluster(reach: &Reach, name: &str) -> Vec<Section> {
    const TITLES: [&str; 2] = ["Nodes, last five minutes", "WLM queues, last five minutes"];
    let measured = match all(reach, name).await {
        Ok(found) => {
            let (nodes, queues) = apart(&found);
            last(reach, name, nodes, queues).await
        }
        Err(failure) => Err(failure),
    };
    let (nodes, queues) = match measured {
        Ok((nodes, queues)) => (Ok(nodes), Ok(queues)),
        Err(failure) => (Err(failure.clone()), Err(failure)),
    };
    let [of_nodes, of_queues] = TITLES;
    vec![or_why(of_nodes, nodes), or_why(of_queues, queues)]
}

/// Every metric that CloudWatch had of the cluster in the last three hours.
async fn all(reach: &Reach, name: &str) -> Result<Vec<Metric>, Failure> {
    let client = reach.cloudwatch();
    let (mut pages, mut token, mut found) = (Pages::at_most(PAGES), None, Vec::new());
    loop {
        let call = client.list_metrics().namespace(NAMESPACE).recently_active(RecentlyActive::Pt3H);
        let call = call.dimensions(DimensionFilter::builder().name(CLUSTER).value(name).build());
        let answer = call.set_next_token(token.take()).send().await;
        let answer = answer.map_err(|e| failure("list the metrics of nodes and queues", &e))?;
        let next = pages.after(answer.next_token());
        found.extend(answer.metrics.unwrap_or_default());
        match next {
            Next::Page(next) => token = Some(next),
            Next::Done | Next::Cut => return Ok(found),
        }
    }
}

/// The series of nodes and those of queues. A queue that goes by its name is not paid for again
/// under its number.
fn apart(found: &[Metric]) -> (Vec<Series>, Vec<Series>) {
    let nodes = series(found, &OF_NODE, NODE, "");
    let mut queues = Vec::new();
    for by in QUEUE {
        if queues.is_empty() {
            let before = if by == "QueueName" { "" } else { "queue " };
            queues = series(found, &OF_QUEUE, by, before);
        }
    }
    (nodes, queues)
}

fn series(found: &[Metric], kinds: &'static [Kind], by: &str, before: &str) -> Vec<Series> {
    let one = |metric: &Metric| {
        let (place, kind) = kinds.iter().enumerate().find(|(_, k)| metric.metric_name() == Some(k.0))?;
        let part = metric.dimensions().iter().find(|d| d.name() == Some(by))?.value()?;
        Some(Series { part: format!("{before}{part}"), place, kind, metric: metric.clone() })
    };
    found.iter().filter_map(one).collect()
}

/// The newest value of each series, as facts of the parts.
async fn last(
    reach: &Reach,
    name: &str,
    nodes: Vec<Series>,
    queues: Vec<Series>,
) -> Result<(Facts, Facts), Failure> {
    let count = nodes.len();
    let mut asked = nodes;
    asked.extend(queues);
    asked.truncate(QUERIES_PER_CALL);
    if asked.is_empty() {
        return Ok((Facts::new(), Facts::new()));
    }
    let doing = format!("read metrics of the parts of {}", SafeText::new(name));
    let end = clock::now().epoch_ms() / 1_000 / PERIOD_S * PERIOD_S;
    let start = end.saturating_sub(BACK * PERIOD_S);
    let queries: Vec<_> = asked.iter().enumerate().map(|(n, s)| query(n, s)).collect();
    let mut newest: BTreeMap<usize, (i64, f64)> = BTreeMap::new();
    let (mut pages, mut token) = (Pages::at_most(PAGES), None);
    loop {
        reach.meter().metrics(u64::try_from(queries.len()).unwrap_or(u64::MAX));
        let call = reach.cloudwatch().get_metric_data().set_metric_data_queries(Some(queries.clone()));
        let call = call.start_time(second(start)).end_time(second(end)).scan_by(ScanBy::TimestampDescending);
        let answer = call.set_next_token(token.take()).send().await.map_err(|e| failure(&doing, &e))?;
        for result in answer.metric_data_results() {
            let Some(n) = result.id().and_then(|id| id.strip_prefix('m')?.parse::<usize>().ok()) else {
                continue;
            };
            let points = result.timestamps().iter().map(DateTime::secs).zip(result.values().iter().copied());
            for point in points.filter(|p| p.1.is_finite()) {
                let kept = newest.entry(n).or_insert(point);
                if point.0 > kept.0 {
                    *kept = point;
                }
            }
        }
        match pages.after(answer.next_token()) {
            Next::Page(next) => token = Some(next),
            Next::Done | Next::Cut => break,
        }
    }
    let value = |n: usize| newest.get(&n).map(|point| point.1);
    let (nodes, queues) = asked.split_at_checked(count).unwrap_or((&asked, &[]));
    let mut nodes = parts(nodes, value);
    nodes.sort_by_key(|p| order(&p.name));
    // Of more nodes than are shown, the fullest are worth showing.
    if nodes.len() > LINES {
        nodes.sort_by(|a, b| b.last().total_cmp(&a.last()));
    }
    let queues = parts(queues, |n| value(count + n));
    Ok((nodes.iter().map(|p| p.fact(&OF_NODE)).collect(), queues.iter().map(|p| p.fact(&OF_QUEUE)).collect()))
}

fn query(n: usize, series: &Series) -> MetricDataQuery {
    let dimensions: Vec<Dimension> = series.metric.dimensions().to_vec();
    let metric = Metric::builder().namespace(NAMESPACE).metric_name(series.kind.0);
    let metric = metric.set_dimensions(Some(dimensions)).build();
    let period = i32::try_from(PERIOD_S).unwrap_or(i32::MAX);
    let stat = MetricStat::builder().metric(metric).period(period).stat(series.kind.1).build();
    MetricDataQuery::builder().id(format!("m{n}")).metric_stat(stat).return_data(true).build()
}

/// A node or queue and its values, by their place among the kinds.
struct Part {
    name: String,
    values: BTreeMap<usize, f64>,
}

impl Part {
    /// The last of its values: of a node, its disk.
    fn last(&self) -> f64 {
        self.values.last_key_value().map_or(0.0, |(_, value)| *value)
    }

    fn fact(&self, kinds: &[Kind]) -> (SafeText, Cell) {
        let words = kinds.iter().enumerate().filter_map(|(n, k)| self.values.get(&n).map(|v| (k.2)(*v)));
        let words: Vec<_> = words.collect();
        (SafeText::new(&self.name), Cell::Text(SafeText::new(words.join(", "))))
    }
}

/// The parts that have a value at all, by name.
fn parts(series: &[Series], value: impl Fn(usize) -> Option<f64>) -> Vec<Part> {
    let mut parts: BTreeMap<&str, BTreeMap<usize, f64>> = BTreeMap::new();
    for (n, one) in series.iter().enumerate() {
        if let Some(value) = value(n) {
            parts.entry(&one.part).or_default().insert(one.place, value);
        }
    }
    parts.into_iter().map(|(name, values)| Part { name: name.to_owned(), values }).collect()
}

/// The leader first, then the compute nodes by their number.
fn order(node: &str) -> u64 {
    let number = node.rsplit_once('-').and_then(|(_, n)| n.parse::<u64>().ok());
    number.map_or(0, |n| n.saturating_add(1))
}

fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

/// Milliseconds as a length of time.
fn took(ms: f64) -> String {
    match ms {
        ms if ms < 1_000.0 => format!("{ms:.0} ms"),
        ms if ms < 120_000.0 => format!("{:.1} s", ms / 1_000.0),
        ms => format!("{:.0} min", ms / 60_000.0),
    }
}

fn second(at: u64) -> DateTime {
    DateTime::from_secs(i64::try_from(at).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::scripted::{Scene, answer, error};
    use aws_sdk_cloudwatch::operation::get_metric_data::{GetMetricDataInput, GetMetricDataOutput};
    use aws_sdk_cloudwatch::operation::list_metrics::{
        ListMetricsError, ListMetricsInput, ListMetricsOutput,
    };
    use aws_sdk_cloudwatch::types::MetricDataResult;
    use aws_smithy_runtime_api::client::interceptors::context::Input;

    fn metric(name: &str, by: &[(&str, &str)]) -> Metric {
        let all = std::iter::once(&(CLUSTER, "dw")).chain(by);
        let dimensions = all.map(|(n, v)| Dimension::builder().name(*n).value(*v).build()).collect();
        Metric::builder().namespace(NAMESPACE).metric_name(name).set_dimensions(Some(dimensions)).build()
    }

    fn listed(metrics: Vec<Metric>) -> Option<crate::aws::answers::Reply> {
        answer(ListMetricsOutput::builder().set_metrics(Some(metrics)).build())
    }

    /// Each series answers with its place, newest first, and an older point that is not to win.
    fn data(input: &Input) -> Option<crate::aws::answers::Reply> {
        let input = input.downcast_ref::<GetMetricDataInput>()?;
        let result = |(n, q): (u32, &MetricDataQuery)| {
            let to = input.end_time().map_or(0, DateTime::secs);
            let times = [to - 300, to - 600].map(DateTime::from_secs);
            let values = vec![f64::from(n) * 10.0, 7e9];
            let result = MetricDataResult::builder().set_id(q.id().map(str::to_owned));
            result.set_timestamps(Some(times.into())).set_values(Some(values)).build()
        };
        let results = (0..).zip(input.metric_data_queries()).map(result).collect();
        answer(GetMetricDataOutput::builder().set_metric_data_results(Some(results)).build())
    }

    fn lines(sections: &[Section]) -> Vec<Vec<String>> {
        let line = |(label, cell): &(SafeText, Cell)| match cell {
            Cell::Text(words) => format!("{label}: {words}"),
            _ => label.to_string(),
        };
        sections.iter().map(|s| s.facts.iter().map(line).collect()).collect()
    }

    #[tokio::test]
    async fn nodes_and_queues_tell_their_newest_values() {
        let scene = Scene::new(|operation, input| match operation {
            "ListMetrics" => {
                let input = input.downcast_ref::<ListMetricsInput>()?;
                assert_eq!(input.dimensions().first().and_then(|d| d.value()), Some("dw"));
                listed(vec![
                    metric("CPUUtilization", &[]),
                    metric("CPUUtilization", &[(NODE, "Compute-10")]),
                    metric("CPUUtilization", &[(NODE, "Compute-2")]),
                    metric("PercentageDiskSpaceUsed", &[(NODE, "Compute-2")]),
                    metric("CPUUtilization", &[(NODE, "Leader")]),
                    metric("ReadIOPS", &[(NODE, "Leader")]),
                    metric("WLMQueueLength", &[("wlmid", "6")]),
                    metric("WLMQueueLength", &[("QueueName", "etl")]),
                    metric("WLMQueryDuration", &[("QueueName", "etl")]),
                    metric("WLMQueueWaitTime", &[("QueueName", "bi")]),
                ])
            }
            "GetMetricData" => data(input),
            _ => None,
        })
        .await;
        let told = of_cluster(&scene.reach, "dw").await;
        let expected = vec![
            vec!["Leader: CPU 30 %", "Compute-2: CPU 10 %, disk 20.0 %", "Compute-10: CPU 0 %"],
            vec!["bi: waits 60 ms", "etl: 40 waiting, a query takes 0 ms"],
        ];
        assert_eq!(lines(&told), expected);
        assert_eq!((scene.count("ListMetrics"), scene.count("GetMetricData")), (1, 1));
    }

    #[tokio::test]
    async fn a_queue_without_a_name_goes_by_its_number() {
        let scene = Scene::new(|operation, input| match operation {
            "ListMetrics" => listed(vec![metric("WLMQueueLength", &[("wlmid", "6")])]),
            "GetMetricData" => data(input),
            _ => None,
        })
        .await;
        let told = of_cluster(&scene.reach, "dw").await;
        assert_eq!(lines(&told), [vec!["none"], vec!["queue 6: 0 waiting"]]);
    }

    #[tokio::test]
    async fn nothing_listed_costs_no_metric_and_a_refusal_is_told() {
        let scene = Scene::new(|operation, _| match operation {
            "ListMetrics" => listed(Vec::new()),
            _ => None,
        });
        let scene = scene.await;
        assert_eq!(lines(&of_cluster(&scene.reach, "dw").await), [vec!["none"], vec!["none"]]);
        assert_eq!(scene.count("GetMetricData"), 0);
        let scene = Scene::new(|_, _| error(ListMetricsError::generic, "AccessDenied")).await;
        let told = lines(&of_cluster(&scene.reach, "dw").await);
        assert!(told.iter().all(|s| s[0].starts_with("not known: ")), "{told:?}");
    }

    #[tokio::test]
    async fn of_many_nodes_the_fullest_come_first() {
        let scene = Scene::new(|operation, input| match operation {
            "ListMetrics" => {
                let names = (0..40).map(|n| format!("Compute-{n}"));
                listed(names.map(|n| metric("PercentageDiskSpaceUsed", &[(NODE, &n)])).collect())
            }
            "GetMetricData" => data(input),
            _ => None,
        })
        .await;
        let told = lines(&of_cluster(&scene.reach, "dw").await);
        assert_eq!(told[0][0], "Compute-39: disk 390.0 %");
        assert_eq!(told[0].last().map(String::as_str), Some("and 28 more"));
    }

    #[test]
    fn lengths_of_time() {
        assert_eq!([took(12.4), took(1_500.0), took(300_000.0)], ["12 ms", "1.5 s", "5 min"]);
        assert_eq!([number(2.0), number(0.25)], ["2", "0.2"]);
    }
}
