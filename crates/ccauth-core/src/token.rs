//! A token, its life and how it is attached to a call.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use form_urlencoded::byte_serialize;
use http::{HeaderName, HeaderValue, header::AUTHORIZATION};
use zeroize::Zeroizing;

use crate::Timestamp;
use crate::carriage::Carriage;
use crate::detail::{self, TOKEN_MALFORMED};
use crate::error::Error;
use crate::secret::Secret;

/// The longest token that is accepted, in bytes. Headers of 16 KiB are refused by most servers.
pub const MAX_TOKEN: usize = 8 * 1024;

/// Where an expiry comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExpirySource {
    /// The vendor's reply, relative or absolute.
    Server,
    /// The `exp` of a token that is a JWT.
    Jwt,
    /// The life that the vendor's page documents: the reply said nothing usable.
    Documented,
    /// There is none: the token is valid until it is revoked.
    Never,
}

impl ExpirySource {
    /// The stable word: `server`, `jwt`, `documented` or `never`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Jwt => "jwt",
            Self::Documented => "documented",
            Self::Never => "never",
        }
    }
}

/// When a token ends, on this machine's clock, and who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// The first instant at which the token is no longer valid; `None` with [`ExpirySource::Never`] alone.
    pub at: Option<Timestamp>,
    /// Who says so.
    pub source: ExpirySource,
}

impl Expiry {
    /// No end.
    pub const NEVER: Self = Self { at: None, source: ExpirySource::Never };

    /// Ends at `at`.
    pub const fn at(at: Timestamp, source: ExpirySource) -> Self {
        Self { at: Some(at), source }
    }

    /// Whether it has passed at `now`.
    pub fn is_past(&self, now: Timestamp) -> bool {
        self.at.is_some_and(|at| at <= now)
    }

    /// What is left at `now`: zero when it has passed, `None` when there is no end.
    pub fn left(&self, now: Timestamp) -> Option<Duration> {
        self.at.map(|at| at.duration_since(now).try_into().unwrap_or(Duration::ZERO))
    }
}

/// A token: exactly the bytes of one vendor reply, or what a user pasted. Never empty, cut, or holding
/// controls. Wiped on drop; `Debug` hides the value.
#[derive(Clone, Debug)]
pub struct Token {
    value: Secret,
    carriage: Carriage,
    issued_at: Timestamp,
    expiry: Expiry,
    extras: Vec<(&'static str, String)>,
    warnings: Vec<&'static str>,
}

impl Token {
    /// A token of `value`, asked for at `issued_at`.
    ///
    /// # Errors
    /// `token.malformed` when `value` is empty, longer than [`MAX_TOKEN`], or holds anything but visible
    /// ASCII without quotes, backslash, comma, semicolon and angle brackets: none of these occurs in a
    /// token of any vendor, and each can break out of a header or betrays an error page.
    pub fn new(
        value: Secret,
        carriage: Carriage,
        issued_at: Timestamp,
        expiry: Expiry,
    ) -> Result<Self, Error> {
        let text = value.expose();
        if text.is_empty() {
            return Err(Error::new(&TOKEN_MALFORMED, "the token is empty"));
        }
        if text.len() > MAX_TOKEN {
            return Err(Error::new(&TOKEN_MALFORMED, "the token is longer than 8 KiB"));
        }
        if !text.bytes().all(|b| b.is_ascii_graphic() && !br#""\,;<>"#.contains(&b)) {
            return Err(Error::new(&TOKEN_MALFORMED, "the token holds characters that no token has"));
        }
        Ok(Self { value, carriage, issued_at, expiry, extras: Vec::new(), warnings: Vec::new() })
    }

    /// The bare token.
    pub fn value(&self) -> &str {
        self.value.expose()
    }

    /// Whether `other` holds the same bytes: a vendor that re-serves a live token gives an equal one.
    pub fn same_value(&self, other: &Token) -> bool {
        self.value == other.value
    }

    /// How it travels.
    pub fn carriage(&self) -> &Carriage {
        &self.carriage
    }

    /// When the request for it started: its life is counted from there, so never later than the vendor's.
    pub fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// When it ends and who says so.
    pub fn expiry(&self) -> Expiry {
        self.expiry
    }

    /// When it ends; `None` when it is valid until revoked.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expiry.at
    }

    /// Whether it has ended at `now`.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expiry.is_past(now)
    }

    /// What else the vendor said: `request_id`, `scope`, `number_of_days_left`, …
    pub fn extras(&self) -> &[(&'static str, String)] {
        &self.extras
    }

    /// One of [`Token::extras`].
    pub fn extra(&self, name: &str) -> Option<&str> {
        self.extras.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// What was odd about the reply, as the stable words of [`crate::warning`].
    pub fn warnings(&self) -> &[&'static str] {
        &self.warnings
    }

    /// The header to attach, its value marked sensitive.
    ///
    /// # Errors
    /// `carriage.query` when the token travels in the query: use [`Token::query`].
    pub fn header(&self) -> Result<(HeaderName, HeaderValue), Error> {
        let name = match &self.carriage {
            Carriage::Query(_) => {
                return Err(Error::new(
                    &detail::CARRIAGE_QUERY,
                    "this token travels in the query: use query()",
                ));
            }
            Carriage::Header(name) => name.clone(),
            Carriage::Bearer | Carriage::Bare | Carriage::Basic => AUTHORIZATION,
        };
        let value = Zeroizing::new(self.carriage.value(self.value()));
        let mut value = HeaderValue::from_str(&value)
            .map_err(|_| Error::new(&detail::INTERNAL, "a token passed that no header can carry"))?;
        value.set_sensitive(true);
        Ok((name, value))
    }

    /// The query parameter to append, as `name=value` with the value percent-encoded. A URL with it must
    /// stay out of logs.
    ///
    /// # Errors
    /// `carriage.header` when the token travels in a header: use [`Token::header`].
    pub fn query(&self) -> Result<Secret, Error> {
        match &self.carriage {
            Carriage::Query(name) => {
                let mut pair = String::with_capacity(name.len() + 1 + 3 * self.value().len());
                pair.push_str(name);
                pair.push('=');
                pair.extend(byte_serialize(self.value().as_bytes()));
                Ok(Secret::new(pair))
            }
            _ => Err(Error::new(&detail::CARRIAGE_HEADER, "this token travels in a header: use header()")),
        }
    }

    /// Adds what else the vendor said. A name is added once: the first value stays.
    #[must_use]
    pub fn with_extra(mut self, name: &'static str, value: Option<String>) -> Self {
        if let Some(value) = value
            && self.extra(name).is_none()
        {
            self.extras.push((name, value));
        }
        self
    }

    /// Adds a warning, once.
    #[must_use]
    pub fn with_warning(mut self, word: &'static str) -> Self {
        if !self.warnings.contains(&word) {
            self.warnings.push(word);
        }
        self
    }

    pub(crate) fn with_expiry(mut self, expiry: Expiry) -> Self {
        self.expiry = expiry;
        self
    }
}
