//! The C library, as programs in C meet it: its size, the first token of a process, and a peek. The programs are in
//! `bench/c`, the library is where `cargo xtask install` puts it.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ccauth_sandbox::Sandbox;

use crate::fetch::VENDOR;

/// What `peek.c` measures, in its order, by 1, 2, 4 and 8 threads.
const PEEKS: [&str; 3] = ["floor", "mutex", "ccauth"];
const THREADS: usize = 4;

pub fn run(rounds: usize) -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    size(&root)?;
    first_token(&root, rounds)?;
    peek(&root, rounds)
}

fn size(root: &Path) -> Result<(), Box<dyn Error>> {
    let stripped = beside("libccauth.stripped.so")?;
    output(Command::new("strip").arg("-o").arg(&stripped).arg(library(root)))?;
    let mb = fs::metadata(&stripped)?.len() as f64 / 1e6;
    println!("libccauth.so, stripped: {mb:.2} MB   (goal: at most 2.5)");
    Ok(())
}

/// In processes that do nothing else, one library's and the other's in turn.
fn first_token(root: &Path, rounds: usize) -> Result<(), Box<dyn Error>> {
    let (program, sandbox) = (build(root, "first_token")?, Sandbox::builder().start()?);
    let directory = tempfile::tempdir()?;
    let store = format!("file://{}/store", directory.path().display());
    // The first process of all keeps the token that the others find.
    let libraries = [
        ("ccauth", library(root), None),
        ("ccauth, stored", library(root), Some(&store)),
        ("libcurl", "libcurl.so.4".into(), None),
    ];
    let mut seen = [const { Vec::new() }; 3];
    // What the first ones read comes from the disk.
    for round in 0..=rounds {
        for ((name, library, store), seen) in libraries.iter().zip(&mut seen) {
            let mut command = Command::new(&program);
            let with = name.split(',').next().unwrap_or_default();
            command.arg(with).arg(library).arg(sandbox.base_url(VENDOR)).arg(sandbox.ca_file()).args(store);
            seen.extend(numbers(&output(&mut command)?)?.pop().filter(|_| round > 0));
        }
    }
    println!("the first token of a process over HTTPS, loopback, median of {rounds} processes each, in turn");
    println!("                   dlopen, ms   token, ms   memory then, MiB");
    for ((name, ..), seen) in libraries.iter().zip(&seen) {
        let of = |column: usize| middle(seen.iter().map(|numbers| numbers[column]).collect());
        println!("  {name:<14} {:>12.2} {:>11.2} {:>18.2}", of(0) / 1e3, of(1) / 1e3, of(2) / 1024.0);
    }
    println!("  goal           {:>12} {:>11} {:>18}", 0.5, "10 stored", 6);
    Ok(())
}

fn peek(root: &Path, rounds: usize) -> Result<(), Box<dyn Error>> {
    let mut command = Command::new(build(root, "peek")?);
    let seen = numbers(&output(command.arg(rounds.to_string()))?)?;
    println!("a peek of 1 KiB from C, ns of a core, median of {rounds}, in turn");
    println!("  threads  {:>8} {:>8} {:>8} {:>8}   to the floor", 1, 2, 4, 8);
    let column = |contender: usize, at: usize| seen.iter().map(move |round| round[contender * THREADS + at]);
    for (contender, name) in PEEKS.iter().enumerate() {
        print!("  {name:<8}");
        (0..THREADS).for_each(|at| print!(" {:>8.1}", middle(column(contender, at).collect())));
        let ratios = column(contender, 0).zip(column(0, 0)).map(|(ours, floor)| ours / floor);
        println!("   {:>6.2}", middle(ratios.collect()));
    }
    println!("  goal     {:>44.1}", 2.5);
    Ok(())
}

fn library(root: &Path) -> PathBuf {
    root.join("target/install/lib/libccauth.so")
}

/// Builds one of the programs.
fn build(root: &Path, name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let (program, lib) = (beside(name)?, root.join("target/install/lib"));
    let mut compiler = Command::new("gcc");
    compiler.args(["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread", "-o"]).arg(&program);
    compiler.arg(root.join(format!("bench/c/{name}.c"))).arg("-I").arg(root.join("target/install/include"));
    compiler
        .arg("-L")
        .arg(&lib)
        .args(["-Wl,--as-needed", "-lccauth", "-ldl"])
        .arg(format!("-Wl,-rpath,{}", lib.display()));
    output(&mut compiler)?;
    Ok(program)
}

/// A file beside this program.
fn beside(name: &str) -> std::io::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name(name))
}

/// What a command prints; what it says went wrong, where it fails.
fn output(command: &mut Command) -> Result<String, Box<dyn Error>> {
    let done = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if done.status.success() {
        Ok(String::from_utf8(done.stdout)?)
    } else {
        Err(format!("{command:?}: {}", String::from_utf8_lossy(&done.stderr)).into())
    }
}

/// The numbers of each line.
fn numbers(text: &str) -> Result<Vec<Vec<f64>>, std::num::ParseFloatError> {
    text.lines().map(|line| line.split_whitespace().map(str::parse).collect()).collect()
}

fn middle(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_unstable_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
