//! One request at a time: who makes it, and how everybody else waits for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use ccauth_core::life::{Attempt, Learned, Life, Next, Serve, Want};
use ccauth_core::{Error, Exchange, Instant, Now, Op, Outcome, Token, detail};

use super::share::Share;
use super::waiters::{self, Outcome as Waited};
use super::{Inner, State};
use crate::account::Account;
use crate::scheduler::Task;
use crate::sync::MutexGuard;

/// The longest that a thread sleeps before it looks again.
const SLICE: Duration = Duration::from_secs(30);

/// How often a token that is to be exchanged is looked up again, while others keep something in its place.
const LOOKS: u32 = 3;

/// How a source stands for somebody who asks.
pub(super) struct Look {
    /// `None` where there is something to wait for.
    pub(super) served: Option<Waited>,
    /// How many requests have ended.
    pub(super) ended: u64,
    /// When it is worth looking again.
    pub(super) until: Option<Instant>,
}

impl State {
    /// What there is at `now` for somebody who has waited since `waited` requests had ended. Begins the request that is
    /// due, and tells whether there is one: it then stands in [`State::departing`].
    pub(super) fn look(&mut self, at: Now, want: Want, waited: Option<u64>) -> (Look, bool) {
        let now = at.instant;
        let step = self.life.next(now, want);
        if want.waits && matches!(step.serve, Serve::Stale(_)) {
            self.news.note_stale_served(&self.life, at);
        }
        let served = match step.serve {
            Serve::Fresh(token) | Serve::Stale(token) => Some(Ok((token.clone(), self.life.generation()))),
            Serve::Refuse(error) => Some(Err(error)),
            Serve::Wait => None,
        };
        let (next, ended) = (step.next, self.ended);
        // Whoever has waited for a request shares its failure, and makes no other one.
        let shared = self.shared_failure.as_ref().filter(|_| waited.is_some_and(|waited| ended > waited));
        if let (None, Some(error)) = (&served, shared) {
            return (Look { served: Some(Err(error.as_of(now))), ended, until: None }, false);
        }
        let until = if let Next::Wait(at) = next { Some(at) } else { None };
        let departs = if let Next::Send(op) = next {
            self.departing = Some(self.life.begin(op, now));
            true
        } else {
            false
        };
        (Look { served, ended, until }, departs)
    }

    fn land(&mut self, op: Op, learned: Learned, now: Instant) {
        self.ended += 1;
        if op.brings_a_token() && !matches!(learned, Learned::Outdated) {
            self.renewals += 1;
            self.last_renewal = Some(learned);
        }
        self.shared_failure = match self.life.next(now, Want { waits: true, ..Want::default() }).serve {
            Serve::Refuse(error) => Some(error),
            _ => None,
        };
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
        self.client.scheduler().revive();
        let mut state = self.lock();
        let (look, departs) = state.look(self.client.clock().now(), want, waited);
        let (is_awaited, is_news) = (look.served.is_none(), !state.news.is_empty());
        if departs {
            self.arrange(&mut state);
            self.depart(state, is_awaited, true);
        } else {
            if is_awaited && state.departing.is_some() {
                self.client.scheduler().hurry(self.id, &state.account.host());
            }
            drop(state);
        }
        if departs || is_news {
            self.tell();
        }
        look
    }

    /// Puts the request that was begun in line. `here` tells whether this thread may make it where no other can be had.
    pub(super) fn depart(self: &Arc<Self>, state: MutexGuard<'_, State>, is_awaited: bool, here: bool) {
        let host = state.account.host();
        drop(state);
        self.client.scheduler().queue(self.id, &host, is_awaited, self.weak(), here);
    }

    /// Has itself woken when there will be something to do.
    pub(super) fn arrange(self: &Arc<Self>, state: &mut State) {
        let clocks = self.client.clock().now();
        state.news.note(&state.life, clocks);
        let now = clocks.instant;
        let at = match state.life.next(now, Want::default()).next {
            Next::Send(_) => Some(now),
            Next::Wait(at) => Some(at),
            Next::Flying | Next::Rest => None,
        };
        // Its end is told when it comes.
        let ends = state.life.holding(now).and_then(|holding| holding.ends);
        let at = at.into_iter().chain(ends).chain(state.waiters.next()).min();
        let before = std::mem::replace(&mut state.timer, at);
        self.client.scheduler().plan(self.id, before, at.map(|at| (at, self.weak())));
    }

    fn weak(self: &Arc<Self>) -> Weak<dyn Task> {
        let weak: Weak<Self> = Arc::downgrade(self);
        weak
    }

    /// What there is now is shown to those who take no lock, and what comes next is planned.
    pub(super) fn settle(self: &Arc<Self>, state: &mut State) {
        self.publish(state);
        self.arrange(state);
    }

    /// The token that somebody wants, as soon as there is one, for at most as long as they can wait.
    pub(super) fn wait(self: &Arc<Self>, want: Want, deadline: Option<Duration>) -> Waited {
        let end = deadline.map(|deadline| self.now() + deadline);
        let mut waited = None;
        loop {
            let look = self.tick(want, waited);
            if let Some(served) = look.served {
                return served;
            }
            if !self.sleep(look.ended, look.until, end) {
                return Err(self.lock().too_late("a token"));
            }
            waited = Some(look.ended);
        }
    }

