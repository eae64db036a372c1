//! What must hold besides the tests.

use crate::sh::{self, Done};
use crate::{c, codegen, deps, features, loom, walls};

/// Cheapest first.
pub(crate) fn run() -> Done {
    walls::check()?;
    format()?;
    codegen::check()?;
    sh::run("cargo", &["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    features::check()?;
    c::sample()?;
    loom::run(loom::SHORT)?;
    // Not a member of the workspace, and not to rot: the figures are for `cargo xtask bench`.
    let bench = ["clippy", "--locked", "--manifest-path", "bench/Cargo.toml", "--target-dir", "target/bench"];
    sh::run("cargo", &[&bench[..], &["--", "-D", "warnings"]].concat())?;
    let docs = ["doc", "--locked", "--workspace", "--no-deps", "--document-private-items"];
    sh::run_with("cargo", &docs, &[("RUSTDOCFLAGS", "-D warnings")])?;
    deps::for_gates()?;
    // Offline on purpose: what landed yesterday must not fail today. Advisories have a job of their own.
    sh::run(
        "cargo",
        &["deny", "--offline", "--workspace", "--locked", "check", "bans", "licenses", "sources"],
    )?;
    sh::run("cargo", &["run", "--locked", "--release", "-p", "ccauth-cli", "--", "demo"])
}

/// Over every tracked file, because `cargo fmt` does not see modules that a macro declares.
fn format() -> Done {
    let files = sh::read("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.rs"])?;
    let files: Vec<&str> =
        files.split('\0').filter(|f| !f.is_empty() && sh::root().join(f).exists()).collect();
    sh::run(
        "rustfmt",
        &[&["--check", "--edition", "2024", "--config-path", "rustfmt.toml"][..], &files].concat(),
    )
    .map_err(|why| format!("{why}\n`cargo fmt --all` mends most; rustfmt FILE the rest"))
}
