//! The held token for those who must not wait.

use std::fmt;
use std::time::Duration;

use ccauth_core::life::Holding;
use ccauth_core::{Carriage, Detail, Error};

use super::slot::Note;
use super::window::Window;
use super::{Inner, Source, State};

/// What [`Source::try_token`] saw.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Glance<'b> {
    /// What a call carries, in ASCII, in the caller's buffer: a header's value with its scheme, or a query's argument,
    /// `name=value` with the value percent-encoded. `None` where it did not fit, and nothing was written.
    pub value: Option<&'b [u8]>,
    /// The number of bytes that it needs.
    pub len: usize,
    /// How long the token still lives; `None` lives until it is revoked.
    pub left: Option<Duration>,
    /// Whether it may be dead before its time: somebody was refused with it, or it is being replaced.
    pub is_stale: bool,
    /// How many tokens there were so far, this one included: while it stays the same, so does the value.
    pub generation: u64,
}

/// Shows everything but the value.
impl fmt::Debug for Glance<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { value: _, len, left, is_stale, generation } = self;
        let mut shown = f.debug_struct("Glance");
        shown.field("len", len).field("left", left).field("is_stale", is_stale);
        shown.field("generation", generation).finish_non_exhaustive()
    }
}

impl Source {
    /// Copies what to attach to a call into `into`, for threads that carry signalling or media: never waits, takes no
    /// lock, allocates nothing, enters no kernel and sends nothing, and may be called from a signal handler. The buffer
    /// then holds a secret, which is the caller's to wipe. [`Source::carriage`] tells what it belongs to.
    ///
    /// # Errors
    /// Why no valid token is held: `token.none`, or what the last request failed with.
    #[inline]
    pub fn try_token<'b>(&self, into: &'b mut [u8]) -> Result<Glance<'b>, &'static Detail> {
        self.0.window.look(into, || self.0.client.coarse())
    }

    /// Where its token is seen by those who do not hold the source; `None` where its client has a clock of its own.
    #[doc(hidden)]
    pub fn window(&self) -> Option<&'static Window> {
        self.0.client.tells_system_time().then_some(self.0.window)
    }

    /// How the token travels, and under which name: the same for all of a source's tokens.
    pub fn carriage(&self) -> &Carriage {
        &self.0.carriage
    }
}

impl Inner {
    /// Shows what is held now to all who take no lock.
    pub(super) fn publish(&self, state: &State) {
        let failure = state.life.failure().map(Error::detail);
        match state.life.holding(self.now()) {
            None => self.window.show_none(failure),
            Some(holding) => {
                let attached = holding.token.attached();
                let value = attached.expose().as_bytes();
                let (len, Holding { is_stale, generation, ends, .. }) = (value.len(), holding);
                self.window.show(value, Note { len, is_stale, generation, ends }, failure);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ccauth_testkit::Scripted;

    use crate::{Account, Client, Source, detail};

    #[test]
    fn a_glance_takes_no_lock() {
        let body = r#"{"success":true,"access_token":"t0","token_type":"bearer","expires_in":3600}"#;
        let reply = format!("HTTP/1.1 200 OK\ncontent-length: {}\n\n{body}", body.len());
        let client = Client::builder().transport(Arc::new(Scripted::new([reply.as_str()]))).build();
        let account = Account::builder("servetel").field("email", "clerk").field("password", "hunter2");
        let source = Source::open(&account.client(&client).build().unwrap());
        for expected in [Err(&detail::TOKEN_NONE), Ok(2)] {
            let held = source.0.lock();
            assert_eq!(source.try_token(&mut [0; 64]).map(|seen| seen.len), expected);
            drop(held);
            source.token().unwrap();
        }
    }
}
