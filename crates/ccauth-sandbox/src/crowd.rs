//! How many connections there may be at once, and who leaves when another comes.
//!
//! Descriptors and memory have an end, and clients keep connections that they no longer need. So a newcomer who
//! finds no seat takes that of whoever has waited longest without a request. Nobody is sent away while the
//! sandbox owes them an answer: then the newcomer waits.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};

/// Below the 1024 descriptors that a process commonly has, with room for the host of an embedded sandbox.
const MOST_CONNECTIONS: usize = 512;

/// A fleet that arrives at once needs this long to say what it wants.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Crowd {
    seats: Arc<Semaphore>,
    /// Whether a newcomer waits for a seat.
    wanted: AtomicBool,
    /// Wakes the one that has waited longest.
    leave: Notify,
}

/// Where a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It has not asked for anything yet.
    New,
    /// It is owed an answer.
    Busy,
    /// It has its answer.
    Idle,
}

impl Crowd {
    pub(crate) fn new() -> Crowd {
        let seats = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        Crowd { seats, wanted: AtomicBool::new(false), leave: Notify::new() }
    }

    /// A seat; at the expense of an idle connection when there is none left.
    pub(crate) async fn seat(&self) -> Option<OwnedSemaphorePermit> {
        if self.seats.available_permits() == 0 {
            self.make_room();
        }
        let seat = self.seats.clone().acquire_owned().await.ok();
        self.wanted.store(false, Ordering::Relaxed);
        seat
    }

    /// Asks one idle connection to leave, as soon as there is one.
    pub(crate) fn make_room(&self) {
        self.wanted.store(true, Ordering::Relaxed);
        self.leave.notify_one();
    }

    /// Lasts until a connection has to leave.
    pub(crate) async fn must_leave(&self, mut connection: watch::Receiver<Standing>) {
        loop {
            let standing = *connection.borrow_and_update();
            tokio::select! {
                () = self.asked_to_leave(standing) => return,
                changed = connection.changed() => if changed.is_err() {
                    // It ends by itself.
                    return pending().await;
                }
            }
        }
    }

    async fn asked_to_leave(&self, standing: Standing) {
        match standing {
            Standing::New => tokio::time::sleep(PATIENCE).await,
            Standing::Busy => pending().await,
            Standing::Idle => {}
        }
        loop {
            self.leave.notified().await;
            // Somebody may have left of their own accord meanwhile.
            if self.wanted.swap(false, Ordering::Relaxed) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    /// How long a newcomer waits who finds every seat taken by connections that stand like this.
    fn wait(standing: Standing) -> Option<Duration> {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().start_paused(true).build().ok()?.block_on(async {
            let crowd = Arc::new(Crowd::new());
            let (_connections, watched) = watch::channel(standing);
            for _ in 0..MOST_CONNECTIONS {
                let (crowd, seat, watched) = (crowd.clone(), crowd.seat().await, watched.clone());
                tokio::spawn(async move {
                    crowd.must_leave(watched).await;
                    drop(seat);
                });
            }
            let start = Instant::now();
            let seat = tokio::time::timeout(PATIENCE * 100, crowd.seat()).await;
            seat.ok().map(|_| Duration::from_secs(start.elapsed().as_secs()))
        })
    }

    #[test]
    fn the_idle_leave_at_once_the_silent_soon_and_nobody_who_is_owed_an_answer() {
        assert_eq!(wait(Standing::Idle), Some(Duration::ZERO));
        assert_eq!(wait(Standing::New), Some(PATIENCE));
        assert_eq!(wait(Standing::Busy), None);
    }
}
