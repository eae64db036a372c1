//! Name resolution within a deadline: one resolver for the process, with a thread for each name.
//!
//! `getaddrinfo` cannot be interrupted. ureq's own resolver starts a thread for each lookup and panics
//! when it cannot; here all who wait for a name share a thread and the answer of one call, so a name that
//! is never answered holds one thread, no caller, and no other name. Nothing is cached: a vendor that moves is
//! found. A forked child starts threads of its own.

use std::fmt;
use std::io;
use std::mem;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::process;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use ccauth_core::{Error, detail, http::Uri};
use ureq::config::Config;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// The process's.
pub(crate) static RESOLVER: NameResolver =
    NameResolver::new(|host, port| (host, port).to_socket_addrs().map(Iterator::collect));

/// As many addresses as ureq takes.
const MAX_ADDRESSES: usize = 16;

/// Names that are looked up at once; one more is refused. All vendors together have fewer hosts.
const MAX_NAMES: usize = 32;

/// Lookups that wait for the same name; one more is refused.
const QUEUE: usize = 512;

/// How long a thread waits for another lookup of its name before it ends.
const IDLE: Duration = Duration::from_secs(5);

type Getaddrinfo = fn(&str, u16) -> io::Result<Vec<SocketAddr>>;
type Answer = Result<Vec<SocketAddr>, Error>;

pub(crate) struct NameResolver {
    names: Mutex<Names>,
    getaddrinfo: Getaddrinfo,
}

/// The names that have a thread, in the process that started them.
struct Names {
    process: u32,
    workers: Vec<Worker>,
}

struct Worker {
    host: String,
    port: u16,
    lookups: SyncSender<Lookup>,
    /// Gone when its thread has ended.
    alive: Weak<()>,
}

struct Lookup {
    caller: Weak<()>,
    answer: SyncSender<Answer>,
}

impl Resolver for &'static NameResolver {
    fn resolve(
        &self,
        uri: &Uri,
        _: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let host = uri.host().ok_or(ureq::Error::HostNotFound)?;
        let default_port = if uri.scheme_str() == Some("http") { 80 } else { 443 };
        let port = uri.port_u16().unwrap_or(default_port);
        let found = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, port)],
            Err(_) => self.look_up(host, port, timeout)?,
        };
        let mut addresses = self.empty();
        for address in found.into_iter().take(MAX_ADDRESSES) {
            addresses.push(address);
        }
        if addresses.is_empty() { Err(ureq::Error::HostNotFound) } else { Ok(addresses) }
    }
}

/// The process's resolver for one transport: a name that is called loopback must be it where the request goes in
/// clear text.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) clear_text_anywhere: bool,
}

impl Resolver for Checked {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = (&RESOLVER).resolve(uri, config, timeout)?;
        self.check(uri, found)
    }
}

impl Checked {
    fn check(&self, uri: &Uri, found: ResolvedSocketAddrs) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let strange = found.iter().find(|address| !address.ip().is_loopback());
        match strange.filter(|_| !self.clear_text_anywhere) {
            None => Ok(found),
            Some(address) => {
                let host = uri.host().unwrap_or_default();
                let message = format!(
                    "base_url: {host} is {} and not loopback here, and http would send credentials in clear text",
                    address.ip()
                );
                Err(wrap(Error::new(&detail::CONFIG_URL, message)))
            }
        }
    }
}

impl NameResolver {
    const fn new(getaddrinfo: Getaddrinfo) -> Self {
        Self { names: Mutex::new(Names { process: 0, workers: Vec::new() }), getaddrinfo }
    }

