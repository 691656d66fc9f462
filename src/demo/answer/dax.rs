//! DAX's control plane: clusters and nodes, from the estate's state.

use super::on;
use crate::aws::answers::Reply;
use crate::demo::world::dax::{node, recount, tell};
use crate::demo::world::{Region, World};
use crate::model::Moment;
use aws_sdk_dax::operation as op;
use aws_sdk_dax::types::{Cluster, Parameter, Tag};
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_types::error::ErrorMetadata;

/// How long a change takes here, in milliseconds.
const CHANGE: u64 = 8_000;

/// Answers a DAX call in `region`.
pub fn answer(world: &mut World, region: &str, now: Moment, operation: &str, input: &Input) -> Reply {
    let Some(region) = world.region(region, now) else { return Reply::Unknown };
    match operation {
        "DescribeClusters" => on(input, |i| clusters(region, i)),
        "DescribeParameters" => on(input, |_: &op::describe_parameters::DescribeParametersInput| {
            let parameter = |name: &str, value: &str| {
                Parameter::builder().parameter_name(name).parameter_value(value).build()
            };
            let all = [parameter("query-ttl-millis", "300000"), parameter("record-ttl-millis", "300000")];
            Ok::<_, op::describe_parameters::DescribeParametersError>(
                op::describe_parameters::DescribeParametersOutput::builder()
                    .set_parameters(Some(all.to_vec()))
                    .build(),
            )
        }),
        "DescribeEvents" => on(input, |i: &op::describe_events::DescribeEventsInput| {
            let of = i.source_name();
            let all = region.dax.events.iter().filter(|e| of.is_none() || e.source_name() == of);
            Ok::<_, op::describe_events::DescribeEventsError>(
                op::describe_events::DescribeEventsOutput::builder()
                    .set_events(Some(all.cloned().collect()))
                    .build(),
            )
        }),
        "ListTags" => on(input, |_: &op::list_tags::ListTagsInput| {
            let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
            let tags = vec![tag("project", "shop"), tag("env", "prod")];
            Ok::<_, op::list_tags::ListTagsError>(
                op::list_tags::ListTagsOutput::builder().set_tags(Some(tags)).build(),
            )
        }),
        "IncreaseReplicationFactor" => on(input, |i| increase(region, i)),
        "DecreaseReplicationFactor" => on(input, |i| decrease(region, i)),
        "RebootNode" => on(input, |i| reboot(region, i)),
        "DeleteCluster" => on(input, |i| delete(region, i)),
        _ => Reply::Unknown,
    }
}

fn missing() -> ErrorMetadata {
    ErrorMetadata::builder().code("ClusterNotFoundFault").message("Cluster not found.").build()
}

fn invalid(words: &str) -> ErrorMetadata {
    ErrorMetadata::builder().code("InvalidParameterValueException").message(words).build()
}

fn clusters(
    region: &Region,
    input: &op::describe_clusters::DescribeClustersInput,
) -> Result<op::describe_clusters::DescribeClustersOutput, op::describe_clusters::DescribeClustersError> {
    use op::describe_clusters::{DescribeClustersError, DescribeClustersOutput};
    let names = input.cluster_names();
    if names.iter().any(|n| !region.dax.clusters.contains_key(n)) {
        return Err(DescribeClustersError::generic(missing()));
    }
    let all = region.dax.clusters.iter().filter(|(n, _)| names.is_empty() || names.contains(n));
    Ok(DescribeClustersOutput::builder().set_clusters(Some(all.map(|(_, c)| c.clone()).collect())).build())
}

/// Sets the status of a cluster, if it is still there.
fn set(region: &mut Region, name: &str, status: &str) {
    if let Some(cluster) = region.dax.clusters.get_mut(name) {
        cluster.status = Some(status.to_owned());
        recount(cluster);
    }
}

/// A cluster that rests; only those take changes.
fn resting(region: &Region, name: Option<&str>) -> Result<Cluster, ErrorMetadata> {
    let found = region.dax.clusters.get(name.unwrap_or_default()).ok_or_else(missing)?;
    let busy = || {
        let words = "The cluster is not available: one change at a time.";
        ErrorMetadata::builder().code("InvalidClusterStateFault").message(words).build()
    };
    if found.status() == Some("available") { Ok(found.clone()) } else { Err(busy()) }
}

fn increase(
    region: &mut Region,
    input: &op::increase_replication_factor::IncreaseReplicationFactorInput,
) -> Result<
    op::increase_replication_factor::IncreaseReplicationFactorOutput,
    op::increase_replication_factor::IncreaseReplicationFactorError,
