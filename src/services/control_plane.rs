//! The RDS control plane, read once for every engine that lives on it. RDS, Aurora, Neptune
//! and DocumentDB answer the same calls with each other's resources: rows are routed by
//! `Engine`, never by the call that returned them.

use super::health::{self, Engine, Lifecycles};
use super::words::{self, section};
use super::{Part, Parts};
use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::aws::pages::{Next, Pages};
use crate::model::{
    Backend, Cell, Endpoint, EndpointRole, Failure, FailureKind, Resource, SafeText, Section,
};
use aws_sdk_rds::types::{
    DbCluster, DbInstance, DbMajorEngineVersion, GlobalCluster, GlobalClusterMember,
    ResourcePendingMaintenanceActions,
};
use std::collections::HashMap;
use std::sync::Arc;

/// Resources a page: the most that the API gives.
const PAGE: i32 = 100;

/// Which service a database belongs to, by its engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// RDS.
    Rds,
    /// Aurora.
    Aurora,
    /// Neptune.
    Neptune,
    /// DocumentDB.
    DocDb,
}

/// The family of an engine name, as in `aurora-postgresql`.
pub fn family(engine: &str) -> Family {
    match engine {
        "neptune" => Family::Neptune,
        "docdb" => Family::DocDb,
        engine if engine.starts_with("aurora") => Family::Aurora,
        _ => Family::Rds,
    }
}

/// One page and the token of the next.
pub struct Page<T> {
    /// Its resources.
    pub items: Vec<T>,
    marker: Option<String>,
}

/// One page of `DescribeDBInstances`.
async fn instances_page(reach: &Reach, marker: Option<String>) -> Result<Arc<Page<DbInstance>>, Failure> {
    let key = format!("instances@{}", marker.as_deref().unwrap_or_default());
    let ask = async {
        let answer = reach.rds().describe_db_instances().max_records(PAGE).set_marker(marker).send().await;
        let answer = answer.map_err(|e| failure(&format!("list DB instances at {}", reach.place()), &e))?;
        Ok(Page { marker: answer.marker, items: answer.db_instances.unwrap_or_default() })
    };
    reach.memo().get(key, ask).await
}

/// One page of `DescribeDBClusters`.
async fn clusters_page(reach: &Reach, marker: Option<String>) -> Result<Arc<Page<DbCluster>>, Failure> {
    let key = format!("clusters@{}", marker.as_deref().unwrap_or_default());
    let ask = async {
        let answer = reach.rds().describe_db_clusters().max_records(PAGE).set_marker(marker).send().await;
        let answer = answer.map_err(|e| failure(&format!("list DB clusters at {}", reach.place()), &e))?;
        Ok(Page { marker: answer.marker, items: answer.db_clusters.unwrap_or_default() })
    };
    reach.memo().get(key, ask).await
}

/// Hands every DB instance to `each`, a page at a time. True when more exist than were read.
///
/// # Errors
/// That of the page that failed; the pages before it have been handed on.
pub async fn instances(
    reach: &Reach,
    mut each: impl FnMut(&Arc<Page<DbInstance>>) + Send,
) -> Result<bool, Failure> {
    let (mut pages, mut marker) = (Pages::default(), None);
    loop {
        let page = instances_page(reach, marker).await?;
        each(&page);
        match pages.after(page.marker.as_deref()) {
            Next::Page(next) => marker = Some(next),
            Next::Done => return Ok(false),
            Next::Cut => return Ok(true),
        }
    }
}

/// Hands every DB cluster to `each`, a page at a time. True when more exist than were read.
///
/// # Errors
/// As [`instances`].
pub async fn clusters(
    reach: &Reach,
    mut each: impl FnMut(&Arc<Page<DbCluster>>) + Send,
) -> Result<bool, Failure> {
    let (mut pages, mut marker) = (Pages::default(), None);
    loop {
        let page = clusters_page(reach, marker).await?;
        each(&page);
        match pages.after(page.marker.as_deref()) {
            Next::Page(next) => marker = Some(next),
            Next::Done => return Ok(false),
            Next::Cut => return Ok(true),
        }
    }
}

