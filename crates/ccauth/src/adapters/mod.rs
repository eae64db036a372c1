//! What touches the outside world: the clock and the network.

#[cfg(feature = "ureq")]
mod bounded;
pub(crate) mod clock;
#[cfg(feature = "ureq")]
mod failure;
pub(crate) mod machine;
pub(crate) mod manual_clock;
#[cfg(feature = "ureq")]
mod resolver;
#[cfg(feature = "ureq")]
mod roots;
#[cfg(feature = "ureq")]
mod settings;
#[cfg_attr(not(feature = "ureq"), path = "no_transports.rs")]
pub(crate) mod transports;
#[cfg(feature = "ureq")]
mod ureq;

/// Has the threads end that wait for more to do. Those of sources end with the last source.
#[doc(hidden)]
pub fn let_idle_threads_go() {
    #[cfg(feature = "ureq")]
    resolver::RESOLVER.let_go();
}
