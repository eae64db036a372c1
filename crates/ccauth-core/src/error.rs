//! One error for every layer: a kind that says what a caller can do, a stable detail that says what
//! happened, and what the vendor said about it.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;

use crate::detail::Detail;
use crate::instant::Instant;
use crate::kind::{ErrorKind, Retry};
use crate::quote::Quoted;

/// Why a call failed. Cheap to clone, because every waiter of one request shares it. Holds no
/// credential, no token and no reply body.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    detail: &'static Detail,
    message: String,
    cure: Option<&'static str>,
    vendor: Option<&'static str>,
    http_status: Option<u16>,
    vendor_code: Option<Quoted>,
    vendor_message: Option<Quoted>,
    request_id: Option<Quoted>,
    retry_after: Option<Duration>,
    heard_at: Option<Instant>,
    os_errno: Option<i32>,
}

impl Error {
    /// A failure of `detail`'s kind. `message` says which field, host or member; it must hold no secret.
    pub fn new(detail: &'static Detail, message: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            detail,
            message: message.into(),
            cure: None,
            vendor: None,
            http_status: None,
            vendor_code: None,
            vendor_message: None,
            request_id: None,
            retry_after: None,
            heard_at: None,
            os_errno: None,
        }))
    }

    /// What a caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        self.0.detail.kind
    }

    /// Whether asking again can help.
    pub fn retry(&self) -> Retry {
        self.0.detail.retry
    }

    /// What happened, as a stable dotted word such as `tls.name`, with its cure.
    pub fn detail(&self) -> &'static Detail {
        self.0.detail
    }

    /// The sentence for people, without the fields below.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it: the cure of [`Error::detail`], or the vendor's own where it is more to the point.
    pub fn cure(&self) -> &'static str {
        self.0.cure.unwrap_or(self.0.detail.cure)
    }

    /// The id of the vendor whose call failed.
    pub fn vendor(&self) -> Option<&'static str> {
        self.0.vendor
    }

    /// The reply's HTTP status.
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// The vendor's own code, e.g. `1010` or `invalid_client`.
    pub fn vendor_code(&self) -> Option<&str> {
        self.0.vendor_code.as_deref()
    }

    /// The vendor's own words: one line, capped, with everything that looks like a secret taken out.
    pub fn vendor_message(&self) -> Option<&str> {
        self.0.vendor_message.as_deref()
    }

    /// The vendor's id of the request, for its support.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long to wait before asking again, where the vendor said so: from the moment at which the call
    /// returned, or for which [`Error::as_of`] was asked.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The operating system's error number, where there was one.
    pub fn os_errno(&self) -> Option<i32> {
        self.0.os_errno
    }

    /// Adds to the message in brackets: where it happened. `place` must hold no secret.
    #[must_use]
    pub fn with_place(mut self, place: &str) -> Self {
        let message = &mut Arc::make_mut(&mut self.0).message;
        message.push_str(&format!(" ({place})"));
        self
    }

    /// Sets another cure than the detail's.
    #[must_use]
    pub fn with_cure(mut self, cure: &'static str) -> Self {
        Arc::make_mut(&mut self.0).cure = Some(cure);
        self
    }

    /// Sets the vendor's id, unless one is set.
    #[must_use]
    pub fn with_vendor(mut self, id: &'static str) -> Self {
        Arc::make_mut(&mut self.0).vendor.get_or_insert(id);
        self
    }

    /// Sets the reply's HTTP status.
    #[must_use]
    pub fn with_http_status(mut self, status: u16) -> Self {
        Arc::make_mut(&mut self.0).http_status = Some(status);
        self
    }

    /// Sets the vendor's code.
    #[must_use]
    pub fn with_vendor_code(mut self, code: Option<Quoted>) -> Self {
        Arc::make_mut(&mut self.0).vendor_code = code;
        self
    }

    /// Sets the vendor's words.
    #[must_use]
    pub fn with_vendor_message(mut self, message: Option<Quoted>) -> Self {
        Arc::make_mut(&mut self.0).vendor_message = message;
        self
    }

    /// Sets the vendor's id of the request.
    #[must_use]
    pub fn with_request_id(mut self, id: Option<Quoted>) -> Self {
        Arc::make_mut(&mut self.0).request_id = id;
        self
    }

    /// Sets how long to wait, unless `wait` is `None`.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        Arc::make_mut(&mut self.0).retry_after = wait.or(self.0.retry_after);
        self
    }

    /// Anchors the wait: it is counted from `now`.
    #[must_use]
    pub fn with_heard_at(mut self, now: Instant) -> Self {
        Arc::make_mut(&mut self.0).heard_at = Some(now);
        self
    }

    /// The same failure for somebody who learns of it at `now`: the wait is what is left of it.
    #[must_use]
    pub fn as_of(&self, now: Instant) -> Self {
        let (Some(wait), Some(heard_at)) = (self.0.retry_after, self.0.heard_at) else { return self.clone() };
        let left = wait.saturating_sub(now.since(heard_at));
        self.clone().with_retry_after(Some(left)).with_heard_at(now)
    }

    /// Sets the operating system's error number.
    #[must_use]
    pub fn with_os_errno(mut self, errno: Option<i32>) -> Self {
        Arc::make_mut(&mut self.0).os_errno = errno;
        self
    }
}

/// `servetel: the vendor rejected the credentials: "…" (HTTP 401, retry after 30 s) [credentials.rejected]`
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let e = &*self.0;
        if let Some(vendor) = e.vendor {
            write!(f, "{vendor}: ")?;
        }
        f.write_str(&e.message)?;
        if let Some(message) = &e.vendor_message {
            write!(f, ": \"{message}\"")?;
        }
        let mut open = " (";
        let mut part = |f: &mut fmt::Formatter<'_>, text: fmt::Arguments<'_>| {
            let start = core::mem::replace(&mut open, ", ");
            write!(f, "{start}{text}")
        };
        if let Some(status) = e.http_status {
            part(f, format_args!("HTTP {status}"))?;
        }
        if let Some(code) = &e.vendor_code {
            part(f, format_args!("vendor code {code}"))?;
        }
        if let Some(id) = &e.request_id {
            part(f, format_args!("request {id}"))?;
        }
        if let Some(wait) = e.retry_after {
            part(f, format_args!("retry after {} s", wait.as_secs()))?;
        }
        if open == ", " {
            f.write_str(")")?;
        }
        write!(f, " [{}]", e.detail.word)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({}: {self})", self.kind().name())
    }
}

impl core::error::Error for Error {}
