use super::{DynamoDb, spec::SPEC};
use crate::aws::answers::Reply;
use crate::model::{Cell, FailureKind, Health, Resource};
use crate::services::Service;
use crate::services::scripted::{Scene, answer, error, is_sound, operation, rows};
use aws_sdk_dynamodb::operation::create_backup::CreateBackupOutput;
use aws_sdk_dynamodb::operation::delete_table::DeleteTableOutput;
use aws_sdk_dynamodb::operation::describe_table::{
    DescribeTableError, DescribeTableInput, DescribeTableOutput,
};
use aws_sdk_dynamodb::operation::list_tables::{ListTablesInput, ListTablesOutput};
use aws_sdk_dynamodb::operation::update_table::{UpdateTableInput, UpdateTableOutput};
use aws_sdk_dynamodb::primitives::DateTime;
use aws_sdk_dynamodb::types::builders::TableDescriptionBuilder;
use aws_sdk_dynamodb::types::{
    BackupDetails, BackupStatus, BackupType, BillingMode, BillingModeSummary,
    GlobalSecondaryIndexDescription, KeySchemaElement, KeyType, ProvisionedThroughputDescription,
    TableDescription, TableStatus,
};
use aws_smithy_runtime_api::client::interceptors::context::Input;

fn key(name: &str, kind: KeyType) -> KeySchemaElement {
    KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap()
}

fn table(name: &str) -> TableDescriptionBuilder {
    TableDescription::builder()
        .table_name(name)
        .table_status(TableStatus::Active)
        .key_schema(key("user_id", KeyType::Hash))
        .key_schema(key("feature_name", KeyType::Range))
        .item_count(7)
        .table_size_bytes(1_024)
}

fn described(input: &Input, make: impl Fn(&str) -> TableDescriptionBuilder) -> Option<Reply> {
    let name = input.downcast_ref::<DescribeTableInput>()?.table_name()?;
    answer(DescribeTableOutput::builder().table(make(name).build()).build())
}

/// Pages of 100 names out of `count`.
fn names(input: &Input, count: usize) -> Option<Reply> {
    let input = input.downcast_ref::<ListTablesInput>()?;
    let name = |n: usize| format!("t-{n:04}");
    let start = input.exclusive_start_table_name().map_or(0, |last| last[2..].parse::<usize>().unwrap() + 1);
    let end = (start + 100).min(count);
    let page = ListTablesOutput::builder().set_table_names(Some((start..end).map(name).collect()));
    answer(page.set_last_evaluated_table_name((end < count).then(|| name(end - 1))).build())
}

fn cell<'a>(row: &'a Resource, column: &str) -> &'a Cell {
    &row.cells[SPEC.columns.iter().position(|c| c.id == column).unwrap()]
}

#[tokio::test]
async fn a_thousand_tables_show_by_name_at_once_and_fill_in_behind() {
    let scene = Scene::new(|operation, input| match operation {
        "ListTables" => names(input, 1_000),
        "DescribeTable" => described(input, table),
        _ => None,
    })
    .await;
    let (end, parts) = scene.list(&DynamoDb).await;
    assert_eq!(end, Ok(()));
    let named = parts.iter().take_while(|p| p.resources.iter().all(|r| cell(r, "keys") == &Cell::Absent));
    assert_eq!(named.map(|p| p.resources.len()).sum::<usize>(), 1_000);
    assert_eq!(parts[0].resources.len(), 100);
    assert!(parts.last().is_some_and(|p| !p.more));
    let rows = rows(&parts);
    assert_eq!(rows.len(), 1_000);
    for row in &rows {
        is_sound(&DynamoDb, row);
        assert_eq!(cell(row, "keys"), &Cell::Text("user_id / feature_name".into()));
    }
    assert_eq!((scene.count("ListTables"), scene.count("DescribeTable")), (10, 1_000));
}

#[tokio::test]
async fn one_denied_table_is_told_and_the_others_are_filled() {
    let scene = Scene::new(|operation, input| match operation {
        "ListTables" => names(input, 30),
        "DescribeTable" => match input.downcast_ref::<DescribeTableInput>()?.table_name()? {
            "t-0007" => error(DescribeTableError::generic, "AccessDeniedException"),
            _ => described(input, table),
        },
        _ => None,
    })
    .await;
    let (end, parts) = scene.list(&DynamoDb).await;
    assert_eq!(end.map_err(|f| f.kind), Err(FailureKind::Denied));
    let filled = rows(&parts).iter().filter(|r| matches!(r.health, Health::Good(_))).count();
    assert_eq!(filled, 29);
}