/// Every global database of this family.
///
/// # Errors
/// That of the page that failed.
pub async fn globals(reach: &Reach, of: Family) -> Result<Vec<GlobalCluster>, Failure> {
    let (mut pages, mut marker, mut all) = (Pages::default(), None, Vec::new());
    loop {
        let call = reach.rds().describe_global_clusters().max_records(PAGE).set_marker(marker.take());
        let answer = call
            .send()
            .await
            .map_err(|e| failure(&format!("list global databases at {}", reach.place()), &e))?;
        let next = pages.after(answer.marker());
        all.extend(answer.global_clusters.unwrap_or_default());
        match next {
            Next::Page(token) => marker = Some(token),
            Next::Done | Next::Cut => break,
        }
    }
    all.retain(|g| family(g.engine().unwrap_or_default()) == of);
    Ok(all)
}

/// The clusters of a global database: which is the primary, and how the others keep up.
pub fn global_members(g: &GlobalCluster) -> Section {
    let member = |m: &GlobalClusterMember| {
        let role = if m.is_writer() == Some(true) { "primary" } else { "secondary" };
        let sync = m.synchronization_status().map(|s| format!(", {}", s.as_str())).unwrap_or_default();
        (SafeText::new(m.db_cluster_arn().unwrap_or("?")), Cell::Text(SafeText::new(format!("{role}{sync}"))))
    };
    Section { title: "Clusters".into(), facts: g.global_cluster_members().iter().map(member).collect() }
}

/// What a listing shows beside the rows themselves; each part may be missing.
#[derive(Clone, Debug, Default)]
pub struct Background {
    /// Pending maintenance actions by ARN, in words.
    pub maintenance: HashMap<String, String>,
    /// End of standard support by engine and major version, in ms since the epoch.
    pub support: HashMap<(String, String), i64>,
    /// What AWS Health says of versions, when it has been asked already.
    pub health: Option<Arc<Lifecycles>>,
    /// Why pending maintenance is not known, when it is not.
    pub silence: Option<SafeText>,
    /// What went wrong while asking for these.
    pub trouble: Option<Failure>,
}

/// Pending maintenance and engine lifecycles: asked once, beside the listing. What cannot be
/// had stays unknown; the rows show it as absent.
pub async fn background(reach: &Reach) -> Arc<Background> {
    let ask = async {
        let (maintenance, support) = tokio::join!(maintenance(reach), support(reach));
        let failures = [maintenance.as_ref().err(), support.as_ref().err()];
        let trouble = failures.into_iter().flatten().next().cloned();
        let silence = maintenance.as_ref().err().map(|failure| failure.because.clone());
        Ok(Background {
            maintenance: maintenance.unwrap_or_default(),
            support: support.unwrap_or_default(),
            health: health::at_hand(reach),
            silence,
            trouble,
        })
    };
    reach.memo().get("background".into(), ask).await.unwrap_or_default()
}

async fn maintenance(reach: &Reach) -> Result<HashMap<String, String>, Failure> {
    let (mut pages, mut marker, mut all) = (Pages::default(), None, HashMap::new());
    loop {
        let call =
            reach.rds().describe_pending_maintenance_actions().max_records(PAGE).set_marker(marker.take());
        let answer = call.send().await.map_err(|e| failure("list pending maintenance", &e))?;
        all.extend(answer.pending_maintenance_actions().iter().filter_map(actions));
        match pages.after(answer.marker()) {
            Next::Page(next) => marker = Some(next),
            Next::Done | Next::Cut => return Ok(all),
        }
    }
}

fn actions(pending: &ResourcePendingMaintenanceActions) -> Option<(String, String)> {
    let words: Vec<_> =
        pending.pending_maintenance_action_details().iter().filter_map(|a| a.action()).collect();
    Some((pending.resource_identifier()?.to_owned(), words.join(", "))).filter(|(_, words)| !words.is_empty())
}

async fn support(reach: &Reach) -> Result<HashMap<(String, String), i64>, Failure> {
    let (mut pages, mut marker, mut all) = (Pages::default(), None, HashMap::new());
    loop {
        let call =
            reach.rds().describe_db_major_engine_versions().max_records(PAGE).set_marker(marker.take());
        let answer = call.send().await.map_err(|e| failure("list engine versions", &e))?;
        all.extend(answer.db_major_engine_versions().iter().filter_map(lifecycle));
        match pages.after(answer.marker()) {
            Next::Page(next) => marker = Some(next),
            Next::Done | Next::Cut => return Ok(all),
        }
    }
}

