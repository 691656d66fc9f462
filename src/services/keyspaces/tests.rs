use super::{Keyspaces, spec::SPEC};
use crate::aws::answers::Reply;
use crate::model::{Cell, EngineId, FailureKind, Health, Resource, ResourceId};
use crate::services::Service;
use crate::services::scripted::{Scene, answer, error, is_sound, operation, place, rows};
use aws_sdk_keyspaces::operation::delete_table::DeleteTableOutput;
use aws_sdk_keyspaces::operation::get_keyspace::GetKeyspaceOutput;
use aws_sdk_keyspaces::operation::get_table::{GetTableError, GetTableInput, GetTableOutput};
use aws_sdk_keyspaces::operation::list_keyspaces::ListKeyspacesOutput;
use aws_sdk_keyspaces::operation::list_tables::{ListTablesInput, ListTablesOutput};
use aws_sdk_keyspaces::operation::restore_table::{RestoreTableInput, RestoreTableOutput};
use aws_sdk_keyspaces::operation::update_table::{UpdateTableInput, UpdateTableOutput};
use aws_sdk_keyspaces::types::{
    CapacitySpecificationSummary, ClusteringKey, KeyspaceStatus, KeyspaceSummary, PartitionKey,
    PointInTimeRecoveryStatus, PointInTimeRecoverySummary, ReplicaSpecificationSummary,
    ReplicationGroupStatus, Rs, SchemaDefinition, SortOrder, TableStatus, TableSummary, ThroughputMode,
};
use aws_smithy_runtime_api::client::interceptors::context::Input;

fn keyspaces(names: &[&str]) -> Option<Reply> {
    let of = |name: &&str| {
        let built = KeyspaceSummary::builder().keyspace_name(*name).resource_arn("arn:k");
        built.replication_strategy(Rs::SingleRegion).build().unwrap()
    };
    let all = names.iter().map(of).collect();
    answer(ListKeyspacesOutput::builder().set_keyspaces(Some(all)).build().unwrap())
}

fn tables(input: &Input, names: &[&str]) -> Option<Reply> {
    let keyspace = input.downcast_ref::<ListTablesInput>()?.keyspace_name()?;
    let of = |name: &&str| {
        let built = TableSummary::builder().keyspace_name(keyspace).table_name(*name);
        built.resource_arn("arn:t").build().unwrap()
    };
    answer(ListTablesOutput::builder().set_tables(Some(names.iter().map(of).collect())).build())
}

fn capacity(mode: ThroughputMode) -> CapacitySpecificationSummary {
    let built = CapacitySpecificationSummary::builder().throughput_mode(mode);
    built.read_capacity_units(40).write_capacity_units(20).build().unwrap()
}

fn table(input: &Input, status: TableStatus) -> Option<Reply> {
    let input = input.downcast_ref::<GetTableInput>()?;
    let key = |name: &str| PartitionKey::builder().name(name).build().unwrap();
    let schema = SchemaDefinition::builder()
        .set_all_columns(Some(Vec::new()))
        .partition_keys(key("device"))
        .partition_keys(key("day"))
        .clustering_keys(ClusteringKey::builder().name("at").order_by(SortOrder::Desc).build().unwrap())
        .build()
        .unwrap();
    let replica =
        |region: &str, status| ReplicaSpecificationSummary::builder().region(region).status(status).build();
    let off = PointInTimeRecoverySummary::builder().status(PointInTimeRecoveryStatus::Disabled).build();
    let built = GetTableOutput::builder()
        .keyspace_name(input.keyspace_name()?)
        .table_name(input.table_name()?)
        .resource_arn("arn:t")
        .status(status)
        .schema_definition(schema)
        .capacity_specification(capacity(ThroughputMode::Provisioned))
        .point_in_time_recovery(off.unwrap())
        .default_time_to_live(86_400 * 30)
        .replica_specifications(replica("eu-west-1", TableStatus::Active))
        .replica_specifications(replica("us-east-1", TableStatus::Creating));
    answer(built.build().unwrap())
}

fn cell<'a>(row: &'a Resource, column: &str) -> &'a Cell {
    &row.cells[SPEC.columns.iter().position(|c| c.id == column).unwrap()]
}

