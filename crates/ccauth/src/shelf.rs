//! A store as sources use it: each call of it has a thread and a time limit, since a disk may stall for minutes.

use std::fmt;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ccauth_core::{Entry, Error, Kept, Lease, Secret, Store, detail};

use crate::scheduler::Spawn;

/// How long a source waits for a store to read or write.
const BUDGET: Duration = Duration::from_secs(2);

pub(crate) struct Shelf {
    store: Arc<dyn Store>,
    spawn: Spawn,
    /// How many calls have not come back in time. While there is one, no other is made.
    overdue: Arc<AtomicUsize>,
}

/// What is done with the store, on a thread of its own.
type Work = Box<dyn FnOnce(&dyn Store) + Send>;

/// A call that is under way.
#[derive(Default)]
struct Call {
    stands: Mutex<Stands>,
    over: Condvar,
}

#[derive(Default, PartialEq, Eq)]
enum Stands {
    #[default]
    UnderWay,
    Late,
    Over,
}

impl Shelf {
    pub(crate) fn new(store: Arc<dyn Store>, spawn: Spawn) -> Self {
        Self { store, spawn, overdue: Arc::default() }
    }

    /// [`Store::load`]
    pub(crate) fn load(&self, entry: &Arc<Entry>) -> Result<Kept, Error> {
        let entry = entry.clone();
        self.call(BUDGET, move |store| store.load(&entry))
    }

    /// [`Store::lease`]
    pub(crate) fn lease(&self, entry: &Arc<Entry>, wait: Duration) -> Result<Option<Box<dyn Lease>>, Error> {
        let entry = entry.clone();
        self.call(wait + BUDGET, move |store| store.lease(&entry, wait))
    }

    /// [`Store::commit`]
    pub(crate) fn commit(&self, entry: &Arc<Entry>, revision: u64, record: Secret) -> Result<bool, Error> {
        let entry = entry.clone();
        self.call(BUDGET, move |store| store.commit(&entry, revision, &record))
    }

    fn call<T: Send + 'static>(
        &self,
        within: Duration,
        work: impl FnOnce(&dyn Store) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let answer = Arc::new(Mutex::new(None));
        let filled = answer.clone();
        self.run(
            within,
            Box::new(move |store| {
                let answer = work(store);
                *filled.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
            }),
        )?;
        let answer = answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        answer.unwrap_or_else(|| Err(Error::new(&detail::STORE_FAILED, "the store has panicked")))
    }

    fn run(&self, within: Duration, work: Work) -> Result<(), Error> {
        let slow = || {
            let message = format!("the store has not answered within {} ms", within.as_millis());
            Err(Error::new(&detail::STORE_SLOW, message))
        };
        if self.overdue.load(Ordering::Relaxed) > 0 {
            return slow();
        }
        let (call, store, overdue) = (Arc::new(Call::default()), self.store.clone(), self.overdue.clone());
        let made = call.clone();
        let thread = move || {
            let _ = catch_unwind(AssertUnwindSafe(|| work(&*store)));
            made.end(&overdue);
        };
        if let Err(e) = (self.spawn)("ccauth-store", Box::new(thread)) {
            let message = "no thread can be started that would use the store";
            return Err(Error::new(&detail::STORE_FAILED, message).with_os_errno(e.raw_os_error()));
        }
        if call.wait(within, &self.overdue) { Ok(()) } else { slow() }
    }
}

impl Call {
    /// False where it has taken too long, which is counted until it is over.
    fn wait(&self, within: Duration, overdue: &AtomicUsize) -> bool {
        let waited = self.over.wait_timeout_while(self.lock(), within, |stands| *stands != Stands::Over);
        let (mut stands, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let is_over = *stands == Stands::Over;
        if !is_over {
            *stands = Stands::Late;
            overdue.fetch_add(1, Ordering::Relaxed);
        }
        is_over
    }

    fn end(&self, overdue: &AtomicUsize) {
        if mem::replace(&mut *self.lock(), Stands::Over) == Stands::Late {
            overdue.fetch_sub(1, Ordering::Relaxed);
        }
        self.over.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Stands> {
        self.stands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Shelf").field(&self.store).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;
    use crate::scheduler::spawn;

    /// Answers a load when a test says so.
    struct Stalled(Mutex<Receiver<()>>);

    impl fmt::Debug for Stalled {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Stalled")
        }
    }

    impl Store for Stalled {
        fn load(&self, _: &Entry) -> Result<Kept, Error> {
            self.0.lock().unwrap().recv().unwrap();
            Ok(Kept::default())
        }

        fn lease(&self, _: &Entry, _: Duration) -> Result<Option<Box<dyn Lease>>, Error> {
            Ok(None)
        }

        fn commit(&self, _: &Entry, _: u64, _: &Secret) -> Result<bool, Error> {
            Ok(true)
        }
    }

    fn stalled() -> (Shelf, Sender<()>) {
        let (go_on, stall) = channel();
        (Shelf::new(Arc::new(Stalled(Mutex::new(stall))), spawn), go_on)
    }

    fn entry() -> Arc<Entry> {
        Arc::new(Entry { identity: String::new(), credential: "".into() })
    }

    #[test]
    fn a_store_that_stalls_is_waited_for_once_and_used_again_when_it_goes_on() {
        let (shelf, go_on) = stalled();
        let load = |within| shelf.call(within, |store| store.load(&entry()).map(|kept| kept.revision));
        let slow = |got: Result<u64, Error>| assert_eq!(got.unwrap_err().detail(), &detail::STORE_SLOW);
        slow(load(Duration::from_millis(1)));
        // No other thread gets stuck in it.
        slow(load(Duration::from_secs(30)));
        assert_eq!(shelf.commit(&entry(), 0, "".into()).unwrap_err().detail(), &detail::STORE_SLOW);
        assert_eq!(shelf.overdue.load(Ordering::Relaxed), 1);
        go_on.send(()).unwrap();
        // Nothing announces the end of a thread.
        let (_never, quiet) = channel::<()>();
        let is_over = (0..10_000).any(|_| {
            let _ = quiet.recv_timeout(Duration::from_millis(3));
            shelf.overdue.load(Ordering::Relaxed) == 0
        });
        assert!(is_over, "waited in vain");
        go_on.send(()).unwrap();
        assert_eq!(load(Duration::from_secs(30)).unwrap(), 0);
    }

    #[test]
    fn a_store_is_not_used_where_there_is_no_thread_for_it() {
        let (mut shelf, _go_on) = stalled();
        shelf.spawn = |_, _| Err(std::io::Error::from_raw_os_error(11));
        let failure = shelf.load(&entry()).unwrap_err();
        assert_eq!((failure.detail(), failure.os_errno()), (&detail::STORE_FAILED, Some(11)));
    }
}
