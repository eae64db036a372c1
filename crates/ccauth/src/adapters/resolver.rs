//! Name resolution within a deadline, on one thread whatever happens.
//!
//! `getaddrinfo` cannot be interrupted. ureq's own resolver starts a thread for each lookup and panics
//! when it cannot; here one worker does them all, so a resolver that never answers holds one thread and
//! no caller. A lookup whose caller has gone is skipped. Nothing is cached: a vendor that moves is found.
//!
//! Not yet: a process that forks while the worker lives has none in the child, and a lookup there runs into
//! its timeout until the client is made anew.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use ccauth_core::{Error, detail, http::Uri};
use ureq::config::Config;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// As many addresses as ureq takes.
const MAX_ADDRESSES: usize = 16;

/// Lookups that wait for the worker; one more is refused.
const QUEUE: usize = 64;

/// How long the worker waits for another name before it ends.
const IDLE: Duration = Duration::from_secs(5);

/// Enough for `getaddrinfo` with its modules.
const STACK: usize = 256 * 1024;

type Answer = io::Result<Vec<SocketAddr>>;

struct Lookup {
    name: (String, u16),
    caller: Weak<()>,
    answer: SyncSender<Answer>,
}

/// The resolver of one transport. The worker starts with a name and ends when none follows.
pub(crate) struct WorkerResolver {
    lookups: Mutex<Option<SyncSender<Lookup>>>,
    getaddrinfo: fn(&str, u16) -> Answer,
}

impl Default for WorkerResolver {
    fn default() -> Self {
        let getaddrinfo = |host: &str, port| (host, port).to_socket_addrs().map(Iterator::collect);
        Self { lookups: Mutex::default(), getaddrinfo }
    }
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
        loop {
            let (answer, answered) = sync_channel(1);
            let name = (host.to_owned(), port);
            let started =
                self.enqueue(Lookup { name, caller: Arc::downgrade(&waiting), answer }).map_err(wrap)?;
            match answered.recv_timeout(*timeout.after) {
                Ok(Ok(found)) => return Ok(found),
                Ok(Err(e)) => return Err(wrap(not_found(host, &e))),
                Err(RecvTimeoutError::Timeout) => return Err(ureq::Error::Timeout(ureq::Timeout::Resolve)),
                // The worker went idle in the moment in which the lookup was queued: a new one takes it.
                Err(RecvTimeoutError::Disconnected) if !started => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(wrap(Error::new(&detail::DNS_FAILED, "the resolver's thread died")));
                }
            }
        }
    }

    /// Hands `lookup` to the worker; says whether it was started for it.
    fn enqueue(&self, lookup: Lookup) -> Result<bool, Error> {
        let mut lookups = self.lookups.lock().unwrap_or_else(PoisonError::into_inner);
        let lookup = match &*lookups {
            Some(queue) => match queue.try_send(lookup) {
                Ok(()) => return Ok(false),
                Err(TrySendError::Full(_)) => {
                    let message = "too many names wait for a resolver that does not answer";
                    return Err(Error::new(&detail::DNS_TIMEOUT, message));
                }
                Err(TrySendError::Disconnected(lookup)) => lookup,
            },
            None => lookup,
        };
        let (queue, jobs) = sync_channel(QUEUE);
        let worker = thread::Builder::new().name("ccauth-resolve".to_owned()).stack_size(STACK);
        let getaddrinfo = self.getaddrinfo;
        worker.spawn(move || work(&jobs, getaddrinfo)).map_err(|e| {
            let message = "no thread could be started for name resolution";
            Error::new(&detail::RESOURCE, message).with_os_errno(e.raw_os_error())
        })?;
        // The queue is new and empty, and its receiver lives in the worker.
        let _ = queue.try_send(lookup);
        *lookups = Some(queue);
        Ok(true)
    }
}

impl fmt::Debug for WorkerResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WorkerResolver")
    }
}

