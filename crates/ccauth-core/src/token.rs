//! A token, its life and how it is attached to a call.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::time::Duration;

use http::{HeaderName, HeaderValue, header::AUTHORIZATION};

use crate::Timestamp;
use crate::attachment::{Attachment, pair};
use crate::carriage::Carriage;
use crate::detail::{self, TOKEN_MALFORMED};
use crate::error::Error;
use crate::quote::Quoted;
use crate::secret::Secret;
use crate::words::words;

/// The longest token that is accepted, in bytes. Headers of 16 KiB are refused by most servers.
pub const MAX_TOKEN: usize = 8 * 1024;

words! {
    /// Where an expiry comes from.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum ExpirySource {
        /// The vendor's reply, relative or absolute.
        Server "server",
        /// The `exp` of a token that is a JWT.
        Jwt "jwt",
        /// The life that the vendor's page documents: the reply said nothing usable.
        Documented "documented",
        /// There is none: the token is valid until it is revoked.
        Never "never",
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
///
/// All of it can be written down and read back: see [`Carriage::parse`], [`ExpirySource::from_name`] and
/// [`Quoted::again`].
#[derive(Clone, Debug)]
pub struct Token {
    value: Secret,
    carriage: Carriage,
    issued_at: Timestamp,
    expiry: Expiry,
    extras: Vec<(Cow<'static, str>, Quoted)>,
    warnings: Vec<Cow<'static, str>>,
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

    /// What else the vendor said, as name and words: `request_id`, `scope`, `number_of_days_left`, …
    pub fn extras(&self) -> impl Iterator<Item = (&str, &str)> {
        self.extras.iter().map(|(name, words)| (&**name, &**words))
    }

    /// One of [`Token::extras`].
    pub fn extra(&self, name: &str) -> Option<&str> {
        self.extras().find(|(known, _)| *known == name).map(|(_, words)| words)
    }

    /// What was odd about the reply, as the stable words of [`crate::warning`].
    pub fn warnings(&self) -> &[Cow<'static, str>] {
        &self.warnings
    }

    /// What a call carries, in ASCII: a header's value with its scheme, or a query's argument as [`Token::query`] gives it.
    pub fn attached(&self) -> Secret {
        match &self.carriage {
            Carriage::Query(name) => pair(name, &self.value),
            other => Secret::new(other.value(self.value())),
        }
    }

    /// What to add to a call.
    ///
    /// # Errors
    /// Kind INTERNAL alone, for a token that should not exist.
    pub fn attachment(&self) -> Result<Attachment, Error> {
        let name = match &self.carriage {
            Carriage::Query(name) => {
                return Ok(Attachment::Query { name: name.clone(), value: self.value.clone() });
            }
            Carriage::Header(name) => name.clone(),
            Carriage::Bearer | Carriage::Bare | Carriage::Basic => AUTHORIZATION,
        };
        let mut value = HeaderValue::from_str(self.attached().expose())
            .map_err(|_| Error::new(&detail::INTERNAL, "a token passed that no header can carry"))?;
        value.set_sensitive(true);
        Ok(Attachment::Header { name, value })
    }

    /// The header to attach, its value marked sensitive.
    ///
    /// # Errors
    /// `carriage.query` when the token travels in the query: use [`Token::query`].
    pub fn header(&self) -> Result<(HeaderName, HeaderValue), Error> {
        match self.attachment()? {
            Attachment::Header { name, value } => Ok((name, value)),
            Attachment::Query { .. } => {
                Err(Error::new(&detail::CARRIAGE_QUERY, "this token travels in the query: use query()"))
            }
        }
    }

    /// The query parameter to append, as `name=value` with the value percent-encoded. A URL with it must
    /// stay out of logs.
    ///
    /// # Errors
    /// `carriage.header` when the token travels in a header: use [`Token::header`].
    pub fn query(&self) -> Result<Secret, Error> {
        match self.attachment()? {
            Attachment::Query { name, value } => Ok(pair(&name, &value)),
            Attachment::Header { .. } => {
                Err(Error::new(&detail::CARRIAGE_HEADER, "this token travels in a header: use header()"))
            }
        }
    }

    /// Adds what else the vendor said. A name is added once: the first words stay.
    #[must_use]
    pub fn with_extra(mut self, name: impl Into<Cow<'static, str>>, words: Option<Quoted>) -> Self {
        let name = name.into();
        if let Some(words) = words
            && self.extra(&name).is_none()
        {
            self.extras.reserve_exact(1);
            self.extras.push((name, words.without(self.value())));
        }
        self
    }

    /// Adds a warning, once.
    #[must_use]
    pub fn with_warning(mut self, word: impl Into<Cow<'static, str>>) -> Self {
        let word = word.into();
        if !self.warnings.contains(&word) {
            self.warnings.reserve_exact(1);
            self.warnings.push(word);
        }
        self
    }

    pub(crate) fn with_issued_at(mut self, at: Timestamp) -> Self {
        self.issued_at = at;
        self
    }

    pub(crate) fn with_expiry(mut self, expiry: Expiry) -> Self {
        self.expiry = expiry;
        self
    }
}
