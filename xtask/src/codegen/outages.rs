//! What callers notice of an outage of the token endpoint, by how a token is kept: ours and the peers', in simulated
//! time. Nothing here reads a clock, so the page that it writes is the same each time.

use std::ops::Range;

use ccauth_core::life::{Life, Next, Policy, Serve, Spread, Want};
use ccauth_core::{
    Carriage, Error, Exchange, Expiry, ExpirySource, Instant, Now, Outcome, Renewal, Timestamp, Token, detail,
};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// An endpoint whose tokens live so many seconds, and that refuses every connection for a while.
struct Vendor {
    life: u64,
    outage: Range<u64>,
    /// During the outage.
    requests: u32,
}

impl Vendor {
    /// When the token ends that somebody gets at `now`.
    fn ask(&mut self, now: u64) -> Option<u64> {
        let is_out = self.outage.contains(&now);
        self.requests += u32::from(is_out);
        (!is_out).then_some(now + self.life)
    }
}

/// A way to keep a token, which ends at the given time when it is made.
trait Keeper {
    /// Somebody calls. Whether they get a valid token, without waiting for the vendor or its failure.
    fn call(&mut self, now: u64, vendor: &mut Vendor) -> bool;

    /// Until when calls change nothing.
    fn quiet_until(&self) -> u64;
}

/// botocore's `RefreshableCredentials`: whoever calls in the last 15 minutes asks, and is told of a failure in the last 10.
struct Botocore {
    ends: u64,
}

impl Keeper for Botocore {
    fn call(&mut self, now: u64, vendor: &mut Vendor) -> bool {
        let left = self.ends.saturating_sub(now);
        if left >= 15 * MINUTE {
            return true;
        }
        let asked = vendor.ask(now);
        self.ends = asked.unwrap_or(self.ends);
        asked.is_some() || left >= 10 * MINUTE
    }

    fn quiet_until(&self) -> u64 {
        self.ends - 15 * MINUTE
    }
}

/// google-auth with refreshes in the background: from 3 minutes 45 seconds before the end; once one has failed, whoever
/// calls asks, and is told of a failure.
struct GoogleAuth {
    ends: u64,
    has_failed: bool,
}

impl Keeper for GoogleAuth {
    fn call(&mut self, now: u64, vendor: &mut Vendor) -> bool {
        if self.ends > now + 225 {
            return true;
        }
        let in_background = self.ends > now && !self.has_failed;
        let asked = vendor.ask(now);
        (self.ends, self.has_failed) = (asked.unwrap_or(self.ends), asked.is_none());
        asked.is_some() || in_background
    }

    fn quiet_until(&self) -> u64 {
        self.ends - 225
    }
}

/// Go's `oauth2.ReuseTokenSource`: whoever calls in the last 10 seconds asks, and is told of a failure.
struct Oauth2 {
    ends: u64,
}

impl Keeper for Oauth2 {
    fn call(&mut self, now: u64, vendor: &mut Vendor) -> bool {
        if self.ends > now + 10 {
            return true;
        }
        let asked = vendor.ask(now);
        self.ends = asked.unwrap_or(self.ends);
        asked.is_some()
    }

    fn quiet_until(&self) -> u64 {
        self.ends - 10
    }
}

/// Azure's bearer token policy for .NET: from 5 minutes before the end, once in 30 seconds and in the background; after
/// it, whoever calls.
struct Azure {
    ends: u64,
    next: u64,
}

impl Keeper for Azure {
    fn call(&mut self, now: u64, vendor: &mut Vendor) -> bool {
        let is_alive = self.ends > now;
        if self.ends > now + 5 * MINUTE || (is_alive && now < self.next) {
            return true;
        }
        let asked = vendor.ask(now);
        (self.ends, self.next) = (asked.unwrap_or(self.ends), now + 30);
        asked.is_some() || is_alive
    }

    fn quiet_until(&self) -> u64 {
        (self.ends - 5 * MINUTE).max(self.next.min(self.ends))
    }
}

/// librdkafka's OAUTHBEARER: from four fifths of the life, and 10 seconds after each failure, by itself while somebody
/// polls.
struct Librdkafka {
    ends: u64,
    next: u64,
}

impl Keeper for Librdkafka {
    fn call(&mut self, now: u64, vendor: &mut Vendor) -> bool {
        if now >= self.next {
            let asked = vendor.ask(now);
            self.ends = asked.unwrap_or(self.ends);
            self.next = now + if asked.is_some() { vendor.life * 4 / 5 } else { 10 };
        }
        self.ends > now
    }

    fn quiet_until(&self) -> u64 {
        self.next
    }
}

/// A source: the very code that decides in production.
struct Ccauth {
    life: Life,
    next: u64,
}

/// Seconds of the simulation as both clocks show them.
fn clocks(second: u64) -> Now {
    let second = i64::try_from(second).unwrap_or(i64::MAX);
    let wall = Timestamp::from_second(1_800_000_000 + second).unwrap_or(Timestamp::MAX);
    Now { wall, instant: Instant::from_nanos(second * 1_000_000_000) }
}

