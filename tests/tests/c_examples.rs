//! The C interface as a C programmer meets it: the header alone, the examples built against the installed library,
//! and what they print.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ccauth_sandbox::Sandbox;
use ccauth_tests::{Command, STRICT, VENDORS, c_program, installed, root, sandbox, tool};
use serde_json::Value;

/// The sources of the examples.
fn examples() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("examples-c")).expect("examples-c/");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "c" || extension == "cpp"));
    files.sort();
    assert!(!files.is_empty(), "there are no examples");
    files
}

#[test]
fn the_headers_stand_alone_and_twice_from_c99_to_cpp20() {
    let dir = tempfile::tempdir().unwrap();
    let include = format!("-I{}", installed("include").display());
    for (header, language, standard, more) in [
        ("ccauth.h", "c", "c99", ""),
        ("ccauth.h", "c", "c17", ""),
        ("ccauth.h", "c++", "c++11", ""),
        ("ccauth.h", "c++", "c++20", ""),
        ("ccauth.hpp", "c++", "c++17", ""),
        ("ccauth.hpp", "c++", "c++20", ""),
        ("ccauth.hpp", "c++", "c++17", "-fno-exceptions"),
    ] {
        for (name, text) in [
            ("alone", format!("#include <{header}>\n")),
            ("twice", format!("#include <{header}>\n#include <{header}>\n")),
            ("last", format!("#include <stdio.h>\n#include <stdint.h>\n#include <{header}>\n")),
        ] {
            // An empty file is no strict C; a use of each function is more than an empty one.
            let text = format!("{text}unsigned version(void) {{ return ccauth_version_number(); }}\n");
            let prototype = "unsigned version(void);\n";
            let file = dir.path().join(format!("{name}.{language}"));
            std::fs::write(&file, format!("{prototype}{text}")).unwrap();
            let (program, package) = if language == "c" { ("cc", "gcc") } else { ("c++", "g++") };
            tool(program, package)
                .args(["-x", language, &format!("-std={standard}"), "-fsyntax-only", &include])
                .args(STRICT)
                .args(["-Wconversion", "-Wshadow", &file.display().to_string()])
                .args((!more.is_empty()).then_some(more))
                .run()
                .good();
        }
    }
}

/// Builds an example by its file's name.
fn example(name: &str, into: &Path) -> PathBuf {
    let standard = if name.ends_with(".cpp") { "c++17" } else { "c99" };
    c_program(standard, &root().join("examples-c").join(name), into)
}

/// An example, where it finds the sandbox.
fn at(sandbox: &Sandbox, program: &Path) -> Command {
    let command = Command::new(program).env("SANDBOX", sandbox.url()).env("CA_FILE", sandbox.ca_file());
    let command = command.env("BASE_URL", sandbox.base_url("servetel"));
    command.env("SERVETEL_PASSWORD", sandbox.account("servetel").field("password").expect("a password"))
}

#[test]
fn every_example_builds_without_a_warning_and_runs() {
    let (dir, sandbox) = (tempfile::tempdir().unwrap(), sandbox());
    for source in examples() {
        let name = source.file_name().and_then(|name| name.to_str()).expect("a name");
        let done = at(&sandbox, &example(name, dir.path())).run();
        assert!(!done.good().is_empty(), "{name}");
        assert_eq!(done.err, "", "{name}");
    }
}

#[test]
fn five_vendors_shows_how_each_token_travels_and_until_when() {
    let (dir, sandbox) = (tempfile::tempdir().unwrap(), sandbox());
    let program = example("five_vendors.c", dir.path());
    let done = at(&sandbox, &program).run();
    let lines: Vec<&str> = done.good().lines().collect();
    for (line, (vendor, travels, expiry)) in lines.iter().zip([
        ("exotel-ccm", "authorization", "(server), request_id: "),
        ("exotel-webrtc", "authorization", "(documented), request_id: "),
        ("contactnow", "the query", "(server)"),
        ("servetel", "authorization", "(server), number_of_days_left: 90"),
        ("sangoma", "authorization", "(server), scope: cx.agent-calls cx.queue-calls"),
    ]) {
        assert!(line.starts_with(&format!("{vendor:14} in {travels}, until 1")), "{line}");
        assert!(line.contains(expiry), "{line}");
    }
    assert_eq!(lines.len(), VENDORS.len(), "{}", done.out);
}

#[test]
fn each_task_s_example_does_what_it_says() {
    let dir = tempfile::tempdir().unwrap();
    for (name, prints) in [
        ("threads_peek.c", "40000 calls with authorization, 0 without"),
        ("epoll.c", "1000 tokens of 1000"),
        ("report_401.c", "token 1: taken\ntoken 1: refused\ntoken 2: taken"),
        (
            "rotate_credentials.c",
            "credentials.rejected: Correct them. Repeating the request can lock the account.\n\
             token 1 with the new key",
        ),
        (
            "contactnow_operations.c",
            "token 1, can 15\nvalid until #\npassword changed, and changed back\nrevoked; token 2",
        ),
        (
            "two_threads.cpp",
            "calls go on with token 2\n\
             credentials.rejected: Correct them. Repeating the request can lock the account.",
        ),
    ] {
        let sandbox = sandbox();
        let done = at(&sandbox, &example(name, dir.path())).run();
        // A point in time is another one each time.
        let word =
            |word: &str| if word.len() == 10 && word.parse::<u64>().is_ok() { "#" } else { word }.to_owned();
        let line = |line: &str| line.split(' ').map(word).collect::<Vec<_>>().join(" ");
        assert_eq!(done.good().lines().map(line).collect::<Vec<_>>().join("\n"), prints, "{name}");
    }
}

#[test]
fn hello_token_says_what_went_wrong_and_what_mends_it() {
    let (dir, sandbox) = (tempfile::tempdir().unwrap(), sandbox());
    let program = example("hello_token.c", dir.path());
    let done = at(&sandbox, &program).run();
    assert!(done.good().starts_with("authorization: eyJhbGc..., "), "{}", done.out);
    for (name, value, says) in [
        ("SERVETEL_PASSWORD", "wrong-secret", "[credentials.rejected]\nCorrect them."),
        ("BASE_URL", "http://vendor.example", "[config.url]\n"),
        ("CA_FILE", "/nowhere.pem", "[config.ca_file]\n"),
    ] {
        let failed = at(&sandbox, &program).env(name, value).run();
        assert_eq!((failed.code, failed.out.as_str()), (Some(1), ""), "{name}");
        assert!(failed.err.starts_with("servetel: ") && failed.err.contains(says), "{name}: {}", failed.err);
        assert!(!failed.err.contains("wrong-secret"), "{}", failed.err);
    }
}

#[test]
fn discovery_prints_cargo_s_version_and_the_facade_s_vendors() {
    let dir = tempfile::tempdir().unwrap();
    let program = example("discovery.c", dir.path());
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
    for source in examples().into_iter().chain([root().join("examples-c/demo.h")]) {
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
