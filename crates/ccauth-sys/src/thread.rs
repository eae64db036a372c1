//! Threads of a library, in a process that is somebody else's.

use std::io;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Enough for TLS; glibc's own default is 8 MiB.
const STACK: usize = 512 * 1024;

/// Starts a thread of this name, which nobody waits for. No signal is delivered to it: the host's handlers run on threads of
/// the host.
///
/// # Errors
/// The system has no thread to give.
pub fn start(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let builder = thread::Builder::new().name(name.to_owned()).stack_size(STACK);
    let living = Living::one_more();
    // A thread begins with the mask of who starts it.
    let _blocked = Blocked::all();
    let work = move || {
        let _living = living;
        work();
    };
    builder.spawn(work).map(drop)
}

/// Waits until all threads have ended that were started here; `false` when they have not by then.
pub fn await_end(timeout: Duration) -> bool {
    let living = LIVING.lock().unwrap_or_else(PoisonError::into_inner);
    let waited = ENDED.wait_timeout_while(living, timeout, |living| *living > 0);
    *waited.unwrap_or_else(PoisonError::into_inner).0 == 0
}

static LIVING: Mutex<usize> = Mutex::new(0);
static ENDED: Condvar = Condvar::new();

/// A thread that has not ended.
struct Living(());

impl Living {
    fn one_more() -> Self {
        *LIVING.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Self(())
    }
}

impl Drop for Living {
    fn drop(&mut self) {
        *LIVING.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        ENDED.notify_all();
    }
}

/// This thread's signals are blocked until it is dropped.
struct Blocked(#[cfg(unix)] libc::sigset_t);

#[cfg(unix)]
impl Blocked {
    fn all() -> Self {
        let mut all = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
        let mut before = all;
        // SAFETY: both are written before they are read, and the calls fail for bad arguments alone.
        unsafe {
            libc::sigfillset(all.as_mut_ptr());
            libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr());
            Self(before.assume_init())
        }
    }
}

#[cfg(unix)]
impl Drop for Blocked {
    fn drop(&mut self) {
        // SAFETY: it is what was there before.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.0, std::ptr::null_mut()) };
    }
}

#[cfg(not(unix))]
impl Blocked {
    fn all() -> Self {
        Self()
    }
}

#[cfg(all(test, target_os = "linux", not(miri)))]
mod tests {
    use std::fs;
    use std::sync::mpsc::channel;

    use super::*;

    /// Which signals the calling thread blocks, as the kernel tells it.
    fn blocked() -> u64 {
        let status = fs::read_to_string("/proc/thread-self/status").expect("the status");
        let line = status.lines().find_map(|line| line.strip_prefix("SigBlk:")).expect("SigBlk");
        u64::from_str_radix(line.trim(), 16).expect("a mask")
    }

    #[test]
    fn it_blocks_every_signal_and_who_starts_it_goes_on_as_before() {
        let (tell, told) = channel();
        let before = blocked();
        start("a-name", move || tell.send((blocked(), thread::current().name().map(str::to_owned))).unwrap())
            .unwrap();
        let (within, name) = told.recv().unwrap();
        // KILL and STOP are not to be blocked; 32 and 33 are the C library's own.
        let bit = |signal: u32| 1_u64 << (signal - 1);
        assert_eq!(within, !(bit(9) | bit(19) | bit(32) | bit(33)), "{within:x}");
        assert_eq!((blocked(), name.as_deref()), (before, Some("a-name")));
    }

    #[test]
    fn the_end_of_all_is_waited_for_and_no_longer_than_that() {
        let (tell, told) = channel::<()>();
        start("lasting", move || assert!(told.recv().is_err())).unwrap();
        start("panicking", || panic!("on purpose")).unwrap();
        assert!(!await_end(Duration::from_millis(1)));
        drop(tell);
        assert!(await_end(Duration::from_secs(30)));
    }
}
