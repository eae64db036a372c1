//! A life driven without a clock, a socket or a thread: a year passes in no time.
#![allow(dead_code, reason = "each file uses a part of it")]

use std::sync::Arc;
use std::time::Duration;

use ccauth_core::life::{Learned, Life, Next, Policy, Serve, Spread, Want};
use ccauth_core::{
    Carriage, Descriptor, Detail, Error, Exchange, Expiry, ExpirySource, Instant, Lifetime, Now, Op, Outcome,
    Renewal, Timestamp, Token,
};

pub(crate) const HOUR: u64 = 3600;
pub(crate) const DAY: u64 = 24 * HOUR;

/// How long every request takes.
pub(crate) const TAKES: Duration = Duration::from_millis(100);

/// What a vendor answers.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A token of this value that lives for so many milliseconds from the request on.
    Token(String, u64),
    /// This failure, with a wait of so many seconds.
    Fail(&'static Detail, Option<u64>),
    /// It is valid.
    Valid,
}

/// Whoever answers: what is asked, when in milliseconds since the start, and the token that is held.
pub(crate) type Vendor = Box<dyn FnMut(Op, u64, Option<&str>) -> Answer>;

pub(crate) struct Sim {
    pub(crate) life: Life,
    pub(crate) now: Now,
    /// What was asked, and when in milliseconds since the start.
    pub(crate) requests: Vec<(u64, Op)>,
    /// The value of the newest token, and when it ends.
    pub(crate) newest: Option<(String, Instant)>,
    pub(crate) learned: Vec<String>,
    /// How long there was none between two tokens, in milliseconds.
    pub(crate) without_ms: u64,
    vendor: Vendor,
}

/// What a caller gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Got {
    Fresh(String),
    Stale(String),
    Wait,
    /// The detail's word, and the wait in seconds.
    Refused(&'static str, Option<u64>),
}

/// Where an [`Instant`] begins means nothing.
const START: Instant = Instant::from_nanos(-7_000_000_000);

impl Sim {
    pub(crate) fn new(mode: Renewal, vendor: impl FnMut(Op, u64, Option<&str>) -> Answer + 'static) -> Self {
        Self::with(mode, Policy::default(), [&[Op::Issue, Op::Renew], &[]], vendor)
    }

    /// The same account on the `n`-th of many machines.
    pub(crate) fn on_machine(
        n: u32,
        mode: Renewal,
        vendor: impl FnMut(Op, u64, Option<&str>) -> Answer + 'static,
    ) -> Self {
        let mut sim = Self::new(mode, vendor);
        let spread = Spread::new("account", &format!("host-{n}"));
        sim.life = Life::new(&descriptor(mode, [&[Op::Issue], &[]]), mode, Arc::default(), spread, START);
        sim
    }

