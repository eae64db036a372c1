//! What people see: results on standard output, talk on standard error, colours only on a terminal.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use rustix::fs::{OFlags, fcntl_getfl};

use crate::failure::Failure;

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();

/// Whether the process was started without a standard output. Rust's runtime opens `/dev/null` in its place, where
/// a token would get lost without a word.
static CLOSED: AtomicBool = AtomicBool::new(false);

// Before the runtime, where nothing of the standard library may be counted on: it asks the kernel about a descriptor,
// writes down a yes or no, and does nothing else.
#[ctor::ctor(unsafe)]
fn look_at_stdout() {
    CLOSED.store(fcntl_getfl(rustix::stdio::stdout()).is_err(), Ordering::Relaxed);
}

/// Standard output, unbuffered, so that no write fails without a word, as Rust's own does where it cannot write at
/// all. Colours are taken out where they are not wanted (no terminal, `NO_COLOR`, `TERM=dumb`).
///
/// # Errors
/// When it is closed, or open for reading alone: known before a token is obtained that nobody would see.
pub(crate) fn stdout() -> Result<AutoStream<File>, Failure> {
    let stdout = io::stdout();
    let flags = fcntl_getfl(&stdout).map_err(io::Error::from)?;
    if CLOSED.load(Ordering::Relaxed) || flags & OFlags::ACCMODE == OFlags::RDONLY {
        return Err(io::Error::other("standard output is closed or cannot be written").into());
    }
    Ok(AutoStream::auto(File::from(stdout.as_fd().try_clone_to_owned()?)))
}

/// Says on standard error what was odd, though it worked.
pub(crate) fn warn(what: &str) {
    // Nothing is left to do where even this cannot be written.
    let _ = writeln!(anstream::stderr(), "{DIM}ccauth: warning: {what}{DIM:#}");
}

/// Says why on standard error, with the cure.
pub(crate) fn complain(failure: &Failure) {
    let mut err = anstream::stderr();
    // Nothing is left to do where even this cannot be written.
    let _ = writeln!(err, "{BAD}ccauth:{BAD:#} {failure}");
    if let Some(cure) = failure.cure() {
        let _ = writeln!(err, "{DIM}  {cure}{DIM:#}");
    }
}
