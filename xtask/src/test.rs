//! Every test that a contributor needs.

use crate::deps;
use crate::install;
use crate::limit;
use crate::sh::{self, Done};

/// Unit, property, conformance, documentation and whole-system tests; the C examples are built and run
/// by the package in tests/.
pub(crate) fn run() -> Done {
    deps::for_tests()?;
    // Before the build, which may put another file in this program's place.
    let [config, runner] = limit::as_runner()?;
    // The whole-system tests run the command and the C library as files.
    sh::run("cargo", &["build", "--locked", "--workspace"])?;
    install::run(install::PREFIX)?;
    sh::run("cargo", &["test", &config, &runner, "--locked", "--workspace", "--no-fail-fast"])
}
