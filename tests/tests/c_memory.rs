//! P-11: what is in the memory of a process in C when it holds a token, and when the library has ended.

use std::fs::{File, read_to_string};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::FileExt as _;
use std::process::Stdio;

use ccauth_tests::{
    PATIENCE, SECRET, VENDORS, c_program, canary_account, finish_within, forms, root, sandbox,
};
use memchr::memmem;

/// The names of the secrets that are in memory that the process may write.
fn held(process: u32, secrets: &[(&str, &str)]) -> Vec<String> {
    let memory = File::open(format!("/proc/{process}/mem")).expect("a process of ours");
    let maps = read_to_string(format!("/proc/{process}/maps")).expect("a process of ours");
    let mut found = Vec::new();
    for line in maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|mode| mode.starts_with("rw")))
    {
        let (from, to) = line.split(' ').next().and_then(|range| range.split_once('-')).expect("a range");
        let address = |hex| u64::from_str_radix(hex, 16).expect("an address");
        let (from, to) = (address(from), address(to));
        let mut bytes = vec![0; usize::try_from(to - from).expect("a size")];
        // What the kernel keeps to itself holds nothing of ours.
        if memory.read_exact_at(&mut bytes, from).is_err() {
            continue;
        }
        for (name, secret) in secrets {
            let holds = |form: &String| memmem::find(&bytes, form.as_bytes()).is_some();
            if forms(secret).iter().any(holds) {
                found.push(format!(
                    "{name} in {}",
                    line.split_whitespace().nth(5).unwrap_or("anonymous memory")
                ));
            }
        }
    }
    found
}

#[test]
fn p11_a_process_that_has_ended_the_library_holds_no_secret() {
    let (dir, sandbox) = (tempfile::tempdir().unwrap(), sandbox());
    let program = c_program("c11", &root().join("tests/c/wiped.c"), dir.path());
    for vendor in VENDORS {
        let customer = canary_account(&sandbox, vendor);
        let mut command = std::process::Command::new(&program);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (mut tell, told) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut lines = BufReader::new(told).lines();
        let mut next = move || lines.next().expect("a line").expect("text");

        let ca = sandbox.ca_file().display().to_string();
        let mut text = format!("{vendor}\nbase_url {}\nca_file {ca}\n", sandbox.base_url(vendor));
        for field in customer.fields() {
            text += &format!("{} {}\n", field.name, field.value);
        }
        tell.write_all((text + "\n").as_bytes()).unwrap();
        let (token, next) = finish_within(PATIENCE, move || (next(), next));
        let secrets = [("credential", SECRET), ("token", &token)];
        let before = held(child.id(), &secrets);
        for (name, _) in secrets {
            assert!(
                before.iter().any(|found| found.starts_with(name)),
                "{vendor}: {name} is not seen: {before:?}"
            );
        }

        tell.write_all(b"x").unwrap();
        assert_eq!(finish_within(PATIENCE, next), "OK", "{vendor}");
        let after = held(child.id(), &secrets);
        assert!(after.is_empty(), "{vendor}: {after:?}");
        drop(tell);
        assert!(child.wait().unwrap().success());
    }
}
