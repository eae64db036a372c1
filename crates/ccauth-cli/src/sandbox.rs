//! `ccauth sandbox`: the five vendors on loopback until the command is stopped.

use std::env;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use ccauth_sandbox::Sandbox;

use crate::args::SandboxArgs;
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(args: &SandboxArgs) -> Result<(), Failure> {
    let mut builder = Sandbox::builder()
        .address(args.address)
        .port(args.port)
        .allow_remote(args.allow_remote)
        .plain_http(args.plain_http);
    if !args.plain_http {
        builder = builder.ca_file(ca_file(args)?);
    }
    let sandbox = builder.start().map_err(|e| {
        Failure::Local(format!("the sandbox could not start on {}:{}: {e}", args.address, args.port))
    })?;
    let mut out = output::stdout()?;
    if args.port == 0 {
        writeln!(out, "{}", sandbox.ready())?;
    }
    writeln!(out, "{}", sandbox.banner())?;
    out.flush()?;
    // The sandbox serves on a thread of its own until a signal ends the process.
    loop {
        std::thread::park();
    }
}

/// The chosen file, or one named by the port, which a later start overwrites: the CA is new each time. A
/// free port is not known yet, so the process gives its number.
fn ca_file(args: &SandboxArgs) -> Result<PathBuf, Failure> {
    if let Some(path) = &args.ca_file {
        return Ok(path.clone());
    }
    let state = env::var_os("XDG_STATE_HOME").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    let state = state.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".local/state")));
    let Some(home) = state.map(|dir| dir.join("ccauth")) else {
        return Err(Failure::Local(
            "there is no HOME for the CA's certificate: name a file with --ca-file".to_owned(),
        ));
    };
    fs::create_dir_all(&home)
        .map_err(|e| Failure::Local(format!("{}: {e}; name another file with --ca-file", home.display())))?;
    let name = if args.port == 0 { std::process::id() } else { u32::from(args.port) };
    Ok(home.join(format!("sandbox-{name}.pem")))
}
