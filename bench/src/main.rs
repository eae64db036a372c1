//! Our figures beside the peers', measured in the same run and printed as ratios. Nothing here passes or
//! fails: the figures are for reading.

mod accounts;
mod c_library;
mod cached;
mod contenders;
mod deadline;
mod fetch;
mod idle;
mod renewal;
mod server;
mod stats;
mod tenants;

use std::error::Error;

type Bench = fn(usize) -> Result<(), Box<dyn Error>>;

const ALL: [(&str, Bench); 8] = [
    ("fetch", fetch::run),
    ("deadline", |rounds| deadline::run(rounds / 20)),
    ("accounts", |_| stats::in_child(&["accounts"])),
    ("cached", |rounds| cached::run(rounds / 20)),
    ("renewal", |_| renewal::run()),
    ("idle", |_| idle::run()),
    ("tenants", |_| tenants::run()),
    ("c", |rounds| c_library::run(rounds / 4)),
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let (rounds, named) = match &*arguments {
        // What this program starts itself, for what is measured of a whole process.
        ["child", "accounts"] => return accounts::child(),
        ["child", "idle", rest @ ..] => return idle::child(rest),
        ["child", "tenants", rest @ ..] => return tenants::child(rest),
        ["--quick", named @ ..] => (60, named),
        named => (400, named),
    };
    if let Some(other) = named.iter().find(|name| ALL.iter().all(|(known, _)| known != *name)) {
        let known = ALL.map(|(name, _)| name).join(", ");
        return Err(format!("no benchmark {other}; there is --quick, and then {known}").into());
    }
    let chosen = ALL.iter().filter(|(name, _)| named.is_empty() || named.contains(name));
    chosen.into_iter().try_for_each(|(_, bench)| bench(rounds))
}
