use super::{Timestream, spec::SPEC};
use crate::aws::answers::Reply;
use crate::model::{Cell, DialectId, EngineId, FailureKind, Health, Resource};
use crate::services::Service;
use crate::services::scripted::{Scene, answer, error, is_sound, operation, rows};
use aws_sdk_timestreaminfluxdb::operation::create_db_backup::CreateDbBackupOutput;
use aws_sdk_timestreaminfluxdb::operation::delete_db_instance::DeleteDbInstanceOutput;
use aws_sdk_timestreaminfluxdb::operation::get_db_instance::{GetDbInstanceError, GetDbInstanceOutput};
use aws_sdk_timestreaminfluxdb::operation::list_db_backups::ListDbBackupsOutput;
use aws_sdk_timestreaminfluxdb::operation::list_db_clusters::{ListDbClustersError, ListDbClustersOutput};
use aws_sdk_timestreaminfluxdb::operation::list_db_instances::ListDbInstancesOutput;
use aws_sdk_timestreaminfluxdb::operation::list_db_instances_for_cluster::ListDbInstancesForClusterOutput;
use aws_sdk_timestreaminfluxdb::types::{
    ClusterStatus, DbBackupStatus, DbBackupSummary, DbClusterSummary, DbInstanceForClusterSummary,
    DbInstanceSummary, DbInstanceType, DeploymentType, EngineType, InstanceMode, Status,
};
use aws_sdk_timestreamquery::operation::describe_account_settings::DescribeAccountSettingsOutput;
use aws_sdk_timestreamquery::operation::list_scheduled_queries::ListScheduledQueriesOutput;
use aws_sdk_timestreamquery::types::{ScheduledQuery, ScheduledQueryRunStatus, ScheduledQueryState};
use aws_sdk_timestreamwrite::operation::describe_table::{DescribeTableError, DescribeTableOutput};
use aws_sdk_timestreamwrite::operation::list_databases::{ListDatabasesError, ListDatabasesOutput};
use aws_sdk_timestreamwrite::operation::list_tables::ListTablesOutput;
use aws_sdk_timestreamwrite::operation::update_table::{UpdateTableInput, UpdateTableOutput};
use aws_sdk_timestreamwrite::types::{Database, RetentionProperties, Table, TableStatus};
use aws_smithy_runtime_api::client::interceptors::context::Input;

fn table() -> Table {
    let retention = RetentionProperties::builder()
        .memory_store_retention_period_in_hours(24)
        .magnetic_store_retention_period_in_days(365);
    Table::builder()
        .database_name("ml.eu")
        .table_name("metrics")
        .table_status(TableStatus::Active)
        .retention_properties(retention.build().unwrap())
        .build()
}

fn live(operation: &str) -> Option<Reply> {
    match operation {
        "ListDatabases" => {
            let database = Database::builder().database_name("ml.eu").table_count(1).build();
            answer(ListDatabasesOutput::builder().databases(database).build())
        }
        "ListTables" => answer(ListTablesOutput::builder().tables(table()).build()),
        "DescribeAccountSettings" => {
            answer(DescribeAccountSettingsOutput::builder().max_query_tcu(8).build())
        }
        "ListScheduledQueries" => {
            let query = ScheduledQuery::builder()
                .arn("arn:aws:timestream:eu-west-1:1:scheduled-query/roll-up-1")
                .name("roll-up")
                .state(ScheduledQueryState::Enabled)
                .last_run_status(ScheduledQueryRunStatus::AutoTriggerFailure);
            let query = query.build().unwrap();
            answer(ListScheduledQueriesOutput::builder().scheduled_queries(query).build().unwrap())
        }
        _ => None,
    }
}

fn influx(operation: &str) -> Option<Reply> {
    match operation {
        "ListDbClusters" => {
            let cluster = DbClusterSummary::builder()
                .id("c123456789")
                .name("telemetry")
                .arn("arn:c")
                .status(ClusterStatus::Available)
                .endpoint("w.example")
                .reader_endpoint("r.example")
                .port(8181)
                .engine_type(EngineType::InfluxdbV3Enterprise);
            answer(ListDbClustersOutput::builder().items(cluster.build().unwrap()).build().unwrap())
        }
        "ListDbInstancesForCluster" => {
            let member = DbInstanceForClusterSummary::builder()
                .id("m123456789")
                .name("telemetry-1")
                .arn("arn:m")
                .status(Status::Available)
                .endpoint("m.example")
                .port(8181)
                .instance_modes(InstanceMode::Ingest)
                .instance_modes(InstanceMode::Query);
            let list = ListDbInstancesForClusterOutput::builder().items(member.build().unwrap());
            answer(list.build().unwrap())
        }
        "ListDbInstances" => {
            let one = |id: &str, name: &str| {
                let i = DbInstanceSummary::builder().id(id).name(name).arn(format!("arn:{id}"));
                let i = i.status(Status::Available).endpoint("i.example").port(8086);
                let i = i.db_instance_type(DbInstanceType::DbInfluxLarge).allocated_storage(400);
                i.deployment_type(DeploymentType::SingleAz).build().unwrap()
            };
            let list = ListDbInstancesOutput::builder();
            let list = list.items(one("m123456789", "telemetry-1")).items(one("i123456789", "metrics"));
            answer(list.build().unwrap())
        }
        _ => None,
    }
}

