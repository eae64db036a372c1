//! The C interface as a C programmer meets it: the header alone, the examples built against the installed library,
//! and what they print.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ccauth_tests::{Command, installed, root, tool};
use serde_json::Value;

const STRICT: [&str; 5] = ["-O1", "-Wall", "-Wextra", "-Wpedantic", "-Werror"];

/// The sources of the examples.
fn examples() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("examples-c")).expect("examples-c/");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "c"));
    files.sort();
    assert!(!files.is_empty(), "there are no examples");
    files
}

/// Builds one example against the shared library.
fn build(source: &Path, into: &Path) -> PathBuf {
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

#[test]
fn the_header_stands_alone_and_twice_in_c99_and_in_cpp11() {
    let dir = tempfile::tempdir().unwrap();
    let include = format!("-I{}", installed("include").display());
    for (language, standard, program, package) in [("c", "c99", "cc", "gcc"), ("c++", "c++11", "c++", "g++")]
    {
        for (name, text) in [
            ("alone", "#include <ccauth.h>\n"),
            ("twice", "#include <ccauth.h>\n#include <ccauth.h>\n"),
            ("last", "#include <stdio.h>\n#include <stdint.h>\n#include <ccauth.h>\n"),
        ] {
            // An empty file is no strict C; a use of each function is more than an empty one.
            let text = format!("{text}unsigned version(void) {{ return ccauth_version_number(); }}\n");
            let prototype = "unsigned version(void);\n";
            let file = dir.path().join(format!("{name}.{language}"));
            std::fs::write(&file, format!("{prototype}{text}")).unwrap();
            tool(program, package)
                .args(["-x", language, &format!("-std={standard}"), "-fsyntax-only", &include])
                .args(STRICT)
                .args(["-Wconversion", "-Wshadow", &file.display().to_string()])
                .run()
                .good();
        }
    }
}

#[test]
fn every_example_builds_without_a_warning_and_runs() {
    let dir = tempfile::tempdir().unwrap();
    for source in examples() {
        let program = build(&source, dir.path());
        let done = Command::new(&program).run();
        assert!(!done.good().is_empty(), "{}", source.display());
        assert_eq!(done.err, "", "{}", source.display());
    }
}

#[test]
fn discovery_prints_cargo_s_version_and_the_facade_s_vendors() {
    let dir = tempfile::tempdir().unwrap();
    let program = build(&root().join("examples-c/discovery.c"), dir.path());
    let done = Command::new(&program).run();
    let lines: Vec<&str> = done.good().lines().collect();
    let version = env!("CARGO_PKG_VERSION");
    let parts: Vec<u32> = version.split('.').map(|part| part.parse().unwrap()).collect();
    let number = parts[0] << 16 | parts[1] << 8 | parts[2];
    assert_eq!(lines[0], format!("ccauth {version} (0x{number:06x})"));
    assert_eq!(lines[1], "status -6 is RATE_LIMITED");
    let vendors: Value = serde_json::from_str(lines[2]).unwrap();
    let vendors = vendors.as_array().unwrap();
    let ids: BTreeSet<&str> = vendors.iter().map(|vendor| vendor["id"].as_str().unwrap()).collect();
    let known: BTreeSet<&str> = ccauth::vendors().map(|vendor| vendor.descriptor().id).collect();
    assert_eq!(ids, known);
    for vendor in ccauth::vendors() {
        let d = vendor.descriptor();
        let shown = vendors.iter().find(|vendor| vendor["id"] == d.id).unwrap();
        assert_eq!(
            shown["fields"].as_array().unwrap().len(),
            d.fields.len() + ccauth::common_fields().count(),
            "{}",
            d.id
        );
        for field in d.fields.iter().chain(ccauth::common_fields()) {
            let shown = shown["fields"].as_array().unwrap().iter().find(|shown| shown["name"] == field.name);
            let secret = field.kind == ccauth::FieldKind::Secret;
            assert_eq!(shown.unwrap()["secret"], secret, "{} {}", d.id, field.name);
        }
    }
}

#[test]
fn the_makefile_builds_the_examples_too() {
    let dir = tempfile::tempdir().unwrap();
    let copied = dir.path().join("examples-c");
    std::fs::create_dir(&copied).unwrap();
    for source in examples() {
        std::fs::copy(&source, copied.join(source.file_name().unwrap())).unwrap();
    }
    std::fs::copy(root().join("examples-c/Makefile"), copied.join("Makefile")).unwrap();
    let prefix = format!("PREFIX={}", installed("").display());
    tool("make", "make").args(["-s", "-C", &copied.display().to_string(), &prefix]).run().good();
    let done = Command::new(copied.join("discovery")).env("LD_LIBRARY_PATH", installed("lib")).run();
    assert!(done.good().starts_with("ccauth "), "{}", done.out);
}

#[test]
fn the_library_does_nothing_until_it_is_called() {
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("loading");
    let source = root().join("tests/c/loading.c");
    tool("cc", "gcc")
        .args(["-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread", "-o"])
        .args([program.display().to_string(), source.display().to_string(), "-ldl".into()])
        .run()
        .good();
    let library = installed("lib/libccauth.so").display().to_string();
    let done = Command::new(&program).args([&library]).run();
    assert_eq!((done.code, done.out.as_str(), done.err.as_str()), (Some(0), "", ""));
    let control = Command::new(&program).args([&library, "more"]).run();
    let seen: Vec<&str> = control.good().lines().collect();
    let expected = ["control: threads", "control: descriptors", "control: environment", "control: signal 10"];
    assert_eq!(seen, expected, "what changes is seen");
}