    pub(crate) fn with(
        mode: Renewal,
        policy: Policy,
        operations: [&'static [Op]; 2],
        vendor: impl FnMut(Op, u64, Option<&str>) -> Answer + 'static,
    ) -> Self {
        let spread = Spread::new("account", "host");
        let life = Life::new(&descriptor(mode, operations), mode, Arc::new(policy), spread, START);
        let wall = Timestamp::from_second(1_800_000_000).expect("a time");
        Self {
            life,
            now: Now { wall, instant: START },
            requests: Vec::new(),
            newest: None,
            learned: Vec::new(),
            without_ms: 0,
            vendor: Box::new(vendor),
        }
    }

    /// Milliseconds since the start.
    pub(crate) fn ms(&self) -> u64 {
        u64::try_from(self.now.instant.since(START).as_millis()).expect("within years")
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.now.instant = self.now.instant + time;
        self.now.wall = self.now.wall.saturating_add(jiff(time)).unwrap_or(Timestamp::MAX);
    }

    fn pass_until(&mut self, at: Instant) {
        self.pass(at.since(self.now.instant));
    }

    /// Sets the wall clock ahead or back; nothing else happens.
    pub(crate) fn step_wall(&mut self, seconds: i64) {
        let step = ccauth_core::jiff::SignedDuration::from_secs(seconds);
        self.now.wall = self.now.wall.saturating_add(step).unwrap_or(self.now.wall);
    }

    /// Sends what is due.
    pub(crate) fn send(&mut self, op: Op) {
        let ms = self.ms();
        self.requests.push((ms, op));
        let attempt = self.life.begin(op, self.now.instant);
        let sent_at = self.now;
        let held = self.newest.as_ref().map(|(value, _)| value.as_str());
        let answer = (self.vendor)(op, ms, held);
        self.pass(TAKES);
        let outcome = match answer {
            Answer::Token(value, life) => {
                let life = Duration::from_millis(life);
                let end = sent_at.wall.saturating_add(jiff(life)).unwrap_or(Timestamp::MAX);
                let expiry = Expiry::at(end, ExpirySource::Server);
                let token = Token::new(value.as_str().into(), Carriage::Bearer, sent_at.wall, expiry);
                if life <= TAKES {
                    Err(Error::new(&ccauth_core::detail::TOKEN_EXPIRED, "on its way"))
                } else {
                    let ends = sent_at.instant + life;
                    let ended = self.newest.as_ref().map_or(self.now.instant, |(_, ends)| *ends);
                    let without = self.now.instant.since(ended).as_millis();
                    self.without_ms += u64::try_from(without).expect("within years");
                    match &mut self.newest {
                        Some((known, end)) if *known == value && sent_at.instant < *end => {
                            *end = ends.min(*end)
                        }
                        newest => *newest = Some((value, ends)),
                    }
                    Ok(Outcome::Token(token.expect("a token")))
                }
            }
            Answer::Fail(detail, wait) => {
                let error = Error::new(detail, "by the test").with_retry_after(wait.map(Duration::from_secs));
                Err(error.with_heard_at(self.now.instant))
            }
            Answer::Valid => Ok(Outcome::Valid(Expiry::NEVER)),
        };
        let exchange = Exchange { sent_at, received_at: self.now, vendor_clock: None, outcome };
        let learned = self.life.learn(attempt, exchange);
        self.learned.push(match learned {
            Learned::Failed(error) => error.detail().word.to_owned(),
            other => format!("{other:?}").to_lowercase(),
        });
    }

    /// Lets so many seconds pass, in which the source does what it does by itself.
    pub(crate) fn run(&mut self, seconds: u64) {
        self.run_until_ms(self.ms() + seconds * 1000);
    }

    pub(crate) fn run_until_ms(&mut self, ms: u64) {
        let end = START + Duration::from_millis(ms);
        while self.now.instant < end {
            match self.life.next(self.now.instant, Want::default()).next {
                Next::Send(op) => self.send(op),
                Next::Wait(at) => self.pass_until(at.min(end)),
                Next::Rest => self.pass_until(end),
                Next::Flying => unreachable!("nothing is under way between two steps"),
            }
        }
    }

    /// Reports the token of this value as rejected; tells whether that said anything new.
    pub(crate) fn report(&mut self, value: &str) -> bool {
        let token = Token::new(value.into(), Carriage::Bearer, self.now.wall, Expiry::NEVER);
        self.life.report_rejected(&token.expect("a token"), self.now.instant)
    }

    /// What there is to hand out now.
    pub(crate) fn peek(&self, want: Want) -> Got {
        match self.life.next(self.now.instant, want).serve {
            Serve::Fresh(token) => Got::Fresh(token.value().to_owned()),
            Serve::Stale(token) => Got::Stale(token.value().to_owned()),
            Serve::Wait => Got::Wait,
            Serve::Refuse(error) => {
                Got::Refused(error.detail().word, error.retry_after().map(|wait| wait.as_secs()))
            }
        }
    }

    /// What a caller gets who waits for a request that is under way or due in a moment.
    pub(crate) fn call(&mut self) -> Got {
        self.call_for(Duration::ZERO)
    }

    /// [`Sim::call`] for a token that lives so long.
    pub(crate) fn call_for(&mut self, min_valid: Duration) -> Got {
        let want = Want { waits: true, min_valid };
        for _ in 0..100 {
            let got = self.peek(want);
            if got != Got::Wait {
                return got;
            }
            match self.life.next(self.now.instant, want).next {
                Next::Send(op) => self.send(op),
                Next::Wait(at) => self.pass_until(at),
                next => panic!("nobody ends this wait: {next:?}"),
            }
        }
        panic!("a wait without an end");
    }

    /// The most requests in any minute.
    pub(crate) fn most_in_a_minute(&self) -> usize {
        let mut first = 0;
        let in_the_minute_before = |(n, (at, _)): (usize, &(u64, Op))| {
            while self.requests[first].0 + 60_000 <= *at {
                first += 1;
            }
            n - first + 1
        };
        self.requests.iter().enumerate().map(in_the_minute_before).max().unwrap_or_default()
    }

    /// The seconds between requests from the `n`-th on.
    pub(crate) fn gaps(&self, n: usize) -> Vec<u64> {
        self.requests.windows(2).skip(n).map(|pair| (pair[1].0 - pair[0].0) / 1000).collect()
    }
}

/// A vendor with these operations, of which those are only observed.
fn descriptor(renewal: Renewal, [operations, observed]: [&'static [Op]; 2]) -> Descriptor {
    Descriptor {
        id: "fake",
        name: "Fake",
        page: "https://docs.example.com/auth",
        fields: &[],
        operations,
        observed,
        renewal,
        carriage: Carriage::Bearer,
        basic: None,
        lifetime: Lifetime { documented: 3600, longest: 86_400 },
        base_urls: &[],
    }
}

/// Tokens t0, t1, … that live so many seconds.
pub(crate) fn tokens(life: u64) -> impl FnMut(Op, u64, Option<&str>) -> Answer {
    let mut n = 0;
    move |_, _, _| {
        n += 1;
        Answer::Token(format!("t{}", n - 1), life * 1000)
    }
}

fn jiff(time: Duration) -> ccauth_core::jiff::SignedDuration {
    ccauth_core::jiff::SignedDuration::try_from(time).expect("within centuries")
}
