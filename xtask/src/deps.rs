//! The tools that tests and gates need: installed where that is possible, named where it is not.

use crate::sh::{self, Done};

/// A shell's line that succeeds where a tool is there, and the Debian package that has it.
const FOR_TESTS: &[(&str, &str)] = &[
    ("cc --version", "gcc"),
    ("c++ --version", "g++"),
    ("ld --version && nm --version && objcopy --version && readelf --version", "binutils"),
    ("make --version", "make"),
    ("valgrind --version", "valgrind"),
    ("curl --version", "curl"),
    ("chromium --version", "chromium"),
    ("chromedriver --version", "chromium-driver"),
    ("go version", "golang-go"),
    // The package is the system's Python's, which need not be the first on PATH.
    ("python3 -m pytest --version || /usr/bin/python3 -m pytest --version", "python3-pytest"),
];

/// The release that deny.toml is written for.
const CARGO_DENY: &str = "0.20.2";

/// Compilers of C and C++ with their linker, make, valgrind, curl to compare bytes with, a browser for the inspector page, Go,
/// and pytest.
pub(crate) fn for_tests() -> Done {
    let there = |probe: &str| sh::read("sh", &["-c", probe]).is_ok();
    let missing: Vec<&str> =
        FOR_TESTS.iter().filter(|(probe, _)| !there(probe)).map(|(_, package)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let root = sh::read("id", &["-u"]).is_ok_and(|id| id.trim() == "0");
    if !root || !sh::has("apt-get") {
        return Err(format!(
            "missing: {0}. On Debian or Ubuntu: sudo apt-get update && sudo apt-get install -y {0}",
            missing.join(" ")
        ));
    }
    let quiet = [("DEBIAN_FRONTEND", "noninteractive")];
    sh::run_with("apt-get", &["update", "-qq"], &quiet)?;
    let install = ["install", "-y", "-qq", "--no-install-recommends"];
    sh::run_with("apt-get", &[&install[..], &missing].concat(), &quiet)
}

/// cargo-deny, built from its crate: without optimisation, in a tenth of the time, and as fast for what is asked of it.
pub(crate) fn for_gates() -> Done {
    if sh::read("cargo", &["deny", "--version"]).is_ok_and(|version| version.trim().ends_with(CARGO_DENY)) {
        return Ok(());
    }
    let install = ["install", "--locked", "--quiet", "--debug", "cargo-deny", "--version", CARGO_DENY];
    sh::run_with("cargo", &install, &[("CARGO_PROFILE_DEV_DEBUG", "0")])
}
