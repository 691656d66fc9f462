//! Operating RDS instances: states that take their time, refusals that AWS would give.

use super::fault;
use super::rds_read::last_of_arn;
use crate::demo::world::{Region, date, days};
use aws_sdk_rds::operation::create_db_snapshot::{
    CreateDBSnapshotError, CreateDbSnapshotInput, CreateDbSnapshotOutput,
};
use aws_sdk_rds::operation::delete_db_instance::{
    DeleteDBInstanceError, DeleteDbInstanceInput, DeleteDbInstanceOutput,
};
use aws_sdk_rds::operation::modify_db_instance::{
    ModifyDBInstanceError, ModifyDbInstanceInput, ModifyDbInstanceOutput,
};
use aws_sdk_rds::operation::reboot_db_instance::{
    RebootDBInstanceError, RebootDbInstanceInput, RebootDbInstanceOutput,
};
use aws_sdk_rds::operation::start_db_instance::{
    StartDBInstanceError, StartDbInstanceInput, StartDbInstanceOutput,
};
use aws_sdk_rds::operation::stop_db_instance::{
    StopDBInstanceError, StopDbInstanceInput, StopDbInstanceOutput,
};
use aws_sdk_rds::types::{DbInstance, DbSnapshot, PendingModifiedValues, SourceType};
use aws_smithy_types::error::ErrorMetadata;

/// How long things take here, in milliseconds: long enough to be watched, short enough to wait.
pub const REBOOT: u64 = 6_000;
/// Starting and stopping.
pub const START_STOP: u64 = 8_000;
/// Changing.
pub const MODIFY: u64 = 9_000;
/// A snapshot.
pub const SNAPSHOT: u64 = 10_000;
/// Deleting.
pub const DELETE: u64 = 8_000;

/// The instance, or the error of the operation at hand; then whether its status is one of
/// those that the operation needs.
macro_rules! instance {
    ($region:expr, $id:expr, $error:ident, [$($status:literal),*]) => {{
        let id = last_of_arn($id.unwrap_or_default()).to_owned();
        let Some(instance) = $region.instances.get(&id) else {
            return Err(fault!($error::DbInstanceNotFoundFault, "DBInstanceNotFound", "DBInstance {id} not found."));
        };
        let status = instance.db_instance_status().unwrap_or_default();
        if ![$($status),*].contains(&status) {
            return Err(fault!(
                $error::InvalidDbInstanceStateFault,
                "InvalidDBInstanceState",
                "Instance {id} is not in a state for this: it is {status}."
            ));
        }
        (id, instance.clone())
    }};
}

pub fn start(
    region: &mut Region,
    input: &StartDbInstanceInput,
) -> Result<StartDbInstanceOutput, StartDBInstanceError> {
    let (id, _) = instance!(region, input.db_instance_identifier(), StartDBInstanceError, ["stopped"]);
    begin(region, &id, "starting", "DB instance starting");
    let started = id.clone();
    region.later(START_STOP, move |region| {
        if let Some(instance) = region.instances.get_mut(&started) {
            instance.automatic_restart_time = None;
        }
        region.set_status(&started, "available");
        region.comes_back(&started);
        region.tell(SourceType::DbInstance, &started, "notification", "DB instance started");
    });
    Ok(StartDbInstanceOutput::builder().set_db_instance(shown(region, &id)).build())
}

pub fn stop(
    region: &mut Region,
    input: &StopDbInstanceInput,
) -> Result<StopDbInstanceOutput, StopDBInstanceError> {
    let (id, now) = instance!(region, input.db_instance_identifier(), StopDBInstanceError, ["available"]);
    let replicated = !now.read_replica_db_instance_identifiers().is_empty();
    if replicated
        || now.read_replica_source_db_instance_identifier().is_some()
        || now.db_cluster_identifier().is_some()
    {
        return Err(fault!(
            StopDBInstanceError::InvalidDbInstanceStateFault,
            "InvalidDBInstanceState",
            "Cannot stop {id}: it has a read replica, is one, or belongs to a cluster."
        ));
    }
    begin(region, &id, "stopping", "DB instance stopping");
    let stopped = id.clone();
    region.later(START_STOP, move |region| {
        let restart = date(region.now.plus_ms(days(7)));
        if let Some(instance) = region.instances.get_mut(&stopped) {
            instance.automatic_restart_time = Some(restart);
        }
        region.set_status(&stopped, "stopped");
        region.goes_down(&stopped);
        region.tell(SourceType::DbInstance, &stopped, "notification", "DB instance stopped");
    });
    Ok(StopDbInstanceOutput::builder().set_db_instance(shown(region, &id)).build())
}

