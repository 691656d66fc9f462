//! A door in front of PostgreSQL: it asks for the password in clear text, as RDS does for an IAM token, and then logs
//! in to the real server itself.

use std::sync::{Arc, Mutex};

use bytes::BytesMut;
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256};
use postgres_protocol::message::frontend;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client;

use crate::doors::{self, Door, Seen};
use crate::servers;

/// What a statement with the word `sprung` in it springs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trap {
    /// Nothing.
    None,
    /// Notices without an end.
    Notices,
    /// Notifications without an end.
    Notifications,
    /// A wish for the client's data.
    Copy,
    /// The end of the connection.
    End,
    /// The word, when asked, that the transaction is no longer read-only.
    Unlocked,
}

/// How the door treats who comes.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// The answer to the wish for TLS: `S`, `N` or something else.
    pub answer: u8,
    /// The name of the certificate.
    pub certificate: &'static str,
    /// What it springs.
    pub trap: Trap,
}

impl Manner {
    /// A door that leads to the server.
    pub const OPEN: Self = Self { answer: b'S', certificate: "server", trap: Trap::None };
}

/// Opens the door.
pub async fn open(manner: Manner) -> Door {
    Door::open(move |stream, seen| converse(stream, manner, seen)).await
}

async fn converse(mut stream: TcpStream, manner: Manner, seen: Arc<Mutex<Seen>>) -> std::io::Result<()> {
    let see = |look: &dyn Fn(&mut Seen)| look(&mut seen.lock().expect("what was seen"));
    let mut request = [0; 8];
    stream.read_exact(&mut request).await?;
    see(&|s| s.clear.extend(request));
    stream.write_all(&[manner.answer]).await?;
    if manner.answer != b'S' {
        doors::rest(&mut stream, |bytes| see(&|s| s.clear.extend(bytes))).await;
        return Ok(());
    }
    let mut client = match doors::accept(stream, manner.certificate).await {
        Ok(client) => client,
        Err(why) => {
            see(&|s| s.tls = Some(why.to_string()));
            return Ok(());
        }
    };
    let startup = body(&mut client).await?;
    if startup.starts_with(&80_877_102_i32.to_be_bytes()) {
        // A cancel request: it is the server's own, key and all.
        let mut server = reach(&startup).await?;
        return server.read_to_end(&mut Vec::new()).await.map(|_| ());
    }
    let mut words = startup[4..].split(|byte| *byte == 0);
    words.find(|word| *word == b"user");
    let user = String::from_utf8_lossy(words.next().unwrap_or_default()).into_owned();
    see(&|s| s.user.clone_from(&user));
    client.write_all(b"R\0\0\0\x08\0\0\0\x03").await?;
    let (_, password) = message(&mut client).await?;
    let password = String::from_utf8_lossy(password.strip_suffix(b"\0").unwrap_or(&password)).into_owned();
    see(&|s| s.password = Some(password.clone()));
    let server = log_in(&startup).await?;
    client.write_all(b"R\0\0\0\x08\0\0\0\0").await?;
    let (mut from_server, to_server) = tokio::io::split(server);
    let (from_client, to_client) = tokio::io::split(client);
    let to_client = tokio::sync::Mutex::new(to_client);
    let down = async {
        let mut some = [0; 16 << 10];
        loop {
            let read = from_server.read(&mut some).await?;
            if read == 0 {
                return std::io::Result::Ok(());
            }
            let mut to_client = to_client.lock().await;
            to_client.write_all(&some[..read]).await?;
            to_client.flush().await?;
        }
    };
    tokio::select! {
        done = down => done,
        done = up(from_client, to_server, &to_client, manner.trap, &seen) => done,
    }
}

