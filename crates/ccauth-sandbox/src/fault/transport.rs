//! The transport layer: what the connection does while the reply is under way.

use super::{Action, Delivery, Point, Struck};
use crate::message::Reply;
use crate::script::{Script, Step, head, whole};

pub(super) fn strike(action: &Action, reply: Reply) -> Struck {
    let delivery = match action {
        Action::Reset { .. } => return cut(action, &reply, Step::Reset).ok_or(Box::new(reply)),
        Action::Close { close_notify, .. } => {
            return cut(action, &reply, end(*close_notify)).ok_or(Box::new(reply));
        }
        Action::ContentLength { value } => {
            let length = format!("Content-Length: {value}");
            let mut script = Script::new(head(&reply, &[&length, "Connection: close"]));
            script.then(Step::Write(reply.body)).then(Step::Close);
            Delivery::script(Some(reply.status), script)
        }
        Action::CloseDelimited { bytes, close_notify } => {
            let mut script = Script::new(head(&reply, &["Connection: close"]));
            script.then(Step::Write(first(&reply.body, *bytes))).then(end(*close_notify));
            Delivery::script(Some(reply.status), script)
        }
        Action::Chunked { bytes } => {
            let mut script = Script::new(head(&reply, &["Transfer-Encoding: chunked", "Connection: close"]));
            script.then(Step::Write(chunked(&reply.body, *bytes))).then(Step::Close);
            Delivery::script(Some(reply.status), script)
        }
        Action::Raw { bytes } => {
            let mut script = Script::new(bytes.0.clone());
            script.then(Step::Close);
            Delivery::script(None, script)
        }
        Action::GarbageStatusLine {} => {
            let mut script = Script::new(b"BANANA/9.9 yes please\r\n\r\n{}".to_vec());
            script.then(Step::Close);
            Delivery::script(None, script)
        }
        Action::EndlessHeaders {} => {
            let mut script = Script::new(b"HTTP/1.1 200 OK\r\n".to_vec());
            script.then(Step::Repeat(b"X-Padding: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n".repeat(64), None));
            Delivery::script(None, script)
        }
        Action::InformationalFlood { count } => {
            let mut script = Script::new(Vec::new());
            script.then(Step::Repeat(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(), *count));
            script.then(Step::Write(whole(&reply))).then(Step::Close);
            Delivery::script(count.map(|_| reply.status), script)
        }
        _ => return Err(Box::new(reply)),
    };
    Ok(delivery)
}

/// The reply up to the action's point, and then `last`. `None` for a point no request reaches.
pub(super) fn cut(action: &Action, reply: &Reply, last: Step) -> Option<Delivery> {
    let (Action::Hang { at } | Action::Reset { at } | Action::Close { at, .. }) = action else { return None };
    let length = format!("Content-Length: {}", reply.body.len());
    let half = match at {
        Point::Accept => return None,
        Point::BeforeReply => {
            let mut script = Script::new(Vec::new());
            script.then(last);
            return Some(Delivery::script(None, script));
        }
        Point::AfterHeaders => Vec::new(),
        Point::MidBody => first(&reply.body, Some(reply.body.len() / 2)),
    };
    let mut script = Script::new(head(reply, &[&length]));
    script.then(Step::Write(half)).then(last);
    Some(Delivery::script(Some(reply.status), script))
}

fn end(close_notify: bool) -> Step {
    if close_notify { Step::Close } else { Step::Drop }
}

fn first(body: &[u8], bytes: Option<usize>) -> Vec<u8> {
    body[..bytes.unwrap_or(body.len()).min(body.len())].to_vec()
}

/// Chunks of sixteen bytes; a cut body announces its last chunk whole and stops within it.
fn chunked(body: &[u8], bytes: Option<usize>) -> Vec<u8> {
    let cut = bytes.unwrap_or(body.len()).min(body.len());
    let mut framed = Vec::new();
    for (at, chunk) in body.chunks(16).enumerate() {
        let start = at * 16;
        framed.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        if bytes.is_some() && cut < start + chunk.len() {
            framed.extend_from_slice(&chunk[..cut - start]);
            return framed;
        }
        framed.extend_from_slice(chunk);
        framed.extend_from_slice(b"\r\n");
    }
    if bytes.is_none() {
        framed.extend_from_slice(b"0\r\n\r\n");
    }
    framed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_chunked_body_never_ends_properly() {
        assert_eq!(chunked(b"abc", None), b"3\r\nabc\r\n0\r\n\r\n");
        assert_eq!(chunked(b"abc", Some(2)), b"3\r\nab");
        assert_eq!(chunked(b"abc", Some(3)), b"3\r\nabc\r\n", "whole, but without the last chunk");
        assert_eq!(
            chunked(&[b'x'; 18], Some(16)),
            [b"10\r\n".as_slice(), &[b'x'; 16], b"\r\n2\r\n"].concat()
        );
    }
}
