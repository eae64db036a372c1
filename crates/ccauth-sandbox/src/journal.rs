//! What has arrived: requests with their secrets masked, connections, and the exact bytes for tests.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::account::mask;
use crate::message::Call;
use crate::wire::Tap;

/// Beyond this many, the oldest entries are forgotten.
const KEPT: usize = 10_000;

/// Beyond so many bytes of requests too.
const KEPT_BYTES: usize = 64 << 20;

/// A request with more names than this is no vendor's; the rest of them goes unlisted.
const LISTED_NAMES: usize = 100;

/// A request in the journal. Nothing in it is secret: values are masked or left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Entry {
    /// Its number, from 1.
    pub seq: u64,
    /// The connection it came over.
    pub connection: u64,
    /// Epoch seconds, by the sandbox's clock.
    pub at: i64,
    /// The vendor's id; empty below no vendor's prefix.
    pub vendor: String,
    /// What it was for: `token`, `refresh`, `protected`, …; `unknown` if nobody knows.
    pub route: String,
    /// The HTTP method.
    pub method: String,
    /// The path, with the vendor's prefix.
    pub path: String,
    /// The names of the query arguments.
    pub query_keys: Vec<String>,
    /// The headers; `Authorization` and `Cookie` are masked.
    pub headers: Vec<(String, String)>,
    /// The names of the members or arguments in the body.
    pub body_keys: Vec<String>,
    /// The status of the reply; `None` if there was none.
    pub status: Option<u16>,
    /// The fault that struck it, as `name#id`.
    pub fault: Option<String>,
}

/// A request byte for byte, secrets and all: for tests which compare what a client sends.
///
/// Only the typed [`Admin`](crate::Admin) gives these, never the HTTP interface.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Captured {
    /// The number of its journal entry.
    pub seq: u64,
    /// The HTTP method.
    pub method: String,
    /// The request target as sent, prefix and query included.
    pub target: String,
    /// The headers in the order and the letters they were sent in.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body, without its framing.
    pub body: Vec<u8>,
    /// All of it as it came over the wire, framing included.
    pub raw: Vec<u8>,
}

/// A TCP connection the sandbox has accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Connection {
    /// Its number, from 1.
    pub id: u64,
    /// `pending`, `ok`, `plain`, or why the handshake failed: a client's alert by its name.
    pub tls: String,
    /// The server name the client asked for; an address is never sent.
    pub sni: Option<String>,
    /// Bytes received within TLS, or all of them over plain HTTP.
    pub application_bytes: u64,
    /// The fault that struck it, as `name#id`.
    pub fault: Option<String>,
    /// Whether it is still open.
    pub open: bool,
}

/// Which journal entries: those that match every given member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this vendor.
    pub vendor: Option<String>,
    /// Of this route, or with this text in the path.
    pub route: Option<String>,
    /// With this status.
    pub status: Option<u16>,
}

impl Filter {
    /// Every entry.
    pub fn all() -> Filter {
        Filter::default()
    }

    /// Only this vendor.
    #[must_use]
    pub fn vendor(mut self, vendor: impl Into<String>) -> Filter {
        self.vendor = Some(vendor.into());
        self
    }

    /// Only this route, or paths with this text in them.
    #[must_use]
    pub fn route(mut self, route: impl Into<String>) -> Filter {
        self.route = Some(route.into());
        self
    }

    /// Only this status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Filter {
        self.status = Some(status);
        self
    }

    fn matches(&self, entry: &Entry) -> bool {
        let Filter { vendor, route, status } = self;
        vendor.as_ref().is_none_or(|vendor| *vendor == entry.vendor)
            && route.as_ref().is_none_or(|route| *route == entry.route || entry.path.contains(route))
            && status.is_none_or(|status| entry.status == Some(status))
    }
}

#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: VecDeque<Entry>,
    captured: VecDeque<Captured>,
    captured_bytes: usize,
    connections: VecDeque<Accepted>,
    last_seq: u64,
    last_connection: u64,
}

#[derive(Debug)]
struct Accepted {
    id: u64,
    tls: String,
    sni: Option<String>,
    fault: Option<String>,
    received: Received,
}

#[derive(Debug)]
enum Received {
    Open(Arc<Tap>),
    /// What an ended connection has received; its tap may hold a cut request.
    Ended(u64),
}

impl Journal {
    pub(crate) fn entries(&self, filter: &Filter) -> Vec<Entry> {
        self.entries.iter().filter(|entry| filter.matches(entry)).cloned().collect()
    }

    pub(crate) fn captured(&self) -> Vec<Captured> {
        self.captured.iter().cloned().collect()
    }

