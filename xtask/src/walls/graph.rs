//! Who depends on whom.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata};

use super::sources::Source;

/// What a pure crate may depend on. Whoever adds one has read that it opens no socket or file, starts no thread
/// and reads no clock or environment on the ways that are used.
const PURE: &[&str] = &[
    "base64",
    "ccauth-core",
    "form_urlencoded",
    "http",
    "httpdate",
    "jiff",
    "quick-xml",
    "serde",
    "serde_json",
    "strsim",
    "subtle",
    "zeroize",
];

/// What none of these may bring along, however far down.
const IMPURE: &[&str] =
    &["axum", "clap", "hyper", "mio", "ring", "rustix", "rustls", "socket2", "tokio", "ureq"];

/// What the shared library may not contain: async runtimes and OpenSSL.
const NOT_IN_LIBRARY: &[&str] =
    &["async-std", "aws-lc-sys", "hyper", "mio", "native-tls", "openssl-sys", "tokio"];

/// Normal and build dependencies by name, all features on.
pub(crate) struct Graph(BTreeMap<String, BTreeSet<String>>);

impl Graph {
    pub(crate) fn new(metadata: &Metadata) -> Self {
        let names: BTreeMap<_, _> = metadata.packages.iter().map(|p| (&p.id, p.name.to_string())).collect();
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for node in metadata.resolve.iter().flat_map(|resolve| &resolve.nodes) {
            let real = node.deps.iter().filter(|dependency| {
                dependency.dep_kinds.iter().any(|kind| kind.kind != DependencyKind::Development)
            });
            let real = real.filter_map(|dependency| names.get(&dependency.pkg).cloned());
            edges.entry(names[&node.id].clone()).or_default().extend(real);
        }
        Self(edges)
    }

    #[cfg(test)]
    pub(crate) fn of(edges: &[(&str, &[&str])]) -> Self {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self(edges.iter().map(|(name, to)| ((*name).to_owned(), owned(to))).collect())
    }

    fn direct(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.get(name).into_iter().flatten().map(String::as_str)
    }

    /// Everything below `name`.
    pub(crate) fn reach<'a>(&'a self, name: &'a str) -> BTreeSet<&'a str> {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&str> = self.direct(name).collect();
        while let Some(next) = open.pop() {
            if seen.insert(next) {
                open.extend(self.direct(next));
            }
        }
        seen
    }

    fn forbid(&self, name: &str, forbidden: &[&str], what: &str) -> Vec<String> {
        if !self.0.contains_key(name) {
            return vec![format!("there is no package {name}")];
        }
        let reached = self.reach(name);
        let wrong = forbidden.iter().filter(|other| reached.contains(**other));
        wrong.map(|other| format!("{what} reaches {other}: {name}")).collect()
    }
}

pub(crate) fn broken(graph: &Graph, pure: &[&str]) -> Vec<String> {
    let mut broken = Vec::new();
    for name in pure {
        let strange = graph.direct(name).filter(|other| !PURE.contains(other));
        broken.extend(strange.map(|other| format!("a pure crate may not depend on {other}: {name}")));
        broken.extend(graph.forbid(name, IMPURE, "a pure crate"));
    }
    let client = [&["ccauth", "ccauth-testkit"][..], pure].concat();
    broken.extend(graph.forbid(
        "ccauth-sandbox",
        &client,
        "the sandbox, which shares no code with the client,",
    ));
    broken.extend(graph.forbid("ccauth-ffi", NOT_IN_LIBRARY, "the shared library"));
    broken
}

/// The workspace's lints hold in a package whose manifest says so.
pub(crate) fn lints_are_inherited(manifests: &[Source]) -> Vec<String> {
    // bench/ is a workspace of its own, and the root has no package.
    let members = manifests.iter().filter(|m| m.path != "Cargo.toml" && !m.path.starts_with("bench/"));
    let without = members.filter(|m| !m.text.contains("[lints]\nworkspace = true"));
    without.map(|m| format!("{} does not inherit the workspace's lints", m.path)).collect()
}
