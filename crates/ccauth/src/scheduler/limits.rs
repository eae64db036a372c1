//! How many requests are under way at once.

use ccauth_core::{Error, detail};

/// How many requests of a [`Client`](crate::Client)'s sources may be under way at once. Each takes a thread for as long
/// as it lasts. The others wait for their turn, those first for whom somebody waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Altogether; 64 unless given.
    pub in_flight: usize,
    /// To one host; 8 unless given. A host that does not answer holds up so many, and no other host's.
    pub per_host: usize,
    /// To one host at first, of requests that come together; 2 unless given. Each that goes well lets one more through,
    /// so that a thousand sources that are opened at once do not fall upon a host at once.
    pub at_first: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { in_flight: 64, per_host: 8, at_first: 2 }
    }
}

impl Limits {
    /// # Errors
    /// `config.value`, naming the field.
    pub(crate) fn check(self) -> Result<Self, Error> {
        let Self { in_flight, per_host, at_first } = self;
        let bad = |name: &str, expected: &str| {
            Err(Error::new(&detail::CONFIG_VALUE, format!("{name}: expected {expected}")))
        };
        match () {
            () if in_flight == 0 || in_flight > 1_024 => bad("in_flight", "1 to 1024 requests"),
            () if per_host == 0 || per_host > in_flight => bad("per_host", "1 request to all in_flight"),
            () if at_first == 0 || at_first > per_host => bad("at_first", "1 request to all per_host"),
            () => Ok(self),
        }
    }
}
