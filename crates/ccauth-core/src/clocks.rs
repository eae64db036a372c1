//! A reply's instants and spans: counted from the request's start, and on the vendor's clock where the
//! reply tells it believably.

use alloc::borrow::ToOwned;
use alloc::string::ToString;
use core::time::Duration;

use http::header::{AGE, DATE, RETRY_AFTER};
use jiff::{SignedDuration, fmt::rfc2822};

use crate::Timestamp;
use crate::detail;
use crate::ends::Ends;
use crate::error::Error;
use crate::jwt;
use crate::reading::Reading;
use crate::token::{Expiry, ExpirySource};
use crate::value::Value;

/// The longest wait that a vendor can impose.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// Clocks and roundings differ by this much without anybody being wrong.
const SLACK: SignedDuration = SignedDuration::from_secs(5);

/// A `Date` further from our clock is not the vendor's: no certificate would have passed there.
const PLAUSIBLE: SignedDuration = SignedDuration::from_hours(366 * 24);

impl Reading<'_> {
    /// When the token of this reply ends.
    ///
    /// A life is counted from the request's start, less the reply's `Age`. Zero or less is a token that has
    /// already ended. Nothing, or nothing that can be read, gives the documented life.
    ///
    /// # Errors
    /// `expiry.milliseconds` or `expiry.too_long`, beyond the vendor's longest life; `expiry.past` for an instant
    /// that has passed.
    pub fn expiry(&self, ends: Ends<'_>) -> Result<Expiry, Error> {
        let lifetime = self.fields().descriptor().lifetime;
        match ends {
            Ends::In(value) => match value.and_then(Value::seconds) {
                Some(life) if life > lifetime.longest => Err(self.too_long(life, false)),
                Some(life) => Ok(self.after(life.saturating_sub(self.age()).max(0), ExpirySource::Server)),
                None => Ok(self.after(lifetime.documented, ExpirySource::Documented)),
            },
            Ends::At(value) => match value.and_then(epoch) {
                Some(epoch) => self.ends_at(epoch),
                None => Ok(self.after(lifetime.documented, ExpirySource::Documented)),
            },
            Ends::Unsaid => Ok(self.after(lifetime.documented, ExpirySource::Documented)),
        }
    }

    fn ends_at(&self, epoch: i64) -> Result<Expiry, Error> {
        let left = self.left_until(epoch);
        if left <= 0 {
            return Err(self.failure(&detail::EXPIRY_PAST));
        }
        if left > self.fields().descriptor().lifetime.longest {
            return Err(self.too_long(epoch, true));
        }
        Ok(self.after(left, ExpirySource::Server))
    }

    /// The seconds until an instant of the vendor's clock. A `Date` that would make a life longer than the
    /// documented one does not count.
    fn left_until(&self, epoch: i64) -> i64 {
        let left = |now: Timestamp| epoch.saturating_sub(now.as_second());
        let (by_date, by_ours) = (left(self.server_now()), left(self.sent_at));
        let stretched = by_date > by_ours && by_date > self.fields().descriptor().lifetime.documented;
        if stretched { by_ours } else { by_date }
    }

    /// The vendor's clock at the time of the reply, where its `Date` can be believed; otherwise ours. One that
    /// a cache kept, several that differ, and one that is years away cannot.
    pub fn server_now(&self) -> Timestamp {
        self.date().unwrap_or(self.sent_at)
    }

    pub(crate) fn date(&self) -> Option<Timestamp> {
        let headers = self.reply().headers();
        let mut dates = headers.get_all(DATE).iter().map(|value| http_date(value.to_str().ok()?));
        let date = dates.next().flatten()?;
        let alone = dates.all(|other| other == Some(date)) && !headers.contains_key(AGE);
        (alone && date.duration_since(self.sent_at).abs() <= PLAUSIBLE).then_some(date)
    }

    /// How many seconds ago a cache received this reply.
    fn age(&self) -> i64 {
        let ages = self.reply().headers().get_all(AGE).iter();
        let ages = ages.filter_map(|value| value.to_str().ok()?.trim().parse::<u32>().ok());
        ages.max().map_or(0, i64::from)
    }

    /// How long `Retry-After` asks to wait: a span, or an instant of the vendor's clock. Of several the
    /// longest; at most an hour; nothing for garbage.
    pub fn retry_after(&self) -> Option<Duration> {
        let values = self.reply().headers().get_all(RETRY_AFTER);
        values.iter().filter_map(|value| self.wait(value.to_str().ok()?)).max()
    }

    /// How long a text asks to wait: `120`, `292.05`, `30s`, `2 minutes`, a date of HTTP or mail, a date and
    /// time with its offset. Rounded up; at most an hour; several with commas between them give the longest.
    pub fn wait(&self, text: &str) -> Option<Duration> {
        let one = |text: &str| span(text).or_else(|| instant(text).map(|at| self.wait_until(at)));
        let text = text.trim();
        one(text).or_else(|| text.split(',').filter_map(one).max()).map(|wait| wait.min(MAX_RETRY_AFTER))
    }

    /// [`Reading::wait`] for a member that may be a number of seconds.
    pub fn wait_of(&self, value: &Value) -> Option<Duration> {
        match value {
            Value::Integer(seconds) => self.wait(&seconds.to_string()),
            Value::Fraction(seconds) => self.wait(&seconds.to_string()),
            other => self.wait(other.text()?),
        }
    }

    /// The wait until an instant of the vendor's clock: at most an hour, zero when it has passed.
    pub fn wait_until(&self, at: Timestamp) -> Duration {
        let wait = at.duration_since(self.server_now()).try_into().unwrap_or(Duration::ZERO);
        MAX_RETRY_AFTER.min(wait)
    }

    fn after(&self, seconds: i64, source: ExpirySource) -> Expiry {
        Expiry::at(
            self.sent_at.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX),
            source,
        )
    }

    fn too_long(&self, given: i64, since_epoch: bool) -> Error {
        // Milliseconds and microseconds are a life that would be fine divided by a thousand or a million, and not
        // much shorter than the documented one. In the place of a life they may count since the epoch all the
        // same; never the other way round, since any instant divided by a million is a short life.
        let lifetime = self.fields().descriptor().lifetime;
        let now = self.server_now().as_second();
        let fits = |n: i64| {
            (!since_epoch && (lifetime.documented / 4 * 3..=lifetime.longest).contains(&n))
                || (n > now.saturating_sub(lifetime.longest) && n - now <= lifetime.longest)
        };
        let scaled = fits(given / 1000) || fits(given / 1_000_000);
        self.failure(if scaled { &detail::EXPIRY_MILLISECONDS } else { &detail::EXPIRY_TOO_LONG })
    }

    pub(crate) fn earlier_by_jwt(&self, text: &str, expiry: Expiry) -> Option<Expiry> {
        let by_jwt = self.after(self.left_until(jwt::exp(text)?).max(0), ExpirySource::Jwt);
        let with_slack = by_jwt.at?.saturating_add(SLACK).ok()?;
        expiry.at.is_none_or(|at| with_slack < at).then_some(by_jwt)
    }
}

