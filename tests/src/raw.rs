//! A server that speaks in bytes: for what no honest server does, and to see what nobody may send.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A TCP server on loopback that plays the same part with every connection. Dropping it stops it.
#[derive(Debug)]
pub struct RawServer {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Vec<u8>>>>,
    stopped: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl RawServer {
    /// Plays `part` with every connection, on a thread for each. What `part` returns is kept as what this
    /// connection has sent.
    pub fn start(part: impl Fn(TcpStream) -> io::Result<Vec<u8>> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port of loopback");
        let address = listener.local_addr().expect("a bound socket has an address");
        let heard = Arc::new(Mutex::new(Vec::new()));
        let stopped = Arc::new(AtomicBool::new(false));
        let (log, stop, part) = (heard.clone(), stopped.clone(), Arc::new(part));
        let accepting = thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                // Noted at once, so that a connection counts before it has said anything.
                let at = lock(&log).len();
                lock(&log).push(Vec::new());
                let (log, part) = (log.clone(), part.clone());
                thread::spawn(move || {
                    if let Ok(bytes) = part(stream) {
                        lock(&log)[at] = bytes;
                    }
                });
            }
        });
        Self { address, heard, stopped, accepting: Some(accepting) }
    }

    /// Takes everything and says nothing.
    pub fn recording() -> Self {
        Self::start(|mut stream| {
            let mut bytes = Vec::new();
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            let _ = stream.read_to_end(&mut bytes);
            Ok(bytes)
        })
    }

    /// Reads one request, says `reply` and closes.
    pub fn replying(reply: impl Into<Vec<u8>>) -> Self {
        let reply = reply.into();
        Self::start(move |mut stream| {
            let request = read_request(&mut stream)?;
            // The client may leave in the middle of a reply that is too large for it.
            let _ = stream.write_all(&reply);
            close(stream);
            Ok(request)
        })
    }

    /// Reads one request, says `head`, and then `piece` again and again, `pause` apart, until the client
    /// leaves.
    pub fn endless(head: impl Into<Vec<u8>>, piece: impl Into<Vec<u8>>, pause: Option<Duration>) -> Self {
        let (head, piece) = (head.into(), piece.into());
        Self::start(move |mut stream| {
            let request = read_request(&mut stream)?;
            stream.write_all(&head)?;
            match pause {
                Some(pause) => send_slowly(&mut stream, std::iter::repeat(piece.as_slice()), pause),
                None => while stream.write_all(&piece).is_ok() {},
            }
            Ok(request)
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`, or another scheme.
    pub fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.address)
    }

    /// How many connections there have been.
    pub fn connections(&self) -> usize {
        lock(&self.heard).len()
    }

    /// What the connections that are over have sent.
    pub fn heard(&self) -> Vec<Vec<u8>> {
        lock(&self.heard).clone()
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the accepting thread, which sees the flag.
        let woken = TcpStream::connect(self.address).is_ok();
        if let (true, Some(thread)) = (woken, self.accepting.take()) {
            let _ = thread.join();
        }
    }
}

/// One request: its head, and as much body as its `Content-Length` says.
///
/// # Errors
/// When the connection breaks, or ends before the request does.
pub fn read_request(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut request = Vec::new();
    loop {
        if let Some(end) = request.windows(4).position(|part| part == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
            if request.len() >= end + 4 + length {
                return Ok(request);
            }
        }
        let mut piece = [0; 4096];
        match stream.read(&mut piece)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => request.extend_from_slice(&piece[..count]),
        }
    }
}

/// Sends the pieces, `pause` apart, until the client leaves.
pub fn send_slowly<'a>(stream: &mut TcpStream, pieces: impl IntoIterator<Item = &'a [u8]>, pause: Duration) {
    let (_never, quiet) = channel::<()>();
    let _ = stream.set_nodelay(true);
    for piece in pieces {
        if stream.write_all(piece).is_err() {
            return;
        }
        // Nobody sends: this is the pause.
        let _ = quiet.recv_timeout(pause);
    }
}

/// Ends the connection without losing what was said: unread bytes would turn the end into a reset.
fn close(mut stream: TcpStream) {
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    let _ = io::copy(&mut stream, &mut io::sink());
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
