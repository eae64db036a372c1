//! Processes that share their tokens through a directory, against each vendor over sockets.
#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

use std::path::Path;

use ccauth::{Client, Source};
use ccauth_sandbox::{Filter, Sandbox, Which};
use ccauth_tests::{Script, VENDORS, accepted, builder, named, sandbox};
use tempfile::TempDir;

/// How often the vendor was asked for a token.
fn asked(sandbox: &Sandbox, vendor: &str) -> usize {
    let all = sandbox.admin().requests(&Filter::all().vendor(vendor));
    all.iter().filter(|entry| entry.route == "token").count()
}

fn url(directory: &TempDir) -> String {
    format!("file://{}/store", directory.path().display())
}

/// A source as another process has it: nothing but the store is shared.
fn process(sandbox: &Sandbox, vendor: &str, directory: &TempDir) -> Source {
    let account = builder(sandbox, sandbox.account(vendor)).field("store", url(directory));
    Source::open(&account.client(&Client::builder().build()).build().unwrap())
}

/// The bytes of every file of a store.
fn contents(directory: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(directory.join("store")).unwrap();
    files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

#[test]
fn what_one_process_has_obtained_or_renewed_the_next_one_goes_on_with() {
    let sandbox = sandbox();
    for vendor in VENDORS {
        let directory = tempfile::tempdir().unwrap();
        let first = process(&sandbox, vendor, &directory);
        let token = first.token().unwrap();
        let second = process(&sandbox, vendor, &directory);
        let found = second.token().unwrap();
        assert!(found.same_value(&token) && asked(&sandbox, vendor) == 1, "{vendor}");
        assert_eq!(found.expires_at(), token.expires_at(), "{vendor}");
        assert!(found.extras().eq(token.extras()) && found.warnings() == token.warnings(), "{vendor}");
        assert_eq!(second.status().expiry.unwrap().source, first.status().expiry.unwrap().source, "{vendor}");
        assert!(accepted(&sandbox, &second.account(), &found), "{vendor}");
        // It was revoked, and both are refused with it.
        sandbox.admin().revoke(&Which::Vendor(vendor.to_owned())).unwrap();
        first.report_rejected(&token);
        let next = ccauth_tests::wait_for("another token", || {
            let next = first.token().ok()?;
            (!next.same_value(&token)).then_some(next)
        });
        second.report_rejected(&found);
        ccauth_tests::wait_for("the same", || second.token().ok()?.same_value(&next).then_some(()));
        assert!(accepted(&sandbox, &second.account(), &next), "{vendor}");
        assert_eq!(asked(&sandbox, vendor), 2, "{vendor}");
        assert!(process(&sandbox, vendor, &directory).token().unwrap().same_value(&next), "{vendor}");
        assert_eq!(asked(&sandbox, vendor), 2, "{vendor}");
    }
}

#[test]
fn p18_a_rejection_is_remembered_by_whoever_is_started_next() {
    let sandbox = sandbox();
    let directory = tempfile::tempdir().unwrap();
    for _ in 0..3 {
        let account = builder(&sandbox, sandbox.account("servetel")).field("store", url(&directory));
        let account = account.client(&Client::builder().build()).build().unwrap();
        let source = Source::open(&account.with("password", "wrong").unwrap());
        let failure = source.token().unwrap_err();
        assert_eq!(failure.detail().word, "credentials.rejected");
        assert!(failure.retry_after().is_some_and(|wait| wait.as_secs() > 250), "{failure}");
    }
    assert_eq!(asked(&sandbox, "servetel"), 1);
}

#[test]
fn from_c_too_a_restart_costs_no_request_and_a_store_that_cannot_be_used_no_token() {
    let sandbox = sandbox();
    let directory = tempfile::tempdir().unwrap();
    let script = |store: &str| {
        let script = Script::of(&sandbox, sandbox.account("servetel")).set("store", store);
        script.open().get(0, 0).count("status", &[4096])
    };
    let values: Vec<String> = (0..3).map(|_| script(&url(&directory)).run().text("value")).collect();
    assert!(values[0] == values[1] && values[0] == values[2], "{values:?}");
    assert_eq!(asked(&sandbox, "servetel"), 1);
    let holds = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds(&contents(directory.path()), &values[0]));

    std::fs::write(directory.path().join("file"), "precious").unwrap();
    let seen = script(&format!("file://{}/file", directory.path().display())).run();
    let status: serde_json::Value = serde_json::from_str(&seen.text("copied")).unwrap();
    assert_eq!(status["store_failure"]["detail"], "store.failed", "{status}");
    assert_eq!((seen.word("get"), asked(&sandbox, "servetel")), ("OK", 2));
    assert_eq!(std::fs::read(directory.path().join("file")).unwrap(), b"precious");
}

#[test]
fn with_a_key_nothing_in_the_store_is_legible() {
    let sandbox = sandbox();
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("key");
    std::fs::write(&key, [7; 32]).unwrap();
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let account = || {
        let account = builder(&sandbox, named(&sandbox, "servetel", "demo")).field("store", url(&directory));
        let account = account.field("store_key_file", key.to_str().unwrap());
        Source::open(&account.client(&Client::builder().build()).build().unwrap())
    };
    let token = account().token().unwrap();
    let all = contents(directory.path());
    let holds = |text: &str| all.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(!holds(token.value()) && !holds("demo-secret") && !holds("servetel") && !holds("expires"));
    assert!(account().token().unwrap().same_value(&token) && asked(&sandbox, "servetel") == 1);
    // The key is gone. Nobody can read what was written with it, and nobody writes over it.
    std::fs::write(&key, [8; 32]).unwrap();
    let source = account();
    assert!(source.token().is_ok());
    assert_eq!(source.status().store_failure.unwrap().detail().word, "store.key");
    assert!(contents(directory.path()) == all);
}
