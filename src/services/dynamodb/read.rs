//! Lists and describes tables: names at once, what each table is behind them.

use super::spec::{SPEC, TABLE};
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::aws::pages::{Next, Pages};
use crate::model::{
    Backend, Cell, Detail, DialectId, EngineId, Failure, FailureKind, Health, Place, Resource, ResourceId,
    SafeText, Section,
};
use crate::services::extras::or_why;
use crate::services::words::{Trouble, section, time};
use crate::services::{Part, Parts};
use aws_sdk_applicationautoscaling::types::{ScalableDimension, ScalableTarget, ServiceNamespace};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{KeySchemaElement, KeyType, TableDescription};
use futures_util::{StreamExt, stream};
use std::sync::Arc;

/// Tables described at once: quick for a thousand tables, gentle on the account's limits.
const AT_ONCE: usize = 8;

/// Tables told in one part while they are filled in.
const BATCH: usize = 25;

/// Lists tables by name, page by page, then fills each in.
pub async fn list(reach: &Reach, out: Parts<'_>) -> Result<(), Failure> {
    let place = reach.place();
    // One client for all: making one for each of a thousand calls costs more than the calls do.
    let client = reach.dynamodb();
    let (mut pages, mut start, mut names) = (Pages::default(), None, Vec::new());
    let mut nameless = 0;
    let cut = loop {
        let call = client.list_tables().limit(100).set_exclusive_start_table_name(start.take());
        let answer = call.send().await.map_err(|e| failure(&format!("list tables at {place}"), &e))?;
        // A name that no table can have is not asked for: that would fail as our own mistake.
        let (real, empty): (Vec<_>, Vec<_>) = answer.table_names().iter().partition(|n| !n.is_empty());
        nameless += empty.len();
        out(Part::of(real.iter().map(|n| named(place, n)).collect(), true));
        names.extend(real.into_iter().cloned());
        match pages.after(answer.last_evaluated_table_name()) {
            Next::Page(next) => start = Some(next),
            Next::Done => break false,
            Next::Cut => break true,
        }
    };
    let mut first_trouble = (nameless > 0).then(|| {
        let what = format!("{nameless} tables came without a name");
        Failure::new(FailureKind::Garbled, format!("list tables at {place}"), what)
    });
    let mut filled = stream::iter(names)
        .map(|name| described(&client, place, name))
        .buffer_unordered(AT_ONCE)
        .ready_chunks(BATCH);
    while let Some(batch) = filled.next().await {
        let mut resources = Vec::with_capacity(batch.len());
        for table in batch {
            match table {
                Ok(table) => resources.extend(row(place, &table)),
                // Deleted since it was listed.
                Err(failure) if failure.kind == FailureKind::NotFound => {}
                Err(failure) => {
                    first_trouble.get_or_insert(failure);
                }
            }
        }
        out(Part::of(resources, true));
    }
    out(Part::of(Vec::new(), cut));
    first_trouble.map_or(Ok(()), Err)
}

async fn described(client: &Client, place: &Place, name: String) -> Result<TableDescription, Failure> {
    let doing = format!("describe table {} at {}", SafeText::new(&name), place);
    let answer = client.describe_table().table_name(name).send().await.map_err(|e| failure(&doing, &e))?;
    answer.table.ok_or_else(|| Failure::new(FailureKind::Garbled, doing, "AWS answered without a table"))
}

/// Everything about one table.
pub async fn describe(reach: &Reach, id: &ResourceId) -> Result<Detail, Failure> {
    let table = described(&reach.dynamodb(), reach.place(), id.name.to_string()).await?;
    let missing = || Failure::new(FailureKind::NotFound, "describe table", "AWS answered without it");
    let mut resource = row(reach.place(), &table).ok_or_else(missing)?;
    let name = &*id.name;
    let (ttl, pitr, scaling, tags) =
        tokio::join!(ttl(reach, name), pitr(reach, name), scaling(reach, name), tags(reach, &resource.arn));
    if let Ok(tags) = &tags {
        resource.tags.clone_from(tags);
    }
    set(&mut resource, "ttl", ttl.as_ref().ok().and_then(|f| f.first()).map(|(_, cell)| cell.clone()));
    set(&mut resource, "pitr", pitr.as_ref().ok().and_then(|f| f.first()).map(|(_, cell)| cell.clone()));
    let mut sections = resource.facts.clone();
    sections.push(or_why("Time to live", ttl));
    sections.push(or_why("Point-in-time recovery", pitr));
    sections.push(or_why("Auto scaling", scaling));
    // Tags that came are on the row; tags that did not come say why.
    if tags.is_err() {
        sections.push(or_why("Tags", tags.map(|_| Facts::new())));
    }
    Ok(Detail { resource, sections })
}

