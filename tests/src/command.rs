//! The built command and the tools of the machine, run within a deadline.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ccauth::{Account, AccountBuilder};
use ccauth_sandbox::{Account as Customer, Sandbox};
use serde_json::Value;

use crate::time::{PATIENCE, finish_within, wait_within};

/// How long the end of a command is waited for, which may run in a checker of memory.
const END: Duration = Duration::from_secs(300);

/// The workspace's root.
pub fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// A file of the build that these tests belong to: `ccauth`.
///
/// # Panics
/// When it has not been built.
pub fn built(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own file");
    // target/debug/deps/flows-0123 stands below target/debug/ccauth.
    let home = test.parent().and_then(|deps| deps.parent()).expect("tests are built below target/");
    let file = home.join(name);
    assert!(file.is_file(), "{} is missing: run `cargo build --workspace` first", file.display());
    file
}

/// A file of the C library as it is handed out: `lib/libccauth.so`, `include`.
///
/// # Panics
/// When it has not been installed.
pub fn installed(name: &str) -> PathBuf {
    let file = root().join("target/install").join(name);
    assert!(file.exists(), "{} is missing: run `cargo xtask install` first", file.display());
    file.canonicalize().map_or(file, |file| file)
}

/// A program of the machine, by the Debian package that has it.
///
/// # Panics
/// When it cannot be started.
pub fn tool(name: &str, package: &str) -> Command {
    let there = std::process::Command::new(name).arg("--version").output().is_ok();
    assert!(there, "{name} is missing: sudo apt-get install -y {package}");
    Command::new(name)
}

/// A command to be run: input from a string, output kept, and an end in any case.
#[derive(Debug)]
pub struct Command {
    command: std::process::Command,
    input: Vec<u8>,
}

/// What a command came to.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The exit status; `None` after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// A command under way; dropping it kills it.
#[derive(Debug)]
pub struct Running {
    child: Child,
    out: Option<JoinHandle<String>>,
    err: Option<JoinHandle<String>>,
}

impl Command {
    /// This program.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = std::process::Command::new(program);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { command, input: Vec::new() }
    }

    /// `ccauth`, as it was built.
    pub fn ccauth() -> Self {
        Self::new(built("ccauth"))
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets a variable of the environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Says this on standard input.
    #[must_use]
    pub fn input(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.input = text.into();
        self
    }

    /// Sends standard output elsewhere.
    #[must_use]
    pub fn stdout(mut self, to: impl Into<Stdio>) -> Self {
        self.command.stdout(to);
        self
    }

    /// Runs in this directory.
    #[must_use]
    pub fn current_dir(mut self, dir: impl AsRef<std::path::Path>) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// Starts it.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(mut self) -> Running {
        let mut child = self.command.spawn().unwrap_or_else(|error| panic!("{:?}: {error}", self.command));
        if let Some(mut stdin) = child.stdin.take() {
            // A command that reads no input may be gone before it is written.
            let _ = stdin.write_all(&self.input);
        }
        let out = child.stdout.take().map(collect::<ChildStdout>);
        let err = child.stderr.take().map(collect::<ChildStderr>);
        Running { child, out, err }
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// When it cannot be started, or does not end.
    pub fn run(self) -> Finished {
        self.start().finish()
    }

    /// The bare command, for what is not offered here.
    pub fn bare(&mut self) -> &mut std::process::Command {
        &mut self.command
    }
}

