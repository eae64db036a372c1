//! The one place that reads a clock.

use std::time::SystemTime;

use ccauth_core::Timestamp;

/// The wall clock. A clock outside the years that a timestamp can express counts as the latest.
#[expect(
    clippy::disallowed_methods,
    reason = "the one allowed site: everything else takes `now` as an argument"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::MAX)
}
