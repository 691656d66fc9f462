//! Facts that only a detail view asks for: snapshots, resize, logging, limits, queues, events.
//! Each may fail alone; a failure becomes a fact that says why.

use super::{measured, workload};
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::aws::pages::{Next, Pages};
use crate::model::{Cell, Failure, FailureKind, SafeText, Section};
use crate::services::extras::or_why;
use crate::services::words::time;
use aws_sdk_redshift::types::{Cluster, Parameter, SourceType};
use aws_sdk_redshiftserverless::types::Workgroup;
use aws_smithy_types::DateTime;

/// Minutes of events: one day.
const EVENT_MINUTES: i32 = 24 * 60;
/// Parameters a page.
const PAGE: i32 = 100;
/// Pages of snapshots that are read for one detail view.
const SNAPSHOT_PAGES: usize = 10;

type Facts = Vec<(SafeText, Cell)>;

/// What a cluster's detail view asks for beside the cluster.
pub async fn of_cluster(reach: &Reach, c: &Cluster) -> Vec<Section> {
    let name = c.cluster_identifier().unwrap_or_default();
    let group = c.cluster_parameter_groups().first().and_then(|g| g.parameter_group_name());
    let (resize, snapshots, logging, limits, queues, measured, events) = tokio::join!(
        resize(reach, name),
        snapshots(reach, name),
        logging(reach, name),
        limits(reach, name),
        parameters(reach, group),
        measured::of_cluster(reach, name),
        events(reach, name)
    );
    let mut sections = vec![
        or_why("Resize", resize),
        or_why("Snapshots", snapshots),
        or_why("Audit log", logging),
        or_why("Usage limits", limits),
    ];
    sections.extend(queues);
    sections.extend(measured);
    sections.push(or_why("Events of the last day", events));
    sections
}

async fn resize(reach: &Reach, name: &str) -> Result<Facts, Failure> {
    let answer = reach.redshift().describe_resize().cluster_identifier(name).send().await;
    let resize = match answer.map_err(|e| failure("describe the resize", &e)) {
        Ok(resize) => resize,
        // AWS answers 404 when there never was one.
        Err(none) if none.kind == FailureKind::NotFound => return Ok(Facts::new()),
        Err(failure) => return Err(failure),
    };
    let to = match (resize.target_number_of_nodes(), resize.target_node_type()) {
        (Some(n), Some(kind)) => Some(format!("{n} × {kind}")),
        (Some(n), None) => Some(format!("{n} nodes")),
        (None, kind) => kind.map(str::to_owned),
    };
    let megabytes = |n: Option<i64>| {
        n.and_then(|n| u64::try_from(n).ok()).map_or(Cell::Absent, |n| Cell::Bytes(n.saturating_mul(1 << 20)))
    };
    let seconds = |n: Option<i64>| {
        n.and_then(|n| u64::try_from(n).ok())
            .map_or(Cell::Absent, |n| Cell::Duration(n.saturating_mul(1_000)))
    };
    let facts = vec![
        ("Status", Cell::text(resize.status())),
        ("Kind", Cell::text(resize.resize_type())),
        ("To", Cell::text(to)),
        ("Share done", resize.data_transfer_progress_percent().map_or(Cell::Absent, Cell::Percent)),
        ("Copied", megabytes(resize.progress_in_mega_bytes())),
        ("In all", megabytes(resize.total_resize_data_in_mega_bytes())),
        ("So far", seconds(resize.elapsed_time_in_seconds())),
        ("Still to go", seconds(resize.estimated_time_to_completion_in_seconds())),
        ("Message", Cell::text(resize.message())),
    ];
    Ok(known(facts))
}

fn known(facts: Vec<(&str, Cell)>) -> Facts {
    let known = facts.into_iter().filter(|(_, cell)| *cell != Cell::Absent);
    known.map(|(label, cell)| (label.into(), cell)).collect()
}

