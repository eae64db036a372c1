//! What happens in the life of a token, for logs and for those who listen.

use crate::detail::ACCOUNT_LOCKED;
use crate::error::Error;
use crate::kind::ErrorKind;
use crate::words::words;

words! {
    /// What has happened. The words are the same in logs and in every language; they are only ever added.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum EventKind {
        /// There is a token where there was none.
        Acquired "token.acquired",
        /// There is another token in place of one that is still valid.
        Refreshed "token.refreshed",
        /// The next token was asked for in vain, for another reason than the time before.
        RefreshFailed "token.refresh_failed",
        /// A token that may be dead before its time was handed out; told once of each token.
        StaleServed "token.stale_served",
        /// The token has ended, and there is no other one.
        Expired "token.expired",
        /// The token counts no more: somebody was refused with it, it was revoked, or it is another account's.
        Invalidated "token.invalidated",
        /// The vendor rejects the credentials, or the account's right to a token.
        Rejected "auth.rejected",
        /// The vendor has locked the account.
        LockoutRisk "auth.lockout_risk",
        /// The vendor throttles.
        RateLimited "vendor.rate_limited",
        /// The vendor cannot be reached, or does not answer in time.
        Unreachable "vendor.unreachable",
        /// The vendor's reply is none that its page describes.
        ResponseUnexpected "vendor.response_unexpected",
        /// The vendor's clock and this machine's differ by more than a minute; told again where that changes.
        ClockSkew "clock.skew",
        /// The token store fails, or is too slow: the source goes on without it.
        StoreDegraded "store.degraded",
        /// The token store is well again.
        StoreRecovered "store.recovered",
    }
}

impl EventKind {
    /// What a failure is besides [`EventKind::RefreshFailed`].
    pub fn of_failure(error: &Error) -> Option<Self> {
        match error.kind() {
            ErrorKind::Credentials | ErrorKind::Forbidden => Some(Self::Rejected),
            ErrorKind::RateLimited if error.detail() == &ACCOUNT_LOCKED => Some(Self::LockoutRisk),
            ErrorKind::RateLimited => Some(Self::RateLimited),
            ErrorKind::Timeout | ErrorKind::Resolve | ErrorKind::Connect | ErrorKind::Tls | ErrorKind::Io => {
                Some(Self::Unreachable)
            }
            ErrorKind::Protocol => Some(Self::ResponseUnexpected),
            _ => None,
        }
    }
}
