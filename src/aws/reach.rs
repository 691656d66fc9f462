//! One place, reached: credentials, region, endpoint, retries, and guarded clients.

use super::answers::Answers;
use super::meter::Meter;
use crate::model::{Failure, Place};
use std::sync::Arc;

/// How to reach AWS: from flags, environment and configuration.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `--endpoint-url`: every service at this URL instead of AWS's.
    pub endpoint_url: Option<String>,
    /// A PEM file of further certificate authorities to trust.
    pub ca_bundle: Option<std::path::PathBuf>,
    /// Answers instead of AWS: the demo estate.
    pub answers: Option<Arc<dyn Answers>>,
}

/// Clients of one place. Cheap to share; clients are made when first asked for.
#[derive(Debug)]
pub struct Reach {
    place: Place,
    meter: Arc<Meter>,
}

impl Reach {
    /// The place.
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// What this session has asked so far.
    pub const fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    /// RDS: also Aurora, Neptune and DocumentDB control planes.
    pub fn rds(&self) -> aws_sdk_rds::Client {
        todo!()
    }
    /// DynamoDB.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        todo!()
    }
    /// CloudWatch.
    pub fn cloudwatch(&self) -> aws_sdk_cloudwatch::Client {
        todo!()
    }
    /// RDS Data API.
    pub fn rds_data(&self) -> aws_sdk_rdsdata::Client {
        todo!()
    }
    /// Application Auto Scaling.
    pub fn auto_scaling(&self) -> aws_sdk_applicationautoscaling::Client {
        todo!()
    }
    /// STS.
    pub fn sts(&self) -> aws_sdk_sts::Client {
        todo!()
    }
    /// Secrets Manager, for opening a connection only.
    pub fn secrets_for_login(&self) -> aws_sdk_secretsmanager::Client {
        todo!()
    }
}

/// All places of this session.
#[derive(Debug)]
pub struct Reaches {
    settings: Settings,
    meter: Arc<Meter>,
}

impl Reaches {
    /// The reach of `place`, made once and kept.
    ///
    /// # Errors
    /// When the profile does not exist or its configuration cannot be used.
    pub async fn at(&self, place: &Place) -> Result<Arc<Reach>, Failure> {
        let _ = &self.settings;
        Ok(Arc::new(Reach { place: place.clone(), meter: self.meter.clone() }))
    }
}
