//! Where a secret on the command line comes from: a name of a place, never the value.

use std::env;
use std::fs::{self, File};
use std::io::{self, Read};

use ccauth::Secret;
use ccauth::zeroize::Zeroizing;

use crate::failure::Failure;

/// One more byte than the longest field between a byte-order mark and a CRLF.
const LIMIT: u64 = 4 * 1024 + 6;

/// Reads `source`, the place of the field `name`: `env:NAME`, `file:PATH` or `-`.
pub(crate) fn read(name: &str, source: &str) -> Result<Secret, Failure> {
    let local = |what: String| Failure::Local(format!("{name}: {what}"));
    let nameless = |form: &str| Failure::Usage(format!("--secret {name}: {form} lacks a name"));
    let text = match source.split_once(':') {
        Some(("env", "")) => return Err(nameless("env:NAME")),
        Some(("file", "")) => return Err(nameless("file:PATH")),
        Some(("env", variable)) => {
            let value = env::var(variable).map_err(|e| match e {
                env::VarError::NotPresent => local(format!("the environment variable {variable} is not set")),
                env::VarError::NotUnicode(_) => {
                    local(format!("the environment variable {variable} is not UTF-8"))
                }
            })?;
            return Ok(Secret::new(value));
        }
        Some(("file", path)) => {
            // Before it is opened: opening a pipe waits for its writer.
            let about = fs::metadata(path).map_err(|e| local(format!("{path}: {e}")))?;
            if !about.is_file() {
                return Err(local(format!(
                    "{path}: expected a regular file; a pipe goes to standard input, as -"
                )));
            }
            File::open(path).and_then(slurp).map_err(|e| local(format!("{path}: {e}")))?
        }
        None if source == "-" => slurp(io::stdin()).map_err(|e| local(format!("standard input: {e}")))?,
        _ => {
            // The source is not repeated: it may be the secret itself.
            let forms = "expected env:NAME, file:PATH or - for standard input";
            return Err(Failure::Usage(format!("--secret {name}: {forms}")));
        }
    };
    // Editors put a byte-order mark before it and a newline behind.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    Ok(Secret::from(text))
}

fn slurp(from: impl Read) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(LIMIT as usize));
    from.take(LIMIT).read_to_string(&mut text)?;
    if text.len() as u64 == LIMIT {
        return Err(io::Error::other("longer than 4 KiB"));
    }
    Ok(text)
}