impl Keeper for Ccauth {
    fn call(&mut self, now: u64, vendor: &mut Vendor) -> bool {
        let at = clocks(now);
        loop {
            let step = self.life.next(at.instant, Want { waits: true, ..Want::default() });
            let is_served = matches!(step.serve, Serve::Fresh(_) | Serve::Stale(_));
            let Next::Send(op) = step.next else {
                let end = self.life.holding(at.instant).and_then(|holding| holding.ends);
                let next = if let Next::Wait(next) = step.next { Some(next) } else { None };
                let event = [end, next].into_iter().flatten().min();
                self.next = event.map_or(now + 1, |event| now + event.since(at.instant).as_secs().max(1));
                return is_served;
            };
            let attempt = self.life.begin(op, at.instant);
            let refused = || Error::new(&detail::CONNECT_REFUSED, "the host refused the connection");
            let outcome = vendor.ask(now).ok_or_else(refused).and_then(|ends| {
                let expiry = Expiry::at(clocks(ends).wall, ExpirySource::Server);
                Token::new(format!("token-of-{now}").into(), Carriage::Bearer, at.wall, expiry)
            });
            let outcome = outcome.map(Outcome::Token);
            self.life.learn(attempt, Exchange { sent_at: at, received_at: at, vendor_clock: None, outcome });
        }
    }

    fn quiet_until(&self) -> u64 {
        self.next
    }
}

type Make = fn(ends: u64) -> Box<dyn Keeper>;

/// Each with a token that was asked for at zero.
const KEEPERS: [(&str, Make); 6] = [
    ("ccauth", |_| {
        let descriptor = ccauth::vendor("exotel-ccm").expect("a vendor").descriptor();
        let spread = Spread::new("account", "host");
        let life =
            Life::new(descriptor, Renewal::Reissue, Policy::default().into(), spread, clocks(0).instant);
        Box::new(Ccauth { life, next: 0 })
    }),
    ("librdkafka", |ends| Box::new(Librdkafka { ends, next: ends * 4 / 5 })),
    ("azure, .NET", |ends| Box::new(Azure { ends, next: 0 })),
    ("botocore", |ends| Box::new(Botocore { ends })),
    ("google-auth", |ends| Box::new(GoogleAuth { ends, has_failed: false })),
    ("Go's x/oauth2", |ends| Box::new(Oauth2 { ends })),
];

/// Whether somebody who calls every second notices the outage, and how often the vendor is asked during it.
fn run(make: Make, life: u64, outage: Range<u64>) -> (bool, u32) {
    let (mut keeper, end) = (make(life), outage.end);
    let mut vendor = Vendor { life, outage, requests: 0 };
    let (mut now, mut is_noticed) = (0, false);
    while now < end {
        is_noticed |= !keeper.call(now, &mut vendor);
        now = keeper.quiet_until().max(now + 1);
    }
    (is_noticed, vendor.requests)
}

/// When an outage may begin: everywhere in a life, to a second, or to a few of a long one.
fn starts(life: u64) -> impl Iterator<Item = u64> {
    (1..life).step_by(usize::try_from(life / (4 * HOUR)).unwrap_or(1).max(1))
}

/// The longest outage that nobody notices, wherever it begins.
fn longest_unnoticed(make: Make, life: u64) -> u64 {
    let is_noticed = |lasts: u64| starts(life).any(|start| run(make, life, start..start + lasts).0);
    let (mut unnoticed, mut noticed) = (0, life);
    while noticed - unnoticed > 1 {
        let middle = (unnoticed + noticed) / 2;
        if is_noticed(middle) {
            noticed = middle;
        } else {
            unnoticed = middle;
        }
    }
    unnoticed
}

/// The page.
pub(crate) fn text() -> String {
    let mut text = String::from(
        "# Outages of a token endpoint

What somebody who calls every second notices of an outage, in simulated time: a call that fails, or that waits for the
vendor's failure, counts as noticed. Tokens are renewed early where the vendor does that; each way to keep one is run
against outages that begin anywhere in a token's life. The row of ccauth is the code that decides in production; the
peers are modelled by their published constants, refused at once and answered at once.

| | longest outage that nobody notices, tokens of 1 h | of 24 h | outages of 10 min that somebody notices, tokens of 1 h | requests in an outage of 1 h |
|---|---|---|---|---|
",
    );
    for (name, make) in KEEPERS {
        let [hour, day] = [HOUR, 24 * HOUR].map(|life| longest_unnoticed(make, life));
        let noticed = starts(HOUR).filter(|start| run(make, HOUR, *start..start + 10 * MINUTE).0).count();
        let share = 100.0 * noticed as f64 / starts(HOUR).count() as f64;
        let requests = starts(HOUR).map(|start| run(make, HOUR, start..start + HOUR).1).max().unwrap_or(0);
        text += &format!("| {name} | {} | {} | {share:.0} % | {requests} |\n", span(hour), span(day));
    }
    text + "
The last column is the most that one holder asks while nobody answers. An outage that is shorter than the lead (a fifth of
a life, at least 5 minutes, at most a day) is not noticed unless it ends in the last seconds of the token: tries come every
30 seconds, and every 5 in the last 30.

Where the constants stand: botocore `credentials.py`, advisory 15 and mandatory 10 minutes; google-auth `_helpers.py`,
`REFRESH_THRESHOLD`, with refreshes in the background (without, every call of the last 3 min 45 s fails); x/oauth2
`token.go`, `defaultExpiryDelta`; Azure.Core `BearerTokenAuthenticationPolicy`, 5 minutes and 30 seconds; librdkafka
`rdkafka_sasl_oauthbearer.c`.

This page is written by `cargo xtask codegen`.
"
}

fn span(seconds: u64) -> String {
    match (seconds / HOUR, seconds % HOUR / MINUTE, seconds % MINUTE) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}