async fn snapshots(reach: &Reach, name: &str) -> Result<Facts, Failure> {
    let client = reach.redshift();
    let (mut pages, mut marker, mut all) = (Pages::at_most(SNAPSHOT_PAGES), None, Vec::new());
    loop {
        let call = client.describe_cluster_snapshots().cluster_identifier(name).max_records(PAGE);
        let answer = call.set_marker(marker.take()).send().await;
        let answer = answer.map_err(|e| failure("list snapshots", &e))?;
        let next = pages.after(answer.marker());
        all.extend(answer.snapshots.unwrap_or_default());
        match next {
            Next::Page(next) => marker = Some(next),
            Next::Done | Next::Cut => break,
        }
    }
    all.sort_by_key(|s| std::cmp::Reverse(s.snapshot_create_time().map(DateTime::secs)));
    let line = |s: &aws_sdk_redshift::types::Snapshot| {
        let size = s.total_backup_size_in_mega_bytes().map(|mb| format!(", {mb:.0} MB")).unwrap_or_default();
        let what = format!("{} {}{size}", s.snapshot_type().unwrap_or("?"), s.status().unwrap_or("?"));
        (SafeText::new(s.snapshot_identifier().unwrap_or("?")), Cell::Text(SafeText::new(what)))
    };
    Ok(all.iter().map(line).collect())
}

async fn logging(reach: &Reach, name: &str) -> Result<Facts, Failure> {
    let answer = reach.redshift().describe_logging_status().cluster_identifier(name).send().await;
    let log = answer.map_err(|e| failure("describe logging", &e))?;
    let kind = log.log_destination_type().map(aws_sdk_redshift::types::LogDestinationType::as_str);
    Ok(known(vec![
        ("On", Cell::flag(log.logging_enabled())),
        ("To", Cell::text(kind)),
        ("Bucket", Cell::text(log.bucket_name())),
        ("Logs", Cell::text(Some(log.log_exports().join(", ")).filter(|l| !l.is_empty()))),
        ("Last delivery", time(log.last_successful_delivery_time())),
        ("Last failure", time(log.last_failure_time())),
        ("Why", Cell::text(log.last_failure_message())),
    ]))
}

async fn limits(reach: &Reach, name: &str) -> Result<Facts, Failure> {
    let answer = reach.redshift().describe_usage_limits().cluster_identifier(name).send().await;
    let limits = answer.map_err(|e| failure("list usage limits", &e))?.usage_limits.unwrap_or_default();
    let line = |l: &aws_sdk_redshift::types::UsageLimit| {
        let feature = l.feature_type().map_or("?", aws_sdk_redshift::types::UsageLimitFeatureType::as_str);
        let unit = l.limit_type().map_or("?", aws_sdk_redshift::types::UsageLimitLimitType::as_str);
        let what = format!(
            "{} ({unit}) {}, then {}",
            l.amount().unwrap_or_default(),
            l.period().map_or("?", |p| p.as_str()),
            l.breach_action().map_or("?", |a| a.as_str())
        );
        (SafeText::new(feature), Cell::Text(SafeText::new(what)))
    };
    Ok(limits.iter().map(line).collect())
}

/// The queues of workload management and the parameters that somebody set, of the cluster's
/// parameter group.
async fn parameters(reach: &Reach, group: Option<&str>) -> Vec<Section> {
    let Some(group) = group else { return Vec::new() };
    let client = reach.redshift();
    let (mut pages, mut marker, mut all) = (Pages::at_most(SNAPSHOT_PAGES), None, Vec::<Parameter>::new());
    loop {
        let call = client.describe_cluster_parameters().parameter_group_name(group).max_records(PAGE);
        let answer = match call.set_marker(marker.take()).send().await {
            Ok(answer) => answer,
            Err(e) => return vec![or_why(workload::QUEUES, Err(failure("list parameters", &e)))],
        };
        let next = pages.after(answer.marker());
        all.extend(answer.parameters.unwrap_or_default());
        match next {
            Next::Page(next) => marker = Some(next),
            Next::Done | Next::Cut => break,
        }
    }
    let wlm = all.iter().find(|p| p.parameter_name() == Some(workload::PARAMETER));
    let mut sections = workload::sections(wlm.and_then(|p| p.parameter_value()).unwrap_or_default());
    let set = all.iter().filter(|p| p.source() == Some("user"));
    let set = set
        .filter(|p| p.parameter_name() != Some(workload::PARAMETER))
        .map(|p| (SafeText::new(p.parameter_name().unwrap_or("?")), Cell::text(p.parameter_value())));
    sections.push(or_why("Parameters that were set", Ok(set.collect())));
    sections
}

async fn events(reach: &Reach, name: &str) -> Result<Facts, Failure> {
    let call = reach.redshift().describe_events().source_identifier(name).source_type(SourceType::Cluster);
    let answer = call.duration(EVENT_MINUTES).send().await.map_err(|e| failure("list events", &e))?;
    let mut events: Vec<_> = answer.events().iter().collect();
    events.sort_by_key(|e| std::cmp::Reverse(e.date().map(DateTime::secs)));
    Ok(events.iter().map(|e| (stamp(e.date()), Cell::text(e.message()))).collect())
}

