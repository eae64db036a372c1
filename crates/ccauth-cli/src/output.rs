//! What people see: results on standard output, talk on standard error, colours only on a terminal.

use std::io::{self, Write as _};

use anstyle::{AnsiColor, Style};

use crate::failure::Failure;

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();

/// Standard output; colours are taken out where they are not wanted (no terminal, `NO_COLOR`, `TERM=dumb`).
pub(crate) fn stdout() -> anstream::AutoStream<io::Stdout> {
    anstream::stdout()
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
