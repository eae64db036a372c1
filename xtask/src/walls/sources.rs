//! What no lint sees in the sources: `no_std` in the pure crates, and who may allow `unsafe` and a clock.

/// A tracked file.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Where `unsafe` may stand.
const UNSAFE_IN: &[&str] = &["ffi/", "crates/ccauth-sys/"];

/// Where an attribute may say in so many words that it takes what follows on trust: the command runs a function before
/// `main`.
const TRUST_IN: &[&str] = &["crates/ccauth-cli/src/output.rs"];

/// Where a clock may be read.
const CLOCK_IN: &[&str] =
    &["crates/ccauth/src/adapters/clock.rs", "crates/ccauth-sandbox/src/clock.rs", "bench/", "tests/"];

pub(crate) fn broken(sources: &[Source], pure: &[&str]) -> Vec<String> {
    let mut broken = Vec::new();
    for Source { path, text } in sources {
        let is_in = |homes: &[&str]| homes.iter().any(|home| path.starts_with(home));
        for name in pure {
            let home = format!("crates/{name}/src/");
            if *path == format!("{home}lib.rs") && !text.contains("#![no_std]") {
                broken.push(format!("{path} is not no_std"));
            }
            if path.starts_with(&home) && text.contains("extern crate std") {
                broken.push(format!("{path} brings std back"));
            }
        }
        // Written apart, so that this file does not find itself. Naming the lint is allowing it, here.
        if text.contains(concat!("unsafe", "_code")) && !is_in(UNSAFE_IN) {
            broken.push(format!("{path} allows unsafe"));
        }
        if text.contains(concat!("(unsafe", ")]")) && !is_in(TRUST_IN) {
            broken.push(format!("{path} takes on trust"));
        }
        let squeezed: String = text.split_whitespace().collect();
        let clock =
            ["allow", "expect"].map(|level| format!("{level}(clippy::{}", concat!("disallowed", "_methods")));
        if clock.iter().any(|clock| squeezed.contains(clock)) && !is_in(CLOCK_IN) {
            broken.push(format!("{path} reads a clock"));
        }
    }
    broken
}
