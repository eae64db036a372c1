//! One error for every layer: a kind that says what a caller can do, a stable detail that says what
//! happened, and what the vendor said about it.

use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;

use crate::detail::Detail;
use crate::ports::Instant;
use crate::quote::Quoted;

/// Whether asking again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Retry {
    /// Not without a change of configuration, build or caller.
    No,
    /// In a moment: another call is already fetching.
    Soon,
    /// Yes, with back-off.
    Yes,
    /// Not before [`Error::retry_after`]; where the vendor names no wait, not before a minute.
    Later,
    /// Only with other credentials. Repeating locks accounts.
    UntilChanged,
    /// Once, with a new token.
    Once,
}

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident $name:literal $code:literal exit $exit:literal agent $agent:literal $retry:ident acted $acted:literal)+) => {
        /// What a caller can do about a failure. Kinds are only ever added.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $($(#[doc = $doc])+ $kind,)+
        }

        impl ErrorKind {
            /// Every kind, in the order of [`ErrorKind::code`].
            pub const ALL: &'static [ErrorKind] = &[$(ErrorKind::$kind),+];

            /// The name of the C status without its prefix, e.g. `RATE_LIMITED`.
            pub const fn name(self) -> &'static str {
                match self { $(ErrorKind::$kind => $name),+ }
            }

            /// The C status: negative, never reused.
            pub const fn code(self) -> i32 {
                match self { $(ErrorKind::$kind => $code),+ }
            }

            /// The exit status of the `ccauth` command.
            pub const fn exit_code(self) -> u8 {
                match self { $(ErrorKind::$kind => $exit),+ }
            }

            /// The HTTP status with which the agent answers.
            pub const fn agent_status(self) -> u16 {
                match self { $(ErrorKind::$kind => $agent),+ }
            }

            /// Whether asking again can help.
            pub const fn retry(self) -> Retry {
                match self { $(ErrorKind::$kind => Retry::$retry),+ }
            }

            /// Whether the vendor may have done what was asked, although the call failed: a password may be
            /// changed, a token exchanged. Where not, it certainly has not.
            pub const fn may_have_acted(self) -> bool {
                match self { $(ErrorKind::$kind => $acted),+ }
            }

            /// When it happens and what to do: the kind's documentation as text.
            pub const fn summary(self) -> &'static str {
                match self { $(ErrorKind::$kind => concat!($($doc),+).trim_ascii()),+ }
            }
        }
    };
}

// The one table of outcomes: name, C status, exit code, agent status, whether asking again can help, whether the
// vendor may have acted. docs/ERRORS.md comes from it.
kinds! {
    /// Bad configuration or argument: mend what the message names.
    Invalid "INVALID" -1 exit 3 agent 400 No acted false
    /// The vendor or this build lacks what was asked for.
    Unsupported "UNSUPPORTED" -2 exit 3 agent 404 No acted false
    /// Not now: the call does not fit the state (shut down, in a callback, before a fork).
    State "STATE" -3 exit 1 agent 409 No acted false
    /// No token is held and the caller may not wait: ask again in a moment.
    WouldBlock "WOULD_BLOCK" -4 exit 9 agent 503 Soon acted false
    /// The deadline passed.
    Timeout "TIMEOUT" -5 exit 5 agent 504 Yes acted true
    /// The vendor throttles or has locked the account for a while: wait as long as it says.
    RateLimited "RATE_LIMITED" -6 exit 7 agent 429 Later acted true
    /// Held back by ccauth after rejections or failures: wait, or change the credentials.
    Held "HELD" -7 exit 7 agent 503 Later acted false
    /// The host's name was not resolved.
    Resolve "RESOLVE" -8 exit 5 agent 502 Yes acted false
    /// No connection was made.
    Connect "CONNECT" -9 exit 5 agent 502 Yes acted false
    /// The server's certificate or the TLS handshake failed; no credential was sent.
    Tls "TLS" -10 exit 5 agent 502 Yes acted false
    /// The transfer broke off.
    Io "IO" -11 exit 5 agent 502 Yes acted true
    /// The vendor rejected the credentials: change them before asking again.
    Credentials "CREDENTIALS" -12 exit 4 agent 424 UntilChanged acted false
    /// The account is not entitled (HTTP 402 or 403): its balance, plan or permissions need the vendor.
    Forbidden "FORBIDDEN" -13 exit 4 agent 424 No acted false
    /// The token is revoked, expired or bound elsewhere: obtain a new one, once.
    Revoked "REVOKED" -14 exit 9 agent 424 Once acted false
    /// The reply is unreadable or unexpected (also a redirect or a wrong endpoint).
    Protocol "PROTOCOL" -15 exit 6 agent 502 Yes acted true
    /// The vendor failed (HTTP 5xx), or refused without a reason.
    Vendor "VENDOR" -16 exit 6 agent 502 Yes acted true
    /// The token store failed, where it was asked for by name.
    Store "STORE" -17 exit 8 agent 500 Yes acted false
    /// No such profile, token or target.
    NotFound "NOT_FOUND" -18 exit 3 agent 404 No acted false
    /// A fault of ccauth's own: report it.
    Internal "INTERNAL" -99 exit 1 agent 500 No acted true
}

/// Why a call failed. Cheap to clone, because every waiter of one request shares it. Holds no
/// credential, no token and no reply body.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    detail: &'static Detail,
    message: String,
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

    /// What happened, as a stable dotted word such as `tls.name`, with its cure.
    pub fn detail(&self) -> &'static Detail {
        self.0.detail
    }

    /// The sentence for people, without the fields below.
    pub fn message(&self) -> &str {
        &self.0.message
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
