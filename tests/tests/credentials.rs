//! Credentials arrive as they were given, byte for byte, and as curl sends them; what cannot be sent is
//! refused before a connection is made.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ccauth::detail;
use ccauth_sandbox::{Captured, Sandbox};
use ccauth_tests::{VENDORS, accepted, account_with, add_account, builder, sandbox, tool};
use serde_json::Value;

/// What a secret may hold. No control characters: those are refused.
const SECRETS: &[&str] = &[
    "with:colon:s",
    "per%cent %41 %zz",
    "a&b=c;d+e f",
    "hash#question?slash/",
    "quote\" apostrophe' backslash\\ ",
    " blanks around ",
    "+ + +",
    "{\"json\":\"inside\"}",
    "<xml>&amp;</xml>",
    "\u{fc}ml\u{e4}ut \u{433}\u{43e}\u{440}\u{43e}\u{434} \u{5bc6}\u{7801}",
    "e\u{301} is not \u{e9}",
    "emoji \u{1f511}\u{1f3fd} joined \u{1f468}\u{200d}\u{1f469}",
    "line separator \u{2028} and bidi \u{202e}",
    "$HOME `id` $(id) !! ~ *",
    "\u{feff}byte order mark",
];

/// An account with this secret, and with a user id as odd as the vendor allows.
fn account_of(vendor: &str, secret: &str) -> Vec<(&'static str, String)> {
    let (user, secret) = (secret.replace(':', "."), secret.to_owned());
    match vendor {
        "exotel-ccm" => vec![("account_sid", "odd-1".into()), ("api_key", user), ("api_token", secret)],
        "exotel-webrtc" => vec![("id", secret.clone()), ("secret", secret), ("entity", "app".into())],
        "contactnow" => vec![("username", secret.clone()), ("password", secret)],
        "servetel" => vec![("email", secret.clone()), ("password", secret)],
        _ => vec![
            ("client_id", user),
            ("client_secret", secret),
            ("scopes", "cx.agent-calls cx.queue-calls".into()),
        ],
    }
}

fn last(sandbox: &Sandbox) -> Captured {
    sandbox.admin().captured().pop().expect("a request has been captured")
}

fn basic_of(request: &Captured) -> Vec<u8> {
    let value = request.header("authorization").expect("an Authorization header");
    STANDARD.decode(value.strip_prefix(b"Basic ").expect("Basic")).expect("base64")
}

fn arguments(form: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(form).into_owned().collect()
}

