//! What the admin interface shows and changes, and how a sandbox starts and stops.
#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

mod common;

use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

use ccauth_sandbox::{Account, Filter, Sandbox, Which};
use common::{Answer, Client, basic, start};
use serde_json::{Value, json};

const LOGIN: &str = "/servetel/v1/auth/login";
const VENDORS: [&str; 5] = ["exotel-ccm", "exotel-webrtc", "contactnow", "servetel", "sangoma"];

fn login(client: &Client) -> Answer {
    client.post_json(LOGIN, &json!({ "email": "demo@example.com", "password": "demo-secret" }))
}

fn see(client: &Client, page: &str) -> Value {
    client.get(&format!("/_sandbox/{page}"), &[]).unwrap().json()
}

fn tell(client: &Client, page: &str, what: Value) -> Answer {
    client.post_json(&format!("/_sandbox/{page}"), &what)
}

#[test]
fn health_says_that_this_is_for_testing_only() {
    let (_sandbox, client) = start();
    let health = see(&client, "health");
    assert_eq!(
        (&health["ok"], &health["testing_only"], &health["tls"]),
        (&json!(true), &json!(true), &json!(true))
    );
}

#[test]
fn accounts_are_listed_with_masked_secrets_and_added() {
    let (_sandbox, client) = start();
    let accounts = see(&client, "accounts");
    assert!(!accounts.to_string().contains("demo-secret"), "{accounts}");
    for vendor in VENDORS {
        for name in ["demo", "acct-429", "acct-500", "acct-slow", "acct-lockout"] {
            let listed =
                accounts.as_array().unwrap().iter().any(|a| a["vendor"] == vendor && a["name"] == name);
            assert!(listed, "{vendor} {name}");
        }
    }
    let fields = json!({ "email": "a b", "password": "p:%&+=\" ö" });
    let added = tell(&client, "accounts", json!({ "vendor": "servetel", "name": "new", "fields": fields }));
    assert_eq!(added.status, 200);
    assert_eq!(client.post_json(LOGIN, &fields).status, 200);
    let refused =
        tell(&client, "accounts", json!({ "vendor": "servetel", "name": "x", "fields": { "email": "y" } }));
    assert_eq!((refused.status, &*refused.text_at("/field")), (400, "password"));
}

