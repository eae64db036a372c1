//! What the command prints, and what it does where nothing can be printed.

use std::fs::File;

use ccauth_sandbox::Filter;
use ccauth_tests::{Command, VENDORS, built, run_token, sandbox, secret_of, token_args, tool};

#[test]
fn each_output_format_is_what_it_says_and_curl_takes_it_for_all_five() {
    let sandbox = sandbox();
    let ca = sandbox.ca_file().to_string_lossy().into_owned();
    for vendor in VENDORS {
        let customer = sandbox.account(vendor);
        let raw = run_token(&sandbox, customer, &["-o", "raw"]).good().to_owned();
        assert!(!raw.contains(char::is_whitespace), "{raw}");
        let before = sandbox.admin().requests(&Filter::all()).len();
        let header = run_token(&sandbox, customer, &["-o", "header"]);
        if vendor == "contactnow" {
            assert_eq!(header.code, Some(3), "it travels in a query: {}", header.err);
            assert!(header.err.contains("--output curl"), "{}", header.err);
            assert_eq!(sandbox.admin().requests(&Filter::all()).len(), before, "nothing is sent");
        } else {
            let (name, value) = header.good().split_once(": ").unwrap();
            assert!(name.eq_ignore_ascii_case("authorization"), "{vendor}: {name}");
            assert!(value.split(' ').next_back().is_some_and(|token| token.len() > 20), "{vendor}");
        }
        let config = run_token(&sandbox, customer, &["-o", "curl"]).good().to_owned();
        let url = sandbox.protected(vendor).url;
        let done = tool("curl", "curl")
            .args(["--config", "-", "--silent", "--noproxy", "*", "--max-time", "20", "--cacert", &ca])
            .args(["--write-out", "\n%{http_code}", &url])
            .input(config)
            .run();
        let (body, status) = done.good().rsplit_once('\n').unwrap();
        assert_eq!(status, "200", "{vendor}: {body}");
        assert!(!body.contains("\"success\":false"), "{vendor}: {body}");
    }
}

#[test]
fn a_reader_that_has_gone_is_no_failure_and_a_full_disk_is() {
    let sandbox = sandbox();
    let customer = sandbox.account("servetel");
    let (name, value) = secret_of(customer);
    let source = format!("{name}=-");
    let token =
        || Command::ccauth().args(token_args(&sandbox, customer)).args(["--secret", &source]).input(value);
    let all: [&dyn Fn() -> Command; 2] = [&token, &|| Command::ccauth().args(["demo"])];
    for command in all {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let done = command().stdout(writer).run();
        assert_eq!((done.code, done.err.as_str()), (Some(0), ""), "the reader has gone");
        let full = File::options().write(true).open("/dev/full").unwrap();
        let done = command().stdout(full).run();
        assert_eq!(done.code, Some(1), "{}", done.err);
        assert!(done.err.contains("output") && !done.err.contains("panicked"), "{}", done.err);
    }
    for args in [&["--help"][..], &["token", "--help"], &["--version"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let done = Command::ccauth().args(args).stdout(writer).run();
        assert!(!done.err.contains("panicked"), "{args:?}: {}", done.err);
    }
    let shell = format!("'{}' demo | true", built("ccauth").display());
    let done = Command::new("sh").args(["-c", &shell]).run();
    assert_eq!((done.code, done.err.as_str()), (Some(0), ""));
}

#[test]
fn a_standard_output_that_takes_nothing_is_a_failure_before_a_token_is_obtained() {
    let sandbox = sandbox();
    let customer = sandbox.account("servetel");
    let (name, value) = secret_of(customer);
    let run = |redirection: &str, more: &str| {
        let words = token_args(&sandbox, customer).into_iter().map(|word| format!("'{word}'"));
        let command = format!(
            "'{}' {} --secret '{name}=-' {more} {redirection}",
            built("ccauth").display(),
            words.collect::<Vec<_>>().join(" ")
        );
        Command::new("sh").args(["-c", &command]).input(value).run()
    };
    for redirection in [">&-", "1</dev/null", "1<&0"] {
        for more in ["", "-o json"] {
            let done = run(redirection, more);
            assert_eq!(done.code, Some(1), "{redirection}: {}", done.err);
            assert!(done.err.contains("standard output"), "{redirection}: {}", done.err);
        }
    }
    assert!(sandbox.admin().connections().is_empty());
    for redirection in [">/dev/null", "1<>/dev/null", "2>&-", "<&-"] {
        let code = if redirection == "<&-" { Some(3) } else { Some(0) };
        assert_eq!(run(redirection, "").code, code, "{redirection}");
    }
    for verb in ["demo", "sandbox --port 0"] {
        let command = format!("'{}' {verb} >&-", built("ccauth").display());
        assert_eq!(Command::new("sh").args(["-c", &command]).run().code, Some(1), "{verb}");
    }
}

#[test]
fn json_shows_all_that_is_known_of_a_token() {
    let sandbox = sandbox();
    let shown = |vendor: &str, more: &[&str]| -> serde_json::Value {
        let args = [&["-o", "json"], more].concat();
        serde_json::from_str(run_token(&sandbox, sandbox.account(vendor), &args).good()).unwrap()
    };
    for vendor in VENDORS {
        let shown = shown(vendor, &[]);
        let members: Vec<&str> = shown.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            members,
            [
                "attach",
                "expires_at",
                "expires_at_unix",
                "expires_in",
                "expiry_source",
                "extras",
                "issued_at",
                "token",
                "vendor",
                "version",
                "warnings"
            ]
        );
        assert_eq!((&shown["version"], &shown["vendor"]), (&1.into(), &vendor.into()));
        let (token, kind) = (shown["token"].as_str().unwrap(), shown["attach"]["kind"].as_str().unwrap());
        assert!(shown["attach"]["value"].as_str().unwrap().ends_with(token), "{vendor}");
        assert_eq!(kind, if vendor == "contactnow" { "query" } else { "header" });
        let life = shown["expires_in"].as_i64().unwrap();
        assert!(life > 0 && shown["expires_at_unix"].as_i64().unwrap() > life, "{vendor}");
    }
    assert_eq!(shown("sangoma", &[])["extras"]["scope"], "cx.agent-calls cx.queue-calls");
    let pasted = ["token", "--vendor", "servetel", "--secret", "token=-", "-o", "json"];
    let never: serde_json::Value =
        serde_json::from_str(Command::ccauth().args(pasted).input("opaque").run().good()).unwrap();
    let ends = ["expires_at", "expires_at_unix", "expires_in"].map(|member| never[member].is_null());
    assert_eq!((ends, &never["expiry_source"]), ([true; 3], &"never".into()));
}
