//! From a stream to a session that is logged in: startup message, authentication, readiness.

use super::message::{ServerError, cstr};
use super::wire::Wire;
use crate::model::{Failure, FailureKind};
use crate::query::login::Credentials;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256};
use postgres_protocol::message::frontend;

/// Messages that a login may take; more is a server that plays for time.
const MESSAGES: u32 = 200;
/// Rounds of key stretching that SCRAM may ask of us (PostgreSQL's own default is 4,096).
const MOST_ROUNDS: u32 = 1_000_000;

/// What the startup message asks for.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// Database to open; the user's own when empty.
    pub database: Option<&'a str>,
    /// Ask for a read-only default by startup options, which poolers may not take.
    pub read_only_option: bool,
    /// Whether a password may be sent as it is: only where TLS was verified.
    pub secure: bool,
}

/// What the server told while logging in.
#[derive(Clone, Debug, Default)]
pub struct Greeting {
    /// Process id and secret for cancelling.
    pub key: Option<(i32, i32)>,
}

/// Why a login ended.
#[derive(Debug)]
pub enum Refused {
    /// The server said no.
    Server(Box<ServerError>),
    /// Anything else.
    Failed(Failure),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Refused {
    /// Whether it is a pooler's refusal of the startup options.
    pub fn is_about_options(&self) -> bool {
        matches!(self, Self::Server(e) if matches!(e.code.as_str(), "0A000" | "08P01")
            && (e.message.contains("options") || e.message.contains("startup parameter")))
    }
}

/// Logs in over `wire`.
pub async fn log_in(wire: &mut Wire, who: &Credentials, wanted: &Wanted<'_>) -> Result<Greeting, Refused> {
    let mut parameters =
        vec![("user", &*who.user), ("application_name", "dbdeck"), ("client_encoding", "UTF8")];
    parameters.extend(wanted.database.map(|d| ("database", d)));
    if wanted.read_only_option {
        parameters.push(("options", "-c default_transaction_read_only=on"));
    }
    frontend::startup_message(parameters, &mut wire.out)
        .map_err(|e| Failure::new(FailureKind::Usage, "log in", e.to_string()))?;
    wire.send().await?;
    authenticate(wire, who, wanted.secure).await?;
    let mut greeting = Greeting::default();
    for _ in 0..MESSAGES {
        let frame = wire.next().await?;
        match frame.tag {
            b'K' => {
                if let Some(&[a, b, c, d, e, f, g, h]) = wire.body(frame).first_chunk() {
                    let key = (i32::from_be_bytes([a, b, c, d]), i32::from_be_bytes([e, f, g, h]));
                    greeting.key = Some(key);
                }
            }
            b'E' => return Err(Refused::Server(Box::new(ServerError::parse(wire.body(frame))))),
            b'Z' => return Ok(greeting),
            other => return Err(wire.garbled(format!("{:?} while logging in", char::from(other))).into()),
        }
    }
    Err(wire.garbled("a login without an end").into())
}

async fn authenticate(wire: &mut Wire, who: &Credentials, secure: bool) -> Result<(), Refused> {
    let mut scram: Option<(ScramSha256, bool)> = None;
    for _ in 0..MESSAGES {
        let frame = wire.next().await?;
        let body = wire.body(frame).to_vec();
        if frame.tag == b'E' {
            return Err(Refused::Server(Box::new(ServerError::parse(&body))));
        }
        let Some((kind, rest)) = body.split_first_chunk::<4>().filter(|_| frame.tag == b'R') else {
            return Err(wire.garbled(format!("{:?} instead of a login", char::from(frame.tag))).into());
        };
        match (i32::from_be_bytes(*kind), &mut scram) {
            // A server that skips its own proof is not the one that knows the password.
            (0, Some((_, false))) => return Err(wire.garbled("a login without the server's proof").into()),
            (0, _) => return Ok(()),
            (3, None) => {
                if !secure {
                    return Err(refuse("the server asks for the password in clear text without TLS"));
                }
                put(frontend::password_message(password(who)?, &mut wire.out))?;
            }
            (5, None) => {
                let Some(salt) = rest.first_chunk::<4>() else {
                    return Err(wire.garbled("no salt").into());
                };
                let hash = md5_hash(who.user.as_bytes(), password(who)?, *salt);
                put(frontend::password_message(hash.as_bytes(), &mut wire.out))?;
            }
            (10, None) => {
                if !offers(rest, SCRAM_SHA_256.as_bytes()) {
                    return Err(refuse("the server offers no login that dbdeck knows (SCRAM-SHA-256)"));
                }
                let state = ScramSha256::new(password(who)?, ChannelBinding::unsupported());
                put(frontend::sasl_initial_response(SCRAM_SHA_256, state.message(), &mut wire.out))?;
                scram = Some((state, false));
            }
            (11, Some((state, _))) => {
                if rounds(rest).is_none_or(|r| r > MOST_ROUNDS) {
                    return Err(wire.garbled("an absurd SCRAM challenge").into());
                }
                state.update(rest).map_err(|e| wire.garbled(e.to_string()))?;
                put(frontend::sasl_response(state.message(), &mut wire.out))?;
            }
            (12, Some((state, proven))) => {
                state.finish(rest).map_err(|e| wire.garbled(e.to_string()))?;
                *proven = true;
                continue;
            }
            (kind, _) => {
                return Err(refuse(&format!("the server asks for login method {kind}, which dbdeck lacks")));
            }
        }
        wire.send().await?;
    }
    Err(wire.garbled("a login without an end").into())
}

fn put(written: std::io::Result<()>) -> Result<(), Refused> {
    // The only cause is a zero byte in the password; the text must not reach the message.
    written.map_err(|_| refuse("the password holds a zero byte"))
}

fn refuse(why: &str) -> Refused {
    Refused::Failed(Failure::new(FailureKind::Login, "log in", why))
}

fn password(who: &Credentials) -> Result<&[u8], Refused> {
    match &who.password {
        Some(secret) => Ok(secret.reveal().as_bytes()),
        None => Err(refuse("the server asks for a password")),
    }
}

/// Whether a list of mechanisms has `wanted`.
fn offers(mut list: &[u8], wanted: &[u8]) -> bool {
    while let Some((name, rest)) = cstr(list) {
        if name == wanted {
            return true;
        }
        list = rest;
    }
    false
}

/// The rounds that a SCRAM challenge (`r=…,s=…,i=4096`) asks for.
fn rounds(challenge: &[u8]) -> Option<u32> {
    std::str::from_utf8(challenge).ok()?.split(',').find_map(|p| p.strip_prefix("i="))?.parse().ok()
}
