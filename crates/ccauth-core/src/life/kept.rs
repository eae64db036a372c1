//! What of a life is for other processes too: the token, and a failure with its wait, as the text that a store keeps.

use alloc::string::{String, ToString};

use super::held::{Doubt, Held};
use super::shift::Shift;
use super::trouble::{Class, Trouble};
use super::{Attempt, Learned, Life};
use crate::Timestamp;
use crate::carriage::Carriage;
use crate::clocks::MAX_RETRY_AFTER;
use crate::detail::{Detail, RESOURCE};
use crate::error::Error;
use crate::instant::Instant;
use crate::json::Json;
use crate::kind::ErrorKind;
use crate::op::{Op, Renewal};
use crate::ports::Now;
use crate::quote::Quoted;
use crate::secret::Secret;
use crate::token::{Expiry, ExpirySource, Token};
use crate::value::Value;

/// Of the text. Another one is not read.
const VERSION: i64 = 1;

const CLASSES: [(Class, &str); 4] = [
    (Class::Transient, "transient"),
    (Class::Throttled, "throttled"),
    (Class::Rejected, "rejected"),
    (Class::Rollover, "rollover"),
];
const SUSPECT: &str = "suspect";
const EXCHANGED: &str = "exchanged";
const DEAD: &str = "dead";

/// What was found in a store.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// What [`Life::record`] gave.
    pub record: &'a Secret,
    /// When it was found.
    pub now: Now,
    /// The origin of the clock that says so.
    pub origin: &'a str,
    /// Whether nobody else is making a request: a token that somebody else exchanges is not counted as lost before.
    pub is_alone: bool,
}

impl Life {
    /// What is to be kept of it at `now`, on a clock of this [`origin`](crate::Clock::origin). Instants are written as
    /// they are, and with the wall clock's reading beside one of them. A token that is being exchanged may be dead before
    /// anybody learns of it.
    pub fn record(&self, now: Now, origin: &str) -> Secret {
        let lives = |held: &&Held| held.ends.is_none_or(|ends| now.instant < ends);
        let held = self.held.as_ref().filter(lives).filter(|held| !held.is_foreign);
        let mut text = Json::new(held.map_or(0, |held| held.token.value().len()));
        text.number("version", VERSION).text("origin", origin);
        text.number("wall", nanos(now.wall)).number("instant", now.instant.as_nanos());
        text.number("number", i64::try_from(self.number).unwrap_or(i64::MAX));
        // While the vendor is being asked again, nobody is to be content with what it said before.
        let is_over = |trouble: &Trouble| self.flight.is_some() || trouble.until <= now.instant;
        let trouble = self.trouble.as_ref().filter(|trouble| !is_over(trouble));
        if let Some((trouble, class)) = trouble.and_then(|trouble| Some((trouble, word(trouble)?))) {
            let error = &trouble.error;
            text.open("trouble")
                .text("class", class)
                .number("count", i64::from(self.counts.of(trouble.class)));
            text.number("at", trouble.at.as_nanos()).number("until", trouble.until.as_nanos());
            text.number("wanted_until", trouble.wanted_until.as_nanos());
            text.text("detail", error.detail().word).text("message", error.message());
            if let Some(status) = error.http_status() {
                text.number("http_status", i64::from(status));
            }
            let said = [
                ("vendor_code", error.vendor_code()),
                ("vendor_message", error.vendor_message()),
                ("request_id", error.request_id()),
            ];
            for (name, said) in said {
                said.map(|said| text.text(name, said));
            }
            text.close();
        }
        if let Some(held) = held {
            let token = &held.token;
            let is_exchanged = self.flight.is_some_and(|attempt| attempt.op == Op::Renew);
            let doubt = match held.doubt {
                None if is_exchanged => EXCHANGED,
                None => "",
                Some(Doubt::Dead) => DEAD,
                Some(_) => SUSPECT,
            };
            text.open("token").number("from", held.from.as_nanos()).text("doubt", doubt);
            if let Some(ends) = held.ends {
                text.number("ends", ends.as_nanos());
            }
            text.number("issued_at", nanos(token.issued_at()));
            text.text("expiry", token.expiry().source.name());
            if let Some(at) = token.expires_at() {
                text.number("expires_at", nanos(at));
            }
            text.open("extras");
            for (name, words) in token.extras() {
                text.text(name, words);
            }
            text.close().open("warnings");
            for word in token.warnings() {
                text.text(word, "");
            }
            text.close().text("value", token.value()).close();
        }
        text.done()
    }

