//! Who stands in line for a request to which host, and the threads that make them.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError, Weak};

use super::limits::Limits;
use super::threads::Spawn;
use super::{Id, Task};
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Mutex, MutexGuard};

pub(super) struct Line {
    limits: Limits,
    spawn: Spawn,
    state: Mutex<State>,
    /// Something waits, and no thread could be started.
    is_stuck: AtomicBool,
}

#[derive(Default)]
struct State {
    /// Those for which something waits or is under way, those first whose turn it is.
    hosts: VecDeque<Host>,
    /// How many threads make requests.
    threads: usize,
}

/// The requests to one host.
struct Host {
    name: Box<str>,
    awaited: VecDeque<Place>,
    others: VecDeque<Place>,
    under_way: usize,
    /// How many may be.
    room: usize,
}

/// A task's place in line.
pub(super) struct Place {
    pub(super) id: Id,
    pub(super) task: Weak<dyn Task>,
}

/// A task whose turn it is, and its host.
struct Turn {
    host: Box<str>,
    place: Place,
}

impl Line {
    pub(super) fn new(limits: Limits, spawn: Spawn) -> Self {
        Self { limits, spawn, state: Mutex::default(), is_stuck: AtomicBool::new(false) }
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn is_stuck(&self) -> bool {
        self.is_stuck.load(Ordering::Relaxed)
    }

    pub(super) fn join(self: &Arc<Self>, host: &str, place: Place, is_awaited: bool, here: bool) {
        let mut state = self.lock();
        let host = state.host(host, &self.limits);
        if is_awaited {
            host.awaited.push_back(place)
        } else {
            host.others.push_back(place)
        }
        drop(state);
        self.pump(here);
    }

    pub(super) fn hurry(&self, host: &str, id: Id) {
        let mut state = self.lock();
        let Some(host) = state.hosts.iter_mut().find(|other| *other.name == *host) else { return };
        let at = host.others.iter().position(|place| place.id == id);
        if let Some(place) = at.and_then(|at| host.others.remove(at)) {
            host.awaited.push_back(place);
        }
    }

    /// Starts the threads for which there is something to do. Where none can be had, this one makes a request if it may.
    pub(super) fn pump(self: &Arc<Self>, here: bool) {
        loop {
            let mut state = self.lock();
            if state.threads >= self.limits.in_flight {
                return;
            }
            let Some(turn) = state.turn() else { return };
            state.threads += 1;
            drop(state);
            self.is_stuck.store(false, Ordering::Relaxed);
            // Behind a lock, so that it is still here if there is no thread to take it.
            let turn = Arc::new(Mutex::new(Some(turn)));
            let (line, taken) = (self.clone(), turn.clone());
            let take =
                |turn: &Mutex<Option<Turn>>| turn.lock().unwrap_or_else(PoisonError::into_inner).take();
            let work = move || take(&taken).into_iter().for_each(|turn| line.work(turn));
            if (self.spawn)("ccauth-request", Box::new(work)).is_err() {
                let Some(turn) = take(&turn) else { return };
                return self.manage_without(turn, here);
            }
        }
    }

    /// There is no thread to be had. Whoever asks makes one request, and is late rather than without a token; where
    /// others are at work, they get to it.
    fn manage_without(&self, turn: Turn, here: bool) {
        let mut state = self.lock();
        state.threads -= 1;
        if state.threads > 0 {
            return state.give_back(turn);
        }
        if !here {
            self.is_stuck.store(true, Ordering::Relaxed);
            return state.give_back(turn);
        }
        drop(state);
        let went_well = turn.fly();
        let mut state = self.lock();
        state.landed(&turn.host, went_well, &self.limits);
        self.is_stuck.store(!state.hosts.is_empty(), Ordering::Relaxed);
    }

    /// One request after the other, until none is left.
    fn work(self: &Arc<Self>, mut turn: Turn) {
        loop {
            let went_well = turn.fly();
            let mut state = self.lock();
            state.landed(&turn.host, went_well, &self.limits);
            let Some(next) = state.turn() else {
                state.threads -= 1;
                return;
            };
            drop(state);
            turn = next;
            // One that went well has made room for another.
            self.pump(true);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn host(&mut self, name: &str, limits: &Limits) -> &mut Host {
        let at = self.hosts.iter().position(|host| *host.name == *name).unwrap_or_else(|| {
            let (awaited, others) = Default::default();
            self.hosts.push_back(Host {
                name: name.into(),
                awaited,
                others,
                under_way: 0,
                room: limits.at_first,
            });
            self.hosts.len() - 1
        });
        &mut self.hosts[at]
    }

    /// Whose turn it is: one after the other of the hosts that have room, those first for whom somebody waits.
    fn turn(&mut self) -> Option<Turn> {
        let has_room = |host: &Host| host.under_way < host.room;
        let awaited = self.hosts.iter().position(|host| has_room(host) && !host.awaited.is_empty());
        let any = || self.hosts.iter().position(|host| has_room(host) && !host.others.is_empty());
        let mut host = self.hosts.remove(awaited.or_else(any)?)?;
        let place = host.awaited.pop_front().or_else(|| host.others.pop_front())?;
        host.under_way += 1;
        let turn = Turn { host: host.name.clone(), place };
        self.hosts.push_back(host);
        Some(turn)
    }

    fn landed(&mut self, name: &str, went_well: bool, limits: &Limits) {
        let Some(at) = self.hosts.iter().position(|host| *host.name == *name) else { return };
        let host = &mut self.hosts[at];
        host.under_way -= 1;
        host.room = (host.room + usize::from(went_well)).min(limits.per_host);
        if host.under_way == 0 && host.awaited.is_empty() && host.others.is_empty() {
            self.hosts.remove(at);
        }
    }

    fn give_back(&mut self, turn: Turn) {
        if let Some(host) = self.hosts.iter_mut().find(|host| host.name == turn.host) {
            host.under_way -= 1;
            host.awaited.push_front(turn.place);
        }
    }
}

impl Turn {
    fn fly(&self) -> bool {
        let Some(task) = self.place.task.upgrade() else { return false };
        catch_unwind(AssertUnwindSafe(|| task.fly())).unwrap_or_default()
    }
}