    /// Forgets what has arrived; the numbers go on.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.captured.clear();
        self.captured_bytes = 0;
        self.connections.retain(|connection| matches!(connection.received, Received::Open(_)));
    }

    pub(crate) fn next_seq(&mut self) -> u64 {
        self.last_seq += 1;
        self.last_seq
    }

    pub(crate) fn record(&mut self, entry: Entry, captured: Captured) {
        self.captured_bytes += captured.bytes();
        self.entries.push_back(entry);
        self.captured.push_back(captured);
        while self.entries.len() > KEPT || self.captured_bytes > KEPT_BYTES {
            self.entries.pop_front();
            self.captured_bytes -= self.captured.pop_front().map_or(0, |captured| captured.bytes());
        }
    }

    pub(crate) fn accept(&mut self, tap: Arc<Tap>, fault: Option<String>) -> u64 {
        if self.connections.len() >= KEPT {
            self.connections.pop_front();
        }
        self.last_connection += 1;
        let (id, tls) = (self.last_connection, "pending".to_owned());
        self.connections.push_back(Accepted { id, tls, sni: None, fault, received: Received::Open(tap) });
        id
    }

    pub(crate) fn note_sni(&mut self, id: u64, sni: Option<String>) {
        if let Some(connection) = self.connection(id) {
            connection.sni = sni;
        }
    }

    pub(crate) fn note_tls(&mut self, id: u64, outcome: impl Into<String>) {
        if let Some(connection) = self.connection(id) {
            connection.tls = outcome.into();
        }
    }

    pub(crate) fn note_end(&mut self, id: u64) {
        if let Some(Accepted { received, .. }) = self.connection(id) {
            *received = Received::Ended(received.total());
        }
    }

    pub(crate) fn connections(&self) -> Vec<Connection> {
        let shown = self.connections.iter().map(|Accepted { id, tls, sni, fault, received }| Connection {
            id: *id,
            tls: tls.clone(),
            sni: sni.clone(),
            application_bytes: received.total(),
            fault: fault.clone(),
            open: matches!(received, Received::Open(_)),
        });
        shown.collect()
    }

    fn connection(&mut self, id: u64) -> Option<&mut Accepted> {
        // The newest are at the end, and those are the ones that change.
        self.connections.iter_mut().rev().find(|connection| connection.id == id)
    }
}

impl Received {
    fn total(&self) -> u64 {
        match self {
            Received::Open(tap) => tap.total(),
            Received::Ended(total) => *total,
        }
    }
}

impl Captured {
    fn bytes(&self) -> usize {
        self.raw.len() + self.body.len()
    }

    /// Splits the exact bytes; `body` is what the HTTP library has unframed.
    pub(crate) fn new(seq: u64, raw: Vec<u8>, body: Vec<u8>) -> Captured {
        let end = raw.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(raw.len());
        let mut lines = raw[..end].split(|byte| *byte == b'\n').map(|line| line.trim_ascii_end());
        let request_line = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
        let mut words = request_line.split(' ').map(str::to_owned);
        let headers = lines.filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let name = String::from_utf8_lossy(&line[..colon]).into_owned();
            Some((name, line[colon + 1..].trim_ascii().to_vec()))
        });
        Captured {
            seq,
            method: words.next().unwrap_or_default(),
            target: words.next().unwrap_or_default(),
            headers: headers.collect(),
            body,
            raw,
        }
    }

    /// The value of a header, whatever the letters of its name.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice())
    }
}

impl std::fmt::Debug for Captured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Captured #{} {} with {} bytes, not shown", self.seq, self.method, self.raw.len())
    }
}

/// The headers of a request, fit to be shown.
pub(crate) fn shown_headers(call: &Call) -> Vec<(String, String)> {
    let shown = call.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        let value = match name.as_str() {
            "authorization" | "proxy-authorization" => match value.split_once(' ') {
                Some((scheme, secret)) => format!("{scheme} {}", mask(secret)),
                None => mask(&value),
            },
            "cookie" => mask(&value),
            _ => value,
        };
        (name.to_string(), value)
    });
    shown.collect()
}

/// The names in a JSON object or a form, whatever it is announced as.
pub(crate) fn body_keys(call: &Call) -> Vec<String> {
    if let Ok(Value::Object(members)) = serde_json::from_slice(&call.body) {
        return members.into_iter().map(|(name, _)| name).take(LISTED_NAMES).collect();
    }
    names(call.form_pairs())
}

pub(crate) fn query_keys(call: &Call) -> Vec<String> {
    names(call.query_pairs())
}

fn names(pairs: Vec<(String, String)>) -> Vec<String> {
    pairs.into_iter().map(|(name, _)| name).take(LISTED_NAMES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ended_connection_keeps_its_count_and_none_of_its_bytes() {
        let (mut journal, tap) = (Journal::default(), Arc::new(Tap::default()));
        tap.note(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\ncut");
        let held = Arc::downgrade(&tap);
        let id = journal.accept(tap, None);
        let before = journal.connections();
        assert!(before[0].open && held.upgrade().is_some());
        journal.note_end(id);
        assert_eq!(journal.connections()[0].application_bytes, before[0].application_bytes);
        assert!(!journal.connections()[0].open && held.upgrade().is_none());
    }
}
