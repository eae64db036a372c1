//! A reply's instants and spans: counted from the request's start, and on the vendor's clock where the
//! reply tells it.

use core::time::Duration;

use http::header::{DATE, RETRY_AFTER};
use jiff::SignedDuration;

use crate::Timestamp;
use crate::detail;
use crate::error::Error;
use crate::jwt;
use crate::reading::Reading;
use crate::token::{Expiry, ExpirySource};
use crate::value::Value;

/// The longest wait that a vendor can impose.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// Clocks and roundings differ by this much without anybody being wrong.
const SLACK: SignedDuration = SignedDuration::from_secs(5);

impl Reading<'_> {
    /// A life in seconds that began when the request was sent.
    ///
    /// Nothing usable gives the documented life. Zero or less is a token that has already ended.
    ///
    /// # Errors
    /// `expiry.milliseconds` or `expiry.too_long`, beyond the vendor's longest life.
    pub fn expires_in(&self, value: Option<&Value>) -> Result<Expiry, Error> {
        let lifetime = self.fields().descriptor().lifetime;
        match value.and_then(Value::integer) {
            None => Ok(self.after(lifetime.documented, ExpirySource::Documented)),
            Some(life) if life > lifetime.longest => Err(self.too_long(life, false)),
            Some(life) => Ok(self.after(life.max(0), ExpirySource::Server)),
        }
    }

    /// An instant in epoch seconds of the vendor's clock, moved to ours by the reply's `Date`.
    ///
    /// # Errors
    /// `expiry.past` for an instant that has passed; otherwise as [`Reading::expires_in`].
    pub fn expires_at(&self, value: Option<&Value>) -> Result<Expiry, Error> {
        match value.and_then(Value::integer) {
            None => self.expires_in(None),
            Some(epoch) => self.expires_at_epoch(epoch),
        }
    }

    /// As [`Reading::expires_at`], for an instant that the vendor writes in another form.
    ///
    /// # Errors
    /// As [`Reading::expires_at`].
    pub fn expires_at_epoch(&self, epoch: i64) -> Result<Expiry, Error> {
        let life = epoch.saturating_sub(self.server_now().as_second());
        if life <= 0 {
            return Err(self.failure(&detail::EXPIRY_PAST));
        }
        if life > self.fields().descriptor().lifetime.longest {
            return Err(self.too_long(epoch, true));
        }
        Ok(self.after(life, ExpirySource::Server))
    }

    /// The vendor's clock at the time of the reply; ours where the reply has no `Date`.
    pub fn server_now(&self) -> Timestamp {
        self.reply().headers().get(DATE).and_then(|v| http_date(v.to_str().ok()?)).unwrap_or(self.sent_at)
    }

    /// How long `Retry-After` asks to wait: seconds, or a date on the vendor's clock. Of several the
    /// longest; at most an hour; nothing for garbage.
    pub fn retry_after(&self) -> Option<Duration> {
        let values = self.reply().headers().get_all(RETRY_AFTER);
        values.iter().filter_map(|value| self.wait(value.to_str().ok()?.trim())).max()
    }

    /// The wait until an instant of the vendor's clock: at most an hour, zero when it has passed.
    pub fn wait_until(&self, at: Timestamp) -> Duration {
        let wait = at.duration_since(self.server_now()).try_into().unwrap_or(Duration::ZERO);
        MAX_RETRY_AFTER.min(wait)
    }

    fn wait(&self, text: &str) -> Option<Duration> {
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            let seconds = text.parse().unwrap_or(u64::MAX);
            return Some(MAX_RETRY_AFTER.min(Duration::from_secs(seconds)));
        }
        http_date(text).map(|at| self.wait_until(at))
    }

    pub(crate) fn after(&self, seconds: i64, source: ExpirySource) -> Expiry {
        Expiry::at(
            self.sent_at.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX),
            source,
        )
    }

    fn too_long(&self, given: i64, since_epoch: bool) -> Error {
        // Milliseconds and microseconds are a life that would be fine divided by a thousand or a million.
        // In the place of a life they may count since the epoch all the same; never the other way round,
        // since any instant divided by a million is a short life.
        let longest = self.fields().descriptor().lifetime.longest;
        let now = self.server_now().as_second();
        let fits = |n: i64| {
            (!since_epoch && n <= longest) || (n > now.saturating_sub(longest) && n - now <= longest)
        };
        let scaled = fits(given / 1000) || fits(given / 1_000_000);
        self.failure(if scaled { &detail::EXPIRY_MILLISECONDS } else { &detail::EXPIRY_TOO_LONG })
    }

    pub(crate) fn earlier_by_jwt(&self, text: &str, expiry: Expiry) -> Option<Expiry> {
        let exp = jwt::exp(text)?;
        let left = exp.saturating_sub(self.server_now().as_second()).max(0);
        let by_jwt = self.after(left, ExpirySource::Jwt);
        let with_slack = by_jwt.at?.saturating_add(SLACK).ok()?;
        expiry.at.is_none_or(|at| with_slack < at).then_some(by_jwt)
    }
}

/// A date of HTTP (RFC 9110 section 5.6.7), in any of its three forms.
pub fn http_date(text: &str) -> Option<Timestamp> {
    Timestamp::try_from(httpdate::parse_http_date(text.trim()).ok()?).ok()
}