/// What a workgroup's detail view asks for beside the workgroup.
pub async fn of_workgroup(reach: &Reach, w: &Workgroup) -> Vec<Section> {
    vec![or_why("Usage limits", serverless_limits(reach, w.workgroup_arn().unwrap_or_default()).await)]
}

async fn serverless_limits(reach: &Reach, arn: &str) -> Result<Facts, Failure> {
    if arn.is_empty() {
        return Ok(Facts::new());
    }
    let answer = reach.redshift_serverless().list_usage_limits().resource_arn(arn).send().await;
    let limits = answer.map_err(|e| failure("list usage limits", &e))?.usage_limits.unwrap_or_default();
    let line = |l: &aws_sdk_redshiftserverless::types::UsageLimit| {
        let what = format!(
            "{} {}, then {}",
            l.amount().unwrap_or_default(),
            l.period().map_or("?", |p| p.as_str()),
            l.breach_action().map_or("?", |a| a.as_str())
        );
        let usage =
            l.usage_type().map_or("?", aws_sdk_redshiftserverless::types::UsageLimitUsageType::as_str);
        (SafeText::new(usage), Cell::Text(SafeText::new(what)))
    };
    Ok(limits.iter().map(line).collect())
}

/// What a namespace's detail view asks for beside the namespace.
pub async fn of_namespace(reach: &Reach, name: &str) -> Vec<Section> {
    let (snapshots, points) = tokio::join!(namespace_snapshots(reach, name), recovery_points(reach, name));
    vec![or_why("Snapshots", snapshots), or_why("Recovery points", points)]
}

async fn namespace_snapshots(reach: &Reach, name: &str) -> Result<Facts, Failure> {
    let answer = reach.redshift_serverless().list_snapshots().namespace_name(name).max_results(PAGE).send();
    let mut all = answer.await.map_err(|e| failure("list snapshots", &e))?.snapshots.unwrap_or_default();
    all.sort_by_key(|s| std::cmp::Reverse(s.snapshot_create_time().map(DateTime::secs)));
    let line = |s: &aws_sdk_redshiftserverless::types::Snapshot| {
        let status = s.status().map_or("?", aws_sdk_redshiftserverless::types::SnapshotStatus::as_str);
        let size = s.total_backup_size_in_mega_bytes().map(|mb| format!(", {mb:.0} MB")).unwrap_or_default();
        (
            SafeText::new(s.snapshot_name().unwrap_or("?")),
            Cell::Text(SafeText::new(format!("{status}{size}"))),
        )
    };
    Ok(all.iter().map(line).collect())
}

async fn recovery_points(reach: &Reach, name: &str) -> Result<Facts, Failure> {
    let call = reach.redshift_serverless().list_recovery_points().namespace_name(name).max_results(PAGE);
    let answer = call.send().await.map_err(|e| failure("list recovery points", &e))?;
    let mut all = answer.recovery_points.unwrap_or_default();
    all.sort_by_key(|p| std::cmp::Reverse(p.recovery_point_create_time().map(DateTime::secs)));
    let line = |p: &aws_sdk_redshiftserverless::types::RecoveryPoint| {
        let size = p.total_size_in_mega_bytes().map(|mb| format!("{mb:.0} MB"));
        (stamp(p.recovery_point_create_time()), Cell::text(size))
    };
    Ok(all.iter().map(line).collect())
}

/// Tags of a workgroup or namespace.
///
/// # Errors
/// That of the call.
pub async fn tags(reach: &Reach, arn: &str) -> Result<Vec<(SafeText, SafeText)>, Failure> {
    if arn.is_empty() {
        return Ok(Vec::new());
    }
    let answer = reach.redshift_serverless().list_tags_for_resource().resource_arn(arn).send().await;
    let tags = answer.map_err(|e| failure("list tags", &e))?.tags.unwrap_or_default();
    Ok(tags.iter().map(|t| (SafeText::new(t.key()), SafeText::new(t.value()))).collect())
}

fn stamp(at: Option<&DateTime>) -> SafeText {
    let ms = at.and_then(|at| at.to_millis().ok());
    let when = ms.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    when.map_or_else(|| "?".into(), |t| SafeText::new(t.strftime("%Y-%m-%d %H:%M:%SZ").to_string()))
}
