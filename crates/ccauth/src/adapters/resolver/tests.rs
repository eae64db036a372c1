use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// Long, because only a failure takes it all.
const PATIENCE: u64 = 30_000;

/// Calls that have begun, by the one test that counts them.
static BEGUN: AtomicUsize = AtomicUsize::new(0);
/// Held by that test for as long as `silent.example` is not to answer.
static SILENCE: Mutex<()> = Mutex::new(());

fn silent(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    if host == "silent.example" {
        BEGUN.fetch_add(1, Ordering::SeqCst);
        let _answers = SILENCE.lock().unwrap_or_else(PoisonError::into_inner);
    }
    Ok(vec![SocketAddr::from(([192, 0, 2, 1], port))])
}

fn resolver(getaddrinfo: Getaddrinfo) -> &'static NameResolver {
    Box::leak(Box::new(NameResolver::new(getaddrinfo)))
}

fn resolve(
    resolver: &'static NameResolver,
    url: &str,
    milliseconds: u64,
) -> Result<Vec<SocketAddr>, ureq::Error> {
    let after = Duration::from_millis(milliseconds).into();
    let timeout = NextTimeout { after, reason: ureq::Timeout::Resolve, ..NextTimeout::default() };
    let uri = url.parse().expect("a URL");
    resolver.resolve(&uri, &Config::builder().build(), timeout).map(|found| found.to_vec())
}

fn workers(resolver: &NameResolver) -> usize {
    resolver.names.lock().expect("no panic under the lock").workers.len()
}

#[test]
fn a_name_that_is_never_answered_holds_one_thread_no_caller_and_no_other_name() {
    let resolver = resolver(silent);
    let silence = SILENCE.lock().expect("the only test that takes it");
    for _ in 0..5 {
        let outcome = resolve(resolver, "https://silent.example/", 50);
        assert!(matches!(outcome, Err(ureq::Error::Timeout(ureq::Timeout::Resolve))), "{outcome:?}");
    }
    assert_eq!(BEGUN.load(Ordering::SeqCst), 1, "the thread is in the first call; no other began");
    assert!(resolve(resolver, "https://other.example/", PATIENCE).is_ok());
    assert_eq!(workers(resolver), 2);
    drop(silence);
    let found = resolve(resolver, "https://silent.example/", PATIENCE).expect("it answers now");
    assert_eq!(found, [SocketAddr::from(([192, 0, 2, 1], 443))]);
    assert_eq!(BEGUN.load(Ordering::SeqCst), 2, "lookups whose callers had gone were skipped");
}

/// A name's desk without a thread.
fn unattended(host: &str) -> Arc<Worker> {
    let (desk, changed) = Default::default();
    Arc::new(Worker { host: host.to_owned(), port: 443, desk, changed })
}

#[test]
fn all_who_wait_share_the_answer_of_one_call() {
    let worker = unattended("vendor.example");
    let enlisted: Vec<u64> = (0..64).map(|_| worker.enlist().expect("open").expect("room")).collect();
    worker.lock().is_closed = true;
    let calls = AtomicUsize::new(0);
    worker.work(|| {
        calls.fetch_add(1, Ordering::SeqCst);
        Err(Error::new(&detail::DNS_FAILED, "for all of them"))
    });
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    for call in enlisted {
        let failure = worker.wait_for(call, Duration::ZERO).expect("an answer").expect_err("the call failed");
        assert!(failure.to_string().contains("for all of them"), "{failure}");
    }
    assert!(worker.enlist().is_none(), "there will be no other call");
}

#[test]
fn more_lookups_of_a_name_than_there_is_room_for_are_refused() {
    let worker = unattended("vendor.example");
    for _ in 0..QUEUE {
        worker.enlist().expect("open").expect("room");
    }
    let refused = worker.enlist().expect("open").expect_err("no room");
    assert_eq!(refused.detail(), &detail::DNS_TIMEOUT);
    // One of them has waited for long enough.
    assert!(worker.wait_for(1, Duration::ZERO).is_none());
    assert!(worker.enlist().expect("open").is_ok());
}

#[test]
fn addresses_need_no_lookup() {
    let resolver = resolver(|host, _| panic!("{host} was looked up"));
    for (url, address) in [
        ("https://192.0.2.7/", "192.0.2.7:443"),
        ("http://127.0.0.1/", "127.0.0.1:80"),
        ("https://[2001:db8::1]:8443/x", "[2001:db8::1]:8443"),
    ] {
        let found = resolve(resolver, url, PATIENCE).expect(url);
        assert_eq!(found, [address.parse::<SocketAddr>().expect("an address")], "{url}");
    }
    assert_eq!(workers(resolver), 0);
}

