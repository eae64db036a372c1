//! The command as people and scripts use it: what it prints, where its secrets come from, how it fails.

use std::collections::BTreeSet;

use ccauth_tests::{
    Command, SandboxProcess, VENDORS, account, add_account, named, run_token, sandbox, secret_of, takes,
    token_args, tool,
};

#[test]
fn every_vendor_s_token_is_printed_whatever_place_the_secret_comes_from() {
    let sandbox = sandbox();
    let home = tempfile::tempdir().unwrap();
    for vendor in VENDORS {
        let customer = sandbox.account(vendor);
        let (name, value) = secret_of(customer);
        let plain = home.path().join("plain");
        let newline = home.path().join("newline");
        let crlf = home.path().join("crlf");
        let marked = home.path().join("marked");
        std::fs::write(&plain, value).unwrap();
        std::fs::write(&newline, format!("{value}\n")).unwrap();
        std::fs::write(&crlf, format!("{value}\r\n")).unwrap();
        std::fs::write(&marked, format!("\u{feff}{value}\r\n")).unwrap();
        let file = |path: &std::path::Path| format!("{name}=file:{}", path.display());
        for (source, input) in [
            (format!("{name}=env:CCAUTH_TEST_SECRET"), ""),
            (file(&plain), ""),
            (file(&newline), ""),
            (file(&crlf), ""),
            (file(&marked), ""),
            (format!("{name}=-"), value),
            (format!("{name}=-"), "demo-secret\n"),
        ] {
            let done = Command::ccauth()
                .args(token_args(&sandbox, customer))
                .args(["--secret", &source])
                .env("CCAUTH_TEST_SECRET", value)
                .input(input)
                .run();
            let printed = done.good().to_owned();
            assert_eq!(done.out, format!("{printed}\n"), "{vendor}: the token, a newline, and nothing else");
            assert_eq!(done.err, "", "{vendor}");
            let pasted = ccauth_tests::reaching(&sandbox, vendor, [("token", printed.as_str())]);
            let pasted = pasted.build().unwrap();
            let url = sandbox.protected(vendor).url;
            assert!(takes(&pasted, &url, &pasted.issue().unwrap()), "{vendor} by {source}");
        }
    }
}

#[test]
fn a_secret_with_odd_characters_comes_through_each_source_byte_for_byte() {
    let sandbox = sandbox();
    let home = tempfile::tempdir().unwrap();
    for (n, value) in
        [" blanks ", "a=b=c", "per%cent & \u{fc}ml\u{e4}ut \u{1f511}", "-", "env:HOME", "'\"$x`"]
            .into_iter()
            .enumerate()
    {
        let fields = [("email", "odd"), ("password", value)];
        let customer = add_account(&sandbox, "servetel", &format!("odd-{n}"), &fields);
        let file = home.path().join("a file = with blanks");
        std::fs::write(&file, format!("{value}\n")).unwrap();
        for source in
            ["env:CCAUTH_TEST_SECRET".to_owned(), format!("file:{}", file.display()), "-".to_owned()]
        {
            let done = Command::ccauth()
                .args(token_args(&sandbox, &customer))
                .args(["--secret", &format!("password={source}")])
                .env("CCAUTH_TEST_SECRET", value)
                .input(value)
                .run();
            done.good();
        }
        sandbox.admin().reset();
    }
}

#[test]
fn a_secret_by_field_is_refused_as_usage_before_anything_is_sent() {
    let sandbox = sandbox();
    for vendor in VENDORS {
        let descriptor = ccauth::vendor(vendor).unwrap().descriptor();
        let fields = descriptor.fields.iter().chain(ccauth::common_fields());
        for field in fields.filter(|field| field.kind == ccauth::FieldKind::Secret) {
            let given = format!("{}=shown-to-all", field.name);
            let done = Command::ccauth()
                .args(token_args(&sandbox, sandbox.account(vendor)))
                .args(["--field", &given])
                .run();
            assert_eq!(done.code, Some(2), "{vendor}: {}", done.err);
            assert!(done.err.contains(&format!("--secret {}=", field.name)), "{}", done.err);
            assert!(!done.err.contains("shown-to-all"), "{}", done.err);
            assert_eq!(done.out, "");
        }
    }
    assert!(sandbox.admin().connections().is_empty());
}

