//! One table: its row, its keys, its replicas, its scaling.

use super::read::{Facts, backend, tags, with};
use super::spec::{SPEC, TABLE};
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::model::{
    Cell, Detail, Failure, FailureKind, Health, Place, Resource, ResourceId, SafeText, Section,
};
use crate::services::extras::or_why;
use crate::services::words::{Trouble, section};
use aws_sdk_keyspaces::Client;
use aws_sdk_keyspaces::operation::get_table::GetTableOutput;
use aws_sdk_keyspaces::operation::get_table_auto_scaling_settings::GetTableAutoScalingSettingsOutput;
use aws_sdk_keyspaces::primitives::DateTime;
use aws_sdk_keyspaces::types::{
    AutoScalingSettings, CapacitySpecificationSummary, EncryptionType, PointInTimeRecoveryStatus,
    SchemaDefinition, TableStatus, ThroughputMode,
};

/// `KEYSPACE.TABLE` taken apart: neither name has a dot.
pub fn apart(name: &str) -> Option<(&str, &str)> {
    name.split_once('.').filter(|(keyspace, table)| !keyspace.is_empty() && !table.is_empty())
}

/// Whether a keyspace or table can be called this: an empty name is not asked for, and a dot would
/// stand between two names.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains('.')
}

/// What AWS says of a table.
pub async fn described(
    client: &Client,
    place: &Place,
    keyspace: &str,
    name: &str,
) -> Result<GetTableOutput, Failure> {
    let doing = format!("describe table {}.{} at {place}", SafeText::new(keyspace), SafeText::new(name));
    let call = client.get_table().keyspace_name(keyspace).table_name(name);
    call.send().await.map_err(|e| failure(&doing, &e))
}

/// Everything about one table.
pub async fn describe(reach: &Reach, id: &ResourceId) -> Result<Detail, Failure> {
    let (client, place) = (reach.keyspaces(), reach.place());
    let Some((keyspace, name)) = apart(&id.name) else {
        let doing = format!("describe table {}", SafeText::new(&id.name));
        return Err(Failure::new(FailureKind::NotFound, doing, "a table is named KEYSPACE.TABLE"));
    };
    let answer = described(&client, place, keyspace, name).await?;
    let mut resource = row(place, keyspace, name, &answer);
    let (scaling, tags) =
        tokio::join!(scaling(&client, keyspace, name), tags(&client, answer.resource_arn()));
    if let Ok(tags) = &tags {
        resource.tags.clone_from(tags);
    }
    let mut sections = resource.facts.clone();
    sections.push(or_why("Auto scaling", scaling));
    if tags.is_err() {
        sections.push(or_why("Tags", tags.map(|_| Facts::new())));
    }
    Ok(Detail { resource, sections })
}

async fn scaling(client: &Client, keyspace: &str, name: &str) -> Result<Facts, Failure> {
    let call = client.get_table_auto_scaling_settings().keyspace_name(keyspace).table_name(name);
    let answer = call.send().await.map_err(|e| failure("describe auto scaling", &e))?;
    Ok(scaled(&answer))
}

/// Auto scaling in words, here and in other Regions.
fn scaled(answer: &GetTableAutoScalingSettingsOutput) -> Facts {
    let mut facts = Facts::new();
    let mut note = |place: &str, what: &str, settings: Option<&AutoScalingSettings>| {
        if let Some(words) = settings.map(settings_in_words) {
            facts.push((SafeText::new(format!("{place}{what}")), Cell::Text(SafeText::new(words))));
        }
    };
    if let Some(of) = answer.auto_scaling_specification() {
        note("", "Read", of.read_capacity_auto_scaling());
        note("", "Write", of.write_capacity_auto_scaling());
    }
    for replica in answer.replica_specifications() {
        let region = format!("{} ", replica.region().unwrap_or("?"));
        if let Some(of) = replica.auto_scaling_specification() {
            note(&region, "read", of.read_capacity_auto_scaling());
            note(&region, "write", of.write_capacity_auto_scaling());
        }
    }
    facts
}

fn settings_in_words(settings: &AutoScalingSettings) -> String {
    if settings.auto_scaling_disabled() {
        return "off".to_owned();
    }
    let units = |n: Option<i64>| n.map_or_else(|| "?".to_owned(), |n| n.to_string());
    let range = format!("{} to {} units", units(settings.minimum_units()), units(settings.maximum_units()));
    let target = settings.scaling_policy().and_then(|p| p.target_tracking_scaling_policy_configuration());
    match target {
        Some(target) => format!("{range}, {} % used", target.target_value()),
        None => range,
    }
}

