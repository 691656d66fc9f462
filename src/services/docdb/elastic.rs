//! Elastic clusters: rows and detail. Listing gives a name, an ARN and a status only, so each
//! cluster is asked for alone; calls want the ARN, people say the name.

use super::spec::{ELASTIC, SPEC};
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::aws::pages::{Next, Pages};
use crate::model::{
    Backend, Cell, Detail, DialectId, Endpoint, EndpointRole, EngineId, Failure, FailureKind, Health, Place,
    Resource, ResourceId, SafeText, Section,
};
use crate::services::extras::or_why;
use crate::services::words::{Trouble, days, section};
use aws_sdk_docdbelastic::types::{Auth, Cluster, ClusterInList, Status};
use futures_util::{StreamExt, stream};
use std::sync::Arc;

/// Clusters a page: the most that the API gives.
const PAGE: i32 = 100;

/// Clusters that are asked for at once.
const AT_ONCE: usize = 8;

type Facts = Vec<(SafeText, Cell)>;

/// What listing brought.
#[derive(Default)]
pub struct Listing {
    /// Rows.
    pub rows: Vec<Resource>,
    /// Whether more exist than were read.
    pub cut: bool,
    /// What could not be had.
    pub trouble: Option<Failure>,
}

impl Listing {
    /// No rows, because of `trouble`.
    pub fn failed(trouble: Failure) -> Self {
        Self { trouble: Some(trouble), ..Self::default() }
    }
}

/// Every elastic cluster of the place.
///
/// # Errors
/// That of the listing; a cluster that cannot be described is a row without its facts.
pub async fn list(reach: &Reach) -> Result<Listing, Failure> {
    let (listed, cut) = named(reach).await?;
    let asked = stream::iter(listed).map(|c| async move {
        let found = cluster(reach, c.cluster_arn()).await;
        (c, found)
    });
    let answers: Vec<_> = asked.buffered(AT_ONCE).collect().await;
    let mut listing = Listing { cut, ..Listing::default() };
    for (listed, answer) in answers {
        match answer {
            Ok(found) => listing.rows.push(row(reach.place(), &found)),
            // Deleted since it was listed.
            Err(gone) if gone.kind == FailureKind::NotFound => {}
            Err(failure) => {
                listing.rows.push(bare(reach.place(), &listed));
                listing.trouble.get_or_insert(failure);
            }
        }
    }
    Ok(listing)
}

/// What `ListClusters` says, and whether it was cut.
async fn named(reach: &Reach) -> Result<(Vec<ClusterInList>, bool), Failure> {
    let (mut pages, mut token, mut all) = (Pages::default(), None, Vec::new());
    loop {
        let call = reach.docdb_elastic().list_clusters().max_results(PAGE).set_next_token(token.take());
        let doing = format!("list elastic clusters at {}", reach.place());
        let answer = call.send().await.map_err(|e| failure(&doing, &e))?;
        let next = pages.after(answer.next_token());
        all.extend(answer.clusters.unwrap_or_default());
        match next {
            Next::Page(next) => token = Some(next),
            Next::Done => return Ok((all, false)),
            Next::Cut => return Ok((all, true)),
        }
    }
}

/// The ARN of the elastic cluster of this name.
///
/// # Errors
/// Not found, or that of the listing.
pub async fn arn(reach: &Reach, name: &str) -> Result<String, Failure> {
    let (all, _) = named(reach).await?;
    all.into_iter().find(|c| c.cluster_name() == name).map(|c| c.cluster_arn).ok_or_else(|| {
        let doing = format!("describe elastic cluster {} at {}", SafeText::new(name), reach.place());
        Failure::new(FailureKind::NotFound, doing, "no elastic cluster has this name")
    })
}

/// The cluster with this ARN, from AWS now.
///
/// # Errors
/// Not found, or that of the call.
pub async fn cluster(reach: &Reach, arn: &str) -> Result<Cluster, Failure> {
    let doing = format!("describe elastic cluster {}", SafeText::new(arn));
    // The ARN stands in the path of the request: what is none would name another operation.
    if !arn.starts_with("arn:") || arn.contains(['?', '#', ' ']) {
        return Err(Failure::new(FailureKind::Garbled, doing, "AWS named a cluster by what is no ARN"));
    }
    let answer = reach.docdb_elastic().get_cluster().cluster_arn(arn).send().await;
    let answer = answer.map_err(|e| failure(&doing, &e))?;
    answer.cluster.ok_or_else(|| Failure::new(FailureKind::Garbled, doing, "AWS answered without a cluster"))
}

