//! P-12: credentials go to the configured origin alone, over verified TLS; not to an impostor, not along a
//! redirect, not through a proxy that nobody configured.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use ccauth::http::Method;
use ccauth::{Account, ErrorKind, Request, detail};
use ccauth_sandbox::{Action, CertificateFault, Fault, Sandbox};
use ccauth_tests::{
    Command, PATIENCE, RawServer, VENDORS, accepted, account, account_with, read_request, sandbox,
};

#[test]
fn p12_a_certificate_that_must_not_be_trusted_gets_no_application_byte() {
    let table = [
        (CertificateFault::Expired, &detail::TLS_EXPIRED),
        (CertificateFault::NotYetValid, &detail::TLS_NOT_YET_VALID),
        (CertificateFault::WrongHost, &detail::TLS_NAME),
        (CertificateFault::SelfSigned, &detail::TLS_UNTRUSTED),
        (CertificateFault::UnknownCa, &detail::TLS_UNTRUSTED),
    ];
    for vendor in VENDORS {
        let sandbox = sandbox();
        let account = account(&sandbox, vendor);
        for (n, (kind, detail)) in table.into_iter().enumerate() {
            sandbox.admin().add_fault(Fault::new(Action::Certificate { kind })).unwrap();
            let failure = account.issue().unwrap_err();
            assert_eq!(failure.detail(), detail, "{vendor} {kind:?}: {failure}");
            assert_eq!(failure.kind(), ErrorKind::Tls);
            let seen = sandbox.admin().wait_connections(n + 1, PATIENCE).unwrap();
            assert_eq!(seen.len(), n + 1, "{vendor} {kind:?}: one connection for each call");
            assert_eq!(seen[n].application_bytes, 0, "{vendor} {kind:?}");
            assert_ne!(seen[n].tls, "ok", "{vendor} {kind:?}");
            sandbox.admin().clear_faults();
        }
    }
}

#[test]
fn p12_without_its_ca_file_the_sandbox_is_a_stranger() {
    let sandbox = sandbox();
    for vendor in VENDORS {
        let mut builder = Account::builder(vendor).field("base_url", sandbox.base_url(vendor));
        for field in sandbox.account(vendor).fields() {
            builder = builder.field(field.name.as_str(), field.value.as_str());
        }
        let failure = builder.build().unwrap().issue().unwrap_err();
        assert_eq!(failure.detail(), &detail::TLS_UNTRUSTED, "{vendor}: {failure}");
    }
    let seen = sandbox.admin().wait_connections(VENDORS.len(), PATIENCE).unwrap();
    assert!(seen.iter().all(|connection| connection.application_bytes == 0), "{seen:?}");
}

#[test]
fn p12_one_sandbox_s_ca_does_not_vouch_for_another() {
    let (trusted, other) = (sandbox(), sandbox());
    let ca = trusted.ca_file().to_string_lossy().into_owned();
    let mut builder = Account::builder("servetel").field("base_url", other.base_url("servetel"));
    for field in other.account("servetel").fields() {
        builder = builder.field(field.name.as_str(), field.value.as_str());
    }
    let failure = builder.field("ca_file", ca).build().unwrap().issue().unwrap_err();
    assert_eq!(failure.detail(), &detail::TLS_UNTRUSTED, "{failure}");
    let seen = other.admin().wait_connections(1, PATIENCE).unwrap();
    assert_eq!(seen[0].application_bytes, 0);
}

/// Whether the bytes that a server without TLS got hold anything but TLS records.
#[track_caller]
fn assert_only_tls_records(sent: &[u8], what: &str) {
    let mut rest = sent;
    while let [kind, 3, _, high, low, after @ ..] = rest {
        assert!([20, 21, 22].contains(kind), "{what}: a record of kind {kind}: application data is 23");
        rest = &after[usize::from(u16::from_be_bytes([*high, *low])).min(after.len())..];
    }
    assert!(rest.is_empty(), "{what}: {} bytes in clear", rest.len());
    assert!(!sent.windows(11).any(|part| part == b"demo-secret"), "{what}");
}