fn health(status: Option<&TableStatus>) -> Health {
    let word = SafeText::new(status.map_or("unknown", TableStatus::as_str));
    match status {
        Some(TableStatus::Active) => Health::Good(word),
        Some(
            TableStatus::Creating | TableStatus::Updating | TableStatus::Deleting | TableStatus::Restoring,
        ) => Health::Busy(word),
        Some(TableStatus::Deleted) => Health::Idle(word),
        Some(TableStatus::InaccessibleEncryptionCredentials) => Health::Bad(word),
        _ => Health::Unknown(word),
    }
}

/// A row of which only the name is known.
pub fn named(place: &Place, keyspace: &str, table: &str) -> Resource {
    Resource {
        id: ResourceId {
            service: SPEC.id,
            kind: TABLE,
            place: place.clone(),
            name: format!("{keyspace}.{table}").into(),
        },
        name: SafeText::new(format!("{keyspace}.{table}")),
        arn: "".into(),
        health: Health::Unknown("…".into()),
        cells: vec![Cell::Absent; SPEC.columns.len()],
        parent: Some(keyspace.into()),
        backend: Some(backend(place, keyspace)),
        no_query: None,
        problems: Vec::new(),
        tags: Vec::new(),
        facts: Vec::new(),
        dimensions: vec![("Keyspace", keyspace.into()), ("TableName", table.into())],
    }
}

