//! What this machine is called.

/// Its node name, which tells it from the others of a fleet.
pub(crate) fn name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