> {
    use op::increase_replication_factor::{IncreaseReplicationFactorError, IncreaseReplicationFactorOutput};
    let found = resting(region, input.cluster_name()).map_err(IncreaseReplicationFactorError::generic)?;
    let (name, have) = (found.cluster_name().unwrap_or_default().to_owned(), found.nodes().len());
    let wanted = usize::try_from(input.new_replication_factor().unwrap_or(0)).unwrap_or(0);
    if wanted <= have || wanted > 11 {
        let words = "The new replication factor must be above the present one, and 11 at most.";
        return Err(IncreaseReplicationFactorError::generic(invalid(words)));
    }
    let made: Vec<_> = (have..wanted).map(|nth| node(region, &name, nth, "creating")).collect();
    if let Some(cluster) = region.dax.clusters.get_mut(&name) {
        cluster.nodes.get_or_insert_default().extend(made);
    }
    set(region, &name, "modifying");
    tell(region, &name, &format!("Nodes are being added: {have} become {wanted}."));
    let shown = region.dax.clusters.get(&name).cloned();
    region.later(CHANGE, move |region| {
        if let Some(cluster) = region.dax.clusters.get_mut(&name) {
            for node in cluster.nodes.iter_mut().flatten() {
                node.node_status = Some("available".to_owned());
            }
        }
        set(region, &name, "available");
        tell(region, &name, "The nodes were added.");
    });
    Ok(IncreaseReplicationFactorOutput::builder().set_cluster(shown).build())
}

fn decrease(
    region: &mut Region,
    input: &op::decrease_replication_factor::DecreaseReplicationFactorInput,
) -> Result<
    op::decrease_replication_factor::DecreaseReplicationFactorOutput,
    op::decrease_replication_factor::DecreaseReplicationFactorError,
> {
    use op::decrease_replication_factor::{DecreaseReplicationFactorError, DecreaseReplicationFactorOutput};
    let found = resting(region, input.cluster_name()).map_err(DecreaseReplicationFactorError::generic)?;
    let (name, have) = (found.cluster_name().unwrap_or_default().to_owned(), found.nodes().len());
    let wanted = usize::try_from(input.new_replication_factor().unwrap_or(0)).unwrap_or(0);
    if wanted == 0 || wanted >= have {
        let words = "The new replication factor must be below the present one, and 1 at least.";
        return Err(DecreaseReplicationFactorError::generic(invalid(words)));
    }
    let named = input.node_ids_to_remove();
    let ids = found.nodes().iter().filter_map(|n| n.node_id()).map(str::to_owned);
    // AWS chooses among the nodes when nobody does: here the youngest.
    let gone: Vec<String> = if named.is_empty() { ids.skip(wanted).collect() } else { named.to_vec() };
    if gone.len() != have - wanted {
        let words = "As many node ids are needed as nodes are to be removed.";
        return Err(DecreaseReplicationFactorError::generic(invalid(words)));
    }
    if let Some(cluster) = region.dax.clusters.get_mut(&name) {
        cluster.node_ids_to_remove = Some(gone.clone());
    }
    set(region, &name, "modifying");
    tell(region, &name, &format!("Nodes are being removed: {}.", gone.join(", ")));
    let shown = region.dax.clusters.get(&name).cloned();
    region.later(CHANGE, move |region| {
        if let Some(cluster) = region.dax.clusters.get_mut(&name) {
            let kept = |id: Option<&str>| !gone.iter().any(|g| id == Some(g));
            cluster.nodes.get_or_insert_default().retain(|n| kept(n.node_id()));
            cluster.node_ids_to_remove = None;
        }
        set(region, &name, "available");
    });
    Ok(DecreaseReplicationFactorOutput::builder().set_cluster(shown).build())
}

fn reboot(
    region: &mut Region,
    input: &op::reboot_node::RebootNodeInput,
) -> Result<op::reboot_node::RebootNodeOutput, op::reboot_node::RebootNodeError> {
    use op::reboot_node::{RebootNodeError, RebootNodeOutput};
    let found = resting(region, input.cluster_name()).map_err(RebootNodeError::generic)?;
    let (name, id) =
        (found.cluster_name().unwrap_or_default().to_owned(), input.node_id().map(str::to_owned));
    if !found.nodes().iter().any(|n| n.node_id() == id.as_deref()) {
        let meta = ErrorMetadata::builder().code("NodeNotFoundFault").message("Node not found.").build();
        return Err(RebootNodeError::generic(meta));
    }
    let status = |region: &mut Region, name: &str, id: Option<&str>, word: &str| {
        if let Some(cluster) = region.dax.clusters.get_mut(name) {
            for node in cluster.nodes.iter_mut().flatten().filter(|n| n.node_id.as_deref() == id) {
                node.node_status = Some(word.to_owned());
            }
            recount(cluster);
        }
    };
    status(region, &name, id.as_deref(), "rebooting");
    tell(region, &name, &format!("The node {} reboots.", id.as_deref().unwrap_or("?")));
    let shown = region.dax.clusters.get(&name).cloned();
    region.later(CHANGE, move |region| status(region, &name, id.as_deref(), "available"));
    Ok(RebootNodeOutput::builder().set_cluster(shown).build())
}

fn delete(
    region: &mut Region,
    input: &op::delete_cluster::DeleteClusterInput,
) -> Result<op::delete_cluster::DeleteClusterOutput, op::delete_cluster::DeleteClusterError> {
    use op::delete_cluster::{DeleteClusterError, DeleteClusterOutput};
    let found = resting(region, input.cluster_name()).map_err(DeleteClusterError::generic)?;
    let name = found.cluster_name().unwrap_or_default().to_owned();
    set(region, &name, "deleting");
    let shown = region.dax.clusters.get(&name).cloned();
    region.later(CHANGE, move |region| {
        region.dax.clusters.remove(&name);
    });
    Ok(DeleteClusterOutput::builder().set_cluster(shown).build())
}