#[test]
fn the_port_is_the_url_s() {
    let resolver = resolver(silent);
    for (url, port) in
        [("https://a.example/", 443), ("http://a.example/", 80), ("https://a.example:8443/", 8443)]
    {
        let found = resolve(resolver, url, PATIENCE).expect(url);
        assert_eq!(found, [SocketAddr::from(([192, 0, 2, 1], port))], "{url}");
    }
}

#[test]
fn a_failed_lookup_says_whether_the_name_exists() {
    for (words, cause) in [
        ("failed to lookup address information: Name or service not known", &detail::DNS_NXDOMAIN),
        ("failed to lookup address information: No address associated with hostname", &detail::DNS_NXDOMAIN),
        ("failed to lookup address information: Temporary failure in name resolution", &detail::DNS_FAILED),
        ("anything else", &detail::DNS_FAILED),
    ] {
        assert_eq!(not_found("vendor.example", &io::Error::other(words)).detail(), cause, "{words}");
    }
}

#[test]
fn a_thread_that_dies_is_told_and_replaced() {
    static DIES: Mutex<bool> = Mutex::new(true);
    let resolver = resolver(|_, port| {
        let dies = mem::replace(&mut *DIES.lock().expect("no panic under the lock"), false);
        assert!(!dies, "a module of getaddrinfo");
        Ok(vec![SocketAddr::from(([192, 0, 2, 1], port))])
    });
    let outcome = resolve(resolver, "https://vendor.example/", PATIENCE);
    assert!(matches!(&outcome, Err(ureq::Error::Other(e)) if e.to_string().contains("died")), "{outcome:?}");
    assert!(resolve(resolver, "https://vendor.example/", PATIENCE).is_ok());
}

#[test]
fn more_names_than_there_may_be_threads_are_refused_until_one_ends() {
    let resolver = resolver(silent);
    for n in 0..MAX_NAMES {
        assert!(resolve(resolver, &format!("https://host-{n}.example/"), PATIENCE).is_ok());
    }
    let refused = resolve(resolver, "https://one-more.example/", PATIENCE);
    assert!(
        matches!(&refused, Err(ureq::Error::Other(e)) if e.to_string().contains("too many")),
        "{refused:?}"
    );
    // As if the thread of one had ended.
    resolver.names.lock().expect("no panic under the lock").workers[7].lock().is_over = true;
    assert!(resolve(resolver, "https://one-more.example/", PATIENCE).is_ok());
}

#[test]
fn a_forked_child_starts_threads_of_its_own() {
    let resolver = resolver(silent);
    assert!(resolve(resolver, "https://a.example/", PATIENCE).is_ok());
    assert!(resolve(resolver, "https://b.example/", PATIENCE).is_ok());
    // A desk that nobody attends to, as the parent's is in a child.
    let mut names = resolver.names.lock().expect("no panic under the lock");
    names.process = process::id() + 1;
    names.workers[0] = unattended("a.example");
    drop(names);
    assert!(resolve(resolver, "https://a.example/", PATIENCE).is_ok());
    assert_eq!(workers(resolver), 1);
}

#[test]
fn in_clear_text_a_name_must_be_loopback_where_it_is_looked_up() {
    let uri: Uri = "http://localhost:8080/".parse().expect("a URL");
    for (addresses, anywhere, good) in [
        (&["127.0.0.1:8080", "[::1]:8080"][..], false, true),
        (&["127.9.9.9:8080"], false, true),
        (&["192.0.2.1:8080"], false, false),
        (&["127.0.0.1:8080", "192.0.2.1:8080"], false, false),
        (&["[2001:db8::1]:8080"], false, false),
        (&["192.0.2.1:8080"], true, true),
    ] {
        let checked = Checked { clear_text_anywhere: anywhere };
        let mut found = (&RESOLVER).empty();
        for address in addresses {
            found.push(address.parse().expect("an address"));
        }
        let outcome = checked.check(&uri, found);
        assert_eq!(outcome.is_ok(), good, "{addresses:?}");
        if let Err(ureq::Error::Other(e)) = outcome {
            assert!(e.to_string().contains("localhost is "), "{e}");
        }
    }
}