/// Arguments beside the demo account's, and what is said about them.
#[test]
fn a_wrong_command_line_names_what_is_wrong_and_the_nearest_right_thing() {
    let sandbox = sandbox();
    let home = tempfile::tempdir().unwrap();
    let missing = format!("password=file:{}", home.path().join("no such file").display());
    let directory = format!("password=file:{}", home.path().display());
    let large = home.path().join("large");
    std::fs::write(&large, "x".repeat(10_000)).unwrap();
    let large = format!("password=file:{}", large.display());
    let binary = home.path().join("binary");
    std::fs::write(&binary, [0xff, 0xfe]).unwrap();
    let binary = format!("password=file:{}", binary.display());
    let empty = home.path().join("empty");
    std::fs::write(&empty, "\n").unwrap();
    let empty = format!("password=file:{}", empty.display());
    let base = token_args(&sandbox, sandbox.account("servetel"));
    let table: &[(&[&str], i32, &[&str])] = &[
        (&[], 2, &["Usage", "token", "sandbox", "demo"]),
        (&["tokn"], 2, &["tokn", "token"]),
        (&["token"], 2, &["--vendor"]),
        (&["token", "--vendr", "servetel"], 2, &["--vendor"]),
        (
            &["token", "--vendor", "servetell"],
            3,
            &["servetell", "did you mean servetel?", "exotel-ccm", "exotel-webrtc", "contactnow", "sangoma"],
        ),
        (
            &["token", "--vendor", "zzz"],
            3,
            &["zzz", "exotel-ccm", "exotel-webrtc", "contactnow", "servetel", "sangoma"],
        ),
        (
            &["token", "--vendor", "servetel", "--field", "emial=x"],
            3,
            &["emial", "did you mean email?", "password", "base_url", "timeout_ms"],
        ),
        (&["token", "--vendor", "servetel"], 3, &["email is missing", "password is missing"]),
        (
            &["token", "--vendor", "sangoma"],
            3,
            &["client_id (or basic_token) is missing", "scopes is missing"],
        ),
        (
            &[
                "token",
                "--vendor",
                "sangoma",
                "--field",
                "base_url=https://auth.sangoma.com/oauth/token",
                "--field",
                "client_id=x",
                "--field",
                "scopes=x",
                "--secret",
                "client_secret=env:PATH",
            ],
            3,
            &["base_url", "ends with /oauth/token"],
        ),
        (
            &["token", "--vendor", "servetel", "--secret", "password=env:"],
            2,
            &["password", "env:NAME lacks a name"],
        ),
        (
            &["token", "--vendor", "servetel", "--secret", "password=file:"],
            2,
            &["password", "file:PATH lacks a name"],
        ),
        (&["token", "--vendor", "servetel", "--field", "email"], 2, &["--field", "NAME=VALUE"]),
        (&["token", "--vendor", "servetel", "--secret", "password"], 2, &["--secret", "NAME=SOURCE"]),
        (
            &["token", "--vendor", "servetel", "--secret", "password=hunter2"],
            2,
            &["password", "env:NAME", "file:PATH"],
        ),
        (
            &["token", "--vendor", "servetel", "--secret", "password=env:CCAUTH_NOT_SET"],
            3,
            &["password", "CCAUTH_NOT_SET", "not set"],
        ),
        (&["token", "--vendor", "servetel", "--field", "email=x"], 3, &["password", "missing"]),
        (&["token", "--vendor", "servetel", "--secret", "a=-", "--secret", "b=-"], 2, &["standard input"]),
        (&["token", "--vendor", "servetel", "-o", "yaml"], 2, &["raw", "header", "curl", "json"]),
    ];
    for (args, code, words) in table {
        let done = Command::ccauth().args(*args).run();
        assert_eq!(done.code, Some(*code), "{args:?}: {}", done.err);
        for word in *words {
            assert!(done.err.contains(word), "{args:?}: no {word}: {}", done.err);
        }
        assert!(!done.err.contains("hunter2") && !done.err.contains("panicked"), "{}", done.err);
        assert_eq!(done.out, "", "{args:?}");
    }
    for source in [missing, directory, large, binary, empty] {
        let done = Command::ccauth().args(&base).args(["--secret", &source]).run();
        assert_eq!(done.code, Some(3), "{source}: {}", done.err);
        assert!(done.err.contains("password"), "{source}: {}", done.err);
    }
    assert!(sandbox.admin().connections().is_empty());
}

