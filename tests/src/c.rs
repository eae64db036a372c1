//! Programs in C, built against the installed library.

use std::path::{Path, PathBuf};

use crate::command::{installed, tool};

/// Warnings that a careful project turns on, each an error.
pub const STRICT: [&str; 5] = ["-O1", "-Wall", "-Wextra", "-Wpedantic", "-Werror"];

/// Builds a file of C in this standard against the shared library.
///
/// # Panics
/// When the compiler has anything to say.
pub fn c_program(standard: &str, source: &Path, into: &Path) -> PathBuf {
    let home = installed("lib").display().to_string();
    let program = into.join(source.file_stem().expect("a name"));
    tool("cc", "gcc")
        .args([&format!("-std={standard}"), "-pthread"])
        .args(STRICT)
        .args([format!("-I{}", installed("include").display()), "-o".into(), program.display().to_string()])
        .args([source.display().to_string(), format!("-L{home}"), "-lccauth".into()])
        .args([format!("-Wl,-rpath,{home}")])
        .run()
        .good();
    program
}
