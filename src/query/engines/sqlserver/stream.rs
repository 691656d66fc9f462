//! The connection that the driver reads: it takes what a row may weigh and no more.

use futures_util::io::{AsyncRead, AsyncWrite};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use tokio::io::ReadBuf;
use tokio::net::TcpStream;

/// The most bytes that may come before a row is whole: the driver keeps a row in memory.
const MOST: u64 = 256 << 20;

/// What may still come before the next row is whole.
#[derive(Clone)]
pub struct Allowance(Arc<AtomicU64>);

impl Allowance {
    /// A row was taken: the next may weigh as much.
    pub fn renew(&self) {
        self.0.store(MOST, Ordering::Relaxed);
    }
}

/// A TCP connection whose reading ends where a row grows too heavy.
pub struct Counted {
    tcp: TcpStream,
    allowance: Allowance,
}

impl Counted {
    /// Over `tcp`; the allowance is to be renewed row by row.
    pub fn new(tcp: TcpStream) -> (Self, Allowance) {
        let allowance = Allowance(Arc::new(AtomicU64::new(MOST)));
        (Self { tcp, allowance: allowance.clone() }, allowance)
    }
}

impl AsyncRead for Counted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        if self.allowance.0.load(Ordering::Relaxed) == 0 {
            return Poll::Ready(Err(io::Error::other("one row weighs more than 256 MiB")));
        }
        let mut read = ReadBuf::new(buf);
        match tokio::io::AsyncRead::poll_read(Pin::new(&mut self.tcp), cx, &mut read) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(e)) => Poll::Ready(Err(e)),
            Poll::Ready(Ok(())) => {
                let came = read.filled().len();
                let left = self.allowance.0.load(Ordering::Relaxed);
                self.allowance.0.store(left.saturating_sub(came as u64), Ordering::Relaxed);
                Poll::Ready(Ok(came))
            }
        }
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        tokio::io::AsyncWrite::poll_write(Pin::new(&mut self.tcp), cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        tokio::io::AsyncWrite::poll_flush(Pin::new(&mut self.tcp), cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        tokio::io::AsyncWrite::poll_shutdown(Pin::new(&mut self.tcp), cx)
    }
}
