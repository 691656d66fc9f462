//! Login by an AWS signature, as AWS's plugins for Cassandra drivers do it: the server sends a
//! nonce, the client signs a request that is never sent, and answers with the signature.

use crate::model::{Failure, FailureKind};
use crate::query::engine::Secret;
use aws_credential_types::Credentials;
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use sha2::{Digest, Sha256};
use std::time::{Duration, UNIX_EPOCH};

/// What opens the exchange.
pub const OPENING: &[u8] = b"SigV4\0\0";

/// The length of a nonce.
const NONCE: usize = 32;

/// The service's name in signatures.
const SERVICE: &str = "cassandra";

/// The answer to the server's `challenge`, signed at `now_ms` for `region`.
///
/// # Errors
/// The challenge holds no nonce: this is not a server that takes signatures.
pub fn answer(
    challenge: &[u8],
    who: &Credentials,
    region: &str,
    now_ms: u64,
    doing: &str,
) -> Result<Secret, Failure> {
    let garbled = |why: &str| Failure::new(FailureKind::Garbled, doing, why);
    let key = b"nonce=";
    let at = challenge.windows(key.len()).position(|w| w == key).map(|at| at + key.len());
    let nonce = at.and_then(|at| challenge.get(at..at + NONCE));
    let nonce = nonce.ok_or_else(|| garbled("the server asked for a signature without a nonce"))?;
    let ms = i64::try_from(now_ms).unwrap_or(0);
    let now = jiff::Timestamp::from_millisecond(ms).map_err(|e| garbled(&e.to_string()))?;
    let (day, stamp) =
        (now.strftime("%Y%m%d").to_string(), now.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string());
    let scope = format!("{day}/{region}/{SERVICE}/aws4_request");
    let query = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}%2F{}&X-Amz-Date={}&X-Amz-Expires=900",
        who.access_key_id(),
        scope.replace('/', "%2F"),
        stamp.replace(':', "%3A")
    );
    let request = format!("PUT\n/authenticate\n{query}\nhost:{SERVICE}\n\nhost\n{}", hash(nonce));
    let text = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", hash(request.as_bytes()));
    let time = UNIX_EPOCH + Duration::from_millis(now_ms);
    let signing_key = generate_signing_key(who.secret_access_key(), time, region, SERVICE);
    let signature = calculate_signature(signing_key, text.as_bytes());
    let mut answer = format!("signature={signature},access_key={},amzdate={stamp}", who.access_key_id());
    if let Some(token) = who.session_token() {
        answer.push_str(",session_token=");
        answer.push_str(token);
    }
    Ok(Secret::new(answer))
}

fn hash(bytes: &[u8]) -> String {
    super::super::hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2020-06-09T22:41:51Z: the moment of the example in AWS's plugins.
    const MOMENT: u64 = 1_591_742_511_000;

    #[test]
    fn the_signature_is_that_of_aws_own_plugins() {
        let who = Credentials::new("UserID-1", "UserSecretKey-1", None, None, "test");
        let challenge = b"nonce=91703fdc2ef562e19fbdab0f58e42fe5";
        let answer = answer(challenge, &who, "us-west-2", MOMENT, "log in").unwrap();
        let expected = "signature=7f3691c18a81b8ce7457699effbfae5b09b4e0714ab38c1292dbdf082c9ddd87,\
                        access_key=UserID-1,amzdate=2020-06-09T22:41:51.000Z";
        assert_eq!(answer.reveal(), expected);
    }

    #[test]
    fn a_session_token_goes_along_and_a_challenge_without_nonce_is_refused() {
        let who = Credentials::new("id", "key", Some("token==".into()), None, "test");
        let challenge = b"x,nonce=91703fdc2ef562e19fbdab0f58e42fe5,y";
        let signed = answer(challenge, &who, "eu-west-1", MOMENT, "log in").unwrap();
        assert!(signed.reveal().ends_with(",session_token=token=="));
        for bad in [&b""[..], b"nonce=short", b"no such thing"] {
            assert!(answer(bad, &who, "eu-west-1", MOMENT, "log in").is_err());
        }
    }
}
