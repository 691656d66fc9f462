use super::read::{cluster, instance};
use super::{Rds, spec::SPEC};
use crate::aws::answers::Reply;
use crate::model::{Cell, DialectId, EngineId, FailureKind, Health, Resource};
use crate::services::aurora::Aurora;
use crate::services::control_plane::Background;
use crate::services::scripted::{Scene, answer, error, is_sound, operation, place, rows};
use crate::services::{Service, control_plane::Family, control_plane::family};
use aws_sdk_rds::operation::describe_db_clusters::DescribeDbClustersOutput;
use aws_sdk_rds::operation::describe_db_instances::{
    DescribeDBInstancesError, DescribeDbInstancesInput, DescribeDbInstancesOutput,
};
use aws_sdk_rds::operation::describe_db_major_engine_versions::DescribeDbMajorEngineVersionsOutput;
use aws_sdk_rds::operation::describe_pending_maintenance_actions::{
    DescribePendingMaintenanceActionsError, DescribePendingMaintenanceActionsOutput,
};
use aws_sdk_rds::operation::reboot_db_instance::RebootDbInstanceOutput;
use aws_sdk_rds::primitives::DateTime;
use aws_sdk_rds::types::{
    CertificateDetails, DbCluster, DbInstance, DbInstanceStatusInfo, Endpoint, PendingModifiedValues,
};
use aws_smithy_runtime_api::client::interceptors::context::Input;

fn row(i: &DbInstance) -> Option<Resource> {
    let row = instance(&place(), i, &Background::default());
    if let Some(row) = &row {
        is_sound(&Rds, row);
    }
    row
}

fn cell<'a>(row: &'a Resource, column: &str) -> &'a Cell {
    &row.cells[SPEC.columns.iter().position(|c| c.id == column).unwrap()]
}

fn postgres(name: &str) -> aws_sdk_rds::types::builders::DbInstanceBuilder {
    DbInstance::builder()
        .db_instance_identifier(name)
        .engine("postgres")
        .engine_version("17.2")
        .db_instance_status("available")
        .endpoint(Endpoint::builder().address("db.example").port(5432).build())
}

#[test]
fn families_are_told_apart_by_engine() {
    for (engine, of) in [
        ("postgres", Family::Rds),
        ("oracle-ee", Family::Rds),
        ("aurora-postgresql", Family::Aurora),
        ("aurora", Family::Aurora),
        ("neptune", Family::Neptune),
        ("docdb", Family::DocDb),
    ] {
        assert_eq!(family(engine), of, "{engine}");
    }
    assert_eq!(row(&postgres("x").engine("docdb").build()), None);
    assert_eq!(row(&postgres("x").engine("aurora-mysql").build()), None);
    assert_eq!(row(&DbInstance::builder().engine("postgres").build()), None, "without a name");
}

#[test]
fn a_replica_stands_under_its_source_and_is_queried_by_itself() {
    let replica = postgres("orders-r1")
        .read_replica_source_db_instance_identifier("arn:aws:rds:us-east-1:1:db:orders")
        .db_name("shop")
        .master_username("admin")
        .iam_database_authentication_enabled(true)
        .build();
    let row = row(&replica).unwrap();
    assert_eq!(row.parent.as_deref(), Some("orders"));
    assert_eq!(cell(&row, "role"), &Cell::Text("replica".into()));
    let backend = row.backend.unwrap();
    assert_eq!((backend.engine, backend.dialect), (EngineId::Postgres, DialectId::Postgres));
    assert_eq!(backend.endpoints.len(), 1);
    assert_eq!((backend.database.as_deref(), backend.user.as_deref()), (Some("shop"), Some("admin")));
    assert!(backend.iam_login);
}

#[test]
fn engines_without_a_tab_say_so() {
    for engine in ["oracle-se2", "custom-sqlserver-ee", "db2-se", "something-new"] {
        let row = row(&postgres("x").engine(engine).build()).unwrap();
        assert_eq!(row.backend, None, "{engine}");
        assert!(row.no_query.is_some(), "{engine}");
    }
}

#[test]
fn every_edition_of_sql_server_speaks_its_own_language() {
    for edition in ["ee", "se", "ex", "web"] {
        let row = row(&postgres("x").engine(format!("sqlserver-{edition}")).build()).unwrap();
        let backend = row.backend.unwrap();
        assert_eq!((backend.engine, backend.dialect), (EngineId::SqlServer, DialectId::SqlServer));
        assert_eq!(backend.wire(), Some(EngineId::SqlServer));
    }
}

#[test]
fn a_database_without_an_endpoint_yet_says_so() {
    let creating = DbInstance::builder().db_instance_identifier("x").engine("postgres").build();
    let row = row(&creating).unwrap();
    assert_eq!((row.backend, row.no_query), (None, Some("it has no endpoint yet".into())));
}