fn set(resource: &mut Resource, column: &str, cell: Option<Cell>) {
    let at = SPEC.columns.iter().position(|c| c.id == column);
    if let (Some(slot), Some(cell)) = (at.and_then(|at| resource.cells.get_mut(at)), cell) {
        *slot = cell;
    }
}

fn backend(keys: Vec<Arc<str>>) -> Backend {
    Backend {
        engine: EngineId::DynamoDb,
        dialect: DialectId::PartiQl,
        endpoints: Vec::new(),
        database: None,
        user: None,
        secret_arn: None,
        iam_login: false,
        data_api: None,
        keys,
    }
}

/// A row of which only the name is known.
fn named(place: &Place, name: &str) -> Resource {
    Resource {
        id: ResourceId { service: SPEC.id, kind: TABLE, place: place.clone(), name: name.into() },
        name: SafeText::new(name),
        arn: "".into(),
        health: Health::Unknown("…".into()),
        cells: vec![Cell::Absent; SPEC.columns.len()],
        parent: None,
        backend: Some(backend(Vec::new())),
        no_query: None,
        problems: Vec::new(),
        tags: Vec::new(),
        facts: Vec::new(),
        dimensions: vec![("TableName", name.into())],
    }
}

fn health(status: Option<&str>) -> Health {
    let word = SafeText::new(status.unwrap_or("unknown"));
    match word.as_str() {
        "ACTIVE" => Health::Good(word),
        "CREATING" | "UPDATING" | "DELETING" | "ARCHIVING" => Health::Busy(word),
        "ARCHIVED" => Health::Idle(word),
        "INACCESSIBLE_ENCRYPTION_CREDENTIALS" | "REPLICATION_NOT_AUTHORIZED" => Health::Bad(word),
        _ => Health::Unknown(word),
    }
}

/// A table as a row; `None` without a name.
fn row(place: &Place, t: &TableDescription) -> Option<Resource> {
    let name = t.table_name()?;
    let on_demand = t
        .billing_mode_summary()
        .and_then(|b| b.billing_mode())
        .is_some_and(|m| m.as_str() == "PAY_PER_REQUEST");
    let units = t.provisioned_throughput().filter(|_| !on_demand);
    let stream = t.stream_specification().filter(|s| s.stream_enabled()).and_then(|s| s.stream_view_type());
    let (gsis, lsis) = (t.global_secondary_indexes().len(), t.local_secondary_indexes().len());
    let status = t.table_status().map(aws_sdk_dynamodb::types::TableStatus::as_str);
    let health = health(status);
    let mut trouble = Trouble::default();
    if let Health::Bad(word) = &health {
        trouble.urgent("status", format!("status is {word}"));
    }
    for replica in t.replicas().iter().filter(|r| r.replica_status().is_some_and(|s| s.as_str() != "ACTIVE"))
    {
        let region = replica.region_name().unwrap_or("?");
        trouble.urgent(
            "replication",
            format!("replica in {region} is {}", replica.replica_status().map_or("?", |s| s.as_str())),
        );
    }
    trouble.risk(t.deletion_protection_enabled() == Some(false), "unprotected", "deletion protection is off");
    let cells = vec![
        Cell::text(keys(t.key_schema())),
        Cell::Text(if on_demand { "on demand" } else { "provisioned" }.into()),
        Cell::count(
            units.and_then(aws_sdk_dynamodb::types::ProvisionedThroughputDescription::read_capacity_units),
        ),
        Cell::count(
            units.and_then(aws_sdk_dynamodb::types::ProvisionedThroughputDescription::write_capacity_units),
        ),
        Cell::count(t.item_count()),
        t.table_size_bytes().and_then(|n| u64::try_from(n).ok()).map_or(Cell::Absent, Cell::Bytes),
        Cell::Text(SafeText::new(format!("{gsis}/{lsis}"))),
        Cell::Flag(stream.is_some()),
        Cell::Absent,
        Cell::Absent,
        Cell::count(i64::try_from(t.replicas().len()).ok()),
        Cell::text(
            t.table_class_summary()
                .and_then(|c| c.table_class())
                .map(aws_sdk_dynamodb::types::TableClass::as_str)
                .or(Some("STANDARD")),
        ),
        Cell::flag(t.deletion_protection_enabled()),
    ];
    Some(Resource {
        arn: t.table_arn().unwrap_or_default().into(),
        health,
        cells,
        problems: trouble.into_problems(),
        backend: Some(backend(key_names(t.key_schema()))),
        facts: facts(t, stream.map(aws_sdk_dynamodb::types::StreamViewType::as_str)),
        ..named(place, name)
    })
}

