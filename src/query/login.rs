//! From a way to log in to a user and a password, just before they are sent.
//!
//! Secrets live as [`Secret`]s and are read anew for each login: a rotated password and an
//! expired token cost nothing but the next login.

use super::engine::{Login, Secret};
use crate::aws::{Reach, failure::failure};
use crate::model::{Backend, DialectId, Failure, FailureKind, Target};
use aws_sdk_rds::auth_token::{AuthTokenGenerator, Config};
use serde::Deserialize;
use std::sync::Arc;

/// A user name and what proves it.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Who.
    pub user: Arc<str>,
    /// Password or token; `None` when the server is to ask for nothing.
    pub password: Option<Secret>,
    /// Whether the password is an IAM token, which servers take in clear text under TLS.
    pub token: bool,
}

/// What RDS keeps in a secret: more fields may follow.
#[derive(Deserialize)]
struct Stored {
    username: Option<String>,
    password: String,
}

/// How to log in to `target` without asking the person: by IAM where that is on, else by the
/// managed secret; `None` when only a password given by the person helps.
pub fn choose(backend: &Backend) -> Option<Login> {
    if backend.iam_login {
        return Some(Login::Iam);
    }
    backend.secret_arn.clone().map(Login::Secret)
}

/// The failure that says a password is wanted.
pub fn password_wanted(target: &Target) -> Failure {
    Failure::new(
        FailureKind::Login,
        format!("log in to {}", target.resource.name),
        "neither IAM login nor a managed secret is set up, and no password was given",
    )
    .hint("type the password when asked, or name a Secrets Manager secret")
}

/// Resolves `login` for `target`.
///
/// # Errors
/// No user is known, the secret cannot be read or holds no password, or no AWS credentials are
/// there to sign a token with.
pub async fn resolve(login: &Login, target: &Target, reach: &Reach) -> Result<Credentials, Failure> {
    let user = target.user.clone().or_else(|| target.backend.user.clone());
    let named = |user: Option<Arc<str>>| {
        user.ok_or_else(|| {
            Failure::new(
                FailureKind::Login,
                format!("log in to {}", target.resource.name),
                "no user name is known",
            )
            .hint("give one by --user")
        })
    };
    match login {
        Login::Iam if target.backend.dialect == DialectId::Redshift => redshift(target, reach).await,
        Login::Iam if target.backend.dialect == DialectId::Dsql => dsql(named(user)?, target, reach).await,
        Login::Iam => {
            let user = named(user)?;
            let password = Some(token(&user, target, reach).await?);
            Ok(Credentials { user, password, token: true })
        }
        Login::Secret(name) => {
            let stored = secret(name, reach).await?;
            // The secret is one user's: its own name wins unless the person named another.
            let user = named(target.user.clone().or(stored.username.map(Into::into)).or(user))?;
            Ok(Credentials { user, password: Some(Secret::new(stored.password)), token: false })
        }
        Login::Password(secret) => {
            Ok(Credentials { user: named(user)?, password: Some(secret.clone()), token: false })
        }
        // A server that asks for nothing takes any name.
        Login::None => {
            Ok(Credentials { user: user.unwrap_or_else(|| "dbdeck".into()), password: None, token: false })
        }
    }
}

/// An IAM token for the endpoint's own name, also when a tunnel leads there.
async fn token(user: &str, target: &Target, reach: &Reach) -> Result<Secret, Failure> {
    let doing = format!("sign an IAM token for {}", target.resource.name);
    let Some(endpoint) = &target.endpoint else {
        return Err(Failure::new(FailureKind::Login, doing, "it has no endpoint"));
    };
    let unsigned = |why: String| {
        Failure::new(FailureKind::Login, doing.as_str(), why)
            .hint("AWS credentials are needed: `aws sso login` or another profile")
    };
    let config = Config::builder()
        .hostname(&*endpoint.host)
        .port(endpoint.port.into())
        .username(user)
        .build()
        .map_err(|e| unsigned(e.to_string()))?;
    let token = AuthTokenGenerator::new(config)
        .auth_token(reach.config())
        .await
        .map_err(|e| unsigned(e.to_string()))?;
    Ok(Secret::new(token.as_str()))
}

/// The role of a DSQL cluster that has a right of its own in IAM, `dsql:DbConnectAdmin`.
const DSQL_ADMIN: &str = "admin";

