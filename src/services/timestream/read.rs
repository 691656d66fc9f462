//! Lists and describes Timestream: LiveAnalytics and InfluxDB side by side, rows as pages come.

use super::influx::{self, Facts};
use super::live;
use super::spec::{CLUSTER, DATABASE, INSTANCE, SCHEDULED, SETTINGS, TABLE};
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::aws::pages::{Next, Pages};
use crate::model::{Cell, Detail, Failure, FailureKind, Health, Resource, ResourceId, SafeText};
use crate::services::extras::or_why;
use crate::services::{Part, Parts};
use aws_sdk_timestreaminfluxdb::operation::get_db_cluster::GetDbClusterOutput;
use aws_sdk_timestreaminfluxdb::operation::get_db_instance::GetDbInstanceOutput;
use aws_sdk_timestreaminfluxdb::types::{DbBackupSummary, DbClusterSummary};
use aws_sdk_timestreamquery::types::ScheduledQuery;
use aws_sdk_timestreamwrite::types::Table;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// Rows a page of LiveAnalytics' listings: the most that the API gives.
const LIVE_PAGE: i32 = 20;
/// Rows a page of InfluxDB's listings: the most that the API gives.
const PAGE: i32 = 100;

/// The health behind a status word of either control plane.
pub fn health(status: Option<&str>) -> Health {
    let word = SafeText::new(status.unwrap_or("unknown"));
    match word.as_str() {
        "ACTIVE" | "AVAILABLE" => Health::Good(word),
        "FAILED" | "REBOOT_FAILED" | "RESTORE_FAILED" | "PARTIALLY_AVAILABLE" => Health::Bad(word),
        "DELETED" => Health::Idle(word),
        "CREATING"
        | "DELETING"
        | "RESTORING"
        | "MODIFYING"
        | "REBOOTING"
        | "UPDATING"
        | "MAINTENANCE"
        | "UPDATING_DEPLOYMENT_TYPE"
        | "UPDATING_INSTANCE_TYPE" => Health::Busy(word),
        _ => Health::Unknown(word),
    }
}

/// Lists both. An account that never subscribed to LiveAnalytics is refused by it: that is how
/// nearly every account is, and InfluxDB's rows count as the listing.
pub async fn list(reach: &Reach, out: Parts<'_>) -> Result<(), Failure> {
    let (live, influx) = tokio::join!(live_rows(reach, out), influx_rows(reach, out));
    let (cut, aside) = match (live, influx) {
        (Ok(one), Ok(other)) => (one || other, None),
        (Err(failure), Ok(cut)) => (cut, Some(failure).filter(|f| !is_unsubscribed(f))),
        (Ok(cut), Err(failure)) => (cut, Some(failure)),
        (Err(_), Err(failure)) => return Err(failure),
    };
    out(Part { resources: Vec::new(), more: cut, aside });
    Ok(())
}

/// Whether LiveAnalytics is just not there for this account, or not in this region.
fn is_unsubscribed(failure: &Failure) -> bool {
    let words = failure.because.as_str();
    failure.kind == FailureKind::Denied
        || failure.kind == FailureKind::Rejected && words.starts_with("ValidationException")
        || failure.kind == FailureKind::Unreachable && words.to_lowercase().contains("dns")
}

async fn live_rows(reach: &Reach, out: Parts<'_>) -> Result<bool, Failure> {
    let (some, mut cut) = databases(reach, out).await?;
    if !some {
        return Ok(cut);
    }
    cut |= tables(reach, out).await?;
    // What follows is beside the tables: a policy that does not allow it still shows those.
    let settings = reach.live_query().await?.describe_account_settings().send().await;
    if let Ok(settings) = settings {
        out(Part::of(vec![live::settings(reach.place(), &settings)], true));
    }
    cut |= schedules(reach, out).await?;
    Ok(cut)
}

