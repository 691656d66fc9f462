//! Aurora DSQL of the estate: the bookings, in two Regions with a witness in a third.

use super::{Region, date, days};
use crate::demo::ACCOUNT;
use aws_sdk_dsql::operation::get_cluster::GetClusterOutput;
use aws_sdk_dsql::types::{
    ClusterStatus, EncryptionDetails, EncryptionStatus, EncryptionType, MultiRegionProperties,
};

/// The cluster's identifier, as AWS makes them.
pub const BOOKINGS: &str = "4mabubfmwgtqvxhxcjs3qmx7ki";

/// Puts the bookings of the region in.
pub fn build(region: &mut Region) {
    if region.name != "eu-west-1" {
        return;
    }
    let arn = |region: &str, id: &str| format!("arn:aws:dsql:{region}:{ACCOUNT}:cluster/{id}");
    let linked = MultiRegionProperties::builder()
        .witness_region("eu-west-3")
        .clusters(arn(region.name, BOOKINGS))
        .clusters(arn("eu-west-2", "kiabubfmwgtqvxhxcjs3qmx7na"));
    let encryption = EncryptionDetails::builder()
        .encryption_type(EncryptionType::AwsOwnedKmsKey)
        .encryption_status(EncryptionStatus::Enabled)
        .build();
    let cluster = GetClusterOutput::builder()
        .identifier(BOOKINGS)
        .arn(arn(region.name, BOOKINGS))
        .status(ClusterStatus::Active)
        .creation_time(date(region.now.minus_ms(days(97))))
        .deletion_protection_enabled(true)
        .multi_region_properties(linked.build())
        .set_encryption_details(encryption.ok())
        .tags("Name", "bookings")
        .tags("env", "prod")
        .tags("project", "travel")
        .endpoint(format!("{BOOKINGS}.dsql.{}.on.aws", region.name));
    if let Ok(cluster) = cluster.build() {
        region.dsql.insert(BOOKINGS.to_owned(), cluster);
    }
}
