//! A connector whose time limit holds for a proxy too.
//!
//! ureq gives each read of a proxy's answer to CONNECT the whole time for connecting, so that a proxy which answers a
//! byte at a time is never late. Here the connection to the proxy ends with the time for connecting.

use std::cell::Cell;
use std::fmt;
use std::time::Duration;

use ccauth_core::{Clock, Instant};
use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport,
};

use super::clock::SystemClock;

thread_local! {
    /// While a connection is being made on this thread: when that must be done.
    static UNTIL: Cell<Option<Instant>> = const { Cell::new(None) };
}

#[derive(Debug, Default)]
pub(crate) struct Bounded(DefaultConnector);

impl Connector for Bounded {
    type Out = Box<dyn Transport>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<()>,
    ) -> Result<Option<Self::Out>, Error> {
        // The connection to the proxy is made by a call within the call.
        if UNTIL.get().is_some() {
            let made = self.0.connect(details, chained)?;
            return Ok(made.map(|transport| Box::new(ToProxy(transport)) as Box<dyn Transport>));
        }
        let _ended = Ended;
        UNTIL.set(Some(SystemClock.now().instant + *details.timeout.after));
        self.0.connect(details, chained)
    }
}

struct Ended;

impl Drop for Ended {
    fn drop(&mut self) {
        UNTIL.set(None);
    }
}

/// A connection to a proxy. Once it is made, it is like any other.
struct ToProxy(Box<dyn Transport>);

impl ToProxy {
    fn within(timeout: NextTimeout) -> Result<NextTimeout, Error> {
        let Some(until) = UNTIL.get() else { return Ok(timeout) };
        let left = until.since(SystemClock.now().instant);
        if left == Duration::ZERO {
            return Err(Error::Timeout(timeout.reason));
        }
        Ok(NextTimeout { after: left.min(*timeout.after).into(), ..timeout })
    }
}

impl Transport for ToProxy {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.0.transmit_output(amount, Self::within(timeout)?)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.0.await_input(Self::within(timeout)?)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}

impl fmt::Debug for ToProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ToProxy")
    }
}
