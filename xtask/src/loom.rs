//! The models of `crates/ccauth/src/source/models.rs`, in every order of their threads.

use crate::limit;
use crate::sh::{self, Done};

/// What the gates have time for.
pub(crate) const SHORT: &str = "2";
/// What the chore does when nobody says otherwise.
pub(crate) const LONG: &str = "3";

/// A model that is not through after so many seconds ends all the same: with three preemptions, those of four threads.
const MOST: &str = "150";

/// Every order with at most so many preemptions. Built apart, with optimisation: an order takes microseconds then, and
/// there are hundreds of thousands.
pub(crate) fn run(preemptions: &str) -> Done {
    let [config, runner] = limit::as_runner()?;
    let features = ["--no-default-features", "--features", "servetel", "--target-dir", "target/loom"];
    let test = ["test", "--locked", "-p", "ccauth", "--lib"];
    let env = [
        ("RUSTFLAGS", "--cfg ccauth_loom"),
        ("CARGO_PROFILE_DEV_OPT_LEVEL", "2"),
        ("LOOM_MAX_PREEMPTIONS", preemptions),
        ("LOOM_MAX_DURATION", MOST),
    ];
    let test = [&test[..], &features, &["models::"]].concat();
    let listed = sh::read_with("cargo", &[&test[..], &["--", "--list"]].concat(), &env)?;
    if !listed.contains(": test") {
        return Err("there are no models where they are looked for".to_owned());
    }
    sh::run_with("cargo", &[&test[..1], &[&config, &runner], &test[1..]].concat(), &env)
}
