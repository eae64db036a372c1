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
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
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
    workers: Vec<Arc<Worker>>,
}

/// What a thread that looks a name up shares with those who wait for it.
struct Worker {
    host: String,
    port: u16,
    desk: Mutex<Desk>,
    /// Somebody has come, or a call or the thread has ended.
    changed: Condvar,
}

#[derive(Default)]
struct Desk {
    /// How many wait for the next call.
    waiting: usize,
    /// How many calls have begun and how many have ended, and what came of the last.
    begun: u64,
    ended: u64,
    answer: Option<Answer>,
    /// Nobody else will come.
    is_closed: bool,
    /// The thread has ended.
    is_over: bool,
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
        for worker in names.workers.drain(..) {
            worker.lock().is_closed = true;
            worker.changed.notify_all();
        }
    }

    fn look_up(&self, host: &str, port: u16, timeout: NextTimeout) -> Result<Vec<SocketAddr>, ureq::Error> {
        let (worker, call) = self.enlist(host, port).map_err(wrap)?;
        let time_is_up = ureq::Error::Timeout(ureq::Timeout::Resolve);
        worker.wait_for(call, *timeout.after).unwrap_or(Err(time_is_up))
    }

    /// The name's thread, and the number of the call whose answer counts.
    fn enlist(&self, host: &str, port: u16) -> Result<(Arc<Worker>, u64), Error> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.in_this_process();
        names.workers.retain(|worker| !worker.lock().is_over);
        let known = names.workers.iter().find(|worker| worker.host == host && worker.port == port);
        // It may end in this moment.
        if let Some((worker, enlisted)) = known.and_then(|worker| Some((worker, worker.enlist()?))) {
            return Ok((worker.clone(), enlisted?));
        }
        if names.workers.len() >= MAX_NAMES {
            return Err(Error::new(&detail::DNS_TIMEOUT, "too many names are being looked up"));
        }
        let desk = Mutex::new(Desk { waiting: 1, ..Desk::default() });
        let worker = Arc::new(Worker { host: host.to_owned(), port, desk, changed: Condvar::new() });
        worker.start(self.getaddrinfo)?;
        names.workers.push(worker.clone());
        Ok((worker, 1))
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

impl Worker {
    fn start(self: &Arc<Self>, getaddrinfo: Getaddrinfo) -> Result<(), Error> {
        let ended = Ended(self.clone());
        let work = move || {
            let Worker { host, port, .. } = &*ended.0;
            ended.0.work(|| getaddrinfo(host, *port).map_err(|e| not_found(host, &e)));
        };
        ccauth_sys::start("ccauth-resolve", work).map_err(|e| {
            let message = "no thread could be started for name resolution";
            Error::new(&detail::RESOURCE, message).with_os_errno(e.raw_os_error())
        })
    }

    /// The number of the next call, for one more who waits for it; `None` where there will be none.
    fn enlist(&self) -> Option<Result<u64, Error>> {
        let mut desk = self.lock();
        if desk.is_over {
            return None;
        }
        if desk.waiting >= QUEUE {
            let message = format!("too many requests wait for the address of {}", self.host);
            return Some(Err(Error::new(&detail::DNS_TIMEOUT, message)));
        }
        desk.waiting += 1;
        self.changed.notify_all();
        Some(Ok(desk.begun + 1))
    }

    /// What comes of a call, or of a later one; `None` where it takes too long.
    fn wait_for(&self, call: u64, patience: Duration) -> Option<Result<Vec<SocketAddr>, ureq::Error>> {
        let pending = |desk: &mut Desk| desk.ended < call && !desk.is_over;
        let waited = self.changed.wait_timeout_while(self.lock(), patience, pending);
        let (mut desk, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if desk.ended >= call {
            return desk.answer.clone().map(|answer| answer.map_err(wrap));
        }
        if desk.is_over {
            return Some(Err(wrap(Error::new(&detail::DNS_FAILED, "the resolver's thread died"))));
        }
        // Nobody looks a name up for those who have gone.
        desk.waiting -= usize::from(desk.begun < call);
        None
    }

    /// One call answers all who wait when it begins, until nobody has come for a while.
    fn work(&self, look_up: impl Fn() -> Answer) {
        loop {
            let idle = |desk: &mut Desk| desk.waiting == 0 && !desk.is_closed;
            let waited = self.changed.wait_timeout_while(self.lock(), IDLE, idle);
            let (mut desk, _) = waited.unwrap_or_else(PoisonError::into_inner);
            if desk.waiting == 0 {
                desk.is_over = true;
                return;
            }
            (desk.waiting, desk.begun) = (0, desk.begun + 1);
            drop(desk);
            let answer = look_up();
            let mut desk = self.lock();
            (desk.answer, desk.ended) = (Some(answer), desk.begun);
            self.changed.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells that a thread has ended, or died.
struct Ended(Arc<Worker>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.lock().is_over = true;
        self.0.changed.notify_all();
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
