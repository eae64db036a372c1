//! Every feature of the facade builds alone and with none of the others: features only add.

use crate::sh::{self, Done};

pub(crate) fn check() -> Done {
    for features in ["", "contactnow", "exotel", "sangoma", "servetel", "ureq", "exotel,ureq"] {
        let args =
            ["clippy", "--locked", "-p", "ccauth", "--lib", "--no-default-features", "--features", features];
        sh::run("cargo", &[&args[..], &["--", "-D", "warnings"]].concat())?;
    }
    Ok(())
}