    /// Sleeps until more than `ended` requests have ended, or until one of these instants, or less. False if the last
    /// one has come.
    pub(super) fn sleep(&self, ended: u64, until: Option<Instant>, end: Option<Instant>) -> bool {
        self.client.scheduler().help();
        let (state, now) = (self.lock(), self.now());
        if end.is_some_and(|end| end <= now) {
            return false;
        }
        let soonest = [until, end].into_iter().flatten().min();
        let time = soonest.map_or(SLICE, |at| at.since(now).min(SLICE));
        if state.ended == ended {
            drop(self.landed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner));
        }
        true
    }

    /// Tells what there is now to all who wait, and to all who do not.
    fn land(self: &Arc<Self>, mut state: MutexGuard<'_, State>, op: Op, learned: Learned) {
        state.land(op, learned, self.now());
        self.publish(&state);
        let (told, departs) = state.look_for_waiters(self.client.clock().now());
        self.go_on(state, departs, true);
        self.landed.notify_all();
        waiters::tell(told);
        self.tell();
    }

    /// Other credentials came while a request waited.
    fn give_up(self: &Arc<Self>, mut state: MutexGuard<'_, State>, attempt: Attempt) -> bool {
        let learned = state.life.abandon(attempt, self.now());
        self.land(state, attempt.op, learned);
        false
    }

    /// Makes a request that somebody asks for and waits for, once none other is under way; `then` is what its success
    /// means for the token.
    pub(super) fn operate(
        self: &Arc<Self>,
        op: Op,
        ask: impl FnOnce(&Account, &Token) -> Result<Outcome, Error>,
        then: impl FnOnce(&mut Life),
    ) -> Result<Outcome, Error> {
        let mut state = self.lock();
        let vendor = state.account.descriptor();
        if !vendor.can(op) {
            return Err(vendor.unsupported(op));
        }
        while state.life.is_flying() {
            state = self.landed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let account = state.account.clone();
        let sent_at = self.client.clock().now();
        let held = vendor.needs(state.life.token(sent_at.instant))?.clone();
        let attempt = state.life.begin(op, sent_at.instant);
        drop(state);
        let asked = catch_unwind(AssertUnwindSafe(|| ask(&account, &held)));
        let received_at = self.client.clock().now();
        let share = Share::of(&account).filter(|_| op != Op::Validate);
        let mut state = self.lock();
        let learned = match &asked {
            Ok(outcome) => state.life.learn(
                attempt,
                Exchange { sent_at, received_at, vendor_clock: None, outcome: outcome.clone() },
            ),
            Err(_) => state.life.abandon(attempt, received_at.instant),
        };
        if let Ok(Ok(_)) = &asked {
            then(&mut state.life);
            if let Some(share) = share.filter(|_| account.is(&state.account)) {
                let record = share.record(&state.life, received_at);
                drop(state);
                self.keep_anew(share, record);
                state = self.lock();
            }
        }
        self.land(state, op, learned);
        asked.unwrap_or_else(|_| Err(Error::new(&detail::INTERNAL, "the request was given up by a fault")))
    }
}

impl Task for Inner {
    fn wake(self: Arc<Self>) {
        let (mut state, now) = (self.lock(), self.client.clock().now());
        let (_, departs) = state.look(now, Want::default(), None);
        let (told, departs_too) = state.look_for_waiters(now);
        self.go_on(state, departs || departs_too, true);
        waiters::tell(told);
        self.tell();
    }

    fn fly(self: Arc<Self>) -> bool {
        let mut state = self.lock();
        let Some(attempt) = state.departing.take() else { return false };
        if !state.life.is_current(attempt) {
            return self.give_up(state, attempt);
        }
        let account = state.account.clone();
        drop(state);
        let mut share = Share::of(&account);
        let mut looks = 0;
        let (attempt, held) = loop {
            if let Some(learned) = share.as_mut().and_then(|share| self.consult(share, attempt)) {
                self.land(self.lock(), attempt.op, learned);
                return false;
            }
            let mut state = self.lock();
            if !state.life.is_current(attempt) {
                return self.give_up(state, attempt);
            }
            let now = self.client.clock().now();
            let attempt = state.life.take_turn(attempt, now.instant);
            let held = state.life.token(now.instant).cloned();
            let Some(share) = share.as_mut().filter(|_| attempt.op == Op::Renew) else {
                break (attempt, held);
            };
            // Whoever exchanges a token says so first: if it dies of that, nobody exchanges it again.
            let record = share.record(&state.life, now);
            drop(state);
            looks += 1;
            if self.keep(share, record) || looks == LOOKS {
                break (attempt, held);
            }
        };
        let exchange = catch_unwind(AssertUnwindSafe(|| account.exchange(attempt.op, held.as_ref())));
        let went_well = exchange.as_ref().is_ok_and(|exchange| exchange.outcome.is_ok());
        let mut state = self.lock();
        let learned = match exchange {
            Ok(exchange) => state.life.learn(attempt, exchange),
            Err(_) => state.life.abandon(attempt, self.now()),
        };
        if let Some(mut share) = share.filter(|_| state.life.is_worth_keeping(&learned)) {
            // First of all: whoever waits for this may be a process that ends at once.
            let record = share.record(&state.life, self.client.clock().now());
            drop(state);
            self.keep(&mut share, record);
            drop(share);
            state = self.lock();
        }
        self.land(state, attempt.op, learned);
        went_well
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let timer = self.state.get_mut().unwrap_or_else(PoisonError::into_inner).timer;
        self.client.scheduler().plan(self.id, timer, None);
        super::window::close(self.window);
    }
}
