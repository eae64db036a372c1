//! What a tenant costs that does nothing: ours and the peers', each kind in a process of its own.

use std::error::Error;
use std::time::Duration;

use crate::contenders::ALL;
use crate::server::{self, LEN, SHORT};
use crate::stats::{in_child, status};

const TENANTS: usize = 2_000;

pub fn run() -> Result<(), Box<dyn Error>> {
    let server = &server::start(1, Duration::ZERO, LEN)?[0];
    println!("memory of an idle tenant with a token of {LEN} bytes, mean of {TENANTS}");
    ALL.iter().try_for_each(|(name, _)| in_child(&["idle", name, server]))?;
    println!("the same with one of {SHORT} bytes   (goal: 2.5 KiB)");
    in_child(&["idle", "ccauth", &server::start(1, Duration::ZERO, SHORT)?[0]])
}

pub fn child(arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let &[name, server] = arguments else { return Err("idle: expected a name and a server".into()) };
    let (_, open) = ALL.iter().find(|(other, _)| *other == name).ok_or("no such contender")?;
    // What a process pays once is paid here.
    let _first = open(server)?;
    let before = status("VmRSS:")?;
    let tenants = (0..TENANTS).map(|_| open(server)).collect::<Result<Vec<_>, _>>()?;
    let each = status("VmRSS:")?.saturating_sub(before) as f64 / tenants.len() as f64;
    println!("  {name:<18} {each:>8.2} KiB");
    Ok(())
}
