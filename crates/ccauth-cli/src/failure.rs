//! Why the command failed, and with which exit status.

use std::fmt;
use std::io;

use ccauth::Error;

#[derive(Debug)]
pub(crate) enum Failure {
    /// A failure of the library, with its cure.
    Ccauth(Error),
    /// The command line is wrong.
    Usage(String),
    /// A file, a stream or the environment.
    Local(String),
    /// The output could not be written.
    Output(io::Error),
    /// The reader of our output has gone: nothing to complain about, and nobody to complain to.
    ClosedPipe,
}

impl Failure {
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Ccauth(e) => e.kind().exit_code(),
            Self::Usage(_) => 2,
            Self::Local(_) => 3,
            Self::Output(_) => 1,
            Self::ClosedPipe => 0,
        }
    }

    /// The one line that mends it, where there is one.
    pub(crate) fn cure(&self) -> Option<&'static str> {
        if let Self::Ccauth(e) = self { Some(e.cure()) } else { None }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ccauth(e) => e.fmt(f),
            Self::Usage(why) | Self::Local(why) => f.write_str(why),
            Self::Output(e) => write!(f, "the output could not be written: {e}"),
            Self::ClosedPipe => f.write_str("the output was closed"),
        }
    }
}

impl From<Error> for Failure {
    fn from(e: Error) -> Self {
        Self::Ccauth(e)
    }
}

/// Only output is written with `?` on an `io::Result`.
impl From<io::Error> for Failure {
    fn from(e: io::Error) -> Self {
        if e.kind() == io::ErrorKind::BrokenPipe { Self::ClosedPipe } else { Self::Output(e) }
    }
}
