//! Programs in C, built against the installed library.

use std::path::{Path, PathBuf};

use crate::command::{installed, tool};

/// Warnings that a careful project turns on, each an error.
pub const STRICT: [&str; 5] = ["-O1", "-Wall", "-Wextra", "-Wpedantic", "-Werror"];

/// Builds a file of C99 against the shared library.
///
/// # Panics
/// When the compiler has anything to say.
pub fn c_program(source: &Path, into: &Path) -> PathBuf {
    let home = installed("lib").display().to_string();
    let program = into.join(source.file_stem().expect("a name"));
    tool("cc", "gcc")
        .args(["-std=c99"])
        .args(STRICT)
        .args([format!("-I{}", installed("include").display()), "-o".into(), program.display().to_string()])
        .args([source.display().to_string(), format!("-L{home}"), "-lccauth".into()])
        .args([format!("-Wl,-rpath,{home}")])
        .run()
        .good();
    program
}