/// Databases. Whether there are some, and whether more exist than were read.
async fn databases(reach: &Reach, out: Parts<'_>) -> Result<(bool, bool), Failure> {
    let client = reach.live_write().await?;
    let (mut pages, mut token, mut some) = (Pages::default(), None, false);
    loop {
        let call = client.list_databases().max_results(LIVE_PAGE).set_next_token(token.take());
        let doing = format!("list Timestream databases at {}", reach.place());
        let answer = call.send().await.map_err(|e| failure(&doing, &e))?;
        let rows: Vec<_> =
            answer.databases().iter().filter_map(|d| live::database(reach.place(), d)).collect();
        some |= !rows.is_empty();
        out(Part::of(rows, true));
        match pages.after(answer.next_token()) {
            Next::Page(next) => token = Some(next),
            Next::Done => return Ok((some, false)),
            Next::Cut => return Ok((some, true)),
        }
    }
}

/// Tables of every database in one listing: a question for each database would take the quota.
async fn tables(reach: &Reach, out: Parts<'_>) -> Result<bool, Failure> {
    let client = reach.live_write().await?;
    let (mut pages, mut token) = (Pages::default(), None);
    loop {
        let call = client.list_tables().max_results(LIVE_PAGE).set_next_token(token.take());
        let doing = format!("list Timestream tables at {}", reach.place());
        let answer = call.send().await.map_err(|e| failure(&doing, &e))?;
        let rows = answer.tables().iter().filter_map(|t| live::table(reach.place(), t)).collect();
        out(Part::of(rows, true));
        match pages.after(answer.next_token()) {
            Next::Page(next) => token = Some(next),
            Next::Done => return Ok(false),
            Next::Cut => return Ok(true),
        }
    }
}

async fn schedules(reach: &Reach, out: Parts<'_>) -> Result<bool, Failure> {
    let (all, cut) = all_schedules(reach).await?;
    out(Part::of(all.iter().map(|q| live::scheduled(reach.place(), q)).collect(), true));
    Ok(cut)
}

async fn all_schedules(reach: &Reach) -> Result<(Vec<ScheduledQuery>, bool), Failure> {
    let client = reach.live_query().await?;
    let (mut pages, mut token, mut all) = (Pages::default(), None, Vec::new());
    loop {
        let call = client.list_scheduled_queries().max_results(LIVE_PAGE).set_next_token(token.take());
        let doing = format!("list scheduled queries at {}", reach.place());
        let answer = call.send().await.map_err(|e| failure(&doing, &e))?;
        let next = pages.after(answer.next_token());
        all.extend(answer.scheduled_queries);
        match next {
            Next::Page(next) => token = Some(next),
            Next::Done => return Ok((all, false)),
            Next::Cut => return Ok((all, true)),
        }
    }
}

/// Clusters with their members, then the instances that are no members.
async fn influx_rows(reach: &Reach, out: Parts<'_>) -> Result<bool, Failure> {
    let (clusters, mut cut) = clusters(reach).await?;
    let mut told = HashSet::new();
    for cluster in &clusters {
        let mut rows = vec![Facts::from(cluster).row(reach.place(), CLUSTER)];
        // Without its members the cluster is still a row.
        if let Ok((members, more)) = members(reach, cluster).await {
            cut |= more;
            told.extend(members.iter().map(|m| m.id.name.clone()));
            rows.extend(members);
        }
        out(Part::of(rows, true));
    }
    let client = reach.timestream_influxdb();
    let (mut pages, mut token) = (Pages::default(), None);
    loop {
        let call = client.list_db_instances().max_results(PAGE).set_next_token(token.take());
        let doing = format!("list InfluxDB instances at {}", reach.place());
        let answer = call.send().await.map_err(|e| failure(&doing, &e))?;
        let rows = answer.items().iter().map(|i| Facts::from(i).row(reach.place(), INSTANCE));
        out(Part::of(rows.filter(|r| !told.contains(&r.id.name)).collect(), true));
        match pages.after(answer.next_token()) {
            Next::Page(next) => token = Some(next),
            Next::Done => return Ok(cut),
            Next::Cut => return Ok(true),
        }
    }
}

