//! P-10: no credential and no token in a log up to debug, in an error, in any `Debug` form, or in what the
//! system shows of the command; whatever the vendor answers, even where it says the secret back.

use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ccauth::{Account, Error, Secret, Timestamp, Token};
use ccauth::{Login, Op};
use ccauth_sandbox::{
    Account as Customer, Action, Bytes, CertificateFault, Fault, Filter, Point, Sandbox, Which,
};
use ccauth_tests::{
    Canaries, Command, PATIENCE, SECRET, VENDORS, accepted, account_with, builder, canary_account, forms,
    sandbox,
};
use log::{Level, LevelFilter, Log, Metadata, Record};

/// Everything that is logged while a test has its turn.
static RECORDS: Mutex<String> = Mutex::new(String::new());
static TURN: Mutex<()> = Mutex::new(());

struct Capture;

impl Log for Capture {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = format!("{} {}: {}\n", record.level(), record.target(), record.args());
        lock(&RECORDS).push_str(&line);
    }

    fn flush(&self) {}
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `act` with logging at this level; with what was logged.
fn logged<T>(level: LevelFilter, act: impl FnOnce() -> T) -> (T, String) {
    let _turn = lock(&TURN);
    // The second test of this process finds it set.
    let _ = log::set_logger(&Capture);
    lock(&RECORDS).clear();
    log::set_max_level(level);
    let done = act();
    log::set_max_level(LevelFilter::Off);
    (done, std::mem::take(&mut *lock(&RECORDS)))
}

/// The vendor's secret field, and the user id that goes with it into Basic.
fn secret_field(vendor: &str) -> (&'static str, Option<&'static str>) {
    match vendor {
        "exotel-ccm" => ("api_token", Some("canary-key")),
        "exotel-webrtc" => ("secret", None),
        "sangoma" => ("client_secret", Some("canary-id")),
        _ => ("password", None),
    }
}

fn canaries(vendor: &str) -> Canaries {
    let mut canaries = Canaries::default();
    canaries.add(format!("the secret of {vendor}"), SECRET);
    if let (_, Some(user)) = secret_field(vendor) {
        canaries.add("the pair of Basic", &STANDARD.encode(format!("{user}:{SECRET}")));
    }
    canaries
}

/// Every operation that the vendor has, used and renewed; what was shown on the way, and the tokens.
fn every_operation(sandbox: &Sandbox, account: &Account) -> (String, Vec<Token>) {
    let mut shown = format!("{account:?} {account:#?} {:?}", account.transport());
    let first = account.issue().expect("the canary's account is good");
    let mut tokens = vec![first.clone()];
    assert!(accepted(sandbox, account, &first));
    tokens.push(account.renew(&first).expect("renewed"));
    let held = tokens[1].clone();
    if account.descriptor().can(Op::Validate) {
        shown += &format!("{:?}", account.validate(&held));
    }
    if account.descriptor().can(Op::ChangePassword) {
        let new = format!("{SECRET} changed");
        shown += &format!("{:?}", account.change_password(&held, new.as_str()));
        shown += &format!("{:?}", account.change_password(&held, SECRET));
    }
    if account.descriptor().can(Op::Revoke) {
        shown += &format!("{:?} {:?}", account.revoke(&held), account.revoke(&held));
    }
    shown += &format!("{tokens:?} {tokens:#?} {account:?}");
    (shown, tokens)
}

#[test]
fn p10_no_operation_logs_or_shows_a_secret() {
    let sandbox = sandbox();
    for vendor in VENDORS {
        let customer = canary_account(&sandbox, vendor);
        for variant in [None, Some(("method", "get")), Some(("format", "xml"))] {
            if variant.is_some() && vendor != "contactnow" {
                continue;
            }
            let mut made = builder(&sandbox, &customer);
            if let Some((name, value)) = variant {
                made = made.field(name, value);
            }
            let before = format!("{made:?} {made:#?}");
            let account = made.build().unwrap();
            let (done, log) = logged(LevelFilter::Debug, || every_operation(&sandbox, &account));
            let (shown, tokens) = done;
            let mut canaries = canaries(vendor);
            for token in &tokens {
                canaries.add("a token", token.value());
            }
            let whence = format!("{vendor} {variant:?}");
            canaries.assert_absent(&format!("the log of {whence}"), &log);
            canaries.assert_absent(&format!("a Debug form of {whence}"), &(before + &shown));
            assert!(log.contains(&format!("DEBUG ccauth::account: {vendor}: issue succeeded")), "{log}");
        }
    }
}

/// All that an error shows.
fn shown(failure: &Error) -> String {
    let parts = [failure.vendor_message(), failure.vendor_code(), failure.request_id()];
    format!("{failure} {failure:?} {failure:#?} {} {parts:?}", failure.message())
}