fn cell<'a>(row: &'a Resource, column: &str) -> &'a Cell {
    &row.cells[SPEC.columns.iter().position(|c| c.id == column).unwrap()]
}

fn problems(row: &Resource) -> Vec<&str> {
    row.problems.iter().map(|p| p.id).collect()
}

#[tokio::test]
async fn both_timestreams_are_rows() {
    let scene = Scene::new(|operation, _| live(operation).or_else(|| influx(operation))).await;
    let (end, parts) = scene.list(&Timestream).await;
    assert_eq!(end, Ok(()));
    let rows = rows(&parts);
    rows.iter().for_each(|r| is_sound(&Timestream, r));
    let named = |name: &str| rows.iter().find(|r| r.name.as_str() == name).unwrap();
    let table = named("ml.eu.metrics");
    assert_eq!(cell(table, "memory"), &Cell::Text("24 h".into()));
    assert_eq!(cell(table, "magnetic"), &Cell::Text("365 d".into()));
    assert_eq!(table.parent.as_deref(), Some("ml.eu"));
    assert_eq!(table.backend.as_ref().unwrap().engine, EngineId::Timestream);
    assert!(problems(named("roll-up")).contains(&"failed-run"));
    assert!(named("roll-up").backend.is_none() && named("roll-up").no_query.is_some());
    assert!(named("query-settings").no_query.is_some());
    let v2 = named("metrics").backend.as_ref().unwrap();
    assert_eq!(v2.languages(), [DialectId::Flux, DialectId::InfluxQl]);
    assert_eq!(v2.secret_arn, None, "the administrator's token is nobody's default");
    assert!(problems(named("metrics")).contains(&"single-az"));
    let cluster = named("telemetry").backend.as_ref().unwrap();
    assert_eq!(cluster.languages(), [DialectId::InfluxSql, DialectId::InfluxQl]);
    assert_eq!(&*cluster.endpoints[0].host, "r.example", "reading goes to the reader");
    assert_eq!(rows.iter().filter(|r| r.name.as_str() == "telemetry-1").count(), 1, "a member is one row");
    assert_eq!(named("telemetry-1").parent.as_deref(), Some("c123456789"));
    assert_eq!(scene.count("ListTables"), 1, "one listing for the tables of all databases");
}

#[tokio::test]
async fn who_never_subscribed_to_live_analytics_hears_nothing_of_it() {
    let scene = Scene::new(|operation, _| match operation {
        "ListDatabases" => error(ListDatabasesError::generic, "AccessDeniedException"),
        other => influx(other),
    });
    let (end, parts) = scene.await.list(&Timestream).await;
    assert_eq!(end, Ok(()));
    assert!(parts.iter().all(|p| p.aside.is_none()));
    assert_eq!(rows(&parts).len(), 3);
    let scene = Scene::new(|operation, _| match operation {
        "ListDatabases" => error(ListDatabasesError::generic, "ThrottlingException"),
        other => influx(other),
    });
    let (end, parts) = scene.await.list(&Timestream).await;
    assert_eq!(end, Ok(()));
    assert!(parts.iter().any(|p| p.aside.as_ref().is_some_and(|f| f.kind == FailureKind::Throttled)));
    let scene = Scene::new(|operation, _| match operation {
        "ListDbClusters" => error(ListDbClustersError::generic, "AccessDeniedException"),
        "ListDatabases" => error(ListDatabasesError::generic, "AccessDeniedException"),
        _ => None,
    });
    let (end, _) = scene.await.list(&Timestream).await;
    assert_eq!(end.unwrap_err().kind, FailureKind::Denied);
}

