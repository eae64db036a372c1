//! The `ccauth` command: contact-centre API tokens for shells, dialplans and operators.

mod args;
mod demo;
mod failure;
mod output;
mod sandbox;
mod second_act;
mod secret;
mod token;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Verb};
use failure::Failure;

// See Cargo.toml: a release that could log a token does not build.
#[cfg(not(debug_assertions))]
const _: () = assert!(log::STATIC_MAX_LEVEL as usize <= log::LevelFilter::Debug as usize);

fn main() -> ExitCode {
    let done = match Args::parse().verb {
        Verb::Token(args) => token::run(&args),
        Verb::Sandbox(args) => sandbox::run(&args),
        Verb::Demo => demo::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::ClosedPipe) => ExitCode::SUCCESS,
        Err(failure) => {
            output::complain(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}
