//! What C does to a source, told as a script: `tests/c/source.c` does it, and prints all that it is given.

use std::path::PathBuf;
use std::sync::LazyLock;

use ccauth_sandbox::{Account as Customer, Sandbox};

use crate::c::c_program;
use crate::command::{Command, root};

/// The program, and the folder in which it is.
static PROGRAM: LazyLock<(PathBuf, tempfile::TempDir)> = LazyLock::new(|| {
    let dir = tempfile::tempdir().expect("a temporary directory");
    (c_program("c99", &root().join("tests/c/source.c"), dir.path()), dir)
});

/// What C is told to do.
#[derive(Clone, Debug)]
pub struct Script(String);

/// What it printed: names and values in their order.
#[derive(Clone, Debug)]
pub struct Seen(Vec<(String, String)>);

impl Script {
    /// Begins with a configuration of this vendor.
    pub fn new(vendor: impl AsRef<[u8]>) -> Self {
        // A build is no part of what a test measures.
        LazyLock::force(&PROGRAM);
        Self(String::new()).then("new", &[vendor.as_ref()])
    }

    /// Begins with the configuration of a customer of the sandbox.
    pub fn of(sandbox: &Sandbox, customer: &Customer) -> Self {
        let script = Self::new(customer.vendor()).reaching(sandbox, customer.vendor());
        customer.fields().iter().fold(script, |script, field| script.set(&field.name, &field.value))
    }

    /// Sets where the sandbox is.
    #[must_use]
    pub fn reaching(self, sandbox: &Sandbox, vendor: &str) -> Self {
        let ca = sandbox.ca_file().to_str().expect("a path in UTF-8");
        self.set("base_url", sandbox.base_url(vendor)).set("ca_file", ca)
    }

    /// A step that takes bytes.
    #[must_use]
    pub fn then(mut self, verb: &str, arguments: &[&[u8]]) -> Self {
        self.0 += verb;
        for bytes in arguments {
            self.0 += &format!(" {}", hex(bytes));
        }
        self.0.push('\n');
        self
    }

    /// A step that takes numbers.
    #[must_use]
    pub fn count(mut self, verb: &str, numbers: &[i64]) -> Self {
        self.0 += verb;
        for number in numbers {
            self.0 += &format!(" {number}");
        }
        self.0.push('\n');
        self
    }

    /// Sets a field of the configuration.
    #[must_use]
    pub fn set(self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        self.then("set", &[key.as_ref(), value.as_ref()])
    }

    /// Opens the source.
    #[must_use]
    pub fn open(self) -> Self {
        self.then("open", &[])
    }

    /// Asks for a token.
    #[must_use]
    pub fn get(self, timeout_ms: i64, min_valid_ms: i64) -> Self {
        self.count("get", &[timeout_ms, min_valid_ms])
    }

    /// Does it. Every handle is freed in the end.
    ///
    /// # Panics
    /// When the program fails.
    #[track_caller]
    pub fn run(self) -> Seen {
        let done = Command::new(&PROGRAM.0).input(self.0).run();
        assert_eq!((done.code, done.err.as_str()), (Some(0), ""), "{}", done.out);
        let all = done.out.lines().map(|line| line.split_once('=').expect("name=value"));
        let seen = Seen(all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect());
        assert_eq!(seen.word("live"), "0", "{}", done.out);
        seen
    }
}

/// A word for each: none is empty.
fn hex(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "-".to_owned();
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Seen {
    /// Everything that was printed under a name.
    pub fn words(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
    }

    /// What was printed last under a name.
    ///
    /// # Panics
    /// When nothing was.
    #[track_caller]
    pub fn word(&self, name: &str) -> &str {
        self.words(name).last().unwrap_or_else(|| panic!("no {name} in {:?}", self.0))
    }

    /// The same as a number.
    ///
    /// # Panics
    /// When it is none.
    #[track_caller]
    pub fn number(&self, name: &str) -> i64 {
        self.word(name).parse().expect("a number")
    }

    /// The same as a text, which was printed in hexadecimal.
    ///
    /// # Panics
    /// When it is none.
    #[track_caller]
    pub fn text(&self, name: &str) -> String {
        self.texts(name).pop().unwrap_or_else(|| panic!("no {name} in {:?}", self.0))
    }

    /// Every text that was printed under a name.
    ///
    /// # Panics
    /// When one is none.
    #[track_caller]
    pub fn texts(&self, name: &str) -> Vec<String> {
        let text = |hex: &str| {
            let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal");
            String::from_utf8((0..hex.len()).step_by(2).map(byte).collect()).expect("text")
        };
        self.words(name).into_iter().map(text).collect()
    }
}