async fn clusters(reach: &Reach) -> Result<(Vec<DbClusterSummary>, bool), Failure> {
    let client = reach.timestream_influxdb();
    let (mut pages, mut token, mut all) = (Pages::default(), None, Vec::new());
    loop {
        let call = client.list_db_clusters().max_results(PAGE).set_next_token(token.take());
        let doing = format!("list InfluxDB clusters at {}", reach.place());
        let answer = call.send().await.map_err(|e| failure(&doing, &e))?;
        let next = pages.after(answer.next_token());
        all.extend(answer.items);
        match next {
            Next::Page(next) => token = Some(next),
            Next::Done => return Ok((all, false)),
            Next::Cut => return Ok((all, true)),
        }
    }
}

async fn members(reach: &Reach, cluster: &DbClusterSummary) -> Result<(Vec<Resource>, bool), Failure> {
    let client = reach.timestream_influxdb();
    let (mut pages, mut token, mut rows) = (Pages::default(), None, Vec::new());
    // A cluster that says no id of its own (three characters at least) cannot be asked about.
    if cluster.id().len() < 3 {
        return Ok((rows, false));
    }
    loop {
        let call = client.list_db_instances_for_cluster().db_cluster_id(cluster.id()).max_results(PAGE);
        let answer = call.set_next_token(token.take()).send().await;
        let answer = answer.map_err(|e| failure("list the members of the cluster", &e))?;
        rows.extend(answer.items().iter().map(|i| influx::member(i, cluster).row(reach.place(), INSTANCE)));
        match pages.after(answer.next_token()) {
            Next::Page(next) => token = Some(next),
            Next::Done => return Ok((rows, false)),
            Next::Cut => return Ok((rows, true)),
        }
    }
}

fn missing(id: &ResourceId) -> Failure {
    let doing = format!("describe {} {}", id.kind, SafeText::new(&id.name));
    Failure::new(FailureKind::NotFound, doing, "AWS answered without it")
}

/// Everything about one resource.
pub async fn describe(reach: &Reach, id: &ResourceId) -> Result<Detail, Failure> {
    let place = reach.place();
    match id.kind {
        DATABASE => {
            let doing = format!("describe Timestream database {}", SafeText::new(&id.name));
            let call = reach.live_write().await?.describe_database().database_name(&*id.name);
            let answer = call.send().await.map_err(|e| failure(&doing, &e))?;
            let row = answer.database().and_then(|d| live::database(place, d)).ok_or_else(|| missing(id))?;
            Ok(tagged(reach, row).await)
        }
        TABLE => {
            let row = live::table(place, &table_named(reach, &id.name).await?).ok_or_else(|| missing(id))?;
            Ok(tagged(reach, row).await)
        }
        SCHEDULED => scheduled(reach, id).await,
        SETTINGS => {
            if *id.name != *live::SETTINGS_NAME {
                return Err(missing(id));
            }
            let answer = reach.live_query().await?.describe_account_settings().send().await;
            let answer = answer.map_err(|e| failure("describe the query settings", &e))?;
            Ok(detail(live::settings(place, &answer)))
        }
        CLUSTER => cluster(reach, id).await,
        INSTANCE => instance(reach, id).await,
        _ => Err(missing(id)),
    }
}

fn detail(resource: Resource) -> Detail {
    Detail { sections: resource.facts.clone(), resource }
}

/// The row with its tags: an extra, which a role that may not list them does without.
async fn tagged(reach: &Reach, mut row: Resource) -> Detail {
    if let Ok(client) = reach.live_write().await {
        let tags = client.list_tags_for_resource().resource_arn(&*row.arn).send().await;
        let tags = tags.map(|t| t.tags.unwrap_or_default()).unwrap_or_default();
        row.tags = tags.iter().map(|t| (SafeText::new(t.key()), SafeText::new(t.value()))).collect();
    }
    detail(row)
}