    /// Has the threads end that wait for another lookup, and the others when theirs is done.
    pub(crate) fn let_go(&self) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.in_this_process();
        names.workers.clear();
    }

    fn look_up(&self, host: &str, port: u16, timeout: NextTimeout) -> Result<Vec<SocketAddr>, ureq::Error> {
        let waiting = Arc::new(());
        loop {
            let (answer, answered) = sync_channel(1);
            let lookup = Lookup { caller: Arc::downgrade(&waiting), answer };
            let started = self.enqueue(host, port, lookup).map_err(wrap)?;
            match answered.recv_timeout(*timeout.after) {
                Ok(found) => return found.map_err(wrap),
                Err(RecvTimeoutError::Timeout) => return Err(ureq::Error::Timeout(ureq::Timeout::Resolve)),
                // The thread went idle in the moment in which the lookup was queued: a new one takes it.
                Err(RecvTimeoutError::Disconnected) if !started => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(wrap(Error::new(&detail::DNS_FAILED, "the resolver's thread died")));
                }
            }
        }
    }

    /// Hands `lookup` to its name's thread; says whether that was started for it.
    fn enqueue(&self, host: &str, port: u16, mut lookup: Lookup) -> Result<bool, Error> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.in_this_process();
        if let Some(at) = names.workers.iter().position(|worker| worker.host == host && worker.port == port) {
            lookup = match names.workers[at].lookups.try_send(lookup) {
                Ok(()) => return Ok(false),
                Err(TrySendError::Full(_)) => {
                    let message = format!("too many requests wait for the address of {host}");
                    return Err(Error::new(&detail::DNS_TIMEOUT, message));
                }
                Err(TrySendError::Disconnected(lookup)) => lookup,
            };
            names.workers.swap_remove(at);
        }
        names.workers.retain(|worker| worker.alive.strong_count() > 0);
        if names.workers.len() >= MAX_NAMES {
            return Err(Error::new(&detail::DNS_TIMEOUT, "too many names are being looked up"));
        }
        let worker = start(host.to_owned(), port, self.getaddrinfo)?;
        // The queue is new and empty, and its receiver lives in the thread.
        let _ = worker.lookups.try_send(lookup);
        names.workers.push(worker);
        Ok(true)
    }
}

impl Names {
    /// A forked child has none of its parent's threads. What belonged to them is left alone: a lock in it may
    /// have been held when the process forked.
    fn in_this_process(&mut self) {
        let process = process::id();
        if mem::replace(&mut self.process, process) != process {
            mem::forget(mem::take(&mut self.workers));
        }
    }
}

impl fmt::Debug for NameResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NameResolver")
    }
}

fn start(host: String, port: u16, getaddrinfo: Getaddrinfo) -> Result<Worker, Error> {
    let (lookups, jobs) = sync_channel(QUEUE);
    let living = Arc::new(());
    let worker = Worker { host: host.clone(), port, lookups, alive: Arc::downgrade(&living) };
    let work = move || {
        work(&jobs, || getaddrinfo(&host, port).map_err(|e| not_found(&host, &e)));
        drop(living);
    };
    ccauth_sys::start("ccauth-resolve", work).map_err(|e| {
        let message = "no thread could be started for name resolution";
        Error::new(&detail::RESOURCE, message).with_os_errno(e.raw_os_error())
    })?;
    Ok(worker)
}

/// One call answers all who wait when it begins, as long as one of them still does.
fn work(jobs: &Receiver<Lookup>, look_up: impl Fn() -> Answer) {
    while let Ok(first) = jobs.recv_timeout(IDLE) {
        let waiting: Vec<Lookup> = [first].into_iter().chain(jobs.try_iter()).collect();
        if waiting.iter().any(|lookup| lookup.caller.strong_count() > 0) {
            let found = look_up();
            for lookup in waiting {
                // Its caller may have gone meanwhile.
                let _ = lookup.answer.try_send(found.clone());
            }
        }
    }
}

/// std gives no code for a failed lookup, only the words of `gai_strerror`; where a host has localised
/// them, the cause is the general one.
fn not_found(host: &str, e: &io::Error) -> Error {
    let words = e.to_string();
    let unknown = ["not known", "No address associated", "nodename nor servname"];
    let cause = if unknown.iter().any(|part| words.contains(part)) {
        &detail::DNS_NXDOMAIN
    } else {
        &detail::DNS_FAILED
    };
    Error::new(cause, format!("the name {host} was not resolved: {words}")).with_os_errno(e.raw_os_error())
}

/// Carries our error through ureq.
fn wrap(e: Error) -> ureq::Error {
    ureq::Error::Other(Box::new(e))
}

#[cfg(test)]
mod tests;
