//! The tools that tests and gates need: installed where that is possible, named where it is not.

use crate::sh::{self, Done};

/// A program and the Debian package that has it.
const FOR_TESTS: &[(&str, &str)] = &[
    ("cc", "gcc"),
    ("c++", "g++"),
    ("curl", "curl"),
    ("chromium", "chromium"),
    ("chromedriver", "chromium-driver"),
];

/// The release that deny.toml is written for.
const CARGO_DENY: &str = "0.20.2";

/// A C compiler, curl to compare bytes with, and a browser for the inspector page.
pub(crate) fn for_tests() -> Done {
    let missing: Vec<&str> =
        FOR_TESTS.iter().filter(|(program, _)| !sh::has(program)).map(|(_, p)| *p).collect();
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

/// cargo-deny, built from its crate.
pub(crate) fn for_gates() -> Done {
    if sh::read("cargo", &["deny", "--version"]).is_ok_and(|version| version.trim().ends_with(CARGO_DENY)) {
        return Ok(());
    }
    sh::run("cargo", &["install", "--locked", "--quiet", "cargo-deny", "--version", CARGO_DENY])
}
