use super::graph::{self, Graph};
use super::sources::{self, Source};
use super::{circles, vendors};

const PURE: &[&str] = &["ccauth-core", "acme-auth"];

/// A workspace in which every wall stands.
const SOUND: &[(&str, &[&str])] = &[
    ("ccauth-core", &["http", "serde"]),
    ("acme-auth", &["ccauth-core", "base64"]),
    ("ccauth", &["acme-auth", "ureq", "ccauth-core"]),
    ("ccauth-ffi", &["ccauth"]),
    ("ccauth-sandbox", &["tokio", "rustls"]),
    ("http", &["bytes"]),
    ("ureq", &["rustls"]),
];

fn graph_with(package: &str, more: &str) -> Graph {
    let mut edges: Vec<(&str, Vec<&str>)> = SOUND.iter().map(|(name, to)| (*name, to.to_vec())).collect();
    match edges.iter_mut().find(|(name, _)| *name == package) {
        Some((_, to)) => to.push(more),
        None => edges.push((package, vec![more])),
    }
    Graph::of(&edges.iter().map(|(name, to)| (*name, to.as_slice())).collect::<Vec<_>>())
}

fn source(path: &str, text: &str) -> Source {
    Source { path: path.to_owned(), text: text.to_owned() }
}

#[test]
fn a_sound_workspace_breaks_nothing() {
    assert_eq!(graph::broken(&Graph::of(SOUND), PURE), [""; 0]);
    assert_eq!(super::check(), Ok(()), "this one");
}

#[test]
fn each_wall_of_the_graph_falls() {
    for (package, more, says) in [
        ("ccauth-core", "rand", "a pure crate may not depend on rand: ccauth-core"),
        ("acme-auth", "other-auth", "a pure crate may not depend on other-auth: acme-auth"),
        ("acme-auth", "ccauth", "a pure crate may not depend on ccauth: acme-auth"),
        ("bytes", "tokio", "a pure crate reaches tokio: ccauth-core"),
        (
            "ccauth-sandbox",
            "ccauth-core",
            "the sandbox, which shares no code with the client, reaches ccauth-core",
        ),
        ("tokio", "acme-auth", "the sandbox, which shares no code with the client, reaches acme-auth"),
        ("rustls", "aws-lc-sys", "the shared library reaches aws-lc-sys: ccauth-ffi"),
    ] {
        let broken = graph::broken(&graph_with(package, more), PURE);
        assert!(broken.iter().any(|line| line.starts_with(says)), "{package} -> {more}: {broken:?}");
    }
    let lost = graph::broken(&Graph::of(&SOUND[..3]), PURE);
    assert!(lost.contains(&"there is no package ccauth-ffi".to_owned()), "{lost:?}");
}

#[test]
fn a_package_without_the_workspace_s_lints_is_found() {
    let sound = "[package]\nname = \"x\"\n\n[lints]\nworkspace = true\n";
    for (path, text, found) in [
        ("crates/x/Cargo.toml", sound, false),
        ("crates/x/Cargo.toml", "[package]\nname = \"x\"\n", true),
        ("Cargo.toml", "[workspace]\n", false),
        ("bench/Cargo.toml", "[workspace]\n", false),
    ] {
        assert_eq!(!graph::lints_are_inherited(&[source(path, text)]).is_empty(), found, "{path}: {text}");
    }
}

#[test]
fn each_wall_of_the_sources_falls() {
    let allows = |what: &str| format!("#![allow({what}, reason = \"…\")]");
    let (unsafety, clock) =
        (allows(concat!("unsafe", "_code")), allows(concat!("clippy::", "disallowed", "_methods")));
    let trust = concat!("#[ctor(unsafe", ")]");
    let clock_apart = clock.replace("allow(", "expect(\n    ");
    for (path, text, says) in [
        ("crates/acme-auth/src/lib.rs", "#![no_std]", None),
        ("crates/acme-auth/src/lib.rs", "", Some("is not no_std")),
        ("crates/acme-auth/src/acme.rs", "extern crate std;", Some("brings std back")),
        ("crates/acme-auth/tests/acme.rs", "extern crate std;", None),
        ("ffi/src/token.rs", unsafety.as_str(), None),
        ("crates/ccauth/src/client.rs", unsafety.as_str(), Some("allows unsafe")),
        ("crates/ccauth-cli/src/output.rs", trust, None),
        ("crates/ccauth/src/client.rs", trust, Some("takes on trust")),
        ("crates/ccauth/src/adapters/clock.rs", clock.as_str(), None),
        ("crates/ccauth/src/client.rs", clock.as_str(), Some("reads a clock")),
        ("crates/ccauth/src/client.rs", clock_apart.as_str(), Some("reads a clock")),
    ] {
        let broken = sources::broken(&[source(path, text)], PURE);
        assert_eq!(broken.first().cloned(), says.map(|says| format!("{path} {says}")), "{text}");
    }
}

#[test]
fn a_circle_of_imports_is_found_however_long() {
    let file = |name: &str, text: &str| source(&format!("home/{name}.rs"), text);
    let a = file("a", "use crate::b::B;");
    for (sources, circle) in [
        (vec![file("b", "")], ""),
        (vec![file("b", "use crate::c;")], ""),
        (vec![file("b", "use crate::{A};")], ""),
        (vec![file("b", "use crate::a::A;")], "a, b"),
        (vec![file("b", "fn f() {\n    use crate::c::{C, D};\n}"), file("c", "use crate::a;")], "a, b, c"),
    ] {
        let all: Vec<Source> =
            sources.into_iter().chain([file("a", &a.text), source("else/b.rs", &a.text)]).collect();
        let expected = format!("home/: a circle goes through {circle}");
        assert_eq!(circles::broken(&all, "home/"), if circle.is_empty() { vec![] } else { vec![expected] });
    }
}

#[test]
fn a_vendor_that_the_registry_lacks_is_noticed() {
    let cases = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    let graph = Graph::of(SOUND);
    for (pure, dirs, registered, says) in [
        (PURE, &["acme"][..], &["acme"][..], None),
        (
            &["ccauth-core", "other-auth"],
            &["acme"],
            &["acme"],
            Some("crates/ccauth does not depend on other-auth"),
        ),
        (
            PURE,
            &["acme", "acme-v2"],
            &["acme"],
            Some("crates/ccauth/src/registry.rs lacks the vendor acme-v2"),
        ),
        (PURE, &["acme"], &["acme", "acme-v2"], Some("the vendor acme-v2 has no directory of cases")),
    ] {
        let broken = vendors::unregistered(&graph, pure, &cases(dirs), registered);
        assert_eq!(broken.first().map(String::as_str), says);
    }
}

#[test]
fn a_c_symbol_that_names_a_vendor_is_found() {
    let ids = ["acme-ccm", "servetel"];
    for (header, found) in [
        ("int ccauth_token_free(ccauth_token *);", false),
        ("/* servetel and acme-ccm */ int ccauth_open(const char *vendor);", false),
        ("int ccauth_servetel_open(void);", true),
        ("#define CCAUTH_CCM_BASIC 1", true),
        ("typedef int ccauth_acme;", true),
    ] {
        assert_eq!(!vendors::named(header, &ids).is_empty(), found, "{header}");
    }
}
