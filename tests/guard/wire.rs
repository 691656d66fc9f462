//! A listener on loopback in AWS's place: it counts what arrives, byte by byte, and answers or
//! resets as it is told. What the guard refused must not show up here.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// What happens to a request once all of it has been read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    /// 200 with this body.
    Ok(&'static str),
    /// 500 with this body.
    Broken(&'static str),
    /// The connection is reset: the sender cannot know whether the request took effect.
    Reset,
}

#[derive(Default)]
struct Counts {
    connections: AtomicUsize,
    bytes: AtomicUsize,
    requests: Mutex<Vec<String>>,
}

/// The listener. It lives as long as the process.
pub struct Wire {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    counts: Arc<Counts>,
}

impl Wire {
    /// Answers the first requests with `first`, in order, and every later one with `then`.
    pub fn new(first: &[Answer], then: Answer) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let counts = Arc::<Counts>::default();
        let (shared, first) = (counts.clone(), first.to_vec());
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let (counts, first) = (shared.clone(), first.clone());
                thread::spawn(move || converse(stream, &counts, &first, then));
            }
        });
        Self { url, counts }
    }

    /// Answers everything with `{}`.
    pub fn obliging() -> Self {
        Self::new(&[], Answer::Ok("{}"))
    }

    /// Resets every connection as soon as its request has arrived whole.
    pub fn resetting() -> Self {
        Self::new(&[], Answer::Reset)
    }

    /// Connections so far, used or not.
    pub fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::SeqCst)
    }

    /// Bytes so far.
    pub fn bytes(&self) -> usize {
        self.counts.bytes.load(Ordering::SeqCst)
    }

    /// Whole requests so far: head and body.
    pub fn requests(&self) -> Vec<String> {
        self.counts.requests.lock().expect("the requests").clone()
    }

    /// Nothing came: neither a byte nor a connection.
    #[track_caller]
    pub fn assert_silent(&self, what: &str) {
        assert_eq!((self.connections(), self.bytes()), (0, 0), "{what}: {:?}", self.requests());
    }
}

fn converse(mut stream: TcpStream, counts: &Counts, first: &[Answer], then: Answer) {
    let mut held = Vec::new();
    loop {
        let Some(request) = request(&mut stream, counts, &mut held) else { return };
        let number = {
            let mut requests = counts.requests.lock().expect("the requests");
            requests.push(request);
            requests.len() - 1
        };
        let (status, body) = match first.get(number).copied().unwrap_or(then) {
            Answer::Ok(body) => ("200 OK", body),
            Answer::Broken(body) => ("500 Internal Server Error", body),
            Answer::Reset => return reset(&stream),
        };
        let kind = if body.starts_with('<') { "text/xml" } else { "application/x-amz-json-1.0" };
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// Ends the connection with RST instead of FIN.
fn reset(stream: &TcpStream) {
    socket2::SockRef::from(stream).set_linger(Some(std::time::Duration::ZERO)).expect("linger is set");
}

/// Reads one whole request; `None` at the end of the connection.
fn request(stream: &mut TcpStream, counts: &Counts, held: &mut Vec<u8>) -> Option<String> {
    let mut some = [0; 4096];
    loop {
        if let Some(length) = whole(held) {
            let rest = held.split_off(length);
            return Some(String::from_utf8_lossy(&std::mem::replace(held, rest)).into_owned());
        }
        let read = stream.read(&mut some).ok().filter(|n| *n > 0)?;
        counts.bytes.fetch_add(read, Ordering::SeqCst);
        held.extend_from_slice(&some[..read]);
    }
}

/// The length of the first request in `held`, when all of it is there.
fn whole(held: &[u8]) -> Option<usize> {
    let head = held.windows(4).position(|w| w == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&held[..head]).to_ascii_lowercase();
    let body = text.lines().find_map(|l| l.strip_prefix("content-length:")?.trim().parse().ok()).unwrap_or(0);
    (held.len() >= head + body).then_some(head + body)
}