/// A token for a DSQL cluster: the only login there is.
async fn dsql(user: Arc<str>, target: &Target, reach: &Reach) -> Result<Credentials, Failure> {
    use aws_sdk_dsql::auth_token::{AuthTokenGenerator, Config};
    use aws_smithy_async::time::SystemTimeSource;
    let doing = format!("sign a DSQL token for {}", target.resource.name);
    let Some(endpoint) = &target.endpoint else {
        return Err(Failure::new(FailureKind::Login, doing, "it has no endpoint"));
    };
    let unsigned = |why: String| {
        Failure::new(FailureKind::Login, doing.as_str(), why)
            .hint("AWS credentials are needed: `aws sso login` or another profile")
    };
    let config = Config::builder().hostname(&*endpoint.host).build().map_err(|e| unsigned(e.to_string()))?;
    let signer = AuthTokenGenerator::new(config);
    // This signer, alone among AWS's, wants to be told where the time comes from.
    let mut signing = reach.config().to_builder();
    if reach.config().time_source().is_none() {
        signing = signing.time_source(SystemTimeSource::new());
    }
    let signing = signing.build();
    let token = if *user == *DSQL_ADMIN {
        signer.db_connect_admin_auth_token(&signing).await
    } else {
        signer.db_connect_auth_token(&signing).await
    };
    let token = token.map_err(|e| unsigned(e.to_string()))?;
    Ok(Credentials { user, password: Some(Secret::new(token.as_str())), token: true })
}

/// How long temporary credentials of Redshift are good for opening a connection, in seconds:
/// the least that AWS gives.
const GOOD_FOR_S: i32 = 900;

/// Temporary credentials of Redshift: for the IAM identity's own database user, or for a user
/// that was named and exists. Nothing is created.
async fn redshift(target: &Target, reach: &Reach) -> Result<Credentials, Failure> {
    let doing = format!("get temporary credentials for {}", target.resource.name);
    let named = target.backend.data_api.as_deref().and_then(|name| name.split_once('/'));
    let database = target.database.as_deref().or(target.backend.database.as_deref()).map(str::to_owned);
    let (user, password) = match (named, &target.user) {
        (Some(("cluster", id)), None) => {
            let call = reach.redshift_for_login().get_cluster_credentials_with_iam().cluster_identifier(id);
            let call = call.set_db_name(database).duration_seconds(GOOD_FOR_S);
            let answer = call.send().await.map_err(|e| failure(&doing, &e))?;
            (answer.db_user, answer.db_password)
        }
        (Some(("cluster", id)), Some(user)) => {
            let call = reach.redshift_for_login().get_cluster_credentials().cluster_identifier(id);
            let call = call.db_user(&**user).set_db_name(database).auto_create(false);
            let answer = call.duration_seconds(GOOD_FOR_S).send().await.map_err(|e| failure(&doing, &e))?;
            (answer.db_user, answer.db_password)
        }
        (Some(("workgroup", name)), _) => {
            let call = reach.redshift_serverless_for_login().get_credentials().workgroup_name(name);
            let call = call.set_db_name(database).duration_seconds(GOOD_FOR_S);
            let answer = call.send().await.map_err(|e| failure(&doing, &e))?;
            (answer.db_user, answer.db_password)
        }
        _ => (None, None),
    };
    match (user, password) {
        (Some(user), Some(password)) => {
            Ok(Credentials { user: user.into(), password: Some(Secret::new(password)), token: true })
        }
        _ => Err(Failure::new(FailureKind::Login, doing, "AWS answered without credentials")),
    }
}

async fn secret(name: &str, reach: &Reach) -> Result<Stored, Failure> {
    const DOING: &str = "read the login secret";
    let answer = reach
        .secrets_for_login()
        .get_secret_value()
        .secret_id(name)
        .send()
        .await
        .map_err(|e| failure(DOING, &e))?;
    let text = answer.secret_string().unwrap_or_default();
    // serde's own message may quote the secret: it is not passed on.
    serde_json::from_str(text).map_err(|_| {
        Failure::new(FailureKind::Login, DOING, "the secret is not JSON with a `password`")
            .hint("RDS's own form is {\"username\": …, \"password\": …}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_secret_needs_a_password_only() {
        let stored: Stored =
            serde_json::from_str(r#"{"password":"p","engine":"postgres","port":5432}"#).expect("parses");
        assert_eq!((stored.username, stored.password.as_str()), (None, "p"));
        assert!(serde_json::from_str::<Stored>(r#"{"username":"u"}"#).is_err());
    }

    #[test]
    fn credentials_do_not_show_themselves() {
        let credentials =
            Credentials { user: "app".into(), password: Some(Secret::new("hunter2")), token: false };
        assert!(!format!("{credentials:?}").contains("hunter2"));
    }
}