#[test]
fn tokens_are_listed_masked_expired_and_revoked() {
    let (sandbox, client) = start();
    sandbox.admin().freeze();
    let token = login(&client).text_at("/access_token");
    let records = || client.get("/servetel/v1/call/records", &[("Authorization", &token)]).unwrap().status;
    let listed = see(&client, "tokens?vendor=servetel");
    assert_eq!((&listed[0]["state"], &listed[0]["remaining_s"]), (&json!("live"), &json!(3600)));
    assert!(!listed.to_string().contains(&token) && see(&client, "tokens?vendor=sangoma") == json!([]));
    assert_eq!(records(), 200);
    assert_eq!(tell(&client, "tokens/expire", json!({ "id": listed[0]["id"] })).text, r#"{"changed":1}"#);
    assert_eq!((records(), see(&client, "tokens")[0]["state"].clone()), (401, json!("expired")));
    assert_eq!(tell(&client, "tokens/revoke", json!({ "token": token })).text, r#"{"changed":1}"#);
    assert_eq!(see(&client, "tokens")[0]["state"], "revoked");
    assert_eq!(tell(&client, "tokens/revoke", json!({ "vendor": "sangoma" })).text, r#"{"changed":0}"#);
    assert_eq!(tell(&client, "tokens/revoke", json!({ "vendor": "acme" })).text_at("/field"), "vendor");
}

#[test]
fn the_clock_is_frozen_advanced_and_offset_and_every_date_header_follows() {
    let (_sandbox, client) = start();
    let frozen = tell(&client, "clock", json!({ "freeze": true })).json();
    assert_eq!(frozen["frozen"], true);
    let advanced = tell(&client, "clock", json!({ "advance_s": 86_400 })).json();
    assert_eq!(advanced["now"].as_i64(), frozen["now"].as_i64().map(|now| now + 86_400));
    assert_eq!(login(&client).header("date"), advanced["date"].as_str());
    let behind = tell(&client, "clock", json!({ "offset_s": -3600, "unfreeze": true })).json();
    assert_eq!((&behind["offset_s"], &behind["frozen"]), (&json!(-3600), &json!(false)));
    assert_eq!(
        tell(&client, "clock", json!({ "freeze": true, "unfreeze": true })).text_at("/field"),
        "unfreeze"
    );
    assert_eq!(tell(&client, "clock", json!({})).status, 400);
    assert!(
        tell(&client, "clock", json!({ "advance": 1 })).text.contains("advance"),
        "the wrong name is named"
    );
}

#[test]
fn faults_are_set_listed_and_removed() {
    let (_sandbox, client) = start();
    let fault = json!({ "vendor": "servetel", "action": { "type": "status", "status": 502 } });
    let set = tell(&client, "faults", fault);
    assert_eq!((set.status, &*set.text), (201, r#"{"id":1}"#));
    assert_eq!(login(&client).status, 502);
    let listed = see(&client, "faults");
    assert_eq!((&listed[0]["struck"], &listed[0]["action"]["status"]), (&json!(1), &json!(502)));
    assert_eq!(client.delete("/_sandbox/faults/1").unwrap().status, 200);
    assert_eq!(client.delete("/_sandbox/faults/1").unwrap().status, 404);
    assert_eq!(login(&client).status, 200);
    let bad = tell(&client, "faults", json!({ "vendor": "servetel", "action": { "type": "tls_stall" } }));
    assert_eq!((bad.status, &*bad.text_at("/field")), (400, "vendor"));
    let typo = tell(&client, "faults", json!({ "actoin": {} }));
    assert!(typo.status == 400 && typo.text.contains("actoin"), "{}", typo.text);
    tell(&client, "faults", json!({ "action": { "type": "empty" } }));
    assert_eq!(client.delete("/_sandbox/faults").unwrap().status, 200);
    assert_eq!(see(&client, "faults"), json!([]));
}

#[test]
fn quirks_are_listed_and_switched() {
    let (sandbox, client) = start();
    let quirk = json!({ "vendor": "sangoma", "name": "new_token_each_time", "on": true });
    assert_eq!(tell(&client, "quirks", quirk).status, 200);
    let on = |state: &&Value| state["name"] == "new_token_each_time" && state["on"] == true;
    assert_eq!(see(&client, "quirks").as_array().unwrap().iter().filter(on).count(), 1);
    let refused = sandbox.admin().quirk("sangoma", "nosuch", true).unwrap_err();
    assert!(
        refused.to_string().contains("new_token_each_time"),
        "the message lists what there is: {refused}"
    );
}

#[test]
fn the_journal_is_filtered_waited_for_and_holds_no_secret() {
    let (sandbox, client) = start();
    let token = login(&client).text_at("/access_token");
    client.get(&format!("/contactnow/database.php?token={token}"), &[]).unwrap();
    let ccm = "/exotel-ccm/v2/accounts/demo/configuration/basicauth";
    client.post(ccm, &[("Authorization", &basic("demo-key", "demo-secret"))], "").unwrap();
    let journal = see(&client, "requests");
    let everything = journal.to_string();
    for secret in ["demo-secret", &token, &basic("demo-key", "demo-secret")[6..]] {
        assert!(!everything.contains(secret), "{everything}");
    }
    let raw = sandbox.admin().captured();
    let contains =
        |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(contains(&raw[0].raw, "demo-secret"), "the raw capture does: that is what it is for");
    assert_eq!(journal[0]["body_keys"], json!(["email", "password"]));
    assert_eq!((&journal[1]["query_keys"], &journal[1]["route"]), (&json!(["token"]), &json!("protected")));
    assert_eq!(see(&client, "requests?vendor=servetel&route=token&status=200").as_array().unwrap().len(), 1);
    assert_eq!(see(&client, "requests?status=500"), json!([]));
    let late = client.get("/_sandbox/requests?vendor=servetel&wait=2&timeout_ms=10", &[]).unwrap();
    assert_eq!((late.status, &*late.text_at("/field")), (408, "wait"));
    assert_eq!(client.delete("/_sandbox/requests").unwrap().status, 200);
    assert_eq!(see(&client, "requests"), json!([]));
}

#[test]
fn a_request_that_waits_for_others_answers_when_they_have_come() {
    let (sandbox, client) = start();
    let other = Client::of(&sandbox);
    let waiting = thread::spawn(move || see(&other, "requests?vendor=servetel&wait=2&timeout_ms=10000"));
    login(&client);
    login(&client);
    assert_eq!(waiting.join().unwrap().as_array().unwrap().len(), 2);
    assert!(sandbox.admin().wait_requests(&Filter::all(), 3, Duration::from_millis(1)).is_none());
}

#[test]
fn a_captured_request_is_exact() {
    let sandbox = Sandbox::builder().plain_http(true).start().unwrap();
    let sent = "POST /contactnow/token.php?a=%20b HTTP/1.1\r\nHost: x\r\nX-OdD:  v\u{e9} \r\n\
                Connection: close\r\nContent-Length: 3\r\n\r\nabc";
    common::exchange(&sandbox, sent).unwrap();
    let captured = sandbox.admin().captured().remove(0);
    assert_eq!(captured.raw, sent.as_bytes());
    assert_eq!((&*captured.method, &*captured.target), ("POST", "/contactnow/token.php?a=%20b"));
    assert_eq!(captured.headers[1], ("X-OdD".to_owned(), "v\u{e9}".as_bytes().to_vec()));
    assert_eq!(captured.body, b"abc");
    assert!(!format!("{captured:?}").contains("abc"));
}

#[test]
fn connections_tell_their_handshake_and_their_bytes() {
    let (sandbox, client) = start();
    login(&client);
    let connections = sandbox.admin().wait_connections(1, Duration::from_secs(10)).unwrap();
    assert_eq!(connections[0].tls, "ok");
    assert!(connections[0].application_bytes > 100);
    let listed = see(&client, "connections?wait=1");
    assert_eq!(listed[0]["id"], 1);
}

#[test]
fn reset_brings_everything_back() {
    let (sandbox, client) = start();
    let admin = sandbox.admin();
    login(&client);
    admin.advance(1_000_000);
    admin.quirk("servetel", "early_refresh", false).unwrap();
    let account = Account::new("servetel", "new", [("email", "e"), ("password", "p")]).unwrap();
    admin.add_account(account).unwrap();
    tell(&client, "faults", json!({ "action": { "type": "empty" } }));
    assert_eq!(tell(&client, "reset", json!({})).status, 200);
    assert!(admin.tokens().is_empty() && admin.faults().is_empty() && admin.captured().is_empty());
    assert_eq!((admin.clock().offset_s, admin.accounts()), (0, sandbox.accounts().to_vec()));
    assert!(admin.quirks().iter().any(|quirk| quirk.name == "early_refresh" && quirk.on));
}

#[test]
fn expire_and_revoke_tell_how_many_they_met() {
    let (sandbox, client) = start();
    login(&client);
    login(&client);
    assert_eq!(sandbox.admin().expire(&Which::Vendor("servetel".to_owned())), Ok(2));
    assert_eq!(sandbox.admin().revoke(&Which::Token("none".to_owned())), Ok(0));
}

#[test]
fn every_curl_command_of_the_banner_works() {
    let (sandbox, client) = start();
    let ready = sandbox.ready();
    assert_eq!(ready["vendors"].as_array().unwrap().len(), 5);
    let banner = sandbox.banner();
    assert!(banner.contains("TESTING ONLY"));
    for vendor in ready["vendors"].as_array().unwrap() {
        let command = vendor["curl"].as_str().unwrap();
        assert!(banner.contains(command));
        let run = Command::new("sh").args(["-c", command]).env_remove("https_proxy").output().unwrap();
        let reply = String::from_utf8_lossy(&run.stdout);
        let token_members = ["access_token", "\"Data\"", "\"token\""];
        assert!(
            token_members.iter().any(|member| reply.contains(member)) && !reply.contains("null"),
            "{command}\n{reply}{}(install it with: apt-get install -y curl)",
            String::from_utf8_lossy(&run.stderr)
        );
        let refused = client.get(vendor["protected_url"].as_str().unwrap(), &[]).unwrap();
        assert!(refused.status == 401 || refused.text.contains("Unknown token"), "{}", refused.text);
    }
}

#[test]
fn no_debug_form_shows_a_secret() {
    let (sandbox, _) = start();
    assert!(!format!("{:?} {:?}", sandbox, sandbox.accounts()).contains("demo-secret"));
}

#[test]
fn an_address_others_can_reach_needs_to_be_allowed() {
    let any = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let refused = Sandbox::builder().address(any).start().unwrap_err();
    assert!(refused.to_string().contains("was not allowed"), "{refused}");
    let allowed = Sandbox::builder().address(any).allow_remote(true).start().unwrap();
    assert!(allowed.url().starts_with("https://127.0.0.1:"), "{}", allowed.url());
}

#[test]
fn a_dropped_sandbox_is_gone_and_takes_its_ca_file_along_unless_it_was_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let chosen = folder.path().join("ca.pem");
    let kept = Sandbox::builder().ca_file(&chosen).start().unwrap();
    let (sandbox, client) = start();
    login(&client);
    assert_eq!(std::fs::read_to_string(sandbox.ca_file()).unwrap(), sandbox.ca_pem());
    let (file, address) =
        (sandbox.ca_file().to_owned(), sandbox.url().trim_start_matches("https://").to_owned());
    drop((sandbox, kept));
    assert!(TcpStream::connect(address).is_err());
    assert!(!file.exists() && chosen.exists());
}