/// A reply that says `words` back in every member which an error message is read from.
fn echo(status: u16, words: &str) -> Action {
    let body = serde_json::json!({
        "success": false, "error": words, "message": words, "Status": words, "Error": words, "Code": words,
        "RequestId": words, "request_id": words, "error_description": words, "login_failed_count": words,
        "response": { "code": words, "status": words, "data": null,
            "error_data": { "code": words, "message": words, "description": words } },
    });
    let headers = vec![
        ("Content-Type".to_owned(), "application/json".to_owned()),
        ("X-Request-Id".to_owned(), "plain".to_owned()),
        ("Location".to_owned(), "https://elsewhere.example/?leak=canary".to_owned()),
    ];
    Action::Reply { status, headers, body: Bytes::from(body.to_string().as_str()) }
}

fn failures(vendor: &str, token: &str) -> Vec<Action> {
    let encoded: String = form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    let mut actions = vec![
        Action::status(401),
        Action::status(403),
        Action::status(429),
        Action::status(500),
        Action::SuccessFalse {},
        Action::Redirect { status: 302, location: Some(format!("https://elsewhere.example/?{encoded}")) },
        Action::Html { status: 200 },
        Action::Truncate { bytes: 10 },
        Action::DuplicateKeys {},
        Action::Huge { bytes: None },
        Action::ContentEncoding { value: "gzip".into() },
        Action::Hang { at: Point::MidBody },
        Action::Reset { at: Point::MidBody },
        Action::Close { at: Point::AfterHeaders, close_notify: false },
        Action::ContentLength { value: "30".into() },
        Action::GarbageStatusLine {},
        Action::EndlessHeaders {},
        Action::Raw { bytes: Bytes::from(format!("HTTP/1.1 200 {SECRET}\r\n\r\n").as_str()) },
        Action::Raw { bytes: Bytes::from(format!("{SECRET} {token}\r\n\r\n").as_str()) },
        Action::Certificate { kind: CertificateFault::UnknownCa },
        Action::TlsGarbage { bytes: None },
        Action::Reply { status: 200, headers: Vec::new(), body: Bytes::from(SECRET) },
    ];
    let mut words = vec![
        SECRET.to_owned(),
        format!("{SECRET}{SECRET}"),
        format!("the password '{SECRET}' is wrong"),
        format!("{}{SECRET}", "x".repeat(150)),
        encoded,
        token.to_owned(),
        format!("Bearer {token}"),
        format!("token={token};"),
    ];
    if let (_, Some(user)) = secret_field(vendor) {
        words.push(format!("Basic {}", STANDARD.encode(format!("{user}:{SECRET}"))));
        words.push(format!("Authorization was {}", STANDARD.encode(format!("{user}:{SECRET}"))));
    }
    for words in words {
        actions.extend([200, 302, 400, 401, 429, 500].map(|status| echo(status, &words)));
    }
    actions
}

#[test]
fn p10_no_failure_logs_or_shows_a_secret_even_one_that_the_vendor_says_back() {
    let sandbox = sandbox();
    for vendor in VENDORS {
        let customer = canary_account(&sandbox, vendor);
        let patient = builder(&sandbox, &customer).build().unwrap();
        let hasty = builder(&sandbox, &customer).field("timeout_ms", "300").build().unwrap();
        let held = patient.issue().unwrap();
        let mut canaries = canaries(vendor);
        canaries.add("a token", held.value());
        for action in failures(vendor, held.value()) {
            let what = format!("{action:?}");
            let waits = matches!(action, Action::Hang { .. });
            sandbox.admin().add_fault(Fault::new(action)).unwrap();
            let (failed, log) = logged(LevelFilter::Debug, || {
                let issuing = if waits { &hasty } else { &patient };
                let mut failed = vec![issuing.issue().map(drop)];
                if !waits {
                    failed.push(patient.renew(&held).map(drop));
                    let confirmed = [patient.validate(&held).map(drop), patient.revoke(&held)];
                    // Sangoma confirms by a status alone: what befalls a body does not befall it.
                    failed.extend(confirmed.into_iter().filter(|done| vendor != "sangoma" || done.is_err()));
                    // The old password is as secret while the new one is on its way.
                    failed.push(hasty.change_password(&held, "something new"));
                }
                failed
            });
            sandbox.admin().clear_faults();
            for failure in failed {
                let failure = failure.expect_err(&what);
                canaries.assert_absent(&format!("{vendor}: an error of {what}"), &shown(&failure));
            }
            canaries.assert_absent(&format!("{vendor}: the log of {what}"), &log);
        }
    }
}

