//! Lists and describes Keyspaces: keyspaces at once, their tables by name, then what each is.

use super::spec::{KEYSPACE, SPEC, TABLE};
use super::table;
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::aws::pages::{Next, Pages};
use crate::model::{
    Backend, Cell, Detail, DialectId, Endpoint, EndpointRole, EngineId, Failure, FailureKind, Health, Place,
    Resource, ResourceId, SafeText, Section,
};
use crate::services::extras::or_why;
use crate::services::words::section;
use crate::services::{Part, Parts};
use aws_sdk_keyspaces::Client;
use aws_sdk_keyspaces::operation::get_keyspace::GetKeyspaceOutput;
use aws_sdk_keyspaces::types::{KeyspaceStatus, KeyspaceSummary, Rs};
use futures_util::{StreamExt, stream};
use std::sync::Arc;

/// Tables described at once: `GetTable` is rationed by the account.
const AT_ONCE: usize = 8;

/// Tables told in one part while they are filled in.
const BATCH: usize = 25;

/// The port of the CQL endpoint.
const PORT: u16 = 9142;

pub(super) type Facts = Vec<(SafeText, Cell)>;

/// Lists keyspaces, then the names of their tables, then fills each table in.
pub async fn list(reach: &Reach, out: Parts<'_>) -> Result<(), Failure> {
    let place = reach.place();
    let client = reach.keyspaces();
    let (keyspaces, mut cut, nameless) = keyspaces(&client, place, out).await?;
    let mut names = Vec::new();
    let mut trouble = (nameless > 0).then(|| {
        let why = format!("{nameless} keyspaces came under names that none can have");
        Failure::new(FailureKind::Garbled, format!("list keyspaces at {place}"), why)
    });
    for keyspace in keyspaces {
        match tables(&client, place, keyspace.keyspace_name()).await {
            Ok((tables, more)) => {
                cut |= more;
                let count = Cell::count(i64::try_from(tables.len()).ok());
                let mut rows = vec![with(summarised(place, &keyspace), "tables", count)];
                rows.extend(tables.iter().map(|t| table::named(place, keyspace.keyspace_name(), t)));
                out(Part::of(rows, true));
                names.extend(tables.into_iter().map(|t| (keyspace.keyspace_name().to_owned(), t)));
            }
            Err(failure) if failure.kind == FailureKind::NotFound => {}
            Err(failure) => {
                trouble.get_or_insert(failure);
            }
        }
    }
    let client = &client;
    let describe = |(keyspace, name): (String, String)| async move {
        let answer = table::described(client, place, &keyspace, &name).await;
        answer.map(|t| table::row(place, &keyspace, &name, &t))
    };
    let mut filled = stream::iter(names).map(describe).buffer_unordered(AT_ONCE).ready_chunks(BATCH);
    while let Some(batch) = filled.next().await {
        let mut rows = Vec::with_capacity(batch.len());
        for one in batch {
            match one {
                Ok(row) => rows.push(row),
                // Deleted since it was listed.
                Err(failure) if failure.kind == FailureKind::NotFound => {}
                Err(failure) => {
                    trouble.get_or_insert(failure);
                }
            }
        }
        out(Part::of(rows, true));
    }
    out(Part::of(Vec::new(), cut));
    trouble.map_or(Ok(()), Err)
}

/// Keyspaces of people, told page by page, whether more exist, and how many came under a name
/// that none can have. Those of the system hold no table of theirs.
async fn keyspaces(
    client: &Client,
    place: &Place,
    out: Parts<'_>,
) -> Result<(Vec<KeyspaceSummary>, bool, usize), Failure> {
    let (mut pages, mut token, mut all) = (Pages::default(), None, Vec::new());
    let mut nameless = 0;
    loop {
        let call = client.list_keyspaces().max_results(100).set_next_token(token.take());
        let doing = format!("list keyspaces at {place}");
        let answer = call.send().await.map_err(|e| failure(&doing, &e))?;
        let theirs = answer.keyspaces().iter().filter(|k| !is_system(k.keyspace_name()));
        let (theirs, odd): (Vec<_>, Vec<_>) =
            theirs.cloned().partition(|k| table::is_name(k.keyspace_name()));
        nameless += odd.len();
        out(Part::of(theirs.iter().map(|k| summarised(place, k)).collect(), true));
        all.extend(theirs);
        let cut = match pages.after(answer.next_token()) {
            Next::Page(next) => {
                token = Some(next);
                continue;
            }
            next => next == Next::Cut,
        };
        return Ok((all, cut, nameless));
    }
}

/// Whether it is one of Keyspaces' own: `system`, `system_schema`, `system_schema_mcs` ….
fn is_system(keyspace: &str) -> bool {
    keyspace == "system" || keyspace.starts_with("system_")
}

/// Names of the tables of a keyspace, and whether more exist.
async fn tables(client: &Client, place: &Place, keyspace: &str) -> Result<(Vec<String>, bool), Failure> {
    let (mut pages, mut token, mut all) = (Pages::default(), None, Vec::new());
    loop {
        let call = client.list_tables().keyspace_name(keyspace).max_results(1_000);
        let doing = format!("list tables of {} at {place}", SafeText::new(keyspace));
        let answer = call.set_next_token(token.take()).send().await.map_err(|e| failure(&doing, &e))?;
        let names = answer.tables().iter().map(|t| t.table_name().to_owned());
        all.extend(names.filter(|n| table::is_name(n)));
        match pages.after(answer.next_token()) {
            Next::Page(next) => token = Some(next),
            Next::Done => return Ok((all, false)),
            Next::Cut => return Ok((all, true)),
        }
    }
}

