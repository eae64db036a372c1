//! A token endpoint that does nothing else: over clear text, one thread for all.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime;

/// The bytes of a token, unless it is said otherwise.
pub const LEN: usize = 1_024;
/// Those of a JWT with few claims.
pub const SHORT: usize = 350;

/// Starts so many hosts, and tells their URLs. Each request is answered after `delay` with a token of so many bytes, in
/// the way of Servetel's login and of OAuth 2.
pub fn start(hosts: usize, delay: Duration, len: usize) -> std::io::Result<Vec<String>> {
    let listeners =
        (0..hosts).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).collect::<Result<Vec<_>, _>>()?;
    let url = |listener: &TcpListener| listener.local_addr().map(|address| format!("http://{address}"));
    let urls = listeners.iter().map(url).collect::<Result<Vec<_>, _>>()?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    thread::spawn(move || {
        runtime.block_on(async {
            for listener in listeners {
                tokio::spawn(listen(listener, delay, len));
            }
            std::future::pending::<()>().await;
        })
    });
    Ok(urls)
}

async fn listen(listener: TcpListener, delay: Duration, len: usize) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(answer(stream, delay, len));
    }
}

/// Every request of a connection.
async fn answer(mut stream: TcpStream, delay: Duration, len: usize) -> std::io::Result<()> {
    let mut request = Vec::new();
    while stream.read_buf(&mut request).await? > 0 {
        if let Some(end) = end(&request) {
            tokio::time::sleep(delay).await;
            stream.write_all(reply(len).as_bytes()).await?;
            request.drain(..end);
        }
    }
    Ok(())
}

/// Another token each time.
fn reply(len: usize) -> String {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let n = LAST.fetch_add(1, Ordering::Relaxed);
    let body =
        format!(r#"{{"success":true,"access_token":"{n:t>len$}","token_type":"bearer","expires_in":3600}}"#);
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json";
    format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// Where a request ends that is here as a whole.
fn end(request: &[u8]) -> Option<usize> {
    let head = request.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let length = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
    let length = length.lines().find_map(|line| line.strip_prefix("content-length:"));
    let end = head + length.map_or(Ok(0), |length| length.trim().parse()).unwrap_or(0);
    (request.len() >= end).then_some(end)
}
