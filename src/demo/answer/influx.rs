//! Timestream for InfluxDB: an instance that can be operated. No InfluxDB runs behind it.

use super::on;
use crate::aws::answers::Reply;
use crate::demo::world::timestream::{Backup, Instance, arn};
use crate::demo::world::{Region, date};
use aws_sdk_timestreaminfluxdb::operation as op;
use aws_sdk_timestreaminfluxdb::types::{
    DbBackupStatus, DbBackupSummary, DbInstanceSummary, DbInstanceType, DbStorageType, DeploymentType,
    NetworkType, Status,
};
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_types::error::ErrorMetadata;

/// How long a change takes here, in milliseconds.
const CHANGE: u64 = 8_000;
/// How long a backup takes, in milliseconds.
const BACKUP: u64 = 5_000;
/// The port of InfluxDB 2.
const PORT: i32 = 8_086;

fn missing() -> ErrorMetadata {
    let words = "The requested DB instance does not exist.";
    ErrorMetadata::builder().code("ResourceNotFoundException").message(words).build()
}

fn ours(error: &dyn std::error::Error) -> ErrorMetadata {
    ErrorMetadata::builder().code("InternalServerException").message(error.to_string()).build()
}

fn host(region: &str, id: &str) -> String {
    format!("{id}-demo.{region}.timestream-influxdb.amazonaws.com")
}

fn resource(region: &str, id: &str) -> String {
    arn(region, &format!("db-instance/{id}")).replace(":timestream:", ":timestream-influxdb:")
}

/// Fills in what every answer about an instance says.
macro_rules! filled {
    ($builder:expr, $region:expr, $id:expr, $i:expr) => {
        $builder
            .id($id)
            .name($i.name)
            .arn(resource($region, $id))
            .status(Status::from($i.status))
            .endpoint(host($region, $id))
            .port(PORT)
            .network_type(NetworkType::Ipv4)
            .db_instance_type(DbInstanceType::from($i.class.as_str()))
            .db_storage_type(DbStorageType::InfluxIoIncludedT1)
            .allocated_storage($i.storage)
            .deployment_type(DeploymentType::SingleAz)
    };
}

/// The same for what describes one alone.
macro_rules! described {
    ($builder:expr, $region:expr, $id:expr, $i:expr) => {
        filled!($builder, $region, $id, $i)
            .vpc_subnet_ids("subnet-0demo")
            .publicly_accessible(false)
            .availability_zone(format!("{}a", $region))
            .influx_auth_parameters_secret_arn(format!(
                "arn:aws:secretsmanager:{}:{}:secret:READONLY-InfluxDB-auth-parameters-{}",
                $region,
                crate::demo::ACCOUNT,
                $id
            ))
    };
}

/// Answers a Timestream for InfluxDB call.
pub fn answer(region: &mut Region, operation: &str, input: &Input) -> Reply {
    let name = region.name;
    match operation {
        "ListDbClusters" => on(input, |_: &op::list_db_clusters::ListDbClustersInput| {
            let built = op::list_db_clusters::ListDbClustersOutput::builder().set_items(Some(Vec::new()));
            built.build().map_err(|e| op::list_db_clusters::ListDbClustersError::generic(ours(&e)))
        }),
        "ListDbInstances" => on(input, |_: &op::list_db_instances::ListDbInstancesInput| {
            let fault = |e| op::list_db_instances::ListDbInstancesError::generic(ours(&e));
            let all = region.timestream.instances.iter();
            let all = all.map(|(id, i)| filled!(DbInstanceSummary::builder(), name, id, i).build());
            let all = all.collect::<Result<Vec<_>, _>>().map_err(fault)?;
            op::list_db_instances::ListDbInstancesOutput::builder()
                .set_items(Some(all))
                .build()
                .map_err(fault)
        }),
        "GetDbInstance" => on(input, |i: &op::get_db_instance::GetDbInstanceInput| {
            let fault = op::get_db_instance::GetDbInstanceError::generic;
            let id = i.identifier().unwrap_or_default();
            let found = region.timestream.instances.get(id).ok_or_else(|| fault(missing()))?;
            let built = described!(op::get_db_instance::GetDbInstanceOutput::builder(), name, id, found);
            built.build().map_err(|e| fault(ours(&e)))
        }),
        "ListDbBackups" => on(input, |i: &op::list_db_backups::ListDbBackupsInput| {
            let fault = |e| op::list_db_backups::ListDbBackupsError::generic(ours(&e));
            let of = i.db_resource_id().unwrap_or_default();
            let all = region.timestream.backups.iter().filter(|b| b.of == of).map(|b| backup(name, b));
            let all = all.collect::<Result<Vec<_>, _>>().map_err(fault)?;
            op::list_db_backups::ListDbBackupsOutput::builder().set_items(Some(all)).build().map_err(fault)
        }),
        "ListTagsForResource" => on(input, |_: &op::list_tags_for_resource::ListTagsForResourceInput| {
            Ok::<_, op::list_tags_for_resource::ListTagsForResourceError>(
                op::list_tags_for_resource::ListTagsForResourceOutput::builder()
                    .tags("project", "ml-platform")
                    .tags("env", "prod")
                    .build(),
            )
        }),
        _ => change(region, operation, input),
    }
}