/// Everything about one keyspace or table.
pub async fn describe(reach: &Reach, id: &ResourceId) -> Result<Detail, Failure> {
    if id.kind == TABLE {
        return table::describe(reach, id).await;
    }
    let (client, place, name) = (reach.keyspaces(), reach.place(), &*id.name);
    let doing = format!("describe keyspace {} at {place}", SafeText::new(name));
    if table::apart(name).is_some() {
        return Err(Failure::new(FailureKind::NotFound, doing, "a keyspace's name has no dot"));
    }
    let answer = client.get_keyspace().keyspace_name(name).send().await.map_err(|e| failure(&doing, &e))?;
    let mut resource = described(place, &answer);
    let (tables, tags) = tokio::join!(tables(&client, place, name), tags(&client, &resource.arn));
    if let Ok((tables, _)) = &tables {
        resource = with(resource, "tables", Cell::count(i64::try_from(tables.len()).ok()));
    }
    if let Ok(tags) = &tags {
        resource.tags.clone_from(tags);
    }
    let mut sections = resource.facts.clone();
    let named = tables.map(|(all, _)| all.iter().map(|t| (SafeText::new(t), Cell::Absent)).collect());
    sections.push(or_why("Tables", named));
    if tags.is_err() {
        sections.push(or_why("Tags", tags.map(|_| Facts::new())));
    }
    Ok(Detail { resource, sections })
}

/// Every tag of a keyspace or table.
pub(super) async fn tags(client: &Client, arn: &str) -> Result<Vec<(SafeText, SafeText)>, Failure> {
    let (mut pages, mut token, mut all) = (Pages::default(), None, Vec::new());
    loop {
        let call = client.list_tags_for_resource().resource_arn(arn).set_next_token(token.take());
        let answer = call.send().await.map_err(|e| failure("list tags", &e))?;
        all.extend(answer.tags().iter().map(|t| (SafeText::new(t.key()), SafeText::new(t.value()))));
        match pages.after(answer.next_token()) {
            Next::Page(next) => token = Some(next),
            Next::Done | Next::Cut => return Ok(all),
        }
    }
}

/// The way to CQL at a place: one endpoint for all keyspaces of a Region. Identities log in by
/// their signature, users of service-specific credentials by name and password.
pub(super) fn backend(place: &Place, keyspace: &str) -> Backend {
    let domain = if place.region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    let host: Arc<str> = format!("cassandra.{}.{domain}", place.region).into();
    Backend {
        engine: EngineId::Cql,
        dialect: DialectId::Cql,
        endpoints: vec![Endpoint { role: EndpointRole::Writer, host, port: PORT }],
        database: Some(keyspace.into()),
        user: None,
        secret_arn: None,
        iam_login: true,
        data_api: None,
        keys: Vec::new(),
    }
}

/// A row with one cell set.
pub(super) fn with(mut resource: Resource, column: &str, cell: Cell) -> Resource {
    let at = SPEC.columns.iter().position(|c| c.id == column);
    if let Some(slot) = at.and_then(|at| resource.cells.get_mut(at)) {
        *slot = cell;
    }
    resource
}

/// What the listing and the description both say of a keyspace.
fn keyspace(place: &Place, name: &str, arn: &str, strategy: &Rs, regions: &[String]) -> Resource {
    let single = vec![place.region.to_string()];
    let regions = if regions.is_empty() { single.as_slice() } else { regions };
    let resource = Resource {
        id: ResourceId { service: SPEC.id, kind: KEYSPACE, place: place.clone(), name: name.into() },
        name: SafeText::new(name),
        arn: arn.into(),
        health: Health::Good("ACTIVE".into()),
        cells: vec![Cell::Absent; SPEC.columns.len()],
        parent: None,
        backend: Some(backend(place, name)),
        no_query: None,
        problems: Vec::new(),
        tags: Vec::new(),
        facts: vec![section(
            "Keyspace",
            vec![
                ("Replication", Cell::text(Some(strategy.as_str()))),
                ("Regions", Cell::text(Some(regions.join(", ")))),
                ("ARN", Cell::text(Some(arn).filter(|a| !a.is_empty()))),
            ],
        )],
        dimensions: Vec::new(),
    };
    with(resource, "regions", Cell::text(Some(regions.join(", "))))
}

fn summarised(place: &Place, k: &KeyspaceSummary) -> Resource {
    keyspace(place, k.keyspace_name(), k.resource_arn(), k.replication_strategy(), k.replication_regions())
}

fn described(place: &Place, k: &GetKeyspaceOutput) -> Resource {
    let mut resource = keyspace(
        place,
        k.keyspace_name(),
        k.resource_arn(),
        k.replication_strategy(),
        k.replication_regions(),
    );
    let mut lines = Facts::new();
    for of in k.replication_group_statuses() {
        let status = of.keyspace_status();
        let progress = of.tables_replication_progress().map(|p| format!(", {p} of its tables replicated"));
        let words = format!("{}{}", status.as_str(), progress.unwrap_or_default());
        lines.push((SafeText::new(of.region()), Cell::Text(SafeText::new(words))));
        // A Region that is not there yet speaks for the keyspace.
        if *status != KeyspaceStatus::Active {
            resource.health = health(status);
        }
    }
    if !lines.is_empty() {
        resource.facts.push(Section { title: "Replicas".into(), facts: lines });
    }
    resource
}

fn health(status: &KeyspaceStatus) -> Health {
    let word = SafeText::new(status.as_str());
    match status {
        KeyspaceStatus::Active => Health::Good(word),
        KeyspaceStatus::Creating | KeyspaceStatus::Updating | KeyspaceStatus::Deleting => Health::Busy(word),
        _ => Health::Unknown(word),
    }
}