fn lifecycle(version: &DbMajorEngineVersion) -> Option<((String, String), i64)> {
    let standard = version.supported_engine_lifecycles().iter().find(|l| {
        let name = l.lifecycle_support_name().map(aws_sdk_rds::types::LifecycleSupportName::as_str);
        name.is_some_and(|n| n.contains("standard"))
    })?;
    let end = standard.lifecycle_support_end_date()?.to_millis().ok()?;
    Some(((version.engine()?.to_owned(), version.major_engine_version()?.to_owned()), end))
}

impl Background {
    /// Pending maintenance of the resource with this ARN as a fact: what waits, or why that is
    /// not known.
    pub fn maintenance_fact(&self, arn: &str) -> Option<String> {
        let why = || self.silence.as_ref().map(|why| format!("not known: {why}"));
        self.maintenance.get(arn).cloned().or_else(why)
    }

    /// End of standard support of `version` of `engine`, in ms since the epoch: what RDS says,
    /// else AWS Health, or else the compiled table.
    pub fn end_of_support(&self, engine: &str, version: &str) -> Option<i64> {
        let majors = majors(engine, version);
        let service = match family(engine) {
            Family::Rds => super::rds::spec::SPEC.id,
            Family::Aurora => super::aurora::spec::SPEC.id,
            Family::Neptune => super::neptune::spec::SPEC.id,
            Family::DocDb => super::docdb::spec::SPEC.id,
        };
        let by_health = || self.health.as_ref()?.end_of_support(Engine { service, name: engine, version });
        majors
            .iter()
            .find_map(|major| self.support.get(&(engine.to_owned(), (*major).to_owned())))
            .copied()
            .or_else(by_health)
            .or_else(|| majors.iter().find_map(|major| super::lifecycle::end_of_support(engine, major)))
    }
}

/// What may be the major version of `version`, the most likely first: `8.0` of `8.0.36` for
/// MySQL and its kin, `15` of `15.4` for PostgreSQL.
fn majors<'a>(engine: &str, version: &'a str) -> Vec<&'a str> {
    let dots: Vec<usize> = version.match_indices('.').map(|(at, _)| at).collect();
    let first = dots.first().and_then(|at| version.get(..*at)).unwrap_or(version);
    let second = dots.get(1).and_then(|at| version.get(..*at)).unwrap_or(version);
    if engine.contains("postgres") { vec![first, second] } else { vec![second, first] }
}

/// Tells a part of a listing.
pub fn tell(out: Parts<'_>, resources: Vec<Resource>, more: bool, aside: Option<Failure>) {
    out(Part { resources, more, aside });
}

/// The DB instance of this name, from AWS now.
///
/// # Errors
/// Not found, or that of the call.
pub async fn instance(reach: &Reach, name: &str) -> Result<DbInstance, Failure> {
    let doing = format!("describe DB instance {} at {}", SafeText::new(name), reach.place());
    let answer = reach.rds().describe_db_instances().db_instance_identifier(name).send().await;
    let found = answer.map_err(|e| failure(&doing, &e))?.db_instances.unwrap_or_default();
    found
        .into_iter()
        .find(|i| i.db_instance_identifier() == Some(name))
        .ok_or_else(|| Failure::new(FailureKind::NotFound, doing, "AWS answered without it"))
}

/// The DB cluster of this name, from AWS now.
///
/// # Errors
/// As [`instance`].
pub async fn cluster(reach: &Reach, name: &str) -> Result<DbCluster, Failure> {
    let doing = format!("describe DB cluster {} at {}", SafeText::new(name), reach.place());
    let answer = reach.rds().describe_db_clusters().db_cluster_identifier(name).send().await;
    let found = answer.map_err(|e| failure(&doing, &e))?.db_clusters.unwrap_or_default();
    found
        .into_iter()
        .find(|c| c.db_cluster_identifier() == Some(name))
        .ok_or_else(|| Failure::new(FailureKind::NotFound, doing, "AWS answered without it"))
}