    /// Whether what an exchange has changed is of use to other processes.
    pub fn is_worth_keeping(&self, learned: &Learned) -> bool {
        match learned {
            Learned::Renewed | Learned::Unchanged => true,
            // The token that was to be exchanged may be good after all.
            Learned::Failed(_) if self.mode == Renewal::Refresh => true,
            Learned::Failed(_) => self.trouble.as_ref().and_then(word).is_some(),
            Learned::Confirmed | Learned::Outdated => false,
        }
    }

    /// Learns from what was kept, before `attempt` is sent, whether it needs to be: what is told is what has come of it
    /// without a request, a newer token or the failure that somebody else ran into. A token travels as `carriage` says.
    pub fn take(&mut self, attempt: Attempt, found: &Found<'_>, carriage: &Carriage) -> Option<Learned> {
        let Found { record, now, origin, is_alone } = *found;
        let record = Value::from_json(record.expose().as_bytes()).ok()?;
        if record.get("version")?.integer() != Some(VERSION) || !self.is_current(attempt) {
            return None;
        }
        let written = Now { wall: wall(record.get("wall"))?, instant: instant(record.get("instant"))? };
        let shift = Shift::between(written, record.get("origin")?.text()?, now, origin);
        let number = u64::try_from(record.get("number")?.integer()?).ok()?;
        let token = record.get("token");
        let doubt = token.and_then(|kept| kept.get("doubt")?.text());
        let is_news = if doubt == Some(EXCHANGED) && !is_alone {
            false
        } else {
            let is_newer = number > self.number;
            self.number = self.number.max(number);
            token.and_then(|kept| self.take_token(kept, is_newer, &shift, carriage)).is_some()
        };
        let failure = record.get("trouble").and_then(|kept| self.take_trouble(kept, &shift));
        let is_due = self.wish(now.instant, false).is_some_and(|(_, at)| at <= now.instant);
        let learned = match failure {
            _ if is_news && !is_due => Learned::Renewed,
            Some(error) => Learned::Failed(error),
            None => return None,
        };
        self.flight = None;
        Some(learned)
    }

    /// The token, if it is another one than what is held, and newer.
    fn take_token(&mut self, kept: &Value, is_newer: bool, shift: &Shift, carriage: &Carriage) -> Option<()> {
        let now = shift.now.instant;
        let expiry = Expiry {
            at: wall(kept.get("expires_at")),
            source: ExpirySource::from_name(kept.get("expiry")?.text()?)?,
        };
        let (value, issued_at) = (kept.get("value")?.text()?, wall(kept.get("issued_at"))?);
        let mut token = Token::new(value.into(), carriage.clone(), issued_at, expiry).ok()?;
        for (name, words) in members(kept.get("extras")) {
            token = token.with_extra(String::from(name), words.text().map(Quoted::kept));
        }
        for (word, _) in members(kept.get("warnings")) {
            token = token.with_warning(String::from(word));
        }
        let ends = match kept.get("ends") {
            None if expiry == Expiry::NEVER => None,
            ends => Some(shift.of(instant(ends)?)? - shift.margin()),
        };
        let from = shift.of(instant(kept.get("from"))?)?;
        let mut held = Held::living(token, (from, ends), self.mode, &self.policy, self.spread, self.number);
        let doubt = kept.get("doubt")?.text()?;
        held.doubt = matches!(doubt, SUSPECT | EXCHANGED).then_some(Doubt::Reported(now));
        if let Some(own) = self.held.as_mut().filter(|own| own.token.same_value(&held.token)) {
            // Somebody was refused with it, or exchanges it.
            own.doubt = own.doubt.or(held.doubt);
            return None;
        }
        let is_needed = self.held.as_ref().is_none_or(|own| !own.is_alive(now));
        if !held.is_alive(now) || !(is_newer || is_needed) {
            return None;
        }
        if doubt == DEAD {
            // It may come again, and is not called valid then.
            held.doubt = Some(Doubt::Dead);
            self.held.get_or_insert(held);
            return None;
        }
        self.held = Some(held);
        self.generation += 1;
        self.calm();
        Some(())
    }

