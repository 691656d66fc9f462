//! Where a profile is at home. Asks the environment, the shared files and the instance metadata, never AWS's APIs.

use aws_config::imds::region::ImdsRegionProvider;
use aws_config::meta::region::ProvideRegion;
use aws_config::profile::region::ProfileFileRegionProvider;
use std::time::Duration;

/// How long the instance metadata may take to answer: off an instance it never does.
const METADATA_WAIT: Duration = Duration::from_secs(2);

/// The region that the environment, the profile or the instance metadata name.
pub async fn home(profile: &str) -> Option<String> {
    let variable = |name: &str| std::env::var(name).ok().filter(|region| !region.is_empty());
    if let Some(region) = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")) {
        return Some(region);
    }
    if let Some(region) = ProfileFileRegionProvider::builder().profile_name(profile).build().region().await {
        return Some(region.to_string());
    }
    let metadata = ImdsRegionProvider::builder().build();
    let answer = tokio::time::timeout(METADATA_WAIT, metadata.region()).await;
    answer.ok().flatten().map(|region| region.to_string())
}
