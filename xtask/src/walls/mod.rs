//! The walls of docs/ARCHITECTURE.md that no lint sees: each rule says what breaks it, and has a test in which
//! it falls.

mod circles;
mod graph;
mod sources;
#[cfg(test)]
mod tests;
mod vendors;

use std::fs;

use cargo_metadata::MetadataCommand;

use crate::sh::{self, Done};
use graph::Graph;
use sources::Source;

pub(crate) fn check() -> Done {
    let metadata = MetadataCommand::new()
        .manifest_path(sh::root().join("Cargo.toml"))
        .other_options(["--locked".to_owned()])
        .exec()
        .map_err(|e| e.to_string())?;
    let members: Vec<String> = metadata.workspace_packages().iter().map(|p| p.name.to_string()).collect();
    // Core, and the vendor crates by their names: a new one is within the walls by itself.
    let pure: Vec<&str> = members.iter().map(String::as_str).filter(|name| is_pure(name)).collect();
    let graph = Graph::new(&metadata);
    let sources = tracked("*.rs")?;
    let manifests = tracked("*Cargo.toml")?;

    let mut broken = graph::broken(&graph, &pure);
    broken.extend(graph::lints_are_inherited(&manifests));
    broken.extend(sources::broken(&sources, &pure));
    broken.extend(circles::broken(&sources, "crates/ccauth-core/src/"));
    let ids: Vec<&str> = ccauth::vendors().map(|vendor| vendor.descriptor().id).collect();
    broken.extend(vendors::unregistered(&graph, &pure, &case_directories()?, &ids));
    broken.extend(vendors::named(&read("include/ccauth.h")?, &ids));
    if broken.is_empty() { Ok(()) } else { Err(format!("walls are broken:\n  {}", broken.join("\n  "))) }
}

fn is_pure(package: &str) -> bool {
    package == "ccauth-core" || package.ends_with("-auth")
}

/// Every file of this form that is tracked, or would be.
fn tracked(form: &str) -> Result<Vec<Source>, String> {
    let files = sh::read("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard", form])?;
    let there = files.split('\0').filter(|path| !path.is_empty() && sh::root().join(path).exists());
    there.map(|path| Ok(Source { path: path.to_owned(), text: read(path)? })).collect()
}

/// The names of the directories in which vendor crates have the cases of a vendor.
fn case_directories() -> Result<Vec<String>, String> {
    let files = tracked("crates/*-auth/cases/*/base.toml")?;
    let name = |source: &Source| source.path.rsplit('/').nth(1).map(str::to_owned);
    Ok(files.iter().filter_map(name).collect())
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(sh::root().join(path)).map_err(|e| format!("{path}: {e}"))
}
