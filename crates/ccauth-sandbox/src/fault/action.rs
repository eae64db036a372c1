//! What can go wrong, as it stands in JSON: `{"type": "status", "status": 503}`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::check;

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Action {
    // HTTP: what is said.
    /// A failure with this status, in the vendor's own form.
    Status {
        /// The HTTP status.
        status: u16,
        /// A `Retry-After` header.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<RetryAfter>,
        /// More headers, as they are.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        headers: Vec<(String, String)>,
    },
    /// A redirect.
    Redirect {
        /// The HTTP status.
        #[serde(default = "found")]
        status: u16,
        /// The `Location` header, if there is to be one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        location: Option<String>,
    },
    /// This reply and no other. Its headers are the only ones, beside `Date` and `Content-Length`.
    Reply {
        /// The HTTP status.
        #[serde(default = "ok")]
        status: u16,
        /// The headers, as they are.
        #[serde(default)]
        headers: Vec<(String, String)>,
        /// The body.
        #[serde(default)]
        body: Bytes,
    },
    /// The page of a proxy or a captive portal.
    Html {
        /// The HTTP status.
        #[serde(default = "ok")]
        status: u16,
    },
    /// The vendor's reply after a byte-order mark.
    Bom {},
    /// No body.
    Empty {
        /// The HTTP status.
        #[serde(default = "ok")]
        status: u16,
    },
    /// The first bytes of the vendor's reply, with a `Content-Length` that fits them.
    Truncate {
        /// How many.
        bytes: usize,
    },
    /// The vendor's reply with every scalar member twice, a false value first.
    DuplicateKeys {},
    /// The vendor's reply with padding in front: still valid JSON.
    Huge {
        /// How much padding; without it, the padding never ends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bytes: Option<usize>,
    },
    /// The vendor's reply with one more member, of arrays in arrays.
    Nested {
        /// How many of them.
        depth: usize,
    },
    /// The vendor's failure under HTTP status 200.
    SuccessFalse {},
    /// A `Content-Encoding` nobody asked for, and a body that begins like gzip.
    ContentEncoding {
        /// The header's value.
        #[serde(default = "gzip")]
        value: String,
    },
    /// The vendor's reply under another `Content-Type`, or under none.
    ContentType {
        /// The header's value.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<String>,
    },
    /// The vendor's reply with other members, by JSON pointer (RFC 6901), or under another status.
    Edit {
        /// Values to put in.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        set: BTreeMap<String, Value>,
        /// Members to take out.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        remove: Vec<String>,
        /// The HTTP status, whatever the body says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
    },

    // Timing: when it is said.
    /// The vendor acts, and the reply leaves later.
    Delay {
        /// Milliseconds of real time.
        ms: u64,
    },
    /// The reply waits until this fault is removed: how a test scripts a race.
    Hold {},
    /// The reply leaves in small pieces, the headers too.
    Dribble {
        /// Bytes a piece.
        #[serde(default = "one")]
        bytes: usize,
        /// Milliseconds between two pieces.
        #[serde(default = "tenth")]
        interval_ms: u64,
    },
    /// Nothing more is ever sent, and the connection stays open.
    Hang {
        /// From where on.
        at: Point,
    },
    /// The connection is accepted, with a small receive window, and no request is read from it.
    NeverRead {},

    // Transport: what the connection does meanwhile.
    /// A TCP reset.
    Reset {
        /// Where.
        at: Point,
    },
    /// An orderly end of the connection in the wrong place.
    Close {
        /// Where.
        at: Point,
        /// Whether TLS says goodbye.
        #[serde(default = "yes")]
        close_notify: bool,
    },
    /// The vendor's reply with this `Content-Length`, right or wrong, and then the end of the connection.
    ContentLength {
        /// The header's value.
        value: String,
    },
    /// The vendor's reply without a length: it lasts until the connection ends.
    CloseDelimited {
        /// Ends after so many bytes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bytes: Option<usize>,
        /// Whether TLS says goodbye.
        #[serde(default = "yes")]
        close_notify: bool,
    },
    /// The vendor's reply in chunks.
    Chunked {
        /// Ends after so many bytes, without the last chunk.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bytes: Option<usize>,
    },
    /// These bytes in place of an HTTP reply, and then the end of the connection.
    Raw {
        /// The bytes.
        bytes: Bytes,
    },
    /// A status line that is none.
    GarbageStatusLine {},
    /// Headers without end.
    EndlessHeaders {},
    /// `100 Continue` again and again; with a count, the vendor's reply follows.
    InformationalFlood {
        /// How often.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        count: Option<u64>,
    },
    /// A certificate that must not be trusted.
    Certificate {
        /// What is wrong with it.
        kind: CertificateFault,
    },
    /// The server reads the ClientHello and says nothing.
    TlsStall {},
    /// Bytes that are no ServerHello: these, or the greeting of another protocol.
    TlsGarbage {
        /// For example a bare close_notify alert.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bytes: Option<Bytes>,
    },
}

