//! What stands between dbdeck and AWS: it hands each request on, or does to it what networks and AWS do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::servers;

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Asked {
    /// The region it is signed for.
    pub region: String,
    /// The operation, as in `DescribeDBInstances`.
    pub operation: String,
    /// Its body.
    pub body: String,
}

/// What becomes of a request.
#[derive(Clone, Debug)]
pub enum Fate {
    /// It is handed on.
    Passes,
    /// The connection is reset.
    Reset,
    /// It is never answered.
    Silence,
    /// The head of an answer comes, and then nothing.
    Stalls,
    /// It is handed on, and half of the answer comes back.
    HalfAnswered,
    /// Somebody else answers: status, content type, body.
    Answered(&'static str, &'static str, String),
}

/// A listener on loopback in AWS's place.
pub struct Between {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Between {
    /// Decides by `fate` about each request; it is told how often this very request came before.
    pub async fn new(fate: impl Fn(&Asked, usize) -> Fate + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let (all, fate) = (asked.clone(), Arc::new(fate));
        let times = Arc::<Mutex<HashMap<Asked, usize>>>::default();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (all, fate, times) = (all.clone(), fate.clone(), times.clone());
                tokio::spawn(async move {
                    let decide = |asked: Asked| {
                        let mut times = times.lock().expect("the counts");
                        let before = times.entry(asked.clone()).or_default();
                        let fate = fate(&asked, *before);
                        *before += 1;
                        all.lock().expect("the requests").push(asked);
                        fate
                    };
                    let _broken = treat(stream, decide).await;
                });
            }
        });
        Self { url, asked }
    }

    /// The requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("the requests").clone()
    }
}

/// Treats the one request of a connection.
async fn treat(mut stream: TcpStream, decide: impl FnOnce(Asked) -> Fate) -> std::io::Result<()> {
    let (head, body) = request(&mut stream).await?;
    match decide(parse(&head, &body)) {
        Fate::Passes => stream.write_all(&pass(&head, &body).await?).await?,
        Fate::HalfAnswered => {
            let answer = pass(&head, &body).await?;
            stream.write_all(&answer[..answer.len() / 2]).await?;
        }
        Fate::Reset => {
            let socket = socket2::SockRef::from(&stream);
            return socket.set_linger(Some(Duration::ZERO));
        }
        Fate::Silence => {
            // Until the client has had enough.
            stream.read_to_end(&mut Vec::new()).await?;
        }
        Fate::Stalls => {
            stream.write_all(&answer("200 OK", "text/xml", 1_000, "<Describe")).await?;
            stream.read_to_end(&mut Vec::new()).await?;
        }
        Fate::Answered(status, kind, body) => {
            stream.write_all(&answer(status, kind, body.len(), &body)).await?;
        }
    }
    stream.shutdown().await
}

fn answer(status: &str, kind: &str, length: usize, body: &str) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    [head.as_bytes(), body.as_bytes()].concat()
}

/// Asks the real control plane. The answer as it came.
async fn pass(head: &str, body: &[u8]) -> std::io::Result<Vec<u8>> {
    let address = servers::aws();
    let mut server = TcpStream::connect(address.trim_start_matches("http://")).await?;
    let head = head.replacen("\r\n", "\r\nconnection: close\r\n", 1);
    server.write_all(&[head.as_bytes(), body].concat()).await?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).await?;
    Ok(answer)
}

async fn request(stream: &mut TcpStream) -> std::io::Result<(String, Vec<u8>)> {
    let mut held = Vec::new();
    loop {
        if let Some(end) = held.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&held[..end + 4]).into_owned();
            let length = header(&head, "content-length").and_then(|l| l.parse().ok()).unwrap_or(0);
            let mut body = held.split_off(end + 4);
            let had = body.len();
            body.resize(length, 0);
            stream.read_exact(&mut body[had..]).await?;
            return Ok((head, body));
        }
        if stream.read_buf(&mut held).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (named, value) = line.split_once(':')?;
        named.eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

fn parse(head: &str, body: &[u8]) -> Asked {
    let body = String::from_utf8_lossy(body).into_owned();
    let scope = header(head, "authorization").and_then(|a| a.split("Credential=").nth(1));
    let region = scope.and_then(|s| s.split('/').nth(2)).unwrap_or_default().to_owned();
    let target = header(head, "x-amz-target").and_then(|t| t.rsplit('.').next());
    let path = head.lines().next().and_then(|line| line.split_once("/operation/")?.1.split(' ').next());
    let action = body.strip_prefix("Action=").and_then(|form| form.split('&').next());
    let operation = target.or(path).or(action).unwrap_or_default().to_owned();
    Asked { region, operation, body }
}
