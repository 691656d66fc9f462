//! A door in front of MariaDB: it greets in its name, reads how the client logs in, and then logs in itself.

use std::sync::{Arc, Mutex};

use sha1::{Digest, Sha1};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::doors::{self, Door, Seen};
use crate::servers;

const CLEAR: &[u8] = b"mysql_clear_password";
const CONNECT_WITH_DB: u32 = 0x8;
const SSL: u8 = 0x8;

/// How the door treats who comes.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Whether it says that it speaks TLS.
    pub offers_tls: bool,
    /// The name of the certificate.
    pub certificate: &'static str,
    /// Whether it asks for the password in clear text, whoever comes.
    pub asks: bool,
    /// Whether a statement with the word `sprung` is answered by a wish for a file of the client.
    pub wants_file: bool,
}

impl Manner {
    /// A door that leads to the server.
    pub const OPEN: Self = Self { offers_tls: true, certificate: "server", asks: false, wants_file: false };
}

/// Opens the door.
pub async fn open(manner: Manner) -> Door {
    Door::open(move |stream, seen| converse(stream, manner, seen)).await
}

async fn converse(mut client: TcpStream, manner: Manner, seen: Arc<Mutex<Seen>>) -> std::io::Result<()> {
    let see = |look: &dyn Fn(&mut Seen)| look(&mut seen.lock().expect("what was seen"));
    let mut server = TcpStream::connect(servers::mariadb()).await?;
    let (_, mut greeting) = packet(&mut server).await?;
    let end_of_version = greeting.iter().position(|byte| *byte == 0).expect("a version");
    let nonce = nonce(&greeting[end_of_version + 1..]);
    if !manner.offers_tls {
        // The second byte of the capabilities.
        greeting[end_of_version + 1 + 14] &= !SSL;
        send(&mut client, 0, &greeting).await?;
        doors::rest(&mut client, |bytes| see(&|s| s.clear.extend(bytes))).await;
        return Ok(());
    }
    send(&mut client, 0, &greeting).await?;
    let (_, wish) = packet(&mut client).await?;
    see(&|s| s.clear.extend(&wish));
    let mut client = match doors::accept(client, manner.certificate).await {
        Ok(client) => client,
        Err(why) => {
            see(&|s| s.tls = Some(why.to_string()));
            return Ok(());
        }
    };
    let (mut sequence, response) = packet(&mut client).await?;
    let login = Login::parse(&response);
    see(&|s| s.user.clone_from(&login.user));
    if login.plugin == CLEAR {
        see(&|s| s.password = Some(text(&login.answer)));
    } else if manner.asks {
        send(&mut client, sequence + 1, &[&[0xfe], CLEAR, b"\0"].concat()).await?;
        let (answered, password) = packet(&mut client).await?;
        sequence = answered;
        see(&|s| s.password = Some(text(&password)));
    }
    send(&mut server, 1, &wish).await?;
    let mut server = doors::connect(server).await?;
    send(&mut server, 2, &login.own(&response[..32], &nonce)).await?;
    let (_, answer) = packet(&mut server).await?;
    send(&mut client, sequence + 1, &answer).await?;
    let (mut from_server, mut to_server) = tokio::io::split(server);
    let (mut from_client, to_client) = tokio::io::split(client);
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
    let up = async {
        loop {
            let (number, body) = packet(&mut from_client).await?;
            if manner.wants_file && body.windows(6).any(|word| word == b"sprung") {
                send(&mut *to_client.lock().await, 1, b"\xfb/etc/passwd").await?;
                doors::rest(&mut from_client, |bytes| see(&|s| s.after.extend(bytes))).await;
                return Ok(());
            }
            send(&mut to_server, number, &body).await?;
        }
    };
    tokio::select! {
        done = down => done,
        done = up => done,
    }
}

/// What a client logs in with.
struct Login {
    capabilities: u32,
    user: String,
    answer: Vec<u8>,
    database: Vec<u8>,
    plugin: Vec<u8>,
}

impl Login {
    fn parse(response: &[u8]) -> Self {
        let capabilities = u32::from_le_bytes(*response.first_chunk().expect("capabilities"));
        let (user, rest) = word(&response[32..]);
        let (length, rest) = match rest {
            [0xfc, a, b, rest @ ..] => (usize::from(u16::from_le_bytes([*a, *b])), rest),
            [length, rest @ ..] => (usize::from(*length), rest),
            [] => panic!("a login without an answer"),
        };
        let (answer, rest) = rest.split_at(length);
        let (database, rest) =
            if capabilities & CONNECT_WITH_DB == 0 { (&b""[..], rest) } else { word(rest) };
        let (plugin, _) = word(rest);
        Self {
            capabilities,
            user: text(user),
            answer: answer.to_vec(),
            database: database.to_vec(),
            plugin: plugin.to_vec(),
        }
    }

    /// The same login with the run's own password.
    fn own(&self, head: &[u8], nonce: &[u8]) -> Vec<u8> {
        let once = Sha1::digest(servers::password());
        let mixed = Sha1::new().chain_update(nonce).chain_update(Sha1::digest(once)).finalize();
        let answer: Vec<u8> = once.iter().zip(mixed).map(|(a, b)| a ^ b).collect();
        let mut out = [head, self.user.as_bytes(), b"\0\x14", &answer].concat();
        if self.capabilities & CONNECT_WITH_DB != 0 {
            out.extend_from_slice(&self.database);
            out.push(0);
        }
        out.extend_from_slice(b"mysql_native_password\0");
        out
    }
}

/// The 20 bytes that a password is mixed with, from a greeting after its version.
fn nonce(greeting: &[u8]) -> Vec<u8> {
    [&greeting[4..12], &greeting[31..43]].concat()
}

fn word(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == 0).expect("a word ends");
    (&bytes[..end], &bytes[end + 1..])
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.strip_suffix(b"\0").unwrap_or(bytes)).into_owned()
}

async fn packet(from: &mut (impl AsyncRead + Unpin)) -> std::io::Result<(u8, Vec<u8>)> {
    let head = from.read_u32_le().await?;
    let mut body = vec![0; usize::try_from(head & 0xff_ffff).expect("a length")];
    from.read_exact(&mut body).await?;
    Ok(((head >> 24) as u8, body))
}

async fn send(to: &mut (impl AsyncWrite + Unpin), sequence: u8, body: &[u8]) -> std::io::Result<()> {
    let head = u32::try_from(body.len()).expect("a short packet") | u32::from(sequence) << 24;
    to.write_all(&[&head.to_le_bytes(), body].concat()).await?;
    to.flush().await
}
