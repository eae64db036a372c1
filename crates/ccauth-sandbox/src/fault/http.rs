//! The HTTP layer: what is said.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Action, Bytes, Delivery, RetryAfter, Scene, Struck};
use crate::clock::http_date;
use crate::encoding::{base64, unbase64};
use crate::message::Reply;
use crate::script::{Script, Step, head};

/// The most padding that has an end: it is held in memory.
pub(crate) const ACCEPTED_HUGE: usize = 64 << 20;

pub(super) fn strike(action: &Action, reply: Reply, scene: &mut Scene<'_>) -> Struck {
    let reply = match action {
        Action::Status { status, retry_after, headers } => {
            let mut failure = failure(*status, scene);
            if let Some(retry_after) = retry_after {
                failure.set("Retry-After", Some(&retry_after.header(scene.world.now())));
            }
            failure.headers.extend(headers.iter().cloned());
            failure
        }
        Action::Redirect { status, location } => {
            let mut redirect = Reply::new(*status, "text/html", "<html><body>Moved</body></html>");
            redirect.set("Location", location.as_deref());
            redirect
        }
        Action::Reply { status, headers, body } => {
            Reply { headers: headers.clone(), ..Reply::new(*status, "", body.0.clone()) }
        }
        Action::Html { status } => Reply::new(*status, "text/html; charset=utf-8", PROXY_PAGE),
        Action::Bom {} => Reply { body: [b"\xef\xbb\xbf", reply.body.as_slice()].concat(), ..reply },
        Action::Empty { status } => Reply { body: Vec::new(), ..Reply::new(*status, "application/json", "") },
        Action::Truncate { bytes } => {
            let mut cut = reply;
            cut.body.truncate(*bytes);
            cut
        }
        Action::DuplicateKeys {} => match serde_json::from_slice(&reply.body) {
            Ok(document) => Reply { body: doubled(&document).into_bytes(), ..reply },
            Err(_) => return missed(reply, "the reply is not JSON"),
        },
        Action::Huge { bytes: None } => return Ok(endless(&reply)),
        Action::Huge { bytes: Some(bytes) } => {
            return add_member(reply, "padding", &format!("\"{}\"", "x".repeat(*bytes)));
        }
        Action::Nested { depth } => {
            return add_member(reply, "nested", &("[".repeat(*depth) + &"]".repeat(*depth)));
        }
        Action::SuccessFalse {} => match scene.vendor {
            Some(vendor) => vendor.failure_with_200(scene.call, scene.world),
            None => Reply::new(200, "application/json", r#"{"success":false}"#),
        },
        Action::ContentEncoding { value } => {
            // A gzip header and nothing a decoder could use: the client has to refuse by the header.
            let begins_like_gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xff\xff\xff\xff".to_vec();
            Reply::new(200, "application/json", begins_like_gzip).with("Content-Encoding", value)
        }
        Action::ContentType { value } => {
            let mut mislabelled = reply;
            mislabelled.set("Content-Type", value.as_deref());
            mislabelled
        }
        Action::Edit { set, remove, status } => {
            let status = status.unwrap_or(reply.status);
            if set.is_empty() && remove.is_empty() {
                return Ok(Delivery::whole(Reply { status, ..reply }));
            }
            let Ok(mut document) = serde_json::from_slice::<Value>(&reply.body) else {
                return missed(reply, "the reply is not JSON");
            };
            let put = set.iter().all(|(pointer, value)| put(&mut document, pointer, Some(value)));
            if !(put && remove.iter().all(|pointer| self::put(&mut document, pointer, None))) {
                return missed(reply, "the reply has no such member");
            }
            Reply { status, body: document.to_string().into_bytes(), ..reply }
        }
        _ => return Err(Box::new(reply)),
    };
    Ok(Delivery::whole(reply))
}

const PROXY_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Sign in to the network</title></head>\n\
                          <body><h1>Sign in to the network</h1></body></html>\n";

fn failure(status: u16, scene: &mut Scene<'_>) -> Reply {
    match scene.vendor {
        Some(vendor) => vendor.failure(status, scene.call, scene.world),
        None => Reply::new(status, "text/plain", "failure\n"),
    }
}

/// The reply as it is, with a note why the fault changed nothing.
fn missed(reply: Reply, why: &'static str) -> Struck {
    Ok(Delivery { missed: Some(why), ..Delivery::whole(reply) })
}

/// Puts a member in front of the others of a JSON object.
fn add_member(reply: Reply, name: &str, json: &str) -> Struck {
    let Some(rest) = reply.body.strip_prefix(b"{") else {
        return missed(reply, "the reply is not a JSON object");
    };
    let comma = if rest == b"}" { "" } else { "," };
    let body = [format!("{{\"{name}\":{json}{comma}").as_bytes(), rest].concat();
    Ok(Delivery::whole(Reply { body, ..reply }))
}

/// A JSON string that never ends, in chunks.
fn endless(reply: &Reply) -> Delivery {
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
    let mut script = Script::new(head(reply, &["Transfer-Encoding: chunked"]));
    script
        .then(Step::Write(b"c\r\n{\"padding\":\"\r\n".to_vec()))
        .then(Step::Repeat(chunk.into_bytes(), None));
    Delivery::script(Some(reply.status), script)
}

/// Every scalar member twice, a false value first: parsers disagree which of the two counts.
fn doubled(document: &Value) -> String {
    match document {
        Value::Object(members) => {
            let twice = members.iter().map(|(name, value)| {
                let name = Value::from(name.as_str());
                match value {
                    Value::Object(_) | Value::Array(_) => format!("{name}:{}", doubled(value)),
                    scalar => format!("{name}:{},{name}:{scalar}", decoy(scalar)),
                }
            });
            format!("{{{}}}", twice.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(doubled).collect::<Vec<_>>().join(",")),
        scalar => scalar.to_string(),
    }
}

fn decoy(scalar: &Value) -> Value {
    match scalar {
        Value::String(text) => Value::from(format!("decoy-{text}")),
        Value::Number(_) => Value::from(1),
        Value::Bool(truth) => Value::from(!truth),
        _ => Value::from("decoy"),
    }
}

/// Puts a value at a JSON pointer, or takes it away. False if the place does not exist.
fn put(document: &mut Value, pointer: &str, value: Option<&Value>) -> bool {
    let Some((parent, last)) = pointer.rsplit_once('/') else { return false };
    // RFC 6901 section 4: `~1` first, so that `~01` stays `~1`.
    let name = last.replace("~1", "/").replace("~0", "~");
    match (document.pointer_mut(parent), value) {
        (Some(Value::Object(members)), Some(value)) => {
            members.insert(name, value.clone());
            true
        }
        (Some(Value::Object(members)), None) => members.remove(&name).is_some(),
        (Some(Value::Array(items)), Some(value)) => {
            match name.parse().ok().and_then(|at: usize| items.get_mut(at)) {
                Some(item) => {
                    item.clone_from(value);
                    true
                }
                None => false,
            }
        }
        _ => false,
    }
}

impl RetryAfter {
    fn header(&self, now: i64) -> String {
        match self {
            RetryAfter::Seconds(seconds) => seconds.to_string(),
            RetryAfter::Date { date_in_s } => http_date(now.saturating_add(*date_in_s)),
            RetryAfter::Text(text) => text.clone(),
        }
    }
}

/// How [`Bytes`] stand in JSON.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum BytesForm {
    Text(String),
    Base64 { base64: String },
}

impl From<Bytes> for BytesForm {
    fn from(bytes: Bytes) -> BytesForm {
        match String::from_utf8(bytes.0) {
            Ok(text) => BytesForm::Text(text),
            Err(error) => BytesForm::Base64 { base64: base64(error.as_bytes()) },
        }
    }
}

impl TryFrom<BytesForm> for Bytes {
    type Error = &'static str;

    fn try_from(form: BytesForm) -> Result<Bytes, &'static str> {
        match form {
            BytesForm::Text(text) => Ok(Bytes(text.into_bytes())),
            BytesForm::Base64 { base64 } => unbase64(&base64).map(Bytes).ok_or("`base64` is not base64"),
        }
    }
}

