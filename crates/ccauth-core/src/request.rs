//! Requests and replies in the `http` crate's types, over a body that is wiped and hides itself.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method};
use zeroize::Zeroizing;

use crate::basic::basic_credentials;
use crate::detail::{CONFIG_URL, CONFIG_VALUE, INTERNAL};
use crate::error::Error;
use crate::fields::Fields;

/// A request as a transport sends it.
pub type Request = http::Request<Body>;

/// A reply as a transport received it, its body whole.
pub type Reply = http::Response<Body>;

/// The bytes of a request or a reply: wiped on drop, and only their number in `Debug`.
#[derive(Clone, Default)]
pub struct Body {
    bytes: Zeroizing<Vec<u8>>,
    place: Place,
}

/// Where a request's bytes go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Into the content.
    #[default]
    Content,
    /// Behind a `?` in the target: the form-encoded arguments of a GET. They are kept here, not in the
    /// `Uri`, because a `Uri` shows itself in `Debug`.
    Query,
}

impl Body {
    /// A body of content.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes: Zeroizing::new(bytes), place: Place::Content }
    }

    /// The bytes themselves.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where the bytes go.
    pub fn place(&self) -> Place {
        self.place
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes, {:?}, redacted]", self.bytes.len(), self.place)
    }
}

/// Builds the [`Request`]s of vendors.
#[derive(Debug)]
pub struct RequestBuilder {
    request: Request,
    problem: Option<Error>,
}

impl RequestBuilder {
    /// A request to `path` below the base URL.
    pub fn new(method: Method, fields: &Fields, path: &str) -> Self {
        let mut request = Request::new(Body::default());
        *request.method_mut() = method;
        let mut problem = None;
        let base_url = fields.base_url();
        let (_, host_and_prefix) = base_url.split_once("://").unwrap_or_default();
        match format!("{base_url}{path}").parse() {
            Ok(_) if host_and_prefix.ends_with(path) => {
                let message =
                    format!("base_url: it ends with {path}, which is added to it; give what stands before");
                problem = Some(Error::new(&CONFIG_URL, message));
            }
            Ok(uri) => *request.uri_mut() = uri,
            Err(_) => problem = Some(Error::new(&CONFIG_VALUE, "the base URL and the path make no URL")),
        }
        Self { request, problem }
    }

    /// A POST to `path` below the base URL.
    pub fn post(fields: &Fields, path: &str) -> Self {
        Self::new(Method::POST, fields, path)
    }

    /// Asks for JSON.
    #[must_use]
    pub fn accept_json(self) -> Self {
        self.header(ACCEPT, "application/json")
    }

    /// Adds a header that holds no secret.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.request.headers_mut().insert(name, HeaderValue::from_static(value));
        self
    }

    /// Adds `Authorization: Basic`, its value marked sensitive. User id and password go in as UTF-8,
    /// without normalisation (RFC 7617).
    #[must_use]
    pub fn basic(self, user: &str, password: &str) -> Self {
        self.authorization(&Zeroizing::new(format!("Basic {}", basic_credentials(user, password).as_str())))
    }

    /// Adds `Authorization`, marked sensitive.
    #[must_use]
    pub fn authorization(mut self, value: &str) -> Self {
        match HeaderValue::from_str(value) {
            Ok(mut value) => {
                value.set_sensitive(true);
                self.request.headers_mut().insert(AUTHORIZATION, value);
            }
            Err(_) => {
                self.problem = Some(Error::new(&INTERNAL, "a credential passed that no header can carry"));
            }
        }
        self
    }

    /// Sets a JSON object of strings as content, in the order given.
    #[must_use]
    pub fn json(self, members: &[(&str, &str)]) -> Self {
        // Escaping takes at most six bytes for one; growing would leave copies behind.
        let room = members.iter().map(|(name, value)| 6 * (name.len() + value.len()) + 6).sum::<usize>();
        let mut bytes = Vec::with_capacity(room + 2);
        bytes.push(b'{');
        for (n, (name, value)) in members.iter().enumerate() {
            if n > 0 {
                bytes.push(b',');
            }
            self::json_string(&mut bytes, name);
            bytes.push(b':');
            self::json_string(&mut bytes, value);
        }
        bytes.push(b'}');
        self.header(CONTENT_TYPE, "application/json").body(bytes, Place::Content)
    }

    /// Sets the arguments as `application/x-www-form-urlencoded` content; behind a `?` for a GET.
    #[must_use]
    pub fn form(self, arguments: &[(&str, &str)]) -> Self {
        let room = arguments.iter().map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum();
        let mut form = form_urlencoded::Serializer::new(String::with_capacity(room));
        form.extend_pairs(arguments);
        let bytes = form.finish().into_bytes();
        if self.request.method() == Method::GET {
            self.body(bytes, Place::Query)
        } else {
            self.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(bytes, Place::Content)
        }
    }

    /// The request.
    ///
    /// # Errors
    /// `config.value` when the base URL does not fit, `config.url` when it ends with the path already.
    pub fn build(self) -> Result<Request, Error> {
        self.problem.map_or(Ok(self.request), Err)
    }

    fn body(mut self, bytes: Vec<u8>, place: Place) -> Self {
        *self.request.body_mut() = Body { bytes: Zeroizing::new(bytes), place };
        self
    }
}

fn json_string(out: &mut Vec<u8>, text: &str) {
    // In place, so that no copy is left behind. A string always serialises, and a Vec always takes it.
    let _ = serde_json::to_writer(out, text);
}