impl Running {
    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it does not end.
    #[track_caller]
    pub fn finish(mut self) -> Finished {
        let status = wait_within(END, "the end of a command", || self.child.try_wait().ok().flatten());
        let text = |thread: Option<JoinHandle<String>>| {
            thread.map(|thread| thread.join().expect("a reader does not panic")).unwrap_or_default()
        };
        Finished { code: status.code(), out: text(self.out.take()), err: text(self.err.take()) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Finished {
    /// Checks that the exit status is 0 and gives standard output without the newline at its end.
    ///
    /// # Panics
    /// When it is another.
    #[track_caller]
    pub fn good(&self) -> &str {
        assert_eq!(self.code, Some(0), "{}{}", self.out, self.err);
        self.out.strip_suffix('\n').unwrap_or(&self.out)
    }
}

fn collect<R: Read + Send + 'static>(mut from: R) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// The arguments of `ccauth token` for a customer: its open fields as `--field`, and no secret yet.
pub fn token_args(sandbox: &Sandbox, customer: &Customer) -> Vec<String> {
    let mut args = vec!["token".to_owned(), "--vendor".to_owned(), customer.vendor().to_owned()];
    let ca = sandbox.ca_file().to_string_lossy().into_owned();
    let mut fields =
        vec![("base_url".to_owned(), sandbox.base_url(customer.vendor())), ("ca_file".into(), ca)];
    fields.extend(customer.fields().iter().filter(|f| !f.secret).map(|f| (f.name.clone(), f.value.clone())));
    for (name, value) in fields {
        args.extend(["--field".to_owned(), format!("{name}={value}")]);
    }
    args
}

/// The name and value of a customer's secret field.
pub fn secret_of(customer: &Customer) -> (&str, &str) {
    let field = customer.fields().iter().find(|field| field.secret).expect("each vendor has a secret field");
    (&field.name, &field.value)
}

/// Runs `ccauth token` for a customer, with the secret on standard input and these arguments too.
pub fn run_token(sandbox: &Sandbox, customer: &Customer, more: &[&str]) -> Finished {
    let (name, value) = secret_of(customer);
    let source = format!("{name}=-");
    let command =
        Command::ccauth().args(token_args(sandbox, customer)).args(["--secret", &source]).args(more);
    command.input(value).run()
}

/// `ccauth sandbox --port 0`, stopped when it is dropped.
#[derive(Debug)]
pub struct SandboxProcess {
    running: Running,
    /// The first line that it prints.
    pub ready: Value,
    _home: tempfile::TempDir,
}

impl SandboxProcess {
    /// Starts it, and waits until it is ready.
    ///
    /// # Panics
    /// When it does not start, or its first line is no JSON.
    pub fn start() -> Self {
        let home = tempfile::tempdir().expect("a temporary directory");
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let command = Command::ccauth().args(["sandbox", "--port", "0"]).env("HOME", home.path());
        let running = command.env("XDG_STATE_HOME", home.path()).stdout(writer).start();
        let first = finish_within(PATIENCE, move || {
            let mut lines = BufReader::new(reader).lines();
            let first = lines.next().expect("a first line").expect("text");
            // What follows is for people; a full pipe must not stop the sandbox.
            thread::spawn(move || lines.count());
            first
        });
        let ready = serde_json::from_str(&first).unwrap_or_else(|error| panic!("{error}: {first}"));
        Self { running, ready, _home: home }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.running.id()
    }

    /// Where it listens.
    ///
    /// # Panics
    /// When its first line does not say.
    pub fn url(&self) -> &str {
        self.ready["url"].as_str().expect("a URL")
    }

    /// What its first line says about a vendor.
    ///
    /// # Panics
    /// When that is nothing.
    pub fn vendor(&self, id: &str) -> &Value {
        let vendors = self.ready["vendors"].as_array().expect("a list of vendors");
        vendors.iter().find(|vendor| vendor["id"] == id).expect("the vendor is there")
    }

    /// An account of the vendor's ready account, from what the first line says.
    ///
    /// # Panics
    /// When it does not say enough.
    pub fn builder(&self, vendor: &str) -> AccountBuilder {
        let about = self.vendor(vendor);
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let builder = Account::builder(vendor)
            .field("base_url", text(&about["base_url"]))
            .field("ca_file", text(&self.ready["ca_file"]));
        let fields = about["fields"].as_object().expect("fields");
        fields.iter().fold(builder, |builder, (name, value)| builder.field(name.as_str(), text(value)))
    }
}
