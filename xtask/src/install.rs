//! The C library as it is handed out: `ccauth.h` and `ccauth.hpp`, `libccauth.so` and `libccauth.a` below a prefix.
//!
//! cargo's own files tell where they were built, and its static library shares the names of everything in it with the
//! program that links it: two such libraries collide.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::sh::{self, Done};

/// Where the tests and the examples look for it.
pub(crate) const PREFIX: &str = "target/install";

pub(crate) fn run(prefix: &str) -> Done {
    if std::env::consts::OS != "linux" {
        return Err("the C library is installed on Linux alone so far".to_owned());
    }
    let built = build()?;
    let prefix = sh::root().join(prefix);
    let (lib, include) = (prefix.join("lib"), prefix.join("include"));
    for folder in [&lib, &include] {
        fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    for header in ["ccauth.h", "ccauth.hpp"] {
        copy(&sh::root().join("include").join(header), &include.join(header))?;
    }
    shared(&built.join("libccauth.so"), &lib)?;
    archive(&built, &lib.join("libccauth.a"))
}

/// Builds it apart from the rest, since its flags are other ones.
fn build() -> Result<PathBuf, String> {
    let home = |variable: &str, default: &str| match std::env::var(variable) {
        Ok(folder) => folder,
        Err(_) => format!("{}/{default}", std::env::var("HOME").unwrap_or_default()),
    };
    let root = fs::canonicalize(sh::root()).map_err(|e| e.to_string())?;
    let cargo = home("CARGO_HOME", ".cargo");
    let mut machine = vec![
        (cargo.clone(), "cargo"),
        (home("RUSTUP_HOME", ".rustup"), "rustup"),
        (root.display().to_string(), "ccauth"),
    ];
    // Of several, the last one counts. The registry has been unpacked, since this program was built of it.
    let registries = fs::read_dir(format!("{cargo}/registry/src")).into_iter().flatten().flatten();
    machine.extend(registries.map(|registry| (registry.path().display().to_string(), "crates")));
    let flags: Vec<String> =
        machine.iter().map(|(path, name)| format!("--remap-path-prefix={path}={name}")).collect();
    let target = root.join("target/c-library");
    let shown = target.display().to_string();
    let build =
        ["build", "--profile", "library", "--locked", "--package", "ccauth-ffi", "--target-dir", &shown];
    sh::run_with("cargo", &build, &[("CARGO_ENCODED_RUSTFLAGS", &flags.join("\x1f"))])?;
    Ok(target.join("library"))
}

/// The shared library under its full name, and the names by which loader and linker look for it.
fn shared(built: &Path, lib: &Path) -> Done {
    let full = concat!("libccauth.so.", env!("CARGO_PKG_VERSION"));
    copy(built, &lib.join(full))?;
    for (name, to) in [("libccauth.so.0", full), ("libccauth.so", "libccauth.so.0")] {
        let link = lib.join(name);
        let _ = fs::remove_file(&link);
        symlink(to, &link).map_err(|e| format!("{}: {e}", link.display()))?;
    }
    Ok(())
}

/// One object of all that the interface needs, in which no name but its own is seen from outside.
fn archive(built: &Path, to: &Path) -> Done {
    let path = |name: &str| built.join(name).display().to_string();
    let symbols = sh::read("nm", &["-D", "--defined-only", "--format=just-symbols", &path("libccauth.so")])?;
    fs::write(built.join("symbols"), &symbols).map_err(|e| e.to_string())?;
    let (object, archive, keep) = (path("ccauth.o"), path("libccauth.a"), path("symbols"));
    let wanted: Vec<&str> = symbols.lines().flat_map(|symbol| ["-u", symbol]).collect();
    let link = ["-r", "--gc-sections", "--force-group-allocation", "-o", &object];
    sh::run("ld", &[&link[..], &wanted, &[&archive]].concat())?;
    let keep = format!("--keep-global-symbols={keep}");
    sh::run("objcopy", &[&keep, "--strip-debug", "-R", ".llvmbc", "-R", ".llvmcmd", &object])?;
    let _ = fs::remove_file(to);
    sh::run("ar", &["rcsD", &to.display().to_string(), &object])
}

fn copy(from: &Path, to: &Path) -> Done {
    // A library that is in use keeps its own file.
    let _ = fs::remove_file(to);
    fs::copy(from, to).map(drop).map_err(|e| format!("{}: {e}", to.display()))
}
