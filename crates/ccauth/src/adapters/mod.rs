//! What touches the outside world: the clock and the network.

pub(crate) mod clock;
#[cfg(feature = "ureq")]
mod failure;
#[cfg(feature = "ureq")]
mod resolver;
#[cfg(feature = "ureq")]
mod settings;
#[cfg(feature = "ureq")]
pub(crate) mod ureq;