/// Epoch seconds as a number, or of a date and time with its offset.
fn epoch(value: &Value) -> Option<i64> {
    let by_text = || value.text()?.trim_ascii().parse().ok().map(Timestamp::as_second);
    value.seconds().or_else(by_text)
}

/// A number of seconds, or with the unit behind it.
fn span(text: &str) -> Option<Duration> {
    let text = text.trim().trim_matches('"');
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let unit = match text[end..].trim().to_ascii_lowercase().as_str() {
        "" | "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "ms" | "millisecond" | "milliseconds" => 0.001,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hour" | "hours" => 3600.0,
        _ => return None,
    };
    let number: f64 = text[..end].parse().ok()?;
    Duration::try_from_secs_f64((number * unit).ceil()).ok().or(Some(Duration::MAX))
}

fn instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let as_mail = || {
        let zone = text.strip_suffix("UTC").map(|date| date.to_owned() + "GMT");
        rfc2822::DateTimeParser::new().parse_timestamp(zone.as_deref().unwrap_or(text)).ok()
    };
    http_date(text).or_else(as_mail).or_else(|| text.parse().ok())
}

/// A date of HTTP (RFC 9110 section 5.6.7), in any of its three forms.
pub fn http_date(text: &str) -> Option<Timestamp> {
    Timestamp::try_from(httpdate::parse_http_date(text.trim()).ok()?).ok()
}