/// The health behind a status word.
pub fn health(status: &Status) -> Health {
    let word = SafeText::new(status.as_str());
    match status {
        Status::Active => Health::Good(word),
        Status::Stopped => Health::Idle(word),
        Status::Copying
        | Status::Creating
        | Status::Deleting
        | Status::Maintenance
        | Status::Merging
        | Status::Modifying
        | Status::Splitting
        | Status::Starting
        | Status::Stopping
        | Status::Updating => Health::Busy(word),
        Status::InaccessibleEncryptionCredentialsRecoverable
        | Status::InaccessibleEncryptionCreds
        | Status::InaccessibleSecretArn
        | Status::InaccessibleVpcEndpoint
        | Status::IncompatibleNetwork
        | Status::InvalidSecurityGroupId
        | Status::InvalidSubnetId
        | Status::IpAddressLimitExceeded
        | Status::VpcEndpointLimitExceeded => Health::Bad(word),
        _ => Health::Unknown(word),
    }
}

/// CloudWatch's dimensions: the last part of the ARN, and the name.
fn dimensions(arn: &str, name: &str) -> Vec<(&'static str, Arc<str>)> {
    let id = arn.rsplit('/').next().unwrap_or_default();
    vec![("ClusterId", id.into()), ("ClusterName", name.into())]
}

/// A row of what listing alone says.
fn bare(place: &Place, c: &ClusterInList) -> Resource {
    Resource {
        id: ResourceId {
            service: SPEC.id,
            kind: ELASTIC,
            place: place.clone(),
            name: c.cluster_name().into(),
        },
        name: SafeText::new(c.cluster_name()),
        arn: c.cluster_arn().into(),
        health: health(c.status()),
        cells: SPEC.cells([
            ("engine", Cell::Text("docdb elastic".into())),
            ("role", Cell::Text("elastic".into())),
            ("encrypted", Cell::Flag(true)),
        ]),
        parent: None,
        backend: None,
        no_query: Some("its endpoint is not known: it could not be described".into()),
        problems: Vec::new(),
        tags: Vec::new(),
        facts: Vec::new(),
        dimensions: dimensions(c.cluster_arn(), c.cluster_name()),
    }
}

/// The host and port in an endpoint, which AWS may give as an address of `mongodb://` form.
fn endpoint(text: &str) -> Option<Endpoint> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let hosts = rest.split(['/', '?']).next().unwrap_or_default();
    let first = hosts.split(',').next().unwrap_or_default();
    let (host, port) = match first.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (first, EngineId::MongoDb.port()),
    };
    (!host.is_empty()).then(|| Endpoint { role: EndpointRole::Writer, host: host.into(), port })
}

fn row(place: &Place, c: &Cluster) -> Resource {
    let health = health(c.status());
    let endpoint = endpoint(c.cluster_endpoint());
    let why = match (&health, &endpoint) {
        (Health::Idle(_), _) => Some("it is stopped: start it first"),
        (_, None) => Some("it has no endpoint yet"),
        _ => None,
    };
    // With a password in Secrets Manager, AWS gives the secret's ARN for the user's name.
    let secret = *c.auth_type() == Auth::SecretArn;
    let user = Some(c.admin_user_name()).filter(|u| !u.is_empty());
    let backend = endpoint.filter(|_| why.is_none()).map(|endpoint| Backend {
        engine: EngineId::MongoDb,
        dialect: DialectId::MongoDb,
        endpoints: vec![endpoint],
        database: None,
        user: user.filter(|_| !secret).map(Arc::from),
        secret_arn: user.filter(|_| secret).map(Arc::from),
        iam_login: false,
        data_api: None,
        keys: Vec::new(),
    });
    let mut trouble = Trouble::default();
    if let Health::Bad(word) = &health {
        trouble.urgent("status", format!("status is {word}"));
    }
    trouble.risk(c.shard_instance_count() == Some(1), "no-reader", "shards have no replica to fail over to");
    let instances = c.shard_instance_count().map(|n| i64::from(n) * i64::from(c.shard_count()));
    Resource {
        id: ResourceId {
            service: SPEC.id,
            kind: ELASTIC,
            place: place.clone(),
            name: c.cluster_name().into(),
        },
        name: SafeText::new(c.cluster_name()),
        arn: c.cluster_arn().into(),
        health,
        cells: SPEC.cells([
            ("engine", Cell::Text("docdb elastic".into())),
            ("role", Cell::Text("elastic".into())),
            ("class", Cell::Text(SafeText::new(format!("{} vCPU a shard", c.shard_capacity())))),
            ("members", Cell::count(instances)),
            ("shards", Cell::count(Some(c.shard_count().into()))),
            ("backups", days(c.backup_retention_period())),
            ("encrypted", Cell::Flag(true)),
        ]),
        parent: None,
        backend,
        no_query: why.map(Into::into),
        problems: trouble.into_problems(),
        tags: Vec::new(),
        facts: facts(c),
        dimensions: dimensions(c.cluster_arn(), c.cluster_name()),
    }
}