/// The two halves of `database.table`, every way to take it apart: both may hold dots.
fn halves(name: &str) -> impl Iterator<Item = (&str, &str)> {
    name.match_indices('.')
        .map(|(at, _)| (name.get(..at).unwrap_or_default(), name.get(at + 1..).unwrap_or_default()))
        .filter(|(database, table)| !database.is_empty() && !table.is_empty())
}

/// The table called `database.table`, from AWS now.
///
/// # Errors
/// Not found, or that of the call.
pub async fn table_named(reach: &Reach, name: &str) -> Result<Table, Failure> {
    let doing = format!("describe Timestream table {} at {}", SafeText::new(name), reach.place());
    for (database, table) in halves(name) {
        let call = reach.live_write().await?.describe_table().database_name(database).table_name(table);
        match call.send().await.map_err(|e| failure(&doing, &e)) {
            Ok(answer) => {
                let found = answer.table.filter(|t| t.table_name() == Some(table));
                return found
                    .ok_or_else(|| Failure::new(FailureKind::NotFound, &doing, "AWS answered without it"));
            }
            Err(other) if other.kind == FailureKind::NotFound => {}
            Err(failure) => return Err(failure),
        }
    }
    Err(Failure::new(FailureKind::NotFound, doing, "there is no such table")
        .hint("a table is named DATABASE.TABLE"))
}

/// The ARN of the scheduled query that `name` is, or is the name of.
async fn schedule_arn(reach: &Reach, name: &str) -> Result<ScheduledQuery, Failure> {
    let (all, _) = all_schedules(reach).await?;
    let mut found = all.into_iter().filter(|q| q.arn() == name || q.name() == name);
    match (found.next(), found.next()) {
        (Some(query), None) => Ok(query),
        _ => {
            let doing = format!("describe scheduled query {}", SafeText::new(name));
            let why = "no scheduled query, or no single one, has this name";
            Err(Failure::new(FailureKind::NotFound, doing, why))
        }
    }
}

async fn scheduled(reach: &Reach, id: &ResourceId) -> Result<Detail, Failure> {
    let found = schedule_arn(reach, &id.name).await?;
    let mut detail = detail(live::scheduled(reach.place(), &found));
    let call = reach.live_query().await?.describe_scheduled_query().scheduled_query_arn(found.arn());
    let answer = call.send().await.map_err(|e| failure("describe the scheduled query", &e))?;
    detail.sections.extend(answer.scheduled_query().map(live::schedule));
    Ok(detail)
}

