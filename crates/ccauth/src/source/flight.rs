//! One request at a time: who makes it, and how everybody else waits for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use ccauth_core::life::{Attempt, Learned, Life, Next, Serve, Want};
use ccauth_core::{Error, Exchange, Instant, Op, Outcome, Token, detail};

use super::{Inner, State};
use crate::account::Account;

/// The longest that a thread sleeps before it looks again.
const SLICE: Duration = Duration::from_secs(30);

/// Enough for TLS; glibc's own default is 8 MiB.
const STACK: usize = 512 * 1024;

/// How a source stands for somebody who asks.
pub(super) struct Look {
    /// The token, or why there is none; `None` where there is something to wait for.
    served: Option<Result<Token, Error>>,
    /// How many requests have ended.
    ended: u64,
    /// When it is worth looking again.
    pub(super) until: Option<Instant>,
}

/// A request that is about to be made.
#[derive(Clone)]
struct Departure {
    attempt: Attempt,
    account: Account,
    held: Option<Token>,
}

impl State {
    /// What there is at `now` for somebody who has waited since `waited` requests had ended, and the request that is
    /// to be made.
    fn look(&mut self, now: Instant, want: Want, waited: Option<u64>) -> (Look, Option<Departure>) {
        let step = self.life.next(now, want);
        let served = match step.serve {
            Serve::Fresh(token) | Serve::Stale(token) => Some(Ok(token.clone())),
            Serve::Refuse(error) => Some(Err(error)),
            Serve::Wait => None,
        };
        let (next, ended) = (step.next, self.ended);
        // Whoever has waited for a request shares its failure, and makes no other one.
        let shared = self.shared_failure.as_ref().filter(|_| waited.is_some_and(|waited| ended > waited));
        if let (None, Some(error)) = (&served, shared) {
            return (Look { served: Some(Err(error.as_of(now))), ended, until: None }, None);
        }
        let departure = if let Next::Send(op) = next { Some(self.depart(op, now)) } else { None };
        let until = if let Next::Wait(at) = next { Some(at) } else { None };
        (Look { served, ended, until }, departure)
    }

    fn depart(&mut self, op: Op, now: Instant) -> Departure {
        let held = self.life.token(now).cloned();
        Departure { attempt: self.life.begin(op, now), account: self.account.clone(), held }
    }

    fn land(&mut self, learned: Learned, now: Instant) {
        self.ended += 1;
        self.shared_failure = match self.life.next(now, Want { waits: true, ..Want::default() }).serve {
            Serve::Refuse(error) => Some(error),
            _ => None,
        };
        self.last = Some(learned);
    }
}

impl Inner {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that panics runs under it; if it did, the state would be whole all the same.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Instant {
        self.client.clock().now().instant
    }

    /// Looks what there is, and begins the request that is due.
    pub(super) fn tick(self: &Arc<Self>, want: Want, waited: Option<u64>) -> Look {
        let (look, departure) = self.lock().look(self.now(), want, waited);
        if let Some(departure) = departure {
            self.launch(departure);
        }
        look
    }

    /// The token that somebody wants, as soon as there is one, for at most as long as they can wait.
    pub(super) fn wait(self: &Arc<Self>, want: Want, deadline: Option<Duration>) -> Result<Token, Error> {
        let end = deadline.map(|deadline| self.now() + deadline);
        let mut waited = None;
        loop {
            let look = self.tick(want, waited);
            if let Some(served) = look.served {
                return served;
            }
            if !self.sleep(look.ended, look.until, end) {
                let message = "deadline: it passed before there was a token; the request goes on";
                let vendor = self.lock().account.descriptor().id;
                return Err(Error::new(&detail::DEADLINE, message).with_vendor(vendor));
            }
            waited = Some(look.ended);
        }
    }

    /// Sleeps until more than `ended` requests have ended, or until one of these instants. False if the last one has
    /// come.
    pub(super) fn sleep(&self, ended: u64, until: Option<Instant>, end: Option<Instant>) -> bool {
        let (state, now) = (self.lock(), self.now());
        if end.is_some_and(|end| end <= now) {
            return false;
        }
        let soonest = [until, end].into_iter().flatten().min();
        let time = soonest.map_or(SLICE, |at| at.since(now).min(SLICE));
        let waiting = self.news.wait_timeout_while(state, time, |state| state.ended == ended);
        drop(waiting.unwrap_or_else(PoisonError::into_inner));
        true
    }

    /// Makes a request on a thread of its own, so that no caller's deadline ends it.
    fn launch(self: &Arc<Self>, departure: Departure) {
        let (inner, copy) = (self.clone(), departure.clone());
        let thread = thread::Builder::new().name("ccauth-request".to_owned()).stack_size(STACK);
        if thread.spawn(move || inner.fly(&copy)).is_err() {
            // There is no thread to be had: the caller makes it, and is late rather than without a token.
            self.fly(&departure);
        }
    }

    fn fly(&self, departure: &Departure) {
        let Departure { attempt, account, held } = departure;
        let exchange = catch_unwind(AssertUnwindSafe(|| account.exchange(attempt.op, held.as_ref())));
        let mut state = self.lock();
        let learned = match exchange {
            Ok(exchange) => state.life.learn(*attempt, exchange),
            Err(_) => state.life.abandon(*attempt, self.now()),
        };
        self.land(state, learned);
    }

    /// Tells what there is now to all who wait, and to all who do not.
    fn land(&self, mut state: MutexGuard<'_, State>, learned: Learned) {
        state.land(learned, self.now());
        self.publish(&state);
        drop(state);
        self.news.notify_all();
    }

    /// Makes a request that somebody asks for and waits for, once none other is under way; `then` is what its success
    /// means for the token.
    pub(super) fn operate(
        &self,
        op: Op,
        ask: impl FnOnce(&Account, &Token) -> Result<Outcome, Error>,
        then: impl FnOnce(&mut Life),
    ) -> Result<Outcome, Error> {
        let waiting = self.news.wait_while(self.lock(), |state| state.life.is_flying());
        let mut state = waiting.unwrap_or_else(PoisonError::into_inner);
        let account = state.account.clone();
        let sent_at = self.client.clock().now();
        let held = account.descriptor().needs(state.life.token(sent_at.instant))?.clone();
        let attempt = state.life.begin(op, sent_at.instant);
        drop(state);
        let asked = catch_unwind(AssertUnwindSafe(|| ask(&account, &held)));
        let received_at = self.client.clock().now();
        let mut state = self.lock();
        let learned = match &asked {
            Ok(outcome) => {
                state.life.learn(attempt, Exchange { sent_at, received_at, outcome: outcome.clone() })
            }
            Err(_) => state.life.abandon(attempt, received_at.instant),
        };
        if let Ok(Ok(_)) = &asked {
            then(&mut state.life);
        }
        self.land(state, learned);
        asked.unwrap_or_else(|_| Err(Error::new(&detail::INTERNAL, "the request was given up by a fault")))
    }
}
