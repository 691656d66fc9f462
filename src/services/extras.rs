//! Facts that only a detail view asks for: events, snapshots. Each may fail alone; a failure
//! becomes a fact that says why.

use super::words::time;
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::model::{Cell, Failure, Resource, SafeText, Section};
use aws_sdk_rds::types::{PendingModifiedValues, SourceType};

/// Most lines of one section.
pub const LINES: usize = 12;

/// Minutes of events: one day.
const EVENT_MINUTES: i32 = 24 * 60;

/// Recent events and snapshots of a database on the RDS control plane.
pub async fn sections(reach: &Reach, resource: &Resource) -> Vec<Section> {
    let name = &*resource.id.name;
    let (events, snapshots) = if resource.id.kind == "instance" {
        tokio::join!(events(reach, name, SourceType::DbInstance), snapshots(reach, name))
    } else {
        tokio::join!(events(reach, name, SourceType::DbCluster), cluster_snapshots(reach, name))
    };
    vec![or_why("Events of the last day", events), or_why("Snapshots", snapshots)]
}

type Facts = Vec<(SafeText, Cell)>;

/// A section, or why it could not be had.
pub fn or_why(title: &str, facts: Result<Facts, Failure>) -> Section {
    let mut facts = facts.unwrap_or_else(|f| vec![("not known".into(), Cell::Text(f.because))]);
    if facts.is_empty() {
        facts.push(("none".into(), Cell::Absent));
    }
    let more = facts.len().saturating_sub(LINES);
    if more > 0 {
        facts.truncate(LINES);
        facts.push((SafeText::new(format!("and {more} more")), Cell::Absent));
    }
    Section { title: title.into(), facts }
}

async fn events(reach: &Reach, name: &str, source: SourceType) -> Result<Facts, Failure> {
    let call =
        reach.rds().describe_events().source_identifier(name).source_type(source).duration(EVENT_MINUTES);
    let answer = call.send().await.map_err(|e| failure("list events", &e))?;
    let mut facts: Vec<_> =
        answer.events().iter().map(|e| (time(e.date()), Cell::text(e.message()))).collect();
    facts.sort_by(|a, b| b.0.compare(&a.0));
    Ok(facts.into_iter().map(|(at, what)| (label(&at), what)).collect())
}

async fn snapshots(reach: &Reach, name: &str) -> Result<Facts, Failure> {
    let call = reach.rds().describe_db_snapshots().db_instance_identifier(name).max_records(100);
    let answer = call.send().await.map_err(|e| failure("list snapshots", &e))?;
    let mut all: Vec<_> = answer.db_snapshots().iter().collect();
    all.sort_by_key(|s| {
        std::cmp::Reverse(s.snapshot_create_time().map(aws_sdk_rds::primitives::DateTime::secs))
    });
    let line = |s: &&aws_sdk_rds::types::DbSnapshot| {
        let what = format!("{} {}", s.snapshot_type().unwrap_or("?"), s.status().unwrap_or("?"));
        (SafeText::new(s.db_snapshot_identifier().unwrap_or("?")), Cell::Text(SafeText::new(what)))
    };
    Ok(all.iter().map(line).collect())
}

async fn cluster_snapshots(reach: &Reach, name: &str) -> Result<Facts, Failure> {
    let call = reach.rds().describe_db_cluster_snapshots().db_cluster_identifier(name).max_records(100);
    let answer = call.send().await.map_err(|e| failure("list cluster snapshots", &e))?;
    let mut all: Vec<_> = answer.db_cluster_snapshots().iter().collect();
    all.sort_by_key(|s| {
        std::cmp::Reverse(s.snapshot_create_time().map(aws_sdk_rds::primitives::DateTime::secs))
    });
    let line = |s: &&aws_sdk_rds::types::DbClusterSnapshot| {
        let what = format!("{} {}", s.snapshot_type().unwrap_or("?"), s.status().unwrap_or("?"));
        (SafeText::new(s.db_cluster_snapshot_identifier().unwrap_or("?")), Cell::Text(SafeText::new(what)))
    };
    Ok(all.iter().map(line).collect())
}

fn label(at: &Cell) -> SafeText {
    match at {
        Cell::Time(ms) => jiff::Timestamp::from_millisecond(*ms)
            .map_or_else(|_| "?".into(), |t| SafeText::new(t.strftime("%Y-%m-%d %H:%M:%SZ").to_string())),
        _ => "?".into(),
    }
}

/// What a deferred modification will change, in words.
pub fn pending(p: &PendingModifiedValues) -> String {
    let mut words = Vec::new();
    let mut note = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            words.push(format!("{name} → {value}"));
        }
    };
    note("class", p.db_instance_class().map(str::to_owned));
    note("storage", p.allocated_storage().map(|n| format!("{n} GiB")));
    note("version", p.engine_version().map(str::to_owned));
    note("Multi-AZ", p.multi_az().map(|b| b.to_string()));
    note("IOPS", p.iops().map(|n| n.to_string()));
    note("backups", p.backup_retention_period().map(|n| format!("{n} d")));
    note("identifier", p.db_instance_identifier().map(str::to_owned));
    note("storage type", p.storage_type().map(str::to_owned));
    note("CA", p.ca_certificate_identifier().map(str::to_owned));
    note("password", p.master_user_password().map(|_| "a new one".to_owned()));
    words.join(", ")
}
