//! Facts that only a detail view asks for: tags, users, snapshots, node types, events. Each may fail
//! alone; a failure becomes a fact that says why.

use super::spec::{GLOBAL, GROUP, MEMCACHED, NODE, SERVERLESS};
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::model::{Cell, Failure, Resource, SafeText, Section};
use crate::services::extras::or_why;
use crate::services::words::time;
use aws_sdk_elasticache::types::SourceType;

/// Minutes of events: one day.
const EVENT_MINUTES: i32 = 24 * 60;

type Facts = Vec<(SafeText, Cell)>;
type Tags = Vec<(SafeText, SafeText)>;

/// What the detail view of `row` asks for beside the row.
pub async fn of(reach: &Reach, row: &Resource, user_groups: &[String]) -> (Tags, Vec<Section>) {
    let name = &*row.id.name;
    let (tags, snapshots, users, types, events) = tokio::join!(
        tags(reach, &row.arn),
        snapshots(reach, row),
        users(reach, user_groups),
        node_types(reach, row),
        events(reach, row, name)
    );
    let mut sections = Vec::new();
    if !user_groups.is_empty() {
        sections.push(or_why("Users", users));
    }
    if !matches!(row.id.kind, NODE | MEMCACHED | GLOBAL) {
        sections.push(or_why("Snapshots", snapshots));
    }
    if row.id.kind == GROUP {
        sections.push(or_why("Node types it may change to", types));
    }
    if row.id.kind != GLOBAL {
        sections.push(or_why("Events of the last day", events));
    }
    (tags.unwrap_or_default(), sections)
}

async fn tags(reach: &Reach, arn: &str) -> Result<Tags, Failure> {
    if arn.is_empty() {
        return Ok(Vec::new());
    }
    let answer = reach.elasticache().list_tags_for_resource().resource_name(arn).send().await;
    let answer = answer.map_err(|e| failure("list tags", &e))?;
    let tag = |t: &aws_sdk_elasticache::types::Tag| {
        (SafeText::new(t.key().unwrap_or_default()), SafeText::new(t.value().unwrap_or_default()))
    };
    Ok(answer.tag_list().iter().map(tag).collect())
}

async fn snapshots(reach: &Reach, row: &Resource) -> Result<Facts, Failure> {
    let name = &*row.id.name;
    match row.id.kind {
        NODE | MEMCACHED | GLOBAL => Ok(Vec::new()),
        SERVERLESS => {
            let call = reach.elasticache().describe_serverless_cache_snapshots().serverless_cache_name(name);
            let answer = call.send().await.map_err(|e| failure("list snapshots", &e))?;
            let mut all: Vec<_> = answer.serverless_cache_snapshots().iter().collect();
            all.sort_by_key(|s| std::cmp::Reverse(s.create_time().map(aws_smithy_types::DateTime::secs)));
            let line = |s: &&aws_sdk_elasticache::types::ServerlessCacheSnapshot| {
                let what = format!("{} {}", s.snapshot_type().unwrap_or("?"), s.status().unwrap_or("?"));
                let name = s.serverless_cache_snapshot_name().unwrap_or("?");
                (SafeText::new(name), Cell::Text(SafeText::new(what)))
            };
            Ok(all.iter().map(line).collect())
        }
        kind => {
            let call = reach.elasticache().describe_snapshots().max_records(50);
            let call =
                if kind == GROUP { call.replication_group_id(name) } else { call.cache_cluster_id(name) };
            let answer = call.send().await.map_err(|e| failure("list snapshots", &e))?;
            let mut all: Vec<_> = answer.snapshots().iter().collect();
            let made = |s: &aws_sdk_elasticache::types::Snapshot| {
                let times = s.node_snapshots().iter().filter_map(|n| n.snapshot_create_time());
                times.map(aws_smithy_types::DateTime::secs).max()
            };
            all.sort_by_key(|s| std::cmp::Reverse(made(s)));
            let line = |s: &&aws_sdk_elasticache::types::Snapshot| {
                let what =
                    format!("{} {}", s.snapshot_source().unwrap_or("?"), s.snapshot_status().unwrap_or("?"));
                (SafeText::new(s.snapshot_name().unwrap_or("?")), Cell::Text(SafeText::new(what)))
            };
            Ok(all.iter().map(line).collect())
        }
    }
}

/// Who may log in, and with which rights.
async fn users(reach: &Reach, groups: &[String]) -> Result<Facts, Failure> {
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let mut facts = Vec::new();
    let all = reach.elasticache().describe_users().max_records(100).send().await;
    let all = all.map_err(|e| failure("list users", &e))?;
    for user in all.users() {
        if !user.user_group_ids().iter().any(|g| groups.contains(g)) {
            continue;
        }
        let how = user.authentication().and_then(|a| a.r#type()).map_or("?", |t| t.as_str());
        let what = format!("{how}, {}", user.access_string().unwrap_or("?"));
        facts.push((SafeText::new(user.user_name().unwrap_or("?")), Cell::Text(SafeText::new(what))));
    }
    Ok(facts)
}

async fn node_types(reach: &Reach, row: &Resource) -> Result<Facts, Failure> {
    if row.id.kind != GROUP {
        return Ok(Vec::new());
    }
    let call = reach.elasticache().list_allowed_node_type_modifications().replication_group_id(&*row.id.name);
    let answer = call.send().await.map_err(|e| failure("list node types", &e))?;
    let line = |title: &str, types: &[String]| {
        (SafeText::new(title), Cell::text(Some(types.join(", ")).filter(|t| !t.is_empty())))
    };
    Ok(vec![
        line("Larger", answer.scale_up_modifications()),
        line("Smaller", answer.scale_down_modifications()),
    ])
}

async fn events(reach: &Reach, row: &Resource, name: &str) -> Result<Facts, Failure> {
    let source = match row.id.kind {
        GLOBAL => return Ok(Vec::new()),
        GROUP => SourceType::ReplicationGroup,
        SERVERLESS => SourceType::ServerlessCache,
        _ => SourceType::CacheCluster,
    };
    let call = reach.elasticache().describe_events().source_identifier(name).source_type(source);
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
