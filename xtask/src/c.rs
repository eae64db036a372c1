//! The tests in C and C++, built or run in another way than against the shared library.

use std::fs;
use std::path::PathBuf;

use crate::sh::{self, Done};
use crate::{install, limit};

/// The tests that are about nothing else than what the library does. The others look at its files, count what it asks of
/// the system, or load it.
const TESTS: &[&str] = &["c_events", "c_examples", "c_misuse", "c_source", "c_token", "cpp"];
/// What the gates have time for.
const SAMPLE: &[&str] = &["c_events", "c_misuse", "cpp"];

/// Every way; the last one needs the source of the standard library, by `rustup component add rust-src`.
const ALL: [&str; 4] = ["static", "address", "valgrind", "thread"];

/// The ways that the caller names, or all.
pub(crate) fn run(ways: &[&str]) -> Done {
    install::run(install::PREFIX)?;
    let ways = if ways.is_empty() { &ALL } else { ways };
    ways.iter().try_for_each(|way| tests(way, TESTS))
}

pub(crate) fn sample() -> Done {
    install::run(install::PREFIX)?;
    ["static", "address", "valgrind"].into_iter().try_for_each(|way| tests(way, SAMPLE))
}

fn tests(way: &str, tests: &[&str]) -> Done {
    let mut env = match way {
        "static" => vec![("CCAUTH_C_LIBS", format!("{} {SYSTEM}", shown("target/install/lib/libccauth.a")?))],
        "address" => {
            sanitized("address", "asan", "-fsanitize=address,undefined -fno-sanitize-recover=all", &[])?
        }
        // Its locks and atomics are seen only where the standard library is built with it too.
        "thread" => sanitized("thread", "tsan", "-fsanitize=thread", &["-Zbuild-std"])?,
        "valgrind" => vec![("CCAUTH_C_RUN", format!("{VALGRIND}{}", shown("tests/c/valgrind.supp")?))],
        _ => return Err(format!("{way}: expected one of {}", ALL.join(", "))),
    };
    env.push(("CCAUTH_C", way.to_owned()));
    let env: Vec<_> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let [config, runner] = limit::as_runner()?;
    let tests = tests.iter().flat_map(|test| ["--test", test]).collect::<Vec<_>>();
    // Of the workspace, so that nothing is built again with fewer features.
    let test = ["test", &config, &runner, "--locked", "--workspace", "--no-fail-fast"];
    sh::run_with("cargo", &[&test[..], &tests].concat(), &env)
}

/// What the static library needs of the system.
const SYSTEM: &str = "-lpthread -ldl -lm -lgcc_s";

const VALGRIND: &str = "valgrind --quiet --error-exitcode=99 --fair-sched=yes --suppressions=";

/// Builds the library with a sanitizer and with panics to rehearse, and says how a program in C is: Rust's own runtime of
/// the sanitizer serves it too. The compiler is the one of all else, with switches that are not stable yet.
fn sanitized(
    name: &str,
    runtime: &str,
    flags: &str,
    more: &[&str],
) -> Result<Vec<(&'static str, String)>, String> {
    let version = sh::read("rustc", &["-vV"])?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).ok_or("rustc names no host")?;
    let folder = format!("target/{name}");
    let rust = format!("-Zsanitizer={name} --cfg=ccauth_panic");
    let build = ["build", "--locked", "-p", "ccauth-ffi", "--target", host, "--target-dir", &folder];
    let env = [("RUSTC_BOOTSTRAP", "1"), ("RUSTFLAGS", rust.as_str())];
    sh::run_with("cargo", &[&build[..], more].concat(), &env)?;
    let library = shown(&format!("{folder}/{host}/debug/libccauth.a"))?;
    let libraries = PathBuf::from(sh::read("rustc", &["--print", "target-libdir"])?.trim());
    let end = format!("_rt.{runtime}.a");
    let runtime = fs::read_dir(&libraries)
        .map_err(|e| format!("{}: {e}", libraries.display()))?
        .filter_map(|entry| Some(entry.ok()?.path().display().to_string()))
        .find(|path| path.ends_with(&end));
    let runtime = runtime.ok_or_else(|| format!("{}: has no {end}", libraries.display()))?;
    let libs =
        format!("{library} -Wl,--whole-archive {runtime} -Wl,--no-whole-archive -lubsan -lrt {SYSTEM}");
    Ok(vec![("CCAUTH_C_FLAGS", format!("{flags} -DCCAUTH_PANIC")), ("CCAUTH_C_LIBS", libs)])
}

fn shown(path: &str) -> Result<String, String> {
    let path = fs::canonicalize(sh::root().join(path)).map_err(|e| format!("{path}: {e}"))?;
    Ok(path.display().to_string())
}