/// What stands in the request, decoded, against what was given.
#[track_caller]
fn check_arrival(vendor: &str, request: &Captured, given: &[(&str, String)]) {
    let value = |name: &str| {
        let found = given.iter().find(|(field, _)| *field == name);
        found.map(|(_, value)| value.as_str()).expect("the vendor's field")
    };
    let member = |name: &str| {
        let body: Value = serde_json::from_slice(&request.body).expect("a JSON body");
        body.get(name).and_then(Value::as_str).expect("a member").to_owned()
    };
    match vendor {
        "exotel-ccm" => {
            let pair = format!("{}:{}", value("api_key"), value("api_token"));
            assert_eq!(basic_of(request), pair.as_bytes());
            assert!(request.body.is_empty());
        }
        "exotel-webrtc" => {
            assert_eq!([member("Id"), member("Secret")], [value("id"), value("secret")]);
        }
        "contactnow" => {
            let sent = arguments(&request.body);
            let expected =
                [("action", "get"), ("username", value("username")), ("password", value("password"))];
            assert_eq!(sent, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
            assert!(!request.target.contains('?'), "p12: no secret in a URL: {}", request.target);
        }
        "servetel" => {
            assert_eq!([member("email"), member("password")], [value("email"), value("password")]);
        }
        _ => {
            let pair = format!("{}:{}", value("client_id"), value("client_secret"));
            assert_eq!(basic_of(request), pair.as_bytes());
            let sent = arguments(&request.body);
            let expected = [("grant_type", "client_credentials"), ("scope", value("scopes"))];
            assert_eq!(sent, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
    }
}

#[test]
fn every_character_of_a_credential_arrives_for_every_vendor() {
    let sandbox = sandbox();
    for vendor in VENDORS {
        for (n, secret) in SECRETS.iter().enumerate() {
            let given = account_of(vendor, secret);
            let fields: Vec<_> = given.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let customer = add_account(&sandbox, vendor, &format!("odd-{n}"), &fields);
            let account = builder(&sandbox, &customer).build();
            let account = account.unwrap_or_else(|error| panic!("{vendor} {secret:?}: {error}"));
            let token = account.issue().unwrap_or_else(|error| panic!("{vendor} {secret:?}: {error}"));
            check_arrival(vendor, &last(&sandbox), &given);
            if vendor != "exotel-ccm" && vendor != "exotel-webrtc" {
                assert!(accepted(&sandbox, &account, &token), "{vendor} {secret:?}");
            }
        }
    }
}

#[test]
fn every_character_arrives_in_a_query_and_as_a_new_password() {
    let sandbox = sandbox();
    for secret in SECRETS {
        let fields = [("username", *secret), ("password", *secret)];
        let customer = add_account(&sandbox, "contactnow", "odd", &fields);
        let by_get = builder(&sandbox, &customer).field("method", "get").build().unwrap();
        let token = by_get.issue().unwrap_or_else(|error| panic!("{secret:?}: {error}"));
        let request = last(&sandbox);
        let (_, query) = request.target.split_once('?').unwrap();
        assert!(query.bytes().all(|b| b.is_ascii_graphic()), "{query}");
        let expected = [("action", "get"), ("username", secret), ("password", secret)];
        assert_eq!(arguments(query.as_bytes()), expected.map(|(n, v)| (n.to_owned(), v.to_owned())));

        let account = builder(&sandbox, &customer).build().unwrap();
        let new = format!("{secret}!");
        account.change_password(&token, new.as_str()).unwrap();
        let kept = sandbox.admin().accounts();
        let kept = kept.iter().find(|a| a.vendor() == "contactnow" && a.name() == "odd").unwrap();
        assert_eq!(kept.field("password"), Some(new.as_str()), "as the vendor has it now");
        assert!(account.issue().is_ok(), "{secret:?}");
        by_get.revoke(&token).unwrap();
    }
}

#[test]
fn a_form_encoded_client_secret_arrives_too() {
    let sandbox = sandbox();
    for secret in SECRETS {
        let fields = [("client_id", *secret), ("client_secret", *secret), ("scopes", "cx.agent-calls")];
        let customer = add_account(&sandbox, "sangoma", "odd", &fields);
        let account = builder(&sandbox, &customer).field("client_auth", "form").build().unwrap();
        account.issue().unwrap_or_else(|error| panic!("{secret:?}: {error}"));
        let pair = String::from_utf8(basic_of(&last(&sandbox))).unwrap();
        let encoded: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        assert_eq!(pair, format!("{encoded}:{encoded}"), "RFC 6749 section 2.3.1");
    }
}

/// curl against the sandbox; what it sent is captured there.
fn curl(sandbox: &Sandbox, args: &[String]) -> Captured {
    let trust = sandbox.ca_file().to_string_lossy().into_owned();
    let done = tool("curl", "curl")
        .args([
            "--silent",
            "--show-error",
            "--fail",
            "--max-time",
            "20",
            "--noproxy",
            "*",
            "--cacert",
            &trust,
        ])
        .args(args)
        .run();
    done.good();
    last(sandbox)
}

#[test]
fn basic_credentials_are_the_bytes_that_curl_sends() {
    let sandbox = sandbox();
    for secret in SECRETS {
        for vendor in ["exotel-ccm", "sangoma"] {
            let given = account_of(vendor, secret);
            let fields: Vec<_> = given.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let customer = add_account(&sandbox, vendor, "odd", &fields);
            builder(&sandbox, &customer).build().unwrap().issue().unwrap();
            let ours = last(&sandbox);
            let url = format!("{}{}", sandbox.url(), ours.target);
            let pair = format!("{}:{secret}", secret.replace(':', "."));
            let mut args = vec!["--basic".into(), "--user".into(), pair, "--request".into(), "POST".into()];
            if vendor == "sangoma" {
                args.extend(["--data-urlencode".into(), "grant_type=client_credentials".into()]);
                args.extend(["--data-urlencode".into(), "scope=cx.agent-calls cx.queue-calls".into()]);
            } else {
                args.extend(["--header".into(), "Content-Type: application/json".into()]);
            }
            args.push(url);
            let theirs = curl(&sandbox, &args);
            assert_eq!(ours.header("authorization"), theirs.header("authorization"), "{vendor} {secret:?}");
            assert_eq!(ours.header("content-type"), theirs.header("content-type"), "{vendor}");
            assert_eq!((&ours.method, &ours.target), (&theirs.method, &theirs.target), "{vendor}");
            assert_eq!(arguments(&ours.body), arguments(&theirs.body), "{vendor}");
        }
    }
}

#[test]
fn form_arguments_are_those_that_curl_sends() {
    let sandbox = sandbox();
    for secret in SECRETS {
        let fields = [("username", *secret), ("password", *secret)];
        let customer = add_account(&sandbox, "contactnow", "odd", &fields);
        for method in ["post", "get"] {
            builder(&sandbox, &customer).field("method", method).build().unwrap().issue().unwrap();
            let ours = last(&sandbox);
            let url = format!("{}/token.php", sandbox.base_url("contactnow"));
            let encoded = |name: &str| ["--data-urlencode".to_owned(), format!("{name}={secret}")];
            let mut args = vec!["--data".to_owned(), "action=get".to_owned()];
            args.extend(encoded("username").into_iter().chain(encoded("password")));
            if method == "get" {
                args.push("--get".to_owned());
            }
            args.push(url);
            let theirs = curl(&sandbox, &args);
            assert_eq!(ours.method, theirs.method);
            let query = |request: &Captured| {
                arguments(
                    request.target.split_once('?').map(|(_, query)| query).unwrap_or_default().as_bytes(),
                )
            };
            assert_eq!(query(&ours), query(&theirs), "{method} {secret:?}");
            assert_eq!(arguments(&ours.body), arguments(&theirs.body), "{method} {secret:?}");
        }
    }
}

#[test]
fn control_characters_are_refused_in_every_field_before_anything_is_sent() {
    let sandbox = sandbox();
    let controls = ["a\0b", "a\tb", "a\nb", "a\r\nb", "a\u{1b}b", "a\u{7f}b", "a\u{85}b", "\u{1}", "value\n"];
    for vendor in VENDORS {
        for field in sandbox.account(vendor).fields() {
            for value in controls {
                let failure = account_with(&sandbox, vendor, &[(&field.name, value)]).unwrap_err();
                assert_eq!(failure.detail(), &detail::CONFIG_VALUE, "{vendor} {}: {failure}", field.name);
                assert!(failure.message().starts_with(&field.name), "{failure}");
                assert!(!failure.to_string().contains(char::is_control), "{failure}");
            }
        }
    }
    assert!(sandbox.admin().connections().is_empty(), "no connection at all");
}

#[test]
fn a_colon_in_a_basic_user_id_is_refused_before_anything_is_sent() {
    let sandbox = sandbox();
    for (vendor, field) in [("exotel-ccm", "api_key"), ("sangoma", "client_id")] {
        for value in ["a:b", ":", "user:", ":user"] {
            let failure = account_with(&sandbox, vendor, &[(field, value)]).unwrap_err();
            assert_eq!(failure.detail(), &detail::CONFIG_VALUE, "{vendor}: {failure}");
            assert!(failure.message().starts_with(field) && failure.message().contains("colon"), "{failure}");
        }
    }
    let plain = account_with(&sandbox, "exotel-ccm", &[("carriage", "basic"), ("api_key", "a:b")]);
    assert_eq!(plain.unwrap_err().detail(), &detail::CONFIG_VALUE);
    assert!(sandbox.admin().connections().is_empty(), "no connection at all");
}

#[test]
fn a_credential_of_4_kib_arrives_and_one_more_byte_or_none_is_refused() {
    let sandbox = sandbox();
    for vendor in VENDORS {
        let secret = sandbox.account(vendor).fields().iter().find(|field| field.secret).unwrap().name.clone();
        let longest = "%".repeat(4096);
        let failure = account_with(&sandbox, vendor, &[(&secret, &longest)]).unwrap().issue().unwrap_err();
        assert_eq!(failure.detail(), &detail::CREDENTIALS_REJECTED, "{vendor}: {failure}");
        for wrong in [String::new(), format!("{longest}%")] {
            let failure = account_with(&sandbox, vendor, &[(&secret, &wrong)]).unwrap_err();
            assert_eq!(failure.detail(), &detail::CONFIG_VALUE, "{vendor}: {failure}");
        }
    }
}

#[test]
fn a_pasted_basic_token_is_sent_as_it_is() {
    let sandbox = sandbox();
    let pair = STANDARD.encode("demo:demo-secret");
    for pasted in [pair.clone(), format!("Basic {pair}"), format!(" basic  {pair} ")] {
        let fields = [("basic_token", pasted.as_str()), ("scopes", "cx.agent-calls")];
        let account = ccauth_tests::reaching(&sandbox, "sangoma", fields).build().unwrap();
        let token = account.issue().unwrap();
        assert_eq!(last(&sandbox).header("authorization"), Some(format!("Basic {pair}").as_bytes()));
        assert!(accepted(&sandbox, &account, &token));
    }
}