/// A place with one table, described as `make` says.
async fn one(make: fn(&str) -> TableDescriptionBuilder) -> Scene {
    Scene::new(move |operation, input| match operation {
        "ListTables" => names(input, 1),
        "DescribeTable" => described(input, make),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn extremes_and_unknown_words_make_a_row_like_any_other() {
    for make in [
        |name: &str| {
            table(name)
                .item_count(i64::MIN)
                .table_size_bytes(-1)
                .creation_date_time(DateTime::from_secs(i64::MAX))
                .table_status(TableStatus::from("MELTING"))
                .provisioned_throughput(
                    ProvisionedThroughputDescription::builder()
                        .read_capacity_units(i64::MAX)
                        .write_capacity_units(-1)
                        .number_of_decreases_today(i64::MIN)
                        .build(),
                )
        },
        |name: &str| {
            let mode = BillingModeSummary::builder().billing_mode(BillingMode::from("BARTER")).build();
            let index = GlobalSecondaryIndexDescription::builder().item_count(i64::MAX).build();
            table(name).billing_mode_summary(mode).global_secondary_indexes(index).item_count(i64::MAX)
        },
        |name: &str| TableDescription::builder().table_name(name),
    ] {
        let (end, parts) = one(make).await.list(&DynamoDb).await;
        assert_eq!(end, Ok(()));
        is_sound(&DynamoDb, &rows(&parts)[0]);
    }
}

#[tokio::test]
async fn what_cannot_be_had_says_why_in_the_detail_view() {
    let scene = one(table).await;
    let (_, parts) = scene.list(&DynamoDb).await;
    let detail = DynamoDb.describe(&scene.reach, &rows(&parts)[0].id).await.unwrap();
    for title in ["Time to live", "Point-in-time recovery", "Auto scaling", "Tags"] {
        let section = detail.sections.iter().find(|s| s.title.as_str() == title).unwrap();
        assert_eq!(section.facts[0].0.as_str(), "not known", "{title}");
    }
}

#[tokio::test]
async fn capacity_goes_out_as_it_was_filled_in() {
    let scene = Scene::new(|operation, input| {
        assert_eq!(operation, "UpdateTable");
        let input = input.downcast_ref::<UpdateTableInput>()?;
        let units = input.provisioned_throughput()?;
        assert_eq!((units.read_capacity_units(), units.write_capacity_units()), (5, 6));
        answer(UpdateTableOutput::builder().build())
    })
    .await;
    let fields = [("mode", "PROVISIONED"), ("rcu", "5"), ("wcu", "6")];
    assert!(scene.perform(&DynamoDb, "capacity-mode", "table", "t", &fields).await.is_ok());
    assert!(scene.perform(&DynamoDb, "capacity", "table", "t", &fields[1..]).await.is_ok());
    for bad in ["0", "-1", "many", ""] {
        let refused = scene.perform(&DynamoDb, "capacity", "table", "t", &[("rcu", bad), ("wcu", "1")]).await;
        assert_eq!(refused.map_err(|f| f.kind), Err(FailureKind::Usage), "{bad}");
    }
    assert_eq!(scene.count("UpdateTable"), 2);
}

/// A place whose backups come out as `status`.
async fn backed_up(status: fn() -> BackupStatus) -> Scene {
    Scene::new(move |operation, _| match operation {
        "CreateBackup" => {
            let details = BackupDetails::builder()
                .backup_arn("arn:backup")
                .backup_name("b")
                .backup_status(status())
                .backup_type(BackupType::User)
                .backup_creation_date_time(DateTime::from_secs(1))
                .build()
                .unwrap();
            answer(CreateBackupOutput::builder().backup_details(details).build())
        }
        "DeleteTable" => answer(DeleteTableOutput::builder().build()),
        "DescribeTable" => error(DescribeTableError::generic, "ResourceNotFoundException"),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn a_table_goes_only_after_its_backup_stands() {
    let scene = backed_up(|| BackupStatus::Available).await;
    let gone = scene.perform(&DynamoDb, "delete", "table", "t", &[("backup", "last")]).await.unwrap();
    assert_eq!(gone.made.as_deref(), Some("last"));
    assert_eq!(scene.count("DeleteTable"), 1);
    let delete = operation(&DynamoDb, "delete", "table", "t", &[]);
    assert_eq!(DynamoDb.follow(&scene.reach, &delete).await.map(|o| o.done), Ok(true));

    let scene = backed_up(|| BackupStatus::Deleted).await;
    assert!(scene.perform(&DynamoDb, "delete", "table", "t", &[]).await.is_err());
    assert_eq!(scene.count("DeleteTable"), 0, "the table stays");
    let skip = [("skip-backup", "yes")];
    assert!(scene.perform(&DynamoDb, "delete", "table", "t", &skip).await.is_err(), "without a reason");
    let skip = [("skip-backup", "yes"), ("skip-reason", "it is empty")];
    assert!(scene.perform(&DynamoDb, "delete", "table", "t", &skip).await.is_ok());
    assert_eq!((scene.count("CreateBackup"), scene.count("DeleteTable")), (1, 1));
}