#[test]
fn what_is_wrong_is_told_urgent_first() {
    let broken = postgres("cms")
        .publicly_accessible(true)
        .storage_encrypted(false)
        .backup_retention_period(0)
        .engine_version("11.22")
        .certificate_details(CertificateDetails::builder().valid_till(DateTime::from_secs(1)).build())
        .status_infos(DbInstanceStatusInfo::builder().status_type("read replication").normal(false).build())
        .build();
    let problems = row(&broken).unwrap().problems;
    let ids: Vec<_> = problems.iter().map(|p| p.id).collect();
    assert_eq!(ids, ["replication", "public", "unencrypted", "no-backup", "engine-eol", "ca-expiry"]);
    assert_eq!(row(&postgres("fine").build()).unwrap().problems, []);
    let full = row(&postgres("full").db_instance_status("storage-full").build()).unwrap();
    assert!(matches!(full.health, Health::Bad(_)) && full.problems[0].id == "disk-full");
}

#[test]
fn every_word_has_its_health_and_new_words_are_shown_as_they_come() {
    let health = |word: &str| row(&postgres("x").db_instance_status(word).build()).unwrap().health;
    assert_eq!(health("available"), Health::Good("available".into()));
    assert_eq!(health("stopped"), Health::Idle("stopped".into()));
    assert_eq!(health("configuring-iam-database-auth"), Health::Busy("configuring-iam-database-auth".into()));
    assert_eq!(health("incompatible-network"), Health::Bad("incompatible-network".into()));
    assert_eq!(health("quantum-entangled"), Health::Unknown("quantum-entangled".into()));
}

#[test]
fn extremes_and_hostile_text_make_a_row_like_any_other() {
    for n in [i32::MIN, -1, 0, i32::MAX] {
        for at in [i64::MIN, -1, 253_402_300_799, i64::MAX] {
            let at = DateTime::from_secs(at);
            let i = DbInstance::builder()
                .db_instance_identifier("\u{1b}[31mx\u{202e}")
                .engine("postgres")
                .engine_version(".")
                .allocated_storage(n)
                .iops(n)
                .backup_retention_period(n)
                .instance_create_time(at)
                .endpoint(Endpoint::builder().address("h").port(n).build())
                .certificate_details(CertificateDetails::builder().valid_till(at).build())
                .pending_modified_values(PendingModifiedValues::builder().allocated_storage(n).build())
                .build();
            let row = row(&i).unwrap();
            assert!(!row.name.contains(['\u{1b}', '\u{202e}']));
            assert_eq!(row.backend, None, "no port, no backend");
        }
        let c = DbCluster::builder().db_cluster_identifier("c").engine("mysql").allocated_storage(n).port(n);
        is_sound(&Rds, &cluster(&place(), &c.build(), &Background::default()).unwrap());
    }
    assert_eq!(cell(&row(&postgres("x").allocated_storage(-1).build()).unwrap(), "storage"), &Cell::Absent);
}

/// Pages of 100 instances: `rds` of PostgreSQL and as many Aurora members.
fn pages(input: &Input, count: usize) -> Option<Reply> {
    let input = input.downcast_ref::<DescribeDbInstancesInput>()?;
    let start: usize = input.marker().map_or(0, |m| m.parse().unwrap());
    let end = (start + 100).min(count);
    let page = (start..end).map(|n| {
        let engine = if n % 2 == 0 { "postgres" } else { "aurora-postgresql" };
        postgres(&format!("db-{n:05}")).engine(engine).build()
    });
    answer(
        DescribeDbInstancesOutput::builder()
            .set_db_instances(Some(page.collect()))
            .set_marker((end < count).then(|| end.to_string()))
            .build(),
    )
}