#[test]
fn the_exit_status_says_what_kind_of_failure_it_was() {
    let sandbox = sandbox();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for vendor in VENDORS {
        let demo = sandbox.account(vendor);
        let (name, _) = secret_of(demo);
        assert_eq!(run_token(&sandbox, demo, &[]).code, Some(0), "{vendor}: done");
        let wrong = Command::ccauth()
            .args(token_args(&sandbox, demo))
            .args(["--secret", &format!("{name}=-")])
            .input("not-it")
            .run();
        assert_eq!(wrong.code, Some(4), "{vendor}: credentials: {}", wrong.err);
        let elsewhere: Vec<String> = token_args(&sandbox, demo)
            .into_iter()
            .map(|arg| if arg.starts_with("base_url=") { format!("base_url=https://{free}") } else { arg })
            .collect();
        let refused =
            Command::ccauth().args(elsewhere).args(["--secret", &format!("{name}=-")]).input("x").run();
        assert_eq!(refused.code, Some(5), "{vendor}: network: {}", refused.err);
        let slow = run_token(&sandbox, named(&sandbox, vendor, "acct-slow"), &["--field", "timeout_ms=200"]);
        assert_eq!(slow.code, Some(5), "{vendor}: deadline: {}", slow.err);
        let fault = run_token(&sandbox, named(&sandbox, vendor, "acct-500"), &[]);
        assert_eq!(fault.code, Some(6), "{vendor}: vendor: {}", fault.err);
        let limited = run_token(&sandbox, named(&sandbox, vendor, "acct-429"), &[]);
        assert_eq!(limited.code, Some(7), "{vendor}: rate limit: {}", limited.err);
        assert!(limited.err.contains("30"), "{vendor}: says how long to wait: {}", limited.err);
        for failed in [wrong, refused, slow, fault, limited] {
            assert_eq!(failed.out, "", "{vendor}");
            assert!(failed.err.starts_with("ccauth: ") && failed.err.contains(vendor), "{}", failed.err);
            assert!(!failed.err.contains('\u{1b}'), "no colours where there is no terminal: {}", failed.err);
        }
    }
    // {"alg":"none"} . {"exp":1000000000} . x
    let ended = "eyJhbGciOiJub25lIn0.eyJleHAiOjEwMDAwMDAwMDB9.eA";
    let done =
        Command::ccauth().args(["token", "--vendor", "servetel", "--secret", "token=-"]).input(ended).run();
    assert_eq!(done.code, Some(9), "no valid token: {}", done.err);
}

#[test]
fn the_help_names_what_there_is_and_the_version_is_the_package_s() {
    let done = Command::ccauth().args(["--version"]).run();
    assert_eq!(done.good(), format!("ccauth {}", env!("CARGO_PKG_VERSION")));
    let help = Command::ccauth().args(["token", "--help"]).run();
    for word in
        ["--vendor", "--field", "--secret", "env:NAME", "file:PATH", "Exit status", "raw", "header", "curl"]
    {
        assert!(help.good().contains(word), "{word}");
    }
}

#[test]
fn the_demo_shows_five_vendors_each_used_twice_and_then_kept_valid() {
    let done = Command::ccauth().args(["demo"]).run();
    let rows: Vec<&str> = done.good().lines().filter(|line| line.matches("200").count() == 2).collect();
    assert_eq!(rows.len(), 5, "{}", done.out);
    let names = ["Exotel CCM", "Exotel WebRTC", "ContactNow", "Servetel", "Sangoma"];
    for name in names {
        assert_eq!(rows.iter().filter(|row| row.contains(name)).count(), 1, "{name}: {}", done.out);
    }
    // In the second act, each vendor takes its token after each of seven things, and no reader was without one.
    let acts = done.out.lines().filter(|line| line.ends_with("  200 200 200 200 200")).count();
    assert_eq!(acts, 7, "{}", done.out);
    let column =
        |row: &str, n: usize| row.split_whitespace().rev().nth(n).and_then(|number| number.parse().ok());
    let table: Vec<&str> =
        done.out.lines().skip_while(|line| !line.contains("READS")).skip(1).take(5).collect();
    for (row, name) in table.iter().zip(names) {
        let (requests, tokens, failures, reads) =
            (column(row, 0), column(row, 1), column(row, 2), column(row, 3));
        assert!(row.contains(name) && failures == Some(0) && reads > Some(100), "{}", done.out);
        assert!(tokens >= Some(3) && requests >= tokens && requests < Some(20), "{}", done.out);
    }
    assert_eq!(done.err, "");
    assert!(!done.out.contains('\u{1b}'), "no colours where there is no terminal");
}