async fn estate() -> Scene {
    Scene::new(|operation, input| match operation {
        "ListKeyspaces" => keyspaces(&["system", "system_schema", "shop", "ml"]),
        "ListTables" => tables(input, &["events", "carts"]),
        "GetTable" => match input.downcast_ref::<GetTableInput>()?.keyspace_name()? {
            "ml" => error(GetTableError::generic, "AccessDeniedException"),
            _ => table(input, TableStatus::Active),
        },
        _ => None,
    })
    .await
}

#[tokio::test]
async fn keyspaces_and_tables_show_and_the_systems_own_do_not() {
    let scene = estate().await;
    let (end, parts) = scene.list(&Keyspaces).await;
    assert_eq!(end.map_err(|f| f.kind), Err(FailureKind::Denied), "what was denied is told");
    let rows = rows(&parts);
    let names: Vec<_> = rows.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["shop", "ml", "shop.events", "shop.carts", "ml.events", "ml.carts"]);
    rows.iter().for_each(|row| is_sound(&Keyspaces, row));
    assert_eq!(cell(&rows[0], "tables"), &Cell::Count(2));
    let events = &rows[2];
    assert_eq!(events.parent.as_deref(), Some("shop"));
    assert_eq!(cell(events, "keys"), &Cell::Text("(device, day), at desc".into()));
    assert_eq!(cell(events, "rcu"), &Cell::Count(40));
    assert_eq!(cell(events, "ttl"), &Cell::Text("30 d".into()));
    let problems: Vec<_> = events.problems.iter().map(|p| (p.id, p.urgent)).collect();
    assert_eq!(problems, [("replication", true), ("no-backup", false)]);
    let backend = events.backend.as_ref().unwrap();
    assert_eq!((backend.engine, backend.database.as_deref()), (EngineId::Cql, Some("shop")));
    assert_eq!(&*backend.endpoints[0].host, "cassandra.eu-west-1.amazonaws.com");
    assert!(matches!(rows[4].health, Health::Unknown(_)), "a table that may not be read is still a row");
}

#[tokio::test]
async fn names_that_none_can_have_are_told_and_no_answer_takes_anothers_place() {
    let scene = Scene::new(|operation, input| match operation {
        "ListKeyspaces" => keyspaces(&["", "a.b", "shop"]),
        "ListTables" => tables(input, &["", "x.y", "events"]),
        "GetTable" => {
            let other = GetTableInput::builder().keyspace_name("ml").table_name("other").build().unwrap();
            table(&Input::erase(other), TableStatus::Active)
        }
        _ => None,
    })
    .await;
    let (end, parts) = scene.list(&Keyspaces).await;
    assert_eq!(end.map_err(|f| f.kind), Err(FailureKind::Garbled));
    let rows = rows(&parts);
    let names: Vec<_> = rows.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["shop", "shop.events"]);
    assert_eq!((scene.count("ListTables"), scene.count("GetTable")), (1, 1));
}

#[tokio::test]
async fn a_region_that_is_not_there_yet_shows_on_the_keyspace() {
    let scene = Scene::new(|operation, _| match operation {
        "GetKeyspace" => {
            let status = ReplicationGroupStatus::builder()
                .region("us-east-1")
                .keyspace_status(KeyspaceStatus::Updating)
                .tables_replication_progress("40%")
                .build()
                .unwrap();
            let built = GetKeyspaceOutput::builder().keyspace_name("shop").resource_arn("arn:k");
            let built = built.replication_strategy(Rs::MultiRegion).replication_group_statuses(status);
            answer(built.build().unwrap())
        }
        _ => None,
    })
    .await;
    let id = ResourceId { service: SPEC.id, kind: "keyspace", place: place(), name: "shop".into() };
    let detail = Keyspaces.describe(&scene.reach, &id).await.unwrap();
    assert_eq!(detail.resource.health, Health::Busy("UPDATING".into()));
    let replicas = detail.sections.iter().find(|s| s.title.as_str() == "Replicas").unwrap();
    assert_eq!(replicas.facts[0].1, Cell::Text("UPDATING, 40% of its tables replicated".into()));
}

