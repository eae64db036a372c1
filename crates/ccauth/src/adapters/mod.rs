//! What touches the outside world: the clock, the network and the disk.

use std::sync::LazyLock;

use ccauth_core::Field;

#[cfg(feature = "ureq")]
mod bounded;
pub(crate) mod clock;
#[cfg(feature = "ureq")]
mod failure;
#[cfg(feature = "file-store")]
mod file_store;
pub(crate) mod machine;
pub(crate) mod manual_clock;
#[cfg(feature = "ureq")]
mod resolver;
#[cfg(feature = "ureq")]
mod roots;
#[cfg(feature = "ureq")]
mod settings;
#[cfg_attr(not(feature = "file-store"), path = "no_stores.rs")]
pub(crate) mod stores;
#[cfg_attr(not(feature = "ureq"), path = "no_transports.rs")]
pub(crate) mod transports;
#[cfg(feature = "ureq")]
mod ureq;

/// The fields of all of these.
pub(crate) static FIELDS: LazyLock<Vec<Field>> =
    LazyLock::new(|| [transports::FIELDS, stores::FIELDS].concat());

/// Has the threads end that wait for more to do. Those of sources end with the last source.
#[doc(hidden)]
pub fn let_idle_threads_go() {
    #[cfg(feature = "ureq")]
    resolver::RESOLVER.let_go();
}