/// Key attributes, partition key first, whatever order they came in.
fn key_names(schema: &[KeySchemaElement]) -> Vec<Arc<str>> {
    let of = |kind: KeyType| schema.iter().filter(move |k| *k.key_type() == kind);
    of(KeyType::Hash).chain(of(KeyType::Range)).map(|k| k.attribute_name().into()).collect()
}

/// Key attributes in words: `user_id / feature_name`.
fn keys(schema: &[KeySchemaElement]) -> Option<String> {
    let of = |kind: &KeyType| {
        let named: Vec<_> =
            schema.iter().filter(|k| k.key_type() == kind).map(KeySchemaElement::attribute_name).collect();
        Some(named.join("+")).filter(|n| !n.is_empty())
    };
    let partition = of(&KeyType::Hash)?;
    Some(match of(&KeyType::Range) {
        Some(sort) => format!("{partition} / {sort}"),
        None => partition,
    })
}

fn facts(t: &TableDescription, stream: Option<&str>) -> Vec<Section> {
    let text = |words: String| Cell::Text(SafeText::new(words));
    let attributes = t.attribute_definitions().iter();
    let attributes: Vec<_> =
        attributes.map(|a| format!("{} {}", a.attribute_name(), a.attribute_type().as_str())).collect();
    let mut indexes: Vec<(SafeText, Cell)> = Vec::new();
    for index in t.global_secondary_indexes() {
        let keys = keys(index.key_schema()).unwrap_or_default();
        let status = index.index_status().map_or("?", aws_sdk_dynamodb::types::IndexStatus::as_str);
        let projects = index.projection().and_then(|p| p.projection_type()).map_or("?", |p| p.as_str());
        let units = index
            .provisioned_throughput()
            .and_then(|u| u.read_capacity_units().zip(u.write_capacity_units()));
        let units = units
            .filter(|u| u.0 > 0 || u.1 > 0)
            .map(|(r, w)| format!(", {r} RCU {w} WCU"))
            .unwrap_or_default();
        let items = index.item_count().unwrap_or(0);
        let what = format!("GSI on {keys}, projects {projects}, {status}, {items} items{units}");
        indexes.push((SafeText::new(index.index_name().unwrap_or("?")), text(what)));
    }
    for index in t.local_secondary_indexes() {
        let keys = keys(index.key_schema()).unwrap_or_default();
        indexes.push((SafeText::new(index.index_name().unwrap_or("?")), text(format!("LSI on {keys}"))));
    }
    let replicas = t.replicas().iter().map(|r| {
        let status = r.replica_status().map_or("?", aws_sdk_dynamodb::types::ReplicaStatus::as_str);
        (SafeText::new(r.region_name().unwrap_or("?")), Cell::Text(SafeText::new(status)))
    });
    let mut sections = vec![section(
        "Table",
        vec![
            ("Keys", Cell::text(keys(t.key_schema()))),
            ("Attributes", Cell::text(Some(attributes.join(", ")).filter(|a| !a.is_empty()))),
            ("Table id", Cell::text(t.table_id())),
            ("ARN", Cell::text(t.table_arn())),
            ("Created", time(t.creation_date_time())),
            ("Items (about 6 h old)", Cell::count(t.item_count())),
            ("Stream", Cell::text(stream)),
            (
                "Encryption",
                Cell::text(
                    t.sse_description()
                        .and_then(|s| s.sse_type())
                        .map(aws_sdk_dynamodb::types::SseType::as_str),
                ),
            ),
            (
                "Decreases today",
                Cell::count(t.provisioned_throughput().and_then(
                    aws_sdk_dynamodb::types::ProvisionedThroughputDescription::number_of_decreases_today,
                )),
            ),
            ("Deletion protection", Cell::flag(t.deletion_protection_enabled())),
        ],
    )];
    sections.push(Section { title: "Indexes".into(), facts: indexes });
    sections.push(Section { title: "Replicas".into(), facts: replicas.collect() });
    sections.retain(|s| !s.facts.is_empty());
    sections
}

