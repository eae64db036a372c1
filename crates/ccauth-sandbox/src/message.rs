//! A request as a vendor sees it, and what the vendor says.

use std::net::IpAddr;
use std::time::Duration;

use hyper::{HeaderMap, Method};
use serde::Serialize;
use serde_json::Value;

use crate::encoding::unbase64;

pub(crate) struct Call {
    pub(crate) method: Method,
    /// The path below the vendor's prefix: `/token.php`.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) peer: IpAddr,
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        // Credentials beyond ASCII travel as raw UTF-8 where a client sends them bare.
        self.headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
    }

    /// The credentials of an `Authorization` header under that scheme, whose name has no case.
    pub(crate) fn scheme(&self, scheme: &str) -> Option<&str> {
        let (name, rest) = self.header("authorization")?.split_once(' ')?;
        name.eq_ignore_ascii_case(scheme).then(|| rest.trim_start_matches(' '))
    }

    /// The decoded `user:password` of Basic credentials, byte for byte.
    pub(crate) fn basic(&self) -> Option<Vec<u8>> {
        unbase64(self.scheme("basic")?)
    }

    /// A token that stands in `Authorization` bare, without a scheme.
    pub(crate) fn bare(&self) -> Option<&str> {
        self.header("authorization").filter(|value| !value.contains(' '))
    }

    pub(crate) fn is_type(&self, media_type: &str) -> bool {
        let sent = self.header("content-type").unwrap_or_default();
        sent.split(';').next().is_some_and(|sent| sent.trim().eq_ignore_ascii_case(media_type))
    }

    /// A JSON body that is announced as one.
    pub(crate) fn json(&self) -> Option<Value> {
        if self.is_type("application/json") { serde_json::from_slice(&self.body).ok() } else { None }
    }

    pub(crate) fn query_pairs(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.query.as_bytes()).into_owned().collect()
    }

    pub(crate) fn form_pairs(&self) -> Vec<(String, String)> {
        if !self.is_type("application/x-www-form-urlencoded") {
            return Vec::new();
        }
        form_urlencoded::parse(&self.body).into_owned().collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// How long the vendor takes over it.
    pub(crate) delay: Duration,
}

impl Reply {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Reply {
        let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        Reply { status, headers, body: body.into(), delay: Duration::ZERO }
    }

    pub(crate) fn json(status: u16, body: &impl Serialize) -> Reply {
        // Serialising a plain struct to a vector cannot fail; an empty body would show if it did.
        Reply::new(status, "application/json", serde_json::to_vec(body).unwrap_or_default())
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Reply {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    #[must_use]
    pub(crate) fn after(mut self, delay: Duration) -> Reply {
        self.delay = delay;
        self
    }

    /// Puts a header in place of every one of that name.
    pub(crate) fn set(&mut self, name: &str, value: Option<&str>) {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        if let Some(value) = value {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
    }
}
