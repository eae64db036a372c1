//! Every shell block of the documentation is run as it stands, in a home of its own; or it consists of the
//! commands that CI runs itself.

use std::path::{Path, PathBuf};

use ccauth_tests::{built, installed, root, tool};

/// A fenced block tagged `sh`.
struct Block {
    line: usize,
    text: String,
}

/// README.md and the pages of docs/. docs/vendors/ and docs/ERRORS.md are generated and have none.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![root().join("README.md")];
    for entry in std::fs::read_dir(root().join("docs")).into_iter().flatten() {
        let path = entry.expect("an entry of docs/").path();
        if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
    pages.sort();
    pages
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(&str, Block)> = None;
    for (n, line) in text.lines().enumerate() {
        let fence = line.trim_start();
        match &mut open {
            None => {
                if let Some(tag) = fence.strip_prefix("```") {
                    open = Some((tag.trim(), Block { line: n + 2, text: String::new() }));
                }
            }
            Some(_) if fence == "```" => {
                if let Some(("sh", block)) = open.take() {
                    blocks.push(block);
                }
            }
            Some((_, block)) => block.text += &format!("{line}\n"),
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// The commands of a block: its lines without comments and blanks, in parts where they are joined.
fn commands(block: &Block) -> Vec<&str> {
    let lines = block.text.lines().map(|line| line.split(" #").next().unwrap_or_default());
    let lines = lines.flat_map(|line| line.split(" && ")).map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// What CI and the chores are made of.
fn chores() -> String {
    let mut text = std::fs::read_to_string(root().join(".ci/run")).unwrap_or_default();
    for entry in std::fs::read_dir(root().join("xtask/src")).expect("xtask's sources") {
        let path = entry.expect("an entry of xtask/src").path();
        text += &std::fs::read_to_string(&path).unwrap_or_default();
    }
    text
}

/// Whether it is a command that CI runs itself: fetching the sources, or a chore of cargo.
fn is_ci_s(command: &str) -> bool {
    let repository = env!("CARGO_PKG_REPOSITORY");
    let name = repository.rsplit('/').next().unwrap_or_default();
    let fetches =
        [format!("git clone {repository}"), format!("git clone {repository}.git"), format!("cd {name}")];
    if fetches.iter().any(|known| known == command) {
        return true;
    }
    let all = chores();
    if let Some(chore) = command.strip_prefix("cargo xtask ") {
        let words: Vec<String> = chore.split(' ').map(|word| format!("\"{word}\"")).collect();
        return all.contains(&format!("[{}", words.join(", "))) || all.contains(command);
    }
    // Each word, in this order, in one line: `cargo run --locked …` runs `cargo run …`.
    let Some(rest) = command.strip_prefix("cargo ") else { return false };
    all.lines().any(|line| {
        let mut left = line;
        let in_order = rest.split(' ').all(|word| {
            let quoted = format!("\"{word}\"");
            let found = left.find(&quoted).map(|at| at + quoted.len());
            let found = found.or_else(|| Some(left.find(&format!(" {word}"))? + word.len() + 1));
            found.map(|end| left = &left[end..]).is_some()
        });
        line.contains("cargo") && in_order
    })
}

/// One shell for all of a page, as a reader pastes it: what a block leaves behind is there for the next,
/// and ends with the shell.
fn script(page: &str, blocks: &[Block]) -> String {
    let mut script = String::from("set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n");
    for Block { line, text } in blocks {
        script += &format!("echo '{page}:{line}' >>blocks\n{text}\n");
    }
    script
}

/// What a reader has in the checkout, as far as a block goes on from there: the examples, and the installed C library.
fn checkout(home: &Path) {
    let (target, examples) = (home.join("target"), home.join("examples-c"));
    std::fs::create_dir(&target).and_then(|()| std::fs::create_dir(&examples)).expect("folders at home");
    std::os::unix::fs::symlink(installed(""), target.join("install")).expect("a link at home");
    for entry in std::fs::read_dir(root().join("examples-c")).expect("the examples") {
        let path = entry.expect("an entry of examples-c/").path();
        if path.extension().is_some_and(|extension| extension == "c" || extension == "h")
            || path.ends_with("Makefile")
        {
            std::fs::copy(&path, examples.join(path.file_name().unwrap_or_default()))
                .expect("a copy at home");
        }
    }
}

fn check(page: &Path) {
    let name = page.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(page).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut blocks = blocks(&text);
    blocks.retain(|block| !commands(block).iter().all(|command| is_ci_s(command)));
    if blocks.is_empty() {
        return;
    }
    let home = tempfile::tempdir().expect("a temporary directory");
    checkout(home.path());
    let bin = built("ccauth");
    let path = format!(
        "{}:{}",
        bin.parent().unwrap_or(Path::new("/")).display(),
        std::env::var("PATH").unwrap_or_default()
    );
    // Written to files, because what runs on in the background would keep a pipe open.
    let file = |name: &str| std::fs::File::create(home.path().join(name)).expect("a file at home");
    let mut command = tool("bash", "bash")
        .args(["-c", &script(&name, &blocks)])
        .current_dir(home.path())
        .env("PATH", path)
        .env("HOME", home.path())
        .stdout(file("out"));
    command.bare().stderr(file("err"));
    for (variable, dir) in [
        ("XDG_CONFIG_HOME", ".config"),
        ("XDG_STATE_HOME", ".local/state"),
        ("XDG_DATA_HOME", ".local/share"),
        ("XDG_CACHE_HOME", ".cache"),
        ("XDG_RUNTIME_DIR", "run"),
    ] {
        command.bare().env(variable, home.path().join(dir));
    }
    let done = command.run();
    let read = |name: &str| std::fs::read_to_string(home.path().join(name)).unwrap_or_default();
    let reached = read("blocks");
    let last = reached.lines().next_back().unwrap_or("no block");
    assert_eq!(done.code, Some(0), "{last} failed\n{}{}", read("out"), read("err"));
    assert_eq!(reached.lines().count(), blocks.len(), "not every block has run");
}

#[test]
fn every_shell_block_of_the_documentation_runs() {
    for page in pages() {
        check(&page);
    }
}

#[test]
fn the_readme_can_be_tried_by_a_shell() {
    let text = std::fs::read_to_string(root().join("README.md")).unwrap();
    assert!(!blocks(&text).is_empty(), "the README shows nothing to run");
}

#[test]
fn the_readme_s_program_in_c_is_the_example() {
    let text = std::fs::read_to_string(root().join("README.md")).unwrap();
    let example = std::fs::read_to_string(root().join("examples-c/hello_token.c")).unwrap();
    let shown = text.split("```c\n").nth(1).and_then(|behind| behind.split("```").next());
    assert_eq!(shown, Some(example.as_str()));
}

#[test]
fn a_block_s_end_is_found_and_a_failing_one_fails() {
    let page =
        "text\n```sh\ntrue  # a comment\n```\n```text\nfalse\n```\n\n   ```sh\n   cargo xtask test\n   ```\n";
    let found = blocks(page);
    assert_eq!(found.iter().map(|block| block.line).collect::<Vec<_>>(), [3, 10]);
    assert_eq!(commands(&found[0]), ["true"]);
    assert!(is_ci_s("cargo xtask test") && is_ci_s("cargo run --release -p ccauth-cli -- demo"));
    assert!(is_ci_s("cd ccauth") && is_ci_s("git clone https://github.com/ccauth/ccauth"));
    for unknown in [
        "cargo xtask no-such-chore",
        "cargo publish",
        "rm -rf /",
        "cd elsewhere",
        "git clone https://x.example/y",
    ] {
        assert!(!is_ci_s(unknown), "{unknown}");
    }
    let dir = tempfile::tempdir().unwrap();
    let failing = dir.path().join("page.md");
    for wrong in ["false", "echo $NO_SUCH_VARIABLE", "false | true", "ccauth token --vendor nobody"] {
        std::fs::write(&failing, format!("```sh\n{wrong}\n```\n")).unwrap();
        let failing = failing.clone();
        assert!(std::panic::catch_unwind(move || check(&failing)).is_err(), "{wrong}");
    }
    let good = dir.path().join("good.md");
    std::fs::write(&good, "```sh\nccauth --version >v &\nwait\n```\n\n```sh\ntest -s v\nsleep 600 &\n```\n")
        .unwrap();
    check(&good);
}