impl From<&str> for Bytes {
    fn from(text: &str) -> Bytes {
        Bytes(text.as_bytes().to_vec())
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Bytes {
        Bytes(bytes)
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_puts_replaces_and_removes() {
        let mut document: Value = serde_json::from_str(r#"{"a":{"b":1},"c":[1,2]}"#).unwrap();
        assert!(put(&mut document, "/a/b", Some(&Value::from(2))));
        assert!(put(&mut document, "/a/x~1y", Some(&Value::Null)));
        assert!(put(&mut document, "/c/1", Some(&Value::from("z"))));
        assert!(put(&mut document, "/a/b", None));
        assert_eq!(document.to_string(), r#"{"a":{"x/y":null},"c":[1,"z"]}"#);
        assert!(!put(&mut document, "/nowhere/b", Some(&Value::Null)));
        assert!(!put(&mut document, "/a/b", None));
    }

    #[test]
    fn doubled_members_carry_the_false_value_first() {
        let document: Value = serde_json::from_str(r#"{"data":{"token":"t","left":5}}"#).unwrap();
        assert_eq!(doubled(&document), r#"{"data":{"left":1,"left":5,"token":"decoy-t","token":"t"}}"#);
    }

    #[test]
    fn bytes_that_are_no_text_survive_json() {
        let bytes = Bytes(vec![0xff, 0x00]);
        let json = serde_json::to_string(&bytes).unwrap();
        assert_eq!(json, r#"{"base64":"/wA="}"#);
        assert_eq!(serde_json::from_str::<Bytes>(&json).unwrap(), bytes);
    }
}
