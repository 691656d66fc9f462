//! Logging in: nothing, a password, or an IAM token; then what the server says of itself.
//! Source of the token: ElastiCache user guide and MemoryDB developer guide, "Authenticating with IAM".

use super::resp::{Reply, Wire};
use crate::aws::Reach;
use crate::clock;
use crate::model::{Failure, FailureKind, Target};
use crate::query::engine::{Login, Secret};
use crate::query::login::{self, Credentials};
use aws_credential_types::Credentials as Keys;
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use std::time::{Duration, UNIX_EPOCH};

/// How long a token is good for opening a connection: the most that AWS takes.
const GOOD_FOR: Duration = Duration::from_secs(900);

/// What a node said when it was met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Met {
    /// Whether it speaks RESP 3.
    pub resp3: bool,
    /// Whether it is a node of a cluster.
    pub cluster: bool,
    /// Whether it is a replica.
    pub replica: bool,
    /// Server and version, as in `redis 7.0.15`.
    pub version: String,
}

/// Who logs in to `target`; `None` when the server is to ask for nothing.
///
/// # Errors
/// No credentials to sign with, or a secret that cannot be read.
pub async fn who(login: &Login, target: &Target, reach: &Reach) -> Result<Option<Credentials>, Failure> {
    let mut target = target.clone();
    // An AUTH token belongs to the user `default`.
    target.user = target.user.or_else(|| target.backend.user.clone());
    match login {
        Login::None => Ok(None),
        Login::Iam => {
            let doing = format!("sign an IAM token for {}", target.resource.name);
            let user = target.user.clone().filter(|u| &**u != "default").ok_or_else(|| {
                Failure::new(
                    FailureKind::Login,
                    doing.as_str(),
                    "IAM login needs the name of an IAM user of the cache",
                )
                .hint("give it by --user; its id and its name must be the same")
            })?;
            let password = token(&user, &target, reach, &doing).await?;
            Ok(Some(Credentials { user, password: Some(password), token: true }))
        }
        Login::Secret(_) => login::resolve(login, &target, reach).await.map(Some),
        Login::Password(_) => {
            target.user = target.user.or_else(|| Some("default".into()));
            login::resolve(login, &target, reach).await.map(Some)
        }
    }
}

/// A token: a presigned request without its scheme.
async fn token(user: &str, target: &Target, reach: &Reach, doing: &str) -> Result<Secret, Failure> {
    let unsigned = |why: String| {
        Failure::new(FailureKind::Login, doing, why)
            .hint("AWS credentials are needed: `aws sso login` or another profile")
    };
    let provider =
        reach.config().credentials_provider().ok_or_else(|| unsigned("there are none".to_owned()))?;
    let keys = provider.provide_credentials().await.map_err(|e| unsigned(e.to_string()))?;
    let service = target.resource.service.0;
    let url = request(&cache_name(target), user, target.resource.kind == "serverless");
    let at = UNIX_EPOCH + Duration::from_millis(clock::now().epoch_ms());
    presign(&url, service, &target.resource.place.region, keys, at)
        .map(Secret::new)
        .map_err(|why| Failure::new(FailureKind::Bug, doing, why))
}

/// The name that the token is for: the cache's, also when one of its nodes was opened.
fn cache_name(target: &Target) -> String {
    let is_node = target.resource.kind == "node";
    let host = target.endpoint.as_ref().filter(|_| is_node).map(|e| e.host.clone());
    let labels = host.as_deref().map(|h| h.split('.').collect::<Vec<_>>()).unwrap_or_default();
    // With TLS, which IAM needs, a node is NODE.CACHE.ID.REGION.….
    let cache = labels.get(1).filter(|_| labels.len() > 4).copied();
    cache.unwrap_or(&target.resource.name).to_lowercase()
}

fn request(cache: &str, user: &str, serverless: bool) -> String {
    let kind = if serverless { "&ResourceType=ServerlessCache" } else { "" };
    format!("http://{cache}/?Action=connect&User={}{kind}", encoded(user))
}

/// `text` as a part of a query string.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect()
}

fn presign(
    url: &str,
    service: &str,
    region: &str,
    keys: Keys,
    at: std::time::SystemTime,
) -> Result<String, String> {
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(GOOD_FOR);
    let identity = keys.into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(service)
        .time(at)
        .settings(settings)
        .build()
        .map_err(|e| e.to_string())?
        .into();
    let host = url.trim_start_matches("http://").split('/').next().unwrap_or_default();
    let headers = std::iter::once(("host", host));
    let signable =
        SignableRequest::new("GET", url, headers, SignableBody::Bytes(b"")).map_err(|e| e.to_string())?;
    let (instructions, _) = sign(signable, &params).map_err(|e| e.to_string())?.into_parts();
    let mut token = url.trim_start_matches("http://").to_owned();
    for (name, value) in instructions.params() {
        token.push_str(&format!("&{name}={}", encoded(value)));
    }
    Ok(token)
}

