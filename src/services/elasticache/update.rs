//! Service updates that wait, by group and by cluster.

use crate::aws::Reach;
use crate::aws::failure::failure;
use crate::aws::pages::{Next, Pages};
use crate::model::Failure;
use aws_sdk_elasticache::types::{ServiceUpdateStatus, UpdateAction, UpdateActionStatus};
use std::collections::HashMap;

/// Pages of update actions that are read.
const PAGES: usize = 20;

/// Names of updates that wait.
#[derive(Debug, Default)]
pub struct Updates {
    groups: HashMap<String, String>,
    clusters: HashMap<String, String>,
}

impl Updates {
    /// The update that waits for a group, the newest when there are several.
    pub fn of_group(&self, name: &str) -> Option<&str> {
        self.groups.get(name).map(String::as_str)
    }

    /// The update that waits for a cluster outside any group.
    pub fn of_cluster(&self, name: &str) -> Option<&str> {
        self.clusters.get(name).map(String::as_str)
    }

    fn note(&mut self, action: &UpdateAction) {
        let Some(update) = action.service_update_name() else { return };
        if let Some(group) = action.replication_group_id() {
            self.groups.insert(group.to_owned(), update.to_owned());
        } else if let Some(cluster) = action.cache_cluster_id() {
            self.clusters.insert(cluster.to_owned(), update.to_owned());
        }
    }
}

/// Updates that are there and not applied.
///
/// # Errors
/// That of the page that failed.
pub async fn updates(reach: &Reach) -> Result<Updates, Failure> {
    let (mut pages, mut marker, mut all) = (Pages::at_most(PAGES), None, Updates::default());
    loop {
        let call = reach
            .elasticache()
            .describe_update_actions()
            .service_update_status(ServiceUpdateStatus::Available)
            .update_action_status(UpdateActionStatus::NotApplied)
            .update_action_status(UpdateActionStatus::Scheduled)
            .max_records(50)
            .set_marker(marker.take());
        let answer = call.send().await.map_err(|e| failure("list service updates", &e))?;
        answer.update_actions().iter().for_each(|a| all.note(a));
        match pages.after(answer.marker()) {
            Next::Page(next) => marker = Some(next),
            Next::Done | Next::Cut => return Ok(all),
        }
    }
}