#[test]
fn p10_no_request_that_a_vendor_builds_shows_a_secret() {
    let sandbox = sandbox();
    for vendor in VENDORS {
        let customer = canary_account(&sandbox, vendor);
        let account = builder(&sandbox, &customer).build().unwrap();
        let held = account.issue().unwrap();
        let mut canaries = canaries(vendor);
        canaries.add("a token", held.value());
        let spec = ccauth::vendor(vendor).unwrap();
        for method in ["post", "get"] {
            let mut fields: Vec<(&str, Secret)> =
                customer.fields().iter().map(|f| (f.name.as_str(), Secret::from(f.value.as_str()))).collect();
            if vendor == "contactnow" {
                fields.push(("method", Secret::from(method)));
            }
            let login = Login::new(spec, fields).unwrap();
            let mut shown = format!("{login:?} {login:#?}");
            for op in spec.descriptor().operations {
                let request = spec.build(*op, &login, Some(&held), Timestamp::UNIX_EPOCH).unwrap();
                shown += &format!("{request:?} {request:#?} {}", request.uri());
            }
            canaries.assert_absent(&format!("{vendor}: a request or a login"), &shown);
        }
        let secret = Secret::from(SECRET);
        canaries.assert_absent("a Secret", &format!("{secret:?} {secret:#?} {:?}", Some(&secret)));
        let header = held.header().map(|header| format!("{header:?}")).unwrap_or_default();
        canaries.assert_absent("a header to attach", &header);
        let query = held.query().map(|query| format!("{query:?}")).unwrap_or_default();
        canaries.assert_absent("a query to attach", &query);
    }
}

#[test]
fn p10_a_field_that_is_refused_does_not_show_its_value() {
    let sandbox = sandbox();
    for vendor in VENDORS {
        let (field, _) = secret_field(vendor);
        let canaries = canaries(vendor);
        let long = SECRET.repeat(200);
        let broken = format!("{SECRET}\n");
        let proxy = format!("ftp://user:{SECRET}@127.0.0.1");
        let url = format!("https://user:{SECRET}@127.0.0.1/");
        let table: [&[(&str, &str)]; 9] = [
            &[(field, &long)],
            &[(field, &broken)],
            &[("proxy", &proxy)],
            &[("token", SECRET)],
            &[("carriage", SECRET)],
            &[("timeout_ms", SECRET)],
            &[("region", SECRET)],
            &[("renewal", SECRET)],
            &[("user_agent", SECRET)],
        ];
        for fields in table {
            let (failure, log) = logged(LevelFilter::Debug, || account_with(&sandbox, vendor, fields));
            let failure = failure.map(drop).expect_err(fields[0].0);
            canaries.assert_absent(&format!("{vendor} {}", fields[0].0), &(shown(&failure) + &log));
        }
        let mut with_url = Account::builder(vendor).field("base_url", url);
        for known in sandbox.account(vendor).fields() {
            with_url = with_url.field(known.name.as_str(), known.value.as_str());
        }
        let failure = with_url.build().map(drop).unwrap_err();
        canaries.assert_absent(&format!("{vendor} base_url"), &shown(&failure));
    }
}

#[test]
fn the_scan_catches_a_leak_in_every_form() {
    let bytes = SECRET.as_bytes();
    let pair = STANDARD.encode(format!("canary-key:{SECRET}"));
    let encoded: String = form_urlencoded::byte_serialize(bytes).collect();
    let leaks = [
        SECRET.to_owned(),
        format!("{SECRET:?}"),
        format!("{bytes:?}"),
        format!("{bytes:02x?}"),
        bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        bytes.iter().map(|byte| format!("{byte:02X} ")).collect(),
        bytes[3..].chunks(2).map(|pair| format!("{:02x}{:02x} ", pair[0], pair[pair.len() - 1])).collect(),
        STANDARD.encode(bytes),
        format!("Authorization: Basic {pair}"),
        encoded,
        serde_json::json!({ "password": SECRET }).to_string(),
    ];
    let canaries = canaries("exotel-ccm");
    for leak in leaks {
        let ((), log) = logged(LevelFilter::Debug, || log::debug!("leaking on purpose: {leak}"));
        assert!(!canaries.found_in(&log).is_empty(), "not seen: {log}");
    }
    assert!(canaries.found_in("a word, a number 99, 97, 110 and nothing else").is_empty());
    assert!(forms(SECRET).len() > 10);
}

