//! What vendors share when they read a reply: the checks before parsing, the token, and failures that
//! carry everything worth knowing and nothing secret. Its expiries stand in clocks.rs.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, TRANSFER_ENCODING};
use http::{HeaderMap, Uri};
use zeroize::Zeroizing;

use crate::Timestamp;
use crate::base_url::Host;
use crate::detail::{self, Detail};
use crate::ends::Ends;
use crate::error::Error;
use crate::fields::Fields;
use crate::op::Op;
use crate::quote::{self, Quoted, Shape};
use crate::request::Reply;
use crate::token::{Expiry, ExpirySource, Token};
use crate::value::Value;
use crate::warning;

/// The largest reply that is read, in bytes.
pub const MAX_BODY: usize = 64 * 1024;

/// A reply of more bytes than this explains no failure; a vendor's has less than 4 KiB.
const LARGE: usize = 16 * 1024;

/// The codings that make other bytes of a body. What else stands in `Content-Encoding` is a mistake.
const TRANSFORMING: [&str; 10] =
    ["gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress", "dcb", "dcz", "exi"];

/// One reply being read.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    op: Op,
    fields: &'a Fields,
    held: Option<&'a Token>,
    reply: &'a Reply,
    pub(crate) sent_at: Timestamp,
}

impl<'a> Reading<'a> {
    /// The reply to `op`, sent at `sent_at`.
    pub fn new(
        op: Op,
        fields: &'a Fields,
        held: Option<&'a Token>,
        reply: &'a Reply,
        sent_at: Timestamp,
    ) -> Self {
        Self { op, fields, held, reply, sent_at }
    }

    /// What was asked.
    pub fn op(&self) -> Op {
        self.op
    }

