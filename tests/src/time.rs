//! Deadlines of tests, and the one reading of a clock.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// By how much a call may outlast its deadline.
pub const SLACK: Duration = Duration::from_secs(1);

/// How long a test waits for what must come: long, because only a failure takes it all.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What `act` gives, and how long it took.
#[expect(clippy::disallowed_methods, reason = "what is measured is real time: deadlines over sockets")]
pub fn timed<T>(act: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = act();
    (done, start.elapsed())
}

/// Runs `act` on a thread of its own.
///
/// # Panics
/// When it does not come back within `patience`, or panics.
#[track_caller]
pub fn finish_within<T: Send + 'static>(patience: Duration, act: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, finished) = channel();
    let running = thread::spawn(move || done.send(act()));
    match finished.recv_timeout(patience) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => panic!("not finished after {patience:?}"),
        Err(RecvTimeoutError::Disconnected) => match running.join() {
            Err(panic) => std::panic::resume_unwind(panic),
            Ok(_) => unreachable!("the result was neither sent nor lost by a panic"),
        },
    }
}

/// Asks again until `look` finds something: for states that nothing announces, such as a process's.
///
/// # Panics
/// When it has found nothing after [`PATIENCE`].
#[track_caller]
pub fn wait_for<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    wait_within(PATIENCE, what, look)
}

/// [`wait_for`] with another patience.
///
/// # Panics
/// When it has found nothing then.
#[track_caller]
pub(crate) fn wait_within<T>(patience: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let (_never, quiet) = channel::<()>();
    let step = Duration::from_millis(10);
    let mut waited = Duration::ZERO;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(waited < patience, "{what}: not seen after {waited:?}");
        // Nobody sends: this is how long to wait before the next look.
        let _ = quiet.recv_timeout(step);
        waited += step;
    }
}