#[tokio::test]
async fn retention_is_changed_on_the_table_that_the_name_means() {
    let scene = Scene::new(|operation, input: &Input| match operation {
        "DescribeTable" => {
            let asked = input
                .downcast_ref::<aws_sdk_timestreamwrite::operation::describe_table::DescribeTableInput>()
                .unwrap();
            if asked.database_name() != Some("ml.eu") {
                return error(DescribeTableError::generic, "ResourceNotFoundException");
            }
            answer(DescribeTableOutput::builder().table(table()).build())
        }
        "UpdateTable" => {
            let asked = input.downcast_ref::<UpdateTableInput>().unwrap();
            assert_eq!((asked.database_name(), asked.table_name()), (Some("ml.eu"), Some("metrics")));
            let retention = asked.retention_properties().unwrap();
            assert_eq!(retention.memory_store_retention_period_in_hours(), 12);
            assert_eq!(retention.magnetic_store_retention_period_in_days(), 30);
            answer(UpdateTableOutput::builder().build())
        }
        _ => None,
    })
    .await;
    let fields = [("memory-hours", "12"), ("magnetic-days", "30")];
    scene.perform(&Timestream, "retention", "table", "ml.eu.metrics", &fields).await.unwrap();
    let what = operation(&Timestream, "retention", "table", "ml.eu.metrics", &fields);
    assert!(Timestream.follow(&scene.reach, &what).await.unwrap().done);
    let wrong = [("memory-hours", "0"), ("magnetic-days", "30")];
    let refused = scene.perform(&Timestream, "retention", "table", "ml.eu.metrics", &wrong).await;
    assert_eq!(refused.unwrap_err().kind, FailureKind::Usage);
    assert_eq!(scene.count("UpdateTable"), 1);
}

fn backup(name: &str, status: DbBackupStatus) -> Option<Reply> {
    let backup = DbBackupSummary::builder().id("b1").arn("arn:b").name(name).status(status);
    answer(ListDbBackupsOutput::builder().items(backup.build().unwrap()).build().unwrap())
}

fn script(status: DbBackupStatus) -> impl Fn(&str, &Input) -> Option<Reply> + Send + Sync + 'static {
    move |operation, _| match operation {
        "CreateDbBackup" => answer(CreateDbBackupOutput::builder().id("b1").arn("arn:b").build().unwrap()),
        "ListDbBackups" => backup("last", status.clone()),
        "DeleteDbInstance" => {
            let gone = DeleteDbInstanceOutput::builder().id("i123456789").name("metrics").arn("a");
            answer(gone.set_vpc_subnet_ids(Some(Vec::new())).build().unwrap())
        }
        "GetDbInstance" => error(GetDbInstanceError::generic, "ResourceNotFoundException"),
        _ => None,
    }
}

#[tokio::test]
async fn an_instance_goes_only_behind_its_backup() {
    let delete = |scene: &'static Scene, fields: &'static [(&'static str, &'static str)]| {
        scene.perform(&Timestream, "delete-instance", "influxdb-instance", "i123456789", fields)
    };
    let scene: &Scene = Box::leak(Box::new(Scene::new(script(DbBackupStatus::Completed)).await));
    let made = delete(scene, &[("backup", "last")]).await.unwrap().made;
    assert_eq!(made.map(|m| m.to_string()), Some("last".to_owned()));
    assert_eq!((scene.count("CreateDbBackup"), scene.count("DeleteDbInstance")), (1, 1));
    let what = operation(&Timestream, "delete-instance", "influxdb-instance", "i123456789", &[]);
    assert!(Timestream.follow(&scene.reach, &what).await.unwrap().done, "gone is done");
    let scene: &Scene = Box::leak(Box::new(Scene::new(script(DbBackupStatus::Failed)).await));
    let failed = delete(scene, &[("backup", "last")]).await.unwrap_err();
    assert!(failed.because.as_str().contains("nothing was deleted"), "{failed:?}");
    assert_eq!(delete(scene, &[("skip-backup", "yes")]).await.unwrap_err().kind, FailureKind::Usage);
    assert_eq!(scene.count("DeleteDbInstance"), 0);
    delete(scene, &[("skip-backup", "yes"), ("skip-reason", "a copy is elsewhere")]).await.unwrap();
    assert_eq!(scene.count("DeleteDbInstance"), 1);
}

#[tokio::test]
async fn an_instance_is_found_by_its_name_and_described() {
    let scene = Scene::new(|operation, input: &Input| match operation {
        "GetDbInstance" => {
            let asked = input
                .downcast_ref::<aws_sdk_timestreaminfluxdb::operation::get_db_instance::GetDbInstanceInput>();
            assert_eq!(asked.unwrap().identifier(), Some("i123456789"));
            let i = GetDbInstanceOutput::builder().id("i123456789").name("metrics").arn("arn:i");
            let i = i.status(Status::RebootFailed).publicly_accessible(true);
            answer(i.set_vpc_subnet_ids(Some(vec!["subnet-1".into()])).build().unwrap())
        }
        other => influx(other),
    })
    .await;
    let id = operation(&Timestream, "reboot", "influxdb-instance", "metrics", &[]).on;
    let detail = Timestream.describe(&scene.reach, &id).await.unwrap();
    assert_eq!(&*detail.resource.id.name, "i123456789");
    assert!(matches!(detail.resource.health, Health::Bad(_)));
    assert!(problems(&detail.resource).contains(&"public"));
    assert_eq!(detail.resource.no_query.as_deref(), Some("it has no endpoint yet"));
}
