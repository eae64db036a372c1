//! Every chore of the workspace: `cargo xtask <chore>`.

mod c;
mod codegen;
mod deps;
mod features;
mod gates;
mod install;
mod limit;
mod loom;
mod sh;
mod test;
mod walls;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <chore>

  test              every test that a contributor needs
  gates             formatting, lints, docs, generated files, walls, dependencies
  ci                test, then gates
  codegen [--check] write the generated files, or say which are out of date
  install [PREFIX]  the C library and its header; PREFIX from the root, target/install by default
  c [WAY ...]       the tests in C another way: static, address (with undefined), valgrind, thread; by default all
  limit PROGRAM     run a test binary, and end it when it hangs; cargo does that for `test`
  deps              install the tools that tests and gates need, or name the command
  loom [N]          every order of the threads in the models, up to N preemptions (3) and 150 s each
  bench             the benchmarks of bench/, printed as ratios against the peers
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["limit", program, rest @ ..] => return limit::run(program, rest),
        ["test"] => test::run(),
        ["c", ways @ ..] => c::run(ways),
        ["install"] => install::run(install::PREFIX),
        ["install", prefix] => install::run(prefix),
        ["gates"] => gates::run(),
        ["ci"] => test::run().and_then(|()| gates::run()),
        ["codegen"] => codegen::write(),
        ["codegen", "--check"] => codegen::check(),
        ["deps"] => deps::for_tests().and_then(|()| deps::for_gates()),
        ["loom"] => loom::run(loom::LONG),
        ["loom", preemptions] => loom::run(preemptions),
        ["bench", rest @ ..] => bench(rest),
        ["help" | "--help" | "-h"] => {
            sh::say(HELP);
            Ok(())
        }
        _ => Err(format!("no such chore\n\n{HELP}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            sh::say(&format!("\nxtask: {why}\n"));
            ExitCode::FAILURE
        }
    }
}

fn bench(rest: &[&str]) -> sh::Done {
    // One of them is of the C library.
    install::run(install::PREFIX)?;
    let bench = ["run", "--release", "--locked", "--manifest-path", "bench/Cargo.toml", "--"];
    sh::run("cargo", &[&bench[..], rest].concat())
}
