//! What a caller can do about a failure: the one table of outcomes.

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
    /// Not before [`Error::retry_after`](crate::Error::retry_after); where the vendor names no wait, not before a minute. Often
    /// somebody has to mend something first.
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

            /// Whether asking again can help, for most causes of this kind: see [`Error::retry`](crate::Error::retry).
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
