//! The walls of docs/ARCHITECTURE.md, checked over the dependency graph and the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};

use crate::sh::{self, Done};

/// What a pure crate may not reach, however far down.
const IMPURE: &[&str] = &["axum", "clap", "hyper", "mio", "ring", "rustls", "socket2", "tokio", "ureq"];

/// What the shared library may not contain: async runtimes and OpenSSL.
const NOT_IN_LIBRARY: &[&str] =
    &["async-std", "aws-lc-sys", "hyper", "mio", "native-tls", "openssl-sys", "tokio"];

/// Where `unsafe` may stand.
const UNSAFE_IN: &[&str] = &["ffi/", "crates/ccauth-sys/"];

pub(crate) fn check() -> Done {
    let metadata = MetadataCommand::new()
        .manifest_path(sh::root().join("Cargo.toml"))
        .other_options(["--locked".to_owned()])
        .exec()
        .map_err(|e| e.to_string())?;
    let graph = Graph::new(&metadata);
    // Core, and the vendor crates by their names: a new one is within the walls by itself.
    let members = metadata.workspace_packages();
    let pure: Vec<&str> = members.iter().map(|p| p.name.as_str()).filter(|n| is_pure(n)).collect();
    let mut broken = Vec::new();
    for name in &pure {
        broken.extend(graph.forbid(name, IMPURE, "a pure crate"));
        let siblings: Vec<&str> =
            pure.iter().filter(|p| *p != name && **p != "ccauth-core").copied().collect();
        broken.extend(graph.forbid(name, &siblings, "a vendor crate"));
        broken.extend(graph.forbid(name, &["ccauth"], "a pure crate"));
    }
    let client = [&["ccauth", "ccauth-testkit"][..], &pure].concat();
    broken.extend(graph.forbid(
        "ccauth-sandbox",
        &client,
        "the sandbox, which shares no code with the client,",
    ));
    broken.extend(graph.forbid("ccauth-ffi", NOT_IN_LIBRARY, "the shared library"));
    for member in members {
        broken.extend(lints_are_inherited(member));
    }
    broken.extend(sources(&pure)?);
    if broken.is_empty() { Ok(()) } else { Err(format!("invariants are broken:\n  {}", broken.join("\n  "))) }
}

fn is_pure(package: &str) -> bool {
    package == "ccauth-core" || package.ends_with("-auth")
}

/// Normal and build dependencies of every package, all features on.
struct Graph<'a> {
    edges: BTreeMap<&'a PackageId, Vec<&'a PackageId>>,
    names: BTreeMap<&'a PackageId, &'a str>,
}

impl<'a> Graph<'a> {
    fn new(metadata: &'a Metadata) -> Self {
        let names = metadata.packages.iter().map(|p| (&p.id, p.name.as_str())).collect();
        let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
        let edges = nodes.map(|node| {
            let real = node
                .deps
                .iter()
                .filter(|d| d.dep_kinds.iter().any(|k| k.kind != DependencyKind::Development));
            (&node.id, real.map(|d| &d.pkg).collect())
        });
        Self { edges: edges.collect(), names }
    }

    fn reach(&self, name: &str) -> BTreeSet<&str> {
        let mut open: Vec<&PackageId> =
            self.names.iter().filter(|(_, n)| **n == name).map(|(id, _)| *id).collect();
        let mut seen: BTreeSet<&PackageId> = BTreeSet::new();
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                open.extend(self.edges.get(id).into_iter().flatten().copied());
            }
        }
        seen.iter().filter_map(|id| self.names.get(*id).copied()).filter(|n| *n != name).collect()
    }

    fn forbid(&self, name: &str, forbidden: &[&str], what: &str) -> Vec<String> {
        let reached = self.reach(name);
        if !self.names.values().any(|n| *n == name) {
            return vec![format!("there is no package {name}")];
        }
        let wrong = forbidden.iter().filter(|f| reached.contains(**f));
        wrong.map(|f| format!("{what} reaches {f}: {name}")).collect()
    }
}

fn lints_are_inherited(member: &Package) -> Option<String> {
    let manifest = fs::read_to_string(&member.manifest_path).unwrap_or_default();
    let inherits = manifest.contains("[lints]\nworkspace = true");
    (!inherits).then(|| format!("{} does not inherit the workspace's lints", member.name))
}

/// What no lint sees: `no_std` in the pure crates, and allowances of `unsafe` and of the clock.
fn sources(pure: &[&str]) -> Result<Vec<String>, String> {
    let mut broken = Vec::new();
    for name in pure {
        let path = format!("crates/{name}/src/lib.rs");
        let text = read(&path)?;
        if !text.contains("#![no_std]") {
            broken.push(format!("{path} is not no_std"));
        }
    }
    let files = sh::read("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.rs"])?;
    for path in files.split('\0').filter(|p| !p.is_empty() && sh::root().join(p).exists()) {
        let text = read(path)?;
        let home = pure.iter().any(|name| path.starts_with(&format!("crates/{name}/src/")));
        if home && text.contains("extern crate std") {
            broken.push(format!("{path} brings std back"));
        }
        // Written apart, so that this file does not find itself. Naming the lint is allowing it, here.
        if text.contains(concat!("unsafe", "_code")) && !UNSAFE_IN.iter().any(|home| path.starts_with(home)) {
            broken.push(format!("{path} allows unsafe"));
        }
        let clock = [
            concat!("allow(clippy::", "disallowed_methods"),
            concat!("expect(clippy::", "disallowed_methods"),
        ];
        let may =
            ["crates/ccauth/src/adapters/clock.rs", "crates/ccauth-sandbox/src/clock.rs", "bench/", "tests/"];
        let squeezed: String = text.split_whitespace().collect();
        if clock.iter().any(|c| squeezed.contains(c)) && !may.iter().any(|home| path.starts_with(home)) {
            broken.push(format!("{path} reads a clock"));
        }
    }
    Ok(broken)
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(sh::root().join(path)).map_err(|e| format!("{path}: {e}"))
}