#[test]
fn the_sandbox_says_all_that_a_program_needs_in_its_first_line() {
    let sandbox = SandboxProcess::start();
    let ids: BTreeSet<&str> =
        sandbox.ready["vendors"].as_array().unwrap().iter().map(|v| v["id"].as_str().unwrap()).collect();
    assert_eq!(ids, BTreeSet::from(VENDORS));
    let ca = sandbox.ready["ca_file"].as_str().unwrap();
    for vendor in VENDORS {
        let about = sandbox.vendor(vendor);
        let descriptor = ccauth::vendor(vendor).unwrap().descriptor();
        let mut command = Command::ccauth().args(["token", "--vendor", vendor, "-o", "curl"]).args([
            "--field".to_owned(),
            format!("base_url={}", about["base_url"].as_str().unwrap()),
            "--field".to_owned(),
            format!("ca_file={ca}"),
        ]);
        for (name, value) in about["fields"].as_object().unwrap() {
            let value = value.as_str().unwrap();
            let secret = descriptor
                .fields
                .iter()
                .any(|field| field.name == name && field.kind == ccauth::FieldKind::Secret);
            command = if secret {
                command.args(["--secret".to_owned(), format!("{name}=-")]).input(value)
            } else {
                command.args(["--field".to_owned(), format!("{name}={value}")])
            };
        }
        let config = command.run().good().to_owned();
        let url = about["protected_url"].as_str().unwrap();
        let used = tool("curl", "curl")
            .args(["--config", "-", "--silent", "--noproxy", "*", "--max-time", "20", "--cacert", ca])
            .args(["--output", "/dev/null", "--write-out", "%{http_code}", url])
            .input(config)
            .run();
        assert_eq!(used.good(), "200", "{vendor}");
        // The curl command that it offers gives a token too.
        let shell = Command::new("sh").args(["-c", about["curl"].as_str().unwrap()]).run();
        assert!(
            shell.good().contains("uccess") || shell.good().contains("access_token"),
            "{vendor}: {}",
            shell.out
        );
    }
}

#[test]
fn a_sandbox_that_cannot_start_says_why() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let home = tempfile::tempdir().unwrap();
    let table: &[(&[&str], &[&str])] = &[
        (&["sandbox", "--port", &port], &[&port]),
        (&["sandbox", "--port", "0", "--address", "0.0.0.0"], &["loopback"]),
        (&["sandbox", "--port", "0", "--ca-file", "/no/such/directory/ca.pem"], &["No such file"]),
    ];
    for (args, words) in table {
        let done = Command::ccauth().args(*args).env("XDG_STATE_HOME", home.path()).run();
        assert_eq!(done.code, Some(3), "{args:?}: {}", done.err);
        for word in *words {
            assert!(done.err.contains(word), "{args:?}: {}", done.err);
        }
    }
}

#[test]
fn a_static_token_and_plain_basic_need_no_vendor_to_answer() {
    let sandbox = sandbox();
    let pasted = account(&sandbox, "servetel").issue().unwrap();
    let before = sandbox.admin().connections().len();
    let done = Command::ccauth()
        .args(["token", "--vendor", "servetel", "--secret", "token=-", "-o", "header"])
        .input(format!("Bearer {}\n", pasted.value()))
        .run();
    assert_eq!(done.good(), format!("authorization: {}", pasted.value()));
    let args = ["token", "--vendor", "exotel-ccm", "--field", "carriage=basic", "--field", "account_sid=x"];
    let done = Command::ccauth()
        .args(args)
        .args(["--field", "api_key=user", "--secret", "api_token=-", "-o", "header"])
        .input("pass")
        .run();
    assert_eq!(done.good(), "authorization: Basic dXNlcjpwYXNz");
    assert_eq!(sandbox.admin().connections().len(), before);
}