#[test]
fn p12_a_server_that_speaks_no_tls_or_gives_it_up_gets_no_application_byte() {
    let replies: [(&str, &[u8]); 6] = [
        ("an alert", b"\x15\x03\x03\x00\x02\x02\x28"),
        ("a close_notify", b"\x15\x03\x03\x00\x02\x01\x00"),
        ("garbage", b"SSH-2.0-this is no ServerHello\r\n"),
        ("plain HTTP", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
        ("a record of application data", b"\x17\x03\x03\x00\x05hello"),
        ("a huge record", b"\x16\x03\x03\xff\xff\x02\x00\xff\xff"),
    ];
    let sandbox = sandbox();
    for (what, reply) in replies {
        let server = RawServer::start(move |mut stream| {
            let mut heard = vec![0; 4096];
            let count = stream.read(&mut heard)?;
            heard.truncate(count);
            stream.write_all(reply)?;
            stream.shutdown(std::net::Shutdown::Write)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            // What came before a reset counts all the same.
            let _ = stream.read_to_end(&mut heard);
            Ok(heard)
        });
        let mut builder = Account::builder("servetel").field("base_url", server.url("https"));
        for field in sandbox.account("servetel").fields() {
            builder = builder.field(field.name.as_str(), field.value.as_str());
        }
        let failure = builder.build().unwrap().issue().unwrap_err();
        let kinds = [ErrorKind::Tls, ErrorKind::Io];
        assert!(kinds.contains(&failure.kind()), "{what}: {failure:?}");
        if what != "a close_notify" && what != "a huge record" {
            assert_eq!(failure.detail(), &detail::TLS_FAILED, "{what}: {failure}");
        }
        let heard = ccauth_tests::wait_for("the server's notes", || {
            server.heard().pop().filter(|heard| !heard.is_empty())
        });
        assert_only_tls_records(&heard, what);
    }
}

#[test]
fn p12_http_to_another_machine_is_refused_when_the_account_is_built() {
    let sandbox = sandbox();
    let build = |vendor: &str, url: &str, allow: Option<&str>| {
        let mut builder = Account::builder(vendor).field("base_url", url);
        for field in sandbox.account(vendor).fields() {
            builder = builder.field(field.name.as_str(), field.value.as_str());
        }
        if let Some(allow) = allow {
            builder = builder.field("allow_http", allow);
        }
        builder.build()
    };
    for vendor in VENDORS {
        for host in [
            "example.com",
            "192.0.2.1",
            "[2001:db8::1]",
            "localhost.example.com",
            "127.0.0.1.example.com",
            "0.0.0.0",
        ] {
            for allow in [None, Some("false")] {
                let failure = build(vendor, &format!("http://{host}/x"), allow).unwrap_err();
                assert_eq!(failure.detail(), &detail::CONFIG_URL, "{vendor} {host}: {failure}");
                assert!(failure.message().starts_with("base_url"), "{failure}");
            }
            assert!(build(vendor, &format!("http://{host}/x"), Some("true")).is_ok(), "{host}");
        }
        for host in ["127.0.0.1:1", "localhost:1", "[::1]:1", "127.9.9.9"] {
            assert!(build(vendor, &format!("http://{host}"), None).is_ok(), "{host} is this machine");
        }
    }
}

#[test]
fn p12_an_https_account_sends_nothing_over_http() {
    let listener = RawServer::recording();
    let sandbox = sandbox();
    let account = account(&sandbox, "servetel");
    let mut request = Request::new(ccauth::Body::new(b"secret".to_vec()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = listener.url("http").parse().unwrap();
    let failure = account.transport().send(request).unwrap_err();
    assert_eq!(failure.detail(), &detail::CONFIG_URL, "{failure}");
    assert_eq!(listener.connections(), 0);
}

#[test]
fn p12_a_redirect_carries_nothing_to_another_host() {
    let (first, second) = (sandbox(), sandbox());
    let plain = RawServer::recording();
    let elsewhere = format!("{}/token.php?secret=leak#part", second.url());
    let clear = format!("{}/path?secret=leak", plain.url("http"));
    let locations = [
        (Some(elsewhere.as_str()), Some("127.0.0.1")),
        (Some(clear.as_str()), Some("127.0.0.1")),
        (Some("https://user:pw@elsewhere.example:8443/secret-path?secret=leak"), Some("elsewhere.example")),
        (Some("//elsewhere.example/secret-path"), None),
        (Some("/secret-path?secret=leak"), None),
        (Some("secret-path"), None),
        (Some("https://"), None),
        (Some(""), None),
        (None, None),
    ];
    for vendor in VENDORS {
        let account = account(&first, vendor);
        for status in [301, 302, 303, 307, 308] {
            for (location, host) in locations {
                first.admin().clear_requests();
                let location = location.map(str::to_owned);
                let what = format!("{vendor} {status} {location:?}");
                first.admin().add_fault(Fault::new(Action::Redirect { status, location })).unwrap();
                let failure = account.issue().unwrap_err();
                first.admin().clear_faults();
                assert_eq!(failure.detail(), &detail::REDIRECT, "{what}: {failure}");
                assert_eq!(failure.http_status(), Some(status), "{what}");
                let said = format!("{failure} {failure:?}");
                for hidden in ["secret", "leak", "8443", "user:pw", "pw@"] {
                    assert!(!said.contains(hidden), "{what}: names more than the host: {said}");
                }
                if let Some(host) = host {
                    assert!(said.contains(&format!("to the host {host}")), "{what}: {said}");
                }
                assert_eq!(first.admin().captured().len(), 1, "{what}: no second request");
            }
        }
    }
    assert!(second.admin().connections().is_empty(), "the other host has seen nobody");
    assert_eq!(plain.connections(), 0, "nor has the one in clear text");
}

/// The command's arguments for the demo account of a vendor.
fn token_args(sandbox: &Sandbox, vendor: &str) -> Vec<String> {
    let mut args = vec!["token".to_owned(), "--vendor".to_owned(), vendor.to_owned()];
    let ca = sandbox.ca_file().to_string_lossy().into_owned();
    let mut field = |name: &str, value: &str| args.extend(["--field".to_owned(), format!("{name}={value}")]);
    field("base_url", &sandbox.base_url(vendor));
    field("ca_file", &ca);
    for known in sandbox.account(vendor).fields().iter().filter(|field| !field.secret) {
        field(&known.name, &known.value);
    }
    let secret = sandbox.account(vendor).fields().iter().find(|field| field.secret).expect("a secret field");
    args.extend(["--secret".to_owned(), format!("{}=-", secret.name)]);
    args
}

#[test]
fn p12_the_environment_s_proxies_and_key_logs_are_ignored() {
    let sandbox = sandbox();
    let listener = RawServer::recording();
    let home = tempfile::tempdir().unwrap();
    let keys = home.path().join("keys.log");
    for vendor in VENDORS {
        let mut command = Command::ccauth().args(token_args(&sandbox, vendor)).input("demo-secret");
        for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"] {
            command = command.env(name, listener.url("http"));
        }
        let done = command.env("NO_PROXY", "").env("no_proxy", "").env("SSLKEYLOGFILE", &keys).run();
        assert!(!done.good().is_empty(), "{vendor}");
    }
    assert_eq!(listener.connections(), 0);
    assert!(!keys.exists(), "K11: no key is logged");
}

/// A proxy that knows CONNECT and nothing else; it notes what it was asked for.
fn connect_proxy() -> RawServer {
    RawServer::start(|mut client| {
        let request = read_request(&mut client)?;
        let line = String::from_utf8_lossy(&request).into_owned();
        let target = line.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next());
        let mut server = TcpStream::connect(target.unwrap_or_default())?;
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
        let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut from_client, &mut to_server);
            let _ = to_server.shutdown(std::net::Shutdown::Write);
        });
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut server, &mut client);
            let _ = client.shutdown(std::net::Shutdown::Write);
        });
        Ok(request)
    })
}

