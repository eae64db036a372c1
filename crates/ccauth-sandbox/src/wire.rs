//! A connection's stream: TLS or plain, counted, and with the request's bytes kept as they came.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// No request that is read is longer; beyond it, bytes are counted and no longer kept.
const KEPT: usize = 512 << 10;

pub(crate) struct Wire {
    stream: Stream,
    tap: Arc<Tap>,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// What has been read from a connection, after TLS.
#[derive(Debug, Default)]
pub(crate) struct Tap(Mutex<Tapped>);

#[derive(Debug, Default)]
struct Tapped {
    total: u64,
    recent: Vec<u8>,
}

impl Tap {
    /// The bytes since the last call: one request, since no client sends two before a reply.
    pub(crate) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.lock().recent)
    }

    pub(crate) fn total(&self) -> u64 {
        self.lock().total
    }

    pub(crate) fn note(&self, bytes: &[u8]) {
        let mut tapped = self.lock();
        tapped.total += bytes.len() as u64;
        if tapped.recent.len() + bytes.len() <= KEPT {
            tapped.recent.extend_from_slice(bytes);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Tapped> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wire {
    pub(crate) fn plain(stream: TcpStream, tap: Arc<Tap>) -> Wire {
        Wire { stream: Stream::Plain(stream), tap }
    }

    pub(crate) fn tls(stream: TlsStream<TcpStream>, tap: Arc<Tap>) -> Wire {
        Wire { stream: Stream::Tls(Box::new(stream)), tap }
    }

    /// Makes the end of this connection a reset instead of a FIN.
    pub(crate) fn reset_on_drop(&self) {
        match &self.stream {
            Stream::Plain(stream) => reset_on_drop(stream),
            Stream::Tls(stream) => reset_on_drop(stream.get_ref().0),
        }
    }
}

/// Unsent data is dropped and RST is sent when the socket closes (`SO_LINGER` of zero seconds).
pub(crate) fn reset_on_drop(stream: &TcpStream) {
    // A socket the client has reset already refuses the option, and needs it no more.
    let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        let before = buf.filled().len();
        let polled = match &mut wire.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        };
        wire.tap.note(&buf.filled()[before..]);
        polled
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
