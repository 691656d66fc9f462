//! Logging in to MySQL over verified TLS.
//!
//! The password itself is sent only where the method needs it inside TLS; the clear-text
//! plugin is taken for IAM tokens alone, so that no server can ask a password out of us.

use super::message::{Greeting, Reader, ServerError};
use super::wire::Wire;
use crate::model::{Failure, FailureKind};
use crate::query::login::Credentials;
use sha1::Sha1;
use sha2::{Digest, Sha256};

const LONG_PASSWORD: u32 = 0x1;
const LONG_FLAG: u32 = 0x4;
const CONNECT_WITH_DB: u32 = 0x8;
const PROTOCOL_41: u32 = 0x200;
/// The server speaks TLS.
pub const SSL: u32 = 0x800;
const TRANSACTIONS: u32 = 0x2000;
const SECURE_CONNECTION: u32 = 0x8000;
const MULTI_RESULTS: u32 = 0x2_0000;
const PLUGIN_AUTH: u32 = 0x8_0000;
const PLUGIN_AUTH_LENGTH: u32 = 0x20_0000;
/// Results end with an OK packet.
pub const DEPRECATE_EOF: u32 = 0x100_0000;
/// `utf8mb4_general_ci`, which every server knows.
const UTF8MB4: u8 = 45;
/// The largest packet that we say we take.
const MOST: u32 = 256 << 20;
/// Steps that a login may take.
const STEPS: u32 = 20;

/// What we ask for. `CLIENT_LOCAL_FILES` and `CLIENT_MULTI_STATEMENTS` are never among it.
pub const fn capabilities(server: u32, with_database: bool) -> u32 {
    let wanted = LONG_PASSWORD
        | LONG_FLAG
        | PROTOCOL_41
        | SSL
        | TRANSACTIONS
        | SECURE_CONNECTION
        | MULTI_RESULTS
        | PLUGIN_AUTH
        | PLUGIN_AUTH_LENGTH
        | DEPRECATE_EOF
        | if with_database { CONNECT_WITH_DB } else { 0 };
    // MariaDB does not announce the first one; it is harmless everywhere.
    wanted & (server | LONG_PASSWORD)
}

/// The packet before TLS, with its header: capabilities, nothing about the person.
pub fn tls_request(capabilities: u32) -> Vec<u8> {
    let mut out = vec![32, 0, 0, 1];
    out.extend(response_head(capabilities));
    out
}

/// What the packet before TLS and the login itself begin with.
fn response_head(capabilities: u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(32);
    out.extend_from_slice(&capabilities.to_le_bytes());
    out.extend_from_slice(&MOST.to_le_bytes());
    out.push(UTF8MB4);
    out.extend_from_slice(&[0; 23]);
    out
}

/// Logs in. TLS has been verified.
pub async fn log_in(
    wire: &mut Wire,
    greeting: &Greeting,
    who: &Credentials,
    database: Option<&str>,
    doing: &str,
) -> Result<(), Failure> {
    let mut plugin = if who.token { b"mysql_clear_password".to_vec() } else { greeting.plugin.clone() };
    let first = answer(&plugin, &greeting.nonce, who).or_else(|failure| {
        // The server's default need not be this user's method: offer another, and it switches.
        if who.token {
            return Err(failure);
        }
        plugin = b"mysql_native_password".to_vec();
        answer(&plugin, &greeting.nonce, who)
    })?;
    let flags = capabilities(greeting.capabilities, database.is_some());
    let mut out = response_head(flags);
    out.extend_from_slice(who.user.as_bytes());
    out.push(0);
    push_length(&mut out, first.len(), flags & PLUGIN_AUTH_LENGTH != 0);
    out.extend_from_slice(&first);
    if let Some(database) = database.filter(|_| flags & CONNECT_WITH_DB != 0) {
        out.extend_from_slice(database.as_bytes());
        out.push(0);
    }
    if flags & PLUGIN_AUTH != 0 {
        out.extend_from_slice(&plugin);
        out.push(0);
    }
    wire.send(&out).await?;
    for _ in 0..STEPS {
        let packet = wire.next().await?;
        match packet.split_first() {
            Some((0x00, _)) => return Ok(()),
            Some((0xff, _)) => return Err(ServerError::parse(&packet).failure(doing)),
            Some((0xfe, rest)) => {
                let mut r = Reader(rest);
                let Some(wanted) = r.cstr() else { return Err(refuse("the server wants a login of 1998")) };
                plugin = wanted.to_vec();
                let nonce = r.0.strip_suffix(&[0]).unwrap_or(r.0);
                wire.send(&answer(&plugin, nonce, who)?).await?;
            }
            // The server knows the password already, and says so.
            Some((0x01, [3])) => {}
            Some((0x01, [4])) if plugin == b"caching_sha2_password" => {
                wire.send(&in_full(who)?).await?;
            }
            _ => return Err(wire.garbled("a login that makes no sense")),
        }
    }
    Err(wire.garbled("a login without an end"))
}

