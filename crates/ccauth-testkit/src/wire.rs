//! Requests and replies as text: a head whose lines end in LF, an empty line, and the body byte for byte.

use ccauth_core::http::Response;
use ccauth_core::{Body, Place, Reply, Request};

/// A request as its exact bytes, the target in absolute form:
///
/// ```text
/// POST https://host/path HTTP/1.1
/// content-type: application/json
///
/// {"a":"b"}
/// ```
pub fn render_request(request: &Request) -> Vec<u8> {
    let (method, uri, body) = (request.method(), request.uri(), request.body());
    let mut out = format!("{method} {uri}").into_bytes();
    if body.place() == Place::Query {
        out.push(b'?');
        out.extend_from_slice(body.bytes());
    }
    out.extend_from_slice(b" HTTP/1.1\n");
    for (name, value) in request.headers() {
        out.extend_from_slice(name.as_str().as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.push(b'\n');
    }
    out.push(b'\n');
    if body.place() == Place::Content {
        out.extend_from_slice(body.bytes());
    }
    out
}

/// Reads a reply: `HTTP/1.1 200 OK`, headers, an empty line, the body to the file's last byte. A reply
/// without `Content-Length` and `Transfer-Encoding` gets the length of its body, as from a server that
/// knows it; write `connection: close` for one whose end is marked by the close alone.
///
/// # Panics
/// On a file that is not of this form.
pub fn parse_reply(bytes: &[u8]) -> Reply {
    let (head, body) = match bytes.windows(2).position(|pair| pair == b"\n\n") {
        Some(at) => (&bytes[..at], &bytes[at + 2..]),
        None => panic!("a reply without an empty line after its head"),
    };
    let head = std::str::from_utf8(head).expect("a head in UTF-8");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 ")).expect("a status line");
    let mut reply = Response::builder().status(&status[..3]);
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("no header: {line}"));
        reply = reply.header(name, value);
    }
    let mut reply = reply.body(Body::new(body.to_vec())).expect("a reply");
    let headers = reply.headers_mut();
    let framed =
        ["content-length", "transfer-encoding", "connection"].iter().any(|name| headers.contains_key(*name));
    if !framed {
        headers.insert("content-length", body.len().into());
    }
    reply
}