pub fn reboot(
    region: &mut Region,
    input: &RebootDbInstanceInput,
) -> Result<RebootDbInstanceOutput, RebootDBInstanceError> {
    let (id, now) = instance!(region, input.db_instance_identifier(), RebootDBInstanceError, ["available"]);
    let failover = input.force_failover() == Some(true);
    if failover && now.multi_az() != Some(true) {
        return Err(RebootDBInstanceError::generic(combination(
            "Cannot force a failover on a DB instance that is not Multi-AZ.",
        )));
    }
    begin(region, &id, "rebooting", "DB instance restarting");
    region.goes_down(&id);
    let back = id.clone();
    region.later(REBOOT, move |region| {
        if let (true, Some(instance)) = (failover, region.instances.get_mut(&back)) {
            std::mem::swap(&mut instance.availability_zone, &mut instance.secondary_availability_zone);
        }
        region.set_status(&back, "available");
        region.comes_back(&back);
        let words = if failover { "Multi-AZ instance failover completed" } else { "DB instance restarted" };
        region.tell(SourceType::DbInstance, &back, "availability", words);
    });
    Ok(RebootDbInstanceOutput::builder().set_db_instance(shown(region, &id)).build())
}

pub fn modify(
    region: &mut Region,
    input: &ModifyDbInstanceInput,
) -> Result<ModifyDbInstanceOutput, ModifyDBInstanceError> {
    let (id, now) = instance!(
        region,
        input.db_instance_identifier(),
        ModifyDBInstanceError,
        ["available", "storage-full", "incompatible-parameters"]
    );
    if input.allocated_storage().is_some_and(|gib| gib < now.allocated_storage().unwrap_or(0)) {
        return Err(ModifyDBInstanceError::generic(combination("Storage can grow, never shrink.")));
    }
    // These do not wait for the window.
    if let Some(instance) = region.instances.get_mut(&id) {
        let at_once = [
            (&mut instance.deletion_protection, input.deletion_protection()),
            (&mut instance.publicly_accessible, input.publicly_accessible()),
            (&mut instance.iam_database_authentication_enabled, input.enable_iam_database_authentication()),
        ];
        for (field, value) in at_once {
            *field = value.or(*field);
        }
        instance.backup_retention_period =
            input.backup_retention_period().or(instance.backup_retention_period);
    }
    if waiting(input) == PendingModifiedValues::builder().build() {
        return Ok(ModifyDbInstanceOutput::builder().set_db_instance(shown(region, &id)).build());
    }
    if let Some(instance) = region.instances.get_mut(&id) {
        instance.pending_modified_values = Some(waiting(input));
    }
    if input.apply_immediately() == Some(true) {
        begin(region, &id, "modifying", "Applying modification to DB instance");
        let changed = id.clone();
        region.later(MODIFY, move |region| {
            if let Some(instance) = region.instances.get_mut(&changed) {
                apply(instance);
            }
            region.set_status(&changed, "available");
            region.tell(
                SourceType::DbInstance,
                &changed,
                "configuration change",
                "Finished applying modification",
            );
        });
    }
    Ok(ModifyDbInstanceOutput::builder().set_db_instance(shown(region, &id)).build())
}

/// What the request leaves for the window, or for now when it says so.
fn waiting(input: &ModifyDbInstanceInput) -> PendingModifiedValues {
    PendingModifiedValues::builder()
        .set_db_instance_class(input.db_instance_class().map(str::to_owned))
        .set_allocated_storage(input.allocated_storage())
        .set_multi_az(input.multi_az())
        .set_engine_version(input.engine_version().map(str::to_owned))
        .set_storage_type(input.storage_type().map(str::to_owned))
        .set_iops(input.iops())
        .build()
}

fn apply(instance: &mut DbInstance) {
    let Some(new) = instance.pending_modified_values.take() else { return };
    instance.db_instance_class = new.db_instance_class.or(instance.db_instance_class.take());
    instance.engine_version = new.engine_version.or(instance.engine_version.take());
    instance.storage_type = new.storage_type.or(instance.storage_type.take());
    instance.allocated_storage = new.allocated_storage.or(instance.allocated_storage);
    instance.iops = new.iops.or(instance.iops);
    instance.multi_az = new.multi_az.or(instance.multi_az);
}