#[test]
fn a_configured_proxy_is_used_and_learns_nothing_but_the_host() {
    let sandbox = sandbox();
    let proxy = connect_proxy();
    let address = proxy.url("http");
    let authority = sandbox.url().strip_prefix("https://").unwrap();
    for (n, vendor) in VENDORS.into_iter().enumerate() {
        let account = account_with(&sandbox, vendor, &[("proxy", &address)]).unwrap();
        let token = account.issue().unwrap();
        assert_eq!(proxy.connections(), n + 1, "{vendor}");
        let heard = ccauth_tests::wait_for("the proxy's notes", || {
            proxy.heard().pop().filter(|heard| !heard.is_empty())
        });
        let heard = String::from_utf8(heard).unwrap();
        assert!(heard.starts_with(&format!("CONNECT {authority} HTTP/1.1\r\n")), "{heard}");
        for hidden in ["demo-secret", token.value(), "uthorization"] {
            assert!(!heard.contains(hidden), "{vendor}: {heard}");
        }
        let direct = ccauth_tests::account(&sandbox, vendor);
        assert!(accepted(&sandbox, &direct, &token), "{vendor}");
    }
}

#[test]
fn a_proxy_s_own_credentials_go_to_the_proxy_and_its_refusal_is_told() {
    let sandbox = sandbox();
    let proxy =
        RawServer::replying("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    let url = format!("http://clerk:proxy-secret@{}", proxy.address());
    let account = account_with(&sandbox, "servetel", &[("proxy", &url)]).unwrap();
    assert!(!format!("{account:?}").contains("proxy-secret"));
    let failure = account.issue().unwrap_err();
    assert_eq!(failure.detail(), &detail::PROXY_REFUSED, "{failure}");
    assert!(!format!("{failure} {failure:?}").contains("proxy-secret"));
    let heard =
        ccauth_tests::wait_for("the proxy's notes", || proxy.heard().pop().filter(|heard| !heard.is_empty()));
    let heard = String::from_utf8(heard).unwrap().to_lowercase();
    assert!(heard.contains("proxy-authorization: basic "), "{heard}");
    assert!(sandbox.admin().connections().is_empty(), "nothing goes past the proxy");
}

#[test]
fn a_proxy_that_nobody_serves_is_no_reason_to_go_without_it() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let sandbox = sandbox();
    let url = format!("http://{free}");
    let failure = account_with(&sandbox, "servetel", &[("proxy", &url)]).unwrap().issue().unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::Connect, "{failure}");
    assert!(sandbox.admin().connections().is_empty());
}

#[test]
fn no_connection_outlives_its_call() {
    let sandbox = sandbox();
    for (n, vendor) in VENDORS.into_iter().enumerate() {
        let account = account(&sandbox, vendor);
        account.issue().unwrap();
        let over = || {
            let all = sandbox.admin().connections();
            (all.len() == n + 1 && all.iter().all(|connection| !connection.open)).then_some(())
        };
        ccauth_tests::wait_for("the end of the connection", over);
    }
}