/// Whether `name` can be an identifier of InfluxDB: the API rejects others.
fn is_identifier(name: &str) -> bool {
    name.len() == 10 && name.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// The identifier of the instance or cluster whose own name is `id.name`.
async fn identifier(reach: &Reach, id: &ResourceId) -> Result<String, Failure> {
    let parts = Mutex::new(Vec::new());
    influx_rows(reach, &|part: Part| {
        parts.lock().unwrap_or_else(PoisonError::into_inner).extend(part.resources);
    })
    .await?;
    let rows = parts.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut named = rows.iter().filter(|r| r.id.kind == id.kind && r.name.as_str() == &*id.name);
    named.next().map(|r| r.id.name.to_string()).ok_or_else(|| missing(id))
}

/// The instance with this identifier, from AWS now.
///
/// # Errors
/// Not found, or that of the call.
pub async fn instance_now(reach: &Reach, id: &str) -> Result<GetDbInstanceOutput, Failure> {
    let doing = format!("describe InfluxDB instance {} at {}", SafeText::new(id), reach.place());
    let call = reach.timestream_influxdb().get_db_instance().identifier(id);
    call.send().await.map_err(|e| failure(&doing, &e))
}

/// The cluster with this identifier, from AWS now.
///
/// # Errors
/// As [`instance_now`].
pub async fn cluster_now(reach: &Reach, id: &str) -> Result<GetDbClusterOutput, Failure> {
    let doing = format!("describe InfluxDB cluster {} at {}", SafeText::new(id), reach.place());
    let call = reach.timestream_influxdb().get_db_cluster().db_cluster_id(id);
    call.send().await.map_err(|e| failure(&doing, &e))
}

fn is_missing<T>(asked: &Result<T, Failure>) -> bool {
    asked.as_ref().is_err_and(|f| f.kind == FailureKind::NotFound)
}

async fn instance(reach: &Reach, id: &ResourceId) -> Result<Detail, Failure> {
    let mut asked =
        if is_identifier(&id.name) { instance_now(reach, &id.name).await } else { Err(missing(id)) };
    if is_missing(&asked) {
        asked = instance_now(reach, &identifier(reach, id).await?).await;
    }
    let answer = asked?;
    let mut detail = detail(Facts::from(&answer).row(reach.place(), INSTANCE));
    detail.sections.extend(influx::instance_sections(&answer));
    beside(reach, &mut detail).await;
    Ok(detail)
}

async fn cluster(reach: &Reach, id: &ResourceId) -> Result<Detail, Failure> {
    let mut asked =
        if is_identifier(&id.name) { cluster_now(reach, &id.name).await } else { Err(missing(id)) };
    if is_missing(&asked) {
        asked = cluster_now(reach, &identifier(reach, id).await?).await;
    }
    let answer = asked?;
    let mut detail = detail(Facts::from(&answer).row(reach.place(), CLUSTER));
    detail.sections.extend(influx::cluster_sections(&answer));
    beside(reach, &mut detail).await;
    Ok(detail)
}

/// Backups and tags: each may fail alone.
async fn beside(reach: &Reach, detail: &mut Detail) {
    let client = reach.timestream_influxdb();
    let (backups, tags) = tokio::join!(
        backups(reach, &detail.resource.id.name),
        client.list_tags_for_resource().resource_arn(&*detail.resource.arn).send()
    );
    let lines = backups.map(|all| all.iter().map(line).collect());
    detail.sections.push(or_why("Backups", lines));
    let tags = tags.ok().and_then(|t| t.tags).unwrap_or_default();
    let mut tags: Vec<_> = tags.iter().map(|(k, v)| (SafeText::new(k), SafeText::new(v))).collect();
    tags.sort();
    detail.resource.tags = tags;
}

fn line(backup: &DbBackupSummary) -> (SafeText, Cell) {
    let status = backup.status().map_or("?", |s| s.as_str());
    (SafeText::new(backup.name().unwrap_or(backup.id())), Cell::text(Some(status)))
}

/// Backups of the instance or cluster `id`, newest first.
///
/// # Errors
/// That of the call.
pub async fn backups(reach: &Reach, id: &str) -> Result<Vec<DbBackupSummary>, Failure> {
    let call = reach.timestream_influxdb().list_db_backups().db_resource_id(id).max_results(PAGE);
    let mut all = call.send().await.map_err(|e| failure("list backups", &e))?.items;
    all.sort_by_key(|b| std::cmp::Reverse(b.created_at().map(aws_smithy_types::DateTime::secs)));
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tables_name_is_taken_apart_in_every_way() {
        let all = |name| halves(name).collect::<Vec<_>>();
        assert_eq!(all("db.t"), [("db", "t")]);
        assert_eq!(all("a.b.c"), [("a", "b.c"), ("a.b", "c")]);
        assert_eq!(all("plain"), []);
        assert_eq!(all(".t"), []);
    }

    #[test]
    fn who_never_subscribed_is_told_apart_from_who_was_throttled() {
        let failure = |kind, because: &str| Failure::new(kind, "list", because);
        assert!(is_unsubscribed(&failure(FailureKind::Denied, "AccessDeniedException: no")));
        assert!(is_unsubscribed(&failure(FailureKind::Rejected, "ValidationException: closed")));
        assert!(is_unsubscribed(&failure(FailureKind::Unreachable, "dispatch failure: dns error")));
        assert!(!is_unsubscribed(&failure(FailureKind::Throttled, "ThrottlingException")));
        assert!(!is_unsubscribed(&failure(FailureKind::Unreachable, "no answer in time")));
    }
}