/// Why the records are scanned up to debug and not above: at trace, ureq writes down what it sends. The
/// command and the shared library are compiled without trace, and with them the whole workspace when it
/// is built as one; then there is nothing to be seen even where it is asked for.
#[test]
fn at_trace_ureq_s_own_records_hold_the_secret_unless_trace_is_compiled_out() {
    let sandbox = sandbox();
    let customer = canary_account(&sandbox, "exotel-ccm");
    let account = builder(&sandbox, &customer).build().unwrap();
    let (token, log) = logged(LevelFilter::Trace, || account.issue().unwrap());
    let mut canaries = canaries("exotel-ccm");
    canaries.add("the token", token.value());
    let found = canaries.found_in(&log);
    if log::STATIC_MAX_LEVEL >= Level::Trace {
        assert_eq!(
            found,
            ["the pair of Basic", "the token"],
            "if ureq no longer tells, the docs need not warn"
        );
    } else {
        assert!(found.is_empty() && !log.contains("TRACE"), "{log}");
    }
}

/// The command, asking for a token of the canary's account.
fn asking(sandbox: &Sandbox, vendor: &str, customer: &Customer, source: &str) -> Command {
    let mut args = vec!["token".to_owned(), "--vendor".to_owned(), vendor.to_owned()];
    let ca = sandbox.ca_file().to_string_lossy().into_owned();
    let mut fields = vec![("base_url", sandbox.base_url(vendor)), ("ca_file", ca)];
    fields.extend(customer.fields().iter().filter(|f| !f.secret).map(|f| (f.name.as_str(), f.value.clone())));
    for (name, value) in fields {
        args.extend(["--field".to_owned(), format!("{name}={value}")]);
    }
    args.extend(["--secret".to_owned(), format!("{}={source}", secret_field(vendor).0)]);
    Command::ccauth().args(args)
}

#[test]
fn p10_the_system_shows_no_secret_of_the_command_while_it_waits_for_its_reply() {
    let sandbox = sandbox();
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("secret");
    std::fs::write(&file, format!("{SECRET}\n")).unwrap();
    let from_file = format!("file:{}", file.display());
    for vendor in VENDORS {
        let customer = canary_account(&sandbox, vendor);
        let canaries = canaries(vendor);
        for (source, in_environment) in [("-", false), (from_file.as_str(), false), ("env:CANARY", true)] {
            sandbox.admin().clear_requests();
            sandbox.admin().expire(&Which::Vendor(vendor.to_owned())).unwrap();
            let hold = sandbox.admin().add_fault(Fault::new(Action::Hold {})).unwrap();
            let mut command = asking(&sandbox, vendor, &customer, source).env("RUST_LOG", "trace");
            if source == "-" {
                command = command.input(SECRET);
            }
            if in_environment {
                command = command.env("CANARY", SECRET);
            }
            let running = command.start();
            sandbox.admin().wait_requests(&Filter::all(), 1, PATIENCE).expect("the command has asked");
            let read = |what: &str| {
                let bytes = std::fs::read(format!("/proc/{}/{what}", running.id())).expect("it is running");
                String::from_utf8_lossy(&bytes).replace('\0', "\n")
            };
            let (arguments, environment) = (read("cmdline"), read("environ"));
            sandbox.admin().remove_fault(hold);
            assert!(arguments.contains("--secret"), "{arguments}");
            canaries.assert_absent(&format!("{vendor} {source}: the command line"), &arguments);
            let leaks = canaries.found_in(&environment);
            assert_eq!(!leaks.is_empty(), in_environment, "{vendor} {source}: {leaks:?} in the environment");
            let done = running.finish();
            assert!(!done.good().is_empty());
            canaries.assert_absent(&format!("{vendor} {source}: standard error"), &done.err);
        }
    }
}

#[test]
fn p10_the_command_s_complaints_hold_no_secret() {
    let sandbox = sandbox();
    for vendor in VENDORS {
        let customer = canary_account(&sandbox, vendor);
        let canaries = canaries(vendor);
        for action in [echo(401, SECRET), echo(200, SECRET), Action::Html { status: 502 }] {
            sandbox.admin().add_fault(Fault::new(action)).unwrap();
            let done = asking(&sandbox, vendor, &customer, "-").input(SECRET).run();
            sandbox.admin().clear_faults();
            assert_ne!(done.code, Some(0));
            canaries.assert_absent(vendor, &(done.out + &done.err));
        }
        // A secret in the place of its source is not said back either.
        let (field, _) = secret_field(vendor);
        for wrong in [format!("{field}={SECRET}"), format!("{field}=env:{SECRET}")] {
            let done = Command::ccauth().args(["token", "--vendor", vendor, "--secret", &wrong]).run();
            assert_ne!(done.code, Some(0));
            if !wrong.contains("env:") {
                canaries.assert_absent(vendor, &(done.out + &done.err));
            }
        }
        let given = format!("{field}={SECRET}");
        let done = Command::ccauth().args(["token", "--vendor", vendor, "--field", &given]).run();
        assert_eq!(done.code, Some(2), "{}", done.err);
        canaries.assert_absent(vendor, &(done.out + &done.err));
    }
}