/// The table `keyspace.name`, described as `t`, as a row: it is who was asked for, whatever the
/// answer calls itself.
pub fn row(place: &Place, keyspace: &str, name: &str, t: &GetTableOutput) -> Resource {
    let mut resource = named(place, keyspace, name);
    resource.arn = t.resource_arn().into();
    resource.health = health(t.status());
    let capacity = t.capacity_specification();
    let units = capacity.filter(|c| *c.throughput_mode() == ThroughputMode::Provisioned);
    let pitr = t.point_in_time_recovery().map(|p| *p.status() == PointInTimeRecoveryStatus::Enabled);
    let regions: Vec<_> = t.replica_specifications().iter().filter_map(|r| r.region()).collect();
    let mut trouble = Trouble::default();
    if let Health::Bad(word) = &resource.health {
        trouble.urgent("status", format!("status is {word}"));
    }
    for replica in t.replica_specifications().iter().filter(|r| r.status() != Some(&TableStatus::Active)) {
        let status = replica.status().map_or("unknown", TableStatus::as_str);
        trouble
            .urgent("replication", format!("the replica in {} is {status}", replica.region().unwrap_or("?")));
    }
    trouble.risk(pitr == Some(false), "no-backup", "point-in-time recovery is off");
    resource.problems = trouble.into_problems();
    resource.facts = facts(t);
    for (column, cell) in [
        ("keys", Cell::text(t.schema_definition().and_then(keys))),
        ("regions", Cell::text(Some(regions.join(", ")).filter(|r| !r.is_empty()))),
        ("mode", Cell::text(capacity.map(mode))),
        ("rcu", Cell::count(units.and_then(CapacitySpecificationSummary::read_capacity_units))),
        ("wcu", Cell::count(units.and_then(CapacitySpecificationSummary::write_capacity_units))),
        ("pitr", Cell::flag(pitr)),
        ("ttl", ttl(t)),
        ("stream", Cell::Flag(t.latest_stream_arn().is_some())),
        ("encryption", Cell::text(t.encryption_specification().map(|e| key(e.r#type())))),
    ] {
        resource = with(resource, column, cell);
    }
    resource
}

fn mode(capacity: &CapacitySpecificationSummary) -> &str {
    match capacity.throughput_mode() {
        ThroughputMode::PayPerRequest => "on demand",
        ThroughputMode::Provisioned => "provisioned",
        other => other.as_str(),
    }
}

fn key(kind: &EncryptionType) -> &str {
    match kind {
        EncryptionType::AwsOwnedKmsKey => "AWS",
        EncryptionType::CustomerManagedKmsKey => "customer",
        other => other.as_str(),
    }
}

/// The default TTL in days, hours or seconds; else whether one may be given with each write.
fn ttl(t: &GetTableOutput) -> Cell {
    let words = match t.default_time_to_live() {
        Some(s) if s > 0 && s % 86_400 == 0 => format!("{} d", s / 86_400),
        Some(s) if s > 0 && s % 3_600 == 0 => format!("{} h", s / 3_600),
        Some(s) if s > 0 => format!("{s} s"),
        _ if t.ttl().is_some() => "by row".to_owned(),
        _ => "off".to_owned(),
    };
    Cell::Text(SafeText::new(words))
}

/// Keys in words, as CQL writes them: `(device, day), at`; one partition column without brackets.
fn keys(schema: &SchemaDefinition) -> Option<String> {
    let partition: Vec<_> =
        schema.partition_keys().iter().map(aws_sdk_keyspaces::types::PartitionKey::name).collect();
    let partition = match partition.as_slice() {
        [] => return None,
        [one] => (*one).to_owned(),
        many => format!("({})", many.join(", ")),
    };
    let clustering = schema.clustering_keys().iter();
    let clustering = clustering.map(|k| match k.order_by().as_str() {
        "DESC" => format!(", {} desc", k.name()),
        _ => format!(", {}", k.name()),
    });
    Some(std::iter::once(partition).chain(clustering).collect())
}

fn at(moment: Option<&DateTime>) -> Cell {
    moment.and_then(|at| at.to_millis().ok()).map_or(Cell::Absent, Cell::Time)
}

fn facts(t: &GetTableOutput) -> Vec<Section> {
    let pitr = t.point_in_time_recovery();
    let warm = t.warm_throughput_specification();
    let warm = warm
        .map(|w| format!("{} reads/s, {} writes/s", w.read_units_per_second(), w.write_units_per_second()));
    let mut sections = vec![section(
        "Table",
        vec![
            ("Keys", Cell::text(t.schema_definition().and_then(keys))),
            ("ARN", Cell::text(Some(t.resource_arn()).filter(|a| !a.is_empty()))),
            ("Created", at(t.creation_timestamp())),
            (
                "Comment",
                Cell::text(
                    t.comment().map(aws_sdk_keyspaces::types::Comment::message).filter(|c| !c.is_empty()),
                ),
            ),
            ("Point-in-time recovery", Cell::text(pitr.map(|p| p.status().as_str()))),
            ("Earliest restorable", at(pitr.and_then(|p| p.earliest_restorable_timestamp()))),
            ("Time to live", Cell::text(t.ttl().map(|t| t.status().as_str()).or(Some("off")))),
            ("Default TTL (s)", Cell::count(t.default_time_to_live().filter(|s| *s > 0).map(i64::from))),
            ("Client-side timestamps", Cell::text(t.client_side_timestamps().map(|c| c.status().as_str()))),
            ("Encryption", Cell::text(t.encryption_specification().map(|e| e.r#type().as_str()))),
            ("KMS key", Cell::text(t.encryption_specification().and_then(|e| e.kms_key_identifier()))),
            ("Warm throughput", Cell::text(warm)),
            ("Change stream", Cell::text(t.latest_stream_arn())),
            (
                "Last set to on demand",
                at(t.capacity_specification().and_then(|c| c.last_update_to_pay_per_request_timestamp())),
            ),
        ],
    )];
    let line = |name: &str, words: String| (SafeText::new(name), Cell::Text(SafeText::new(words)));
    if let Some(schema) = t.schema_definition() {
        let fixed: Vec<_> =
            schema.static_columns().iter().map(aws_sdk_keyspaces::types::StaticColumn::name).collect();
        let columns = schema.all_columns().iter().map(|c| {
            let note = if fixed.contains(&c.name()) { " static" } else { "" };
            line(c.name(), format!("{}{note}", c.r#type()))
        });
        sections.push(Section { title: "Columns".into(), facts: columns.collect() });
    }
    let replicas = t.replica_specifications().iter().map(|r| {
        let status = r.status().map_or("?", TableStatus::as_str);
        let units = r.capacity_specification();
        let units = units.and_then(|c| c.read_capacity_units().zip(c.write_capacity_units()));
        let units = units.map(|(read, write)| format!(", {read} RCU {write} WCU")).unwrap_or_default();
        line(r.region().unwrap_or("?"), format!("{status}{units}"))
    });
    sections.push(Section { title: "Replicas".into(), facts: replicas.collect() });
    sections.retain(|s| !s.facts.is_empty());
    sections
}