/// Greets a node: RESP 3 and the login in one command, or RESP 2 where `HELLO` is not known.
///
/// # Errors
/// The login was refused, or the connection broke.
pub async fn greet(wire: &mut Wire, who: Option<&Credentials>, doing: &str) -> Result<Met, Failure> {
    let password = who.and_then(|w| w.password.as_ref());
    let mut hello = vec!["HELLO", "3"];
    if let (Some(who), Some(password)) = (who, password) {
        hello.extend(["AUTH", &*who.user, password.reveal()]);
    }
    match wire.ask(&hello).await? {
        Reply::Error(error) if is_unknown(&error) => old(wire, who, doing).await,
        Reply::Error(error) => Err(refused(&error, who, doing)),
        said => {
            let word = |key: &str| said.get(key).and_then(Reply::text).unwrap_or_default().to_owned();
            Ok(Met {
                resp3: true,
                cluster: word("mode") == "cluster",
                replica: matches!(word("role").as_str(), "replica" | "slave"),
                version: format!("{} {}", word("server"), word("version")),
            })
        }
    }
}

fn is_unknown(error: &str) -> bool {
    error.starts_with("ERR unknown command") || error.starts_with("NOPROTO")
}

/// A server older than 6: the password alone, and what `INFO` tells.
async fn old(wire: &mut Wire, who: Option<&Credentials>, doing: &str) -> Result<Met, Failure> {
    if let Some((who, password)) = who.and_then(|w| Some((w, w.password.as_ref()?))) {
        let answer = match &*who.user {
            "default" => wire.ask(&["AUTH", password.reveal()]).await?,
            user => wire.ask(&["AUTH", user, password.reveal()]).await?,
        };
        if let Reply::Error(error) = answer {
            return Err(refused(&error, Some(who), doing));
        }
    }
    let info = match wire.ask(&["INFO"]).await? {
        Reply::Error(error) => return Err(refused(&error, who, doing)),
        info => info,
    };
    let line = |key: &str| {
        let found =
            info.text().unwrap_or_default().lines().find_map(|l| l.strip_prefix(key)?.strip_prefix(':'));
        found.unwrap_or_default().trim().to_owned()
    };
    Ok(Met {
        resp3: false,
        cluster: line("cluster_enabled") == "1",
        replica: line("role") == "slave",
        version: format!("redis {}", line("redis_version")),
    })
}

/// A refused login with the next step for the person. The error never holds the password.
fn refused(error: &str, who: Option<&Credentials>, doing: &str) -> Failure {
    let code = error.split(' ').next().unwrap_or_default();
    let failure = |kind| Failure::new(kind, doing, error);
    match (code, who) {
        ("NOAUTH", None) => failure(FailureKind::Login).hint("a login is asked for: --password-fd, --secret or --iam; --user names the user"),
        ("WRONGPASS" | "NOAUTH", Some(w)) if w.token => failure(FailureKind::Login).hint(
            "IAM login needs `elasticache:Connect` or `memorydb:Connect`, TLS, and a user of type IAM whose id is its name",
        ),
        ("WRONGPASS" | "NOAUTH" | "ERR", Some(_)) => {
            failure(FailureKind::Login).hint("check user and password; --user names another user")
        }
        ("NOPERM", _) => failure(FailureKind::Denied),
        _ => failure(FailureKind::Rejected),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_a_presigned_request_without_its_scheme() {
        let keys = Keys::new("AKIDEXAMPLE", "secret", Some("session/token+".into()), None, "test");
        let at = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let url = request("orders", "app user", true);
        let token = presign(&url, "elasticache", "eu-west-1", keys, at).expect("signed");
        assert!(
            token.starts_with("orders/?Action=connect&User=app%20user&ResourceType=ServerlessCache&"),
            "{token}"
        );
        for part in [
            "X-Amz-Algorithm=AWS4-HMAC-SHA256",
            "X-Amz-Credential=AKIDEXAMPLE%2F20231114%2Feu-west-1%2Felasticache%2Faws4_request",
            "X-Amz-Date=20231114T221320Z",
            "X-Amz-Expires=900",
            "X-Amz-SignedHeaders=host",
            "X-Amz-Security-Token=session%2Ftoken%2B",
            "X-Amz-Signature=",
        ] {
            assert!(token.contains(part), "{part} in {token}");
        }
        assert!(!token.contains("secret&") && !token.contains("http"));
    }

    #[test]
    fn refusals_say_what_to_do() {
        let who = Credentials { user: "u".into(), password: Some(Secret::new("p")), token: true };
        assert_eq!(refused("NOAUTH HELLO must be …", None, "x").kind, FailureKind::Login);
        let iam = refused("WRONGPASS invalid username-password pair", Some(&who), "x");
        assert!(iam.hint.is_some_and(|h| h.as_str().contains("Connect")));
        assert_eq!(refused("NOPERM this user", Some(&who), "x").kind, FailureKind::Denied);
    }
}
