//! Vendors are all registered, and no C symbol names one.

use std::collections::BTreeSet;

use super::graph::Graph;

/// Vendor crates that the facade lacks, and directories of cases whose vendor its registry lacks.
pub(crate) fn unregistered(
    graph: &Graph,
    pure: &[&str],
    cases: &[String],
    registered: &[&str],
) -> Vec<String> {
    let reached = graph.reach("ccauth");
    let crates = pure.iter().filter(|name| !reached.contains(**name));
    let crates = crates.map(|name| format!("crates/ccauth does not depend on {name}"));
    let vendors = cases.iter().filter(|id| !registered.contains(&id.as_str()));
    let vendors = vendors.map(|id| format!("crates/ccauth/src/registry.rs lacks the vendor {id}"));
    let without = registered.iter().filter(|id| !cases.iter().any(|case| case == *id));
    let without = without.map(|id| format!("the vendor {id} has no directory of cases"));
    crates.chain(vendors).chain(without).collect()
}

/// C identifiers of ours that hold a word of a vendor's id.
pub(crate) fn named(header: &str, ids: &[&str]) -> Vec<String> {
    let words: BTreeSet<&str> = ids.iter().flat_map(|id| id.split('-')).collect();
    let identifiers = header.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let ours: BTreeSet<String> =
        identifiers.map(str::to_ascii_lowercase).filter(|name| name.starts_with("ccauth_")).collect();
    let naming = ours.iter().filter(|name| name.split('_').any(|part| words.contains(part)));
    naming.map(|name| format!("include/ccauth.h names a vendor: {name}")).collect()
}