fn facts(c: &Cluster) -> Vec<Section> {
    let list = |all: &[String]| Cell::text(Some(all.join(" ")).filter(|all| !all.is_empty()));
    let shards = c.shards().iter().map(|s| (s.shard_id(), Cell::text(Some(s.status().as_str()))));
    vec![
        section(
            "Elastic cluster",
            vec![
                ("ARN", Cell::text(Some(c.cluster_arn()))),
                ("Created", Cell::text(Some(c.create_time()))),
                ("Shards", Cell::count(Some(c.shard_count().into()))),
                ("vCPUs of each shard", Cell::count(Some(c.shard_capacity().into()))),
                ("Instances of each shard", Cell::count(c.shard_instance_count().map(i64::from))),
                ("KMS key", Cell::text(Some(c.kms_key_id()))),
                ("Backup retention", days(c.backup_retention_period())),
                ("Backup window", Cell::text(c.preferred_backup_window())),
                ("Maintenance window", Cell::text(Some(c.preferred_maintenance_window()))),
            ],
        ),
        section("Shards", shards.collect()),
        section(
            "Connection",
            vec![
                ("Endpoint", Cell::text(Some(c.cluster_endpoint()))),
                ("Login", Cell::text(Some(c.auth_type().as_str()))),
                ("Admin user", Cell::text(Some(c.admin_user_name()))),
                ("Security groups", list(c.vpc_security_group_ids())),
                ("Subnets", list(c.subnet_ids())),
            ],
        ),
    ]
}

/// Everything about the elastic cluster of this name; snapshots and maintenance when `whole`.
pub async fn describe(reach: &Reach, name: &str, whole: bool) -> Result<Detail, Failure> {
    let arn = arn(reach, name).await?;
    let mut resource = row(reach.place(), &cluster(reach, &arn).await?);
    let mut sections = resource.facts.clone();
    if whole {
        let (tags, snapshots, maintenance) =
            tokio::join!(tags(reach, &arn), snapshots(reach, &arn), maintenance(reach, &arn));
        resource.tags = tags;
        sections.push(or_why("Pending maintenance", maintenance));
        sections.push(or_why("Snapshots", snapshots));
    }
    Ok(Detail { resource, sections })
}

/// Tags are an extra: a role that may not list them sees none.
async fn tags(reach: &Reach, arn: &str) -> Vec<(SafeText, SafeText)> {
    let answer = reach.docdb_elastic().list_tags_for_resource().resource_arn(arn).send().await;
    let tags = answer.ok().and_then(|a| a.tags).unwrap_or_default();
    let mut tags: Vec<_> = tags.iter().map(|(k, v)| (SafeText::new(k), SafeText::new(v))).collect();
    tags.sort();
    tags
}

async fn snapshots(reach: &Reach, arn: &str) -> Result<Facts, Failure> {
    let call = reach.docdb_elastic().list_cluster_snapshots().cluster_arn(arn).max_results(PAGE);
    let answer = call.send().await.map_err(|e| failure("list elastic snapshots", &e))?;
    let mut all: Vec<_> = answer.snapshots().iter().collect();
    // Times are ISO 8601, which sorts as text.
    all.sort_by(|a, b| b.snapshot_creation_time().cmp(a.snapshot_creation_time()));
    let line = |s: &&aws_sdk_docdbelastic::types::ClusterSnapshotInList| {
        let what = format!("{} {}", s.status().as_str(), s.snapshot_creation_time());
        (SafeText::new(s.snapshot_name()), Cell::Text(SafeText::new(what)))
    };
    Ok(all.iter().map(line).collect())
}

async fn maintenance(reach: &Reach, arn: &str) -> Result<Facts, Failure> {
    let call = reach.docdb_elastic().list_pending_maintenance_actions().max_results(PAGE);
    let answer = call.send().await.map_err(|e| failure("list pending maintenance", &e))?;
    let own = answer.resource_pending_maintenance_actions().iter().filter(|r| r.resource_arn() == Some(arn));
    let lines = own
        .flat_map(
            aws_sdk_docdbelastic::types::ResourcePendingMaintenanceAction::pending_maintenance_action_details,
        )
        .map(|a| {
            let when = a.current_apply_date().or(a.forced_apply_date()).unwrap_or("not planned");
            (SafeText::new(a.action()), Cell::Text(SafeText::new(when)))
        });
    Ok(lines.collect())
}

#[cfg(test)]
mod tests {
    use super::endpoint;

    #[test]
    fn an_endpoint_may_come_as_an_address() {
        for (text, host) in [
            ("books.eu-west-1.docdb-elastic.amazonaws.com", "books.eu-west-1.docdb-elastic.amazonaws.com"),
            ("mongodb://a.example:27017", "a.example"),
            ("mongodb://user@a.example:27017/?ssl=true", "a.example"),
        ] {
            let found = endpoint(text).expect("a host");
            assert_eq!((&*found.host, found.port), (host, 27017), "{text}");
        }
        assert_eq!(endpoint(""), None);
        assert_eq!(endpoint("a:b"), None);
    }
}