/// What proves the password to `plugin`.
fn answer(plugin: &[u8], nonce: &[u8], who: &Credentials) -> Result<Vec<u8>, Failure> {
    let password = who.password.as_ref().map_or("", |p| p.reveal()).as_bytes();
    match plugin {
        b"mysql_clear_password" if who.token => in_full(who),
        _ if who.token => {
            Err(refuse("this user does not log in by IAM")
                .hint("it is not made with AWSAuthenticationPlugin"))
        }
        _ if password.is_empty() => Ok(Vec::new()),
        b"mysql_native_password" => Ok(native(password, nonce)),
        b"caching_sha2_password" => Ok(caching_sha2(password, nonce)),
        b"sha256_password" => in_full(who),
        b"mysql_clear_password" => {
            Err(refuse("the server asks for the password in clear text, which is sent for IAM tokens alone"))
        }
        other => Err(refuse(&format!("dbdeck lacks the login method {}", String::from_utf8_lossy(other)))),
    }
}

fn in_full(who: &Credentials) -> Result<Vec<u8>, Failure> {
    let Some(password) = &who.password else { return Err(refuse("the server asks for a password")) };
    let mut out = password.reveal().as_bytes().to_vec();
    out.push(0);
    Ok(out)
}

fn refuse(why: &str) -> Failure {
    Failure::new(FailureKind::Login, "log in", why)
}

fn push_length(out: &mut Vec<u8>, len: usize, long: bool) {
    match u8::try_from(len) {
        Ok(short) if short < 0xfb || !long => out.push(short),
        _ => {
            out.push(0xfc);
            out.extend_from_slice(&u16::try_from(len).unwrap_or(u16::MAX).to_le_bytes());
        }
    }
}

/// `SHA1(password) XOR SHA1(nonce, SHA1(SHA1(password)))`.
fn native(password: &[u8], nonce: &[u8]) -> Vec<u8> {
    let once = Sha1::digest(password);
    let mixed = Sha1::new().chain_update(nonce).chain_update(Sha1::digest(once)).finalize();
    once.iter().zip(mixed).map(|(a, b)| a ^ b).collect()
}

/// `SHA256(password) XOR SHA256(SHA256(SHA256(password)), nonce)`.
fn caching_sha2(password: &[u8], nonce: &[u8]) -> Vec<u8> {
    let once = Sha256::digest(password);
    let mixed = Sha256::new().chain_update(Sha256::digest(once)).chain_update(nonce).finalize();
    once.iter().zip(mixed).map(|(a, b)| a ^ b).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::engine::Secret;

    fn who(token: bool) -> Credentials {
        Credentials { user: "app".into(), password: Some(Secret::new("secret")), token }
    }

    #[test]
    fn local_files_and_several_statements_are_never_offered() {
        let all = capabilities(u32::MAX, true);
        assert_eq!(all & 0x80, 0, "CLIENT_LOCAL_FILES");
        assert_eq!(all & 0x1_0000, 0, "CLIENT_MULTI_STATEMENTS");
        assert_ne!(all & SSL, 0);
    }

    #[test]
    fn a_password_is_never_sent_to_the_clear_text_plugin() {
        assert!(answer(b"mysql_clear_password", b"n", &who(false)).is_err());
        assert_eq!(answer(b"mysql_clear_password", b"n", &who(true)).expect("a token"), b"secret\0");
        assert!(answer(b"mysql_native_password", b"n", &who(true)).is_err(), "a token is no password");
    }

    #[test]
    fn scrambles_depend_on_the_nonce() {
        assert_eq!(native(b"secret", b"01234567890123456789").len(), 20);
        assert_ne!(native(b"secret", b"a"), native(b"secret", b"b"));
        assert_eq!(caching_sha2(b"secret", b"a").len(), 32);
    }
}
