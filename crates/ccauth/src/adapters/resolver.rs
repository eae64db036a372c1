//! Name resolution within a deadline, on one thread whatever happens.
//!
//! `getaddrinfo` cannot be interrupted. ureq's own resolver starts a thread for each lookup and panics
//! when it cannot; here one worker does them all, so a resolver that never answers holds one thread and
//! no caller. A lookup whose caller has gone is skipped. Nothing is cached: a vendor that moves is found.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;

use ccauth_core::{Error, detail, http::Uri};
use ureq::config::Config;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// As many addresses as ureq takes.
const MAX_ADDRESSES: usize = 16;

/// Lookups that wait for the worker; one more is refused.
const QUEUE: usize = 64;

/// Enough for `getaddrinfo` with its modules.
const STACK: usize = 256 * 1024;

type Answer = io::Result<Vec<SocketAddr>>;

struct Lookup {
    name: (String, u16),
    caller: Weak<()>,
    answer: SyncSender<Answer>,
}

/// The resolver of one transport. The worker starts with the first name and ends with the transport.
#[derive(Default)]
pub(crate) struct WorkerResolver {
    lookups: Mutex<Option<SyncSender<Lookup>>>,
}

impl Resolver for WorkerResolver {
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

impl WorkerResolver {
    fn look_up(&self, host: &str, port: u16, timeout: NextTimeout) -> Result<Vec<SocketAddr>, ureq::Error> {
        let waiting = Arc::new(());
        let (answer, answered) = sync_channel(1);
        let name = (host.to_owned(), port);
        self.enqueue(Lookup { name, caller: Arc::downgrade(&waiting), answer }).map_err(wrap)?;
        match answered.recv_timeout(*timeout.after) {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(e)) => Err(wrap(not_found(host, &e))),
            Err(RecvTimeoutError::Timeout) => Err(ureq::Error::Timeout(ureq::Timeout::Resolve)),
            Err(RecvTimeoutError::Disconnected) => Err(ureq::Error::HostNotFound),
        }
    }

    fn enqueue(&self, lookup: Lookup) -> Result<(), Error> {
        let mut lookups = self.lookups.lock().unwrap_or_else(PoisonError::into_inner);
        let lookup = match &*lookups {
            Some(queue) => match queue.try_send(lookup) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Full(_)) => {
                    let message = "too many names wait for a resolver that does not answer";
                    return Err(Error::new(&detail::DNS_TIMEOUT, message));
                }
                // The worker is gone: after a fork, for one. Start another.
                Err(TrySendError::Disconnected(lookup)) => lookup,
            },
            None => lookup,
        };
        let (queue, jobs) = sync_channel(QUEUE);
        let worker = thread::Builder::new().name("ccauth-resolve".to_owned()).stack_size(STACK);
        worker.spawn(move || work(&jobs)).map_err(|e| {
            let message = "no thread could be started for name resolution";
            Error::new(&detail::RESOURCE, message).with_os_errno(e.raw_os_error())
        })?;
        // The queue is new and empty, and its receiver lives in the worker.
        let _ = queue.try_send(lookup);
        *lookups = Some(queue);
        Ok(())
    }
}

impl fmt::Debug for WorkerResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WorkerResolver")
    }
}

fn work(jobs: &Receiver<Lookup>) {
    for lookup in jobs {
        if lookup.caller.strong_count() > 0 {
            let (host, port) = &lookup.name;
            let found = (host.as_str(), *port).to_socket_addrs().map(Iterator::collect);
            // The caller may have gone meanwhile.
            let _ = lookup.answer.try_send(found);
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
