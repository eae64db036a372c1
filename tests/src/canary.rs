//! The scan for secrets: every form in which a log, a message or a dump could show one.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// The secrets of a test, each in all its forms.
#[derive(Debug, Default)]
pub struct Canaries(Vec<Canary>);

#[derive(Debug)]
struct Canary {
    name: String,
    forms: Vec<String>,
    /// Each run of eight bytes in hexadecimal: a dump breaks its lines where it likes.
    runs: Vec<String>,
}

impl Canaries {
    /// Looks for `secret` from now on, under a name that may be shown.
    pub fn add(&mut self, name: impl Into<String>, secret: &str) {
        assert!(secret.len() >= 8, "a short secret is found by chance");
        let forms = forms(secret).iter().map(|form| form.to_lowercase()).collect();
        let runs = secret.as_bytes().windows(8).map(hex).collect();
        self.0.push(Canary { name: name.into(), forms, runs });
    }

    /// The secrets that `text` shows, by their names.
    pub fn found_in(&self, text: &str) -> Vec<String> {
        let text = text.to_lowercase();
        let dumps: Vec<String> = text.lines().map(dumped).filter(|line| line.len() >= 16).collect();
        let shown = |canary: &&Canary| {
            let dumped = |run: &String| dumps.iter().any(|line| line.contains(run.as_str()));
            canary.forms.iter().any(|form| text.contains(form.as_str())) || canary.runs.iter().any(dumped)
        };
        self.0.iter().filter(shown).map(|canary| canary.name.clone()).collect()
    }

    /// Checks that `text` shows none.
    ///
    /// # Panics
    /// When it does, with the names of those it shows.
    #[track_caller]
    pub fn assert_absent(&self, whence: &str, text: &str) {
        let found = self.found_in(text);
        assert!(found.is_empty(), "{whence} shows {}: {text}", found.join(", "));
    }
}

/// A secret as it is, as JSON and `Debug` escape it, form-encoded, in base64 at each of the three
/// alignments, and as bytes in decimal and in hexadecimal.
pub fn forms(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let mut forms = vec![
        secret.to_owned(),
        secret.escape_debug().to_string(),
        serde_json::Value::from(secret).to_string().trim_matches('"').to_owned(),
        form_urlencoded::byte_serialize(bytes).collect(),
        form_urlencoded::byte_serialize(bytes).collect::<String>().replace('+', "%20"),
    ];
    for shift in 0..3 {
        let padded = [&b"xxx"[..shift], bytes].concat();
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let encoded = engine.encode(&padded);
            // The first group depends on what stands before, the last on what follows.
            forms.push(encoded[4..encoded.len() - 4].to_owned());
        }
    }
    forms.push(STANDARD.encode(bytes));
    // Of these long forms the start is enough.
    let start = &bytes[..8];
    let dump =
        |each: fn(&u8) -> String, between: &str| start.iter().map(each).collect::<Vec<_>>().join(between);
    forms.push(dump(u8::to_string, ", "));
    forms.push(dump(|byte| format!("{byte:02x}"), ""));
    forms.push(dump(|byte| format!("{byte:02x}"), ", "));
    forms.push(dump(|byte| format!("{byte:#04x}"), ", "));
    forms
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The words of a line that are whole bytes in hexadecimal, run together: `504f 5354` and `50 4f 53 54`
/// are the same dump.
fn dumped(line: &str) -> String {
    let is_hex = |word: &&str| {
        [2, 4, 8, 16].contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    line.split_whitespace().filter(is_hex).collect()
}
