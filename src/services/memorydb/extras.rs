//! Facts that only a detail view asks for: tags, users, snapshots, service updates, events. Each may
//! fail alone; a failure becomes a fact that says why.

use super::spec::CLUSTER;
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::model::{Cell, Failure, Resource, SafeText, Section};
use crate::services::extras::or_why;
use crate::services::words::time;
use aws_sdk_memorydb::types::SourceType;

/// Minutes of events: one day.
const EVENT_MINUTES: i32 = 24 * 60;

type Facts = Vec<(SafeText, Cell)>;
type Tags = Vec<(SafeText, SafeText)>;

/// What the detail view of `row` asks for beside the row.
pub async fn of(reach: &Reach, row: &Resource) -> (Tags, Vec<Section>) {
    if row.id.kind != CLUSTER {
        let events = events(reach, &row.id.name, SourceType::Node).await;
        return (Vec::new(), vec![or_why("Events of the last day", events)]);
    }
    let name = &*row.id.name;
    let (tags, acl, snapshots, updates, events) = tokio::join!(
        tags(reach, &row.arn),
        acls(reach, name),
        snapshots(reach, name),
        updates(reach, name),
        events(reach, name, SourceType::Cluster)
    );
    let sections = vec![
        or_why("Users by ACL", acl),
        or_why("Snapshots", snapshots),
        or_why("Service updates", updates),
        or_why("Events of the last day", events),
    ];
    (tags.unwrap_or_default(), sections)
}

async fn tags(reach: &Reach, arn: &str) -> Result<Tags, Failure> {
    let answer = reach.memorydb().list_tags().resource_arn(arn).send().await;
    let answer = answer.map_err(|e| failure("list tags", &e))?;
    let tag = |t: &aws_sdk_memorydb::types::Tag| {
        (SafeText::new(t.key().unwrap_or_default()), SafeText::new(t.value().unwrap_or_default()))
    };
    Ok(answer.tag_list().iter().map(tag).collect())
}

async fn acls(reach: &Reach, cluster: &str) -> Result<Facts, Failure> {
    let answer = reach.memorydb().describe_acls().max_results(50).send().await;
    let answer = answer.map_err(|e| failure("list ACLs", &e))?;
    let own = answer.acls().iter().filter(|a| a.clusters().iter().any(|c| c == cluster));
    Ok(own
        .map(|a| (SafeText::new(a.name().unwrap_or("?")), Cell::text(Some(a.user_names().join(", ")))))
        .collect())
}

async fn snapshots(reach: &Reach, cluster: &str) -> Result<Facts, Failure> {
    let answer = reach.memorydb().describe_snapshots().cluster_name(cluster).max_results(50).send().await;
    let answer = answer.map_err(|e| failure("list snapshots", &e))?;
    let line = |s: &aws_sdk_memorydb::types::Snapshot| {
        let what = format!("{} {}", s.source().unwrap_or("?"), s.status().unwrap_or("?"));
        (SafeText::new(s.name().unwrap_or("?")), Cell::Text(SafeText::new(what)))
    };
    Ok(answer.snapshots().iter().map(line).collect())
}

async fn updates(reach: &Reach, cluster: &str) -> Result<Facts, Failure> {
    let answer =
        reach.memorydb().describe_service_updates().cluster_names(cluster).max_results(50).send().await;
    let answer = answer.map_err(|e| failure("list service updates", &e))?;
    let line = |u: &aws_sdk_memorydb::types::ServiceUpdate| {
        let status = u.status().map_or("?", |s| s.as_str());
        (SafeText::new(u.service_update_name().unwrap_or("?")), Cell::Text(SafeText::new(status)))
    };
    Ok(answer.service_updates().iter().map(line).collect())
}

async fn events(reach: &Reach, name: &str, source: SourceType) -> Result<Facts, Failure> {
    let call = reach.memorydb().describe_events().source_name(name).source_type(source);
    let answer = call.duration(EVENT_MINUTES).send().await.map_err(|e| failure("list events", &e))?;
    let mut facts: Vec<_> =
        answer.events().iter().map(|e| (time(e.date()), Cell::text(e.message()))).collect();
    facts.sort_by(|a, b| b.0.compare(&a.0));
    Ok(facts.into_iter().map(|(at, what)| (moment(&at), what)).collect())
}

fn moment(at: &Cell) -> SafeText {
    match at {
        Cell::Time(ms) => jiff::Timestamp::from_millisecond(*ms)
            .map_or_else(|_| "?".into(), |t| SafeText::new(t.strftime("%Y-%m-%d %H:%M:%SZ").to_string())),
        _ => "?".into(),
    }
}
