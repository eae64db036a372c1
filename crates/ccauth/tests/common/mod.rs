//! Replies of Servetel's, and the wait for a token.
#![allow(dead_code, reason = "each file uses a part of it")]

use std::sync::mpsc::channel;
use std::time::Duration;

use ccauth::Source;

/// Longer than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A reply in JSON.
pub(crate) fn reply(status: u16, body: &str) -> String {
    format!("HTTP/1.1 {status} X\ncontent-type: application/json\ncontent-length: {}\n\n{body}", body.len())
}

/// A login's or a refresh's reply with this token, which lives for an hour.
pub(crate) fn granted(token: &str) -> String {
    let body =
        format!(r#"{{"success":true,"access_token":"{token}","token_type":"bearer","expires_in":3600}}"#);
    reply(200, &body)
}

/// Waits until the source has its so many-th token.
pub(crate) fn holds(source: &Source, generation: u64) {
    let (tell, told) = channel();
    let _subscription = source.subscribe(move |event| {
        let _ = tell.send(event.generation);
    });
    let mut seen = source.status().generation;
    while seen != generation {
        seen = told.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("token {seen}, not {generation}"));
    }
}