pub fn snapshot(
    region: &mut Region,
    input: &CreateDbSnapshotInput,
) -> Result<CreateDbSnapshotOutput, CreateDBSnapshotError> {
    let (id, _) = instance!(
        region,
        input.db_instance_identifier(),
        CreateDBSnapshotError,
        ["available", "storage-full"]
    );
    let name = input.db_snapshot_identifier().unwrap_or_default().to_owned();
    if region.snapshots.contains_key(&name) {
        return Err(fault!(
            CreateDBSnapshotError::DbSnapshotAlreadyExistsFault,
            "DBSnapshotAlreadyExists",
            "Cannot create the snapshot because a snapshot with the identifier {name} already exists."
        ));
    }
    let back = region.instances.get(&id).and_then(|i| i.db_instance_status.clone()).unwrap_or_default();
    begin(region, &id, "backing-up", "Backing up DB instance");
    take(region, &id, &name);
    region.later(SNAPSHOT, move |region| {
        region.set_status(&id, &back);
        region.tell(SourceType::DbInstance, &id, "backup", "Finished DB instance backup");
    });
    Ok(CreateDbSnapshotOutput::builder().set_db_snapshot(region.snapshots.get(&name).cloned()).build())
}

/// Begins a snapshot of `id` named `name`, in four steps of progress.
fn take(region: &mut Region, id: &str, name: &str) {
    let Some(instance) = region.instances.get(id) else { return };
    let snapshot = DbSnapshot::builder()
        .db_snapshot_identifier(name)
        .db_snapshot_arn(format!("arn:aws:rds:{}:{}:snapshot:{name}", region.name, crate::demo::ACCOUNT))
        .db_instance_identifier(id)
        .engine(instance.engine().unwrap_or_default())
        .engine_version(instance.engine_version().unwrap_or_default())
        .allocated_storage(instance.allocated_storage().unwrap_or(0))
        .snapshot_type("manual")
        .status("creating")
        .percent_progress(0)
        .snapshot_create_time(date(region.now))
        .encrypted(instance.storage_encrypted() == Some(true))
        .build();
    region.snapshots.insert(name.to_owned(), snapshot);
    for step in 1..=4_u64 {
        let name = name.to_owned();
        region.later(SNAPSHOT * step / 4, move |region| {
            if let Some(snapshot) = region.snapshots.get_mut(&name) {
                snapshot.percent_progress = i32::try_from(step * 25).ok();
                if step == 4 {
                    snapshot.status = Some("available".to_owned());
                }
            }
        });
    }
}

pub fn delete(
    region: &mut Region,
    input: &DeleteDbInstanceInput,
) -> Result<DeleteDbInstanceOutput, DeleteDBInstanceError> {
    let (id, now) = instance!(
        region,
        input.db_instance_identifier(),
        DeleteDBInstanceError,
        ["available", "stopped", "storage-full", "incompatible-parameters", "failed"]
    );
    if now.deletion_protection() == Some(true) {
        return Err(DeleteDBInstanceError::generic(combination(
            "Cannot delete protected DB Instance, please disable deletion protection and try again.",
        )));
    }
    let member = now.db_cluster_identifier().is_some();
    let last = input.final_db_snapshot_identifier();
    match (input.skip_final_snapshot() == Some(true) || member, last) {
        (true, _) => {}
        (false, Some(name)) if region.snapshots.contains_key(name) => {
            return Err(fault!(
                DeleteDBInstanceError::DbSnapshotAlreadyExistsFault,
                "DBSnapshotAlreadyExists",
                "A snapshot with the identifier {name} already exists."
            ));
        }
        (false, Some(name)) => take(region, &id, name),
        (false, None) => {
            return Err(DeleteDBInstanceError::generic(combination(
                "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
            )));
        }
    }
    begin(region, &id, "deleting", "DB instance deleting");
    let gone = id.clone();
    let wait = if last.is_some() { SNAPSHOT + DELETE } else { DELETE };
    region.later(wait, move |region| remove(region, &gone));
    Ok(DeleteDbInstanceOutput::builder().set_db_instance(shown(region, &id)).build())
}

/// Takes an instance out, and out of all that names it.
fn remove(region: &mut Region, id: &str) {
    region.instances.remove(id);
    for other in region.instances.values_mut() {
        if let Some(replicas) = other.read_replica_db_instance_identifiers.as_mut() {
            replicas.retain(|r| r != id);
        }
    }
    for cluster in region.clusters.values_mut() {
        if let Some(members) = cluster.db_cluster_members.as_mut() {
            members.retain(|m| m.db_instance_identifier() != Some(id));
        }
    }
    region.tell(SourceType::DbInstance, id, "deletion", "DB instance deleted");
}

fn begin(region: &mut Region, id: &str, status: &str, words: &str) {
    region.set_status(id, status);
    region.tell(SourceType::DbInstance, id, "notification", words);
}

fn shown(region: &Region, id: &str) -> Option<DbInstance> {
    region.instances.get(id).cloned()
}

/// An error that AWS sends without declaring it in its model.
pub fn combination(words: &str) -> ErrorMetadata {
    ErrorMetadata::builder().code("InvalidParameterCombination").message(words).build()
}