async fn fleet(count: usize) -> Scene {
    Scene::new(move |operation, input| match operation {
        "DescribeDBInstances" => pages(input, count),
        "DescribeDBClusters" => answer(DescribeDbClustersOutput::builder().build()),
        "DescribePendingMaintenanceActions" => {
            answer(DescribePendingMaintenanceActionsOutput::builder().build())
        }
        "DescribeDBMajorEngineVersions" => answer(DescribeDbMajorEngineVersionsOutput::builder().build()),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn ten_thousand_are_listed_and_the_first_page_shows_at_once() {
    let scene = fleet(10_000).await;
    let (end, parts) = scene.list(&Rds).await;
    assert_eq!(end, Ok(()));
    assert_eq!(parts.iter().find(|p| !p.resources.is_empty()).map(|p| p.resources.len()), Some(50));
    assert!(parts.iter().rev().skip(1).all(|p| p.more) && parts.last().is_some_and(|p| !p.more));
    assert_eq!(rows(&parts).len(), 5_000);
    assert_eq!(scene.count("DescribeDBInstances"), 100);
}

#[tokio::test]
async fn rds_and_aurora_share_one_listing() {
    let scene = fleet(300).await;
    let (rds, aurora) = tokio::join!(scene.list(&Rds), scene.list(&Aurora));
    assert_eq!((rows(&rds.1).len(), rows(&aurora.1).len()), (150, 150));
    for (operation, count) in [("DescribeDBInstances", 3), ("DescribeDBClusters", 1)] {
        assert_eq!(scene.count(operation), count, "{operation}");
    }
    assert_eq!(scene.count("DescribePendingMaintenanceActions"), 1);
}

#[tokio::test]
async fn missing_extras_leave_the_list_and_say_why() {
    let scene = Scene::new(|operation, input| match operation {
        "DescribeDBInstances" => pages(input, 1),
        "DescribeDBClusters" => answer(DescribeDbClustersOutput::builder().build()),
        "DescribePendingMaintenanceActions" => {
            error(DescribePendingMaintenanceActionsError::generic, "AccessDenied")
        }
        _ => None,
    })
    .await;
    let (end, parts) = scene.list(&Rds).await;
    assert_eq!(end, Ok(()));
    let row = &rows(&parts)[0];
    assert_eq!(cell(row, "maintenance"), &Cell::Absent);
    let said =
        row.facts.iter().flat_map(|s| &s.facts).find(|(label, _)| label.as_str() == "Pending maintenance");
    assert!(matches!(said, Some((_, Cell::Text(why))) if why.contains("AccessDenied")), "{said:?}");
    let detail = Rds.describe(&scene.reach, &row.id).await.unwrap();
    assert!(detail.sections.len() > row.facts.len());
}

#[tokio::test]
async fn a_repeated_marker_ends_the_listing_and_says_that_more_exists() {
    let scene = Scene::new(|operation, _| match operation {
        "DescribeDBInstances" => answer(
            DescribeDbInstancesOutput::builder().db_instances(postgres("a").build()).marker("again").build(),
        ),
        "DescribeDBClusters" => answer(DescribeDbClustersOutput::builder().build()),
        _ => None,
    })
    .await;
    let (end, parts) = scene.list(&Rds).await;
    assert_eq!(end, Ok(()));
    assert!(parts.last().is_some_and(|p| p.more));
    assert_eq!(scene.count("DescribeDBInstances"), 2);
}

#[tokio::test]
async fn a_denied_listing_is_a_failure() {
    let scene = Scene::new(|operation, _| match operation {
        "DescribeDBInstances" => error(DescribeDBInstancesError::generic, "AccessDenied"),
        "DescribeDBClusters" => answer(DescribeDbClustersOutput::builder().build()),
        _ => None,
    })
    .await;
    assert_eq!(scene.list(&Rds).await.0.map_err(|f| f.kind), Err(FailureKind::Denied));
}

/// A place with one instance in `status`.
async fn one(status: &'static str) -> Scene {
    Scene::new(move |operation, _| match operation {
        "RebootDBInstance" => answer(RebootDbInstanceOutput::builder().build()),
        "DescribeDBInstances" => answer(
            DescribeDbInstancesOutput::builder()
                .db_instances(postgres("db").db_instance_status(status).build())
                .build(),
        ),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn an_operation_is_one_call_and_is_followed_to_its_end() {
    let reboot = operation(&Rds, "reboot", "instance", "db", &[]);
    let scene = one("rebooting").await;
    let started = scene.perform(&Rds, "reboot", "instance", "db", &[("failover", "yes")]).await.unwrap();
    assert!(!started.done);
    assert_eq!((scene.count("RebootDBInstance"), scene.count("DescribeDBInstances")), (1, 0));
    assert_eq!(Rds.follow(&scene.reach, &reboot).await.map(|o| o.done), Ok(false));
    assert_eq!(Rds.follow(&one("available").await.reach, &reboot).await.map(|o| o.done), Ok(true));
    let failed = Rds.follow(&one("failed").await.reach, &reboot).await;
    assert_eq!(failed.map_err(|f| f.kind), Err(FailureKind::Rejected));
}

#[tokio::test]
async fn a_delete_without_a_final_snapshot_needs_a_reason() {
    let scene = one("available").await;
    let fields = [("skip-final-snapshot", "yes")];
    let refused = scene.perform(&Rds, "delete", "instance", "db", &fields).await;
    assert_eq!(refused.map_err(|f| f.kind), Err(FailureKind::Usage));
    assert_eq!(scene.count("DeleteDBInstance"), 0, "nothing was sent");
    let delete = operation(&Rds, "delete", "instance", "gone", &[]);
    assert_eq!(Rds.follow(&scene.reach, &delete).await.map(|o| o.done), Ok(true));
}