type Facts = Vec<(SafeText, Cell)>;

async fn ttl(reach: &Reach, name: &str) -> Result<Facts, Failure> {
    let answer = reach.dynamodb().describe_time_to_live().table_name(name).send().await;
    let ttl = answer.map_err(|e| failure("describe time to live", &e))?.time_to_live_description;
    let on = ttl.as_ref().and_then(|t| t.attribute_name());
    let status = ttl
        .as_ref()
        .and_then(|t| t.time_to_live_status())
        .map(aws_sdk_dynamodb::types::TimeToLiveStatus::as_str);
    Ok(vec![("Attribute".into(), Cell::text(on.or(Some("off")))), ("Status".into(), Cell::text(status))])
}

async fn pitr(reach: &Reach, name: &str) -> Result<Facts, Failure> {
    let answer = reach.dynamodb().describe_continuous_backups().table_name(name).send().await;
    let backups =
        answer.map_err(|e| failure("describe continuous backups", &e))?.continuous_backups_description;
    let pitr = backups.as_ref().and_then(|b| b.point_in_time_recovery_description());
    let status = pitr.and_then(|p| p.point_in_time_recovery_status()).map(|s| s.as_str() == "ENABLED");
    Ok(vec![
        ("On".into(), Cell::flag(status)),
        ("Earliest".into(), time(pitr.and_then(|p| p.earliest_restorable_date_time()))),
        ("Latest".into(), time(pitr.and_then(|p| p.latest_restorable_date_time()))),
    ])
}

/// Every tag of a table.
async fn tags(reach: &Reach, arn: &str) -> Result<Vec<(SafeText, SafeText)>, Failure> {
    let (mut pages, mut token, mut all) = (Pages::default(), None, Vec::new());
    loop {
        let call = reach.dynamodb().list_tags_of_resource().resource_arn(arn).set_next_token(token.take());
        let answer = call.send().await.map_err(|e| failure("list tags", &e))?;
        all.extend(answer.tags().iter().map(|t| (SafeText::new(t.key()), SafeText::new(t.value()))));
        match pages.after(answer.next_token()) {
            Next::Page(next) => token = Some(next),
            Next::Done | Next::Cut => return Ok(all),
        }
    }
}

async fn scaling(reach: &Reach, name: &str) -> Result<Facts, Failure> {
    let id = format!("table/{name}");
    let client = reach.auto_scaling();
    let targets = client.describe_scalable_targets().service_namespace(ServiceNamespace::Dynamodb);
    let policies = client.describe_scaling_policies().service_namespace(ServiceNamespace::Dynamodb);
    let (targets, policies) =
        tokio::join!(targets.resource_ids(&id).send(), policies.resource_id(&id).send());
    let targets = targets.map_err(|e| failure("describe scalable targets", &e))?;
    // A range without its aim is still worth showing.
    let policies = policies.ok().and_then(|p| p.scaling_policies).unwrap_or_default();
    let aim = |dimension: &ScalableDimension| {
        let policy = policies.iter().find(|p| p.scalable_dimension() == dimension)?;
        Some(policy.target_tracking_scaling_policy_configuration()?.target_value())
    };
    let line = |t: &ScalableTarget| {
        let dimension = t.scalable_dimension().as_str().rsplit(':').next().unwrap_or("?");
        let aim = aim(t.scalable_dimension()).map(|n| format!(", aims at {n} %")).unwrap_or_default();
        let range = format!("{} to {}{aim}", t.min_capacity(), t.max_capacity());
        (SafeText::new(dimension), Cell::Text(SafeText::new(range)))
    };
    Ok(targets.scalable_targets().iter().map(line).collect())
}
