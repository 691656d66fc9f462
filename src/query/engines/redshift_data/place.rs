//! Where a statement goes and as whom: what each first call of a session names.

use crate::model::{Failure, FailureKind, Target};
use crate::query::engine::Login;
use aws_sdk_redshiftdata::operation::execute_statement::builders::ExecuteStatementFluentBuilder;
use std::sync::Arc;

/// What runs the statements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compute {
    /// The identifier of a provisioned cluster.
    Cluster(Arc<str>),
    /// The name of a Serverless workgroup.
    Workgroup(Arc<str>),
}

/// Where and as whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What runs the statements.
    pub compute: Compute,
    database: Arc<str>,
    /// Secrets Manager secret with user and password.
    secret: Option<Arc<str>>,
    /// Database user to get temporary credentials for; without one the IAM identity is mapped
    /// to a database user of its own.
    user: Option<Arc<str>>,
}

impl Place {
    /// Where statements of `target` go, logged in by `login`.
    ///
    /// # Errors
    /// When the target is no Redshift, or `login` is nothing that the Data API takes.
    pub fn of(target: &Target, login: &Login, doing: &str) -> Result<Self, Failure> {
        let refused = |why: &str| Failure::new(FailureKind::Login, doing, why);
        let named = target.backend.data_api.as_deref().and_then(|name| name.split_once('/'));
        let compute = match named {
            Some(("cluster", name)) => Compute::Cluster(name.into()),
            Some(("workgroup", name)) => Compute::Workgroup(name.into()),
            _ => return Err(refused("this row is no cluster or workgroup of Redshift")),
        };
        let database = target.database.clone().or_else(|| target.backend.database.clone());
        let secret = match login {
            Login::Secret(name) => Some(name.clone()),
            Login::Password(_) => {
                return Err(refused("the Data API takes no password").hint(
                    ":secret ARN (--secret), or :user NAME (--user) for temporary credentials, or IAM alone",
                ));
            }
            Login::Iam | Login::None => None,
        };
        let user = target.user.clone().filter(|_| secret.is_none());
        if user.is_some() && matches!(compute, Compute::Workgroup(_)) {
            return Err(refused("a workgroup takes no database user: the IAM identity is mapped to one")
                .hint("leave the user empty, or name a secret"));
        }
        Ok(Self { compute, database: database.unwrap_or_else(|| "dev".into()), secret, user })
    }

    /// Names the place in `call`.
    pub fn name(&self, call: ExecuteStatementFluentBuilder) -> ExecuteStatementFluentBuilder {
        let call = match &self.compute {
            Compute::Cluster(id) => call.cluster_identifier(&**id),
            Compute::Workgroup(name) => call.workgroup_name(&**name),
        };
        call.database(&*self.database)
            .set_secret_arn(self.secret.as_deref().map(str::to_owned))
            .set_db_user(self.user.as_deref().map(str::to_owned))
    }
}
