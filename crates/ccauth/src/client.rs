//! What a process has once.

use std::sync::{Arc, LazyLock};

use ccauth_core::{Clock, Error, Instant, Login, Store, Transport};

use crate::adapters::{clock::SystemClock, stores::Stores, transports::Transports};
use crate::scheduler::{Limits, Scheduler, Spawn, spawn};
use crate::shelf::Shelf;

/// What the accounts of a process share: the clock, the way that requests travel, and the threads
/// that keep tokens valid. [`Client::default`] is
/// the process's own; make another one only to hand in a transport or a clock, and give it to
/// [`AccountBuilder::client`](crate::AccountBuilder::client). Cheap to clone; making one starts and opens nothing.
#[derive(Clone, Debug)]
pub struct Client(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// The host's own.
    clock: Option<Arc<dyn Clock>>,
    /// The host's own, for every account.
    transport: Option<Arc<dyn Transport>>,
    transports: Transports,
    /// The host's own, for every account.
    shelf: Option<Arc<Shelf>>,
    stores: Stores,
    spawn: Spawn,
    scheduler: Scheduler,
}

/// Collects what a [`Client`] is made of.
#[derive(Debug, Default)]
pub struct ClientBuilder {
    clock: Option<Arc<dyn Clock>>,
    transport: Option<Arc<dyn Transport>>,
    store: Option<Arc<dyn Store>>,
    limits: Limits,
    spawn: Option<Spawn>,
}

impl Client {
    /// Starts a client of your own.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.0.clock.as_deref().unwrap_or(&SystemClock)
    }

    /// [`Clock::coarse`], of the system's clocks without a detour.
    #[inline]
    pub(crate) fn coarse(&self) -> Instant {
        match &self.0.clock {
            None => SystemClock.coarse(),
            Some(clock) => clock.coarse(),
        }
    }

    pub(crate) fn tells_system_time(&self) -> bool {
        self.0.clock.is_none()
    }

    pub(crate) fn scheduler(&self) -> &Scheduler {
        &self.0.scheduler
    }

    /// Whether it is the same one, not one of equal parts.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The way to the vendor for this login.
    pub(crate) fn transport(&self, login: &Login) -> Result<Arc<dyn Transport>, Error> {
        self.0.transport.clone().map_or_else(|| self.0.transports.of(login), Ok)
    }

    /// Where the tokens of this login are kept, if anywhere.
    pub(crate) fn shelf(&self, login: &Login) -> Result<Option<Arc<Shelf>>, Error> {
        let own = self.0.shelf.clone().map(|shelf| Ok(Some(shelf)));
        own.unwrap_or_else(|| self.0.stores.of(login, self.0.spawn))
    }
}

/// The process's own client, the same one each time.
impl Default for Client {
    fn default() -> Self {
        static OWN: LazyLock<Client> = LazyLock::new(|| Client::builder().build());
        OWN.clone()
    }
}

impl ClientBuilder {
    /// Sends every request through `transport` instead of the built-in one. The fields of the built-in one
    /// (timeouts, CA file, proxy) are then without effect.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Tells the time by `clock` instead of the system's clocks.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Keeps the tokens of every source in `store`, whatever their field `store` says: one of the host's own.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// Lets so many requests of its sources be under way at once, instead of the default [`Limits`].
    ///
    /// # Errors
    /// `config.value`, naming the limit.
    pub fn limits(mut self, limits: Limits) -> Result<Self, Error> {
        self.limits = limits.check()?;
        Ok(self)
    }

    /// Starts threads in this way, where a test is to see them fail.
    #[cfg(test)]
    pub(crate) fn spawn(mut self, spawn: Spawn) -> Self {
        self.spawn = Some(spawn);
        self
    }

    /// The client.
    pub fn build(self) -> Client {
        let Self { clock, transport, store, limits, spawn: own } = self;
        let (told, spawn) = (clock.clone().unwrap_or_else(|| Arc::new(SystemClock)), own.unwrap_or(spawn));
        let shelf = store.map(|store| Arc::new(Shelf::new(store, spawn)));
        let (transports, stores) = Default::default();
        let scheduler = Scheduler::new(told, limits, spawn);
        Client(Arc::new(Shared { clock, transport, transports, shelf, stores, spawn, scheduler }))
    }
}