/// Hands the client's messages on, until one springs the trap.
async fn up(
    mut client: impl AsyncRead + Unpin,
    mut server: impl AsyncWrite + Unpin,
    to_client: &tokio::sync::Mutex<impl AsyncWrite + Unpin>,
    trap: Trap,
    seen: &Mutex<Seen>,
) -> std::io::Result<()> {
    loop {
        let (tag, body) = message(&mut client).await?;
        let springs = match trap {
            Trap::None => false,
            Trap::Unlocked => tag == b'Q' && body == b"SHOW transaction_read_only\0",
            _ => tag == b'P' && body.windows(6).any(|word| word == b"sprung"),
        };
        if !springs {
            server.write_all(&framed(tag, &body)).await?;
            server.flush().await?;
            continue;
        }
        let mut to_client = to_client.lock().await;
        let flood = match trap {
            Trap::Notices => framed(b'N', b"SNOTICE\0VNOTICE\0C00000\0Mmore and more\0\0").repeat(100),
            Trap::Notifications => framed(b'A', b"\0\0\0\x01channel\0payload\0").repeat(100),
            Trap::Copy => framed(b'G', &[0, 0, 0]),
            Trap::End => return Ok(()),
            Trap::Unlocked | Trap::None => {
                to_client.write_all(&unlocked()).await?;
                to_client.flush().await?;
                continue;
            }
        };
        to_client.write_all(&[framed(b'1', b""), framed(b'2', b"")].concat()).await?;
        loop {
            if to_client.write_all(&flood).await.is_err() || to_client.flush().await.is_err() {
                break;
            }
            if trap == Trap::Copy {
                break;
            }
        }
        doors::rest(&mut client, |bytes| seen.lock().expect("what was seen").after.extend(bytes)).await;
        return Ok(());
    }
}

/// The answer that the transaction is not read-only.
fn unlocked() -> Vec<u8> {
    let mut columns = vec![0, 1];
    columns.extend_from_slice(b"transaction_read_only\0");
    columns.extend_from_slice(&[0; 6]);
    columns.extend_from_slice(&25_u32.to_be_bytes());
    columns.extend_from_slice(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0]);
    let row = b"\0\x01\0\0\0\x03off";
    [framed(b'T', &columns), framed(b'D', row), framed(b'C', b"SHOW\0"), framed(b'Z', b"T")].concat()
}

/// Opens TLS to the real server and sends `startup`.
async fn reach(startup: &[u8]) -> std::io::Result<client::TlsStream<TcpStream>> {
    let mut plain = TcpStream::connect(servers::postgres()).await?;
    let mut request = BytesMut::new();
    frontend::ssl_request(&mut request);
    plain.write_all(&request).await?;
    assert_eq!(plain.read_u8().await?, b'S', "the real server speaks TLS");
    let mut server = doors::connect(plain).await?;
    let length = u32::try_from(startup.len() + 4).expect("a short message");
    server.write_all(&[&length.to_be_bytes(), startup].concat()).await?;
    server.flush().await?;
    Ok(server)
}

/// Logs in to the real server with its own password.
async fn log_in(startup: &[u8]) -> std::io::Result<client::TlsStream<TcpStream>> {
    let mut server = reach(startup).await?;
    let mut scram = ScramSha256::new(servers::password().as_bytes(), ChannelBinding::unsupported());
    loop {
        let (tag, body) = message(&mut server).await?;
        assert_eq!(tag, b'R', "{}", String::from_utf8_lossy(&body));
        let (kind, rest) = body.split_first_chunk().expect("a kind of login");
        let mut out = BytesMut::new();
        match i32::from_be_bytes(*kind) {
            0 => return Ok(server),
            10 => frontend::sasl_initial_response(SCRAM_SHA_256, scram.message(), &mut out)?,
            11 => {
                scram.update(rest)?;
                frontend::sasl_response(scram.message(), &mut out)?;
            }
            12 => scram.finish(rest)?,
            other => panic!("a login of kind {other}"),
        }
        server.write_all(&out).await?;
        server.flush().await?;
    }
}

fn framed(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("a message");
    [&[tag], &length.to_be_bytes()[..], body].concat()
}

async fn message(from: &mut (impl AsyncRead + Unpin)) -> std::io::Result<(u8, Vec<u8>)> {
    let tag = from.read_u8().await?;
    Ok((tag, body(from).await?))
}

async fn body(from: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Vec<u8>> {
    let length = from.read_u32().await?;
    let mut body = vec![0; usize::try_from(length).expect("a length") - 4];
    from.read_exact(&mut body).await?;
    Ok(body)
}