    /// The fields with which it was asked.
    pub fn fields(&self) -> &'a Fields {
        self.fields
    }

    /// The token that was held when it was asked.
    pub fn held(&self) -> Option<&'a Token> {
        self.held
    }

    /// The reply as it came, for a header that only one vendor has.
    pub fn reply(&self) -> &'a Reply {
        self.reply
    }

    /// The reply's HTTP status.
    pub fn status(&self) -> u16 {
        self.reply.status().as_u16()
    }

    /// The reply's document.
    ///
    /// # Errors
    /// What is wrong with the body; where the status is not 2xx, what the status says, since a proxy's or
    /// a server's error page need not parse.
    pub fn json(&self) -> Result<Value, Error> {
        let value = Value::from_json(self.bytes()?).map_err(|detail| self.unreadable(detail))?;
        if matches!(value, Value::Object(_)) { Ok(value) } else { Err(self.unreadable(&detail::BODY_MEMBER)) }
    }

    /// The reply's bytes, for a vendor with a format of its own.
    ///
    /// # Errors
    /// `body.encoding` and `body.too_large`; where the status is not 2xx, what the status says.
    pub fn bytes(&self) -> Result<&'a [u8], Error> {
        if self.encodings().any(|coding| TRANSFORMING.iter().any(|known| known.eq_ignore_ascii_case(coding)))
        {
            return Err(self.unreadable(&detail::BODY_ENCODING));
        }
        let bytes = self.reply.body().bytes();
        if bytes.len() > MAX_BODY { Err(self.unreadable(&detail::BODY_TOO_LARGE)) } else { Ok(bytes) }
    }

    /// The codings that the reply calls itself encoded by.
    fn encodings(&self) -> impl Iterator<Item = &'a str> {
        let values = self.reply.headers().get_all(CONTENT_ENCODING).iter();
        let codings = values.flat_map(|value| value.to_str().unwrap_or("?").split(','));
        codings.map(str::trim).filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"))
    }

    /// A body that cannot be used: the status tells more than the body where it is not 2xx.
    pub fn unreadable(&self, detail: &'static Detail) -> Error {
        self.failure(self.by_status().unwrap_or(detail))
    }

    /// What the HTTP status alone says; `None` for 2xx.
    pub fn by_status(&self) -> Option<&'static Detail> {
        self.by_code(self.status())
    }

    /// What an HTTP status says that the vendor writes into its document; `None` for 2xx.
    pub fn by_code(&self, status: u16) -> Option<&'static Detail> {
        Some(match status {
            200..=299 => return None,
            300..=399 => &detail::REDIRECT,
            // A renewal sends nothing but the token, so a request that is called wrong is a wrong token.
            400 | 422 if self.op == Op::Renew => &detail::TOKEN_REJECTED,
            400 | 422 => &detail::REQUEST_REFUSED,
            401 => match self.op {
                Op::Issue | Op::ChangePassword => &detail::CREDENTIALS_REJECTED,
                Op::Renew | Op::Validate | Op::Revoke => &detail::TOKEN_REJECTED,
            },
            402 | 403 => &detail::NOT_ENTITLED,
            404 | 405 | 410 => &detail::ENDPOINT_WRONG,
            407 => &detail::PROXY_REFUSED,
            408 | 425 | 429 => &detail::VENDOR_THROTTLED,
            423 => &detail::ACCOUNT_LOCKED,
            500..=599 => &detail::VENDOR_FAULT,
            _ => &detail::STATUS_UNEXPECTED,
        })
    }

    /// A failure with this cause, carrying vendor, HTTP status and the wait that the reply asks for. Of a
    /// redirect's target it names the host alone.
    pub fn failure(&self, detail: &'static Detail) -> Error {
        let mut message = detail.clause();
        if let Some(host) = self.target().filter(|_| *detail == detail::REDIRECT) {
            message = format!("{message} (to the host {})", quote::masked(&host.name, self.secrets()));
        }
        Error::new(detail, message)
            .with_vendor(self.fields.descriptor().id)
            .with_http_status(self.status())
            .with_retry_after(self.retry_after())
    }

    /// The host that a redirect leads to.
    fn target(&self) -> Option<Host> {
        let target: Uri = self.reply.headers().get(LOCATION)?.to_str().ok()?.parse().ok()?;
        matches!(target.scheme_str(), Some("https" | "http")).then(|| Host::parse(target.host()?)).flatten()
    }

    /// A vendor's words as they may stand in an error: one line, at most 160 characters, without any
    /// secret of this exchange and without any word that could be one.
    pub fn quote(&self, text: &str) -> Option<Quoted> {
        self.quote_as(text, Shape::Words)
    }

    fn quote_as(&self, text: &str, shape: Shape) -> Option<Quoted> {
        // An id goes with a token as well, where the token itself is looked for; two or three letters hold none.
        let looks = shape == Shape::Words && text.len() > 3;
        if looks && self.reply.body().bytes().len() > LARGE {
            // To look through it for its own tokens would take as much memory again.
            return Some(Quoted::withheld());
        }
        let own = if looks { self.own_tokens() } else { Vec::new() };
        quote::quote(text, || self.secrets().chain(own.iter().map(|token| token.as_str())), shape)
    }

    /// What this reply itself calls a token or a secret: words without blanks in a member of such a name.
    fn own_tokens(&self) -> Vec<Zeroizing<String>> {
        let mut found = Vec::new();
        if let Ok(document) = Value::from_json(self.reply.body().bytes()) {
            document.visit(&mut |name, text| {
                let name = name.to_ascii_lowercase();
                let telling = ["token", "secret", "password"].iter().any(|word| name.contains(word));
                if (telling || name == "data") && name != "token_type" && !text.contains(char::is_whitespace)
                {
                    found.push(Zeroizing::new(text.to_string()));
                }
            });
        }
        found
    }

    fn secrets(&self) -> impl Iterator<Item = &str> {
        self.fields.secrets().chain(self.held.map(Token::value))
    }

    /// [`Reading::quote`] for a member that may be text or number.
    pub fn quote_value(&self, value: Option<&Value>) -> Option<Quoted> {
        let value = value?;
        match value.text() {
            Some(text) => self.quote(text),
            None => self.quote(&value.integer()?.to_string()),
        }
    }

    /// [`Reading::quote_value`] for the vendor's id of the request: up to 32 hex digits, with dashes or without, are
    /// none of a token there.
    pub fn quote_id(&self, value: Option<&Value>) -> Option<Quoted> {
        match value?.text() {
            Some(id) => self.quote_id_text(id),
            None => self.quote_value(value),
        }
    }

    pub(crate) fn quote_id_text(&self, id: &str) -> Option<Quoted> {
        let hex = id.len() <= 36 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
        self.quote_as(id, if hex { Shape::Id } else { Shape::Words })
    }

    /// [`Reading::quote`] word by word, but for words of ours: those are shown as they are.
    pub fn quote_words<'w>(&self, words: impl Iterator<Item = &'w str>, ours: &[&str]) -> Quoted {
        let quoted = Quoted::joined(words.filter_map(|word| match ours.contains(&word) {
            true => Some(Quoted::ours(word)),
            false => self.quote(word),
        }));
        // A secret of several words is none of them.
        self.secrets().fold(quoted, Quoted::without)
    }

    /// A token of this reply, with what every vendor's token goes through: the characters are checked, a
    /// JWT's own `exp` wins where it is earlier, and oddities of the reply are noted.
    ///
    /// # Errors
    /// As [`Reading::expiry`]; the status's failure outside 2xx, whatever the body holds; `body.member`;
    /// `token.malformed`.
    pub fn token(&self, value: Option<&Value>, ends: Ends<'_>) -> Result<Token, Error> {
        let expiry = self.expiry(ends)?;
        let token = self.checked_token(value, expiry)?;
        Ok(match ends {
            Ends::In(said) | Ends::At(said) if expiry.source == ExpirySource::Documented => {
                let silent = |said: &Value| {
                    said.text().map_or(matches!(said, Value::Null), |text| text.trim_ascii().is_empty())
                };
                let unreadable = said.is_some_and(|said| !silent(said));
                token.with_warning(if unreadable {
                    warning::EXPIRY_UNREADABLE
                } else {
                    warning::EXPIRY_MISSING
                })
            }
            _ => token,
        })
    }

    fn checked_token(&self, value: Option<&Value>, expiry: Expiry) -> Result<Token, Error> {
        if let Some(detail) = self.by_status() {
            return Err(self.failure(detail));
        }
        let Some(text) = value.and_then(Value::text) else {
            return Err(self.failure(&detail::BODY_MEMBER));
        };
        let mut token = Token::new(text.into(), self.fields.carriage().clone(), self.sent_at, expiry)
            .map_err(|e| self.failure(e.detail()))?;
        if let Some(by_jwt) = self.earlier_by_jwt(text, expiry) {
            token = token.with_expiry(by_jwt).with_warning(warning::EXPIRY_JWT_EARLIER);
        }
        if token.is_expired(self.sent_at) {
            token = token.with_warning(warning::EXPIRY_ELAPSED);
        }
        if self.encodings().next().is_some() {
            token = token.with_warning(warning::BODY_ENCODING);
        }
        let headers = self.reply.headers();
        if is_close_delimited(headers) {
            token = token.with_warning(warning::BODY_CLOSE_DELIMITED);
        }
        // PHP calls everything HTML, so a document that parses counts whatever it is called.
        let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.to_ascii_lowercase();
        if !kind.contains("json") && !kind.contains("xml") {
            token = token.with_warning(warning::BODY_CONTENT_TYPE);
        }
        Ok(token)
    }

    /// Notes a `token_type` that is not Bearer. It is shown, never acted upon.
    pub fn typed(&self, token: Token, token_type: Option<&Value>) -> Token {
        match token_type.and_then(Value::text) {
            Some(kind) if !kind.eq_ignore_ascii_case("bearer") => {
                token.with_extra("token_type", self.quote(kind)).with_warning(warning::TOKEN_TYPE)
            }
            _ => token,
        }
    }
}

/// Whether only the connection's close marks the end of a reply with these headers: no length is told, and no coding
/// that tells one.
pub fn is_close_delimited(headers: &HeaderMap) -> bool {
    let codings = headers.get_all(TRANSFER_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut codings = codings.flat_map(|value| value.split(','));
    !headers.contains_key(CONTENT_LENGTH)
        && !codings.any(|coding| coding.trim().eq_ignore_ascii_case("chunked"))
}

/// Leaves out the reply's headers: a vendor may put a token there.
impl fmt::Debug for Reading<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading")
            .field("op", &self.op)
            .field("login", self.fields)
            .field("held", &self.held)
            .field("status", &self.status())
            .field("body", self.reply.body())
            .field("sent_at", &self.sent_at)
            .finish()
    }
}
