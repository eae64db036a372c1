//! Those who wait for a token without a thread of their own.

use std::fmt;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use ccauth_core::life::Want;
use ccauth_core::{Error, Instant, Now, Token, detail};

use super::{Inner, Source, State, Wish};
use crate::sync::MutexGuard;

/// A token with its generation, or why there is none.
pub(super) type Outcome = Result<(Token, u64), Error>;

/// Is called once.
type Hear = Box<dyn FnOnce(Outcome) + Send>;

/// Those of a source, and how many there were.
#[derive(Default)]
pub(super) struct Waiters {
    all: Vec<Waiter>,
    last: u64,
}

struct Waiter {
    number: u64,
    want: Want,
    /// When it has waited for long enough.
    end: Option<Instant>,
    /// How many requests had ended when it looked last, and when it is worth looking again.
    waited: u64,
    until: Option<Instant>,
    hear: Hear,
}

/// What is to be told to whom, once no lock is held.
pub(super) type Told = Vec<(Hear, Outcome)>;

pub(super) fn tell(told: Told) {
    for (hear, outcome) in told {
        if catch_unwind(AssertUnwindSafe(|| hear(outcome))).is_err() {
            let _ = catch_unwind(|| log::error!("somebody has panicked who was told of a token"));
        }
    }
}

/// Somebody waits: see [`Source::token_then`].
#[must_use = "to be kept where the wait may be given up"]
pub struct Waiting {
    source: Source,
    /// `None` where the outcome was there at once.
    number: Option<u64>,
}

impl Source {
    /// [`Source::token_and_generation`] for those who have no thread to wait with, such as an event loop: calls `hear` once
    /// with what comes of it, unless that is given up before. Waits for nothing, and keeps the source until then.
    ///
    /// `hear` runs on the thread that learns of it, with no lock held: this one, before this returns, where a token is held;
    /// otherwise one of the client's or of another caller's. It may call the source, and must return soon. Without a
    /// deadline it may never be called.
    ///
    /// # Errors
    /// `config.value` for a deadline of nothing; `resource.exhausted` where no thread can be had that looks at the time:
    /// `hear` is not called then.
    pub fn token_then(
        &self,
        wish: Wish,
        hear: impl FnOnce(Result<(Token, u64), Error>) + Send + 'static,
    ) -> Result<Waiting, Error> {
        let source = self.clone();
        let hear = move |outcome| {
            hear(outcome);
            drop(source);
        };
        let number = self.0.enlist(wish, Box::new(hear))?;
        Ok(Waiting { source: self.clone(), number })
    }
}

impl Waiting {
    /// Gives the wait up. Tells whether it did: then nobody is told any more. What was asked of the vendor goes on.
    pub fn cancel(&self) -> bool {
        let left = {
            let waiters = &mut self.source.0.lock().waiters;
            let at = waiters.all.iter().position(|waiter| Some(waiter.number) == self.number);
            at.map(|at| waiters.all.swap_remove(at))
        };
        left.is_some()
    }
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").field("source", &self.source).finish_non_exhaustive()
    }
}

impl Waiters {
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// When the first of them has to look again.
    pub(super) fn next(&self) -> Option<Instant> {
        self.all.iter().flat_map(|waiter| [waiter.end, waiter.until]).flatten().min()
    }
}

impl State {
    /// What those can be told who wait; begins the request that one of them needs, and tells whether there is one.
    pub(super) fn look_for_waiters(&mut self, at: Now) -> (Told, bool) {
        let (mut told, mut departs) = (Told::new(), false);
        for mut waiter in mem::take(&mut self.waiters.all) {
            let (look, begins) = self.look(at, waiter.want, Some(waiter.waited));
            departs |= begins;
            if let Some(outcome) = look.served {
                told.push((waiter.hear, outcome));
            } else if waiter.end.is_some_and(|end| end <= at.instant) {
                told.push((waiter.hear, Err(self.too_late("a token"))));
            } else {
                (waiter.waited, waiter.until) = (look.ended, look.until);
                self.waiters.all.push(waiter);
            }
        }
        (told, departs)
    }

    pub(super) fn too_late(&self, what: &str) -> Error {
        let message = format!("deadline: it passed before there was {what}; the request goes on");
        Error::new(&detail::DEADLINE, message).with_vendor(self.account.descriptor().id)
    }
}

impl Inner {
    /// Has `hear` told of what comes of a wish; `None` where it is told already.
    fn enlist(self: &Arc<Self>, wish: Wish, hear: Hear) -> Result<Option<u64>, Error> {
        let want = wish.want()?;
        let mut state = self.lock();
        let at = self.client.clock().now();
        let (look, departs) = state.look(at, want, None);
        let is_news = !state.news.is_empty();
        let Some(outcome) = look.served else {
            state.waiters.last += 1;
            let number = state.waiters.last;
            let end = wish.deadline.map(|deadline| at.instant + deadline);
            let (waited, until) = (look.ended, look.until);
            state.waiters.all.push(Waiter { number, want, end, waited, until, hear });
            self.go_on(state, departs, false);
            return self.is_looked_after(number);
        };
        self.go_on(state, departs, false);
        if departs || is_news {
            self.tell();
        }
        tell(vec![(hear, outcome)]);
        Ok(None)
    }

    /// Somebody who waits is told in any case, if only that it took too long: a thread looks at the time.
    fn is_looked_after(&self, number: u64) -> Result<Option<u64>, Error> {
        if self.client.scheduler().is_well() {
            return Ok(Some(number));
        }
        let mut state = self.lock();
        let Some(at) = state.waiters.all.iter().position(|waiter| waiter.number == number) else {
            return Ok(None); // It was told meanwhile.
        };
        drop(state.waiters.all.swap_remove(at));
        let message = "no thread can be started that would look at the time";
        Err(Error::new(&detail::RESOURCE, message).with_vendor(state.account.descriptor().id))
    }

    /// Puts the request in line that was begun, if one was, and plans what comes next. `here` tells whether this thread may
    /// make the request where no other can be had.
    pub(super) fn go_on(self: &Arc<Self>, mut state: MutexGuard<'_, State>, departs: bool, here: bool) {
        let is_awaited = !state.waiters.is_empty();
        self.arrange(&mut state);
        if departs {
            self.depart(state, is_awaited, here);
        } else if is_awaited && state.departing.is_some() {
            self.client.scheduler().hurry(self.id, &state.account.host());
        }
    }
}