fn backup(
    region: &str,
    b: &Backup,
) -> Result<DbBackupSummary, aws_smithy_types::error::operation::BuildError> {
    let status = if b.whole { DbBackupStatus::Completed } else { DbBackupStatus::InProgress };
    DbBackupSummary::builder()
        .id(&b.id)
        .name(&b.name)
        .arn(resource(region, &b.id))
        .db_resource_id(&b.of)
        .created_at(date(b.made))
        .status(status)
        .build()
}

/// The instance that goes through `status` and is available again after a while.
fn begins(region: &mut Region, id: &str, status: &'static str) -> Option<Instance> {
    let instance = region.timestream.instances.get_mut(id)?;
    instance.status = status;
    let (shown, id) = (instance.clone(), id.to_owned());
    region.later(CHANGE, move |region| {
        if let Some(instance) = region.timestream.instances.get_mut(&id) {
            instance.status = "AVAILABLE";
        }
    });
    Some(shown)
}

fn change(region: &mut Region, operation: &str, input: &Input) -> Reply {
    let name = region.name;
    match operation {
        "RebootDbInstance" => on(input, |i: &op::reboot_db_instance::RebootDbInstanceInput| {
            let fault = op::reboot_db_instance::RebootDbInstanceError::generic;
            let id = i.identifier().unwrap_or_default();
            let shown = begins(region, id, "REBOOTING").ok_or_else(|| fault(missing()))?;
            let built =
                described!(op::reboot_db_instance::RebootDbInstanceOutput::builder(), name, id, shown);
            built.build().map_err(|e| fault(ours(&e)))
        }),
        "UpdateDbInstance" => on(input, |i: &op::update_db_instance::UpdateDbInstanceInput| {
            let fault = op::update_db_instance::UpdateDbInstanceError::generic;
            let id = i.identifier().unwrap_or_default();
            if let (Some(instance), Some(class)) =
                (region.timestream.instances.get_mut(id), i.db_instance_type())
            {
                class.as_str().clone_into(&mut instance.class);
            }
            let shown = begins(region, id, "UPDATING_INSTANCE_TYPE").ok_or_else(|| fault(missing()))?;
            let built =
                described!(op::update_db_instance::UpdateDbInstanceOutput::builder(), name, id, shown);
            built.build().map_err(|e| fault(ours(&e)))
        }),
        "DeleteDbInstance" => on(input, |i: &op::delete_db_instance::DeleteDbInstanceInput| {
            let fault = op::delete_db_instance::DeleteDbInstanceError::generic;
            let id = i.identifier().unwrap_or_default().to_owned();
            let Some(instance) = region.timestream.instances.get_mut(&id) else {
                return Err(fault(missing()));
            };
            instance.status = "DELETING";
            let shown = instance.clone();
            let built =
                described!(op::delete_db_instance::DeleteDbInstanceOutput::builder(), name, &id, shown);
            region.later(CHANGE, move |region| {
                region.timestream.instances.remove(&id);
            });
            built.build().map_err(|e| fault(ours(&e)))
        }),
        "CreateDbBackup" => on(input, |i: &op::create_db_backup::CreateDbBackupInput| {
            let fault = op::create_db_backup::CreateDbBackupError::generic;
            let of = i.db_resource_id().unwrap_or_default().to_owned();
            if !region.timestream.instances.contains_key(&of) {
                return Err(fault(missing()));
            }
            let id = format!("bk-{:04}", region.timestream.backups.len() + 1);
            let own = i.name().unwrap_or(&id).to_owned();
            let made = region.now;
            region.timestream.backups.push(Backup { id: id.clone(), name: own, of, whole: false, made });
            let built =
                op::create_db_backup::CreateDbBackupOutput::builder().id(&id).arn(resource(name, &id));
            region.later(BACKUP, move |region| {
                let all = region.timestream.backups.iter_mut();
                all.filter(|b| b.id == id).for_each(|b| b.whole = true);
            });
            built.build().map_err(|e| fault(ours(&e)))
        }),
        _ => Reply::Unknown,
    }
}
