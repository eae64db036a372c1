//! Every feature of the facade builds alone and with none of the others: features only add.

use cargo_metadata::MetadataCommand;

use crate::sh::{self, Done};

pub(crate) fn check() -> Done {
    let manifest = sh::root().join("crates/ccauth/Cargo.toml");
    let metadata =
        MetadataCommand::new().manifest_path(manifest).no_deps().exec().map_err(|e| e.to_string())?;
    let package = metadata.packages.iter().find(|package| package.name.as_str() == "ccauth");
    let features = &package.ok_or("there is no package ccauth")?.features;
    let alone = features.keys().map(String::as_str).filter(|feature| *feature != "default");
    for features in ["", "exotel,ureq"].into_iter().chain(alone) {
        let args =
            ["clippy", "--locked", "-p", "ccauth", "--lib", "--no-default-features", "--features", features];
        sh::run("cargo", &[&args[..], &["--", "-D", "warnings"]].concat())?;
    }
    Ok(())
}