/// The `Retry-After` of a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum RetryAfter {
    /// `Retry-After: 30`, negative too.
    Seconds(i64),
    /// An HTTP date, so many seconds from now by the sandbox's clock.
    Date {
        /// How far ahead; behind, when negative.
        date_in_s: i64,
    },
    /// Anything at all.
    Text(String),
}

/// A point in an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Point {
    /// When the TCP connection is accepted, before TLS.
    Accept,
    /// When the request is read, before a byte of the reply.
    BeforeReply,
    /// After the reply's headers.
    AfterHeaders,
    /// After half of the reply's body.
    MidBody,
}

/// What is wrong with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CertificateFault {
    /// It ended in 2020.
    Expired,
    /// It begins in 2090.
    NotYetValid,
    /// It is for another host.
    WrongHost,
    /// It signed itself.
    SelfSigned,
    /// Another authority signed it, as behind an inspecting proxy.
    UnknownCa,
}

/// Bytes in JSON: a string where they are UTF-8, `{"base64": …}` otherwise.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "super::http::BytesForm", try_from = "super::http::BytesForm")]
pub struct Bytes(pub Vec<u8>);

impl Action {
    /// A failure with this status, in the vendor's own form.
    pub fn status(status: u16) -> Action {
        Action::Status { status, retry_after: None, headers: Vec::new() }
    }

    /// The action's name in JSON.
    pub fn name(&self) -> &'static str {
        check::name(self)
    }

    /// Whether it strikes a connection rather than a request.
    pub(crate) fn strikes_connection(&self) -> bool {
        match self {
            Action::NeverRead {}
            | Action::Certificate { .. }
            | Action::TlsStall {}
            | Action::TlsGarbage { .. } => true,
            Action::Reset { at } | Action::Close { at, .. } => *at == Point::Accept,
            _ => false,
        }
    }

    /// Whether it sends the vendor's own reply in some shape, rather than something else or nothing.
    pub(crate) fn reshapes(&self) -> bool {
        match self {
            Action::Status { .. } | Action::Redirect { .. } | Action::Reply { .. } | Action::Html { .. } => {
                false
            }
            Action::Empty { .. } | Action::SuccessFalse {} | Action::ContentEncoding { .. } => false,
            Action::Raw { .. } | Action::GarbageStatusLine {} | Action::EndlessHeaders {} => false,
            Action::InformationalFlood { count } => count.is_some(),
            Action::Hang { at } | Action::Reset { at } | Action::Close { at, .. } => {
                matches!(at, Point::AfterHeaders | Point::MidBody)
            }
            _ => true,
        }
    }
}

fn ok() -> u16 {
    200
}

fn found() -> u16 {
    302
}

fn gzip() -> String {
    "gzip".to_owned()
}

fn one() -> usize {
    1
}

fn tenth() -> u64 {
    100
}

fn yes() -> bool {
    true
}
