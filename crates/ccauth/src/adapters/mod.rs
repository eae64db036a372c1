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
