//! Programs in C and C++, built against the installed library, or as `cargo xtask c` says.

use std::env::var;
use std::path::{Path, PathBuf};

use crate::command::{Command, installed, tool};

/// Warnings that a careful project turns on, each an error.
pub const STRICT: [&str; 5] = ["-O1", "-Wall", "-Wextra", "-Wpedantic", "-Werror"];

/// Builds a file of C or C++ in this standard. `CCAUTH_C_FLAGS` are added for the compiler, `CCAUTH_C_LIBS` stand for the shared
/// library, and what `CCAUTH_C_RUN` names runs the program.
///
/// # Panics
/// When the compiler has anything to say.
pub fn c_program(standard: &str, source: &Path, into: &Path) -> PathBuf {
    let is_cpp = source.extension().is_some_and(|extension| extension == "cpp");
    let compiler = || if is_cpp { tool("c++", "g++") } else { tool("cc", "gcc") };
    let program = into.join(source.file_stem().expect("a name"));
    let path = |suffix: &str| program.with_extension(suffix).display().to_string();
    let home = installed("lib").display().to_string();
    let shared = format!("-L{home} -lccauth -Wl,-rpath,{home}");
    let words = |name: &str, otherwise: &str| -> Vec<String> {
        let said = var(name).unwrap_or_else(|_| otherwise.to_owned());
        said.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    compiler()
        .args([&format!("-std={standard}"), "-g", "-pthread", "-c", "-o", &path("o")])
        .args(STRICT)
        .args(words("CCAUTH_C_FLAGS", ""))
        .args([format!("-I{}", installed("include").display()), format!("-I{}", into.display())])
        .args([source])
        .run()
        .good();
    let bare = path("bare");
    let link = compiler().args(["-pthread", "-o", &bare, &path("o")]);
    link.args(words("CCAUTH_C_LIBS", &shared)).run().good();
    let runner = words("CCAUTH_C_RUN", "").join(" ");
    // By another process: a file that this one had open, a child of another test might still have, and cannot be run then.
    let script = format!("#!/bin/sh\nexec {runner} {bare} \"$@\"\n");
    let write = r#"printf %s "$1" > "$2" && chmod 755 "$2""#;
    Command::new("sh").args(["-c", write, "sh", &script, &program.display().to_string()]).run().good();
    program
}