/// How the database behind a cluster is reached: the reader endpoint first.
pub fn cluster_backend(c: &DbCluster) -> Option<Backend> {
    let (engine, dialect) = words::speech(c.engine()?)?;
    let port = c.port().and_then(|p| u16::try_from(p).ok()).filter(|p| *p > 0).unwrap_or(engine.port());
    let at = |role, host: &str| Endpoint { role, host: host.into(), port };
    let reader = c.reader_endpoint().map(|host| at(EndpointRole::Reader, host));
    let writer = c.endpoint().map(|host| at(EndpointRole::Writer, host));
    let custom = c.custom_endpoints().iter().map(|host| at(EndpointRole::Custom, host));
    let endpoints: Vec<_> = reader.into_iter().chain(writer).chain(custom).collect();
    let data_api = c.http_endpoint_enabled().unwrap_or(false).then(|| c.db_cluster_arn()).flatten();
    if endpoints.is_empty() && data_api.is_none() {
        return None;
    }
    Some(Backend {
        engine,
        dialect,
        endpoints,
        database: c.database_name().map(Arc::from),
        user: c.master_username().map(Arc::from),
        secret_arn: c.master_user_secret().and_then(|s| s.secret_arn()).map(Arc::from),
        iam_login: c.iam_database_authentication_enabled().unwrap_or(false),
        data_api: data_api.map(Arc::from),
        keys: Vec::new(),
    })
}

/// Facts of a cluster for the detail view.
pub fn cluster_facts(c: &DbCluster, maintenance: Option<&String>) -> Vec<Section> {
    let members = c.db_cluster_members().iter().map(|m| {
        let role = if m.is_cluster_writer() == Some(true) { "writer" } else { "reader" };
        let tier = m.promotion_tier().map(|t| format!(", tier {t}")).unwrap_or_default();
        (m.db_instance_identifier().unwrap_or("?"), Cell::Text(SafeText::new(format!("{role}{tier}"))))
    });
    let scaling = c.serverless_v2_scaling_configuration();
    vec![
        section(
            "Cluster",
            vec![
                ("Engine", words::engine_cell(c.engine(), c.engine_version())),
                ("Mode", Cell::text(c.engine_mode())),
                ("Resource id", Cell::text(c.db_cluster_resource_id())),
                ("ARN", Cell::text(c.db_cluster_arn())),
                ("Created", words::time(c.cluster_create_time())),
                ("Global database", Cell::text(c.global_cluster_identifier())),
                (
                    "Lowest ACU",
                    scaling
                        .and_then(aws_sdk_rds::types::ServerlessV2ScalingConfigurationInfo::min_capacity)
                        .map_or(Cell::Absent, Cell::Number),
                ),
                (
                    "Highest ACU",
                    scaling
                        .and_then(aws_sdk_rds::types::ServerlessV2ScalingConfigurationInfo::max_capacity)
                        .map_or(Cell::Absent, Cell::Number),
                ),
            ],
        ),
        section("Members", members.collect()),
        section(
            "Connection",
            vec![
                ("Writer endpoint", Cell::text(c.endpoint())),
                ("Reader endpoint", Cell::text(c.reader_endpoint())),
                (
                    "Custom endpoints",
                    Cell::text(Some(c.custom_endpoints().join(", ")).filter(|e| !e.is_empty())),
                ),
                ("Port", Cell::count(c.port().map(i64::from))),
                ("Database", Cell::text(c.database_name())),
                ("Master user", Cell::text(c.master_username())),
                ("IAM login", Cell::flag(c.iam_database_authentication_enabled())),
                ("Data API", Cell::flag(c.http_endpoint_enabled())),
                ("Subnet group", Cell::text(c.db_subnet_group())),
            ],
        ),
        section(
            "Storage and backups",
            vec![
                ("Storage type", Cell::text(c.storage_type())),
                ("Encrypted", Cell::flag(c.storage_encrypted())),
                ("KMS key", Cell::text(c.kms_key_id())),
                ("Backup retention", words::days(c.backup_retention_period())),
                ("Earliest restorable", words::time(c.earliest_restorable_time())),
                ("Latest restorable", words::time(c.latest_restorable_time())),
                ("Backup window", Cell::text(c.preferred_backup_window())),
                ("Maintenance window", Cell::text(c.preferred_maintenance_window())),
                ("Pending maintenance", Cell::text(maintenance)),
                ("Deletion protection", Cell::flag(c.deletion_protection())),
                ("Starts again", words::time(c.automatic_restart_time())),
            ],
        ),
    ]
}