fn work(jobs: &Receiver<Lookup>, getaddrinfo: fn(&str, u16) -> Answer) {
    while let Ok(lookup) = jobs.recv_timeout(IDLE) {
        if lookup.caller.strong_count() > 0 {
            let (host, port) = &lookup.name;
            let found = getaddrinfo(host, *port);
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Lookups that have begun, by all tests of this module that count them.
    static BEGUN: AtomicUsize = AtomicUsize::new(0);
    /// Held by a test for as long as its resolver is not to answer.
    static SILENCE: Mutex<()> = Mutex::new(());

    fn silent(_: &str, port: u16) -> Answer {
        BEGUN.fetch_add(1, Ordering::SeqCst);
        let _answers = SILENCE.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(vec![SocketAddr::from(([192, 0, 2, 1], port))])
    }

    fn resolver(getaddrinfo: fn(&str, u16) -> Answer) -> WorkerResolver {
        WorkerResolver { lookups: Mutex::default(), getaddrinfo }
    }

    fn resolve(
        resolver: &WorkerResolver,
        url: &str,
        milliseconds: u64,
    ) -> Result<Vec<SocketAddr>, ureq::Error> {
        let after = Duration::from_millis(milliseconds).into();
        let timeout = NextTimeout { after, reason: ureq::Timeout::Resolve, ..NextTimeout::default() };
        let uri = url.parse().expect("a URL");
        resolver.resolve(&uri, &Config::builder().build(), timeout).map(|found| found.to_vec())
    }

    #[test]
    fn a_resolver_that_never_answers_holds_one_thread_and_no_caller() {
        let resolver = resolver(silent);
        let silence = SILENCE.lock().expect("the only test that takes it");
        for _ in 0..5 {
            let outcome = resolve(&resolver, "https://vendor.example/", 50);
            assert!(matches!(outcome, Err(ureq::Error::Timeout(ureq::Timeout::Resolve))), "{outcome:?}");
        }
        assert_eq!(BEGUN.load(Ordering::SeqCst), 1, "the worker is in the first lookup; no other began");
        drop(silence);
        let found = resolve(&resolver, "https://vendor.example:8443/", 10_000).expect("it answers now");
        assert_eq!(found, [SocketAddr::from(([192, 0, 2, 1], 8443))]);
        assert_eq!(BEGUN.load(Ordering::SeqCst), 2, "lookups whose callers had gone were skipped");
    }

    #[test]
    fn addresses_need_no_lookup() {
        let resolver = resolver(|host, _| panic!("{host} was looked up"));
        for (url, address) in [
            ("https://192.0.2.7/", "192.0.2.7:443"),
            ("http://127.0.0.1/", "127.0.0.1:80"),
            ("https://[2001:db8::1]:8443/x", "[2001:db8::1]:8443"),
        ] {
            let found = resolve(&resolver, url, 1_000).expect(url);
            assert_eq!(found, [address.parse::<SocketAddr>().expect("an address")], "{url}");
        }
    }

    #[test]
    fn a_failed_lookup_says_whether_the_name_exists() {
        for (words, cause) in [
            ("failed to lookup address information: Name or service not known", &detail::DNS_NXDOMAIN),
            (
                "failed to lookup address information: No address associated with hostname",
                &detail::DNS_NXDOMAIN,
            ),
            (
                "failed to lookup address information: Temporary failure in name resolution",
                &detail::DNS_FAILED,
            ),
            ("anything else", &detail::DNS_FAILED),
        ] {
            assert_eq!(not_found("vendor.example", &io::Error::other(words)).detail(), cause, "{words}");
        }
    }

    #[test]
    fn a_worker_that_dies_is_told_and_replaced() {
        let resolver = resolver(|host, port| match host {
            "bad.example" => panic!("a module of getaddrinfo"),
            _ => Ok(vec![SocketAddr::from(([192, 0, 2, 1], port))]),
        });
        let outcome = resolve(&resolver, "https://bad.example/", 10_000);
        assert!(
            matches!(&outcome, Err(ureq::Error::Other(e)) if e.to_string().contains("died")),
            "{outcome:?}"
        );
        assert!(resolve(&resolver, "https://good.example/", 10_000).is_ok());
    }
}
