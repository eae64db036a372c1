//! What a person or a program needs to use a running sandbox.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use crate::account::Account;
use crate::sandbox::Sandbox;
use crate::vendors::{self, Vendor};

impl Sandbox {
    /// All a program needs, as one JSON value: URL, CA file, and each vendor's base URL, credentials,
    /// protected endpoint and curl command.
    pub fn ready(&self) -> Value {
        let vendors: Vec<Value> = vendors::ALL
            .iter()
            .map(|vendor| {
                let account = self.account(vendor.id());
                let fields: Map<String, Value> =
                    account.fields().iter().map(|field| (field.name.clone(), json!(field.value))).collect();
                json!({
                    "id": vendor.id(),
                    "base_url": self.base_url(vendor.id()),
                    "fields": fields,
                    "protected_url": self.protected(vendor.id()).url,
                    "curl": self.curl(*vendor, account),
                })
            })
            .collect();
        json!({ "url": self.url(), "ca_file": self.trusted_file(), "vendors": vendors })
    }

    /// All a person needs: what this is, the base URLs, the credentials, and a curl command that works.
    pub fn banner(&self) -> String {
        let mut text = String::from(
            "*** TESTING ONLY: these vendors are made up, their secrets are public, their tokens open nothing. ***\n",
        );
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\nListening on {}, inspector at {}/_sandbox/", self.url(), self.url());
        if self.is_tls() {
            let _ = writeln!(text, "Certificate to trust: {}", self.ca_file().display());
        }
        for vendor in vendors::ALL {
            let account = self.account(vendor.id());
            let fields = account.fields().iter().map(|field| format!("{}={}", field.name, field.value));
            let protected = self.protected(vendor.id());
            let _ = writeln!(text, "\n{}", vendor.id());
            let _ = writeln!(text, "  base URL     {}", self.base_url(vendor.id()));
            let _ = writeln!(text, "  credentials  {}", fields.collect::<Vec<_>>().join("  "));
            let _ = writeln!(text, "  token        {}", self.curl(vendor, account));
            let _ = writeln!(text, "  then         GET {} with {}", protected.url, protected.carriage);
        }
        text + "\nAccounts that misbehave without set-up: acct-429, acct-500, acct-slow, acct-lockout.\n"
    }

    fn curl(&self, vendor: &dyn Vendor, account: &Account) -> String {
        let trust = self
            .trusted_file()
            .map(|file| format!("--cacert {} ", vendors::quoted(&file)))
            .unwrap_or_default();
        format!("curl -sS {trust}{}", vendor.curl(&self.base_url(vendor.id()), account))
    }

    /// The CA file, where there is TLS to trust.
    fn trusted_file(&self) -> Option<String> {
        self.is_tls().then(|| self.ca_file().display().to_string())
    }
}