    /// The failure, if it still asks for a wait and is newer than what is known; what it is for who asks.
    fn take_trouble(&mut self, kept: &Value, shift: &Shift) -> Option<Error> {
        let now = shift.now.instant;
        let class = kept.get("class")?.text()?;
        let (class, _) = CLASSES.into_iter().find(|(_, word)| *word == class)?;
        let at = shift.of(instant(kept.get("at"))?).unwrap_or(now);
        // A process that was just started tries what may pass by itself sooner; and a wall clock that was wrong holds
        // nobody back for years.
        let is_new = self.held.is_none() && self.trouble.is_none();
        let latest = match class {
            Class::Transient | Class::Rollover if is_new => at + self.policy.shared,
            _ => {
                let holds = self.policy.rejected.most.max(self.policy.throttled.most).max(MAX_RETRY_AFTER);
                now + holds + holds / 10
            }
        };
        let end = |name| Some(shift.since_written(instant(kept.get(name))?).min(latest));
        let (until, wanted_until) = (end("until")?, end("wanted_until")?);
        let own = self.held.as_ref().filter(|held| !held.is_foreign);
        let known = self.trouble.as_ref().map(|trouble| trouble.at).max(own.map(|held| held.from));
        if until <= now || known.is_some_and(|known| at <= known) {
            return None;
        }
        let detail = Detail::from_word(kept.get("detail")?.text()?)?;
        let said = |name| kept.get(name).and_then(Value::text).map(Quoted::kept);
        let status =
            kept.get("http_status").and_then(Value::integer).and_then(|status| u16::try_from(status).ok());
        let message = said("message").map_or_else(|| detail.clause(), |message| message.to_string());
        let mut error = Error::new(detail, message).with_vendor(self.vendor);
        error = error.with_vendor_code(said("vendor_code")).with_vendor_message(said("vendor_message"));
        error = error.with_request_id(said("request_id"));
        if let Some(status) = status {
            error = error.with_http_status(status);
        }
        let count = kept.get("count").and_then(Value::integer).and_then(|count| u32::try_from(count).ok());
        self.counts.learn(class, count.unwrap_or(1), &error);
        let trouble = Trouble::left(&error, class, at, (until, wanted_until));
        let told = trouble.as_of(now, until);
        self.trouble = Some(trouble);
        Some(told)
    }
}

/// The word of a failure that others share. Where it may be this process's own configuration that needs mending, its CA
/// file or its proxy, they do not, and neither does the process that is started with a better one.
fn word(trouble: &Trouble) -> Option<&'static str> {
    use ErrorKind::{Credentials, Forbidden, Internal, RateLimited, Revoked, Vendor};
    let kind = trouble.error.kind();
    let is_theirs = match trouble.class {
        Class::Transient | Class::Rollover => kind != Internal && trouble.error.detail() != &RESOURCE,
        Class::Throttled | Class::Rejected => {
            matches!(kind, Credentials | Forbidden | RateLimited | Revoked | Vendor)
        }
    };
    let (_, word) = CLASSES.into_iter().find(|(class, _)| is_theirs && *class == trouble.class)?;
    Some(word)
}

/// Beyond the years of 64 bits, the last of them.
fn nanos(at: Timestamp) -> i64 {
    i64::try_from(at.as_nanosecond()).unwrap_or(if at > Timestamp::UNIX_EPOCH { i64::MAX } else { i64::MIN })
}

fn wall(nanos: Option<&Value>) -> Option<Timestamp> {
    Timestamp::from_nanosecond(nanos?.integer()?.into()).ok()
}

fn instant(nanos: Option<&Value>) -> Option<Instant> {
    nanos?.integer().map(Instant::from_nanos)
}

fn members(object: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    let members = if let Some(Value::Object(members)) = object { members.as_slice() } else { &[] };
    members.iter().map(|(name, value)| (name.as_str(), value))
}
