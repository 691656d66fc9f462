//! A guarded client for every AWS API that dbdeck calls.

use super::Reach;
use crate::guard::intercept::Purpose;
use crate::model::DialectId;

/// The configuration of one guarded client: the guard's interceptor first, the demo's answers (if
/// any) after it, so that nothing is answered that the guard refused.
macro_rules! guarded {
    ($reach:expr, $sdk:ident, $purpose:expr) => {{
        let mut config = $sdk::config::Builder::from(&$reach.config);
        for interceptor in $reach.interceptors($purpose) {
            config.push_interceptor(interceptor);
        }
        config
    }};
}
pub(super) use guarded;

/// Builds one guarded client.
macro_rules! sdk {
    ($reach:expr, $sdk:ident, $purpose:expr) => {
        $sdk::Client::from_conf(guarded!($reach, $sdk, $purpose).build())
    };
}

/// One method per client: what it is called, its crate, what it is for.
macro_rules! clients {
    ($($(#[$doc:meta])* $name:ident: $sdk:ident, $purpose:expr;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(&self) -> $sdk::Client {
                sdk!(self, $sdk, $purpose)
            }
        )*
    };
}

impl Reach {
    /// The RDS Data API, for statements in `language`: the guard judges each one by it.
    pub fn rds_data(&self, language: DialectId) -> aws_sdk_rdsdata::Client {
        sdk!(self, aws_sdk_rdsdata, Purpose::DataApi(language))
    }

    /// AWS Health, which answers for the whole partition at one of its regions (AWS Health user guide,
    /// "Accessing the AWS Health API").
    pub fn health(&self) -> aws_sdk_health::Client {
        let home = match &*self.place.region {
            region if region.starts_with("cn-") => "cn-northwest-1",
            region if region.starts_with("us-gov-") => "us-gov-west-1",
            region if region.contains("-iso") || region.starts_with("eusc-") => region,
            _ => "us-east-1",
        };
        let region = aws_sdk_health::config::Region::new(home.to_owned());
        let config = guarded!(self, aws_sdk_health, Purpose::Fleet).region(region);
        aws_sdk_health::Client::from_conf(config.build())
    }

    clients! {
        /// RDS: also the Aurora, Neptune and DocumentDB control planes.
        rds: aws_sdk_rds, Purpose::Fleet;
        /// DynamoDB.
        dynamodb: aws_sdk_dynamodb, Purpose::Fleet;
        /// CloudWatch.
        cloudwatch: aws_sdk_cloudwatch, Purpose::Fleet;
        /// Application Auto Scaling.
        auto_scaling: aws_sdk_applicationautoscaling, Purpose::Fleet;
        /// STS: who we are.
        sts: aws_sdk_sts, Purpose::Fleet;
        /// Redshift: provisioned clusters.
        redshift: aws_sdk_redshift, Purpose::Fleet;
        /// Redshift Serverless.
        redshift_serverless: aws_sdk_redshiftserverless, Purpose::Fleet;
        /// The Redshift Data API.
        redshift_data: aws_sdk_redshiftdata, Purpose::DataApi(DialectId::Redshift);
        /// Neptune Analytics: its control plane and `ExecuteQuery`.
        neptune_graph: aws_sdk_neptunegraph, Purpose::DataApi(DialectId::OpenCypher);
        /// ElastiCache.
        elasticache: aws_sdk_elasticache, Purpose::Fleet;
        /// MemoryDB.
        memorydb: aws_sdk_memorydb, Purpose::Fleet;
        /// DocumentDB elastic clusters; the others are RDS's control plane.
        docdb_elastic: aws_sdk_docdbelastic, Purpose::Fleet;
        /// Keyspaces: its control plane.
        keyspaces: aws_sdk_keyspaces, Purpose::Fleet;
        /// Timestream for LiveAnalytics: databases and tables.
        timestream_write: aws_sdk_timestreamwrite, Purpose::Fleet;
        /// Timestream for LiveAnalytics: scheduled queries and `Query`.
        timestream_query: aws_sdk_timestreamquery, Purpose::DataApi(DialectId::Timestream);
        /// Timestream for InfluxDB.
        timestream_influxdb: aws_sdk_timestreaminfluxdb, Purpose::Fleet;
        /// Aurora DSQL.
        dsql: aws_sdk_dsql, Purpose::Fleet;
        /// DAX.
        dax: aws_sdk_dax, Purpose::Fleet;
        /// Redshift, for temporary credentials and nothing else.
        redshift_for_login: aws_sdk_redshift, Purpose::Login;
        /// Redshift Serverless, for temporary credentials and nothing else.
        redshift_serverless_for_login: aws_sdk_redshiftserverless, Purpose::Login;
        /// Secrets Manager, for opening a connection and nothing else.
        secrets_for_login: aws_sdk_secretsmanager, Purpose::Login;
    }
}
