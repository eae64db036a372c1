//! Replies written past the HTTP library, byte by byte and pause by pause.
//!
//! hyper cannot be made to lie about a length or to stop in the middle, and should not be. So the
//! connection is taken from it once the request is read, and a script goes on with the bare stream.

use std::time::Duration;

use hyper::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::message::Reply;
use crate::wire::Wire;

#[derive(Debug)]
pub(crate) struct Script(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Write(Vec<u8>),
    /// So many times; `None` goes on until the client has had enough.
    Repeat(Vec<u8>, Option<u64>),
    Sleep(Duration),
    /// Until the client goes away.
    Hang,
    /// RST.
    Reset,
    /// close_notify and FIN.
    Close,
    /// FIN without a close_notify.
    Drop,
}

impl Script {
    pub(crate) fn new(start: Vec<u8>) -> Script {
        Script(vec![Step::Write(start)])
    }

    pub(crate) fn then(&mut self, step: Step) -> &mut Script {
        self.0.push(step);
        self
    }

    /// Plays the script to its end, or to where the client leaves: that is the client's good right.
    pub(crate) async fn play(self, mut wire: Wire) {
        for step in self.0 {
            let gone = match step {
                Step::Write(bytes) => write(&mut wire, &bytes).await.is_err(),
                Step::Repeat(bytes, times) => {
                    let mut left = times.unwrap_or(u64::MAX);
                    while left > 0 && write(&mut wire, &bytes).await.is_ok() {
                        left -= 1;
                    }
                    left > 0
                }
                Step::Sleep(pause) => {
                    tokio::time::sleep(pause).await;
                    false
                }
                Step::Hang => {
                    let mut ignored = [0; 1024];
                    while wire.read(&mut ignored).await.is_ok_and(|count| count > 0) {}
                    true
                }
                Step::Reset => {
                    wire.reset_on_drop();
                    true
                }
                Step::Close => {
                    // What the client still had to say is of no interest, but unread bytes would turn the
                    // FIN into a reset.
                    let _ = wire.shutdown().await;
                    let mut ignored = [0; 1024];
                    while wire.read(&mut ignored).await.is_ok_and(|count| count > 0) {}
                    true
                }
                Step::Drop => true,
            };
            if gone {
                return;
            }
        }
    }
}

async fn write(wire: &mut Wire, bytes: &[u8]) -> std::io::Result<()> {
    wire.write_all(bytes).await?;
    wire.flush().await
}

/// Status line and headers, with these lines at the end of them.
pub(crate) fn head(reply: &Reply, lines: &[&str]) -> Vec<u8> {
    let reason = StatusCode::from_u16(reply.status).ok().and_then(|status| status.canonical_reason());
    let mut head = format!("HTTP/1.1 {} {}\r\n", reply.status, reason.unwrap_or("Unknown"));
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    for line in lines {
        head.push_str(&format!("{line}\r\n"));
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// The whole reply as it stands on the wire, with its right length; the connection ends after it.
pub(crate) fn whole(reply: &Reply) -> Vec<u8> {
    let length = format!("Content-Length: {}", reply.body.len());
    [head(reply, &[&length, "Connection: close"]).as_slice(), &reply.body].concat()
}