/// A place that takes one `UpdateTable`, which `check` looks at.
async fn updating(check: fn(&UpdateTableInput) -> bool) -> Scene {
    Scene::new(move |operation, input| match operation {
        "UpdateTable" => {
            let input = input.downcast_ref::<UpdateTableInput>()?;
            assert_eq!((input.keyspace_name(), input.table_name()), (Some("shop"), Some("events")));
            assert!(check(input), "{input:?}");
            let settings = [
                input.capacity_specification().is_some(),
                input.point_in_time_recovery().is_some(),
                input.ttl().is_some(),
                input.default_time_to_live().is_some(),
            ];
            assert_eq!(settings.iter().filter(|s| **s).count(), 1, "one setting a call");
            answer(UpdateTableOutput::builder().resource_arn("arn:t").build().unwrap())
        }
        "GetTable" => table(input, TableStatus::Updating),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn each_operation_changes_one_setting() {
    let capacity = |scene: Scene, id: &'static str, fields: &'static [(&'static str, &'static str)]| async move {
        scene.perform(&Keyspaces, id, "table", "shop.events", fields).await
    };
    let scene = updating(|i| {
        let c = i.capacity_specification().unwrap();
        (c.read_capacity_units(), c.write_capacity_units()) == (Some(5), Some(6))
    });
    assert!(capacity(scene.await, "capacity", &[("rcu", "5"), ("wcu", "6")]).await.is_ok());
    let scene = updating(|i| i.capacity_specification().unwrap().read_capacity_units().is_none());
    assert!(capacity(scene.await, "capacity-mode", &[("mode", "PAY_PER_REQUEST")]).await.is_ok());
    let off = |i: &UpdateTableInput| {
        *i.point_in_time_recovery().unwrap().status() == PointInTimeRecoveryStatus::Disabled
    };
    assert!(capacity(updating(off).await, "pitr-off", &[]).await.is_ok());
    assert!(capacity(updating(|i| i.ttl().is_some()).await, "ttl-on", &[]).await.is_ok());
    let scene = updating(|i| i.default_time_to_live() == Some(0)).await;
    assert!(capacity(scene, "default-ttl", &[("seconds", "0")]).await.is_ok());
    for bad in ["-1", "630720001", "soon", ""] {
        let scene = updating(|_| false).await;
        let fields = [("seconds", bad)];
        let refused = scene.perform(&Keyspaces, "default-ttl", "table", "shop.events", &fields);
        assert_eq!(refused.await.map_err(|f| f.kind), Err(FailureKind::Usage), "{bad}");
    }
    let scene = updating(|_| false).await;
    let unnamed = scene.perform(&Keyspaces, "pitr-on", "table", "events", &[]).await;
    assert_eq!(unnamed.map_err(|f| f.kind), Err(FailureKind::Usage));
    let busy = operation(&Keyspaces, "pitr-on", "table", "shop.events", &[]);
    assert_eq!(Keyspaces.follow(&scene.reach, &busy).await.map(|o| o.done), Ok(false));
}

#[tokio::test]
async fn a_restore_makes_a_new_table_and_is_followed_there() {
    let scene = Scene::new(|operation, input| match operation {
        "RestoreTable" => {
            let input = input.downcast_ref::<RestoreTableInput>()?;
            assert_eq!(input.target_keyspace_name(), Some("shop"));
            assert_eq!(input.restore_timestamp().map(aws_smithy_types::DateTime::secs), Some(1_767_225_600));
            answer(RestoreTableOutput::builder().restored_table_arn("arn:new").build().unwrap())
        }
        "GetTable" => {
            let name = input.downcast_ref::<GetTableInput>()?.table_name()?.to_owned();
            assert_eq!(name, "events_back");
            table(input, TableStatus::Active)
        }
        "DeleteTable" => answer(DeleteTableOutput::builder().build()),
        _ => None,
    })
    .await;
    let fields = [("target-table", "events_back"), ("at", "2026-01-01T00:00:00Z")];
    let made = scene.perform(&Keyspaces, "restore", "table", "shop.events", &fields).await.unwrap();
    assert_eq!(made.made.as_deref(), Some("shop.events_back"));
    let followed = operation(&Keyspaces, "restore", "table", "shop.events", &fields);
    assert_eq!(Keyspaces.follow(&scene.reach, &followed).await.map(|o| o.done), Ok(true));
    let bad = [("target-table", "x"), ("at", "yesterday")];
    assert!(scene.perform(&Keyspaces, "restore", "table", "shop.events", &bad).await.is_err());
    assert_eq!(scene.count("RestoreTable"), 1);
    assert!(scene.perform(&Keyspaces, "delete", "table", "shop.events", &[]).await.is_ok());
}
